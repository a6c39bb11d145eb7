/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_trans.h - transactions (RFC 3261, 17, with RFC 6026)
 *
 *   INVITE client   CALLING -1xx-> PROCEEDING    A resend, B patience
 *                      |               |
 *                      +-- 300-699 ----+-> COMPLETED   we ACK; D
 *                      +-- 2xx --------+-> ACCEPTED    the user ACKs; M
 *
 *   other client    CALLING -1xx-> PROCEEDING    E resend, F patience
 *                      +-- 200-699 ----+-> COMPLETED   K
 *
 *   INVITE server   PROCEEDING -300-699-> COMPLETED   G resend, H patience
 *                        |                    +-- ACK --> CONFIRMED   I
 *                        +-- 2xx --> ACCEPTED             L
 *
 *   other server    CALLING -1xx-> PROCEEDING -200-699-> COMPLETED   J
 *                   (17.2.2 calls it Trying)
 *
 * A transaction keeps only what it may have to send again.  Resending a 2xx
 * until its ACK comes is the user's task by the book (13.3.1.4); it is done
 * here, by the clockwork that is here already, until sip_trans_acked().
 *
 * A transaction is live as long as something is owed: an answer, or an ACK.
 * After that it lingers, to swallow duplicates.  Live ones are limited, also
 * by source; lingering ones are limited too, and the oldest of them go first,
 * so that a storm makes memories shorter and refuses nobody.
 *
 * Whose it is: sip_trans_bind() notes the id of a leg and a role, which come
 * back when there is something to tell, and a place that holds a pointer to
 * the transaction, which is cleared when it ends.
 */
#pragma once

#include <osmocom/core/linuxlist.h>

#include "sip_clock.h"
#include "sip_hash.h"
#include "sip_msg.h"
#include "sip_out.h"
#include "sip_table.h"

/* RFC 3261, table 4 */
#define SIP_T1_MS 500
#define SIP_T2_MS 4000
#define SIP_T4_MS 5000
#define SIP_PATIENCE_MS (64 * SIP_T1_MS) /* B, D, F, H, J, L, M */

enum sip_trans_kind {
	SIP_INVITE_CLIENT,
	SIP_CLIENT,
	SIP_INVITE_SERVER,
	SIP_SERVER,
};

enum sip_trans_state {
	SIP_TRANS_CALLING,
	SIP_TRANS_PROCEEDING,
	SIP_TRANS_COMPLETED,
	SIP_TRANS_CONFIRMED,
	SIP_TRANS_ACCEPTED,
};

struct sip_trans {
	struct sip_node node;	   /* by key */
	struct sip_timer timer;	   /* the earlier of the next two */
	int64_t resend_ms;	   /* INT64_MAX: no more */
	int64_t deadline_ms;	   /* INT64_MAX: none */
	struct llist_head entry;   /* lingering, in order of age */
	struct sip_source *source; /* whom a live server one is counted for */

	struct sip_addr local, peer;
	char *bytes; /* to be sent again; NULL: nothing */
	char *echo;  /* server: lines that each answer repeats (sip_reply.h) */
	uint64_t leg;
	struct sip_trans **place;
	uint32_t bytes_n, echo_n;
	uint32_t echo_routes_n; /* of these, Record-Route, the first */
	uint32_t interval_ms;	/* until the next resend */
	uint16_t key_n;
	uint8_t kind, state, method, role;
	bool live, failed;
	bool late;   /* an INVITE of ours without an offer */
	bool within; /* of a dialog that is up: a re-INVITE */
	char key[];
};

struct sip_trans_table {
	struct sip_key key;
	struct sip_out *out;
	void *ctx;
	struct sip_table by_key;
	struct sip_table sources;
	struct sip_clock clock;
	struct llist_head lingering;
	size_t n_live, n_lingering;
	size_t max, max_source;
};

void sip_trans_init(struct sip_trans_table *table, void *ctx,
		    const struct sip_key *key, struct sip_out *out, size_t max,
		    size_t max_source);
void sip_trans_fini(struct sip_trans_table *table);

/* ---- requests of ours ---- */

/* @packet, a request with @branch, has just been put into the queue. */
struct sip_trans *sip_trans_client(struct sip_trans_table *table,
				   int64_t now_ms, enum sip_method method,
				   struct span branch,
				   const struct sip_packet *packet);
