/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conformance.c - see conformance.h */
#include "conformance.h"

#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#define IDS_MAX 64

static const struct rig *rig;
static void *ctx;
static void *world;
static struct hal *hal;
static hal_base_id base;
static int64_t now;
static hal_handset_id handset[RIG_HANDSETS];

/* ---- the watch: what is known from the events alone ---- */

static struct {
	hal_call_id over[IDS_MAX];
	size_t n_over;
	hal_req_id done[IDS_MAX];
	int done_rc[IDS_MAX];
	size_t n_done;
	enum hal_base_state state;
	enum hal_presence presence[RIG_HANDSETS];
	hal_call_id call[RIG_HANDSETS]; /* live */
	hal_call_id last_call;
	struct hal_event ended; /* the last */
	bool window;
	enum hal_window_end window_end;
	bool accept; /* grants what the user answers */
	bool mute;   /* does not answer who asks to be let in */
	hal_sub_id sub;
	size_t n_sub_requests, n_sub_failed;
	uint8_t sub_reason;
	size_t n_alerting, n_answered, n_setup, n_hold;
	char dialled[HAL_DIGITS_MAX + 1];
} seen;

static int index_of(hal_handset_id id)
{
	for (int i = 0; i < RIG_HANDSETS; i++) {
		if (handset[i] == id)
			return i;
	}
	ck_abort_msg("an event for a handset that nobody knows");
	return -1;
}

static void watch_request(const struct hal_event *ev)
{
	hal_sub_id sub = ev->sub.id;
	static const struct hal_assignment nobody;
	hal_handset_id id = 0;

	seen.n_sub_requests++;
	seen.sub = sub;
	if (seen.mute)
		return;
	ck_assert_int_eq(hal_sub_reply(hal, now, sub, &nobody, &id), 0);
	ck_assert_uint_ne(id, 0);
	for (int i = 0; i < RIG_HANDSETS; i++) {
		if (handset[i] == id)
			return;
	}
	for (int i = 0; i < RIG_HANDSETS; i++) {
		if (handset[i] == 0) {
			handset[i] = id;
			seen.presence[i] = HAL_DETACHED;
			return;
		}
	}
}

static void watch_call(const struct hal_event *ev)
{
	int i = index_of(ev->handset);

	for (size_t k = 0; k < seen.n_over; k++)
		ck_assert_msg(seen.over[k] != ev->call,
			      "%s: %s after the end of its call", rig->name,
			      hal_event_type_name(ev->type));
	ck_assert_int_eq(seen.presence[i], HAL_ATTACHED);
	if (ev->type == HAL_EV_CALL_SETUP) {
		ck_assert_uint_eq(seen.call[i], 0);
		seen.call[i] = ev->call;
		seen.last_call = ev->call;
	}
	ck_assert_uint_eq(seen.call[i], ev->call);
	if (ev->type != HAL_EV_CALL_ENDED)
		return;
	ck_assert_uint_lt(seen.n_over, IDS_MAX);
	seen.over[seen.n_over++] = ev->call;
	seen.call[i] = 0;
	seen.ended = *ev;
	ck_assert_int_eq(hal_call_release(hal, now, ev->call, HAL_WHY_NORMAL),
			 HAL_E_STALE);
}

static void watch_done(const struct hal_event *ev)
{
	for (size_t k = 0; k < seen.n_done; k++)
		ck_assert_msg(seen.done[k] != ev->done.req,
			      "%s: a request done twice", rig->name);
	ck_assert_uint_lt(seen.n_done, IDS_MAX);
	seen.done[seen.n_done] = ev->done.req;
	seen.done_rc[seen.n_done++] = ev->done.rc;
}

