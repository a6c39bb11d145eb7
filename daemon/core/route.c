/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "route.h"

#include <osmocom/core/utils.h>

#include "call.h"
#include "extension.h"
#include "pairing.h"
#include "pattern.h"

struct ask {
	struct core *core;
	struct extension *from_device;
	struct way *way;
	struct explain *explain;
};

static void not_ringing(const struct ask *ask, const struct extension *device,
			const char *why)
{
	explain_add(ask->explain, device->row.number, false, "did not ring: %s",
		    why);
}

/* Both devices of @user. */
static void user_not_ringing(const struct ask *ask,
			     const struct extension *user, const char *why)
{
	const struct extension *twin = extension_twin(user);

	not_ringing(ask, user, why);
	if (twin)
		not_ringing(ask, twin, why);
}

static struct route no_route(enum cause cause)
{
	return (struct route){ .cause = cause };
}

/* ---- who may call ---- */

static bool is_emergency(const struct core *core, struct span number)
{
	size_t i;

	for (i = 0; i < EMERGENCY_MAX && core->config.emergency[i][0]; i++)
		if (span_is(number, core->config.emergency[i]))
			return true;
	return false;
}

/* NULL if @device may call @number, else why not. */
static const char *bar(const struct core *core, struct extension *device,
		       struct span number)
{
	struct extension *called = extension_find(core, number);
	struct extension *user = extension_user(device);
	const char *outgoing = setting_text(user, SETTING_OUTGOING);

	if (!setting_bool(device, SETTING_LOGGED_IN))
		return "it is logged out";
	if (called && extension_user(called) == user)
		return NULL;
	if (strcmp(outgoing, "none") == 0)
		return "outgoing=none (T31)";
	if (strcmp(outgoing, "internal") == 0 && !called)
		return "outgoing=internal (T31)";
	return NULL;
}

/* ---- who wants to be called ---- */

static bool is_exception(const struct ask *ask, const struct extension *user,
			 enum route_kind kind)
{
	const struct extension *caller = extension_user(ask->from_device);

	/* T44 */
	return kind != ROUTE_GROUP &&
	       pattern_list_has(
		       span_of(setting_text(user, SETTING_DND_EXCEPTIONS)),
		       span_of(caller->row.number));
}

/* dnd_scope: do-not-disturb at the primary may be its own affair. */
static bool is_for_both(const struct extension *user)
{
	return !user->pairing || !user->pairing->row.dnd_primary_only;
}

bool route_is_disturbed(const struct extension *device)
{
	const struct extension *twin = extension_twin(device);

	if (setting_bool(device, SETTING_DND))
		return true;
	return extension_is_secondary(device) && is_for_both(twin) &&
	       setting_bool(twin, SETTING_DND);
}

/* Of those that ask not to be disturbed: who is, nevertheless (T46)? */
static bool alerts_in_dnd(enum route_kind kind)
{
	return kind == ROUTE_FOLLOW_ME || kind == ROUTE_RETURN;
}

/* NULL if @device may ring for its user, else why not. */
static const char *unwilling(const struct ask *ask,
			     const struct extension *device,
			     const struct extension *user, enum route_kind kind,
			     bool *ret_dnd)
{
	bool dnd = setting_bool(device, SETTING_DND);

	if (device == ask->from_device)
		return "it is the caller";
	if (!setting_bool(device, SETTING_LOGGED_IN))
		return "it is logged out (T41)";
	/* The primary's, if it is for both, has been asked before. */
	if (!dnd || (device == user && is_for_both(user)) ||
	    (device == user && alerts_in_dnd(kind)) ||
	    is_exception(ask, user, kind))
		return NULL;
	*ret_dnd = true;
	return device == user ? "do not disturb, here alone (dnd_scope)"
			      : "do not disturb at this device (T40)";
}

static const char *unreachable(const struct extension *device)
{
	if (extension_is_reachable(device))
		return NULL;
	if (device->row.kind == EXT_SIP)
		return "no phone is registered";
	if (!device->handset)
		return "no handset is assigned";
	return "the handset is switched off or out of range";
}

static bool in_use(const struct extension *device)
{
	return device->talking || device->alerting;
}

