/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sip_refer.c - REFER (RFC 3515, 4488, 4538), Replaces (3891), and the
 * one orderly session that a far end hears (3264, 8)
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

#define SPAN(text) span_of(text)
/* As Bob describes himself next to Anna, with video beside. */
#define SDP_TWO SDP_A "m=video 4002 RTP/AVP 34\r\n"

static struct rig *rig;
static struct sip *sip;
static struct peer *caller, *phone;
static struct talk a;
static uint64_t in;
static const uint64_t out = 7;
static char *said;

static void setup(void)
{
	rig = rig_new(NULL);
	sip = rig_sip(rig);
	caller = peer_new(rig, "udp:192.0.2.1:5060");
	phone = peer_new(rig, "udp:192.0.2.2:5060");
	rig_bind(rig, "101", phone);
	said = NULL;
}

static void teardown(void)
{
	free(said);
	rig_free(rig);
}

static const char *say(const char *fmt, const char *x, const char *y,
		       const char *z)
{
	free(said);
	ck_assert_int_gt(asprintf(&said, fmt, x, y, z), 0);
	return said;
}

static const char *tag_of(const char *value)
{
	const char *tag = strstr(value, "tag=");

	ck_assert_ptr_nonnull(tag);
	return tag + 4;
}

static void caller_is_up(const char *sdp)
{
	const char *answer;

	a = talk_call(caller, "100", "101", sdp);
	peer_want(caller, "SIP/2.0 100");
	in = rig_event(rig, SIP_EV_SETUP).leg;
	sip_answer(sip, rig_now(rig), in, 0, "101", "", SPAN(SDP_B));
	answer = peer_want(caller, "SIP/2.0 200");
	talk_ack(&a, answer, "");
	a.theirs = header(answer, "To");
	a.target = "sip:twind@192.0.2.254:5060";
	a.auth = NULL;
}

static struct sip_event refer(const char *extra)
{
	talk_request(&a, "REFER", extra, "");
	return rig_event(rig, SIP_EV_REFER);
}

static void notified(const char *state, const char *frag)
{
	const char *notify = peer_want(caller, "NOTIFY ");

	ck_assert_str_eq(header(notify, "Subscription-State"), state);
	ck_assert_str_eq(header(notify, "Content-Type"),
			 "message/sipfrag;version=2.0");
	ck_assert_str_eq(body_of(notify), frag);
	talk_answer(&a, notify, "200 OK", "", "");
}

START_TEST(a_refer_is_told_what_becomes_of_it)
{
	struct sip_event event;

	caller_is_up(SDP_A);
	event = refer("Refer-To: <sip:1%302@example.test>\r\n");
	ck_assert_uint_eq(event.leg, in);
	ck_assert(span_is(event.target, "102"));
	ck_assert(!event.target_foreign && !event.replaces);
	peer_want_nothing(caller);
	sip_refer_result(sip, rig_now(rig), in, 202);
	peer_want(caller, "SIP/2.0 202");
	notified("active;expires=300", "SIP/2.0 100 Trying\r\n");
	sip_refer_result(sip, rig_now(rig), in, 180);
	sip_refer_result(sip, rig_now(rig), in, 180);
	notified("active;expires=300", "SIP/2.0 180 Ringing\r\n");
	sip_refer_result(sip, rig_now(rig), in, 200);
	notified("terminated;reason=noresource", "SIP/2.0 200 OK\r\n");
	sip_refer_result(sip, rig_now(rig), in, 200);
	peer_want_nothing(caller);
	rig_wait(rig, 60000);
	peer_want_nothing(caller);
	rig_no_event(rig);
}
END_TEST

START_TEST(a_second_refer_has_an_id_and_waits_for_the_first)
{
	const char *notify;

	caller_is_up(SDP_A);
	refer("r: sip:102@example.test\r\n");
	talk_request(&a, "REFER", "Refer-To: <sip:103@example.test>\r\n", "");
	peer_want(caller, "SIP/2.0 491");
	sip_refer_result(sip, rig_now(rig), in, 486);
	peer_want(caller, "SIP/2.0 486");
	refer("Refer-To: <tel:103>\r\n");
	sip_refer_result(sip, rig_now(rig), in, 202);
	peer_want(caller, "SIP/2.0 202");
	notify = peer_want(caller, "NOTIFY ");
	ck_assert_ptr_nonnull(strstr(header(notify, "Event"), "refer;id="));
}
END_TEST

