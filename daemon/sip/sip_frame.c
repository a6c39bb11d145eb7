/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_frame.c - where a message ends in a stream (RFC 3261, 18.3)
 *
 * Only Content-Length is read here, in its long and its compact form; what
 * the rest is worth is the parser's business.  A message without it would
 * have no end that can be known: no message will come of such a stream.
 * Line ends alone are a keep-alive (RFC 5626, 3.5.1), and whole as they are.
 */
#include <errno.h>
#include <sys/types.h>

#include "sip.h"

#define DIGITS_MAX 9

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The number behind "name :", -ENOENT if the line is another header's, and
 * -EPROTO if there is no number in it. */
static ssize_t line_length(const char *line, size_t n, const char *name)
{
	size_t i = strlen(name), digits = 0;
	ssize_t value = 0;

	if (n <= i || strncasecmp(line, name, i) != 0)
		return -ENOENT;
	while (i < n && is_blank(line[i]))
		i++;
	if (i == n || line[i] != ':')
		return -ENOENT;
	for (i++; i < n && is_blank(line[i]); i++)
		;
	for (; i < n && line[i] >= '0' && line[i] <= '9'; i++) {
		if (++digits > DIGITS_MAX)
			return -EPROTO;
		value = value * 10 + (line[i] - '0');
	}
	while (i < n && is_blank(line[i]))
		i++;
	return digits && i == n ? value : -EPROTO;
}

static ssize_t body_length(const char *head, size_t n)
{
	ssize_t found = -EPROTO;

	for (const char *line = head, *end = head + n; line < end;) {
		const char *crlf = memmem(line, end - line, "\r\n", 2);
		ssize_t len = line_length(line, crlf - line, "Content-Length");

		if (len == -ENOENT)
			len = line_length(line, crlf - line, "l");
		if (len == -EPROTO)
			return len;
		if (len >= 0) {
			if (found >= 0 && found != len)
				return -EPROTO; /* two lengths, two messages */
			found = len;
		}
		line = crlf + 2;
	}
	return found;
}

ssize_t sip_frame(const uint8_t *data, size_t len, size_t max)
{
	const char *text = (const char *)data;
	size_t start = 0, head;
	const char *end;
	ssize_t body;

	while (start + 1 < len && text[start] == '\r' &&
	       text[start + 1] == '\n')
		start += 2;
	if (start > max || (start && start == len))
		return start; /* a keep-alive and nothing else */
	end = memmem(text + start, len - start, "\r\n\r\n", 4);
	if (!end)
		return len - start > max ? -EMSGSIZE : 0;
	head = end + 4 - text;
	body = body_length(text + start, end + 2 - (text + start));
	if (body < 0)
		return body;
	if (head - start + body > max)
		return -EMSGSIZE;
	return head + body <= len ? (ssize_t)(head + body) : 0;
}
