/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a network does to speech, and what the handset hears of it: a tone is
 * encoded, its packets are lost, delayed, swapped; what is played is a tone.
 */
#include "codec.h"
#include "play.h"
#include "stretch.h"
#include "tone.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define SECONDS 12
#define PACKETS_MAX (SECONDS * 100)
#define TONE_HZ 1000

struct network {
	const char *what;
	enum media_codec codec;
	unsigned int ptime_ms;
	unsigned int loss_percent;
	unsigned int jitter_ms; /* each packet is late by 0 to this */
	int drift_ppm;		/* of the sender's clock */
	unsigned int hole_ms;	/* nothing arrives from 3 s on, for so long */
	bool hole_is_delay;	/* it all arrives when the hole ends */
	double part_min;	/* of the tone in what is played */
	unsigned int delay_max_ms; /* in the end */
};

/* Each line is a network that exists. */
static const struct network networks[] = {
	{ "a quiet one, G.722", MEDIA_G722, 20, 0, 0, 0, 0, false, 0.98, 40 },
	{ "a quiet one, PCMA", MEDIA_PCMA, 20, 0, 0, 0, 0, false, 0.98, 40 },
	{ "a quiet one, PCMU", MEDIA_PCMU, 20, 0, 0, 0, 0, false, 0.98, 40 },
	{ "a quiet one, G.726", MEDIA_G726, 20, 0, 0, 0, 0, false, 0.98, 40 },
	{ "packets of 10 ms", MEDIA_PCMA, 10, 0, 0, 0, 0, false, 0.98, 40 },
	{ "packets of 30 ms", MEDIA_PCMA, 30, 0, 0, 0, 0, false, 0.98, 80 },
	{ "packets of 60 ms", MEDIA_G722, 60, 0, 0, 0, 0, false, 0.98, 120 },
	{ "2 % lost", MEDIA_PCMA, 20, 2, 0, 0, 0, false, 0.95, 60 },
	{ "10 % lost", MEDIA_PCMA, 20, 10, 0, 0, 0, false, 0.90, 60 },
	{ "10 % lost, G.722", MEDIA_G722, 20, 10, 0, 0, 0, false, 0.88, 60 },
	{ "swapped by jitter", MEDIA_PCMA, 20, 0, 50, 0, 0, false, 0.96, 110 },
	{ "WiFi at its worst", MEDIA_G722, 20, 3, 120, 0, 0, false, 0.88, 200 },
	{ "a fast clock", MEDIA_PCMA, 20, 0, 5, 500, 0, false, 0.96, 70 },
	{ "a slow clock", MEDIA_PCMA, 20, 0, 5, -500, 0, false, 0.96, 70 },
	{ "a very fast clock", MEDIA_G722, 20, 0, 5, 3000, 0, false, 0.94, 80 },
	{ "a very slow clock", MEDIA_G722, 20, 0, 5, -3000, 0, false, 0.93,
	  80 },
	{ "a hole", MEDIA_PCMA, 20, 0, 0, 0, 1000, false, 0.95, 60 },
	{ "a queue let go", MEDIA_PCMA, 20, 0, 0, 0, 1000, true, 0.93, 60 },
};

struct flying {
	double arrives_ms;
	uint32_t timestamp;
	size_t len;
	uint8_t payload[CODEC_BYTES_MAX];
};

static struct flying air[PACKETS_MAX];
static int16_t heard[SECONDS * 16000];

static int by_arrival(const void *a, const void *b)
{
	const struct flying *x = a, *y = b;

	return (x->arrives_ms > y->arrives_ms) -
	       (x->arrives_ms < y->arrives_ms);
}

static size_t send_all(const struct network *net)
{
	struct codec *codec = codec_new(NULL, net->codec, MEDIA_G726_RFC3551);
	unsigned int rate = codec_rate_hz(net->codec);
	struct tone tone = { TONE_HZ, rate, 0 };
	size_t i, n = 0;

	srand(4711);
	for (i = 0; i < SECONDS * 1000 / net->ptime_ms; i++) {
		int16_t pcm[CODEC_SAMPLES_MAX];
		struct flying *p = &air[n];
		double sent_ms = i * net->ptime_ms;
		size_t samples = rate / 1000 * net->ptime_ms;

		tone_make(&tone, pcm, samples);
		p->len = codec_encode(codec, p->payload, pcm, samples);
		p->timestamp = 0xfffff000 + i * net->ptime_ms * 8;
		sent_ms *= 1 - net->drift_ppm / 1e6;
		p->arrives_ms = sent_ms;
		if (net->jitter_ms)
			p->arrives_ms += rand() % net->jitter_ms;
		if (net->hole_ms && sent_ms >= 3000 &&
		    sent_ms < 3000 + net->hole_ms) {
			if (!net->hole_is_delay)
				continue;
			p->arrives_ms = 3000 + net->hole_ms;
		}
		if (rand() % 100 >= (int)net->loss_percent)
			n++;
	}
	codec_free(codec);
	qsort(air, n, sizeof(air[0]), by_arrival);
	return n;
}

static size_t play_all(const struct network *net, size_t n_packets,
		       struct play_counts *ret_counts)
{
	struct play *play =
		play_new(NULL, net->codec, MEDIA_G726_RFC3551, 20, 200);
	size_t next = 0, n = 0;
	unsigned int ms;

	for (ms = 0; ms < SECONDS * 1000 - 200; ms += 20) {
		while (next < n_packets && air[next].arrives_ms <= ms) {
			ck_assert(play_put(play, air[next].timestamp,
					   air[next].payload, air[next].len));
			next++;
		}
		n += play_frame(play, heard + n);
	}
	play_counts(play, ret_counts);
	play_free(play);
	return n;
}

