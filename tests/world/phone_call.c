/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "phone_priv.h"

#define ALLOW                                                                  \
	"Allow: INVITE, ACK, CANCEL, BYE, UPDATE, OPTIONS, INFO, NOTIFY\r\n"

static const char *timer_offer(const struct phone *phone)
{
	return phone->manners.no_timer ? "" : "Supported: timer\r\n";
}

static char *contact_header(const struct phone *phone)
{
	return talloc_asprintf(phone, "Contact: %s\r\n", phone_contact(phone));
}

static char *tagged(struct phone_call *call, const char *header,
		    const char *tag)
{
	return talloc_asprintf(call, "%s%s%s", header, tag ? ";tag=" : "",
			       tag ? tag : "");
}

static struct phone_tx *request(struct phone *phone, int64_t now_ms,
				struct phone_call *call, const char *method,
				unsigned long cseq, const char *rest,
				const char *body, const char *branch)
{
	struct phone_tx *tx =
		phone_tx_request(phone, now_ms, method, call->target,
				 phone_addr_of_uri(phone, call->target),
				 tagged(call, call->local, call->local_tag),
				 tagged(call, call->remote, call->remote_tag),
				 call->id, cseq, rest, body, branch);

	tx->call = call;
	return tx;
}

/* Reason headers, joined as RFC 3261, 7.3.1 allows. */
static void keep_reason(struct phone *phone, const struct wire *wire)
{
	const char *reason;

	phone->last_reason[0] = '\0';
	for (size_t i = 0; (reason = wire_nth(wire, "Reason", i)); i++) {
		size_t n = strlen(phone->last_reason);

		snprintf(phone->last_reason + n, sizeof(phone->last_reason) - n,
			 "%s%s", i ? ", " : "", reason);
	}
}

static struct phone_call *find(const struct phone *phone, const char *id,
			       const char *local_tag, const char *remote_tag)
{
	struct phone_call *call;

	llist_for_each_entry (call, &phone->calls, entry)
		if (strcmp(call->id, id) == 0 &&
		    strcmp(call->local_tag, local_tag ? local_tag : "") == 0 &&
		    call->remote_tag && remote_tag &&
		    strcmp(call->remote_tag, remote_tag) == 0)
			return call;
	return NULL;
}

static struct phone_call *find_of(const struct phone *phone,
				  const struct wire *wire)
{
	void *ctx = (void *)wire;

	return find(phone, wire_get(wire, "Call-ID"),
		    wire_param(ctx, wire_get(wire, "To"), "tag"),
		    wire_param(ctx, wire_get(wire, "From"), "tag"));
}

void phone_call_over(struct phone *phone, struct phone_call *call)
{
	struct phone_tx *tx;

	/* Nor is an answer awaited: the gateway may have died in between. */
	llist_for_each_entry (tx, &phone->client, entry)
		if (tx->call == call && tx->status < 200 &&
		    strcmp(tx->method, "INVITE") == 0) {
			tx->stops = false;
			tx->call = NULL;
		}

	call->state = PHONE_OVER;
	call->ring_at = call->answer_at = NEVER;
	call->refresh_at = call->retry_at = NEVER;
	/* An answer nobody acknowledged is not repeated for a call that ended.
	 */
	llist_for_each_entry (tx, &phone->server_tx, entry)
		if (tx->call == call && tx->status >= 200 && tx->status < 300) {
			tx->next_ms = NEVER;
			tx->stops = false;
		}
}

/* Called or calling party as the headers show it: P-Asserted-Identity where
 * there is one (RFC 3325), and it must not contradict From. */
static void show_party(struct phone *phone, const char *what,
		       const struct wire *wire, const char *fallback)
{
	const char *pai = wire_get(wire, "P-Asserted-Identity");
	void *ctx = (void *)wire;
	const char *from = pai ? pai : fallback;

	if (!from) {
		phone_tell(phone, what, "%s", "");
		return;
	}
	if (pai && fallback &&
	    strcmp(wire_user(ctx, pai), wire_user(ctx, fallback)) != 0)
		phone_fault(phone, "From %s, but identity %s", fallback, pai);
	phone_tell(phone, what, "%s %s", wire_user(ctx, from),
		   wire_display(ctx, from));
}

