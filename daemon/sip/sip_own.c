/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sip_own.h"

static struct span cut(struct span text, size_t from, const char *until)
{
	struct span rest = { text.p + from, text.n - from };
	const char *end = memmem(rest.p, rest.n, until, strlen(until));

	if (end)
		rest.n = end - rest.p;
	return rest;
}

struct span sip_own_method(struct span message)
{
	struct span word = cut(message, 0, " ");

	return span_is(word, "SIP/2.0") ? (struct span){ 0 } : word;
}

struct span sip_own_uri(struct span message)
{
	struct span method = sip_own_method(message);

	if (!method.n || method.n == message.n)
		return (struct span){ 0 };
	return cut(message, method.n + 1, " ");
}

bool sip_own_line(struct span message, size_t *at, struct span *ret_line)
{
	struct span line;

	if (*at == 0)
		*at = cut(message, 0, "\r\n").n + 2;
	if (*at >= message.n)
		return false;
	line = cut(message, *at, "\r\n");
	if (line.n == 0)
		return false;
	*at += line.n + 2;
	*ret_line = line;
	return true;
}

struct span sip_own_value(struct span message, const char *name)
{
	size_t n = strlen(name), at = 0;
	struct span line;

	while (sip_own_line(message, &at, &line))
		if (line.n >= n + 2 && memcmp(line.p, name, n) == 0 &&
		    memcmp(line.p + n, ": ", 2) == 0)
			return (struct span){ line.p + n + 2, line.n - n - 2 };
	return (struct span){ 0 };
}

struct span sip_own_body(struct span message)
{
	const char *end = memmem(message.p, message.n, "\r\n\r\n", 4);

	if (!end)
		return (struct span){ 0 };
	return (struct span){ end + 4, message.n - (end + 4 - message.p) };
}

uint32_t sip_own_cseq(struct span message)
{
	struct span value = sip_own_value(message, "CSeq");
	uint32_t number = 0;

	for (size_t i = 0; i < value.n && value.p[i] != ' '; i++)
		number = number * 10 + (value.p[i] - '0');
	return number;
}

struct span sip_own_branch(struct span message)
{
	struct span via = sip_own_value(message, "Via");
	const char *at = via.n ? memmem(via.p, via.n, ";branch=", 8) : NULL;

	if (!at)
		return (struct span){ 0 };
	return cut((struct span){ at + 8, via.n - (at + 8 - via.p) }, 0, ";");
}
