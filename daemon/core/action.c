/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

void actions_init(struct actions *actions, void *ctx)
{
	*actions = (struct actions){ 0 };
	actions->cap = 16;
	actions->v = talloc_array(ctx, struct action, actions->cap);
	OSMO_ASSERT(actions->v);
}

struct action *actions_add(struct actions *actions, enum action_type type)
{
	struct action *action;

	if (actions->n == actions->cap) {
		actions->cap *= 2;
		actions->v = talloc_realloc(NULL, actions->v, struct action,
					    actions->cap);
		OSMO_ASSERT(actions->v);
	}
	action = &actions->v[actions->n++];
	memset(action, 0, sizeof(*action));
	action->type = type;
	return action;
}

void actions_clear(struct actions *actions)
{
	talloc_free_children(actions->v);
	actions->n = 0;
}
