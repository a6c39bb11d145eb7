/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edge_sip_doc.h - what a watcher reads: lamps as documents
 *
 *     dialog            RFC 4235  full once and after each refresh, else what
 *                                 has changed; versions count up
 *     presence          RFC 3863, 4479, 4480
 *     message-summary   RFC 3842
 *     as-feature-event  DoNotDisturbEvent, ForwardingEvent; several at once as
 *                       multipart/mixed
 *
 * A watcher has a memory of its own: the calls that it was told of, so that
 * one which is over is told so by name (a lamp of many phones goes dark by
 * "terminated", not by silence), and the features that its phone shows.
 *
 * A dialog never goes back from confirmed to early (phones drop what does): a
 * user who has left a call, and is rung by it again, is in a dialog of a new
 * id, by turns "12", "12-1" ...
 *
 * There is no word for do-not-disturb in RFC 4235, and phones light a steady
 * lamp for a call: while it is on there is a dialog "dnd", confirmed, with
 * nobody at its other end (T103).
 */
#pragma once

#include <sys/types.h>

#include "lamp.h"
#include "span.h"

#define EDGE_SIP_DOC_MAX 12288

struct edge_sip_memory {
	uint32_t version; /* of the next document */
	bool dnd;
	size_t n;
	struct lamp_call call[LAMP_CALLS_MAX];
	uint8_t turn[LAMP_CALLS_MAX];
	bool knows_features;
	struct lamp features; /* its features alone */
};

/* Length, or -EMSGSIZE.  @full: all, whatever it was told before. */
ssize_t edge_sip_doc_calls(struct edge_sip_memory *memory,
			   const struct lamp *lamp, const char *domain,
			   bool full, char buf[EDGE_SIP_DOC_MAX]);
ssize_t edge_sip_doc_presence(const struct lamp *lamp, const char *domain,
			      char buf[EDGE_SIP_DOC_MAX]);
ssize_t edge_sip_doc_messages(const struct lamp *lamp, const char *domain,
			      char buf[EDGE_SIP_DOC_MAX]);
/* What is new to the phone, and @confirm, whatever it was told before.
 * @ret_type: NULL for the package's own. */
ssize_t edge_sip_doc_features(struct edge_sip_memory *memory,
			      const struct lamp *lamp, bool full,
			      enum feature confirm, char buf[EDGE_SIP_DOC_MAX],
			      const char **ret_type);

/* "Messages-Waiting: yes", "Voice-Message: 2/8 (0/2)" (RFC 3842, 3.5).  False:
 * it says nothing of either. */
bool edge_sip_doc_read_messages(struct span body, unsigned int *ret_fresh,
				unsigned int *ret_old);
