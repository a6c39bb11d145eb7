/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * handset_screen.h - a handset drawn in a terminal of 80 by 24
 *
 *     struct screen, time --> screen_draw() --> text with colours
 *     bytes of the keyboard --> screen_key() --> a command, as a script's
 *
 *     +------------------------------+
 *     | ▂▄▆█     ⇄          ✉1 12:04 |   signal, twin, messages, time
 *     |                              |
 *     |         Alice Meyer          |
 *     |             201              |
 *     |        2 missed calls        |
 *     |                              |
 *     | Register               Power |   the soft keys [ and ]
 *     +------------------------------+
 *     |   call       C        end    |
 *     |    1       2 abc     3 def   |
 *
 * The drawing knows no terminal and the keyboard knows no handset, so both
 * can be tested.  Without UTF-8 the lines are drawn in ASCII.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim_pt.h"

#define SCREEN_LINES 24
#define SCREEN_COLUMNS 80
#define SCREEN_BYTES_MAX 8192
#define SCREEN_TYPED_MAX 31
#define SCREEN_PROMPT_MAX 255

struct screen {
	bool utf8;
	const char *label; /* --name, or NULL */
	enum pt_state state;
	enum pt_call_state call_state;
	char number[PT_NUMBER_MAX + 1]; /* its own */
	char name[PT_NAME_MAX + 1];
	char party_number[PT_NUMBER_MAX + 1];
	char party_name[PT_NAME_MAX + 1];
	char display[PT_TEXT_MAX + 1];
	bool twin, dnd, paged;
	unsigned int missed, messages;
	bool playing, recording;
	int64_t since_ms; /* the conversation began */
	char clock[6];	  /* "12:04" or "" */
	char typed[SCREEN_TYPED_MAX + 1];
	bool prompting; /* ':' was pressed */
	char prompt[SCREEN_PROMPT_MAX + 1];
	char notice[160];    /* what happened last */
	unsigned int escape; /* of a key of several bytes */
};

/* What was said to the handset. */
void screen_event(struct screen *screen, int64_t now_ms,
		  const struct pt_event *event);

/* At most @lines lines; returns the number of bytes in @buf. */
size_t screen_draw(const struct screen *screen, int64_t now_ms,
		   unsigned int lines, char buf[SCREEN_BYTES_MAX]);

/*
 * One byte of the keyboard; 0 stands for a pause after it.  True: @ret_line
 * (SCREEN_PROMPT_MAX + 1 bytes) is a command to be carried out.
 */
bool screen_key(struct screen *screen, unsigned char key, char *ret_line);