/* ---- out: INVITE and what comes back ---- */

static const char *session_expires(const struct phone *phone)
{
	return phone->manners.no_timer ? "" : "Session-Expires: 1800\r\n";
}

void phone_call_invite(struct phone *phone, int64_t now_ms,
		       struct phone_call *call)
{
	char *rest = talloc_asprintf(
		call, "%s%s%s%s%s%s", contact_header(phone), ALLOW,
		timer_offer(phone), session_expires(phone),
		call->replaces ? call->replaces : "",
		phone_auth_header(call, phone, "INVITE", call->target));
	bool late = phone->manners.late_offer;

	call->answer_due = late;
	call->calling =
		request(phone, now_ms, call, "INVITE", ++call->cseq, rest,
			late ? NULL : phone_sdp_offer(call, phone, call), NULL);
}

static void send_cancel(struct phone *phone, int64_t now_ms,
			struct phone_call *call)
{
	struct phone_tx *invite = call->calling;
	struct phone_tx *tx = phone_tx_request(
		phone, now_ms, "CANCEL", call->target, invite->to,
		tagged(call, call->local, call->local_tag), call->remote,
		call->id, invite->cseq, NULL, NULL, invite->branch);

	tx->call = call;
	/* 9.1: no 487 within 64*T1 and it is over all the same. */
	invite->until_ms = now_ms + PATIENCE;
	invite->stops = true;
}

void phone_call_cancel(struct phone *phone, int64_t now_ms,
		       struct phone_call *call)
{
	bool heard = call->state == PHONE_PROCEEDING;

	call->cancel_wanted = true;
	call->state = PHONE_CANCELLING;
	if (heard) /* 9.1: not before a provisional answer */
		send_cancel(phone, now_ms, call);
}

static void send_ack(struct phone *phone, int64_t now_ms, struct phone_tx *tx,
		     const struct wire *wire, const char *body)
{
	struct phone_call *call = tx->call;
	bool ok = wire->status < 300;
	struct phone_tx *ack;

	if (phone->manners.no_ack && ok)
		return;
	if (ok)
		ack = request(phone, now_ms, call, "ACK", tx->cseq, NULL, body,
			      NULL);
	else /* 17.1.1.3: the INVITE's branch, URI and the response's To */
		ack = phone_tx_request(
			phone, now_ms, "ACK", call->target, tx->to,
			tagged(call, call->local, call->local_tag),
			wire_get(wire, "To"), call->id, tx->cseq, NULL, NULL,
			tx->branch);
	tx->ack = talloc_steal(tx, ack->bytes);
	tx->ack_to = ack->to;
	talloc_free(ack);
}

static void become_dialog(struct phone *phone, struct phone_call *call,
			  const struct wire *wire)
{
	const char *contact = wire_get(wire, "Contact");

	call->remote_tag = wire_param(call, wire_get(wire, "To"), "tag");
	if (!call->remote_tag)
		phone_fault(phone, "a 2xx without To tag");
	if (!contact)
		phone_fault(phone, "a 2xx to INVITE without Contact");
	else
		call->target = wire_uri(call, contact);
	if (wire_get(wire, "Record-Route"))
		phone_fault(phone, "a user agent that records routes");
}

static void watch_session(struct phone *phone, int64_t now_ms,
			  struct phone_call *call, const struct wire *wire,
			  const char *me)
{
	const char *expires = wire_get(wire, "Session-Expires");
	char *refresher;

	if (!expires)
		return;
	refresher = wire_param(call, expires, "refresher");
	if (phone->manners.no_timer && refresher && !strcmp(refresher, me))
		phone_fault(phone, "made a refresher of a phone that has no "
				   "session timer");
	if (refresher && strcmp(refresher, me) == 0)
		call->refresh_at = now_ms + atoi(expires) * 500;
	else
		call->refresh_at = NEVER;
}

