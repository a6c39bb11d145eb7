/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "http_census.h"
#include "http_check.h"
#include "http_metrics.h"
#include "listener.h"
#include "object.h"
#include "openapi.h"
#include "rest.h"

#define SERVERS_MAX 8

/* One address served. */
struct server {
	struct http *http;
	struct evhttp *evhttp;
	struct listener *listener;
	struct census *census;
	bool loopback;
};

struct http {
	struct event_base *base;
	struct api *api;
	struct server *servers[SERVERS_MAX];
	size_t n_servers;
	struct llist_head exchanges;
	uint64_t requests;
	uint64_t refused; /* by the checks of http_check.h */
};

/* A request whose answer is awaited. */
struct exchange {
	struct llist_head entry;
	struct http *http;
	struct evhttp_request *req;
	bool created;	 /* done means 201 */
	uint64_t ticket; /* 0: not yet, or answered */
};

/* ---- answers ---- */

static void respond(struct evhttp_request *req, int status, const char *type,
		    const char *body, size_t n)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	struct evbuffer *out = evbuffer_new();

	OSMO_ASSERT(out);
	evhttp_add_header(headers, "Content-Type", type);
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	if (evhttp_request_get_command(req) == EVHTTP_REQ_HEAD) {
		char length[24];

		snprintf(length, sizeof(length), "%zu", n);
		evhttp_add_header(headers, "Content-Length", length);
	} else {
		evbuffer_add(out, body, n);
	}
	evhttp_send_reply(req, status, NULL, out);
	evbuffer_free(out);
}

static void send_json(struct evhttp_request *req, int status,
		      const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	OSMO_ASSERT(text);
	respond(req, status, "application/json", text, strlen(text));
	free(text);
}

static void send_error(struct evhttp_request *req, int status, const char *why)
{
	json_t *json = json_pack("{s:o}", "error", object_sentence(why));

	send_json(req, status, json);
	json_decref(json);
}

static void send_method(struct evhttp_request *req, const char *allowed)
{
	evhttp_add_header(evhttp_request_get_output_headers(req), "Allow",
			  allowed);
	send_error(req, 405, "this method does not belong to this path");
}

static int status_of(const struct exchange *exchange,
		     const struct api_answer *answer)
{
	static const struct {
		int error;
		int status;
	} refusals[] = {
		{ -EINVAL, 400 },    { -ENOENT, 404 },	     { -EEXIST, 409 },
		{ -EBUSY, 409 },     { -EHOSTUNREACH, 409 }, { -EAGAIN, 503 },
		{ -ETIMEDOUT, 504 }, { -ENOSPC, 507 },
	};

	if (answer->rc == COMMAND_DONE)
		return exchange->created ? 201 : 200;
	if (answer->rc == COMMAND_USAGE)
		return 400;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		if (refusals[i].error == answer->error)
			return refusals[i].status;
	}
	return 500;
}

/* ---- the API ---- */

static int exchange_gone(struct exchange *exchange)
{
	struct evhttp_connection *conn =
		evhttp_request_get_connection(exchange->req);

	llist_del(&exchange->entry);
	if (conn)
		evhttp_connection_set_closecb(conn, NULL, NULL);
	if (exchange->ticket)
		api_forget(exchange->http->api, exchange->ticket);
	return 0;
}

static void peer_left(struct evhttp_connection *conn, void *data)
{
	struct exchange *exchange = data;

	/* The request is gone with its connection. */
	talloc_set_destructor(exchange, NULL);
	llist_del(&exchange->entry);
	if (exchange->ticket)
		api_forget(exchange->http->api, exchange->ticket);
	talloc_free(exchange);
}

static void answered(void *data, const struct api_answer *answer)
{
	struct exchange *exchange = data;
	struct evhttp_request *req = exchange->req;
	int status = status_of(exchange, answer);

	exchange->ticket = 0;
	talloc_free(exchange);
	if (answer->rc == COMMAND_DONE)
		send_json(req, status, answer->value);
	else
		send_error(req, status, answer->text);
}

static void ask(struct http *http, struct evhttp_request *req,
		struct command_request *request)
{
	const char *verb = request->command->verb;
	struct exchange *exchange = talloc_zero(http, struct exchange);
	uint64_t ticket;

	OSMO_ASSERT(exchange);
	exchange->http = http;
	exchange->req = req;
	exchange->created = verb && strcmp(verb, "add") == 0;
	llist_add_tail(&exchange->entry, &http->exchanges);
	talloc_set_destructor(exchange, exchange_gone);
	ticket = api_ask(http->api, request, answered, exchange);
	if (!ticket)
		return;
	exchange->ticket = ticket;
	evhttp_connection_set_closecb(evhttp_request_get_connection(req),
				      peer_left, exchange);
}

