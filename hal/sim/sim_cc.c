/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim_cc.c - calls on the air (EN 300 175-5, 9)
 *
 * The hal core keeps the states of a call; here are its messages, what they
 * must hold, and the one timer of the base's own: a CONNECT that the handset
 * does not acknowledge.
 */
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "sim_priv.h"

#define CONNECT_ACK_MS 10000 /* CC.05 */

static struct scall *call_find(struct sim *sim, hal_call_id id)
{
	struct scall *call;

	llist_for_each_entry (call, &sim->calls, entry) {
		if (call->id == id)
			return call;
	}
	return NULL;
}

static struct scall *call_new(struct sim *sim, struct unit *unit)
{
	struct scall *call = talloc_zero(sim, struct scall);

	OSMO_ASSERT(call && !unit->call);
	call->unit = unit;
	call->rate_hz = 8000;
	unit->call = call;
	llist_add_tail(&call->entry, &sim->calls);
	return call;
}

static void call_free(struct scall *call)
{
	struct unit *unit = call->unit;

	unit->call = NULL;
	llist_del(&call->entry);
	talloc_free(call);
	sim_unit_link_idle(unit);
}

void sim_cc_ended(struct sim *sim, int64_t now_ms, struct scall *call,
		  uint8_t reason)
{
	hal_call_id id = call->id;

	call_free(call);
	hal_up_ended(sim->port, now_ms, id, reason);
}

/* ---- messages ---- */

static void begin(struct dect_writer *w, const struct scall *call, uint8_t type)
{
	dect_begin(w, DECT_CC, call->tv, call->from_handset, type);
}

static void send(struct sim *sim, const struct scall *call,
		 const struct dect_writer *w)
{
	if (call->unit->radio)
		sim_air_message(sim, call->unit->radio, w);
}

/* To a message of no call of ours. */
static void release_com(struct sim *sim, struct radio *radio,
			const struct dect_msg *msg, uint8_t reason)
{
	struct dect_writer w;

	dect_begin(&w, DECT_CC, msg->tv, !msg->reply, DECT_CC_RELEASE_COM);
	dect_put_double(&w, DECT_IE_RELEASE_REASON, reason);
	sim_air_message(sim, radio, &w);
}

static void put_party(struct dect_writer *w, const struct hal_party *party)
{
	enum dect_presentation shown =
		party->restricted ? DECT_RESTRICTED : DECT_SHOWN;

	dect_put_calling_number(w, party->number, shown);
	if (party->name[0])
		dect_put_calling_name(w, party->name, shown);
}

static void send_party(struct sim *sim, const struct scall *call,
		       const struct hal_party *party)
{
	struct dect_writer w;

	if (!party)
		return;
	begin(&w, call, DECT_CC_INFO);
	put_party(&w, party);
	send(sim, call, &w);
}

void sim_cc_present(struct sim *sim, struct scall *call)
{
	struct unit *unit = call->unit;
	struct dect_writer w;

	begin(&w, call, DECT_CC_SETUP);
	dect_put_portable_identity(&w, unit->ipui);
	dect_put_fixed_identity(&w, sim->rfpi);
	dect_put_double(
		&w, DECT_IE_BASIC_SERVICE,
		DECT_CLASS_NORMAL << 4 |
			(call->setup.wideband ? DECT_WIDEBAND : DECT_SPEECH));
	dect_put_double(&w, DECT_IE_SIGNAL, call->setup.signal);
	put_party(&w, &call->setup.party);
	dect_put_codecs(&w, call->setup.wideband);
	send(sim, call, &w);
	call->phase = CALL_PRESENTED;
}

/* ---- what the host wishes ---- */

int sim_cc_setup(void *priv, int64_t now_ms, hal_call_id id,
		 hal_handset_id handset, const struct hal_setup *setup)
{
	struct sim *sim = priv;
	struct unit *unit = sim_unit_find(sim, handset);
	struct scall *call;

	if (!unit || !unit->radio)
		return HAL_E_RANGE;
	if (unit->call)
		return HAL_E_BUSY;
	call = call_new(sim, unit);
	call->id = id;
	call->tv = unit->next_tv++ % DECT_TV_MAX;
	call->setup = *setup;
	call->setup.wideband &= unit->wideband;
	if (call->setup.signal == HAL_SIGNAL_NONE)
		call->setup.signal = HAL_SIGNAL_ALERT_EXTERNAL;
	call->phase = CALL_PAGING;
	sim_unit_reach(sim, now_ms, unit);
	return 0;
}

int sim_cc_proceeding(void *priv, int64_t now_ms, hal_call_id id)
{
	struct sim *sim = priv;
	struct scall *call = call_find(sim, id);
	struct dect_writer w;

	if (!call)
		return HAL_E_STALE;
	begin(&w, call, DECT_CC_CALL_PROC);
	send(sim, call, &w);
	return 0;
}

