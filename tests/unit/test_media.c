/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two endpoints that talk to each other in memory; what they agree upon; whom
 * they listen to; keys.
 */
#include "media.h"
#include "rtp.h"
#include "tone.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define LEG 77

static struct media_addr address(const char *ip, uint16_t port)
{
	struct media_addr addr = { .port = port };

	addr.family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	ck_assert_int_eq(inet_pton(addr.family, ip, addr.ip), 1);
	return addr;
}

static struct media *endpoint(const char *ip, uint16_t port,
			      unsigned int rate_hz)
{
	struct media_config config = { .seed = 4711 + port };
	struct media_addr local = address(ip, port);
	struct media *media = media_new(NULL, &config);

	ck_assert_int_eq(media_open(media, LEG, &local, rate_hz), 0);
	return media;
}

static enum media_codec codec_of(struct media *media)
{
	struct media_info info;

	ck_assert_int_eq(media_info(media, LEG, &info), 0);
	return info.codec;
}

static int answer_to(struct media *media, const char *lines, char *ret_answer)
{
	char offer[2048];
	struct span answer;
	int rc;

	snprintf(offer, sizeof(offer),
		 "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\n"
		 "c=IN IP4 192.0.2.7\r\nt=0 0\r\n%s",
		 lines);
	rc = media_answer(media, 0, LEG, span_of(offer), &answer);
	if (rc == 0)
		snprintf(ret_answer, 2048, SPAN_FMT, SPAN_ARG(answer));
	return rc;
}

static const struct {
	const char *offer;
	int rc;
	enum media_codec codec;
	const char *in_answer;
} offers[] = {
	{ "m=audio 4000 RTP/AVP 0 8 9\r\n", 0, MEDIA_G722,
	  "m=audio 16384 RTP/AVP 9\r\n" },
	{ "m=audio 4000 RTP/AVP 0 8\r\n", 0, MEDIA_PCMA, "RTP/AVP 8\r\n" },
	{ "m=audio 4000 RTP/AVP 0\r\n", 0, MEDIA_PCMU, "RTP/AVP 0\r\n" },
	{ "m=audio 4000 RTP/AVP 98\r\na=rtpmap:98 G726-32/8000\r\n", 0,
	  MEDIA_G726, "a=rtpmap:98 G726-32/8000" },
	{ "m=audio 4000 RTP/AVP 99\r\na=rtpmap:99 AAL2-G726-32/8000\r\n", 0,
	  MEDIA_G726, "a=rtpmap:99 AAL2-G726-32/8000" },
	{ "m=audio 4000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\n",
	  0, MEDIA_PCMU, "RTP/AVP 0 96\r\n" },
	{ "m=audio 4000 RTP/AVP 8\r\na=sendonly\r\n", 0, MEDIA_PCMA,
	  "a=recvonly" },
	{ "m=audio 4000 RTP/AVP 8\r\na=inactive\r\n", 0, MEDIA_PCMA,
	  "a=inactive" },
	{ "m=audio 4000 RTP/AVP 8\r\nc=IN IP4 0.0.0.0\r\n", 0, MEDIA_PCMA,
	  "a=recvonly" },
	{ "m=video 4002 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 8\r\n", 0,
	  MEDIA_PCMA, "m=video 0 RTP/AVP 31" },
	{ "m=audio 0 RTP/AVP 8\r\nm=audio 4000 RTP/AVP 0\r\n", 0, MEDIA_PCMU,
	  "m=audio 16384 RTP/AVP 0" },
	{ "m=audio 4000 RTP/AVP 18 3\r\n", -ENOTSUP, MEDIA_NONE, "" },
	{ "m=audio 4000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n",
	  -ENOTSUP, MEDIA_NONE, "" },
	{ "m=audio 4000 RTP/SAVP 8\r\n", -ENOTSUP, MEDIA_NONE, "" },
	{ "m=audio 0 RTP/AVP 8\r\n", -ENOTSUP, MEDIA_NONE, "" },
	{ "m=video 4002 RTP/AVP 31\r\n", -ENOTSUP, MEDIA_NONE, "" },
	{ "m=audio 4000 RTP/AVP 8\r\nc=IN IP6 2001:db8::7\r\n", -ENOTSUP,
	  MEDIA_NONE, "" },
	{ "m=audio 4000 RTP/AVP 8\r\nc=IN IP4 phone.example.test\r\n", -ENOTSUP,
	  MEDIA_NONE, "" },
	{ "m=audio 4000 RTP/AVP 98\r\na=rtpmap:98 G726-32/16000\r\n", -ENOTSUP,
	  MEDIA_NONE, "" },
	{ "", -ENOTSUP, MEDIA_NONE, "" },
	{ "nonsense\r\n", -EBADMSG, MEDIA_NONE, "" },
};