START_TEST(a_refer_may_want_no_subscription)
{
	const char *answer;

	caller_is_up(SDP_A);
	refer("Require: norefersub\r\nRefer-Sub: false\r\n"
	      "Refer-To: <sip:102@example.test>\r\n");
	sip_refer_result(sip, rig_now(rig), in, 202);
	answer = peer_want(caller, "SIP/2.0 202");
	ck_assert_str_eq(header(answer, "Refer-Sub"), "false");
	sip_refer_result(sip, rig_now(rig), in, 200);
	peer_want_nothing(caller);
}
END_TEST

START_TEST(a_leg_that_ends_ends_its_refer)
{
	caller_is_up(SDP_A);
	refer("Refer-To: <sip:102@example.test>\r\n");
	sip_refer_result(sip, rig_now(rig), in, 202);
	peer_want(caller, "SIP/2.0 202");
	notified("active;expires=300", "SIP/2.0 100 Trying\r\n");
	talk_request(&a, "BYE", "", "");
	peer_want(caller, "SIP/2.0 200");
	notified("terminated;reason=giveup", "SIP/2.0 100 Trying\r\n");
	rig_event(rig, SIP_EV_RELEASED);
	sip_refer_result(sip, rig_now(rig), in, 200);
	peer_want_nothing(caller);
}
END_TEST

START_TEST(a_refer_that_makes_no_sense_is_refused)
{
	static const char *const wrong[][2] = {
		{ "", "SIP/2.0 400" },
		{ "Refer-To: <sip:\r\n", "SIP/2.0 400" },
		{ "Refer-To: sip:1@a\r\nRefer-To: sip:2@a\r\n", "SIP/2.0 400" },
		{ "Refer-To: <mailto:a@b>\r\n", "SIP/2.0 416" },
		{ "Refer-To: <sip:102@example.test;method=BYE>\r\n",
		  "SIP/2.0 501" },
		{ "Refer-To: <sip:102@example.test?Replaces=nonsense>\r\n",
		  "SIP/2.0 400" },
		{ "Refer-To: <sip:102@example.test?Replaces=a%3Bto-tag%3D1"
		  "%3Bfrom-tag%3D2>\r\n",
		  "SIP/2.0 404" },
		{ "Require: dancing\r\nRefer-To: <sip:1@a>\r\n",
		  "SIP/2.0 420" },
	};

	caller_is_up(SDP_A);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		talk_request(&a, "REFER", wrong[i][0], "");
		peer_want(caller, wrong[i][1]);
	}
	rig_no_event(rig);
}
END_TEST

START_TEST(a_refer_with_replaces_names_the_other_leg)
{
	struct talk first;
	uint64_t first_leg;
	struct sip_event event;

	caller_is_up(SDP_A);
	first = a;
	first_leg = in;
	caller_is_up(SDP_A);
	event = refer(say("Refer-To: <sip:102@example.test?Subject=x&Replaces="
			  "%s%%3Bto-tag%%3D%s%%3Bfrom-tag%%3D%s>\r\n",
			  first.id, tag_of(first.theirs), tag_of(first.ours)));
	ck_assert_uint_eq(event.leg, in);
	ck_assert_uint_eq(event.replaces, first_leg);
}
END_TEST

