/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pairing.h - one primary, one secondary, and nobody else (T1 to T11)
 *
 *          primary (the user's number)       secondary (the handset)
 *              |                                 |
 *              +---------- one pairing ----------+
 *
 * An extension is in at most one pairing, in one role.  The store enforces it
 * (T5); the core says which pairing stands in the way.
 */
#pragma once

#include "house.h"

struct pairing {
	struct llist_head entry;
	struct extension *primary;
	struct extension *secondary;
	struct row_pairing row;
};

struct pairing *pairing_new(struct core *core, const struct row_pairing *row);
/* T7: a secondary that only alerts is withdrawn, one that talks talks on. */
void pairing_free(struct core *core, struct pairing *pairing);

/* Why @primary and @secondary cannot be paired, as a sentence into @why; an
 * empty one if nothing stands in the way. */
void pairing_obstacle(const struct extension *primary,
		      const struct extension *secondary, char *why, size_t len);
