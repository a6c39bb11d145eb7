/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_table.h - a hash table whose entries bring their own links
 *
 *     struct thing { struct sip_node node; ... };
 *
 *     for (n = sip_table_first(&t, hash); n; n = sip_node_next(n))
 *             if (is_it(container_of(n, struct thing, node)))
 *
 * The table owns its buckets, which double as it grows, and no entry.  Hashes
 * are the caller's: well mixed, and keyed where a stranger chooses the text.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct sip_node {
	struct sip_node *next;
	uint64_t hash;
};

struct sip_table {
	struct sip_node **buckets;
	size_t mask;
	size_t n;
};

void sip_table_init(struct sip_table *table, void *ctx);
void sip_table_add(struct sip_table *table, struct sip_node *node,
		   uint64_t hash);
void sip_table_remove(struct sip_table *table, struct sip_node *node);

/* Entries of one hash; removing the one in hand ends the walk. */
struct sip_node *sip_table_first(const struct sip_table *table, uint64_t hash);
struct sip_node *sip_node_next(const struct sip_node *node);

/* Any entry at all: to free them one by one. */
struct sip_node *sip_table_any(const struct sip_table *table);
