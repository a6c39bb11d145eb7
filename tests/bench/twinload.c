/* SPDX-License-Identifier: GPL-3.0-or-later */
/* twinload: fast load for the twin-call benchmark, where sipp is too slow.
 *
 * One thread plays the caller and both legs on three UDP sockets of
 * 127.0.0.1 against a server, polling without ever sleeping: so the server's
 * sends never have to wake an idle core, which in a virtual machine costs
 * more than the SIP work. Checks every call: one INVITE at each leg, one 200
 * at the caller, CANCEL + ACKed 487 at the losing leg, ACK and BYE at the
 * winning one. Retransmits as RFC 3261 asks (T1 500 ms). Prints one JSON line.
 *
 *   twinload -s PORT [-c 7100 -d 7101 -h 7102] [-t 201 -u 101 [-p PASSWORD]]
 *            [-r calls/s] [-n calls] [-i ring ms] [-o hold ms] [-k desk|handset|alt]
 *            [-D n: every nth losing leg "loses" its first 180]
 *            [-P pairs: call k is from 1NNNN to 2NNNN, whose twin is 4NNNN,
 *             with NNNN = k mod pairs; -p is then a pattern such as pw%s]
 *   twinload -s PORT -R USERS [-c 7100] [-w outstanding] [-x expires]
 *       digest registrations, closed loop; USERS: lines "user password contact"
 * Calls are told apart by the SDP session name "c<number>", which a proxy and
 * a back-to-back agent both keep; the legs' turns ("alt") and the times from
 * INVITE to INVITE ("lat") hang on it. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUF 4096
#define NB 64
enum { CALLER, DESK, HAND };

/* ------------------------------------------------------------------ MD5 */
static void md5hex(char out[33], const char *fmt, ...)
{
	static uint32_t K[64];
	static const uint8_t S[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };
	uint32_t h[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
	uint8_t d[1200];
	if (!K[0]) {		/* floor(2^32 * |sin(i+1)|), by Taylor to stay free of -lm */
		for (int i = 0; i < 64; i++) {
			long double x = i + 1, pi = 3.14159265358979323846264338327950288L;
			while (x > pi) x -= 2 * pi;
			long double t = x, s = x;
			for (int k = 1; k < 20; k++) { t *= -x * x / ((2 * k) * (2 * k + 1)); s += t; }
			if (s < 0) s = -s;
			K[i] = (uint32_t)(s * 4294967296.0L);
		}
	}
	va_list ap;
	va_start(ap, fmt);
	size_t n = vsnprintf((char *)d, 1024, fmt, ap);
	va_end(ap);
	uint64_t bits = n * 8;
	d[n++] = 0x80;
	while (n % 64 != 56) d[n++] = 0;
	for (int i = 0; i < 8; i++) d[n++] = bits >> (8 * i);
	for (size_t o = 0; o < n; o += 64) {
		uint32_t a = h[0], b = h[1], c = h[2], e = h[3], w[16];
		memcpy(w, d + o, 64);
		for (int i = 0; i < 64; i++) {
			uint32_t f, g;
			if (i < 16) f = (b & c) | (~b & e), g = i;
			else if (i < 32) f = (e & b) | (~e & c), g = (5 * i + 1) & 15;
			else if (i < 48) f = b ^ c ^ e, g = (3 * i + 5) & 15;
			else f = c ^ (b | ~e), g = (7 * i) & 15;
			uint32_t t = a + f + K[i] + w[g];
			int r = S[i / 16][i & 3];
			a = e; e = c; c = b;
			b += t << r | t >> (32 - r);
		}
		h[0] += a; h[1] += b; h[2] += c; h[3] += e;
	}
	for (int i = 0; i < 16; i++) sprintf(out + 2 * i, "%02x", (h[i / 4] >> (8 * (i & 3))) & 255);
}

/* ---------------------------------------------------------------- state */
typedef struct { uint8_t st, cancelled, win, failed, seen; uint32_t idx; char *blk, *to; double t; } leg_t;
enum { L_NEW, L_RING, L_FINAL, L_ACKED, L_DONE };
typedef struct { uint8_t st, tries, failed, prov; uint16_t cseq; double t_inv; float d_desk, d_hand, d_180; char *dlg, *auth; } call_t;
enum { C_IDLE, C_INV, C_UP, C_BYE, C_DONE };
typedef struct { double due; uint32_t id; uint8_t what, k; } ev_t;
enum { E_RING, E_HOLD, E_INV, E_BYE, E_FINAL, E_REG };
typedef struct { ev_t *v; size_t h, n, cap; double delay; } fifo_t;
typedef struct { uint64_t key; uint32_t leg; } slot_t;

static int port, fd[3], lport[3] = { 7100, 7101, 7102 };
static const char *target = "201", *user = "101", *pass, *who = "desk";
static double rate = 100, t_now, t_last;
static long ncalls = 1000;
static int ring_ms = 200, hold_ms = 800, pid, drop180, npairs;
static call_t *calls;
static leg_t *legs[3];
static uint32_t nlegs[3];
static slot_t *tab[3];
static uint32_t tmask;
static fifo_t f_ring, f_hold, f_rt[7];
static long done, failed, retrans, double200, stray, started;
static long sent_n, recv_n;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}
static void push(fifo_t *f, uint32_t id, int what, int k)
{
	if (f->n == f->cap) {
		size_t c = f->cap ? f->cap * 2 : 1024;
		ev_t *v = malloc(c * sizeof *v);
		for (size_t i = 0; i < f->n; i++) v[i] = f->v[(f->h + i) & (f->cap - 1)];
		free(f->v);
		f->v = v; f->cap = c; f->h = 0;
	}
	f->v[(f->h + f->n++) & (f->cap - 1)] = (ev_t){ t_now + f->delay, id, what, k };
}
static int pop(fifo_t *f, ev_t *e)
{
	if (!f->n || f->v[f->h].due > t_now) return 0;
	*e = f->v[f->h];
	f->h = (f->h + 1) & (f->cap - 1);
	f->n--;
	return 1;
}
static void rt(uint32_t id, int what, int k) { push(&f_rt[k > 6 ? 6 : k], id, what, k); }

