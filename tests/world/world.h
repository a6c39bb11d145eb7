/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * world.h - a building full of phones, in one process and no time
 *
 *     story --> devices --> edges --> core --> edges --> devices --> trace
 *                             ^        |
 *                             +- disk -+
 *
 * The code that ships, joined without a socket: the world moves the clock to
 * the earliest thing that is pending, takes one step, and looks whether all is
 * as it must be (world_check.c).  A test tells a story and expects a trace:
 *
 *     world_tell(w, "   0 bob  dial 201\n"
 *                   "1500 desk answer\n");
 *     world_expect(w, "   0 ring     desk     202 Bob\n" ...);
 *
 * The same stories are told in worlds of several kinds (outside.h).  In
 * WORLD_CORE puppets stand in the place of edges and devices, and the core is
 * alone; in WORLD_SIP everyone has a SIP phone, at the edge and the element
 * that ship; in WORLD_WHOLE the handsets are handsets, of a simulated base.
 */
#pragma once

#include "core.h"
#include "dice.h"
#include "disk.h"
#include "net.h"
#include "phone.h"
#include "trace.h"
#include "view.h"

enum world_kind { WORLD_CORE, WORLD_SIP, WORLD_WHOLE, _NUM_WORLD };

const char *world_kind_name(enum world_kind kind);

/* Who lives here.  The pairing names the primary, on the secondary's line. */
struct world_house {
	const char *label, *number, *name;
	enum ext_kind kind;
	const char *twin_of; /* number of its primary, or NULL */
	bool tcp;	     /* where it is a SIP phone: speaks TCP, */
	bool nat;	     /* is behind an address translator, */
	bool md5;	     /* is old */
};

/* Alice has a desk phone and a handset; Bob and Xena have phones. */
extern const struct world_house world_alice[];

struct world;
struct outside;

struct world_device {
	const struct world_house *house;
	ext_id ext;
	struct outside *outside;
	void *body;	     /* the outside's */
	struct phone *phone; /* if it is one */
	bool was_off;	     /* cut off, once at least */
	int64_t stray_ms;    /* since when it makes noise for no call */
};

#define WORLD_DEVICES_MAX 16
#define WORLD_GATEWAY_IP 0x0a0000fa		       /* 10.0.0.250 */
#define WORLD_PHONE_IP(device) (0x0a000001 + (device)) /* 10.0.0.1 and on */
#define WORLD_DOMAIN "example.test"
#define WORLD_WALL_MS 1700000000000 /* Unix time at which a world begins */

/*
 * What the log should hold in the end: a record for each call and user.  The
 * world counts what is dialled as it reaches the core; what a kill or a full
 * disk cost is forgiven.
 */
struct world_ledger {
	size_t out[WORLD_DEVICES_MAX + 1]; /* by extension id */
	size_t in[WORLD_DEVICES_MAX + 1];
	size_t forgiven;
	bool transferred; /* who takes a call over has a record, too */
};

struct world_line; /* of the story, still to come */

struct world {
	enum world_kind kind;
	struct dice dice;
	int64_t now_ms, story_ms; /* the clock; when the story began */
	struct trace *trace;
	struct disk *disk;
	struct net *net;
	struct core *core;
	struct core_config config;
	struct actions actions;
	struct outside *outside[2]; /* that of SIP devices, and of DECT */
	struct world_device device[WORLD_DEVICES_MAX];
	size_t n_devices;
	struct world_line **line; /* in order of time */
	size_t n_lines;
	uint64_t admin_req;
	uint64_t steps;
	struct world_ledger ledger;
	bool stirred;	    /* the core has heard something just now */
	bool killed;	    /* the gateway, once at least */
	call_id moving[64]; /* that were, before this step, with both ends */
	size_t n_moving;
	bool twins_stay; /* nobody was paired or parted since the start */
	bool redirects;	 /* settings may lead calls to others than dialled */
	char mailbox[NUMBER_MAX + 1]; /* whose number answers for many */
	char *fault;	 /* the first thing that was wrong, or NULL */
};

/* Built, registered, attached, paired; its trace is empty and its time 0. */
struct world *world_new(enum world_kind kind, const struct world_house *house);
struct world *world_new_seeded(enum world_kind kind,
			       const struct world_house *house, uint64_t seed);
void world_free(struct world *w);

/* ---- the story ---- */

/*
 * Lines "MILLISECONDS WHO VERB [ARGUMENTS]", from the story's beginning:
 *
 *     DEVICE  dial NUMBER · dial-late NUMBER (without an offer)
 *             answer · reject [STATUS] · hang-up · early (media, as it rings)
 *             refer NUMBER (transfer) · join (announced: both calls)
 *             take DEVICE (its call, by Replaces)
 *             hold [update] · resume [update] · register · unregister
 *             watch NUMBER · unwatch NUMBER   (SIP phones: a lamp)
 *             refuse STATUS · ring-after MS   (from now on; 0: no more)
 *             off · on                 (cut off without a word, and back)
 *     admin   pair PRIMARY SECONDARY · unpair PRIMARY
 *             set NUMBER KEY=VALUE · set-pair PRIMARY KEY=VALUE
 *     disk    slow MS · full · fine
 *     base    down · up
 *     gateway kill · stop           (kill -9 and restart; EV_SHUTDOWN)
 */
void world_tell(struct world *w, const char *story);

/* Until nothing happens before @ms of the story; the clock ends there. */
void world_run(struct world *w, int64_t ms);
/* One step; false: nothing is pending. */
bool world_step(struct world *w);

/* The trace so far is this (see trace_normal()), nothing was wrong, and the
 * trace starts anew. */
void world_expect(struct world *w, const char *trace);

/* Everyone hangs up, the faults cease, ten minutes pass: all calls have
 * ended, nothing is left over.  Frees the world. */
void world_end(struct world *w);
/* Only the first half. */
void world_calm_down(struct world *w);

/* ---- looking ---- */

struct world_device *world_find(struct world *w, const char *label);
struct world_device *world_find_ext(struct world *w, ext_id ext);
bool world_is_ringing(struct world *w, const char *label);
bool world_is_talking(struct world *w, const char *label);
size_t world_talking(struct world *w); /* how many devices */
/* How many log records of @number's user are of @outcome; NULL: any. */
size_t world_logged(struct world *w, const char *number, const char *outcome);

/* ---- inside the world ---- */

void world_event(struct world *w, struct event *event);
void world_trace(struct world *w, const char *what, const char *who,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void world_fault(struct world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void world_check(struct world *w);
/* Before a step, and after it: a move drops no far end (T76). */
void world_check_moving(struct world *w);
void world_check_moved(struct world *w, const struct event *event);
/* Before the core hears of a call: who should have a record of it. */
void world_check_setup(struct world *w, const struct ev_setup *setup);
/* The core wants a device to ring: may it? */
void world_check_ring(struct world *w, const struct act_leg *act);
/* The gateway is being killed: its calls need no record. */
void world_check_kill(struct world *w);
void world_check_calm(struct world *w);
/* No call is left: what phones' lamps show is what the core knows. */
void world_check_lamps(struct world *w);
void world_do(struct world *w, const char *who, const char *verb,
	      const char *arg, const char *arg2);
void world_restart(struct world *w);
