/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "wire.h"

static const struct {
	char c;
	const char *name;
} compact[] = {
	{ 'v', "Via" },
	{ 'f', "From" },
	{ 't', "To" },
	{ 'i', "Call-ID" },
	{ 'm', "Contact" },
	{ 'l', "Content-Length" },
	{ 'c', "Content-Type" },
	{ 'k', "Supported" },
	{ 's', "Subject" },
	{ 'x', "Session-Expires" },
	{ 'e', "Content-Encoding" },
};

static const char *long_name(const char *name)
{
	if (strlen(name) != 1)
		return name;
	for (size_t i = 0; i < ARRAY_SIZE(compact); i++)
		if (tolower((unsigned char)*name) == compact[i].c)
			return compact[i].name;
	return name;
}

static char *trimmed(void *ctx, const char *p, size_t n)
{
	while (n > 0 && isspace((unsigned char)*p))
		p++, n--;
	while (n > 0 && isspace((unsigned char)p[n - 1]))
		n--;
	return talloc_strndup(ctx, p, n);
}

static void fault(struct wire *wire, const char *what)
{
	if (!wire->fault)
		wire->fault = what;
}

static void start_line(struct wire *wire, const char *line, size_t n)
{
	char *text = talloc_strndup(wire, line, n);
	char *a = strchr(text, ' '), *b = a ? strchr(a + 1, ' ') : NULL;

	if (!b) {
		fault(wire, "start line without two blanks");
		return;
	}
	*a++ = '\0';
	*b++ = '\0';
	if (strcmp(text, "SIP/2.0") == 0) {
		wire->status = atoi(a);
		wire->reason = b;
		if (strlen(a) != 3 || wire->status < 100 || wire->status > 699)
			fault(wire, "status out of range");
	} else if (strcmp(b, "SIP/2.0") == 0) {
		wire->request = true;
		wire->method = text;
		wire->uri = a;
	} else {
		fault(wire, "not SIP/2.0");
	}
}

static void header(struct wire *wire, const char *line, size_t n)
{
	const char *colon = memchr(line, ':', n);
	char *name;

	if (!colon) {
		fault(wire, "header without colon");
		return;
	}
	if (wire->n_headers == WIRE_HEADERS) {
		fault(wire, "more headers than anyone needs");
		return;
	}
	name = trimmed(wire, line, colon - line);
	wire->header[wire->n_headers].name =
		talloc_strdup(wire, long_name(name));
	wire->header[wire->n_headers++].value =
		trimmed(wire, colon + 1, line + n - colon - 1);
}

/* What RFC 3261, 8.1.1 and 8.2.6 want of every message. */
static void check_mandatory(struct wire *wire)
{
	static const char *const once[] = { "From", "To", "Call-ID", "CSeq",
					    "Content-Length" };
	const char *via = wire_get(wire, "Via"), *cseq;
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(once); i++)
		if (wire_count(wire, once[i]) != 1)
			fault(wire, talloc_asprintf(wire, "%zu headers %s",
						    wire_count(wire, once[i]),
						    once[i]));
	if (wire->fault)
		return;
	if (!via)
		fault(wire, "no Via");
	else if (!strstr(via, ";branch=z9hG4bK"))
		fault(wire, "Via without a branch of RFC 3261");
	if (wire->request && wire_count(wire, "Max-Forwards") != 1)
		fault(wire, "not one Max-Forwards");
	if (!wire_param(wire, wire_get(wire, "From"), "tag"))
		fault(wire, "From without tag");
	cseq = wire_get(wire, "CSeq");
	wire->cseq = strtoul(cseq, &end, 10);
	if (end == cseq || *end != ' ' || wire->cseq > 0x7fffffff)
		fault(wire, "CSeq is no number");
	else if (!wire->request)
		wire->method = talloc_strdup(wire, end + 1);
	else if (strcmp(end + 1, wire->method) != 0)
		fault(wire, "CSeq names another method");
	if (strtoul(wire_get(wire, "Content-Length"), NULL, 10) !=
	    wire->body_len)
		fault(wire, "Content-Length is not the length");
	if (wire->body_len && !wire_get(wire, "Content-Type"))
		fault(wire, "body without Content-Type");
}

