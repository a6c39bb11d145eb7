/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sip_dialog.c - route sets, targets, order, and the next hop */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>

#include "sip_dialog.h"

static void *ctx;
static struct sip_msg msg;
static char text[4096];
static struct sip_addr us;
static struct sip_dialog dialog;

static void setup(void)
{
	ctx = talloc_new(NULL);
	memset(&dialog, 0, sizeof(dialog));
	sip_addr_parse(&us, "udp:192.0.2.254:5060");
	sip_addr_parse(&dialog.peer, "udp:192.0.2.1:5060");
	dialog.here = us;
}

static void teardown(void)
{
	talloc_free(ctx);
}

static const struct sip_msg *read(const char *start, const char *cseq,
				  const char *more)
{
	struct sip_fault fault;

	snprintf(text, sizeof(text),
		 "%s\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\n"
		 "From: <sip:100@x>;tag=caller\r\nTo: <sip:101@x>%s\r\n"
		 "Call-ID: c\r\nCSeq: %s\r\n%s\r\n",
		 start, strncmp(start, "SIP/2.0 ", 8) == 0 ? ";tag=called" : "",
		 cseq, more);
	ck_assert_int_eq(sip_msg_parse(&msg, (const uint8_t *)text,
				       strlen(text), &fault),
			 0);
	return &msg;
}

static void called(const char *more)
{
	sip_dialog_called(&dialog, ctx,
			  read("INVITE sip:101@x SIP/2.0", "5 INVITE", more),
			  0xabc0);
}

static void caller(const char *more)
{
	sip_dialog_caller(&dialog, ctx,
			  span_of("INVITE sip:101@192.0.2.1 SIP/2.0\r\n"
				  "From: <sip:100@x>;tag=caller\r\n"
				  "To: <sip:101@x>\r\nCall-ID: c\r\n"
				  "CSeq: 1 INVITE\r\n\r\n"),
			  0xabc0);
	sip_dialog_confirm(&dialog, ctx,
			   read("SIP/2.0 200 OK", "1 INVITE", more));
}

static const char *request(enum sip_method method)
{
	static char buf[4096];
	struct sip_writer w;
	ssize_t n;

	sip_write_begin(&w, buf, sizeof(buf) - 1);
	sip_dialog_request(&dialog, &w, &us, method, 7, "z9hG4bKb");
	n = sip_write_end(&w, NULL, (struct span){ 0 });
	ck_assert_int_gt(n, 0);
	buf[n] = '\0';
	return buf;
}

static void has(const char *line)
{
	if (!strstr(request(SIP_M_BYE), line))
		ck_abort_msg("no %s in\n%s", line, request(SIP_M_BYE));
}

static const char *hop(void)
{
	static char buf[SIP_ADDR_TEXT];
	struct sip_addr addr = sip_dialog_next_hop(&dialog);

	return sip_addr_print(&addr, buf);
}

#define TWO_PROXIES                                                            \
	"Record-Route: <sip:p2.x;lr>, <sip:p1.x;lr>\r\n"                       \
	"Record-Route: <sip:p0.x;lr>\r\n"

START_TEST(who_was_called_speaks_as_the_called)
{
	called("Contact: <sip:100@192.0.2.1:5070>\r\n");
	has("BYE sip:100@192.0.2.1:5070 SIP/2.0\r\n");
	has("From: <sip:101@x>;tag=000000000000abc0\r\n");
	has("To: <sip:100@x>;tag=caller\r\n");
	has("CSeq: 7 BYE\r\n");
	ck_assert_str_eq(hop(), "udp:192.0.2.1:5070");
}
END_TEST

START_TEST(who_called_speaks_as_the_caller)
{
	caller("Contact: \"P\" <sip:phone@192.0.2.1>;x=y\r\n");
	has("BYE sip:phone@192.0.2.1 SIP/2.0\r\n");
	has("From: <sip:100@x>;tag=caller\r\n");
	has("To: <sip:101@x>;tag=called\r\n");
	ck_assert_str_eq(dialog.remote_tag, "called");
}
END_TEST

START_TEST(an_answer_without_a_contact_leaves_the_target)
{
	caller("");
	has("BYE sip:101@192.0.2.1 SIP/2.0\r\n");
}
END_TEST

START_TEST(the_route_is_theirs_in_order_and_ours_reversed)
{
	called("Contact: <sip:a@b>\r\n" TWO_PROXIES);
	has("Route: <sip:p2.x;lr>, <sip:p1.x;lr>, <sip:p0.x;lr>\r\n");
	has("BYE sip:a@b SIP/2.0\r\n");
	memset(&dialog, 0, sizeof(dialog));
	caller("Contact: <sip:a@b>\r\n" TWO_PROXIES);
	has("Route: <sip:p0.x;lr>, <sip:p1.x;lr>, <sip:p2.x;lr>\r\n");
}
END_TEST

