/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim_pt_cc.c - the handset's side of a call (EN 300 175-5, 9)
 *
 *            dial               base says            CONNECT
 *    IDLE ----------> DIALLING ----------> ... ------------------> TALKING
 *      |    SETUP             answer                CONNECT-ACK     |   ^
 *      +----------> RINGING ----------> ANSWERING ------------------+  HELD
 *
 *    any -- hang up --> CLEARING -- RELEASE-COM --> IDLE
 */
#include <errno.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "hal.h"
#include "sim_pt_priv.h"

static void begin(struct dect_writer *w, const struct pt *pt, uint8_t type)
{
	dect_begin(w, DECT_CC, pt->call_tv, !pt->call_mine, type);
}

static void simple(struct pt *pt, uint8_t type)
{
	struct dect_writer w;

	begin(&w, pt, type);
	pt_message(pt, &w);
}

static void move(struct pt *pt, int64_t now_ms, enum pt_call_state next,
		 int64_t patience_ms)
{
	pt->call = next;
	pt->call_deadline_ms = patience_ms ? now_ms + patience_ms : 0;
}

void pt_cc_end(struct pt *pt, enum pt_reason reason)
{
	struct pt_event event = { .type = PT_EV_RELEASED, .reason = reason };

	if (pt->call == PT_IDLE)
		return;
	event.call = pt->call_no;
	OSMO_STRLCPY_ARRAY(event.number, pt->number);
	OSMO_STRLCPY_ARRAY(event.name, pt->name);
	pt->call = PT_IDLE;
	pt->call_deadline_ms = 0;
	pt->lost_ms = 0;
	pt->sounds = false;
	pt->n_frames = 0;
	pt->number[0] = '\0';
	pt->name[0] = '\0';
	pt_tell_event(pt, &event);
}

static void start(struct pt *pt, bool mine, uint8_t tv)
{
	pt->call_no++;
	pt->call_mine = mine;
	pt->call_tv = tv;
	pt->sounds = false;
	pt->n_frames = 0;
	pt->lost_ms = 0;
	pt->number[0] = '\0';
	pt->name[0] = '\0';
}

/* ---- keys ---- */

static bool is_number(const char *digits)
{
	return strspn(digits, "0123456789*#") == strlen(digits);
}

int pt_dial(struct pt *pt, int64_t now_ms, const char *number)
{
	bool wideband = !pt->narrowband;
	struct dect_writer w;

	if (!is_number(number) || strlen(number) > PT_NUMBER_MAX)
		return -EINVAL;
	if (!pt->attached || !pt_on_air(pt) || pt->call != PT_IDLE)
		return -EBADFD;
	start(pt, true, pt->next_tv++ % DECT_TV_MAX);
	pt->wideband = wideband;
	OSMO_STRLCPY_ARRAY(pt->number, number);
	begin(&w, pt, DECT_CC_SETUP);
	dect_put_portable_identity(&w, pt->memory.ipui);
	dect_put_fixed_identity(&w, pt->memory.rfpi);
	dect_put_double(&w, DECT_IE_BASIC_SERVICE,
			DECT_CLASS_NORMAL << 4 |
				(wideband ? DECT_WIDEBAND : DECT_SPEECH));
	if (number[0]) {
		dect_put_keypad(&w, number, strlen(number));
		dect_put_single(&w, DECT_IE_SENDING_COMPLETE);
	}
	dect_put_codecs(&w, wideband);
	pt_message(pt, &w);
	move(pt, now_ms, PT_DIALLING, PT_SETUP_MS);
	return 0;
}

int pt_answer(struct pt *pt, int64_t now_ms)
{
	struct dect_writer w;

	if (pt->call != PT_RINGING)
		return -EBADFD;
	begin(&w, pt, DECT_CC_CONNECT);
	dect_put_codecs(&w, pt->wideband);
	pt_message(pt, &w);
	move(pt, now_ms, PT_ANSWERING, PT_CONNECT_MS);
	return 0;
}

static void release(struct pt *pt, int64_t now_ms, uint8_t code,
		    enum pt_reason reason)
{
	struct dect_writer w;

	begin(&w, pt, DECT_CC_RELEASE);
	dect_put_double(&w, DECT_IE_RELEASE_REASON, code);
	pt_message(pt, &w);
	pt->sounds = false;
	pt->clearing = reason;
	move(pt, now_ms, PT_CLEARING, PT_RELEASE_MS);
}

