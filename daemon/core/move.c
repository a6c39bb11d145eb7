/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "move.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "call.h"
#include "extension.h"
#include "leg.h"
#include "log.h"
#include "route.h"

#define RETURN_MS 15000	 /* T75 */
#define RECALL_MS 180000 /* the one that went is rung */
#define OFFER_MS 40000	 /* an end that never says what it thinks of it */
#define RETRY_MS 100	 /* the first time; then twice as long each time */
#define RETRIES_MAX 7	 /* 12.7 s in all */
#define MAX_FORWARDS 69

enum move_state {
	MOVE_RINGING,
	MOVE_WAITING, /* for the two ends to be done with each other */
	MOVE_ASKING,  /* the one that comes for an offer */
	MOVE_JOINING, /* that offer is at the far end */
};

/* How the one that comes is to have the far end's answer. */
enum move_kind {
	MOVE_RUNG,   /* it answered with an offer */
	MOVE_CALLED, /* it called with one, or without */
	MOVE_UP,     /* it was asked for one */
};

struct move {
	struct call *call;
	enum move_state state;
	enum move_kind kind;
	enum call_side side; /* which end is replaced */
	struct leg *stays;
	struct leg *goes;  /* NULL: it has hung up */
	struct leg *comes; /* NULL while ringing; or it has hung up */
	ext_id back;	   /* whom to ring if nothing comes of it */
	bool recall;	   /* that is what rings now */
	bool restoring;	   /* the one that went takes its place again */
	bool referred;	   /* it wants to know how it ends */
	char *offer;	   /* of the one that comes; NULL: it makes none */
	unsigned int retries;
	struct deadline deadline;
};

static void go_on(struct move *move);
static void give_back(struct move *move, enum cause why);

/* ---- words ---- */

/* T75: of the user whose call it is. */
static int64_t return_ms(const struct move *move)
{
	struct extension *device =
		extension_by_id(move->call->core, move->goes->device);
	unsigned int set_s = setting_uint(extension_user(device),
					  SETTING_TRANSFER_RETURN_TIME);

	return set_s ? set_s * 1000LL : RETURN_MS;
}

static void set_deadline(struct move *move, int64_t in_ms,
			 void (*expired)(struct deadline *))
{
	struct core *core = move->call->core;

	deadline_set(&core->deadlines, &move->deadline, core->now_ms + in_ms,
		     expired);
}

/* After the final word there is nothing more to say. */
static void tell_referrer(struct move *move, unsigned int status)
{
	if (!move->referred || !move->goes || !leg_is_alive(move->goes))
		return;
	leg_act(move->goes, ACT_REFER_RESULT)->status = status;
	move->referred = status < 200;
}

static void accept_refer(struct move *move)
{
	leg_act(move->goes, ACT_REFER_RESULT)->status = 202;
	move->referred = true;
}

static void move_free(struct move *move)
{
	deadline_clear(&move->deadline);
	move->call->move = NULL;
	talloc_free(move);
}

void move_call_ended(struct call *call)
{
	tell_referrer(call->move, 487);
	move_free(call->move);
}

static struct move *move_new(struct leg *goes, enum move_kind kind)
{
	struct call *call = goes->call;
	struct move *move = talloc_zero(call, struct move);

	OSMO_ASSERT(move && !call->move);
	call->move = move;
	move->call = call;
	move->kind = kind;
	move->side = goes == call->caller ? CALL_CALLER : CALL_CALLED;
	move->stays = goes == call->caller ? call->winner : call->caller;
	move->goes = goes;
	move->back = goes->device;
	return move;
}

/* A leg that has its call to itself with one other, or NULL. */
static struct leg *talking_leg(struct leg *leg)
{
	struct call *call = leg->call;

	if (call_state(call) != CALL_ST_TALKING ||
	    (leg != call->caller && leg != call->winner) || !call->caller ||
	    !call->winner || !leg_is_alive(leg))
		return NULL;
	return leg;
}

/* ---- ringing ---- */

static bool rings_for(const struct move *move, const struct leg *leg)
{
	return leg_is_alive(leg) && leg != move->goes && leg != move->stays &&
	       leg != move->comes;
}

static bool somebody_rings(const struct move *move)
{
	const struct leg *leg;

	llist_for_each_entry (leg, &move->call->legs, sibling)
		if (rings_for(move, leg))
			return true;
	return false;
}

static void stop_ringing(struct move *move, enum cause why)
{
	struct leg *leg;

	llist_for_each_entry (leg, &move->call->legs, sibling)
		if (rings_for(move, leg))
			leg_hang_up(leg, why);
}

static void nobody_answered(struct deadline *deadline)
{
	struct move *move = container_of(deadline, struct move, deadline);

	stop_ringing(move, CAUSE_NO_ANSWER);
	give_back(move, CAUSE_NO_ANSWER);
}

