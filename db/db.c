/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "db.h"

#include <errno.h>
#include <osmocom/core/utils.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "db_conn.h"
#include "db_file.h"
#include "db_migrate.h"
#include "db_reader.h"
#include "db_schema.h"
#include "db_sql.h"
#include "db_table.h"
#include "db_writer.h"

#define QUEUE_MAX 4096
#define QUERIES_MAX 64
#define GATHER_MS 100
#define LOG_MAX 1000000

/* A file up to here is checked whole at each start; that takes 15 ms.  A
 * larger one is a long call log: 100,000 rows take 35 ms, and after a clean
 * stop nobody should wait for that. */
#define CHECK_WHOLE_BYTES (4 * 1024 * 1024)

struct db {
	struct db_file file;
	struct writer writer;
	struct reader reader;
	struct results results;
	bool unclean;
	struct work *shown; /* the page of the last result */

	/* The loop's own count of what is under way bounds all queues. */
	size_t queue_max;
	size_t txns;
	size_t queries;
	uint64_t queue_full;
	uint64_t queries_total;
};

/* ---- open and close ---- */

/* 0 or -EUCLEAN: what quick_check says. */
static int believe(const struct db_file *file, sqlite3 *sqlite,
		   char why[DB_WHY_MAX])
{
	enum conn_check check = CHECK_QUICK;
	struct stat st;

	if (!file->unclean && stat(file->path, &st) == 0 &&
	    st.st_size > CHECK_WHOLE_BYTES)
		check = CHECK_SMALL;
	return conn_check(sqlite, check, why);
}

/* What the header could not tell: the newest pages may be in the log. */
static int look_inside(const struct db_file *file, sqlite3 *sqlite,
		       char why[DB_WHY_MAX])
{
	int version = db_version(sqlite);
	int tables = 0;
	sqlite3_stmt *stmt;
	int rc;

	if (version < 0)
		return conn_error(sqlite, sqlite3_extended_errcode(sqlite),
				  why);
	if ((size_t)version > db_schema_count) {
		snprintf(why, DB_WHY_MAX,
			 "%s is of a newer version (schema %d, known here: "
			 "%zu); it was left as it is",
			 file->path, version, db_schema_count);
		return -ENOTSUP;
	}
	if (version > 0)
		return believe(file, sqlite, why);

	rc = sqlite3_prepare_v2(sqlite, "SELECT count(*) FROM sqlite_schema",
				-1, &stmt, NULL);
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(stmt);
		tables = sqlite3_column_int(stmt, 0);
		sqlite3_finalize(stmt);
	}
	if (rc != SQLITE_ROW)
		return conn_error(sqlite, rc, why);
	if (tables > 0) {
		snprintf(why, DB_WHY_MAX,
			 "%s is a database of another program; it was left "
			 "as it is",
			 file->path);
		return -ENOTSUP;
	}
	return 0;
}

/* The disk's own words do not say which file it was. */
static int name_file(const struct db_file *file, int rc, char why[DB_WHY_MAX])
{
	char text[200];

	if (rc == 0 || rc == -EUCLEAN || rc == -ENOTSUP)
		return rc;
	osmo_strlcpy(text, why, sizeof(text));
	snprintf(why, DB_WHY_MAX, "%s cannot be used: %s", file->path, text);
	return rc;
}

static int open_writer(struct db *db, const struct db_config *config,
		       char why[DB_WHY_MAX])
{
	sqlite3 *sqlite;
	int rc;

	rc = conn_open(&db->file, config->vfs, &sqlite, why);
	if (rc)
		return name_file(&db->file, rc, why);
	rc = look_inside(&db->file, sqlite, why);
	if (rc == 0)
		rc = conn_set_up(sqlite, CONN_WRITER, why);
	if (rc == 0)
		rc = conn_error(sqlite,
				db_migrate(sqlite, db_schema, db_schema_count),
				why);
	if (rc == 0)
		rc = conn_error(
			sqlite,
			writer_start(&db->writer, sqlite, &db->results, config),
			why);
	if (rc)
		sqlite3_close(sqlite);
	else
		conn_keep(sqlite);
	return name_file(&db->file, rc, why);
}

