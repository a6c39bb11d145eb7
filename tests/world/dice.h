/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dice.h - all chance in the world is one function: choose(n)
 *
 *     zero    every throw is 0: the orderly world of the scenarios
 *     seed    a generator: the random worlds of the simulator
 *     bytes   what a fuzzer wrote, then zeroes
 *
 * Zero is by convention the harmless outcome: no loss, no delay, in order.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
	uint64_t state;
	bool seeded;
	const uint8_t *bytes; /* the fuzzer's; it outlives the dice */
	size_t n_bytes;
};

void dice_zero(struct dice *dice);
void dice_seed(struct dice *dice, uint64_t seed);
void dice_bytes(struct dice *dice, const uint8_t *bytes, size_t n);

/* A number below @n, which is at least 1. */
unsigned int choose(struct dice *dice, unsigned int n);

/* True in @percent of a hundred throws; never where every throw is 0. */
bool choose_percent(struct dice *dice, unsigned int percent);
