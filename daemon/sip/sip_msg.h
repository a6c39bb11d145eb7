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
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

#define SIP_HEADERS_MAX 128

/* ---- words ---- */

enum sip_method {
	SIP_M_OTHER, /* see the text */
	SIP_M_INVITE,
	SIP_M_ACK,
	SIP_M_BYE,
	SIP_M_CANCEL,
	SIP_M_REGISTER,
	SIP_M_OPTIONS,
	SIP_M_INFO,
	SIP_M_PRACK,
	SIP_M_UPDATE,
	SIP_M_SUBSCRIBE,
	SIP_M_NOTIFY,
	SIP_M_REFER,
	SIP_M_MESSAGE,
	SIP_M_PUBLISH,
	SIP_M_COUNT
};

/* Methods are case-sensitive (RFC 3261, 7.1). */
enum sip_method sip_method_of(struct span text);
const char *sip_method_name(enum sip_method method); /* not of OTHER */

enum sip_header_id {
	SIP_H_OTHER, /* see the name */
	SIP_H_VIA,
	SIP_H_FROM,
	SIP_H_TO,
	SIP_H_CALL_ID,
	SIP_H_CSEQ,
	SIP_H_MAX_FORWARDS,
	SIP_H_CONTACT,
	SIP_H_CONTENT_LENGTH,
	SIP_H_CONTENT_TYPE,
	SIP_H_CONTENT_ENCODING,
	SIP_H_CONTENT_DISPOSITION,
	SIP_H_ROUTE,
	SIP_H_RECORD_ROUTE,
	SIP_H_EXPIRES,
	SIP_H_MIN_EXPIRES,
	SIP_H_REQUIRE,
	SIP_H_PROXY_REQUIRE,
	SIP_H_SUPPORTED,
	SIP_H_UNSUPPORTED,
	SIP_H_ALLOW,
	SIP_H_ACCEPT,
	SIP_H_SESSION_EXPIRES,
	SIP_H_MIN_SE,
	SIP_H_RETRY_AFTER,
	SIP_H_REASON,
	SIP_H_AUTHORIZATION,
	SIP_H_PROXY_AUTHORIZATION,
	SIP_H_WWW_AUTHENTICATE,
	SIP_H_PROXY_AUTHENTICATE,
	SIP_H_USER_AGENT,
	SIP_H_SERVER,
	SIP_H_EVENT,
	SIP_H_ALLOW_EVENTS,
	SIP_H_SUBSCRIPTION_STATE,
	SIP_H_REFER_TO,
	SIP_H_REFERRED_BY,
	SIP_H_REPLACES,
	SIP_H_RSEQ,
	SIP_H_RACK,
	SIP_H_P_ASSERTED_IDENTITY,
	SIP_H_PRIVACY,
	SIP_H_WARNING,
	SIP_H_PATH,
	SIP_H_COUNT
};

const char *sip_header_name(enum sip_header_id id); /* the long form */

/* ---- parts of a message ---- */

enum sip_scheme {
	SIP_SCHEME_OTHER,
	SIP_SCHEME_SIP,
	SIP_SCHEME_SIPS,
	SIP_SCHEME_TEL /* the number is in user, host is empty */
};

struct sip_uri {
	struct span text; /* the whole, without angle brackets */
	enum sip_scheme scheme;
	struct span user;    /* still escaped; sip_unescape() */
	struct span host;    /* IPv6 without its brackets */
	uint16_t port;	     /* 0: not given */
	struct span params;  /* ";a=b;c", or empty */
	struct span headers; /* "?a=b", or empty */
};

/* A name-addr or addr-spec with its parameters: From, To, Contact, Route. */
struct sip_name {
	struct span text;    /* the whole value */
	struct span display; /* as written, quotes and all; sip_unquote() */
	struct sip_uri uri;
	struct span params; /* of the header, not of the URI */
	struct span tag;    /* empty: none */
};

struct sip_via {
	struct span text;      /* this one value of the header */
	struct span transport; /* "UDP" */
	struct span host;      /* sent-by; IPv6 without its brackets */
	uint16_t port;	       /* 0: not given */
	struct span branch;    /* empty: none, an element of RFC 2543 */
	struct span received;
	bool has_rport;	 /* asked for (RFC 3581), with a value or without */
	uint16_t rport;	 /* 0: no value yet */
	struct span params;
};

struct sip_contact {
	bool star; /* "*": nothing else is set */
	struct sip_name name;
	bool has_expires;
	uint32_t expires_s;
	unsigned int q_milli; /* 0 to 1000; 1000 if not given */
};

struct sip_header {
	enum sip_header_id id;
	uint16_t next; /* the next of this id, or SIP_HEADERS_MAX */
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
	uint16_t first[SIP_H_COUNT]; /* index into headers, or SIP_HEADERS_MAX */
	uint16_t last[SIP_H_COUNT];
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

static inline const struct sip_header *
sip_msg_first(const struct sip_msg *msg, enum sip_header_id id)
{
	return msg->first[id] < SIP_HEADERS_MAX ?
		       &msg->headers[msg->first[id]] :
		       NULL;
}

static inline const struct sip_header *
sip_msg_next(const struct sip_msg *msg, const struct sip_header *header)
{
	return header->next < SIP_HEADERS_MAX ? &msg->headers[header->next] :
						NULL;
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
bool sip_msg_contact(const struct sip_msg *msg, struct sip_contact *ret_contact);
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

/* ---- decoders for text from elsewhere ---- */

int sip_uri_parse(struct sip_uri *ret_uri, struct span text);
int sip_name_parse(struct sip_name *ret_name, struct span value);
int sip_via_parse(struct sip_via *ret_via, struct span value);
int sip_contact_parse(struct sip_contact *ret_contact, struct span value);

/* A parameter of ";a=b;c" by name, without regard to case.  @ret_value may
 * be NULL; it is empty where the parameter has no value.  Quotes stay on. */
bool sip_param(struct span params, const char *name, struct span *ret_value);

/* A decimal number and nothing else; at most @max. */
bool sip_number(struct span text, uint32_t max, uint32_t *ret_number);

/* "%61" becomes "a", and a quoted string its text.  Both give a span into
 * @buf, cut at @size; NUL and controls come out as '?'. */
struct span sip_unescape(struct span text, char *buf, size_t size);
struct span sip_unquote(struct span text, char *buf, size_t size);
