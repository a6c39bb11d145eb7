/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sip_races.c - what crosses on the wire (RFC 3261, RFC 5407), in
 * virtual time: raw bytes against the element, and nothing in between
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>

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
	ck_assert_ptr_nonnull(
		strstr(b.invite, "INVITE sip:101@192.0.2.2:5060 "));
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

/* ---- CANCEL (RFC 3261, 9; RFC 5407, 3.1.2) ---- */

START_TEST(a_cancel_waits_for_a_provisional_answer)
{
	const char *cancel, *invite;

	ring(SDP_A);
	invite = b.invite;
	sip_cancel(sip, rig_now(rig), out, true);
	peer_want_nothing(phone);
	talk_answer(&b, b.invite, "180 Ringing", "", "");
	rig_no_event(rig);
	cancel = peer_want(phone, "CANCEL sip:101@192.0.2.2:5060 ");
	ck_assert_str_eq(header(cancel, "Via"), header(invite, "Via"));
	ck_assert_str_eq(header(cancel, "CSeq"), "1 CANCEL");
	ck_assert_str_eq(header(cancel, "Reason"),
			 "SIP;cause=200;text=\"Call completed elsewhere\"");
	ck_assert_str_eq(header_nth(cancel, "Reason", 1), "Q.850;cause=26");
	talk_answer(&b, cancel, "200 OK", "", "");
	talk_answer(&b, b.invite, "487 Request Terminated", "", "");
	peer_want(phone, "ACK sip:101@192.0.2.2:5060 ");
	ended(out, SIP_END_LOCAL, 487);
	peace();
}
END_TEST

START_TEST(our_cancel_crosses_the_phones_200)
{
	const char *cancel, *bye;

	ring(SDP_A);
	phone_rings();
	sip_cancel(sip, rig_now(rig), out, false);
	cancel = peer_want(phone, "CANCEL ");
	ck_assert_str_eq(header(cancel, "Reason"), "");
	phone_answers();
	sip_release(sip, rig_now(rig), out, 200, 26);
	bye = peer_want(phone, "BYE ");
	talk_answer(&b, cancel, "481 Too Late", "", "");
	talk_answer(&b, bye, "200 OK", "", "");
	ended(out, SIP_END_LOCAL, 200);
	peace();
}
END_TEST

START_TEST(a_cancelled_phone_that_never_answers_is_given_up)
{
	ring(SDP_A);
	phone_rings();
	sip_cancel(sip, rig_now(rig), out, false);
	rig_wait(rig, 31999);
	rig_no_event(rig);
	rig_wait(rig, 1);
	ended(out, SIP_END_LOCAL, 408);
	peace();
}
END_TEST

START_TEST(a_caller_cancels_and_says_so_twice)
{
	const char *final;

	call_comes(SDP_A);
	sip_alerting(sip, rig_now(rig), in, 0, NOTHING);
	peer_want(caller, "SIP/2.0 180");
	talk_cancel(&a);
	peer_want(caller, "SIP/2.0 200");
	final = peer_want(caller, "SIP/2.0 487");
	ended(in, SIP_END_CANCEL, 487);
	talk_cancel(&a);
	peer_want(caller, "SIP/2.0 200");
	peer_want_nothing(caller);
	rig_wait(rig, 600);
	peer_want(caller, "SIP/2.0 487");
	talk_ack_refusal(&a, final);
	rig_wait(rig, 4000);
	peer_want_nothing(caller);
	peace();
}
END_TEST

START_TEST(a_callers_cancel_crosses_our_200)
{
	const char *answer;

	call_comes(SDP_A);
	answer = caller_is_answered();
	talk_cancel(&a);
	peer_want(caller, "SIP/2.0 200"); /* of the CANCEL */
	talk_ack(&a, answer, "");
	rig_no_event(rig);
	talk_request(&a, "BYE", "", "");
	peer_want(caller, "SIP/2.0 200");
	ended(in, SIP_END_BYE, 0);
	peace();
}
END_TEST

START_TEST(a_cancel_for_nothing_is_refused)
{
	call_comes(SDP_A);
	a.branch = "z9hG4bKother";
	talk_cancel(&a);
	peer_want(caller, "SIP/2.0 481");
	rig_no_event(rig);
}
END_TEST

/* ---- what gets lost ---- */

START_TEST(an_invite_is_repeated_until_patience_ends)
{
	ring(SDP_A);
	rig_wait(rig, 31999);
	ck_assert_uint_eq(peer_skip(phone),
			  6); /* at 0.5 1.5 3.5 7.5 15.5 31.5 */
	rig_no_event(rig);
	rig_wait(rig, 1);
	ended(out, SIP_END_TIMEOUT, 408);
	peace();
}
END_TEST

