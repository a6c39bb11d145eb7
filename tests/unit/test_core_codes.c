/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_core_codes.c - feature codes, as they are dialled and as they work */
#include "core_rig.h"

#include "code_plan.h"

/* ---- the plan ---- */

static enum code_verdict verdict_of(const char *dialled,
				    struct code_match *match)
{
	static const struct code_plan plan;

	return code_match(&plan, span_of(dialled), match);
}

/* Section 5: every code with the right, missing and excess digits. */
START_TEST(every_code_takes_what_it_takes_and_nothing_else)
{
	enum code code = _i;
	struct code_plan plan = { 0 };
	const char *digits = code_digits(&plan, code);
	struct code_match match;
	char dialled[64];

	ck_assert_uint_eq(strlen(digits), 3);
	snprintf(dialled, sizeof(dialled), "%.2s", digits);
	ck_assert_int_eq(verdict_of(dialled, &match), CODE_IS_WRONG);

	ck_assert_int_eq(verdict_of(digits, &match),
			 code_form(code) == CODE_ALONE ? CODE_IS_ONE
						       : CODE_IS_WRONG);
	ck_assert_int_eq(match.code, code);

	snprintf(dialled, sizeof(dialled), "%s*202#", digits);
	ck_assert_int_eq(verdict_of(dialled, &match),
			 code_form(code) == CODE_ALONE ? CODE_IS_WRONG
						       : CODE_IS_ONE);
	if (code_form(code) != CODE_ALONE)
		ck_assert(span_is(match.number, "202"));

	snprintf(dialled, sizeof(dialled), "%s*#", digits);
	ck_assert_int_eq(verdict_of(dialled, &match),
			 code_form(code) == CODE_WITH_NUMBER_OR_NONE
				 ? CODE_IS_ONE
				 : CODE_IS_WRONG);

	snprintf(dialled, sizeof(dialled), "%s*301*1234#", digits);
	ck_assert_int_eq(verdict_of(dialled, &match),
			 code_form(code) == CODE_WITH_LOGIN ? CODE_IS_ONE
							    : CODE_IS_WRONG);
}
END_TEST

static const char *const wrong[] = {
	"*",
	"#",
	"*0",
	"*99",
	"*010",
	"*01#",
	"*07202",
	"*07*202",
	"*07*202*",
	"*07*20#2#",
	"*07##",
	"*07*2a2#",
	"*07*",
	"*07#",
	"*35**#",
	"*35*1*2*3#",
	"*35**1#",
	"*35**1#x",
	"*07*12345678901234567890123456789012#", /* 32 digits */
};

START_TEST(what_is_no_code_is_a_code_dialled_wrongly)
{
	struct code_match match;

	ck_assert_int_eq(verdict_of(wrong[_i], &match), CODE_IS_WRONG);
}
END_TEST

START_TEST(digits_alone_are_a_number)
{
	struct code_match match;

	ck_assert_int_eq(verdict_of("201", &match), CODE_IS_NONE);
	ck_assert_int_eq(verdict_of("", &match), CODE_IS_NONE);
	ck_assert_int_eq(verdict_of("07*202#", &match), CODE_IS_NONE);
}
END_TEST

START_TEST(no_two_codes_begin_alike_as_shipped)
{
	struct code_plan plan = { 0 };
	enum code other;

	ck_assert(!code_plan_clashes(&plan, _i, false, &other));
}
END_TEST

