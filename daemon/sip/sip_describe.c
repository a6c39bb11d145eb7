/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_describe.c - one orderly session for each leg, whoever speaks
 *
 *     first speaker    o=anna 7 1 ...          goes through as it is
 *                      o=anna 7 2 ...          so do its changes
 *     second speaker   o=bob 99 5 ...   -->    o=anna 7 3 ...
 *                      o=bob 99 6 ...   -->    o=anna 7 4 ...
 *
 * As long as one party speaks, nothing is touched.  From the first word of
 * another on, the o= of the first stays, and its version counts the texts that
 * differ (RFC 3264, 8).  A medium that the first had and the other has not is
 * offered with port 0, and taken out of the answer again.
 */
#include <inttypes.h>
#include <osmocom/core/utils.h>
#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>

#include "sdp.h"
#include "sip_ua.h"

struct sip_shape {
	char *who;     /* "anna 7" and the address: who spoke first */
	char *address; /* " IN IP4 192.0.2.1" */
	uint64_t version;
	bool ours;   /* another has spoken: we count */
	char *said;  /* the last text of another, to see what differs */
	char *media; /* the most media that there were, as text */
	unsigned int n_media;
	unsigned int offered; /* media of the last offer as it was given us */
	char *text;	      /* what was made last */
};

static char *keep(void *ctx, char *old, struct span text)
{
	char *kept = talloc_strndup(ctx, text.p ? text.p : "", text.n);

	OSMO_ASSERT(kept);
	talloc_free(old);
	return kept;
}

/* "anna 7" + " IN IP4 192.0.2.1", with the version left out. */
static char *identity(void *ctx, const struct sdp *sdp,
		      struct span *ret_address)
{
	const char *at = sdp->origin_version.p + sdp->origin_version.n;
	const char *end = sdp->text.p + sdp->text.n;
	size_t n = 0;
	char *who;

	while (at + n < end && at[n] != '\r' && at[n] != '\n')
		n++;
	*ret_address = (struct span){ at, n };
	who = talloc_asprintf(ctx, SPAN_FMT " " SPAN_FMT SPAN_FMT,
			      SPAN_ARG(sdp->origin_user),
			      SPAN_ARG(sdp->origin_id), (int)n, at);
	OSMO_ASSERT(who);
	return who;
}

static uint64_t number(struct span text)
{
	uint64_t n = 0;

	for (size_t i = 0; i < text.n && text.p[i] >= '0' && text.p[i] <= '9';
	     i++)
		n = n * 10 + (text.p[i] - '0');
	return n;
}

static void note_media(struct sip_shape *shape, const struct sdp *sdp)
{
	if (sdp->n_media <= shape->n_media)
		return;
	shape->media = keep(shape, shape->media, sdp->text);
	shape->n_media = sdp->n_media;
}

static struct sip_shape *shape_new(struct sip_leg *leg, const struct sdp *sdp)
{
	struct sip_shape *shape = talloc_zero(leg, struct sip_shape);
	struct span address;

	OSMO_ASSERT(shape);
	shape->who = identity(shape, sdp, &address);
	shape->address = keep(shape, NULL, address);
	shape->version = number(sdp->origin_version);
	return shape;
}

/* Everything behind the o= line. */
static struct span behind_origin(const struct sdp *sdp)
{
	const char *end = sdp->text.p + sdp->text.n;
	const char *at = memchr(sdp->origin_id.p, '\n', end - sdp->origin_id.p);

	return at ? (struct span){ at + 1, end - (at + 1) }
		  : (struct span){ end, 0 };
}

/* "who" without its address: what stands before the version. */
static struct span user_and_id(const struct sip_shape *shape)
{
	return (struct span){ shape->who,
			      strlen(shape->who) - strlen(shape->address) };
}

static char *add_missing(char *text, const struct sip_shape *shape,
			 unsigned int from)
{
	struct sdp whole;

	if (from >= shape->n_media ||
	    sdp_parse(&whole, span_of(shape->media)) != 0)
		return text;
	for (unsigned int i = from; i < whole.n_media; i++) {
		const struct sdp_media *m = &whole.media[i];

		text = talloc_asprintf_append(
			text, "m=" SPAN_FMT " 0 " SPAN_FMT " " SPAN_FMT "\r\n",
			SPAN_ARG(m->type), SPAN_ARG(m->proto),
			SPAN_ARG(m->formats));
		OSMO_ASSERT(text);
	}
	return text;
}

static struct span rewrite(struct sip_shape *shape, const struct sdp *sdp,
			   bool offer)
{
	struct span rest = behind_origin(sdp);
	char *text;

	if (!shape->said || !span_is(rest, shape->said)) {
		shape->version++;
		shape->said = keep(shape, shape->said, rest);
	}
	text = talloc_asprintf(
		shape, "v=0\r\no=" SPAN_FMT " %" PRIu64 "%s\r\n" SPAN_FMT,
		SPAN_ARG(user_and_id(shape)), shape->version, shape->address,
		SPAN_ARG(rest));
	OSMO_ASSERT(text);
	if (offer)
		text = add_missing(text, shape, sdp->n_media);
	talloc_free(shape->text);
	shape->text = text;
	return span_of(text);
}

struct span sip_describe_out(struct sip_leg *leg, struct span text, bool offer)
{
	struct sip_shape *shape = leg->shape;
	struct span address;
	struct sdp sdp;
	bool same;
	char *who;

	if (offer && shape)
		shape->offered = 0;
	if (!text.n || sdp_parse(&sdp, text) != 0)
		return text; /* nothing we could better */
	if (!shape)
		shape = leg->shape = shape_new(leg, &sdp);
	if (offer)
		shape->offered = sdp.n_media;
	who = identity(shape, &sdp, &address);
	/* A phone may give all its calls one id: then the version tells. */
	same = strcmp(who, shape->who) == 0 &&
	       number(sdp.origin_version) >= shape->version;
	talloc_free(who);
	if (same && !shape->ours) {
		shape->version = number(sdp.origin_version);
		note_media(shape, &sdp);
		return text;
	}
	shape->ours = true;
	text = rewrite(shape, &sdp, offer);
	if (sdp_parse(&sdp, text) == 0)
		note_media(shape, &sdp);
	return text;
}

struct span sip_describe_in(struct sip_leg *leg, struct span text)
{
	struct sip_shape *shape = leg->shape;
	struct sdp sdp;

	if (!shape || !shape->ours || !text.n || !shape->offered ||
	    sdp_parse(&sdp, text) != 0 || sdp.n_media <= shape->offered)
		return text;
	text.n = sdp.media[shape->offered].text.p - text.p;
	return text;
}
