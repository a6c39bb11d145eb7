/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <openssl/evp.h>
#include <osmocom/core/linuxlist.h>
#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>

#include "peer.h"

struct got {
	struct llist_head entry;
	const char *text;
};

struct peer {
	struct rig *rig;
	struct sip_addr addr;
	const char *host; /* "192.0.2.7:5060" */
	struct llist_head inbox;
};

struct kept {
	struct llist_head entry;
	struct sip_event event;
};

struct rig {
	void *texts;
	struct sip_config config;
	struct sip *sip;
	unsigned int lives;
	struct sip_addr udp, tcp;
	int64_t now_ms;
	struct peer *peers[RIG_PEERS];
	unsigned int n_peers, n;
	struct llist_head events;
	char *story;
};

static struct rig *the_rig; /* owns the texts of header() */

static char *format(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = talloc_vasprintf(the_rig->texts, fmt, ap);
	va_end(ap);
	return text;
}

/* ---- the bench ---- */

static void start(struct rig *rig)
{
	struct sip_config config = rig->config;

	config.domain = "example.test";
	config.realm = "example.test";
	config.user_agent = "twind";
	config.leg_tag = 1ULL << 62;
	config.seed = 4711 + rig->lives++;
	rig->sip = sip_new(rig, &config);
	sip_add_local(rig->sip, &rig->udp);
	sip_add_local(rig->sip, &rig->tcp);
	for (int i = 100; i < 110; i++) {
		char user[16], ha1_md5[33], ha1_sha256[65];

		snprintf(user, sizeof(user), "%d", i);
		sip_ha1(user, "example.test", "secret", ha1_md5, ha1_sha256);
		sip_user_set(rig->sip, user, ha1_md5, ha1_sha256);
	}
}

struct rig *rig_new(const struct sip_config *config)
{
	struct rig *rig = talloc_zero(NULL, struct rig);

	the_rig = rig;
	rig->texts = talloc_new(rig);
	rig->story = talloc_strdup(rig, "");
	rig->now_ms = 1000;
	INIT_LLIST_HEAD(&rig->events);
	if (config)
		rig->config = *config;
	ck_assert_int_eq(sip_addr_parse(&rig->udp, "udp:192.0.2.254:5060"), 0);
	ck_assert_int_eq(sip_addr_parse(&rig->tcp, "tcp:192.0.2.254:5060"), 0);
	start(rig);
	return rig;
}

void rig_free(struct rig *rig)
{
	sip_free(rig->sip);
	talloc_free(rig);
	the_rig = NULL;
}

void rig_crash(struct rig *rig)
{
	sip_free(rig->sip);
	start(rig);
}

struct sip *rig_sip(struct rig *rig)
{
	return rig->sip;
}

int64_t rig_now(const struct rig *rig)
{
	return rig->now_ms;
}

static void tell(struct rig *rig, const char *who, const char *text)
{
	rig->story = talloc_asprintf_append(rig->story, "%7lld %s %.*s\n",
					    (long long)rig->now_ms, who,
					    (int)strcspn(text, "\r\n"), text);
}

static struct span keep(struct span text)
{
	char *copy =
		talloc_strndup(the_rig->texts, text.p ? text.p : "", text.n);

	return (struct span){ copy, text.n };
}

static void deliver(struct rig *rig, const struct sip_packet *packet)
{
	for (unsigned int i = 0; i < rig->n_peers; i++) {
		struct peer *peer = rig->peers[i];
		struct got *got;

		if (memcmp(&peer->addr, &packet->to, sizeof(packet->to)) != 0)
			continue;
		got = talloc_zero(rig->texts, struct got);
		got->text = talloc_strndup(got, (const char *)packet->data,
					   packet->len);
		llist_add_tail(&got->entry, &peer->inbox);
		tell(rig, peer->host, got->text);
		return;
	}
	tell(rig, "(nobody)", (const char *)packet->data);
}

static void drain(struct rig *rig)
{
	struct sip_packet packet;
	struct sip_event event;
	struct kept *kept;

	while (sip_next_packet(rig->sip, &packet))
		deliver(rig, &packet);
	while (sip_next_event(rig->sip, &event)) {
		kept = talloc_zero(rig->texts, struct kept);
		kept->event = event;
		kept->event.user = keep(event.user);
		kept->event.target = keep(event.target);
		kept->event.body = keep(event.body);
		kept->event.contact = keep(event.contact);
		kept->event.content_type = keep(event.content_type);
		kept->event.user_agent = keep(event.user_agent);
		llist_add_tail(&kept->entry, &rig->events);
		tell(rig, "event",
		     format("%d end %d status %u", event.type, event.end,
			    event.status));
	}
}

