/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

/* ---- text ---- */

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

char *rest_decode(void *ctx, const char *text, size_t n, bool plus_is_space)
{
	char *out = talloc_zero_size(ctx, n + 1);
	size_t at = 0;
	json_t *utf8;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = text[i];

		if (c == '%') {
			int high = i + 2 < n ? hex_value(text[i + 1]) : -1;
			int low = i + 2 < n ? hex_value(text[i + 2]) : -1;

			if (high < 0 || low < 0)
				goto bad;
			c = high << 4 | low;
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		if (c < ' ' || c == 0x7f)
			goto bad;
		out[at++] = c;
	}
	utf8 = json_stringn(out, at); /* which is strict about it */
	if (!utf8)
		goto bad;
	json_decref(utf8);
	return out;
bad:
	talloc_free(out);
	return NULL;
}

static enum rest_result bad(char *why, const char *text)
{
	snprintf(why, COMMAND_WHY_MAX, "%s", text);
	return REST_BAD;
}

/* ---- path ---- */

struct segments {
	size_t n;
	char *v[REST_SEGMENTS_MAX];
};

static enum rest_result split_path(void *ctx, const char *path,
				   struct segments *segments, char *why)
{
	while (*path == '/') {
		size_t len = strcspn(++path, "/");
		char *segment;

		if (segments->n == REST_SEGMENTS_MAX)
			return REST_NOT_FOUND;
		segment = rest_decode(ctx, path, len, false);
		if (!segment)
			return bad(why, "the path is not well encoded");
		if (!*segment || strcmp(segment, ".") == 0 ||
		    strcmp(segment, "..") == 0)
			return bad(why, "the path has an empty or dotted "
					"segment");
		segments->v[segments->n++] = segment;
		path += len;
	}
	return *path ? REST_NOT_FOUND : REST_OK;
}

/* The index of the argument that a "{name}" of a path stands for. */
static size_t arg_of(const struct command *command, const char *name,
		     size_t len)
{
	size_t i = 0;

	while (command->args[i] && (strlen(command->args[i]) != len ||
				    strncasecmp(command->args[i], name, len)))
		i++;
	OSMO_ASSERT(command->args[i]); /* the table contradicts itself */
	return i;
}

/* Arguments found in the path go to @args. */
static bool matches(const struct command *command,
		    const struct segments *segments,
		    const char *args[COMMAND_ARGS_MAX])
{
	const char *path = command->path;
	size_t i = 0;

	while (*path == '/') {
		size_t len = strcspn(++path, "/");

		if (i == segments->n)
			return false;
		if (*path == '{')
			args[arg_of(command, path + 1, len - 2)] =
				segments->v[i];
		else if (strlen(segments->v[i]) != len ||
			 strncmp(segments->v[i], path, len) != 0)
			return false;
		path += len;
		i++;
	}
	return i == segments->n;
}

static enum rest_result find(const char *method,
			     const struct segments *segments,
			     const struct command **ret_command,
			     const char *args[COMMAND_ARGS_MAX], char *why)
{
	const struct command *c = command_table;
	size_t used = 0;

	*why = '\0';
	for (; c->noun; c++) {
		const char *found[COMMAND_ARGS_MAX] = { 0 };

		if (!c->path || !matches(c, segments, found))
			continue;
		if (strcmp(c->method, method) == 0) {
			memcpy(args, found, sizeof(found));
			*ret_command = c;
			return REST_OK;
		}
		used += snprintf(why + used, COMMAND_WHY_MAX - used, "%s%s",
				 used ? ", " : "", c->method);
	}
	return used ? REST_METHOD : REST_NOT_FOUND;
}

/* ---- keys ---- */

