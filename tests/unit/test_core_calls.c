/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_core_calls.c - one twin call as the core sees it */
#include "core_rig.h"

START_TEST(both_ring_and_the_first_answer_wins)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "202", "201");
	rig_expect(rig, "setup 201 202 Bob [offer]\n"
			"setup 301 202 Bob [offer]\n");
	rig->now_ms = 100;
	rig_leg(rig, EV_ALERTING, 1, NULL);
	rig_leg(rig, EV_ALERTING, 2, NULL);
	rig_expect(rig, "alerting 202\n");
	rig->now_ms = 4000;
	rig_leg(rig, EV_ANSWERED, 2, "answer");
	rig_expect(rig, "ack 301\n"
			"answer 202 201 Alice [answer]\n"
			"cancel 201 answered_elsewhere\n");
	rig_gone(rig, 1, CAUSE_CANCELLED);
	rig->now_ms = 64000;
	rig_gone(rig, CALLER(1), CAUSE_NORMAL);
	rig_expect(rig, "release 301 normal\n"
			"log 202 out 201 answered 202 ring 4000 talk 60000\n"
			"log 201 in 202 answered 301 ring 4000 talk 60000\n");
	rig_gone(rig, 2, CAUSE_NORMAL);
	rig_expect(rig, "");
	rig_free(rig);
}
END_TEST

START_TEST(an_answer_that_crosses_the_cancel_is_hung_up)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "202", "201");
	rig_leg(rig, EV_ANSWERED, 1, "a");
	rig_forget(rig);
	rig_leg(rig, EV_ANSWERED, 2, "b");
	rig_expect(rig, "release 301 answered_elsewhere\n");
	rig_free(rig);
}
END_TEST

START_TEST(a_caller_who_gives_up_is_one_missed_call)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "202", "201");
	rig_leg(rig, EV_ALERTING, 1, NULL);
	rig_forget(rig);
	rig->now_ms = 4000;
	rig_gone(rig, CALLER(1), CAUSE_CANCELLED);
	rig_expect(rig, "cancel 201 cancelled\n"
			"cancel 301 cancelled\n"
			"log 202 out 201 cancelled 202 ring 4000 talk 0\n"
			"log 201 missed 202 missed - ring 4000 talk 0\n");
	rig_free(rig);
}
END_TEST

START_TEST(a_device_that_fails_is_not_the_callers_concern)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "202", "201");
	rig_forget(rig);
	rig_gone(rig, 2, CAUSE_UNALLOCATED);
	rig_expect(rig, "");
	rig_gone(rig, 1, CAUSE_REJECTED);
	rig_expect(rig, "release 202 rejected\n"
			"log 202 out 201 rejected 202 ring 0 talk 0\n"
			"log 201 missed 202 rejected - ring 0 talk 0\n");
	rig_free(rig);
}
END_TEST

START_TEST(the_limit_is_one_call_for_both_twins)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "202", "201");
	rig_leg(rig, EV_ANSWERED, 2, "a");
	rig_forget(rig);
	rig_setup(rig, 2, "203", "201");
	rig_expect(rig, "release 203 busy\n"
			"log 203 out 201 busy 203 ring 0 talk 0\n"
			"log 201 missed 203 busy - ring 0 talk 0\n");
	rig_free(rig);
}
END_TEST

START_TEST(a_limit_of_two_takes_a_second_call_and_no_third)
{
	struct rig *rig = rig_new();

	rig_admin(rig, ADM_PAIRING_SET, "201", NULL, "max_calls=2");
	rig_setup(rig, 1, "202", "201");
	rig_forget(rig);
	rig_setup(rig, 2, "203", "201");
	rig_expect(rig, "setup 201 203 Carl [offer]\n"
			"setup 301 203 Carl [offer]\n");
	rig_setup(rig, 3, "203", "201");
	ck_assert_ptr_nonnull(strstr(rig->text, "release 203 busy"));
	rig_free(rig);
}
END_TEST

START_TEST(nobody_dials_a_secondary_but_its_twin)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "202", "301");
	rig_expect(rig, "release 202 unallocated\n"
			"log 202 out 301 failed 202 ring 0 talk 0\n");
	rig_setup(rig, 2, "201", "301");
	rig_expect(rig, "setup 301 201 Alice [offer]\n");
	rig_free(rig);
}
END_TEST

START_TEST(the_secondary_calls_as_the_primary)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "301", "202");
	rig_expect(rig, "setup 202 201 Alice [offer]\n");
	rig_leg(rig, EV_ANSWERED, 1, "a");
	rig_gone(rig, 1, CAUSE_NORMAL);
	rig_expect(rig, "ack 202\n"
			"answer 301 202 Bob [a]\n"
			"release 301 normal\n"
			"log 201 out 202 answered 301 ring 0 talk 0\n"
			"log 202 in 201 answered 202 ring 0 talk 0\n");
	rig_free(rig);
}
END_TEST

