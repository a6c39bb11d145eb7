/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <osmocom/core/utils.h>

#include "db_sql.h"

int sql_errno(sqlite3 *sqlite, int rc)
{
	int os;

	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_CONSTRAINT:
		return -EEXIST;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EUCLEAN;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		/* The -shm is made by ftruncate(), whose ENOSPC comes as an
		 * I/O error. */
		os = sqlite3_system_errno(sqlite);
		return os == ENOSPC || os == EDQUOT ? -ENOSPC : -EIO;
	case SQLITE_NOMEM:
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
		osmo_panic("SQLite: %s\n", sqlite3_errstr(rc));
	}
	return -EIO;
}

int sql_result(sqlite3 *sqlite, int rc)
{
	int err = sql_errno(sqlite, rc);

	return err == -EUCLEAN ? -EIO : err;
}

int sql_prepare(sqlite3 *sqlite, const char *sql, sqlite3_stmt **ret_stmt)
{
	return sqlite3_prepare_v3(sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT,
				  ret_stmt, NULL);
}

int sql_run(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	OSMO_ASSERT(rc != SQLITE_ROW);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

void sql_bind_text(sqlite3_stmt *stmt, int column, const char *text)
{
	sqlite3_bind_text(stmt, column, text, -1, SQLITE_STATIC);
}

void sql_bind_int(sqlite3_stmt *stmt, int column, int64_t value)
{
	sqlite3_bind_int64(stmt, column, value);
}

void sql_text(sqlite3_stmt *stmt, int column, char *text, size_t size)
{
	const char *value = (const char *)sqlite3_column_text(stmt, column);

	osmo_strlcpy(text, value ? value : "", size);
}
