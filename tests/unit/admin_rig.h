/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * admin_rig.h - the administrator's room on a bench: the real core behind it,
 * a disk that confirms at once or when told, a log of a few rows
 *
 *     rig_ok(rig, "extension add 201 name=Alice kind=sip", "{...}");
 *     rig_refused(rig, "pair 201 999", "there is no extension 999");
 *
 * The wall clock stands at 2026-03-01 09:00:00 UTC, and one second passes in
 * rig_pass(rig, 1000).
 */
#pragma once

#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/application.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "admin.h"
#include "api.h"
#include "log.h"

#define RIG_WALL_MS 1772355600000
#define RIG_ROWS_MAX 16
#define RIG_IPUI 0x0000c00089ULL

struct rig {
	struct core *core;
	struct admin_ops ops;
	struct api *api;     /* the one, */
	struct admin *admin; /* or the other */
	int64_t now_ms;
	bool slow_disk; /* rig_disk() confirms */
	int disk_rc;
	uint64_t txn; /* that waits for it */
	unsigned int opened_s;
	char opened_pin[16];
	struct db_log rows[RIG_ROWS_MAX]; /* newest first */
	size_t n_rows;
	struct db_query query; /* the last one */
	uint64_t query_token;
	bool slow_log; /* rig_log() answers */
	/* the last answer */
	unsigned int answers;
	enum command_rc rc;
	int error;
	char text[512];
	char *value; /* child of the rig; NULL if there is none */
};

static void rig_step(struct rig *rig, struct event *event);

static inline void rig_stored(struct rig *rig, uint64_t txn, int rc)
{
	struct event event = { .type = EV_STORED, .stored = { txn, rc } };

	rig_step(rig, &event);
}

static inline void rig_disk(struct rig *rig, int rc)
{
	rig_stored(rig, rig->txn, rc);
}

static inline void rig_window(struct rig *rig, const struct action *action)
{
	struct event event = { .type = EV_SUB_WINDOW };

	rig->opened_s = action->window.seconds;
	snprintf(rig->opened_pin, sizeof(rig->opened_pin), "%s",
		 action->window.pin);
	event.handset.open = true;
	rig_step(rig, &event);
}

/* What the log is told about a record, it does. */
static inline void rig_store(struct rig *rig, const struct action *action)
{
	const struct store_op *op = action->store.op;

	for (size_t i = 0; i < rig->n_rows; i++) {
		if (op->row.type != ROW_LOG ||
		    rig->rows[i].id != op->row.log.id)
			continue;
		if (op->verb == STORE_SEEN)
			rig->rows[i].seen = true;
		else
			memmove(&rig->rows[i], &rig->rows[i + 1],
				(--rig->n_rows - i) * sizeof(*rig->rows));
	}
}

static inline void rig_act(struct rig *rig, const struct action *action)
{
	switch (action->type) {
	case ACT_STORE:
		rig_store(rig, action);
		rig->txn = action->store.txn;
		if (!rig->slow_disk)
			rig_stored(rig, rig->txn, rig->disk_rc);
		break;
	case ACT_SUB_OPEN:
		rig_window(rig, action);
		break;
	case ACT_REPLY:
		if (rig->admin)
			admin_reply(rig->admin, &action->reply);
		else
			api_reply(rig->api, &action->reply);
		break;
	default:
		break;
	}
}

static inline void rig_step(struct rig *rig, struct event *event)
{
	struct actions actions;

	actions_init(&actions, rig);
	event->now_ms = rig->now_ms;
	event->wall_ms = RIG_WALL_MS + rig->now_ms;
	core_step(rig->core, event, &actions);
	for (size_t i = 0; i < actions.n; i++)
		rig_act(rig, &actions.v[i]);
	talloc_free(actions.v);
}

/* ---- struct admin_ops ---- */

static inline void rig_submit(void *data, const struct event *event)
{
	struct event copy = *event;

	rig_step(data, &copy);
}

/* The records of one id or one call, or all of them: the rest of a query is
 * the database's business. */
static inline void rig_log(struct rig *rig)
{
	struct db_log lent[RIG_ROWS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < rig->n_rows; i++) {
		const struct db_log *row = &rig->rows[i];

		if ((!rig->query.id || row->id == rig->query.id) &&
		    (!rig->query.call || row->call == rig->query.call))
			lent[n++] = *row;
	}
	if (rig->admin)
		admin_page(rig->admin, rig->query_token, 0, lent, n);
	else
		api_page(rig->api, rig->query_token, 0, lent, n);
}

static inline int rig_query(void *data, uint64_t token,
			    const struct db_query *query)
{
	struct rig *rig = data;

	rig->query = *query;
	rig->query_token = token;
	if (!rig->slow_log)
		rig_log(rig);
	return 0;
}

static inline void rig_ha1(void *data, const char *number, const char *password,
			   char ret_md5[HA1_HEX + 1],
			   char ret_sha256[HA1_HEX + 1])
{
	snprintf(ret_md5, HA1_HEX + 1, "md5 of %s", number);
	snprintf(ret_sha256, HA1_HEX + 1, "sha256 of %s", number);
}

static inline void rig_chance(void *data, void *ret_bytes, size_t n)
{
	memset(ret_bytes, 0x11, n);
}

static inline int64_t rig_uptime_ms(void *data)
{
	return ((struct rig *)data)->now_ms;
}

static inline void rig_each_listener(void *data, admin_listener_cb *cb,
				     void *cb_data)
{
	const struct admin_listener listener = { "udp", "127.0.0.1:5060" };

	cb(&listener, cb_data);
}

