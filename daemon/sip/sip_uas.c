/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_uas.c - a caller's leg, until its final answer
 *
 * The INVITE has passed every door (sip_dispatch.c): its user is known.  100
 * goes out at once, since what the core will decide may take a while to come
 * back; each fork that is shown early media is an early dialog of its own.
 */
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "sip_ua.h"

/* Reached by two ways, or retried by a caller that lost patience (8.2.2.2). */
static bool is_merged(const struct sip *sip, const struct sip_msg *msg)
{
	uint64_t hash = sip_hash(&sip->key, msg->call_id.p, msg->call_id.n) ^
			sip_hash(&sip->key, msg->from.tag.p, msg->from.tag.n);
	struct sip_node *node;

	for (node = sip_table_first(&sip->legs_by_caller, hash); node;
	     node = sip_node_next(node)) {
		struct sip_leg *leg =
			container_of(node, struct sip_leg, by_caller);

		if (leg->in_cseq == msg->cseq &&
		    sip_dialog_owns(&leg->dialog, msg))
			return true;
	}
	return false;
}

/* One of our own INVITEs has come back to us (16.3, step 4). */
static bool is_loop(const struct sip *sip, const struct sip_msg *msg)
{
	struct sip_values values;
	struct span value;
	struct sip_via via;

	sip_values_begin(&values, msg, SIP_H_VIA);
	while (sip_values_next(&values, &value))
		if (sip_via_parse(&via, value) == 0 &&
		    sip_trans_of_branch(&sip->trans, SIP_M_INVITE, via.branch))
			return true;
	return false;
}

static void send_provisional(struct sip *sip, struct sip_leg *leg,
			     unsigned int status, unsigned int fork,
			     struct span body);

/* RFC 3323, 4.2; RFC 3325, 9.3.  "none" and what we do not know hide
 * nothing that we would show. */
static bool wants_privacy(const struct sip_msg *msg)
{
	static const char *const kinds[] = { "id", "user", "header" };
	struct span rest = sip_msg_value(msg, SIP_H_PRIVACY), one;

	while (rest.n) {
		const char *end = memchr(rest.p, ';', rest.n);

		one = (struct span){ rest.p,
				     end ? (size_t)(end - rest.p) : rest.n };
		rest.p += one.n + (end != NULL);
		rest.n -= one.n + (end != NULL);
		while (one.n && (*one.p == ' ' || *one.p == '\t'))
			one.p++, one.n--;
		while (one.n &&
		       (one.p[one.n - 1] == ' ' || one.p[one.n - 1] == '\t'))
			one.n--;
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			if (span_case_is(one, kinds[i]))
				return true;
	}
	return false;
}

static void tell_setup(struct sip *sip, const struct sip_leg *leg,
		       const struct sip_msg *msg, struct span user,
		       uint64_t replaces)
{
	struct sip_event event = {
		.type = SIP_EV_SETUP,
		.user = user,
		.target_foreign = msg->uri.scheme != SIP_SCHEME_TEL &&
				  !sip_is_ours(sip, msg->uri.host),
		.max_forwards = msg->max_forwards < 0 ? 70 : msg->max_forwards,
		.body = sip_sdp_of(msg),
		.replaces = replaces,
		.anonymous = wants_privacy(msg),
	};
	char target[256];

	event.target = sip_unescape(msg->uri.user, target, sizeof(target));
	sip_leg_tell(sip, leg, event);
}

void sip_uas_invite(struct sip *sip, const struct sip_arrival *arrival,
		    struct span user, uint64_t replaces)
{
	const struct sip_msg *msg = arrival->msg;
	struct sip_trans *trans;
	struct sip_leg *leg;
	char tag[SIP_HEX];

