/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event.h - what happened: everything the core ever hears of
 *
 *      phones --- sip --+                                    +--> sip
 *    handsets --- hal --+--> event --> core_step --> actions +--> hal
 *       admin --- api --+          (pure, no I/O)            +--> db
 *
 * Only ids and values cross this border.  Text is a span that lives until
 * core_step() returns.  An event for an id that is gone is dropped, counted.
 *
 * A leg is one device's part of a call.  The core names the legs it rings;
 * a caller's leg is named by the edge that reports it (leg_id_of_edge()).
 * Whatever the device is, session descriptions are SDP (RFC 3264): a
 * handset's edge speaks SDP for it.
 */
#pragma once

#include "lamp.h"
#include "row.h"
#include "span.h"

enum event_type {
	EV_TICK, /* nothing but time */

	/* a leg: EV_RELEASED comes exactly once and is its last */
	EV_SETUP,	 /* a device wants to call a number */
	EV_ALERTING,	 /* it rings; body: early media (an answer) or none */
	EV_ANSWERED,	 /* it was answered; body: answer, or offer if late */
	EV_RELEASED,	 /* it is over */
	EV_OFFER,	 /* within a call: a new offer, or a request for one */
	EV_OFFER_RESULT, /* what became of our ACT_OFFER */
	EV_ACK,		 /* the answer to a late offer has come */
	EV_INFO,	 /* an INFO (RFC 6086) or a key pressed in a call */
	EV_REFER,	 /* a device asks to be replaced in its call; answered
			  * by ACT_REFER_RESULT */

	/* devices */
	EV_REGISTER,	 /* a phone asks for a new or moved binding */
	EV_UNREGISTERED, /* a binding is gone: removed or expired */
	EV_REACHABLE,	 /* a handset attached or came into range */
	EV_UNREACHABLE,	 /* a handset detached, or was lost */
	EV_SUBSCRIBE,	 /* a handset proved the code and asks to be ours */
	EV_SUB_WINDOW,	 /* the registration window opened or closed */

	/* who watches a user: lamps, messages, keys (lamp.h) */
	EV_WATCH,    /* first or again, with or without a key pressed */
	EV_UNWATCH,  /* it is over, by the watcher */
	EV_MESSAGES, /* a mailbox says what waits there */

	/* the disk */
	EV_LOAD,   /* one row, before the first other event */
	EV_STORED, /* what ACT_STORE asked for is on the disk, or refused */

	EV_ADMIN, /* an administrator's wish */
	EV_SHUTDOWN, /* end all calls */
};

/* How an offer travels within a call; the edge that cannot do one kind does
 * the other. */
enum offer_how { OFFER_REINVITE, OFFER_UPDATE };

struct ev_setup {
	leg_id leg;
	ext_id from;		/* the device, authenticated by its edge */
	struct span dialled;	/* as dialled */
	struct span body;	/* offer; empty: late offer */
	unsigned int max_forwards; /* left over; 0 never arrives here */
	bool foreign;		/* a SIP address of another domain */
	bool emergency;		/* the handset set up an emergency call */
	leg_id replaces;	/* it wants this leg's place (RFC 3891); or 0 */
	bool withheld;		/* the caller asks not to be shown (RFC 3323) */
};

/* A leg has one at a time. */
struct ev_refer {
	leg_id leg;
	struct span target; /* the number that shall take its place */
	bool foreign;	    /* it is a SIP address of another domain */
	leg_id replaces;    /* or whoever talks to this leg; 0: nobody */
};

struct ev_leg {
	leg_id leg;
	struct span body;
	enum cause cause;	/* EV_RELEASED */
	unsigned int status;	/* SIP status behind it, 0 if none */
	enum offer_how how;	/* EV_OFFER */
	bool holds; /* EV_OFFER: puts the other on hold (RFC 3264, 8.4) */
	struct span content_type; /* EV_INFO */
};

struct ev_register {
	uint64_t reg; /* the edge's token; ACT_REGISTER_RESULT returns it */
	struct row_contact contact;
};

struct ev_handset {
	uint64_t token; /* EV_SUBSCRIBE: the edge's; ACT_SUB_RESULT returns it */
	struct row_handset handset; /* uak only with EV_SUBSCRIBE */
	bool open;	/* EV_SUB_WINDOW */
};

struct ev_watch {
	uint64_t watch; /* the edge's id; ACT_WATCH_RESULT returns it */
	ext_id from;	/* the device that asks, authenticated by its edge */
	struct span target; /* the number that is watched */
	enum watch_what what;
	enum feature feature; /* WATCH_FEATURES: changed by a key */
	bool on;
	struct span number; /* where a forwarding leads */
};

struct ev_messages {
	struct span user; /* a number */
	unsigned int fresh, old;
};

enum row_type {
	ROW_EXTENSION,
	ROW_PAIRING,
	ROW_CONTACT,
	ROW_HANDSET,
	ROW_LOG,
	ROW_SETTING, /* one setting of an extension other than its columns */
};

struct row_setting {
	ext_id ext;
	char key[32];
	char value[SETTING_MAX_BYTES + 1];
};

struct row {
	enum row_type type;
	union {
		struct row_extension extension;
		struct row_pairing pairing;
		struct row_contact contact;
		struct row_handset handset;
		struct row_log log;
		struct row_setting setting;
	};
};

struct ev_stored {
	uint64_t txn; /* ACT_STORE's */
	int rc;	      /* 0; -EEXIST: a constraint; -ENOSPC, -EIO: the disk */
};

enum admin_verb {
	ADM_EXTENSION_ADD,  /* number=, sets */
	ADM_EXTENSION_SET,
	ADM_EXTENSION_REMOVE,
	ADM_PAIRING_ADD,    /* number= primary, other= secondary, sets */
	ADM_PAIRING_SET,
	ADM_PAIRING_REMOVE,
	ADM_HANDSET_OPEN,   /* sets: seconds, pin */
	ADM_HANDSET_CLOSE,
	ADM_HANDSET_ASSIGN, /* number= IPUI, other= extension */
	ADM_HANDSET_LOCATE,
	ADM_HANDSET_REMOVE,
	ADM_REGISTRATION_REMOVE,
	ADM_LOG_SEEN,	    /* record= */
	ADM_LOG_REMOVE,
};

struct key_value {
	struct span key;
	struct span value;
};

#define ADMIN_SETS_MAX 32

struct ev_admin {
	uint64_t req; /* the asker's; ACT_REPLY returns it, exactly once */
	enum admin_verb verb;
	struct span number;
	struct span other;
	uint64_t record;
	struct key_value sets[ADMIN_SETS_MAX];
	size_t n_sets;
};

struct event {
	enum event_type type;
	int64_t now_ms;	 /* monotonic; never runs backwards */
	int64_t wall_ms; /* Unix time, for the log only */
	union {
		struct ev_setup setup;
		struct ev_leg leg;
		struct ev_refer refer;
		struct ev_register reg;
		ext_id ext; /* EV_UNREGISTERED */
		struct ev_handset handset;
		struct ev_watch watch; /* EV_WATCH; EV_UNWATCH: its id */
		struct ev_messages messages;
		struct row load;
		struct ev_stored stored;
		struct ev_admin admin;
	};
};

/* Legs that an edge names: the top bits say which edge, so that no two edges
 * and never the core choose the same. */
enum leg_edge { LEG_OF_CORE = 0, LEG_OF_SIP = 1, LEG_OF_HAL = 2 };

static inline leg_id leg_id_of_edge(enum leg_edge edge, uint64_t n)
{
	return (leg_id)edge << 62 | n;
}
