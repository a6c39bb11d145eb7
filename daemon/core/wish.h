/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wish.h - what administrators want changed
 *
 *     EV_ADMIN --> waits its turn --> checked --> stored --> made true
 *                                        |           |           |
 *                                        +-----------+-----------+--> ACT_REPLY
 *
 * One wish is at work at a time, so that each is checked against what is
 * true: of two that contradict each other the first wins, the second is told
 * what stands in its way (T5).  A refused wish changes nothing.
 */
#pragma once

#include "house.h"

void wish_new(struct core *core, const struct ev_admin *ev);
/* A base opened or closed its registration window. */
void wish_window(struct core *core, bool open);
