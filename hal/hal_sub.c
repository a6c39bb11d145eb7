/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hal_sub.c - the subscription window, and who waits to be let in */
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "dect_ie.h"
#include "hal_priv.h"

#define OPEN_MS 10000 /* patience for the driver */

/* ---- the window ---- */

static void tell_window(struct hal_port *base, bool open,
			enum hal_window_end end)
{
	hal_queue_event(base->hal,
			&(struct hal_event){
				.type = HAL_EV_SUB_WINDOW,
				.base = base->id,
				.window = { .open = open,
					    .seconds = base->window_s,
					    .end = end },
			});
}

int hal_sub_open(struct hal *hal, int64_t now_ms, hal_base_id id,
		 const struct hal_window *window, hal_req_id *ret_req)
{
	struct hal_port *base = hal_base_find(hal, id);
	struct hal_window asked = *window;
	struct request *request;
	struct request *old;
	hal_req_id req;
	int rc;

	if (!base)
		return HAL_E_STALE;
	if (asked.seconds == 0)
		asked.seconds = HAL_WINDOW_S_DEFAULT;
	if (strspn(asked.ac, "0123456789") != strlen(asked.ac) ||
	    asked.seconds > HAL_WINDOW_S_MAX || asked.n_allow > HAL_ALLOW_MAX)
		return HAL_E_ARG;
	if (base->caps.window_s_max &&
	    (asked.seconds < base->caps.window_s_min ||
	     asked.seconds > base->caps.window_s_max))
		return HAL_E_ARG;
	rc = hal_base_ready(base, asked.n_allow ? HAL_CAP_SUB_ALLOW_LIST
						: HAL_CAP_SUB_OPEN);
	if (rc < 0)
		return rc;
	request = hal_request_new(base, 0, now_ms + OPEN_MS);
	if (!request)
		return HAL_E_LIMIT;
	req = request->id;
	old = hal_id_find(&hal->requests, base->window_req);
	base->window_req = req;
	base->window_s = asked.seconds;
	rc = base->driver->sub_open(base->priv, now_ms, req, &asked);
	explicit_bzero(&asked, sizeof(asked));
	if (rc < 0) {
		base->window_req = old ? old->id : 0;
		hal_request_drop(hal, request);
		return rc;
	}
	if (old)
		hal_request_done(hal, old, HAL_E_CANCELLED);
	*ret_req = req;
	return 0;
}

void hal_window_opened(struct hal_port *base, int64_t now_ms, int rc)
{
	base->window_req = 0;
	if (rc < 0)
		return;
	base->window_open = true;
	base->window_end_ms = now_ms + (int64_t)base->window_s * 1000;
	base->n_wrong = 0;
	tell_window(base, true, HAL_WINDOW_ASKED);
}

void hal_window_close(struct hal_port *base, int64_t now_ms,
		      enum hal_window_end end)
{
	base->window_open = false;
	if (base->state == HAL_UP)
		base->driver->sub_close(base->priv, now_ms, 0);
	tell_window(base, false, end);
}

int hal_sub_close(struct hal *hal, int64_t now_ms, hal_base_id id,
		  hal_req_id *ret_req)
{
	struct hal_port *base = hal_base_find(hal, id);
	struct request *request;
	struct request *opening;
	hal_req_id req;
	int rc;

	if (!base)
		return HAL_E_STALE;
	rc = hal_base_ready(base, 0);
	if (rc < 0)
		return rc;
	request = hal_request_new(base, 0, now_ms + OPEN_MS);
	if (!request)
		return HAL_E_LIMIT;
	req = request->id;
	rc = base->driver->sub_close(base->priv, now_ms, req);
	if (rc < 0) {
		hal_request_drop(hal, request);
		return rc;
	}
	opening = hal_id_find(&hal->requests, base->window_req);
	if (opening) {
		base->window_req = 0;
		hal_request_done(hal, opening, HAL_E_CANCELLED);
	}
	if (base->window_open) {
		base->window_open = false;
		tell_window(base, false, HAL_WINDOW_ASKED);
	}
	*ret_req = req;
	return 0;
}

void hal_window_tick(struct hal_port *base, int64_t now_ms)
{
	if (base->window_open && base->window_end_ms <= now_ms)
		hal_window_close(base, now_ms, HAL_WINDOW_TIME);
}

/* T173: five within ten minutes. */
static void wrong_code(struct hal_port *base, int64_t now_ms)
{
	base->hal->counts.wrong_codes++;
	memmove(base->wrong_ms + 1, base->wrong_ms,
		sizeof(base->wrong_ms) - sizeof(base->wrong_ms[0]));
	base->wrong_ms[0] = now_ms;
	if (base->n_wrong < HAL_WRONG_CODES_MAX)
		base->n_wrong++;
	if (base->window_open && base->n_wrong == HAL_WRONG_CODES_MAX &&
	    now_ms - base->wrong_ms[HAL_WRONG_CODES_MAX - 1] <=
		    HAL_WRONG_CODES_MS)
		hal_window_close(base, now_ms, HAL_WINDOW_WRONG_CODES);
}

