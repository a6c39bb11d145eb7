/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * puppet.c - an edge and its devices, reduced to what the core sees of them
 *
 *     actions --> perform() --> messages on the way --> devices
 *     events  <-- step()    <-- messages on the way <-- keys
 *
 * A puppet keeps the promises of event.h (one EV_RELEASED a leg, its last;
 * an answer may cross a CANCEL) and demands those of action.h: no action for
 * a leg that is over, no second answer, no leg named twice.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/utils.h>

#include "outside.h"

enum pleg_state {
	PLEG_DIALLING, /* a caller's: waits */
	PLEG_ARRIVING, /* set up, the device has not heard yet */
	PLEG_RINGING,
	PLEG_ANSWERED, /* the user picked up, the core does not know yet */
	PLEG_UP,
	PLEG_DONE, /* over for the device; EV_RELEASED is on its way */
};

/* The device's side, and what the core has done and been told. */
struct pleg {
	struct llist_head entry;
	leg_id id;
	struct puppet *puppet;
	enum pleg_state state;
	bool outgoing;	/* the device called */
	bool hushed;	/* the core cancelled or released it */
	bool released;	/* it released it */
	bool answered;	/* ACT_ANSWER has been given */
	bool told_over; /* EV_RELEASED was delivered: not one action more */
	bool rang;
	bool holding;
	char *early;	      /* our early answer, which is the answer */
	unsigned int version; /* of our SDP */
};

enum pmsg_type {
	PMSG_EVENT, /* to the core */
	PMSG_RING,
	PMSG_RING_LATER,
	PMSG_CANCEL,
	PMSG_END,
	PMSG_RINGBACK,
	PMSG_ANSWER,
	PMSG_OFFER,
	PMSG_OFFER_RESULT,
	PMSG_REFERRED,
	PMSG_PATIENCE, /* a device that is cut off never replies */
};

struct pmsg {
	struct llist_head entry;
	enum pmsg_type type;
	int64_t due_ms;
	uint64_t age;
	leg_id leg; /* 0: of none */
	struct event event;
	struct act_leg act;
	char *body, *number;
};

struct puppets {
	struct world *w;
	struct llist_head
		legs; /* of all puppets; the over are kept for a while */
	struct llist_head msgs;
	uint64_t age, last_leg, last_reg;
};

struct puppet {
	struct puppets *all;
	struct world_device *device;
	bool off, registered;
	int refuse;  /* every call, with this status; 0: rings */
	int ring_ms; /* from hearing of a call to ringing */
};

static void add(void *data, struct world_device *device)
{
	struct puppet *puppet = talloc_zero(data, struct puppet);

	puppet->all = data;
	puppet->device = device;
	device->body = puppet;
}

static struct puppet *puppet_of(const struct world_device *device)
{
	return device->body;
}

static const char *label(const struct puppet *puppet)
{
	return puppet->device->house->label;
}

static struct pleg *find(struct puppets *all, leg_id id)
{
	struct pleg *leg;

	llist_for_each_entry (leg, &all->legs, entry)
		if (leg->id == id)
			return leg;
	return NULL;
}

static struct pleg *in_state(const struct puppet *puppet, enum pleg_state state)
{
	struct pleg *leg;

	llist_for_each_entry (leg, &puppet->all->legs, entry)
		if (leg->puppet == puppet && leg->state == state)
			return leg;
	return NULL;
}

/* ---- messages on the way ---- */

/* The messages of one leg in one direction keep their order. */
static struct pmsg *post(struct puppets *all, enum pmsg_type type, leg_id leg)
{
	struct net_faults *f = &all->w->net->faults;
	struct pmsg *msg = talloc_zero(all, struct pmsg), *other;

	msg->type = type;
	msg->leg = leg;
	msg->age = ++all->age;
	msg->due_ms = all->w->now_ms + f->delay_ms +
		      choose(&all->w->dice, f->jitter_ms + 1);
	llist_for_each_entry (other, &all->msgs, entry)
		if (leg && other->leg == leg && other->type != PMSG_PATIENCE &&
		    other->type != PMSG_RING_LATER &&
		    (other->type == PMSG_EVENT) == (type == PMSG_EVENT))
			msg->due_ms = OSMO_MAX(msg->due_ms, other->due_ms);
	llist_add_tail(&msg->entry, &all->msgs);
	return msg;
}

