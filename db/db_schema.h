/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_schema.h - the migrations, built in from schema/NNNN-*.sql
 *
 * Number n brings a database from version n - 1 to n; so the newest version
 * is their count, and is typed nowhere.
 */
#pragma once

#include <stddef.h>

extern const char *const db_schema[];
extern const size_t db_schema_count;
