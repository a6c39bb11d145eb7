/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * span.h - text that stays where it arrived: a pointer and a length
 *
 * A span owns nothing.  Whoever hands one out says how long it lives.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct span {
	const char *p; /* not terminated; NULL where n is 0 and nothing is meant */
	size_t n;
};

#define SPAN_FMT "%.*s"
#define SPAN_ARG(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct span span_of(const char *text)
{
	return (struct span){ text, text ? strlen(text) : 0 };
}

static inline bool span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_is(struct span a, const char *text)
{
	return span_eq(a, span_of(text));
}

static inline bool span_case_is(struct span a, const char *text)
{
	return a.n == strlen(text) && strncasecmp(a.p, text, a.n) == 0;
}