START_TEST(an_offer_is_answered_with_the_first_codec_of_ours)
{
	struct media *media = endpoint("192.0.2.1", 16384, 16000);
	char answer[2048] = "";
	int rc = answer_to(media, offers[_i].offer, answer);

	ck_assert_msg(rc == offers[_i].rc, "%s: %d", offers[_i].offer, rc);
	ck_assert_msg(strstr(answer, offers[_i].in_answer), "%s: %s",
		      offers[_i].offer, answer);
	ck_assert_int_eq(codec_of(media), offers[_i].codec);
	media_free(media);
}
END_TEST

START_TEST(our_offer_has_all_codecs_in_order)
{
	struct media *media = endpoint("192.0.2.1", 16384, 16000);
	struct span offer;
	char text[2048];

	ck_assert_int_eq(media_offer(media, LEG, &offer), 0);
	snprintf(text, sizeof(text), SPAN_FMT, SPAN_ARG(offer));
	ck_assert_ptr_nonnull(
		strstr(text, "m=audio 16384 RTP/AVP 9 8 0 96 101\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "c=IN IP4 192.0.2.1\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "a=rtpmap:96 G726-32/8000\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "a=fmtp:101 0-15\r\n"));
	ck_assert_int_eq(media_next_ms(media), INT64_MAX);
	media_free(media);
}
END_TEST

START_TEST(an_answer_to_nothing_is_refused)
{
	struct media *media = endpoint("192.0.2.1", 16384, 16000);
	const char *answer = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\n"
			     "c=IN IP4 192.0.2.7\r\nt=0 0\r\n"
			     "m=audio 4000 RTP/AVP 8\r\n";

	ck_assert_int_eq(media_accept(media, 0, LEG, span_of(answer)),
			 -EBADMSG);
	ck_assert_int_eq(media_accept(media, 0, LEG + 1, span_of(answer)),
			 -ENOENT);
	media_free(media);
}
END_TEST

START_TEST(a_later_offer_keeps_the_numbers_and_the_media_of_the_first)
{
	struct media *media = endpoint("192.0.2.1", 16384, 16000);
	char answer[2048], text[2048];
	struct span offer;

	ck_assert_int_eq(answer_to(media,
				   "m=video 4002 RTP/AVP 31\r\n"
				   "m=audio 4000 RTP/AVP 8 96\r\n"
				   "a=rtpmap:96 telephone-event/8000\r\n",
				   answer),
			 0);
	media_hold(media, LEG, true);
	ck_assert_int_eq(media_offer(media, LEG, &offer), 0);
	snprintf(text, sizeof(text), SPAN_FMT, SPAN_ARG(offer));
	ck_assert_ptr_nonnull(strstr(text, "m=video 0 "));
	ck_assert_ptr_nonnull(
		strstr(text, "m=audio 16384 RTP/AVP 9 8 0 97 96\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "a=rtpmap:97 G726-32/8000"));
	ck_assert_ptr_nonnull(strstr(text, "a=sendonly"));
	media_free(media);
}
END_TEST

START_TEST(the_version_rises_when_and_only_when_something_changed)
{
	struct media *media = endpoint("192.0.2.1", 16384, 16000);
	char first[2048], second[2048], third[2048];
	unsigned long long a, b, c, id;

	answer_to(media, "m=audio 4000 RTP/AVP 8\r\n", first);
	answer_to(media, "m=audio 4000 RTP/AVP 8\r\n", second);
	answer_to(media, "m=audio 4000 RTP/AVP 8\r\na=sendonly\r\n", third);
	ck_assert_int_eq(sscanf(first, "v=0\r\no=- %llu %llu", &id, &a), 2);
	ck_assert_int_eq(sscanf(second, "v=0\r\no=- %llu %llu", &id, &b), 2);
	ck_assert_int_eq(sscanf(third, "v=0\r\no=- %llu %llu", &id, &c), 2);
	ck_assert_uint_eq(a, b);
	ck_assert_uint_eq(c, a + 1);
	media_free(media);
}
END_TEST

START_TEST(the_codec_in_use_stays_when_it_is_offered_again)
{
	struct media *media = endpoint("192.0.2.1", 16384, 16000);
	char answer[2048];

	answer_to(media, "m=audio 4000 RTP/AVP 0\r\n", answer);
	ck_assert_int_eq(codec_of(media), MEDIA_PCMU);
	answer_to(media, "m=audio 4000 RTP/AVP 9 8 0\r\n", answer);
	ck_assert_int_eq(codec_of(media), MEDIA_PCMU);
	answer_to(media, "m=audio 4000 RTP/AVP 9 8\r\n", answer);
	ck_assert_int_eq(codec_of(media), MEDIA_G722);
	media_free(media);
}
END_TEST

/* ---- two of them ---- */

struct two {
	struct media *a, *b;
	struct media_addr addr_a, addr_b;
	int64_t now_ms;
	int16_t heard_a[16000 * 5], heard_b[16000 * 5];
	size_t n_a, n_b;
	char keys[64];
	unsigned int key_ms;
	unsigned int rtcp;
	bool deaf; /* the network swallows all */
};

static void carry(struct two *two, struct media *from, struct media *to,
		  const struct media_addr *source,
		  const struct media_addr *target)
{
	struct media_packet packet;

	while (media_next_packet(from, &packet)) {
		struct media_addr port = *target;

		port.port += packet.rtcp;
		ck_assert_int_eq(memcmp(&packet.to, &port, sizeof(port)), 0);
		two->rtcp += packet.rtcp;
		if (!two->deaf)
			media_rx(to, two->now_ms, LEG, source, packet.rtcp,
				 packet.data, packet.len);
	}
}

static size_t take_sound(struct media *media, int16_t *heard, size_t n)
{
	struct media_sound sound;

	while (media_next_frame(media, &sound)) {
		ck_assert_uint_eq(sound.samples, sound.rate_hz / 50);
		if (n + sound.samples <= 16000 * 5)
			memcpy(heard + n, sound.pcm, sound.samples * 2);
		n += sound.samples;
	}
	return n;
}

static void run(struct two *two, int64_t ms, struct tone *tone_a,
		struct tone *tone_b)
{
	int64_t end = two->now_ms + ms;
	struct media_event event;
	int16_t pcm[320];

	for (; two->now_ms < end; two->now_ms += 10) {
		/* A real handset's frames are 10 ms, or 20. */
		if (tone_a) {
			tone_make(tone_a, pcm, tone_a->rate_hz / 100);
			media_frame(two->a, two->now_ms, LEG, pcm,
				    tone_a->rate_hz / 100);
		}
		if (tone_b && two->now_ms % 20 == 0) {
			tone_make(tone_b, pcm, tone_b->rate_hz / 50);
			media_frame(two->b, two->now_ms, LEG, pcm,
				    tone_b->rate_hz / 50);
		}
		media_tick(two->a, two->now_ms);
		media_tick(two->b, two->now_ms);
		carry(two, two->a, two->b, &two->addr_a, &two->addr_b);
		carry(two, two->b, two->a, &two->addr_b, &two->addr_a);
		two->n_a = take_sound(two->a, two->heard_a, two->n_a);
		two->n_b = take_sound(two->b, two->heard_b, two->n_b);
		while (media_next_event(two->b, &event)) {
			size_t n = strlen(two->keys);

			two->keys[n] = event.digit;
			two->key_ms = event.ms;
		}
	}
}

/* @codec is the only one of the offer; "": all are. */
static struct two *two_new(const char *codec, unsigned int rate_a,
			   unsigned int rate_b)
{
	struct two *two = talloc_zero(NULL, struct two);
	struct media_config config = { .seed = 1 };
	const char *all = "RTP/AVP 9 8 0 96 101";
	struct span offer, answer;
	char text[1024], one[2048], *at;

	two->addr_a = address("192.0.2.1", 16384);
	two->addr_b = address("192.0.2.2", 20000);
	two->a = media_new(two, &config);
	config.seed = 2;
	two->b = media_new(two, &config);
	ck_assert_int_eq(media_open(two->a, LEG, &two->addr_a, rate_a), 0);
	ck_assert_int_eq(media_open(two->b, LEG, &two->addr_b, rate_b), 0);

	ck_assert_int_eq(media_offer(two->a, LEG, &offer), 0);
	snprintf(text, sizeof(text), SPAN_FMT, SPAN_ARG(offer));
	at = strstr(text, all);
	ck_assert_ptr_nonnull(at);
	*at = '\0';
	snprintf(one, sizeof(one), "%sRTP/AVP %s 101%s", text,
		 *codec ? codec : "9 8 0 96", at + strlen(all));
	ck_assert_int_eq(media_answer(two->b, 0, LEG, span_of(one), &answer),
			 0);
	ck_assert_int_eq(media_accept(two->a, 0, LEG, answer), 0);
	return two;
}

static const struct {
	const char *format;
	enum media_codec codec;
	unsigned int rate_a, rate_b;
} pairs[] = {
	{ "9", MEDIA_G722, 16000, 16000 }, { "9", MEDIA_G722, 8000, 16000 },
	{ "9", MEDIA_G722, 16000, 8000 },  { "8", MEDIA_PCMA, 8000, 8000 },
	{ "8", MEDIA_PCMA, 16000, 8000 },  { "8", MEDIA_PCMA, 16000, 16000 },
	{ "0", MEDIA_PCMU, 8000, 8000 },   { "0", MEDIA_PCMU, 8000, 16000 },
	{ "96", MEDIA_G726, 8000, 8000 },  { "96", MEDIA_G726, 16000, 16000 },
};

START_TEST(two_endpoints_hear_each_other)
{
	unsigned int rate_a = pairs[_i].rate_a, rate_b = pairs[_i].rate_b;
	struct two *two = two_new(pairs[_i].format, rate_a, rate_b);
	struct tone tone_a = { 700, rate_a, 0 }, tone_b = { 1000, rate_b, 0 };
	struct media_info info;
	double up, down;

	ck_assert_int_eq(codec_of(two->a), pairs[_i].codec);
	ck_assert_int_eq(codec_of(two->b), pairs[_i].codec);
	run(two, 4000, &tone_a, &tone_b);

	ck_assert_uint_ge(two->n_a, rate_a * 3.9);
	ck_assert_uint_ge(two->n_b, rate_b * 3.9);
	up = tone_part(two->heard_b + rate_b / 4, two->n_b - rate_b / 4, rate_b,
		       700);
	down = tone_part(two->heard_a + rate_a / 4, two->n_a - rate_a / 4,
			 rate_a, 1000);
	ck_assert_msg(up > 0.97, "%s: %.3f of 700 Hz", pairs[_i].format, up);
	ck_assert_msg(down > 0.97, "%s: %.3f of 1000 Hz", pairs[_i].format,
		      down);
	ck_assert_int_eq(media_info(two->b, LEG, &info), 0);
	ck_assert_uint_ge(info.rx, 195);
	ck_assert_uint_eq(info.rx_lost, 0);
	ck_assert_uint_le(info.delay_ms, 40);
	talloc_free(two);
}
END_TEST

START_TEST(a_silent_microphone_is_silence_on_the_wire)
{
	struct two *two = two_new("", 16000, 16000);
	struct media_info info;

	run(two, 2000, NULL, NULL);
	media_info(two->a, LEG, &info);
	ck_assert_uint_ge(info.tx, 94);
	ck_assert_uint_le(info.tx, 100);
	talloc_free(two);
}
END_TEST

START_TEST(reports_go_out_every_five_seconds)
{
	struct two *two = two_new("", 16000, 16000);
	struct media_counts counts;

	run(two, 11000, NULL, NULL);
	ck_assert_uint_eq(two->rtcp, 4);
	media_counts(two->b, &counts);
	ck_assert_uint_eq(counts.rx_rtcp, 2);
	ck_assert_uint_eq(counts.rx_bad, 0);
	talloc_free(two);
}
END_TEST

START_TEST(keys_arrive_once_each_and_in_order)
{
	struct two *two = two_new("", 16000, 16000);
	struct tone tone = { 700, 16000, 0 };
	const char *keys = "0123456789*#ABCD";
	size_t i;

	run(two, 200, &tone, NULL);
	for (i = 0; keys[i]; i++)
		ck_assert_int_eq(
			media_dtmf(two->a, two->now_ms, LEG, keys[i], 100), 0);
	run(two, 4500, &tone, NULL);
	ck_assert_str_eq(two->keys, keys);
	ck_assert_uint_eq(two->key_ms, 100);
	ck_assert_int_eq(media_dtmf(two->a, two->now_ms, LEG, 'x', 100),
			 -EINVAL);
	talloc_free(two);
}
END_TEST

START_TEST(a_peer_without_telephone_event_gets_no_keys)
{
	struct media *media = endpoint("192.0.2.1", 16384, 16000);
	char answer[2048];

	answer_to(media, "m=audio 4000 RTP/AVP 8\r\n", answer);
	ck_assert_int_eq(media_dtmf(media, 0, LEG, '1', 100), -ENOTSUP);
	media_free(media);
}
END_TEST

START_TEST(who_holds_sends_silence_and_hears_nothing)
{
	struct two *two = two_new("", 16000, 16000);
	struct tone tone_a = { 700, 16000, 0 }, tone_b = { 1000, 16000, 0 };
	struct span offer, answer;
	struct media_info info;
	char text[2048];

	run(two, 1000, &tone_a, &tone_b);
	media_hold(two->a, LEG, true);
	media_offer(two->a, LEG, &offer);
	ck_assert_int_eq(media_answer(two->b, two->now_ms, LEG, offer, &answer),
			 0);
	snprintf(text, sizeof(text), SPAN_FMT, SPAN_ARG(answer));
	ck_assert_ptr_nonnull(strstr(text, "a=recvonly"));
	ck_assert_int_eq(media_accept(two->a, two->now_ms, LEG, answer), 0);
	media_info(two->b, LEG, &info);
	ck_assert(info.held && !info.sending && info.receiving);

	run(two, 500, &tone_a, &tone_b);
	two->n_a = two->n_b = 0;
	run(two, 1000, &tone_a, &tone_b);
	ck_assert(tone_part(two->heard_b, two->n_b, 16000, 700) < 0.05);
	ck_assert(tone_part(two->heard_a, two->n_a, 16000, 1000) < 0.05);

	media_hold(two->a, LEG, false);
	media_offer(two->a, LEG, &offer);
	media_answer(two->b, two->now_ms, LEG, offer, &answer);
	ck_assert_int_eq(media_accept(two->a, two->now_ms, LEG, answer), 0);
	run(two, 500, &tone_a, &tone_b);
	two->n_a = two->n_b = 0;
	run(two, 1000, &tone_a, &tone_b);
	ck_assert(tone_part(two->heard_b, two->n_b, 16000, 700) > 0.95);
	ck_assert(tone_part(two->heard_a, two->n_a, 16000, 1000) > 0.95);
	talloc_free(two);
}
END_TEST

START_TEST(after_a_pause_of_the_loop_not_all_is_made_up_for)
{
	struct two *two = two_new("", 16000, 16000);

	run(two, 1000, NULL, NULL);
	two->n_a = 0;
	two->now_ms += 10000;
	media_tick(two->a, two->now_ms);
	two->n_a = take_sound(two->a, two->heard_a, 0);
	ck_assert_uint_le(two->n_a, 6 * 320);
	ck_assert_int_gt(media_next_ms(two->a), two->now_ms);
	talloc_free(two);
}
END_TEST

/* ---- whom to listen to ---- */

static void send_from(struct media *media, const char *ip, uint16_t port,
		      uint32_t ssrc, uint16_t seq)
{
	struct media_addr from = address(ip, port);
	struct rtp rtp = { .payload_type = 8,
			   .seq = seq,
			   .timestamp = seq * 160,
			   .ssrc = ssrc };
	uint8_t data[172] = { 0 };

	rtp_write(data, &rtp);
	media_rx(media, 0, LEG, &from, false, data, sizeof(data));
}

static uint64_t heard(struct media *media)
{
	struct media_counts counts;

	media_counts(media, &counts);
	return counts.rx;
}

static const struct {
	const char *what;
	const char *sdp;
	const char *from;
	uint16_t port;
	uint16_t step;	/* of the sequence */
	uint64_t heard; /* of five packets */
	bool learned;
} sources[] = {
	{ "the SDP's", "192.0.2.7", "192.0.2.7", 4000, 1, 5, false },
	{ "its other port", "192.0.2.7", "192.0.2.7", 4100, 1, 3, true },
	{ "not in a row", "192.0.2.7", "192.0.2.7", 4100, 2, 0, false },
	{ "a stranger", "192.0.2.7", "198.51.100.9", 4000, 1, 0, false },
	{ "behind NAT", "192.168.1.7", "198.51.100.9", 4100, 1, 3, true },
	{ "behind NAT, twice", "172.17.0.2", "192.168.1.7", 4100, 1, 3, true },
	{ "not quite private", "172.32.0.2", "198.51.100.9", 4100, 1, 0,
	  false },
	{ "carrier's NAT", "100.64.1.1", "198.51.100.9", 4100, 1, 3, true },
	{ "another family", "192.168.1.7", "2001:db8::9", 4100, 1, 0, false },
};

START_TEST(only_the_peer_is_heard)
{
	struct media *media = endpoint("192.0.2.1", 16384, 16000);
	char offer[512];
	struct span answer;
	struct media_info info;
	int i;

	snprintf(offer, sizeof(offer),
		 "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
		 "m=audio 4000 RTP/AVP 8\r\n",
		 sources[_i].sdp, sources[_i].sdp);
	ck_assert_int_eq(media_answer(media, 0, LEG, span_of(offer), &answer),
			 0);
	for (i = 0; i < 5; i++)
		send_from(media, sources[_i].from, sources[_i].port, 1,
			  i * sources[_i].step);
	ck_assert_msg(heard(media) == sources[_i].heard, "%s: %d",
		      sources[_i].what, (int)heard(media));
	media_info(media, LEG, &info);
	ck_assert_int_eq(info.learned, sources[_i].learned);
	ck_assert_uint_eq(info.remote.port,
			  sources[_i].learned ? sources[_i].port : 4000);
	media_free(media);
}
END_TEST

START_TEST(who_was_learned_first_is_kept_unless_the_right_one_speaks)
{
	struct media *media = endpoint("192.0.2.1", 16384, 16000);
	char answer[2048];
	struct media_info info;
	int i;

	answer_to(media, "m=audio 4000 RTP/AVP 8\r\n", answer);
	for (i = 0; i < 3; i++)
		send_from(media, "192.0.2.7", 5000, 1, i);
	for (i = 0; i < 9; i++)
		send_from(media, "192.0.2.7", 6000, 2, i);
	media_info(media, LEG, &info);
	ck_assert_uint_eq(info.remote.port, 5000);
	send_from(media, "192.0.2.7", 4000, 3, 1);
	send_from(media, "192.0.2.7", 5000, 1, 4);
	media_info(media, LEG, &info);
	ck_assert_uint_eq(info.remote.port, 4000);
	ck_assert(!info.learned);
	media_free(media);
}
END_TEST

START_TEST(a_leg_that_is_not_there_is_no_trouble)
{
	struct media_config config = { .legs = 1 };
	struct media_addr local = address("2001:db8::1", 16384);
	struct media *media = media_new(NULL, &config);
	struct media_counts counts;
	struct span text;
	uint8_t data[12] = { 0x80 };

	media_close(media, 1);
	media_hold(media, 1, true);
	media_frame(media, 0, 1, NULL, 0);
	media_rx(media, 0, 1, &local, false, data, sizeof(data));
	ck_assert_int_eq(media_offer(media, 1, &text), -ENOENT);
	ck_assert_int_eq(media_answer(media, 0, 1, span_of(""), &text),
			 -ENOENT);
	ck_assert_int_eq(media_dtmf(media, 0, 1, '1', 100), -ENOENT);
	ck_assert_int_eq(media_open(media, 1, &local, 8000), 0);
	ck_assert_int_eq(media_open(media, 1, &local, 8000), -EEXIST);
	ck_assert_int_eq(media_open(media, 2, &local, 8000), -ENOSPC);
	ck_assert_int_eq(media_offer(media, 1, &text), 0);
	media_counts(media, &counts);
	ck_assert_uint_eq(counts.legs, 1);
	ck_assert_uint_eq(counts.limited, 1);
	ck_assert_uint_eq(counts.rx_gone, 1);
	media_close(media, 1);
	ck_assert_uint_eq(talloc_total_blocks(media), 1);
	media_free(media);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("media");
	TCase *tc = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc,
			    an_offer_is_answered_with_the_first_codec_of_ours,
			    0, sizeof(offers) / sizeof(offers[0]));
	tcase_add_test(tc, our_offer_has_all_codecs_in_order);
	tcase_add_test(tc, an_answer_to_nothing_is_refused);
	tcase_add_test(
		tc, a_later_offer_keeps_the_numbers_and_the_media_of_the_first);
	tcase_add_test(tc,
		       the_version_rises_when_and_only_when_something_changed);
	tcase_add_test(tc, the_codec_in_use_stays_when_it_is_offered_again);
	tcase_add_loop_test(tc, two_endpoints_hear_each_other, 0,
			    sizeof(pairs) / sizeof(pairs[0]));
	tcase_add_test(tc, a_silent_microphone_is_silence_on_the_wire);
	tcase_add_test(tc, reports_go_out_every_five_seconds);
	tcase_add_test(tc, keys_arrive_once_each_and_in_order);
	tcase_add_test(tc, a_peer_without_telephone_event_gets_no_keys);
	tcase_add_test(tc, who_holds_sends_silence_and_hears_nothing);
	tcase_add_test(tc, after_a_pause_of_the_loop_not_all_is_made_up_for);
	tcase_add_loop_test(tc, only_the_peer_is_heard, 0,
			    sizeof(sources) / sizeof(sources[0]));
	tcase_add_test(
		tc, who_was_learned_first_is_kept_unless_the_right_one_speaks);
	tcase_add_test(tc, a_leg_that_is_not_there_is_no_trouble);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
