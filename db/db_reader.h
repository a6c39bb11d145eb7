/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_reader.h - the thread that reads pages of the log for screens
 *
 * Its connection may not write.  Each page is read in one go, and is a
 * snapshot: the writer does not wait for it, nor it for the writer.
 */
#pragma once

#include <pthread.h>
#include <sqlite3.h>

#include "db_log.h"
#include "db_queue.h"

struct reader {
	sqlite3 *sqlite;
	pthread_mutex_t lock; /* of sqlite: db_load() uses it, too */
	struct queue queue;
	struct results *results;
	pthread_t thread;
	sqlite3_stmt *query[_NUM_LOG_QUERY]; /* prepared when first asked */
};

void reader_start(struct reader *reader, sqlite3 *sqlite,
		  struct results *results);
void reader_stop(struct reader *reader);
