/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_core_move.c - one end of a call is replaced: T72 to T77, and transfer */
#include "core_rig.h"
#include "extension.h"
#include "move.h"

/* Bob's leg is CALLER(1); the desk's is 1, the handset's 2. */
static struct rig *bob_talks_to_the_desk(void)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "202", "201");
	rig_leg(rig, EV_ANSWERED, 1, "desk");
	rig_gone(rig, 2, CAUSE_CANCELLED);
	rig_forget(rig);
	rig->now_ms = 10000;
	return rig;
}

static void take(struct rig *rig, uint64_t n, const char *from, leg_id replaces,
		 const char *offer)
{
	struct event event = { .type = EV_SETUP };

	event.setup.leg = CALLER(n);
	event.setup.from = rig_ext(rig, from);
	event.setup.replaces = replaces;
	event.setup.body = span_of(offer);
	event.setup.max_forwards = 70;
	rig_do(rig, &event);
}

static void everyone_leaves(struct rig *rig, const char *want)
{
	rig_forget(rig);
	rig->now_ms = 70000;
	rig_gone(rig, CALLER(1), CAUSE_NORMAL);
	rig_expect(rig, want);
	rig_free(rig);
}

/* A26: T72, T76. */
START_TEST(ones_own_number_rings_the_other_twin_alone)
{
	struct rig *rig = bob_talks_to_the_desk();

	rig_refer(rig, 1, "201", 0);
	rig_expect(rig, "referred 201 202\n"
			"setup 301 202 Bob\n");
	rig_leg(rig, EV_ALERTING, 3, NULL);
	rig_expect(rig, "referred 201 180\n");
	rig_leg(rig, EV_ANSWERED, 3, "pocket");
	rig_expect(rig, "offer 202 201 Alice [pocket]\n");
	rig_result(rig, CALLER(1), 200, "bob");
	rig_expect(rig, "ack 301 [bob]\n"
			"referred 201 200\n"
			"release 201 normal\n");
	rig_gone(rig, 1, CAUSE_NORMAL);
	rig_expect(rig, "");
	/* It is a call as before. */
	rig_leg(rig, EV_OFFER, 3, "hold");
	rig_expect(rig, "offer 202 [hold]\n");
	rig_result(rig, CALLER(1), 200, "held");
	rig_expect(rig, "result 301 [held] 200\n");
	everyone_leaves(rig, "release 301 normal\n"
			     "log 202 out 201 answered 202 ring 0 talk 70000\n"
			     "log 201 in 202 answered 201 ring 0 talk 70000\n");
}
END_TEST

START_TEST(the_twins_number_means_the_same)
{
	struct rig *rig = bob_talks_to_the_desk();

	rig_refer(rig, 1, "301", 0);
	rig_expect(rig, "referred 201 202\n"
			"setup 301 202 Bob\n");
	rig_gone(rig, CALLER(1), CAUSE_NORMAL);
	rig_expect(rig, "referred 201 487\n"
			"release 201 normal\n"
			"cancel 301 normal\n"
			"log 202 out 201 answered 202 ring 0 talk 10000\n"
			"log 201 in 202 answered 201 ring 0 talk 10000\n");
	rig_free(rig);
}
END_TEST

/* A27: T75. */
START_TEST(unanswered_the_call_is_where_it_was)
{
	struct rig *rig = bob_talks_to_the_desk();

	rig_refer(rig, 1, "201", 0);
	rig_forget(rig);
	rig_tick(rig, 14999);
	rig_expect(rig, "");
	rig_tick(rig, 1);
	rig_expect(rig, "cancel 301 no_answer\n"
			"referred 201 480\n");
	rig_gone(rig, 3, CAUSE_CANCELLED);
	rig_leg(rig, EV_OFFER, 1, "back");
	rig_expect(rig, "offer 202 [back]\n");
	rig_free(rig);
}
END_TEST

