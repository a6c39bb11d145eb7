/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * play.h - from payloads as they arrive to a frame of sound every 20 ms
 *
 *     play_put() --> jitter --> decode --> (left out) --> play_frame()
 *                       |                                    ^
 *                       +-- missing > conceal > comfort -----+
 *
 * What is missing is concealed by the last pitch period, which fades; after
 * 60 ms there is comfort noise at -66 dBov, so that the line does not seem
 * dead.
 */
#pragma once

#include "codec.h"

struct play;

struct play *play_new(void *ctx, enum media_codec codec,
		      enum media_g726 packing, unsigned int jitter_min_ms,
		      unsigned int jitter_max_ms);
void play_free(struct play *play);

/* The stream is another's now. */
void play_reset(struct play *play);

/* False: longer than CODEC_MS_MAX, or empty; dropped. */
bool play_put(struct play *play, uint32_t timestamp, const uint8_t *payload,
	      size_t len);

/* 20 ms at codec_rate_hz(); returns how many samples. */
size_t play_frame(struct play *play, int16_t ret_pcm[MEDIA_FRAME_SAMPLES_MAX]);

struct play_counts {
	uint64_t late;	       /* packets */
	uint64_t concealed_ms; /* invented since the first packet */
	uint64_t skipped_ms;
	unsigned int delay_ms; /* now */
};

void play_counts(const struct play *play, struct play_counts *ret_counts);
