/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include <speex/speex_resampler.h>

#include "handset_wav.h"

#define HEADER_BYTES 44
#define RATE_MIN 8000
#define RATE_MAX 48000
#define RATE_DEFAULT 8000
#define FORMAT_PCM 1
#define FORMAT_EXTENSIBLE 0xfffe
#define PIECE 480
#define QUALITY 5
#define BYTES_MAX (UINT32_MAX - HEADER_BYTES)

struct wav_reader {
	FILE *file;
	unsigned int rate_hz, channels;
	uint32_t left; /* bytes of sound */
	unsigned int out_hz;
	SpeexResamplerState *resampler;
	int16_t pcm[PIECE]; /* mono, at the file's rate */
	size_t n, used;
};

struct wav_writer {
	FILE *file;
	unsigned int rate_hz; /* 0: nothing written yet */
	unsigned int in_hz;
	SpeexResamplerState *resampler;
	uint32_t bytes, marked; /* written; as the header says */
};

static uint32_t load32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint16_t load16(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

static void store32(uint8_t *p, uint32_t v)
{
	p[0] = v;
	p[1] = v >> 8;
	p[2] = v >> 16;
	p[3] = v >> 24;
}

static void store16(uint8_t *p, uint16_t v)
{
	p[0] = v;
	p[1] = v >> 8;
}

static SpeexResamplerState *resampler(unsigned int from_hz, unsigned int to_hz)
{
	SpeexResamplerState *state;

	if (from_hz == to_hz)
		return NULL;
	state = speex_resampler_init(1, from_hz, to_hz, QUALITY, NULL);
	OSMO_ASSERT(state);
	return state;
}

static void resampler_drop(SpeexResamplerState *state)
{
	if (state)
		speex_resampler_destroy(state);
}

/* ---- reading ---- */

static int reader_close(struct wav_reader *reader)
{
	resampler_drop(reader->resampler);
	if (reader->file)
		fclose(reader->file);
	return 0;
}

void wav_reader_free(struct wav_reader *reader)
{
	talloc_free(reader);
}

static bool get(FILE *file, uint8_t *buf, size_t n)
{
	return fread(buf, 1, n, file) == n;
}

/* Chunks begin at even places. */
static bool skip(FILE *file, uint32_t bytes)
{
	return fseeko(file, (off_t)bytes + (bytes & 1), SEEK_CUR) == 0;
}

static int read_format(struct wav_reader *reader, uint32_t bytes)
{
	uint8_t format[40] = { 0 };
	size_t n = OSMO_MIN(bytes, sizeof(format));
	uint16_t tag;

	if (bytes < 16 || !get(reader->file, format, n) ||
	    !skip(reader->file, bytes - n))
		return -EBADMSG;
	tag = load16(format);
	if (tag == FORMAT_EXTENSIBLE)
		tag = load16(format + 24);
	reader->channels = load16(format + 2);
	reader->rate_hz = load32(format + 4);
	if (tag != FORMAT_PCM || load16(format + 14) != 16 ||
	    reader->channels < 1 || reader->channels > 2 ||
	    reader->rate_hz < RATE_MIN || reader->rate_hz > RATE_MAX)
		return -ENOTSUP;
	return 0;
}

static int read_header(struct wav_reader *reader)
{
	uint8_t head[12];
	int rc;

	if (!get(reader->file, head, 12) || memcmp(head, "RIFF", 4) != 0 ||
	    memcmp(head + 8, "WAVE", 4) != 0)
		return -EBADMSG;
	while (get(reader->file, head, 8)) {
		uint32_t bytes = load32(head + 4);

		if (memcmp(head, "data", 4) == 0 && reader->rate_hz) {
			reader->left = bytes;
			return 0;
		}
		if (memcmp(head, "fmt ", 4) == 0) {
			rc = read_format(reader, bytes);
			if (rc)
				return rc;
		} else if (!skip(reader->file, bytes)) {
			break;
		}
	}
	return -EBADMSG;
}

int wav_open(void *ctx, const char *path, struct wav_reader **ret_reader)
{
	struct wav_reader *reader = talloc_zero(ctx, struct wav_reader);
	int rc;

	OSMO_ASSERT(reader);
	reader->file = fopen(path, "rbe");
	rc = reader->file ? 0 : -errno;
	talloc_set_destructor(reader, reader_close);
	if (rc == 0)
		rc = read_header(reader);
	if (rc) {
		talloc_free(reader);
		return rc;
	}
	*ret_reader = reader;
	return 0;
}

static void fill(struct wav_reader *reader)
{
	uint8_t bytes[PIECE * 4];
	size_t size = 2 * reader->channels;
	size_t want = OSMO_MIN(PIECE, reader->left / size);
	size_t i;

	reader->used = 0;
	reader->n = fread(bytes, size, want, reader->file);
	reader->left -= reader->n * size;
	for (i = 0; i < reader->n; i++) {
		const uint8_t *p = bytes + i * size;
		int left = (int16_t)load16(p);
		int right = (int16_t)load16(p + size - 2);

		reader->pcm[i] = (left + right) / 2;
	}
}

static size_t convert(struct wav_reader *reader, int16_t *out, size_t n)
{
	spx_uint32_t in = reader->n - reader->used;
	spx_uint32_t made = n;

	if (reader->resampler) {
		speex_resampler_process_int(reader->resampler, 0,
					    reader->pcm + reader->used, &in,
					    out, &made);
	} else {
		in = made = OSMO_MIN(in, made);
		memcpy(out, reader->pcm + reader->used, made * sizeof(*out));
	}
	reader->used += in;
	return made;
}

size_t wav_read(struct wav_reader *reader, unsigned int rate_hz,
		int16_t *ret_pcm, size_t n)
{
	size_t done = 0;

	if (reader->out_hz != rate_hz) {
		resampler_drop(reader->resampler);
		reader->resampler = resampler(reader->rate_hz, rate_hz);
		reader->out_hz = rate_hz;
	}
	while (done < n) {
		if (reader->used == reader->n)
			fill(reader);
		if (reader->n == 0)
			break;
		done += convert(reader, ret_pcm + done, n - done);
	}
	return done;
}

/* ---- writing ---- */

static int mark(struct wav_writer *writer)
{
	unsigned int rate_hz = writer->rate_hz ? writer->rate_hz : RATE_DEFAULT;
	uint8_t head[HEADER_BYTES] = "RIFF....WAVEfmt ....................data";

	store32(head + 4, HEADER_BYTES - 8 + writer->bytes);
	store32(head + 16, 16);
	store16(head + 20, FORMAT_PCM);
	store16(head + 22, 1);
	store32(head + 24, rate_hz);
	store32(head + 28, rate_hz * 2);
	store16(head + 32, 2);
	store16(head + 34, 16);
	store32(head + 40, writer->bytes);
	writer->marked = writer->bytes;
	if (fseeko(writer->file, 0, SEEK_SET) < 0 ||
	    fwrite(head, 1, sizeof(head), writer->file) != sizeof(head) ||
	    fseeko(writer->file, 0, SEEK_END) < 0 || fflush(writer->file) != 0)
		return -errno;
	return 0;
}

int wav_create(void *ctx, const char *path, struct wav_writer **ret_writer)
{
	struct wav_writer *writer = talloc_zero(ctx, struct wav_writer);
	int rc;

	OSMO_ASSERT(writer);
	writer->file = fopen(path, "wbe");
	if (!writer->file) {
		rc = -errno;
		talloc_free(writer);
		return rc;
	}
	rc = mark(writer);
	if (rc) {
		wav_finish(writer);
		return rc;
	}
	*ret_writer = writer;
	return 0;
}

static int append(struct wav_writer *writer, const int16_t *pcm, size_t n)
{
	uint8_t bytes[2 * PIECE];
	size_t i;

	for (i = 0; i < n; i++)
		store16(bytes + 2 * i, pcm[i]);
	if (2 * n > BYTES_MAX - writer->bytes)
		return -EFBIG;
	if (fwrite(bytes, 2, n, writer->file) != n)
		return -errno;
	writer->bytes += 2 * n;
	if (writer->bytes - writer->marked >= writer->rate_hz / 2)
		return mark(writer);
	return 0;
}

int wav_write(struct wav_writer *writer, unsigned int rate_hz,
	      const int16_t *pcm, size_t n)
{
	int16_t out[PIECE];
	int rc = 0;

	if (!writer->rate_hz)
		writer->rate_hz = rate_hz;
	if (writer->in_hz != rate_hz) {
		resampler_drop(writer->resampler);
		writer->resampler = resampler(rate_hz, writer->rate_hz);
		writer->in_hz = rate_hz;
	}
	while (n > 0 && rc == 0) {
		spx_uint32_t in = OSMO_MIN(n, PIECE);
		spx_uint32_t made = PIECE;

		if (writer->resampler) {
			speex_resampler_process_int(writer->resampler, 0, pcm,
						    &in, out, &made);
			rc = append(writer, out, made);
		} else {
			rc = append(writer, pcm, in);
		}
		pcm += in;
		n -= in;
	}
	return rc;
}

int wav_finish(struct wav_writer *writer)
{
	int rc = mark(writer);

	if (fclose(writer->file) != 0 && rc == 0)
		rc = -errno;
	resampler_drop(writer->resampler);
	talloc_free(writer);
	return rc;
}
