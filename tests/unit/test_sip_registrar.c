/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sip_registrar.c - who can be reached where, and for how long */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <talloc.h>

#include "sip_registrar.h"

static struct sip_registrar *registrar;
static struct sip_register_verdict verdict;
static struct sip_addr source;
static unsigned int cseq;
static const char *call_id, *via_params;
static char text[4000];

static void setup(void)
{
	static const struct sip_registrar_config config = {
		.expires_min_s = 60,
		.expires_max_s = 3600,
		.expires_default_s = 1800,
		.bindings = 4,
	};

	registrar = sip_registrar_new(NULL, &config);
	source = (struct sip_addr){ .transport = SIP_UDP,
				    .family = AF_INET,
				    .port = 5060,
				    .ip = { 192, 0, 2, 7 } };
	cseq = 0;
	call_id = "phone";
	via_params = ";rport";
}

static void teardown(void)
{
	talloc_free(registrar);
}

/* A REGISTER of @user with these header lines, at @now_ms. */
static unsigned int ask(int64_t now_ms, const char *user, const char *lines)
{
	static struct sip_msg msg;
	struct sip_fault fault;

	cseq++;
	snprintf(text, sizeof(text),
		 "REGISTER sip:example.test SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK%u%s\r\n"
		 "From: <sip:%s@example.test>;tag=1\r\n"
		 "To: <sip:%s@example.test>\r\n"
		 "Call-ID: %s\r\n"
		 "CSeq: %u REGISTER\r\n"
		 "User-Agent: phone 1\r\n"
		 "%s\r\n",
		 cseq, via_params, user, user, call_id, cseq, lines);
	ck_assert_int_eq(
		sip_msg_parse(&msg, (uint8_t *)text, strlen(text), &fault), 0);
	sip_registrar_take(registrar, now_ms, &msg, span_of(user), &source,
			   &verdict);
	return verdict.status;
}

static void bind_user(int64_t now_ms, const char *user, const char *lines)
{
	ck_assert_uint_eq(ask(now_ms, user, lines), 200);
	ck_assert_int_eq(verdict.action, SIP_REGISTER_STORE);
	ck_assert_uint_eq(
		sip_registrar_stored(registrar, now_ms, verdict.reg, true),
		200);
}

static const struct sip_binding *where(int64_t now_ms, const char *user)
{
	return sip_registrar_find(registrar, now_ms, span_of(user));
}

static const char *answer(int64_t now_ms, const char *user, unsigned int status)
{
	static char buf[1000];
	struct sip_writer w;

	sip_write_begin(&w, buf, sizeof(buf) - 1);
	sip_registrar_write(registrar, now_ms, span_of(user), status, &w);
	buf[w.n] = '\0';
	return buf;
}

#define DESK "Contact: <sip:100@192.0.2.7:5060>\r\n"

START_TEST(a_new_contact_is_true_when_it_is_stored)
{
	ck_assert_uint_eq(ask(0, "100", DESK "Expires: 600\r\n"), 200);
	ck_assert_int_eq(verdict.action, SIP_REGISTER_STORE);
	ck_assert(span_is(verdict.contact, "sip:100@192.0.2.7:5060"));
	ck_assert(span_is(verdict.user_agent, "phone 1"));
	ck_assert_uint_eq(verdict.expires_s, 600);
	ck_assert_ptr_null(where(0, "100"));

	ck_assert_uint_eq(
		sip_registrar_stored(registrar, 50, verdict.reg, true), 200);
	ck_assert_str_eq(where(50, "100")->contact, "sip:100@192.0.2.7:5060");
	ck_assert_str_eq(answer(50, "100", 200),
			 "Contact: <sip:100@192.0.2.7:5060>;expires=600\r\n");
	ck_assert_str_eq(answer(10051, "100", 200),
			 "Contact: <sip:100@192.0.2.7:5060>;expires=590\r\n");
	ck_assert_uint_eq(
		sip_registrar_stored(registrar, 50, verdict.reg, true), 0);
}
END_TEST

