/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_rows.h - ops on rows that are much alike, for tests of the database
 */
#pragma once

#include <stdio.h>

#include "db.h"

static inline struct db_op op_extension(enum db_verb verb, uint32_t id,
					const char *number)
{
	struct db_op op = { .verb = verb, .row.type = DB_EXTENSION };

	op.row.extension.id = id;
	snprintf(op.row.extension.number, sizeof(op.row.extension.number), "%s",
		 number);
	return op;
}

static inline struct db_op op_pairing(enum db_verb verb, uint32_t primary,
				      uint32_t secondary)
{
	return (struct db_op){
		.verb = verb,
		.row = { .type = DB_PAIRING,
			 .pairing = { .primary = primary,
				      .secondary = secondary,
				      .max_calls = 1 } },
	};
}

static inline struct db_op op_log(uint64_t call, uint32_t owner,
				  unsigned int kind, const char *number)
{
	struct db_op op = {
		.verb = DB_ADD,
		.row = { .type = DB_LOG,
			 .log = { .call = call,
				  .owner = owner,
				  .time_ms = 1700000000000 + call * 1000,
				  .kind = kind,
				  .talk_ms = 61000,
				  .ring_ms = 4200,
				  .name = "Somebody",
				  .cause = "normal",
				  .outcome = "answered" } },
	};

	snprintf(op.row.log.number, sizeof(op.row.log.number), "%s", number);
	return op;
}

static inline struct db_op op_record(enum db_verb verb, uint64_t id)
{
	return (struct db_op){ .verb = verb,
			       .row = { .type = DB_LOG, .log.id = id } };
}
