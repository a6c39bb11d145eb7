/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * statedir.h - the folder that is one gateway's alone
 *
 *     DIR/twind.lock      held while the gateway runs; its process id
 *     DIR/twind.db ...    the store (db.h)
 *     DIR/control.sock    for twinctl
 *     DIR/base-NAME.sock  the air of each simulated base
 */
#pragma once

#define STATEDIR_WHY_MAX 512

/*
 * Make @dir and its parents if they are missing, and take it.  The lock goes
 * with the process, however that ends.  -errno, with a sentence in @ret_why:
 * it is in use by another gateway, cannot be written to, ...
 */
int statedir_take(const char *dir, char ret_why[STATEDIR_WHY_MAX]);
