/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "phone_priv.h"

struct phone *phone_new(void *ctx, const char *label, const char *number,
			const char *name, struct net_addr addr,
			const struct phone_env *env)
{
	struct phone *phone = talloc_zero(ctx, struct phone);

	phone->label = label;
	phone->number = number;
	phone->name = name;
	phone->domain = "example.test";
	phone->addr = addr;
	phone->env = *env;
	phone->manners.answer_ms = -1;
	INIT_LLIST_HEAD(&phone->calls);
	INIT_LLIST_HEAD(&phone->client);
	INIT_LLIST_HEAD(&phone->server_tx);
	INIT_LLIST_HEAD(&phone->watches);
	phone->reg_at = NEVER;
	return phone;
}

static void free_all(struct llist_head *list)
{
	struct phone_tx *tx, *tmp;

	llist_for_each_entry_safe (tx, tmp, list, entry) {
		llist_del(&tx->entry);
		talloc_free(tx);
	}
}

void phone_reset(struct phone *phone)
{
	struct phone_call *call, *tmp;

	llist_for_each_entry_safe (call, tmp, &phone->calls, entry) {
		llist_del(&call->entry);
		talloc_free(call);
	}
	free_all(&phone->client);
	free_all(&phone->server_tx);
	phone_watch_reset(phone);
	phone->reg_at = NEVER;
	phone->registered = false;
	phone->nonce = NULL;
}

void phone_fault(struct phone *phone, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = talloc_vasprintf(phone, fmt, ap);
	va_end(ap);
	phone->env.fault(phone->env.data, phone, text);
	talloc_free(text);
}

void phone_tell(struct phone *phone, const char *what, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = talloc_vasprintf(phone, fmt, ap);
	va_end(ap);
	phone->env.tell(phone->env.data, phone, what, text);
	talloc_free(text);
}

/* Unique among all phones for ever: their ports and labels differ. */
char *phone_token(struct phone *phone, const char *prefix)
{
	return talloc_asprintf(phone, "%s%s%u", prefix, phone->label,
			       ++phone->serial);
}

const char *phone_contact(const struct phone *phone)
{
	unsigned int ip = phone->addr.ip;

	return talloc_asprintf(phone, "<sip:%s@%u.%u.%u.%u:%u%s>",
			       phone->number, ip >> 24, ip >> 16 & 255,
			       ip >> 8 & 255, ip & 255, phone->addr.port,
			       phone->addr.conn ? ";transport=tcp" : "");
}

/* Every name is the server's: there is no DNS here. */
struct net_addr phone_addr_of_uri(const struct phone *phone, const char *uri)
{
	const char *at = strchr(uri, '@');
	const char *host = at ? at + 1 : strchr(uri, ':') + 1;
	unsigned int a, b, c, d, port = 5060;
	struct net_addr addr = phone->server;

	addr.conn = phone->addr.conn;
	if (sscanf(host, "%u.%u.%u.%u:%u", &a, &b, &c, &d, &port) < 4)
		return addr;
	addr.ip = a << 24 | b << 16 | c << 8 | d;
	addr.port = port;
	return addr;
}

/* ---- what is heard ---- */

static void plain_reply(struct phone *phone, int64_t now_ms,
			struct phone_tx *tx)
{
	if (strcmp(tx->method, "OPTIONS") == 0)
		phone_tx_respond(phone, now_ms, tx, 200, "OK", NULL, NULL,
				 NULL);
	else
		phone_tx_respond(phone, now_ms, tx, 501, "Not Implemented",
				 NULL, NULL, NULL);
}

static bool is_of_call(const char *method)
{
	static const char *const all[] = { "INVITE", "CANCEL", "BYE",
					   "UPDATE", "INFO",   "NOTIFY" };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (strcmp(method, all[i]) == 0)
			return true;
	return false;
}

static void rx_request(struct phone *phone, int64_t now_ms, struct wire *wire,
		       struct net_addr from, const char *data, size_t len)
{
	struct phone_tx *tx;

