/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sim.c - the simulated base and its handsets, story by story */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "sim_key.h"
#include "sim_world.h"

/* ---- a host that lets everybody in, and writes down what it sees ---- */

struct host {
	char text[8192];
	size_t n;
	hal_call_id call; /* the last one seen */
	hal_handset_id handset[SW_PTS];
	uint8_t uak[SW_PTS][HAL_UAK_BYTES];
	uint64_t ipui[SW_PTS];
	size_t n_handsets;
	hal_sub_id sub;
	bool slow; /* does not reply to a subscription by itself */
	unsigned int rate_hz;
	bool answer; /* grants what answers */
};

static struct host host;
static struct sim_world *w;

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	host.n += vsnprintf(host.text + host.n, sizeof(host.text) - host.n,
			    format, args);
	va_end(args);
	ck_assert(host.n < sizeof(host.text));
}

static void on_hal(struct sim_world *world, const struct hal_event *ev, void *d)
{
	struct hal_assignment a = { .name = "Alice" };

	switch (ev->type) {
	case HAL_EV_BASE:
		note("base %s\n", hal_base_state_name(ev->state));
		break;
	case HAL_EV_SUB_WINDOW:
		note("window %s %d\n", ev->window.open ? "open" : "closed",
		     ev->window.end);
		break;
	case HAL_EV_SUB_REQUEST:
		note("sub request\n");
		host.sub = ev->sub.id;
		host.ipui[host.n_handsets] = ev->sub.ipui;
		memcpy(host.uak[host.n_handsets], ev->sub.uak, HAL_UAK_BYTES);
		if (host.slow)
			break;
		snprintf(a.number, sizeof(a.number), "%zu",
			 301 + host.n_handsets);
		ck_assert_int_eq(hal_sub_reply(world->hal, world->now_ms,
					       ev->sub.id, &a,
					       &host.handset[host.n_handsets]),
				 0);
		host.n_handsets++;
		break;
	case HAL_EV_SUB_FAILED:
		note("sub failed %02x\n", ev->sub.reason);
		break;
	case HAL_EV_HANDSET:
		note("handset %s\n", hal_presence_name(ev->presence));
		break;
	case HAL_EV_CALL_SETUP:
		host.call = ev->call;
		host.rate_hz = ev->digits.rate_hz;
		note("setup '%s'%s\n", ev->digits.dialled,
		     ev->digits.complete ? " complete" : "");
		break;
	case HAL_EV_CALL_DIGITS:
		note("digits '%s'%s\n", ev->digits.dialled,
		     ev->digits.complete ? " complete" : "");
		break;
	case HAL_EV_CALL_KEYPAD:
		note("keypad '%s'\n", ev->digits.text);
		break;
	case HAL_EV_CALL_ANSWERED:
		note("answered %u\n", ev->rate_hz);
		if (host.answer)
			ck_assert_int_eq(hal_call_connect(world->hal,
							  world->now_ms,
							  ev->call, NULL),
					 0);
		break;
	case HAL_EV_CALL_ENDED:
		note("ended %s %02x\n", hal_why_name(ev->ended.why),
		     ev->ended.reason);
		break;
	case HAL_EV_DONE:
		note("done %d\n", ev->done.rc);
		break;
	default:
		note("%s\n", hal_event_type_name(ev->type));
		break;
	}
}

static void on_pt(struct sim_world *world, size_t i, const struct pt_event *ev,
		  void *d)
{
	switch (ev->type) {
	case PT_EV_SUBSCRIBED:
		note("  pt%zu subscribed %s\n", i, ev->number);
		break;
	case PT_EV_SUBSCRIBE_REJECTED:
		note("  pt%zu rejected: %s\n", i, ev->text);
		break;
	case PT_EV_ASSIGNED:
		note("  pt%zu assigned %s %s\n", i, ev->number, ev->name);
		break;
	case PT_EV_ALERTING:
	case PT_EV_CONNECTED:
	case PT_EV_PARTY:
		note("  pt%zu %s %s %s\n", i, pt_event_type_name(ev->type),
		     ev->number, ev->name);
		break;
	case PT_EV_RELEASED:
		note("  pt%zu released %s\n", i, pt_reason_name(ev->reason));
		break;
	case PT_EV_DISPLAY:
		note("  pt%zu display %s\n", i, ev->text);
		break;
	case PT_EV_INDICATOR:
		note("  pt%zu missed %u messages %u dnd %d twin %d\n", i,
		     ev->missed, ev->messages, ev->dnd, ev->twin);
		break;
	case PT_EV_PAGED:
		note("  pt%zu paged %d\n", i, ev->on);
		break;
	case PT_EV_TIME:
		note("  pt%zu time %lld %d\n", i, (long long)ev->unix_s,
		     ev->zone_quarters);
		break;
	case PT_EV_MEMORY:
		break;
	default:
		note("  pt%zu %s\n", i, pt_event_type_name(ev->type));
		break;
	}
}

