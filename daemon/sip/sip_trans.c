/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "sip_own.h"
#include "sip_trans.h"

#define NEVER INT64_MAX
#define KEY_MAX 512
#define MAGIC "z9hG4bK"

/* The live server transactions of one address. */
struct sip_source {
	struct sip_node node;
	uint8_t family;
	uint8_t ip[16];
	size_t n;
};

static bool is_reliable(const struct sip_trans *trans)
{
	return trans->local.transport != SIP_UDP;
}

static bool is_client(const struct sip_trans *trans)
{
	return trans->kind == SIP_INVITE_CLIENT || trans->kind == SIP_CLIENT;
}

/* ---- keys (17.1.3, 17.2.3) ---- */

struct key {
	char text[KEY_MAX];
	size_t n;
};

/* What does not fit is cut; the length of the whole stays part of the key,
 * and nobody but a fuzzer writes branches of that size. */
static void key_add(struct key *key, struct span part)
{
	size_t n = OSMO_MIN(part.n, KEY_MAX - key->n);

	if (n)
		memcpy(key->text + key->n, part.p, n);
	key->n += n;
	if (key->n + sizeof(part.n) <= KEY_MAX) {
		memcpy(key->text + key->n, &part.n, sizeof(part.n));
		key->n += sizeof(part.n);
	}
}

static void key_start(struct key *key, char side, enum sip_method method)
{
	key->text[0] = side;
	key->text[1] = method;
	key->n = 2;
}

static void client_key(struct key *key, enum sip_method method,
		       struct span branch)
{
	key_start(key, 'c', method);
	key_add(key, branch);
}

static bool has_magic(struct span branch)
{
	return branch.n > strlen(MAGIC) &&
	       strncasecmp(branch.p, MAGIC, strlen(MAGIC)) == 0;
}

/* An element of RFC 2543 is known by everything that its request, the ACK
 * and the CANCEL of it have in common. */
static void server_key(struct key *key, const struct sip_msg *msg,
		       enum sip_method method)
{
	uint32_t number[2] = { msg->via.port, msg->cseq };

	key_start(key, has_magic(msg->via.branch) ? 's' : 'o', method);
	key_add(key, msg->via.branch);
	key_add(key, msg->via.host);
	key_add(key, (struct span){ (const char *)number, sizeof(number[0]) });
	if (has_magic(msg->via.branch))
		return;
	key_add(key, msg->call_id);
	key_add(key, msg->from.tag);
	key_add(key, (struct span){ (const char *)number, sizeof(number) });
	key_add(key, msg->uri.text);
}

static struct sip_trans *find(const struct sip_trans_table *table,
			      const struct key *key)
{
	uint64_t hash = sip_hash(&table->key, key->text, key->n);
	struct sip_node *node;

	for (node = sip_table_first(&table->by_key, hash); node;
	     node = sip_node_next(node)) {
		struct sip_trans *trans =
			container_of(node, struct sip_trans, node);

		if (trans->key_n == key->n &&
		    memcmp(trans->key, key->text, key->n) == 0)
			return trans;
	}
	return NULL;
}

struct sip_trans *sip_trans_of_branch(const struct sip_trans_table *table,
				      enum sip_method method,
				      struct span branch)
{
	struct key key;

	client_key(&key, method, branch);
	return find(table, &key);
}

struct sip_trans *sip_trans_of_answer(const struct sip_trans_table *table,
				      const struct sip_msg *answer)
{
	return sip_trans_of_branch(table, answer->method, answer->via.branch);
}

static struct sip_trans *find_server(const struct sip_trans_table *table,
				     const struct sip_msg *msg,
				     enum sip_method method)
{
	struct key key;

	server_key(&key, msg, method);
	return find(table, &key);
}

struct sip_trans *sip_trans_of_request(const struct sip_trans_table *table,
				       const struct sip_msg *request)
{
	return find_server(table, request,
			   request->method == SIP_M_ACK ? SIP_M_INVITE
							: request->method);
}

struct sip_trans *sip_trans_of_cancel(const struct sip_trans_table *table,
				      const struct sip_msg *cancel)
{
	return find_server(table, cancel, SIP_M_INVITE);
}

/* ---- sources ---- */

