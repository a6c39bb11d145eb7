/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "conceal.h"
#include "jitter.h"
#include "pcm.h"
#include "play.h"
#include "rtp.h"
#include "stretch.h"

#define FRAME_TICKS (MEDIA_FRAME_MS * RTP_TICKS_PER_MS)

#define CONCEAL_TICKS (CONCEAL_MS * RTP_TICKS_PER_MS)

/* Less surplus than this is not worth a seam. */
#define SKIP_TICKS_MIN (5 * RTP_TICKS_PER_MS)

/* Peak of the comfort noise. */
#define NOISE_PEAK 24

struct play {
	enum media_codec kind;
	unsigned int per_tick; /* samples: 1 or 2 */
	struct codec *codec;
	struct jitter *jitter;
	struct conceal conceal;
	struct pcm pcm;
	bool heard;	  /* a stream has begun */
	uint32_t missing; /* ticks concealed in a row */
	uint32_t noise;
	uint64_t concealed; /* ticks */
};

struct play *play_new(void *ctx, enum media_codec codec,
		      enum media_g726 packing, unsigned int jitter_min_ms,
		      unsigned int jitter_max_ms)
{
	struct play *play = talloc_zero(ctx, struct play);

	OSMO_ASSERT(play && codec != MEDIA_NONE);
	play->kind = codec;
	play->per_tick = codec_rate_hz(codec) / 1000 / RTP_TICKS_PER_MS;
	play->codec = codec_new(play, codec, packing);
	play->jitter = jitter_new(play, jitter_min_ms, jitter_max_ms);
	play->noise = 1;
	conceal_init(&play->conceal, codec_rate_hz(codec));
	return play;
}

void play_free(struct play *play)
{
	talloc_free(play);
}

void play_reset(struct play *play)
{
	jitter_reset(play->jitter);
}

bool play_put(struct play *play, uint32_t timestamp, const uint8_t *payload,
	      size_t len)
{
	uint32_t ticks = codec_ticks(play->kind, len);

	if (ticks == 0 || ticks > CODEC_MS_MAX * RTP_TICKS_PER_MS)
		return false;
	jitter_put(play->jitter, timestamp, ticks, payload, len);
	play->heard = true;
	return true;
}

static void comfort(struct play *play, int16_t *pcm, size_t samples)
{
	size_t i;

	/* A linear congruence (Numerical Recipes): noise, not chance. */
	for (i = 0; i < samples; i++) {
		play->noise = play->noise * 1664525 + 1013904223;
		pcm[i] = (int)(play->noise >> 16) % (2 * NOISE_PEAK + 1) -
			 NOISE_PEAK;
	}
}

static void invent(struct play *play, uint32_t ticks)
{
	int16_t pcm[FRAME_TICKS * 2];
	size_t samples = ticks * play->per_tick;

	OSMO_ASSERT(ticks <= FRAME_TICKS);
	if (play->heard && play->missing < CONCEAL_TICKS)
		conceal_invent(&play->conceal, pcm, samples);
	else
		comfort(play, pcm, samples);
	play->missing += ticks;
	if (play->heard)
		play->concealed += ticks;
	pcm_put(&play->pcm, pcm, samples);
}

static size_t leave_out(struct play *play, int16_t *pcm, size_t samples)
{
	size_t fewer;

	if (jitter_surplus(play->jitter) < SKIP_TICKS_MIN)
		return samples;
	fewer = stretch_shorten(pcm, samples, codec_rate_hz(play->kind));
	jitter_skipped(play->jitter, (samples - fewer) / play->per_tick);
	return fewer;
}

static void decode(struct play *play, const struct jitter_sound *sound)
{
	int16_t pcm[CODEC_SAMPLES_MAX];
	size_t samples;

	samples = codec_decode(play->codec, pcm, sound->data, sound->len);
	conceal_heard(&play->conceal, pcm, samples);
	samples = leave_out(play, pcm, samples);
	play->missing = 0;
	pcm_put(&play->pcm, pcm, samples);
}

size_t play_frame(struct play *play, int16_t ret_pcm[MEDIA_FRAME_SAMPLES_MAX])
{
	size_t want = FRAME_TICKS * play->per_tick;

	while (play->pcm.n < want) {
		size_t short_of = want - play->pcm.n;
		uint32_t need = short_of / play->per_tick;
		struct jitter_sound sound;

		OSMO_ASSERT(need > 0); /* all pieces are whole ticks */
		jitter_get(play->jitter, need, &sound);
		if (sound.verdict == JITTER_PACKET)
			decode(play, &sound);
		else
			invent(play, sound.ticks);
	}
	pcm_take(&play->pcm, ret_pcm, want);
	return want;
}

void play_counts(const struct play *play, struct play_counts *ret_counts)
{
	struct jitter_counts counts;

	jitter_counts(play->jitter, &counts);
	*ret_counts = (struct play_counts){
		.late = counts.late,
		.concealed_ms = play->concealed / RTP_TICKS_PER_MS,
		.skipped_ms = counts.skipped / RTP_TICKS_PER_MS,
		.delay_ms = (jitter_depth(play->jitter) +
			     play->pcm.n / play->per_tick) /
			    RTP_TICKS_PER_MS,
	};
}
