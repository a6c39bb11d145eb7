/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The header of RTP, what is counted of a stream, and the reports on it.
 */
#include "rtcp.h"
#include "rtp.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *what;
	uint8_t data[32];
	size_t len;
	int rc;
	size_t payload_bytes;
} packets[] = {
	{ "nothing", { 0 }, 0, -EBADMSG, 0 },
	{ "one byte too few", { 0x80, 8 }, 11, -EBADMSG, 0 },
	{ "a header alone", { 0x80, 8 }, 12, 0, 0 },
	{ "version 1", { 0x40, 8 }, 12, -EBADMSG, 0 },
	{ "version 0: STUN", { 0x00, 1 }, 20, -EBADMSG, 0 },
	{ "four bytes", { 0x80, 8 }, 16, 0, 4 },
	{ "two sources", { 0x82, 8 }, 24, 0, 4 },
	{ "fifteen sources, cut off", { 0x8f, 8 }, 24, -EBADMSG, 0 },
	{ "an extension of no words", { 0x90, 8 }, 20, 0, 4 },
	{ "an extension of one word", { 0x90, 8, [15] = 1 }, 24, 0, 4 },
	{ "an extension, cut off", { 0x90, 8 }, 14, -EBADMSG, 0 },
	{ "an extension longer than all",
	  { 0x90, 8, [14] = 0xff, [15] = 0xff },
	  24,
	  -EBADMSG,
	  0 },
	{ "padding of two", { 0xa0, 8, [15] = 2 }, 16, 0, 2 },
	{ "padding is all", { 0xa0, 8, [15] = 4 }, 16, 0, 0 },
	{ "padding of none", { 0xa0, 8 }, 16, -EBADMSG, 0 },
	{ "padding longer than all", { 0xa0, 8, [15] = 5 }, 16, -EBADMSG, 0 },
	{ "padding without a payload", { 0xa0, 8 }, 12, -EBADMSG, 0 },
};

START_TEST(a_header_that_does_not_fit_is_refused)
{
	struct rtp rtp = { .payload_bytes = 4711 };
	int rc = rtp_parse(&rtp, packets[_i].data, packets[_i].len);

	ck_assert_msg(rc == packets[_i].rc, "%s: %d", packets[_i].what, rc);
	ck_assert_msg(rtp.payload_bytes ==
			      (rc ? 4711 : packets[_i].payload_bytes),
		      "%s: %zu bytes", packets[_i].what, rtp.payload_bytes);
}
END_TEST

START_TEST(what_is_written_is_read_back)
{
	struct rtp in = { .marker = true,
			  .payload_type = 101,
			  .seq = 65535,
			  .timestamp = 0x89abcdef,
			  .ssrc = 0xfedcba98 };
	struct rtp out;
	uint8_t buf[RTP_HEADER_BYTES];

	rtp_write(buf, &in);
	ck_assert_int_eq(rtp_parse(&out, buf, sizeof(buf)), 0);
	ck_assert(out.marker);
	ck_assert_uint_eq(out.payload_type, 101);
	ck_assert_uint_eq(out.seq, 65535);
	ck_assert_uint_eq(out.timestamp, 0x89abcdef);
	ck_assert_uint_eq(out.ssrc, 0xfedcba98);
	ck_assert_uint_eq(out.payload_bytes, 0);
}
END_TEST

static enum rtcp_verdict hear(struct rtcp_source *source, uint32_t ssrc,
			      uint16_t seq, int64_t ms)
{
	struct rtp rtp = { .ssrc = ssrc, .seq = seq, .timestamp = ms * 8 };

	return rtcp_source_rx(source, ms, &rtp);
}

START_TEST(a_stream_that_wraps_around_loses_nothing)
{
	struct rtcp_source source = { 0 };
	uint16_t seq = 65000;
	int i;

	ck_assert_int_eq(hear(&source, 7, seq, 0), RTCP_BEGINS);
	for (i = 1; i < 70000; i++)
		ck_assert_int_eq(hear(&source, 7, seq + i, i * 20),
				 RTCP_GOES_ON);
	ck_assert_uint_eq(rtcp_source_lost(&source), 0);
	ck_assert_uint_eq(source.cycles, 2 << 16);
}
END_TEST