int sim_cc_alerting(void *priv, int64_t now_ms, hal_call_id id,
		    enum hal_signal signal)
{
	struct sim *sim = priv;
	struct scall *call = call_find(sim, id);
	struct dect_writer w;

	if (!call)
		return HAL_E_STALE;
	begin(&w, call, DECT_CC_ALERTING);
	if (signal != HAL_SIGNAL_NONE)
		dect_put_double(&w, DECT_IE_SIGNAL, signal);
	send(sim, call, &w);
	return 0;
}

int sim_cc_connect(void *priv, int64_t now_ms, hal_call_id id,
		   const struct hal_party *party)
{
	struct sim *sim = priv;
	struct scall *call = call_find(sim, id);
	struct dect_writer w;

	if (!call)
		return HAL_E_STALE;
	send_party(sim, call, party);
	if (call->from_handset) {
		begin(&w, call, DECT_CC_CONNECT);
		dect_put_codecs(&w, call->rate_hz == 16000);
		call->phase = CALL_CONNECT_SENT;
		call->deadline_ms = now_ms + CONNECT_ACK_MS;
	} else {
		begin(&w, call, DECT_CC_CONNECT_ACK);
		call->phase = CALL_UP;
	}
	send(sim, call, &w);
	return 0;
}

int sim_cc_info(void *priv, int64_t now_ms, hal_call_id id,
		const struct hal_info *info)
{
	struct sim *sim = priv;
	struct scall *call = call_find(sim, id);
	struct dect_writer w;

	if (!call)
		return HAL_E_STALE;
	if (call->phase == CALL_PAGING) {
		/* The SETUP to come says it. */
		if (info->party)
			call->setup.party = *info->party;
		if (info->signal != HAL_SIGNAL_NONE)
			call->setup.signal = info->signal;
		return 0;
	}
	begin(&w, call, DECT_CC_INFO);
	if (info->text)
		dect_put_display(&w, info->text);
	if (info->party)
		put_party(&w, info->party);
	if (info->signal != HAL_SIGNAL_NONE)
		dect_put_double(&w, DECT_IE_SIGNAL, info->signal);
	send(sim, call, &w);
	return 0;
}

int sim_cc_held(void *priv, int64_t now_ms, hal_call_id id, bool held)
{
	struct sim *sim = priv;
	struct scall *call = call_find(sim, id);
	struct dect_writer w;

	if (!call)
		return HAL_E_STALE;
	begin(&w, call, DECT_CC_INFO);
	dect_put_call_status(&w, 1,
			     held ? DECT_STATUS_HOLD : DECT_STATUS_CONNECT);
	send(sim, call, &w);
	return 0;
}

void sim_cc_release(void *priv, int64_t now_ms, hal_call_id id, uint8_t reason,
		    enum hal_why why)
{
	struct sim *sim = priv;
	struct scall *call = call_find(sim, id);
	struct dect_own own = { .n = 0 };
	uint8_t own_why = why;
	struct dect_writer w;

	if (!call)
		return;
	if (call->phase == CALL_PAGING) {
		sim_cc_ended(sim, now_ms, call, reason);
		return;
	}
	begin(&w, call, DECT_CC_RELEASE);
	dect_put_double(&w, DECT_IE_RELEASE_REASON, reason);
	dect_own_add(&own, DECT_OWN_WHY, &own_why, 1);
	dect_put_own(&w, &own);
	send(sim, call, &w);
	call->phase = CALL_RELEASE_SENT;
	call->deadline_ms = 0; /* CC.02 runs in the hal core */
}

void sim_cc_drop(void *priv, int64_t now_ms, hal_call_id id)
{
	struct sim *sim = priv;
	struct scall *call = call_find(sim, id);
	struct dect_writer w;

	if (!call)
		return;
	if (call->phase != CALL_PAGING) {
		begin(&w, call, DECT_CC_RELEASE_COM);
		dect_put_double(&w, DECT_IE_RELEASE_REASON, DECT_REL_UNKNOWN);
		send(sim, call, &w);
	}
	call_free(call);
}

/* ---- what the handset says ---- */

