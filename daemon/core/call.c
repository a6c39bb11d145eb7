/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call.h"

#include <osmocom/core/fsm.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "code.h"
#include "explain.h"
#include "extension.h"
#include "leg.h"
#include "log.h"
#include "move.h"
#include "presence.h"
#include "record.h"
#include "route.h"
#include "setting.h"

#define RING_LIMIT_MS 180000
#define CALLS_MAX 2000
/* A phone waits 32 s for the answer to its UPDATE (RFC 3261, timer F) and then
 * gives up the call; a far end that is silent for so long costs it only the
 * change that it asked for (RFC 3311, 5.2). */
#define UPDATE_PATIENCE_MS 24000

enum call_state call_state(const struct call *call)
{
	return call->state;
}

/* Nothing is dispatched to a call, its moves follow from its legs; so a state
 * is all it needs, at a sixth of what a machine of libosmocore takes. */
static void call_move(struct call *call, enum call_state next)
{
	static const bool legal[CALL_ST_ENDED + 1][CALL_ST_ENDED + 1] = {
		[CALL_ST_RINGING] = { [CALL_ST_TALKING] = true,
				      [CALL_ST_ENDED] = true },
		[CALL_ST_TALKING] = { [CALL_ST_ENDED] = true },
	};

	OSMO_ASSERT(legal[call->state][next]);
	call->state = next;
}

/*
 * Of several devices that did not answer, the caller is told what most
 * concerns a person: somebody said no, somebody talks.  What only one device
 * knows of itself (its 404, its 500) means to the caller that nobody is there.
 */
static enum cause luckier(enum cause a, enum cause b)
{
	static const unsigned char rank[_NUM_CAUSE] = {
		[CAUSE_REJECTED] = 5,	    [CAUSE_BUSY] = 4,
		[CAUSE_NOT_ACCEPTABLE] = 3, [CAUSE_NO_ANSWER] = 2,
		[CAUSE_UNREACHABLE] = 1,
	};

	if (!rank[b])
		b = CAUSE_UNREACHABLE;
	return rank[b] > rank[a] ? b : a;
}

static void count_user(struct call *call, ext_id id, int by)
{
	struct extension *user = extension_by_id(call->core, id);

	if (user)
		user->calls += by;
}

static bool way_has(const struct way *way, ext_id id)
{
	size_t i;

	for (i = 0; i < way->n; i++)
		if (way->stops[i].user == id)
			return true;
	return false;
}

/* Everyone to whom the call belongs, or whom it was led past, each once: in a
 * call between twins both sides are the same user (T24). */
static void count_users(struct call *call, int by)
{
	const struct stop *stop = call->way.stops;

	count_user(call, call->from_user, by);
	if (call->to_user != call->from_user &&
	    !way_has(&call->way, call->to_user))
		count_user(call, call->to_user, by);
	for (; stop < call->way.stops + call->way.n; stop++)
		if (stop->user != call->from_user)
			count_user(call, stop->user, by);
}

static void call_bury_if_empty(struct call *call)
{
	if (call->caller || !llist_empty(&call->legs))
		return;
	OSMO_ASSERT(call_state(call) == CALL_ST_ENDED);
	idtab_del(&call->core->calls, &call->entry);
	llist_del(&call->by_age);
	llist_add_tail(&call->by_age, &call->core->graves);
}

void call_offer_over(struct call *call)
{
	call->offer_from = NULL;
	deadline_clear(&call->offer_deadline);
}

