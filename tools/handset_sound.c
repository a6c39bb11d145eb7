/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "handset_sound.h"
#include "handset_wav.h"

#define FRAME_MS 20

/* After a pause of ours, at most so much is made up for. */
#define LATE_MS_MAX 100

struct sound {
	struct pt *pt; /* the program's */
	struct wav_reader *reader;
	struct wav_writer *writer;
	bool flows;
	int64_t next_ms;
};

static int close_files(struct sound *sound)
{
	sound_over(sound);
	return 0;
}

struct sound *sound_new(void *ctx, struct pt *pt)
{
	struct sound *sound = talloc_zero(ctx, struct sound);

	OSMO_ASSERT(sound);
	sound->pt = pt;
	talloc_set_destructor(sound, close_files);
	return sound;
}

static void stop_playing(struct sound *sound)
{
	wav_reader_free(sound->reader);
	sound->reader = NULL;
}

static int stop_recording(struct sound *sound)
{
	struct wav_writer *writer = sound->writer;

	sound->writer = NULL;
	return writer ? wav_finish(writer) : 0;
}

int sound_play(struct sound *sound, const char *path)
{
	struct wav_reader *reader;
	int rc = wav_open(sound, path, &reader);

	if (rc)
		return rc;
	stop_playing(sound);
	sound->reader = reader;
	return 0;
}

int sound_record(struct sound *sound, const char *path)
{
	int rc = stop_recording(sound);

	return rc ? rc : wav_create(sound, path, &sound->writer);
}

bool sound_is_playing(const struct sound *sound)
{
	return sound->reader;
}

bool sound_is_recording(const struct sound *sound)
{
	return sound->writer;
}

static void speak(struct sound *sound, int64_t now_ms, unsigned int rate_hz)
{
	int16_t pcm[PT_FRAME_SAMPLES_MAX] = { 0 };
	size_t samples = rate_hz / 1000 * FRAME_MS;

	if (sound->reader &&
	    wav_read(sound->reader, rate_hz, pcm, samples) < samples)
		stop_playing(sound);
	pt_audio_tx(sound->pt, now_ms, pcm, samples);
}

static int hear(struct sound *sound)
{
	int16_t pcm[PT_FRAME_SAMPLES_MAX];
	size_t samples;
	int rc = 0;

	while ((samples = pt_audio_next(sound->pt, pcm)) > 0) {
		unsigned int rate_hz = samples * 1000 / FRAME_MS;

		if (!sound->writer || rc)
			continue;
		rc = wav_write(sound->writer, rate_hz, pcm, samples);
	}
	if (rc)
		stop_recording(sound);
	return rc;
}

int sound_run(struct sound *sound, int64_t now_ms)
{
	unsigned int rate_hz = pt_audio_rate(sound->pt);

	if (rate_hz && !sound->flows)
		sound->next_ms = now_ms;
	sound->flows = rate_hz;
	sound->next_ms = OSMO_MAX(sound->next_ms, now_ms - LATE_MS_MAX);
	while (sound->flows && sound->next_ms <= now_ms) {
		speak(sound, now_ms, rate_hz);
		sound->next_ms += FRAME_MS;
	}
	return hear(sound);
}

int64_t sound_next_ms(const struct sound *sound)
{
	return sound->flows ? sound->next_ms : INT64_MAX;
}

int sound_over(struct sound *sound)
{
	sound->flows = false;
	stop_playing(sound);
	return stop_recording(sound);
}