/* ---------------------------------------------------------- who calls whom */
static const char *numbered(char role, const char *one, uint32_t i)
{
	static char buf[4][16];
	static int k;
	if (!npairs) return one;
	char *b = buf[k++ & 3];
	snprintf(b, sizeof buf[0], "%c%04u", role, i % npairs);
	return b;
}
static const char *user_of(uint32_t i) { return numbered('1', user, i); }
static const char *target_of(uint32_t i) { return numbered('2', target, i); }
static const char *pass_of(uint32_t i)
{
	static char b[64];
	if (!npairs) return pass;
	const char *pc = strstr(pass, "%s");
	if (!pc) return pass;
	snprintf(b, sizeof b, "%.*s%s%s", (int)(pc - pass), pass, user_of(i), pc + 2);
	return b;
}

/* ------------------------------------------------------------------- io */
static char obuf[3][NB][BUF];
static struct iovec oiov[3][NB];
static struct mmsghdr omsg[3][NB];
static int on[3];
static void flush(int s)
{
	for (int d = 0; d < on[s];) {
		int w = sendmmsg(fd[s], omsg[s] + d, on[s] - d, 0);
		if (w > 0) { d += w; sent_n += w; }
		else if (errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED && errno != ENOBUFS) { perror("sendmmsg"); exit(1); }
	}
	on[s] = 0;
}
static char *out(int s) { if (on[s] == NB) flush(s); return obuf[s][on[s]]; }
static void commit(int s, char *end)
{
	int i = on[s]++;
	oiov[s][i] = (struct iovec){ obuf[s][i], end - obuf[s][i] };
	omsg[s][i].msg_hdr = (struct msghdr){ .msg_iov = &oiov[s][i], .msg_iovlen = 1 };
}
__attribute__((format(printf, 2, 3))) static char *put(char *p, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	p += vsprintf(p, fmt, ap);
	va_end(ap);
	return p;
}

/* ---------------------------------------------------------------- parse */
typedef struct {
	char *first, *via, *from, *to, *cid, *cseq, *contact, *www;	/* whole lines, NUL-ended */
	char *body;
	char *rr[8], *vias[8];
	int nrr, nvia, code, num;
	const char *method;
	uint64_t key;
} sip_t;

