/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim_pt_mm.c - the handset's subscription and location; the order of
 * messages is drawn in sim_mm.c */
#include <errno.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "sim_pt_priv.h"

static void begin(struct dect_writer *w, const struct pt *pt, uint8_t tv,
		  bool reply, uint8_t type)
{
	dect_begin(w, DECT_MM, tv, reply, type);
}

static void idle(struct pt *pt)
{
	pt->mm = PT_MM_IDLE;
	pt->mm_deadline_ms = 0;
	pt->has_new_uak = false;
	explicit_bzero(pt->new_uak, sizeof(pt->new_uak));
	explicit_bzero(pt->ac, sizeof(pt->ac));
}

static void rejected(struct pt *pt, const char *why)
{
	struct pt_event event = { .type = PT_EV_SUBSCRIBE_REJECTED };

	OSMO_STRLCPY_ARRAY(event.text, why);
	idle(pt);
	pt_tell_event(pt, &event);
}

/* ---- requests ---- */

static void request_rights(struct pt *pt, int64_t now_ms)
{
	struct dect_model model = { .emc = dect_ipui_emc(pt->memory.ipui),
				    .model = 1 };
	struct dect_writer w;

	pt->mm = PT_MM_RIGHTS;
	pt->mm_deadline_ms = now_ms + PT_MM_MS;
	begin(&w, pt, 0, false, DECT_MM_ACCESS_RIGHTS_REQUEST);
	dect_put_portable_identity(&w, pt->memory.ipui);
	dect_put_auth_type(&w, DECT_KEY_AC);
	dect_put_terminal_capability(&w);
	dect_put_model(&w, &model);
	dect_put_codecs(&w, !pt->narrowband);
	pt_message(pt, &w);
}

static void request_locate(struct pt *pt, int64_t now_ms)
{
	struct dect_writer w;

	pt->mm = PT_MM_LOCATE;
	pt->mm_deadline_ms = now_ms + PT_MM_MS;
	begin(&w, pt, 0, false, DECT_MM_LOCATE_REQUEST);
	dect_put_portable_identity(&w, pt->memory.ipui);
	dect_put_fixed_identity(&w, pt->memory.rfpi);
	dect_put_terminal_capability(&w);
	dect_put_codecs(&w, !pt->narrowband);
	pt_message(pt, &w);
}

void pt_mm_beacon(struct pt *pt, int64_t now_ms)
{
	if (pt->mm == PT_MM_SEARCH) {
		if (pt->open)
			request_rights(pt, now_ms);
	} else if (pt->mm == PT_MM_IDLE && pt->memory.subscribed &&
		   !pt->attached && pt->call == PT_IDLE &&
		   memcmp(pt->rfpi, pt->memory.rfpi, sizeof(pt->rfpi)) == 0) {
		request_locate(pt, now_ms);
	}
}

int pt_subscribe(struct pt *pt, int64_t now_ms, const char *ac)
{
	uint8_t code[4];

	if (dect_ac_code(ac, code) < 0)
		return -EINVAL;
	if (!pt->power || pt->call != PT_IDLE || pt->mm == PT_MM_SEARCH ||
	    pt->mm == PT_MM_RIGHTS)
		return -EBADFD;
	idle(pt);
	memcpy(pt->ac, code, sizeof(pt->ac));
	pt->mm = PT_MM_SEARCH;
	pt->mm_deadline_ms = now_ms + PT_SEARCH_MS;
	if (pt->beacon && pt->open)
		request_rights(pt, now_ms);
	return 0;
}

void pt_mm_stop(struct pt *pt)
{
	if (pt->mm == PT_MM_SEARCH || pt->mm == PT_MM_RIGHTS)
		rejected(pt, "no base in range");
	else
		idle(pt);
}

void pt_mm_lost(struct pt *pt)
{
	if (!pt->attached)
		return;
	pt->attached = false;
	pt_tell_event(pt, &(struct pt_event){ .type = PT_EV_DETACHED });
}

