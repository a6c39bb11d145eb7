/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sip_write.c - messages written, and nothing smuggled into them */
#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "sip_write.h"

static char buf[2000];
static struct sip_writer w;
static struct sip_msg request;

static const struct sip_addr udp = {
	.transport = SIP_UDP,
	.family = AF_INET,
	.port = 5070,
	.ip = { 192, 0, 2, 200 },
};
static const struct sip_addr tcp6 = {
	.transport = SIP_TCP,
	.family = AF_INET6,
	.port = 5060,
	.ip = { 0x20, 1, 0xd, 0xb8, [15] = 1 },
};

static void setup(void)
{
	sip_write_begin(&w, buf, sizeof(buf) - 1);
}

static const char *written(void)
{
	ck_assert(!w.spoiled);
	buf[w.n] = '\0';
	return buf;
}

static void read_request(const char *text)
{
	struct sip_fault fault;

	ck_assert_int_eq(sip_msg_parse(&request, (const uint8_t *)text,
				       strlen(text), &fault),
			 0);
}

#define REQUEST(vias, to)                                                      \
	"OPTIONS sip:200@example.test SIP/2.0\r\n" vias                        \
	"From: \"Anna\"\r\n <sip:100@example.test>;tag=a\r\n"                  \
	"To: " to "\r\n"                                                       \
	"Call-ID: x\r\n"                                                       \
	"CSeq: 7 OPTIONS\r\n\r\n"

/* ---- whole messages ---- */

START_TEST(a_request_is_written)
{
	sip_write_request(&w, "INVITE", span_of("sip:200@192.0.2.9"));
	sip_write_via(&w, &udp, "z9hG4bK1");
	sip_write_header_number(&w, "Max-Forwards", 69);
	sip_write_name(&w, "From", "Anna \"A\" \\", "100", "example.test", 0,
		       "t1");
	sip_write_name(&w, "To", NULL, "200", "example.test", 5061, NULL);
	sip_write_cseq(&w, 4294967295u, "INVITE");
	sip_write_contact(&w, "100", &udp);
	ck_assert_int_eq(sip_write_end(&w, "application/sdp", span_of("v=0")),
			 (ssize_t)w.n);
	ck_assert_str_eq(written(),
			 "INVITE sip:200@192.0.2.9 SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP 192.0.2.200:5070;branch=z9hG4bK1;"
			 "rport\r\n"
			 "Max-Forwards: 69\r\n"
			 "From: \"Anna \\\"A\\\" \\\\\" <sip:100@example.test>;"
			 "tag=t1\r\n"
			 "To: <sip:200@example.test:5061>\r\n"
			 "CSeq: 4294967295 INVITE\r\n"
			 "Contact: <sip:100@192.0.2.200:5070>\r\n"
			 "Content-Type: application/sdp\r\n"
			 "Content-Length: 3\r\n"
			 "\r\n"
			 "v=0");
}
END_TEST

START_TEST(addresses_of_version_6_have_brackets)
{
	sip_write_via(&w, &tcp6, "b");
	sip_write_contact(&w, NULL, &tcp6);
	ck_assert_str_eq(
		written(),
		"Via: SIP/2.0/TCP [2001:db8::1]:5060;branch=b;rport\r\n"
		"Contact: <sip:[2001:db8::1]:5060;transport=tcp>\r\n");
}
END_TEST

START_TEST(an_answer_repeats_its_request)
{
	read_request(
		REQUEST("Via: SIP/2.0/UDP 192.0.2.200:5060;branch=z9hG4bK1,"
			" SIP/2.0/TCP inner;branch=2\r\n"
			"v: SIP/2.0/UDP innermost;branch=3\r\n",
			"<sip:200@example.test>"));
	sip_write_answer(&w, &request, 404, NULL, "t2", &udp);
	sip_write_end(&w, NULL, (struct span){ 0 });
	ck_assert_str_eq(written(),
			 "SIP/2.0 404 Not Found\r\n"
			 "Via: SIP/2.0/UDP 192.0.2.200:5060;branch=z9hG4bK1,"
			 " SIP/2.0/TCP inner;branch=2\r\n"
			 "Via: SIP/2.0/UDP innermost;branch=3\r\n"
			 "From: \"Anna\"   <sip:100@example.test>;tag=a\r\n"
			 "To: <sip:200@example.test>;tag=t2\r\n"
			 "Call-ID: x\r\n"
			 "CSeq: 7 OPTIONS\r\n"
			 "Content-Length: 0\r\n"
			 "\r\n");
}
END_TEST