	if (wire_count(wire, "Via") != 1)
		phone_fault(phone, "%zu Via in a request of a user agent",
			    wire_count(wire, "Via"));
	if (strcmp(wire->method, "ACK") == 0) {
		phone_call_ack(phone, now_ms, wire);
		return;
	}
	tx = phone_tx_server_find(phone, wire, wire->method);
	if (tx) {
		if (!phone->manners.disorder &&
		    (strncmp(tx->request, data, len) != 0 ||
		     strlen(tx->request) != len))
			phone_fault(phone, "a branch used twice:\n%s\n%s",
				    tx->request, data);
		if (tx->bytes)
			phone->env.send(phone->env.data, phone, tx->to,
					tx->bytes, strlen(tx->bytes));
		return;
	}
	tx = phone_tx_server_new(phone, now_ms, wire, from, data, len);
	if (phone_watch_notify(phone, now_ms, tx))
		return;
	if (is_of_call(wire->method))
		phone_call_request(phone, now_ms, tx, from);
	else
		plain_reply(phone, now_ms, tx);
}

static void send_register(struct phone *phone, int64_t now_ms);

static void registered(struct phone *phone, int64_t now_ms,
		       const struct wire *wire)
{
	char *mine = wire_uri((void *)wire, phone_contact(phone)), *expires;
	const char *contact = NULL;

	for (size_t i = 0; (contact = wire_nth(wire, "Contact", i)); i++)
		if (strstr(contact, mine))
			break;
	if (phone->expires_s == 0) {
		if (contact)
			phone_fault(phone, "removed, and still bound");
		phone->registered = false;
		phone->reg_at = NEVER;
		phone_tell(phone, "unregistered", "%s", "");
		return;
	}
	if (!contact) {
		phone_fault(phone, "a 200 to REGISTER without our contact");
		return;
	}
	expires = wire_param((void *)wire, contact, "expires");
	phone->reg_at = now_ms + atoi(expires ? expires : "0") * 500;
	if (!expires || atoi(expires) <= 0)
		phone_fault(phone, "a binding without expires");
	if (!phone->registered)
		phone_tell(phone, "registered", "%s", "");
	phone->registered = true;
}

static void rx_register_response(struct phone *phone, int64_t now_ms,
				 const struct wire *wire)
{
	bool stale = wire_has(wire, "WWW-Authenticate", "stale=true") ||
		     wire_has(wire, "WWW-Authenticate", "stale=TRUE");

	if (wire->status < 200 || wire->cseq != phone->reg_cseq)
		return; /* the user has asked for something else since */
	if (wire->status < 300) {
		registered(phone, now_ms, wire);
	} else if ((wire->status == 401 || wire->status == 407) &&
		   (!phone->reg_tried || stale) &&
		   phone_auth_learn(phone, wire)) {
		phone->reg_tried = true;
		send_register(phone, now_ms);
	} else {
		phone->registered = false;
		/* The user presses the key again, or the phone does. */
		phone->reg_at = now_ms + 60000;
		phone_tell(phone, "reg-refused", "%d", wire->status);
	}
}

static void rx_response(struct phone *phone, int64_t now_ms,
			const struct wire *wire, struct net_addr from)
{
	struct phone_tx *tx = phone_tx_client_find(phone, wire);
	bool final = wire->status >= 200;

	if (!tx) {
		/* After a restart of ours, or far too late. */
		if (!phone->manners.disorder)
			phone_fault(phone, "a response to nothing: %d %s",
				    wire->status, wire->method);
		return;
	}
	if (wire_count(wire, "Via") != 1)
		phone_fault(phone, "%zu Via in a response",
			    wire_count(wire, "Via"));
	if (wire->cseq != tx->cseq)
		phone_fault(phone, "CSeq %lu answered as %lu", tx->cseq,
			    wire->cseq);
	if (strcmp(wire->method, "INVITE") == 0 ||
	    strcmp(wire->method, "BYE") == 0 ||
	    strcmp(wire->method, "UPDATE") == 0 ||
	    strcmp(wire->method, "REFER") == 0 ||
	    strcmp(wire->method, "CANCEL") == 0) {
		phone_call_response(phone, now_ms, tx, wire, from);
		return;
	}
	if (tx->status >= 200)
		return; /* said twice */
	tx->status = wire->status;
	if (!final)
		return;
	phone_tx_done(tx, now_ms);
	if (strcmp(wire->method, "SUBSCRIBE") == 0)
		phone_watch_response(phone, now_ms, wire);
	else
		rx_register_response(phone, now_ms, wire);
}

