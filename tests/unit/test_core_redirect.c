/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Do not disturb, log-out, forwarding, follow me, mailboxes, limits, rights:
 * T20 to T28, T31, T33, T39 to T52, T61 to T68, T85, T87.
 */
#include "core_rig.h"
#include "call.h"
#include "explain.h"
#include "extension.h"
#include "route.h"

static struct rig *rig;

/* Besides those of the rig: 204 Dora and 500, the mailboxes. */
static void setup(void)
{
	struct core_config config = { .first_call = 1,
				      .voicemail = "500",
				      .emergency = { "112" } };

	rig = rig_new();
	core_set_config(rig->core, &config);
	rig_admin(rig, ADM_EXTENSION_ADD, "204", NULL, "name=Dora kind=sip");
	rig_admin(rig, ADM_EXTENSION_ADD, "500", NULL, "name=Box kind=sip");
	rig_register(rig, "204");
	rig_register(rig, "500");
	rig_forget(rig);
}

static void teardown(void)
{
	rig_free(rig);
}

static void set(const char *number, const char *sets)
{
	rig_admin(rig, ADM_EXTENSION_SET, number, NULL, sets);
	ck_assert_msg(strstr(rig->text, ": done\n"), "%s", rig->text);
	rig_forget(rig);
}

static void pairing_set(const char *sets)
{
	rig_admin(rig, ADM_PAIRING_SET, "201", NULL, sets);
	rig_forget(rig);
}

#define rings(n, from, to, want)                                               \
	do {                                                                   \
		rig_setup(rig, n, from, to);                                   \
		rig_expect(rig, want);                                         \
	} while (0)

/* The caller goes, and what it leaves is not what the test is about. */
static void give_up(uint64_t n)
{
	rig_gone(rig, CALLER(n), CAUSE_CANCELLED);
	rig_forget(rig);
}

/* As one line: what the caller was told, in the log's words. */
static void ends_as(uint64_t n, const char *from, const char *to,
		    const char *want)
{
	rig_setup(rig, n, from, to);
	ck_assert_msg(strstr(rig->text, want), "%s, not %s", rig->text, want);
	ck_assert_msg(!strstr(rig->text, "setup"), "%s", rig->text);
	rig_gone(rig, CALLER(n), CAUSE_NORMAL);
	rig_forget(rig);
}

#define BOTH_FROM(who) "setup 201 " who " [offer]\nsetup 301 " who " [offer]\n"

/* ---- do not disturb ---- */

START_TEST(dnd_at_the_primary_silences_both)
{
	set("201", "dnd=on");
	ends_as(1, "202", "201", "release 202 busy\n");
	set("201", "dnd=off");
	rings(2, "202", "201", BOTH_FROM("202 Bob"));
}
END_TEST

START_TEST(dnd_at_the_secondary_silences_it_alone)
{
	struct view_extension ext;

	set("301", "dnd=on");
	rings(1, "202", "201", "setup 201 202 Bob [offer]\n");
	ck_assert(view_extension(rig->core, "201", &ext));
	ck_assert(ext.state == EXT_ALERTING && !ext.settings[0].on);
	ck_assert(view_extension(rig->core, "301", &ext));
	ck_assert(ext.settings[0].on);
}
END_TEST

/* T9: what was set at the handset as a secondary ends with the pairing, what
 * was set before sleeps. */
START_TEST(dnd_of_the_secondary_is_one_of_its_pairing)
{
	set("301", "dnd=on");
	rig_admin(rig, ADM_PAIRING_REMOVE, "201", NULL, NULL);
	rig_forget(rig);
	rings(1, "202", "301", "setup 301 202 Bob [offer]\n");
	give_up(1);
	rig_gone(rig, 1, CAUSE_CANCELLED);
	set("301", "dnd=on");
	rig_admin(rig, ADM_PAIRING_ADD, "201", "301", NULL);
	rig_forget(rig);
	rings(2, "202", "201", BOTH_FROM("202 Bob"));
}
END_TEST

