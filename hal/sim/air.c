/* SPDX-License-Identifier: GPL-3.0-or-later */
/* air.c - see air.h */
#include "air.h"

#include <errno.h>
#include <string.h>

size_t air_write(uint8_t *buf, size_t size, enum air_type type,
		 const uint8_t *data, size_t len)
{
	if (len > AIR_PAYLOAD_MAX || AIR_HEADER + len > size)
		return 0;
	buf[0] = (len + 1) >> 8;
	buf[1] = (len + 1) & 0xFF;
	buf[2] = type;
	if (len > 0)
		memcpy(buf + AIR_HEADER, data, len);
	return AIR_HEADER + len;
}

void air_reader_init(struct air_reader *reader)
{
	reader->used = 0;
}

static bool sound(enum air_type type, size_t len)
{
	switch (type) {
	case AIR_BEACON:
		return len == AIR_BEACON_SIZE;
	case AIR_PAGE:
		return len == AIR_PAGE_SIZE;
	case AIR_DATA:
		return true;
	case AIR_AUDIO:
		return len == AIR_AUDIO_SAMPLES_MAX ||
		       len == AIR_AUDIO_SAMPLES_MAX * 2;
	case AIR_RADIO:
		return len == 1;
	}
	return false;
}

/* Take up to @want bytes in all into the buffer; true if they are there. */
static bool fill(struct air_reader *reader, size_t want, const uint8_t **data,
		 size_t *len)
{
	size_t n = want > reader->used ? want - reader->used : 0;

	if (n > *len)
		n = *len;
	if (n > 0)
		memcpy(reader->buf + reader->used, *data, n);
	reader->used += n;
	*data += n;
	*len -= n;
	return reader->used >= want;
}

int air_read(struct air_reader *reader, const uint8_t **data, size_t *len,
	     struct air_frame *ret_frame)
{
	size_t rest;

	if (!fill(reader, AIR_HEADER, data, len))
		return 0;
	rest = (size_t)reader->buf[0] << 8 | reader->buf[1];
	if (rest < 1 || rest - 1 > AIR_PAYLOAD_MAX ||
	    !sound(reader->buf[2], rest - 1))
		return -EPROTO;
	if (!fill(reader, AIR_HEADER + rest - 1, data, len))
		return 0;
	ret_frame->type = reader->buf[2];
	ret_frame->data = reader->buf + AIR_HEADER;
	ret_frame->len = rest - 1;
	reader->used = 0;
	return 1;
}

size_t air_pcm_write(uint8_t *bytes, const int16_t *pcm, size_t samples)
{
	for (size_t i = 0; i < samples; i++) {
		bytes[2 * i] = (uint16_t)pcm[i] >> 8;
		bytes[2 * i + 1] = pcm[i] & 0xFF;
	}
	return samples * 2;
}

size_t air_pcm_read(int16_t *pcm, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len / 2; i++)
		pcm[i] = (int16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
	return len / 2;
}
