/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim_key.h - authentication and keys on the simulated air
 *
 *     K  --RS-->  KS   --RAND-->  RES1    the handset proves K
 *     K  --RS-->  KS'  --RAND-->  RES2    the base proves K; UAK := KS'
 *
 * The processes A11, A12, A21, A22 of EN 300 175-7 with their lengths, but
 * with HMAC-SHA-256 (RFC 2104, FIPS 180-4), cut, in the place of DSAA, whose
 * specification is not public.  So a real handset would not agree.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_KEY_BYTES 16
#define SIM_RAND_BYTES 8
#define SIM_RES_BYTES 4

enum sim_process { SIM_OF_HANDSET = 1, SIM_OF_BASE = 2 };

/* KS (of the handset) or KS' (of the base) from an AC of 4 octets or a UAK. */
void sim_key_session(enum sim_process process, const uint8_t *key,
		     size_t key_bytes, const uint8_t rs[SIM_RAND_BYTES],
		     uint8_t ret_ks[SIM_KEY_BYTES]);
void sim_key_result(enum sim_process process, const uint8_t ks[SIM_KEY_BYTES],
		    const uint8_t rand[SIM_RAND_BYTES],
		    uint8_t ret_res[SIM_RES_BYTES]);
/* Compares in constant time. */
bool sim_key_equal(const uint8_t *a, const uint8_t *b, size_t n);

/* Unpredictable to who does not know the seed. */
struct sim_random {
	uint64_t seed, drawn;
};

void sim_random(struct sim_random *random, void *ret, size_t n);

/* For its test: the plain hash and HMAC. */
void sim_sha256(const void *data, size_t n, uint8_t ret_hash[32]);
void sim_hmac(const void *key, size_t key_bytes, const void *data, size_t n,
	      uint8_t ret_mac[32]);
