/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge_hal.h"

#include <ctype.h>
#include <stdio.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "log.h"
#include "view.h"

#define LOCATE_S 30
#define KEY_MS 120 /* a key pressed in a call, as the far end hears it */

struct known_base {
	struct llist_head entry;
	hal_base_id id;
	char name[HAL_BASE_NAME_MAX + 1];
};

/* A handset of ours, by the names that the two sides have for it. */
struct known_handset {
	struct llist_head entry;
	hal_handset_id id;
	uint64_t ipui;
	ext_id ext; /* 0: none */
	struct hal_indicators lamps;
};

/* A HAL call and its RTP endpoint. */
struct leg {
	struct llist_head entry;
	leg_id id;
	hal_call_id call; /* 0: it has ended at the base */
	ext_id device;
	struct span offer; /* the caller's, until the handset answers; child */
	bool late;	   /* the caller made none */
	bool from_handset;
	bool told;    /* the core knows the leg */
	bool talked;  /* somebody answered */
	bool media;   /* its RTP endpoint is open */
	bool holding; /* an offer of ours asks to hold, or to retrieve: */
	bool hold;    /* which of the two */
	bool held;    /* by the far end, as the display says */
};

/* What the core is yet to hear of. */
struct pending {
	struct llist_head entry;
	struct event event; /* its text is a child of this */
};

struct edge_hal {
	struct hal *hal;
	struct media *media;
	struct core *core;
	struct edge_ports ports;
	struct llist_head bases;
	struct llist_head handsets;
	struct llist_head legs;
	struct llist_head pending;
	struct pending *read; /* given out last */
};

struct edge_hal *edge_hal_new(void *ctx, struct hal *hal, struct media *media,
			      struct core *core, const struct edge_ports *ports)
{
	struct edge_hal *edge = talloc_zero(ctx, struct edge_hal);

	OSMO_ASSERT(edge);
	edge->hal = hal;
	edge->media = media;
	edge->core = core;
	edge->ports = *ports;
	INIT_LLIST_HEAD(&edge->bases);
	INIT_LLIST_HEAD(&edge->handsets);
	INIT_LLIST_HEAD(&edge->legs);
	INIT_LLIST_HEAD(&edge->pending);
	return edge;
}

void edge_hal_add_base(struct edge_hal *edge, hal_base_id id)
{
	struct known_base *base = talloc_zero(edge, struct known_base);
	struct hal_base_view view;

	OSMO_ASSERT(base && hal_base_view(edge->hal, id, &view) == 0);
	base->id = id;
	OSMO_STRLCPY_ARRAY(base->name, view.name);
	llist_add_tail(&base->entry, &edge->bases);
}

/* ---- what the core is told ---- */

static struct event *tell(struct edge_hal *edge, enum event_type type)
{
	struct pending *pending = talloc_zero(edge, struct pending);

	OSMO_ASSERT(pending);
	pending->event.type = type;
	llist_add_tail(&pending->entry, &edge->pending);
	return &pending->event;
}

static struct span keep(void *ctx, struct span text)
{
	if (!text.n)
		return (struct span){ 0 };
	text.p = talloc_memdup(ctx, text.p, text.n);
	OSMO_ASSERT(text.p);
	return text;
}

static struct ev_leg *tell_leg(struct edge_hal *edge, enum event_type type,
			       const struct leg *leg, struct span body)
{
	struct event *event = tell(edge, type);

	event->leg.leg = leg->id;
	event->leg.body =
		keep(container_of(event, struct pending, event), body);
	return &event->leg;
}

/* ---- legs ---- */

static struct leg *leg_of(const struct edge_hal *edge, leg_id id)
{
	struct leg *leg;

	llist_for_each_entry (leg, &edge->legs, entry)
		if (leg->id == id)
			return leg;
	return NULL;
}

static struct leg *leg_of_call(const struct edge_hal *edge, hal_call_id call)
{
	struct leg *leg;

	llist_for_each_entry (leg, &edge->legs, entry)
		if (leg->call == call)
			return leg;
	return NULL;
}

static struct leg *leg_new(struct edge_hal *edge, leg_id id, hal_call_id call,
			   ext_id device)
{
	struct leg *leg = talloc_zero(edge, struct leg);

	OSMO_ASSERT(leg);
	leg->id = id;
	leg->call = call;
	leg->device = device;
	llist_add_tail(&leg->entry, &edge->legs);
	return leg;
}

