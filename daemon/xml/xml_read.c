/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "xml_read.h"

#include <errno.h>
#include <stdint.h>

#include <osmocom/core/utils.h>

#include "xml_utf8.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
	       c == ':';
}

static void skip(struct xml_reader *r, size_t n)
{
	r->rest.p += n;
	r->rest.n -= n;
}

static void skip_blanks(struct xml_reader *r)
{
	while (r->rest.n && is_blank(*r->rest.p))
		skip(r, 1);
}

static bool take(struct xml_reader *r, const char *text)
{
	size_t n = strlen(text);

	if (r->rest.n < n || memcmp(r->rest.p, text, n) != 0)
		return false;
	skip(r, n);
	return true;
}

/* Up to @end and over it. */
static bool skip_past(struct xml_reader *r, const char *end)
{
	const char *at =
		r->rest.n ? memmem(r->rest.p, r->rest.n, end, strlen(end))
			  : NULL;

	if (!at)
		return false;
	skip(r, at - r->rest.p + strlen(end));
	return true;
}

/* Empty: there is none. */
static struct span take_name(struct xml_reader *r)
{
	struct span name = { r->rest.p, 0 };

	if (!r->rest.n || (*r->rest.p >= '0' && *r->rest.p <= '9') ||
	    *r->rest.p == '-' || *r->rest.p == '.')
		return name;
	while (r->rest.n && is_name(*r->rest.p))
		skip(r, 1);
	name.n = r->rest.p - name.p;
	return name;
}

static struct span local_part(struct span name)
{
	const char *colon = memrchr(name.p, ':', name.n);

	if (colon) {
		name.n -= colon + 1 - name.p;
		name.p = colon + 1;
	}
	return name;
}

static bool is_clean(struct span text)
{
	while (text.n) {
		size_t n = xml_utf8(text);

		if (n == 0)
			return false;
		text = (struct span){ text.p + n, text.n - n };
	}
	return true;
}

static enum xml_token bad(struct xml_reader *r)
{
	r->bad = true;
	return XML_BAD;
}

void xml_read_begin(struct xml_reader *r, struct span document)
{
	*r = (struct xml_reader){ .rest = document };
	r->bad = document.n && !is_clean(document);
	take(r, "\xef\xbb\xbf");
	if (take(r, "<?xml ") && !skip_past(r, "?>"))
		r->bad = true;
}

/* ' name="value"', read over. */
static bool skip_attribute(struct xml_reader *r)
{
	const char *end;
	char quote;

	if (!take_name(r).n)
		return false;
	skip_blanks(r);
	if (!take(r, "="))
		return false;
	skip_blanks(r);
	if (!r->rest.n || (*r->rest.p != '"' && *r->rest.p != '\''))
		return false;
	quote = *r->rest.p;
	skip(r, 1);
	end = r->rest.n ? memchr(r->rest.p, quote, r->rest.n) : NULL;
	if (!end || memchr(r->rest.p, '<', end - r->rest.p))
		return false;
	skip(r, end + 1 - r->rest.p);
	return true;
}

static enum xml_token open_tag(struct xml_reader *r)
{
	struct span name = take_name(r);

	if (!name.n || r->depth == XML_READ_DEPTH_MAX ||
	    (r->begun && !r->depth))
		return bad(r);
	for (;;) {
		bool apart = r->rest.n && is_blank(*r->rest.p);

		skip_blanks(r);
		if (take(r, ">"))
			break;
		if (take(r, "/>")) {
			r->empty = true;
			break;
		}
		if (!apart || !skip_attribute(r))
			return bad(r);
	}
	r->begun = true;
	r->open[r->depth++] = name;
	r->name = local_part(name);
	return XML_OPEN;
}

static enum xml_token close_tag(struct xml_reader *r)
{
	struct span name = take_name(r);

	skip_blanks(r);
	if (!r->depth || !take(r, ">") || !span_eq(name, r->open[r->depth - 1]))
		return bad(r);
	r->depth--;
	r->name = local_part(name);
	return XML_CLOSE;
}

