/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sdp_line.h - session descriptions line by line; private to this room
 */
#pragma once

#include "sdp.h"

struct sdp_line {
	char type;	   /* 'm' of "m=audio ..."; NUL of an empty line */
	struct span text;  /* the whole line, without its end */
	struct span value; /* behind "x=" */
};

/* Takes a line off; it ends with LF, with CRLF, or with the text. */
bool sdp_line_next(struct span *rest, struct sdp_line *ret_line);

/* Takes a word off, and the blanks before it; empty at the end. */
struct span sdp_word(struct span *rest);

bool sdp_is_direction(struct span value, enum sdp_direction *ret_direction);
