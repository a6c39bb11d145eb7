/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * media.h - an RTP endpoint for each handset, without a socket or a clock
 *
 *                 rx                                   next_frame
 *     datagrams ------> RTP > jitter > decode > conceal ----------> PCM to the
 *     of the leg                |                                   handset
 *                               +--> next_event: digits (RFC 4733)
 *              next_packet                                 frame
 *     datagrams <------ RTP < encode < resample <------------------ PCM of the
 *     to its peer                                                   handset
 *                       time --> tick, next_ms
 *
 * A base hands us the speech of a handset as linear PCM frames; here they
 * become a telephone's media: RTP (RFC 3550, 3551), G.722, PCMA, PCMU and
 * G.726-32, digits by RFC 4733, described by SDP (RFC 3264).  So the rest of
 * the house sees one kind of device: one that speaks SDP.
 *
 * A leg is named by its caller's id and owns what it needs only while it is
 * open.  A leg that is not there: -ENOENT, or no effect where nothing is
 * returned (a datagram for it is counted).  Whatever is received is bounded
 * and counted; nothing of it is asserted.
 *
 * After any call here: send what media_next_packet() has, hand over what
 * media_next_frame() and media_next_event() have, and come back with
 * media_tick() at media_next_ms().  With no leg in a conversation that is
 * INT64_MAX.
 *
 * Whom we listen to.  A leg plays what comes from the address its peer's SDP
 * names.  A peer behind NAT sends from elsewhere, so its source is learned,
 * once a negotiation: three RTP packets in sequence, of one SSRC and a
 * payload type agreed upon, from the SDP's own IP address but another port;
 * or from any address, if the SDP's is a private one (RFC 1918, 6598, 4193,
 * link-local) and the source is not private itself.  From then on the leg
 * sends there.  A packet from the very address of the SDP ends the learning.
 * Everything else is a stranger's: dropped, counted, and never answered.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"
#include "tone.h"

struct media;

/* Equal addresses compare equal with memcmp(). */
struct media_addr {
	uint8_t family; /* AF_INET or AF_INET6; 0: none */
	uint8_t unused; /* 0 */
	uint16_t port;	/* host byte order; of RTP, RTCP is the next one */
	uint32_t scope; /* IPv6 link-local scope id */
	uint8_t ip[16]; /* IPv4 in the first four */
};

enum media_codec {
	MEDIA_NONE, /* not negotiated */
	MEDIA_G722,
	MEDIA_PCMA,
	MEDIA_PCMU,
	MEDIA_G726, /* 32 kbit/s */
};

/* How G.726 codewords lie in their bytes under the name "G726-32": RFC 3551
 * puts the first into the low bits, some phones mean AAL2's order (I.366.2).
 * "AAL2-G726-32" is always the latter. */
enum media_g726 { MEDIA_G726_RFC3551, MEDIA_G726_AAL2 };

struct media_config {
	uint64_t seed; /* SSRCs, first sequence numbers: random */
	enum media_g726 g726;
	unsigned int jitter_min_ms; /* 0: 20 */
	unsigned int jitter_max_ms; /* 0: 200 */
	size_t legs;		    /* 0: 1000 */
};

struct media *media_new(void *ctx, const struct media_config *config);
void media_free(struct media *media);

/* ---- legs ---- */

/*
 * @local is what SDP will say, so it must be bound already, and an address
 * that phones can reach.  @rate_hz, 8000 or 16000, is that of the handset's
 * PCM in both directions.
 * -EEXIST: there is such a leg; -ENOSPC: too many.
 */
int media_open(struct media *media, uint64_t leg,
	       const struct media_addr *local, unsigned int rate_hz);
void media_close(struct media *media, uint64_t leg);

/* ---- negotiation: texts live until the next call for this leg ---- */

/*
 * Our offer.  It changes nothing until media_accept(); if no answer comes
 * (a re-INVITE refused), what was agreed before goes on.
 */
int media_offer(struct media *media, uint64_t leg, struct span *ret_offer);

/*
 * The answer to our offer.  It may come more than once (early media, then
 * the final answer, perhaps of another device): the last one counts.
 * -ENOTSUP: no codec of ours in it; -EBADMSG: no SDP, or no answer to this
 * offer.  What was agreed before goes on.
 */
int media_accept(struct media *media, int64_t now_ms, uint64_t leg,
		 struct span answer);

/*
 * Answer an offer.  Of its codecs the first of ours: G.722, PCMA, PCMU,
 * G.726-32; but one in use stays if it is offered still.
 * -ENOTSUP: nothing in common (SIP: 488); -EBADMSG: not SDP (400).
 */
