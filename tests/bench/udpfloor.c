/* SPDX-License-Identifier: GPL-3.0-or-later */
/* udpfloor: what the kernel alone costs for the datagrams of twin calls.
 *
 * A "server" process on one core gets IN datagrams per call from the load
 * process on the other core and sends OUT datagrams per call back, of given
 * size, with recvmmsg + sendmmsg (batch N) or recvmsg + sendmsg (batch 1).
 * No SIP, no parsing. Prints one JSON line: server CPU per 1000 calls etc.
 *
 *   udpfloor [-b batch] [-i in] [-o out] [-z bytes] [-n calls] [-r calls/s]
 *            [-e (use epoll_wait before every receive)]  [-l (latency mode)]
 * -r 0: closed loop, one call per 64 outstanding. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAXB 256
static int batch = 32, in_n = 9, out_n = 11, size = 414, use_ep, lat, score = 0, lcore = 1;
static long calls = 50000, rate;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}
static void pin(int c)
{
	cpu_set_t s;
	CPU_ZERO(&s);
	CPU_SET(c, &s);
	sched_setaffinity(0, sizeof s, &s);
}
static int sock(int port, int peer)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), sz = 4 << 20;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &sz, sizeof sz);
	if (bind(fd, (void *)&a, sizeof a)) { perror("bind"); exit(1); }
	if (peer) {
		a.sin_port = htons(peer);
		connect(fd, (void *)&a, sizeof a);
	}
	return fd;
}

/* The server: unconnected socket, answers to the sender's address. Sends
 * out_n datagrams for every in_n received, as evenly as they come. */
static void server(int fd)
{
	static char rb[MAXB][2048], sb[2048];
	static struct mmsghdr rm[MAXB], sm[MAXB * 4];
	static struct iovec ri[MAXB], si;
	static struct sockaddr_in ra[MAXB];
	long got = 0, sent = 0, total = calls * in_n;
	int ep = epoll_create1(0);
	struct epoll_event ev = { .events = EPOLLIN };
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
	memset(sb, 'x', sizeof sb);
	si.iov_base = sb;
	si.iov_len = size;
	while (got < total) {
		int n, k = 0;
		if (use_ep) epoll_wait(ep, &ev, 1, -1);
		for (int i = 0; i < batch; i++) {
			ri[i].iov_base = rb[i];
			ri[i].iov_len = 2048;
			rm[i].msg_hdr = (struct msghdr){ .msg_name = &ra[i], .msg_namelen = sizeof ra[i],
				.msg_iov = &ri[i], .msg_iovlen = 1 };
		}
		if (batch == 1) {
			n = recvmsg(fd, &rm[0].msg_hdr, 0) > 0 ? 1 : -1;
		} else {
			n = recvmmsg(fd, rm, batch, MSG_WAITFORONE, NULL);
		}
		if (n <= 0) continue;
		for (int i = 0; i < n; i++) {
			got++;
			long due = got * out_n / in_n;
			for (; sent < due; sent++) {
				sm[k].msg_hdr = (struct msghdr){ .msg_name = &ra[i], .msg_namelen = sizeof ra[i],
					.msg_iov = &si, .msg_iovlen = 1 };
				if (batch == 1) sendmsg(fd, &sm[k].msg_hdr, 0);
				else k++;
			}
		}
		for (int d = 0; d < k;) {
			int w = sendmmsg(fd, sm + d, k - d, 0);
			if (w <= 0) break;
			d += w;
		}
	}
}

