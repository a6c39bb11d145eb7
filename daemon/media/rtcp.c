/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <osmocom/core/bit16gen.h>
#include <osmocom/core/bit32gen.h>
#include <osmocom/core/utils.h>

#include "rtcp.h"

/* RFC 3550, A.1. */
#define MAX_DROPOUT 3000
#define MAX_MISORDER 100

#define PT_SENDER_REPORT 200
#define PT_RECEIVER_REPORT 201
#define PT_SOURCE_DESCRIPTION 202
#define SDES_CNAME 1

static void source_begin(struct rtcp_source *source, int64_t now_ms,
			 const struct rtp *rtp)
{
	*source = (struct rtcp_source){
		.known = true,
		.ssrc = rtp->ssrc,
		.max_seq = rtp->seq,
		.base_seq = rtp->seq,
		.received = 1,
		.transit =
			(uint32_t)(now_ms * RTP_TICKS_PER_MS) - rtp->timestamp,
	};
}

static enum rtcp_verdict rival(struct rtcp_source *source, int64_t now_ms,
			       const struct rtp *rtp)
{
	if (source->rival && source->rival_ssrc == rtp->ssrc &&
	    source->rival_next == rtp->seq) {
		source_begin(source, now_ms, rtp);
		return RTCP_BEGINS;
	}
	source->rival = true;
	source->rival_ssrc = rtp->ssrc;
	source->rival_next = rtp->seq + 1;
	return RTCP_ON_PROBATION;
}

enum rtcp_verdict rtcp_source_rx(struct rtcp_source *source, int64_t now_ms,
				 const struct rtp *rtp)
{
	uint32_t transit, change;
	uint16_t ahead;

	if (!source->known) {
		source_begin(source, now_ms, rtp);
		return RTCP_BEGINS;
	}
	if (rtp->ssrc != source->ssrc)
		return rival(source, now_ms, rtp);

	ahead = rtp->seq - source->max_seq;
	if (ahead >= MAX_DROPOUT && ahead <= UINT16_MAX - MAX_MISORDER)
		return rival(source, now_ms, rtp);
	if (ahead < MAX_DROPOUT) {
		if (rtp->seq < source->max_seq)
			source->cycles += 1 << 16;
		source->max_seq = rtp->seq;
	}
	source->received++;
	source->rival = false;

	transit = (uint32_t)(now_ms * RTP_TICKS_PER_MS) - rtp->timestamp;
	change = transit - source->transit;
	source->transit = transit;
	if (change & 0x80000000)
		change = -change;
	source->jitter += change - ((source->jitter + 8) >> 4);
	return RTCP_GOES_ON;
}

static uint32_t source_expected(const struct rtcp_source *source)
{
	return source->cycles + source->max_seq - source->base_seq + 1;
}

uint64_t rtcp_source_lost(const struct rtcp_source *source)
{
	uint32_t expected;

	if (!source->known)
		return 0;
	expected = source_expected(source);
	return expected > source->received ? expected - source->received : 0;
}

static uint8_t source_fraction(struct rtcp_source *source)
{
	uint32_t expected = source_expected(source);
	uint32_t came = source->received - source->received_prior;
	uint32_t due = expected - source->expected_prior;

	source->expected_prior = expected;
	source->received_prior = source->received;
	if (due == 0 || came >= due)
		return 0;
	/* All of 256 parts would not fit. */
	return OSMO_MIN(((uint64_t)(due - came) << 8) / due, 255);
}

static size_t write_block(uint8_t *p, struct rtcp_source *source)
{
	osmo_store32be(source->ssrc, p);
	osmo_store32be(OSMO_MIN(rtcp_source_lost(source), 0x7fffff), p + 4);
	p[4] = source_fraction(source);
	osmo_store32be(source->cycles + source->max_seq, p + 8);
	osmo_store32be(source->jitter >> 4, p + 12);
	memset(p + 16, 0, 8); /* of their reports we know nothing */
	return 24;
}

static size_t write_cname(uint8_t *p, uint32_t ssrc, const char *cname)
{
	size_t n = strnlen(cname, 40);
	/* The chunk ends with at least one zero, at a word's border. */
	size_t words = (4 + 2 + n) / 4 + 1;

	memset(p, 0, 4 + 4 * words);
	p[0] = 0x81;
	p[1] = PT_SOURCE_DESCRIPTION;
	osmo_store16be(words, p + 2);
	osmo_store32be(ssrc, p + 4);
	p[8] = SDES_CNAME;
	p[9] = n;
	memcpy(p + 10, cname, n);
	return 4 + 4 * words;
}

size_t rtcp_write(uint8_t buf[RTCP_BYTES_MAX], int64_t now_ms,
		  const struct rtcp_sender *sender, struct rtcp_source *source)
{
	uint8_t *p = buf + 8;

	buf[0] = 0x80 | (source->known ? 1 : 0);
	buf[1] = PT_RECEIVER_REPORT;
	osmo_store32be(sender->ssrc, buf + 4);
	if (sender->packets) {
		buf[1] = PT_SENDER_REPORT;
		osmo_store32be(now_ms / 1000, p);
		osmo_store32be((uint64_t)(now_ms % 1000) * UINT32_MAX / 1000,
			       p + 4);
		osmo_store32be(sender->timestamp, p + 8);
		osmo_store32be(sender->packets, p + 12);
		osmo_store32be(sender->bytes, p + 16);
		p += 20;
	}
	if (source->known)
		p += write_block(p, source);
	osmo_store16be((p - buf) / 4 - 1, buf + 2);
	p += write_cname(p, sender->ssrc, sender->cname);
	return p - buf;
}
