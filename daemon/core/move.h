/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * move.h - another device in the place of one end of a call
 *
 *     Xena ===== desk        the far end stays, one device goes,
 *        \                   another comes
 *         \----- handset
 *
 *                  +--------------------------------------------+
 *     push, REFER  |          somebody answers                  v
 *     -----------> RINGING ------------------------> JOINING ------> done
 *                  |    ^                               ^   |
 *     nobody does, |    | the device that went has      |   | the far end
 *     or cancelled |    | hung up: it is rung instead   |   | does not take it
 *                  v    |                               |   v
 *     as it was <--+----+      pull, Replaces,  --------+  as it was
 *                              REFER with Replaces
 *
 * Taking a call from one twin to the other (T72 to T77) and transferring it
 * to somebody else are this one thing.  The far end sees offers within its
 * dialog, and nothing else (T76); the device that goes keeps the call until
 * the far end has agreed, so that nothing is lost before something is won.
 * Who comes makes the offer, so that one exchange with the far end is the
 * whole gap.
 *
 * If the far end hangs up, all ends.  If it should be the device that goes
 * which hangs up, the one that comes has the call all the same.
 */
#pragma once

#include "house.h"

struct call;
struct extension;
struct leg;
struct move;

/* A device asks to be replaced by a number, or by whom it talks to in another
 * call; it is answered in any case. */
void move_refer(struct core *core, const struct ev_refer *ev);

/*
 * T73: @device calls, and means by that the call at its twin.  CAUSE_NONE:
 * the caller's leg of @ev has become the one that comes, and all that follows
 * is for it; else there is no leg yet, and the cause is the caller's.
 */
enum cause move_pull(struct core *core, const struct ev_setup *ev,
		     struct extension *device);
/* The same by name: INVITE with Replaces (RFC 3891). */
enum cause move_replace(struct core *core, const struct ev_setup *ev,
			struct extension *device);

/* T74: the twin of @device is rung for the call that @device has; a second
 * time: no more (T75). */
enum cause move_push(struct core *core, struct extension *device);

/* ---- for call.c, in a call with a move ---- */

void move_alerting(struct leg *leg);
void move_answered(struct leg *leg, struct span body);
/* A leg is gone, and out of the call's lists already. */
void move_leg_gone(struct call *call, struct leg *leg);
/* The two ends may not renegotiate just now. */
bool move_is_joining(const struct call *call);
/* True: it was the move's own offer. */
bool move_offer_result(struct leg *leg, const struct ev_leg *ev);
/* An exchange between the two ends has come to its end. */
void move_go_on(struct call *call);
void move_call_ended(struct call *call);
/* Somebody is about to come, and who goes may still have it back. */
bool move_is_open(const struct call *call);
const struct leg *move_stays(const struct call *call);
