/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deadline.h"

void deadlines_init(struct deadlines *deadlines)
{
	INIT_LLIST_HEAD(&deadlines->list);
}

void deadline_set(struct deadlines *deadlines, struct deadline *deadline,
		  int64_t at_ms, void (*expired)(struct deadline *))
{
	struct llist_head *before;

	deadline_clear(deadline);
	deadline->at_ms = at_ms;
	deadline->expired = expired;

	/* Nearly every new deadline is the latest: look from the far end. */
	for (before = deadlines->list.prev; before != &deadlines->list;
	     before = before->prev)
		if (llist_entry(before, struct deadline, entry)->at_ms <= at_ms)
			break;
	llist_add(&deadline->entry, before);
}

void deadline_clear(struct deadline *deadline)
{
	if (deadline->entry.next)
		llist_del(&deadline->entry);
	deadline->entry.next = NULL;
}

int64_t deadlines_next_ms(const struct deadlines *deadlines)
{
	if (llist_empty(&deadlines->list))
		return INT64_MAX;
	return llist_entry(deadlines->list.next, struct deadline, entry)->at_ms;
}

void deadlines_run(struct deadlines *deadlines, int64_t now_ms)
{
	while (deadlines_next_ms(deadlines) <= now_ms) {
		struct deadline *due = llist_entry(deadlines->list.next,
						   struct deadline, entry);

		deadline_clear(due);
		due->expired(due);
	}
}
