/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_twin_call.c - one call to, or by, a user with two devices
 *
 * A1 to A3, A6, A8, A14, A16; T19, T19a, T34, T35, T37.
 */
#include "scenario.h"

#define BOTH_RING                                                              \
	"0 ring     desk    202 Bob\n"                                         \
	"0 ring     handset 202 Bob\n"                                         \
	"0 ringback bob\n"

/* A1: T12, T19. */
START_TEST(both_devices_ring_at_once_and_the_caller_hears_one_ringback)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "0 bob dial 201\n");
	world_run(w, 3000);
	world_expect(w, BOTH_RING);
	world_end(w);
}
END_TEST

/* A2: T18, T83, T84. */
START_TEST(the_desk_answers_and_the_handset_falls_silent)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob  dial 201\n"
		      "1500 desk answer\n"
		      "5000 bob  hang-up\n");
	world_run(w, 6000);
	world_expect(w,
		     BOTH_RING "1500 answer bob     201 Alice\n"
			       "1500 up     desk\n"
			       "1500 quiet  handset elsewhere\n"
			       "5000 bye    desk\n"
			       "5000 log    desk in answered 202 Bob dev=201"
			       " ring=1500 talk=3500\n"
			       "5000 log    bob out answered 201 Alice dev=202"
			       " ring=1500 talk=3500\n");
	world_end(w);
}
END_TEST

/* A3: T29, T30. */
START_TEST(the_handset_answers_in_the_name_of_its_user)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob     dial 201\n"
		      "2000 handset answer\n"
		      "9000 handset hang-up\n");
	world_run(w, 10000);
	world_expect(w,
		     BOTH_RING "2000 answer bob     201 Alice\n"
			       "2000 up     handset\n"
			       "2000 quiet  desk elsewhere\n"
			       "9000 bye    bob\n"
			       "9000 log    desk in answered 202 Bob dev=301"
			       " ring=2000 talk=7000\n"
			       "9000 log    bob out answered 201 Alice dev=202"
			       " ring=2000 talk=7000\n");
	world_end(w);
}
END_TEST

/* A6: T82; not a word of "elsewhere", since nobody answered. */
START_TEST(the_caller_gives_up_and_the_call_is_missed)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob dial 201\n"
		      "4000 bob hang-up\n");
	world_run(w, 5000);
	world_expect(w, BOTH_RING
		     "4000 quiet   desk\n"
		     "4000 quiet   handset\n"
		     "4000 refused bob 487\n"
		     "4000 log     desk missed missed 202 Bob dev=-"
		     " ring=4000 talk=0\n"
		     "4000 log     bob out cancelled 201 Alice dev=202"
		     " ring=4000 talk=0\n");
	world_end(w);
}
END_TEST

/* A8: T21, whichever twin is in use. */
static void one_twin_is_in_use(enum world_kind kind, const char *twin)
{
	struct world *w = world_new(kind, world_alice);
	char story[64];

	snprintf(story, sizeof(story), "1000 %s answer\n", twin);
	world_tell(w, "0 xena dial 201\n");
	world_tell(w, story);
	world_run(w, 2000);
	ck_assert(world_is_talking(w, twin));
	trace_clear(w->trace);
	world_tell(w, "3000 bob dial 201\n");
	world_run(w, 4000);
	ck_assert(trace_find(w->trace, "refused", "bob"));
	ck_assert(strstr(trace_find(w->trace, "refused", "bob"), " 486"));
	ck_assert(!trace_find(w->trace, "ring", NULL));
	ck_assert(!trace_find(w->trace, "ringback", NULL));
	ck_assert_uint_eq(world_talking(w), 2);
	world_end(w);
}

START_TEST(a_second_call_finds_the_user_busy_when_the_desk_talks)
{
	one_twin_is_in_use(_i, "desk");
}
END_TEST

START_TEST(a_second_call_finds_the_user_busy_when_the_handset_talks)
{
	one_twin_is_in_use(_i, "handset");
}
END_TEST

