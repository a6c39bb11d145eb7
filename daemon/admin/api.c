/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

#include "log.h"

struct api *api_new(void *ctx, struct core *core, const struct admin_ops *ops)
{
	struct api *api = talloc_zero(ctx, struct api);

	OSMO_ASSERT(api);
	OSMO_ASSERT(ops->submit && ops->query && ops->ha1 && ops->chance &&
		    ops->uptime_ms && ops->each_listener && ops->each_base &&
		    ops->each_counter);
	api->core = core;
	api->ops = *ops;
	INIT_LLIST_HEAD(&api->tickets);
	return api;
}

/* ---- tickets ---- */

static int ticket_gone(struct ticket *ticket)
{
	llist_del(&ticket->entry);
	ticket->api->counts.pending--;
	json_decref(ticket->was);
	return 0;
}

static struct ticket *ticket_find(struct api *api, uint64_t id)
{
	struct ticket *ticket;

	llist_for_each_entry (ticket, &api->tickets, entry) {
		if (ticket->id == id)
			return ticket;
	}
	return NULL;
}

static void ticket_end(struct ticket *ticket, const struct api_answer *answer)
{
	api_answer_cb *cb = ticket->cb;
	void *data = ticket->data;

	/* Before the asker hears of it: he may ask again at once. */
	talloc_free(ticket);
	if (cb)
		cb(data, answer);
	json_decref(answer->value);
}

void ticket_answer(struct ticket *ticket, json_t *value)
{
	struct api_answer answer = { .rc = COMMAND_DONE,
				     .text = "",
				     .value = value };

	/* jansson refuses to build what is not UTF-8, and nothing else is let
	 * into the core. */
	OSMO_ASSERT(value);
	ticket_end(ticket, &answer);
}

void ticket_refuse(struct ticket *ticket, int error, const char *fmt, ...)
{
	char text[640];
	struct api_answer answer = { .rc = COMMAND_REFUSED,
				     .error = error,
				     .text = text };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ticket->api->counts.refused++;
	ticket_end(ticket, &answer);
}

void ticket_query(struct ticket *ticket, const struct db_query *query,
		  ticket_page *page)
{
	struct api *api = ticket->api;
	uint64_t id = ticket->id;
	int rc;

	ticket->page = page;
	rc = api->ops.query(api->ops.data, id, query);
	if (rc == 0)
		return; /* and the ticket may be gone already */
	ticket_refuse(ticket, rc,
		      rc == -EAGAIN ? "the gateway is busy: try again"
				    : "the log cannot be asked that");
}

void ticket_submit(struct ticket *ticket, struct event *event,
		   ticket_done *done)
{
	struct api *api = ticket->api;

	ticket->done = done;
	event->type = EV_ADMIN;
	event->admin.req = ticket->id;
	api->ops.submit(api->ops.data, event);
}

bool ticket_take_id(struct ticket *ticket, size_t i)
{
	const char *text = ticket->request->args[i];
	unsigned long long id = 0;

	errno = 0;
	if (strspn(text, "0123456789") == strlen(text))
		id = strtoull(text, NULL, 10);
	if (id == 0 || errno || id > INT64_MAX) {
		ticket_refuse(ticket, -EINVAL, "%s must be a number, not '%s'",
			      ticket->command->args[i], text);
		return false;
	}
	ticket->number = id;
	return true;
}

/* ---- in and out ---- */

uint64_t api_ask(struct api *api, const struct command_request *request,
		 api_answer_cb *cb, void *data)
{
	struct ticket *ticket;
	uint64_t id = ++api->last_id;

	ticket = talloc_zero(api, struct ticket);
	OSMO_ASSERT(ticket);
	talloc_set_destructor(ticket, ticket_gone);
	llist_add_tail(&ticket->entry, &api->tickets);
	ticket->api = api;
	ticket->id = id;
	ticket->request = request;
	ticket->command = request->command;
	ticket->cb = cb;
	ticket->data = data;
	api->counts.requests++;
	if (api->counts.pending++ >= API_PENDING_MAX) {
		api->counts.limited++;
		ticket_refuse(ticket, -EAGAIN,
			      "too many requests are waiting: try again");
		return 0;
	}

	if (api_is_change(request->command->id))
		api_change(ticket);
	else
		api_read(ticket);

	ticket = ticket_find(api, id);
	if (!ticket)
		return 0;
	ticket->request = NULL;
	return id;
}

void api_forget(struct api *api, uint64_t id)
{
	struct ticket *ticket = ticket_find(api, id);

	if (ticket)
		ticket->cb = NULL;
}

void api_wrong(struct api *api, const char *why, api_answer_cb *cb, void *data)
{
	struct api_answer answer = { .rc = COMMAND_USAGE,
				     .error = -EINVAL,
				     .text = why };

	api->counts.wrong++;
	cb(data, &answer);
}

void api_reply(struct api *api, const struct act_reply *reply)
{
	struct ticket *ticket = ticket_find(api, reply->req);

	if (!ticket || !ticket->done)
		return;
	if (reply->rc) {
		ticket_refuse(ticket, reply->rc, "%s", reply->text);
		return;
	}
	api->counts.changes++;
	/* What was changed, and never to what: that may be a secret. */
	LOGP(DADMIN, LOGL_NOTICE, "administrator: %s%s%s %s\n",
	     ticket->command->noun, ticket->command->verb ? " " : "",
	     ticket->command->verb ? ticket->command->verb : "",
	     ticket->key ? ticket->key : "");
	ticket->done(ticket, reply);
}

void api_page(struct api *api, uint64_t token, int rc,
	      const struct db_log *rows, size_t n)
{
	struct ticket *ticket = ticket_find(api, token);

	if (!ticket || !ticket->page)
		return;
	if (rc)
		ticket_refuse(ticket, rc, "the log cannot be read: %s",
			      strerror(-rc));
	else
		ticket->page(ticket, rows, n);
}