static void leg_free(struct edge_hal *edge, struct leg *leg)
{
	if (leg->media) {
		media_close(edge->media, leg->id);
		edge->ports.close(edge->ports.data, leg->id);
	}
	llist_del(&leg->entry);
	talloc_free(leg);
}

static int open_media(struct edge_hal *edge, struct leg *leg,
		      unsigned int rate_hz)
{
	struct media_addr local;
	int rc = edge->ports.open(edge->ports.data, leg->id, &local);

	if (rc)
		return rc;
	rc = media_open(edge->media, leg->id, &local, rate_hz);
	if (rc)
		edge->ports.close(edge->ports.data, leg->id);
	leg->media = rc == 0;
	return rc;
}

/* ---- causes ---- */

static enum hal_why why_of(enum cause cause)
{
	static const enum hal_why whys[_NUM_CAUSE] = {
		[CAUSE_NONE] = HAL_WHY_NORMAL,
		[CAUSE_NORMAL] = HAL_WHY_NORMAL,
		[CAUSE_CANCELLED] = HAL_WHY_CALLER_GAVE_UP,
		[CAUSE_ANSWERED_ELSEWHERE] = HAL_WHY_ANSWERED_ELSEWHERE,
		[CAUSE_BUSY] = HAL_WHY_BUSY,
		[CAUSE_REJECTED] = HAL_WHY_REJECTED,
		[CAUSE_NO_ANSWER] = HAL_WHY_NO_ANSWER,
		[CAUSE_UNREACHABLE] = HAL_WHY_UNREACHABLE,
		[CAUSE_UNALLOCATED] = HAL_WHY_UNALLOCATED,
		[CAUSE_INCOMPLETE] = HAL_WHY_UNALLOCATED,
		[CAUSE_NOT_ACCEPTABLE] = HAL_WHY_FAILED,
		[CAUSE_FORBIDDEN] = HAL_WHY_FAILED,
		[CAUSE_LOOP] = HAL_WHY_FAILED,
		[CAUSE_OVERLOAD] = HAL_WHY_OVERLOAD,
		[CAUSE_LINK_LOST] = HAL_WHY_LINK_LOST,
		[CAUSE_TIMEOUT] = HAL_WHY_FAILED,
		[CAUSE_FAILED] = HAL_WHY_FAILED,
		[CAUSE_SHUTDOWN] = HAL_WHY_FAILED,
	};

	return whys[cause];
}

static enum cause cause_of(enum hal_why why)
{
	static const enum cause causes[_NUM_HAL_WHY] = {
		[HAL_WHY_NORMAL] = CAUSE_NORMAL,
		[HAL_WHY_CALLER_GAVE_UP] = CAUSE_CANCELLED,
		[HAL_WHY_ANSWERED_ELSEWHERE] = CAUSE_ANSWERED_ELSEWHERE,
		[HAL_WHY_BUSY] = CAUSE_BUSY,
		[HAL_WHY_REJECTED] = CAUSE_REJECTED,
		[HAL_WHY_NO_ANSWER] = CAUSE_NO_ANSWER,
		[HAL_WHY_UNALLOCATED] = CAUSE_UNALLOCATED,
		[HAL_WHY_UNREACHABLE] = CAUSE_UNREACHABLE,
		[HAL_WHY_LINK_LOST] = CAUSE_LINK_LOST,
		[HAL_WHY_OVERLOAD] = CAUSE_OVERLOAD,
		[HAL_WHY_FAILED] = CAUSE_FAILED,
	};

	return causes[why];
}

static enum cause cause_of_error(int rc)
{
	switch (rc) {
	case HAL_E_BUSY:
		return CAUSE_BUSY;
	case HAL_E_LIMIT:
		return CAUSE_OVERLOAD;
	case HAL_E_LINK:
		return CAUSE_LINK_LOST;
	default:
		return CAUSE_UNREACHABLE;
	}
}

/* ---- handsets ---- */

static struct known_handset *handset_of(const struct edge_hal *edge,
					uint64_t ipui)
{
	struct known_handset *handset;

	llist_for_each_entry (handset, &edge->handsets, entry)
		if (handset->ipui == ipui)
			return handset;
	return NULL;
}

