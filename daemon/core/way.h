/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * way.h - the users that a call has been led past, first to last
 *
 *     201 --- busy ---> 202 --- no answer ---> 500, the mailbox of 201
 *     stop 0            stop 1
 *
 * Each stop knows why the call has left it; at the last one it is.  The
 * mailbox is no stop: it answers for the first user (T67).  A call that was
 * led astray by follow me is still at the stop that follows (T64, T87).
 */
#pragma once

#include "house.h"

/* T68: at most 10 hops after the user who was called. */
#define WAY_HOPS_MAX 10

struct stop {
	ext_id user;
	enum divert left; /* DIVERT_NONE: here it still is, or ended */
};

struct way {
	struct stop stops[WAY_HOPS_MAX + 1];
	size_t n;
	bool to_mailbox;   /* from the last stop */
	enum cause failed; /* what brought it there, should the box fail */
};