static struct pmsg *post_event(struct puppets *all, enum event_type type,
			       leg_id leg)
{
	struct pmsg *msg = post(all, PMSG_EVENT, leg);

	msg->event.type = type;
	return msg;
}

static struct pmsg *earliest(const struct puppets *all)
{
	struct pmsg *msg, *best = NULL;

	llist_for_each_entry (msg, &all->msgs, entry)
		if (!best || msg->due_ms < best->due_ms ||
		    (msg->due_ms == best->due_ms && msg->age < best->age))
			best = msg;
	return best;
}

static int64_t next_ms(void *data)
{
	const struct pmsg *msg = earliest(data);

	return msg ? msg->due_ms : INT64_MAX;
}

/* ---- what a leg says ---- */

static char *sdp(struct pleg *leg, const char *direction)
{
	const struct world_device *device = leg->puppet->device;
	struct world *w = leg->puppet->all->w;
	unsigned int host = device - w->device + 1;

	return talloc_asprintf(
		leg,
		"v=0\r\no=%s %llu %u IN IP4 10.0.0.%u\r\ns=-\r\n"
		"c=IN IP4 10.0.0.%u\r\nt=0 0\r\nm=audio 15060 RTP/AVP 8 101\r\n"
		"a=%s\r\n",
		device->house->label, (unsigned long long)leg->id >> 1,
		++leg->version, host, host, direction);
}

static void say(struct pleg *leg, enum event_type type, const char *body)
{
	struct pmsg *msg = post_event(leg->puppet->all, type, leg->id);

	msg->event.leg.leg = leg->id;
	if (body)
		msg->body = talloc_strdup(msg, body);
}

static void say_over(struct pleg *leg, enum cause cause, unsigned int status)
{
	struct pmsg *msg;

	if (leg->state == PLEG_DONE)
		return;
	leg->state = PLEG_DONE;
	msg = post_event(leg->puppet->all, EV_RELEASED, leg->id);
	msg->event.leg.leg = leg->id;
	msg->event.leg.cause = cause;
	msg->event.leg.status = status;
}

static struct pleg *leg_new(struct puppet *puppet, leg_id id,
			    enum pleg_state state)
{
	struct pleg *leg = talloc_zero(puppet, struct pleg);

	leg->id = id;
	leg->puppet = puppet;
	leg->state = state;
	llist_add(&leg->entry, &puppet->all->legs);
	return leg;
}

/* ---- the core's wishes ---- */

/* T30: the number of a secondary is nobody's business. */
static void check_party(struct puppets *all, const struct act_leg *act)
{
	struct world *w = all->w;

	for (size_t i = 0; w->twins_stay && i < w->n_devices; i++)
		if (w->device[i].house->twin_of &&
		    strcmp(w->device[i].house->number, act->party.number) == 0)
			world_fault(w, "the secondary %s is shown to others",
				    act->party.number);
}

static void set_up(struct puppets *all, const struct act_leg *act)
{
	struct world_device *device = world_find_ext(all->w, act->device);
	struct pmsg *msg;

	if (!device || act->leg == 0 || find(all, act->leg)) {
		world_fault(all->w, "ACT_SETUP of leg %llu, device %u",
			    (unsigned long long)act->leg, act->device);
		return;
	}
	check_party(all, act);
	leg_new(puppet_of(device), act->leg, PLEG_ARRIVING);
	msg = post(all, PMSG_RING, act->leg);
	msg->act = *act;
}

/* The leg of an action, or NULL: gone, which the core may not know yet. */
static struct pleg *leg_of(struct puppets *all, const struct action *action)
{
	struct pleg *leg = find(all, action->leg.leg);

	if (!leg || leg->told_over) {
		world_fault(all->w, "action %d for leg %llu, which is %s",
			    action->type, (unsigned long long)action->leg.leg,
			    leg ? "over" : "unknown");
		return NULL;
	}
	return leg;
}

