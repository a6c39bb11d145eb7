/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "db_backup.h"
#include "db_sql.h"

static int copy(sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");

	if (!backup)
		return sqlite3_extended_errcode(to);
	sqlite3_backup_step(backup, -1);
	return sqlite3_backup_finish(backup);
}

int db_backup_to(sqlite3 *sqlite, const char *path, const char **ret_why)
{
	sqlite3 *to = NULL;
	int fd, rc, err;

	/* It will hold keys: nobody else may read it, not even for a moment. */
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		err = errno;
		*ret_why = strerrordesc_np(err);
		return err == EEXIST || err == ENOSPC ? -err : -EIO;
	}
	close(fd);

	rc = sqlite3_open_v2(
		path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc == SQLITE_OK)
		rc = copy(sqlite, to);
	err = sql_result(to, rc);
	sqlite3_close(to);
	if (err) {
		*ret_why = sqlite3_errstr(rc);
		unlink(path);
	}
	return err;
}
