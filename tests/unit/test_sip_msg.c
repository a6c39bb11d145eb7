/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sip_msg.c - messages read, and faults that name themselves */
#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "sip_msg.h"

static struct sip_msg msg;
static struct sip_fault fault;

static int parse(const char *text)
{
	fault = (struct sip_fault){ 0 };
	return sip_msg_parse(&msg, (const uint8_t *)text, strlen(text), &fault);
}

#define VIA "Via: SIP/2.0/UDP 192.0.2.7:5062;branch=z9hG4bK1;rport\r\n"
#define FROM "From: \"Anna\" <sip:100@example.test>;tag=a\r\n"
#define TO "To: <sip:200@example.test>\r\n"
#define CALL_ID "Call-ID: x@192.0.2.7\r\n"
#define CSEQ "CSeq: 7 INVITE\r\n"
#define INVITE "INVITE sip:200@example.test SIP/2.0\r\n"
#define REST VIA FROM TO CALL_ID CSEQ

/* An INVITE with these further lines is good. */
static void read_with(const char *lines)
{
	char text[4000];

	snprintf(text, sizeof(text), INVITE REST "%s\r\n", lines);
	ck_assert_msg(parse(text) == 0, "%s: %s", fault.reason, lines);
}

#define ck_span(span, text)                                                    \
	ck_assert_msg(span_is(span, text), "\"" SPAN_FMT "\" is not \"%s\"",   \
		      SPAN_ARG(span), text)

/* ---- whole messages ---- */

START_TEST(a_request_is_read)
{
	ck_assert_int_eq(parse(INVITE REST "Max-Forwards: 70\r\n"
					   "Content-Type: application/sdp\r\n"
					   "Content-Length: 4\r\n\r\nbody"),
			 0);
	ck_assert(msg.is_request);
	ck_assert_int_eq(msg.method, SIP_M_INVITE);
	ck_assert_int_eq(msg.uri.scheme, SIP_SCHEME_SIP);
	ck_span(msg.uri.user, "200");
	ck_span(msg.uri.host, "example.test");
	ck_span(msg.via.transport, "UDP");
	ck_span(msg.via.host, "192.0.2.7");
	ck_assert_uint_eq(msg.via.port, 5062);
	ck_span(msg.via.branch, "z9hG4bK1");
	ck_assert(msg.via.has_rport);
	ck_assert_uint_eq(msg.via.rport, 0);
	ck_span(msg.from.display, "\"Anna\"");
	ck_span(msg.from.uri.user, "100");
	ck_span(msg.from.tag, "a");
	ck_assert_uint_eq(msg.to.tag.n, 0);
	ck_span(msg.call_id, "x@192.0.2.7");
	ck_assert_uint_eq(msg.cseq, 7);
	ck_assert_int_eq(msg.max_forwards, 70);
	ck_span(msg.body, "body");
	ck_span(sip_msg_content_type(&msg), "application/sdp");
}
END_TEST

START_TEST(a_response_is_read)
{
	ck_assert_int_eq(parse("SIP/2.0 486 Busy  Here\r\n" REST "\r\n"), 0);
	ck_assert(!msg.is_request);
	ck_assert_uint_eq(msg.status, 486);
	ck_span(msg.reason, "Busy  Here");
	ck_assert_int_eq(msg.method, SIP_M_INVITE);
	ck_assert_int_eq(msg.max_forwards, -1);
	ck_assert_int_eq(parse("SIP/2.0 100 \r\n" REST "\r\n"), 0);
	ck_assert_uint_eq(msg.reason.n, 0);
}
END_TEST

START_TEST(keepalives_before_and_bytes_behind_are_no_part_of_it)
{
	ck_assert_int_eq(
		parse("\r\n\r\n" INVITE REST "Content-Length: 2\r\n\r\nokrest"),
		0);
	ck_span(msg.body, "ok");
	ck_assert_ptr_eq(msg.bytes.p + msg.bytes.n, msg.body.p + 2);
}
END_TEST

START_TEST(without_a_length_the_body_reaches_to_the_end)
{
	ck_assert_int_eq(parse(INVITE REST "\r\nall of it"), 0);
	ck_span(msg.body, "all of it");
}
END_TEST

