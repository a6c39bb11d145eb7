/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http_census.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <osmocom/core/utils.h>
#include <talloc.h>

struct member {
	struct bufferevent *newborn; /* until its descriptor is known */
	int fd;
	ino_t inode;
	struct in6_addr peer; /* IPv4 is mapped */
};

struct census {
	struct event_base *base;
	struct listener *listener;
	struct event *born;  /* right after the accept callback */
	struct event *swept; /* while the listener is full */
	struct member members[CENSUS_MAX];
	size_t n;
	uint64_t refused;
};

static struct in6_addr peer_of(int fd)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
	socklen_t len = sizeof(address);
	struct in6_addr peer = { 0 };

	if (getpeername(fd, (struct sockaddr *)&address, &len) < 0)
		return peer;
	if (address.ss_family == AF_INET6)
		return v6->sin6_addr;
	peer.s6_addr[10] = peer.s6_addr[11] = 0xff;
	memcpy(&peer.s6_addr[12], &v4->sin_addr, sizeof(v4->sin_addr));
	return peer;
}

static bool is_there(const struct member *member)
{
	struct stat st;

	if (member->newborn)
		return true;
	return fstat(member->fd, &st) == 0 && st.st_ino == member->inode;
}

void census_sweep(struct census *census)
{
	size_t kept = 0;
	size_t n = census->n;

	for (size_t i = 0; i < n; i++) {
		if (is_there(&census->members[i]))
			census->members[kept++] = census->members[i];
	}
	census->n = kept;
	for (size_t i = kept; i < n; i++)
		listener_closed(census->listener);
}

static void sweep_again(struct census *census)
{
	const struct timeval soon = { .tv_usec = CENSUS_SWEEP_MS * 1000 };

	if (census->n == CENSUS_MAX)
		event_add(census->swept, &soon);
}

static void on_time(evutil_socket_t fd, short what, void *data)
{
	census_sweep(data);
	sweep_again(data);
}

/* evhttp will read the end of it, and close. */
static void refuse_crowd(struct census *census, const struct member *one)
{
	unsigned int of_peer = 0;

	for (size_t i = 0; i < census->n; i++)
		of_peer += !census->members[i].newborn &&
			   memcmp(&census->members[i].peer, &one->peer,
				  sizeof(one->peer)) == 0;
	if (of_peer <= CENSUS_PEER_MAX)
		return;
	census->refused++;
	shutdown(one->fd, SHUT_RDWR);
}

/* By now evhttp has given them their descriptors, and nothing can have come
 * in that would make it free them: the loop has not polled since. */
static void on_born(evutil_socket_t unused, short what, void *data)
{
	struct census *census = data;

	for (size_t i = 0; i < census->n; i++) {
		struct member *member = &census->members[i];
		struct stat st;

		if (!member->newborn)
			continue;
		member->fd = bufferevent_getfd(member->newborn);
		member->newborn = NULL;
		if (fstat(member->fd, &st) < 0)
			continue; /* and the next sweep finds it gone */
		member->inode = st.st_ino;
		member->peer = peer_of(member->fd);
		refuse_crowd(census, member);
	}
	census_sweep(census);
	sweep_again(census);
}

struct bufferevent *census_bufferevent(struct event_base *base, void *data)
{
	struct census *census = data;
	struct bufferevent *bev =
		bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);

	OSMO_ASSERT(bev);
	/* The listener is disabled at the limit and accepts no more. */
	OSMO_ASSERT(census->n < CENSUS_MAX);
	census->members[census->n++] =
		(struct member){ .newborn = bev, .fd = -1 };
	listener_opened(census->listener);
	event_active(census->born, 0, 0);
	return bev;
}

uint64_t census_refused(const struct census *census)
{
	return census->refused;
}

static int census_gone(struct census *census)
{
	event_free(census->born);
	event_free(census->swept);
	return 0;
}

struct census *census_new(void *ctx, struct event_base *base,
			  struct listener *listener)
{
	struct census *census = talloc_zero(ctx, struct census);

	OSMO_ASSERT(census);
	census->base = base;
	census->listener = listener;
	census->born = event_new(base, -1, 0, on_born, census);
	census->swept = event_new(base, -1, 0, on_time, census);
	OSMO_ASSERT(census->born && census->swept);
	talloc_set_destructor(census, census_gone);
	return census;
}
