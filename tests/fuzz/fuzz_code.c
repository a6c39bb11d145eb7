/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_code.c - any keys against the table of feature codes
 *
 * The input is what is dialled; or before a line end, what "dnd-on" is, and
 * behind it what is dialled.  What is found lies within what was dialled, and
 * put together again it is that; of a plan without clashes no other code
 * would have matched.
 */
#include <stdio.h>
#include <string.h>

#include "code_plan.h"
#include "fuzz.h"

static void expect_within(struct span part, struct span whole)
{
	FUZZ_EXPECT(!part.n || (part.p >= whole.p &&
				part.p + part.n <= whole.p + whole.n));
}

static void expect_whole(const struct code_plan *plan,
			 const struct code_match *match, struct span dialled)
{
	char again[128];
	size_t n = snprintf(again, sizeof(again), "%s",
			    code_digits(plan, match->code));

	if (code_form(match->code) != CODE_ALONE)
		snprintf(again + n, sizeof(again) - n,
			 "*" SPAN_FMT "%s" SPAN_FMT "#",
			 SPAN_ARG(match->extension),
			 match->extension.n ? "*" : "",
			 SPAN_ARG(match->number));
	FUZZ_EXPECT(span_is(dialled, again));
}

static void expect_only(const struct code_plan *plan, enum code found,
			struct span dialled)
{
	for (enum code code = 0; code < _NUM_CODE; code++) {
		const char *digits = code_digits(plan, code);

		FUZZ_EXPECT(code == found || !digits ||
			    dialled.n < strlen(digits) ||
			    memcmp(dialled.p, digits, strlen(digits)) != 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct code_plan plan = { 0 };
	struct span dialled = { (const char *)data, size };
	const char *end = size ? memchr(dialled.p, '\n', size) : NULL;
	struct code_match match;
	enum code other;

	if (end) {
		struct span digits = { dialled.p, end - dialled.p };

		dialled = (struct span){ end + 1, size - digits.n - 1 };
		if (!code_plan_set(&plan, CODE_DND_ON, digits) ||
		    code_plan_clashes(&plan, CODE_DND_ON, false, &other))
			return 0;
	}
	if (code_match(&plan, dialled, &match) != CODE_IS_ONE)
		return 0;
	expect_within(match.number, dialled);
	expect_within(match.extension, dialled);
	expect_whole(&plan, &match, dialled);
	expect_only(&plan, match.code, dialled);
	return 0;
}