START_TEST(dnd_scope_primary_silences_the_primary_alone)
{
	set("201", "dnd=on");
	pairing_set("dnd_scope=primary");
	rings(1, "202", "201", "setup 301 202 Bob [offer]\n");
	give_up(1);
	set("301", "dnd=on");
	ends_as(2, "203", "201", "release 203 busy\n");
}
END_TEST

START_TEST(dnd_goes_to_the_mailbox_if_there_is_one)
{
	set("201", "dnd=on voicemail=on");
	rings(1, "202", "201", "setup 500 202 Bob for 201 [offer]\n");
	rig_leg(rig, EV_ANSWERED, 1, "answer");
	rig_expect(rig, "ack 500\nanswer 202 500 Box [answer]\n");
	/* T85 */
	rig_gone(rig, CALLER(1), CAUSE_NORMAL);
	rig_expect(rig, "release 500 normal\n"
			"log 202 out 201 answered 202 ring 0 talk 0\n");
}
END_TEST

START_TEST(dnd_overrides_forwarding_and_follow_me)
{
	set("201", "dnd=on forward_unconditional=203 forward_busy=203 "
		   "follow_me=204");
	ends_as(1, "202", "201", "release 202 busy\n");
}
END_TEST

/* T47: not for an exception. */
START_TEST(an_exception_is_forwarded_as_ever)
{
	set("201", "dnd=on dnd_exceptions=20X forward_unconditional=203");
	rings(1, "202", "201", "setup 203 202 Bob for 201 [offer]\n");
}
END_TEST

START_TEST(an_exception_reaches_both_and_the_silent_secondary)
{
	set("201", "dnd=on dnd_exceptions=20X");
	set("301", "dnd=on");
	rings(1, "202", "201", BOTH_FROM("202 Bob"));
	give_up(1);
	ends_as(2, "500", "201", "release 500 busy\n");
}
END_TEST

static const struct {
	const char *list, *caller;
	bool passes;
} exceptions[] = {
	{ "202", "202", true },	       { "203", "202", false },
	{ "20X", "202", true },	       { "20x", "202", true },
	{ "2XX", "202", true },	       { "XXX", "202", true },
	{ "XX", "202", false },	       { "XXXX", "202", false },
	{ "2N", "202", true },	       { "202N", "202", true },
	{ "3N", "202", false },	       { "N", "202", true },
	{ "2XN", "202", true },	       { "20", "202", false },
	{ "2021", "202", false },      { "300,202", "202", true },
	{ "300,2XX,9N", "202", true }, { "300,301", "202", false },
};

START_TEST(exceptions_are_patterns)
{
	char sets[64];

	snprintf(sets, sizeof(sets), "dnd=on dnd_exceptions=%s",
		 exceptions[_i].list);
	set("201", sets);
	rig_setup(rig, 1, exceptions[_i].caller, "201");
	ck_assert_int_eq(strstr(rig->text, "setup 201") != NULL,
			 exceptions[_i].passes);
}
END_TEST

static const char *const no_patterns[] = {
	"20Y",	"X2",  "N2",
	"NN",	"NX",  "202,",
	",202", "+49", "12345678901234567890123456789012",
	",",
};

START_TEST(what_is_no_pattern_is_refused)
{
	char sets[64];

	snprintf(sets, sizeof(sets), "dnd_exceptions=%s", no_patterns[_i]);
	rig_admin(rig, ADM_EXTENSION_SET, "201", NULL, sets);
	ck_assert(strstr(rig->text, "dnd_exceptions must be "));
}
END_TEST

/* T44, T46: the kinds of calls that nobody dials. */
static size_t devices_for(enum route_kind kind)
{
	struct extension *bob = extension_find(rig->core, span_of("202"));
	struct extension *alice = extension_find(rig->core, span_of("201"));
	const struct call call = { .entry.id = 99 };
	struct way way = { 0 };
	struct route route = route_user(rig->core, bob, alice, kind, &way,
					explain_new(rig->core, &call));

	return route.n;
}

