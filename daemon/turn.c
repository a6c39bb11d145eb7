/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "turn.h"

#include <event2/event.h>
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/utils.h>
#include <stdbool.h>
#include <talloc.h>

#include "guest.h"

/* Longest sleep, so that no sum of times can overflow. */
#define SLEEP_MS_MAX (3600 * 1000)

struct turn {
	struct event_base *base;
	struct guest *guest;
	struct event *wake;
	int64_t wake_ms;
};

/* A descriptor or a signal that libevent watches for us. */
struct watch {
	struct event *event;
	turn_signal_cb *cb;
	void *data;
};

/* ---- what wakes us ---- */

static void on_ready(evutil_socket_t fd, short what, void *data)
{
	/* To be awake is all. */
}

static void on_signal(evutil_socket_t signal, short what, void *data)
{
	struct watch *w = data;

	w->cb(signal, w->data);
}

static int free_watch(struct watch *w)
{
	event_free(w->event);
	return 0;
}

static void watch(struct turn *turn, evutil_socket_t what, short events,
		  event_callback_fn fn, turn_signal_cb *cb, void *data)
{
	struct watch *w = talloc(turn, struct watch);

	OSMO_ASSERT(w);
	w->cb = cb;
	w->data = data;
	w->event = event_new(turn->base, what, events, fn, w);
	OSMO_ASSERT(w->event && event_add(w->event, NULL) == 0);
	talloc_set_destructor(w, free_watch);
}

void turn_watch(struct turn *turn, int fd)
{
	watch(turn, fd, EV_READ | EV_PERSIST, on_ready, NULL, NULL);
}

void turn_signal(struct turn *turn, int signal, turn_signal_cb *cb, void *data)
{
	watch(turn, signal, EV_SIGNAL | EV_PERSIST, on_signal, cb, data);
}

/* ---- a turn ---- */

/* A timer that is set right already costs nothing. */
static void set_wake(struct turn *turn, int64_t now_ms, int64_t until_ms)
{
	struct timeval left;

	if (turn->wake_ms == until_ms && evtimer_pending(turn->wake, NULL))
		return;
	turn->wake_ms = until_ms;
	left.tv_sec = (until_ms - now_ms) / 1000;
	left.tv_usec = (until_ms - now_ms) % 1000 * 1000;
	evtimer_add(turn->wake, &left);
}

void turn_once(struct turn *turn, int64_t now_ms, int64_t until_ms)
{
	int64_t guest_ms = guest_before(turn->guest);
	int64_t sleep_ms = until_ms > now_ms + SLEEP_MS_MAX ? SLEEP_MS_MAX
							    : until_ms - now_ms;

	sleep_ms = OSMO_MAX(OSMO_MIN(sleep_ms, guest_ms), 0);
	set_wake(turn, now_ms, now_ms + sleep_ms);
	event_base_loop(turn->base, EVLOOP_ONCE);
	guest_after(turn->guest);
}

/* ---- life ---- */

static int free_turn(struct turn *turn)
{
	/* Their events go before the base. */
	talloc_free_children(turn);
	event_free(turn->wake);
	event_base_free(turn->base);
	return 0;
}

struct turn *turn_new(void *ctx)
{
	struct turn *turn = talloc_zero(ctx, struct turn);
	struct event_config *config = event_config_new();

	OSMO_ASSERT(turn && config);
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	turn->base = event_base_new_with_config(config);
	event_config_free(config);
	OSMO_ASSERT(turn->base);
	turn->guest = guest_new(turn, turn->base);
	turn->wake = evtimer_new(turn->base, on_ready, turn);
	OSMO_ASSERT(turn->wake);
	talloc_set_destructor(turn, free_turn);
	return turn;
}

struct event_base *turn_base(struct turn *turn)
{
	return turn->base;
}
