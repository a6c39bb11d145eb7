/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_dialog.h - what both ends of a call agree on (RFC 3261, 12)
 *
 *     sip_dialog_caller()    we have sent an INVITE; the other end has no
 *           |                tag yet, and may turn out to be many
 *     sip_dialog_confirm()   a 2xx says which one it is
 *
 *     sip_dialog_called()    we have got an INVITE
 *
 * Our tag is a number that nobody can guess; its lowest digit is free to
 * tell apart the early dialogs of one call (one To tag a fork), so that all
 * of them find the same leg.
 */
#pragma once

#include "sip_hash.h"
#include "sip_msg.h"
#include "sip_out.h"

#define SIP_FORKS_MAX 15
#define SIP_TAG_OF(tag) ((tag) & ~(uint64_t)SIP_FORKS_MAX)
#define SIP_ROUTE_MAX 4096

struct sip_dialog {
	uint64_t tag;	  /* ours */
	char *call_id;	  /* the texts are children of the owner */
	char *local;	  /* our From, with the tag */
	char *remote;	  /* our To, with their tag once it is known */
	char *remote_tag; /* NULL: not known yet */
	char *target;	  /* the URI of their Contact */
	char *route;	  /* the route set as in Route; NULL: none */
	uint32_t cseq;	  /* of our last request */
	uint32_t remote_cseq;
	bool has_remote_cseq;
	struct sip_addr here; /* the local address that they reach */
	struct sip_addr peer; /* where they last came from, NAT or not */
};

/* @invite: the request as it was written; @here and @peer are set before. */
void sip_dialog_caller(struct sip_dialog *dialog, void *ctx,
		       struct span invite, uint64_t tag);
void sip_dialog_called(struct sip_dialog *dialog, void *ctx,
		       const struct sip_msg *invite, uint64_t tag);
/* A 2xx: their tag, Contact and route set. */
void sip_dialog_confirm(struct sip_dialog *dialog, void *ctx,
			const struct sip_msg *answer);
/* A fork of ours has become the dialog. */
void sip_dialog_fork(struct sip_dialog *dialog, unsigned int fork);

/* Is a message of theirs, that found us by our tag, of this dialog? */
bool sip_dialog_owns(const struct sip_dialog *dialog,
		     const struct sip_msg *msg);
/* False: out of order (12.2.2). */
bool sip_dialog_in_order(struct sip_dialog *dialog,
			 const struct sip_msg *request);
/* INVITE and UPDATE, and their 2xx, bring the target up to date (12.2). */
void sip_dialog_retarget(struct sip_dialog *dialog, void *ctx,
			 const struct sip_msg *msg);

/* The head of our next request, down to CSeq.  An ACK has the CSeq of the
 * INVITE that it is for, and no number is used up. */
void sip_dialog_request(struct sip_dialog *dialog, struct sip_writer *w,
			const struct sip_addr *local, enum sip_method method,
			uint32_t cseq, const char *branch);

/* Where it goes: the first route, else the target (see sip_next_hop()). */
struct sip_addr sip_dialog_next_hop(const struct sip_dialog *dialog);

/*
 * Where a request for @uri goes, when its owner was last heard from @peer.  A
 * host that is not the address it came from is behind a NAT, or a name of its
 * own: then the way back is the way it came.  A live connection is used.
 */
struct sip_addr sip_next_hop(const struct sip_uri *uri,
			     const struct sip_addr *peer);
