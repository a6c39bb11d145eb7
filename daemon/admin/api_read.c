/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

#include "ipui.h"
#include "object.h"

#define LOG_PAGE_DEFAULT 50
#define CALL_RECORDS_MAX 16

/* ---- lists: one visitor a noun ---- */

static bool list_extension(const struct view_extension *ext, void *list)
{
	json_array_append_new(list, object_extension(ext));
	return true;
}

static bool list_pairing(const struct view_pairing *pairing, void *list)
{
	json_array_append_new(list, object_pairing(pairing));
	return true;
}

static bool list_handset(const struct view_handset *handset, void *list)
{
	json_array_append_new(list, object_handset(handset));
	return true;
}

static bool list_registration(const struct view_contact *contact, void *list)
{
	json_array_append_new(list, object_registration(contact));
	return true;
}

static bool list_call(const struct view_call *call, void *list)
{
	json_array_append_new(list, object_active_call(call));
	return true;
}

static void list_base(const struct admin_base *base, void *list)
{
	json_array_append_new(list, object_base(base));
}

/* ---- one thing ---- */

static void show_extension(struct ticket *ticket, const char *number)
{
	struct view_extension ext;

	if (view_extension(ticket->api->core, number, &ext))
		ticket_answer(ticket, object_extension(&ext));
	else
		ticket_refuse(ticket, -ENOENT, "there is no extension %s",
			      number);
}

static void show_pairing(struct ticket *ticket, const char *primary)
{
	struct view_extension ext;
	struct view_pairing pairing;

	if (view_pairing(ticket->api->core, primary, &pairing))
		ticket_answer(ticket, object_pairing(&pairing));
	else if (!view_extension(ticket->api->core, primary, &ext))
		ticket_refuse(ticket, -ENOENT, "there is no extension %s",
			      primary);
	else if (*ext.twin)
		ticket_refuse(ticket, -EINVAL,
			      "%s is the secondary of %s: name %s", primary,
			      ext.twin, ext.twin);
	else
		ticket_refuse(ticket, -ENOENT, "%s is not paired", primary);
}

static void show_handset(struct ticket *ticket, const char *text)
{
	struct view_handset handset;
	uint64_t ipui;

	if (ipui_parse(text, &ipui) &&
	    view_handset(ticket->api->core, ipui, &handset))
		ticket_answer(ticket, object_handset(&handset));
	else
		ticket_refuse(ticket, -ENOENT, "there is no handset %s", text);
}

static void show_base(struct ticket *ticket, const char *name)
{
	struct api *api = ticket->api;
	json_t *list = json_array();
	json_t *base;
	size_t i;

	api->ops.each_base(api->ops.data, list_base, list);
	json_array_foreach(list, i, base)
	{
		const char *its =
			json_string_value(json_object_get(base, "name"));

		if (its && strcmp(its, name) == 0)
			break;
	}
	base = json_incref(json_array_get(list, i));
	json_decref(list);
	if (base)
		ticket_answer(ticket, base);
	else
		ticket_refuse(ticket, -ENOENT, "there is no base %s", name);
}

/* ---- the log ---- */

json_t *api_log_record(struct api *api, const struct db_log *log)
{
	struct view_extension owner;
	bool known = view_extension_id(api->core, log->owner, &owner);

	return object_log_record(log, known ? owner.number : "");
}

static json_t *log_records(struct api *api, const struct db_log *rows, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, api_log_record(api, &rows[i]));
	return list;
}

static void page_of_log(struct ticket *ticket, const struct db_log *rows,
			size_t n)
{
	ticket_answer(ticket, log_records(ticket->api, rows, n));
}

/* Each takes one value of `call list` into the query; what it has to be if it
 * cannot be taken. */
typedef const char *take_fn(struct api *api, struct db_query *query,
			    const char *value);