static struct known_handset *handset_at(const struct edge_hal *edge, ext_id ext)
{
	struct known_handset *handset;

	llist_for_each_entry (handset, &edge->handsets, entry)
		if (handset->ext && handset->ext == ext)
			return handset;
	return NULL;
}

static struct known_handset *handset_by_id(const struct edge_hal *edge,
					   hal_handset_id id)
{
	struct known_handset *handset;

	llist_for_each_entry (handset, &edge->handsets, entry)
		if (handset->id == id)
			return handset;
	return NULL;
}

static void learn(struct edge_hal *edge, hal_handset_id id,
		  const struct row_handset *row)
{
	struct known_handset *handset = handset_of(edge, row->ipui);

	if (!handset) {
		handset = talloc_zero(edge, struct known_handset);
		OSMO_ASSERT(handset);
		llist_add_tail(&handset->entry, &edge->handsets);
	}
	handset->id = id;
	handset->ipui = row->ipui;
	handset->ext = row->ext;
}

static struct hal_assignment assignment_of(const struct action *action)
{
	struct hal_assignment assignment = { .twin = action->handset.twin };

	OSMO_STRLCPY_ARRAY(assignment.number, action->handset.number);
	OSMO_STRLCPY_ARRAY(assignment.name, action->handset.name);
	return assignment;
}

static void show_lamps(struct edge_hal *edge, int64_t now_ms,
		       struct known_handset *handset,
		       const struct action *action)
{
	handset->lamps.dnd = action->handset.dnd;
	handset->lamps.messages = action->handset.messages;
	hal_indicate(edge->hal, now_ms, handset->id, &handset->lamps);
}

static void put_handset(struct edge_hal *edge, int64_t now_ms,
			const struct action *action)
{
	const struct row_handset *row = &action->handset.handset;
	struct known_handset *known = handset_of(edge, row->ipui);
	struct hal_assignment assignment = assignment_of(action);
	struct known_base *base;
	hal_handset_id id;

	if (known) {
		known->ext = row->ext;
		hal_handset_assign(edge->hal, now_ms, known->id, &assignment);
		show_lamps(edge, now_ms, known, action);
		return;
	}
	llist_for_each_entry (base, &edge->bases, entry) {
		if (strcmp(base->name, row->base) != 0)
			continue;
		if (hal_handset_restore(edge->hal, now_ms, base->id, row->ipui,
					row->uak, &assignment, &id) == 0) {
			learn(edge, id, row);
			show_lamps(edge, now_ms, handset_of(edge, row->ipui),
				   action);
		}
		return;
	}
	LOGP(DHAL, LOGL_NOTICE,
	     "handset %010llx belongs to base %s, which is not configured\n",
	     (unsigned long long)row->ipui, row->base);
}

static void forget_handset(struct edge_hal *edge, int64_t now_ms, uint64_t ipui)
{
	struct known_handset *known = handset_of(edge, ipui);
	hal_req_id req;

	if (!known)
		return;
	hal_handset_delete(edge->hal, now_ms, known->id, &req);
	llist_del(&known->entry);
	talloc_free(known);
}

static void sub_result(struct edge_hal *edge, int64_t now_ms,
		       const struct action *action)
{
	struct hal_assignment assignment = assignment_of(action);
	hal_handset_id id;

	if (!action->handset.ok)
		hal_sub_reply(edge->hal, now_ms, action->handset.token, NULL,
			      NULL);
	else if (hal_sub_reply(edge->hal, now_ms, action->handset.token,
			       &assignment, &id) == 0) {
		learn(edge, id, &action->handset.handset);
		show_lamps(edge, now_ms,
			   handset_of(edge, action->handset.handset.ipui),
			   action);
	}
}

static void open_window(struct edge_hal *edge, int64_t now_ms,
			const struct action *action)
{
	struct hal_window window = { .seconds = action->window.seconds };
	struct known_base *base;
	hal_req_id req;

	OSMO_STRLCPY_ARRAY(window.ac, action->window.pin);
	llist_for_each_entry (base, &edge->bases, entry)
		hal_sub_open(edge->hal, now_ms, base->id, &window, &req);
}