START_TEST(the_tone_is_heard_through_the_network)
{
	const struct network *net = &networks[_i];
	unsigned int rate = codec_rate_hz(net->codec);
	struct play_counts counts;
	size_t n = play_all(net, send_all(net), &counts);
	size_t skip = rate / 4;
	double part;

	if (net->hole_ms) /* what was never sent cannot be heard */
		skip = rate * (3 + net->hole_ms / 1000) + rate / 2;
	part = tone_part(heard + skip, n - skip, rate, TONE_HZ);
	ck_assert_msg(part >= net->part_min,
		      "%s: %.3f of the tone, %u ms, concealed %llu ms, "
		      "skipped %llu ms, late %llu",
		      net->what, part, counts.delay_ms,
		      (unsigned long long)counts.concealed_ms,
		      (unsigned long long)counts.skipped_ms,
		      (unsigned long long)counts.late);
	ck_assert_msg(counts.delay_ms <= net->delay_max_ms, "%s: %u ms behind",
		      net->what, counts.delay_ms);
}
END_TEST

START_TEST(without_a_network_there_is_comfort)
{
	struct play *play =
		play_new(NULL, MEDIA_G722, MEDIA_G726_RFC3551, 20, 200);
	struct play_counts counts;
	int16_t pcm[MEDIA_FRAME_SAMPLES_MAX];
	int i, peak = 0;
	size_t k, n;

	for (i = 0; i < 100; i++) {
		n = play_frame(play, pcm);
		ck_assert_uint_eq(n, 320);
		for (k = 0; k < n; k++)
			peak = abs(pcm[k]) > peak ? abs(pcm[k]) : peak;
	}
	ck_assert_int_gt(peak, 0);
	ck_assert_int_lt(peak, 64);
	play_counts(play, &counts);
	ck_assert_uint_eq(counts.concealed_ms, 0);
	play_free(play);
}
END_TEST

START_TEST(a_payload_of_no_length_or_too_long_is_refused)
{
	struct play *play =
		play_new(NULL, MEDIA_PCMA, MEDIA_G726_RFC3551, 20, 200);
	uint8_t payload[2000] = { 0 };

	ck_assert(!play_put(play, 0, payload, 0));
	ck_assert(!play_put(play, 0, payload, CODEC_BYTES_MAX + 1));
	ck_assert(play_put(play, 0, payload, CODEC_BYTES_MAX));
	play_free(play);
}
END_TEST

START_TEST(a_period_left_out_of_a_tone_is_not_noticed)
{
	struct tone tone = { 300, 8000, 0 };
	int16_t pcm[160];
	size_t n;

	tone_make(&tone, pcm, 160);
	n = stretch_shorten(pcm, 160, 8000);
	ck_assert_uint_lt(n, 160);
	ck_assert_uint_ge(n, 80);
	ck_assert_uint_eq(n % 2, 0);
	/* Nowhere a step that the tone itself does not have. */
	for (size_t i = 1; i < n; i++)
		ck_assert_int_lt(abs(pcm[i] - pcm[i - 1]), 3000);
}
END_TEST

START_TEST(noise_is_not_torn)
{
	int16_t pcm[160], before[160];
	size_t i;

	srand(1);
	for (i = 0; i < 160; i++)
		before[i] = pcm[i] = rand() % 60000 - 30000;
	ck_assert_uint_eq(stretch_shorten(pcm, 160, 8000), 160);
	ck_assert_int_eq(memcmp(pcm, before, sizeof(pcm)), 0);
}
END_TEST

START_TEST(g726_packs_its_first_codeword_where_it_is_told)
{
	struct codec *low = codec_new(NULL, MEDIA_G726, MEDIA_G726_RFC3551);
	struct codec *high = codec_new(NULL, MEDIA_G726, MEDIA_G726_AAL2);
	struct tone tone = { 700, 8000, 0 };
	uint8_t a[80], b[80];
	int16_t pcm[160];
	size_t i;

	tone_make(&tone, pcm, 160);
	ck_assert_uint_eq(codec_encode(low, a, pcm, 160), 80);
	ck_assert_uint_eq(codec_encode(high, b, pcm, 160), 80);
	ck_assert_int_ne(memcmp(a, b, 80), 0);
	for (i = 0; i < 80; i++)
		ck_assert_uint_eq(a[i], (uint8_t)(b[i] << 4 | b[i] >> 4));

	/* A silent sample is 1111 (G.726, 4.2.4); the first is in the low
	 * half for RFC 3551, 4.5.4. */
	codec_free(low);
	low = codec_new(NULL, MEDIA_G726, MEDIA_G726_RFC3551);
	memset(pcm, 0, sizeof(pcm));
	pcm[1] = 20000;
	codec_encode(low, a, pcm, 2);
	ck_assert_uint_eq(a[0] & 0x0f, 0x0f);
	ck_assert_uint_ne(a[0] >> 4, 0x0f);
	codec_free(low);
	codec_free(high);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("play");
	TCase *tc = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, the_tone_is_heard_through_the_network, 0,
			    sizeof(networks) / sizeof(networks[0]));
	tcase_add_test(tc, without_a_network_there_is_comfort);
	tcase_add_test(tc, a_payload_of_no_length_or_too_long_is_refused);
	tcase_add_test(tc, a_period_left_out_of_a_tone_is_not_noticed);
	tcase_add_test(tc, noise_is_not_torn);
	tcase_add_test(tc, g726_packs_its_first_codeword_where_it_is_told);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
