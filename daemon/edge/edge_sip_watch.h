/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edge_sip_watch.h - subscriptions between the core and the SIP element
 *
 *     SIP_EV_SUBSCRIBE --> EV_WATCH       a key in its body is read here
 *     ACT_WATCH_RESULT --> sip_subscribe_result()
 *     ACT_NOTIFY       --> kept, sip_touch()
 *     SIP_EV_DOCUMENT  --> written now    (edge_sip_doc.h), sip_notify()
 *
 * The values of the last ACT_NOTIFY are kept for each watcher, so a document
 * is as new as it can be when the element has room for it.
 */
#pragma once

#include "action.h"
#include "sip.h"

struct edge_sip_watches;

/* @domain: of the URIs in documents; copied. */
struct edge_sip_watches *edge_sip_watches_new(void *ctx, struct sip *sip,
					      const char *domain);
void edge_sip_watch_perform(struct edge_sip_watches *watches, int64_t now_ms,
			    const struct action *action);

/* Of SUBSCRIBE, DOCUMENT, UNSUBSCRIBED and NOTIFY.  True: an event for the
 * core has come of it; @from is the device of in->user. */
bool edge_sip_watch_event(struct edge_sip_watches *watches, int64_t now_ms,
			  const struct sip_event *in, ext_id from,
			  struct event *ret_event);
