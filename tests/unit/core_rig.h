/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * core_rig.h - the core alone on a bench: events in, the actions as text
 *
 *     rig_setup(rig, 1, "202", "201");
 *     rig_expect(rig, "setup 201 from 202 Bob\n"
 *                     "setup 301 from 202 Bob\n");
 *
 * What is stored is confirmed at once unless @slow_disk; store and confirm
 * do not show in the text, log rows do.
 */
#pragma once

#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <osmocom/core/application.h>
#include <osmocom/core/talloc.h>

#include "core.h"
#include "log.h"
#include "view.h"

struct rig {
	struct core *core;
	struct actions actions;
	int64_t now_ms;
	bool slow_disk;
	int disk_rc;
	uint64_t txn; /* given to the disk last */
	uint64_t last_req;
	char text[8192];
	size_t len;
};

static void rig_do(struct rig *rig, struct event *event);

static inline void __attribute__((format(printf, 2, 3)))
rig_say(struct rig *rig, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	rig->len += vsnprintf(rig->text + rig->len,
			      sizeof(rig->text) - rig->len, fmt, ap);
	va_end(ap);
	ck_assert_uint_lt(rig->len, sizeof(rig->text));
}

static inline const char *rig_number(struct rig *rig, ext_id id)
{
	static struct view_extension ext;

	return view_extension_id(rig->core, id, &ext) ? ext.number : "?";
}

static inline void rig_show_leg(struct rig *rig, const char *what,
				const struct act_leg *leg)
{
	rig_say(rig, "%s %s", what, rig_number(rig, leg->device));
	if (leg->party.number[0])
		rig_say(rig, " %s %s%s", leg->party.number, leg->party.name,
			leg->party.withheld ? " withheld" : "");
	if (leg->divert)
		rig_say(rig, " for %s", leg->diverted.number);
	if (leg->fork)
		rig_say(rig, " fork %u", leg->fork);
	if (leg->body.n)
		rig_say(rig, " [" SPAN_FMT "]", SPAN_ARG(leg->body));
	if (leg->cause)
		rig_say(rig, " %s", cause_name(leg->cause));
	if (leg->status)
		rig_say(rig, " %u", leg->status);
	if (strcmp(what, "announce") == 0)
		rig_say(rig, " %s",
			leg->tone == TONE_REFUSAL ? "refusal" : "confirmation");
	rig_say(rig, "\n");
}

static inline void rig_show_store(struct rig *rig, const struct action *action)
{
	size_t i;

	for (i = 0; i < action->store.n; i++) {
		const struct row *row = &action->store.op[i].row;
		static const char *const kinds[] = { "in", "out", "missed" };

		if (row->type == ROW_LOG && row->log.call)
			rig_say(rig,
				"log %s %s %s %s %s ring %" PRId64
				" talk %" PRId64 "\n",
				rig_number(rig, row->log.owner),
				kinds[row->log.kind], row->log.number,
				row->log.outcome,
				row->log.device[0] ? row->log.device : "-",
				row->log.ring_ms, row->log.talk_ms);
	}
}

static inline void rig_show_calls(struct rig *rig, const struct lamp *lamp)
{
	static const char *const states[] = {
		[LAMP_TRYING] = "trying",
		[LAMP_EARLY] = "early",
		[LAMP_CONFIRMED] = "confirmed",
	};
	size_t i;

	for (i = 0; i < lamp->calls.n; i++) {
		const struct lamp_call *call = &lamp->calls.call[i];

		rig_say(rig, " %" PRIu64 " %s %s %s %s", call->call,
			states[call->state], call->initiator ? "to" : "from",
			call->remote.number, call->remote.name);
	}
	if (!lamp->calls.n)
		rig_say(rig, " idle");
	rig_say(rig, "%s", lamp->calls.dnd ? " dnd" : "");
}