START_TEST(a_group_does_not_disturb_and_what_returns_does)
{
	set("201", "dnd=on dnd_exceptions=202 voicemail=on");
	ck_assert_uint_eq(devices_for(ROUTE_GROUP), 0);
	ck_assert_uint_eq(devices_for(ROUTE_RETURN), 2);
	ck_assert_uint_eq(devices_for(ROUTE_DIRECT), 2);
	set("201", "dnd_exceptions=");
	ck_assert_uint_eq(devices_for(ROUTE_GROUP), 0);
	ck_assert_uint_eq(devices_for(ROUTE_RETURN), 2);
	ck_assert_uint_eq(devices_for(ROUTE_DIRECT), 1); /* the mailbox */
	set("201", "dnd=off forward_unconditional=203");
	ck_assert_uint_eq(devices_for(ROUTE_GROUP), 2); /* T63 */
}
END_TEST

START_TEST(a_forwarded_call_finds_who_is_not_to_be_disturbed_busy)
{
	set("203", "forward_unconditional=201");
	set("201", "dnd=on voicemail=on");
	ends_as(1, "202", "203", "release 202 busy\n");
}
END_TEST

START_TEST(a_call_that_follows_its_user_alerts_in_spite_of_dnd)
{
	set("203", "follow_me=204");
	set("204", "dnd=on");
	rings(1, "202", "203", "setup 204 202 Bob [offer]\n");
}
END_TEST

START_TEST(dnd_while_it_rings_is_for_the_next_call)
{
	rings(1, "202", "201", BOTH_FROM("202 Bob"));
	rig_admin(rig, ADM_EXTENSION_SET, "201", NULL, "dnd=on");
	rig_forget(rig);
	rig_leg(rig, EV_ANSWERED, 2, "answer");
	ck_assert(strstr(rig->text, "answer 202 201 Alice"));
	give_up(1);
	rig_gone(rig, 1, CAUSE_NORMAL);
	rig_gone(rig, 2, CAUSE_NORMAL);
	ends_as(2, "202", "201", "release 202 busy\n");
}
END_TEST

START_TEST(who_is_not_to_be_disturbed_may_call)
{
	set("201", "dnd=on");
	rings(1, "201", "202", "setup 202 201 Alice [offer]\n");
	give_up(1);
	rig_gone(rig, 1, CAUSE_CANCELLED);
	rings(2, "301", "202", "setup 202 201 Alice [offer]\n");
}
END_TEST

/* ---- log-out ---- */

START_TEST(logged_out_at_the_primary_nobody_rings)
{
	set("201", "logged_in=off");
	ends_as(1, "202", "201", "release 202 unreachable\n");
	set("201", "voicemail=on");
	rings(2, "202", "201", "setup 500 202 Bob for 201 [offer]\n");
	give_up(2);
	set("201", "forward_unconditional=203");
	rings(3, "202", "201", "setup 203 202 Bob for 201 [offer]\n");
}
END_TEST

START_TEST(logged_out_at_the_secondary_the_primary_rings_alone)
{
	set("301", "logged_in=off");
	rings(1, "202", "201", "setup 201 202 Bob [offer]\n");
}
END_TEST

START_TEST(log_out_at_the_primary_withdraws_both_at_once)
{
	rings(1, "202", "201", BOTH_FROM("202 Bob"));
	rig_admin(rig, ADM_EXTENSION_SET, "201", NULL, "logged_in=off");
	rig_expect(rig, "cancel 301 cancelled\n"
			"cancel 201 cancelled\n"
			"release 202 unreachable\n"
			"log 202 out 201 no_answer 202 ring 0 talk 0\n"
			"log 201 missed 202 missed - ring 0 talk 0\n"
			"reply 8: done\n");
}
END_TEST

START_TEST(log_out_while_it_rings_leads_into_the_mailbox)
{
	set("201", "voicemail=on");
	rings(1, "202", "201", BOTH_FROM("202 Bob"));
	rig_admin(rig, ADM_EXTENSION_SET, "201", NULL, "logged_in=off");
	ck_assert(strstr(rig->text, "setup 500 202 Bob for 201 [offer]\n"));
	ck_assert(!strstr(rig->text, "release 202"));
}
END_TEST

START_TEST(log_out_at_the_secondary_leaves_the_primary_ringing)
{
	rings(1, "202", "201", BOTH_FROM("202 Bob"));
	rig_admin(rig, ADM_EXTENSION_SET, "301", NULL, "logged_in=off");
	ck_assert_str_eq(rig->text, "cancel 301 cancelled\nreply 8: done\n");
}
END_TEST

