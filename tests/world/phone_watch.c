/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * phone_watch.c - a lamp on a fake phone: subscribes, and reads what it is told
 *
 * Written from RFC 6665 and RFC 4235.  It faults a NOTIFY whose CSeq or version
 * does not count up by one, a partial document before a full one, a document of
 * somebody else, and a dialog that is early after it was confirmed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "phone_priv.h"

#define DIALOGS_MAX 8

struct dialog {
	char id[24], state[16];
};

struct phone_watch {
	struct llist_head entry;
	char *number, *uri, *from, *to, *call_id;
	unsigned long cseq, cseq_remote;
	unsigned int expires_s; /* asked for */
	bool tried;		/* with a password */
	bool known;		/* a full document has come */
	unsigned long version;
	struct dialog dialog[DIALOGS_MAX];
	size_t n;
	char shown[32];
	int64_t at; /* the next SUBSCRIBE */
};

static void subscribe(struct phone *phone, int64_t now_ms,
		      struct phone_watch *watch)
{
	char *rest = talloc_asprintf(
		watch,
		"Contact: %s\r\nEvent: dialog\r\nExpires: %u\r\n"
		"Accept: application/dialog-info+xml\r\n%s",
		phone_contact(phone), watch->expires_s,
		phone_auth_header(watch, phone, "SUBSCRIBE", watch->uri));

	watch->at = NEVER;
	phone_tx_request(phone, now_ms, "SUBSCRIBE", watch->uri, phone->server,
			 watch->from, watch->to, watch->call_id, ++watch->cseq,
			 rest, NULL, NULL);
}

static struct phone_watch *find(const struct phone *phone, const char *call_id)
{
	struct phone_watch *watch;

	llist_for_each_entry (watch, &phone->watches, entry)
		if (strcmp(watch->call_id, call_id) == 0)
			return watch;
	return NULL;
}

static void forget(struct phone_watch *watch)
{
	llist_del(&watch->entry);
	talloc_free(watch);
}

void phone_watch(struct phone *phone, int64_t now_ms, const char *number)
{
	struct phone_watch *watch = talloc_zero(phone, struct phone_watch);

	watch->number = talloc_strdup(watch, number);
	watch->uri = talloc_asprintf(watch, "sip:%s@%s", number, phone->domain);
	watch->to = talloc_asprintf(watch, "<%s>", watch->uri);
	watch->from =
		talloc_asprintf(watch, "<sip:%s@%s>;tag=%s", phone->number,
				phone->domain, phone_token(phone, "w"));
	watch->call_id = phone_token(phone, "watch-");
	watch->expires_s = 3600;
	llist_add_tail(&watch->entry, &phone->watches);
	subscribe(phone, now_ms, watch);
}

void phone_unwatch(struct phone *phone, int64_t now_ms, const char *number)
{
	struct phone_watch *watch;

	llist_for_each_entry (watch, &phone->watches, entry)
		if (strcmp(watch->number, number) == 0) {
			watch->expires_s = 0;
			watch->tried = false;
			subscribe(phone, now_ms, watch);
			return;
		}
}

void phone_watch_reset(struct phone *phone)
{
	struct phone_watch *watch, *tmp;

	llist_for_each_entry_safe (watch, tmp, &phone->watches, entry)
		forget(watch);
}

const char *phone_lamp(const struct phone *phone, const char *number)
{
	struct phone_watch *watch;

	llist_for_each_entry (watch, &phone->watches, entry)
		if (strcmp(watch->number, number) == 0 && watch->known)
			return watch->shown;
	return NULL;
}

void phone_watch_response(struct phone *phone, int64_t now_ms,
			  const struct wire *wire)
{
	struct phone_watch *watch = find(phone, wire_get(wire, "Call-ID"));
	bool stale = wire_has(wire, "WWW-Authenticate", "stale=true");

	if (!watch || wire->status < 200)
		return;
	if (wire->status == 401 && (!watch->tried || stale) &&
	    phone_auth_learn(phone, wire)) {
		watch->tried = true;
		subscribe(phone, now_ms, watch);
	} else if (wire->status < 300) {
		if (!wire_get(wire, "Expires"))
			phone_fault(phone, "a 200 to SUBSCRIBE, no Expires");
		watch->tried = false;
		watch->to = talloc_strdup(watch, wire_get(wire, "To"));
		watch->uri = wire_uri(watch, wire_get(wire, "Contact"));
		if (watch->expires_s)
			watch->at = now_ms + watch->expires_s * 500;
	} else if (wire->status == 481 && watch->expires_s) {
		/* The gateway has forgotten us: anew (RFC 6665, 4.1.2.2). */
		char *number = talloc_strdup(phone, watch->number);

		forget(watch);
		phone_watch(phone, now_ms, number);
	} else {
		phone_tell(phone, "lamp-no", "%s %d", watch->number,
			   wire->status);
		forget(watch);
	}
}

/* It is patient, and comes again. */
void phone_watch_timeout(struct phone *phone, int64_t now_ms,
			 const struct phone_tx *tx)
{
	struct phone_watch *watch;

	llist_for_each_entry (watch, &phone->watches, entry)
		if (strstr(tx->bytes, watch->call_id))
			watch->at = now_ms + 10000;
}

/* ---- what it is told ---- */

static bool attribute(const char *tag, const char *name, char *buf, size_t size)
{
	char start[24];
	const char *end = strchr(tag, '>'), *at;

	snprintf(start, sizeof(start), " %s=\"", name);
	at = strstr(tag, start);
	if (!end || !at || at > end)
		return false;
	at += strlen(start);
	snprintf(buf, size, "%.*s", (int)strcspn(at, "\""), at);
	return true;
}

