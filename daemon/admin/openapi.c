/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "openapi.h"

#include <stdio.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "command.h"
#include "rest.h"

/*
 * What answers are made of.  A type is a word of JSON Schema, "time", or
 * "#NAME", a schema of this table; in front of it "[" for an array of such,
 * behind it "?" if it may be null.
 */
static const struct property {
	const char *schema;
	const char *name;
	const char *type;
	const char *help;
} properties[] = {
	{ "status", "version", "string", "of the gateway" },
	{ "status", "uptime", "integer", "seconds since the start" },
	{ "status", "listeners", "[#listener", "where it can be reached" },
	{ "status", "bases", "[#base_state", "the DECT bases" },
	{ "status", "extensions", "integer", "how many there are" },
	{ "status", "registrations", "integer", "SIP phones in reach" },
	{ "status", "handsets", "integer", "that have subscribed" },
	{ "status", "pairings", "integer", "how many there are" },
	{ "status", "active_calls", "integer", "going on now" },
	{ "status", "counters", "object", "as in /metrics" },

	{ "listener", "transport", "string", "udp, tcp, tls or http" },
	{ "listener", "address", "string", "address and port" },

	{ "base_state", "name", "string", "as configured" },
	{ "base_state", "driver", "string", "as configured" },
	{ "base_state", "state", "string", "up, or what it is instead" },

	{ "extension", "number", "string", "what is dialled" },
	{ "extension", "name", "string", "shown to those whom it calls" },
	{ "extension", "kind", "string", "sip or dect" },
	{ "extension", "registered", "boolean",
	  "a live SIP contact, or an attached handset" },
	{ "extension", "state", "string",
	  "idle, alerting, in_use, dnd, logged_out or unreachable" },
	{ "extension", "dnd", "boolean", "do not disturb" },
	{ "extension", "dnd_exceptions", "[string",
	  "callers who may, in spite of it: 20X,310,9N" },
	{ "extension", "logged_in", "boolean", "its user is there" },
	{ "extension", "forward_unconditional", "string?",
	  "where every call goes; empty: off" },
	{ "extension", "forward_busy", "string?",
	  "where calls go when it is busy" },
	{ "extension", "forward_no_answer", "string?",
	  "where calls go that nobody answers" },
	{ "extension", "follow_me", "string?",
	  "the extension where its user is" },
	{ "extension", "no_answer_time", "integer?",
	  "how long that takes, 6 to 99999" },
	{ "extension", "transfer_return_time", "integer?",
	  "when a transferred call comes back" },
	{ "extension", "call_waiting", "boolean",
	  "one more call while it is in use" },
	{ "extension", "busy_on_held", "boolean", "a held call makes it busy" },
	{ "extension", "voicemail", "boolean",
	  "a mailbox answers where nobody does" },
	{ "extension", "voicemail_number", "string?",
	  "its mailbox; empty: the system's" },
	{ "extension", "central_log", "boolean", "its calls are logged" },
	{ "extension", "log_missed_group_calls", "boolean",
	  "those of its groups as well" },
	{ "extension", "log_missed_answered_elsewhere", "boolean",
	  "as missed, whoever answered" },
	{ "extension", "twinning_allowed", "boolean",
	  "it may be paired as a primary" },
	{ "extension", "outgoing", "string", "whom it may call" },
	{ "extension", "twin", "#twin?", "null if it is not paired" },

	{ "twin", "role", "string", "primary or secondary" },
	{ "twin", "other", "string", "the number of its twin" },

	{ "pairing", "primary", "string", "the number that is dialled" },
	{ "pairing", "secondary", "string", "the number of the twin" },
	{ "pairing", "max_calls", "integer", "1 or 2" },
	{ "pairing", "twin_bridge", "boolean", "one may join the other" },
	{ "pairing", "twin_coverage", "boolean", "one covers for the other" },
	{ "pairing", "twin_line", "boolean", "one shows the other's line" },
	{ "pairing", "dnd_scope", "string", "both or primary" },

	{ "window", "open", "boolean", "handsets may subscribe" },
	{ "window", "seconds", "integer?", "how long" },
	{ "window", "pin", "string?", "to be keyed in at the handset" },

	{ "handset", "ipui", "string", "ten hexadecimal digits" },
	{ "handset", "ipei", "string", "the same, as printed in it" },
	{ "handset", "base", "string", "where it has subscribed" },
	{ "handset", "state", "string", "subscribed, attached or detached" },
	{ "handset", "extension", "string?", "the number it has" },

	{ "base", "name", "string", "as configured" },
	{ "base", "driver", "string", "as configured" },
	{ "base", "state", "string", "up, or what it is instead" },
	{ "base", "identity", "string?", "as handsets see it" },
	{ "base", "model", "string?", "as it says itself" },
	{ "base", "channels", "integer", "calls it can carry; 0: unknown" },
	{ "base", "channels_used", "integer", "calls it carries" },

	{ "registration", "number", "string", "the extension" },
	{ "registration", "contact", "string", "the URI of its phone" },
	{ "registration", "source", "string", "where it came from" },
	{ "registration", "user_agent", "string?", "what it calls itself" },
	{ "registration", "interval_s", "integer", "as granted" },
	{ "registration", "since", "time", "when it was made or moved" },

	{ "log_record", "id", "integer", "of the record" },
	{ "log_record", "call", "integer", "of the call" },
	{ "log_record", "time", "time", "when the call began" },
	{ "log_record", "kind", "string", "in, out or missed" },
	{ "log_record", "number", "string", "of the other side" },
	{ "log_record", "name", "string", "of the other side" },
	{ "log_record", "duration_s", "integer", "time of talk" },
	{ "log_record", "ring_s", "integer", "time of ringing" },
	{ "log_record", "device", "string?", "the twin that had the call" },
	{ "log_record", "outcome", "string",
	  "answered, missed, rejected, busy, no_answer, cancelled, "
	  "answered_elsewhere, forwarded, voicemail or failed" },
	{ "log_record", "count", "integer", "calls that it stands for" },
	{ "log_record", "seen", "boolean", "somebody has looked at it" },
	{ "log_record", "extension", "string?", "whose log it is in" },

	{ "active_call", "id", "integer", "of the call" },
	{ "active_call", "from", "string", "who calls" },
	{ "active_call", "to", "string", "who is called" },
	{ "active_call", "state", "string", "alerting or connected" },
	{ "active_call", "since", "time", "when it began" },
	{ "active_call", "legs", "[#leg", "its devices" },

	{ "leg", "device", "string", "a number" },
	{ "leg", "state", "string", "calling, alerting, connected or held" },

	{ "call", "id", "integer", "of the call" },
	{ "call", "active", "boolean", "it is going on" },
	{ "call", "from", "string?", "who called" },
	{ "call", "to", "string?", "who was called" },
	{ "call", "time", "time?", "when it began" },
	{ "call", "state", "string?", "alerting or connected" },
	{ "call", "outcome", "string?", "once it is over" },
	{ "call", "cause", "string?", "once it is over" },
	{ "call", "legs", "[#leg", "its devices, while it is going on" },
	{ "call", "devices", "[#reason", "who rang and who did not" },
	{ "call", "records", "[#log_record", "one a user" },

	{ "reason", "device", "string", "a number" },
	{ "reason", "rang", "boolean", "or it did not" },
	{ "reason", "why", "string", "a sentence" },

	{ "explanation", "id", "integer", "of the call" },
	{ "explanation", "from", "string", "who called" },
	{ "explanation", "to", "string", "who was called" },
	{ "explanation", "time", "time", "when it began" },
	{ "explanation", "active", "boolean", "it is going on" },
	{ "explanation", "outcome", "string?", "once it is over" },
	{ "explanation", "cause", "string?", "once it is over" },
	{ "explanation", "devices", "[#reason", "who rang and who did not" },

	{ "error", "error", "string", "one sentence" },
};

