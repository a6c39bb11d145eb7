/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conformance.h - what hal.h promises, asked of a driver
 *
 *     suite  -- hal.h -->  hal core -- driver under test
 *        \                                   |
 *         +------ struct rig: what its users and its world do
 *
 * A driver brings a rig: two handsets and somebody to press their keys (for
 * a real base's driver, its fake).  The suite plays the host.  While it runs
 * it watches every event: ends come once and last, requests are done once,
 * presence is told when it changes, a handset that is not attached has no
 * call, ids that are over are stale.
 */
#pragma once

#include <check.h>

#include "hal.h"

#define RIG_HANDSETS 2

struct rig {
	const char *name;
	/* Make the world and open the base @ret_base on @hal. */
	void *(*make)(void *ctx, struct hal *hal, int64_t now_ms,
		      hal_base_id *ret_base);
	/* Carry what is due at this instant between base and handsets; true
	 * if anything moved. */
	bool (*step)(void *world, int64_t now_ms);
	int64_t (*next_ms)(const void *world);

	/* the base's accident: its link fails, and is back */
	void (*break_link)(void *world, int64_t now_ms, bool broken);

	/* users; @i is a handset, 0 or 1 */
	void (*subscribe)(void *world, int64_t now_ms, int i, const char *ac);
	void (*power)(void *world, int64_t now_ms, int i, bool on);
	void (*range)(void *world, int64_t now_ms, int i, bool in);
	void (*dial)(void *world, int64_t now_ms, int i, const char *number);
	void (*answer)(void *world, int64_t now_ms, int i);
	void (*reject)(void *world, int64_t now_ms, int i);
	void (*hang_up)(void *world, int64_t now_ms, int i);
	void (*hold)(void *world, int64_t now_ms, int i);
	/* what a user sees */
	bool (*rings)(const void *world, int i);
	bool (*talks)(const void *world, int i);
};

/* The suite for that driver. */
Suite *conformance_suite(const struct rig *rig);
