/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "db_group.h"

#include <osmocom/core/utils.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

static uint64_t hash_of(uint32_t owner, unsigned int kind, const char *number)
{
	uint64_t hash = 0xcbf29ce484222325 ^ owner ^ (uint64_t)kind << 32;

	hash *= 0x9e3779b97f4a7c15;
	for (; *number; number++)
		hash = (hash ^ (uint8_t)*number) * 0x100000001b3;
	return hash ^ hash >> 32;
}

void groups_init(struct groups *groups)
{
	*groups = (struct groups){ .n = 0 };
}

void groups_fini(struct groups *groups)
{
	free(groups->v);
	free(groups->slot);
}

/* The slot of that group, or the free one that it would have. */
static uint32_t *slot_of(struct groups *groups, uint32_t owner,
			 unsigned int kind, const char *number)
{
	size_t i = hash_of(owner, kind, number);
	const struct group *group;

	for (;; i++) {
		i &= groups->slots - 1;
		if (!groups->slot[i])
			return &groups->slot[i];
		group = &groups->v[groups->slot[i] - 1];
		if (group->owner == owner && group->kind == kind &&
		    strcmp(group->number, number) == 0)
			return &groups->slot[i];
	}
}

/* Half of the slots stay free. */
static void grow(struct groups *groups)
{
	size_t i;

	groups->room = groups->room ? groups->room * 2 : FIRST_ROOM;
	groups->slots = groups->room * 2;
	groups->v = realloc(groups->v, groups->room * sizeof(*groups->v));
	free(groups->slot);
	groups->slot = calloc(groups->slots, sizeof(*groups->slot));
	OSMO_ASSERT(groups->v && groups->slot);
	for (i = 0; i < groups->n; i++) {
		const struct group *group = &groups->v[i];

		if (group->number[0])
			*slot_of(groups, group->owner, group->kind,
				 group->number) = i + 1;
	}
}

struct group *groups_find(struct groups *groups, uint32_t owner,
			  unsigned int kind, const char *number)
{
	uint32_t slot;

	if (!number[0] || !groups->n)
		return NULL;
	slot = *slot_of(groups, owner, kind, number);
	return slot ? &groups->v[slot - 1] : NULL;
}

struct group *groups_add(struct groups *groups, uint64_t id, uint32_t owner,
			 unsigned int kind, const char *number)
{
	struct group *group;

	if (groups->n == groups->room)
		grow(groups);
	group = &groups->v[groups->n++];
	*group = (struct group){
		.id = id, .owner = owner, .kind = kind, .count = 1
	};
	osmo_strlcpy(group->number, number, sizeof(group->number));
	if (number[0])
		*slot_of(groups, owner, kind, group->number) = groups->n;
	return group;
}
