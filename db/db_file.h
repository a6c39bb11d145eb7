/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_file.h - the file in its directory, before and beside SQLite
 *
 *      absent ---------------------> new, unless a damaged one lies beside it
 *      not SQLite, or cut off -----> damaged: renamed to a dated name
 *      another program's, newer ---> refused, not even opened
 *      else -----------------------> SQLite's turn
 */
#pragma once

#include <stdbool.h>

#include "db.h"

struct db_file {
	int dir_fd; /* holds the lock that says we are the only one */
	char *dir;
	char *path;
	bool is_new;
	bool unclean; /* a -wal was left behind */
};

/* Take the directory.  @file is filled and to be given back by
 * db_file_fini() in any case. */
int db_file_init(void *ctx, struct db_file *file, const char *dir,
		 char why[DB_WHY_MAX]);
void db_file_fini(struct db_file *file);

/* Look at the file without SQLite: 0; -ENOTSUP; -EUCLEAN: damaged; -ENODATA:
 * there is none, but a damaged one of an earlier start; -errno. */
int db_file_look(struct db_file *file, unsigned int newest,
		 char why[DB_WHY_MAX]);

/* Make the empty file, for nobody's eyes but ours: it will hold keys. */
int db_file_create(struct db_file *file, char why[DB_WHY_MAX]);

/* Rename it and its companions.  @why holds what is wrong with it, and then
 * that and its new name. */
int db_file_put_aside(struct db_file *file, char why[DB_WHY_MAX]);
