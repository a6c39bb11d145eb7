/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_ua.c - a leg once it is a dialog, whoever called
 *
 * Glare (RFC 3261, 14; RFC 3311, 5.2): there is one offer at a time.  Theirs
 * that meets ours on the wire gets 491; theirs that comes before we have
 * answered their last one, 500 and when to try again.  Ours that would meet
 * theirs is not sent: whoever wished it is told 491 at once.
 */
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "sdp.h"
#include "sip_ua.h"

/* ---- life ---- */

struct sip_leg *sip_leg_new(struct sip *sip, uint64_t id,
			    enum sip_leg_state state)
{
	struct sip_leg *leg = talloc_zero(sip, struct sip_leg);

	OSMO_ASSERT(leg && !sip_leg_find(sip, id));
	leg->id = id;
	leg->state = state;
	leg->incoming = state == SIP_LEG_INCOMING;
	leg->since_ms = sip->now_ms;
	leg->expires_ms = INT64_MAX;
	sip_table_add(&sip->legs_by_id, &leg->by_id,
		      sip_hash(&sip->key, &leg->id, sizeof(leg->id)));
	return leg;
}

static uint64_t caller_hash(const struct sip *sip, struct span call_id,
			    struct span tag)
{
	return sip_hash(&sip->key, call_id.p, call_id.n) ^
	       sip_hash(&sip->key, tag.p, tag.n);
}

void sip_leg_known(struct sip *sip, struct sip_leg *leg)
{
	struct sip_dialog *dialog = &leg->dialog;

	sip_table_add(&sip->legs_by_tag, &leg->by_tag, SIP_TAG_OF(dialog->tag));
	if (leg->incoming)
		sip_table_add(&sip->legs_by_caller, &leg->by_caller,
			      caller_hash(sip, span_of(dialog->call_id),
					  span_of(dialog->remote_tag)));
}

struct sip_leg *sip_leg_find(const struct sip *sip, uint64_t id)
{
	struct sip_node *node;

	for (node = sip_table_first(&sip->legs_by_id,
				    sip_hash(&sip->key, &id, sizeof(id)));
	     node; node = sip_node_next(node)) {
		struct sip_leg *leg = container_of(node, struct sip_leg, by_id);

		if (leg->id == id)
			return leg;
	}
	return NULL;
}

/* A leg with several early dialogs is found by the tag of any that it has. */
static bool tag_fits(const struct sip_leg *leg, uint64_t tag)
{
	if (leg->state == SIP_LEG_INCOMING)
		return (tag & SIP_FORKS_MAX) <= leg->fork;
	return tag == leg->dialog.tag;
}

struct sip_leg *sip_leg_of(const struct sip *sip, const struct sip_msg *msg)
{
	struct span text = msg->is_request ? msg->to.tag : msg->from.tag;
	struct sip_node *node;
	uint64_t tag;

	if (!sip_hash_unhex(text.p, text.n, &tag))
		return NULL;
	for (node = sip_table_first(&sip->legs_by_tag, SIP_TAG_OF(tag)); node;
	     node = sip_node_next(node)) {
		struct sip_leg *leg =
			container_of(node, struct sip_leg, by_tag);

		if (tag_fits(leg, tag) && sip_dialog_owns(&leg->dialog, msg))
			return leg;
	}
	return NULL;
}

void sip_leg_remember(struct sip *sip, struct sip_leg *leg,
		      const struct sip_packet *packet)
{
	if (!sip->journal.remember)
		return;
	sip->journal.remember(sip->journal.data, leg->id, packet);
	leg->journaled = true;
}

void sip_leg_forget(struct sip *sip, struct sip_leg *leg)
{
	if (leg->journaled)
		sip->journal.forget(sip->journal.data, leg->id);
	leg->journaled = false;
}