static inline void rig_show_notify(struct rig *rig,
				   const struct act_watch *watch)
{
	const struct lamp *lamp = watch->lamp;

	rig_say(rig, "notify %" PRIu64 ": %s", watch->watch, lamp->number);
	switch (watch->what) {
	case WATCH_PRESENCE:
		rig_say(rig, " %s", lamp->reachable ? "here" : "away");
		rig_show_calls(rig, lamp);
		break;
	case WATCH_CALLS:
		rig_show_calls(rig, lamp);
		break;
	case WATCH_MESSAGES:
		rig_say(rig, " %u new %u old", lamp->messages.fresh,
			lamp->messages.old);
		break;
	case WATCH_FEATURES:
		rig_say(rig, " dnd=%d always=%s busy=%s no_answer=%s",
			lamp->features.dnd,
			lamp->features.forward[FEATURE_FORWARD_ALWAYS],
			lamp->features.forward[FEATURE_FORWARD_BUSY],
			lamp->features.forward[FEATURE_FORWARD_NO_ANSWER]);
		break;
	}
	rig_say(rig, "\n");
}

static inline void rig_show(struct rig *rig, const struct action *action)
{
	static const char *const legs[] = {
		[ACT_SETUP] = "setup",
		[ACT_ALERTING] = "alerting",
		[ACT_ANSWER] = "answer",
		[ACT_ACK] = "ack",
		[ACT_CANCEL] = "cancel",
		[ACT_RELEASE] = "release",
		[ACT_OFFER] = "offer",
		[ACT_OFFER_RESULT] = "result",
		[ACT_INFO] = "info",
		[ACT_ANNOUNCE] = "announce",
		[ACT_REFER_RESULT] = "referred",
	};

	switch (action->type) {
	case ACT_STORE:
		rig_show_store(rig, action);
		rig->txn = action->store.txn;
		break;
	case ACT_REPLY:
		rig_say(rig, "reply %" PRIu64 ": %s\n", action->reply.req,
			action->reply.rc ? action->reply.text : "done");
		break;
	case ACT_REGISTER_RESULT:
		rig_say(rig, "register %s\n",
			action->handset.ok ? "granted" : "refused");
		break;
	case ACT_SUB_RESULT:
		rig_say(rig, "subscribe %s %s\n",
			action->handset.ok ? "accepted" : "refused",
			action->handset.number);
		break;
	case ACT_HANDSET:
		rig_say(rig, "handset %s %s%s", action->handset.number,
			action->handset.name,
			action->handset.twin ? " twin" : "");
		if (action->handset.messages)
			rig_say(rig, " %u new", action->handset.messages);
		rig_say(rig, "\n");
		break;
	case ACT_WATCH_RESULT:
		rig_say(rig, "watch %" PRIu64 ": %u\n", action->watch.watch,
			action->watch.status);
		break;
	case ACT_NOTIFY:
		rig_show_notify(rig, &action->watch);
		break;
	case ACT_WATCH_END:
		rig_say(rig, "watch %" PRIu64 " ends%s\n", action->watch.watch,
			action->watch.shutdown ? " for now" : "");
		break;
	case ACT_SUB_OPEN:
		rig_say(rig, "window %u s\n", action->window.seconds);
		break;
	default:
		if (action->type <= ACT_REFER_RESULT)
			rig_show_leg(rig, legs[action->type], &action->leg);
		break;
	}
}

static inline void rig_stored(struct rig *rig, uint64_t txn, int rc)
{
	struct event event = { .type = EV_STORED, .stored = { txn, rc } };

	rig_do(rig, &event);
}

static inline void rig_do(struct rig *rig, struct event *event)
{
	struct actions actions;
	uint64_t txns[16];
	size_t i, n = 0;

	actions_init(&actions, rig);
	event->now_ms = rig->now_ms;
	event->wall_ms = 1700000000000 + rig->now_ms;
	core_step(rig->core, event, &actions);
	for (i = 0; i < actions.n; i++) {
		if (actions.v[i].type == ACT_STORE)
			txns[n++] = actions.v[i].store.txn;
		rig_show(rig, &actions.v[i]);
	}
	talloc_free(actions.v);
	for (i = 0; i < n && !rig->slow_disk; i++)
		rig_stored(rig, txns[i], rig->disk_rc);
}

/* What happened so far is not what the test is about. */
static inline void rig_forget(struct rig *rig)
{
	rig->len = 0;
	rig->text[0] = '\0';
}

#define rig_expect(rig, want)                                                  \
	do {                                                                   \
		ck_assert_str_eq((rig)->text, want);                           \
		(rig)->len = 0;                                                \
		(rig)->text[0] = '\0';                                         \
	} while (0)

