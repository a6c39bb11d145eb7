/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_wait.h - submit and wait, query and wait, for unit tests of the database
 */
#pragma once

#include <check.h>
#include <poll.h>

#include "db_rows.h"

/* The next result; ten seconds are for a slow disk, not for hope. */
static inline struct db_result await(struct db *db)
{
	struct pollfd fd = { .fd = db_fd(db), .events = POLLIN };
	struct db_result result;

	while (!db_next_result(db, &result))
		ck_assert_msg(poll(&fd, 1, 10000) == 1, "no result came");
	return result;
}

/* Submit one transaction and wait for what becomes of it. */
static inline int store(struct db *db, const struct db_op *op, size_t n)
{
	struct db_result result;

	ck_assert_int_eq(db_submit(db, 4711, op, n), 0);
	result = await(db);
	ck_assert_int_eq(result.type, DB_STORED);
	ck_assert_uint_eq(result.token, 4711);
	return result.rc;
}

static inline int store_one(struct db *db, struct db_op op)
{
	return store(db, &op, 1);
}

static inline struct db_result page(struct db *db, struct db_query query)
{
	struct db_result result;

	if (!query.limit)
		query.limit = DB_PAGE_MAX;
	ck_assert_int_eq(db_query(db, 99, &query), 0);
	result = await(db);
	ck_assert_int_eq(result.type, DB_PAGE);
	ck_assert_uint_eq(result.token, 99);
	ck_assert_int_eq(result.rc, 0);
	return result;
}

/* All rows of a table. */
struct rows {
	struct db_row row[64];
	size_t n;
};

static inline bool rows_add(const struct db_row *row, void *data)
{
	struct rows *rows = data;

	rows->row[rows->n++] = *row;
	return rows->n < 64;
}

static inline const struct rows *load(struct db *db, enum db_row_type type)
{
	static struct rows rows;

	rows.n = 0;
	ck_assert_int_eq(db_load(db, type, rows_add, &rows), 0);
	return &rows;
}
