/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "disk.h"

struct disk_pending {
	uint64_t txn;
	int64_t due_ms;
	size_t n;
	struct store_op *op;
};

struct disk *disk_new(void *ctx, struct dice *dice)
{
	struct disk *disk = talloc_zero(ctx, struct disk);

	disk->dice = dice;
	return disk;
}

static bool same_key(const struct row *a, const struct row *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case ROW_EXTENSION:
		return a->extension.id == b->extension.id;
	case ROW_PAIRING:
		return a->pairing.primary == b->pairing.primary;
	case ROW_CONTACT:
		return a->contact.ext == b->contact.ext;
	case ROW_HANDSET:
		return a->handset.ipui == b->handset.ipui &&
		       strcmp(a->handset.base, b->handset.base) == 0;
	case ROW_LOG:
		return a->log.call == b->log.call &&
		       a->log.owner == b->log.owner;
	case ROW_SETTING:
		return a->setting.ext == b->setting.ext &&
		       strcmp(a->setting.key, b->setting.key) == 0;
	}
	return false;
}

/* Two rows of different keys that cannot both be. */
static bool excludes(const struct row *a, const struct row *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case ROW_EXTENSION:
		return strcmp(a->extension.number, b->extension.number) == 0;
	case ROW_PAIRING: /* T1: one pairing, one role, over the whole system */
		return a->pairing.primary == b->pairing.secondary ||
		       a->pairing.secondary == b->pairing.primary ||
		       a->pairing.secondary == b->pairing.secondary;
	case ROW_HANDSET:
		return a->handset.ext && a->handset.ext == b->handset.ext;
	default:
		return false;
	}
}

static bool exists(const struct row *rows, size_t n, ext_id ext)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].type == ROW_EXTENSION &&
		    rows[i].extension.id == ext)
			return true;
	return false;
}

static bool orphan(const struct row *rows, size_t n, const struct row *row)
{
	switch (row->type) {
	case ROW_PAIRING:
		return row->pairing.primary == row->pairing.secondary ||
		       !exists(rows, n, row->pairing.primary) ||
		       !exists(rows, n, row->pairing.secondary);
	case ROW_CONTACT:
		return !exists(rows, n, row->contact.ext);
	case ROW_HANDSET:
		return row->handset.ext && !exists(rows, n, row->handset.ext);
	case ROW_LOG:
		return !exists(rows, n, row->log.owner);
	case ROW_SETTING:
		return !exists(rows, n, row->setting.ext);
	default:
		return false;
	}
}

static size_t position(const struct row *rows, size_t n, const struct row *row)
{
	size_t i = 0;

	while (i < n && !same_key(&rows[i], row))
		i++;
	return i;
}

/* An extension goes with all that hangs on it but its pairing, which must be
 * dissolved first: SQL's CASCADE and RESTRICT. */
static int delete_row(struct row *rows, size_t *n, size_t at)
{
	struct row gone = rows[at];

	if (gone.type == ROW_EXTENSION)
		for (size_t i = 0; i < *n; i++)
			if (rows[i].type == ROW_PAIRING &&
			    (rows[i].pairing.primary == gone.extension.id ||
			     rows[i].pairing.secondary == gone.extension.id))
				return -EEXIST;
	memmove(&rows[at], &rows[at + 1], (--*n - at) * sizeof(*rows));
	if (gone.type != ROW_EXTENSION)
		return 0;
	for (size_t i = 0; i < *n;) {
		if (rows[i].type == ROW_HANDSET &&
		    rows[i].handset.ext == gone.extension.id)
			rows[i].handset.ext = 0;
		if (orphan(rows, *n, &rows[i]))
			memmove(&rows[i], &rows[i + 1],
				(--*n - i) * sizeof(*rows));
		else
			i++;
	}
	return 0;
}

static int apply(struct row *rows, size_t *n, const struct store_op *op,
		 uint64_t *last_log)
{
	size_t at = position(rows, *n, &op->row);
	bool found = at < *n;

	switch (op->verb) {
	case STORE_SEEN:
		return 0;
	case STORE_DELETE:
		if (op->row.type == ROW_LOG) {
			for (at = 0; at < *n; at++)
				if (rows[at].type == ROW_LOG &&
				    rows[at].log.id == op->row.log.id)
					break;
			found = at < *n;
		}
		return found ? delete_row(rows, n, at) : 0;
	case STORE_ADD:
		if (found)
			return -EEXIST;
		break;
	case STORE_PUT:
		break;
	}
	for (size_t i = 0; i < *n; i++)
		if (i != at && excludes(&rows[i], &op->row))
			return -EEXIST;
	if (orphan(rows, *n, &op->row))
		return -EEXIST;
	rows[at] = op->row;
	if (op->row.type == ROW_LOG && !rows[at].log.id)
		rows[at].log.id = ++*last_log;
	*n += !found;
	return 0;
}

