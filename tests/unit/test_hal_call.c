/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_hal_call.c - each state of a call against each wish and each word
 *
 * The driver here does nothing but note what it was asked to do; the tests
 * say what a base would.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "hal.h"
#include "hal_driver.h"

static struct {
	struct hal_port *port;
	unsigned int asked, released, dropped;
	uint8_t reason;
	bool ends_at_once; /* says hal_up_ended() inside call_release() */
	int rc;
} base;

static void caps(void *priv, struct hal_caps *ret_caps)
{
	*ret_caps = (struct hal_caps){
		.can = HAL_CAP_CALLS | HAL_CAP_HOST_KEYS | HAL_CAP_HOLD,
		.calls = 8,
		.handsets = 8,
	};
}

static int base_open(void *priv, int64_t now_ms, struct hal_port *port)
{
	base.port = port;
	return 0;
}

static void base_close(void *priv, int64_t now_ms)
{
	base.port = NULL;
}

static void tick(void *priv, int64_t now_ms)
{
}

static int64_t next_ms(const void *priv)
{
	return INT64_MAX;
}

static int restore(void *priv, int64_t now_ms, hal_handset_id handset,
		   uint64_t ipui, const uint8_t uak[HAL_UAK_BYTES],
		   const struct hal_assignment *assignment)
{
	return 0;
}

static int asked(void)
{
	base.asked++;
	return base.rc;
}

static int call_setup(void *priv, int64_t now_ms, hal_call_id call,
		      hal_handset_id handset, const struct hal_setup *setup)
{
	return asked();
}

static int call_proceeding(void *priv, int64_t now_ms, hal_call_id call)
{
	return asked();
}

static int call_alerting(void *priv, int64_t now_ms, hal_call_id call,
			 enum hal_signal signal)
{
	return asked();
}

static int call_connect(void *priv, int64_t now_ms, hal_call_id call,
			const struct hal_party *party)
{
	return asked();
}

static int call_info(void *priv, int64_t now_ms, hal_call_id call,
		     const struct hal_info *info)
{
	return asked();
}

static int call_held(void *priv, int64_t now_ms, hal_call_id call, bool held)
{
	return asked();
}

static void call_release(void *priv, int64_t now_ms, hal_call_id call,
			 uint8_t reason, enum hal_why why)
{
	base.released++;
	base.reason = reason;
	if (base.ends_at_once)
		hal_up_ended(base.port, now_ms, call, 0);
}

static void call_drop(void *priv, int64_t now_ms, hal_call_id call)
{
	base.dropped++;
}

static const struct hal_driver driver = {
	.name = "nothing",
	.caps = caps,
	.open = base_open,
	.close = base_close,
	.tick = tick,
	.next_ms = next_ms,
	.restore = restore,
	.call_setup = call_setup,
	.call_proceeding = call_proceeding,
	.call_alerting = call_alerting,
	.call_connect = call_connect,
	.call_info = call_info,
	.call_held = call_held,
	.call_release = call_release,
	.call_drop = call_drop,
};

static struct hal *hal;
static hal_handset_id handset;
static int64_t now;

static void start(void)
{
	uint8_t uak[HAL_UAK_BYTES] = { 0 };
	hal_base_id id;

	memset(&base, 0, sizeof(base));
	now = 1000;
	hal = hal_new(NULL, NULL);
	ck_assert_int_eq(hal_base_open(hal, now, "b", &driver, NULL, &id), 0);
	ck_assert_int_eq(hal_handset_restore(hal, now, id, 1, uak,
					     &(struct hal_assignment){ 0 },
					     &handset),
			 0);
	hal_up_state(base.port, now, HAL_SYNCING);
	hal_up_state(base.port, now, HAL_UP);
	hal_up_presence(base.port, now, handset, HAL_ATTACHED);
}

static void stop(void)
{
	hal_free(hal);
}

static struct hal_event last(void)
{
	struct hal_event event = { .type = HAL_EV_NONE };

	while (hal_next_event(hal, &event))
		;
	return event;
}

static enum hal_call_state state(hal_call_id call)
{
	struct hal_call_view view;

	return hal_call_view(hal, call, &view) < 0 ? HAL_CALL_NULL : view.state;
}

