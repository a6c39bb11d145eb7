/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rtcp.h - what we know of the stream that comes in, and our reports on it
 *
 *     RTP in --> rtcp_source_rx() --> loss, jitter --+
 *     RTP out ----------------------- counts --------+--> rtcp_write() --> SR
 *
 * A compound packet of a sender report with one report block (a receiver
 * report if nothing was sent) and our CNAME: RFC 3550, 6.4 and 6.5.  Reports
 * of the other side are not needed for anything here, and not read.
 */
#pragma once

#include "rtp.h"

/* One SSRC's sequence and jitter: RFC 3550, A.1, A.3, A.8. */
struct rtcp_source {
	bool known;
	uint32_t ssrc;
	uint16_t max_seq;
	uint32_t cycles; /* sequence wraps, times 65536 */
	uint32_t base_seq;
	uint32_t received;
	uint32_t expected_prior, received_prior;
	uint32_t transit; /* RTP ticks */
	uint32_t jitter;  /* RTP ticks, times 16 */
	/* another SSRC, or a far sequence number, heard once */
	uint32_t rival_ssrc;
	uint16_t rival_next;
	bool rival;
};

enum rtcp_verdict {
	RTCP_GOES_ON,	   /* the stream as it was */
	RTCP_BEGINS,	   /* a new one: what was buffered belongs to the old */
	RTCP_ON_PROBATION, /* perhaps a new one, if another follows: drop */
};

/* A sequence number far off, or another SSRC, is believed when a second
 * packet follows it in order (RFC 3550, A.1). */
enum rtcp_verdict rtcp_source_rx(struct rtcp_source *source, int64_t now_ms,
				 const struct rtp *rtp);

/* Packets that never came, as of now; those that came twice or late make it
 * less, never below 0. */
uint64_t rtcp_source_lost(const struct rtcp_source *source);

struct rtcp_sender {
	uint32_t ssrc;
	uint32_t timestamp; /* RTP's, of now */
	uint32_t packets, bytes;
	const char *cname; /* at most 40 characters */
};

#define RTCP_BYTES_MAX 128

/* Returns the length.  @now_ms also serves as the NTP time: the two streams
 * it would align are one. */
size_t rtcp_write(uint8_t buf[RTCP_BYTES_MAX], int64_t now_ms,
		  const struct rtcp_sender *sender, struct rtcp_source *source);
