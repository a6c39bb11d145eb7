/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim_world.c - see sim_world.h */
#include "sim_world.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

struct sim_world *sw_new(size_t n)
{
	struct sim_world *w = talloc_zero(NULL, struct sim_world);

	OSMO_ASSERT(n <= SW_PTS);
	w->now_ms = 1000;
	w->n = n;
	w->hal = hal_new(w, NULL);
	w->sim = sim_new(w, &(struct sim_config){ .seed = 4711 });
	OSMO_ASSERT(hal_base_open(w->hal, w->now_ms, "sim", &sim_driver, w->sim,
				  &w->base) == 0);
	sw_settle(w);
	for (size_t i = 0; i < n; i++) {
		w->pt[i] = pt_new(w, &(struct pt_config){ .seed = 100 + i });
		sw_connect(w, i);
	}
	sw_settle(w);
	return w;
}

void sw_free(struct sim_world *w)
{
	hal_free(w->hal);
	talloc_free(w);
}

void sw_connect(struct sim_world *w, size_t i)
{
	if (sim_air_open(w->sim, w->now_ms, &w->conn[i]) < 0)
		return;
	pt_air_up(w->pt[i], w->now_ms);
}

void sw_disconnect(struct sim_world *w, size_t i)
{
	sim_air_closed(w->sim, w->now_ms, w->conn[i]);
	w->conn[i] = 0;
	pt_air_down(w->pt[i], w->now_ms);
}

static bool carry_up(struct sim_world *w)
{
	uint8_t buf[4096];
	bool any = false;

	for (size_t i = 0; i < w->n; i++) {
		size_t n;

		if (!w->pt[i] || !w->conn[i])
			continue;
		n = pt_next_air(w->pt[i], buf, sizeof(buf));
		if (n == 0)
			continue;
		any = true;
		if (sim_air_rx(w->sim, w->now_ms, w->conn[i], buf, n) < 0) {
			w->conn[i] = 0;
			pt_air_down(w->pt[i], w->now_ms);
		}
	}
	return any;
}

static bool carry_down(struct sim_world *w)
{
	struct sim_air air;
	bool any = false;

	while (sim_air_next(w->sim, &air)) {
		any = true;
		for (size_t i = 0; i < w->n; i++) {
			if (w->conn[i] != air.conn)
				continue;
			if (!air.close &&
			    pt_rx(w->pt[i], w->now_ms, air.data, air.len) == 0)
				continue;
			w->conn[i] = 0;
			pt_air_down(w->pt[i], w->now_ms);
			break;
		}
	}
	return any;
}

static bool tell(struct sim_world *w)
{
	struct hal_event hal_event;
	struct pt_event pt_event;
	bool any = false;

	while (hal_next_event(w->hal, &hal_event)) {
		any = true;
		if (w->on_hal)
			w->on_hal(w, &hal_event, w->data);
	}
	for (size_t i = 0; i < w->n; i++) {
		while (w->pt[i] && pt_next_event(w->pt[i], &pt_event)) {
			any = true;
			if (w->on_pt)
				w->on_pt(w, i, &pt_event, w->data);
		}
	}
	return any;
}

void sw_settle(struct sim_world *w)
{
	bool any;

	do {
		any = false;
		while (hal_next_ms(w->hal) <= w->now_ms) {
			hal_tick(w->hal, w->now_ms);
			any = true;
		}
		for (size_t i = 0; i < w->n; i++) {
			if (w->pt[i] && pt_next_ms(w->pt[i]) <= w->now_ms)
				pt_tick(w->pt[i], w->now_ms);
		}
		any |= carry_up(w);
		any |= carry_down(w);
		any |= tell(w);
	} while (any);
}

void sw_run(struct sim_world *w, int64_t ms)
{
	int64_t end = w->now_ms + ms;

	sw_settle(w);
	while (w->now_ms < end) {
		int64_t next = OSMO_MIN(end, hal_next_ms(w->hal));

		for (size_t i = 0; i < w->n; i++) {
			if (w->pt[i])
				next = OSMO_MIN(next, pt_next_ms(w->pt[i]));
		}
		w->now_ms = next;
		sw_settle(w);
	}
}
