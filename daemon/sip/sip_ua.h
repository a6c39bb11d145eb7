/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_ua.h - the user agent inside: the element, its legs, who does what
 *
 *     sip.c          the face: bytes and wishes in, packets and events out
 *     sip_dispatch.c which request is whose, and what is refused at once
 *     sip_uas.c      a leg that comes in, until it is up
 *     sip_uac.c      a leg that goes out, until it is up
 *     sip_ua.c       either leg: ACK, BYE, re-INVITE, UPDATE, INFO; its end
 *     sip_session.c  session timers
 *     sip_notifier.c subscriptions: who watches whom
 *     sip_refer.c    REFER and Replaces: what is to become of a call
 *     sip_describe.c one orderly session for each leg, whoever speaks
 *     sip_recover.c  half-made calls of the process before (sip.h)
 *
 *   comes in:   INCOMING --sip_answer()--> ANSWERED --ACK--> UP
 *   goes out:   OUTGOING --2xx, late offer--> ANSWERED --sip_ack()--> UP
 *                   +------2xx--------------------------------------> UP
 *
 *               ANSWERED, UP --sip_release()--> CLOSING --answer--> gone
 *
 * A leg is freed when its end is told.  What may still arrive for it then is
 * the business of transactions, which keep what they need.
 */
#pragma once

#include "sip_auth.h"
#include "sip_clock.h"
#include "sip_dialog.h"
#include "sip_news.h"
#include "sip_notifier.h"
#include "sip_registrar.h"
#include "sip_reply.h"
#include "sip_trans.h"

#define SIP_ALLOW                                                              \
	"INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, UPDATE, INFO, REFER, "   \
	"SUBSCRIBE, NOTIFY"
#define SIP_SUPPORTED "timer, replaces, norefersub, tdialog"
#define SIP_MIN_SE_S 90		     /* RFC 4028, 5 */
#define SIP_RING_MS (10 * 60 * 1000) /* no leg rings longer */

enum sip_leg_state {
	SIP_LEG_INCOMING, /* a caller waits for our final answer */
	SIP_LEG_OUTGOING, /* we wait for a phone's */
	SIP_LEG_ANSWERED, /* 2xx, and no ACK yet: the caller's, or ours */
	SIP_LEG_UP,
	SIP_LEG_CLOSING, /* our BYE is on its way */
};

/* What a transaction is to its leg; 0 is none. */
enum sip_role {
	SIP_ROLE_NONE,
	SIP_ROLE_INVITE_IN,
	SIP_ROLE_INVITE_OUT,
	SIP_ROLE_UPDATE_IN,
	SIP_ROLE_UPDATE_OUT,
	SIP_ROLE_BYE,
	SIP_ROLE_INFO,
	SIP_ROLE_REFER,
	SIP_ROLE_NOTIFY,
	SIP_ROLE_REGISTER,  /* its "leg" is the token of the registration */
	SIP_ROLE_SUBSCRIBE, /* ... the id of the subscription */
	SIP_ROLE_DOCUMENT,  /* ... the same, of a NOTIFY */
};

struct sip_refer;
struct sip_shape;

struct sip_leg {
	struct sip_node by_id, by_tag, by_caller;
	struct sip_timer timer; /* ringing: the limit; up: the session */
	uint64_t id;
	struct sip_dialog dialog;
	char *user;  /* whose phone it is */
	char *sdp;   /* what we described last; NULL if UPDATE refreshes */
	char *offer; /* theirs, as long as the ACK with our answer is owed */
	char *number, *name;	 /* sip_connected(); NULL: as it was */
	struct sip_refer *refer; /* theirs, that is not done yet; child */
	uint32_t n_refers;	 /* so far */
	struct sip_shape *shape; /* sip_describe.c; child */

	/* cleared by the transactions when they end */
	struct sip_trans *invite_in, *invite_out;
	struct sip_trans *update_in, *update_out;
	struct sip_trans *bye;

