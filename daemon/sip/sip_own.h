/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_own.h - reading back a message that we wrote ourselves
 *
 * A CANCEL, and the ACK of a refusal, repeat lines of the INVITE that was
 * sent (RFC 3261, 9.1 and 17.1.1.3).  Ours have long names, "Name: value",
 * and no folds: finding a line again needs no parser.  Spans point into the
 * message.
 */
#pragma once

#include <stdint.h>

#include "span.h"

/* "INVITE" and the URI of the request line; empty in an answer. */
struct span sip_own_method(struct span message);
struct span sip_own_uri(struct span message);

/* The value of the first header called @name; NULL pointer: none. */
struct span sip_own_value(struct span message, const char *name);

/* The next header line, without its end, from @*at on (0: the first); false
 * behind the last. */
bool sip_own_line(struct span message, size_t *at, struct span *ret_line);

struct span sip_own_body(struct span message);
uint32_t sip_own_cseq(struct span message);
struct span sip_own_branch(struct span message);
