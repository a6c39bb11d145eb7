/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "db_sql.h"
#include "db_table.h"

#define INSERT                                                                 \
	"INSERT INTO extension (id, number, name, kind, ha1_md5, ha1_sha256)"  \
	" VALUES (?, ?, ?, ?, ?, ?)"

static void bind(sqlite3_stmt *stmt, const struct db_row *row)
{
	const struct db_extension *ext = &row->extension;

	sql_bind_int(stmt, 1, ext->id);
	sql_bind_text(stmt, 2, ext->number);
	sql_bind_text(stmt, 3, ext->name);
	sql_bind_int(stmt, 4, ext->kind);
	sql_bind_text(stmt, 5, ext->ha1_md5);
	sql_bind_text(stmt, 6, ext->ha1_sha256);
}

static void bind_key(sqlite3_stmt *stmt, const struct db_row *row)
{
	sql_bind_int(stmt, 1, row->extension.id);
}

static void read_row(sqlite3_stmt *stmt, struct db_row *row)
{
	struct db_extension *ext = &row->extension;

	ext->id = sqlite3_column_int64(stmt, 0);
	sql_text(stmt, 1, ext->number, sizeof(ext->number));
	sql_text(stmt, 2, ext->name, sizeof(ext->name));
	ext->kind = sqlite3_column_int64(stmt, 3);
	sql_text(stmt, 4, ext->ha1_md5, sizeof(ext->ha1_md5));
	sql_text(stmt, 5, ext->ha1_sha256, sizeof(ext->ha1_sha256));
}

const struct db_table db_table_extension = {
	/* No REPLACE: it would delete the old row first, and with it, by the
	 * foreign keys, the contact, the settings and the log. */
	.sql = {
		[DB_PUT] = INSERT
			" ON CONFLICT (id) DO UPDATE SET"
			" number = excluded.number, name = excluded.name,"
			" kind = excluded.kind, ha1_md5 = excluded.ha1_md5,"
			" ha1_sha256 = excluded.ha1_sha256",
		[DB_ADD] = INSERT,
		[DB_DELETE] = "DELETE FROM extension WHERE id = ?",
	},
	.load = "SELECT id, number, name, kind, ha1_md5, ha1_sha256"
		" FROM extension ORDER BY id",
	.bind = bind,
	.bind_key = bind_key,
	.read = read_row,
};
