/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

#include "object.h"

static bool is_scalar(const json_t *json)
{
	return !json_is_object(json) && !json_is_array(json);
}

int ctl_line_parse(void *ctx, const char *line, size_t n,
		   struct command_request **ret_request, json_t **ret_id,
		   char why[COMMAND_WHY_MAX])
{
	json_error_t error;
	json_t *json = json_loadb(line, n, JSON_REJECT_DUPLICATES, &error);
	json_t *id;
	int rc;

	*ret_id = NULL;
	if (!json) {
		snprintf(why, COMMAND_WHY_MAX,
			 "the line is not JSON (column %d)", error.column);
		return -EINVAL;
	}
	id = json_object_get(json, "id");
	if (id && !is_scalar(id)) {
		snprintf(why, COMMAND_WHY_MAX, "id is a text or a number");
		rc = -EINVAL;
	} else {
		*ret_id = json_incref(id);
		rc = command_from_json(ctx, json, ret_request, why);
	}
	json_decref(json);
	return rc;
}

char *ctl_line_reply(void *ctx, const json_t *id, enum command_rc rc,
		     json_t *result, const char *error)
{
	json_t *json = json_object();
	char *dump;
	char *line;

	if (id)
		json_object_set(json, "id", (json_t *)id);
	json_object_set_new(json, "rc", json_integer(rc));
	if (rc == COMMAND_DONE)
		json_object_set(json, "result", result);
	else
		json_object_set_new(json, "error", object_sentence(error));
	dump = json_dumps(json, JSON_COMPACT);
	OSMO_ASSERT(dump);
	line = talloc_asprintf(ctx, "%s\n", dump);
	free(dump);
	json_decref(json);
	return line;
}
