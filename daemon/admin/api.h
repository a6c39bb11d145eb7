/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * api.h - carrying out a command, whatever door it came through
 *
 *     reading:   request -----------------------------> answer
 *     the log:   request --> query() --> api_page() --> answer
 *     changing:  request --> submit() --> api_reply() -> answer
 *
 * A change is answered after it is durable, with the object as it now is; a
 * removal with the object that was.  Every request is answered exactly once,
 * unless its asker says api_forget() first: the change is made all the same.
 *
 * The reasons for a refusal are the core's own sentences.  Passwords become
 * HA1 here, and a window without a code gets one made up.
 *
 * Limit: API_PENDING_MAX requests that wait; more are refused with -EAGAIN.
 */
#pragma once

#include "admin.h"
#include "command.h"

struct api;

#define API_PENDING_MAX 512

struct api_answer {
	enum command_rc rc;
	int error; /* refused: -ENOENT: no such thing, -EEXIST, -EAGAIN */
	const char *text; /* refused, or wrong usage: one sentence; else "" */
	json_t *value;	  /* done: whoever is answered borrows it */
};

typedef void api_answer_cb(void *data, const struct api_answer *answer);

struct api_counts {
	uint64_t requests;
	uint64_t changes; /* of those: that were made */
	uint64_t refused;
	uint64_t wrong;	  /* usage; told by the doors (api_wrong()) */
	uint64_t limited; /* API_PENDING_MAX */
	size_t pending;
};

struct api *api_new(void *ctx, struct core *core, const struct admin_ops *ops);

/* The answer may come before it returns, and then the ticket is 0. */
uint64_t api_ask(struct api *api, const struct command_request *request,
		 api_answer_cb *cb, void *data);
void api_forget(struct api *api, uint64_t ticket);

/* Answer @cb that it was wrongly used; for doors that parse. */
void api_wrong(struct api *api, const char *why, api_answer_cb *cb, void *data);

void api_reply(struct api *api, const struct act_reply *reply);
void api_page(struct api *api, uint64_t token, int rc,
	      const struct db_log *rows, size_t n);

/* A door has counters of its own; they are shown with all others. */
typedef void api_door_counters(void *door, admin_counter_cb *cb, void *cb_data);
void api_add_door(struct api *api, api_door_counters *counters, void *door);

/* All counters of the gateway. */
void api_each_counter(struct api *api, admin_counter_cb *cb, void *cb_data);