int media_answer(struct media *media, int64_t now_ms, uint64_t leg,
		 struct span offer, struct span *ret_answer);

/*
 * The handset puts its peer on hold, or takes it back: true in our next
 * offer or answer (a=sendonly, a=inactive), and for the PCM at once.
 */
void media_hold(struct media *media, uint64_t leg, bool hold);

/* ---- bytes ---- */

/* A datagram that came to the leg's port, or (@rtcp) the one above it. */
void media_rx(struct media *media, int64_t now_ms, uint64_t leg,
	      const struct media_addr *from, bool rtcp, const uint8_t *data,
	      size_t len);

struct media_packet {
	uint64_t leg;	      /* whose port sends it */
	bool rtcp;	      /* from the port above */
	struct media_addr to; /* the very port */
	const uint8_t *data;  /* until the next call of a media_ function */
	size_t len;
};

bool media_next_packet(struct media *media, struct media_packet *ret_packet);

/* ---- sound: 16 bit linear, mono, at the leg's rate ---- */

#define MEDIA_FRAME_MS 20
#define MEDIA_FRAME_SAMPLES_MAX (MEDIA_FRAME_MS * 16)

struct media_sound {
	uint64_t leg;
	unsigned int rate_hz;
	const int16_t *pcm; /* until the next call of a media_ function */
	size_t samples;	    /* always MEDIA_FRAME_MS of them */
};

/* Comes every 20 ms from the first negotiation on, whatever the network does:
 * what is missing is concealed, then replaced by comfort noise. */
bool media_next_frame(struct media *media, struct media_sound *ret_sound);

/* From the microphone, in pieces of any size up to 60 ms (longer: cut).  The
 * handset's clock is the clock of what we send; if it falls silent for 60 ms,
 * ours steps in, with silence. */
void media_frame(struct media *media, int64_t now_ms, uint64_t leg,
		 const int16_t *pcm, size_t samples);

/* ---- digits ---- */

/*
 * Send @digit ("0" to "9", "*", "#", "A" to "D") for @ms, 40 to 5000, in
 * place of speech; several queue up.  -ENOTSUP: the peer takes no
 * telephone-event; -EINVAL: no digit; -ENOSPC: 32 are waiting.
 */
int media_dtmf(struct media *media, int64_t now_ms, uint64_t leg, char digit,
	       unsigned int ms);

struct media_event {
	uint64_t leg;
	char digit;	 /* one that the peer sent, told when it ended */
	unsigned int ms; /* how long it was pressed */
};

bool media_next_event(struct media *media, struct media_event *ret_event);

/* ---- tones ---- */

/* Play @tone (tone.h) to the peer, once, from when the leg has begun and as
 * long as media_frame() brings nothing else to say. */
void media_tone(struct media *media, uint64_t leg, enum media_tone tone);

/* ---- time ---- */

void media_tick(struct media *media, int64_t now_ms);
int64_t media_next_ms(const struct media *media); /* INT64_MAX: nothing */

/* ---- to be shown ---- */

struct media_info {
	enum media_codec codec;
	unsigned int payload_type;
	bool sending, receiving; /* by the directions agreed upon */
	bool held; /* the peer wants no sound of us (RFC 3264, 8.4) */
	struct media_addr remote; /* where we send now */
	bool learned;		  /* not the SDP's address, but the source's */
	unsigned int delay_ms;	  /* of the jitter buffer, now */
	uint64_t rx, tx;	  /* packets */
	uint64_t rx_lost;	  /* that never came in time */
	uint64_t rx_late;	  /* that came, but after their time */
	uint64_t concealed_ms;	  /* sound invented */
	uint64_t skipped_ms;	  /* sound left out, to be less late */
};

int media_info(const struct media *media, uint64_t leg,
	       struct media_info *ret_info);

struct media_counts {
	uint64_t rx, tx;      /* packets */
	uint64_t rx_bad;      /* no RTP, or unknown payload type */
	uint64_t rx_stranger; /* not from the peer */
	uint64_t rx_gone;     /* for a leg that is not open */
	uint64_t rx_rtcp;
	uint64_t dropped; /* ours, for nobody took them in time */
	uint64_t limited; /* refused by a limit */
	size_t legs;	  /* now */
};

void media_counts(const struct media *media, struct media_counts *ret_counts);

const char *media_codec_name(enum media_codec codec); /* "G722" ... */
