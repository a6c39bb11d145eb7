/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sockets of SIP, with the real element behind them and real sockets of
 * loopback before them.
 */
#include "sip_socket.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "sip_sockaddr.h"
#include "sip_udp.h"
#include "turn.h"

static void *ctx;
static struct turn *turn;
static struct sip *sip;
static struct sip_socket *sockets;
static struct sip_socket_config config;
static char why[SIP_SOCKET_WHY];

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void setup(void)
{
	const struct sip_config sip_config = {
		.domain = "example.test",
		.realm = "example.test",
		.user_agent = "test",
		.seed = 4711,
	};

	ctx = talloc_new(NULL);
	turn = turn_new(ctx);
	sip = sip_new(ctx, &sip_config);
	config = (struct sip_socket_config){
		.base = turn_base(turn),
		.sip = sip,
		.now_ms = now_ms,
	};
}

static void teardown(void)
{
	sip_socket_free(sockets);
	sockets = NULL;
	talloc_free(ctx);
}

/* ---- both ends ---- */

static struct sip_addr addr_of(const char *text)
{
	struct sip_addr addr;

	ck_assert_int_eq(sip_addr_parse(&addr, text), 0);
	return addr;
}

/* A gateway that listens at @text; returns where, with the port. */
static struct sip_addr listening(const char *text)
{
	struct sip_addr addr = addr_of(text);

	if (!sockets)
		sockets = sip_socket_new(NULL, &config);
	addr.port = 0;
	ck_assert_msg(sip_socket_listen(sockets, &addr, why) == 0, "%s", why);
	ck_assert(sip_socket_listener(sockets, 0, &addr));
	ck_assert_uint_ne(addr.port, 0);
	return addr;
}

