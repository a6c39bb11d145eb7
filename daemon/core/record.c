/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "call.h"
#include "explain.h"
#include "extension.h"
#include "leg.h"
#include "setting.h"
#include "store.h"

const char *record_outcome(const struct call *call, int incoming)
{
	static const struct {
		const char *out, *in;
	} unanswered[_NUM_CAUSE] = {
		[CAUSE_CANCELLED] = { "cancelled", "missed" },
		[CAUSE_BUSY] = { "busy", "busy" },
		[CAUSE_REJECTED] = { "rejected", "rejected" },
		[CAUSE_NO_ANSWER] = { "no_answer", "missed" },
		[CAUSE_UNREACHABLE] = { "no_answer", "missed" },
	};

	if (call->answered)
		return "answered";
	if (!unanswered[call->cause].out)
		return incoming ? "missed" : "failed";
	return incoming ? unanswered[call->cause].in
			: unanswered[call->cause].out;
}

static void fill(const struct call *call, struct row_log *log, int incoming)
{
	int64_t end_ms = call->core->now_ms;
	int64_t ring_end_ms = call->answered ? call->answer_ms : end_ms;

	log->call = call->entry.id;
	log->time_ms = call->start_wall_ms;
	log->cause = call->cause;
	log->ring_ms = ring_end_ms - call->start_ms;
	if (call->answered)
		log->talk_ms = end_ms - call->answer_ms;
	OSMO_STRLCPY_ARRAY(log->outcome, record_outcome(call, incoming));
}

/* NULL if this user wants no log (T92). */
static const struct extension *owner_of(const struct call *call, ext_id id)
{
	const struct extension *owner = extension_by_id(call->core, id);

	return owner && setting_bool(owner, SETTING_CENTRAL_LOG) ? owner : NULL;
}

/* One row a call and user (T78): who left and has come back has it already. */
static bool is_first(struct call *call, ext_id user)
{
	size_t n = call->recorded ? talloc_array_length(call->recorded) : 0;

	for (size_t i = 0; i < n; i++)
		if (call->recorded[i] == user)
			return false;
	call->recorded = talloc_realloc(call, call->recorded, ext_id, n + 1);
	OSMO_ASSERT(call->recorded);
	call->recorded[n] = user;
	return true;
}

static void put(struct call *call, const struct row_log *log)
{
	if (is_first(call, log->owner))
		store_log(call->core, log);
}

static void write_out(struct call *call)
{
	struct row_log log = { .owner = call->from_user, .kind = LOG_OUT };
	const struct extension *called = NULL;

	if (!owner_of(call, call->from_user))
		return;
	if (call->way.n)
		called = extension_by_id(call->core, call->way.stops[0].user);
	fill(call, &log, 0);
	OSMO_STRLCPY_ARRAY(log.number, call->dialled);
	if (called)
		OSMO_STRLCPY_ARRAY(log.name, called->row.name);
	OSMO_STRLCPY_ARRAY(log.device, call->device);
	put(call, &log);
}

/* The stop at which the call was answered, or ended. */
static void write_in(struct call *call, ext_id id)
{
	struct row_log log = { .owner = id };

	fill(call, &log, 1);
	log.kind = call->answered ? LOG_IN : LOG_MISSED;
	if (!call->from.withheld) {
		OSMO_STRLCPY_ARRAY(log.number, call->from.number);
		OSMO_STRLCPY_ARRAY(log.name, call->from.name);
	}
	if (call->answered)
		OSMO_STRLCPY_ARRAY(log.device, call->winner_number);
	put(call, &log);
}

/* Who took an end over was called, whatever he came by. */
static void write_joined(struct call *call, enum call_side side)
{
	const struct call_joiner *joiner = &call->joined[side];
	struct row_log log = {
		.owner = joiner->user,
		.kind = LOG_IN,
		.call = call->entry.id,
		.time_ms = joiner->start_wall_ms,
		.cause = call->cause,
		.talk_ms = call->core->now_ms - joiner->start_ms,
		.outcome = "answered",
	};

	if (!owner_of(call, joiner->user))
		return;
	if (!joiner->peer.withheld) {
		OSMO_STRLCPY_ARRAY(log.number, joiner->peer.number);
		OSMO_STRLCPY_ARRAY(log.name, joiner->peer.name);
	}
	OSMO_STRLCPY_ARRAY(log.device, joiner->device);
	put(call, &log);
}

/* A stop that the call has left, and then somebody else answered. */
static void write_missed(struct call *call, ext_id id, const char *outcome)
{
	struct row_log log = { .owner = id, .kind = LOG_MISSED };

	fill(call, &log, 1);
	log.talk_ms = 0;
	if (!call->from.withheld) {
		OSMO_STRLCPY_ARRAY(log.number, call->from.number);
		OSMO_STRLCPY_ARRAY(log.name, call->from.name);
	}
	OSMO_STRLCPY_ARRAY(log.outcome, outcome);
	put(call, &log);
}

/*
 * T85, T87: what a user finds of a call that went on.  Forwarded because busy
 * or not answered: missed, and by whom it was answered.  Forwarded without
 * condition: nothing, unless it was to a mailbox.  Into the own mailbox:
 * nothing, unless log_missed_answered_elsewhere.
 */
static void write_stop(struct call *call, size_t i)
{
	const struct stop *stop = &call->way.stops[i];
	const struct extension *owner = owner_of(call, stop->user);
	bool last = i + 1 == call->way.n;
	bool mailbox = call->way.to_mailbox;

	if (!owner || stop->user == call->from_user)
		return;
	if (last && mailbox && call->answered) {
		if (stop->left == DIVERT_UNCONDITIONAL || i > 0 ||
		    setting_bool(owner, SETTING_LOG_MISSED_ANSWERED_ELSEWHERE))
			write_missed(call, stop->user, "voicemail");
	} else if (last) {
		write_in(call, stop->user);
	} else if (stop->left == DIVERT_UNCONDITIONAL) {
		if (mailbox && call->answered)
			write_missed(call, stop->user, "voicemail");
	} else if (call->answered) {
		write_missed(call, stop->user,
			     mailbox ? "voicemail" : "forwarded");
	} else {
		write_in(call, stop->user);
	}
}

void record_part(struct call *call, enum call_side side)
{
	size_t i;

	if (call->joined[side].user)
		write_joined(call, side);
	else if (side == CALL_CALLER)
		write_out(call);
	else
		for (i = 0; i < call->way.n; i++)
			write_stop(call, i);
}

void record_write(struct call *call)
{
	explain_end(call->explain, call);
	if (call->unlogged)
		return;
	record_part(call, CALL_CALLER);
	record_part(call, CALL_CALLED);
}
