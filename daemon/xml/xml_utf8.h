/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xml_utf8.h - characters that XML can hold (XML 1.0, 2.2)
 */
#pragma once

#include <stdint.h>

#include "span.h"

static inline bool xml_is_char(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' ||
	       (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
	       (c >= 0x10000 && c <= 0x10ffff);
}

/* Length of the character in front, 0 if it is none that XML can hold. */
static inline size_t xml_utf8(struct span text)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text.p;
	size_t n = *p < 0x80		 ? 1
		   : (*p & 0xe0) == 0xc0 ? 2
		   : (*p & 0xf0) == 0xe0 ? 3
		   : (*p & 0xf8) == 0xf0 ? 4
					 : 0;
	uint32_t c;

	if (n == 0 || n > text.n)
		return 0;
	c = n == 1 ? *p : *p & (0x7f >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	return c >= least[n] && xml_is_char(c) ? n : 0;
}
