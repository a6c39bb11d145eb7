/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "db_wait.h"
#include "failing_vfs.h"
#include "scratch.h"

static struct db *db;
static char why[DB_WHY_MAX];

static const struct db_config failing = { .gather_ms = 1, .vfs = "failing" };
static const struct db_config anew = { .start_anew = true };

static void set_up(void)
{
	scratch_make();
	failing_register();
	failing_none();
	db = NULL;
}

static void tear_down(void)
{
	failing_none();
	db_close(db);
	scratch_drop();
}

static void open_db(void)
{
	int rc = db_open(NULL, scratch_dir, &failing, &db, why);

	ck_assert_msg(rc == 0, "db_open: %d, %s", rc, why);
	ck_assert_int_eq(store_one(db, op_extension(DB_PUT, 1, "201")), 0);
}

static void close_db(void)
{
	db_close(db);
	db = NULL;
}

static int try_open(const struct db_config *config)
{
	int rc;

	why[0] = '\0';
	rc = db_open(NULL, scratch_dir, config, &db, why);
	if (rc)
		ck_assert_ptr_null(db);
	return rc;
}

static void ck_says(const char *text)
{
	ck_assert_msg(strstr(why, text), "\"%s\" is not in \"%s\"", text, why);
}

/* ---- a disk that fails while the gateway runs ---- */

static const struct {
	atomic_int *what;
	int code;
	int rc;
} faults[] = {
	{ &failing_write, SQLITE_FULL, -ENOSPC },
	{ &failing_write, SQLITE_IOERR_WRITE, -EIO },
	{ &failing_sync, SQLITE_IOERR_FSYNC, -EIO },
};

START_TEST(a_failing_disk_is_a_result_and_then_writing_works_again)
{
	struct db_counts counts;
	unsigned int i;

	open_db();
	*faults[_i].what = faults[_i].code;
	for (i = 1; i <= 3; i++)
		ck_assert_int_eq(store_one(db, op_log(i, 1, 0, "100")),
				 faults[_i].rc);
	ck_assert_uint_eq(load(db, DB_LOG)->n, 0);
	failing_none();
	for (i = 1; i <= 3; i++)
		ck_assert_int_eq(store_one(db, op_log(i, 1, 0, "100")), 0);
	ck_assert_uint_eq(load(db, DB_LOG)->n, 3);
	db_counts(db, &counts);
	ck_assert_uint_eq(counts.failed, 3);
	ck_assert_uint_eq(counts.stored, 4);
	ck_assert_int_eq(db_check(db, why), 0);

	close_db();
	ck_assert_int_eq(try_open(NULL), 0);
	ck_assert_uint_eq(load(db, DB_LOG)->n, 3);
}
END_TEST

/* The disk is full after _i more writes, wherever that is. */
START_TEST(a_commit_that_is_cut_off_is_refused_as_a_whole)
{
	struct db_result result;
	struct db_op op[10];
	unsigned int i;
	size_t before;

	open_db();
	for (i = 0; i < 10; i++)
		op[i] = op_log(i + 1, 1, 0, "100");
	ck_assert_int_eq(store(db, op, 10), 0);
	before = load(db, DB_LOG)->n;

	failing_after = _i;
	failing_write = SQLITE_FULL;
	for (i = 0; i < 10; i++)
		op[i] = op_log(i + 101, 1, 0, "100");
	ck_assert_int_eq(db_submit(db, 1, op, 5), 0);
	ck_assert_int_eq(db_submit(db, 2, &op[5], 5), 0);
	for (i = 1; i <= 2; i++) {
		result = await(db);
		ck_assert_uint_eq(result.token, i);
		ck_assert(result.rc == 0 || result.rc == -ENOSPC);
		ck_assert((result.rc == 0) == (result.why[0] == '\0'));
		before += result.rc ? 0 : 5;
	}
	failing_none();
	ck_assert_uint_eq(load(db, DB_LOG)->n, before);
	ck_assert_int_eq(store_one(db, op_log(200, 1, 0, "100")), 0);
	ck_assert_uint_eq(load(db, DB_LOG)->n, before + 1);
	ck_assert_int_eq(db_check(db, why), 0);
}
END_TEST

