/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_core_presence.c - who watches whom, and what they are told */
#include "core_rig.h"

static void watch(struct rig *rig, uint64_t id, const char *from,
		  const char *target, enum watch_what what)
{
	struct event event = { .type = EV_WATCH };

	event.watch.watch = id;
	event.watch.from = rig_ext(rig, from);
	event.watch.target = span_of(target);
	event.watch.what = what;
	rig_do(rig, &event);
}

static void key(struct rig *rig, uint64_t id, const char *from,
		enum feature feature, bool on, const char *number)
{
	struct event event = { .type = EV_WATCH };

	event.watch.watch = id;
	event.watch.from = rig_ext(rig, from);
	event.watch.target = span_of(from);
	event.watch.what = WATCH_FEATURES;
	event.watch.feature = feature;
	event.watch.on = on;
	event.watch.number = span_of(number);
	rig_do(rig, &event);
}

static void messages(struct rig *rig, const char *user, unsigned int fresh)
{
	struct event event = { .type = EV_MESSAGES };

	event.messages.user = span_of(user);
	event.messages.fresh = fresh;
	event.messages.old = 2;
	rig_do(rig, &event);
}

/* Carl watches Alice. */
static struct rig *watched(void)
{
	struct rig *rig = rig_new();

	watch(rig, 7, "203", "201", WATCH_CALLS);
	rig_expect(rig, "watch 7: 200\nnotify 7: 201 idle\n");
	return rig;
}

/* T102, T104, T105 */
START_TEST(a_call_at_either_twin_is_one_call_of_the_user)
{
	struct rig *rig = watched();

	rig_setup(rig, 1, "202", "201");
	rig_expect(rig, "setup 201 202 Bob [offer]\n"
			"setup 301 202 Bob [offer]\n"
			"notify 7: 201 1 early from 202 Bob\n");
	rig_leg(rig, EV_ALERTING, 1, NULL);
	rig_leg(rig, EV_ALERTING, 2, NULL);
	rig_expect(rig, "alerting 202\n");
	rig_leg(rig, EV_ANSWERED, 2, "answer");
	rig_expect(rig, "ack 301\n"
			"answer 202 201 Alice [answer]\n"
			"cancel 201 answered_elsewhere\n"
			"notify 7: 201 1 confirmed from 202 Bob\n");
	rig_gone(rig, 1, CAUSE_CANCELLED);
	rig_expect(rig, "");
	rig_gone(rig, CALLER(1), CAUSE_NORMAL);
	ck_assert(strstr(rig->text, "notify 7: 201 idle\n"));
	rig_free(rig);
}
END_TEST

START_TEST(a_missed_call_leaves_the_lamp_dark)
{
	struct rig *rig = watched();

	rig_setup(rig, 1, "202", "201");
	rig_leg(rig, EV_ALERTING, 1, NULL);
	rig_forget(rig);
	rig_gone(rig, CALLER(1), CAUSE_CANCELLED);
	ck_assert(strstr(rig->text, "notify 7: 201 idle\n"));
	rig_forget(rig);
	rig_gone(rig, 1, CAUSE_CANCELLED);
	rig_gone(rig, 2, CAUSE_CANCELLED);
	rig_expect(rig, "");
	rig_free(rig);
}
END_TEST

START_TEST(a_call_from_the_secondary_is_the_users)
{
	struct rig *rig = watched();

	rig_setup(rig, 1, "301", "202");
	rig_expect(rig, "setup 202 201 Alice [offer]\n"
			"notify 7: 201 1 trying to 202 Bob\n");
	rig_leg(rig, EV_ALERTING, 1, NULL);
	rig_expect(rig, "alerting 301\n"
			"notify 7: 201 1 early to 202 Bob\n");
	rig_leg(rig, EV_ANSWERED, 1, "answer");
	ck_assert(strstr(rig->text, "notify 7: 201 1 confirmed to 202 Bob\n"));
	rig_free(rig);
}
END_TEST

/* A call between the twins is one, and names the secondary to nobody. */
START_TEST(a_call_between_the_twins_is_one_call)
{
	struct rig *rig = watched();

	rig_setup(rig, 1, "201", "301");
	ck_assert(strstr(rig->text, "notify 7: 201 1 trying to 201 Alice\n"));
	rig_free(rig);
}
END_TEST

START_TEST(what_looks_the_same_is_not_told)
{
	struct rig *rig = watched();

	rig_admin(rig, ADM_EXTENSION_SET, "201", NULL, "name=Alicia");
	ck_assert(!strstr(rig->text, "notify"));
	rig_free(rig);
}
END_TEST

START_TEST(a_paired_secondary_is_nobody_to_watch)
{
	struct rig *rig = rig_new();

	watch(rig, 7, "202", "301", WATCH_CALLS);
	watch(rig, 8, "202", "301", WATCH_PRESENCE);
	watch(rig, 9, "202", "999", WATCH_CALLS);
	rig_expect(rig, "watch 7: 404\nwatch 8: 404\nwatch 9: 404\n");
	rig_free(rig);
}
END_TEST