START_TEST(what_is_missing_is_lost_and_what_comes_late_is_not)
{
	struct rtcp_source source = { 0 };

	hear(&source, 7, 10, 0);
	hear(&source, 7, 12, 40);
	hear(&source, 7, 14, 80);
	ck_assert_uint_eq(rtcp_source_lost(&source), 2);
	hear(&source, 7, 11, 90);
	ck_assert_uint_eq(rtcp_source_lost(&source), 1);
	hear(&source, 7, 11, 91);
	hear(&source, 7, 11, 92);
	ck_assert_uint_eq(rtcp_source_lost(&source), 0);
}
END_TEST

START_TEST(another_source_is_believed_when_a_second_packet_follows)
{
	struct rtcp_source source = { 0 };

	hear(&source, 7, 10, 0);
	ck_assert_int_eq(hear(&source, 8, 500, 20), RTCP_ON_PROBATION);
	ck_assert_int_eq(hear(&source, 7, 11, 20), RTCP_GOES_ON);
	ck_assert_int_eq(hear(&source, 8, 501, 40), RTCP_ON_PROBATION);
	ck_assert_int_eq(hear(&source, 8, 502, 60), RTCP_BEGINS);
	ck_assert_int_eq(hear(&source, 8, 503, 80), RTCP_GOES_ON);
	ck_assert_uint_eq(source.ssrc, 8);
}
END_TEST

START_TEST(a_jump_of_the_sequence_is_believed_when_a_second_packet_follows)
{
	struct rtcp_source source = { 0 };

	hear(&source, 7, 10, 0);
	ck_assert_int_eq(hear(&source, 7, 30000, 20), RTCP_ON_PROBATION);
	ck_assert_int_eq(hear(&source, 7, 30001, 40), RTCP_BEGINS);
	ck_assert_uint_eq(rtcp_source_lost(&source), 0);
}
END_TEST

START_TEST(a_report_says_what_was_sent_and_what_was_lost)
{
	struct rtcp_source source = { 0 };
	struct rtcp_sender sender = { .ssrc = 0x01020304,
				      .timestamp = 160,
				      .packets = 5,
				      .bytes = 800,
				      .cname = "0123456789abcdef" };
	uint8_t buf[RTCP_BYTES_MAX];
	size_t n;

	hear(&source, 0x0a0b0c0d, 1, 0);
	hear(&source, 0x0a0b0c0d, 4, 60);
	n = rtcp_write(buf, 1500, &sender, &source);

	ck_assert_uint_eq(n, 28 + 24 + 28);
	ck_assert_uint_eq(buf[0], 0x81);
	ck_assert_uint_eq(buf[1], 200);
	ck_assert_uint_eq(buf[3], 12); /* words beyond the first */
	ck_assert_uint_eq(buf[31], 0x0d);
	ck_assert_uint_eq(buf[32], 128); /* half of it */
	ck_assert_uint_eq(buf[35], 2);	 /* two packets */
	ck_assert_uint_eq(buf[52], 0x81);
	ck_assert_uint_eq(buf[53], 202);
	ck_assert_uint_eq(buf[55], 6);
	ck_assert_int_eq(memcmp(buf + 62, "0123456789abcdef", 16), 0);
	ck_assert_uint_eq(buf[78], 0);
	ck_assert_uint_eq(buf[79], 0);
}
END_TEST

START_TEST(who_neither_sent_nor_heard_reports_just_that)
{
	struct rtcp_source source = { 0 };
	struct rtcp_sender sender = { .ssrc = 1, .cname = "x" };
	uint8_t buf[RTCP_BYTES_MAX];

	ck_assert_uint_eq(rtcp_write(buf, 0, &sender, &source), 8 + 12);
	ck_assert_uint_eq(buf[0], 0x80);
	ck_assert_uint_eq(buf[1], 201);
	ck_assert_uint_eq(buf[3], 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rtp");
	TCase *tc = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, a_header_that_does_not_fit_is_refused, 0,
			    sizeof(packets) / sizeof(packets[0]));
	tcase_add_test(tc, what_is_written_is_read_back);
	tcase_add_test(tc, a_stream_that_wraps_around_loses_nothing);
	tcase_add_test(tc, what_is_missing_is_lost_and_what_comes_late_is_not);
	tcase_add_test(tc,
		       another_source_is_believed_when_a_second_packet_follows);
	tcase_add_test(
		tc,
		a_jump_of_the_sequence_is_believed_when_a_second_packet_follows);
	tcase_add_test(tc, a_report_says_what_was_sent_and_what_was_lost);
	tcase_add_test(tc, who_neither_sent_nor_heard_reports_just_that);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
