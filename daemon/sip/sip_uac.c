/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_uac.c - a phone that is rung, until its final answer
 *
 * An INVITE may be answered by many: a phone that forwards to others, all of
 * which pick up.  The first 2xx is the leg's; each further one, and one that
 * comes when the leg is gone, is acknowledged and hung up (RFC 3261,
 * 13.2.2.4).  That needs nothing but the 2xx itself.
 */
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "sip_own.h"
#include "sip_ua.h"

static void refuse_wish(struct sip *sip, uint64_t leg, enum sip_end end,
			unsigned int status)
{
	sip_news_add(&sip->news, &(struct sip_event){ .type = SIP_EV_RELEASED,
						      .leg = leg,
						      .end = end,
						      .status = status });
}

/* Who was called first, so that a mailbox knows whose it is (RFC 5806). */
static void write_diversion(const struct sip *sip, struct sip_writer *w,
			    const struct sip_invite *invite)
{
	sip_write_text(w, "Diversion: ");
	sip_write_quoted(w, span_of(invite->diverted_name));
	sip_write_text(w, " <sip:");
	sip_write_user(w, span_of(invite->diverted_number));
	sip_write_text(w, "@");
	sip_write_text(w, sip->domain);
	sip_write_text(w, ">;reason=");
	sip_write_text(w, invite->diversion);
	sip_write_text(w, ";counter=");
	sip_write_number(w, invite->diversions);
	sip_write_line_end(w);
}

static void write_invite(struct sip *sip, struct sip_leg *leg,
			 struct sip_writer *w, const struct sip_invite *invite,
			 struct span uri, const char *branch)
{
	uint64_t id[2] = { sip_random(sip), sip_random(sip) };
	char hex[SIP_HEX];

	sip_write_request(w, "INVITE", uri);
	sip_write_via(w, &leg->dialog.here, branch);
	sip_write_header_number(w, "Max-Forwards", invite->max_forwards);
	if (invite->anonymous) /* RFC 3323, 4.1.1.3 */
		sip_write_name(w, "From", "Anonymous", "anonymous",
			       "anonymous.invalid", 0,
			       sip_hash_hex(leg->dialog.tag, hex));
	else
		sip_write_name(w, "From", invite->name, invite->number,
			       sip->domain, 0,
			       sip_hash_hex(leg->dialog.tag, hex));
	sip_write_name(w, "To", NULL, invite->target, sip->domain, 0, NULL);
	sip_write_text(w, "Call-ID: ");
	sip_write_text(w, sip_hash_hex(id[0], hex));
	sip_write_text(w, sip_hash_hex(id[1], hex));
	sip_write_line_end(w);
	sip_write_cseq(w, 1, "INVITE");
	sip_write_contact(w, "twind", &leg->dialog.here);
	if (!invite->anonymous)
		sip_write_name(w, "P-Asserted-Identity", invite->name,
			       invite->number, sip->domain, 0, NULL);
	if (invite->diversion)
		write_diversion(sip, w, invite);
	sip_write_header(w, "Allow", span_of(SIP_ALLOW));
	sip_write_header(w, "Supported", span_of(SIP_SUPPORTED));
	sip_session_write_request(sip, leg, w);
	sip_write_header(w, "User-Agent", span_of(sip->user_agent));
}

static void started(struct sip *sip, struct sip_leg *leg, const char *branch,
		    const struct sip_packet *packet)
{
	struct sip_trans *trans =
		sip_trans_client(&sip->trans, sip->now_ms, SIP_M_INVITE,
				 span_of(branch), packet);

	sip_trans_bind(trans, leg->id, SIP_ROLE_INVITE_OUT, &leg->invite_out);
	leg->out_cseq = leg->dialog.cseq;
	sip_leg_remember(sip, leg, packet);
}