void sip_leg_free(struct sip *sip, struct sip_leg *leg)
{
	struct sip_trans *const mine[] = { leg->invite_in, leg->invite_out,
					   leg->update_in, leg->update_out,
					   leg->bye };

	sip_refer_end(sip, leg);
	for (size_t i = 0; i < ARRAY_SIZE(mine); i++)
		if (mine[i])
			sip_trans_unbind(mine[i]);
	sip_leg_forget(sip, leg);
	sip_clock_clear(&sip->legs_clock, &leg->timer);
	sip_table_remove(&sip->legs_by_id, &leg->by_id);
	if (leg->dialog.call_id) {
		sip_table_remove(&sip->legs_by_tag, &leg->by_tag);
		if (leg->incoming)
			sip_table_remove(&sip->legs_by_caller, &leg->by_caller);
	}
	talloc_free(leg);
}

void sip_leg_tell(struct sip *sip, const struct sip_leg *leg,
		  struct sip_event event)
{
	event.leg = leg->id;
	sip_news_add(&sip->news, &event);
}

/* What they still wait for is answered, so that nothing of theirs hangs. */
static void answer_pending(struct sip *sip, struct sip_leg *leg)
{
	if (sip_is_open(leg->invite_in))
		sip_uas_answer(sip, leg, leg->invite_in, 487,
			       (struct span){ 0 });
	if (sip_is_open(leg->update_in))
		sip_uas_answer(sip, leg, leg->update_in, 487,
			       (struct span){ 0 });
	if (leg->invite_in && sip_trans_unacked(leg->invite_in))
		sip_trans_acked(&sip->trans, leg->invite_in);
}

void sip_leg_end(struct sip *sip, struct sip_leg *leg, enum sip_end end,
		 unsigned int status)
{
	answer_pending(sip, leg);
	sip_leg_tell(sip, leg,
		     (struct sip_event){ .type = SIP_EV_RELEASED,
					 .end = end,
					 .status = status });
	sip_leg_free(sip, leg);
}

/* ---- what both sides note ---- */

void sip_leg_described(struct sip *sip, struct sip_leg *leg, struct span sdp)
{
	if (!sdp.n || leg->takes_update) {
		if (leg->takes_update)
			TALLOC_FREE(leg->sdp);
		return;
	}
	talloc_free(leg->sdp);
	leg->sdp = talloc_strndup(leg, sdp.p, sdp.n);
	OSMO_ASSERT(leg->sdp);
}

void sip_leg_abilities(struct sip_leg *leg, const struct sip_msg *msg)
{
	if (sip_msg_first(msg, SIP_H_ALLOW))
		leg->takes_update = sip_msg_lists(msg, SIP_H_ALLOW, "UPDATE");
}

/* ---- requests of ours ---- */

/* The connection of the dialog is gone: that of the registration will do. */
struct sip_addr sip_way(const struct sip *sip, const struct sip_dialog *dialog,
			const char *user)
{
	const struct sip_binding *binding;
	struct sip_uri uri;

	if (dialog->peer.transport != SIP_UDP && !dialog->peer.conn &&
	    !dialog->route && user) {
		binding = sip_registrar_find(sip->registrar, sip->now_ms,
					     span_of(user));
		if (binding &&
		    sip_uri_parse(&uri, span_of(binding->contact)) == 0)
			return sip_next_hop(&uri, &binding->next_hop);
	}
	return sip_dialog_next_hop(dialog);
}

const struct sip_addr *sip_here(const struct sip *sip,
				const struct sip_dialog *dialog,
				const struct sip_addr *to)
{
	if (dialog->here.transport == to->transport &&
	    dialog->here.family == to->family)
		return &dialog->here;
	return sip_local(sip, to);
}

static void write_connected(const struct sip *sip, const struct sip_leg *leg,
			    struct sip_writer *w)
{
	if (leg->number && *leg->number)
		sip_write_name(w, "P-Asserted-Identity", leg->name, leg->number,
			       sip->domain, 0, NULL);
}

struct sip_addr sip_leg_begin(struct sip *sip, struct sip_leg *leg,
			      struct sip_writer *w, enum sip_method method,
			      uint32_t cseq, char branch[SIP_BRANCH])
{
	struct sip_addr to = sip_way(sip, &leg->dialog, leg->user);
	const struct sip_addr *local = sip_here(sip, &leg->dialog, &to);

	sip_out_begin(&sip->out, w);
	sip_dialog_request(&leg->dialog, w, local, method, cseq,
			   sip_branch(sip, branch));
	if (method == SIP_M_INVITE || method == SIP_M_UPDATE) {
		sip_write_contact(w, "twind", local);
		sip_write_header(w, "Allow", span_of(SIP_ALLOW));
		sip_write_header(w, "Supported", span_of(SIP_SUPPORTED));
		write_connected(sip, leg, w);
	}
	sip_write_header(w, "User-Agent", span_of(sip->user_agent));
	return to;
}

