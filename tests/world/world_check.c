/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * world_check.c - what is true after each step, and once all is calm
 */
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "outside.h"

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
		/* Once it is answered nobody rings for it. */
		if (strcmp(call->state, "connected") == 0 && !call->moving &&
		    talking < call->n_legs)
			world_fault(w, "call %" PRIu64 " talks and rings",
				    call->id);
		if (talking > 2u + call->moving)
			world_fault(w, "%zu legs of call %" PRIu64 " talk",
				    talking, call->id);
		if (call->n_legs == 0)
			world_fault(w, "call %" PRIu64 " without a leg",
				    call->id);
	}
}

static size_t talking_in(const struct view_call *call)
{
	size_t talking = 0;

	for (size_t i = 0; i < call->n_legs; i++)
		talking += talks(&call->legs[i]);
	return talking;
}

void world_check_moving(struct world *w)
{
	struct calls calls = { .w = w };

	view_each_call(w->core, collect, &calls);
	w->n_moving = 0;
	for (size_t i = 0; i < calls.n; i++)
		if (calls.call[i].moving && talking_in(&calls.call[i]) >= 2)
			w->moving[w->n_moving++] = calls.call[i].id;
}

/* Whatever becomes of a move, the two who talked talk on; unless one of the
 * call hangs up, or the world does. */
void world_check_moved(struct world *w, const struct event *event)
{
	struct calls calls = { .w = w };

	if (event->type == EV_RELEASED || event->type == EV_SHUTDOWN ||
	    event->type == EV_ADMIN || event->type == EV_STORED)
		return;
	for (size_t i = 0; i < w->n_devices; i++)
		if (w->device[i].was_off)
			return; /* may be silent for ever */
	view_each_call(w->core, collect, &calls);
	for (size_t i = 0; i < w->n_moving; i++) {
		bool found = false;

		for (size_t j = 0; j < calls.n; j++)
			found |= calls.call[j].id == w->moving[i] &&
				 talking_in(&calls.call[j]) >= 2;
		if (!found)
			world_fault(w, "a move dropped call %" PRIu64,
				    w->moving[i]);
	}
}

/* Every leg has a call, and it is a call in which it may do what it does. */
static void check_leg(void *data, leg_id leg, enum leg_noise noise)
{
	struct calls *calls = data;

	if (noise == LEG_SILENT)
		return;
	for (size_t i = 0; i < calls->n; i++)
		for (size_t j = 0; j < calls->call[i].n_legs; j++) {
			const struct view_leg *view = &calls->call[i].legs[j];

			if (view->leg == leg &&
			    talks(view) == (noise == LEG_TALKS))
				return;
		}
	if (noise == LEG_TALKS && view_code(calls->w->core, leg, 0))
		return;
	world_fault(calls->w, "leg %" PRIu64 " %s for no call", leg,
		    noise == LEG_RINGS ? "rings" : "talks");
}

/* How long a device may go on after its call is over: the messages on the way
 * and, where some are lost, RFC 3261's patience in repeating them; a handset
 * that walks out of range finds out by silence. */
#define AIR_LOST_MS 10000

static int64_t allowance_ms(const struct world *w,
			    const struct world_device *device)
{
	const struct net_faults *f = &w->net->faults;

	if (w->kind == WORLD_WHOLE && !device->phone)
		return AIR_LOST_MS;
	/* Timer B ran out, then the phone came back and heard the last copy of
	 * the INVITE, and its 180 was lost: a CANCEL may not be sent (9.1). */
	if (device->was_off && w->net->lost_any)
		return INT64_MAX / 2;

	return f->loss_percent || w->net->lost_any
		       ? 40000
		       : 500 + 6 * (f->delay_ms + f->jitter_ms) +
				 w->disk->delay_ms;
}

static bool in_a_call(const struct calls *calls, const char *number, bool talk)
{
	for (size_t i = 0; i < calls->n; i++)
		for (size_t j = 0; j < calls->call[i].n_legs; j++) {
			const struct view_leg *leg = &calls->call[i].legs[j];

			if (strcmp(leg->device, number) == 0 &&
			    talks(leg) == talk)
				return true;
		}
	return false;
}

/* Seen from outside: who rings or talks does so for a call, or ends soon.
 * Phones that talk outlive the gateway's death: it cannot know of them. */
