/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_sockaddr.h - struct sip_addr <-> the kernel's socket addresses
 */
#pragma once

#include <sys/socket.h>

#include "sip.h"

union sip_sockaddr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage room;
};

/* Returns the length of what it wrote. */
socklen_t sip_sockaddr_of(union sip_sockaddr *ret_sa,
			  const struct sip_addr *addr);

/* @conn is 0.  -EAFNOSUPPORT for anything but IPv4 and IPv6; an IPv4 address
 * in IPv6's clothes (::ffff:192.0.2.7) becomes plain IPv4. */
int sip_sockaddr_to(struct sip_addr *ret_addr, enum sip_transport transport,
		    const union sip_sockaddr *sa);

/* 0.0.0.0 or :: */
bool sip_addr_is_wildcard(const struct sip_addr *addr);

/* The same address without its port and connection? */
bool sip_addr_same_host(const struct sip_addr *a, const struct sip_addr *b);