static struct sip_source *source_find(struct sip_trans_table *table,
				      const struct sip_addr *addr,
				      uint64_t hash)
{
	struct sip_node *node;

	for (node = sip_table_first(&table->sources, hash); node;
	     node = sip_node_next(node)) {
		struct sip_source *source =
			container_of(node, struct sip_source, node);

		if (source->family == addr->family &&
		    memcmp(source->ip, addr->ip, sizeof(addr->ip)) == 0)
			return source;
	}
	return NULL;
}

/* NULL: it has its share. */
static struct sip_source *source_take(struct sip_trans_table *table,
				      const struct sip_addr *addr)
{
	uint64_t hash = sip_hash(&table->key, addr->ip, sizeof(addr->ip));
	struct sip_source *source = source_find(table, addr, hash);

	if (!source) {
		source = talloc_zero(table->ctx, struct sip_source);
		OSMO_ASSERT(source);
		source->family = addr->family;
		memcpy(source->ip, addr->ip, sizeof(source->ip));
		sip_table_add(&table->sources, &source->node, hash);
	}
	if (source->n >= table->max_source)
		return NULL;
	source->n++;
	return source;
}

static void source_leave(struct sip_trans_table *table,
			 struct sip_source *source)
{
	if (--source->n)
		return;
	sip_table_remove(&table->sources, &source->node);
	talloc_free(source);
}

/* ---- life ---- */

void sip_trans_init(struct sip_trans_table *table, void *ctx,
		    const struct sip_key *key, struct sip_out *out, size_t max,
		    size_t max_source)
{
	*table = (struct sip_trans_table){
		.key = *key,
		.out = out,
		.ctx = ctx,
		.max = max,
		.max_source = max_source,
	};
	sip_table_init(&table->by_key, ctx);
	sip_table_init(&table->sources, ctx);
	sip_clock_init(&table->clock, ctx);
	INIT_LLIST_HEAD(&table->lingering);
}

void sip_trans_fini(struct sip_trans_table *table)
{
	struct sip_node *node;

	while ((node = sip_table_any(&table->by_key)))
		sip_trans_free(table,
			       container_of(node, struct sip_trans, node));
}

static struct sip_trans *
trans_new(struct sip_trans_table *table, const struct key *key,
	  enum sip_trans_kind kind, enum sip_method method,
	  const struct sip_addr *local, const struct sip_addr *peer)
{
	struct sip_trans *trans =
		talloc_size(table->ctx, sizeof(*trans) + key->n);

	OSMO_ASSERT(trans);
	*trans = (struct sip_trans){
		.resend_ms = NEVER,
		.deadline_ms = NEVER,
		.local = *local,
		.peer = *peer,
		.key_n = key->n,
		.kind = kind,
		.method = method,
		.live = true,
	};
	talloc_set_name_const(trans, "sip_trans");
	memcpy(trans->key, key->text, key->n);
	sip_table_add(&table->by_key, &trans->node,
		      sip_hash(&table->key, key->text, key->n));
	table->n_live++;
	return trans;
}

static void leave_life(struct sip_trans_table *table, struct sip_trans *trans)
{
	trans->live = false;
	table->n_live--;
	if (trans->source)
		source_leave(table, trans->source);
	trans->source = NULL;
}

void sip_trans_free(struct sip_trans_table *table, struct sip_trans *trans)
{
	if (trans->live) {
		leave_life(table, trans);
	} else {
		llist_del(&trans->entry);
		table->n_lingering--;
	}
	sip_trans_unbind(trans);
	sip_clock_clear(&table->clock, &trans->timer);
	sip_table_remove(&table->by_key, &trans->node);
	talloc_free(trans);
}

/* Nothing is owed any more; the oldest memory pays for too new ones. */
static void linger(struct sip_trans_table *table, struct sip_trans *trans)
{
	if (!trans->live)
		return;
	leave_life(table, trans);
	llist_add_tail(&trans->entry, &table->lingering);
	if (++table->n_lingering > table->max)
		sip_trans_free(table,
			       llist_first_entry(&table->lingering,
						 struct sip_trans, entry));
}

static void keep_bytes(struct sip_trans *trans, const void *data, size_t len)
{
	TALLOC_FREE(trans->bytes);
	trans->bytes_n = len;
	if (!len)
		return;
	trans->bytes = talloc_memdup(trans, data, len);
	OSMO_ASSERT(trans->bytes);
}

static struct span bytes_of(const struct sip_trans *trans)
{
	return (struct span){ trans->bytes, trans->bytes_n };
}

