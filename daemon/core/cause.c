/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cause.h"

#include <stddef.h>

#include <osmocom/core/utils.h>

static const struct {
	const char *name;
	uint16_t sip;  /* RFC 3261, 21 */
	uint16_t q850; /* ITU-T Q.850, as RFC 3398 maps them */
} causes[_NUM_CAUSE] = {
	[CAUSE_NONE] = { "none", 0, 0 },
	[CAUSE_NORMAL] = { "normal", 480, 16 },
	[CAUSE_CANCELLED] = { "cancelled", 487, 16 },
	[CAUSE_ANSWERED_ELSEWHERE] = { "answered_elsewhere", 487, 26 },
	[CAUSE_BUSY] = { "busy", 486, 17 },
	[CAUSE_REJECTED] = { "rejected", 603, 21 },
	[CAUSE_NO_ANSWER] = { "no_answer", 480, 19 },
	[CAUSE_UNREACHABLE] = { "unreachable", 480, 20 },
	[CAUSE_UNALLOCATED] = { "unallocated", 404, 1 },
	[CAUSE_INCOMPLETE] = { "incomplete", 484, 28 },
	[CAUSE_NOT_ACCEPTABLE] = { "not_acceptable", 488, 65 },
	[CAUSE_FORBIDDEN] = { "forbidden", 403, 21 },
	[CAUSE_LOOP] = { "loop", 482, 25 },
	[CAUSE_OVERLOAD] = { "overload", 503, 42 },
	[CAUSE_LINK_LOST] = { "link_lost", 480, 38 },
	[CAUSE_TIMEOUT] = { "timeout", 408, 102 },
	[CAUSE_FAILED] = { "failed", 500, 41 },
	[CAUSE_SHUTDOWN] = { "shutdown", 503, 41 },
};

/* What else a far end says, by the first range that holds it. */
static const struct {
	uint16_t from, to;
	enum cause cause;
} answers[] = {
	{ 403, 403, CAUSE_FORBIDDEN },	    { 404, 404, CAUSE_UNALLOCATED },
	{ 408, 408, CAUSE_UNREACHABLE }, /* the device never answered */
	{ 410, 410, CAUSE_UNALLOCATED },    { 415, 415, CAUSE_NOT_ACCEPTABLE },
	{ 480, 480, CAUSE_UNREACHABLE },    { 482, 483, CAUSE_LOOP },
	{ 484, 484, CAUSE_INCOMPLETE },	    { 486, 486, CAUSE_BUSY },
	{ 487, 487, CAUSE_CANCELLED },	    { 488, 488, CAUSE_NOT_ACCEPTABLE },
	{ 503, 503, CAUSE_UNREACHABLE },    { 600, 600, CAUSE_BUSY },
	{ 603, 603, CAUSE_REJECTED },	    { 604, 604, CAUSE_UNALLOCATED },
	{ 606, 606, CAUSE_NOT_ACCEPTABLE },
};

const char *cause_name(enum cause cause)
{
	return causes[cause].name;
}

unsigned int cause_sip_status(enum cause cause)
{
	return causes[cause].sip;
}

unsigned int cause_q850(enum cause cause)
{
	return causes[cause].q850;
}

enum cause cause_of_sip_status(unsigned int status)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(answers); i++)
		if (status >= answers[i].from && status <= answers[i].to)
			return answers[i].cause;
	return CAUSE_FAILED;
}
