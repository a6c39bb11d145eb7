/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hal_id.c - see hal_id.h */
#include "hal_id.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#define SLOT_BITS 24
#define SLOT_MASK ((UINT64_C(1) << SLOT_BITS) - 1)
#define KIND_SHIFT 56

void hal_id_table_init(struct id_table *table, void *ctx, uint8_t kind,
		       size_t size)
{
	OSMO_ASSERT(kind > 0 && kind < 64 && size < SLOT_MASK);
	*table = (struct id_table){
		.slots = talloc_zero_array(ctx, struct id_slot, size),
		.size = size,
		.kind = kind,
	};
	OSMO_ASSERT(table->slots);
}

static uint64_t make(const struct id_table *table, size_t i)
{
	return (uint64_t)table->kind << KIND_SHIFT |
	       (uint64_t)table->slots[i].generation << SLOT_BITS | (i + 1);
}

uint64_t hal_id_add(struct id_table *table, void *thing)
{
	for (size_t n = 0; n < table->size; n++) {
		size_t i = (table->next + n) % table->size;
		struct id_slot *slot = &table->slots[i];

		if (slot->thing || slot->generation == UINT32_MAX)
			continue;
		slot->thing = thing;
		slot->generation++;
		table->next = i + 1;
		table->used++;
		return make(table, i);
	}
	return 0;
}

static struct id_slot *slot_of(const struct id_table *table, uint64_t id)
{
	uint64_t n = id & SLOT_MASK;

	if (n == 0 || n > table->size || make(table, n - 1) != id ||
	    !table->slots[n - 1].thing)
		return NULL;
	return &table->slots[n - 1];
}

void hal_id_remove(struct id_table *table, uint64_t id)
{
	struct id_slot *slot = slot_of(table, id);

	OSMO_ASSERT(slot);
	slot->thing = NULL;
	table->used--;
}

void *hal_id_find(const struct id_table *table, uint64_t id)
{
	struct id_slot *slot = slot_of(table, id);

	return slot ? slot->thing : NULL;
}
