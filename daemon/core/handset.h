/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * handset.h - a DECT handset that has subscribed at one of our bases
 *
 * The subscription is the handset's, the number the extension's: whoever is
 * assigned an extension takes over its pairing (T175).
 */
#pragma once

#include "house.h"

struct handset {
	struct llist_head entry;
	struct row_handset row;
	struct extension *ext; /* NULL: none assigned */
	bool attached;
};

struct handset *handset_find(const struct core *core, uint64_t ipui);

/* From the store, or just subscribed.  Replaces what was known of its IPUI;
 * an extension that had another handset leaves that one. */
struct handset *handset_put(struct core *core, const struct row_handset *row);
void handset_free(struct core *core, struct handset *handset);
void handset_announce(struct core *core, struct handset *handset);

void handset_subscribe(struct core *core, const struct ev_handset *ev);
void handset_reachable(struct core *core, const struct ev_handset *ev, bool is);