START_TEST(compact_and_odd_writing_is_the_same)
{
	ck_assert_int_eq(
		parse("INVITE sip:200@example.test sip/2.0\r\n"
		      "v:SIP / 2.0/UDP\t192.0.2.7 : 5062 ;branch=b\r\n"
		      "F : sip:100@example.test;tag=a\r\n"
		      "t:\r\n \"Bob\" <sip:200@example.test>\r\n\t;tag=b\r\n"
		      "i: x\r\n"
		      "CSEQ: 0007\r\n INVITE\r\n"
		      "l: 0\r\n\r\n"),
		0);
	ck_span(msg.via.branch, "b");
	ck_assert_uint_eq(msg.via.port, 5062);
	ck_span(msg.to.tag, "b");
	ck_span(msg.from.tag, "a");
	ck_assert_uint_eq(msg.cseq, 7);
}
END_TEST

START_TEST(every_fault_has_its_name)
{
	static const struct {
		const char *text;
		unsigned int status;
		const char *reason;
		bool answerable;
	} table[] = {
		{ "", 400, "Bad Request Line", false },
		{ "\r\n\r\n", 400, "Bad Request Line", false },
		{ "nonsense", 400, "Bad Request Line", false },
		{ "INVITE sip:a@b\r\n" REST "\r\n", 400, "Bad Request Line",
		  true },
		{ "INVITE  sip:a@b SIP/2.0\r\n" REST "\r\n", 400,
		  "Bad Request Line", true },
		{ "INVITE sip:a@b SIP/2.0 \r\n" REST "\r\n", 400,
		  "Bad Request Line", true },
		{ "INVITE sip:a@b HTTP/1.1\r\n" REST "\r\n", 400,
		  "Bad Request Line", true },
		{ "INVITE sip:a@b SIP/3.0\r\n" REST "\r\n", 505,
		  "Version Not Supported", true },
		{ "INVITE <sip:a@b> SIP/2.0\r\n" REST "\r\n", 400,
		  "Bad Request URI", true },
		{ "INVITE http://b SIP/2.0\r\n" REST "\r\n", 416,
		  "Unsupported URI Scheme", true },
		{ "INVITE sip:a@b?x=y SIP/2.0\r\n" REST "\r\n", 400,
		  "Headers in Request URI", true },
		{ INVITE FROM TO CALL_ID CSEQ "\r\n", 400, "Missing Via",
		  false },
		{ INVITE VIA TO CALL_ID CSEQ "\r\n", 400, "Missing From",
		  false },
		{ INVITE VIA FROM CALL_ID CSEQ "\r\n", 400, "Missing To",
		  false },
		{ INVITE VIA FROM TO CSEQ "\r\n", 400, "Missing Call-ID",
		  false },
		{ INVITE VIA FROM TO CALL_ID "\r\n", 400, "Missing CSeq",
		  false },
		{ INVITE REST FROM "\r\n", 400, "More Than One From", true },
		{ INVITE REST TO "\r\n", 400, "More Than One To", true },
		{ INVITE REST CALL_ID "\r\n", 400, "More Than One Call-ID",
		  true },
		{ INVITE REST CSEQ "\r\n", 400, "More Than One CSeq", true },
		{ INVITE REST "l: 0\r\nl: 0\r\n\r\n", 400,
		  "More Than One Content-Length", true },
		{ INVITE VIA FROM TO CALL_ID "CSeq: 2147483648 INVITE\r\n\r\n",
		  400, "Bad CSeq", true },
		{ INVITE VIA FROM TO CALL_ID "CSeq: 1\r\n\r\n", 400, "Bad CSeq",
		  true },
		{ INVITE VIA FROM TO CALL_ID "CSeq: 1 invite\r\n\r\n", 400,
		  "CSeq Method Mismatch", true },
		{ INVITE VIA FROM TO "Call-ID: a b\r\n" CSEQ "\r\n", 400,
		  "Bad Call-ID", true },
		{ INVITE "Via: SIP/2.0/UDP\r\n" FROM TO CALL_ID CSEQ "\r\n",
		  400, "Bad Via", false },
		{ INVITE "Via: SIP/2.0/UDP h;;\r\n" FROM TO CALL_ID CSEQ "\r\n",
		  400, "Bad Via", false },
		{ INVITE VIA "From: Anna\r\n" TO CALL_ID CSEQ "\r\n", 400,
		  "Bad From", true },
		{ INVITE VIA FROM "To: <sip:a@b\r\n" CALL_ID CSEQ "\r\n", 400,
		  "Bad To", true },
		{ INVITE REST "Max-Forwards: 256\r\n\r\n", 400,
		  "Bad Max-Forwards", true },
		{ INVITE REST "Max-Forwards: -1\r\n\r\n", 400,
		  "Bad Max-Forwards", true },
		{ INVITE REST "Content-Length: 1\r\n\r\n", 400,
		  "Content-Length Beyond Message", true },
		{ INVITE REST "Content-Length: 4294967296\r\n\r\n", 400,
		  "Bad Content-Length", true },
		{ INVITE REST "no header\r\n\r\n", 400, "Bad Header Line",
		  true },
		{ INVITE REST ": x\r\n\r\n", 400, "Bad Header Line", true },
		{ INVITE REST, 400, "Unfinished Headers", true },
		{ INVITE REST "a: x\ry\r\n\r\n", 400, "Bare CR Or LF", true },
		{ INVITE REST "a: x\nb: y\r\n\r\n", 400, "Bare CR Or LF",
		  true },
		{ "SIP/2.0 99 x\r\n" REST "\r\n", 400, "Bad Status Line",
		  false },
		{ "SIP/2.0 700 x\r\n" REST "\r\n", 400, "Bad Status Line",
		  false },
		{ "SIP/2.0 200\r\n" REST "\r\n", 400, "Bad Status Line",
		  false },
		{ "SIP/2.0 2000 x\r\n" REST "\r\n", 400, "Bad Status Line",
		  false },
		{ "ACK sip:a@b SIP/2.0\r\n" REST "\r\n", 400,
		  "CSeq Method Mismatch", false },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		ck_assert_msg(parse(table[i].text) == -EBADMSG, "%s",
			      table[i].text);
		ck_assert_str_eq(fault.reason, table[i].reason);
		ck_assert_uint_eq(fault.status, table[i].status);
		ck_assert_msg(fault.answerable == table[i].answerable, "%s",
			      table[i].text);
	}
}
END_TEST

