/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_refer.c - who wants another in the place of a leg
 *
 *     REFER --> SIP_EV_REFER --> sip_refer_result() --> answer, NOTIFYs
 *
 * The subscription that a REFER brings about (RFC 3515, 2.4) lives as long as
 * the REFER is at work, and has no other purpose: it can be neither refreshed
 * nor fetched.  Its NOTIFYs go the way of the leg's dialog, or, for a REFER
 * outside of one (RFC 4538), that of a dialog of their own.
 *
 * A dialog is named by Call-ID and two tags (RFC 3891, 3): ours tells the leg,
 * the others must fit.
 */
#include <osmocom/core/utils.h>
#include <stdio.h>
#include <talloc.h>

#include "sip_ua.h"

#define SUBSCRIBED_S 300 /* longer than anything rings */

struct sip_refer {
	struct sip_trans *trans;   /* waits for its answer */
	struct sip_dialog *dialog; /* NULL: the leg's */
	uint32_t cseq;
	unsigned int told; /* the last status they were told */
	bool accepted;
	bool silent; /* Refer-Sub: false (RFC 4488) */
	bool first;  /* needs no id (RFC 3515, 2.4.6) */
};

/* ---- a dialog by its name ---- */

#define DIALOG_NAME_MAX 512

struct dialog_name {
	struct span call_id, ours, theirs;
	bool early_only;
};

/* "id;to-tag=...;from-tag=...", the two tags called @ours and @theirs. */
static bool read_name(struct span value, const char *ours, const char *theirs,
		      struct dialog_name *ret_name)
{
	const char *end = value.n ? memchr(value.p, ';', value.n) : NULL;
	struct span params;

	if (!end || end == value.p)
		return false;
	params = (struct span){ end, value.n - (end - value.p) };
	ret_name->call_id = (struct span){ value.p, end - value.p };
	while (ret_name->call_id.n &&
	       strchr(" \t", ret_name->call_id.p[ret_name->call_id.n - 1]))
		ret_name->call_id.n--;
	ret_name->early_only = sip_param(params, "early-only", NULL);
	return sip_param(params, ours, &ret_name->ours) &&
	       sip_param(params, theirs, &ret_name->theirs) &&
	       ret_name->ours.n && ret_name->theirs.n;
}

/* A phone that still rings has told us no tag, or one of several. */
static bool fits(const struct sip_leg *leg, uint64_t tag,
		 const struct dialog_name *name)
{
	const struct sip_dialog *dialog = &leg->dialog;

	return SIP_TAG_OF(tag) == SIP_TAG_OF(dialog->tag) &&
	       span_is(name->call_id, dialog->call_id) &&
	       (!dialog->remote_tag ||
		span_is(name->theirs, dialog->remote_tag));
}

static struct sip_leg *leg_named(const struct sip *sip,
				 const struct dialog_name *name)
{
	struct sip_node *node;
	uint64_t tag;

	if (!sip_hash_unhex(name->ours.p, name->ours.n, &tag))
		return NULL;
	for (node = sip_table_first(&sip->legs_by_tag, SIP_TAG_OF(tag)); node;
	     node = sip_node_next(node)) {
		struct sip_leg *leg =
			container_of(node, struct sip_leg, by_tag);

		if (fits(leg, tag, name))
			return leg;
	}
	return NULL;
}

/* ---- INVITE with Replaces ---- */

/* 0, or the status that refuses it (RFC 3891, 3). */
static unsigned int find_replaced(const struct sip *sip,
				  const struct sip_msg *msg,
				  const struct sip_leg **ret_leg)
{
	const struct sip_header *header = sip_msg_first(msg, SIP_H_REPLACES);
	struct dialog_name name;
	const struct sip_leg *leg;

	if (sip_msg_next(msg, header) ||
	    !read_name(header->value, "to-tag", "from-tag", &name))
		return 400;
	leg = leg_named(sip, &name);
	/* One in which they call is not ours to give away before it is up. */
	if (!leg || leg->state == SIP_LEG_INCOMING)
		return 481;
	if (leg->state == SIP_LEG_CLOSING || leg->end_wanted || leg->cancelled)
		return 603;
	if (name.early_only && leg->state != SIP_LEG_OUTGOING)
		return 486;
	*ret_leg = leg;
	return 0;
}

bool sip_refer_replaces(struct sip *sip, const struct sip_arrival *arrival,
			uint64_t *ret_leg)
{
	const struct sip_leg *leg = NULL;
	unsigned int status;

	*ret_leg = 0;
	if (!sip_msg_first(arrival->msg, SIP_H_REPLACES))
		return true;
	status = find_replaced(sip, arrival->msg, &leg);
	if (status) {
		sip_refuse(sip, arrival, status, NULL);
		return false;
	}
	*ret_leg = leg->id;
	return true;
}

/* ---- REFER ---- */

struct wish {
	struct sip_uri uri;
	uint64_t replaces;
};

