/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

static const char *const schema_names[_NUM_SCHEMA] = {
	[SCHEMA_STATUS] = "status",
	[SCHEMA_EXTENSION] = "extension",
	[SCHEMA_PAIRING] = "pairing",
	[SCHEMA_WINDOW] = "window",
	[SCHEMA_HANDSET] = "handset",
	[SCHEMA_BASE] = "base",
	[SCHEMA_REGISTRATION] = "registration",
	[SCHEMA_LOG_RECORD] = "log_record",
	[SCHEMA_ACTIVE_CALL] = "active_call",
	[SCHEMA_CALL] = "call",
	[SCHEMA_EXPLANATION] = "explanation",
};

const char *command_schema_name(enum command_schema schema)
{
	return schema_names[schema];
}

const struct command *command_by_id(enum command_id id)
{
	const struct command *c = command_table;

	while (c->id != id || !c->method)
		c++;
	return c;
}

const struct command_key *command_key(const struct command *command,
				      const char *name)
{
	const struct command_key *key = command->keys;

	for (; key && key->name; key++) {
		if (strcmp(key->name, name) == 0)
			return key;
	}
	return NULL;
}

/* ---- the table as text ---- */

/* Without its keys. */
static char *short_form(void *ctx, const struct command *command)
{
	char *text = talloc_strdup(ctx, command->noun);

	if (command->verb)
		text = talloc_asprintf_append(text, " %s", command->verb);
	for (size_t i = 0; command->args[i]; i++)
		text = talloc_asprintf_append(text, " %s", command->args[i]);
	return text;
}

char *command_synopsis(void *ctx, const struct command *command)
{
	const struct command_key *key = command->keys;
	char *text = short_form(ctx, command);

	for (; key && key->name; key++)
		if (key->need != KEY_SETTING)
			text = talloc_asprintf_append(text,
						      key->need == KEY_REQUIRED
							      ? " %s=%s"
							      : " [%s=%s]",
						      key->name, key->values);
		else if (!key[1].name)
			text = talloc_strdup_append(text, " [SETTING=VALUE]");
	return text;
}

/* "  form       help", or on two lines if the form is long. */
static char *help_line(char *text, int indent, const char *form,
		       const char *help)
{
	const int column = 34;
	int room = column - indent - 1;

	if ((int)strlen(form) > room)
		return talloc_asprintf_append_buffer(text, "%*s%s\n%*s%s\n",
						     indent, "", form, column,
						     "", help);
	return talloc_asprintf_append_buffer(text, "%*s%-*s %s\n", indent, "",
					     room, form, help);
}

char *command_help(void *ctx)
{
	const struct command *c = command_table;
	const struct command_key *told = NULL;
	char *text = talloc_strdup(ctx, "");

	for (; c->noun; c++) {
		const struct command_key *key = c->keys;
		char *form = short_form(text, c);

		if (c != command_table && strcmp(c->noun, c[-1].noun) != 0 &&
		    c->method)
			text = talloc_strdup_append_buffer(text, "\n");
		if (key)
			form = talloc_strdup_append(
				form, key->need == KEY_REQUIRED
					      ? " key=value ..."
					      : " [key=value ...]");
		text = help_line(text, 2, form, c->help);
		if (key == told)
			key = NULL; /* as above */
		for (; key && key->name; key++) {
			form = talloc_asprintf(text, "%s=%s", key->name,
					       key->values);
			text = help_line(text, 6, form, key->help);
		}
		if (c->keys)
			told = c->keys;
	}
	return text;
}

/* ---- words ---- */

/* ", " between all but the first. */
static char *listed(char *list, const char *word)
{
	return talloc_asprintf_append(list, "%s%s", *list ? ", " : "", word);
}