	int64_t since_ms;   /* ringing began */
	int64_t expires_ms; /* of the session; INT64_MAX: never */
	uint32_t session_s; /* Session-Expires in force; 0: none */
	uint32_t min_se_s;  /* that the far end has asked for */
	uint32_t in_cseq;   /* of their last INVITE, for its ACK */
	uint32_t out_cseq;  /* of ours */
	uint16_t end_q850;  /* of a sip_release() that has to wait */

	uint8_t state;	   /* enum sip_leg_state */
	uint8_t fork;	   /* the last early dialog that a caller was told of */
	bool incoming : 1; /* they called */
	bool rung : 1;	   /* fork 0 was told that it rings */
	bool no_offer : 1; /* their INVITE asks for one */
	bool late : 1;	   /* the answer to our offer comes in the ACK */
	bool ack_owed : 1; /* the answer to theirs goes in our ACK */
	bool end_wanted : 1; /* BYE as soon as it may be sent */
	bool cancelled : 1;  /* we do not want this INVITE any more */
	bool cancel_sent : 1;
	bool elsewhere : 1;    /* the reason why */
	bool takes_update : 1; /* Allow had it */
	bool takes_timer : 1;  /* Supported had it */
	bool we_refresh : 1;   /* the session is ours to refresh */
	bool refreshing : 1;   /* the request on its way is just that */
	bool journaled : 1;
};

struct sip_user {
	struct sip_node node;
	char *name;
	struct sip_secret secret;
};

struct sip {
	char *domain, *user_agent;
	uint64_t leg_tag, leg_n;
	uint32_t session_s;
	uint32_t subscription_s, subscription_min_s;
	struct sip_limits limits;

	struct sip_key key;
	uint64_t random_n;
	int64_t now_ms; /* of the call in hand */

	struct sip_addr *locals;
	size_t n_locals;

	struct sip_out out;
	struct sip_news news;
	struct sip_trans_table trans;
	struct sip_table legs_by_id, legs_by_tag, legs_by_caller, users,
		pending; /* registrations */
	struct sip_clock legs_clock;
	struct sip_auth *auth;
	struct sip_registrar *registrar;
	struct sip_notifier notifier;
	struct sip_journal journal;
	struct sip_counts counts;
	struct sip_msg msg; /* the message in hand */
};

/* ---- sip.c ---- */

uint64_t sip_random(struct sip *sip);
/* "z9hG4bK" and what nobody can guess. */
#define SIP_BRANCH 25
const char *sip_branch(struct sip *sip, char buf[SIP_BRANCH]);
/* The listener that reaches @peer. */
const struct sip_addr *sip_local(const struct sip *sip,
				 const struct sip_addr *peer);
bool sip_is_ours(const struct sip *sip, struct span host);
const struct sip_user *sip_user(const struct sip *sip, struct span name);

/* It waits for the final answer. */
static inline bool sip_is_open(const struct sip_trans *trans)
{
	return trans && trans->live && trans->state < SIP_TRANS_COMPLETED;
}

/* ---- sip_dispatch.c ---- */

void sip_take_request(struct sip *sip, struct sip_arrival *arrival);
void sip_refuse(struct sip *sip, const struct sip_arrival *arrival,
		unsigned int status, const char *reason);
/* 500 or 503, to be tried again soon. */
void sip_refuse_for_now(struct sip *sip, const struct sip_arrival *arrival,
			unsigned int status);
void sip_write_server(const struct sip *sip, struct sip_writer *w);
void sip_write_abilities(struct sip_writer *w);
struct span sip_sdp_of(const struct sip_msg *msg);
void sip_take_answer(struct sip *sip, struct sip_arrival *arrival);
/* True: refused, for what it requires or carries (8.2.2.3, 8.2.3). */
bool sip_refuse_contents(struct sip *sip, const struct sip_arrival *arrival);
/* Has @user proved who he is?  False: an answer has been given. */
bool sip_is_known(struct sip *sip, const struct sip_arrival *arrival,
		  struct span user);
