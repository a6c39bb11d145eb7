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
	int64_t ms;

	w->net->faults = (struct net_faults){ 0 };
	w->disk->fail_percent = w->disk->fail_rc = 0;
	for (int i = 0; i < 3; i++) { /* more than one call each, maybe */
		for (size_t d = 0; d < w->n_devices; d++) {
			const char *who = w->device[d].house->label;

			world_do(w, who, "on", "", "");
			world_do(w, who, "hang-up", "", "");
		}
		ms = w->now_ms - w->story_ms;
		world_run(w, ms + 200000);
	}
	world_check_calm(w);
}

void world_end(struct world *w)
{
	world_calm_down(w);
	ck_assert_msg(!w->fault, "%s\n%s", w->fault, trace_text(w, w->trace));
	world_free(w);
}