START_TEST(what_could_not_be_stored_is_not_believed)
{
	ask(0, "100", DESK);
	ck_assert_uint_eq(
		sip_registrar_stored(registrar, 0, verdict.reg, false), 500);
	ck_assert_ptr_null(where(0, "100"));
}
END_TEST

START_TEST(a_refresh_is_answered_from_memory)
{
	bind_user(0, "100", DESK "Expires: 600\r\n");
	ck_assert_uint_eq(ask(300000, "100", DESK "Expires: 600\r\n"), 200);
	ck_assert_int_eq(verdict.action, SIP_REGISTER_ANSWER);
	ck_assert_int_eq(where(300000, "100")->expires_ms, 900000);
}
END_TEST

START_TEST(a_move_keeps_the_old_contact_until_it_is_stored)
{
	bind_user(0, "100", DESK);
	ask(1000, "100", "Contact: <sip:100@192.0.2.8>\r\n");
	ck_assert_int_eq(verdict.action, SIP_REGISTER_STORE);
	ck_assert_str_eq(where(1000, "100")->contact, "sip:100@192.0.2.7:5060");
	sip_registrar_stored(registrar, 1000, verdict.reg, true);
	ck_assert_str_eq(where(1000, "100")->contact, "sip:100@192.0.2.8");
	ck_assert_uint_eq(sip_registrar_count(registrar), 1);
}
END_TEST

START_TEST(the_same_contact_from_elsewhere_is_a_move)
{
	bind_user(0, "100", DESK);
	source.port = 40000;
	ask(1000, "100", DESK);
	ck_assert_int_eq(verdict.action, SIP_REGISTER_STORE);
	ck_assert_uint_eq(verdict.next_hop.port, 40000);
}
END_TEST

START_TEST(a_phone_behind_nat_is_reached_where_it_came_from)
{
	bind_user(0, "100", "Contact: <sip:100@10.0.0.5:5060>\r\n");
	ck_assert_mem_eq(&where(0, "100")->next_hop, &source, sizeof(source));
}
END_TEST

START_TEST(a_phone_that_sends_from_another_port_is_reached_at_its_contact)
{
	source.port = 40000;
	via_params = "";
	bind_user(0, "100", "Contact: <sip:100@192.0.2.7:5062>\r\n");
	ck_assert_uint_eq(where(0, "100")->next_hop.port, 5062);
}
END_TEST

START_TEST(a_connection_is_kept_and_lost)
{
	source.transport = SIP_TCP;
	source.conn = 9;
	source.port = 40000;
	bind_user(0, "100", "Contact: <sip:100@192.0.2.7;transport=tcp>\r\n");
	ck_assert_uint_eq(where(0, "100")->next_hop.conn, 9);
	ck_assert_uint_eq(where(0, "100")->next_hop.port, 40000);

	sip_registrar_disconnected(registrar, &source);
	ck_assert_uint_eq(where(0, "100")->next_hop.conn, 0);
	ck_assert_uint_eq(where(0, "100")->next_hop.port, 5060);

	/* It comes back by itself: no move, nothing to store. */
	source.conn = 10;
	source.port = 40001;
	ask(0, "100", "Contact: <sip:100@192.0.2.7;transport=tcp>\r\n");
	ck_assert_int_eq(verdict.action, SIP_REGISTER_ANSWER);
	ck_assert_uint_eq(where(0, "100")->next_hop.conn, 10);
}
END_TEST

START_TEST(expires_0_and_star_remove)
{
	bind_user(0, "100", DESK);
	ck_assert_uint_eq(ask(1, "100", DESK "Expires: 0\r\n"), 200);
	ck_assert_int_eq(verdict.action, SIP_REGISTER_REMOVED);
	ck_assert_ptr_null(where(1, "100"));
	ck_assert_str_eq(answer(1, "100", 200), "");

	bind_user(0, "100", DESK);
	ck_assert_uint_eq(ask(1, "100", "Contact: *\r\nExpires: 0\r\n"), 200);
	ck_assert_int_eq(verdict.action, SIP_REGISTER_REMOVED);

	/* Nothing is there: nothing is told. */
	ck_assert_uint_eq(ask(1, "100", "Contact: *\r\nExpires: 0\r\n"), 200);
	ck_assert_int_eq(verdict.action, SIP_REGISTER_ANSWER);
}
END_TEST

