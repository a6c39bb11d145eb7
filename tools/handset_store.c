/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include <osmocom/core/utils.h>

#include "handset_store.h"

#define IPUI_BITS 40

static bool load_hex(const json_t *root, const char *key, uint8_t *ret_bytes,
		     size_t size)
{
	const char *text = json_string_value(json_object_get(root, key));

	return text && strlen(text) == 2 * size &&
	       osmo_hexparse(text, ret_bytes, size) == (int)size;
}

static bool load_text(const json_t *root, const char *key, char *ret_text,
		      size_t size)
{
	const char *text = json_string_value(json_object_get(root, key));

	if (!text || strlen(text) >= size)
		return false;
	osmo_strlcpy(ret_text, text, size);
	return true;
}

static bool load_ipui(const json_t *root, uint64_t *ret_ipui)
{
	const char *text = json_string_value(json_object_get(root, "ipui"));
	char *end;

	if (!text || !*text)
		return false;
	*ret_ipui = strtoull(text, &end, 16);
	return *end == '\0' && *ret_ipui && *ret_ipui >> IPUI_BITS == 0;
}

static bool load_memory(const json_t *root, struct pt_memory *memory)
{
	const json_t *subscribed = json_object_get(root, "subscribed");

	if (!load_ipui(root, &memory->ipui) || !json_is_boolean(subscribed))
		return false;
	memory->subscribed = json_is_true(subscribed);
	if (!memory->subscribed)
		return true;
	return load_hex(root, "rfpi", memory->rfpi, sizeof(memory->rfpi)) &&
	       load_hex(root, "uak", memory->uak, sizeof(memory->uak)) &&
	       load_text(root, "number", memory->number,
			 sizeof(memory->number)) &&
	       load_text(root, "name", memory->name, sizeof(memory->name));
}

int store_load(const char *path, struct pt_memory *ret_memory)
{
	struct pt_memory memory = { 0 };
	FILE *file = fopen(path, "re");
	json_t *root;
	bool ok;

	if (!file)
		return -errno;
	root = json_loadf(file, JSON_REJECT_DUPLICATES, NULL);
	fclose(file);
	ok = load_memory(root, &memory);
	json_decref(root);
	if (!ok)
		return -EBADMSG;
	*ret_memory = memory;
	return 0;
}

static char *to_text(const struct pt_memory *memory)
{
	char ipui[17], rfpi[2 * sizeof(memory->rfpi) + 1];
	char uak[2 * sizeof(memory->uak) + 1];
	json_t *root;
	char *text;

	snprintf(ipui, sizeof(ipui), "%010" PRIX64, memory->ipui);
	osmo_hexdump_buf(rfpi, sizeof(rfpi), memory->rfpi, sizeof(memory->rfpi),
			 NULL, false);
	osmo_hexdump_buf(uak, sizeof(uak), memory->uak, sizeof(memory->uak),
			 NULL, false);
	root = json_pack("{s:s, s:b, s:s, s:s, s:s, s:s}", "ipui", ipui,
			 "subscribed", memory->subscribed, "rfpi", rfpi, "uak",
			 uak, "number", memory->number, "name", memory->name);
	text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
	json_decref(root);
	return text;
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		left -= n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int write_new(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return -errno;
	rc = write_all(fd, text);
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	return rc;
}

/* A rename is on the disk once its folder is. */
static int sync_folder(const char *path)
{
	char folder[PATH_MAX];
	char *slash;
	int fd, rc;

	osmo_strlcpy(folder, path, sizeof(folder));
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder ? 1 : 0] = '\0';
	else
		osmo_strlcpy(folder, ".", sizeof(folder));
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

int store_save(const char *path, const struct pt_memory *memory)
{
	char beside[PATH_MAX];
	char *text;
	int rc;

	if ((size_t)snprintf(beside, sizeof(beside), "%s.new", path) >=
	    sizeof(beside))
		return -ENAMETOOLONG;
	text = to_text(memory);
	if (!text)
		return -EINVAL; /* a name that is not UTF-8 */
	rc = write_new(beside, text);
	free(text);
	if (rc == 0 && rename(beside, path) < 0)
		rc = -errno;
	if (rc) {
		unlink(beside);
		return rc;
	}
	return sync_folder(path);
}
