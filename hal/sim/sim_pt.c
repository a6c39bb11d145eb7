/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim_pt.c - see sim_pt.h: the handset as its user has it in hand */
#include "sim_pt.h"

#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "sim_pt_priv.h"

#define EMC_OF_OURS 12 /* of the worked example in EN 300 175-6 */

struct pt *pt_new(void *ctx, const struct pt_config *config)
{
	struct pt *pt = talloc_zero(ctx, struct pt);
	uint32_t psn;

	OSMO_ASSERT(pt);
	pt->memory = config->memory;
	pt->random.seed = config->seed;
	pt->narrowband = config->narrowband;
	if (pt->memory.ipui == 0) {
		sim_random(&pt->random, &psn, sizeof(psn));
		pt->memory = (struct pt_memory){
			.ipui = dect_ipui(EMC_OF_OURS, psn),
		};
	}
	pt->power = true;
	pt->range = true;
	air_reader_init(&pt->reader);
	INIT_LLIST_HEAD(&pt->events);
	return pt;
}

void pt_free(struct pt *pt)
{
	if (!pt)
		return;
	explicit_bzero(&pt->memory, sizeof(pt->memory));
	explicit_bzero(pt->new_uak, sizeof(pt->new_uak));
	talloc_free(pt);
}

const struct pt_memory *pt_memory(const struct pt *pt)
{
	return &pt->memory;
}

void pt_counts(const struct pt *pt, struct pt_counts *ret_counts)
{
	*ret_counts = pt->counts;
}

/* ---- events ---- */

void pt_tell_event(struct pt *pt, const struct pt_event *event)
{
	struct pt_queued *queued;

	if (pt->n_events == PT_EVENTS)
		return; /* a base that chatters at a user who does not look */
	queued = talloc(pt, struct pt_queued);
	OSMO_ASSERT(queued);
	queued->event = *event;
	llist_add_tail(&queued->entry, &pt->events);
	pt->n_events++;
}

void pt_tell(struct pt *pt, enum pt_event_type type)
{
	struct pt_event event = { .type = type, .call = pt->call_no };

	OSMO_STRLCPY_ARRAY(event.number, pt->number);
	OSMO_STRLCPY_ARRAY(event.name, pt->name);
	pt_tell_event(pt, &event);
}

bool pt_next_event(struct pt *pt, struct pt_event *ret_event)
{
	struct pt_queued *queued;

	if (llist_empty(&pt->events))
		return false;
	queued = llist_first_entry(&pt->events, struct pt_queued, entry);
	*ret_event = queued->event;
	llist_del(&queued->entry);
	pt->n_events--;
	talloc_free(queued);
	return true;
}

/* ---- time ---- */

void pt_tick(struct pt *pt, int64_t now_ms)
{
	pt_mm_tick(pt, now_ms);
	pt_cc_tick(pt, now_ms);
}

int64_t pt_next_ms(const struct pt *pt)
{
	int64_t next = INT64_MAX;

	if (pt->mm_deadline_ms)
		next = OSMO_MIN(next, pt->mm_deadline_ms);
	if (pt->call_deadline_ms)
		next = OSMO_MIN(next, pt->call_deadline_ms);
	if (pt->lost_ms)
		next = OSMO_MIN(next, pt->lost_ms);
	return next;
}

/* ---- state and its names ---- */

enum pt_state pt_state(const struct pt *pt)
{
	if (!pt->power)
		return PT_OFF;
	if (!pt->range || !pt->air)
		return PT_NO_BASE;
	if (pt->attached)
		return PT_ATTACHED;
	if (!pt->memory.subscribed && pt->mm == PT_MM_IDLE)
		return PT_FRESH;
	return PT_ATTACHING;
}

enum pt_call_state pt_call_state(const struct pt *pt)
{
	return pt->call;
}

static const char *name(const char *const *names, size_t n, unsigned int i)
{
	return i < n && names[i] ? names[i] : "?";
}

const char *pt_state_name(enum pt_state state)
{
	static const char *const names[] = {
		[PT_OFF] = "off",	    [PT_NO_BASE] = "no_base",
		[PT_FRESH] = "fresh",	    [PT_ATTACHING] = "attaching",
		[PT_ATTACHED] = "attached",
	};

	return name(names, ARRAY_SIZE(names), state);
}

const char *pt_call_state_name(enum pt_call_state state)
{
	static const char *const names[] = {
		[PT_IDLE] = "idle",
		[PT_DIALLING] = "dialling",
		[PT_PROCEEDING] = "proceeding",
		[PT_RINGBACK] = "ringback",
		[PT_RINGING] = "ringing",
		[PT_ANSWERING] = "answering",
		[PT_TALKING] = "talking",
		[PT_HELD] = "held",
		[PT_CLEARING] = "clearing",
	};

	return name(names, ARRAY_SIZE(names), state);
}

const char *pt_reason_name(enum pt_reason reason)
{
	static const char *const names[] = {
		[PT_NORMAL] = "normal",
		[PT_BUSY] = "busy",
		[PT_NO_ANSWER] = "no_answer",
		[PT_ANSWERED_ELSEWHERE] = "answered_elsewhere",
		[PT_REJECTED] = "rejected",
		[PT_UNALLOCATED] = "unallocated",
		[PT_FAILED] = "failed",
	};

	return name(names, ARRAY_SIZE(names), reason);
}

const char *pt_event_type_name(enum pt_event_type type)
{
	static const char *const names[] = {
		[PT_EV_NONE] = "none",
		[PT_EV_SUBSCRIBED] = "subscribed",
		[PT_EV_SUBSCRIBE_REJECTED] = "subscribe_rejected",
		[PT_EV_UNSUBSCRIBED] = "unsubscribed",
		[PT_EV_ASSIGNED] = "assigned",
		[PT_EV_MEMORY] = "memory",
		[PT_EV_ATTACHED] = "attached",
		[PT_EV_DETACHED] = "detached",
		[PT_EV_PAGED] = "paged",
		[PT_EV_ALERTING] = "alerting",
		[PT_EV_DIALTONE] = "dialtone",
		[PT_EV_PROCEEDING] = "proceeding",
		[PT_EV_RINGBACK] = "ringback",
		[PT_EV_CONNECTED] = "connected",
		[PT_EV_PARTY] = "party",
		[PT_EV_HELD] = "held",
		[PT_EV_RETRIEVED] = "retrieved",
		[PT_EV_RELEASED] = "released",
		[PT_EV_DISPLAY] = "display",
		[PT_EV_INDICATOR] = "indicator",
		[PT_EV_TIME] = "time",
	};

	return name(names, ARRAY_SIZE(names), type);
}