/* Answers whatever is no part of a call: OPTIONS, 405, 501. */
void sip_refuse_method(struct sip *sip, const struct sip_arrival *arrival);

/* ---- sip_uas.c ---- */

void sip_uas_invite(struct sip *sip, const struct sip_arrival *arrival,
		    struct span user, uint64_t replaces);
void sip_uas_cancel(struct sip *sip, const struct sip_arrival *arrival);
/* An answer to an INVITE or UPDATE of theirs that has been waited for.  The
 * transaction may be gone then. */
void sip_uas_answer(struct sip *sip, struct sip_leg *leg,
		    struct sip_trans *trans, unsigned int status,
		    struct span body);
void sip_uas_refuse(struct sip *sip, struct sip_leg *leg, unsigned int status,
		    unsigned int q850);

/* ---- sip_uac.c ---- */

/* @invite: as it was sent, if the answer is 422. */
void sip_uac_answer(struct sip *sip, struct sip_leg *leg,
		    struct sip_trans *trans, const struct sip_arrival *arrival,
		    enum sip_trans_verdict verdict, struct span invite);
void sip_uac_cancel(struct sip *sip, struct sip_leg *leg, bool elsewhere);
/* A 2xx that belongs to no leg, or to no leg any more: ACK and BYE. */
void sip_uac_unwanted(struct sip *sip, struct sip_trans *trans,
		      const struct sip_arrival *arrival);
void sip_write_cancel(struct sip *sip, struct span invite,
		      const struct sip_addr *local, const struct sip_addr *to,
		      bool elsewhere);

/* ---- sip_ua.c ---- */

struct sip_leg *sip_leg_new(struct sip *sip, uint64_t id,
			    enum sip_leg_state state);
/* The dialog is known: the leg can be found by it. */
void sip_leg_known(struct sip *sip, struct sip_leg *leg);
struct sip_leg *sip_leg_find(const struct sip *sip, uint64_t id);
struct sip_leg *sip_leg_of(const struct sip *sip, const struct sip_msg *msg);
void sip_leg_free(struct sip *sip, struct sip_leg *leg);
/* Tell its end, and bury it. */
void sip_leg_end(struct sip *sip, struct sip_leg *leg, enum sip_end end,
		 unsigned int status);
void sip_leg_tell(struct sip *sip, const struct sip_leg *leg,
		  struct sip_event event);
void sip_leg_ring_limit(struct sip *sip, struct sip_leg *leg);
void sip_leg_remember(struct sip *sip, struct sip_leg *leg,
		      const struct sip_packet *packet);
void sip_leg_forget(struct sip *sip, struct sip_leg *leg);
void sip_leg_described(struct sip *sip, struct sip_leg *leg, struct span sdp);
void sip_leg_abilities(struct sip_leg *leg, const struct sip_msg *msg);

/* Where a request of ours in a dialog with @user's phone goes, and from. */
struct sip_addr sip_way(const struct sip *sip, const struct sip_dialog *dialog,
			const char *user);
const struct sip_addr *sip_here(const struct sip *sip,
				const struct sip_dialog *dialog,
				const struct sip_addr *to);
/* A request within the dialog, up to CSeq and what says who we are. */
struct sip_addr sip_leg_begin(struct sip *sip, struct sip_leg *leg,
			      struct sip_writer *w, enum sip_method method,
			      uint32_t cseq, char branch[SIP_BRANCH]);
/* It is whole; what answers it.  NULL: it could not be written. */
struct sip_trans *sip_leg_send(struct sip *sip, struct sip_leg *leg,
			       struct sip_writer *w, enum sip_method method,
			       const char *branch, const char *type,
			       struct span body, const struct sip_addr *to);
