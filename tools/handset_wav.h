/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * handset_wav.h - sound files: 16-bit linear PCM in RIFF
 *
 *     file --> wav_open()   --> wav_read() at any rate --> microphone
 *     loudspeaker --> wav_write() --> wav_create() --> file
 *
 * Played is mono or stereo (mixed) at 8 to 48 kHz.  Recorded is mono at the
 * rate of the call.  The header of a recording is put right each quarter of
 * a second, so that even one that was cut off can be played.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wav_reader;

/* -EBADMSG: no such sound file; -ENOTSUP: another format than those above;
 * -errno. */
int wav_open(void *ctx, const char *path, struct wav_reader **ret_reader);
void wav_reader_free(struct wav_reader *reader);

/* @n samples at @rate_hz; less at the end of the file, then 0. */
size_t wav_read(struct wav_reader *reader, unsigned int rate_hz,
		int16_t *ret_pcm, size_t n);

struct wav_writer;

int wav_create(void *ctx, const char *path, struct wav_writer **ret_writer);

/* The first piece sets the rate of the file; other rates are converted. */
int wav_write(struct wav_writer *writer, unsigned int rate_hz,
	      const int16_t *pcm, size_t n);

/* Puts the header right and closes the file; frees in any case. */
int wav_finish(struct wav_writer *writer);
