/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "db_sql.h"
#include "db_table.h"

/* Who is in a pairing at all is the business of the table pairing_member,
 * which the schema's triggers keep. */
#define INSERT                                                                 \
	"INSERT INTO pairing (primary_extension, secondary_extension,"         \
	" max_calls, twin_bridge, twin_coverage, twin_line,"                   \
	" dnd_primary_only) VALUES (?, ?, ?, ?, ?, ?, ?)"

static void bind(sqlite3_stmt *stmt, const struct db_row *row)
{
	const struct db_pairing *pairing = &row->pairing;

	sql_bind_int(stmt, 1, pairing->primary);
	sql_bind_int(stmt, 2, pairing->secondary);
	sql_bind_int(stmt, 3, pairing->max_calls);
	sql_bind_int(stmt, 4, pairing->twin_bridge);
	sql_bind_int(stmt, 5, pairing->twin_coverage);
	sql_bind_int(stmt, 6, pairing->twin_line);
	sql_bind_int(stmt, 7, pairing->dnd_primary_only);
}

static void bind_key(sqlite3_stmt *stmt, const struct db_row *row)
{
	sql_bind_int(stmt, 1, row->pairing.primary);
}

static void read_row(sqlite3_stmt *stmt, struct db_row *row)
{
	struct db_pairing *pairing = &row->pairing;

	pairing->primary = sqlite3_column_int64(stmt, 0);
	pairing->secondary = sqlite3_column_int64(stmt, 1);
	pairing->max_calls = sqlite3_column_int64(stmt, 2);
	pairing->twin_bridge = sqlite3_column_int(stmt, 3);
	pairing->twin_coverage = sqlite3_column_int(stmt, 4);
	pairing->twin_line = sqlite3_column_int(stmt, 5);
	pairing->dnd_primary_only = sqlite3_column_int(stmt, 6);
}

const struct db_table db_table_pairing = {
	.sql = {
		[DB_PUT] = INSERT
			" ON CONFLICT (primary_extension) DO UPDATE SET"
			" secondary_extension = excluded.secondary_extension,"
			" max_calls = excluded.max_calls,"
			" twin_bridge = excluded.twin_bridge,"
			" twin_coverage = excluded.twin_coverage,"
			" twin_line = excluded.twin_line,"
			" dnd_primary_only = excluded.dnd_primary_only",
		[DB_ADD] = INSERT,
		[DB_DELETE] = "DELETE FROM pairing WHERE primary_extension = ?",
	},
	.load = "SELECT primary_extension, secondary_extension, max_calls,"
		" twin_bridge, twin_coverage, twin_line, dnd_primary_only"
		" FROM pairing ORDER BY primary_extension",
	.bind = bind,
	.bind_key = bind_key,
	.read = read_row,
};
