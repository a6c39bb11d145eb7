/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sim_socket.c - the air as a socket in the file system */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>
#include <osmocom/core/talloc.h>

#include "sim.h"
#include "sim_pt.h"

static char dir[64];
static char path[96];
static void *ctx;
static struct event_base *loop;
static struct hal *hal;
static struct sim *sim;
static struct sim_socket *air;
static hal_base_id base;

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
}

static void touched(void *data)
{
	(*(int *)data)++;
}

static int touches;

static void start(void)
{
	strcpy(dir, "/tmp/test_sim_socket.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/base-sim.sock", dir);
	ctx = talloc_new(NULL);
	loop = event_base_new();
	hal = hal_new(ctx, NULL);
	sim = sim_new(ctx, &(struct sim_config){ .seed = 1, .conns = 2 });
	hal_base_open(hal, now_ms(), "sim", &sim_driver, sim, &base);
	hal_tick(hal, now_ms());
	ck_assert_int_eq(sim_socket_new(ctx, loop, sim, path, now_ms, touched,
					&touches, &air),
			 0);
}

static void stop(void)
{
	sim_socket_free(air);
	ck_assert_int_eq(access(path, F_OK), -1);
	hal_free(hal);
	event_base_free(loop);
	talloc_free(ctx);
	rmdir(dir);
}

static int dial(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(addr.sun_path, path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&addr, sizeof(addr)),
			 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void turn(void)
{
	event_base_loop(loop, EVLOOP_NONBLOCK);
	sim_socket_flush(air);
	event_base_loop(loop, EVLOOP_NONBLOCK);
}

START_TEST(a_handset_subscribes_over_the_socket)
{
	struct pt *pt;
	struct hal_event event;
	hal_handset_id handset = 0;
	hal_req_id req;
	uint8_t buf[4096];
	int fd;

	start();
	fd = dial();
	pt = pt_new(ctx, &(struct pt_config){ .seed = 7 });
	pt_air_up(pt, now_ms());
	hal_sub_open(hal, now_ms(), base, &(struct hal_window){ .ac = "1" },
		     &req);
	ck_assert_int_eq(pt_subscribe(pt, now_ms(), "1"), 0);
	for (int i = 0; i < 100 && pt_state(pt) != PT_ATTACHED; i++) {
		ssize_t n;

		turn();
		n = read(fd, buf, sizeof(buf));
		if (n > 0)
			ck_assert_int_eq(pt_rx(pt, now_ms(), buf, n), 0);
		n = pt_next_air(pt, buf, sizeof(buf));
		if (n > 0)
			ck_assert_int_eq(write(fd, buf, n), n);
		while (hal_next_event(hal, &event)) {
			if (event.type == HAL_EV_SUB_REQUEST)
				hal_sub_reply(hal, now_ms(), event.sub.id,
					      &(struct hal_assignment){ 0 },
					      &handset);
		}
	}
	ck_assert_int_eq(pt_state(pt), PT_ATTACHED);
	ck_assert_int_gt(touches, 0);
	close(fd);
	turn();
	ck_assert(hal_next_event(hal, &event));
	ck_assert_int_eq(event.type, HAL_EV_HANDSET);
	ck_assert_int_eq(event.presence, HAL_LOST);
	stop();
}
END_TEST

START_TEST(nonsense_and_too_many_are_closed)
{
	uint8_t buf[64];
	int fd[3];

	start();
	fd[0] = dial();
	fd[1] = dial();
	fd[2] = dial();
	turn();
	ck_assert_int_eq(read(fd[2], buf, sizeof(buf)), 0);
	ck_assert_int_eq(write(fd[0], "GET / HTTP/1.1\r\n\r\n", 18), 18);
	turn();
	ck_assert_int_gt(read(fd[0], buf, sizeof(buf)), 0); /* a beacon */
	ck_assert_int_eq(read(fd[0], buf, sizeof(buf)), 0);
	ck_assert_int_gt(read(fd[1], buf, sizeof(buf)), 0);
	ck_assert_int_eq(read(fd[1], buf, sizeof(buf)), -1);
	ck_assert_int_eq(errno, EAGAIN);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	turn();
	stop();
}
END_TEST

START_TEST(a_live_socket_and_a_plain_file_are_left_alone)
{
	struct sim_socket *second;
	struct stat st;
	char file[128];
	int fd;

	start();
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0660);
	ck_assert_int_eq(sim_socket_new(ctx, loop, sim, path, now_ms, touched,
					&touches, &second),
			 -EADDRINUSE);
	snprintf(file, sizeof(file), "%s/file", dir);
	fd = open(file, O_CREAT | O_WRONLY, 0600);
	close(fd);
	ck_assert_int_eq(sim_socket_new(ctx, loop, sim, file, now_ms, touched,
					&touches, &second),
			 -EEXIST);
	ck_assert_int_eq(access(file, F_OK), 0);
	unlink(file);
	stop();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sim_socket");
	TCase *tc = tcase_create("socket");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, a_handset_subscribes_over_the_socket);
	tcase_add_test(tc, nonsense_and_too_many_are_closed);
	tcase_add_test(tc, a_live_socket_and_a_plain_file_are_left_alone);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
