/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "xml_write.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <osmocom/core/utils.h>

#include "xml_utf8.h"

static void put(struct xml_writer *w, const char *text, size_t n)
{
	if (w->spoiled || w->size - w->n < n) {
		w->spoiled = true;
		return;
	}
	memcpy(w->buf + w->n, text, n);
	w->n += n;
}

static void put_text(struct xml_writer *w, const char *text)
{
	put(w, text, strlen(text));
}

static void put_escaped(struct xml_writer *w, struct span text)
{
	while (text.n) {
		size_t n = xml_utf8(text);

		if (n == 0)
			put_text(w, "?");
		else if (*text.p == '&')
			put_text(w, "&amp;");
		else if (*text.p == '<')
			put_text(w, "&lt;");
		else if (*text.p == '>')
			put_text(w, "&gt;");
		else if (*text.p == '"')
			put_text(w, "&quot;");
		else
			put(w, text.p, n);
		n = n ? n : 1;
		text = (struct span){ text.p + n, text.n - n };
	}
}

static void end_tag(struct xml_writer *w)
{
	if (w->in_tag)
		put_text(w, ">");
	w->in_tag = false;
}

void xml_write_begin(struct xml_writer *w, char *buf, size_t size)
{
	*w = (struct xml_writer){ .buf = buf, .size = size };
	put_text(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

void xml_open(struct xml_writer *w, const char *name)
{
	OSMO_ASSERT(w->depth < XML_DEPTH_MAX);
	end_tag(w);
	w->open[w->depth++] = name;
	put_text(w, "<");
	put_text(w, name);
	w->in_tag = true;
}

void xml_attribute(struct xml_writer *w, const char *name, struct span value)
{
	OSMO_ASSERT(w->in_tag);
	put_text(w, " ");
	put_text(w, name);
	put_text(w, "=\"");
	put_escaped(w, value);
	put_text(w, "\"");
}

void xml_attribute_number(struct xml_writer *w, const char *name,
			  uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	xml_attribute(w, name, span_of(text));
}

void xml_text(struct xml_writer *w, struct span text)
{
	end_tag(w);
	put_escaped(w, text);
}

void xml_close(struct xml_writer *w)
{
	const char *name;

	OSMO_ASSERT(w->depth);
	name = w->open[--w->depth];
	if (w->in_tag) {
		put_text(w, "/>");
		w->in_tag = false;
		return;
	}
	put_text(w, "</");
	put_text(w, name);
	put_text(w, ">");
}

void xml_leaf(struct xml_writer *w, const char *name, struct span text)
{
	xml_open(w, name);
	xml_text(w, text);
	xml_close(w);
}

ssize_t xml_write_end(struct xml_writer *w)
{
	OSMO_ASSERT(!w->depth);
	put_text(w, "\n");
	return w->spoiled ? -EMSGSIZE : (ssize_t)w->n;
}
