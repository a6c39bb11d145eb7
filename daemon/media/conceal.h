/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conceal.h - go on with a sound whose next piece is lost
 *
 *     heard     |~~~~~|~~A~~|~~B~~|  lost      |~~~~~|
 *     invented                    |~B~~~b~~~.~~|
 *
 * The last period of what was heard goes on, as in G.711 appendix I: whole
 * for 10 ms, then fading, gone after 60 ms.  What is heard next fades in over
 * it.  No delay is added.
 *
 * (spandsp has the like for 8 kHz only, and copies memory onto itself.)
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONCEAL_MS 60
#define CONCEAL_HISTORY_MS 30
#define CONCEAL_HISTORY_MAX (CONCEAL_HISTORY_MS * 16)

struct conceal {
	unsigned int per_ms; /* samples: 8 or 16 */
	int16_t history[CONCEAL_HISTORY_MAX];
	int16_t cycle[CONCEAL_HISTORY_MAX / 2];
	size_t period;	/* of the cycle */
	size_t missing; /* samples invented in a row */
};

void conceal_init(struct conceal *conceal, unsigned int rate_hz);

/* The beginning of @pcm is changed if something was invented before it. */
void conceal_heard(struct conceal *conceal, int16_t *pcm, size_t samples);

void conceal_invent(struct conceal *conceal, int16_t *ret_pcm, size_t samples);