__attribute__((format(printf, 2, 3))) static int wrong(char *why,
						       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, COMMAND_WHY_MAX, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int unknown_noun(const char *noun, char *why)
{
	const struct command *c = command_table;
	char *nouns = talloc_strdup(NULL, "");

	for (; c->noun; c++) {
		if (c == command_table || strcmp(c->noun, c[-1].noun) != 0)
			nouns = listed(nouns, c->noun);
	}
	if (noun)
		wrong(why, "there is no noun '%.40s'; the nouns are %s", noun,
		      nouns);
	else
		wrong(why, "a noun is missing; the nouns are %s", nouns);
	talloc_free(nouns);
	return -EINVAL;
}

static int unknown_verb(const char *noun, const char *verb, char *why)
{
	const struct command *c = command_table;
	char *verbs = talloc_strdup(NULL, "");

	for (; c->noun; c++) {
		if (strcmp(c->noun, noun) == 0)
			verbs = listed(verbs, c->verb);
	}
	if (verb)
		wrong(why, "%s has no verb '%.40s'; its verbs are %s", noun,
		      verb, verbs);
	else
		wrong(why, "%s needs a verb: %s", noun, verbs);
	talloc_free(verbs);
	return -EINVAL;
}

/* Find the command; nouns without verbs are found whatever the verb is. */
static int find(const char *noun, const char *verb,
		const struct command **ret_command, char *why)
{
	const struct command *c = command_table;
	const struct command *of_noun = NULL;

	for (; noun && c->noun; c++) {
		if (strcmp(c->noun, noun) != 0)
			continue;
		of_noun = c;
		if (!c->verb || (verb && strcmp(c->verb, verb) == 0)) {
			*ret_command = c;
			return 0;
		}
	}
	return of_noun ? unknown_verb(noun, verb, why)
		       : unknown_noun(noun, why);
}

static bool is_utf8(const char *text)
{
	json_t *string = json_string(text); /* which is strict about it */
	bool is = string != NULL;

	json_decref(string);
	return is;
}

static int check_text(const char *what, const char *text, char *why)
{
	if (strlen(text) > COMMAND_TEXT_MAX)
		return wrong(why, "%.40s is longer than %d bytes", what,
			     COMMAND_TEXT_MAX);
	if (!is_utf8(text))
		return wrong(why, "%.40s is not UTF-8", what);
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return wrong(why, "%.40s contains a control character",
				     what);
	}
	return 0;
}

static bool is_key(const char *text, size_t n)
{
	return n > 0 && n < 64 &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") >= n;
}

struct command_request *command_request_new(void *ctx,
					    const struct command *command)
{
	struct command_request *request =
		talloc_zero(ctx, struct command_request);

	request->command = command;
	return request;
}

static int add_set(struct command_request *request, const char *key,
		   const char *value, char *why)
{
	int rc = check_text(key, value, why);

	if (rc)
		return rc;
	for (size_t i = 0; i < request->n_sets; i++) {
		if (strcmp(request->sets[i].key, key) == 0)
			return wrong(why, "%s is given twice", key);
	}
	if (request->n_sets == COMMAND_SETS_MAX)
		return wrong(why, "more than %d keys at once",
			     COMMAND_SETS_MAX);
	request->sets[request->n_sets].key = talloc_strdup(request, key);
	request->sets[request->n_sets].value = talloc_strdup(request, value);
	request->n_sets++;
	return 0;
}

/* The count of arguments, and no keys where none belong. */
static int check_shape(const struct command_request *request, size_t n_args,
		       const char *surplus, char *why)
{
	const struct command *command = request->command;
	char *form = command_synopsis(NULL, command);
	int rc = 0;

	if (n_args < COMMAND_ARGS_MAX && command->args[n_args])
		rc = wrong(why, "%s is missing: %s", command->args[n_args],
			   form);
	else if (surplus)
		rc = wrong(why, "'%.40s' is too much: %s", surplus, form);
	else if (request->n_sets > 0 && !command->keys)
		rc = wrong(why, "%s%s%s takes no key=value", command->noun,
			   command->verb ? " " : "",
			   command->verb ? command->verb : "");
	talloc_free(form);
	return rc;
}

static int parse_words(struct command_request *request, int argc,
		       const char *const *argv, char *why)
{
	const struct command *command = request->command;
	const char *surplus = NULL;
	size_t n_args = 0;
	int rc = 0;

	for (int i = 0; i < argc && !rc; i++) {
		const char *eq = strchr(argv[i], '=');

		if (eq && is_key(argv[i], eq - argv[i])) {
			char *key =
				talloc_strndup(request, argv[i], eq - argv[i]);

			rc = add_set(request, key, eq + 1, why);
		} else if (eq) {
			rc = wrong(why, "'%.40s' is not of the form key=value",
				   argv[i]);
		} else if (n_args < COMMAND_ARGS_MAX && command->args[n_args]) {
			rc = check_text(command->args[n_args], argv[i], why);
			request->args[n_args++] =
				talloc_strdup(request, argv[i]);
		} else if (!surplus) {
			surplus = argv[i];
		}
	}
	return rc ? rc : check_shape(request, n_args, surplus, why);
}

int command_parse(void *ctx, int argc, const char *const *argv,
		  struct command_request **ret_request,
		  char why[COMMAND_WHY_MAX])
{
	const struct command *command;
	struct command_request *request;
	int rc = find(argc > 0 ? argv[0] : NULL, argc > 1 ? argv[1] : NULL,
		      &command, why);
	int words = 1;

	if (rc)
		return rc;
	if (command->verb)
		words = 2;
	request = command_request_new(ctx, command);
	rc = parse_words(request, argc - words, argv + words, why);
	if (rc)
		talloc_free(request);
	else
		*ret_request = request;
	return rc;
}

/* ---- JSON ---- */