START_TEST(a_nul_before_the_body_is_refused_and_in_it_is_not)
{
	static const char head[] = INVITE REST "a: \0\r\n\r\n";
	static const char body[] = INVITE REST "\r\n\0";

	ck_assert_int_eq(sip_msg_parse(&msg, (const uint8_t *)head,
				       sizeof(head) - 1, &fault),
			 -EBADMSG);
	ck_assert_str_eq(fault.reason, "NUL In Headers");
	ck_assert_int_eq(sip_msg_parse(&msg, (const uint8_t *)body,
				       sizeof(body) - 1, &fault),
			 0);
	ck_assert_uint_eq(msg.body.n, 1);
}
END_TEST

START_TEST(the_number_of_headers_has_a_limit)
{
	char text[4000] = INVITE REST;

	for (int i = 5; i < SIP_HEADERS_MAX; i++)
		strcat(text, "a: b\r\n");
	strcat(text, "\r\n");
	ck_assert_int_eq(parse(text), 0);
	ck_assert_uint_eq(msg.n_headers, SIP_HEADERS_MAX);
	strcpy(text + strlen(text) - 2, "a: b\r\n\r\n");
	ck_assert_int_eq(parse(text), -EBADMSG);
	ck_assert_str_eq(fault.reason, "Too Many Headers");
}
END_TEST

/* ---- headers ---- */

START_TEST(every_known_header_is_told_by_its_name)
{
	char name[40];

	for (enum sip_header_id id = SIP_H_OTHER + 1; id < SIP_H_COUNT; id++) {
		strcpy(name, sip_header_name(id));
		ck_assert_msg(sip_header_of(span_of(name)) == id, "%s", name);
		for (char *p = name; *p; p++)
			*p ^= *p >= 'A' ? 0x20 : 0;
		ck_assert_msg(sip_header_of(span_of(name)) == id, "%s", name);
		name[strlen(name) - 1] = 'x';
		ck_assert_msg(sip_header_of(span_of(name)) == SIP_H_OTHER, "%s",
			      name);
	}
	/* libre tells headers by 12 bits of a hash; we do not. */
	ck_assert_int_eq(sip_header_of(span_of("s")), SIP_H_OTHER);
	ck_assert_int_eq(sip_header_of(span_of("@")), SIP_H_OTHER);
	ck_assert_int_eq(sip_header_of(span_of("X")), SIP_H_SESSION_EXPIRES);
}
END_TEST

