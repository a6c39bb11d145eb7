/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "db_migrate.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "db.h"
#include "db_schema.h"
#include "scratch.h"

static char why[DB_WHY_MAX];

static sqlite3 *open_sqlite(const char *name)
{
	sqlite3 *sqlite;

	ck_assert_int_eq(sqlite3_open(scratch_path(name), &sqlite), SQLITE_OK);
	return sqlite;
}

static void run(sqlite3 *sqlite, const char *sql)
{
	char *error = NULL;

	sqlite3_exec(sqlite, sql, NULL, NULL, &error);
	ck_assert_msg(!error, "%s: %s", sql, error);
}

static int number(sqlite3 *sqlite, const char *sql)
{
	sqlite3_stmt *stmt;
	int value;

	ck_assert_int_eq(sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL),
			 SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	value = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}

/* ---- our own schema ---- */

START_TEST(every_version_comes_forward_to_the_newest)
{
	sqlite3 *sqlite = open_sqlite(DB_FILE);
	struct db *db;

	/* A database as it was when _i was the newest. */
	ck_assert_int_eq(db_migrate(sqlite, db_schema, _i), SQLITE_OK);
	ck_assert_int_eq(db_version(sqlite), _i);
	sqlite3_close(sqlite);

	ck_assert_int_eq(db_open(NULL, scratch_dir, NULL, &db, why), 0);
	ck_assert_int_eq(db_check(db, why), 0);
	db_close(db);

	sqlite = open_sqlite(DB_FILE);
	ck_assert_uint_eq(db_version(sqlite), db_schema_count);
	ck_assert_int_eq(number(sqlite, "PRAGMA application_id"), 0x7477696e);
	sqlite3_close(sqlite);
}
END_TEST

START_TEST(the_newest_stays_as_it_is)
{
	struct db *db;
	sqlite3 *sqlite;
	int schema;

	ck_assert_int_eq(db_open(NULL, scratch_dir, NULL, &db, why), 0);
	db_close(db);
	sqlite = open_sqlite(DB_FILE);
	schema = number(sqlite, "PRAGMA schema_version");
	sqlite3_close(sqlite);
	ck_assert_int_eq(db_open(NULL, scratch_dir, NULL, &db, why), 0);
	db_close(db);
	sqlite = open_sqlite(DB_FILE);
	ck_assert_int_eq(number(sqlite, "PRAGMA schema_version"), schema);
	sqlite3_close(sqlite);
}
END_TEST

/* ---- any schema ---- */

static const char *const steps[] = {
	"CREATE TABLE a (x)",
	"CREATE TABLE b (x); INSERT INTO b VALUES (1), (2)",
	"ALTER TABLE b ADD COLUMN y; UPDATE b SET y = x",
};

START_TEST(steps_are_performed_in_order_and_once)
{
	sqlite3 *sqlite = open_sqlite("any");

	ck_assert_int_eq(db_version(sqlite), 0);
	ck_assert_int_eq(db_migrate(sqlite, steps, 1), SQLITE_OK);
	ck_assert_int_eq(db_version(sqlite), 1);
	ck_assert_int_eq(db_migrate(sqlite, steps, 3), SQLITE_OK);
	ck_assert_int_eq(db_version(sqlite), 3);
	ck_assert_int_eq(db_migrate(sqlite, steps, 3), SQLITE_OK);
	ck_assert_int_eq(number(sqlite, "SELECT sum(y) FROM b"), 3);
	sqlite3_close(sqlite);
}
END_TEST

START_TEST(a_step_that_fails_leaves_no_trace_and_the_ones_before_stay)
{
	const char *const broken[] = {
		steps[0],
		"CREATE TABLE c (x); INSERT INTO c VALUES (1);"
		"INSERT INTO no_such VALUES (1)",
		"CREATE TABLE d (x)",
	};
	sqlite3 *sqlite = open_sqlite("any");

	ck_assert_int_ne(db_migrate(sqlite, broken, 3), SQLITE_OK);
	ck_assert_int_eq(db_version(sqlite), 1);
	ck_assert(sqlite3_get_autocommit(sqlite));
	ck_assert_int_eq(number(sqlite, "SELECT count(*) FROM sqlite_schema"),
			 1);
	/* A program that has it right takes it up from there. */
	ck_assert_int_eq(db_migrate(sqlite, steps, 3), SQLITE_OK);
	ck_assert_int_eq(db_version(sqlite), 3);
	sqlite3_close(sqlite);
}
END_TEST

/* Killed from inside a statement: SQLite calls this function of ours. */
static void die(sqlite3_context *context, int n, sqlite3_value **value)
{
	raise(SIGKILL);
}