static void close_window(struct edge_hal *edge, int64_t now_ms)
{
	struct known_base *base;
	hal_req_id req;

	llist_for_each_entry (base, &edge->bases, entry)
		hal_sub_close(edge->hal, now_ms, base->id, &req);
}

/* ---- the core's wishes for a leg ---- */

/* The leg cannot go on, for a reason of its own: the core hears it once the
 * base has ended the call. */
static void fail(struct edge_hal *edge, int64_t now_ms, struct leg *leg)
{
	hal_call_release(edge->hal, now_ms, leg->call, HAL_WHY_FAILED);
}

/* Who is not to be shown is not told to the handset either (RFC 3323). */
static struct hal_party party_of(const struct party *party)
{
	struct hal_party shown = { .restricted = party->withheld };

	if (party->withheld)
		return shown;
	OSMO_STRLCPY_ARRAY(shown.number, party->number);
	OSMO_STRLCPY_ARRAY(shown.name, party->name);
	return shown;
}

static void setup(struct edge_hal *edge, int64_t now_ms,
		  const struct act_leg *act)
{
	struct known_handset *handset = handset_at(edge, act->device);
	struct hal_setup setup = { .signal = HAL_SIGNAL_ALERT_INTERNAL,
				   .wideband = true };
	struct event *event;
	hal_call_id call;
	struct leg *leg;
	int rc = HAL_E_DETACHED;

	setup.party = party_of(&act->party);
	if (handset)
		rc = hal_call_setup(edge->hal, now_ms, handset->id, &setup,
				    &call);
	if (rc) {
		event = tell(edge, EV_RELEASED);
		event->leg.leg = act->leg;
		event->leg.cause = cause_of_error(rc);
		return;
	}
	leg = leg_new(edge, act->leg, call, act->device);
	leg->told = true;
	leg->late = !act->body.n;
	leg->offer = keep(leg, act->body);
}

static void alerting(struct edge_hal *edge, int64_t now_ms, struct leg *leg,
		     const struct act_leg *act)
{
	enum hal_signal signal = HAL_SIGNAL_RING_BACK;

	if (act->body.n &&
	    media_accept(edge->media, now_ms, leg->id, act->body) == 0)
		signal = HAL_SIGNAL_NONE; /* the tone comes as audio */
	hal_call_alerting(edge->hal, now_ms, leg->call, signal);
}

static void answer(struct edge_hal *edge, int64_t now_ms, struct leg *leg,
		   const struct act_leg *act)
{
	struct hal_party party = party_of(&act->party);

	if (media_accept(edge->media, now_ms, leg->id, act->body)) {
		fail(edge, now_ms, leg);
		return;
	}
	leg->talked = true;
	hal_call_connect(edge->hal, now_ms, leg->call, &party);
}

static void ack(struct edge_hal *edge, int64_t now_ms, struct leg *leg,
		const struct act_leg *act)
{
	if (act->late &&
	    media_accept(edge->media, now_ms, leg->id, act->body)) {
		fail(edge, now_ms, leg);
		return;
	}
	/* Refused only if the handset has the call already: then this was the
	 * answer to a later offer. */
	hal_call_connect(edge->hal, now_ms, leg->call, NULL);
}

/* The handset makes the tone itself. */
static void announce(struct edge_hal *edge, int64_t now_ms, struct leg *leg,
		     const struct act_leg *act)
{
	struct hal_info show = {
		.text = act->party.name,
		.signal = act->tone == TONE_CONFIRMATION
				  ? HAL_SIGNAL_CONFIRM
				  : HAL_SIGNAL_NEGATIVE_ACK,
	};
	struct hal_party party = { 0 };

	OSMO_STRLCPY_ARRAY(party.number, act->party.number);
	OSMO_STRLCPY_ARRAY(party.name, act->party.name);
	leg->talked = true;
	hal_call_connect(edge->hal, now_ms, leg->call, &party);
	hal_call_info(edge->hal, now_ms, leg->call, &show);
}

static void show_held(struct edge_hal *edge, int64_t now_ms, struct leg *leg)
{
	struct media_info info;
	struct hal_info show = { .signal = HAL_SIGNAL_NONE };

	if (media_info(edge->media, leg->id, &info) || info.held == leg->held)
		return;
	leg->held = info.held;
	show.text = leg->held ? "On hold" : "";
	hal_call_info(edge->hal, now_ms, leg->call, &show);
}

