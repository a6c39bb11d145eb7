/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <strings.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "phone_priv.h"

static void transmit(struct phone *phone, struct net_addr to, const char *bytes)
{
	phone->env.send(phone->env.data, phone, to, bytes, strlen(bytes));
}

struct phone_tx *phone_tx_request(struct phone *phone, int64_t now_ms,
				  const char *method, const char *uri,
				  struct net_addr to, const char *from,
				  const char *to_header, const char *call_id,
				  unsigned long cseq, const char *rest,
				  const char *body, const char *branch)
{
	struct phone_tx *tx = talloc_zero(phone, struct phone_tx);
	unsigned int ip = phone->addr.ip;

	tx->branch = branch ? talloc_strdup(tx, branch)
			    : phone_token(phone, "z9hG4bK");
	tx->method = talloc_strdup(tx, method);
	tx->cseq = cseq;
	tx->to = to;
	tx->bytes = talloc_asprintf(
		tx,
		"%s %s SIP/2.0\r\nVia: SIP/2.0/%s %u.%u.%u.%u:%u;rport;"
		"branch=%s\r\nMax-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\n"
		"Call-ID: %s\r\nCSeq: %lu %s\r\n%s%sContent-Length: %zu\r\n"
		"\r\n%s",
		method, uri, phone->addr.conn ? "TCP" : "UDP", ip >> 24,
		ip >> 16 & 255, ip >> 8 & 255, ip & 255, phone->addr.port,
		tx->branch, from, to_header, call_id, cseq, method,
		rest ? rest : "",
		body && *body ? "Content-Type: application/sdp\r\n" : "",
		body ? strlen(body) : 0, body ? body : "");
	tx->stops = true;
	tx->until_ms = now_ms + PATIENCE;
	tx->every_ms = T1;
	tx->next_ms = to.conn ? NEVER : now_ms + T1;
	transmit(phone, to, tx->bytes);
	if (strcmp(method, "ACK") == 0) {
		/* An ACK is no transaction: sent, and sent again on demand. */
		tx->next_ms = tx->until_ms = NEVER;
		INIT_LLIST_HEAD(&tx->entry);
		return tx;
	}
	llist_add(&tx->entry, &phone->client);
	return tx;
}

static char *top_branch(void *ctx, const struct wire *wire)
{
	return wire_param(ctx, wire_get(wire, "Via"), "branch");
}

struct phone_tx *phone_tx_client_find(struct phone *phone,
				      const struct wire *wire)
{
	char *branch = top_branch((void *)wire, wire);
	struct phone_tx *tx;

	llist_for_each_entry (tx, &phone->client, entry)
		if (strcmp(tx->branch, branch) == 0 &&
		    strcmp(tx->method, wire->method) == 0)
			return tx;
	return NULL;
}

struct phone_tx *phone_tx_server_find(struct phone *phone,
				      const struct wire *wire,
				      const char *method)
{
	char *branch = top_branch((void *)wire, wire);
	struct phone_tx *tx;

	llist_for_each_entry (tx, &phone->server_tx, entry)
		if (strcmp(tx->branch, branch) == 0 &&
		    strcmp(tx->method, method) == 0)
			return tx;
	return NULL;
}

/* RFC 3261, 18.2.2 and RFC 3581: where responses to this request go. */
static struct net_addr reply_to(struct phone *phone, const struct wire *wire,
				struct net_addr from)
{
	const char *via = wire_get(wire, "Via"), *sent_by = strchr(via, ' ');
	struct net_addr to = from;

	if (from.conn || wire_param((void *)wire, via, "rport"))
		return to;
	if (sent_by && strchr(sent_by, ':'))
		to.port = atoi(strchr(sent_by, ':') + 1);
	else
		to.port = 5060;
	return to;
}

struct phone_tx *phone_tx_server_new(struct phone *phone, int64_t now_ms,
				     struct wire *wire, struct net_addr from,
				     const char *data, size_t len)
{
	struct phone_tx *tx = talloc_zero(phone, struct phone_tx);

	tx->branch = top_branch(tx, wire);
	tx->method = talloc_strdup(tx, wire->method);
	tx->cseq = wire->cseq;
	tx->request = talloc_strndup(tx, data, len);
	tx->wire = talloc_steal(tx, wire);
	tx->to = reply_to(phone, wire, from);
	tx->next_ms = NEVER;
	tx->until_ms =
		strcmp(tx->method, "INVITE") == 0 ? NEVER : now_ms + PATIENCE;
	llist_add(&tx->entry, &phone->server_tx);
	return tx;
}

