/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge_db.h"

#include <errno.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

/* A transaction that the store would not even queue. */
struct turned_away {
	struct llist_head entry;
	uint64_t txn;
};

struct edge_db {
	struct db *db;
	edge_db_page *page;
	void *data;
	struct llist_head turned_away;
};

struct edge_db *edge_db_new(void *ctx, struct db *db, edge_db_page *page,
			    void *data)
{
	struct edge_db *edge = talloc_zero(ctx, struct edge_db);

	OSMO_ASSERT(edge);
	edge->db = db;
	edge->page = page;
	edge->data = data;
	INIT_LLIST_HEAD(&edge->turned_away);
	return edge;
}

/* ---- rows, field by field: the two rooms know nothing of each other ---- */

static void extension_to_db(const struct row_extension *in,
			    struct db_extension *out)
{
	out->id = in->id;
	out->kind = in->kind;
	OSMO_STRLCPY_ARRAY(out->number, in->number);
	OSMO_STRLCPY_ARRAY(out->name, in->name);
	OSMO_STRLCPY_ARRAY(out->ha1_md5, in->ha1_md5);
	OSMO_STRLCPY_ARRAY(out->ha1_sha256, in->ha1_sha256);
}

static void extension_of_db(const struct db_extension *in,
			    struct row_extension *out)
{
	out->id = in->id;
	out->kind = in->kind;
	OSMO_STRLCPY_ARRAY(out->number, in->number);
	OSMO_STRLCPY_ARRAY(out->name, in->name);
	OSMO_STRLCPY_ARRAY(out->ha1_md5, in->ha1_md5);
	OSMO_STRLCPY_ARRAY(out->ha1_sha256, in->ha1_sha256);
}

static void pairing_to_db(const struct row_pairing *in, struct db_pairing *out)
{
	out->primary = in->primary;
	out->secondary = in->secondary;
	out->max_calls = in->max_calls;
	out->twin_bridge = in->twin_bridge;
	out->twin_coverage = in->twin_coverage;
	out->twin_line = in->twin_line;
	out->dnd_primary_only = in->dnd_primary_only;
}

static void pairing_of_db(const struct db_pairing *in, struct row_pairing *out)
{
	out->primary = in->primary;
	out->secondary = in->secondary;
	out->max_calls = in->max_calls;
	out->twin_bridge = in->twin_bridge;
	out->twin_coverage = in->twin_coverage;
	out->twin_line = in->twin_line;
	out->dnd_primary_only = in->dnd_primary_only;
}

static void contact_to_db(const struct row_contact *in, struct db_contact *out)
{
	out->ext = in->ext;
	out->interval_s = in->interval_s;
	OSMO_STRLCPY_ARRAY(out->uri, in->uri);
	OSMO_STRLCPY_ARRAY(out->source, in->source);
	OSMO_STRLCPY_ARRAY(out->user_agent, in->user_agent);
}

static void contact_of_db(const struct db_contact *in, struct row_contact *out)
{
	out->ext = in->ext;
	out->interval_s = in->interval_s;
	OSMO_STRLCPY_ARRAY(out->uri, in->uri);
	OSMO_STRLCPY_ARRAY(out->source, in->source);
	OSMO_STRLCPY_ARRAY(out->user_agent, in->user_agent);
}

static void handset_to_db(const struct row_handset *in, struct db_handset *out)
{
	out->ipui = in->ipui;
	out->ext = in->ext;
	OSMO_STRLCPY_ARRAY(out->base, in->base);
	memcpy(out->uak, in->uak, sizeof(out->uak));
}

static void handset_of_db(const struct db_handset *in, struct row_handset *out)
{
	out->ipui = in->ipui;
	out->ext = in->ext;
	OSMO_STRLCPY_ARRAY(out->base, in->base);
	memcpy(out->uak, in->uak, sizeof(out->uak));
}

static void setting_to_db(const struct row_setting *in, struct db_setting *out)
{
	out->ext = in->ext;
	OSMO_STRLCPY_ARRAY(out->key, in->key);
	OSMO_STRLCPY_ARRAY(out->value, in->value);
}

static void setting_of_db(const struct db_setting *in, struct row_setting *out)
{
	out->ext = in->ext;
	OSMO_STRLCPY_ARRAY(out->key, in->key);
	OSMO_STRLCPY_ARRAY(out->value, in->value);
}

static void log_to_db(const struct row_log *in, struct db_log *out)
{
	out->id = in->id;
	out->call = in->call;
	out->owner = in->owner;
	out->time_ms = in->time_ms;
	out->kind = in->kind;
	out->talk_ms = in->talk_ms;
	out->ring_ms = in->ring_ms;
	OSMO_STRLCPY_ARRAY(out->number, in->number);
	OSMO_STRLCPY_ARRAY(out->name, in->name);
	OSMO_STRLCPY_ARRAY(out->device, in->device);
	OSMO_STRLCPY_ARRAY(out->cause, cause_name(in->cause));
	OSMO_STRLCPY_ARRAY(out->outcome, in->outcome);
}

