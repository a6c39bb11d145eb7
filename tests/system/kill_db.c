/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kill_db.c - what was confirmed is there after kill -9 at any moment
 *
 *     usage: kill_db [--rounds N] [--seed N]
 *
 *      child: submits, and tells each result through a pipe ----+
 *      parent: kills it at a random moment, reads the pipe <----+
 *              reopens: what was confirmed is there, what was refused is
 *              not, each transaction is whole, and the file is sound
 *
 * A transaction is three rows: two log records of one call, and a setting
 * that holds the call's number; every seventh is refused, for its last row
 * violates a constraint.  Each round goes on with the database of the last.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "db_rows.h"
#include "scratch.h"

#define CALLS_MAX 2000000
#define IN_FLIGHT 64
#define SETTINGS 100

/* What the pipe said of each call, over all rounds. */
enum fate { UNKNOWN, CONFIRMED, REFUSED };
static char fate[CALLS_MAX];
/* What the database says: which of the two records are there. */
static char present[CALLS_MAX];

struct report {
	uint64_t call;
	int rc;
};

static char why[DB_WHY_MAX];

static void must(int rc, const char *what)
{
	if (rc == 0)
		return;
	printf("%s: %d %s\n", what, rc, why);
	exit(1);
}

/* ---- the child ---- */

static bool is_refused(uint64_t call)
{
	return call % 7 == 0;
}

static int submit_call(struct db *db, uint64_t call)
{
	struct db_op op[4] = { op_log(call, 1, 0, "100"),
			       op_log(call, 2, 1, "201") };

	op[2] = (struct db_op){ .verb = DB_PUT, .row.type = DB_SETTING };
	op[2].row.setting.ext = 1;
	snprintf(op[2].row.setting.key, sizeof(op[2].row.setting.key), "%d",
		 (int)(call % SETTINGS));
	snprintf(op[2].row.setting.value, sizeof(op[2].row.setting.value),
		 "%llu", (unsigned long long)call);
	op[3] = op_log(call, 2, 1, "201"); /* a second record of one user */
	return db_submit(db, call, op, is_refused(call) ? 4 : 3);
}

static void tell_results(struct db *db, int to, unsigned int *in_flight)
{
	struct db_result result;
	struct report report;

	while (db_next_result(db, &result)) {
		report = (struct report){ result.token, result.rc };
		if (write(to, &report, sizeof(report)) != sizeof(report))
			_exit(1);
		--*in_flight;
	}
}

static void child(uint64_t call, int to)
{
	unsigned int in_flight = 0;
	struct pollfd fd = { .events = POLLIN };
	struct db *db;

	must(db_open(NULL, scratch_dir, NULL, &db, why), "child: open");
	fd.fd = db_fd(db);
	for (;;) {
		while (in_flight < IN_FLIGHT && call < CALLS_MAX) {
			must(submit_call(db, call++), "child: submit");
			in_flight++;
		}
		poll(&fd, 1, -1);
		tell_results(db, to, &in_flight);
	}
}

/* ---- the parent ---- */

static unsigned int read_reports(int from)
{
	struct report report;
	unsigned int n = 0;
	ssize_t bytes;

	/* A kill may cut the last report off: that one was not confirmed. */
	while ((bytes = read(from, &report, sizeof(report))) ==
	       sizeof(report)) {
		if (report.rc && report.rc != -EEXIST) {
			printf("call %llu: %d\n",
			       (unsigned long long)report.call, report.rc);
			exit(1);
		}
		fate[report.call] = report.rc ? REFUSED : CONFIRMED;
		n++;
	}
	return n;
}

static bool note_record(const struct db_row *row, void *data)
{
	present[row->log.call] |= row->log.owner;
	return true;
}

static bool note_setting(const struct db_row *row, void *data)
{
	uint64_t *setting = data;
	uint64_t call = strtoull(row->setting.value, NULL, 10);

	setting[call % SETTINGS] = call;
	return true;
}

static void fault(uint64_t call, const char *what)
{
	printf("call %llu: %s\n", (unsigned long long)call, what);
	exit(1);
}

/* Returns the first call number that was never used. */
static uint64_t compare(struct db *db)
{
	uint64_t setting[SETTINGS] = { 0 }, newest[SETTINGS] = { 0 };
	uint64_t call, last = 0, max = 0;

	memset(present, 0, sizeof(present));
	must(db_load(db, DB_LOG, note_record, NULL), "load");
	must(db_load(db, DB_SETTING, note_setting, setting), "load");
	for (call = 1; call < CALLS_MAX; call++) {
		if (present[call] && present[call] != 3)
			fault(call, "half of it is there");
		if (fate[call] == CONFIRMED && !present[call])
			fault(call, "confirmed, but not there");
		if (present[call] && is_refused(call))
			fault(call, "to be refused, but there");
		if (fate[call] == REFUSED && !is_refused(call))
			fault(call, "refused");
		if (present[call]) {
			newest[call % SETTINGS] = call;
			last = call;
		}
		if (fate[call] != UNKNOWN)
			last = call;
	}
	for (call = 0; call < SETTINGS; call++)
		if (setting[call] != newest[call])
			fault(newest[call], "its setting is another call's");
	must(db_max_call(db, &max), "max call");
	if (max > last)
		fault(max, "nobody knows of it");
	return last + 1;
}

static uint64_t round_of(uint64_t call, unsigned int wait_us,
			 unsigned int *ret_confirmed)
{
	struct timespec nap = { 0, wait_us * 1000L };
	int pipes[2], status;
	struct db *db;
	pid_t pid;

	if (pipe(pipes) < 0)
		must(-errno, "pipe");
	pid = fork();
	if (pid == 0) {
		close(pipes[0]);
		child(call, pipes[1]);
	}
	close(pipes[1]);
	nanosleep(&nap, NULL);
	kill(pid, SIGKILL);
	*ret_confirmed = read_reports(pipes[0]);
	close(pipes[0]);
	if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
		must(-ECHILD, "the child ended by itself");

	must(db_open(NULL, scratch_dir, NULL, &db, why), "reopen");
	must(db_check(db, why), "integrity");
	call = compare(db);
	db_close(db);
	return call;
}

static void begin(void)
{
	struct db_op op[2] = { op_extension(DB_ADD, 1, "201"),
			       op_extension(DB_ADD, 2, "202") };
	struct db *db;

	must(db_open(NULL, scratch_dir, NULL, &db, why), "open");
	must(db_submit(db, 0, op, 2), "submit");
	db_close(db); /* performs it */
}

int main(int argc, char **argv)
{
	unsigned int rounds = 50, seed = time(NULL), confirmed, total = 0, i;
	uint64_t call = 1;

	for (i = 1; i + 1 < (unsigned int)argc; i += 2) {
		if (strcmp(argv[i], "--rounds") == 0)
			rounds = atoi(argv[i + 1]);
		else if (strcmp(argv[i], "--seed") == 0)
			seed = atoi(argv[i + 1]);
	}
	printf("kill_db: seed %u, %u rounds\n", seed, rounds);
	fflush(stdout);
	srandom(seed);
	scratch_make();
	begin();
	for (i = 0; i < rounds; i++) {
		call = round_of(call, random() % 60000, &confirmed);
		total += confirmed;
	}
	scratch_drop();
	printf("kill_db: %u results told, none broken\n", total);
	/* Else it was always killed before it did anything. */
	return total > rounds ? 0 : 1;
}
