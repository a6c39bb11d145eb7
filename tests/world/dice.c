/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <osmocom/core/utils.h>

#include "dice.h"

void dice_zero(struct dice *dice)
{
	*dice = (struct dice){ 0 };
}

void dice_seed(struct dice *dice, uint64_t seed)
{
	*dice = (struct dice){ .state = seed, .seeded = true };
}

void dice_bytes(struct dice *dice, const uint8_t *bytes, size_t n)
{
	*dice = (struct dice){ .bytes = bytes, .n_bytes = n };
}

/* splitmix64: short, well mixed, and the same on every machine. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

unsigned int choose(struct dice *dice, unsigned int n)
{
	OSMO_ASSERT(n > 0);

	if (dice->seeded)
		return next(&dice->state) % n;
	if (dice->n_bytes == 0)
		return 0;
	dice->n_bytes--;
	return *dice->bytes++ % n;
}

bool choose_percent(struct dice *dice, unsigned int percent)
{
	return choose(dice, 100) >= 100 - percent;
}