/* The log that twins see is that of their primary (T88). */
static const char *take_extension(struct api *api, struct db_query *query,
				  const char *value)
{
	struct view_extension ext;

	if (!view_extension(api->core, value, &ext))
		return "an extension that exists";
	if (*ext.twin && !ext.primary &&
	    !view_extension(api->core, ext.twin, &ext))
		return "an extension that exists";
	query->owner = ext.id;
	return NULL;
}

static const char *take_kind(struct api *api, struct db_query *query,
			     const char *value)
{
	static const struct {
		const char *name;
		unsigned int kinds;
	} kinds[] = {
		{ "missed", 1 << LOG_MISSED },
		{ "in", 1 << LOG_IN },
		{ "out", 1 << LOG_OUT },
		{ "all", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].name, value) == 0) {
			query->kinds = kinds[i].kinds;
			return NULL;
		}
	}
	return "missed, in, out or all";
}

static bool take_number(const char *value, uint64_t max, uint64_t *ret_number)
{
	unsigned long long number;

	if (!*value || strspn(value, "0123456789") != strlen(value))
		return false;
	errno = 0;
	number = strtoull(value, NULL, 10);
	if (errno || number < 1 || number > max)
		return false;
	*ret_number = number;
	return true;
}

static const char *take_limit(struct api *api, struct db_query *query,
			      const char *value)
{
	uint64_t limit;

	if (!take_number(value, DB_PAGE_MAX, &limit))
		return "1 to " OSMO_STRINGIFY_VAL(DB_PAGE_MAX);
	query->limit = limit;
	return NULL;
}

static const char *take_before(struct api *api, struct db_query *query,
			       const char *value)
{
	if (!take_number(value, INT64_MAX, &query->before))
		return "the id of a record";
	return NULL;
}

static const char *take_each(struct api *api, struct db_query *query,
			     const char *value)
{
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
		return "on or off";
	query->grouped = strcmp(value, "off") == 0;
	return NULL;
}

static const struct {
	const char *key;
	take_fn *take;
} log_filters[] = {
	{ "extension", take_extension }, { "kind", take_kind },
	{ "limit", take_limit },	 { "before", take_before },
	{ "each", take_each },
};

static void list_log(struct ticket *ticket)
{
	const struct command_request *request = ticket->request;
	struct db_query query = { .limit = LOG_PAGE_DEFAULT, .grouped = true };

	for (size_t i = 0; i < request->n_sets; i++) {
		const char *key = request->sets[i].key;
		const char *needs = "";
		size_t f;

		for (f = 0; f < ARRAY_SIZE(log_filters); f++) {
			if (strcmp(log_filters[f].key, key) == 0)
				break;
		}
		if (f == ARRAY_SIZE(log_filters)) {
			ticket_refuse(ticket, -EINVAL,
				      "there is no key \"%s\"; there are: "
				      "extension, kind, limit, before, each",
				      key);
			return;
		}
		needs = log_filters[f].take(ticket->api, &query,
					    request->sets[i].value);
		if (needs) {
			ticket_refuse(ticket, -EINVAL,
				      "%s must be %s, not '%s'", key, needs,
				      request->sets[i].value);
			return;
		}
	}
	ticket_query(ticket, &query, page_of_log);
}

/* ---- one call ---- */

static void records_of_call(struct ticket *ticket, ticket_page *page)
{
	struct db_query query = { .limit = CALL_RECORDS_MAX };

	if (!ticket_take_id(ticket, 0))
		return;
	query.call = ticket->number;
	ticket_query(ticket, &query, page);
}

/* The log remembers it, but the reasons are gone with the process or have
 * made room for newer ones. */
static void explain_page(struct ticket *ticket, const struct db_log *rows,
			 size_t n)
{
	if (n)
		ticket_refuse(ticket, -ENOENT,
			      "the reasons of call %llu are no longer kept: "
			      "only those of recent calls since the start are",
			      (unsigned long long)ticket->number);
	else
		ticket_refuse(ticket, -ENOENT, "there is no call %llu",
			      (unsigned long long)ticket->number);
}

