/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "log.h"

#include <osmocom/core/application.h>
#include <osmocom/core/utils.h>

#define CATEGORY(what, text)                                                   \
	{                                                                      \
		.name = what, .description = text, .enabled = 1,               \
		.loglevel = LOGL_NOTICE                                        \
	}

static const struct log_info_cat categories[] = {
	[DMAIN] = CATEGORY("DMAIN", "start, stop, configuration"),
	[DCORE] = CATEGORY("DCORE", "calls and who rings"),
	[DSIP] = CATEGORY("DSIP", "SIP messages and connections"),
	[DHAL] = CATEGORY("DHAL", "bases and handsets"),
	[DDB] = CATEGORY("DDB", "the store"),
	[DMEDIA] = CATEGORY("DMEDIA", "audio of handsets"),
	[DADMIN] = CATEGORY("DADMIN", "administrators and their pages"),
};

const struct log_info log_categories = {
	.cat = categories,
	.num_cat = ARRAY_SIZE(categories),
};

void log_start(void *ctx)
{
	osmo_init_logging2(ctx, &log_categories);
	log_set_use_color(osmo_stderr_target, 0);
	log_set_print_filename2(osmo_stderr_target, LOG_FILENAME_NONE);
	log_set_print_category(osmo_stderr_target, 1);
	log_set_print_category_hex(osmo_stderr_target, 0);
	log_set_print_level(osmo_stderr_target, 1);
}
