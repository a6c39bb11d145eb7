/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_digest.h - the arithmetic of digest authentication (RFC 7616, 3.4)
 *
 *     response = H(HA1 : nonce : nc : cnonce : qop : H(method : uri))
 *
 * and without qop, as phones of RFC 2069's days do it,
 *
 *     response = H(HA1 : nonce : H(method : uri))
 *
 * No memory, no time, no opinion; who may in is said by sip_auth.h.
 */
#pragma once

#include <stdbool.h>

#include "span.h"

/* In the order in which they are offered. */
enum sip_algorithm { SIP_SHA256, SIP_MD5, SIP_ALGORITHMS };

#define SIP_DIGEST_MAX 64 /* hexadecimal digits; no NUL behind them */

const char *sip_algorithm_name(enum sip_algorithm a); /* "SHA-256" */
size_t sip_algorithm_digits(enum sip_algorithm a);

/* An empty name is MD5 (RFC 2617, 3.2.1). */
bool sip_algorithm_find(struct span name, enum sip_algorithm *ret);

/* What stands behind "Digest" in an Authorization header.  Of all but the
 * user name the quotes are off; what is not there is empty. */
struct sip_credentials {
	struct span username; /* as written; sip_unquote() */
	struct span realm, nonce, uri, response;
	struct span algorithm, qop, cnonce, nc;
};

/* False: it cannot be read, or says something twice. */
bool sip_credentials_parse(struct sip_credentials *ret, struct span text);

/* Lower-case digits of the parts one after another. */
void sip_digest(enum sip_algorithm a, const struct span *parts, size_t n,
		char ret_hex[SIP_DIGEST_MAX]);

/* What @c's response should be.  @ha1 in hexadecimal. */
void sip_digest_response(enum sip_algorithm a, const struct sip_credentials *c,
			 struct span ha1, struct span method,
			 char ret_hex[SIP_DIGEST_MAX]);
