/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "sip_dialog.h"
#include "sip_own.h"

static void set(char **text, void *ctx, struct span value)
{
	char *copy = talloc_strndup(ctx, value.p ? value.p : "", value.n);

	OSMO_ASSERT(copy);
	talloc_free(*text);
	*text = copy;
}

/* ---- making ---- */

void sip_dialog_caller(struct sip_dialog *dialog, void *ctx, struct span invite,
		       uint64_t tag)
{
	dialog->tag = tag;
	dialog->cseq = sip_own_cseq(invite);
	set(&dialog->call_id, ctx, sip_own_value(invite, "Call-ID"));
	set(&dialog->local, ctx, sip_own_value(invite, "From"));
	set(&dialog->remote, ctx, sip_own_value(invite, "To"));
	set(&dialog->target, ctx, sip_own_uri(invite));
}

/* In the order of the headers for who was called, reversed for the caller
 * (12.1.1, 12.1.2). */
static char *collect_route(void *ctx, const struct sip_msg *msg, bool reversed)
{
	struct sip_values values;
	char *route = NULL;
	struct span one;

	sip_values_begin(&values, msg, SIP_H_RECORD_ROUTE);
	while (sip_values_next(&values, &one)) {
		char *longer;

		if (!route)
			longer = talloc_strndup(ctx, one.p, one.n);
		else if (reversed)
			longer = talloc_asprintf(ctx, SPAN_FMT ", %s",
						 SPAN_ARG(one), route);
		else
			longer = talloc_asprintf(ctx, "%s, " SPAN_FMT, route,
						 SPAN_ARG(one));
		OSMO_ASSERT(longer);
		talloc_free(route);
		route = longer;
		if (strlen(route) > SIP_ROUTE_MAX)
			break;
	}
	return route;
}

void sip_dialog_retarget(struct sip_dialog *dialog, void *ctx,
			 const struct sip_msg *msg)
{
	struct sip_contact contact;

	if (sip_msg_contact(msg, &contact) && !contact.star)
		set(&dialog->target, ctx, contact.name.uri.text);
}

void sip_dialog_called(struct sip_dialog *dialog, void *ctx,
		       const struct sip_msg *invite, uint64_t tag)
{
	char hex[SIP_HEX];

	dialog->tag = tag;
	dialog->cseq = 0;
	set(&dialog->call_id, ctx, invite->call_id);
	dialog->local = talloc_asprintf(ctx, SPAN_FMT ";tag=%s",
					SPAN_ARG(invite->to.text),
					sip_hash_hex(tag, hex));
	OSMO_ASSERT(dialog->local);
	set(&dialog->remote, ctx, invite->from.text);
	set(&dialog->remote_tag, ctx, invite->from.tag);
	set(&dialog->target, ctx, invite->from.uri.text);
	sip_dialog_retarget(dialog, ctx, invite);
	dialog->route = collect_route(ctx, invite, false);
	dialog->remote_cseq = invite->cseq;
	dialog->has_remote_cseq = true;
}

void sip_dialog_confirm(struct sip_dialog *dialog, void *ctx,
			const struct sip_msg *answer)
{
	set(&dialog->remote, ctx, answer->to.text);
	set(&dialog->remote_tag, ctx, answer->to.tag);
	sip_dialog_retarget(dialog, ctx, answer);
	talloc_free(dialog->route);
	dialog->route = collect_route(ctx, answer, true);
}

void sip_dialog_fork(struct sip_dialog *dialog, unsigned int fork)
{
	char hex[SIP_HEX];
	size_t n = strlen(dialog->local);

	OSMO_ASSERT(fork <= SIP_FORKS_MAX && n >= SIP_HEX - 1);
	dialog->tag = SIP_TAG_OF(dialog->tag) | fork;
	memcpy(dialog->local + n - (SIP_HEX - 1),
	       sip_hash_hex(dialog->tag, hex), SIP_HEX - 1);
}

/* ---- theirs ---- */

bool sip_dialog_owns(const struct sip_dialog *dialog, const struct sip_msg *msg)
{
	struct span tag = msg->is_request ? msg->from.tag : msg->to.tag;

	return span_is(msg->call_id, dialog->call_id) &&
	       (!dialog->remote_tag || span_is(tag, dialog->remote_tag));
}

bool sip_dialog_in_order(struct sip_dialog *dialog,
			 const struct sip_msg *request)
{
	if (dialog->has_remote_cseq && request->cseq < dialog->remote_cseq)
		return false;
	dialog->remote_cseq = request->cseq;
	dialog->has_remote_cseq = true;
	return true;
}

