/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replay.c - main() of a fuzz target that is run as an ordinary test
 *
 *     fuzz_NAME FOLDER_OR_FILE ...
 *
 * Feeds each file to the target, in the order of their names.  Each input is
 * copied to the heap at its exact size, so that a sanitizer sees every byte
 * read past its end.  An empty corpus fails: it would test nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 20)

static int replay_file(const char *path)
{
	static uint8_t buf[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	size_t len;

	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	len = fread(buf, 1, sizeof(buf), file);
	fclose(file);
	data = malloc(len ? len : 1);
	if (!data)
		abort();
	memcpy(data, buf, len);
	LLVMFuzzerTestOneInput(data, len);
	free(data);
	return 1;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* How many inputs were replayed, or -1. */
static int replay(const char *path)
{
	struct dirent **entries;
	struct stat st;
	int n, count = 0;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return replay_file(path);
	n = scandir(path, &entries, is_visible, alphasort);
	if (n < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	for (int i = 0; i < n; i++) {
		char *name = NULL;

		if (asprintf(&name, "%s/%s", path, entries[i]->d_name) < 0)
			abort();
		if (count >= 0 && replay_file(name) > 0)
			count++;
		else
			count = -1;
		free(name);
		free(entries[i]);
	}
	free(entries);
	return count;
}

int main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int n = replay(argv[i]);

		if (n < 0)
			return 1;
		total += n;
	}
	printf("%d inputs\n", total);
	return total == 0;
}
