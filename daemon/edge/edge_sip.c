/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge_sip.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "edge_sip_watch.h"
#include "log.h"
#include "sdp.h"
#include "view.h"

struct edge_sip {
	struct sip *sip;
	struct announce *announce;
	struct core *core;
	struct edge_sip_watches *watches;
};

struct edge_sip *edge_sip_new(void *ctx, struct sip *sip, struct core *core,
			      struct media *media,
			      const struct edge_ports *ports)
{
	struct edge_sip *edge = talloc_zero(ctx, struct edge_sip);

	OSMO_ASSERT(edge);
	edge->sip = sip;
	edge->core = core;
	edge->watches = edge_sip_watches_new(edge, sip, sip_domain(sip));
	edge->announce = announce_new(edge, media, ports);
	return edge;
}

/* ---- from the core ---- */

static enum sip_how to_sip(enum offer_how how)
{
	return how == OFFER_UPDATE ? SIP_UPDATE : SIP_REINVITE;
}

static void setup(struct edge_sip *edge, int64_t now_ms,
		  const struct act_leg *leg)
{
	static const char *const reasons[] = {
		[DIVERT_NONE] = NULL,
		[DIVERT_UNCONDITIONAL] = "unconditional",
		[DIVERT_BUSY] = "user-busy",
		[DIVERT_NO_ANSWER] = "no-answer",
		[DIVERT_UNREACHABLE] = "unavailable",
		[DIVERT_DND] = "do-not-disturb",
	};
	struct view_extension device;
	struct sip_invite invite = {
		.leg = leg->leg,
		.target = leg->target,
		.number = leg->party.number,
		.name = leg->party.name,
		.anonymous = leg->party.withheld,
		.body = leg->body,
		.max_forwards = leg->max_forwards,
		.diversion = reasons[leg->divert],
		.diverted_number = leg->diverted.number,
		.diverted_name = leg->diverted.name,
		.diversions = leg->diversions,
	};

	/* The core rings only what it has. */
	OSMO_ASSERT(view_extension_id(edge->core, leg->device, &device));
	invite.user = device.number;
	sip_invite(edge->sip, now_ms, &invite);
}

/* A caller who cannot hear the tone learns by the answer alone: one that takes
 * nothing, or that we decline. */
static void announce(struct edge_sip *edge, int64_t now_ms,
		     const struct act_leg *leg)
{
	struct span body;
	int rc = announce_begin(edge->announce, now_ms, leg->leg, leg->tone,
				leg->body, &body);

	if (rc && (leg->tone == TONE_REFUSAL || !body.n))
		sip_release(edge->sip, now_ms, leg->leg, 603, 0);
	else
		sip_answer(edge->sip, now_ms, leg->leg, 0, leg->party.number,
			   leg->party.name, body);
}

static void perform_leg(struct edge_sip *edge, int64_t now_ms,
			enum action_type type, const struct act_leg *leg)
{
	struct sip *sip = edge->sip;

	switch (type) {
	case ACT_SETUP:
		setup(edge, now_ms, leg);
		break;
	case ACT_ALERTING:
		sip_alerting(sip, now_ms, leg->leg, leg->fork, leg->body);
		break;
	case ACT_ANSWER:
		sip_answer(sip, now_ms, leg->leg, leg->fork,
			   leg->party.withheld ? "" : leg->party.number,
			   leg->party.name, leg->body);
		break;
	case ACT_ANNOUNCE:
		announce(edge, now_ms, leg);
		break;
	case ACT_ACK:
		/* Where we made the offer the element has acknowledged. */
		if (announce_has(edge->announce, leg->leg))
			announce_answered(edge->announce, now_ms, leg->leg,
					  leg->body);
		else if (leg->late)
			sip_ack(sip, now_ms, leg->leg, leg->body);
		break;
	case ACT_CANCEL:
		sip_cancel(sip, now_ms, leg->leg,
			   leg->cause == CAUSE_ANSWERED_ELSEWHERE);
		break;
	case ACT_RELEASE:
		sip_release(sip, now_ms, leg->leg, cause_sip_status(leg->cause),
			    cause_q850(leg->cause));
		break;
	case ACT_OFFER:
		if (leg->party.number[0])
			sip_connected(sip, leg->leg,
				      leg->party.withheld ? ""
							  : leg->party.number,
				      leg->party.name);
		sip_offer(sip, now_ms, leg->leg, to_sip(leg->how), leg->body);
		break;
	case ACT_OFFER_RESULT:
		sip_offer_result(sip, now_ms, leg->leg, leg->status, leg->body);
		break;
	case ACT_INFO:
		sip_info(sip, now_ms, leg->leg, leg->content_type, leg->body);
		break;
	case ACT_REFER_RESULT:
		sip_refer_result(sip, now_ms, leg->leg, leg->status);
		break;
	default:
		break;
	}
}

