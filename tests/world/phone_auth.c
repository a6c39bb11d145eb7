/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <strings.h>
#include <talloc.h>

#include <openssl/evp.h>

#include "phone_priv.h"

static char *hash(void *ctx, const char *algorithm, const char *text)
{
	const EVP_MD *md =
		strcasecmp(algorithm, "MD5") == 0 ? EVP_md5() : EVP_sha256();
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	char *hex = talloc_strdup(ctx, "");

	EVP_Digest(text, strlen(text), digest, &n, md, NULL);
	for (unsigned int i = 0; i < n; i++)
		hex = talloc_asprintf_append(hex, "%02x", digest[i]);
	return hex;
}

char *phone_ha1(void *ctx, const char *algorithm, const char *user,
		const char *realm, const char *password)
{
	char *text = talloc_asprintf(ctx, "%s:%s:%s", user, realm, password);
	char *ha1 = hash(ctx, algorithm, text);

	talloc_free(text);
	return ha1;
}

/* RFC 7616, 3.4.1, with qop=auth. */
char *phone_auth_header(void *ctx, struct phone *phone, const char *method,
			const char *uri)
{
	const char *alg = phone->algorithm;
	char *cnonce, *ha1, *ha2, *response, *out;
	void *tmp;

	if (!phone->nonce || !phone->password)
		return talloc_strdup(ctx, "");
	tmp = talloc_new(ctx);
	cnonce = talloc_asprintf(tmp, "c%u", ++phone->serial);
	phone->nonce_uses++;
	ha1 = hash(tmp, alg,
		   talloc_asprintf(tmp, "%s:%s:%s", phone->number, phone->realm,
				   phone->password));
	ha2 = hash(tmp, alg, talloc_asprintf(tmp, "%s:%s", method, uri));
	response = hash(tmp, alg,
			talloc_asprintf(tmp, "%s:%s:%08x:%s:auth:%s", ha1,
					phone->nonce, phone->nonce_uses, cnonce,
					ha2));
	out = talloc_asprintf(
		ctx,
		"%s: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", "
		"uri=\"%s\", response=\"%s\", algorithm=%s, cnonce=\"%s\", "
		"qop=auth, nc=%08x%s%s%s\r\n",
		phone->proxy_auth ? "Proxy-Authorization" : "Authorization",
		phone->number, phone->realm, phone->nonce, uri, response, alg,
		cnonce, phone->nonce_uses, phone->opaque ? ", opaque=\"" : "",
		phone->opaque ? phone->opaque : "", phone->opaque ? "\"" : "");
	talloc_free(tmp);
	return out;
}

bool phone_auth_learn(struct phone *phone, const struct wire *wire)
{
	const char *name =
		wire->status == 407 ? "Proxy-Authenticate" : "WWW-Authenticate";
	const char *value;

	if (!wire_get(wire, name))
		phone_fault(phone, "%d without %s", wire->status, name);
	for (size_t i = 0; (value = wire_nth(wire, name, i)); i++) {
		char *alg = wire_auth_param(phone, value, "algorithm");
		char *qop = wire_auth_param(phone, value, "qop");

		if (!alg)
			alg = talloc_strdup(phone, "MD5");
		/* The first that we know (RFC 8760, 2.4). */
		if (strcasecmp(alg, "MD5") != 0 &&
		    (phone->manners.md5 || strcasecmp(alg, "SHA-256") != 0))
			continue;
		if (!qop || !strstr(qop, "auth"))
			phone_fault(phone, "a challenge without qop=auth");
		phone->algorithm = alg;
		phone->nonce = wire_auth_param(phone, value, "nonce");
		phone->realm = wire_auth_param(phone, value, "realm");
		phone->opaque = wire_auth_param(phone, value, "opaque");
		phone->proxy_auth = wire->status == 407;
		phone->nonce_uses = 0;
		if (!phone->nonce || !phone->realm) {
			phone_fault(phone,
				    "a challenge without nonce or realm");
			return false;
		}
		return true;
	}
	return false;
}
