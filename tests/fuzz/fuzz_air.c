/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_air.c - any bytes on the air of a base with handsets and a call
 *
 * Handset 0 is subscribed and in a call, and must stay so whatever a
 * stranger, or a subscribed handset that has gone mad, puts on the air.
 *
 * The input is a list of steps, each an octet and what it needs:
 *
 *     0x00-0x3F  n octets of the stranger's stream, whole frames or not
 *     0x40-0x7F  n octets as one message of the network layer, from handset 1
 *     0x80-0xBF  the same, but to handset 1: the base has gone mad
 *     0xC0-0xFF  a wish of the host or a user, or time that passes
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "fuzz.h"
#include "sim.h"
#include "sim_pt.h"

#define PTS 2
#define STEPS_MAX 2000

static struct {
	int64_t now_ms;
	struct hal *hal;
	struct sim *sim;
	hal_base_id base;
	struct pt *pt[PTS];
	sim_conn conn[PTS];
	sim_conn stranger;
	hal_handset_id handset[PTS];
	size_t n_handsets;
	hal_call_id call;  /* of handset 0 */
	hal_call_id other; /* of handset 1, or 0 */
} w;

static void host(const struct hal_event *ev)
{
	static const struct hal_assignment nobody;
	hal_handset_id id;

	switch (ev->type) {
	case HAL_EV_SUB_REQUEST:
		OSMO_ASSERT(hal_sub_reply(w.hal, w.now_ms, ev->sub.id, &nobody,
					  &id) == 0);
		if (w.n_handsets < PTS)
			w.handset[w.n_handsets++] = id;
		break;
	case HAL_EV_CALL_SETUP:
		w.other = ev->call;
		break;
	case HAL_EV_CALL_ANSWERED:
		OSMO_ASSERT(hal_call_connect(w.hal, w.now_ms, ev->call, NULL) ==
			    0);
		break;
	case HAL_EV_CALL_ENDED:
		/* The neighbour's call is nobody else's to end. */
		OSMO_ASSERT(ev->call != w.call);
		OSMO_ASSERT(hal_call_release(w.hal, w.now_ms, ev->call,
					     HAL_WHY_NORMAL) == HAL_E_STALE);
		if (ev->call == w.other)
			w.other = 0;
		break;
	default:
		break;
	}
}

static bool carry_air(void)
{
	struct sim_air air;
	uint8_t buf[4096];
	bool any = false;
	size_t n;

	for (int i = 0; i < PTS; i++) {
		if (pt_next_ms(w.pt[i]) <= w.now_ms)
			pt_tick(w.pt[i], w.now_ms);
		n = w.conn[i] ? pt_next_air(w.pt[i], buf, sizeof(buf)) : 0;
		any |= n > 0;
		if (n > 0)
			sim_air_rx(w.sim, w.now_ms, w.conn[i], buf, n);
	}
	while (sim_air_next(w.sim, &air)) {
		any = true;
		for (int i = 0; i < PTS; i++) {
			if (air.conn == w.conn[i] && !air.close)
				pt_rx(w.pt[i], w.now_ms, air.data, air.len);
		}
	}
	return any;
}

static void carry(void)
{
	struct hal_event ev;
	struct pt_event seen;
	struct hal_frame frame;
	bool any = true;

	for (int turn = 0; turn < 50 && any; turn++) {
		while (hal_next_ms(w.hal) <= w.now_ms)
			hal_tick(w.hal, w.now_ms);
		any = carry_air();
		while (hal_next_event(w.hal, &ev)) {
			host(&ev);
			any = true;
		}
		for (int i = 0; i < PTS; i++) {
			while (pt_next_event(w.pt[i], &seen))
				;
		}
	}
	while (hal_audio_next(w.hal, &frame))
		;
}

static void stranger_back(void)
{
	sim_air_closed(w.sim, w.now_ms, w.stranger);
	OSMO_ASSERT(sim_air_open(w.sim, w.now_ms, &w.stranger) == 0);
}

static void message(uint8_t *frame, const uint8_t *data, size_t n, bool down)
{
	size_t len = air_write(frame, AIR_FRAME_MAX, AIR_DATA, data, n);

	if (down)
		pt_rx(w.pt[1], w.now_ms, frame, len);
	else if (sim_air_rx(w.sim, w.now_ms, w.conn[1], frame, len) < 0)
		w.conn[1] = 0;
}

