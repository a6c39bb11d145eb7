/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "register.h"

#include "extension.h"
#include "presence.h"
#include "store.h"

static void answer(struct core *core, uint64_t reg, bool ok)
{
	struct action *action = act(core, ACT_REGISTER_RESULT);

	action->handset.token = reg;
	action->handset.ok = ok;
}

/* Not stored, it would only come back once after a restart, for one interval.
 */
static void unbound(struct core *core, struct txn *txn, int rc)
{
}

static void forget(struct core *core, ext_id id)
{
	struct txn *txn = txn_new(core, unbound, 0);

	txn_add(txn, STORE_DELETE, ROW_CONTACT)->contact.ext = id;
	txn_go(core, txn);
}

static void bind(struct core *core, struct extension *ext,
		 const struct row_contact *row)
{
	extension_bind(ext, row, core->wall_ms);
	presence_touch(core, ext);
}

static void bound(struct core *core, struct txn *txn, int rc)
{
	const struct row_contact *row = &txn->ops[0].row.contact;
	struct extension *ext = extension_by_id(core, row->ext);

	if (ext)
		ext->binding--;
	if (rc == 0 && ext)
		bind(core, ext, row);
	else if (ext && !ext->contact && !ext->binding)
		forget(core, row->ext); /* the old row, left in its place */
	answer(core, txn->ref, rc == 0 && ext);
}

void register_ask(struct core *core, const struct ev_register *ev)
{
	struct extension *ext = extension_by_id(core, ev->contact.ext);
	struct txn *txn;

	if (!ext) {
		answer(core, ev->reg, false);
		return;
	}
	ext->binding++;
	txn = txn_new(core, bound, ev->reg);
	txn_add(txn, STORE_PUT, ROW_CONTACT)->contact = ev->contact;
	txn_go(core, txn);
}

void register_gone(struct core *core, ext_id id)
{
	struct extension *ext = extension_by_id(core, id);

	if (!ext || !ext->contact) {
		core->counts.dropped_events++;
		return;
	}
	extension_unbind(ext);
	presence_touch(core, ext);
	/* A new binding on its way to the disk takes the row over; deleting
	 * it now would delete that one. */
	if (!ext->binding)
		forget(core, id);
}