static void offer(struct edge_hal *edge, int64_t now_ms, struct leg *leg,
		  const struct act_leg *act)
{
	struct hal_party party = party_of(&act->party);
	struct hal_info show = { .party = &party, .signal = HAL_SIGNAL_NONE };
	struct span body = { 0 };
	struct ev_leg *result;
	int rc;

	/* Another than before is at the far end now. */
	if (act->party.number[0])
		hal_call_info(edge->hal, now_ms, leg->call, &show);
	if (act->body.n)
		rc = media_answer(edge->media, now_ms, leg->id, act->body,
				  &body);
	else
		rc = media_offer(edge->media, leg->id, &body);
	result = tell_leg(edge, EV_OFFER_RESULT, leg, body);
	result->status = rc ? 488 : 200;
	show_held(edge, now_ms, leg);
}

static void offer_result(struct edge_hal *edge, int64_t now_ms, struct leg *leg,
			 const struct act_leg *act)
{
	bool done = act->status < 300 &&
		    media_accept(edge->media, now_ms, leg->id, act->body) == 0;

	if (!leg->holding)
		return;
	leg->holding = false;
	if (!done)
		media_hold(edge->media, leg->id, !leg->hold);
	hal_call_held(edge->hal, now_ms, leg->call, done == leg->hold);
}

static void perform_leg(struct edge_hal *edge, int64_t now_ms,
			enum action_type type, const struct act_leg *act)
{
	struct leg *leg = leg_of(edge, act->leg);

	if (type == ACT_SETUP) {
		setup(edge, now_ms, act);
		return;
	}
	if (!leg)
		return; /* it has ended, and the core will read so */
	switch (type) {
	case ACT_ALERTING:
		alerting(edge, now_ms, leg, act);
		break;
	case ACT_ANSWER:
		answer(edge, now_ms, leg, act);
		break;
	case ACT_ANNOUNCE:
		announce(edge, now_ms, leg, act);
		break;
	case ACT_ACK:
		ack(edge, now_ms, leg, act);
		break;
	case ACT_CANCEL:
	case ACT_RELEASE:
		hal_call_release(edge->hal, now_ms, leg->call,
				 why_of(act->cause));
		break;
	case ACT_OFFER:
		offer(edge, now_ms, leg, act);
		break;
	case ACT_OFFER_RESULT:
		offer_result(edge, now_ms, leg, act);
		break;
	default:
		break; /* an INFO has nothing to say to a handset */
	}
}

void edge_hal_perform(struct edge_hal *edge, int64_t now_ms,
		      const struct action *action)
{
	struct known_handset *handset;
	hal_req_id req;

	switch (action->type) {
	case ACT_HANDSET:
		put_handset(edge, now_ms, action);
		break;
	case ACT_HANDSET_GONE:
		forget_handset(edge, now_ms, action->handset.handset.ipui);
		break;
	case ACT_SUB_RESULT:
		sub_result(edge, now_ms, action);
		break;
	case ACT_SUB_OPEN:
		open_window(edge, now_ms, action);
		break;
	case ACT_SUB_CLOSE:
		close_window(edge, now_ms);
		break;
	case ACT_LOCATE:
		handset = handset_of(edge, action->handset.handset.ipui);
		if (handset)
			hal_handset_locate(edge->hal, now_ms, handset->id,
					   LOCATE_S, &req);
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
		if (action->leg.kind == EXT_DECT)
			perform_leg(edge, now_ms, action->type, &action->leg);
		break;
	default:
		break;
	}
}

/* ---- what the bases report ---- */

/* The whole number is there: now it is a call. */
static void dialled(struct edge_hal *edge, int64_t now_ms, struct leg *leg,
		    const struct hal_event *in)
{
	struct span body, number = span_of(in->digits.dialled);
	struct event *event;

	if (!in->digits.complete || leg->told)
		return;
	if (media_offer(edge->media, leg->id, &body)) {
		fail(edge, now_ms, leg);
		return;
	}
	hal_call_proceeding(edge->hal, now_ms, leg->call);
	leg->told = true;
	event = tell(edge, EV_SETUP);
	event->setup.leg = leg->id;
	event->setup.from = leg->device;
	event->setup.dialled =
		keep(container_of(event, struct pending, event), number);
	event->setup.body =
		keep(container_of(event, struct pending, event), body);
	event->setup.max_forwards = 70;
}

