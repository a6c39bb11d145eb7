/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_dispatch.c - whose is it, and what is refused at the door
 *
 * In the order of RFC 3261, 8.2: who it is, what it wants, what it requires,
 * what it carries.  Everything that is refused here leaves nothing behind: no
 * transaction, no leg; a repeated request is refused once more.
 */
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "sip_ua.h"

/* ---- words that many answers have ---- */

void sip_write_server(const struct sip *sip, struct sip_writer *w)
{
	sip_write_header(w, "Server", span_of(sip->user_agent));
}

void sip_write_abilities(struct sip_writer *w)
{
	sip_write_header(w, "Allow", span_of(SIP_ALLOW));
	sip_write_header(w, "Supported", span_of(SIP_SUPPORTED));
}

struct span sip_sdp_of(const struct sip_msg *msg)
{
	if (!msg->body.n ||
	    !span_case_is(sip_msg_content_type(msg), "application/sdp"))
		return (struct span){ 0 };
	return msg->body;
}

/* ---- refusing ---- */

void sip_refuse(struct sip *sip, const struct sip_arrival *arrival,
		unsigned int status, const char *reason)
{
	struct sip_writer w;

	if (arrival->msg->method == SIP_M_ACK) {
		sip->counts.rx_dropped++;
		return;
	}
	sip_reply_begin(&sip->out, &w, &sip->key, arrival, status, reason);
	if (status == 405)
		sip_write_header(&w, "Allow", span_of(SIP_ALLOW));
	sip_write_server(sip, &w);
	sip_reply_end(&sip->out, &w, arrival);
}

void sip_refuse_for_now(struct sip *sip, const struct sip_arrival *arrival,
			unsigned int status)
{
	struct sip_writer w;

	sip_reply_begin(&sip->out, &w, &sip->key, arrival, status, NULL);
	if (status == 500)
		sip_write_header_number(&w, "Retry-After",
					sip_random(sip) % 10);
	else if (status == 503)
		sip_write_header_number(&w, "Retry-After", 5);
	sip_write_server(sip, &w);
	sip_reply_end(&sip->out, &w, arrival);
}

static bool is_supported(struct span option)
{
	return span_case_is(option, "timer") ||
	       span_case_is(option, "replaces") ||
	       span_case_is(option, "norefersub") ||
	       span_case_is(option, "tdialog");
}

static bool requires_too_much(struct sip *sip,
			      const struct sip_arrival *arrival)
{
	struct sip_values values;
	struct span option;
	struct sip_writer w;
	bool any = false;

	if (!sip_msg_first(arrival->msg, SIP_H_REQUIRE))
		return false;
	sip_values_begin(&values, arrival->msg, SIP_H_REQUIRE);
	while (sip_values_next(&values, &option)) {
		if (!option.n || is_supported(option))
			continue;
		if (!any)
			sip_reply_begin(&sip->out, &w, &sip->key, arrival, 420,
					NULL);
		any = true;
		sip_write_header(&w, "Unsupported", option);
	}
	if (!any)
		return false;
	sip_write_server(sip, &w);
	sip_reply_end(&sip->out, &w, arrival);
	return true;
}

static bool carries_other(struct sip *sip, const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;
	struct span encoding = sip_msg_value(msg, SIP_H_CONTENT_ENCODING);
	bool coded = encoding.n && !span_case_is(encoding, "identity");
	bool offer = msg->method == SIP_M_INVITE || msg->method == SIP_M_UPDATE;
	struct sip_writer w;

	if (!msg->body.n || (!coded && !(offer && !sip_sdp_of(msg).n)))
		return false;
	sip_reply_begin(&sip->out, &w, &sip->key, arrival, 415, NULL);
	sip_write_header(&w, "Accept", span_of("application/sdp"));
	sip_write_header(&w, "Accept-Encoding", span_of("identity"));
	sip_write_server(sip, &w);
	sip_reply_end(&sip->out, &w, arrival);
	return true;
}

bool sip_refuse_contents(struct sip *sip, const struct sip_arrival *arrival)
{
	return requires_too_much(sip, arrival) || carries_other(sip, arrival);
}

static void take_options(struct sip *sip, const struct sip_arrival *arrival)
{
	struct sip_writer w;

	sip_reply_begin(&sip->out, &w, &sip->key, arrival, 200, NULL);
	sip_write_contact(&w, "twind", arrival->local);
	sip_write_header(&w, "Accept", span_of("application/sdp"));
	sip_write_header(&w, "Accept-Encoding", span_of("identity"));
	sip_write_abilities(&w);
	sip_notifier_write_events(sip, &w);
	sip_write_server(sip, &w);
	sip_reply_end(&sip->out, &w, arrival);
}

