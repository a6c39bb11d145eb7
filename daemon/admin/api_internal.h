/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * api_internal.h - a request on its way, shared by the files of the api
 *
 *     api.c         tickets: who waits for what, and is answered once
 *     api_read.c    commands that show
 *     api_change.c  commands that change
 *     api_count.c   counters, status
 */
#pragma once

#include <osmocom/core/linuxlist.h>

#include "api.h"

#define API_DOORS_MAX 16

struct ticket;

/* Rows are the query's until it returns.  It answers, or asks again. */
typedef void ticket_page(struct ticket *ticket, const struct db_log *rows,
			 size_t n);
typedef void ticket_done(struct ticket *ticket, const struct act_reply *reply);

struct ticket {
	struct llist_head entry;
	struct api *api;
	uint64_t id; /* token of its query and req of its event */
	const struct command_request *request; /* until api_ask() returns */
	const struct command *command;
	ticket_page *page;
	ticket_done *done;

	uint64_t number; /* the call or record that is asked for */
	json_t *was;	 /* the object before the change; or NULL */
	char *key;	 /* names the object afterwards */

	api_answer_cb *cb; /* NULL: forgotten */
	void *data;
};

struct api_door {
	api_door_counters *counters;
	void *data;
};

struct api {
	struct core *core;
	struct admin_ops ops;
	struct llist_head tickets;
	uint64_t last_id;
	struct api_counts counts;
	struct api_door doors[API_DOORS_MAX];
	size_t n_doors;
};

/* Each ends the ticket.  @value is taken over. */
void ticket_answer(struct ticket *ticket, json_t *value);
void ticket_refuse(struct ticket *ticket, int error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Off to the log or to the core; the answer goes on in @page or @done. */
void ticket_query(struct ticket *ticket, const struct db_query *query,
		  ticket_page *page);
void ticket_submit(struct ticket *ticket, struct event *event,
		   ticket_done *done);

/* Argument @i, a decimal id above 0, into ticket->number; false: refused. */
bool ticket_take_id(struct ticket *ticket, size_t i);

/* Begin a command; it answers now or later. */
void api_read(struct ticket *ticket);
void api_change(struct ticket *ticket);
bool api_is_change(enum command_id id);

json_t *api_status(struct api *api);

/* The log's row, with the number of its owner. */
json_t *api_log_record(struct api *api, const struct db_log *log);

/* An IPUI in either form as ten hexadecimal digits; other text as it is. */
const char *api_ipui(void *ctx, const char *text);
