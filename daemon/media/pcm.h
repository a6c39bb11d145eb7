/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pcm.h - a short queue of samples, and the way from one rate to another
 *
 *     resampler_put() --> struct pcm --> pcm_take()
 *
 * Bounded: what does not fit pushes the oldest out.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* 80 ms of a packet and 60 ms of rest, at 16 kHz. */
#define PCM_SAMPLES_MAX (140 * 16)

struct pcm {
	size_t n;
	int16_t v[PCM_SAMPLES_MAX];
};

/* Returns how many of the oldest had to go. */
size_t pcm_put(struct pcm *pcm, const int16_t *samples, size_t n);

/* @n samples, or if there are less, silence behind them. */
void pcm_take(struct pcm *pcm, int16_t *ret_samples, size_t n);

struct resampler;

/* NULL if the rates are the same. */
struct resampler *resampler_new(void *ctx, unsigned int from_hz,
				unsigned int to_hz);
void resampler_free(struct resampler *resampler);

/* @n at most PCM_SAMPLES_MAX / 2.  A resampler that is NULL changes nothing.
 * Returns like pcm_put(). */
size_t resampler_put(struct resampler *resampler, struct pcm *pcm,
		     const int16_t *samples, size_t n);
