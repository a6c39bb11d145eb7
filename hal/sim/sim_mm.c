/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim_mm.c - mobility: access rights, location, detach (EN 300 175-5, 13)
 *
 *   handset                                       base
 *     ACCESS-RIGHTS-REQUEST  ------------------>  is the window open?
 *     <-------------------  AUTH-REQUEST(AC, RAND, RS)
 *     AUTH-REPLY(RES)        ------------------>  does it know the code?
 *     <-------------------  KEY-ALLOCATE(RAND, RS)
 *     AUTH-REQUEST(RAND, RES) ----------------->
 *     <-------------------  AUTH-REPLY(RES)       the host stores it ...
 *     <-------------------  ACCESS-RIGHTS-ACCEPT
 *
 *     LOCATE-REQUEST         ------------------>
 *     <-------------------  AUTH-REQUEST(UAK, RAND, RS)
 *     AUTH-REPLY(RES)        ------------------>
 *     <-------------------  LOCATE-ACCEPT         attached
 *
 * A radio runs one procedure; a new request ends the old one.
 */
#include <string.h>

#include <osmocom/core/utils.h>

#include "sim_priv.h"

static void start(struct radio *radio, int64_t now_ms, enum mm_state state)
{
	radio->mm.state = state;
	radio->mm.deadline_ms =
		state == MM_SUB_HOST ? INT64_MAX : now_ms + SIM_AUTH_MS;
}

static void finish(struct radio *radio)
{
	radio->mm = (struct mm){ .state = MM_IDLE };
}

static void reject(struct sim *sim, struct radio *radio, uint8_t tv,
		   uint8_t type, uint8_t reason)
{
	struct dect_writer w;

	dect_begin(&w, DECT_MM, tv, true, type);
	dect_put_reject_reason(&w, reason);
	sim_air_message(sim, radio, &w);
	finish(radio);
}

static void challenge(struct sim *sim, struct radio *radio, uint8_t type,
		      enum dect_key key)
{
	struct mm *mm = &radio->mm;
	struct dect_writer w;

	sim_random(&sim->random, mm->rand, sizeof(mm->rand));
	sim_random(&sim->random, mm->rs, sizeof(mm->rs));
	dect_begin(&w, DECT_MM, 0, false, type);
	if (type == DECT_MM_KEY_ALLOCATE)
		dect_put_allocation_type(&w);
	else
		dect_put_auth_type(&w, key);
	dect_put(&w, DECT_IE_RAND, mm->rand, sizeof(mm->rand));
	dect_put(&w, DECT_IE_RS, mm->rs, sizeof(mm->rs));
	sim_air_message(sim, radio, &w);
}

/* The RES1 that who knows @key sends to our challenge. */
static bool proved(struct mm *mm, const struct dect_msg *msg,
		   const uint8_t *key, size_t key_bytes)
{
	uint8_t ks[SIM_KEY_BYTES], want[SIM_RES_BYTES], res[SIM_RES_BYTES];

	if (dect_get_fixed(dect_msg_find(msg, DECT_IE_RES), res, sizeof(res)) <
	    0)
		return false;
	sim_key_session(SIM_OF_HANDSET, key, key_bytes, mm->rs, ks);
	sim_key_result(SIM_OF_HANDSET, ks, mm->rand, want);
	explicit_bzero(ks, sizeof(ks));
	return sim_key_equal(res, want, sizeof(res));
}

/* ---- access rights ---- */

static bool allowed(const struct sim *sim, uint64_t ipui)
{
	if (sim->window.n_allow == 0)
		return true;
	for (size_t i = 0; i < sim->window.n_allow; i++) {
		if (sim->window.allow[i] == ipui)
			return true;
	}
	return false;
}

static void refuse_sub(struct sim *sim, int64_t now_ms, struct radio *radio,
		       uint8_t reason)
{
	uint64_t ipui = radio->mm.ipui;

	reject(sim, radio, radio->mm.tv, DECT_MM_ACCESS_RIGHTS_REJECT, reason);
	hal_up_sub_failed(sim->port, now_ms, ipui, reason);
}

