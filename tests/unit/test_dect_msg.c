/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_dect_msg.c - the network layer's bytes, and identities */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "dect_id.h"
#include "dect_ie.h"

/* ---- elements: what is put, and the bytes it becomes ---- */

static void portable(struct dect_writer *w)
{
	dect_put_portable_identity(w, 0x0000C00089);
}

static void fixed(struct dect_writer *w)
{
	dect_put_fixed_identity(w, (const uint8_t[]){ 1, 2, 3, 4, 5 });
}

static void auth_ac(struct dect_writer *w)
{
	dect_put_auth_type(w, DECT_KEY_AC);
}

static void auth_uak(struct dect_writer *w)
{
	dect_put_auth_type(w, DECT_KEY_UAK);
}

static void allocation(struct dect_writer *w)
{
	dect_put_allocation_type(w);
}

static void res(struct dect_writer *w)
{
	dect_put(w, DECT_IE_RES, "\x01\x02\x03\x04", 4);
}

static void service(struct dect_writer *w)
{
	dect_put_double(w, DECT_IE_BASIC_SERVICE,
			DECT_CLASS_NORMAL << 4 | DECT_SPEECH);
}

static void signal(struct dect_writer *w)
{
	dect_put_double(w, DECT_IE_SIGNAL, 0x41);
}

static void complete(struct dect_writer *w)
{
	dect_put_single(w, DECT_IE_SENDING_COMPLETE);
}

static void calling(struct dect_writer *w)
{
	dect_put_calling_number(w, "202", DECT_SHOWN);
}

static void withheld(struct dect_writer *w)
{
	dect_put_calling_number(w, "", DECT_RESTRICTED);
}

static void name(struct dect_writer *w)
{
	dect_put_calling_name(w, "Bob", DECT_SHOWN);
}

static void called(struct dect_writer *w)
{
	dect_put_called_number(w, "31");
}

static void keypad(struct dect_writer *w)
{
	dect_put_keypad(w, "\x1C\x41", 2);
}

static void display(struct dect_writer *w)
{
	dect_put_display(w, "Hi");
}

static void release(struct dect_writer *w)
{
	dect_put_double(w, DECT_IE_RELEASE_REASON, DECT_REL_USER_BUSY);
}

static void reject(struct dect_writer *w)
{
	dect_put_reject_reason(w, DECT_REJECT_AUTH_FAILED);
}

static void wideband(struct dect_writer *w)
{
	dect_put_codecs(w, true);
}

static void narrowband(struct dect_writer *w)
{
	dect_put_codecs(w, false);
}

static void model(struct dect_writer *w)
{
	dect_put_model(w, &(struct dect_model){ .emc = 0x02C0, .model = 7 });
}

static void two_messages(struct dect_writer *w)
{
	dect_put_events(w, &(struct dect_notice){ DECT_EVENT_MESSAGES, 1, 2 },
			1);
}

static void one_missed(struct dect_writer *w)
{
	dect_put_events(w, &(struct dect_notice){ DECT_EVENT_MISSED, 1, 1 }, 1);
}

static void many_missed(struct dect_writer *w)
{
	dect_put_events(w, &(struct dect_notice){ DECT_EVENT_MISSED, 2, 300 },
			1);
}

static void held(struct dect_writer *w)
{
	dect_put_call_status(w, 2, DECT_STATUS_HOLD);
}

static void new_year(struct dect_writer *w)
{
	/* 2026-12-31 23:59:58 UTC is next year in Paris. */
	dect_put_time(w, 1798761598, 4);
}

static void newfoundland(struct dect_writer *w)
{
	dect_put_time(w, 1798761598, -14);
}

static void own(struct dect_writer *w)
{
	struct dect_own own = { .n = 0 };

	dect_own_add(&own, DECT_OWN_WHY, "\x02", 1);
	dect_put_own(w, &own);
}

#define BYTES(...) { __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })

