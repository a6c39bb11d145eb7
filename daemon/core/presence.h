/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * presence.h - who watches whom, and what they are told (T102 to T107)
 *
 *     leg, setting, pairing, mailbox
 *          |
 *          v
 *     presence_touch()   notes that a user may look different now
 *          |
 *     the step is over
 *          |
 *          v
 *     presence_flush()   compares; one ACT_NOTIFY a watcher of what changed
 *
 * Whatever happens in one step is told once, and what looks the same to a
 * watcher is not told.  Nobody watched, nothing done.
 *
 * Any extension may watch the calls and the presence of any user; messages and
 * features are for the user's own devices.  A paired secondary is no user:
 * there is nothing to watch (404), and who watched it when it was paired is
 * told that it is gone (T105).
 *
 * Not stored: after a restart phones watch anew.
 */
#pragma once

#include "house.h"
#include "setting.h"

#define WATCHES_MAX 4000

/* First, or again: ACT_WATCH_RESULT and, unless refused, ACT_NOTIFY. */
void presence_watch(struct core *core, const struct ev_watch *ev);
void presence_unwatch(struct core *core, uint64_t watch);
/* The mailbox of a user says what waits there (T65). */
void presence_messages(struct core *core, const struct ev_messages *ev);
/* All watches end: the gateway does. */
void presence_shutdown(struct core *core);

/* @ext, as a device or a user, may look different now. */
void presence_touch(struct core *core, struct extension *ext);
void presence_setting_changed(struct core *core, struct extension *ext,
			      enum setting which);
/* @secondary is no user any more, but its phone is still there. */
void presence_paired(struct core *core, struct extension *secondary);
void presence_removed(struct core *core, struct extension *ext);
void presence_flush(struct core *core);

/* What is shown of @ext now. */
void presence_lamp(struct core *core, const struct extension *ext,
		   struct lamp *ret_lamp);
