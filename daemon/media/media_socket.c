/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

#include <event2/event.h>

#include <osmocom/core/hashtable.h>
#include <osmocom/core/utils.h>

#include "media_socket.h"

#define PORT_MIN_DEFAULT 16384
#define PORT_MAX_DEFAULT 32767

/* Datagrams taken from one socket before another has its turn. */
#define BURST_MAX 16

#define DATAGRAM_BYTES_MAX 2048

/* Expedited forwarding (RFC 3246), for speech. */
#define TRAFFIC_CLASS 0xb8

enum side { SIDE_RTP, SIDE_RTCP, SIDES };

struct pair;

struct end {
	struct pair *pair;
	enum side side;
	int fd;
	struct event *event;
};

struct pair {
	struct hlist_node node;
	struct media_socket *sockets;
	uint64_t leg;
	struct end ends[SIDES];
};

struct media_socket {
	struct event_base *base;
	struct media *media;
	struct media_socket_config config;
	uint16_t next_port;
	DECLARE_HASHTABLE(pairs, 8);
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t address_write(union address *address,
			       const struct media_addr *addr)
{
	memset(address, 0, sizeof(*address));
	if (addr->family == AF_INET6) {
		address->v6.sin6_family = AF_INET6;
		address->v6.sin6_port = htons(addr->port);
		address->v6.sin6_scope_id = addr->scope;
		memcpy(&address->v6.sin6_addr, addr->ip, 16);
		return sizeof(address->v6);
	}
	address->v4.sin_family = AF_INET;
	address->v4.sin_port = htons(addr->port);
	memcpy(&address->v4.sin_addr, addr->ip, 4);
	return sizeof(address->v4);
}

static void address_read(struct media_addr *ret_addr,
			 const union address *address)
{
	*ret_addr = (struct media_addr){ .family = address->any.sa_family };
	if (ret_addr->family == AF_INET6) {
		ret_addr->port = ntohs(address->v6.sin6_port);
		ret_addr->scope = address->v6.sin6_scope_id;
		memcpy(ret_addr->ip, &address->v6.sin6_addr, 16);
	} else {
		ret_addr->port = ntohs(address->v4.sin_port);
		memcpy(ret_addr->ip, &address->v4.sin_addr, 4);
	}
}

struct media_socket *media_socket_new(void *ctx, struct event_base *base,
				      struct media *media,
				      const struct media_socket_config *config)
{
	struct media_socket *sockets = talloc_zero(ctx, struct media_socket);

	OSMO_ASSERT(sockets);
	sockets->base = base;
	sockets->media = media;
	sockets->config = *config;
	if (!sockets->config.port_min)
		sockets->config.port_min = PORT_MIN_DEFAULT;
	if (!sockets->config.port_max)
		sockets->config.port_max = PORT_MAX_DEFAULT;
	sockets->config.port_min += sockets->config.port_min & 1;
	sockets->next_port = sockets->config.port_min;
	hash_init(sockets->pairs);
	return sockets;
}

static int pair_close(struct pair *pair)
{
	enum side side;

	for (side = SIDE_RTP; side < SIDES; side++) {
		if (pair->ends[side].event)
			event_free(pair->ends[side].event);
		if (pair->ends[side].fd >= 0)
			close(pair->ends[side].fd);
	}
	hash_del(&pair->node);
	return 0;
}

void media_socket_free(struct media_socket *sockets)
{
	talloc_free(sockets); /* and its pairs, by their destructor */
}

static struct pair *pair_find(const struct media_socket *sockets, uint64_t leg)
{
	struct pair *pair;

