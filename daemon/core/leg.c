/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "leg.h"

#include <osmocom/core/fsm.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "call.h"
#include "explain.h"
#include "extension.h"
#include "log.h"
#include "presence.h"

#define X(event) (1 << (event))

enum leg_event {
	LEG_EV_ALERTING,
	LEG_EV_ANSWERED,
	LEG_EV_CONNECT,
	LEG_EV_HANG_UP,
};

/* How long a state may last, 0 for as long as it takes.  Every edge ends a leg
 * that it was told to end; CLEARING has a limit so that one which does not
 * cannot make legs pile up.  It is above SIP's longest: 64 * T1 for the CANCEL,
 * as much for the answer, as much for the BYE. */
static const int64_t patience_ms[] = {
	[LEG_ST_CLEARING] = 120000,
};

static struct osmo_fsm leg_fsm;

static void lost(struct deadline *deadline)
{
	struct leg *leg = container_of(deadline, struct leg, deadline);

	LOGP(DCORE, LOGL_ERROR, "call %llu: leg %llx at %s never ended\n",
	     (unsigned long long)leg->call->entry.id,
	     (unsigned long long)leg->entry.id, leg->number);
	leg_gone(leg, leg->cause);
}

/* A device's counters say how many legs ring or talk there (the lamps). */
static void count(struct leg *leg, enum leg_state state, int by)
{
	struct core *core = leg->call->core;
	struct extension *ext = extension_by_id(core, leg->device);

	presence_touch(core, ext);
	switch (state) {
	case LEG_ST_CALLING:
	case LEG_ST_ALERTING:
		ext->alerting += by;
		break;
	case LEG_ST_CALLER:
	case LEG_ST_TALKING:
		ext->talking += by;
		break;
	case LEG_ST_CLEARING:
		break; /* no longer the device's: it may even be removed */
	}
}

static void leg_move(struct leg *leg, enum leg_state next)
{
	struct core *core = leg->call->core;
	int rc;

	if (leg_state(leg) != LEG_ST_CLEARING)
		count(leg, leg_state(leg), -1);
	rc = osmo_fsm_inst_state_chg(leg->fi, next, 0, 0);
	OSMO_ASSERT(rc == 0); /* a missing arrow is our bug, not theirs */
	if (next != LEG_ST_CLEARING)
		count(leg, next, 1);
	if (next < ARRAY_SIZE(patience_ms) && patience_ms[next])
		deadline_set(&core->deadlines, &leg->deadline,
			     core->now_ms + patience_ms[next], lost);
}

static void caller(struct osmo_fsm_inst *fi, uint32_t event, void *unused)
{
	struct leg *leg = fi->priv;

	switch (event) {
	case LEG_EV_CONNECT:
		leg_move(leg, LEG_ST_TALKING);
		break;
	case LEG_EV_HANG_UP:
		leg_move(leg, LEG_ST_CLEARING);
		leg_act(leg, ACT_RELEASE)->cause = leg->cause;
		break;
	}
}

static void ringing(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	struct leg *leg = fi->priv;
	const struct span *body = data;

	switch (event) {
	case LEG_EV_ALERTING:
		if (leg_state(leg) == LEG_ST_CALLING) {
			leg->rang = true;
			leg->alerting_ms = leg->call->core->now_ms;
			leg_move(leg, LEG_ST_ALERTING);
		}
		call_leg_alerting(leg->call, leg, *body);
		break;
	case LEG_EV_ANSWERED:
		explain_leg(leg);
		leg_move(leg, LEG_ST_TALKING);
		call_leg_answered(leg->call, leg, *body);
		break;
	case LEG_EV_HANG_UP:
		explain_leg(leg);
		leg_move(leg, LEG_ST_CLEARING);
		leg_act(leg, ACT_CANCEL)->cause = leg->cause;
		break;
	}
}

static void talking(struct osmo_fsm_inst *fi, uint32_t event, void *unused)
{
	struct leg *leg = fi->priv;

	if (event == LEG_EV_HANG_UP) {
		leg_move(leg, LEG_ST_CLEARING);
		leg_act(leg, ACT_RELEASE)->cause = leg->cause;
	}
}