static char *val(char *line) { char *p = strchr(line, ':') + 1; while (*p == ' ') p++; return p; }
static int is(const char *line, const char *name, char c)
{
	size_t n = strlen(name);
	if (!strncasecmp(line, name, n) && (line[n] == ':' || line[n] == ' ')) return 1;
	return c && tolower(line[0]) == c && (line[1] == ':' || line[1] == ' ');
}
static int parse(char *b, size_t n, sip_t *m)
{
	memset(m, 0, sizeof *m);
	b[n] = 0;
	char *p = b;
	m->first = p;
	int line = 0;
	while (*p) {
		char *e = strchr(p, '\r');
		if (!e) break;
		*e = 0;
		if (e == p) { m->body = e + 2; break; }
		if (line++) switch (tolower(*p)) {
		case 'v': if (is(p, "Via", 'v') && m->nvia < 8) m->vias[m->nvia++] = p; break;
		case 'f': if (is(p, "From", 'f')) m->from = p; break;
		case 't': if (is(p, "To", 't')) m->to = p; break;
		case 'i': if (is(p, "Call-ID", 'i')) m->cid = p; break;
		case 'm': if (is(p, "Contact", 'm')) m->contact = p; break;
		case 'c':
			if (is(p, "Call-ID", 0)) m->cid = p;
			else if (is(p, "CSeq", 0)) m->cseq = p;
			else if (is(p, "Contact", 0)) m->contact = p;
			break;
		case 'r': if (is(p, "Record-Route", 0) && m->nrr < 8) m->rr[m->nrr++] = p; break;
		case 'w': case 'p':
			if (is(p, "WWW-Authenticate", 0) || is(p, "Proxy-Authenticate", 0))
				if (!m->www || strcasestr(m->www, "SHA-256")) m->www = p;
			break;
		}
		p = e + 2;
	}
	if (!m->nvia || !m->from || !m->to || !m->cid || !m->cseq) return -1;
	char *c = val(m->cseq);
	m->num = atoi(c);
	while (*c && *c != ' ') c++;
	while (*c == ' ') c++;
	m->method = c;
	if (!strncmp(m->first, "SIP/2.0 ", 8)) m->code = atoi(m->first + 8);
	uint64_t h = 1469598103934665603ull;
	for (char *q = val(m->cid); *q; q++) h = (h ^ (uint8_t)*q) * 1099511628211ull;
	m->key = h ? h : 1;
	return 0;
}
static leg_t *leg_find(int s, uint64_t key, int make)
{
	uint32_t i = (uint32_t)(key ^ key >> 32) & tmask;
	for (;; i = (i + 1) & tmask) {
		if (tab[s][i].key == key) return &legs[s][tab[s][i].leg];
		if (!tab[s][i].key) break;
	}
	if (!make || nlegs[s] >= ncalls * 2) return NULL;
	tab[s][i] = (slot_t){ key, nlegs[s] };
	return &legs[s][nlegs[s]++];
}

/* ----------------------------------------------------------- digest auth */
static int par(const char *h, const char *name, char *o, size_t z)
{
	const char *p = h;
	size_t n = strlen(name);
	while ((p = strcasestr(p, name))) {
		if ((p[-1] == ' ' || p[-1] == ',') && p[n] == '=') {
			p += n + 1;
			int q = *p == '"';
			p += q;
			size_t i = 0;
			while (*p && i < z - 1 && (q ? *p != '"' : *p != ',' && *p != ' ')) o[i++] = *p++;
			o[i] = 0;
			return 1;
		}
		p += n;
	}
	*o = 0;
	return 0;
}
static char *digest(const char *chal, const char *method, const char *uri, const char *u, const char *pw)
{
	char realm[128], nonce[256], opaque[128], qop[64], a1[33], a2[33], r[33], *o = malloc(1024), *p = o;
	par(chal, "realm", realm, sizeof realm);
	par(chal, "nonce", nonce, sizeof nonce);
	int ho = par(chal, "opaque", opaque, sizeof opaque), hq = par(chal, "qop", qop, sizeof qop);
	md5hex(a1, "%s:%s:%s", u, realm, pw);
	md5hex(a2, "%s:%s", method, uri);
	if (hq) md5hex(r, "%s:%s:00000001:7b3c:auth:%s", a1, nonce, a2);
	else md5hex(r, "%s:%s:%s", a1, nonce, a2);
	p = put(p, "%s: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\", algorithm=MD5",
		tolower(chal[0]) == 'p' ? "Proxy-Authorization" : "Authorization", u, realm, nonce, uri, r);
	if (ho) p = put(p, ", opaque=\"%s\"", opaque);
	if (hq) p = put(p, ", qop=auth, nc=00000001, cnonce=\"7b3c\"");
	put(p, "\r\n");
	return o;
}

