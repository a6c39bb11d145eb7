/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "sip_reply.h"

static bool is_host(struct span host, const struct sip_addr *addr,
		    bool *ret_literal)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t ip[16] = { 0 };
	int family;

	*ret_literal = false;
	if (host.n >= sizeof(text))
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	family = memchr(text, ':', host.n) ? AF_INET6 : AF_INET;
	*ret_literal = inet_pton(family, text, ip) == 1;
	return *ret_literal && family == addr->family &&
	       memcmp(ip, addr->ip, sizeof(ip)) == 0;
}

/*
 * Over a connection, the connection.  Else the source address; its port if
 * the sender asked for it, or if what it calls its address shows that it is
 * behind a NAT and does not know (it would hear nothing otherwise).
 */
struct sip_addr sip_reply_address(const struct sip_msg *request,
				  const struct sip_addr *from)
{
	struct sip_addr back = *from;
	bool is_literal;

	if (from->transport != SIP_UDP || request->via.has_rport)
		return back;
	if (is_host(request->via.host, from, &is_literal) || !is_literal)
		back.port = request->via.port ? request->via.port : 5060;
	return back;
}

uint64_t sip_reply_tag(const struct sip_key *key, const struct sip_msg *msg)
{
	struct sip_key mixed = *key;

	mixed.k[1] ^= sip_hash(key, msg->from.tag.p, msg->from.tag.n);
	return sip_hash(&mixed, msg->call_id.p, msg->call_id.n);
}

void sip_reply_begin(struct sip_out *out, struct sip_writer *w,
		     const struct sip_key *key,
		     const struct sip_arrival *arrival, unsigned int status,
		     const char *reason)
{
	char tag[SIP_HEX];

	sip_hash_hex(sip_reply_tag(key, arrival->msg), tag);
	sip_out_begin(out, w);
	sip_write_answer(w, arrival->msg, status, reason, tag, arrival->from);
}

void sip_reply_end(struct sip_out *out, struct sip_writer *w,
		   const struct sip_arrival *arrival)
{
	sip_out_end(out, w, NULL, (struct span){ 0 }, arrival->local,
		    &arrival->back, NULL);
}

void sip_reply_echo(struct sip_out *out, struct sip_trans *trans,
		    const struct sip_arrival *arrival, const char *tag)
{
	const char *lines, *end;
	struct sip_writer w;
	size_t routes_n;

	sip_out_begin(out, &w);
	sip_write_copy(&w, arrival->msg, SIP_H_RECORD_ROUTE);
	routes_n = w.n;
	sip_write_answer(&w, arrival->msg, 100, NULL, tag, arrival->from);
	if (w.spoiled)
		w.n = routes_n = 0; /* an answer will be too long as well */
	lines = w.buf + routes_n;
	end = memmem(lines, w.n - routes_n, "\r\n", 2);
	lines = end ? end + 2 : lines;
	trans->echo_routes_n = routes_n;
	trans->echo_n = routes_n + (w.buf + w.n - lines);
	trans->echo = talloc_size(trans, trans->echo_n + 1);
	OSMO_ASSERT(trans->echo);
	memcpy(trans->echo, w.buf, routes_n);
	memcpy(trans->echo + routes_n, lines, w.buf + w.n - lines);
}

void sip_reply_later(struct sip_out *out, struct sip_writer *w,
		     const struct sip_trans *trans, unsigned int status)
{
	bool routes = status > 100 && status < 300;
	size_t skip = routes ? 0 : trans->echo_routes_n;

	OSMO_ASSERT(trans->echo);
	sip_out_begin(out, w);
	sip_write_status(w, status, NULL);
	sip_out_lines(
		w, (struct span){ trans->echo + skip, trans->echo_n - skip });
}
