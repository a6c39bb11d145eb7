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

/* That have ended; those of calls in progress are as many as the calls. */
#define EXPLAIN_ENDED_MAX 500

struct explain_reason {
	char device[NUMBER_MAX + 1];
	bool rang;
	char *text;
};

struct explain {
	struct llist_head entry;
	call_id id;
	int64_t time_ms;
	bool active;
	enum cause cause;
	const char *outcome;
	char from[NUMBER_MAX + 1];
	char to[NUMBER_MAX + 1];
	struct explain_reason *reasons;
	size_t n_reasons;
};

/* @call begins.  It outlives its call. */
struct explain *explain_new(struct core *core, const struct call *call);
/* @call has ended; of those that have, the oldest makes room. */
void explain_end(struct explain *explain, const struct call *call);
bool explain_show(const struct core *core, call_id id,
		  struct view_explain *ret_view);
/* How @leg rang, and why it stopped. */
void explain_leg(const struct leg *leg);

/* One sentence for @device; a second one for the same device follows the
 * first after a semicolon. */
void explain_add(struct explain *explain, const char *device, bool rang,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