START_TEST(the_removal_of_another_contact_changes_nothing)
{
	bind_user(0, "100", DESK);
	ck_assert_uint_eq(
		ask(1, "100", "Contact: <sip:100@192.0.2.99>;expires=0\r\n"),
		200);
	ck_assert_int_eq(verdict.action, SIP_REGISTER_ANSWER);
	ck_assert_ptr_nonnull(where(1, "100"));
}
END_TEST

START_TEST(the_old_contact_may_leave_with_the_new_one_s_coming)
{
	bind_user(0, "100", DESK);
	ask(1, "100",
	    "Contact: <sip:100@192.0.2.7:5060>;expires=0, "
	    "<sip:100@192.0.2.8>\r\n");
	ck_assert_int_eq(verdict.action, SIP_REGISTER_STORE);
	ck_assert(span_is(verdict.contact, "sip:100@192.0.2.8"));
}
END_TEST

START_TEST(a_removal_overtakes_what_waits_to_be_stored)
{
	uint64_t reg;

	ask(0, "100", DESK);
	reg = verdict.reg;
	ask(1, "100", "Contact: *\r\nExpires: 0\r\n");
	ck_assert_int_eq(verdict.action, SIP_REGISTER_REMOVED);
	ck_assert_uint_eq(sip_registrar_stored(registrar, 2, reg, true), 200);
	ck_assert_ptr_null(where(2, "100"));
}
END_TEST

START_TEST(of_two_that_wait_the_later_one_stays)
{
	uint64_t first, second;

	ask(0, "100", DESK);
	first = verdict.reg;
	ask(0, "100", "Contact: <sip:100@192.0.2.8>\r\n");
	second = verdict.reg;
	ck_assert_uint_eq(sip_registrar_stored(registrar, 1, second, true),
			  200);
	ck_assert_uint_eq(sip_registrar_stored(registrar, 1, first, true), 200);
	ck_assert_str_eq(where(1, "100")->contact, "sip:100@192.0.2.8");
}
END_TEST

START_TEST(the_newest_of_several_devices_wins)
{
	bind_user(0, "100", DESK);
	cseq = 0;
	call_id = "other";
	bind_user(1, "100", "Contact: <sip:100@192.0.2.50>\r\n");
	ck_assert_str_eq(where(1, "100")->contact, "sip:100@192.0.2.50");
	ck_assert_uint_eq(sip_registrar_count(registrar), 1);
}
END_TEST

START_TEST(of_several_contacts_the_preferred_one_is_taken)
{
	bind_user(0, "100",
		  "Contact: <sip:100@192.0.2.1>;q=0.1, "
		  "<sip:100@192.0.2.2>;q=0.9\r\n"
		  "Contact: <sip:100@192.0.2.3>;q=0.5\r\n");
	ck_assert_str_eq(where(0, "100")->contact, "sip:100@192.0.2.2");
}
END_TEST

START_TEST(a_question_is_answered)
{
	bind_user(0, "100", DESK);
	ck_assert_uint_eq(ask(0, "100", ""), 200);
	ck_assert_int_eq(verdict.action, SIP_REGISTER_ANSWER);
	ck_assert_str_eq(answer(0, "100", 200),
			 "Contact: <sip:100@192.0.2.7:5060>;expires=1800\r\n");
}
END_TEST