/* What was seen since the last look. */
static void expect(const char *text)
{
	sw_settle(w);
	ck_assert_str_eq(host.text, text);
	host.text[0] = '\0';
	host.n = 0;
}

static void forget_notes(void)
{
	sw_settle(w);
	host.text[0] = '\0';
	host.n = 0;
}

static void world(size_t n)
{
	memset(&host, 0, sizeof(host));
	host.answer = true;
	w = sw_new(n);
	w->on_hal = on_hal;
	w->on_pt = on_pt;
}

static void window(const char *ac)
{
	struct hal_window window = { 0 };
	hal_req_id req;

	OSMO_STRLCPY_ARRAY(window.ac, ac);
	ck_assert_int_eq(
		hal_sub_open(w->hal, w->now_ms, w->base, &window, &req), 0);
	sw_settle(w);
}

/* @n handsets that are subscribed and attached. */
static void subscribed(size_t n)
{
	world(n);
	window("1234");
	for (size_t i = 0; i < n; i++) {
		pt_subscribe(w->pt[i], w->now_ms, "1234");
		sw_settle(w);
		ck_assert_int_eq(pt_state(w->pt[i]), PT_ATTACHED);
	}
	forget_notes();
}

static hal_call_id ring(size_t i)
{
	struct hal_setup setup = {
		.party = { .number = "202", .name = "Bob" },
		.signal = HAL_SIGNAL_ALERT_INTERNAL,
		.wideband = true,
	};
	hal_call_id call = 0;

	ck_assert_int_eq(hal_call_setup(w->hal, w->now_ms, host.handset[i],
					&setup, &call),
			 0);
	return call;
}

static void over(void)
{
	sw_free(w);
}

/* ---- subscription ---- */

START_TEST(a_handset_with_the_code_is_let_in_and_attaches)
{
	world(1);
	window("1234");
	expect("window open 0\ndone 0\n");
	ck_assert_int_eq(pt_subscribe(w->pt[0], w->now_ms, "1234"), 0);
	expect("sub request\n"
	       "  pt0 subscribed 301\n"
	       "handset attached\n"
	       "  pt0 attached\n"
	       "  pt0 missed 0 messages 0 dnd 0 twin 0\n");
	ck_assert_mem_eq(pt_memory(w->pt[0])->uak, host.uak[0], HAL_UAK_BYTES);
	ck_assert_uint_eq(pt_memory(w->pt[0])->ipui, host.ipui[0]);
	over();
}
END_TEST

START_TEST(a_closed_base_lets_nobody_in)
{
	world(1);
	pt_subscribe(w->pt[0], w->now_ms, "1234");
	sw_run(w, 2999);
	expect("");
	sw_run(w, 1);
	expect("  pt0 rejected: no base is open for subscription\n");
	over();
}
END_TEST

START_TEST(the_window_closes_after_two_minutes)
{
	world(1);
	window("1234");
	forget_notes();
	sw_run(w, 119999);
	expect("");
	sw_run(w, 1);
	expect("window closed 1\n");
	over();
}
END_TEST

START_TEST(five_wrong_codes_close_the_window)
{
	world(1);
	window("1234");
	forget_notes();
	for (int i = 0; i < 5; i++) {
		pt_subscribe(w->pt[0], w->now_ms, "4321");
		sw_run(w, 1000);
	}
	expect("sub failed 10\n  pt0 rejected: wrong code\n"
	       "sub failed 10\n  pt0 rejected: wrong code\n"
	       "sub failed 10\n  pt0 rejected: wrong code\n"
	       "sub failed 10\n  pt0 rejected: wrong code\n"
	       "sub failed 10\nwindow closed 2\n  pt0 rejected: wrong code\n");
	over();
}
END_TEST

START_TEST(an_allow_list_lets_in_only_whom_it_names)
{
	struct hal_window window = { .ac = "1234", .n_allow = 1 };
	hal_req_id req;

	world(2);
	window.allow[0] = pt_memory(w->pt[1])->ipui;
	hal_sub_open(w->hal, w->now_ms, w->base, &window, &req);
	forget_notes();
	pt_subscribe(w->pt[0], w->now_ms, "1234");
	expect("sub failed 05\n  pt0 rejected: this handset is not accepted\n");
	pt_subscribe(w->pt[1], w->now_ms, "1234");
	sw_settle(w);
	ck_assert_int_eq(pt_state(w->pt[1]), PT_ATTACHED);
	over();
}
END_TEST