int pt_reject(struct pt *pt, int64_t now_ms)
{
	if (pt->call != PT_RINGING)
		return -EBADFD;
	release(pt, now_ms, DECT_REL_USER_REJECTION, PT_REJECTED);
	return 0;
}

int pt_hangup(struct pt *pt, int64_t now_ms)
{
	if (pt->call == PT_RINGING)
		return pt_reject(pt, now_ms);
	if (pt->call == PT_IDLE || pt->call == PT_CLEARING)
		return -EBADFD;
	release(pt, now_ms, DECT_REL_NORMAL, PT_NORMAL);
	return 0;
}

static void keypad(struct pt *pt, const char *keys, size_t n)
{
	struct dect_writer w;

	begin(&w, pt, DECT_CC_INFO);
	dect_put_keypad(&w, keys, n);
	pt_message(pt, &w);
}

int pt_hold(struct pt *pt, int64_t now_ms)
{
	static const char keys[] = { DECT_KEY_CONTROL, DECT_KEY_HOLD };

	if (pt->call != PT_TALKING)
		return -EBADFD;
	keypad(pt, keys, sizeof(keys));
	return 0;
}

int pt_retrieve(struct pt *pt, int64_t now_ms)
{
	static const char keys[] = { DECT_KEY_CONTROL, DECT_KEY_RESUME };

	if (pt->call != PT_HELD)
		return -EBADFD;
	keypad(pt, keys, sizeof(keys));
	return 0;
}

int pt_keys(struct pt *pt, int64_t now_ms, const char *keys)
{
	size_t n = strlen(keys);

	if (n == 0 || n > PT_DIGITS_MAX || !is_number(keys))
		return -EINVAL;
	switch (pt->call) {
	case PT_DIALLING:
		osmo_strlcpy(pt->number + strlen(pt->number), keys,
			     sizeof(pt->number) - strlen(pt->number));
		break;
	case PT_PROCEEDING:
	case PT_RINGBACK:
	case PT_TALKING:
	case PT_HELD:
		break;
	default:
		return -EBADFD;
	}
	keypad(pt, keys, n);
	return 0;
}

/* ---- what the base says ---- */

/* True if the message names a party: it is shown from now on. */
static bool take_party(struct pt *pt, const struct dect_msg *msg)
{
	struct dect_number number;
	struct dect_name name;

	if (dect_get_calling_number(dect_msg_find(msg, DECT_IE_CALLING_NUMBER),
				    &number) < 0)
		return false;
	pt->number[0] = '\0';
	pt->name[0] = '\0';
	if (number.presentation == DECT_SHOWN)
		dect_text(pt->number, sizeof(pt->number), number.digits,
			  number.n);
	if (dect_get_calling_name(dect_msg_find(msg, DECT_IE_CALLING_NAME),
				  &name) == 0 &&
	    name.presentation == DECT_SHOWN)
		dect_text(pt->name, sizeof(pt->name), name.text, name.n);
	return true;
}

static void refuse(struct pt *pt, const struct dect_msg *msg, uint8_t code)
{
	struct dect_writer w;

	dect_begin(&w, DECT_CC, msg->tv, !msg->reply, DECT_CC_RELEASE_COM);
	dect_put_double(&w, DECT_IE_RELEASE_REASON, code);
	pt_message(pt, &w);
}

static void setup_rx(struct pt *pt, int64_t now_ms, const struct dect_msg *msg)
{
	bool wideband = false;
	uint8_t service;
	uint64_t ipui;

	if (dect_get_portable_identity(
		    dect_msg_find(msg, DECT_IE_PORTABLE_IDENTITY), &ipui) < 0 ||
	    dect_get_octet(dect_msg_find(msg, DECT_IE_BASIC_SERVICE),
			   &service) < 0) {
		pt->counts.nonsense++;
		refuse(pt, msg, DECT_REL_MANDATORY_IE_MISSING);
		return;
	}
	if (!pt->attached || ipui != pt->memory.ipui) {
		refuse(pt, msg, DECT_REL_UNKNOWN_IDENTITY);
		return;
	}
	if (pt->call != PT_IDLE) {
		refuse(pt, msg, DECT_REL_USER_BUSY);
		return;
	}
	start(pt, false, msg->tv);
	dect_get_codecs(dect_msg_find(msg, DECT_IE_CODEC_LIST), &wideband);
	pt->wideband = wideband && !pt->narrowband;
	take_party(pt, msg);
	move(pt, now_ms, PT_RINGING, 0);
	simple(pt, DECT_CC_ALERTING);
	pt_tell(pt, PT_EV_ALERTING);
}

