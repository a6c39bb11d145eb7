/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sip_stream.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <osmocom/core/hashtable.h>
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/utils.h>
#include <talloc.h>
#include <unistd.h>

#include "sip_sockaddr.h"

#define BACKLOG 128
#define ACCEPTS_A_TURN 16 /* then the others have theirs */
#define PAUSE_S 1	  /* of a listener, when nothing else helps */
#define PROBE_S 120	  /* of silence, until the kernel asks if it lives */
#define KERNEL_BYTES (64 * 1024)

struct conn {
	struct llist_head entry;
	struct hlist_node by_id;
	struct sip_stream *stream;
	struct bufferevent *bev;
	struct sip_addr local;
	struct sip_addr peer; /* with the connection's id */
	bool ours;	      /* we made it */
	int64_t message_ms;   /* since when a message is awaited, or 0 */
};

struct listener {
	struct llist_head entry;
	struct sip_stream *stream;
	struct sip_addr addr;
	evutil_socket_t fd;
	struct event *readable;
	struct event *pause;
};

struct sip_stream {
	const struct sip_socket_config *config;
	struct sip_socket_counts *counts;
	struct llist_head conns;
	struct llist_head listeners;
	DECLARE_HASHTABLE(by_id, 8);
	uint32_t last_id;
	int spare_fd; /* given up for a moment when there are no others */
};

/* ---- the end of a connection ---- */

static int close_conn(struct conn *c)
{
	llist_del(&c->entry);
	hash_del(&c->by_id);
	c->stream->counts->connections--;
	bufferevent_free(c->bev);
	return 0;
}

/*
 * Tell the element, once the connection can no longer be found.  What waited
 * for a connection that we made knew it by the address alone.
 */
static void conn_gone(struct conn *c)
{
	const struct sip_socket_config *config = c->stream->config;
	struct sip_addr to = c->peer;
	bool ours = c->ours;

	talloc_free(c);
	sip_unreachable(config->sip, config->now_ms(), &to);
	if (ours) {
		to.conn = 0;
		sip_unreachable(config->sip, config->now_ms(), &to);
	}
}

static void conn_broken(struct conn *c)
{
	c->stream->counts->tcp_broken++;
	conn_gone(c);
}

/* ---- patience ---- */

/*
 * Somebody who has begun a message, or has only just connected, is expected
 * to go on soon; else silence is a phone with nothing to say.
 */
static void expect(struct conn *c, int64_t message_ms)
{
	const struct sip_socket_config *config = c->stream->config;
	const struct timeval in = { .tv_sec = message_ms ? config->message_s
							 : config->idle_s };
	const struct timeval out = { .tv_sec = config->message_s };

	if (!c->message_ms == !message_ms)
		return;
	c->message_ms = message_ms;
	bufferevent_set_timeouts(c->bev, &in, &out);
}

static bool is_late(const struct conn *c, int64_t now_ms)
{
	return now_ms - c->message_ms > c->stream->config->message_s * 1000;
}

/* ---- bytes in ---- */

/*
 * Leading line ends belong to no message.  Two are a ping, to be answered by
 * one; one is a pong, or what a careless sender put behind a body.
 */
static size_t skip_line_ends(struct conn *c, const uint8_t *data, size_t len)
{
	size_t used = 0;

	while (len - used >= 2 && memcmp(data + used, "\r\n", 2) == 0) {
		if (len - used >= 4 &&
		    memcmp(data + used, "\r\n\r\n", 4) == 0) {
			bufferevent_write(c->bev, "\r\n", 2);
			c->stream->counts->keepalives++;
			used += 2;
		}
		used += 2;
	}
	return used;
}

/* False if the connection is of no more use. */
static bool take_messages(struct conn *c, const uint8_t *data, size_t len,
			  size_t *ret_used)
{
	const struct sip_socket_config *config = c->stream->config;
	size_t used = 0;
	ssize_t n;

	for (;;) {
		used += skip_line_ends(c, data + used, len - used);
		if (used == len)
			break;
		n = sip_frame(data + used, len - used, config->message_bytes);
		if (n < 0)
			return false;
		if (n == 0)
			break;
		sip_rx(config->sip, config->now_ms(), &c->local, &c->peer,
		       data + used, n);
		used += n;
		expect(c, 0);
	}
	*ret_used = used;
	return true;
}

static bool too_much_waits(const struct conn *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->bev)) >
	       c->stream->config->out_bytes;
}

static void on_read(struct bufferevent *bev, void *data)
{
	struct conn *c = data;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t len = evbuffer_get_length(in), used = 0;
	int64_t now_ms = c->stream->config->now_ms();

	if (!take_messages(c, evbuffer_pullup(in, -1), len, &used) ||
	    too_much_waits(c)) {
		conn_broken(c);
		return;
	}
	evbuffer_drain(in, used);
	if (used == len)
		expect(c, 0);
	else if (!c->message_ms)
		expect(c, now_ms);
	else if (is_late(c, now_ms))
		conn_broken(c); /* one byte now and then */
}