static void answered(struct phone *phone, int64_t now_ms, struct phone_tx *tx,
		     const struct wire *wire)
{
	struct phone_call *call = tx->call;
	bool first = !call->remote_tag;
	char *body = NULL;

	tx->final_tag = wire_param(tx, wire_get(wire, "To"), "tag");
	if (first) {
		become_dialog(phone, call, wire);
	} else if (strcmp(call->remote_tag,
			  tx->final_tag ? tx->final_tag : "") != 0) {
		phone_fault(phone, "To tag changed within a dialog");
	}
	if (wire->body_len)
		phone_sdp_seen(phone, call, tx->final_tag, wire->body,
			       first && !call->answer_due);
	else if (first)
		phone_fault(phone, "a 2xx to INVITE without SDP");
	if (call->answer_due) {
		body = phone_sdp_reply(call, phone, call, wire->body);
		call->answer_due = false;
	}
	call->offer_pending = false;
	send_ack(phone, now_ms, tx, wire, body);
	watch_session(phone, now_ms, call, wire, "uac");
	if (!first)
		return;
	call->calling = NULL;
	if (call->cancel_wanted) {
		/* It crossed our CANCEL: end what we did not want. */
		call->state = PHONE_UP;
		phone_tell(phone, "answer", "too late");
		phone_call_bye(phone, now_ms, call);
		return;
	}
	call->state = PHONE_UP;
	show_party(phone, "answer", wire, NULL);
}

static void refused(struct phone *phone, int64_t now_ms, struct phone_tx *tx,
		    const struct wire *wire)
{
	struct phone_call *call = tx->call;
	bool stale = wire_has(wire, "WWW-Authenticate", "stale=true");

	send_ack(phone, now_ms, tx, wire, NULL);
	if (call->remote_tag) { /* a re-INVITE: the session goes on */
		call->offer_pending = false;
		if (wire->status == 491) /* 14.1 */
			call->retry_at = now_ms + (call->outgoing ? 2100 : 700);
		else if (wire->status == 481 || wire->status == 408)
			phone_call_bye(phone, now_ms, call);
		return;
	}
	call->calling = NULL;
	if ((wire->status == 401 || wire->status == 407) &&
	    (!call->authorised || stale) && !call->cancel_wanted &&
	    phone_auth_learn(phone, wire)) {
		call->authorised = true;
		phone_call_invite(phone, now_ms, call);
		return;
	}
	keep_reason(phone, wire);
	phone_tell(phone, "refused", "%d", wire->status);
	phone_call_over(phone, call);
}

static void provisional(struct phone *phone, int64_t now_ms,
			struct phone_tx *tx, const struct wire *wire)
{
	struct phone_call *call = tx->call;

	tx->next_ms = NEVER;
	tx->until_ms = NEVER;
	tx->stops = true;
	if (call->remote_tag)
		return; /* of a re-INVITE */
	if (call->state == PHONE_CALLING)
		call->state = PHONE_PROCEEDING;
	if (call->state == PHONE_CANCELLING && tx->status < 100)
		send_cancel(phone, now_ms, call);
	if (wire->status == 100)
		return;
	if (!wire_param((void *)wire, wire_get(wire, "To"), "tag"))
		phone_fault(phone, "%d without To tag", wire->status);
	if (!wire_get(wire, "Contact"))
		phone_fault(phone, "%d without Contact", wire->status);
	if (wire->body_len) {
		phone_sdp_seen(phone, call,
			       wire_param(call, wire_get(wire, "To"), "tag"),
			       wire->body, !call->answer_due);
		phone_tell(phone, "early", "%s", "");
	}
	if (wire->status == 180) {
		/* One is enough, but every minute it is said again so that no
		 * proxy loses patience (13.3.1.1). */
		if (!call->last_180_ms)
			phone_tell(phone, "ringback", "%s", "");
		else if (now_ms - call->last_180_ms < 50000 &&
			 !phone->manners.disorder)
			phone_fault(phone, "180 a second time");
		call->last_180_ms = now_ms;
	}
}

static void invite_response(struct phone *phone, int64_t now_ms,
			    struct phone_tx *tx, const struct wire *wire)
{
	char *tag = wire_param((void *)wire, wire_get(wire, "To"), "tag");
	struct phone_call *call = tx->call;

