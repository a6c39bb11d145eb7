/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "handset.h"

#include <errno.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "extension.h"
#include "presence.h"
#include "route.h"
#include "store.h"

/* T179: what the larger systems of this kind take. */
#define HANDSETS_MAX 400

struct handset *handset_find(const struct core *core, uint64_t ipui)
{
	struct handset *handset;

	llist_for_each_entry (handset, &core->handsets, entry)
		if (handset->row.ipui == ipui)
			return handset;
	return NULL;
}

static void assign(struct handset *handset, struct extension *ext)
{
	if (handset->ext)
		handset->ext->handset = NULL;
	handset->ext = ext;
	if (!ext)
		return;
	if (ext->handset && ext->handset != handset) {
		ext->handset->ext = NULL;
		ext->handset->row.ext = 0;
	}
	ext->handset = handset;
}

struct handset *handset_put(struct core *core, const struct row_handset *row)
{
	struct handset *handset = handset_find(core, row->ipui);

	if (!handset) {
		handset = talloc_zero(core, struct handset);
		OSMO_ASSERT(handset);
		llist_add_tail(&handset->entry, &core->handsets);
		core->n_handsets++;
	}
	handset->row = *row;
	assign(handset, extension_by_id(core, row->ext));
	return handset;
}

void handset_free(struct core *core, struct handset *handset)
{
	struct action *action = act(core, ACT_HANDSET_GONE);

	action->handset.handset = handset->row;
	assign(handset, NULL);
	llist_del(&handset->entry);
	core->n_handsets--;
	talloc_free(handset);
}

/* What the handset shows is its user's: in a pairing, the primary's (T29). */
static void show(struct action *action, const struct handset *handset)
{
	action->handset.handset = handset->row;
	if (handset->ext) {
		const struct extension *user = extension_user(handset->ext);

		OSMO_STRLCPY_ARRAY(action->handset.number,
				   handset->ext->row.number);
		OSMO_STRLCPY_ARRAY(action->handset.name, user->row.name);
		action->handset.twin = extension_is_secondary(handset->ext);
		action->handset.dnd = route_is_disturbed(handset->ext);
		action->handset.messages = user->messages.fresh;
	}
}

void handset_announce(struct core *core, struct handset *handset)
{
	show(act(core, ACT_HANDSET), handset);
}

static void subscribed(struct core *core, struct txn *txn, int rc)
{
	struct row_handset *row = &txn->ops[0].row.handset;
	struct handset *known = handset_find(core, row->ipui);
	struct action *action;

	/* Assigned anew while this was on its way: that must not be undone. */
	if (!rc && known && known->row.ext != row->ext) {
		row->ext = known->row.ext;
		txn_go(core, txn);
		return;
	}
	if (!rc)
		handset_put(core, row);
	action = act(core, ACT_SUB_RESULT);
	action->handset.token = txn->ref;
	action->handset.ok = rc == 0;
	if (!rc)
		show(action, handset_find(core, row->ipui));
	else
		action->handset.handset = *row;
}

void handset_subscribe(struct core *core, const struct ev_handset *ev)
{
	struct handset *known = handset_find(core, ev->handset.ipui);
	struct txn *txn;
	struct row *row;

	if (!known && core->n_handsets >= HANDSETS_MAX) {
		struct action *action = act(core, ACT_SUB_RESULT);

		action->handset.token = ev->token;
		action->handset.handset = ev->handset;
		return;
	}
	/* Persist, then believe: the handset is told once the key is stored. */
	txn = txn_new(core, subscribed, ev->token);
	row = txn_add(txn, STORE_PUT, ROW_HANDSET);
	row->handset = ev->handset;
	row->handset.ext = known ? known->row.ext : 0;
	txn_go(core, txn);
}

void handset_reachable(struct core *core, const struct ev_handset *ev, bool is)
{
	struct handset *handset = handset_find(core, ev->handset.ipui);

	if (!handset) {
		core->counts.dropped_events++;
		return;
	}
	handset->attached = is;
	if (handset->ext)
		presence_touch(core, handset->ext);
}