START_TEST(a_handset_is_told_only_after_the_host_has_stored_it)
{
	struct hal_assignment a = { .number = "301" };
	hal_handset_id handset;

	world(1);
	host.slow = true;
	window("1234");
	forget_notes();
	pt_subscribe(w->pt[0], w->now_ms, "1234");
	sw_run(w, 9000);
	expect("sub request\n");
	ck_assert_int_eq(
		hal_sub_reply(w->hal, w->now_ms, host.sub, &a, &handset), 0);
	expect("  pt0 subscribed 301\nhandset attached\n  pt0 attached\n"
	       "  pt0 missed 0 messages 0 dnd 0 twin 0\n");
	ck_assert_int_eq(
		hal_sub_reply(w->hal, w->now_ms, host.sub, &a, &handset),
		HAL_E_STALE);
	over();
}
END_TEST

START_TEST(a_host_that_does_not_reply_lets_nobody_in)
{
	struct hal_assignment a = { .number = "301" };
	hal_handset_id handset;

	world(1);
	host.slow = true;
	window("1234");
	forget_notes();
	pt_subscribe(w->pt[0], w->now_ms, "1234");
	sw_run(w, 10000);
	expect("sub request\nsub failed 30\n"
	       "  pt0 rejected: the base has no room\n");
	ck_assert_int_eq(
		hal_sub_reply(w->hal, w->now_ms, host.sub, &a, &handset),
		HAL_E_STALE);
	over();
}
END_TEST

START_TEST(a_handset_that_left_before_the_reply_is_admitted_and_can_be_deleted)
{
	struct hal_assignment a = { .number = "301" };
	hal_handset_id handset;
	hal_req_id req;

	world(1);
	host.slow = true;
	window("1234");
	pt_subscribe(w->pt[0], w->now_ms, "1234");
	sw_settle(w);
	sw_disconnect(w, 0);
	ck_assert_int_eq(
		hal_sub_reply(w->hal, w->now_ms, host.sub, &a, &handset), 0);
	forget_notes();
	ck_assert_int_eq(hal_handset_delete(w->hal, w->now_ms, handset, &req),
			 0);
	expect("done 0\n");
	over();
}
END_TEST

START_TEST(a_deleted_handset_forgets_the_base)
{
	hal_req_id req;

	subscribed(1);
	ck_assert_int_eq(
		hal_handset_delete(w->hal, w->now_ms, host.handset[0], &req),
		0);
	expect("  pt0 detached\n  pt0 unsubscribed\ndone 0\n");
	ck_assert_int_eq(pt_state(w->pt[0]), PT_FRESH);
	ck_assert_int_eq(
		hal_handset_delete(w->hal, w->now_ms, host.handset[0], &req),
		HAL_E_STALE);
	over();
}
END_TEST

START_TEST(a_handset_deleted_while_off_finds_out_when_it_returns)
{
	hal_req_id req;

	subscribed(1);
	pt_power(w->pt[0], w->now_ms, false);
	expect("handset detached\n  pt0 detached\n");
	hal_handset_delete(w->hal, w->now_ms, host.handset[0], &req);
	expect("done 0\n");
	pt_power(w->pt[0], w->now_ms, true);
	expect("  pt0 unsubscribed\n");
	over();
}
END_TEST

START_TEST(a_restored_handset_attaches_by_itself_with_its_old_key)
{
	struct hal_assignment a = { .number = "301", .name = "Alice" };
	struct sim_world *old;
	struct pt_memory memory;
	struct sim_config config = { .seed = 99 };

	subscribed(1);
	memory = *pt_memory(w->pt[0]);
	old = w;
	w = talloc_zero(NULL, struct sim_world);
	w->now_ms = 5000;
	w->on_hal = on_hal;
	w->on_pt = on_pt;
	w->n = 1;
	w->hal = hal_new(w, NULL);
	memcpy(config.rfpi, memory.rfpi, sizeof(config.rfpi));
	w->sim = sim_new(w, &config);
	hal_base_open(w->hal, w->now_ms, "sim", &sim_driver, w->sim, &w->base);
	ck_assert_int_eq(hal_handset_restore(w->hal, w->now_ms, w->base,
					     memory.ipui, host.uak[0], &a,
					     &host.handset[0]),
			 0);
	sw_settle(w);
	w->pt[0] = pt_new(w, &(struct pt_config){ .memory = memory });
	sw_connect(w, 0);
	expect("base syncing\nbase up\n"
	       "handset attached\n  pt0 attached\n"
	       "  pt0 missed 0 messages 0 dnd 0 twin 0\n");
	sw_free(old);
	over();
}
END_TEST

