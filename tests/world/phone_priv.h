/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * phone_priv.h - what the files of the fake phone share
 *
 *     phone.c        the user's keys, and time
 *     phone_call.c   INVITE, ACK, BYE, CANCEL, UPDATE: what they do to a call
 *     phone_tx.c     transactions: who is heard again, and what is sent again
 *     phone_sdp.c    offer and answer
 *     phone_auth.c   digest
 *     phone_watch.c  SUBSCRIBE and NOTIFY
 */
#pragma once

#include "phone.h"

#define T1 500
#define T2 4000
#define PATIENCE (64 * T1)
#define NEVER INT64_MAX

/* A transaction, ours or theirs.  Both are remembered long enough to know a
 * late copy when it comes. */
struct phone_tx {
	struct llist_head entry;
	char *branch, *method;
	unsigned long cseq;
	struct phone_call *call; /* NULL: none, or it is over */
	char *bytes;		 /* what we send (again) */
	struct net_addr to;
	int64_t next_ms, every_ms, until_ms; /* resend; forget or give up */
	bool stops;	 /* giving up is the end of waiting */
	int status;	 /* of the last response, 0: none */
	char *final_tag; /* client: To tag of the 2xx */
	char *ack;	 /* client: our ACK to its final answer */
	struct net_addr ack_to;
	/* server */
	char *request; /* as received first */
	struct wire *wire;
	bool acked;
};

void phone_fault(struct phone *phone, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void phone_tell(struct phone *phone, const char *what, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
char *phone_token(struct phone *phone, const char *prefix);
const char *phone_contact(const struct phone *phone);
struct net_addr phone_addr_of_uri(const struct phone *phone, const char *uri);

/* ---- phone_tx.c ---- */

/* Sends a new request of a transaction of its own.  @rest: the headers after
 * CSeq, each with CRLF; @body may be NULL. */
struct phone_tx *phone_tx_request(struct phone *phone, int64_t now_ms,
				  const char *method, const char *uri,
				  struct net_addr to, const char *from,
				  const char *to_header, const char *call_id,
				  unsigned long cseq, const char *rest,
				  const char *body, const char *branch);
struct phone_tx *phone_tx_client_find(struct phone *phone,
				      const struct wire *wire);
struct phone_tx *phone_tx_server_find(struct phone *phone,
				      const struct wire *wire,
				      const char *method);
struct phone_tx *phone_tx_server_new(struct phone *phone, int64_t now_ms,
				     struct wire *wire, struct net_addr from,
				     const char *data, size_t len);
/* @call NULL: no To tag but one made up; @rest and @body may be NULL. */
void phone_tx_respond(struct phone *phone, int64_t now_ms, struct phone_tx *tx,
		      int status, const char *reason, const char *local_tag,
		      const char *rest, const char *body);
void phone_tx_tick(struct phone *phone, int64_t now_ms);
int64_t phone_tx_next_ms(const struct phone *phone);
/* A client transaction has its final answer: no more sending. */
void phone_tx_done(struct phone_tx *tx, int64_t now_ms);
void phone_tx_forget_call(struct phone *phone, const struct phone_call *call);

/* ---- phone_call.c ---- */

void phone_call_request(struct phone *phone, int64_t now_ms,
			struct phone_tx *tx, struct net_addr from);
void phone_call_ack(struct phone *phone, int64_t now_ms,
		    const struct wire *wire);
void phone_call_response(struct phone *phone, int64_t now_ms,
			 struct phone_tx *tx, const struct wire *wire,
			 struct net_addr from);
void phone_call_timeout(struct phone *phone, int64_t now_ms,
			struct phone_tx *tx);
void phone_call_invite(struct phone *phone, int64_t now_ms,
		       struct phone_call *call);
void phone_call_ring(struct phone *phone, int64_t now_ms,
		     struct phone_call *call);
void phone_call_early(struct phone *phone, int64_t now_ms,
		      struct phone_call *call);
void phone_call_answer(struct phone *phone, int64_t now_ms,
		       struct phone_call *call);
void phone_call_refuse(struct phone *phone, int64_t now_ms,
		       struct phone_call *call, int status);
void phone_call_cancel(struct phone *phone, int64_t now_ms,
		       struct phone_call *call);
void phone_call_bye(struct phone *phone, int64_t now_ms,
		    struct phone_call *call);
void phone_call_offer(struct phone *phone, int64_t now_ms,
		      struct phone_call *call);
void phone_call_over(struct phone *phone, struct phone_call *call);
/* @to: the URI of Refer-To. */
void phone_call_refer(struct phone *phone, int64_t now_ms,
		      struct phone_call *call, const char *to);

/* ---- phone_sdp.c ---- */

char *phone_sdp_offer(void *ctx, const struct phone *phone,
		      struct phone_call *call);
/* NULL: nothing in common. */
char *phone_sdp_reply(void *ctx, const struct phone *phone,
		      struct phone_call *call, const char *offer);
/* Judge and keep what the far end @tag says. */
void phone_sdp_seen(struct phone *phone, struct phone_call *call,
		    const char *tag, const char *sdp, bool answer_to_invite);

/* ---- phone_watch.c ---- */

/* False: it is none of a lamp's. */
bool phone_watch_notify(struct phone *phone, int64_t now_ms,
			struct phone_tx *tx);
void phone_watch_response(struct phone *phone, int64_t now_ms,
			  const struct wire *wire);
void phone_watch_timeout(struct phone *phone, int64_t now_ms,
			 const struct phone_tx *tx);
void phone_watch_reset(struct phone *phone);
int64_t phone_watch_next_ms(const struct phone *phone);
void phone_watch_tick(struct phone *phone, int64_t now_ms);

/* ---- phone_auth.c ---- */

/* "Authorization: ..." with CRLF; "" before the first challenge. */
char *phone_auth_header(void *ctx, struct phone *phone, const char *method,
			const char *uri);
/* Learn from a 401 or 407; false: nothing we could answer. */
bool phone_auth_learn(struct phone *phone, const struct wire *wire);