START_TEST(unpairing_withdraws_a_secondary_that_only_rings)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "202", "201");
	rig_forget(rig);
	rig_admin(rig, ADM_PAIRING_REMOVE, "201", NULL, NULL);
	rig_expect(rig, "cancel 301 cancelled\nreply 6: done\n");
	rig_leg(rig, EV_ANSWERED, 1, "a");
	rig_expect(rig, "ack 201\nanswer 202 201 Alice [a]\n");
	rig_free(rig);
}
END_TEST

START_TEST(a_secondary_that_talks_talks_on_and_is_busy_by_itself)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "202", "201");
	rig_leg(rig, EV_ANSWERED, 2, "a");
	rig_admin(rig, ADM_PAIRING_REMOVE, "201", NULL, NULL);
	rig_forget(rig);
	rig_setup(rig, 2, "203", "301");
	ck_assert_ptr_nonnull(strstr(rig->text, "release 203 busy"));
	rig_forget(rig);
	rig_gone(rig, 2, CAUSE_NORMAL);
	ck_assert_ptr_nonnull(strstr(rig->text, "log 201 in 202 answered 301"));
	rig_free(rig);
}
END_TEST

START_TEST(patience_ends_after_three_minutes)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "202", "201");
	rig_forget(rig);
	/* T61: at the no-answer time it has nowhere to go. */
	ck_assert_int_eq(core_next_ms(rig->core), 15000);
	rig_tick(rig, 15000);
	rig_expect(rig, "");
	ck_assert_int_eq(core_next_ms(rig->core), 180000);
	rig_tick(rig, 165000);
	rig_expect(rig, "cancel 201 no_answer\n"
			"cancel 301 no_answer\n"
			"release 202 no_answer\n"
			"log 202 out 201 no_answer 202 ring 180000 talk 0\n"
			"log 201 missed 202 missed - ring 180000 talk 0\n");
	rig_free(rig);
}
END_TEST

START_TEST(early_media_of_one_device_is_a_fork_of_its_own)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "202", "201");
	rig_forget(rig);
	rig_leg(rig, EV_ALERTING, 1, "early");
	rig_leg(rig, EV_ALERTING, 2, "early too");
	rig_leg(rig, EV_ANSWERED, 2, "final");
	rig_expect(rig, "alerting 202 fork 1 [early]\n"
			"ack 301\n"
			"answer 202 201 Alice [final]\n"
			"cancel 201 answered_elsewhere\n");
	rig_free(rig);
}
END_TEST

START_TEST(an_offer_crosses_and_a_second_one_waits)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "202", "203");
	rig_leg(rig, EV_OFFER, CALLER(1), "too early");
	rig_expect(rig, "setup 203 202 Bob [offer]\nresult 202 491\n");
	rig_leg(rig, EV_ANSWERED, 1, "a");
	rig_forget(rig);
	rig_leg(rig, EV_OFFER, CALLER(1), "hold");
	rig_leg(rig, EV_OFFER, 1, "hold too");
	rig_expect(rig, "offer 203 [hold]\nresult 203 491\n");
	{
		struct event event = { .type = EV_OFFER_RESULT };

		event.leg.leg = 1;
		event.leg.status = 200;
		event.leg.body = span_of("held");
		rig_do(rig, &event);
	}
	rig_expect(rig, "result 202 [held] 200\n");
	rig_free(rig);
}
END_TEST

START_TEST(an_update_that_nobody_answers_is_refused_in_time)
{
	struct rig *rig = rig_new();
	struct event update = { .type = EV_OFFER };

	rig_setup(rig, 1, "202", "203");
	rig_leg(rig, EV_ANSWERED, 1, "a");
	rig_forget(rig);
	update.leg.leg = CALLER(1);
	update.leg.how = OFFER_UPDATE;
	update.leg.body = span_of("hold");
	rig_do(rig, &update);
	rig_tick(rig, 23999);
	rig_expect(rig, "offer 203 [hold]\n");
	rig_tick(rig, 1);
	rig_expect(rig, "result 202 504\n");
	rig_tick(rig, 60000);
	rig_expect(rig, "");
	rig_free(rig);
}
END_TEST

START_TEST(explain_says_why_each_device_rang_or_did_not)
{
	struct rig *rig = rig_new();
	struct view_explain explain;
	struct event gone = { .type = EV_UNREGISTERED,
			      .ext = rig_ext(rig, "301") };

	rig_do(rig, &gone);
	rig_setup(rig, 1, "202", "201");
	rig_leg(rig, EV_ALERTING, 1, NULL);
	rig->now_ms = 2500;
	rig_leg(rig, EV_ANSWERED, 1, "a");
	ck_assert(view_explain(rig->core, 1, &explain));
	ck_assert_uint_eq(explain.n_reasons, 2);
	ck_assert_str_eq(explain.reasons[0].device, "301");
	ck_assert(!explain.reasons[0].rang);
	ck_assert_str_eq(explain.reasons[0].text,
			 "did not ring: no phone is registered");
	ck_assert_str_eq(explain.reasons[1].device, "201");
	ck_assert(explain.reasons[1].rang);
	ck_assert_str_eq(explain.reasons[1].text,
			 "rang for 2.5 s, then was answered");
	rig_free(rig);
}
END_TEST

