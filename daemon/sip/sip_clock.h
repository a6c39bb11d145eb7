/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_clock.h - deadlines in order of time, then of age
 *
 * A binary heap of timers that live in their owners: setting, moving and
 * clearing cost O(log n).  Time is whatever the caller says it is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sip_timer {
	int64_t at_ms;
	uint64_t age;	/* of two for the same time, the first set is due first */
	uint32_t place; /* in the heap, from 1; 0: not set */
};

struct sip_clock {
	struct sip_timer **heap; /* from 1 */
	size_t n, size;
	uint64_t age;
};

void sip_clock_init(struct sip_clock *clock, void *ctx);
void sip_clock_set(struct sip_clock *clock, struct sip_timer *timer,
		   int64_t at_ms);
/* Harmless if it is not set. */
void sip_clock_clear(struct sip_clock *clock, struct sip_timer *timer);

/* Takes out the earliest that is due by @now_ms; NULL: none. */
struct sip_timer *sip_clock_due(struct sip_clock *clock, int64_t now_ms);
/* INT64_MAX: none is set. */
int64_t sip_clock_next_ms(const struct sip_clock *clock);
