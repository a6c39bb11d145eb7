/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim.c - see sim.h: the driver's face, and the base's life */
#include "sim.h"

#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "sim_priv.h"

#define REMOVE_MS SIM_PAGE_MS

struct sim *sim_new(void *ctx, const struct sim_config *config)
{
	static const uint8_t none[DECT_RFPI_BYTES];
	struct sim *sim = talloc_zero(ctx, struct sim);

	OSMO_ASSERT(sim);
	sim->random.seed = config->seed;
	sim->max_conns = config->conns ? config->conns : 128;
	sim->max_out = config->out_bytes ? config->out_bytes : 65536;
	memcpy(sim->rfpi, config->rfpi, sizeof(sim->rfpi));
	if (memcmp(sim->rfpi, none, sizeof(none)) == 0) {
		sim_random(&sim->random, sim->rfpi, sizeof(sim->rfpi));
		sim->rfpi[0] &= 0x0F; /* class A, no list of SARIs */
	}
	INIT_LLIST_HEAD(&sim->radios);
	INIT_LLIST_HEAD(&sim->units);
	INIT_LLIST_HEAD(&sim->calls);
	return sim;
}

void sim_free(struct sim *sim)
{
	struct unit *unit;

	if (!sim)
		return;
	llist_for_each_entry (unit, &sim->units, entry)
		explicit_bzero(unit->uak, sizeof(unit->uak));
	explicit_bzero(&sim->window, sizeof(sim->window));
	talloc_free(sim);
}

void sim_counts(const struct sim *sim, struct sim_counts *ret_counts)
{
	struct unit *unit;

	*ret_counts = sim->counts;
	llist_for_each_entry (unit, &sim->units, entry)
		ret_counts->links += unit->link;
}

/* ---- life ---- */

static void caps(void *priv, struct hal_caps *ret_caps)
{
	const struct sim *sim = priv;

	*ret_caps = (struct hal_caps){
		.can = HAL_CAP_CALLS | HAL_CAP_HOST_KEYS | HAL_CAP_SUB_OPEN |
		       HAL_CAP_SUB_ALLOW_LIST | HAL_CAP_LOCATE | HAL_CAP_RANGE |
		       HAL_CAP_OVERLAP | HAL_CAP_KEYPAD | HAL_CAP_NAME |
		       HAL_CAP_DISPLAY | HAL_CAP_HOLD | HAL_CAP_INDICATORS |
		       HAL_CAP_TIME | HAL_CAP_WIDEBAND,
		.handsets = sim->max_conns,
		.calls = sim->max_conns,
		.window_s_min = 1,
		.window_s_max = HAL_WINDOW_S_MAX,
	};
}

static int base_open(void *priv, int64_t now_ms, struct hal_port *port)
{
	struct sim *sim = priv;

	if (sim->port)
		return HAL_E_EXIST;
	sim->port = port;
	return 0;
}

static void base_close(void *priv, int64_t now_ms)
{
	struct sim *sim = priv;
	struct radio *radio;
	struct unit *unit, *next;

	llist_for_each_entry (radio, &sim->radios, entry)
		radio->cut = true;
	llist_for_each_entry_safe (unit, next, &sim->units, entry) {
		if (unit->call) {
			llist_del(&unit->call->entry);
			talloc_free(unit->call);
			unit->call = NULL;
		}
		sim_unit_free(sim, unit);
	}
	sim->window_open = false;
	sim->started = false;
	sim->port = NULL;
}

void sim_break(struct sim *sim, int64_t now_ms, bool broken)
{
	if (!sim->started || sim->broken == broken)
		return;
	sim->broken = broken;
	sim->window_open = false;
	if (broken) {
		hal_up_state(sim->port, now_ms, HAL_DOWN);
		sim_air_cut_all(sim, now_ms);
	} else {
		hal_up_state(sim->port, now_ms, HAL_SYNCING);
		hal_up_state(sim->port, now_ms, HAL_UP);
	}
}

static void tick(void *priv, int64_t now_ms)
{
	struct sim *sim = priv;
	struct radio *radio;
	struct unit *unit, *next_unit;
	struct scall *call, *next_call;

	if (!sim->started) {
		sim->started = true;
		hal_up_state(sim->port, now_ms, HAL_SYNCING);
		hal_up_state(sim->port, now_ms, HAL_UP);
	}
	llist_for_each_entry (radio, &sim->radios, entry) {
		sim_mm_tick(sim, now_ms, radio);
		sim_air_tick(sim, now_ms, radio);
	}
	/* A unit's end takes no other unit along, a call's no other call. */
	llist_for_each_entry_safe (call, next_call, &sim->calls, entry)
		sim_cc_tick(sim, now_ms, call);
	llist_for_each_entry_safe (unit, next_unit, &sim->units, entry)
		sim_unit_tick(sim, now_ms, unit);
}

static int64_t next_ms(const void *priv)
{
	const struct sim *sim = priv;
	int64_t next = INT64_MAX;
	struct radio *radio;
	struct unit *unit;
	struct scall *call;

	if (!sim->started)
		return INT64_MIN;
	llist_for_each_entry (radio, &sim->radios, entry) {
		next = OSMO_MIN(next, sim_air_next_ms(radio));
		if (radio->mm.state != MM_IDLE)
			next = OSMO_MIN(next, radio->mm.deadline_ms);
	}
	llist_for_each_entry (unit, &sim->units, entry)
		next = OSMO_MIN(next, sim_unit_next_ms(unit));
	llist_for_each_entry (call, &sim->calls, entry) {
		if (call->deadline_ms)
			next = OSMO_MIN(next, call->deadline_ms);
	}
	return next;
}