/* T23: of a second call only the device in use may be told. */
static bool left_idle(const struct ask *ask, const struct extension *device)
{
	const struct extension *twin = extension_twin(device);

	return ask->core->config.second_call_in_use_only && twin &&
	       !in_use(device) && in_use(twin) && twin != ask->from_device;
}

/* Or say why not. */
static void add(const struct ask *ask, struct route *route,
		struct extension *device, const struct extension *user,
		enum route_kind kind, bool *ret_dnd)
{
	const char *why = unwilling(ask, device, user, kind, ret_dnd);

	if (!why)
		why = unreachable(device);
	if (!why && left_idle(ask, device))
		why = "the other device is in use (T23)";
	if (!why && device != user && !route->n &&
	    ask->core->config.primary_must_be_reachable && unreachable(user) &&
	    user != ask->from_device)
		why = "the primary is not reachable (T19a)";
	if (why)
		not_ringing(ask, device, why);
	else
		route->devices[route->n++] = device;
}

/* ---- where else ---- */

static struct route present(const struct ask *ask, struct extension *user,
			    enum route_kind kind);

static void leave(const struct ask *ask, enum divert why)
{
	ask->way->stops[ask->way->n - 1].left = why;
}

static bool has_passed(const struct way *way, const struct extension *user)
{
	size_t i;

	for (i = 0; i < way->n; i++)
		if (way->stops[i].user == user->row.id)
			return true;
	return false;
}

/* To the box that answers for many: it has no limit of calls, is not
 * disturbed and forwards nothing. */
static bool into_mailbox(const struct ask *ask, const struct extension *user,
			 const char *number, enum divert why, enum cause failed,
			 struct route *ret_route)
{
	struct extension *box = extension_find(ask->core, span_of(number));

	if (!box || extension_is_secondary(box) ||
	    box == extension_user(ask->from_device) || unreachable(box)) {
		explain_add(ask->explain, user->row.number, false,
			    "the mailbox %s cannot be reached",
			    *number ? number : "has no number and");
		return false;
	}
	explain_add(ask->explain, user->row.number, false,
		    "the mailbox %s is called (T67)", number);
	leave(ask, why);
	ask->way->to_mailbox = true;
	ask->way->failed = failed;
	*ret_route = (struct route){ .at = box, .devices = { box }, .n = 1 };
	return true;
}

/* T67: that of the user who was called first. */
static bool mailbox(const struct ask *ask, const struct extension *user,
		    enum divert why, enum cause failed, struct route *ret_route)
{
	const struct extension *first =
		extension_by_id(ask->core, ask->way->stops[0].user);
	const char *number;

	if (!setting_bool(first, SETTING_VOICEMAIL))
		return false;
	number = setting_text(first, SETTING_VOICEMAIL_NUMBER);
	if (!*number)
		number = ask->core->config.voicemail;
	return into_mailbox(ask, user, number, why, failed, ret_route);
}

/* NULL if a call may be led on to @target, else why not. */
static const char *astray(const struct ask *ask, struct extension *target)
{
	const struct extension *user;

	if (!target)
		return "there is no such number";
	user = extension_user(target);
	if (user != target && !ask->core->config.dial_secondary_to_primary)
		return "a secondary cannot be dialled (T36)";
	if (user == extension_user(ask->from_device))
		return "it is the caller's own (T68)";
	if (has_passed(ask->way, user))
		return "it would be a loop (T68)";
	if (ask->way->n > WAY_HOPS_MAX)
		return "it was forwarded ten times (T68)";
	return NULL;
}

/* The user at whom @user is, or forwards to; NULL if it is not applied. */
static struct extension *target_of(const struct ask *ask,
				   const struct extension *user,
				   enum setting which)
{
	const char *number = setting_text(user, which);
	struct extension *target = extension_find(ask->core, span_of(number));
	const char *why;

	if (!*number)
		return NULL;
	why = astray(ask, target);
	if (!why)
		return extension_user(target);
	explain_add(ask->explain, user->row.number, false,
		    "%s=%s does not apply: %s", setting_key(which), number,
		    why);
	return NULL;
}