void sip_trans_bind(struct sip_trans *trans, uint64_t leg, unsigned int role,
		    struct sip_trans **place)
{
	sip_trans_unbind(trans);
	if (place && *place)
		sip_trans_unbind(*place);
	trans->leg = leg;
	trans->role = role;
	trans->place = place;
	if (place)
		*place = trans;
}

void sip_trans_unbind(struct sip_trans *trans)
{
	if (trans->place)
		*trans->place = NULL;
	trans->place = NULL;
	trans->leg = 0;
	trans->role = 0;
}

/* ---- time ---- */

static void rearm(struct sip_trans_table *table, struct sip_trans *trans)
{
	int64_t at = OSMO_MIN(trans->resend_ms, trans->deadline_ms);

	if (at == NEVER)
		sip_clock_clear(&table->clock, &trans->timer);
	else
		sip_clock_set(&table->clock, &trans->timer, at);
}

static void wait_for(struct sip_trans_table *table, struct sip_trans *trans,
		     int64_t resend_ms, int64_t deadline_ms)
{
	trans->resend_ms = resend_ms;
	trans->deadline_ms = deadline_ms;
	rearm(table, trans);
}

static void send_again(struct sip_trans_table *table,
		       const struct sip_trans *trans)
{
	if (trans->bytes)
		sip_out_again(table->out, &trans->local, &trans->peer,
			      bytes_of(trans));
}

/* A doubles for ever, G and E up to T2, and E starts there once the other
 * side has shown that it is at work (17.1.1.2, 17.1.2.2, 17.2.1). */
static void resend(struct sip_trans_table *table, struct sip_trans *trans,
		   int64_t now_ms)
{
	send_again(table, trans);
	trans->interval_ms *= 2;
	if (trans->kind != SIP_INVITE_CLIENT)
		trans->interval_ms = OSMO_MIN(trans->interval_ms, SIP_T2_MS);
	trans->resend_ms = now_ms + trans->interval_ms;
	rearm(table, trans);
}

static void start_resending(struct sip_trans_table *table,
			    struct sip_trans *trans, int64_t now_ms,
			    bool always)
{
	trans->interval_ms = SIP_T1_MS;
	wait_for(table, trans,
		 always || !is_reliable(trans) ? now_ms + SIP_T1_MS : NEVER,
		 now_ms + SIP_PATIENCE_MS);
}

/* Over a reliable transport there is nothing to linger for. */
static bool finish(struct sip_trans_table *table, struct sip_trans *trans,
		   int64_t now_ms, int64_t linger_ms)
{
	if (is_reliable(trans)) {
		sip_trans_free(table, trans);
		return true;
	}
	wait_for(table, trans, NEVER, now_ms + linger_ms);
	linger(table, trans);
	return false;
}

/* ---- client ---- */

struct sip_trans *sip_trans_client(struct sip_trans_table *table,
				   int64_t now_ms, enum sip_method method,
				   struct span branch,
				   const struct sip_packet *packet)
{
	struct sip_trans *trans;
	struct key key;

	client_key(&key, method, branch);
	trans = trans_new(table, &key,
			  method == SIP_M_INVITE ? SIP_INVITE_CLIENT
						 : SIP_CLIENT,
			  method, &packet->local, &packet->to);
	keep_bytes(trans, packet->data, packet->len);
	trans->late =
		method == SIP_M_INVITE && sip_own_body(bytes_of(trans)).n == 0;
	start_resending(table, trans, now_ms, false);
	return trans;
}

bool sip_trans_full(const struct sip_trans_table *table)
{
	return table->n_live >= table->max;
}

/* The ACK of a refusal travels as the INVITE did (17.1.1.3). */
static void acknowledge(struct sip_trans_table *table, struct sip_trans *trans,
			const struct sip_msg *answer)
{
	struct span invite = bytes_of(trans);
	struct span route = sip_own_value(invite, "Route");
	struct sip_packet packet;
	struct sip_writer w;

	sip_out_begin(table->out, &w);
	sip_write_request(&w, "ACK", sip_own_uri(invite));
	sip_write_header(&w, "Via", sip_own_value(invite, "Via"));
	sip_write_header(&w, "Max-Forwards", span_of("70"));
	if (route.n)
		sip_write_header(&w, "Route", route);
	sip_write_header(&w, "From", sip_own_value(invite, "From"));
	sip_write_header(&w, "To", answer->to.text);
	sip_write_header(&w, "Call-ID", sip_own_value(invite, "Call-ID"));
	sip_write_cseq(&w, sip_own_cseq(invite), "ACK");
	if (sip_out_end(table->out, &w, NULL, (struct span){ 0 }, &trans->local,
			&trans->peer, &packet))
		keep_bytes(trans, packet.data, packet.len);
	else
		keep_bytes(trans, NULL, 0);
}