	if (tx->status >= 200) {
		/* A final answer again: acknowledge again (13.2.2.4). */
		if (wire->status < 200) {
			if (!phone->manners.disorder)
				phone_fault(phone, "%d after %d", wire->status,
					    tx->status);
			return;
		}
		/* A refusal without state (8.2.7) may see things otherwise
		 * when a copy of the request comes later. */
		if (phone->manners.disorder && wire->status >= 300 &&
		    tx->status >= 300)
			;
		else if (wire->status != tx->status ||
			 (tx->final_tag &&
			  strcmp(tx->final_tag, tag ? tag : "")))
			phone_fault(phone, "%d, and then %d with tag %s",
				    tx->status, wire->status, tag);
		if (tx->ack)
			phone->env.send(phone->env.data, phone, tx->ack_to,
					tx->ack, strlen(tx->ack));
		return;
	}
	if (!call)
		return; /* given up long ago */
	if (wire->status < 200) {
		provisional(phone, now_ms, tx, wire);
		tx->status = wire->status;
		return;
	}
	tx->status = wire->status;
	phone_tx_done(tx, now_ms);
	if (wire->status < 300)
		answered(phone, now_ms, tx, wire);
	else
		refused(phone, now_ms, tx, wire);
}

void phone_call_response(struct phone *phone, int64_t now_ms,
			 struct phone_tx *tx, const struct wire *wire,
			 struct net_addr from)
{
	struct phone_call *call = tx->call;

	if (strcmp(wire->method, "INVITE") == 0) {
		invite_response(phone, now_ms, tx, wire);
		return;
	}
	if (tx->status >= 200)
		return;
	tx->status = wire->status;
	if (wire->status < 200)
		return;
	phone_tx_done(tx, now_ms);
	if (!call)
		return;
	if (strcmp(wire->method, "BYE") == 0) {
		phone_call_over(phone, call);
	} else if (strcmp(wire->method, "REFER") == 0) {
		if (wire->status >= 300)
			phone_tell(phone, "referred", "%d", wire->status);
	} else if (strcmp(wire->method, "UPDATE") == 0) {
		call->offer_pending = false;
		if (wire->status < 300 && wire->body_len)
			phone_sdp_seen(phone, call, call->remote_tag,
				       wire->body, false);
		if (wire->status < 300)
			watch_session(phone, now_ms, call, wire, "uac");
		else if (wire->status == 491)
			call->retry_at = now_ms + (call->outgoing ? 2100 : 700);
		else if (wire->status == 481 || wire->status == 408)
			phone_call_bye(phone, now_ms, call);
	}
}

/* ---- in: INVITE and what follows ---- */

static void simple(struct phone *phone, int64_t now_ms, struct phone_tx *tx,
		   int status, const char *reason)
{
	phone_tx_respond(phone, now_ms, tx, status, reason,
			 tx->call ? tx->call->local_tag : NULL, NULL, NULL);
}

static struct phone_tx *invite_tx(struct phone *phone,
				  const struct phone_call *call)
{
	struct phone_tx *tx;

	llist_for_each_entry (tx, &phone->server_tx, entry)
		if (tx->call == call && strcmp(tx->method, "INVITE") == 0)
			return tx; /* newest first */
	return NULL;
}

/* The INVITE that an ACK of this CSeq is for; several may await theirs, when
 * the first of them was lost. */
static struct phone_tx *invite_acked(struct phone *phone,
				     const struct phone_call *call,
				     unsigned long cseq)
{
	struct phone_tx *tx;

	llist_for_each_entry (tx, &phone->server_tx, entry)
		if (tx->call == call && tx->cseq == cseq &&
		    strcmp(tx->method, "INVITE") == 0)
			return tx;
	return NULL;
}

static void new_call(struct phone *phone, int64_t now_ms, struct phone_tx *tx,
		     struct net_addr from)
{
	struct phone_call *call, *other;
	const struct wire *wire = tx->wire;
	const char *contact = wire_get(wire, "Contact"), *w = NULL;

