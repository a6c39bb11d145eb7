/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "db_sql.h"
#include "db_table.h"

#define INSERT                                                                 \
	"INSERT INTO contact (extension, uri, source, user_agent, interval_s)" \
	" VALUES (?, ?, ?, ?, ?)"

static void bind(sqlite3_stmt *stmt, const struct db_row *row)
{
	const struct db_contact *contact = &row->contact;

	sql_bind_int(stmt, 1, contact->ext);
	sql_bind_text(stmt, 2, contact->uri);
	sql_bind_text(stmt, 3, contact->source);
	sql_bind_text(stmt, 4, contact->user_agent);
	sql_bind_int(stmt, 5, contact->interval_s);
}

static void bind_key(sqlite3_stmt *stmt, const struct db_row *row)
{
	sql_bind_int(stmt, 1, row->contact.ext);
}

static void read_row(sqlite3_stmt *stmt, struct db_row *row)
{
	struct db_contact *contact = &row->contact;

	contact->ext = sqlite3_column_int64(stmt, 0);
	sql_text(stmt, 1, contact->uri, sizeof(contact->uri));
	sql_text(stmt, 2, contact->source, sizeof(contact->source));
	sql_text(stmt, 3, contact->user_agent, sizeof(contact->user_agent));
	contact->interval_s = sqlite3_column_int64(stmt, 4);
}

const struct db_table db_table_contact = {
	.sql = {
		[DB_PUT] = INSERT
			" ON CONFLICT (extension) DO UPDATE SET"
			" uri = excluded.uri, source = excluded.source,"
			" user_agent = excluded.user_agent,"
			" interval_s = excluded.interval_s",
		[DB_ADD] = INSERT,
		[DB_DELETE] = "DELETE FROM contact WHERE extension = ?",
	},
	.load = "SELECT extension, uri, source, user_agent, interval_s"
		" FROM contact ORDER BY extension",
	.bind = bind,
	.bind_key = bind_key,
	.read = read_row,
};
