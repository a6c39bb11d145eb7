/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_registrar.c - see sip_registrar.h
 *
 * Bindings lie in a hash table by user.  When the next one ends is a lower
 * bound: refreshes leave it as it is, and when it has passed, one walk over
 * all finds the true one.  As phones refresh at half their time, such walks
 * are rare, and there is no ordered list to keep.
 */
#include "sip_registrar.h"

#include <arpa/inet.h>
#include <errno.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/utils.h>
#include <talloc.h>

#define USER_AGENT_MAX 128
#define CALL_ID_MAX 256

/* The request that a binding comes from (RFC 3261, 10.3, step 7). */
struct origin {
	uint64_t reg;
	uint32_t cseq;
	char *call_id; /* NULL: from the store */
};

struct binding {
	struct sip_binding face;
	struct binding *next; /* in its bucket */
	struct origin origin;
};

/* A binding that is not true yet. */
struct pending {
	struct llist_head list; /* oldest first */
	struct origin origin;
	char *user;
	char *contact;
	char *user_agent;
	struct sip_addr next_hop;
	uint32_t expires_s;
	bool is_void; /* overtaken by a removal */
};

struct sip_registrar {
	struct sip_registrar_config config;
	struct binding **buckets;
	size_t n_buckets; /* a power of two */
	size_t n_bindings, n_pending;
	struct llist_head pending;
	uint64_t last_reg;
	int64_t earliest_ms; /* no binding ends before */
	/* sip_registrar_expire() on its way through the buckets */
	size_t walk_bucket;
	int64_t walk_earliest_ms;
	char *expired_user;
};

/* ---- the table ---- */

/* FNV-1a: users are our own, so nobody can choose them to collide. */
static struct binding **bucket_of(const struct sip_registrar *registrar,
				  struct span user)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < user.n; i++)
		hash = (hash ^ (uint8_t)user.p[i]) * 16777619u;
	return &registrar->buckets[hash & (registrar->n_buckets - 1)];
}

/* The link that points to @user's binding, or to NULL at the end. */
static struct binding **link_of(const struct sip_registrar *registrar,
				struct span user)
{
	struct binding **link = bucket_of(registrar, user);

	while (*link && !span_is(user, (*link)->face.user))
		link = &(*link)->next;
	return link;
}

static void unlink_and_free(struct sip_registrar *registrar,
			    struct binding **link)
{
	struct binding *binding = *link;

	*link = binding->next;
	registrar->n_bindings--;
	talloc_free(binding);
}

static char *copy(const void *ctx, struct span text)
{
	char *p = talloc_strndup(ctx, text.n ? text.p : "", text.n);

	OSMO_ASSERT(p);
	return p;
}

/* ---- time ---- */

static void ends_at(struct sip_registrar *registrar, struct binding *binding,
		    int64_t ms)
{
	binding->face.expires_ms = ms;
	registrar->earliest_ms = OSMO_MIN(registrar->earliest_ms, ms);
	/* A walk that is half done may be past its bucket. */
	if (registrar->walk_bucket > 0)
		registrar->walk_earliest_ms =
			OSMO_MIN(registrar->walk_earliest_ms, ms);
}

const char *sip_registrar_expire(struct sip_registrar *registrar,
				 int64_t now_ms)
{
	TALLOC_FREE(registrar->expired_user);
	if (now_ms < registrar->earliest_ms)
		return NULL;
	for (; registrar->walk_bucket < registrar->n_buckets;
	     registrar->walk_bucket++) {
		struct binding **link =
			&registrar->buckets[registrar->walk_bucket];

		for (; *link; link = &(*link)->next) {
			int64_t end_ms = (*link)->face.expires_ms;

			if (end_ms <= now_ms) {
				registrar->expired_user = copy(
					registrar, span_of((*link)->face.user));
				unlink_and_free(registrar, link);
				return registrar->expired_user;
			}
			registrar->walk_earliest_ms =
				OSMO_MIN(registrar->walk_earliest_ms, end_ms);
		}
	}
	registrar->earliest_ms = registrar->walk_earliest_ms;
	registrar->walk_earliest_ms = INT64_MAX;
	registrar->walk_bucket = 0;
	return NULL;
}

