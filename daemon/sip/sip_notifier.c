/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sip_notifier.h"

#include <errno.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

#include "sip_ua.h"

#define RETRY_S 5
#define RETRY_MAX_S 60
#define RETRIES 3

enum sub_state {
	SUB_ASKED, /* the first SUBSCRIBE is not answered yet */
	SUB_ACTIVE,
	SUB_LAST, /* one more document, and it is over */
};

struct sub {
	struct sip_node by_id, by_tag, by_user, by_target;
	struct sip_timer timer; /* the earlier of the next two */
	int64_t expires_ms;
	int64_t retry_ms; /* INT64_MAX: nothing to be tried again */
	uint64_t id;
	struct sip_dialog dialog;
	char *user;	/* who watches */
	char *target;	/* who is watched, as the request URI had it */
	char *event_id; /* of the Event header, or NULL */
	const struct sip_package *package;
	uint32_t wish_s; /* Expires of the SUBSCRIBE in hand */
	uint8_t state;	 /* enum sub_state */
	uint8_t retries;
	bool wanted; /* SIP_EV_DOCUMENT was told, and is not answered yet */
	bool due;    /* to be told once the NOTIFY on its way is answered */

	/* cleared by the transactions when they end */
	struct sip_trans *asked; /* their SUBSCRIBE that waits for an answer */
	struct sip_trans *notify;
};

/* ---- finding ---- */

void sip_notifier_init(struct sip_notifier *notifier, void *ctx)
{
	sip_table_init(&notifier->by_id, ctx);
	sip_table_init(&notifier->by_tag, ctx);
	sip_table_init(&notifier->by_user, ctx);
	sip_table_init(&notifier->by_target, ctx);
	sip_clock_init(&notifier->clock, ctx);
}

void sip_set_packages(struct sip *sip, const struct sip_package *packages,
		      unsigned int n)
{
	OSMO_ASSERT(n <= SIP_PACKAGES_MAX);
	sip->notifier.packages = packages;
	sip->notifier.n_packages = n;
}

static uint64_t hash_text(const struct sip *sip, struct span text)
{
	return sip_hash(&sip->key, text.p, text.n);
}

static uint64_t hash_id(const struct sip *sip, uint64_t id)
{
	return sip_hash(&sip->key, &id, sizeof(id));
}

static struct sub *sub_find(const struct sip *sip, uint64_t id)
{
	struct sip_node *node;

	for (node = sip_table_first(&sip->notifier.by_id, hash_id(sip, id));
	     node; node = sip_node_next(node)) {
		struct sub *sub = container_of(node, struct sub, by_id);

		if (sub->id == id)
			return sub;
	}
	return NULL;
}

static struct sub *sub_of(const struct sip *sip, const struct sip_msg *msg)
{
	struct sip_node *node;
	uint64_t tag;

	if (!sip_hash_unhex(msg->to.tag.p, msg->to.tag.n, &tag))
		return NULL;
	for (node = sip_table_first(&sip->notifier.by_tag, tag); node;
	     node = sip_node_next(node)) {
		struct sub *sub = container_of(node, struct sub, by_tag);

		if (sip_dialog_owns(&sub->dialog, msg))
			return sub;
	}
	return NULL;
}

static const struct sip_package *package_of(const struct sip *sip,
					    const struct sip_msg *msg,
					    struct span *ret_id)
{
	struct span value = sip_msg_value(msg, SIP_H_EVENT), name = value;
	const char *params;

