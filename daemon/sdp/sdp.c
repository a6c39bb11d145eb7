/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sdp.c - reading session descriptions; see sdp.h
 */
#include "sdp.h"

#include <errno.h>
#include <sys/socket.h>

#include "sdp_line.h"

/* ---- words ---- */

static bool number_of(struct span text, unsigned long max, unsigned long *ret)
{
	unsigned long number = 0;

	if (!text.n)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		number = number * 10 + (unsigned long)(text.p[i] - '0');
		if (number > max)
			return false;
	}
	*ret = number;
	return true;
}

static bool starts_with(struct span text, const char *prefix)
{
	size_t n = strlen(prefix);

	return text.n >= n && memcmp(text.p, prefix, n) == 0;
}

static const char *const directions[] = {
	[SDP_SENDRECV] = "sendrecv",
	[SDP_SENDONLY] = "sendonly",
	[SDP_RECVONLY] = "recvonly",
	[SDP_INACTIVE] = "inactive",
};

const char *sdp_direction_name(enum sdp_direction direction)
{
	return directions[direction];
}

enum sdp_direction sdp_mirror(enum sdp_direction direction)
{
	switch (direction) {
	case SDP_SENDONLY:
		return SDP_RECVONLY;
	case SDP_RECVONLY:
		return SDP_SENDONLY;
	default:
		return direction;
	}
}

bool sdp_is_direction(struct span value, enum sdp_direction *ret_direction)
{
	for (enum sdp_direction d = SDP_SENDRECV; d <= SDP_INACTIVE; d++) {
		if (span_is(value, directions[d])) {
			*ret_direction = d;
			return true;
		}
	}
	return false;
}

/* ---- lines ---- */

bool sdp_line_next(struct span *rest, struct sdp_line *ret_line)
{
	const char *end;
	struct span text;

	if (!rest->n)
		return false;
	end = memchr(rest->p, '\n', rest->n);
	text = (struct span){ rest->p,
			      end ? (size_t)(end - rest->p) : rest->n };
	*rest = (struct span){ rest->p + text.n + !!end,
			       rest->n - text.n - !!end };
	if (text.n && text.p[text.n - 1] == '\r')
		text.n--;
	ret_line->text = text;
	ret_line->type = text.n ? text.p[0] : '\0';
	ret_line->value = text.n > 2 ? (struct span){ text.p + 2, text.n - 2 }
				     : (struct span){ 0 };
	return true;
}

struct span sdp_word(struct span *rest)
{
	struct span word;

	while (rest->n && *rest->p == ' ') {
		rest->p++;
		rest->n--;
	}
	word = (struct span){ rest->p, 0 };
	while (rest->n && *rest->p != ' ') {
		rest->p++;
		rest->n--;
		word.n++;
	}
	return word;
}

static bool line_is_whole(const struct sdp_line *line)
{
	return line->text.n >= 2 && line->text.p[1] == '=' &&
	       line->type >= 'a' && line->type <= 'z' &&
	       !memchr(line->text.p, '\0', line->text.n) &&
	       !memchr(line->text.p, '\r', line->text.n);
}

/* ---- the single lines ---- */

/* "IN IP4 192.0.2.1", with "/ttl" for a group. */
static bool read_connection(struct span value, struct sdp_connection *ret)
{
	struct sdp_connection connection = { 0 };
	struct span net = sdp_word(&value), type = sdp_word(&value);
	const char *slash;

	connection.address = sdp_word(&value);
	if (!span_is(net, "IN") || !connection.address.n || sdp_word(&value).n)
		return false;
	if (span_is(type, "IP4"))
		connection.family = AF_INET;
	else if (span_is(type, "IP6"))
		connection.family = AF_INET6;
	else
		return false;
	slash = memchr(connection.address.p, '/', connection.address.n);
	if (slash)
		connection.address.n = slash - connection.address.p;
	if (!connection.address.n)
		return false;
	*ret = connection;
	return true;
}

/* "- 1 1 IN IP4 192.0.2.1" */
static bool read_origin(struct sdp *sdp, struct span value)
{
	struct sdp_connection unused;

	sdp->origin_user = sdp_word(&value);
	sdp->origin_id = sdp_word(&value);
	sdp->origin_version = sdp_word(&value);
	return read_connection(value, &unused);
}

