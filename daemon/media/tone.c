/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tone.h"

#include <math.h>

#define AMPLITUDE 7200 /* -13 dBm0; full scale is +3.14 dBm0 */

static const struct {
	unsigned int on_ms, off_ms, times;
} cadences[] = {
	[MEDIA_TONE_CONFIRMATION] = { 100, 100, 3 },
	[MEDIA_TONE_REFUSAL] = { 250, 250, 2 },
};

bool tone_frame(struct tone_state *tone, unsigned int rate_hz, int16_t *ret_pcm,
		size_t samples)
{
	unsigned int per_ms = rate_hz / 1000;
	unsigned int on = cadences[tone->which].on_ms * per_ms;
	unsigned int period = on + cadences[tone->which].off_ms * per_ms;
	unsigned int end = period * cadences[tone->which].times;
	size_t i;

	if (tone->samples >= end)
		return false;
	for (i = 0; i < samples; i++, tone->samples++) {
		double turns = (double)TONE_PITCH_HZ * tone->samples / rate_hz;

		ret_pcm[i] = tone->samples < end && tone->samples % period < on
				     ? AMPLITUDE * sin(2 * M_PI * turns)
				     : 0;
	}
	return true;
}