void pt_mm_detach(struct pt *pt)
{
	struct dect_writer w;

	begin(&w, pt, 0, false, DECT_MM_DETACH);
	dect_put_portable_identity(&w, pt->memory.ipui);
	pt_message(pt, &w);
}

void pt_mm_tick(struct pt *pt, int64_t now_ms)
{
	if (pt->mm_deadline_ms == 0 || pt->mm_deadline_ms > now_ms)
		return;
	switch (pt->mm) {
	case PT_MM_SEARCH:
		rejected(pt, pt->beacon ? "no base is open for subscription"
					: "no base in range");
		break;
	case PT_MM_RIGHTS:
		rejected(pt, "the base does not answer");
		break;
	case PT_MM_LOCATE:
	case PT_MM_IDLE:
		idle(pt);
		if (pt->beacon)
			pt_mm_beacon(pt, now_ms);
		break;
	}
}

/* ---- proofs ---- */

/* The key that @type asks for; its length, 0: we have none. */
static size_t key_of(const struct pt *pt, enum dect_key type,
		     const uint8_t **ret_key)
{
	if (type == DECT_KEY_AC && pt->mm == PT_MM_RIGHTS) {
		*ret_key = pt->ac;
		return sizeof(pt->ac);
	}
	if (type == DECT_KEY_UAK && pt->memory.subscribed) {
		*ret_key = pt->memory.uak;
		return sizeof(pt->memory.uak);
	}
	return 0;
}

static void auth_request(struct pt *pt, const struct dect_msg *msg)
{
	uint8_t rand[SIM_RAND_BYTES], rs[SIM_RAND_BYTES];
	uint8_t ks[SIM_KEY_BYTES], res[SIM_RES_BYTES];
	const uint8_t *key;
	struct dect_writer w;
	enum dect_key type;
	size_t n;

	if (dect_get_auth_type(dect_msg_find(msg, DECT_IE_AUTH_TYPE), &type) <
		    0 ||
	    dect_get_fixed(dect_msg_find(msg, DECT_IE_RAND), rand,
			   sizeof(rand)) < 0 ||
	    dect_get_fixed(dect_msg_find(msg, DECT_IE_RS), rs, sizeof(rs)) <
		    0) {
		pt->counts.nonsense++;
		return;
	}
	n = key_of(pt, type, &key);
	if (n == 0) {
		begin(&w, pt, msg->tv, true, DECT_MM_AUTH_REJECT);
		dect_put_reject_reason(&w, 0x13); /* key not supported */
		pt_message(pt, &w);
		return;
	}
	sim_key_session(SIM_OF_HANDSET, key, n, rs, ks);
	sim_key_result(SIM_OF_HANDSET, ks, rand, res);
	explicit_bzero(ks, sizeof(ks));
	begin(&w, pt, msg->tv, true, DECT_MM_AUTH_REPLY);
	dect_put(&w, DECT_IE_RES, res, sizeof(res));
	pt_message(pt, &w);
}

/* Prove the code once more and have the base prove it, too. */
static void key_allocate(struct pt *pt, const struct dect_msg *msg)
{
	uint8_t rand[SIM_RAND_BYTES], rs[SIM_RAND_BYTES];
	uint8_t ks[SIM_KEY_BYTES], res[SIM_RES_BYTES];
	struct dect_writer w;

	if (pt->mm != PT_MM_RIGHTS ||
	    dect_get_allocation_type(
		    dect_msg_find(msg, DECT_IE_ALLOCATION_TYPE)) < 0 ||
	    dect_get_fixed(dect_msg_find(msg, DECT_IE_RAND), rand,
			   sizeof(rand)) < 0 ||
	    dect_get_fixed(dect_msg_find(msg, DECT_IE_RS), rs, sizeof(rs)) <
		    0) {
		pt->counts.nonsense++;
		return;
	}
	sim_key_session(SIM_OF_HANDSET, pt->ac, sizeof(pt->ac), rs, ks);
	sim_key_result(SIM_OF_HANDSET, ks, rand, res);
	explicit_bzero(ks, sizeof(ks));
	sim_key_session(SIM_OF_BASE, pt->ac, sizeof(pt->ac), rs, pt->new_uak);
	sim_random(&pt->random, pt->rand, sizeof(pt->rand));
	begin(&w, pt, msg->tv, false, DECT_MM_AUTH_REQUEST);
	dect_put_auth_type(&w, DECT_KEY_AC);
	dect_put(&w, DECT_IE_RAND, pt->rand, sizeof(pt->rand));
	dect_put(&w, DECT_IE_RES, res, sizeof(res));
	pt_message(pt, &w);
}

