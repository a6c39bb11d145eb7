/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_writer.h - the one thread that writes
 *
 *     take all that waits
 *     BEGIN
 *        SAVEPOINT  ops of the first   RELEASE     it came true
 *        SAVEPOINT  ops of the second  ROLLBACK TO it was refused: -EEXIST
 *        ...
 *     COMMIT                 one sync; if it fails, all of them failed
 *     tell the results
 *     delete the oldest log records, if there are too many
 *     checkpoint, if the write-ahead log has grown long
 */
#pragma once

#include <pthread.h>
#include <sqlite3.h>

#include "db_queue.h"

struct writer {
	sqlite3 *sqlite;
	struct queue queue;
	struct results *results;
	unsigned int gather_ms;
	size_t log_max;
	size_t log_added; /* records since the log was last trimmed */
	pthread_t thread;

	sqlite3_stmt *op[_NUM_DB_ROW_TYPE][_NUM_DB_VERB];
	sqlite3_stmt *begin, *commit, *rollback;
	sqlite3_stmt *savepoint, *release, *rollback_to;
	sqlite3_stmt *trim;
	int wal_pages;	   /* since the log began anew */
	int checkpoint_at; /* pages */

	/* Written by the thread, under queue.lock. */
	struct db_counts counts;
};

/* Prepare everything and start the thread; an SQLite code.  @sqlite becomes
 * ours if it goes well. */
int writer_start(struct writer *writer, sqlite3 *sqlite,
		 struct results *results, const struct db_config *config);

/* Finish what is queued, then end; closes the connection. */
void writer_stop(struct writer *writer);