/* A header of "?Replaces=...&Subject=..." by name, unescaped. */
static bool uri_header(const struct sip_uri *uri, const char *name,
		       char buf[DIALOG_NAME_MAX], struct span *ret_value)
{
	struct span rest = uri->headers;

	while (rest.n) {
		const char *end, *equal;
		struct span one;

		rest.p++, rest.n--; /* '?' or '&' */
		end = memchr(rest.p, '&', rest.n);
		one = (struct span){ rest.p,
				     end ? (size_t)(end - rest.p) : rest.n };
		equal = memchr(one.p, '=', one.n);
		if (equal &&
		    span_case_is((struct span){ one.p, equal - one.p }, name)) {
			struct span value = { equal + 1,
					      one.n - (equal + 1 - one.p) };

			*ret_value = sip_unescape(value, buf, DIALOG_NAME_MAX);
			return true;
		}
		rest.p += one.n;
		rest.n -= one.n;
	}
	return false;
}

/* 0, or the status that refuses it.  No status may be one that says that the
 * dialog is gone (RFC 5057, 5.1). */
static unsigned int read_wish(const struct sip *sip, const struct sip_msg *msg,
			      struct wish *ret_wish)
{
	const struct sip_header *to = sip_msg_first(msg, SIP_H_REFER_TO);
	char buf[DIALOG_NAME_MAX];
	const struct sip_leg *other;
	struct dialog_name dialog;
	struct span value;
	struct sip_name name;

	if (!to || sip_msg_next(msg, to) ||
	    sip_name_parse(&name, to->value) != 0)
		return 400;
	if (name.uri.scheme == SIP_SCHEME_OTHER)
		return 416;
	if (sip_param(name.uri.params, "method", &value) &&
	    !span_is(value, "INVITE"))
		return 501;
	*ret_wish = (struct wish){ .uri = name.uri };
	if (!uri_header(&name.uri, "Replaces", buf, &value))
		return 0;
	if (!read_name(value, "to-tag", "from-tag", &dialog))
		return 400;
	other = leg_named(sip, &dialog);
	if (!other || other->state == SIP_LEG_CLOSING)
		return 404;
	ret_wish->replaces = other->id;
	return 0;
}

static void begin(struct sip *sip, struct sip_leg *leg,
		  const struct sip_msg *msg, const struct wish *wish)
{
	struct sip_event event = {
		.type = SIP_EV_REFER,
		.replaces = wish->replaces,
		.target_foreign = wish->uri.scheme != SIP_SCHEME_TEL &&
				  !sip_is_ours(sip, wish->uri.host),
	};
	char target[256];

	leg->refer->cseq = msg->cseq;
	leg->refer->silent =
		span_case_is(sip_msg_value(msg, SIP_H_REFER_SUB), "false");
	leg->refer->first = leg->n_refers++ == 0;
	event.target = sip_unescape(wish->uri.user, target, sizeof(target));
	sip_leg_tell(sip, leg, event);
}

static unsigned int may_refer(const struct sip *sip, const struct sip_leg *leg,
			      const struct sip_msg *msg, struct wish *ret_wish)
{
	if (leg->state != SIP_LEG_UP || leg->refer)
		return 491;
	return read_wish(sip, msg, ret_wish);
}

static bool refer_new(struct sip *sip, struct sip_leg *leg,
		      const struct sip_arrival *arrival)
{
	leg->refer = talloc_zero(leg, struct sip_refer);
	OSMO_ASSERT(leg->refer);
	if (sip_leg_hold(sip, leg, arrival, SIP_ROLE_REFER, &leg->refer->trans))
		return true;
	TALLOC_FREE(leg->refer);
	return false;
}

void sip_refer_take(struct sip *sip, struct sip_leg *leg,
		    const struct sip_arrival *arrival)
{
	struct wish wish;
	unsigned int status = may_refer(sip, leg, arrival->msg, &wish);

	if (status)
		sip_refuse_for_now(sip, arrival, status);
	else if (refer_new(sip, leg, arrival))
		begin(sip, leg, arrival->msg, &wish);
}

/* The one who asks must be the one whose leg it is. */
static struct sip_leg *target_leg(const struct sip *sip,
				  const struct sip_msg *msg, struct span user)
{
	struct dialog_name name;
	struct sip_leg *leg;

	/* RFC 4538, 4: the tags are named from where the receiver stands. */
	if (!read_name(sip_msg_value(msg, SIP_H_TARGET_DIALOG), "local-tag",
		       "remote-tag", &name))
		return NULL;
	leg = leg_named(sip, &name);
	return leg && leg->user && span_is(user, leg->user) ? leg : NULL;
}

void sip_refer_outside(struct sip *sip, const struct sip_arrival *arrival,
		       struct span user)
{
	struct sip_leg *leg = target_leg(sip, arrival->msg, user);
	struct sip_dialog *dialog;
	struct wish wish;
	unsigned int status;
	char tag[SIP_HEX];