void rig_wait(struct rig *rig, int64_t ms)
{
	int64_t until = rig->now_ms + ms;

	drain(rig);
	while (sip_next_ms(rig->sip) <= until) {
		int64_t next = sip_next_ms(rig->sip);

		rig->now_ms = next > rig->now_ms ? next : rig->now_ms;
		sip_tick(rig->sip, rig->now_ms);
		drain(rig);
	}
	rig->now_ms = until;
}

struct sip_event rig_event(struct rig *rig, enum sip_event_type type)
{
	struct kept *kept;

	drain(rig);
	if (llist_empty(&rig->events))
		ck_abort_msg("no event, wanted %d\n%s", type, rig->story);
	kept = llist_first_entry(&rig->events, struct kept, entry);
	llist_del(&kept->entry);
	if (kept->event.type != type)
		ck_abort_msg("event %d, wanted %d\n%s", kept->event.type, type,
			     rig->story);
	return kept->event;
}

void rig_no_event(struct rig *rig)
{
	drain(rig);
	if (!llist_empty(&rig->events))
		ck_abort_msg("an event too many\n%s", rig->story);
}

/* ---- peers ---- */

struct peer *peer_new(struct rig *rig, const char *addr)
{
	struct peer *peer = talloc_zero(rig, struct peer);

	ck_assert(rig->n_peers < RIG_PEERS);
	rig->peers[rig->n_peers++] = peer;
	peer->rig = rig;
	INIT_LLIST_HEAD(&peer->inbox);
	ck_assert_int_eq(sip_addr_parse(&peer->addr, addr), 0);
	if (peer->addr.transport == SIP_TCP)
		peer->addr.conn = rig->n_peers;
	peer->host = talloc_strdup(peer, strchr(addr, ':') + 1);
	return peer;
}

void rig_bind(struct rig *rig, const char *user, struct peer *peer)
{
	const char *uri = format("sip:%s@%s", user, peer->host);

	ck_assert_int_eq(sip_binding_restore(rig->sip, rig->now_ms, user, uri,
					     &peer->addr, 3600),
			 0);
}

void peer_send(struct peer *peer, const char *bytes)
{
	struct rig *rig = peer->rig;
	const struct sip_addr *local =
		peer->addr.transport == SIP_UDP ? &rig->udp : &rig->tcp;

	tell(rig, peer->host,
	     format("-> %.*s", (int)strcspn(bytes, "\r\n"), bytes));
	sip_rx(rig->sip, rig->now_ms, local, &peer->addr,
	       (const uint8_t *)bytes, strlen(bytes));
	drain(rig);
}

const char *peer_want(struct peer *peer, const char *start)
{
	struct got *got;

	drain(peer->rig);
	if (llist_empty(&peer->inbox))
		ck_abort_msg("%s got nothing, wanted %s\n%s", peer->host,
			     start ? start : "anything", peer->rig->story);
	got = llist_first_entry(&peer->inbox, struct got, entry);
	llist_del(&got->entry);
	if (start && strncmp(got->text, start, strlen(start)) != 0)
		ck_abort_msg("%s wanted %s, but got\n%s\n%s", peer->host, start,
			     got->text, peer->rig->story);
	return got->text;
}

void peer_want_nothing(struct peer *peer)
{
	drain(peer->rig);
	if (!llist_empty(&peer->inbox))
		ck_abort_msg("%s got too much: %s\n%s", peer->host,
			     peer_want(peer, NULL), peer->rig->story);
}

unsigned int peer_skip(struct peer *peer)
{
	unsigned int n = 0;

	drain(peer->rig);
	for (; !llist_empty(&peer->inbox); n++)
		llist_del(peer->inbox.next);
	return n;
}

void peer_breaks(struct peer *peer)
{
	sip_unreachable(peer->rig->sip, peer->rig->now_ms, &peer->addr);
	drain(peer->rig);
}

/* ---- reading ---- */

const char *header_nth(const char *message, const char *name, unsigned int n)
{
	const char *end = strstr(message, "\r\n\r\n");
	const char *line = strstr(message, "\r\n");

	for (; line && line < end; line = strstr(line, "\r\n")) {
		line += 2;
		if (strncasecmp(line, name, strlen(name)) == 0 &&
		    strncmp(line + strlen(name), ": ", 2) == 0 && n-- == 0) {
			line += strlen(name) + 2;
			return format("%.*s", (int)strcspn(line, "\r"), line);
		}
	}
	return "";
}

