/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_core_wishes.c - what administrators may and may not change */
#include "core_rig.h"
#include "settings_json.h"

START_TEST(a_refused_pairing_names_what_stands_in_the_way)
{
	static const struct {
		const char *primary, *secondary, *why;
	} refused[] = {
		{ "202", "301", "301 is already the secondary of 201" },
		{ "203", "201", "201 is already the primary of 301" },
		{ "301", "203", "301 is already the secondary of 201" },
		{ "201", "203", "201 is already the primary of 301" },
		{ "203", "203", "203 cannot be its own twin" },
		{ "203", "999", "there is no extension 999" },
		{ "999", "203", "there is no extension 999" },
	};
	struct rig *rig = rig_new();
	char want[128];
	size_t i;

	for (i = 0; i < 7; i++) {
		rig_admin(rig, ADM_PAIRING_ADD, refused[i].primary,
			  refused[i].secondary, NULL);
		snprintf(want, sizeof(want), "reply %" PRIu64 ": %s\n",
			 rig->last_req, refused[i].why);
		rig_expect(rig, want);
	}
	rig_free(rig);
}
END_TEST

START_TEST(of_two_pairings_at_once_the_first_wins)
{
	struct rig *rig = rig_new();

	rig_admin(rig, ADM_PAIRING_REMOVE, "201", NULL, NULL);
	rig_forget(rig);
	rig->slow_disk = true;
	rig_admin(rig, ADM_PAIRING_ADD, "202", "301", NULL);
	rig_admin(rig, ADM_PAIRING_ADD, "203", "301", NULL);
	rig_expect(rig, "");
	rig_stored(rig, rig->txn, 0);
	rig_expect(rig, "reply 7: done\n"
			"reply 8: 301 is already the secondary of 202\n");
	rig_free(rig);
}
END_TEST

START_TEST(nothing_is_true_before_it_is_stored)
{
	struct rig *rig = rig_new();
	struct view_extension ext;

	rig->slow_disk = true;
	rig_admin(rig, ADM_EXTENSION_ADD, "204", NULL, "name=Dora kind=sip");
	ck_assert(!view_extension(rig->core, "204", &ext));
	rig_stored(rig, rig->txn, -ENOSPC);
	ck_assert(!view_extension(rig->core, "204", &ext));
	rig_expect(rig, "reply 6: the disk is full: nothing was changed\n");
	rig_free(rig);
}
END_TEST

