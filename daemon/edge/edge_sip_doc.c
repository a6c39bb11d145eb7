/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edge_sip_doc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <osmocom/core/utils.h>

#include "xml_write.h"

#define DIALOG_INFO "urn:ietf:params:xml:ns:dialog-info"
#define PIDF "urn:ietf:params:xml:ns:pidf"
#define CSTA "http://www.ecma-international.org/standards/ecma-323/csta/ed3"

#define URI_MAX (NUMBER_MAX + 300)

static struct span uri_of(const char *number, const char *domain,
			  char buf[URI_MAX])
{
	snprintf(buf, URI_MAX, "sip:%s@%s", number, domain);
	return span_of(buf);
}

/* ---- calls ---- */

static void open_dialog(struct xml_writer *w, const char *id,
			const char *direction, const char *state)
{
	xml_open(w, "dialog");
	xml_attribute(w, "id", span_of(id));
	if (direction)
		xml_attribute(w, "direction", span_of(direction));
	xml_leaf(w, "state", span_of(state));
}

#define ID_MAX 32

static const char *id_of(const struct lamp_call *call, uint8_t turn,
			 char buf[ID_MAX])
{
	if (turn)
		snprintf(buf, ID_MAX, "%" PRIu64 "-%u", call->call, turn);
	else
		snprintf(buf, ID_MAX, "%" PRIu64, call->call);
	return buf;
}

static void write_call(struct xml_writer *w, const struct lamp_call *call,
		       uint8_t turn, const char *domain)
{
	static const char *const states[] = {
		[LAMP_TRYING] = "trying",
		[LAMP_EARLY] = "early",
		[LAMP_CONFIRMED] = "confirmed",
	};
	char id[ID_MAX], uri[URI_MAX];

	open_dialog(w, id_of(call, turn, id),
		    call->initiator ? "initiator" : "recipient",
		    states[call->state]);
	if (call->remote.number[0]) {
		uri_of(call->remote.number, domain, uri);
		xml_open(w, "remote");
		xml_open(w, "identity");
		if (call->remote.name[0])
			xml_attribute(w, "display", span_of(call->remote.name));
		xml_text(w, span_of(uri));
		xml_close(w);
		xml_open(w, "target");
		xml_attribute(w, "uri", span_of(uri));
		xml_close(w);
		xml_close(w);
	}
	xml_close(w);
}

static void write_over(struct xml_writer *w, const struct lamp_call *call,
		       uint8_t turn)
{
	char id[ID_MAX];

	open_dialog(w, id_of(call, turn, id), NULL, "terminated");
	xml_close(w);
}

/* @n: it is not among them. */
static size_t find(const struct lamp_call *calls, size_t n, call_id id)
{
	size_t i;

	for (i = 0; i < n && calls[i].call != id; i++)
		;
	return i;
}

/* It is another dialog of that call: states only rise, and who called once
 * has called. */
static bool goes_back(const struct lamp_call *told, const struct lamp_call *now)
{
	return now->state < told->state || now->initiator != told->initiator;
}

static void write_calls(struct xml_writer *w, struct edge_sip_memory *memory,
			const struct lamp *lamp, const char *domain, bool full)
{
	uint8_t turn[LAMP_CALLS_MAX] = { 0 };
	size_t i, at;

	for (i = 0; i < memory->n; i++) {
		at = find(lamp->calls.call, lamp->calls.n,
			  memory->call[i].call);
		if (at == lamp->calls.n ||
		    goes_back(&memory->call[i], &lamp->calls.call[at]))
			write_over(w, &memory->call[i], memory->turn[i]);
	}
	for (i = 0; i < lamp->calls.n; i++) {
		const struct lamp_call *now = &lamp->calls.call[i];
		bool told;

		at = find(memory->call, memory->n, now->call);
		told = at < memory->n;
		if (told)
			turn[i] = memory->turn[at] +
				  goes_back(&memory->call[at], now);
		if (full || !told ||
		    memcmp(&memory->call[at], now, sizeof(*now)) != 0)
			write_call(w, now, turn[i], domain);
	}
	memcpy(memory->turn, turn, sizeof(turn));
	if (lamp->calls.dnd ? full || !memory->dnd : memory->dnd) {
		open_dialog(w, "dnd", NULL,
			    lamp->calls.dnd ? "confirmed" : "terminated");
		xml_close(w);
	}
}

