/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stretch.h - leave a little sound out, so that nobody hears it
 *
 *     before  |~~~~A~~~~|~~~~B~~~~|~~~~C~~~~|
 *     after   |~~~A>B~~~|~~~~C~~~~|
 *
 * One period of the sound, or in a pause any stretch of it, is left out: its
 * beginning fades over into what looks most alike a period later.  The pitch
 * stays what it was (overlap and add, as in WSOLA).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Shorten @pcm by between 2.5 ms and half its length, a multiple of two
 * samples.  Returns the new number of samples; @samples if it is too short
 * (10 ms), or if no two places are alike enough.
 */
size_t stretch_shorten(int16_t *pcm, size_t samples, unsigned int rate_hz);

/* How alike two sounds are, in percent: 100 the same, 0 nothing in common,
 * -100 opposite. */
int stretch_alike(const int16_t *a, const int16_t *b, size_t n);

/* @from, fading over into @to. */
void stretch_fade(int16_t *from, const int16_t *to, size_t n);
