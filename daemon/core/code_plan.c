/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "code_plan.h"

#include <string.h>

#include <osmocom/core/utils.h>

/* Section 5 of the specification. */
static const struct {
	const char *name;
	const char *digits;
	enum code_form form;
} table[_NUM_CODE] = {
	[CODE_FORWARD_CANCEL] = { "forward-cancel", "*00" },
	[CODE_FORWARD_ON] = { "forward-on", "*01" },
	[CODE_FORWARD_OFF] = { "forward-off", "*02" },
	[CODE_FORWARD_BUSY_ON] = { "forward-busy-on", "*03" },
	[CODE_FORWARD_BUSY_OFF] = { "forward-busy-off", "*04" },
	[CODE_FORWARD_NO_ANSWER_ON] = { "forward-no-answer-on", "*05" },
	[CODE_FORWARD_NO_ANSWER_OFF] = { "forward-no-answer-off", "*06" },
	[CODE_FORWARD_NUMBER] = { "forward-number", "*07", CODE_WITH_NUMBER },
	[CODE_FORWARD_BUSY_NUMBER] = { "forward-busy-number", "*57",
				       CODE_WITH_NUMBER },
	[CODE_DND_ON] = { "dnd-on", "*08" },
	[CODE_DND_OFF] = { "dnd-off", "*09" },
	[CODE_DND_EXCEPTION_ADD] = { "dnd-exception-add", "*10",
				     CODE_WITH_NUMBER },
	[CODE_DND_EXCEPTION_DELETE] = { "dnd-exception-delete", "*11",
					CODE_WITH_NUMBER },
	[CODE_FOLLOW_ME_HERE] = { "follow-me-here", "*12", CODE_WITH_NUMBER },
	[CODE_FOLLOW_ME_HERE_CANCEL] = { "follow-me-here-cancel", "*13",
					 CODE_WITH_NUMBER },
	[CODE_FOLLOW_ME_TO] = { "follow-me-to", "*14",
				CODE_WITH_NUMBER_OR_NONE },
	[CODE_CALL_WAITING_ON] = { "call-waiting-on", "*15" },
	[CODE_CALL_WAITING_OFF] = { "call-waiting-off", "*16" },
	[CODE_VOICEMAIL_COLLECT] = { "voicemail-collect", "*17" },
	[CODE_VOICEMAIL_ON] = { "voicemail-on", "*18" },
	[CODE_VOICEMAIL_OFF] = { "voicemail-off", "*19" },
	[CODE_LOG_IN] = { "log-in", "*35", CODE_WITH_LOGIN },
	[CODE_LOG_OUT] = { "log-out", "*36" },
	[CODE_TWIN_PULL] = { "twin-pull", "*63" },
	[CODE_TWIN_PUSH] = { "twin-push", "*64" },
	[CODE_TWIN_STATUS] = { "twin-status", "*68" },
};

const char *code_name(enum code code)
{
	return table[code].name;
}

enum code_form code_form(enum code code)
{
	return table[code].form;
}

bool code_find(struct span name, enum code *ret_code)
{
	enum code code;

	for (code = 0; code < _NUM_CODE; code++) {
		if (!span_is(name, table[code].name))
			continue;
		*ret_code = code;
		return true;
	}
	return false;
}

const char *code_digits(const struct code_plan *plan, enum code code)
{
	if (plan->off[code])
		return NULL;
	return *plan->digits[code] ? plan->digits[code] : table[code].digits;
}

static bool is_mark(char key)
{
	return key == '*' || key == '#';
}

static bool is_digit(char key)
{
	return key >= '0' && key <= '9';
}

static bool is_code(struct span digits)
{
	size_t i;

	if (digits.n < 2 || digits.n > CODE_DIGITS_MAX || !is_mark(digits.p[0]))
		return false;
	for (i = 1; i < digits.n; i++)
		if (!is_digit(digits.p[i]) && !is_mark(digits.p[i]))
			return false;
	return true;
}

bool code_plan_set(struct code_plan *plan, enum code code, struct span digits)
{
	bool off = span_is(digits, "off");

	if (!off && !is_code(digits))
		return false;
	plan->off[code] = off;
	memset(plan->digits[code], 0, sizeof(plan->digits[code]));
	if (!off)
		memcpy(plan->digits[code], digits.p, digits.n);
	return true;
}

static bool begins_alike(const char *a, const char *b)
{
	return strncmp(a, b, OSMO_MIN(strlen(a), strlen(b))) == 0;
}

bool code_plan_clashes(const struct code_plan *plan, enum code code,
		       bool chosen_only, enum code *ret_other)
{
	const char *digits = code_digits(plan, code);
	enum code other;

	for (other = 0; digits && other < _NUM_CODE; other++) {
		const char *theirs = code_digits(plan, other);

		if (other == code || !theirs || !begins_alike(digits, theirs) ||
		    (chosen_only && !*plan->digits[other]))
			continue;
		*ret_other = other;
		return true;
	}
	return false;
}

/* ---- what was dialled ---- */

static bool is_number(struct span text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if (!is_digit(text.p[i]))
			return false;
	return text.n > 0 && text.n <= CODE_NUMBER_MAX;
}

/* EXTENSION*N, or N alone. */
static bool take_extension(struct code_match *match)
{
	struct span *number = &match->number;
	const char *star = number->n ? memchr(number->p, '*', number->n) : NULL;

	if (!star)
		return true;
	match->extension = (struct span){ number->p, star - number->p };
	number->n -= match->extension.n + 1;
	number->p = star + 1;
	return is_number(match->extension);
}

/* @rest is what follows the code. */
static bool take_number(enum code_form form, struct span rest,
			struct code_match *match)
{
	if (form == CODE_ALONE)
		return rest.n == 0;
	if (rest.n < 2 || rest.p[0] != '*' || rest.p[rest.n - 1] != '#')
		return false;
	match->number = (struct span){ rest.p + 1, rest.n - 2 };
	if (form == CODE_WITH_NUMBER_OR_NONE && !match->number.n)
		return true;
	if (form == CODE_WITH_LOGIN && !take_extension(match))
		return false;
	return is_number(match->number);
}

enum code_verdict code_match(const struct code_plan *plan, struct span dialled,
			     struct code_match *ret_match)
{
	enum code code;

	*ret_match = (struct code_match){ 0 };
	if (!dialled.n || !is_mark(dialled.p[0]))
		return CODE_IS_NONE;
	for (code = 0; code < _NUM_CODE; code++) {
		const char *digits = code_digits(plan, code);
		size_t n = digits ? strlen(digits) : 0;

		if (!digits || dialled.n < n || memcmp(dialled.p, digits, n))
			continue;
		ret_match->code = code;
		return take_number(
			       table[code].form,
			       (struct span){ dialled.p + n, dialled.n - n },
			       ret_match)
			       ? CODE_IS_ONE
			       : CODE_IS_WRONG;
	}
	return CODE_IS_WRONG;
}
