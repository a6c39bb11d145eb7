/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_auth.c - see sip_auth.h
 *
 * A nonce is 16 hexadecimal digits of its birth (ms), and 32 of
 * SHA-256(key, birth): only we can make one, anyone may hold it.
 */
#include "sip_auth.h"

#include <openssl/crypto.h>
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "sip_digest.h"
#include "sip_scan.h"

#define BIRTH_DIGITS 16
#define MAC_DIGITS 32
#define NONCE_DIGITS (BIRTH_DIGITS + MAC_DIGITS)
#define NONCE_LIFE_S 300

struct sip_auth {
	const char *realm;
	int64_t life_ms;
	bool md5_first, md5_only;
	uint8_t key[32];
};

/* ---- nonces ---- */

static void nonce_write(const struct sip_auth *auth, int64_t birth_ms,
			char ret_nonce[NONCE_DIGITS])
{
	static const char hex[] = "0123456789abcdef";
	char mac[SIP_DIGEST_MAX];
	const struct span parts[] = {
		{ (const char *)auth->key, sizeof(auth->key) },
		{ ret_nonce, BIRTH_DIGITS },
	};

	for (int i = 0; i < BIRTH_DIGITS; i++)
		ret_nonce[i] = hex[(uint64_t)birth_ms >> (60 - 4 * i) & 15];
	sip_digest(SIP_SHA256, parts, ARRAY_SIZE(parts), mac);
	memcpy(ret_nonce + BIRTH_DIGITS, mac, MAC_DIGITS);
}