/* T105 */
START_TEST(who_watched_a_new_secondary_is_told_that_it_is_gone)
{
	struct rig *rig = rig_new();

	watch(rig, 7, "202", "203", WATCH_CALLS);
	watch(rig, 8, "203", "203", WATCH_MESSAGES);
	rig_forget(rig);
	rig_admin(rig, ADM_PAIRING_ADD, "202", "203", NULL);
	ck_assert(strstr(rig->text, "watch 7 ends\n"));
	ck_assert(!strstr(rig->text, "watch 8 ends"));
	rig_free(rig);
}
END_TEST

START_TEST(a_removed_extension_is_watched_no_more)
{
	struct rig *rig = rig_new();

	watch(rig, 7, "202", "203", WATCH_CALLS);
	rig_forget(rig);
	rig_admin(rig, ADM_EXTENSION_REMOVE, "203", NULL, NULL);
	ck_assert(strstr(rig->text, "watch 7 ends\n"));
	rig_free(rig);
}
END_TEST

START_TEST(messages_and_keys_are_for_the_users_own_devices)
{
	struct rig *rig = rig_new();

	watch(rig, 1, "202", "201", WATCH_MESSAGES);
	watch(rig, 2, "202", "201", WATCH_FEATURES);
	rig_expect(rig, "watch 1: 403\nwatch 2: 403\n");
	rig_free(rig);
}
END_TEST

/* T65, T66 */
START_TEST(messages_show_on_both_twins)
{
	struct rig *rig = rig_new();

	watch(rig, 1, "201", "201", WATCH_MESSAGES);
	watch(rig, 2, "301", "301", WATCH_MESSAGES);
	rig_forget(rig);
	messages(rig, "201", 3);
	rig_expect(rig, "notify 1: 201 3 new 2 old\n"
			"notify 2: 301 3 new 2 old\n");
	messages(rig, "201", 3);
	rig_expect(rig, "");
	messages(rig, "201", 0);
	rig_expect(rig, "notify 1: 201 0 new 2 old\n"
			"notify 2: 301 0 new 2 old\n");
	messages(rig, "999", 1);
	rig_expect(rig, "");
	rig_free(rig);
}
END_TEST

/* T66: a handset has a lamp, too. */
START_TEST(messages_show_on_the_handset)
{
	struct event event = { .type = EV_SUBSCRIBE };
	struct rig *rig = rig_new();

	rig_admin(rig, ADM_EXTENSION_ADD, "302", NULL, "name=Phone kind=dect");
	event.handset.token = 1;
	event.handset.handset.ipui = 0xa1;
	strcpy(event.handset.handset.base, "sim");
	rig_do(rig, &event);
	rig_admin(rig, ADM_HANDSET_ASSIGN, "00000000a1", "302", NULL);
	rig_admin(rig, ADM_PAIRING_ADD, "202", "302", NULL);
	rig_forget(rig);
	messages(rig, "202", 3);
	rig_expect(rig, "handset 302 Bob twin 3 new\n");
	messages(rig, "302", 0);
	rig_expect(rig, "handset 302 Bob twin\n");
	rig_free(rig);
}
END_TEST

/* T39, T106 */
START_TEST(do_not_disturb_shows_if_it_is_the_users)
{
	struct rig *rig = watched();

	key(rig, 1, "301", FEATURE_DND, true, "");
	rig_expect(rig, "watch 1: 200\n"
			"notify 1: 301 dnd=1 always= busy= no_answer=\n");
	key(rig, 2, "201", FEATURE_DND, true, "");
	ck_assert(strstr(rig->text, "notify 7: 201 idle dnd\n"));
	rig_forget(rig);
	key(rig, 2, "201", FEATURE_DND, false, "");
	ck_assert(strstr(rig->text, "notify 7: 201 idle\n"));
	rig_free(rig);
}
END_TEST

START_TEST(a_forwarding_set_at_one_twin_shows_at_both)
{
	struct rig *rig = rig_new();

	watch(rig, 1, "201", "201", WATCH_FEATURES);
	watch(rig, 2, "301", "301", WATCH_FEATURES);
	rig_forget(rig);
	key(rig, 2, "301", FEATURE_FORWARD_BUSY, true, "203");
	rig_expect(rig, "watch 2: 200\n"
			"notify 2: 301 dnd=0 always= busy=203 no_answer=\n"
			"notify 1: 201 dnd=0 always= busy=203 no_answer=\n");
	/* The same once more is confirmed, and nobody else hears of it. */
	key(rig, 2, "301", FEATURE_FORWARD_BUSY, true, "203");
	rig_expect(rig, "watch 2: 200\n"
			"notify 2: 301 dnd=0 always= busy=203 no_answer=\n");
	rig_free(rig);
}
END_TEST

