/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * twinctl_text.h - an answer of the gateway for a person to read
 *
 *     a list       a table, or "No extensions."
 *     one thing    a line a property
 *     a change     one sentence
 *
 * Times are local.  Text that came from outside may hold anything: control
 * characters are shown as "?", so that no caller's name moves the cursor.
 */
#pragma once

#include <jansson.h>

#include "command.h"

/* A child of @ctx, with its last LF. */
char *twinctl_text(void *ctx, const struct command *command,
		   const json_t *value);
