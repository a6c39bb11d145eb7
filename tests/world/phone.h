/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * phone.h - a SIP phone that is never there, and very strict
 *
 *      user: phone_dial(), phone_answer() ...      tell():  it rings, it is
 * silent \                        /
 *                           +------- phone --------+
 *                          /                        \
 *      network: phone_rx()                          send()
 *
 * Written from RFC 3261 (with 3264, 3311, 3326, 3581, 4028, 7616) and from
 * nothing of the gateway.  It plays by the rules and watches that the other
 * side does: fault() is called for a message no peer may send, such as an ACK
 * without an answer, a CSeq that runs backwards, a branch used twice, a CANCEL
 * that matches nothing, a second dialog, an answer that changes its mind.
 *
 * What it tells:
 *
 *     registered, reg-refused STATUS, unregistered
 *     ring NUMBER NAME      quiet [elsewhere]      (it rang, and stopped)
 *     ringback   early      answer NUMBER NAME     refused STATUS
 *     up         held       resumed                bye
 *     lamp NUMBER STATE     lamp-over NUMBER reason   lamp-no NUMBER
 *     timeout METHOD        noack      referred STATUS (of a transfer)
 *
 * One thing at a time: a verb concerns the latest call it makes sense for,
 * and is ignored where it makes none, as a key of a phone is.
 */
#pragma once

#include <osmocom/core/linuxlist.h>

#include "net.h"
#include "wire.h"

struct phone;

struct phone_env {
	void *data;
	void (*send)(void *data, struct phone *phone, struct net_addr to,
		     const char *bytes, size_t len);
	void (*tell)(void *data, struct phone *phone, const char *what,
		     const char *detail);
	void (*fault)(void *data, struct phone *phone, const char *text);
};

/* Set at will between two steps. */
struct phone_manners {
	int ring_ms;	  /* from INVITE to 180; -1: never says so */
	int answer_ms;	  /* picks up by itself; -1: does not */
	int refuse;	  /* answers every call with this status; 0: rings */
	bool early_media; /* 183 with SDP before the 180 */
	bool late_offer;  /* dials without SDP */
	bool by_update;	  /* hold with UPDATE, not re-INVITE */
	bool no_timer;	  /* does not support session timers */
	bool deaf;	  /* neither hears nor speaks: cut off */
	bool no_ack;	  /* forgets to acknowledge answers */
	bool md5;	  /* an old phone */
	bool disorder;	  /* the network overtakes: forgive what follows */
};

enum phone_state {
	PHONE_CALLING,	  /* INVITE sent, nothing heard */
	PHONE_PROCEEDING, /* a provisional answer came */
	PHONE_CANCELLING, /* the user gave up */
	PHONE_RINGING,	  /* called */
	PHONE_ANSWERED,	  /* 2xx sent, no ACK yet */
	PHONE_UP,
	PHONE_ENDING, /* BYE sent */
	PHONE_OVER,
};

/* What was seen of one remote end: RFC 3264, 8 wants its o= to be orderly. */
struct phone_remote {
	char *tag;
	char *origin_id, *sdp;
	unsigned long long version;
	bool answered_invite; /* this SDP came in an answer to our INVITE */
};

struct phone_call {
	struct llist_head entry;
	enum phone_state state;
	bool outgoing;
	char *id, *local_tag, *remote_tag; /* remote_tag NULL: no dialog yet */
	char *local, *remote;		   /* From and To, without tags */
	char *target;			   /* remote target URI */
	char *replaces;			   /* a header, or NULL */
	unsigned long cseq, cseq_remote;   /* 0: none yet */
	struct wire *invite;		   /* the last INVITE received */
	struct net_addr peer;		   /* where it came from */
	struct phone_tx *calling; /* our INVITE that waits for a final */
	bool authorised;	  /* credentials tried already */
	bool cancel_wanted, told_ring;
	int64_t last_180_ms;				  /* 0: none yet */
	int64_t ring_at, answer_at, refresh_at, retry_at; /* INT64_MAX: never */
	/* media */
	unsigned long long sdp_version;
	const char *direction; /* ours */
	char *remote_sdp;
	bool remote_holds, offer_pending, answer_due; /* ... in our ACK */
	struct phone_remote forks[8];
	size_t n_forks;
};

struct phone {
	const char *label, *number, *name, *password, *domain;
	struct net_addr addr;	/* where it thinks it is */
	struct net_addr server; /* where its requests go */
	struct phone_env env;
	struct phone_manners manners;

	struct llist_head calls; /* newest first */
	struct llist_head client, server_tx;
	struct llist_head watches; /* phone_watch.c */
	/* registration */
	unsigned int expires_s; /* asked for */
	bool registered;
	unsigned long reg_cseq;
	bool reg_tried;
	int64_t reg_at; /* next refresh */
	/* digest */
	char *nonce, *realm, *algorithm, *opaque;
	bool proxy_auth;
	unsigned int nonce_uses;
	char last_reason[160]; /* Reason of the last CANCEL, BYE or refusal */
	unsigned int serial;   /* for tags, branches, call ids */
};

struct phone *phone_new(void *ctx, const char *label, const char *number,
			const char *name, struct net_addr addr,
			const struct phone_env *env);

/* Forget everything, as after pulling the plug. */
void phone_reset(struct phone *phone);

void phone_rx(struct phone *phone, int64_t now_ms, struct net_addr from,
	      const char *data, size_t len);
void phone_tick(struct phone *phone, int64_t now_ms);
int64_t phone_next_ms(const struct phone *phone);

void phone_register(struct phone *phone, int64_t now_ms,
		    unsigned int expires_s);
void phone_dial(struct phone *phone, int64_t now_ms, const char *number);
void phone_answer(struct phone *phone, int64_t now_ms);
void phone_early(struct phone *phone, int64_t now_ms); /* 183 with SDP */
void phone_reject(struct phone *phone, int64_t now_ms, int status);
void phone_hang_up(struct phone *phone, int64_t now_ms);
void phone_hold(struct phone *phone, int64_t now_ms, bool hold);
/* RFC 3515: transfer to @number, or, NULL, join the two latest calls. */
void phone_refer(struct phone *phone, int64_t now_ms, const char *number);
/* RFC 3891: dial, and take the place of @other in its call. */
void phone_take(struct phone *phone, int64_t now_ms, const struct phone *other);

/* A lamp (RFC 4235), and its end. */
void phone_watch(struct phone *phone, int64_t now_ms, const char *number);
void phone_unwatch(struct phone *phone, int64_t now_ms, const char *number);
/* What the lamp of @number shows: "idle", "early" ...; NULL: there is none. */
const char *phone_lamp(const struct phone *phone, const char *number);

/* H(user:realm:password) in hexadecimal (RFC 7616, 3.4.2). */
char *phone_ha1(void *ctx, const char *algorithm, const char *user,
		const char *realm, const char *password);

/* The latest call that is not over, or NULL. */
struct phone_call *phone_call(const struct phone *phone);
bool phone_is_ringing(const struct phone *phone);
bool phone_is_talking(const struct phone *phone);

/* Nothing under way: no call, no transaction that still waits. */
bool phone_is_idle(const struct phone *phone);
