/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loop.h - the one loop: the clock, events in, actions out
 *
 *        +--> libevent: sockets put bytes into their rooms
 *        |        |
 *        |        v
 *        |    edges: the next event --> core_step() --> actions
 *        |        ^                                        |
 *        |        +---- in order, through the edges <------+
 *        |        |
 *        |        v
 *        +--- bytes out; sleep until the earliest of all deadlines
 *
 * Only here is a clock read for the rooms, only here an action performed.
 * What a neighbour answers, even at once, is found in the next round and is
 * the next event.
 */
#pragma once

#include <stdint.h>

#include "action.h"

struct admin;
struct db;
struct edge_db;
struct edge_hal;
struct edge_sip;
struct hal;
struct loop;
struct media;
struct media_socket;
struct sim_socket;
struct sip;
struct sip_socket;
struct turn;

/* Milliseconds: monotonic for all that waits, Unix time for the call log. */
int64_t loop_now_ms(void);
int64_t loop_wall_ms(void);

/* @turn outlives it. */
struct loop *loop_new(void *ctx, struct turn *turn);

#define PARTS_SIMS_MAX 16

/* The rooms' inhabitants, built by main.c; borrowed. */
struct parts {
	struct core *core;
	struct sip *sip;
	struct sip_socket *sip_socket;
	struct hal *hal;
	struct sim_socket *sims[PARTS_SIMS_MAX];
	size_t n_sims;
	struct media *media;
	struct media_socket *media_socket;
	struct db *db;
	struct edge_sip *edge_sip;
	struct edge_hal *edge_hal;
	struct edge_db *edge_db;
	struct admin *admin;
};

void loop_join(struct loop *loop, const struct parts *parts);

/* Something happened that no edge knows of (EV_LOAD, EV_ADMIN, EV_SHUTDOWN):
 * step the core and perform what it wants.  The time is filled in. */
void loop_happened(struct loop *loop, const struct event *event);

/* Carry out what waits now, without sleeping. */
void loop_settle(struct loop *loop);

/* Until loop_stop(). */
void loop_run(struct loop *loop);
/* End all calls, and return from loop_run() when they are ended and told, or
 * after @patience_ms.  Asked again: at once. */
void loop_stop(struct loop *loop, int64_t patience_ms);