/* T24: alerting and outgoing calls count, T25: the limit is for calls in. */
START_TEST(a_user_who_dials_is_busy_but_may_dial_twice)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 handset dial 202\n"
		      "1000 bob     answer\n"
		      "2000 xena    dial 201\n"
		      "3000 desk    dial 203\n"
		      "4000 xena    answer\n");
	world_run(w, 2500);
	ck_assert(strstr(trace_find(w->trace, "refused", "xena"), " 486"));
	world_run(w, 5000);
	ck_assert_uint_eq(world_talking(w), 4);
	ck_assert(!w->fault);
	world_end(w);
}
END_TEST

/* A14: T34, T35. */
START_TEST(the_number_of_a_paired_secondary_is_unallocated)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "0 bob dial 301\n");
	world_run(w, 200);
	ck_assert(trace_find(w->trace, "refused", "bob"));
	ck_assert(strstr(trace_find(w->trace, "refused", "bob"), " 404"));
	ck_assert(!trace_find(w->trace, "ring", NULL));
	ck_assert_uint_eq(world_logged(w, "201", NULL), 0);
	ck_assert_uint_eq(world_logged(w, "301", NULL), 0);
	world_end(w);
}
END_TEST

START_TEST(a_number_that_nobody_has_is_unallocated)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "0 bob dial 999\n");
	world_run(w, 200);
	ck_assert(trace_find(w->trace, "refused", "bob"));
	ck_assert(strstr(trace_find(w->trace, "refused", "bob"), " 404"));
	world_end(w);
}
END_TEST

/* A16: T29, T78. */
START_TEST(a_call_from_the_handset_is_its_users_call)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 handset dial 202\n"
		      "1000 bob     answer\n"
		      "5000 bob     hang-up\n");
	world_run(w, 6000);
	world_expect(w, "   0 ring     bob 201 Alice\n"
			"   0 ringback handset\n"
			"1000 answer   handset 202 Bob\n"
			"1000 up       bob\n"
			"5000 bye      handset\n"
			"5000 log      desk out answered 202 Bob dev=301"
			" ring=1000 talk=4000\n"
			"5000 log      bob in answered 201 Alice dev=202"
			" ring=1000 talk=4000\n");
	world_end(w);
}
END_TEST

/* T37: the twins may call each other, and only the other one rings. */
START_TEST(the_desk_calls_its_handset)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 desk    dial 301\n"
		      "1000 handset answer\n"
		      "2000 desk    hang-up\n");
	world_run(w, 1500);
	ck_assert(world_is_talking(w, "desk"));
	ck_assert(world_is_talking(w, "handset"));
	ck_assert(!trace_find(w->trace, "ring", "desk"));
	world_run(w, 3000);
	world_end(w);
}
END_TEST

START_TEST(the_handset_calls_its_desk)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 handset dial 201\n"
		      "1000 desk    answer\n"
		      "2000 desk    hang-up\n");
	world_run(w, 1500);
	ck_assert(world_is_talking(w, "desk"));
	ck_assert(world_is_talking(w, "handset"));
	ck_assert(!trace_find(w->trace, "ring", "handset"));
	world_run(w, 3000);
	world_end(w);
}
END_TEST

/* T19: reject ends that leg alone. */
START_TEST(one_twin_rejects_and_the_other_rings_on)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob     dial 201\n"
		      "1000 handset reject\n"
		      "2000 desk    answer\n"
		      "3000 bob     hang-up\n");
	world_run(w, 1500);
	ck_assert(world_is_ringing(w, "desk"));
	world_expect(w, BOTH_RING);
	world_run(w, 4000);
	world_expect(w, "2000 answer bob 201 Alice\n"
			"2000 up     desk\n"
			"3000 bye    desk\n"
			"3000 log    desk in answered 202 Bob dev=201"
			" ring=2000 talk=1000\n"
			"3000 log    bob out answered 201 Alice dev=202"
			" ring=2000 talk=1000\n");
	world_end(w);
}
END_TEST

