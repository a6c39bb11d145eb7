/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_msg.c - see sip_msg.h
 *
 * One pass over the lines, then the checks.  The first fault is the one that
 * is named, but reading goes on after it: who is told of it has to be found
 * in the headers.
 */
#include "sip_msg.h"

#include <errno.h>

#include "sip_scan.h"

#define VERSION "SIP/2.0"
#define CSEQ_MAX 0x7fffffffu

static void blame(struct sip_fault *fault, unsigned int status,
		  const char *reason)
{
	if (!fault->reason)
		*fault = (struct sip_fault){ .status = status,
					     .reason = reason };
}

/* ---- lines ---- */

/* Cuts the next line off @rest, without its CRLF.  False: no CRLF is left. */
static bool take_line(struct span *rest, struct span *ret_line, bool *ret_bare)
{
	size_t from = 0;

	while (from < rest->n) {
		const char *cr = memchr(rest->p + from, '\r', rest->n - from);

		if (!cr)
			break;
		from = cr - rest->p + 1;
		if (from < rest->n && rest->p[from] == '\n') {
			*ret_line = (struct span){ rest->p, from - 1 };
			*rest = sip_after(*rest, from + 1);
			if (ret_line->n &&
			    memchr(ret_line->p, '\n', ret_line->n))
				*ret_bare = true;
			return true;
		}
		*ret_bare = true;
	}
	return false;
}

/* ---- start lines ---- */

static void read_status_line(struct sip_msg *msg, struct span line,
			     struct sip_fault *fault)
{
	struct span version = sip_take(&line, SIP_C_TOKEN | SIP_C_VALUE);
	uint32_t status = 0;

	if (!span_case_is(version, VERSION)) {
		blame(fault, 505, "Version Not Supported");
		return;
	}
	/* "SIP/2.0 200 OK"; the phrase may be empty, its blank may not. */
	if (line.n < 5 || line.p[0] != ' ' || line.p[4] != ' ' ||
	    !sip_number((struct span){ line.p + 1, 3 }, 699, &status) ||
	    status < 100) {
		blame(fault, 400, "Bad Status Line");
		return;
	}
	msg->status = status;
	msg->reason = sip_after(line, 5);
}

static bool is_version(struct span text)
{
	return text.n > 4 && strncasecmp(text.p, "SIP/", 4) == 0 &&
	       sip_is(text.p[4], SIP_C_DIGIT) && !memchr(text.p, ' ', text.n);
}

static void read_request_line(struct sip_msg *msg, struct span line,
			      struct sip_fault *fault)
{
	const char *blank;
	struct span uri, version;

	msg->method_text = sip_take(&line, SIP_C_TOKEN);
	msg->method = sip_method_of(msg->method_text);
	blank = line.n > 1 ? memchr(line.p + 1, ' ', line.n - 1) : NULL;
	if (!msg->method_text.n || !blank || line.p[0] != ' ') {
		blame(fault, 400, "Bad Request Line");
		return;
	}
	uri = (struct span){ line.p + 1, blank - line.p - 1 };
	version = sip_after(line, uri.n + 2);
	if (!is_version(version)) {
		blame(fault, 400, "Bad Request Line");
		return;
	}
	if (!span_case_is(version, VERSION)) {
		blame(fault, 505, "Version Not Supported");
		return;
	}
	if (sip_uri_parse(&msg->uri, uri) < 0)
		blame(fault, 400, "Bad Request URI");
	else if (msg->uri.scheme == SIP_SCHEME_OTHER)
		blame(fault, 416, "Unsupported URI Scheme");
	else if (msg->uri.headers.n)
		blame(fault, 400, "Headers in Request URI");
}

/* ---- headers ---- */

static void add_header(struct sip_msg *msg, struct span name, struct span value,
		       struct sip_fault *fault)
{
	struct sip_header *header;
	enum sip_header_id id;

	if (msg->n_headers == SIP_HEADERS_MAX) {
		blame(fault, 400, "Too Many Headers");
		return;
	}
	id = sip_header_of(name);
	header = &msg->headers[msg->n_headers];
	header->id = id;
	header->next = SIP_HEADER_NONE;
	header->name = name;
	header->value = sip_trim(value);
	if (msg->first[id] == SIP_HEADER_NONE)
		msg->first[id] = msg->n_headers;
	else
		msg->headers[msg->last[id]].next = msg->n_headers;
	msg->last[id] = msg->n_headers++;
}

