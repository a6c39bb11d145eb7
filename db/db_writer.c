/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <osmocom/core/utils.h>

#include "db_backup.h"
#include "db_sql.h"
#include "db_table.h"
#include "db_thread.h"
#include "db_writer.h"

/* 4 MiB of log: many commits to the same page cost one write to the file,
 * and after a kill it is read again in a few milliseconds. */
#define CHECKPOINT_PAGES 2000

/* To find the oldest to keep takes a walk over all others, so it is done once
 * in a thousand records: a few microseconds for each.  It deletes more than
 * came, to catch up if the limit was lowered. */
#define TRIM_EACH 1000
#define TRIM_SQL                                                               \
	"DELETE FROM log WHERE id IN (SELECT id FROM log WHERE id <="          \
	" (SELECT id FROM log ORDER BY id DESC LIMIT 1 OFFSET ?)"              \
	" ORDER BY id LIMIT 2000)"

static int perform_op(struct writer *writer, const struct db_op *op)
{
	const struct db_table *table = db_tables[op->row.type];
	sqlite3_stmt *stmt = writer->op[op->row.type][op->verb];

	if (op->verb == DB_PUT || op->verb == DB_ADD)
		table->bind(stmt, &op->row);
	else
		table->bind_key(stmt, &op->row);
	writer->log_added += op->row.type == DB_LOG;
	return sql_run(stmt);
}

/* A refusal is undone and is no error; any other error ends the group. */
static int perform_txn(struct writer *writer, struct work *txn)
{
	int rc = sql_run(writer->savepoint);
	size_t i;

	for (i = 0; i < txn->n && rc == SQLITE_OK; i++)
		rc = perform_op(writer, &txn->op[i]);
	if ((rc & 0xff) == SQLITE_CONSTRAINT) {
		txn->rc = -EEXIST;
		txn->why = sqlite3_errstr(rc);
		rc = sql_run(writer->rollback_to);
	}
	return rc == SQLITE_OK ? sql_run(writer->release) : rc;
}

static int perform_txns(struct writer *writer, struct llist_head *group)
{
	struct work *work;
	int rc = sql_run(writer->begin);

	llist_for_each_entry (work, group, entry) {
		if (rc != SQLITE_OK)
			break;
		if (work->type == WORK_TXN)
			rc = perform_txn(writer, work);
	}
	return rc == SQLITE_OK ? sql_run(writer->commit) : rc;
}

static void perform_group(struct writer *writer, struct llist_head *group,
			  struct db_counts *counts)
{
	int rc = perform_txns(writer, group);
	int err = sql_result(writer->sqlite, rc);
	struct work *work;

	/* After some errors SQLite has rolled back by itself. */
	if (!sqlite3_get_autocommit(writer->sqlite))
		sql_run(writer->rollback);

	counts->commits += rc == SQLITE_OK;
	llist_for_each_entry (work, group, entry) {
		if (work->type != WORK_TXN)
			continue;
		if (err && work->rc == 0) {
			work->rc = err;
			work->why = sqlite3_errstr(rc);
		}
		counts->stored += work->rc == 0;
		counts->refused += work->rc == -EEXIST;
		counts->failed += work->rc && work->rc != -EEXIST;
	}
}

/* Copies hold what was submitted before them, so they come after the
 * commit. */
static void perform_backups(struct writer *writer, struct llist_head *group)
{
	struct work *work;

	llist_for_each_entry (work, group, entry)
		if (work->type == WORK_BACKUP)
			work->rc = db_backup_to(writer->sqlite, work->path,
						&work->why);
}

static int wal_grew(void *data, sqlite3 *sqlite, const char *name, int pages)
{
	struct writer *writer = data;

	writer->wal_pages = pages;
	return SQLITE_OK;
}