/* Enough for a write-ahead log of a few times its threshold. */
static void store_much(uint64_t first_call)
{
	struct db_op op[DB_OPS_MAX];
	unsigned int i, k;

	for (i = 0; i < 200; i++) {
		for (k = 0; k < DB_OPS_MAX; k++) {
			op[k] = op_log(first_call + k * 1000 + i, 1, 0, "100");
			memset(op[k].row.log.name, 'x', 100);
		}
		ck_assert_int_eq(store(db, op, DB_OPS_MAX), 0);
	}
}

START_TEST(a_failed_checkpoint_is_counted_tried_again_and_loses_nothing)
{
	struct db_counts counts;

	open_db();
	failing_main = SQLITE_FULL;
	store_much(1);
	db_counts(db, &counts);
	ck_assert_uint_eq(counts.checkpoints, 0);
	ck_assert_uint_ge(counts.checkpoints_failed, 1);
	ck_assert_uint_eq(counts.failed, 0);
	failing_none();
	store_much(1000001);
	db_counts(db, &counts);
	ck_assert_uint_ge(counts.checkpoints, 1);
	ck_assert_int_eq(db_check(db, why), 0);
	close_db();
	ck_assert_int_eq(try_open(NULL), 0);
	ck_assert(!db_was_unclean(db));
	ck_assert_uint_eq(
		page(db, (struct db_query){ .owner = 1, .grouped = true })
			.log[0]
			.count,
		400 * DB_OPS_MAX);
}
END_TEST

START_TEST(a_page_that_cannot_be_read_is_a_result)
{
	struct db_query query = { .limit = 10, .grouped = _i };
	struct db_result result;

	open_db();
	ck_assert_int_eq(store_one(db, op_log(1, 1, 0, "100")), 0);
	close_db();
	ck_assert_int_eq(try_open(&failing), 0);
	failing_read = SQLITE_IOERR_READ;
	ck_assert_int_eq(db_query(db, 7, &query), 0);
	result = await(db);
	ck_assert_int_eq(result.rc, -EIO);
	ck_assert_uint_eq(result.n, 0);
	ck_assert_str_ne(result.why, "");
	failing_none();
	ck_assert_uint_eq(page(db, query).n, 1);
}
END_TEST

START_TEST(a_backup_to_no_place_is_a_result_and_leaves_nothing)
{
	open_db();
	ck_assert_int_eq(db_backup(db, 1, "/no/such/place"), 0);
	ck_assert_int_eq(await(db).rc, -EIO);
	ck_assert_int_eq(store_one(db, op_log(1, 1, 0, "100")), 0);
}
END_TEST

/* ---- a disk that fails at the start ---- */

START_TEST(a_full_disk_at_the_start_is_said_and_nothing_is_lost)
{
	failing_after = _i;
	failing_write = SQLITE_FULL;
	ck_assert_int_eq(try_open(&failing), -ENOSPC);
	ck_says("full");
	ck_says(DB_FILE);
	failing_none();
	open_db();
}
END_TEST

START_TEST(a_directory_that_is_missing_is_said)
{
	ck_assert_int_eq(db_open(NULL, scratch_path("none"), NULL, &db, why),
			 -ENOENT);
	ck_says("state directory");
	ck_says(scratch_path("none"));
	ck_says("No such file");
}
END_TEST

START_TEST(a_file_in_place_of_the_directory_is_said)
{
	close(open(scratch_path("file"), O_CREAT | O_RDWR, 0600));
	ck_assert_int_eq(db_open(NULL, scratch_path("file"), NULL, &db, why),
			 -ENOTDIR);
	ck_says("state directory");
}
END_TEST