int main(int argc, char **argv)
{
	int c;
	while ((c = getopt(argc, argv, "b:i:o:z:n:r:elS:L:")) != -1) switch (c) {
	case 'b': batch = atoi(optarg); break;
	case 'i': in_n = atoi(optarg); break;
	case 'o': out_n = atoi(optarg); break;
	case 'z': size = atoi(optarg); break;
	case 'n': calls = atol(optarg); break;
	case 'r': rate = atol(optarg); break;
	case 'e': use_ep = 1; break;
	case 'l': lat = 1; break;
	case 'S': score = atoi(optarg); break;
	case 'L': lcore = atoi(optarg); break;
	default: return 2;
	}
	if (batch < 1 || batch > MAXB || size > 2048) return 2;
	int sfd = sock(5999, 0), lfd = sock(5998, 5999);
	pid_t pid = fork();
	if (!pid) {
		pin(score);
		server(sfd);
		_exit(0);
	}
	pin(lcore);
	static char b[64][2048], sb[2048];
	static struct mmsghdr m[64], sm[64];
	static struct iovec v[64], sv;
	sv.iov_base = sb;
	sv.iov_len = size;
	for (int i = 0; i < 64; i++) {
		v[i].iov_base = b[i];
		v[i].iov_len = 2048;
		m[i].msg_hdr = (struct msghdr){ .msg_iov = &v[i], .msg_iovlen = 1 };
		sm[i].msg_hdr = (struct msghdr){ .msg_iov = &sv, .msg_iovlen = 1 };
	}
	double t0 = now();
	long sent = 0, got = 0, tot_in = calls * in_n, tot_out = calls * out_n;
	struct timeval tv = { .tv_sec = 1 };
	setsockopt(lfd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	double *ls = lat ? calloc(calls, sizeof *ls) : NULL;
	long nl = 0;
	while (got < tot_out) {
		if (lat) {			/* one datagram at a time, at `rate` */
			double at = t0 + (double)sent / (rate ? rate : 20), w = at - now();
			if (w > 0) usleep(w * 1e6);
			double a = now();
			send(lfd, sb, size, 0);
			sent++;
			if (recv(lfd, b[0], 2048, 0) <= 0) break;
			got++;
			ls[nl++] = now() - a;
			continue;
		}
		long may = tot_in - sent;
		if (rate) {
			long due = (now() - t0) * rate * in_n;
			if (due - sent < may) may = due - sent;
		} else if (sent * out_n / in_n - got > 64 * out_n) may = 0;
		if (may > 64) may = 64;
		if (may > 0) {
			int n = sendmmsg(lfd, sm, may, 0);
			if (n > 0) sent += n;
		}
		int fl = (may <= 0 && !rate) ? MSG_WAITFORONE : MSG_DONTWAIT;
		int n = recvmmsg(lfd, m, 64, fl, NULL);
		if (n > 0) got += n;
		else if (errno == EAGAIN && fl == MSG_WAITFORONE) { fprintf(stderr, "lost: sent %ld got %ld\n", sent, got); break; }
		if (rate && may <= 0 && n <= 0) usleep(50);
	}
	double wall = now() - t0;
	if (got < tot_out) kill(pid, 9);
	struct rusage u;
	int st;
	wait4(pid, &st, 0, &u);
	double us = u.ru_utime.tv_sec + u.ru_utime.tv_usec * 1e-6, ss = u.ru_stime.tv_sec + u.ru_stime.tv_usec * 1e-6;
	printf("{\"batch\": %d, \"epoll\": %d, \"rate\": %.0f, \"calls\": %ld, \"cpu_s_per_1000_calls\": %.5f, \"us_per_datagram\": %.3f, \"user\": %.2f, \"sys\": %.2f, \"util\": %.2f, \"lost\": %ld",
	       batch, use_ep, calls / wall, calls, (us + ss) * 1000 / calls, (us + ss) * 1e6 / (calls * (in_n + out_n)), us, ss,
	       (us + ss) / wall, tot_out - got);
	if (lat && nl) {
		int cmp(const void *x, const void *y) { double p = *(double *)x, q = *(double *)y; return p < q ? -1 : p > q; }
		qsort(ls, nl, sizeof *ls, cmp);
		printf(", \"rtt_us_p50\": %.0f, \"rtt_us_p99\": %.0f", ls[nl / 2] * 1e6, ls[nl * 99 / 100] * 1e6);
	}
	printf("}\n");
	return 0;
}