static void wish(uint8_t which)
{
	struct hal_setup setup = { .party.number = "202" };
	struct hal_info info = { .text = "x", .signal = HAL_SIGNAL_CONFIRM };
	struct hal_window window = { .ac = "1" };
	hal_req_id req;

	switch (which & 0x1F) {
	case 0:
		hal_call_setup(w.hal, w.now_ms, w.handset[1], &setup, &w.other);
		break;
	case 1:
		hal_call_release(w.hal, w.now_ms, w.other, HAL_WHY_BUSY);
		break;
	case 2:
		hal_call_alerting(w.hal, w.now_ms, w.other,
				  HAL_SIGNAL_RING_BACK);
		break;
	case 3:
		hal_call_connect(w.hal, w.now_ms, w.other, &setup.party);
		break;
	case 4:
		hal_call_info(w.hal, w.now_ms, w.other, &info);
		break;
	case 5:
		pt_answer(w.pt[1], w.now_ms);
		break;
	case 6:
		pt_hangup(w.pt[1], w.now_ms);
		break;
	case 7:
		pt_dial(w.pt[1], w.now_ms, which & 0x20 ? "" : "31");
		break;
	case 8:
		pt_keys(w.pt[1], w.now_ms, "5#");
		break;
	case 9:
		pt_range(w.pt[1], w.now_ms, which & 0x20);
		break;
	case 10:
		pt_power(w.pt[1], w.now_ms, which & 0x20);
		break;
	case 11:
		pt_subscribe(w.pt[1], w.now_ms, "1");
		break;
	case 12:
		hal_sub_open(w.hal, w.now_ms, w.base, &window, &req);
		break;
	case 13:
		hal_handset_locate(w.hal, w.now_ms, w.handset[1], 5, &req);
		break;
	case 14:
		hal_handset_delete(w.hal, w.now_ms, w.handset[1], &req);
		break;
	case 15:
		hal_time_set(w.hal, w.now_ms, 1800000000, 4);
		break;
	case 16:
		pt_hold(w.pt[1], w.now_ms);
		break;
	default:
		w.now_ms += (int64_t)1 << (which & 0x0F);
		break;
	}
}

static void begin(void)
{
	struct hal_setup setup = { .party.number = "202", .wideband = true };
	struct hal_window window = { .ac = "1" };
	hal_req_id req;

	memset(&w, 0, sizeof(w));
	w.now_ms = 1000;
	w.hal = hal_new(NULL, &(struct hal_limits){ .handsets = 8,
						    .calls = 8,
						    .requests = 8,
						    .frames = 8 });
	w.sim = sim_new(w.hal,
			&(struct sim_config){ .seed = 1, .out_bytes = 8192 });
	OSMO_ASSERT(hal_base_open(w.hal, w.now_ms, "sim", &sim_driver, w.sim,
				  &w.base) == 0);
	hal_tick(w.hal, w.now_ms);
	hal_sub_open(w.hal, w.now_ms, w.base, &window, &req);
	for (int i = 0; i < PTS; i++) {
		w.pt[i] = pt_new(w.hal, &(struct pt_config){ .seed = 7 + i });
		sim_air_open(w.sim, w.now_ms, &w.conn[i]);
		pt_air_up(w.pt[i], w.now_ms);
	}
	for (int i = 0; i < PTS; i++) {
		pt_subscribe(w.pt[i], w.now_ms, "1");
		carry();
	}
	OSMO_ASSERT(w.n_handsets == PTS);
	OSMO_ASSERT(hal_call_setup(w.hal, w.now_ms, w.handset[0], &setup,
				   &w.call) == 0);
	carry();
	pt_answer(w.pt[0], w.now_ms);
	carry();
	OSMO_ASSERT(sim_air_open(w.sim, w.now_ms, &w.stranger) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t frame[AIR_FRAME_MAX];
	struct hal_call_view view;
	size_t at = 0;

	begin();
	for (int step = 0; step < STEPS_MAX && at < size; step++) {
		uint8_t what = data[at++];
		size_t n = OSMO_MIN((size_t)(what & 0x3F), size - at);

		if (what >= 0xC0) {
			wish(what);
			carry();
			continue;
		}
		if (what >= 0x40)
			message(frame, data + at, n, what >= 0x80);
		else if (sim_air_rx(w.sim, w.now_ms, w.stranger, data + at, n) <
			 0)
			stranger_back();
		at += n;
		carry();
	}
	OSMO_ASSERT(hal_call_view(w.hal, w.call, &view) == 0);
	OSMO_ASSERT(view.state == HAL_CALL_ACTIVE);
	OSMO_ASSERT(pt_call_state(w.pt[0]) == PT_TALKING);
	hal_free(w.hal);
	return 0;
}
