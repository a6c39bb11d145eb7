/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * codec.h - speech to bytes and back: G.722, G.711, G.726 by spandsp
 *
 *     PCM at codec_rate_hz() --> codec_encode() --> payload
 *     payload --> codec_decode() --> PCM at codec_rate_hz()
 *
 * A payload is a whole number of milliseconds for each codec: any number of
 * bytes is valid, and says how long it lasts.  The two directions keep their
 * own state, which exists only from codec_new() to codec_free().
 */
#pragma once

#include "media.h"

struct codec;

/* The longest payload that is taken: 80 ms. */
#define CODEC_MS_MAX 80
#define CODEC_SAMPLES_MAX (CODEC_MS_MAX * 16)
#define CODEC_BYTES_MAX (CODEC_MS_MAX * 8)

struct codec *codec_new(void *ctx, enum media_codec codec,
			enum media_g726 packing);
void codec_free(struct codec *codec);

/* Of the PCM: 16000 for G.722, 8000 else. */
unsigned int codec_rate_hz(enum media_codec codec);

/* RTP ticks (8000 Hz) that so many bytes last. */
uint32_t codec_ticks(enum media_codec codec, size_t bytes);

/* @samples are even, and at most CODEC_SAMPLES_MAX.  Returns bytes. */
size_t codec_encode(struct codec *codec, uint8_t *ret_payload,
		    const int16_t *pcm, size_t samples);

/* @bytes are at most CODEC_BYTES_MAX, half of it for G.726.  Returns
 * samples. */
size_t codec_decode(struct codec *codec, int16_t *ret_pcm,
		    const uint8_t *payload, size_t bytes);
