/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sip_uri.c - see sip_uri.h */
#include "sip_uri.h"

#include <errno.h>

#include "sip_scan.h"

bool sip_number(struct span text, uint32_t max, uint32_t *ret_number)
{
	uint64_t number = 0;

	if (!text.n)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (!sip_is(text.p[i], SIP_C_DIGIT))
			return false;
		number = number * 10 + (text.p[i] - '0');
		if (number > max)
			return false;
	}
	*ret_number = (uint32_t)number;
	return true;
}

bool sip_seconds(struct span text, uint32_t *ret_s)
{
	if (!text.n || !sip_all(text, SIP_C_DIGIT))
		return false;
	if (!sip_number(text, UINT32_MAX, ret_s))
		*ret_s = UINT32_MAX;
	return true;
}

/* ---- parameters ---- */

bool sip_param_next(struct span *rest, struct span *ret_name,
		    struct span *ret_value)
{
	struct span look = *rest, name, value = { 0 };

	if (!sip_take_sign(&look, ';')) {
		struct span end = sip_trim(*rest);

		if (!end.n)
			*rest = end;
		return false;
	}
	name = sip_take(&look, SIP_C_TOKEN | SIP_C_HOST);
	if (!name.n)
		return false;
	if (sip_take_sign(&look, '=')) {
		if (look.n && *look.p == '"') {
			if (!sip_take_quoted(&look, &value))
				return false;
		} else {
			value = sip_take(&look, SIP_C_VALUE);
			if (!value.n)
				return false;
		}
	}
	*rest = look;
	*ret_name = name;
	*ret_value = value;
	return true;
}

bool sip_param(struct span params, const char *name, struct span *ret_value)
{
	struct span found, value;

	while (sip_param_next(&params, &found, &value)) {
		if (span_case_is(found, name)) {
			if (ret_value)
				*ret_value = value;
			return true;
		}
	}
	return false;
}

/* ---- hosts and URIs ---- */

