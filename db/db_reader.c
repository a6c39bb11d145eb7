/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <osmocom/core/utils.h>
#include <stdlib.h>

#include "db_group.h"
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

/* Prepared when it is first asked for. */
static int statement(struct reader *reader, enum log_query kind,
		     const struct db_query *query, sqlite3_stmt **ret_stmt)
{
	int rc = SQLITE_OK;

	if (!reader->query[kind])
		rc = sql_prepare(reader->sqlite, log_query_sql[kind],
				 &reader->query[kind]);
	if (rc == SQLITE_OK) {
		*ret_stmt = reader->query[kind];
		log_query_bind(*ret_stmt, query);
	}
	return rc;
}

/* All rows that @query finds, to the page. */
static int read_rows(struct reader *reader, const struct db_query *query,
		     struct work *work, size_t *room)
{
	sqlite3_stmt *stmt;
	int rc = statement(reader, log_query_of(query), query, &stmt);

	if (rc != SQLITE_OK)
		return rc;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		log_read(stmt, next_row(work, room));
	sqlite3_reset(stmt);
	return rc;
}

/* ---- grouped pages: see db_group.h ---- */

/* Walk from the newest record of all, since a group that was on an earlier
 * page must be known as such, until @query's page is full. */
static int find_groups(struct reader *reader, const struct db_query *query,
		       struct groups *groups)
{
	struct db_query walk = *query;
	sqlite3_stmt *stmt;
	size_t shown = 0;
	int rc;

	walk.before = 0;
	rc = statement(reader, log_query_of(query), &walk, &stmt);
	if (rc != SQLITE_OK)
		return rc;
	while (shown < query->limit &&
	       (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		uint64_t id = sqlite3_column_int64(stmt, 0);
		unsigned int kind = sqlite3_column_int(stmt, 1);
		char number[32];
		struct group *group;

		sql_text(stmt, 2, number, sizeof(number));
		if (groups_find(groups, id % 1000000, kind, number))
			continue;
		group = groups_add(groups, id, id % 1000000, kind, number);
		group->shown = !query->before || id < query->before;
		shown += group->shown;
	}
	sqlite3_reset(stmt);
	return rc;
}

/* Count what else belongs to the shown groups of the owner of @first, the
 * newest of them. */
static int count_repeats(struct reader *reader, const struct db_query *query,
			 struct groups *groups, const struct group *first)
{
	struct db_query rest = *query;
	sqlite3_stmt *stmt;
	int rc;

	rest.owner = first->owner;
	rest.before = first->id;
	rc = statement(reader, LOG_KEYS_OF_OWNER, &rest, &stmt);
	if (rc != SQLITE_OK)
		return rc;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		uint64_t id = sqlite3_column_int64(stmt, 0);
		struct group *group;
		char number[32];

		sql_text(stmt, 2, number, sizeof(number));
		group = groups_find(groups, first->owner,
				    sqlite3_column_int(stmt, 1), number);
		if (group && group->shown && id < group->id)
			group->count++;
	}
	sqlite3_reset(stmt);
	return rc;
}

/* The shown ones are the last, from @first on. */
static bool owner_is_new(const struct groups *groups, size_t first, size_t i)
{
	size_t k;

	for (k = first; k < i; k++)
		if (groups->v[k].owner == groups->v[i].owner)
			return false;
	return true;
}

static int read_groups(struct reader *reader, struct groups *groups,
		       struct work *work, size_t *room)
{
	struct db_query one = { .limit = 1 };
	size_t i, first = 0;
	int rc = find_groups(reader, &work->query, groups);

	while (first < groups->n && !groups->v[first].shown)
		first++;
	for (i = first; i < groups->n && sql_errno(reader->sqlite, rc) == 0;
	     i++)
		if (owner_is_new(groups, first, i))
			rc = count_repeats(reader, &work->query, groups,
					   &groups->v[i]);
	for (i = first; i < groups->n && sql_errno(reader->sqlite, rc) == 0;
	     i++) {
		one.id = groups->v[i].id;
		rc = read_rows(reader, &one, work, room);
		if (rc == SQLITE_DONE)
			work->log[work->n - 1].count = groups->v[i].count;
	}
	return rc;
}

/* In one snapshot: the writer goes on meanwhile. */
static int read_grouped(struct reader *reader, struct work *work, size_t *room)
{
	struct groups groups;
	int rc;

	rc = sqlite3_exec(reader->sqlite, "BEGIN", NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return rc;
	groups_init(&groups);
	rc = read_groups(reader, &groups, work, room);
	groups_fini(&groups);
	sqlite3_exec(reader->sqlite, "COMMIT", NULL, NULL, NULL);
	return rc;
}

static int read_page(struct reader *reader, struct work *work)
{
	const struct db_query *query = &work->query;
	size_t room = 0;

	if (query->grouped && !query->id && !query->call)
		return read_grouped(reader, work, &room);
	return read_rows(reader, query, work, &room);
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