ssize_t edge_sip_doc_calls(struct edge_sip_memory *memory,
			   const struct lamp *lamp, const char *domain,
			   bool full, char buf[EDGE_SIP_DOC_MAX])
{
	struct xml_writer w;
	char uri[URI_MAX];

	xml_write_begin(&w, buf, EDGE_SIP_DOC_MAX);
	xml_open(&w, "dialog-info");
	xml_attribute(&w, "xmlns", span_of(DIALOG_INFO));
	xml_attribute_number(&w, "version", memory->version++);
	xml_attribute(&w, "state", span_of(full ? "full" : "partial"));
	xml_attribute(&w, "entity", uri_of(lamp->number, domain, uri));
	write_calls(&w, memory, lamp, domain, full);
	xml_close(&w);
	memory->dnd = lamp->calls.dnd;
	memory->n = lamp->calls.n;
	memcpy(memory->call, lamp->calls.call, sizeof(memory->call));
	return xml_write_end(&w);
}

/* ---- presence ---- */

/* What a person would say, and the word of RFC 4480 for it. */
static const char *activity_of(const struct lamp *lamp, const char **ret_note)
{
	size_t i;

	*ret_note = NULL;
	for (i = 0; i < lamp->calls.n; i++)
		if (lamp->calls.call[i].state == LAMP_CONFIRMED ||
		    lamp->calls.call[i].initiator) {
			*ret_note = "On the phone";
			return "rpid:on-the-phone";
		}
	if (lamp->calls.dnd) {
		*ret_note = "Do not disturb";
		return "rpid:busy";
	}
	if (lamp->calls.n)
		*ret_note = "Ringing";
	return NULL;
}

ssize_t edge_sip_doc_presence(const struct lamp *lamp, const char *domain,
			      char buf[EDGE_SIP_DOC_MAX])
{
	const char *note, *activity = activity_of(lamp, &note);
	struct xml_writer w;
	char uri[URI_MAX];

	uri_of(lamp->number, domain, uri);
	xml_write_begin(&w, buf, EDGE_SIP_DOC_MAX);
	xml_open(&w, "presence");
	xml_attribute(&w, "xmlns", span_of(PIDF));
	xml_attribute(&w, "xmlns:dm", span_of(PIDF ":data-model"));
	xml_attribute(&w, "xmlns:rpid", span_of(PIDF ":rpid"));
	xml_attribute(&w, "entity", span_of(uri));
	xml_open(&w, "tuple");
	xml_attribute(&w, "id", span_of("phone"));
	xml_open(&w, "status");
	xml_leaf(&w, "basic", span_of(lamp->reachable ? "open" : "closed"));
	xml_close(&w);
	xml_leaf(&w, "contact", span_of(uri));
	xml_close(&w);
	if (note)
		xml_leaf(&w, "note", span_of(note));
	xml_open(&w, "dm:person");
	xml_attribute(&w, "id", span_of("user"));
	xml_open(&w, "rpid:activities");
	if (activity) {
		xml_open(&w, activity);
		xml_close(&w);
	}
	xml_close(&w);
	xml_close(&w);
	xml_close(&w);
	return xml_write_end(&w);
}

/* ---- messages ---- */

ssize_t edge_sip_doc_messages(const struct lamp *lamp, const char *domain,
			      char buf[EDGE_SIP_DOC_MAX])
{
	return snprintf(buf, EDGE_SIP_DOC_MAX,
			"Messages-Waiting: %s\r\n"
			"Message-Account: sip:%s@%s\r\n"
			"Voice-Message: %u/%u (0/0)\r\n",
			lamp->messages.fresh ? "yes" : "no", lamp->number,
			domain, lamp->messages.fresh, lamp->messages.old);
}

/* The line that begins with @name and a colon, its value. */
static bool line_of(struct span body, const char *name, struct span *ret)
{
	size_t len = strlen(name);

	while (body.n) {
		const char *end = memchr(body.p, '\n', body.n);
		size_t n = end ? (size_t)(end - body.p) : body.n;

		if (n > len && strncasecmp(body.p, name, len) == 0 &&
		    body.p[len] == ':') {
			*ret = (struct span){ body.p + len + 1, n - len - 1 };
			return true;
		}
		n += end ? 1 : 0;
		body = (struct span){ body.p + n, body.n - n };
	}
	return false;
}

static void skip_blanks(struct span *text)
{
	while (text->n && (*text->p == ' ' || *text->p == '\t'))
		*text = (struct span){ text->p + 1, text->n - 1 };
}

static bool take_number(struct span *text, unsigned int *ret)
{
	unsigned int value = 0;
	size_t digits = 0;

	skip_blanks(text);
	for (; text->n && *text->p >= '0' && *text->p <= '9'; digits++) {
		if (digits < 9)
			value = value * 10 + (*text->p - '0');
		*text = (struct span){ text->p + 1, text->n - 1 };
	}
	if (digits)
		*ret = value;
	return digits;
}