START_TEST(a_wrong_setting_is_refused_with_the_right_ones)
{
	static const struct {
		enum admin_verb verb;
		const char *number, *sets, *why;
	} refused[] = {
		{ ADM_EXTENSION_SET, "201", "colour=red",
		  "there is no setting \"colour\"; there are: name, "
		  "password, " SETTINGS_KEYS },
		{ ADM_EXTENSION_SET, "201", "dnd=maybe",
		  "dnd must be on or off" },
		{ ADM_EXTENSION_SET, "201", "forward_busy=abc",
		  "forward_busy must be 1 to 31 digits, or empty for off" },
		{ ADM_EXTENSION_SET, "201", "forward_busy=201",
		  "forward_busy must be another number than its own" },
		{ ADM_EXTENSION_SET, "201", "follow_me=999",
		  "follow_me must be the number of an extension, or empty "
		  "for off" },
		{ ADM_EXTENSION_SET, "201", "follow_me=301",
		  "follow_me must be the number of an extension, or empty "
		  "for off" },
		{ ADM_EXTENSION_SET, "201", "no_answer_time=5",
		  "no_answer_time must be 6 to 99999 seconds, or empty for "
		  "the system's" },
		{ ADM_EXTENSION_SET, "201", "outgoing=some",
		  "outgoing must be all, internal or none" },
		{ ADM_EXTENSION_SET, "201", "twinning_allowed=off",
		  "twinning_allowed must be on while it is paired; unpair "
		  "it first" },
		{ ADM_EXTENSION_SET, "201", "twin_dnd=on",
		  "there is no setting \"twin_dnd\"; there are: name, "
		  "password, " SETTINGS_KEYS },
		{ ADM_EXTENSION_SET, "201", "kind=dect",
		  "kind cannot be changed; remove the extension and add it "
		  "again" },
		{ ADM_EXTENSION_SET, "201",
		  "name=", "name must be 1 to 31 characters" },
		{ ADM_EXTENSION_SET, "201", "name=a\x01",
		  "name must be text without control characters" },
		{ ADM_EXTENSION_SET, "201", "name=\xff",
		  "name must be text in UTF-8" },
		{ ADM_EXTENSION_ADD, "20x", "name=X kind=sip",
		  "an extension number has 1 to 31 digits" },
		{ ADM_EXTENSION_ADD, "204", "kind=sip",
		  "a new extension needs a name=" },
		{ ADM_EXTENSION_ADD, "204", "name=X",
		  "a new extension needs kind=sip or kind=dect" },
		{ ADM_EXTENSION_ADD, "204", "name=X kind=isdn",
		  "kind must be sip or dect" },
		{ ADM_EXTENSION_ADD, "201", "name=X kind=sip",
		  "extension 201 exists already" },
		{ ADM_PAIRING_SET, "201", "max_calls=3",
		  "max_calls must be 1 or 2" },
		{ ADM_PAIRING_SET, "201", "twin_line=yes",
		  "twin_line must be on or off" },
		{ ADM_PAIRING_SET, "301", "max_calls=2",
		  "301 is the secondary of 201: name 201" },
		{ ADM_PAIRING_REMOVE, "202", NULL, "202 is not paired" },
		{ ADM_EXTENSION_REMOVE, "301", NULL,
		  "301 is paired with 201; unpair them first" },
		{ ADM_EXTENSION_REMOVE, "999", NULL,
		  "there is no extension 999" },
		{ ADM_HANDSET_OPEN, NULL, "pin=12",
		  "pin must be 4 to 8 digits" },
		{ ADM_HANDSET_OPEN, NULL, "pin=1234 seconds=0",
		  "seconds must be 1 to 120" },
		{ ADM_HANDSET_OPEN, NULL, "colour=red",
		  "there is no setting \"colour\"; there are: seconds, pin" },
		{ ADM_HANDSET_LOCATE, "00c0ffee00", NULL,
		  "there is no handset 00c0ffee00" },
	};
	struct rig *rig = rig_new();
	char want[768];
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		rig_admin(rig, refused[i].verb, refused[i].number, NULL,
			  refused[i].sets);
		snprintf(want, sizeof(want), "reply %" PRIu64 ": %s\n",
			 rig->last_req, refused[i].why);
		rig_expect(rig, want);
	}
	rig_free(rig);
}
END_TEST

START_TEST(an_extension_in_a_call_stays)
{
	struct rig *rig = rig_new();

	rig_setup(rig, 1, "202", "203");
	rig_forget(rig);
	rig_admin(rig, ADM_EXTENSION_REMOVE, "203", NULL, NULL);
	rig_expect(rig, "reply 6: 203 is in a call\n");
	rig_free(rig);
}
END_TEST

START_TEST(a_call_that_begins_while_its_extension_is_removed_ends)
{
	struct rig *rig = rig_new();

	rig->slow_disk = true;
	rig_admin(rig, ADM_EXTENSION_REMOVE, "203", NULL, NULL);
	rig_setup(rig, 1, "202", "203");
	rig_expect(rig, "setup 203 202 Bob [offer]\n");
	rig_stored(rig, rig->txn, 0);
	ck_assert_ptr_nonnull(strstr(rig->text, "cancel "));
	ck_assert_ptr_nonnull(strstr(rig->text, "reply 6: done"));
	rig_gone(rig, 1, CAUSE_CANCELLED);
	rig_gone(rig, CALLER(1), CAUSE_NORMAL);
	rig_free(rig);
}
END_TEST

static void subscribe(struct rig *rig, uint64_t ipui)
{
	struct event event = { .type = EV_SUBSCRIBE };

	event.handset.token = 1;
	event.handset.handset.ipui = ipui;
	strcpy(event.handset.handset.base, "sim");
	rig_do(rig, &event);
}

