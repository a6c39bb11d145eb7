/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_settings.c - what a user has set, as callers and twins find it
 *
 * A9, A17 to A19, A21 to A24; the codes and keys that set it are told of
 * elsewhere.
 */
#include "scenario.h"

static void refused(struct world *w, const char *who, const char *status)
{
	const char *line = trace_find(w->trace, "refused", who);

	ck_assert_ptr_nonnull(line);
	ck_assert_msg(strstr(line, status), "%s", line);
	ck_assert(!trace_find(w->trace, "ring", NULL));
	trace_clear(w->trace);
}

/* Only @who rings, of all. */
static void only_rings(struct world *w, const char *who)
{
	for (size_t i = 0; i < w->n_devices; i++) {
		const char *label = w->device[i].house->label;

		ck_assert_msg(world_is_ringing(w, label) ==
				      (strcmp(label, who) == 0),
			      "%s", label);
	}
}

static void both_ring(struct world *w)
{
	ck_assert(world_is_ringing(w, "desk"));
	ck_assert(world_is_ringing(w, "handset"));
}

/* A9: T20, T22; that the desk shows the second call is its own affair. */
START_TEST(a_second_call_rings_at_limit_two_and_a_third_is_busy)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 admin   set-pair 201 max_calls=2\n"
		      " 500 xena    dial 201\n"
		      "1500 desk    answer\n"
		      "2500 bob     dial 201\n");
	world_run(w, 3000);
	ck_assert(world_is_talking(w, "desk"));
	ck_assert(world_is_ringing(w, "handset"));
	ck_assert(trace_find(w->trace, "ringback", "bob"));
	world_end(w);
}
END_TEST

/* A17: T39, T52. */
START_TEST(dnd_at_the_desk_silences_both_and_the_handset_calls)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 admin   set 201 dnd=on\n"
		      " 500 bob     dial 201\n");
	world_run(w, 1000);
	refused(w, "bob", " 486");
	world_tell(w, "1500 handset dial 202\n"
		      "2500 bob     answer\n");
	world_run(w, 3000);
	ck_assert(world_is_talking(w, "handset"));
	ck_assert_ptr_nonnull(
		strstr(trace_find(w->trace, "ring", "bob"), "201 Alice"));
	world_end(w);
}
END_TEST

/* A18: T40, T106. */
START_TEST(dnd_at_the_handset_silences_it_alone)
{
	struct world *w = world_new(_i, world_alice);
	struct view_extension ext;

	world_tell(w, "   0 admin set 301 dnd=on\n"
		      " 500 bob   dial 201\n");
	world_run(w, 1000);
	only_rings(w, "desk");
	ck_assert(view_extension(w->core, "201", &ext));
	ck_assert(ext.state == EXT_ALERTING);
	world_end(w);
}
END_TEST

/* A19: T42, T45. */
START_TEST(an_exception_reaches_both_and_another_nobody)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 admin set 201 dnd_exceptions=202\n"
		      " 100 admin set 201 dnd=on\n"
		      " 500 xena  dial 201\n");
	world_run(w, 1000);
	refused(w, "xena", " 486");
	world_tell(w, "1500 bob   dial 201\n");
	world_run(w, 2000);
	both_ring(w);
	world_end(w);
}
END_TEST

/* A20: T48. */
START_TEST(dnd_while_it_rings_is_for_the_next_call)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob     dial 201\n"
		      "1000 admin   set 201 dnd=on\n"
		      "2000 handset answer\n"
		      "3000 bob     hang-up\n");
	world_run(w, 1500);
	both_ring(w);
	world_run(w, 2500);
	ck_assert(world_is_talking(w, "handset"));
	world_run(w, 3500);
	trace_clear(w->trace);
	world_tell(w, "4000 bob     dial 201\n");
	world_run(w, 4500);
	refused(w, "bob", " 486");
	world_end(w);
}
END_TEST

/* A21: T41, T50; Xena's phone stands for the mailboxes. */
START_TEST(logged_out_calls_go_to_the_mailbox)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 admin set 201 logged_in=off\n"
		      " 500 bob   dial 201\n");
	world_run(w, 1000);
	refused(w, "bob", " 480");
	world_tell(w, "1100 admin set 201 voicemail=on\n"
		      "1200 admin set 201 voicemail_number=203\n"
		      "1500 bob   dial 201\n");
	world_run(w, 2000);
	only_rings(w, "xena");
	world_tell(w, "2500 bob   hang-up\n"
		      "3000 admin set 201 logged_in=on\n"
		      "3500 bob   dial 201\n");
	world_run(w, 4000);
	both_ring(w);
	world_end(w);
}
END_TEST

