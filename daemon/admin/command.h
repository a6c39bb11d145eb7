/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command.h - what an administrator can say: one table, several renderings
 *
 *     argv (twinctl) ----+
 *     a line of JSON ----+--> struct command_request --> api.h
 *     HTTP (rest.h) -----+           ^
 *                                    |
 *     table: noun, verb, arguments, keys, HTTP method and path
 *         |
 *         +--> --help of twinctl, texts of wrong usage, openapi.json
 *
 * Knows words and nothing of the gateway, so that twinctl is built with it.
 * A request is well-formed, no more: whether its keys and values are right is
 * decided by who carries it out.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define COMMAND_ARGS_MAX 2
#define COMMAND_SETS_MAX 31  /* key=value pairs in one request */
#define COMMAND_TEXT_MAX 255 /* bytes of an argument or a value */
#define COMMAND_WHY_MAX 512

enum command_id {
	CMD_STATUS,
	CMD_EXTENSION_ADD,
	CMD_EXTENSION_SET,
	CMD_EXTENSION_SHOW,
	CMD_EXTENSION_LIST,
	CMD_EXTENSION_REMOVE,
	CMD_PAIRING_ADD,
	CMD_PAIRING_SET,
	CMD_PAIRING_SHOW,
	CMD_PAIRING_LIST,
	CMD_PAIRING_REMOVE,
	CMD_HANDSET_OPEN,
	CMD_HANDSET_CLOSE,
	CMD_HANDSET_LIST,
	CMD_HANDSET_SHOW,
	CMD_HANDSET_ASSIGN,
	CMD_HANDSET_LOCATE,
	CMD_HANDSET_REMOVE,
	CMD_BASE_LIST,
	CMD_BASE_SHOW,
	CMD_REGISTRATION_LIST,
	CMD_REGISTRATION_REMOVE,
	CMD_CALL_LIST,
	CMD_CALL_ACTIVE,
	CMD_CALL_SHOW,
	CMD_CALL_EXPLAIN,
	CMD_CALL_SEEN,
	CMD_CALL_REMOVE,
	_NUM_CMD
};

enum key_need {
	KEY_OPTIONAL,
	KEY_REQUIRED,
	KEY_SETTING, /* optional; one of so many that no synopsis lists them */
};

struct command_key {
	enum key_need need;
	const char *name;
	const char *values; /* "sip|dect", "TEXT", "N" */
	const char *help;
};

/* What an answer is made of; command_schema_name() has its name. */
enum command_schema {
	SCHEMA_STATUS,
	SCHEMA_EXTENSION,
	SCHEMA_PAIRING,
	SCHEMA_WINDOW,
	SCHEMA_HANDSET,
	SCHEMA_BASE,
	SCHEMA_REGISTRATION,
	SCHEMA_LOG_RECORD,
	SCHEMA_ACTIVE_CALL,
	SCHEMA_CALL,
	SCHEMA_EXPLANATION,
	_NUM_SCHEMA
};

struct command {
	enum command_id id;
	const char *noun;
	const char *verb;			/* NULL: the noun says it all */
	const char *args[COMMAND_ARGS_MAX + 1]; /* names, in capitals */
	const struct command_key *keys; /* ends with a NULL name; or NULL */
	const char *help;
	enum command_schema schema;
	bool list;	    /* the answer is an array */
	const char *method; /* HTTP; NULL for a short form of another */
	const char *path;   /* below /api/v1: "/extensions/{number}" */
};

struct command_request {
	const struct command *command;
	const char *args[COMMAND_ARGS_MAX];
	size_t n_sets;
	struct {
		const char *key;
		const char *value;
	} sets[COMMAND_SETS_MAX];
};

/* The exit statuses of twinctl, and `rc` of the control socket. */
enum command_rc {
	COMMAND_DONE = 0,
	COMMAND_REFUSED = 1,
	COMMAND_USAGE = 2,
	COMMAND_UNREACHABLE = 3,
};

/* All commands, in the order of --help; ends with a NULL noun. */
extern const struct command command_table[];

const struct command *command_by_id(enum command_id id);
const char *command_schema_name(enum command_schema schema);

/* The form of one command: "extension show NUMBER"; a child of @ctx. */
char *command_synopsis(void *ctx, const struct command *command);
/* All of them with their help, as `twinctl --help` shows them. */
char *command_help(void *ctx);

/* The key of that name, NULL if the command has none. */
const struct command_key *command_key(const struct command *command,
				      const char *name);

/*
 * Words into a request, a child of @ctx that owns its text.  -EINVAL: wrong
 * usage, and @why is one sentence that names the right words.
 */
int command_parse(void *ctx, int argc, const char *const *argv,
		  struct command_request **ret_request,
		  char why[COMMAND_WHY_MAX]);

/*
 *     {"noun": "extension", "verb": "add", "args": ["201"],
 *      "set": {"name": "Alice", "kind": "sip"}}
 *
 * Values may be strings, integers, true and false (on and off), or null (the
 * empty text).  `id` is for whoever holds @json; any other member is wrong.
 */
int command_from_json(void *ctx, const json_t *json,
		      struct command_request **ret_request,
		      char why[COMMAND_WHY_MAX]);
json_t *command_to_json(const struct command_request *request);

/* One argument (-EINVAL if it is not text as above), and the keys of an
 * object; for renderers that find the command by other means (rest.h). */
struct command_request *command_request_new(void *ctx,
					    const struct command *command);
int command_set_arg(struct command_request *request, size_t i,
		    const json_t *value, char why[COMMAND_WHY_MAX]);
int command_set_key(struct command_request *request, const char *key,
		    const json_t *value, char why[COMMAND_WHY_MAX]);
