/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tone.h - a tone to send, and how much of what came is that tone
 */
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>

struct tone {
	double hz;
	unsigned int rate_hz;
	uint64_t n; /* samples made */
};

static inline void tone_make(struct tone *tone, int16_t *pcm, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++, tone->n++)
		pcm[i] = lrint(9000 * sin(2 * M_PI * tone->hz * tone->n /
					  tone->rate_hz));
}

/* The part of the energy at @hz: 0 to 1 (Goertzel).  Taken in pieces of
 * 20 ms, so that a change of phase between them does not count. */
static inline double tone_part(const int16_t *pcm, size_t n,
			       unsigned int rate_hz, double hz)
{
	double k = 2 * cos(2 * M_PI * hz / rate_hz), found = 0, all = 1;
	size_t piece = rate_hz / 50, i, j;

	for (i = 0; i + piece <= n; i += piece) {
		double s1 = 0, s2 = 0;

		for (j = 0; j < piece; j++) {
			double s = pcm[i + j] + k * s1 - s2;

			s2 = s1;
			s1 = s;
			all += (double)pcm[i + j] * pcm[i + j];
		}
		found += (s1 * s1 + s2 * s2 - k * s1 * s2) * 2 / piece;
	}
	return found / all;
}
