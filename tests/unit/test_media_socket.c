/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sockets of the media endpoints, on the loopback address.
 */
#include "media_socket.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

/* Ports of this test: far from the usual ones, and its own by its pid. */
static uint16_t first_port(void)
{
	return 34000 + getpid() % 1800 * 16;
}

static int64_t now_ms;
static unsigned int woken;

static int64_t clock_ms(void *data)
{
	return now_ms;
}

static void wake(void *data)
{
	woken++;
}

struct rig {
	struct event_base *base;
	struct media *media;
	struct media_socket *sockets;
};

static struct rig rig_new(unsigned int ports)
{
	struct media_config config = { .seed = 1 };
	struct media_socket_config ends = { .port_min = first_port(),
					    .port_max =
						    first_port() + ports - 1,
					    .now_ms = clock_ms,
					    .woken = wake };
	struct rig rig;

	rig.base = event_base_new();
	rig.media = media_new(NULL, &config);
	rig.sockets = media_socket_new(NULL, rig.base, rig.media, &ends);
	return rig;
}

static void rig_free(struct rig *rig)
{
	media_socket_free(rig->sockets);
	media_free(rig->media);
	event_base_free(rig->base);
}

static const struct media_addr loopback = { .family = AF_INET,
					    .ip = { 127, 0, 0, 1 } };
static const struct media_addr loopback6 = { .family = AF_INET6,
					     .ip = { [15] = 1 } };

START_TEST(a_leg_gets_an_even_port_and_no_other_leg_the_same)
{
	struct rig rig = rig_new(4);
	struct media_addr one, two, three = { .port = 4711 };

	ck_assert_int_eq(media_socket_open(rig.sockets, 1, &loopback, &one), 0);
	ck_assert_int_eq(media_socket_open(rig.sockets, 2, &loopback, &two), 0);
	ck_assert_uint_eq(one.port % 2, 0);
	ck_assert_uint_eq(two.port % 2, 0);
	ck_assert_uint_ne(one.port, two.port);
	ck_assert_int_eq(media_socket_open(rig.sockets, 2, &loopback, &three),
			 -EEXIST);
	ck_assert_int_eq(media_socket_open(rig.sockets, 3, &loopback, &three),
			 -EADDRINUSE);
	ck_assert_uint_eq(three.port, 4711);

	media_socket_close(rig.sockets, 1);
	media_socket_close(rig.sockets, 1);
	ck_assert_int_eq(media_socket_open(rig.sockets, 3, &loopback, &three),
			 0);
	ck_assert_uint_eq(three.port, one.port);
	rig_free(&rig);
}
END_TEST

START_TEST(an_address_that_is_not_ours_is_refused)
{
	struct rig rig = rig_new(8);
	struct media_addr foreign = { .family = AF_INET,
				      .ip = { 192, 0, 2, 1 } };
	struct media_addr ret;

	ck_assert_int_eq(media_socket_open(rig.sockets, 1, &foreign, &ret),
			 -EADDRNOTAVAIL);
	rig_free(&rig);
}
END_TEST

/* Two legs of one endpoint talk to each other over real sockets. */
static void talk(const struct media_addr *local)
{
	struct rig rig = rig_new(8);
	struct media_addr one, two;
	struct media_info info;
	struct media_sound sound;
	struct span offer, answer;
	int16_t pcm[320] = { 0 };
	int i;

	ck_assert_int_eq(media_socket_open(rig.sockets, 1, local, &one), 0);
	ck_assert_int_eq(media_socket_open(rig.sockets, 2, local, &two), 0);
	ck_assert_int_eq(media_open(rig.media, 1, &one, 16000), 0);
	ck_assert_int_eq(media_open(rig.media, 2, &two, 16000), 0);
	ck_assert_int_eq(media_offer(rig.media, 1, &offer), 0);
	ck_assert_int_eq(media_answer(rig.media, 0, 2, offer, &answer), 0);
	ck_assert_int_eq(media_accept(rig.media, 0, 1, answer), 0);

	woken = 0;
	for (i = 0; i < 20; i++) {
		now_ms += 20;
		media_tick(rig.media, now_ms);
		media_frame(rig.media, now_ms, 1, pcm, 320);
		media_socket_flush(rig.sockets);
		event_base_loop(rig.base, EVLOOP_NONBLOCK);
		while (media_next_frame(rig.media, &sound))
			ck_assert_uint_eq(sound.samples, 320);
	}
	ck_assert_uint_ge(woken, 19);
	ck_assert_int_eq(media_info(rig.media, 2, &info), 0);
	ck_assert_uint_ge(info.rx, 19);
	ck_assert(!info.learned);

	/* The other one is gone: what we send bounces, and that is all. */
	media_socket_close(rig.sockets, 2);
	for (i = 0; i < 5; i++) {
		now_ms += 20;
		media_frame(rig.media, now_ms, 1, pcm, 320);
		media_socket_flush(rig.sockets);
		event_base_loop(rig.base, EVLOOP_NONBLOCK);
	}
	rig_free(&rig);
}

START_TEST(sound_goes_over_ipv4)
{
	talk(&loopback);
}
END_TEST

START_TEST(sound_goes_over_ipv6)
{
	struct rig rig = rig_new(8);
	struct media_addr ret;
	int rc = media_socket_open(rig.sockets, 1, &loopback6, &ret);

	rig_free(&rig);
	if (rc == 0) /* some containers have none */
		talk(&loopback6);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("media_socket");
	TCase *tc = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, a_leg_gets_an_even_port_and_no_other_leg_the_same);
	tcase_add_test(tc, an_address_that_is_not_ours_is_refused);
	tcase_add_test(tc, sound_goes_over_ipv4);
	tcase_add_test(tc, sound_goes_over_ipv6);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