START_TEST(a_logged_out_device_calls_for_help_only)
{
	set("201", "logged_in=off");
	ends_as(1, "201", "202", "release 201 forbidden\n");
	rig_admin(rig, ADM_EXTENSION_ADD, "112", NULL, "name=Help kind=sip");
	rig_register(rig, "112");
	rig_forget(rig);
	rings(2, "201", "112", "setup 112 201 Alice [offer]\n");
	/* T52 */
	rings(3, "301", "202", "setup 202 201 Alice [offer]\n");
}
END_TEST

/* ---- forwarding ---- */

/* T62: each of them set, and then the first taken away. */
START_TEST(the_order_of_redirection)
{
	set("201", "dnd=on follow_me=203 forward_unconditional=204 "
		   "forward_busy=500 forward_no_answer=500 voicemail=on");
	rings(1, "202", "201",
	      "setup 500 202 Bob for 201 [offer]\n"); /* DND: mailbox */
	give_up(1);
	set("201", "dnd=off");
	rings(2, "202", "201", "setup 203 202 Bob [offer]\n");
	give_up(2);
	set("201", "follow_me=");
	rings(3, "202", "201", "setup 204 202 Bob for 201 [offer]\n");
	give_up(3);
	set("201", "forward_unconditional= forward_busy=204 "
		   "forward_no_answer=203");
	rings(4, "202", "201", BOTH_FROM("202 Bob"));
	rings(5, "203", "201", "setup 204 203 Carl for 201 [offer]\n");
	give_up(5);
	rig_tick(rig, 14999);
	rig_expect(rig, "");
	rig_tick(rig, 1);
	rig_expect(rig, "cancel 201 no_answer\n"
			"cancel 301 no_answer\n"
			"setup 203 202 Bob for 201 [offer]\n");
	/* 203 has nothing set; the mailbox is that of the first (T67). */
	rig_tick(rig, 15000);
	rig_expect(rig, "cancel 203 no_answer\n"
			"setup 500 202 Bob for 201 [offer]\n");
}
END_TEST

START_TEST(the_no_answer_time_is_the_users_and_runs_once)
{
	set("201", "no_answer_time=30 voicemail=on");
	rings(1, "202", "201", BOTH_FROM("202 Bob"));
	rig_leg(rig, EV_ALERTING, 1, NULL);
	rig_expect(rig, "alerting 202\n");
	rig_tick(rig, 29000);
	rig_leg(rig, EV_ALERTING, 2, NULL);
	rig_tick(rig, 1000);
	rig_expect(rig, "cancel 201 no_answer\n"
			"cancel 301 no_answer\n"
			"setup 500 202 Bob for 201 [offer]\n");
	/* An answer that crosses is too late. */
	rig_leg(rig, EV_ANSWERED, 2, "answer");
	rig_expect(rig, "release 301 no_answer\n");
	rig_leg(rig, EV_ANSWERED, 3, "answer");
	rig_expect(rig, "ack 500\nanswer 202 500 Box [answer]\n");
}
END_TEST

START_TEST(both_busy_is_busy_and_forwarded_so)
{
	set("201", "forward_busy=203");
	rings(1, "202", "201", BOTH_FROM("202 Bob"));
	rig_gone(rig, 1, CAUSE_BUSY);
	rig_gone(rig, 2, CAUSE_BUSY);
	rig_expect(rig, "setup 203 202 Bob for 201 [offer]\n");
	rig_leg(rig, EV_ANSWERED, 3, "answer");
	rig_expect(rig, "ack 203\nanswer 202 203 Carl [answer]\n");
	rig_tick(rig, 2000);
	rig_gone(rig, 3, CAUSE_NORMAL);
	/* T87 */
	rig_expect(rig, "release 202 normal\n"
			"log 202 out 201 answered 202 ring 0 talk 2000\n"
			"log 201 missed 202 forwarded - ring 0 talk 0\n"
			"log 203 in 202 answered 203 ring 0 talk 2000\n");
}
END_TEST