static void ring(struct move *move, struct extension *device,
		 const char *target)
{
	struct party party;

	leg_party(move->stays, &party);
	leg_new(move->call, device, &party, target, (struct span){ 0 },
		MAX_FORWARDS);
}

static void ring_route(struct move *move, const struct route *route)
{
	move->state = MOVE_RINGING;
	for (size_t i = 0; i < route->n; i++)
		ring(move, route->devices[i], route->user->row.number);
	set_deadline(move, return_ms(move), nobody_answered);
}

void move_alerting(struct leg *leg)
{
	struct move *move = leg->call->move;

	if (!move->recall)
		tell_referrer(move, 180);
}

/* ---- the end ---- */

/* Nothing came of it, and the far end hears what it heard before: so the one
 * that should have gone stays, or is called back. */
static void give_back(struct move *move, enum cause why)
{
	struct call *call = move->call;
	struct extension *back = extension_by_id(call->core, move->back);

	tell_referrer(move, cause_sip_status(why));
	if (move->goes) {
		move_free(move);
		return;
	}
	if (move->recall || !back || !extension_is_reachable(back)) {
		call_end(call, why);
		return;
	}
	LOGP(DCORE, LOGL_INFO, "call %llu: rings %s again\n",
	     (unsigned long long)call->entry.id, back->row.number);
	move->recall = true;
	move->state = MOVE_RINGING;
	move->comes = NULL;
	TALLOC_FREE(move->offer);
	ring(move, back, extension_user(back)->row.number);
	set_deadline(move, RECALL_MS, nobody_answered);
}

static void done(struct move *move, struct span body)
{
	struct leg *comes = move->comes, *goes = move->goes;
	struct call *call = move->call;
	struct act_leg *out;

	if (move->kind == MOVE_CALLED) {
		leg_connect(comes);
		out = leg_act(comes, ACT_ANSWER);
		out->late = !move->offer;
		leg_party(move->stays, &out->party);
	} else {
		out = leg_act(comes, ACT_ACK);
		out->late = true;
	}
	out->body = act_text(call->core, body);
	if (!move->restoring) {
		tell_referrer(move, 200);
		call_replace(call, move->side, comes);
		LOGP(DCORE, LOGL_NOTICE, "call %llu is at %s now\n",
		     (unsigned long long)call->entry.id, comes->number);
	}
	move_free(move);
	if (goes && goes != comes)
		leg_hang_up(goes, CAUSE_NORMAL);
}

/* The far end listens to somebody who is gone: whoever is left is joined to
 * it again. */
static void restore(struct move *move, enum cause why)
{
	tell_referrer(move, cause_sip_status(why));
	if (!move->goes) {
		call_end(move->call, why);
		return;
	}
	move->restoring = true;
	move->kind = MOVE_UP;
	move->comes = move->goes;
	move->goes = NULL;
	TALLOC_FREE(move->offer);
	go_on(move);
}

static void failed(struct move *move, enum cause why)
{
	struct leg *comes = move->comes;

	if (move->restoring) {
		call_end(move->call, why);
		return;
	}
	move->comes = NULL;
	deadline_clear(&move->deadline);
	if (comes)
		leg_hang_up(comes, why);
	give_back(move, why);
}

/* ---- joining ---- */

static void patience_ends(struct deadline *deadline)
{
	struct move *move = container_of(deadline, struct move, deadline);

	call_end(move->call, CAUSE_TIMEOUT);
}

static void try_again(struct deadline *deadline)
{
	go_on(container_of(deadline, struct move, deadline));
}

static void later(struct move *move)
{
	move->state = MOVE_WAITING;
	if (move->retries++ >= RETRIES_MAX)
		failed(move, CAUSE_TIMEOUT);
	else
		set_deadline(move, RETRY_MS << (move->retries - 1), try_again);
}

/* The two ends of before may have an offer under way between them. */
static bool must_wait(struct move *move)
{
	struct call *call = move->call;

	if (move->stays->asked || (move->kind == MOVE_UP && move->comes->asked))
		return true;
	if (call->offer_from != move->stays)
		return false;
	if (move->goes && leg_is_alive(move->goes) && move->goes->asked)
		return true;
	leg_act(move->stays, ACT_OFFER_RESULT)->status = 491;
	call_offer_over(call);
	return false;
}

static void go_on(struct move *move)
{
	struct call *call = move->call;
	struct act_leg *offer;

	if (must_wait(move)) {
		later(move);
		return;
	}
	call_offer_over(call);
	if (move->kind == MOVE_UP && !move->offer) {
		move->state = MOVE_ASKING;
		offer = leg_offer(move->comes, OFFER_REINVITE);
		leg_party(move->stays, &offer->party);
	} else {
		move->state = MOVE_JOINING;
		offer = leg_offer(move->stays, OFFER_REINVITE);
		leg_party(move->comes, &offer->party);
		offer->body = act_text(call->core, span_of(move->offer));
	}
	set_deadline(move, OFFER_MS, patience_ends);
}