void sip_invite(struct sip *sip, int64_t now_ms,
		const struct sip_invite *invite)
{
	const struct sip_binding *binding;
	struct sip_packet packet;
	char branch[SIP_BRANCH];
	struct sip_leg *leg;
	struct sip_writer w;
	struct sip_uri uri;

	sip->now_ms = now_ms;
	binding = sip_registrar_find(sip->registrar, now_ms,
				     span_of(invite->user));
	if (!binding || sip_uri_parse(&uri, span_of(binding->contact)) != 0) {
		refuse_wish(sip, invite->leg, SIP_END_STATUS, 480);
		return;
	}
	if (sip->legs_by_id.n >= sip->limits.legs ||
	    sip_trans_full(&sip->trans)) {
		sip->counts.limited++;
		refuse_wish(sip, invite->leg, SIP_END_OVERLOAD, 503);
		return;
	}
	leg = sip_leg_new(sip, invite->leg, SIP_LEG_OUTGOING);
	leg->user = talloc_strdup(leg, invite->user);
	OSMO_ASSERT(leg->user);
	leg->session_s = sip->session_s;
	leg->dialog.peer = sip_next_hop(&uri, &binding->next_hop);
	leg->dialog.here = *sip_local(sip, &leg->dialog.peer);
	leg->dialog.tag = SIP_TAG_OF(sip_random(sip));
	sip_branch(sip, branch);
	sip_out_begin(&sip->out, &w);
	write_invite(sip, leg, &w, invite, uri.text, branch);
	if (!sip_out_end(&sip->out, &w,
			 invite->body.n ? "application/sdp" : NULL,
			 invite->body, &leg->dialog.here, &leg->dialog.peer,
			 &packet)) {
		sip_leg_end(sip, leg, SIP_END_OVERLOAD, 513);
		return;
	}
	sip_dialog_caller(
		&leg->dialog, leg,
		(struct span){ (const char *)packet.data, packet.len },
		leg->dialog.tag);
	sip_leg_known(sip, leg);
	started(sip, leg, branch, &packet);
	sip_describe_out(leg, invite->body, true);
	sip_leg_described(sip, leg, invite->body);
	sip_leg_ring_limit(sip, leg);
}

/* ---- CANCEL ---- */

#define ELSEWHERE "SIP;cause=200;text=\"Call completed elsewhere\""

void sip_write_cancel(struct sip *sip, struct span invite,
		      const struct sip_addr *local, const struct sip_addr *to,
		      bool elsewhere)
{
	struct span route = sip_own_value(invite, "Route");
	struct sip_packet packet;
	struct sip_writer w;

	sip_out_begin(&sip->out, &w);
	sip_write_request(&w, "CANCEL", sip_own_uri(invite));
	sip_write_header(&w, "Via", sip_own_value(invite, "Via"));
	sip_write_header(&w, "Max-Forwards", span_of("70"));
	if (route.n)
		sip_write_header(&w, "Route", route);
	sip_write_header(&w, "From", sip_own_value(invite, "From"));
	sip_write_header(&w, "To", sip_own_value(invite, "To"));
	sip_write_header(&w, "Call-ID", sip_own_value(invite, "Call-ID"));
	sip_write_cseq(&w, sip_own_cseq(invite), "CANCEL");
	if (elsewhere) {
		sip_write_header(&w, "Reason", span_of(ELSEWHERE));
		sip_write_header(&w, "Reason", span_of("Q.850;cause=26"));
	}
	sip_write_header(&w, "User-Agent", span_of(sip->user_agent));
	if (sip_out_end(&sip->out, &w, NULL, (struct span){ 0 }, local, to,
			&packet))
		sip_trans_client(&sip->trans, sip->now_ms, SIP_M_CANCEL,
				 sip_own_branch(invite), &packet);
}

/* Only what has been answered provisionally can be cancelled (9.1). */
static void cancel_now(struct sip *sip, struct sip_leg *leg)
{
	struct sip_trans *trans = leg->invite_out;

	if (!trans || trans->state != SIP_TRANS_PROCEEDING || leg->cancel_sent)
		return;
	leg->cancel_sent = true;
	sip_write_cancel(sip, (struct span){ trans->bytes, trans->bytes_n },
			 &trans->local, &trans->peer, leg->elsewhere);
	sip_trans_hurry(&sip->trans, trans, sip->now_ms);
}