struct sip_trans *sip_leg_send(struct sip *sip, struct sip_leg *leg,
			       struct sip_writer *w, enum sip_method method,
			       const char *branch, const char *type,
			       struct span body, const struct sip_addr *to)
{
	const struct sip_addr *local = sip_here(sip, &leg->dialog, to);
	struct sip_packet packet;

	if (!sip_out_end(&sip->out, w, type, body, local, to, &packet))
		return NULL;
	if (method == SIP_M_ACK) {
		if (leg->invite_out)
			sip_trans_keep(leg->invite_out, &packet);
		return NULL;
	}
	return sip_trans_client(&sip->trans, sip->now_ms, method,
				span_of(branch), &packet);
}

void sip_leg_ack(struct sip *sip, struct sip_leg *leg, struct span body)
{
	char branch[SIP_BRANCH];
	struct sip_writer w;
	struct sip_addr to;

	body = sip_describe_out(leg, body, false);
	to = sip_leg_begin(sip, leg, &w, SIP_M_ACK, leg->out_cseq, branch);
	sip_leg_send(sip, leg, &w, SIP_M_ACK, branch,
		     body.n ? "application/sdp" : NULL, body, &to);
	if (body.n)
		sip_leg_described(sip, leg, body);
	TALLOC_FREE(leg->offer);
	leg->ack_owed = false;
}

void sip_leg_accepted(struct sip *sip, struct sip_leg *leg,
		      const struct sip_trans *trans, const struct sip_msg *msg)
{
	struct span offer = sip_sdp_of(msg);

	if (!trans->late || !offer.n) {
		sip_leg_ack(sip, leg, (struct span){ 0 });
		return;
	}
	leg->ack_owed = true;
	talloc_free(leg->offer);
	leg->offer = talloc_strndup(leg, offer.p, offer.n);
	OSMO_ASSERT(leg->offer);
}

/* An offer must be answered in the ACK (RFC 3261, 13.2.2.4), even by who
 * wants nothing of it. */
struct span sip_rejection(struct sip *sip, struct span offer,
			  char buf[SIP_REJECTION_MAX])
{
	struct sdp_origin origin = {
		.id = sip_random(sip) >> 2,
		.family = AF_INET,
		.address = "0.0.0.0",
	};
	struct sdp sdp;
	ssize_t n = -1;

	if (offer.n && sdp_parse(&sdp, offer) == 0)
		n = sdp_reject(&sdp, &origin, buf, SIP_REJECTION_MAX);
	return (struct span){ buf, n > 0 ? n : 0 };
}

static struct sip_trans *send_bye(struct sip *sip, struct sip_leg *leg,
				  unsigned int q850)
{
	char rejection[SIP_REJECTION_MAX];
	char branch[SIP_BRANCH];
	struct sip_writer w;
	struct sip_addr to;

	if (leg->ack_owed)
		sip_leg_ack(sip, leg,
			    sip_rejection(sip, span_of(leg->offer), rejection));
	to = sip_leg_begin(sip, leg, &w, SIP_M_BYE, ++leg->dialog.cseq, branch);
	if (q850) {
		sip_write_text(&w, "Reason: Q.850;cause=");
		sip_write_number(&w, q850);
		sip_write_line_end(&w);
	}
	return sip_leg_send(sip, leg, &w, SIP_M_BYE, branch, NULL,
			    (struct span){ 0 }, &to);
}

void sip_leg_bye(struct sip *sip, struct sip_leg *leg, unsigned int q850)
{
	struct sip_trans *bye;

	answer_pending(sip, leg);
	bye = send_bye(sip, leg, q850);
	if (!bye) {
		sip_leg_end(sip, leg, SIP_END_LOCAL, 0);
		return;
	}
	leg->state = SIP_LEG_CLOSING;
	sip_clock_clear(&sip->legs_clock, &leg->timer);
	sip_trans_bind(bye, leg->id, SIP_ROLE_BYE, &leg->bye);
}