START_TEST(intervals_are_kept_within_bounds)
{
	ck_assert_uint_eq(ask(0, "100", DESK "Expires: 59\r\n"), 423);
	ck_assert_str_eq(answer(0, "100", 423), "Min-Expires: 60\r\n");
	ask(0, "100", DESK "Expires: 100000000000\r\n");
	ck_assert_uint_eq(verdict.expires_s, 3600);
	ask(0, "100", DESK);
	ck_assert_uint_eq(verdict.expires_s, 1800);
	ask(0, "100",
	    "Contact: <sip:100@192.0.2.7>;expires=120\r\nExpires: 600\r\n");
	ck_assert_uint_eq(verdict.expires_s, 120);
}
END_TEST

START_TEST(a_request_that_comes_late_is_refused)
{
	bind_user(0, "100", DESK);
	cseq = 0;
	ck_assert_uint_eq(ask(1, "100", DESK "Expires: 0\r\n"), 400);
	ck_assert_str_eq(verdict.reason, "CSeq Not Higher");
	ck_assert_ptr_nonnull(where(1, "100"));
	/* A rebooted phone starts over, with a Call-ID of its own. */
	cseq = 0;
	call_id = "reboot";
	ck_assert_uint_eq(ask(1, "100", DESK), 200);
}
END_TEST

