/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "code.h"

#include <stdio.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "extension.h"
#include "field.h"
#include "move.h"
#include "view.h"

#define TONE_MS 1000
#define READ_MS 3000	     /* a text that is the answer itself */
#define CLEARING_MS 120000   /* as any leg's (leg.c) */
#define WRONG_CODES_MAX 4    /* T177 */
#define WRONG_CODES_MS 90000 /* T177 */

enum code_state { CODE_ST_STORING, CODE_ST_ANNOUNCING, CODE_ST_CLEARING };

/* One code that was dialled, as long as its leg lasts. */
struct dialled_code {
	struct idtab_entry entry; /* by the leg */
	struct core *core;
	enum code_state state;
	ext_id device;
	enum ext_kind kind;
	struct party party; /* whom the device is connected to: its own user */
	struct span offer;  /* child */
	const char *done;   /* the text if it comes true */
	int64_t tone_ms;
	struct deadline deadline;
};

static struct dialled_code *find(const struct core *core, leg_id leg)
{
	struct idtab_entry *entry = idtab_find(&core->codes, leg);

	return entry ? container_of(entry, struct dialled_code, entry) : NULL;
}

static void forget(struct dialled_code *dialled)
{
	deadline_clear(&dialled->deadline);
	idtab_del(&dialled->core->codes, &dialled->entry);
	talloc_free(dialled);
}

static struct act_leg *tell(struct dialled_code *dialled, enum action_type type)
{
	struct act_leg *leg = &act(dialled->core, type)->leg;

	leg->leg = dialled->entry.id;
	leg->device = dialled->device;
	leg->kind = dialled->kind;
	return leg;
}

static void never_ended(struct deadline *deadline)
{
	forget(container_of(deadline, struct dialled_code, deadline));
}

static void release(struct dialled_code *dialled, enum cause cause)
{
	struct core *core = dialled->core;

	if (dialled->state == CODE_ST_CLEARING)
		return;
	tell(dialled, ACT_RELEASE)->cause = cause;
	dialled->state = CODE_ST_CLEARING;
	deadline_set(&core->deadlines, &dialled->deadline,
		     core->now_ms + CLEARING_MS, never_ended);
}

static void tone_ends(struct deadline *deadline)
{
	release(container_of(deadline, struct dialled_code, deadline),
		CAUSE_NORMAL);
}

static void announce(struct dialled_code *dialled, enum tone tone,
		     const char *text)
{
	struct core *core = dialled->core;
	struct act_leg *leg;

	OSMO_ASSERT(dialled->state == CODE_ST_STORING);
	leg = tell(dialled, ACT_ANNOUNCE);
	leg->tone = tone;
	leg->body = act_text(core, dialled->offer);
	leg->party = dialled->party;
	OSMO_STRLCPY_ARRAY(leg->party.name, text);
	dialled->state = CODE_ST_ANNOUNCING;
	deadline_set(&core->deadlines, &dialled->deadline,
		     core->now_ms + dialled->tone_ms, tone_ends);
}

static void refuse(struct dialled_code *dialled)
{
	announce(dialled, TONE_REFUSAL, "Not done");
}

static void confirm(struct dialled_code *dialled)
{
	announce(dialled, TONE_CONFIRMATION, dialled->done);
}

/* ---- what is set ---- */

static void stored(struct core *core, uint64_t leg, const char *refused)
{
	struct dialled_code *dialled = find(core, leg);

	if (!dialled || dialled->state != CODE_ST_STORING)
		return; /* hung up meanwhile */
	if (refused)
		refuse(dialled);
	else
		confirm(dialled);
}

static void set(struct dialled_code *dialled, struct extension *device,
		enum setting which, struct span value)
{
	setting_change(dialled->core, device, which, value, stored,
		       dialled->entry.id);
}

static void set_all(struct dialled_code *dialled, struct extension *device,
		    const struct setting_wish *wishes, size_t n)
{
	setting_change_all(dialled->core, device, wishes, n, stored,
			   dialled->entry.id);
}

