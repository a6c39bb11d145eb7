/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pairing.h"

#include <stdio.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "call.h"
#include "extension.h"
#include "presence.h"

struct pairing *pairing_new(struct core *core, const struct row_pairing *row)
{
	struct pairing *pairing = talloc_zero(core, struct pairing);
	struct llist_head *before = &core->pairings;
	struct pairing *other;

	OSMO_ASSERT(pairing);
	pairing->row = *row;
	pairing->primary = extension_by_id(core, row->primary);
	pairing->secondary = extension_by_id(core, row->secondary);
	OSMO_ASSERT(pairing->primary && pairing->secondary);
	OSMO_ASSERT(!pairing->primary->pairing && !pairing->secondary->pairing);
	pairing->primary->pairing = pairing;
	pairing->secondary->pairing = pairing;

	llist_for_each_entry (other, &core->pairings, entry) {
		if (strcmp(other->primary->row.number,
			   pairing->primary->row.number) > 0)
			break;
		before = &other->entry;
	}
	llist_add(&pairing->entry, before);
	core->n_pairings++;
	presence_paired(core, pairing->secondary);
	return pairing;
}

void pairing_free(struct core *core, struct pairing *pairing)
{
	calls_withdraw_twin(core, pairing->secondary->row.id);
	presence_touch(core, pairing->primary);
	pairing->primary->pairing = NULL;
	pairing->secondary->pairing = NULL;
	llist_del(&pairing->entry);
	core->n_pairings--;
	talloc_free(pairing);
}

/* "301 is already the secondary of 201" */
static bool taken(const struct extension *ext, char *why, size_t len)
{
	if (!ext->pairing)
		return false;
	snprintf(why, len, "%s is already the %s of %s", ext->row.number,
		 extension_is_secondary(ext) ? "secondary" : "primary",
		 extension_twin(ext)->row.number);
	return true;
}

void pairing_obstacle(const struct extension *primary,
		      const struct extension *secondary, char *why, size_t len)
{
	why[0] = '\0';
	if (primary == secondary)
		snprintf(why, len, "%s cannot be its own twin",
			 primary->row.number);
	else if (!taken(secondary, why, len))
		taken(primary, why, len);
}