static void auth_reply(struct pt *pt, const struct dect_msg *msg)
{
	uint8_t res[SIM_RES_BYTES], want[SIM_RES_BYTES];

	if (pt->mm != PT_MM_RIGHTS ||
	    dect_get_fixed(dect_msg_find(msg, DECT_IE_RES), res, sizeof(res)) <
		    0) {
		pt->counts.nonsense++;
		return;
	}
	sim_key_result(SIM_OF_BASE, pt->new_uak, pt->rand, want);
	if (!sim_key_equal(res, want, sizeof(res))) {
		rejected(pt, "the base does not know the code");
		return;
	}
	pt->has_new_uak = true;
}

/* ---- answers ---- */

/* Number, name and marks that the base has told. */
void pt_own(struct pt *pt, const struct dect_msg *msg)
{
	struct pt_event event = { .type = PT_EV_ASSIGNED };
	const uint8_t *value;
	size_t n;

	value = dect_find_own(msg, DECT_OWN_MARKS, &n);
	if (value && n == 1) {
		pt->twin = value[0] & 1;
		pt->dnd = value[0] & 2;
	}
	value = dect_find_own(msg, DECT_OWN_NUMBER, &n);
	if (!value)
		return;
	dect_text(event.number, sizeof(event.number), value, n);
	value = dect_find_own(msg, DECT_OWN_NAME, &n);
	if (value)
		dect_text(event.name, sizeof(event.name), value, n);
	if (strcmp(event.number, pt->memory.number) == 0 &&
	    strcmp(event.name, pt->memory.name) == 0)
		return;
	OSMO_STRLCPY_ARRAY(pt->memory.number, event.number);
	OSMO_STRLCPY_ARRAY(pt->memory.name, event.name);
	if (!pt->memory.subscribed)
		return; /* PT_EV_SUBSCRIBED will say it */
	pt_tell_event(pt, &event);
	pt_tell_event(pt, &(struct pt_event){ .type = PT_EV_MEMORY });
}

static void rights_accepted(struct pt *pt, int64_t now_ms,
			    const struct dect_msg *msg)
{
	struct pt_event event = { .type = PT_EV_SUBSCRIBED };
	uint64_t ipui;

	if (pt->mm != PT_MM_RIGHTS || !pt->has_new_uak ||
	    dect_get_portable_identity(
		    dect_msg_find(msg, DECT_IE_PORTABLE_IDENTITY), &ipui) < 0 ||
	    ipui != pt->memory.ipui ||
	    dect_get_fixed_identity(dect_msg_find(msg, DECT_IE_FIXED_IDENTITY),
				    pt->memory.rfpi) < 0) {
		pt->counts.nonsense++;
		return;
	}
	memcpy(pt->memory.uak, pt->new_uak, sizeof(pt->memory.uak));
	pt->memory.subscribed = false;
	pt->memory.number[0] = '\0';
	pt->memory.name[0] = '\0';
	pt_own(pt, msg);
	pt->memory.subscribed = true;
	pt->attached = false;
	idle(pt);
	OSMO_STRLCPY_ARRAY(event.number, pt->memory.number);
	OSMO_STRLCPY_ARRAY(event.name, pt->memory.name);
	pt_tell_event(pt, &event);
	pt_tell_event(pt, &(struct pt_event){ .type = PT_EV_MEMORY });
	pt_mm_beacon(pt, now_ms);
}