static void clearing(struct osmo_fsm_inst *fi, uint32_t event, void *unused)
{
	struct leg *leg = fi->priv;

	/*
	 * Our CANCEL crossed the user's answer on the wire (RFC 3261, 9.1).
	 * The branch is up after all, so now it takes a BYE to end it.
	 */
	if (event == LEG_EV_ANSWERED)
		leg_act(leg, ACT_RELEASE)->cause = leg->cause;
}

static const struct osmo_fsm_state leg_states[] = {
	[LEG_ST_CALLER] = {
		.name = "CALLER",
		.in_event_mask = X(LEG_EV_CONNECT) | X(LEG_EV_HANG_UP),
		.out_state_mask = X(LEG_ST_TALKING) | X(LEG_ST_CLEARING),
		.action = caller,
	},
	[LEG_ST_CALLING] = {
		.name = "CALLING",
		.in_event_mask = X(LEG_EV_ALERTING) | X(LEG_EV_ANSWERED) |
				 X(LEG_EV_HANG_UP),
		.out_state_mask = X(LEG_ST_ALERTING) | X(LEG_ST_TALKING) |
				  X(LEG_ST_CLEARING),
		.action = ringing,
	},
	[LEG_ST_ALERTING] = {
		.name = "ALERTING",
		.in_event_mask = X(LEG_EV_ALERTING) | X(LEG_EV_ANSWERED) |
				 X(LEG_EV_HANG_UP),
		.out_state_mask = X(LEG_ST_TALKING) | X(LEG_ST_CLEARING),
		.action = ringing,
	},
	[LEG_ST_TALKING] = {
		.name = "TALKING",
		.in_event_mask = X(LEG_EV_HANG_UP),
		.out_state_mask = X(LEG_ST_CLEARING),
		.action = talking,
	},
	[LEG_ST_CLEARING] = {
		.name = "CLEARING",
		.in_event_mask = X(LEG_EV_ANSWERED),
		.action = clearing,
	},
};

static const struct value_string leg_event_names[] = {
	OSMO_VALUE_STRING(LEG_EV_ALERTING),
	OSMO_VALUE_STRING(LEG_EV_ANSWERED),
	OSMO_VALUE_STRING(LEG_EV_CONNECT),
	OSMO_VALUE_STRING(LEG_EV_HANG_UP),
	{}
};

static struct osmo_fsm leg_fsm = {
	.name = "leg",
	.states = leg_states,
	.num_states = ARRAY_SIZE(leg_states),
	.event_names = leg_event_names,
	.log_subsys = DCORE,
};

static __attribute__((constructor)) void leg_fsm_register(void)
{
	OSMO_ASSERT(osmo_fsm_register(&leg_fsm) == 0);
}

static struct leg *leg_alloc(struct call *call, leg_id id,
			     const struct extension *device,
			     enum leg_state state)
{
	struct leg *leg = talloc_zero(call, struct leg);

	OSMO_ASSERT(leg);
	leg->call = call;
	leg->device = device->row.id;
	leg->kind = device->row.kind;
	OSMO_STRLCPY_ARRAY(leg->number, device->row.number);
	leg->fi = osmo_fsm_inst_alloc(&leg_fsm, leg, leg, LOGL_DEBUG, NULL);
	OSMO_ASSERT(leg->fi);
	leg->fi->state = state; /* where its life begins */
	idtab_add(&call->core->legs, &leg->entry, id);
	count(leg, state, 1);
	return leg;
}

struct leg *leg_new_caller(struct call *call, leg_id id,
			   const struct extension *device)
{
	return leg_alloc(call, id, device, LEG_ST_CALLER);
}

/* Who is rung in the place of another learns of whom (T67). */
static void show_diversion(const struct call *call, struct act_leg *setup)
{
	const struct way *way = &call->way;
	const struct extension *first;

	setup->divert = way->stops[0].left;
	if (setup->divert == DIVERT_NONE)
		return;
	first = extension_by_id(call->core, way->stops[0].user);
	OSMO_STRLCPY_ARRAY(setup->diverted.number, first->row.number);
	OSMO_STRLCPY_ARRAY(setup->diverted.name, first->row.name);
	setup->diversions = way->n - 1 + way->to_mailbox;
}

