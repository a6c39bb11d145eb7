/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shell.h - the operator shell: telnet to the daemon, on loopback alone
 *
 *     show calls, show extensions, show counters     what is
 *     configure terminal ... write                   the configuration file
 *     logging ..., show stats, show fsm-instances    libosmocore's own
 *
 * It has no log-in, so it must not be reachable from another machine; a
 * `bind` to any other address is refused.
 */
#pragma once

#include <stdbool.h>

struct core;
struct parts;

#define SHELL_WHY_MAX 192

/* Teach libosmovty the commands; they show @core and the counters of @parts. */
void shell_init(struct core *core, const struct parts *parts);

/*
 * Open it where the configuration's `line vty` says, or else on
 * 127.0.0.1:4289.  -errno, with a sentence in @ret_why; if the configuration
 * does not say where, a port that is taken is no reason not to start, and
 * @ret_optional is set.
 */
int shell_open(void *ctx, bool *ret_optional, char ret_why[SHELL_WHY_MAX]);
void shell_close(void);
