/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wire.h - a SIP message as a fake phone reads it
 *
 * Written from RFC 3261 and not from the gateway's parser, so that both do not
 * make one mistake.  It is strict: what it dislikes it names in @fault.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define WIRE_HEADERS 64

struct wire {
	bool request;
	char *method; /* of the request; of a response, from its CSeq */
	char *uri;
	int status;
	char *reason;
	struct {
		char *name, *value; /* names in their long form */
	} header[WIRE_HEADERS];
	size_t n_headers;
	char *body;
	size_t body_len;
	unsigned long cseq;
	const char *fault; /* NULL: well formed */
};

/* Never NULL. */
struct wire *wire_parse(void *ctx, const char *data, size_t len);

/* The first (the nth, from 0) header of this name, or NULL. */
const char *wire_get(const struct wire *wire, const char *name);
const char *wire_nth(const struct wire *wire, const char *name, size_t n);
size_t wire_count(const struct wire *wire, const char *name);
bool wire_has(const struct wire *wire, const char *name, const char *text);

/* Of a header's value: a parameter (";tag=..."; "" if it has no value, NULL
 * if there is none), the URI, the user part of that URI, the display name. */
char *wire_param(void *ctx, const char *value, const char *name);
char *wire_uri(void *ctx, const char *value);
char *wire_user(void *ctx, const char *value);
char *wire_display(void *ctx, const char *value);

/* One of "key=value, key="quoted value"" (RFC 3261, 25.1: auth-param). */
char *wire_auth_param(void *ctx, const char *value, const char *name);
