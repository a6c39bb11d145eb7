/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guest.h - libosmocore as a guest in libevent's loop
 *
 *     osmo_fd list --mirrored--> one epoll set --one fd--> libevent
 *     osmo timers  --------------------------> guest_before(): when to wake
 *
 * The operator shell and its log targets know only libosmocore's own loop.
 * Their descriptors are put into an epoll set, and that set's descriptor is
 * all that libevent ever sees of them: a descriptor that is closed leaves
 * the set by itself, so none is ever watched when it is stale.
 *
 * osmo_gettimeofday() is overridden by the monotonic clock, so that timers
 * of libosmocore do not follow the wall clock's jumps.  No deadline of a
 * protocol may hang on them all the same.
 */
#pragma once

#include <stdint.h>

struct event_base;
struct guest;

/* Before anything else registers an osmo_fd; there is one in a process. */
struct guest *guest_new(void *ctx, struct event_base *base);

/* Before each turn of libevent: milliseconds until a timer of libosmocore is
 * due, INT64_MAX if none is. */
int64_t guest_before(struct guest *guest);

/* After each turn: what became ready, timers, the volatile talloc context. */
void guest_after(struct guest *guest);