void call_end(struct call *call, enum cause cause)
{
	struct core *core = call->core;
	struct leg *leg;

	call_move(call, CALL_ST_ENDED);
	deadline_clear(&call->deadline);
	if (call->move)
		move_call_ended(call);
	deadline_clear(&call->no_answer);
	call->cause = cause;
	call->end_ms = core->now_ms;
	call_offer_over(call);

	llist_for_each_entry (leg, &call->legs, sibling)
		leg_hang_up(leg, cause);
	if (call->caller)
		leg_hang_up(call->caller, cause);

	count_users(call, -1);
	core->counts.by_cause[cause]++;
	record_write(call);
	call->explain = NULL;
	LOGP(DCORE, LOGL_NOTICE, "call %llu ends: %s\n",
	     (unsigned long long)call->entry.id, cause_name(cause));
	call_bury_if_empty(call);
}

static void patience_ends(struct deadline *deadline)
{
	call_end(container_of(deadline, struct call, deadline),
		 CAUSE_NO_ANSWER);
}

static bool somebody_rings(const struct call *call)
{
	const struct leg *leg;

	llist_for_each_entry (leg, &call->legs, sibling)
		if (leg_is_alive(leg))
			return true;
	return false;
}

static void no_answer(struct deadline *deadline);

/* @way has led the call to whom @route means. */
static void come_to(struct call *call, const struct route *route,
		    const struct way *way)
{
	const struct extension *at = route->at ? route->at : route->user;

	count_users(call, -1);
	call->way = *way;
	if (at) {
		call->to_user = at->row.id;
		OSMO_STRLCPY_ARRAY(call->to_name, at->row.name);
	}
	count_users(call, 1);
	presence_touch(call->core,
		       extension_by_id(call->core, call->caller->device));
}

/* The devices of @route ring, each from now on. */
static void ring(struct call *call, const struct route *route)
{
	struct core *core = call->core;
	const struct extension *user =
		extension_by_id(core, call->way.stops[call->way.n - 1].user);
	struct span offer = { call->offer, call->offer_n };
	size_t i;

	call->worst_luck = CAUSE_NONE;
	call->max_forwards--;
	for (i = 0; i < route->n; i++)
		leg_new(call, route->devices[i], &call->from, call->dialled,
			offer, call->max_forwards);
	deadline_set(&core->deadlines, &call->deadline,
		     core->now_ms + (core->config.ring_limit_ms
					     ? core->config.ring_limit_ms
					     : RING_LIMIT_MS),
		     patience_ends);
	deadline_set(&core->deadlines, &call->no_answer,
		     core->now_ms + 1000ll * setting_no_answer_s(core, user),
		     no_answer);
}

/* Those who rang did not take it, for the reason @why: forwards, or the
 * mailbox.  False: there is nowhere else, nothing has changed. */
static bool go_on(struct call *call, enum cause why)
{
	struct way way = call->way;
	struct extension *device;
	struct route route;
	struct leg *leg;

	if (!call->caller || call->max_forwards == 0)
		return false;
	device = extension_by_id(call->core, call->caller->device);
	route = route_next(call->core, device, why, &way, call->explain);
	if (!route.n)
		return false;
	llist_for_each_entry (leg, &call->legs, sibling)
		leg_hang_up(leg, why);
	come_to(call, &route, &way);
	ring(call, &route);
	return true;
}

/* Nobody rings any more.  Who did not even get into the mailbox is told what
 * sent the call there. */
static void nobody_took_it(struct call *call, enum cause why)
{
	if (!go_on(call, why))
		call_end(call, call->way.to_mailbox ? call->way.failed : why);
}

/* T61: both devices fall silent together; but if there is nowhere to go they
 * ring on, until patience ends. */
static void no_answer(struct deadline *deadline)
{
	go_on(container_of(deadline, struct call, no_answer), CAUSE_NO_ANSWER);
}

static struct call *call_new(struct core *core, const struct ev_setup *ev,
			     struct extension *device)
{
	struct extension *user = extension_user(device);
	struct call *call = talloc_zero(core, struct call);

	OSMO_ASSERT(call);
	call->core = core;
	INIT_LLIST_HEAD(&call->legs);
	idtab_add(&core->calls, &call->entry, ++core->last_call);
	llist_add_tail(&call->by_age, &core->calls_by_age);
	core->counts.calls_total++;