static void hush(struct puppets *all, struct pleg *leg,
		 const struct action *action)
{
	struct pmsg *msg;

	leg->hushed = true;
	leg->released |= action->type == ACT_RELEASE;
	msg = post(all, action->type == ACT_CANCEL ? PMSG_CANCEL : PMSG_END,
		   leg->id);
	msg->act = action->leg;
}

static char *copy(void *ctx, struct span text)
{
	return talloc_strndup(ctx, text.p ? text.p : "", text.n);
}

static void tell_caller(struct puppets *all, struct pleg *leg,
			const struct action *action)
{
	struct pmsg *msg;

	if (!leg->outgoing || leg->answered) {
		world_fault(all->w, "action %d for %s, %s", action->type,
			    label(leg->puppet),
			    leg->outgoing ? "answered already" : "no caller");
		return;
	}
	check_party(all, &action->leg);
	leg->answered = action->type != ACT_ALERTING;
	msg = post(all, leg->answered ? PMSG_ANSWER : PMSG_RINGBACK, leg->id);
	msg->act = action->leg;
	msg->body = copy(msg, action->leg.body);
}

static void pass(struct puppets *all, struct pleg *leg, enum pmsg_type type,
		 const struct act_leg *act)
{
	struct pmsg *msg = post(all, type, leg->id);

	msg->act = *act;
	msg->body = copy(msg, act->body);
}

static void leg_action(struct puppets *all, const struct action *action)
{
	struct pleg *leg = leg_of(all, action);

	if (!leg)
		return;
	switch (action->type) {
	case ACT_ALERTING:
	case ACT_ANSWER:
	case ACT_ANNOUNCE:
		tell_caller(all, leg, action);
		break;
	case ACT_CANCEL:
	case ACT_RELEASE:
		hush(all, leg, action);
		break;
	case ACT_OFFER:
		pass(all, leg, PMSG_OFFER, &action->leg);
		break;
	case ACT_OFFER_RESULT:
		pass(all, leg, PMSG_OFFER_RESULT, &action->leg);
		break;
	case ACT_REFER_RESULT:
		pass(all, leg, PMSG_REFERRED, &action->leg);
		break;
	default:
		break;
	}
}

static void perform(void *data, const struct action *action)
{
	struct puppets *all = data;
	struct world_device *device;

	switch (action->type) {
	case ACT_SETUP:
		set_up(all, &action->leg);
		break;
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
		leg_action(all, action);
		break;
	case ACT_REGISTER_RESULT:
		device = world_find_ext(all->w, action->handset.token >> 32);
		OSMO_ASSERT(device);
		puppet_of(device)->registered = action->handset.ok;
		world_trace(all->w,
			    action->handset.ok ? "registered" : "reg-refused",
			    device->house->label, "%s", "");
		break;
	case ACT_CONTACT:
		device = world_find_ext(all->w, action->contact.ext);
		if (device)
			puppet_of(device)->registered = true;
		break;
	case ACT_UNBIND:
		device = world_find_ext(all->w, action->contact.ext);
		if (device)
			puppet_of(device)->registered = false;
		break;
	default:
		break;
	}
}

/* ---- what the devices hear ---- */

static void ring(struct pleg *leg, const struct pmsg *msg)
{
	struct puppet *puppet = leg->puppet;
	bool sip = puppet->device->house->kind == EXT_SIP;

	if (sip && !puppet->registered) {
		say_over(leg, CAUSE_UNREACHABLE, 480);
	} else if (puppet->off && !sip) {
		say_over(leg, CAUSE_UNREACHABLE, 0);
	} else if (puppet->refuse) {
		say_over(leg, cause_of_sip_status(puppet->refuse),
			 puppet->refuse);
	} else if (puppet->ring_ms && msg->type == PMSG_RING) {
		struct pmsg *later =
			post(puppet->all, PMSG_RING_LATER, leg->id);

		later->act = msg->act;
		later->due_ms += puppet->ring_ms;
	} else if (puppet->off) {
		/* Timer B of RFC 3261. */
		post(puppet->all, PMSG_PATIENCE, leg->id)->due_ms += 32000;
	} else {
		leg->state = PLEG_RINGING;
		leg->rang = true;
		world_trace(puppet->all->w, "ring", label(puppet), "%s %s",
			    msg->act.party.number, msg->act.party.name);
		say(leg, EV_ALERTING, NULL);
	}
}

