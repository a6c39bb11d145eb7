/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk.h - a store made of memory that can be slow, full and cut off
 *
 *     ACT_STORE --> disk_store() ... a while ... disk_next() --> EV_STORED
 *
 * Written from the specification, not from the database: pairings exclude one
 * another in both roles (T1, T5), numbers are unique, a log record exists once
 * a call and owner (T78).  What was confirmed survives disk_cut(); what was
 * not may be there or not, as with any disk.
 */
#pragma once

#include "action.h"
#include "dice.h"

struct disk_pending;

struct disk {
	struct dice *dice;
	struct row *row; /* talloc array of n_rows */
	size_t n_rows;
	struct disk_pending **pending; /* oldest first: one writer */
	size_t n_pending;
	uint64_t last_log;
	/* manners */
	unsigned int delay_ms, jitter_ms;
	int fail_rc;		   /* 0, or what every store gets: -ENOSPC */
	unsigned int fail_percent; /* of them, with -ENOSPC */
	/* what the world wants to know */
	void *data;
	uint64_t lost_logs; /* records that were refused with -ENOSPC */
	void (*written)(void *data, const struct store_op *op);
	void (*fault)(void *data, const char *text);
};

struct disk *disk_new(void *ctx, struct dice *dice);

/* Put a row there before the world begins; asserts that it may be. */
void disk_seed(struct disk *disk, const struct row *row);

void disk_store(struct disk *disk, int64_t now_ms, const struct action *action);
int64_t disk_next_ms(const struct disk *disk);

/* The next EV_STORED that is due; false: none. */
bool disk_next(struct disk *disk, int64_t now_ms, struct event *ret_event);

/* kill -9: each pending transaction, oldest first, may still reach the disk
 * or, with all that follow, not. */
void disk_cut(struct disk *disk);

/* Rows in the order of EV_LOAD: extensions, pairings, contacts, handsets,
 * settings; not the log. */
size_t disk_count(const struct disk *disk, enum row_type type);
const struct row *disk_row(const struct disk *disk, enum row_type type,
			   size_t nth);
const struct row_log *disk_log(const struct disk *disk, call_id call,
			       ext_id owner);
