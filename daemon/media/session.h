/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session.h - offer and answer (RFC 3264) for one stream of speech
 *
 *     session_offer()  --> text -->  peer  --> session_accept()  --+
 *     peer --> offer --> session_answer() --> answer --> peer      |
 *                              |                                   |
 *                              +------> struct agreement <---------+
 *
 * Payload types: each side is sent those that its own description names.
 * Once a number stood for a codec it does so to the end (RFC 3264, 8.3.2), so
 * numbers learned from the peer are ours from then on.  Media that we do not
 * take (video, say) are refused, and keep their place in every later offer.
 */
#pragma once

#include "media.h"

struct session;

#define SESSION_CODECS 5

struct agreement {
	enum media_codec codec; /* that we send; NONE: nothing agreed yet */
	enum media_g726 packing;
	uint8_t payload_type;
	int event_tx, event_rx; /* telephone-event; -1: none */
	struct session_rx {	/* what may come */
		uint8_t payload_type;
		enum media_codec codec;
		enum media_g726 packing;
	} rx[SESSION_CODECS];
	unsigned int n_rx;
	struct media_addr remote;
	uint16_t rtcp_port;
	bool sending, receiving;
	bool held; /* the peer wants no sound */
};

struct session *session_new(void *ctx, const struct media_addr *local,
			    uint64_t id, enum media_g726 g726);

/* As their namesakes in media.h; texts live until the next call. */
int session_offer(struct session *session, struct span *ret_offer);
int session_accept(struct session *session, struct span answer);
int session_answer(struct session *session, struct span offer,
		   struct span *ret_answer);

void session_hold(struct session *session, bool hold);
bool session_is_on_hold(const struct session *session);

const struct agreement *session_agreed(const struct session *session);