START_TEST(a_repeated_invite_is_one_call)
{
	call_comes(SDP_A);
	talk_again(&a);
	peer_want(caller, "SIP/2.0 100");
	sip_alerting(sip, rig_now(rig), in, 0, NOTHING);
	peer_want(caller, "SIP/2.0 180");
	talk_again(&a);
	peer_want(caller, "SIP/2.0 180");
	caller_is_answered();
	talk_again(&a);
	peer_want_nothing(caller); /* RFC 6026: the 200 has its own clock */
	rig_no_event(rig);
}
END_TEST

START_TEST(a_lost_200_is_repeated_until_the_ack)
{
	const char *answer, *again;

	call_comes(SDP_A);
	answer = caller_is_answered();
	rig_wait(rig, 500);
	again = peer_want(caller, "SIP/2.0 200");
	ck_assert_str_eq(answer, again);
	rig_wait(rig, 1000);
	peer_want(caller, "SIP/2.0 200");
	talk_ack(&a, answer, "");
	rig_wait(rig, 30000);
	peer_want_nothing(caller);
	talk_ack(&a, answer, ""); /* repeated: of no effect */
	rig_no_event(rig);
}
END_TEST

START_TEST(a_call_whose_ack_never_comes_is_ended)
{
	const char *bye;

	call_comes(SDP_A);
	a.theirs = header(caller_is_answered(), "To");
	rig_wait(rig, 31999);
	ck_assert_uint_eq(peer_skip(caller), 10);
	rig_no_event(rig);
	rig_wait(rig, 1);
	bye = peer_want(caller, "BYE ");
	ended(in, SIP_END_TIMEOUT, 408);
	talk_answer(&a, bye, "200 OK", "", "");
	peace();
}
END_TEST

START_TEST(our_lost_ack_is_sent_again_for_each_repeated_200)
{
	const char *ack;

	ring(SDP_A);
	ack = phone_answers();
	for (int i = 0; i < 3; i++) {
		rig_wait(rig, 500);
		talk_answer(&b, b.invite, "200 OK", "", SDP_B);
		ck_assert_str_eq(peer_want(phone, "ACK "), ack);
	}
	rig_no_event(rig);
}
END_TEST

START_TEST(a_lost_bye_is_repeated_and_then_given_up)
{
	ring(SDP_A);
	phone_answers();
	sip_release(sip, rig_now(rig), out, 200, 16);
	rig_wait(rig, 31999);
	ck_assert_uint_eq(peer_skip(phone), 11);
	rig_no_event(rig);
	rig_wait(rig, 1);
	ended(out, SIP_END_LOCAL, 408);
	peace();
}
END_TEST

START_TEST(a_provisional_answer_after_the_final_one_is_too_late)
{
	ring(SDP_A);
	phone_answers();
	talk_answer(&b, b.invite, "180 Ringing", "", "");
	rig_no_event(rig);
	peer_want_nothing(phone);
}
END_TEST

START_TEST(a_refusal_is_acknowledged_as_often_as_it_comes)
{
	ring(SDP_A);
	talk_answer(&b, b.invite, "486 Busy Here", "", "");
	peer_want(phone, "ACK ");
	ended(out, SIP_END_STATUS, 486);
	talk_answer(&b, b.invite, "486 Busy Here", "", "");
	peer_want(phone, "ACK ");
	peace();
}
END_TEST

START_TEST(our_refusal_is_repeated_until_the_ack)
{
	const char *final;

	call_comes(SDP_A);
	sip_release(sip, rig_now(rig), in, 486, 17);
	final = peer_want(caller, "SIP/2.0 486");
	ck_assert_str_eq(header(final, "Reason"), "Q.850;cause=17");
	ended(in, SIP_END_LOCAL, 486);
	rig_wait(rig, 500);
	peer_want(caller, "SIP/2.0 486");
	talk_ack_refusal(&a, final);
	rig_wait(rig, 32000);
	peer_want_nothing(caller);
	peace();
}
END_TEST

/* ---- BYE (RFC 5407, 3.1.3, 3.2) ---- */

START_TEST(a_caller_hangs_up_before_the_ack)
{
	a.theirs = NULL;
	call_comes(SDP_A);
	a.theirs = header(caller_is_answered(), "To");
	talk_request(&a, "BYE", "", "");
	peer_want(caller, "SIP/2.0 200");
	ended(in, SIP_END_BYE, 0);
	rig_wait(rig, 32000);
	peer_want_nothing(caller); /* the 200 of the INVITE is silent, too */
	peace();
}
END_TEST

