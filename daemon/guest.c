/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest.h"

#include <errno.h>
#include <event2/event.h>
#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>
#include <osmocom/core/utils.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* An osmo_fd as the epoll set knows it. */
struct mirror {
	const struct osmo_fd *ofd; /* compared, never followed */
	int fd;
	unsigned int when;
};

struct guest {
	struct osmo_fd first; /* idle; its neighbour is the list's head */
	int epoll_fd;
	struct event *readable;
	bool ready;
	bool unwatchable; /* one is always ready: a log file */
	struct mirror *mirrors;
	size_t n_mirrors;
};

/*
 * Called by libosmocore in the place of its own (through its PLT, so it has
 * to be visible): time that only goes forward.
 */
__attribute__((visibility("default"))) int
osmo_gettimeofday(struct timeval *tv, struct timezone *tz)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	tv->tv_sec = now.tv_sec;
	tv->tv_usec = now.tv_nsec / 1000;
	return 0;
}

/* ---- the mirror ---- */

static size_t count(const struct guest *guest)
{
	const struct llist_head *head = guest->first.list.prev, *p;
	size_t n = 0;

	for (p = head->next; p != head; p = p->next)
		n++;
	return n;
}

static bool is_in_step(const struct guest *guest)
{
	const struct mirror *m = guest->mirrors;
	const struct osmo_fd *ofd;

	if (count(guest) != guest->n_mirrors)
		return false;
	llist_for_each_entry (ofd, guest->first.list.prev, list) {
		if (m->ofd != ofd || m->fd != ofd->fd || m->when != ofd->when)
			return false;
		m++;
	}
	return true;
}

static bool is_wanted(const struct guest *guest, int fd)
{
	const struct osmo_fd *ofd;

	llist_for_each_entry (ofd, guest->first.list.prev, list)
		if (ofd->fd == fd)
			return true;
	return false;
}

static void watch(struct guest *guest, const struct osmo_fd *ofd)
{
	struct epoll_event ev = {
		.events = (ofd->when & OSMO_FD_READ ? EPOLLIN : 0) |
			  (ofd->when & OSMO_FD_WRITE ? EPOLLOUT : 0) |
			  (ofd->when & OSMO_FD_EXCEPT ? EPOLLPRI : 0),
	};

	if (epoll_ctl(guest->epoll_fd, EPOLL_CTL_MOD, ofd->fd, &ev) < 0 &&
	    epoll_ctl(guest->epoll_fd, EPOLL_CTL_ADD, ofd->fd, &ev) < 0 &&
	    errno == EPERM && ofd->when)
		guest->unwatchable = true;
}

static void mirror(struct guest *guest)
{
	const struct osmo_fd *ofd;
	struct mirror *m;
	size_t i;

	for (i = 0; i < guest->n_mirrors; i++)
		if (!is_wanted(guest, guest->mirrors[i].fd))
			epoll_ctl(guest->epoll_fd, EPOLL_CTL_DEL,
				  guest->mirrors[i].fd, NULL);
	guest->unwatchable = false;
	guest->n_mirrors = count(guest);
	guest->mirrors = talloc_realloc(guest, guest->mirrors, struct mirror,
					guest->n_mirrors);
	OSMO_ASSERT(guest->mirrors);
	m = guest->mirrors;
	llist_for_each_entry (ofd, guest->first.list.prev, list) {
		watch(guest, ofd);
		*m++ = (struct mirror){ ofd, ofd->fd, ofd->when };
	}
}

/* ---- a turn ---- */

int64_t guest_before(struct guest *guest)
{
	const struct timeval *left;

	if (!is_in_step(guest))
		mirror(guest);
	if (guest->unwatchable) {
		guest->ready = true;
		return 0;
	}
	osmo_timers_prepare();
	left = osmo_timers_nearest();
	if (!left)
		return INT64_MAX;
	return (int64_t)left->tv_sec * 1000 + (left->tv_usec + 999) / 1000;
}

void guest_after(struct guest *guest)
{
	bool called = guest->ready;

	if (guest->ready) {
		guest->ready = false;
		osmo_select_main_ctx(1);
	} else {
		called = osmo_timers_update() > 0;
		talloc_free_children(OTC_SELECT);
	}
	/* A connection may have been closed and another come with the same
	 * number and at the same address: write all anew. */
	if (called)
		mirror(guest);
}

/* ---- life ---- */

static void on_ready(evutil_socket_t fd, short what, void *data)
{
	struct guest *guest = data;

	guest->ready = true;
}

static int never(struct osmo_fd *ofd, unsigned int what)
{
	return 0;
}

static int close_guest(struct guest *guest)
{
	event_free(guest->readable);
	close(guest->epoll_fd);
	osmo_fd_close(&guest->first);
	return 0;
}

struct guest *guest_new(void *ctx, struct event_base *base)
{
	struct guest *guest = talloc_zero(ctx, struct guest);
	int rc;

	OSMO_ASSERT(guest);
	osmo_fd_setup(&guest->first, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		      OSMO_FD_READ, never, guest, 0);
	rc = osmo_fd_register(&guest->first);
	OSMO_ASSERT(rc == 0);
	/* The only member of a list has the head on both sides. */
	OSMO_ASSERT(guest->first.list.prev == guest->first.list.next);
	guest->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	guest->readable = event_new(base, guest->epoll_fd, EV_READ | EV_PERSIST,
				    on_ready, guest);
	OSMO_ASSERT(guest->readable && event_add(guest->readable, NULL) == 0);
	mirror(guest);
	talloc_set_destructor(guest, close_guest);
	return guest;
}