/* A header line and the lines folded into it. */
static void read_header(struct sip_msg *msg, struct span line,
			struct sip_fault *fault)
{
	struct span name = sip_take(&line, SIP_C_TOKEN);

	if (line.n && *line.p != ':')
		sip_skip(&line, SIP_C_BLANK);
	if (!name.n || !line.n || *line.p != ':') {
		blame(fault, 400, "Bad Header Line");
		return;
	}
	add_header(msg, name, sip_after(line, 1), fault);
}

/* Reads to the empty line; what is left in @rest is the body. */
static void read_headers(struct sip_msg *msg, struct span *rest,
			 struct sip_fault *fault)
{
	struct span line, more;
	bool bare = false;

	for (;;) {
		if (!take_line(rest, &line, &bare)) {
			blame(fault, 400, "Unfinished Headers");
			return;
		}
		if (!line.n)
			break;
		while (rest->n && (*rest->p == ' ' || *rest->p == '\t') &&
		       take_line(rest, &more, &bare))
			line.n = more.p + more.n - line.p;
		read_header(msg, line, fault);
	}
	if (bare)
		blame(fault, 400, "Bare CR Or LF");
}

/* ---- checks ---- */

static const struct {
	enum sip_header_id id;
	const char *missing; /* NULL: need not be there */
	const char *twice;
} once[] = {
	{ SIP_H_FROM, "Missing From", "More Than One From" },
	{ SIP_H_TO, "Missing To", "More Than One To" },
	{ SIP_H_CALL_ID, "Missing Call-ID", "More Than One Call-ID" },
	{ SIP_H_CSEQ, "Missing CSeq", "More Than One CSeq" },
	{ SIP_H_MAX_FORWARDS, NULL, "More Than One Max-Forwards" },
	{ SIP_H_CONTENT_LENGTH, NULL, "More Than One Content-Length" },
	{ SIP_H_CONTENT_TYPE, NULL, "More Than One Content-Type" },
	{ SIP_H_EXPIRES, NULL, "More Than One Expires" },
	{ SIP_H_SESSION_EXPIRES, NULL, "More Than One Session-Expires" },
	{ SIP_H_MIN_SE, NULL, "More Than One Min-SE" },
	{ SIP_H_EVENT, NULL, "More Than One Event" },
	{ SIP_H_REFER_TO, NULL, "More Than One Refer-To" },
	{ SIP_H_REPLACES, NULL, "More Than One Replaces" },
};

static void check_counts(const struct sip_msg *msg, struct sip_fault *fault)
{
	if (msg->first[SIP_H_VIA] == SIP_HEADER_NONE)
		blame(fault, 400, "Missing Via");
	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
		if (msg->first[once[i].id] == SIP_HEADER_NONE) {
			if (once[i].missing)
				blame(fault, 400, once[i].missing);
		} else if (msg->first[once[i].id] != msg->last[once[i].id]) {
			blame(fault, 400, once[i].twice);
		}
	}
}

static struct span first_value(struct span *rest);

static void read_via(struct sip_msg *msg, struct sip_fault *fault)
{
	struct span value = sip_msg_value(msg, SIP_H_VIA);

	if (value.p && sip_via_parse(&msg->via, first_value(&value)) < 0)
		blame(fault, 400, "Bad Via");
}

static void read_name(const struct sip_msg *msg, enum sip_header_id id,
		      struct sip_name *ret_name, struct sip_fault *fault,
		      const char *reason)
{
	struct span value = sip_msg_value(msg, id);

	if (value.p && sip_name_parse(ret_name, value) < 0) {
		ret_name->text = value;
		blame(fault, 400, reason);
	}
}

static void read_call_id(struct sip_msg *msg, struct sip_fault *fault)
{
	struct span value = sip_msg_value(msg, SIP_H_CALL_ID);

	if (!value.p)
		return;
	msg->call_id = value;
	if (!value.n)
		blame(fault, 400, "Bad Call-ID");
	for (size_t i = 0; i < value.n; i++) {
		if (sip_is(value.p[i], SIP_C_BLANK | SIP_C_CONTROL)) {
			blame(fault, 400, "Bad Call-ID");
			break;
		}
	}
}