void phone_rx(struct phone *phone, int64_t now_ms, struct net_addr from,
	      const char *data, size_t len)
{
	struct wire *wire;

	if (phone->manners.deaf)
		return;
	if (strspn(data, "\r\n") == len)
		return; /* a keep-alive (RFC 5626, 3.5.1) */
	wire = wire_parse(phone, data, len);
	if (wire->fault) {
		phone_fault(phone, "%s in:\n%s", wire->fault, data);
		talloc_free(wire);
	} else if (wire->request) {
		rx_request(phone, now_ms, wire, from, data, len);
	} else {
		rx_response(phone, now_ms, wire, from);
		talloc_free(wire);
	}
}

/* ---- time ---- */

static int64_t call_next_ms(const struct phone_call *call)
{
	return OSMO_MIN(OSMO_MIN(call->ring_at, call->answer_at),
			OSMO_MIN(call->refresh_at, call->retry_at));
}

int64_t phone_next_ms(const struct phone *phone)
{
	int64_t next = OSMO_MIN(phone_tx_next_ms(phone), phone->reg_at);
	struct phone_call *call;

	llist_for_each_entry (call, &phone->calls, entry)
		next = OSMO_MIN(next, call_next_ms(call));
	return OSMO_MIN(next, phone_watch_next_ms(phone));
}

static void tick_call(struct phone *phone, int64_t now_ms,
		      struct phone_call *call)
{
	if (call->ring_at <= now_ms)
		phone_call_ring(phone, now_ms, call);
	if (call->answer_at <= now_ms)
		phone_call_answer(phone, now_ms, call);
	if (call->refresh_at <= now_ms || call->retry_at <= now_ms) {
		call->refresh_at = call->retry_at = NEVER;
		phone_call_offer(phone, now_ms, call);
	}
}

void phone_tick(struct phone *phone, int64_t now_ms)
{
	struct phone_call *call, *tmp;

	if (phone->reg_at <= now_ms)
		phone_register(phone, now_ms, phone->expires_s);
	phone_tx_tick(phone, now_ms);
	phone_watch_tick(phone, now_ms);
	llist_for_each_entry_safe (call, tmp, &phone->calls, entry)
		tick_call(phone, now_ms, call);
	llist_for_each_entry_safe (call, tmp, &phone->calls, entry)
		if (call->state == PHONE_OVER) {
			llist_del(&call->entry);
			phone_tx_forget_call(phone, call);
			talloc_free(call);
		}
}

/* ---- the keys ---- */

static void send_register(struct phone *phone, int64_t now_ms)
{
	char *uri = talloc_asprintf(phone, "sip:%s", phone->domain);
	char *aor = talloc_asprintf(phone, "<sip:%s@%s>", phone->number,
				    phone->domain);
	char *from = talloc_asprintf(phone, "%s;tag=reg", aor);
	char *call_id = talloc_asprintf(phone, "reg-%s", phone->label);
	char *rest = talloc_asprintf(
		phone,
		"Contact: %s\r\nExpires: %u\r\nUser-Agent: fake/%s\r\n%s",
		phone_contact(phone), phone->expires_s, phone->label,
		phone_auth_header(phone, phone, "REGISTER", uri));

	phone_tx_request(phone, now_ms, "REGISTER", uri, phone->server, from,
			 aor, call_id, ++phone->reg_cseq, rest, NULL, NULL);
}

void phone_register(struct phone *phone, int64_t now_ms, unsigned int expires_s)
{
	phone->expires_s = expires_s;
	phone->reg_tried = false;
	phone->reg_at = NEVER;
	send_register(phone, now_ms);
}

struct phone_call *phone_call(const struct phone *phone)
{
	struct phone_call *call;

	llist_for_each_entry (call, &phone->calls, entry)
		if (call->state != PHONE_OVER && call->state != PHONE_ENDING &&
		    call->state != PHONE_CANCELLING)
			return call;
	return NULL;
}

static struct phone_call *in_state(const struct phone *phone,
				   enum phone_state state)
{
	struct phone_call *call;

	llist_for_each_entry (call, &phone->calls, entry)
		if (call->state == state)
			return call;
	return NULL;
}