	if (!leg) {
		sip_refuse(sip, arrival, 403, NULL);
		return;
	}
	status = may_refer(sip, leg, arrival->msg, &wish);
	if (status) {
		sip_refuse_for_now(sip, arrival, status);
		return;
	}
	if (!refer_new(sip, leg, arrival))
		return;
	dialog = talloc_zero(leg->refer, struct sip_dialog);
	OSMO_ASSERT(dialog);
	dialog->here = *arrival->local;
	dialog->peer = *arrival->from;
	sip_dialog_called(dialog, dialog, arrival->msg,
			  SIP_TAG_OF(sip_random(sip)));
	leg->refer->dialog = dialog;
	TALLOC_FREE(leg->refer->trans->echo);
	sip_reply_echo(&sip->out, leg->refer->trans, arrival,
		       sip_hash_hex(dialog->tag, tag));
	begin(sip, leg, arrival->msg, &wish);
}

/* ---- what became of it ---- */

static void answer(struct sip *sip, struct sip_leg *leg, unsigned int status)
{
	struct sip_trans *trans = leg->refer->trans;
	struct sip_packet packet;
	struct sip_writer w;

	if (!trans)
		return;
	sip_reply_later(&sip->out, &w, trans, status);
	if (status < 300) {
		sip_write_contact(&w, "twind", &leg->dialog.here);
		if (leg->refer->silent)
			sip_write_header(&w, "Refer-Sub", span_of("false"));
	} else if (status == 500 || status == 503) {
		sip_write_header_number(&w, "Retry-After",
					sip_random(sip) % 10);
	}
	sip_write_server(sip, &w);
	if (sip_out_end(&sip->out, &w, NULL, (struct span){ 0 }, &trans->local,
			&trans->peer, &packet) &&
	    sip_trans_answer(&sip->trans, trans, sip->now_ms, status, &packet))
		return;
	if (leg->refer->trans)
		sip_trans_unbind(leg->refer->trans);
}

static void write_subscription(struct sip_writer *w,
			       const struct sip_refer *refer,
			       const char *reason)
{
	sip_write_text(w, "Event: refer");
	if (!refer->first) {
		sip_write_text(w, ";id=");
		sip_write_number(w, refer->cseq);
	}
	sip_write_line_end(w);
	sip_write_text(w, "Subscription-State: ");
	if (reason) {
		sip_write_text(w, "terminated;reason=");
		sip_write_text(w, reason);
	} else {
		sip_write_text(w, "active;expires=");
		sip_write_number(w, SUBSCRIBED_S);
	}
	sip_write_line_end(w);
}

/* @reason: it is the last. */
static void notify(struct sip *sip, struct sip_leg *leg, unsigned int status,
		   const char *reason)
{
	const struct sip_refer *refer = leg->refer;
	struct sip_dialog *dialog = refer->dialog ?: &leg->dialog;
	struct sip_addr to = sip_way(sip, dialog, leg->user);
	const struct sip_addr *here = sip_here(sip, dialog, &to);
	struct sip_trans *trans = NULL;
	char branch[SIP_BRANCH], frag[80];
	struct sip_packet packet;
	struct sip_writer w;

	if (refer->silent || sip_trans_full(&sip->trans))
		return;
	snprintf(frag, sizeof(frag), "SIP/2.0 %u %s\r\n", status,
		 sip_reason_phrase(status));
	sip_out_begin(&sip->out, &w);
	sip_dialog_request(dialog, &w, here, SIP_M_NOTIFY, ++dialog->cseq,
			   sip_branch(sip, branch));
	sip_write_contact(&w, "twind", here);
	write_subscription(&w, refer, reason);
	sip_write_header(&w, "User-Agent", span_of(sip->user_agent));
	if (sip_out_end(&sip->out, &w, "message/sipfrag;version=2.0",
			span_of(frag), here, &to, &packet))
		trans = sip_trans_client(&sip->trans, sip->now_ms, SIP_M_NOTIFY,
					 span_of(branch), &packet);
	if (trans)
		sip_trans_bind(trans, leg->id, SIP_ROLE_NOTIFY, NULL);
}

static void done(struct sip_leg *leg)
{
	if (leg->refer->trans)
		sip_trans_unbind(leg->refer->trans);
	TALLOC_FREE(leg->refer);
}

static void result(struct sip *sip, struct sip_leg *leg, unsigned int status)
{
	struct sip_refer *refer = leg->refer;

	if (!refer->accepted) {
		refer->accepted = status < 300;
		answer(sip, leg, status);
		status = 100;
	}
	if (!refer->accepted) {
		done(leg);
		return;
	}
	if (status == refer->told)
		return;
	refer->told = status;
	notify(sip, leg, status, status >= 200 ? "noresource" : NULL);
	if (status >= 200)
		done(leg);
}

void sip_refer_result(struct sip *sip, int64_t now_ms, uint64_t id,
		      unsigned int status)
{
	struct sip_leg *leg = sip_leg_find(sip, id);

	sip->now_ms = now_ms;
	if (leg && leg->refer)
		result(sip, leg, status);
}

void sip_refer_end(struct sip *sip, struct sip_leg *leg)
{
	if (!leg->refer)
		return;
	if (!leg->refer->accepted)
		answer(sip, leg, 487);
	else
		notify(sip, leg, leg->refer->told, "giveup");
	done(leg);
}
