/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <osmocom/core/utils.h>

#include "db_log.h"
#include "db_sql.h"
#include "db_table.h"

/* Nothing is inserted for an owner who was removed while the call went on:
 * an error would refuse the other user's record of the same call. */
#define INSERT                                                                 \
	"INSERT INTO log (id, time_ms, kind, number, name, talk_ms,"           \
	" ring_ms, device, cause, outcome, seen)"                              \
	" SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11"                 \
	" WHERE EXISTS (SELECT 1 FROM extension WHERE id = ?1 % 1000000)"

#define COLUMNS                                                                \
	"log.id, time_ms, kind, number, name, talk_ms, ring_ms, device,"       \
	" cause, outcome, seen"

/* The parameters have one number each, whatever the query. */
#define LIMIT "?1"
#define BEFORE "?2"
#define KINDS "?3"
#define OWNER "?4"
#define ID "?5"
#define CALL "?6"

#define OF_KINDS "(1 << kind) & " KINDS

#define EACH(AND_OWNER)                                                        \
	"SELECT " COLUMNS ", 1 FROM log WHERE log.id < " BEFORE                \
	" AND " OF_KINDS AND_OWNER " ORDER BY log.id DESC LIMIT " LIMIT

#define KEYS(AND_OWNER)                                                        \
	"SELECT log.id, kind, number FROM log WHERE log.id < " BEFORE          \
	" AND " OF_KINDS AND_OWNER " ORDER BY log.id DESC"

const char *const log_query_sql[_NUM_LOG_QUERY] = {
	[LOG_EACH] = EACH(""),
	[LOG_EACH_OF_OWNER] = EACH(" AND owner = " OWNER),
	[LOG_KEYS] = KEYS(""),
	[LOG_KEYS_OF_OWNER] = KEYS(" AND owner = " OWNER),
	[LOG_RECORD] = "SELECT " COLUMNS ", 1 FROM log WHERE log.id = " ID,
	[LOG_OF_CALL] = "SELECT " COLUMNS ", 1 FROM log"
			" WHERE log.id >= " CALL " * 1000000"
			" AND log.id < (" CALL " + 1) * 1000000"
			" ORDER BY log.id DESC LIMIT " LIMIT,
};

enum log_query log_query_of(const struct db_query *query)
{
	if (query->id)
		return LOG_RECORD;
	if (query->call)
		return LOG_OF_CALL;
	if (query->grouped)
		return query->owner ? LOG_KEYS_OF_OWNER : LOG_KEYS;
	return query->owner ? LOG_EACH_OF_OWNER : LOG_EACH;
}

void log_query_bind(sqlite3_stmt *stmt, const struct db_query *query)
{
	const int64_t values[] = {
		query->limit,
		query->before ? (int64_t)query->before : INT64_MAX,
		query->kinds ? query->kinds : 0xff,
		query->owner,
		query->id,
		query->call,
	};
	int n = sqlite3_bind_parameter_count(stmt);
	int i;

	for (i = 0; i < n; i++)
		sql_bind_int(stmt, i + 1, values[i]);
}

void log_read(sqlite3_stmt *stmt, struct db_log *log)
{
	log->id = sqlite3_column_int64(stmt, 0);
	log->call = log->id / 1000000;
	log->owner = log->id % 1000000;
	log->time_ms = sqlite3_column_int64(stmt, 1);
	log->kind = sqlite3_column_int(stmt, 2);
	sql_text(stmt, 3, log->number, sizeof(log->number));
	sql_text(stmt, 4, log->name, sizeof(log->name));
	log->talk_ms = sqlite3_column_int64(stmt, 5);
	log->ring_ms = sqlite3_column_int64(stmt, 6);
	sql_text(stmt, 7, log->device, sizeof(log->device));
	sql_text(stmt, 8, log->cause, sizeof(log->cause));
	sql_text(stmt, 9, log->outcome, sizeof(log->outcome));
	log->seen = sqlite3_column_int(stmt, 10);
	log->count = sqlite3_column_int64(stmt, 11);
}

static void bind(sqlite3_stmt *stmt, const struct db_row *row)
{
	const struct db_log *log = &row->log;

	sql_bind_int(stmt, 1, DB_LOG_ID(log->call, log->owner));
	sql_bind_int(stmt, 2, log->time_ms);
	sql_bind_int(stmt, 3, log->kind);
	sql_bind_text(stmt, 4, log->number);
	sql_bind_text(stmt, 5, log->name);
	sql_bind_int(stmt, 6, log->talk_ms);
	sql_bind_int(stmt, 7, log->ring_ms);
	sql_bind_text(stmt, 8, log->device);
	sql_bind_text(stmt, 9, log->cause);
	sql_bind_text(stmt, 10, log->outcome);
	sql_bind_int(stmt, 11, log->seen);
}

static void bind_key(sqlite3_stmt *stmt, const struct db_row *row)
{
	sql_bind_int(stmt, 1, row->log.id);
}

static void read_row(sqlite3_stmt *stmt, struct db_row *row)
{
	log_read(stmt, &row->log);
}

const struct db_table db_table_log = {
	.sql = {
		[DB_PUT] = INSERT
			" ON CONFLICT (id) DO UPDATE SET"
			" time_ms = excluded.time_ms, kind = excluded.kind,"
			" number = excluded.number, name = excluded.name,"
			" talk_ms = excluded.talk_ms,"
			" ring_ms = excluded.ring_ms,"
			" device = excluded.device, cause = excluded.cause,"
			" outcome = excluded.outcome, seen = excluded.seen",
		[DB_ADD] = INSERT,
		[DB_DELETE] = "DELETE FROM log WHERE id = ?1",
		[DB_SEEN] = "UPDATE log SET seen = 1 WHERE id = ?1",
		[DB_DELETE_GROUP] =
			"DELETE FROM log WHERE id IN (SELECT log.id"
			" FROM log AS newest JOIN log"
			" ON log.owner = newest.owner AND log.id <= newest.id"
			" AND log.kind = newest.kind"
			" AND log.number = newest.number"
			" WHERE newest.id = ?1"
			" AND (log.id = newest.id OR log.number <> ''))",
	},
	.load = "SELECT " COLUMNS ", 1 FROM log ORDER BY log.id",
	.bind = bind,
	.bind_key = bind_key,
	.read = read_row,
};
