/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim_world.h - a simulated base and its handsets, joined without a socket
 *
 *     hal -- sim  <== air bytes ==>  pt 0, pt 1, ...      on virtual time
 *
 * Bytes are carried at once, in order.  Nobody sleeps: sw_run() jumps from
 * one thing that is due to the next.
 */
#pragma once

#include "hal.h"
#include "sim.h"
#include "sim_pt.h"

#define SW_PTS 8

struct sim_world {
	int64_t now_ms;
	struct hal *hal;
	struct sim *sim;
	hal_base_id base;
	struct pt *pt[SW_PTS];
	sim_conn conn[SW_PTS]; /* 0: no connection */
	size_t n;
	/* called for what happened; may act */
	void (*on_hal)(struct sim_world *, const struct hal_event *, void *);
	void (*on_pt)(struct sim_world *, size_t, const struct pt_event *,
		      void *);
	void *data;
};

/* A base that is up, and @n handsets on its air. */
struct sim_world *sw_new(size_t n);
void sw_free(struct sim_world *w);
void sw_connect(struct sim_world *w, size_t i);
void sw_disconnect(struct sim_world *w, size_t i);
/* Carry bytes and events until all is quiet, at this instant. */
void sw_settle(struct sim_world *w);
/* Let @ms pass. */
void sw_run(struct sim_world *w, int64_t ms);
