/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "identity.h"

#include <openssl/hmac.h>
#include <osmocom/core/utils.h>
#include <string.h>

void identity_rfpi(const uint8_t *seed, size_t seed_bytes, const char *name,
		   uint8_t ret_rfpi[5])
{
	uint8_t hash[EVP_MAX_MD_SIZE];

	OSMO_ASSERT(HMAC(EVP_sha256(), seed, (int)seed_bytes,
			 (const uint8_t *)name, strlen(name), hash, NULL));
	memcpy(ret_rfpi, hash, 5);
	ret_rfpi[0] &= 0x0F; /* no list of SARIs; ARI class A */
	ret_rfpi[4] &= 0xF8; /* RPN 0 */
}