static bool hex_digit(char c)
{
	return sip_is(c, SIP_C_DIGIT) ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool escapes_are_whole(struct span text)
{
	const char *p = text.p, *end = text.p + text.n;

	while (p < end && (p = memchr(p, '%', end - p))) {
		if (end - p < 3 || !hex_digit(p[1]) || !hex_digit(p[2]))
			return false;
		p += 3;
	}
	return true;
}

/* "host", "host:5060", "[2001:db8::1]:5060" off the front of @cursor; blanks
 * around the colon are allowed in a Via alone. */
static bool take_host_port(struct span *cursor, bool blanks,
			   struct span *ret_host, uint16_t *ret_port)
{
	struct span look = *cursor, host, digits;
	uint32_t port = 0;
	bool colon;

	if (look.n && *look.p == '[') {
		const char *end = memchr(look.p, ']', look.n);

		if (!end)
			return false;
		host = (struct span){ look.p + 1, end - look.p - 1 };
		for (size_t i = 0; i < host.n; i++) {
			if (!hex_digit(host.p[i]) && host.p[i] != ':' &&
			    host.p[i] != '.')
				return false;
		}
		look = sip_after(look, host.n + 2);
	} else {
		host = sip_take(&look, SIP_C_HOST);
	}
	if (!host.n)
		return false;
	if (blanks) {
		colon = sip_take_sign(&look, ':');
	} else {
		colon = look.n && *look.p == ':';
		if (colon)
			look = sip_after(look, 1);
	}
	if (colon) {
		digits = sip_take(&look, SIP_C_DIGIT);
		if (!sip_number(digits, UINT16_MAX, &port) || !port)
			return false;
	}
	*cursor = look;
	*ret_host = host;
	*ret_port = (uint16_t)port;
	return true;
}

static bool take_authority(struct sip_uri *uri, struct span rest)
{
	const char *at = memchr(rest.p, '@', rest.n);

	if (at) {
		struct span user = { rest.p, at - rest.p };
		const char *colon = memchr(user.p, ':', user.n);

		rest = sip_after(rest, user.n + 1);
		if (colon)
			user.n = colon - user.p;
		if (!user.n || memchr(rest.p, '@', rest.n))
			return false;
		uri->user = user;
	}
	if (!take_host_port(&rest, false, &uri->host, &uri->port))
		return false;
	if (rest.n && *rest.p == ';') {
		const char *query = memchr(rest.p, '?', rest.n);

		uri->params = rest;
		if (query)
			uri->params.n = query - rest.p;
		rest = sip_after(rest, uri->params.n);
	}
	if (rest.n && *rest.p == '?') {
		uri->headers = rest;
		rest = sip_after(rest, rest.n);
	}
	return rest.n == 0;
}

int sip_uri_parse(struct sip_uri *ret_uri, struct span text)
{
	struct sip_uri uri = { .text = text };
	struct span rest = text, scheme;

	if (!text.n || !sip_all(text, SIP_C_URI))
		return -EBADMSG;
	scheme = sip_take(&rest, SIP_C_SCHEME);
	if (!scheme.n || sip_is(*scheme.p, SIP_C_DIGIT) || !rest.n ||
	    *rest.p != ':')
		return -EBADMSG;
	rest = sip_after(rest, 1);
	if (!rest.n || !escapes_are_whole(rest))
		return -EBADMSG;

	if (span_case_is(scheme, "sip"))
		uri.scheme = SIP_SCHEME_SIP;
	else if (span_case_is(scheme, "sips"))
		uri.scheme = SIP_SCHEME_SIPS;
	else if (span_case_is(scheme, "tel"))
		uri.scheme = SIP_SCHEME_TEL;

	if (uri.scheme == SIP_SCHEME_TEL) {
		const char *params = memchr(rest.p, ';', rest.n);

		uri.user = rest;
		if (params) {
			uri.user.n = params - rest.p;
			uri.params = sip_after(rest, uri.user.n);
		}
		if (!uri.user.n)
			return -EBADMSG;
	} else if (uri.scheme != SIP_SCHEME_OTHER &&
		   !take_authority(&uri, rest)) {
		return -EBADMSG;
	}
	*ret_uri = uri;
	return 0;
}

/* ---- headers built around an address ---- */

/* A parameter that stands twice could be read in two ways: by us in the one
 * and by a neighbour in the other (RFC 3261, 7.3.1 forbids it). */
static bool tag_of(struct span params, struct span *ret_tag)
{
	struct span name, value;
	bool seen = false;

	while (sip_param_next(&params, &name, &value)) {
		if (!span_case_is(name, "tag"))
			continue;
		if (seen || !value.n)
			return false;
		*ret_tag = value;
		seen = true;
	}
	return params.n == 0;
}

/* Cuts "display <" off: quoted, or whatever words stand before '<'.  False:
 * there is no angle bracket. */
static bool take_display(struct span *rest, struct span *ret_display)
{
	struct span look = *rest, display = { 0 };

	if (look.n && *look.p == '"') {
		if (!sip_take_quoted(&look, &display))
			return false;
		sip_skip(&look, SIP_C_BLANK);
		if (!look.n || *look.p != '<')
			return false;
	} else {
		size_t i = 0;

		while (i < look.n && look.p[i] != '<') {
			if (look.p[i] == '"' || look.p[i] == ';')
				return false;
			i++;
		}
		if (i == look.n)
			return false;
		display = sip_trim((struct span){ look.p, i });
		look = sip_after(look, i);
	}
	*rest = sip_after(look, 1);
	*ret_display = display;
	return true;
}

int sip_name_parse(struct sip_name *ret_name, struct span value)
{
	struct sip_name name = { .text = sip_trim(value) };
	struct span rest = name.text, uri;

	if (take_display(&rest, &name.display)) {
		const char *end = memchr(rest.p, '>', rest.n);

		if (!end)
			return -EBADMSG;
		uri = (struct span){ rest.p, end - rest.p };
		rest = sip_after(rest, uri.n + 1);
	} else {
		/* Without brackets parameters are the header's, and what
		 * could be read both ways may not stand here (20.10). */
		uri.p = rest.p;
		uri.n = 0;
		while (uri.n < rest.n && rest.p[uri.n] != ';' &&
		       !sip_is(rest.p[uri.n], SIP_C_BLANK)) {
			if (rest.p[uri.n] == '?' || rest.p[uri.n] == ',')
				return -EBADMSG;
			uri.n++;
		}
		rest = sip_after(rest, uri.n);
	}
	if (sip_uri_parse(&name.uri, uri) < 0)
		return -EBADMSG;
	name.params = sip_trim(rest);
	if (!tag_of(name.params, &name.tag))
		return -EBADMSG;
	*ret_name = name;
	return 0;
}

int sip_contact_parse(struct sip_contact *ret_contact, struct span value)
{
	struct sip_contact contact = { .q_milli = 1000 };
	struct span text;

	if (span_is(sip_trim(value), "*")) {
		contact.star = true;
		*ret_contact = contact;
		return 0;
	}
	if (sip_name_parse(&contact.name, value) < 0)
		return -EBADMSG;
	if (sip_param(contact.name.params, "expires", &text)) {
		if (!sip_seconds(text, &contact.expires_s))
			return -EBADMSG;
		contact.has_expires = true;
	}
	/* qvalue: 0[.ddd] or 1[.000] */
	if (sip_param(contact.name.params, "q", &text)) {
		unsigned int weight = 100;

		if (!text.n || text.n > 5 || (text.n > 1 && text.p[1] != '.') ||
		    (text.p[0] != '0' && text.p[0] != '1'))
			return -EBADMSG;
		contact.q_milli = (text.p[0] - '0') * 1000;
		for (size_t i = 2; i < text.n; i++, weight /= 10) {
			if (!sip_is(text.p[i], SIP_C_DIGIT))
				return -EBADMSG;
			contact.q_milli += (text.p[i] - '0') * weight;
		}
		if (contact.q_milli > 1000)
			return -EBADMSG;
	}
	*ret_contact = contact;
	return 0;
}

int sip_via_parse(struct sip_via *ret_via, struct span value)
{
	struct sip_via via = { .text = sip_trim(value) };
	struct span rest = via.text, name, text, params;
	uint32_t port;

	/* The version is not looked at: an answer that says 505 has to find
	 * its way back over a Via of that other version. */
	if (!span_case_is(sip_take(&rest, SIP_C_TOKEN), "SIP") ||
	    !sip_take_sign(&rest, '/') || !sip_take(&rest, SIP_C_TOKEN).n ||
	    !sip_take_sign(&rest, '/'))
		return -EBADMSG;
	via.transport = sip_take(&rest, SIP_C_TOKEN);
	if (!via.transport.n || !sip_take(&rest, SIP_C_BLANK).n ||
	    !take_host_port(&rest, true, &via.host, &via.port))
		return -EBADMSG;

	via.params = params = sip_trim(rest);
	while (sip_param_next(&params, &name, &text)) {
		if (span_case_is(name, "branch")) {
			if (via.branch.p || !text.n)
				return -EBADMSG;
			via.branch = text;
		} else if (span_case_is(name, "received")) {
			via.received = text;
		} else if (span_case_is(name, "rport")) {
			via.has_rport = true;
			if (text.n && sip_number(text, UINT16_MAX, &port))
				via.rport = (uint16_t)port;
		}
	}
	if (params.n)
		return -EBADMSG;
	/* The cookie of RFC 3261 with nothing behind it names no transaction
	 * (RFC 4475, 3.4.1): it is matched as of old. */
	if (span_is(via.branch, "z9hG4bK"))
		via.branch = (struct span){ 0 };
	*ret_via = via;
	return 0;
}

/* ---- text for people ---- */

static char printable(char c)
{
	return sip_is(c, SIP_C_CONTROL) ? '?' : c;
}

static unsigned int hex_value(char c)
{
	return sip_is(c, SIP_C_DIGIT) ? c - '0' : (c | 0x20) - 'a' + 10;
}

struct span sip_unescape(struct span text, char *buf, size_t size)
{
	struct span out = { buf, 0 };

	for (size_t i = 0; i < text.n && out.n < size; i++) {
		char c = text.p[i];

		if (c == '%' && text.n - i > 2 && hex_digit(text.p[i + 1]) &&
		    hex_digit(text.p[i + 2])) {
			c = (char)(hex_value(text.p[i + 1]) << 4 |
				   hex_value(text.p[i + 2]));
			i += 2;
		}
		buf[out.n++] = printable(c);
	}
	return out;
}

struct span sip_unquote(struct span text, char *buf, size_t size)
{
	struct span out = { buf, 0 };
	bool quoted = text.n >= 2 && text.p[0] == '"';

	if (quoted)
		text = (struct span){ text.p + 1, text.n - 2 };
	for (size_t i = 0; i < text.n && out.n < size; i++) {
		if (quoted && text.p[i] == '\\' && i + 1 < text.n)
			i++;
		/* A folded line reads as one blank. */
		if (sip_is(text.p[i], SIP_C_BLANK)) {
			if (out.n && buf[out.n - 1] != ' ')
				buf[out.n++] = ' ';
			continue;
		}
		buf[out.n++] = printable(text.p[i]);
	}
	return out;
}
