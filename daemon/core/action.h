/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * action.h - what the core wants done, in order
 *
 * core_step() appends; loop.c performs.  An action owns its text: it lives
 * until actions_clear().  No action answers by a return value: whatever
 * follows from it is a later event.
 */
#pragma once

#include "event.h"

enum action_type {
	/* a leg (its edge follows from the device: sip or hal) */
	ACT_SETUP,	  /* ring a device */
	ACT_ALERTING,	  /* tell a caller that it rings, or its early media */
	ACT_ANSWER,	  /* tell a caller that it is answered */
	ACT_ACK,	  /* the device that answered has the call; late
			   * offer: with the answer to it */
	ACT_CANCEL,	  /* stop ringing; EV_ANSWERED may still cross it */
	ACT_RELEASE,	  /* refuse a caller not yet answered, or hang up */
	ACT_OFFER,	  /* within a call */
	ACT_OFFER_RESULT, /* answer to EV_OFFER: status and body */
	ACT_INFO,
	ACT_ANNOUNCE, /* answer a caller by a tone and a text, @party.name;
		       * ACT_RELEASE ends it.  The body is the offer of its
		       * EV_SETUP once more, which the edge is to answer */
	ACT_REFER_RESULT, /* to EV_REFER: status 202 accepts it, and a final
			   * one says later how it ended; or refused at once */

	/* devices */
	ACT_USER,	     /* credentials of a SIP extension */
	ACT_USER_GONE,	     /* forget it, and its binding */
	ACT_CONTACT,	     /* a binding from the store, one full interval */
	ACT_UNBIND,	     /* forget a binding (registration remove) */
	ACT_REGISTER_RESULT, /* EV_REGISTER: granted or not */
	ACT_HANDSET,	     /* a handset from the store, or newly assigned */
	ACT_HANDSET_GONE,    /* subscription ends */
	ACT_SUB_RESULT,	     /* EV_SUBSCRIBE: accepted or not */
	ACT_SUB_OPEN,	     /* open the registration window */
	ACT_SUB_CLOSE,
	ACT_LOCATE,	     /* make a handset ring to be found */

	/* who watches a user (lamp.h) */
	ACT_WATCH_RESULT, /* EV_WATCH: SIP status, 200 grants */
	ACT_NOTIFY,	  /* what is watched, as it is now */
	ACT_WATCH_END,	  /* there is nothing to watch any more */

	ACT_STORE, /* rows, all in one transaction; EV_STORED follows */
	ACT_REPLY, /* to EV_ADMIN */
};

enum store_verb {
	STORE_PUT, /* insert, or replace the row of the same key */
	STORE_ADD, /* insert; -EEXIST if the key is taken */
	STORE_DELETE,
	STORE_SEEN, /* ROW_LOG: mark row.log.id seen */
};

#define STORE_ROWS_MAX (ADMIN_SETS_MAX + 4)

struct store_op {
	enum store_verb verb;
	struct row row;
};

/* Why a call was led away from whom it was for (RFC 5806, 5.1). */
enum divert {
	DIVERT_NONE,
	DIVERT_UNCONDITIONAL,
	DIVERT_BUSY,
	DIVERT_NO_ANSWER,
	DIVERT_UNREACHABLE,
	DIVERT_DND,
};

enum tone { TONE_CONFIRMATION, TONE_REFUSAL };

struct act_leg {
	leg_id leg;
	ext_id device;	    /* ACT_SETUP: whom to ring; else the leg's own */
	enum ext_kind kind; /* of that device: which edge */
	struct party party; /* SETUP: the caller; ANSWER: the connected user;
			     * OFFER: who it is from now on, "" as before */
	char target[NUMBER_MAX + 1]; /* SETUP: the number that was called */
	enum divert divert; /* SETUP: why it did not stay with @diverted */
	struct party diverted; /* SETUP: who was called first (T67) */
	unsigned int diversions; /* SETUP: how often it was led on since */
	struct span body;
	struct span content_type; /* INFO */
	enum cause cause;   /* CANCEL, RELEASE */
	enum tone tone;	    /* ANNOUNCE */
	unsigned int status; /* OFFER_RESULT: SIP status; else 0 */
	enum offer_how how;
	unsigned int fork;  /* ALERTING, ANSWER: which branch's media (see below) */
	bool late;	    /* ANSWER: the body is an offer; ACK: an answer */
	unsigned int max_forwards; /* SETUP */
};

/*
 * On @fork: a caller's leg that has been shown the early media of one device
 * may be answered by another.  Answers of different devices belong to
 * different early dialogs (RFC 3261, 12.1; one To tag a fork), so each device
 * that sends early media is a fork of its own; fork 0 has shown none.
 */

struct act_watch {
	uint64_t watch;
	unsigned int status;	 /* RESULT */
	enum watch_what what;	 /* NOTIFY */
	const struct lamp *lamp; /* NOTIFY; as long as the actions */
	bool shutdown;		 /* END: for now, and not for ever */
};

struct act_reply {
	uint64_t req;
	int rc;		 /* 0, or -errno: refused, nothing changed */
	char text[640];	 /* refused: one sentence that names what stands in
			  * the way; else "" */
	char show[NUMBER_MAX + 1]; /* done: the object to show, as the verb's
				    * noun names it; "" if it is gone */
};

struct action {
	enum action_type type;
	union {
		struct act_leg leg;
		struct row_extension user;
		struct row_contact contact;
		struct {
			uint64_t token;
			bool ok;
			struct row_handset handset;
			char number[NUMBER_MAX + 1]; /* its extension, or "" */
			char name[NAME_MAX_BYTES + 1];
			bool twin;		     /* T32: shows the mark */
			bool dnd; /* T51: shows that nobody disturbs it */
			unsigned int messages; /* T66: that wait */
		} handset; /* HANDSET, HANDSET_GONE, SUB_RESULT, LOCATE,
			    * REGISTER_RESULT (token, ok) */
		struct {
			unsigned int seconds;
			char pin[16]; /* a secret */
		} window;
		struct {
			uint64_t txn;
			size_t n;
			const struct store_op *op; /* until EV_STORED */
		} store;
		struct act_watch watch;
		struct act_reply reply;
	};
};

struct actions {
	struct action *v;
	size_t n;
	size_t cap;
};

void actions_init(struct actions *actions, void *ctx);
struct action *actions_add(struct actions *actions, enum action_type type);
void actions_clear(struct actions *actions);
