/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * turn.h - libevent, one turn at a time
 *
 *     turn_once(until): sleep until a descriptor is ready, a signal came or
 *     the time is reached; let libevent and its guest (guest.h) call whom
 *     they have to; return
 *
 * Its own file, since libevent and the core both have a struct event.
 */
#pragma once

#include <stdint.h>

struct event_base;
struct turn;

struct turn *turn_new(void *ctx);
struct event_base *turn_base(struct turn *turn);

/* A turn ends when @fd is readable; whoever owns it reads. */
void turn_watch(struct turn *turn, int fd);

typedef void turn_signal_cb(int signal, void *data);
void turn_signal(struct turn *turn, int signal, turn_signal_cb *cb, void *data);

/* @until_ms and @now_ms are of the same monotonic clock. */
void turn_once(struct turn *turn, int64_t now_ms, int64_t until_ms);
