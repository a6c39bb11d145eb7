/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sip_doors.c - what comes in, and what is refused at the door: methods,
 * passwords, limits, registrations, and where answers go
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>

#include "peer.h"

static struct rig *rig;
static struct sip *sip;
static struct peer *caller;

static void setup(void)
{
	const struct sip_config config = {
		.limits = { .transactions_source = 3 },
	};

	rig = rig_new(&config);
	sip = rig_sip(rig);
	caller = peer_new(rig, "udp:192.0.2.1:5060");
}

static void teardown(void)
{
	rig_free(rig);
}

/* A request out of any dialog; @more are header lines, with their ends. */
static char text[8192];

static const char *request(const char *method, const char *uri,
			   const char *more, const char *body)
{
	static int n;

	n++;
	snprintf(text, sizeof(text),
		 "%s %s SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKdoor%d\r\n"
		 "From: <sip:100@example.test>;tag=door\r\n"
		 "To: <sip:101@example.test>\r\n"
		 "Call-ID: door-%d\r\nCSeq: 1 %s\r\n"
		 "Contact: <sip:192.0.2.1:5060>\r\n%s"
		 "Content-Length: %zu\r\n\r\n%s",
		 method, uri, n, n, method, more, strlen(body), body);
	return text;
}

static const char *ask(const char *method, const char *more, const char *body,
		       const char *answer)
{
	peer_send(caller, request(method, "sip:101@example.test", more, body));
	return peer_want(caller, answer);
}

static struct sip_counts counts(void)
{
	struct sip_counts now;

	sip_counts(sip, &now);
	return now;
}

/* ---- what is no call ---- */

START_TEST(options_are_answered_with_what_we_can)
{
	const char *answer =
		ask("OPTIONS", "Max-Forwards: 0\r\n", "", "SIP/2.0 200");

	ck_assert_ptr_nonnull(strstr(header(answer, "Allow"), "UPDATE"));
	ck_assert_str_eq(header(answer, "Accept"), "application/sdp");
	ck_assert_str_eq(header(answer, "Supported"),
			 "timer, replaces, norefersub, tdialog");
}
END_TEST