static void read_cseq(struct sip_msg *msg, struct sip_fault *fault)
{
	struct span value = sip_msg_value(msg, SIP_H_CSEQ), number, method;

	if (!value.p)
		return;
	number = sip_take(&value, SIP_C_DIGIT);
	if (!sip_take(&value, SIP_C_BLANK).n ||
	    !sip_number(number, CSEQ_MAX, &msg->cseq)) {
		blame(fault, 400, "Bad CSeq");
		return;
	}
	method = sip_take(&value, SIP_C_TOKEN);
	if (!method.n || value.n) {
		blame(fault, 400, "Bad CSeq");
	} else if (!msg->is_request) {
		msg->method_text = method;
		msg->method = sip_method_of(method);
	} else if (!span_eq(method, msg->method_text)) {
		blame(fault, 400, "CSeq Method Mismatch");
	}
}

static void read_max_forwards(struct sip_msg *msg, struct sip_fault *fault)
{
	struct span value = sip_msg_value(msg, SIP_H_MAX_FORWARDS);
	uint32_t number;

	if (!value.p)
		return;
	if (sip_number(value, 255, &number))
		msg->max_forwards = (int)number;
	else
		blame(fault, 400, "Bad Max-Forwards");
}

static void read_body(struct sip_msg *msg, struct span rest,
		      struct sip_fault *fault)
{
	struct span value = sip_msg_value(msg, SIP_H_CONTENT_LENGTH);
	uint32_t length = 0;

	msg->body = rest;
	if (!value.p)
		return;
	if (!sip_number(value, UINT32_MAX, &length)) {
		blame(fault, 400, "Bad Content-Length");
	} else if (length > rest.n) {
		blame(fault, 400, "Content-Length Beyond Message");
	} else {
		msg->body.n = length;
		msg->bytes.n = rest.p + length - msg->bytes.p;
	}
}

/* All that an answer repeats is there (RFC 3261, 8.2.6.2). */
static bool has_a_way_back(const struct sip_msg *msg)
{
	return msg->is_request && msg->method_text.n &&
	       msg->method != SIP_M_ACK && msg->via.host.n &&
	       sip_msg_value(msg, SIP_H_FROM).n &&
	       sip_msg_value(msg, SIP_H_TO).n &&
	       sip_msg_value(msg, SIP_H_CALL_ID).n &&
	       sip_msg_value(msg, SIP_H_CSEQ).n;
}

/* Clears all but the headers, which their count tells of. */
static void clear(struct sip_msg *msg, struct span bytes)
{
	memset(msg, 0, offsetof(struct sip_msg, first));
	memset(msg->first, SIP_HEADER_NONE, sizeof(msg->first));
	memset(msg->last, SIP_HEADER_NONE, sizeof(msg->last));
	msg->bytes = bytes;
	msg->max_forwards = -1;
}

int sip_msg_parse(struct sip_msg *ret_msg, const uint8_t *data, size_t len,
		  struct sip_fault *ret_fault)
{
	struct span rest = { (const char *)data, len }, line = { 0 };
	struct sip_fault fault = { 0 };
	struct sip_msg *msg = ret_msg;
	bool bare = false;

	/* Keep-alives before a message are no part of it (7.5). */
	while (rest.n >= 2 && rest.p[0] == '\r' && rest.p[1] == '\n')
		rest = sip_after(rest, 2);
	clear(msg, rest);
	if (!take_line(&rest, &line, &bare))
		line = (struct span){ rest.p, 0 };
	if (bare)
		blame(&fault, 400, "Bare CR Or LF");

	msg->is_request = line.n < 4 || strncasecmp(line.p, "SIP/", 4) != 0;
	if (msg->is_request)
		read_request_line(msg, line, &fault);
	else
		read_status_line(msg, line, &fault);
	read_headers(msg, &rest, &fault);
	if (rest.p && memchr(msg->bytes.p, '\0', rest.p - msg->bytes.p))
		blame(&fault, 400, "NUL In Headers");

	check_counts(msg, &fault);
	read_via(msg, &fault);
	read_name(msg, SIP_H_FROM, &msg->from, &fault, "Bad From");
	read_name(msg, SIP_H_TO, &msg->to, &fault, "Bad To");
	read_call_id(msg, &fault);
	read_cseq(msg, &fault);
	read_max_forwards(msg, &fault);
	read_body(msg, rest, &fault);

	if (!fault.reason)
		return 0;
	fault.answerable = has_a_way_back(msg);
	*ret_fault = fault;
	return -EBADMSG;
}

/* ---- headers, asked for ---- */

struct span sip_msg_value(const struct sip_msg *msg, enum sip_header_id id)
{
	const struct sip_header *header = sip_msg_first(msg, id);

	return header ? header->value : (struct span){ 0 };
}

