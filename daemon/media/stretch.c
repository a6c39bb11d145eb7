/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "stretch.h"

/* Mean energy of a sample below which nobody hears a seam: -50 dBov. */
#define QUIET 10000

/* How alike two places must be for a seam between them, in percent. */
#define ALIKE_MIN 60

static int64_t energy(const int16_t *a, const int16_t *b, size_t n)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += (int64_t)a[i] * a[i] + (int64_t)b[i] * b[i];
	return sum / 2;
}

int stretch_alike(const int16_t *a, const int16_t *b, size_t n)
{
	int64_t all = energy(a, b, n);
	int64_t product = 0;
	size_t i;

	for (i = 0; i < n; i++)
		product += a[i] * b[i];
	return all ? (int)(100 * product / all) : 100;
}

void stretch_fade(int16_t *from, const int16_t *to, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		from[i] = (from[i] * (int)(n - i) + to[i] * (int)i) / (int)n;
}

static bool is_quiet(const int16_t *a, const int16_t *b, size_t n)
{
	return energy(a, b, n) < (int64_t)n * QUIET;
}

size_t stretch_shorten(int16_t *pcm, size_t samples, unsigned int rate_hz)
{
	size_t seam = samples / 4;
	size_t min = rate_hz / 400; /* 2.5 ms */
	size_t max = samples / 2;
	size_t lag, best = 0;
	int best_alike = ALIKE_MIN - 1;

	if (samples < rate_hz / 100)
		return samples;

	/* Of equals, the longest: fewer seams for the same gain. */
	for (lag = max & ~(size_t)1; lag >= min; lag -= 2) {
		int alike = is_quiet(pcm, pcm + lag, seam)
				    ? 100
				    : stretch_alike(pcm, pcm + lag, seam);

		if (alike > best_alike) {
			best = lag;
			best_alike = alike;
		}
		if (alike == 100)
			break;
	}
	if (best == 0)
		return samples;

	stretch_fade(pcm, pcm + best, seam);
	memmove(pcm + seam, pcm + best + seam,
		(samples - best - seam) * sizeof(*pcm));
	return samples - best;
}
