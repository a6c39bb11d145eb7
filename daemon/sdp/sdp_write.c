/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sdp_write.c - changing and writing session descriptions; see sdp.h
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

#include "sdp_line.h"

/* ---- text into a bounded buffer; the first overflow sticks ---- */

struct text {
	char *buf;
	size_t size, n;
	bool spoiled;
};

__attribute__((format(printf, 2, 3))) static void
line_out(struct text *out, const char *format, ...)
{
	size_t room = out->size - out->n;
	va_list args;
	int n;

	if (out->spoiled)
		return;
	va_start(args, format);
	n = vsnprintf(out->buf + out->n, room, format, args);
	va_end(args);
	/* vsnprintf() wants room for a NUL, which CRLF overwrites. */
	if (n < 0 || (size_t)n + 2 > room) {
		out->spoiled = true;
		return;
	}
	out->n += (size_t)n;
	out->buf[out->n++] = '\r';
	out->buf[out->n++] = '\n';
}

static ssize_t length_of(const struct text *out)
{
	return out->spoiled ? -EMSGSIZE : (ssize_t)out->n;
}

static void connection_out(struct text *out, uint8_t family,
			   const char *address)
{
	line_out(out, "c=IN %s %s", family == AF_INET6 ? "IP6" : "IP4",
		 address);
}

/* ---- changing ---- */

/* What is wished for one medium, of all edits that name it. */
static struct sdp_edit wishes_for(int media, const struct sdp_edit *edits,
				  unsigned int n_edits)
{
	struct sdp_edit wish = { .media = media };

	for (unsigned int i = 0; i < n_edits; i++) {
		const struct sdp_edit *edit = &edits[i];

		if (edit->media != -1 && edit->media != media)
			continue;
		if (edit->set_port) {
			wish.set_port = true;
			wish.port = edit->port;
		}
		if (edit->set_connection) {
			wish.set_connection = true;
			wish.family = edit->family;
			wish.address = edit->address;
		}
		if (edit->set_direction) {
			wish.set_direction = true;
			wish.direction = edit->direction;
		}
	}
	return wish;
}

static void change_head(struct text *out, const struct sdp *sdp,
			const struct sdp_edit *wish)
{
	struct span rest = sdp->head;
	struct sdp_line line;

	while (sdp_line_next(&rest, &line)) {
		if (line.type == 'c' && wish->set_connection)
			connection_out(out, wish->family, wish->address);
		else if (line.text.n)
			line_out(out, SPAN_FMT, SPAN_ARG(line.text));
	}
}

/* Only the number changes, a count of ports and the formats stay. */
static void media_line_out(struct text *out, struct span value, uint16_t port)
{
	struct span type = sdp_word(&value), old = sdp_word(&value);
	const char *slash = memchr(old.p, '/', old.n);
	struct span count = { 0 };

	if (slash)
		count = (struct span){ slash, old.n - (slash - old.p) };
	line_out(out, "m=" SPAN_FMT " %u" SPAN_FMT SPAN_FMT, SPAN_ARG(type),
		 port, SPAN_ARG(count), SPAN_ARG(value));
}

static void change_media(struct text *out, const struct sdp_media *media,
			 const struct sdp_edit *wish, bool in_head)
{
	enum sdp_direction old;
	struct span rest = media->text;
	struct sdp_line line;
	bool connection_due =
		wish->set_connection && !media->own_connection && !in_head;
	bool direction_due = wish->set_direction;

	while (sdp_line_next(&rest, &line)) {
		/* Order (RFC 8866, 5): m, i, c, the others. */
		if (connection_due && line.type != 'm' && line.type != 'i') {
			connection_out(out, wish->family, wish->address);
			connection_due = false;
		}
		if (!line.text.n) {
			continue;
		} else if (line.type == 'm' && wish->set_port) {
			media_line_out(out, line.value, wish->port);
		} else if (line.type == 'c' && wish->set_connection) {
			connection_out(out, wish->family, wish->address);
		} else if (line.type == 'a' && wish->set_direction &&
			   sdp_is_direction(line.value, &old)) {
			if (direction_due)
				line_out(out, "a=%s",
					 sdp_direction_name(wish->direction));
			direction_due = false;
		} else if (line.type == 'a' &&
			   (wish->set_port || wish->set_connection) &&
			   line.value.n >= 5 &&
			   memcmp(line.value.p, "rtcp:", 5) == 0) {
			/* It told of the address that is no more. */
			continue;
		} else {
			line_out(out, SPAN_FMT, SPAN_ARG(line.text));
		}
	}
	if (connection_due)
		connection_out(out, wish->family, wish->address);
	if (direction_due)
		line_out(out, "a=%s", sdp_direction_name(wish->direction));
}