/* What most codes do: one setting gets one value. */
static const struct {
	enum setting which;
	const char *value; /* NULL: it is not one of these */
} plain[_NUM_CODE] = {
	[CODE_FORWARD_OFF] = { SETTING_FORWARD_UNCONDITIONAL, "" },
	[CODE_FORWARD_BUSY_OFF] = { SETTING_FORWARD_BUSY, "" },
	[CODE_FORWARD_NO_ANSWER_OFF] = { SETTING_FORWARD_NO_ANSWER, "" },
	[CODE_DND_ON] = { SETTING_DND, "on" },
	[CODE_DND_OFF] = { SETTING_DND, "off" },
	[CODE_CALL_WAITING_ON] = { SETTING_CALL_WAITING, "on" },
	[CODE_CALL_WAITING_OFF] = { SETTING_CALL_WAITING, "off" },
	[CODE_VOICEMAIL_ON] = { SETTING_VOICEMAIL, "on" },
	[CODE_VOICEMAIL_OFF] = { SETTING_VOICEMAIL, "off" },
};

/* What is shown when it is done. */
static const char *const texts[_NUM_CODE] = {
	[CODE_FORWARD_CANCEL] = "Forwarding off",
	[CODE_FORWARD_ON] = "Forwarding on",
	[CODE_FORWARD_OFF] = "Forwarding off",
	[CODE_FORWARD_BUSY_ON] = "Forwarding on busy on",
	[CODE_FORWARD_BUSY_OFF] = "Forwarding on busy off",
	[CODE_FORWARD_NO_ANSWER_ON] = "Forwarding on no answer on",
	[CODE_FORWARD_NO_ANSWER_OFF] = "Forwarding on no answer off",
	[CODE_FORWARD_NUMBER] = "Forwarding number set",
	[CODE_FORWARD_BUSY_NUMBER] = "Forwarding number set",
	[CODE_DND_ON] = "Do not disturb on",
	[CODE_DND_OFF] = "Do not disturb off",
	[CODE_DND_EXCEPTION_ADD] = "Exception added",
	[CODE_DND_EXCEPTION_DELETE] = "Exception deleted",
	[CODE_FOLLOW_ME_HERE] = "Follow me here",
	[CODE_FOLLOW_ME_HERE_CANCEL] = "Follow me off",
	[CODE_FOLLOW_ME_TO] = "Follow me set",
	[CODE_CALL_WAITING_ON] = "Call waiting on",
	[CODE_CALL_WAITING_OFF] = "Call waiting off",
	[CODE_VOICEMAIL_ON] = "Voicemail on",
	[CODE_VOICEMAIL_OFF] = "Voicemail off",
	[CODE_LOG_IN] = "Logged in",
	[CODE_LOG_OUT] = "Logged out",
	[CODE_TWIN_PUSH] = "Handed over",
};

static void cancel_forwarding(struct dialled_code *dialled,
			      struct extension *device)
{
	static const struct setting_wish wishes[] = {
		{ SETTING_FORWARD_UNCONDITIONAL, { 0 } },
		{ SETTING_FORWARD_BUSY, { 0 } },
		{ SETTING_FORWARD_NO_ANSWER, { 0 } },
	};

	set_all(dialled, device, wishes, ARRAY_SIZE(wishes));
}

static struct span number_for(const struct extension *user, enum setting which)
{
	const char *number = setting_text(user, SETTING_FORWARD_BUSY_NUMBER);

	if (which == SETTING_FORWARD_UNCONDITIONAL || !*number)
		number = setting_text(user, SETTING_FORWARD_NUMBER);
	return span_of(number);
}

static void forward(struct dialled_code *dialled, struct extension *device,
		    enum setting which)
{
	struct span number = number_for(extension_user(device), which);

	if (number.n)
		set(dialled, device, which, number);
	else
		refuse(dialled);
}