static void invite_final(struct sip_trans_table *table, struct sip_trans *trans,
			 int64_t now_ms, const struct sip_msg *answer)
{
	if (answer->status < 300) {
		trans->state = SIP_TRANS_ACCEPTED;
		keep_bytes(trans, NULL, 0);
		wait_for(table, trans, NEVER, now_ms + SIP_PATIENCE_MS);
		linger(table, trans);
		return;
	}
	trans->state = SIP_TRANS_COMPLETED;
	acknowledge(table, trans, answer);
	/* Not finish(): whoever hears of the answer still looks at us.  The
	 * next tick is the end of a reliable one. */
	wait_for(table, trans, NEVER,
		 now_ms + (is_reliable(trans) ? 0 : SIP_PATIENCE_MS));
	linger(table, trans);
}

static void provisional(struct sip_trans_table *table, struct sip_trans *trans,
			int64_t now_ms)
{
	bool first = trans->state == SIP_TRANS_CALLING;

	trans->state = SIP_TRANS_PROCEEDING;
	if (trans->kind == SIP_INVITE_CLIENT) {
		if (first)
			wait_for(table, trans, NEVER, NEVER);
	} else if (first && !is_reliable(trans)) {
		trans->interval_ms = SIP_T2_MS;
		wait_for(table, trans, now_ms + SIP_T2_MS, trans->deadline_ms);
	}
}

enum sip_trans_verdict sip_trans_answered(struct sip_trans_table *table,
					  struct sip_trans *trans,
					  int64_t now_ms,
					  const struct sip_msg *answer)
{
	switch (trans->state) {
	case SIP_TRANS_CALLING:
	case SIP_TRANS_PROCEEDING:
		if (answer->status < 200) {
			provisional(table, trans, now_ms);
			return SIP_TRANS_PROVISIONAL;
		}
		if (trans->kind == SIP_INVITE_CLIENT) {
			invite_final(table, trans, now_ms, answer);
			return SIP_TRANS_FINAL;
		}
		trans->state = SIP_TRANS_COMPLETED;
		keep_bytes(trans, NULL, 0);
		wait_for(table, trans, NEVER,
			 now_ms + (is_reliable(trans) ? 0 : SIP_T4_MS));
		linger(table, trans);
		return SIP_TRANS_FINAL;
	case SIP_TRANS_COMPLETED:
		if (trans->kind == SIP_INVITE_CLIENT && answer->status >= 300)
			send_again(table, trans);
		return SIP_TRANS_DROP;
	case SIP_TRANS_ACCEPTED:
		return answer->status >= 200 && answer->status < 300
			       ? SIP_TRANS_AGAIN
			       : SIP_TRANS_DROP;
	default:
		return SIP_TRANS_DROP;
	}
}

void sip_trans_hurry(struct sip_trans_table *table, struct sip_trans *trans,
		     int64_t now_ms)
{
	if (trans->live)
		wait_for(table, trans, NEVER, now_ms + SIP_PATIENCE_MS);
}

void sip_trans_keep(struct sip_trans *trans, const struct sip_packet *packet)
{
	trans->local = packet->local;
	trans->peer = packet->to;
	keep_bytes(trans, packet->data, packet->len);
}

bool sip_trans_acks(const struct sip_trans *trans, struct span to_tag)
{
	struct sip_name to;

	return trans->bytes && trans->state == SIP_TRANS_ACCEPTED &&
	       sip_name_parse(&to, sip_own_value(bytes_of(trans), "To")) == 0 &&
	       span_eq(to.tag, to_tag);
}

/* ---- server ---- */

struct sip_trans *
sip_trans_server(struct sip_trans_table *table, int64_t now_ms,
		 const struct sip_msg *request, const struct sip_addr *local,
		 const struct sip_addr *peer, const struct sip_addr *source)
{
	bool invite = request->method == SIP_M_INVITE;
	struct sip_source *counted;
	struct sip_trans *trans;
	struct key key;

	if (table->n_live >= table->max)
		return NULL;
	counted = source_take(table, source);
	if (!counted)
		return NULL;
	server_key(&key, request, request->method);
	trans = trans_new(table, &key, invite ? SIP_INVITE_SERVER : SIP_SERVER,
			  request->method, local, peer);
	trans->source = counted;
	trans->state = invite ? SIP_TRANS_PROCEEDING : SIP_TRANS_CALLING;
	if (!invite)
		wait_for(table, trans, NEVER, now_ms + SIP_PATIENCE_MS);
	return trans;
}