START_TEST(a_handset_takes_over_the_extension_of_another)
{
	struct rig *rig = rig_new();
	struct view_handset view;

	rig_admin(rig, ADM_EXTENSION_ADD, "302", NULL, "name=Phone kind=dect");
	subscribe(rig, 0xa1);
	subscribe(rig, 0xa2);
	rig_forget(rig);
	rig_admin(rig, ADM_HANDSET_ASSIGN, "00000000a1", "302", NULL);
	rig_expect(rig, "handset 302 Phone\nreply 7: done\n");
	rig_admin(rig, ADM_PAIRING_ADD, "202", "302", NULL);
	rig_expect(rig, "handset 302 Bob twin\nreply 8: done\n");
	rig_admin(rig, ADM_HANDSET_ASSIGN, "a2", "302", NULL);
	rig_expect(rig, "handset  \n"
			"handset 302 Bob twin\n"
			"reply 9: done\n");
	ck_assert(view_handset(rig->core, 0xa1, &view));
	ck_assert_str_eq(view.number, "");
	ck_assert(view_handset(rig->core, 0xa2, &view));
	ck_assert_str_eq(view.number, "302");
	rig_admin(rig, ADM_HANDSET_ASSIGN, "a2", "201", NULL);
	rig_expect(rig, "reply 10: 201 is a SIP extension; a handset needs "
			"one of kind=dect\n");
	rig_free(rig);
}
END_TEST

START_TEST(a_handset_that_subscribes_again_keeps_its_extension)
{
	struct rig *rig = rig_new();

	rig_admin(rig, ADM_EXTENSION_ADD, "302", NULL, "name=Phone kind=dect");
	subscribe(rig, 0xa1);
	rig_admin(rig, ADM_HANDSET_ASSIGN, "a1", "302", NULL);
	rig_forget(rig);
	subscribe(rig, 0xa1);
	rig_expect(rig, "subscribe accepted 302\n");
	rig->disk_rc = -EIO;
	subscribe(rig, 0xa3);
	rig_expect(rig, "subscribe refused \n");
	rig_free(rig);
}
END_TEST

START_TEST(a_window_is_confirmed_when_a_base_has_opened_it)
{
	struct rig *rig = rig_new();
	struct event open = { .type = EV_SUB_WINDOW,
			      .handset = { .open = true } };

	rig_admin(rig, ADM_HANDSET_OPEN, NULL, NULL, "pin=4711 seconds=60");
	rig_expect(rig, "window 60 s\n");
	rig_do(rig, &open);
	rig_expect(rig, "reply 6: done\n");
	rig_admin(rig, ADM_HANDSET_OPEN, NULL, NULL, "pin=4711");
	rig_forget(rig);
	rig_tick(rig, 5000);
	rig_expect(rig, "reply 7: no base opened its registration window\n");
	rig_free(rig);
}
END_TEST

START_TEST(a_phone_is_registered_once_it_is_stored)
{
	struct rig *rig = rig_new();
	struct view_contact contact;
	struct event gone = { .type = EV_UNREGISTERED,
			      .ext = rig_ext(rig, "203") };

	rig_do(rig, &gone);
	ck_assert(!view_contact(rig->core, "203", &contact));
	rig->slow_disk = true;
	rig_register(rig, "203");
	rig_expect(rig, "");
	ck_assert(!view_contact(rig->core, "203", &contact));
	rig_stored(rig, rig->txn, 0);
	rig_expect(rig, "register granted\n");
	ck_assert(view_contact(rig->core, "203", &contact));
	ck_assert_str_eq(contact.row.uri, "sip:203@127.0.0.1:5070");
	rig_free(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core wishes");
	TCase *tcase = tcase_create("wishes");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, a_refused_pairing_names_what_stands_in_the_way);
	tcase_add_test(tcase, of_two_pairings_at_once_the_first_wins);
	tcase_add_test(tcase, nothing_is_true_before_it_is_stored);
	tcase_add_test(tcase, a_wrong_setting_is_refused_with_the_right_ones);
	tcase_add_test(tcase, an_extension_in_a_call_stays);
	tcase_add_test(tcase,
		       a_call_that_begins_while_its_extension_is_removed_ends);
	tcase_add_test(tcase, a_handset_takes_over_the_extension_of_another);
	tcase_add_test(tcase,
		       a_handset_that_subscribes_again_keeps_its_extension);
	tcase_add_test(tcase, a_window_is_confirmed_when_a_base_has_opened_it);
	tcase_add_test(tcase, a_phone_is_registered_once_it_is_stored);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