/* ---- schemas ---- */

static json_t *reference(const char *schema, size_t len)
{
	char path[80];

	snprintf(path, sizeof(path), "#/components/schemas/%.*s", (int)len,
		 schema);
	return json_pack("{s:s}", "$ref", path);
}

static json_t *type_of(const char *type)
{
	bool array = *type == '[';
	size_t len;
	bool nullable;
	json_t *json;

	type += array;
	len = strcspn(type, "?");
	nullable = type[len] == '?';
	if (*type == '#')
		json = reference(type + 1, len - 1);
	else if (strncmp(type, "time", len) == 0)
		json = json_pack("{s:s, s:s}", "type", "string", "format",
				 "date-time");
	else
		json = json_pack("{s:s%}", "type", type, len);
	/* Beside a reference nothing else counts (OpenAPI 3.0.3, 4.7.23). */
	if (nullable && *type == '#')
		json = json_pack("{s:[o]}", "allOf", json);
	if (nullable)
		json_object_set_new(json, "nullable", json_true());
	if (array)
		json = json_pack("{s:s, s:o}", "type", "array", "items", json);
	return json;
}

static json_t *schemas(void)
{
	json_t *all = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(properties); i++) {
		const struct property *p = &properties[i];
		json_t *schema = json_object_get(all, p->schema);
		json_t *type = type_of(p->type);

		if (!schema) {
			schema = json_pack("{s:s, s:[], s:{}}", "type",
					   "object", "required", "properties");
			json_object_set_new(all, p->schema, schema);
		}
		if (!json_object_get(type, "$ref"))
			json_object_set_new(type, "description",
					    json_string(p->help));
		json_array_append_new(json_object_get(schema, "required"),
				      json_string(p->name));
		json_object_set_new(json_object_get(schema, "properties"),
				    p->name, type);
	}
	return all;
}