const char *header(const char *message, const char *name)
{
	return header_nth(message, name, 0);
}

const char *body_of(const char *message)
{
	return strstr(message, "\r\n\r\n") + 4;
}

/* What lies between the angle brackets. */
static const char *uri_of(const char *value)
{
	const char *start = strchr(value, '<');

	if (!start)
		return format("%.*s", (int)strcspn(value, ";"), value);
	return format("%.*s", (int)strcspn(start + 1, ">"), start + 1);
}

/* ---- talking ---- */

static const char *compose(const struct talk *talk, const char *method,
			   const char *branch, unsigned int cseq,
			   const char *extra, const char *body)
{
	struct peer *peer = talk->peer;

	return format("%s %s SIP/2.0\r\n"
		      "Via: SIP/2.0/%s %s;branch=%s\r\n"
		      "Max-Forwards: 70\r\n"
		      "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n"
		      "Contact: <sip:%s>\r\n%s%s"
		      "Content-Length: %zu\r\n\r\n%s",
		      method, talk->target,
		      peer->addr.transport == SIP_UDP ? "UDP" : "TCP",
		      peer->host, branch, talk->ours, talk->theirs, talk->id,
		      cseq, method, peer->host, extra,
		      *body ? "Content-Type: application/sdp\r\n" : "",
		      strlen(body), body);
}

static const char *fresh_branch(struct rig *rig)
{
	return format("z9hG4bKpeer%u", ++rig->n);
}

void talk_request(struct talk *talk, const char *method, const char *extra,
		  const char *body)
{
	talk->branch = fresh_branch(talk->peer->rig);
	talk->last =
		compose(talk, method, talk->branch, ++talk->cseq, extra, body);
	peer_send(talk->peer, talk->last);
}

const char *talk_lines(const char *one, const char *more)
{
	return format("%s%s", one, more);
}

void talk_again(struct talk *talk)
{
	peer_send(talk->peer, talk->last);
}

void talk_ack(struct talk *talk, const char *answer, const char *body)
{
	unsigned int cseq = strtoul(header(answer, "CSeq"), NULL, 10);
	talk->theirs = header(answer, "To");
	talk->target = uri_of(header(answer, "Contact"));
	peer_send(talk->peer,
		  compose(talk, "ACK", fresh_branch(talk->peer->rig), cseq, "",
			  body));
}

void talk_ack_refusal(struct talk *talk, const char *answer)
{
	struct talk ack = *talk;

	ack.theirs = header(answer, "To");
	peer_send(talk->peer,
		  compose(&ack, "ACK", talk->branch, talk->cseq, "", ""));
}

void talk_cancel(struct talk *talk)
{
	peer_send(talk->peer,
		  compose(talk, "CANCEL", talk->branch, talk->cseq, "", ""));
}

static const char *md5(const char *text)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char *hex = format("%33s", "");
	unsigned int n;

	EVP_Digest(text, strlen(text), digest, &n, EVP_md5(), NULL);
	for (unsigned int i = 0; i < n; i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
	return hex;
}

/* The MD5 challenge among those of a 401. */
static const char *nonce_of(const char *answer)
{
	for (unsigned int i = 0; i < 4; i++) {
		const char *value = header_nth(answer, "WWW-Authenticate", i);
		const char *nonce = strstr(value, "nonce=\"");

		if (nonce && !strstr(value, "SHA-256"))
			return format("%.*s", (int)strcspn(nonce + 7, "\""),
				      nonce + 7);
	}
	ck_abort_msg("no challenge in\n%s", answer);
}

static const char *credentials(const char *user, const char *method,
			       const char *uri, const char *answer)
{
	const char *nonce = nonce_of(answer);
	const char *ha1 = md5(format("%s:example.test:secret", user));
	const char *ha2 = md5(format("%s:%s", method, uri));

	return format("Authorization: Digest username=\"%s\", "
		      "realm=\"example.test\", nonce=\"%s\", uri=\"%s\", "
		      "response=\"%s\", algorithm=MD5, qop=auth, "
		      "nc=00000001, cnonce=\"c\"\r\n",
		      user, nonce, uri,
		      md5(format("%s:%s:00000001:c:auth:%s", ha1, nonce, ha2)));
}

