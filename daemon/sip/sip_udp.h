/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_udp.h - one UDP listener: datagrams in and out, in batches
 *
 * Part of sip_socket.c.  A peer's ICMP "unreachable" comes back through the
 * socket's error queue and is told to the element (RFC 3261, 18.4).
 */
#pragma once

#include "sip_socket.h"

struct sip_udp;

#define SIP_UDP_BYTES_MAX 65507 /* what fits into a datagram */

/* NULL with -errno in @ret_rc.  @config and @counts are borrowed from the
 * sip_socket, which outlives it. */
struct sip_udp *sip_udp_open(void *ctx, const struct sip_socket_config *config,
			     struct sip_socket_counts *counts,
			     const struct sip_addr *addr, int *ret_rc);

/* As it is open: the port is known. */
const struct sip_addr *sip_udp_addr(const struct sip_udp *udp);

/* The bytes are copied; they leave at the next flush, or when there are many.
 */
void sip_udp_queue(struct sip_udp *udp, const struct sip_packet *packet);
void sip_udp_flush(struct sip_udp *udp);