/* A phone's socket, connected to @to: it hears nobody else. */
static int phone(struct sip_addr to)
{
	union sip_sockaddr sa;
	socklen_t len = sip_sockaddr_of(&sa, &to);
	int fd = socket(to.family,
			to.transport == SIP_TCP ? SOCK_STREAM : SOCK_DGRAM, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_msg(connect(fd, &sa.any, len) == 0, "%s", strerror(errno));
	return fd;
}

/* Let the gateway work until @fd is readable; false after @ms. */
static bool serve(int fd, int ms)
{
	int64_t end_ms = now_ms() + ms;
	struct pollfd p = { fd, POLLIN, 0 };

	while (now_ms() < end_ms) {
		struct sip_event event;

		if (poll(&p, 1, 0) > 0)
			return true;
		turn_once(turn, now_ms(), now_ms() + 5);
		while (sip_next_event(sip, &event))
			;
		sip_socket_flush(sockets);
	}
	return false;
}

static size_t options(char *buf, const char *transport, const char *id)
{
	return sprintf(buf,
		       "OPTIONS sip:example.test SIP/2.0\r\n"
		       "Via: SIP/2.0/%s 127.0.0.1:9;branch=z9hG4bK%s;rport\r\n"
		       "Max-Forwards: 70\r\n"
		       "From: <sip:a@example.test>;tag=1\r\n"
		       "To: <sip:example.test>\r\n"
		       "Call-ID: %s\r\n"
		       "CSeq: 1 OPTIONS\r\n"
		       "Content-Length: 0\r\n\r\n",
		       transport, id, id);
}

static void expect_reply(int fd, const char *id)
{
	char buf[4096];
	ssize_t n;

	ck_assert(serve(fd, 2000));
	n = recv(fd, buf, sizeof(buf) - 1, 0);
	ck_assert_int_gt(n, 0);
	buf[n] = '\0';
	ck_assert_msg(strncmp(buf, "SIP/2.0 ", 8) == 0, "%s", buf);
	ck_assert_ptr_nonnull(strstr(buf, id));
}

/* The gateway closes the connection, within @ms. */
static void expect_closed(int fd, int ms)
{
	char buf[4096];

	ck_assert(serve(fd, ms));
	ck_assert_int_le(recv(fd, buf, sizeof(buf), 0), 0);
}

static struct sip_socket_counts counts(void)
{
	struct sip_socket_counts n;

	sip_socket_counts(sockets, &n);
	return n;
}

/* ---- UDP ---- */

START_TEST(a_datagram_is_answered)
{
	char buf[1024];
	int fd = phone(listening(_i ? "udp:[::1]:1" : "udp:127.0.0.1:1"));
	size_t n = options(buf, "UDP", "one");

	ck_assert_int_eq(send(fd, buf, n, 0), n);
	expect_reply(fd, "one");
	ck_assert_uint_eq(counts().udp_rx, 1);
	ck_assert_uint_eq(counts().udp_tx, 1);
	close(fd);
}
END_TEST

START_TEST(a_wildcard_answers_from_the_address_that_was_asked)
{
	struct sip_addr to = listening("udp:0.0.0.0:1");
	char buf[1024];
	size_t n = options(buf, "UDP", "two");
	int fd;

	to.ip[0] = 127;
	to.ip[3] = 2;
	fd = phone(to);
	ck_assert_int_eq(send(fd, buf, n, 0), n);
	expect_reply(fd, "two");
	close(fd);
}
END_TEST

START_TEST(two_hundred_datagrams_at_once_are_all_answered)
{
	char buf[1024], id[16];
	int fd = phone(listening("udp:127.0.0.1:1")), i;

	for (i = 0; i < 200; i++) {
		sprintf(id, "many%d", i);
		send(fd, buf, options(buf, "UDP", id), 0);
	}
	for (i = 0; i < 200; i++) {
		ck_assert(serve(fd, 2000));
		ck_assert_int_gt(recv(fd, buf, sizeof(buf), 0), 0);
	}
	ck_assert_uint_eq(counts().tx_dropped, 0);
	close(fd);
}
END_TEST

START_TEST(a_keepalive_disturbs_nobody)
{
	int fd = phone(listening("udp:127.0.0.1:1"));
	struct sip_counts n;

	send(fd, "\r\n\r\n", 4, 0);
	send(fd, "\0\0\0\0", 4, 0);
	ck_assert(!serve(fd, 50));
	ck_assert_uint_eq(counts().keepalives, 2);
	sip_counts(sip, &n);
	ck_assert_uint_eq(n.rx_bad, 0);
	close(fd);
}
END_TEST

START_TEST(a_dead_port_is_heard_of_at_once)
{
	struct sip_addr to = listening("udp:127.0.0.1:1");
	struct sip_socket_counts n = { 0 };
	int64_t end_ms = now_ms() + 2000;
	struct sip_packet packet = { .to = to,
				     .data = (const uint8_t *)"x",
				     .len = 1 };
	struct sip_addr any = addr_of("udp:127.0.0.1:1");
	struct sip_udp *udp;
	int rc;

	any.port = 0;
	config.message_bytes = 1000;
	udp = sip_udp_open(ctx, &config, &n, &any, &rc);
	ck_assert_ptr_nonnull(udp);
	sip_socket_free(sockets);
	sockets = NULL;
	packet.local = *sip_udp_addr(udp);
	sip_udp_queue(udp, &packet);
	sip_udp_flush(udp);
	while (n.tx_failed == 0 && now_ms() < end_ms)
		turn_once(turn, now_ms(), now_ms() + 5);
	ck_assert_uint_eq(n.tx_failed, 1);
}
END_TEST

START_TEST(a_port_in_use_is_named)
{
	struct sip_addr taken =
		listening(_i ? "tcp:127.0.0.1:1" : "udp:127.0.0.1:1");
	char text[SIP_ADDR_TEXT];

	ck_assert_int_eq(sip_socket_listen(sockets, &taken, why), -EADDRINUSE);
	ck_assert_ptr_nonnull(strstr(why, sip_addr_print(&taken, text)));
	ck_assert_ptr_nonnull(strstr(why, "in use"));
}
END_TEST

START_TEST(an_address_of_another_machine_is_named)
{
	struct sip_addr addr = addr_of("udp:192.0.2.1:5060");

	sockets = sip_socket_new(NULL, &config);
	ck_assert_int_eq(sip_socket_listen(sockets, &addr, why),
			 -EADDRNOTAVAIL);
	ck_assert_ptr_nonnull(strstr(why, "192.0.2.1"));
}
END_TEST

/* ---- TCP ---- */

START_TEST(a_message_in_pieces_is_whole_in_the_end)
{
	char buf[1024];
	int fd = phone(listening("tcp:127.0.0.1:1"));
	size_t n = options(buf, "TCP", "pieces"), i;

	for (i = 0; i < n; i += 7) {
		send(fd, buf + i, n - i < 7 ? n - i : 7, 0);
		serve(fd, i % 70 ? 0 : 6);
	}
	expect_reply(fd, "pieces");
	close(fd);
}
END_TEST

START_TEST(a_ping_is_answered_by_a_pong)
{
	int fd = phone(listening("tcp:127.0.0.1:1"));
	char buf[1024];
	size_t n;

	send(fd, "\r\n\r\n", 4, 0);
	ck_assert(serve(fd, 2000));
	ck_assert_int_eq(recv(fd, buf, sizeof(buf), 0), 2);
	ck_assert_mem_eq(buf, "\r\n", 2);
	/* And the next message is none the worse for it. */
	n = options(buf, "TCP", "after");
	send(fd, "\r\n", 2, 0);
	send(fd, buf, n, 0);
	expect_reply(fd, "after");
	close(fd);
}
END_TEST

START_TEST(who_talks_nonsense_is_cut_off)
{
	static const char *const nonsense[] = {
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length: 99999999\r\n\r\n",
	};
	int fd = phone(listening("tcp:127.0.0.1:1"));

	send(fd, nonsense[_i], strlen(nonsense[_i]), 0);
	expect_closed(fd, 2000);
	ck_assert_uint_eq(counts().connections, 0);
	close(fd);
}
END_TEST

START_TEST(a_header_without_end_is_cut_off)
{
	int fd = phone(listening("tcp:127.0.0.1:1")), i;
	char line[1000];

	memset(line, 'x', sizeof(line));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (i = 0; i < 100; i++)
		send(fd, line, sizeof(line), MSG_NOSIGNAL);
	expect_closed(fd, 2000);
	close(fd);
}
END_TEST

START_TEST(who_says_nothing_is_sent_away)
{
	int silent, slow;

	config.message_s = 1;
	silent = phone(listening("tcp:127.0.0.1:1"));
	expect_closed(silent, 3000);
	close(silent);
	sip_socket_free(sockets);
	sockets = NULL;
	slow = phone(listening("tcp:127.0.0.1:1"));
	send(slow, "OPTIONS ", 8, 0);
	expect_closed(slow, 3000);
	close(slow);
}
END_TEST

START_TEST(one_source_has_so_many_connections_and_no_more)
{
	struct sip_addr to;
	int a, b, c;

	config.connections_source = 2;
	to = listening("tcp:127.0.0.1:1");
	a = phone(to);
	b = phone(to);
	c = phone(to);
	expect_closed(c, 2000);
	ck_assert_uint_eq(counts().tcp_refused, 1);
	ck_assert_uint_eq(counts().connections, 2);
	close(a);
	serve(b, 50);
	ck_assert_uint_eq(counts().connections, 1);
	close(b);
	close(c);
}
END_TEST

START_TEST(who_never_reads_is_cut_off)
{
	char buf[1024], id[16];
	int fd, i;
	int64_t end_ms = now_ms() + 5000;

	config.out_bytes = 20000;
	fd = phone(listening("tcp:127.0.0.1:1"));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (i = 0; counts().tcp_broken == 0 && now_ms() < end_ms; i++) {
		sprintf(id, "deaf%d", i);
		send(fd, buf, options(buf, "TCP", id), MSG_NOSIGNAL);
		turn_once(turn, now_ms(), now_ms());
		sip_socket_flush(sockets);
	}
	ck_assert_uint_eq(counts().tcp_broken, 1);
	ck_assert_uint_eq(counts().connections, 0);
	close(fd);
}
END_TEST

START_TEST(without_descriptors_callers_are_sent_away_and_nothing_spins)
{
	struct rlimit limit = { 0 };
	struct sip_addr to = listening("tcp:127.0.0.1:1");
	int fd = phone(to), other = phone(to), turns = 0;
	int64_t end_ms;

	/* Below what is open already: the next one is refused. */
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = 4;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	end_ms = now_ms() + 300;
	while (now_ms() < end_ms) {
		turn_once(turn, now_ms(), end_ms);
		turns++;
	}
	ck_assert_uint_ge(counts().tcp_refused, 1);
	ck_assert_int_lt(turns, 20);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	close(fd);
	close(other);
}
END_TEST

int main(void)
{
	TCase *udp = tcase_create("udp"), *tcp = tcase_create("tcp");
	Suite *suite = suite_create("sip_socket");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(udp, setup, teardown);
	tcase_add_loop_test(udp, a_datagram_is_answered, 0, 2);
	tcase_add_test(udp, a_wildcard_answers_from_the_address_that_was_asked);
	tcase_add_test(udp, two_hundred_datagrams_at_once_are_all_answered);
	tcase_add_test(udp, a_keepalive_disturbs_nobody);
	tcase_add_test(udp, a_dead_port_is_heard_of_at_once);
	tcase_add_loop_test(udp, a_port_in_use_is_named, 0, 2);
	tcase_add_test(udp, an_address_of_another_machine_is_named);
	suite_add_tcase(suite, udp);
	tcase_add_checked_fixture(tcp, setup, teardown);
	tcase_set_timeout(tcp, 15);
	tcase_add_test(tcp, a_message_in_pieces_is_whole_in_the_end);
	tcase_add_test(tcp, a_ping_is_answered_by_a_pong);
	tcase_add_loop_test(tcp, who_talks_nonsense_is_cut_off, 0, 3);
	tcase_add_test(tcp, a_header_without_end_is_cut_off);
	tcase_add_test(tcp, who_says_nothing_is_sent_away);
	tcase_add_test(tcp, one_source_has_so_many_connections_and_no_more);
	tcase_add_test(tcp, who_never_reads_is_cut_off);
	tcase_add_test(
		tcp,
		without_descriptors_callers_are_sent_away_and_nothing_spins);
	suite_add_tcase(suite, tcp);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
