/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "listener.h"

#include <errno.h>
#include <string.h>

#include <event2/event.h>
#include <event2/listener.h>
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "log.h"

struct listener {
	struct llist_head entry;
	struct evconnlistener *lev;
	struct event *rested;
	size_t max;
	const char *what;
	struct listener_counts counts;
};

/* When accept() fails, libevent hands over the argument of the accept
 * callback, which may be evhttp's: so the listener is looked up. */
static LLIST_HEAD(listeners);

static void rest_is_over(evutil_socket_t fd, short what, void *data)
{
	struct listener *listener = data;

	if (listener->counts.open < listener->max)
		evconnlistener_enable(listener->lev);
}

static void accept_failed(struct evconnlistener *lev, void *whose)
{
	const struct timeval second = { .tv_sec = 1 };
	int why = errno;
	struct listener *listener;

	llist_for_each_entry (listener, &listeners, entry) {
		if (listener->lev != lev)
			continue;
		if (listener->counts.failed++ == 0)
			LOGP(DADMIN, LOGL_ERROR,
			     "%s: no connection can be accepted: %s\n",
			     listener->what, strerror(why));
		evconnlistener_disable(lev);
		event_add(listener->rested, &second);
		return;
	}
}

static int listener_gone(struct listener *listener)
{
	llist_del(&listener->entry);
	event_free(listener->rested);
	return 0;
}

struct listener *listener_new(void *ctx, struct event_base *base,
			      struct evconnlistener *lev, size_t max,
			      const char *what)
{
	struct listener *listener = talloc_zero(ctx, struct listener);

	OSMO_ASSERT(listener);
	listener->lev = lev;
	listener->max = max;
	listener->what = what;
	listener->rested = event_new(base, -1, 0, rest_is_over, listener);
	OSMO_ASSERT(listener->rested);
	llist_add(&listener->entry, &listeners);
	talloc_set_destructor(listener, listener_gone);
	evconnlistener_set_error_cb(lev, accept_failed);
	return listener;
}

void listener_opened(struct listener *listener)
{
	struct listener_counts *counts = &listener->counts;

	counts->accepted++;
	if (++counts->open < listener->max)
		return;
	counts->full++;
	evconnlistener_disable(listener->lev);
}

void listener_closed(struct listener *listener)
{
	OSMO_ASSERT(listener->counts.open > 0);
	if (listener->counts.open-- == listener->max)
		evconnlistener_enable(listener->lev);
}

const struct listener_counts *listener_counts(const struct listener *listener)
{
	return &listener->counts;
}