	hash_for_each_possible(sockets->pairs, pair, node,
			       leg) if (pair->leg == leg) return pair;
	return NULL;
}

static void readable(evutil_socket_t fd, short what, void *data)
{
	const struct end *end = data;
	struct media_socket *sockets = end->pair->sockets;
	uint64_t leg = end->pair->leg;
	bool rtcp = end->side == SIDE_RTCP;
	uint8_t bytes[DATAGRAM_BYTES_MAX];
	union address address;
	struct media_addr from;
	unsigned int i;
	ssize_t n;

	for (i = 0; i < BURST_MAX; i++) {
		socklen_t size = sizeof(address);

		n = recvfrom(fd, bytes, sizeof(bytes), MSG_DONTWAIT,
			     &address.any, &size);
		/* An ICMP error of what we sent shows here as well. */
		if (n < 0 && errno == ECONNREFUSED)
			continue;
		if (n < 0)
			break;
		address_read(&from, &address);
		media_rx(sockets->media,
			 sockets->config.now_ms(sockets->config.data), leg,
			 &from, rtcp, bytes, n);
	}
	media_socket_flush(sockets);
	sockets->config.woken(sockets->config.data);
}

static int end_bind(struct end *end, const struct media_addr *local)
{
	union address address;
	socklen_t size = address_write(&address, local);
	int class = TRAFFIC_CLASS;
	int on = 1;
	int fd;

	fd = socket(local->family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    0);
	if (fd < 0)
		return -errno;
	end->fd = fd;
	if (local->family == AF_INET6) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &class,
			   sizeof(class));
	} else {
		setsockopt(fd, IPPROTO_IP, IP_TOS, &class, sizeof(class));
	}
	if (bind(fd, &address.any, size) < 0)
		return -errno;
	return 0;
}

static void ends_close(struct pair *pair)
{
	enum side side;

	for (side = SIDE_RTP; side < SIDES; side++) {
		if (pair->ends[side].fd >= 0)
			close(pair->ends[side].fd);
		pair->ends[side].fd = -1;
	}
}

static int pair_bind(struct pair *pair, const struct media_addr *local)
{
	struct media_addr addr = *local;
	int rc;

	rc = end_bind(&pair->ends[SIDE_RTP], &addr);
	if (rc == 0) {
		addr.port++;
		rc = end_bind(&pair->ends[SIDE_RTCP], &addr);
	}
	if (rc)
		ends_close(pair);
	return rc;
}

/* Ports are taken in turn, so that a late packet of the last call does not
 * find the next one. */
static int bind_next(struct media_socket *sockets, struct pair *pair,
		     struct media_addr *addr)
{
	unsigned int min = sockets->config.port_min;
	unsigned int max = sockets->config.port_max;
	unsigned int i, pairs = max > min ? (max - min + 1) / 2 : 0;
	int rc = -EADDRINUSE;

	for (i = 0; i < pairs && rc == -EADDRINUSE; i++) {
		addr->port = sockets->next_port;
		sockets->next_port += 2;
		if (sockets->next_port >= max || sockets->next_port < min)
			sockets->next_port = min;
		rc = pair_bind(pair, addr);
	}
	return rc;
}

static void listen_to(struct pair *pair, enum side side)
{
	struct end *end = &pair->ends[side];

	end->pair = pair;
	end->side = side;
	end->event = event_new(pair->sockets->base, end->fd,
			       EV_READ | EV_PERSIST, readable, end);
	OSMO_ASSERT(end->event && event_add(end->event, NULL) == 0);
}

int media_socket_open(struct media_socket *sockets, uint64_t leg,
		      const struct media_addr *local,
		      struct media_addr *ret_local)
{
	struct media_addr addr = *local;
	struct pair *pair;
	int rc;

	if (pair_find(sockets, leg))
		return -EEXIST;
	pair = talloc_zero(sockets, struct pair);
	OSMO_ASSERT(pair);
	pair->sockets = sockets;
	pair->leg = leg;
	pair->ends[SIDE_RTP].fd = pair->ends[SIDE_RTCP].fd = -1;
	rc = bind_next(sockets, pair, &addr);
	if (rc) {
		talloc_free(pair);
		return rc;
	}

	hash_add(sockets->pairs, &pair->node, leg);
	talloc_set_destructor(pair, pair_close);
	listen_to(pair, SIDE_RTP);
	listen_to(pair, SIDE_RTCP);
	*ret_local = addr;
	return 0;
}

void media_socket_close(struct media_socket *sockets, uint64_t leg)
{
	talloc_free(pair_find(sockets, leg));
}

void media_socket_flush(struct media_socket *sockets)
{
	struct media_packet packet;
	union address address;

	while (media_next_packet(sockets->media, &packet)) {
		struct pair *pair = pair_find(sockets, packet.leg);
		socklen_t size;

		if (!pair)
			continue;
		size = address_write(&address, &packet.to);
		/* What cannot be sent is lost, as on any network. */
		(void)sendto(pair->ends[packet.rtcp].fd, packet.data,
			     packet.len, MSG_DONTWAIT, &address.any, size);
	}
}
