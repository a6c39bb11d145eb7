/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * identity.h - what a base of ours broadcasts
 *
 * A handset looks for the base that it subscribed to, so a base has the same
 * identity after each start, and another gateway's base of the same name has
 * another one.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* RFPI of class A, radio 0 (EN 300 175-6, 5 and 6), from the gateway's secret
 * @seed and the base's @name. */
void identity_rfpi(const uint8_t *seed, size_t seed_bytes, const char *name,
		   uint8_t ret_rfpi[5]);