	if (is_merged(sip, msg) || is_loop(sip, msg)) {
		sip_refuse(sip, arrival, 482, NULL);
		return;
	}
	trans = sip->legs_by_id.n < sip->limits.legs
			? sip_trans_server(&sip->trans, sip->now_ms, msg,
					   arrival->local, &arrival->back,
					   arrival->from)
			: NULL;
	if (!trans) {
		sip->counts.limited++;
		sip_refuse_for_now(sip, arrival, 503);
		return;
	}
	leg = sip_leg_new(sip, sip->leg_tag | ++sip->leg_n, SIP_LEG_INCOMING);
	leg->user = talloc_strndup(leg, user.p, user.n);
	OSMO_ASSERT(leg->user);
	leg->dialog.here = *arrival->local;
	leg->dialog.peer = *arrival->from;
	sip_dialog_called(&leg->dialog, leg, msg, SIP_TAG_OF(sip_random(sip)));
	sip_leg_known(sip, leg);
	leg->in_cseq = msg->cseq;
	leg->no_offer = !sip_sdp_of(msg).n;
	sip_leg_abilities(leg, msg);
	sip_session_asked(sip, leg, msg);
	sip_reply_echo(&sip->out, trans, arrival,
		       sip_hash_hex(leg->dialog.tag, tag));
	sip_trans_bind(trans, leg->id, SIP_ROLE_INVITE_IN, &leg->invite_in);
	send_provisional(sip, leg, 100, 0, (struct span){ 0 });
	sip_leg_ring_limit(sip, leg);
	tell_setup(sip, leg, msg, user, replaces);
}

/* The echo has the tag of fork 0; the answer that is being written gets that
 * of another. */
static void put_fork(const struct sip_leg *leg, struct sip_writer *w,
		     unsigned int fork)
{
	uint64_t tag = SIP_TAG_OF(leg->dialog.tag);
	char mine[SIP_HEX], theirs[SIP_HEX];
	char *at;

	if (!fork)
		return;
	sip_hash_hex(tag, mine);
	at = memmem(w->buf, w->n, mine, SIP_HEX - 1);
	OSMO_ASSERT(at || w->spoiled);
	if (at)
		memcpy(at, sip_hash_hex(tag | fork, theirs), SIP_HEX - 1);
}

static void send_provisional(struct sip *sip, struct sip_leg *leg,
			     unsigned int status, unsigned int fork,
			     struct span body)
{
	struct sip_packet packet;
	struct sip_writer w;

	sip_reply_later(&sip->out, &w, leg->invite_in, status);
	put_fork(leg, &w, fork);
	if (status > 100) {
		sip_write_contact(&w, "twind", &leg->dialog.here);
		sip_write_header(&w, "Allow", span_of(SIP_ALLOW));
	}
	sip_write_server(sip, &w);
	if (!sip_out_end(&sip->out, &w, body.n ? "application/sdp" : NULL, body,
			 &leg->invite_in->local, &leg->invite_in->peer,
			 &packet))
		return;
	sip_trans_answer(&sip->trans, leg->invite_in, sip->now_ms, status,
			 &packet);
	sip_leg_remember(sip, leg, &packet);
}

void sip_alerting(struct sip *sip, int64_t now_ms, uint64_t id,
		  unsigned int fork, struct span body)
{
	struct sip_leg *leg = sip_leg_find(sip, id);

	sip->now_ms = now_ms;
	fork = OSMO_MIN(fork, SIP_FORKS_MAX);
	if (!leg || leg->state != SIP_LEG_INCOMING)
		return;
	if (fork == 0 && !body.n && leg->rung)
		return;
	leg->rung |= fork == 0;
	leg->fork = OSMO_MAX(leg->fork, fork);
	send_provisional(sip, leg, body.n ? 183 : 180, fork, body);
	sip_leg_ring_limit(sip, leg);
}

/* ---- final answers ---- */

void sip_uas_answer(struct sip *sip, struct sip_leg *leg,
		    struct sip_trans *trans, unsigned int status,
		    struct span body)
{
	bool ok = status < 300, gone;
	struct sip_packet packet;
	struct sip_writer w;

	if (ok)
		body = sip_describe_out(leg, body,
					trans->method == SIP_M_INVITE &&
						leg->no_offer);
	sip_reply_later(&sip->out, &w, trans, status);
	if (ok) {
		sip_write_contact(&w, "twind", &leg->dialog.here);
		sip_session_write_answer(leg, &w);
		sip_write_abilities(&w);
	} else {
		body.n = 0;
		if (status == 500 || status == 503)
			sip_write_header_number(&w, "Retry-After",
						sip_random(sip) % 10);
	}
	sip_write_server(sip, &w);
	if (!sip_out_end(&sip->out, &w, body.n ? "application/sdp" : NULL, body,
			 &trans->local, &trans->peer, &packet)) {
		if (ok) /* too long; a refusal is not */
			sip_uas_answer(sip, leg, trans, 500,
				       (struct span){ 0 });
		return;
	}
	if (ok && trans->method == SIP_M_INVITE)
		leg->late = leg->no_offer && body.n;
	gone = sip_trans_answer(&sip->trans, trans, sip->now_ms, status,
				&packet);
	if (!ok) {
		/* Whether they acknowledge it matters to no call. */
		if (!gone)
			sip_trans_unbind(trans);
		return;
	}
	sip_leg_described(sip, leg, body);
	if (leg->state == SIP_LEG_UP)
		sip_session_start(sip, leg);
}

