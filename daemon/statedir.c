/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "statedir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is in there are secrets; the socket is for the group. */
#define DIR_MODE 0750
#define LOCK_MODE 0640

static int make_dirs(const char *dir)
{
	char path[PATH_MAX];
	char *slash;

	if (strlen(dir) >= sizeof(path))
		return -ENAMETOOLONG;
	strcpy(path, dir);
	for (slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	if (mkdir(path, DIR_MODE) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

static int lock(const char *dir)
{
	char path[PATH_MAX];
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/twind.lock", dir) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, LOCK_MODE);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	/* For people; nothing depends on it. */
	if (ftruncate(fd, 0) == 0)
		dprintf(fd, "%ld\n", (long)getpid());
	return 0; /* the descriptor stays open: it is the lock */
}

int statedir_take(const char *dir, char ret_why[STATEDIR_WHY_MAX])
{
	int rc = make_dirs(dir);

	if (rc == 0)
		rc = lock(dir);
	if (rc == -EWOULDBLOCK)
		snprintf(ret_why, STATEDIR_WHY_MAX,
			 "another gateway uses the state directory %s", dir);
	else if (rc < 0)
		snprintf(ret_why, STATEDIR_WHY_MAX,
			 "cannot use the state directory %s: %s", dir,
			 strerror(-rc));
	return rc;
}

/* 0 if there are @n bytes in the file, and no more. */
static int read_kept(const char *path, uint8_t *ret_bytes, size_t n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		rc = -errno;
	else if (st.st_size != (off_t)n)
		rc = -EBADMSG;
	else if (read(fd, ret_bytes, n) != (ssize_t)n)
		rc = -EIO;
	close(fd);
	return rc;
}

static int write_file(const char *path, const uint8_t *bytes, size_t n)
{
	int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, LOCK_MODE);
	ssize_t written;
	int rc = 0;

	if (fd < 0)
		return -errno;
	written = write(fd, bytes, n);
	if (written < 0 || fsync(fd) < 0)
		rc = -errno;
	else if (written != (ssize_t)n)
		rc = -ENOSPC;
	close(fd);
	return rc;
}

static int sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (fsync(fd) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

/* Whole or not at all, whenever the power fails. */
static int make_kept(const char *dir, const char *path, uint8_t *ret_bytes,
		     size_t n)
{
	char next[PATH_MAX + 4];
	int rc;

	snprintf(next, sizeof(next), "%s.new", path);
	if (getrandom(ret_bytes, n, 0) != (ssize_t)n)
		return -EIO;
	rc = write_file(next, ret_bytes, n);
	if (rc == 0 && rename(next, path) < 0)
		rc = -errno;
	return rc < 0 ? rc : sync_dir(dir);
}

int statedir_keep(const char *dir, const char *name, uint8_t *ret_bytes,
		  size_t n_bytes, char ret_why[STATEDIR_WHY_MAX])
{
	char path[PATH_MAX];
	int rc = -ENAMETOOLONG;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) <
	    sizeof(path))
		rc = read_kept(path, ret_bytes, n_bytes);
	if (rc == -ENOENT)
		rc = make_kept(dir, path, ret_bytes, n_bytes);
	if (rc < 0)
		snprintf(ret_why, STATEDIR_WHY_MAX, "cannot use %s/%s: %s", dir,
			 name,
			 rc == -EBADMSG ? "it is damaged" : strerror(-rc));
	return rc;
}
