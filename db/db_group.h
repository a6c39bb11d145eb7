/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_group.h - repeated calls as one: the newest, and how many (T81)
 *
 *      walk from the newest:   A  B  A  C  B  D ...
 *      first of its group:     A  B  .  C  .  D      until the page is full
 *      then for the owners on the page: what else is theirs, to be counted
 *
 * So a page costs what it shows and what its owners have; GROUP BY would sort
 * the whole log for it (fifty groups of 100,000 records: 260 ms instead of
 * some 10).  Callers who withheld their number are not one caller: each call
 * of theirs is a group of its own.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct group {
	uint64_t id; /* of the newest record */
	uint32_t owner;
	unsigned int kind;
	char number[32];
	uint32_t count;
	bool shown; /* on the page */
};

struct groups {
	struct group *v; /* in the order in which they were met */
	size_t n, room;
	uint32_t *slot; /* hash table of 1 + index; 0: free */
	size_t slots;	/* a power of two */
};

void groups_init(struct groups *groups);
void groups_fini(struct groups *groups);

/* The group of a record that was met before, or NULL. */
struct group *groups_find(struct groups *groups, uint32_t owner,
			  unsigned int kind, const char *number);

/* A group of which record @id is the newest; until the next groups_add(). */
struct group *groups_add(struct groups *groups, uint64_t id, uint32_t owner,
			 unsigned int kind, const char *number);
