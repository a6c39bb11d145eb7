/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stamp.h"

#include <osmocom/core/application.h>
#include <osmocom/core/logging.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* systemd.exec(5): JOURNAL_STREAM is "device:inode" of what it gave us. */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev &&
	       st.st_ino == ino;
}

static void write_stamped(struct log_target *target, unsigned int level,
			  const char *line)
{
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	fprintf(stderr, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ %s",
		utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
		utc.tm_min, utc.tm_sec, now.tv_nsec / 1000000, line);
}

static void write_plain(struct log_target *target, unsigned int level,
			const char *line)
{
	fputs(line, stderr);
}

void stamp_log(void)
{
	struct log_target *target = osmo_stderr_target;

	target->raw_output = NULL;
	target->output = is_journal() ? write_plain : write_stamped;
}
