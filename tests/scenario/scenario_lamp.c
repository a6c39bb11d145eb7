/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_lamp.c - what a colleague's lamp shows (T102 to T107)
 *
 * Xena watches Alice, who has a desk phone (201) and a handset (301).  The
 * phone itself faults a document that breaks the rules; that no byte to her
 * names 301 is looked at when all is calm.
 */
#include <talloc.h>

#include "scenario.h"

static const struct world_house two[] = {
	{ .label = "desk", .number = "201", .name = "Alice" },
	{ .label = "pocket", .number = "301", .name = "Pocket" },
	{ .label = "bob", .number = "202", .name = "Bob" },
	{ .label = "xena", .number = "203", .name = "Xena" },
	{ 0 },
};

/* The lamps alone, in order: "early confirmed idle". */
static void expect_lamps(struct world *w, const char *want)
{
	char *got = talloc_strdup(w, "");

	for (size_t i = 0; i < w->trace->n; i++) {
		char what[16], who[16], number[32], state[32];

		if (sscanf(w->trace->line[i], "%*d %15s %15s %31s %31s", what,
			   who, number, state) == 4 &&
		    strncmp(what, "lamp", 4) == 0)
			got = talloc_asprintf_append(got, "%s ", state);
	}
	ck_assert_msg(!w->fault, "%s", w->fault);
	ck_assert_str_eq(got, want);
}

static struct world *watched(int kind)
{
	struct world *w =
		world_new(kind ? WORLD_WHOLE : WORLD_SIP, world_alice);

	world_tell(w, "0 xena watch 201\n");
	return w;
}

/* A3's W: one element, early and then confirmed. */
START_TEST(a_call_answered_at_the_secondary)
{
	struct world *w = watched(_i);

	world_tell(w, " 1000 bob     dial 201\n"
		      " 5000 handset answer\n"
		      "20000 bob     hang-up\n");
	world_run(w, 30000);
	expect_lamps(w, "idle early confirmed idle ");
	world_end(w);
}
END_TEST

START_TEST(a_call_answered_at_the_primary)
{
	struct world *w = watched(_i);

	world_tell(w, " 1000 bob  dial 201\n"
		      " 5000 desk answer\n"
		      "20000 desk hang-up\n");
	world_run(w, 30000);
	expect_lamps(w, "idle early confirmed idle ");
	world_end(w);
}
END_TEST

START_TEST(a_missed_call)
{
	struct world *w = watched(_i);

	world_tell(w, " 1000 bob  dial 201\n"
		      "20000 bob hang-up\n");
	world_run(w, 30000);
	expect_lamps(w, "idle early idle ");
	world_end(w);
}
END_TEST

/* T104 */
START_TEST(a_call_made_at_the_secondary)
{
	struct world *w = watched(_i);

	world_tell(w, " 1000 handset dial 202\n"
		      " 5000 bob     answer\n"
		      "20000 handset hang-up\n");
	world_run(w, 30000);
	expect_lamps(w, "idle trying early confirmed idle ");
	world_end(w);
}
END_TEST

START_TEST(whichever_message_is_lost_the_lamp_is_right)
{
	struct world *w = world_new(WORLD_SIP, world_alice);

	w->net->faults.delay_ms = 3;
	w->net->lose_nth = 1 + _i;
	world_tell(w, "    0 xena    watch 201\n"
		      " 5000 bob     dial 201\n"
		      "15000 handset answer\n"
		      "60000 bob     hang-up\n");
	world_run(w, 50000);
	ck_assert_str_eq(phone_lamp(world_find(w, "xena")->phone, "201"),
			 "confirmed");
	world_run(w, 90000);
	ck_assert_str_eq(phone_lamp(world_find(w, "xena")->phone, "201"),
			 "idle");
	ck_assert_msg(!w->fault, "%s", w->fault);
	world_end(w);
}
END_TEST

/* T105: nobody there; and who was there is gone. */
START_TEST(a_paired_secondary_cannot_be_watched)
{
	struct world *w = world_new(WORLD_SIP, two);

	world_tell(w, "   0 xena  watch 301\n"
		      "1000 admin pair 201 301\n"
		      "2000 bob   watch 301\n");
	world_run(w, 5000);
	expect_lamps(w, "idle reason=noresource 404 ");
	world_end(w);
}
END_TEST

