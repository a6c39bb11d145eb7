/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <talloc.h>

#include <osmocom/core/hashtable.h>
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/utils.h>

#include "codec.h"
#include "dtmf.h"
#include "media.h"
#include "pcm.h"
#include "peer.h"
#include "play.h"
#include "queue.h"
#include "rtcp.h"
#include "rtp.h"
#include "session.h"
#include "tone.h"

#define LEGS_DEFAULT 1000
#define JITTER_MIN_DEFAULT_MS 20
#define JITTER_MAX_DEFAULT_MS 200

#define FRAME_TICKS (MEDIA_FRAME_MS * RTP_TICKS_PER_MS)
#define PIECE_MS_MAX 60

/* The handset is silent for so long: our own clock steps in. */
#define SILENT_MS 60

/* Nothing was sent for so long: the timestamp follows the clock again. */
#define STOPPED_MS 200

/* After a pause of our own, at most so many turns are made up for. */
#define TURNS_MAX 5

#define RTCP_MS 5000

#define PACKET_BYTES_MAX 320
#define PACKETS_MAX 8192
#define SOUNDS_MAX 8192
#define EVENTS_MAX 1024

struct sender {
	uint32_t ssrc;
	uint16_t seq;
	uint32_t timestamp; /* of the next 20 ms */
	bool begun;
	int64_t sent_ms, heard_ms; /* the network; the microphone */
	uint64_t packets, bytes;
	struct codec *codec;
	enum media_codec kind;
	enum media_g726 packing;
	struct resampler *resampler;
	struct pcm pcm; /* at the codec's rate */
	struct dtmf_tx dtmf;
	struct tone_state tone;
};

struct receiver {
	struct rtcp_source source;
	uint64_t packets, lost_before; /* of earlier SSRCs */
	struct play *play;
	enum media_codec kind;
	enum media_g726 packing;
	struct resampler *resampler;
	struct pcm pcm; /* at the handset's rate */
	struct dtmf_rx dtmf;
};

struct leg {
	struct hlist_node node; /* in media->legs */
	struct llist_head turn; /* in media->turns, once negotiated */
	uint64_t id;
	unsigned int rate_hz; /* of the handset */
	struct session *session;
	struct peer peer;
	struct sender tx;
	struct receiver rx;
	bool started;
	int64_t turn_ms;
	int64_t report_ms;
	char cname[20];
};

struct packet {
	uint64_t leg;
	bool rtcp;
	struct media_addr to;
	size_t len;
	uint8_t data[PACKET_BYTES_MAX];
};

struct sound {
	uint64_t leg;
	unsigned int rate_hz;
	size_t samples;
	int16_t pcm[MEDIA_FRAME_SAMPLES_MAX];
};

struct media {
	struct media_config config;
	uint64_t dice;
	DECLARE_HASHTABLE(legs, 8);
	/*
	 * All legs take their turn every 20 ms, so who has had it goes to the
	 * end: the list stays in order of time.
	 */
	struct llist_head turns;
	struct queue packets, sounds, events;
	struct media_counts counts;
};

static const char *const codec_names[] = {
	[MEDIA_NONE] = "none", [MEDIA_G722] = "G722",	 [MEDIA_PCMA] = "PCMA",
	[MEDIA_PCMU] = "PCMU", [MEDIA_G726] = "G726-32",
};

const char *media_codec_name(enum media_codec codec)
{
	return codec_names[codec];
}

struct media *media_new(void *ctx, const struct media_config *config)
{
	struct media *media = talloc_zero(ctx, struct media);