static void check_strays(struct world *w, const struct calls *calls)
{
	for (size_t i = 0; i < w->n_devices; i++) {
		struct world_device *device = &w->device[i];
		enum device_state state = device->outside->state(device);

		if (state == DEVICE_IDLE || state == DEVICE_ELSE ||
		    (state == DEVICE_TALKS &&
		     (w->killed || view_code(w->core, 0, device->ext))) ||
		    in_a_call(calls, device->house->number,
			      state == DEVICE_TALKS)) {
			device->stray_ms = 0;
			continue;
		}
		if (!device->stray_ms)
			device->stray_ms = w->now_ms;
		if (w->now_ms - device->stray_ms > allowance_ms(w, device))
			world_fault(w, "%s %s for no call since %" PRId64 " ms",
				    device->house->label,
				    state == DEVICE_RINGS ? "rings" : "talks",
				    w->now_ms - device->stray_ms);
	}
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
	for (size_t i = 0; i < ARRAY_SIZE(w->outside); i++)
		if (w->outside[i] && w->outside[i]->each_leg)
			w->outside[i]->each_leg(w->outside[i]->data, check_leg,
						&calls);
	check_strays(w, &calls);
	if (disk_next_ms(w->disk) != INT64_MAX)
		return; /* what is being written is neither here nor there */
	view_each_pairing(w->core, check_pairing, w);
	view_each_contact(w->core, check_contact, w);
	check_counts(w);
}

/* ---- the log ---- */

static ext_id user_of(const struct view_extension *ext, struct world *w)
{
	struct view_extension primary;

	if (!*ext->twin || ext->primary)
		return ext->id;
	OSMO_ASSERT(view_extension(w->core, ext->twin, &primary));
	return primary.id;
}

void world_check_setup(struct world *w, const struct ev_setup *setup)
{
	struct view_extension from, to;
	char number[NUMBER_MAX + 1] = "";
	ext_id caller;

	if (setup->replaces || !view_extension_id(w->core, setup->from, &from))
		return;
	if (setup->dialled.n && strchr("*#", setup->dialled.p[0])) {
		w->redirects = true; /* it may set a forwarding */
		return;		     /* T87 */
	}
	caller = user_of(&from, w);
	w->ledger.out[caller]++;
	memcpy(number, setup->dialled.p,
	       OSMO_MIN(setup->dialled.n, (size_t)NUMBER_MAX));
	if (!view_extension(w->core, number, &to))
		return;
	/* T35: nobody has the number of a secondary; T37: but its twin. */
	if (user_of(&to, w) != caller && user_of(&to, w) == to.id)
		w->ledger.in[to.id]++;
}

void world_check_kill(struct world *w)
{
	struct view_counts counts = { 0 };

	view_counts(w->core, &counts);
	/* The core offers a refused record again: until now. */
	w->ledger.forgiven +=
		2 * counts.calls + w->disk->n_pending + w->disk->lost_logs;
	w->disk->lost_logs = 0;
}

static size_t lacking(size_t wanted, size_t had)
{
	return wanted > had ? wanted - had : 0;
}

static void check_log(struct world *w)
{
	size_t missing = 0, forgiven = w->ledger.forgiven;

	for (size_t i = 1; i <= w->n_devices; i++) {
		const struct row *row;
		size_t in = 0, out = 0;

		for (size_t n = 0; (row = disk_row(w->disk, ROW_LOG, n)); n++)
			if (row->log.owner == i)
				*(row->log.kind == LOG_OUT ? &out : &in) += 1;
		if (w->redirects)
			in = w->ledger.in[i]; /* it is not told who has one */
		if (!w->ledger.transferred &&
		    (out > w->ledger.out[i] || in > w->ledger.in[i]))
			world_fault(w,
				    "%s has %zu records out, %zu in; made "
				    "%zu, got %zu calls",
				    w->device[i - 1].house->label, out, in,
				    w->ledger.out[i], w->ledger.in[i]);
		missing += lacking(w->ledger.out[i], out) +
			   lacking(w->ledger.in[i], in);
	}
	if (missing > forgiven)
		world_fault(w, "%zu log records are missing, %zu forgiven",
			    missing, forgiven);
}

struct others {
	struct view_extension user;
	leg_id leg;
	bool moves; /* it is a move's: always possible (T77) */
	size_t n;
};

static bool count_other(const struct view_call *call, void *data)
{
	struct others *others = data;
	bool theirs = false;

	for (size_t i = 0; i < call->n_legs; i++) {
		const char *device = call->legs[i].device;

		if (call->legs[i].leg == others->leg) {
			others->moves = call->moving;
			return true;
		}
		theirs |= strcmp(device, others->user.number) == 0 ||
			  strcmp(device, others->user.twin) == 0;
	}
	others->n += theirs;
	return true;
}

static bool is_on(const struct view_extension *ext, const char *key)
{
	for (size_t i = 0; i < ext->n_settings; i++)
		if (strcmp(ext->settings[i].key, key) == 0)
			return ext->settings[i].on;
	OSMO_ASSERT(false);
	return false;
}

