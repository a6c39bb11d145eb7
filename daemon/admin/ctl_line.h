/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ctl_line.h - what goes over the control socket: a line each way
 *
 *     > {"id": 7, "noun": "extension", "verb": "show", "args": ["201"]}
 *     < {"id": 7, "rc": 0, "result": {"number": "201", ...}}
 *
 *     > {"noun": "pairing", "verb": "add", "args": ["201", "301"],
 *        "set": {"max_calls": "2"}}
 *     < {"rc": 1, "error": "301 is the secondary of 202"}
 *
 * `id` is the asker's, any JSON scalar, and comes back as it was; it may be
 * missing.  `rc` is the exit status of twinctl: 0 done, 1 refused, 2 wrong
 * usage.  A line is UTF-8 and ends with LF; it may not name a member twice.
 */
#pragma once

#include <jansson.h>

#include "command.h"

#define CTL_LINE_MAX 65536 /* bytes of a request */

/*
 * A line without its end.  -EINVAL: wrong usage, the sentence is in @why.
 * @ret_id is a new reference in either case, NULL if the line has none.  No
 * sentence quotes the line, which may hold a password.
 */
int ctl_line_parse(void *ctx, const char *line, size_t n,
		   struct command_request **ret_request, json_t **ret_id,
		   char why[COMMAND_WHY_MAX]);

/* The reply with its LF, a child of @ctx.  @result is for rc 0. */
char *ctl_line_reply(void *ctx, const json_t *id, enum command_rc rc,
		     json_t *result, const char *error);
