/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinctl_text.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#define COLUMNS_MAX 10

/* ---- values ---- */

/* How a value is shown; most by their type alone. */
enum form {
	FORM_PLAIN,
	FORM_TIME,
	FORM_DURATION,
	FORM_KIND,     /* of a log record: "missed (3)" */
	FORM_TWIN,     /* of an extension */
	FORM_LEGS,     /* of a call */
	FORM_CHANNELS, /* of a base: "1 of 4" */
};

/* One byte of UTF-8 goes on with a character, the others begin one. */
static bool goes_on(char c)
{
	return (c & 0xc0) == 0x80;
}

static size_t width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += !goes_on(*text);
	return n;
}

/* C0, DEL, and C1, which is C2 80 to C2 9F in UTF-8. */
static char *harmless(void *ctx, const char *text)
{
	char *out = talloc_strdup(ctx, "");

	for (; *text; text++) {
		unsigned char c = *text;
		bool c1 = c == 0xc2 && (unsigned char)text[1] >= 0x80 &&
			  (unsigned char)text[1] < 0xa0;

		if (c < ' ' || c == 0x7f || c1)
			out = talloc_strdup_append_buffer(out, "?");
		else
			out = talloc_strndup_append_buffer(out, text, 1);
		text += c1;
	}
	return out;
}

static const char *string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static json_int_t integer(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static bool is_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static char *plain(void *ctx, const json_t *value)
{
	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_STRING:
		if (!*json_string_value(value))
			return talloc_strdup(ctx, "-");
		return harmless(ctx, json_string_value(value));
	case JSON_INTEGER:
		return talloc_asprintf(ctx, "%" JSON_INTEGER_FORMAT,
				       json_integer_value(value));
	case JSON_TRUE:
		return talloc_strdup(ctx, "yes");
	case JSON_FALSE:
		return talloc_strdup(ctx, "no");
	default:
		return talloc_strdup(ctx, "-");
	}
}