/* Where a forwarding is on that leads to the number of @kept, it leads to the
 * new one from now on. */
static void set_number(struct dialled_code *dialled, struct extension *device,
		       enum setting kept, struct span number)
{
	static const enum setting forwards[] = {
		SETTING_FORWARD_UNCONDITIONAL,
		SETTING_FORWARD_BUSY,
		SETTING_FORWARD_NO_ANSWER,
	};
	const struct extension *user = extension_user(device);
	bool busy = kept == SETTING_FORWARD_BUSY_NUMBER;
	bool shared = !*setting_text(user, SETTING_FORWARD_BUSY_NUMBER);
	struct setting_wish wishes[1 + ARRAY_SIZE(forwards)];
	size_t i, n = 0;

	wishes[n++] = (struct setting_wish){ kept, number };
	for (i = 0; i < ARRAY_SIZE(forwards); i++)
		if (*setting_text(user, forwards[i]) &&
		    (i == 0 ? !busy : busy || shared))
			wishes[n++] =
				(struct setting_wish){ forwards[i], number };
	set_all(dialled, device, wishes, n);
}

/* ---- exceptions ---- */

/* The next of a list parted by commas, without the spaces around it. */
static struct span next_of(struct span *list)
{
	const char *comma = list->n ? memchr(list->p, ',', list->n) : NULL;
	struct span item = *list;

	if (comma)
		item.n = comma - list->p;
	list->p += item.n + (comma ? 1 : 0);
	list->n -= item.n + (comma ? 1 : 0);
	while (item.n && item.p[0] == ' ')
		item = (struct span){ item.p + 1, item.n - 1 };
	while (item.n && item.p[item.n - 1] == ' ')
		item.n--;
	return item;
}

static void change_exceptions(struct dialled_code *dialled,
			      struct extension *device, struct span number,
			      bool add)
{
	struct span list = span_of(
		setting_text(extension_user(device), SETTING_DND_EXCEPTIONS));
	char *text = talloc_strdup(dialled, "");
	bool had = false;

	while (list.n) {
		struct span item = next_of(&list);

		if (span_eq(item, number)) {
			had = true;
			if (!add)
				continue;
		}
		text = talloc_asprintf_append(text, "%s" SPAN_FMT,
					      *text ? "," : "", SPAN_ARG(item));
		OSMO_ASSERT(text);
	}
	if (add && !had)
		text = talloc_asprintf_append(text, "%s" SPAN_FMT,
					      *text ? "," : "",
					      SPAN_ARG(number));
	OSMO_ASSERT(text);
	if (!add && !had)
		refuse(dialled);
	else
		set(dialled, device, SETTING_DND_EXCEPTIONS, span_of(text));
}

/* ---- follow me ---- */

static void follow_here(struct dialled_code *dialled, struct extension *device,
			struct span number, bool on)
{
	struct extension *who = extension_find(dialled->core, number);
	struct span here = span_of(extension_user(device)->row.number);
	struct span now;

	if (!who || extension_is_secondary(who) ||
	    who == extension_user(device)) {
		refuse(dialled);
		return;
	}
	now = span_of(setting_text(who, SETTING_FOLLOW_ME));
	if (on)
		set(dialled, who, SETTING_FOLLOW_ME, here);
	else if (!now.n || span_eq(now, here))
		set(dialled, who, SETTING_FOLLOW_ME, (struct span){ 0 });
	else
		refuse(dialled);
}

/* ---- log in and out ---- */

static bool is_own(struct extension *device, struct span number)
{
	return !number.n || span_is(number, device->row.number) ||
	       span_is(number, extension_user(device)->row.number);
}