static bool forward(const struct ask *ask, const struct extension *user,
		    enum setting which, enum divert why,
		    struct route *ret_route)
{
	const char *number = setting_text(user, which);
	struct extension *target = target_of(ask, user, which);

	if (!target)
		return false;
	if (strcmp(number, ask->core->config.voicemail) == 0)
		return into_mailbox(ask, user, number, why, CAUSE_BUSY,
				    ret_route);
	explain_add(ask->explain, user->row.number, false, "%s leads to %s",
		    setting_key(which), number);
	leave(ask, why);
	*ret_route = present(ask, target, ROUTE_FORWARDED);
	return true;
}

static struct route busy(const struct ask *ask, const struct extension *user)
{
	struct route route;

	if (forward(ask, user, SETTING_FORWARD_BUSY, DIVERT_BUSY, &route) ||
	    mailbox(ask, user, DIVERT_BUSY, CAUSE_BUSY, &route))
		return route;
	return no_route(CAUSE_BUSY);
}

static struct route no_answer(const struct ask *ask,
			      const struct extension *user, enum divert why,
			      enum cause cause)
{
	struct route route;

	if (setting_bool(user, SETTING_LOGGED_IN) &&
	    forward(ask, user, SETTING_FORWARD_NO_ANSWER, why, &route))
		return route;
	if (mailbox(ask, user, why, cause, &route))
		return route;
	return no_route(cause);
}

/* ---- ringing ---- */

static unsigned int limit_of(const struct extension *user)
{
	if (user->pairing)
		return user->pairing->row.max_calls;
	return setting_bool(user, SETTING_CALL_WAITING) ? 2 : 1; /* T28 */
}

/* NULL if there is room for one more call, else why not. */
static const char *full(const struct ask *ask, const struct extension *user)
{
	unsigned int calls = calls_of_user(ask->core, user);

	/* A mailbox answers whoever calls it. */
	if (strcmp(user->row.number, ask->core->config.voicemail) == 0)
		return NULL;
	if (calls && setting_bool(user, SETTING_BUSY_ON_HELD) &&
	    calls_are_held_by(ask->core, user))
		return "a call is on hold (T26)";
	if (calls < limit_of(user))
		return NULL;
	return limit_of(user) == 1 ? "one call at a time (T21)"
				   : "two calls at a time (T22)";
}

/* The devices of @at ring for a call that is @user's: another in follow me. */
static struct route ring(const struct ask *ask, struct extension *user,
			 struct extension *at, enum route_kind kind)
{
	struct extension *twin = extension_twin(at);
	bool own = at == extension_user(ask->from_device);
	struct route route = { .at = at };
	bool dnd = false;
	const char *why = own ? NULL : full(ask, at);

	/* T21, T27; T24: a call between the twins is one call already. */
	if (why) {
		user_not_ringing(ask, at, why);
		return kind == ROUTE_GROUP ? no_route(CAUSE_BUSY)
					   : busy(ask, user);
	}
	add(ask, &route, at, at, kind, &dnd);
	if (twin)
		add(ask, &route, twin, at, kind, &dnd);
	if (route.n)
		return route;
	if (own)
		return no_route(twin ? CAUSE_UNREACHABLE : CAUSE_BUSY);
	if (kind == ROUTE_GROUP)
		return no_route(dnd ? CAUSE_BUSY : CAUSE_UNREACHABLE);
	if (dnd)
		return busy(ask, user);
	return no_answer(ask, user, DIVERT_UNREACHABLE, CAUSE_UNREACHABLE);
}

/* T50: forward unconditional, voicemail, 480; and no follow me. */
static struct route logged_out(const struct ask *ask, struct extension *user)
{
	struct route route;

	user_not_ringing(ask, user, "its user is logged out (T41)");
	if (forward(ask, user, SETTING_FORWARD_UNCONDITIONAL,
		    DIVERT_UNCONDITIONAL, &route) ||
	    mailbox(ask, user, DIVERT_UNREACHABLE, CAUSE_UNREACHABLE, &route))
		return route;
	return no_route(CAUSE_UNREACHABLE);
}

/* T46, T47: over all that would lead the call elsewhere. */
static struct route disturbed(const struct ask *ask, struct extension *user,
			      enum route_kind kind)
{
	struct route route;

