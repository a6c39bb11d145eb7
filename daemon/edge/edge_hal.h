/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edge_hal.h - between the core and the bases: a handset that speaks SDP
 *
 *     action --> edge_hal_perform() --+--> hal_...()      a call on a base
 *                                     +--> media_...()    its RTP endpoint
 *     event  <-- edge_hal_next()   <--+--- hal_next_event(), media's SDP
 *                edge_hal_pump()       PCM frames, both ways
 *
 * A leg at a handset is a HAL call and an RTP endpoint joined under one leg
 * id, so that for the core every device makes offers and answers (RFC 3264).
 */
#pragma once

#include "action.h"
#include "announce.h"
#include "core.h"
#include "hal.h"
#include "media.h"

struct edge_hal;

/* All outlive it; of @core only the views are read. */
struct edge_hal *edge_hal_new(void *ctx, struct hal *hal, struct media *media,
			      struct core *core,
			      const struct edge_ports *ports);

/* A base that was opened, by the id that hal_base_open() gave. */
void edge_hal_add_base(struct edge_hal *edge, hal_base_id base);

/* For the actions of handsets; every other is none of its business. */
void edge_hal_perform(struct edge_hal *edge, int64_t now_ms,
		      const struct action *action);

/* Carry what the bases heard to RTP, and what RTP brought to the bases.
 * After any use of hal or media; cheap when there is nothing. */
void edge_hal_pump(struct edge_hal *edge, int64_t now_ms);

/* The next thing that happened.  The caller fills in the time; text lives
 * until the next edge_hal_ call. */
bool edge_hal_next(struct edge_hal *edge, int64_t now_ms,
		   struct event *ret_event);
