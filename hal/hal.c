/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hal.c - see hal.h: the whole of it, and time */
#include "hal.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "hal_priv.h"

enum { KIND_BASE = 1, KIND_HANDSET, KIND_CALL, KIND_SUB, KIND_REQUEST };

static size_t or_else(size_t limit, size_t fallback)
{
	return limit ? limit : fallback;
}

struct hal *hal_new(void *ctx, const struct hal_limits *limits)
{
	struct hal *hal = talloc_zero(ctx, struct hal);
	struct hal_limits l = limits ? *limits : (struct hal_limits){ 0 };

	OSMO_ASSERT(hal);
	hal->limits = (struct hal_limits){
		.bases = or_else(l.bases, 16),
		.handsets = or_else(l.handsets, 512),
		.calls = or_else(l.calls, 256),
		.requests = or_else(l.requests, 256),
		.events = or_else(l.events, 4096),
		.frames = or_else(l.frames, 512),
	};
	hal_id_table_init(&hal->bases, hal, KIND_BASE, hal->limits.bases);
	hal_id_table_init(&hal->handsets, hal, KIND_HANDSET,
			  hal->limits.handsets);
	hal_id_table_init(&hal->calls, hal, KIND_CALL, hal->limits.calls);
	hal_id_table_init(&hal->subs, hal, KIND_SUB,
			  hal->limits.bases * SUBS_MAX);
	hal_id_table_init(&hal->requests, hal, KIND_REQUEST,
			  hal->limits.requests);
	INIT_LLIST_HEAD(&hal->events);
	hal->frames = talloc_array(hal, struct hal_frame, hal->limits.frames);
	OSMO_ASSERT(hal->frames);
	return hal;
}

void hal_free(struct hal *hal)
{
	struct hal_port *base;

	if (!hal)
		return;
	hal_id_for_each (&hal->bases, i, base)
		base->driver->close(base->priv, 0);
	talloc_free(hal);
}

void hal_tick(struct hal *hal, int64_t now_ms)
{
	struct hal_port *base;
	struct call *call;

	hal_id_for_each (&hal->bases, i, base)
		hal_base_tick(base, now_ms);
	hal_id_for_each (&hal->calls, i, call)
		hal_call_tick(call, now_ms);
	hal_subs_tick(hal, now_ms);
	hal_requests_tick(hal, now_ms);
}

int64_t hal_next_ms(const struct hal *hal)
{
	int64_t next = INT64_MAX;
	struct hal_port *base;
	struct request *request;
	struct call *call;
	struct sub *sub;

	hal_id_for_each (&hal->bases, i, base) {
		next = OSMO_MIN(next, base->driver->next_ms(base->priv));
		if (base->window_open)
			next = OSMO_MIN(next, base->window_end_ms);
	}
	hal_id_for_each (&hal->calls, i, call)
		next = OSMO_MIN(next, call->deadline_ms);
	hal_id_for_each (&hal->subs, i, sub)
		next = OSMO_MIN(next, sub->deadline_ms);
	hal_id_for_each (&hal->requests, i, request)
		next = OSMO_MIN(next, request->deadline_ms);
	return next;
}

void hal_counts(const struct hal *hal, struct hal_counts *ret_counts)
{
	*ret_counts = hal->counts;
	ret_counts->bases = hal->bases.used;
	ret_counts->handsets = hal->handsets.used;
	ret_counts->calls = hal->calls.used;
	ret_counts->requests = hal->requests.used;
}