static void call_setup(struct edge_hal *edge, int64_t now_ms,
		       const struct hal_event *in)
{
	struct known_handset *handset = handset_by_id(edge, in->handset);
	struct leg *leg;

	if (!handset || !handset->ext) {
		hal_call_release(edge->hal, now_ms, in->call, HAL_WHY_REJECTED);
		return;
	}
	leg = leg_new(edge, leg_id_of_edge(LEG_OF_HAL, in->call), in->call,
		      handset->ext);
	leg->from_handset = true;
	if (open_media(edge, leg, in->digits.rate_hz))
		fail(edge, now_ms, leg);
	else
		dialled(edge, now_ms, leg, in);
}

static void call_answered(struct edge_hal *edge, int64_t now_ms,
			  struct leg *leg, const struct hal_event *in)
{
	struct span body;
	int rc = open_media(edge, leg, in->rate_hz);

	if (rc == 0 && leg->late)
		rc = media_offer(edge->media, leg->id, &body);
	else if (rc == 0)
		rc = media_answer(edge->media, now_ms, leg->id, leg->offer,
				  &body);
	if (rc)
		fail(edge, now_ms, leg);
	else
		tell_leg(edge, EV_ANSWERED, leg, body);
}

/* A user wants to hold, or to come back: an offer asks the far end. */
static void call_hold(struct edge_hal *edge, int64_t now_ms, struct leg *leg,
		      bool hold)
{
	struct ev_leg *out;
	struct span body;

	if (leg->holding)
		return; /* one at a time; the handset hears of that one */
	media_hold(edge->media, leg->id, hold);
	if (media_offer(edge->media, leg->id, &body)) {
		media_hold(edge->media, leg->id, !hold);
		hal_call_held(edge->hal, now_ms, leg->call, !hold);
		return;
	}
	leg->holding = true;
	leg->hold = hold;
	out = tell_leg(edge, EV_OFFER, leg, body);
	out->how = OFFER_REINVITE;
	out->holds = hold;
}

/* Keys in a call go as digits in the audio stream, or, to a far end that takes
 * none there, in an INFO. */
static void call_keys(struct edge_hal *edge, int64_t now_ms, struct leg *leg,
		      const char *keys)
{
	static const char type[] = "application/dtmf-relay";
	struct ev_leg *info;
	char body[48];

	for (; *keys; keys++) {
		if (!isdigit((unsigned char)*keys) && *keys != '*' &&
		    *keys != '#')
			continue;
		if (media_dtmf(edge->media, now_ms, leg->id, *keys, KEY_MS) !=
		    -ENOTSUP)
			continue;
		snprintf(body, sizeof(body), "Signal=%c\r\nDuration=%d\r\n",
			 *keys, KEY_MS);
		info = tell_leg(edge, EV_INFO, leg, span_of(body));
		info->content_type = span_of(type);
	}
}

static void call_ended(struct edge_hal *edge, struct leg *leg,
		       const struct hal_event *in)
{
	enum cause cause = cause_of(in->ended.why);

	/* A release says "normal" also when the caller puts the handset down
	 * before anybody answered; SIP calls that cancelled. */
	if (cause == CAUSE_NORMAL && leg->from_handset && !leg->talked)
		cause = CAUSE_CANCELLED;
	if (leg->told)
		tell_leg(edge, EV_RELEASED, leg, (struct span){ 0 })->cause =
			cause;
	leg_free(edge, leg);
}

