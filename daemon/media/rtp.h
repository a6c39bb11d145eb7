/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rtp.h - the header of an RTP packet (RFC 3550, 5.1)
 *
 *      0                   1                   2                   3
 *     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *     |                           timestamp                           |
 *     |                             SSRC                              |
 *
 * All codecs here have an RTP clock of 8000 Hz, G.722 too (RFC 3551, 4.5.2).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTP_HEADER_BYTES 12
#define RTP_TICKS_PER_MS 8

struct rtp {
	bool marker;
	uint8_t payload_type;
	uint16_t seq;
	uint32_t timestamp;
	uint32_t ssrc;
	const uint8_t
		*payload;     /* into the datagram, past CSRCs and extension */
	size_t payload_bytes; /* without padding */
};

/* -EBADMSG: too short, another version, or lengths that do not fit. */
int rtp_parse(struct rtp *ret_rtp, const uint8_t *data, size_t len);

/* The header alone; @rtp's payload is not looked at. */
void rtp_write(uint8_t buf[RTP_HEADER_BYTES], const struct rtp *rtp);
