/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Subscriptions at the element, by peers that speak raw bytes. */
#include <check.h>
#include <stdlib.h>

#include "peer.h"

#define LAMP "Event: dialog\r\n"

static const struct sip_package packages[] = {
	{ "dialog", "application/dialog-info+xml" },
	{ "message-summary", "application/simple-message-summary" },
};

static struct rig *rig;
static struct peer *phone;

static void begin(const struct sip_config *config)
{
	rig = rig_new(config);
	sip_set_packages(rig_sip(rig), packages, 2);
	phone = peer_new(rig, "udp:192.0.2.1:5060");
}

static void setup(void)
{
	begin(NULL);
}

static void teardown(void)
{
	rig_free(rig);
}

static void grant(uint64_t sub)
{
	sip_subscribe_result(rig_sip(rig), rig_now(rig), sub, 200);
}

/* The element asks for a document, and gets one. */
static void give(const char *body)
{
	struct sip_event event = rig_event(rig, SIP_EV_DOCUMENT);

	sip_notify(rig_sip(rig), rig_now(rig), event.sub, NULL, span_of(body));
}

static void touch(uint64_t sub)
{
	sip_touch(rig_sip(rig), rig_now(rig), sub);
}

static struct talk watch(const char *extra, uint64_t *ret_sub)
{
	struct talk talk = talk_subscribe(phone, "100", "101", extra, "");
	struct sip_event event = rig_event(rig, SIP_EV_SUBSCRIBE);

	*ret_sub = event.sub;
	ck_assert(span_is(event.user, "100"));
	ck_assert(span_is(event.target, "101"));
	grant(event.sub);
	return talk;
}

/* Granted and told for the first time; the NOTIFY is answered. */
static struct talk watch_well(const char *extra, uint64_t *ret_sub)
{
	struct talk talk = watch(extra, ret_sub);
	const char *answer = peer_want(phone, "SIP/2.0 200"), *notify;

	talk.theirs = header(answer, "To");
	talk.target = "sip:twind@192.0.2.254:5060";
	give("first");
	notify = peer_want(phone, "NOTIFY sip:192.0.2.1:5060 ");
	talk_answer(&talk, notify, "200 OK", "", "");
	return talk;
}

static void ends(const char *with)
{
	uint64_t sub;
	struct talk talk = watch_well(LAMP, &sub);
	const char *notify;

	touch(sub);
	give("second");
	notify = peer_want(phone, "NOTIFY");
	talk_answer(&talk, notify, with, "", "");
	ck_assert_uint_eq(rig_event(rig, SIP_EV_UNSUBSCRIBED).sub, sub);
	touch(sub);
	rig_no_event(rig);
}

START_TEST(a_watcher_is_granted_and_told_at_once)
{
	uint64_t sub;
	struct talk talk = watch(LAMP "Expires: 600\r\n", &sub);
	const char *answer = peer_want(phone, "SIP/2.0 200"), *notify;

	ck_assert_str_eq(header(answer, "Expires"), "600");
	ck_assert_str_ne(header(answer, "Contact"), "");
	give("<all/>");
	notify = peer_want(phone, "NOTIFY sip:192.0.2.1:5060 ");
	ck_assert_str_eq(header(notify, "Event"), "dialog");
	ck_assert_str_eq(header(notify, "Subscription-State"),
			 "active;expires=600");
	ck_assert_str_eq(header(notify, "Content-Type"),
			 "application/dialog-info+xml");
	ck_assert_str_eq(header(notify, "From"), header(answer, "To"));
	ck_assert_str_eq(header(notify, "To"), talk.ours);
	ck_assert_str_eq(header(notify, "CSeq"), "1 NOTIFY");
	ck_assert_str_eq(body_of(notify), "<all/>");
}
END_TEST

START_TEST(changes_while_a_notify_is_on_its_way_make_one_document)
{
	uint64_t sub;
	struct talk talk = watch(LAMP, &sub);
	const char *notify;

	peer_want(phone, "SIP/2.0 200");
	give("first");
	notify = peer_want(phone, "NOTIFY");
	for (int i = 0; i < 10; i++)
		touch(sub);
	rig_no_event(rig);
	peer_want_nothing(phone);
	talk_answer(&talk, notify, "200 OK", "", "");
	give("second");
	notify = peer_want(phone, "NOTIFY");
	ck_assert_str_eq(header(notify, "CSeq"), "2 NOTIFY");
	talk_answer(&talk, notify, "200 OK", "", "");
	rig_no_event(rig);
}
END_TEST