START_TEST(a_tag_that_is_there_stays_alone)
{
	read_request(REQUEST("Via: SIP/2.0/UDP h;branch=b\r\n",
			     "<sip:200@example.test>;tag=theirs"));
	sip_write_answer(&w, &request, 200, "Fine", "ours", NULL);
	ck_assert_ptr_nonnull(strstr(written(), ";tag=theirs\r\n"));
	ck_assert_ptr_null(strstr(written(), "ours"));
	ck_assert_ptr_nonnull(strstr(written(), "SIP/2.0 200 Fine\r\n"));
	ck_assert_ptr_nonnull(strstr(written(), "UDP h;branch=b\r\n"));
}
END_TEST

static const char *top_via(const char *via, const struct sip_addr *from)
{
	static char text[1000];
	char *start, *end;

	snprintf(text, sizeof(text),
		 REQUEST("Via: %s\r\n", "<sip:200@example.test>"), via);
	read_request(text);
	setup();
	sip_write_answer(&w, &request, 100, NULL, NULL, from);
	start = strstr((char *)written(), "Via: ") + 5;
	end = strstr(start, "\r\n");
	*end = '\0';
	return start;
}

START_TEST(the_top_via_says_where_the_request_came_from)
{
	/* RFC 3261, 18.2.1: only where it is not said already. */
	ck_assert_str_eq(top_via("SIP/2.0/UDP 192.0.2.200;branch=b", &udp),
			 "SIP/2.0/UDP 192.0.2.200;branch=b");
	ck_assert_str_eq(top_via("SIP/2.0/UDP 10.0.0.1;branch=b", &udp),
			 "SIP/2.0/UDP 10.0.0.1;branch=b;received=192.0.2.200");
	ck_assert_str_eq(top_via("SIP/2.0/UDP phone.example:5;branch=b", &udp),
			 "SIP/2.0/UDP phone.example:5;branch=b;"
			 "received=192.0.2.200");
	/* RFC 3581, 4: both, when it was asked for. */
	ck_assert_str_eq(
		top_via("SIP/2.0/UDP 192.0.2.200 ; rport ;branch=b", &udp),
		"SIP/2.0/UDP 192.0.2.200;branch=b;"
		"received=192.0.2.200;rport=5070");
	/* A sender's own word for it is not believed. */
	ck_assert_str_eq(
		top_via("SIP/2.0/UDP a;received=1.2.3.4;rport=9;b", &udp),
		"SIP/2.0/UDP a;b;received=192.0.2.200;rport=5070");
	ck_assert_str_eq(top_via("SIP/2.0/TCP [2001:db8::2];branch=b", &tcp6),
			 "SIP/2.0/TCP [2001:db8::2];branch=b;"
			 "received=2001:db8::1");
	ck_assert_str_eq(top_via("SIP/2.0/TCP [2001:DB8:0::1];branch=b", &tcp6),
			 "SIP/2.0/TCP [2001:DB8:0::1];branch=b");
}
END_TEST

START_TEST(headers_are_copied_in_order)
{
	read_request(REQUEST("Via: SIP/2.0/UDP h;branch=b\r\n"
			     "Record-Route: <sip:a;lr>,<sip:b;lr>\r\n"
			     "Record-Route: <sip:c;lr>\r\n",
			     "<sip:200@example.test>"));
	sip_write_copy(&w, &request, SIP_H_RECORD_ROUTE);
	sip_write_copy(&w, &request, SIP_H_ROUTE);
	ck_assert_str_eq(written(), "Record-Route: <sip:a;lr>,<sip:b;lr>\r\n"
				    "Record-Route: <sip:c;lr>\r\n");
}
END_TEST