static int rank(const char *state)
{
	static const char *const order[] = { "terminated", "trying", "early",
					     "confirmed" };

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		if (strcmp(order[i], state) == 0)
			return i;
	return -1;
}

static void hear_dialog(struct phone *phone, struct phone_watch *watch,
			const char *element)
{
	const char *text = strstr(element, "<state>");
	struct dialog told = { 0 };
	size_t i;

	if (!attribute(element, "id", told.id, sizeof(told.id)) || !text) {
		phone_fault(phone, "a dialog without id or state");
		return;
	}
	snprintf(told.state, sizeof(told.state), "%.*s",
		 (int)strcspn(text + 7, "<"), text + 7);
	if (rank(told.state) < 0)
		phone_fault(phone, "a dialog in state %s", told.state);
	for (i = 0; i < watch->n; i++)
		if (strcmp(watch->dialog[i].id, told.id) == 0)
			break;
	if (i < watch->n && rank(told.state) > 0 &&
	    rank(told.state) < rank(watch->dialog[i].state))
		phone_fault(phone, "%s after %s", told.state,
			    watch->dialog[i].state);
	if (rank(told.state) > 0 && i < DIALOGS_MAX) {
		watch->dialog[i] = told;
		watch->n = OSMO_MAX(watch->n, i + 1);
	} else if (i < watch->n) {
		watch->dialog[i] = watch->dialog[--watch->n];
	}
}

/* What the lamp does (T103): the most there is. */
static void show(struct phone *phone, struct phone_watch *watch)
{
	static const char *const lamp[] = { "idle", "trying", "early",
					    "confirmed" };
	int most = 0, calls = 0;
	bool dnd = false;
	char now[32];

	for (size_t i = 0; i < watch->n; i++)
		if (strcmp(watch->dialog[i].id, "dnd") == 0) {
			dnd = true;
		} else {
			most = OSMO_MAX(most, rank(watch->dialog[i].state));
			calls++;
		}
	snprintf(now, sizeof(now), "%s%s", dnd && !calls ? "dnd" : lamp[most],
		 calls > 1 ? " twice" : "");
	if (strcmp(now, watch->shown) == 0)
		return;
	strcpy(watch->shown, now);
	phone_tell(phone, "lamp", "%s %s", watch->number, now);
}

static void hear(struct phone *phone, struct phone_watch *watch,
		 const char *body)
{
	const char *root = strstr(body, "<dialog-info ");
	char text[64], entity[64];
	unsigned long version;
	bool full;

	snprintf(entity, sizeof(entity), "sip:%s@%s", watch->number,
		 phone->domain);
	if (!root || !attribute(root, "entity", text, sizeof(text)) ||
	    strcmp(text, entity) != 0 ||
	    !attribute(root, "version", text, sizeof(text))) {
		phone_fault(phone, "no dialog-info of %s:\n%s", entity, body);
		return;
	}
	version = strtoul(text, NULL, 10);
	attribute(root, "state", text, sizeof(text));
	full = strcmp(text, "full") == 0;
	if (!watch->known && !full)
		phone_fault(phone, "a partial document before any other");
	if (watch->known && version != watch->version + 1 &&
	    !phone->manners.disorder)
		phone_fault(phone, "version %lu after %lu", version,
			    watch->version);
	if (full)
		watch->n = 0;
	watch->known = true;
	watch->version = version;
	for (const char *at = root; (at = strstr(at, "<dialog ")); at++)
		hear_dialog(phone, watch, at);
	show(phone, watch);
}

bool phone_watch_notify(struct phone *phone, int64_t now_ms,
			struct phone_tx *tx)
{
	const struct wire *wire = tx->wire;
	struct phone_watch *watch = find(phone, wire_get(wire, "Call-ID"));
	const char *state = wire_get(wire, "Subscription-State");

	if (strcmp(wire->method, "NOTIFY") != 0 ||
	    !wire_has(wire, "Event", "dialog"))
		return false;
	if (!watch) {
		phone_tx_respond(phone, now_ms, tx, 481, "No Subscription",
				 NULL, NULL, NULL);
		return true;
	}
	if (wire->cseq <= watch->cseq_remote && !phone->manners.disorder)
		phone_fault(phone, "CSeq %lu after %lu", wire->cseq,
			    watch->cseq_remote);
	watch->cseq_remote = wire->cseq;
	phone_tx_respond(phone, now_ms, tx, 200, "OK", NULL, NULL, NULL);
	if (!state) {
		phone_fault(phone, "a NOTIFY without Subscription-State");
		return true;
	}
	if (wire->body && *wire->body)
		hear(phone, watch, wire->body);
	if (strncmp(state, "terminated", 10) == 0) {
		phone_tell(phone, "lamp-over", "%s %s", watch->number,
			   state + 11);
		forget(watch);
	}
	return true;
}

/* ---- time ---- */

int64_t phone_watch_next_ms(const struct phone *phone)
{
	const struct phone_watch *watch;
	int64_t next = NEVER;

	llist_for_each_entry (watch, &phone->watches, entry)
		next = OSMO_MIN(next, watch->at);
	return next;
}

void phone_watch_tick(struct phone *phone, int64_t now_ms)
{
	struct phone_watch *watch;

	llist_for_each_entry (watch, &phone->watches, entry)
		if (watch->at <= now_ms)
			subscribe(phone, now_ms, watch);
}
