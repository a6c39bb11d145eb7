/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_sip_rx.c - bytes and time against a whole SIP element
 *
 * The element has a registered phone, a call that is up and one that rings,
 * all with names that a corpus can know.  The input is cut into records:
 *
 *     'd' LENGTH(2) BYTES    a datagram; "@I" and "@O" become our tag of the
 *                            call that came in, and that went out, "@B" the
 *                            branch of our INVITE, "@A" and "@R" credentials
 *                            for an INVITE of 101 and for a REGISTER
 *     't' STEPS(1)           time: that many of the next deadlines
 *     'w' WISH(1)            a wish of the core's
 *
 * Nothing may crash, hang or leak, and afterwards, in peace, the element must
 * have forgotten every call.
 */
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "fuzz.h"
#include "sip.h"
#include "sip_digest.h"

#define DATAGRAM_MAX 8192

static const char sdp[] = "v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
			  "c=IN IP4 192.0.2.1\r\nt=0 0\r\n"
			  "m=audio 4000 RTP/AVP 8\r\n";

static struct sip *sip;
static int64_t now;
static struct sip_addr us, phone, caller;
static uint64_t reg, in, out = 1;
static char tag_in[17], tag_out[17], branch_out[32], nonce[64];

/* What stands between two words of a packet, to at most @n characters. */
static void cut(char *into, size_t n, const struct sip_packet *packet,
		const char *header, const char *name)
{
	const char *text = (const char *)packet->data;
	const char *line = memmem(text, packet->len, header, strlen(header));
	const char *at;

	if (!line)
		return;
	at = memmem(line, text + packet->len - line, name, strlen(name));
	if (!at)
		return;
	at += strlen(name);
	for (n--; n && at < text + packet->len && *at != '\r' && *at != ';';
	     n--)
		*into++ = *at++;
	*into = '\0';
}

static void look_at(const struct sip_packet *packet)
{
	if (packet->len > 10 && memcmp(packet->data, "INVITE", 6) == 0) {
		cut(tag_out, sizeof(tag_out), packet, "From: ", ";tag=");
		cut(branch_out, sizeof(branch_out), packet,
		    "Via: ", ";branch=");
	} else if (packet->len > 10 &&
		   memcmp(packet->data, "SIP/2.0 1", 9) == 0) {
		cut(tag_in, sizeof(tag_in), packet, "To: ", ";tag=");
	} else if (packet->len > 10 &&
		   memcmp(packet->data, "SIP/2.0 401", 11) == 0) {
		cut(nonce, sizeof(nonce), packet, "WWW-Auth", "nonce=\"");
		nonce[strcspn(nonce, "\"")] = '\0';
	}
}

static void drain(void)
{
	struct sip_packet packet;
	struct sip_event event;

	while (sip_next_packet(sip, &packet))
		look_at(&packet);
	while (sip_next_event(sip, &event)) {
		if (event.type == SIP_EV_SETUP)
			in = event.leg;
		if (event.type == SIP_EV_REGISTER)
			reg = event.reg;
	}
}

static void ring(void)
{
	bool late = ++out % 4 == 0;
	const struct sip_invite invite = {
		.leg = out,
		.user = "101",
		.target = "101",
		.number = "100",
		.name = "Bob",
		.body = { sdp, late ? 0 : sizeof(sdp) - 1 },
		.max_forwards = 70,
	};

	sip_invite(sip, now, &invite);
	drain();
}

static void wish(uint8_t which)
{
	struct span body = { sdp, which & 64 ? 0 : sizeof(sdp) - 1 };
	uint64_t leg = which & 128 ? in : out;

	switch (which & 15) {
	case 0:
		ring();
		break;
	case 1:
		sip_cancel(sip, now, leg, which & 32);
		break;
	case 2:
		sip_release(sip, now, leg, 486, 17);
		break;
	case 3:
		sip_alerting(sip, now, leg, which >> 4 & 3, body);
		break;
	case 4:
		sip_answer(sip, now, leg, which >> 4 & 3, "101", "A", body);
		break;
	case 5:
		sip_ack(sip, now, leg, body);
		break;
	case 6:
		sip_offer(sip, now, leg, which & 32 ? SIP_UPDATE : SIP_REINVITE,
			  body);
		break;
	case 7:
		sip_offer_result(sip, now, leg, which & 32 ? 488 : 200, body);
		break;
	case 8:
		sip_info(sip, now, leg, span_of("text/plain"), body);
		break;
	case 9:
		sip_unreachable(sip, now, which & 32 ? &phone : &caller);
		break;
	case 10:
		sip_register_done(sip, now, reg, which & 32);
		break;
	case 11:
		sip_binding_restore(sip, now, "101", "sip:101@192.0.2.2",
				    &phone, 3600);
		break;
	case 12:
		sip_refer_result(sip, now, leg,
				 which & 32   ? 202
				 : which & 64 ? 200
					      : 486);
		break;
	case 13:
		sip_connected(sip, leg, "102", "Carl");
		break;
	}
	drain();
}