static const char *method_name(struct evhttp_request *req)
{
	switch (evhttp_request_get_command(req)) {
	case EVHTTP_REQ_GET:
	case EVHTTP_REQ_HEAD: /* respond() leaves the body out */
		return "GET";
	case EVHTTP_REQ_POST:
		return "POST";
	case EVHTTP_REQ_PATCH:
		return "PATCH";
	case EVHTTP_REQ_DELETE:
		return "DELETE";
	default:
		return "";
	}
}

static void count_wrong(void *data, const struct api_answer *answer)
{
}

static void serve_api(struct http *http, struct evhttp_request *req,
		      const char *path, const char *query)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(req);
	struct rest_text text = {
		.method = method_name(req),
		.path = path + strlen(REST_PREFIX),
		.query = query,
		.body_bytes = evbuffer_get_length(in),
	};
	struct command_request *request;
	char why[COMMAND_WHY_MAX];
	void *tmp = talloc_new(http);

	if (text.body_bytes)
		text.body = (const char *)evbuffer_pullup(in, -1);
	switch (rest_parse(tmp, &text, &request, why)) {
	case REST_OK:
		ask(http, req, request);
		break;
	case REST_NOT_FOUND:
		send_error(req, 404,
			   "there is nothing here; see " REST_PREFIX
			   "/openapi.json");
		break;
	case REST_METHOD:
		send_method(req, why);
		break;
	case REST_BAD:
		api_wrong(http->api, why, count_wrong, NULL);
		send_error(req, 400, why);
		break;
	}
	talloc_free(tmp);
}

/* ---- pages ---- */

static void serve_health(struct http *http, struct evhttp_request *req)
{
	respond(req, 200, "text/plain; charset=utf-8", "ok\n", 3);
}

static void serve_metrics(struct http *http, struct evhttp_request *req)
{
	char *text = http_metrics(http, http->api);

	respond(req, 200, HTTP_METRICS_TYPE, text, strlen(text));
	talloc_free(text);
}

static void serve_openapi(struct http *http, struct evhttp_request *req)
{
	json_t *document = openapi_document();

	send_json(req, 200, document);
	json_decref(document);
}

static const struct page {
	const char *path;
	void (*serve)(struct http *http, struct evhttp_request *req);
} pages[] = {
	{ "/healthz", serve_health },
	{ "/metrics", serve_metrics },
	{ REST_PREFIX "/openapi.json", serve_openapi },
};

static const struct page *page_find(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		if (strcmp(pages[i].path, path) == 0)
			return &pages[i];
	}
	return NULL;
}

static bool is_api(const char *path)
{
	size_t n = strlen("/api");

	return strncmp(path, "/api", n) == 0 &&
	       (path[n] == '/' || path[n] == '\0');
}

static int check(struct server *server, struct evhttp_request *req,
		 const char *path, const char **ret_why)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(req);
	struct evbuffer *in = evhttp_request_get_input_buffer(req);
	int status = http_check_request(evhttp_request_get_uri(req), headers,
					ret_why);

	if (status || !is_api(path))
		return status;
	if (!server->loopback) {
		*ret_why = "without log-in the API is served on a loopback "
			   "address only; see `http listen` in the "
			   "configuration";
		return 403;
	}
	return http_check_api(headers, evbuffer_get_length(in) > 0, ret_why);
}

static void on_request(struct evhttp_request *req, void *data)
{
	struct server *server = data;
	struct http *http = server->http;
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
	const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
	const struct page *page;
	const char *why = NULL;
	int status;

	http->requests++;
	status = check(server, req, path ? path : "", &why);
	if (status) {
		http->refused++;
		send_error(req, status, why);
		return;
	}
	page = page_find(path);
	if (page && strcmp(method_name(req), "GET") != 0)
		send_method(req, "GET");
	else if (page)
		page->serve(http, req);
	else if (strncmp(path, REST_PREFIX "/", strlen(REST_PREFIX "/")) == 0)
		serve_api(http, req, path, evhttp_uri_get_query(uri));
	else
		send_error(req, 404, "there is nothing here");
}

/* ---- listening ---- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool parse_address(const char *text, uint16_t port, union address *ret,
			  socklen_t *ret_len, bool *ret_loopback)
{
	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, text, &ret->v4.sin_addr) == 1) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons(port);
		*ret_len = sizeof(ret->v4);
		*ret_loopback =
			ntohl(ret->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
		return true;
	}
	if (inet_pton(AF_INET6, text, &ret->v6.sin6_addr) == 1) {
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_port = htons(port);
		*ret_len = sizeof(ret->v6);
		*ret_loopback = IN6_IS_ADDR_LOOPBACK(&ret->v6.sin6_addr);
		return true;
	}
	return false;
}

static int open_socket(union address *address, socklen_t len, int *ret_fd)
{
	int fd = socket(address->any.sa_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;
	int rc;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address->any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, &address->any, len) < 0 || listen(fd, SOMAXCONN) < 0 ||
	    getsockname(fd, &address->any, &len) < 0) {
		rc = -errno;
		close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

static int server_gone(struct server *server)
{
	talloc_free(server->census);
	talloc_free(server->listener);
	evhttp_free(server->evhttp); /* and the socket that it listens at */
	return 0;
}