START_TEST(a_refer_outside_of_a_dialog_names_one)
{
	struct talk other;
	struct sip_event event;
	const char *answer;

	caller_is_up(SDP_A);
	other = talk_outside(
		caller, "REFER", "100", "101",
		say("Contact: <sip:100@192.0.2.1>\r\n"
		    "Refer-To: <sip:102@example.test>\r\n"
		    "Target-Dialog: %s;local-tag=%s;remote-tag=%s\r\n",
		    a.id, tag_of(a.theirs), tag_of(a.ours)),
		"");
	event = rig_event(rig, SIP_EV_REFER);
	ck_assert_uint_eq(event.leg, in);
	sip_refer_result(sip, rig_now(rig), in, 202);
	answer = peer_want(caller, "SIP/2.0 202");
	ck_assert_ptr_nonnull(strstr(header(answer, "To"), "tag="));
	answer = peer_want(caller, "NOTIFY ");
	ck_assert_str_eq(header(answer, "Call-ID"), other.id);
	ck_assert_str_eq(header(answer, "To"), other.ours);
}
END_TEST

START_TEST(nobody_refers_what_is_not_his)
{
	caller_is_up(SDP_A);
	talk_outside(caller, "REFER", "100", "101",
		     "Refer-To: <sip:102@example.test>\r\n", "");
	peer_want(caller, "SIP/2.0 403");
	talk_outside(phone, "REFER", "103", "101",
		     say("Refer-To: <sip:102@example.test>\r\n"
			 "Target-Dialog: %s;local-tag=%s;remote-tag=%s\r\n",
			 a.id, tag_of(a.theirs), tag_of(a.ours)),
		     "");
	peer_want(phone, "SIP/2.0 403");
	rig_no_event(rig);
}
END_TEST

static void replace(const char *format, const char *want)
{
	const char *extra = say(format, a.id, tag_of(a.theirs), tag_of(a.ours));
	char *kept = strdup(extra);

	talk_try(caller, "100", "101", kept, SDP_A);
	free(kept);
	peer_want(caller, want);
}

#define REPLACES "Replaces: %s;to-tag=%s;from-tag=%s"

START_TEST(an_invite_with_replaces_names_the_leg)
{
	caller_is_up(SDP_A);
	replace("Require: replaces\r\n" REPLACES "\r\n", "SIP/2.0 100");
	ck_assert_uint_eq(rig_event(rig, SIP_EV_SETUP).replaces, in);
}
END_TEST

START_TEST(an_invite_that_replaces_nothing_is_refused)
{
	caller_is_up(SDP_A);
	replace(REPLACES "0\r\n", "SIP/2.0 481");
	replace(REPLACES ";early-only\r\n", "SIP/2.0 486");
	replace(REPLACES "\r\nReplaces: a;to-tag=1;from-tag=2\r\n",
		"SIP/2.0 400");
	replace("Replaces: %s\r\n", "SIP/2.0 400");
	sip_release(sip, rig_now(rig), in, 0, 0);
	peer_want(caller, "BYE ");
	replace(REPLACES "\r\n", "SIP/2.0 603");
	rig_no_event(rig);
}
END_TEST

START_TEST(who_asks_for_privacy_is_not_shown)
{
	const struct sip_invite invite = {
		.leg = out,
		.user = "101",
		.target = "101",
		.number = "100",
		.name = "Anna",
		.anonymous = true,
		.body = SPAN(SDP_A),
		.max_forwards = 69,
	};
	const char *ring;

	talk_try(caller, "100", "101", "Privacy: critical; id\r\n", SDP_A);
	peer_want(caller, "SIP/2.0 100");
	ck_assert(rig_event(rig, SIP_EV_SETUP).anonymous);
	sip_invite(sip, rig_now(rig), &invite);
	ring = peer_want(phone, "INVITE ");
	ck_assert_ptr_nonnull(strstr(header(ring, "From"),
				     "<sip:anonymous@anonymous.invalid>"));
	ck_assert_ptr_null(strstr(ring, "Anna"));
	ck_assert_ptr_null(strstr(ring, "sip:100@"));
	ck_assert_str_eq(header(ring, "P-Asserted-Identity"), "");
}
END_TEST

