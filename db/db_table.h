/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_table.h - what each table is to the threads: texts and three functions
 *
 * The columns of put, add and load stand in the order of the row's struct
 * and are numbered so; a verb that a table does not know is NULL.
 */
#pragma once

#include <sqlite3.h>

#include "db.h"

struct db_table {
	const char *sql[_NUM_DB_VERB];
	const char *load; /* all rows, in order of the key */
	/* For put and add; for the other verbs. */
	void (*bind)(sqlite3_stmt *stmt, const struct db_row *row);
	void (*bind_key)(sqlite3_stmt *stmt, const struct db_row *row);
	void (*read)(sqlite3_stmt *stmt, struct db_row *row);
};

extern const struct db_table db_table_extension;
extern const struct db_table db_table_pairing;
extern const struct db_table db_table_contact;
extern const struct db_table db_table_handset;
extern const struct db_table db_table_setting;
extern const struct db_table db_table_log;

extern const struct db_table *const db_tables[_NUM_DB_ROW_TYPE];