void sip_uac_cancel(struct sip *sip, struct sip_leg *leg, bool elsewhere)
{
	if (leg->cancelled)
		return;
	leg->cancelled = true;
	leg->elsewhere = elsewhere;
	cancel_now(sip, leg);
}

/* ---- answers ---- */

/* The phone wants longer sessions (RFC 4028, 7.4): the same INVITE again,
 * with the time that it names. */
static bool try_longer(struct sip *sip, struct sip_leg *leg, struct span invite,
		       const struct sip_msg *answer)
{
	char branch[SIP_BRANCH];
	struct sip_packet packet;
	struct sip_writer w;
	struct span line;
	uint32_t min_s;
	size_t at = 0;

	if (leg->min_se_s || leg->cancelled ||
	    !sip_msg_min_se(answer, &min_s) || min_s <= leg->session_s)
		return false;
	leg->min_se_s = leg->session_s = min_s;
	sip_branch(sip, branch);
	sip_out_begin(&sip->out, &w);
	sip_write_request(&w, "INVITE", sip_own_uri(invite));
	while (sip_own_line(invite, &at, &line)) {
		if (memcmp(line.p, "Via:", 4) == 0)
			sip_write_via(&w, &leg->dialog.here, branch);
		else if (memcmp(line.p, "CSeq:", 5) == 0)
			sip_write_cseq(&w, ++leg->dialog.cseq, "INVITE");
		else if (memcmp(line.p, "Session-Expires:", 16) == 0)
			sip_session_write_request(sip, leg, &w);
		else if (memcmp(line.p, "Content-", 8) != 0)
			sip_out_lines(&w, (struct span){ line.p, line.n + 2 });
	}
	if (!sip_out_end(&sip->out, &w, "application/sdp", sip_own_body(invite),
			 &leg->dialog.here, &leg->dialog.peer, &packet))
		return false;
	started(sip, leg, branch, &packet);
	return true;
}

static void rings(struct sip *sip, struct sip_leg *leg,
		  const struct sip_msg *msg)
{
	if (leg->cancelled) {
		cancel_now(sip, leg);
		return;
	}
	if (msg->status == 180 || msg->status == 183)
		sip_leg_tell(sip, leg,
			     (struct sip_event){ .type = SIP_EV_ALERTING,
						 .status = msg->status,
						 .body = sip_sdp_of(msg) });
}

static void accepted(struct sip *sip, struct sip_leg *leg,
		     struct sip_trans *trans, const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;

	sip_leg_forget(sip, leg);
	sip_clock_clear(&sip->legs_clock, &leg->timer);
	leg->dialog.peer = *arrival->from;
	sip_dialog_confirm(&leg->dialog, leg, msg);
	sip_leg_abilities(leg, msg);
	if (leg->takes_update)
		TALLOC_FREE(leg->sdp);
	sip_leg_accepted(sip, leg, trans, msg);
	leg->state = leg->ack_owed ? SIP_LEG_ANSWERED : SIP_LEG_UP;
	sip_session_agreed(sip, leg, msg);
	sip_leg_tell(sip, leg,
		     (struct sip_event){ .type = SIP_EV_ANSWERED,
					 .status = msg->status,
					 .body = sip_sdp_of(msg) });
}

void sip_uac_answer(struct sip *sip, struct sip_leg *leg,
		    struct sip_trans *trans, const struct sip_arrival *arrival,
		    enum sip_trans_verdict verdict, struct span invite)
{
	const struct sip_msg *msg = arrival->msg;
	enum sip_end end = leg->cancelled ? SIP_END_LOCAL : SIP_END_STATUS;

	if (verdict == SIP_TRANS_PROVISIONAL)
		rings(sip, leg, msg);
	else if (msg->status < 300)
		accepted(sip, leg, trans, arrival);
	else if (msg->status != 422 || !try_longer(sip, leg, invite, msg))
		sip_leg_end(sip, leg, end, msg->status);
}

