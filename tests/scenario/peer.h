/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * peer.h - a SIP element on a bench, and scripted peers that speak raw bytes
 *
 *     rig:   one struct sip, a clock, what it reported
 *     peer:  an address; composes messages by hand, keeps what it got
 *     talk:  one peer's half of a dialog, from the RFC and by nobody's help
 *
 * A peer does nothing by itself: it neither answers nor repeats nor checks.
 * What it got lies there until it is wanted, in order.  Whatever a want finds
 * instead fails the test, with the story so far.
 */
#pragma once

#include "sip.h"

#define RIG_PEERS 4

struct rig;
struct peer;

/* Users 100 to 109, password "secret".  @config: NULL, or its numbers. */
struct rig *rig_new(const struct sip_config *config);
/* In whatever state the element is: what leaks, the sanitizer finds. */
void rig_free(struct rig *rig);

struct sip *rig_sip(struct rig *rig);
int64_t rig_now(const struct rig *rig);
/* Time passes, and what is due happens when it is due. */
void rig_wait(struct rig *rig, int64_t ms);
/* The next event must be of this type. */
struct sip_event rig_event(struct rig *rig, enum sip_event_type type);
void rig_no_event(struct rig *rig);
void rig_bind(struct rig *rig, const char *user, struct peer *peer);
/* The element is gone at once, as by kill -9, and another takes its place. */
void rig_crash(struct rig *rig);

struct peer *peer_new(struct rig *rig, const char *addr);
void peer_send(struct peer *peer, const char *bytes);
/* The next that it got must begin so; NULL: whatever comes. */
const char *peer_want(struct peer *peer, const char *start);
void peer_want_nothing(struct peer *peer);
/* Throws away all that it got; how many that were. */
unsigned int peer_skip(struct peer *peer);
/* Nothing reaches it any more, and the element hears of that. */
void peer_breaks(struct peer *peer);

/* The value of a header, "" if there is none; n-th of that name, from 0. */
const char *header(const char *message, const char *name);
const char *header_nth(const char *message, const char *name, unsigned int n);
const char *body_of(const char *message);

struct talk {
	struct peer *peer;
	const char *id, *ours, *theirs, *target; /* From and To, tags too */
	const char *branch;			 /* of the last request */
	const char *last;			 /* as it was sent */
	const char *invite;			 /* theirs, if they called */
	const char *auth;
	unsigned int cseq;
};

/* A call with the credentials asked for: INVITE, 401, ACK, INVITE.  The 100
 * and SIP_EV_SETUP are still to be fetched. */
struct talk talk_call(struct peer *peer, const char *user, const char *target,
		      const char *body);
/* The same with header lines, and whatever it is answered with then. */
struct talk talk_try(struct peer *peer, const char *user, const char *target,
		     const char *extra, const char *body);
/* REGISTER, 401, REGISTER: the answer is still to be fetched. */
struct talk talk_register(struct peer *peer, const char *user,
			  const char *extra);
/* A request of no call, once it was challenged: its answer is still to be
 * fetched. */
struct talk talk_outside(struct peer *peer, const char *method,
			 const char *user, const char *target,
			 const char *extra, const char *body);
/* SUBSCRIBE, 401, SUBSCRIBE: the answer is still to be fetched. */
struct talk talk_subscribe(struct peer *peer, const char *user,
			   const char *target, const char *extra,
			   const char *body);
/* The same within the dialog. */
void talk_resubscribe(struct talk *talk, const char *user, const char *extra);
/* A dialog for an INVITE that the peer got. */
struct talk talk_taken(struct peer *peer, const char *invite, const char *tag);

/* A request within it; @extra are header lines, or "". */
void talk_request(struct talk *talk, const char *method, const char *extra,
		  const char *body);
const char *talk_lines(const char *one, const char *more);
void talk_again(struct talk *talk); /* the last one once more */
/* The ACK of the 2xx that gave @answer, of the INVITE with @cseq. */
void talk_ack(struct talk *talk, const char *answer, const char *body);
/* The ACK of a refusal, and a CANCEL, with the branch of the last INVITE. */
void talk_ack_refusal(struct talk *talk, const char *answer);
void talk_cancel(struct talk *talk);

/* An answer to @request. */
void talk_answer(struct talk *talk, const char *request, const char *status,
		 const char *extra, const char *body);

#define SDP_A                                                                  \
	"v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"     \
	"t=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"
#define SDP_B                                                                  \
	"v=0\r\no=b 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\n"     \
	"t=0 0\r\nm=audio 5000 RTP/AVP 8\r\n"
