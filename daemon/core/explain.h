/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * explain.h - why each device of a call did or did not ring
 *
 * Kept in memory for the most recent calls; `twinctl call explain` shows it.
 */
#pragma once

#include "house.h"

struct call;
struct leg;

#define EXPLAIN_CALLS_MAX 500

struct explain {
	struct llist_head entry;
	struct view_explain view;
};

/* The oldest makes room.  It outlives its call. */
struct explain *explain_new(struct core *core, call_id id);
struct explain *explain_find(const struct core *core, call_id id);

void explain_begin(struct explain *explain, const struct call *call);
void explain_end(struct explain *explain, const struct call *call);
/* How @leg rang, and why it stopped. */
void explain_leg(const struct leg *leg);

/* One sentence for @device; a second one for the same device follows the
 * first after a semicolon. */
void explain_add(struct explain *explain, const char *device, bool rang,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
