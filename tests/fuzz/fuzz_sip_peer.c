/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_sip_peer.c - our reading of a message beside libre's
 *
 * libre is laxer than we are, so what it reads tells nothing of what we
 * refuse.  But a message that both read has to mean the same to both, or
 * somebody could slip one meaning past us and another past our neighbours:
 * the kind of message, its Call-ID, its CSeq, its tags and its branch.
 *
 * Where libre is known to read less than RFC 3261 allows, it is not asked:
 * folded lines, and blanks or quotes within the parts that are compared.
 */
#include "fuzz.h"
#include "libre_view.h"
#include "sip_msg.h"

/* libre reads parameters up to ';' wherever it stands, and folded lines not
 * at all. */
static bool is_plain(struct span value)
{
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '\r' || c == '\n' || c == '\t' || c == '"' ||
		    c == '\\' || (unsigned char)c > 126)
			return false;
	}
	return true;
}

static bool has_blank(struct span value)
{
	return value.n && memchr(value.p, ' ', value.n);
}

static void expect_same_tag(const struct sip_name *ours, struct span theirs)
{
	if (is_plain(ours->text) && !has_blank(ours->params))
		FUZZ_EXPECT(span_eq(ours->tag, theirs));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_msg msg;
	struct libre_view view;
	struct sip_fault fault;

	if (sip_msg_parse(&msg, data, size, &fault) < 0)
		return 0;
	if (!libre_view((const uint8_t *)msg.bytes.p, msg.bytes.n, &view))
		return 0;
	FUZZ_EXPECT(msg.is_request == view.is_request);
	if (msg.is_request)
		FUZZ_EXPECT(span_eq(msg.method_text, view.method));
	else
		FUZZ_EXPECT(msg.status == view.status);
	FUZZ_EXPECT(msg.cseq == view.cseq);
	FUZZ_EXPECT(span_eq(msg.method_text, view.cseq_method));
	FUZZ_EXPECT(span_eq(msg.call_id, view.call_id));
	expect_same_tag(&msg.from, view.from_tag);
	expect_same_tag(&msg.to, view.to_tag);
	if (is_plain(msg.via.text) && !has_blank(msg.via.params) &&
	    msg.via.branch.n)
		FUZZ_EXPECT(span_eq(msg.via.branch, view.via_branch));
	return 0;
}
