/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * peer.h - whom we listen to, and where we send
 *
 *             a packet from the SDP's address
 *     +-----------------------------------------------> EXACT
 *     |                                                   ^
 *  LEARNING                                               | the same
 *     |      three in a row from a possible other         |
 *     +---------------------------------------------> LEARNED
 *
 * The rule is told in media.h.  Each negotiation begins to learn anew, but
 * until something else is learned, whoever was heard before is heard on.
 */
#pragma once

#include "media.h"
#include "rtp.h"

enum peer_state {
	PEER_ST_NONE,
	PEER_ST_LEARNING,
	PEER_ST_LEARNED,
	PEER_ST_EXACT
};

struct peer {
	enum peer_state state;
	struct media_addr sdp;	   /* where the SDP says */
	struct media_addr send_to; /* where we send */
	struct media_addr candidate;
	uint32_t ssrc; /* the candidate's */
	uint16_t seq;
	unsigned int run; /* packets in a row */
};

/* Of a negotiation. */
void peer_set(struct peer *peer, const struct media_addr *sdp);

/* Whether a packet of an agreed payload type is the peer's. */
bool peer_hears(struct peer *peer, const struct media_addr *from,
		const struct rtp *rtp);
