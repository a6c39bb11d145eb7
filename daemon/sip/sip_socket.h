/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_socket.h - the only sockets of SIP: UDP and TCP under libevent
 *
 *     kernel --> sip_rx(), sip_unreachable()     while libevent dispatches
 *     sip_next_packet() --> kernel               sip_socket_flush()
 *
 * The sockets put bytes into the element and never ask what came of them:
 * the loop does, after each turn of libevent, and then flushes.
 *
 * Datagrams are read and written in batches.  A listener on 0.0.0.0 or ::
 * tells the element the address that was really asked, and answers from it.
 *
 * A TCP connection has an id (struct sip_addr, conn), never given twice.  A
 * packet for an id goes down that connection or is unreachable; a packet for
 * id 0 takes a connection that is open to the address, or opens one.
 *
 * Limits: connections in all and of one address, the bytes that wait for a
 * slow reader, the time for the first and for each whole message, the time
 * that nothing is heard.  Out of file descriptors, a connection is accepted
 * on a spare one and closed, so that the listener does not spin.
 *
 * RFC 3261, 18; 3581; 5626, 3.5.1 and 4.4.1 (CRLF keep-alive on TCP).
 */
#pragma once

#include "sip.h"

struct event_base;
struct sip_socket;

struct sip_socket_config {
	struct event_base *base;   /* the loop's */
	struct sip *sip;	   /* outlives the sockets */
	int64_t (*now_ms)(void);   /* the loop's monotonic clock */
	size_t message_bytes;	   /* 0: 16384, as sip_limits */
	size_t connections;	   /* 0: 2000 */
	size_t connections_source; /* 0: 200, a site behind NAT is one source */
	size_t out_bytes;	   /* 0: 262144, waiting for one slow reader */
	unsigned int message_s;	   /* 0: 32, from its first byte to its last */
	unsigned int idle_s;	   /* 0: 7200, no byte heard */
};

struct sip_socket *sip_socket_new(void *ctx,
				  const struct sip_socket_config *config);
void sip_socket_free(struct sip_socket *sockets);

/*
 * Open a listener and tell the element the addresses that it makes: one, or
 * for a wildcard those of all interfaces, loopback last.  Port 0 lets the
 * kernel choose.  Returns -errno; @ret_why then says it in a sentence that
 * names the address.
 */
#define SIP_SOCKET_WHY 192
int sip_socket_listen(struct sip_socket *sockets, const struct sip_addr *addr,
		      char ret_why[SIP_SOCKET_WHY]);

/* The n-th listener as it is open, false behind the last. */
bool sip_socket_listener(const struct sip_socket *sockets, size_t n,
			 struct sip_addr *ret_addr);

/* Send all that the element has to send. */
void sip_socket_flush(struct sip_socket *sockets);

struct sip_socket_counts {
	uint64_t udp_rx, udp_tx; /* datagrams */
	uint64_t tx_failed;	 /* could not be sent; the element knows */
	uint64_t tx_dropped;	 /* no room in the kernel: as lost on the way */
	uint64_t keepalives;	 /* no message, only CRLF */
	uint64_t tcp_in, tcp_out; /* connections accepted, made */
	uint64_t tcp_refused;	  /* over a limit, or out of descriptors */
	uint64_t tcp_broken;	  /* not SIP, too long, too slow */
	size_t connections;	  /* now */
};

void sip_socket_counts(const struct sip_socket *sockets,
		       struct sip_socket_counts *ret_counts);