bool sip_trans_full(const struct sip_trans_table *table);

struct sip_trans *sip_trans_of_answer(const struct sip_trans_table *table,
				      const struct sip_msg *answer);
/* The request with @branch that we have sent and not forgotten. */
struct sip_trans *sip_trans_of_branch(const struct sip_trans_table *table,
				      enum sip_method method,
				      struct span branch);

enum sip_trans_verdict {
	SIP_TRANS_DROP,	       /* a duplicate, or too late */
	SIP_TRANS_PROVISIONAL, /* for the user */
	SIP_TRANS_FINAL,       /* for the user; the first, and a refusal is
				* acknowledged already */
	SIP_TRANS_AGAIN,       /* one more 2xx to an INVITE */
};

enum sip_trans_verdict sip_trans_answered(struct sip_trans_table *table,
					  struct sip_trans *trans,
					  int64_t now_ms,
					  const struct sip_msg *answer);

/* An INVITE that was taken back: a final answer comes soon, or never. */
void sip_trans_hurry(struct sip_trans_table *table, struct sip_trans *trans,
		     int64_t now_ms);
/* The ACK of a 2xx, to be sent again for each duplicate of it. */
void sip_trans_keep(struct sip_trans *trans, const struct sip_packet *packet);

/* Is the ACK that is kept for the dialog of @to_tag? */
bool sip_trans_acks(const struct sip_trans *trans, struct span to_tag);

/* ---- requests of theirs ---- */

struct sip_trans *sip_trans_of_request(const struct sip_trans_table *table,
				       const struct sip_msg *request);
/* The INVITE that a CANCEL takes back (9.2). */
struct sip_trans *sip_trans_of_cancel(const struct sip_trans_table *table,
				      const struct sip_msg *cancel);

/* A request of a known transaction, or an ACK: all there is to do, done. */
void sip_trans_repeated(struct sip_trans_table *table, struct sip_trans *trans,
			int64_t now_ms, const struct sip_msg *request);

/* NULL: a limit.  @peer: where answers go.  @source counts.  An answer to
 * anything but an INVITE that is not given in time is not given at all. */
struct sip_trans *
sip_trans_server(struct sip_trans_table *table, int64_t now_ms,
		 const struct sip_msg *request, const struct sip_addr *local,
		 const struct sip_addr *peer, const struct sip_addr *source);

/* An answer has just been put into the queue.  True: the transaction is
 * over, and gone (reliable transport). */
bool sip_trans_answer(struct sip_trans_table *table, struct sip_trans *trans,
		      int64_t now_ms, unsigned int status,
		      const struct sip_packet *packet);
/* The ACK of our 2xx has come, or nobody waits for it any more. */
void sip_trans_acked(struct sip_trans_table *table, struct sip_trans *trans);
bool sip_trans_unacked(const struct sip_trans *trans);
/* Our last answer once more (13.3.1.1). */
void sip_trans_again(struct sip_trans_table *table, struct sip_trans *trans);

/* ---- both ---- */

void sip_trans_bind(struct sip_trans *trans, uint64_t leg, unsigned int role,
		    struct sip_trans **place);
void sip_trans_unbind(struct sip_trans *trans);
void sip_trans_free(struct sip_trans_table *table, struct sip_trans *trans);

/* All requests that wait for an answer from @to fail at the next tick. */
void sip_trans_unreachable(struct sip_trans_table *table, int64_t now_ms,
			   const struct sip_addr *to);

enum sip_trans_news {
	SIP_TRANS_TIMEOUT,     /* no answer to a request of ours */
	SIP_TRANS_UNREACHABLE, /* it could not be delivered */
	SIP_TRANS_NO_ACK,      /* our final answer was not acknowledged */
};

/* What an ended transaction has to tell; it is gone already. */
struct sip_trans_end {
	enum sip_trans_news news;
	uint64_t leg;
	uint8_t role, method;
};

/* Resends what is due.  True: one transaction has ended; call again. */
bool sip_trans_tick(struct sip_trans_table *table, int64_t now_ms,
		    struct sip_trans_end *ret_end);
int64_t sip_trans_next_ms(const struct sip_trans_table *table);