START_TEST(nonsense_is_refused_by_name)
{
	static const struct {
		const char *lines;
		const char *reason;
	} table[] = {
		{ "Contact: *\r\n", "Bad Use Of Contact *" },
		{ "Contact: *\r\nExpires: 60\r\n", "Bad Use Of Contact *" },
		{ "Contact: *, <sip:a@b>\r\nExpires: 0\r\n",
		  "Bad Use Of Contact *" },
		{ "Contact: nonsense\r\n", "Bad Contact" },
		{ "Contact: sip:a@b?Route=%3Csip:c%3E\r\n", "Bad Contact" },
		{ "Contact: <sip:a@b?Route=%3Csip:c%3E>\r\n",
		  "Unsupported Contact" },
		{ "Contact: <name:John_Smith>\r\n", "Unsupported Contact" },
		{ "Contact: <tel:+1234>\r\n", "Unsupported Contact" },
		{ "Contact: <sip:a@b>;expires=soon\r\n", "Bad Contact" },
		{ "m: <sip:a@b>,<sip:a@b>,<sip:a@b>,<sip:a@b>,<sip:a@b>,"
		  "<sip:a@b>,<sip:a@b>,<sip:a@b>,<sip:a@b>,<sip:a@b>,"
		  "<sip:a@b>,<sip:a@b>,<sip:a@b>,<sip:a@b>,<sip:a@b>,"
		  "<sip:a@b>,<sip:a@b>\r\n",
		  "Too Many Contacts" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		ck_assert_uint_eq(ask(0, "100", table[i].lines), 400);
		ck_assert_int_eq(verdict.action, SIP_REGISTER_ANSWER);
		ck_assert_str_eq(verdict.reason, table[i].reason);
	}
}
END_TEST

START_TEST(bindings_end_by_themselves_and_each_is_told_once)
{
	bind_user(0, "100", DESK "Expires: 60\r\n");
	bind_user(0, "101", DESK "Expires: 60\r\n");
	bind_user(0, "102", DESK "Expires: 120\r\n");
	ck_assert_int_eq(sip_registrar_next_ms(registrar), 60000);
	ck_assert_ptr_null(sip_registrar_expire(registrar, 59999));
	ck_assert_ptr_null(where(60000, "100"));

	ck_assert_ptr_nonnull(sip_registrar_expire(registrar, 60000));
	ck_assert_ptr_nonnull(sip_registrar_expire(registrar, 60000));
	ck_assert_ptr_null(sip_registrar_expire(registrar, 60000));
	ck_assert_int_eq(sip_registrar_next_ms(registrar), 120000);
	ck_assert_uint_eq(sip_registrar_count(registrar), 1);
	ck_assert_str_eq(sip_registrar_expire(registrar, 120000), "102");
	ck_assert_ptr_null(sip_registrar_expire(registrar, 120000));
	ck_assert_int_eq(sip_registrar_next_ms(registrar), INT64_MAX);
}
END_TEST

START_TEST(a_refresh_in_time_is_not_ended_by_its_first_deadline)
{
	bind_user(0, "100", DESK "Expires: 60\r\n");
	ask(30000, "100", DESK "Expires: 60\r\n");
	ck_assert_ptr_null(sip_registrar_expire(registrar, 60000));
	ck_assert_int_eq(sip_registrar_next_ms(registrar), 90000);
	ck_assert_str_eq(sip_registrar_expire(registrar, 90000), "100");
}
END_TEST

START_TEST(the_number_of_bindings_has_a_limit)
{
	bind_user(0, "100", DESK);
	bind_user(0, "101", DESK);
	bind_user(0, "102", DESK);
	bind_user(0, "103", DESK);
	ck_assert_uint_eq(ask(0, "104", DESK), 503);
	ck_assert_uint_eq(ask(0, "103", DESK), 200);
}
END_TEST

START_TEST(what_was_stored_comes_back_after_a_restart)
{
	ck_assert_int_eq(sip_registrar_restore(registrar, 0, "100",
					       "sip:100@192.0.2.7:5060",
					       &source, 3600),
			 0);
	ck_assert_mem_eq(&where(0, "100")->next_hop, &source, sizeof(source));
	/* The phone's next REGISTER is a refresh, whatever its CSeq. */
	ask(0, "100", DESK);
	ck_assert_int_eq(verdict.action, SIP_REGISTER_ANSWER);

	source.transport = SIP_TCP;
	source.conn = 3;
	source.port = 40000;
	ck_assert_int_eq(sip_registrar_restore(registrar, 0, "101",
					       "sip:101@192.0.2.7", &source,
					       3600),
			 0);
	ck_assert_uint_eq(where(0, "101")->next_hop.conn, 0);
	ck_assert_uint_eq(where(0, "101")->next_hop.port, 5060);

	ck_assert_int_eq(sip_registrar_restore(registrar, 0, "102", "nonsense",
					       &source, 3600),
			 -EINVAL);
	ck_assert(sip_registrar_remove(registrar, span_of("100")));
	ck_assert(!sip_registrar_remove(registrar, span_of("100")));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sip_registrar");
	TCase *tc = tcase_create("registrar");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_new_contact_is_true_when_it_is_stored);
	tcase_add_test(tc, what_could_not_be_stored_is_not_believed);
	tcase_add_test(tc, a_refresh_is_answered_from_memory);
	tcase_add_test(tc, a_move_keeps_the_old_contact_until_it_is_stored);
	tcase_add_test(tc, the_same_contact_from_elsewhere_is_a_move);
	tcase_add_test(tc, a_phone_behind_nat_is_reached_where_it_came_from);
	tcase_add_test(
		tc,
		a_phone_that_sends_from_another_port_is_reached_at_its_contact);
	tcase_add_test(tc, a_connection_is_kept_and_lost);
	tcase_add_test(tc, expires_0_and_star_remove);
	tcase_add_test(tc, the_removal_of_another_contact_changes_nothing);
	tcase_add_test(tc, the_old_contact_may_leave_with_the_new_one_s_coming);
	tcase_add_test(tc, a_removal_overtakes_what_waits_to_be_stored);
	tcase_add_test(tc, of_two_that_wait_the_later_one_stays);
	tcase_add_test(tc, the_newest_of_several_devices_wins);
	tcase_add_test(tc, of_several_contacts_the_preferred_one_is_taken);
	tcase_add_test(tc, a_question_is_answered);
	tcase_add_test(tc, intervals_are_kept_within_bounds);
	tcase_add_test(tc, a_request_that_comes_late_is_refused);
	tcase_add_test(tc, nonsense_is_refused_by_name);
	tcase_add_test(tc, bindings_end_by_themselves_and_each_is_told_once);
	tcase_add_test(tc,
		       a_refresh_in_time_is_not_ended_by_its_first_deadline);
	tcase_add_test(tc, the_number_of_bindings_has_a_limit);
	tcase_add_test(tc, what_was_stored_comes_back_after_a_restart);
	suite_add_tcase(suite, tc);

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
