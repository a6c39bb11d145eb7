/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http_metrics.h"

#include <string.h>

#include <talloc.h>

struct page {
	char *text;
	char *last_name;
};

/* Backslash, quote and line feed are escaped within a label's value. */
static char *escaped(void *ctx, const char *value)
{
	char *out = talloc_strdup(ctx, "");

	for (; *value; value++) {
		if (*value == '\n')
			out = talloc_strdup_append(out, "\\n");
		else
			out = talloc_asprintf_append(
				out, "%s%c", strchr("\\\"", *value) ? "\\" : "",
				*value);
	}
	return out;
}

static void add(const struct admin_counter *counter, void *data)
{
	struct page *page = data;

	if (!page->last_name || strcmp(page->last_name, counter->name) != 0) {
		talloc_free(page->last_name);
		page->last_name = talloc_strdup(NULL, counter->name);
		page->text = talloc_asprintf_append_buffer(
			page->text, "# HELP twind_%s %s\n# TYPE twind_%s %s\n",
			counter->name, counter->help, counter->name,
			counter->kind == ADMIN_GAUGE ? "gauge" : "counter");
	}
	page->text = talloc_asprintf_append_buffer(page->text, "twind_%s",
						   counter->name);
	if (counter->label) {
		char *value = escaped(NULL, counter->label_value);

		page->text = talloc_asprintf_append_buffer(
			page->text, "{%s=\"%s\"}", counter->label, value);
		talloc_free(value);
	}
	page->text = talloc_asprintf_append_buffer(page->text, " %.15g\n",
						   counter->value);
}

char *http_metrics(void *ctx, struct api *api)
{
	const struct admin_counter build = {
		"build_info",  "The version that runs.",
		ADMIN_GAUGE,   "version",
		TWIND_VERSION, 1
	};
	struct page page = { .text = talloc_strdup(ctx, "") };

	add(&build, &page);
	api_each_counter(api, add, &page);
	talloc_free(page.last_name);
	return page.text;
}