static void watch(const struct hal_event *ev)
{
	int i;

	ck_assert_uint_eq(ev->base, base);
	switch (ev->type) {
	case HAL_EV_BASE:
		ck_assert_int_ne(ev->state, seen.state);
		seen.state = ev->state;
		break;
	case HAL_EV_SUB_WINDOW:
		seen.window = ev->window.open;
		seen.window_end = ev->window.end;
		break;
	case HAL_EV_SUB_REQUEST:
		watch_request(ev);
		break;
	case HAL_EV_SUB_FAILED:
		seen.n_sub_failed++;
		seen.sub_reason = ev->sub.reason;
		break;
	case HAL_EV_HANDSET:
		i = index_of(ev->handset);
		ck_assert_int_ne(ev->presence, seen.presence[i]);
		ck_assert_uint_eq(seen.call[i], 0);
		seen.presence[i] = ev->presence;
		break;
	case HAL_EV_DONE:
		watch_done(ev);
		break;
	case HAL_EV_CALL_ALERTING:
		watch_call(ev);
		seen.n_alerting++;
		break;
	case HAL_EV_CALL_ANSWERED:
		watch_call(ev);
		seen.n_answered++;
		if (seen.accept)
			ck_assert_int_eq(
				hal_call_connect(hal, now, ev->call, NULL), 0);
		break;
	case HAL_EV_CALL_SETUP:
	case HAL_EV_CALL_DIGITS:
		watch_call(ev);
		seen.n_setup += ev->digits.complete;
		OSMO_STRLCPY_ARRAY(seen.dialled, ev->digits.dialled);
		break;
	case HAL_EV_CALL_HOLD:
		watch_call(ev);
		seen.n_hold++;
		break;
	case HAL_EV_CALL_KEYPAD:
	case HAL_EV_CALL_RETRIEVE:
	case HAL_EV_CALL_ENDED:
		watch_call(ev);
		break;
	default:
		break;
	}
}

/* ---- time ---- */

static void settle(void)
{
	struct hal_event ev;
	bool any;

	do {
		any = false;
		while (hal_next_ms(hal) <= now)
			hal_tick(hal, now);
		any |= rig->step(world, now);
		while (hal_next_event(hal, &ev)) {
			watch(&ev);
			any = true;
		}
	} while (any);
}

static void pass(int64_t ms)
{
	int64_t end = now + ms;

	settle();
	while (now < end) {
		int64_t next = OSMO_MIN(hal_next_ms(hal), rig->next_ms(world));

		now = OSMO_MIN(end, OSMO_MAX(next, now));
		settle();
	}
}

