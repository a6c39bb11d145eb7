/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "handset_event.h"

enum shape {
	SHAPE_NONE, /* not told */
	SHAPE_BARE,
	SHAPE_EXTENSION, /* extension, name */
	SHAPE_REASON,	 /* reason: a text */
	SHAPE_ON,
	SHAPE_CALL,	/* call */
	SHAPE_PARTY,	/* call, number, name */
	SHAPE_ALERTING, /* and waiting */
	SHAPE_RELEASED, /* call, reason: a word */
	SHAPE_LINES,
	SHAPE_INDICATOR,
};

static const struct form {
	const char *name;
	enum shape shape;
} forms[] = {
	[PT_EV_SUBSCRIBED] = { "subscribed", SHAPE_EXTENSION },
	[PT_EV_SUBSCRIBE_REJECTED] = { "subscribe_rejected", SHAPE_REASON },
	[PT_EV_UNSUBSCRIBED] = { "unsubscribed", SHAPE_BARE },
	[PT_EV_ASSIGNED] = { "assigned", SHAPE_EXTENSION },
	[PT_EV_ATTACHED] = { "attached", SHAPE_BARE },
	[PT_EV_DETACHED] = { "detached", SHAPE_BARE },
	[PT_EV_PAGED] = { "paged", SHAPE_ON },
	[PT_EV_ALERTING] = { "alerting", SHAPE_ALERTING },
	[PT_EV_DIALTONE] = { "dialtone", SHAPE_CALL },
	[PT_EV_PROCEEDING] = { "proceeding", SHAPE_PARTY },
	[PT_EV_RINGBACK] = { "ringback", SHAPE_PARTY },
	[PT_EV_CONNECTED] = { "connected", SHAPE_PARTY },
	[PT_EV_PARTY] = { "party", SHAPE_PARTY },
	[PT_EV_HELD] = { "held", SHAPE_PARTY },
	[PT_EV_RETRIEVED] = { "retrieved", SHAPE_PARTY },
	[PT_EV_RELEASED] = { "released", SHAPE_RELEASED },
	[PT_EV_DISPLAY] = { "display", SHAPE_LINES },
	[PT_EV_INDICATOR] = { "indicator", SHAPE_INDICATOR },
};

void handset_event_ipui(uint64_t ipui, char ret_text[IPUI_TEXT])
{
	snprintf(ret_text, IPUI_TEXT, "%010" PRIX64, ipui);
}

/* Text of the air is not always UTF-8; a line of JSON always is. */
static json_t *text(const char *value)
{
	json_t *string = json_string(value);
	char plain[PT_TEXT_MAX + 1];
	size_t i;

	if (string)
		return string;
	osmo_strlcpy(plain, value, sizeof(plain));
	for (i = 0; plain[i]; i++)
		if (plain[i] & 0x80)
			plain[i] = '?';
	return json_string(plain);
}

static json_t *text_or_null(const char *value)
{
	return *value ? text(value) : json_null();
}

static json_t *lines_of(const char *value)
{
	json_t *lines = json_array();
	char line[PT_TEXT_MAX + 1];

	while (*value) {
		size_t n = strcspn(value, "\n");

		osmo_strlcpy(line, value, OSMO_MIN(n + 1, sizeof(line)));
		json_array_append_new(lines, text(line));
		value += n + (value[n] == '\n');
	}
	return lines;
}

static void set(json_t *object, const char *key, json_t *value)
{
	int rc = json_object_set_new(object, key, value);

	OSMO_ASSERT(rc == 0);
}

static json_t *named(const char *name)
{
	json_t *object = json_object();

	OSMO_ASSERT(object);
	set(object, "event", json_string(name));
	return object;
}

static void add_party(json_t *object, const struct pt_event *event)
{
	set(object, "call", json_integer(event->call));
	set(object, "number", text(event->number));
	set(object, "name", text(event->name));
}

static void add_indicator(json_t *object, const struct pt_event *event)
{
	set(object, "missed", json_integer(event->missed));
	set(object, "messages", json_integer(event->messages));
	set(object, "dnd", json_boolean(event->dnd));
	set(object, "twin", json_boolean(event->twin));
}

json_t *handset_event_json(const struct pt *pt, const struct pt_event *event)
{
	const struct form *form = &forms[event->type];
	json_t *object;

	if ((size_t)event->type >= ARRAY_SIZE(forms) ||
	    form->shape == SHAPE_NONE)
		return NULL;
	object = named(form->name);
	switch (form->shape) {
	case SHAPE_NONE:
	case SHAPE_BARE:
		break;
	case SHAPE_EXTENSION:
		set(object, "extension", text_or_null(event->number));
		set(object, "name", text_or_null(event->name));
		break;
	case SHAPE_REASON:
		set(object, "reason", text(event->text));
		break;
	case SHAPE_ON:
		set(object, "on", json_boolean(event->on));
		break;
	case SHAPE_CALL:
		set(object, "call", json_integer(event->call));
		break;
	case SHAPE_ALERTING:
		set(object, "waiting", json_false());
		add_party(object, event);
		break;
	case SHAPE_PARTY:
		add_party(object, event);
		break;
	case SHAPE_RELEASED:
		set(object, "call", json_integer(event->call));
		set(object, "reason",
		    json_string(pt_reason_name(event->reason)));
		break;
	case SHAPE_LINES:
		set(object, "lines", lines_of(event->text));
		break;
	case SHAPE_INDICATOR:
		add_indicator(object, event);
		break;
	}
	return object;
}

static void add_identity(json_t *object, const struct pt *pt)
{
	const struct pt_memory *memory = pt_memory(pt);
	char ipui[IPUI_TEXT];

	handset_event_ipui(memory->ipui, ipui);
	set(object, "ipui", json_string(ipui));
	set(object, "subscribed", json_boolean(memory->subscribed));
}

json_t *handset_event_ready(const struct pt *pt, const char *label)
{
	json_t *object = named("ready");

	add_identity(object, pt);
	if (label)
		set(object, "label", text(label));
	return object;
}

json_t *handset_event_state(const struct pt *pt, bool playing, bool recording)
{
	const struct pt_memory *memory = pt_memory(pt);
	json_t *object = named("state");

	add_identity(object, pt);
	set(object, "state", json_string(pt_state_name(pt_state(pt))));
	set(object, "call_state",
	    json_string(pt_call_state_name(pt_call_state(pt))));
	set(object, "extension", text_or_null(memory->number));
	set(object, "name", text_or_null(memory->name));
	set(object, "rate_hz", json_integer(pt_audio_rate(pt)));
	set(object, "playing", json_boolean(playing));
	set(object, "recording", json_boolean(recording));
	return object;
}

json_t *handset_event_error(const char *what)
{
	json_t *object = named("error");

	set(object, "text", text(what));
	return object;
}
