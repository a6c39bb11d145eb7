/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "statedir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
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