static const char *text_of(const struct view_extension *ext, const char *key)
{
	for (size_t i = 0; i < ext->n_settings; i++)
		if (strcmp(ext->settings[i].key, key) == 0)
			return ext->settings[i].text;
	OSMO_ASSERT(false);
	return NULL;
}

static size_t limit_of(struct world *w, const struct view_extension *user)
{
	struct view_pairing pairing;

	if (view_pairing(w->core,
			 *user->twin && !user->primary ? user->twin
						       : user->number,
			 &pairing))
		return pairing.row.max_calls;
	return is_on(user, "call_waiting") ? 2 : 1;
}

/* T21, T22, T28: who has all the calls he may have rings for no other. */
static void check_limit(struct world *w, const struct act_leg *act)
{
	struct others others = { .leg = act->leg };

	if (!view_extension_id(w->core, act->device, &others.user) ||
	    strcmp(act->party.number, others.user.twin) == 0 ||
	    strcmp(act->party.number, others.user.number) == 0 ||
	    strcmp(others.user.number, w->mailbox) == 0)
		return;
	view_each_call(w->core, count_other, &others);
	if (!others.moves && others.n >= limit_of(w, &others.user))
		world_fault(w, "%s has %zu calls and rings for one more",
			    others.user.number, others.n);
}

/* The lists of the worlds are one number, or one with X. */
static bool excepts(const char *pattern, const char *number)
{
	if (strlen(pattern) != strlen(number))
		return false;
	for (; *pattern; pattern++, number++)
		if (*pattern != 'X' && *pattern != *number)
			return false;
	return true;
}

/*
 * T39, T42, T46: a user who does not want to be disturbed hears nothing, at
 * neither device, unless the caller is an exception, it is the user's own
 * call that moves or comes back, or a call for somebody who is there (follow
 * me, a mailbox).
 */
static void check_dnd(struct world *w, const struct act_leg *act)
{
	struct view_extension device, user;
	struct view_pairing pairing;
	struct others others = { .leg = act->leg };

	if (!view_extension_id(w->core, act->device, &device) ||
	    !view_extension(w->core,
			    *device.twin && !device.primary ? device.twin
							    : device.number,
			    &user) ||
	    !is_on(&user, "dnd"))
		return;
	if (view_pairing(w->core, user.number, &pairing) &&
	    pairing.row.dnd_primary_only)
		return;
	if (strcmp(act->party.number, user.number) == 0 ||
	    strcmp(user.number, w->mailbox) == 0 ||
	    excepts(text_of(&user, "dnd_exceptions"), act->party.number))
		return;
	if (!act->divert && strcmp(act->target, user.number) != 0 &&
	    strcmp(act->target, user.twin) != 0)
		return; /* follow me */
	view_each_call(w->core, count_other, &others);
	if (!others.moves)
		world_fault(w, "%s rings, and %s is not to be disturbed",
			    device.number, user.number);
}

/* T34: a paired secondary does not ring by its own number, but for its twin. */
void world_check_ring(struct world *w, const struct act_leg *act)
{
	struct view_extension ext;

	check_limit(w, act);
	check_dnd(w, act);
	if (view_extension_id(w->core, act->device, &ext) && *ext.twin &&
	    !ext.primary && strcmp(act->target, ext.number) == 0 &&
	    strcmp(act->party.number, ext.twin) != 0)
		world_fault(w, "%s, the secondary of %s, rings by its number",
			    ext.number, ext.twin);
}

/* ---- once all is calm ---- */

/* What lives no longer than a call does, by its talloc name. */
static void check_mortal(const void *ptr, int depth, int max_depth, int is_ref,
			 void *data)
{
	static const char *const mortal[] = { "struct call", "struct leg",
					      "struct txn", "struct unstored",
					      "struct osmo_fsm_inst" };
	struct world *w = data;

	for (size_t i = 0; i < ARRAY_SIZE(mortal); i++)
		if (strcmp(talloc_get_name(ptr), mortal[i]) == 0)
			world_fault(w, "a %s is left over", mortal[i]);
}

void world_check_calm(struct world *w)
{
	struct view_counts counts = { 0 };

	view_counts(w->core, &counts);
	if (counts.calls)
		world_fault(w, "%zu calls are left over", counts.calls);
	check_log(w);
	talloc_report_depth_cb(w->core, 0, -1, check_mortal, w);
	for (size_t i = 0; i < ARRAY_SIZE(w->outside); i++)
		if (w->outside[i])
			w->outside[i]->check_calm(w->outside[i]->data);
	for (size_t i = 0; i < w->n_devices; i++)
		if (w->device[i].outside->state(&w->device[i]) != DEVICE_IDLE)
			world_fault(w, "%s is not idle",
				    w->device[i].house->label);
}
