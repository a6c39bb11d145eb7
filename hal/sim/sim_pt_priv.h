/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim_pt_priv.h - what the files of the simulated handset know of each other
 *
 *     sim_pt.c      keys, events, time, memory
 *     sim_pt_air.c  frames, range, beacon
 *     sim_pt_mm.c   subscription, location
 *     sim_pt_cc.c   the call
 */
#pragma once

#include <osmocom/core/linuxlist.h>

#include "air.h"
#include "dect_id.h"
#include "dect_ie.h"
#include "sim_key.h"
#include "sim_pt.h"

#define PT_SEARCH_MS 3000 /* for a base that is open */
#define PT_MM_MS 15000	  /* MM_access.1, MM_locate.1: an answer */
#define PT_LOCATE_AGAIN_MS 10000
#define PT_LINK_LOST_MS 5000 /* out of range in a call */
#define PT_SETUP_MS 20000    /* CC.03: SETUP unanswered */
#define PT_CONNECT_MS 10000  /* CC.05: CONNECT unanswered */
#define PT_RELEASE_MS 36000  /* CC.02 */
#define PT_OUT_BYTES 65536
#define PT_FRAMES 64
#define PT_EVENTS 256

enum pt_mm {
	PT_MM_IDLE,
	PT_MM_SEARCH, /* to subscribe, when a beacon says open */
	PT_MM_RIGHTS, /* ACCESS-RIGHTS-REQUEST sent */
	PT_MM_LOCATE, /* LOCATE-REQUEST sent */
};

struct pt_queued {
	struct llist_head entry;
	struct pt_event event;
};

struct pt {
	struct pt_memory memory;
	struct sim_random random;
	bool narrowband;

	bool power, range, air; /* switched on, in range, connected */
	bool beacon;		/* heard since */
	bool open;		/* it said so */
	uint8_t rfpi[DECT_RFPI_BYTES];
	bool attached;

	enum pt_mm mm;
	int64_t mm_deadline_ms; /* 0: none; with PT_MM_IDLE: locate again */
	uint8_t ac[4];
	uint8_t rand[SIM_RAND_BYTES]; /* ours, for the base to answer */
	uint8_t new_uak[SIM_KEY_BYTES];
	bool has_new_uak; /* the base proved the code, too */

	enum pt_call_state call;
	unsigned int call_no;
	uint8_t call_tv;
	uint8_t next_tv;
	bool call_mine; /* we began it */
	bool wideband;
	bool sounds;
	enum pt_reason clearing;  /* PT_CLEARING: what we asked for */
	int64_t call_deadline_ms; /* 0: none */
	int64_t lost_ms;	  /* out of range in a call; 0: no */
	char number[PT_NUMBER_MAX + 1];
	char name[PT_NAME_MAX + 1];

	unsigned int missed, messages;
	bool dnd, twin;

	struct air_reader reader;
	uint8_t out[PT_OUT_BYTES];
	size_t out_len;
	struct {
		size_t samples;
		int16_t pcm[PT_FRAME_SAMPLES_MAX];
	} frames[PT_FRAMES];
	size_t frame_first, n_frames;
	struct llist_head events;
	size_t n_events;
	struct pt_counts counts;
};

static inline bool pt_on_air(const struct pt *pt)
{
	return pt->power && pt->range && pt->air;
}

/* ---- sim_pt.c ---- */

/* With the call's number, and the other side's number and name. */
void pt_tell(struct pt *pt, enum pt_event_type type);
void pt_tell_event(struct pt *pt, const struct pt_event *event);

/* ---- sim_pt_air.c ---- */

void pt_message(struct pt *pt, const struct dect_writer *w);
void pt_frame(struct pt *pt, enum air_type type, const uint8_t *data,
	      size_t len);

/* ---- sim_pt_mm.c ---- */

/* A beacon was heard: look for what to do. */
void pt_mm_beacon(struct pt *pt, int64_t now_ms);
void pt_mm_rx(struct pt *pt, int64_t now_ms, const struct dect_msg *msg);
void pt_mm_tick(struct pt *pt, int64_t now_ms);
void pt_mm_stop(struct pt *pt); /* no air: what was under way is void */
void pt_mm_lost(struct pt *pt); /* not attached any more */
void pt_mm_detach(struct pt *pt);
void pt_own(struct pt *pt, const struct dect_msg *msg);

/* ---- sim_pt_cc.c ---- */

void pt_cc_rx(struct pt *pt, int64_t now_ms, const struct dect_msg *msg);
void pt_cc_tick(struct pt *pt, int64_t now_ms);
/* The call, if there is one, is over, without a word on the air. */
void pt_cc_end(struct pt *pt, enum pt_reason reason);
void pt_ciss_rx(struct pt *pt, int64_t now_ms, const struct dect_msg *msg);
