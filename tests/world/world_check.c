/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * world_check.c - what is true after each step, and once all is calm
 */
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "puppet.h"
#include "world.h"

#define CALLS_MAX 64

struct calls {
	struct world *w;
	struct view_call call[CALLS_MAX];
	size_t n;
};

static bool collect(const struct view_call *call, void *data)
{
	struct calls *calls = data;

	calls->call[calls->n++] = *call;
	return calls->n < CALLS_MAX;
}

static bool talks(const struct view_leg *leg)
{
	return strcmp(leg->state, "connected") == 0 ||
	       strcmp(leg->state, "held") == 0;
}

/* A call has one caller and at most one device that took it. */
static void check_talkers(struct world *w, const struct calls *calls)
{
	for (size_t i = 0; i < calls->n; i++) {
		const struct view_call *call = &calls->call[i];
		size_t talking = 0;

		for (size_t j = 0; j < call->n_legs; j++)
			talking += talks(&call->legs[j]);
		if (talking > 2)
			world_fault(w, "%zu legs of call %" PRIu64 " talk",
				    talking, call->id);
		if (call->n_legs == 0)
			world_fault(w, "call %" PRIu64 " without a leg",
				    call->id);
	}
}

static void check_ringing_leg(void *data, leg_id leg, bool rings)
{
	struct calls *calls = data;

	if (!rings)
		return;
	for (size_t i = 0; i < calls->n; i++)
		for (size_t j = 0; j < calls->call[i].n_legs; j++)
			if (calls->call[i].legs[j].leg == leg)
				return;
	world_fault(calls->w, "leg %" PRIu64 " rings for no call", leg);
}

/* ---- memory and disk ---- */

static bool check_pairing(const struct view_pairing *view, void *data)
{
	struct world *w = data;
	const struct row *row;

	for (size_t i = 0; (row = disk_row(w->disk, ROW_PAIRING, i)); i++)
		if (row->pairing.primary == view->row.primary &&
		    row->pairing.secondary == view->row.secondary)
			return true;
	world_fault(w, "the core pairs %s and %s, the disk does not",
		    view->primary, view->secondary);
	return false;
}

static bool check_contact(const struct view_contact *view, void *data)
{
	struct world *w = data;
	const struct row *row;

	for (size_t i = 0; (row = disk_row(w->disk, ROW_CONTACT, i)); i++)
		if (row->contact.ext == view->row.ext &&
		    strcmp(row->contact.uri, view->row.uri) == 0)
			return true;
	world_fault(w, "the core has a contact of %s, the disk does not",
		    view->number);
	return false;
}

static void check_counts(struct world *w)
{
	struct view_counts counts = { 0 };

	view_counts(w->core, &counts);
	if (counts.pairings != disk_count(w->disk, ROW_PAIRING))
		world_fault(w, "%zu pairings in memory, %zu on disk",
			    counts.pairings, disk_count(w->disk, ROW_PAIRING));
	if (counts.extensions != disk_count(w->disk, ROW_EXTENSION))
		world_fault(w, "%zu extensions in memory, %zu on disk",
			    counts.extensions,
			    disk_count(w->disk, ROW_EXTENSION));
}

void world_check(struct world *w)
{
	struct calls calls = { .w = w };

	view_each_call(w->core, collect, &calls);
	check_talkers(w, &calls);
	puppets_each_leg(w->puppets, check_ringing_leg, &calls);
	if (disk_next_ms(w->disk) != INT64_MAX)
		return; /* what is being written is neither here nor there */
	view_each_pairing(w->core, check_pairing, w);
	view_each_contact(w->core, check_contact, w);
	check_counts(w);
}

/* ---- once all is calm ---- */

void world_check_calm(struct world *w)
{
	struct view_counts counts = { 0 };

	view_counts(w->core, &counts);
	if (counts.calls)
		world_fault(w, "%zu calls are left over", counts.calls);
	for (size_t i = 0; i < w->n_devices; i++)
		if (!puppet_is_idle(w->device[i].puppet))
			world_fault(w, "%s is not idle",
				    w->device[i].house->label);
}