/* What is no part of a call, within one or without. */
void sip_refuse_method(struct sip *sip, const struct sip_arrival *arrival)
{
	switch (arrival->msg->method) {
	case SIP_M_OPTIONS:
		take_options(sip, arrival);
		break;
	case SIP_M_OTHER:
		sip_refuse(sip, arrival, 501, NULL);
		break;
	default:
		sip_refuse(sip, arrival, 405, NULL);
	}
}

/* ---- who is it ---- */

static void challenge(struct sip *sip, const struct sip_arrival *arrival,
		      bool stale)
{
	struct sip_writer w;

	sip->counts.challenged++;
	sip_reply_begin(&sip->out, &w, &sip->key, arrival, 401, NULL);
	sip_auth_challenge(sip->auth, sip->now_ms, &w, false, stale);
	sip_write_server(sip, &w);
	sip_reply_end(&sip->out, &w, arrival);
}

/* False: an answer has been given.  A user that does not exist is asked for
 * his password like any other. */
bool sip_is_known(struct sip *sip, const struct sip_arrival *arrival,
		  struct span user)
{
	const struct sip_user *known = sip_user(sip, user);

	switch (sip_auth_check(sip->auth, sip->now_ms, arrival->msg, false,
			       user, known ? &known->secret : NULL)) {
	case SIP_AUTH_OK:
		return true;
	case SIP_AUTH_CHALLENGE:
		challenge(sip, arrival, false);
		return false;
	case SIP_AUTH_STALE:
		challenge(sip, arrival, true);
		return false;
	case SIP_AUTH_WRONG:
		break;
	}
	sip->counts.auth_failed++;
	sip_refuse(sip, arrival, 403, NULL);
	return false;
}

/* ---- requests outside of a dialog ---- */

static void take_invite(struct sip *sip, const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;
	enum sip_refresher refresher;
	struct sip_writer w;
	uint64_t replaces;
	uint32_t session_s;
	struct span user;
	char text[256];

	if (msg->max_forwards == 0) {
		sip_refuse(sip, arrival, 483, NULL);
		return;
	}
	user = sip_unescape(msg->from.uri.user, text, sizeof(text));
	if (!sip_is_known(sip, arrival, user) ||
	    sip_refuse_contents(sip, arrival))
		return;
	if (sip_msg_session_expires(msg, &session_s, &refresher) &&
	    session_s < SIP_MIN_SE_S &&
	    sip_msg_lists(msg, SIP_H_SUPPORTED, "timer")) {
		sip_reply_begin(&sip->out, &w, &sip->key, arrival, 422, NULL);
		sip_write_header_number(&w, "Min-SE", SIP_MIN_SE_S);
		sip_write_server(sip, &w);
		sip_reply_end(&sip->out, &w, arrival);
		return;
	}
	if (sip_refer_replaces(sip, arrival, &replaces))
		sip_uas_invite(sip, arrival, user, replaces);
}

static void take_refer(struct sip *sip, const struct sip_arrival *arrival)
{
	struct span user;
	char text[256];

	user = sip_unescape(arrival->msg->from.uri.user, text, sizeof(text));
	if (sip_is_known(sip, arrival, user) &&
	    !sip_refuse_contents(sip, arrival))
		sip_refer_outside(sip, arrival, user);
}

/* A registration that waits to be stored. */
struct pending {
	struct sip_node node;
	uint64_t reg;
	struct sip_trans *trans; /* NULL: nobody waits for the answer now */
	char *user;
};

static void write_registered(struct sip *sip, struct sip_writer *w,
			     struct span user, unsigned int status)
{
	sip_registrar_write(sip->registrar, sip->now_ms, user, status, w);
	sip_write_server(sip, w);
}

static void answer_register(struct sip *sip, const struct sip_arrival *arrival,
			    struct span user,
			    const struct sip_register_verdict *verdict)
{
	struct sip_packet packet;
	struct sip_trans *trans;
	struct sip_writer w;

	sip_reply_begin(&sip->out, &w, &sip->key, arrival, verdict->status,
			verdict->reason);
	write_registered(sip, &w, user, verdict->status);
	if (!sip_out_end(&sip->out, &w, NULL, (struct span){ 0 },
			 arrival->local, &arrival->back, &packet))
		return;
	trans = sip_trans_server(&sip->trans, sip->now_ms, arrival->msg,
				 arrival->local, &arrival->back, arrival->from);
	if (trans)
		sip_trans_answer(&sip->trans, trans, sip->now_ms,
				 verdict->status, &packet);
}