START_TEST(a_thief_with_the_number_and_not_the_key_is_refused)
{
	struct pt_memory memory;

	subscribed(1);
	memory = *pt_memory(w->pt[0]);
	memory.uak[3] ^= 1;
	w->n = 2;
	w->pt[1] = pt_new(w, &(struct pt_config){ .memory = memory });
	sw_connect(w, 1);
	expect("  pt1 unsubscribed\n");
	ck_assert_int_eq(pt_state(w->pt[0]), PT_ATTACHED);
	ring(0);
	expect("  pt0 alerting 202 Bob\ncall-alerting\n");
	over();
}
END_TEST

/* ---- presence ---- */

START_TEST(off_and_on_is_detached_and_attached)
{
	subscribed(1);
	pt_power(w->pt[0], w->now_ms, false);
	expect("handset detached\n  pt0 detached\n");
	pt_power(w->pt[0], w->now_ms, true);
	expect("handset attached\n  pt0 attached\n"
	       "  pt0 missed 0 messages 0 dnd 0 twin 0\n");
	over();
}
END_TEST

START_TEST(out_of_range_is_found_by_a_page_that_nobody_answers)
{
	struct hal_setup setup = { .party.number = "202" };
	hal_call_id call;

	subscribed(1);
	pt_range(w->pt[0], w->now_ms, false);
	expect("  pt0 detached\n");
	ring(0);
	sw_run(w, 4999);
	expect("");
	sw_run(w, 1);
	expect("ended unreachable 11\nhandset lost\n");
	ck_assert_int_eq(hal_call_setup(w->hal, w->now_ms, host.handset[0],
					&setup, &call),
			 HAL_E_RANGE);
	pt_range(w->pt[0], w->now_ms, true);
	expect("handset attached\n  pt0 attached\n"
	       "  pt0 missed 0 messages 0 dnd 0 twin 0\n");
	over();
}
END_TEST

START_TEST(a_broken_connection_is_a_lost_handset_and_ends_its_call_alone)
{
	subscribed(2);
	ring(0);
	ring(1);
	forget_notes();
	sw_disconnect(w, 0);
	expect("ended link_lost 0f\nhandset lost\n"
	       "  pt0 released failed\n  pt0 detached\n");
	pt_answer(w->pt[1], w->now_ms);
	expect("answered 16000\n  pt1 connected 202 Bob\n");
	sw_connect(w, 0);
	expect("handset attached\n  pt0 attached\n"
	       "  pt0 missed 0 messages 0 dnd 0 twin 0\n");
	over();
}
END_TEST

START_TEST(a_talking_handset_may_be_out_of_range_for_a_moment)
{
	subscribed(1);
	ring(0);
	sw_settle(w);
	pt_answer(w->pt[0], w->now_ms);
	forget_notes();
	pt_range(w->pt[0], w->now_ms, false);
	sw_run(w, 4000);
	pt_range(w->pt[0], w->now_ms, true);
	sw_run(w, 60000);
	expect("");
	pt_range(w->pt[0], w->now_ms, false);
	sw_run(w, 5000);
	expect("ended link_lost 0f\nhandset lost\n"
	       "  pt0 released failed\n  pt0 detached\n");
	over();
}
END_TEST

START_TEST(a_base_that_breaks_takes_all_with_it_and_comes_back)
{
	subscribed(2);
	ring(0);
	forget_notes();
	sim_break(w->sim, w->now_ms, true);
	expect("ended link_lost 0f\n"
	       "window closed 3\n"
	       "handset unknown\nhandset unknown\n"
	       "base down\n"
	       "  pt0 released failed\n"
	       "  pt0 detached\n  pt1 detached\n");
	sim_break(w->sim, w->now_ms, false);
	sw_connect(w, 0);
	sw_connect(w, 1);
	forget_notes();
	ck_assert_int_eq(pt_state(w->pt[0]), PT_ATTACHED);
	ck_assert_int_eq(pt_state(w->pt[1]), PT_ATTACHED);
	over();
}
END_TEST

/* ---- calls ---- */

START_TEST(a_call_to_a_handset_rings_is_answered_and_hung_up)
{
	subscribed(1);
	ring(0);
	expect("  pt0 alerting 202 Bob\ncall-alerting\n");
	pt_answer(w->pt[0], w->now_ms);
	expect("answered 16000\n  pt0 connected 202 Bob\n");
	pt_hangup(w->pt[0], w->now_ms);
	expect("ended normal 00\n  pt0 released normal\n");
	over();
}
END_TEST