START_TEST(we_hang_up_only_after_the_ack)
{
	const char *answer, *bye;

	call_comes(SDP_A);
	answer = caller_is_answered();
	sip_release(sip, rig_now(rig), in, 200, 16);
	peer_want_nothing(caller);
	talk_ack(&a, answer, "");
	bye = peer_want(caller, "BYE ");
	talk_answer(&a, bye, "200 OK", "", "");
	ended(in, SIP_END_LOCAL, 200);
	peace();
}
END_TEST

START_TEST(both_hang_up_at_once)
{
	both_up();
	sip_release(sip, rig_now(rig), in, 200, 16);
	peer_want(caller, "BYE ");
	talk_request(&a, "BYE", "", "");
	peer_want(caller, "SIP/2.0 200");
	ended(in, SIP_END_LOCAL, 0);
	rig_no_event(rig);
}
END_TEST

START_TEST(a_repeated_bye_gets_the_same_answer)
{
	both_up();
	talk_request(&a, "BYE", "", "");
	peer_want(caller, "SIP/2.0 200");
	ended(in, SIP_END_BYE, 0);
	talk_again(&a);
	peer_want(caller, "SIP/2.0 200");
	rig_no_event(rig);
	talk_request(&a, "BYE", "", "");
	peer_want(caller, "SIP/2.0 481");
}
END_TEST

START_TEST(a_bye_crosses_our_reinvite)
{
	const char *reinvite;

	both_up();
	sip_offer(sip, rig_now(rig), in, SIP_REINVITE, SPAN(SDP_B));
	reinvite = peer_want(caller, "INVITE ");
	talk_request(&a, "BYE", "", "");
	peer_want(caller, "SIP/2.0 200");
	ended(in, SIP_END_BYE, 0);
	talk_answer(&a, reinvite, "481 Gone", "", "");
	peer_want(caller, "ACK ");
	rig_no_event(rig);
}
END_TEST

START_TEST(a_bye_ends_a_reinvite_that_waits)
{
	both_up();
	talk_request(&a, "INVITE", "", SDP_A);
	peer_want(caller, "SIP/2.0 100");
	rig_event(rig, SIP_EV_OFFER);
	talk_request(&a, "BYE", "", "");
	peer_want(caller, "SIP/2.0 200");
	peer_want(caller, "SIP/2.0 487");
	ended(in, SIP_END_BYE, 0);
	sip_offer_result(sip, rig_now(rig), in, 200, SPAN(SDP_B));
	peer_want_nothing(caller);
}
END_TEST

START_TEST(a_caller_hangs_up_an_early_dialog)
{
	call_comes(SDP_A);
	sip_alerting(sip, rig_now(rig), in, 0, NOTHING);
	a.theirs = header(peer_want(caller, "SIP/2.0 180"), "To");
	talk_request(&a, "BYE", "", "");
	peer_want(caller, "SIP/2.0 200");
	peer_want(caller, "SIP/2.0 487");
	ended(in, SIP_END_CANCEL, 487);
}
END_TEST

START_TEST(a_phone_may_not_hang_up_before_it_has_answered)
{
	ring(SDP_A);
	phone_rings();
	talk_request(&b, "BYE", "", "");
	peer_want(phone, "SIP/2.0 481");
	rig_no_event(rig);
}
END_TEST

/* ---- offers within a call (RFC 3261, 14; RFC 3311) ---- */

START_TEST(an_offer_goes_through_and_its_answer_comes_back)
{
	const char *reinvite, *answer;
	struct sip_event event;

	both_up();
	talk_request(&a, "INVITE", "", SDP_A);
	peer_want(caller, "SIP/2.0 100");
	event = rig_event(rig, SIP_EV_OFFER);
	ck_assert_int_eq(event.how, SIP_REINVITE);
	ck_assert(span_is(event.body, SDP_A));
	sip_offer(sip, rig_now(rig), out, event.how, event.body);
	reinvite = peer_want(phone, "INVITE ");
	ck_assert_str_eq(body_of(reinvite), SDP_A);
	talk_answer(&b, reinvite, "200 OK", "", SDP_B);
	peer_want(phone, "ACK ");
	event = rig_event(rig, SIP_EV_OFFER_RESULT);
	ck_assert_uint_eq(event.status, 200);
	sip_offer_result(sip, rig_now(rig), in, event.status, event.body);
	answer = peer_want(caller, "SIP/2.0 200");
	ck_assert_str_eq(body_of(answer), SDP_B);
	talk_ack(&a, answer, "");
	rig_no_event(rig);
}
END_TEST