static void store_register(struct sip *sip, const struct sip_arrival *arrival,
			   struct span user,
			   const struct sip_register_verdict *verdict)
{
	struct sip_trans *trans;
	struct pending *pending;
	char tag[SIP_HEX];

	trans = sip_trans_server(&sip->trans, sip->now_ms, arrival->msg,
				 arrival->local, &arrival->back, arrival->from);
	if (!trans) {
		sip_registrar_stored(sip->registrar, sip->now_ms, verdict->reg,
				     false);
		sip->counts.limited++;
		sip_refuse_for_now(sip, arrival, 503);
		return;
	}
	sip_reply_echo(
		&sip->out, trans, arrival,
		sip_hash_hex(sip_reply_tag(&sip->key, arrival->msg), tag));
	pending = talloc_zero(sip, struct pending);
	OSMO_ASSERT(pending);
	pending->reg = verdict->reg;
	pending->user = talloc_strndup(pending, user.p, user.n);
	OSMO_ASSERT(pending->user);
	sip_table_add(&sip->pending, &pending->node,
		      sip_hash(&sip->key, &pending->reg, sizeof(pending->reg)));
	sip_trans_bind(trans, pending->reg, SIP_ROLE_REGISTER, &pending->trans);
	sip_news_add(&sip->news,
		     &(struct sip_event){ .type = SIP_EV_REGISTER,
					  .user = user,
					  .reg = verdict->reg,
					  .contact = verdict->contact,
					  .user_agent = verdict->user_agent,
					  .source = verdict->next_hop,
					  .expires_s = verdict->expires_s });
}

static struct pending *pending_find(struct sip *sip, uint64_t reg)
{
	struct sip_node *node;

	for (node = sip_table_first(&sip->pending,
				    sip_hash(&sip->key, &reg, sizeof(reg)));
	     node; node = sip_node_next(node))
		if (container_of(node, struct pending, node)->reg == reg)
			return container_of(node, struct pending, node);
	return NULL;
}

void sip_register_done(struct sip *sip, int64_t now_ms, uint64_t reg, bool ok)
{
	struct pending *pending = pending_find(sip, reg);
	struct sip_packet packet;
	struct sip_writer w;
	unsigned int status;

	sip->now_ms = now_ms;
	status = sip_registrar_stored(sip->registrar, now_ms, reg, ok);
	if (!pending)
		return;
	if (pending->trans) {
		status = status ? status : 500;
		sip_reply_later(&sip->out, &w, pending->trans, status);
		write_registered(sip, &w, span_of(pending->user), status);
		if (sip_out_end(&sip->out, &w, NULL, (struct span){ 0 },
				&pending->trans->local, &pending->trans->peer,
				&packet))
			sip_trans_answer(&sip->trans, pending->trans, now_ms,
					 status, &packet);
	}
	sip_table_remove(&sip->pending, &pending->node);
	if (pending->trans)
		sip_trans_unbind(pending->trans);
	talloc_free(pending);
}

static void take_register(struct sip *sip, const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;
	struct sip_register_verdict verdict;
	struct span user;
	char text[256];

	user = sip_unescape(msg->to.uri.user, text, sizeof(text));
	if (!sip_is_known(sip, arrival, user) ||
	    requires_too_much(sip, arrival))
		return;
	sip_registrar_take(sip->registrar, sip->now_ms, msg, user,
			   arrival->from, &verdict);
	switch (verdict.action) {
	case SIP_REGISTER_STORE:
		store_register(sip, arrival, user, &verdict);
		break;
	case SIP_REGISTER_REMOVED:
		sip_news_add(&sip->news,
			     &(struct sip_event){ .type = SIP_EV_UNREGISTERED,
						  .user = user });
		answer_register(sip, arrival, user, &verdict);
		break;
	case SIP_REGISTER_ANSWER:
		answer_register(sip, arrival, user, &verdict);
		break;
	}
}

static void take_outside(struct sip *sip, const struct sip_arrival *arrival)
{
	switch (arrival->msg->method) {
	case SIP_M_INVITE:
		take_invite(sip, arrival);
		break;
	case SIP_M_REGISTER:
		take_register(sip, arrival);
		break;
	case SIP_M_SUBSCRIBE:
		sip_notifier_subscribe(sip, arrival);
		break;
	case SIP_M_NOTIFY:
		sip_notifier_told(sip, arrival);
		break;
	case SIP_M_REFER:
		take_refer(sip, arrival);
		break;
	case SIP_M_BYE:
	case SIP_M_UPDATE:
	case SIP_M_INFO:
		sip_refuse(sip, arrival, 481, NULL);
		break;
	default:
		sip_refuse_method(sip, arrival);
	}
}