START_TEST(unanswered_it_rings_again_where_it_was)
{
	struct rig *rig = bob_talks_to_the_desk();

	rig_refer(rig, 1, "201", 0);
	rig_gone(rig, 1, CAUSE_NORMAL);
	rig_forget(rig);
	rig_tick(rig, 15000);
	rig_expect(rig, "cancel 301 no_answer\n"
			"setup 201 202 Bob\n");
	rig_gone(rig, 3, CAUSE_CANCELLED);
	rig_leg(rig, EV_ANSWERED, 4, "desk again");
	rig_expect(rig, "offer 202 201 Alice [desk again]\n");
	rig_result(rig, CALLER(1), 200, "bob");
	rig_expect(rig, "ack 201 [bob]\n");
	everyone_leaves(rig, "release 201 normal\n"
			     "log 202 out 201 answered 202 ring 0 talk 70000\n"
			     "log 201 in 202 answered 201 ring 0 talk 70000\n");
}
END_TEST

START_TEST(what_nobody_wants_ends)
{
	struct rig *rig = bob_talks_to_the_desk();

	rig_refer(rig, 1, "201", 0);
	rig_gone(rig, 1, CAUSE_NORMAL);
	rig_tick(rig, 15000);
	rig_gone(rig, 3, CAUSE_CANCELLED);
	rig_forget(rig);
	rig_tick(rig, 180000);
	rig_expect(rig, "cancel 201 no_answer\n"
			"release 202 no_answer\n"
			"log 202 out 201 answered 202 ring 0 talk 205000\n"
			"log 201 in 202 answered 201 ring 0 talk 205000\n");
	rig_free(rig);
}
END_TEST

static void set(struct rig *rig, const char *number, const char *key,
		const char *value)
{
	struct event event = { .type = EV_LOAD };
	struct row_setting *row = &event.load.setting;

	event.load.type = ROW_SETTING;
	row->ext = rig_ext(rig, number);
	snprintf(row->key, sizeof(row->key), "%s", key);
	snprintf(row->value, sizeof(row->value), "%s", value);
	rig_do(rig, &event);
}

START_TEST(the_return_time_is_the_users)
{
	struct rig *rig = bob_talks_to_the_desk();

	set(rig, "201", "transfer_return_time", "7");
	rig_refer(rig, 1, "201", 0);
	rig_forget(rig);
	rig_tick(rig, 7000);
	rig_expect(rig, "cancel 301 no_answer\n"
			"referred 201 480\n");
	rig_free(rig);
}
END_TEST

/* A28: T73, with an offer and without. */
START_TEST(the_other_twin_takes_the_call)
{
	struct rig *rig = bob_talks_to_the_desk();

	take(rig, 2, "301", 1, "pocket");
	rig_expect(rig, "offer 202 201 Alice [pocket]\n");
	rig_result(rig, CALLER(1), 200, "bob");
	rig_expect(rig, "answer 301 202 Bob [bob]\n"
			"release 201 normal\n");
	everyone_leaves(rig, "release 301 normal\n"
			     "log 202 out 201 answered 202 ring 0 talk 70000\n"
			     "log 201 in 202 answered 201 ring 0 talk 70000\n");
}
END_TEST

START_TEST(the_other_twin_takes_the_call_without_an_offer)
{
	struct rig *rig = bob_talks_to_the_desk();

	take(rig, 2, "301", 1, NULL);
	rig_expect(rig, "offer 202 201 Alice\n");
	rig_result(rig, CALLER(1), 200, "bob offers");
	rig_expect(rig, "answer 301 202 Bob [bob offers]\n"
			"release 201 normal\n");
	rig_leg(rig, EV_ACK, CALLER(2), "pocket");
	rig_expect(rig, "ack 202 [pocket]\n");
	rig_free(rig);
}
END_TEST

START_TEST(a_call_that_the_user_made_is_taken_as_well)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "201", "202");
	rig_leg(rig, EV_ANSWERED, 1, "bob");
	rig_forget(rig);
	take(rig, 2, "301", CALLER(1), "pocket");
	rig_expect(rig, "offer 202 201 Alice [pocket]\n");
	rig_result(rig, 1, 200, "bob");
	rig_expect(rig, "answer 301 202 Bob [bob]\n"
			"release 201 normal\n");
	rig_gone(rig, CALLER(1), CAUSE_NORMAL);
	rig_gone(rig, 1, CAUSE_NORMAL);
	rig_expect(rig, "release 301 normal\n"
			"log 201 out 202 answered 201 ring 0 talk 0\n"
			"log 202 in 201 answered 202 ring 0 talk 0\n");
	rig_gone(rig, CALLER(2), CAUSE_NORMAL);
	rig_free(rig);
}
END_TEST