START_TEST(a_code_can_be_another_or_none)
{
	struct code_plan plan = { 0 };
	struct code_match match;
	enum code other;

	ck_assert(code_plan_set(&plan, CODE_DND_ON, span_of("#7")));
	ck_assert_int_eq(code_match(&plan, span_of("#7"), &match), CODE_IS_ONE);
	ck_assert_int_eq(match.code, CODE_DND_ON);
	ck_assert_int_eq(code_match(&plan, span_of("*08"), &match),
			 CODE_IS_WRONG);
	ck_assert(code_plan_set(&plan, CODE_DND_OFF, span_of("off")));
	ck_assert_ptr_null(code_digits(&plan, CODE_DND_OFF));
	ck_assert_int_eq(code_match(&plan, span_of("*09"), &match),
			 CODE_IS_WRONG);
	ck_assert(!code_plan_set(&plan, CODE_DND_OFF, span_of("09")));
	ck_assert(!code_plan_set(&plan, CODE_DND_OFF, span_of("*")));
	ck_assert(!code_plan_set(&plan, CODE_DND_OFF, span_of("*1234567")));
	ck_assert(code_plan_set(&plan, CODE_DND_OFF, span_of("#")) == false);
	ck_assert(code_plan_set(&plan, CODE_DND_OFF, span_of("#70")));
	ck_assert(code_plan_clashes(&plan, CODE_DND_OFF, true, &other));
	ck_assert_int_eq(other, CODE_DND_ON);
	ck_assert(code_plan_set(&plan, CODE_DND_OFF, span_of("*01")));
	ck_assert(!code_plan_clashes(&plan, CODE_DND_OFF, true, &other));
	ck_assert(code_plan_clashes(&plan, CODE_DND_OFF, false, &other));
}
END_TEST

/* ---- at work ---- */

static uint64_t last_caller;

/* Dials, and puts the phone down a second later. */
static void dial(struct rig *rig, const char *from, const char *code)
{
	rig_setup(rig, ++last_caller, from, code);
	rig_tick(rig, 3000);
	rig_gone(rig, CALLER(last_caller), CAUSE_NORMAL);
}

static void must(struct rig *rig, const char *from, const char *code)
{
	rig_forget(rig);
	dial(rig, from, code);
	ck_assert_msg(strstr(rig->text, "confirmation"), "%s: %s", code,
		      rig->text);
	ck_assert_ptr_nonnull(strstr(rig->text, "release"));
	ck_assert_ptr_null(strstr(rig->text, "log "));
	rig_forget(rig);
}

static void must_not(struct rig *rig, const char *from, const char *code)
{
	rig_forget(rig);
	dial(rig, from, code);
	ck_assert_msg(strstr(rig->text, "refusal"), "%s: %s", code, rig->text);
	ck_assert_ptr_null(strstr(rig->text, "store"));
	rig_forget(rig);
}

static const char *setting_of(struct rig *rig, const char *number,
			      const char *key)
{
	static struct view_extension ext;
	size_t i;

	ck_assert(view_extension(rig->core, number, &ext));
	for (i = 0; i < ext.n_settings; i++)
		if (strcmp(ext.settings[i].key, key) == 0)
			return ext.settings[i].text;
	ck_abort_msg("no setting %s", key);
}

#define expect_set(rig, number, key, value)                                    \
	ck_assert_str_eq(setting_of(rig, number, key), value)

START_TEST(the_tone_comes_when_it_is_stored_and_the_release_a_second_later)
{
	struct rig *rig = rig_new();

	rig->slow_disk = true;
	rig_setup(rig, 1, "201", "*18");
	ck_assert_ptr_null(strstr(rig->text, "announce"));
	rig_forget(rig);
	rig_stored(rig, rig->txn, 0);
	rig_expect(rig, "announce 201 201 Voicemail on [offer] confirmation\n");
	rig_tick(rig, 999);
	rig_expect(rig, "");
	rig_tick(rig, 1);
	rig_expect(rig, "release 201 normal\n");
	rig_gone(rig, CALLER(1), CAUSE_NORMAL);
	rig_expect(rig, "");
	rig_free(rig);
}
END_TEST

START_TEST(a_full_disk_gives_the_tone_of_refusal)
{
	struct rig *rig = rig_new();

	rig->disk_rc = -ENOSPC;
	rig_forget(rig);
	dial(rig, "201", "*18");
	ck_assert_ptr_nonnull(strstr(rig->text, "refusal"));
	expect_set(rig, "201", "voicemail", "off");
	rig_free(rig);
}
END_TEST