	call->start_ms = core->now_ms;
	call->start_wall_ms = core->wall_ms;
	call->late = !ev->body.n;
	call->from_user = user->row.id;
	OSMO_STRLCPY_ARRAY(call->from.number, user->row.number);
	OSMO_STRLCPY_ARRAY(call->from.name, user->row.name);
	OSMO_STRLCPY_ARRAY(call->device, device->row.number);
	memcpy(call->dialled, ev->dialled.p,
	       OSMO_MIN(ev->dialled.n, sizeof(call->dialled) - 1));
	call->from.withheld = ev->withheld;
	call->offer_n = ev->body.n;
	if (call->offer_n)
		call->offer = talloc_memdup(call, ev->body.p, ev->body.n);
	call->max_forwards = ev->max_forwards;
	call->caller = leg_new_caller(call, ev->leg, device);
	call->caller->withheld = ev->withheld;
	return call;
}

/* No call comes of it: the leg is refused without one. */
static void refuse(struct core *core, const struct ev_setup *ev,
		   enum cause cause)
{
	struct act_leg *release = &act(core, ACT_RELEASE)->leg;

	release->leg = ev->leg;
	release->device = ev->from;
	release->kind = ev->leg >> 62 == LEG_OF_HAL ? EXT_DECT : EXT_SIP;
	release->cause = cause;
	core->counts.refused_calls++;
}

static struct route route_of(struct core *core, const struct ev_setup *ev,
			     struct extension *device, struct call *call,
			     struct way *way)
{
	struct route route = { 0 };

	if (!ev->dialled.n)
		route.cause = CAUSE_INCOMPLETE;
	else if (ev->foreign)
		route.cause = CAUSE_UNALLOCATED;
	else
		route = route_first(core, device, ev->dialled, ev->emergency,
				    way, call->explain);
	if (route.cause == CAUSE_NONE && ev->max_forwards == 0)
		route.cause = CAUSE_LOOP;
	return route;
}

void call_setup(struct core *core, const struct ev_setup *ev)
{
	struct extension *device = extension_by_id(core, ev->from);
	size_t max =
		core->config.max_calls ? core->config.max_calls : CALLS_MAX;
	struct ev_setup called;
	struct route route;
	struct call *call;
	struct way way = { 0 };
	enum cause cause;

	if (leg_find(core, ev->leg)) {
		core->counts.dropped_events++;
		return;
	}
	if (!device) {
		refuse(core, ev, CAUSE_FORBIDDEN);
		return;
	}
	if (ev->replaces) {
		cause = move_replace(core, ev, device);
		if (cause != CAUSE_NONE)
			refuse(core, ev, cause);
		return;
	}
	called = *ev;
	if (code_setup(core, ev, device, &called.dialled))
		return;
	ev = &called;
	if (core->calls.n >= max) {
		refuse(core, ev, CAUSE_OVERLOAD);
		return;
	}

	call = call_new(core, ev, device);
	call->explain = explain_new(core, call);
	count_users(call, 1);
	route = route_of(core, ev, device, call, &way);
	come_to(call, &route, &way);
	LOGP(DCORE, LOGL_NOTICE, "call %llu begins: %s calls %s\n",
	     (unsigned long long)call->entry.id, call->device, call->dialled);

	if (route.cause != CAUSE_NONE) {
		call_end(call, route.cause);
		return;
	}
	ring(call, &route);
}

void call_leg_alerting(struct call *call, struct leg *leg, struct span body)
{
	struct act_leg *alerting;

	if (call->move) {
		move_alerting(leg);
		return;
	}
	OSMO_ASSERT(call_state(call) == CALL_ST_RINGING);
	/* One ringing for the caller (T19), one early media: the first.  The
	 * 18x of a call without an offer carries none that could be used. */
	if (call->late)
		body.n = 0;
	if (body.n && !call->forks)
		leg->fork = ++call->forks;
	else if (call->rung)
		return;
	else
		body.n = 0;
	call->rung = true;
	presence_touch(call->core,
		       extension_by_id(call->core, call->caller->device));
	alerting = leg_act(call->caller, ACT_ALERTING);
	alerting->fork = leg->fork;
	alerting->body = act_text(call->core, body);
}

