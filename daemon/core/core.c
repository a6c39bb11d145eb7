/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core.h"

#include <osmocom/core/fsm.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "call.h"
#include "code.h"
#include "extension.h"
#include "handset.h"
#include "house.h"
#include "leg.h"
#include "move.h"
#include "pairing.h"
#include "presence.h"
#include "register.h"
#include "setting.h"
#include "store.h"
#include "wish.h"

struct core *core_new(void *ctx, const struct core_config *config)
{
	struct core *core = talloc_zero(ctx, struct core);

	OSMO_ASSERT(core);
	core->config = *config;
	core->last_call = config->first_call ? config->first_call - 1 : 0;
	deadlines_init(&core->deadlines);
	INIT_LLIST_HEAD(&core->graves);
	INIT_LLIST_HEAD(&core->graves_of_legs);
	INIT_LLIST_HEAD(&core->pairings);
	INIT_LLIST_HEAD(&core->handsets);
	INIT_LLIST_HEAD(&core->calls_by_age);
	INIT_LLIST_HEAD(&core->explains);
	INIT_LLIST_HEAD(&core->explains_ended);
	INIT_LLIST_HEAD(&core->wishes);
	INIT_LLIST_HEAD(&core->unstored);
	INIT_LLIST_HEAD(&core->touched);
	idtab_init(&core->extensions, core);
	idtab_init(&core->calls, core);
	idtab_init(&core->legs, core);
	idtab_init(&core->codes, core);
	idtab_init(&core->txns, core);
	idtab_init(&core->watches, core);
	return core;
}

void core_set_config(struct core *core, const struct core_config *config)
{
	core->config = *config;
}

/* A handler may still hold what died in its step; here nobody does. */
static void bury(struct core *core)
{
	struct leg *leg, *next_leg;
	struct call *call, *next_call;

	llist_for_each_entry_safe (leg, next_leg, &core->graves_of_legs,
				   sibling) {
		llist_del(&leg->sibling);
		osmo_fsm_inst_free(leg->fi);
		talloc_free(leg);
	}
	llist_for_each_entry_safe (call, next_call, &core->graves, by_age) {
		llist_del(&call->by_age);
		talloc_free(call);
	}
}

void core_free(struct core *core)
{
	struct call *call;
	struct leg *leg;

	llist_for_each_entry (call, &core->calls_by_age, by_age) {
		llist_for_each_entry (leg, &call->legs, sibling)
			osmo_fsm_inst_free(leg->fi);
		if (call->caller)
			osmo_fsm_inst_free(call->caller->fi);
	}
	talloc_free(core);
}

struct action *act(struct core *core, enum action_type type)
{
	return actions_add(core->out, type);
}

struct span act_text(struct core *core, struct span text)
{
	if (!text.n)
		return (struct span){ 0 };
	text.p = talloc_memdup(core->out->v, text.p, text.n);
	OSMO_ASSERT(text.p);
	return text;
}

static void load(struct core *core, const struct row *row)
{
	struct extension *ext;

	switch (row->type) {
	case ROW_EXTENSION:
		ext = extension_new(core, &row->extension);
		extension_announce(core, ext);
		break;
	case ROW_PAIRING:
		pairing_new(core, &row->pairing);
		break;
	case ROW_CONTACT:
		ext = extension_by_id(core, row->contact.ext);
		if (!ext)
			break;
		extension_bind(ext, &row->contact, core->wall_ms);
		act(core, ACT_CONTACT)->contact = row->contact;
		break;
	case ROW_HANDSET:
		handset_announce(core, handset_put(core, &row->handset));
		break;
	case ROW_SETTING:
		setting_load(core, &row->setting);
		break;
	case ROW_LOG:
		break; /* the log is read where it is */
	}
}

static void leg_event(struct core *core, const struct event *event)
{
	const struct ev_leg *ev = &event->leg;
	struct leg *leg = leg_find(core, ev->leg);

	if (!leg && code_leg_event(core, event))
		return;
	if (!leg) {
		core->counts.dropped_events++;
		return;
	}
	switch (event->type) {
	case EV_ALERTING:
		leg_alerting(leg, ev->body);
		break;
	case EV_ANSWERED:
		leg_answered(leg, ev->body);
		break;
	case EV_RELEASED:
		leg_gone(leg, ev->cause);
		break;
	case EV_OFFER:
		call_offer(leg, ev);
		break;
	case EV_OFFER_RESULT:
		call_offer_result(leg, ev);
		break;
	case EV_ACK:
		call_ack(leg, ev);
		break;
	case EV_INFO:
		call_info(leg, ev);
		break;
	default:
		OSMO_ASSERT(false);
	}
}

void core_step(struct core *core, const struct event *event,
	       struct actions *actions)
{
	OSMO_ASSERT(event->now_ms >= core->now_ms);
	core->now_ms = event->now_ms;
	core->wall_ms = event->wall_ms;
	core->out = actions;
	deadlines_run(&core->deadlines, core->now_ms);

	switch (event->type) {
	case EV_TICK:
		break;
	case EV_SETUP:
		call_setup(core, &event->setup);
		break;
	case EV_ALERTING:
	case EV_ANSWERED:
	case EV_RELEASED:
	case EV_OFFER:
	case EV_OFFER_RESULT:
	case EV_ACK:
	case EV_INFO:
		leg_event(core, event);
		break;
	case EV_REFER:
		move_refer(core, &event->refer);
		break;
	case EV_REGISTER:
		register_ask(core, &event->reg);
		break;
	case EV_UNREGISTERED:
		register_gone(core, event->ext);
		break;
	case EV_REACHABLE:
		handset_reachable(core, &event->handset, true);
		break;
	case EV_UNREACHABLE:
		handset_reachable(core, &event->handset, false);
		break;
	case EV_SUBSCRIBE:
		handset_subscribe(core, &event->handset);
		break;
	case EV_SUB_WINDOW:
		wish_window(core, event->handset.open);
		break;
	case EV_WATCH:
		presence_watch(core, &event->watch);
		break;
	case EV_UNWATCH:
		presence_unwatch(core, event->watch.watch);
		break;
	case EV_MESSAGES:
		presence_messages(core, &event->messages);
		break;
	case EV_LOAD:
		load(core, &event->load);
		break;
	case EV_STORED:
		store_done(core, &event->stored);
		break;
	case EV_ADMIN:
		wish_new(core, &event->admin);
		break;
	case EV_SHUTDOWN:
		calls_end_all(core, CAUSE_SHUTDOWN);
		codes_end_all(core);
		presence_shutdown(core);
		break;
	}
	presence_flush(core);
	bury(core);
	core->out = NULL;
}

int64_t core_next_ms(const struct core *core)
{
	return deadlines_next_ms(&core->deadlines);
}