static struct server *server_new(struct http *http, int fd, bool loopback)
{
	struct server *server = talloc_zero(http, struct server);
	struct evconnlistener *lev;

	OSMO_ASSERT(server);
	server->http = http;
	server->loopback = loopback;
	server->evhttp = evhttp_new(http->base);
	lev = evconnlistener_new(http->base, NULL, NULL,
				 LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
				 0, fd);
	OSMO_ASSERT(server->evhttp && lev);
	evhttp_bind_listener(server->evhttp, lev);
	server->listener =
		listener_new(server, http->base, lev, CENSUS_MAX, "http");
	server->census = census_new(server, http->base, server->listener);
	evhttp_set_max_headers_size(server->evhttp, HTTP_HEADERS_MAX);
	evhttp_set_max_body_size(server->evhttp, HTTP_BODY_MAX);
	evhttp_set_timeout(server->evhttp, HTTP_TIMEOUT_S);
	evhttp_set_allowed_methods(server->evhttp,
				   EVHTTP_REQ_GET | EVHTTP_REQ_HEAD |
					   EVHTTP_REQ_POST | EVHTTP_REQ_PATCH |
					   EVHTTP_REQ_DELETE);
	evhttp_set_bevcb(server->evhttp, census_bufferevent, server->census);
	evhttp_set_gencb(server->evhttp, on_request, server);
	talloc_set_destructor(server, server_gone);
	return server;
}

int http_listen(struct http *http, const char *address, uint16_t port,
		uint16_t *ret_port, char why[ADMIN_WHY_MAX])
{
	union address bound;
	socklen_t len;
	bool loopback;
	int fd = -1;
	int rc;

	if (!parse_address(address, port, &bound, &len, &loopback)) {
		snprintf(why, ADMIN_WHY_MAX, "http: %s is no address", address);
		return -EINVAL;
	}
	if (http->n_servers == SERVERS_MAX) {
		snprintf(why, ADMIN_WHY_MAX, "http: more than %d addresses",
			 SERVERS_MAX);
		return -ENOSPC;
	}
	rc = open_socket(&bound, len, &fd);
	if (rc) {
		snprintf(why, ADMIN_WHY_MAX,
			 "http: cannot listen at %s port "
			 "%u: %s",
			 address, port, strerror(-rc));
		return rc;
	}
	http->servers[http->n_servers++] = server_new(http, fd, loopback);
	*ret_port = ntohs(bound.any.sa_family == AF_INET6 ? bound.v6.sin6_port
							  : bound.v4.sin_port);
	return 0;
}

/* ---- */

static void counters(void *door, admin_counter_cb *cb, void *data)
{
	struct http *http = door;
	struct listener_counts sum = { 0 };
	uint64_t crowded = 0;

	for (size_t i = 0; i < http->n_servers; i++) {
		const struct listener_counts *one =
			listener_counts(http->servers[i]->listener);

		census_sweep(http->servers[i]->census);
		crowded += census_refused(http->servers[i]->census);
		sum.open += one->open;
		sum.accepted += one->accepted;
		sum.full += one->full;
		sum.failed += one->failed;
	}
	const struct admin_counter all[] = {
		{ "http_connections", "Connections of HTTP.", ADMIN_GAUGE, NULL,
		  NULL, sum.open },
		{ "http_connections_total", "Connections accepted.",
		  ADMIN_COUNTER, NULL, NULL, sum.accepted },
		{ "http_full_total",
		  "Times that the limit of connections was reached.",
		  ADMIN_COUNTER, NULL, NULL, sum.full },
		{ "http_accept_failed_total",
		  "Times that no connection could be accepted.", ADMIN_COUNTER,
		  NULL, NULL, sum.failed },
		{ "http_crowded_total",
		  "Connections refused since their address had too many.",
		  ADMIN_COUNTER, NULL, NULL, crowded },
		{ "http_requests_total", "Requests read.", ADMIN_COUNTER, NULL,
		  NULL, http->requests },
		{ "http_refused_total", "Requests refused unread.",
		  ADMIN_COUNTER, NULL, NULL, http->refused },
	};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		cb(&all[i], data);
}

static int http_gone(struct http *http)
{
	struct exchange *exchange;
	struct exchange *next;

	llist_for_each_entry_safe (exchange, next, &http->exchanges, entry)
		talloc_free(exchange);
	return 0;
}

struct http *http_new(void *ctx, struct event_base *base, struct api *api)
{
	struct http *http = talloc_zero(ctx, struct http);

	OSMO_ASSERT(http);
	http->base = base;
	http->api = api;
	INIT_LLIST_HEAD(&http->exchanges);
	talloc_set_destructor(http, http_gone);
	api_add_door(api, counters, http);
	return http;
}
