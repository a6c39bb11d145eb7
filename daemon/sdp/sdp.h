/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sdp.h - session descriptions: read, changed line by line, written
 *
 *     text --> sdp_parse() --> struct sdp --> sdp_change() --> text
 *                                  |
 *                                  +--------> sdp_reject() --> text
 *     struct sdp_session --------------------> sdp_build()  --> text
 *
 * Reading takes spans into the text and allocates nothing.  Changing keeps
 * every line that it was not asked to change, known or not, to the letter
 * and in its place.  Line ends may be CRLF or LF (RFC 8866, 5); written is
 * CRLF.
 *
 * Refused (-EBADMSG): text that does not begin with v=0, lacks o=, s= or a
 * connection for a medium in use, has a line that is not "x=...", or holds a
 * NUL or a bare CR; more than SDP_MEDIA_MAX media (-E2BIG).
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "span.h"

#define SDP_MEDIA_MAX 16
#define SDP_FORMATS_MAX 32

enum sdp_direction { SDP_SENDRECV, SDP_SENDONLY, SDP_RECVONLY, SDP_INACTIVE };

struct sdp_connection {
	uint8_t family;	     /* AF_INET, AF_INET6; 0: none given */
	struct span address; /* as written: an address or a name */
};

struct sdp_media {
	struct span text;		  /* from its m= to the next */
	struct span type;		  /* "audio" */
	uint16_t port;			  /* 0: refused, or switched off */
	struct span proto;		  /* "RTP/AVP" */
	struct span formats;		  /* "9 8 0 101" */
	struct sdp_connection connection; /* its own, or the session's */
	bool own_connection;
	enum sdp_direction direction; /* its own, or the session's */
	bool zero;	       /* connection 0.0.0.0: hold as of RFC 2543 */
	unsigned int ptime_ms; /* 0: not given */
	uint16_t rtcp_port;    /* a=rtcp (RFC 3605); 0: not given */
	bool rtcp_mux;
};

struct sdp {
	struct span text;
	struct span head; /* the lines before the first m= */
	struct span origin_user, origin_id, origin_version; /* of o= */
	struct span name;				    /* s= */
	unsigned int n_media;
	struct sdp_media media[SDP_MEDIA_MAX];
};

/* After a failure @ret_sdp holds what had been read, and is not to be used. */
int sdp_parse(struct sdp *ret_sdp, struct span text);

/* The first medium of @type with a port, or NULL. */
const struct sdp_media *sdp_find(const struct sdp *sdp, const char *type);

/* ---- formats (payload types) of a medium ---- */

struct sdp_format {
	unsigned int payload;  /* 0 to 127 */
	struct span encoding;  /* "PCMA"; known ones need no rtpmap */
	unsigned int clock_hz; /* 0: not known */
	unsigned int channels;
	struct span fmtp; /* empty: none */
};

/* In order of preference; what is no payload type is skipped.  Returns how
 * many, at most @max. */
unsigned int sdp_formats(const struct sdp_media *media,
			 struct sdp_format *ret_formats, unsigned int max);

/* The value of an attribute: "a=NAME:value".  False: it has none of it; empty
 * for "a=NAME". */
bool sdp_attribute(struct span text, const char *name, struct span *ret_value);

/* ---- changing ---- */

struct sdp_edit {
	int media; /* index; -1: all of them */
	bool set_port, set_connection, set_direction;
	uint16_t port;
	uint8_t family; /* AF_INET or AF_INET6 */
	const char *address;
	enum sdp_direction direction;
};

/* Length of the text, or -EMSGSIZE.  @buf is not terminated. */
ssize_t sdp_change(const struct sdp *sdp, const struct sdp_edit *edits,
		   unsigned int n_edits, char *buf, size_t size);

/* ---- writing ---- */

struct sdp_origin {
	uint64_t id;
	uint64_t version; /* one higher for each change (RFC 3264, 8) */
	uint8_t family;	  /* AF_INET or AF_INET6 */
	const char *address;
};

struct sdp_session {
	struct sdp_origin origin; /* its address is the connection, too */
	const char *name;	  /* NULL: "-" */
	uint16_t port;		  /* of the one audio medium, RTP/AVP */
	enum sdp_direction direction;
	unsigned int ptime_ms; /* 0: not written */
	unsigned int n_formats;
	const struct sdp_format *formats;
};

ssize_t sdp_build(const struct sdp_session *session, char *buf, size_t size);

/* The answer to an offer that also has media which we do not take: @session
 * stands at the index @accepted, all others get port 0 (RFC 3264, 6). */
ssize_t sdp_build_answer(const struct sdp *offer, unsigned int accepted,
			 const struct sdp_session *session, char *buf,
			 size_t size);

/* An answer that takes nothing: each medium of @offer with port 0. */
ssize_t sdp_reject(const struct sdp *offer, const struct sdp_origin *origin,
		   char *buf, size_t size);

/* What the other side's direction means for ours (RFC 3264, 6.1). */
enum sdp_direction sdp_mirror(enum sdp_direction direction);
const char *sdp_direction_name(enum sdp_direction direction);
