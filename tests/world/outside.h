/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outside.h - edges and devices of one kind, as the world handles them
 *
 *     puppet.c      no edge at all: what the core sees of a device
 *     world_sip.c   edge_sip, the SIP element, a network, fake phones
 *     world_dect.c  edge_hal, the HAL, the simulated base, its handsets
 */
#pragma once

#include "world.h"

enum device_state { DEVICE_IDLE, DEVICE_RINGS, DEVICE_TALKS, DEVICE_ELSE };

/* What a leg does to its device, as far as the core has not ended it. */
enum leg_noise { LEG_SILENT, LEG_RINGS, LEG_TALKS };

struct outside {
	void *data;
	/* The gateway's part comes to life: before the rows are loaded, and
	 * after. */
	void (*start)(void *data);
	void (*loaded)(void *data);
	/* kill -9 */
	void (*kill)(void *data);
	void (*perform)(void *data, const struct action *action);
	/* Hand over what is ready now, without a step of time. */
	void (*pump)(void *data);
	int64_t (*next_ms)(void *data);
	/* One thing that is due; false: none. */
	bool (*step)(void *data);
	/* Moves in before start().  The world owns @device. */
	void (*add)(void *data, struct world_device *device);
	void (*act)(struct world_device *device, const char *verb,
		    const char *arg);
	enum device_state (*state)(const struct world_device *device);
	/* Each leg that the core has set up or been told of and that is not
	 * told over; NULL where the core's discipline is not looked at. */
	void (*each_leg)(void *data,
			 void (*visit)(void *data, leg_id leg,
				       enum leg_noise noise),
			 void *visit_data);
	/* Ill luck of its own kind (a base's power cut), or its end; may be
	 * NULL. */
	void (*break_down)(void *data, bool broken);
	/* At the end: is anything left over? */
	void (*check_calm)(void *data);
};

struct outside *puppets_new(struct world *w);
struct outside *world_sip_new(struct world *w);
struct outside *world_dect_new(struct world *w);