START_TEST(a_lost_notify_is_sent_again)
{
	uint64_t sub;
	struct talk talk = watch(LAMP, &sub);
	const char *first, *again;

	peer_want(phone, "SIP/2.0 200");
	give("first");
	first = peer_want(phone, "NOTIFY");
	rig_wait(rig, 500);
	again = peer_want(phone, "NOTIFY");
	ck_assert_str_eq(first, again);
	talk_answer(&talk, again, "200 OK", "", "");
	rig_wait(rig, 40000);
	peer_want_nothing(phone);
	rig_no_event(rig);
}
END_TEST

START_TEST(a_notify_that_nobody_answers_ends_the_subscription)
{
	struct sip_counts counts;
	uint64_t sub;

	watch(LAMP, &sub);
	peer_want(phone, "SIP/2.0 200");
	give("first");
	rig_wait(rig, 32000);
	ck_assert_uint_eq(rig_event(rig, SIP_EV_UNSUBSCRIBED).sub, sub);
	sip_counts(rig_sip(rig), &counts);
	ck_assert_uint_eq(counts.subscriptions, 0);
	ck_assert_uint_eq(counts.notify_failed, 1);
}
END_TEST

START_TEST(a_notify_to_nobody_ends_the_subscription)
{
	static const char *const fatal[] = { "481 Gone", "489 Bad Event",
					     "404 Not Found",
					     "501 Not Implemented" };

	ends(fatal[_i]);
}
END_TEST

START_TEST(a_notify_refused_for_now_is_tried_again)
{
	uint64_t sub;
	struct talk talk = watch(LAMP, &sub);
	const char *notify;

	peer_want(phone, "SIP/2.0 200");
	give("first");
	for (int i = 0; i < 3; i++) {
		notify = peer_want(phone, "NOTIFY");
		talk_answer(&talk, notify, "503 Later", "Retry-After: 7\r\n",
			    "");
		rig_wait(rig, 6999);
		rig_no_event(rig);
		rig_wait(rig, 1);
		give("again");
	}
	notify = peer_want(phone, "NOTIFY");
	talk_answer(&talk, notify, "503 Later", "", "");
	rig_event(rig, SIP_EV_UNSUBSCRIBED);
}
END_TEST

START_TEST(a_phone_that_cannot_be_reached_watches_no_more)
{
	uint64_t sub;

	watch(LAMP, &sub);
	peer_want(phone, "SIP/2.0 200");
	give("first");
	peer_breaks(phone);
	rig_wait(rig, 1);
	rig_event(rig, SIP_EV_UNSUBSCRIBED);
}
END_TEST

START_TEST(a_refresh_lasts_longer_and_is_told_again)
{
	uint64_t sub;
	struct talk talk = watch_well(LAMP "Expires: 100\r\n", &sub);
	struct sip_event event;
	const char *notify;

	rig_wait(rig, 90000);
	talk_resubscribe(&talk, "100", LAMP "Expires: 200\r\n");
	event = rig_event(rig, SIP_EV_SUBSCRIBE);
	ck_assert_uint_eq(event.sub, sub);
	grant(sub);
	ck_assert_str_eq(header(peer_want(phone, "SIP/2.0 200"), "Expires"),
			 "200");
	give("second");
	notify = peer_want(phone, "NOTIFY");
	ck_assert_str_eq(header(notify, "Subscription-State"),
			 "active;expires=200");
	talk_answer(&talk, notify, "200 OK", "", "");
	rig_wait(rig, 199000);
	rig_no_event(rig);
	rig_wait(rig, 1000);
	rig_event(rig, SIP_EV_UNSUBSCRIBED);
}
END_TEST

START_TEST(time_ends_a_subscription_with_a_word)
{
	uint64_t sub;
	const char *notify;

	watch_well(LAMP "Expires: 60\r\n", &sub);
	rig_wait(rig, 60000);
	notify = peer_want(phone, "NOTIFY");
	ck_assert_str_eq(header(notify, "Subscription-State"),
			 "terminated;reason=timeout");
	ck_assert_uint_eq(rig_event(rig, SIP_EV_UNSUBSCRIBED).sub, sub);
}
END_TEST

