/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "presence.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "call.h"
#include "extension.h"
#include "handset.h"
#include "leg.h"
#include "pairing.h"

struct watch {
	struct idtab_entry entry;
	struct llist_head sibling; /* in target->watches */
	struct extension *target;
	enum watch_what what;
	bool granted; /* false: the first answer waits for the disk */
	bool told;    /* in this step, of all that changed in it */
};

static const enum setting forward[_NUM_FEATURE] = {
	[FEATURE_FORWARD_ALWAYS] = SETTING_FORWARD_UNCONDITIONAL,
	[FEATURE_FORWARD_BUSY] = SETTING_FORWARD_BUSY,
	[FEATURE_FORWARD_NO_ANSWER] = SETTING_FORWARD_NO_ANSWER,
};

/* ---- what is shown ---- */

/* T39: do-not-disturb at the primary is the user's, unless the pairing says
 * that it silences the desk alone.  T106: the secondary's is not.  T107. */
static bool shows_dnd(const struct extension *user)
{
	bool alone = user->pairing && user->pairing->row.dnd_primary_only;

	if (!setting_bool(user, SETTING_LOGGED_IN))
		return !*setting_text(user, SETTING_FORWARD_UNCONDITIONAL);
	return setting_bool(user, SETTING_DND) && !alone;
}

/* The leg by which the devices @a and @b are in @call, NULL: by none.  One
 * that talks before one that rings: a call may be on its way from twin to
 * twin. */
static const struct leg *leg_at(const struct call *call, ext_id a, ext_id b)
{
	const struct leg *leg = call->caller, *best = NULL;

	if (leg && leg_is_alive(leg) && (leg->device == a || leg->device == b))
		best = leg;
	llist_for_each_entry (leg, &call->legs, sibling)
		if (leg_is_alive(leg) &&
		    (leg->device == a || leg->device == b) &&
		    (!best || (leg_state(leg) == LEG_ST_TALKING &&
			       leg_state(best) != LEG_ST_TALKING)))
			best = leg;
	return best;
}

static void show_called(const struct call *call, struct party *ret)
{
	const struct extension *to = extension_by_id(call->core, call->to_user);

	/* T105: who dials the twin's own number still calls its user. */
	OSMO_STRLCPY_ARRAY(ret->number, to ? to->row.number : call->dialled);
	OSMO_STRLCPY_ARRAY(ret->name, call->to_name);
}

static void show_call(const struct call *call, const struct leg *leg,
		      struct lamp_call *ret)
{
	const struct leg *other = call_other_end(call, leg);

	ret->call = call->entry.id;
	ret->initiator = leg == call->caller;
	if (leg_state(leg) == LEG_ST_TALKING)
		ret->state = LAMP_CONFIRMED;
	else
		ret->state = ret->initiator && !call->rung ? LAMP_TRYING
							   : LAMP_EARLY;
	if (other)
		leg_party(other, &ret->remote);
	else if (ret->initiator)
		show_called(call, &ret->remote);
	else
		ret->remote = call->from;
	if (ret->remote.withheld)
		memset(&ret->remote, 0, sizeof(ret->remote));
}

static bool has_legs(const struct extension *ext)
{
	return ext && (ext->alerting || ext->talking);
}

static void show_calls(struct core *core, const struct extension *ext,
		       struct lamp *lamp)
{
	const struct extension *twin = extension_twin(ext);
	ext_id a = ext->row.id, b = twin ? twin->row.id : a;
	const struct call *call;
	const struct leg *leg;

	if (!has_legs(ext) && !has_legs(twin))
		return;
	llist_for_each_entry (call, &core->calls_by_age, by_age) {
		leg = call_state(call) == CALL_ST_ENDED ? NULL
							: leg_at(call, a, b);
		if (leg && lamp->calls.n < LAMP_CALLS_MAX)
			show_call(call, leg,
				  &lamp->calls.call[lamp->calls.n++]);
	}
}

static void show_features(const struct extension *ext, struct lamp *lamp)
{
	const struct extension *user =
		extension_is_secondary(ext) ? ext->pairing->primary : ext;
	int i;

	lamp->features.dnd = setting_bool(ext, SETTING_DND);
	for (i = FEATURE_FORWARD_ALWAYS; i < _NUM_FEATURE; i++)
		OSMO_STRLCPY_ARRAY(lamp->features.forward[i],
				   setting_text(user, forward[i]));
}

void presence_lamp(struct core *core, const struct extension *ext,
		   struct lamp *ret_lamp)
{
	const struct extension *twin = extension_twin(ext);
	const struct extension *user = extension_is_secondary(ext) ? twin : ext;

