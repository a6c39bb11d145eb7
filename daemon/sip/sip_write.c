/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sip_write.c - see sip_write.h */
#include "sip_write.h"

#include <arpa/inet.h>
#include <errno.h>

#include "sip_scan.h"

/* ---- bytes ---- */

static void put(struct sip_writer *w, const char *p, size_t n)
{
	if (w->spoiled || n > w->size - w->n) {
		w->spoiled = true;
		return;
	}
	if (n)
		memcpy(w->buf + w->n, p, n);
	w->n += n;
}

#define PUT(w, literal) put(w, literal, sizeof(literal) - 1)

static void put_text(struct sip_writer *w, const char *text)
{
	put(w, text, strlen(text));
}

void sip_write_begin(struct sip_writer *w, char *buf, size_t size)
{
	*w = (struct sip_writer){ .buf = buf, .size = size };
}

void sip_write_raw(struct sip_writer *w, struct span text)
{
	size_t start = w->n;

	put(w, text.p, text.n);
	if (w->spoiled)
		return;
	for (size_t i = start; i < w->n; i++) {
		char c = w->buf[i];

		if (c == '\r' || c == '\n' || c == '\0')
			w->buf[i] = ' ';
	}
}

void sip_write_text(struct sip_writer *w, const char *text)
{
	sip_write_raw(w, span_of(text));
}

void sip_write_number(struct sip_writer *w, uint32_t number)
{
	char digits[10];
	size_t at = sizeof(digits);

	do {
		digits[--at] = '0' + number % 10;
		number /= 10;
	} while (number);
	put(w, digits + at, sizeof(digits) - at);
}

void sip_write_quoted(struct sip_writer *w, struct span text)
{
	PUT(w, "\"");
	for (size_t i = 0; i < text.n; i++) {
		if (sip_is(text.p[i], SIP_C_CONTROL))
			continue;
		if (text.p[i] == '"' || text.p[i] == '\\')
			PUT(w, "\\");
		put(w, text.p + i, 1);
	}
	PUT(w, "\"");
}

/* unreserved and user-unreserved (RFC 3261, 25.1), without ';' and '?' and
 * '/': allowed in a user part, and misread by many when they stand there. */
static bool plain_in_user(char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	       sip_is(c, SIP_C_DIGIT) || (c && strchr("-_.!~*'()&=+$,", c));
}

void sip_write_user(struct sip_writer *w, struct span user)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < user.n; i++) {
		unsigned char c = user.p[i];
		char escaped[3] = { '%', hex[c >> 4], hex[c & 15] };

		if (plain_in_user(user.p[i]))
			put(w, user.p + i, 1);
		else
			put(w, escaped, sizeof(escaped));
	}
}

void sip_write_host(struct sip_writer *w, const struct sip_addr *addr,
		    bool port)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(addr->family, addr->ip, text, sizeof(text))) {
		w->spoiled = true;
		return;
	}
	if (addr->family == AF_INET6)
		PUT(w, "[");
	put_text(w, text);
	if (addr->family == AF_INET6)
		PUT(w, "]");
	if (port) {
		PUT(w, ":");
		sip_write_number(w, addr->port);
	}
}

void sip_write_line_end(struct sip_writer *w)
{
	PUT(w, "\r\n");
}

/* ---- start lines and the end ---- */

void sip_write_request(struct sip_writer *w, const char *method,
		       struct span uri)
{
	sip_write_text(w, method);
	PUT(w, " ");
	sip_write_raw(w, uri);
	PUT(w, " SIP/2.0\r\n");
}

void sip_write_status(struct sip_writer *w, unsigned int status,
		      const char *reason)
{
	PUT(w, "SIP/2.0 ");
	sip_write_number(w, status);
	PUT(w, " ");
	sip_write_text(w, reason ? reason : sip_reason_phrase(status));
	sip_write_line_end(w);
}

ssize_t sip_write_end(struct sip_writer *w, const char *content_type,
		      struct span body)
{
	if (body.n && content_type && *content_type)
		sip_write_header(w, "Content-Type", span_of(content_type));
	sip_write_header_number(w, "Content-Length", (uint32_t)body.n);
	sip_write_line_end(w);
	put(w, body.p, body.n);
	return w->spoiled ? -EMSGSIZE : (ssize_t)w->n;
}

/* ---- header lines ---- */

void sip_write_header(struct sip_writer *w, const char *name, struct span value)
{
	sip_write_text(w, name);
	PUT(w, ": ");
	sip_write_raw(w, value);
	sip_write_line_end(w);
}

void sip_write_header_number(struct sip_writer *w, const char *name,
			     uint32_t number)
{
	sip_write_text(w, name);
	PUT(w, ": ");
	sip_write_number(w, number);
	sip_write_line_end(w);
}

void sip_write_cseq(struct sip_writer *w, uint32_t number, const char *method)
{
	PUT(w, "CSeq: ");
	sip_write_number(w, number);
	PUT(w, " ");
	sip_write_text(w, method);
	sip_write_line_end(w);
}

void sip_write_copy(struct sip_writer *w, const struct sip_msg *msg,
		    enum sip_header_id id)
{
	const struct sip_header *header;