	user_not_ringing(ask, user, "do not disturb (T39)");
	if (kind != ROUTE_GROUP &&
	    mailbox(ask, user, DIVERT_DND, CAUSE_BUSY, &route))
		return route;
	return no_route(CAUSE_BUSY);
}

static struct route present(const struct ask *ask, struct extension *user,
			    enum route_kind kind)
{
	struct extension *target;
	struct route route;

	OSMO_ASSERT(ask->way->n < ARRAY_SIZE(ask->way->stops));
	ask->way->stops[ask->way->n++] =
		(struct stop){ user->row.id, DIVERT_NONE };
	if (user == extension_user(ask->from_device))
		return ring(ask, user, user, ROUTE_RETURN);
	if (!setting_bool(user, SETTING_LOGGED_IN))
		return logged_out(ask, user);
	if (setting_bool(user, SETTING_DND) && is_for_both(user) &&
	    !alerts_in_dnd(kind) && !is_exception(ask, user, kind))
		return disturbed(ask, user, kind);
	if (kind == ROUTE_RETURN || kind == ROUTE_GROUP)
		return ring(ask, user, user, kind);
	target = target_of(ask, user, SETTING_FOLLOW_ME);
	if (target) {
		explain_add(ask->explain, user->row.number, false,
			    "follow_me leads to %s", target->row.number);
		return ring(ask, user, target, ROUTE_FOLLOW_ME);
	}
	if (forward(ask, user, SETTING_FORWARD_UNCONDITIONAL,
		    DIVERT_UNCONDITIONAL, &route))
		return route;
	return ring(ask, user, user, kind);
}

/* ---- from outside ---- */

struct route route_user(struct core *core, struct extension *from_device,
			struct extension *user, enum route_kind kind,
			struct way *way, struct explain *explain)
{
	const struct ask ask = { core, from_device, way, explain };
	struct route route = present(&ask, user, kind);

	route.user = extension_by_id(core, way->stops[0].user);
	return route;
}

struct route route_first(struct core *core, struct extension *from_device,
			 struct span dialled, bool emergency, struct way *way,
			 struct explain *explain)
{
	const struct ask ask = { core, from_device, way, explain };
	struct extension *called = extension_find(core, dialled);
	struct extension *caller = extension_user(from_device);
	struct extension *user = called ? extension_user(called) : NULL;
	const char *why = emergency || is_emergency(core, dialled)
				  ? NULL /* T33 */
				  : bar(core, from_device, dialled);

	if (why) {
		explain_add(explain, from_device->row.number, false,
			    "may not call this number: %s", why);
		return no_route(CAUSE_FORBIDDEN);
	}
	if (!called)
		return no_route(CAUSE_UNALLOCATED);
	if (called != user && user != caller &&
	    !core->config.dial_secondary_to_primary) {
		/* T34, T35: as if there were no such number. */
		not_ringing(&ask, called,
			    "a secondary cannot be dialled (T34)");
		return no_route(CAUSE_UNALLOCATED);
	}
	return route_user(core, from_device, user, ROUTE_DIRECT, way, explain);
}

struct route route_next(struct core *core, struct extension *from_device,
			enum cause why, struct way *way,
			struct explain *explain)
{
	const struct ask ask = { core, from_device, way, explain };
	const struct way was = *way;
	struct extension *user =
		extension_by_id(core, way->stops[way->n - 1].user);
	struct route route = no_route(why);

	if (way->to_mailbox)
		return no_route(way->failed);
	if (user == extension_user(from_device))
		return route;
	switch (why) {
	case CAUSE_BUSY:
		route = busy(&ask, user);
		break;
	case CAUSE_NO_ANSWER:
		route = no_answer(&ask, user, DIVERT_NO_ANSWER, why);
		break;
	case CAUSE_UNREACHABLE:
		route = no_answer(&ask, user, DIVERT_UNREACHABLE, why);
		break;
	case CAUSE_REJECTED:
		mailbox(&ask, user, DIVERT_BUSY, why, &route);
		break;
	default:
		break;
	}
	if (route.n)
		return route;
	*way = was;
	return no_route(why);
}
