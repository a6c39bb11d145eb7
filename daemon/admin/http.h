/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http.h - REST, metrics and health over HTTP/1.1
 *
 *     /healthz              "ok"
 *     /metrics              Prometheus text, all counters of the gateway
 *     /api/v1/openapi.json  what the API is
 *     /api/v1/...           the commands (rest.h)
 *
 * An answer of the API is the JSON value that twinctl --json prints; an error
 * is {"error": "one sentence"} with a status of its own:
 *
 *     400 wrong usage, or a wrong key or value   404 no such thing
 *     403 not from here                          409 something stands in the
 * way 405, 413, 415 as in RFC 9110               503 busy   507 disk full
 *
 * Without log-in, the API is for the loopback: a server at another address
 * answers 403.  What else is checked: http_check.h.
 *
 * Limits: CENSUS_MAX connections at an address that is served (the others wait
 * in the kernel), CENSUS_PEER_MAX of one peer (http_census.h);
 * HTTP_HEADERS_MAX, HTTP_BODY_MAX, HTTP_TIMEOUT_S of silence. Made for a LAN,
 * not for the Internet.
 */
#pragma once

#include "api.h"

#define HTTP_HEADERS_MAX 8192 /* bytes */
#define HTTP_BODY_MAX 65536   /* bytes */
#define HTTP_TIMEOUT_S 10

struct http;
struct event_base;

struct http *http_new(void *ctx, struct event_base *base, struct api *api);

/* See admin_listen_http(). */
int http_listen(struct http *http, const char *address, uint16_t port,
		uint16_t *ret_port, char why[ADMIN_WHY_MAX]);