START_TEST(nobody_takes_the_call_of_another_user)
{
	struct rig *rig = bob_talks_to_the_desk();

	take(rig, 2, "203", 1, "carl");
	rig_expect(rig, "release 203 forbidden\n");
	take(rig, 3, "301", 77, "pocket");
	rig_expect(rig, "release 301 unallocated\n");
	rig_free(rig);
}
END_TEST

START_TEST(the_first_twin_hangs_up_as_the_other_takes_it)
{
	struct rig *rig = bob_talks_to_the_desk();

	take(rig, 2, "301", 1, "pocket");
	rig_gone(rig, 1, CAUSE_NORMAL);
	rig_result(rig, CALLER(1), 200, "bob");
	rig_expect(rig, "offer 202 201 Alice [pocket]\n"
			"answer 301 202 Bob [bob]\n");
	rig_free(rig);
}
END_TEST

START_TEST(the_other_twin_thinks_better_of_it)
{
	struct rig *rig = bob_talks_to_the_desk();

	take(rig, 2, "301", 1, "pocket");
	rig_gone(rig, CALLER(2), CAUSE_CANCELLED);
	rig_forget(rig);
	/* Bob listens to nobody now: the desk makes a new offer. */
	rig_result(rig, CALLER(1), 200, "bob");
	rig_expect(rig, "offer 201 202 Bob\n");
	rig_result(rig, 1, 200, "desk");
	rig_expect(rig, "offer 202 201 Alice [desk]\n");
	rig_result(rig, CALLER(1), 200, "bob");
	rig_expect(rig, "ack 201 [bob]\n");
	rig_free(rig);
}
END_TEST

START_TEST(both_twins_hang_up_and_so_does_the_call)
{
	struct rig *rig = bob_talks_to_the_desk();

	take(rig, 2, "301", 1, "pocket");
	rig_gone(rig, CALLER(2), CAUSE_CANCELLED);
	rig_gone(rig, 1, CAUSE_NORMAL);
	ck_assert_ptr_nonnull(strstr(rig->text, "release 202 normal"));
	rig_free(rig);
}
END_TEST

START_TEST(a_far_end_that_takes_no_other_keeps_the_first)
{
	struct rig *rig = bob_talks_to_the_desk();

	take(rig, 2, "301", 1, "pocket");
	rig_forget(rig);
	rig_result(rig, CALLER(1), 488, NULL);
	rig_expect(rig, "release 301 not_acceptable\n");
	rig_leg(rig, EV_OFFER, 1, "still");
	rig_expect(rig, "offer 202 [still]\n");
	rig_free(rig);
}
END_TEST

START_TEST(a_far_end_in_the_middle_of_something_is_asked_again)
{
	struct rig *rig = bob_talks_to_the_desk();

	take(rig, 2, "301", 1, "pocket");
	rig_forget(rig);
	rig_result(rig, CALLER(1), 491, NULL);
	rig_tick(rig, 99);
	rig_expect(rig, "");
	rig_tick(rig, 1);
	rig_expect(rig, "offer 202 201 Alice [pocket]\n");
	rig_result(rig, CALLER(1), 491, NULL);
	rig_tick(rig, 200);
	rig_expect(rig, "offer 202 201 Alice [pocket]\n");
	for (int i = 0; i < 6; i++) {
		rig_forget(rig);
		rig_result(rig, CALLER(1), 491, NULL);
		rig_tick(rig, 10000);
	}
	rig_expect(rig, "release 301 timeout\n");
	rig_free(rig);
}
END_TEST

START_TEST(an_exchange_under_way_comes_to_its_end_first)
{
	struct rig *rig = bob_talks_to_the_desk();

	rig_leg(rig, EV_OFFER, 1, "hold");
	take(rig, 2, "301", 1, "pocket");
	rig_expect(rig, "offer 202 [hold]\n");
	rig_result(rig, CALLER(1), 200, "held");
	rig_expect(rig, "result 201 [held] 200\n"
			"offer 202 201 Alice [pocket]\n");
	rig_leg(rig, EV_OFFER, 1, "hold");
	rig_expect(rig, "result 201 491\n");
	rig_free(rig);
}
END_TEST

