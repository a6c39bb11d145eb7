/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <osmocom/core/utils.h>
#include <stdlib.h>

#include "db_reader.h"
#include "db_sql.h"
#include "db_thread.h"

#define FIRST_ROWS 16

static struct db_log *next_row(struct work *work, size_t *room)
{
	if (work->n == *room) {
		*room = *room ? *room * 2 : FIRST_ROWS;
		work->log = realloc(work->log, *room * sizeof(*work->log));
		OSMO_ASSERT(work->log);
	}
	work->log[work->n] = (struct db_log){ 0 };
	return &work->log[work->n++];
}

static int read_page(struct reader *reader, struct work *work)
{
	enum log_query kind = log_query_of(&work->query);
	sqlite3_stmt *stmt;
	size_t room = 0;
	int rc;

	if (!reader->query[kind]) {
		rc = sql_prepare(reader->sqlite, log_query_sql[kind],
				 &reader->query[kind]);
		if (rc != SQLITE_OK)
			return rc;
	}
	stmt = reader->query[kind];
	log_query_bind(stmt, &work->query);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		log_read(stmt, next_row(work, &room));
	sqlite3_reset(stmt);
	return rc;
}

static void perform(struct reader *reader, struct work *work)
{
	int rc;

	pthread_mutex_lock(&reader->lock);
	rc = read_page(reader, work);
	work->rc = sql_result(reader->sqlite, rc);
	pthread_mutex_unlock(&reader->lock);
	if (work->rc) {
		work->why = sqlite3_errstr(rc);
		work->n = 0;
	}
}

static void *reader_main(void *data)
{
	struct reader *reader = data;
	LLIST_HEAD(queries);
	LLIST_HEAD(done);

	/* Each page is handed over when it is there, not with the last. */
	while (queue_take(&reader->queue, 0, &queries)) {
		while (!llist_empty(&queries)) {
			struct work *work =
				llist_first_entry(&queries, struct work, entry);

			llist_del(&work->entry);
			perform(reader, work);
			llist_add(&work->entry, &done);
			results_put(reader->results, &done);
		}
	}
	return NULL;
}

void reader_start(struct reader *reader, sqlite3 *sqlite,
		  struct results *results)
{
	*reader = (struct reader){ .sqlite = sqlite, .results = results };
	pthread_mutex_init(&reader->lock, NULL);
	queue_init(&reader->queue);
	reader->thread = thread_start("twind-db-read", reader_main, reader);
}

void reader_stop(struct reader *reader)
{
	size_t i;

	queue_stop(&reader->queue);
	pthread_join(reader->thread, NULL);
	queue_fini(&reader->queue);
	for (i = 0; i < _NUM_LOG_QUERY; i++)
		sqlite3_finalize(reader->query[i]);
	sqlite3_close(reader->sqlite);
	pthread_mutex_destroy(&reader->lock);
}