/* Bob spoke, now Carl does: with a new voice, in the same session. */
START_TEST(a_far_end_hears_one_session_whoever_speaks)
{
	static const char carl[] =
		"v=0\r\no=carl 9 40 IN IP4 192.0.2.9\r\ns=-\r\n"
		"c=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 9000 RTP/AVP 8\r\n";
	const char *offer, *reoffer;
	struct sip_event event;

	caller_is_up(SDP_TWO);
	talk_request(&a, "INVITE", "", SDP_TWO);
	peer_want(caller, "SIP/2.0 100");
	rig_event(rig, SIP_EV_OFFER);
	sip_offer_result(sip, rig_now(rig), in, 200,
			 SPAN(SDP_B "m=video 0 RTP/AVP 34\r\n"));
	talk_ack(&a, peer_want(caller, "SIP/2.0 200"), "");
	sip_connected(sip, in, "109", "Carl");
	sip_offer(sip, rig_now(rig), in, SIP_REINVITE, SPAN(carl));
	offer = peer_want(caller, "INVITE ");
	ck_assert_str_eq(header(offer, "P-Asserted-Identity"),
			 "\"Carl\" <sip:109@example.test>");
	ck_assert_ptr_nonnull(
		strstr(body_of(offer), "o=b 1 2 IN IP4 192.0.2.2\r\n"));
	ck_assert_ptr_nonnull(strstr(body_of(offer), "m=audio 9000"));
	ck_assert_ptr_nonnull(strstr(body_of(offer), "m=video 0 RTP/AVP 34"));
	talk_answer(&a, offer, "200 OK", "", SDP_A "m=video 0 RTP/AVP 34\r\n");
	event = rig_event(rig, SIP_EV_OFFER_RESULT);
	ck_assert(span_is(event.body, SDP_A));
	peer_want(caller, "ACK ");
	/* The same once more, and then something new. */
	sip_offer(sip, rig_now(rig), in, SIP_REINVITE, SPAN(carl));
	reoffer = peer_want(caller, "INVITE ");
	ck_assert_str_eq(body_of(reoffer), body_of(offer));
	talk_answer(&a, reoffer, "200 OK", "", SDP_TWO);
	rig_event(rig, SIP_EV_OFFER_RESULT);
	peer_want(caller, "ACK ");
	sip_offer(sip, rig_now(rig), in, SIP_REINVITE, SPAN(SDP_B));
	ck_assert_ptr_nonnull(strstr(body_of(peer_want(caller, "INVITE ")),
				     "o=b 1 3 IN IP4 192.0.2.2\r\n"));
}
END_TEST

/* Its dialog has had its BYE: one is enough. */
START_TEST(an_answer_that_crosses_our_bye_is_acknowledged_and_no_more)
{
	const char *offer;

	caller_is_up(SDP_A);
	sip_offer(sip, rig_now(rig), in, SIP_REINVITE, SPAN(SDP_A));
	offer = peer_want(caller, "INVITE ");
	sip_release(sip, rig_now(rig), in, 0, 0);
	peer_want(caller, "BYE ");
	talk_answer(&a, offer, "200 OK", "", SDP_A);
	peer_want(caller, "ACK ");
	peer_want_nothing(caller);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("sip_refer");
	TCase *tc = tcase_create("sip_refer");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_refer_is_told_what_becomes_of_it);
	tcase_add_test(tc, a_second_refer_has_an_id_and_waits_for_the_first);
	tcase_add_test(tc, a_refer_may_want_no_subscription);
	tcase_add_test(tc, a_leg_that_ends_ends_its_refer);
	tcase_add_test(tc, a_refer_that_makes_no_sense_is_refused);
	tcase_add_test(tc, a_refer_with_replaces_names_the_other_leg);
	tcase_add_test(tc, a_refer_outside_of_a_dialog_names_one);
	tcase_add_test(tc, nobody_refers_what_is_not_his);
	tcase_add_test(tc, an_invite_with_replaces_names_the_leg);
	tcase_add_test(tc, an_invite_that_replaces_nothing_is_refused);
	tcase_add_test(tc, who_asks_for_privacy_is_not_shown);
	tcase_add_test(tc, a_far_end_hears_one_session_whoever_speaks);
	tcase_add_test(
		tc, an_answer_that_crosses_our_bye_is_acknowledged_and_no_more);
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
