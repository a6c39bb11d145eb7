/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api_internal.h"

#include <osmocom/core/utils.h>

/* ---- counters ---- */

void api_add_door(struct api *api, api_door_counters *counters, void *door)
{
	OSMO_ASSERT(api->n_doors < API_DOORS_MAX);
	api->doors[api->n_doors++] = (struct api_door){ counters, door };
}

static void core_counters(struct api *api, admin_counter_cb *cb, void *data)
{
	struct view_counts counts;

	view_counts(api->core, &counts);
	const struct admin_counter all[] = {
		{ "extensions", "Extensions.", ADMIN_GAUGE, NULL, NULL,
		  counts.extensions },
		{ "sip_registrations", "SIP phones that can be reached.",
		  ADMIN_GAUGE, NULL, NULL, counts.registrations },
		{ "handsets", "Handsets that have subscribed.", ADMIN_GAUGE,
		  NULL, NULL, counts.handsets },
		{ "pairings", "Pairs of twins.", ADMIN_GAUGE, NULL, NULL,
		  counts.pairings },
		{ "calls_active", "Calls that are going on.", ADMIN_GAUGE, NULL,
		  NULL, counts.calls },
		{ "calls_total", "Calls begun.", ADMIN_COUNTER, NULL, NULL,
		  counts.calls_total },
		{ "calls_refused_total", "Calls refused by a limit of ours.",
		  ADMIN_COUNTER, NULL, NULL, counts.refused_calls },
		{ "codes_total", "Feature codes dialled, right or wrong.",
		  ADMIN_COUNTER, NULL, NULL, counts.codes },
		{ "login_locks_total", "Devices locked for wrong login codes.",
		  ADMIN_COUNTER, NULL, NULL, counts.login_locks },
		{ "events_dropped_total", "Events for ids that were gone.",
		  ADMIN_COUNTER, NULL, NULL, counts.dropped_events },
		{ "log_rows_lost_total",
		  "Log rows that the disk refused for too long.", ADMIN_COUNTER,
		  NULL, NULL, counts.lost_rows },
	};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		cb(&all[i], data);
	for (enum cause cause = CAUSE_NONE + 1; cause < _NUM_CAUSE; cause++) {
		const struct admin_counter ended = {
			"calls_ended_total", "Calls ended, by cause.",
			ADMIN_COUNTER,	     "cause",
			cause_name(cause),   counts.by_cause[cause]
		};

		cb(&ended, data);
	}
}

static void own_counters(struct api *api, admin_counter_cb *cb, void *data)
{
	const struct api_counts *c = &api->counts;
	const struct admin_counter all[] = {
		{ "uptime_seconds", "Time since the start.", ADMIN_GAUGE, NULL,
		  NULL, api->ops.uptime_ms(api->ops.data) / 1000.0 },
		{ "admin_requests_total", "Requests of administrators.",
		  ADMIN_COUNTER, NULL, NULL, c->requests },
		{ "admin_changes_total", "Changes made.", ADMIN_COUNTER, NULL,
		  NULL, c->changes },
		{ "admin_refused_total", "Requests refused.", ADMIN_COUNTER,
		  NULL, NULL, c->refused },
		{ "admin_wrong_total", "Requests that were malformed.",
		  ADMIN_COUNTER, NULL, NULL, c->wrong },
		{ "admin_limited_total", "Requests refused by a limit of ours.",
		  ADMIN_COUNTER, NULL, NULL, c->limited },
		{ "admin_pending", "Requests that wait for their answer.",
		  ADMIN_GAUGE, NULL, NULL, c->pending },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		cb(&all[i], data);
}

void api_each_counter(struct api *api, admin_counter_cb *cb, void *data)
{
	own_counters(api, cb, data);
	core_counters(api, cb, data);
	for (size_t i = 0; i < api->n_doors; i++)
		api->doors[i].counters(api->doors[i].data, cb, data);
	api->ops.each_counter(api->ops.data, cb, data);
}

/* ---- status ---- */

static void add_listener(const struct admin_listener *listener, void *list)
{
	json_array_append_new(list, json_pack("{s:s, s:s}", "transport",
					      listener->transport, "address",
					      listener->address));
}

static void add_base(const struct admin_base *base, void *list)
{
	json_array_append_new(
		list, json_pack("{s:s, s:s, s:s}", "name", base->name, "driver",
				base->driver, "state", base->state));
}

/* All counters are whole numbers but the uptime, which has a key of its own;
 * those with a label are an object of their labels. */
static void add_counter(const struct admin_counter *counter, void *counters)
{
	json_t *value = json_integer(counter->value);

	if (counter->kind == ADMIN_GAUGE) {
		json_decref(value);
		return;
	}
	if (counter->label) {
		json_t *labels = json_object_get(counters, counter->name);

		if (!labels) {
			labels = json_object();
			json_object_set_new(counters, counter->name, labels);
		}
		json_object_set_new(labels, counter->label_value, value);
		return;
	}
	json_object_set_new(counters, counter->name, value);
}

json_t *api_status(struct api *api)
{
	struct view_counts counts;
	json_t *listeners = json_array();
	json_t *bases = json_array();
	json_t *counters = json_object();

	view_counts(api->core, &counts);
	api->ops.each_listener(api->ops.data, add_listener, listeners);
	api->ops.each_base(api->ops.data, add_base, bases);
	api_each_counter(api, add_counter, counters);
	return json_pack("{s:s, s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o}",
			 "version", TWIND_VERSION, "uptime",
			 (json_int_t)(api->ops.uptime_ms(api->ops.data) / 1000),
			 "listeners", listeners, "bases", bases, "extensions",
			 (json_int_t)counts.extensions, "registrations",
			 (json_int_t)counts.registrations, "handsets",
			 (json_int_t)counts.handsets, "pairings",
			 (json_int_t)counts.pairings, "active_calls",
			 (json_int_t)counts.calls, "counters", counters);
}
