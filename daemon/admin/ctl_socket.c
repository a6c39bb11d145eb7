/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "ctl_line.h"
#include "listener.h"

/* Who does not read his answers gets no more of them meanwhile. */
#define SEND_AHEAD_MAX (1024 * 1024)

struct ctl_socket {
	struct event_base *base;
	struct api *api;
	char *path;
	struct evconnlistener *lev;
	struct listener *listener;
	struct llist_head conns;
	uint64_t lines;
	uint64_t too_long;
	uint64_t broken; /* connections that failed or did not read */
};

/*
 *      READING <---> ASKED       one request at a time
 *         |            |
 *         +-- no more  +-- answered, and no more to come
 *         v            v
 *      LAST: what is still to be sent, then the end
 */
enum conn_state { CONN_READING, CONN_ASKED, CONN_LAST };

struct conn {
	struct llist_head entry;
	struct ctl_socket *ctl;
	struct bufferevent *bev;
	enum conn_state state;
	bool half_closed; /* the peer will send no more */
	bool pumping;	  /* within conn_pump(): do not begin a second one */
	uint64_t ticket;  /* in ASKED */
	json_t *id;	  /* of the request in work */
};

static int conn_gone(struct conn *conn)
{
	llist_del(&conn->entry);
	if (conn->ticket)
		api_forget(conn->ctl->api, conn->ticket);
	json_decref(conn->id);
	bufferevent_free(conn->bev);
	listener_closed(conn->ctl->listener);
	return 0;
}

static size_t unsent(const struct conn *conn)
{
	return evbuffer_get_length(bufferevent_get_output(conn->bev));
}

/* ---- a request ---- */

static void conn_pump(struct conn *conn);

static void answered(void *data, const struct api_answer *answer)
{
	struct conn *conn = data;
	char *line = ctl_line_reply(conn, conn->id, answer->rc, answer->value,
				    answer->text);

	conn->state = CONN_READING;
	conn->ticket = 0;
	json_decref(conn->id);
	conn->id = NULL;
	bufferevent_write(conn->bev, line, strlen(line));
	talloc_free(line);
	if (!conn->pumping)
		conn_pump(conn);
}

static void ask(struct conn *conn, const char *line, size_t n)
{
	struct api *api = conn->ctl->api;
	struct command_request *request;
	char why[COMMAND_WHY_MAX];
	uint64_t ticket;

	conn->ctl->lines++;
	conn->state = CONN_ASKED;
	if (ctl_line_parse(conn, line, n, &request, &conn->id, why)) {
		api_wrong(api, why, answered, conn);
		return;
	}
	ticket = api_ask(api, request, answered, conn);
	if (ticket)
		conn->ticket = ticket;
	talloc_free(request);
}

static void refuse_long_line(struct conn *conn)
{
	char why[COMMAND_WHY_MAX];

	snprintf(why, sizeof(why), "a line is longer than %d bytes",
		 CTL_LINE_MAX);
	conn->ctl->too_long++;
	api_wrong(conn->ctl->api, why, answered, conn);
	conn->state = CONN_LAST;
}

/* Take one line, if one is there and we may. */
static bool conn_step(struct conn *conn)
{
	struct evbuffer *in = bufferevent_get_input(conn->bev);
	size_t n;
	char *line;

	if (conn->state != CONN_READING || unsent(conn) > SEND_AHEAD_MAX)
		return false;
	line = evbuffer_readln(in, &n, EVBUFFER_EOL_LF);
	if (line && n <= CTL_LINE_MAX)
		ask(conn, line, n);
	else if (line || evbuffer_get_length(in) > CTL_LINE_MAX)
		refuse_long_line(conn);
	else if (conn->half_closed)
		conn->state = CONN_LAST;
	free(line);
	return line != NULL;
}

static void conn_pump(struct conn *conn)
{
	conn->pumping = true;
	while (conn_step(conn))
		;
	conn->pumping = false;
	if (conn->state != CONN_LAST)
		return;
	bufferevent_disable(conn->bev, EV_READ);
	if (unsent(conn) == 0)
		talloc_free(conn);
}

/* ---- a connection ---- */

static void on_read(struct bufferevent *bev, void *data)
{
	conn_pump(data);
}

/* All that was to be sent is sent. */
static void on_written(struct bufferevent *bev, void *data)
{
	conn_pump(data);
}

static void on_event(struct bufferevent *bev, short what, void *data)
{
	struct conn *conn = data;

	if (what & BEV_EVENT_EOF) {
		conn->half_closed = true;
		conn_pump(conn);
		return;
	}
	conn->ctl->broken++;
	talloc_free(conn);
}

static void on_accept(struct evconnlistener *lev, evutil_socket_t fd,
		      struct sockaddr *peer, int len, void *data)
{
	const struct timeval patience = { .tv_sec = CTL_SEND_TIMEOUT_S };
	struct ctl_socket *ctl = data;
	struct conn *conn = talloc_zero(ctl, struct conn);

