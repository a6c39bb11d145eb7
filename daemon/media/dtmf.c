/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include <osmocom/core/bit16gen.h>
#include <osmocom/core/utils.h>

#include "dtmf.h"
#include "rtp.h"

#define PACKET_MS 20
#define PACKET_TICKS (PACKET_MS * RTP_TICKS_PER_MS)
#define END_PACKETS 3 /* RFC 4733, 2.5.1.4 */
#define PAUSE_PACKETS 3
#define LOST_MS 200

#define END_BIT 0x80
#define VOLUME 10 /* -10 dBm0 */

/* Events 0 to 15 (RFC 4733, table 3). */
static const char digits[] = "0123456789*#ABCD";

int dtmf_press(struct dtmf_tx *tx, char digit, unsigned int ms)
{
	const char *found = digit ? strchr(digits, digit) : NULL;

	if (!found)
		return -EINVAL;
	if (tx->n == DTMF_QUEUE_MAX)
		return -ENOSPC;
	tx->queue[tx->n].event = found - digits;
	tx->queue[tx->n].ms = OSMO_MIN(OSMO_MAX(ms, DTMF_MS_MIN), DTMF_MS_MAX);
	tx->n++;
	return 0;
}

bool dtmf_busy(const struct dtmf_tx *tx)
{
	return tx->state != DTMF_ST_WAITING || tx->n > 0;
}

static void move(struct dtmf_tx *tx, enum dtmf_state next, unsigned int packets)
{
	tx->state = next;
	tx->left = packets;
}

static void write_event(const struct dtmf_tx *tx, bool end,
			struct dtmf_packet *ret_packet)
{
	ret_packet->marker = tx->duration == PACKET_TICKS && !end;
	ret_packet->timestamp = tx->timestamp;
	ret_packet->payload[0] = tx->queue[0].event;
	ret_packet->payload[1] = (end ? END_BIT : 0) | VOLUME;
	osmo_store16be(tx->duration, ret_packet->payload + 2);
}

static void next_key(struct dtmf_tx *tx)
{
	tx->n--;
	memmove(tx->queue, tx->queue + 1, tx->n * sizeof(tx->queue[0]));
}

bool dtmf_next(struct dtmf_tx *tx, uint32_t timestamp,
	       struct dtmf_packet *ret_packet)
{
	switch (tx->state) {
	case DTMF_ST_WAITING:
		if (tx->n == 0)
			return false;
		tx->timestamp = timestamp;
		tx->duration = 0;
		move(tx, DTMF_ST_PRESSED,
		     (tx->queue[0].ms + PACKET_MS - 1) / PACKET_MS);
		/* fall through */
	case DTMF_ST_PRESSED:
		tx->duration += PACKET_TICKS;
		write_event(tx, false, ret_packet);
		if (--tx->left == 0)
			move(tx, DTMF_ST_ENDING, END_PACKETS);
		return true;
	case DTMF_ST_ENDING:
		write_event(tx, true, ret_packet);
		if (--tx->left == 0) {
			next_key(tx);
			move(tx, DTMF_ST_PAUSE, PAUSE_PACKETS);
		}
		return true;
	case DTMF_ST_PAUSE:
		if (--tx->left == 0)
			move(tx, DTMF_ST_WAITING, 0);
		return false;
	}
	return false;
}

static bool let_go(struct dtmf_rx *rx, struct dtmf_key *ret_key)
{
	if (!rx->pressed)
		return false;
	rx->pressed = false;
	*ret_key =
		(struct dtmf_key){ rx->digit, rx->duration / RTP_TICKS_PER_MS };
	return true;
}

bool dtmf_rx(struct dtmf_rx *rx, int64_t now_ms, uint32_t timestamp,
	     const uint8_t *payload, size_t len, struct dtmf_key *ret_key)
{
	bool told = false;
	uint16_t duration;

	if (len < DTMF_PAYLOAD_BYTES || payload[0] >= strlen(digits))
		return false; /* flash, tones: not keys of ours */

	if (!rx->known || (int32_t)(timestamp - rx->timestamp) > 0) {
		told = let_go(rx, ret_key);
		rx->known = true;
		rx->pressed = true;
		rx->timestamp = timestamp;
		rx->digit = digits[payload[0]];
		rx->duration = 0;
	} else if (timestamp != rx->timestamp || !rx->pressed) {
		return false; /* late, or one more copy of the end */
	}

	duration = osmo_load16be(payload + 2);
	rx->duration = OSMO_MAX(rx->duration, duration);
	rx->heard_ms = now_ms;
	if (payload[1] & END_BIT && !told)
		told = let_go(rx, ret_key);
	return told;
}

bool dtmf_rx_tick(struct dtmf_rx *rx, int64_t now_ms, struct dtmf_key *ret_key)
{
	if (!rx->pressed || now_ms - rx->heard_ms < LOST_MS)
		return false;
	return let_go(rx, ret_key);
}
