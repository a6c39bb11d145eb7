/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "extension.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "handset.h"
#include "pairing.h"
#include "presence.h"

/* Where @number stands, or would stand, among the sorted. */
static size_t place_of(const struct core *core, struct span number, bool *found)
{
	size_t low = 0, high = core->n_extensions;

	*found = false;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const char *there = core->by_number[middle]->row.number;
		size_t n = strlen(there);
		int order = memcmp(number.p, there, OSMO_MIN(number.n, n));

		if (order == 0)
			order = (number.n > n) - (number.n < n);
		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct extension *extension_find(const struct core *core, struct span number)
{
	bool found;
	size_t at;

	if (!number.n)
		return NULL;
	at = place_of(core, number, &found);
	return found ? core->by_number[at] : NULL;
}

struct extension *extension_by_id(const struct core *core, ext_id id)
{
	struct idtab_entry *entry = idtab_find(&core->extensions, id);

	return entry ? container_of(entry, struct extension, entry) : NULL;
}

struct extension *extension_new(struct core *core,
				const struct row_extension *row)
{
	struct extension *ext = talloc_zero(core, struct extension);
	bool found;
	size_t at;

	OSMO_ASSERT(ext);
	at = place_of(core, span_of(row->number), &found);
	OSMO_ASSERT(!found);
	ext->row = *row;
	INIT_LLIST_HEAD(&ext->watches);
	INIT_LLIST_HEAD(&ext->touched);
	idtab_add(&core->extensions, &ext->entry, row->id);
	core->by_number =
		talloc_realloc(core, core->by_number, struct extension *,
			       core->n_extensions + 1);
	OSMO_ASSERT(core->by_number);
	memmove(&core->by_number[at + 1], &core->by_number[at],
		(core->n_extensions - at) * sizeof(ext));
	core->by_number[at] = ext;
	core->n_extensions++;
	if (core->last_ext < row->id)
		core->last_ext = row->id;
	return ext;
}

void extension_free(struct core *core, struct extension *ext)
{
	bool found;
	size_t at = place_of(core, span_of(ext->row.number), &found);

	OSMO_ASSERT(found && !ext->pairing && !ext->calls);
	presence_removed(core, ext);
	if (!llist_empty(&ext->touched))
		llist_del_init(&ext->touched);
	core->n_extensions--;
	memmove(&core->by_number[at], &core->by_number[at + 1],
		(core->n_extensions - at) * sizeof(ext));
	idtab_del(&core->extensions, &ext->entry);
	if (ext->handset)
		ext->handset->ext = NULL;
	talloc_free(ext);
}

bool extension_is_secondary(const struct extension *ext)
{
	return ext->pairing && ext->pairing->secondary == ext;
}

struct extension *extension_user(struct extension *ext)
{
	return extension_is_secondary(ext) ? ext->pairing->primary : ext;
}

struct extension *extension_twin(const struct extension *ext)
{
	if (!ext->pairing)
		return NULL;
	return ext->pairing->primary == ext ? ext->pairing->secondary
					    : ext->pairing->primary;
}

bool extension_is_reachable(const struct extension *ext)
{
	if (ext->row.kind == EXT_SIP)
		return ext->contact;
	return ext->handset && ext->handset->attached;
}

bool extension_is_busy(const struct extension *ext)
{
	return ext->calls || ext->alerting || ext->talking;
}

void extension_bind(struct extension *ext, const struct row_contact *row,
		    int64_t wall_ms)
{
	extension_unbind(ext);
	ext->contact = talloc_zero(ext, struct contact);
	OSMO_ASSERT(ext->contact);
	ext->contact->uri = talloc_strdup(ext->contact, row->uri);
	ext->contact->source = talloc_strdup(ext->contact, row->source);
	ext->contact->user_agent = talloc_strdup(ext->contact, row->user_agent);
	ext->contact->interval_s = row->interval_s;
	ext->contact->since_ms = wall_ms;
}

void extension_unbind(struct extension *ext)
{
	talloc_free(ext->contact);
	ext->contact = NULL;
}

void extension_setting_changed(struct core *core, struct extension *ext,
			       enum setting which)
{
	const struct extension *twin = extension_twin(ext);

	if (which != SETTING_DND && which != SETTING_TWIN_DND)
		return;
	if (ext->handset)
		handset_announce(core, ext->handset);
	if (twin && twin->handset)
		handset_announce(core, twin->handset);
}

void extension_announce(struct core *core, struct extension *ext)
{
	if (ext->row.kind == EXT_SIP)
		act(core, ACT_USER)->user = ext->row;
	else if (ext->handset)
		handset_announce(core, ext->handset);
}
