/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libre_view.h - what libre reads in a message, without libre's names
 *
 * libre's types are called as ours are, so that one file alone may see both.
 */
#pragma once

#include <stdint.h>

#include "span.h"

/* Spans live until the next call. */
struct libre_view {
	bool is_request;
	unsigned int status;
	struct span method, call_id;
	uint32_t cseq;
	struct span cseq_method;
	struct span from_tag, to_tag;
	struct span via_branch;
};

/* False: libre cannot read it. */
bool libre_view(const uint8_t *data, size_t len, struct libre_view *ret_view);