void sip_leg_bye_and_end(struct sip *sip, struct sip_leg *leg, enum sip_end end,
			 unsigned int status)
{
	answer_pending(sip, leg);
	send_bye(sip, leg, 0);
	sip_leg_end(sip, leg, end, status);
}

static bool may_offer(const struct sip_leg *leg)
{
	return leg->state == SIP_LEG_UP && !sip_is_open(leg->invite_in) &&
	       !sip_is_open(leg->invite_out) && !sip_is_open(leg->update_in) &&
	       !sip_is_open(leg->update_out) && !leg->ack_owed &&
	       !(leg->invite_in && sip_trans_unacked(leg->invite_in));
}

bool sip_leg_offer(struct sip *sip, struct sip_leg *leg, enum sip_how how,
		   struct span body, bool refresh)
{
	bool update = how == SIP_UPDATE && (leg->takes_update || !body.n);
	enum sip_method method = update ? SIP_M_UPDATE : SIP_M_INVITE;
	char branch[SIP_BRANCH];
	struct sip_trans *trans;
	struct sip_writer w;
	struct sip_addr to;

	if (!may_offer(leg))
		return false;
	if (!refresh)
		body = sip_describe_out(leg, body, true);
	to = sip_leg_begin(sip, leg, &w, method, ++leg->dialog.cseq, branch);
	sip_session_write_request(sip, leg, &w);
	trans = sip_leg_send(sip, leg, &w, method, branch,
			     body.n ? "application/sdp" : NULL, body, &to);
	if (!trans)
		return false;
	leg->refreshing = refresh;
	if (update) {
		sip_trans_bind(trans, leg->id, SIP_ROLE_UPDATE_OUT,
			       &leg->update_out);
	} else {
		leg->out_cseq = leg->dialog.cseq;
		trans->within = true;
		sip_trans_bind(trans, leg->id, SIP_ROLE_INVITE_OUT,
			       &leg->invite_out);
	}
	if (!refresh)
		sip_leg_described(sip, leg, body);
	return true;
}

/* ---- answers to them ---- */

static void tell_result(struct sip *sip, struct sip_leg *leg, bool invite,
			unsigned int status, struct span body)
{
	sip_leg_tell(
		sip, leg,
		(struct sip_event){ .type = SIP_EV_OFFER_RESULT,
				    .how = invite ? SIP_REINVITE : SIP_UPDATE,
				    .status = status,
				    .body = body });
}

static void offer_answered(struct sip *sip, struct sip_leg *leg,
			   struct sip_trans *trans, const struct sip_msg *msg)
{
	bool invite = trans->method == SIP_M_INVITE;
	bool refresh = leg->refreshing;
	uint32_t min_se_s;

	leg->refreshing = false;
	if (msg->status < 300) {
		sip_dialog_retarget(&leg->dialog, leg, msg);
		sip_session_agreed(sip, leg, msg);
		if (invite)
			sip_leg_accepted(sip, leg, trans, msg);
		if (!refresh)
			tell_result(sip, leg, invite, msg->status,
				    sip_describe_in(leg, sip_sdp_of(msg)));
		return;
	}
	if (msg->status == 481 || msg->status == 408) {
		/* The call is gone at their side (12.2.1.2). */
		sip_leg_bye_and_end(sip, leg, SIP_END_STATUS, msg->status);
		return;
	}
	if (msg->status == 422 && sip_msg_min_se(msg, &min_se_s))
		leg->min_se_s = leg->session_s =
			OSMO_MAX(leg->session_s, min_se_s);
	if (!refresh)
		tell_result(sip, leg, invite, msg->status, (struct span){ 0 });
	else if (msg->status == 491 || msg->status == 422)
		sip_session_again(sip, leg, 2100 + sip_random(sip) % 1900);
	else if (!invite && (msg->status == 405 || msg->status == 501) &&
		 leg->sdp)
		leg->takes_update = false; /* said so, and it was not true */
}

