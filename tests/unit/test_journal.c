/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "journal.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "scratch.h"

static struct journal *journal;

static void reopen(void)
{
	journal_close(journal);
	ck_assert_int_eq(
		journal_open(NULL, scratch_path(JOURNAL_FILE), &journal), 0);
}

static void set_up(void)
{
	scratch_make();
	journal = NULL;
	reopen();
}

static void tear_down(void)
{
	journal_close(journal);
	scratch_drop();
}

static int remember(uint64_t key, const char *text)
{
	struct iovec part = { (void *)text, strlen(text) };

	return journal_remember(journal, key, &part, 1);
}

/* "7=seven 9=nine": all that is remembered, by key. */
struct listing {
	char text[40][32];
	size_t n;
};

static void list_one(uint64_t key, const uint8_t *payload, size_t bytes,
		     void *data)
{
	struct listing *listing = data;

	snprintf(listing->text[listing->n++], sizeof(listing->text[0]),
		 "%d=%.*s", (int)key, (int)bytes, (const char *)payload);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static const char *all(void)
{
	struct listing listing = { .n = 0 };
	static char text[2048];
	size_t i;

	journal_each(journal, list_one, &listing);
	qsort(listing.text, listing.n, sizeof(listing.text[0]), by_text);
	text[0] = '\0';
	for (i = 0; i < listing.n; i++) {
		strcat(text, i ? " " : "");
		strcat(text, listing.text[i]);
	}
	return text;
}

START_TEST(what_is_remembered_is_there_until_it_is_forgotten)
{
	ck_assert_str_eq(all(), "");
	ck_assert_int_eq(remember(7, "seven"), 0);
	ck_assert_int_eq(remember(9, "nine"), 0);
	ck_assert_str_eq(all(), "7=seven 9=nine");
	journal_forget(journal, 7);
	journal_forget(journal, 7);
	journal_forget(journal, 8);
	ck_assert_str_eq(all(), "9=nine");
}
END_TEST

START_TEST(a_successor_finds_it)
{
	struct journal_counts counts;

	remember(1, "one");
	remember(2, "two");
	remember(UINT32_MAX, "");
	journal_forget(journal, 1);
	reopen();
	ck_assert_str_eq(all(), "-1= 2=two");
	journal_counts(journal, &counts);
	ck_assert_uint_eq(counts.used, 2);
	ck_assert_uint_eq(counts.torn, 0);
}
END_TEST

START_TEST(the_later_replaces_the_earlier)
{
	unsigned int i;
	char text[16];

	for (i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "%u", i);
		ck_assert_int_eq(remember(i % 2, text), 0);
	}
	ck_assert_str_eq(all(), "0=4998 1=4999");
	reopen();
	ck_assert_str_eq(all(), "0=4998 1=4999");
	remember(0, "later");
	reopen();
	ck_assert_str_eq(all(), "0=later 1=4999");
}
END_TEST

START_TEST(parts_are_put_together)
{
	struct iovec part[3] = { { "head", 4 }, { NULL, 0 }, { "body", 4 } };

	ck_assert_int_eq(journal_remember(journal, 1, part, 3), 0);
	ck_assert_str_eq(all(), "1=headbody");
}
END_TEST

START_TEST(too_much_is_refused_and_what_was_older_is_not_left)
{
	static char bytes[JOURNAL_BYTES_MAX + 1];
	struct iovec part = { bytes, JOURNAL_BYTES_MAX };
	struct journal_counts counts;

	ck_assert_int_eq(journal_remember(journal, 1, &part, 1), 0);
	reopen();
	journal_counts(journal, &counts);
	ck_assert_uint_eq(counts.used, 1);
	part.iov_len++;
	ck_assert_int_eq(journal_remember(journal, 1, &part, 1), -EMSGSIZE);
	journal_counts(journal, &counts);
	ck_assert_uint_eq(counts.used, 0);
	ck_assert_uint_eq(counts.too_long, 1);
}
END_TEST

