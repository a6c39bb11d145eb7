/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "object.h"

#include <time.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

#include "ipui.h"

/* Text, or null if there is none. */
static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

json_t *object_sentence(const char *text)
{
	json_t *whole = json_string(text);
	char *ascii;

	if (whole)
		return whole;
	ascii = talloc_strdup(NULL, text);
	for (char *p = ascii; *p; p++)
		*p = *p & 0x80 ? '?' : *p;
	whole = json_string(ascii);
	talloc_free(ascii);
	return whole;
}

json_t *object_time(int64_t unix_ms)
{
	time_t seconds = unix_ms / 1000;
	struct tm tm;
	char text[40];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

/* To the nearest second. */
static json_int_t seconds(int64_t ms)
{
	return (ms + 500) / 1000;
}

/* "20X,310" as an array. */
static json_t *list_of(const char *text)
{
	json_t *list = json_array();

	while (*text) {
		size_t n = strcspn(text, ",");

		json_array_append_new(list, json_stringn(text, n));
		text += n + (text[n] == ',');
	}
	return list;
}

static json_t *setting_value(const struct view_setting *setting)
{
	switch (setting->kind) {
	case VIEW_SWITCH:
		return json_boolean(setting->on);
	case VIEW_SECONDS:
		return setting->seconds ? json_integer(setting->seconds)
					: json_null();
	case VIEW_LIST:
		return list_of(setting->text);
	case VIEW_WORD:
		break;
	}
	return text_or_null(setting->text);
}

json_t *object_extension(const struct view_extension *ext)
{
	json_t *twin = json_null();
	json_t *object;

	if (*ext->twin)
		twin = json_pack("{s:s, s:s}", "role",
				 ext->primary ? "primary" : "secondary",
				 "other", ext->twin);
	/* Two settings have a place of their own, before the twin. */
	object = json_pack("{s:s, s:s, s:s, s:b, s:s, s:b, s:b, s:o}", "number",
			   ext->number, "name", ext->name, "kind",
			   ext->kind == EXT_DECT ? "dect" : "sip", "registered",
			   ext->registered, "state", ext_state_name(ext->state),
			   "dnd", 0, "logged_in", 1, "twin", twin);
	for (size_t i = 0; i < ext->n_settings; i++)
		json_object_set_new(object, ext->settings[i].key,
				    setting_value(&ext->settings[i]));
	return object;
}

json_t *object_pairing(const struct view_pairing *pairing)
{
	const struct row_pairing *row = &pairing->row;

	return json_pack("{s:s, s:s, s:i, s:b, s:b, s:b, s:s}", "primary",
			 pairing->primary, "secondary", pairing->secondary,
			 "max_calls", (int)row->max_calls, "twin_bridge",
			 row->twin_bridge, "twin_coverage", row->twin_coverage,
			 "twin_line", row->twin_line, "dnd_scope",
			 row->dnd_primary_only ? "primary" : "both");
}

json_t *object_handset(const struct view_handset *handset)
{
	char ipui[IPUI_TEXT];
	char ipei[IPEI_TEXT];

	ipui_print(handset->row.ipui, ipui);
	ipui_print_ipei(handset->row.ipui, ipei);
	return json_pack("{s:s, s:s, s:s, s:s, s:o}", "ipui", ipui, "ipei",
			 ipei, "base", handset->row.base, "state",
			 handset->attached ? "attached" : "detached",
			 "extension", text_or_null(handset->number));
}

json_t *object_registration(const struct view_contact *contact)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:I, s:o}", "number",
			 contact->number, "contact", contact->row.uri, "source",
			 contact->row.source, "user_agent",
			 text_or_null(contact->row.user_agent), "interval_s",
			 (json_int_t)contact->row.interval_s, "since",
			 object_time(contact->since_ms));
}

json_t *object_base(const struct admin_base *base)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:i, s:i}", "name",
			 base->name, "driver", base->driver, "state",
			 base->state, "identity", text_or_null(base->identity),
			 "model", text_or_null(base->model), "channels",
			 (int)base->channels, "channels_used",
			 (int)base->channels_used);
}

json_t *object_active_call(const struct view_call *call)
{
	json_t *legs = json_array();

	for (size_t i = 0; i < call->n_legs; i++)
		json_array_append_new(legs,
				      json_pack("{s:s, s:s}", "device",
						call->legs[i].device, "state",
						call->legs[i].state));
	return json_pack("{s:I, s:s, s:s, s:s, s:o, s:o}", "id",
			 (json_int_t)call->id, "from", call->from, "to",
			 call->to, "state", call->state, "since",
			 object_time(call->since_ms), "legs", legs);
}

json_t *object_explanation(const struct view_explain *explain)
{
	json_t *devices = json_array();
	bool active = explain->active;

	for (size_t i = 0; i < explain->n_reasons; i++) {
		const struct view_reason *reason = &explain->reasons[i];

		json_array_append_new(
			devices,
			json_pack("{s:s, s:b, s:s}", "device", reason->device,
				  "rang", reason->rang, "why", reason->text));
	}
	return json_pack(
		"{s:I, s:s, s:s, s:o, s:b, s:o, s:o, s:o}", "id",
		(json_int_t)explain->id, "from", explain->from, "to",
		explain->to, "time", object_time(explain->time_ms), "active",
		active, "outcome",
		text_or_null(active ? NULL : explain->outcome), "cause",
		text_or_null(active ? NULL : cause_name(explain->cause)),
		"devices", devices);
}

json_t *object_log_record(const struct db_log *log, const char *owner)
{
	static const char *const kinds[] = {
		[LOG_IN] = "in",
		[LOG_OUT] = "out",
		[LOG_MISSED] = "missed",
	};
	const char *kind =
		log->kind < ARRAY_SIZE(kinds) ? kinds[log->kind] : "in";

	return json_pack("{s:I, s:I, s:o, s:s, s:s, s:s, s:I, s:I, s:o, s:s, "
			 "s:I, s:b, s:o}",
			 "id", (json_int_t)log->id, "call",
			 (json_int_t)log->call, "time",
			 object_time(log->time_ms), "kind", kind, "number",
			 log->number, "name", log->name, "duration_s",
			 seconds(log->talk_ms), "ring_s", seconds(log->ring_ms),
			 "device", text_or_null(log->device), "outcome",
			 log->outcome, "count", (json_int_t)log->count, "seen",
			 log->seen, "extension", text_or_null(owner));
}
