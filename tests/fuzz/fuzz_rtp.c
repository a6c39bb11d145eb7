/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_rtp.c - any datagrams at any time, and any SDP, for one handset's media
 *
 * The input is a list of steps: an octet that says which, one of length, and
 * so many bytes.  True of every input: sound comes in frames of 20 ms, no
 * more of them than time went by; what is sent is RTP of ours or RTCP, to
 * where the SDP or a learned source says.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "media.h"
#include "rtp.h"

#define LEG 1

static const char head[] = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\n"
			   "c=IN IP4 192.0.2.7\r\nt=0 0\r\n"
			   "m=audio 4000 RTP/AVP 9 8 0 96 101\r\n"
			   "a=rtpmap:96 G726-32/8000\r\n"
			   "a=rtpmap:101 telephone-event/8000\r\n";

static const struct media_addr local = { .family = AF_INET,
					 .port = 16384,
					 .ip = { 192, 0, 2, 1 } };
static const struct media_addr peer = { .family = AF_INET,
					.port = 4000,
					.ip = { 192, 0, 2, 7 } };

static size_t frames;

static void take_all(struct media *media)
{
	struct media_packet packet;
	struct media_sound sound;
	struct media_event event;
	struct rtp rtp;

	while (media_next_packet(media, &packet)) {
		FUZZ_EXPECT(packet.leg == LEG);
		FUZZ_EXPECT(packet.rtcp ||
			    rtp_parse(&rtp, packet.data, packet.len) == 0);
	}
	while (media_next_frame(media, &sound)) {
		FUZZ_EXPECT(sound.samples == 320);
		frames++;
	}
	while (media_next_event(media, &event))
		FUZZ_EXPECT(strchr("0123456789*#ABCD", event.digit));
}

static void step(struct media *media, int64_t *now_ms, unsigned int what,
		 const uint8_t *data, size_t len)
{
	static const int16_t pcm[960];
	struct span text = { (const char *)data, len }, ours;
	struct media_addr from = peer;

	switch (what % 8) {
	case 0:
	case 1:
		media_rx(media, *now_ms, LEG, &peer, false, data, len);
		break;
	case 2:
		from.port += 2;
		media_rx(media, *now_ms, LEG, &from, len & 1, data, len);
		break;
	case 3:
		*now_ms += len;
		media_tick(media, *now_ms);
		break;
	case 4:
		media_answer(media, *now_ms, LEG, text, &ours);
		break;
	case 5:
		media_offer(media, LEG, &ours);
		media_accept(media, *now_ms, LEG, text);
		break;
	case 6:
		media_frame(media, *now_ms, LEG, pcm, len * 4);
		media_hold(media, LEG, len & 1);
		break;
	case 7:
		media_dtmf(media, *now_ms, LEG, len ? data[0] : 0, len);
		break;
	}
	take_all(media);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct media_config config = { .seed = 4711 };
	struct media *media = media_new(NULL, &config);
	int64_t now_ms = 0;
	struct span ours;
	uint8_t *copy;

	frames = 0;
	FUZZ_EXPECT(media_open(media, LEG, &local, 16000) == 0);
	FUZZ_EXPECT(media_answer(media, 0, LEG,
				 (struct span){ head, sizeof(head) - 1 },
				 &ours) == 0);
	while (size >= 2) {
		size_t len = data[1] < size - 2 ? data[1] : size - 2;

		/* To the byte, so that a sanitizer sees what reads on. */
		copy = malloc(len ? len : 1);
		FUZZ_EXPECT(copy);
		memcpy(copy, data + 2, len);
		step(media, &now_ms, data[0], copy, len);
		free(copy);
		data += 2 + len;
		size -= 2 + len;
	}
	FUZZ_EXPECT(frames <= (size_t)now_ms / 20 + 6);
	media_free(media);
	return 0;
}
