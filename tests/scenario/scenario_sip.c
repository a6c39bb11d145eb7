/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_sip.c - what only phones of RFC 3261 can tell
 *
 * The packets that are lost, the timers of RFC 4028, transports, translators,
 * passwords, and where the media flows.
 */
#include "scenario.h"

static struct phone *phone(struct world *w, const char *label)
{
	return world_find(w, label)->phone;
}

/* T35. */
START_TEST(the_refusal_of_a_secondary_says_why)
{
	struct world *w = world_new(WORLD_SIP, world_alice);

	world_tell(w, "0 bob dial 301\n");
	world_run(w, 200);
	ck_assert_str_eq(phone(w, "bob")->last_reason, "Q.850;cause=1");
	world_end(w);
}
END_TEST

/* Each message of a twin call lost in turn: the call comes out right. */
START_TEST(whichever_message_is_lost_the_call_comes_out_right)
{
	struct world *w = world_new(WORLD_SIP, world_alice);

	w->net->faults.delay_ms = 3;
	w->net->lose_nth = 1 + _i;
	world_tell(w, "    0 bob     dial 201\n"
		      "10000 handset answer\n"
		      "20000 bob     hang-up\n");
	world_run(w, 15000);
	ck_assert_msg(!w->fault, "%s", w->fault);
	ck_assert(world_is_talking(w, "bob"));
	ck_assert(world_is_talking(w, "handset"));
	ck_assert(!world_is_ringing(w, "desk"));
	world_run(w, 30000);
	ck_assert_uint_eq(world_logged(w, "201", "answered"), 1);
	ck_assert_uint_eq(world_logged(w, "202", "answered"), 1);
	world_end(w);
}
END_TEST

START_TEST(whichever_message_is_lost_a_cancelled_call_ends)
{
	struct world *w = world_new(WORLD_SIP, world_alice);

	w->net->faults.delay_ms = 3;
	w->net->lose_nth = 1 + _i;
	world_tell(w, "    0 bob dial 201\n"
		      "10000 bob hang-up\n");
	world_run(w, 20000);
	ck_assert_msg(!w->fault, "%s", w->fault);
	ck_assert(!world_is_ringing(w, "desk"));
	ck_assert(!world_is_ringing(w, "handset"));
	ck_assert_uint_eq(world_logged(w, "201", "missed"), 1);
	world_end(w);
}
END_TEST

/* RFC 4028: nobody says a word for two hours, and the call stands. */
static void two_hours(bool bob_has_timer, bool desk_has_timer)
{
	struct world *w = world_new(WORLD_SIP, world_alice);

	phone(w, "bob")->manners.no_timer = !bob_has_timer;
	phone(w, "desk")->manners.no_timer = !desk_has_timer;
	world_tell(w, "0 bob dial 201\n1000 desk answer\n");
	world_run(w, 2 * 3600 * 1000);
	ck_assert_msg(!w->fault, "%s", w->fault);
	ck_assert(world_is_talking(w, "bob"));
	ck_assert(world_is_talking(w, "desk"));
	world_end(w);
}

START_TEST(a_long_call_is_refreshed_and_stands)
{
	two_hours(true, true);
	two_hours(false, true);
	two_hours(true, false);
	two_hours(false, false);
}
END_TEST

/* One end is gone without a word: the other hears of it in bounded time. */
static void vanishes(const char *who, const char *other)
{
	struct world *w = world_new(WORLD_SIP, world_alice);
	char story[64];

	snprintf(story, sizeof(story), "2000 %s off\n", who);
	world_tell(w, "0 bob dial 201\n1000 desk answer\n");
	world_tell(w, story);
	world_run(w, 1900 * 1000);
	ck_assert_msg(!w->fault, "%s", w->fault);
	ck_assert(!world_is_talking(w, other));
	ck_assert(trace_find(w->trace, "bye", other));
	ck_assert_uint_eq(world_logged(w, "201", "answered"), 1);
	ck_assert_uint_eq(world_logged(w, "202", "answered"), 1);
	world_end(w);
}

START_TEST(an_end_that_vanished_is_noticed)
{
	vanishes("desk", "bob");
	vanishes("bob", "desk");
}
END_TEST

START_TEST(both_ends_vanished_and_the_call_ends)
{
	struct world *w = world_new(WORLD_SIP, world_alice);

	world_tell(w, "   0 bob  dial 201\n"
		      "1000 desk answer\n"
		      "2000 bob  off\n"
		      "2000 desk off\n");
	world_run(w, 1900 * 1000);
	ck_assert_msg(!w->fault, "%s", w->fault);
	ck_assert_uint_eq(world_logged(w, "201", "answered"), 1);
	world_end(w);
}
END_TEST

/* RFC 3261, 13.3.1.4: 64*T1 without an ACK, then BYE. */
START_TEST(a_caller_who_never_acknowledges_is_hung_up)
{
	struct world *w = world_new(WORLD_SIP, world_alice);

	phone(w, "bob")->manners.no_ack = true;
	world_tell(w, "   0 bob  dial 201\n"
		      "1000 desk answer\n");
	world_run(w, 40000);
	ck_assert_msg(!w->fault, "%s", w->fault);
	ck_assert(trace_find(w->trace, "bye", "bob"));
	ck_assert(trace_find(w->trace, "bye", "desk"));
	ck_assert_uint_eq(world_logged(w, "201", NULL), 1);
	world_end(w);
}
END_TEST