START_TEST(answered_elsewhere_reaches_the_user)
{
	hal_call_id call;

	subscribed(1);
	call = ring(0);
	forget_notes();
	ck_assert_int_eq(hal_call_release(w->hal, w->now_ms, call,
					  HAL_WHY_ANSWERED_ELSEWHERE),
			 0);
	expect("  pt0 released answered_elsewhere\n"
	       "ended answered_elsewhere 00\n");
	over();
}
END_TEST

START_TEST(an_answer_that_crosses_our_release_is_swallowed)
{
	hal_call_id call;

	subscribed(1);
	call = ring(0);
	forget_notes();
	pt_answer(w->pt[0], w->now_ms); /* on its way */
	hal_call_release(w->hal, w->now_ms, call, HAL_WHY_ANSWERED_ELSEWHERE);
	expect("  pt0 released answered_elsewhere\n"
	       "ended answered_elsewhere 00\n");
	over();
}
END_TEST

START_TEST(releases_that_cross_end_the_call_once_with_the_first_reason)
{
	hal_call_id call;

	subscribed(1);
	call = ring(0);
	sw_settle(w);
	pt_answer(w->pt[0], w->now_ms);
	forget_notes();
	pt_hangup(w->pt[0], w->now_ms);
	hal_call_release(w->hal, w->now_ms, call, HAL_WHY_CALLER_GAVE_UP);
	expect("ended caller_gave_up 00\n  pt0 released normal\n");
	over();
}
END_TEST

START_TEST(a_user_who_rejects_is_told_from_one_who_hangs_up)
{
	subscribed(1);
	ring(0);
	forget_notes();
	pt_reject(w->pt[0], w->now_ms);
	expect("ended rejected 15\n  pt0 released rejected\n");
	over();
}
END_TEST

START_TEST(a_handset_dials_en_bloc)
{
	struct hal_party bob = { .number = "202", .name = "Bob Jones" };

	subscribed(1);
	ck_assert_int_eq(pt_dial(w->pt[0], w->now_ms, "202"), 0);
	expect("setup '202' complete\n");
	ck_assert_uint_eq(host.rate_hz, 16000);
	hal_call_proceeding(w->hal, w->now_ms, host.call);
	hal_call_alerting(w->hal, w->now_ms, host.call, HAL_SIGNAL_RING_BACK);
	expect("  pt0 proceeding\n  pt0 ringback\n");
	hal_call_connect(w->hal, w->now_ms, host.call, &bob);
	expect("  pt0 party 202 Bob Jones\n  pt0 connected 202 Bob Jones\n");
	hal_call_release(w->hal, w->now_ms, host.call, HAL_WHY_NORMAL);
	expect("  pt0 released normal\nended normal 00\n");
	over();
}
END_TEST

START_TEST(a_handset_dials_digit_by_digit)
{
	subscribed(1);
	pt_dial(w->pt[0], w->now_ms, "");
	expect("setup ''\n  pt0 dialtone\n");
	pt_keys(w->pt[0], w->now_ms, "2");
	sw_run(w, 3999);
	pt_keys(w->pt[0], w->now_ms, "02");
	sw_run(w, 3999);
	expect("digits '2'\ndigits '202'\n");
	sw_run(w, 1);
	expect("digits '202' complete\n");
	pt_hangup(w->pt[0], w->now_ms);
	expect("ended caller_gave_up 00\n  pt0 released normal\n");
	over();
}
END_TEST

START_TEST(a_hash_ends_a_number_but_not_a_code)
{
	subscribed(1);
	pt_dial(w->pt[0], w->now_ms, "");
	pt_keys(w->pt[0], w->now_ms, "202#");
	expect("setup ''\ndigits '202' complete\n  pt0 dialtone\n");
	pt_hangup(w->pt[0], w->now_ms);
	forget_notes();
	pt_dial(w->pt[0], w->now_ms, "");
	pt_keys(w->pt[0], w->now_ms, "*35*1#");
	expect("setup ''\ndigits '*35*1#'\n  pt0 dialtone\n");
	over();
}
END_TEST

START_TEST(who_dials_nothing_is_released_after_twenty_seconds)
{
	subscribed(1);
	pt_dial(w->pt[0], w->now_ms, "");
	forget_notes();
	sw_run(w, 20000);
	expect("  pt0 released no_answer\nended no_answer 0d\n");
	over();
}
END_TEST

