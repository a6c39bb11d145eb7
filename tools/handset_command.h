/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * handset_command.h - one line of a script, or of the ':' prompt, understood
 *
 *     "dial 202"  -->  { COMMAND_DIAL, "202" }
 *     "dial"      -->  "dial needs a number: dial NUMBER"
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define COMMAND_LINE_MAX 1024

enum command_verb {
	COMMAND_NONE, /* an empty line, or a comment (#) */
	COMMAND_SUBSCRIBE,
	COMMAND_POWER,
	COMMAND_RANGE,
	COMMAND_DIAL,
	COMMAND_ANSWER,
	COMMAND_REJECT,
	COMMAND_HANGUP,
	COMMAND_HOLD,
	COMMAND_RETRIEVE,
	COMMAND_KEYS,
	COMMAND_PLAY,
	COMMAND_RECORD,
	COMMAND_STATE,
	COMMAND_HELP,
	COMMAND_QUIT,
};

struct command {
	enum command_verb verb;
	bool on; /* POWER on, RANGE in */
	char argument[COMMAND_LINE_MAX];
};

/* False: @ret_error says in one sentence what is wrong and what is right. */
bool command_parse(const char *line, struct command *ret_command,
		   char *ret_error, size_t error_size);

/* "dial NUMBER", for each command in turn; NULL after the last. */
const char *command_usage(unsigned int i);

/* "dial"; "" for COMMAND_NONE. */
const char *command_word(enum command_verb verb);