START_TEST(the_desk_rejects_and_the_handset_rings_on)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob     dial 201\n"
		      "1000 desk    reject 486\n"
		      "2000 handset answer\n");
	world_run(w, 2500);
	ck_assert(world_is_talking(w, "handset"));
	ck_assert(world_is_talking(w, "bob"));
	ck_assert(!trace_find(w->trace, "refused", NULL));
	world_end(w);
}
END_TEST

static void both_refuse(enum world_kind kind, const char *desk,
			const char *handset, const char *status)
{
	struct world *w = world_new(kind, world_alice);

	world_tell(w, "0 bob dial 201\n");
	world_tell(w, desk);
	world_tell(w, handset);
	world_run(w, 60000);
	ck_assert_msg(!w->fault, "%s", w->fault);
	ck_assert_uint_eq(trace_count(w->trace, "refused", "bob"), 1);
	ck_assert_msg(strstr(trace_find(w->trace, "refused", "bob"), status),
		      "%s", trace_text(w, w->trace));
	ck_assert_uint_eq(world_logged(w, "201", NULL), 1);
	ck_assert_uint_eq(world_logged(w, "202", NULL), 1);
	ck_assert_uint_eq(world_logged(w, "301", NULL), 0);
	world_end(w);
}

START_TEST(both_twins_reject_and_the_caller_hears_it_once)
{
	both_refuse(_i, "1000 desk reject\n", "2000 handset reject\n", " 603");
	both_refuse(_i, "2000 desk reject\n", "1000 handset reject\n", " 603");
}
END_TEST

START_TEST(both_twins_are_busy_and_the_caller_hears_it_once)
{
	if (_i == WORLD_WHOLE)
		return; /* a handset has no status to refuse with */
	both_refuse(_i, "-9 desk refuse 486\n", "-9 handset refuse 486\n",
		    " 486");
}
END_TEST

START_TEST(nobody_is_reachable)
{
	both_refuse(_i, "-500 desk unregister\n", "-500 handset off\n", " 480");
}
END_TEST

/* T19: out of range, switched off, unregistered: the other rings alone. */
START_TEST(the_handset_is_out_of_range_and_the_desk_rings_alone)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 handset off\n"
		      "1000 bob     dial 201\n"
		      "2000 desk    answer\n");
	world_run(w, 3000);
	world_expect(w, "1000 ring     desk 202 Bob\n"
			"1000 ringback bob\n"
			"2000 answer   bob 201 Alice\n"
			"2000 up       desk\n");
	world_end(w);
}
END_TEST

/* T19a: on by default. */
START_TEST(the_desk_is_unregistered_and_the_handset_rings_alone)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 desk    unregister\n"
		      "1000 bob     dial 201\n"
		      "2000 handset answer\n");
	world_run(w, 500);
	trace_clear(w->trace);
	world_run(w, 3000);
	world_expect(w, "1000 ring     handset 202 Bob\n"
			"1000 ringback bob\n"
			"2000 answer   bob 201 Alice\n"
			"2000 up       handset\n");
	world_end(w);
}
END_TEST

/* A23, its half of this issue: the walk out of range while it rings. */
START_TEST(the_handset_leaves_while_it_rings_and_the_desk_rings_on)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "    0 bob     dial 201\n"
		      " 1000 handset off\n"
		      "12000 desk    answer\n");
	world_run(w, 11000);
	ck_assert(world_is_ringing(w, "desk"));
	ck_assert(!trace_find(w->trace, "refused", "bob"));
	world_run(w, 13000);
	ck_assert(world_is_talking(w, "bob"));
	world_end(w);
}
END_TEST

/* A desk phone whose plug was pulled: its binding lives on, it does not. */
START_TEST(the_desk_is_dead_and_the_handset_rings_at_once)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "    0 desk    off\n"
		      " 1000 bob     dial 201\n"
		      "40000 handset answer\n");
	world_run(w, 1200);
	ck_assert(world_is_ringing(w, "handset"));
	ck_assert(trace_find(w->trace, "ringback", "bob"));
	world_run(w, 41000);
	ck_assert(world_is_talking(w, "bob"));
	ck_assert(!trace_find(w->trace, "refused", "bob"));
	world_end(w);
}
END_TEST

