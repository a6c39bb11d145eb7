/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_torture.c - the torture messages of RFC 4475, and what becomes of each
 *
 * The messages are tests/fuzz/corpus/sip_msg/NAME.dat, byte for byte as in
 * the RFC's appendix.  Told here is what the reader of messages says; what
 * it accepts and a later element refuses is told beside it.  test.dat is in
 * that archive, too, and is no message of the RFC's text.
 */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <talloc.h>

#include "sip_registrar.h"
#include "sip_write.h"

static const struct treatment {
	const char *name;
	unsigned int status; /* 0: read */
	const char *reason;  /* NULL: read */
	bool answerable;
	const char *why;
} treatments[] = {
	/* 3.1.1: valid */
	{ "wsinv", 0, NULL, false,
	  "folded, blank and compact wherever it may" },
	{ "intmeth", 400, "NUL In Headers", true,
	  "valid by the letter (a quoted NUL in a display name); refused on "
	  "purpose, as every NUL before a body is" },
	{ "esc01", 0, NULL, false,
	  "escapes in URIs; the user part is not a "
	  "URI of its own" },
	{ "escnull", 0, NULL, false,
	  "%00 in a user part; the registrar knows "
	  "no such user" },
	{ "esc02", 0, NULL, false,
	  "% in a method and a header name is no "
	  "escape: 501 from the element" },
	{ "lwsdisp", 0, NULL, false, "no blank between display name and <" },
	{ "longreq", 0, NULL, false, "long values" },
	{ "dblreq", 0, NULL, false,
	  "a second request behind the first one's "
	  "end is not looked at" },
	{ "semiuri", 0, NULL, false, "semicolons in a user part" },
	{ "transports", 0, NULL, false, "Vias of transports unknown" },
	{ "mpart01", 0, NULL, false, "a binary body" },
	{ "unreason", 0, NULL, false, "a reason phrase in Cyrillic" },
	{ "noreason", 0, NULL, false, "no reason phrase, but its blank" },
	/* 3.1.2: malformed */
	{ "badinv01", 400, "Bad Via", false,
	  "empty parameters in the Via: an answer would not find back" },
	{ "clerr", 400, "Content-Length Beyond Message", true, "" },
	{ "ncl", 400, "Bad Content-Length", true, "negative" },
	{ "scalar02", 400, "Bad CSeq", true, "above 2^31" },
	{ "scalarlg", 400, "Bad CSeq", false, "a response is dropped" },
	{ "quotbal", 400, "Bad To", true, "a quote that does not end" },
	{ "ltgtruri", 400, "Bad Request URI", true, "in angle brackets" },
	{ "lwsruri", 400, "Bad Request Line", true, "a blank in the URI" },
	{ "lwsstart", 400, "Bad Request Line", true, "two blanks" },
	{ "trws", 400, "Bad Request Line", true, "blanks at its end" },
	{ "escruri", 400, "Headers in Request URI", true, "" },
	{ "baddate", 0, NULL, false, "a Date in EST; nobody here reads it" },
	{ "regbadct", 0, NULL, false, "400 from the registrar" },
	{ "badaspec", 400, "Bad To", true, "blanks within the brackets" },
	{ "baddn", 0, NULL, false,
	  "an unquoted comma in a display name; the RFC allows to forgive it, "
	  "and From and To hold no lists" },
	{ "badvers", 505, "Version Not Supported", true, "" },
	{ "mismatch01", 400, "CSeq Method Mismatch", true, "" },
	{ "mismatch02", 400, "CSeq Method Mismatch", true, "" },
	{ "bigcode", 400, "Bad Status Line", false, "a response is dropped" },
	/* 3.2: transaction layer */
	{ "badbranch", 0, NULL, false, "matched as a request of RFC 2543" },
	/* 3.3: application layer */
	{ "insuf", 400, "Missing From", false, "" },
	{ "unkscm", 416, "Unsupported URI Scheme", true, "" },
	{ "novelsc", 416, "Unsupported URI Scheme", true, "" },
	{ "unksm2", 0, NULL, false, "400 from the registrar" },
	{ "bext01", 0, NULL, false, "420 from the element" },
	{ "invut", 0, NULL, false, "415 from the element" },
	{ "regaut01", 0, NULL, false, "challenged: 401 from the element" },
	{ "multi01", 400, "More Than One From", true, "" },
	{ "mcl01", 400, "More Than One Content-Length", true, "" },
	{ "bcast", 0, NULL, false, "a response of no transaction" },
	{ "zeromf", 0, NULL, false, "Max-Forwards 0 is for us to answer" },
	{ "cparam01", 0, NULL, false, "an unknown parameter of the Contact" },
	{ "cparam02", 0, NULL, false, "an unknown parameter of its URI" },
	{ "regescrt", 0, NULL, false,
	  "400 from the registrar: we do not send to a URI with headers" },
	{ "sdp01", 0, NULL, false, "Accept without application/sdp" },
	/* 3.4: backward compatibility */
	{ "inv2543", 0, NULL, false,
	  "no branch, Max-Forwards, Content-Length" },
	/* not in the text */
	{ "test", 400, "Bad Request Line", false, "no version" },
};