START_TEST(who_hangs_up_before_the_tone_has_set_it_all_the_same)
{
	struct rig *rig = rig_new();

	rig->slow_disk = true;
	rig_setup(rig, 1, "201", "*18");
	rig_gone(rig, CALLER(1), CAUSE_CANCELLED);
	rig_forget(rig);
	rig_stored(rig, rig->txn, 0);
	rig_expect(rig, "");
	expect_set(rig, "201", "voicemail", "on");
	rig_free(rig);
}
END_TEST

START_TEST(a_code_leaves_no_call_and_no_record)
{
	struct rig *rig = rig_new();
	struct view_counts counts;

	must(rig, "201", "*18");
	must_not(rig, "201", "*99");
	view_counts(rig->core, &counts);
	ck_assert_uint_eq(counts.calls_total, 0);
	ck_assert_uint_eq(counts.dropped_events, 0);
	ck_assert_uint_eq(counts.codes, 2);
	rig_free(rig);
}
END_TEST

START_TEST(a_wrong_code_changes_nothing)
{
	struct rig *rig = rig_new();

	must_not(rig, "301", wrong[_i]);
	rig_free(rig);
}
END_TEST

/* T53, A24: what is set at the secondary is the primary's user's. */
START_TEST(forwarding_is_set_at_either_twin_for_their_user)
{
	struct rig *rig = rig_new();

	must_not(rig, "301", "*01"); /* there is no number yet */
	must(rig, "301", "*07*202#");
	expect_set(rig, "201", "forward_unconditional", "");
	must(rig, "301", "*01");
	expect_set(rig, "201", "forward_unconditional", "202");
	must(rig, "201", "*07*203#"); /* is on: changes at once */
	expect_set(rig, "201", "forward_unconditional", "203");
	must(rig, "201", "*03");
	expect_set(rig, "201", "forward_busy", "203");
	must(rig, "201", "*57*202#");
	expect_set(rig, "201", "forward_busy", "202");
	expect_set(rig, "201", "forward_unconditional", "203");
	must(rig, "201", "*05");
	expect_set(rig, "201", "forward_no_answer", "202");
	must(rig, "201", "*04");
	expect_set(rig, "201", "forward_busy", "");
	must(rig, "201", "*06");
	expect_set(rig, "201", "forward_no_answer", "");
	must(rig, "201", "*02");
	expect_set(rig, "201", "forward_unconditional", "");
	must(rig, "201", "*01");
	must(rig, "201", "*03");
	must(rig, "301", "*00");
	expect_set(rig, "201", "forward_unconditional", "");
	expect_set(rig, "201", "forward_busy", "");
	expect_set(rig, "301", "forward_unconditional", "");
	must_not(rig, "201", "*07*201#"); /* to oneself */
	rig_free(rig);
}
END_TEST

/* T40, T58: do-not-disturb is the device's. */
START_TEST(do_not_disturb_at_the_secondary_is_its_own)
{
	struct rig *rig = rig_new();

	must(rig, "301", "*08");
	expect_set(rig, "201", "dnd", "off");
	must(rig, "201", "*08");
	must(rig, "301", "*09");
	expect_set(rig, "201", "dnd", "on");
	must(rig, "201", "*09");
	expect_set(rig, "201", "dnd", "off");
	rig_free(rig);
}
END_TEST

/* T56, A25. */
START_TEST(exceptions_are_added_and_deleted)
{
	struct rig *rig = rig_new();

	must(rig, "301", "*10*310#");
	must(rig, "201", "*10*202#");
	must(rig, "201", "*10*310#"); /* is there already */
	expect_set(rig, "201", "dnd_exceptions", "310,202");
	must(rig, "301", "*11*310#");
	expect_set(rig, "201", "dnd_exceptions", "202");
	must_not(rig, "201", "*11*310#");
	must(rig, "201", "*11*202#");
	expect_set(rig, "201", "dnd_exceptions", "");
	rig_free(rig);
}
END_TEST

