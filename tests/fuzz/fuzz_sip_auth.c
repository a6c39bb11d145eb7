/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_sip_auth.c - any bytes as the Authorization of a REGISTER
 *
 * The nonce of this fuzzer's own making may be in the input, its password is
 * not: nobody may ever get in.
 */
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "fuzz.h"
#include "sip_auth.h"
#include "sip_digest.h"

static const char head[] = "REGISTER sip:example.test SIP/2.0\r\n"
			   "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx\r\n"
			   "From: <sip:100@example.test>;tag=1\r\n"
			   "To: <sip:100@example.test>\r\n"
			   "Call-ID: x\r\n"
			   "CSeq: 1 REGISTER\r\n"
			   "Authorization: ";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_auth *auth;
	static struct sip_secret secret;
	static struct sip_msg msg;
	struct sip_credentials credentials;
	struct sip_fault fault;
	enum sip_auth_result result;
	size_t n = sizeof(head) - 1;
	char *text;

	if (!auth) {
		auth = sip_auth_new(NULL, "example.test", 4711, 300);
		sip_ha1("100", "example.test", "not to be guessed", secret.md5,
			secret.sha256);
	}
	sip_credentials_parse(&credentials,
			      (struct span){ (const char *)data, size });

	text = malloc(n + size + 4);
	if (!text)
		abort();
	memcpy(text, head, n);
	memcpy(text + n, data, size);
	memcpy(text + n + size, "\r\n\r\n", 4);
	if (sip_msg_parse(&msg, (uint8_t *)text, n + size + 4, &fault) == 0) {
		result = sip_auth_check(auth, 1000, &msg, false, span_of("100"),
					&secret);
		FUZZ_EXPECT(result != SIP_AUTH_OK);
		result = sip_auth_check(auth, 1000, &msg, false, span_of("100"),
					NULL);
		FUZZ_EXPECT(result != SIP_AUTH_OK);
	}
	free(text);
	return 0;
}
