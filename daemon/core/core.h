/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * core.h - the core: an event and the time go in, actions come out
 *
 *     core_step(core, &event, &actions);   the event has happened
 *     loop performs the actions, in order
 *     core_next_ms(core)                   come back at the latest then
 *
 * No I/O, no clock, no callback.  Same events, same actions.
 */
#pragma once

#include "action.h"
#include "code_plan.h"

struct core;

#define EMERGENCY_MAX 8

/* Choices from the configuration's dialplan node; zero is the default. */
struct core_config {
	int64_t ring_limit_ms;	    /* 0: 180 s; then CAUSE_NO_ANSWER */
	unsigned int no_answer_s;   /* T61; 0: 15 s */
	bool second_call_in_use_only; /* T23 */
	char voicemail[NUMBER_MAX + 1]; /* whose mailboxes answer; "": none */
	char emergency[EMERGENCY_MAX][NUMBER_MAX + 1]; /* T33; "" ends */
	bool dial_secondary_to_primary; /* T35 */
	bool primary_must_be_reachable; /* T19a, inverted: off by default */
	struct code_plan codes;	    /* T182 */
	size_t max_calls;	    /* 0: 2000; more get CAUSE_OVERLOAD */
	call_id first_call;	    /* above every call ever logged */
};

struct core *core_new(void *ctx, const struct core_config *config);
void core_free(struct core *core);
void core_set_config(struct core *core, const struct core_config *config);

void core_step(struct core *core, const struct event *event,
	       struct actions *actions);

/* The time of the earliest deadline, INT64_MAX if there is none. */
int64_t core_next_ms(const struct core *core);