/* T57. */
START_TEST(follow_me_leads_here_and_there_and_back)
{
	struct rig *rig = rig_new();

	must(rig, "203", "*12*202#");
	expect_set(rig, "202", "follow_me", "203");
	must_not(rig, "301", "*13*202#"); /* it does not lead here */
	must(rig, "203", "*13*202#");
	expect_set(rig, "202", "follow_me", "");
	must(rig, "301", "*12*202#"); /* to the user, not to the twin */
	expect_set(rig, "202", "follow_me", "201");
	must_not(rig, "203", "*12*203#");
	must_not(rig, "203", "*12*301#");
	must_not(rig, "203", "*12*999#");
	must(rig, "301", "*14*203#");
	expect_set(rig, "201", "follow_me", "203");
	must(rig, "201", "*14*#");
	expect_set(rig, "201", "follow_me", "");
	must_not(rig, "201", "*14*999#");
	rig_free(rig);
}
END_TEST

START_TEST(switches_are_switched)
{
	struct rig *rig = rig_new();

	must(rig, "301", "*15");
	expect_set(rig, "201", "call_waiting", "on");
	must(rig, "301", "*16");
	expect_set(rig, "201", "call_waiting", "off");
	must(rig, "301", "*18");
	expect_set(rig, "201", "voicemail", "on");
	must(rig, "301", "*19");
	expect_set(rig, "201", "voicemail", "off");
	rig_free(rig);
}
END_TEST

/* T176, T41. */
START_TEST(who_has_a_login_code_logs_out_and_in)
{
	struct rig *rig = rig_new();

	must_not(rig, "201", "*36"); /* could not come back */
	rig_admin(rig, ADM_EXTENSION_SET, "201", NULL, "login_code=4711");
	must(rig, "201", "*36");
	expect_set(rig, "201", "logged_in", "off");
	must_not(rig, "201", "*35*4712#");
	must_not(rig, "201", "*35*202*4711#"); /* nobody else's desk */
	must(rig, "201", "*35*4711#");
	expect_set(rig, "201", "logged_in", "on");
	must(rig, "201", "*36");
	must(rig, "201", "*35*201*4711#");
	must(rig, "301", "*36");
	expect_set(rig, "201", "logged_in", "on");
	rig_free(rig);
}
END_TEST

/* T177. */
START_TEST(four_wrong_codes_lock_the_device_for_90_seconds)
{
	struct rig *rig = rig_new();
	int i;

	rig_admin(rig, ADM_EXTENSION_SET, "201", NULL, "login_code=4711");
	for (i = 0; i < 3; i++)
		must_not(rig, "201", "*35*1#");
	must(rig, "201", "*35*4711#"); /* in time: counted anew */
	for (i = 0; i < 4; i++)
		must_not(rig, "201", "*35*1#");
	must_not(rig, "201", "*35*4711#");
	must(rig, "301", "*35*4711#"); /* the other device is not locked */
	rig_tick(rig, 90000);
	must(rig, "201", "*35*4711#");
	rig_free(rig);
}
END_TEST

START_TEST(the_mailbox_is_called_by_its_number)
{
	struct rig *rig = rig_new();

	must_not(rig, "301", "*17"); /* there is none */
	rig_admin(rig, ADM_EXTENSION_SET, "201", NULL, "voicemail_number=203");
	rig_forget(rig);
	rig_setup(rig, 90, "301", "*17");
	rig_expect(rig, "setup 203 201 Alice [offer]\n");
	rig_free(rig);
}
END_TEST

