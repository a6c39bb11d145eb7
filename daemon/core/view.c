/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view.h"

#include <osmocom/core/utils.h>

#include "call.h"
#include "explain.h"
#include "extension.h"
#include "handset.h"
#include "house.h"
#include "leg.h"
#include "move.h"
#include "pairing.h"
#include "setting.h"

const char *ext_state_name(enum ext_state state)
{
	static const char *const names[] = {
		[EXT_IDLE] = "idle",
		[EXT_ALERTING] = "alerting",
		[EXT_IN_USE] = "in_use",
		[EXT_DND] = "dnd",
		[EXT_LOGGED_OUT] = "logged_out",
		[EXT_UNREACHABLE] = "unreachable",
	};

	return names[state];
}

/* Both devices of a pair show one state (T102, T104). */
static enum ext_state state_of(const struct extension *ext)
{
	const struct extension *twin = extension_twin(ext);
	const struct extension *user = extension_is_secondary(ext) ? twin : ext;

	if (ext->talking || (twin && twin->talking))
		return EXT_IN_USE;
	if (ext->alerting || (twin && twin->alerting))
		return EXT_ALERTING;
	if (!setting_bool(user, SETTING_LOGGED_IN))
		return EXT_LOGGED_OUT;
	if (setting_bool(user, SETTING_DND)) /* T106: not the twin's own */
		return EXT_DND;
	if (!extension_is_reachable(ext) &&
	    (!twin || !extension_is_reachable(twin)))
		return EXT_UNREACHABLE;
	return EXT_IDLE;
}

static void show_settings(const struct core *core, const struct extension *ext,
			  struct view_extension *view)
{
	static const int kinds[] = {
		[SETTING_SWITCH] = VIEW_SWITCH,
		[SETTING_WORD] = VIEW_WORD,
		[SETTING_SECONDS] = VIEW_SECONDS,
		[SETTING_LIST] = VIEW_LIST,
	};
	enum setting which;

	osmo_static_assert(_NUM_SETTING <= VIEW_SETTINGS_MAX, settings_fit);
	for (which = 0; which < _NUM_SETTING; which++) {
		struct view_setting *to = &view->settings[view->n_settings];

		if (setting_kind(which) == SETTING_HIDDEN)
			continue;
		view->n_settings++;
		to->key = setting_key(which);
		to->kind = kinds[setting_kind(which)];
		to->text = setting_text(ext, which);
		to->on = setting_bool(ext, which);
		if (to->kind == VIEW_SECONDS)
			to->seconds = setting_uint(ext, which);
		if (which == SETTING_NO_ANSWER_TIME)
			to->seconds = setting_no_answer_s(core, ext);
	}
}

static void show_extension(const struct core *core, const struct extension *ext,
			   struct view_extension *view)
{
	const struct extension *twin = extension_twin(ext);

	*view = (struct view_extension){
		.id = ext->row.id,
		.kind = ext->row.kind,
		.registered = extension_is_reachable(ext),
		.state = state_of(ext),
		.primary = twin && !extension_is_secondary(ext),
	};
	OSMO_STRLCPY_ARRAY(view->number, ext->row.number);
	OSMO_STRLCPY_ARRAY(view->name, ext->row.name);
	if (twin)
		OSMO_STRLCPY_ARRAY(view->twin, twin->row.number);
	show_settings(core, ext, view);
}

static void show_pairing(const struct pairing *pairing,
			 struct view_pairing *view)
{
	*view = (struct view_pairing){ .row = pairing->row };
	OSMO_STRLCPY_ARRAY(view->primary, pairing->primary->row.number);
	OSMO_STRLCPY_ARRAY(view->secondary, pairing->secondary->row.number);
}

static void show_leg(const struct leg *leg, struct view_call *view)
{
	static const char *const names[] = {
		[LEG_ST_CALLER] = "calling",
		[LEG_ST_CALLING] = "calling",
		[LEG_ST_ALERTING] = "alerting",
		[LEG_ST_TALKING] = "connected",
	};
	struct view_leg *to;

	if (!leg || !leg_is_alive(leg) || view->n_legs == VIEW_LEGS_MAX)
		return;
	to = &view->legs[view->n_legs++];
	to->leg = leg->entry.id;
	to->state = names[leg_state(leg)];
	OSMO_STRLCPY_ARRAY(to->device, leg->number);
}

static void show_call(const struct call *call, struct view_call *view)
{
	const struct leg *leg;

	*view = (struct view_call){
		.id = call->entry.id,
		.state = call->answered ? "connected" : "alerting",
		.moving = move_is_open(call),
		.since_ms = call->start_wall_ms,
	};
	OSMO_STRLCPY_ARRAY(view->from, call->from.number);
	OSMO_STRLCPY_ARRAY(view->to, call->dialled);
	show_leg(call->caller, view);
	llist_for_each_entry (leg, &call->legs, sibling)
		show_leg(leg, view);
}