static void access_rights_request(struct sim *sim, int64_t now_ms,
				  struct radio *radio,
				  const struct dect_msg *msg)
{
	struct mm *mm = &radio->mm;
	uint64_t ipui;

	finish(radio);
	mm->tv = msg->tv;
	if (dect_get_portable_identity(
		    dect_msg_find(msg, DECT_IE_PORTABLE_IDENTITY), &ipui) < 0) {
		sim->counts.missing_ie++;
		reject(sim, radio, msg->tv, DECT_MM_ACCESS_RIGHTS_REJECT,
		       DECT_REJECT_IPUI_NOT_ACCEPTED);
		return;
	}
	mm->ipui = ipui;
	if (!sim->window_open) {
		refuse_sub(sim, now_ms, radio, DECT_REJECT_IPUI_NOT_ACCEPTED);
		return;
	}
	if (!allowed(sim, ipui)) {
		refuse_sub(sim, now_ms, radio, DECT_REJECT_IPEI_NOT_ACCEPTED);
		return;
	}
	OSMO_ASSERT(dect_ac_code(sim->window.ac, mm->ac) == 0);
	dect_get_model(dect_msg_find(msg, DECT_IE_MODEL), &mm->model);
	dect_get_codecs(dect_msg_find(msg, DECT_IE_CODEC_LIST), &mm->wideband);
	challenge(sim, radio, DECT_MM_AUTH_REQUEST, DECT_KEY_AC);
	start(radio, now_ms, MM_SUB_AUTH);
}

/* KEY-ALLOCATE is answered: the base proves the code in its turn, and both
 * have the key. */
static void key_allocated(struct sim *sim, int64_t now_ms, struct radio *radio,
			  const struct dect_msg *msg)
{
	struct hal_candidate candidate = { 0 };
	struct mm *mm = &radio->mm;
	uint8_t rand[SIM_RAND_BYTES], res[SIM_RES_BYTES];
	struct dect_writer w;
	int rc;

	if (dect_get_fixed(dect_msg_find(msg, DECT_IE_RAND), rand,
			   sizeof(rand)) < 0 ||
	    !proved(mm, msg, mm->ac, sizeof(mm->ac))) {
		sim->counts.auth_failed++;
		refuse_sub(sim, now_ms, radio, DECT_REJECT_AUTH_FAILED);
		return;
	}
	sim_key_session(SIM_OF_BASE, mm->ac, sizeof(mm->ac), mm->rs, mm->uak);
	sim_key_result(SIM_OF_BASE, mm->uak, rand, res);
	dect_begin(&w, DECT_MM, msg->tv, true, DECT_MM_AUTH_REPLY);
	dect_put(&w, DECT_IE_RES, res, sizeof(res));
	sim_air_message(sim, radio, &w);
	start(radio, now_ms, MM_SUB_HOST);
	candidate.ipui = mm->ipui;
	candidate.uak = mm->uak;
	candidate.emc = mm->model.emc;
	candidate.model = mm->model.model;
	candidate.wideband = mm->wideband;
	rc = hal_up_sub_request(sim->port, now_ms, &candidate, &mm->sub);
	if (rc < 0)
		reject(sim, radio, mm->tv, DECT_MM_ACCESS_RIGHTS_REJECT,
		       DECT_REJECT_MEMORY_FULL);
}

static void accept_sub(struct sim *sim, struct radio *radio,
		       const struct unit *unit)
{
	struct dect_writer w;

	dect_begin(&w, DECT_MM, radio->mm.tv, true,
		   DECT_MM_ACCESS_RIGHTS_ACCEPT);
	dect_put_portable_identity(&w, unit->ipui);
	dect_put_fixed_identity(&w, sim->rfpi);
	sim_put_assignment(&w, unit);
	sim_air_message(sim, radio, &w);
	finish(radio);
}

static struct radio *who_waits(struct sim *sim, hal_sub_id sub)
{
	struct radio *radio;