void sip_offer_result(struct sip *sip, int64_t now_ms, uint64_t id,
		      unsigned int status, struct span body)
{
	struct sip_leg *leg = sip_leg_find(sip, id);

	sip->now_ms = now_ms;
	if (!leg)
		return;
	if (sip_is_open(leg->update_in))
		sip_uas_answer(sip, leg, leg->update_in, status, body);
	else if (sip_is_open(leg->invite_in) && leg->state == SIP_LEG_UP)
		sip_uas_answer(sip, leg, leg->invite_in, status, body);
}

void sip_answer(struct sip *sip, int64_t now_ms, uint64_t id, unsigned int fork,
		const char *number, const char *name, struct span body)
{
	struct sip_leg *leg = sip_leg_find(sip, id);
	struct sip_trans *trans = leg ? leg->invite_in : NULL;
	struct sip_packet packet;
	struct sip_writer w;

	sip->now_ms = now_ms;
	fork = OSMO_MIN(fork, SIP_FORKS_MAX);
	if (!leg || leg->state != SIP_LEG_INCOMING)
		return;
	body = sip_describe_out(leg, body, leg->no_offer);
	sip_reply_later(&sip->out, &w, trans, 200);
	put_fork(leg, &w, fork);
	sip_write_contact(&w, "twind", &leg->dialog.here);
	if (number && *number)
		sip_write_name(&w, "P-Asserted-Identity", name, number,
			       sip->domain, 0, NULL);
	sip_session_write_answer(leg, &w);
	sip_write_abilities(&w);
	sip_write_server(sip, &w);
	if (!sip_out_end(&sip->out, &w, body.n ? "application/sdp" : NULL, body,
			 &trans->local, &trans->peer, &packet)) {
		sip_uas_refuse(sip, leg, 500, 0);
		sip_leg_end(sip, leg, SIP_END_OVERLOAD, 500);
		return;
	}
	sip_dialog_fork(&leg->dialog, fork);
	leg->state = SIP_LEG_ANSWERED;
	leg->late = leg->no_offer && body.n;
	sip_clock_clear(&sip->legs_clock, &leg->timer);
	sip_trans_answer(&sip->trans, trans, now_ms, 200, &packet);
	sip_leg_described(sip, leg, body);
	sip_leg_forget(sip, leg);
}

void sip_uas_refuse(struct sip *sip, struct sip_leg *leg, unsigned int status,
		    unsigned int q850)
{
	struct sip_trans *trans = leg->invite_in;
	struct sip_packet packet;
	struct sip_writer w;

	if (status < 300 || status > 699)
		status = 480;
	sip_reply_later(&sip->out, &w, trans, status);
	if (q850) {
		sip_write_text(&w, "Reason: Q.850;cause=");
		sip_write_number(&w, q850);
		sip_write_line_end(&w);
	}
	if (status == 503)
		sip_write_header_number(&w, "Retry-After", 5);
	sip_write_server(sip, &w);
	if (sip_out_end(&sip->out, &w, NULL, (struct span){ 0 }, &trans->local,
			&trans->peer, &packet))
		sip_trans_answer(&sip->trans, trans, sip->now_ms, status,
				 &packet);
}

/*
 * RFC 3261, 9.2.  A re-INVITE is not taken back: its offer has gone to the
 * other side, which answers in a moment, and both sides must believe the
 * same afterwards.
 */
void sip_uas_cancel(struct sip *sip, const struct sip_arrival *arrival)
{
	struct sip_trans *trans =
		sip_trans_of_cancel(&sip->trans, arrival->msg);
	struct sip_leg *leg;
	struct sip_writer w;

	if (!trans) {
		sip_refuse(sip, arrival, 481, NULL);
		return;
	}
	leg = trans->leg ? sip_leg_find(sip, trans->leg) : NULL;
	sip_reply_begin(&sip->out, &w, &sip->key, arrival, 200, NULL);
	sip_write_server(sip, &w);
	sip_reply_end(&sip->out, &w, arrival);
	if (leg && leg->state == SIP_LEG_INCOMING)
		sip_leg_end(sip, leg, SIP_END_CANCEL, 487);
}
