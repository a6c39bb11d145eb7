/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "idtab.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

static size_t slot_of(const struct idtab *tab, uint64_t id)
{
	/* Ids are counted up; a multiplication spreads them (Knuth). */
	return (id * 0x9e3779b97f4a7c15ull >> 32) & (tab->n_slots - 1);
}

void idtab_init(struct idtab *tab, void *ctx)
{
	tab->n = 0;
	tab->n_slots = 64;
	tab->slot = talloc_zero_array(ctx, struct idtab_entry *, tab->n_slots);
	OSMO_ASSERT(tab->slot);
}

static void grow(struct idtab *tab)
{
	struct idtab bigger = { .n_slots = tab->n_slots * 2, .n = tab->n };
	struct idtab_entry *entry, *next;
	size_t i;

	bigger.slot = talloc_zero_array(talloc_parent(tab->slot),
					struct idtab_entry *, bigger.n_slots);
	OSMO_ASSERT(bigger.slot);
	for (i = 0; i < tab->n_slots; i++) {
		for (entry = tab->slot[i]; entry; entry = next) {
			size_t to = slot_of(&bigger, entry->id);

			next = entry->next;
			entry->next = bigger.slot[to];
			bigger.slot[to] = entry;
		}
	}
	talloc_free(tab->slot);
	*tab = bigger;
}

void idtab_add(struct idtab *tab, struct idtab_entry *entry, uint64_t id)
{
	size_t slot;

	OSMO_ASSERT(!idtab_find(tab, id));
	if (tab->n == tab->n_slots)
		grow(tab);
	slot = slot_of(tab, id);
	entry->id = id;
	entry->next = tab->slot[slot];
	tab->slot[slot] = entry;
	tab->n++;
}

void idtab_del(struct idtab *tab, struct idtab_entry *entry)
{
	struct idtab_entry **at = &tab->slot[slot_of(tab, entry->id)];

	while (*at && *at != entry)
		at = &(*at)->next;
	OSMO_ASSERT(*at);
	*at = entry->next;
	tab->n--;
}

struct idtab_entry *idtab_find(const struct idtab *tab, uint64_t id)
{
	struct idtab_entry *entry = tab->slot[slot_of(tab, id)];

	while (entry && entry->id != id)
		entry = entry->next;
	return entry;
}

struct idtab_entry *idtab_next(const struct idtab *tab,
			       const struct idtab_entry *entry)
{
	size_t i = 0;

	if (entry) {
		if (entry->next)
			return entry->next;
		i = slot_of(tab, entry->id) + 1;
	}
	for (; i < tab->n_slots; i++)
		if (tab->slot[i])
			return tab->slot[i];
	return NULL;
}