ssize_t sdp_change(const struct sdp *sdp, const struct sdp_edit *edits,
		   unsigned int n_edits, char *buf, size_t size)
{
	struct text out = { .buf = buf, .size = size };
	struct sdp_edit all = wishes_for(-1, edits, n_edits);
	bool in_head = false;
	struct span rest = sdp->head;
	struct sdp_line line;

	while (sdp_line_next(&rest, &line))
		in_head |= line.type == 'c';
	change_head(&out, sdp, &all);
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		struct sdp_edit wish = wishes_for((int)i, edits, n_edits);
		/* The head's line serves only who wants just that. */
		bool served = in_head && all.set_connection &&
			      wish.address == all.address;

		change_media(&out, &sdp->media[i], &wish, served);
	}
	return length_of(&out);
}

/* ---- writing ---- */

static void head_out(struct text *out, const struct sdp_origin *origin,
		     const char *name, struct span time)
{
	line_out(out, "v=0");
	line_out(out, "o=- %" PRIu64 " %" PRIu64 " IN %s %s", origin->id,
		 origin->version, origin->family == AF_INET6 ? "IP6" : "IP4",
		 origin->address);
	line_out(out, "s=%s", name ? name : "-");
	connection_out(out, origin->family, origin->address);
	line_out(out, "t=" SPAN_FMT, SPAN_ARG(time));
}

static void session_media_out(struct text *out,
			      const struct sdp_session *session,
			      struct span proto)
{
	char list[SDP_FORMATS_MAX * 4 + 1] = "";
	size_t n = 0;

	for (unsigned int i = 0;
	     i < session->n_formats && n + 5 <= sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, " %u",
				      session->formats[i].payload & 127);
	line_out(out, "m=audio %u " SPAN_FMT "%s", session->port,
		 SPAN_ARG(proto), list);
	for (unsigned int i = 0; i < session->n_formats; i++) {
		const struct sdp_format *format = &session->formats[i];
		char channels[8] = "";

		if (format->channels > 1)
			snprintf(channels, sizeof(channels), "/%u",
				 format->channels & 255);
		if (format->encoding.n)
			line_out(out, "a=rtpmap:%u " SPAN_FMT "/%u%s",
				 format->payload & 127,
				 SPAN_ARG(format->encoding), format->clock_hz,
				 channels);
		if (format->fmtp.n)
			line_out(out, "a=fmtp:%u " SPAN_FMT,
				 format->payload & 127, SPAN_ARG(format->fmtp));
	}
	if (session->ptime_ms)
		line_out(out, "a=ptime:%u", session->ptime_ms);
	line_out(out, "a=%s", sdp_direction_name(session->direction));
}

ssize_t sdp_build(const struct sdp_session *session, char *buf, size_t size)
{
	struct text out = { .buf = buf, .size = size };

	head_out(&out, &session->origin, session->name, span_of("0 0"));
	session_media_out(&out, session, span_of("RTP/AVP"));
	return length_of(&out);
}

/* The time of an answer is that of its offer (RFC 3264, 6). */
static struct span time_of(const struct sdp *offer)
{
	struct span rest = offer->head;
	struct sdp_line line;

	while (sdp_line_next(&rest, &line)) {
		if (line.type == 't' && line.value.n)
			return line.value;
	}
	return span_of("0 0");
}

/* Each medium of the offer, refused but for @accepted, if any. */
static ssize_t answer_out(const struct sdp *offer, int accepted,
			  const struct sdp_origin *origin, const char *name,
			  const struct sdp_session *session, char *buf,
			  size_t size)
{
	struct text out = { .buf = buf, .size = size };

	head_out(&out, origin, name, time_of(offer));
	for (int i = 0; i < (int)offer->n_media; i++) {
		const struct sdp_media *media = &offer->media[i];

		if (i == accepted)
			session_media_out(&out, session, media->proto);
		else
			line_out(&out,
				 "m=" SPAN_FMT " 0 " SPAN_FMT " " SPAN_FMT,
				 SPAN_ARG(media->type), SPAN_ARG(media->proto),
				 SPAN_ARG(media->formats));
	}
	return length_of(&out);
}

ssize_t sdp_build_answer(const struct sdp *offer, unsigned int accepted,
			 const struct sdp_session *session, char *buf,
			 size_t size)
{
	return answer_out(offer, (int)accepted, &session->origin, session->name,
			  session, buf, size);
}

ssize_t sdp_reject(const struct sdp *offer, const struct sdp_origin *origin,
		   char *buf, size_t size)
{
	return answer_out(offer, -1, origin, NULL, NULL, buf, size);
}
