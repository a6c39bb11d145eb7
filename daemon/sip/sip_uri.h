/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_uri.h - addresses: URIs, and the headers built around one
 *
 *     "Anna" <sip:100@example.test;lr>;tag=1    struct sip_name
 *            sip:100@example.test;lr            struct sip_uri
 *     SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1     struct sip_via
 *
 * Decoders take one value and give spans into it.  They are strict where a
 * mistake could be read in two ways, and forgiving where phones are known to
 * be careless: '#' and other visible characters in a user part, commas in an
 * unquoted display name.  -EBADMSG: cannot be read; outputs are then not set.
 *
 * Blanks between words may be folded lines (RFC 3261, 7.3.1).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "span.h"

enum sip_scheme {
	SIP_SCHEME_OTHER,
	SIP_SCHEME_SIP,
	SIP_SCHEME_SIPS,
	SIP_SCHEME_TEL /* the number is in user, host is empty */
};

struct sip_uri {
	struct span text; /* the whole, without angle brackets */
	enum sip_scheme scheme;
	struct span user;    /* still escaped; sip_unescape() */
	struct span host;    /* IPv6 without its brackets */
	uint16_t port;	     /* 0: not given */
	struct span params;  /* ";a=b;c", or empty */
	struct span headers; /* "?a=b", or empty */
};

/* A name-addr or addr-spec with its parameters: From, To, Contact, Route. */
struct sip_name {
	struct span text;    /* the whole value */
	struct span display; /* as written, quotes and all; sip_unquote() */
	struct sip_uri uri;
	struct span params; /* of the header, not of the URI */
	struct span tag;    /* empty: none */
};

struct sip_via {
	struct span text;      /* this one value of the header */
	struct span transport; /* "UDP" */
	struct span host;      /* sent-by; IPv6 without its brackets */
	uint16_t port;	       /* 0: not given */
	struct span branch;    /* empty: none, an element of RFC 2543 */
	struct span received;
	bool has_rport; /* asked for (RFC 3581), with a value or without */
	uint16_t rport; /* 0: no value yet */
	struct span params;
};

struct sip_contact {
	bool star; /* "*": nothing else is set */
	struct sip_name name;
	bool has_expires;
	uint32_t expires_s;
	unsigned int q_milli; /* 0 to 1000; 1000 if not given */
};

int sip_uri_parse(struct sip_uri *ret_uri, struct span text);
int sip_name_parse(struct sip_name *ret_name, struct span value);
int sip_via_parse(struct sip_via *ret_via, struct span value);
int sip_contact_parse(struct sip_contact *ret_contact, struct span value);

/* A parameter of ";a=b;c" by name, without regard to case.  @ret_value may
 * be NULL; it is empty where the parameter has no value.  Quotes stay on. */
bool sip_param(struct span params, const char *name, struct span *ret_value);

/* A decimal number and nothing else; at most @max. */
bool sip_number(struct span text, uint32_t max, uint32_t *ret_number);

/* Digits of any length: an interval too large for a number is as long as can
 * be (RFC 4475, 3.1.2.4). */
bool sip_seconds(struct span text, uint32_t *ret_s);

/* "%61" becomes "a", and a quoted string its text.  Both give a span into
 * @buf, cut at @size; NUL and controls come out as '?'. */
struct span sip_unescape(struct span text, char *buf, size_t size);
struct span sip_unquote(struct span text, char *buf, size_t size);

/* Takes the next parameter off ";a=b;c".  False at the end, and where it is
 * no parameter (then *rest is not empty). */
bool sip_param_next(struct span *rest, struct span *ret_name,
		    struct span *ret_value);