/* The reason why this SETUP cannot be; 0 if it can. */
static uint8_t check_setup(struct sim *sim, const struct unit *unit,
			   const struct dect_msg *msg, uint8_t *ret_service)
{
	uint64_t ipui;
	int rc;

	rc = dect_get_portable_identity(
		dect_msg_find(msg, DECT_IE_PORTABLE_IDENTITY), &ipui);
	if (rc < 0 || dect_get_octet(dect_msg_find(msg, DECT_IE_BASIC_SERVICE),
				     ret_service) < 0) {
		sim->counts.missing_ie++;
		return DECT_REL_MANDATORY_IE_MISSING;
	}
	if (ipui != unit->ipui)
		return DECT_REL_INVALID_IDENTITY;
	switch (*ret_service >> 4) {
	case DECT_CLASS_NORMAL:
	case DECT_CLASS_INTERNAL:
	case DECT_CLASS_EMERGENCY:
	case DECT_CLASS_SERVICE:
		break;
	default:
		return DECT_REL_INCOMPATIBLE_SERVICE;
	}
	if ((*ret_service & 0x0F) != DECT_SPEECH &&
	    (*ret_service & 0x0F) != DECT_WIDEBAND)
		return DECT_REL_INCOMPATIBLE_SERVICE;
	if (unit->call)
		/* Ours is on its way to it: both let go, ours is paged on. */
		return unit->call->phase == CALL_PAGING ? DECT_REL_COLLISION
							: DECT_REL_USER_ACTIVE;
	return 0;
}

static void take_digits(const struct dect_msg *msg,
			char ret_digits[HAL_DIGITS_MAX + 1])
{
	struct dect_number called;
	size_t n = 0;

	if (dect_get_called_number(dect_msg_find(msg, DECT_IE_CALLED_NUMBER),
				   &called) == 0) {
		n = OSMO_MIN(called.n, HAL_DIGITS_MAX);
		memcpy(ret_digits, called.digits, n);
	}
	n += dect_get_keypad(msg, ret_digits + n, HAL_DIGITS_MAX - n);
	ret_digits[n] = '\0';
}

static void setup_rx(struct sim *sim, int64_t now_ms, struct radio *radio,
		     const struct dect_msg *msg)
{
	struct unit *unit = radio->unit;
	char digits[HAL_DIGITS_MAX + 1];
	struct hal_up_setup setup = { .digits = digits };
	bool wideband = false;
	struct dect_writer w;
	struct scall *call;
	hal_call_id id;
	uint8_t service = 0;
	uint8_t reason = DECT_REL_UNKNOWN_IDENTITY;
	int rc;

	if (unit && !unit->removed)
		reason = check_setup(sim, unit, msg, &service);
	if (reason) {
		release_com(sim, radio, msg, reason);
		return;
	}
	take_digits(msg, digits);
	dect_get_codecs(dect_msg_find(msg, DECT_IE_CODEC_LIST), &wideband);
	setup.class = service >> 4;
	setup.complete = dect_msg_find(msg, DECT_IE_SENDING_COMPLETE) != NULL;
	setup.rate_hz =
		wideband && (service & 0x0F) == DECT_WIDEBAND ? 16000 : 8000;
	rc = hal_up_setup(sim->port, now_ms, unit->id, &setup, &id);
	if (rc < 0) {
		release_com(sim, radio, msg, hal_up_reason(rc));
		return;
	}
	call = call_new(sim, unit);
	call->id = id;
	call->from_handset = true;
	call->tv = msg->tv;
	call->rate_hz = setup.rate_hz;
	call->phase = CALL_FROM;
	unit->link = true;
	unit->page_end_ms = 0;
	if (rc == 1) {
		begin(&w, call, DECT_CC_SETUP_ACK);
		dect_put_double(&w, DECT_IE_SIGNAL, HAL_SIGNAL_DIAL_TONE);
		send(sim, call, &w);
	}
	/* Whatever waited for a link has one. */
	sim_unit_deliver(sim, now_ms, unit);
}

static void connect_rx(struct sim *sim, int64_t now_ms, struct scall *call,
		       const struct dect_msg *msg)
{
	bool wideband = false;

	if (call->phase != CALL_PRESENTED) {
		/* CALL_RELEASE_SENT: it crossed our RELEASE. */
		sim->counts.unexpected++;
		return;
	}
	dect_get_codecs(dect_msg_find(msg, DECT_IE_CODEC_LIST), &wideband);
	call->rate_hz = wideband && call->setup.wideband ? 16000 : 8000;
	hal_up_answered(sim->port, now_ms, call->id, call->rate_hz);
}

static void info_rx(struct sim *sim, int64_t now_ms, struct scall *call,
		    const struct dect_msg *msg)
{
	char keys[HAL_DIGITS_MAX];
	size_t n = dect_get_keypad(msg, keys, sizeof(keys));
	bool complete = dect_msg_find(msg, DECT_IE_SENDING_COMPLETE) != NULL;

	if (call->phase == CALL_RELEASE_SENT)
		sim->counts.unexpected++;
	else if (n > 0 || complete)
		hal_up_keypad(sim->port, now_ms, call->id, keys, n, complete);
}

