/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "sip_ua.h"

static size_t or (size_t value, size_t usual)
{
	return value ? value : usual;
}

/* ---- life ---- */

static char *copy(void *ctx, const char *text)
{
	char *mine = talloc_strdup(ctx, text ? text : "");

	OSMO_ASSERT(mine);
	return mine;
}

struct sip *sip_new(void *ctx, const struct sip_config *config)
{
	const struct sip_limits *limits = &config->limits;
	struct sip_registrar_config registrar = {
		.expires_min_s = or (config->expires_min_s, 60),
		.expires_max_s = or (config->expires_max_s, 3600),
		.expires_default_s = or (config->expires_default_s, 3600),
		.bindings = or (limits->bindings, 4000),
	};
	struct sip *sip = talloc_zero(ctx, struct sip);

	OSMO_ASSERT(sip);
	sip->domain = copy(sip, config->domain);
	sip->user_agent = copy(sip, config->user_agent);
	sip->leg_tag = config->leg_tag;
	sip->session_s = or (config->session_expires_s, 1800);
	sip->session_s = OSMO_MAX(sip->session_s, SIP_MIN_SE_S);
	sip->subscription_s = registrar.expires_max_s;
	sip->subscription_min_s = registrar.expires_min_s;
	sip->limits = (struct sip_limits){
		.transactions = or (limits->transactions, 20000),
		.transactions_source = or (limits->transactions_source, 2000),
		.legs = or (limits->legs, 4000),
		.message_bytes = or (limits->message_bytes, 16384),
		.bindings = or (limits->bindings, 4000),
		.subscriptions = or (limits->subscriptions, 4000),
		.subscriptions_user = or (limits->subscriptions_user, 250),
		.subscriptions_target = or (limits->subscriptions_target, 500),
	};
	sip->key.k[0] = config->seed;
	sip->key.k[1] = ~config->seed;
	sip_out_init(&sip->out, sip, sip->limits.message_bytes);
	sip_news_init(&sip->news, sip);
	sip_trans_init(&sip->trans, sip, &sip->key, &sip->out,
		       sip->limits.transactions,
		       sip->limits.transactions_source);
	sip_table_init(&sip->legs_by_id, sip);
	sip_table_init(&sip->legs_by_tag, sip);
	sip_table_init(&sip->legs_by_caller, sip);
	sip_table_init(&sip->users, sip);
	sip_table_init(&sip->pending, sip);
	sip_clock_init(&sip->legs_clock, sip);
	sip_notifier_init(&sip->notifier, sip);
	sip->auth = sip_auth_new(sip, config->realm, sip_random(sip),
				 config->nonce_life_s);
	sip_auth_set_md5_first(sip->auth, config->md5_first);
	sip_auth_set_md5_only(sip->auth, config->md5_only);
	sip->registrar = sip_registrar_new(sip, &registrar);
	return sip;
}

/* The memory tree goes at once; what is remembered for a restart stays. */
void sip_free(struct sip *sip)
{
	talloc_free(sip);
}

int sip_add_local(struct sip *sip, const struct sip_addr *local)
{
	sip->locals = talloc_realloc(sip, sip->locals, struct sip_addr,
				     sip->n_locals + 1);
	OSMO_ASSERT(sip->locals);
	sip->locals[sip->n_locals++] = *local;
	return 0;
}

const char *sip_domain(const struct sip *sip)
{
	return sip->domain;
}

void sip_set_journal(struct sip *sip, const struct sip_journal *journal)
{
	sip->journal = *journal;
}

/* ---- what all files need ---- */

uint64_t sip_random(struct sip *sip)
{
	sip->random_n++;
	return sip_hash(&sip->key, &sip->random_n, sizeof(sip->random_n));
}

const char *sip_branch(struct sip *sip, char buf[SIP_BRANCH])
{
	memcpy(buf, "z9hG4bKa", 8);
	sip_hash_hex(sip_random(sip), buf + 8);
	return buf;
}

/* With no listener of the kind there is no good answer; the first will do,
 * and the packet comes back by sip_unreachable(). */
const struct sip_addr *sip_local(const struct sip *sip,
				 const struct sip_addr *peer)
{
	for (size_t i = 0; i < sip->n_locals; i++)
		if (sip->locals[i].transport == peer->transport &&
		    sip->locals[i].family == peer->family)
			return &sip->locals[i];
	OSMO_ASSERT(sip->n_locals);
	return &sip->locals[0];
}

bool sip_is_ours(const struct sip *sip, struct span host)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t ip[16] = { 0 };

	if (span_case_is(host, sip->domain))
		return true;
	if (host.n >= sizeof(text))
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	for (size_t i = 0; i < sip->n_locals; i++)
		if (inet_pton(sip->locals[i].family, text, ip) == 1 &&
		    memcmp(ip, sip->locals[i].ip,
			   sip->locals[i].family == AF_INET ? 4 : 16) == 0)
			return true;
	return false;
}

/* ---- bytes ---- */

static bool is_keep_alive(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] != '\r' && data[i] != '\n' && data[i] != '\0')
			return false;
	return true;
}

