/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_out.h - packets on their way out
 *
 *     sip_out_begin()  a writer at the end of the queue's bytes
 *     ... sip_write_x() ...
 *     sip_out_end()    the message is whole, and waits to be fetched
 *     sip_out_next()   fetch the oldest
 *
 * Messages are written where they wait, so that an answer nobody needs to
 * remember costs no allocation.  The bytes are reused once all is fetched.
 */
#pragma once

#include "sip.h"
#include "sip_write.h"

struct sip_out_entry {
	struct sip_addr local, to;
	size_t at, len;
};

struct sip_out {
	struct sip_out_entry *entries;
	size_t head, n, size;
	char *bytes;
	size_t used, room;
	size_t message_bytes; /* the longest that is written */
	uint64_t sent, again;
};

void sip_out_init(struct sip_out *out, void *ctx, size_t message_bytes);

/* Between these two, no other message can be written.  _end() gives the
 * packet until the next _begin(); false if it was too long, and dropped. */
void sip_out_begin(struct sip_out *out, struct sip_writer *w);
bool sip_out_end(struct sip_out *out, struct sip_writer *w,
		 const char *content_type, struct span body,
		 const struct sip_addr *local, const struct sip_addr *to,
		 struct sip_packet *ret_packet);

/* Header lines as a writer wrote them before, ends of lines included. */
void sip_out_lines(struct sip_writer *w, struct span lines);

/* The same bytes once more: a retransmission. */
void sip_out_again(struct sip_out *out, const struct sip_addr *local,
		   const struct sip_addr *to, struct span bytes);

bool sip_out_next(struct sip_out *out, struct sip_packet *ret_packet);
