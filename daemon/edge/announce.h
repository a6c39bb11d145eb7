/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * announce.h - a tone for a caller who speaks SDP: an RTP endpoint of ours
 *
 *     offer --> announce_begin() --> answer     RTP: the tone, then silence
 *     none  --> announce_begin() --> offer
 *               announce_answered() <-- answer  RTP from now on
 *               announce_end()
 *
 * For edge_sip.c, which does with the texts what SIP wants done.
 */
#pragma once

#include "action.h"
#include "media.h"

/* Whoever owns sockets gives each leg an address to receive RTP at. */
struct edge_ports {
	void *data;
	int (*open)(void *data, uint64_t leg, struct media_addr *ret_local);
	void (*close)(void *data, uint64_t leg);
};

struct announce;

/* @media outlives it. */
struct announce *announce_new(void *ctx, struct media *media,
			      const struct edge_ports *ports);

/*
 * *@ret_body is for the caller, until the next call: the answer to @offer, or
 * an offer if that is empty.  -ENOTSUP: the caller speaks no codec of ours;
 * other -errno: there is no endpoint to be had.  Then the leg is not known
 * here, but *@ret_body, if it is not empty, is an answer that takes nothing.
 */
int announce_begin(struct announce *announce, int64_t now_ms, uint64_t leg,
		   enum tone tone, struct span offer, struct span *ret_body);
void announce_answered(struct announce *announce, int64_t now_ms, uint64_t leg,
		       struct span answer);
void announce_end(struct announce *announce, uint64_t leg);
bool announce_has(const struct announce *announce, uint64_t leg);
