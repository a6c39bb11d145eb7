/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "explain.h"

#include <stdarg.h>

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

struct explain *explain_new(struct core *core, const struct call *call)
{
	struct explain *explain = talloc_zero(core, struct explain);

	OSMO_ASSERT(explain);
	explain->id = call->entry.id;
	explain->time_ms = call->start_wall_ms;
	explain->active = true;
	OSMO_STRLCPY_ARRAY(explain->from, call->from.number);
	OSMO_STRLCPY_ARRAY(explain->to, call->dialled);
	llist_add(&explain->entry, &core->explains);
	return explain;
}

void explain_end(struct explain *explain, const struct call *call)
{
	struct core *core = call->core;
	struct explain *oldest;

	explain->active = false;
	explain->cause = call->cause;
	explain->outcome = record_outcome(call, 0);
	llist_del(&explain->entry);
	llist_add(&explain->entry, &core->explains_ended);
	if (core->n_explains_ended++ < EXPLAIN_ENDED_MAX)
		return;
	oldest = llist_entry(core->explains_ended.prev, struct explain, entry);
	llist_del(&oldest->entry);
	talloc_free(oldest);
	core->n_explains_ended--;
}

static const struct explain *find(const struct llist_head *list, call_id id)
{
	const struct explain *explain;

	llist_for_each_entry (explain, list, entry)
		if (explain->id == id)
			return explain;
	return NULL;
}

bool explain_show(const struct core *core, call_id id,
		  struct view_explain *ret_view)
{
	const struct explain *explain = find(&core->explains, id);
	size_t i;

	if (!explain)
		explain = find(&core->explains_ended, id);
	if (!explain)
		return false;
	*ret_view = (struct view_explain){
		.id = id,
		.time_ms = explain->time_ms,
		.active = explain->active,
		.cause = explain->cause,
		.outcome = explain->outcome,
		.n_reasons = explain->n_reasons,
	};
	OSMO_STRLCPY_ARRAY(ret_view->from, explain->from);
	OSMO_STRLCPY_ARRAY(ret_view->to, explain->to);
	for (i = 0; i < explain->n_reasons; i++) {
		struct view_reason *to = &ret_view->reasons[i];

		to->rang = explain->reasons[i].rang;
		OSMO_STRLCPY_ARRAY(to->device, explain->reasons[i].device);
		OSMO_STRLCPY_ARRAY(to->text, explain->reasons[i].text);
	}
	return true;
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

static struct explain_reason *reason_for(struct explain *explain,
					 const char *device)
{
	struct explain_reason *reason;
	size_t i;

	for (i = 0; i < explain->n_reasons; i++)
		if (strcmp(explain->reasons[i].device, device) == 0)
			return &explain->reasons[i];
	OSMO_ASSERT(explain->n_reasons < VIEW_REASONS_MAX);
	explain->reasons =
		talloc_realloc(explain, explain->reasons, struct explain_reason,
			       explain->n_reasons + 1);
	OSMO_ASSERT(explain->reasons);
	reason = &explain->reasons[explain->n_reasons++];
	memset(reason, 0, sizeof(*reason));
	OSMO_STRLCPY_ARRAY(reason->device, device);
	return reason;
}

void explain_add(struct explain *explain, const char *device, bool rang,
		 const char *fmt, ...)
{
	struct explain_reason *reason = reason_for(explain, device);
	va_list ap;

	reason->rang |= rang;
	if (reason->text)
		reason->text = talloc_strdup_append(reason->text, "; ");
	else
		reason->text = talloc_strdup(explain, "");
	va_start(ap, fmt);
	reason->text = talloc_vasprintf_append(reason->text, fmt, ap);
	va_end(ap);
	OSMO_ASSERT(reason->text);
}
