/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tone.h - the tones of a telephone exchange, a frame at a time
 *
 *     confirmation   ##__##__##__            100 ms on, 100 ms off, 3 times
 *     refusal        #####_____#####_____    250 ms on, 250 ms off, twice
 *
 * One frequency that every country takes for a tone of the exchange: 425 Hz
 * (ITU-T E.180, 5.2), at -13 dBm0; the cadence tells them apart.  Then it is
 * over.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TONE_PITCH_HZ 425

enum media_tone {
	MEDIA_TONE_NONE,
	MEDIA_TONE_CONFIRMATION,
	MEDIA_TONE_REFUSAL
};

/* Zero: silent. */
struct tone_state {
	enum media_tone which;
	unsigned int samples; /* played so far */
};

/* False: it is over, and @ret_pcm is as it was.  The rate is the same from
 * one frame to the next. */
bool tone_frame(struct tone_state *tone, unsigned int rate_hz, int16_t *ret_pcm,
		size_t samples);
