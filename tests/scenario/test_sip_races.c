/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sip_races.c - what crosses on the wire (RFC 3261, RFC 5407), in
 * virtual time: raw bytes against the element, and nothing in between
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "peer.h"

#define SPAN(text) span_of(text)
#define NOTHING ((struct span){ 0 })

static struct rig *rig;
static struct sip *sip;
static struct peer *caller, *phone;
static struct talk a, b; /* the caller's half, and the phone's */
static uint64_t in;	 /* the caller's leg */
static const uint64_t out = 7;

static void setup(void)
{
	rig = rig_new();
	sip = rig_sip(rig);
	caller = peer_new(rig, "udp:192.0.2.1:5060");
	phone = peer_new(rig, "udp:192.0.2.2:5060");
	rig_bind(rig, "101", phone);
}

static void teardown(void)
{
	rig_free(rig);
}

/* ---- steps that many stories share ---- */

static void call_comes(const char *sdp)
{
	a = talk_call(caller, "100", "101", sdp);
	peer_want(caller, "SIP/2.0 100");
	in = rig_event(rig, SIP_EV_SETUP).leg;
}

static void ring(const char *sdp)
{
	const struct sip_invite invite = {
		.leg = out,
		.user = "101",
		.target = "101",
		.number = "100",
		.name = "Bob \"B\"",
		.body = span_of(sdp),
		.max_forwards = 69,
	};

	sip_invite(sip, rig_now(rig), &invite);
	b = talk_taken(phone, peer_want(phone, "INVITE "), "phone");
}

static void phone_rings(void)
{
	talk_answer(&b, b.invite, "180 Ringing", "", "");
	rig_event(rig, SIP_EV_ALERTING);
}

#define TAKES_UPDATE "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n"

static const char *phone_answers(void)
{
	talk_answer(&b, b.invite, "200 OK", TAKES_UPDATE, SDP_B);
	rig_event(rig, SIP_EV_ANSWERED);
	return peer_want(phone, "ACK ");
}

static const char *caller_is_answered(void)
{
	sip_answer(sip, rig_now(rig), in, 0, "101", "Alice", SPAN(SDP_B));
	return peer_want(caller, "SIP/2.0 200");
}

static void both_up(void)
{
	call_comes(SDP_A);
	ring(SDP_A);
	phone_rings();
	phone_answers();
	talk_ack(&a, caller_is_answered(), "");
}

static void ended(uint64_t leg, enum sip_end end, unsigned int status)
{
	struct sip_event event = rig_event(rig, SIP_EV_RELEASED);

	ck_assert_uint_eq(event.leg, leg);
	ck_assert_int_eq(event.end, end);
	ck_assert_uint_eq(event.status, status);
}

/* Everything over, the element forgets everything. */
static void peace(void)
{
	struct sip_counts counts;

	rig_wait(rig, 64 * 500 + 5000);
	peer_skip(caller);
	peer_skip(phone);
	rig_no_event(rig);
	sip_counts(sip, &counts);
	ck_assert_uint_eq(counts.legs, 0);
	ck_assert_uint_eq(counts.transactions, 0);
}

/* ---- a call without trouble ---- */

START_TEST(a_call_is_made_and_ended_by_the_caller)
{
	const char *answer, *bye;

	call_comes(SDP_A);
	ring(SDP_A);
	ck_assert_str_eq(header(b.invite, "To"), "<sip:101@example.test>");
	ck_assert_ptr_nonnull(strstr(b.invite, "INVITE sip:101@192.0.2.2:5060 "));
	ck_assert_str_eq(header(b.invite, "P-Asserted-Identity"),
			 "\"Bob \\\"B\\\"\" <sip:100@example.test>");
	ck_assert_str_eq(body_of(b.invite), SDP_A);
	phone_rings();
	sip_alerting(sip, rig_now(rig), in, 0, NOTHING);
	sip_alerting(sip, rig_now(rig), in, 0, NOTHING);
	peer_want(caller, "SIP/2.0 180");
	phone_answers();
	answer = caller_is_answered();
	ck_assert_str_eq(header(answer, "P-Asserted-Identity"),
			 "\"Alice\" <sip:101@example.test>");
	ck_assert_str_eq(body_of(answer), SDP_B);
	talk_ack(&a, answer, "");
	rig_wait(rig, 3000);
	talk_request(&a, "BYE", "", "");
	peer_want(caller, "SIP/2.0 200");
	ended(in, SIP_END_BYE, 0);
	sip_release(sip, rig_now(rig), out, 200, 16);
	bye = peer_want(phone, "BYE sip:192.0.2.2:5060 ");
	ck_assert_str_eq(header(bye, "Reason"), "Q.850;cause=16");
	ck_assert_str_eq(header(bye, "CSeq"), "2 BYE");
	talk_answer(&b, bye, "200 OK", "", "");
	ended(out, SIP_END_LOCAL, 200);
	peer_want_nothing(caller);
	peer_want_nothing(phone);
	peace();
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("sip_races");
	TCase *tc = tcase_create("call");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_call_is_made_and_ended_by_the_caller);
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