struct talk talk_try(struct peer *peer, const char *user, const char *target,
		     const char *extra, const char *body)
{
	struct rig *rig = peer->rig;
	struct talk talk = {
		.peer = peer,
		.id = format("call-%u", ++rig->n),
		.ours = format("<sip:%s@example.test>;tag=caller%u", user,
			       rig->n),
		.theirs = format("<sip:%s@example.test>", target),
		.target = format("sip:%s@example.test", target),
	};
	const char *answer;

	talk_request(&talk, "INVITE", "", body);
	answer = peer_want(peer, "SIP/2.0 401");
	talk_ack_refusal(&talk, answer);
	talk.auth = credentials(user, "INVITE", talk.target, answer);
	talk_request(&talk, "INVITE", format("%s%s", extra, talk.auth), body);
	return talk;
}

struct talk talk_call(struct peer *peer, const char *user, const char *target,
		      const char *body)
{
	return talk_try(peer, user, target,
			"Allow: INVITE, ACK, BYE, UPDATE\r\n", body);
}

struct talk talk_register(struct peer *peer, const char *user,
			  const char *extra)
{
	struct rig *rig = peer->rig;
	struct talk talk = {
		.peer = peer,
		.id = format("register-%u", ++rig->n),
		.ours = format("<sip:%s@example.test>;tag=phone%u", user,
			       rig->n),
		.theirs = format("<sip:%s@example.test>", user),
		.target = "sip:example.test",
	};
	const char *answer;

	talk_request(&talk, "REGISTER", extra, "");
	answer = peer_want(peer, "SIP/2.0 401");
	talk.auth = credentials(user, "REGISTER", talk.target, answer);
	talk_request(&talk, "REGISTER", format("%s%s", extra, talk.auth), "");
	return talk;
}

struct talk talk_outside(struct peer *peer, const char *method,
			 const char *user, const char *target,
			 const char *extra, const char *body)
{
	struct rig *rig = peer->rig;
	struct talk talk = {
		.peer = peer,
		.id = format("watch-%u", ++rig->n),
		.ours = format("<sip:%s@example.test>;tag=watcher%u", user,
			       rig->n),
		.theirs = format("<sip:%s@example.test>", target),
		.target = format("sip:%s@example.test", target),
	};
	const char *answer;

	talk_request(&talk, method, extra, body);
	answer = peer_want(peer, "SIP/2.0 401");
	talk.auth = credentials(user, method, talk.target, answer);
	talk_request(&talk, method, format("%s%s", extra, talk.auth), body);
	return talk;
}

struct talk talk_subscribe(struct peer *peer, const char *user,
			   const char *target, const char *extra,
			   const char *body)
{
	return talk_outside(peer, "SUBSCRIBE", user, target, extra, body);
}

void talk_resubscribe(struct talk *talk, const char *user, const char *extra)
{
	const char *answer;

	talk_request(talk, "SUBSCRIBE", extra, "");
	answer = peer_want(talk->peer, "SIP/2.0 401");
	talk->auth = credentials(user, "SUBSCRIBE", talk->target, answer);
	talk_request(talk, "SUBSCRIBE", format("%s%s", extra, talk->auth), "");
}

struct talk talk_taken(struct peer *peer, const char *invite, const char *tag)
{
	return (struct talk){
		.peer = peer,
		.invite = invite,
		.id = header(invite, "Call-ID"),
		.ours = format("%s;tag=%s", header(invite, "To"), tag),
		.theirs = header(invite, "From"),
		.target = uri_of(header(invite, "Contact")),
	};
}

void talk_answer(struct talk *talk, const char *request, const char *status,
		 const char *extra, const char *body)
{
	const char *to = header(request, "To");
	const char *vias = "";

	for (unsigned int i = 0; *header_nth(request, "Via", i); i++)
		vias = format("%sVia: %s\r\n", vias,
			      header_nth(request, "Via", i));
	peer_send(talk->peer,
		  format("SIP/2.0 %s\r\n%sFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\n"
			 "CSeq: %s\r\nContact: <sip:%s>\r\n%s%s"
			 "Content-Length: %zu\r\n\r\n%s",
			 status, vias, header(request, "From"),
			 strstr(to, "tag=") ? to : talk->ours, talk->id,
			 header(request, "CSeq"), talk->peer->host, extra,
			 *body ? "Content-Type: application/sdp\r\n" : "",
			 strlen(body), body));
}
