/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "handset_command.h"

enum argument_kind {
	ARG_NONE,
	ARG_CODE, /* up to eight digits, or nothing */
	ARG_NUMBER,
	ARG_KEYS,
	ARG_FILE, /* the rest of the line, spaces and all */
	ARG_ON_OFF,
	ARG_IN_OUT,
	ARG_LATER, /* known, but not offered by this base */
};

#define CODE_MAX 8
#define NUMBER_DIGITS_MAX 31
#define KEYS_MAX 63

static const struct entry {
	const char *word;
	enum command_verb verb;
	enum argument_kind kind;
	const char *usage;
} entries[] = {
	{ "subscribe", COMMAND_SUBSCRIBE, ARG_CODE, "subscribe [AC]" },
	{ "power", COMMAND_POWER, ARG_ON_OFF, "power on|off" },
	{ "range", COMMAND_RANGE, ARG_IN_OUT, "range in|out" },
	{ "dial", COMMAND_DIAL, ARG_NUMBER, "dial NUMBER" },
	{ "answer", COMMAND_ANSWER, ARG_NONE, "answer" },
	{ "reject", COMMAND_REJECT, ARG_NONE, "reject" },
	{ "hangup", COMMAND_HANGUP, ARG_NONE, "hangup" },
	{ "hold", COMMAND_HOLD, ARG_NONE, "hold" },
	{ "retrieve", COMMAND_RETRIEVE, ARG_NONE, "retrieve" },
	{ "keys", COMMAND_KEYS, ARG_KEYS, "keys DIGITS" },
	{ "play", COMMAND_PLAY, ARG_FILE, "play FILE" },
	{ "record", COMMAND_RECORD, ARG_FILE, "record FILE" },
	{ "state", COMMAND_STATE, ARG_NONE, "state" },
	{ "help", COMMAND_HELP, ARG_NONE, "help" },
	{ "quit", COMMAND_QUIT, ARG_NONE, "quit" },
	{ "transfer", COMMAND_NONE, ARG_LATER, NULL },
	{ "log", COMMAND_NONE, ARG_LATER, NULL },
	{ "log-delete", COMMAND_NONE, ARG_LATER, NULL },
	{ "directory", COMMAND_NONE, ARG_LATER, NULL },
	{ "redial", COMMAND_NONE, ARG_LATER, NULL },
};

const char *command_usage(unsigned int i)
{
	return i < ARRAY_SIZE(entries) ? entries[i].usage : NULL;
}

const char *command_word(enum command_verb verb)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(entries); i++)
		if (verb != COMMAND_NONE && entries[i].verb == verb)
			return entries[i].word;
	return "";
}

static const struct entry *find(const char *word, size_t n)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(entries); i++)
		if (strlen(entries[i].word) == n &&
		    memcmp(entries[i].word, word, n) == 0)
			return &entries[i];
	return NULL;
}

static bool unknown(const char *word, size_t n, char *ret_error, size_t size)
{
	size_t used, i;

	used = snprintf(ret_error, size, "there is no command '%.*s', but: ",
			(int)OSMO_MIN(n, 40), word);
	for (i = 0; command_usage(i) && used < size; i++)
		used += snprintf(ret_error + used, size - used, "%s%s",
				 i ? ", " : "", command_usage(i));
	return false;
}

static bool is_made_of(const char *text, const char *alphabet, size_t max)
{
	return strlen(text) <= max && text[strspn(text, alphabet)] == '\0';
}

/* True if one of two words; then *@ret_first says whether the first. */
static bool one_of(const char *text, const char *first, const char *second,
		   bool *ret_first)
{
	*ret_first = strcmp(text, first) == 0;
	return *ret_first || strcmp(text, second) == 0;
}

static const char *fault(const struct entry *entry, struct command *command)
{
	const char *text = command->argument;

	switch (entry->kind) {
	case ARG_NONE:
		return *text ? "takes nothing behind it" : NULL;
	case ARG_CODE:
		return is_made_of(text, "0123456789", CODE_MAX)
			       ? NULL
			       : "takes a code of up to 8 digits";
	case ARG_NUMBER:
		return *text && is_made_of(text, "0123456789*#+",
					   NUMBER_DIGITS_MAX)
			       ? NULL
			       : "needs a number of up to 31 digits, * or #";
	case ARG_KEYS:
		return *text && is_made_of(text, "0123456789*#", KEYS_MAX)
			       ? NULL
			       : "needs up to 63 digits, * or #";
	case ARG_FILE:
		return *text ? NULL : "needs the name of a file";
	case ARG_ON_OFF:
		return one_of(text, "on", "off", &command->on)
			       ? NULL
			       : "needs on or off";
	case ARG_IN_OUT:
		return one_of(text, "in", "out", &command->on)
			       ? NULL
			       : "needs in or out";
	case ARG_LATER:
		break;
	}
	return NULL;
}

bool command_parse(const char *line, struct command *ret_command,
		   char *ret_error, size_t error_size)
{
	const struct entry *entry;
	const char *wrong, *end;
	size_t n;

	*ret_command = (struct command){ .verb = COMMAND_NONE };
	while (isspace((unsigned char)*line))
		line++;
	if (*line == '\0' || *line == '#')
		return true;
	n = strcspn(line, " \t\r\n");
	entry = find(line, n);
	if (!entry)
		return unknown(line, n, ret_error, error_size);
	if (entry->kind == ARG_LATER) {
		snprintf(ret_error, error_size,
			 "%s: the base does not offer it", entry->word);
		return false;
	}

	line += n;
	while (isspace((unsigned char)*line))
		line++;
	for (end = line + strlen(line);
	     end > line && isspace((unsigned char)end[-1]);)
		end--;
	osmo_strlcpy(ret_command->argument, line,
		     OSMO_MIN((size_t)(end - line) + 1,
			      sizeof(ret_command->argument)));
	wrong = fault(entry, ret_command);
	if (wrong) {
		snprintf(ret_error, error_size, "%s %s: %s", entry->word, wrong,
			 entry->usage);
		return false;
	}
	ret_command->verb = entry->verb;
	return true;
}