int64_t sip_registrar_next_ms(const struct sip_registrar *registrar)
{
	return registrar->n_bindings ? registrar->earliest_ms : INT64_MAX;
}

/* ---- addresses ---- */

/* Is the host of @uri the address of @addr, in numbers? */
static bool is_host_of(const struct sip_uri *uri, const struct sip_addr *addr)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t ip[16];

	if (uri->host.n >= sizeof(text))
		return false;
	memcpy(text, uri->host.p, uri->host.n);
	text[uri->host.n] = '\0';
	return inet_pton(addr->family, text, ip) == 1 &&
	       memcmp(ip, addr->ip, addr->family == AF_INET6 ? 16 : 4) == 0;
}

static uint16_t port_of(const struct sip_uri *uri, uint8_t transport)
{
	return uri->port ? uri->port : transport == SIP_TLS ? 5061 : 5060;
}

static struct sip_addr next_hop_of(const struct sip_msg *msg,
				   const struct sip_uri *contact,
				   const struct sip_addr *source)
{
	struct sip_addr hop = *source;

	if (hop.transport == SIP_UDP && !msg->via.has_rport &&
	    is_host_of(contact, source))
		hop.port = port_of(contact, hop.transport);
	return hop;
}

/* The connection is gone: what is left is where a new one can be opened. */
static void lose_connection(struct binding *binding)
{
	struct sip_binding *face = &binding->face;
	struct sip_uri uri;

	face->next_hop.conn = 0;
	if (face->next_hop.transport != SIP_UDP &&
	    sip_uri_parse(&uri, span_of(face->contact)) == 0 &&
	    is_host_of(&uri, &face->next_hop))
		face->next_hop.port = port_of(&uri, face->next_hop.transport);
}

void sip_registrar_disconnected(struct sip_registrar *registrar,
				const struct sip_addr *addr)
{
	for (size_t i = 0; i < registrar->n_buckets; i++) {
		struct binding *binding = registrar->buckets[i];

		for (; binding; binding = binding->next) {
			if (binding->face.next_hop.transport ==
				    addr->transport &&
			    binding->face.next_hop.conn == addr->conn)
				lose_connection(binding);
		}
	}
}

/* Over a stream each connection has a port of its own, which is no move. */
static bool is_same_hop(const struct sip_addr *a, const struct sip_addr *b)
{
	return a->transport == b->transport && a->family == b->family &&
	       a->scope == b->scope && memcmp(a->ip, b->ip, 16) == 0 &&
	       (a->transport != SIP_UDP || a->port == b->port);
}

/* RFC 3261, 19.1.4, without the parameters: "the same phone". */
static bool is_same_place(const struct sip_uri *a, const char *text)
{
	struct sip_uri b;

	return sip_uri_parse(&b, span_of(text)) == 0 && a->scheme == b.scheme &&
	       span_eq(a->user, b.user) && a->host.n == b.host.n &&
	       strncasecmp(a->host.p, b.host.p, b.host.n) == 0 &&
	       a->port == b.port;
}

/* ---- what a REGISTER asks for ---- */

struct wish {
	bool all_away; /* "*" */
	bool has_contact;
	struct sip_contact contact; /* to be bound: the one of highest q */
	uint32_t expires_s;
	unsigned int n_away;
	struct sip_uri away[SIP_REGISTER_CONTACTS_MAX];
};

static void refuse(struct sip_register_verdict *verdict, unsigned int status,
		   const char *reason)
{
	*verdict = (struct sip_register_verdict){
		.action = SIP_REGISTER_ANSWER,
		.status = status,
		.reason = reason,
	};
}