START_TEST(methods_that_we_do_not_have_are_refused)
{
	static const char *const known[] = { "MESSAGE", "PUBLISH", "PRACK" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		ck_assert_str_ne(
			header(ask(known[i], "", "", "SIP/2.0 405"), "Allow"),
			"");
	ask("DANCE", "", "", "SIP/2.0 501");
	ask("BYE", "", "", "SIP/2.0 481");
	ask("UPDATE", "", "", "SIP/2.0 481");
	ask("NOTIFY", "", "", "SIP/2.0 403");
	ck_assert_uint_eq(counts().transactions, 0);
}
END_TEST

START_TEST(an_invite_that_may_go_no_further_is_refused)
{
	ask("INVITE", "Max-Forwards: 0\r\n", "", "SIP/2.0 483");
}
END_TEST

START_TEST(a_request_for_a_dialog_that_is_not_is_refused)
{
	peer_send(caller,
		  "BYE sip:101@example.test SIP/2.0\r\n"
		  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKq\r\n"
		  "From: <sip:100@example.test>;tag=a\r\n"
		  "To: <sip:101@example.test>;tag=0123456789abcdef\r\n"
		  "Call-ID: q\r\nCSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n");
	peer_want(caller, "SIP/2.0 481");
}
END_TEST

/* ---- who it is ---- */

START_TEST(a_challenge_keeps_nothing_and_repeats_itself)
{
	const char *first = ask("INVITE", "", SDP_A, "SIP/2.0 401"), *second;

	ck_assert_uint_eq(counts().transactions, 0);
	peer_send(caller, text);
	second = peer_want(caller, "SIP/2.0 401");
	ck_assert_str_eq(header(first, "To"), header(second, "To"));
	ck_assert_uint_eq(counts().challenged, 2);
	ck_assert_uint_eq(counts().transactions, 0);
}
END_TEST

START_TEST(the_ack_of_a_challenge_is_no_stray)
{
	struct talk a = talk_call(caller, "100", "101", SDP_A);

	ck_assert_uint_eq(counts().rx_dropped, 0);
	rig_event(rig, SIP_EV_SETUP);
	ck_assert_uint_eq(counts().legs, 1);
	(void)a;
}
END_TEST

static const char *wrong_credentials(const char *user, const char *challenge)
{
	static char line[512];
	const char *nonce = strstr(challenge, "nonce=\"") + 7;

	snprintf(line, sizeof(line),
		 "Authorization: Digest username=\"%s\", "
		 "realm=\"example.test\", nonce=\"%.*s\", "
		 "uri=\"sip:101@example.test\", algorithm=MD5, qop=auth, "
		 "nc=00000001, cnonce=\"c\", "
		 "response=\"00000000000000000000000000000000\"\r\n",
		 user, (int)strcspn(nonce, "\""), nonce);
	return line;
}

START_TEST(a_wrong_password_is_refused_at_the_first_try)
{
	const char *challenge = ask("INVITE", "", SDP_A, "SIP/2.0 401");

	ask("INVITE", wrong_credentials("100", challenge), SDP_A,
	    "SIP/2.0 403");
	ck_assert_uint_eq(counts().auth_failed, 1);
	ck_assert_uint_eq(counts().transactions, 0);
}
END_TEST

START_TEST(an_old_nonce_is_stale_and_no_failure)
{
	const char *challenge = ask("INVITE", "", SDP_A, "SIP/2.0 401");

	rig_wait(rig, 301 * 1000);
	challenge = ask("INVITE", wrong_credentials("100", challenge), SDP_A,
			"SIP/2.0 401");
	ck_assert_ptr_nonnull(strstr(challenge, "stale=true"));
	ck_assert_uint_eq(counts().auth_failed, 0);
}
END_TEST

START_TEST(a_user_that_is_none_cannot_tell)
{
	const char *challenge;

	sip_user_remove(sip, rig_now(rig), "100");
	challenge = ask("INVITE", "", SDP_A, "SIP/2.0 401");
	ask("INVITE", wrong_credentials("100", challenge), SDP_A,
	    "SIP/2.0 403");
}
END_TEST

/* ---- what it asks for: an INVITE with credentials, and one thing wrong ----
 */

static struct talk known(const char *extra, const char *body)
{
	struct talk a = talk_try(caller, "100", "101", extra, body);

	return a;
}

START_TEST(what_we_cannot_do_may_not_be_required)
{
	const char *answer;

	known("Require: timer, 100rel\r\n", SDP_A);
	answer = peer_want(caller, "SIP/2.0 420");
	ck_assert_str_eq(header(answer, "Unsupported"), "100rel");
	known("Require: timer\r\nSupported: timer\r\n", SDP_A);
	peer_want(caller, "SIP/2.0 100");
}
END_TEST

START_TEST(a_body_that_we_cannot_read_is_refused)
{
	known("Content-Encoding: gzip\r\n", SDP_A);
	ck_assert_str_eq(header(peer_want(caller, "SIP/2.0 415"), "Accept"),
			 "application/sdp");
}
END_TEST

START_TEST(a_session_that_is_too_short_is_refused)
{
	const char *answer;

	known("Supported: timer\r\nSession-Expires: 30\r\n", SDP_A);
	answer = peer_want(caller, "SIP/2.0 422");
	ck_assert_str_eq(header(answer, "Min-SE"), "90");
}
END_TEST

START_TEST(the_same_call_by_another_way_is_refused)
{
	struct talk a = known("", SDP_A);

	peer_want(caller, "SIP/2.0 100");
	a.cseq--;
	talk_request(&a, "INVITE", a.auth, SDP_A);
	peer_want(caller, "SIP/2.0 482");
	rig_event(rig, SIP_EV_SETUP);
	rig_no_event(rig);
}
END_TEST

START_TEST(what_a_caller_dials_is_told_unescaped)
{
	struct sip_event event;

	talk_try(caller, "100", "%31%30%31", "Max-Forwards: 5\r\n", SDP_A);
	/* Max-Forwards twice: no message */
	peer_want(caller, "SIP/2.0 400");
	talk_try(caller, "100", "%31%30%31", "", SDP_A);
	peer_want(caller, "SIP/2.0 100");
	event = rig_event(rig, SIP_EV_SETUP);
	ck_assert(span_is(event.target, "101"));
	ck_assert(span_is(event.user, "100"));
	ck_assert(!event.target_foreign);
	ck_assert_uint_eq(event.max_forwards, 70);
	ck_assert_uint_eq(event.leg, 1ULL << 62 | 1);
}
END_TEST

START_TEST(one_source_may_not_have_all_for_itself)
{
	for (int i = 0; i < 3; i++) {
		known("", SDP_A);
		peer_want(caller, "SIP/2.0 100");
		rig_event(rig, SIP_EV_SETUP);
	}
	known("", SDP_A);
	ck_assert_str_ne(
		header(peer_want(caller, "SIP/2.0 503"), "Retry-After"), "");
	ck_assert_uint_eq(counts().limited, 1);
	ck_assert_uint_eq(counts().legs, 3);
}
END_TEST

/* ---- the way back (18.2.2, RFC 3581) ---- */

START_TEST(an_answer_goes_where_the_question_came_from)
{
	struct peer *nat = peer_new(rig, "udp:203.0.113.9:40000");
	struct peer *port = peer_new(rig, "udp:192.0.2.1:40000");

	/* It asks for the port. */
	peer_send(port, "OPTIONS sip:example.test SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKr;rport\r\n"
			"From: <sip:100@example.test>;tag=a\r\n"
			"To: <sip:101@example.test>\r\n"
			"Call-ID: r\r\nCSeq: 2 OPTIONS\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(
		header(peer_want(port, "SIP/2.0 200"), "Via"), "rport=40000"));
	/* It does not, and is where it says. */
	peer_send(port, "OPTIONS sip:example.test SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKr2\r\n"
			"From: <sip:100@example.test>;tag=a\r\n"
			"To: <sip:101@example.test>\r\n"
			"Call-ID: r\r\nCSeq: 2 OPTIONS\r\n\r\n");
	peer_want(caller, "SIP/2.0 200");
	/* It is behind a NAT, and does not know. */
	peer_send(nat, "OPTIONS sip:example.test SIP/2.0\r\n"
		       "Via: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKr3\r\n"
		       "From: <sip:100@example.test>;tag=a\r\n"
		       "To: <sip:101@example.test>\r\n"
		       "Call-ID: r\r\nCSeq: 2 OPTIONS\r\n\r\n");
	ck_assert_ptr_nonnull(
		strstr(header(peer_want(nat, "SIP/2.0 200"), "Via"),
		       "received=203.0.113.9"));
}
END_TEST

