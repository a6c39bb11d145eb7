/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge_sip_watch.h"

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "edge_sip_doc.h"
#include "edge_sip_feature.h"
#include "log.h"

#define BUCKETS 1024

static const struct sip_package packages[] = {
	[WATCH_CALLS] = { "dialog", "application/dialog-info+xml" },
	[WATCH_PRESENCE] = { "presence", "application/pidf+xml" },
	[WATCH_MESSAGES] = { "message-summary",
			     "application/simple-message-summary" },
	[WATCH_FEATURES] = { "as-feature-event",
			     "application/x-as-feature-event+xml" },
};

struct watch {
	struct llist_head entry;
	uint64_t id;
	enum watch_what what;
	bool full;	      /* the next document tells all, */
	enum feature confirm; /* or at least what the phone has asked for */
	struct lamp lamp;
	struct edge_sip_memory memory;
};

struct edge_sip_watches {
	struct sip *sip;
	char *domain;
	struct llist_head buckets[BUCKETS]; /* by id */
	struct feature_wish wish;	    /* of the event in hand */
};

struct edge_sip_watches *edge_sip_watches_new(void *ctx, struct sip *sip,
					      const char *domain)
{
	struct edge_sip_watches *watches =
		talloc_zero(ctx, struct edge_sip_watches);

	OSMO_ASSERT(watches);
	watches->sip = sip;
	watches->domain = talloc_strdup(watches, domain);
	OSMO_ASSERT(watches->domain);
	for (size_t i = 0; i < BUCKETS; i++)
		INIT_LLIST_HEAD(&watches->buckets[i]);
	sip_set_packages(sip, packages, ARRAY_SIZE(packages));
	return watches;
}

static struct watch *find(struct edge_sip_watches *watches, uint64_t id)
{
	struct watch *watch;

	llist_for_each_entry (watch, &watches->buckets[id % BUCKETS], entry)
		if (watch->id == id)
			return watch;
	return NULL;
}

static void forget(struct edge_sip_watches *watches, uint64_t id)
{
	struct watch *watch = find(watches, id);

	if (!watch)
		return;
	llist_del(&watch->entry);
	talloc_free(watch);
}

static struct watch *put(struct edge_sip_watches *watches, uint64_t id)
{
	struct watch *watch = find(watches, id);

	if (watch)
		return watch;
	watch = talloc_zero(watches, struct watch);
	OSMO_ASSERT(watch);
	watch->id = id;
	llist_add(&watch->entry, &watches->buckets[id % BUCKETS]);
	return watch;
}

/* ---- from the core ---- */

static void result(struct edge_sip_watches *watches, int64_t now_ms,
		   const struct act_watch *act)
{
	if (act->status == 200) {
		struct watch *watch = put(watches, act->watch);

		watch->full = watch->confirm == FEATURE_NONE;
	}
	sip_subscribe_result(watches->sip, now_ms, act->watch, act->status);
}

static void notify(struct edge_sip_watches *watches, int64_t now_ms,
		   const struct act_watch *act)
{
	struct watch *watch = find(watches, act->watch);

	if (!watch)
		return;
	watch->what = act->what;
	watch->lamp = *act->lamp;
	sip_touch(watches->sip, now_ms, act->watch);
}

void edge_sip_watch_perform(struct edge_sip_watches *watches, int64_t now_ms,
			    const struct action *action)
{
	const struct act_watch *act = &action->watch;

	switch (action->type) {
	case ACT_WATCH_RESULT:
		result(watches, now_ms, act);
		break;
	case ACT_NOTIFY:
		notify(watches, now_ms, act);
		break;
	case ACT_WATCH_END:
		sip_unsubscribe(watches->sip, now_ms, act->watch,
				act->shutdown ? "deactivated" : "noresource");
		forget(watches, act->watch);
		break;
	default:
		break;
	}
}

/* ---- to the core ---- */

static void give_document(struct edge_sip_watches *watches, int64_t now_ms,
			  uint64_t id)
{
	struct watch *watch = find(watches, id);
	static char buf[EDGE_SIP_DOC_MAX];
	const char *type = NULL;
	ssize_t n = 0;

	if (!watch)
		return; /* the core has ended it since */
	switch (watch->what) {
	case WATCH_CALLS:
		n = edge_sip_doc_calls(&watch->memory, &watch->lamp,
				       watches->domain, watch->full, buf);
		break;
	case WATCH_PRESENCE:
		n = edge_sip_doc_presence(&watch->lamp, watches->domain, buf);
		break;
	case WATCH_MESSAGES:
		n = edge_sip_doc_messages(&watch->lamp, watches->domain, buf);
		break;
	case WATCH_FEATURES:
		n = edge_sip_doc_features(&watch->memory, &watch->lamp,
					  watch->full, watch->confirm, buf,
					  &type);
		break;
	}
	watch->full = false;
	watch->confirm = FEATURE_NONE;
	OSMO_ASSERT(n >= 0); /* the largest lamp fits */
	sip_notify(watches->sip, now_ms, id, type, (struct span){ buf, n });
}

/* False: its body is nothing that we understand; it has been refused. */
static bool read_body(struct edge_sip_watches *watches, int64_t now_ms,
		      const struct sip_event *in)
{
	struct watch *watch = find(watches, in->sub);
	unsigned int status = 0;

	watches->wish = (struct feature_wish){ 0 };
	if (in->package != WATCH_FEATURES || !in->body.n)
		return true;
	if (!span_case_is(in->content_type, packages[WATCH_FEATURES].type))
		status = 415;
	else if (edge_sip_feature_read(&watches->wish, in->body))
		status = 400;
	else if (watch)
		watch->confirm = watches->wish.feature;
	if (status)
		sip_subscribe_result(watches->sip, now_ms, in->sub, status);
	return !status;
}

bool edge_sip_watch_event(struct edge_sip_watches *watches, int64_t now_ms,
			  const struct sip_event *in, ext_id from,
			  struct event *ret_event)
{
	struct ev_watch *out = &ret_event->watch;

	switch (in->type) {
	case SIP_EV_SUBSCRIBE:
		if (!read_body(watches, now_ms, in))
			return false;
		ret_event->type = EV_WATCH;
		*out = (struct ev_watch){
			.watch = in->sub,
			.from = from,
			.target = in->target,
			.what = in->package,
			.feature = watches->wish.feature,
			.on = watches->wish.on,
			.number = span_of(watches->wish.number),
		};
		return true;
	case SIP_EV_DOCUMENT:
		give_document(watches, now_ms, in->sub);
		return false;
	case SIP_EV_UNSUBSCRIBED:
		forget(watches, in->sub);
		ret_event->type = EV_UNWATCH;
		out->watch = in->sub;
		return true;
	case SIP_EV_NOTIFY:
		ret_event->type = EV_MESSAGES;
		ret_event->messages.user = in->target;
		return in->package == WATCH_MESSAGES &&
		       edge_sip_doc_read_messages(in->body,
						  &ret_event->messages.fresh,
						  &ret_event->messages.old);
	default:
		return false;
	}
}
