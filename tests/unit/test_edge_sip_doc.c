/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_edge_sip_doc.c - what watchers read, to the letter, and what they say */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "edge_sip_doc.h"
#include "edge_sip_feature.h"
#include "xml_read.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define DIALOGS(version, state)                                                \
	HEAD "<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" "      \
	     "version=\"" version "\" state=\"" state                          \
	     "\" entity=\"sip:201@example.test\""

static char buf[EDGE_SIP_DOC_MAX];

/* Every document is whole. */
static const char *whole(ssize_t n)
{
	enum xml_token token;
	struct xml_reader r;

	ck_assert_int_ge(n, 0);
	ck_assert_int_lt(n, EDGE_SIP_DOC_MAX);
	buf[n] = '\0';
	xml_read_begin(&r, (struct span){ buf, n });
	while ((token = xml_next(&r)) != XML_END)
		ck_assert_int_ne(token, XML_BAD);
	return buf;
}

static struct lamp idle(void)
{
	struct lamp lamp;

	memset(&lamp, 0, sizeof(lamp));
	strcpy(lamp.number, "201");
	strcpy(lamp.name, "Alice");
	lamp.reachable = true;
	return lamp;
}

static void add(struct lamp *lamp, call_id id, enum lamp_state state,
		bool initiator, const char *number, const char *name)
{
	struct lamp_call *call = &lamp->calls.call[lamp->calls.n++];

	call->call = id;
	call->state = state;
	call->initiator = initiator;
	strcpy(call->remote.number, number);
	strcpy(call->remote.name, name);
}

static const char *calls(struct edge_sip_memory *memory,
			 const struct lamp *lamp, bool full)
{
	return whole(
		edge_sip_doc_calls(memory, lamp, "example.test", full, buf));
}

START_TEST(a_call_begins_and_ends_in_partial_documents)
{
	struct edge_sip_memory memory = { 0 };
	struct lamp lamp = idle();

	ck_assert_str_eq(calls(&memory, &lamp, true),
			 DIALOGS("0", "full") "/>\n");
	add(&lamp, 12, LAMP_EARLY, false, "202", "Bob \"B\" & <co>");
	ck_assert_str_eq(
		calls(&memory, &lamp, false),
		DIALOGS("1", "partial") "><dialog id=\"12\" "
					"direction=\"recipient\"><state>early</"
					"state><remote>"
					"<identity display=\"Bob &quot;B&quot; "
					"&amp; &lt;co&gt;\">"
					"sip:202@example.test</identity>"
					"<target "
					"uri=\"sip:202@example.test\"/></"
					"remote></dialog>"
					"</dialog-info>\n");
	add(&lamp, 13, LAMP_TRYING, true, "", "");
	ck_assert_str_eq(calls(&memory, &lamp, false),
			 DIALOGS("2", "partial") "><dialog id=\"13\" "
						 "direction=\"initiator\"><"
						 "state>trying</state>"
						 "</dialog></dialog-info>\n");
	lamp.calls.n = 0;
	ck_assert_str_eq(
		calls(&memory, &lamp, false),
		DIALOGS("3", "partial") "><dialog "
					"id=\"12\"><state>terminated</state>"
					"</dialog><dialog "
					"id=\"13\"><state>terminated"
					"</state></dialog></dialog-info>\n");
	ck_assert_str_eq(calls(&memory, &lamp, true),
			 DIALOGS("4", "full") "/>\n");
}
END_TEST

/* A refresh is told everything, and what was over meanwhile as well. */
START_TEST(a_full_document_leaves_no_lamp_burning)
{
	struct edge_sip_memory memory = { 0 };
	struct lamp lamp = idle();

	add(&lamp, 12, LAMP_CONFIRMED, false, "", "");
	calls(&memory, &lamp, true);
	lamp.calls.n = 0;
	ck_assert_str_eq(
		calls(&memory, &lamp, true),
		DIALOGS("1",
			"full") "><dialog id=\"12\"><state>terminated</state>"
				"</dialog></dialog-info>\n");
}
END_TEST

START_TEST(a_dialog_never_goes_back_to_early)
{
	struct edge_sip_memory memory = { 0 };
	struct lamp lamp = idle();

	add(&lamp, 12, LAMP_CONFIRMED, false, "", "");
	calls(&memory, &lamp, true);
	lamp.calls.call[0].state = LAMP_EARLY;
	ck_assert_str_eq(
		calls(&memory, &lamp, false),
		DIALOGS("1", "partial") "><dialog "
					"id=\"12\"><state>terminated</state>"
					"</dialog><dialog id=\"12-1\" "
					"direction=\"recipient\"><state>early</"
					"state>"
					"</dialog></dialog-info>\n");
	lamp.calls.n = 0;
	ck_assert_str_eq(
		calls(&memory, &lamp, false),
		DIALOGS("2", "partial") "><dialog "
					"id=\"12-1\"><state>terminated</state>"
					"</dialog></dialog-info>\n");
}
END_TEST

