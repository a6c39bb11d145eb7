/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hal_call.c - one call: what may be wished and what may happen, and when
 *
 * What the host wishes and is not in its row of the table is HAL_E_STATE;
 * what a driver says and is not, is dropped and counted.
 *
 *                  proceeding alerting connect info held | keypad rings answers
 *   INITIATED          x         x        x     x        |   x
 *   OVERLAP            x         x        x     x        |   x
 *   DELIVERED          x         x        x     x        |   x
 *   PRESENT                                     x        |          x      x
 *   RECEIVED                                    x        |                 x
 *   CONNECTING                            x     x        |
 *   ACTIVE                                      x    x   |   x
 *   RELEASING                                            |
 *
 * Release is taken in every state, and so is the end.
 */
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "dect_ie.h"
#include "hal_priv.h"

#define IN(state) (1u << (HAL_CALL_##state))

#define CALLING (IN(INITIATED) | IN(OVERLAP) | IN(DELIVERED))

enum word {
	WISH_PROCEEDING,
	WISH_ALERTING,
	WISH_CONNECT,
	WISH_INFO,
	WISH_HELD,
	SAYS_KEYPAD,
	SAYS_ALERTING,
	SAYS_ANSWERED,
};

static const unsigned int allowed[] = {
	[WISH_PROCEEDING] = CALLING,
	[WISH_ALERTING] = CALLING,
	[WISH_CONNECT] = CALLING | IN(CONNECTING),
	[WISH_INFO] = CALLING | IN(PRESENT) | IN(RECEIVED) | IN(CONNECTING) |
		      IN(ACTIVE),
	[WISH_HELD] = IN(ACTIVE),
	[SAYS_KEYPAD] = CALLING | IN(ACTIVE),
	[SAYS_ALERTING] = IN(PRESENT),
	[SAYS_ANSWERED] = IN(PRESENT) | IN(RECEIVED),
};

/* How long a state may last; 0 for as long as it takes. */
static const int64_t patience_ms[_NUM_HAL_CALL_STATE] = {
	[HAL_CALL_OVERLAP] = HAL_OVERLAP_MS,
	[HAL_CALL_PRESENT] = HAL_SETUP_MS,
	[HAL_CALL_CONNECTING] = HAL_CONNECT_MS,
	[HAL_CALL_RELEASING] = HAL_RELEASE_MS,
};

static bool may(const struct call *call, enum word word)
{
	return allowed[word] & 1u << call->state;
}

static void move(struct call *call, int64_t now_ms, enum hal_call_state next)
{
	int64_t patience = patience_ms[next];

	call->state = next;
	call->deadline_ms = patience ? now_ms + patience : INT64_MAX;
}

static struct call *call_find(struct hal *hal, hal_call_id id)
{
	struct call *call = hal_id_find(&hal->calls, id);

	if (!call)
		hal->counts.stale++;
	return call;
}

static struct call *call_new(struct handset *handset, int64_t now_ms,
			     enum hal_call_state state)
{
	struct hal *hal = handset->base->hal;
	struct call *call = talloc_zero(hal, struct call);

	OSMO_ASSERT(call);
	call->id = hal_id_add(&hal->calls, call);
	if (!call->id) {
		talloc_free(call);
		return NULL;
	}
	call->base = handset->base;
	call->handset = handset;
	call->rate_hz = 8000;
	handset->call = call;
	move(call, now_ms, state);
	return call;
}

static void call_free(struct call *call)
{
	struct hal *hal = call->base->hal;

	call->handset->call = NULL;
	hal_id_remove(&hal->calls, call->id);
	talloc_free(call);
}

static struct hal_event about(const struct call *call, enum hal_event_type type)
{
	return (struct hal_event){
		.type = type,
		.base = call->base->id,
		.handset = call->handset->id,
		.call = call->id,
	};
}

static void tell(const struct call *call, enum hal_event_type type)
{
	struct hal_event event = about(call, type);

	hal_queue_event(call->base->hal, &event);
}

/* ---- the end ---- */

/* The last word of a call: it is told, then gone. */
static void end(struct call *call, enum hal_why why, uint8_t reason)
{
	struct hal_event event = about(call, HAL_EV_CALL_ENDED);

	event.ended.why = why;
	event.ended.reason = reason;
	if (call->state == HAL_CALL_RELEASING) {
		/* Both sides let go at once: the first reason counts. */
		event.ended.why = call->why;
		event.ended.reason = call->reason;
		event.ended.by_host = call->by_host;
	}
	hal_queue_event(call->base->hal, &event);
	call_free(call);
}

