/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sip_sessions.c - sessions that are refreshed, or end (RFC 4028), and
 * what else takes its time
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "peer.h"

static struct rig *rig;
static struct sip *sip;
static struct peer *caller, *phone;
static struct talk a, b;
static uint64_t in;
static const uint64_t out = 7;

static void setup(void)
{
	rig = rig_new(NULL);
	sip = rig_sip(rig);
	caller = peer_new(rig, "udp:192.0.2.1:5060");
	phone = peer_new(rig, "udp:192.0.2.2:5060");
	rig_bind(rig, "101", phone);
}

static void teardown(void)
{
	rig_free(rig);
}

static void ring(void)
{
	const struct sip_invite invite = {
		.leg = out,
		.user = "101",
		.target = "101",
		.number = "100",
		.name = "",
		.body = span_of(SDP_A),
		.max_forwards = 69,
	};

	sip_invite(sip, rig_now(rig), &invite);
	b = talk_taken(phone, peer_want(phone, "INVITE "), "phone");
}

static void phone_answers(const char *extra)
{
	talk_answer(&b, b.invite, "200 OK", extra, SDP_B);
	rig_event(rig, SIP_EV_ANSWERED);
	peer_want(phone, "ACK ");
}

static const char *caller_is_up(const char *extra)
{
	const char *answer;

	a = talk_try(caller, "100", "101", extra, SDP_A);
	peer_want(caller, "SIP/2.0 100");
	in = rig_event(rig, SIP_EV_SETUP).leg;
	sip_answer(sip, rig_now(rig), in, 0, "101", "", span_of(SDP_B));
	answer = peer_want(caller, "SIP/2.0 200");
	talk_ack(&a, answer, "");
	return answer;
}

static void timed_out(uint64_t leg)
{
	struct sip_event event = rig_event(rig, SIP_EV_RELEASED);

	ck_assert_uint_eq(event.leg, leg);
	ck_assert_int_eq(event.end, SIP_END_TIMEOUT);
}

/* T67: a mailbox is told whose it is (RFC 5806). */
START_TEST(who_is_rung_in_the_place_of_another_is_told_of_whom)
{
	const struct sip_invite invite = {
		.leg = out,
		.user = "101",
		.target = "102",
		.number = "100",
		.name = "",
		.diversion = "no-answer",
		.diverted_number = "102",
		.diverted_name = "A \"B\"",
		.diversions = 2,
		.body = span_of(SDP_A),
		.max_forwards = 69,
	};

	sip_invite(sip, rig_now(rig), &invite);
	ck_assert_ptr_nonnull(
		strstr(peer_want(phone, "INVITE "),
		       "\r\nDiversion: \"A \\\"B\\\"\" <sip:102@example.test>"
		       ";reason=no-answer;counter=2\r\n"));
	sip_cancel(sip, rig_now(rig), out, false);
}
END_TEST

START_TEST(a_phone_is_asked_to_refresh)
{
	ring();
	ck_assert_str_eq(header(b.invite, "Session-Expires"),
			 "1800;refresher=uas");
	ck_assert_str_eq(header(b.invite, "Supported"),
			 "timer, replaces, norefersub, tdialog");
	phone_answers("Session-Expires: 1800;refresher=uas\r\n");
	rig_wait(rig, (1800 - 32) * 1000 - 1);
	peer_want_nothing(phone);
	rig_wait(rig, 1);
	peer_want(phone, "BYE ");
	timed_out(out);
}
END_TEST

START_TEST(a_phone_that_refreshes_lives_on)
{
	const char *answer;

	ring();
	phone_answers("Session-Expires: 1800;refresher=uas\r\n");
	rig_wait(rig, 900 * 1000);
	talk_request(&b, "UPDATE",
		     "Supported: timer\r\n"
		     "Session-Expires: 1800;refresher=uac\r\n",
		     "");
	answer = peer_want(phone, "SIP/2.0 200");
	ck_assert_str_eq(header(answer, "Session-Expires"),
			 "1800;refresher=uac");
	ck_assert_str_eq(header(answer, "Require"), "timer");
	rig_no_event(rig); /* no offer, so nobody else need know */
	rig_wait(rig, 1700 * 1000);
	peer_want_nothing(phone);
	rig_wait(rig, 68 * 1000);
	peer_want(phone, "BYE ");
	timed_out(out);
}
END_TEST

START_TEST(a_phone_that_cannot_is_refreshed_by_update)
{
	const char *update;

	ring();
	phone_answers("Allow: INVITE, ACK, BYE, UPDATE\r\n");
	for (int i = 0; i < 2; i++) {
		rig_wait(rig, 900 * 1000);
		update = peer_want(phone, "UPDATE ");
		ck_assert_str_eq(body_of(update), "");
		ck_assert_str_eq(header(update, "Session-Expires"),
				 "1800;refresher=uac");
		talk_answer(&b, update, "200 OK", "", "");
	}
	rig_no_event(rig);
	rig_wait(rig, 900 * 1000);
	peer_want(phone, "UPDATE ");
	rig_wait(rig, 32 * 1000); /* no answer: it is gone */
	ck_assert_uint_eq(peer_skip(phone), 11);
	timed_out(out);
}
END_TEST