void sip_trans_repeated(struct sip_trans_table *table, struct sip_trans *trans,
			int64_t now_ms, const struct sip_msg *request)
{
	if (request->method == SIP_M_ACK) {
		if (trans->state != SIP_TRANS_COMPLETED)
			return;
		trans->state = SIP_TRANS_CONFIRMED;
		keep_bytes(trans, NULL, 0);
		finish(table, trans, now_ms, SIP_T4_MS);
		return;
	}
	if (trans->state == SIP_TRANS_PROCEEDING ||
	    trans->state == SIP_TRANS_COMPLETED)
		send_again(table, trans);
}

bool sip_trans_answer(struct sip_trans_table *table, struct sip_trans *trans,
		      int64_t now_ms, unsigned int status,
		      const struct sip_packet *packet)
{
	OSMO_ASSERT(trans->state < SIP_TRANS_COMPLETED);
	keep_bytes(trans, packet->data, packet->len);
	if (status < 200) {
		trans->state = SIP_TRANS_PROCEEDING;
		return false;
	}
	TALLOC_FREE(trans->echo);
	if (trans->kind == SIP_SERVER) {
		trans->state = SIP_TRANS_COMPLETED;
		return finish(table, trans, now_ms, SIP_PATIENCE_MS);
	}
	trans->state = status < 300 ? SIP_TRANS_ACCEPTED : SIP_TRANS_COMPLETED;
	start_resending(table, trans, now_ms, status < 300);
	return false;
}

bool sip_trans_unacked(const struct sip_trans *trans)
{
	return trans->kind == SIP_INVITE_SERVER && trans->live &&
	       trans->state == SIP_TRANS_ACCEPTED;
}

void sip_trans_acked(struct sip_trans_table *table, struct sip_trans *trans)
{
	if (!sip_trans_unacked(trans))
		return;
	keep_bytes(trans, NULL, 0);
	wait_for(table, trans, NEVER, trans->deadline_ms);
	linger(table, trans);
}

void sip_trans_again(struct sip_trans_table *table, struct sip_trans *trans)
{
	send_again(table, trans);
}

/* ---- the end ---- */

/* Both wait for an answer; to a server, the network is the peer's worry. */
void sip_trans_unreachable(struct sip_trans_table *table, int64_t now_ms,
			   const struct sip_addr *to)
{
	for (size_t i = 0; i <= table->by_key.mask; i++)
		for (struct sip_node *node = table->by_key.buckets[i]; node;
		     node = node->next) {
			struct sip_trans *trans =
				container_of(node, struct sip_trans, node);

			if (!is_client(trans) || !trans->live ||
			    memcmp(&trans->peer, to, sizeof(*to)) != 0)
				continue;
			trans->failed = true;
			wait_for(table, trans, NEVER, now_ms);
		}
}

/* Something was owed, and did not come.  An answer that the user owed is
 * not news to him. */
static bool has_news(const struct sip_trans *trans)
{
	return trans->live && trans->kind != SIP_SERVER;
}

bool sip_trans_tick(struct sip_trans_table *table, int64_t now_ms,
		    struct sip_trans_end *ret_end)
{
	struct sip_timer *timer;

	while ((timer = sip_clock_due(&table->clock, now_ms))) {
		struct sip_trans *trans =
			container_of(timer, struct sip_trans, timer);
		bool tell;

		if (trans->deadline_ms > now_ms) {
			resend(table, trans, now_ms);
			continue;
		}
		*ret_end = (struct sip_trans_end){
			.news = !is_client(trans) ? SIP_TRANS_NO_ACK
				: trans->failed	  ? SIP_TRANS_UNREACHABLE
						  : SIP_TRANS_TIMEOUT,
			.leg = trans->leg,
			.role = trans->role,
			.method = trans->method,
		};
		tell = has_news(trans);
		sip_trans_free(table, trans);
		if (tell)
			return true;
	}
	return false;
}

int64_t sip_trans_next_ms(const struct sip_trans_table *table)
{
	return sip_clock_next_ms(&table->clock);
}