	*ret_id = (struct span){ 0 };
	if (!value.n)
		return NULL;
	params = memchr(value.p, ';', value.n);
	if (params) {
		name.n = params - value.p;
		sip_param((struct span){ params, value.n - name.n }, "id",
			  ret_id);
	}
	while (name.n &&
	       (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
		name.n--;
	for (unsigned int i = 0; i < sip->notifier.n_packages; i++)
		if (span_case_is(name, sip->notifier.packages[i].event))
			return &sip->notifier.packages[i];
	return NULL;
}

/* ---- life ---- */

static size_t count(const struct sip_table *table, uint64_t hash)
{
	struct sip_node *node = sip_table_first(table, hash);
	size_t n = 0;

	for (; node; node = sip_node_next(node))
		n++;
	return n;
}

static bool has_room(const struct sip *sip, struct span user,
		     struct span target)
{
	const struct sip_notifier *n = &sip->notifier;

	return n->by_id.n < sip->limits.subscriptions &&
	       count(&n->by_user, hash_text(sip, user)) <
		       sip->limits.subscriptions_user &&
	       count(&n->by_target, hash_text(sip, target)) <
		       sip->limits.subscriptions_target;
}

static char *copy(void *ctx, struct span text)
{
	char *mine = talloc_strndup(ctx, text.n ? text.p : "", text.n);

	OSMO_ASSERT(mine);
	return mine;
}

static struct sub *sub_new(struct sip *sip, const struct sip_arrival *arrival,
			   struct span user, struct span target)
{
	struct sip_notifier *notifier = &sip->notifier;
	struct sub *sub = talloc_zero(sip, struct sub);

	OSMO_ASSERT(sub);
	sub->id = ++notifier->last_id;
	sub->expires_ms = sub->retry_ms = INT64_MAX;
	sub->user = copy(sub, user);
	sub->target = copy(sub, target);
	sub->dialog.here = *arrival->local;
	sub->dialog.peer = *arrival->from;
	sip_dialog_called(&sub->dialog, sub, arrival->msg,
			  SIP_TAG_OF(sip_random(sip)));
	sip_table_add(&notifier->by_id, &sub->by_id, hash_id(sip, sub->id));
	sip_table_add(&notifier->by_tag, &sub->by_tag, sub->dialog.tag);
	sip_table_add(&notifier->by_user, &sub->by_user, hash_text(sip, user));
	sip_table_add(&notifier->by_target, &sub->by_target,
		      hash_text(sip, target));
	return sub;
}

static void sub_free(struct sip *sip, struct sub *sub)
{
	struct sip_notifier *notifier = &sip->notifier;

	if (sub->asked)
		sip_trans_unbind(sub->asked);
	if (sub->notify)
		sip_trans_unbind(sub->notify);
	sip_clock_clear(&notifier->clock, &sub->timer);
	sip_table_remove(&notifier->by_id, &sub->by_id);
	sip_table_remove(&notifier->by_tag, &sub->by_tag);
	sip_table_remove(&notifier->by_user, &sub->by_user);
	sip_table_remove(&notifier->by_target, &sub->by_target);
	talloc_free(sub);
}

static void tell(struct sip *sip, const struct sub *sub, struct sip_event event)
{
	event.sub = sub->id;
	event.package = sub->package - sip->notifier.packages;
	sip_news_add(&sip->news, &event);
}

static void sub_end(struct sip *sip, struct sub *sub)
{
	if (sub->state != SUB_ASKED)
		tell(sip, sub,
		     (struct sip_event){ .type = SIP_EV_UNSUBSCRIBED });
	sub_free(sip, sub);
}

static void set_timer(struct sip *sip, struct sub *sub)
{
	sip_clock_set(&sip->notifier.clock, &sub->timer,
		      OSMO_MIN(sub->expires_ms, sub->retry_ms));
}

/* ---- NOTIFY ---- */

static void write_state(struct sip *sip, const struct sub *sub,
			struct sip_writer *w, const char *reason)
{
	int64_t left_ms = sub->expires_ms - sip->now_ms;

	sip_write_text(w, "Subscription-State: ");
	if (reason) {
		sip_write_text(w, "terminated;reason=");
		sip_write_text(w, reason);
	} else {
		sip_write_text(w, "active;expires=");
		sip_write_number(w, OSMO_MAX(left_ms, 0) / 1000);
	}
	sip_write_line_end(w);
}

/* @reason NULL: it goes on. */
static void send_notify(struct sip *sip, struct sub *sub, const char *reason,
			const char *type, struct span body)
{
	struct sip_addr to = sip_way(sip, &sub->dialog, sub->user);
	const struct sip_addr *local = sip_here(sip, &sub->dialog, &to);
	struct sip_packet packet;
	struct sip_trans *trans;
	char branch[SIP_BRANCH];
	struct sip_writer w;

	sip_out_begin(&sip->out, &w);
	sip_dialog_request(&sub->dialog, &w, local, SIP_M_NOTIFY,
			   ++sub->dialog.cseq, sip_branch(sip, branch));
	sip_write_contact(&w, "twind", local);
	sip_write_text(&w, "Event: ");
	sip_write_text(&w, sub->package->event);
	if (sub->event_id) {
		sip_write_text(&w, ";id=");
		sip_write_text(&w, sub->event_id);
	}
	sip_write_line_end(&w);
	write_state(sip, sub, &w, reason);
	sip_write_header(&w, "User-Agent", span_of(sip->user_agent));
	if (!sip_out_end(&sip->out, &w, body.n ? type : NULL, body, local, &to,
			 &packet))
		return;
	sip->counts.notified++;
	trans = sip_trans_client(&sip->trans, sip->now_ms, SIP_M_NOTIFY,
				 span_of(branch), &packet);
	if (trans)
		sip_trans_bind(trans, sub->id, SIP_ROLE_DOCUMENT, &sub->notify);
}

/* Several changes make one document: it is asked for when it can be sent. */
static void want_document(struct sip *sip, struct sub *sub)
{
	if (sub->wanted)
		return;
	if (sub->state == SUB_ACTIVE &&
	    (sip_is_open(sub->notify) || sub->retry_ms != INT64_MAX)) {
		sub->due = true;
		return;
	}
	sub->due = false;
	sub->wanted = true;
	tell(sip, sub, (struct sip_event){ .type = SIP_EV_DOCUMENT });
}

void sip_touch(struct sip *sip, int64_t now_ms, uint64_t id)
{
	struct sub *sub = sub_find(sip, id);

	sip->now_ms = now_ms;
	if (sub && sub->state != SUB_ASKED)
		want_document(sip, sub);
}

void sip_notify(struct sip *sip, int64_t now_ms, uint64_t id,
		const char *content_type, struct span body)
{
	struct sub *sub = sub_find(sip, id);

	sip->now_ms = now_ms;
	if (!sub || !sub->wanted)
		return;
	sub->wanted = false;
	if (!content_type)
		content_type = sub->package->type;
	if (sub->state == SUB_LAST) {
		send_notify(sip, sub, "timeout", content_type, body);
		sub_end(sip, sub);
		return;
	}
	send_notify(sip, sub, NULL, content_type, body);
}

void sip_unsubscribe(struct sip *sip, int64_t now_ms, uint64_t id,
		     const char *reason)
{
	struct sub *sub = sub_find(sip, id);

	sip->now_ms = now_ms;
	if (!sub || sub->state == SUB_ASKED)
		return;
	send_notify(sip, sub, reason, NULL, (struct span){ 0 });
	sub_free(sip, sub);
}

/* ---- what became of it ---- */

/* RFC 6665, 4.2.2: nobody is there, or nobody who understands us. */
static bool is_fatal(unsigned int status)
{
	return status < 500 ? status != 408 && status != 491 : status == 501;
}

static void try_again(struct sip *sip, struct sub *sub,
		      const struct sip_msg *answer)
{
	uint32_t after_s = RETRY_S;

	sip_msg_retry_after(answer, &after_s);
	sub->retries++;
	sub->retry_ms = sip->now_ms + 1000LL * OSMO_MIN(OSMO_MAX(after_s, 1U),
							(uint32_t)RETRY_MAX_S);
	set_timer(sip, sub);
}

static void notify_failed(struct sip *sip, struct sub *sub)
{
	sip->counts.notify_failed++;
	sub_end(sip, sub);
}

void sip_notifier_answered(struct sip *sip, struct sip_trans *trans,
			   const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;
	struct sub *sub = sub_find(sip, trans->leg);
	bool latest = sub && sub->notify == trans;

	if (sip_trans_answered(&sip->trans, trans, sip->now_ms, msg) !=
		    SIP_TRANS_FINAL ||
	    !sub)
		return;
	if (msg->status >= 300 &&
	    (is_fatal(msg->status) || sub->retries >= RETRIES)) {
		notify_failed(sip, sub);
		return;
	}
	if (!latest)
		return;
	if (msg->status >= 300) {
		try_again(sip, sub, msg);
		return;
	}
	sub->retries = 0;
	sub->dialog.peer = *arrival->from;
	if (sub->due)
		want_document(sip, sub);
}

void sip_notifier_trans_ended(struct sip *sip, const struct sip_trans_end *end)
{
	struct sub *sub = sub_find(sip, end->leg);

	if (sub)
		notify_failed(sip, sub);
}

void sip_notifier_tick(struct sip *sip)
{
	struct sip_timer *timer;

	while ((timer = sip_clock_due(&sip->notifier.clock, sip->now_ms))) {
		struct sub *sub = container_of(timer, struct sub, timer);

		if (sip->now_ms >= sub->expires_ms) {
			send_notify(sip, sub, "timeout", NULL,
				    (struct span){ 0 });
			sub_end(sip, sub);
			continue;
		}
		sub->retry_ms = INT64_MAX;
		set_timer(sip, sub);
		want_document(sip, sub);
	}
}

void sip_notifier_disconnected(struct sip *sip, const struct sip_addr *addr)
{
	const struct sip_table *table = &sip->notifier.by_id;

	for (size_t i = 0; i <= table->mask; i++)
		for (struct sip_node *node = table->buckets[i]; node;
		     node = node->next) {
			struct sub *sub = container_of(node, struct sub, by_id);

			if (memcmp(&sub->dialog.peer, addr, sizeof(*addr)) == 0)
				sub->dialog.peer.conn = 0;
		}
}

/* ---- SUBSCRIBE ---- */

void sip_notifier_write_events(const struct sip *sip, struct sip_writer *w)
{
	const struct sip_notifier *notifier = &sip->notifier;

	if (!notifier->n_packages)
		return;
	sip_write_text(w, "Allow-Events: ");
	for (unsigned int i = 0; i < notifier->n_packages; i++) {
		sip_write_text(w, i ? ", " : "");
		sip_write_text(w, notifier->packages[i].event);
	}
	sip_write_line_end(w);
}

static void refuse_event(struct sip *sip, const struct sip_arrival *arrival)
{
	struct sip_writer w;

	sip_reply_begin(&sip->out, &w, &sip->key, arrival, 489, NULL);
	sip_notifier_write_events(sip, &w);
	sip_write_server(sip, &w);
	sip_reply_end(&sip->out, &w, arrival);
}

static bool covers(struct span range, const char *type)
{
	const char *params = range.n ? memchr(range.p, ';', range.n) : NULL;
	size_t major = strchr(type, '/') - type + 1;

	if (params)
		range.n = params - range.p;
	while (range.n && range.p[range.n - 1] == ' ')
		range.n--;
	if (span_is(range, "*/*") || span_case_is(range, type))
		return true;
	return range.n == major + 1 && range.p[major] == '*' &&
	       strncasecmp(range.p, type, major) == 0;
}

/* Without an Accept the package's own type is meant (RFC 6665, 4.1.3). */
static bool accepts(const struct sip_msg *msg,
		    const struct sip_package *package)
{
	struct sip_values values;
	struct span range;
	bool any = false;

	sip_values_begin(&values, msg, SIP_H_ACCEPT);
	while (sip_values_next(&values, &range)) {
		any |= range.n > 0;
		if (covers(range, package->type))
			return true;
	}
	return !any;
}

static bool wishes_too_short(struct sip *sip, const struct sip_arrival *arrival,
			     uint32_t *ret_s)
{
	struct sip_writer w;

	*ret_s = sip->subscription_s;
	sip_msg_expires(arrival->msg, ret_s);
	*ret_s = OSMO_MIN(*ret_s, sip->subscription_s);
	if (*ret_s == 0 || *ret_s >= sip->subscription_min_s)
		return false;
	sip_reply_begin(&sip->out, &w, &sip->key, arrival, 423, NULL);
	sip_write_header_number(&w, "Min-Expires", sip->subscription_min_s);
	sip_write_server(sip, &w);
	sip_reply_end(&sip->out, &w, arrival);
	return true;
}

/* What every SUBSCRIBE must have.  NULL: an answer has been given. */
static const struct sip_package *check(struct sip *sip,
				       const struct sip_arrival *arrival,
				       uint32_t *ret_s, struct span *ret_id)
{
	const struct sip_package *package;
	struct sip_contact contact;

	if (sip_refuse_contents(sip, arrival))
		return NULL;
	package = package_of(sip, arrival->msg, ret_id);
	if (!package) {
		refuse_event(sip, arrival);
		return NULL;
	}
	if (!accepts(arrival->msg, package)) {
		sip_refuse(sip, arrival, 406, NULL);
		return NULL;
	}
	if (!sip_msg_contact(arrival->msg, &contact) || contact.star) {
		sip_refuse(sip, arrival, 400, "Missing Contact");
		return NULL;
	}
	if (wishes_too_short(sip, arrival, ret_s))
		return NULL;
	return package;
}

/* The outside decides: the SUBSCRIBE waits for its word. */
static bool ask(struct sip *sip, struct sub *sub,
		const struct sip_arrival *arrival, uint32_t wish_s)
{
	const struct sip_msg *msg = arrival->msg;
	char tag[SIP_HEX];
	struct sip_trans *trans =
		sip_trans_server(&sip->trans, sip->now_ms, msg, arrival->local,
				 &arrival->back, arrival->from);

	if (!trans) {
		sip->counts.limited++;
		sip_refuse_for_now(sip, arrival, 503);
		return false;
	}
	sip_reply_echo(&sip->out, trans, arrival,
		       sip_hash_hex(sub->dialog.tag, tag));
	sip_trans_bind(trans, sub->id, SIP_ROLE_SUBSCRIBE, &sub->asked);
	sub->wish_s = wish_s;
	tell(sip, sub,
	     (struct sip_event){ .type = SIP_EV_SUBSCRIBE,
				 .user = span_of(sub->user),
				 .target = span_of(sub->target),
				 .body = msg->body,
				 .content_type = sip_msg_content_type(msg),
				 .expires_s = wish_s });
	return true;
}

void sip_notifier_subscribe(struct sip *sip, const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;
	char user_text[256], target_text[256];
	const struct sip_package *package;
	struct span user, target, id;
	uint32_t wish_s;
	struct sub *sub;

	user = sip_unescape(msg->from.uri.user, user_text, sizeof(user_text));
	if (!sip_is_known(sip, arrival, user))
		return;
	package = check(sip, arrival, &wish_s, &id);
	if (!package)
		return;
	target = sip_unescape(msg->uri.user, target_text, sizeof(target_text));
	if (!target.n || msg->uri.scheme == SIP_SCHEME_TEL ||
	    !sip_is_ours(sip, msg->uri.host)) {
		sip_refuse(sip, arrival, 404, NULL);
		return;
	}
	if (!has_room(sip, user, target)) {
		sip->counts.limited++;
		sip_refuse_for_now(sip, arrival, 503);
		return;
	}
	sub = sub_new(sip, arrival, user, target);
	sub->package = package;
	if (id.n)
		sub->event_id = copy(sub, id);
	if (!ask(sip, sub, arrival, wish_s))
		sub_free(sip, sub);
}

void sip_notifier_refresh(struct sip *sip, const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;
	struct sub *sub = sub_of(sip, msg);
	const struct sip_package *package;
	struct span id;
	uint32_t wish_s;

	if (!sub || sub->state == SUB_LAST) {
		sip_refuse(sip, arrival, 481, NULL);
		return;
	}
	if (!sip_is_known(sip, arrival, span_of(sub->user)))
		return;
	if (!sip_dialog_in_order(&sub->dialog, msg)) {
		sip_refuse(sip, arrival, 500, "CSeq Out of Order");
		return;
	}
	package = check(sip, arrival, &wish_s, &id);
	if (!package)
		return;
	if (package != sub->package) {
		refuse_event(sip, arrival);
		return;
	}
	if (sip_is_open(sub->asked)) {
		sip_refuse_for_now(sip, arrival, 500);
		return;
	}
	sub->dialog.peer = *arrival->from;
	sub->dialog.here = *arrival->local;
	sip_dialog_retarget(&sub->dialog, sub, msg);
	ask(sip, sub, arrival, wish_s);
}

static void answer(struct sip *sip, struct sub *sub, unsigned int status)
{
	struct sip_packet packet;
	struct sip_writer w;

	if (!sub->asked)
		return; /* who asked has waited too long */
	sip_reply_later(&sip->out, &w, sub->asked, status);
	if (status == 200) {
		sip_write_contact(&w, "twind", &sub->dialog.here);
		sip_write_header_number(&w, "Expires", sub->wish_s);
	}
	sip_write_server(sip, &w);
	if (sip_out_end(&sip->out, &w, NULL, (struct span){ 0 },
			&sub->asked->local, &sub->asked->peer, &packet))
		sip_trans_answer(&sip->trans, sub->asked, sip->now_ms, status,
				 &packet);
	if (sub->asked)
		sip_trans_unbind(sub->asked);
}

void sip_subscribe_result(struct sip *sip, int64_t now_ms, uint64_t id,
			  unsigned int status)
{
	struct sub *sub = sub_find(sip, id);

	sip->now_ms = now_ms;
	if (!sub)
		return;
	answer(sip, sub, status);
	if (status != 200) {
		if (sub->state == SUB_ASKED)
			sub_free(sip, sub);
		return;
	}
	sub->state = sub->wish_s ? SUB_ACTIVE : SUB_LAST;
	/* Whoever should give the last document has this long. */
	sub->expires_ms =
		now_ms + (sub->wish_s ? 1000LL * sub->wish_s : SIP_PATIENCE_MS);
	sub->retry_ms = INT64_MAX;
	set_timer(sip, sub);
	want_document(sip, sub);
}

void sip_notifier_user_gone(struct sip *sip, const char *user)
{
	const struct sip_table *table = &sip->notifier.by_user;
	uint64_t hash = hash_text(sip, span_of(user));
	struct sip_node *node;

	while ((node = sip_table_first(table, hash))) {
		struct sub *sub = container_of(node, struct sub, by_user);

		if (sip_is_open(sub->asked))
			answer(sip, sub, 403);
		if (sub->state != SUB_ASKED)
			send_notify(sip, sub, "rejected", NULL,
				    (struct span){ 0 });
		sub_end(sip, sub);
	}
}

/* ---- told unasked ---- */

int sip_add_teller(struct sip *sip, const struct sip_addr *addr)
{
	struct sip_notifier *notifier = &sip->notifier;

	if (notifier->n_tellers == SIP_TELLERS_MAX)
		return -ENOSPC;
	notifier->tellers[notifier->n_tellers++] = *addr;
	return 0;
}

static bool is_teller(const struct sip *sip, const struct sip_addr *from)
{
	const struct sip_notifier *notifier = &sip->notifier;

	for (size_t i = 0; i < notifier->n_tellers; i++)
		if (notifier->tellers[i].family == from->family &&
		    memcmp(notifier->tellers[i].ip, from->ip,
			   sizeof(from->ip)) == 0)
			return true;
	return false;
}

void sip_notifier_told(struct sip *sip, const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;
	const struct sip_package *package;
	struct sip_packet packet;
	struct sip_trans *trans;
	struct sip_writer w;
	char text[256];
	struct span id;

	if (!is_teller(sip, arrival->from)) {
		sip_refuse(sip, arrival, 403, NULL);
		return;
	}
	if (sip_refuse_contents(sip, arrival))
		return;
	package = package_of(sip, msg, &id);
	if (!package) {
		refuse_event(sip, arrival);
		return;
	}
	sip_reply_begin(&sip->out, &w, &sip->key, arrival, 200, NULL);
	sip_write_server(sip, &w);
	if (!sip_out_end(&sip->out, &w, NULL, (struct span){ 0 },
			 arrival->local, &arrival->back, &packet))
		return;
	trans = sip_trans_server(&sip->trans, sip->now_ms, msg, arrival->local,
				 &arrival->back, arrival->from);
	if (trans)
		sip_trans_answer(&sip->trans, trans, sip->now_ms, 200, &packet);
	sip_news_add(&sip->news,
		     &(struct sip_event){
			     .type = SIP_EV_NOTIFY,
			     .package = package - sip->notifier.packages,
			     .target = sip_unescape(msg->uri.user, text,
						    sizeof(text)),
			     .body = msg->body,
			     .content_type = sip_msg_content_type(msg) });
}