static inline void rig_leg(struct rig *rig, enum event_type type, leg_id leg,
			   const char *body)
{
	struct event event = { .type = type };

	event.leg.leg = leg;
	event.leg.body = span_of(body);
	rig_do(rig, &event);
}

static inline void rig_gone(struct rig *rig, leg_id leg, enum cause cause)
{
	struct event event = { .type = EV_RELEASED };

	event.leg.leg = leg;
	event.leg.cause = cause;
	rig_do(rig, &event);
}

static inline ext_id rig_ext(struct rig *rig, const char *number)
{
	struct view_extension ext;

	ck_assert(view_extension(rig->core, number, &ext));
	return ext.id;
}

/* A caller's leg, named by its edge. */
#define CALLER(n) leg_id_of_edge(LEG_OF_SIP, n)

static inline void rig_setup(struct rig *rig, uint64_t n, const char *from,
			     const char *dialled)
{
	struct event event = { .type = EV_SETUP };

	event.setup.leg = CALLER(n);
	event.setup.from = rig_ext(rig, from);
	event.setup.dialled = span_of(dialled);
	event.setup.body = span_of("offer");
	event.setup.max_forwards = 70;
	rig_do(rig, &event);
}

static inline void rig_refer(struct rig *rig, leg_id leg, const char *target,
			     leg_id replaces)
{
	struct event event = { .type = EV_REFER };

	event.refer.leg = leg;
	event.refer.target = span_of(target);
	event.refer.replaces = replaces;
	rig_do(rig, &event);
}

/* What became of an offer of ours. */
static inline void rig_result(struct rig *rig, leg_id leg, unsigned int status,
			      const char *body)
{
	struct event event = { .type = EV_OFFER_RESULT };

	event.leg.leg = leg;
	event.leg.status = status;
	event.leg.body = span_of(body);
	rig_do(rig, &event);
}

/* "key=value key=value" */
static inline void rig_admin(struct rig *rig, enum admin_verb verb,
			     const char *number, const char *other,
			     const char *sets)
{
	struct event event = { .type = EV_ADMIN };
	struct ev_admin *admin = &event.admin;
	const char *p = sets ? sets : "";

	admin->req = ++rig->last_req;
	admin->verb = verb;
	admin->number = span_of(number);
	admin->other = span_of(other);
	while (*p) {
		struct key_value *set = &admin->sets[admin->n_sets++];

		set->key = (struct span){ p, strcspn(p, "=") };
		p += set->key.n + 1;
		set->value = (struct span){ p, strcspn(p, " ") };
		p += set->value.n + (p[set->value.n] == ' ');
	}
	rig_do(rig, &event);
}

static inline void rig_register(struct rig *rig, const char *number)
{
	struct event event = { .type = EV_REGISTER };

	event.reg.reg = 1;
	event.reg.contact.ext = rig_ext(rig, number);
	snprintf(event.reg.contact.uri, sizeof(event.reg.contact.uri),
		 "sip:%s@127.0.0.1:5070", number);
	rig_do(rig, &event);
}

static inline void rig_tick(struct rig *rig, int64_t by_ms)
{
	struct event event = { .type = EV_TICK };

	rig->now_ms += by_ms;
	rig_do(rig, &event);
}

/* 201 Alice and her 301, paired; 202 Bob, 203 Carl; all SIP, registered. */
static inline struct rig *rig_new(void)
{
	static const char *const people[][2] = {
		{ "201", "Alice" },
		{ "301", "Pocket" },
		{ "202", "Bob" },
		{ "203", "Carl" },
	};
	struct core_config config = { .first_call = 1 };
	struct rig *rig = talloc_zero(NULL, struct rig);
	size_t i;

	if (!osmo_log_info)
		log_start(NULL);
	log_set_log_level(osmo_stderr_target, LOGL_ERROR);
	rig->core = core_new(rig, &config);
	for (i = 0; i < 4; i++) {
		char sets[64];

		snprintf(sets, sizeof(sets), "name=%s kind=sip", people[i][1]);
		rig_admin(rig, ADM_EXTENSION_ADD, people[i][0], NULL, sets);
		rig_register(rig, people[i][0]);
	}
	rig_admin(rig, ADM_PAIRING_ADD, "201", "301", NULL);
	rig->len = 0;
	rig->text[0] = '\0';
	return rig;
}

static inline void rig_free(struct rig *rig)
{
	core_free(rig->core);
	talloc_free(rig);
}