#define N_TREATMENTS (sizeof(treatments) / sizeof(treatments[0]))

static struct sip_msg msg;
static struct sip_fault fault;
static uint8_t bytes[8192];

static int torture(const char *name)
{
	char path[256];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s.dat", TORTURE_FOLDER, name);
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s", path);
	n = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	fault = (struct sip_fault){ 0 };
	return sip_msg_parse(&msg, bytes, n, &fault);
}

START_TEST(each_message_gets_its_treatment)
{
	const struct treatment *t = &treatments[_i];
	int rc = torture(t->name);

	ck_assert_msg(rc == (t->reason ? -EBADMSG : 0), "%s: %s", t->name,
		      fault.reason ? fault.reason : "read");
	if (t->reason)
		ck_assert_str_eq(fault.reason, t->reason);
	ck_assert_uint_eq(fault.status, t->status);
	ck_assert_int_eq(fault.answerable, t->answerable);
}
END_TEST

START_TEST(each_answer_to_one_is_a_message_itself)
{
	static const struct sip_addr from = { .transport = SIP_UDP,
					      .family = AF_INET,
					      .port = 5060,
					      .ip = { 192, 0, 2, 1 } };
	const struct treatment *t = &treatments[_i];
	static struct sip_msg back;
	static char buf[8192];
	struct sip_writer w;
	ssize_t n;

	if (!t->answerable)
		return;
	torture(t->name);
	sip_write_begin(&w, buf, sizeof(buf));
	sip_write_answer(&w, &msg, fault.status, fault.reason, "tag", &from);
	n = sip_write_end(&w, NULL, (struct span){ 0 });
	ck_assert_int_gt(n, 0);
	sip_msg_parse(&back, (uint8_t *)buf, n, &fault);
	ck_assert_uint_eq(back.status, t->status);
	ck_assert(span_eq(back.via.branch, msg.via.branch));
	ck_assert(span_eq(back.call_id, msg.call_id));
}
END_TEST

START_TEST(no_message_is_left_out)
{
	DIR *folder = opendir(TORTURE_FOLDER);
	struct dirent *entry;
	unsigned int n = 0;

	ck_assert_ptr_nonnull(folder);
	while ((entry = readdir(folder))) {
		const char *dot = strstr(entry->d_name, ".dat");
		bool found = false;

		if (!dot || dot[4])
			continue;
		for (size_t i = 0; i < N_TREATMENTS; i++)
			found |= span_is(
				(struct span){ entry->d_name,
					       (size_t)(dot - entry->d_name) },
				treatments[i].name);
		ck_assert_msg(found, "%s", entry->d_name);
		n++;
	}
	closedir(folder);
	ck_assert_uint_eq(n, N_TREATMENTS);
}
END_TEST

