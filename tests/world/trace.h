/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trace.h - what people and disks noticed, one line each
 *
 *        0  ring      desk      202 Bob
 *     1500  answer    bob       201 Alice
 *
 * Milliseconds since the story began, what, who, and what was to be seen.
 * The hash covers the trace and whatever else is fed to it, so two runs with
 * one hash were one and the same run.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trace {
	char **line; /* each ends with a line feed */
	size_t n;
	uint64_t hash;
	bool loud; /* also to stderr, as it happens */
};

struct trace *trace_new(void *ctx);

void trace_add(struct trace *trace, int64_t ms, const char *what,
	       const char *who, const char *detail);
void trace_feed(struct trace *trace, const void *bytes, size_t n);

/* Begin anew; the hash goes on. */
void trace_clear(struct trace *trace);

/* All lines; those of one millisecond in alphabetical order, since the order
 * in which two phones notice the same moment is nobody's promise. */
char *trace_text(void *ctx, const struct trace *trace);

/* The last @n lines, as they came. */
char *trace_tail(void *ctx, const struct trace *trace, size_t n);

/* The first line that tells @what of @who, or NULL; a NULL fits all. */
const char *trace_find(const struct trace *trace, const char *what,
		       const char *who);
size_t trace_count(const struct trace *trace, const char *what,
		   const char *who);

/* Brings @text into the order and the spacing of trace_text(). */
char *trace_normal(void *ctx, const char *text);