/* RFC 5626, 3.5.1: a double line end asks for a single one. */
static void pong(struct sip *sip, const struct sip_addr *local,
		 const struct sip_addr *from, const uint8_t *data, size_t len)
{
	if (from->transport != SIP_UDP && len >= 4)
		sip_out_again(&sip->out, local, from,
			      (struct span){ "\r\n", 2 });
}

static void take_bad(struct sip *sip, struct sip_arrival *arrival,
		     const struct sip_fault *fault)
{
	sip->counts.rx_bad++;
	if (!fault->answerable) {
		sip->counts.rx_dropped++;
		return;
	}
	arrival->back = sip_reply_address(arrival->msg, arrival->from);
	sip_refuse(sip, arrival, fault->status, fault->reason);
}

void sip_rx(struct sip *sip, int64_t now_ms, const struct sip_addr *local,
	    const struct sip_addr *from, const uint8_t *data, size_t len)
{
	struct sip_arrival arrival = {
		.msg = &sip->msg,
		.local = local,
		.from = from,
	};
	struct sip_fault fault;

	sip->now_ms = now_ms;
	if (is_keep_alive(data, len)) {
		pong(sip, local, from, data, len);
		return;
	}
	/* RFC 3261, 7.5: line ends before the start line are passed over. */
	for (; len && (*data == '\r' || *data == '\n'); len--)
		data++;
	sip->counts.rx++;
	if (len > sip->limits.message_bytes) {
		sip->counts.rx_bad++;
		sip->counts.rx_dropped++;
		return;
	}
	if (sip_msg_parse(&sip->msg, data, len, &fault) != 0) {
		take_bad(sip, &arrival, &fault);
		return;
	}
	if (!sip->msg.is_request) {
		sip_take_answer(sip, &arrival);
		return;
	}
	arrival.back = sip_reply_address(&sip->msg, from);
	sip_take_request(sip, &arrival);
}

bool sip_next_packet(struct sip *sip, struct sip_packet *ret_packet)
{
	return sip_out_next(&sip->out, ret_packet);
}

bool sip_next_event(struct sip *sip, struct sip_event *ret_event)
{
	return sip_news_next(&sip->news, ret_event);
}

/* ---- time ---- */

static void run_transactions(struct sip *sip)
{
	struct sip_trans_end end;

	while (sip_trans_tick(&sip->trans, sip->now_ms, &end))
		if (end.role == SIP_ROLE_DOCUMENT)
			sip_notifier_trans_ended(sip, &end);
		else if (end.role != SIP_ROLE_SUBSCRIBE)
			sip_leg_trans_ended(sip, &end);
}

static void run_bindings(struct sip *sip)
{
	const char *user;

	while ((user = sip_registrar_expire(sip->registrar, sip->now_ms)))
		sip_news_add(&sip->news,
			     &(struct sip_event){ .type = SIP_EV_UNREGISTERED,
						  .user = span_of(user) });
}

void sip_tick(struct sip *sip, int64_t now_ms)
{
	struct sip_timer *timer;

	sip->now_ms = now_ms;
	run_transactions(sip);
	while ((timer = sip_clock_due(&sip->legs_clock, now_ms)))
		sip_leg_due(sip, container_of(timer, struct sip_leg, timer));
	sip_notifier_tick(sip);
	run_bindings(sip);
}

int64_t sip_next_ms(const struct sip *sip)
{
	int64_t trans = sip_trans_next_ms(&sip->trans);
	int64_t legs = sip_clock_next_ms(&sip->legs_clock);
	int64_t bindings = sip_registrar_next_ms(sip->registrar);

	int64_t subs = sip_clock_next_ms(&sip->notifier.clock);

	return OSMO_MIN(OSMO_MIN(trans, legs), OSMO_MIN(bindings, subs));
}

/* A broken connection is no end of a call: its next request finds another
 * way.  Only what waits for an answer now has waited in vain. */
static void forget_connection(struct sip *sip, const struct sip_addr *to)
{
	for (size_t i = 0; i <= sip->legs_by_id.mask; i++)
		for (struct sip_node *node = sip->legs_by_id.buckets[i]; node;
		     node = node->next) {
			struct sip_leg *leg =
				container_of(node, struct sip_leg, by_id);

			if (memcmp(&leg->dialog.peer, to, sizeof(*to)) == 0)
				leg->dialog.peer.conn = 0;
		}
	sip_notifier_disconnected(sip, to);
	sip_registrar_disconnected(sip->registrar, to);
}

void sip_unreachable(struct sip *sip, int64_t now_ms, const struct sip_addr *to)
{
	sip->now_ms = now_ms;
	sip_trans_unreachable(&sip->trans, now_ms, to);
	if (to->conn)
		forget_connection(sip, to);
	run_transactions(sip);
}

/* ---- users ---- */

static struct sip_user *user_find(const struct sip *sip, struct span name)
{
	struct sip_node *node;

	for (node = sip_table_first(&sip->users,
				    sip_hash(&sip->key, name.p, name.n));
	     node; node = sip_node_next(node)) {
		struct sip_user *user =
			container_of(node, struct sip_user, node);

		if (span_is(name, user->name))
			return user;
	}
	return NULL;
}

