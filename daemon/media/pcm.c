/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include <speex/speex_resampler.h>

#include "pcm.h"

/* Of speexdsp's 0 to 10: 32 taps, enough for speech. */
#define QUALITY 3

struct resampler {
	SpeexResamplerState *state;
};

size_t pcm_put(struct pcm *pcm, const int16_t *samples, size_t n)
{
	size_t gone = 0;

	OSMO_ASSERT(n <= PCM_SAMPLES_MAX);
	if (pcm->n + n > PCM_SAMPLES_MAX) {
		gone = pcm->n + n - PCM_SAMPLES_MAX;
		pcm->n -= gone;
		memmove(pcm->v, pcm->v + gone, pcm->n * sizeof(*pcm->v));
	}
	memcpy(pcm->v + pcm->n, samples, n * sizeof(*samples));
	pcm->n += n;
	return gone;
}

void pcm_take(struct pcm *pcm, int16_t *ret_samples, size_t n)
{
	size_t have = OSMO_MIN(n, pcm->n);

	memcpy(ret_samples, pcm->v, have * sizeof(*ret_samples));
	memset(ret_samples + have, 0, (n - have) * sizeof(*ret_samples));
	pcm->n -= have;
	memmove(pcm->v, pcm->v + have, pcm->n * sizeof(*pcm->v));
}

static int release(struct resampler *resampler)
{
	speex_resampler_destroy(resampler->state);
	return 0;
}

struct resampler *resampler_new(void *ctx, unsigned int from_hz,
				unsigned int to_hz)
{
	struct resampler *resampler;
	int rc;

	if (from_hz == to_hz)
		return NULL;
	resampler = talloc_zero(ctx, struct resampler);
	OSMO_ASSERT(resampler);
	resampler->state =
		speex_resampler_init(1, from_hz, to_hz, QUALITY, &rc);
	OSMO_ASSERT(resampler->state);
	talloc_set_destructor(resampler, release);
	return resampler;
}

void resampler_free(struct resampler *resampler)
{
	talloc_free(resampler);
}

size_t resampler_put(struct resampler *resampler, struct pcm *pcm,
		     const int16_t *samples, size_t n)
{
	int16_t out[PCM_SAMPLES_MAX];
	spx_uint32_t n_in = n, n_out = PCM_SAMPLES_MAX;

	if (!resampler)
		return pcm_put(pcm, samples, n);
	OSMO_ASSERT(n <= PCM_SAMPLES_MAX / 2);
	speex_resampler_process_int(resampler->state, 0, samples, &n_in, out,
				    &n_out);
	return pcm_put(pcm, out, n_out);
}