START_TEST(a_directory_that_is_not_ours_to_write_is_said)
{
	/* Root may write anywhere, so somebody else tries. */
	ck_assert_int_eq(chmod(scratch_dir, 0555), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	ck_assert_int_eq(try_open(NULL), -EACCES);
	ck_says("cannot be written to");
	ck_assert_int_eq(seteuid(getuid()), 0);
}
END_TEST

/* ---- a damaged database ---- */

static void overwrite(const char *name, off_t at, const void *bytes, size_t n)
{
	int fd = open(scratch_path(name), O_RDWR);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, bytes, n, at), n);
	close(fd);
}

static void fill_db(void)
{
	struct db_op op[DB_OPS_MAX];
	unsigned int i, k;

	open_db();
	for (i = 0; i < 10; i++) {
		for (k = 0; k < DB_OPS_MAX; k++)
			op[k] = op_log(1 + i * 100 + k, 1, 0, "100");
		ck_assert_int_eq(store(db, op, DB_OPS_MAX), 0);
	}
	close_db();
}

static void not_a_database(void)
{
	overwrite(DB_FILE, 0, "PK\3\4 this was a letter once", 27);
}

static void a_page_of_noise(void)
{
	char noise[4096];

	memset(noise, 0xa5, sizeof(noise));
	overwrite(DB_FILE, 10 * 4096, noise, sizeof(noise));
}

static void noise_in_the_schema(void)
{
	char noise[2000];

	memset(noise, 0x5a, sizeof(noise));
	overwrite(DB_FILE, 100, noise, sizeof(noise));
}

static void cut_short(void)
{
	ck_assert_int_eq(truncate(scratch_path(DB_FILE), 5 * 4096), 0);
}

static void cut_within_the_header(void)
{
	ck_assert_int_eq(truncate(scratch_path(DB_FILE), 50), 0);
}

static void (*const damages[])(void) = {
	not_a_database, a_page_of_noise,       noise_in_the_schema,
	cut_short,	cut_within_the_header,
};

static void copy_of(const char *path, char *bytes, size_t size, size_t *n)
{
	int fd = open(path, O_RDONLY);

	ck_assert_int_ge(fd, 0);
	*n = read(fd, bytes, size);
	close(fd);
}

/* The one file that was put aside. */
static const char *aside(void)
{
	static char path[256];
	glob_t found;

	ck_assert_int_eq(
		glob(scratch_path(DB_FILE ".damaged-*"), 0, NULL, &found), 0);
	ck_assert_uint_eq(found.gl_pathc, 1);
	snprintf(path, sizeof(path), "%s", found.gl_pathv[0]);
	globfree(&found);
	return path;
}

static char before[1 << 20], after[1 << 20];

START_TEST(a_damaged_database_is_reported_and_kept)
{
	size_t n_before, n_after;

	fill_db();
	damages[_i]();
	copy_of(scratch_path(DB_FILE), before, sizeof(before), &n_before);

	ck_assert_int_eq(try_open(NULL), -EUCLEAN);
	ck_says("damaged");
	ck_says(aside());
	ck_says("backup");
	copy_of(aside(), after, sizeof(after), &n_after);
	ck_assert_uint_eq(n_before, n_after);
	ck_assert_mem_eq(before, after, n_before);

	/* A service that is started again and again does not begin anew. */
	ck_assert_int_eq(try_open(NULL), -EUCLEAN);
	ck_says(aside());
	ck_assert_int_ne(access(scratch_path(DB_FILE), F_OK), 0);

	/* The owner decides. */
	ck_assert_int_eq(try_open(&anew), 0);
	ck_assert_uint_eq(load(db, DB_EXTENSION)->n, 0);
	close_db();
	ck_assert_int_eq(try_open(NULL), 0);
	copy_of(aside(), after, sizeof(after), &n_after);
	ck_assert_uint_eq(n_before, n_after);
	ck_assert_mem_eq(before, after, n_before);
}
END_TEST

START_TEST(asked_to_it_begins_anew_at_once_and_says_where_the_old_one_is)
{
	unsigned int i;
	glob_t found;

	for (i = 0; i < 3; i++) {
		fill_db();
		damages[_i]();
		ck_assert_int_eq(try_open(&anew), 0);
		ck_says("damaged");
		ck_assert_uint_eq(load(db, DB_EXTENSION)->n, 0);
		close_db();
	}
	/* Three in one second, each with its own name. */
	ck_assert_int_eq(
		glob(scratch_path(DB_FILE ".damaged-*"), 0, NULL, &found), 0);
	ck_assert_uint_eq(found.gl_pathc, 3);
	globfree(&found);
}
END_TEST