void sip_leg_ack(struct sip *sip, struct sip_leg *leg, struct span body);
/* Their 2xx has come: ACK it, or owe the ACK if it brought an offer. */
void sip_leg_accepted(struct sip *sip, struct sip_leg *leg,
		      const struct sip_trans *trans, const struct sip_msg *msg);
/* An answer that takes nothing of @offer; empty if it has nothing to take. */
#define SIP_REJECTION_MAX 4096
struct span sip_rejection(struct sip *sip, struct span offer,
			  char buf[SIP_REJECTION_MAX]);
/* Its end is told when the BYE is answered ... */
void sip_leg_bye(struct sip *sip, struct sip_leg *leg, unsigned int q850);
/* ... or at once. */
void sip_leg_bye_and_end(struct sip *sip, struct sip_leg *leg, enum sip_end end,
			 unsigned int status);
/* Our own re-INVITE or UPDATE. */
bool sip_leg_offer(struct sip *sip, struct sip_leg *leg, enum sip_how how,
		   struct span body, bool refresh);

void sip_leg_request(struct sip *sip, struct sip_leg *leg,
		     const struct sip_arrival *arrival);
void sip_leg_acked(struct sip *sip, struct sip_leg *leg,
		   const struct sip_msg *ack);
void sip_leg_answered(struct sip *sip, struct sip_leg *leg,
		      struct sip_trans *trans,
		      const struct sip_arrival *arrival);
void sip_leg_trans_ended(struct sip *sip, const struct sip_trans_end *end);
void sip_leg_due(struct sip *sip, struct sip_leg *leg);

/* Theirs waits for our answer.  NULL: refused, for want of room. */
struct sip_trans *sip_leg_hold(struct sip *sip, struct sip_leg *leg,
			       const struct sip_arrival *arrival,
			       enum sip_role role, struct sip_trans **place);

/* ---- sip_refer.c ---- */

void sip_refer_take(struct sip *sip, struct sip_leg *leg,
		    const struct sip_arrival *arrival);
/* Outside of a dialog, about one (RFC 4538). */
void sip_refer_outside(struct sip *sip, const struct sip_arrival *arrival,
		       struct span user);
/* The leg ends: nothing of it waits on. */
void sip_refer_end(struct sip *sip, struct sip_leg *leg);
/*
 * The leg that an INVITE with Replaces means, *@ret_leg 0 without one.
 * False: refused (RFC 3891, 3).
 */
bool sip_refer_replaces(struct sip *sip, const struct sip_arrival *arrival,
			uint64_t *ret_leg);

/* ---- sip_describe.c ---- */

/*
 * A leg may hear one party after another; its far end must hear one orderly
 * session all the same (RFC 3264, 8: one o=, whose version counts; no fewer
 * media than before).  Texts live until the next.
 *
 * _out(): what is sent instead of @sdp.  _in(): what the one whom we speak for
 * is to see of their answer: no more media than it offered.
 */
struct span sip_describe_out(struct sip_leg *leg, struct span sdp, bool offer);
struct span sip_describe_in(struct sip_leg *leg, struct span sdp);

/* ---- sip_session.c ---- */

/* What a request of theirs asks for.  False: less than we allow (422). */
bool sip_session_asked(struct sip *sip, struct sip_leg *leg,
		       const struct sip_msg *request);
/* What their 2xx has agreed to. */
void sip_session_agreed(struct sip *sip, struct sip_leg *leg,
			const struct sip_msg *answer);
void sip_session_write_request(const struct sip *sip, const struct sip_leg *leg,
			       struct sip_writer *w);
void sip_session_write_answer(const struct sip_leg *leg, struct sip_writer *w);
/* From now on: the clock. */
void sip_session_start(struct sip *sip, struct sip_leg *leg);
void sip_session_due(struct sip *sip, struct sip_leg *leg);
/* Our refresh was refused: once more after @after_ms, if there is time. */
void sip_session_again(struct sip *sip, struct sip_leg *leg, int64_t after_ms);
