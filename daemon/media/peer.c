/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <sys/socket.h>

#include <osmocom/core/utils.h>

#include "peer.h"

/* So many packets in a row make a source the peer's. */
#define RUN_MIN 3

static bool addr_eq(const struct media_addr *a, const struct media_addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool ip_eq(const struct media_addr *a, const struct media_addr *b)
{
	return a->family == b->family &&
	       memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

static const struct {
	uint8_t family;
	uint8_t ip[2];
	uint8_t bits;
} private_nets[] = {
	{ AF_INET, { 10, 0 }, 8 },	  /* RFC 1918 */
	{ AF_INET, { 172, 16 }, 12 },	  /* RFC 1918 */
	{ AF_INET, { 192, 168 }, 16 },	  /* RFC 1918 */
	{ AF_INET, { 100, 64 }, 10 },	  /* RFC 6598 */
	{ AF_INET, { 169, 254 }, 16 },	  /* RFC 3927 */
	{ AF_INET6, { 0xfc, 0 }, 7 },	  /* RFC 4193 */
	{ AF_INET6, { 0xfe, 0x80 }, 10 }, /* RFC 4291, 2.5.6 */
};

static bool is_private(const struct media_addr *addr)
{
	unsigned int head = addr->ip[0] << 8 | addr->ip[1];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(private_nets); i++) {
		unsigned int net =
			private_nets[i].ip[0] << 8 | private_nets[i].ip[1];

		if (addr->family == private_nets[i].family &&
		    (head ^ net) >> (16 - private_nets[i].bits) == 0)
			return true;
	}
	return false;
}

void peer_set(struct peer *peer, const struct media_addr *sdp)
{
	if (peer->state == PEER_ST_NONE || !addr_eq(&peer->sdp, sdp))
		peer->send_to = *sdp;
	peer->sdp = *sdp;
	peer->state = PEER_ST_LEARNING;
	peer->run = 0;
}

static bool learn(struct peer *peer, const struct media_addr *from,
		  const struct rtp *rtp)
{
	if (!ip_eq(from, &peer->sdp) &&
	    !(from->family == peer->sdp.family && is_private(&peer->sdp)))
		return false;

	if (peer->run && addr_eq(from, &peer->candidate) &&
	    rtp->ssrc == peer->ssrc && rtp->seq == (uint16_t)(peer->seq + 1)) {
		peer->run++;
	} else {
		peer->candidate = *from;
		peer->run = 1;
	}
	peer->ssrc = rtp->ssrc;
	peer->seq = rtp->seq;
	if (peer->run < RUN_MIN)
		return false;

	peer->send_to = *from;
	peer->state = PEER_ST_LEARNED;
	return true;
}

bool peer_hears(struct peer *peer, const struct media_addr *from,
		const struct rtp *rtp)
{
	if (peer->state == PEER_ST_NONE)
		return false;
	if (addr_eq(from, &peer->sdp)) {
		peer->send_to = peer->sdp;
		peer->state = PEER_ST_EXACT;
		return true;
	}
	switch (peer->state) {
	case PEER_ST_LEARNING:
		if (addr_eq(from, &peer->send_to)) {
			/* Heard before this negotiation, and still there. */
			peer->state = PEER_ST_LEARNED;
			return true;
		}
		return learn(peer, from, rtp);
	case PEER_ST_LEARNED:
		return addr_eq(from, &peer->send_to);
	default:
		return false;
	}
}
