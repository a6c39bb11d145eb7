/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record.h"

#include <osmocom/core/utils.h>

#include "call.h"
#include "explain.h"
#include "extension.h"
#include "leg.h"
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

static void write_out(const struct call *call)
{
	struct row_log log = { .owner = call->from_user, .kind = LOG_OUT };

	fill(call, &log, 0);
	OSMO_STRLCPY_ARRAY(log.number, call->dialled);
	OSMO_STRLCPY_ARRAY(log.name, call->to_name);
	OSMO_STRLCPY_ARRAY(log.device, call->device);
	store_log(call->core, &log);
}

static void write_in(const struct call *call)
{
	struct row_log log = { .owner = call->to_user };

	fill(call, &log, 1);
	log.kind = call->answered ? LOG_IN : LOG_MISSED;
	if (!call->from.withheld) {
		OSMO_STRLCPY_ARRAY(log.number, call->from.number);
		OSMO_STRLCPY_ARRAY(log.name, call->from.name);
	}
	if (call->answered)
		OSMO_STRLCPY_ARRAY(log.device, call->winner_number);
	store_log(call->core, &log);
}

/* Who took an end over was called, whatever he came by. */
static void write_joined(const struct call *call, enum call_side side)
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

	if (!joiner->peer.withheld) {
		OSMO_STRLCPY_ARRAY(log.number, joiner->peer.number);
		OSMO_STRLCPY_ARRAY(log.name, joiner->peer.name);
	}
	OSMO_STRLCPY_ARRAY(log.device, joiner->device);
	store_log(call->core, &log);
}

void record_part(struct call *call, enum call_side side)
{
	if (call->joined[side].user)
		write_joined(call, side);
	else if (side == CALL_CALLER)
		write_out(call);
	else if (call->to_user && call->to_user != call->from_user)
		write_in(call);
}

void record_write(struct call *call)
{
	explain_end(call->explain, call);
	if (call->unlogged)
		return;
	record_part(call, CALL_CALLER);
	record_part(call, CALL_CALLED);
}
