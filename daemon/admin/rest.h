/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rest.h - the table of commands as HTTP resources
 *
 *     PATCH /api/v1/pairings/201  {"max_calls": 2}
 *       |                  |        |
 *     method, path of a command     keys
 *                          an argument
 *
 * An argument that the path does not name is a member of the body.  The keys
 * of a GET stand in the query.  Text in, request out: no socket, no evhttp.
 */
#pragma once

#include <stddef.h>

#include "command.h"

#define REST_PREFIX "/api/v1"
#define REST_SEGMENTS_MAX 6

enum rest_result {
	REST_OK,
	REST_NOT_FOUND,
	REST_METHOD, /* not for this path; @why lists those that are */
	REST_BAD,    /* the sentence is in @why */
};

struct rest_text {
	const char *method;
	const char *path;  /* behind REST_PREFIX, as received: "/calls/17" */
	const char *query; /* behind '?', as received; NULL if none */
	const char *body;
	size_t body_bytes;
};

enum rest_result rest_parse(void *ctx, const struct rest_text *text,
			    struct command_request **ret_request,
			    char why[COMMAND_WHY_MAX]);

/*
 * Undo percent-encoding (RFC 3986, 2.1) of @n bytes.  NULL for what is
 * malformed, not UTF-8, or holds a control character.
 */
char *rest_decode(void *ctx, const char *text, size_t n, bool plus_is_space);