/* A call in that state. */
static hal_call_id in(enum hal_call_state want)
{
	struct hal_up_setup from = { .class = HAL_CLASS_NORMAL,
				     .digits = "2",
				     .complete = true,
				     .rate_hz = 8000 };
	struct hal_setup to = { .signal = HAL_SIGNAL_ALERT_INTERNAL };
	hal_call_id call = 0;

	switch (want) {
	case HAL_CALL_OVERLAP:
		from.complete = false;
		/* fall through */
	case HAL_CALL_INITIATED:
	case HAL_CALL_DELIVERED:
	case HAL_CALL_ACTIVE:
		ck_assert_int_ge(
			hal_up_setup(base.port, now, handset, &from, &call), 0);
		if (want == HAL_CALL_DELIVERED)
			hal_call_alerting(hal, now, call, HAL_SIGNAL_RING_BACK);
		if (want == HAL_CALL_ACTIVE)
			hal_call_connect(hal, now, call, NULL);
		break;
	default:
		ck_assert_int_eq(hal_call_setup(hal, now, handset, &to, &call),
				 0);
		if (want >= HAL_CALL_RECEIVED)
			hal_up_alerting(base.port, now, call);
		if (want >= HAL_CALL_CONNECTING)
			hal_up_answered(base.port, now, call, 8000);
		if (want == HAL_CALL_RELEASING)
			hal_call_release(hal, now, call, HAL_WHY_NO_ANSWER);
		break;
	}
	ck_assert_int_eq(state(call), want);
	last();
	base.asked = 0;
	return call;
}

/* ---- the table: state, wish or word, what becomes of it ---- */

enum { PROCEEDING, ALERTING, CONNECT, INFO, HELD, N_WISHES };
enum { KEYPAD, RINGS, ANSWERS, N_WORDS };

#define NO HAL_CALL_NULL /* refused, dropped */

static const struct {
	enum hal_call_state state;
	enum hal_call_state wish[N_WISHES];
	enum hal_call_state word[N_WORDS];
} table[] = {
	{ HAL_CALL_OVERLAP,
	  { HAL_CALL_INITIATED, HAL_CALL_DELIVERED, HAL_CALL_ACTIVE,
	    HAL_CALL_OVERLAP, NO },
	  { HAL_CALL_OVERLAP, NO, NO } },
	{ HAL_CALL_INITIATED,
	  { HAL_CALL_INITIATED, HAL_CALL_DELIVERED, HAL_CALL_ACTIVE,
	    HAL_CALL_INITIATED, NO },
	  { HAL_CALL_INITIATED, NO, NO } },
	{ HAL_CALL_DELIVERED,
	  { HAL_CALL_DELIVERED, HAL_CALL_DELIVERED, HAL_CALL_ACTIVE,
	    HAL_CALL_DELIVERED, NO },
	  { HAL_CALL_DELIVERED, NO, NO } },
	{ HAL_CALL_PRESENT,
	  { NO, NO, NO, HAL_CALL_PRESENT, NO },
	  { NO, HAL_CALL_RECEIVED, HAL_CALL_CONNECTING } },
	{ HAL_CALL_RECEIVED,
	  { NO, NO, NO, HAL_CALL_RECEIVED, NO },
	  { NO, NO, HAL_CALL_CONNECTING } },
	{ HAL_CALL_CONNECTING,
	  { NO, NO, HAL_CALL_ACTIVE, HAL_CALL_CONNECTING, NO },
	  { NO, NO, NO } },
	{ HAL_CALL_ACTIVE,
	  { NO, NO, NO, HAL_CALL_ACTIVE, HAL_CALL_ACTIVE },
	  { HAL_CALL_ACTIVE, NO, NO } },
	{ HAL_CALL_RELEASING, { NO, NO, NO, NO, NO }, { NO, NO, NO } },
};

static int wish(int which, hal_call_id call)
{
	struct hal_info info = { .text = "x", .signal = HAL_SIGNAL_NONE };

	switch (which) {
	case PROCEEDING:
		return hal_call_proceeding(hal, now, call);
	case ALERTING:
		return hal_call_alerting(hal, now, call, HAL_SIGNAL_NONE);
	case CONNECT:
		return hal_call_connect(hal, now, call, NULL);
	case INFO:
		return hal_call_info(hal, now, call, &info);
	default:
		return hal_call_held(hal, now, call, true);
	}
}

START_TEST(a_wish_is_granted_where_the_table_says_so)
{
	enum hal_call_state from = table[_i].state;

	for (int which = 0; which < N_WISHES; which++) {
		enum hal_call_state next = table[_i].wish[which];
		hal_call_id call;

		start();
		call = in(from);
		ck_assert_int_eq(wish(which, call),
				 next == NO ? HAL_E_STATE : 0);
		ck_assert_int_eq(state(call), next == NO ? from : next);
		if (next == NO)
			ck_assert_uint_eq(base.asked, 0);
		stop();
	}
}
END_TEST

