/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_ctl_line.c - any bytes as a line of the control socket, as words of
 * twinctl, and as an HTTP request
 *
 * A request that was taken can be said again, and is the same; a sentence is
 * text that a reply can hold.
 */
#include <jansson.h>
#include <string.h>
#include <talloc.h>

#include "ctl_line.h"
#include "fuzz.h"
#include "rest.h"

static void expect_same(const struct command_request *a,
			const struct command_request *b)
{
	FUZZ_EXPECT(a->command->id == b->command->id);
	FUZZ_EXPECT(a->n_sets == b->n_sets);
	for (size_t i = 0; i < COMMAND_ARGS_MAX; i++)
		FUZZ_EXPECT(a->args[i] ? strcmp(a->args[i], b->args[i]) == 0
				       : !b->args[i]);
	for (size_t i = 0; i < a->n_sets; i++)
		FUZZ_EXPECT(strcmp(a->sets[i].value, b->sets[i].value) == 0);
}

static void expect_repeatable(void *ctx, const struct command_request *request)
{
	json_t *json = command_to_json(request);
	struct command_request *again;
	char why[COMMAND_WHY_MAX];

	FUZZ_EXPECT(json != NULL);
	FUZZ_EXPECT(command_from_json(ctx, json, &again, why) == 0);
	expect_same(request, again);
	json_decref(json);
}

static void as_line(void *ctx, const char *text, size_t n)
{
	struct command_request *request;
	char why[COMMAND_WHY_MAX] = "";
	char *reply;
	json_t *id;
	int rc = ctl_line_parse(ctx, text, n, &request, &id, why);

	if (rc == 0)
		expect_repeatable(ctx, request);
	reply = ctl_line_reply(ctx, id, rc ? COMMAND_USAGE : COMMAND_DONE,
			       json_true(), why);
	FUZZ_EXPECT(strchr(reply, '\n') == reply + strlen(reply) - 1);
	json_decref(id);
}

static void as_words(void *ctx, const char *text, size_t n)
{
	char *rest = talloc_strndup(ctx, text, n);
	const char *words[COMMAND_SETS_MAX + 8];
	struct command_request *request;
	char why[COMMAND_WHY_MAX];
	int argc = 0;
	char *word;

	while (argc < COMMAND_SETS_MAX + 8 && (word = strsep(&rest, " ")))
		words[argc++] = word;
	if (command_parse(ctx, argc, words, &request, why) == 0)
		expect_repeatable(ctx, request);
}

/* METHOD PATH?QUERY BODY */
static void as_http(void *ctx, const char *text, size_t n)
{
	char *rest = talloc_strndup(ctx, text, n);
	struct rest_text http = { .method = strsep(&rest, " ") };
	char *target = strsep(&rest, " ");
	struct command_request *request;
	char why[COMMAND_WHY_MAX];

	if (!target)
		return;
	http.path = strsep(&target, "?");
	http.query = target;
	http.body = rest;
	http.body_bytes = rest ? strlen(rest) : 0;
	if (rest_parse(ctx, &http, &request, why) == REST_OK)
		expect_repeatable(ctx, request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);

	as_line(ctx, (const char *)data, size);
	as_words(ctx, (const char *)data, size);
	as_http(ctx, (const char *)data, size);
	talloc_free(ctx);
	return 0;
}
