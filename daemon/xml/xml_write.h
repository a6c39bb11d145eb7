/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xml_write.h - a small document, written from top to bottom
 *
 *     xml_write_begin(&w, buf, sizeof(buf));
 *     xml_open(&w, "note");
 *     xml_attribute(&w, "lang", span_of("en"));
 *     xml_text(&w, span_of("ham & eggs"));
 *     xml_close(&w);
 *     len = xml_write_end(&w);
 *
 * What comes out is well-formed whatever goes in: signs that mean something
 * are escaped, characters that XML cannot hold (controls, bytes that are no
 * UTF-8) come out as '?'.  The first thing that does not fit spoils the
 * writer, and xml_write_end() says so, once.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "span.h"

#define XML_DEPTH_MAX 16

struct xml_writer {
	char *buf;
	size_t size, n;
	const char *open[XML_DEPTH_MAX]; /* constants of the caller */
	unsigned int depth;
	bool in_tag; /* the last tag can still take attributes */
	bool spoiled;
};

/* With the declaration. */
void xml_write_begin(struct xml_writer *w, char *buf, size_t size);
void xml_open(struct xml_writer *w, const char *name);
void xml_attribute(struct xml_writer *w, const char *name, struct span value);
void xml_attribute_number(struct xml_writer *w, const char *name,
			  uint64_t number);
void xml_text(struct xml_writer *w, struct span text);
void xml_close(struct xml_writer *w);
/* <name>text</name> */
void xml_leaf(struct xml_writer *w, const char *name, struct span text);

/* All that was opened has been closed.  Length, or -EMSGSIZE. */
ssize_t xml_write_end(struct xml_writer *w);