START_TEST(an_old_phone_is_refreshed_with_what_it_knows)
{
	const char *reinvite;

	ring();
	phone_answers("Allow: INVITE, ACK, BYE\r\n");
	rig_wait(rig, 900 * 1000);
	reinvite = peer_want(phone, "INVITE ");
	ck_assert_str_eq(body_of(reinvite), SDP_A);
	talk_answer(&b, reinvite, "200 OK", "", SDP_B);
	peer_want(phone, "ACK ");
	rig_no_event(rig);
}
END_TEST

START_TEST(a_refresh_that_meets_another_offer_is_tried_again)
{
	ring();
	phone_answers("Allow: UPDATE\r\n");
	rig_wait(rig, 900 * 1000);
	talk_answer(&b, peer_want(phone, "UPDATE "), "491 Pending", "", "");
	rig_wait(rig, 4000);
	talk_answer(&b, peer_want(phone, "UPDATE "), "200 OK", "", "");
	rig_no_event(rig);
}
END_TEST

START_TEST(a_phone_that_wants_longer_sessions_gets_them)
{
	const char *again;

	ring();
	talk_answer(&b, b.invite, "422 Too Small", "Min-SE: 3600\r\n", "");
	peer_want(phone, "ACK ");
	again = peer_want(phone, "INVITE ");
	ck_assert_str_eq(header(again, "Session-Expires"),
			 "3600;refresher=uas");
	ck_assert_str_eq(header(again, "Min-SE"), "3600");
	ck_assert_str_eq(header(again, "CSeq"), "2 INVITE");
	ck_assert_str_eq(header(again, "Call-ID"), header(b.invite, "Call-ID"));
	ck_assert_str_eq(header(again, "From"), header(b.invite, "From"));
	ck_assert_str_ne(header(again, "Via"), header(b.invite, "Via"));
	ck_assert_str_eq(body_of(again), SDP_A);
	b.invite = again;
	phone_answers("Session-Expires: 3600;refresher=uas\r\n");
	rig_no_event(rig);
}
END_TEST

START_TEST(a_caller_that_can_is_the_one_who_refreshes)
{
	const char *answer = caller_is_up("Supported: timer\r\n"
					  "Session-Expires: 600\r\n");

	ck_assert_str_eq(header(answer, "Session-Expires"),
			 "600;refresher=uac");
	ck_assert_str_eq(header(answer, "Require"), "timer");
	rig_wait(rig, (600 - 32) * 1000);
	peer_want(caller, "BYE ");
	timed_out(in);
}
END_TEST

START_TEST(a_caller_that_wants_us_to_refresh_is_refreshed)
{
	const char *answer = caller_is_up("Supported: timer\r\n"
					  "Allow: UPDATE, INVITE\r\n"
					  "Session-Expires: 600;refresher=uas"
					  "\r\n");

	ck_assert_str_eq(header(answer, "Session-Expires"),
			 "600;refresher=uas");
	ck_assert_str_eq(header(answer, "Require"), "");
	rig_wait(rig, 300 * 1000);
	ck_assert_str_eq(
		header(peer_want(caller, "UPDATE "), "Session-Expires"),
		"600;refresher=uac");
}
END_TEST

START_TEST(a_caller_without_timers_is_refreshed)
{
	caller_is_up("");
	rig_wait(rig, 900 * 1000);
	peer_want(caller, "INVITE ");
}
END_TEST

START_TEST(a_waiting_caller_hears_once_a_minute_that_we_are_there)
{
	a = talk_try(caller, "100", "101", "", SDP_A);
	peer_want(caller, "SIP/2.0 100");
	in = rig_event(rig, SIP_EV_SETUP).leg;
	sip_alerting(sip, rig_now(rig), in, 0, (struct span){ 0 });
	peer_want(caller, "SIP/2.0 180");
	rig_wait(rig, 60 * 1000);
	peer_want(caller, "SIP/2.0 180");
	rig_wait(rig, 9 * 60 * 1000);
	ck_assert_uint_eq(peer_skip(caller), 9);
	timed_out(in);
}
END_TEST

START_TEST(a_phone_that_everybody_forgot_rings_no_longer_than_ten_minutes)
{
	ring();
	talk_answer(&b, b.invite, "180 Ringing", "", "");
	rig_event(rig, SIP_EV_ALERTING);
	rig_wait(rig, 10 * 60 * 1000);
	peer_want(phone, "CANCEL ");
	rig_wait(rig, 32 * 1000);
	rig_event(rig, SIP_EV_RELEASED);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("sip_sessions");
	TCase *tc = tcase_create("sip_sessions");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, who_is_rung_in_the_place_of_another_is_told_of_whom);
	tcase_add_test(tc, a_phone_is_asked_to_refresh);
	tcase_add_test(tc, a_phone_that_refreshes_lives_on);
	tcase_add_test(tc, a_phone_that_cannot_is_refreshed_by_update);
	tcase_add_test(tc, an_old_phone_is_refreshed_with_what_it_knows);
	tcase_add_test(tc, a_refresh_that_meets_another_offer_is_tried_again);
	tcase_add_test(tc, a_phone_that_wants_longer_sessions_gets_them);
	tcase_add_test(tc, a_caller_that_can_is_the_one_who_refreshes);
	tcase_add_test(tc, a_caller_that_wants_us_to_refresh_is_refreshed);
	tcase_add_test(tc, a_caller_without_timers_is_refreshed);
	tcase_add_test(tc,
		       a_waiting_caller_hears_once_a_minute_that_we_are_there);
	tcase_add_test(
		tc,
		a_phone_that_everybody_forgot_rings_no_longer_than_ten_minutes);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