START_TEST(an_update_goes_through_or_becomes_a_reinvite)
{
	both_up();
	sip_offer(sip, rig_now(rig), out, SIP_UPDATE, SPAN(SDP_A));
	talk_answer(&b, peer_want(phone, "UPDATE "), "200 OK", "", SDP_B);
	ck_assert_uint_eq(rig_event(rig, SIP_EV_OFFER_RESULT).status, 200);

	talk_request(&b, "UPDATE", "", SDP_B);
	ck_assert_int_eq(rig_event(rig, SIP_EV_OFFER).how, SIP_UPDATE);
	talk_again(&b);
	rig_no_event(rig);
	sip_offer_result(sip, rig_now(rig), out, 200, SPAN(SDP_A));
	peer_want(phone, "SIP/2.0 200");
	talk_again(&b);
	peer_want(phone, "SIP/2.0 200");

	talk_request(&a, "INVITE", "Allow: INVITE, ACK, BYE\r\n", SDP_A);
	peer_want(caller, "SIP/2.0 100");
	rig_event(rig, SIP_EV_OFFER);
	sip_offer_result(sip, rig_now(rig), in, 200, SPAN(SDP_B));
	talk_ack(&a, peer_want(caller, "SIP/2.0 200"), "");
	sip_offer(sip, rig_now(rig), in, SIP_UPDATE, SPAN(SDP_B));
	peer_want(caller, "INVITE ");
}
END_TEST

START_TEST(offers_that_meet_on_the_wire_are_both_refused)
{
	const char *reinvite;

	both_up();
	sip_offer(sip, rig_now(rig), in, SIP_REINVITE, SPAN(SDP_B));
	reinvite = peer_want(caller, "INVITE ");
	talk_request(&a, "INVITE", "", SDP_A);
	peer_want(caller, "SIP/2.0 491");
	talk_request(&a, "UPDATE", "", SDP_A);
	peer_want(caller, "SIP/2.0 491");
	talk_answer(&a, reinvite, "491 Request Pending", "", "");
	peer_want(caller, "ACK ");
	ck_assert_uint_eq(rig_event(rig, SIP_EV_OFFER_RESULT).status, 491);
	rig_no_event(rig);
}
END_TEST

START_TEST(a_second_offer_before_the_first_is_answered_must_wait)
{
	const char *refused;

	both_up();
	talk_request(&a, "INVITE", "", SDP_A);
	peer_want(caller, "SIP/2.0 100");
	rig_event(rig, SIP_EV_OFFER);
	talk_request(&a, "UPDATE", "", SDP_A);
	refused = peer_want(caller, "SIP/2.0 500");
	ck_assert_str_ne(header(refused, "Retry-After"), "");
	sip_offer(sip, rig_now(rig), in, SIP_REINVITE, SPAN(SDP_B));
	ck_assert_uint_eq(rig_event(rig, SIP_EV_OFFER_RESULT).status, 491);
	peer_want_nothing(caller);
}
END_TEST

START_TEST(a_reinvite_that_overtakes_the_ack_stands_for_it)
{
	call_comes(SDP_A);
	a.theirs = header(caller_is_answered(), "To");
	talk_request(&a, "INVITE", "", SDP_A);
	peer_want(caller, "SIP/2.0 100");
	rig_event(rig, SIP_EV_OFFER);
	sip_offer_result(sip, rig_now(rig), in, 200, SPAN(SDP_B));
	talk_ack(&a, peer_want(caller, "SIP/2.0 200"), "");
	rig_wait(rig, 32000);
	peer_want_nothing(caller);
	rig_no_event(rig);
}
END_TEST

START_TEST(an_early_update_with_an_offer_must_wait)
{
	call_comes(SDP_A);
	sip_alerting(sip, rig_now(rig), in, 0, NOTHING);
	a.theirs = header(peer_want(caller, "SIP/2.0 180"), "To");
	talk_request(&a, "UPDATE", "", SDP_A);
	peer_want(caller, "SIP/2.0 500");
	talk_request(&a, "UPDATE", "", "");
	peer_want(caller, "SIP/2.0 200");
	ring(SDP_A);
	phone_rings();
	talk_request(&b, "UPDATE", "", SDP_B);
	peer_want(phone, "SIP/2.0 491");
	rig_no_event(rig);
}
END_TEST

START_TEST(a_refused_offer_changes_nothing)
{
	both_up();
	talk_request(&a, "INVITE", "", SDP_A);
	peer_want(caller, "SIP/2.0 100");
	rig_event(rig, SIP_EV_OFFER);
	sip_offer_result(sip, rig_now(rig), in, 488, NOTHING);
	talk_ack_refusal(&a, peer_want(caller, "SIP/2.0 488"));
	rig_wait(rig, 10000);
	peer_want_nothing(caller);
	rig_no_event(rig);
}
END_TEST