bool edge_sip_doc_read_messages(struct span body, unsigned int *ret_fresh,
				unsigned int *ret_old)
{
	unsigned int fresh, old = 0;
	struct span value;

	if (line_of(body, "Voice-Message", &value) &&
	    take_number(&value, &fresh) && value.n && *value.p == '/') {
		value = (struct span){ value.p + 1, value.n - 1 };
		if (take_number(&value, &old)) {
			*ret_fresh = fresh;
			*ret_old = old;
			return true;
		}
	}
	if (!line_of(body, "Messages-Waiting", &value))
		return false;
	skip_blanks(&value);
	*ret_fresh = value.n >= 3 && strncasecmp(value.p, "yes", 3) == 0;
	*ret_old = 0;
	return true;
}

/* ---- features ---- */

static ssize_t write_feature(const struct lamp *lamp, enum feature feature,
			     char *buf, size_t size)
{
	static const char *const types[_NUM_FEATURE] = {
		[FEATURE_FORWARD_ALWAYS] = "forwardImmediate",
		[FEATURE_FORWARD_BUSY] = "forwardBusy",
		[FEATURE_FORWARD_NO_ANSWER] = "forwardNoAns",
	};
	const char *to = lamp->features.forward[feature];
	struct xml_writer w;

	xml_write_begin(&w, buf, size);
	xml_open(&w, feature == FEATURE_DND ? "DoNotDisturbEvent"
					    : "ForwardingEvent");
	xml_attribute(&w, "xmlns", span_of(CSTA));
	xml_leaf(&w, "device", span_of(lamp->number));
	if (feature == FEATURE_DND) {
		xml_leaf(&w, "doNotDisturbOn",
			 span_of(lamp->features.dnd ? "true" : "false"));
	} else {
		xml_leaf(&w, "forwardingType", span_of(types[feature]));
		xml_leaf(&w, "forwardStatus", span_of(*to ? "true" : "false"));
		xml_leaf(&w, "forwardTo", span_of(to));
	}
	xml_close(&w);
	return xml_write_end(&w);
}

static bool is_new(const struct edge_sip_memory *memory,
		   const struct lamp *lamp, enum feature feature)
{
	const struct lamp *told = &memory->features;

	if (feature == FEATURE_DND)
		return told->features.dnd != lamp->features.dnd;
	return strcmp(told->features.forward[feature],
		      lamp->features.forward[feature]) != 0;
}

#define BOUNDARY "twind-feature"

/* @part: one of several. */
static ssize_t append(const struct lamp *lamp, enum feature feature, bool part,
		      char *buf, size_t n)
{
	static const char head[] =
		"--" BOUNDARY "\r\n"
		"Content-Type: application/x-as-feature-event+xml\r\n\r\n";
	size_t more = part ? sizeof(head) - 1 : 0;
	ssize_t len;

	if (EDGE_SIP_DOC_MAX - n < more)
		return -EMSGSIZE;
	memcpy(buf + n, head, more);
	n += more;
	len = write_feature(lamp, feature, buf + n, EDGE_SIP_DOC_MAX - n);
	return len < 0 ? len : (ssize_t)n + len;
}

ssize_t edge_sip_doc_features(struct edge_sip_memory *memory,
			      const struct lamp *lamp, bool full,
			      enum feature confirm, char buf[EDGE_SIP_DOC_MAX],
			      const char **ret_type)
{
	static const char tail[] = "--" BOUNDARY "--\r\n";
	bool told[_NUM_FEATURE] = { 0 };
	ssize_t n = 0;
	int i, parts = 0;

	full |= !memory->knows_features;
	for (i = FEATURE_DND; i < _NUM_FEATURE; i++)
		parts += told[i] = full || confirm == (enum feature)i ||
				   is_new(memory, lamp, i);
	for (i = FEATURE_DND; i < _NUM_FEATURE && n >= 0; i++)
		if (told[i])
			n = append(lamp, i, parts > 1, buf, n);
	if (parts > 1 && n > 0) {
		if (EDGE_SIP_DOC_MAX - n < (ssize_t)sizeof(tail))
			return -EMSGSIZE;
		memcpy(buf + n, tail, sizeof(tail) - 1);
		n += sizeof(tail) - 1;
	}
	memory->knows_features = true;
	memory->features = *lamp;
	*ret_type = parts > 1 ? "multipart/mixed;boundary=" BOUNDARY : NULL;
	return n;
}