const struct sip_user *sip_user(const struct sip *sip, struct span name)
{
	return user_find(sip, name);
}

int sip_user_set(struct sip *sip, const char *name, const char *ha1_md5,
		 const char *ha1_sha256)
{
	struct sip_user *user = user_find(sip, span_of(name));

	if (!user) {
		user = talloc_zero(sip, struct sip_user);
		OSMO_ASSERT(user);
		user->name = copy(user, name);
		sip_table_add(&sip->users, &user->node,
			      sip_hash(&sip->key, name, strlen(name)));
	}
	osmo_strlcpy(user->secret.md5, ha1_md5 ? ha1_md5 : "",
		     sizeof(user->secret.md5));
	osmo_strlcpy(user->secret.sha256, ha1_sha256 ? ha1_sha256 : "",
		     sizeof(user->secret.sha256));
	return 0;
}

void sip_user_remove(struct sip *sip, int64_t now_ms, const char *name)
{
	struct sip_user *user = user_find(sip, span_of(name));

	sip_binding_remove(sip, now_ms, name);
	sip_notifier_user_gone(sip, name);
	if (!user)
		return;
	sip_table_remove(&sip->users, &user->node);
	talloc_free(user);
}

int sip_binding_restore(struct sip *sip, int64_t now_ms, const char *user,
			const char *contact, const struct sip_addr *source,
			uint32_t expires_s)
{
	return sip_registrar_restore(sip->registrar, now_ms, user, contact,
				     source, expires_s);
}

void sip_binding_remove(struct sip *sip, int64_t now_ms, const char *user)
{
	sip->now_ms = now_ms;
	sip_registrar_remove(sip->registrar, span_of(user));
}

/* ---- wishes for either leg ---- */

void sip_release(struct sip *sip, int64_t now_ms, uint64_t id,
		 unsigned int status, unsigned int q850)
{
	struct sip_leg *leg = sip_leg_find(sip, id);

	sip->now_ms = now_ms;
	if (!leg)
		return;
	switch (leg->state) {
	case SIP_LEG_INCOMING:
		sip_uas_refuse(sip, leg, status, q850);
		sip_leg_end(sip, leg, SIP_END_LOCAL, status);
		break;
	case SIP_LEG_OUTGOING:
		sip_uac_cancel(sip, leg, false);
		break;
	case SIP_LEG_ANSWERED:
		if (!leg->incoming) {
			sip_leg_bye(sip, leg, q850);
			break;
		}
		/* RFC 3261, 15: not before the ACK has come. */
		leg->end_wanted = true;
		leg->end_q850 = q850;
		break;
	case SIP_LEG_UP:
		sip_leg_bye(sip, leg, q850);
		break;
	case SIP_LEG_CLOSING:
		break;
	}
}

void sip_offer(struct sip *sip, int64_t now_ms, uint64_t id, enum sip_how how,
	       struct span body)
{
	struct sip_leg *leg = sip_leg_find(sip, id);

	sip->now_ms = now_ms;
	if (!leg || leg->state == SIP_LEG_CLOSING)
		return;
	if (!sip_leg_offer(sip, leg, how, body, false))
		sip_leg_tell(sip, leg,
			     (struct sip_event){ .type = SIP_EV_OFFER_RESULT,
						 .how = how,
						 .status = 491 });
}

void sip_connected(struct sip *sip, uint64_t id, const char *number,
		   const char *name)
{
	struct sip_leg *leg = sip_leg_find(sip, id);

	if (!leg)
		return;
	talloc_free(leg->number);
	talloc_free(leg->name);
	leg->number = copy(leg, number);
	leg->name = copy(leg, name);
}

void sip_info(struct sip *sip, int64_t now_ms, uint64_t id,
	      struct span content_type, struct span body)
{
	struct sip_leg *leg = sip_leg_find(sip, id);
	char branch[SIP_BRANCH], type[128];
	struct sip_trans *trans;
	struct sip_writer w;
	struct sip_addr to;

	sip->now_ms = now_ms;
	if (!leg || leg->state != SIP_LEG_UP || content_type.n >= sizeof(type))
		return;
	if (content_type.n)
		memcpy(type, content_type.p, content_type.n);
	type[content_type.n] = '\0';
	to = sip_leg_begin(sip, leg, &w, SIP_M_INFO, ++leg->dialog.cseq,
			   branch);
	trans = sip_leg_send(sip, leg, &w, SIP_M_INFO, branch, type, body, &to);
	if (trans)
		sip_trans_bind(trans, leg->id, SIP_ROLE_INFO, NULL);
}

/* ---- to be shown ---- */

void sip_counts(const struct sip *sip, struct sip_counts *ret_counts)
{
	*ret_counts = sip->counts;
	ret_counts->tx = sip->out.sent;
	ret_counts->retransmitted = sip->out.again;
	ret_counts->transactions = sip->trans.n_live + sip->trans.n_lingering;
	ret_counts->legs = sip->legs_by_id.n;
	ret_counts->bindings = sip_registrar_count(sip->registrar);
	ret_counts->subscriptions = sip->notifier.by_id.n;
}
