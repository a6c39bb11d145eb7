/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * socket_rig.h - a client in the same thread as the server it talks to
 *
 * The loop turns while the client waits, and stops turning when nothing has
 * happened for a while: so "no answer" takes QUIET_MS, and an answer no time.
 */
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "admin_rig.h"

#define QUIET_MS 200

static struct rig *rig;
static struct event_base *base;

static void socket_rig_new(void)
{
	signal(SIGPIPE, SIG_IGN);
	rig = rig_new();
	base = event_base_new();
	rig->admin = admin_new(rig, rig->core, &rig->ops);
}

static void socket_rig_free(void)
{
	rig_free(rig);
	event_base_loop(base, EVLOOP_NONBLOCK);
	event_base_free(base);
	libevent_global_shutdown();
}

/* Turn the loop until @fd can be read, or not for @ms. */
static inline bool turn_until(int fd, int ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	for (int i = 0; i < ms; i++) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		if (poll(&wait, fd < 0 ? 0 : 1, 1) > 0)
			return true;
	}
	return false;
}

static inline void turn(void)
{
	turn_until(-1, 20);
}

static inline void client_send(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, text, n, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0) {
			if (errno != EAGAIN)
				return; /* the server has closed */
			turn();
			continue;
		}
		text += sent;
		n -= sent;
	}
}

/* All that comes until @end is in it, or the server closes, or it is quiet.
 * A child of the rig. */
static inline char *client_receive(int fd, const char *end, bool *ret_closed)
{
	char *text = talloc_strdup(rig, "");
	char part[4096];

	*ret_closed = false;
	while (!end || !strstr(text, end)) {
		ssize_t n;

		if (!turn_until(fd, QUIET_MS))
			break;
		n = recv(fd, part, sizeof(part), MSG_DONTWAIT);
		if (n <= 0) {
			*ret_closed = true;
			break;
		}
		text = talloc_strndup_append(text, part, n);
	}
	return text;
}