START_TEST(who_unsubscribes_gets_a_last_document)
{
	uint64_t sub;
	struct talk talk = watch_well(LAMP, &sub);
	const char *notify;

	talk_resubscribe(&talk, "100", LAMP "Expires: 0\r\n");
	rig_event(rig, SIP_EV_SUBSCRIBE);
	grant(sub);
	ck_assert_str_eq(header(peer_want(phone, "SIP/2.0 200"), "Expires"),
			 "0");
	give("last");
	notify = peer_want(phone, "NOTIFY");
	ck_assert_str_eq(header(notify, "Subscription-State"),
			 "terminated;reason=timeout");
	ck_assert_str_eq(body_of(notify), "last");
	rig_event(rig, SIP_EV_UNSUBSCRIBED);
	talk_request(&talk, "SUBSCRIBE", LAMP, "");
	peer_want(phone, "SIP/2.0 481");
}
END_TEST

START_TEST(a_fetch_is_one_document_and_no_subscription)
{
	struct sip_counts counts;
	const char *notify;
	uint64_t sub;

	watch(LAMP "Expires: 0\r\n", &sub);
	peer_want(phone, "SIP/2.0 200");
	give("now");
	notify = peer_want(phone, "NOTIFY");
	ck_assert_str_eq(header(notify, "Subscription-State"),
			 "terminated;reason=timeout");
	rig_event(rig, SIP_EV_UNSUBSCRIBED);
	sip_counts(rig_sip(rig), &counts);
	ck_assert_uint_eq(counts.subscriptions, 0);
}
END_TEST

START_TEST(what_is_watched_may_go_away)
{
	const char *notify;
	uint64_t sub;

	watch_well(LAMP, &sub);
	sip_unsubscribe(rig_sip(rig), rig_now(rig), sub, "noresource");
	notify = peer_want(phone, "NOTIFY");
	ck_assert_str_eq(header(notify, "Subscription-State"),
			 "terminated;reason=noresource");
	rig_no_event(rig);
}
END_TEST

START_TEST(who_is_no_user_any_more_watches_nobody)
{
	uint64_t sub;

	watch_well(LAMP, &sub);
	sip_user_remove(rig_sip(rig), rig_now(rig), "100");
	peer_want(phone, "NOTIFY");
	rig_event(rig, SIP_EV_UNSUBSCRIBED);
}
END_TEST

START_TEST(an_unknown_event_is_told_which_there_are)
{
	const char *answer;

	talk_subscribe(phone, "100", "101", "Event: weather\r\n", "");
	answer = peer_want(phone, "SIP/2.0 489");
	ck_assert_str_eq(header(answer, "Allow-Events"),
			 "dialog, message-summary");
	talk_subscribe(phone, "100", "101", "", "");
	peer_want(phone, "SIP/2.0 489");
	rig_no_event(rig);
}
END_TEST

START_TEST(too_short_a_time_is_told_the_shortest)
{
	const char *answer;

	talk_subscribe(phone, "100", "101", LAMP "Expires: 59\r\n", "");
	answer = peer_want(phone, "SIP/2.0 423");
	ck_assert_str_eq(header(answer, "Min-Expires"), "60");
	rig_no_event(rig);
}
END_TEST

START_TEST(what_a_phone_cannot_read_is_not_sent)
{
	talk_subscribe(phone, "100", "101", LAMP "Accept: text/plain\r\n", "");
	peer_want(phone, "SIP/2.0 406");
	talk_subscribe(phone, "100", "101",
		       LAMP "Accept: text/plain, application/*;q=0.5\r\n", "");
	rig_event(rig, SIP_EV_SUBSCRIBE);
}
END_TEST

START_TEST(a_wrong_password_watches_nobody)
{
	talk_subscribe(phone, "110", "101", LAMP, "");
	peer_want(phone, "SIP/2.0 403");
	rig_no_event(rig);
}
END_TEST

START_TEST(the_outside_may_refuse)
{
	struct sip_event event;

	talk_subscribe(phone, "100", "999", LAMP, "");
	event = rig_event(rig, SIP_EV_SUBSCRIBE);
	sip_subscribe_result(rig_sip(rig), rig_now(rig), event.sub, 404);
	peer_want(phone, "SIP/2.0 404");
	touch(event.sub);
	rig_no_event(rig);
	rig_wait(rig, 40000);
	peer_want_nothing(phone);
}
END_TEST