static enum pt_reason reason_of(const struct dect_msg *msg)
{
	uint8_t code = DECT_REL_NORMAL;
	const uint8_t *own;
	enum hal_why why;
	size_t n;

	dect_get_octet(dect_msg_find(msg, DECT_IE_RELEASE_REASON), &code);
	why = hal_why_of_reason(code);
	own = dect_find_own(msg, DECT_OWN_WHY, &n);
	if (own && n == 1)
		why = own[0];
	switch (why) {
	case HAL_WHY_NORMAL:
	case HAL_WHY_CALLER_GAVE_UP:
		return PT_NORMAL;
	case HAL_WHY_ANSWERED_ELSEWHERE:
		return PT_ANSWERED_ELSEWHERE;
	case HAL_WHY_BUSY:
		return PT_BUSY;
	case HAL_WHY_REJECTED:
		return PT_REJECTED;
	case HAL_WHY_NO_ANSWER:
		return PT_NO_ANSWER;
	case HAL_WHY_UNALLOCATED:
		return PT_UNALLOCATED;
	default:
		return PT_FAILED;
	}
}

static void release_rx(struct pt *pt, const struct dect_msg *msg)
{
	enum pt_reason reason = reason_of(msg);
	struct dect_writer w;

	if (pt->call == PT_CLEARING) {
		reason = pt->clearing; /* also when both let go at once */
	} else if (msg->type == DECT_CC_RELEASE) {
		begin(&w, pt, DECT_CC_RELEASE_COM);
		dect_put_double(&w, DECT_IE_RELEASE_REASON, DECT_REL_NORMAL);
		pt_message(pt, &w);
	}
	pt_cc_end(pt, reason);
}

static void connect_rx(struct pt *pt, int64_t now_ms,
		       const struct dect_msg *msg)
{
	bool wideband = false;

	if (msg->type == DECT_CC_CONNECT) {
		dect_get_codecs(dect_msg_find(msg, DECT_IE_CODEC_LIST),
				&wideband);
		pt->wideband &= wideband;
		simple(pt, DECT_CC_CONNECT_ACK);
	}
	pt->sounds = true;
	move(pt, now_ms, PT_TALKING, 0);
	pt_tell(pt, PT_EV_CONNECTED);
}

static void display(struct pt *pt, const struct dect_msg *msg)
{
	const struct dect_ie *ie = dect_msg_find(msg, DECT_IE_MULTI_DISPLAY);
	struct pt_event event = { .type = PT_EV_DISPLAY, .call = pt->call_no };
	size_t skip;

	if (!ie)
		return;
	skip = ie->n > 0 && ie->data[0] == DECT_DISPLAY_CLEAR;
	dect_text(event.text, sizeof(event.text), ie->data + skip,
		  ie->n - skip);
	pt_tell_event(pt, &event);
}

static void info_rx(struct pt *pt, int64_t now_ms, const struct dect_msg *msg)
{
	uint8_t status;

	display(pt, msg);
	if (take_party(pt, msg))
		pt_tell(pt, PT_EV_PARTY);
	if (dect_get_call_status(dect_msg_find(msg, DECT_IE_CALL_INFORMATION),
				 &status) < 0)
		return;
	if (status == DECT_STATUS_HOLD && pt->call == PT_TALKING) {
		move(pt, now_ms, PT_HELD, 0);
		pt_tell(pt, PT_EV_HELD);
	} else if (status == DECT_STATUS_CONNECT && pt->call == PT_HELD) {
		move(pt, now_ms, PT_TALKING, 0);
		pt_tell(pt, PT_EV_RETRIEVED);
	}
}

/* Of our own call, before it is answered. */
static void progress_rx(struct pt *pt, int64_t now_ms,
			const struct dect_msg *msg)
{
	if (!pt->call_mine ||
	    (pt->call != PT_DIALLING && pt->call != PT_PROCEEDING &&
	     pt->call != PT_RINGBACK)) {
		pt->counts.nonsense++;
		return;
	}
	switch (msg->type) {
	case DECT_CC_SETUP_ACK:
		pt->sounds = true;
		move(pt, now_ms, PT_DIALLING, 0);
		pt_tell(pt, PT_EV_DIALTONE);
		break;
	case DECT_CC_CALL_PROC:
		move(pt, now_ms, PT_PROCEEDING, 0);
		pt_tell(pt, PT_EV_PROCEEDING);
		break;
	case DECT_CC_ALERTING:
		pt->sounds = true;
		move(pt, now_ms, PT_RINGBACK, 0);
		pt_tell(pt, PT_EV_RINGBACK);
		break;
	case DECT_CC_CONNECT:
		connect_rx(pt, now_ms, msg);
		break;
	}
}