/* "audio 49170/2 RTP/AVP 0 8" */
static bool read_media(struct sdp_media *media, struct span value)
{
	struct span port;
	const char *slash;
	unsigned long number;

	media->type = sdp_word(&value);
	port = sdp_word(&value);
	slash = port.n ? memchr(port.p, '/', port.n) : NULL;
	if (slash)
		port.n = slash - port.p;
	media->proto = sdp_word(&value);
	if (!number_of(port, UINT16_MAX, &number) || !media->proto.n)
		return false;
	media->port = (uint16_t)number;
	while (value.n && *value.p == ' ') {
		value.p++;
		value.n--;
	}
	while (value.n && value.p[value.n - 1] == ' ')
		value.n--;
	media->formats = value;
	return value.n > 0;
}

static void read_attribute(struct sdp_media *media, struct span value)
{
	struct span rest;
	unsigned long number;

	if (sdp_is_direction(value, &media->direction))
		return;
	if (span_is(value, "rtcp-mux")) {
		media->rtcp_mux = true;
	} else if (starts_with(value, "ptime:")) {
		rest = (struct span){ value.p + 6, value.n - 6 };
		if (number_of(sdp_word(&rest), 1000, &number))
			media->ptime_ms = (unsigned int)number;
	} else if (starts_with(value, "rtcp:")) {
		rest = (struct span){ value.p + 5, value.n - 5 };
		if (number_of(sdp_word(&rest), UINT16_MAX, &number))
			media->rtcp_port = (uint16_t)number;
	}
}

/* ---- the whole ---- */

static bool medium_is_whole(struct sdp_media *media)
{
	media->zero = span_is(media->connection.address, "0.0.0.0");
	return media->port == 0 || media->connection.family;
}

int sdp_parse(struct sdp *ret_sdp, struct span text)
{
	/* What the lines before the first m= say of all media. */
	struct sdp_media common = { 0 };
	struct sdp_media *media = NULL;
	struct span rest = text;
	struct sdp_line line;
	bool origin = false, name = false;
	struct sdp *sdp = ret_sdp;

	memset(sdp, 0, offsetof(struct sdp, media));
	sdp->text = text;
	sdp->head = text;
	if (!sdp_line_next(&rest, &line) || !span_is(line.text, "v=0"))
		return -EBADMSG;
	while (sdp_line_next(&rest, &line)) {
		if (!line.text.n && !rest.n)
			break; /* an empty line at the very end: seen, harmless
				*/
		if (!line_is_whole(&line))
			return -EBADMSG;
		switch (line.type) {
		case 'o':
			if (media || origin || !read_origin(sdp, line.value))
				return -EBADMSG;
			origin = true;
			break;
		case 's':
			if (media || name)
				return -EBADMSG;
			sdp->name = line.value;
			name = true;
			break;
		case 'c':
			/* Of several, of a layered group, the first. */
			if (media && media->own_connection)
				break;
			if (!read_connection(line.value,
					     media ? &media->connection
						   : &common.connection))
				return -EBADMSG;
			if (media)
				media->own_connection = true;
			break;
		case 'm':
			if (media && !medium_is_whole(media))
				return -EBADMSG;
			if (sdp->n_media == SDP_MEDIA_MAX)
				return -E2BIG;
			if (media)
				media->text.n = line.text.p - media->text.p;
			else
				sdp->head.n = line.text.p - text.p;
			media = &sdp->media[sdp->n_media++];
			*media = common;
			media->text = (struct span){ line.text.p,
						     (size_t)(text.p + text.n -
							      line.text.p) };
			if (!read_media(media, line.value))
				return -EBADMSG;
			break;
		case 'a':
			read_attribute(media ? media : &common, line.value);
			break;
		}
	}
	if (!origin || !name || (media && !medium_is_whole(media)))
		return -EBADMSG;
	return 0;
}

const struct sdp_media *sdp_find(const struct sdp *sdp, const char *type)
{
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		if (sdp->media[i].port && span_is(sdp->media[i].type, type))
			return &sdp->media[i];
	}
	return NULL;
}