START_TEST(a_full_journal_refuses_counts_and_still_replaces)
{
	struct journal_counts counts;
	uint64_t i;

	for (i = 0; i < JOURNAL_SLOTS; i++)
		ck_assert_int_eq(remember(i << 32, "x"), 0);
	ck_assert_int_eq(remember(1, "x"), -ENOSPC);
	ck_assert_int_eq(remember(5ULL << 32, "y"), 0);
	reopen();
	journal_counts(journal, &counts);
	ck_assert_uint_eq(counts.used, JOURNAL_SLOTS);
	ck_assert_int_eq(remember(1, "x"), -ENOSPC);
	journal_forget(journal, 77ULL << 32);
	ck_assert_int_eq(remember(1, "x"), 0);
	for (i = 0; i < JOURNAL_SLOTS; i++)
		journal_forget(journal, i << 32);
	ck_assert_str_eq(all(), "1=x");
	journal_counts(journal, &counts);
	ck_assert_uint_eq(counts.full, 1);
}
END_TEST

static void move_on(uint64_t key, const uint8_t *payload, size_t bytes,
		    void *data)
{
	unsigned int *visits = data;

	(*visits)++;
	journal_forget(journal, key);
	remember(key + 100, "again");
}

START_TEST(a_visitor_may_forget_and_remember)
{
	unsigned int visits = 0;

	remember(1, "a");
	remember(2, "b");
	remember(3, "c");
	journal_each(journal, move_on, &visits);
	ck_assert_uint_eq(visits, 3);
	ck_assert_str_eq(all(), "101=again 102=again 103=again");
}
END_TEST

/* Slots are two kilobytes; the check word comes first. */
START_TEST(a_slot_that_is_not_whole_is_not_there)
{
	struct journal_counts counts;
	uint8_t byte = 'X';
	int fd;

	remember(1, "first");
	remember(2, "second");
	remember(3, "third");
	fd = open(scratch_path(JOURNAL_FILE), O_RDWR);
	ck_assert_int_eq(pwrite(fd, &byte, 1, 2048 + 32 + _i), 1);
	close(fd);
	reopen();
	ck_assert_str_eq(all(), "1=first 3=third");
	journal_counts(journal, &counts);
	ck_assert_uint_eq(counts.torn, 1);
	reopen();
	journal_counts(journal, &counts);
	ck_assert_uint_eq(counts.torn, 0);
}
END_TEST

/* A kill between the new slot and the freeing of the old leaves both. */
START_TEST(of_two_with_one_key_the_later_counts)
{
	uint8_t old[2048];
	int fd;

	remember(1, "old");
	fd = open(scratch_path(JOURNAL_FILE), O_RDWR);
	ck_assert_int_eq(pread(fd, old, sizeof(old), 0), sizeof(old));
	remember(1, "new"); /* to the second slot */
	ck_assert_int_eq(pwrite(fd, old, sizeof(old), 0), sizeof(old));
	reopen();
	ck_assert_str_eq(all(), "1=new");
	/* And with the older one behind. */
	ck_assert_int_eq(pwrite(fd, old, sizeof(old), 7 * 2048), sizeof(old));
	close(fd);
	reopen();
	ck_assert_str_eq(all(), "1=new");
	reopen();
	ck_assert_str_eq(all(), "1=new");
}
END_TEST

START_TEST(a_file_of_any_other_kind_is_an_empty_journal)
{
	FILE *file;
	int i;

	journal_close(journal);
	journal = NULL;
	file = fopen(scratch_path(JOURNAL_FILE), "w");
	for (i = 0; i < 300000; i++)
		fprintf(file, "%d\n", i);
	fclose(file);
	reopen();
	ck_assert_str_eq(all(), "");
	ck_assert_int_eq(remember(1, "one"), 0);
	reopen();
	ck_assert_str_eq(all(), "1=one");
}
END_TEST

START_TEST(a_place_that_cannot_be_is_an_error)
{
	struct journal *none = NULL;

	ck_assert_int_eq(journal_open(NULL, scratch_path("no/such"), &none),
			 -ENOENT);
	ck_assert_int_eq(journal_open(NULL, scratch_dir, &none), -EISDIR);
	ck_assert_ptr_null(none);
}
END_TEST