static void call_rx(struct pt *pt, int64_t now_ms, const struct dect_msg *msg)
{
	switch (msg->type) {
	case DECT_CC_SETUP_ACK:
	case DECT_CC_CALL_PROC:
	case DECT_CC_ALERTING:
	case DECT_CC_CONNECT:
		if (pt->call != PT_CLEARING) /* it may cross our RELEASE */
			progress_rx(pt, now_ms, msg);
		break;
	case DECT_CC_CONNECT_ACK:
		if (pt->call == PT_ANSWERING)
			connect_rx(pt, now_ms, msg);
		else if (pt->call != PT_CLEARING)
			pt->counts.nonsense++;
		break;
	case DECT_CC_INFO:
		if (pt->call != PT_CLEARING)
			info_rx(pt, now_ms, msg);
		break;
	case DECT_CC_RELEASE:
	case DECT_CC_RELEASE_COM:
		release_rx(pt, msg);
		break;
	case DECT_CC_SERVICE_REJECT:
	case DECT_CC_NOTIFY:
	case DECT_CC_IWU_INFO:
		break;
	default:
		pt->counts.nonsense++;
		break;
	}
}

void pt_cc_rx(struct pt *pt, int64_t now_ms, const struct dect_msg *msg)
{
	if (pt->call != PT_IDLE && msg->tv == pt->call_tv &&
	    msg->reply == pt->call_mine)
		call_rx(pt, now_ms, msg);
	else if (msg->type == DECT_CC_SETUP && !msg->reply)
		setup_rx(pt, now_ms, msg);
	else if (msg->type == DECT_CC_RELEASE)
		refuse(pt, msg, DECT_REL_NORMAL);
	else if (msg->type != DECT_CC_RELEASE_COM)
		refuse(pt, msg, DECT_REL_UNKNOWN_TRANSACTION);
}

/* ---- outside a call ---- */

static void indicators(struct pt *pt, const struct dect_msg *msg)
{
	struct pt_event event = { .type = PT_EV_INDICATOR };
	struct dect_notice notices[8];
	int n;

	n = dect_get_events(dect_msg_find(msg, DECT_IE_EVENTS), notices,
			    ARRAY_SIZE(notices));
	for (int i = 0; i < n; i++) {
		if (notices[i].type == DECT_EVENT_MISSED)
			pt->missed = notices[i].count;
		else if (notices[i].type == DECT_EVENT_MESSAGES)
			pt->messages = notices[i].count;
	}
	if (n < 0 && !dect_msg_find(msg, DECT_IE_PROPRIETARY))
		return;
	event.missed = pt->missed;
	event.messages = pt->messages;
	event.dnd = pt->dnd;
	event.twin = pt->twin;
	pt_tell_event(pt, &event);
}

void pt_ciss_rx(struct pt *pt, int64_t now_ms, const struct dect_msg *msg)
{
	struct pt_event event = { .type = PT_EV_TIME };
	uint8_t signal;

	if (msg->type != DECT_CISS_FACILITY || !pt->attached) {
		pt->counts.nonsense++;
		return;
	}
	if (dect_get_time(dect_msg_find(msg, DECT_IE_TIME_DATE), &event.unix_s,
			  &event.zone_quarters) == 0)
		pt_tell_event(pt, &event);
	display(pt, msg);
	pt_own(pt, msg);
	indicators(pt, msg);
	if (dect_get_octet(dect_msg_find(msg, DECT_IE_SIGNAL), &signal) == 0) {
		event = (struct pt_event){
			.type = PT_EV_PAGED,
			.on = signal != HAL_SIGNAL_ALERT_OFF,
		};
		pt_tell_event(pt, &event);
	}
}

/* ---- time ---- */

void pt_cc_tick(struct pt *pt, int64_t now_ms)
{
	if (pt->lost_ms && pt->lost_ms <= now_ms) {
		pt_cc_end(pt, PT_FAILED);
		pt->lost_ms = 0;
		if (!pt->beacon)
			pt_mm_lost(pt);
	}
	if (pt->call_deadline_ms == 0 || pt->call_deadline_ms > now_ms)
		return;
	if (pt->call == PT_CLEARING)
		pt_cc_end(pt, pt->clearing);
	else
		release(pt, now_ms, DECT_REL_TIMER_EXPIRY, PT_FAILED);
}
