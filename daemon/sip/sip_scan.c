/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sip_scan.c - see sip_scan.h; the classes are from RFC 3261, 25.1 */
#include "sip_scan.h"

#define B SIP_C_BLANK
#define C SIP_C_CONTROL
#define T SIP_C_TOKEN
#define U SIP_C_URI
#define V SIP_C_VALUE
#define H SIP_C_HOST
#define S SIP_C_SCHEME
#define LETTER (T | U | V | H | S)
#define DIGIT (T | U | V | H | S | SIP_C_DIGIT)

const unsigned char sip_class[256] = {
	[0 ... '\t' - 1] = C,
	['\t'] = B,
	['\n'] = B | C,
	['\n' + 1 ... '\r' - 1] = C,
	['\r'] = B | C,
	['\r' + 1 ... 31] = C,
	[' '] = B,
	['!'] = T | U | V,
	['#'] = U | V,
	['$'] = U | V,
	['%'] = T | U | V,
	['&'] = U | V,
	['\''] = T | U | V,
	['('] = U | V,
	[')'] = U | V,
	['*'] = T | U | V,
	['+'] = T | U | V | S,
	[','] = U,
	['-'] = T | U | V | H | S,
	['.'] = T | U | V | H | S,
	['/'] = U | V,
	['0' ... '9'] = DIGIT,
	[':'] = U | V,
	[';'] = U,
	['='] = U | V,
	['?'] = U | V,
	['@'] = U | V,
	['A' ... 'Z'] = LETTER,
	['['] = U | V,
	[']'] = U | V,
	['_'] = T | U | V | H,
	['`'] = T | V,
	['a' ... 'z'] = LETTER,
	['|'] = U | V,
	['~'] = T | U | V,
	[127] = C,
	[128 ... 255] = V,
};

bool sip_take_quoted(struct span *cursor, struct span *ret_text)
{
	struct span look = *cursor;

	if (!look.n || *look.p != '"')
		return false;
	for (size_t i = 1; i < look.n; i++) {
		if (look.p[i] == '\\') {
			i++;
		} else if (look.p[i] == '"') {
			*ret_text = (struct span){ look.p, i + 1 };
			*cursor = sip_after(look, i + 1);
			return true;
		}
	}
	return false;
}