static void show_handset(const struct handset *handset,
			 struct view_handset *view)
{
	*view = (struct view_handset){
		.row = handset->row,
		.attached = handset->attached,
	};
	memset(view->row.uak, 0, sizeof(view->row.uak));
	if (handset->ext)
		OSMO_STRLCPY_ARRAY(view->number, handset->ext->row.number);
}

static void show_contact(const struct extension *ext, struct view_contact *view)
{
	*view = (struct view_contact){
		.since_ms = ext->contact->since_ms,
		.row = { .ext = ext->row.id,
			 .interval_s = ext->contact->interval_s },
	};
	OSMO_STRLCPY_ARRAY(view->number, ext->row.number);
	OSMO_STRLCPY_ARRAY(view->row.uri, ext->contact->uri);
	OSMO_STRLCPY_ARRAY(view->row.source, ext->contact->source);
	OSMO_STRLCPY_ARRAY(view->row.user_agent, ext->contact->user_agent);
}

void view_each_extension(struct core *core, view_extension_cb *cb, void *data)
{
	struct view_extension view;
	size_t i;

	for (i = 0; i < core->n_extensions; i++) {
		show_extension(core, core->by_number[i], &view);
		if (!cb(&view, data))
			return;
	}
}

void view_each_pairing(struct core *core, view_pairing_cb *cb, void *data)
{
	struct view_pairing view;
	struct pairing *pairing;

	llist_for_each_entry (pairing, &core->pairings, entry) {
		show_pairing(pairing, &view);
		if (!cb(&view, data))
			return;
	}
}

void view_each_call(struct core *core, view_call_cb *cb, void *data)
{
	struct view_call view;
	struct call *call;

	llist_for_each_entry (call, &core->calls_by_age, by_age) {
		if (call_state(call) == CALL_ST_ENDED)
			continue;
		show_call(call, &view);
		if (!cb(&view, data))
			return;
	}
}

void view_each_contact(struct core *core, view_contact_cb *cb, void *data)
{
	struct view_contact view;
	size_t i;

	for (i = 0; i < core->n_extensions; i++) {
		if (!core->by_number[i]->contact)
			continue;
		show_contact(core->by_number[i], &view);
		if (!cb(&view, data))
			return;
	}
}

void view_each_handset(struct core *core, view_handset_cb *cb, void *data)
{
	struct view_handset view;
	struct handset *handset;

	llist_for_each_entry (handset, &core->handsets, entry) {
		show_handset(handset, &view);
		if (!cb(&view, data))
			return;
	}
}

bool view_extension(struct core *core, const char *number,
		    struct view_extension *ret_view)
{
	struct extension *ext = extension_find(core, span_of(number));

	if (ext)
		show_extension(core, ext, ret_view);
	return ext;
}

bool view_extension_id(struct core *core, ext_id id,
		       struct view_extension *ret_view)
{
	struct extension *ext = extension_by_id(core, id);

	if (ext)
		show_extension(core, ext, ret_view);
	return ext;
}

bool view_pairing(struct core *core, const char *primary,
		  struct view_pairing *ret_view)
{
	struct extension *ext = extension_find(core, span_of(primary));

	if (!ext || !ext->pairing || extension_is_secondary(ext))
		return false;
	show_pairing(ext->pairing, ret_view);
	return true;
}

bool view_call(struct core *core, call_id id, struct view_call *ret_view)
{
	struct idtab_entry *entry = idtab_find(&core->calls, id);
	struct call *call;

	if (!entry)
		return false;
	call = container_of(entry, struct call, entry);
	if (call_state(call) == CALL_ST_ENDED)
		return false;
	show_call(call, ret_view);
	return true;
}

bool view_explain(struct core *core, call_id id, struct view_explain *ret_view)
{
	return explain_show(core, id, ret_view);
}

bool view_handset(struct core *core, uint64_t ipui,
		  struct view_handset *ret_view)
{
	struct handset *handset = handset_find(core, ipui);

	if (handset)
		show_handset(handset, ret_view);
	return handset;
}

bool view_contact(struct core *core, const char *number,
		  struct view_contact *ret_view)
{
	struct extension *ext = extension_find(core, span_of(number));

	if (!ext || !ext->contact)
		return false;
	show_contact(ext, ret_view);
	return true;
}

static bool count_call(const struct view_call *view, void *n)
{
	(*(size_t *)n)++;
	return true;
}

void view_counts(struct core *core, struct view_counts *ret_counts)
{
	size_t i;

	*ret_counts = core->counts;
	ret_counts->extensions = core->n_extensions;
	ret_counts->pairings = core->n_pairings;
	ret_counts->handsets = core->n_handsets;
	ret_counts->calls = 0;
	ret_counts->registrations = 0;
	for (i = 0; i < core->n_extensions; i++)
		if (core->by_number[i]->contact)
			ret_counts->registrations++;
	view_each_call(core, count_call, &ret_counts->calls);
}
