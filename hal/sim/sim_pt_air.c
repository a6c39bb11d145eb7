/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim_pt_air.c - the handset's radio: frames, range, power */
#include <errno.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "sim_pt_priv.h"

void pt_frame(struct pt *pt, enum air_type type, const uint8_t *data,
	      size_t len)
{
	size_t room = sizeof(pt->out) - pt->out_len;

	if (!pt->air)
		return;
	if (type == AIR_AUDIO && room < sizeof(pt->out) / 2) {
		pt->counts.frames_dropped++;
		return;
	}
	pt->out_len += air_write(pt->out + pt->out_len, room, type, data, len);
}

void pt_message(struct pt *pt, const struct dect_writer *w)
{
	OSMO_ASSERT(!w->bad);
	if (pt_on_air(pt))
		pt_frame(pt, AIR_DATA, w->buf, w->len);
}

size_t pt_next_air(struct pt *pt, uint8_t *buf, size_t size)
{
	size_t n = OSMO_MIN(size, pt->out_len);

	memcpy(buf, pt->out, n);
	pt->out_len -= n;
	memmove(pt->out, pt->out + n, pt->out_len);
	return n;
}

/* ---- what the ether is told ---- */

static void radio(struct pt *pt)
{
	uint8_t in = pt->power && pt->range;

	pt_frame(pt, AIR_RADIO, &in, 1);
}

/* No base is heard: what needs one stops, a call may yet come back. */
static void silence(struct pt *pt, int64_t now_ms)
{
	pt->beacon = false;
	pt->open = false;
	pt_mm_stop(pt);
	if (pt->call != PT_IDLE && pt->lost_ms == 0)
		pt->lost_ms = now_ms + PT_LINK_LOST_MS;
	if (pt->call == PT_IDLE)
		pt_mm_lost(pt);
}

void pt_air_up(struct pt *pt, int64_t now_ms)
{
	if (pt->air)
		return;
	pt->air = true;
	pt->out_len = 0;
	air_reader_init(&pt->reader);
	if (!pt->power || !pt->range)
		radio(pt);
}

void pt_air_down(struct pt *pt, int64_t now_ms)
{
	if (!pt->air)
		return;
	pt->air = false;
	pt->out_len = 0;
	pt_cc_end(pt, PT_FAILED);
	silence(pt, now_ms);
}

void pt_range(struct pt *pt, int64_t now_ms, bool in)
{
	if (pt->range == in)
		return;
	pt->range = in;
	if (pt->power)
		radio(pt);
	if (!in)
		silence(pt, now_ms);
}

static void off(struct pt *pt, int64_t now_ms)
{
	pt_cc_end(pt, PT_NORMAL);
	silence(pt, now_ms);
	pt->power = false;
	radio(pt);
}

void pt_power(struct pt *pt, int64_t now_ms, bool on)
{
	if (pt->power == on)
		return;
	if (!on) {
		if (pt->attached)
			pt_mm_detach(pt);
		off(pt, now_ms);
		return;
	}
	pt->power = true;
	if (pt->range)
		radio(pt);
}

void pt_battery_out(struct pt *pt, int64_t now_ms)
{
	if (pt->power)
		off(pt, now_ms);
}

/* ---- what is heard ---- */

static void beacon(struct pt *pt, int64_t now_ms, const uint8_t *data)
{
	memcpy(pt->rfpi, data, sizeof(pt->rfpi));
	pt->open = data[DECT_RFPI_BYTES] & AIR_BEACON_OPEN;
	pt->beacon = true;
	pt->lost_ms = 0;
	pt_mm_beacon(pt, now_ms);
}

static void page(struct pt *pt, const uint8_t *data)
{
	uint64_t who = dect_get40(data) & UINT64_C(0xFFFFFFFFF);
	struct dect_writer w;

	if (!pt->attached || who != pt->memory.ipui)
		return;
	dect_begin(&w, DECT_LCE, 0, true, DECT_LCE_PAGE_RESPONSE);
	dect_put_portable_identity(&w, pt->memory.ipui);
	dect_put_fixed_identity(&w, pt->memory.rfpi);
	pt_message(pt, &w);
}

static void message(struct pt *pt, int64_t now_ms,
		    const struct air_frame *frame)
{
	struct dect_msg msg;

	if (dect_msg_parse(&msg, frame->data, frame->len) < 0) {
		pt->counts.nonsense++;
		return;
	}
	switch (msg.pd) {
	case DECT_CC:
		pt_cc_rx(pt, now_ms, &msg);
		break;
	case DECT_CISS:
		pt_ciss_rx(pt, now_ms, &msg);
		break;
	case DECT_MM:
		pt_mm_rx(pt, now_ms, &msg);
		break;
	default:
		pt->counts.nonsense++;
		break;
	}
}

static void audio(struct pt *pt, const struct air_frame *frame)
{
	size_t at;

	if (frame->len / 2 * 50 != pt_audio_rate(pt)) {
		pt->counts.frames_dropped++;
		return;
	}
	if (pt->n_frames == PT_FRAMES) {
		pt->frame_first = (pt->frame_first + 1) % PT_FRAMES;
		pt->n_frames--;
		pt->counts.frames_dropped++;
	}
	at = (pt->frame_first + pt->n_frames++) % PT_FRAMES;
	pt->frames[at].samples =
		air_pcm_read(pt->frames[at].pcm, frame->data, frame->len);
}

int pt_rx(struct pt *pt, int64_t now_ms, const uint8_t *data, size_t len)
{
	struct air_frame frame;
	int rc;

	while ((rc = air_read(&pt->reader, &data, &len, &frame)) > 0) {
		if (!pt_on_air(pt))
			continue;
		switch (frame.type) {
		case AIR_BEACON:
			beacon(pt, now_ms, frame.data);
			break;
		case AIR_PAGE:
			page(pt, frame.data);
			break;
		case AIR_DATA:
			message(pt, now_ms, &frame);
			break;
		case AIR_AUDIO:
			audio(pt, &frame);
			break;
		case AIR_RADIO:
			return -EPROTO; /* no base says that */
		}
	}
	return rc;
}

/* ---- sound ---- */

unsigned int pt_audio_rate(const struct pt *pt)
{
	if (!pt->sounds)
		return 0;
	return pt->wideband ? 16000 : 8000;
}

int pt_audio_tx(struct pt *pt, int64_t now_ms, const int16_t *pcm,
		size_t samples)
{
	uint8_t data[AIR_AUDIO_SAMPLES_MAX * 2];

	if (!pt->sounds)
		return -EBADFD;
	if (samples * 50 != pt_audio_rate(pt))
		return -EINVAL;
	if (pt_on_air(pt))
		pt_frame(pt, AIR_AUDIO, data,
			 air_pcm_write(data, pcm, samples));
	return 0;
}

size_t pt_audio_next(struct pt *pt, int16_t pcm[PT_FRAME_SAMPLES_MAX])
{
	size_t samples;

	if (pt->n_frames == 0)
		return 0;
	samples = pt->frames[pt->frame_first].samples;
	memcpy(pcm, pt->frames[pt->frame_first].pcm, samples * sizeof(*pcm));
	pt->frame_first = (pt->frame_first + 1) % PT_FRAMES;
	pt->n_frames--;
	return samples;
}
