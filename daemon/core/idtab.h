/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idtab.h - from an id that crossed the border to the thing it names
 *
 * A hash table of entries that live inside the things themselves; it grows
 * with what it holds.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct idtab_entry {
	struct idtab_entry *next;
	uint64_t id;
};

struct idtab {
	struct idtab_entry **slot; /* child of the context it was made in */
	size_t n_slots;		   /* a power of two */
	size_t n;
};

void idtab_init(struct idtab *tab, void *ctx);
void idtab_add(struct idtab *tab, struct idtab_entry *entry, uint64_t id);
void idtab_del(struct idtab *tab, struct idtab_entry *entry);
struct idtab_entry *idtab_find(const struct idtab *tab, uint64_t id);

/* The next entry after @entry, NULL for the first; in no order. */
struct idtab_entry *idtab_next(const struct idtab *tab,
			       const struct idtab_entry *entry);