	memset(ret_lamp, 0, sizeof(*ret_lamp));
	OSMO_STRLCPY_ARRAY(ret_lamp->number, ext->row.number);
	OSMO_STRLCPY_ARRAY(ret_lamp->name, user->row.name);
	ret_lamp->calls.dnd = shows_dnd(user);
	show_calls(core, ext, ret_lamp);
	ret_lamp->reachable = extension_is_reachable(ext) ||
			      (twin && extension_is_reachable(twin));
	ret_lamp->messages.fresh = user->messages.fresh;
	ret_lamp->messages.old = user->messages.old;
	show_features(ext, ret_lamp);
}

/* ---- telling ---- */

static void notify(struct core *core, const struct watch *watch,
		   const struct lamp *lamp)
{
	struct act_watch *out = &act(core, ACT_NOTIFY)->watch;

	out->watch = watch->entry.id;
	out->what = watch->what;
	out->lamp = lamp;
}

/* A copy that lives as long as the actions. */
static const struct lamp *publish(struct core *core, const struct lamp *lamp)
{
	struct lamp *copy = talloc_memdup(core->out->v, lamp, sizeof(*lamp));

	OSMO_ASSERT(copy);
	return copy;
}

static bool differs(enum watch_what what, const struct lamp *a,
		    const struct lamp *b)
{
	switch (what) {
	case WATCH_CALLS:
		return memcmp(&a->calls, &b->calls, sizeof(a->calls)) != 0;
	case WATCH_PRESENCE:
		return memcmp(&a->calls, &b->calls, sizeof(a->calls)) != 0 ||
		       a->reachable != b->reachable ||
		       strcmp(a->name, b->name) != 0;
	case WATCH_MESSAGES:
		return memcmp(&a->messages, &b->messages,
			      sizeof(a->messages)) != 0;
	case WATCH_FEATURES:
		return memcmp(&a->features, &b->features,
			      sizeof(a->features)) != 0;
	}
	return false;
}

static void tell(struct core *core, struct extension *ext)
{
	const struct lamp *published = NULL;
	struct watch *watch;
	struct lamp now;

	presence_lamp(core, ext, &now);
	llist_for_each_entry (watch, &ext->watches, sibling) {
		bool told = watch->told;

		watch->told = false;
		if (told || !watch->granted ||
		    !differs(watch->what, &now, ext->shown))
			continue;
		if (!published)
			published = publish(core, &now);
		notify(core, watch, published);
	}
	*ext->shown = now;
}

void presence_flush(struct core *core)
{
	struct extension *ext, *next;

	llist_for_each_entry_safe (ext, next, &core->touched, touched) {
		llist_del_init(&ext->touched);
		tell(core, ext);
	}
}

static void touch(struct core *core, struct extension *ext)
{
	if (ext && !llist_empty(&ext->watches) && llist_empty(&ext->touched))
		llist_add_tail(&ext->touched, &core->touched);
}

void presence_touch(struct core *core, struct extension *ext)
{
	touch(core, ext);
	touch(core, extension_twin(ext));
}

void presence_setting_changed(struct core *core, struct extension *ext,
			      enum setting which)
{
	presence_touch(core, ext);
}

/* ---- watching ---- */

static struct watch *watch_find(const struct core *core, uint64_t id)
{
	struct idtab_entry *entry = idtab_find(&core->watches, id);

	return entry ? container_of(entry, struct watch, entry) : NULL;
}

static void watch_free(struct core *core, struct watch *watch)
{
	struct extension *ext = watch->target;

	idtab_del(&core->watches, &watch->entry);
	llist_del(&watch->sibling);
	talloc_free(watch);
	if (!llist_empty(&ext->watches))
		return;
	TALLOC_FREE(ext->shown);
	if (!llist_empty(&ext->touched))
		llist_del_init(&ext->touched);
}

static void end(struct core *core, struct watch *watch, bool shutdown)
{
	struct act_watch *out = &act(core, ACT_WATCH_END)->watch;

	out->watch = watch->entry.id;
	out->shutdown = shutdown;
	watch_free(core, watch);
}

static void result(struct core *core, uint64_t id, unsigned int status)
{
	struct act_watch *out = &act(core, ACT_WATCH_RESULT)->watch;

	out->watch = id;
	out->status = status;
}

/* SIP status, 200 if it may be watched. */
static unsigned int may_watch(const struct core *core,
			      const struct extension *from,
			      const struct extension *target,
			      enum watch_what what)
{
	bool own = what == WATCH_MESSAGES || what == WATCH_FEATURES;

	if (!from)
		return 403;
	if (!target)
		return 404;
	if (own)
		return from == target ? 200 : 403;
	if (extension_is_secondary(target))
		return 404;
	return core->watches.n < WATCHES_MAX ? 200 : 503;
}

/* What the others know stays what they know: they are told when the step is
 * over. */
