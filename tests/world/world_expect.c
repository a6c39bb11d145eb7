/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <check.h>
#include <talloc.h>

#include "world.h"

void world_expect(struct world *w, const char *trace)
{
	char *is = trace_text(w, w->trace);

	ck_assert_msg(!w->fault, "%s\n%s", w->fault, is);
	ck_assert_str_eq(is, trace_normal(w, trace));
	trace_clear(w->trace);
}

void world_calm_down(struct world *w)
{
	int64_t ms = w->now_ms - w->story_ms;

	w->net->faults = (struct net_faults){ 0 };
	w->disk->fail_percent = w->disk->fail_rc = 0;
	world_do(w, "base", "up", "", "");
	for (size_t d = 0; d < w->n_devices; d++)
		world_do(w, w->device[d].house->label, "on", "", "");
	/* A phone hangs up one call at a time, and may have many. */
	for (int i = 0; i < 20 && !w->fault; i++) {
		for (size_t d = 0; d < w->n_devices; d++)
			world_do(w, w->device[d].house->label, "hang-up", "",
				 "");
		/* An hour, since a session whose ends both
		 * vanished lives until its timer ends it. */
		if (i == 19)
			world_check_lamps(w);
		ms += i < 19 ? 5000 : 3600000;
		world_run(w, ms);
	}
	world_check_calm(w);
}

void world_end(struct world *w)
{
	world_calm_down(w);
	ck_assert_msg(!w->fault, "%s\n%s", w->fault, trace_text(w, w->trace));
	world_free(w);
}