	if (!contact) {
		phone_fault(phone, "INVITE without Contact");
		simple(phone, now_ms, tx, 400, "Bad Request");
		return;
	}
	w = talloc_strndup(phone, wire->uri, strcspn(wire->uri, "@"));
	if (strcmp(w + 4, phone->number) != 0)
		phone_fault(phone, "INVITE for %s came to %s", wire->uri,
			    phone->number);
	llist_for_each_entry (other, &phone->calls, entry)
		if (strcmp(other->id, wire_get(wire, "Call-ID")) == 0)
			phone_fault(phone, "a second INVITE of one call");
	if (phone->manners.refuse) {
		simple(phone, now_ms, tx, phone->manners.refuse, "No");
		return;
	}
	call = talloc_zero(phone, struct phone_call);
	call->state = PHONE_RINGING;
	call->direction = "sendrecv";
	call->id = talloc_strdup(call, wire_get(wire, "Call-ID"));
	call->local_tag = phone_token(phone, "r");
	call->remote_tag = wire_param(call, wire_get(wire, "From"), "tag");
	call->local = talloc_strdup(call, wire_get(wire, "To"));
	call->remote = talloc_strndup(call, wire_get(wire, "From"),
				      strstr(wire_get(wire, "From"), ";tag=") -
					      wire_get(wire, "From"));
	call->target = wire_uri(call, contact);
	call->cseq_remote = wire->cseq;
	call->peer = from;
	call->refresh_at = call->retry_at = call->answer_at = NEVER;
	call->ring_at = phone->manners.ring_ms < 0
				? NEVER
				: now_ms + phone->manners.ring_ms;
	if (phone->manners.answer_ms >= 0)
		call->answer_at = now_ms + phone->manners.answer_ms;
	if (wire->body_len)
		phone_sdp_seen(phone, call, call->remote_tag, wire->body,
			       false);
	tx->call = call;
	llist_add(&call->entry, &phone->calls);
	if (call->ring_at > now_ms + 200) /* 17.2.1 */
		simple(phone, now_ms, tx, 100, "Trying");
	if (call->ring_at <= now_ms)
		phone_call_ring(phone, now_ms, call);
	if (call->answer_at <= now_ms)
		phone_call_answer(phone, now_ms, call);
}

void phone_call_ring(struct phone *phone, int64_t now_ms,
		     struct phone_call *call)
{
	struct phone_tx *tx = invite_tx(phone, call);

	call->ring_at = NEVER;
	if (call->state != PHONE_RINGING || !tx)
		return;
	call->told_ring = true;
	show_party(phone, "ring", tx->wire, wire_get(tx->wire, "From"));
	if (phone->manners.early_media)
		phone_call_early(phone, now_ms, call);
	else
		phone_tx_respond(phone, now_ms, tx, 180, "Ringing",
				 call->local_tag, contact_header(phone), NULL);
}

void phone_call_early(struct phone *phone, int64_t now_ms,
		      struct phone_call *call)
{
	struct phone_tx *tx = invite_tx(phone, call);

	if (tx && tx->wire->body_len && tx->status != 183)
		phone_tx_respond(
			phone, now_ms, tx, 183, "Session Progress",
			call->local_tag, contact_header(phone),
			phone_sdp_reply(call, phone, call, tx->wire->body));
}

void phone_call_answer(struct phone *phone, int64_t now_ms,
		       struct phone_call *call)
{
	struct phone_tx *tx = invite_tx(phone, call);
	char *body, *rest;
	const char *expires;