/* A predecessor that was killed with records in its write-ahead log. */
static void killed(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		open_db();
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
}

START_TEST(an_unclean_stop_is_known_and_loses_nothing)
{
	killed();
	ck_assert_int_eq(try_open(NULL), 0);
	ck_assert(db_was_unclean(db));
	ck_assert_uint_eq(load(db, DB_EXTENSION)->n, 1);
	close_db();
	ck_assert_int_eq(try_open(NULL), 0);
	ck_assert(!db_was_unclean(db));
}
END_TEST

START_TEST(a_write_ahead_log_without_its_database_is_kept)
{
	killed();
	if (_i == 0)
		ck_assert_int_eq(unlink(scratch_path(DB_FILE)), 0);
	else
		ck_assert_int_eq(truncate(scratch_path(DB_FILE), 0), 0);
	ck_assert_int_eq(try_open(NULL), -EUCLEAN);
	ck_says("write-ahead log");
	ck_assert_int_ne(access(scratch_path(DB_FILE "-wal"), F_OK), 0);
	ck_assert_int_eq(try_open(NULL), -EUCLEAN);
}
END_TEST

START_TEST(a_damaged_log_of_a_long_past_is_found_by_the_whole_check)
{
	struct db_op op[DB_OPS_MAX];
	char noise[1024];
	unsigned int i, k;

	/* Too long to be checked at each start. */
	open_db();
	for (i = 0; i < 400; i++) {
		for (k = 0; k < DB_OPS_MAX; k++) {
			op[k] = op_log(1 + i * 100 + k, 1, 0, "100");
			memset(op[k].row.log.name, 'x', 120);
		}
		ck_assert_int_eq(store(db, op, DB_OPS_MAX), 0);
	}
	close_db();
	memset(noise, 0xa5, sizeof(noise));
	overwrite(DB_FILE, 700 * 4096, noise, sizeof(noise));
	ck_assert_int_eq(try_open(NULL), 0);
	ck_assert_int_eq(db_check(db, why), -EUCLEAN);
	ck_assert_str_ne(why, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("db_faults");
	TCase *tc = tcase_create("db_faults");
	SRunner *runner = srunner_create(suite);
	const int n_damages = sizeof(damages) / sizeof(*damages);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(
		tc, a_failing_disk_is_a_result_and_then_writing_works_again, 0,
		sizeof(faults) / sizeof(*faults));
	tcase_add_loop_test(tc, a_commit_that_is_cut_off_is_refused_as_a_whole,
			    0, 8);
	tcase_add_test(
		tc,
		a_failed_checkpoint_is_counted_tried_again_and_loses_nothing);
	tcase_add_loop_test(tc, a_page_that_cannot_be_read_is_a_result, 0, 2);
	tcase_add_test(tc, a_backup_to_no_place_is_a_result_and_leaves_nothing);
	tcase_add_loop_test(
		tc, a_full_disk_at_the_start_is_said_and_nothing_is_lost, 0,
		20);
	tcase_add_test(tc, a_directory_that_is_missing_is_said);
	tcase_add_test(tc, a_file_in_place_of_the_directory_is_said);
	tcase_add_test(tc, a_directory_that_is_not_ours_to_write_is_said);
	tcase_add_loop_test(tc, a_damaged_database_is_reported_and_kept, 0,
			    n_damages);
	tcase_add_loop_test(
		tc,
		asked_to_it_begins_anew_at_once_and_says_where_the_old_one_is,
		0, n_damages);
	tcase_add_test(tc, an_unclean_stop_is_known_and_loses_nothing);
	tcase_add_loop_test(tc, a_write_ahead_log_without_its_database_is_kept,
			    0, 2);
	tcase_add_test(
		tc, a_damaged_log_of_a_long_past_is_found_by_the_whole_check);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