static void explain_call(struct ticket *ticket)
{
	struct view_explain explain;
	struct db_query query = { .limit = 1 };

	if (!ticket_take_id(ticket, 0))
		return;
	if (view_explain(ticket->api->core, ticket->number, &explain)) {
		ticket_answer(ticket, object_explanation(&explain));
		return;
	}
	query.call = ticket->number;
	ticket_query(ticket, &query, explain_page);
}

/*
 * All that is known of a call, from three memories: what goes on now, why
 * which device rang, and what was written down.
 *
 *     id, active   always
 *     state, legs  null and empty once it is over
 *     from, to, time, outcome, cause, devices
 *                  from the explanation, null and empty without one
 *     records      of each of its users, once it is over
 */
static void call_page(struct ticket *ticket, const struct db_log *rows,
		      size_t n)
{
	struct core *core = ticket->api->core;
	struct view_explain explain;
	struct view_call call;
	bool explained = view_explain(core, ticket->number, &explain);
	bool active = view_call(core, ticket->number, &call);
	json_t *object;

	if (!explained && !active && n == 0) {
		ticket_refuse(ticket, -ENOENT, "there is no call %llu",
			      (unsigned long long)ticket->number);
		return;
	}
	object = json_pack("{s:I, s:b, s:n, s:n, s:n, s:n, s:n, s:n}", "id",
			   (json_int_t)ticket->number, "active", active, "from",
			   "to", "time", "state", "outcome", "cause");
	json_object_set_new(object, "legs", json_array());
	json_object_set_new(object, "devices", json_array());
	if (explained) {
		json_t *known = object_explanation(&explain);

		json_object_del(known, "active");
		json_object_update(object, known);
		json_decref(known);
	}
	if (active) {
		json_t *known = object_active_call(&call);

		json_object_update_existing(object, known);
		json_object_set(object, "time",
				json_object_get(known, "since"));
		json_decref(known);
	}
	if (!explained && !active)
		json_object_set_new(object, "time",
				    object_time(rows[0].time_ms));
	json_object_set_new(object, "records",
			    log_records(ticket->api, rows, n));
	ticket_answer(ticket, object);
}

/* ---- */

void api_read(struct ticket *ticket)
{
	struct api *api = ticket->api;
	const char *arg = ticket->request->args[0];
	json_t *list = NULL;

	switch (ticket->command->id) {
	case CMD_STATUS:
		ticket_answer(ticket, api_status(api));
		return;
	case CMD_EXTENSION_SHOW:
		show_extension(ticket, arg);
		return;
	case CMD_PAIRING_SHOW:
		show_pairing(ticket, arg);
		return;
	case CMD_HANDSET_SHOW:
		show_handset(ticket, arg);
		return;
	case CMD_BASE_SHOW:
		show_base(ticket, arg);
		return;
	case CMD_CALL_LIST:
		list_log(ticket);
		return;
	case CMD_CALL_SHOW:
		records_of_call(ticket, call_page);
		return;
	case CMD_CALL_EXPLAIN:
		explain_call(ticket);
		return;
	default:
		list = json_array();
		break;
	}

	switch (ticket->command->id) {
	case CMD_EXTENSION_LIST:
		view_each_extension(api->core, list_extension, list);
		break;
	case CMD_PAIRING_LIST:
		view_each_pairing(api->core, list_pairing, list);
		break;
	case CMD_HANDSET_LIST:
		view_each_handset(api->core, list_handset, list);
		break;
	case CMD_BASE_LIST:
		api->ops.each_base(api->ops.data, list_base, list);
		break;
	case CMD_REGISTRATION_LIST:
		view_each_contact(api->core, list_registration, list);
		break;
	case CMD_CALL_ACTIVE:
		view_each_call(api->core, list_call, list);
		break;
	default:
		OSMO_ASSERT(false); /* a command without a hand */
	}
	ticket_answer(ticket, list);
}