static void restore_binding(struct edge_sip *edge, int64_t now_ms,
			    const struct row_contact *contact)
{
	struct view_extension ext;
	struct sip_addr source;

	if (!view_extension_id(edge->core, contact->ext, &ext))
		return;
	if (sip_addr_parse(&source, contact->source) ||
	    sip_binding_restore(edge->sip, now_ms, ext.number, contact->uri,
				&source, contact->interval_s))
		LOGP(DSIP, LOGL_ERROR,
		     "the stored contact of %s cannot be used; its phone has "
		     "to register again\n",
		     ext.number);
}

void edge_sip_perform(struct edge_sip *edge, int64_t now_ms,
		      const struct action *action)
{
	struct view_extension ext;

	switch (action->type) {
	case ACT_USER:
		if (sip_user_set(edge->sip, action->user.number,
				 action->user.ha1_md5, action->user.ha1_sha256))
			LOGP(DSIP, LOGL_ERROR,
			     "%s cannot register: too many "
			     "users\n",
			     action->user.number);
		break;
	case ACT_USER_GONE:
		sip_user_remove(edge->sip, now_ms, action->user.number);
		break;
	case ACT_CONTACT:
		restore_binding(edge, now_ms, &action->contact);
		break;
	case ACT_UNBIND:
		if (view_extension_id(edge->core, action->contact.ext, &ext))
			sip_binding_remove(edge->sip, now_ms, ext.number);
		break;
	case ACT_REGISTER_RESULT:
		sip_register_done(edge->sip, now_ms, action->handset.token,
				  action->handset.ok);
		break;
	case ACT_SETUP:
	case ACT_ALERTING:
	case ACT_ANSWER:
	case ACT_ANNOUNCE:
	case ACT_ACK:
	case ACT_CANCEL:
	case ACT_RELEASE:
	case ACT_OFFER:
	case ACT_OFFER_RESULT:
	case ACT_INFO:
	case ACT_REFER_RESULT:
		if (action->leg.kind == EXT_SIP)
			perform_leg(edge, now_ms, action->type, &action->leg);
		break;
	case ACT_WATCH_RESULT:
	case ACT_NOTIFY:
	case ACT_WATCH_END:
		edge_sip_watch_perform(edge->watches, now_ms, action);
		break;
	default:
		break;
	}
}

/* ---- to the core ---- */

static enum cause why_released(const struct sip_event *in)
{
	switch (in->end) {
	case SIP_END_STATUS:
		return cause_of_sip_status(in->status);
	case SIP_END_BYE:
	case SIP_END_LOCAL:
		return CAUSE_NORMAL;
	case SIP_END_CANCEL:
		return CAUSE_CANCELLED;
	case SIP_END_TIMEOUT:
		return CAUSE_TIMEOUT;
	case SIP_END_TRANSPORT:
		return CAUSE_LINK_LOST;
	case SIP_END_OVERLOAD:
		return CAUSE_OVERLOAD;
	}
	return CAUSE_FAILED;
}

static ext_id ext_of(struct edge_sip *edge, struct span user)
{
	struct view_extension ext;
	char number[NUMBER_MAX + 1];

	if (user.n > NUMBER_MAX)
		return 0;
	if (user.n)
		memcpy(number, user.p, user.n);
	number[user.n] = '\0';
	return view_extension(edge->core, number, &ext) ? ext.id : 0;
}

static void copy(char *to, size_t size, struct span from)
{
	size_t n = OSMO_MIN(from.n, size - 1);

	if (n)
		memcpy(to, from.p, n);
	to[n] = '\0';
}

static void read_register(struct edge_sip *edge, const struct sip_event *in,
			  struct ev_register *out)
{
	char source[SIP_ADDR_TEXT];

