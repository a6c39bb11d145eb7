/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The jitter buffer's two rules, and its bounds.  Packets are 20 ms.
 */
#include "jitter.h"

#include <check.h>
#include <stdlib.h>
#include <talloc.h>

#define TICKS 160
#define BEGIN 0xffffff00u /* wraps around soon */

static struct jitter *jitter;

static void setup(void)
{
	jitter = jitter_new(NULL, 20, 200);
}

static void teardown(void)
{
	ck_assert_uint_le(talloc_total_blocks(jitter), JITTER_SLOTS + 2);
	jitter_free(jitter);
}

/* The packet of number @n; its one byte says which. */
static void put(unsigned int n)
{
	uint8_t byte = n;

	jitter_put(jitter, BEGIN + n * TICKS, TICKS, &byte, 1);
}

#define EMPTY -1
#define GAP -2

static int get(void)
{
	struct jitter_sound sound;

	jitter_get(jitter, TICKS, &sound);
	ck_assert_uint_le(sound.ticks, TICKS);
	switch (sound.verdict) {
	case JITTER_PACKET:
		ck_assert_uint_eq(sound.len, 1);
		return sound.data[0];
	case JITTER_GAP:
		return GAP;
	case JITTER_EMPTY:
		break;
	}
	return EMPTY;
}

/* Two packets, and the first of them played. */
static void begin(void)
{
	put(0);
	put(1);
	ck_assert_int_eq(get(), 0);
}

START_TEST(a_stream_begins_when_there_is_a_reserve)
{
	ck_assert_int_eq(get(), EMPTY);
	put(0);
	ck_assert_int_eq(get(), EMPTY);
	put(1);
	ck_assert_int_eq(get(), 0);
	put(2);
	ck_assert_int_eq(get(), 1);
	ck_assert_int_eq(get(), 2);
}
END_TEST

START_TEST(a_lonely_packet_is_not_kept_forever)
{
	put(0);
	ck_assert_int_eq(get(), EMPTY);
	ck_assert_int_eq(get(), EMPTY);
	ck_assert_int_eq(get(), 0);
}
END_TEST

START_TEST(swapped_packets_are_put_right)
{
	put(1);
	put(0);
	put(3);
	put(2);
	ck_assert_int_eq(get(), 0);
	ck_assert_int_eq(get(), 1);
	ck_assert_int_eq(get(), 2);
	ck_assert_int_eq(get(), 3);
}
END_TEST

START_TEST(a_lost_packet_is_a_gap_of_its_length)
{
	begin();
	put(3);
	ck_assert_int_eq(get(), 1);
	ck_assert_int_eq(get(), GAP);
	ck_assert_int_eq(get(), 3);
}
END_TEST

START_TEST(a_late_packet_is_waited_for_and_played)
{
	begin();
	ck_assert_int_eq(get(), 1);
	ck_assert_int_eq(get(), EMPTY);
	put(2);
	ck_assert_int_eq(get(), 2);
	put(3);
	ck_assert_int_eq(get(), 3);
}
END_TEST

START_TEST(time_filled_already_is_not_filled_again)
{
	begin();
	ck_assert_int_eq(get(), 1);
	ck_assert_int_eq(get(), EMPTY); /* in the place of 2, which is lost */
	put(3);
	ck_assert_int_eq(get(), 3);
}
END_TEST

START_TEST(what_comes_after_its_time_or_twice_is_counted_and_dropped)
{
	struct jitter_counts counts;

	begin();
	put(1);
	put(0);
	ck_assert_int_eq(get(), 1);
	ck_assert_int_eq(get(), EMPTY);
	jitter_counts(jitter, &counts);
	ck_assert_uint_eq(counts.late, 2);
}
END_TEST

START_TEST(after_a_long_silence_a_new_stream_begins)
{
	int i;

	begin();
	ck_assert_int_eq(get(), 1);
	for (i = 0; i < 20; i++)
		ck_assert_int_eq(get(), EMPTY);
	put(50);
	ck_assert_int_eq(get(), EMPTY);
	put(51);
	ck_assert_int_eq(get(), 50);
	ck_assert_int_eq(get(), 51);
}
END_TEST

