/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "db_sql.h"
#include "db_table.h"

#define INSERT                                                                 \
	"INSERT INTO handset (ipui, base, uak, extension)"                     \
	" VALUES (?, ?, ?, nullif(?, 0))"

static void bind(sqlite3_stmt *stmt, const struct db_row *row)
{
	const struct db_handset *handset = &row->handset;

	sql_bind_int(stmt, 1, handset->ipui);
	sql_bind_text(stmt, 2, handset->base);
	sqlite3_bind_blob(stmt, 3, handset->uak, sizeof(handset->uak),
			  SQLITE_STATIC);
	sql_bind_int(stmt, 4, handset->ext);
}

static void bind_key(sqlite3_stmt *stmt, const struct db_row *row)
{
	sql_bind_int(stmt, 1, row->handset.ipui);
}

static void read_row(sqlite3_stmt *stmt, struct db_row *row)
{
	struct db_handset *handset = &row->handset;

	handset->ipui = sqlite3_column_int64(stmt, 0);
	sql_text(stmt, 1, handset->base, sizeof(handset->base));
	if (sqlite3_column_bytes(stmt, 2) == sizeof(handset->uak))
		memcpy(handset->uak, sqlite3_column_blob(stmt, 2),
		       sizeof(handset->uak));
	handset->ext = sqlite3_column_int64(stmt, 3); /* NULL reads as 0 */
}

const struct db_table db_table_handset = {
	.sql = {
		[DB_PUT] = INSERT
			" ON CONFLICT (ipui) DO UPDATE SET"
			" base = excluded.base, uak = excluded.uak,"
			" extension = excluded.extension",
		[DB_ADD] = INSERT,
		[DB_DELETE] = "DELETE FROM handset WHERE ipui = ?",
	},
	.load = "SELECT ipui, base, uak, extension FROM handset ORDER BY ipui",
	.bind = bind,
	.bind_key = bind_key,
	.read = read_row,
};