/* False: refused, and the verdict says why. */
static bool read_wish(const struct sip_registrar *registrar,
		      const struct sip_msg *msg, struct wish *wish,
		      struct sip_register_verdict *verdict)
{
	const struct sip_registrar_config *config = &registrar->config;
	uint32_t common_s = config->expires_default_s;
	struct sip_values values;
	struct sip_contact contact;
	struct span value;
	unsigned int n = 0;
	bool given = sip_msg_expires(msg, &common_s);

	*wish = (struct wish){ 0 };
	sip_values_begin(&values, msg, SIP_H_CONTACT);
	while (sip_values_next(&values, &value)) {
		uint32_t expires_s = common_s;

		if (++n > SIP_REGISTER_CONTACTS_MAX) {
			refuse(verdict, 400, "Too Many Contacts");
			return false;
		}
		if (sip_contact_parse(&contact, value) < 0) {
			refuse(verdict, 400, "Bad Contact");
			return false;
		}
		if (contact.star) {
			wish->all_away = true;
			continue;
		}
		if ((contact.name.uri.scheme != SIP_SCHEME_SIP &&
		     contact.name.uri.scheme != SIP_SCHEME_SIPS) ||
		    contact.name.uri.headers.n ||
		    contact.name.uri.text.n > SIP_CONTACT_MAX) {
			refuse(verdict, 400, "Unsupported Contact");
			return false;
		}
		if (contact.has_expires)
			expires_s = contact.expires_s;
		if (expires_s == 0) {
			wish->away[wish->n_away++] = contact.name.uri;
		} else if (expires_s < config->expires_min_s) {
			refuse(verdict, 423, NULL);
			return false;
		} else if (!wish->has_contact ||
			   contact.q_milli > wish->contact.q_milli) {
			wish->has_contact = true;
			wish->contact = contact;
			wish->expires_s =
				OSMO_MIN(expires_s, config->expires_max_s);
		}
	}
	/* 10.3, step 6 */
	if (wish->all_away && (n > 1 || !given || common_s != 0)) {
		refuse(verdict, 400, "Bad Use Of Contact *");
		return false;
	}
	return true;
}

/* ---- what waits to be stored ---- */

static struct pending *newest_pending(const struct sip_registrar *registrar,
				      struct span user)
{
	struct pending *pending;

	llist_for_each_entry_reverse(pending, &registrar->pending, list)
	{
		if (!pending->is_void && span_is(user, pending->user))
			return pending;
	}
	return NULL;
}

static void remember(struct sip_registrar *registrar, const struct sip_msg *msg,
		     struct span user, const struct wish *wish,
		     const struct sip_addr *next_hop,
		     struct sip_register_verdict *ret_verdict)
{
	struct pending *pending = talloc_zero(registrar, struct pending);
	struct span agent = sip_msg_value(msg, SIP_H_USER_AGENT);

	OSMO_ASSERT(pending);
	agent.n = OSMO_MIN(agent.n, USER_AGENT_MAX);
	pending->origin.reg = ++registrar->last_reg;
	pending->origin.cseq = msg->cseq;
	pending->origin.call_id = copy(pending, msg->call_id);
	pending->user = copy(pending, user);
	pending->contact = copy(pending, wish->contact.name.uri.text);
	pending->user_agent = copy(pending, agent);
	pending->next_hop = *next_hop;
	pending->expires_s = wish->expires_s;
	llist_add_tail(&pending->list, &registrar->pending);
	registrar->n_pending++;

	*ret_verdict = (struct sip_register_verdict){
		.action = SIP_REGISTER_STORE,
		.status = 200,
		.reg = pending->origin.reg,
		.contact = wish->contact.name.uri.text,
		.next_hop = *next_hop,
		.user_agent = agent,
		.expires_s = wish->expires_s,
	};
}

