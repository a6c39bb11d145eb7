/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "sdp.h"
#include "session.h"

#define TEXT_MAX 4096
#define PTIME_MS 20
#define CLOCK_HZ 8000

#define EVENT_NAME "telephone-event"
#define EVENT_FMTP "0-15"
#define EVENT_PAYLOAD 101

#define DYNAMIC_FIRST 96
#define DYNAMIC_LAST 127

/* In order of preference. */
static const struct offered {
	enum media_codec codec;
	const char *name;
	uint8_t payload; /* ours, unless the peer named another first */
	bool offer;	 /* else understood only */
	bool aal2;	 /* whatever the configuration says of G.726 */
} codecs[SESSION_CODECS] = {
	{ MEDIA_G722, "G722", 9, true, false },
	{ MEDIA_PCMA, "PCMA", 8, true, false },
	{ MEDIA_PCMU, "PCMU", 0, true, false },
	{ MEDIA_G726, "G726-32", 96, true, false },
	{ MEDIA_G726, "AAL2-G726-32", 97, false, true },
};

struct session {
	struct media_addr local;
	uint64_t id, version;
	enum media_g726 g726;
	bool hold;
	bool offered;		     /* an offer of ours is or was out */
	int payload[SESSION_CODECS]; /* -1: no number given yet */
	int event_payload;
	unsigned int index; /* of our stream among the media */
	char *layout;	    /* the peer's offer, if it had more media */
	size_t layout_bytes;
	char *text; /* what we said last */
	size_t text_bytes;
	struct agreement agreed;
};

/* One audio stream of the peer's description, as far as it matters. */
struct theirs {
	unsigned int index;
	struct media_addr remote;
	uint16_t rtcp_port;
	bool sends, receives;
	int payload[SESSION_CODECS]; /* -1: not in it */
	int event_payload;
	unsigned int rank[SESSION_CODECS]; /* the order they name them in */
};

struct session *session_new(void *ctx, const struct media_addr *local,
			    uint64_t id, enum media_g726 g726)
{
	struct session *session = talloc_zero(ctx, struct session);
	unsigned int i;

	OSMO_ASSERT(session);
	session->local = *local;
	session->id = id >> 2; /* some read it as a signed number */
	session->g726 = g726;
	for (i = 0; i < SESSION_CODECS; i++)
		session->payload[i] = -1;
	session->event_payload = -1;
	return session;
}

void session_hold(struct session *session, bool hold)
{
	session->hold = hold;
}

bool session_is_on_hold(const struct session *session)
{
	return session->hold;
}

const struct agreement *session_agreed(const struct session *session)
{
	return &session->agreed;
}

/* ---- their words ---- */

static int read_address(const struct session *session,
			const struct sdp_media *media,
			struct media_addr *ret_addr)
{
	struct media_addr addr = { .family = media->connection.family,
				   .port = media->port };
	char text[INET6_ADDRSTRLEN];

	if (media->connection.address.n >= sizeof(text))
		return -ENOTSUP; /* a host name */
	memcpy(text, media->connection.address.p, media->connection.address.n);
	text[media->connection.address.n] = '\0';
	if (addr.family != session->local.family ||
	    inet_pton(addr.family, text, addr.ip) != 1)
		return -ENOTSUP;
	if (addr.family == AF_INET6 && addr.ip[0] == 0xfe &&
	    (addr.ip[1] & 0xc0) == 0x80)
		addr.scope = session->local.scope;
	*ret_addr = addr;
	return 0;
}

static void read_formats(const struct sdp_media *media, struct theirs *theirs)
{
	struct sdp_format formats[SDP_FORMATS_MAX];
	unsigned int n = sdp_formats(media, formats, SDP_FORMATS_MAX);
	unsigned int i, k;

	theirs->event_payload = -1;
	for (k = 0; k < SESSION_CODECS; k++)
		theirs->payload[k] = -1;

	for (i = 0; i < n; i++) {
		const struct sdp_format *format = &formats[i];

		if (format->clock_hz != CLOCK_HZ || format->channels > 1)
			continue;
		if (theirs->event_payload < 0 &&
		    span_case_is(format->encoding, EVENT_NAME))
			theirs->event_payload = format->payload;
		for (k = 0; k < SESSION_CODECS; k++) {
			if (theirs->payload[k] >= 0 ||
			    !span_case_is(format->encoding, codecs[k].name))
				continue;
			theirs->payload[k] = format->payload;
			theirs->rank[k] = i;
		}
	}
}