START_TEST(each_refusal_has_its_own_word_at_the_handset)
{
	static const struct {
		enum hal_why why;
		const char *word;
	} words[] = {
		{ HAL_WHY_BUSY, "busy" },
		{ HAL_WHY_REJECTED, "rejected" },
		{ HAL_WHY_NO_ANSWER, "no_answer" },
		{ HAL_WHY_UNALLOCATED, "unallocated" },
		{ HAL_WHY_FAILED, "failed" },
		{ HAL_WHY_UNREACHABLE, "failed" },
	};

	subscribed(1);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char want[128];

		pt_dial(w->pt[0], w->now_ms, "202");
		forget_notes();
		hal_call_release(w->hal, w->now_ms, host.call, words[i].why);
		snprintf(want, sizeof(want),
			 "  pt0 released %s\nended %s %02x\n", words[i].word,
			 hal_why_name(words[i].why),
			 hal_why_reason(words[i].why));
		expect(want);
	}
	over();
}
END_TEST

START_TEST(hold_and_retrieve_are_asked_for_and_confirmed)
{
	hal_call_id call;

	subscribed(1);
	call = ring(0);
	sw_settle(w);
	pt_answer(w->pt[0], w->now_ms);
	forget_notes();
	pt_hold(w->pt[0], w->now_ms);
	expect("call-hold\n");
	hal_call_held(w->hal, w->now_ms, call, true);
	expect("  pt0 held\n");
	pt_retrieve(w->pt[0], w->now_ms);
	expect("call-retrieve\n");
	hal_call_held(w->hal, w->now_ms, call, false);
	expect("  pt0 retrieved\n");
	pt_keys(w->pt[0], w->now_ms, "5#");
	expect("keypad '5#'\n");
	over();
}
END_TEST

START_TEST(a_display_text_and_a_new_party_are_shown)
{
	struct hal_party party = { .number = "203", .name = "J\xc3\xbcrg" };
	hal_call_id call;

	subscribed(1);
	call = ring(0);
	forget_notes();
	hal_call_info(w->hal, w->now_ms, call,
		      &(struct hal_info){ .party = &party,
					  .text = "one\ntwo",
					  .signal = HAL_SIGNAL_NONE });
	expect("  pt0 display one\ntwo\n  pt0 party 203 J\xc3\xbcrg\n");
	over();
}
END_TEST

START_TEST(a_withheld_number_is_not_on_the_air)
{
	struct hal_setup setup = {
		.party = { .number = "202", .name = "Bob", .restricted = true },
	};
	hal_call_id call;

	subscribed(1);
	hal_call_setup(w->hal, w->now_ms, host.handset[0], &setup, &call);
	expect("  pt0 alerting  \ncall-alerting\n");
	over();
}
END_TEST

START_TEST(a_call_from_a_handset_that_we_are_paging_collides_and_ours_rings)
{
	subscribed(1);
	ring(0);
	pt_dial(w->pt[0], w->now_ms, "203"); /* the page is in the air */
	sw_run(w, 1000);
	expect("  pt0 released failed\n"
	       "  pt0 alerting 202 Bob\ncall-alerting\n");
	over();
}
END_TEST

START_TEST(frames_pass_both_ways_at_the_agreed_rate)
{
	int16_t pcm[320];
	int16_t heard[320];
	struct hal_frame frame;
	hal_call_id call;

	subscribed(1);
	call = ring(0);
	sw_settle(w);
	for (int i = 0; i < 320; i++)
		pcm[i] = (int16_t)(i * 97 - 9000);
	ck_assert_int_eq(hal_audio_tx(w->hal, w->now_ms, call, pcm, 160),
			 HAL_E_STATE);
	pt_answer(w->pt[0], w->now_ms);
	sw_settle(w);
	ck_assert_uint_eq(pt_audio_rate(w->pt[0]), 16000);
	ck_assert_int_eq(hal_audio_tx(w->hal, w->now_ms, call, pcm, 160),
			 HAL_E_ARG);
	ck_assert_int_eq(hal_audio_tx(w->hal, w->now_ms, call, pcm, 320), 0);
	ck_assert_int_eq(pt_audio_tx(w->pt[0], w->now_ms, pcm, 320), 0);
	sw_settle(w);
	ck_assert_uint_eq(pt_audio_next(w->pt[0], heard), 320);
	ck_assert_mem_eq(heard, pcm, sizeof(pcm));
	ck_assert(hal_audio_next(w->hal, &frame));
	ck_assert_uint_eq(frame.call, call);
	ck_assert_mem_eq(frame.pcm, pcm, sizeof(pcm));
	ck_assert(!hal_audio_next(w->hal, &frame));
	over();
}
END_TEST

START_TEST(a_handset_of_the_old_kind_talks_at_eight_kilohertz)
{
	world(0);
	w->n = 1;
	w->pt[0] =
		pt_new(w, &(struct pt_config){ .seed = 5, .narrowband = true });
	sw_connect(w, 0);
	window("");
	pt_subscribe(w->pt[0], w->now_ms, "");
	sw_settle(w);
	ring(0);
	sw_settle(w);
	forget_notes();
	pt_answer(w->pt[0], w->now_ms);
	expect("answered 8000\n  pt0 connected 202 Bob\n");
	ck_assert_uint_eq(pt_audio_rate(w->pt[0]), 8000);
	over();
}
END_TEST