/* A new binding, or the old one with new contents. */
static struct binding *settle(struct sip_registrar *registrar, struct span user,
			      struct span contact, struct span user_agent,
			      const struct sip_addr *next_hop)
{
	struct binding **link = link_of(registrar, user);
	struct binding *binding = talloc_zero(registrar, struct binding);

	OSMO_ASSERT(binding);
	binding->face.user = copy(binding, user);
	binding->face.contact = copy(binding, contact);
	binding->face.user_agent = copy(binding, user_agent);
	binding->face.next_hop = *next_hop;
	if (*link)
		unlink_and_free(registrar, link);
	binding->next = *link;
	*link = binding;
	registrar->n_bindings++;
	return binding;
}

unsigned int sip_registrar_stored(struct sip_registrar *registrar,
				  int64_t now_ms, uint64_t reg, bool ok)
{
	struct pending *pending;
	struct binding *binding;
	bool found = false;

	llist_for_each_entry (pending, &registrar->pending, list) {
		if (pending->origin.reg == reg) {
			found = true;
			break;
		}
	}
	if (!found)
		return 0;
	llist_del(&pending->list);
	registrar->n_pending--;
	binding = *link_of(registrar, span_of(pending->user));
	if (ok && !pending->is_void &&
	    (!binding || binding->origin.reg < reg)) {
		binding = settle(registrar, span_of(pending->user),
				 span_of(pending->contact),
				 span_of(pending->user_agent),
				 &pending->next_hop);
		binding->origin = pending->origin;
		talloc_steal(binding, pending->origin.call_id);
		ends_at(registrar, binding,
			now_ms + pending->expires_s * 1000LL);
	}
	talloc_free(pending);
	return ok ? 200 : 500;
}

/* ---- the decision ---- */

static bool comes_late(const struct origin *origin, const struct sip_msg *msg)
{
	return origin->call_id && span_is(msg->call_id, origin->call_id) &&
	       msg->cseq <= origin->cseq;
}

static bool asks_away(const struct wish *wish, const char *contact)
{
	if (wish->all_away)
		return true;
	for (unsigned int i = 0; i < wish->n_away; i++) {
		if (is_same_place(&wish->away[i], contact))
			return true;
	}
	return false;
}

static bool is_refresh(const struct binding *binding, const struct wish *wish,
		       const struct sip_addr *next_hop, int64_t now_ms)
{
	return binding->face.expires_ms > now_ms &&
	       span_is(wish->contact.name.uri.text, binding->face.contact) &&
	       is_same_hop(&binding->face.next_hop, next_hop);
}

static void refresh(struct sip_registrar *registrar, struct binding *binding,
		    int64_t now_ms, const struct sip_msg *msg,
		    const struct wish *wish, const struct sip_addr *next_hop)
{
	struct origin *origin = &binding->origin;

	binding->face.next_hop = *next_hop;
	origin->reg = ++registrar->last_reg;
	origin->cseq = msg->cseq;
	if (!origin->call_id || !span_is(msg->call_id, origin->call_id)) {
		talloc_free(origin->call_id);
		origin->call_id = copy(binding, msg->call_id);
	}
	ends_at(registrar, binding, now_ms + wish->expires_s * 1000LL);
}

void sip_registrar_take(struct sip_registrar *registrar, int64_t now_ms,
			const struct sip_msg *msg, struct span user,
			const struct sip_addr *source,
			struct sip_register_verdict *ret_verdict)
{
	struct binding *binding = *link_of(registrar, user);
	struct pending *pending = newest_pending(registrar, user);
	struct sip_addr next_hop;
	struct wish wish;

	if (msg->call_id.n > CALL_ID_MAX) {
		refuse(ret_verdict, 400, "Call-ID Too Long");
		return;
	}
	if (!read_wish(registrar, msg, &wish, ret_verdict))
		return;
	if ((wish.has_contact || wish.n_away || wish.all_away) &&
	    ((binding && comes_late(&binding->origin, msg)) ||
	     (pending && comes_late(&pending->origin, msg)))) {
		refuse(ret_verdict, 400, "CSeq Not Higher");
		return;
	}