START_TEST(nobody_watches_without_limit)
{
	struct sip_config config = { .limits = { .subscriptions_user = 2 } };
	struct sip_counts counts;
	const char *answer;
	uint64_t sub;

	rig_free(rig);
	begin(&config);
	watch_well(LAMP, &sub);
	watch_well(LAMP, &sub);
	talk_subscribe(phone, "100", "102", LAMP, "");
	answer = peer_want(phone, "SIP/2.0 503");
	ck_assert_str_ne(header(answer, "Retry-After"), "");
	sip_counts(rig_sip(rig), &counts);
	ck_assert_uint_eq(counts.limited, 1);
	ck_assert_uint_eq(counts.subscriptions, 2);
}
END_TEST

START_TEST(after_a_restart_a_refresh_finds_nothing)
{
	uint64_t sub;
	struct talk talk = watch_well(LAMP, &sub);

	rig_crash(rig);
	sip_set_packages(rig_sip(rig), packages, 2);
	talk_request(&talk, "SUBSCRIBE", LAMP, "");
	peer_want(phone, "SIP/2.0 481");
}
END_TEST

START_TEST(a_mailbox_may_tell_unasked_and_nobody_else)
{
	static const char notify[] =
		"NOTIFY sip:101@example.test SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKm\r\n"
		"From: <sip:box@192.0.2.9>;tag=m\r\n"
		"To: <sip:101@example.test>\r\nCall-ID: m\r\n"
		"CSeq: 1 NOTIFY\r\nEvent: message-summary\r\n"
		"Content-Type: application/simple-message-summary\r\n"
		"Content-Length: 23\r\n\r\nMessages-Waiting: yes\r\n";
	struct peer *box = peer_new(rig, "udp:192.0.2.9:5060");
	struct sip_event event;
	struct sip_addr addr;

	peer_send(box, notify);
	peer_want(box, "SIP/2.0 403");
	ck_assert_int_eq(sip_addr_parse(&addr, "udp:192.0.2.9:1"), 0);
	ck_assert_int_eq(sip_add_teller(rig_sip(rig), &addr), 0);
	peer_send(box, notify);
	peer_want(box, "SIP/2.0 200");
	event = rig_event(rig, SIP_EV_NOTIFY);
	ck_assert_uint_eq(event.package, 1);
	ck_assert(span_is(event.target, "101"));
	ck_assert(span_is(event.body, "Messages-Waiting: yes\r\n"));
	peer_send(box, notify);
	peer_want(box, "SIP/2.0 200");
	rig_no_event(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sip_watch");
	TCase *t = tcase_create("sip_watch");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_watcher_is_granted_and_told_at_once);
	tcase_add_test(t,
		       changes_while_a_notify_is_on_its_way_make_one_document);
	tcase_add_test(t, a_lost_notify_is_sent_again);
	tcase_add_test(t, a_notify_that_nobody_answers_ends_the_subscription);
	tcase_add_loop_test(t, a_notify_to_nobody_ends_the_subscription, 0, 4);
	tcase_add_test(t, a_notify_refused_for_now_is_tried_again);
	tcase_add_test(t, a_phone_that_cannot_be_reached_watches_no_more);
	tcase_add_test(t, a_refresh_lasts_longer_and_is_told_again);
	tcase_add_test(t, time_ends_a_subscription_with_a_word);
	tcase_add_test(t, who_unsubscribes_gets_a_last_document);
	tcase_add_test(t, a_fetch_is_one_document_and_no_subscription);
	tcase_add_test(t, what_is_watched_may_go_away);
	tcase_add_test(t, who_is_no_user_any_more_watches_nobody);
	tcase_add_test(t, an_unknown_event_is_told_which_there_are);
	tcase_add_test(t, too_short_a_time_is_told_the_shortest);
	tcase_add_test(t, what_a_phone_cannot_read_is_not_sent);
	tcase_add_test(t, a_wrong_password_watches_nobody);
	tcase_add_test(t, the_outside_may_refuse);
	tcase_add_test(t, nobody_watches_without_limit);
	tcase_add_test(t, after_a_restart_a_refresh_finds_nothing);
	tcase_add_test(t, a_mailbox_may_tell_unasked_and_nobody_else);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
