/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * route.h - from a number to the devices that ring, and why the others do not
 *
 *      dialled --> whose? --> in use? --> each device: reachable? --> ring
 *                    |           |               |
 *                   404         486             480
 */
#pragma once

#include "explain.h"
#include "house.h"

#define ROUTE_DEVICES_MAX 2

struct route {
	enum cause cause; /* CAUSE_NONE: ring the devices */
	struct extension *user; /* to whom the call belongs, or NULL */
	struct extension *devices[ROUTE_DEVICES_MAX];
	size_t n;
};

/* Every device that the number means gets its reason in @explain. */
struct route route_find(struct core *core, struct extension *from_device,
			struct span dialled, struct explain *explain);
