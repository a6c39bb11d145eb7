/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scratch.h - a directory for one test, gone when the test is
 */
#pragma once

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char scratch_dir[64];

static inline int scratch_remove(const char *path, const struct stat *st,
				 int type, struct FTW *ftw)
{
	return remove(path);
}

/* For tcase_add_checked_fixture(). */
static inline void scratch_make(void)
{
	snprintf(scratch_dir, sizeof(scratch_dir), "/tmp/twind-test-XXXXXX");
	if (!mkdtemp(scratch_dir))
		abort();
}

static inline void scratch_drop(void)
{
	nftw(scratch_dir, scratch_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* Path of a file in it; valid until the fourth next call. */
static inline const char *scratch_path(const char *name)
{
	static char path[4][128];
	static unsigned int next;
	char *to = path[next++ % 4];

	snprintf(to, sizeof(path[0]), "%s/%s", scratch_dir, name);
	return to;
}
