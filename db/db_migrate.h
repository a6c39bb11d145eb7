/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_migrate.h - bring a database to the newest schema, step by step
 *
 *     version 0 --0001--> 1 --0002--> 2 ... --> @count
 *
 * A step and its user_version are one transaction: whatever happens, the
 * database is whole and says truly which version it is.
 */
#pragma once

#include <sqlite3.h>
#include <stddef.h>

/* The version that the database says it has, or -1 if it cannot be read
 * (sqlite3_errcode() tells why). */
int db_version(sqlite3 *sqlite);

/* Perform the steps that are missing; an SQLite code.  A database that is
 * newer than @count must not come here. */
int db_migrate(sqlite3 *sqlite, const char *const *steps, size_t count);