START_TEST(a_key_that_is_refused_is_told_the_truth)
{
	struct rig *rig = rig_new();

	watch(rig, 1, "201", "201", WATCH_FEATURES);
	rig_forget(rig);
	key(rig, 1, "201", FEATURE_FORWARD_ALWAYS, true, "201");
	rig_expect(rig, "watch 1: 403\n"
			"notify 1: 201 dnd=0 always= busy= no_answer=\n");
	key(rig, 1, "201", FEATURE_FORWARD_ALWAYS, true, "");
	rig_expect(rig, "watch 1: 403\n"
			"notify 1: 201 dnd=0 always= busy= no_answer=\n");
	key(rig, 9, "202", FEATURE_FORWARD_ALWAYS, true, "202");
	rig_expect(rig, "watch 9: 403\n");
	rig_free(rig);
}
END_TEST

/* Persist, then believe. */
START_TEST(a_key_is_confirmed_when_it_is_stored)
{
	struct rig *rig = rig_new();

	watch(rig, 1, "201", "201", WATCH_FEATURES);
	rig_forget(rig);
	rig->slow_disk = true;
	key(rig, 1, "201", FEATURE_DND, true, "");
	rig_expect(rig, "");
	rig_stored(rig, rig->txn, 0);
	ck_assert(strncmp(rig->text, "watch 1: 200\n", 13) == 0);
	rig_forget(rig);
	key(rig, 1, "201", FEATURE_DND, false, "");
	rig_stored(rig, rig->txn, -ENOSPC);
	rig_expect(rig, "watch 1: 403\n"
			"notify 1: 201 dnd=1 always= busy= no_answer=\n");
	rig_free(rig);
}
END_TEST

START_TEST(a_watch_may_end_while_its_key_is_being_stored)
{
	struct event event = { .type = EV_UNWATCH, .watch = { .watch = 1 } };
	struct rig *rig = rig_new();

	rig->slow_disk = true;
	key(rig, 1, "202", FEATURE_DND, true, "");
	rig_do(rig, &event);
	rig_stored(rig, rig->txn, 0);
	rig_expect(rig, "");
	key(rig, 2, "203", FEATURE_DND, true, "");
	rig_admin(rig, ADM_EXTENSION_REMOVE, "203", NULL, NULL);
	rig_stored(rig, rig->txn, 0);
	ck_assert(strstr(rig->text, "watch 2: 404\n"));
	rig_free(rig);
}
END_TEST

START_TEST(presence_says_who_can_be_reached)
{
	struct event gone = { .type = EV_UNREGISTERED };
	struct rig *rig = rig_new();

	watch(rig, 7, "203", "202", WATCH_PRESENCE);
	rig_expect(rig, "watch 7: 200\nnotify 7: 202 here idle\n");
	gone.ext = rig_ext(rig, "202");
	rig_do(rig, &gone);
	rig_expect(rig, "notify 7: 202 away idle\n");
	rig_register(rig, "202");
	rig_expect(rig, "register granted\nnotify 7: 202 here idle\n");
	rig_free(rig);
}
END_TEST

/* The issue's own figure. */
START_TEST(one_change_with_fifty_watchers_is_fifty_notifies)
{
	struct rig *rig = rig_new();
	const char *at;
	int i, n = 0;

	for (i = 0; i < 50; i++) {
		watch(rig, 100 + i, "203", "201", WATCH_CALLS);
		rig_forget(rig);
	}
	rig_setup(rig, 1, "202", "201");
	for (at = rig->text; (at = strstr(at, "notify")); at++)
		n++;
	ck_assert_int_eq(n, 50);
	rig_free(rig);
}
END_TEST

START_TEST(a_shutdown_ends_all_watches_for_now)
{
	struct event event = { .type = EV_SHUTDOWN };
	struct rig *rig = watched();

	rig_do(rig, &event);
	rig_expect(rig, "watch 7 ends for now\n");
	rig_free(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core_presence");
	TCase *t = tcase_create("core_presence");
	SRunner *runner;
	int failed;

	tcase_add_test(t, a_call_at_either_twin_is_one_call_of_the_user);
	tcase_add_test(t, a_missed_call_leaves_the_lamp_dark);
	tcase_add_test(t, a_call_from_the_secondary_is_the_users);
	tcase_add_test(t, a_call_between_the_twins_is_one_call);
	tcase_add_test(t, what_looks_the_same_is_not_told);
	tcase_add_test(t, a_paired_secondary_is_nobody_to_watch);
	tcase_add_test(t, who_watched_a_new_secondary_is_told_that_it_is_gone);
	tcase_add_test(t, a_removed_extension_is_watched_no_more);
	tcase_add_test(t, messages_and_keys_are_for_the_users_own_devices);
	tcase_add_test(t, messages_show_on_both_twins);
	tcase_add_test(t, messages_show_on_the_handset);
	tcase_add_test(t, do_not_disturb_shows_if_it_is_the_users);
	tcase_add_test(t, a_forwarding_set_at_one_twin_shows_at_both);
	tcase_add_test(t, a_key_that_is_refused_is_told_the_truth);
	tcase_add_test(t, a_key_is_confirmed_when_it_is_stored);
	tcase_add_test(t, a_watch_may_end_while_its_key_is_being_stored);
	tcase_add_test(t, presence_says_who_can_be_reached);
	tcase_add_test(t, one_change_with_fifty_watchers_is_fifty_notifies);
	tcase_add_test(t, a_shutdown_ends_all_watches_for_now);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