START_TEST(the_far_ends_own_offer_is_answered_first)
{
	struct rig *rig = bob_talks_to_the_desk();

	rig_leg(rig, EV_OFFER, CALLER(1), "hold");
	take(rig, 2, "301", 1, "pocket");
	rig_gone(rig, 1, CAUSE_NORMAL);
	rig_expect(rig, "offer 201 [hold]\n"
			"result 202 491\n"
			"offer 202 201 Alice [pocket]\n");
	rig_free(rig);
}
END_TEST

static enum cause push(struct rig *rig, const char *number)
{
	enum cause cause;

	actions_init(&rig->actions, rig);
	rig->core->out = &rig->actions;
	cause = move_push(rig->core,
			  extension_find(rig->core, span_of(number)));
	for (size_t i = 0; i < rig->actions.n; i++)
		rig_show(rig, &rig->actions.v[i]);
	talloc_free(rig->actions.v);
	rig->core->out = NULL;
	return cause;
}

/* T74, T75. */
START_TEST(a_call_is_pushed_and_taken_back)
{
	struct rig *rig = bob_talks_to_the_desk();

	ck_assert_int_eq(push(rig, "301"), CAUSE_UNALLOCATED);
	ck_assert_int_eq(push(rig, "201"), CAUSE_NONE);
	rig_expect(rig, "setup 301 202 Bob\n");
	ck_assert_int_eq(push(rig, "201"), CAUSE_NONE);
	rig_expect(rig, "cancel 301 cancelled\n");
	ck_assert_int_eq(push(rig, "201"), CAUSE_NONE);
	rig_forget(rig);
	rig_leg(rig, EV_ANSWERED, 4, "pocket");
	ck_assert_int_eq(push(rig, "201"), CAUSE_BUSY);
	rig_result(rig, CALLER(1), 200, "bob");
	rig_expect(rig, "offer 202 201 Alice [pocket]\n"
			"ack 301 [bob]\n"
			"release 201 normal\n");
	rig_free(rig);
}
END_TEST

START_TEST(a_refusal_returns_at_once)
{
	struct rig *rig = bob_talks_to_the_desk();

	push(rig, "201");
	rig_forget(rig);
	rig_gone(rig, 3, CAUSE_REJECTED);
	rig_expect(rig, "");
	ck_assert_int_eq(push(rig, "201"), CAUSE_NONE);
	rig_expect(rig, "setup 301 202 Bob\n");
	rig_free(rig);
}
END_TEST

/* T24, T77. */
START_TEST(a_move_counts_for_nothing)
{
	struct rig *rig = bob_talks_to_the_desk();

	rig_admin(rig, ADM_PAIRING_SET, "201", NULL, "max_calls=2");
	rig_refer(rig, 1, "201", 0);
	rig_forget(rig);
	rig_setup(rig, 2, "203", "201");
	rig_expect(rig, "setup 201 203 Carl [offer]\n"
			"setup 301 203 Carl [offer]\n");
	rig_free(rig);
}
END_TEST

/* Ordinary transfer, blind. */
START_TEST(a_call_is_transferred_to_somebody_else)
{
	struct rig *rig = bob_talks_to_the_desk();

	rig_refer(rig, 1, "203", 0);
	rig_expect(rig, "referred 201 202\n"
			"setup 203 202 Bob\n");
	rig_leg(rig, EV_ANSWERED, 3, "carl");
	rig_expect(rig, "offer 202 203 Carl [carl]\n");
	rig->now_ms = 12000;
	rig_result(rig, CALLER(1), 200, "bob");
	rig_expect(rig, "ack 203 [bob]\n"
			"referred 201 200\n"
			"log 201 in 202 answered 201 ring 0 talk 12000\n"
			"release 201 normal\n");
	/* Alice is free, Carl is not. */
	rig_setup(rig, 2, "202", "203");
	ck_assert_ptr_nonnull(strstr(rig->text, "release 202 busy"));
	everyone_leaves(rig, "release 203 normal\n"
			     "log 202 out 201 answered 202 ring 0 talk 70000\n"
			     "log 203 in 202 answered 203 ring 0 talk 58000\n");
}
END_TEST

START_TEST(a_transfer_to_nowhere_changes_nothing)
{
	struct rig *rig = bob_talks_to_the_desk();

	rig_refer(rig, 1, "999", 0);
	rig_refer(rig, 1, "", 0);
	rig_refer(rig, 1, "202", 0);
	rig_refer(rig, 1, "203", 1);
	rig_refer(rig, 1, "203", 99);
	rig_expect(rig, "referred 201 404\n"
			"referred 201 404\n"
			"referred 201 486\n"
			"referred 201 404\n"
			"referred 201 404\n");
	rig_free(rig);
}
END_TEST

