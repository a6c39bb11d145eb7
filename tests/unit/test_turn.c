/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libosmocore as libevent's guest: its descriptors and timers are served,
 * and nothing spins.
 */
#include "turn.h"

#include <check.h>
#include <osmocom/core/select.h>
#include <osmocom/core/timer.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

static void *ctx;
static struct turn *turn;

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void setup(void)
{
	ctx = talloc_new(NULL);
	turn = turn_new(ctx);
}

static void teardown(void)
{
	talloc_free(ctx);
}

/* Turns until @until, at most; how many it took. */
static int turns(int64_t until_ms, const bool *done)
{
	int n = 0;

	while (!(done && *done) && now_ms() < until_ms) {
		turn_once(turn, now_ms(), until_ms);
		n++;
	}
	return n;
}

static int read_one(struct osmo_fd *ofd, unsigned int what)
{
	char c;

	ck_assert_uint_eq(what, OSMO_FD_READ);
	ck_assert_int_eq(read(ofd->fd, &c, 1), 1);
	*(bool *)ofd->data = true;
	return 0;
}

START_TEST(a_guest_s_descriptor_is_served)
{
	struct osmo_fd ofd;
	bool done = false;
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	osmo_fd_setup(&ofd, pair[0], OSMO_FD_READ, read_one, &done, 0);
	ck_assert_int_eq(osmo_fd_register(&ofd), 0);
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
	ck_assert_int_le(turns(now_ms() + 2000, &done), 2);
	ck_assert(done);
	osmo_fd_close(&ofd);
	close(pair[1]);
}
END_TEST

struct phoenix {
	struct osmo_fd ofd;
	int other; /* end of the pair */
	int lives;
	bool done;
};

static void be_born(struct phoenix *p);

/* As a connection of the operator shell that is closed while another comes:
 * the same number, even the same address. */
static int die_and_be_born(struct osmo_fd *ofd, unsigned int what)
{
	struct phoenix *p = ofd->data;

	osmo_fd_close(ofd);
	close(p->other);
	if (++p->lives == 5)
		p->done = true;
	else
		be_born(p);
	return 0;
}

static void be_born(struct phoenix *p)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	osmo_fd_setup(&p->ofd, pair[0], OSMO_FD_READ, die_and_be_born, p, 0);
	ck_assert_int_eq(osmo_fd_register(&p->ofd), 0);
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
	p->other = pair[1];
}

START_TEST(a_descriptor_may_be_closed_and_another_have_its_number)
{
	struct phoenix p = { 0 };

	be_born(&p);
	turns(now_ms() + 2000, &p.done);
	ck_assert_int_eq(p.lives, 5);
}
END_TEST

START_TEST(a_descriptor_above_1024_is_served)
{
	struct osmo_fd ofd;
	bool done = false;
	int pair[2], high;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	high = dup2(pair[0], 1023);
	if (dup2(pair[0], 1500) == 1500)
		high = 1500;
	ck_assert_int_ge(high, 1023);
	osmo_fd_setup(&ofd, high, OSMO_FD_READ, read_one, &done, 0);
	ck_assert_int_eq(osmo_fd_register(&ofd), 0);
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
	turns(now_ms() + 2000, &done);
	ck_assert(done);
	osmo_fd_close(&ofd);
}
END_TEST

static void on_timer(void *data)
{
	*(bool *)data = true;
}

START_TEST(a_guest_s_timer_fires_and_nothing_spins)
{
	struct osmo_timer_list timer;
	int64_t start_ms = now_ms();
	bool done = false;

	osmo_timer_setup(&timer, on_timer, &done);
	osmo_timer_schedule(&timer, 0, 50000);
	ck_assert_int_le(turns(start_ms + 5000, &done), 3);
	ck_assert(done);
	ck_assert_int_ge(now_ms() - start_ms, 50);
	ck_assert_int_lt(now_ms() - start_ms, 1000);
}
END_TEST

START_TEST(a_guest_s_time_is_not_the_wall_clock)
{
	struct timeval tv;
	int64_t ms;

	osmo_gettimeofday(&tv, NULL);
	ms = (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
	ck_assert_int_le(llabs(ms - now_ms()), 1000);
}
END_TEST

START_TEST(nothing_to_do_is_one_turn)
{
	ck_assert_int_le(turns(now_ms() + 200, NULL), 2);
}
END_TEST

static void on_signal(int sig, void *data)
{
	*(bool *)data = sig == SIGUSR1;
}

START_TEST(a_signal_ends_the_sleep)
{
	bool done = false;

	turn_signal(turn, SIGUSR1, on_signal, &done);
	raise(SIGUSR1);
	ck_assert_int_le(turns(now_ms() + 2000, &done), 2);
	ck_assert(done);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("turn");
	Suite *suite = suite_create("turn");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_guest_s_descriptor_is_served);
	tcase_add_test(tc,
		       a_descriptor_may_be_closed_and_another_have_its_number);
	tcase_add_test(tc, a_descriptor_above_1024_is_served);
	tcase_add_test(tc, a_guest_s_timer_fires_and_nothing_spins);
	tcase_add_test(tc, a_guest_s_time_is_not_the_wall_clock);
	tcase_add_test(tc, nothing_to_do_is_one_turn);
	tcase_add_test(tc, a_signal_ends_the_sleep);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