/* Media flows directly: each has the other's own address. */
START_TEST(media_flows_from_phone_to_phone)
{
	struct world *w = world_new(WORLD_SIP, world_alice);

	world_tell(w, "0 bob dial 201\n1000 handset answer\n");
	world_run(w, 2000);
	ck_assert(strstr(phone_call(phone(w, "bob"))->remote_sdp,
			 "c=IN IP4 10.0.0.2\r\n"));
	ck_assert(strstr(phone_call(phone(w, "handset"))->remote_sdp,
			 "c=IN IP4 10.0.0.3\r\n"));
	world_end(w);
}
END_TEST

static const struct world_house mixed[] = {
	{ "desk", "201", "Alice", EXT_SIP, .tcp = true },
	{ "handset", "301", "Mobile", EXT_SIP, .twin_of = "201", .nat = true },
	{ "bob", "202", "Bob", EXT_SIP, .nat = true, .md5 = true },
	{ "xena", "203", "Xena", EXT_SIP, .tcp = true, .md5 = true },
	{ 0 },
};

static void mixed_call(const char *caller, const char *twin)
{
	struct world *w = world_new(WORLD_SIP, mixed);
	char story[256];

	w->net->faults.delay_ms = 10;
	snprintf(story, sizeof(story),
		 "    0 %s dial 201\n"
		 " 1000 %s answer\n"
		 " 3000 %s hold\n"
		 " 4000 %s resume\n"
		 " 5000 %s hold\n"
		 " 6000 %s hang-up\n",
		 caller, twin, caller, caller, twin, twin);
	world_tell(w, story);
	world_run(w, 5500);
	ck_assert_msg(!w->fault, "%s", w->fault);
	ck_assert(world_is_talking(w, caller));
	ck_assert(world_is_talking(w, twin));
	ck_assert_uint_eq(trace_count(w->trace, "held", caller), 1);
	ck_assert_uint_eq(trace_count(w->trace, "held", twin), 1);
	world_run(w, 8000);
	ck_assert_uint_eq(world_talking(w), 0);
	world_end(w);
}

START_TEST(tcp_and_translated_phones_call_each_other)
{
	mixed_call("bob", "desk");
	mixed_call("bob", "handset");
	mixed_call("xena", "desk");
	mixed_call("xena", "handset");
}
END_TEST

START_TEST(a_wrong_password_is_refused_and_a_right_one_is_not)
{
	struct world *w = world_new(WORLD_SIP, world_alice);

	phone(w, "bob")->password = "wrong";
	phone(w, "bob")->nonce = NULL;
	world_tell(w, "0 bob register\n1000 bob dial 201\n");
	world_run(w, 2000);
	ck_assert_msg(!w->fault, "%s", w->fault);
	ck_assert(trace_find(w->trace, "reg-refused", "bob"));
	ck_assert(strstr(trace_find(w->trace, "reg-refused", "bob"), "403"));
	ck_assert(!trace_find(w->trace, "ring", NULL));
	phone(w, "bob")->password = "secret-202";
	world_tell(w, "3000 bob register\n4000 bob dial 201\n");
	world_run(w, 5000);
	ck_assert(world_is_ringing(w, "desk"));
	world_end(w);
}
END_TEST

/* What the disk has not, the phone is not told. */
START_TEST(a_registration_waits_for_the_disk)
{
	struct world *w = world_new(WORLD_SIP, world_alice);

	world_tell(w, "    0 bob  unregister\n"
		      " 1000 disk slow 300\n"
		      " 2000 bob  register\n"
		      " 4000 bob  unregister\n"
		      " 5000 disk full\n"
		      " 6000 bob  register\n"
		      "20000 disk fine\n");
	world_run(w, 2200);
	ck_assert(!trace_find(w->trace, "registered", "bob"));
	world_run(w, 3000);
	ck_assert(trace_find(w->trace, "registered", "bob"));
	world_run(w, 10000);
	ck_assert(trace_find(w->trace, "reg-refused", "bob"));
	ck_assert_uint_eq(trace_count(w->trace, "registered", "bob"), 1);
	world_end(w);
}
END_TEST

int main(void)
{
	TCase *t = scenario_case("sip");

	tcase_add_test(t, the_refusal_of_a_secondary_says_why);
	tcase_add_loop_test(
		t, whichever_message_is_lost_the_call_comes_out_right, 0, 45);
	tcase_add_loop_test(t, whichever_message_is_lost_a_cancelled_call_ends,
			    0, 30);
	tcase_add_test(t, a_long_call_is_refreshed_and_stands);
	tcase_add_test(t, an_end_that_vanished_is_noticed);
	tcase_add_test(t, both_ends_vanished_and_the_call_ends);
	tcase_add_test(t, a_caller_who_never_acknowledges_is_hung_up);
	tcase_add_test(t, media_flows_from_phone_to_phone);
	tcase_add_test(t, tcp_and_translated_phones_call_each_other);
	tcase_add_test(t, a_wrong_password_is_refused_and_a_right_one_is_not);
	tcase_add_test(t, a_registration_waits_for_the_disk);
	return scenario_run();
}