struct leg *leg_new(struct call *call, const struct extension *device,
		    const struct party *from, const char *target,
		    struct span offer, unsigned int max_forwards)
{
	struct leg *leg =
		leg_alloc(call, ++call->core->last_leg, device, LEG_ST_CALLING);
	struct act_leg *setup = leg_act(leg, ACT_SETUP);

	llist_add_tail(&leg->sibling, &call->legs);
	setup->party = *from;
	OSMO_STRLCPY_ARRAY(setup->target, target);
	if (call_state(call) == CALL_ST_RINGING)
		show_diversion(call, setup);
	setup->body = act_text(call->core, offer);
	setup->max_forwards = max_forwards;
	return leg;
}

struct leg *leg_find(const struct core *core, leg_id id)
{
	struct idtab_entry *entry = idtab_find(&core->legs, id);

	return entry ? container_of(entry, struct leg, entry) : NULL;
}

enum leg_state leg_state(const struct leg *leg)
{
	return leg->fi->state;
}

bool leg_is_alive(const struct leg *leg)
{
	return leg_state(leg) != LEG_ST_CLEARING;
}

/* An event that the state does not take is the world's: drop it, count it. */
static void leg_dispatch(struct leg *leg, enum leg_event event, void *data)
{
	if (leg->fi->fsm->states[leg->fi->state].in_event_mask & X(event))
		osmo_fsm_inst_dispatch(leg->fi, event, data);
	else
		leg->call->core->counts.dropped_events++;
}

void leg_alerting(struct leg *leg, struct span body)
{
	leg_dispatch(leg, LEG_EV_ALERTING, &body);
}

void leg_answered(struct leg *leg, struct span body)
{
	leg_dispatch(leg, LEG_EV_ANSWERED, &body);
}

void leg_connect(struct leg *leg)
{
	osmo_fsm_inst_dispatch(leg->fi, LEG_EV_CONNECT, NULL);
}

void leg_hang_up(struct leg *leg, enum cause why)
{
	if (!leg_is_alive(leg))
		return;
	leg->cause = why;
	osmo_fsm_inst_dispatch(leg->fi, LEG_EV_HANG_UP, NULL);
}

void leg_gone(struct leg *leg, enum cause why)
{
	struct call *call = leg->call;
	bool was_alive = leg_is_alive(leg);

	if (was_alive) {
		leg->cause = why;
		if (leg_state(leg) == LEG_ST_CALLING ||
		    leg_state(leg) == LEG_ST_ALERTING)
			explain_leg(leg);
		count(leg, leg_state(leg), -1);
		leg->fi->state = LEG_ST_CLEARING; /* gone is gone: no action */
	}
	deadline_clear(&leg->deadline);
	idtab_del(&call->core->legs, &leg->entry);
	call_leg_gone(call, leg, was_alive);
}

struct act_leg *leg_act(struct leg *leg, enum action_type type)
{
	struct act_leg *leg_action = &act(leg->call->core, type)->leg;

	leg_action->leg = leg->entry.id;
	leg_action->device = leg->device;
	leg_action->kind = leg->kind;
	return leg_action;
}

void leg_party(const struct leg *leg, struct party *ret_party)
{
	struct extension *device =
		extension_by_id(leg->call->core, leg->device);
	const struct extension *user = device ? extension_user(device) : NULL;

	*ret_party = (struct party){ .withheld = leg->withheld };
	if (!user)
		return;
	OSMO_STRLCPY_ARRAY(ret_party->number, user->row.number);
	OSMO_STRLCPY_ARRAY(ret_party->name, user->row.name);
}

struct act_leg *leg_offer(struct leg *leg, enum offer_how how)
{
	struct act_leg *offer = leg_act(leg, ACT_OFFER);

	offer->how = how;
	leg->asked = true;
	return offer;
}