START_TEST(methods_are_told_by_their_exact_name)
{
	for (enum sip_method m = SIP_M_OTHER + 1; m < SIP_M_COUNT; m++)
		ck_assert_int_eq(sip_method_of(span_of(sip_method_name(m))), m);
	ck_assert_int_eq(sip_method_of(span_of("invite")), SIP_M_OTHER);
	ck_assert_int_eq(sip_method_of(span_of("")), SIP_M_OTHER);
}
END_TEST

START_TEST(values_come_in_order_over_lines_and_commas)
{
	static const char *const expected[] = {
		"<sip:a,b@c;x=\",\">",
		"\"q,\\\",\" <sip:d@e>",
		"sip:f@g",
	};
	struct sip_values values;
	struct span value;
	unsigned int n = 0;

	read_with("Contact: <sip:a,b@c;x=\",\">,,\"q,\\\",\" <sip:d@e>\r\n"
		  "m: ,sip:f@g ,\r\n");
	sip_values_begin(&values, &msg, SIP_H_CONTACT);
	while (sip_values_next(&values, &value)) {
		ck_assert_uint_lt(n, 3);
		ck_span(value, expected[n]);
		n++;
	}
	ck_assert_uint_eq(n, 3);
}
END_TEST

START_TEST(lists_are_searched)
{
	read_with("Supported: 100rel, timer\r\nk: path\r\nAllow:\r\n");
	ck_assert(sip_msg_lists(&msg, SIP_H_SUPPORTED, "Timer"));
	ck_assert(sip_msg_lists(&msg, SIP_H_SUPPORTED, "path"));
	ck_assert(!sip_msg_lists(&msg, SIP_H_SUPPORTED, "time"));
	ck_assert(!sip_msg_lists(&msg, SIP_H_ALLOW, ""));
	ck_assert(!sip_msg_lists(&msg, SIP_H_REQUIRE, "timer"));
}
END_TEST

START_TEST(intervals_are_read)
{
	enum sip_refresher who;
	uint32_t s;

	read_with("x: 1800;refresher=uas\r\nMin-SE: 90;a=b\r\n"
		  "Expires: 99999999999999\r\n"
		  "Retry-After: 18 (in a meeting);duration=5\r\n"
		  "Min-Expires: 60 minutes\r\n");
	ck_assert(sip_msg_session_expires(&msg, &s, &who));
	ck_assert_uint_eq(s, 1800);
	ck_assert_int_eq(who, SIP_REFRESHER_UAS);
	ck_assert(sip_msg_min_se(&msg, &s));
	ck_assert_uint_eq(s, 90);
	ck_assert(sip_msg_expires(&msg, &s));
	ck_assert_uint_eq(s, UINT32_MAX);
	ck_assert(sip_msg_retry_after(&msg, &s));
	ck_assert_uint_eq(s, 18);
	ck_assert(!sip_msg_min_expires(&msg, &s));
	read_with("");
	ck_assert(!sip_msg_session_expires(&msg, &s, &who));
}
END_TEST

START_TEST(reasons_are_read_by_protocol)
{
	read_with("Reason: SIP;cause=200;text=\"Call completed, elsewhere\", "
		  "Q.850 ; cause=26\r\n");
	ck_assert_uint_eq(sip_msg_reason(&msg, "SIP"), 200);
	ck_assert_uint_eq(sip_msg_reason(&msg, "q.850"), 26);
	ck_assert_uint_eq(sip_msg_reason(&msg, "X"), 0);
}
END_TEST

START_TEST(contacts_are_read)
{
	struct sip_contact contact;

	read_with("Contact: \"A\" <sip:a@[2001:db8::1]:5070;transport=tcp>"
		  ";expires=60;q=0.25\r\n");
	ck_assert(sip_msg_contact(&msg, &contact));
	ck_span(contact.name.uri.host, "2001:db8::1");
	ck_assert_uint_eq(contact.name.uri.port, 5070);
	ck_assert(contact.has_expires);
	ck_assert_uint_eq(contact.expires_s, 60);
	ck_assert_uint_eq(contact.q_milli, 250);
	read_with("Contact: *\r\n");
	ck_assert(sip_msg_contact(&msg, &contact));
	ck_assert(contact.star);
	read_with("Contact: <sip:a@b>;q=1.1\r\n");
	ck_assert(!sip_msg_contact(&msg, &contact));
	read_with("");
	ck_assert(!sip_msg_contact(&msg, &contact));
}
END_TEST

