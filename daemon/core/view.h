/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * view.h - the core's state as values, to be shown
 *
 * Read only, between two steps.  Each view_x() copies one thing out; the
 * view_each_x() visit all, in ascending order of number (calls: of id), and
 * stop early when the visitor returns false.
 */
#pragma once

#include "core.h"

enum ext_state {
	EXT_IDLE,
	EXT_ALERTING,
	EXT_IN_USE,
	EXT_DND,	/* the user does not want to be disturbed (T102) */
	EXT_LOGGED_OUT, /* T107 */
	EXT_UNREACHABLE,
};

const char *ext_state_name(enum ext_state state);

/* One setting, as it is or by default (setting.h).  Text lives until the next
 * step of the core. */
struct view_setting {
	const char *key;
	enum { VIEW_SWITCH, VIEW_WORD, VIEW_SECONDS, VIEW_LIST } kind;
	bool on;	      /* VIEW_SWITCH */
	unsigned int seconds; /* VIEW_SECONDS; 0: none set */
	const char *text;     /* VIEW_WORD, VIEW_LIST; "": none set */
};

#define VIEW_SETTINGS_MAX 32

struct view_extension {
	ext_id id;
	char number[NUMBER_MAX + 1];
	char name[NAME_MAX_BYTES + 1];
	enum ext_kind kind;
	bool registered; /* a live contact, or an attached handset */
	enum ext_state state; /* of the pair, if it is a primary (T102) */
	char twin[NUMBER_MAX + 1]; /* the other of its pairing, or "" */
	bool primary;		   /* its role, if twin is not "" */
	struct view_setting settings[VIEW_SETTINGS_MAX];
	size_t n_settings; /* none of them is a secret */
};

struct view_pairing {
	char primary[NUMBER_MAX + 1];
	char secondary[NUMBER_MAX + 1];
	struct row_pairing row;
};

struct view_leg {
	leg_id leg;
	char device[NUMBER_MAX + 1];
	const char *state; /* "calling", "alerting", "connected", "held" */
};

#define VIEW_LEGS_MAX 8

struct view_call {
	call_id id;
	char from[NUMBER_MAX + 1];
	char to[NUMBER_MAX + 1];
	const char *state; /* "alerting", "connected" */
	bool moving;	   /* connected, and another device is to come (T72) */
	int64_t since_ms;  /* Unix time */
	struct view_leg legs[VIEW_LEGS_MAX];
	size_t n_legs;
};

struct view_contact {
	char number[NUMBER_MAX + 1];
	struct row_contact row;
	int64_t since_ms; /* Unix time when it was made or moved */
};

struct view_handset {
	struct row_handset row; /* without its key */
	char number[NUMBER_MAX + 1];
	bool attached;
};

#define VIEW_REASONS_MAX 28 /* two for each user of a long way */

/* Why a device did or did not ring (call explain). */
struct view_reason {
	char device[NUMBER_MAX + 1];
	bool rang;
	char text[160];
};

struct view_explain {
	call_id id;
	char from[NUMBER_MAX + 1];
	char to[NUMBER_MAX + 1];
	int64_t time_ms; /* Unix time */
	bool active;
	enum cause cause;
	const char *outcome;
	struct view_reason reasons[VIEW_REASONS_MAX];
	size_t n_reasons;
};

/* A feature code was dialled there, and its leg is not over yet (code.h).
 * @leg or @device 0: any. */
bool view_code(const struct core *core, leg_id leg, ext_id device);

struct view_counts {
	size_t extensions, registrations, handsets, pairings, calls;
	uint64_t dropped_events; /* for ids that were gone */
	uint64_t codes;	      /* dialled, right or wrong */
	uint64_t login_locks; /* T177 */
	uint64_t refused_calls;	 /* by a limit of ours */
	uint64_t lost_rows;	 /* log rows that the disk refused for too long */
	uint64_t calls_total;
	uint64_t by_cause[_NUM_CAUSE]; /* ended calls */
};

typedef bool view_extension_cb(const struct view_extension *, void *);
typedef bool view_pairing_cb(const struct view_pairing *, void *);
typedef bool view_call_cb(const struct view_call *, void *);
typedef bool view_contact_cb(const struct view_contact *, void *);
typedef bool view_handset_cb(const struct view_handset *, void *);

void view_each_extension(struct core *, view_extension_cb *, void *);
void view_each_pairing(struct core *, view_pairing_cb *, void *);
void view_each_call(struct core *, view_call_cb *, void *);
void view_each_contact(struct core *, view_contact_cb *, void *);
void view_each_handset(struct core *, view_handset_cb *, void *);

/* False if there is no such thing. */
bool view_extension(struct core *, const char *number, struct view_extension *);
bool view_extension_id(struct core *, ext_id, struct view_extension *);
bool view_pairing(struct core *, const char *primary, struct view_pairing *);
bool view_call(struct core *, call_id, struct view_call *);
bool view_explain(struct core *, call_id, struct view_explain *);
bool view_handset(struct core *, uint64_t ipui, struct view_handset *);
bool view_contact(struct core *, const char *number, struct view_contact *);
void view_counts(struct core *, struct view_counts *);