/* ---- what a handset shows ---- */

START_TEST(indicators_merge_and_come_again_with_the_attach)
{
	struct hal_indicators ind = { .missed = 1 };

	subscribed(1);
	hal_indicate(w->hal, w->now_ms, host.handset[0], &ind);
	expect("  pt0 missed 1 messages 0 dnd 0 twin 0\n");
	hal_indicate(w->hal, w->now_ms, host.handset[0], &ind);
	expect("");
	pt_power(w->pt[0], w->now_ms, false);
	forget_notes();
	ind = (struct hal_indicators){ .missed = 300,
				       .messages = 2,
				       .dnd = true };
	hal_indicate(w->hal, w->now_ms, host.handset[0], &ind);
	expect("");
	pt_power(w->pt[0], w->now_ms, true);
	expect("handset attached\n  pt0 attached\n"
	       "  pt0 missed 300 messages 2 dnd 1 twin 0\n");
	over();
}
END_TEST

START_TEST(an_assignment_reaches_the_handset_with_its_twin_mark)
{
	struct hal_assignment a = { .number = "302",
				    .name = "Carol",
				    .twin = true };

	subscribed(1);
	hal_handset_assign(w->hal, w->now_ms, host.handset[0], &a);
	expect("  pt0 assigned 302 Carol\n"
	       "  pt0 missed 0 messages 0 dnd 0 twin 1\n");
	over();
}
END_TEST

START_TEST(a_handset_rings_to_be_found_and_stops)
{
	hal_req_id req;

	subscribed(1);
	hal_handset_locate(w->hal, w->now_ms, host.handset[0], 10, &req);
	expect("done 0\n  pt0 paged 1\n");
	sw_run(w, 10000);
	expect("  pt0 paged 0\n");
	pt_range(w->pt[0], w->now_ms, false);
	forget_notes();
	hal_handset_locate(w->hal, w->now_ms, host.handset[0], 10, &req);
	sw_run(w, 5000);
	expect("done -113\nhandset lost\n");
	over();
}
END_TEST

START_TEST(handsets_know_the_time)
{
	subscribed(1);
	hal_time_set(w->hal, w->now_ms, 1800000000, -14);
	expect("  pt0 time 1800000000 -14\n");
	pt_power(w->pt[0], w->now_ms, false);
	sw_run(w, 60000);
	forget_notes();
	pt_power(w->pt[0], w->now_ms, true);
	expect("handset attached\n  pt0 attached\n"
	       "  pt0 missed 0 messages 0 dnd 0 twin 0\n"
	       "  pt0 time 1800000060 -14\n");
	over();
}
END_TEST

/* ---- nonsense ---- */

START_TEST(a_radio_that_sends_nonsense_is_cut_off_and_disturbs_nobody)
{
	static const uint8_t bad[][8] = {
		{ 0, 0, 3 },		    /* no type */
		{ 0xFF, 0xFF, 3 },	    /* too long */
		{ 0, 2, 9, 0 },		    /* no such type */
		{ 0, 3, 4, 0, 0 },	    /* no sound of that size */
		{ 0, 7, 1, 1, 2, 3, 4, 5 }, /* a beacon of a handset */
	};
	struct sim_counts counts;
	sim_conn conn;

	subscribed(1);
	ring(0);
	forget_notes();
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		uint8_t more[16] = { 0 };

		ck_assert_int_eq(sim_air_open(w->sim, w->now_ms, &conn), 0);
		memcpy(more, bad[i], sizeof(bad[i]));
		ck_assert_int_eq(
			sim_air_rx(w->sim, w->now_ms, conn, more, sizeof(more)),
			HAL_E_PROTO);
		ck_assert_int_eq(sim_air_rx(w->sim, w->now_ms, conn, more, 1),
				 HAL_E_STALE);
	}
	sim_counts(w->sim, &counts);
	ck_assert_uint_eq(counts.bad_frame, ARRAY_SIZE(bad));
	pt_answer(w->pt[0], w->now_ms);
	expect("answered 16000\n  pt0 connected 202 Bob\n");
	over();
}
END_TEST