/* ---- operations ---- */

/* "{number}" of a path, for an argument called NUMBER. */
static bool path_names(const struct command *command, const char *lower_arg)
{
	char name[40];

	snprintf(name, sizeof(name), "{%s}", lower_arg);
	return strstr(command->path, name) != NULL;
}

static json_t *parameter(const char *name, const char *in, bool required,
			 const char *help)
{
	json_t *json =
		json_pack("{s:s, s:s, s:b, s:{s:s}}", "name", name, "in", in,
			  "required", required, "schema", "type", "string");

	if (help)
		json_object_set_new(json, "description", json_string(help));
	return json;
}

static void add_member(json_t *body, const char *name, bool required,
		       const char *help)
{
	json_t *member = json_pack("{s:s}", "type", "string");

	if (help)
		json_object_set_new(member, "description", json_string(help));
	json_object_set_new(json_object_get(body, "properties"), name, member);
	if (!required)
		return;
	if (!json_object_get(body, "required"))
		json_object_set_new(body, "required", json_array());
	json_array_append_new(json_object_get(body, "required"),
			      json_string(name));
}

/* Where each argument and key goes: the path, the query, or the body. */
static void add_input(json_t *operation, const struct command *command)
{
	const struct command_key *key = command->keys;
	bool get = strcmp(command->method, "GET") == 0;
	json_t *parameters = json_array();
	json_t *body = json_pack("{s:s, s:{}}", "type", "object", "properties");

	for (size_t i = 0; command->args[i]; i++) {
		char name[32];

		osmo_str_tolower_buf(name, sizeof(name), command->args[i]);
		if (path_names(command, name))
			json_array_append_new(
				parameters,
				parameter(name, "path", true, NULL));
		else
			add_member(body, name, true, NULL);
	}
	for (; key && key->name; key++) {
		char help[160];

		snprintf(help, sizeof(help), "%s: %s", key->values, key->help);
		if (get)
			json_array_append_new(
				parameters,
				parameter(key->name, "query",
					  key->need == KEY_REQUIRED, help));
		else
			add_member(body, key->name, key->need == KEY_REQUIRED,
				   help);
	}
	if (json_array_size(parameters) > 0)
		json_object_set(operation, "parameters", parameters);
	if (json_object_size(json_object_get(body, "properties")) > 0)
		json_object_set_new(operation, "requestBody",
				    json_pack("{s:{s:{s:O}}}", "content",
					      "application/json", "schema",
					      body));
	json_decref(parameters);
	json_decref(body);
}

static json_t *response(const char *what, json_t *schema)
{
	return json_pack("{s:s, s:{s:{s:o}}}", "description", what, "content",
			 "application/json", "schema", schema);
}

static json_t *error_response(const char *what)
{
	return response(what, reference("error", strlen("error")));
}

static json_t *operation_of(const struct command *command)
{
	const char *schema = command_schema_name(command->schema);
	bool add = command->verb && strcmp(command->verb, "add") == 0;
	json_t *answer = reference(schema, strlen(schema));
	char id[64];
	json_t *operation;

	snprintf(id, sizeof(id), "%s%s%s", command->noun,
		 command->verb ? "_" : "", command->verb ? command->verb : "");
	if (command->list)
		answer = json_pack("{s:s, s:o}", "type", "array", "items",
				   answer);
	operation = json_pack(
		"{s:s, s:s, s:[s], s:{s:o, s:o, s:o, s:o, s:o}}", "operationId",
		id, "summary", command->help, "tags", command->noun,
		"responses", add ? "201" : "200",
		response(command->help, answer), "400",
		error_response("wrong usage, or a wrong key or value"), "404",
		error_response("there is no such thing"), "409",
		error_response("something stands in the way"), "503",
		error_response("busy: try again"));
	add_input(operation, command);
	return operation;
}

static json_t *paths(void)
{
	const struct command *c = command_table;
	json_t *all = json_object();

	for (; c->noun; c++) {
		json_t *path;
		char method[16];

		if (!c->path)
			continue;
		path = json_object_get(all, c->path);
		if (!path) {
			path = json_object();
			json_object_set_new(all, c->path, path);
		}
		osmo_str_tolower_buf(method, sizeof(method), c->method);
		json_object_set_new(path, method, operation_of(c));
	}
	return all;
}

json_t *openapi_document(void)
{
	return json_pack(
		"{s:s, s:{s:s, s:s, s:s}, s:[{s:s}], s:o, s:{s:o}}", "openapi",
		"3.0.3", "info", "title", "twind", "description",
		"The twinning gateway: the commands of twinctl as "
		"resources.  Values may be texts, integers, true and "
		"false (on and off) or null (the empty text).",
		"version", TWIND_VERSION, "servers", "url", REST_PREFIX,
		"paths", paths(), "components", "schemas", schemas());
}