/* Announced: Alice has asked Carl. */
START_TEST(two_calls_become_one)
{
	struct rig *rig = bob_talks_to_the_desk();

	rig_setup(rig, 2, "201", "203");
	rig_leg(rig, EV_ANSWERED, 3, "carl");
	rig_forget(rig);
	rig_refer(rig, 1, "203", CALLER(2));
	rig_expect(rig, "referred 201 202\n"
			"release 201 normal\n"
			"log 201 out 203 answered 201 ring 0 talk 0\n"
			"log 203 in 201 answered 203 ring 0 talk 0\n"
			"offer 203 202 Bob\n");
	rig_result(rig, 3, 200, "carl offers");
	rig_expect(rig, "offer 202 203 Carl [carl offers]\n");
	rig_result(rig, CALLER(1), 200, "bob");
	rig_expect(rig, "ack 203 [bob]\n"
			"referred 201 200\n"
			"log 201 in 202 answered 201 ring 0 talk 10000\n"
			"release 201 normal\n");
	rig_gone(rig, CALLER(2), CAUSE_NORMAL);
	rig_gone(rig, 1, CAUSE_NORMAL);
	everyone_leaves(rig, "release 203 normal\n"
			     "log 202 out 201 answered 202 ring 0 talk 70000\n"
			     "log 203 in 202 answered 203 ring 0 talk 60000\n");
}
END_TEST

/* T72, announced: the talk with oneself leaves no trace. */
START_TEST(a_call_is_announced_to_ones_own_twin)
{
	struct rig *rig = bob_talks_to_the_desk();

	rig_setup(rig, 2, "201", "201");
	rig_leg(rig, EV_ANSWERED, 3, "pocket");
	rig_forget(rig);
	rig_refer(rig, 1, "201", CALLER(2));
	rig_result(rig, 3, 200, "pocket offers");
	rig_result(rig, CALLER(1), 200, "bob");
	rig_expect(rig, "referred 201 202\n"
			"release 201 normal\n"
			"offer 301 202 Bob\n"
			"offer 202 201 Alice [pocket offers]\n"
			"ack 301 [bob]\n"
			"referred 201 200\n"
			"release 201 normal\n");
	everyone_leaves(rig, "release 301 normal\n"
			     "log 202 out 201 answered 202 ring 0 talk 70000\n"
			     "log 201 in 202 answered 201 ring 0 talk 70000\n");
}
END_TEST

START_TEST(a_question_that_still_rings_becomes_a_blind_transfer)
{
	struct rig *rig = bob_talks_to_the_desk();

	rig_setup(rig, 2, "201", "203");
	rig_forget(rig);
	rig_refer(rig, 1, "203", CALLER(2));
	rig_expect(rig, "cancel 203 cancelled\n"
			"release 201 cancelled\n"
			"log 201 out 203 cancelled 201 ring 0 talk 0\n"
			"log 203 missed 201 missed - ring 0 talk 0\n"
			"referred 201 202\n"
			"setup 203 202 Bob\n");
	rig_free(rig);
}
END_TEST

START_TEST(the_caller_who_wants_privacy_has_it)
{
	struct rig *rig = rig_new();
	struct event event = { .type = EV_SETUP };

	event.setup.leg = CALLER(1);
	event.setup.from = rig_ext(rig, "202");
	event.setup.dialled = span_of("203");
	event.setup.body = span_of("offer");
	event.setup.max_forwards = 70;
	event.setup.withheld = true;
	rig_do(rig, &event);
	rig_gone(rig, CALLER(1), CAUSE_CANCELLED);
	rig_expect(rig, "setup 203 202 Bob withheld [offer]\n"
			"cancel 203 cancelled\n"
			"log 202 out 203 cancelled 202 ring 0 talk 0\n"
			"log 203 missed  missed - ring 0 talk 0\n");
	rig_free(rig);
}
END_TEST