static void dial(struct phone *phone, int64_t now_ms, const char *number,
		 const char *replaces)
{
	struct phone_call *call = talloc_zero(phone, struct phone_call);

	call->replaces = replaces ? talloc_strdup(call, replaces) : NULL;
	call->outgoing = true;
	call->state = PHONE_CALLING;
	call->direction = "sendrecv";
	call->ring_at = call->answer_at = NEVER;
	call->refresh_at = call->retry_at = NEVER;
	call->id = phone_token(phone, "call-");
	call->local_tag = phone_token(phone, "f");
	call->local = talloc_asprintf(call, "\"%s\" <sip:%s@%s>", phone->name,
				      phone->number, phone->domain);
	call->target =
		talloc_asprintf(call, "sip:%s@%s", number, phone->domain);
	call->remote = talloc_asprintf(call, "<%s>", call->target);
	llist_add(&call->entry, &phone->calls);
	phone_call_invite(phone, now_ms, call);
}

void phone_dial(struct phone *phone, int64_t now_ms, const char *number)
{
	dial(phone, now_ms, number, NULL);
}

void phone_take(struct phone *phone, int64_t now_ms, const struct phone *other)
{
	const struct phone_call *call = in_state(other, PHONE_UP);

	/* As a lamp would have told us: seen from the gateway, which is to
	 * be the one that replaces. */
	if (call)
		dial(phone, now_ms, phone->number,
		     talloc_asprintf(phone,
				     "Require: replaces\r\nReplaces: "
				     "%s;to-tag=%s;from-tag=%s\r\n",
				     call->id, call->remote_tag,
				     call->local_tag));
}

void phone_refer(struct phone *phone, int64_t now_ms, const char *number)
{
	struct phone_call *call = in_state(phone, PHONE_UP), *other;

	if (!call)
		return;
	if (number) {
		phone_call_refer(phone, now_ms, call,
				 talloc_asprintf(call, "sip:%s@%s", number,
						 phone->domain));
		return;
	}
	llist_for_each_entry (other, &phone->calls, entry)
		if (other != call && other->state == PHONE_UP) {
			phone_call_refer(
				phone, now_ms, other,
				talloc_asprintf(call,
						"%s?Replaces=%s%%3Bto-tag%%3D%s"
						"%%3Bfrom-tag%%3D%s",
						call->target, call->id,
						call->remote_tag,
						call->local_tag));
			return;
		}
}

void phone_answer(struct phone *phone, int64_t now_ms)
{
	struct phone_call *call = in_state(phone, PHONE_RINGING);

	if (call)
		phone_call_answer(phone, now_ms, call);
}

void phone_early(struct phone *phone, int64_t now_ms)
{
	struct phone_call *call = in_state(phone, PHONE_RINGING);

	if (call)
		phone_call_early(phone, now_ms, call);
}

void phone_reject(struct phone *phone, int64_t now_ms, int status)
{
	struct phone_call *call = in_state(phone, PHONE_RINGING);

	if (call)
		phone_call_refuse(phone, now_ms, call, status);
}

void phone_hang_up(struct phone *phone, int64_t now_ms)
{
	struct phone_call *call = phone_call(phone);

	if (!call)
		return;
	switch (call->state) {
	case PHONE_CALLING:
	case PHONE_PROCEEDING:
		phone_call_cancel(phone, now_ms, call);
		break;
	case PHONE_RINGING:
		phone_call_refuse(phone, now_ms, call, 603);
		break;
	case PHONE_ANSWERED:
		/* RFC 3261, 15: the callee waits for the ACK, then BYE. */
		call->cancel_wanted = true;
		break;
	case PHONE_UP:
		phone_call_bye(phone, now_ms, call);
		break;
	default:
		break;
	}
}

void phone_hold(struct phone *phone, int64_t now_ms, bool hold)
{
	struct phone_call *call = in_state(phone, PHONE_UP);

	if (!call)
		return;
	call->direction = hold ? "sendonly" : "sendrecv";
	phone_call_offer(phone, now_ms, call);
}

bool phone_is_ringing(const struct phone *phone)
{
	return in_state(phone, PHONE_RINGING);
}

bool phone_is_talking(const struct phone *phone)
{
	return in_state(phone, PHONE_UP) || in_state(phone, PHONE_ANSWERED);
}

bool phone_is_idle(const struct phone *phone)
{
	struct phone_call *call;
	struct phone_tx *tx;

	llist_for_each_entry (call, &phone->calls, entry)
		if (call->state != PHONE_OVER)
			return false;
	llist_for_each_entry (tx, &phone->client, entry)
		if (tx->stops)
			return false;
	return true;
}
