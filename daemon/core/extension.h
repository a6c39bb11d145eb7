/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extension.h - a number, the person behind it, and the device it reaches
 *
 * An extension is two things: a user, to whom calls belong, and a device,
 * which rings.  Unpaired they are the same.  In a pairing both devices belong
 * to the user of the primary (T12, T29), and the secondary's own user sleeps
 * (T9).
 */
#pragma once

#include "house.h"
#include "setting.h"

struct pairing;
struct handset;

/* Where a SIP phone is, as it was stored. */
struct contact {
	char *uri;
	char *source;
	char *user_agent;
	uint32_t interval_s;
	int64_t since_ms; /* Unix time */
};

struct extension {
	struct idtab_entry entry;
	struct row_extension row;
	struct pairing *pairing; /* NULL if unpaired */
	struct contact *contact; /* SIP; NULL while not registered */
	struct handset *handset; /* DECT; NULL while none is assigned */
	char *settings[_NUM_SETTING]; /* read by setting.h; NULL: the default */

	unsigned int wrong_codes; /* as a device: in a row (T177) */
	int64_t locked_until_ms;

	unsigned int calls;    /* as a user: calls that have not ended (T24) */
	unsigned int alerting; /* as a device: legs that ring here */
	unsigned int binding; /* contacts on their way to the disk */
	unsigned int talking;

	struct llist_head watches; /* presence.h */
	struct llist_head touched;
	struct lamp *shown; /* as its watchers know it; NULL: nobody watches */
	struct {
		unsigned int fresh, old;
	} messages; /* as a user: what waits in the mailbox (T65) */
};

struct extension *extension_find(const struct core *core, struct span number);
struct extension *extension_by_id(const struct core *core, ext_id id);

/* @row's id and number are taken by no other. */
struct extension *extension_new(struct core *core,
				const struct row_extension *row);
void extension_free(struct core *core, struct extension *ext);

/* The user whose calls this device makes and takes. */
struct extension *extension_user(struct extension *ext);
bool extension_is_secondary(const struct extension *ext);
/* The other device of its pairing, NULL if it has none. */
struct extension *extension_twin(const struct extension *ext);
bool extension_is_reachable(const struct extension *ext);
bool extension_is_busy(const struct extension *ext);

void extension_bind(struct extension *ext, const struct row_contact *row,
		    int64_t wall_ms);
void extension_unbind(struct extension *ext);

/* Tell the edges what they need to know of it: credentials, or what the
 * handset shows. */
void extension_announce(struct core *core, struct extension *ext);
/* What the handsets of its pair show may have changed. */
void extension_setting_changed(struct core *core, struct extension *ext,
			       enum setting which);
