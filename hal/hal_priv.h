/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hal_priv.h - the hal core's own: what its files know of each other
 *
 *     hal            the tables, the queues
 *      +- base       one driver; its window; struct hal_port is this
 *      |   +- sub    a handset waiting to be let in
 *      +- handset    one subscription, and the one call it may be in
 *      +- call       states and timers: hal_call.c
 *      +- request    a promise of one HAL_EV_DONE
 */
#pragma once

#include <osmocom/core/linuxlist.h>

#include "hal.h"
#include "hal_driver.h"
#include "hal_id.h"

#define SUBS_MAX 16 /* waiting at one base */

struct hal_port {
	struct hal *hal;
	hal_base_id id;
	char name[HAL_BASE_NAME_MAX + 1];
	const struct hal_driver *driver;
	void *priv;
	struct hal_caps caps;
	enum hal_base_state state;

	bool window_open;
	int64_t window_end_ms;
	hal_req_id window_req; /* opening: asked, the driver has not said */
	unsigned int window_s;
	int64_t wrong_ms[HAL_WRONG_CODES_MAX]; /* newest first */
	size_t n_wrong;
};

struct sub {
	hal_sub_id id;
	struct hal_port *base;
	uint64_t ipui;
	uint8_t uak[HAL_UAK_BYTES];
	bool wideband;
	int64_t deadline_ms;
};

struct handset {
	hal_handset_id id;
	struct hal_port *base;
	uint64_t ipui;
	enum hal_presence presence;
	struct hal_assignment assignment;
	struct hal_indicators indicators;
	bool told; /* the indicators as they are */
	bool wideband;
	bool confirmed; /* the base's own memory has it */
	struct call *call;
};

struct call {
	hal_call_id id;
	struct hal_port *base;
	struct handset *handset;
	enum hal_call_state state;
	bool from_handset;
	bool held;
	unsigned int rate_hz;
	char dialled[HAL_DIGITS_MAX + 1];
	int64_t deadline_ms; /* of the state; INT64_MAX: none */
	enum hal_why why;    /* RELEASING */
	uint8_t reason;
	bool by_host;
};

struct request {
	hal_req_id id;
	struct hal_port *base;
	hal_handset_id handset;
	int64_t deadline_ms;
};

struct hal {
	struct hal_limits limits;
	struct id_table bases, handsets, calls, subs, requests;
	struct llist_head events;
	size_t n_events;
	struct hal_frame *frames; /* a ring */
	size_t frame_first, n_frames;
	bool time_known;
	int64_t time_unix_s;
	int64_t time_set_ms; /* when it was that time */
	int zone_quarters;
	struct hal_counts counts;
};

/* ---- hal_queue.c ---- */

/* The event's base, handset and call are filled in by the caller. */
void hal_queue_event(struct hal *hal, const struct hal_event *event);
bool hal_queue_full(const struct hal *hal);

/* NULL: too many. */
struct request *hal_request_new(struct hal_port *base, hal_handset_id handset,
				int64_t deadline_ms);
void hal_request_drop(struct hal *hal, struct request *request);
void hal_request_done(struct hal *hal, struct request *request, int rc);
void hal_requests_fail(struct hal_port *base, int rc);
void hal_requests_tick(struct hal *hal, int64_t now_ms);

/* ---- hal_base.c ---- */

/* A base by its id, else NULL, counted. */
struct hal_port *hal_base_find(struct hal *hal, hal_base_id id);
/* Up, and it can do that; else the error. */
int hal_base_ready(const struct hal_port *base, uint32_t caps);
void hal_base_tick(struct hal_port *base, int64_t now_ms);

/* ---- hal_sub.c ---- */

void hal_window_close(struct hal_port *base, int64_t now_ms,
		      enum hal_window_end end);
/* The driver has said what came of opening it. */
void hal_window_opened(struct hal_port *base, int64_t now_ms, int rc);
void hal_window_tick(struct hal_port *base, int64_t now_ms);
void hal_subs_tick(struct hal *hal, int64_t now_ms);
void hal_subs_fail(struct hal_port *base);

/* ---- hal_handset.c ---- */

struct handset *hal_handset_get(struct hal *hal, hal_handset_id id);
struct handset *hal_handset_by_ipui(const struct hal *hal,
				    const struct hal_port *base, uint64_t ipui);
struct handset *hal_handset_new(struct hal_port *base, uint64_t ipui);
void hal_handset_free(struct hal *hal, struct handset *handset);
void hal_handset_presence(struct handset *handset, int64_t now_ms,
			  enum hal_presence presence);
void hal_handset_set(struct handset *handset,
		     const struct hal_assignment *assignment);

/* ---- hal_call.c ---- */

/* End it now, whatever the base says: the driver forgets it. */
void hal_call_cut(struct call *call, int64_t now_ms, enum hal_why why);
void hal_call_tick(struct call *call, int64_t now_ms);

/* ---- hal_text.c ---- */

/* UTF-8, whole characters, no control characters but '\n' if @lines. */
void hal_text_copy(char *ret_text, size_t size, const char *text, bool lines);
void hal_text_party(struct hal_party *ret_party, const struct hal_party *party);