START_TEST(a_refused_offer_whose_ack_is_lost_ends_no_call)
{
	both_up();
	talk_request(&a, "INVITE", "", SDP_A);
	peer_want(caller, "SIP/2.0 100");
	rig_event(rig, SIP_EV_OFFER);
	sip_offer_result(sip, rig_now(rig), in, 488, NOTHING);
	rig_wait(rig, 40000);
	ck_assert_uint_eq(peer_skip(caller), 11);
	rig_no_event(rig);
	talk_request(&a, "BYE", "", "");
	peer_want(caller, "SIP/2.0 200");
	ended(in, SIP_END_BYE, 0);
}
END_TEST

START_TEST(a_phone_that_has_forgotten_the_call_ends_it)
{
	both_up();
	sip_offer(sip, rig_now(rig), out, SIP_REINVITE, SPAN(SDP_A));
	talk_answer(&b, peer_want(phone, "INVITE "), "481 What", "", "");
	peer_want(phone, "ACK ");
	peer_want(phone, "BYE ");
	ended(out, SIP_END_STATUS, 481);
}
END_TEST

START_TEST(late_offers_go_through_end_to_end)
{
	const char *answer, *ack;
	struct sip_event event;

	call_comes("");
	ring("");
	phone_rings();
	talk_answer(&b, b.invite, "200 OK", "", SDP_B);
	event = rig_event(rig, SIP_EV_ANSWERED);
	ck_assert(span_is(event.body, SDP_B));
	peer_want_nothing(phone);
	talk_answer(&b, b.invite, "200 OK", "", SDP_B); /* he waits */
	peer_want_nothing(phone);
	sip_answer(sip, rig_now(rig), in, 0, "101", "", event.body);
	answer = peer_want(caller, "SIP/2.0 200");
	talk_ack(&a, answer, SDP_A);
	event = rig_event(rig, SIP_EV_ACK);
	ck_assert(span_is(event.body, SDP_A));
	sip_ack(sip, rig_now(rig), out, event.body);
	ack = peer_want(phone, "ACK ");
	ck_assert_str_eq(body_of(ack), SDP_A);
	talk_answer(&b, b.invite, "200 OK", "", SDP_B);
	ck_assert_str_eq(peer_want(phone, "ACK "), ack);
	rig_no_event(rig);
}
END_TEST

START_TEST(a_late_offer_that_lost_is_answered_with_nothing)
{
	const char *ack;

	ring("");
	talk_answer(&b, b.invite, "200 OK", "", SDP_B);
	rig_event(rig, SIP_EV_ANSWERED);
	sip_release(sip, rig_now(rig), out, 200, 26);
	ack = peer_want(phone, "ACK ");
	ck_assert_ptr_nonnull(strstr(body_of(ack), "m=audio 0 "));
	talk_answer(&b, peer_want(phone, "BYE "), "200 OK", "", "");
	ended(out, SIP_END_LOCAL, 200);
}
END_TEST

/* ---- forks ---- */

START_TEST(one_more_phone_that_picks_up_is_hung_up)
{
	struct talk c;
	const char *bye;

	ring(SDP_A);
	phone_rings();
	c = talk_taken(phone, b.invite, "second");
	phone_answers();
	talk_answer(&c, b.invite, "200 OK", "", SDP_B);
	ck_assert_str_eq(header(peer_want(phone, "ACK "), "To"),
			 "<sip:101@example.test>;tag=second");
	bye = peer_want(phone, "BYE ");
	ck_assert_str_eq(header(bye, "To"),
			 "<sip:101@example.test>;tag=second");
	talk_answer(&c, b.invite, "200 OK", "", SDP_B);
	peer_want(phone, "ACK ");
	peer_want_nothing(phone);
	talk_answer(&c, bye, "200 OK", "", "");
	rig_no_event(rig);
}
END_TEST

START_TEST(a_2xx_that_comes_when_the_call_is_over_is_hung_up)
{
	struct talk c;

	ring("");
	phone_rings();
	c = talk_taken(phone, b.invite, "second");
	talk_answer(&b, b.invite, "200 OK", "", SDP_B);
	rig_event(rig, SIP_EV_ANSWERED);
	sip_ack(sip, rig_now(rig), out, SPAN(SDP_A));
	peer_want(phone, "ACK ");
	talk_request(&b, "BYE", "", "");
	peer_want(phone, "SIP/2.0 200");
	ended(out, SIP_END_BYE, 0);
	talk_answer(&c, b.invite, "200 OK", "", SDP_B);
	ck_assert_ptr_nonnull(
		strstr(body_of(peer_want(phone, "ACK ")), "m=audio 0 "));
	peer_want(phone, "BYE ");
	rig_no_event(rig);
}
END_TEST