static void take_offer(struct move *move, struct span body)
{
	talloc_free(move->offer);
	move->offer = body.n ? talloc_strndup(move, body.p, body.n) : NULL;
	OSMO_ASSERT(!body.n || move->offer);
}

static void join(struct move *move, struct leg *comes, struct span offer)
{
	move->comes = comes;
	take_offer(move, offer);
	move->retries = 0;
	go_on(move);
}

static bool is_for_later(unsigned int status)
{
	return status == 491 || status == 500;
}

static void asked(struct move *move, const struct ev_leg *ev)
{
	if (is_for_later(ev->status)) {
		later(move);
	} else if (ev->status >= 300 || !ev->body.n) {
		failed(move, cause_of_sip_status(ev->status));
	} else {
		take_offer(move, ev->body);
		go_on(move);
	}
}

static void joined(struct move *move, const struct ev_leg *ev)
{
	bool agreed = ev->status < 300 && ev->body.n;

	if (!move->comes && !agreed)
		give_back(move, CAUSE_NORMAL);
	else if (!move->comes)
		restore(move, CAUSE_NORMAL);
	else if (agreed)
		done(move, ev->body);
	else if (is_for_later(ev->status))
		later(move);
	else
		failed(move, CAUSE_NOT_ACCEPTABLE);
}

bool move_offer_result(struct leg *leg, const struct ev_leg *ev)
{
	struct move *move = leg->call->move;

	if (move->state == MOVE_JOINING && leg == move->stays)
		joined(move, ev);
	else if (move->state == MOVE_ASKING && leg == move->comes)
		asked(move, ev);
	else
		return false;
	return true;
}

void move_go_on(struct call *call)
{
	if (call->move->state == MOVE_WAITING && !must_wait(call->move))
		go_on(call->move);
}

bool move_is_open(const struct call *call)
{
	return call->move && !call->move->restoring;
}

const struct leg *move_stays(const struct call *call)
{
	return call->move->stays;
}

bool move_is_joining(const struct call *call)
{
	return call->move && call->move->state != MOVE_RINGING;
}

/* ---- what legs report ---- */

void move_answered(struct leg *leg, struct span body)
{
	struct move *move = leg->call->move;

	if (move->state != MOVE_RINGING || !body.n) {
		leg_hang_up(leg, body.n ? CAUSE_ANSWERED_ELSEWHERE
					: CAUSE_NOT_ACCEPTABLE);
		return;
	}
	move->comes = leg;
	stop_ringing(move, CAUSE_ANSWERED_ELSEWHERE);
	move->kind = MOVE_RUNG;
	join(move, leg, body);
}

static void the_one_that_comes_is_gone(struct move *move, enum cause why)
{
	move->comes = NULL;
	if (move->restoring)
		call_end(move->call, why);
	else if (move->state != MOVE_JOINING)
		give_back(move, why);
	/* else the far end is to say first whom it listens to */
}

void move_leg_gone(struct call *call, struct leg *leg)
{
	struct move *move = call->move;

	if (leg == move->stays) {
		call_end(call, leg->cause);
	} else if (leg == move->comes) {
		the_one_that_comes_is_gone(move, leg->cause);
	} else if (leg == move->goes) {
		move->goes = NULL;
		move->referred = false;
		if (move->state == MOVE_JOINING && !move->comes)
			call_end(call, leg->cause);
		else if (move->state == MOVE_WAITING)
			move_go_on(call);
	} else if (move->state == MOVE_RINGING && !somebody_rings(move)) {
		give_back(move, leg->cause);
	}
}

/* ---- pull ---- */

static enum cause take(struct leg *goes, const struct ev_setup *ev,
		       struct extension *device)
{
	struct call *call = goes->call;
	struct move *move = call->move;
	struct leg *comes;

	if (move && (move->state != MOVE_RINGING || move->goes != goes))
		return CAUSE_BUSY;
	if (!move)
		move = move_new(goes, MOVE_CALLED);
	stop_ringing(move, CAUSE_ANSWERED_ELSEWHERE);
	move->kind = MOVE_CALLED;
	comes = leg_new_caller(call, ev->leg, device);
	llist_add_tail(&comes->sibling, &call->legs);
	join(move, comes, ev->body);
	return CAUSE_NONE;
}

/* Its leg in a call that talks; the newest. */
static struct leg *call_at(const struct core *core,
			   const struct extension *device)
{
	struct leg *found = NULL;
	struct call *call;

	llist_for_each_entry (call, &core->calls_by_age, by_age) {
		struct leg *const ends[] = { call->caller, call->winner };

		for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
			if (ends[i] && ends[i]->device == device->row.id &&
			    talking_leg(ends[i]))
				found = ends[i];
	}
	return found;
}

