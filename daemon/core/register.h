/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * register.h - SIP phones come and go
 *
 * A new or moved binding is stored before the phone hears of it, so that what
 * the phone believes survives a power cut.  Refreshes never come here.
 */
#pragma once

#include "house.h"

void register_ask(struct core *core, const struct ev_register *ev);
void register_gone(struct core *core, ext_id id);
