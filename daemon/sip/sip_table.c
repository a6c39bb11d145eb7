/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "sip_table.h"

#define BUCKETS_FIRST 64

void sip_table_init(struct sip_table *table, void *ctx)
{
	table->buckets =
		talloc_zero_array(ctx, struct sip_node *, BUCKETS_FIRST);
	OSMO_ASSERT(table->buckets);
	table->mask = BUCKETS_FIRST - 1;
	table->n = 0;
}

static void push(struct sip_table *table, struct sip_node *node)
{
	struct sip_node **bucket = &table->buckets[node->hash & table->mask];

	node->next = *bucket;
	*bucket = node;
}

static void grow(struct sip_table *table)
{
	struct sip_node **old = table->buckets;
	size_t old_n = table->mask + 1;
	struct sip_node *node;

	table->buckets = talloc_zero_array(talloc_parent(old),
					   struct sip_node *, 2 * old_n);
	OSMO_ASSERT(table->buckets);
	table->mask = 2 * old_n - 1;
	for (size_t i = 0; i < old_n; i++)
		while ((node = old[i])) {
			old[i] = node->next;
			push(table, node);
		}
	talloc_free(old);
}

void sip_table_add(struct sip_table *table, struct sip_node *node,
		   uint64_t hash)
{
	if (table->n > table->mask)
		grow(table);
	node->hash = hash;
	push(table, node);
	table->n++;
}

void sip_table_remove(struct sip_table *table, struct sip_node *node)
{
	struct sip_node **at = &table->buckets[node->hash & table->mask];

	while (*at != node) {
		OSMO_ASSERT(*at); /* it must be in this table */
		at = &(*at)->next;
	}
	*at = node->next;
	node->next = NULL;
	table->n--;
}

static struct sip_node *same(struct sip_node *node, uint64_t hash)
{
	while (node && node->hash != hash)
		node = node->next;
	return node;
}

struct sip_node *sip_table_first(const struct sip_table *table, uint64_t hash)
{
	return same(table->buckets[hash & table->mask], hash);
}

struct sip_node *sip_node_next(const struct sip_node *node)
{
	return same(node->next, node->hash);
}

struct sip_node *sip_table_any(const struct sip_table *table)
{
	for (size_t i = 0; table->n && i <= table->mask; i++)
		if (table->buckets[i])
			return table->buckets[i];
	return NULL;
}