void sip_cancel(struct sip *sip, int64_t now_ms, uint64_t id, bool elsewhere)
{
	struct sip_leg *leg = sip_leg_find(sip, id);

	sip->now_ms = now_ms;
	if (leg && leg->state == SIP_LEG_OUTGOING)
		sip_uac_cancel(sip, leg, elsewhere);
}

void sip_ack(struct sip *sip, int64_t now_ms, uint64_t id, struct span body)
{
	struct sip_leg *leg = sip_leg_find(sip, id);

	sip->now_ms = now_ms;
	if (!leg || !leg->ack_owed)
		return;
	sip_leg_ack(sip, leg, body);
	if (leg->state == SIP_LEG_ANSWERED)
		leg->state = SIP_LEG_UP;
}

/* ---- a 2xx that nobody wants ---- */

/* The same for each duplicate, so that the BYE is sent once. */
static const char *bye_branch(const struct sip *sip, const struct sip_msg *msg,
			      char buf[SIP_BRANCH])
{
	struct sip_key key = sip->key;

	key.k[0] ^= sip_hash(&sip->key, msg->call_id.p, msg->call_id.n);
	memcpy(buf, "z9hG4bK", 7);
	buf[7] = 'b';
	sip_hash_hex(sip_hash(&key, msg->to.tag.p, msg->to.tag.n), buf + 8);
	return buf;
}

static void hang_up(struct sip *sip, struct sip_dialog *dialog,
		    const struct sip_addr *local, const struct sip_addr *to,
		    const char *branch)
{
	struct sip_packet packet;
	struct sip_writer w;

	if (sip_trans_of_branch(&sip->trans, SIP_M_BYE, span_of(branch)))
		return;
	sip_out_begin(&sip->out, &w);
	sip_dialog_request(dialog, &w, local, SIP_M_BYE, dialog->cseq + 1,
			   branch);
	sip_write_header(&w, "User-Agent", span_of(sip->user_agent));
	if (sip_out_end(&sip->out, &w, NULL, (struct span){ 0 }, local, to,
			&packet))
		sip_trans_client(&sip->trans, sip->now_ms, SIP_M_BYE,
				 span_of(branch), &packet);
}

void sip_uac_unwanted(struct sip *sip, struct sip_trans *trans,
		      const struct sip_arrival *arrival)
{
	const struct sip_msg *msg = arrival->msg;
	void *ctx = talloc_new(sip);
	struct sip_dialog dialog = {
		.cseq = msg->cseq,
		.peer = *arrival->from,
	};
	char branch[SIP_BRANCH], rejection[SIP_REJECTION_MAX];
	struct span answer = { 0 };
	struct sip_writer w;
	struct sip_addr to;

	OSMO_ASSERT(ctx);
	dialog.call_id = talloc_strndup(ctx, msg->call_id.p, msg->call_id.n);
	dialog.local = talloc_strndup(ctx, msg->from.text.p, msg->from.text.n);
	dialog.target =
		talloc_strndup(ctx, msg->to.uri.text.p, msg->to.uri.text.n);
	OSMO_ASSERT(dialog.call_id && dialog.local && dialog.target);
	sip_dialog_confirm(&dialog, ctx, msg);
	to = sip_dialog_next_hop(&dialog);
	if (trans->late)
		answer = sip_rejection(sip, sip_sdp_of(msg), rejection);
	sip_out_begin(&sip->out, &w);
	sip_dialog_request(&dialog, &w, arrival->local, SIP_M_ACK, msg->cseq,
			   sip_branch(sip, branch));
	sip_out_end(&sip->out, &w, answer.n ? "application/sdp" : NULL, answer,
		    arrival->local, &to, NULL);
	/* A dialog that was up has had its BYE. */
	if (!trans->within)
		hang_up(sip, &dialog, arrival->local, &to,
			bye_branch(sip, msg, branch));
	talloc_free(ctx);
}