	llist_for_each_entry (radio, &sim->radios, entry) {
		if (radio->mm.state == MM_SUB_HOST && radio->mm.sub == sub)
			return radio;
	}
	return NULL;
}

void sim_mm_sub_reply(void *priv, int64_t now_ms, hal_sub_id sub,
		      const struct hal_admitted *admitted, uint8_t reason)
{
	struct sim *sim = priv;
	struct radio *radio = who_waits(sim, sub);
	struct unit *unit;

	if (!admitted) {
		if (radio)
			reject(sim, radio, radio->mm.tv,
			       DECT_MM_ACCESS_RIGHTS_REJECT, reason);
		return;
	}
	/* Subscribed anew: what was known of it is void. */
	unit = sim_unit_by_ipui(sim, admitted->ipui);
	if (unit)
		sim_unit_free(sim, unit);
	unit = sim_unit_new(sim, admitted->handset, admitted->ipui,
			    admitted->uak);
	unit->assignment = *admitted->assignment;
	if (radio) {
		unit->wideband = radio->mm.wideband;
		accept_sub(sim, radio, unit);
	}
}

/* ---- location ---- */

static void locate_request(struct sim *sim, int64_t now_ms, struct radio *radio,
			   const struct dect_msg *msg)
{
	struct mm *mm = &radio->mm;
	uint8_t rfpi[DECT_RFPI_BYTES];
	uint64_t ipui;
	int rc;

	finish(radio);
	rc = dect_get_portable_identity(
		dect_msg_find(msg, DECT_IE_PORTABLE_IDENTITY), &ipui);
	if (rc < 0)
		sim->counts.missing_ie++;
	if (rc < 0 || !sim_unit_by_ipui(sim, ipui) ||
	    (dect_get_fixed_identity(dect_msg_find(msg, DECT_IE_FIXED_IDENTITY),
				     rfpi) == 0 &&
	     memcmp(rfpi, sim->rfpi, sizeof(rfpi)) != 0)) {
		reject(sim, radio, msg->tv, DECT_MM_LOCATE_REJECT,
		       DECT_REJECT_IPUI_UNKNOWN);
		return;
	}
	mm->ipui = ipui;
	mm->tv = msg->tv;
	dect_get_codecs(dect_msg_find(msg, DECT_IE_CODEC_LIST), &mm->wideband);
	challenge(sim, radio, DECT_MM_AUTH_REQUEST, DECT_KEY_UAK);
	start(radio, now_ms, MM_LOC_AUTH);
}

static void located(struct sim *sim, int64_t now_ms, struct radio *radio,
		    struct unit *unit)
{
	bool wideband = radio->mm.wideband;
	struct dect_writer w;

	/* A handset that locates has no call: it was off, or thought the
	 * link lost before we did. */
	if (unit->call)
		sim_cc_ended(sim, now_ms, unit->call, DECT_REL_UNKNOWN);
	sim_unit_bind(sim, now_ms, unit, radio);
	unit->page_end_ms = 0;
	unit->wideband = wideband;
	unit->link = true;
	dect_begin(&w, DECT_MM, radio->mm.tv, true, DECT_MM_LOCATE_ACCEPT);
	dect_put_portable_identity(&w, unit->ipui);
	sim_put_assignment(&w, unit);
	sim_air_message(sim, radio, &w);
	finish(radio);
	unit->tell_assignment = false;
	hal_up_wideband(sim->port, unit->id, wideband);
	hal_up_presence(sim->port, now_ms, unit->id, HAL_ATTACHED);
	sim_unit_deliver(sim, now_ms, unit);
}

static void locate_proved(struct sim *sim, int64_t now_ms, struct radio *radio,
			  const struct dect_msg *msg)
{
	struct unit *unit = sim_unit_by_ipui(sim, radio->mm.ipui);

	if (!unit) {
		reject(sim, radio, radio->mm.tv, DECT_MM_LOCATE_REJECT,
		       DECT_REJECT_IPUI_UNKNOWN);
	} else if (!proved(&radio->mm, msg, unit->uak, sizeof(unit->uak))) {
		sim->counts.auth_failed++;
		reject(sim, radio, radio->mm.tv, DECT_MM_LOCATE_REJECT,
		       DECT_REJECT_AUTH_FAILED);
	} else {
		located(sim, now_ms, radio, unit);
	}
}