static void on_event(struct bufferevent *bev, short what, void *data)
{
	struct conn *c = data;

	if (what & BEV_EVENT_TIMEOUT)
		conn_broken(c);
	else if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		conn_gone(c);
}

/* ---- the beginning of a connection ---- */

/* What a deaf peer leaves in the kernel counts as well: bound it. */
static void tune(int fd)
{
	int on = 1, idle = PROBE_S, bytes = KERNEL_BYTES;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static struct conn *conn_find(struct sip_stream *stream, uint32_t id)
{
	struct conn *c;

	hash_for_each_possible(stream->by_id, c, by_id,
			       id) if (c->peer.conn == id) return c;
	return NULL;
}

/* @fd is taken. */
static struct conn *conn_new(struct sip_stream *stream, int fd,
			     const struct sip_addr *local,
			     const struct sip_addr *peer)
{
	const struct sip_socket_config *config = stream->config;
	const struct timeval in = { .tv_sec = config->idle_s };
	const struct timeval out = { .tv_sec = config->message_s };
	struct conn *c = talloc_zero(stream, struct conn);

	OSMO_ASSERT(c);
	c->stream = stream;
	c->local = *local;
	c->peer = *peer;
	do {
		c->peer.conn = ++stream->last_id;
	} while (c->peer.conn == 0 || conn_find(stream, c->peer.conn));
	/* Deferred: a connection never ends inside of sip_stream_send(). */
	c->bev = bufferevent_socket_new(config->base, fd,
					BEV_OPT_CLOSE_ON_FREE |
						BEV_OPT_DEFER_CALLBACKS);
	OSMO_ASSERT(c->bev);
	tune(fd);
	bufferevent_setcb(c->bev, on_read, NULL, on_event, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, config->message_bytes * 2);
	bufferevent_set_timeouts(c->bev, &in, &out);
	llist_add_tail(&c->entry, &stream->conns);
	hash_add(stream->by_id, &c->by_id, c->peer.conn);
	stream->counts->connections++;
	talloc_set_destructor(c, close_conn);
	return c;
}

/* One more connection with the host of @peer? */
static bool room_for(const struct sip_stream *stream,
		     const struct sip_addr *peer)
{
	const struct conn *c;
	size_t same = 0;

	if (stream->counts->connections >= stream->config->connections)
		return false;
	llist_for_each_entry (c, &stream->conns, entry)
		same += sip_addr_same_host(&c->peer, peer);
	return same < stream->config->connections_source;
}

static void accepted(struct listener *listener, int fd,
		     const union sip_sockaddr *sa)
{
	struct sip_stream *stream = listener->stream;
	struct sip_addr local, peer;
	union sip_sockaddr ours;
	socklen_t len = sizeof(ours);
	struct conn *c;

	if (sip_sockaddr_to(&peer, SIP_TCP, sa) < 0 ||
	    getsockname(fd, &ours.any, &len) < 0 ||
	    sip_sockaddr_to(&local, SIP_TCP, &ours) < 0) {
		close(fd);
		return;
	}
	if (!room_for(stream, &peer)) {
		stream->counts->tcp_refused++;
		close(fd);
		return;
	}
	stream->counts->tcp_in++;
	c = conn_new(stream, fd, &local, &peer);
	expect(c, stream->config->now_ms());
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

/* ---- listeners ---- */

static void open_spare(struct sip_stream *stream)
{
	if (stream->spare_fd < 0)
		stream->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/*
 * No descriptor is left, and whoever waits in the backlog would wake us for
 * ever: take him on the spare one and send him away; pause if even that fails.
 */
static void refuse_one(struct listener *listener)
{
	static const struct timeval pause = { .tv_sec = PAUSE_S };
	struct sip_stream *stream = listener->stream;
	int fd = -1;

	stream->counts->tcp_refused++;
	if (stream->spare_fd >= 0) {
		close(stream->spare_fd);
		stream->spare_fd = -1;
		fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			close(fd);
		open_spare(stream);
	}
	if (fd < 0) {
		event_del(listener->readable);
		evtimer_add(listener->pause, &pause);
	}
}

static void on_pause_over(evutil_socket_t unused, short what, void *data)
{
	struct listener *listener = data;

	open_spare(listener->stream);
	event_add(listener->readable, NULL);
}

static void on_acceptable(evutil_socket_t listen_fd, short what, void *data)
{
	struct listener *listener = data;
	union sip_sockaddr sa;
	int i, fd;

	for (i = 0; i < ACCEPTS_A_TURN; i++) {
		socklen_t len = sizeof(sa);

		fd = accept4(listen_fd, &sa.any, &len,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			accepted(listener, fd, &sa);
		} else if (errno == EMFILE || errno == ENFILE ||
			   errno == ENOMEM || errno == ENOBUFS) {
			refuse_one(listener);
			return;
		} else if (errno == EAGAIN) {
			return;
		} /* else this one has left again */
	}
}

static int listen_on(const struct sip_addr *addr, struct sip_addr *ret_addr)
{
	union sip_sockaddr sa;
	socklen_t len = sip_sockaddr_of(&sa, addr);
	int on = 1, rc;
	int fd = socket(addr->family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	/* Not against another listener: only against our own past. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (addr->family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, &sa.any, len) < 0 || listen(fd, BACKLOG) < 0) {
		rc = -errno;
		close(fd);
		return rc;
	}
	len = sizeof(sa);
	OSMO_ASSERT(getsockname(fd, &sa.any, &len) == 0);
	OSMO_ASSERT(sip_sockaddr_to(ret_addr, SIP_TCP, &sa) == 0);
	return fd;
}

static int close_listener(struct listener *listener)
{
	event_free(listener->readable);
	event_free(listener->pause);
	close(listener->fd);
	return 0;
}

int sip_stream_listen(struct sip_stream *stream, const struct sip_addr *addr,
		      struct sip_addr *ret_addr)
{
	struct listener *listener;
	int fd = listen_on(addr, ret_addr);

	if (fd < 0)
		return fd;
	listener = talloc_zero(stream, struct listener);
	OSMO_ASSERT(listener);
	listener->stream = stream;
	listener->addr = *ret_addr;
	listener->fd = fd;
	listener->readable =
		event_new(stream->config->base, fd, EV_READ | EV_PERSIST,
			  on_acceptable, listener);
	listener->pause =
		evtimer_new(stream->config->base, on_pause_over, listener);
	OSMO_ASSERT(listener->readable && listener->pause);
	OSMO_ASSERT(event_add(listener->readable, NULL) == 0);
	talloc_set_destructor(listener, close_listener);
	llist_add_tail(&listener->entry, &stream->listeners);
	return 0;
}

/* ---- bytes out ---- */

static struct conn *conn_to(struct sip_stream *stream,
			    const struct sip_addr *to)
{
	struct conn *c;

	llist_for_each_entry (c, &stream->conns, entry)
		if (c->peer.port == to->port &&
		    sip_addr_same_host(&c->peer, to))
			return c;
	return NULL;
}

static struct conn *conn_open(struct sip_stream *stream,
			      const struct sip_packet *packet)
{
	const struct sip_addr *to = &packet->to;
	struct sip_addr from = packet->local;
	union sip_sockaddr sa;
	socklen_t len;
	struct conn *c;
	int fd;

	if (!room_for(stream, to)) {
		stream->counts->tcp_refused++;
		return NULL;
	}
	fd = socket(to->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	from.port = 0;
	if (from.family == to->family && !sip_addr_is_wildcard(&from)) {
		len = sip_sockaddr_of(&sa, &from);
		if (bind(fd, &sa.any, len) < 0) {
			close(fd);
			return NULL;
		}
	}
	c = conn_new(stream, fd, &packet->local, to);
	c->ours = true;
	stream->counts->tcp_out++;
	len = sip_sockaddr_of(&sa, to);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	if (bufferevent_socket_connect(c->bev, &sa.any, len) < 0) {
		talloc_free(c);
		return NULL;
	}
	return c;
}

void sip_stream_send(struct sip_stream *stream, const struct sip_packet *packet)
{
	const struct sip_socket_config *config = stream->config;
	const struct sip_addr to = packet->to;
	struct conn *c;

	if (to.conn) {
		c = conn_find(stream, to.conn);
	} else {
		c = conn_to(stream, &to);
		if (!c)
			c = conn_open(stream, packet);
	}
	if (c && too_much_waits(c)) {
		/* Deaf: whatever else waits for it is lost as well. */
		conn_broken(c);
		c = NULL;
	}
	if (!c) {
		stream->counts->tx_failed++;
		sip_unreachable(config->sip, config->now_ms(), &to);
		return;
	}
	OSMO_ASSERT(bufferevent_write(c->bev, packet->data, packet->len) == 0);
}

/* ---- life ---- */

static int close_stream(struct sip_stream *stream)
{
	if (stream->spare_fd >= 0)
		close(stream->spare_fd);
	return 0;
}

struct sip_stream *sip_stream_new(void *ctx,
				  const struct sip_socket_config *config,
				  struct sip_socket_counts *counts)
{
	struct sip_stream *stream = talloc_zero(ctx, struct sip_stream);

	OSMO_ASSERT(stream);
	stream->config = config;
	stream->counts = counts;
	INIT_LLIST_HEAD(&stream->conns);
	INIT_LLIST_HEAD(&stream->listeners);
	hash_init(stream->by_id);
	stream->spare_fd = -1;
	open_spare(stream);
	talloc_set_destructor(stream, close_stream);
	return stream;
}