/* ---------------------------------------------------------------- caller */
static const char sdp_fmt[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=c%08u\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
	"m=audio 20000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
	"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n";
static const char sdp_ans[] = "v=0\r\no=- 2 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
	"m=audio 20002 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n";

static char *head(char *p, uint32_t i, const char *meth, const char *uri, int branch, const char *route, const char *totag, int cseq)
{
	return put(p, "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%xc%ub%d\r\n%s"
		"From: <sip:%s@127.0.0.1:%d>;tag=c%xx%u\r\nTo: <sip:%s@127.0.0.1:%d>%s%s\r\nCall-ID: tb%x-%u@127.0.0.1\r\n"
		"CSeq: %d %s\r\nMax-Forwards: 70\r\n",
		meth, uri, lport[CALLER], pid, i, branch, route, user_of(i), port, pid, i, target_of(i), port, *totag ? ";tag=" : "", totag, pid, i, cseq, meth);
}
static void send_invite(uint32_t i)
{
	call_t *c = &calls[i];
	char uri[64], *p = out(CALLER);
	sprintf(uri, "sip:%s@127.0.0.1:%d", target_of(i), port);
	p = head(p, i, "INVITE", uri, c->cseq, "", "", c->cseq);
	char sdp[sizeof sdp_fmt + 16];
	size_t nsdp = sprintf(sdp, sdp_fmt, i);
	p = put(p, "%sContact: <sip:%s@127.0.0.1:%d>\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO\r\n"
		"User-Agent: twinload\r\nContent-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
		c->auth ? c->auth : "", user_of(i), lport[CALLER], nsdp, sdp);
	commit(CALLER, p);
}
/* dlg: "uri\0totag\0routes" */
static void send_dlg(uint32_t i, const char *meth)
{
	call_t *c = &calls[i];
	char *uri = c->dlg, *tag = uri + strlen(uri) + 1, *route = tag + strlen(tag) + 1, *p = out(CALLER);
	int bye = *meth == 'B';
	p = head(p, i, meth, uri, bye ? 101 : 100, route, tag, bye ? c->cseq + 1 : c->cseq);
	p = put(p, "Content-Length: 0\r\n\r\n");
	commit(CALLER, p);
}
static void call_end(uint32_t i, int bad)
{
	call_t *c = &calls[i];
	if (c->st == C_DONE) return;
	c->st = C_DONE;
	c->failed = bad;
	done++;
	failed += bad;
}
static void caller_rx(sip_t *m)
{
	unsigned i, pd;
	if (!m->code) { stray++; return; }
	if (sscanf(val(m->cid), "tb%x-%u", &pd, &i) != 2 || (int)pd != pid || i >= started) { stray++; return; }
	call_t *c = &calls[i];
	if (!strcmp(m->method, "BYE")) {
		if (c->st == C_BYE && m->code == 200) call_end(i, c->failed);
		else if (c->st == C_BYE && m->code > 200) call_end(i, 1);
		return;
	}
	if (strcmp(m->method, "INVITE")) { stray++; return; }
	char *tag = strcasestr(m->to, ";tag=");
	if (tag) { tag += 5; tag[strcspn(tag, ";")] = 0; }
	if (m->num != c->cseq) {			/* the challenge again */
		return;
	}
	if (m->code < 200) {
		c->prov = 1;
		if (m->code == 180 && !c->d_180) c->d_180 = t_now - c->t_inv;
		return;
	}
	if (m->code == 200) {
		if (c->st == C_INV) {
			char *uri = strchr(m->contact ? m->contact : "", '<'), *e;
			if (!uri || !tag) { call_end(i, 1); return; }
			uri++;
			if ((e = strchr(uri, '>'))) *e = 0;
			char rb[2048], *p = rb;
			*rb = 0;
			for (int k = m->nrr - 1; k >= 0; k--) {		/* reversed, also within a line */
				char *l = val(m->rr[k]), *c2;
				while ((c2 = strstr(l, ">,")) || (c2 = strstr(l, "> ,"))) {
					char *lastc = strrchr(l, ',');
					p = put(p, "Route: %s\r\n", lastc + 1 + strspn(lastc + 1, " "));
					*lastc = 0;
				}
				p = put(p, "Route: %s\r\n", l);
			}
			size_t a = strlen(uri) + 1, b = strlen(tag) + 1, d = strlen(rb) + 1;
			c->dlg = malloc(a + b + d);
			memcpy(c->dlg, uri, a); memcpy(c->dlg + a, tag, b); memcpy(c->dlg + a + b, rb, d);
			c->st = C_UP;
			send_dlg(i, "ACK");
			push(&f_hold, i, E_HOLD, 0);
		} else if (c->dlg) {
			if (!tag || strcmp(tag, c->dlg + strlen(c->dlg) + 1)) { double200++; if (!c->failed) { c->failed = 1; if (c->st == C_DONE) failed++; } }
			else if (c->st != C_DONE) send_dlg(i, "ACK");
		}
		return;
	}
	/* negative: ACK it, hop by hop */
	char uri[64], *p = out(CALLER);
	sprintf(uri, "sip:%s@127.0.0.1:%d", target_of(i), port);
	p = head(p, i, "ACK", uri, c->cseq, "", tag ? tag : "", c->cseq);
	p = put(p, "Content-Length: 0\r\n\r\n");
	commit(CALLER, p);
	if ((m->code == 401 || m->code == 407) && pass && m->www && !c->auth) {
		c->auth = digest(m->www, "INVITE", uri, user_of(i), pass_of(i));
		c->cseq++;
		c->prov = 0;
		c->t_inv = t_now;
		send_invite(i);
		rt(i, E_INV, 0);
		return;
	}
	if (c->st == C_INV) { call_end(i, 1); if (failed < 3) fprintf(stderr, "caller got: %s\n", m->first); }
}

/* ------------------------------------------------------------------ legs */
static void leg_final(int s, leg_t *l)
{
	char *p = out(s);
	if (l->win) p = put(p, "SIP/2.0 200 OK\r\n%s%s;tag=w%xx%u\r\nContact: <sip:127.0.0.1:%d>\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO\r\n"
		"Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s", l->blk, l->to, pid, (unsigned)(l - legs[s]), lport[s], sizeof sdp_ans - 1, sdp_ans);
	else p = put(p, "SIP/2.0 487 Request Terminated\r\n%s%s;tag=w%xx%u\r\nContent-Length: 0\r\n\r\n", l->blk, l->to, pid, (unsigned)(l - legs[s]));
	commit(s, p);
}
static char *echo(char *p, sip_t *m, int to)
{
	for (int k = 0; k < m->nvia; k++) p = put(p, "%s\r\n", m->vias[k]);
	p = put(p, "%s\r\n%s\r\n%s\r\n", m->from, m->cid, m->cseq);
	if (to) p = put(p, "%s\r\n", m->to);
	return p;
}
static void leg_drop(leg_t *l) { free(l->blk); l->blk = l->to = NULL; l->st = L_DONE; }
static void leg_rx(int s, sip_t *m)
{
	if (m->code) { stray++; return; }
	char *p;
	const char *me = m->method;
	leg_t *l = leg_find(s, m->key, !strcmp(me, "INVITE"));
	if (!l) {
		if (!strcmp(me, "OPTIONS")) { p = out(s); p = put(p, "SIP/2.0 200 OK\r\n"); p = echo(p, m, 1); commit(s, put(p, "Content-Length: 0\r\n\r\n")); return; }
		stray++;
		return;
	}
	if (!strcmp(me, "INVITE")) {
		if (l->st == L_NEW) {
			char b[BUF], *e = echo(b, m, 0);
			for (int k = 0; k < m->nrr; k++) e = put(e, "%s\r\n", m->rr[k]);
			size_t n = e - b + 1, t = strlen(m->to) + 1;
			l->blk = malloc(n + t);
			memcpy(l->blk, b, n);
			l->to = l->blk + n;
			memcpy(l->to, m->to, t);
			char *q = m->body ? strstr(m->body, "s=c") : NULL;
			unsigned i = ~0u;
			if (!q || (i = strtoul(q + 3, NULL, 10)) >= started) i = ~0u;
			l->idx = i;
			if (i != ~0u) {
				float *d = s == DESK ? &calls[i].d_desk : &calls[i].d_hand;
				if (*d == 0) *d = t_now - calls[i].t_inv;
			}
			if (!strcmp(who, "alt")) l->win = (i & 1) == (s == HAND);
			else l->win = !strcmp(who, "desk") == (s == DESK);
			l->st = L_RING;
			if (l->win) push(&f_ring, l - legs[s], E_RING, s);
		} else if (l->st == L_FINAL) { leg_final(s, l); return; }
		else if (l->st != L_RING) return;
		if (drop180 && !l->seen++ && !l->win && (l - legs[s]) % drop180 == 0) return;
		p = out(s);
		p = put(p, "SIP/2.0 180 Ringing\r\n%s%s;tag=w%xx%u\r\nContact: <sip:127.0.0.1:%d>\r\nContent-Length: 0\r\n\r\n",
			l->blk, l->to, pid, (unsigned)(l - legs[s]), lport[s]);
		commit(s, p);
	} else if (!strcmp(me, "ACK")) {
		if (l->st == L_FINAL) { if (l->win) l->st = L_ACKED; else leg_drop(l); }
	} else {
		p = out(s);
		p = put(p, "SIP/2.0 200 OK\r\n");
		p = echo(p, m, 1);
		commit(s, put(p, "Content-Length: 0\r\n\r\n"));
		if (!strcmp(me, "CANCEL")) {
			l->cancelled = 1;
			if (l->win) { l->failed = 1; stray++; }
			else if (l->st == L_RING) { l->st = L_FINAL; leg_final(s, l); rt((l - legs[s]) * 4 + s, E_FINAL, 0); }
		} else if (!strcmp(me, "BYE")) {
			if (l->win && (l->st == L_ACKED || l->st == L_FINAL)) { if (l->st == L_FINAL) l->failed = 1; leg_drop(l); }
			else if (l->st != L_DONE) { l->failed = 1; stray++; }
		}
	}
}

/* ---------------------------------------------------------------- timers */
static void timers(void)
{
	ev_t e;
	while (pop(&f_ring, &e)) {
		leg_t *l = &legs[e.k][e.id];
		if (l->st != L_RING) continue;
		l->st = L_FINAL;
		leg_final(e.k, l);
		rt(e.id * 4 + e.k, E_FINAL, 0);
	}
	while (pop(&f_hold, &e)) {
		if (calls[e.id].st != C_UP) continue;
		calls[e.id].st = C_BYE;
		send_dlg(e.id, "BYE");
		rt(e.id, E_BYE, 0);
	}
	for (int k = 0; k < 7; k++) while (pop(&f_rt[k], &e)) {
		if (e.what == E_FINAL) {
			leg_t *l = &legs[e.id & 3][e.id >> 2];
			if (l->st != L_FINAL) continue;
			if (k == 6) { l->failed = 1; continue; }
			leg_final(e.id & 3, l);
		} else {
			call_t *c = &calls[e.id];
			if (e.what == E_INV ? c->st != C_INV : c->st != C_BYE) continue;
			if (k == 6) { call_end(e.id, 1); continue; }
			if (e.what == E_INV && c->prov) { rt(e.id, E_INV, k + 1); continue; }
			if (e.what == E_INV) send_invite(e.id); else send_dlg(e.id, "BYE");
		}
		retrans++;
		rt(e.id, e.what, k + 1);
	}
}

/* -------------------------------------------------------------- register */
typedef struct { char *u, *pw, *ct, *auth; uint8_t cseq, done, bad, tries; } reg_t;
static reg_t *regs;
static long nregs, rdone, rbad;
static int expires = 3600, window = 20;
static void send_reg(uint32_t i)
{
	reg_t *r = &regs[i];
	char *p = out(CALLER);
	p = put(p, "REGISTER sip:127.0.0.1:%d SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%xr%ub%d\r\n"
		"From: <sip:%s@127.0.0.1:%d>;tag=r%xx%u\r\nTo: <sip:%s@127.0.0.1:%d>\r\nCall-ID: tr%x-%u@127.0.0.1\r\nCSeq: %d REGISTER\r\n"
		"Contact: <sip:%s>\r\nExpires: %d\r\nMax-Forwards: 70\r\nUser-Agent: twinload\r\n%sContent-Length: 0\r\n\r\n",
		port, lport[CALLER], pid, i, r->cseq, r->u, port, pid, i, r->u, port, pid, i, r->cseq, r->ct, expires, r->auth ? r->auth : "");
	commit(CALLER, p);
}
static void reg_rx(sip_t *m)
{
	unsigned i, pd;
	if (!m->code || sscanf(val(m->cid), "tr%x-%u", &pd, &i) != 2 || (int)pd != pid || i >= started) { stray++; return; }
	reg_t *r = &regs[i];
	if (r->done || m->num != r->cseq || m->code < 200) return;
	if (m->code == 401 && m->www && !r->auth) {
		char uri[64];
		sprintf(uri, "sip:127.0.0.1:%d", port);
		r->auth = digest(m->www, "REGISTER", uri, r->u, r->pw);
		r->cseq++;
		send_reg(i);
		rt(i * 8 + r->cseq, E_REG, 0);
		return;
	}
	r->done = 1;
	rdone++;
	if (m->code != 200) { if (!rbad++) fprintf(stderr, "register got: %s\n", m->first); }
}

/* ------------------------------------------------------------------ main */
static void rx(int s)
{
	static char ib[NB][BUF];
	static struct iovec iv[NB];
	static struct mmsghdr im[NB];
	for (int i = 0; i < NB; i++) {
		iv[i] = (struct iovec){ ib[i], BUF - 1 };
		im[i].msg_hdr = (struct msghdr){ .msg_iov = &iv[i], .msg_iovlen = 1 };
	}
	int n = recvmmsg(fd[s], im, NB, MSG_DONTWAIT, NULL);
	if (n <= 0) return;
	recv_n += n;
	t_now = t_last = now();
	for (int i = 0; i < n; i++) {
		sip_t m;
		if (im[i].msg_len < 20 || parse(ib[i], im[i].msg_len, &m)) { stray++; continue; }
		if (regs) reg_rx(&m);
		else if (s == CALLER) caller_rx(&m);
		else leg_rx(s, &m);
	}
}
static int cmpf(const void *a, const void *b) { float x = *(float *)a, y = *(float *)b; return (x > y) - (x < y); }
static void pcts(const char *name, size_t off)
{
	float *v = malloc(ncalls * sizeof *v);
	long n = 0;
	for (long i = 0; i < ncalls; i++) { float x = *(float *)((char *)&calls[i] + off); if (x > 0) v[n++] = x * 1e6; }
	qsort(v, n, sizeof *v, cmpf);
	if (n) printf(", \"%s\": {\"n\": %ld, \"p50\": %.0f, \"p90\": %.0f, \"p99\": %.0f, \"max\": %.0f}", name, n, v[n / 2], v[n * 9 / 10], v[n * 99 / 100], v[n - 1]);
	free(v);
}
static int open_sock(int p)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(p) };
	int f = socket(AF_INET, SOCK_DGRAM, 0), z = 4 << 20;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(f, SOL_SOCKET, SO_RCVBUF, &z, sizeof z);
	setsockopt(f, SOL_SOCKET, SO_SNDBUF, &z, sizeof z);
	if (bind(f, (void *)&a, sizeof a)) { perror("bind"); exit(1); }
	a.sin_port = htons(port);
	if (connect(f, (void *)&a, sizeof a)) { perror("connect"); exit(1); }
	return f;
}
int main(int argc, char **argv)
{
	int o;
	const char *rfile = NULL;
	while ((o = getopt(argc, argv, "s:c:d:h:t:u:p:r:n:i:o:k:R:w:x:D:P:")) != -1) switch (o) {
	case 's': port = atoi(optarg); break;
	case 'c': lport[0] = atoi(optarg); break;
	case 'd': lport[1] = atoi(optarg); break;
	case 'h': lport[2] = atoi(optarg); break;
	case 't': target = optarg; break;
	case 'u': user = optarg; break;
	case 'p': pass = optarg; break;
	case 'r': rate = atof(optarg); break;
	case 'n': ncalls = atol(optarg); break;
	case 'i': ring_ms = atoi(optarg); break;
	case 'o': hold_ms = atoi(optarg); break;
	case 'k': who = optarg; break;
	case 'R': rfile = optarg; break;
	case 'w': window = atoi(optarg); break;
	case 'P': npairs = atoi(optarg); break;
	case 'D': drop180 = atoi(optarg); break;
	case 'x': expires = atoi(optarg); break;
	default: return 2;
	}
	if (!port || ncalls < 1 || rate <= 0) { fprintf(stderr, "see the head of twinload.c\n"); return 2; }
	pid = getpid();
	double dl = 0.5;
	for (int k = 0; k < 7; k++) { f_rt[k].delay = dl; if (dl < 4) dl *= 2; }
	f_ring.delay = ring_ms * 1e-3;
	f_hold.delay = hold_ms * 1e-3;
	for (int s = 0; s < (rfile ? 1 : 3); s++) fd[s] = open_sock(lport[s]);
	double t0, t_gone = 0, t_start_last = 0;
	struct rusage u;
	if (rfile) {
		FILE *f = fopen(rfile, "r");
		char a[128], b[128], c[256];
		if (!f) { perror(rfile); return 1; }
		regs = malloc(sizeof *regs);
		while (fscanf(f, "%127s %127s %255s", a, b, c) == 3) {
			if (!(nregs & (nregs - 1))) regs = realloc(regs, (nregs ? nregs * 2 : 1) * sizeof *regs);
			regs[nregs++] = (reg_t){ strdup(a), strdup(b), strdup(c), NULL, 1, 0, 0, 0 };
		}
		t0 = t_now = now();
		while (rdone < nregs) {
			t_now = now();
			while (started < nregs && started - rdone < window) { send_reg(started); rt(started * 8 + 1, E_REG, 0); started++; }
			rx(CALLER);
			ev_t e;
			for (int k = 0; k < 7; k++) while (pop(&f_rt[k], &e)) {
				reg_t *r = &regs[e.id >> 3];
				if (r->done || r->cseq != (e.id & 7)) continue;
				if (k == 6) { r->done = 1; rdone++; rbad++; continue; }
				send_reg(e.id >> 3);
				retrans++;
				rt(e.id, E_REG, k + 1);
			}
			if (on[CALLER]) flush(CALLER);
		}
		getrusage(RUSAGE_SELF, &u);
		printf("{\"ok\": %ld, \"failed\": %ld, \"retrans\": %ld, \"stray\": %ld, \"secs\": %.4f, \"per_s\": %.0f, \"gen_cpu\": %.2f}\n", nregs - rbad, rbad, retrans, stray,
		       now() - t0, nregs / (now() - t0), u.ru_utime.tv_sec + u.ru_utime.tv_usec * 1e-6 + u.ru_stime.tv_sec + u.ru_stime.tv_usec * 1e-6);
		return 0;
	}
	calls = calloc(ncalls, sizeof *calls);
	for (int s = DESK; s <= HAND; s++) legs[s] = calloc(ncalls * 2, sizeof **legs);
	for (tmask = 1024; tmask < ncalls * 4; tmask *= 2) ;
	for (int s = DESK; s <= HAND; s++) tab[s] = calloc(tmask, sizeof **tab);
	tmask--;
	t0 = t_now = now();
	for (;;) {
		t_now = now();
		int burst = 0;
		while (started < ncalls && t_now - t0 >= started / rate && burst++ < 16) {
			call_t *c = &calls[started];
			c->st = C_INV;
			c->cseq = 1;
			c->t_inv = t_now;
			send_invite(started);
			rt(started++, E_INV, 0);
			t_start_last = t_now;
		}
		timers();
		for (int s = 0; s < 3; s++) if (on[s]) flush(s);
		for (int s = 0; s < 3; s++) { rx(s); for (int q = 0; q < 3; q++) if (on[q]) flush(q); }
		if (done == ncalls) { if (!t_gone) t_gone = t_now; if (t_now - t_gone > 0.4) break; }
		if (started == ncalls && t_now - t_start_last > 40 + (ring_ms + hold_ms) * 1e-3) break;
	}
	/* verdict: caller side first, then every leg must have ended properly */
	long bad_leg = 0, open = ncalls - done, d2 = 0;
	for (int s = DESK; s <= HAND; s++) for (uint32_t i = 0; i < nlegs[s]; i++)
		if (legs[s][i].st != L_DONE || legs[s][i].failed || legs[s][i].cancelled == legs[s][i].win) bad_leg++;
	long extra = labs((long)nlegs[DESK] - ncalls) + labs((long)nlegs[HAND] - ncalls);
	long bad = failed + open;
	if (bad_leg + extra > bad) bad = bad_leg + extra;
	(void)d2;
	getrusage(RUSAGE_SELF, &u);
	double dur = t_start_last - t0;
	printf("{\"failed\": %ld, \"caller_failed\": %ld, \"unfinished\": %ld, \"bad_legs\": %ld, \"leg_count_off\": %ld, \"double200\": %ld, \"stray\": %ld, \"retrans\": %ld, "
	       "\"got\": %.1f, \"sent\": %ld, \"received\": %ld, \"gen_cpu\": %.2f", bad, failed, open, bad_leg, extra, double200, stray, retrans,
	       dur > 0 ? (ncalls - 1) / dur : rate, sent_n, recv_n, u.ru_utime.tv_sec + u.ru_utime.tv_usec * 1e-6 + u.ru_stime.tv_sec + u.ru_stime.tv_usec * 1e-6);
	pcts("lat_desk", (char *)&calls[0].d_desk - (char *)&calls[0]);
	pcts("lat_handset", (char *)&calls[0].d_hand - (char *)&calls[0]);
	pcts("lat_180", (char *)&calls[0].d_180 - (char *)&calls[0]);
	printf("}\n");
	return 0;
}