static int open_reader(struct db *db, const struct db_config *config,
		       char why[DB_WHY_MAX])
{
	sqlite3 *sqlite;
	int rc;

	rc = conn_open(&db->file, config->vfs, &sqlite, why);
	if (rc)
		return name_file(&db->file, rc, why);
	rc = conn_set_up(sqlite, CONN_READER, why);
	if (rc) {
		sqlite3_close(sqlite);
		return name_file(&db->file, rc, why);
	}
	conn_keep(sqlite);
	reader_start(&db->reader, sqlite, &db->results);
	return 0;
}

static int open_file(struct db *db, const struct db_config *config,
		     char why[DB_WHY_MAX])
{
	int rc = db_file_look(&db->file, db_schema_count, why);

	if (rc == -ENODATA && config->start_anew)
		rc = 0;
	if (rc == 0 && db->file.is_new)
		rc = db_file_create(&db->file, why);
	if (rc == 0)
		rc = open_writer(db, config, why);
	return rc;
}

static int put_aside(struct db *db, const struct db_config *config,
		     char why[DB_WHY_MAX])
{
	char again[DB_WHY_MAX];
	size_t n;
	int rc;

	rc = db_file_put_aside(&db->file, why);
	if (rc)
		return rc;
	n = strlen(why);
	if (!config->start_anew) {
		snprintf(&why[n], DB_WHY_MAX - n,
			 ": put a backup in its place,"
			 " or move it to another directory to begin with"
			 " nothing");
		return -EUCLEAN;
	}
	rc = open_file(db, config, again);
	if (rc)
		osmo_strlcpy(why, again, DB_WHY_MAX);
	return rc;
}

static int close_all(struct db *db)
{
	/* The writer last: it cleans up after both. */
	if (db->reader.sqlite)
		reader_stop(&db->reader);
	if (db->writer.sqlite)
		writer_stop(&db->writer);
	results_fini(&db->results);
	work_free(db->shown);
	db_file_fini(&db->file);
	return 0;
}

int db_open(void *ctx, const char *dir, const struct db_config *config,
	    struct db **ret_db, char why[DB_WHY_MAX])
{
	struct db_config set = config ? *config : (struct db_config){ 0 };
	struct db *db = talloc_zero(ctx, struct db);
	int rc;

	OSMO_ASSERT(db);
	OSMO_ASSERT(results_init(&db->results) == 0);
	set.gather_ms = set.gather_ms ? set.gather_ms : GATHER_MS;
	set.log_max = set.log_max ? set.log_max : LOG_MAX;
	db->queue_max = set.queue_max ? set.queue_max : QUEUE_MAX;
	talloc_set_destructor(db, close_all);

	why[0] = '\0';
	rc = db_file_init(db, &db->file, dir, why);
	if (rc)
		goto failed;
	rc = open_file(db, &set, why);
	db->unclean = db->file.unclean;
	if (rc == -EUCLEAN)
		rc = put_aside(db, &set, why);
	if (rc == 0)
		rc = open_reader(db, &set, why);
	if (rc)
		goto failed;
	*ret_db = db;
	return 0;

failed:
	talloc_free(db);
	return rc == -ENODATA ? -EUCLEAN : rc;
}

void db_close(struct db *db)
{
	talloc_free(db);
}

bool db_was_unclean(const struct db *db)
{
	return db->unclean;
}

/* ---- before the loop starts ---- */

int db_load(struct db *db, enum db_row_type type, db_row_cb *cb, void *data)
{
	const struct db_table *table = db_tables[type];
	sqlite3_stmt *stmt;
	struct db_row row;
	int rc;

	pthread_mutex_lock(&db->reader.lock);
	rc = sql_prepare(db->reader.sqlite, table->load, &stmt);
	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(stmt);
		if (rc != SQLITE_ROW)
			break;
		memset(&row, 0, sizeof(row));
		row.type = type;
		table->read(stmt, &row);
		if (!cb(&row, data))
			break;
	}
	sqlite3_finalize(stmt);
	rc = sql_result(db->reader.sqlite, rc);
	pthread_mutex_unlock(&db->reader.lock);
	return rc;
}

int db_max_call(struct db *db, uint64_t *ret_call)
{
	sqlite3_stmt *stmt;
	int rc;

	pthread_mutex_lock(&db->reader.lock);
	rc = sql_prepare(
		db->reader.sqlite,
		"SELECT max(ifnull((SELECT max(id) / 1000000 FROM log),"
		" 0), ifnull((SELECT call FROM past), 0))",
		&stmt);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*ret_call = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	rc = sql_result(db->reader.sqlite, rc);
	pthread_mutex_unlock(&db->reader.lock);
	return rc;
}