/* T103 */
START_TEST(do_not_disturb_is_a_steady_lamp)
{
	struct edge_sip_memory memory = { 0 };
	struct lamp lamp = idle();

	lamp.calls.dnd = true;
	ck_assert_str_eq(
		calls(&memory, &lamp, true),
		DIALOGS("0",
			"full") "><dialog id=\"dnd\"><state>confirmed</state>"
				"</dialog></dialog-info>\n");
	lamp.calls.dnd = false;
	ck_assert_str_eq(
		calls(&memory, &lamp, false),
		DIALOGS("1", "partial") "><dialog "
					"id=\"dnd\"><state>terminated</state>"
					"</dialog></dialog-info>\n");
}
END_TEST

START_TEST(the_largest_lamp_fits)
{
	struct edge_sip_memory memory = { 0 };
	struct lamp lamp = idle();

	for (int i = 0; i < LAMP_CALLS_MAX; i++)
		add(&lamp, UINT64_MAX - i, LAMP_CONFIRMED, true, "", "");
	for (int i = 0; i < LAMP_CALLS_MAX; i++) {
		memset(lamp.calls.call[i].remote.number, '9', NUMBER_MAX);
		memset(lamp.calls.call[i].remote.name, '"', NAME_MAX_BYTES);
	}
	calls(&memory, &lamp, true);
	for (int i = 0; i < LAMP_CALLS_MAX; i++)
		lamp.calls.call[i].call -= 100;
	calls(&memory, &lamp, false);
}
END_TEST

static const char *presence(const struct lamp *lamp)
{
	return whole(edge_sip_doc_presence(lamp, "example.test", buf));
}

START_TEST(presence_is_for_people)
{
	struct lamp lamp = idle();

	ck_assert_str_eq(presence(&lamp), HEAD
			 "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" "
			 "xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" "
			 "xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" "
			 "entity=\"sip:201@example.test\"><tuple id=\"phone\">"
			 "<status><basic>open</basic></status>"
			 "<contact>sip:201@example.test</contact></tuple>"
			 "<dm:person id=\"user\"><rpid:activities/></dm:person>"
			 "</presence>\n");
	add(&lamp, 1, LAMP_EARLY, false, "", "");
	ck_assert(strstr(presence(&lamp), "<note>Ringing</note>"));
	lamp.calls.call[0].state = LAMP_CONFIRMED;
	ck_assert(strstr(presence(&lamp), "<rpid:on-the-phone/>"));
	lamp.calls.n = 0;
	lamp.calls.dnd = true;
	ck_assert(strstr(presence(&lamp), "<rpid:busy/>"));
	lamp.reachable = false;
	ck_assert(strstr(presence(&lamp), "<basic>closed</basic>"));
}
END_TEST

START_TEST(messages_are_three_lines)
{
	struct lamp lamp = idle();
	ssize_t n;

	lamp.messages.fresh = 2;
	lamp.messages.old = 8;
	n = edge_sip_doc_messages(&lamp, "example.test", buf);
	buf[n] = '\0';
	ck_assert_str_eq(buf, "Messages-Waiting: yes\r\n"
			      "Message-Account: sip:201@example.test\r\n"
			      "Voice-Message: 2/8 (0/0)\r\n");
}
END_TEST

