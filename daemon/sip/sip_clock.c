/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "sip_clock.h"

#define HEAP_FIRST 64

void sip_clock_init(struct sip_clock *clock, void *ctx)
{
	clock->heap = talloc_array(ctx, struct sip_timer *, HEAP_FIRST);
	OSMO_ASSERT(clock->heap);
	clock->size = HEAP_FIRST;
	clock->n = 0;
	clock->age = 0;
}

static bool earlier(const struct sip_timer *a, const struct sip_timer *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->age < b->age;
}

static void put(struct sip_clock *clock, size_t place, struct sip_timer *timer)
{
	clock->heap[place] = timer;
	timer->place = place;
}

static void rise(struct sip_clock *clock, size_t place, struct sip_timer *timer)
{
	while (place > 1 && earlier(timer, clock->heap[place / 2])) {
		put(clock, place, clock->heap[place / 2]);
		place /= 2;
	}
	put(clock, place, timer);
}

static void sink(struct sip_clock *clock, size_t place, struct sip_timer *timer)
{
	for (;;) {
		size_t child = 2 * place;

		if (child < clock->n &&
		    earlier(clock->heap[child + 1], clock->heap[child]))
			child++;
		if (child > clock->n || !earlier(clock->heap[child], timer))
			break;
		put(clock, place, clock->heap[child]);
		place = child;
	}
	put(clock, place, timer);
}

void sip_clock_set(struct sip_clock *clock, struct sip_timer *timer,
		   int64_t at_ms)
{
	sip_clock_clear(clock, timer);
	if (clock->n + 1 >= clock->size) {
		clock->size *= 2;
		clock->heap = talloc_realloc(NULL, clock->heap,
					     struct sip_timer *, clock->size);
		OSMO_ASSERT(clock->heap);
	}
	timer->at_ms = at_ms;
	timer->age = clock->age++;
	clock->n++;
	rise(clock, clock->n, timer);
}

void sip_clock_clear(struct sip_clock *clock, struct sip_timer *timer)
{
	size_t place = timer->place;
	struct sip_timer *last;

	if (!place)
		return;
	timer->place = 0;
	last = clock->heap[clock->n--];
	if (last == timer)
		return;
	if (place > 1 && earlier(last, clock->heap[place / 2]))
		rise(clock, place, last);
	else
		sink(clock, place, last);
}

struct sip_timer *sip_clock_due(struct sip_clock *clock, int64_t now_ms)
{
	struct sip_timer *timer = clock->n ? clock->heap[1] : NULL;

	if (!timer || timer->at_ms > now_ms)
		return NULL;
	sip_clock_clear(clock, timer);
	return timer;
}

int64_t sip_clock_next_ms(const struct sip_clock *clock)
{
	return clock->n ? clock->heap[1]->at_ms : INT64_MAX;
}