void hal_call_cut(struct call *call, int64_t now_ms, enum hal_why why)
{
	const struct hal_port *base = call->base;
	hal_call_id id = call->id;

	end(call, why, hal_why_reason(why));
	base->driver->call_drop(base->priv, now_ms, id);
}

/* Ask the base for the end; hal_up_ended() follows, perhaps at once. */
static void let_go(struct call *call, int64_t now_ms, enum hal_why why,
		   bool by_host)
{
	const struct hal_port *base = call->base;

	call->why = why;
	call->reason = hal_why_reason(why);
	call->by_host = by_host;
	move(call, now_ms, HAL_CALL_RELEASING);
	base->driver->call_release(base->priv, now_ms, call->id, call->reason,
				   why);
}

int hal_call_release(struct hal *hal, int64_t now_ms, hal_call_id id,
		     enum hal_why why)
{
	struct call *call = call_find(hal, id);

	if (!call)
		return HAL_E_STALE;
	if (why >= _NUM_HAL_WHY)
		return HAL_E_ARG;
	if (call->state != HAL_CALL_RELEASING)
		let_go(call, now_ms, why, true);
	return 0;
}

/* What a release by the handset means: the same reason says different
 * things before and after an answer. */
static enum hal_why why_ended(const struct call *call, uint8_t reason)
{
	enum hal_why why = hal_why_of_reason(reason);

	if (why != HAL_WHY_NORMAL)
		return why;
	if (call->state == HAL_CALL_PRESENT || call->state == HAL_CALL_RECEIVED)
		return HAL_WHY_REJECTED;
	if (may(call, WISH_PROCEEDING))
		return HAL_WHY_CALLER_GAVE_UP;
	return why;
}

/* The driver's call, or NULL and counted. */
static struct call *of_port(struct hal_port *port, hal_call_id id)
{
	struct call *call = hal_id_find(&port->hal->calls, id);

	if (!call || call->base != port) {
		port->hal->counts.wrong_state++;
		return NULL;
	}
	return call;
}

void hal_up_ended(struct hal_port *port, int64_t now_ms, hal_call_id id,
		  uint8_t reason)
{
	struct call *call = of_port(port, id);

	if (call)
		end(call, why_ended(call, reason), reason);
}

/* ---- digits ---- */

static bool is_dialled(char c)
{
	return (c >= '0' && c <= '9') || c == '*' || c == '#';
}

/*
 * Append what belongs to a number; true if it is whole: '#' ends a plain
 * number and is no part of it, while in a code (it has a '*') it is a key.
 */
static bool dial(struct call *call, const char *keys, size_t n, char *ret_new)
{
	struct hal *hal = call->base->hal;
	size_t at = strlen(call->dialled);
	size_t fresh = 0;
	bool whole = false;

	for (size_t i = 0; i < n && !whole; i++) {
		if (!is_dialled(keys[i]))
			continue;
		if (keys[i] == '#' && at > 0 && !strpbrk(call->dialled, "*#")) {
			whole = true;
		} else if (at == HAL_DIGITS_MAX) {
			hal->counts.keys_dropped++;
		} else {
			call->dialled[at++] = keys[i];
			call->dialled[at] = '\0';
			ret_new[fresh++] = keys[i];
		}
	}
	ret_new[fresh] = '\0';
	return whole;
}

static void tell_digits(struct call *call, int64_t now_ms,
			struct hal_event *event, bool whole)
{
	OSMO_STRLCPY_ARRAY(event->digits.dialled, call->dialled);
	event->digits.complete = whole;
	if (whole)
		move(call, now_ms, HAL_CALL_INITIATED);
	else if (call->dialled[0])
		call->deadline_ms = now_ms + HAL_INTERDIGIT_MS;
	hal_queue_event(call->base->hal, event);
}

int hal_up_setup(struct hal_port *port, int64_t now_ms, hal_handset_id id,
		 const struct hal_up_setup *setup, hal_call_id *ret_call)
{
	struct hal *hal = port->hal;
	struct handset *handset = hal_id_find(&hal->handsets, id);
	struct hal_event event;
	struct call *call;
	bool whole;

	if (!handset || handset->base != port)
		return HAL_E_STALE;
	if (handset->presence != HAL_ATTACHED)
		return HAL_E_DETACHED;
	if (handset->call)
		return HAL_E_BUSY;
	call = hal_queue_full(hal)
		       ? NULL
		       : call_new(handset, now_ms, HAL_CALL_OVERLAP);
	if (!call) {
		hal->counts.refused++;
		return HAL_E_LIMIT;
	}
	call->from_handset = true;
	if (setup->rate_hz == 16000)
		call->rate_hz = 16000;
	event = about(call, HAL_EV_CALL_SETUP);
	event.digits.class = setup->class;
	event.digits.rate_hz = call->rate_hz;
	whole = dial(call, setup->digits, strlen(setup->digits),
		     event.digits.text);
	whole |= setup->complete;
	*ret_call = call->id;
	tell_digits(call, now_ms, &event, whole);
	return whole ? 0 : 1;
}