static enum xml_token text(struct xml_reader *r)
{
	const char *end = memchr(r->rest.p, '<', r->rest.n);

	if (!end || !r->depth)
		return bad(r);
	r->text = (struct span){ r->rest.p, end - r->rest.p };
	skip(r, r->text.n);
	return XML_TEXT;
}

enum xml_token xml_next(struct xml_reader *r)
{
	if (r->bad)
		return XML_BAD;
	if (r->empty) {
		r->empty = false;
		r->name = local_part(r->open[--r->depth]);
		return XML_CLOSE;
	}
	for (;;) {
		if (!r->depth)
			skip_blanks(r);
		if (!take(r, "<!--"))
			break;
		if (!skip_past(r, "-->"))
			return bad(r);
	}
	if (!r->rest.n)
		return r->begun && !r->depth ? XML_END : bad(r);
	if (take(r, "</"))
		return close_tag(r);
	if (take(r, "<"))
		return open_tag(r);
	return text(r);
}

/* ---- escapes ---- */

/* "&#38;", "&#x26;"; 0: none that XML can hold. */
static uint32_t number_of(struct span digits)
{
	unsigned int base = 10;
	uint32_t c = 0;

	if (digits.n && *digits.p == 'x') {
		base = 16;
		digits = (struct span){ digits.p + 1, digits.n - 1 };
	}
	if (!digits.n || digits.n > 8)
		return 0;
	for (size_t i = 0; i < digits.n; i++) {
		char d = digits.p[i] | 0x20;
		unsigned int value = d >= '0' && d <= '9'   ? d - '0'
				     : d >= 'a' && d <= 'f' ? d - 'a' + 10
							    : 99;

		if (value >= base || digits.p[i] < '0')
			return 0;
		c = c * base + value;
	}
	return xml_is_char(c) ? c : 0;
}

static size_t encode(uint32_t c, char buf[4])
{
	if (c < 0x80) {
		buf[0] = c;
		return 1;
	}
	if (c < 0x800) {
		buf[0] = 0xc0 | c >> 6;
		buf[1] = 0x80 | (c & 0x3f);
		return 2;
	}
	if (c < 0x10000) {
		buf[0] = 0xe0 | c >> 12;
		buf[1] = 0x80 | (c >> 6 & 0x3f);
		buf[2] = 0x80 | (c & 0x3f);
		return 3;
	}
	buf[0] = 0xf0 | c >> 18;
	buf[1] = 0x80 | (c >> 12 & 0x3f);
	buf[2] = 0x80 | (c >> 6 & 0x3f);
	buf[3] = 0x80 | (c & 0x3f);
	return 4;
}

static uint32_t entity_of(struct span name)
{
	static const struct {
		const char *name;
		char c;
	} known[] = { { "amp", '&' },
		      { "lt", '<' },
		      { "gt", '>' },
		      { "quot", '"' },
		      { "apos", '\'' } };

	if (name.n && *name.p == '#')
		return number_of((struct span){ name.p + 1, name.n - 1 });
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (span_is(name, known[i].name))
			return known[i].c;
	return 0;
}

ssize_t xml_unescape(struct span text, char *buf, size_t size)
{
	size_t n = 0;

	while (text.n) {
		char sign[4] = { *text.p };
		size_t step = 1, len = 1;

		if (*text.p == '&') {
			const char *end = memchr(text.p, ';', text.n);
			uint32_t c;

			if (!end)
				return -EBADMSG;
			c = entity_of(
				(struct span){ text.p + 1, end - text.p - 1 });
			if (!c)
				return -EBADMSG;
			step = end + 1 - text.p;
			len = encode(c, sign);
		}
		if (n + len >= size)
			return -EMSGSIZE;
		memcpy(buf + n, sign, len);
		n += len;
		text = (struct span){ text.p + step, text.n - step };
	}
	if (n >= size)
		return -EMSGSIZE;
	buf[n] = '\0';
	return n;
}
