/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_registrar.h - who can be reached where (RFC 3261, 10)
 *
 *     REGISTER --> sip_registrar_take() --+--> ANSWER   status, and done
 *     (authenticated)                     +--> STORE    store, then
 *                                         |             sip_registrar_stored()
 *                                         +--> REMOVED  answer, and tell
 *
 * One live contact a user; the newest wins.  The same contact from the same
 * source again is a refresh: true at once, kept in memory alone.  A contact
 * that is new or has moved is true when it has been stored; until then the
 * old one stays.  Removal (Expires 0, or "*") is true at once.
 *
 * A phone behind NAT writes a Contact that nobody can reach: the source of
 * its REGISTER is kept as the next hop, and over TCP the connection with it.
 * A phone that sends from one port and listens at another (no rport in its
 * Via, RFC 3581, and a Contact with the address that it sends from) is
 * reached where its Contact says.
 *
 * Order (10.3, step 7): a REGISTER of the same Call-ID whose CSeq is not
 * higher is refused with 400; one that is repeated to the letter never comes
 * here, the transaction answers it.
 *
 * Limits: bindings, contacts of one request (SIP_REGISTER_CONTACTS_MAX), the
 * length of a contact (SIP_CONTACT_MAX).
 */
#pragma once

#include "sip.h"
#include "sip_msg.h"
#include "sip_write.h"

#define SIP_REGISTER_CONTACTS_MAX 16
#define SIP_CONTACT_MAX 512

struct sip_registrar;

struct sip_registrar_config {
	uint32_t expires_min_s, expires_max_s, expires_default_s;
	size_t bindings;
};

/* Where a user is.  Valid until the next call that is not _find(). */
struct sip_binding {
	const char *user;
	const char *contact;	  /* the URI as the phone wrote it */
	const char *user_agent;	  /* "": not told */
	struct sip_addr next_hop; /* where its requests are to be sent */
	int64_t expires_ms;
};

enum sip_register_action {
	SIP_REGISTER_ANSWER,  /* send the status */
	SIP_REGISTER_STORE,   /* have it stored; the status comes later */
	SIP_REGISTER_REMOVED, /* send the status; the binding is gone */
};

struct sip_register_verdict {
	enum sip_register_action action;
	unsigned int status; /* 200, 400, 423, 503 */
	const char *reason;  /* NULL: the usual phrase */
	/* STORE; spans into the message */
	uint64_t reg;
	struct span contact;
	struct sip_addr next_hop; /* what is stored as its source */
	struct span user_agent;
	uint32_t expires_s;
};

struct sip_registrar *
sip_registrar_new(void *ctx, const struct sip_registrar_config *config);

/* @user: authenticated, of To, unescaped.  @source: where @msg came from. */
void sip_registrar_take(struct sip_registrar *registrar, int64_t now_ms,
			const struct sip_msg *msg, struct span user,
			const struct sip_addr *source,
			struct sip_register_verdict *ret_verdict);

/* A STORE has come true, or failed (@ok false).  The status to answer with:
 * 200 or 500; 0 for a @reg that is not waited for.  A binding that was removed
 * or replaced by a later request meanwhile is not believed any more, and
 * answered all the same. */
unsigned int sip_registrar_stored(struct sip_registrar *registrar,
				  int64_t now_ms, uint64_t reg, bool ok);

/*
 * The headers of an answer with @status: of a 200 the Contact with what is
 * left of its time, of a 423 Min-Expires.
 */
void sip_registrar_write(const struct sip_registrar *registrar, int64_t now_ms,
			 struct span user, unsigned int status,
			 struct sip_writer *w);

/* NULL: not registered, or no longer. */
const struct sip_binding *
sip_registrar_find(const struct sip_registrar *registrar, int64_t now_ms,
		   struct span user);

/* From the store, after a restart.  0, -EINVAL, -ENOSPC. */
int sip_registrar_restore(struct sip_registrar *registrar, int64_t now_ms,
			  const char *user, const char *contact,
			  const struct sip_addr *source, uint32_t expires_s);

/* False: there was none.  What waits to be stored will not be believed. */
bool sip_registrar_remove(struct sip_registrar *registrar, struct span user);

/* All bindings over the broken connection of @addr lose it: a new one is
 * opened, or the phone comes back. */
void sip_registrar_disconnected(struct sip_registrar *registrar,
				const struct sip_addr *addr);

/* Takes away one binding whose time is over and gives its user, until there
 * is none (NULL).  The name lives until the next call. */
const char *sip_registrar_expire(struct sip_registrar *registrar,
				 int64_t now_ms);
int64_t sip_registrar_next_ms(const struct sip_registrar *registrar);
size_t sip_registrar_count(const struct sip_registrar *registrar);
