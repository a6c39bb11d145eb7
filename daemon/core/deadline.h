/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadline.h - what the core has promised to itself to do, and when
 *
 * One list, ordered by time and then by age, so that what was promised first
 * comes first.  libosmocore's timers follow the wall clock and fire newest
 * first; no deadline of ours hangs on them.
 */
#pragma once

#include <stdint.h>

#include <osmocom/core/linuxlist.h>

struct deadline {
	struct llist_head entry;
	int64_t at_ms;
	void (*expired)(struct deadline *deadline);
};

struct deadlines {
	struct llist_head list;
};

void deadlines_init(struct deadlines *deadlines);

/* A zeroed deadline is idle.  Setting it again moves it. */
void deadline_set(struct deadlines *deadlines, struct deadline *deadline,
		  int64_t at_ms, void (*expired)(struct deadline *));
void deadline_clear(struct deadline *deadline);

/* INT64_MAX if nothing is promised. */
int64_t deadlines_next_ms(const struct deadlines *deadlines);

/* Call, in order, all that are due; each is idle when it is called. */
void deadlines_run(struct deadlines *deadlines, int64_t now_ms);