START_TEST(who_is_forwarded_without_condition_finds_no_record)
{
	set("201", "forward_unconditional=203");
	rings(1, "202", "201", "setup 203 202 Bob for 201 [offer]\n");
	rig_gone(rig, CALLER(1), CAUSE_CANCELLED);
	rig_expect(rig, "cancel 203 cancelled\n"
			"log 202 out 201 cancelled 202 ring 0 talk 0\n"
			"log 203 missed 202 missed - ring 0 talk 0\n");
}
END_TEST

START_TEST(who_is_followed_has_the_record_and_nobody_else)
{
	set("201", "follow_me=203");
	rings(1, "202", "201", "setup 203 202 Bob [offer]\n");
	rig_gone(rig, CALLER(1), CAUSE_CANCELLED);
	rig_expect(rig, "cancel 203 cancelled\n"
			"log 202 out 201 cancelled 202 ring 0 talk 0\n"
			"log 201 missed 202 missed - ring 0 talk 0\n");
}
END_TEST

/* T64: what is in force is the settings of who was called. */
START_TEST(who_is_followed_keeps_forward_on_busy_and_the_mailbox)
{
	set("201", "follow_me=203 forward_busy=204 voicemail=on");
	set("203", "forward_busy=500 forward_no_answer=500");
	rings(1, "500", "203", "setup 203 500 Box [offer]\n");
	rings(2, "202", "201", "setup 204 202 Bob for 201 [offer]\n");
	give_up(1);
	give_up(2);
	rig_gone(rig, 1, CAUSE_CANCELLED);
	rings(3, "202", "201", "setup 203 202 Bob [offer]\n");
	rig_tick(rig, 15000);
	rig_expect(rig, "cancel 203 no_answer\n"
			"setup 500 202 Bob for 201 [offer]\n");
}
END_TEST

START_TEST(a_mailbox_answers_many_and_is_missed_only_if_asked_for)
{
	set("201", "dnd=on voicemail=on log_missed_answered_elsewhere=on");
	rings(1, "202", "201", "setup 500 202 Bob for 201 [offer]\n");
	rings(2, "203", "201", "setup 500 203 Carl for 201 [offer]\n");
	rings(3, "201", "500", "setup 500 201 Alice [offer]\n");
	rig_leg(rig, EV_ANSWERED, 1, "answer");
	rig_forget(rig);
	rig_gone(rig, CALLER(1), CAUSE_NORMAL);
	rig_expect(rig, "release 500 normal\n"
			"log 202 out 201 answered 202 ring 0 talk 0\n"
			"log 201 missed 202 voicemail - ring 0 talk 0\n");
}
END_TEST

START_TEST(a_mailbox_that_fails_leaves_the_caller_what_sent_him_there)
{
	set("201", "dnd=on voicemail=on");
	rings(1, "202", "201", "setup 500 202 Bob for 201 [offer]\n");
	rig_gone(rig, 1, CAUSE_FAILED);
	rig_expect(rig, "release 202 busy\n"
			"log 202 out 201 busy 202 ring 0 talk 0\n"
			"log 201 missed 202 busy - ring 0 talk 0\n");
	set("201", "voicemail_number=599");
	ends_as(2, "202", "201", "release 202 busy\n");
	set("201", "voicemail_number=204");
	rings(3, "202", "201", "setup 204 202 Bob for 201 [offer]\n");
}
END_TEST

START_TEST(nobody_reachable_counts_as_no_answer)
{
	struct event gone = { .type = EV_UNREGISTERED };

	gone.ext = rig_ext(rig, "203");
	rig_do(rig, &gone);
	rig_forget(rig);
	ends_as(1, "202", "203", "release 202 unreachable\n");
	set("203", "forward_no_answer=204");
	rings(2, "202", "203", "setup 204 202 Bob for 203 [offer]\n");
}
END_TEST

static const char *const astray[] = {
	"forward_unconditional=999", /* nobody */
	"forward_unconditional=301", /* T36 */
	"forward_unconditional=202", /* the caller */
};

START_TEST(a_forward_that_leads_nowhere_is_not_applied)
{
	struct view_explain explain;

	set("203", astray[_i]);
	rings(1, "202", "203", "setup 203 202 Bob [offer]\n");
	ck_assert(view_explain(rig->core, 1, &explain));
	ck_assert(strstr(explain.reasons[0].text, "does not apply"));
}
END_TEST