START_TEST(a_kill_within_a_step_leaves_the_version_before_it)
{
	const char *const deadly[] = {
		steps[0],
		"CREATE TABLE b (x); INSERT INTO b VALUES (1), (die()); ",
		"CREATE TABLE c (x)",
	};
	sqlite3 *sqlite;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		sqlite = open_sqlite("any");
		run(sqlite, "PRAGMA journal_mode = WAL");
		sqlite3_create_function(sqlite, "die", 0, SQLITE_UTF8, NULL,
					die, NULL, NULL);
		db_migrate(sqlite, deadly, 3);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));

	sqlite = open_sqlite("any");
	ck_assert_int_eq(db_version(sqlite), 1);
	ck_assert_int_eq(number(sqlite, "SELECT count(*) FROM sqlite_schema"),
			 1);
	ck_assert_int_eq(db_migrate(sqlite, steps, 3), SQLITE_OK);
	ck_assert_int_eq(number(sqlite, "SELECT sum(y) FROM b"), 3);
	sqlite3_close(sqlite);
}
END_TEST

/* ---- what is not ours to touch ---- */

struct bytes {
	char *data;
	size_t n;
};

static struct bytes read_all(const char *name)
{
	struct bytes bytes = { NULL, 0 };
	struct stat st;
	int fd = open(scratch_path(name), O_RDONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	bytes.n = st.st_size;
	bytes.data = malloc(bytes.n + 1);
	ck_assert_int_eq(read(fd, bytes.data, bytes.n), bytes.n);
	close(fd);
	return bytes;
}

static void ck_same(struct bytes before, const char *name)
{
	struct bytes after = read_all(name);

	ck_assert_uint_eq(before.n, after.n);
	ck_assert_mem_eq(before.data, after.data, before.n);
	free(before.data);
	free(after.data);
}

static void make_newer(sqlite3 *sqlite)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA user_version = %zu",
		 db_schema_count + 1);
	run(sqlite, "CREATE TABLE future (x); INSERT INTO future VALUES (1)");
	run(sqlite, sql);
}

START_TEST(a_newer_database_is_refused_and_left_untouched)
{
	struct db *db = NULL;
	struct bytes before;
	sqlite3 *sqlite;

	ck_assert_int_eq(db_open(NULL, scratch_dir, NULL, &db, why), 0);
	db_close(db);
	sqlite = open_sqlite(DB_FILE);
	make_newer(sqlite);
	sqlite3_close(sqlite);
	before = read_all(DB_FILE);

	db = NULL;
	ck_assert_int_eq(db_open(NULL, scratch_dir,
				 &(struct db_config){ .start_anew = true }, &db,
				 why),
			 -ENOTSUP);
	ck_assert_ptr_null(db);
	ck_assert_ptr_nonnull(strstr(why, "newer version"));
	ck_assert_ptr_nonnull(strstr(why, scratch_dir));
	ck_same(before, DB_FILE);
	ck_assert_int_ne(access(scratch_path(DB_FILE "-wal"), F_OK), 0);
}
END_TEST

/* Its number may be in the write-ahead log alone, if it was killed. */
START_TEST(a_newer_database_that_was_killed_is_left_untouched)
{
	struct bytes before, wal_before;
	struct db *db = NULL;
	sqlite3 *sqlite;
	int status;
	pid_t pid;

	ck_assert_int_eq(db_open(NULL, scratch_dir, NULL, &db, why), 0);
	db_close(db);
	pid = fork();
	if (pid == 0) {
		sqlite = open_sqlite(DB_FILE);
		make_newer(sqlite);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	before = read_all(DB_FILE);
	wal_before = read_all(DB_FILE "-wal");
	ck_assert_uint_gt(wal_before.n, 0);

	ck_assert_int_eq(db_open(NULL, scratch_dir, NULL, &db, why), -ENOTSUP);
	ck_assert_ptr_nonnull(strstr(why, "newer version"));
	ck_same(before, DB_FILE);
	ck_same(wal_before, DB_FILE "-wal");
}
END_TEST

static const char *const foreign[] = {
	"PRAGMA application_id = 4711; CREATE TABLE t (x)",
	"PRAGMA user_version = 1; CREATE TABLE t (x)",
	"CREATE TABLE t (x)",
};

START_TEST(another_programs_database_is_refused_and_left_untouched)
{
	sqlite3 *sqlite = open_sqlite(DB_FILE);
	struct db *db = NULL;
	struct bytes before;

	run(sqlite, foreign[_i]);
	sqlite3_close(sqlite);
	before = read_all(DB_FILE);
	ck_assert_int_eq(db_open(NULL, scratch_dir, NULL, &db, why), -ENOTSUP);
	ck_assert_ptr_nonnull(strstr(why, "another program"));
	ck_same(before, DB_FILE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("db_migrate");
	TCase *tc = tcase_create("db_migrate");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, scratch_make, scratch_drop);
	tcase_add_loop_test(tc, every_version_comes_forward_to_the_newest, 0,
			    db_schema_count + 1);
	tcase_add_test(tc, the_newest_stays_as_it_is);
	tcase_add_test(tc, steps_are_performed_in_order_and_once);
	tcase_add_test(
		tc, a_step_that_fails_leaves_no_trace_and_the_ones_before_stay);
	tcase_add_test(tc, a_kill_within_a_step_leaves_the_version_before_it);
	tcase_add_test(tc, a_newer_database_is_refused_and_left_untouched);
	tcase_add_test(tc, a_newer_database_that_was_killed_is_left_untouched);
	tcase_add_loop_test(
		tc, another_programs_database_is_refused_and_left_untouched, 0,
		sizeof(foreign) / sizeof(*foreign));
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
