/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edge_sip.h - between the core and the SIP element: translates, has no opinion
 *
 *     action --> edge_sip_perform() --> sip_...()
 *     event  <-- edge_sip_next()    <-- sip_next_event()
 */
#pragma once

#include "action.h"
#include "announce.h"
#include "core.h"
#include "sip.h"

struct edge_sip;

/* All outlive it; of @core only the views are read.  @media: for tones. */
struct edge_sip *edge_sip_new(void *ctx, struct sip *sip, struct core *core,
			      struct media *media,
			      const struct edge_ports *ports);

/* For the actions of SIP devices; every other is none of its business. */
void edge_sip_perform(struct edge_sip *edge, int64_t now_ms,
		      const struct action *action);

/* The next thing that happened.  The caller fills in the time; text lives
 * until the next sip_ call. */
bool edge_sip_next(struct edge_sip *edge, int64_t now_ms,
		   struct event *ret_event);