static void log_in(struct dialled_code *dialled, struct extension *device,
		   const struct code_match *match)
{
	const char *code =
		setting_text(extension_user(device), SETTING_LOGIN_CODE);
	struct core *core = dialled->core;

	if (core->now_ms < device->locked_until_ms) {
		refuse(dialled);
		return;
	}
	if (!*code || !is_own(device, match->extension) ||
	    !span_is(match->number, code)) {
		if (++device->wrong_codes == WRONG_CODES_MAX) {
			device->wrong_codes = 0;
			device->locked_until_ms = core->now_ms + WRONG_CODES_MS;
			core->counts.login_locks++;
		}
		refuse(dialled);
		return;
	}
	device->wrong_codes = 0;
	set(dialled, device, SETTING_LOGGED_IN, span_of("on"));
}

static void log_out(struct dialled_code *dialled, struct extension *device)
{
	if (*setting_text(extension_user(device), SETTING_LOGIN_CODE))
		set(dialled, device, SETTING_LOGGED_IN, span_of("off"));
	else
		refuse(dialled);
}

/* ---- the twin ---- */

static void twin_status(struct dialled_code *dialled, struct extension *device)
{
	const struct extension *twin = extension_twin(device);
	char text[NAME_MAX_BYTES + 1];
	const char *how = "ready";

	if (!twin) {
		announce(dialled, TONE_REFUSAL, "No twin");
		return;
	}
	if (!extension_is_reachable(twin))
		how = "not reachable";
	else if (!setting_bool(twin, SETTING_LOGGED_IN))
		how = "logged out";
	else if (twin->talking)
		how = "in use";
	else if (twin->alerting)
		how = "ringing";
	else if (setting_bool(twin, SETTING_DND))
		how = "do not disturb";
	dialled->tone_ms = READ_MS;
	/* T30: no number, not even here. */
	snprintf(text, sizeof(text), "Twin: %s", how);
	announce(dialled, TONE_CONFIRMATION, text);
}

static void execute(struct dialled_code *dialled, struct extension *device,
		    const struct code_match *match)
{
	enum code code = match->code;

	dialled->done = texts[code];
	if (plain[code].value) {
		set(dialled, device, plain[code].which,
		    span_of(plain[code].value));
		return;
	}
	switch (code) {
	case CODE_FORWARD_CANCEL:
		cancel_forwarding(dialled, device);
		break;
	case CODE_FORWARD_ON:
		forward(dialled, device, SETTING_FORWARD_UNCONDITIONAL);
		break;
	case CODE_FORWARD_BUSY_ON:
		forward(dialled, device, SETTING_FORWARD_BUSY);
		break;
	case CODE_FORWARD_NO_ANSWER_ON:
		forward(dialled, device, SETTING_FORWARD_NO_ANSWER);
		break;
	case CODE_FORWARD_NUMBER:
		set_number(dialled, device, SETTING_FORWARD_NUMBER,
			   match->number);
		break;
	case CODE_FORWARD_BUSY_NUMBER:
		set_number(dialled, device, SETTING_FORWARD_BUSY_NUMBER,
			   match->number);
		break;
	case CODE_DND_EXCEPTION_ADD:
	case CODE_DND_EXCEPTION_DELETE:
		change_exceptions(dialled, device, match->number,
				  code == CODE_DND_EXCEPTION_ADD);
		break;
	case CODE_FOLLOW_ME_HERE:
	case CODE_FOLLOW_ME_HERE_CANCEL:
		follow_here(dialled, device, match->number,
			    code == CODE_FOLLOW_ME_HERE);
		break;
	case CODE_FOLLOW_ME_TO:
		set(dialled, device, SETTING_FOLLOW_ME, match->number);
		break;
	case CODE_LOG_IN:
		log_in(dialled, device, match);
		break;
	case CODE_LOG_OUT:
		log_out(dialled, device);
		break;
	case CODE_TWIN_PUSH:
		if (move_push(dialled->core, device) == CAUSE_NONE)
			confirm(dialled);
		else
			refuse(dialled);
		break;
	case CODE_TWIN_STATUS:
		twin_status(dialled, device);
		break;
	default:
		OSMO_ASSERT(false); /* those that are calls never come here */
	}
}

/* ---- from the edges ---- */