START_TEST(a_radio_that_does_not_read_is_cut_off)
{
	struct sim_counts counts;
	sim_conn conn;

	subscribed(1);
	sim_air_open(w->sim, w->now_ms, &conn);
	for (int i = 0; i < 100; i++) {
		window("1");
		forget_notes();
	}
	sim_counts(w->sim, &counts);
	ck_assert_uint_eq(counts.overflow, 0); /* the world reads for it */
	for (int i = 0; i < 10000; i++) {
		hal_req_id req;

		hal_sub_open(w->hal, w->now_ms, w->base,
			     &(struct hal_window){ .ac = "1" }, &req);
	}
	sim_counts(w->sim, &counts);
	ck_assert_uint_eq(counts.overflow, 2);
	over();
}
END_TEST

/* ---- keys ---- */

START_TEST(the_hash_is_the_one_of_the_standard)
{
	static const uint8_t abc[32] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
		0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
		0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
		0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	/* RFC 4231, 4.3 */
	static const uint8_t jefe[32] = {
		0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e,
		0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
		0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83,
		0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
	};
	uint8_t hash[32];

	sim_sha256("abc", 3, hash);
	ck_assert_mem_eq(hash, abc, sizeof(abc));
	sim_hmac("Jefe", 4, "what do ya want for nothing?", 28, hash);
	ck_assert_mem_eq(hash, jefe, sizeof(jefe));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sim");
	TCase *tc = tcase_create("stories");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, a_handset_with_the_code_is_let_in_and_attaches);
	tcase_add_test(tc, a_closed_base_lets_nobody_in);
	tcase_add_test(tc, the_window_closes_after_two_minutes);
	tcase_add_test(tc, five_wrong_codes_close_the_window);
	tcase_add_test(tc, an_allow_list_lets_in_only_whom_it_names);
	tcase_add_test(tc, a_handset_is_told_only_after_the_host_has_stored_it);
	tcase_add_test(tc, a_host_that_does_not_reply_lets_nobody_in);
	tcase_add_test(
		tc,
		a_handset_that_left_before_the_reply_is_admitted_and_can_be_deleted);
	tcase_add_test(tc, a_deleted_handset_forgets_the_base);
	tcase_add_test(tc,
		       a_handset_deleted_while_off_finds_out_when_it_returns);
	tcase_add_test(tc,
		       a_restored_handset_attaches_by_itself_with_its_old_key);
	tcase_add_test(tc, a_thief_with_the_number_and_not_the_key_is_refused);
	tcase_add_test(tc, off_and_on_is_detached_and_attached);
	tcase_add_test(tc, out_of_range_is_found_by_a_page_that_nobody_answers);
	tcase_add_test(
		tc,
		a_broken_connection_is_a_lost_handset_and_ends_its_call_alone);
	tcase_add_test(tc, a_talking_handset_may_be_out_of_range_for_a_moment);
	tcase_add_test(tc, a_base_that_breaks_takes_all_with_it_and_comes_back);
	tcase_add_test(tc, a_call_to_a_handset_rings_is_answered_and_hung_up);
	tcase_add_test(tc, answered_elsewhere_reaches_the_user);
	tcase_add_test(tc, an_answer_that_crosses_our_release_is_swallowed);
	tcase_add_test(
		tc,
		releases_that_cross_end_the_call_once_with_the_first_reason);
	tcase_add_test(tc, a_user_who_rejects_is_told_from_one_who_hangs_up);
	tcase_add_test(tc, a_handset_dials_en_bloc);
	tcase_add_test(tc, a_handset_dials_digit_by_digit);
	tcase_add_test(tc, a_hash_ends_a_number_but_not_a_code);
	tcase_add_test(tc, who_dials_nothing_is_released_after_twenty_seconds);
	tcase_add_test(tc, each_refusal_has_its_own_word_at_the_handset);
	tcase_add_test(tc, hold_and_retrieve_are_asked_for_and_confirmed);
	tcase_add_test(tc, a_display_text_and_a_new_party_are_shown);
	tcase_add_test(tc, a_withheld_number_is_not_on_the_air);
	tcase_add_test(
		tc,
		a_call_from_a_handset_that_we_are_paging_collides_and_ours_rings);
	tcase_add_test(tc, frames_pass_both_ways_at_the_agreed_rate);
	tcase_add_test(tc, a_handset_of_the_old_kind_talks_at_eight_kilohertz);
	tcase_add_test(tc, indicators_merge_and_come_again_with_the_attach);
	tcase_add_test(tc,
		       an_assignment_reaches_the_handset_with_its_twin_mark);
	tcase_add_test(tc, a_handset_rings_to_be_found_and_stops);
	tcase_add_test(tc, handsets_know_the_time);
	tcase_add_test(
		tc, a_radio_that_sends_nonsense_is_cut_off_and_disturbs_nobody);
	tcase_add_test(tc, a_radio_that_does_not_read_is_cut_off);
	tcase_add_test(tc, the_hash_is_the_one_of_the_standard);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
