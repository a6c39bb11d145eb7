/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * call.h - one call: a caller's leg, and the legs that ring for it
 *
 *               the first answer              either side ends it
 *    RINGING --------------------> TALKING -----------------------> ENDED
 *       |                                                             ^
 *       +--- the caller gives up, nobody is left, patience ends ------+
 *
 * ENDED has told every leg to go and written the log; the call is buried when
 * its last leg is gone.  The first device to answer gets the call (T18), the
 * caller sees one ringing, one answer, and never one device's failure (T19).
 */
#pragma once

#include "house.h"
#include "setting.h"
#include "way.h"

struct leg;
struct explain;
struct move;

/* The two ends. */
enum call_side { CALL_CALLER, CALL_CALLED, _NUM_CALL_SIDE };

/* Who has taken an end over from another user; the log has a row for each. */
struct call_joiner {
	ext_id user;	   /* 0: it is still who it was */
	struct party peer; /* the other end, as the row names it */
	char device[NUMBER_MAX + 1];
	int64_t start_wall_ms, start_ms;
};

enum call_state { CALL_ST_RINGING, CALL_ST_TALKING, CALL_ST_ENDED };

struct call {
	struct idtab_entry entry;
	struct llist_head by_age;
	enum call_state state;
	struct core *core;

	struct leg *caller; /* NULL once it is gone */
	bool late; /* the caller made no offer: the answer brings one */
	struct leg *winner; /* the leg that talks to the caller */
	char winner_number[NUMBER_MAX + 1]; /* its device, for the log */
	struct llist_head legs; /* that ring or rang, in order of ringing */
	unsigned int forks;	/* early media shown so far */
	bool rung;		/* the caller was told that it rings */
	struct leg *offer_from; /* whose offer awaits the other's answer */
	bool offer_holds;	/* and that it puts the other on hold */
	struct deadline offer_deadline;

	struct party from; /* whom the called see: the caller's user (T29) */
	char dialled[NUMBER_MAX + 1];
	ext_id from_user;
	ext_id to_user; /* whose devices ring, or answered; 0: nobody's */
	char to_name[NAME_MAX_BYTES + 1];
	char device[NUMBER_MAX + 1]; /* the twin that called */

	struct way way;	    /* whom it has been led past */
	char *offer;	    /* the caller's, for those who ring later */
	size_t offer_n;
	unsigned int max_forwards; /* for the next who ring */
	struct deadline no_answer; /* T61 */

	int64_t start_wall_ms;
	int64_t start_ms, answer_ms, end_ms; /* monotonic */
	bool answered;
	enum cause cause;      /* decided once, when the call ends */
	enum cause worst_luck; /* the best reason a device gave so far */
	struct explain *explain;
	struct deadline deadline;
	struct move *move; /* an end is being replaced (move.h); or NULL */
	struct call_joiner joined[_NUM_CALL_SIDE];
	ext_id *recorded; /* who has his row already; child */
	bool unlogged;	  /* it was but a step of another */
};

/* A device wants to call. */
void call_setup(struct core *core, const struct ev_setup *ev);

/* What its legs report. */
void call_leg_alerting(struct call *call, struct leg *leg, struct span body);
void call_leg_answered(struct call *call, struct leg *leg, struct span body);
void call_leg_gone(struct call *call, struct leg *leg, bool was_alive);

/* Within the call, from one side to the other. */
void call_offer(struct leg *leg, const struct ev_leg *ev);
void call_offer_result(struct leg *leg, const struct ev_leg *ev);
void call_ack(struct leg *leg, const struct ev_leg *ev);
void call_info(struct leg *leg, const struct ev_leg *ev);

/* Whom @leg talks to, or will as soon as it is answered; NULL as long as there
 * is no such leg. */
const struct leg *call_other_end(const struct call *call,
				 const struct leg *leg);

/* ---- for move.c ---- */

/* @comes, of this call, is the @side of it from now on. */
void call_replace(struct call *call, enum call_side side, struct leg *comes);
/* The far end of another call becomes a leg of @call; the rest of the other
 * one ends. */
void call_adopt(struct call *call, struct leg *leg);
/* Decided once: the legs, the log and the counters all follow from @cause. */
void call_end(struct call *call, enum cause cause);
/* No offer is under way between the two ends any more. */
void call_offer_over(struct call *call);

/* T7: the pairing is being undone; a secondary that rings for its primary
 * falls silent, the call goes on. */
void calls_withdraw_twin(struct core *core, ext_id secondary);
/* T41, T49: what rings at a device that logs out falls silent, and at both if
 * it is the primary; the call goes on without.  T48: do-not-disturb is for
 * later calls. */
void call_setting_changed(struct core *core, struct extension *ext,
			  enum setting which);
/* An extension is removed: whatever it began meanwhile ends. */
void calls_end_of(struct core *core, ext_id id);
void calls_end_all(struct core *core, enum cause why);

/* T24, T8: the calls that make @user busy, those of its devices included. */
unsigned int calls_of_user(const struct core *core,
			   const struct extension *user);

/* T26: one of them is on hold, by a device of @user. */
bool calls_are_held_by(const struct core *core, const struct extension *user);

enum call_state call_state(const struct call *call);
