/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <osmocom/core/utils.h>
#include <stdio.h>
#include <string.h>

#include "db_conn.h"
#include "db_sql.h"

/* Another program may look into the database, or back it up. */
#define BUSY_MS 5000

#define BOTH (1 << CONN_WRITER | 1 << CONN_READER)

/* One by one, since the order counts: the size of pages only before the
 * first is written.  @want NULL: an old database may have another.
 *
 * Pages of 1 KiB: a record changes the last page of the log and one of its
 * index, wherever that user's is, so that small pages are what saves bytes:
 * a third less is sent to the disk a call than with 4 KiB, half the time is
 * spent on it (bench_db), and reading is as fast. */
static const struct {
	const char *pragma;
	const char *value;
	const char *want;
	unsigned int roles;
} settings[] = {
	{ "page_size", "1024", NULL, 1 << CONN_WRITER },
	{ "journal_mode", "WAL", "wal", 1 << CONN_WRITER },
	{ "synchronous", "FULL", "2", BOTH },
	{ "foreign_keys", "ON", "1", 1 << CONN_WRITER },
	{ "query_only", "ON", "1", 1 << CONN_READER },
	/* The writer thread makes the checkpoints, after its answers. */
	{ "wal_autocheckpoint", "0", "0", BOTH },
	{ "journal_size_limit", "16777216", "16777216", 1 << CONN_WRITER },
	/* Deleted keys are wiped where that costs no write of its own. */
	{ "secure_delete", "FAST", "2", 1 << CONN_WRITER },
	{ "cell_size_check", "ON", "1", BOTH },
	{ "trusted_schema", "OFF", "0", BOTH },
	{ "temp_store", "MEMORY", "2", BOTH },
	{ "cache_size", "-512", "-512", BOTH }, /* KiB */
};

int conn_error(sqlite3 *sqlite, int rc, char why[DB_WHY_MAX])
{
	int err = sql_errno(sqlite, rc);

	if (err)
		snprintf(why, DB_WHY_MAX, "%s", sqlite3_errstr(rc));
	return err;
}

int conn_open(const struct db_file *file, const char *vfs, sqlite3 **ret_sqlite,
	      char why[DB_WHY_MAX])
{
	sqlite3 *sqlite;
	int rc;

	rc = sqlite3_open_v2(file->path, &sqlite,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
				     SQLITE_OPEN_EXRESCODE,
			     vfs);
	if (rc != SQLITE_OK) {
		rc = conn_error(sqlite, rc, why);
		sqlite3_close(sqlite);
		return rc;
	}
	sqlite3_busy_timeout(sqlite, BUSY_MS);
	sqlite3_db_config(sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	*ret_sqlite = sqlite;
	return 0;
}

void conn_keep(sqlite3 *sqlite)
{
	sqlite3_db_config(sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
}

/* Perform @sql; the first column of its first row goes to @text. */
static int ask(sqlite3 *sqlite, const char *sql, char *text, size_t size)
{
	sqlite3_stmt *stmt;
	int rc;

	text[0] = '\0';
	rc = sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		sql_text(stmt, 0, text, size);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int conn_set_up(sqlite3 *sqlite, enum conn_role role, char why[DB_WHY_MAX])
{
	char sql[64], is[32];
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (!(settings[i].roles & 1 << role))
			continue;
		snprintf(sql, sizeof(sql), "PRAGMA %s = %s", settings[i].pragma,
			 settings[i].value);
		rc = ask(sqlite, sql, is, sizeof(is));
		if (rc != SQLITE_OK)
			return conn_error(sqlite, rc, why);

		snprintf(sql, sizeof(sql), "PRAGMA %s", settings[i].pragma);
		rc = ask(sqlite, sql, is, sizeof(is));
		if (rc != SQLITE_OK)
			return conn_error(sqlite, rc, why);
		if (settings[i].want && strcmp(is, settings[i].want) != 0) {
			snprintf(why, DB_WHY_MAX,
				 "SQLite has %s %s here, not %s; the state "
				 "directory must be on a local file system",
				 settings[i].pragma, is, settings[i].want);
			return -EIO;
		}
	}
	return 0;
}

static int check_one(sqlite3 *sqlite, const char *sql, char why[DB_WHY_MAX])
{
	char finding[200];
	int rc = ask(sqlite, sql, finding, sizeof(finding));

	if (rc != SQLITE_OK)
		return conn_error(sqlite, rc, why);
	if (strcmp(finding, "ok") == 0)
		return 0;
	/* "*** in database main ***" and a line break come first, or not. */
	snprintf(why, DB_WHY_MAX, "%s",
		 strrchr(finding, '\n') ? strrchr(finding, '\n') + 1 : finding);
	return -EUCLEAN;
}

/* What the gateway cannot be without: every table but the log. */
static int check_small(sqlite3 *sqlite, char why[DB_WHY_MAX])
{
	char sql[160];
	sqlite3_stmt *stmt;
	int rc, step;

	rc = sqlite3_prepare_v2(sqlite,
				"SELECT name FROM sqlite_schema"
				" WHERE type = 'table' AND name <> 'log'",
				-1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return conn_error(sqlite, rc, why);
	rc = 0;
	while ((step = sqlite3_step(stmt)) == SQLITE_ROW && rc == 0) {
		snprintf(sql, sizeof(sql), "PRAGMA quick_check(\"%.100s\")",
			 (const char *)sqlite3_column_text(stmt, 0));
		rc = check_one(sqlite, sql, why);
	}
	sqlite3_finalize(stmt);
	if (rc == 0 && step != SQLITE_DONE)
		rc = conn_error(sqlite, step, why);
	return rc;
}

int conn_check(sqlite3 *sqlite, enum conn_check check, char why[DB_WHY_MAX])
{
	switch (check) {
	case CHECK_SMALL:
		return check_small(sqlite, why);
	case CHECK_QUICK:
		return check_one(sqlite, "PRAGMA quick_check(1)", why);
	case CHECK_ALL:
		return check_one(sqlite, "PRAGMA integrity_check(1)", why);
	}
	OSMO_ASSERT(false);
}