/* ---- addresses ---- */

START_TEST(uris_are_taken_apart)
{
	static const struct {
		const char *text;
		enum sip_scheme scheme;
		const char *user, *host;
		unsigned int port;
		const char *params, *headers;
	} table[] = {
		{ "sip:h", SIP_SCHEME_SIP, "", "h", 0, "", "" },
		{ "SIPS:a@h:1", SIP_SCHEME_SIPS, "a", "h", 1, "", "" },
		{ "sip:a:pw@h", SIP_SCHEME_SIP, "a", "h", 0, "", "" },
		{ "sip:a;b=c@h;d=e?f=g", SIP_SCHEME_SIP, "a;b=c", "h", 0,
		  ";d=e", "?f=g" },
		{ "sip:a?b@h?f", SIP_SCHEME_SIP, "a?b", "h", 0, "", "?f" },
		{ "sip:%61#*@h", SIP_SCHEME_SIP, "%61#*", "h", 0, "", "" },
		{ "sip:[::1]:65535;lr", SIP_SCHEME_SIP, "", "::1", 65535, ";lr",
		  "" },
		{ "tel:+1-234;x=y", SIP_SCHEME_TEL, "+1-234", "", 0, ";x=y",
		  "" },
		{ "soap.beep://x:3", SIP_SCHEME_OTHER, "", "", 0, "", "" },
	};
	static const char *const bad[] = {
		"",
		"sip",
		"sip:",
		":a@h",
		"sip:@h",
		"sip:a@",
		"sip:a@h@i",
		"sip:a@h:0",
		"sip:a@h:65536",
		"sip:a@h:",
		"sip:a@h:1x",
		"sip:a@h x",
		"sip:a@h>",
		"sip:a%4@h",
		"sip:a%zz@h",
		"sip:[::1",
		"sip:[g]",
		"sip:a@h/x",
		"1sip:a@h",
		"tel:",
		"tel:;x",
		"sip:a\x01@h",
		"sip:\xc3\xa4@h",
	};
	struct sip_uri uri;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		ck_assert_msg(sip_uri_parse(&uri, span_of(table[i].text)) == 0,
			      "%s", table[i].text);
		ck_assert_int_eq(uri.scheme, table[i].scheme);
		ck_span(uri.user, table[i].user);
		ck_span(uri.host, table[i].host);
		ck_assert_uint_eq(uri.port, table[i].port);
		ck_span(uri.params, table[i].params);
		ck_span(uri.headers, table[i].headers);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(sip_uri_parse(&uri, span_of(bad[i])) == -EBADMSG,
			      "%s", bad[i]);
}
END_TEST

START_TEST(names_are_taken_apart)
{
	static const struct {
		const char *text, *display, *uri, *tag;
	} table[] = {
		{ "sip:a@b;tag=1", "", "sip:a@b", "1" },
		{ "<sip:a@b;tag=2>;tag=1", "", "sip:a@b;tag=2", "1" },
		{ "Bell, Alexander <sip:a@b>", "Bell, Alexander", "sip:a@b",
		  "" },
		{ "\"a <b>; \\\"c\" <sip:a@b> ; x=\"y;z\" ;tag = 3",
		  "\"a <b>; \\\"c\"", "sip:a@b", "3" },
		{ "caller<sip:a@b>", "caller", "sip:a@b", "" },
		{ "isbn:2983792873", "", "isbn:2983792873", "" },
	};
	static const char *const bad[] = {
		"",
		"a",
		"<sip:a@b",
		"\"a <sip:a@b>",
		"< sip:a@b>",
		"sip:a@b,c",
		"sip:a@b?c=d",
		"<sip:a@b>x",
		"<sip:a@b>;",
		"<sip:a@b>;=x",
		"<sip:a@b>;tag=1;tag=1",
		"<sip:a@b>;tag",
		"<sip:a@b>;x=",
		"<sip:a@b>;x=\"y",
		"\"a\" sip:a@b",
	};
	struct sip_name name;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		ck_assert_msg(sip_name_parse(&name, span_of(table[i].text)) ==
				      0,
			      "%s", table[i].text);
		ck_span(name.display, table[i].display);
		ck_span(name.uri.text, table[i].uri);
		ck_span(name.tag, table[i].tag);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(sip_name_parse(&name, span_of(bad[i])) ==
				      -EBADMSG,
			      "%s", bad[i]);
}
END_TEST

