/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * options.h - the command line of twind
 */
#pragma once

#include <stdbool.h>

struct options {
	const char *config;    /* NULL: the built-in defaults */
	const char *state_dir; /* as given, or the usual place */
	bool check_config;
};

/*
 * Fill in @ret_options, whose text lives as long as @ctx.  Returns -1 to go
 * on, else the exit status: help and version were printed, or what is wrong
 * was said on stderr.
 */
int options_read(void *ctx, int argc, char **argv, struct options *ret_options);