/* All or nothing. */
static int commit(struct disk *disk, const struct disk_pending *pending)
{
	struct row *rows =
		talloc_array(disk, struct row, disk->n_rows + pending->n);
	size_t n = disk->n_rows;
	uint64_t last_log = disk->last_log;

	if (n)
		memcpy(rows, disk->row, n * sizeof(*rows));
	for (size_t i = 0; i < pending->n; i++) {
		int rc = apply(rows, &n, &pending->op[i], &last_log);

		if (rc == -EEXIST && pending->op[i].row.type == ROW_LOG &&
		    disk->fault)
			disk->fault(disk->data,
				    "a second log record of one call and user");
		if (rc) {
			talloc_free(rows);
			return rc;
		}
	}
	talloc_free(disk->row);
	disk->row = rows;
	disk->n_rows = n;
	disk->last_log = last_log;
	for (size_t i = 0; disk->written && i < pending->n; i++)
		disk->written(disk->data, &pending->op[i]);
	return 0;
}

void disk_seed(struct disk *disk, const struct row *row)
{
	struct store_op op = { .verb = STORE_ADD, .row = *row };
	struct disk_pending seed = { .n = 1, .op = &op };

	OSMO_ASSERT(commit(disk, &seed) == 0);
}

void disk_store(struct disk *disk, int64_t now_ms, const struct action *action)
{
	struct disk_pending *p = talloc_zero(disk, struct disk_pending);

	OSMO_ASSERT(action->store.n <= STORE_ROWS_MAX);
	p->txn = action->store.txn;
	p->due_ms = now_ms + disk->delay_ms +
		    choose(disk->dice, disk->jitter_ms + 1);
	if (disk->n_pending)
		p->due_ms = OSMO_MAX(
			p->due_ms, disk->pending[disk->n_pending - 1]->due_ms);
	p->n = action->store.n;
	p->op = talloc_memdup(p, action->store.op, p->n * sizeof(*p->op));
	disk->pending =
		talloc_realloc(disk, disk->pending, struct disk_pending *,
			       disk->n_pending + 1);
	disk->pending[disk->n_pending++] = p;
}

int64_t disk_next_ms(const struct disk *disk)
{
	return disk->n_pending ? disk->pending[0]->due_ms : INT64_MAX;
}

static void shift(struct disk *disk)
{
	talloc_free(disk->pending[0]);
	disk->n_pending--;
	memmove(disk->pending, disk->pending + 1,
		disk->n_pending * sizeof(*disk->pending));
}

bool disk_next(struct disk *disk, int64_t now_ms, struct event *ret_event)
{
	struct disk_pending *p;

	if (disk_next_ms(disk) > now_ms)
		return false;
	p = disk->pending[0];
	*ret_event = (struct event){
		.type = EV_STORED,
		.stored.txn = p->txn,
	};
	if (disk->fail_rc)
		ret_event->stored.rc = disk->fail_rc;
	else if (choose_percent(disk->dice, disk->fail_percent))
		ret_event->stored.rc = -ENOSPC;
	else
		ret_event->stored.rc = commit(disk, p);
	for (size_t i = 0; ret_event->stored.rc && i < p->n; i++)
		disk->lost_logs += p->op[i].row.type == ROW_LOG;
	shift(disk);
	return true;
}

void disk_cut(struct disk *disk)
{
	bool reaches = true;

	while (disk->n_pending) {
		reaches = reaches && choose(disk->dice, 2) && !disk->fail_rc;
		if (reaches)
			commit(disk, disk->pending[0]);
		shift(disk);
	}
}

size_t disk_count(const struct disk *disk, enum row_type type)
{
	size_t n = 0;

	while (disk_row(disk, type, n))
		n++;
	return n;
}

const struct row *disk_row(const struct disk *disk, enum row_type type,
			   size_t nth)
{
	for (size_t i = 0; i < disk->n_rows; i++)
		if (disk->row[i].type == type && nth-- == 0)
			return &disk->row[i];
	return NULL;
}

const struct row_log *disk_log(const struct disk *disk, call_id call,
			       ext_id owner)
{
	const struct row *row;

	for (size_t i = 0; (row = disk_row(disk, ROW_LOG, i)); i++)
		if (row->log.call == call && row->log.owner == owner)
			return &row->log;
	return NULL;
}
