/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sip_udp.h"

#include <errno.h>
#include <event2/event.h>
#include <linux/errqueue.h>
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/utils.h>
#include <stdlib.h>
#include <talloc.h>
#include <unistd.h>

#include "sip_sockaddr.h"

#define BATCH 32
#define BATCHES_A_TURN 4		  /* then the others have theirs */
#define OUT_BYTES (2 * SIP_UDP_BYTES_MAX) /* of one batch */
#define SOCKET_BYTES (4 << 20) /* a burst of some thousand messages */
#define DSCP_CS3 (24 << 2)     /* signalling (RFC 4594, 4.2) */

/* Room for IP_PKTINFO or IPV6_PKTINFO, aligned as the kernel wants it. */
union pktinfo_room {
	struct cmsghdr align;
	char v4[CMSG_SPACE(sizeof(struct in_pktinfo))];
	char v6[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

struct slot {
	struct iovec iov;
	union sip_sockaddr sa;
	union pktinfo_room pktinfo;
};

struct sip_udp {
	const struct sip_socket_config *config;
	struct sip_socket_counts *counts;
	struct sip_addr addr;
	bool wildcard;
	evutil_socket_t fd;
	struct event *readable;

	struct mmsghdr rx[BATCH];
	struct slot rx_slot[BATCH];

	struct mmsghdr tx[BATCH];
	struct slot tx_slot[BATCH];
	struct sip_addr tx_to[BATCH];
	uint8_t *tx_bytes; /* OUT_BYTES */
	size_t tx_used;
	size_t n_tx;
};

/* ---- in ---- */

/* Phones keep their NAT open with a few such bytes; no message is behind. */
static bool is_keepalive(const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (data[i] != '\r' && data[i] != '\n' && data[i] != 0)
			return false;
	return len <= 4;
}

/* Which of our addresses was asked. */
static void local_of(const struct sip_udp *udp, struct msghdr *msg,
		     struct sip_addr *ret_local)
{
	struct cmsghdr *c;

	*ret_local = udp->addr;
	if (!udp->wildcard)
		return;
	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			memcpy(ret_local->ip, &info.ipi_spec_dst, 4);
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
			   c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			memcpy(ret_local->ip, &info.ipi6_addr, 16);
			if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
				ret_local->scope = info.ipi6_ifindex;
		}
	}
}

static void take(struct sip_udp *udp, struct mmsghdr *m, int64_t now_ms)
{
	struct slot *slot = container_of(m->msg_hdr.msg_iov, struct slot, iov);
	const uint8_t *data = slot->iov.iov_base;
	struct sip_addr local, from;

	udp->counts->udp_rx++;
	if (is_keepalive(data, m->msg_len)) {
		udp->counts->keepalives++;
		return;
	}
	if (sip_sockaddr_to(&from, SIP_UDP, &slot->sa) < 0 || from.port == 0)
		return;
	local_of(udp, &m->msg_hdr, &local);
	sip_rx(udp->config->sip, now_ms, &local, &from, data, m->msg_len);
}

static void rx_ready(struct sip_udp *udp)
{
	size_t i;

	for (i = 0; i < BATCH; i++) {
		struct msghdr *h = &udp->rx[i].msg_hdr;

		h->msg_namelen = sizeof(udp->rx_slot[i].sa);
		h->msg_controllen =
			udp->wildcard ? sizeof(udp->rx_slot[i].pktinfo) : 0;
	}
}

