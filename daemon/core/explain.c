/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "explain.h"

#include <stdarg.h>
#include <stdio.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "call.h"
#include "leg.h"
#include "record.h"

/* The end of a sentence that begins with what the device did. */
static const char *why(enum cause cause)
{
	static const char *const words[_NUM_CAUSE] = {
		[CAUSE_NONE] = "then was answered",
		[CAUSE_NORMAL] = "the call was ended",
		[CAUSE_CANCELLED] = "the call was withdrawn",
		[CAUSE_ANSWERED_ELSEWHERE] = "answered on the other device",
		[CAUSE_BUSY] = "the device said it is busy",
		[CAUSE_REJECTED] = "somebody rejected it there",
		[CAUSE_NO_ANSWER] = "nobody answered",
		[CAUSE_UNREACHABLE] = "the device did not respond",
		[CAUSE_NOT_ACCEPTABLE] = "the device accepts no such media",
		[CAUSE_LINK_LOST] = "its link was lost",
		[CAUSE_TIMEOUT] = "the device stopped responding",
		[CAUSE_SHUTDOWN] = "the gateway stopped",
	};

	return words[cause] ? words[cause] : cause_name(cause);
}

struct explain *explain_new(struct core *core, call_id id)
{
	struct explain *explain;

	if (core->n_explains < EXPLAIN_CALLS_MAX) {
		explain = talloc_zero(core, struct explain);
		OSMO_ASSERT(explain);
		core->n_explains++;
	} else {
		explain =
			llist_entry(core->explains.prev, struct explain, entry);
		llist_del(&explain->entry);
		memset(explain, 0, sizeof(*explain));
	}
	explain->view.id = id;
	llist_add(&explain->entry, &core->explains);
	return explain;
}

struct explain *explain_find(const struct core *core, call_id id)
{
	struct explain *explain;

	llist_for_each_entry (explain, &core->explains, entry)
		if (explain->view.id == id)
			return explain;
	return NULL;
}

void explain_begin(struct explain *explain, const struct call *call)
{
	OSMO_STRLCPY_ARRAY(explain->view.from, call->from.number);
	OSMO_STRLCPY_ARRAY(explain->view.to, call->dialled);
	explain->view.time_ms = call->start_wall_ms;
	explain->view.active = true;
}

void explain_end(struct explain *explain, const struct call *call)
{
	explain->view.active = false;
	explain->view.cause = call->cause;
	explain->view.outcome = record_outcome(call, 0);
}

void explain_leg(const struct leg *leg)
{
	const struct core *core = leg->call->core;
	struct explain *explain = leg->call->explain;

	if (leg->rang || leg->cause == CAUSE_NONE)
		explain_add(explain, leg->number, true, "rang for %.1f s, %s",
			    leg->rang
				    ? (core->now_ms - leg->alerting_ms) / 1000.0
				    : 0.0,
			    why(leg->cause));
	else
		explain_add(explain, leg->number, false, "did not ring: %s",
			    why(leg->cause));
}

void explain_add(struct explain *explain, const char *device, bool rang,
		 const char *fmt, ...)
{
	struct view_reason *reason = NULL;
	size_t i, at;
	va_list ap;

	for (i = 0; i < explain->view.n_reasons; i++)
		if (strcmp(explain->view.reasons[i].device, device) == 0)
			reason = &explain->view.reasons[i];
	if (!reason) {
		OSMO_ASSERT(explain->view.n_reasons < VIEW_REASONS_MAX);
		reason = &explain->view.reasons[explain->view.n_reasons++];
		OSMO_STRLCPY_ARRAY(reason->device, device);
	}
	reason->rang |= rang;
	at = strlen(reason->text);
	if (at)
		at += snprintf(reason->text + at, sizeof(reason->text) - at,
			       "; ");
	if (at >= sizeof(reason->text))
		return;
	va_start(ap, fmt);
	vsnprintf(reason->text + at, sizeof(reason->text) - at, fmt, ap);
	va_end(ap);
}