static struct dialled_code *dialled_new(struct core *core,
					const struct ev_setup *ev,
					struct extension *device)
{
	struct dialled_code *dialled = talloc_zero(core, struct dialled_code);

	OSMO_ASSERT(dialled);
	dialled->core = core;
	dialled->device = device->row.id;
	dialled->kind = device->row.kind;
	dialled->tone_ms = TONE_MS;
	OSMO_STRLCPY_ARRAY(dialled->party.number,
			   extension_user(device)->row.number);
	if (ev->body.n) {
		dialled->offer = ev->body;
		dialled->offer.p =
			talloc_memdup(dialled, ev->body.p, ev->body.n);
		OSMO_ASSERT(dialled->offer.p);
	}
	idtab_add(&core->codes, &dialled->entry, ev->leg);
	core->counts.codes++;
	return dialled;
}

static struct span mailbox_of(const struct core *core, struct extension *device)
{
	const char *own =
		setting_text(extension_user(device), SETTING_VOICEMAIL_NUMBER);

	return span_of(*own ? own : core->config.voicemail);
}

bool code_setup(struct core *core, const struct ev_setup *ev,
		struct extension *device, struct span *ret_dialled)
{
	struct code_match match;
	enum code_verdict verdict;
	struct dialled_code *dialled;

	if (find(core, ev->leg)) {
		core->counts.dropped_events++;
		return true;
	}
	*ret_dialled = ev->dialled;
	if (ev->foreign || ev->emergency)
		return false;
	verdict = code_match(&core->config.codes, ev->dialled, &match);
	if (verdict == CODE_IS_NONE)
		return false;
	if (verdict == CODE_IS_ONE && match.code == CODE_VOICEMAIL_COLLECT &&
	    mailbox_of(core, device).n) {
		*ret_dialled = mailbox_of(core, device);
		return false;
	}
	if (verdict == CODE_IS_ONE && match.code == CODE_TWIN_PULL &&
	    move_pull(core, ev, device) == CAUSE_NONE)
		return true;
	if (core->codes.n >= CODES_MAX) {
		struct act_leg *leg = &act(core, ACT_RELEASE)->leg;

		leg->leg = ev->leg;
		leg->device = device->row.id;
		leg->kind = device->row.kind;
		leg->cause = CAUSE_OVERLOAD;
		core->counts.refused_calls++;
		return true;
	}
	dialled = dialled_new(core, ev, device);
	if (verdict == CODE_IS_WRONG || match.code == CODE_TWIN_PULL ||
	    match.code == CODE_VOICEMAIL_COLLECT)
		refuse(dialled);
	else
		execute(dialled, device, &match);
	return true;
}

bool code_leg_event(struct core *core, const struct event *event)
{
	struct dialled_code *dialled = find(core, event->leg.leg);

	struct act_leg *ack;

	if (!dialled)
		return false;
	if (event->type == EV_RELEASED)
		forget(dialled);
	else if (event->type == EV_OFFER)
		/* A tone is not worth negotiating about. */
		tell(dialled, ACT_OFFER_RESULT)->status = 488;
	else if (event->type == EV_ACK) {
		ack = tell(dialled, ACT_ACK);
		ack->late = true;
		ack->body = act_text(core, event->leg.body);
	}
	return true;
}

void codes_end_all(struct core *core)
{
	struct idtab_entry *entry = NULL;

	while ((entry = idtab_next(&core->codes, entry)))
		release(container_of(entry, struct dialled_code, entry),
			CAUSE_SHUTDOWN);
}

bool view_code(const struct core *core, leg_id leg, ext_id device)
{
	struct idtab_entry *entry = NULL;
	const struct dialled_code *dialled;

	while ((entry = idtab_next(&core->codes, entry))) {
		dialled = container_of(entry, struct dialled_code, entry);
		if ((!leg || entry->id == leg) &&
		    (!device || dialled->device == device))
			return true;
	}
	return false;
}