static char *local_time(void *ctx, const json_t *value)
{
	const char *text = json_string_value(value);
	struct tm tm = { 0 };
	char out[40];
	time_t when;

	if (!text || !strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return plain(ctx, value);
	when = timegm(&tm);
	localtime_r(&when, &tm);
	strftime(out, sizeof(out), "%Y-%m-%d %H:%M:%S", &tm);
	return talloc_strdup(ctx, out);
}

static char *duration(void *ctx, json_int_t s)
{
	if (s >= 3600)
		return talloc_asprintf(ctx, "%d:%02d:%02d", (int)(s / 3600),
				       (int)(s / 60 % 60), (int)(s % 60));
	if (s > 0)
		return talloc_asprintf(ctx, "%d:%02d", (int)(s / 60),
				       (int)(s % 60));
	return talloc_strdup(ctx, "-");
}

static char *legs(void *ctx, const json_t *value)
{
	char *out = talloc_strdup(ctx, "");
	size_t i;
	json_t *leg;

	json_array_foreach(value, i, leg) out = talloc_asprintf_append(
		out, "%s%s %s", i ? ", " : "", string(leg, "device"),
		string(leg, "state"));
	return *out ? out : talloc_strdup(ctx, "-");
}

static char *twin(void *ctx, const json_t *value)
{
	if (!json_is_object(value))
		return talloc_strdup(ctx, "-");
	return talloc_asprintf(ctx,
			       strcmp(string(value, "role"), "primary") == 0
				       ? "with %s"
				       : "of %s",
			       string(value, "other"));
}

static char *show(void *ctx, const json_t *object, const char *key,
		  enum form form)
{
	const json_t *value = json_object_get(object, key);
	json_int_t count = integer(object, "count");

	switch (form) {
	case FORM_TIME:
		return local_time(ctx, value);
	case FORM_DURATION:
		return duration(ctx, json_integer_value(value));
	case FORM_KIND:
		if (count < 2)
			return plain(ctx, value);
		return talloc_asprintf(ctx, "%s (%d)", json_string_value(value),
				       (int)count);
	case FORM_TWIN:
		return twin(ctx, value);
	case FORM_LEGS:
		return legs(ctx, value);
	case FORM_CHANNELS:
		return talloc_asprintf(ctx, "%d of %d",
				       (int)integer(object, "channels_used"),
				       (int)json_integer_value(value));
	default:
		return plain(ctx, value);
	}
}

/* ---- tables ---- */

struct column {
	const char *title;
	const char *key;
	enum form form;
};

static const struct column extension_columns[] = {
	{ "NUMBER", "number", FORM_PLAIN },
	{ "NAME", "name", FORM_PLAIN },
	{ "KIND", "kind", FORM_PLAIN },
	{ "STATE", "state", FORM_PLAIN },
	{ "REGISTERED", "registered", FORM_PLAIN },
	{ "TWIN", "twin", FORM_TWIN },
	{ 0 },
};

static const struct column pairing_columns[] = {
	{ "PRIMARY", "primary", FORM_PLAIN },
	{ "SECONDARY", "secondary", FORM_PLAIN },
	{ "CALLS", "max_calls", FORM_PLAIN },
	{ "BRIDGE", "twin_bridge", FORM_PLAIN },
	{ "COVERAGE", "twin_coverage", FORM_PLAIN },
	{ "LINE", "twin_line", FORM_PLAIN },
	{ "DND", "dnd_scope", FORM_PLAIN },
	{ 0 },
};

static const struct column handset_columns[] = {
	{ "IPUI", "ipui", FORM_PLAIN },
	{ "IPEI", "ipei", FORM_PLAIN },
	{ "BASE", "base", FORM_PLAIN },
	{ "STATE", "state", FORM_PLAIN },
	{ "EXTENSION", "extension", FORM_PLAIN },
	{ 0 },
};

static const struct column base_columns[] = {
	{ "NAME", "name", FORM_PLAIN },
	{ "DRIVER", "driver", FORM_PLAIN },
	{ "STATE", "state", FORM_PLAIN },
	{ "IDENTITY", "identity", FORM_PLAIN },
	{ "MODEL", "model", FORM_PLAIN },
	{ "CALLS", "channels", FORM_CHANNELS },
	{ 0 },
};

static const struct column registration_columns[] = {
	{ "NUMBER", "number", FORM_PLAIN },
	{ "SOURCE", "source", FORM_PLAIN },
	{ "SINCE", "since", FORM_TIME },
	{ "INTERVAL_S", "interval_s", FORM_PLAIN },
	{ "PHONE", "user_agent", FORM_PLAIN },
	{ 0 },
};

static const struct column log_columns[] = {
	{ "ID", "id", FORM_PLAIN },
	{ "TIME", "time", FORM_TIME },
	{ "OF", "extension", FORM_PLAIN },
	{ "KIND", "kind", FORM_KIND },
	{ "NUMBER", "number", FORM_PLAIN },
	{ "NAME", "name", FORM_PLAIN },
	{ "TALK", "duration_s", FORM_DURATION },
	{ "OUTCOME", "outcome", FORM_PLAIN },
	{ "AT", "device", FORM_PLAIN },
	{ "CALL", "call", FORM_PLAIN },
	{ 0 },
};

static const struct column active_columns[] = {
	{ "CALL", "id", FORM_PLAIN },
	{ "FROM", "from", FORM_PLAIN },
	{ "TO", "to", FORM_PLAIN },
	{ "STATE", "state", FORM_PLAIN },
	{ "SINCE", "since", FORM_TIME },
	{ "LEGS", "legs", FORM_LEGS },
	{ 0 },
};

static const struct {
	const struct column *columns;
	const char *none;
} tables[_NUM_SCHEMA] = {
	[SCHEMA_EXTENSION] = { extension_columns, "No extensions.\n" },
	[SCHEMA_PAIRING] = { pairing_columns, "No pairings.\n" },
	[SCHEMA_HANDSET] = { handset_columns, "No handsets.\n" },
	[SCHEMA_BASE] = { base_columns, "No bases.\n" },
	[SCHEMA_REGISTRATION] = { registration_columns, "No registrations.\n" },
	[SCHEMA_LOG_RECORD] = { log_columns, "No calls in the log.\n" },
	[SCHEMA_ACTIVE_CALL] = { active_columns, "No calls.\n" },
};

static char *pad(char *out, const char *text, size_t to)
{
	size_t is = width(text);

	return talloc_asprintf_append_buffer(out, "%s%*s", text,
					     (int)(to > is ? to - is : 0), "");
}

static char *table(void *ctx, const struct column *columns, const json_t *list)
{
	size_t n = json_array_size(list);
	size_t wide[COLUMNS_MAX] = { 0 };
	void *tmp = talloc_new(ctx);
	char **cells = talloc_zero_array(tmp, char *, (n + 1) * COLUMNS_MAX);
	char *out = talloc_strdup(ctx, "");
	size_t last = 0;

	for (size_t c = 0; columns[c].title; c++) {
		cells[c] = talloc_strdup(tmp, columns[c].title);
		for (size_t r = 0; r < n; r++)
			cells[(r + 1) * COLUMNS_MAX + c] =
				show(tmp, json_array_get(list, r),
				     columns[c].key, columns[c].form);
		for (size_t r = 0; r <= n; r++) {
			size_t w = width(cells[r * COLUMNS_MAX + c]);

			wide[c] = w > wide[c] ? w : wide[c];
		}
		last = c;
	}
	for (size_t r = 0; r <= n; r++) {
		for (size_t c = 0; c < last; c++)
			out = pad(out, cells[r * COLUMNS_MAX + c], wide[c] + 2);
		out = talloc_asprintf_append_buffer(
			out, "%s\n", cells[r * COLUMNS_MAX + last]);
	}
	talloc_free(tmp);
	return out;
}

/* ---- one thing ---- */

static char *line(char *out, const char *what, const char *value)
{
	return talloc_asprintf_append_buffer(out, "%-14s%s\n", what, value);
}

static char *properties(void *ctx, const struct column *columns,
			const json_t *object)
{
	char *out = talloc_strdup(ctx, "");

	for (; columns->title; columns++) {
		char *value = show(out, object, columns->key, columns->form);
		char name[32];
		size_t i;

		for (i = 0; columns->key[i] && i < sizeof(name) - 1; i++)
			name[i] =
				columns->key[i] == '_' ? ' ' : columns->key[i];
		name[i] = '\0';
		out = line(out, name, value);
	}
	return out;
}

static bool is_column(const struct column *columns, const char *key)
{
	for (; columns->title; columns++)
		if (strcmp(columns->key, key) == 0)
			return true;
	return false;
}

/* Whatever else @object has, as it would be typed: key=value. */
static char *settings(void *ctx, const struct column *columns,
		      const json_t *object)
{
	char *out = talloc_strdup(ctx, "\n");
	const char *key;
	json_t *value, *entry;
	size_t i;

	json_object_foreach((json_t *)object, key, value)
	{
		if (is_column(columns, key) || json_is_null(value))
			continue;
		out = talloc_asprintf_append_buffer(out, "%s=", key);
		json_array_foreach(value, i, entry) out =
			talloc_asprintf_append_buffer(out, "%s%s", i ? "," : "",
						      plain(out, entry));
		if (json_is_boolean(value))
			out = talloc_strdup_append_buffer(
				out, json_is_true(value) ? "on" : "off");
		else if (!json_is_array(value))
			out = talloc_strdup_append_buffer(out,
							  plain(out, value));
		out = talloc_strdup_append_buffer(out, "\n");
	}
	return out;
}

static char *listed(void *ctx, const json_t *list, const char *first,
		    const char *second)
{
	char *out = talloc_strdup(ctx, "");
	size_t i;
	json_t *one;

	json_array_foreach(list, i, one) out =
		talloc_asprintf_append(out, "%s%s %s", i ? ", " : "",
				       string(one, first), string(one, second));
	return *out ? out : talloc_strdup(ctx, "-");
}

static char *uptime(void *ctx, json_int_t s)
{
	int days = s / 86400;
	int hours = s / 3600 % 24;
	int minutes = s / 60 % 60;

	if (days)
		return talloc_asprintf(ctx, "%d d %d h", days, hours);
	if (hours)
		return talloc_asprintf(ctx, "%d h %d min", hours, minutes);
	if (minutes)
		return talloc_asprintf(ctx, "%d min %d s", minutes,
				       (int)(s % 60));
	return talloc_asprintf(ctx, "%d s", (int)s);
}

static char *status(void *ctx, const json_t *object)
{
	static const struct column counts[] = {
		{ "", "extensions", FORM_PLAIN },
		{ "", "registrations", FORM_PLAIN },
		{ "", "handsets", FORM_PLAIN },
		{ "", "pairings", FORM_PLAIN },
		{ "", "active_calls", FORM_PLAIN },
		{ 0 },
	};
	void *tmp = talloc_new(ctx);
	char *out = talloc_strdup(ctx, "");

	out = line(out, "version", string(object, "version"));
	out = line(out, "up for", uptime(tmp, integer(object, "uptime")));
	out = line(out, "listens at",
		   listed(tmp, json_object_get(object, "listeners"),
			  "transport", "address"));
	out = line(
		out, "bases",
		listed(tmp, json_object_get(object, "bases"), "name", "state"));
	out = talloc_strdup_append_buffer(out, properties(tmp, counts, object));
	talloc_free(tmp);
	return out;
}

/* ---- why it rang or did not ---- */

static char *reasons(char *out, const json_t *call)
{
	const json_t *devices = json_object_get(call, "devices");
	size_t wide = 0;
	size_t i;
	json_t *device;

	json_array_foreach(devices, i, device)
	{
		size_t w = width(string(device, "device"));

		wide = w > wide ? w : wide;
	}
	json_array_foreach(devices, i, device)
	{
		out = talloc_strdup_append_buffer(out, "  ");
		out = pad(out, string(device, "device"), wide + 2);
		out = talloc_asprintf_append_buffer(
			out, "%-14s%s\n",
			is_true(device, "rang") ? "rang" : "did not ring",
			harmless(out, string(device, "why")));
	}
	return out;
}

/* "Call 17 from 202 to 201 at 2026-03-01 10:00:05: missed" */
static char *headline(void *ctx, const json_t *call)
{
	void *tmp = talloc_new(ctx);
	const char *from = string(call, "from");
	const char *to = string(call, "to");
	char *out = talloc_asprintf(ctx, "Call %" JSON_INTEGER_FORMAT,
				    integer(call, "id"));

	if (*from || *to)
		out = talloc_asprintf_append_buffer(out, " from %s to %s",
						    harmless(tmp, from),
						    harmless(tmp, to));
	out = talloc_asprintf_append_buffer(
		out, " at %s: %s\n",
		local_time(tmp, json_object_get(call, "time")),
		is_true(call, "active")	   ? "going on"
		: *string(call, "outcome") ? string(call, "outcome")
					   : "over");
	talloc_free(tmp);
	return out;
}

static char *explanation(void *ctx, const json_t *call)
{
	return reasons(headline(ctx, call), call);
}

static char *whole_call(void *ctx, const json_t *call)
{
	const json_t *records = json_object_get(call, "records");
	char *out = explanation(ctx, call);
	char *more;

	if (is_true(call, "active")) {
		more = legs(ctx, json_object_get(call, "legs"));
		out = talloc_asprintf_append_buffer(out, "Legs: %s\n", more);
		talloc_free(more);
	}
	if (json_array_size(records) > 0) {
		more = table(ctx, log_columns, records);
		out = talloc_asprintf_append_buffer(out, "\n%s", more);
		talloc_free(more);
	}
	return out;
}

/* ---- what was changed ---- */

static char *window(void *ctx, const json_t *object)
{
	if (!is_true(object, "open"))
		return talloc_strdup(ctx, "No more handsets may subscribe.\n");
	return talloc_asprintf(ctx,
			       "Handsets may subscribe for the next %d s with "
			       "the code %s.\n",
			       (int)integer(object, "seconds"),
			       string(object, "pin"));
}

/* Key of the object that a sentence is about, and of a second one. */
static const struct {
	const char *sentence;
	const char *first;
	const char *second;
} changes[_NUM_CMD] = {
	[CMD_EXTENSION_ADD] = { "Extension %s, %s, is there.\n", "number",
				"name" },
	[CMD_EXTENSION_SET] = { "Extension %s, %s, is changed.\n", "number",
				"name" },
	[CMD_EXTENSION_REMOVE] = { "Extension %s, %s, is removed.\n", "number",
				   "name" },
	[CMD_PAIRING_ADD] = { "%s and %s are twins.\n", "primary",
			      "secondary" },
	[CMD_PAIRING_SET] = { "The pairing of %s and %s is changed.\n",
			      "primary", "secondary" },
	[CMD_PAIRING_REMOVE] = { "%s and %s are no longer twins.\n", "primary",
				 "secondary" },
	[CMD_HANDSET_ASSIGN] = { "Handset %s is that of extension %s.\n",
				 "ipui", "extension" },
	[CMD_HANDSET_LOCATE] = { "Handset %s at base %s rings to be found.\n",
				 "ipui", "base" },
	[CMD_HANDSET_REMOVE] = { "Handset %s is no longer subscribed at %s.\n",
				 "ipui", "base" },
	[CMD_REGISTRATION_REMOVE] = { "The phone of %s at %s is forgotten.\n",
				      "number", "source" },
	[CMD_CALL_SEEN] = { "Record %s of call %s is marked as seen.\n", "id",
			    "call" },
	[CMD_CALL_REMOVE] = { "Record %s of call %s is removed.\n", "id",
			      "call" },
};

static char *change(void *ctx, enum command_id id, const json_t *object)
{
	void *tmp = talloc_new(ctx);
	const char *words[2] = {
		plain(tmp, json_object_get(object, changes[id].first)),
		plain(tmp, json_object_get(object, changes[id].second)),
	};
	char *out = talloc_strdup(ctx, "");
	const char *p = changes[id].sentence;
	size_t word = 0;

	for (; *p; p++) {
		if (p[0] == '%' && p[1] == 's') {
			out = talloc_strdup_append_buffer(out, words[word++]);
			p++;
		} else {
			out = talloc_strndup_append_buffer(out, p, 1);
		}
	}
	talloc_free(tmp);
	return out;
}

/* ---- */

char *twinctl_text(void *ctx, const struct command *command,
		   const json_t *value)
{
	const struct column *columns = tables[command->schema].columns;

	if (changes[command->id].sentence)
		return change(ctx, command->id, value);
	if (command->list && json_array_size(value) == 0)
		return talloc_strdup(ctx, tables[command->schema].none);
	if (command->list)
		return table(ctx, columns, value);
	switch (command->schema) {
	case SCHEMA_STATUS:
		return status(ctx, value);
	case SCHEMA_WINDOW:
		return window(ctx, value);
	case SCHEMA_CALL:
		return whole_call(ctx, value);
	case SCHEMA_EXPLANATION:
		return explanation(ctx, value);
	case SCHEMA_EXTENSION:
		return talloc_strdup_append_buffer(
			properties(ctx, columns, value),
			settings(ctx, columns, value));
	default:
		return properties(ctx, columns, value);
	}
}
