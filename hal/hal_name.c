/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hal_name.c - words for logs, and what a release reason says */
#include <string.h>

#include <osmocom/core/utils.h>

#include "dect_ie.h"
#include "hal.h"
#include "hal_driver.h"

static const char *name(const char *const *names, size_t n, unsigned int i)
{
	return i < n && names[i] ? names[i] : "?";
}

const char *hal_base_state_name(enum hal_base_state state)
{
	static const char *const names[] = {
		[HAL_CLOSED] = "closed",   [HAL_OPENING] = "opening",
		[HAL_SYNCING] = "syncing", [HAL_UP] = "up",
		[HAL_DOWN] = "down",	   [HAL_FAILED] = "failed",
	};

	return name(names, ARRAY_SIZE(names), state);
}

const char *hal_presence_name(enum hal_presence presence)
{
	static const char *const names[] = {
		[HAL_UNKNOWN] = "unknown",
		[HAL_ATTACHED] = "attached",
		[HAL_DETACHED] = "detached",
		[HAL_LOST] = "lost",
	};

	return name(names, ARRAY_SIZE(names), presence);
}

const char *hal_call_state_name(enum hal_call_state state)
{
	static const char *const names[_NUM_HAL_CALL_STATE] = {
		[HAL_CALL_NULL] = "null",
		[HAL_CALL_INITIATED] = "initiated",
		[HAL_CALL_OVERLAP] = "overlap",
		[HAL_CALL_DELIVERED] = "delivered",
		[HAL_CALL_PRESENT] = "present",
		[HAL_CALL_RECEIVED] = "received",
		[HAL_CALL_CONNECTING] = "connecting",
		[HAL_CALL_ACTIVE] = "active",
		[HAL_CALL_RELEASING] = "releasing",
	};

	return name(names, ARRAY_SIZE(names), state);
}

const char *hal_event_type_name(enum hal_event_type type)
{
	static const char *const names[] = {
		[HAL_EV_NONE] = "none",
		[HAL_EV_BASE] = "base",
		[HAL_EV_SUB_WINDOW] = "sub-window",
		[HAL_EV_SUB_REQUEST] = "sub-request",
		[HAL_EV_SUB_FAILED] = "sub-failed",
		[HAL_EV_HANDSET] = "handset",
		[HAL_EV_HANDSET_FOUND] = "handset-found",
		[HAL_EV_HANDSET_DELETED] = "handset-deleted",
		[HAL_EV_CALL_SETUP] = "call-setup",
		[HAL_EV_CALL_DIGITS] = "call-digits",
		[HAL_EV_CALL_KEYPAD] = "call-keypad",
		[HAL_EV_CALL_ALERTING] = "call-alerting",
		[HAL_EV_CALL_ANSWERED] = "call-answered",
		[HAL_EV_CALL_HOLD] = "call-hold",
		[HAL_EV_CALL_RETRIEVE] = "call-retrieve",
		[HAL_EV_CALL_ENDED] = "call-ended",
		[HAL_EV_DONE] = "done",
	};

	return name(names, ARRAY_SIZE(names), type);
}

const char *hal_strerror(int rc)
{
	static const struct {
		int rc;
		const char *text;
	} texts[] = {
		{ 0, "done" },
		{ HAL_E_ARG, "wrong argument" },
		{ HAL_E_STATE, "not in this state" },
		{ HAL_E_NOTSUP, "the base cannot do that" },
		{ HAL_E_STALE, "it is gone" },
		{ HAL_E_EXIST, "it is there already" },
		{ HAL_E_BUSY, "the handset is in a call" },
		{ HAL_E_RANGE, "the handset is out of range" },
		{ HAL_E_DETACHED, "the handset is switched off" },
		{ HAL_E_REJECT, "it was refused" },
		{ HAL_E_TIMEOUT, "no answer in time" },
		{ HAL_E_AUTH, "wrong code or key" },
		{ HAL_E_LIMIT, "too many" },
		{ HAL_E_LINK, "the base is not up" },
		{ HAL_E_PROTO, "the base talks nonsense" },
		{ HAL_E_CANCELLED, "superseded, or the base was closed" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (texts[i].rc == rc)
			return texts[i].text;
	}
	return strerror(-rc);
}

static const struct {
	const char *name;
	uint8_t reason;
} whys[_NUM_HAL_WHY] = {
	[HAL_WHY_NORMAL] = { "normal", DECT_REL_NORMAL },
	[HAL_WHY_CALLER_GAVE_UP] = { "caller_gave_up", DECT_REL_NORMAL },
	[HAL_WHY_ANSWERED_ELSEWHERE] = { "answered_elsewhere",
					 DECT_REL_NORMAL },
	[HAL_WHY_BUSY] = { "busy", DECT_REL_USER_BUSY },
	[HAL_WHY_REJECTED] = { "rejected", DECT_REL_USER_REJECTION },
	[HAL_WHY_NO_ANSWER] = { "no_answer", DECT_REL_TIMER_EXPIRY },
	[HAL_WHY_UNALLOCATED] = { "unallocated", DECT_REL_USER_UNKNOWN },
	[HAL_WHY_UNREACHABLE] = { "unreachable", DECT_REL_USER_NOT_IN_RANGE },
	[HAL_WHY_LINK_LOST] = { "link_lost", DECT_REL_UNKNOWN },
	[HAL_WHY_OVERLOAD] = { "overload", DECT_REL_OVERLOAD },
	[HAL_WHY_FAILED] = { "failed", DECT_REL_UNKNOWN },
};

const char *hal_why_name(enum hal_why why)
{
	return why < _NUM_HAL_WHY ? whys[why].name : "?";
}

uint8_t hal_why_reason(enum hal_why why)
{
	OSMO_ASSERT(why < _NUM_HAL_WHY);
	return whys[why].reason;
}

enum hal_why hal_why_of_reason(uint8_t reason)
{
	switch (reason) {
	case DECT_REL_NORMAL:
	case DECT_REL_PARTIAL:
		return HAL_WHY_NORMAL;
	case DECT_REL_USER_BUSY:
	case DECT_REL_USER_ACTIVE:
		return HAL_WHY_BUSY;
	case DECT_REL_USER_REJECTION:
		return HAL_WHY_REJECTED;
	case DECT_REL_TIMER_EXPIRY:
		return HAL_WHY_NO_ANSWER;
	case DECT_REL_USER_DETACHED:
	case DECT_REL_USER_NOT_IN_RANGE:
		return HAL_WHY_UNREACHABLE;
	case DECT_REL_UNKNOWN_IDENTITY:
	case DECT_REL_USER_UNKNOWN:
		return HAL_WHY_UNALLOCATED;
	case DECT_REL_OVERLOAD:
	case DECT_REL_RESOURCES:
	case 0x33: /* bearers */
	case 0x34: /* IWU congestion */
		return HAL_WHY_OVERLOAD;
	default:
		return HAL_WHY_FAILED;
	}
}

uint8_t hal_up_reason(int rc)
{
	switch (rc) {
	case HAL_E_BUSY:
		return DECT_REL_USER_ACTIVE;
	case HAL_E_LIMIT:
		return DECT_REL_OVERLOAD;
	case HAL_E_STALE:
		return DECT_REL_UNKNOWN_IDENTITY;
	case HAL_E_DETACHED:
		return DECT_REL_USER_DETACHED;
	default:
		return DECT_REL_UNKNOWN;
	}
}
