/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * route.h - from a number to the devices that ring, and why the others do not
 *
 *     may the caller? --> whose number? --> route_first()
 *                                               |
 *       +---------------------------------------+
 *       v
 *     logged out? --> disturbed? --> follow me --> forward --> in use?
 *         T50            T46            T64       T63   ^        |
 *                                                       |        v
 *                                 forward on busy <-----|--- each device:
 *                                 on no answer, T61 <---+    reachable?
 *                                 mailbox, T67               willing?
 *                                                            ring
 *
 * The order is T62's.  Forwards are applied again to whom they lead to, up to
 * ten hops; one that would close a loop, or leads nowhere, is not applied
 * (T68), so that no call is lost by it.
 *
 * Choices where the sources are silent:
 *  - Nobody reachable counts as no answer: forward on no answer at once, then
 *    the mailbox.  A call that a person rejected goes to the mailbox only.
 *  - The no-answer time runs for the user at whom the call is; if it leads
 *    nowhere, the devices ring on to the ring limit.
 *  - A logged-out device calls emergency numbers only; its twin is not barred
 *    by that (T52).
 *  - Whoever calls the own number from the other twin is not disturbing (T72).
 */
#pragma once

#include "explain.h"
#include "way.h"

#define ROUTE_DEVICES_MAX 2

/* What kind of call reaches a user (T46). */
enum route_kind {
	ROUTE_DIRECT,	 /* the number was dialled */
	ROUTE_FORWARDED, /* by a user who was called before */
	ROUTE_FOLLOW_ME, /* of a user who is here */
	ROUTE_GROUP,	 /* of a hunt group */
	ROUTE_RETURN,	 /* comes back: a transfer, a hold, a ring-back */
	_NUM_ROUTE_KIND
};

struct route {
	enum cause cause;	/* CAUSE_NONE: ring the devices */
	struct extension *user; /* who was called first, or NULL */
	struct extension *at;	/* whom the caller is shown on answer (T29) */
	struct extension *devices[ROUTE_DEVICES_MAX];
	size_t n;
};

/* Every device that the number means gets its reason in @explain.  @way is
 * zeroed before. */
struct route route_first(struct core *core, struct extension *from_device,
			 struct span dialled, bool emergency, struct way *way,
			 struct explain *explain);

/* @user, no matter by which number, as the next stop of @way. */
struct route route_user(struct core *core, struct extension *from_device,
			struct extension *user, enum route_kind kind,
			struct way *way, struct explain *explain);

/* Those who rang did not answer, for the reason @why.  Without devices there
 * is nowhere left to go, and @way is as it was. */
struct route route_next(struct core *core, struct extension *from_device,
			enum cause why, struct way *way,
			struct explain *explain);

/* T39, T40, T41: calls do not ring at @device since its user, or somebody at
 * the device, does not want to be disturbed. */
bool route_is_disturbed(const struct extension *device);
