/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz.h - what a fuzz target is: one function that takes any bytes
 *
 * It returns 0 always, and fails by crashing: FUZZ_EXPECT() for what must be
 * true of every input.  How targets are built and run: meson.build here.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FUZZ_EXPECT(condition)                                                 \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
				__LINE__, #condition);                         \
			abort();                                               \
		}                                                              \
	} while (0)

__attribute__((visibility("default"))) int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
