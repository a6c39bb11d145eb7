/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dtmf.h - keys as telephone-events (RFC 4733)
 *
 *      0                   1                   2                   3
 *     |     event     |E R| volume    |          duration             |
 *
 *     dtmf_press() --> queue --> dtmf_next(), every 20 ms --> payload
 *     payload --> dtmf_rx() --> a key, once, when it was let go
 *
 * To send:      WAITING --> PRESSED (packet each 20 ms, the duration grows)
 *                  ^            |
 *                  |            v
 *               PAUSE 60 ms <-- ENDING (three packets with the E bit)
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DTMF_PAYLOAD_BYTES 4
#define DTMF_QUEUE_MAX 32
#define DTMF_MS_MIN 40
#define DTMF_MS_MAX 5000

enum dtmf_state {
	DTMF_ST_WAITING,
	DTMF_ST_PRESSED,
	DTMF_ST_ENDING,
	DTMF_ST_PAUSE
};

struct dtmf_tx {
	enum dtmf_state state;
	unsigned int left;  /* packets of this state */
	uint32_t timestamp; /* where the key began */
	uint32_t duration;  /* ticks */
	size_t n;
	struct {
		uint8_t event;
		uint16_t ms;
	} queue[DTMF_QUEUE_MAX];
};

/* -EINVAL: no such key; -ENOSPC: the queue is full.  @ms is brought within
 * its limits. */
int dtmf_press(struct dtmf_tx *tx, char digit, unsigned int ms);

/* A key is being sent, or waits: speech has to stand back. */
bool dtmf_busy(const struct dtmf_tx *tx);

struct dtmf_packet {
	bool marker;
	uint32_t timestamp;
	uint8_t payload[DTMF_PAYLOAD_BYTES];
};

/* The packet for these 20 ms, which begin at @timestamp; false: a pause, in
 * which nothing is sent. */
bool dtmf_next(struct dtmf_tx *tx, uint32_t timestamp,
	       struct dtmf_packet *ret_packet);

struct dtmf_rx {
	bool pressed;
	bool known; /* @timestamp is the last key's */
	uint32_t timestamp;
	char digit;
	uint32_t duration; /* ticks */
	int64_t heard_ms;
};

struct dtmf_key {
	char digit;
	unsigned int ms;
};

/* True: the key in @ret_key was let go.  A key that begins before the end of
 * the last was told ends that one. */
bool dtmf_rx(struct dtmf_rx *rx, int64_t now_ms, uint32_t timestamp,
	     const uint8_t *payload, size_t len, struct dtmf_key *ret_key);

/* All packets of its end were lost: true when nothing was heard of the key
 * for 200 ms. */
bool dtmf_rx_tick(struct dtmf_rx *rx, int64_t now_ms, struct dtmf_key *ret_key);