	*ret_verdict = (struct sip_register_verdict){
		.action = SIP_REGISTER_ANSWER,
		.status = 200,
	};
	if (!wish.has_contact) {
		if ((binding && asks_away(&wish, binding->face.contact)) ||
		    (pending && asks_away(&wish, pending->contact))) {
			sip_registrar_remove(registrar, user);
			ret_verdict->action = SIP_REGISTER_REMOVED;
		}
		return;
	}

	next_hop = next_hop_of(msg, &wish.contact.name.uri, source);
	if (binding && !pending &&
	    is_refresh(binding, &wish, &next_hop, now_ms)) {
		refresh(registrar, binding, now_ms, msg, &wish, &next_hop);
		return;
	}
	if (registrar->n_pending >= registrar->config.bindings ||
	    (!binding && registrar->n_bindings >= registrar->config.bindings)) {
		refuse(ret_verdict, 503, "Too Many Bindings");
		return;
	}
	remember(registrar, msg, user, &wish, &next_hop, ret_verdict);
}

void sip_registrar_write(const struct sip_registrar *registrar, int64_t now_ms,
			 struct span user, unsigned int status,
			 struct sip_writer *w)
{
	const struct sip_binding *binding;

	if (status == 423)
		sip_write_header_number(w, "Min-Expires",
					registrar->config.expires_min_s);
	if (status != 200)
		return;
	binding = sip_registrar_find(registrar, now_ms, user);
	if (!binding)
		return;
	sip_write_text(w, "Contact: <");
	sip_write_text(w, binding->contact);
	sip_write_text(w, ">;expires=");
	sip_write_number(
		w, (uint32_t)((binding->expires_ms - now_ms + 999) / 1000));
	sip_write_line_end(w);
}

/* ---- from the outside ---- */

const struct sip_binding *
sip_registrar_find(const struct sip_registrar *registrar, int64_t now_ms,
		   struct span user)
{
	const struct binding *binding = *link_of(registrar, user);

	return binding && binding->face.expires_ms > now_ms ? &binding->face
							    : NULL;
}

int sip_registrar_restore(struct sip_registrar *registrar, int64_t now_ms,
			  const char *user, const char *contact,
			  const struct sip_addr *source, uint32_t expires_s)
{
	struct binding *binding;
	struct sip_uri uri;

	if (!*user || strlen(contact) > SIP_CONTACT_MAX ||
	    sip_uri_parse(&uri, span_of(contact)) < 0)
		return -EINVAL;
	if (registrar->n_bindings >= registrar->config.bindings)
		return -ENOSPC;
	binding = settle(registrar, span_of(user), span_of(contact),
			 (struct span){ 0 }, source);
	lose_connection(binding);
	ends_at(registrar, binding, now_ms + expires_s * 1000LL);
	return 0;
}

bool sip_registrar_remove(struct sip_registrar *registrar, struct span user)
{
	struct binding **link = link_of(registrar, user);
	struct pending *pending;
	bool found = *link;

	if (*link)
		unlink_and_free(registrar, link);
	llist_for_each_entry (pending, &registrar->pending, list) {
		if (span_is(user, pending->user)) {
			pending->is_void = true;
			found = true;
		}
	}
	return found;
}

size_t sip_registrar_count(const struct sip_registrar *registrar)
{
	return registrar->n_bindings;
}

struct sip_registrar *
sip_registrar_new(void *ctx, const struct sip_registrar_config *config)
{
	struct sip_registrar *registrar =
		talloc_zero(ctx, struct sip_registrar);

	OSMO_ASSERT(registrar);
	registrar->config = *config;
	registrar->n_buckets = 16;
	while (registrar->n_buckets < config->bindings)
		registrar->n_buckets *= 2;
	registrar->buckets = talloc_zero_array(registrar, struct binding *,
					       registrar->n_buckets);
	OSMO_ASSERT(registrar->buckets);
	INIT_LLIST_HEAD(&registrar->pending);
	registrar->earliest_ms = INT64_MAX;
	registrar->walk_earliest_ms = INT64_MAX;
	return registrar;
}
