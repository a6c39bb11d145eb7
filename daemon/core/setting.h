/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * setting.h - what a user may set: the one table, read and change
 *
 *     twinctl, a feature code, a phone's key, a handset's menu
 *         |
 *         v
 *     checked --> stored --> true --> told to all who show it
 *        |           |                (setting_changed() in setting.c)
 *        +-----------+--> refused: nothing has changed
 *
 * A setting is a row of its key and its text; what was never set has no row
 * and its default.  Persist, then believe.
 *
 * Of a pair, both devices change the settings of the primary's user (T53 to
 * T58); only do-not-disturb and log-in are the device's own (T40, T41).  The
 * secondary's own settings sleep and return when it is unpaired (T9); its
 * do-not-disturb as a secondary is one of the pairing's, and ends with it.
 */
#pragma once

#include "house.h"

#define SETTING_CHANGES_MAX 1000 /* on their way to the disk */

enum setting {
	SETTING_DND,
	SETTING_TWIN_DND, /* of a secondary: no key of its own, see above */
	SETTING_DND_EXCEPTIONS,
	SETTING_LOGGED_IN,
	SETTING_FORWARD_UNCONDITIONAL,
	SETTING_FORWARD_BUSY,
	SETTING_FORWARD_NO_ANSWER,
	SETTING_FOLLOW_ME,
	SETTING_NO_ANSWER_TIME,
	SETTING_TRANSFER_RETURN_TIME,
	SETTING_CALL_WAITING,
	SETTING_BUSY_ON_HELD,
	SETTING_VOICEMAIL,
	SETTING_VOICEMAIL_NUMBER,
	SETTING_CENTRAL_LOG,
	SETTING_LOG_MISSED_GROUP_CALLS,
	SETTING_LOG_MISSED_ANSWERED_ELSEWHERE,
	SETTING_TWINNING_ALLOWED,
	SETTING_OUTGOING,
	SETTING_LOGIN_CODE, /* a secret: never shown, never logged */
	/* What *07 and *57 keep, for *01, *03 and *05: nobody else sees them.
	 */
	SETTING_FORWARD_NUMBER,
	SETTING_FORWARD_BUSY_NUMBER,
	_NUM_SETTING
};

/* How its text is meant, and so shown. */
enum setting_kind {
	SETTING_SWITCH, /* "on" or "off" */
	SETTING_WORD,
	SETTING_SECONDS,
	SETTING_LIST, /* parted by commas */
	SETTING_HIDDEN,
};

/* The key as it is written: "forward_busy". */
const char *setting_key(enum setting which);
enum setting_kind setting_kind(enum setting which);
/* It is kept like the others, but by no key that anybody knows. */
bool setting_is_internal(enum setting which);
/* False if there is no such key. */
bool setting_find(struct span key, enum setting *ret_which);

/*
 * Whose setting a key pressed at @device means: its user's, or its own.  Read
 * from what this returns.
 */
struct extension *setting_owner(struct extension *device, enum setting which);

/* What @ext itself has set, or the default.  Text: "" for none or off; it
 * lives until the setting changes. */
bool setting_bool(const struct extension *ext, enum setting which);
unsigned int setting_uint(const struct extension *ext, enum setting which);
const char *setting_text(const struct extension *ext, enum setting which);

/* T61: its own no-answer time, or the system's. */
unsigned int setting_no_answer_s(const struct core *core,
				 const struct extension *ext);

/* NULL if @value may be set, else what it has to be: "on or off". */
const char *setting_check(const struct core *core, const struct extension *ext,
			  enum setting which, struct span value);

/* @refused: NULL if it is done, else one sentence that says why not. */
typedef void setting_done(struct core *core, uint64_t ref, const char *refused);

/*
 * A person at @device sets @which to @value; it is the setting of
 * setting_owner() that changes.  @done is called exactly once, with @ref:
 * at once if it is refused or set so already, else when it is stored.
 * @done may be NULL.
 */
void setting_change(struct core *core, struct extension *device,
		    enum setting which, struct span value, setting_done *done,
		    uint64_t ref);

struct setting_wish {
	enum setting which;
	struct span value;
};

/* The same for several at once: all of them, or none. */
void setting_change_all(struct core *core, struct extension *device,
			const struct setting_wish *wishes, size_t n,
			setting_done *done, uint64_t ref);

/* The row that says so; @value has been checked. */
void setting_row(const struct extension *ext, enum setting which,
		 struct span value, struct row_setting *ret_row);
/* One is true from now on, as stored: tells all who show it. */
void setting_put(struct core *core, const struct row_setting *row);
/* From the store, at start: nobody is told. */
void setting_load(struct core *core, const struct row_setting *row);
