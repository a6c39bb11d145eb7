/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hal_text.c - text that is fit for a handset's display */
#include <string.h>

#include "hal_priv.h"

/* Length of the UTF-8 character at @text (RFC 3629, 4), 0 if it is none. */
static size_t utf8_length(const unsigned char *text)
{
	unsigned char first = text[0];
	size_t n;

	if (first < 0x80)
		return 1;
	if (first >= 0xC2 && first <= 0xDF)
		n = 2;
	else if ((first & 0xF0) == 0xE0)
		n = 3;
	else if (first >= 0xF0 && first <= 0xF4)
		n = 4;
	else
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((text[i] & 0xC0) != 0x80)
			return 0;
	}
	if ((first == 0xE0 && text[1] < 0xA0) || /* overlong */
	    (first == 0xED && text[1] > 0x9F) || /* surrogates */
	    (first == 0xF0 && text[1] < 0x90) ||
	    (first == 0xF4 && text[1] > 0x8F)) /* above U+10FFFF */
		return 0;
	return n;
}

void hal_text_copy(char *ret_text, size_t size, const char *text, bool lines)
{
	size_t at = 0;

	while (*text) {
		size_t n = utf8_length((const unsigned char *)text);
		unsigned char c = *text;

		if (at + (n ? n : 1) >= size)
			break;
		if (n == 0) {
			ret_text[at++] = '?';
			text++;
		} else if ((c < 0x20 && !(lines && c == '\n')) || c == 0x7F) {
			ret_text[at++] = ' ';
			text++;
		} else {
			memcpy(ret_text + at, text, n);
			at += n;
			text += n;
		}
	}
	ret_text[at] = '\0';
}

void hal_text_party(struct hal_party *ret_party, const struct hal_party *party)
{
	*ret_party = (struct hal_party){ .restricted = party->restricted };
	if (party->restricted)
		return;
	hal_text_copy(ret_party->number, sizeof(ret_party->number),
		      party->number, false);
	hal_text_copy(ret_party->name, sizeof(ret_party->name), party->name,
		      false);
}
