/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_feature.c - bodies of SUBSCRIBE and NOTIFY, and the XML below them
 *
 * Whatever text is found in the bytes must come out well-formed again when it
 * is written.
 */

#include "edge_sip_doc.h"
#include "edge_sip_feature.h"
#include "fuzz.h"
#include "xml_read.h"
#include "xml_write.h"

static void write_and_read(struct span text)
{
	static char buf[8192];
	enum xml_token token;
	struct xml_writer w;
	struct xml_reader r;
	ssize_t n;

	xml_write_begin(&w, buf, sizeof(buf));
	xml_open(&w, "a");
	xml_attribute(&w, "b", text);
	xml_text(&w, text);
	xml_close(&w);
	n = xml_write_end(&w);
	if (n < 0)
		return;
	xml_read_begin(&r, (struct span){ buf, n });
	while ((token = xml_next(&r)) != XML_END)
		FUZZ_EXPECT(token != XML_BAD);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span body = { (const char *)data, size };
	unsigned int fresh, old;
	struct feature_wish wish;
	enum xml_token token;
	struct xml_reader r;
	char text[256];

	if (edge_sip_feature_read(&wish, body) == 0)
		FUZZ_EXPECT(wish.feature > FEATURE_NONE &&
			    wish.feature < _NUM_FEATURE);
	edge_sip_doc_read_messages(body, &fresh, &old);
	xml_read_begin(&r, body);
	while ((token = xml_next(&r)) != XML_END && token != XML_BAD)
		if (token == XML_TEXT)
			xml_unescape(r.text, text, sizeof(text));
	write_and_read(body);
	return 0;
}