/* A22: T49. */
START_TEST(log_out_at_the_desk_while_it_rings_withdraws_both)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob   dial 201\n"
		      "1000 admin set 201 logged_in=off\n");
	world_run(w, 2000);
	only_rings(w, "nobody");
	ck_assert_ptr_nonnull(
		strstr(trace_find(w->trace, "refused", "bob"), " 480"));
	world_end(w);
}
END_TEST

/* A23: T19, T41. */
START_TEST(log_out_at_the_handset_while_it_rings_leaves_the_desk_ringing)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob   dial 201\n"
		      "1000 admin set 301 logged_in=off\n");
	world_run(w, 2000);
	only_rings(w, "desk");
	ck_assert(!trace_find(w->trace, "refused", "bob"));
	world_end(w);
}
END_TEST

/* A24: T53, T63. */
START_TEST(forwarded_calls_ring_elsewhere_until_it_is_taken_back)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 admin set 201 forward_unconditional=202\n"
		      " 500 xena  dial 201\n");
	world_run(w, 1000);
	only_rings(w, "bob");
	world_tell(w, "1500 bob   answer\n"
		      "2500 xena  hang-up\n"
		      "3000 admin set 201 forward_unconditional=\n"
		      "3500 xena  dial 201\n");
	world_run(w, 2000);
	ck_assert_ptr_nonnull(
		strstr(trace_find(w->trace, "answer", "xena"), "202 Bob"));
	world_run(w, 4000);
	both_ring(w);
	/* T87 */
	ck_assert_uint_eq(world_logged(w, "201", NULL), 0);
	ck_assert_uint_eq(world_logged(w, "202", "answered"), 1);
	world_end(w);
}
END_TEST

/* T61, T62, T67: first forwarded, then into the mailbox of the first. */
START_TEST(nobody_answers_and_the_call_goes_its_way)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 admin set 201 forward_no_answer=203\n"
		      " 500 bob   dial 201\n");
	world_run(w, 15000);
	both_ring(w);
	world_run(w, 16500);
	only_rings(w, "xena");
	ck_assert(!trace_find(w->trace, "refused", "bob"));
	world_tell(w, "17000 xena answer\n"
		      "20000 bob  hang-up\n");
	world_run(w, 18000);
	ck_assert(world_is_talking(w, "xena") && world_is_talking(w, "bob"));
	world_run(w, 21000);
	ck_assert_uint_eq(world_logged(w, "201", "forwarded"), 1);
	ck_assert_uint_eq(world_logged(w, "203", "answered"), 1);
	world_end(w);
}
END_TEST

/* Persist, then believe: a restart finds what was confirmed. */
START_TEST(settings_survive_a_kill)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 admin   set 201 dnd=on\n"
		      "1000 gateway kill\n"
		      "9000 bob     dial 201\n");
	world_run(w, 8500);
	trace_clear(w->trace);
	world_run(w, 10000);
	refused(w, "bob", " 486");
	world_end(w);
}
END_TEST

START_TEST(a_full_disk_changes_nothing)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 disk  full\n"
		      " 100 admin set 201 dnd=on\n"
		      " 500 bob   dial 201\n"
		      " 900 disk  fine\n");
	world_run(w, 1000);
	ck_assert_ptr_nonnull(strstr(trace_find(w->trace, "denied", "admin"),
				     "the disk is full"));
	both_ring(w);
	world_end(w);
}
END_TEST

int main(void)
{
	TCase *t = scenario_case("settings");

	scenario(t, a_second_call_rings_at_limit_two_and_a_third_is_busy);
	scenario(t, dnd_at_the_desk_silences_both_and_the_handset_calls);
	scenario(t, dnd_at_the_handset_silences_it_alone);
	scenario(t, an_exception_reaches_both_and_another_nobody);
	scenario(t, dnd_while_it_rings_is_for_the_next_call);
	scenario(t, logged_out_calls_go_to_the_mailbox);
	scenario(t, log_out_at_the_desk_while_it_rings_withdraws_both);
	scenario(t,
		 log_out_at_the_handset_while_it_rings_leaves_the_desk_ringing);
	scenario(t, forwarded_calls_ring_elsewhere_until_it_is_taken_back);
	scenario(t, nobody_answers_and_the_call_goes_its_way);
	scenario(t, settings_survive_a_kill);
	scenario(t, a_full_disk_changes_nothing);
	return scenario_run();
}