	OSMO_ASSERT(conn);
	conn->ctl = ctl;
	conn->bev = bufferevent_socket_new(
		ctl->base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	OSMO_ASSERT(conn->bev);
	llist_add_tail(&conn->entry, &ctl->conns);
	talloc_set_destructor(conn, conn_gone);
	listener_opened(ctl->listener);
	bufferevent_setcb(conn->bev, on_read, on_written, on_event, conn);
	bufferevent_setwatermark(conn->bev, EV_READ, 0, CTL_LINE_MAX + 2);
	bufferevent_set_timeouts(conn->bev, NULL, &patience);
	bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
}

/* ---- the socket file ---- */

static bool is_alive(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc;

	if (fd < 0)
		return false;
	rc = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	/* EAGAIN: its queue is full, so somebody owns it. */
	if (rc < 0 && errno == EAGAIN)
		rc = 0;
	close(fd);
	return rc == 0;
}

/* Nothing may be in the way but the socket file of a dead gateway. */
static int clear_path(const struct sockaddr_un *address, char *why)
{
	const char *path = address->sun_path;
	struct stat st;

	if (lstat(path, &st) < 0)
		return 0;
	if (!S_ISSOCK(st.st_mode)) {
		snprintf(why, ADMIN_WHY_MAX, "%s is there and is no socket",
			 path);
		return -EEXIST;
	}
	if (is_alive(address)) {
		snprintf(why, ADMIN_WHY_MAX, "another gateway is running at %s",
			 path);
		return -EADDRINUSE;
	}
	unlink(path);
	return 0;
}

static int open_socket(const char *path, int *ret_fd, char *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;
	int rc;

	if (strlen(path) >= sizeof(address.sun_path)) {
		snprintf(why, ADMIN_WHY_MAX,
			 "the path of the control socket is longer than %zu "
			 "bytes",
			 sizeof(address.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	strcpy(address.sun_path, path);
	rc = clear_path(&address, why);
	if (rc)
		return rc;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Nobody else may connect between bind() and chmod(): the file begins
	 * with the mode of the descriptor, without what the umask takes. */
	if (fd < 0 || fchmod(fd, 0600) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    chmod(path, 0660) < 0 || listen(fd, SOMAXCONN) < 0) {
		rc = -errno;
		snprintf(why, ADMIN_WHY_MAX,
			 "the control socket %s cannot be opened: %s", path,
			 strerror(-rc));
		if (fd >= 0)
			close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

/* ---- */

static void counters(void *door, admin_counter_cb *cb, void *data)
{
	struct ctl_socket *ctl = door;
	const struct listener_counts *l = listener_counts(ctl->listener);
	const struct admin_counter all[] = {
		{ "control_connections", "Connections to the control socket.",
		  ADMIN_GAUGE, NULL, NULL, l->open },
		{ "control_connections_total", "Connections accepted.",
		  ADMIN_COUNTER, NULL, NULL, l->accepted },
		{ "control_full_total",
		  "Times that the limit of connections was reached.",
		  ADMIN_COUNTER, NULL, NULL, l->full },
		{ "control_accept_failed_total",
		  "Times that no connection could be accepted.", ADMIN_COUNTER,
		  NULL, NULL, l->failed },
		{ "control_lines_total", "Requests read.", ADMIN_COUNTER, NULL,
		  NULL, ctl->lines },
		{ "control_lines_too_long_total", "Lines beyond the limit.",
		  ADMIN_COUNTER, NULL, NULL, ctl->too_long },
		{ "control_broken_total",
		  "Connections that failed or did not read their answers.",
		  ADMIN_COUNTER, NULL, NULL, ctl->broken },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		cb(&all[i], data);
}

static int ctl_gone(struct ctl_socket *ctl)
{
	struct conn *conn;
	struct conn *next;

	llist_for_each_entry_safe (conn, next, &ctl->conns, entry)
		talloc_free(conn);
	talloc_free(ctl->listener);
	evconnlistener_free(ctl->lev);
	unlink(ctl->path);
	return 0;
}

int ctl_socket_new(void *ctx, struct event_base *base, struct api *api,
		   const char *path, struct ctl_socket **ret_ctl,
		   char why[ADMIN_WHY_MAX])
{
	struct ctl_socket *ctl;
	int fd = -1;
	int rc = open_socket(path, &fd, why);

	if (rc)
		return rc;
	ctl = talloc_zero(ctx, struct ctl_socket);
	OSMO_ASSERT(ctl);
	ctl->base = base;
	ctl->api = api;
	ctl->path = talloc_strdup(ctl, path);
	INIT_LLIST_HEAD(&ctl->conns);
	ctl->lev = evconnlistener_new(
		base, on_accept, ctl,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	OSMO_ASSERT(ctl->lev);
	ctl->listener = listener_new(ctl, base, ctl->lev, CTL_CONNECTIONS_MAX,
				     "control socket");
	talloc_set_destructor(ctl, ctl_gone);
	api_add_door(api, counters, ctl);
	*ret_ctl = ctl;
	return 0;
}