START_TEST(each_early_dialog_has_a_tag_of_its_own)
{
	const char *first, *second, *plain, *answer;

	call_comes(SDP_A);
	sip_alerting(sip, rig_now(rig), in, 0, NOTHING);
	plain = header(peer_want(caller, "SIP/2.0 180"), "To");
	sip_alerting(sip, rig_now(rig), in, 1, SPAN(SDP_A));
	first = header(peer_want(caller, "SIP/2.0 183"), "To");
	sip_alerting(sip, rig_now(rig), in, 2, SPAN(SDP_B));
	second = header(peer_want(caller, "SIP/2.0 183"), "To");
	ck_assert_str_ne(plain, first);
	ck_assert_str_ne(plain, second);
	ck_assert_str_ne(first, second);
	sip_answer(sip, rig_now(rig), in, 2, "101", "", SPAN(SDP_B));
	answer = peer_want(caller, "SIP/2.0 200");
	ck_assert_str_eq(header(answer, "To"), second);
	talk_ack(&a, answer, "");
	a.theirs = first;
	talk_request(&a, "BYE", "", "");
	peer_want(caller, "SIP/2.0 481");
	a.theirs = second;
	talk_request(&a, "BYE", "", "");
	peer_want(caller, "SIP/2.0 200");
	ended(in, SIP_END_BYE, 0);
}
END_TEST

/* ---- what does not belong ---- */

START_TEST(requests_out_of_order_are_refused)
{
	both_up();
	a.cseq = 0;
	talk_request(&a, "INFO", "", "");
	peer_want(caller, "SIP/2.0 500");
	rig_no_event(rig);
}
END_TEST

START_TEST(a_malformed_message_in_a_call_disturbs_nobody)
{
	struct sip_counts counts;

	both_up();
	peer_send(caller, "BYE sip:twind@192.0.2.254 SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx\r\n"
			  "From: <sip:100@example.test>;tag=a\r\n"
			  "To: <sip:101@example.test>;tag=b\r\n"
			  "Call-ID: x\r\nCSeq: 7 INVITE\r\n\r\n");
	peer_want(caller, "SIP/2.0 400 ");
	peer_send(caller, "SIP/2.0 nonsense\r\n\r\n");
	peer_send(caller, "\r\n\r\n");
	peer_want_nothing(caller);
	sip_counts(sip, &counts);
	ck_assert_uint_eq(counts.rx_bad, 2);
	talk_request(&a, "BYE", "", "");
	peer_want(caller, "SIP/2.0 200");
	ended(in, SIP_END_BYE, 0);
}
END_TEST

START_TEST(strays_are_dropped_and_counted)
{
	struct sip_counts before, after;

	both_up();
	sip_counts(sip, &before);
	peer_send(caller, "ACK sip:twind@192.0.2.254 SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx\r\n"
			  "From: <sip:100@example.test>;tag=a\r\n"
			  "To: <sip:101@example.test>;tag=b\r\n"
			  "Call-ID: x\r\nCSeq: 7 ACK\r\n\r\n");
	peer_send(caller,
		  "SIP/2.0 200 OK\r\n"
		  "Via: SIP/2.0/UDP 192.0.2.254:5060;branch=z9hG4bKx\r\n"
		  "From: <sip:100@example.test>;tag=a\r\n"
		  "To: <sip:101@example.test>;tag=b\r\n"
		  "Call-ID: x\r\nCSeq: 7 BYE\r\n\r\n");
	peer_want_nothing(caller);
	rig_no_event(rig);
	sip_counts(sip, &after);
	ck_assert_uint_eq(after.rx_dropped, before.rx_dropped + 2);
}
END_TEST

START_TEST(an_info_is_answered_once_and_told_once)
{
	struct sip_event event;

	both_up();
	talk_request(&a, "INFO", "", "Signal=5\r\n");
	peer_want(caller, "SIP/2.0 200");
	event = rig_event(rig, SIP_EV_INFO);
	ck_assert(span_is(event.body, "Signal=5\r\n"));
	talk_again(&a);
	peer_want(caller, "SIP/2.0 200");
	rig_no_event(rig);
	sip_info(sip, rig_now(rig), out, span_of("application/dtmf-relay"),
		 event.body);
	talk_answer(&b, peer_want(phone, "INFO "), "481 Gone", "", "");
	peer_want(phone, "BYE ");
	ended(out, SIP_END_STATUS, 481);
}
END_TEST