static void call_event(struct edge_hal *edge, int64_t now_ms,
		       const struct hal_event *in)
{
	struct leg *leg = leg_of_call(edge, in->call);

	if (in->type == HAL_EV_CALL_SETUP) {
		call_setup(edge, now_ms, in);
		return;
	}
	if (!leg)
		return; /* refused before it became a leg */
	switch (in->type) {
	case HAL_EV_CALL_DIGITS:
		dialled(edge, now_ms, leg, in);
		break;
	case HAL_EV_CALL_KEYPAD:
		call_keys(edge, now_ms, leg, in->digits.text);
		break;
	case HAL_EV_CALL_ALERTING:
		tell_leg(edge, EV_ALERTING, leg, (struct span){ 0 });
		break;
	case HAL_EV_CALL_ANSWERED:
		call_answered(edge, now_ms, leg, in);
		break;
	case HAL_EV_CALL_HOLD:
	case HAL_EV_CALL_RETRIEVE:
		call_hold(edge, now_ms, leg, in->type == HAL_EV_CALL_HOLD);
		break;
	case HAL_EV_CALL_ENDED:
		call_ended(edge, leg, in);
		break;
	default:
		break;
	}
}

static void sub_request(struct edge_hal *edge, const struct hal_event *in)
{
	struct event *event = tell(edge, EV_SUBSCRIBE);
	struct row_handset *row = &event->handset.handset;
	struct hal_base_view base;

	event->handset.token = in->sub.id;
	row->ipui = in->sub.ipui;
	memcpy(row->uak, in->sub.uak, sizeof(row->uak));
	if (hal_base_view(edge->hal, in->base, &base) == 0)
		OSMO_STRLCPY_ARRAY(row->base, base.name);
}

static void presence(struct edge_hal *edge, const struct hal_event *in)
{
	struct known_handset *handset = handset_by_id(edge, in->handset);
	bool attached =
		in->type == HAL_EV_HANDSET && in->presence == HAL_ATTACHED;
	struct event *event;

	if (!handset)
		return;
	event = tell(edge, attached ? EV_REACHABLE : EV_UNREACHABLE);
	event->handset.handset.ipui = handset->ipui;
}

static void base_state(const struct edge_hal *edge, const struct hal_event *in)
{
	struct hal_base_view view;

	if (hal_base_view(edge->hal, in->base, &view) == 0)
		LOGP(DHAL, LOGL_NOTICE, "base %s is %s\n", view.name,
		     hal_base_state_name(in->state));
}

static void translate(struct edge_hal *edge, int64_t now_ms,
		      const struct hal_event *in)
{
	switch (in->type) {
	case HAL_EV_BASE:
		base_state(edge, in);
		break;
	case HAL_EV_SUB_WINDOW:
		tell(edge, EV_SUB_WINDOW)->handset.open = in->window.open;
		break;
	case HAL_EV_SUB_REQUEST:
		sub_request(edge, in);
		break;
	case HAL_EV_SUB_FAILED:
		LOGP(DHAL, LOGL_NOTICE,
		     "handset %010llx was not subscribed, reason %02x\n",
		     (unsigned long long)in->sub.ipui, in->sub.reason);
		break;
	case HAL_EV_HANDSET:
	case HAL_EV_HANDSET_DELETED:
		presence(edge, in);
		break;
	case HAL_EV_NONE:
	case HAL_EV_HANDSET_FOUND:
	case HAL_EV_DONE:
		break;
	default:
		call_event(edge, now_ms, in);
		break;
	}
}

bool edge_hal_next(struct edge_hal *edge, int64_t now_ms,
		   struct event *ret_event)
{
	struct hal_event in;

	talloc_free(edge->read);
	edge->read = NULL;
	while (llist_empty(&edge->pending)) {
		if (!hal_next_event(edge->hal, &in))
			return false;
		translate(edge, now_ms, &in);
	}
	edge->read = llist_first_entry(&edge->pending, struct pending, entry);
	llist_del(&edge->read->entry);
	*ret_event = edge->read->event;
	return true;
}

void edge_hal_pump(struct edge_hal *edge, int64_t now_ms)
{
	struct hal_frame frame;
	struct media_sound sound;
	struct media_event digit;
	struct leg *leg;

	while (hal_audio_next(edge->hal, &frame)) {
		leg = leg_of_call(edge, frame.call);
		if (leg)
			media_frame(edge->media, now_ms, leg->id, frame.pcm,
				    frame.samples);
	}
	while (media_next_frame(edge->media, &sound)) {
		leg = leg_of(edge, sound.leg);
		if (leg)
			hal_audio_tx(edge->hal, now_ms, leg->call, sound.pcm,
				     sound.samples);
	}
	/* A handset has no use for digits that its far end presses. */
	while (media_next_event(edge->media, &digit))
		;
}