void sip_leg_answered(struct sip *sip, struct sip_leg *leg,
		      struct sip_trans *trans,
		      const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;

	if (msg->status < 200)
		return;
	leg->dialog.peer = *arrival->from;
	switch (trans->role) {
	case SIP_ROLE_BYE:
		sip_leg_end(sip, leg, SIP_END_LOCAL, msg->status);
		break;
	case SIP_ROLE_NOTIFY:
		break; /* of a subscription that has an end of its own */
	case SIP_ROLE_INFO:
		if (msg->status == 481 || msg->status == 408)
			sip_leg_bye_and_end(sip, leg, SIP_END_STATUS,
					    msg->status);
		break;
	default:
		if (leg->state == SIP_LEG_UP)
			offer_answered(sip, leg, trans, msg);
		else if (trans->method == SIP_M_INVITE && msg->status < 300)
			sip_uac_unwanted(sip, trans, arrival);
	}
}

void sip_leg_trans_ended(struct sip *sip, const struct sip_trans_end *end)
{
	struct sip_leg *leg = sip_leg_find(sip, end->leg);
	bool dead = end->news == SIP_TRANS_UNREACHABLE;
	enum sip_end why = dead ? SIP_END_TRANSPORT : SIP_END_TIMEOUT;

	if (!leg || end->role == SIP_ROLE_REGISTER ||
	    end->role == SIP_ROLE_NOTIFY)
		return;
	if (leg->cancelled)
		why = SIP_END_LOCAL;
	if (end->role == SIP_ROLE_BYE)
		sip_leg_end(sip, leg, SIP_END_LOCAL, 408);
	else if (leg->state == SIP_LEG_CLOSING)
		return;
	else if (leg->state == SIP_LEG_OUTGOING)
		sip_leg_end(sip, leg, why, dead ? 503 : 408);
	else
		sip_leg_bye_and_end(sip, leg, why, dead ? 503 : 408);
}

/* ---- requests of theirs ---- */

/* With a transaction, so that a repeated one changes nothing. */
static void ok(struct sip *sip, struct sip_leg *leg,
	       const struct sip_arrival *arrival)
{
	struct sip_packet packet;
	struct sip_trans *trans;
	struct sip_writer w;

	sip_reply_begin(&sip->out, &w, &sip->key, arrival, 200, NULL);
	sip_write_server(sip, &w);
	if (!sip_out_end(&sip->out, &w, NULL, (struct span){ 0 },
			 arrival->local, &arrival->back, &packet))
		return;
	trans = sip_trans_server(&sip->trans, sip->now_ms, arrival->msg,
				 arrival->local, &arrival->back, arrival->from);
	if (trans)
		sip_trans_answer(&sip->trans, trans, sip->now_ms, 200, &packet);
	else
		sip->counts.limited++; /* answered, and not remembered */
}

static void take_bye(struct sip *sip, struct sip_leg *leg,
		     const struct sip_arrival *arrival)
{
	if (leg->state == SIP_LEG_OUTGOING) {
		/* Only the caller may end an early dialog so (15). */
		sip_refuse(sip, arrival, 481, NULL);
		return;
	}
	ok(sip, leg, arrival);
	if (leg->state == SIP_LEG_INCOMING)
		sip_leg_end(sip, leg, SIP_END_CANCEL, 487);
	else if (leg->state == SIP_LEG_CLOSING || leg->end_wanted)
		sip_leg_end(sip, leg, SIP_END_LOCAL, 0);
	else
		sip_leg_end(sip, leg, SIP_END_BYE, 0);
}

static void take_info(struct sip *sip, struct sip_leg *leg,
		      const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;

	ok(sip, leg, arrival);
	sip_leg_tell(sip, leg,
		     (struct sip_event){ .type = SIP_EV_INFO,
					 .body = msg->body,
					 .content_type =
						 sip_msg_content_type(msg) });
}

/* 0, or the status of an offer that must wait. */
static unsigned int glare(const struct sip_leg *leg)
{
	if (sip_is_open(leg->invite_in) || sip_is_open(leg->update_in))
		return 500;
	if (sip_is_open(leg->invite_out) || sip_is_open(leg->update_out) ||
	    leg->ack_owed || leg->late)
		return 491;
	return 0;
}

