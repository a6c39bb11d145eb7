/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_queue.h - work goes to a thread, and comes back done
 *
 *      loop --- queue_put() ---> queue ---> queue_take() --- thread
 *      loop <-- results_next() --- results <--- results_put() --+
 *
 * A piece of work is one block of malloc(): talloc's trees are not for two
 * threads.  It belongs to whoever holds it.  The limits are the loop's: it
 * knows how many are under way, see db_submit().
 */
#pragma once

#include <osmocom/core/linuxlist.h>
#include <pthread.h>
#include <stdbool.h>

#include "db.h"

enum work_type { WORK_TXN, WORK_BACKUP, WORK_QUERY };

struct work {
	struct llist_head entry;
	enum work_type type;
	uint64_t token;
	int rc;
	const char *why; /* static text, if rc is not 0 */
	struct db_query query;
	struct db_log *log; /* WORK_QUERY: the page, malloc()ed with us */
	char *path;	    /* WORK_BACKUP */
	size_t n;	    /* of op, or of log */
	struct db_op op[];
};

void work_free(struct work *work);

/* ---- to a thread ---- */

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct llist_head work;
	size_t n;
	bool idle;   /* the thread waits for the first piece */
	bool urgent; /* a piece that shall not wait for company */
	bool stopping;
};

void queue_init(struct queue *queue);
void queue_fini(struct queue *queue);

/* Work that is not urgent waits until somebody's gather time is over. */
void queue_put(struct queue *queue, struct work *work, bool urgent);

/* No more will come; the thread finishes what is there. */
void queue_stop(struct queue *queue);

/* Wait for work, gather company for @gather_ms, take all of it.  False: there
 * is none and there will be none. */
bool queue_take(struct queue *queue, unsigned int gather_ms,
		struct llist_head *ret_work);

size_t queue_length(struct queue *queue);

/* ---- and back ---- */

struct results {
	pthread_mutex_t lock;
	struct llist_head work;
	int fd; /* an eventfd: readable while there is work */
};

int results_init(struct results *results);
void results_fini(struct results *results);
void results_put(struct results *results, struct llist_head *work);
/* NULL: none now. */
struct work *results_next(struct results *results);
