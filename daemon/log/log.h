/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log.h - the log's categories, one a room
 *
 * A line names a call or a leg by its id, never by its address, and never a
 * password, PIN or key.  NOTICE is one line when a call begins and one when it
 * ends.
 */
#pragma once

#include <osmocom/core/logging.h>

enum log_room {
	DMAIN,
	DCORE,
	DSIP,
	DHAL,
	DDB,
	DMEDIA,
	DADMIN,
};

extern const struct log_info log_categories;

/* Log to stderr from NOTICE up; for the daemon and for each test program. */
void log_start(void *ctx);
