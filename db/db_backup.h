/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_backup.h - a copy of the whole database while it is in use
 */
#pragma once

#include <sqlite3.h>

/* -EEXIST if there is something at @path; on other failures nothing is left
 * there.  @ret_why: static text. */
int db_backup_to(sqlite3 *sqlite, const char *path, const char **ret_why);
