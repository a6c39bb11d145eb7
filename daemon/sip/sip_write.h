/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_write.h - a SIP message written from top to bottom
 *
 *     struct sip_writer w;
 *
 *     sip_write_begin(&w, buf, sizeof(buf));
 *     sip_write_answer(&w, request, 180, NULL, to_tag, from);
 *     sip_write_header(&w, "Server", span_of("twind"));
 *     len = sip_write_end(&w, NULL, (struct span){ 0 });
 *
 * The buffer is the caller's and bounded; the first thing that does not fit
 * spoils the writer, and sip_write_end() says so, once.  sip_write_end()
 * writes Content-Length and the body.
 *
 * Nothing that passes through here can add a line to the message: a CR, LF
 * or NUL in a value becomes a blank, all else goes to the letter.  (A folded
 * value is unfolded by that: RFC 3261, 7.3.1.)  Controls in a display name
 * are left out.
 */
#pragma once

#include <sys/types.h>

#include "sip.h"
#include "sip_msg.h"

struct sip_writer {
	char *buf;
	size_t size;
	size_t n;
	bool spoiled;
};

void sip_write_begin(struct sip_writer *w, char *buf, size_t size);

/* Length of the message, or -EMSGSIZE.  Empty @content_type or body: none. */
ssize_t sip_write_end(struct sip_writer *w, const char *content_type,
		      struct span body);

/* ---- start lines ---- */

void sip_write_request(struct sip_writer *w, const char *method,
		       struct span uri);
/* @reason NULL: the usual phrase. */
void sip_write_status(struct sip_writer *w, unsigned int status,
		      const char *reason);

/*
 * The head of an answer (RFC 3261, 8.2.6.2): status line, all Vias, From,
 * To, Call-ID, CSeq.  The top Via gets received and rport from @from where
 * RFC 3261, 18.2.1 and RFC 3581, 4 say so; @from NULL leaves it as it is.
 * @to_tag is added if To has no tag; NULL for 100.
 */
void sip_write_answer(struct sip_writer *w, const struct sip_msg *request,
		      unsigned int status, const char *reason,
		      const char *to_tag, const struct sip_addr *from);

/* ---- header lines ---- */

void sip_write_header(struct sip_writer *w, const char *name,
		      struct span value);
void sip_write_header_number(struct sip_writer *w, const char *name,
			     uint32_t number);
void sip_write_cseq(struct sip_writer *w, uint32_t number, const char *method);

/* All headers of @id as they came, in order (Record-Route, Via, ...). */
void sip_write_copy(struct sip_writer *w, const struct sip_msg *msg,
		    enum sip_header_id id);

/* "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=@branch;rport" */
void sip_write_via(struct sip_writer *w, const struct sip_addr *local,
		   const char *branch);

/*
 * "From: "Display" <sip:user@host:port>;tag=..." with everything escaped that
 * needs it.  @display, @tag NULL or empty: none.  @port 0: none.  @user NULL
 * or empty: none.
 */
void sip_write_name(struct sip_writer *w, const char *header,
		    const char *display, const char *user, const char *host,
		    uint16_t port, const char *tag);

/* "Contact: <sip:user@192.0.2.1:5060;transport=tcp>" */
void sip_write_contact(struct sip_writer *w, const char *user,
		       const struct sip_addr *local);

/* ---- pieces, for headers not foreseen here ---- */

void sip_write_raw(struct sip_writer *w,
		   struct span text); /* CR, LF, NUL out */
void sip_write_text(struct sip_writer *w, const char *text); /* the same */
void sip_write_number(struct sip_writer *w, uint32_t number);
void sip_write_quoted(struct sip_writer *w, struct span text); /* "..." */
/* The user part of a URI: reserved characters become %XX (RFC 3261, 25.1). */
void sip_write_user(struct sip_writer *w, struct span user);
/* "192.0.2.1", or "[2001:db8::1]"; ":5060" unless @port is false. */
void sip_write_host(struct sip_writer *w, const struct sip_addr *addr,
		    bool port);
void sip_write_line_end(struct sip_writer *w);