void call_leg_answered(struct call *call, struct leg *leg, struct span body)
{
	struct core *core = call->core;
	struct act_leg *answer;
	struct leg *other;

	if (call->move) {
		move_answered(leg, body);
		return;
	}
	OSMO_ASSERT(call_state(call) == CALL_ST_RINGING);
	call_move(call, CALL_ST_TALKING);
	deadline_clear(&call->deadline);
	deadline_clear(&call->no_answer);
	call->winner = leg;
	OSMO_STRLCPY_ARRAY(call->winner_number, leg->number);
	call->answer_ms = core->now_ms;
	call->answered = true;

	if (!call->late)
		leg_act(leg, ACT_ACK);
	leg_connect(call->caller);
	answer = leg_act(call->caller, ACT_ANSWER);
	answer->fork = leg->fork;
	answer->late = call->late;
	answer->body = act_text(core, body);
	/* T29: whichever twin answers, it is the user who is connected. */
	OSMO_STRLCPY_ARRAY(answer->party.name, call->to_name);
	OSMO_STRLCPY_ARRAY(answer->party.number,
			   extension_by_id(core, call->to_user)->row.number);

	llist_for_each_entry (other, &call->legs, sibling)
		if (other != leg)
			leg_hang_up(other, CAUSE_ANSWERED_ELSEWHERE);
}

void call_leg_gone(struct call *call, struct leg *leg, bool was_alive)
{
	struct core *core = call->core;
	enum cause why = leg->cause;

	if (call->offer_from == leg)
		call_offer_over(call);
	if (leg == call->caller) {
		call->caller = NULL;
	} else {
		llist_del(&leg->sibling);
		if (leg == call->winner)
			call->winner = NULL;
	}
	llist_add_tail(&leg->sibling, &core->graves_of_legs);

	switch (call_state(call)) {
	case CALL_ST_RINGING:
		if (!call->caller) {
			call_end(call, why);
			return;
		}
		if (was_alive)
			call->worst_luck = luckier(call->worst_luck, why);
		if (!somebody_rings(call))
			nobody_took_it(call, call->worst_luck);
		return;
	case CALL_ST_TALKING:
		if (call->move)
			move_leg_gone(call, leg);
		else if (!call->caller || !call->winner)
			call_end(call, why);
		return;
	case CALL_ST_ENDED:
		call_bury_if_empty(call);
		return;
	}
}

/* The leg that talks to @leg, NULL unless both talk. */
static struct leg *opposite(struct leg *leg)
{
	struct call *call = leg->call;

	if (call_state(call) != CALL_ST_TALKING)
		return NULL;
	if (leg == call->caller)
		return call->winner;
	return leg == call->winner ? call->caller : NULL;
}

static void update_unanswered(struct deadline *deadline)
{
	struct call *call = container_of(deadline, struct call, offer_deadline);

	leg_act(call->offer_from, ACT_OFFER_RESULT)->status = 504;
	call_offer_over(call);
}

const struct leg *call_other_end(const struct call *call, const struct leg *leg)
{
	if (leg == call->winner)
		return call->caller;
	if (leg == call->caller)
		return call->winner;
	return call->move ? move_stays(call) : NULL;
}