static enum rest_result take_query(struct command_request *request,
				   const char *query, char *why)
{
	while (query && *query) {
		size_t len = strcspn(query, "&");
		const char *eq = memchr(query, '=', len);
		char *key;
		char *value;
		json_t *text;
		int rc;

		if (!eq)
			return bad(why, "the query is not of the form "
					"key=value&key=value");
		key = rest_decode(request, query, eq - query, true);
		value = rest_decode(request, eq + 1, query + len - eq - 1,
				    true);
		if (!key || !value)
			return bad(why, "the query is not well encoded");
		text = json_string(value);
		rc = command_set_key(request, key, text, why);
		json_decref(text);
		if (rc)
			return REST_BAD;
		query += len;
		query += *query == '&';
	}
	return REST_OK;
}

static bool lower_is(const char *capitals, const char *name)
{
	for (; *capitals && *name; capitals++, name++) {
		if (tolower((unsigned char)*capitals) != *name)
			return false;
	}
	return *capitals == *name;
}

/* A member is an argument that the path did not name, or a key. */
static enum rest_result take_member(struct command_request *request,
				    const char *name, const json_t *value,
				    char *why)
{
	const struct command *command = request->command;

	for (size_t i = 0; i < COMMAND_ARGS_MAX && command->args[i]; i++) {
		if (!request->args[i] && lower_is(command->args[i], name))
			return command_set_arg(request, i, value, why)
				       ? REST_BAD
				       : REST_OK;
	}
	if (!command->keys) {
		snprintf(why, COMMAND_WHY_MAX,
			 "there is no member '%.40s' here", name);
		return REST_BAD;
	}
	return command_set_key(request, name, value, why) ? REST_BAD : REST_OK;
}

static enum rest_result take_body(struct command_request *request,
				  const struct rest_text *text, char *why)
{
	enum rest_result result = REST_OK;
	json_error_t error;
	json_t *body;
	const char *name;
	json_t *value;

	if (text->body_bytes == 0)
		return REST_OK;
	body = json_loadb(text->body, text->body_bytes, JSON_REJECT_DUPLICATES,
			  &error);
	if (!json_is_object(body)) {
		json_decref(body);
		return bad(why, "the body is not a JSON object");
	}
	json_object_foreach(body, name, value)
	{
		if (result == REST_OK)
			result = take_member(request, name, value, why);
	}
	json_decref(body);
	return result;
}

static enum rest_result check_args(const struct command_request *request,
				   char *why)
{
	const struct command *command = request->command;

	for (size_t i = 0; i < COMMAND_ARGS_MAX && command->args[i]; i++) {
		char name[32];

		if (request->args[i])
			continue;
		osmo_str_tolower_buf(name, sizeof(name), command->args[i]);
		snprintf(why, COMMAND_WHY_MAX, "the body lacks \"%s\"", name);
		return REST_BAD;
	}
	return REST_OK;
}

enum rest_result rest_parse(void *ctx, const struct rest_text *text,
			    struct command_request **ret_request,
			    char why[COMMAND_WHY_MAX])
{
	bool get = strcmp(text->method, "GET") == 0;
	const char *args[COMMAND_ARGS_MAX] = { 0 };
	struct segments segments = { 0 };
	const struct command *command;
	struct command_request *request;
	enum rest_result result;
	void *tmp = talloc_new(ctx);

	result = split_path(tmp, text->path, &segments, why);
	if (result == REST_OK)
		result = find(text->method, &segments, &command, args, why);
	if (result != REST_OK) {
		talloc_free(tmp);
		return result;
	}

	request = command_request_new(ctx, command);
	talloc_steal(request, tmp);
	for (size_t i = 0; i < COMMAND_ARGS_MAX; i++) {
		json_t *arg = args[i] ? json_string(args[i]) : NULL;

		if (arg && command_set_arg(request, i, arg, why))
			result = REST_BAD;
		json_decref(arg);
	}
	if (result == REST_OK && text->query && (!get || !command->keys))
		result = bad(why, "there is no query here");
	if (result == REST_OK && get && text->body_bytes)
		result = bad(why, "a GET has no body");
	if (result == REST_OK)
		result = get ? take_query(request, text->query, why)
			     : take_body(request, text, why);
	if (result == REST_OK)
		result = check_args(request, why);
	if (result == REST_OK)
		*ret_request = request;
	else
		talloc_free(request);
	return result;
}
