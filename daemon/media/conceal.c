/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <osmocom/core/utils.h>

#include "conceal.h"
#include "stretch.h"

#define WHOLE_MS 10
#define SEEN_MS 10	 /* what must look alike */
#define PERIOD_MS_MAX 15 /* 66 Hz */
#define FADE_IN_MS 5

/* Below this there is no period: repeat as long a piece as there is, so that
 * noise does not begin to hum. */
#define VOICED_MIN 40

void conceal_init(struct conceal *conceal, unsigned int rate_hz)
{
	*conceal = (struct conceal){ .per_ms = rate_hz / 1000 };
}

static size_t history_size(const struct conceal *conceal)
{
	return conceal->per_ms * CONCEAL_HISTORY_MS;
}

static size_t find_period(const struct conceal *conceal)
{
	size_t seen = conceal->per_ms * SEEN_MS;
	size_t min = conceal->per_ms * 5 / 2;
	size_t max = conceal->per_ms * PERIOD_MS_MAX;
	const int16_t *last = conceal->history + history_size(conceal) - seen;
	size_t lag, best = max;
	int best_alike = VOICED_MIN;

	for (lag = min; lag <= max; lag++) {
		int alike = stretch_alike(last, last - lag, seen);

		if (alike > best_alike) {
			best = lag;
			best_alike = alike;
		}
	}
	return best;
}

/* The last period, its end bent so that it runs on into its beginning. */
static void find_cycle(struct conceal *conceal)
{
	const int16_t *end = conceal->history + history_size(conceal);
	size_t period = find_period(conceal);
	size_t seam = period / 4;

	memcpy(conceal->cycle, end - period, period * sizeof(*end));
	stretch_fade(conceal->cycle + period - seam, end - period - seam, seam);
	conceal->period = period;
}

/* Of 1024. */
static int gain(const struct conceal *conceal, size_t missing)
{
	size_t whole = conceal->per_ms * WHOLE_MS;
	size_t all = conceal->per_ms * CONCEAL_MS;

	if (missing < whole)
		return 1024;
	if (missing >= all)
		return 0;
	return 1024 * (all - missing) / (all - whole);
}

void conceal_invent(struct conceal *conceal, int16_t *ret_pcm, size_t samples)
{
	size_t i;

	if (conceal->missing == 0)
		find_cycle(conceal);
	for (i = 0; i < samples; i++, conceal->missing++)
		ret_pcm[i] =
			conceal->cycle[conceal->missing % conceal->period] *
			gain(conceal, conceal->missing) / 1024;
}

static void remember(struct conceal *conceal, const int16_t *pcm,
		     size_t samples)
{
	size_t size = history_size(conceal);
	size_t n = OSMO_MIN(samples, size);

	memmove(conceal->history, conceal->history + n,
		(size - n) * sizeof(*pcm));
	memcpy(conceal->history + size - n, pcm + samples - n,
	       n * sizeof(*pcm));
}

void conceal_heard(struct conceal *conceal, int16_t *pcm, size_t samples)
{
	int16_t before[FADE_IN_MS * 16];
	size_t n = OSMO_MIN(samples, conceal->per_ms * FADE_IN_MS);

	if (conceal->missing) {
		conceal_invent(conceal, before, n);
		stretch_fade(before, pcm, n);
		memcpy(pcm, before, n * sizeof(*pcm));
		conceal->missing = 0;
	}
	remember(conceal, pcm, samples);
}