	sip_msg_for_each(msg, id, header)
		sip_write_header(w, sip_header_name(id), header->value);
}

void sip_write_via(struct sip_writer *w, const struct sip_addr *local,
		   const char *branch)
{
	static const char *const transports[] = {
		[SIP_UDP] = "UDP",
		[SIP_TCP] = "TCP",
		[SIP_TLS] = "TLS",
	};

	PUT(w, "Via: SIP/2.0/");
	put_text(w, transports[local->transport]);
	PUT(w, " ");
	sip_write_host(w, local, true);
	PUT(w, ";branch=");
	sip_write_text(w, branch);
	PUT(w, ";rport\r\n");
}

void sip_write_name(struct sip_writer *w, const char *header,
		    const char *display, const char *user, const char *host,
		    uint16_t port, const char *tag)
{
	sip_write_text(w, header);
	PUT(w, ": ");
	if (display && *display) {
		sip_write_quoted(w, span_of(display));
		PUT(w, " ");
	}
	PUT(w, "<sip:");
	if (user && *user) {
		sip_write_user(w, span_of(user));
		PUT(w, "@");
	}
	sip_write_text(w, host);
	if (port) {
		PUT(w, ":");
		sip_write_number(w, port);
	}
	PUT(w, ">");
	if (tag && *tag) {
		PUT(w, ";tag=");
		sip_write_text(w, tag);
	}
	sip_write_line_end(w);
}

void sip_write_contact(struct sip_writer *w, const char *user,
		       const struct sip_addr *local)
{
	PUT(w, "Contact: <sip:");
	if (user && *user) {
		sip_write_user(w, span_of(user));
		PUT(w, "@");
	}
	sip_write_host(w, local, true);
	if (local->transport == SIP_TCP)
		PUT(w, ";transport=tcp");
	else if (local->transport == SIP_TLS)
		PUT(w, ";transport=tls");
	PUT(w, ">\r\n");
}

/* ---- answers ---- */

/* Is the sent-by a numeric address, and that of @from? */
static bool is_sent_by(const struct sip_via *via, const struct sip_addr *from)
{
	uint8_t ip[16];
	char text[INET6_ADDRSTRLEN];

	if (via->host.n >= sizeof(text))
		return false;
	memcpy(text, via->host.p, via->host.n);
	text[via->host.n] = '\0';
	return inet_pton(from->family, text, ip) == 1 &&
	       memcmp(ip, from->ip, from->family == AF_INET6 ? 16 : 4) == 0;
}

/* "received" has an address without brackets (RFC 3261, 25.1; 4475 aside). */
static void write_received(struct sip_writer *w, const struct sip_addr *from)
{
	char text[INET6_ADDRSTRLEN];

	PUT(w, ";received=");
	if (inet_ntop(from->family, from->ip, text, sizeof(text)))
		put_text(w, text);
}

/* The top Via as it came, but for received and rport, which say what we saw
 * and not what the sender would have us believe. */
static void write_top_via(struct sip_writer *w, const struct sip_via *via,
			  const struct sip_addr *from)
{
	struct span params = via->params, name, value;
	struct span head = via->text;

	if (params.n)
		head.n = params.p - head.p;
	sip_write_raw(w, sip_trim(head));
	while (sip_param_next(&params, &name, &value)) {
		if (span_case_is(name, "received") ||
		    span_case_is(name, "rport"))
			continue;
		PUT(w, ";");
		sip_write_raw(w, name);
		if (value.n) {
			PUT(w, "=");
			sip_write_raw(w, value);
		}
	}
	if (via->has_rport || !is_sent_by(via, from))
		write_received(w, from);
	if (via->has_rport) {
		PUT(w, ";rport=");
		sip_write_number(w, from->port);
	}
}

static void write_vias(struct sip_writer *w, const struct sip_msg *msg,
		       const struct sip_addr *from)
{
	const struct sip_header *header;

	sip_msg_for_each(msg, SIP_H_VIA, header)
	{
		struct span value = header->value;

		PUT(w, "Via: ");
		if (from && header == sip_msg_first(msg, SIP_H_VIA)) {
			const char *end = msg->via.text.p + msg->via.text.n;

			write_top_via(w, &msg->via, from);
			value = sip_after(value, end - value.p);
		}
		sip_write_raw(w, value);
		sip_write_line_end(w);
	}
}

void sip_write_answer(struct sip_writer *w, const struct sip_msg *request,
		      unsigned int status, const char *reason,
		      const char *to_tag, const struct sip_addr *from)
{
	sip_write_status(w, status, reason);
	write_vias(w, request, from);
	sip_write_header(w, "From", sip_msg_value(request, SIP_H_FROM));
	PUT(w, "To: ");
	sip_write_raw(w, sip_msg_value(request, SIP_H_TO));
	if (to_tag && !request->to.tag.n) {
		PUT(w, ";tag=");
		sip_write_text(w, to_tag);
	}
	sip_write_line_end(w);
	sip_write_header(w, "Call-ID", sip_msg_value(request, SIP_H_CALL_ID));
	sip_write_header(w, "CSeq", sip_msg_value(request, SIP_H_CSEQ));
}
