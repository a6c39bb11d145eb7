/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * leg.h - one branch of a call: a single device
 *
 *    a device that we ring                    the device that calls
 *
 *    CALLING ----> ALERTING                       CALLER
 *       |             |                             |
 *       +--- answered-+--------> TALKING <-- answer-+
 *       |             |             |               |
 *       +--- cancel --+----------> CLEARING <-------+
 *
 * Gone ends the leg in any state: it tells its call and is buried.
 *
 * A leg knows its own branch and nothing of its siblings; who wins is the
 * business of call.c.  Legs are children of their call.
 */
#pragma once

#include "house.h"

struct call;

enum leg_state {
	LEG_ST_CALLER,
	LEG_ST_CALLING,
	LEG_ST_ALERTING,
	LEG_ST_TALKING,
	LEG_ST_CLEARING,
};

struct leg {
	struct idtab_entry entry;
	struct llist_head sibling; /* in call->legs, or in the graves */
	struct osmo_fsm_inst *fi;
	struct call *call; /* its parent */
	ext_id device;
	enum ext_kind kind;
	char number[NUMBER_MAX + 1]; /* of the device */
	unsigned int fork;	     /* action.h: 0 has shown no early media */
	bool rang;
	bool withheld;	     /* a caller who is not to be shown (RFC 3323) */
	bool asked;	     /* an offer of ours waits for EV_OFFER_RESULT */
	bool holds; /* it has put the other side on hold */
	int64_t alerting_ms; /* when it began to ring */
	enum cause cause;    /* why it ended, or is being ended */
	struct deadline deadline;
};

/* The leg of a device that calls; @id is its edge's. */
struct leg *leg_new_caller(struct call *call, leg_id id,
			   const struct extension *device);
/* Start ringing @device, in the name of @from, for the number @target. */
struct leg *leg_new(struct call *call, const struct extension *device,
		    const struct party *from, const char *target,
		    struct span offer, unsigned int max_forwards);
struct leg *leg_find(const struct core *core, leg_id id);

enum leg_state leg_state(const struct leg *leg);
/* Neither over nor on its way there. */
bool leg_is_alive(const struct leg *leg);

/* What its edge reported. */
void leg_alerting(struct leg *leg, struct span body);
void leg_answered(struct leg *leg, struct span body);
void leg_gone(struct leg *leg, enum cause why);

/* The caller's leg is told that it is answered. */
void leg_connect(struct leg *leg);
/* Ask for the end.  Harmless to repeat; leg_gone() will follow. */
void leg_hang_up(struct leg *leg, enum cause why);

/* Whom the other end is shown: the user, whichever device it is (T29). */
void leg_party(const struct leg *leg, struct party *ret_party);
/* An offer to it, to be filled in. */
struct act_leg *leg_offer(struct leg *leg, enum offer_how how);

/* An action for this leg, its device and edge filled in. */
struct act_leg *leg_act(struct leg *leg, enum action_type type);
