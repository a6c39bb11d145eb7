/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * code.h - feature codes at work: a phone dials, and something is set
 *
 *                         refused
 *     EV_SETUP --> code? ----------+
 *                   |              v         1 s              EV_RELEASED
 *                   v  stored      ACT_ANNOUNCE > ACT_RELEASE -----------> gone
 *                 STORING -------> ANNOUNCING --> CLEARING
 *
 * No call comes of a code (T87): there is a leg of the caller's, which hears a
 * tone and is released; no record, no explanation, no lamp, and no limit of
 * calls.  So a code works from a phone that is logged out or in
 * do-not-disturb, and while its user is busy.
 *
 * The tone says what is true: it comes when the setting is stored, and a disk
 * that does not take it gives the tone of refusal (T181).  A code changes all
 * that it stands for, or nothing.
 *
 * The one who dials is the user of the device (T53 to T57); do-not-disturb and
 * log-out are the device's own (T40, T41).
 *
 * Choices where the sources are silent:
 *  - Log-out takes a user with a login code: whoever has none could not come
 *    back.  Four wrong codes in a row lock a device for 90 s (T177).
 *  - Forwarding on busy and on no answer leads to the number of *57, or else
 *    to that of *07.  A number that is in use changes at once.
 *  - "Follow me here, cancel" ends what leads here, and nothing else.
 */
#pragma once

#include "house.h"

struct extension;

#define CODES_MAX 200 /* at once; more are refused (CAUSE_OVERLOAD) */

/*
 * True: it was a code, and is taken care of.  False: it is a call.
 * *@ret_dialled: by which number; *17 calls a mailbox.
 */
bool code_setup(struct core *core, const struct ev_setup *ev,
		struct extension *device, struct span *ret_dialled);

/* Of a leg that is no call's; true if it is a code's. */
bool code_leg_event(struct core *core, const struct event *event);

void codes_end_all(struct core *core);
