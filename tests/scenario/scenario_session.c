/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_session.c - what flows between two who talk: RFC 3264, 3311, 4028
 */
#include "scenario.h"

static struct world *talking(enum world_kind kind)
{
	struct world *w = world_new(kind, world_alice);

	world_tell(w, "0 bob dial 201\n1000 desk answer\n");
	world_run(w, 2000);
	ck_assert(world_is_talking(w, "bob"));
	ck_assert(world_is_talking(w, "desk"));
	trace_clear(w->trace);
	return w;
}

static void hold(enum world_kind kind, const char *holder, const char *held,
		 const char *how)
{
	struct world *w = talking(kind);
	char story[96], trace[96];

	snprintf(story, sizeof(story), "3000 %s hold %s\n4000 %s resume %s\n",
		 holder, how, holder, how);
	snprintf(trace, sizeof(trace), "3000 held %s\n4000 resumed %s\n", held,
		 held);
	world_tell(w, story);
	world_run(w, 5000);
	world_expect(w, trace);
	ck_assert_uint_eq(world_talking(w), 2);
	world_tell(w, "6000 bob hang-up\n");
	world_run(w, 7000);
	/* T80: talk time has the hold in it. */
	ck_assert(strstr(trace_find(w->trace, "log", "desk"), "talk=5000"));
	world_end(w);
}

START_TEST(the_caller_holds)
{
	hold(_i, "bob", "desk", "");
}
END_TEST

START_TEST(the_called_holds)
{
	hold(_i, "desk", "bob", "");
}
END_TEST

START_TEST(the_caller_holds_with_update)
{
	hold(_i, "bob", "desk", "update");
}
END_TEST

START_TEST(the_called_holds_with_update)
{
	hold(_i, "desk", "bob", "update");
}
END_TEST

/* RFC 3261, 14: both offer at once, and it comes right. */
START_TEST(both_hold_at_once)
{
	for (int offset = 0; offset <= 50; offset++) {
		struct world *w = talking(_i);
		char story[96];

		w->net->faults.delay_ms = 20;
		snprintf(story, sizeof(story), "3000 bob hold\n%d desk hold\n",
			 3000 + offset);
		world_tell(w, story);
		world_run(w, 12000);
		ck_assert_msg(!w->fault, "%s", w->fault);
		ck_assert_uint_eq(world_talking(w), 2);
		world_end(w);
	}
}
END_TEST

START_TEST(early_media_of_the_desk_reaches_the_caller)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob  dial 201\n"
		      "1000 desk early\n"
		      "2000 desk answer\n");
	world_run(w, 3000);
	world_expect(w, "   0 ring     desk    202 Bob\n"
			"   0 ring     handset 202 Bob\n"
			"   0 ringback bob\n"
			"1000 early    bob\n"
			"2000 answer   bob     201 Alice\n"
			"2000 up       desk\n"
			"2000 quiet    handset elsewhere\n");
	world_end(w);
}
END_TEST

/* Early media of one device, the answer of the other: two early dialogs
 * (RFC 3261, 12.1), which the fake phone checks by their tags and SDP. */
START_TEST(early_media_of_the_desk_and_the_handset_answers)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob     dial 201\n"
		      "1000 desk    early\n"
		      "2000 handset answer\n"
		      "3000 bob     hang-up\n");
	world_run(w, 4000);
	ck_assert_msg(!w->fault, "%s", w->fault);
	ck_assert(trace_find(w->trace, "early", "bob"));
	ck_assert_uint_eq(trace_count(w->trace, "answer", "bob"), 1);
	ck_assert(trace_find(w->trace, "bye", "handset"));
	world_end(w);
}
END_TEST

START_TEST(a_call_without_an_offer_gets_one)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob  dial-late 201\n"
		      "1000 desk answer\n"
		      "3000 desk hang-up\n");
	world_run(w, 2000);
	ck_assert_uint_eq(world_talking(w), 2);
	ck_assert_msg(!w->fault, "%s", w->fault);
	world_run(w, 4000);
	ck_assert_uint_eq(world_logged(w, "201", "answered"), 1);
	world_end(w);
}
END_TEST

START_TEST(a_call_without_an_offer_is_answered_on_the_handset)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob     dial-late 201\n"
		      "1000 handset answer\n"
		      "3000 handset hang-up\n");
	world_run(w, 2000);
	ck_assert_uint_eq(world_talking(w), 2);
	ck_assert_msg(!w->fault, "%s", w->fault);
	world_end(w);
}
END_TEST

int main(void)
{
	TCase *t = scenario_case("session");

	scenario(t, the_caller_holds);
	scenario(t, the_called_holds);
	scenario(t, the_caller_holds_with_update);
	scenario(t, the_called_holds_with_update);
	scenario(t, both_hold_at_once);
	scenario(t, early_media_of_the_desk_reaches_the_caller);
	scenario(t, early_media_of_the_desk_and_the_handset_answers);
	scenario(t, a_call_without_an_offer_gets_one);
	scenario(t, a_call_without_an_offer_is_answered_on_the_handset);
	return scenario_run();
}
