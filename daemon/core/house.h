/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * house.h - what the files of the core share: the one struct core
 *
 *     house --+-- extensions --- pairing, contact, handset
 *             +-- calls -------- legs
 *             +-- explanations of recent calls
 *             +-- transactions on their way to the disk
 *
 * It is the root of the talloc tree.  Nobody outside daemon/core sees it.
 */
#pragma once

#include "core.h"
#include "deadline.h"
#include "idtab.h"
#include "view.h"

struct extension;

struct core {
	struct core_config config;

	/* of the event that is being handled */
	int64_t now_ms;
	int64_t wall_ms;
	struct actions *out;

	struct deadlines deadlines;
	/* who died in this step: buried when it is over */
	struct llist_head graves;
	struct llist_head graves_of_legs;

	struct extension **by_number; /* sorted; child of the core */
	size_t n_extensions;
	struct idtab extensions;
	ext_id last_ext;

	struct llist_head pairings; /* sorted by the primary's number */
	size_t n_pairings;

	struct llist_head handsets;
	size_t n_handsets;

	struct idtab calls;
	struct llist_head calls_by_age; /* oldest first */
	struct idtab legs;
	call_id last_call;
	leg_id last_leg;

	struct llist_head explains; /* of calls in progress */
	struct llist_head explains_ended; /* newest first */
	size_t n_explains_ended;

	struct idtab watches;
	struct llist_head touched; /* extensions that may look different */

	struct idtab codes; /* that were dialled, as long as the leg lasts */

	struct idtab txns; /* given to the disk, not back yet */
	uint64_t last_txn;
	size_t n_changes; /* of settings, among them */
	struct llist_head wishes; /* of administrators; the first is at work */
	size_t n_wishes;
	struct llist_head unstored; /* log rows that the disk refused */
	size_t n_unstored;
	struct deadline retry_unstored;

	struct view_counts counts;
};

struct action *act(struct core *core, enum action_type type);
/* A copy of @text that lives as long as the actions. */
struct span act_text(struct core *core, struct span text);
