/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "queue.h"

void queue_begin(struct queue *queue, void *ctx, size_t size, size_t limit)
{
	*queue = (struct queue){ .ctx = ctx, .size = size, .limit = limit };
}

void queue_clear(struct queue *queue)
{
	talloc_free(queue->v);
	queue_begin(queue, queue->ctx, queue->size, queue->limit);
}

void *queue_push(struct queue *queue)
{
	if (queue->head == queue->n)
		queue->head = queue->n = 0;
	if (queue->n == queue->limit)
		return NULL;
	if (queue->n == queue->cap) {
		queue->cap = OSMO_MIN(queue->limit, 2 * queue->cap + 8);
		queue->v = talloc_realloc_size(queue->ctx, queue->v,
					       queue->cap * queue->size);
		OSMO_ASSERT(queue->v);
	}
	return queue->v + queue->n++ * queue->size;
}

const void *queue_pop(struct queue *queue)
{
	if (queue->head == queue->n)
		return NULL;
	return queue->v + queue->head++ * queue->size;
}