/* What asks for less time than we allow is told how much that is. */
static void refuse_session(struct sip *sip, const struct sip_arrival *arrival)
{
	struct sip_writer w;

	sip_reply_begin(&sip->out, &w, &sip->key, arrival, 422, NULL);
	sip_write_header_number(&w, "Min-SE", SIP_MIN_SE_S);
	sip_write_server(sip, &w);
	sip_reply_end(&sip->out, &w, arrival);
}

struct sip_trans *sip_leg_hold(struct sip *sip, struct sip_leg *leg,
			       const struct sip_arrival *arrival,
			       enum sip_role role, struct sip_trans **place)
{
	struct sip_trans *trans =
		sip_trans_server(&sip->trans, sip->now_ms, arrival->msg,
				 arrival->local, &arrival->back, arrival->from);

	if (!trans) {
		sip->counts.limited++;
		sip_refuse_for_now(sip, arrival, 503);
		return NULL;
	}
	sip_reply_echo(&sip->out, trans, arrival, "");
	sip_trans_bind(trans, leg->id, role, place);
	return trans;
}

static void trying(struct sip *sip, struct sip_trans *trans)
{
	struct sip_packet packet;
	struct sip_writer w;

	sip_reply_later(&sip->out, &w, trans, 100);
	if (sip_out_end(&sip->out, &w, NULL, (struct span){ 0 }, &trans->local,
			&trans->peer, &packet))
		sip_trans_answer(&sip->trans, trans, sip->now_ms, 100, &packet);
}

static void tell_offer(struct sip *sip, struct sip_leg *leg, enum sip_how how,
		       struct span body)
{
	sip_leg_tell(sip, leg,
		     (struct sip_event){
			     .type = SIP_EV_OFFER, .how = how, .body = body });
}

static void take_reinvite(struct sip *sip, struct sip_leg *leg,
			  const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;
	unsigned int status = glare(leg);

	if (leg->state == SIP_LEG_INCOMING)
		status = 500;
	else if (leg->state == SIP_LEG_OUTGOING || leg->end_wanted)
		status = 491;
	if (status) {
		sip_refuse_for_now(sip, arrival, status);
		return;
	}
	if (!sip_session_asked(sip, leg, msg)) {
		refuse_session(sip, arrival);
		return;
	}
	/* Their ACK is late or lost, but they are past it (RFC 5407, 3.1.4). */
	if (leg->invite_in)
		sip_trans_acked(&sip->trans, leg->invite_in);
	leg->state = SIP_LEG_UP;
	if (!sip_leg_hold(sip, leg, arrival, SIP_ROLE_INVITE_IN,
			  &leg->invite_in))
		return;
	trying(sip, leg->invite_in);
	leg->in_cseq = msg->cseq;
	leg->no_offer = !sip_sdp_of(msg).n;
	sip_leg_abilities(leg, msg);
	sip_dialog_retarget(&leg->dialog, leg, msg);
	tell_offer(sip, leg, SIP_REINVITE, sip_sdp_of(msg));
}

/* No offer in it: the session is refreshed, and nobody else need know. */
static void refreshed(struct sip *sip, struct sip_leg *leg,
		      const struct sip_arrival *arrival)
{
	const struct sip_addr *local = arrival->local;
	struct sip_writer w;

	if (leg->state == SIP_LEG_UP) {
		if (!sip_session_asked(sip, leg, arrival->msg)) {
			refuse_session(sip, arrival);
			return;
		}
		sip_session_start(sip, leg);
	}
	sip_dialog_retarget(&leg->dialog, leg, arrival->msg);
	sip_reply_begin(&sip->out, &w, &sip->key, arrival, 200, NULL);
	sip_write_contact(&w, "twind", local);
	if (leg->state == SIP_LEG_UP)
		sip_session_write_answer(leg, &w);
	sip_write_abilities(&w);
	sip_write_server(sip, &w);
	sip_reply_end(&sip->out, &w, arrival);
}

