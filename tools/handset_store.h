/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * handset_store.h - the memory of a handset in a file (--store)
 *
 *     {"ipui": "...", "subscribed": true, "rfpi": "...", "uak": "...", ...}
 *
 * It holds a key, so it is its owner's alone (mode 0600).  Written beside and
 * renamed: after a crash there is the old one or the new one, whole.
 */
#pragma once

#include "sim_pt.h"

/* -ENOENT: there is none yet; -EBADMSG: not such a file; -errno. */
int store_load(const char *path, struct pt_memory *ret_memory);

/* True on the disk when it returns 0. */
int store_save(const char *path, const struct pt_memory *memory);