START_TEST(vias_are_taken_apart)
{
	struct sip_via via;

	ck_assert_int_eq(
		sip_via_parse(&via, span_of("SIP/2.0/TCP [2001:db8::1]:5060;"
					    "received=192.0.2.1;rport=99;x")),
		0);
	ck_span(via.host, "2001:db8::1");
	ck_span(via.received, "192.0.2.1");
	ck_assert(via.has_rport);
	ck_assert_uint_eq(via.rport, 99);
	ck_assert_uint_eq(via.branch.n, 0);
	/* The cookie alone is no branch. */
	ck_assert_int_eq(sip_via_parse(&via, span_of("SIP/2.0/UDP h;branch="
						     "z9hG4bK")),
			 0);
	ck_assert_uint_eq(via.branch.n, 0);
	ck_assert_int_eq(sip_via_parse(&via, span_of("SIP/2.0/UDP h;branch=a;"
						     "branch=b")),
			 -EBADMSG);
	ck_assert_int_eq(sip_via_parse(&via, span_of("SIP/2.0/UDP")), -EBADMSG);
	ck_assert_int_eq(sip_via_parse(&via, span_of("SIP/2.0/UDP h x")),
			 -EBADMSG);
	ck_assert_int_eq(sip_via_parse(&via, span_of("HTTP/2.0/UDP h")),
			 -EBADMSG);
}
END_TEST

START_TEST(escapes_and_quotes_come_off)
{
	char buf[8];

	ck_span(sip_unescape(span_of("%61%20%zz"), buf, 8), "a %zz");
	ck_span(sip_unescape(span_of("a%00b%0d"), buf, 8), "a?b?");
	ck_span(sip_unescape(span_of("123456789"), buf, 8), "12345678");
	ck_span(sip_unquote(span_of("\"a\\\"b\""), buf, 8), "a\"b");
	ck_span(sip_unquote(span_of("a \r\n b"), buf, 8), "a b");
	ck_span(sip_unquote(span_of("\"\""), buf, 8), "");
	ck_span(sip_unquote(span_of("\"\x07\""), buf, 8), "?");
}
END_TEST

START_TEST(numbers_have_bounds)
{
	uint32_t n = 5;

	ck_assert(sip_number(span_of("4294967295"), UINT32_MAX, &n));
	ck_assert_uint_eq(n, UINT32_MAX);
	ck_assert(!sip_number(span_of("4294967296"), UINT32_MAX, &n));
	ck_assert(!sip_number(span_of("99999999999999999999"), UINT32_MAX, &n));
	ck_assert(!sip_number(span_of(""), 9, &n));
	ck_assert(!sip_number(span_of("+1"), 9, &n));
	ck_assert(!sip_number(span_of("10"), 9, &n));
	ck_assert(sip_number(span_of("00009"), 9, &n));
	ck_assert_uint_eq(n, 9);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sip_msg");
	TCase *tc = tcase_create("sip_msg");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, a_request_is_read);
	tcase_add_test(tc, a_response_is_read);
	tcase_add_test(tc,
		       keepalives_before_and_bytes_behind_are_no_part_of_it);
	tcase_add_test(tc, without_a_length_the_body_reaches_to_the_end);
	tcase_add_test(tc, compact_and_odd_writing_is_the_same);
	tcase_add_test(tc, every_fault_has_its_name);
	tcase_add_test(tc, a_nul_before_the_body_is_refused_and_in_it_is_not);
	tcase_add_test(tc, the_number_of_headers_has_a_limit);
	tcase_add_test(tc, every_known_header_is_told_by_its_name);
	tcase_add_test(tc, methods_are_told_by_their_exact_name);
	tcase_add_test(tc, values_come_in_order_over_lines_and_commas);
	tcase_add_test(tc, lists_are_searched);
	tcase_add_test(tc, intervals_are_read);
	tcase_add_test(tc, reasons_are_read_by_protocol);
	tcase_add_test(tc, contacts_are_read);
	tcase_add_test(tc, uris_are_taken_apart);
	tcase_add_test(tc, names_are_taken_apart);
	tcase_add_test(tc, vias_are_taken_apart);
	tcase_add_test(tc, escapes_and_quotes_come_off);
	tcase_add_test(tc, numbers_have_bounds);
	suite_add_tcase(suite, tc);

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