/* Ten thousand legs, one after the other, need one slot. */
START_TEST(it_reserves_its_blocks_and_touches_few)
{
	char beyond[2048], zero[2048] = { 0 };
	struct stat st;
	unsigned int i;
	int fd;

	ck_assert_int_eq(stat(scratch_path(JOURNAL_FILE), &st), 0);
	ck_assert_int_eq(st.st_size, JOURNAL_SLOTS * 2048);
	ck_assert_int_ge(st.st_blocks * 512, st.st_size);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	for (i = 0; i < 10000; i++) {
		remember(i, "x");
		journal_forget(journal, i);
	}
	fd = open(scratch_path(JOURNAL_FILE), O_RDONLY);
	ck_assert_int_eq(pread(fd, beyond, 2048, 2048), 2048);
	ck_assert_mem_eq(beyond, zero, 2048);
	close(fd);
}
END_TEST

/* ---- killed ---- */

/* Each payload says its key, its turn, and a pattern of both. */
static size_t pattern(uint64_t key, uint32_t turn, uint8_t *bytes)
{
	size_t n = 16 + (key * 37 + turn * 11) % 1900;
	size_t i;

	memcpy(bytes, &key, 8);
	memcpy(&bytes[8], &turn, 4);
	for (i = 12; i < n; i++)
		bytes[i] = key + turn + i;
	return n;
}

#define KEYS 50

static void write_for_ever(void)
{
	uint8_t bytes[JOURNAL_BYTES_MAX];
	struct iovec part = { .iov_base = bytes };
	uint32_t turn;
	uint64_t key;

	for (turn = 0;; turn++) {
		key = 1 + turn * 7 % KEYS;
		part.iov_len = pattern(key, turn, bytes);
		journal_remember(journal, key, &part, 1);
		if (turn % 5 == 0)
			journal_forget(journal, 1 + turn * 3 % KEYS);
	}
}

static void check_whole(uint64_t key, const uint8_t *payload, size_t bytes,
			void *data)
{
	uint8_t expect[JOURNAL_BYTES_MAX];
	bool *seen = data;
	uint32_t turn;

	memcpy(&turn, &payload[8], 4);
	ck_assert_uint_ge(key, 1);
	ck_assert_uint_le(key, KEYS);
	ck_assert(!seen[key]);
	seen[key] = true;
	ck_assert_uint_eq(bytes, pattern(key, turn, expect));
	ck_assert_mem_eq(payload, expect, bytes);
}

START_TEST(after_a_kill_at_any_moment_every_slot_is_whole)
{
	struct timespec nap = { 0 };
	struct journal_counts counts;
	unsigned int i, found = 0;
	int status;
	pid_t pid;

	for (i = 0; i < 100; i++) {
		bool seen[KEYS + 1] = { false };

		pid = fork();
		if (pid == 0)
			write_for_ever();
		nap.tv_nsec = 200000 + i * 37129 % 3000000;
		nanosleep(&nap, NULL);
		kill(pid, SIGKILL);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFSIGNALED(status));
		reopen();
		journal_each(journal, check_whole, seen);
		journal_counts(journal, &counts);
		ck_assert_uint_le(counts.used, KEYS);
		/* A half-written slot is free, its check was not set yet. */
		ck_assert_uint_eq(counts.torn, 0);
		found += counts.used;
	}
	/* Replacing never passes through a moment with nothing there. */
	ck_assert_uint_gt(found, 100 * KEYS / 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("journal");
	TCase *tc = tcase_create("journal");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, what_is_remembered_is_there_until_it_is_forgotten);
	tcase_add_test(tc, a_successor_finds_it);
	tcase_add_test(tc, the_later_replaces_the_earlier);
	tcase_add_test(tc, parts_are_put_together);
	tcase_add_test(tc, too_much_is_refused_and_what_was_older_is_not_left);
	tcase_add_test(tc, a_full_journal_refuses_counts_and_still_replaces);
	tcase_add_test(tc, a_visitor_may_forget_and_remember);
	tcase_add_loop_test(tc, a_slot_that_is_not_whole_is_not_there, 0, 6);
	tcase_add_test(tc, of_two_with_one_key_the_later_counts);
	tcase_add_test(tc, a_file_of_any_other_kind_is_an_empty_journal);
	tcase_add_test(tc, a_place_that_cannot_be_is_an_error);
	tcase_add_test(tc, it_reserves_its_blocks_and_touches_few);
	tcase_add_test(tc, after_a_kill_at_any_moment_every_slot_is_whole);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