void call_offer(struct leg *leg, const struct ev_leg *ev)
{
	struct leg *other = opposite(leg);
	struct act_leg *out;

	if (!other || leg->call->offer_from || other->asked ||
	    move_is_joining(leg->call)) {
		/* Nobody to ask yet, or one offer is on its way already: the
		 * other tries again (RFC 3261, 14.2; RFC 3311, 5.2). */
		leg_act(leg, ACT_OFFER_RESULT)->status = 491;
		return;
	}
	leg->call->offer_from = leg;
	leg->call->offer_holds = ev->holds;
	if (ev->how == OFFER_UPDATE)
		deadline_set(&leg->call->core->deadlines,
			     &leg->call->offer_deadline,
			     leg->call->core->now_ms + UPDATE_PATIENCE_MS,
			     update_unanswered);
	out = leg_offer(other, ev->how);
	out->body = act_text(leg->call->core, ev->body);
}

void call_offer_result(struct leg *leg, const struct ev_leg *ev)
{
	struct leg *other = opposite(leg);
	struct call *call = leg->call;
	struct act_leg *out;

	leg->asked = false;
	if (other && call->offer_from == other && ev->status < 300)
		other->holds = call->offer_holds;
	if (call->move && move_offer_result(leg, ev))
		return;
	if (other && call->offer_from == other) {
		call_offer_over(call);
		out = leg_act(other, ACT_OFFER_RESULT);
		out->status = ev->status;
		out->body = act_text(call->core, ev->body);
	} /* else whoever offered is gone */
	if (call->move)
		move_go_on(call);
}

void call_ack(struct leg *leg, const struct ev_leg *ev)
{
	struct leg *other = opposite(leg);
	struct act_leg *out;

	if (!other)
		return;
	out = leg_act(other, ACT_ACK);
	out->late = true;
	out->body = act_text(leg->call->core, ev->body);
}

void call_info(struct leg *leg, const struct ev_leg *ev)
{
	struct leg *other = opposite(leg);
	struct act_leg *out;

	if (!other)
		return;
	out = leg_act(other, ACT_INFO);
	out->content_type = act_text(leg->call->core, ev->content_type);
	out->body = act_text(leg->call->core, ev->body);
}

/* What rings at @id falls silent, the call goes on without. */
static void withdraw(struct core *core, ext_id id)
{
	struct call *call, *next;
	struct leg *leg;
	bool rang;

	llist_for_each_entry_safe (call, next, &core->calls_by_age, by_age) {
		if (call_state(call) != CALL_ST_RINGING)
			continue;
		rang = false;
		llist_for_each_entry (leg, &call->legs, sibling) {
			if (leg->device != id || !leg_is_alive(leg))
				continue;
			leg_hang_up(leg, CAUSE_CANCELLED);
			rang = true;
		}
		if (rang && !somebody_rings(call))
			nobody_took_it(call, CAUSE_UNREACHABLE);
	}
}

void calls_withdraw_twin(struct core *core, ext_id secondary)
{
	withdraw(core, secondary);
}

void call_setting_changed(struct core *core, struct extension *ext,
			  enum setting which)
{
	if (which != SETTING_LOGGED_IN || setting_bool(ext, which))
		return;
	if (ext->pairing && !extension_is_secondary(ext))
		withdraw(core, extension_twin(ext)->row.id);
	withdraw(core, ext->row.id);
}

void calls_end_all(struct core *core, enum cause why)
{
	struct call *call, *next;

	llist_for_each_entry_safe (call, next, &core->calls_by_age, by_age)
		if (call_state(call) != CALL_ST_ENDED)
			call_end(call, why);
}

static ext_id *user_of(struct call *call, enum call_side side)
{
	return side == CALL_CALLER ? &call->from_user : &call->to_user;
}