void phone_tx_respond(struct phone *phone, int64_t now_ms, struct phone_tx *tx,
		      int status, const char *reason, const char *local_tag,
		      const char *rest, const char *body)
{
	const char *to = wire_get(tx->wire, "To"), *via;
	bool tagged = wire_param(tx, to, "tag") || status == 100;
	char *bytes = talloc_asprintf(tx, "SIP/2.0 %d %s\r\n", status, reason);

	for (size_t i = 0; (via = wire_nth(tx->wire, "Via", i)); i++)
		bytes = talloc_asprintf_append(bytes, "Via: %s\r\n", via);
	bytes = talloc_asprintf_append(
		bytes,
		"From: %s\r\nTo: %s%s%s\r\nCall-ID: %s\r\nCSeq: %s\r\n%s%s"
		"Content-Length: %zu\r\n\r\n%s",
		wire_get(tx->wire, "From"), to, tagged ? "" : ";tag=",
		tagged	    ? ""
		: local_tag ? local_tag
			    : phone_token(phone, "t"),
		wire_get(tx->wire, "Call-ID"), wire_get(tx->wire, "CSeq"),
		rest ? rest : "",
		body && *body ? "Content-Type: application/sdp\r\n" : "",
		body ? strlen(body) : 0, body ? body : "");
	talloc_free(tx->bytes);
	tx->bytes = bytes;
	tx->status = status;
	transmit(phone, tx->to, bytes);
	if (status < 200 || strcmp(tx->method, "INVITE") != 0)
		return;
	/* Finals to an INVITE go on until their ACK: by UDP all of them
	 * (17.2.1), a 2xx by whatever transport (13.3.1.4). */
	tx->every_ms = T1;
	tx->next_ms = tx->to.conn && status >= 300 ? NEVER : now_ms + T1;
	tx->until_ms = now_ms + PATIENCE;
	tx->stops = true;
}

void phone_tx_done(struct phone_tx *tx, int64_t now_ms)
{
	tx->next_ms = NEVER;
	tx->stops = false;
	tx->until_ms = now_ms + PATIENCE;
}

void phone_tx_forget_call(struct phone *phone, const struct phone_call *call)
{
	struct phone_tx *tx;

	llist_for_each_entry (tx, &phone->client, entry)
		if (tx->call == call)
			tx->call = NULL;
	llist_for_each_entry (tx, &phone->server_tx, entry)
		if (tx->call == call)
			tx->call = NULL;
}

static void resend(struct phone *phone, int64_t now_ms, struct phone_tx *tx)
{
	bool doubles_for_ever =
		strcmp(tx->method, "INVITE") == 0 && !tx->request;

	transmit(phone, tx->to, tx->bytes);
	tx->every_ms *= 2;
	if (!doubles_for_ever)
		tx->every_ms = OSMO_MIN(tx->every_ms, T2);
	tx->next_ms = now_ms + tx->every_ms;
}

static void tick_list(struct phone *phone, int64_t now_ms,
		      struct llist_head *list)
{
	struct phone_tx *tx, *tmp;

	llist_for_each_entry_safe (tx, tmp, list, entry) {
		if (tx->until_ms <= now_ms && tx->stops) {
			/* Remembered for a while: an answer may come late. */
			phone_tx_done(tx, now_ms);
			phone_call_timeout(phone, now_ms, tx);
			tx->call = NULL;
			continue;
		}
		if (tx->until_ms <= now_ms) {
			llist_del(&tx->entry);
			talloc_free(tx);
			continue;
		}
		if (tx->next_ms <= now_ms)
			resend(phone, now_ms, tx);
	}
}

void phone_tx_tick(struct phone *phone, int64_t now_ms)
{
	tick_list(phone, now_ms, &phone->client);
	tick_list(phone, now_ms, &phone->server_tx);
}

int64_t phone_tx_next_ms(const struct phone *phone)
{
	const struct llist_head *list[] = { &phone->client, &phone->server_tx };
	int64_t next = NEVER;
	struct phone_tx *tx;

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		llist_for_each_entry (tx, list[i], entry)
			next = OSMO_MIN(next,
					OSMO_MIN(tx->next_ms, tx->until_ms));
	return next;
}
