/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue.h - what waits to be fetched: things of one size, first in, first out
 *
 * Grows as needed up to its limit; gives its memory back when cleared.
 */
#pragma once

#include <stddef.h>

struct queue {
	void *ctx;
	size_t size;  /* of one thing */
	size_t limit; /* things */
	size_t head, n, cap;
	unsigned char *v;
};

void queue_begin(struct queue *queue, void *ctx, size_t size, size_t limit);
void queue_clear(struct queue *queue);

/* Room for one more, to be filled in; NULL: the limit is reached. */
void *queue_push(struct queue *queue);

/* The oldest, valid until the next push or clear; NULL: none. */
const void *queue_pop(struct queue *queue);