static void cancel(struct pleg *leg, const struct pmsg *msg)
{
	if (leg->outgoing) {
		world_fault(leg->puppet->all->w, "ACT_CANCEL of a caller, %s",
			    label(leg->puppet));
		return;
	}
	if (leg->state != PLEG_RINGING && leg->state != PLEG_ARRIVING)
		return; /* the answer has crossed it */
	if (leg->rang)
		world_trace(
			leg->puppet->all->w, "quiet", label(leg->puppet), "%s",
			msg->act.cause == CAUSE_ANSWERED_ELSEWHERE ? "elsewhere"
								   : "");
	say_over(leg, msg->act.cause, 487);
}

static void end(struct pleg *leg, const struct pmsg *msg)
{
	struct world *w = leg->puppet->all->w;

	if (leg->state == PLEG_DONE)
		return;
	if (leg->outgoing && leg->state == PLEG_DIALLING)
		world_trace(w, "refused", label(leg->puppet), "%u",
			    cause_sip_status(msg->act.cause));
	else if (leg->state == PLEG_RINGING)
		world_trace(w, "quiet", label(leg->puppet), "%s",
			    msg->act.cause == CAUSE_ANSWERED_ELSEWHERE
				    ? "elsewhere"
				    : "");
	else
		world_trace(w, "bye", label(leg->puppet), "%s", "");
	say_over(leg, msg->act.cause, 0);
}

static void ringback(struct pleg *leg, const struct pmsg *msg)
{
	if (leg->state == PLEG_DIALLING)
		world_trace(leg->puppet->all->w,
			    *msg->body ? "early" : "ringback",
			    label(leg->puppet), "%s", "");
}

static void answered(struct pleg *leg, const struct pmsg *msg)
{
	struct world *w = leg->puppet->all->w;

	if (leg->state != PLEG_DIALLING)
		return; /* gave up meanwhile; told so already */
	if (!strstr(msg->body, "m=audio"))
		world_fault(w, "%s is answered without media",
			    label(leg->puppet));
	leg->state = PLEG_UP;
	world_trace(w, "answer", label(leg->puppet), "%s %s",
		    msg->act.party.number, msg->act.party.name);
	if (msg->act.late)
		say(leg, EV_ACK, sdp(leg, "sendrecv"));
}

static void offered(struct pleg *leg, const struct pmsg *msg)
{
	bool hold = strstr(msg->body, "a=sendonly") != NULL;
	struct world *w = leg->puppet->all->w;
	struct pmsg *reply;

	if (leg->state != PLEG_UP && leg->state != PLEG_ANSWERED)
		return;
	if (hold != leg->holding)
		world_trace(w, hold ? "held" : "resumed", label(leg->puppet),
			    "%s", "");
	leg->holding = hold;
	reply = post_event(leg->puppet->all, EV_OFFER_RESULT, leg->id);
	reply->event.leg.leg = leg->id;
	reply->event.leg.status = 200;
	reply->body =
		talloc_strdup(reply, sdp(leg, hold ? "recvonly" : "sendrecv"));
}

static void hear(struct pleg *leg, const struct pmsg *msg)
{
	switch (msg->type) {
	case PMSG_RING:
		ring(leg, msg);
		break;
	case PMSG_RING_LATER:
		if (leg->state == PLEG_ARRIVING)
			ring(leg, msg);
		break;
	case PMSG_CANCEL:
		cancel(leg, msg);
		break;
	case PMSG_END:
		end(leg, msg);
		break;
	case PMSG_RINGBACK:
		ringback(leg, msg);
		break;
	case PMSG_ANSWER:
		answered(leg, msg);
		break;
	case PMSG_OFFER:
		offered(leg, msg);
		break;
	case PMSG_REFERRED:
		if (leg->state == PLEG_UP && msg->act.status != 202 &&
		    msg->act.status >= 200)
			world_trace(leg->puppet->all->w, "referred",
				    label(leg->puppet), "%u", msg->act.status);
		break;
	case PMSG_PATIENCE:
		say_over(leg, CAUSE_UNREACHABLE, 408);
		break;
	default:
		break;
	}
}

