/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <osmocom/core/utils.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "db_queue.h"

void work_free(struct work *work)
{
	if (!work)
		return;
	free(work->log);
	free(work->path);
	free(work);
}

static void free_all(struct llist_head *list)
{
	struct work *work, *next;

	llist_for_each_entry_safe (work, next, list, entry) {
		llist_del(&work->entry);
		work_free(work);
	}
}

void queue_init(struct queue *queue)
{
	pthread_condattr_t attr;

	*queue = (struct queue){ .idle = false };
	INIT_LLIST_HEAD(&queue->work);
	pthread_mutex_init(&queue->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->wake, &attr);
	pthread_condattr_destroy(&attr);
}

void queue_fini(struct queue *queue)
{
	free_all(&queue->work);
	pthread_cond_destroy(&queue->wake);
	pthread_mutex_destroy(&queue->lock);
}

void queue_put(struct queue *queue, struct work *work, bool urgent)
{
	bool wake;

	pthread_mutex_lock(&queue->lock);
	llist_add_tail(&work->entry, &queue->work);
	queue->n++;
	/* A thread that gathers company wakes by itself: to wake it for each
	 * piece would cost the loop more than the piece does. */
	wake = queue->idle || (urgent && !queue->urgent);
	queue->urgent |= urgent;
	pthread_mutex_unlock(&queue->lock);
	if (wake)
		pthread_cond_signal(&queue->wake);
}

void queue_stop(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->stopping = true;
	pthread_mutex_unlock(&queue->lock);
	pthread_cond_signal(&queue->wake);
}

static void gather(struct queue *queue, unsigned int gather_ms)
{
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += gather_ms / 1000;
	until.tv_nsec += (long)(gather_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	while (!queue->urgent && !queue->stopping && rc == 0)
		rc = pthread_cond_timedwait(&queue->wake, &queue->lock, &until);
}

bool queue_take(struct queue *queue, unsigned int gather_ms,
		struct llist_head *ret_work)
{
	bool some;

	pthread_mutex_lock(&queue->lock);
	queue->idle = true;
	while (llist_empty(&queue->work) && !queue->stopping)
		pthread_cond_wait(&queue->wake, &queue->lock);
	queue->idle = false;
	some = !llist_empty(&queue->work);
	if (some && gather_ms)
		gather(queue, gather_ms);
	llist_splice_init(&queue->work, ret_work);
	queue->n = 0;
	queue->urgent = false;
	pthread_mutex_unlock(&queue->lock);
	return some;
}

size_t queue_length(struct queue *queue)
{
	size_t n;

	pthread_mutex_lock(&queue->lock);
	n = queue->n;
	pthread_mutex_unlock(&queue->lock);
	return n;
}

int results_init(struct results *results)
{
	INIT_LLIST_HEAD(&results->work);
	pthread_mutex_init(&results->lock, NULL);
	results->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return results->fd < 0 ? -errno : 0;
}

void results_fini(struct results *results)
{
	free_all(&results->work);
	pthread_mutex_destroy(&results->lock);
	if (results->fd >= 0)
		close(results->fd);
}

void results_put(struct results *results, struct llist_head *work)
{
	uint64_t one = 1;

	pthread_mutex_lock(&results->lock);
	llist_splice_init(work, results->work.prev);
	OSMO_ASSERT(write(results->fd, &one, sizeof(one)) == sizeof(one));
	pthread_mutex_unlock(&results->lock);
}

struct work *results_next(struct results *results)
{
	struct work *work = NULL;
	uint64_t count;

	pthread_mutex_lock(&results->lock);
	if (!llist_empty(&results->work)) {
		work = llist_first_entry(&results->work, struct work, entry);
		llist_del(&work->entry);
	} else if (read(results->fd, &count, sizeof(count)) < 0) {
		OSMO_ASSERT(errno == EAGAIN);
	}
	pthread_mutex_unlock(&results->lock);
	return work;
}