	call->answer_at = NEVER;
	if (call->state != PHONE_RINGING || !tx)
		return;
	/* The answer given early is the answer (RFC 3261, 13.2.1). */
	if (tx->status == 183 && strstr(tx->bytes, "\r\n\r\n")[4])
		body = strstr(tx->bytes, "\r\n\r\n") + 4;
	else if (tx->wire->body_len)
		body = phone_sdp_reply(call, phone, call, tx->wire->body);
	else
		body = phone_sdp_offer(call, phone, call);
	if (!body) {
		phone_call_refuse(phone, now_ms, call, 488);
		return;
	}
	body = talloc_strdup(call, body);
	expires = wire_get(tx->wire, "Session-Expires");
	rest = talloc_asprintf(call, "%s%s%s", contact_header(phone), ALLOW,
			       timer_offer(phone));
	if (expires && !phone->manners.no_timer) {
		/* RFC 4028, 9: whoever was asked refreshes; else the caller,
		 * where it can. */
		char *who = wire_param(call, expires, "refresher");

		rest = talloc_asprintf_append(
			rest, "Session-Expires: %d;refresher=%s\r\n%s",
			atoi(expires), who ? who : "uac",
			who && strcmp(who, "uas") == 0 ? ""
						       : "Require: timer\r\n");
		if (who && strcmp(who, "uas") == 0)
			call->refresh_at = now_ms + atoi(expires) * 500;
	}
	call->state = PHONE_ANSWERED;
	call->ring_at = NEVER;
	phone_tx_respond(phone, now_ms, tx, 200, "OK", call->local_tag, rest,
			 body);
}

void phone_call_refuse(struct phone *phone, int64_t now_ms,
		       struct phone_call *call, int status)
{
	struct phone_tx *tx = invite_tx(phone, call);

	if (tx)
		simple(phone, now_ms, tx, status,
		       status == 486 ? "Busy Here" : "Decline");
	phone_call_over(phone, call);
}

static bool is_elsewhere(struct phone *phone, const struct wire *wire)
{
	bool sip = wire_has(wire, "Reason",
			    "SIP;cause=200;text=\"Call completed elsewhere\"");
	bool q850 = wire_has(wire, "Reason", "Q.850;cause=26");

	if (sip != q850)
		phone_fault(phone, "half a Reason: %s",
			    wire_get(wire, "Reason"));
	return sip && q850;
}

static void cancelled(struct phone *phone, int64_t now_ms, struct phone_tx *tx)
{
	struct phone_tx *invite =
		phone_tx_server_find(phone, tx->wire, "INVITE");
	const struct wire *wire = tx->wire;
	static const char *const same[] = { "Via", "From", "To", "Call-ID" };

	if (!invite) {
		if (!phone->manners.disorder)
			phone_fault(phone, "a CANCEL that matches nothing");
		simple(phone, now_ms, tx, 481, "No such transaction");
		return;
	}
	/* 9.1: all of these are the INVITE's. */
	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		if (strcmp(wire_get(wire, same[i]),
			   wire_get(invite->wire, same[i])) != 0)
			phone_fault(phone, "CANCEL with another %s", same[i]);
	if (wire->cseq != invite->cseq ||
	    strcmp(wire->uri, invite->wire->uri) != 0)
		phone_fault(phone, "CANCEL with another CSeq or URI");
	if (!invite->status)
		phone_fault(phone, "CANCEL before any provisional answer");
	simple(phone, now_ms, tx, 200, "OK");
	keep_reason(phone, wire);
	if (invite->status >= 200 || !invite->call)
		return; /* too late, and no harm done (9.2) */
	if (invite->call->told_ring)
		phone_tell(phone, "quiet", "%s",
			   is_elsewhere(phone, wire) ? "elsewhere" : "");
	simple(phone, now_ms, invite, 487, "Request Terminated");
	phone_call_over(phone, invite->call);
}

static void bye(struct phone *phone, int64_t now_ms, struct phone_tx *tx)
{
	struct phone_call *call = tx->call;

	if (!call || call->state == PHONE_OVER) {
		simple(phone, now_ms, tx, 481, "No such call");
		return;
	}
	if (call->state == PHONE_RINGING || call->state < PHONE_RINGING)
		phone_fault(phone, "BYE to an early dialog");
	simple(phone, now_ms, tx, 200, "OK");
	keep_reason(phone, tx->wire);
	phone_tell(phone, "bye", "%s", "");
	phone_call_over(phone, call);
}