/* ---- delivery ---- */

static void bury(struct pleg *leg)
{
	llist_del(&leg->entry);
	talloc_free(leg);
}

static void deliver(struct puppets *all, struct pmsg *msg)
{
	struct pleg *leg = find(all, msg->leg);

	if (msg->event.type == EV_SETUP) {
		msg->event.setup.dialled = span_of(msg->number);
		msg->event.setup.body = span_of(msg->body);
	} else if (msg->event.type == EV_REFER) {
		msg->event.refer.target = span_of(msg->number);
	} else if (leg) {
		msg->event.leg.body = span_of(msg->body);
	}
	if (leg && msg->event.type == EV_RELEASED) {
		leg->told_over = true;
		/* The CANCEL came after the 200: it takes a BYE, and has it. */
		if (leg->answered && msg->event.leg.cause == CAUSE_CANCELLED) {
			msg->event.leg.cause = CAUSE_NORMAL;
			msg->event.leg.status = 0;
		}
	}
	if (leg && msg->event.type == EV_ANSWERED &&
	    leg->state == PLEG_ANSWERED)
		leg->state = PLEG_UP;
	world_event(all->w, &msg->event);
	leg = find(all, msg->leg);
	if (leg && msg->event.type == EV_ANSWERED && !leg->hushed)
		world_trace(all->w, "up", label(leg->puppet), "%s", "");
	if (leg && leg->told_over)
		bury(leg);
}

static bool step(void *data)
{
	struct puppets *all = data;
	struct pmsg *msg = earliest(all);
	struct pleg *leg;

	if (!msg || msg->due_ms > all->w->now_ms)
		return false;
	llist_del(&msg->entry);
	leg = find(all, msg->leg);
	if (msg->type == PMSG_EVENT)
		deliver(all, msg);
	else if (leg)
		hear(leg, msg);
	talloc_free(msg);
	return true;
}

/* The gateway died: what rang falls silent, callers are refused. */
static void gateway_killed(void *data)
{
	struct puppets *all = data;
	struct pleg *leg, *tmp;
	struct pmsg *msg, *tmp_msg;

	llist_for_each_entry_safe (msg, tmp_msg, &all->msgs, entry) {
		llist_del(&msg->entry);
		talloc_free(msg);
	}
	llist_for_each_entry_safe (leg, tmp, &all->legs, entry) {
		const char *what = leg->state == PLEG_RINGING	 ? "quiet"
				   : leg->state == PLEG_DIALLING ? "refused"
								 : NULL;

		if (what)
			world_trace(all->w, what, label(leg->puppet), "%s",
				    leg->outgoing ? "503" : "");
		bury(leg);
	}
}

/* ---- the keys ---- */

static void say_presence(struct puppet *puppet, bool there)
{
	struct pmsg *msg;

	if (puppet->device->house->kind == EXT_DECT) {
		const struct row *row;
		size_t i = 0;

		while ((row = disk_row(puppet->all->w->disk, ROW_HANDSET, i)) &&
		       row->handset.ext != puppet->device->ext)
			i++;
		if (!row)
			return;
		msg = post_event(puppet->all,
				 there ? EV_REACHABLE : EV_UNREACHABLE, 0);
		msg->event.handset.handset = row->handset;
		memset(msg->event.handset.handset.uak, 0, 16);
		return;
	}
	if (!there) {
		puppet->registered = false;
		msg = post_event(puppet->all, EV_UNREGISTERED, 0);
		msg->event.ext = puppet->device->ext;
		return;
	}
	msg = post_event(puppet->all, EV_REGISTER, 0);
	msg->event.reg.reg =
		(uint64_t)puppet->device->ext << 32 | ++puppet->all->last_reg;
	msg->event.reg.contact.ext = puppet->device->ext;
	msg->event.reg.contact.interval_s = 3600;
	OSMO_STRLCPY_ARRAY(msg->event.reg.contact.source, "udp:10.0.0.1:5060");
	OSMO_STRLCPY_ARRAY(msg->event.reg.contact.uri, "sip:1@10.0.0.1");
}