bool sdp_attribute(struct span text, const char *name, struct span *ret_value)
{
	size_t n = strlen(name);
	struct sdp_line line;

	while (sdp_line_next(&text, &line)) {
		if (line.type != 'a' || !starts_with(line.value, name))
			continue;
		if (line.value.n == n) {
			*ret_value = (struct span){ 0 };
			return true;
		}
		if (line.value.p[n] == ':') {
			*ret_value = (struct span){ line.value.p + n + 1,
						    line.value.n - n - 1 };
			return true;
		}
	}
	return false;
}

/* ---- formats ---- */

/* Payload types that need no rtpmap (RFC 3551, 6).  2 was G721, which is
 * G726-32 under its old name, and phones still say it so. */
static const struct {
	unsigned int payload;
	const char *encoding;
	unsigned int clock_hz;
} well_known[] = {
	{ 0, "PCMU", 8000 }, { 2, "G726-32", 8000 }, { 3, "GSM", 8000 },
	{ 4, "G723", 8000 }, { 8, "PCMA", 8000 },    { 9, "G722", 8000 },
	{ 13, "CN", 8000 },  { 15, "G728", 8000 },   { 18, "G729", 8000 },
};

static void set_well_known(struct sdp_format *format)
{
	for (size_t i = 0; i < sizeof(well_known) / sizeof(well_known[0]);
	     i++) {
		if (well_known[i].payload == format->payload) {
			format->encoding = span_of(well_known[i].encoding);
			format->clock_hz = well_known[i].clock_hz;
		}
	}
}

/* "PCMA/8000", "opus/48000/2" */
static void read_rtpmap(struct sdp_format *format, struct span value)
{
	struct span map = sdp_word(&value), part;
	const char *slash = map.n ? memchr(map.p, '/', map.n) : NULL;
	unsigned long number;

	if (!slash)
		return;
	format->encoding = (struct span){ map.p, slash - map.p };
	part = (struct span){ slash + 1, map.n - format->encoding.n - 1 };
	slash = part.n ? memchr(part.p, '/', part.n) : NULL;
	if (slash) {
		struct span channels = { slash + 1,
					 part.n - (slash - part.p) - 1 };

		part.n = slash - part.p;
		if (number_of(channels, 255, &number) && number)
			format->channels = (unsigned int)number;
	}
	format->clock_hz = number_of(part, 1000000, &number) ? number : 0;
}

/* The first line of a format decides; a second one is not read. */
static void read_format_line(struct span value, struct sdp_format *formats,
			     unsigned int n, bool mapped[])
{
	bool rtpmap = starts_with(value, "rtpmap:");
	struct span payload;
	unsigned long number;

	if (!rtpmap && !starts_with(value, "fmtp:"))
		return;
	value = (struct span){ value.p + (rtpmap ? 7 : 5),
			       value.n - (rtpmap ? 7 : 5) };
	payload = sdp_word(&value);
	if (!number_of(payload, 127, &number))
		return;
	for (unsigned int i = 0; i < n; i++) {
		if (formats[i].payload != number)
			continue;
		if (rtpmap && !mapped[i]) {
			read_rtpmap(&formats[i], value);
			mapped[i] = true;
		} else if (!rtpmap && !formats[i].fmtp.n && value.n) {
			formats[i].fmtp =
				(struct span){ value.p + 1, value.n - 1 };
		}
	}
}

unsigned int sdp_formats(const struct sdp_media *media,
			 struct sdp_format *ret_formats, unsigned int max)
{
	bool mapped[SDP_FORMATS_MAX] = { false };
	struct span words = media->formats, rest = media->text;
	struct sdp_line line;
	unsigned int n = 0;
	unsigned long number;

	if (max > SDP_FORMATS_MAX)
		max = SDP_FORMATS_MAX;
	while (words.n && n < max) {
		if (!number_of(sdp_word(&words), 127, &number))
			continue;
		ret_formats[n] = (struct sdp_format){
			.payload = (unsigned int)number,
			.channels = 1,
		};
		set_well_known(&ret_formats[n++]);
	}
	while (sdp_line_next(&rest, &line)) {
		if (line.type == 'a')
			read_format_line(line.value, ret_formats, n, mapped);
	}
	return n;
}