/* ---- REGISTER ---- */

START_TEST(a_registration_is_confirmed_when_it_is_stored)
{
	struct talk a = talk_register(caller, "102", "Expires: 600\r\n");
	struct sip_event event = rig_event(rig, SIP_EV_REGISTER);

	ck_assert(span_is(event.user, "102"));
	ck_assert(span_is(event.contact, "sip:192.0.2.1:5060"));
	ck_assert_uint_eq(event.expires_s, 600);
	peer_want_nothing(caller);
	talk_again(&a);
	rig_no_event(rig);
	sip_register_done(sip, rig_now(rig), event.reg, true);
	ck_assert_ptr_nonnull(
		strstr(header(peer_want(caller, "SIP/2.0 200"), "Contact"),
		       "expires=600"));
	talk_again(&a);
	peer_want(caller, "SIP/2.0 200");
	ck_assert_uint_eq(counts().bindings, 1);
	rig_wait(rig, 599999);
	rig_no_event(rig);
	rig_wait(rig, 1);
	ck_assert(span_is(rig_event(rig, SIP_EV_UNREGISTERED).user, "102"));
}
END_TEST

START_TEST(a_registration_that_cannot_be_stored_is_none)
{
	talk_register(caller, "102", "");
	sip_register_done(sip, rig_now(rig),
			  rig_event(rig, SIP_EV_REGISTER).reg, false);
	peer_want(caller, "SIP/2.0 500");
	ck_assert_uint_eq(counts().bindings, 0);
}
END_TEST

START_TEST(a_refresh_is_answered_at_once_and_a_removal_is_told)
{
	struct talk phone = talk_register(caller, "102", "");

	sip_register_done(sip, rig_now(rig),
			  rig_event(rig, SIP_EV_REGISTER).reg, true);
	peer_want(caller, "SIP/2.0 200");
	talk_request(&phone, "REGISTER", phone.auth, "");
	peer_want(caller, "SIP/2.0 200");
	rig_no_event(rig);
	talk_request(&phone, "REGISTER",
		     talk_lines("Expires: 0\r\n", phone.auth), "");
	peer_want(caller, "SIP/2.0 200");
	rig_event(rig, SIP_EV_UNREGISTERED);
	rig_no_event(rig);
}
END_TEST