/* After a restart: those who are there say so, as an edge would. */
static void announce(void *data)
{
	struct puppets *all = data;

	for (size_t i = 0; i < all->w->n_devices; i++) {
		struct puppet *puppet = all->w->device[i].body;

		if (puppet->device->house->kind == EXT_DECT && !puppet->off)
			say_presence(puppet, true);
	}
}

static void dial(struct puppet *puppet, const char *number, bool late,
		 leg_id replaces)
{
	struct puppets *all = puppet->all;
	struct pleg *leg =
		leg_new(puppet, leg_id_of_edge(LEG_OF_SIP, ++all->last_leg),
			PLEG_DIALLING);
	struct pmsg *msg;

	leg->outgoing = true;
	msg = post_event(all, EV_SETUP, leg->id);
	msg->number = talloc_strdup(msg, number);
	msg->body = talloc_strdup(msg, late ? "" : sdp(leg, "sendrecv"));
	msg->event.setup.leg = leg->id;
	msg->event.setup.from = puppet->device->ext;
	msg->event.setup.max_forwards = 69;
	msg->event.setup.replaces = replaces;
}

/* To a number, or to the other call that is up. */
static void refer(struct puppet *puppet, const char *number)
{
	struct pleg *leg = in_state(puppet, PLEG_UP), *other = NULL, *l;
	struct pmsg *msg;

	llist_for_each_entry (l, &puppet->all->legs, entry)
		if (l != leg && l->puppet == puppet && l->state == PLEG_UP)
			other = l;
	if (!leg || (!number && !other))
		return;
	msg = post_event(puppet->all, EV_REFER, leg->id);
	msg->event.refer.leg = leg->id;
	msg->number = talloc_strdup(msg, number ? number : "");
	msg->event.refer.replaces = number ? 0 : other->id;
}

static void take(struct puppet *puppet, const char *who)
{
	struct world_device *other = world_find(puppet->all->w, who);
	struct pleg *leg = other ? in_state(puppet_of(other), PLEG_UP) : NULL;

	if (leg)
		dial(puppet, puppet->device->house->number, false, leg->id);
}

static void off(struct puppet *puppet)
{
	struct pleg *leg;

	puppet->off = true;
	if (puppet->device->house->kind == EXT_SIP)
		return;
	say_presence(puppet, false);
	llist_for_each_entry (leg, &puppet->all->legs, entry)
		if (leg->puppet == puppet)
			say_over(leg, CAUSE_UNREACHABLE, 0);
}

static void hang_up(struct puppet *puppet)
{
	struct pleg *leg;

	if ((leg = in_state(puppet, PLEG_DIALLING))) {
		say_over(leg, CAUSE_CANCELLED, 487);
		world_trace(puppet->all->w, "refused", label(puppet), "487");
	} else if ((leg = in_state(puppet, PLEG_RINGING))) {
		say_over(leg, CAUSE_REJECTED, 603);
	} else if ((leg = in_state(puppet, PLEG_UP)) ||
		   (leg = in_state(puppet, PLEG_ANSWERED))) {
		say_over(leg, CAUSE_NORMAL, 0);
	}
}

static void offer(struct puppet *puppet, bool hold, bool update)
{
	struct pleg *leg = in_state(puppet, PLEG_UP);
	struct pmsg *msg;

	if (!leg)
		return;
	msg = post_event(puppet->all, EV_OFFER, leg->id);
	msg->event.leg.leg = leg->id;
	msg->event.leg.how = update ? OFFER_UPDATE : OFFER_REINVITE;
	msg->body =
		talloc_strdup(msg, sdp(leg, hold ? "sendonly" : "sendrecv"));
}