/* Whatever comes at whatever moment, it ends, and leaves nothing. */
START_TEST(any_event_during_a_move_is_survived)
{
	const leg_id legs[] = {
		CALLER(1), CALLER(2), CALLER(3), 1, 2, 3, 4, 5
	};
	uint64_t dice = 1;

	for (int story = 0; story < 3000; story++) {
		struct rig *rig = bob_talks_to_the_desk();

		for (int i = 0; i < 14; i++) {
			leg_id leg, other;

			dice = dice * 6364136223846793005u +
			       1442695040888963407u;
			leg = legs[dice >> 40 & 7];
			other = legs[dice >> 43 & 7];
			rig_forget(rig);
			switch (dice >> 50 & 15) {
			case 0:
				rig_gone(rig, leg, CAUSE_NORMAL);
				break;
			case 1:
			case 2:
				rig_leg(rig, EV_ANSWERED, leg,
					dice >> 60 & 1 ? "body" : NULL);
				break;
			case 3:
			case 4:
			case 5:
				rig_result(rig, leg, dice >> 60 & 1 ? 200 : 491,
					   dice >> 61 ? "body" : NULL);
				break;
			case 6:
				rig_result(rig, leg, 488, NULL);
				break;
			case 7:
				rig_leg(rig, EV_OFFER, leg, "body");
				break;
			case 8:
				rig_refer(rig, leg, "201", 0);
				break;
			case 9:
				rig_refer(rig, leg, "203", 0);
				break;
			case 10:
				rig_refer(rig, leg, "", other);
				break;
			case 11:
				take(rig, 3, "301", leg, "body");
				break;
			case 12:
				push(rig, dice >> 60 & 1 ? "201" : "202");
				break;
			case 13:
				rig_setup(rig, 2, "201", "203");
				break;
			case 14:
				rig_leg(rig, EV_ALERTING, leg, NULL);
				break;
			case 15:
				rig_tick(rig, dice >> 60 & 1 ? 16000 : 150);
				break;
			}
		}
		for (size_t i = 0; i < 8; i++)
			rig_gone(rig, legs[i], CAUSE_NORMAL);
		for (leg_id leg = 6; leg < 20; leg++)
			rig_gone(rig, leg, CAUSE_NORMAL);
		ck_assert_uint_eq(rig->core->calls.n, 0);
		ck_assert_uint_eq(rig->core->legs.n, 0);
		ck_assert_int_eq(
			extension_find(rig->core, span_of("201"))->calls, 0);
		rig_free(rig);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core move");
	TCase *tc = tcase_create("move");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, ones_own_number_rings_the_other_twin_alone);
	tcase_add_test(tc, the_twins_number_means_the_same);
	tcase_add_test(tc, unanswered_the_call_is_where_it_was);
	tcase_add_test(tc, unanswered_it_rings_again_where_it_was);
	tcase_add_test(tc, what_nobody_wants_ends);
	tcase_add_test(tc, the_return_time_is_the_users);
	tcase_add_test(tc, the_other_twin_takes_the_call);
	tcase_add_test(tc, the_other_twin_takes_the_call_without_an_offer);
	tcase_add_test(tc, a_call_that_the_user_made_is_taken_as_well);
	tcase_add_test(tc, nobody_takes_the_call_of_another_user);
	tcase_add_test(tc, the_first_twin_hangs_up_as_the_other_takes_it);
	tcase_add_test(tc, the_other_twin_thinks_better_of_it);
	tcase_add_test(tc, both_twins_hang_up_and_so_does_the_call);
	tcase_add_test(tc, a_far_end_that_takes_no_other_keeps_the_first);
	tcase_add_test(tc, a_far_end_in_the_middle_of_something_is_asked_again);
	tcase_add_test(tc, an_exchange_under_way_comes_to_its_end_first);
	tcase_add_test(tc, the_far_ends_own_offer_is_answered_first);
	tcase_add_test(tc, a_call_is_pushed_and_taken_back);
	tcase_add_test(tc, a_refusal_returns_at_once);
	tcase_add_test(tc, a_move_counts_for_nothing);
	tcase_add_test(tc, a_call_is_transferred_to_somebody_else);
	tcase_add_test(tc, a_transfer_to_nowhere_changes_nothing);
	tcase_add_test(tc, two_calls_become_one);
	tcase_add_test(tc, a_call_is_announced_to_ones_own_twin);
	tcase_add_test(tc,
		       a_question_that_still_rings_becomes_a_blind_transfer);
	tcase_add_test(tc, the_caller_who_wants_privacy_has_it);
	tcase_add_test(tc, any_event_during_a_move_is_survived);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