START_TEST(a_phone_that_cannot_be_reached_is_no_phone)
{
	struct sip_addr to;

	ring(SDP_A);
	sip_addr_parse(&to, "udp:192.0.2.2:5060");
	sip_unreachable(sip, rig_now(rig), &to);
	ended(out, SIP_END_TRANSPORT, 503);
	peace();
}
END_TEST

/* ---- after a crash ---- */

static char journal[2][4096];
static struct sip_packet slots[2];

static void remember(void *data, uint64_t leg, const struct sip_packet *packet)
{
	int i = leg == out;

	slots[i] = *packet;
	ck_assert_uint_lt(packet->len, sizeof(journal[i]));
	memcpy(journal[i], packet->data, packet->len);
	slots[i].data = (const uint8_t *)journal[i];
}

static void forget(void *data, uint64_t leg)
{
	slots[leg == out].len = 0;
}

static const struct sip_journal the_journal = {
	.remember = remember,
	.forget = forget,
};

/* A second element, with the same seed no more than a phone has the same
 * battery; what it knows it read in the journal. */
static void dies_and_is_born_again(void)
{
	struct sip_packet left[2] = { slots[0], slots[1] };

	rig_crash(rig);
	sip = rig_sip(rig);
	for (int i = 0; i < 2; i++)
		if (left[i].len)
			sip_recover(sip, rig_now(rig), &left[i]);
}

START_TEST(after_a_crash_nobody_rings_on)
{
	const char *final, *cancel;

	sip_set_journal(sip, &the_journal);
	call_comes(SDP_A);
	ring(SDP_A);
	phone_rings();
	sip_alerting(sip, rig_now(rig), in, 0, NOTHING);
	peer_want(caller, "SIP/2.0 180");
	dies_and_is_born_again();
	final = peer_want(caller, "SIP/2.0 503");
	cancel = peer_want(phone, "CANCEL ");
	ck_assert_str_eq(header(cancel, "Via"), header(b.invite, "Via"));
	talk_answer(&b, cancel, "200 OK", "", "");
	talk_answer(&b, b.invite, "487 Request Terminated", "", "");
	peer_want(phone, "ACK ");
	rig_wait(rig, 500);
	peer_want(caller, "SIP/2.0 503");
	talk_ack_refusal(&a, final);
	rig_wait(rig, 4000);
	peer_want_nothing(caller);
	peer_want_nothing(phone);
	peace();
}
END_TEST

START_TEST(after_a_crash_a_phone_that_answers_is_hung_up)
{
	const char *bye;

	sip_set_journal(sip, &the_journal);
	ring(SDP_A);
	dies_and_is_born_again();
	peer_want(phone, "CANCEL ");
	talk_answer(&b, b.invite, "200 OK", "", SDP_B);
	peer_want(phone, "ACK ");
	bye = peer_want(phone, "BYE ");
	talk_answer(&b, bye, "200 OK", "", "");
	talk_answer(&b, b.invite, "200 OK", "", SDP_B);
	peer_want(phone, "ACK ");
	peer_want_nothing(phone);
	rig_no_event(rig);
}
END_TEST

START_TEST(a_call_that_is_up_or_over_is_not_remembered)
{
	sip_set_journal(sip, &the_journal);
	both_up();
	ck_assert_uint_eq(slots[0].len, 0);
	ck_assert_uint_eq(slots[1].len, 0);
}
END_TEST

/* ---- memory ---- */

/* One long story, left at each of its steps: the sanitizer sees what leaks,
 * and no clock may fire into what is gone. */
START_TEST(the_element_may_end_at_any_moment)
{
	int step = 0;

#define LEAVE_HERE                                                             \
	do {                                                                   \
		if (step++ == _i)                                              \
			return;                                                \
	} while (0)
	call_comes(SDP_A);
	LEAVE_HERE;
	ring(SDP_A);
	LEAVE_HERE;
	phone_rings();
	sip_alerting(sip, rig_now(rig), in, 1, SPAN(SDP_B));
	LEAVE_HERE;
	phone_answers();
	LEAVE_HERE;
	peer_want(caller, "SIP/2.0 183");
	a.theirs = header(caller_is_answered(), "To");
	LEAVE_HERE;
	talk_request(&a, "INVITE", "", SDP_A);
	LEAVE_HERE;
	sip_offer(sip, rig_now(rig), out, SIP_UPDATE, SPAN(SDP_B));
	LEAVE_HERE;
	sip_release(sip, rig_now(rig), out, 200, 16);
	LEAVE_HERE;
	talk_request(&a, "BYE", "", "");
	LEAVE_HERE;
	rig_wait(rig, 40000);
	LEAVE_HERE;
	ck_assert_int_lt(_i, step);
}
END_TEST

