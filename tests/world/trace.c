/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "trace.h"

#define FNV_BASIS 0xcbf29ce484222325
#define FNV_PRIME 0x100000001b3

struct trace *trace_new(void *ctx)
{
	struct trace *trace = talloc_zero(ctx, struct trace);

	trace->hash = FNV_BASIS;
	return trace;
}

void trace_feed(struct trace *trace, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < n; i++)
		trace->hash = (trace->hash ^ p[i]) * FNV_PRIME;
}

static char *print(void *ctx, int64_t ms, const char *what, const char *who,
		   const char *detail)
{
	return talloc_asprintf(ctx, "%6" PRId64 " %-12s%-10s%s\n", ms, what,
			       who, detail);
}

/* No blanks at the end of a line, so that a test can write it down. */
static void trim(char *line)
{
	size_t n = strlen(line);

	while (n > 0 && strchr(" \n", line[n - 1]))
		n--;
	strcpy(line + n, "\n");
}

void trace_add(struct trace *trace, int64_t ms, const char *what,
	       const char *who, const char *detail)
{
	char *line = print(trace, ms, what, who, detail ? detail : "");

	trim(line);
	trace_feed(trace, line, strlen(line));
	if (trace->loud)
		fputs(line, stderr);
	trace->line = talloc_realloc(trace, trace->line, char *, trace->n + 1);
	trace->line[trace->n++] = line;
}

void trace_clear(struct trace *trace)
{
	for (size_t i = 0; i < trace->n; i++)
		talloc_free(trace->line[i]);
	TALLOC_FREE(trace->line);
	trace->n = 0;
}

static int by_time_then_text(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;
	long long l = atoll(*left), r = atoll(*right);

	return l != r ? (l > r) - (l < r) : strcmp(*left, *right);
}

static char *sorted(void *ctx, char **line, size_t n)
{
	char *text = talloc_strdup(ctx, "");
	char **copy = talloc_array(ctx, char *, n + 1);

	for (size_t i = 0; i < n; i++)
		copy[i] = line[i];
	qsort(copy, n, sizeof(*copy), by_time_then_text);
	for (size_t i = 0; i < n; i++)
		text = talloc_strdup_append(text, copy[i]);
	talloc_free(copy);
	return text;
}

char *trace_text(void *ctx, const struct trace *trace)
{
	return sorted(ctx, trace->line, trace->n);
}

char *trace_tail(void *ctx, const struct trace *trace, size_t n)
{
	char *text = talloc_strdup(ctx, "");

	for (size_t i = trace->n > n ? trace->n - n : 0; i < trace->n; i++)
		text = talloc_strdup_append(text, trace->line[i]);
	return text;
}

char *trace_normal(void *ctx, const char *text)
{
	void *tmp = talloc_new(NULL);
	char *copy = talloc_strdup(tmp, text), *save = NULL, *result;
	char **line = NULL;
	size_t n = 0;

	for (char *l = strtok_r(copy, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save)) {
		char what[32] = "", who[32] = "";
		long long ms = 0;
		int at = 0;

		if (sscanf(l, "%lld %31s %31s %n", &ms, what, who, &at) < 3)
			at = strlen(l);
		line = talloc_realloc(tmp, line, char *, n + 1);
		line[n] = print(tmp, ms, what, who, l + at);
		trim(line[n++]);
	}
	result = sorted(ctx, line, n);
	talloc_free(tmp);
	return result;
}

static bool fits(const char *line, const char *what, const char *who)
{
	char w[32], o[32];

	return sscanf(line, "%*d %31s %31s", w, o) == 2 &&
	       (!what || strcmp(w, what) == 0) && (!who || strcmp(o, who) == 0);
}

const char *trace_find(const struct trace *trace, const char *what,
		       const char *who)
{
	for (size_t i = 0; i < trace->n; i++)
		if (fits(trace->line[i], what, who))
			return trace->line[i];
	return NULL;
}

size_t trace_count(const struct trace *trace, const char *what, const char *who)
{
	size_t count = 0;

	for (size_t i = 0; i < trace->n; i++)
		count += fits(trace->line[i], what, who);
	return count;
}