static void re_offer(struct phone *phone, int64_t now_ms, struct phone_tx *tx)
{
	struct phone_call *call = tx->call;
	const struct wire *wire = tx->wire;
	bool update = strcmp(tx->method, "UPDATE") == 0;
	char *rest, *body = NULL;
	const char *contact = wire_get(wire, "Contact");
	const char *expires = wire_get(wire, "Session-Expires");

	if (call->state != PHONE_UP && call->state != PHONE_ANSWERED) {
		simple(phone, now_ms, tx, 481, "No such call");
		return;
	}
	if (!contact)
		phone_fault(phone, "%s without Contact", tx->method);
	else
		call->target = wire_uri(call, contact);
	if (call->offer_pending && (!update || wire->body_len)) {
		simple(phone, now_ms, tx, 491, "Request Pending");
		return;
	}
	if (wire->body_len) {
		phone_sdp_seen(phone, call, call->remote_tag, wire->body,
			       false);
		body = phone_sdp_reply(call, phone, call, wire->body);
		if (!body) {
			simple(phone, now_ms, tx, 488, "Not Acceptable Here");
			return;
		}
	} else if (!update) {
		body = phone_sdp_offer(call, phone, call);
	}
	rest = talloc_asprintf(call, "%s%s", contact_header(phone), ALLOW);
	if (expires && !phone->manners.no_timer) {
		char *who = wire_param(call, expires, "refresher");

		rest = talloc_asprintf_append(
			rest, "Session-Expires: %d;refresher=%s\r\n",
			atoi(expires), who ? who : "uac");
		call->refresh_at = who && strcmp(who, "uas") == 0
					   ? now_ms + atoi(expires) * 500
					   : NEVER;
	}
	phone_tx_respond(phone, now_ms, tx, 200, "OK", call->local_tag, rest,
			 body);
}

/* RFC 3515, 2.4.4: of a REFER of ours. */
static void notified(struct phone *phone, int64_t now_ms, struct phone_tx *tx)
{
	const char *event = wire_get(tx->wire, "Event");
	const char *state = wire_get(tx->wire, "Subscription-State");
	int status = 0;

	if (!event || strncmp(event, "refer", 5) != 0 || !state ||
	    !wire_get(tx->wire, "Contact") || !tx->wire->body_len ||
	    sscanf(tx->wire->body, "SIP/2.0 %d ", &status) != 1)
		phone_fault(phone, "a NOTIFY that tells nothing");
	simple(phone, now_ms, tx, 200, "OK");
	if (!state || strncmp(state, "terminated", 10) != 0)
		return;
	if (strstr(state, "noresource") && status < 200)
		phone_fault(phone, "a transfer that ends with %d", status);
	if (status >= 200)
		phone_tell(phone, "referred", "%d", status);
}

static void in_dialog(struct phone *phone, int64_t now_ms, struct phone_tx *tx)
{
	struct phone_call *call = find_of(phone, tx->wire);

	tx->call = call;
	if (!call) {
		simple(phone, now_ms, tx, 481, "No such call");
		return;
	}
	if (tx->cseq <= call->cseq_remote) {
		if (!phone->manners.disorder)
			phone_fault(phone, "CSeq runs backwards: %lu, %lu",
				    call->cseq_remote, tx->cseq);
		simple(phone, now_ms, tx, 500, "Out of order");
		return;
	}
	call->cseq_remote = tx->cseq;
	if (strcmp(tx->method, "BYE") == 0)
		bye(phone, now_ms, tx);
	else if (strcmp(tx->method, "INFO") == 0)
		simple(phone, now_ms, tx, 200, "OK");
	else if (strcmp(tx->method, "NOTIFY") == 0)
		notified(phone, now_ms, tx);
	else
		re_offer(phone, now_ms, tx);
}

void phone_call_request(struct phone *phone, int64_t now_ms,
			struct phone_tx *tx, struct net_addr from)
{
	bool tagged_to = wire_param(tx, wire_get(tx->wire, "To"), "tag");

	if (strcmp(tx->method, "CANCEL") == 0)
		cancelled(phone, now_ms, tx);
	else if (tagged_to)
		in_dialog(phone, now_ms, tx);
	else if (strcmp(tx->method, "INVITE") == 0)
		new_call(phone, now_ms, tx, from);
	else
		simple(phone, now_ms, tx, 481, "No such call");
}

