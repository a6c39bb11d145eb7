/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_census.h - how many connections evhttp has, and from where
 *
 *     accept --> census_bufferevent() --> its fd is known a moment later
 *                                               |
 *     listener_closed() <-- sweep: this fd is no longer that socket
 *
 * evhttp tells nobody when a connection without a request ends, so nobody
 * could count them.  The census remembers descriptor and inode of each, and
 * looks which are still there: at each new one, when asked, and every
 * CENSUS_SWEEP_MS while the listener is full.
 *
 * (A filtering bufferevent would hear of its end, but evhttp takes what has
 * gone through a filter for sent, and closes too early.)
 *
 * One address may hold CENSUS_PEER_MAX connections; more are shut down.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "listener.h"

#define CENSUS_MAX 64 /* connections */
#define CENSUS_PEER_MAX 32
#define CENSUS_SWEEP_MS 100

struct bufferevent;
struct census;

/* @listener outlives it; its limit is CENSUS_MAX. */
struct census *census_new(void *ctx, struct event_base *base,
			  struct listener *listener);

/* For evhttp_set_bevcb(), with the census as its argument. */
struct bufferevent *census_bufferevent(struct event_base *base, void *census);

/* Look who is still there. */
void census_sweep(struct census *census);

/* Connections shut down since their address had too many. */
uint64_t census_refused(const struct census *census);
