/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "announce.h"

#include <errno.h>
#include <sys/socket.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "sdp.h"

#define RATE_HZ 8000
#define SDP_BYTES_MAX 4096

struct speaker {
	struct llist_head entry;
	uint64_t leg;
};

struct announce {
	struct media *media;
	struct edge_ports ports;
	struct llist_head speakers; /* one a second at most, of each phone */
	char text[SDP_BYTES_MAX];
};

struct announce *announce_new(void *ctx, struct media *media,
			      const struct edge_ports *ports)
{
	struct announce *announce = talloc_zero(ctx, struct announce);

	OSMO_ASSERT(announce);
	announce->media = media;
	announce->ports = *ports;
	INIT_LLIST_HEAD(&announce->speakers);
	return announce;
}

static struct speaker *find(const struct announce *announce, uint64_t leg)
{
	struct speaker *speaker;

	llist_for_each_entry (speaker, &announce->speakers, entry)
		if (speaker->leg == leg)
			return speaker;
	return NULL;
}

bool announce_has(const struct announce *announce, uint64_t leg)
{
	return find(announce, leg);
}

/* An answer that is valid, and silent. */
static struct span reject(struct announce *announce, struct span offer)
{
	const struct sdp_origin origin = { 1, 1, AF_INET, "0.0.0.0" };
	struct sdp sdp;
	ssize_t n;

	if (!offer.n || sdp_parse(&sdp, offer))
		return (struct span){ 0 };
	n = sdp_reject(&sdp, &origin, announce->text, sizeof(announce->text));
	return n > 0 ? (struct span){ announce->text, n } : (struct span){ 0 };
}

static int open_endpoint(struct announce *announce, uint64_t leg)
{
	struct media_addr local;
	int rc = announce->ports.open(announce->ports.data, leg, &local);

	if (rc)
		return rc;
	rc = media_open(announce->media, leg, &local, RATE_HZ);
	if (rc)
		announce->ports.close(announce->ports.data, leg);
	return rc;
}

static void close_endpoint(struct announce *announce, uint64_t leg)
{
	media_close(announce->media, leg);
	announce->ports.close(announce->ports.data, leg);
}

static int speak(struct announce *announce, int64_t now_ms, uint64_t leg,
		 enum tone tone, struct span offer, struct span *ret_body)
{
	int rc = open_endpoint(announce, leg);

	if (rc)
		return rc;
	rc = offer.n ? media_answer(announce->media, now_ms, leg, offer,
				    ret_body)
		     : media_offer(announce->media, leg, ret_body);
	if (rc) {
		close_endpoint(announce, leg);
		return rc;
	}
	media_tone(announce->media, leg,
		   tone == TONE_CONFIRMATION ? MEDIA_TONE_CONFIRMATION
					     : MEDIA_TONE_REFUSAL);
	return 0;
}

int announce_begin(struct announce *announce, int64_t now_ms, uint64_t leg,
		   enum tone tone, struct span offer, struct span *ret_body)
{
	struct speaker *speaker;
	int rc;

	OSMO_ASSERT(!find(announce, leg)); /* one a leg, and its last */
	rc = speak(announce, now_ms, leg, tone, offer, ret_body);
	if (rc) {
		*ret_body = reject(announce, offer);
		return rc;
	}
	speaker = talloc_zero(announce, struct speaker);
	OSMO_ASSERT(speaker);
	speaker->leg = leg;
	llist_add_tail(&speaker->entry, &announce->speakers);
	return 0;
}

void announce_answered(struct announce *announce, int64_t now_ms, uint64_t leg,
		       struct span answer)
{
	/* What cannot be used is not heard, and a second later it is over. */
	if (find(announce, leg))
		media_accept(announce->media, now_ms, leg, answer);
}

void announce_end(struct announce *announce, uint64_t leg)
{
	struct speaker *speaker = find(announce, leg);

	if (!speaker)
		return;
	close_endpoint(announce, leg);
	llist_del(&speaker->entry);
	talloc_free(speaker);
}
