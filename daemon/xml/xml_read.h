/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xml_read.h - a small document from a stranger, read strictly
 *
 *     <note lang="en">ham &amp; eggs</note>
 *
 *     xml_next()  XML_OPEN  name "note"
 *                 XML_TEXT  text "ham &amp; eggs", see xml_unescape()
 *                 XML_CLOSE name "note"
 *                 XML_END
 *
 * Elements and text, no more: of the rest of XML a declaration, comments and
 * attributes are read over, and what could make a small document large or
 * reach outside of it (DOCTYPE, CDATA, instructions, entities of its own) is a
 * fault.  So is whatever is not well-formed; the first fault sticks.
 *
 * Names come without their prefix: for the documents that we read it never
 * tells two things apart.  Nothing is allocated; spans point into the document.
 */
#pragma once

#include <sys/types.h>

#include "span.h"

#define XML_READ_DEPTH_MAX 16

enum xml_token { XML_BAD, XML_OPEN, XML_TEXT, XML_CLOSE, XML_END };

struct xml_reader {
	struct span rest;
	struct span open[XML_READ_DEPTH_MAX]; /* whole names */
	unsigned int depth;
	bool empty; /* <this/> was opened, and is to be closed */
	bool begun; /* the root was seen */
	bool bad;
	struct span name; /* of OPEN and CLOSE */
	struct span text; /* of TEXT, still escaped */
};

void xml_read_begin(struct xml_reader *r, struct span document);
enum xml_token xml_next(struct xml_reader *r);

/* Into @buf, terminated.  Length; -EBADMSG for an entity that XML itself does
 * not have, -EMSGSIZE if it does not fit. */
ssize_t xml_unescape(struct span text, char *buf, size_t size);