START_TEST(a_wish_that_the_base_refuses_changes_nothing)
{
	enum hal_call_state from = table[_i].state;

	for (int which = 0; which < N_WISHES; which++) {
		hal_call_id call;

		start();
		call = in(from);
		base.rc = HAL_E_PROTO;
		wish(which, call);
		ck_assert_int_eq(state(call), from);
		stop();
	}
}
END_TEST

START_TEST(a_word_of_the_base_counts_where_the_table_says_so)
{
	enum hal_call_state from = table[_i].state;

	for (int which = 0; which < N_WORDS; which++) {
		enum hal_call_state next = table[_i].word[which];
		struct hal_counts counts;
		hal_call_id call;

		start();
		call = in(from);
		if (which == KEYPAD)
			hal_up_keypad(base.port, now, call, "5", 1, false);
		else if (which == RINGS)
			hal_up_alerting(base.port, now, call);
		else
			hal_up_answered(base.port, now, call, 8000);
		hal_counts(hal, &counts);
		ck_assert_int_eq(state(call), next == NO ? from : next);
		ck_assert_uint_eq(counts.wrong_state, next == NO);
		ck_assert(!hal_next_event(hal, &(struct hal_event){ 0 }) ==
			  (next == NO));
		stop();
	}
}
END_TEST

START_TEST(a_release_works_in_every_state_and_twice)
{
	hal_call_id call;
	struct hal_event event;

	start();
	call = in(table[_i].state);
	ck_assert_int_eq(hal_call_release(hal, now, call, HAL_WHY_BUSY), 0);
	ck_assert_int_eq(state(call), HAL_CALL_RELEASING);
	ck_assert_int_eq(hal_call_release(hal, now, call, HAL_WHY_NORMAL), 0);
	ck_assert_uint_eq(base.released, 1);
	hal_up_ended(base.port, now, call, 0);
	ck_assert(hal_next_event(hal, &event));
	ck_assert_int_eq(event.type, HAL_EV_CALL_ENDED);
	ck_assert(event.ended.by_host);
	ck_assert_int_eq(event.ended.why, table[_i].state == HAL_CALL_RELEASING
						  ? HAL_WHY_NO_ANSWER
						  : HAL_WHY_BUSY);
	ck_assert(!hal_next_event(hal, &event));
	ck_assert_int_eq(hal_call_release(hal, now, call, HAL_WHY_NORMAL),
			 HAL_E_STALE);
	/* The dead stay silent. */
	hal_up_ended(base.port, now, call, 0);
	hal_up_answered(base.port, now, call, 8000);
	ck_assert(!hal_next_event(hal, &event));
	stop();
}
END_TEST

START_TEST(a_release_that_is_done_inside_the_wish_is_one_end)
{
	hal_call_id call;
	struct hal_event event;

	start();
	call = in(table[_i].state);
	base.ends_at_once = true;
	if (table[_i].state == HAL_CALL_RELEASING)
		hal_up_ended(base.port, now, call, 0);
	else
		hal_call_release(hal, now, call, HAL_WHY_NORMAL);
	ck_assert(hal_next_event(hal, &event));
	ck_assert_int_eq(event.type, HAL_EV_CALL_ENDED);
	ck_assert(!hal_next_event(hal, &event));
	ck_assert_int_eq(state(call), HAL_CALL_NULL);
	stop();
}
END_TEST

START_TEST(a_lost_handset_ends_its_call_in_every_state)
{
	struct hal_event event;

	start();
	in(table[_i].state);
	hal_up_presence(base.port, now, handset, HAL_LOST);
	ck_assert(hal_next_event(hal, &event));
	ck_assert_int_eq(event.type, HAL_EV_CALL_ENDED);
	ck_assert(hal_next_event(hal, &event));
	ck_assert_int_eq(event.type, HAL_EV_HANDSET);
	ck_assert_uint_eq(base.dropped, 1);
	stop();
}
END_TEST

