/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sip_parts.c - the small things that the SIP element is built from */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <talloc.h>

#include "sip_clock.h"
#include "sip_hash.h"
#include "sip_news.h"
#include "sip_out.h"
#include "sip_own.h"
#include "sip_table.h"

/* ---- addresses ---- */

START_TEST(addresses_read_as_they_are_written)
{
	static const char *const good[] = { "udp:192.0.2.7:5060",
					    "tcp:[2001:db8::7]:5060",
					    "tls:10.0.0.1:1" };
	static const char *const bad[] = {
		"",
		"udp",
		"udp:1.2.3.4",
		"udp:1.2.3.4:",
		"udp:1.2.3:5060",
		"sctp:1.2.3.4:5060",
		"udp:1.2.3.4:5x",
		"udp:1.2.3.4:70000",
		"udp:[]:5060",
		"udp:[1.2.3.4]:5060",
		"udp:2001:db8::7:5060",
	};
	struct sip_addr addr;
	char text[SIP_ADDR_TEXT];

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		ck_assert_int_eq(sip_addr_parse(&addr, good[i]), 0);
		ck_assert_str_eq(sip_addr_print(&addr, text), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(sip_addr_parse(&addr, bad[i]) == -EINVAL, "%s",
			      bad[i]);
}
END_TEST

/* ---- frames ---- */

static ssize_t frame(const char *text, size_t max)
{
	return sip_frame((const uint8_t *)text, strlen(text), max);
}

START_TEST(a_message_ends_where_its_length_says)
{
	static const char one[] = "X\r\nContent-Length: 3\r\n\r\nabc";

	ck_assert_int_eq(frame(one, 100), sizeof(one) - 1);
	ck_assert_int_eq(frame("X\r\nContent-Length: 3\r\n\r\nabcX\r\n", 100),
			 sizeof(one) - 1);
	ck_assert_int_eq(frame("X\r\nl :\t3 \r\n\r\nabc", 100), 16);
	ck_assert_int_eq(frame("\r\n\r\nX\r\nl: 0\r\n\r\n", 100), 15);
	for (size_t n = 0; n < sizeof(one) - 1; n++)
		ck_assert_int_eq(sip_frame((const uint8_t *)one, n, 100), 0);
}
END_TEST

START_TEST(a_stream_without_a_length_has_no_messages)
{
	ck_assert_int_eq(frame("X\r\n\r\n", 100), -EPROTO);
	ck_assert_int_eq(frame("X\r\nl: x\r\n\r\n", 100), -EPROTO);
	ck_assert_int_eq(frame("X\r\nl: -1\r\n\r\n", 100), -EPROTO);
	ck_assert_int_eq(frame("X\r\nl: 1 1\r\n\r\n", 100), -EPROTO);
	ck_assert_int_eq(frame("X\r\nl: 1\r\nl: 2\r\n\r\nab", 100), -EPROTO);
	ck_assert_int_eq(frame("X\r\nl: 9999999999\r\n\r\n", 100), -EPROTO);
}
END_TEST

START_TEST(a_message_that_is_too_long_is_told_early)
{
	ck_assert_int_eq(frame("X\r\nl: 90\r\n\r\n", 50), -EMSGSIZE);
	ck_assert_int_eq(frame("XXXXXXXXXXXXXXXXXXXXXXXX", 20), -EMSGSIZE);
}
END_TEST

START_TEST(a_keep_alive_is_whole_as_it_is)
{
	ck_assert_int_eq(frame("\r\n\r\n", 100), 4);
	ck_assert_int_eq(frame("\r", 100), 0);
}
END_TEST

/* ---- deadlines ---- */

START_TEST(deadlines_come_in_order_of_time_and_age)
{
	struct sip_timer timers[200] = { 0 };
	struct sip_timer *last = NULL, *timer;
	struct sip_clock clock;
	void *ctx = talloc_new(NULL);
	unsigned int n = 0;

	sip_clock_init(&clock, ctx);
	for (unsigned int i = 0; i < 200; i++)
		sip_clock_set(&clock, &timers[i], i * 7919 % 50);
	for (unsigned int i = 0; i < 200; i += 3)
		sip_clock_set(&clock, &timers[i], i * 31 % 60);
	for (unsigned int i = 0; i < 200; i += 5)
		sip_clock_clear(&clock, &timers[i]);
	sip_clock_clear(&clock, &timers[0]);
	while ((timer = sip_clock_due(&clock, 100))) {
		if (last)
			ck_assert(last->at_ms < timer->at_ms ||
				  (last->at_ms == timer->at_ms &&
				   last->age < timer->age));
		last = timer;
		n++;
	}
	ck_assert_uint_eq(n, 160);
	ck_assert_int_eq(sip_clock_next_ms(&clock), INT64_MAX);
	sip_clock_set(&clock, &timers[0], 5);
	ck_assert_int_eq(sip_clock_next_ms(&clock), 5);
	ck_assert_ptr_null(sip_clock_due(&clock, 4));
	talloc_free(ctx);
}
END_TEST

/* ---- tables and hashes ---- */

START_TEST(the_hash_is_siphash_2_4)
{
	/* The worked example of the paper's appendix A. */
	const struct sip_key key = { { 0x0706050403020100ULL,
				       0x0f0e0d0c0b0a0908ULL } };
	const uint8_t data[15] = { 0, 1, 2,  3,	 4,  5,	 6, 7,
				   8, 9, 10, 11, 12, 13, 14 };
	char hex[SIP_HEX];
	uint64_t back;

	ck_assert_str_eq(sip_hash_hex(sip_hash(&key, data, 15), hex),
			 "a129ca6149be45e5");
	ck_assert(sip_hash_unhex(hex, 16, &back));
	ck_assert_uint_eq(back, 0xa129ca6149be45e5ULL);
	ck_assert(!sip_hash_unhex("A129ca6149be45e5", 16, &back));
	ck_assert(!sip_hash_unhex(hex, 15, &back));
}
END_TEST

START_TEST(a_table_finds_what_was_put_in)
{
	struct sip_node nodes[1000] = { 0 };
	struct sip_table table;
	void *ctx = talloc_new(NULL);
	unsigned int same = 0;

	sip_table_init(&table, ctx);
	for (unsigned int i = 0; i < 1000; i++)
		sip_table_add(&table, &nodes[i], i % 500);
	for (struct sip_node *node = sip_table_first(&table, 7); node;
	     node = sip_node_next(node))
		same++;
	ck_assert_uint_eq(same, 2);
	for (unsigned int i = 0; i < 1000; i++)
		sip_table_remove(&table, &nodes[i]);
	ck_assert_ptr_null(sip_table_any(&table));
	ck_assert_ptr_null(sip_table_first(&table, 7));
	talloc_free(ctx);
}
END_TEST

/* ---- queues ---- */

START_TEST(what_is_too_long_is_not_sent)
{
	struct sip_addr addr = { 0 };
	struct sip_packet packet;
	struct sip_writer w;
	struct sip_out out;
	void *ctx = talloc_new(NULL);
	char body[300];

	memset(body, 'x', sizeof(body));
	sip_out_init(&out, ctx, 256);
	sip_out_begin(&out, &w);
	ck_assert(!sip_out_end(&out, &w, "a/b", (struct span){ body, 300 },
			       &addr, &addr, NULL));
	ck_assert(!sip_out_next(&out, &packet));
	for (int i = 0; i < 50; i++)
		sip_out_again(&out, &addr, &addr, (struct span){ body, 100 });
	for (int i = 0; i < 50; i++) {
		ck_assert(sip_out_next(&out, &packet));
		ck_assert_uint_eq(packet.len, 100);
		ck_assert_mem_eq(packet.data, body, 100);
	}
	ck_assert(!sip_out_next(&out, &packet));
	talloc_free(ctx);
}
END_TEST

START_TEST(events_keep_their_text)
{
	struct sip_event event = { .type = SIP_EV_SETUP };
	struct sip_news news;
	void *ctx = talloc_new(NULL);
	char text[3000];

	sip_news_init(&news, ctx);
	for (int i = 0; i < 40; i++) {
		memset(text, 'a' + i % 26, sizeof(text));
		event.body = (struct span){ text, sizeof(text) };
		event.leg = i;
		sip_news_add(&news, &event);
	}
	memset(text, 0, sizeof(text));
	for (int i = 0; i < 40; i++) {
		ck_assert(sip_news_next(&news, &event));
		ck_assert_uint_eq(event.leg, i);
		ck_assert_uint_eq(event.body.n, sizeof(text));
		ck_assert_int_eq(event.body.p[2999], 'a' + i % 26);
		ck_assert_ptr_null(event.user.p);
	}
	ck_assert(!sip_news_next(&news, &event));
	talloc_free(ctx);
}
END_TEST

/* ---- our own messages ---- */

START_TEST(what_we_wrote_can_be_found_again)
{
	struct span invite =
		span_of("INVITE sip:a@b SIP/2.0\r\n"
			"Via: SIP/2.0/UDP h:1;branch=z9hG4bK1;rport\r\n"
			"From: x\r\nTo: y\r\nCSeq: 42 INVITE\r\n\r\nTo: body");
	struct span line;
	size_t at = 0;
	int n = 0;

	ck_assert(span_is(sip_own_method(invite), "INVITE"));
	ck_assert(span_is(sip_own_uri(invite), "sip:a@b"));
	ck_assert(span_is(sip_own_value(invite, "To"), "y"));
	ck_assert_ptr_null(sip_own_value(invite, "Route").p);
	ck_assert(span_is(sip_own_branch(invite), "z9hG4bK1"));
	ck_assert(span_is(sip_own_body(invite), "To: body"));
	ck_assert_uint_eq(sip_own_cseq(invite), 42);
	while (sip_own_line(invite, &at, &line))
		n++;
	ck_assert_int_eq(n, 4);
	ck_assert_uint_eq(sip_own_method(span_of("SIP/2.0 200 OK\r\n")).n, 0);
	/* What a journal may hold after a crash. */
	ck_assert_uint_eq(sip_own_uri(span_of("INVITE")).n, 0);
	ck_assert_uint_eq(sip_own_branch(span_of("INVITE sip:a@b")).n, 0);
	ck_assert_uint_eq(sip_own_value(span_of(""), "To").n, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("sip_parts");
	TCase *tc = tcase_create("sip_parts");

	tcase_add_test(tc, addresses_read_as_they_are_written);
	tcase_add_test(tc, a_message_ends_where_its_length_says);
	tcase_add_test(tc, a_stream_without_a_length_has_no_messages);
	tcase_add_test(tc, a_message_that_is_too_long_is_told_early);
	tcase_add_test(tc, a_keep_alive_is_whole_as_it_is);
	tcase_add_test(tc, deadlines_come_in_order_of_time_and_age);
	tcase_add_test(tc, the_hash_is_siphash_2_4);
	tcase_add_test(tc, a_table_finds_what_was_put_in);
	tcase_add_test(tc, what_is_too_long_is_not_sent);
	tcase_add_test(tc, events_keep_their_text);
	tcase_add_test(tc, what_we_wrote_can_be_found_again);
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
