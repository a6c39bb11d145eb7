/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store.h"

#include <errno.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "log.h"

#define STORE_UNSTORED_MAX 1000
#define STORE_RETRY_MS 2000

struct unstored {
	struct llist_head entry;
	struct row_log log;
};

struct txn *txn_new(struct core *core, txn_stored *stored, uint64_t ref)
{
	struct txn *txn = talloc_zero(core, struct txn);

	OSMO_ASSERT(txn);
	txn->stored = stored;
	txn->ref = ref;
	return txn;
}

struct row *txn_add(struct txn *txn, enum store_verb verb, enum row_type type)
{
	struct store_op *op;

	OSMO_ASSERT(txn->n < STORE_ROWS_MAX);
	txn->ops = talloc_realloc(txn, txn->ops, struct store_op, txn->n + 1);
	OSMO_ASSERT(txn->ops);
	op = &txn->ops[txn->n++];
	memset(op, 0, sizeof(*op));
	op->verb = verb;
	op->row.type = type;
	return &op->row;
}

void txn_go(struct core *core, struct txn *txn)
{
	struct action *action = act(core, ACT_STORE);

	idtab_add(&core->txns, &txn->entry, ++core->last_txn);
	action->store.txn = txn->entry.id;
	action->store.n = txn->n;
	action->store.op = txn->ops;
}

void store_done(struct core *core, const struct ev_stored *ev)
{
	struct idtab_entry *entry = idtab_find(&core->txns, ev->txn);
	struct txn *txn;

	if (!entry) {
		core->counts.dropped_events++;
		return;
	}
	txn = container_of(entry, struct txn, entry);
	idtab_del(&core->txns, entry);
	txn->entry.id = 0;
	txn->stored(core, txn, ev->rc);
	if (!txn->entry.id)
		talloc_free(txn);
}

static void log_stored(struct core *core, struct txn *txn, int rc);

static void log_go(struct core *core, const struct row_log *log)
{
	struct txn *txn = txn_new(core, log_stored, 0);

	txn_add(txn, STORE_ADD, ROW_LOG)->log = *log;
	txn_go(core, txn);
}

static void retry(struct deadline *deadline)
{
	struct core *core = container_of(deadline, struct core, retry_unstored);
	struct unstored *unstored;
	LLIST_HEAD(all);

	llist_splice_init(&core->unstored, &all);
	core->n_unstored = 0;
	while (!llist_empty(&all)) {
		unstored = llist_first_entry(&all, struct unstored, entry);
		log_go(core, &unstored->log);
		llist_del(&unstored->entry);
		talloc_free(unstored);
	}
}

static void log_stored(struct core *core, struct txn *txn, int rc)
{
	const struct row_log *log = &txn->ops[0].row.log;
	struct unstored *unstored;

	/* A record that is there already was stored before a restart. */
	if (rc == 0 || rc == -EEXIST)
		return;
	if (core->n_unstored >= STORE_UNSTORED_MAX) {
		LOGP(DCORE, LOGL_ERROR,
		     "call %llu: its log row is lost, the disk takes none\n",
		     (unsigned long long)log->call);
		core->counts.lost_rows++;
		return;
	}
	unstored = talloc_zero(core, struct unstored);
	OSMO_ASSERT(unstored);
	unstored->log = *log;
	llist_add_tail(&unstored->entry, &core->unstored);
	core->n_unstored++;
	deadline_set(&core->deadlines, &core->retry_unstored,
		     core->now_ms + STORE_RETRY_MS, retry);
}

void store_log(struct core *core, const struct row_log *log)
{
	log_go(core, log);
}
