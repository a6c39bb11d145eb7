/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim_link.c - subscribed handsets, and how to get hold of one
 *
 *     nothing to say <----------------------- told, no call
 *          |                                       |
 *          | page, each second       PAGE-RESPONSE |
 *          +-----------------> PAGING ----------> LINK
 *                                | 5 s             | out of range 5 s
 *                                +----> LOST <-----+
 */
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "sim_priv.h"

/* Connectionless supplementary services have this transaction value. */
#define CISS_TV 6

struct unit *sim_unit_find(struct sim *sim, hal_handset_id id)
{
	struct unit *unit;

	llist_for_each_entry (unit, &sim->units, entry) {
		if (unit->id == id && !unit->removed)
			return unit;
	}
	return NULL;
}

struct unit *sim_unit_by_ipui(struct sim *sim, uint64_t ipui)
{
	struct unit *unit;

	llist_for_each_entry (unit, &sim->units, entry) {
		if (unit->ipui == ipui && !unit->removed)
			return unit;
	}
	return NULL;
}

struct unit *sim_unit_new(struct sim *sim, hal_handset_id id, uint64_t ipui,
			  const uint8_t uak[SIM_KEY_BYTES])
{
	struct unit *unit = talloc_zero(sim, struct unit);

	OSMO_ASSERT(unit);
	unit->id = id;
	unit->ipui = ipui;
	memcpy(unit->uak, uak, sizeof(unit->uak));
	llist_add_tail(&unit->entry, &sim->units);
	return unit;
}

void sim_unit_free(struct sim *sim, struct unit *unit)
{
	if (unit->radio)
		unit->radio->unit = NULL;
	OSMO_ASSERT(!unit->call);
	llist_del(&unit->entry);
	explicit_bzero(unit->uak, sizeof(unit->uak));
	talloc_free(unit);
}

void sim_unit_link_idle(struct unit *unit)
{
	if (unit->call)
		return;
	unit->link = false;
	unit->lost_ms = 0;
}

void sim_unit_bind(struct sim *sim, int64_t now_ms, struct unit *unit,
		   struct radio *radio)
{
	if (radio->unit && radio->unit != unit)
		sim_unit_lost(sim, now_ms, radio->unit);
	if (unit->radio && unit->radio != radio)
		unit->radio->unit = NULL;
	unit->radio = radio;
	radio->unit = unit;
}

/* A removed one has been told, or cannot be. */
static void removal_done(struct sim *sim, int64_t now_ms, struct unit *unit)
{
	hal_up_done(sim->port, now_ms, unit->remove_req, 0);
	sim_unit_free(sim, unit);
}

static void stop_waiting(struct sim *sim, int64_t now_ms, struct unit *unit)
{
	hal_req_id req = unit->locate_req;

	unit->page_end_ms = 0;
	unit->link = false;
	unit->lost_ms = 0;
	unit->locate_req = 0;
	unit->locate_end_ms = 0;
	unit->tell_locate = false;
	if (req)
		hal_up_done(sim->port, now_ms, req, HAL_E_RANGE);
}

void sim_unit_lost(struct sim *sim, int64_t now_ms, struct unit *unit)
{
	if (unit->radio)
		unit->radio->unit = NULL;
	unit->radio = NULL;
	stop_waiting(sim, now_ms, unit);
	if (unit->removed) {
		removal_done(sim, now_ms, unit);
		return;
	}
	/* The hal core ends its call. */
	hal_up_presence(sim->port, now_ms, unit->id, HAL_LOST);
}

/* ---- paging ---- */

static void page(struct sim *sim, int64_t now_ms, struct unit *unit)
{
	uint8_t data[AIR_PAGE_SIZE];
	struct radio *radio;

	dect_put40(data, unit->ipui);
	data[0] |= AIR_PAGE_HEADER;
	sim->counts.pages++;
	unit->page_next_ms = now_ms + SIM_PAGE_REPEAT_MS;
	llist_for_each_entry (radio, &sim->radios, entry)
		sim_air_send(sim, radio, AIR_PAGE, data, sizeof(data));
}

void sim_unit_reach(struct sim *sim, int64_t now_ms, struct unit *unit)
{
	if (unit->link) {
		sim_unit_deliver(sim, now_ms, unit);
	} else if (unit->radio && unit->page_end_ms == 0) {
		unit->page_end_ms = now_ms + SIM_PAGE_MS;
		page(sim, now_ms, unit);
	}
}

static void page_lost(struct sim *sim, int64_t now_ms, struct unit *unit)
{
	sim->counts.pages_lost++;
	unit->page_end_ms = 0;
	if (unit->call && unit->call->phase == CALL_PAGING)
		sim_cc_ended(sim, now_ms, unit->call,
			     DECT_REL_USER_NOT_IN_RANGE);
	sim_unit_lost(sim, now_ms, unit);
}

