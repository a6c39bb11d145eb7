/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim_priv.h - what the files of the simulated base know of each other
 *
 *     radio     a connection: bytes both ways, in range or not
 *      :
 *     unit      a subscribed handset; bound to the radio it located from
 *      +- scall the call it is in
 *
 * Radios and units are freed only where nobody stands on them: a radio in
 * sim_air.c's doors, a unit when its removal is done.  A scall may go inside
 * any hal_up_...(): never use one after that.
 */
#pragma once

#include <osmocom/core/linuxlist.h>

#include "air.h"
#include "dect_id.h"
#include "dect_ie.h"
#include "sim.h"
#include "sim_key.h"

enum mm_state {
	MM_IDLE,
	MM_SUB_AUTH, /* access rights: the code is being proved */
	MM_SUB_KEY,  /* a key is being made */
	MM_SUB_HOST, /* the host stores it */
	MM_LOC_AUTH, /* locate: the key is being proved */
};

struct mm {
	enum mm_state state;
	int64_t deadline_ms;
	uint64_t ipui;
	uint8_t tv; /* of the request */
	uint8_t rand[SIM_RAND_BYTES], rs[SIM_RAND_BYTES];
	uint8_t ac[4];
	uint8_t uak[SIM_KEY_BYTES];
	struct dect_model model;
	bool wideband;
	hal_sub_id sub;
};

struct radio {
	struct llist_head entry;
	sim_conn id;
	bool in_range;
	bool cut; /* to be closed; says and hears nothing */
	struct air_reader reader;
	uint8_t *out;
	size_t out_len;
	struct unit *unit;
	struct mm mm;
};

struct unit {
	struct llist_head entry;
	hal_handset_id id;
	uint64_t ipui;
	uint8_t uak[SIM_KEY_BYTES];
	bool wideband;
	struct hal_assignment assignment;
	struct radio *radio;

	bool link;	     /* it listens to us */
	int64_t page_end_ms; /* 0: not being paged */
	int64_t page_next_ms;
	int64_t lost_ms; /* link and out of range: when it is lost; else 0 */

	/* to be told when there is a link */
	bool tell_assignment, tell_indicators, tell_time, tell_locate;
	struct hal_indicators indicators;
	int64_t unix_s;
	int64_t unix_set_ms;
	int zone_quarters;

	hal_req_id locate_req;
	unsigned int locate_s;
	int64_t locate_end_ms; /* 0: it does not ring to be found */

	bool removed; /* the hal core has forgotten it */
	hal_req_id remove_req;
	int64_t remove_end_ms;

	uint8_t next_tv;
	struct scall *call;
};

enum phase {
	CALL_PAGING, /* to the handset, SETUP not sent */
	CALL_PRESENTED,
	CALL_FROM,	   /* from the handset, not connected */
	CALL_CONNECT_SENT, /* from the handset, CONNECT-ACK is due */
	CALL_UP,
	CALL_RELEASE_SENT,
};

struct scall {
	struct llist_head entry;
	hal_call_id id;
	struct unit *unit;
	bool from_handset;
	uint8_t tv;
	enum phase phase;
	int64_t deadline_ms; /* CONNECT-ACK; 0: none */
	struct hal_setup setup;
	unsigned int rate_hz;
};

struct sim {
	struct hal_port *port; /* NULL: not open */
	bool started, broken;
	struct sim_random random;
	size_t max_conns, max_out;
	uint8_t rfpi[DECT_RFPI_BYTES];
	bool window_open;
	struct hal_window window;
	sim_conn last_conn;
	struct llist_head radios, units, calls;
	uint8_t *lent; /* what sim_air_next() showed last */
	struct sim_counts counts;
};

/* ---- sim_air.c ---- */

void sim_air_send(struct sim *sim, struct radio *radio, enum air_type type,
		  const uint8_t *data, size_t len);
/* A message of the network layer; a badly written one is our bug. */
void sim_air_message(struct sim *sim, struct radio *radio,
		     const struct dect_writer *w);
void sim_air_beacon(struct sim *sim);
void sim_air_tick(struct sim *sim, int64_t now_ms, struct radio *radio);
int64_t sim_air_next_ms(const struct radio *radio);
void sim_air_cut_all(struct sim *sim, int64_t now_ms);

/* ---- sim_link.c ---- */

struct unit *sim_unit_find(struct sim *sim, hal_handset_id id);
struct unit *sim_unit_by_ipui(struct sim *sim, uint64_t ipui);
struct unit *sim_unit_new(struct sim *sim, hal_handset_id id, uint64_t ipui,
			  const uint8_t uak[SIM_KEY_BYTES]);
void sim_unit_free(struct sim *sim, struct unit *unit);
/* There is something to tell it: now, or after a page. */
void sim_unit_reach(struct sim *sim, int64_t now_ms, struct unit *unit);
/* There is a link: tell it all that waits. */
void sim_unit_deliver(struct sim *sim, int64_t now_ms, struct unit *unit);
void sim_unit_link_idle(struct unit *unit);
/* It is not there any more. */
void sim_unit_lost(struct sim *sim, int64_t now_ms, struct unit *unit);
void sim_unit_bind(struct sim *sim, int64_t now_ms, struct unit *unit,
		   struct radio *radio);
void sim_unit_tick(struct sim *sim, int64_t now_ms, struct unit *unit);
int64_t sim_unit_next_ms(const struct unit *unit);
void sim_link_rx(struct sim *sim, int64_t now_ms, struct radio *radio,
		 const struct dect_msg *msg);
/* Number, name and marks, as our own element. */
void sim_put_assignment(struct dect_writer *w, const struct unit *unit);

/* ---- sim_mm.c ---- */

void sim_mm_rx(struct sim *sim, int64_t now_ms, struct radio *radio,
	       const struct dect_msg *msg);
void sim_mm_tick(struct sim *sim, int64_t now_ms, struct radio *radio);
void sim_mm_sub_reply(void *priv, int64_t now_ms, hal_sub_id sub,
		      const struct hal_admitted *admitted, uint8_t reason);

/* ---- sim_cc.c ---- */

void sim_cc_rx(struct sim *sim, int64_t now_ms, struct radio *radio,
	       const struct dect_msg *msg);
void sim_cc_present(struct sim *sim, struct scall *call);
void sim_cc_ended(struct sim *sim, int64_t now_ms, struct scall *call,
		  uint8_t reason);
void sim_cc_tick(struct sim *sim, int64_t now_ms, struct scall *call);
void sim_cc_audio(struct sim *sim, int64_t now_ms, struct radio *radio,
		  const uint8_t *data, size_t len);

int sim_cc_setup(void *priv, int64_t now_ms, hal_call_id call,
		 hal_handset_id handset, const struct hal_setup *setup);
int sim_cc_proceeding(void *priv, int64_t now_ms, hal_call_id call);
int sim_cc_alerting(void *priv, int64_t now_ms, hal_call_id call,
		    enum hal_signal signal);
int sim_cc_connect(void *priv, int64_t now_ms, hal_call_id call,
		   const struct hal_party *party);
int sim_cc_info(void *priv, int64_t now_ms, hal_call_id call,
		const struct hal_info *info);
int sim_cc_held(void *priv, int64_t now_ms, hal_call_id call, bool held);
void sim_cc_release(void *priv, int64_t now_ms, hal_call_id call,
		    uint8_t reason, enum hal_why why);
void sim_cc_drop(void *priv, int64_t now_ms, hal_call_id call);
int sim_cc_audio_tx(void *priv, int64_t now_ms, hal_call_id call,
		    const int16_t *pcm, size_t samples);