START_TEST(a_strict_router_gets_the_target_at_the_end)
{
	called("Contact: <sip:a@b>\r\n"
	       "Record-Route: <sip:old.x>, <sip:p1.x;lr>\r\n");
	has("BYE sip:old.x SIP/2.0\r\n");
	has("Route: <sip:p1.x;lr>, <sip:a@b>\r\n");
}
END_TEST

START_TEST(the_first_route_is_the_next_hop)
{
	called("Contact: <sip:a@b>\r\n"
	       "Record-Route: <sip:192.0.2.9:5080;lr;transport=tcp>\r\n");
	ck_assert_str_eq(hop(), "tcp:192.0.2.9:5080");
}
END_TEST

START_TEST(a_phone_behind_nat_is_reached_where_it_came_from)
{
	called("Contact: <sip:100@10.0.0.3:5060>\r\n");
	ck_assert_str_eq(hop(), "udp:192.0.2.1:5060");
	called("Contact: <sip:100@phone.invalid>\r\n");
	ck_assert_str_eq(hop(), "udp:192.0.2.1:5060");
}
END_TEST

START_TEST(a_contact_may_ask_for_tcp_and_a_connection_is_used)
{
	called("Contact: <sip:100@192.0.2.1;transport=tcp>\r\n");
	ck_assert_str_eq(hop(), "tcp:192.0.2.1:5060");
	sip_addr_parse(&dialog.peer, "tcp:192.0.2.1:40000");
	dialog.peer.conn = 3;
	ck_assert_str_eq(hop(), "tcp:192.0.2.1:40000");
	ck_assert_uint_eq(sip_dialog_next_hop(&dialog).conn, 3);
	dialog.peer.conn = 0; /* it broke */
	ck_assert_str_eq(hop(), "tcp:192.0.2.1:5060");
}
END_TEST

START_TEST(the_target_follows_their_contact)
{
	called("Contact: <sip:old@b>\r\n");
	sip_dialog_retarget(&dialog, ctx,
			    read("UPDATE sip:x SIP/2.0", "6 UPDATE",
				 "Contact: <sip:new@b>\r\n"));
	has("BYE sip:new@b SIP/2.0\r\n");
}
END_TEST

START_TEST(requests_come_in_order)
{
	called("");
	ck_assert(sip_dialog_in_order(&dialog,
				      read("BYE sip:x SIP/2.0", "5 BYE", "")));
	ck_assert(sip_dialog_in_order(&dialog,
				      read("BYE sip:x SIP/2.0", "9 BYE", "")));
	ck_assert(!sip_dialog_in_order(&dialog,
				       read("BYE sip:x SIP/2.0", "8 BYE", "")));
	memset(&dialog, 0, sizeof(dialog));
	caller(""); /* their first may have any number */
	ck_assert(sip_dialog_in_order(&dialog,
				      read("BYE sip:x SIP/2.0", "0 BYE", "")));
}
END_TEST

START_TEST(a_dialog_is_known_by_call_id_and_tag)
{
	called("");
	ck_assert(sip_dialog_owns(&dialog,
				  read("BYE sip:x SIP/2.0", "6 BYE", "")));
	msg.from.tag = span_of("Caller");
	ck_assert(!sip_dialog_owns(&dialog, &msg));
	msg.from.tag = span_of("caller");
	msg.call_id = span_of("C");
	ck_assert(!sip_dialog_owns(&dialog, &msg));
}
END_TEST

START_TEST(a_fork_has_a_tag_of_its_own)
{
	called("");
	sip_dialog_fork(&dialog, 3);
	has("From: <sip:101@x>;tag=000000000000abc3\r\n");
	ck_assert_uint_eq(SIP_TAG_OF(dialog.tag), 0xabc0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("sip_dialog");
	TCase *tc = tcase_create("sip_dialog");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, who_was_called_speaks_as_the_called);
	tcase_add_test(tc, who_called_speaks_as_the_caller);
	tcase_add_test(tc, an_answer_without_a_contact_leaves_the_target);
	tcase_add_test(tc, the_route_is_theirs_in_order_and_ours_reversed);
	tcase_add_test(tc, a_strict_router_gets_the_target_at_the_end);
	tcase_add_test(tc, the_first_route_is_the_next_hop);
	tcase_add_test(tc, a_phone_behind_nat_is_reached_where_it_came_from);
	tcase_add_test(tc, a_contact_may_ask_for_tcp_and_a_connection_is_used);
	tcase_add_test(tc, the_target_follows_their_contact);
	tcase_add_test(tc, requests_come_in_order);
	tcase_add_test(tc, a_dialog_is_known_by_call_id_and_tag);
	tcase_add_test(tc, a_fork_has_a_tag_of_its_own);
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
