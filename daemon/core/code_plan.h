/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * code_plan.h - which feature code is dialled how (T182)
 *
 *     *07 *202#
 *      |    |
 *      |    +-- its number, if it takes one: * digits #
 *      +------- the code: * or #, then more of 0-9 * #
 *
 * Codes belong to the system.  No code begins like another, so that whatever
 * is dialled means one of them at most, key by key; the longest match is the
 * only one.  Extensions have digits alone, so nothing that begins with * or #
 * is a number, and what is no code is a code dialled wrongly.
 */
#pragma once

#include <stdbool.h>

#include "span.h"

#define CODE_DIGITS_MAX 7
#define CODE_NUMBER_MAX 31

enum code {
	CODE_FORWARD_CANCEL,
	CODE_FORWARD_ON,
	CODE_FORWARD_OFF,
	CODE_FORWARD_BUSY_ON,
	CODE_FORWARD_BUSY_OFF,
	CODE_FORWARD_NO_ANSWER_ON,
	CODE_FORWARD_NO_ANSWER_OFF,
	CODE_FORWARD_NUMBER,
	CODE_FORWARD_BUSY_NUMBER,
	CODE_DND_ON,
	CODE_DND_OFF,
	CODE_DND_EXCEPTION_ADD,
	CODE_DND_EXCEPTION_DELETE,
	CODE_FOLLOW_ME_HERE,
	CODE_FOLLOW_ME_HERE_CANCEL,
	CODE_FOLLOW_ME_TO, /* without a number: cancel */
	CODE_CALL_WAITING_ON,
	CODE_CALL_WAITING_OFF,
	CODE_VOICEMAIL_COLLECT,
	CODE_VOICEMAIL_ON,
	CODE_VOICEMAIL_OFF,
	CODE_LOG_IN,
	CODE_LOG_OUT,
	CODE_TWIN_PULL,
	CODE_TWIN_PUSH,
	CODE_TWIN_STATUS,
	_NUM_CODE
};

/* What follows the code. */
enum code_form {
	CODE_ALONE,
	CODE_WITH_NUMBER,	  /* *N#, 1 to 31 digits */
	CODE_WITH_NUMBER_OR_NONE, /* *N# or *# */
	CODE_WITH_LOGIN,	  /* *N# or *EXTENSION*N# */
};

/* Zero: each as it is shipped. */
struct code_plan {
	char digits[_NUM_CODE][CODE_DIGITS_MAX + 1]; /* "": as shipped */
	bool off[_NUM_CODE];
};

const char *code_name(enum code code); /* "dnd-on" */
enum code_form code_form(enum code code);
/* False: there is no code of that name. */
bool code_find(struct span name, enum code *ret_code);

/* As dialled, or NULL: switched off. */
const char *code_digits(const struct code_plan *plan, enum code code);

/* @digits may be "off".  False: they are none; @plan is as it was. */
bool code_plan_set(struct code_plan *plan, enum code code, struct span digits);

/* True: @code and *@ret_other cannot be told apart by what is dialled.
 * @chosen_only: those that are as shipped do not count. */
bool code_plan_clashes(const struct code_plan *plan, enum code code,
		       bool chosen_only, enum code *ret_other);

enum code_verdict {
	CODE_IS_NONE,  /* a number, not a code */
	CODE_IS_WRONG, /* no such code, or too few or too many digits */
	CODE_IS_ONE,
};

struct code_match {
	enum code code;
	struct span extension; /* CODE_WITH_LOGIN; empty: none */
	struct span number;    /* empty: none */
};

enum code_verdict code_match(const struct code_plan *plan, struct span dialled,
			     struct code_match *ret_match);
