/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "db_sql.h"
#include "db_table.h"

#define INSERT "INSERT INTO setting (extension, key, value) VALUES (?, ?, ?)"

static void bind_key(sqlite3_stmt *stmt, const struct db_row *row)
{
	sql_bind_int(stmt, 1, row->setting.ext);
	sql_bind_text(stmt, 2, row->setting.key);
}

static void bind(sqlite3_stmt *stmt, const struct db_row *row)
{
	bind_key(stmt, row);
	sql_bind_text(stmt, 3, row->setting.value);
}

static void read_row(sqlite3_stmt *stmt, struct db_row *row)
{
	struct db_setting *setting = &row->setting;

	setting->ext = sqlite3_column_int64(stmt, 0);
	sql_text(stmt, 1, setting->key, sizeof(setting->key));
	sql_text(stmt, 2, setting->value, sizeof(setting->value));
}

const struct db_table db_table_setting = {
	.sql = {
		[DB_PUT] = INSERT " ON CONFLICT (extension, key)"
				  " DO UPDATE SET value = excluded.value",
		[DB_ADD] = INSERT,
		[DB_DELETE] = "DELETE FROM setting"
			      " WHERE extension = ? AND key = ?",
	},
	.load = "SELECT extension, key, value FROM setting"
		" ORDER BY extension, key",
	.bind = bind,
	.bind_key = bind_key,
	.read = read_row,
};