static inline void rig_each_base(void *data, admin_base_cb *cb, void *cb_data)
{
	const struct admin_base base = {
		.name = "sim", .driver = "sim", .state = "up", .channels = 4
	};

	cb(&base, cb_data);
}

static inline void rig_each_counter(void *data, admin_counter_cb *cb,
				    void *cb_data)
{
	const struct admin_counter counter = { .name = "sip_rx_total",
					       .help = "SIP messages.",
					       .label = "transport",
					       .label_value = "u\"dp",
					       .value = 7 };

	cb(&counter, cb_data);
}

/* ---- the world ---- */

static inline void rig_pass(struct rig *rig, int64_t ms)
{
	struct event event = { .type = EV_TICK };

	rig->now_ms += ms;
	rig_step(rig, &event);
}

/* A core that knows the handset RIG_IPUI, and nobody yet. */
static inline struct rig *rig_new(void)
{
	struct core_config config = { .first_call = 1 };
	struct event load = { .type = EV_LOAD };
	struct rig *rig = talloc_zero(NULL, struct rig);

	if (!osmo_log_info)
		log_start(NULL);
	log_set_log_level(osmo_stderr_target, LOGL_ERROR);
	rig->core = core_new(rig, &config);
	rig->ops = (struct admin_ops){
		.data = rig,
		.submit = rig_submit,
		.query = rig_query,
		.ha1 = rig_ha1,
		.chance = rig_chance,
		.uptime_ms = rig_uptime_ms,
		.each_listener = rig_each_listener,
		.each_base = rig_each_base,
		.each_counter = rig_each_counter,
	};
	load.load.type = ROW_HANDSET;
	load.load.handset.ipui = RIG_IPUI;
	OSMO_STRLCPY_ARRAY(load.load.handset.base, "sim");
	rig_step(rig, &load);
	return rig;
}

static inline void rig_free(struct rig *rig)
{
	admin_free(rig->admin);
	talloc_free(rig->api);
	core_free(rig->core);
	talloc_free(rig);
}

static inline ext_id rig_ext(struct rig *rig, const char *number)
{
	struct view_extension ext;

	ck_assert(view_extension(rig->core, number, &ext));
	return ext.id;
}

static inline void rig_register(struct rig *rig, const char *number)
{
	struct event event = { .type = EV_REGISTER };
	struct row_contact *contact = &event.reg.contact;

	event.reg.reg = 1;
	contact->ext = rig_ext(rig, number);
	contact->interval_s = 3600;
	snprintf(contact->uri, sizeof(contact->uri), "sip:%s@127.0.0.1:5070",
		 number);
	snprintf(contact->source, sizeof(contact->source),
		 "udp:127.0.0.1:5070");
	snprintf(contact->user_agent, sizeof(contact->user_agent), "Desk 9");
	rig_step(rig, &event);
}

static inline void rig_call(struct rig *rig, uint64_t n, const char *from,
			    const char *dialled)
{
	struct event event = { .type = EV_SETUP };

	event.setup.leg = leg_id_of_edge(LEG_OF_SIP, n);
	event.setup.from = rig_ext(rig, from);
	event.setup.dialled = span_of(dialled);
	event.setup.body = span_of("offer");
	event.setup.max_forwards = 70;
	rig_step(rig, &event);
}

/* ---- asking ---- */

static inline void rig_answered(void *data, const struct api_answer *answer)
{
	struct rig *rig = data;
	char *dump;

	rig->answers++;
	rig->rc = answer->rc;
	rig->error = answer->error;
	OSMO_STRLCPY_ARRAY(rig->text, answer->text);
	talloc_free(rig->value);
	rig->value = NULL;
	if (!answer->value)
		return;
	dump = json_dumps(answer->value, JSON_ENCODE_ANY);
	rig->value = talloc_strdup(rig, dump);
	free(dump);
}

#define RIG_WORDS_MAX 40

/* Words are split at blanks. */
static inline uint64_t rig_ask(struct rig *rig, const char *line)
{
	const char *words[RIG_WORDS_MAX];
	char *text = talloc_strdup(rig, line);
	char *rest = text;
	char *word;
	int n = 0;
	struct command_request *request;
	char why[COMMAND_WHY_MAX];
	uint64_t ticket = 0;

	while ((word = strsep(&rest, " ")))
		words[n++] = word;
	if (command_parse(rig, n, words, &request, why)) {
		api_wrong(rig->api, why, rig_answered, rig);
	} else {
		ticket = api_ask(rig->api, request, rig_answered, rig);
		talloc_free(request);
	}
	talloc_free(text);
	return ticket;
}

static inline void rig_do(struct rig *rig, const char *line)
{
	rig_ask(rig, line);
	ck_assert_msg(rig->rc == COMMAND_DONE, "%s: %s", line, rig->text);
}

#define rig_ok(rig, line, want)                                                \
	do {                                                                   \
		rig_do(rig, line);                                             \
		ck_assert_str_eq((rig)->value, want);                          \
	} while (0)

#define rig_refused(rig, line, want)                                           \
	do {                                                                   \
		rig_ask(rig, line);                                            \
		ck_assert_str_eq((rig)->text, want);                           \
		ck_assert_int_eq((rig)->rc, COMMAND_REFUSED);                  \
	} while (0)

#define rig_wrong(rig, line, want)                                             \
	do {                                                                   \
		rig_ask(rig, line);                                            \
		ck_assert_str_eq((rig)->text, want);                           \
		ck_assert_int_eq((rig)->rc, COMMAND_USAGE);                    \
	} while (0)
