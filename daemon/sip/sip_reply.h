/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_reply.h - answers, at once or later
 *
 *     at once:  sip_reply_begin() ... sip_reply_end()   nothing is kept
 *     later:    sip_reply_echo() keeps the lines that every answer repeats,
 *               sip_reply_later() begins an answer with them
 *
 * An answer that is given at once and without a transaction has a To tag that
 * follows from the request, so that a repeated request gets the same answer
 * (RFC 3261, 8.2.7), and an ACK to it can be told from a stray one.
 */
#pragma once

#include "sip_trans.h"

/* A message, and how it came here. */
struct sip_arrival {
	const struct sip_msg *msg;
	const struct sip_addr *local, *from;
	struct sip_addr back; /* where an answer goes (18.2.2, RFC 3581) */
};

struct sip_addr sip_reply_address(const struct sip_msg *request,
				  const struct sip_addr *from);

uint64_t sip_reply_tag(const struct sip_key *key, const struct sip_msg *msg);

void sip_reply_begin(struct sip_out *out, struct sip_writer *w,
		     const struct sip_key *key,
		     const struct sip_arrival *arrival, unsigned int status,
		     const char *reason);
void sip_reply_end(struct sip_out *out, struct sip_writer *w,
		   const struct sip_arrival *arrival);

/* @tag: our To tag, if the request has none. */
void sip_reply_echo(struct sip_out *out, struct sip_trans *trans,
		    const struct sip_arrival *arrival, const char *tag);
void sip_reply_later(struct sip_out *out, struct sip_writer *w,
		     const struct sip_trans *trans, unsigned int status);