static const struct {
	void (*put)(struct dect_writer *w);
	uint8_t bytes[32];
	size_t n;
} elements[] = {
	{ portable, BYTES(0x05, 7, 0x80, 0xA8, 0x00, 0x00, 0xC0, 0x00, 0x89) },
	{ fixed, BYTES(0x06, 7, 0xA0, 0xA5, 1, 2, 3, 4, 5) },
	{ auth_ac, BYTES(0x0A, 3, 0x01, 0x48, 0x00) },
	{ auth_uak, BYTES(0x0A, 3, 0x01, 0x18, 0x18) },
	{ allocation, BYTES(0x0B, 2, 0x01, 0x88) },
	{ res, BYTES(0x0D, 4, 1, 2, 3, 4) },
	{ service, BYTES(0xE0, 0x80) },
	{ signal, BYTES(0xE4, 0x41) },
	{ complete, BYTES(0xA1) },
	{ calling, BYTES(0x6C, 5, 0x09, 0x83, '2', '0', '2') },
	{ withheld, BYTES(0x6C, 2, 0x09, 0xA3) },
	{ name, BYTES(0x6D, 4, 0x05, 'B', 'o', 'b') },
	{ called, BYTES(0x70, 3, 0x80, '3', '1') },
	{ keypad, BYTES(0x2C, 2, 0x1C, 0x41) },
	{ display, BYTES(0x28, 3, 0x0C, 'H', 'i') },
	{ release, BYTES(0xE2, 0x14) },
	{ reject, BYTES(0x60, 1, 0x10) },
	{ wideband, BYTES(0x7C, 7, 0x90, 3, 0, 1, 2, 0, 0x84) },
	{ narrowband, BYTES(0x7C, 4, 0x90, 2, 0, 0x84) },
	{ model, BYTES(0x78, 3, 0x02, 0xC0, 7) },
	{ two_messages, BYTES(0x7D, 3, 0x00, 0x81, 0x82) },
	{ one_missed, BYTES(0x7D, 3, 0x01, 0x81, 0x81) },
	{ many_missed, BYTES(0x7D, 4, 0x01, 0x82, 0x02, 0xAC) },
	{ held, BYTES(0x7E, 6, 0x01, 0x00, 0x82, 0x02, 0x01, 0x89) },
	{ new_year,
	  BYTES(0x23, 8, 0xC0, 0x27, 0x01, 0x01, 0x00, 0x59, 0x58, 0x04) },
	{ newfoundland,
	  BYTES(0x23, 8, 0xC0, 0x26, 0x12, 0x31, 0x20, 0x29, 0x58, 0x94) },
	{ own, BYTES(0x7B, 6, 0x81, 0x54, 0x57, 1, 1, 2) },
};

START_TEST(every_element_is_the_bytes_of_the_standard)
{
	struct dect_writer w;

	dect_begin(&w, DECT_CC, 0, false, DECT_CC_INFO);
	elements[_i].put(&w);
	ck_assert(!w.bad);
	ck_assert_uint_eq(w.len, 2 + elements[_i].n);
	ck_assert_mem_eq(w.buf + 2, elements[_i].bytes, elements[_i].n);
}
END_TEST

static const struct {
	uint8_t pd, tv;
	bool reply;
	uint8_t type;
	uint8_t bytes[2];
} headers[] = {
	{ DECT_CC, 0, false, DECT_CC_SETUP, { 0x03, 0x05 } },
	{ DECT_CC, 0, true, DECT_CC_ALERTING, { 0x83, 0x01 } },
	{ DECT_CC, 1, true, DECT_CC_CONNECT, { 0x93, 0x07 } },
	{ DECT_CC, 6, false, DECT_CC_RELEASE, { 0x63, 0x4D } },
	{ DECT_CC, 6, true, DECT_CC_RELEASE_COM, { 0xE3, 0x5A } },
	{ DECT_MM, 0, false, DECT_MM_ACCESS_RIGHTS_REQUEST, { 0x05, 0x44 } },
	{ DECT_MM, 0, true, DECT_MM_LOCATE_ACCEPT, { 0x85, 0x55 } },
	{ DECT_CISS, 6, false, DECT_CISS_FACILITY, { 0x64, 0x62 } },
	{ DECT_LCE, 0, true, DECT_LCE_PAGE_RESPONSE, { 0x80, 0x71 } },
};

START_TEST(every_header_is_two_octets_and_back)
{
	struct dect_writer w;
	struct dect_msg msg;

	dect_begin(&w, headers[_i].pd, headers[_i].tv, headers[_i].reply,
		   headers[_i].type);
	ck_assert_uint_eq(w.len, 2);
	ck_assert_mem_eq(w.buf, headers[_i].bytes, 2);
	ck_assert_int_eq(dect_msg_parse(&msg, w.buf, w.len), 0);
	ck_assert_uint_eq(msg.pd, headers[_i].pd);
	ck_assert_uint_eq(msg.tv, headers[_i].tv);
	ck_assert(msg.reply == headers[_i].reply);
	ck_assert_uint_eq(msg.type, headers[_i].type);
	ck_assert_str_ne(dect_msg_name(msg.pd, msg.type), "?");
}
END_TEST

