/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <osmocom/core/utils.h>
#include <stdio.h>

#include "db_migrate.h"

int db_version(sqlite3 *sqlite)
{
	sqlite3_stmt *stmt;
	int version = -1;

	if (sqlite3_prepare_v2(sqlite, "PRAGMA user_version", -1, &stmt,
			       NULL) != SQLITE_OK)
		return -1;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		version = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return version;
}

static int migrate_step(sqlite3 *sqlite, const char *step, size_t version)
{
	char set_version[48];
	int rc;

	snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %zu",
		 version);

	rc = sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(sqlite, step, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(sqlite, set_version, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(sqlite, "COMMIT", NULL, NULL, NULL);
	if (rc != SQLITE_OK && !sqlite3_get_autocommit(sqlite))
		sqlite3_exec(sqlite, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

int db_migrate(sqlite3 *sqlite, const char *const *steps, size_t count)
{
	int version = db_version(sqlite);
	int rc = SQLITE_OK;
	size_t i;

	if (version < 0)
		return sqlite3_extended_errcode(sqlite);
	OSMO_ASSERT((size_t)version <= count);
	for (i = version; i < count && rc == SQLITE_OK; i++)
		rc = migrate_step(sqlite, steps[i], i + 1);
	return rc;
}