void sim_link_rx(struct sim *sim, int64_t now_ms, struct radio *radio,
		 const struct dect_msg *msg)
{
	struct unit *unit = radio->unit;
	uint64_t ipui;

	if (msg->type != DECT_LCE_PAGE_RESPONSE) {
		sim->counts.unknown_message++;
		return;
	}
	if (dect_get_portable_identity(
		    dect_msg_find(msg, DECT_IE_PORTABLE_IDENTITY), &ipui) < 0) {
		sim->counts.missing_ie++;
		return;
	}
	if (!unit || unit->ipui != ipui || unit->page_end_ms == 0) {
		sim->counts.unexpected++;
		return;
	}
	unit->page_end_ms = 0;
	unit->link = true;
	sim_unit_deliver(sim, now_ms, unit);
}

/* ---- telling ---- */

void sim_put_assignment(struct dect_writer *w, const struct unit *unit)
{
	const struct hal_assignment *a = &unit->assignment;
	uint8_t marks = (a->twin ? 1 : 0) | (unit->indicators.dnd ? 2 : 0);
	struct dect_own own = { .n = 0 };

	dect_own_add(&own, DECT_OWN_NUMBER, a->number, strlen(a->number));
	dect_own_add(&own, DECT_OWN_NAME, a->name, strlen(a->name));
	dect_own_add(&own, DECT_OWN_MARKS, &marks, 1);
	dect_put_own(w, &own);
}

static void facility(struct sim *sim, int64_t now_ms, struct unit *unit)
{
	struct dect_notice notices[2] = {
		{ DECT_EVENT_MESSAGES, 1, unit->indicators.messages },
		{ DECT_EVENT_MISSED, 2, unit->indicators.missed },
	};
	struct dect_writer w;

	dect_begin(&w, DECT_CISS, CISS_TV, false, DECT_CISS_FACILITY);
	if (unit->tell_time)
		dect_put_time(
			&w, unit->unix_s + (now_ms - unit->unix_set_ms) / 1000,
			unit->zone_quarters);
	if (unit->tell_assignment || unit->tell_indicators)
		sim_put_assignment(&w, unit);
	if (unit->tell_indicators)
		dect_put_events(&w, notices, 2);
	if (unit->tell_locate)
		dect_put_double(&w, DECT_IE_SIGNAL,
				unit->locate_s ? HAL_SIGNAL_ALERT_CONTINUOUS
					       : HAL_SIGNAL_ALERT_OFF);
	sim_air_message(sim, unit->radio, &w);
}

static void terminate(struct sim *sim, struct unit *unit)
{
	struct dect_writer w;

	dect_begin(&w, DECT_MM, 0, false, DECT_MM_TERMINATE_REQUEST);
	dect_put_portable_identity(&w, unit->ipui);
	dect_put_fixed_identity(&w, sim->rfpi);
	sim_air_message(sim, unit->radio, &w);
}

void sim_unit_deliver(struct sim *sim, int64_t now_ms, struct unit *unit)
{
	hal_req_id req = unit->locate_req;

	if (unit->removed) {
		terminate(sim, unit);
		return;
	}
	if (unit->tell_time || unit->tell_assignment || unit->tell_indicators ||
	    unit->tell_locate)
		facility(sim, now_ms, unit);
	if (unit->tell_locate) {
		unit->locate_end_ms =
			unit->locate_s ? now_ms + (int64_t)unit->locate_s * 1000
				       : 0;
		unit->locate_req = 0;
	}
	unit->tell_time = false;
	unit->tell_assignment = false;
	unit->tell_indicators = false;
	unit->tell_locate = false;
	if (unit->call && unit->call->phase == CALL_PAGING)
		sim_cc_present(sim, unit->call);
	sim_unit_link_idle(unit);
	if (req)
		hal_up_done(sim->port, now_ms, req, 0);
}

/* ---- time ---- */

void sim_unit_tick(struct sim *sim, int64_t now_ms, struct unit *unit)
{
	if (unit->removed && unit->remove_end_ms <= now_ms) {
		removal_done(sim, now_ms, unit);
		return;
	}
	if (unit->lost_ms && unit->lost_ms <= now_ms) {
		sim_unit_lost(sim, now_ms, unit);
		return;
	}
	if (unit->page_end_ms && unit->page_end_ms <= now_ms) {
		page_lost(sim, now_ms, unit);
		return;
	}
	if (unit->page_end_ms && unit->page_next_ms <= now_ms)
		page(sim, now_ms, unit);
	if (unit->locate_end_ms && unit->locate_end_ms <= now_ms) {
		unit->locate_end_ms = 0;
		unit->locate_s = 0;
		unit->tell_locate = true;
		sim_unit_reach(sim, now_ms, unit);
	}
}

int64_t sim_unit_next_ms(const struct unit *unit)
{
	int64_t next = INT64_MAX;

	if (unit->removed)
		next = unit->remove_end_ms;
	if (unit->lost_ms)
		next = OSMO_MIN(next, unit->lost_ms);
	if (unit->page_end_ms)
		next = OSMO_MIN(
			next, OSMO_MIN(unit->page_end_ms, unit->page_next_ms));
	if (unit->locate_end_ms)
		next = OSMO_MIN(next, unit->locate_end_ms);
	return next;
}