/* Not in the group's own transaction: its failure is not theirs. */
static void trim(struct writer *writer, struct db_counts *counts)
{
	if (writer->log_added < TRIM_EACH)
		return;
	writer->log_added = 0;
	sql_bind_int(writer->trim, 1, writer->log_max);
	if (sql_run(writer->trim) == SQLITE_OK)
		counts->trimmed += sqlite3_changes(writer->sqlite);
}

/* Nobody waits for this but the next group.  One that fails, or that a
 * reader's page holds up, is tried again when the log has grown by as much. */
static void checkpoint(struct writer *writer, struct db_counts *counts)
{
	int pages = 0, done = 0;
	int rc;

	if (writer->wal_pages < writer->checkpoint_at)
		return;
	rc = sqlite3_wal_checkpoint_v2(
		writer->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &done);
	if (rc == SQLITE_OK && done == pages) {
		counts->checkpoints++;
		writer->checkpoint_at = CHECKPOINT_PAGES;
		writer->wal_pages = 0;
	} else {
		counts->checkpoints_failed += rc != SQLITE_OK;
		writer->checkpoint_at = writer->wal_pages + CHECKPOINT_PAGES;
	}
}

static void *writer_main(void *data)
{
	struct writer *writer = data;
	struct db_counts counts = { 0 };
	LLIST_HEAD(group);

	while (queue_take(&writer->queue, writer->gather_ms, &group)) {
		perform_group(writer, &group, &counts);
		perform_backups(writer, &group);
		pthread_mutex_lock(&writer->queue.lock);
		writer->counts = counts;
		pthread_mutex_unlock(&writer->queue.lock);
		results_put(writer->results, &group);
		trim(writer, &counts);
		checkpoint(writer, &counts);
	}
	return NULL;
}

static int prepare(struct writer *writer)
{
	const struct {
		const char *sql;
		sqlite3_stmt **stmt;
	} own[] = {
		{ "BEGIN IMMEDIATE", &writer->begin },
		{ "COMMIT", &writer->commit },
		{ "ROLLBACK", &writer->rollback },
		{ "SAVEPOINT txn", &writer->savepoint },
		{ "RELEASE txn", &writer->release },
		{ "ROLLBACK TO txn", &writer->rollback_to },
		{ TRIM_SQL, &writer->trim },
	};
	size_t i, verb;
	int rc = SQLITE_OK;

	for (i = 0; i < ARRAY_SIZE(own) && rc == SQLITE_OK; i++)
		rc = sql_prepare(writer->sqlite, own[i].sql, own[i].stmt);
	for (i = 0; i < _NUM_DB_ROW_TYPE; i++)
		for (verb = 0; verb < _NUM_DB_VERB && rc == SQLITE_OK; verb++)
			if (db_tables[i]->sql[verb])
				rc = sql_prepare(writer->sqlite,
						 db_tables[i]->sql[verb],
						 &writer->op[i][verb]);
	return rc;
}

static void finalize(struct writer *writer)
{
	sqlite3_stmt *stmt;

	while ((stmt = sqlite3_next_stmt(writer->sqlite, NULL)))
		sqlite3_finalize(stmt);
}

int writer_start(struct writer *writer, sqlite3 *sqlite,
		 struct results *results, const struct db_config *config)
{
	int rc;

	*writer = (struct writer){
		.sqlite = sqlite,
		.results = results,
		.gather_ms = config->gather_ms,
		.log_max = config->log_max,
		.checkpoint_at = CHECKPOINT_PAGES,
	};
	rc = prepare(writer);
	if (rc != SQLITE_OK) {
		finalize(writer);
		return rc;
	}
	sqlite3_wal_hook(sqlite, wal_grew, writer);
	queue_init(&writer->queue);
	writer->thread = thread_start("twind-db-write", writer_main, writer);
	return SQLITE_OK;
}

void writer_stop(struct writer *writer)
{
	queue_stop(&writer->queue);
	pthread_join(writer->thread, NULL);
	queue_fini(&writer->queue);
	finalize(writer);
	sqlite3_close(writer->sqlite);
}
