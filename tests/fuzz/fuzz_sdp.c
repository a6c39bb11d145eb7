/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_sdp.c - any bytes as a session description
 *
 * True of what is accepted: written out unchanged it is accepted again and
 * comes out the same; any change and any answer is accepted, and has as many
 * media; a port, a connection, a direction that was set is read back.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "sdp.h"

static char buf[1 << 17], again[1 << 17];

static void expect_change(const struct sdp *sdp)
{
	static struct sdp back;
	const struct sdp_edit edit = {
		.media = -1,
		.set_port = true,
		.port = 6000,
		.set_connection = true,
		.family = AF_INET,
		.address = "192.0.2.1",
		.set_direction = true,
		.direction = SDP_INACTIVE,
	};
	ssize_t n = sdp_change(sdp, &edit, 1, buf, sizeof(buf));

	if (n == -EMSGSIZE)
		return;
	FUZZ_EXPECT(sdp_parse(&back, (struct span){ buf, (size_t)n }) == 0);
	FUZZ_EXPECT(back.n_media == sdp->n_media);
	for (unsigned int i = 0; i < back.n_media; i++) {
		const struct sdp_media *media = &back.media[i];

		FUZZ_EXPECT(media->port == 6000);
		FUZZ_EXPECT(media->direction == SDP_INACTIVE);
		FUZZ_EXPECT(span_is(media->connection.address, "192.0.2.1"));
	}
}

static void expect_answers(const struct sdp *sdp)
{
	static struct sdp back;
	struct sdp_format formats[SDP_FORMATS_MAX];
	struct sdp_session session = {
		.origin = { 1, 1, AF_INET6, "2001:db8::1" },
		.port = 7000,
		.formats = formats,
	};
	ssize_t n = sdp_reject(sdp, &session.origin, buf, sizeof(buf));

	FUZZ_EXPECT(n == -EMSGSIZE ||
		    sdp_parse(&back, (struct span){ buf, (size_t)n }) == 0);
	FUZZ_EXPECT(n == -EMSGSIZE || back.n_media == sdp->n_media);
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		session.n_formats =
			sdp_formats(&sdp->media[i], formats, SDP_FORMATS_MAX);
		if (!session.n_formats)
			continue;
		n = sdp_build_answer(sdp, i, &session, buf, sizeof(buf));
		if (n == -EMSGSIZE)
			continue;
		FUZZ_EXPECT(sdp_parse(&back, (struct span){ buf, (size_t)n }) ==
			    0);
		FUZZ_EXPECT(back.n_media == sdp->n_media);
		FUZZ_EXPECT(back.media[i].port == 7000);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sdp sdp, back;
	ssize_t n, m;

	if (sdp_parse(&sdp, (struct span){ (const char *)data, size }) < 0)
		return 0;
	n = sdp_change(&sdp, NULL, 0, buf, sizeof(buf));
	if (n >= 0) {
		FUZZ_EXPECT(sdp_parse(&back, (struct span){ buf, (size_t)n }) ==
			    0);
		m = sdp_change(&back, NULL, 0, again, sizeof(again));
		FUZZ_EXPECT(m == n && memcmp(buf, again, (size_t)n) == 0);
	}
	expect_change(&sdp);
	expect_answers(&sdp);
	return 0;
}
