/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sip_digest.c - see sip_digest.h */
#include "sip_digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <osmocom/core/utils.h>

#include "sip.h"
#include "sip_scan.h"

/* In the order in which they are offered. */
static const struct {
	const char *name;     /* RFC 7616, 6.1 */
	const char *provider; /* OpenSSL's name for it */
	size_t digits;
} algorithms[SIP_ALGORITHMS] = {
	[SIP_SHA256] = { "SHA-256", "SHA2-256", 64 },
	[SIP_MD5] = { "MD5", "MD5", 32 },
};

const char *sip_algorithm_name(enum sip_algorithm a)
{
	return algorithms[a].name;
}

size_t sip_algorithm_digits(enum sip_algorithm a)
{
	return algorithms[a].digits;
}

/* Fetched once and kept for the life of the process: OpenSSL 3 looks an
 * algorithm up by name at each use otherwise, which costs more than MD5. */
static struct {
	EVP_MD *md[SIP_ALGORITHMS];
	EVP_MD_CTX *ctx;
} openssl;

static void openssl_ready(void)
{
	if (openssl.ctx)
		return;
	for (int a = 0; a < SIP_ALGORITHMS; a++) {
		openssl.md[a] =
			EVP_MD_fetch(NULL, algorithms[a].provider, NULL);
		OSMO_ASSERT(openssl.md[a]);
	}
	openssl.ctx = EVP_MD_CTX_new();
	OSMO_ASSERT(openssl.ctx);
}

static void to_hex(char *hex, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
}

void sip_digest(enum sip_algorithm a, const struct span *parts, size_t n,
		char ret_hex[SIP_DIGEST_MAX])
{
	uint8_t sum[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	int ok;

	openssl_ready();
	ok = EVP_DigestInit_ex2(openssl.ctx, openssl.md[a], NULL);
	for (size_t i = 0; i < n && ok; i++)
		ok = EVP_DigestUpdate(openssl.ctx, parts[i].p, parts[i].n);
	ok = ok && EVP_DigestFinal_ex(openssl.ctx, sum, &len);
	OSMO_ASSERT(ok && len * 2 == algorithms[a].digits);
	to_hex(ret_hex, sum, len);
	OPENSSL_cleanse(sum, sizeof(sum));
}

static const struct span colon = { ":", 1 };

void sip_ha1(const char *user, const char *realm, const char *password,
	     char ret_md5[33], char ret_sha256[65])
{
	const struct span parts[] = { span_of(user), colon, span_of(realm),
				      colon, span_of(password) };
	char hex[SIP_DIGEST_MAX];

	sip_digest(SIP_MD5, parts, ARRAY_SIZE(parts), hex);
	memcpy(ret_md5, hex, 32);
	ret_md5[32] = '\0';
	sip_digest(SIP_SHA256, parts, ARRAY_SIZE(parts), hex);
	memcpy(ret_sha256, hex, 64);
	ret_sha256[64] = '\0';
	OPENSSL_cleanse(hex, sizeof(hex));
}

/* ---- credentials ---- */

static struct span bare(struct span value)
{
	if (value.n >= 2 && *value.p == '"')
		return (struct span){ value.p + 1, value.n - 2 };
	return value;
}

bool sip_credentials_parse(struct sip_credentials *ret, struct span text)
{
	struct sip_credentials c = { 0 };
	const struct {
		const char *name;
		struct span *value;
	} fields[] = {
		{ "username", &c.username },
		{ "realm", &c.realm },
		{ "nonce", &c.nonce },
		{ "uri", &c.uri },
		{ "response", &c.response },
		{ "algorithm", &c.algorithm },
		{ "qop", &c.qop },
		{ "cnonce", &c.cnonce },
		{ "nc", &c.nc },
	};

	sip_skip(&text, SIP_C_BLANK);
	for (;;) {
		struct span name = sip_take(&text, SIP_C_TOKEN), value;

		if (!name.n || !sip_take_sign(&text, '='))
			return false;
		if (!text.n)
			return false;
		if (*text.p != '"')
			value = sip_take(&text, SIP_C_VALUE);
		else if (!sip_take_quoted(&text, &value))
			return false;
		for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
			if (!span_case_is(name, fields[i].name))
				continue;
			if (fields[i].value->p)
				return false;
			*fields[i].value = value;
		}
		if (!sip_take_sign(&text, ','))
			break;
	}
	if (sip_trim(text).n)
		return false;
	for (size_t i = 1; i < ARRAY_SIZE(fields); i++)
		*fields[i].value = bare(*fields[i].value);
	*ret = c;
	return true;
}

bool sip_algorithm_find(struct span name, enum sip_algorithm *ret)
{
	if (!name.n) { /* RFC 2617, 3.2.1 */
		*ret = SIP_MD5;
		return true;
	}
	for (int a = 0; a < SIP_ALGORITHMS; a++) {
		if (span_case_is(name, algorithms[a].name)) {
			*ret = a;
			return true;
		}
	}
	return false;
}

void sip_digest_response(enum sip_algorithm a, const struct sip_credentials *c,
			 struct span ha1, struct span method,
			 char ret_hex[SIP_DIGEST_MAX])
{
	char ha2[SIP_DIGEST_MAX];
	const struct span a2[] = { method, colon, c->uri };
	const struct span parts[] = {
		ha1,
		colon,
		c->nonce,
		colon,
		c->nc,
		colon,
		c->cnonce,
		colon,
		c->qop,
		colon,
		{ ha2, algorithms[a].digits },
	};
	const struct span old_parts[] = {
		ha1, colon, c->nonce, colon, { ha2, algorithms[a].digits }
	};

	sip_digest(a, a2, ARRAY_SIZE(a2), ha2);
	if (c->qop.n)
		sip_digest(a, parts, ARRAY_SIZE(parts), ret_hex);
	else
		sip_digest(a, old_parts, ARRAY_SIZE(old_parts), ret_hex);
}