static void all_elements(struct dect_writer *w)
{
	dect_begin(w, DECT_CC, 2, true, DECT_CC_SETUP);
	for (size_t i = 0; i < ARRAY_SIZE(elements); i++)
		elements[i].put(w);
	ck_assert(!w->bad);
}

START_TEST(what_was_put_is_read_back)
{
	struct dect_notice notices[4];
	struct dect_number number;
	struct dect_model model_back;
	struct dect_writer w;
	struct dect_name name_back;
	struct dect_msg msg;
	enum dect_key key;
	uint8_t bytes[8];
	char keys[8];
	uint64_t ipui;
	int64_t unix_s;
	uint8_t status;
	bool wide;
	size_t n;
	int zone;

	all_elements(&w);
	ck_assert_int_eq(dect_msg_parse(&msg, w.buf, w.len), 0);
	ck_assert_uint_eq(msg.n, ARRAY_SIZE(elements));

#define IE(id) dect_msg_find(&msg, DECT_IE_##id)
	ck_assert_int_eq(
		dect_get_portable_identity(IE(PORTABLE_IDENTITY), &ipui), 0);
	ck_assert_uint_eq(ipui, 0x0000C00089);
	ck_assert_int_eq(dect_get_fixed_identity(IE(FIXED_IDENTITY), bytes), 0);
	ck_assert_uint_eq(dect_get40(bytes), 0x0102030405);
	ck_assert_int_eq(dect_get_auth_type(IE(AUTH_TYPE), &key), 0);
	ck_assert_int_eq(key, DECT_KEY_AC);
	ck_assert_int_eq(dect_get_allocation_type(IE(ALLOCATION_TYPE)), 0);
	ck_assert_int_eq(dect_get_fixed(IE(RES), bytes, 4), 0);
	ck_assert_int_eq(dect_get_fixed(IE(RES), bytes, 5), -EPROTO);
	ck_assert_int_eq(dect_get_fixed(IE(RAND), bytes, 8), -ENOENT);
	ck_assert_int_eq(dect_get_calling_number(IE(CALLING_NUMBER), &number),
			 0);
	ck_assert_uint_eq(number.n, 3);
	ck_assert_uint_eq(number.plan, DECT_PLAN_PRIVATE);
	ck_assert_uint_eq(number.screening, DECT_SCREEN_NETWORK);
	ck_assert_int_eq(dect_get_calling_name(IE(CALLING_NAME), &name_back),
			 0);
	ck_assert_uint_eq(name_back.alphabet, DECT_ALPHABET_UTF8);
	ck_assert_mem_eq(name_back.text, "Bob", 3);
	ck_assert_int_eq(dect_get_called_number(IE(CALLED_NUMBER), &number), 0);
	ck_assert_mem_eq(number.digits, "31", 2);
	ck_assert_uint_eq(dect_get_keypad(&msg, keys, sizeof(keys)), 2);
	ck_assert_int_eq(dect_get_codecs(IE(CODEC_LIST), &wide), 0);
	ck_assert(wide);
	ck_assert_int_eq(dect_get_model(IE(MODEL), &model_back), 0);
	ck_assert_uint_eq(model_back.emc, 0x02C0);
	ck_assert_int_eq(dect_get_events(IE(EVENTS), notices, 4), 1);
	ck_assert_uint_eq(notices[0].count, 2);
	ck_assert_int_eq(dect_get_call_status(IE(CALL_INFORMATION), &status),
			 0);
	ck_assert_uint_eq(status, DECT_STATUS_HOLD);
	ck_assert_int_eq(dect_get_time(IE(TIME_DATE), &unix_s, &zone), 0);
	ck_assert_int_eq(unix_s, 1798761598);
	ck_assert_int_eq(zone, 4);
	ck_assert_ptr_nonnull(dect_find_own(&msg, DECT_OWN_WHY, &n));
	ck_assert_uint_eq(n, 1);
	ck_assert_ptr_null(dect_find_own(&msg, DECT_OWN_NAME, &n));
}
END_TEST