static void act(struct world_device *device, const char *verb, const char *arg)
{
	struct puppet *puppet = puppet_of(device);
	struct pleg *ringing = in_state(puppet, PLEG_RINGING);
	int status = arg && *arg ? atoi(arg) : 603;

	if (strcmp(verb, "on") == 0) {
		puppet->off = false;
		if (puppet->device->house->kind == EXT_DECT)
			say_presence(puppet, true);
	} else if (strcmp(verb, "off") == 0) {
		off(puppet);
	} else if (puppet->off) {
		return;
	} else if (strcmp(verb, "register") == 0) {
		say_presence(puppet, true);
	} else if (strcmp(verb, "unregister") == 0) {
		say_presence(puppet, false);
	} else if (strcmp(verb, "dial") == 0) {
		dial(puppet, arg, false, 0);
	} else if (strcmp(verb, "dial-late") == 0) {
		dial(puppet, arg, true, 0);
	} else if (strcmp(verb, "refer") == 0) {
		refer(puppet, arg);
	} else if (strcmp(verb, "join") == 0) {
		refer(puppet, NULL);
	} else if (strcmp(verb, "take") == 0) {
		take(puppet, arg);
	} else if (strcmp(verb, "refuse") == 0) {
		puppet->refuse = atoi(arg);
	} else if (strcmp(verb, "ring-after") == 0) {
		puppet->ring_ms = atoi(arg);
	} else if (strcmp(verb, "early") == 0 && ringing) {
		ringing->early =
			talloc_strdup(ringing, sdp(ringing, "sendrecv"));
		say(ringing, EV_ALERTING, ringing->early);
	} else if (strcmp(verb, "answer") == 0 && ringing) {
		ringing->state = PLEG_ANSWERED;
		say(ringing, EV_ANSWERED,
		    ringing->early ? ringing->early : sdp(ringing, "sendrecv"));
	} else if (strcmp(verb, "reject") == 0 && ringing) {
		say_over(ringing, cause_of_sip_status(status), status);
	} else if (strcmp(verb, "hang-up") == 0) {
		hang_up(puppet);
	} else if (strcmp(verb, "hold") == 0 || strcmp(verb, "resume") == 0) {
		offer(puppet, strcmp(verb, "hold") == 0,
		      arg && strcmp(arg, "update") == 0);
	}
}

/* ---- looking ---- */

static enum device_state state(const struct world_device *device)
{
	const struct puppet *puppet = puppet_of(device);
	struct pleg *leg;

	if (in_state(puppet, PLEG_UP) || in_state(puppet, PLEG_ANSWERED))
		return DEVICE_TALKS;
	if (in_state(puppet, PLEG_RINGING))
		return DEVICE_RINGS;
	llist_for_each_entry (leg, &puppet->all->legs, entry)
		if (leg->puppet == puppet)
			return DEVICE_ELSE;
	return DEVICE_IDLE;
}

static enum leg_noise noise(const struct pleg *leg)
{
	if (leg->state == PLEG_RINGING && !leg->hushed)
		return LEG_RINGS;
	/* A CANCEL does not end what was answered: that takes a release. */
	if (leg->state == PLEG_UP && !leg->released)
		return LEG_TALKS;
	return LEG_SILENT;
}

static void each_leg(void *data,
		     void (*visit)(void *data, leg_id leg,
				   enum leg_noise noise),
		     void *visit_data)
{
	struct puppets *all = data;
	struct pleg *leg;

	llist_for_each_entry (leg, &all->legs, entry)
		visit(visit_data, leg->id, noise(leg));
}

static void nothing(void *data)
{
}

struct outside *puppets_new(struct world *w)
{
	struct puppets *all = talloc_zero(w, struct puppets);
	struct outside *outside = talloc_zero(w, struct outside);

	all->w = w;
	INIT_LLIST_HEAD(&all->legs);
	INIT_LLIST_HEAD(&all->msgs);
	*outside = (struct outside){
		.data = all,
		.start = nothing,
		.loaded = announce,
		.kill = gateway_killed,
		.perform = perform,
		.pump = nothing,
		.next_ms = next_ms,
		.step = step,
		.add = add,
		.act = act,
		.state = state,
		.each_leg = each_leg,
		.check_calm = nothing,
	};
	return outside;
}