	out->reg = in->reg;
	out->contact.ext = ext_of(edge, in->user);
	out->contact.interval_s = in->expires_s;
	copy(out->contact.uri, sizeof(out->contact.uri), in->contact);
	copy(out->contact.user_agent, sizeof(out->contact.user_agent),
	     in->user_agent);
	OSMO_STRLCPY_ARRAY(out->contact.source,
			   sip_addr_print(&in->source, source));
}

/* It wants to hear nothing from the other side (RFC 3264, 8.4). */
static bool holds(struct span offer)
{
	struct sdp sdp;
	unsigned int i;

	if (!offer.n || sdp_parse(&sdp, offer))
		return false;
	for (i = 0; i < sdp.n_media; i++)
		if (sdp.media[i].port)
			return sdp.media[i].zero ||
			       sdp.media[i].direction == SDP_SENDONLY ||
			       sdp.media[i].direction == SDP_INACTIVE;
	return false;
}

static void read_leg(const struct sip_event *in, struct ev_leg *out)
{
	out->leg = in->leg;
	out->body = in->body;
	out->content_type = in->content_type;
	out->status = in->status;
	out->how = in->how == SIP_UPDATE ? OFFER_UPDATE : OFFER_REINVITE;
	out->holds = in->type == SIP_EV_OFFER && holds(in->body);
}

/* Not all that the element tells is the core's business. */
static bool next(struct edge_sip *edge, int64_t now_ms, struct sip_event *in,
		 struct event *ret_event)
{
	while (sip_next_event(edge->sip, in)) {
		memset(ret_event, 0, sizeof(*ret_event));
		switch (in->type) {
		case SIP_EV_SUBSCRIBE:
		case SIP_EV_DOCUMENT:
		case SIP_EV_UNSUBSCRIBED:
		case SIP_EV_NOTIFY:
			if (edge_sip_watch_event(edge->watches, now_ms, in,
						 ext_of(edge, in->user),
						 ret_event))
				return true;
			break;
		default:
			return true;
		}
	}
	return false;
}

bool edge_sip_next(struct edge_sip *edge, int64_t now_ms,
		   struct event *ret_event)
{
	static const enum event_type types[] = {
		[SIP_EV_SETUP] = EV_SETUP,
		[SIP_EV_ALERTING] = EV_ALERTING,
		[SIP_EV_ANSWERED] = EV_ANSWERED,
		[SIP_EV_RELEASED] = EV_RELEASED,
		[SIP_EV_OFFER] = EV_OFFER,
		[SIP_EV_OFFER_RESULT] = EV_OFFER_RESULT,
		[SIP_EV_ACK] = EV_ACK,
		[SIP_EV_INFO] = EV_INFO,
		[SIP_EV_REFER] = EV_REFER,
		[SIP_EV_REGISTER] = EV_REGISTER,
		[SIP_EV_UNREGISTERED] = EV_UNREGISTERED,
	};
	struct sip_event in;

	if (!next(edge, now_ms, &in, ret_event))
		return false;
	if (ret_event->type != EV_TICK)
		return true; /* translated already */
	ret_event->type = types[in.type];
	switch (in.type) {
	case SIP_EV_SETUP:
		ret_event->setup = (struct ev_setup){
			.leg = in.leg,
			.from = ext_of(edge, in.user),
			.dialled = in.target,
			.body = in.body,
			.max_forwards = in.max_forwards,
			.foreign = in.target_foreign,
			.replaces = in.replaces,
			.withheld = in.anonymous,
		};
		break;
	case SIP_EV_REFER:
		ret_event->refer = (struct ev_refer){
			.leg = in.leg,
			.target = in.target,
			.foreign = in.target_foreign,
			.replaces = in.replaces,
		};
		break;
	case SIP_EV_REGISTER:
		read_register(edge, &in, &ret_event->reg);
		break;
	case SIP_EV_UNREGISTERED:
		ret_event->ext = ext_of(edge, in.user);
		break;
	case SIP_EV_RELEASED:
		read_leg(&in, &ret_event->leg);
		ret_event->leg.cause = why_released(&in);
		announce_end(edge->announce, in.leg);
		break;
	default:
		read_leg(&in, &ret_event->leg);
		break;
	}
	return true;
}