static const char *credentials(const char *method, const char *uri)
{
	static char line[512];
	char md5[33], sha256[65], hex[SIP_DIGEST_MAX];
	struct sip_credentials c = {
		.nonce = span_of(nonce),
		.uri = span_of(uri),
		.qop = span_of("auth"),
		.nc = span_of("00000001"),
		.cnonce = span_of("c"),
	};

	sip_ha1("100", "example.test", "secret", md5, sha256);
	sip_digest_response(SIP_MD5, &c, span_of(md5), span_of(method), hex);
	snprintf(line, sizeof(line),
		 "Authorization: Digest username=\"100\", "
		 "realm=\"example.test\", nonce=\"%s\", uri=\"%s\", "
		 "response=\"%.32s\", algorithm=MD5, qop=auth, "
		 "nc=00000001, cnonce=\"c\"\r\n",
		 nonce, uri, hex);
	return line;
}

/* What no corpus can know. */
static const char *word_of(char which)
{
	switch (which) {
	case 'I':
		return tag_in;
	case 'O':
		return tag_out;
	case 'B':
		return branch_out;
	case 'A':
		return credentials("INVITE", "sip:101@example.test");
	case 'R':
		return credentials("REGISTER", "sip:example.test");
	default:
		return NULL;
	}
}

static size_t fill_in(uint8_t *into, const uint8_t *bytes, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n && m + 512 < DATAGRAM_MAX; i++) {
		const char *word = NULL;

		if (bytes[i] == '@' && i + 1 < n)
			word = word_of(bytes[i + 1]);
		if (word) {
			memcpy(into + m, word, strlen(word));
			m += strlen(word);
			i++;
		} else {
			into[m++] = bytes[i];
		}
	}
	return m;
}

static void datagram(const uint8_t *bytes, size_t n)
{
	uint8_t buf[DATAGRAM_MAX];
	size_t m = fill_in(buf, bytes, n);
	uint8_t *exact = talloc_memdup(NULL, buf, m); /* its end is guarded */

	sip_rx(sip, now, &us, n & 1 ? &phone : &caller, exact, m);
	talloc_free(exact);
	drain();
}

static void steps(unsigned int n)
{
	for (; n && sip_next_ms(sip) != INT64_MAX; n--) {
		now = OSMO_MAX(now, sip_next_ms(sip));
		sip_tick(sip, now);
		drain();
	}
}

/* Everybody hangs up; what is left of time must be enough for the rest. */
static void peace(void)
{
	struct sip_counts counts;

	for (uint64_t leg = 0; leg <= out; leg++)
		sip_release(sip, now, leg, 480, 0);
	for (uint64_t leg = 0; leg < 600; leg++)
		sip_release(sip, now, 1ULL << 62 | leg, 480, 0);
	now += 4 * 3600 * 1000;
	for (int i = 0; i < 200; i++) {
		sip_tick(sip, now);
		drain();
		now += 64 * 500;
	}
	sip_counts(sip, &counts);
	FUZZ_EXPECT(counts.legs == 0);
	FUZZ_EXPECT(counts.transactions == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sip_config config = {
		.domain = "example.test",
		.realm = "example.test",
		.user_agent = "twind",
		.leg_tag = 1ULL << 62,
		.seed = 4711,
		.limits = { .transactions = 200, .legs = 50 },
	};
	char md5[33], sha256[65];

	now = 1000;
	in = reg = 0;
	*tag_in = *tag_out = *branch_out = *nonce = '\0';
	out = 1;
	sip_addr_parse(&us, "udp:192.0.2.254:5060");
	sip_addr_parse(&caller, "udp:192.0.2.1:5060");
	sip_addr_parse(&phone, "udp:192.0.2.2:5060");
	sip = sip_new(NULL, &config);
	sip_add_local(sip, &us);
	sip_ha1("100", "example.test", "secret", md5, sha256);
	sip_user_set(sip, "100", md5, sha256);
	sip_user_set(sip, "101", md5, sha256);
	sip_binding_restore(sip, now, "101", "sip:101@192.0.2.2", &phone, 3600);
	ring();
	while (size >= 2) {
		uint8_t kind = *data;
		size_t n;

		if (kind == 'd' && size >= 3) {
			n = data[1] << 8 | data[2];
			n = OSMO_MIN(n, size - 3);
			datagram(data + 3, n);
			data += 3 + n;
			size -= 3 + n;
			continue;
		}
		if (kind == 't')
			steps(data[1] % 64);
		else
			wish(data[1]);
		data += 2;
		size -= 2;
	}
	peace();
	sip_free(sip);
	return 0;
}
