/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * remember.h - half-made calls, from the SIP element to the journal and back
 *
 *     sip: remember, forget --> journal.h --kill -9, restart--> sip_recover()
 *
 * A packet is kept with both its addresses.  The connection it was for died
 * with its process, so a recovered one asks for a new connection.
 */
#pragma once

#include <stddef.h>

struct journal;
struct sip;

/* End what a predecessor left half made, then keep the journal for @sip, which
 * it outlives.  Returns how many legs were found. */
size_t remember(struct journal *journal, struct sip *sip);