START_TEST(the_twin_is_said_to_be_ready_or_in_use)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "201", "*68");
	rig_expect(rig, "announce 201 201 Twin: ready [offer] confirmation\n");
	rig_setup(rig, 2, "202", "*68");
	rig_expect(rig, "announce 202 202 No twin [offer] refusal\n");
	rig_setup(rig, 3, "301", "203");
	rig_forget(rig);
	rig_setup(rig, 4, "201", "*68");
	rig_expect(rig, "announce 201 201 Twin: in use [offer] confirmation\n");
	rig_free(rig);
}
END_TEST

START_TEST(there_is_nothing_to_pull_or_push)
{
	struct rig *rig = rig_new();

	must_not(rig, "201", "*63");
	must_not(rig, "201", "*64");
	rig_free(rig);
}
END_TEST

START_TEST(a_tone_is_not_renegotiated_and_ends_with_the_gateway)
{
	struct rig *rig = rig_new();
	struct event down = { .type = EV_SHUTDOWN };

	rig_setup(rig, 1, "201", "*99");
	rig_forget(rig);
	rig_leg(rig, EV_OFFER, CALLER(1), "other");
	rig_expect(rig, "result 201 488\n");
	rig_do(rig, &down);
	rig_expect(rig, "release 201 shutdown\n");
	rig_tick(rig, 120000); /* the edge never says a word */
	rig_free(rig);
}
END_TEST

START_TEST(too_many_at_once_are_refused)
{
	struct rig *rig = rig_new();
	int i;

	for (i = 1; i <= 200; i++) {
		rig_forget(rig);
		rig_setup(rig, i, "201", "*99");
	}
	rig_forget(rig);
	rig_setup(rig, 201, "201", "*99");
	rig_expect(rig, "release 201 overload\n");
	rig_free(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("codes");
	TCase *plan = tcase_create("plan");
	TCase *work = tcase_create("work");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(plan,
			    every_code_takes_what_it_takes_and_nothing_else, 0,
			    _NUM_CODE);
	tcase_add_loop_test(plan, what_is_no_code_is_a_code_dialled_wrongly, 0,
			    sizeof(wrong) / sizeof(*wrong));
	tcase_add_test(plan, digits_alone_are_a_number);
	tcase_add_loop_test(plan, no_two_codes_begin_alike_as_shipped, 0,
			    _NUM_CODE);
	tcase_add_test(plan, a_code_can_be_another_or_none);
	suite_add_tcase(suite, plan);

	tcase_add_test(
		work,
		the_tone_comes_when_it_is_stored_and_the_release_a_second_later);
	tcase_add_test(work, a_full_disk_gives_the_tone_of_refusal);
	tcase_add_test(work,
		       who_hangs_up_before_the_tone_has_set_it_all_the_same);
	tcase_add_test(work, a_code_leaves_no_call_and_no_record);
	tcase_add_loop_test(work, a_wrong_code_changes_nothing, 0,
			    sizeof(wrong) / sizeof(*wrong));
	tcase_add_test(work, forwarding_is_set_at_either_twin_for_their_user);
	tcase_add_test(work, do_not_disturb_at_the_secondary_is_its_own);
	tcase_add_test(work, exceptions_are_added_and_deleted);
	tcase_add_test(work, follow_me_leads_here_and_there_and_back);
	tcase_add_test(work, switches_are_switched);
	tcase_add_test(work, who_has_a_login_code_logs_out_and_in);
	tcase_add_test(work, four_wrong_codes_lock_the_device_for_90_seconds);
	tcase_add_test(work, the_mailbox_is_called_by_its_number);
	tcase_add_test(work, the_twin_is_said_to_be_ready_or_in_use);
	tcase_add_test(work, there_is_nothing_to_pull_or_push);
	tcase_add_test(work,
		       a_tone_is_not_renegotiated_and_ends_with_the_gateway);
	tcase_add_test(work, too_many_at_once_are_refused);
	suite_add_tcase(suite, work);

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