/* ---- all requests ---- */

/* The ACK of a 2xx has a branch of its own, if its sender knows that; that of
 * a refusal which left nothing behind is told by our tag. */
static void take_ack(struct sip *sip, const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;
	struct sip_leg *leg = sip_leg_of(sip, msg);
	uint64_t tag;

	if (leg) {
		leg->dialog.peer = *arrival->from;
		sip_leg_acked(sip, leg, msg);
	} else if (!sip_hash_unhex(msg->to.tag.p, msg->to.tag.n, &tag) ||
		   tag != sip_reply_tag(&sip->key, msg)) {
		sip->counts.rx_dropped++;
	}
}

void sip_take_request(struct sip *sip, struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;
	struct sip_trans *trans = sip_trans_of_request(&sip->trans, msg);
	struct sip_leg *leg;

	if (trans &&
	    (msg->method != SIP_M_ACK || trans->state != SIP_TRANS_ACCEPTED)) {
		sip_trans_repeated(&sip->trans, trans, sip->now_ms, msg);
		return;
	}
	if (msg->method == SIP_M_ACK) {
		take_ack(sip, arrival);
		return;
	}
	if (msg->method == SIP_M_CANCEL) {
		sip_uas_cancel(sip, arrival);
		return;
	}
	if (!msg->to.tag.n) {
		take_outside(sip, arrival);
		return;
	}
	leg = sip_leg_of(sip, msg);
	if (leg)
		sip_leg_request(sip, leg, arrival);
	else if (msg->method == SIP_M_REGISTER)
		take_register(sip, arrival);
	else if (msg->method == SIP_M_SUBSCRIBE)
		sip_notifier_refresh(sip, arrival);
	else
		sip_refuse(sip, arrival, 481, NULL);
}

/* ---- all answers ---- */

static bool has_more_vias(const struct sip_msg *msg)
{
	struct sip_values values;
	struct span value;

	sip_values_begin(&values, msg, SIP_H_VIA);
	return sip_values_next(&values, &value) &&
	       sip_values_next(&values, &value);
}

/* One more 2xx of an INVITE: the one that we know, or of another phone. */
static void take_again(struct sip *sip, struct sip_leg *leg,
		       struct sip_trans *trans,
		       const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;
	bool known = leg && leg->dialog.remote_tag &&
		     span_is(msg->to.tag, leg->dialog.remote_tag);

	if (sip_trans_acks(trans, msg->to.tag))
		sip_trans_again(&sip->trans, trans);
	else if (!known || !leg->ack_owed)
		sip_uac_unwanted(sip, trans, arrival);
}

void sip_take_answer(struct sip *sip, struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;
	struct sip_trans *trans = sip_trans_of_answer(&sip->trans, msg);
	enum sip_trans_verdict verdict;
	char *invite = NULL;
	struct sip_leg *leg;

	if (!trans || has_more_vias(msg)) {
		sip->counts.rx_dropped++;
		return;
	}
	if (trans->role == SIP_ROLE_DOCUMENT) {
		sip_notifier_answered(sip, trans, arrival);
		return;
	}
	leg = trans->leg ? sip_leg_find(sip, trans->leg) : NULL;
	/* The ACK takes the place of the INVITE, which may be tried again. */
	if (msg->status == 422 && trans->bytes)
		invite = talloc_strndup(sip, trans->bytes, trans->bytes_n);
	verdict = sip_trans_answered(&sip->trans, trans, sip->now_ms, msg);
	if (verdict == SIP_TRANS_DROP)
		; /* a duplicate, and dealt with */
	else if (verdict == SIP_TRANS_AGAIN)
		take_again(sip, leg, trans, arrival);
	else if (leg && leg->state == SIP_LEG_OUTGOING &&
		 trans->role == SIP_ROLE_INVITE_OUT)
		sip_uac_answer(sip, leg, trans, arrival, verdict,
			       span_of(invite));
	else if (leg)
		sip_leg_answered(sip, leg, trans, arrival);
	else if (trans->method == SIP_M_INVITE && msg->status >= 200 &&
		 msg->status < 300)
		sip_uac_unwanted(sip, trans, arrival);
	talloc_free(invite);
}