/* ---- subscription ---- */

static int sub_open(void *priv, int64_t now_ms, hal_req_id req,
		    const struct hal_window *window)
{
	struct sim *sim = priv;

	sim->window = *window;
	sim->window_open = true;
	sim_air_beacon(sim);
	hal_up_done(sim->port, now_ms, req, 0);
	return 0;
}

static int sub_close(void *priv, int64_t now_ms, hal_req_id req)
{
	struct sim *sim = priv;

	sim->window_open = false;
	explicit_bzero(&sim->window, sizeof(sim->window));
	sim_air_beacon(sim);
	if (req)
		hal_up_done(sim->port, now_ms, req, 0);
	return 0;
}

/* ---- handsets ---- */

static int restore(void *priv, int64_t now_ms, hal_handset_id handset,
		   uint64_t ipui, const uint8_t uak[HAL_UAK_BYTES],
		   const struct hal_assignment *assignment)
{
	struct sim *sim = priv;
	struct unit *unit = sim_unit_new(sim, handset, ipui, uak);

	unit->assignment = *assignment;
	return 0;
}

static int assign(void *priv, int64_t now_ms, hal_handset_id handset,
		  const struct hal_assignment *assignment)
{
	struct sim *sim = priv;
	struct unit *unit = sim_unit_find(sim, handset);

	if (!unit)
		return HAL_E_STALE;
	unit->assignment = *assignment;
	unit->tell_assignment = true;
	sim_unit_reach(sim, now_ms, unit);
	return 0;
}

static int remove_unit(void *priv, int64_t now_ms, hal_req_id req,
		       hal_handset_id handset)
{
	struct sim *sim = priv;
	struct unit *unit = sim_unit_find(sim, handset);

	if (!unit)
		return HAL_E_STALE;
	if (unit->call)
		sim_cc_drop(sim, now_ms, unit->call->id);
	if (!unit->radio) {
		/* It finds out when it next locates. */
		sim_unit_free(sim, unit);
		hal_up_done(sim->port, now_ms, req, 0);
		return 0;
	}
	if (unit->locate_req)
		hal_up_done(sim->port, now_ms, unit->locate_req,
			    HAL_E_CANCELLED);
	unit->locate_req = 0;
	unit->locate_end_ms = 0;
	unit->removed = true;
	unit->remove_req = req;
	unit->remove_end_ms = now_ms + REMOVE_MS;
	sim_unit_reach(sim, now_ms, unit);
	return 0;
}

static int locate(void *priv, int64_t now_ms, hal_req_id req,
		  hal_handset_id handset, unsigned int seconds)
{
	struct sim *sim = priv;
	struct unit *unit = sim_unit_find(sim, handset);
	hal_req_id old;

	if (!unit || !unit->radio)
		return HAL_E_RANGE;
	old = unit->locate_req;
	unit->locate_req = req;
	unit->locate_s = seconds;
	unit->tell_locate = true;
	if (old)
		hal_up_done(sim->port, now_ms, old, HAL_E_CANCELLED);
	sim_unit_reach(sim, now_ms, unit);
	return 0;
}

static int indicate(void *priv, int64_t now_ms, hal_handset_id handset,
		    const struct hal_indicators *indicators)
{
	struct sim *sim = priv;
	struct unit *unit = sim_unit_find(sim, handset);

	if (!unit)
		return HAL_E_STALE;
	unit->indicators = *indicators;
	unit->tell_indicators = true;
	sim_unit_reach(sim, now_ms, unit);
	return 0;
}

static int time_set(void *priv, int64_t now_ms, hal_handset_id handset,
		    int64_t unix_s, int zone_quarters)
{
	struct sim *sim = priv;
	struct unit *unit = sim_unit_find(sim, handset);

	if (!unit)
		return HAL_E_STALE;
	unit->unix_s = unix_s;
	unit->unix_set_ms = now_ms;
	unit->zone_quarters = zone_quarters;
	unit->tell_time = true;
	sim_unit_reach(sim, now_ms, unit);
	return 0;
}

const struct hal_driver sim_driver = {
	.name = "sim",
	.caps = caps,
	.open = base_open,
	.close = base_close,
	.tick = tick,
	.next_ms = next_ms,
	.sub_open = sub_open,
	.sub_close = sub_close,
	.sub_reply = sim_mm_sub_reply,
	.restore = restore,
	.assign = assign,
	.remove = remove_unit,
	.locate = locate,
	.indicate = indicate,
	.time_set = time_set,
	.call_setup = sim_cc_setup,
	.call_proceeding = sim_cc_proceeding,
	.call_alerting = sim_cc_alerting,
	.call_connect = sim_cc_connect,
	.call_info = sim_cc_info,
	.call_held = sim_cc_held,
	.call_release = sim_cc_release,
	.call_drop = sim_cc_drop,
	.audio_tx = sim_cc_audio_tx,
};