/* ---- what may not get through ---- */

START_TEST(a_name_cannot_add_a_line)
{
	sip_write_name(&w, "From", "A\r\nEvil: 1\r\n\r\n\x01\x7f\t\" <sip:x@y>",
		       "1\r\n>", "h\r\nEvil: 2", 0, "t\r\nEvil: 3");
	ck_assert_str_eq(written(),
			 "From: \"AEvil: 1\t\\\" <sip:x@y>\" "
			 "<sip:1%0D%0A%3E@h  Evil: 2>;tag=t  Evil: 3\r\n");
}
END_TEST

START_TEST(a_value_cannot_add_a_line)
{
	sip_write_header(&w, "Subject\r\nEvil: 1",
			 (struct span){ "a\r\nb\nc\rd\0e", 10 });
	sip_write_status(&w, 400, "Bad\r\nEvil: 1");
	ck_assert_str_eq(written(), "Subject  Evil: 1: a  b c d e\r\n"
				    "SIP/2.0 400 Bad  Evil: 1\r\n");
}
END_TEST

START_TEST(user_parts_are_escaped)
{
	sip_write_user(&w, span_of("+49*#-_.!~'()&=$,;?/@:% \xc3\xa4"));
	ck_assert_str_eq(written(),
			 "+49*%23-_.!~'()&=$,%3B%3F%2F%40%3A%25%20%C3%A4");
}
END_TEST

START_TEST(names_in_other_alphabets_pass)
{
	sip_write_name(&w, "From", "J\xc3\xbcrgen", NULL, "h", 0, NULL);
	ck_assert_str_eq(written(), "From: \"J\xc3\xbcrgen\" <sip:h>\r\n");
}
END_TEST

/* ---- the end of the buffer ---- */

START_TEST(what_does_not_fit_spoils_the_message_for_good)
{
	char small[64];

	for (size_t size = 0; size <= sizeof(small); size++) {
		ssize_t n;

		memset(small, 'x', sizeof(small));
		sip_write_begin(&w, small, size);
		sip_write_status(&w, 200, NULL);
		sip_write_header(&w, "Server", span_of("twind"));
		n = sip_write_end(&w, NULL, (struct span){ 0 });
		ck_assert_int_eq(n, size < 16 + 15 + 21 ? -EMSGSIZE
							: 16 + 15 + 21);
		for (size_t i = size; i < sizeof(small); i++)
			ck_assert_int_eq(small[i], 'x');
	}
}
END_TEST

START_TEST(every_status_has_a_phrase)
{
	ck_assert_str_eq(sip_reason_phrase(486), "Busy Here");
	ck_assert_str_eq(sip_reason_phrase(499), "Refused");
	ck_assert_str_eq(sip_reason_phrase(0), "Unknown");
	ck_assert_str_eq(sip_reason_phrase(999), "Unknown");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sip_write");
	TCase *tc = tcase_create("sip_write");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, a_request_is_written);
	tcase_add_test(tc, addresses_of_version_6_have_brackets);
	tcase_add_test(tc, an_answer_repeats_its_request);
	tcase_add_test(tc, a_tag_that_is_there_stays_alone);
	tcase_add_test(tc, the_top_via_says_where_the_request_came_from);
	tcase_add_test(tc, headers_are_copied_in_order);
	tcase_add_test(tc, a_name_cannot_add_a_line);
	tcase_add_test(tc, a_value_cannot_add_a_line);
	tcase_add_test(tc, user_parts_are_escaped);
	tcase_add_test(tc, names_in_other_alphabets_pass);
	tcase_add_test(tc, what_does_not_fit_spoils_the_message_for_good);
	tcase_add_test(tc, every_status_has_a_phrase);
	suite_add_tcase(suite, tc);

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