static int read_media(const struct session *session, const struct sdp *sdp,
		      unsigned int index, struct theirs *ret_theirs)
{
	const struct sdp_media *media = &sdp->media[index];
	struct theirs theirs = { .index = index };
	int rc;

	if (media->port == 0 || !span_is(media->type, "audio") ||
	    !span_is(media->proto, "RTP/AVP"))
		return -ENOTSUP;
	rc = read_address(session, media, &theirs.remote);
	if (rc)
		return rc;
	theirs.rtcp_port = media->rtcp_port;
	theirs.sends = media->direction == SDP_SENDRECV ||
		       media->direction == SDP_SENDONLY;
	theirs.receives = !media->zero && (media->direction == SDP_SENDRECV ||
					   media->direction == SDP_RECVONLY);
	read_formats(media, &theirs);
	*ret_theirs = theirs;
	return 0;
}

/* ---- our words ---- */

static bool is_taken(const struct session *session, int payload)
{
	unsigned int k;

	if (session->event_payload == payload)
		return true;
	for (k = 0; k < SESSION_CODECS; k++)
		if (session->payload[k] == payload)
			return true;
	return false;
}

static int number(const struct session *session, int wish)
{
	int payload;

	if (!is_taken(session, wish))
		return wish;
	for (payload = DYNAMIC_FIRST; payload <= DYNAMIC_LAST; payload++)
		if (!is_taken(session, payload))
			return payload;
	OSMO_ASSERT(false); /* there are six names and 32 numbers */
	return -1;
}

static enum sdp_direction direction(bool sending, bool receiving)
{
	if (sending)
		return receiving ? SDP_SENDRECV : SDP_SENDONLY;
	return receiving ? SDP_RECVONLY : SDP_INACTIVE;
}

static struct sdp_format format_of(unsigned int k, int payload)
{
	return (struct sdp_format){
		.payload = payload,
		.encoding = span_of(codecs[k].name),
		.clock_hz = CLOCK_HZ,
		.channels = 1,
	};
}

static struct sdp_format format_of_event(int payload)
{
	return (struct sdp_format){
		.payload = payload,
		.encoding = span_of(EVENT_NAME),
		.clock_hz = CLOCK_HZ,
		.channels = 1,
		.fmtp = span_of(EVENT_FMTP),
	};
}

/* @layout: a description with as many media as ours must have, or NULL. */
static ssize_t build(const struct session *session, const struct sdp *layout,
		     enum sdp_direction way, const struct sdp_format *formats,
		     unsigned int n_formats, uint64_t version, char *buf)
{
	char address[INET6_ADDRSTRLEN];
	struct sdp_session ours = {
		.origin = { .id = session->id,
			    .version = version,
			    .family = session->local.family,
			    .address = address },
		.port = session->local.port,
		.direction = way,
		.ptime_ms = PTIME_MS,
		.n_formats = n_formats,
		.formats = formats,
	};

	inet_ntop(session->local.family, session->local.ip, address,
		  sizeof(address));
	if (layout)
		return sdp_build_answer(layout, session->index, &ours, buf,
					TEXT_MAX);
	return sdp_build(&ours, buf, TEXT_MAX);
}

/* Say it, with a higher version if it is not what we said last. */
static int say(struct session *session, const struct sdp *layout,
	       enum sdp_direction way, const struct sdp_format *formats,
	       unsigned int n_formats, struct span *ret_text)
{
	char buf[TEXT_MAX];
	ssize_t n;

	n = build(session, layout, way, formats, n_formats, session->version,
		  buf);
	if (n > 0 && !(session->text_bytes == (size_t)n &&
		       memcmp(session->text, buf, n) == 0)) {
		session->version++;
		n = build(session, layout, way, formats, n_formats,
			  session->version, buf);
	}
	if (n < 0)
		return n;
	talloc_free(session->text);
	session->text = talloc_memdup(session, buf, n);
	OSMO_ASSERT(session->text);
	session->text_bytes = n;
	*ret_text = (struct span){ session->text, n };
	return 0;
}

int session_offer(struct session *session, struct span *ret_offer)
{
	struct sdp_format formats[SESSION_CODECS + 1];
	struct span layout = { session->layout, session->layout_bytes };
	struct sdp parsed;
	unsigned int k, n = 0;
	int rc;

	for (k = 0; k < SESSION_CODECS; k++) {
		if (session->payload[k] < 0 && !codecs[k].offer)
			continue;
		if (session->payload[k] < 0)
			session->payload[k] =
				number(session, codecs[k].payload);
		formats[n++] = format_of(k, session->payload[k]);
	}
	if (session->event_payload < 0)
		session->event_payload = number(session, EVENT_PAYLOAD);
	formats[n++] = format_of_event(session->event_payload);

	if (session->layout)
		OSMO_ASSERT(sdp_parse(&parsed, layout) == 0);
	rc = say(session, session->layout ? &parsed : NULL,
		 direction(true, !session->hold), formats, n, ret_offer);
	if (rc == 0)
		session->offered = true;
	return rc;
}

/* ---- agreement ---- */

static enum media_g726 packing(const struct session *session, unsigned int k)
{
	return codecs[k].aal2 ? MEDIA_G726_AAL2 : session->g726;
}

