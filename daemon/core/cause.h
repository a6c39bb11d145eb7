/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cause.h - how a call, or one leg of it, ended
 *
 * Decided once, in the core; SIP answers and Reason headers, DECT release
 * reasons, log rows and counters all follow from this one enum.
 */
#pragma once

#include <stdint.h>

enum cause {
	CAUSE_NONE,		  /* has not ended */
	CAUSE_NORMAL,		  /* hung up after talking */
	CAUSE_CANCELLED,	  /* the caller gave up before an answer */
	CAUSE_ANSWERED_ELSEWHERE, /* another device of the user took it */
	CAUSE_BUSY,		  /* in use, or at its limit (T21) */
	CAUSE_REJECTED,		  /* a person said no */
	CAUSE_NO_ANSWER,	  /* rang until patience ended */
	CAUSE_UNREACHABLE,	  /* no contact, switched off, out of range */
	CAUSE_UNALLOCATED,	  /* no such number (T35) */
	CAUSE_INCOMPLETE,	  /* not enough digits */
	CAUSE_NOT_ACCEPTABLE,	  /* no media both sides can speak */
	CAUSE_FORBIDDEN,	  /* the caller may not */
	CAUSE_LOOP,		  /* came back to where it was */
	CAUSE_OVERLOAD,		  /* one of our own limits */
	CAUSE_LINK_LOST,	  /* the base or the connection went away */
	CAUSE_TIMEOUT,		  /* a session that nobody refreshed, a lost ACK */
	CAUSE_FAILED,		  /* a protocol failure that is none of these */
	CAUSE_SHUTDOWN,		  /* the gateway stops, or has restarted */
	_NUM_CAUSE
};

/* One word, as in log lines and counters: "answered_elsewhere". */
const char *cause_name(enum cause cause);

/* The final SIP status that tells a caller of it (RFC 3261, 21), and its
 * Q.850 cause value (0: none). */
unsigned int cause_sip_status(enum cause cause);
unsigned int cause_q850(enum cause cause);

/* What a final status from 300 to 699, received, means for the leg. */
enum cause cause_of_sip_status(unsigned int status);