/* Cuts the first of a comma-separated list off @rest. */
static struct span first_value(struct span *rest)
{
	struct span value = *rest;
	bool quoted = false, angle = false;

	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '<') {
			angle = true;
		} else if (c == '>') {
			angle = false;
		} else if (c == ',' && !angle) {
			*rest = sip_after(value, i + 1);
			value.n = i;
			return sip_trim(value);
		}
	}
	*rest = sip_after(value, value.n);
	return sip_trim(value);
}

void sip_values_begin(struct sip_values *values, const struct sip_msg *msg,
		      enum sip_header_id id)
{
	values->msg = msg;
	values->header = sip_msg_first(msg, id);
	values->rest =
		values->header ? values->header->value : (struct span){ 0 };
}

bool sip_values_next(struct sip_values *values, struct span *ret_value)
{
	while (values->header) {
		while (values->rest.n) {
			struct span value = first_value(&values->rest);

			if (value.n) {
				*ret_value = value;
				return true;
			}
		}
		values->header = sip_msg_next(values->msg, values->header);
		if (values->header)
			values->rest = values->header->value;
	}
	return false;
}

bool sip_msg_lists(const struct sip_msg *msg, enum sip_header_id id,
		   const char *token)
{
	struct sip_values values;
	struct span value;

	sip_values_begin(&values, msg, id);
	while (sip_values_next(&values, &value)) {
		if (span_case_is(value, token))
			return true;
	}
	return false;
}

bool sip_msg_contact(const struct sip_msg *msg, struct sip_contact *ret_contact)
{
	struct sip_values values;
	struct span value;

	sip_values_begin(&values, msg, SIP_H_CONTACT);
	return sip_values_next(&values, &value) &&
	       sip_contact_parse(ret_contact, value) == 0;
}

/* "3600", "3600 (a comment)", "3600;param". */
static bool seconds_of(const struct sip_msg *msg, enum sip_header_id id,
		       uint32_t *ret_s, struct span *ret_params)
{
	struct span value = sip_msg_value(msg, id);
	struct span digits = sip_take(&value, SIP_C_DIGIT);

	sip_skip(&value, SIP_C_BLANK);
	if (value.n && *value.p != ';' && *value.p != '(')
		return false;
	if (!sip_seconds(digits, ret_s))
		return false;
	if (ret_params)
		*ret_params = value;
	return true;
}

bool sip_msg_expires(const struct sip_msg *msg, uint32_t *ret_s)
{
	return seconds_of(msg, SIP_H_EXPIRES, ret_s, NULL);
}

bool sip_msg_retry_after(const struct sip_msg *msg, uint32_t *ret_s)
{
	return seconds_of(msg, SIP_H_RETRY_AFTER, ret_s, NULL);
}

bool sip_msg_min_expires(const struct sip_msg *msg, uint32_t *ret_s)
{
	return seconds_of(msg, SIP_H_MIN_EXPIRES, ret_s, NULL);
}

bool sip_msg_min_se(const struct sip_msg *msg, uint32_t *ret_s)
{
	return seconds_of(msg, SIP_H_MIN_SE, ret_s, NULL);
}

bool sip_msg_session_expires(const struct sip_msg *msg, uint32_t *ret_s,
			     enum sip_refresher *ret_refresher)
{
	struct span params, who;

	if (!seconds_of(msg, SIP_H_SESSION_EXPIRES, ret_s, &params))
		return false;
	*ret_refresher = SIP_REFRESHER_NONE;
	if (sip_param(params, "refresher", &who)) {
		if (span_case_is(who, "uac"))
			*ret_refresher = SIP_REFRESHER_UAC;
		else if (span_case_is(who, "uas"))
			*ret_refresher = SIP_REFRESHER_UAS;
	}
	return true;
}

unsigned int sip_msg_reason(const struct sip_msg *msg, const char *protocol)
{
	struct sip_values values;
	struct span value, text;
	uint32_t cause;

	sip_values_begin(&values, msg, SIP_H_REASON);
	while (sip_values_next(&values, &value)) {
		if (span_case_is(sip_take(&value, SIP_C_TOKEN), protocol) &&
		    sip_param(value, "cause", &text) &&
		    sip_number(text, 999, &cause))
			return cause;
	}
	return 0;
}

struct span sip_msg_content_type(const struct sip_msg *msg)
{
	struct span value = sip_msg_value(msg, SIP_H_CONTENT_TYPE);
	const char *params = value.n ? memchr(value.p, ';', value.n) : NULL;

	if (params)
		value.n = params - value.p;
	return sip_trim(value);
}