/* Another user has the end: the one before has had his part of the call. */
static void hand_over(struct call *call, enum call_side side,
		      const struct leg *comes, const struct leg *stays)
{
	struct core *core = call->core;
	struct call_joiner *joiner = &call->joined[side];
	struct extension *device = extension_by_id(core, comes->device);
	ext_id user = device ? extension_user(device)->row.id : 0;

	if (!user || user == *user_of(call, side))
		return;
	record_part(call, side);
	count_users(call, -1);
	*user_of(call, side) = user;
	count_users(call, 1);
	*joiner = (struct call_joiner){
		.user = user,
		.start_wall_ms = core->wall_ms,
		.start_ms = core->now_ms,
	};
	leg_party(stays, &joiner->peer);
	OSMO_STRLCPY_ARRAY(joiner->device, comes->number);
}

void call_replace(struct call *call, enum call_side side, struct leg *comes)
{
	struct leg *goes = side == CALL_CALLER ? call->caller : call->winner;
	struct leg *stays = side == CALL_CALLER ? call->winner : call->caller;
	struct core *core = call->core;

	hand_over(call, side, comes, stays);
	presence_touch(core, extension_by_id(core, comes->device));
	presence_touch(core, extension_by_id(core, stays->device));
	if (side == CALL_CALLED) {
		call->winner = comes;
		return;
	}
	/* The caller is no one's sibling, the others are. */
	llist_del(&comes->sibling);
	call->caller = comes;
	if (goes)
		llist_add_tail(&goes->sibling, &call->legs);
}

void call_adopt(struct call *call, struct leg *leg)
{
	struct call *from = leg->call;

	/* A talk of a user with his own twin was but a question (T76). */
	from->unlogged = from->from_user == from->to_user;
	if (leg == from->caller) {
		from->caller = NULL;
	} else {
		llist_del(&leg->sibling);
		from->winner = NULL;
	}
	if (from->offer_from == leg)
		call_offer_over(from);
	leg->call = call;
	talloc_steal(call, leg);
	llist_add_tail(&leg->sibling, &call->legs);
	call_end(from, CAUSE_NORMAL);
}

static bool has_live_leg_at(const struct call *call, ext_id a, ext_id b)
{
	const struct leg *leg = call->caller;

	if (leg && leg_is_alive(leg) && (leg->device == a || leg->device == b))
		return true;
	llist_for_each_entry (leg, &call->legs, sibling)
		if (leg_is_alive(leg) && (leg->device == a || leg->device == b))
			return true;
	return false;
}

void calls_end_of(struct core *core, ext_id id)
{
	struct call *call, *next;

	llist_for_each_entry_safe (call, next, &core->calls_by_age, by_age)
		if (call_state(call) != CALL_ST_ENDED &&
		    (call->from_user == id || call->to_user == id ||
		     way_has(&call->way, id) || has_live_leg_at(call, id, id)))
			call_end(call, CAUSE_UNREACHABLE);
}

unsigned int calls_of_user(const struct core *core,
			   const struct extension *user)
{
	const struct extension *twin = extension_twin(user);
	ext_id a = user->row.id, b = twin ? twin->row.id : a;
	const struct call *call;
	unsigned int n = 0;

	if (!user->calls && !user->alerting && !user->talking &&
	    (!twin || (!twin->alerting && !twin->talking)))
		return 0;

	/* Not those of the user but those at the user's devices: they differ
	 * when a pairing was made (T8) or undone (T7, A29) meanwhile. */
	llist_for_each_entry (call, &core->calls_by_age, by_age)
		if (call_state(call) != CALL_ST_ENDED &&
		    has_live_leg_at(call, a, b))
			n++;
	return n;
}

static bool holds_at(const struct leg *leg, const struct extension *user)
{
	const struct extension *twin = extension_twin(user);

	return leg && leg->holds &&
	       (leg->device == user->row.id ||
		(twin && leg->device == twin->row.id));
}

bool calls_are_held_by(const struct core *core, const struct extension *user)
{
	const struct call *call;

	llist_for_each_entry (call, &core->calls_by_age, by_age)
		if (call_state(call) == CALL_ST_TALKING &&
		    (holds_at(call->caller, user) ||
		     holds_at(call->winner, user)))
			return true;
	return false;
}
