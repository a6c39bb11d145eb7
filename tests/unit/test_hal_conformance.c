/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_hal_conformance.c - the drivers, each asked what hal.h promises */
#include <stdlib.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "conformance.h"
#include "sim.h"
#include "sim_pt.h"

/* ---- the simulated base ---- */

struct sim_rig {
	struct sim *sim;
	struct pt *pt[RIG_HANDSETS];
	sim_conn conn[RIG_HANDSETS];
};

static void *make(void *ctx, struct hal *hal, int64_t now_ms,
		  hal_base_id *ret_base)
{
	struct sim_rig *r = talloc_zero(ctx, struct sim_rig);

	r->sim = sim_new(r, &(struct sim_config){ .seed = 1 });
	ck_assert_int_eq(hal_base_open(hal, now_ms, "sim", &sim_driver, r->sim,
				       ret_base),
			 0);
	for (int i = 0; i < RIG_HANDSETS; i++)
		r->pt[i] = pt_new(r, &(struct pt_config){ .seed = 10 + i });
	return r;
}

static void lost(struct sim_rig *r, int64_t now_ms, int i)
{
	r->conn[i] = 0;
	pt_air_down(r->pt[i], now_ms);
}

static bool carry_up(struct sim_rig *r, int64_t now_ms, int i)
{
	uint8_t buf[4096];
	size_t n;

	if (!r->conn[i]) {
		if (sim_air_open(r->sim, now_ms, &r->conn[i]) < 0)
			return false;
		pt_air_up(r->pt[i], now_ms);
	}
	n = pt_next_air(r->pt[i], buf, sizeof(buf));
	if (n > 0 && sim_air_rx(r->sim, now_ms, r->conn[i], buf, n) < 0)
		lost(r, now_ms, i);
	return n > 0;
}

static bool step(void *world, int64_t now_ms)
{
	struct sim_rig *r = world;
	struct pt_event event;
	struct sim_air air;
	bool any = false;

	for (int i = 0; i < RIG_HANDSETS; i++) {
		if (pt_next_ms(r->pt[i]) <= now_ms)
			pt_tick(r->pt[i], now_ms);
		any |= carry_up(r, now_ms, i);
	}
	while (sim_air_next(r->sim, &air)) {
		any = true;
		for (int i = 0; i < RIG_HANDSETS; i++) {
			if (air.conn != r->conn[i])
				continue;
			if (air.close ||
			    pt_rx(r->pt[i], now_ms, air.data, air.len) < 0)
				lost(r, now_ms, i);
		}
	}
	for (int i = 0; i < RIG_HANDSETS; i++) {
		while (pt_next_event(r->pt[i], &event))
			;
	}
	return any;
}

static int64_t next_ms(const void *world)
{
	const struct sim_rig *r = world;

	return OSMO_MIN(pt_next_ms(r->pt[0]), pt_next_ms(r->pt[1]));
}

static void break_link(void *world, int64_t now_ms, bool broken)
{
	sim_break(((struct sim_rig *)world)->sim, now_ms, broken);
}

static struct pt *pt(const void *world, int i)
{
	return ((const struct sim_rig *)world)->pt[i];
}

static void subscribe(void *world, int64_t now_ms, int i, const char *ac)
{
	ck_assert_int_eq(pt_subscribe(pt(world, i), now_ms, ac), 0);
}

static void power(void *world, int64_t now_ms, int i, bool on)
{
	pt_power(pt(world, i), now_ms, on);
}

static void range(void *world, int64_t now_ms, int i, bool in)
{
	pt_range(pt(world, i), now_ms, in);
}

static void dial(void *world, int64_t now_ms, int i, const char *number)
{
	ck_assert_int_eq(pt_dial(pt(world, i), now_ms, number), 0);
}

static void answer(void *world, int64_t now_ms, int i)
{
	pt_answer(pt(world, i), now_ms);
}

static void reject(void *world, int64_t now_ms, int i)
{
	pt_reject(pt(world, i), now_ms);
}

static void hang_up(void *world, int64_t now_ms, int i)
{
	pt_hangup(pt(world, i), now_ms);
}

static void hold(void *world, int64_t now_ms, int i)
{
	pt_hold(pt(world, i), now_ms);
}

static bool rings(const void *world, int i)
{
	return pt_call_state(pt(world, i)) == PT_RINGING;
}

static bool talks(const void *world, int i)
{
	return pt_call_state(pt(world, i)) == PT_TALKING;
}

static const struct rig sim_rig = {
	.name = "sim",
	.make = make,
	.step = step,
	.next_ms = next_ms,
	.break_link = break_link,
	.subscribe = subscribe,
	.power = power,
	.range = range,
	.dial = dial,
	.answer = answer,
	.reject = reject,
	.hang_up = hang_up,
	.hold = hold,
	.rings = rings,
	.talks = talks,
};

int main(void)
{
	SRunner *runner = srunner_create(conformance_suite(&sim_rig));
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