/* Wait at most @ms for it. */
#define UNTIL(ms, what)                                                        \
	do {                                                                   \
		for (int64_t end_ = now + (ms); !(what) && now < end_;)        \
			pass(10);                                              \
		ck_assert_msg(what, "%s: in vain: %s", rig->name, #what);      \
	} while (0)

/* ---- beginnings ---- */

static void begin(void)
{
	memset(&seen, 0, sizeof(seen));
	memset(handset, 0, sizeof(handset));
	seen.accept = true;
	now = 1000;
	ctx = talloc_new(NULL);
	hal = hal_new(ctx, NULL);
	world = rig->make(ctx, hal, now, &base);
	seen.state = HAL_OPENING;
	UNTIL(5000, seen.state == HAL_UP);
}

static void finish(void)
{
	hal_free(hal);
	talloc_free(ctx);
}

static hal_req_id open_window(const char *ac)
{
	struct hal_window window = { 0 };
	hal_req_id req = 0;

	OSMO_STRLCPY_ARRAY(window.ac, ac);
	ck_assert_int_eq(hal_sub_open(hal, now, base, &window, &req), 0);
	UNTIL(10000, seen.window);
	return req;
}

static int rc_of(hal_req_id req)
{
	for (size_t k = 0; k < seen.n_done; k++) {
		if (seen.done[k] == req)
			return seen.done_rc[k];
	}
	return 1; /* not done */
}

static void begin_subscribed(void)
{
	begin();
	open_window("1234");
	for (int i = 0; i < RIG_HANDSETS; i++) {
		rig->subscribe(world, now, i, "1234");
		UNTIL(15000, seen.presence[i] == HAL_ATTACHED);
	}
}

static hal_call_id ring(int i)
{
	struct hal_setup setup = { .party.number = "202",
				   .signal = HAL_SIGNAL_ALERT_INTERNAL };
	hal_call_id call = 0;

	ck_assert_int_eq(hal_call_setup(hal, now, handset[i], &setup, &call),
			 0);
	ck_assert_uint_ne(call, 0);
	ck_assert_uint_lt(call, UINT64_C(1) << 62);
	seen.call[i] = call;
	return call;
}

static hal_call_id talk(int i)
{
	hal_call_id call = ring(i);

	UNTIL(10000, rig->rings(world, i));
	rig->answer(world, now, i);
	UNTIL(10000, rig->talks(world, i));
	return call;
}

/* ---- bases ---- */

START_TEST(a_closed_base_tells_it_last_and_is_stale)
{
	struct hal_event ev = { .type = HAL_EV_NONE };
	hal_call_id call;

	begin_subscribed();
	call = ring(0);
	settle();
	ck_assert_int_eq(hal_base_close(hal, now, base), 0);
	ck_assert_int_eq(hal_base_close(hal, now, base), HAL_E_STALE);
	ck_assert_int_eq(hal_call_release(hal, now, call, HAL_WHY_NORMAL),
			 HAL_E_STALE);
	while (hal_next_event(hal, &ev))
		watch(&ev);
	ck_assert_int_eq(ev.type, HAL_EV_BASE);
	ck_assert_int_eq(ev.state, HAL_CLOSED);
	ck_assert_uint_eq(seen.call[0], 0);
	finish();
}
END_TEST

START_TEST(a_lost_link_ends_calls_and_presence_and_heals)
{
	struct hal_setup setup = { .signal = HAL_SIGNAL_NONE };
	hal_call_id call;

	begin_subscribed();
	ring(0);
	talk(1);
	rig->break_link(world, now, true);
	UNTIL(1000, seen.state == HAL_DOWN);
	for (int i = 0; i < RIG_HANDSETS; i++) {
		ck_assert_uint_eq(seen.call[i], 0);
		ck_assert_int_eq(seen.presence[i], HAL_UNKNOWN);
	}
	ck_assert(!seen.window);
	ck_assert_int_eq(seen.ended.ended.why, HAL_WHY_LINK_LOST);
	ck_assert_int_eq(hal_call_setup(hal, now, handset[0], &setup, &call),
			 HAL_E_LINK);
	rig->break_link(world, now, false);
	UNTIL(60000, seen.state == HAL_UP);
	UNTIL(60000, seen.presence[0] == HAL_ATTACHED);
	talk(0);
	finish();
}
END_TEST

/* ---- subscription ---- */

START_TEST(opening_and_closing_the_window_are_done_once)
{
	hal_req_id req, first;

	begin();
	first = open_window("1");
	ck_assert_int_eq(rc_of(first), 0);
	ck_assert_int_eq(hal_sub_close(hal, now, base, &req), 0);
	UNTIL(10000, rc_of(req) == 0);
	ck_assert(!seen.window);
	ck_assert_int_eq(seen.window_end, HAL_WINDOW_ASKED);
	ck_assert_uint_ne(req, first);
	finish();
}
END_TEST

START_TEST(the_window_closes_by_itself)
{
	begin();
	open_window("1");
	pass(HAL_WINDOW_S_DEFAULT * 1000 - 1000);
	ck_assert(seen.window);
	pass(2000);
	ck_assert(!seen.window);
	ck_assert_int_eq(seen.window_end, HAL_WINDOW_TIME);
	finish();
}
END_TEST

START_TEST(a_wrong_window_is_refused)
{
	struct hal_window window = { .ac = "12x4" };
	hal_req_id req = 42;

	begin();
	ck_assert_int_eq(hal_sub_open(hal, now, base, &window, &req),
			 HAL_E_ARG);
	window = (struct hal_window){ .seconds = HAL_WINDOW_S_MAX + 1 };
	ck_assert_int_eq(hal_sub_open(hal, now, base, &window, &req),
			 HAL_E_ARG);
	ck_assert_int_eq(hal_sub_open(hal, now, 42, &window, &req),
			 HAL_E_STALE);
	ck_assert_uint_eq(req, 42);
	finish();
}
END_TEST

START_TEST(wrong_codes_are_told_and_the_fifth_closes_the_window)
{
	begin();
	open_window("1234");
	for (size_t k = 1; k <= HAL_WRONG_CODES_MAX; k++) {
		ck_assert(seen.window);
		rig->subscribe(world, now, 0, "99");
		UNTIL(10000, seen.n_sub_failed == k);
		ck_assert_uint_eq(seen.sub_reason, 0x10);
		pass(1000);
	}
	ck_assert(!seen.window);
	ck_assert_int_eq(seen.window_end, HAL_WINDOW_WRONG_CODES);
	ck_assert_uint_eq(seen.n_sub_requests, 0);
	finish();
}
END_TEST

START_TEST(a_handset_waits_until_the_host_has_stored_it)
{
	begin();
	seen.mute = true;
	open_window("1234");
	rig->subscribe(world, now, 0, "1234");
	UNTIL(10000, seen.n_sub_requests == 1);
	pass(HAL_SUB_REPLY_MS - 100);
	ck_assert_uint_eq(seen.n_sub_failed, 0);
	pass(200);
	ck_assert_uint_eq(seen.n_sub_failed, 1);
	ck_assert_int_eq(hal_sub_reply(hal, now, seen.sub, NULL, NULL),
			 HAL_E_STALE);
	finish();
}
END_TEST

START_TEST(a_handset_that_subscribes_again_keeps_its_id)
{
	hal_handset_id id;

	begin_subscribed();
	id = handset[0];
	rig->subscribe(world, now, 0, "1234");
	UNTIL(10000, seen.n_sub_requests == RIG_HANDSETS + 1);
	UNTIL(10000, seen.presence[0] == HAL_ATTACHED);
	ck_assert_uint_eq(handset[0], id);
	talk(0);
	finish();
}
END_TEST

START_TEST(a_deleted_handset_is_stale_at_once_and_done_later)
{
	hal_req_id req = 0, other = 0;
	hal_handset_id gone;

	begin_subscribed();
	talk(0);
	gone = handset[0];
	ck_assert_int_eq(hal_handset_delete(hal, now, gone, &req), 0);
	ck_assert_int_eq(hal_handset_delete(hal, now, gone, &other),
			 HAL_E_STALE);
	UNTIL(15000, rc_of(req) == 0);
	ck_assert_uint_eq(seen.call[0], 0);
	talk(1);
	finish();
}
END_TEST

/* ---- presence ---- */

START_TEST(off_is_detached_and_on_is_attached)
{
	struct hal_setup setup = { .signal = HAL_SIGNAL_NONE };
	hal_call_id call = 42;

	begin_subscribed();
	rig->power(world, now, 0, false);
	UNTIL(10000, seen.presence[0] != HAL_ATTACHED);
	ck_assert_int_lt(hal_call_setup(hal, now, handset[0], &setup, &call),
			 0);
	ck_assert_uint_eq(call, 42);
	rig->power(world, now, 0, true);
	UNTIL(10000, seen.presence[0] == HAL_ATTACHED);
	talk(0);
	finish();
}
END_TEST

START_TEST(out_of_range_ends_as_unreachable_and_the_other_does_not_care)
{
	begin_subscribed();
	talk(1);
	rig->range(world, now, 0, false);
	pass(100);
	ring(0);
	UNTIL(HAL_SETUP_MS, seen.call[0] == 0);
	ck_assert_int_eq(seen.ended.ended.why, HAL_WHY_UNREACHABLE);
	ck_assert(rig->talks(world, 1));
	rig->range(world, now, 0, true);
	UNTIL(10000, seen.presence[0] == HAL_ATTACHED);
	talk(0);
	finish();
}
END_TEST

/* ---- calls ---- */

START_TEST(a_call_rings_is_answered_and_ends_once)
{
	hal_call_id call;

	begin_subscribed();
	call = talk(0);
	ck_assert_uint_eq(seen.n_alerting, 1);
	ck_assert_uint_eq(seen.n_answered, 1);
	ck_assert_int_eq(hal_call_release(hal, now, call, HAL_WHY_NORMAL), 0);
	ck_assert_int_le(hal_call_release(hal, now, call, HAL_WHY_BUSY), 0);
	UNTIL(HAL_RELEASE_MS + 1000, seen.call[0] == 0);
	ck_assert_int_eq(seen.ended.ended.why, HAL_WHY_NORMAL);
	ck_assert(seen.ended.ended.by_host);
	pass(60000);
	finish();
}
END_TEST

START_TEST(a_user_who_hangs_up_ends_the_call)
{
	begin_subscribed();
	talk(0);
	rig->hang_up(world, now, 0);
	UNTIL(10000, seen.call[0] == 0);
	ck_assert_int_eq(seen.ended.ended.why, HAL_WHY_NORMAL);
	ck_assert(!seen.ended.ended.by_host);
	finish();
}
END_TEST

START_TEST(a_user_who_rejects_says_so)
{
	begin_subscribed();
	ring(0);
	UNTIL(10000, rig->rings(world, 0));
	rig->reject(world, now, 0);
	UNTIL(10000, seen.call[0] == 0);
	ck_assert_int_eq(seen.ended.ended.why, HAL_WHY_REJECTED);
	finish();
}
END_TEST

START_TEST(a_release_crossing_anything_keeps_its_why)
{
	hal_call_id call;

	begin_subscribed();
	for (int when = 0; when < 8; when++) {
		call = ring(0);
		if (when & 1)
			UNTIL(10000, rig->rings(world, 0));
		if (when & 2)
			rig->answer(world, now, 0);
		if (when & 4)
			rig->hang_up(world, now, 0);
		ck_assert_int_eq(hal_call_release(hal, now, call,
						  HAL_WHY_ANSWERED_ELSEWHERE),
				 0);
		UNTIL(HAL_RELEASE_MS + 1000, seen.call[0] == 0);
		ck_assert_int_eq(seen.ended.ended.why,
				 HAL_WHY_ANSWERED_ELSEWHERE);
		pass(2000);
		ck_assert(!rig->rings(world, 0));
	}
	finish();
}
END_TEST

START_TEST(a_handset_calls_and_is_connected)
{
	begin_subscribed();
	rig->dial(world, now, 0, "202");
	UNTIL(10000, seen.n_setup == 1);
	ck_assert_str_eq(seen.dialled, "202");
	ck_assert_int_eq(hal_call_proceeding(hal, now, seen.last_call), 0);
	ck_assert_int_eq(hal_call_alerting(hal, now, seen.last_call,
					   HAL_SIGNAL_RING_BACK),
			 0);
	ck_assert_int_eq(hal_call_connect(hal, now, seen.last_call, NULL), 0);
	ck_assert_int_eq(hal_call_connect(hal, now, seen.last_call, NULL),
			 HAL_E_STATE);
	UNTIL(10000, rig->talks(world, 0));
	finish();
}
END_TEST

START_TEST(a_handset_that_gives_up_ends_its_call)
{
	begin_subscribed();
	rig->dial(world, now, 0, "202");
	UNTIL(10000, seen.n_setup == 1);
	rig->hang_up(world, now, 0);
	UNTIL(10000, seen.call[0] == 0);
	ck_assert_int_eq(seen.ended.ended.why, HAL_WHY_CALLER_GAVE_UP);
	finish();
}
END_TEST

START_TEST(an_answer_that_the_host_ignores_is_released)
{
	begin_subscribed();
	seen.accept = false;
	ring(0);
	UNTIL(10000, rig->rings(world, 0));
	rig->answer(world, now, 0);
	UNTIL(10000, seen.n_answered == 1);
	UNTIL(HAL_CONNECT_MS + 10000, seen.call[0] == 0);
	finish();
}
END_TEST

START_TEST(two_handsets_talk_and_know_nothing_of_each_other)
{
	begin_subscribed();
	talk(0);
	talk(1);
	rig->hang_up(world, now, 0);
	UNTIL(10000, seen.call[0] == 0);
	ck_assert(rig->talks(world, 1));
	ck_assert_uint_ne(seen.call[1], 0);
	finish();
}
END_TEST

START_TEST(hold_is_a_wish_that_the_host_confirms)
{
	hal_call_id call;

	begin_subscribed();
	call = talk(0);
	rig->hold(world, now, 0);
	UNTIL(10000, seen.n_hold == 1);
	ck_assert_int_eq(hal_call_held(hal, now, call, true), 0);
	settle();
	finish();
}
END_TEST

START_TEST(ids_are_never_given_out_again)
{
	begin_subscribed();
	for (int k = 0; k < 30; k++) {
		hal_call_id call = ring(0);

		for (size_t i = 0; i < seen.n_over; i++)
			ck_assert_uint_ne(seen.over[i], call);
		hal_call_release(hal, now, call, HAL_WHY_NORMAL);
		UNTIL(HAL_RELEASE_MS + 1000, seen.call[0] == 0);
		pass(100);
	}
	finish();
}
END_TEST

START_TEST(sound_of_the_wrong_size_or_time_is_refused)
{
	static const int16_t silence[HAL_FRAME_SAMPLES_MAX];
	struct hal_call_view view;
	hal_call_id call;

	begin_subscribed();
	call = talk(0);
	ck_assert_int_eq(hal_call_view(hal, call, &view), 0);
	ck_assert_int_eq(
		hal_audio_tx(hal, now, call, silence, view.rate_hz / 50), 0);
	ck_assert_int_eq(hal_audio_tx(hal, now, call, silence, 7), HAL_E_ARG);
	hal_call_release(hal, now, call, HAL_WHY_NORMAL);
	UNTIL(HAL_RELEASE_MS + 1000, seen.call[0] == 0);
	ck_assert_int_eq(
		hal_audio_tx(hal, now, call, silence, view.rate_hz / 50),
		HAL_E_STALE);
	finish();
}
END_TEST

Suite *conformance_suite(const struct rig *of)
{
	Suite *suite = suite_create(of->name);
	TCase *tc = tcase_create("what hal.h promises");

	rig = of;
	tcase_add_test(tc, a_closed_base_tells_it_last_and_is_stale);
	tcase_add_test(tc, a_lost_link_ends_calls_and_presence_and_heals);
	tcase_add_test(tc, opening_and_closing_the_window_are_done_once);
	tcase_add_test(tc, the_window_closes_by_itself);
	tcase_add_test(tc, a_wrong_window_is_refused);
	tcase_add_test(tc,
		       wrong_codes_are_told_and_the_fifth_closes_the_window);
	tcase_add_test(tc, a_handset_waits_until_the_host_has_stored_it);
	tcase_add_test(tc, a_handset_that_subscribes_again_keeps_its_id);
	tcase_add_test(tc, a_deleted_handset_is_stale_at_once_and_done_later);
	tcase_add_test(tc, off_is_detached_and_on_is_attached);
	tcase_add_test(
		tc,
		out_of_range_ends_as_unreachable_and_the_other_does_not_care);
	tcase_add_test(tc, a_call_rings_is_answered_and_ends_once);
	tcase_add_test(tc, a_user_who_hangs_up_ends_the_call);
	tcase_add_test(tc, a_user_who_rejects_says_so);
	tcase_add_test(tc, a_release_crossing_anything_keeps_its_why);
	tcase_add_test(tc, a_handset_calls_and_is_connected);
	tcase_add_test(tc, a_handset_that_gives_up_ends_its_call);
	tcase_add_test(tc, an_answer_that_the_host_ignores_is_released);
	tcase_add_test(tc, two_handsets_talk_and_know_nothing_of_each_other);
	tcase_add_test(tc, hold_is_a_wish_that_the_host_confirms);
	tcase_add_test(tc, ids_are_never_given_out_again);
	tcase_add_test(tc, sound_of_the_wrong_size_or_time_is_refused);
	suite_add_tcase(suite, tc);
	return suite;
}