START_TEST(what_is_read_is_read_right)
{
	struct sip_contact contact;
	struct sip_values values;
	struct span value;
	char buf[64];
	unsigned int n = 0;

	ck_assert_int_eq(torture("wsinv"), 0);
	ck_assert(span_is(msg.to.tag, "1918181833n"));
	ck_assert(span_is(msg.from.tag, "98asjd8"));
	ck_assert(span_is(sip_unquote(msg.from.display, buf, sizeof(buf)),
			  "J Rosenberg \\\""));
	ck_assert_uint_eq(msg.cseq, 9);
	ck_assert_int_eq(msg.max_forwards, 68);
	ck_assert(span_is(msg.via.host, "192.0.2.2"));
	ck_assert(span_is(msg.via.branch, "390skdjuw"));
	ck_assert_uint_eq(msg.body.n, 150);
	sip_values_begin(&values, &msg, SIP_H_VIA);
	while (sip_values_next(&values, &value))
		n++;
	ck_assert_uint_eq(n, 3);
	ck_assert(sip_msg_contact(&msg, &contact));
	ck_assert_uint_eq(contact.q_milli, 330);

	ck_assert_int_eq(torture("esc01"), 0);
	ck_assert(span_is(sip_unescape(msg.uri.user, buf, sizeof(buf)),
			  "sips:user@example.com"));
	ck_assert(span_is(sip_unescape(msg.to.uri.user, buf, sizeof(buf)),
			  "user"));

	ck_assert_int_eq(torture("semiuri"), 0);
	ck_assert(span_is(msg.uri.user, "user;par=u%40example.net"));
	ck_assert(span_is(msg.uri.host, "example.com"));

	ck_assert_int_eq(torture("esc02"), 0);
	ck_assert_int_eq(msg.method, SIP_M_OTHER);
	n = 0;
	sip_values_begin(&values, &msg, SIP_H_CONTACT);
	while (sip_values_next(&values, &value))
		n++;
	ck_assert_uint_eq(n, 2);

	ck_assert_int_eq(torture("dblreq"), 0);
	ck_assert_int_eq(msg.method, SIP_M_REGISTER);
	ck_assert_uint_eq(msg.body.n, 0);

	ck_assert_int_eq(torture("badbranch"), 0);
	ck_assert_uint_eq(msg.via.branch.n, 0);

	ck_assert_int_eq(torture("mpart01"), 0);
	ck_assert_uint_eq(msg.body.n, 553);
}
END_TEST

START_TEST(the_registrar_treats_its_own)
{
	static const struct {
		const char *name;
		unsigned int status;
	} table[] = {
		{ "cparam01", 200 }, { "cparam02", 200 }, { "regbadct", 400 },
		{ "regescrt", 400 }, { "unksm2", 400 },	  { "dblreq", 200 },
	};
	static const struct sip_registrar_config config = { 60, 3600, 3600,
							    10 };
	static const struct sip_addr from = { .transport = SIP_UDP,
					      .family = AF_INET,
					      .ip = { 192, 0, 2, 1 } };
	struct sip_registrar *registrar = sip_registrar_new(NULL, &config);
	struct sip_register_verdict verdict;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		ck_assert_int_eq(torture(table[i].name), 0);
		sip_registrar_take(registrar, 0, &msg, span_of("user"), &from,
				   &verdict);
		ck_assert_msg(verdict.status == table[i].status, "%s",
			      table[i].name);
	}
	talloc_free(registrar);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("torture");
	TCase *tc = tcase_create("rfc4475");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, each_message_gets_its_treatment, 0,
			    N_TREATMENTS);
	tcase_add_loop_test(tc, each_answer_to_one_is_a_message_itself, 0,
			    N_TREATMENTS);
	tcase_add_test(tc, no_message_is_left_out);
	tcase_add_test(tc, what_is_read_is_read_right);
	tcase_add_test(tc, the_registrar_treats_its_own);
	suite_add_tcase(suite, tc);

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
