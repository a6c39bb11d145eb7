/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge_sip_feature.h"

#include <errno.h>
#include <sys/types.h>

#include <osmocom/core/utils.h>

#include "xml_read.h"

#define VALUE_MAX 128

enum field { DND_ON, FORWARD_DN, FORWARD_TYPE, FORWARD_ON, _NUM_FIELD };

static const char *const names[_NUM_FIELD] = {
	[DND_ON] = "doNotDisturbOn",
	[FORWARD_DN] = "forwardDN",
	[FORWARD_TYPE] = "forwardingType",
	[FORWARD_ON] = "activateForward",
};

struct form {
	bool given[_NUM_FIELD];
	char value[_NUM_FIELD][VALUE_MAX];
};

static enum field field_of(struct span name)
{
	enum field field;

	for (field = 0; field < _NUM_FIELD; field++)
		if (span_is(name, names[field]))
			break;
	return field;
}

static struct span trim(struct span text)
{
	static const char blanks[] = " \t\r\n";

	while (text.n && strchr(blanks, *text.p))
		text = (struct span){ text.p + 1, text.n - 1 };
	while (text.n && strchr(blanks, text.p[text.n - 1]))
		text.n--;
	return text;
}

/* The root's children, each with its text; what we do not know is read
 * over. */
static int read_form(struct xml_reader *r, struct form *form)
{
	enum field field = _NUM_FIELD;
	enum xml_token token;

	while ((token = xml_next(r)) != XML_END) {
		switch (token) {
		case XML_OPEN:
			field = r->depth == 2 ? field_of(r->name) : _NUM_FIELD;
			if (field == _NUM_FIELD)
				break;
			if (form->given[field])
				return -EBADMSG;
			form->given[field] = true;
			break;
		case XML_TEXT:
			if (field != _NUM_FIELD &&
			    (form->value[field][0] ||
			     xml_unescape(trim(r->text), form->value[field],
					  VALUE_MAX) < 0))
				return -EBADMSG;
			break;
		case XML_CLOSE:
			field = _NUM_FIELD;
			break;
		default:
			return -EBADMSG;
		}
	}
	return 0;
}

static int read_switch(const struct form *form, enum field field, bool *ret)
{
	const char *value = form->value[field];

	if (strcmp(value, "true") == 0 || strcmp(value, "1") == 0)
		*ret = true;
	else if (strcmp(value, "false") == 0 || strcmp(value, "0") == 0)
		*ret = false;
	else
		return -EBADMSG;
	return 0;
}

static int read_type(const char *value, enum feature *ret)
{
	static const char *const types[_NUM_FEATURE] = {
		[FEATURE_FORWARD_ALWAYS] = "forwardImmediate",
		[FEATURE_FORWARD_BUSY] = "forwardBusy",
		[FEATURE_FORWARD_NO_ANSWER] = "forwardNoAns",
	};

	for (int i = FEATURE_FORWARD_ALWAYS; i < _NUM_FEATURE; i++)
		if (strcmp(value, types[i]) == 0) {
			*ret = i;
			return 0;
		}
	return -EBADMSG;
}

/* "300", "sip:300@example.test", "tel:300" */
static int read_number(const char *value, char number[NUMBER_MAX + 1])
{
	struct span text = span_of(value);
	size_t n;

	if (strncasecmp(value, "sip:", 4) == 0 ||
	    strncasecmp(value, "tel:", 4) == 0)
		text = span_of(value + 4);
	n = strcspn(text.n ? text.p : "", "@;");
	if (n > NUMBER_MAX)
		return -EBADMSG;
	memcpy(number, text.p, n);
	number[n] = '\0';
	return 0;
}

static int read_forwarding(const struct form *form, struct feature_wish *wish)
{
	if (read_type(form->value[FORWARD_TYPE], &wish->feature) ||
	    read_switch(form, FORWARD_ON, &wish->on))
		return -EBADMSG;
	return read_number(form->value[FORWARD_DN], wish->number);
}

int edge_sip_feature_read(struct feature_wish *ret_wish, struct span body)
{
	struct feature_wish wish = { 0 };
	struct form form = { 0 };
	struct xml_reader r;
	struct span root;
	int rc;

	xml_read_begin(&r, body);
	if (xml_next(&r) != XML_OPEN)
		return -EBADMSG;
	root = r.name;
	if (read_form(&r, &form))
		return -EBADMSG;
	if (span_is(root, "SetDoNotDisturb")) {
		wish.feature = FEATURE_DND;
		rc = read_switch(&form, DND_ON, &wish.on);
	} else if (span_is(root, "SetForwarding")) {
		rc = read_forwarding(&form, &wish);
	} else {
		rc = -EBADMSG;
	}
	if (!rc)
		*ret_wish = wish;
	return rc;
}