START_TEST(a_full_disk_delays_the_log_and_loses_nothing)
{
	struct rig *rig = rig_new();

	rig->disk_rc = -ENOSPC;
	rig_setup(rig, 1, "202", "999");
	rig_expect(rig, "release 202 unallocated\n"
			"log 202 out 999 failed 202 ring 0 talk 0\n");
	rig->disk_rc = 0;
	rig_tick(rig, 2000);
	rig_expect(rig, "log 202 out 999 failed 202 ring 0 talk 0\n");
	rig_tick(rig, 10000);
	rig_expect(rig, "");
	rig_free(rig);
}
END_TEST

START_TEST(shutdown_ends_every_call)
{
	struct rig *rig = rig_new();
	struct event stop = { .type = EV_SHUTDOWN };
	struct view_counts counts;

	rig_setup(rig, 1, "202", "201");
	rig_setup(rig, 2, "203", "999");
	rig_do(rig, &stop);
	view_counts(rig->core, &counts);
	ck_assert_uint_eq(counts.calls, 0);
	rig_free(rig);
}
END_TEST

/* Every event for a leg in every state of it: nothing crashes, and a leg that
 * is gone is dropped and counted. */
START_TEST(any_event_in_any_state_is_survived)
{
	static const enum event_type events[] = {
		EV_ALERTING, EV_ANSWERED, EV_OFFER,    EV_OFFER_RESULT,
		EV_ACK,	     EV_INFO,	  EV_RELEASED,
	};
	size_t i, state, who;

	for (i = 0; i < 7; i++) {
		for (state = 0; state < 4; state++) {
			for (who = 0; who < 3; who++) {
				struct rig *rig = rig_new();
				leg_id legs[] = { CALLER(1), 1, 2 };
				struct view_counts counts;

				rig_setup(rig, 1, "202", "201");
				if (state >= 1)
					rig_leg(rig, EV_ALERTING, 1, NULL);
				if (state >= 2)
					rig_leg(rig, EV_ANSWERED, 1, "a");
				if (state >= 3)
					rig_gone(rig, CALLER(1), CAUSE_NORMAL);
				rig_leg(rig, events[i], legs[who], "x");
				rig_leg(rig, events[i], legs[who], "x");
				rig_gone(rig, CALLER(1), CAUSE_NORMAL);
				rig_gone(rig, 1, CAUSE_NORMAL);
				rig_gone(rig, 2, CAUSE_NORMAL);
				view_counts(rig->core, &counts);
				ck_assert_uint_eq(counts.calls, 0);
				rig_forget(rig);
				rig_setup(rig, 2, "203", "201");
				ck_assert_ptr_nonnull(
					strstr(rig->text, "setup 201"));
				rig_free(rig);
			}
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core calls");
	TCase *tcase = tcase_create("calls");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, both_ring_and_the_first_answer_wins);
	tcase_add_test(tcase, an_answer_that_crosses_the_cancel_is_hung_up);
	tcase_add_test(tcase, a_caller_who_gives_up_is_one_missed_call);
	tcase_add_test(tcase, a_device_that_fails_is_not_the_callers_concern);
	tcase_add_test(tcase, the_limit_is_one_call_for_both_twins);
	tcase_add_test(tcase, a_limit_of_two_takes_a_second_call_and_no_third);
	tcase_add_test(tcase, nobody_dials_a_secondary_but_its_twin);
	tcase_add_test(tcase, the_secondary_calls_as_the_primary);
	tcase_add_test(tcase, unpairing_withdraws_a_secondary_that_only_rings);
	tcase_add_test(tcase,
		       a_secondary_that_talks_talks_on_and_is_busy_by_itself);
	tcase_add_test(tcase, patience_ends_after_three_minutes);
	tcase_add_test(tcase, early_media_of_one_device_is_a_fork_of_its_own);
	tcase_add_test(tcase, an_offer_crosses_and_a_second_one_waits);
	tcase_add_test(tcase,
		       an_update_that_nobody_answers_is_refused_in_time);
	tcase_add_test(tcase, explain_says_why_each_device_rang_or_did_not);
	tcase_add_test(tcase, a_full_disk_delays_the_log_and_loses_nothing);
	tcase_add_test(tcase, shutdown_ends_every_call);
	tcase_add_test(tcase, any_event_in_any_state_is_survived);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