/* Who could not be reached, says the network. */
static void read_errors(struct sip_udp *udp)
{
	union sip_sockaddr sa;
	char control[512];
	struct msghdr msg = { .msg_name = &sa, .msg_control = control };
	struct sip_addr to;
	struct cmsghdr *c;
	int n;

	for (n = 0; n < BATCH; n++) {
		msg.msg_namelen = sizeof(sa);
		msg.msg_controllen = sizeof(control);
		if (recvmsg(udp->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
			struct sock_extended_err err;

			if (!(c->cmsg_level == IPPROTO_IP &&
			      c->cmsg_type == IP_RECVERR) &&
			    !(c->cmsg_level == IPPROTO_IPV6 &&
			      c->cmsg_type == IPV6_RECVERR))
				continue;
			memcpy(&err, CMSG_DATA(c), sizeof(err));
			/* A datagram too long for the path will be cut by
			 * the kernel next time: nobody is unreachable. */
			if (err.ee_errno == EMSGSIZE ||
			    sip_sockaddr_to(&to, SIP_UDP, &sa) < 0)
				continue;
			udp->counts->tx_failed++;
			sip_unreachable(udp->config->sip, udp->config->now_ms(),
					&to);
		}
	}
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	struct sip_udp *udp = data;
	int batch, i, n;

	for (batch = 0; batch < BATCHES_A_TURN; batch++) {
		int64_t now_ms = udp->config->now_ms();

		rx_ready(udp);
		n = recvmmsg(fd, udp->rx, BATCH, MSG_DONTWAIT, NULL);
		if (n < 0) {
			/* Woken without a datagram: for an error, then. */
			if (errno != EINTR)
				read_errors(udp);
			return;
		}
		for (i = 0; i < n; i++)
			take(udp, &udp->rx[i], now_ms);
		if (n < BATCH)
			return;
	}
}

/* ---- out ---- */

/* The source address, where the socket has not just one. */
static void say_from(struct msghdr *h, union pktinfo_room *room,
		     const struct sip_addr *local)
{
	struct cmsghdr *c;

	memset(room, 0, sizeof(*room));
	h->msg_control = room;
	if (local->family == AF_INET) {
		struct in_pktinfo info = { 0 };

		h->msg_controllen = sizeof(room->v4);
		c = CMSG_FIRSTHDR(h);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(&info.ipi_spec_dst, local->ip, 4);
		memcpy(CMSG_DATA(c), &info, sizeof(info));
	} else {
		struct in6_pktinfo info = { .ipi6_ifindex = local->scope };

		h->msg_controllen = sizeof(room->v6);
		c = CMSG_FIRSTHDR(h);
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(&info.ipi6_addr, local->ip, 16);
		memcpy(CMSG_DATA(c), &info, sizeof(info));
	}
}

void sip_udp_queue(struct sip_udp *udp, const struct sip_packet *packet)
{
	struct msghdr *h;
	struct slot *slot;

	OSMO_ASSERT(packet->len <= SIP_UDP_BYTES_MAX);
	slot = &udp->tx_slot[udp->n_tx];
	h = &udp->tx[udp->n_tx].msg_hdr;
	memcpy(udp->tx_bytes + udp->tx_used, packet->data, packet->len);
	slot->iov.iov_base = udp->tx_bytes + udp->tx_used;
	slot->iov.iov_len = packet->len;
	h->msg_namelen = sip_sockaddr_of(&slot->sa, &packet->to);
	h->msg_control = NULL;
	h->msg_controllen = 0;
	if (udp->wildcard && !sip_addr_is_wildcard(&packet->local))
		say_from(h, &slot->pktinfo, &packet->local);
	udp->tx_to[udp->n_tx] = packet->to;
	udp->tx_used += packet->len;
	udp->n_tx++;
	/* Now, not before the next: to flush is to call the element, and then
	 * that packet's bytes were gone. */
	if (udp->n_tx == BATCH || OUT_BYTES - udp->tx_used < SIP_UDP_BYTES_MAX)
		sip_udp_flush(udp);
}

void sip_udp_flush(struct sip_udp *udp)
{
	bool again = false;
	size_t done = 0;

	while (done < udp->n_tx) {
		int n = sendmmsg(udp->fd, udp->tx + done, udp->n_tx - done,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0) {
			udp->counts->udp_tx += n;
			done += n;
			again = false;
		} else if (errno == EINTR) {
			continue;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			/* As if lost on the way: SIP repeats what matters. */
			udp->counts->tx_dropped += udp->n_tx - done;
			break;
		} else if (!again) {
			/* The kernel reports an earlier datagram's ICMP error
			 * here, once; the second time it means this one. */
			read_errors(udp);
			again = true;
		} else {
			udp->counts->tx_failed++;
			sip_unreachable(udp->config->sip, udp->config->now_ms(),
					&udp->tx_to[done]);
			done++;
			again = false;
		}
	}
	udp->n_tx = 0;
	udp->tx_used = 0;
}

/* ---- life ---- */

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* None of these is worth a refusal to start: they fail where the kernel is
 * old or we are not root, and the sockets work without. */
static void tune(const struct sip_udp *udp)
{
	if (set(udp->fd, SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BYTES) < 0)
		set(udp->fd, SOL_SOCKET, SO_RCVBUF, SOCKET_BYTES);
	if (set(udp->fd, SOL_SOCKET, SO_SNDBUFFORCE, SOCKET_BYTES) < 0)
		set(udp->fd, SOL_SOCKET, SO_SNDBUF, SOCKET_BYTES);
	if (udp->addr.family == AF_INET) {
		set(udp->fd, IPPROTO_IP, IP_RECVERR, 1);
		set(udp->fd, IPPROTO_IP, IP_TOS, DSCP_CS3);
	} else {
		set(udp->fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
		set(udp->fd, IPPROTO_IPV6, IPV6_TCLASS, DSCP_CS3);
	}
}

static int open_socket(struct sip_udp *udp)
{
	union sip_sockaddr sa;
	socklen_t len = sip_sockaddr_of(&sa, &udp->addr);

	udp->fd = socket(udp->addr.family,
			 SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (udp->fd < 0)
		return -errno;
	tune(udp);
	if (udp->addr.family == AF_INET6 &&
	    set(udp->fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) < 0)
		return -errno;
	if (udp->wildcard &&
	    (udp->addr.family == AF_INET
		     ? set(udp->fd, IPPROTO_IP, IP_PKTINFO, 1)
		     : set(udp->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)) < 0)
		return -errno;
	if (bind(udp->fd, &sa.any, len) < 0)
		return -errno;
	len = sizeof(sa);
	if (getsockname(udp->fd, &sa.any, &len) < 0)
		return -errno;
	return sip_sockaddr_to(&udp->addr, SIP_UDP, &sa);
}

static int close_udp(struct sip_udp *udp)
{
	if (udp->readable)
		event_free(udp->readable);
	if (udp->fd >= 0)
		close(udp->fd);
	return 0;
}

static void point_slots(struct sip_udp *udp)
{
	/* One byte more than a message may have: what is cut off is too long,
	 * and the element says so. */
	size_t room = udp->config->message_bytes + 1, i;
	uint8_t *bytes = talloc_size(udp, room * BATCH);

	udp->tx_bytes = talloc_size(udp, OUT_BYTES);
	OSMO_ASSERT(bytes && udp->tx_bytes);
	for (i = 0; i < BATCH; i++) {
		struct slot *rx = &udp->rx_slot[i], *tx = &udp->tx_slot[i];

		rx->iov = (struct iovec){ bytes + i * room, room };
		udp->rx[i].msg_hdr = (struct msghdr){
			.msg_name = &rx->sa,
			.msg_iov = &rx->iov,
			.msg_iovlen = 1,
			.msg_control = &rx->pktinfo,
		};
		udp->tx[i].msg_hdr = (struct msghdr){
			.msg_name = &tx->sa,
			.msg_iov = &tx->iov,
			.msg_iovlen = 1,
		};
	}
}

struct sip_udp *sip_udp_open(void *ctx, const struct sip_socket_config *config,
			     struct sip_socket_counts *counts,
			     const struct sip_addr *addr, int *ret_rc)
{
	struct sip_udp *udp = talloc_zero(ctx, struct sip_udp);
	int rc;

	OSMO_ASSERT(udp);
	udp->config = config;
	udp->counts = counts;
	udp->addr = *addr;
	udp->wildcard = sip_addr_is_wildcard(addr);
	udp->fd = -1;
	talloc_set_destructor(udp, close_udp);
	rc = open_socket(udp);
	if (rc < 0) {
		talloc_free(udp);
		*ret_rc = rc;
		return NULL;
	}
	point_slots(udp);
	udp->readable = event_new(config->base, udp->fd, EV_READ | EV_PERSIST,
				  on_readable, udp);
	OSMO_ASSERT(udp->readable && event_add(udp->readable, NULL) == 0);
	return udp;
}

const struct sip_addr *sip_udp_addr(const struct sip_udp *udp)
{
	return &udp->addr;
}
