/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * handset_sound.h - files in the place of microphone and loudspeaker
 *
 *     play FILE   --> every 20 ms --> pt_audio_tx()    (silence without one)
 *     record FILE <-- what comes  <-- pt_audio_next()
 *
 * A file that is named before there is sound waits for it.  The end of a call
 * ends both: the recording is whole then.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim_pt.h"

struct sound;

struct sound *sound_new(void *ctx, struct pt *pt);

/* In the place of an earlier one.  As wav_open() and wav_create(). */
int sound_play(struct sound *sound, const char *path);
int sound_record(struct sound *sound, const char *path);

bool sound_is_playing(const struct sound *sound);
bool sound_is_recording(const struct sound *sound);

/* Take what came, send what is due.  The error of a recording, which ends
 * with it; else 0. */
int sound_run(struct sound *sound, int64_t now_ms);
int64_t sound_next_ms(const struct sound *sound); /* INT64_MAX: no sound */

/* The call is over.  The error of the recording, else 0. */
int sound_over(struct sound *sound);