/* ["20X", "310"] as "20X,310"; NULL if it is no array of texts. */
static const char *joined(void *ctx, const json_t *array)
{
	char *text = talloc_strdup(ctx, "");
	json_t *entry;
	size_t i;

	json_array_foreach(array, i, entry)
	{
		if (!json_is_string(entry))
			return NULL;
		text = talloc_asprintf_append(text, "%s%s", i ? "," : "",
					      json_string_value(entry));
	}
	return text;
}

/* A scalar as the text that would stand behind key=; NULL if it is none. */
static const char *scalar(void *ctx, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		/* jansson was told to refuse U+0000. */
		return json_string_value(value);
	case JSON_INTEGER:
		return talloc_asprintf(ctx, "%" JSON_INTEGER_FORMAT,
				       json_integer_value(value));
	case JSON_TRUE:
		return "on";
	case JSON_FALSE:
		return "off";
	case JSON_NULL:
		return "";
	default:
		return NULL;
	}
}

int command_set_arg(struct command_request *request, size_t i,
		    const json_t *value, char why[COMMAND_WHY_MAX])
{
	const char *name = request->command->args[i];
	const char *text = scalar(request, value);

	if (!text)
		return wrong(why, "%s must be a text", name);
	request->args[i] = talloc_strdup(request, text);
	return check_text(name, text, why);
}

int command_set_key(struct command_request *request, const char *key,
		    const json_t *value, char why[COMMAND_WHY_MAX])
{
	const char *text = json_is_array(value) ? joined(request, value)
						: scalar(request, value);

	if (!is_key(key, strlen(key)))
		return wrong(why, "'%.40s' is not a key", key);
	if (!text)
		return wrong(why,
			     "the value of %s must be a text, a number, "
			     "a list of texts, true, false or null",
			     key);
	return add_set(request, key, text, why);
}

static int json_args(struct command_request *request, const json_t *args,
		     char *why)
{
	const struct command *command = request->command;
	size_t n = json_array_size(args);
	const char *surplus = NULL;
	int rc = 0;

	for (size_t i = 0; i < n && !rc && !surplus; i++) {
		const json_t *arg = json_array_get(args, i);

		if (i < COMMAND_ARGS_MAX && command->args[i])
			rc = command_set_arg(request, i, arg, why);
		else
			surplus = json_is_string(arg) ? json_string_value(arg)
						      : "one more";
	}
	return rc ? rc : check_shape(request, n, surplus, why);
}

static int json_members(const json_t *json, char *why)
{
	static const char *const known[] = { "id", "noun", "verb", "args",
					     "set" };
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)json, name, value)
	{
		bool found = false;

		for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
			found |= strcmp(known[i], name) == 0;
		if (!found)
			return wrong(why,
				     "a request has no member '%.40s'; "
				     "it may have id, noun, verb, args "
				     "and set",
				     name);
	}
	return 0;
}

int command_from_json(void *ctx, const json_t *json,
		      struct command_request **ret_request,
		      char why[COMMAND_WHY_MAX])
{
	const json_t *noun = json_object_get(json, "noun");
	const json_t *verb = json_object_get(json, "verb");
	const json_t *args = json_object_get(json, "args");
	const json_t *set = json_object_get(json, "set");
	const struct command *command;
	struct command_request *request;
	const char *key;
	json_t *value;
	int rc;

	if (!json_is_object(json))
		return wrong(why, "a request is a JSON object");
	if ((noun && !json_is_string(noun)) ||
	    (verb && !json_is_string(verb)) || (args && !json_is_array(args)) ||
	    (set && !json_is_object(set)))
		return wrong(why, "noun and verb are texts, args is an array, "
				  "set is an object");
	rc = json_members(json, why);
	if (rc)
		return rc;
	rc = find(json_string_value(noun), json_string_value(verb), &command,
		  why);
	if (rc)
		return rc;
	if (verb && !command->verb)
		return wrong(why, "%s has no verb", command->noun);

	request = command_request_new(ctx, command);
	json_object_foreach((json_t *)set, key, value)
	{
		if (!rc)
			rc = command_set_key(request, key, value, why);
	}
	if (!rc)
		rc = json_args(request, args, why);
	if (rc)
		talloc_free(request);
	else
		*ret_request = request;
	return rc;
}

json_t *command_to_json(const struct command_request *request)
{
	const struct command *command = request->command;
	json_t *args = json_array();
	json_t *set = json_object();

	for (size_t i = 0; i < COMMAND_ARGS_MAX && request->args[i]; i++)
		json_array_append_new(args, json_string(request->args[i]));
	for (size_t i = 0; i < request->n_sets; i++)
		json_object_set_new(set, request->sets[i].key,
				    json_string(request->sets[i].value));
	return json_pack("{s:s, s:s*, s:o, s:o}", "noun", command->noun, "verb",
			 command->verb, "args", args, "set", set);
}
