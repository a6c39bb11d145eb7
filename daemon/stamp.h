/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stamp.h - the time before each line of the log on stderr
 *
 *     2026-11-22T07:10:03.127Z <DCORE> NOTICE ...
 *
 * libosmocore would take its stamps from osmo_gettimeofday(), which is
 * monotonic here (guest.h).  Where stderr goes to the journal, which has
 * stamps of its own, none is written.
 */
#pragma once

/* After log_start(), and again when a configuration was read: its `log
 * stderr` makes libosmocore forget. */
void stamp_log(void);