START_TEST(a_loop_of_forwards_ends_where_it_would_close)
{
	set("203", "forward_unconditional=204");
	set("204", "forward_unconditional=203");
	rings(1, "202", "203", "setup 204 202 Bob for 203 [offer]\n");
}
END_TEST

START_TEST(no_more_than_ten_hops)
{
	char number[8], sets[48], want[64];
	int i;

	for (i = 0; i < 13; i++) {
		snprintf(number, sizeof(number), "%d", 600 + i);
		snprintf(sets, sizeof(sets),
			 "name=N kind=sip forward_unconditional=%d", 601 + i);
		rig_admin(rig, ADM_EXTENSION_ADD, number, NULL, sets);
		rig_register(rig, number);
	}
	rig_forget(rig);
	snprintf(want, sizeof(want), "setup %d 202 Bob for 600 [offer]\n", 610);
	rings(1, "202", "600", want);
}
END_TEST

/* ---- limits ---- */

START_TEST(two_calls_at_limit_two_and_a_third_is_busy)
{
	pairing_set("max_calls=2");
	rings(1, "202", "201", BOTH_FROM("202 Bob"));
	rig_leg(rig, EV_ANSWERED, 1, "answer");
	rig_forget(rig);
	/* T17, T23: call_waiting is off, and without effect. */
	rings(2, "203", "201", BOTH_FROM("203 Carl"));
	ends_as(3, "204", "201", "release 204 busy\n");
}
END_TEST

START_TEST(the_idle_twin_is_left_alone_if_the_house_says_so)
{
	struct core_config config = { .first_call = 1,
				      .second_call_in_use_only = true };

	core_set_config(rig->core, &config);
	pairing_set("max_calls=2");
	rings(1, "202", "201", BOTH_FROM("202 Bob"));
	rig_leg(rig, EV_ANSWERED, 2, "answer");
	rig_gone(rig, 1, CAUSE_CANCELLED);
	rig_forget(rig);
	rings(2, "203", "201", "setup 301 203 Carl [offer]\n");
}
END_TEST

START_TEST(call_waiting_is_for_those_without_a_twin)
{
	rings(1, "202", "203", "setup 203 202 Bob [offer]\n");
	ends_as(2, "204", "203", "release 204 busy\n");
	set("203", "call_waiting=on");
	rings(3, "204", "203", "setup 203 204 Dora [offer]\n");
	ends_as(4, "500", "203", "release 500 busy\n");
}
END_TEST

START_TEST(a_held_call_makes_busy_who_wants_it_so)
{
	struct event offer = { .type = EV_OFFER };

	pairing_set("max_calls=2");
	set("201", "busy_on_held=on");
	rings(1, "202", "201", BOTH_FROM("202 Bob"));
	rig_leg(rig, EV_ANSWERED, 2, "answer");
	rig_gone(rig, 1, CAUSE_CANCELLED);
	rig_forget(rig);
	rings(2, "203", "201", BOTH_FROM("203 Carl"));
	give_up(2);
	offer.leg.leg = 2;
	offer.leg.body = span_of("hold");
	offer.leg.holds = true;
	rig_do(rig, &offer);
	offer = (struct event){ .type = EV_OFFER_RESULT };
	offer.leg.leg = CALLER(1);
	offer.leg.status = 200;
	rig_do(rig, &offer);
	rig_forget(rig);
	ends_as(3, "203", "201", "release 203 busy\n");
	set("201", "busy_on_held=off");
	rings(4, "203", "201", BOTH_FROM("203 Carl"));
}
END_TEST

/* ---- rights ---- */

START_TEST(outgoing_rights_are_the_users_at_both_devices)
{
	set("201", "outgoing=internal");
	rings(1, "301", "202", "setup 202 201 Alice [offer]\n");
	give_up(1);
	ends_as(2, "301", "0301234", "release 301 forbidden\n");
	set("201", "outgoing=none");
	ends_as(3, "201", "202", "release 201 forbidden\n");
	rings(4, "301", "201", "setup 201 201 Alice [offer]\n");
	give_up(4);
	/* T33: allowed, and only then looked for. */
	ends_as(5, "301", "112", "release 301 unallocated\n");
}
END_TEST

