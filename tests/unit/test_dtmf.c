/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys as telephone-events, packet by packet (RFC 4733).
 */
#include "dtmf.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One turn of 20 ms; the duration, negative for the end, 0 for a pause. */
static int turn(struct dtmf_tx *tx, uint32_t timestamp, int *ret_marker)
{
	struct dtmf_packet packet;
	int duration;

	if (!dtmf_next(tx, timestamp, &packet))
		return 0;
	ck_assert_uint_eq(packet.timestamp, 1000); /* where the key began */
	ck_assert_uint_eq(packet.payload[0], 11);
	*ret_marker += packet.marker;
	duration = packet.payload[2] << 8 | packet.payload[3];
	return packet.payload[1] & 0x80 ? -duration : duration;
}

START_TEST(a_key_grows_ends_three_times_and_pauses)
{
	static const int expected[] = {
		160, 320, 480, -480, -480, -480, 0, 0, 0
	};
	struct dtmf_tx tx = { 0 };
	int markers = 0;
	size_t i;

	ck_assert_int_eq(dtmf_press(&tx, '#', 60), 0);
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		ck_assert(dtmf_busy(&tx));
		ck_assert_int_eq(turn(&tx, 1000 + i * 160, &markers),
				 expected[i]);
		ck_assert_int_eq(markers, 1); /* the first packet's */
	}
	ck_assert(!dtmf_busy(&tx));
}
END_TEST

START_TEST(a_press_has_its_limits)
{
	struct dtmf_tx tx = { 0 };
	int i, markers = 0;

	ck_assert_int_eq(dtmf_press(&tx, 'x', 100), -EINVAL);
	ck_assert_int_eq(dtmf_press(&tx, '\0', 100), -EINVAL);
	ck_assert(!dtmf_busy(&tx));
	for (i = 0; i < DTMF_QUEUE_MAX; i++)
		ck_assert_int_eq(dtmf_press(&tx, '#', i ? 0 : 1000000), 0);
	ck_assert_int_eq(dtmf_press(&tx, '#', 100), -ENOSPC);
	for (i = 0; i < 249; i++)
		(void)turn(&tx, 1000, &markers);
	ck_assert_int_eq(turn(&tx, 1000, &markers), 5000 * 8);
	ck_assert_int_eq(turn(&tx, 1000, &markers), -5000 * 8);
}
END_TEST

struct heard {
	uint32_t timestamp;
	uint8_t payload[4];
	const char *told; /* the keys told so far */
};

static void hear_all(const struct heard *heard, size_t n)
{
	struct dtmf_rx rx = { 0 };
	struct dtmf_key key;
	char told[16] = "";
	size_t i;

	for (i = 0; i < n; i++) {
		if (dtmf_rx(&rx, i * 20, heard[i].timestamp, heard[i].payload,
			    4, &key))
			strncat(told, &key.digit, 1);
		ck_assert_str_eq(told, heard[i].told);
	}
}

#define HEAR(...)                                                              \
	do {                                                                   \
		static const struct heard heard[] = { __VA_ARGS__ };           \
		hear_all(heard, sizeof(heard) / sizeof(heard[0]));             \
	} while (0)

START_TEST(a_key_is_told_once_when_it_ends)
{
	HEAR({ 100, { 5, 10, 0, 160 }, "" }, { 100, { 5, 10, 1, 64 }, "" },
	     { 100, { 5, 0x8a, 1, 224 }, "5" },
	     { 100, { 5, 0x8a, 1, 224 }, "5" },
	     { 100, { 5, 0x8a, 1, 224 }, "5" });
}
END_TEST

START_TEST(the_same_key_twice_is_two_keys)
{
	HEAR({ 100, { 5, 0x8a, 1, 224 }, "5" }, { 900, { 5, 10, 0, 160 }, "5" },
	     { 900, { 5, 0x8a, 1, 224 }, "55" });
}
END_TEST

START_TEST(the_next_key_ends_one_whose_end_was_lost)
{
	HEAR({ 100, { 1, 10, 0, 160 }, "" }, { 900, { 2, 10, 0, 160 }, "1" },
	     { 900, { 2, 0x8a, 1, 224 }, "12" });
}
END_TEST

START_TEST(a_packet_of_an_earlier_key_is_late)
{
	HEAR({ 900, { 2, 10, 0, 160 }, "" }, { 100, { 1, 0x8a, 0, 160 }, "" },
	     { 900, { 2, 0x8a, 1, 224 }, "2" });
}
END_TEST

START_TEST(what_is_no_key_is_not_told)
{
	HEAR({ 100, { 16, 0x8a, 1, 224 }, "" },
	     { 200, { 255, 0x8a, 1, 224 }, "" });
}
END_TEST

START_TEST(a_key_that_nobody_ends_ends_after_a_while)
{
	static const uint8_t payload[] = { 10, 10, 3, 32 };
	struct dtmf_rx rx = { 0 };
	struct dtmf_key key;

	ck_assert(!dtmf_rx(&rx, 1000, 77, payload, 3, &key));
	ck_assert(!dtmf_rx(&rx, 1000, 77, payload, 4, &key));
	ck_assert(!dtmf_rx_tick(&rx, 1199, &key));
	ck_assert(dtmf_rx_tick(&rx, 1200, &key));
	ck_assert_int_eq(key.digit, '*');
	ck_assert_uint_eq(key.ms, 100);
	ck_assert(!dtmf_rx_tick(&rx, 9999, &key));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dtmf");
	TCase *tc = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, a_key_grows_ends_three_times_and_pauses);
	tcase_add_test(tc, a_press_has_its_limits);
	tcase_add_test(tc, a_key_is_told_once_when_it_ends);
	tcase_add_test(tc, the_same_key_twice_is_two_keys);
	tcase_add_test(tc, the_next_key_ends_one_whose_end_was_lost);
	tcase_add_test(tc, a_packet_of_an_earlier_key_is_late);
	tcase_add_test(tc, what_is_no_key_is_not_told);
	tcase_add_test(tc, a_key_that_nobody_ends_ends_after_a_while);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