enum cause move_pull(struct core *core, const struct ev_setup *ev,
		     struct extension *device)
{
	struct extension *twin = extension_twin(device);
	struct leg *goes = twin ? call_at(core, twin) : NULL;

	return goes ? take(goes, ev, device) : CAUSE_UNALLOCATED;
}

enum cause move_replace(struct core *core, const struct ev_setup *ev,
			struct extension *device)
{
	struct leg *leg = leg_find(core, ev->replaces);
	struct extension *owner =
		leg ? extension_by_id(core, leg->device) : NULL;

	if (!owner || !talking_leg(leg))
		return CAUSE_UNALLOCATED;
	/* Nobody takes a call away but its own user. */
	if (extension_user(owner) != extension_user(device))
		return CAUSE_FORBIDDEN;
	return take(leg, ev, device);
}

/* ---- push ---- */

enum cause move_push(struct core *core, struct extension *device)
{
	struct extension *twin = extension_twin(device);
	struct route route = { .n = 1, .devices = { twin } };
	struct leg *goes = call_at(core, device);

	if (!goes || !twin)
		return CAUSE_UNALLOCATED;
	if (goes->call->move) {
		if (move_is_joining(goes->call) ||
		    goes->call->move->goes != goes)
			return CAUSE_BUSY;
		stop_ringing(goes->call->move, CAUSE_CANCELLED);
		give_back(goes->call->move, CAUSE_CANCELLED);
		return CAUSE_NONE;
	}
	if (!extension_is_reachable(twin))
		return CAUSE_UNREACHABLE;
	route.user = extension_user(device);
	ring_route(move_new(goes, MOVE_RUNG), &route);
	return CAUSE_NONE;
}

/* ---- REFER ---- */

/* @goes leaves, and whoever talks to @other comes. */
static enum cause refer_to_leg(struct leg *goes, struct leg *other)
{
	struct core *core = goes->call->core;
	struct call *from = other->call;
	struct leg *comes;
	struct move *move;

	if (from == goes->call)
		return CAUSE_FORBIDDEN;
	if (!talking_leg(other) || from->move)
		return CAUSE_UNREACHABLE;
	if (extension_user(extension_by_id(core, other->device)) !=
	    extension_user(extension_by_id(core, goes->device)))
		return CAUSE_FORBIDDEN;
	comes = other == from->caller ? from->winner : from->caller;
	move = move_new(goes, MOVE_UP);
	accept_refer(move);
	call_adopt(goes->call, comes);
	join(move, comes, (struct span){ 0 });
	return CAUSE_NONE;
}

static enum cause refer_to_number(struct leg *goes, const struct ev_refer *ev,
				  struct span target)
{
	struct core *core = goes->call->core;
	struct way way = { 0 };
	struct route route;
	struct move *move;

	if (ev->foreign || !target.n)
		return CAUSE_UNALLOCATED;
	route = route_first(core, extension_by_id(core, goes->device), target,
			    false, &way, goes->call->explain);
	if (route.cause != CAUSE_NONE)
		return route.cause;
	move = move_new(goes, MOVE_RUNG);
	accept_refer(move);
	ring_route(move, &route);
	return CAUSE_NONE;
}

static enum cause refer(struct core *core, struct leg *goes,
			const struct ev_refer *ev)
{
	char dialled[NUMBER_MAX + 1];
	struct leg *other;

	if (!talking_leg(goes))
		return CAUSE_FORBIDDEN;
	if (goes->call->move)
		return CAUSE_BUSY;
	if (!ev->replaces)
		return refer_to_number(goes, ev, ev->target);
	other = leg_find(core, ev->replaces);
	if (!other || other->call == goes->call)
		return CAUSE_UNALLOCATED;
	if (call_state(other->call) != CALL_ST_RINGING ||
	    other != other->call->caller || other->device != goes->device)
		return refer_to_leg(goes, other);
	/* It has not waited for an answer: then the call rings on for whom it
	 * leaves behind. */
	OSMO_STRLCPY_ARRAY(dialled, other->call->dialled);
	call_end(other->call, CAUSE_CANCELLED);
	return refer_to_number(goes, ev, span_of(dialled));
}

void move_refer(struct core *core, const struct ev_refer *ev)
{
	struct leg *goes = leg_find(core, ev->leg);
	enum cause cause;

	if (!goes) {
		core->counts.dropped_events++;
		return;
	}
	cause = refer(core, goes, ev);
	if (cause != CAUSE_NONE && leg_is_alive(goes))
		leg_act(goes, ACT_REFER_RESULT)->status =
			cause_sip_status(cause);
}
