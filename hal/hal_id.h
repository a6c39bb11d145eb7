/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hal_id.h - a table of things that are named by ids with a generation
 *
 *      61..56    55 .. 24     23 .. 0
 *     +------+-------------+----------+
 *     | kind | generation  | slot + 1 |
 *     +------+-------------+----------+
 *
 * A slot's generation grows each time it is given out; a slot that ran
 * through all of them is not used again.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct id_slot {
	void *thing;
	uint32_t generation;
};

struct id_table {
	struct id_slot *slots;
	size_t size;
	size_t used;
	size_t next; /* where to look for a free one, so that ids rest */
	uint8_t kind;
};

void hal_id_table_init(struct id_table *table, void *ctx, uint8_t kind,
		       size_t size);
/* 0 if the table is full. */
uint64_t hal_id_add(struct id_table *table, void *thing);
void hal_id_remove(struct id_table *table, uint64_t id);
/* NULL: no such id, no longer, or of another kind. */
void *hal_id_find(const struct id_table *table, uint64_t id);

#define hal_id_for_each(table, i, var)                                         \
	for (size_t i = 0; i < (table)->size; i++)                             \
		if (((var) = (table)->slots[i].thing))