static void detach(struct sim *sim, int64_t now_ms, struct radio *radio,
		   const struct dect_msg *msg)
{
	struct unit *unit = radio->unit;
	hal_req_id req;
	uint64_t ipui;

	if (dect_get_portable_identity(
		    dect_msg_find(msg, DECT_IE_PORTABLE_IDENTITY), &ipui) < 0) {
		sim->counts.missing_ie++;
		return;
	}
	if (!unit || unit->ipui != ipui) {
		sim->counts.unexpected++;
		return;
	}
	if (unit->removed) {
		sim_unit_lost(sim, now_ms, unit);
		return;
	}
	if (unit->call)
		sim_cc_ended(sim, now_ms, unit->call, DECT_REL_USER_DETACHED);
	unit->radio = NULL;
	radio->unit = NULL;
	unit->page_end_ms = 0;
	unit->link = false;
	unit->lost_ms = 0;
	unit->locate_end_ms = 0;
	req = unit->locate_req;
	unit->locate_req = 0;
	unit->tell_locate = false;
	if (req)
		hal_up_done(sim->port, now_ms, req, HAL_E_DETACHED);
	hal_up_presence(sim->port, now_ms, unit->id, HAL_DETACHED);
}

static void terminated(struct sim *sim, int64_t now_ms, struct radio *radio)
{
	struct unit *unit = radio->unit;

	if (unit && unit->removed)
		sim_unit_lost(sim, now_ms, unit);
	else
		sim->counts.unexpected++;
}

static void auth_reply(struct sim *sim, int64_t now_ms, struct radio *radio,
		       const struct dect_msg *msg)
{
	struct mm *mm = &radio->mm;

	if (!msg->reply ||
	    (mm->state != MM_SUB_AUTH && mm->state != MM_LOC_AUTH)) {
		sim->counts.unexpected++;
		return;
	}
	if (mm->state == MM_LOC_AUTH) {
		locate_proved(sim, now_ms, radio, msg);
	} else if (!proved(mm, msg, mm->ac, sizeof(mm->ac))) {
		sim->counts.auth_failed++;
		refuse_sub(sim, now_ms, radio, DECT_REJECT_AUTH_FAILED);
	} else {
		challenge(sim, radio, DECT_MM_KEY_ALLOCATE, DECT_KEY_AC);
		start(radio, now_ms, MM_SUB_KEY);
	}
}

void sim_mm_rx(struct sim *sim, int64_t now_ms, struct radio *radio,
	       const struct dect_msg *msg)
{
	switch (msg->type) {
	case DECT_MM_ACCESS_RIGHTS_REQUEST:
		access_rights_request(sim, now_ms, radio, msg);
		break;
	case DECT_MM_AUTH_REPLY:
		auth_reply(sim, now_ms, radio, msg);
		break;
	case DECT_MM_AUTH_REQUEST:
		if (radio->mm.state == MM_SUB_KEY)
			key_allocated(sim, now_ms, radio, msg);
		else
			sim->counts.unexpected++;
		break;
	case DECT_MM_AUTH_REJECT:
		if (radio->mm.state == MM_IDLE ||
		    radio->mm.state == MM_SUB_HOST)
			sim->counts.unexpected++;
		else
			finish(radio);
		break;
	case DECT_MM_LOCATE_REQUEST:
		locate_request(sim, now_ms, radio, msg);
		break;
	case DECT_MM_DETACH:
		detach(sim, now_ms, radio, msg);
		break;
	case DECT_MM_TERMINATE_ACCEPT:
		terminated(sim, now_ms, radio);
		break;
	default:
		sim->counts.unknown_message++;
		break;
	}
}

void sim_mm_tick(struct sim *sim, int64_t now_ms, struct radio *radio)
{
	if (radio->mm.state != MM_IDLE && radio->mm.deadline_ms <= now_ms)
		finish(radio);
}
