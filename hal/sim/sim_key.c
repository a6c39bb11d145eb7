/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim_key.c - see sim_key.h */
#include "sim_key.h"

#include <string.h>

#include <osmocom/core/utils.h>

/* ---- SHA-256 (FIPS 180-4, 6.2) ---- */

static const uint32_t round_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t ror(uint32_t x, unsigned int n)
{
	return x >> n | x << (32 - n);
}

static void block(uint32_t h[8], const uint8_t *p)
{
	uint32_t w[64];
	uint32_t v[8];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
		       (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
	for (int i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] +
		       (ror(a, 7) ^ ror(a, 18) ^ a >> 3) +
		       (ror(b, 17) ^ ror(b, 19) ^ b >> 10);
	}
	memcpy(v, h, sizeof(v));
	for (int i = 0; i < 64; i++) {
		uint32_t e = v[4], a = v[0];
		uint32_t t1 = v[7] + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) +
			      ((e & v[5]) ^ (~e & v[6])) + round_constants[i] +
			      w[i];
		uint32_t t2 = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) +
			      ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		h[i] += v[i];
}

void sim_sha256(const void *data, size_t n, uint8_t ret_hash[32])
{
	uint32_t h[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	const uint8_t *p = data;
	uint8_t tail[128] = { 0 };
	size_t rest = n % 64;
	size_t padded = rest < 56 ? 64 : 128;

	for (size_t at = 0; at + 64 <= n; at += 64)
		block(h, p + at);
	if (rest > 0)
		memcpy(tail, p + n - rest, rest);
	tail[rest] = 0x80;
	for (int i = 0; i < 8; i++)
		tail[padded - 1 - i] = (uint64_t)n * 8 >> (8 * i);
	for (size_t at = 0; at < padded; at += 64)
		block(h, tail + at);
	for (int i = 0; i < 32; i++)
		ret_hash[i] = h[i / 4] >> (24 - 8 * (i % 4));
}

/* RFC 2104, for short keys and messages alone. */
void sim_hmac(const void *key, size_t key_bytes, const void *data, size_t n,
	      uint8_t ret_mac[32])
{
	uint8_t inner[64 + 128];
	uint8_t outer[64 + 32];

	OSMO_ASSERT(key_bytes <= 64 && n <= 128);
	memset(inner, 0x36, 64);
	memset(outer, 0x5C, 64);
	for (size_t i = 0; i < key_bytes; i++) {
		inner[i] ^= ((const uint8_t *)key)[i];
		outer[i] ^= ((const uint8_t *)key)[i];
	}
	memcpy(inner + 64, data, n);
	sim_sha256(inner, 64 + n, outer + 64);
	sim_sha256(outer, sizeof(outer), ret_mac);
}

/* ---- the processes ---- */

static void process(uint8_t which, const uint8_t *key, size_t key_bytes,
		    const uint8_t *value, uint8_t *ret, size_t n)
{
	uint8_t text[1 + SIM_RAND_BYTES] = { which };
	uint8_t mac[32];

	memcpy(text + 1, value, SIM_RAND_BYTES);
	sim_hmac(key, key_bytes, text, sizeof(text), mac);
	memcpy(ret, mac, n);
}

void sim_key_session(enum sim_process which, const uint8_t *key,
		     size_t key_bytes, const uint8_t rs[SIM_RAND_BYTES],
		     uint8_t ret_ks[SIM_KEY_BYTES])
{
	process(0x10 | which, key, key_bytes, rs, ret_ks, SIM_KEY_BYTES);
}

void sim_key_result(enum sim_process which, const uint8_t ks[SIM_KEY_BYTES],
		    const uint8_t rand[SIM_RAND_BYTES],
		    uint8_t ret_res[SIM_RES_BYTES])
{
	process(0x20 | which, ks, SIM_KEY_BYTES, rand, ret_res, SIM_RES_BYTES);
}

bool sim_key_equal(const uint8_t *a, const uint8_t *b, size_t n)
{
	uint8_t differ = 0;

	for (size_t i = 0; i < n; i++)
		differ |= a[i] ^ b[i];
	return differ == 0;
}

void sim_random(struct sim_random *random, void *ret, size_t n)
{
	uint8_t mac[32];

	OSMO_ASSERT(n <= sizeof(mac));
	random->drawn++;
	sim_hmac(&random->seed, sizeof(random->seed), &random->drawn,
		 sizeof(random->drawn), mac);
	memcpy(ret, mac, n);
}
