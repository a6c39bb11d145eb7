/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * twinctl_options.h - what stands before the command
 *
 *     twinctl [--state-dir DIR | --socket PATH] [--json] NOUN VERB ...
 *
 * The socket is control.sock in the state directory, whose default is that
 * of twind; an ordinary user who runs no gateway of his own finds that of the
 * system.
 */
#pragma once

#include <stdbool.h>

enum twinctl_wish {
	TWINCTL_COMMAND,
	TWINCTL_HELP,
	TWINCTL_VERSION,
};

struct twinctl_options {
	enum twinctl_wish wish;
	bool json;
	char *socket; /* child of the context */
	int argc;     /* of the words of the command, which are argv's */
	char **argv;
};

/* What the environment says; a test says something else. */
struct twinctl_place {
	bool root;
	const char *home;	    /* NULL: unknown */
	const char *xdg_state_home; /* NULL or "": unknown */
	bool (*exists)(const char *path);
};

/* -EINVAL: wrong usage, and *ret_why is one sentence, a child of @ctx. */
int twinctl_options(void *ctx, int argc, char **argv,
		    const struct twinctl_place *place,
		    struct twinctl_options *ret_options, char **ret_why);
