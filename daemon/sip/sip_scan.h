/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_scan.h - the letters of SIP, and a cursor that reads them
 *
 * Private to this folder's decoders.  A cursor is a span that gets shorter
 * from the front; it never reads past its end.
 */
#pragma once

#include "span.h"

enum {
	SIP_C_BLANK = 1, /* SP, HT, and the CRLF of a folded line */
	SIP_C_TOKEN = 2, /* RFC 3261, 25.1: token */
	SIP_C_DIGIT = 4,
	SIP_C_HOST = 8,	  /* a letter, digit, '-', '.'; '_' is seen, too */
	SIP_C_URI = 16,	  /* may stand in a URI, and ends none */
	SIP_C_VALUE = 32, /* of a parameter, without quotes */
	SIP_C_CONTROL = 64,
	SIP_C_SCHEME = 128,
};

extern const unsigned char sip_class[256];

static inline bool sip_is(char c, unsigned int classes)
{
	return sip_class[(unsigned char)c] & classes;
}

static inline bool sip_all(struct span text, unsigned int classes)
{
	for (size_t i = 0; i < text.n; i++) {
		if (!sip_is(text.p[i], classes))
			return false;
	}
	return true;
}

static inline struct span sip_after(struct span text, size_t n)
{
	return (struct span){ text.p + n, text.n - n };
}

static inline void sip_skip(struct span *cursor, unsigned int classes)
{
	while (cursor->n && sip_is(*cursor->p, classes)) {
		cursor->p++;
		cursor->n--;
	}
}

/* The longest run of @classes at the front; may be empty. */
static inline struct span sip_take(struct span *cursor, unsigned int classes)
{
	struct span taken = { cursor->p, 0 };

	sip_skip(cursor, classes);
	taken.n = cursor->p - taken.p;
	return taken;
}

/* Steps over @c, and over the blanks on both sides of it. */
static inline bool sip_take_sign(struct span *cursor, char c)
{
	struct span look = *cursor;

	sip_skip(&look, SIP_C_BLANK);
	if (!look.n || *look.p != c)
		return false;
	look = sip_after(look, 1);
	sip_skip(&look, SIP_C_BLANK);
	*cursor = look;
	return true;
}

static inline struct span sip_trim(struct span text)
{
	sip_skip(&text, SIP_C_BLANK);
	while (text.n && sip_is(text.p[text.n - 1], SIP_C_BLANK))
		text.n--;
	return text;
}

/* A quoted string, quotes included; false if it does not end. */
bool sip_take_quoted(struct span *cursor, struct span *ret_text);
