/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_msg.h - one SIP message, read and checked, still lying in its bytes
 *
 *     bytes --> sip_msg_parse() --> struct sip_msg: spans into the bytes
 *                     |
 *                     +--> struct sip_fault: what is wrong, in words
 *
 * A message owns nothing: it lives as long as the bytes it was read from.
 * It is large (about 6 KB) and meant to be reused; nothing is allocated.
 * What every message needs is decoded at once: start line, top Via, From,
 * To, Call-ID, CSeq, Max-Forwards, the body.  The rest is decoded by whoever
 * asks for it.
 *
 * Values are as the sender wrote them, folded lines and escapes included
 * (RFC 3261, 7.3.1).  Header names are told by their whole text, long or
 * compact, without regard to case.
 *
 * Refused (RFC 3261, 16.3, 20 and 25; limits are ours):
 *   - version other than SIP/2.0 (505), status outside 100 to 699;
 *   - bare CR, bare LF or NUL before the body;
 *   - no Via; not exactly one From, To, Call-ID, CSeq; more than one of the
 *     headers that may come once (Max-Forwards, Content-Length, ...);
 *   - CSeq of 2^31 and above, or of another method than the request;
 *   - Max-Forwards above 255;
 *   - Content-Length that is no number, or beyond the end of the message;
 *   - a request URI that cannot be read (400) or whose scheme is neither
 *     sip, sips nor tel (416);
 *   - more than SIP_HEADERS_MAX headers.
 *
 * A reader of our own, since it is in the path of every message: libre's took
 * 8.3 to 9.0 us for an INVITE of 789 bytes, this one takes 1.2.  libre stays
 * as its cross-check, in tests/fuzz/fuzz_sip_peer.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sip_uri.h"
#include "sip_word.h"
#include "span.h"

#define SIP_HEADERS_MAX 128
#define SIP_HEADER_NONE 255

/* ---- the message ---- */

struct sip_header {
	enum sip_header_id id;
	uint8_t next; /* index of the next of this id; none: SIP_HEADER_NONE */
	struct span name;
	struct span value; /* without the blanks around it */
};

struct sip_msg {
	struct span bytes; /* all of it, to the end of the body */
	bool is_request;

	enum sip_method method; /* of a response: its CSeq's */
	struct span method_text;
	struct sip_uri uri; /* requests */

	unsigned int status; /* responses */
	struct span reason;

	struct sip_via via; /* the topmost */
	struct sip_name from, to;
	struct span call_id;
	uint32_t cseq;
	int max_forwards; /* -1: not given */
	struct span body; /* empty: none */

	unsigned int n_headers;
	uint8_t first[SIP_H_COUNT]; /* index, or SIP_HEADER_NONE */
	uint8_t last[SIP_H_COUNT];
	struct sip_header headers[SIP_HEADERS_MAX];
};

/* What is wrong with a message, fit for a status line. */
struct sip_fault {
	unsigned int status; /* 400, 416, 505, 513 */
	const char *reason;  /* "Missing CSeq"; a constant */
	bool answerable;     /* a request other than ACK, and the message has
			      * the Via, From, To, Call-ID and CSeq to answer */
};

/*
 * One whole message.  On -EBADMSG @ret_fault names the fault; if it is
 * answerable, @ret_msg has what sip_write_answer() copies.  Bytes behind the
 * body that Content-Length tells of are left out (RFC 3261, 18.3); without a
 * Content-Length the body reaches to the end.
 */
int sip_msg_parse(struct sip_msg *ret_msg, const uint8_t *data, size_t len,
		  struct sip_fault *ret_fault);

/* ---- headers ---- */

static inline const struct sip_header *sip_msg_first(const struct sip_msg *msg,
						     enum sip_header_id id)
{
	return msg->first[id] != SIP_HEADER_NONE ? &msg->headers[msg->first[id]]
						 : NULL;
}

static inline const struct sip_header *
sip_msg_next(const struct sip_msg *msg, const struct sip_header *header)
{
	return header->next != SIP_HEADER_NONE ? &msg->headers[header->next]
					       : NULL;
}

#define sip_msg_for_each(msg, id, header)                                      \
	for (header = sip_msg_first(msg, id); header;                          \
	     header = sip_msg_next(msg, header))

/* The value of the first header of @id; NULL pointer if there is none. */
struct span sip_msg_value(const struct sip_msg *msg, enum sip_header_id id);

/* Goes through the comma-separated values of all headers of one id, in order.
 * Commas in quotes and angle brackets do not separate. */
struct sip_values {
	const struct sip_msg *msg;
	const struct sip_header *header;
	struct span rest;
};

void sip_values_begin(struct sip_values *values, const struct sip_msg *msg,
		      enum sip_header_id id);
bool sip_values_next(struct sip_values *values, struct span *ret_value);

/* Is @token (an option tag, a method) in the lists of @id? Without regard
 * to case. */
bool sip_msg_lists(const struct sip_msg *msg, enum sip_header_id id,
		   const char *token);

/*
 * Decoders of single headers.  False: absent, or not understood (and then
 * the header is to be ignored, or answered with 400, as its RFC wills).
 */
bool sip_msg_contact(const struct sip_msg *msg,
		     struct sip_contact *ret_contact);
bool sip_msg_expires(const struct sip_msg *msg, uint32_t *ret_s);
bool sip_msg_retry_after(const struct sip_msg *msg, uint32_t *ret_s);
bool sip_msg_min_expires(const struct sip_msg *msg, uint32_t *ret_s);
bool sip_msg_min_se(const struct sip_msg *msg, uint32_t *ret_s);

enum sip_refresher { SIP_REFRESHER_NONE, SIP_REFRESHER_UAC, SIP_REFRESHER_UAS };

/* RFC 4028, 4 */
bool sip_msg_session_expires(const struct sip_msg *msg, uint32_t *ret_s,
			     enum sip_refresher *ret_refresher);

/* Reason (RFC 3326): the cause of @protocol ("SIP", "Q.850"), 0 if none. */
unsigned int sip_msg_reason(const struct sip_msg *msg, const char *protocol);

/* The media type without its parameters; empty: none. */
struct span sip_msg_content_type(const struct sip_msg *msg);
