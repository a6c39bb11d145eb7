/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sip_socket.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <osmocom/core/utils.h>
#include <stdio.h>
#include <talloc.h>

#include "sip_sockaddr.h"
#include "sip_stream.h"
#include "sip_udp.h"

#define LISTENERS_MAX 16

struct listener {
	struct sip_addr addr;
	struct sip_udp *udp; /* NULL: TCP */
};

struct sip_socket {
	struct sip_socket_config config;
	struct sip_socket_counts counts;
	struct listener listeners[LISTENERS_MAX];
	size_t n_listeners;
	struct sip_stream *stream;
};

/* ---- listening ---- */

/*
 * The element writes the addresses it is reached at into Via and Contact, so
 * a wildcard must become real ones.  Loopback comes last, for it is the one
 * address that a phone on the network can do nothing with.
 */
static int add_interfaces(struct sip_socket *sockets,
			  const struct sip_addr *listener, bool loopback)
{
	struct ifaddrs *all, *i;
	int rc = 0;

	if (getifaddrs(&all) < 0)
		return -errno;
	for (i = all; i && rc == 0; i = i->ifa_next) {
		union sip_sockaddr sa;
		struct sip_addr addr;

		if (!i->ifa_addr || !(i->ifa_flags & IFF_UP) ||
		    !!(i->ifa_flags & IFF_LOOPBACK) != loopback ||
		    i->ifa_addr->sa_family != listener->family)
			continue;
		memcpy(&sa, i->ifa_addr,
		       listener->family == AF_INET ? sizeof(sa.v4)
						   : sizeof(sa.v6));
		if (sip_sockaddr_to(&addr, listener->transport, &sa) < 0)
			continue;
		addr.port = listener->port;
		rc = sip_add_local(sockets->config.sip, &addr);
	}
	freeifaddrs(all);
	return rc;
}

static int add_local(struct sip_socket *sockets, const struct sip_addr *addr)
{
	int rc;

	if (!sip_addr_is_wildcard(addr))
		return sip_add_local(sockets->config.sip, addr);
	rc = add_interfaces(sockets, addr, false);
	return rc < 0 ? rc : add_interfaces(sockets, addr, true);
}

static int open_listener(struct sip_socket *sockets,
			 const struct sip_addr *addr)
{
	struct listener *l = &sockets->listeners[sockets->n_listeners];
	int rc = 0;

	if (sockets->n_listeners == LISTENERS_MAX)
		return -E2BIG;
	*l = (struct listener){ 0 };
	switch (addr->transport) {
	case SIP_UDP:
		l->udp = sip_udp_open(sockets, &sockets->config,
				      &sockets->counts, addr, &rc);
		if (l->udp)
			l->addr = *sip_udp_addr(l->udp);
		break;
	case SIP_TCP:
		rc = sip_stream_listen(sockets->stream, addr, &l->addr);
		break;
	default:
		rc = -EPROTONOSUPPORT;
	}
	if (rc < 0)
		return rc;
	sockets->n_listeners++;
	return add_local(sockets, &l->addr);
}

static const char *sentence_of(int rc)
{
	switch (-rc) {
	case EADDRINUSE:
		return "the address and port are in use by another program";
	case EADDRNOTAVAIL:
		return "this machine has no such address";
	case EACCES:
		return "not allowed to use this port";
	case E2BIG:
		return "too many listeners";
	default:
		return strerror(-rc);
	}
}

int sip_socket_listen(struct sip_socket *sockets, const struct sip_addr *addr,
		      char ret_why[SIP_SOCKET_WHY])
{
	char text[SIP_ADDR_TEXT];
	int rc = open_listener(sockets, addr);

	if (rc < 0)
		snprintf(ret_why, SIP_SOCKET_WHY, "cannot listen on %s: %s",
			 sip_addr_print(addr, text), sentence_of(rc));
	return rc;
}

bool sip_socket_listener(const struct sip_socket *sockets, size_t n,
			 struct sip_addr *ret_addr)
{
	if (n >= sockets->n_listeners)
		return false;
	*ret_addr = sockets->listeners[n].addr;
	return true;
}

/* ---- sending ---- */

/* Which listener is meant by @local: it itself, or the wildcard over it. */
static struct sip_udp *udp_of(struct sip_socket *sockets,
			      const struct sip_addr *local)
{
	struct sip_udp *wildcard = NULL;
	size_t i;

	for (i = 0; i < sockets->n_listeners; i++) {
		const struct listener *l = &sockets->listeners[i];

		if (!l->udp || l->addr.family != local->family ||
		    l->addr.port != local->port)
			continue;
		if (sip_addr_is_wildcard(&l->addr))
			wildcard = l->udp;
		else if (memcmp(l->addr.ip, local->ip, 16) == 0)
			return l->udp;
	}
	return wildcard;
}

static void send_datagram(struct sip_socket *sockets,
			  const struct sip_packet *packet)
{
	struct sip_udp *udp = udp_of(sockets, &packet->local);

	if (udp && packet->to.family == packet->local.family &&
	    packet->len <= SIP_UDP_BYTES_MAX) {
		sip_udp_queue(udp, packet);
		return;
	}
	sockets->counts.tx_failed++;
	sip_unreachable(sockets->config.sip, sockets->config.now_ms(),
			&packet->to);
}

void sip_socket_flush(struct sip_socket *sockets)
{
	struct sip_packet packet;
	size_t i;

	while (sip_next_packet(sockets->config.sip, &packet)) {
		if (packet.to.transport == SIP_UDP)
			send_datagram(sockets, &packet);
		else
			sip_stream_send(sockets->stream, &packet);
	}
	for (i = 0; i < sockets->n_listeners; i++)
		if (sockets->listeners[i].udp)
			sip_udp_flush(sockets->listeners[i].udp);
}

/* ---- life ---- */

static void or_default(size_t *value, size_t preset)
{
	if (*value == 0)
		*value = preset;
}

struct sip_socket *sip_socket_new(void *ctx,
				  const struct sip_socket_config *config)
{
	struct sip_socket *sockets = talloc_zero(ctx, struct sip_socket);
	struct sip_socket_config *c;

	OSMO_ASSERT(sockets);
	c = &sockets->config;
	*c = *config;
	or_default(&c->message_bytes, 16384);
	or_default(&c->connections, 2000);
	or_default(&c->connections_source, 200);
	or_default(&c->out_bytes, 262144);
	if (!c->message_s)
		c->message_s = 32;
	if (!c->idle_s)
		c->idle_s = 7200;
	sockets->stream = sip_stream_new(sockets, c, &sockets->counts);
	return sockets;
}

void sip_socket_free(struct sip_socket *sockets)
{
	talloc_free(sockets);
}

void sip_socket_counts(const struct sip_socket *sockets,
		       struct sip_socket_counts *ret_counts)
{
	*ret_counts = sockets->counts;
}
