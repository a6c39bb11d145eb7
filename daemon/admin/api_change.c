/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

#include "ipui.h"
#include "object.h"

#define WINDOW_SECONDS "120" /* as long as a security profile allows (T173) */

/* HA1 of a password takes the place of one key, and needs two. */
osmo_static_assert(ADMIN_SETS_MAX > COMMAND_SETS_MAX, sets_fit);

/* ---- the object as it is ---- */

/* NULL if there is none. */
typedef json_t *load_fn(struct api *api, const char *key);

static json_t *load_extension(struct api *api, const char *number)
{
	struct view_extension ext;

	return view_extension(api->core, number, &ext) ? object_extension(&ext)
						       : NULL;
}

static json_t *load_pairing(struct api *api, const char *primary)
{
	struct view_pairing pairing;

	return view_pairing(api->core, primary, &pairing)
		       ? object_pairing(&pairing)
		       : NULL;
}

static json_t *load_handset(struct api *api, const char *text)
{
	struct view_handset handset;
	uint64_t ipui;

	return ipui_parse(text, &ipui) &&
			       view_handset(api->core, ipui, &handset)
		       ? object_handset(&handset)
		       : NULL;
}

static json_t *load_registration(struct api *api, const char *number)
{
	struct view_contact contact;

	return view_contact(api->core, number, &contact)
		       ? object_registration(&contact)
		       : NULL;
}

static const struct change {
	bool is;
	enum admin_verb verb;
	load_fn *load; /* NULL: it has a way of its own, below */
	bool removes;
} changes[_NUM_CMD] = {
	[CMD_EXTENSION_ADD] = { true, ADM_EXTENSION_ADD, load_extension,
				false },
	[CMD_EXTENSION_SET] = { true, ADM_EXTENSION_SET, load_extension,
				false },
	[CMD_EXTENSION_REMOVE] = { true, ADM_EXTENSION_REMOVE, load_extension,
				   true },
	[CMD_PAIRING_ADD] = { true, ADM_PAIRING_ADD, load_pairing, false },
	[CMD_PAIRING_SET] = { true, ADM_PAIRING_SET, load_pairing, false },
	[CMD_PAIRING_REMOVE] = { true, ADM_PAIRING_REMOVE, load_pairing, true },
	[CMD_HANDSET_OPEN] = { true, ADM_HANDSET_OPEN, NULL, false },
	[CMD_HANDSET_CLOSE] = { true, ADM_HANDSET_CLOSE, NULL, false },
	[CMD_HANDSET_ASSIGN] = { true, ADM_HANDSET_ASSIGN, load_handset,
				 false },
	[CMD_HANDSET_LOCATE] = { true, ADM_HANDSET_LOCATE, load_handset,
				 false },
	[CMD_HANDSET_REMOVE] = { true, ADM_HANDSET_REMOVE, load_handset, true },
	[CMD_REGISTRATION_REMOVE] = { true, ADM_REGISTRATION_REMOVE,
				      load_registration, true },
	[CMD_CALL_SEEN] = { true, ADM_LOG_SEEN, NULL, false },
	[CMD_CALL_REMOVE] = { true, ADM_LOG_REMOVE, NULL, true },
};

bool api_is_change(enum command_id id)
{
	return changes[id].is;
}

const char *api_ipui(void *ctx, const char *text)
{
	uint64_t ipui;
	char *digits;

	if (!ipui_parse(text, &ipui))
		return text;
	digits = talloc_size(ctx, IPUI_TEXT);
	ipui_print(ipui, digits);
	return digits;
}

/* ---- sets ---- */

static void add_set(struct ev_admin *admin, const char *key, const char *value)
{
	admin->sets[admin->n_sets].key = span_of(key);
	admin->sets[admin->n_sets].value = span_of(value);
	admin->n_sets++;
}

static const char *find_set(const struct command_request *request,
			    const char *key)
{
	for (size_t i = 0; i < request->n_sets; i++) {
		if (strcmp(request->sets[i].key, key) == 0)
			return request->sets[i].value;
	}
	return NULL;
}

/* The clear password ends here.  An empty one takes the credentials away. */
static void add_password(struct ticket *ticket, struct ev_admin *admin,
			 const char *password)
{
	struct admin_ops *ops = &ticket->api->ops;
	char *md5 = talloc_zero_size(ticket, HA1_HEX + 1);
	char *sha256 = talloc_zero_size(ticket, HA1_HEX + 1);

	if (*password)
		ops->ha1(ops->data, ticket->request->args[0], password, md5,
			 sha256);
	add_set(admin, "ha1_md5", md5);
	add_set(admin, "ha1_sha256", sha256);
}