static void in_call_key(struct call *call, const char *keys, size_t n)
{
	struct hal_event event = about(call, HAL_EV_CALL_KEYPAD);
	size_t fresh = 0;

	for (size_t i = 0; i < n; i++) {
		bool control = keys[i] == DECT_KEY_CONTROL && i + 1 < n;

		if (control && keys[i + 1] == DECT_KEY_HOLD) {
			tell(call, HAL_EV_CALL_HOLD);
			i++;
		} else if (control && keys[i + 1] == DECT_KEY_RESUME) {
			tell(call, HAL_EV_CALL_RETRIEVE);
			i++;
		} else if (fresh < HAL_DIGITS_MAX && keys[i] != '\0') {
			event.digits.text[fresh++] = keys[i];
		}
	}
	if (fresh > 0)
		hal_queue_event(call->base->hal, &event);
}

void hal_up_keypad(struct hal_port *port, int64_t now_ms, hal_call_id id,
		   const char *keys, size_t n, bool complete)
{
	struct call *call = of_port(port, id);
	struct hal_event event;

	if (!call)
		return;
	if (!may(call, SAYS_KEYPAD)) {
		port->hal->counts.wrong_state++;
		return;
	}
	if (hal_queue_full(port->hal)) {
		port->hal->counts.keys_dropped++;
		return;
	}
	if (call->state != HAL_CALL_OVERLAP) {
		in_call_key(call, keys, n);
		return;
	}
	event = about(call, HAL_EV_CALL_DIGITS);
	complete |= dial(call, keys, n, event.digits.text);
	if (complete || event.digits.text[0])
		tell_digits(call, now_ms, &event, complete);
}

/* ---- to a handset ---- */

int hal_call_setup(struct hal *hal, int64_t now_ms, hal_handset_id id,
		   const struct hal_setup *setup, hal_call_id *ret_call)
{
	struct handset *handset = hal_handset_get(hal, id);
	struct hal_setup checked = *setup;
	struct hal_port *base;
	struct call *call;
	hal_call_id call_id;
	int rc;

	if (!handset)
		return HAL_E_STALE;
	base = handset->base;
	rc = hal_base_ready(base, HAL_CAP_CALLS);
	if (rc < 0)
		return rc;
	if (handset->presence == HAL_LOST)
		return HAL_E_RANGE;
	if (handset->presence != HAL_ATTACHED)
		return HAL_E_DETACHED;
	if (handset->call)
		return HAL_E_BUSY;
	call = call_new(handset, now_ms, HAL_CALL_PRESENT);
	if (!call)
		return HAL_E_LIMIT;
	call_id = call->id;
	hal_text_party(&checked.party, &setup->party);
	checked.wideband &= (base->caps.can & HAL_CAP_WIDEBAND) != 0;
	rc = base->driver->call_setup(base->priv, now_ms, call_id, id,
				      &checked);
	if (rc < 0) {
		call = hal_id_find(&hal->calls, call_id);
		OSMO_ASSERT(call); /* refused and ended: a driver's bug */
		call_free(call);
		return rc;
	}
	*ret_call = call_id;
	return 0;
}

void hal_up_alerting(struct hal_port *port, int64_t now_ms, hal_call_id id)
{
	struct call *call = of_port(port, id);

	if (!call)
		return;
	if (!may(call, SAYS_ALERTING)) {
		port->hal->counts.wrong_state++;
		return;
	}
	move(call, now_ms, HAL_CALL_RECEIVED);
	tell(call, HAL_EV_CALL_ALERTING);
}

void hal_up_answered(struct hal_port *port, int64_t now_ms, hal_call_id id,
		     unsigned int rate_hz)
{
	struct call *call = of_port(port, id);
	struct hal_event event;

	if (!call)
		return;
	if (!may(call, SAYS_ANSWERED)) {
		/* RELEASING: the answer crossed our release. */
		port->hal->counts.wrong_state++;
		return;
	}
	call->rate_hz = rate_hz == 16000 ? 16000 : 8000;
	move(call, now_ms, HAL_CALL_CONNECTING);
	event = about(call, HAL_EV_CALL_ANSWERED);
	event.rate_hz = call->rate_hz;
	hal_queue_event(port->hal, &event);
}

/* ---- the host's wishes for a call that is there ---- */