static void tell_failed(struct hal_port *base, hal_sub_id sub, uint64_t ipui,
			uint8_t reason)
{
	hal_queue_event(
		base->hal,
		&(struct hal_event){
			.type = HAL_EV_SUB_FAILED,
			.base = base->id,
			.sub = { .id = sub, .ipui = ipui, .reason = reason },
		});
}

void hal_up_sub_failed(struct hal_port *base, int64_t now_ms, uint64_t ipui,
		       uint8_t reason)
{
	if (hal_queue_full(base->hal))
		base->hal->counts.refused++;
	else
		tell_failed(base, 0, ipui, reason);
	if (reason == DECT_REJECT_AUTH_FAILED)
		wrong_code(base, now_ms);
}

/* ---- who waits ---- */

static void sub_free(struct hal *hal, struct sub *sub)
{
	hal_id_remove(&hal->subs, sub->id);
	explicit_bzero(sub->uak, sizeof(sub->uak));
	talloc_free(sub);
}

int hal_up_sub_request(struct hal_port *base, int64_t now_ms,
		       const struct hal_candidate *candidate,
		       hal_sub_id *ret_sub)
{
	struct hal *hal = base->hal;
	struct handset *known = hal_handset_by_ipui(hal, base, candidate->ipui);
	struct hal_event event = { .type = HAL_EV_SUB_REQUEST };
	struct sub *sub;

	if (hal_queue_full(hal) ||
	    (!known && hal->handsets.used == hal->handsets.size)) {
		hal->counts.refused++;
		return HAL_E_LIMIT;
	}
	sub = talloc_zero(hal, struct sub);
	OSMO_ASSERT(sub);
	sub->id = hal_id_add(&hal->subs, sub);
	if (!sub->id) {
		talloc_free(sub);
		hal->counts.refused++;
		return HAL_E_LIMIT;
	}
	sub->base = base;
	sub->ipui = candidate->ipui;
	sub->wideband = candidate->wideband;
	sub->deadline_ms = now_ms + HAL_SUB_REPLY_MS;
	memcpy(sub->uak, candidate->uak, sizeof(sub->uak));
	event.base = base->id;
	event.handset = known ? known->id : 0;
	event.sub.id = sub->id;
	event.sub.ipui = sub->ipui;
	event.sub.emc = candidate->emc;
	event.sub.model = candidate->model;
	memcpy(event.sub.uak, sub->uak, sizeof(sub->uak));
	hal_queue_event(hal, &event);
	explicit_bzero(&event, sizeof(event));
	*ret_sub = sub->id;
	return 0;
}

int hal_sub_reply(struct hal *hal, int64_t now_ms, hal_sub_id id,
		  const struct hal_assignment *accept,
		  hal_handset_id *ret_handset)
{
	struct sub *sub = hal_id_find(&hal->subs, id);
	struct handset *handset;
	struct hal_port *base;

	if (!sub) {
		hal->counts.stale++;
		return HAL_E_STALE;
	}
	base = sub->base;
	if (!accept) {
		sub_free(hal, sub);
		base->driver->sub_reply(base->priv, now_ms, id, NULL,
					DECT_REJECT_IPUI_NOT_ACCEPTED);
		return 0;
	}
	handset = hal_handset_by_ipui(hal, base, sub->ipui);
	if (handset) {
		if (handset->call)
			hal_call_cut(handset->call, now_ms,
				     HAL_WHY_UNREACHABLE);
		hal_handset_presence(handset, now_ms, HAL_DETACHED);
	} else {
		handset = hal_handset_new(base, sub->ipui);
		if (!handset)
			return HAL_E_LIMIT;
		handset->presence = HAL_DETACHED;
	}
	handset->wideband = sub->wideband;
	handset->confirmed = true;
	hal_handset_set(handset, accept);
	*ret_handset = handset->id;
	base->driver->sub_reply(base->priv, now_ms, id,
				&(struct hal_admitted){
					.handset = handset->id,
					.ipui = sub->ipui,
					.uak = sub->uak,
					.assignment = &handset->assignment,
				},
				0);
	sub_free(hal, sub);
	return 0;
}

void hal_subs_tick(struct hal *hal, int64_t now_ms)
{
	struct sub *sub;

	hal_id_for_each (&hal->subs, i, sub) {
		struct hal_port *base = sub->base;
		hal_sub_id id = sub->id;

		if (sub->deadline_ms > now_ms)
			continue;
		tell_failed(base, id, sub->ipui, DECT_REJECT_OVERLOAD);
		sub_free(hal, sub);
		base->driver->sub_reply(base->priv, now_ms, id, NULL,
					DECT_REJECT_OVERLOAD);
	}
}

void hal_subs_fail(struct hal_port *base)
{
	struct sub *sub;

	hal_id_for_each (&base->hal->subs, i, sub) {
		if (sub->base != base)
			continue;
		tell_failed(base, sub->id, sub->ipui, DECT_REJECT_OVERLOAD);
		sub_free(base->hal, sub);
	}
}
