/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <osmocom/core/bits.h>
#include <osmocom/core/utils.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "db_file.h"

#define ASIDE DB_FILE ".damaged-"

/* The database header (sqlite.org/fileformat2.html, 1.3). */
#define HEADER_BYTES 100
#define HEADER_VERSION 60
#define HEADER_APPLICATION 68
static const char magic[16] = "SQLite format 3";

#define APPLICATION_ID 0x7477696e

static int say(char why[DB_WHY_MAX], const char *what, int err)
{
	snprintf(why, DB_WHY_MAX, "%s: %s", what, strerror(err));
	return -err;
}

int db_file_init(void *ctx, struct db_file *file, const char *dir,
		 char why[DB_WHY_MAX])
{
	*file = (struct db_file){
		.dir = talloc_strdup(ctx, dir),
		.path = talloc_asprintf(ctx, "%s/%s", dir, DB_FILE),
	};
	file->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->dir_fd < 0 ||
	    faccessat(file->dir_fd, ".", W_OK | X_OK, AT_EACCESS) < 0) {
		int err = errno;

		snprintf(why, DB_WHY_MAX,
			 "state directory %s cannot be written to: %s", dir,
			 strerror(err));
		return -err;
	}
	/* A lock on the directory itself leaves nothing behind. */
	if (flock(file->dir_fd, LOCK_EX | LOCK_NB) < 0) {
		snprintf(why, DB_WHY_MAX,
			 "state directory %s is in use by another twind", dir);
		return -EBUSY;
	}
	return 0;
}

void db_file_fini(struct db_file *file)
{
	if (file->dir_fd >= 0)
		close(file->dir_fd);
	talloc_free(file->dir);
	talloc_free(file->path);
}

/* Size of the file, -1 if there is none. */
static off_t size_of(const struct db_file *file, const char *name)
{
	struct stat st;

	if (fstatat(file->dir_fd, name, &st, 0) < 0)
		return -1;
	return st.st_size;
}

/* The damaged file of an earlier start, until somebody has decided. */
static int look_for_aside(struct db_file *file, char why[DB_WHY_MAX])
{
	DIR *dir = opendir(file->dir);
	struct dirent *entry;
	int rc = 0;

	if (!dir)
		return say(why, file->dir, errno);
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, ASIDE, strlen(ASIDE)) != 0)
			continue;
		snprintf(why, DB_WHY_MAX,
			 "there is no %s, but a damaged one is kept as %s/%s: "
			 "put a backup in its place, or move it to another "
			 "directory to begin with nothing",
			 file->path, file->dir, entry->d_name);
		rc = -ENODATA;
		break;
	}
	closedir(dir);
	return rc;
}

static int damaged(char why[DB_WHY_MAX], const char *reason)
{
	osmo_strlcpy(why, reason, DB_WHY_MAX);
	return -EUCLEAN;
}

static int look_at_header(const struct db_file *file, unsigned int newest,
			  char why[DB_WHY_MAX])
{
	uint8_t header[HEADER_BYTES];
	uint32_t version, application;
	ssize_t n;
	int fd;

	fd = openat(file->dir_fd, DB_FILE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return say(why, file->path, errno);
	n = pread(fd, header, sizeof(header), 0);
	if (n < 0) {
		n = say(why, file->path, errno);
		close(fd);
		return n;
	}
	close(fd);
	if (n < HEADER_BYTES || memcmp(header, magic, sizeof(magic)) != 0)
		return damaged(why, "file is not a database");

	version = osmo_load32be(&header[HEADER_VERSION]);
	application = osmo_load32be(&header[HEADER_APPLICATION]);
	if (application != APPLICATION_ID && (application || version)) {
		snprintf(why, DB_WHY_MAX,
			 "%s is a database of another program; it was left "
			 "as it is",
			 file->path);
		return -ENOTSUP;
	}
	if (version > newest) {
		snprintf(why, DB_WHY_MAX,
			 "%s is of a newer version (schema %u, known here: %u);"
			 " it was left as it is",
			 file->path, version, newest);
		return -ENOTSUP;
	}
	return 0;
}

int db_file_look(struct db_file *file, unsigned int newest,
		 char why[DB_WHY_MAX])
{
	off_t size = size_of(file, DB_FILE);
	off_t wal = size_of(file, DB_FILE "-wal");

	file->unclean = wal >= 0;
	file->is_new = size <= 0;
	if (!file->is_new)
		return look_at_header(file, newest, why);

	/* SQLite would take the log of a database that is gone for stale, and
	 * delete it: but it may be the best part of it. */
	if (wal > 0)
		return damaged(why, "its write-ahead log is there, but the "
				    "file itself is missing or empty");
	return look_for_aside(file, why);
}

int db_file_create(struct db_file *file, char why[DB_WHY_MAX])
{
	int fd = openat(file->dir_fd, DB_FILE, O_RDWR | O_CREAT | O_CLOEXEC,
			0600);

	if (fd < 0)
		return say(why, file->path, errno);
	close(fd);
	return 0;
}

static void aside_name(const struct db_file *file, char *name, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;
	char date[32];
	unsigned int i;

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(name, size, ASIDE "%s", date);
	for (i = 2; size_of(file, name) >= 0; i++)
		snprintf(name, size, ASIDE "%s-%u", date, i);
}

int db_file_put_aside(struct db_file *file, char why[DB_WHY_MAX])
{
	/* The log keeps its ending, so that SQLite's tools find it.  The file
	 * goes first: a log alone is never taken for a whole database.  The
	 * -shm is but an index of the log, which SQLite makes anew. */
	static const char *const endings[] = { "", "-wal" };
	char aside[64], from[64], to[80], reason[200];
	size_t i;

	aside_name(file, aside, sizeof(aside));
	for (i = 0; i < ARRAY_SIZE(endings); i++) {
		snprintf(from, sizeof(from), DB_FILE "%s", endings[i]);
		snprintf(to, sizeof(to), "%s%s", aside, endings[i]);
		if (size_of(file, from) == 0)
			unlinkat(file->dir_fd, from, 0);
		else if (renameat(file->dir_fd, from, file->dir_fd, to) < 0 &&
			 errno != ENOENT)
			return say(why, file->path, errno);
	}
	unlinkat(file->dir_fd, DB_FILE "-shm", 0);
	fsync(file->dir_fd);

	osmo_strlcpy(reason, why, sizeof(reason));
	snprintf(why, DB_WHY_MAX, "%s is damaged (%s) and was kept as %s/%s",
		 file->path, reason, file->dir, aside);
	return 0;
}