static void show_now(struct core *core, struct watch *watch)
{
	struct extension *ext = watch->target;
	struct lamp now;

	presence_lamp(core, ext, &now);
	notify(core, watch, publish(core, &now));
	watch->told = !llist_empty(&ext->touched);
}

static void grant(struct core *core, struct watch *watch)
{
	watch->granted = true;
	result(core, watch->entry.id, 200);
	show_now(core, watch);
}

static void refuse(struct core *core, struct watch *watch, unsigned int status)
{
	result(core, watch->entry.id, status);
	if (watch->granted)
		show_now(core, watch);
	else
		watch_free(core, watch);
}

/* A key of the phone: the change is true when it is stored, and only then is
 * the phone told so.  One that is refused is told how it is instead, so that
 * the phone's own light goes back to the truth. */
static void changed(struct core *core, uint64_t ref, const char *refused)
{
	struct watch *watch = watch_find(core, ref);

	if (!watch)
		return; /* it went away meanwhile */
	if (refused)
		refuse(core, watch, 403);
	else
		grant(core, watch);
}

static void change(struct core *core, struct watch *watch,
		   struct extension *device, const struct ev_watch *ev)
{

	if (ev->feature == FEATURE_DND)
		setting_change(core, device, SETTING_DND,
			       span_of(ev->on ? "on" : "off"), changed,
			       ev->watch);
	else if (ev->on && !ev->number.n)
		refuse(core, watch, 403); /* forward to where? */
	else
		setting_change(core, device, forward[ev->feature],
			       ev->on ? ev->number : (struct span){ 0 },
			       changed, ev->watch);
}

static struct watch *watch_new(struct core *core, const struct ev_watch *ev,
			       struct extension *target)
{
	struct watch *watch = talloc_zero(core, struct watch);

	OSMO_ASSERT(watch);
	watch->target = target;
	watch->what = ev->what;
	idtab_add(&core->watches, &watch->entry, ev->watch);
	if (llist_empty(&target->watches)) {
		target->shown = talloc(target, struct lamp);
		OSMO_ASSERT(target->shown);
		presence_lamp(core, target, target->shown);
	}
	llist_add_tail(&watch->sibling, &target->watches);
	return watch;
}

void presence_watch(struct core *core, const struct ev_watch *ev)
{
	struct extension *from = extension_by_id(core, ev->from);
	struct watch *watch = watch_find(core, ev->watch);
	struct extension *target =
		watch ? watch->target : extension_find(core, ev->target);
	unsigned int status = may_watch(core, from, target, ev->what);

	if (!watch && status != 200) {
		result(core, ev->watch, status);
		return;
	}
	if (!watch)
		watch = watch_new(core, ev, target);
	if (ev->feature == FEATURE_NONE)
		grant(core, watch);
	else if (ev->what == WATCH_FEATURES)
		change(core, watch, target, ev);
	else
		refuse(core, watch, 403);
}

void presence_unwatch(struct core *core, uint64_t id)
{
	struct watch *watch = watch_find(core, id);

	if (watch)
		watch_free(core, watch);
	else
		core->counts.dropped_events++;
}

/* Its own phone still wants to know of messages and of its keys, if the
 * device is there at all. */
static void gone(struct core *core, struct extension *ext, bool removed)
{
	struct watch *watch, *next;

	llist_for_each_entry_safe (watch, next, &ext->watches, sibling) {
		bool own = watch->what == WATCH_MESSAGES ||
			   watch->what == WATCH_FEATURES;

		if (own && !removed)
			continue;
		if (watch->granted) {
			end(core, watch, false);
			continue;
		}
		result(core, watch->entry.id, 404);
		watch_free(core, watch);
	}
}

void presence_paired(struct core *core, struct extension *secondary)
{
	gone(core, secondary, false);
	presence_touch(core, secondary);
}

void presence_removed(struct core *core, struct extension *ext)
{
	gone(core, ext, true);
}

void presence_shutdown(struct core *core)
{
	struct idtab_entry *entry;

	while ((entry = idtab_next(&core->watches, NULL)))
		end(core, container_of(entry, struct watch, entry), true);
}

/* ---- the mailbox ---- */

void presence_messages(struct core *core, const struct ev_messages *ev)
{
	struct extension *ext = extension_find(core, ev->user);
	struct extension *user, *twin;

	if (!ext) {
		core->counts.dropped_events++;
		return;
	}
	user = extension_user(ext);
	twin = extension_twin(user);
	user->messages.fresh = ev->fresh;
	user->messages.old = ev->old;
	presence_touch(core, user);
	if (user->handset)
		handset_announce(core, user->handset);
	if (twin && twin->handset)
		handset_announce(core, twin->handset);
}