/* A17's and A20's W: while it rings, it rings; then nobody disturbs. */
START_TEST(do_not_disturb_is_seen)
{
	struct world *w = watched(_i);

	world_tell(w, " 1000 bob   dial 201\n"
		      " 2000 admin set 201 dnd=on\n"
		      " 5000 bob   hang-up\n"
		      " 9000 admin set 201 dnd=off\n");
	world_run(w, 12000);
	expect_lamps(w, "idle early dnd idle ");
	world_end(w);
}
END_TEST

/* A18's W, T106. */
START_TEST(do_not_disturb_at_the_secondary_is_not)
{
	struct world *w = watched(_i);

	world_tell(w, "1000 admin set 301 dnd=on\n"
		      "2000 bob   dial 201\n"
		      "5000 bob   hang-up\n");
	world_run(w, 9000);
	expect_lamps(w, "idle early idle ");
	world_end(w);
}
END_TEST

/* A21's W, T107. */
START_TEST(who_is_logged_out_is_not_to_be_disturbed)
{
	struct world *w = watched(_i);

	world_tell(w, "1000 admin set 201 logged_in=off\n"
		      "2000 admin set 201 forward_unconditional=202\n"
		      "3000 admin set 201 logged_in=on\n");
	world_run(w, 9000);
	expect_lamps(w, "idle dnd idle ");
	world_end(w);
}
END_TEST

START_TEST(a_lamp_is_switched_off)
{
	struct world *w = watched(_i);

	world_tell(w, "1000 xena unwatch 201\n"
		      "2000 bob  dial 201\n"
		      "3000 bob  hang-up\n");
	world_run(w, 9000);
	expect_lamps(w, "idle reason=timeout ");
	world_end(w);
}
END_TEST

START_TEST(a_lamp_lives_as_long_as_it_is_refreshed)
{
	struct world *w = watched(_i);

	world_tell(w, "7200000 bob dial 201\n"
		      "7205000 bob hang-up\n");
	world_run(w, 7210000);
	expect_lamps(w, "idle early idle ");
	world_end(w);
}
END_TEST

/* Nothing is stored of it: the phone comes back by itself. */
START_TEST(after_a_restart_the_lamp_is_right_again)
{
	struct world *w = watched(_i);

	world_tell(w, "   1000 gateway kill\n"
		      "1900000 bob     dial 201\n"
		      "1905000 bob     hang-up\n");
	world_run(w, 1910000);
	expect_lamps(w, "idle idle early idle ");
	world_end(w);
}
END_TEST

START_TEST(an_orderly_end_tells_the_lamp)
{
	struct world *w = watched(_i);

	world_tell(w, "1000 gateway stop\n");
	world_run(w, 2000);
	expect_lamps(w, "idle reason=deactivated ");
	world_end(w);
}
END_TEST

/* Someone who watches and is cut off costs nothing for long. */
START_TEST(a_watcher_that_is_gone_is_forgotten)
{
	struct world *w = watched(0);

	world_tell(w, " 1000 xena off\n"
		      " 2000 bob  dial 201\n"
		      " 3000 bob  hang-up\n"
		      "60000 xena on\n");
	world_run(w, 90000);
	expect_lamps(w, "idle ");
	world_end(w);
}
END_TEST

int main(void)
{
	TCase *t = scenario_case("lamp");

	tcase_add_loop_test(t, a_call_answered_at_the_secondary, 0, 2);
	tcase_add_loop_test(t, a_call_answered_at_the_primary, 0, 2);
	tcase_add_loop_test(t, a_missed_call, 0, 2);
	tcase_add_loop_test(t, a_call_made_at_the_secondary, 0, 2);
	tcase_add_loop_test(t, whichever_message_is_lost_the_lamp_is_right, 0,
			    30);
	tcase_add_test(t, a_paired_secondary_cannot_be_watched);
	tcase_add_loop_test(t, do_not_disturb_is_seen, 0, 2);
	tcase_add_loop_test(t, do_not_disturb_at_the_secondary_is_not, 0, 2);
	tcase_add_loop_test(t, who_is_logged_out_is_not_to_be_disturbed, 0, 2);
	tcase_add_loop_test(t, a_lamp_is_switched_off, 0, 2);
	tcase_add_loop_test(t, a_lamp_lives_as_long_as_it_is_refreshed, 0, 2);
	tcase_add_loop_test(t, after_a_restart_the_lamp_is_right_again, 0, 2);
	tcase_add_loop_test(t, an_orderly_end_tells_the_lamp, 0, 2);
	tcase_add_test(t, a_watcher_that_is_gone_is_forgotten);
	return scenario_run();
}