static void agree(struct session *session, const struct theirs *theirs,
		  unsigned int best)
{
	struct agreement *agreed = &session->agreed;

	agreed->codec = codecs[best].codec;
	agreed->packing = packing(session, best);
	agreed->payload_type = theirs->payload[best];
	agreed->event_tx = theirs->event_payload;
	agreed->event_rx =
		theirs->event_payload < 0 ? -1 : session->event_payload;
	agreed->remote = theirs->remote;
	agreed->rtcp_port = theirs->rtcp_port;
	agreed->sending = theirs->receives;
	agreed->receiving = theirs->sends && !session->hold;
	agreed->held = !theirs->receives;
}

static void may_come(struct session *session, unsigned int k)
{
	struct agreement *agreed = &session->agreed;

	agreed->rx[agreed->n_rx++] =
		(struct session_rx){ session->payload[k], codecs[k].codec,
				     packing(session, k) };
}

int session_accept(struct session *session, struct span answer)
{
	struct sdp sdp;
	struct theirs theirs;
	unsigned int k, best = SESSION_CODECS;
	int rc;

	if (!session->offered || sdp_parse(&sdp, answer) < 0 ||
	    sdp.n_media <= session->index)
		return -EBADMSG;
	rc = read_media(session, &sdp, session->index, &theirs);
	if (rc)
		return rc;

	/* They may have put what they like best first. */
	for (k = 0; k < SESSION_CODECS; k++) {
		if (session->payload[k] < 0 || theirs.payload[k] < 0)
			continue;
		if (best == SESSION_CODECS ||
		    theirs.rank[k] < theirs.rank[best])
			best = k;
	}
	if (best == SESSION_CODECS)
		return -ENOTSUP;

	agree(session, &theirs, best);
	session->agreed.n_rx = 0;
	for (k = 0; k < SESSION_CODECS; k++)
		if (session->payload[k] >= 0 && theirs.payload[k] >= 0)
			may_come(session, k);
	return 0;
}

/* The one in use, if it is there still; else the first of ours. */
static unsigned int choose(const struct session *session,
			   const struct theirs *theirs)
{
	unsigned int k, first = SESSION_CODECS;

	for (k = SESSION_CODECS; k-- > 0;) {
		if (theirs->payload[k] < 0)
			continue;
		if (codecs[k].codec == session->agreed.codec &&
		    packing(session, k) == session->agreed.packing)
			return k;
		first = k;
	}
	return first;
}

static void keep_layout(struct session *session, const struct sdp *sdp)
{
	TALLOC_FREE(session->layout);
	session->layout_bytes = 0;
	if (sdp->n_media < 2)
		return;
	session->layout = talloc_memdup(session, sdp->text.p, sdp->text.n);
	OSMO_ASSERT(session->layout);
	session->layout_bytes = sdp->text.n;
}

/* Their numbers are ours from now on; ours that clash are given up. */
static void learn_numbers(struct session *session, const struct theirs *theirs)
{
	unsigned int k, m;

	if (theirs->event_payload >= 0)
		session->event_payload = theirs->event_payload;
	for (k = 0; k < SESSION_CODECS; k++) {
		if (theirs->payload[k] < 0)
			continue;
		for (m = 0; m < SESSION_CODECS; m++)
			if (session->payload[m] == theirs->payload[k])
				session->payload[m] = -1;
		if (theirs->event_payload < 0 &&
		    session->event_payload == theirs->payload[k])
			session->event_payload = -1;
	}
	for (k = 0; k < SESSION_CODECS; k++) {
		if (theirs->payload[k] >= 0)
			session->payload[k] = theirs->payload[k];
		else if (session->payload[k] == session->event_payload)
			session->payload[k] = -1;
	}
}

int session_answer(struct session *session, struct span offer,
		   struct span *ret_answer)
{
	struct sdp_format formats[2];
	struct sdp sdp;
	struct theirs theirs;
	unsigned int i, best, n = 0;
	int rc = -ENOTSUP;

	if (sdp_parse(&sdp, offer) < 0)
		return -EBADMSG;
	for (i = 0; i < sdp.n_media && rc; i++)
		rc = read_media(session, &sdp, i, &theirs);
	if (rc)
		return rc;
	best = choose(session, &theirs);
	if (best == SESSION_CODECS)
		return -ENOTSUP;

	session->index = theirs.index;
	learn_numbers(session, &theirs);
	formats[n++] = format_of(best, theirs.payload[best]);
	if (theirs.event_payload >= 0)
		formats[n++] = format_of_event(theirs.event_payload);
	rc = say(session, &sdp,
		 direction(theirs.receives, theirs.sends && !session->hold),
		 formats, n, ret_answer);
	if (rc)
		return rc;

	keep_layout(session, &sdp);
	agree(session, &theirs, best);
	session->agreed.n_rx = 0;
	may_come(session, best);
	return 0;
}