/* Every reader, on whatever the message holds. */
static void read_all(const struct dect_msg *msg)
{
	struct dect_notice notices[4];
	struct dect_number number;
	struct dect_model model_back;
	struct dect_name name_back;
	enum dect_key key;
	uint8_t bytes[16];
	uint64_t ipui;
	int64_t unix_s;
	uint8_t octet;
	size_t n;
	bool wide;
	int zone;

	for (size_t i = 0; i < msg->n; i++) {
		const struct dect_ie *ie = &msg->ie[i];

		dect_get_portable_identity(ie, &ipui);
		dect_get_fixed_identity(ie, bytes);
		dect_get_auth_type(ie, &key);
		dect_get_allocation_type(ie);
		dect_get_fixed(ie, bytes, 8);
		dect_get_octet(ie, &octet);
		dect_get_calling_number(ie, &number);
		dect_get_called_number(ie, &number);
		dect_get_calling_name(ie, &name_back);
		dect_get_codecs(ie, &wide);
		dect_get_model(ie, &model_back);
		dect_get_events(ie, notices, 4);
		dect_get_call_status(ie, &octet);
		dect_get_time(ie, &unix_s, &zone);
	}
	dect_find_own(msg, DECT_OWN_NAME, &n);
}

START_TEST(a_message_cut_short_at_any_length_is_refused_or_whole)
{
	struct dect_writer w;
	struct dect_msg msg;
	size_t wholes = 0;

	all_elements(&w);
	for (size_t len = 0; len < w.len; len++) {
		/* On the heap, so that a step too far is seen. */
		uint8_t *bytes = malloc(len ? len : 1);

		memcpy(bytes, w.buf, len);
		if (dect_msg_parse(&msg, bytes, len) == 0) {
			wholes++;
			read_all(&msg);
		}
		free(bytes);
	}
	/* Whole again after the header and each element but the last. */
	ck_assert_uint_eq(wholes, ARRAY_SIZE(elements));
}
END_TEST

START_TEST(an_element_of_any_length_is_read_within_its_bounds)
{
	static const uint8_t ids[] = { 0x05, 0x06, 0x0A, 0x0B, 0x0C,
				       0x23, 0x60, 0x6C, 0x6D, 0x70,
				       0x78, 0x7B, 0x7C, 0x7D, 0x7E };
	static const uint8_t fill[] = { 0x00, 0x7F, 0x80, 0xFF, 0x01 };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		for (size_t n = 0; n < 20; n++) {
			uint8_t *bytes = malloc(4 + n);
			struct dect_msg msg;

			memset(bytes, fill[(i + n) % ARRAY_SIZE(fill)], 4 + n);
			bytes[0] = 0x03;
			bytes[1] = 0x7B;
			bytes[2] = ids[i];
			bytes[3] = n;
			ck_assert_int_eq(dect_msg_parse(&msg, bytes, 4 + n), 0);
			read_all(&msg);
			free(bytes);
		}
	}
}
END_TEST

START_TEST(too_many_elements_and_extended_transactions_are_refused)
{
	uint8_t bytes[2 + DECT_IES_MAX + 1] = { 0x03, 0x7B };
	struct dect_msg msg;

	memset(bytes + 2, 0xA1, sizeof(bytes) - 2);
	ck_assert_int_eq(dect_msg_parse(&msg, bytes, sizeof(bytes) - 1), 0);
	ck_assert_int_eq(dect_msg_parse(&msg, bytes, sizeof(bytes)), -EPROTO);
	bytes[0] = 0x73;
	ck_assert_int_eq(dect_msg_parse(&msg, bytes, 2), -EPROTO);
}
END_TEST

START_TEST(a_writer_that_overflows_says_so_and_stays_in_its_bounds)
{
	static const uint8_t long_text[200];
	struct dect_writer w;

	dect_begin(&w, DECT_CC, 0, false, DECT_CC_INFO);
	for (int i = 0; i < 5; i++)
		dect_put(&w, DECT_IE_MULTI_DISPLAY, long_text,
			 sizeof(long_text));
	ck_assert(w.bad);
	ck_assert_uint_le(w.len, sizeof(w.buf));
	dect_begin(&w, DECT_CC, 0, false, DECT_CC_INFO);
	dect_put_single(&w, DECT_IE_SIGNAL); /* it has two octets */
	ck_assert(w.bad);
}
END_TEST

/* ---- identities ---- */

