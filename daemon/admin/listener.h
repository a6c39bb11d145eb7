/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * listener.h - accept connections, up to a limit, and survive without fds
 *
 *      OPEN <----- a connection went ------> FULL
 *        |                                     (kernel's queue holds them)
 *        +-- accept() failed --> RESTING -- a second later --> OPEN
 *
 * libevent's own listener spins when the process has no file descriptor left
 * (measured: 2 s of CPU in 3 s, 52 MB of warnings).  This one rests.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct evconnlistener;
struct listener;

struct listener_counts {
	uint64_t accepted;
	uint64_t full;	 /* times that the limit was reached */
	uint64_t failed; /* times that accept() failed */
	size_t open;	 /* connections now */
};

/* Watch over @lev, which outlives it; its accept callback is the caller's. */
struct listener *listener_new(void *ctx, struct event_base *base,
			      struct evconnlistener *lev, size_t max,
			      const char *what);

/* A connection came, or went; tell it of each. */
void listener_opened(struct listener *listener);
void listener_closed(struct listener *listener);

const struct listener_counts *listener_counts(const struct listener *listener);
