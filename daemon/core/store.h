/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store.h - persist, then believe
 *
 *     txn_new --> txn_add ... --> txn_go --> ACT_STORE
 *                                               |
 *     stored(core, txn, rc)  <--- EV_STORED ----+
 *
 * A change is made in memory, and told, only by its stored().  A log row that
 * the disk would not take is kept and offered again.
 */
#pragma once

#include "house.h"

struct txn;
typedef void txn_stored(struct core *core, struct txn *txn, int rc);

struct txn {
	struct idtab_entry entry;
	txn_stored *stored;
	uint64_t ref; /* whatever stored() needs to find its asker */
	void *data;   /* its child, or NULL: what else stored() needs */
	struct store_op *ops; /* its child; ACT_STORE borrows it */
	size_t n;
};

struct txn *txn_new(struct core *core, txn_stored *stored, uint64_t ref);
/* The row is zeroed, and the caller's to fill until the next txn_ call. */
struct row *txn_add(struct txn *txn, enum store_verb verb, enum row_type type);
/* Off to the disk.  @txn lives until its stored() has returned, which may
 * send it off once more. */
void txn_go(struct core *core, struct txn *txn);

void store_done(struct core *core, const struct ev_stored *ev);
/* Rows that survive the wait for a full disk: see STORE_UNSTORED_MAX. */
void store_log(struct core *core, const struct row_log *log);