static void row_to_db(const struct row *in, struct db_row *out)
{
	switch (in->type) {
	case ROW_EXTENSION:
		out->type = DB_EXTENSION;
		extension_to_db(&in->extension, &out->extension);
		break;
	case ROW_PAIRING:
		out->type = DB_PAIRING;
		pairing_to_db(&in->pairing, &out->pairing);
		break;
	case ROW_CONTACT:
		out->type = DB_CONTACT;
		contact_to_db(&in->contact, &out->contact);
		break;
	case ROW_HANDSET:
		out->type = DB_HANDSET;
		handset_to_db(&in->handset, &out->handset);
		break;
	case ROW_SETTING:
		out->type = DB_SETTING;
		setting_to_db(&in->setting, &out->setting);
		break;
	case ROW_LOG:
		out->type = DB_LOG;
		log_to_db(&in->log, &out->log);
		break;
	}
}

/* ---- writing ---- */

void edge_db_perform(struct edge_db *edge, const struct action *action)
{
	static const enum db_verb verbs[] = {
		[STORE_PUT] = DB_PUT,
		[STORE_ADD] = DB_ADD,
		[STORE_DELETE] = DB_DELETE,
		[STORE_SEEN] = DB_SEEN,
	};
	struct db_op ops[STORE_ROWS_MAX];
	struct turned_away *away;
	size_t i;

	if (action->type != ACT_STORE)
		return;
	for (i = 0; i < action->store.n; i++) {
		memset(&ops[i], 0, sizeof(ops[i]));
		ops[i].verb = verbs[action->store.op[i].verb];
		/* Removing a record from a list removes what the list counts
		 * into it (T81, T90). */
		if (action->store.op[i].row.type == ROW_LOG &&
		    action->store.op[i].verb == STORE_DELETE)
			ops[i].verb = DB_DELETE_GROUP;
		row_to_db(&action->store.op[i].row, &ops[i].row);
	}
	if (db_submit(edge->db, action->store.txn, ops, i) == 0)
		return;
	away = talloc_zero(edge, struct turned_away);
	OSMO_ASSERT(away);
	away->txn = action->store.txn;
	llist_add_tail(&away->entry, &edge->turned_away);
}

bool edge_db_next(struct edge_db *edge, struct event *ret_event)
{
	struct db_result result;
	struct turned_away *away;

	memset(ret_event, 0, sizeof(*ret_event));
	ret_event->type = EV_STORED;
	away = llist_first_entry_or_null(&edge->turned_away, struct turned_away,
					 entry);
	if (away) {
		ret_event->stored.txn = away->txn;
		ret_event->stored.rc = -EAGAIN;
		llist_del(&away->entry);
		talloc_free(away);
		return true;
	}
	while (db_next_result(edge->db, &result)) {
		if (result.type == DB_PAGE) {
			edge->page(edge->data, &result);
			continue;
		}
		ret_event->stored.txn = result.token;
		ret_event->stored.rc = result.rc;
		return true;
	}
	return false;
}

/* ---- loading ---- */

struct loading {
	edge_db_load_cb *cb;
	void *data;
};

static bool load_row(const struct db_row *row, void *data)
{
	struct loading *loading = data;
	struct event event = { .type = EV_LOAD };

	switch (row->type) {
	case DB_EXTENSION:
		event.load.type = ROW_EXTENSION;
		extension_of_db(&row->extension, &event.load.extension);
		break;
	case DB_PAIRING:
		event.load.type = ROW_PAIRING;
		pairing_of_db(&row->pairing, &event.load.pairing);
		break;
	case DB_CONTACT:
		event.load.type = ROW_CONTACT;
		contact_of_db(&row->contact, &event.load.contact);
		break;
	case DB_HANDSET:
		event.load.type = ROW_HANDSET;
		handset_of_db(&row->handset, &event.load.handset);
		break;
	case DB_SETTING:
		event.load.type = ROW_SETTING;
		setting_of_db(&row->setting, &event.load.setting);
		break;
	default:
		return true; /* the log is read where it is */
	}
	loading->cb(&event, loading->data);
	return true;
}

int edge_db_load(struct edge_db *edge, edge_db_load_cb *cb, void *data)
{
	/* Extensions first: all others refer to them.  Pairings before
	 * handsets: what a handset shows depends on them. */
	static const enum db_row_type order[] = {
		DB_EXTENSION, DB_SETTING, DB_PAIRING, DB_CONTACT, DB_HANDSET,
	};
	struct loading loading = { cb, data };
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		rc = db_load(edge->db, order[i], load_row, &loading);
		if (rc)
			return rc;
	}
	return 0;
}