START_TEST(who_may_not_twin_is_not_paired)
{
	set("202", "twinning_allowed=off");
	rig_admin(rig, ADM_PAIRING_ADD, "202", "203", NULL);
	rig_expect(rig, "reply 9: 202 has twinning_allowed=off\n");
	/* T115: the secondary's right is not asked for. */
	rig_admin(rig, ADM_PAIRING_ADD, "203", "202", NULL);
	rig_expect(rig, "reply 10: done\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("redirect");
	TCase *t = tcase_create("redirect");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, dnd_at_the_primary_silences_both);
	tcase_add_test(t, dnd_at_the_secondary_silences_it_alone);
	tcase_add_test(t, dnd_of_the_secondary_is_one_of_its_pairing);
	tcase_add_test(t, dnd_scope_primary_silences_the_primary_alone);
	tcase_add_test(t, dnd_goes_to_the_mailbox_if_there_is_one);
	tcase_add_test(t, dnd_overrides_forwarding_and_follow_me);
	tcase_add_test(t, an_exception_is_forwarded_as_ever);
	tcase_add_test(t, an_exception_reaches_both_and_the_silent_secondary);
	tcase_add_loop_test(t, exceptions_are_patterns, 0,
			    sizeof(exceptions) / sizeof(exceptions[0]));
	tcase_add_loop_test(t, what_is_no_pattern_is_refused, 0,
			    sizeof(no_patterns) / sizeof(no_patterns[0]));
	tcase_add_test(t, a_group_does_not_disturb_and_what_returns_does);
	tcase_add_test(t,
		       a_forwarded_call_finds_who_is_not_to_be_disturbed_busy);
	tcase_add_test(t, a_call_that_follows_its_user_alerts_in_spite_of_dnd);
	tcase_add_test(t, dnd_while_it_rings_is_for_the_next_call);
	tcase_add_test(t, who_is_not_to_be_disturbed_may_call);
	tcase_add_test(t, logged_out_at_the_primary_nobody_rings);
	tcase_add_test(t, logged_out_at_the_secondary_the_primary_rings_alone);
	tcase_add_test(t, log_out_at_the_primary_withdraws_both_at_once);
	tcase_add_test(t, log_out_while_it_rings_leads_into_the_mailbox);
	tcase_add_test(t, log_out_at_the_secondary_leaves_the_primary_ringing);
	tcase_add_test(t, a_logged_out_device_calls_for_help_only);
	tcase_add_test(t, the_order_of_redirection);
	tcase_add_test(t, the_no_answer_time_is_the_users_and_runs_once);
	tcase_add_test(t, both_busy_is_busy_and_forwarded_so);
	tcase_add_test(t, who_is_forwarded_without_condition_finds_no_record);
	tcase_add_test(t, who_is_followed_has_the_record_and_nobody_else);
	tcase_add_test(t,
		       who_is_followed_keeps_forward_on_busy_and_the_mailbox);
	tcase_add_test(t,
		       a_mailbox_answers_many_and_is_missed_only_if_asked_for);
	tcase_add_test(
		t, a_mailbox_that_fails_leaves_the_caller_what_sent_him_there);
	tcase_add_test(t, nobody_reachable_counts_as_no_answer);
	tcase_add_loop_test(t, a_forward_that_leads_nowhere_is_not_applied, 0,
			    sizeof(astray) / sizeof(astray[0]));
	tcase_add_test(t, a_loop_of_forwards_ends_where_it_would_close);
	tcase_add_test(t, no_more_than_ten_hops);
	tcase_add_test(t, two_calls_at_limit_two_and_a_third_is_busy);
	tcase_add_test(t, the_idle_twin_is_left_alone_if_the_house_says_so);
	tcase_add_test(t, call_waiting_is_for_those_without_a_twin);
	tcase_add_test(t, a_held_call_makes_busy_who_wants_it_so);
	tcase_add_test(t, outgoing_rights_are_the_users_at_both_devices);
	tcase_add_test(t, who_may_not_twin_is_not_paired);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