START_TEST(a_mailbox_is_understood)
{
	static const struct {
		const char *body;
		bool told;
		unsigned int fresh, old;
	} all[] = {
		{ "Messages-Waiting: yes\r\nVoice-Message: 3/5 (1/0)\r\n", true,
		  3, 5 },
		{ "messages-waiting: no\nvoice-message:0/1", true, 0, 1 },
		{ "Messages-Waiting: yes", true, 1, 0 },
		{ "Messages-Waiting: no\r\n", true, 0, 0 },
		{ "Messages-Waiting: yes\r\nVoice-Message: x/y", true, 1, 0 },
		{ "Voice-Message: 99999999999/1", true, 999999999, 1 },
		{ "hello", false, 0, 0 },
		{ "", false, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		unsigned int fresh = 0, old = 0;

		ck_assert_int_eq(edge_sip_doc_read_messages(
					 span_of(all[i].body), &fresh, &old),
				 all[i].told);
		ck_assert_uint_eq(fresh, all[i].fresh);
		ck_assert_uint_eq(old, all[i].old);
	}
}
END_TEST

#define CSTA                                                                   \
	" xmlns=\"http://www.ecma-international.org/standards/ecma-323/csta/"  \
	"ed3\"><device>201</device>"

START_TEST(a_change_of_one_feature_is_one_document)
{
	struct edge_sip_memory memory = { 0 };
	struct lamp lamp = idle();
	const char *type;
	ssize_t n;

	n = edge_sip_doc_features(&memory, &lamp, true, FEATURE_NONE, buf,
				  &type);
	buf[n] = '\0';
	ck_assert_str_eq(type, "multipart/mixed;boundary=twind-feature");
	ck_assert(strstr(buf, "forwardNoAns"));
	ck_assert_str_eq(buf + n - 19, "--twind-feature--\r\n");

	lamp.features.dnd = true;
	whole(edge_sip_doc_features(&memory, &lamp, false, FEATURE_NONE, buf,
				    &type));
	ck_assert_ptr_null(type);
	ck_assert_str_eq(buf, HEAD "<DoNotDisturbEvent" CSTA
				   "<doNotDisturbOn>true</doNotDisturbOn>"
				   "</DoNotDisturbEvent>\n");
	strcpy(lamp.features.forward[FEATURE_FORWARD_BUSY], "300");
	whole(edge_sip_doc_features(&memory, &lamp, false, FEATURE_NONE, buf,
				    &type));
	ck_assert_str_eq(buf,
			 HEAD "<ForwardingEvent" CSTA
			      "<forwardingType>forwardBusy</forwardingType>"
			      "<forwardStatus>true</forwardStatus>"
			      "<forwardTo>300</forwardTo></ForwardingEvent>\n");
	/* What was asked for is confirmed even if it was so before. */
	whole(edge_sip_doc_features(&memory, &lamp, false, FEATURE_DND, buf,
				    &type));
	ck_assert(strstr(buf, "<doNotDisturbOn>true"));
}
END_TEST

START_TEST(keys_are_understood)
{
	struct feature_wish wish;

	ck_assert_int_eq(
		edge_sip_feature_read(
			&wish, span_of("<?xml version=\"1.0\"?>\n"
				       "<SetDoNotDisturb xmlns=\"x\"><device/>"
				       "<doNotDisturbOn> true </doNotDisturbOn>"
				       "</SetDoNotDisturb>")),
		0);
	ck_assert_int_eq(wish.feature, FEATURE_DND);
	ck_assert(wish.on);
	ck_assert_int_eq(
		edge_sip_feature_read(
			&wish,
			span_of("<c:SetForwarding><c:device>201</c:device>"
				"<c:forwardDN>sip:300@example.test</"
				"c:forwardDN>"
				"<c:forwardingType>forwardNoAns"
				"</c:forwardingType>"
				"<c:activateForward>1</c:activateForward>"
				"<c:ringCount>3</c:ringCount>"
				"</c:SetForwarding>")),
		0);
	ck_assert_int_eq(wish.feature, FEATURE_FORWARD_NO_ANSWER);
	ck_assert(wish.on);
	ck_assert_str_eq(wish.number, "300");
}
END_TEST

START_TEST(what_is_no_key_is_refused)
{
	static const char *const bad[] = {
		"",
		"dnd=on",
		"<SetDoNotDisturb>",
		"<SetDoNotDisturb/>",
		"<SetDoNotDisturb><doNotDisturbOn>maybe</doNotDisturbOn>"
		"</SetDoNotDisturb>",
		"<SetDoNotDisturb><doNotDisturbOn>true</doNotDisturbOn>"
		"<doNotDisturbOn>false</doNotDisturbOn></SetDoNotDisturb>",
		"<GetForwarding/>",
		"<SetForwarding><activateForward>true</activateForward>"
		"</SetForwarding>",
		"<SetForwarding><forwardingType>forwardBusy</forwardingType>"
		"<activateForward>true</activateForward><forwardDN>"
		"12345678901234567890123456789012</forwardDN></SetForwarding>",
	};
	struct feature_wish wish;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_int_eq(edge_sip_feature_read(&wish, span_of(bad[i])),
				 -EBADMSG);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("edge_sip_doc");
	TCase *t = tcase_create("edge_sip_doc");
	SRunner *runner;
	int failed;

	tcase_add_test(t, a_call_begins_and_ends_in_partial_documents);
	tcase_add_test(t, a_full_document_leaves_no_lamp_burning);
	tcase_add_test(t, a_dialog_never_goes_back_to_early);
	tcase_add_test(t, do_not_disturb_is_a_steady_lamp);
	tcase_add_test(t, the_largest_lamp_fits);
	tcase_add_test(t, presence_is_for_people);
	tcase_add_test(t, messages_are_three_lines);
	tcase_add_test(t, a_mailbox_is_understood);
	tcase_add_test(t, a_change_of_one_feature_is_one_document);
	tcase_add_test(t, keys_are_understood);
	tcase_add_test(t, what_is_no_key_is_refused);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