/* ---- ours ---- */

/* "<sip:p1;lr>, <sip:p2;lr>": the first, and what follows it. */
static struct span first_route(const char *route, struct span *ret_rest)
{
	const char *end = strchr(route, '>');

	while (end && *end && *end != ',')
		end++;
	if (!end || !*end) {
		*ret_rest = (struct span){ 0 };
		return span_of(route);
	}
	*ret_rest = span_of(end + 1 + strspn(end + 1, " "));
	return (struct span){ route, end - route };
}

static void write_route(struct sip_writer *w, const struct sip_dialog *dialog,
			bool strict, struct span rest)
{
	if (!dialog->route)
		return;
	if (!strict) {
		sip_write_header(w, "Route", span_of(dialog->route));
		return;
	}
	/* A strict router takes the target from the end (12.2.1.1). */
	sip_write_text(w, "Route: ");
	sip_write_raw(w, rest);
	sip_write_text(w, rest.n ? ", <" : "<");
	sip_write_text(w, dialog->target);
	sip_write_text(w, ">");
	sip_write_line_end(w);
}

void sip_dialog_request(struct sip_dialog *dialog, struct sip_writer *w,
			const struct sip_addr *local, enum sip_method method,
			uint32_t cseq, const char *branch)
{
	struct span uri = span_of(dialog->target), rest = { 0 };
	struct sip_name first;
	bool strict = false;

	if (dialog->route &&
	    sip_name_parse(&first, first_route(dialog->route, &rest)) == 0 &&
	    !sip_param(first.uri.params, "lr", NULL)) {
		strict = true;
		uri = first.uri.text;
	}
	sip_write_request(w, sip_method_name(method), uri);
	sip_write_via(w, local, branch);
	sip_write_header(w, "Max-Forwards", span_of("70"));
	write_route(w, dialog, strict, rest);
	sip_write_header(w, "From", span_of(dialog->local));
	sip_write_header(w, "To", span_of(dialog->remote));
	sip_write_header(w, "Call-ID", span_of(dialog->call_id));
	sip_write_cseq(w, cseq, sip_method_name(method));
}

/* ---- where to ---- */

static bool literal(struct span host, struct sip_addr *addr)
{
	char text[INET6_ADDRSTRLEN];

	if (host.n == 0 || host.n >= sizeof(text))
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	addr->family = memchr(text, ':', host.n) ? AF_INET6 : AF_INET;
	return inet_pton(addr->family, text, addr->ip) == 1;
}

struct sip_addr sip_next_hop(const struct sip_uri *uri,
			     const struct sip_addr *peer)
{
	struct sip_addr hop = { .transport = SIP_UDP };
	struct span transport = { 0 };

	if (!literal(uri->host, &hop) || hop.family != peer->family ||
	    memcmp(hop.ip, peer->ip, sizeof(hop.ip)) != 0)
		return *peer;
	hop.scope = peer->scope;
	hop.port = uri->port ? uri->port : 5060;
	if (sip_param(uri->params, "transport", &transport)) {
		if (span_case_is(transport, "tcp"))
			hop.transport = SIP_TCP;
	} else {
		hop.transport = peer->transport;
	}
	if (hop.transport == peer->transport && peer->conn)
		return *peer;
	return hop;
}

struct sip_addr sip_dialog_next_hop(const struct sip_dialog *dialog)
{
	struct sip_addr hop = { .transport = SIP_UDP };
	struct span transport, rest;
	struct sip_name first;
	struct sip_uri target;

	if (!dialog->route) {
		if (sip_uri_parse(&target, span_of(dialog->target)) != 0)
			return dialog->peer;
		return sip_next_hop(&target, &dialog->peer);
	}
	if (sip_name_parse(&first, first_route(dialog->route, &rest)) != 0 ||
	    !literal(first.uri.host, &hop))
		return dialog->peer;
	if (hop.family == dialog->peer.family &&
	    memcmp(hop.ip, dialog->peer.ip, sizeof(hop.ip)) == 0)
		return sip_next_hop(&first.uri, &dialog->peer);
	hop.port = first.uri.port ? first.uri.port : 5060;
	if (sip_param(first.uri.params, "transport", &transport) &&
	    span_case_is(transport, "tcp"))
		hop.transport = SIP_TCP;
	return hop;
}