	OSMO_ASSERT(media);
	media->config = *config;
	if (!media->config.legs)
		media->config.legs = LEGS_DEFAULT;
	if (!media->config.jitter_min_ms)
		media->config.jitter_min_ms = JITTER_MIN_DEFAULT_MS;
	if (!media->config.jitter_max_ms)
		media->config.jitter_max_ms = JITTER_MAX_DEFAULT_MS;
	media->dice = config->seed;
	hash_init(media->legs);
	INIT_LLIST_HEAD(&media->turns);
	queue_begin(&media->packets, media, sizeof(struct packet), PACKETS_MAX);
	queue_begin(&media->sounds, media, sizeof(struct sound), SOUNDS_MAX);
	queue_begin(&media->events, media, sizeof(struct media_event),
		   EVENTS_MAX);
	return media;
}

void media_free(struct media *media)
{
	talloc_free(media);
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t throw_dice(struct media *media)
{
	uint64_t z = media->dice += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static struct leg *leg_find(const struct media *media, uint64_t id)
{
	struct leg *leg;

	hash_for_each_possible(media->legs, leg, node,
			       id) if (leg->id == id) return leg;
	return NULL;
}

int media_open(struct media *media, uint64_t id, const struct media_addr *local,
	       unsigned int rate_hz)
{
	struct leg *leg;

	OSMO_ASSERT(rate_hz == 8000 || rate_hz == 16000);
	if (leg_find(media, id))
		return -EEXIST;
	if (media->counts.legs == media->config.legs) {
		media->counts.limited++;
		return -ENOSPC;
	}

	leg = talloc_zero(media, struct leg);
	OSMO_ASSERT(leg);
	leg->id = id;
	leg->rate_hz = rate_hz;
	leg->session =
		session_new(leg, local, throw_dice(media), media->config.g726);
	leg->tx.ssrc = throw_dice(media);
	leg->tx.seq = throw_dice(media);
	leg->tx.timestamp = throw_dice(media);
	snprintf(leg->cname, sizeof(leg->cname), "%016" PRIx64,
		 throw_dice(media));
	hash_add(media->legs, &leg->node, id);
	media->counts.legs++;
	return 0;
}

void media_close(struct media *media, uint64_t id)
{
	struct leg *leg = leg_find(media, id);

	if (!leg)
		return;
	hash_del(&leg->node);
	if (leg->started)
		llist_del(&leg->turn);
	talloc_free(leg);
	if (--media->counts.legs > 0)
		return;
	queue_clear(&media->packets);
	queue_clear(&media->sounds);
	queue_clear(&media->events);
}

/* ---- negotiation ---- */

static void sender_set(struct leg *leg, const struct agreement *agreed)
{
	struct sender *tx = &leg->tx;

	if (tx->codec && tx->kind == agreed->codec &&
	    tx->packing == agreed->packing)
		return;
	codec_free(tx->codec);
	resampler_free(tx->resampler);
	tx->kind = agreed->codec;
	tx->packing = agreed->packing;
	tx->codec = codec_new(leg, tx->kind, tx->packing);
	tx->resampler =
		resampler_new(leg, leg->rate_hz, codec_rate_hz(tx->kind));
	tx->pcm.n = 0;
}

static void receiver_set(struct media *media, struct leg *leg,
			 enum media_codec kind, enum media_g726 packing)
{
	struct receiver *rx = &leg->rx;

	if (rx->play && rx->kind == kind && rx->packing == packing)
		return;
	play_free(rx->play);
	resampler_free(rx->resampler);
	rx->kind = kind;
	rx->packing = packing;
	rx->play = play_new(leg, kind, packing, media->config.jitter_min_ms,
			    media->config.jitter_max_ms);
	rx->resampler = resampler_new(leg, codec_rate_hz(kind), leg->rate_hz);
}

static void turn_at(struct media *media, struct leg *leg, int64_t turn_ms)
{
	struct llist_head *before = media->turns.prev;

	leg->turn_ms = turn_ms;
	while (before != &media->turns &&
	       llist_entry(before, struct leg, turn)->turn_ms > turn_ms)
		before = before->prev;
	llist_add(&leg->turn, before);
}

static void apply(struct media *media, struct leg *leg, int64_t now_ms)
{
	const struct agreement *agreed = session_agreed(leg->session);

	peer_set(&leg->peer, &agreed->remote);
	sender_set(leg, agreed);
	receiver_set(media, leg, agreed->codec, agreed->packing);
	if (!agreed->sending)
		leg->tx.dtmf = (struct dtmf_tx){ 0 };
	if (leg->started)
		return;
	leg->started = true;
	leg->tx.heard_ms = leg->tx.sent_ms = now_ms;
	leg->report_ms = now_ms + RTCP_MS;
	turn_at(media, leg, now_ms + MEDIA_FRAME_MS);
}

int media_offer(struct media *media, uint64_t id, struct span *ret_offer)
{
	struct leg *leg = leg_find(media, id);

	if (!leg)
		return -ENOENT;
	return session_offer(leg->session, ret_offer);
}

int media_accept(struct media *media, int64_t now_ms, uint64_t id,
		 struct span answer)
{
	struct leg *leg = leg_find(media, id);
	int rc;

	if (!leg)
		return -ENOENT;
	rc = session_accept(leg->session, answer);
	if (rc == 0)
		apply(media, leg, now_ms);
	return rc;
}

int media_answer(struct media *media, int64_t now_ms, uint64_t id,
		 struct span offer, struct span *ret_answer)
{
	struct leg *leg = leg_find(media, id);
	int rc;

	if (!leg)
		return -ENOENT;
	rc = session_answer(leg->session, offer, ret_answer);
	if (rc == 0)
		apply(media, leg, now_ms);
	return rc;
}

void media_hold(struct media *media, uint64_t id, bool hold)
{
	struct leg *leg = leg_find(media, id);

	if (leg)
		session_hold(leg->session, hold);
}

/* ---- to the network ---- */

static struct packet *packet_new(struct media *media, const struct leg *leg)
{
	struct packet *packet = queue_push(&media->packets);

	if (!packet) {
		media->counts.dropped++;
		return NULL;
	}
	packet->leg = leg->id;
	packet->rtcp = false;
	packet->to = leg->peer.send_to;
	return packet;
}

static void send_rtp(struct media *media, struct leg *leg,
		     const struct rtp *rtp)
{
	struct packet *packet = packet_new(media, leg);

	leg->tx.seq++; /* a packet that we lose is a lost packet */
	if (!packet)
		return;
	rtp_write(packet->data, rtp);
	memcpy(packet->data + RTP_HEADER_BYTES, rtp->payload,
	       rtp->payload_bytes);
	packet->len = RTP_HEADER_BYTES + rtp->payload_bytes;
	leg->tx.packets++;
	leg->tx.bytes += rtp->payload_bytes;
	media->counts.tx++;
}

static void send_speech(struct media *media, struct leg *leg,
			uint32_t timestamp, bool marker, const int16_t *pcm)
{
	static const int16_t silence[MEDIA_FRAME_SAMPLES_MAX];
	struct sender *tx = &leg->tx;
	size_t samples = codec_rate_hz(tx->kind) / 1000 * MEDIA_FRAME_MS;
	uint8_t payload[PACKET_BYTES_MAX - RTP_HEADER_BYTES];
	struct rtp rtp = {
		.marker = marker,
		.payload_type = session_agreed(leg->session)->payload_type,
		.seq = tx->seq,
		.timestamp = timestamp,
		.ssrc = tx->ssrc,
		.payload = payload,
	};

	rtp.payload_bytes =
		codec_encode(tx->codec, payload, pcm ? pcm : silence, samples);
	send_rtp(media, leg, &rtp);
}

static void send_key(struct media *media, struct leg *leg, uint32_t timestamp)
{
	struct dtmf_packet key;
	struct rtp rtp = {
		.payload_type = session_agreed(leg->session)->event_tx,
		.seq = leg->tx.seq,
		.ssrc = leg->tx.ssrc,
		.payload = key.payload,
		.payload_bytes = sizeof(key.payload),
	};

	if (!dtmf_next(&leg->tx.dtmf, timestamp, &key))
		return;
	rtp.marker = key.marker;
	rtp.timestamp = key.timestamp;
	send_rtp(media, leg, &rtp);
}

/* The next 20 ms of what we send; @pcm at the codec's rate, NULL: silence. */
static void send_turn(struct media *media, struct leg *leg, int64_t now_ms,
		      const int16_t *pcm)
{
	struct sender *tx = &leg->tx;
	int64_t pause_ms = now_ms - tx->sent_ms;
	bool marker = !tx->begun;
	uint32_t timestamp;

	if (tx->begun && pause_ms > STOPPED_MS) {
		tx->timestamp +=
			(uint32_t)(pause_ms / MEDIA_FRAME_MS - 1) * FRAME_TICKS;
		marker = true;
	}
	timestamp = tx->timestamp;
	tx->timestamp += FRAME_TICKS;
	tx->sent_ms = now_ms;
	tx->begun = true;

	if (dtmf_busy(&tx->dtmf))
		send_key(media, leg, timestamp);
	else
		send_speech(media, leg, timestamp, marker, pcm);
}

void media_frame(struct media *media, int64_t now_ms, uint64_t id,
		 const int16_t *pcm, size_t samples)
{
	int16_t frame[MEDIA_FRAME_SAMPLES_MAX];
	struct leg *leg = leg_find(media, id);
	size_t most, due;

	if (!leg || !leg->started)
		return;
	leg->tx.heard_ms = now_ms;
	if (!session_agreed(leg->session)->sending) {
		leg->tx.pcm.n = 0;
		return;
	}

	most = leg->rate_hz / 1000 * PIECE_MS_MAX;
	due = codec_rate_hz(leg->tx.kind) / 1000 * MEDIA_FRAME_MS;
	resampler_put(leg->tx.resampler, &leg->tx.pcm, pcm,
		      OSMO_MIN(samples, most));
	while (leg->tx.pcm.n >= due) {
		pcm_take(&leg->tx.pcm, frame, due);
		send_turn(media, leg, now_ms,
			  session_is_on_hold(leg->session) ? NULL : frame);
	}
}

int media_dtmf(struct media *media, int64_t now_ms, uint64_t id, char digit,
	       unsigned int ms)
{
	struct leg *leg = leg_find(media, id);
	const struct agreement *agreed;

	if (!leg)
		return -ENOENT;
	agreed = session_agreed(leg->session);
	if (!leg->started || !agreed->sending || agreed->event_tx < 0)
		return -ENOTSUP;
	return dtmf_press(&leg->tx.dtmf, digit, ms);
}

void media_tone(struct media *media, uint64_t id, enum media_tone tone)
{
	struct leg *leg = leg_find(media, id);

	if (leg)
		leg->tx.tone = (struct tone_state){ .which = tone };
}

static void send_report(struct media *media, struct leg *leg, int64_t now_ms)
{
	struct packet *packet = packet_new(media, leg);
	struct rtcp_sender sender = {
		.ssrc = leg->tx.ssrc,
		.timestamp = leg->tx.timestamp,
		.packets = leg->tx.packets,
		.bytes = leg->tx.bytes,
		.cname = leg->cname,
	};
	const struct agreement *agreed = session_agreed(leg->session);

	if (!packet)
		return;
	packet->rtcp = true;
	if (agreed->rtcp_port && leg->peer.state != PEER_ST_LEARNED)
		packet->to.port = agreed->rtcp_port;
	else
		packet->to.port++;
	packet->len =
		rtcp_write(packet->data, now_ms, &sender, &leg->rx.source);
}

/* ---- from the network ---- */

static void tell_key(struct media *media, const struct leg *leg,
		     const struct dtmf_key *key)
{
	struct media_event *event = queue_push(&media->events);

	if (!event) {
		media->counts.dropped++;
		return;
	}
	*event = (struct media_event){ leg->id, key->digit, key->ms };
}

static const struct session_rx *find_format(const struct agreement *agreed,
					    unsigned int payload_type)
{
	unsigned int i;

	for (i = 0; i < agreed->n_rx; i++)
		if (agreed->rx[i].payload_type == payload_type)
			return &agreed->rx[i];
	return NULL;
}

static bool stream_goes_on(struct leg *leg, int64_t now_ms,
			   const struct rtp *rtp)
{
	uint64_t lost = rtcp_source_lost(&leg->rx.source);

	switch (rtcp_source_rx(&leg->rx.source, now_ms, rtp)) {
	case RTCP_ON_PROBATION:
		return false;
	case RTCP_BEGINS:
		leg->rx.lost_before += lost;
		leg->rx.dtmf.known = false;
		play_reset(leg->rx.play);
		return true;
	case RTCP_GOES_ON:
		return true;
	}
	return false;
}

static void rx_rtp(struct media *media, struct leg *leg, int64_t now_ms,
		   const struct media_addr *from, const struct rtp *rtp)
{
	const struct agreement *agreed = session_agreed(leg->session);
	const struct session_rx *format =
		find_format(agreed, rtp->payload_type);
	bool is_key = agreed->event_rx == rtp->payload_type;
	struct dtmf_key key;

	if (!format && !is_key) {
		media->counts.rx_bad++;
		return;
	}
	if (!peer_hears(&leg->peer, from, rtp)) {
		media->counts.rx_stranger++;
		return;
	}
	media->counts.rx++;
	leg->rx.packets++;
	if (!stream_goes_on(leg, now_ms, rtp))
		return;
	if (is_key) {
		if (dtmf_rx(&leg->rx.dtmf, now_ms, rtp->timestamp, rtp->payload,
			    rtp->payload_bytes, &key))
			tell_key(media, leg, &key);
		return;
	}
	if (!agreed->receiving || session_is_on_hold(leg->session))
		return;
	receiver_set(media, leg, format->codec, format->packing);
	if (!play_put(leg->rx.play, rtp->timestamp, rtp->payload,
		      rtp->payload_bytes))
		media->counts.rx_bad++;
}

void media_rx(struct media *media, int64_t now_ms, uint64_t id,
	      const struct media_addr *from, bool rtcp, const uint8_t *data,
	      size_t len)
{
	struct leg *leg = leg_find(media, id);
	struct rtp rtp;

	if (!leg)
		media->counts.rx_gone++;
	/* RTCP on the port of RTP shows by its type (RFC 5761, 4). */
	else if (rtcp || (len > 1 && data[1] >= 192 && data[1] <= 223))
		media->counts.rx_rtcp++;
	else if (!leg->started)
		media->counts.rx_stranger++;
	else if (rtp_parse(&rtp, data, len) < 0)
		media->counts.rx_bad++;
	else
		rx_rtp(media, leg, now_ms, from, &rtp);
}

/* ---- time ---- */

static void sound_turn(struct media *media, struct leg *leg)
{
	int16_t pcm[MEDIA_FRAME_SAMPLES_MAX];
	size_t n = play_frame(leg->rx.play, pcm);
	struct sound *sound = queue_push(&media->sounds);

	resampler_put(leg->rx.resampler, &leg->rx.pcm, pcm, n);
	if (!sound) {
		media->counts.dropped++;
		return;
	}
	sound->leg = leg->id;
	sound->rate_hz = leg->rate_hz;
	sound->samples = leg->rate_hz / 1000 * MEDIA_FRAME_MS;
	pcm_take(&leg->rx.pcm, sound->pcm, sound->samples);
}

/* Nobody speaks: a tone, or silence. */
static void own_turn(struct media *media, struct leg *leg, int64_t now_ms)
{
	int16_t pcm[MEDIA_FRAME_SAMPLES_MAX];
	unsigned int rate_hz = codec_rate_hz(leg->tx.kind);
	bool sounds = tone_frame(&leg->tx.tone, rate_hz, pcm,
				 rate_hz / 1000 * MEDIA_FRAME_MS);

	send_turn(media, leg, now_ms, sounds ? pcm : NULL);
}

static void leg_turn(struct media *media, struct leg *leg, int64_t now_ms)
{
	struct dtmf_key key;

	sound_turn(media, leg);
	if (dtmf_rx_tick(&leg->rx.dtmf, now_ms, &key))
		tell_key(media, leg, &key);
	if (now_ms - leg->tx.heard_ms >= SILENT_MS &&
	    session_agreed(leg->session)->sending)
		own_turn(media, leg, now_ms);
	if (now_ms >= leg->report_ms) {
		leg->report_ms = now_ms + RTCP_MS;
		send_report(media, leg, now_ms);
	}
}

void media_tick(struct media *media, int64_t now_ms)
{
	struct leg *leg;

	while (media_next_ms(media) <= now_ms) {
		leg = llist_first_entry(&media->turns, struct leg, turn);
		llist_del(&leg->turn);
		leg->turn_ms = OSMO_MAX(leg->turn_ms,
					now_ms - TURNS_MAX * MEDIA_FRAME_MS);
		turn_at(media, leg, leg->turn_ms + MEDIA_FRAME_MS);
		leg_turn(media, leg, now_ms);
	}
}

int64_t media_next_ms(const struct media *media)
{
	if (llist_empty(&media->turns))
		return INT64_MAX;
	return llist_first_entry(&media->turns, struct leg, turn)->turn_ms;
}

/* ---- what waits to be fetched ---- */

bool media_next_packet(struct media *media, struct media_packet *ret_packet)
{
	const struct packet *packet = queue_pop(&media->packets);

	if (!packet)
		return false;
	*ret_packet = (struct media_packet){
		.leg = packet->leg,
		.rtcp = packet->rtcp,
		.to = packet->to,
		.data = packet->data,
		.len = packet->len,
	};
	return true;
}

bool media_next_frame(struct media *media, struct media_sound *ret_sound)
{
	const struct sound *sound = queue_pop(&media->sounds);

	if (!sound)
		return false;
	*ret_sound = (struct media_sound){
		.leg = sound->leg,
		.rate_hz = sound->rate_hz,
		.pcm = sound->pcm,
		.samples = sound->samples,
	};
	return true;
}

bool media_next_event(struct media *media, struct media_event *ret_event)
{
	const struct media_event *event = queue_pop(&media->events);

	if (event)
		*ret_event = *event;
	return event;
}

/* ---- to be shown ---- */

int media_info(const struct media *media, uint64_t id,
	       struct media_info *ret_info)
{
	const struct leg *leg = leg_find(media, id);
	const struct agreement *agreed;
	struct play_counts played = { 0 };

	if (!leg)
		return -ENOENT;
	agreed = session_agreed(leg->session);
	if (leg->rx.play)
		play_counts(leg->rx.play, &played);
	*ret_info = (struct media_info){
		.codec = agreed->codec,
		.payload_type = agreed->payload_type,
		.sending = agreed->sending,
		.receiving = agreed->receiving,
		.held = agreed->held,
		.remote = leg->peer.send_to,
		.learned = leg->peer.state == PEER_ST_LEARNED,
		.delay_ms = played.delay_ms,
		.rx = leg->rx.packets,
		.tx = leg->tx.packets,
		.rx_lost =
			leg->rx.lost_before + rtcp_source_lost(&leg->rx.source),
		.rx_late = played.late,
		.concealed_ms = played.concealed_ms,
		.skipped_ms = played.skipped_ms,
	};
	return 0;
}

void media_counts(const struct media *media, struct media_counts *ret_counts)
{
	*ret_counts = media->counts;
}