START_TEST(an_ipei_has_a_check_digit_and_is_an_ipui)
{
	static const struct {
		const char *ipei;
		uint64_t ipui;
		const char *hex;
	} known[] = {
		{ "00012 0000137 9", 0x0000C00089, "0000C00089" },
		{ "03074 0220259 3", 0x00C0235C63, "00C0235C63" },
	};
	char buf[DECT_IPEI_TEXT];
	uint64_t ipui;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		ck_assert_str_eq(dect_ipei_print(known[i].ipui, buf),
				 known[i].ipei);
		ck_assert_str_eq(dect_ipui_print(known[i].ipui, buf),
				 known[i].hex);
		ck_assert_int_eq(dect_ipei_parse(known[i].ipei, &ipui), 0);
		ck_assert_uint_eq(ipui, known[i].ipui);
		ck_assert_int_eq(dect_ipui_parse(known[i].hex, &ipui), 0);
		ck_assert_uint_eq(ipui, known[i].ipui);
	}
	ck_assert_int_eq(dect_ipei_parse("0001200001379", &ipui), 0);
}
END_TEST

START_TEST(a_wrong_identity_is_refused)
{
	static const char *const ipei[] = {
		"00012 0000137 8",  "00012 0000137",
		"00012 00001379 9", "",
		"0001a 0000137 9",  "65536 0000000 7",
		"00000 1048576 1",  "*0012 0000137 9",
	};
	static const char *const ipui[] = {
		"",	      "C00089",	     "0000C0008G",
		"1000C00089", "0000C000891", "0x00C00089"
	};
	uint64_t value = 42;

	for (size_t i = 0; i < ARRAY_SIZE(ipei); i++)
		ck_assert_int_eq(dect_ipei_parse(ipei[i], &value), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(ipui); i++)
		ck_assert_int_eq(dect_ipui_parse(ipui[i], &value), -EINVAL);
	ck_assert_uint_eq(value, 42);
}
END_TEST

START_TEST(ipeis_all_over_the_range_survive_the_round_trip)
{
	for (uint64_t ipui = 0; ipui < UINT64_C(0x1000000000);
	     ipui += 0x3FFFFFF1) {
		char buf[DECT_IPEI_TEXT];
		uint64_t back;

		ck_assert_int_eq(
			dect_ipei_parse(dect_ipei_print(ipui, buf), &back), 0);
		ck_assert_uint_eq(back, ipui);
	}
}
END_TEST

START_TEST(a_park_is_printed_in_octal_and_checked)
{
	char buf[DECT_PARK_TEXT];
	uint64_t ari;

	dect_park_print(0x123456789, buf);
	ck_assert_int_eq(strncmp(buf, "36044321263611", 14), 0);
	ck_assert_int_eq(dect_park_parse(buf, &ari), 0);
	ck_assert_uint_eq(ari, 0x123456789);
	buf[5] = buf[5] == '1' ? '2' : '1';
	ck_assert_int_eq(dect_park_parse(buf, &ari), -EINVAL);
}
END_TEST

START_TEST(a_code_is_bcd_from_the_right)
{
	static const struct {
		const char *digits;
		uint8_t code[4];
	} known[] = {
		{ "1234", { 0xFF, 0xFF, 0x12, 0x34 } },
		{ "", { 0xFF, 0xFF, 0xFF, 0xFF } },
		{ "0", { 0xFF, 0xFF, 0xFF, 0xF0 } },
		{ "12345678", { 0x12, 0x34, 0x56, 0x78 } },
	};
	uint8_t code[4];

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		ck_assert_int_eq(dect_ac_code(known[i].digits, code), 0);
		ck_assert_mem_eq(code, known[i].code, 4);
	}
	ck_assert_int_eq(dect_ac_code("123456789", code), -EINVAL);
	ck_assert_int_eq(dect_ac_code("12a4", code), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dect_msg");
	TCase *tc = tcase_create("bytes");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tc, every_element_is_the_bytes_of_the_standard, 0,
			    ARRAY_SIZE(elements));
	tcase_add_loop_test(tc, every_header_is_two_octets_and_back, 0,
			    ARRAY_SIZE(headers));
	tcase_add_test(tc, what_was_put_is_read_back);
	tcase_add_test(tc,
		       a_message_cut_short_at_any_length_is_refused_or_whole);
	tcase_add_test(tc, an_element_of_any_length_is_read_within_its_bounds);
	tcase_add_test(tc,
		       too_many_elements_and_extended_transactions_are_refused);
	tcase_add_test(tc,
		       a_writer_that_overflows_says_so_and_stays_in_its_bounds);
	tcase_add_test(tc, an_ipei_has_a_check_digit_and_is_an_ipui);
	tcase_add_test(tc, a_wrong_identity_is_refused);
	tcase_add_test(tc, ipeis_all_over_the_range_survive_the_round_trip);
	tcase_add_test(tc, a_park_is_printed_in_octal_and_checked);
	tcase_add_test(tc, a_code_is_bcd_from_the_right);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