static void rights_rejected(struct pt *pt, int64_t now_ms,
			    const struct dect_msg *msg)
{
	uint8_t reason = 0;

	if (pt->mm != PT_MM_RIGHTS) {
		pt->counts.nonsense++;
		return;
	}
	dect_get_octet(dect_msg_find(msg, DECT_IE_REJECT_REASON), &reason);
	switch (reason) {
	case DECT_REJECT_AUTH_FAILED:
		rejected(pt, "wrong code");
		break;
	case DECT_REJECT_IPEI_NOT_ACCEPTED:
	case DECT_REJECT_IPUI_NOT_ACCEPTED:
		rejected(pt, "this handset is not accepted");
		break;
	case DECT_REJECT_MEMORY_FULL:
	case DECT_REJECT_OVERLOAD:
		rejected(pt, "the base has no room");
		break;
	default:
		rejected(pt, "the base refuses");
		break;
	}
	/* One that was ours before still is. */
	pt_mm_beacon(pt, now_ms);
}

static void forget(struct pt *pt)
{
	idle(pt);
	pt_cc_end(pt, PT_FAILED);
	pt_mm_lost(pt);
	pt->memory = (struct pt_memory){ .ipui = pt->memory.ipui };
	pt->twin = false;
	pt->dnd = false;
	pt->missed = 0;
	pt->messages = 0;
	pt_tell_event(pt, &(struct pt_event){ .type = PT_EV_UNSUBSCRIBED });
	pt_tell_event(pt, &(struct pt_event){ .type = PT_EV_MEMORY });
}

static void located(struct pt *pt, const struct dect_msg *msg)
{
	struct pt_event event = { .type = PT_EV_ATTACHED };

	if (pt->mm != PT_MM_LOCATE) {
		pt->counts.nonsense++;
		return;
	}
	idle(pt);
	pt->attached = true;
	pt_tell_event(pt, &event);
	pt_own(pt, msg);
}

static void locate_rejected(struct pt *pt, int64_t now_ms,
			    const struct dect_msg *msg)
{
	uint8_t reason = 0;

	if (pt->mm != PT_MM_LOCATE) {
		pt->counts.nonsense++;
		return;
	}
	dect_get_octet(dect_msg_find(msg, DECT_IE_REJECT_REASON), &reason);
	if (reason == DECT_REJECT_IPUI_UNKNOWN ||
	    reason == DECT_REJECT_AUTH_FAILED) {
		forget(pt);
		return;
	}
	idle(pt);
	pt->mm_deadline_ms = now_ms + PT_LOCATE_AGAIN_MS;
}

static void terminate(struct pt *pt, const struct dect_msg *msg)
{
	struct dect_writer w;
	uint64_t ipui;

	if (!pt->attached ||
	    dect_get_portable_identity(
		    dect_msg_find(msg, DECT_IE_PORTABLE_IDENTITY), &ipui) < 0 ||
	    ipui != pt->memory.ipui) {
		pt->counts.nonsense++;
		return;
	}
	begin(&w, pt, msg->tv, true, DECT_MM_TERMINATE_ACCEPT);
	pt_message(pt, &w);
	forget(pt);
}

void pt_mm_rx(struct pt *pt, int64_t now_ms, const struct dect_msg *msg)
{
	switch (msg->type) {
	case DECT_MM_AUTH_REQUEST:
		auth_request(pt, msg);
		break;
	case DECT_MM_AUTH_REPLY:
		auth_reply(pt, msg);
		break;
	case DECT_MM_KEY_ALLOCATE:
		key_allocate(pt, msg);
		break;
	case DECT_MM_ACCESS_RIGHTS_ACCEPT:
		rights_accepted(pt, now_ms, msg);
		break;
	case DECT_MM_ACCESS_RIGHTS_REJECT:
		rights_rejected(pt, now_ms, msg);
		break;
	case DECT_MM_LOCATE_ACCEPT:
		located(pt, msg);
		break;
	case DECT_MM_LOCATE_REJECT:
		locate_rejected(pt, now_ms, msg);
		break;
	case DECT_MM_TERMINATE_REQUEST:
		terminate(pt, msg);
		break;
	default:
		pt->counts.nonsense++;
		break;
	}
}
