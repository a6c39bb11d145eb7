/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hal_queue.c - what the host has not read yet, and what it was promised */
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "hal_priv.h"

struct queued {
	struct llist_head entry;
	struct hal_event event;
};

/*
 * What must never be lost (states, ends, promises kept) is always queued:
 * there is at most one of each kind for every live thing, and things are
 * limited.  Whatever would let a handset add more asks hal_queue_full() first.
 */
void hal_queue_event(struct hal *hal, const struct hal_event *event)
{
	struct queued *queued = talloc(hal, struct queued);

	OSMO_ASSERT(queued);
	queued->event = *event;
	llist_add_tail(&queued->entry, &hal->events);
	hal->n_events++;
	hal->counts.events++;
}

bool hal_queue_full(const struct hal *hal)
{
	return hal->n_events >= hal->limits.events;
}

bool hal_next_event(struct hal *hal, struct hal_event *ret_event)
{
	struct queued *queued;

	if (llist_empty(&hal->events))
		return false;
	queued = llist_first_entry(&hal->events, struct queued, entry);
	*ret_event = queued->event;
	llist_del(&queued->entry);
	hal->n_events--;
	/* A key may be in it. */
	explicit_bzero(&queued->event, sizeof(queued->event));
	talloc_free(queued);
	return true;
}

/* ---- requests ---- */

struct request *hal_request_new(struct hal_port *base, hal_handset_id handset,
				int64_t deadline_ms)
{
	struct hal *hal = base->hal;
	struct request *request = talloc_zero(hal, struct request);

	OSMO_ASSERT(request);
	request->base = base;
	request->handset = handset;
	request->deadline_ms = deadline_ms;
	request->id = hal_id_add(&hal->requests, request);
	if (!request->id) {
		talloc_free(request);
		return NULL;
	}
	return request;
}

void hal_request_drop(struct hal *hal, struct request *request)
{
	hal_id_remove(&hal->requests, request->id);
	talloc_free(request);
}

void hal_request_done(struct hal *hal, struct request *request, int rc)
{
	hal_queue_event(hal, &(struct hal_event){
				     .type = HAL_EV_DONE,
				     .base = request->base->id,
				     .handset = request->handset,
				     .done = { .req = request->id, .rc = rc },
			     });
	hal_request_drop(hal, request);
}

void hal_requests_fail(struct hal_port *base, int rc)
{
	struct request *request;

	hal_id_for_each (&base->hal->requests, i, request) {
		if (request->base == base)
			hal_request_done(base->hal, request, rc);
	}
}

void hal_requests_tick(struct hal *hal, int64_t now_ms)
{
	struct request *request;

	hal_id_for_each (&hal->requests, i, request) {
		struct hal_port *base = request->base;

		if (request->deadline_ms > now_ms)
			continue;
		if (base->window_req == request->id)
			hal_window_opened(base, now_ms, HAL_E_TIMEOUT);
		hal_request_done(hal, request, HAL_E_TIMEOUT);
	}
}

void hal_up_done(struct hal_port *port, int64_t now_ms, hal_req_id req, int rc)
{
	struct hal *hal = port->hal;
	struct request *request = hal_id_find(&hal->requests, req);

	if (!request || request->base != port) {
		hal->counts.wrong_state++;
		return;
	}
	if (port->window_req == req)
		hal_window_opened(port, now_ms, rc);
	hal_request_done(hal, request, rc);
}

/* ---- audio ---- */

/* In these states the talk path may be open: tones and early media for who
 * calls, talk for both. */
static bool sounds(const struct call *call)
{
	switch (call->state) {
	case HAL_CALL_OVERLAP:
	case HAL_CALL_INITIATED:
	case HAL_CALL_DELIVERED:
	case HAL_CALL_CONNECTING:
	case HAL_CALL_ACTIVE:
		return true;
	default:
		return false;
	}
}

int hal_audio_tx(struct hal *hal, int64_t now_ms, hal_call_id id,
		 const int16_t *pcm, size_t samples)
{
	struct call *call = hal_id_find(&hal->calls, id);

	if (!call) {
		hal->counts.stale++;
		return HAL_E_STALE;
	}
	if (!call->base->driver->audio_tx)
		return HAL_E_NOTSUP;
	if (samples != call->rate_hz / 1000 * HAL_FRAME_MS)
		return HAL_E_ARG;
	if (!sounds(call))
		return HAL_E_STATE;
	return call->base->driver->audio_tx(call->base->priv, now_ms, id, pcm,
					    samples);
}

void hal_up_audio(struct hal_port *port, int64_t now_ms, hal_call_id id,
		  const int16_t *pcm, size_t samples)
{
	struct hal *hal = port->hal;
	struct call *call = hal_id_find(&hal->calls, id);
	struct hal_frame *frame;

	if (!call || call->base != port || !sounds(call) ||
	    samples != call->rate_hz / 1000 * HAL_FRAME_MS) {
		hal->counts.frames_dropped++;
		return;
	}
	if (hal->n_frames == hal->limits.frames) {
		hal->frame_first = (hal->frame_first + 1) % hal->limits.frames;
		hal->n_frames--;
		hal->counts.frames_dropped++;
	}
	frame = &hal->frames[(hal->frame_first + hal->n_frames) %
			     hal->limits.frames];
	frame->call = id;
	frame->samples = samples;
	memcpy(frame->pcm, pcm, samples * sizeof(*pcm));
	hal->n_frames++;
}

bool hal_audio_next(struct hal *hal, struct hal_frame *ret_frame)
{
	while (hal->n_frames > 0) {
		const struct hal_frame *frame = &hal->frames[hal->frame_first];

		hal->frame_first = (hal->frame_first + 1) % hal->limits.frames;
		hal->n_frames--;
		if (!hal_id_find(&hal->calls, frame->call))
			continue; /* it has ended since */
		*ret_frame = *frame;
		return true;
	}
	return false;
}
