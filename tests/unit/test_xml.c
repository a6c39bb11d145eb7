/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_xml.c - small documents, written and read */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "xml_read.h"
#include "xml_write.h"

START_TEST(what_goes_in_comes_out_well_formed)
{
	char buf[512];
	struct xml_writer w;
	ssize_t n;

	xml_write_begin(&w, buf, sizeof(buf));
	xml_open(&w, "a");
	xml_attribute(&w, "b", span_of("\"<&>\""));
	xml_attribute_number(&w, "n", 18446744073709551615u);
	xml_leaf(&w, "c", span_of("J\xc3\xb6rg\x01 \xff & co"));
	xml_open(&w, "d");
	xml_close(&w);
	xml_close(&w);
	n = xml_write_end(&w);
	ck_assert_int_gt(n, 0);
	buf[n] = '\0';
	ck_assert_str_eq(buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			      "<a b=\"&quot;&lt;&amp;&gt;&quot;\" "
			      "n=\"18446744073709551615\">"
			      "<c>J\xc3\xb6rg? ? &amp; co</c><d/></a>\n");
}
END_TEST

START_TEST(what_does_not_fit_spoils_the_writer)
{
	struct xml_writer w;
	char buf[64];

	xml_write_begin(&w, buf, sizeof(buf));
	xml_leaf(&w, "a", span_of("a text that is too long for it by far"));
	ck_assert_int_eq(xml_write_end(&w), -EMSGSIZE);
}
END_TEST

/* "+a +b 'text' -b -a ." */
static const char *tokens(const char *document)
{
	static char out[512];
	enum xml_token token;
	struct xml_reader r;
	size_t n = 0;

	out[0] = '\0';
	xml_read_begin(&r, span_of(document));
	do {
		token = xml_next(&r);
		n += snprintf(out + n, sizeof(out) - n,
			      token == XML_OPEN	   ? "+" SPAN_FMT " "
			      : token == XML_CLOSE ? "-" SPAN_FMT " "
			      : token == XML_TEXT  ? "'" SPAN_FMT "' "
			      : token == XML_END   ? "." SPAN_FMT
						   : "!" SPAN_FMT,
			      SPAN_ARG(token == XML_TEXT ? r.text
				       : token == XML_OPEN || token == XML_CLOSE
					       ? r.name
					       : (struct span){ 0 }));
	} while (token != XML_END && token != XML_BAD && n < sizeof(out));
	return out;
}

START_TEST(elements_and_text_are_read)
{
	ck_assert_str_eq(tokens("<a/>"), "+a -a .");
	ck_assert_str_eq(tokens("\xef\xbb\xbf<?xml version='1.0'?>\r\n"
				"<!-- <b> --><x:a xmlns:x = \"y>\" z='1' >t"
				"<!--c--><b\n/></x:a>\n<!-- end -->\n"),
			 "+a 't' +b -b -a .");
}
END_TEST

START_TEST(what_is_no_small_document_is_refused)
{
	static const char *const bad[] = {
		"",
		"text",
		"<a>",
		"<a></b>",
		"<a></a><b/>",
		"<a/>text",
		"<a b></a>",
		"<a b=c></a>",
		"<a b='1'c='2'/>",
		"<a b='<'/>",
		"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
		"<a><![CDATA[x]]></a>",
		"<a><?php ?></a>",
		"<1/>",
		"<a>\x01</a>",
		"<a>\xc0\x80</a>",
		"<?xml version='1.0'",
		"<!-- <a/>",
		"<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(strchr(tokens(bad[i]), '!'), "%s: %s", bad[i],
			      tokens(bad[i]));
}
END_TEST

START_TEST(escapes_are_undone)
{
	char buf[32];

	ck_assert_int_eq(xml_unescape(span_of("a&amp;&#38;&#x26;&lt;&gt;&quot;"
					      "&apos;&#x20ac;"),
				      buf, sizeof(buf)),
			 11);
	ck_assert_str_eq(buf, "a&&&<>\"'\xe2\x82\xac");
	ck_assert_int_eq(xml_unescape(span_of("&nbsp;"), buf, sizeof(buf)),
			 -EBADMSG);
	ck_assert_int_eq(xml_unescape(span_of("&#0;"), buf, sizeof(buf)),
			 -EBADMSG);
	ck_assert_int_eq(xml_unescape(span_of("&#xd800;"), buf, sizeof(buf)),
			 -EBADMSG);
	ck_assert_int_eq(xml_unescape(span_of("& b"), buf, sizeof(buf)),
			 -EBADMSG);
	ck_assert_int_eq(xml_unescape(span_of("abcd"), buf, 4), -EMSGSIZE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("xml");
	TCase *t = tcase_create("xml");
	SRunner *runner;
	int failed;

	tcase_add_test(t, what_goes_in_comes_out_well_formed);
	tcase_add_test(t, what_does_not_fit_spoils_the_writer);
	tcase_add_test(t, elements_and_text_are_read);
	tcase_add_test(t, what_is_no_small_document_is_refused);
	tcase_add_test(t, escapes_are_undone);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
