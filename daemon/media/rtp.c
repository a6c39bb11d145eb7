/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include <osmocom/core/bit16gen.h>
#include <osmocom/core/bit32gen.h>

#include "rtp.h"

#define RTP_VERSION 2

int rtp_parse(struct rtp *ret_rtp, const uint8_t *data, size_t len)
{
	size_t head = RTP_HEADER_BYTES;
	size_t padding = 0;

	if (len < head || data[0] >> 6 != RTP_VERSION)
		return -EBADMSG;

	head += 4 * (size_t)(data[0] & 0x0f);
	if (data[0] & 0x10) {
		if (len < head + 4)
			return -EBADMSG;
		head += 4 + 4 * (size_t)osmo_load16be(data + head + 2);
	}
	if (len < head)
		return -EBADMSG;
	if (data[0] & 0x20) {
		/* The last byte counts the padding, itself included. */
		padding = data[len - 1];
		if (padding == 0 || padding > len - head)
			return -EBADMSG;
	}

	*ret_rtp = (struct rtp){
		.marker = data[1] & 0x80,
		.payload_type = data[1] & 0x7f,
		.seq = osmo_load16be(data + 2),
		.timestamp = osmo_load32be(data + 4),
		.ssrc = osmo_load32be(data + 8),
		.payload = data + head,
		.payload_bytes = len - head - padding,
	};
	return 0;
}

void rtp_write(uint8_t buf[RTP_HEADER_BYTES], const struct rtp *rtp)
{
	buf[0] = RTP_VERSION << 6;
	buf[1] = (rtp->marker ? 0x80 : 0) | (rtp->payload_type & 0x7f);
	osmo_store16be(rtp->seq, buf + 2);
	osmo_store32be(rtp->timestamp, buf + 4);
	osmo_store32be(rtp->ssrc, buf + 8);
}
