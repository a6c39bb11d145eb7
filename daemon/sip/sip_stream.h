/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_stream.h - SIP over TCP: listeners and connections
 *
 * Part of sip_socket.c.
 *
 *       accept, connect       whole messages         closed, broken, idle,
 *     -----------------> OPEN --------------> sip_rx()   too slow: GONE,
 *                                                        sip_unreachable()
 */
#pragma once

#include "sip_socket.h"

struct sip_stream;

/* @config and @counts are borrowed from the sip_socket, which outlives it. */
struct sip_stream *sip_stream_new(void *ctx,
				  const struct sip_socket_config *config,
				  struct sip_socket_counts *counts);

int sip_stream_listen(struct sip_stream *stream, const struct sip_addr *addr,
		      struct sip_addr *ret_addr);

/* The bytes are copied. */
void sip_stream_send(struct sip_stream *stream,
		     const struct sip_packet *packet);
