/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jitter.h - packets come when they can, and leave when they are due
 *
 *     jitter_put() --> [ sorted by timestamp ] --> jitter_get()
 *
 *              first packet            enough, or waited long enough
 *     IDLE -----------------> FILLING -----------------------------> PLAYING
 *       ^                                                               |
 *       +--------------- nothing came for max_ms -----------------------+
 *
 * Two rules make it adapt, without a model of the network:
 *
 * It grows by waiting.  If nothing is there when sound is due, the caller
 * invents some and play-out stands still; when the late packet comes it is
 * played, and all that follows has that much more delay.  If the packet turns
 * out to be lost, the time already filled is not filled again.
 *
 * It shrinks by what nobody needed.  The least that lay in the buffer during
 * the last two seconds, beyond what is due and a reserve of min_ms, was delay
 * in vain: jitter_surplus() tells the caller, who leaves that much sound out.
 *
 * So the same rules take care of a sender's clock that is fast or slow.  Time
 * is counted in RTP ticks of 8000 Hz.  Bounds: JITTER_SLOTS packets, max_ms of
 * sound; beyond, the oldest go.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define JITTER_SLOTS 32

struct jitter;

struct jitter *jitter_new(void *ctx, unsigned int min_ms, unsigned int max_ms);
void jitter_free(struct jitter *jitter);

/* Forget the stream; the next packet begins another. */
void jitter_reset(struct jitter *jitter);

/* @ticks of sound, from @timestamp on.  Twice the same, or too late: dropped,
 * counted. */
void jitter_put(struct jitter *jitter, uint32_t timestamp, uint32_t ticks,
		const uint8_t *data, size_t len);

enum jitter_verdict {
	JITTER_PACKET, /* decode it */
	JITTER_GAP,    /* @ticks are lost, or were never sent: invent them */
	JITTER_EMPTY,  /* nothing is there: invent what is needed */
};

struct jitter_sound {
	enum jitter_verdict verdict;
	uint32_t ticks;
	const uint8_t *data; /* until the next jitter_get() */
	size_t len;
};

/* The next sound; @need: how many ticks are due now. */
void jitter_get(struct jitter *jitter, uint32_t need,
		struct jitter_sound *ret_sound);

/* Ticks that could be left out; and: so many were. */
uint32_t jitter_surplus(const struct jitter *jitter);
void jitter_skipped(struct jitter *jitter, uint32_t ticks);

/* Sound that lies in the buffer now. */
uint32_t jitter_depth(const struct jitter *jitter);

struct jitter_counts {
	uint64_t late;	  /* packets that came too late, or twice */
	uint64_t skipped; /* ticks left out */
};

void jitter_counts(const struct jitter *jitter,
		   struct jitter_counts *ret_counts);
