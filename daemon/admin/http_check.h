/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_check.h - what evhttp lets through and we do not
 *
 * evhttp takes requests with two lengths, without a host or with an absolute
 * target (measured); and a page in a browser can be made to send requests to
 * a service on its own machine, by a name that resolves to it or by a form.
 * So before a request is looked at:
 *
 *   - exactly one Host (RFC 9112, 3.2), at most one Content-Length, digits
 *     only, no trailer or upgrade, a target that begins with "/"
 *   - at /api the host is the loopback by name or address, an Origin is our
 *     own, and a body says that it is JSON
 */
#pragma once

#include <stdbool.h>

struct evkeyvalq;

#define HTTP_HOST_MAX 255

/* 0, or the status of the refusal with its sentence. */
int http_check_request(const char *target, const struct evkeyvalq *headers,
		       const char **ret_why);
int http_check_api(const struct evkeyvalq *headers, bool has_body,
		   const char **ret_why);

/* "localhost", 127.0.0.0/8, [::1]; with or without a port. */
bool http_is_loopback(const char *host);