START_TEST(a_registration_that_nobody_stores_is_forgotten)
{
	talk_register(caller, "102", "");
	rig_event(rig, SIP_EV_REGISTER);
	rig_wait(rig, 33000);
	ck_assert_uint_eq(counts().transactions, 0);
	rig_no_event(rig);
}
END_TEST

/* ---- streams ---- */

START_TEST(a_phone_on_a_connection_is_called_by_it)
{
	struct peer *phone = peer_new(rig, "tcp:192.0.2.3:40000");
	struct peer *other = peer_new(rig, "tcp:192.0.2.3:40001");
	struct sip_invite invite = {
		.leg = 7,
		.user = "103",
		.target = "103",
		.number = "100",
		.name = "",
		.body = span_of(SDP_A),
		.max_forwards = 70,
	};
	const char *got;
	struct talk b;

	talk_register(phone, "103", "");
	sip_register_done(sip, rig_now(rig),
			  rig_event(rig, SIP_EV_REGISTER).reg, true);
	peer_want(phone, "SIP/2.0 200");
	sip_invite(sip, rig_now(rig), &invite);
	got = peer_want(phone, "INVITE ");
	ck_assert_ptr_nonnull(strstr(header(got, "Via"), "SIP/2.0/TCP "));
	ck_assert_ptr_nonnull(strstr(header(got, "Contact"), "transport=tcp"));
	rig_wait(rig, 20000);
	peer_want_nothing(phone); /* a connection loses nothing */
	b = talk_taken(phone, got, "tcp");
	talk_answer(&b, got, "200 OK", "", SDP_B);
	peer_want(phone, "ACK ");
	peer_send(phone, "\r\n\r\n");
	peer_want(phone, "\r\n");
	rig_event(rig, SIP_EV_ANSWERED);

	/* The connection breaks in the call, and the phone comes back. */
	peer_breaks(phone);
	rig_no_event(rig);
	talk_register(other, "103", "");
	sip_register_done(sip, rig_now(rig),
			  rig_event(rig, SIP_EV_REGISTER).reg, true);
	peer_want(other, "SIP/2.0 200");
	sip_release(sip, rig_now(rig), 7, 200, 16);
	peer_want(other, "BYE ");
	peer_breaks(other);
	rig_event(rig, SIP_EV_RELEASED);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("sip_doors");
	TCase *tc = tcase_create("sip_doors");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, options_are_answered_with_what_we_can);
	tcase_add_test(tc, methods_that_we_do_not_have_are_refused);
	tcase_add_test(tc, an_invite_that_may_go_no_further_is_refused);
	tcase_add_test(tc, a_request_for_a_dialog_that_is_not_is_refused);
	tcase_add_test(tc, a_challenge_keeps_nothing_and_repeats_itself);
	tcase_add_test(tc, the_ack_of_a_challenge_is_no_stray);
	tcase_add_test(tc, a_wrong_password_is_refused_at_the_first_try);
	tcase_add_test(tc, an_old_nonce_is_stale_and_no_failure);
	tcase_add_test(tc, a_user_that_is_none_cannot_tell);
	tcase_add_test(tc, what_we_cannot_do_may_not_be_required);
	tcase_add_test(tc, a_body_that_we_cannot_read_is_refused);
	tcase_add_test(tc, a_session_that_is_too_short_is_refused);
	tcase_add_test(tc, the_same_call_by_another_way_is_refused);
	tcase_add_test(tc, what_a_caller_dials_is_told_unescaped);
	tcase_add_test(tc, one_source_may_not_have_all_for_itself);
	tcase_add_test(tc, an_answer_goes_where_the_question_came_from);
	tcase_add_test(tc, a_registration_is_confirmed_when_it_is_stored);
	tcase_add_test(tc, a_registration_that_cannot_be_stored_is_none);
	tcase_add_test(tc, a_refresh_is_answered_at_once_and_a_removal_is_told);
	tcase_add_test(tc, a_registration_that_nobody_stores_is_forgotten);
	tcase_add_test(tc, a_phone_on_a_connection_is_called_by_it);
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
