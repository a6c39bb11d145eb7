/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <talloc.h>

#include <osmocom/core/utils.h>

#include <spandsp.h>

#include "codec.h"

struct codec {
	enum media_codec codec;
	union {
		g722_encode_state_t *g722;
		g726_state_t *g726;
	} encoder;
	union {
		g722_decode_state_t *g722;
		g726_state_t *g726;
	} decoder;
};

static int release(struct codec *codec)
{
	switch (codec->codec) {
	case MEDIA_G722:
		g722_encode_free(codec->encoder.g722);
		g722_decode_free(codec->decoder.g722);
		break;
	case MEDIA_G726:
		g726_free(codec->encoder.g726);
		g726_free(codec->decoder.g726);
		break;
	default:
		break;
	}
	return 0;
}

struct codec *codec_new(void *ctx, enum media_codec kind,
			enum media_g726 packing)
{
	struct codec *codec = talloc_zero(ctx, struct codec);
	int pack = packing == MEDIA_G726_AAL2 ? G726_PACKING_LEFT
					      : G726_PACKING_RIGHT;

	OSMO_ASSERT(codec);
	codec->codec = kind;
	switch (kind) {
	case MEDIA_G722:
		codec->encoder.g722 = g722_encode_init(NULL, 64000, 0);
		codec->decoder.g722 = g722_decode_init(NULL, 64000, 0);
		OSMO_ASSERT(codec->encoder.g722 && codec->decoder.g722);
		break;
	case MEDIA_G726:
		codec->encoder.g726 =
			g726_init(NULL, 32000, G726_ENCODING_LINEAR, pack);
		codec->decoder.g726 =
			g726_init(NULL, 32000, G726_ENCODING_LINEAR, pack);
		OSMO_ASSERT(codec->encoder.g726 && codec->decoder.g726);
		break;
	default:
		break; /* G.711 has no memory */
	}
	talloc_set_destructor(codec, release);
	return codec;
}

void codec_free(struct codec *codec)
{
	talloc_free(codec);
}

unsigned int codec_rate_hz(enum media_codec codec)
{
	return codec == MEDIA_G722 ? 16000 : 8000;
}

uint32_t codec_ticks(enum media_codec codec, size_t bytes)
{
	return codec == MEDIA_G726 ? bytes * 2 : bytes;
}

size_t codec_encode(struct codec *codec, uint8_t *ret_payload,
		    const int16_t *pcm, size_t samples)
{
	size_t i;

	OSMO_ASSERT(samples % 2 == 0 && samples <= CODEC_SAMPLES_MAX);
	switch (codec->codec) {
	case MEDIA_G722:
		return g722_encode(codec->encoder.g722, ret_payload, pcm,
				   samples);
	case MEDIA_G726:
		return g726_encode(codec->encoder.g726, ret_payload, pcm,
				   samples);
	case MEDIA_PCMA:
		for (i = 0; i < samples; i++)
			ret_payload[i] = linear_to_alaw(pcm[i]);
		return samples;
	case MEDIA_PCMU:
		for (i = 0; i < samples; i++)
			ret_payload[i] = linear_to_ulaw(pcm[i]);
		return samples;
	case MEDIA_NONE:
		break;
	}
	return 0;
}

size_t codec_decode(struct codec *codec, int16_t *ret_pcm,
		    const uint8_t *payload, size_t bytes)
{
	size_t i;

	OSMO_ASSERT(codec_ticks(codec->codec, bytes) <= CODEC_MS_MAX * 8);
	switch (codec->codec) {
	case MEDIA_G722:
		return g722_decode(codec->decoder.g722, ret_pcm, payload,
				   bytes);
	case MEDIA_G726:
		return g726_decode(codec->decoder.g726, ret_pcm, payload,
				   bytes);
	case MEDIA_PCMA:
		for (i = 0; i < bytes; i++)
			ret_pcm[i] = alaw_to_linear(payload[i]);
		return bytes;
	case MEDIA_PCMU:
		for (i = 0; i < bytes; i++)
			ret_pcm[i] = ulaw_to_linear(payload[i]);
		return bytes;
	case MEDIA_NONE:
		break;
	}
	return 0;
}