static void take_update(struct sip *sip, struct sip_leg *leg,
			const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;
	unsigned int status = glare(leg);

	if (!msg->body.n) {
		refreshed(sip, leg, arrival);
		return;
	}
	/* An early offer of the caller is still unanswered, as nothing we
	 * answer before the 2xx is reliable (RFC 3311, 5.1 and 5.2). */
	if (leg->state == SIP_LEG_INCOMING)
		status = 500;
	else if (leg->state == SIP_LEG_OUTGOING || leg->end_wanted)
		status = 491;
	if (status) {
		sip_refuse_for_now(sip, arrival, status);
		return;
	}
	if (leg->state == SIP_LEG_UP && !sip_session_asked(sip, leg, msg)) {
		refuse_session(sip, arrival);
		return;
	}
	if (!sip_leg_hold(sip, leg, arrival, SIP_ROLE_UPDATE_IN,
			  &leg->update_in))
		return;
	sip_dialog_retarget(&leg->dialog, leg, msg);
	tell_offer(sip, leg, SIP_UPDATE, sip_sdp_of(msg));
}

void sip_leg_request(struct sip *sip, struct sip_leg *leg,
		     const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;

	if (!sip_dialog_in_order(&leg->dialog, msg)) {
		sip_refuse(sip, arrival, 500, "CSeq Out of Order");
		return;
	}
	if (leg->state == SIP_LEG_CLOSING && msg->method != SIP_M_BYE) {
		sip_refuse(sip, arrival, 481, NULL);
		return;
	}
	if (sip_refuse_contents(sip, arrival))
		return;
	leg->dialog.peer = *arrival->from;
	leg->dialog.here = *arrival->local;
	switch (msg->method) {
	case SIP_M_BYE:
		take_bye(sip, leg, arrival);
		break;
	case SIP_M_INVITE:
		take_reinvite(sip, leg, arrival);
		break;
	case SIP_M_UPDATE:
		take_update(sip, leg, arrival);
		break;
	case SIP_M_INFO:
		take_info(sip, leg, arrival);
		break;
	case SIP_M_REFER:
		sip_refer_take(sip, leg, arrival);
		break;
	default:
		sip_refuse_method(sip, arrival);
	}
}

void sip_leg_acked(struct sip *sip, struct sip_leg *leg,
		   const struct sip_msg *ack)
{
	if (!leg->invite_in || !sip_trans_unacked(leg->invite_in) ||
	    ack->cseq != leg->in_cseq)
		return;
	sip_trans_acked(&sip->trans, leg->invite_in);
	if (leg->state == SIP_LEG_ANSWERED) {
		leg->state = SIP_LEG_UP;
		sip_session_start(sip, leg);
	}
	if (leg->end_wanted) {
		sip_leg_bye(sip, leg, leg->end_q850);
		return;
	}
	if (leg->late)
		sip_leg_tell(
			sip, leg,
			(struct sip_event){ .type = SIP_EV_ACK,
					    .body = sip_describe_in(
						    leg, sip_sdp_of(ack)) });
	leg->late = false;
}

/* ---- time ---- */

/* RFC 3261, 13.3.1.1: a caller hears once a minute that we are still here.
 * And whoever has forgotten a ringing leg, it ends. */
#define REMIND_MS (60 * 1000)

void sip_leg_ring_limit(struct sip *sip, struct sip_leg *leg)
{
	int64_t limit_ms = leg->since_ms + SIP_RING_MS;
	int64_t remind_ms = sip->now_ms + REMIND_MS;

	sip_clock_set(&sip->legs_clock, &leg->timer,
		      leg->incoming ? OSMO_MIN(limit_ms, remind_ms) : limit_ms);
}

void sip_leg_due(struct sip *sip, struct sip_leg *leg)
{
	bool over = sip->now_ms >= leg->since_ms + SIP_RING_MS;

	switch (leg->state) {
	case SIP_LEG_INCOMING:
		if (over) {
			sip_uas_refuse(sip, leg, 480, 19);
			sip_leg_end(sip, leg, SIP_END_TIMEOUT, 480);
			return;
		}
		if (leg->rung || leg->fork)
			sip_trans_again(&sip->trans, leg->invite_in);
		sip_leg_ring_limit(sip, leg);
		break;
	case SIP_LEG_OUTGOING:
		sip_uac_cancel(sip, leg, false);
		break;
	case SIP_LEG_UP:
		sip_session_due(sip, leg);
		break;
	case SIP_LEG_ANSWERED:
	case SIP_LEG_CLOSING:
		break;
	}
}
