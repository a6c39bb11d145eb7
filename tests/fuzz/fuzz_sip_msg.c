/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_sip_msg.c - any bytes as a SIP message: read, asked, answered
 *
 * True of every input:
 *   - all that is read lies in the bytes that were given;
 *   - what is accepted can be answered, and the answer is a message that is
 *     read back with the same Via, From, To, Call-ID and CSeq;
 *   - nothing in the input adds a line to the answer.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "sip_msg.h"
#include "sip_write.h"

static const struct sip_addr from = {
	.transport = SIP_UDP,
	.family = AF_INET,
	.port = 5060,
	.ip = { 192, 0, 2, 200 },
};

static struct span given;

static void expect_inside(struct span span)
{
	if (!span.n)
		return;
	FUZZ_EXPECT(span.p >= given.p);
	FUZZ_EXPECT(span.p + span.n <= given.p + given.n);
}

static void expect_name_inside(const struct sip_name *name)
{
	char buf[64];

	expect_inside(name->text);
	expect_inside(name->display);
	expect_inside(name->uri.user);
	expect_inside(name->uri.host);
	expect_inside(name->uri.params);
	expect_inside(name->params);
	expect_inside(name->tag);
	FUZZ_EXPECT(sip_unquote(name->display, buf, sizeof(buf)).n <=
		    sizeof(buf));
	FUZZ_EXPECT(sip_unescape(name->uri.user, buf, sizeof(buf)).n <=
		    sizeof(buf));
}

static void ask_everything(const struct sip_msg *msg)
{
	struct sip_contact contact;
	enum sip_refresher refresher;
	struct sip_values values;
	struct span value;
	uint32_t seconds;

	expect_inside(msg->method_text);
	expect_inside(msg->uri.text);
	expect_inside(msg->reason);
	expect_inside(msg->via.text);
	expect_inside(msg->via.host);
	expect_inside(msg->via.branch);
	expect_inside(msg->call_id);
	expect_inside(msg->body);
	expect_name_inside(&msg->from);
	expect_name_inside(&msg->to);

	for (enum sip_header_id id = 0; id < SIP_H_COUNT; id++) {
		sip_values_begin(&values, msg, id);
		while (sip_values_next(&values, &value)) {
			expect_inside(value);
			if (sip_contact_parse(&contact, value) == 0 &&
			    !contact.star)
				expect_name_inside(&contact.name);
		}
	}
	sip_msg_contact(msg, &contact);
	sip_msg_expires(msg, &seconds);
	sip_msg_retry_after(msg, &seconds);
	sip_msg_session_expires(msg, &seconds, &refresher);
	FUZZ_EXPECT(sip_msg_reason(msg, "Q.850") <= 999);
	expect_inside(sip_msg_content_type(msg));
	sip_msg_lists(msg, SIP_H_SUPPORTED, "timer");
}

/* Folded lines are unfolded on the way: blanks count as one another. */
static bool same_but_for_blanks(struct span a, struct span b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		bool blank = strchr("\r\n\t ", a.p[i]) && a.p[i];

		if (a.p[i] != b.p[i] && !(blank && strchr("\t ", b.p[i])))
			return false;
	}
	return true;
}

static void answer(const struct sip_msg *msg, bool good)
{
	static char buf[1 << 17];
	static struct sip_msg back;
	struct sip_fault fault;
	struct sip_writer w;
	unsigned int lines = 0, vias = 0, expected;
	const struct sip_header *header;
	ssize_t len;

	sip_write_begin(&w, buf, sizeof(buf));
	sip_write_answer(&w, msg, 400, NULL, "tag", &from);
	len = sip_write_end(&w, NULL, (struct span){ 0 });
	if (len == -EMSGSIZE)
		return;
	FUZZ_EXPECT(len > 0);

	sip_msg_for_each(msg, SIP_H_VIA, header) vias++;
	expected = 1 + vias + 4 + 1 + 1;
	for (ssize_t i = 0; i < len; i++) {
		FUZZ_EXPECT(buf[i] != '\0');
		lines += buf[i] == '\n';
	}
	FUZZ_EXPECT(lines == expected);
	if (!good)
		return;
	FUZZ_EXPECT(sip_msg_parse(&back, (uint8_t *)buf, len, &fault) == 0);
	FUZZ_EXPECT(back.status == 400);
	FUZZ_EXPECT(back.cseq == msg->cseq && back.method == msg->method);
	FUZZ_EXPECT(span_eq(back.call_id, msg->call_id));
	FUZZ_EXPECT(span_eq(back.via.branch, msg->via.branch));
	FUZZ_EXPECT(span_eq(back.via.host, msg->via.host));
	FUZZ_EXPECT(same_but_for_blanks(msg->from.text, back.from.text));
	FUZZ_EXPECT(span_eq(back.from.tag, msg->from.tag));
	FUZZ_EXPECT(span_is(back.to.tag, "tag") ||
		    span_eq(back.to.tag, msg->to.tag));
	FUZZ_EXPECT(!msg->via.has_rport || back.via.rport == from.port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_msg msg;
	struct sip_fault fault = { 0 };
	int rc = sip_msg_parse(&msg, data, size, &fault);

	given = (struct span){ (const char *)data, size };
	if (rc == 0) {
		ask_everything(&msg);
		answer(&msg, true);
	} else {
		FUZZ_EXPECT(rc == -EBADMSG && fault.reason);
		FUZZ_EXPECT(fault.status >= 400 && fault.status < 600);
		if (fault.answerable)
			answer(&msg, false);
	}
	return 0;
}