/* False: refused. */
static bool take_sets(struct ticket *ticket, struct ev_admin *admin)
{
	const struct command_request *request = ticket->request;
	bool extension = strcmp(ticket->command->noun, "extension") == 0;

	for (size_t i = 0; i < request->n_sets; i++) {
		const char *key = request->sets[i].key;
		const char *value = request->sets[i].value;

		/* What replaces the password is no face to the outside. */
		if (strncmp(key, "ha1_", 4) == 0) {
			ticket_refuse(ticket, -EINVAL,
				      "there is no setting \"%s\"; a password "
				      "is set with password=",
				      key);
			return false;
		}
		if (extension && strcmp(key, "password") == 0)
			add_password(ticket, admin, value);
		else
			add_set(admin, key, value);
	}
	return true;
}

/* ---- things that are shown by the views ---- */

static void changed(struct ticket *ticket, const struct act_reply *reply)
{
	const struct change *change = &changes[ticket->command->id];
	json_t *object;

	if (change->removes) {
		object = json_incref(ticket->was);
	} else {
		object = change->load(ticket->api,
				      *reply->show ? reply->show : ticket->key);
	}
	/* Somebody else may have removed it within the same step. */
	ticket_answer(ticket, object ? object : json_null());
}

static void change_thing(struct ticket *ticket)
{
	const struct change *change = &changes[ticket->command->id];
	const struct command_request *request = ticket->request;
	struct event event = { 0 };
	bool handset = change->load == load_handset;

	ticket->key = talloc_strdup(ticket,
				    handset ? api_ipui(ticket, request->args[0])
					    : request->args[0]);
	if (change->removes)
		ticket->was = change->load(ticket->api, ticket->key);
	event.admin.verb = change->verb;
	event.admin.number = span_of(ticket->key);
	event.admin.other = span_of(request->args[1]);
	if (take_sets(ticket, &event.admin))
		ticket_submit(ticket, &event, changed);
}

/* ---- the registration window ---- */

static void window_changed(struct ticket *ticket, const struct act_reply *reply)
{
	ticket_answer(ticket, json_incref(ticket->was));
}

/* Four digits, none likelier than another. */
static const char *new_pin(struct ticket *ticket)
{
	struct admin_ops *ops = &ticket->api->ops;
	uint32_t dice;

	do
		ops->chance(ops->data, &dice, sizeof(dice));
	while (dice >= UINT32_MAX - UINT32_MAX % 10000);
	return talloc_asprintf(ticket, "%04u", (unsigned int)(dice % 10000));
}

static void change_window(struct ticket *ticket)
{
	const struct command_request *request = ticket->request;
	const char *seconds = find_set(request, "seconds");
	const char *pin = find_set(request, "pin");
	struct event event = { 0 };

	event.admin.verb = changes[ticket->command->id].verb;
	if (!take_sets(ticket, &event.admin))
		return;
	if (ticket->command->id == CMD_HANDSET_CLOSE) {
		ticket->was = json_pack("{s:b, s:n, s:n}", "open", 0, "seconds",
					"pin");
	} else {
		if (!seconds)
			add_set(&event.admin, "seconds",
				seconds = WINDOW_SECONDS);
		if (!pin)
			add_set(&event.admin, "pin", pin = new_pin(ticket));
		ticket->was = json_pack("{s:b, s:i, s:s}", "open", 1, "seconds",
					atoi(seconds), "pin", pin);
	}
	ticket_submit(ticket, &event, window_changed);
}

/* ---- records of the log ---- */

static void record_changed(struct ticket *ticket, const struct act_reply *reply)
{
	if (!changes[ticket->command->id].removes)
		json_object_set_new(ticket->was, "seen", json_true());
	ticket_answer(ticket, json_incref(ticket->was));
}

/* The record is there: now the wish itself. */
static void record_page(struct ticket *ticket, const struct db_log *rows,
			size_t n)
{
	struct event event = { 0 };

	if (n == 0) {
		ticket_refuse(ticket, -ENOENT, "there is no record %llu",
			      (unsigned long long)ticket->number);
		return;
	}
	ticket->was = api_log_record(ticket->api, &rows[0]);
	event.admin.verb = changes[ticket->command->id].verb;
	event.admin.record = ticket->number;
	ticket_submit(ticket, &event, record_changed);
}

static void change_record(struct ticket *ticket)
{
	struct db_query query = { .limit = 1 };

	if (!ticket_take_id(ticket, 0))
		return;
	query.id = ticket->number;
	ticket->key = talloc_strdup(ticket, ticket->request->args[0]);
	ticket_query(ticket, &query, record_page);
}

/* ---- */

void api_change(struct ticket *ticket)
{
	if (changes[ticket->command->id].load)
		change_thing(ticket);
	else if (ticket->command->schema == SCHEMA_WINDOW)
		change_window(ticket);
	else
		change_record(ticket);
}
