/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim_socket.c - the base's air as a UNIX socket, the only one in hal/sim */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "sim.h"

#define BACKLOG 64
#define READ_BYTES 16384   /* at a time, so that nobody holds the loop */
#define QUEUE_BYTES 262144 /* unsent; then its air is cut off */

struct link {
	struct llist_head entry;
	struct sim_socket *socket;
	struct bufferevent *bev;
	sim_conn conn;
};

struct sim_socket {
	struct event_base *loop;
	struct sim *sim;
	struct evconnlistener *listener;
	int64_t (*now_ms)(void);
	void (*touched)(void *data);
	void *data;
	struct sockaddr_un addr;
	struct llist_head links;
};

static void link_close(struct link *link)
{
	llist_del(&link->entry);
	bufferevent_free(link->bev);
	talloc_free(link);
}

static struct link *link_find(struct sim_socket *socket, sim_conn conn)
{
	struct link *link;

	llist_for_each_entry (link, &socket->links, entry) {
		if (link->conn == conn)
			return link;
	}
	return NULL;
}

/* The far end, or the simulated base itself, is done with it. */
static void link_lost(struct link *link)
{
	struct sim_socket *socket = link->socket;

	sim_air_closed(socket->sim, socket->now_ms(), link->conn);
	link_close(link);
	socket->touched(socket->data);
}

static void on_read(struct bufferevent *bev, void *data)
{
	struct link *link = data;
	struct sim_socket *socket = link->socket;
	uint8_t buf[READ_BYTES];
	size_t n = bufferevent_read(bev, buf, sizeof(buf));

	if (n == 0)
		return;
	if (sim_air_rx(socket->sim, socket->now_ms(), link->conn, buf, n) < 0)
		link_close(link);
	else if (evbuffer_get_length(bufferevent_get_input(bev)) > 0)
		bufferevent_trigger(bev, EV_READ, BEV_OPT_DEFER_CALLBACKS);
	socket->touched(socket->data);
}

static void on_event(struct bufferevent *bev, short what, void *data)
{
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		link_lost(data);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd,
		      struct sockaddr *addr, int len, void *data)
{
	struct sim_socket *socket = data;
	struct link *link;
	sim_conn conn;

	if (sim_air_open(socket->sim, socket->now_ms(), &conn) < 0) {
		close(fd);
		return;
	}
	link = talloc_zero(socket, struct link);
	OSMO_ASSERT(link);
	link->socket = socket;
	link->conn = conn;
	link->bev =
		bufferevent_socket_new(socket->loop, fd, BEV_OPT_CLOSE_ON_FREE);
	OSMO_ASSERT(link->bev);
	llist_add_tail(&link->entry, &socket->links);
	bufferevent_setwatermark(link->bev, EV_READ, 0, 2 * READ_BYTES);
	bufferevent_setcb(link->bev, on_read, NULL, on_event, link);
	bufferevent_enable(link->bev, EV_READ | EV_WRITE);
	socket->touched(socket->data);
}

void sim_socket_flush(struct sim_socket *socket)
{
	struct sim_air air;

	while (sim_air_next(socket->sim, &air)) {
		struct link *link = link_find(socket, air.conn);
		struct evbuffer *out;

		if (!link)
			continue;
		if (air.close) {
			link_close(link);
			continue;
		}
		out = bufferevent_get_output(link->bev);
		if (evbuffer_get_length(out) + air.len > QUEUE_BYTES) {
			sim_air_closed(socket->sim, socket->now_ms(),
				       link->conn);
			link_close(link);
			continue;
		}
		bufferevent_write(link->bev, air.data, air.len);
	}
}

/* A file that nobody listens on any more is in the way; one that somebody
 * does is not ours to take. */
static int clear_path(const struct sockaddr_un *addr)
{
	struct stat st;
	int fd, rc, error;

	if (lstat(addr->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	rc = connect(fd, (const struct sockaddr *)addr, sizeof(*addr));
	error = errno;
	close(fd);
	if (rc == 0 || error == EAGAIN)
		return -EADDRINUSE;
	if (error == ECONNREFUSED && unlink(addr->sun_path) < 0)
		return -errno;
	return 0;
}

static int listen_at(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc;

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0 ||
	    chmod(addr->sun_path, 0660) < 0 || listen(fd, BACKLOG) < 0) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

int sim_socket_new(void *ctx, struct event_base *loop, struct sim *sim,
		   const char *path, int64_t (*now_ms)(void),
		   void (*touched)(void *data), void *data,
		   struct sim_socket **ret_socket)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct sim_socket *socket;
	int fd;
	int rc;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	rc = clear_path(&addr);
	if (rc < 0)
		return rc;
	fd = listen_at(&addr);
	if (fd < 0)
		return fd;
	socket = talloc_zero(ctx, struct sim_socket);
	OSMO_ASSERT(socket);
	socket->loop = loop;
	socket->sim = sim;
	socket->now_ms = now_ms;
	socket->touched = touched;
	socket->data = data;
	socket->addr = addr;
	INIT_LLIST_HEAD(&socket->links);
	socket->listener = evconnlistener_new(loop, on_accept, socket,
					      LEV_OPT_CLOSE_ON_FREE, -1, fd);
	OSMO_ASSERT(socket->listener);
	*ret_socket = socket;
	return 0;
}

struct sim *sim_socket_sim(const struct sim_socket *socket)
{
	return socket->sim;
}

void sim_socket_free(struct sim_socket *socket)
{
	struct link *link, *next;

	if (!socket)
		return;
	llist_for_each_entry_safe (link, next, &socket->links, entry) {
		sim_air_closed(socket->sim, socket->now_ms(), link->conn);
		link_close(link);
	}
	evconnlistener_free(socket->listener);
	unlink(socket->addr.sun_path);
	talloc_free(socket);
}
