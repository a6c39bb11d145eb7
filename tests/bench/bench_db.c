/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_db.c - what the store costs: run by hand
 *
 *     usage: bench_db [DIRECTORY]     (on the disk to be measured)
 *
 * Prints a line a measurement.  Bytes are those handed to write() and those
 * sent towards the disk, from /proc/self/io.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "db_rows.h"

#define USERS 1000

static char why[DB_WHY_MAX];
static const char *dir;

static void must(int rc, const char *what)
{
	if (rc == 0)
		return;
	printf("%s: %d %s\n", what, rc, why);
	exit(1);
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static double cpu_s(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

struct io {
	double handed, sent;
};

static struct io io_now(void)
{
	FILE *file = fopen("/proc/self/io", "r");
	struct io io = { 0, 0 };
	char name[32];
	double value;

	while (file && fscanf(file, "%31s %lf", name, &value) == 2) {
		if (strcmp(name, "wchar:") == 0)
			io.handed = value;
		else if (strcmp(name, "write_bytes:") == 0)
			io.sent = value;
	}
	if (file)
		fclose(file);
	return io;
}

static struct db *open_db(unsigned int gather_ms)
{
	struct db_config config = { .gather_ms = gather_ms };
	struct db *db;

	must(db_open(NULL, dir, &config, &db, why), "open");
	return db;
}

static struct db_result await(struct db *db)
{
	struct pollfd fd = { .fd = db_fd(db), .events = POLLIN };
	struct db_result result;

	while (!db_next_result(db, &result))
		poll(&fd, 1, -1);
	return result;
}

/* As a call leaves them: one for the caller's user, one for the called. */
static void call_rows(uint64_t call, struct db_op op[2])
{
	char number[32];

	snprintf(number, sizeof(number), "0%ld", 30000000 + random() % 9999);
	op[0] = op_log(call, 1 + random() % USERS, random() % 3, number);
	op[1] = op_log(call, 1 + random() % USERS, 1, "12345");
	if (op[0].row.log.owner == op[1].row.log.owner)
		op[1].row.log.owner = op[0].row.log.owner % USERS + 1;
}

static uint64_t next_call = 1;

static void fill(struct db *db, unsigned int calls)
{
	unsigned int i, k;
	struct db_op op[DB_OPS_MAX];
	char number[16];

	for (i = 0; i < USERS; i++) {
		snprintf(number, sizeof(number), "%u", 1000 + i);
		op[0] = op_extension(DB_PUT, i + 1, number);
		must(db_submit(db, 0, op, 1), "submit");
	}
	for (i = 0; i < USERS; i++)
		must(await(db).rc, "user");
	for (i = 0; i < calls; i += DB_OPS_MAX / 2) {
		for (k = 0; k < DB_OPS_MAX; k += 2)
			call_rows(next_call++, &op[k]);
		op[0].verb = DB_PUT; /* at once */
		must(db_submit(db, 0, op, DB_OPS_MAX), "submit");
		must(await(db).rc, "fill");
	}
}

/* @rate calls a second for @seconds, two records each; 0: one after the
 * other, each awaited. */
static void bench_calls(unsigned int gather_ms, unsigned int rate,
			unsigned int calls)
{
	struct db *db = open_db(gather_ms);
	struct db_counts before, after;
	unsigned int i, done = 0;
	struct db_result result;
	struct db_op op[2];
	double start, cpu;
	struct io io, end;

	db_counts(db, &before);
	io = io_now();
	start = now_s();
	cpu = cpu_s();
	for (i = 0; i < calls; i++) {
		call_rows(next_call++, op);
		must(db_submit(db, i, op, 2), "submit");
		if (!rate) {
			must(await(db).rc, "call");
			done++;
			continue;
		}
		while (now_s() < start + (double)i / rate) {
			struct pollfd fd = { db_fd(db), POLLIN, 0 };

			poll(&fd, 1, 1);
			while (db_next_result(db, &result))
				done++;
		}
	}
	while (done < calls) {
		must(await(db).rc, "call");
		done++;
	}
	start = now_s() - start;
	cpu = cpu_s() - cpu;
	db_counts(db, &after);
	db_close(db);
	end = io_now();
	printf("%5u calls/s, gather %3u ms: %7.0f calls/s, %6.1f us CPU a "
	       "call, %5.1f calls a commit, %6.0f bytes handed, %6.0f sent a "
	       "call\n",
	       rate, gather_ms, calls / start, cpu / calls * 1e6,
	       (double)calls / (after.commits - before.commits),
	       (end.handed - io.handed) / calls, (end.sent - io.sent) / calls);
}

static void bench_page(struct db *db, const char *name, struct db_query query)
{
	double start, worst = 0, sum = 0;
	unsigned int i, n = 20;
	size_t rows = 0;

	query.limit = query.limit ? query.limit : 50;
	for (i = 0; i < n; i++) {
		start = now_s();
		must(db_query(db, 0, &query), "query");
		rows = await(db).n;
		start = now_s() - start;
		sum += start;
		worst = start > worst ? start : worst;
	}
	printf("page of %-28s %3zu rows, %7.2f ms, worst %7.2f ms\n", name,
	       rows, sum / n * 1e3, worst * 1e3);
}

static void bench_open(const char *name)
{
	double start = now_s();
	struct db *db = open_db(0);

	printf("open, %s: %.1f ms\n", name, (now_s() - start) * 1e3);
	db_close(db);
}

int main(int argc, char **argv)
{
	char scratch[] = "/var/tmp/twind-bench-XXXXXX";
	char path[256];
	struct db *db;
	FILE *file;

	dir = argc > 1 ? argv[1] : mkdtemp(scratch);
	db = open_db(0);
	fill(db, 50000);
	db_close(db);
	snprintf(path, sizeof(path), "%s/%s", dir, DB_FILE);
	file = fopen(path, "r");
	fseek(file, 0, SEEK_END);
	printf("100,000 log rows: %.1f MB\n", ftell(file) / 1e6);
	fclose(file);

	bench_open("clean");

	bench_calls(1, 0, 2000);
	bench_calls(100, 20, 100);
	bench_calls(100, 100, 500);
	bench_calls(100, 1000, 5000);

	db = open_db(0);
	bench_page(db, "all, each", (struct db_query){ .limit = 50 });
	bench_page(db, "all, each, deep",
		   (struct db_query){ .before = 100000000 });
	bench_page(db, "all, grouped", (struct db_query){ .grouped = true });
	bench_page(db, "one user's, each", (struct db_query){ .owner = 7 });
	bench_page(db, "one user's, grouped",
		   (struct db_query){ .owner = 7, .grouped = true });
	bench_page(db, "one user's missed, grouped",
		   (struct db_query){
			   .owner = 7, .grouped = true, .kinds = 1 << 2 });
	bench_page(db, "all, each, 1000 rows",
		   (struct db_query){ .limit = 1000 });
	db_close(db);

	if (argc < 2) {
		unlink(path);
		rmdir(dir);
	}
	return 0;
}