int db_seed(struct db *db, uint8_t ret_seed[DB_SEED_BYTES])
{
	sqlite3_stmt *stmt;
	int rc;

	pthread_mutex_lock(&db->reader.lock);
	rc = sql_prepare(db->reader.sqlite, "SELECT seed FROM identity", &stmt);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		memcpy(ret_seed, sqlite3_column_blob(stmt, 0), DB_SEED_BYTES);
	sqlite3_finalize(stmt);
	rc = sql_result(db->reader.sqlite, rc);
	pthread_mutex_unlock(&db->reader.lock);
	return rc;
}

int db_check(struct db *db, char why[DB_WHY_MAX])
{
	int rc;

	pthread_mutex_lock(&db->reader.lock);
	rc = conn_check(db->reader.sqlite, CHECK_ALL, why);
	pthread_mutex_unlock(&db->reader.lock);
	return rc;
}

/* ---- submitting ---- */

static struct work *new_work(enum work_type type, uint64_t token, size_t ops)
{
	struct work *work = malloc(sizeof(*work) + ops * sizeof(work->op[0]));

	OSMO_ASSERT(work);
	*work = (struct work){ .type = type, .token = token, .why = "" };
	return work;
}

/* Log rows can wait for company; whatever else it is, somebody waits. */
static bool is_urgent(const struct db_op *op, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (op[i].verb != DB_ADD || op[i].row.type != DB_LOG)
			return true;
	return false;
}

int db_submit(struct db *db, uint64_t token, const struct db_op *op, size_t n)
{
	struct work *work;
	size_t i;

	OSMO_ASSERT(n > 0 && n <= DB_OPS_MAX);
	for (i = 0; i < n; i++)
		OSMO_ASSERT(db_tables[op[i].row.type]->sql[op[i].verb]);
	if (db->txns >= db->queue_max) {
		db->queue_full++;
		return -EAGAIN;
	}
	db->txns++;
	work = new_work(WORK_TXN, token, n);
	memcpy(work->op, op, n * sizeof(*op));
	work->n = n;
	queue_put(&db->writer.queue, work,
		  is_urgent(op, n) || db->txns > db->queue_max / 2);
	return 0;
}

int db_backup(struct db *db, uint64_t token, const char *path)
{
	struct work *work;

	if (db->txns >= db->queue_max) {
		db->queue_full++;
		return -EAGAIN;
	}
	db->txns++;
	work = new_work(WORK_BACKUP, token, 0);
	work->path = strdup(path);
	OSMO_ASSERT(work->path);
	queue_put(&db->writer.queue, work, true);
	return 0;
}

int db_query(struct db *db, uint64_t token, const struct db_query *query)
{
	struct work *work;

	if (query->limit < 1 || query->limit > DB_PAGE_MAX)
		return -EINVAL;
	if (db->queries >= QUERIES_MAX) {
		db->queue_full++;
		return -EAGAIN;
	}
	db->queries++;
	db->queries_total++;
	work = new_work(WORK_QUERY, token, 0);
	work->query = *query;
	queue_put(&db->reader.queue, work, true);
	return 0;
}

/* ---- results ---- */

int db_fd(const struct db *db)
{
	return db->results.fd;
}

bool db_next_result(struct db *db, struct db_result *ret_result)
{
	struct work *work = results_next(&db->results);

	work_free(db->shown);
	db->shown = work;
	if (!work)
		return false;
	*ret_result = (struct db_result){
		.type = DB_STORED,
		.token = work->token,
		.rc = work->rc,
		.why = work->why,
	};
	if (work->type == WORK_QUERY) {
		db->queries--;
		ret_result->type = DB_PAGE;
		ret_result->log = work->log;
		ret_result->n = work->n;
	} else {
		db->txns--;
	}
	return true;
}

void db_counts(struct db *db, struct db_counts *ret_counts)
{
	pthread_mutex_lock(&db->writer.queue.lock);
	*ret_counts = db->writer.counts;
	pthread_mutex_unlock(&db->writer.queue.lock);
	ret_counts->queue_full = db->queue_full;
	ret_counts->queries = db->queries_total;
	ret_counts->queued = db->txns + db->queries;
}