/* The ACK to a refusal has the INVITE's branch, that to an answer its own. */
void phone_call_ack(struct phone *phone, int64_t now_ms,
		    const struct wire *wire)
{
	struct phone_tx *tx = phone_tx_server_find(phone, wire, "INVITE");
	struct phone_call *call = find_of(phone, wire);

	if (tx) {
		if (tx->status < 300)
			phone_fault(phone,
				    "ACK on the branch of an INVITE that "
				    "was answered %d",
				    tx->status);
		phone_tx_done(tx, now_ms);
		return;
	}
	tx = call ? invite_acked(phone, call, wire->cseq) : NULL;
	if (!tx || tx->status < 200 || tx->status >= 300) {
		if (!phone->manners.disorder)
			phone_fault(phone, "ACK to nothing");
		return;
	}
	if (tx->acked)
		return; /* again, as it should when our 200 came again */
	tx->acked = true;
	phone_tx_done(tx, now_ms);
	if (!tx->wire->body_len) {
		if (!wire->body_len)
			phone_fault(phone,
				    "our offer got no answer in the ACK");
		else
			phone_sdp_seen(phone, call, call->remote_tag,
				       wire->body, false);
	} else if (wire->body_len) {
		phone_fault(phone, "a body in an ACK where nothing was asked");
	}
	if (call->state != PHONE_ANSWERED)
		return;
	call->state = PHONE_UP;
	phone_tell(phone, "up", "%s", "");
	if (call->cancel_wanted)
		phone_call_bye(phone, now_ms, call);
}

/* ---- both ---- */

void phone_call_bye(struct phone *phone, int64_t now_ms,
		    struct phone_call *call)
{
	call->state = PHONE_ENDING;
	call->refresh_at = call->retry_at = NEVER;
	request(phone, now_ms, call, "BYE", ++call->cseq, NULL, NULL, NULL);
}

/* Hold, resume, or the same again to refresh the session. */
void phone_call_offer(struct phone *phone, int64_t now_ms,
		      struct phone_call *call)
{
	char *rest =
		talloc_asprintf(call, "%s%s%s%s", contact_header(phone), ALLOW,
				timer_offer(phone), session_expires(phone));
	bool update = phone->manners.by_update;

	if (call->state != PHONE_UP)
		return;
	if (call->offer_pending) {
		call->retry_at = now_ms + 1000;
		return;
	}
	call->offer_pending = true;
	request(phone, now_ms, call, update ? "UPDATE" : "INVITE", ++call->cseq,
		rest, phone_sdp_offer(call, phone, call), NULL);
}

void phone_call_refer(struct phone *phone, int64_t now_ms,
		      struct phone_call *call, const char *to)
{
	char *rest = talloc_asprintf(call, "%sRefer-To: <%s>\r\n",
				     contact_header(phone), to);

	request(phone, now_ms, call, "REFER", ++call->cseq, rest, NULL, NULL);
}

/* @tx has been sent long enough. */
void phone_call_timeout(struct phone *phone, int64_t now_ms,
			struct phone_tx *tx)
{
	struct phone_call *call = tx->call;

	if (tx->request) { /* our final answer, never acknowledged */
		if (!call || tx->status >= 300)
			return;
		phone_tell(phone, "noack", "%s", "");
		if (call->state == PHONE_ANSWERED || call->state == PHONE_UP)
			phone_call_bye(phone, now_ms, call);
		return;
	}
	phone_tell(phone, "timeout", "%s", tx->method);
	if (strcmp(tx->method, "REGISTER") == 0)
		phone->reg_at = now_ms + 10000;
	if (strcmp(tx->method, "SUBSCRIBE") == 0)
		phone_watch_timeout(phone, now_ms, tx);
	if (!call || call->state == PHONE_OVER)
		return;
	if (strcmp(tx->method, "BYE") == 0 ||
	    (strcmp(tx->method, "INVITE") == 0 && !call->remote_tag))
		phone_call_over(phone, call);
	else if (call->state == PHONE_UP)
		phone_call_bye(phone, now_ms, call); /* 12.2.1.2 */
}