static void release_rx(struct sim *sim, int64_t now_ms, struct scall *call,
		       const struct dect_msg *msg)
{
	uint8_t reason = DECT_REL_NORMAL;
	struct dect_writer w;

	dect_get_octet(dect_msg_find(msg, DECT_IE_RELEASE_REASON), &reason);
	/* Crossing releases end each other (9.5.3). */
	if (msg->type == DECT_CC_RELEASE && call->phase != CALL_RELEASE_SENT) {
		begin(&w, call, DECT_CC_RELEASE_COM);
		dect_put_double(&w, DECT_IE_RELEASE_REASON, DECT_REL_NORMAL);
		send(sim, call, &w);
	}
	sim_cc_ended(sim, now_ms, call, reason);
}

static void service_change_rx(struct sim *sim, struct scall *call)
{
	struct dect_writer w;

	begin(&w, call, DECT_CC_SERVICE_REJECT);
	dect_put_double(&w, DECT_IE_RELEASE_REASON,
			DECT_REL_INCOMPATIBLE_SERVICE);
	send(sim, call, &w);
}

static void call_rx(struct sim *sim, int64_t now_ms, struct scall *call,
		    const struct dect_msg *msg)
{
	switch (msg->type) {
	case DECT_CC_ALERTING:
		if (call->phase == CALL_PRESENTED)
			hal_up_alerting(sim->port, now_ms, call->id);
		else
			sim->counts.unexpected++;
		break;
	case DECT_CC_CONNECT:
		connect_rx(sim, now_ms, call, msg);
		break;
	case DECT_CC_CONNECT_ACK:
		if (call->phase == CALL_CONNECT_SENT) {
			call->phase = CALL_UP;
			call->deadline_ms = 0;
		} else {
			sim->counts.unexpected++;
		}
		break;
	case DECT_CC_INFO:
		info_rx(sim, now_ms, call, msg);
		break;
	case DECT_CC_RELEASE:
	case DECT_CC_RELEASE_COM:
		release_rx(sim, now_ms, call, msg);
		break;
	case DECT_CC_SERVICE_CHANGE:
		service_change_rx(sim, call);
		break;
	case DECT_CC_NOTIFY:
	case DECT_CC_IWU_INFO:
		break; /* nothing in them is for us */
	case DECT_CC_SETUP:
	case DECT_CC_SETUP_ACK:
	case DECT_CC_CALL_PROC:
		sim->counts.unexpected++;
		break;
	default:
		sim->counts.unknown_message++;
		break;
	}
}

void sim_cc_rx(struct sim *sim, int64_t now_ms, struct radio *radio,
	       const struct dect_msg *msg)
{
	struct scall *call = radio->unit ? radio->unit->call : NULL;

	/* The flag is set towards who began: a reply, if we did. */
	if (call && call->phase != CALL_PAGING && call->tv == msg->tv &&
	    call->from_handset == !msg->reply) {
		call_rx(sim, now_ms, call, msg);
	} else if (msg->type == DECT_CC_SETUP && !msg->reply) {
		setup_rx(sim, now_ms, radio, msg);
	} else if (msg->type == DECT_CC_RELEASE) {
		release_com(sim, radio, msg, DECT_REL_NORMAL);
	} else if (msg->type != DECT_CC_RELEASE_COM) {
		sim->counts.unexpected++;
		release_com(sim, radio, msg, DECT_REL_UNKNOWN_TRANSACTION);
	}
}

void sim_cc_tick(struct sim *sim, int64_t now_ms, struct scall *call)
{
	struct dect_writer w;

	if (call->deadline_ms == 0 || call->deadline_ms > now_ms)
		return;
	begin(&w, call, DECT_CC_RELEASE_COM);
	dect_put_double(&w, DECT_IE_RELEASE_REASON, DECT_REL_TIMER_EXPIRY);
	send(sim, call, &w);
	sim_cc_ended(sim, now_ms, call, DECT_REL_UNKNOWN);
}

/* ---- sound ---- */

int sim_cc_audio_tx(void *priv, int64_t now_ms, hal_call_id id,
		    const int16_t *pcm, size_t samples)
{
	uint8_t data[AIR_AUDIO_SAMPLES_MAX * 2];
	struct sim *sim = priv;
	struct scall *call = call_find(sim, id);

	OSMO_ASSERT(samples <= AIR_AUDIO_SAMPLES_MAX);
	if (!call)
		return HAL_E_STALE;
	if (call->unit->radio)
		sim_air_send(sim, call->unit->radio, AIR_AUDIO, data,
			     air_pcm_write(data, pcm, samples));
	return 0;
}

void sim_cc_audio(struct sim *sim, int64_t now_ms, struct radio *radio,
		  const uint8_t *data, size_t len)
{
	struct scall *call = radio->unit ? radio->unit->call : NULL;
	int16_t pcm[AIR_AUDIO_SAMPLES_MAX];

	if (!call || len / 2 != call->rate_hz / 1000 * HAL_FRAME_MS) {
		sim->counts.audio_dropped++;
		return;
	}
	hal_up_audio(sim->port, now_ms, call->id, pcm,
		     air_pcm_read(pcm, data, len));
}
