/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_sql.h - a connection as its thread sees it: prepared once, used often
 */
#pragma once

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

/* 0 for SQLITE_OK, ROW and DONE; -EEXIST: a constraint; -ENOSPC; -EUCLEAN:
 * not a database, or a damaged one; -EIO: anything else the disk does.  No
 * memory and misuse end the program. */
int sql_errno(sqlite3 *sqlite, int rc);

/* The same where no result may say damaged: -EIO then. */
int sql_result(sqlite3 *sqlite, int rc);

/* Prepare @sql, which is ours and right. */
int sql_prepare(sqlite3 *sqlite, const char *sql, sqlite3_stmt **ret_stmt);

/* Perform a prepared statement that has no rows, and make it ready for its
 * next use; an SQLite code. */
int sql_run(sqlite3_stmt *stmt);

void sql_bind_text(sqlite3_stmt *stmt, int column, const char *text);
void sql_bind_int(sqlite3_stmt *stmt, int column, int64_t value);

/* Copies what fits, always terminated. */
void sql_text(sqlite3_stmt *stmt, int column, char *text, size_t size);