/* The call if the wish is allowed now, else NULL and the error. */
static struct call *wish(struct hal *hal, hal_call_id id, enum word word,
			 int *ret_rc)
{
	struct call *call = call_find(hal, id);

	*ret_rc = 0;
	if (!call)
		*ret_rc = HAL_E_STALE;
	else if (!may(call, word))
		*ret_rc = HAL_E_STATE;
	return *ret_rc < 0 ? NULL : call;
}

/* After an operation of the driver, which may have ended the call. */
static void settle(struct hal *hal, int64_t now_ms, hal_call_id id,
		   enum hal_call_state next)
{
	struct call *call = hal_id_find(&hal->calls, id);

	if (call && call->state != HAL_CALL_RELEASING)
		move(call, now_ms, next);
}

int hal_call_proceeding(struct hal *hal, int64_t now_ms, hal_call_id id)
{
	int rc;
	struct call *call = wish(hal, id, WISH_PROCEEDING, &rc);

	if (!call)
		return rc;
	if (call->state == HAL_CALL_DELIVERED)
		return 0;
	rc = call->base->driver->call_proceeding(call->base->priv, now_ms, id);
	if (rc == 0)
		settle(hal, now_ms, id, HAL_CALL_INITIATED);
	return rc;
}

int hal_call_alerting(struct hal *hal, int64_t now_ms, hal_call_id id,
		      enum hal_signal signal)
{
	int rc;
	struct call *call = wish(hal, id, WISH_ALERTING, &rc);

	if (!call)
		return rc;
	rc = call->base->driver->call_alerting(call->base->priv, now_ms, id,
					       signal);
	if (rc == 0)
		settle(hal, now_ms, id, HAL_CALL_DELIVERED);
	return rc;
}

int hal_call_connect(struct hal *hal, int64_t now_ms, hal_call_id id,
		     const struct hal_party *party)
{
	struct hal_party checked;
	int rc;
	struct call *call = wish(hal, id, WISH_CONNECT, &rc);

	if (!call)
		return rc;
	if (party)
		hal_text_party(&checked, party);
	rc = call->base->driver->call_connect(call->base->priv, now_ms, id,
					      party ? &checked : NULL);
	if (rc == 0)
		settle(hal, now_ms, id, HAL_CALL_ACTIVE);
	return rc;
}

int hal_call_info(struct hal *hal, int64_t now_ms, hal_call_id id,
		  const struct hal_info *info)
{
	struct hal_info checked = *info;
	struct hal_party party;
	char text[HAL_TEXT_MAX + 1];
	int rc;
	struct call *call = wish(hal, id, WISH_INFO, &rc);

	if (!call)
		return rc;
	if (!call->base->driver->call_info)
		return HAL_E_NOTSUP;
	if (info->party) {
		hal_text_party(&party, info->party);
		checked.party = &party;
	}
	if (info->text) {
		hal_text_copy(text, sizeof(text), info->text, true);
		checked.text = text;
	}
	return call->base->driver->call_info(call->base->priv, now_ms, id,
					     &checked);
}

int hal_call_held(struct hal *hal, int64_t now_ms, hal_call_id id, bool held)
{
	int rc;
	struct call *call = wish(hal, id, WISH_HELD, &rc);

	if (!call)
		return rc;
	if (!call->base->driver->call_held)
		return HAL_E_NOTSUP;
	rc = call->base->driver->call_held(call->base->priv, now_ms, id, held);
	call = hal_id_find(&hal->calls, id);
	if (rc == 0 && call)
		call->held = held;
	return rc;
}

/* ---- time ---- */

void hal_call_tick(struct call *call, int64_t now_ms)
{
	struct hal *hal = call->base->hal;
	struct hal_event event;

	if (call->deadline_ms > now_ms)
		return;
	switch (call->state) {
	case HAL_CALL_OVERLAP:
		if (!call->dialled[0]) {
			let_go(call, now_ms, HAL_WHY_NO_ANSWER, false);
			break;
		}
		event = about(call, HAL_EV_CALL_DIGITS);
		tell_digits(call, now_ms, &event, true);
		break;
	case HAL_CALL_RELEASING:
		hal->counts.release_timeouts++;
		hal_call_cut(call, now_ms, call->why);
		break;
	default:
		/* PRESENT: it does not even ring.  CONNECTING: the host owes
		 * its word. */
		let_go(call, now_ms, HAL_WHY_FAILED, false);
		break;
	}
}

int hal_call_view(const struct hal *hal, hal_call_id id,
		  struct hal_call_view *ret_view)
{
	const struct call *call = hal_id_find(&hal->calls, id);

	if (!call)
		return HAL_E_STALE;
	*ret_view = (struct hal_call_view){
		.handset = call->handset->id,
		.state = call->state,
		.from_handset = call->from_handset,
		.rate_hz = call->rate_hz,
		.held = call->held,
	};
	return 0;
}
