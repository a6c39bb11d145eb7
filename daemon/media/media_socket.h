/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * media_socket.h - the sockets of the media endpoints
 *
 * A leg has two UDP sockets: an even port for RTP, the next one for RTCP
 * (RFC 3550, 11).  Here bytes are pumped between them and media.h, nothing
 * else.  Nothing runs and nothing is held while no leg is open.
 */
#pragma once

#include "media.h"

struct event_base;
struct media_socket;

struct media_socket_config {
	uint16_t port_min, port_max; /* 0: 16384 to 32767 */
	/* The loop's clock, and what it does after datagrams came in: take
	 * frames and events, set its timer anew. */
	int64_t (*now_ms)(void *data);
	void (*woken)(void *data);
	void *data;
};

/* @base and @media outlive it. */
struct media_socket *media_socket_new(void *ctx, struct event_base *base,
				      struct media *media,
				      const struct media_socket_config *config);
void media_socket_free(struct media_socket *sockets);

/*
 * Bind a pair of ports on the address @local (its port is ignored) for @leg
 * and say in @ret_local which.  -EADDRINUSE: no pair is free; -EEXIST: the leg
 * has one; -errno of the system else (-EMFILE, -EADDRNOTAVAIL).
 */
int media_socket_open(struct media_socket *sockets, uint64_t leg,
		      const struct media_addr *local,
		      struct media_addr *ret_local);
void media_socket_close(struct media_socket *sockets, uint64_t leg);

/* Send all that media_next_packet() has. */
void media_socket_flush(struct media_socket *sockets);