/* The core's patience: 180 s, then nobody rings and the caller knows. */
START_TEST(nobody_answers_and_the_call_ends_by_itself)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "0 bob dial 201\n");
	world_run(w, 182000);
	world_expect(w, BOTH_RING
		     "180000 quiet   desk\n"
		     "180000 quiet   handset\n"
		     "180000 refused bob 480\n"
		     "180000 log     desk missed missed 202 Bob dev=-"
		     " ring=180000 talk=0\n"
		     "180000 log     bob out no_answer 201 Alice dev=202"
		     " ring=180000 talk=0\n");
	world_end(w);
}
END_TEST

START_TEST(the_caller_gives_up_before_anything_rings)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 desk    ring-after 2000\n"
		      "   0 handset ring-after 2000\n"
		      " 100 bob     dial 201\n"
		      " 500 bob     hang-up\n");
	world_run(w, 10000);
	ck_assert_msg(!w->fault, "%s", w->fault);
	ck_assert(trace_find(w->trace, "refused", "bob"));
	ck_assert(!world_is_ringing(w, "desk"));
	ck_assert(!world_is_ringing(w, "handset"));
	world_end(w);
}
END_TEST

START_TEST(the_gateway_stops_and_every_call_ends)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob     dial 201\n"
		      "1000 desk    answer\n"
		      "2000 gateway stop\n");
	world_run(w, 10000);
	ck_assert_msg(!w->fault, "%s", w->fault);
	ck_assert_uint_eq(world_talking(w), 0);
	ck_assert(trace_find(w->trace, "bye", "bob"));
	ck_assert(trace_find(w->trace, "bye", "desk"));
	ck_assert_uint_eq(world_logged(w, "201", NULL), 1);
	ck_assert_uint_eq(world_logged(w, "202", NULL), 1);
	world_end(w);
}
END_TEST

int main(void)
{
	TCase *t = scenario_case("a twin call");

	scenario(t,
		 both_devices_ring_at_once_and_the_caller_hears_one_ringback);
	scenario(t, the_desk_answers_and_the_handset_falls_silent);
	scenario(t, the_handset_answers_in_the_name_of_its_user);
	scenario(t, the_caller_gives_up_and_the_call_is_missed);
	scenario(t, a_second_call_finds_the_user_busy_when_the_desk_talks);
	scenario(t, a_second_call_finds_the_user_busy_when_the_handset_talks);
	scenario(t, a_user_who_dials_is_busy_but_may_dial_twice);
	scenario(t, the_number_of_a_paired_secondary_is_unallocated);
	scenario(t, a_number_that_nobody_has_is_unallocated);
	scenario(t, a_call_from_the_handset_is_its_users_call);
	scenario(t, the_desk_calls_its_handset);
	scenario(t, the_handset_calls_its_desk);
	scenario(t, one_twin_rejects_and_the_other_rings_on);
	scenario(t, the_desk_rejects_and_the_handset_rings_on);
	scenario(t, both_twins_reject_and_the_caller_hears_it_once);
	scenario(t, both_twins_are_busy_and_the_caller_hears_it_once);
	scenario(t, nobody_is_reachable);
	scenario(t, the_handset_is_out_of_range_and_the_desk_rings_alone);
	scenario(t, the_desk_is_unregistered_and_the_handset_rings_alone);
	scenario(t, the_handset_leaves_while_it_rings_and_the_desk_rings_on);
	scenario(t, the_desk_is_dead_and_the_handset_rings_at_once);
	scenario(t, nobody_answers_and_the_call_ends_by_itself);
	scenario(t, the_caller_gives_up_before_anything_rings);
	scenario(t, the_gateway_stops_and_every_call_ends);
	return scenario_run();
}