START_TEST(a_call_is_small)
{
	size_t before = talloc_total_size(sip), soon, later;

	both_up();
	soon = talloc_total_size(sip) - before;
	rig_wait(rig, 33000);
	later = talloc_total_size(sip) - before;
	ck_assert_msg(soon < 6000 && later < 3000, "%zu, later %zu", soon,
		      later);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("sip_races");
	TCase *tc = tcase_create("call");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_call_is_made_and_ended_by_the_caller);
	tcase_add_test(tc, a_cancel_waits_for_a_provisional_answer);
	tcase_add_test(tc, our_cancel_crosses_the_phones_200);
	tcase_add_test(tc, a_cancelled_phone_that_never_answers_is_given_up);
	tcase_add_test(tc, a_caller_cancels_and_says_so_twice);
	tcase_add_test(tc, a_callers_cancel_crosses_our_200);
	tcase_add_test(tc, a_cancel_for_nothing_is_refused);
	tcase_add_test(tc, an_invite_is_repeated_until_patience_ends);
	tcase_add_test(tc, a_repeated_invite_is_one_call);
	tcase_add_test(tc, a_lost_200_is_repeated_until_the_ack);
	tcase_add_test(tc, a_call_whose_ack_never_comes_is_ended);
	tcase_add_test(tc, our_lost_ack_is_sent_again_for_each_repeated_200);
	tcase_add_test(tc, a_lost_bye_is_repeated_and_then_given_up);
	tcase_add_test(tc,
		       a_provisional_answer_after_the_final_one_is_too_late);
	tcase_add_test(tc, a_refusal_is_acknowledged_as_often_as_it_comes);
	tcase_add_test(tc, our_refusal_is_repeated_until_the_ack);
	tcase_add_test(tc, a_caller_hangs_up_before_the_ack);
	tcase_add_test(tc, we_hang_up_only_after_the_ack);
	tcase_add_test(tc, both_hang_up_at_once);
	tcase_add_test(tc, a_repeated_bye_gets_the_same_answer);
	tcase_add_test(tc, a_bye_crosses_our_reinvite);
	tcase_add_test(tc, a_bye_ends_a_reinvite_that_waits);
	tcase_add_test(tc, a_caller_hangs_up_an_early_dialog);
	tcase_add_test(tc, a_phone_may_not_hang_up_before_it_has_answered);
	tcase_add_test(tc, an_offer_goes_through_and_its_answer_comes_back);
	tcase_add_test(tc, an_update_goes_through_or_becomes_a_reinvite);
	tcase_add_test(tc, offers_that_meet_on_the_wire_are_both_refused);
	tcase_add_test(tc,
		       a_second_offer_before_the_first_is_answered_must_wait);
	tcase_add_test(tc, a_reinvite_that_overtakes_the_ack_stands_for_it);
	tcase_add_test(tc, an_early_update_with_an_offer_must_wait);
	tcase_add_test(tc, a_refused_offer_changes_nothing);
	tcase_add_test(tc, a_refused_offer_whose_ack_is_lost_ends_no_call);
	tcase_add_test(tc, a_phone_that_has_forgotten_the_call_ends_it);
	tcase_add_test(tc, late_offers_go_through_end_to_end);
	tcase_add_test(tc, a_late_offer_that_lost_is_answered_with_nothing);
	tcase_add_test(tc, one_more_phone_that_picks_up_is_hung_up);
	tcase_add_test(tc, a_2xx_that_comes_when_the_call_is_over_is_hung_up);
	tcase_add_test(tc, each_early_dialog_has_a_tag_of_its_own);
	tcase_add_test(tc, requests_out_of_order_are_refused);
	tcase_add_test(tc, a_malformed_message_in_a_call_disturbs_nobody);
	tcase_add_test(tc, strays_are_dropped_and_counted);
	tcase_add_test(tc, an_info_is_answered_once_and_told_once);
	tcase_add_test(tc, a_phone_that_cannot_be_reached_is_no_phone);
	tcase_add_test(tc, after_a_crash_nobody_rings_on);
	tcase_add_test(tc, after_a_crash_a_phone_that_answers_is_hung_up);
	tcase_add_test(tc, a_call_that_is_up_or_over_is_not_remembered);
	tcase_add_test(tc, a_call_is_small);
	tcase_add_loop_test(tc, the_element_may_end_at_any_moment, 0, 10);
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
