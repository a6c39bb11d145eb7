/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_conn.h - a connection with the settings that the promises hang on
 */
#pragma once

#include <sqlite3.h>

#include "db_file.h"

enum conn_role { CONN_WRITER, CONN_READER };

/* Open, without changing anything: closing it again leaves the files as they
 * were, until conn_keep(). */
int conn_open(const struct db_file *file, const char *vfs, sqlite3 **ret_sqlite,
	      char why[DB_WHY_MAX]);

/* From now on closing the last connection cleans up. */
void conn_keep(sqlite3 *sqlite);

/* Set every setting of @role and read it back: SQLite takes a misspelt one
 * without a murmur. */
int conn_set_up(sqlite3 *sqlite, enum conn_role role, char why[DB_WHY_MAX]);

enum conn_check { CHECK_SMALL, CHECK_QUICK, CHECK_ALL };

/* 0, -EUCLEAN with the first finding in @why, -EIO ... */
int conn_check(sqlite3 *sqlite, enum conn_check check, char why[DB_WHY_MAX]);

/* One sentence about the last error, as sql_errno(). */
int conn_error(sqlite3 *sqlite, int rc, char why[DB_WHY_MAX]);
