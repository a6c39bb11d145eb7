/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * net.h - a network that delays, loses, doubles and overtakes
 *
 *     net_send() --> on the way, ordered by arrival --> net_take()
 *
 * UDP suffers all of it; a TCP connection is only slow.  A network without
 * faults delivers at once and in order.  Everything that was ever sent is
 * kept, so that a test can search every byte.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dice.h"

struct net_addr {
	uint32_t ip; /* host byte order; 10.0.0.1 is 0x0a000001 */
	uint16_t port;
	uint16_t conn; /* TCP: which connection; 0: UDP */
};

static inline bool net_addr_eq(struct net_addr a, struct net_addr b)
{
	return a.ip == b.ip && a.port == b.port && a.conn == b.conn;
}

struct net_packet {
	struct net_addr from, to;
	int64_t sent_ms, arrives_ms;
	uint64_t age; /* order of sending, which breaks ties */
	char *data;   /* terminated for convenience */
	size_t len;
	bool lost;
};

struct net_faults {
	unsigned int delay_ms;	/* of every packet */
	unsigned int jitter_ms; /* up to so much more; then packets overtake */
	unsigned int loss_percent;
	unsigned int twice_percent;
};

struct net {
	struct dice *dice;
	struct net_faults faults;
	int64_t lose_nth;	 /* of the UDP packets from now on; 0: none */
	struct net_packet **way; /* on the way */
	size_t n_way;
	struct net_packet **kept; /* all that were ever sent */
	size_t n_kept;
	bool forget;   /* keep nothing: long runs */
	bool lost_any; /* since the beginning */
	uint64_t age;
};

struct net *net_new(void *ctx, struct dice *dice);
void net_send(struct net *net, int64_t now_ms, struct net_addr from,
	      struct net_addr to, const void *data, size_t len);
int64_t net_next_ms(const struct net *net); /* INT64_MAX: all is quiet */

/* What has arrived by @now_ms, earliest first; NULL: nothing (more).  It lives
 * on @ctx. */
struct net_packet *net_take(struct net *net, int64_t now_ms, void *ctx);
