/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * puppet.h - an edge and its devices, reduced to what the core sees of them
 *
 *     actions --> puppets_perform() --> messages on the way --> devices
 *     events  <-- puppets_next()   <-- messages on the way <-- keys
 *
 * A puppet keeps the promises of event.h (one EV_RELEASED a leg, its last;
 * an answer may cross a CANCEL) and demands those of action.h: no action for
 * a leg that is over, no second answer, no leg named twice.
 */
#pragma once

#include "action.h"

struct world;
struct world_device;
struct puppet;
struct puppets;

struct puppets *puppets_new(struct world *w);
/* @device is the world's and outlives the puppet. */
struct puppet *puppet_new(struct puppets *all, struct world_device *device);

void puppets_perform(struct puppets *all, const struct action *action);
int64_t puppets_next_ms(const struct puppets *all);
/* Deliver the earliest message that is due; false: none. */
bool puppets_step(struct puppets *all);
/* The gateway died: what rang falls silent, callers are refused. */
void puppets_restart(struct puppets *all);
/* After a restart: those who are there say so, as an edge would. */
void puppets_announce(struct puppets *all);

void puppet_do(struct puppet *puppet, const char *verb, const char *arg);
bool puppet_is_ringing(const struct puppet *puppet);
bool puppet_is_talking(const struct puppet *puppet);
bool puppet_is_idle(const struct puppet *puppet);

/* What a leg does to its device, as far as the core has not ended it: makes
 * it ring, or lets it talk. */
enum puppet_noise { PUPPET_SILENT, PUPPET_RINGS, PUPPET_TALKS };

/* Visits each leg that the core has set up or been told of and that is not
 * told over. */
void puppets_each_leg(struct puppets *all,
		      void (*visit)(void *data, leg_id leg,
				    enum puppet_noise noise),
		      void *data);
