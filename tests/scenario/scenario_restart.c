/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_restart.c - kill -9 and begin again: A40's half of it, T111
 */
#include "scenario.h"

static void ends_within_a_second(struct world *w, int64_t kill_ms)
{
	world_run(w, kill_ms + 1000);
	ck_assert_msg(!w->fault, "%s\n%s", w->fault, trace_text(w, w->trace));
	ck_assert(!world_is_ringing(w, "desk"));
	ck_assert(!world_is_ringing(w, "handset"));
	ck_assert_msg(trace_find(w->trace, "refused", "bob"), "%s",
		      trace_text(w, w->trace));
}

START_TEST(the_gateway_is_killed_while_both_ring)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "    0 bob     dial 201\n"
		      " 1000 gateway kill\n"
		      "40000 bob     dial 201\n"
		      "41000 handset answer\n");
	ends_within_a_second(w, 1000);
	/* The pair is as it was. */
	world_run(w, 42000);
	ck_assert(world_is_talking(w, "bob"));
	ck_assert(world_is_talking(w, "handset"));
	world_end(w);
}
END_TEST

/* At every moment of a call's beginning.  The world itself sees to it that
 * nobody rings for no call; an INVITE that found the gateway dead comes again
 * and is a call. */
START_TEST(the_gateway_is_killed_at_any_moment_of_a_call)
{
	for (int ms = 0; ms <= 120; ms++) {
		struct world *w = world_new(_i, world_alice);
		char story[128];

		w->net->faults.delay_ms = 7;
		snprintf(story, sizeof(story),
			 "0 bob dial 201\n80 handset answer\n"
			 "%d gateway kill\n",
			 ms);
		world_tell(w, story);
		world_run(w, ms + 2500);
		ck_assert_msg(!w->fault, "at %d: %s", ms, w->fault);
		world_end(w);
	}
}
END_TEST

START_TEST(what_was_logged_is_there_after_the_kill)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob     dial 201\n"
		      "1000 desk    answer\n"
		      "2000 bob     hang-up\n"
		      "3000 gateway kill\n"
		      "4000 bob     dial 201\n"
		      "5000 desk    answer\n"
		      "6000 bob     hang-up\n");
	world_run(w, 7000);
	ck_assert_uint_eq(world_logged(w, "201", "answered"), 2);
	ck_assert_uint_eq(world_logged(w, "202", "answered"), 2);
	world_end(w);
}
END_TEST

START_TEST(a_dissolved_pair_stays_dissolved)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 admin   unpair 201\n"
		      "1000 gateway kill\n"
		      "5000 bob     dial 201\n");
	world_run(w, 6000);
	ck_assert(world_is_ringing(w, "desk"));
	ck_assert(!world_is_ringing(w, "handset"));
	world_end(w);
}
END_TEST

int main(void)
{
	TCase *t = scenario_case("restart");

	scenario(t, the_gateway_is_killed_while_both_ring);
	scenario(t, the_gateway_is_killed_at_any_moment_of_a_call);
	scenario(t, what_was_logged_is_there_after_the_kill);
	scenario(t, a_dissolved_pair_stays_dissolved);
	return scenario_run();
}