START_TEST(a_jump_of_the_timestamp_begins_a_new_stream)
{
	begin();
	put(200);
	put(201);
	ck_assert_int_eq(get(), 200);
	ck_assert_int_eq(get(), 201);
}
END_TEST

START_TEST(a_clock_set_back_a_little_is_followed_in_the_end)
{
	unsigned int i;
	int last = EMPTY;

	put(40);
	put(41);
	ck_assert_int_eq(get(), 40);
	for (i = 0; i < 20; i++) {
		put(i);
		last = get();
	}
	ck_assert_int_ge(last, 15);
}
END_TEST

START_TEST(it_never_holds_more_than_its_bounds)
{
	struct jitter_counts counts;
	unsigned int i;

	begin();
	for (i = 2; i < 60; i++)
		put(i);
	ck_assert_uint_le(jitter_depth(jitter), 200 * 8);
	ck_assert_int_eq(get(), 50);
	jitter_counts(jitter, &counts);
	ck_assert_uint_eq(counts.skipped, 49 * TICKS);
}
END_TEST

START_TEST(tiny_packets_do_not_fill_more_than_the_slots)
{
	uint8_t byte = 0;
	uint32_t i;

	for (i = 0; i < 1000; i++)
		jitter_put(jitter, i, 1, &byte, 1);
	ck_assert_uint_le(jitter_depth(jitter), JITTER_SLOTS);
}
END_TEST

START_TEST(packets_that_overlap_are_played_and_time_goes_on)
{
	uint8_t byte = 7;
	int i;

	for (i = 0; i < 10; i++)
		jitter_put(jitter, BEGIN + i * 10, TICKS, &byte, 1);
	for (i = 0; i < 12; i++)
		(void)get();
	ck_assert_uint_eq(jitter_depth(jitter), 0);
}
END_TEST

START_TEST(delay_that_nobody_needs_for_two_seconds_is_surplus)
{
	unsigned int i;

	/* Eight packets always lie there. */
	for (i = 0; i < 8; i++)
		put(i);
	for (; i < 8 + 99; i++) {
		(void)get();
		put(i);
	}
	ck_assert_uint_eq(jitter_surplus(jitter), 0);
	(void)get();
	put(i++);
	(void)get();
	ck_assert_uint_eq(jitter_surplus(jitter), 6 * TICKS);
	jitter_skipped(jitter, 5 * TICKS);
	ck_assert_uint_eq(jitter_surplus(jitter), TICKS);
	jitter_skipped(jitter, 5 * TICKS);
	ck_assert_uint_eq(jitter_surplus(jitter), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("jitter");
	TCase *tc = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_stream_begins_when_there_is_a_reserve);
	tcase_add_test(tc, a_lonely_packet_is_not_kept_forever);
	tcase_add_test(tc, swapped_packets_are_put_right);
	tcase_add_test(tc, a_lost_packet_is_a_gap_of_its_length);
	tcase_add_test(tc, a_late_packet_is_waited_for_and_played);
	tcase_add_test(tc, time_filled_already_is_not_filled_again);
	tcase_add_test(
		tc, what_comes_after_its_time_or_twice_is_counted_and_dropped);
	tcase_add_test(tc, after_a_long_silence_a_new_stream_begins);
	tcase_add_test(tc, a_jump_of_the_timestamp_begins_a_new_stream);
	tcase_add_test(tc, a_clock_set_back_a_little_is_followed_in_the_end);
	tcase_add_test(tc, it_never_holds_more_than_its_bounds);
	tcase_add_test(tc, tiny_packets_do_not_fill_more_than_the_slots);
	tcase_add_test(tc, packets_that_overlap_are_played_and_time_goes_on);
	tcase_add_test(tc, delay_that_nobody_needs_for_two_seconds_is_surplus);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