struct wire *wire_parse(void *ctx, const char *data, size_t len)
{
	struct wire *wire = talloc_zero(ctx, struct wire);
	const char *p = data, *end = memmem(data, len, "\r\n\r\n", 4);

	if (!end) {
		fault(wire, "no empty line");
		return wire;
	}
	wire->body_len = data + len - (end + 4);
	wire->body = talloc_strndup(wire, end + 4, wire->body_len);
	for (bool first = true; p < end + 2; first = false) {
		const char *eol = memmem(p, end + 2 - p, "\r\n", 2);

		if (memchr(p, '\n', eol - p))
			fault(wire, "bare line feed");
		if (first)
			start_line(wire, p, eol - p);
		else
			header(wire, p, eol - p);
		p = eol + 2;
	}
	if (!wire->fault)
		check_mandatory(wire);
	return wire;
}

const char *wire_nth(const struct wire *wire, const char *name, size_t n)
{
	for (size_t i = 0; i < wire->n_headers; i++)
		if (strcasecmp(wire->header[i].name, name) == 0 && n-- == 0)
			return wire->header[i].value;
	return NULL;
}

const char *wire_get(const struct wire *wire, const char *name)
{
	return wire_nth(wire, name, 0);
}

size_t wire_count(const struct wire *wire, const char *name)
{
	size_t n = 0;

	while (wire_nth(wire, name, n))
		n++;
	return n;
}

bool wire_has(const struct wire *wire, const char *name, const char *text)
{
	const char *value;

	for (size_t n = 0; (value = wire_nth(wire, name, n)); n++)
		if (strstr(value, text))
			return true;
	return false;
}

char *wire_param(void *ctx, const char *value, const char *name)
{
	const char *p = strchr(value, '>');
	size_t n = strlen(name);

	for (p = strchr(p ? p : value, ';'); p; p = strchr(p, ';')) {
		p += 1 + strspn(p + 1, " \t");
		if (strncasecmp(p, name, n) != 0)
			continue;
		if (p[n] == '=')
			return talloc_strndup(ctx, p + n + 1,
					      strcspn(p + n + 1, ";, \t"));
		if (p[n] == ';' || p[n] == '\0')
			return talloc_strdup(ctx, "");
	}
	return NULL;
}

char *wire_uri(void *ctx, const char *value)
{
	const char *open = strchr(value, '<');

	if (open)
		return talloc_strndup(ctx, open + 1, strcspn(open + 1, ">"));
	return talloc_strndup(ctx, value, strcspn(value, "; \t"));
}

char *wire_user(void *ctx, const char *value)
{
	char *uri = wire_uri(ctx, value), *user = strchr(uri, ':');
	size_t n = user ? strcspn(user + 1, "@") : 0;

	if (!user || user[1 + n] != '@')
		return talloc_strdup(ctx, "");
	return talloc_strndup(ctx, user + 1, n);
}

char *wire_display(void *ctx, const char *value)
{
	const char *open = strchr(value, '<');
	char *text, *out;

	if (!open)
		return talloc_strdup(ctx, "");
	text = trimmed(ctx, value, open - value);
	if (*text != '"')
		return text;
	out = text;
	for (char *p = text + 1; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
		*out++ = *p;
	}
	*out = '\0';
	return text;
}

char *wire_auth_param(void *ctx, const char *value, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = value; (p = strcasestr(p, name)); p += n) {
		if (p == value || !strchr(" ,\t", p[-1]) || p[n] != '=')
			continue;
		p += n + 1;
		if (*p == '"')
			return talloc_strndup(ctx, p + 1, strcspn(p + 1, "\""));
		return talloc_strndup(ctx, p, strcspn(p, ", \t"));
	}
	return NULL;
}
