/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_core_parts.c - the small tools the core is made with */
#include <check.h>
#include <stdlib.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "cause.h"
#include "deadline.h"
#include "field.h"
#include "idtab.h"

static char order[8];

static void fires(struct deadline *deadline)
{
	order[strlen(order)] = 'a' + (deadline->at_ms % 10);
}

START_TEST(deadlines_come_by_time_and_then_by_age)
{
	struct deadlines all;
	struct deadline d[4] = { 0 };

	memset(order, 0, sizeof(order));
	deadlines_init(&all);
	ck_assert_int_eq(deadlines_next_ms(&all), INT64_MAX);
	deadline_set(&all, &d[0], 20, fires); /* a */
	deadline_set(&all, &d[1], 11, fires); /* b */
	deadline_set(&all, &d[2], 12, fires); /* c */
	deadline_set(&all, &d[3], 13, fires);
	deadline_clear(&d[3]);
	deadline_clear(&d[3]);
	ck_assert_int_eq(deadlines_next_ms(&all), 11);
	deadlines_run(&all, 12);
	ck_assert_str_eq(order, "bc");
	deadline_set(&all, &d[0], 30, fires);
	deadlines_run(&all, 29);
	ck_assert_str_eq(order, "bc");
	deadlines_run(&all, 30);
	ck_assert_str_eq(order, "bca");
}
END_TEST

START_TEST(of_one_moment_the_older_promise_comes_first)
{
	struct deadlines all;
	struct deadline d[3] = { 0 };
	int i;

	deadlines_init(&all);
	for (i = 0; i < 3; i++)
		deadline_set(&all, &d[i], 5, fires);
	ck_assert_ptr_eq(all.list.next, &d[0].entry);
	ck_assert_ptr_eq(all.list.prev, &d[2].entry);
}
END_TEST

START_TEST(a_table_of_ids_finds_what_it_holds_and_grows)
{
	struct idtab tab;
	struct idtab_entry entries[1000], *entry = NULL;
	void *ctx = talloc_new(NULL);
	size_t i, n = 0;

	idtab_init(&tab, ctx);
	for (i = 0; i < 1000; i++)
		idtab_add(&tab, &entries[i], i * 7 + 1);
	for (i = 0; i < 1000; i += 2)
		idtab_del(&tab, &entries[i]);
	for (i = 0; i < 1000; i++)
		ck_assert_ptr_eq(idtab_find(&tab, i * 7 + 1),
				 i % 2 ? &entries[i] : NULL);
	ck_assert_ptr_null(idtab_find(&tab, 3));
	while ((entry = idtab_next(&tab, entry)))
		n++;
	ck_assert_uint_eq(n, 500);
	talloc_free(ctx);
}
END_TEST

START_TEST(every_cause_has_a_word_and_a_final_status)
{
	enum cause cause;

	for (cause = CAUSE_NORMAL; cause < _NUM_CAUSE; cause++) {
		ck_assert_ptr_nonnull(cause_name(cause));
		ck_assert_uint_ge(cause_sip_status(cause), 300);
		ck_assert_uint_le(cause_sip_status(cause), 699);
		ck_assert_uint_ne(cause_q850(cause), 0);
	}
	ck_assert_uint_eq(cause_sip_status(CAUSE_UNALLOCATED), 404);
	ck_assert_uint_eq(cause_q850(CAUSE_UNALLOCATED), 1);
	ck_assert_uint_eq(cause_q850(CAUSE_ANSWERED_ELSEWHERE), 26);
}
END_TEST

START_TEST(a_far_ends_status_has_a_cause)
{
	ck_assert_int_eq(cause_of_sip_status(486), CAUSE_BUSY);
	ck_assert_int_eq(cause_of_sip_status(600), CAUSE_BUSY);
	ck_assert_int_eq(cause_of_sip_status(603), CAUSE_REJECTED);
	ck_assert_int_eq(cause_of_sip_status(482), CAUSE_LOOP);
	ck_assert_int_eq(cause_of_sip_status(483), CAUSE_LOOP);
	ck_assert_int_eq(cause_of_sip_status(500), CAUSE_FAILED);
	ck_assert_int_eq(cause_of_sip_status(699), CAUSE_FAILED);
}
END_TEST

START_TEST(a_number_is_one_to_thirty_one_digits)
{
	ck_assert(field_is_number(span_of("1")));
	ck_assert(field_is_number(span_of("1234567890123456789012345678901")));
	ck_assert(
		!field_is_number(span_of("12345678901234567890123456789012")));
	ck_assert(!field_is_number(span_of("")));
	ck_assert(!field_is_number(span_of("+49")));
	ck_assert(!field_is_number(span_of("20a")));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core parts");
	TCase *tcase = tcase_create("parts");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, deadlines_come_by_time_and_then_by_age);
	tcase_add_test(tcase, of_one_moment_the_older_promise_comes_first);
	tcase_add_test(tcase, a_table_of_ids_finds_what_it_holds_and_grows);
	tcase_add_test(tcase, every_cause_has_a_word_and_a_final_status);
	tcase_add_test(tcase, a_far_ends_status_has_a_cause);
	tcase_add_test(tcase, a_number_is_one_to_thirty_one_digits);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
