/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_hash.h - a keyed hash, and numbers that nobody can guess
 *
 * SipHash-2-4 (Aumasson, Bernstein 2012).  Who does not know the key can
 * neither choose texts that fall into one bucket, nor foresee a tag, a
 * branch or a Call-ID of ours.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sip_key {
	uint64_t k[2];
};

uint64_t sip_hash(const struct sip_key *key, const void *data, size_t len);

/* Sixteen lower-case hexadecimal digits and a terminator. */
#define SIP_HEX 17
const char *sip_hash_hex(uint64_t number, char buf[SIP_HEX]);
/* False unless @text is just what sip_hash_hex() writes. */
bool sip_hash_unhex(const char *text, size_t len, uint64_t *ret_number);