START_TEST(only_these_states_have_a_patience)
{
	static const struct {
		enum hal_call_state state;
		int64_t ms;
		enum hal_why why;
	} patience[] = {
		{ HAL_CALL_PRESENT, HAL_SETUP_MS, HAL_WHY_FAILED },
		{ HAL_CALL_CONNECTING, HAL_CONNECT_MS, HAL_WHY_FAILED },
		{ HAL_CALL_RELEASING, HAL_RELEASE_MS, HAL_WHY_NO_ANSWER },
		{ HAL_CALL_INITIATED, 0, 0 },
		{ HAL_CALL_DELIVERED, 0, 0 },
		{ HAL_CALL_RECEIVED, 0, 0 },
		{ HAL_CALL_ACTIVE, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(patience); i++) {
		struct hal_event event;
		hal_call_id call;

		start();
		call = in(patience[i].state);
		if (patience[i].ms == 0) {
			ck_assert_int_eq(hal_next_ms(hal), INT64_MAX);
			stop();
			continue;
		}
		ck_assert_int_eq(hal_next_ms(hal), now + patience[i].ms);
		hal_tick(hal, now + patience[i].ms - 1);
		ck_assert_int_eq(state(call), patience[i].state);
		base.ends_at_once = true;
		hal_tick(hal, now + patience[i].ms);
		event = last();
		ck_assert_int_eq(event.type, HAL_EV_CALL_ENDED);
		ck_assert_int_eq(event.ended.why, patience[i].why);
		stop();
	}
}
END_TEST

START_TEST(a_busy_handset_takes_no_second_call_from_either_side)
{
	struct hal_up_setup from = { .class = HAL_CLASS_NORMAL, .digits = "" };
	struct hal_setup to = { .signal = HAL_SIGNAL_NONE };
	hal_call_id call;

	start();
	in(table[_i].state);
	ck_assert_int_eq(hal_call_setup(hal, now, handset, &to, &call),
			 HAL_E_BUSY);
	ck_assert_int_eq(hal_up_setup(base.port, now, handset, &from, &call),
			 HAL_E_BUSY);
	stop();
}
END_TEST

START_TEST(why_and_reason_translate_both_ways)
{
	static const enum hal_why exact[] = {
		HAL_WHY_NORMAL,	   HAL_WHY_BUSY,	HAL_WHY_REJECTED,
		HAL_WHY_NO_ANSWER, HAL_WHY_UNALLOCATED, HAL_WHY_UNREACHABLE,
		HAL_WHY_OVERLOAD,  HAL_WHY_FAILED,
	};

	for (size_t i = 0; i < ARRAY_SIZE(exact); i++)
		ck_assert_int_eq(hal_why_of_reason(hal_why_reason(exact[i])),
				 exact[i]);
	ck_assert_uint_eq(hal_why_reason(HAL_WHY_ANSWERED_ELSEWHERE), 0x00);
	for (int reason = 0; reason < 256; reason++)
		ck_assert_str_ne(hal_why_name(hal_why_of_reason(reason)), "?");
}
END_TEST

START_TEST(names_are_cut_at_a_character_and_cleaned)
{
	struct hal_assignment a = { .number = "3\x01"
					      "1" };
	struct hal_handset_view view;

	start();
	for (size_t i = 0; i + 2 < sizeof(a.name); i += 2)
		memcpy(a.name + i, "\xc3\xbc", 2);
	a.name[126] = 'x';
	a.name[0] = '\xff'; /* and the rest of that character */
	ck_assert_int_eq(hal_handset_assign(hal, now, handset, &a), 0);
	hal_handset_view(hal, handset, &view);
	ck_assert_str_eq(view.assignment.number, "3 1");
	ck_assert_int_eq(strncmp(view.assignment.name, "??\xc3\xbc", 4), 0);
	stop();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hal_call");
	TCase *tc = tcase_create("states");
	SRunner *runner;
	int n = ARRAY_SIZE(table);
	int failed;

	tcase_add_loop_test(tc, a_wish_is_granted_where_the_table_says_so, 0,
			    n);
	tcase_add_loop_test(tc, a_wish_that_the_base_refuses_changes_nothing, 0,
			    n);
	tcase_add_loop_test(
		tc, a_word_of_the_base_counts_where_the_table_says_so, 0, n);
	tcase_add_loop_test(tc, a_release_works_in_every_state_and_twice, 0, n);
	tcase_add_loop_test(
		tc, a_release_that_is_done_inside_the_wish_is_one_end, 0, n);
	tcase_add_loop_test(tc, a_lost_handset_ends_its_call_in_every_state, 0,
			    n);
	tcase_add_loop_test(
		tc, a_busy_handset_takes_no_second_call_from_either_side, 0, n);
	tcase_add_test(tc, only_these_states_have_a_patience);
	tcase_add_test(tc, why_and_reason_translate_both_ways);
	tcase_add_test(tc, names_are_cut_at_a_character_and_cleaned);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