/* Was @nonce made by this process, and when? */
static bool nonce_is_ours(const struct sip_auth *auth, struct span nonce,
			  int64_t *ret_birth_ms)
{
	char again[NONCE_DIGITS];
	uint64_t birth = 0;

	if (nonce.n != NONCE_DIGITS)
		return false;
	for (int i = 0; i < BIRTH_DIGITS; i++) {
		char c = nonce.p[i];

		if (c >= '0' && c <= '9')
			birth = birth << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			birth = birth << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	nonce_write(auth, (int64_t)birth, again);
	if (CRYPTO_memcmp(again, nonce.p, NONCE_DIGITS) != 0)
		return false;
	*ret_birth_ms = (int64_t)birth;
	return true;
}

/* ---- the check ---- */

/* The one set of credentials among the headers that is for our realm. */
static bool credentials_find(const struct sip_auth *auth,
			     const struct sip_msg *msg, enum sip_header_id id,
			     struct sip_credentials *ret)
{
	const struct sip_header *header;

	sip_msg_for_each(msg, id, header)
	{
		struct span text = header->value;

		if (span_case_is(sip_take(&text, SIP_C_TOKEN), "Digest") &&
		    sip_credentials_parse(ret, text) &&
		    span_is(ret->realm, auth->realm))
			return true;
	}
	return false;
}

static bool is_hex(struct span text, size_t n)
{
	if (text.n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = text.p[i] | 0x20;

		if (!(text.p[i] >= '0' && text.p[i] <= '9') &&
		    !(c >= 'a' && c <= 'f'))
			return false;
	}
	return true;
}

static bool response_is_right(const struct sip_credentials *c,
			      enum sip_algorithm a, struct span ha1,
			      struct span method)
{
	char expected[SIP_DIGEST_MAX], given[SIP_DIGEST_MAX];
	size_t digits = sip_algorithm_digits(a);

	if (!is_hex(c->response, digits))
		return false;
	sip_digest_response(a, c, ha1, method, expected);
	/* Some phones write capitals. */
	for (size_t i = 0; i < digits; i++) {
		char p = c->response.p[i];

		given[i] = p >= 'A' && p <= 'F' ? (char)(p | 0x20) : p;
	}
	return CRYPTO_memcmp(expected, given, digits) == 0;
}

/*
 * The URI that was signed is the one that is asked for (RFC 7616, 3.4.6).
 * Compared are user, host and port alone: phones write parameters in the
 * one and not in the other.
 */
static bool uri_is_meant(struct span signed_text, const struct sip_uri *asked)
{
	struct sip_uri uri;

	if (span_eq(signed_text, asked->text))
		return true;
	if (sip_uri_parse(&uri, signed_text) < 0)
		return false;
	return uri.scheme == asked->scheme && span_eq(uri.user, asked->user) &&
	       uri.host.n == asked->host.n &&
	       strncasecmp(uri.host.p, asked->host.p, uri.host.n) == 0 &&
	       (uri.port == asked->port || !uri.port || !asked->port);
}

static bool user_is(struct span quoted, struct span user)
{
	char buf[128];

	return quoted.n <= sizeof(buf) &&
	       span_eq(sip_unquote(quoted, buf, sizeof(buf)), user);
}

enum sip_auth_result sip_auth_check(struct sip_auth *auth, int64_t now_ms,
				    const struct sip_msg *msg, bool proxy,
				    struct span user,
				    const struct sip_secret *secret)
{
	/* What a user that does not exist is computed with. */
	static const char nobody[] = "00000000000000000000000000000000"
				     "00000000000000000000000000000000";
	struct sip_credentials c;
	enum sip_algorithm a;
	int64_t birth_ms;
	struct span ha1;
	bool right, known;

	if (!credentials_find(auth, msg,
			      proxy ? SIP_H_PROXY_AUTHORIZATION
				    : SIP_H_AUTHORIZATION,
			      &c) ||
	    !nonce_is_ours(auth, c.nonce, &birth_ms))
		return SIP_AUTH_CHALLENGE;
	if (birth_ms > now_ms || now_ms - birth_ms > auth->life_ms)
		return SIP_AUTH_STALE;
	if (!sip_algorithm_find(c.algorithm, &a) || !c.username.n ||
	    (c.qop.n &&
	     (!span_case_is(c.qop, "auth") || !c.cnonce.n || !is_hex(c.nc, 8))))
		return SIP_AUTH_WRONG;

	ha1 = (struct span){ nobody, sip_algorithm_digits(a) };
	known = secret && (a == SIP_MD5 ? secret->md5 : secret->sha256)[0];
	if (known)
		ha1.p = a == SIP_MD5 ? secret->md5 : secret->sha256;
	right = response_is_right(&c, a, ha1, msg->method_text);
	right &= known;
	right &= user_is(c.username, user);
	right &= uri_is_meant(c.uri, &msg->uri);
	return right ? SIP_AUTH_OK : SIP_AUTH_WRONG;
}

/* ---- the challenge ---- */

void sip_auth_challenge(struct sip_auth *auth, int64_t now_ms,
			struct sip_writer *w, bool proxy, bool stale)
{
	char nonce[NONCE_DIGITS];

	nonce_write(auth, now_ms, nonce);
	for (int i = 0; i < SIP_ALGORITHMS; i++) {
		int a = auth->md5_first ? SIP_ALGORITHMS - 1 - i : i;

		if (auth->md5_only && a != SIP_MD5)
			continue;
		sip_write_text(w, proxy ? "Proxy-Authenticate: Digest realm="
					: "WWW-Authenticate: Digest realm=");
		sip_write_quoted(w, span_of(auth->realm));
		sip_write_text(w, ", nonce=");
		sip_write_quoted(w, (struct span){ nonce, NONCE_DIGITS });
		sip_write_text(w, ", qop=\"auth\", algorithm=");
		sip_write_text(w, sip_algorithm_name(a));
		if (stale)
			sip_write_text(w, ", stale=true");
		sip_write_line_end(w);
	}
}

void sip_auth_set_md5_first(struct sip_auth *auth, bool md5_first)
{
	auth->md5_first = md5_first;
}

void sip_auth_set_md5_only(struct sip_auth *auth, bool md5_only)
{
	auth->md5_only = md5_only;
}

struct sip_auth *sip_auth_new(void *ctx, const char *realm, uint64_t seed,
			      uint32_t nonce_life_s)
{
	struct sip_auth *auth = talloc_zero(ctx, struct sip_auth);
	const struct span parts[] = {
		span_of("nonce key"),
		{ (const char *)&seed, sizeof(seed) },
	};
	char hex[SIP_DIGEST_MAX];

	OSMO_ASSERT(auth);
	auth->realm = talloc_strdup(auth, realm);
	OSMO_ASSERT(auth->realm);
	auth->life_ms = (nonce_life_s ? nonce_life_s : NONCE_LIFE_S) * 1000LL;
	sip_digest(SIP_SHA256, parts, ARRAY_SIZE(parts), hex);
	memcpy(auth->key, hex, sizeof(auth->key));
	return auth;
}
