/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_log.h - reading the call log for a screen
 *
 * Pages go by key: WHERE id < before ORDER BY id DESC costs the same at any
 * depth, and rows that arrive meanwhile move nothing.
 */
#pragma once

#include <sqlite3.h>

#include "db.h"

enum log_query {
	LOG_EACH,
	LOG_EACH_OF_OWNER,
	LOG_KEYS, /* of repeated calls: id, kind and number alone */
	LOG_KEYS_OF_OWNER,
	LOG_RECORD,
	LOG_OF_CALL,
	_NUM_LOG_QUERY
};

extern const char *const log_query_sql[_NUM_LOG_QUERY];

enum log_query log_query_of(const struct db_query *query);
void log_query_bind(sqlite3_stmt *stmt, const struct db_query *query);

/* The row under a statement of log_query_sql but the keys, or of the table's
 * load. */
void log_read(sqlite3_stmt *stmt, struct db_log *log);
