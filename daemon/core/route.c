/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "route.h"

#include "call.h"
#include "extension.h"
#include "pairing.h"

/* T28: without a pairing, one call at a time. */
#define UNPAIRED_MAX_CALLS 1

static void not_ringing(struct explain *explain, const struct extension *device,
			const char *why)
{
	explain_add(explain, device->row.number, false, "did not ring: %s",
		    why);
}

static void add(struct route *route, struct extension *device,
		struct explain *explain)
{
	if (extension_is_reachable(device))
		route->devices[route->n++] = device;
	else if (device->row.kind == EXT_SIP)
		not_ringing(explain, device, "no phone is registered");
	else if (!device->handset)
		not_ringing(explain, device, "no handset is assigned");
	else
		not_ringing(explain, device,
			    "the handset is switched off or out of range");
}

/* Both devices of the user; a number of one's own rings only the other (T37,
 * T72). */
static void add_devices(struct core *core, struct route *route,
			struct extension *from_device, struct explain *explain)
{
	struct extension *primary = route->user;
	struct extension *secondary = extension_twin(primary);

	if (primary == from_device)
		not_ringing(explain, primary, "it is the caller");
	else
		add(route, primary, explain);
	if (!secondary)
		return;
	if (secondary == from_device)
		not_ringing(explain, secondary, "it is the caller");
	else if (core->config.primary_must_be_reachable && !route->n &&
		 primary != from_device)
		not_ringing(explain, secondary,
			    "the primary is not reachable (T19a)");
	else
		add(route, secondary, explain);
}

struct route route_find(struct core *core, struct extension *from_device,
			struct span dialled, struct explain *explain)
{
	struct extension *called = extension_find(core, dialled);
	struct extension *caller = extension_user(from_device);
	struct route route = { 0 };
	unsigned int limit;

	if (!called) {
		route.cause = CAUSE_UNALLOCATED;
		return route;
	}
	route.user = extension_user(called);
	if (called != route.user && route.user != caller &&
	    !core->config.dial_secondary_to_primary) {
		/* T34, T35: as if there were no such number. */
		not_ringing(explain, called,
			    "a secondary cannot be dialled (T34)");
		route.user = NULL;
		route.cause = CAUSE_UNALLOCATED;
		return route;
	}
	limit = route.user->pairing ? route.user->pairing->row.max_calls
				    : UNPAIRED_MAX_CALLS;
	if (route.user == caller && !caller->pairing) {
		not_ringing(explain, called, "it is the caller");
		route.cause = CAUSE_BUSY;
		return route;
	}
	/* T21, T27; T24: a call between the twins is one call already. */
	if (route.user != caller && calls_of_user(core, route.user) >= limit) {
		struct extension *twin = extension_twin(route.user);
		const char *why = limit == 1 ? "one call at a time (T21)"
					     : "two calls at a time (T22)";

		not_ringing(explain, route.user, why);
		if (twin)
			not_ringing(explain, twin, why);
		route.cause = CAUSE_BUSY;
		return route;
	}
	add_devices(core, &route, from_device, explain);
	if (!route.n)
		route.cause = CAUSE_UNREACHABLE;
	return route;
}
