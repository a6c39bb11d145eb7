/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sdp.c - session descriptions read, changed and written */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "sdp.h"

#define HEAD                                                                   \
	"v=0\r\n"                                                              \
	"o=desk 1 2 IN IP4 192.0.2.7\r\n"                                      \
	"s=call\r\n"                                                           \
	"c=IN IP4 192.0.2.7\r\n"                                               \
	"t=0 0\r\n"

static struct sdp sdp;

static int parse(const char *text)
{
	return sdp_parse(&sdp, span_of(text));
}

static const char *change(const char *text, const struct sdp_edit *edit)
{
	static char buf[2000];
	ssize_t n;

	ck_assert_int_eq(parse(text), 0);
	n = sdp_change(&sdp, edit, edit ? 1 : 0, buf, sizeof(buf) - 1);
	ck_assert_int_ge(n, 0);
	buf[n] = '\0';
	return buf;
}

/* ---- reading ---- */

START_TEST(an_ordinary_offer_is_read)
{
	const struct sdp_media *audio;

	ck_assert_int_eq(parse(HEAD "m=audio 49170 RTP/AVP 9 8 101\r\n"
				    "a=rtpmap:101 telephone-event/8000\r\n"
				    "a=fmtp:101 0-15\r\n"
				    "a=ptime:20\r\n"
				    "a=rtcp:49999 IN IP4 192.0.2.8\r\n"
				    "a=sendonly\r\n"),
			 0);
	ck_assert(span_is(sdp.origin_user, "desk"));
	ck_assert(span_is(sdp.origin_id, "1"));
	ck_assert(span_is(sdp.origin_version, "2"));
	ck_assert(span_is(sdp.name, "call"));
	ck_assert_uint_eq(sdp.n_media, 1);
	audio = sdp_find(&sdp, "audio");
	ck_assert_ptr_eq(audio, &sdp.media[0]);
	ck_assert_uint_eq(audio->port, 49170);
	ck_assert(span_is(audio->proto, "RTP/AVP"));
	ck_assert(span_is(audio->connection.address, "192.0.2.7"));
	ck_assert_int_eq(audio->connection.family, AF_INET);
	ck_assert_int_eq(audio->direction, SDP_SENDONLY);
	ck_assert_uint_eq(audio->ptime_ms, 20);
	ck_assert_uint_eq(audio->rtcp_port, 49999);
	ck_assert(!audio->zero);
	ck_assert_ptr_null(sdp_find(&sdp, "video"));
}
END_TEST

START_TEST(formats_come_in_order_with_what_is_known_of_them)
{
	struct sdp_format f[SDP_FORMATS_MAX];

	ck_assert_int_eq(parse(HEAD "m=audio 5004 RTP/AVP 96 9 0 101 x 300 9\n"
				    "a=rtpmap:96 opus/48000/2\n"
				    "a=fmtp:96 useinbandfec=1; x=y\n"
				    "a=rtpmap:96 second/1\n"
				    "a=rtpmap:101 telephone-event/8000\n"),
			 0);
	ck_assert_uint_eq(sdp_formats(&sdp.media[0], f, SDP_FORMATS_MAX), 5);
	ck_assert_uint_eq(f[0].payload, 96);
	ck_assert(span_is(f[0].encoding, "opus"));
	ck_assert_uint_eq(f[0].clock_hz, 48000);
	ck_assert_uint_eq(f[0].channels, 2);
	ck_assert(span_is(f[0].fmtp, "useinbandfec=1; x=y"));
	ck_assert(span_is(f[1].encoding, "G722"));
	ck_assert(span_is(f[2].encoding, "PCMU"));
	ck_assert(span_is(f[3].encoding, "telephone-event"));
	ck_assert_uint_eq(f[3].channels, 1);
	ck_assert_uint_eq(sdp_formats(&sdp.media[0], f, 2), 2);
}
END_TEST

START_TEST(what_a_medium_says_wins_over_the_session)
{
	ck_assert_int_eq(parse(HEAD "a=inactive\r\n"
				    "m=audio 1 RTP/AVP 0\r\n"
				    "m=audio 2 RTP/AVP 0\r\n"
				    "c=IN IP6 2001:db8::1\r\n"
				    "a=recvonly\r\n"
				    "m=video 0 RTP/AVP 31\r\n"),
			 0);
	ck_assert_uint_eq(sdp.n_media, 3);
	ck_assert_int_eq(sdp.media[0].direction, SDP_INACTIVE);
	ck_assert_int_eq(sdp.media[1].direction, SDP_RECVONLY);
	ck_assert_int_eq(sdp.media[1].connection.family, AF_INET6);
	ck_assert(span_is(sdp.media[1].connection.address, "2001:db8::1"));
	ck_assert(sdp.media[1].own_connection);
	ck_assert(!sdp.media[2].own_connection);
	ck_assert_ptr_null(sdp_find(&sdp, "video"));
}
END_TEST

START_TEST(hold_of_the_old_kind_is_seen)
{
	ck_assert_int_eq(parse("v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\n"
			       "c=IN IP4 0.0.0.0\nt=0 0\n"
			       "m=audio 5004 RTP/AVP 0\n"),
			 0);
	ck_assert(sdp.media[0].zero);
}
END_TEST

START_TEST(an_attribute_is_found_by_its_whole_name)
{
	struct span value;
	struct span text = span_of("m=audio 1 RTP/AVP 0\r\na=rtcp-mux\r\n"
				   "a=rtcp:5\r\n");

	ck_assert(sdp_attribute(text, "rtcp", &value));
	ck_assert(span_is(value, "5"));
	ck_assert(sdp_attribute(text, "rtcp-mux", &value));
	ck_assert_uint_eq(value.n, 0);
	ck_assert(!sdp_attribute(text, "rtc", &value));
}
END_TEST

START_TEST(nonsense_is_refused)
{
	static const char *const table[] = {
		"",
		"v=1\r\n",
		"o=- 1 1 IN IP4 a\r\nv=0\r\n",
		"v=0\r\ns=-\r\n",
		"v=0\r\no=- 1 1 IN IP4 a\r\n",
		"v=0\r\no=- 1 1 IN IP4\r\ns=-\r\n",
		"v=0\r\no=- 1 1 IN IP5 a\r\ns=-\r\n",
		"v=0\r\no=- 1 1 IN IP4 a b\r\ns=-\r\n",
		/* no connection for a medium in use */
		"v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nm=audio 1 RTP/AVP 0\r\n",
		HEAD "m=audio\r\n",
		HEAD "m=audio 65536 RTP/AVP 0\r\n",
		HEAD "m=audio -1 RTP/AVP 0\r\n",
		HEAD "m=audio 1 RTP/AVP\r\n",
		HEAD "m =audio 1 RTP/AVP 0\r\n",
		HEAD "no line\r\n",
		HEAD "\r\nm=audio 1 RTP/AVP 0\r\n",
		HEAD "a=x\ry\r\n",
		HEAD "c=IN IP4 /\r\n",
		HEAD "s=again\r\n",
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		ck_assert_msg(parse(table[i]) == -EBADMSG, "%s", table[i]);
	ck_assert_int_eq(sdp_parse(&sdp, (struct span){ "v=0\0", 4 }),
			 -EBADMSG);
}
END_TEST

START_TEST(the_number_of_media_has_a_limit)
{
	char text[2000] = HEAD;

	for (int i = 0; i < SDP_MEDIA_MAX; i++)
		strcat(text, "m=audio 1 RTP/AVP 0\r\n");
	ck_assert_int_eq(parse(text), 0);
	strcat(text, "m=audio 1 RTP/AVP 0\r\n");
	ck_assert_int_eq(parse(text), -E2BIG);
}
END_TEST

/* ---- changing ---- */

#define STRANGE                                                                \
	HEAD "b=AS:64\r\n"                                                     \
	     "a=x-unknown:1  2\r\n"                                            \
	     "m=audio 49170/2 RTP/AVP 0  8\r\n"                                \
	     "i=title\r\n"                                                     \
	     "k=clear:x\r\n"                                                   \
	     "a=rtcp:49171\r\n"                                                \
	     "a=candidate:whatever it is\r\n"

START_TEST(without_a_wish_nothing_changes)
{
	ck_assert_str_eq(change(STRANGE, NULL), STRANGE);
}
END_TEST

START_TEST(line_ends_become_crlf)
{
	ck_assert_str_eq(change("v=0\no=- 1 1 IN IP4 a\ns=-", NULL),
			 "v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\n");
}
END_TEST

START_TEST(a_new_port_leaves_the_rest)
{
	struct sdp_edit edit = { .media = 0, .set_port = true, .port = 6000 };

	ck_assert_str_eq(change(STRANGE, &edit),
			 HEAD "b=AS:64\r\n"
			      "a=x-unknown:1  2\r\n"
			      "m=audio 6000/2 RTP/AVP 0  8\r\n"
			      "i=title\r\n"
			      "k=clear:x\r\n"
			      "a=candidate:whatever it is\r\n");
}
END_TEST

START_TEST(a_new_connection_of_one_medium_stands_in_it)
{
	struct sdp_edit edit = { .media = 0,
				 .set_connection = true,
				 .family = AF_INET6,
				 .address = "2001:db8::9" };

	ck_assert_str_eq(change(STRANGE, &edit),
			 HEAD "b=AS:64\r\n"
			      "a=x-unknown:1  2\r\n"
			      "m=audio 49170/2 RTP/AVP 0  8\r\n"
			      "i=title\r\n"
			      "c=IN IP6 2001:db8::9\r\n"
			      "k=clear:x\r\n"
			      "a=candidate:whatever it is\r\n");
	ck_assert_str_eq(change(HEAD "m=audio 1 RTP/AVP 0\r\n", &edit),
			 HEAD "m=audio 1 RTP/AVP 0\r\n"
			      "c=IN IP6 2001:db8::9\r\n");
}
END_TEST

START_TEST(a_new_connection_of_all_replaces_each_line)
{
	struct sdp_edit edit = { .media = -1,
				 .set_connection = true,
				 .family = AF_INET,
				 .address = "192.0.2.99" };

	ck_assert_str_eq(change(HEAD "m=audio 1 RTP/AVP 0\r\n"
				     "m=video 3 RTP/AVP 31\r\n"
				     "c=IN IP4 192.0.2.8\r\n",
				&edit),
			 "v=0\r\n"
			 "o=desk 1 2 IN IP4 192.0.2.7\r\n"
			 "s=call\r\n"
			 "c=IN IP4 192.0.2.99\r\n"
			 "t=0 0\r\n"
			 "m=audio 1 RTP/AVP 0\r\n"
			 "m=video 3 RTP/AVP 31\r\n"
			 "c=IN IP4 192.0.2.99\r\n");
}
END_TEST

START_TEST(a_new_direction_takes_the_old_one_s_place)
{
	struct sdp_edit edit = { .media = -1,
				 .set_direction = true,
				 .direction = SDP_INACTIVE };

	ck_assert_str_eq(change(HEAD "m=audio 1 RTP/AVP 0\r\n"
				     "a=sendonly\r\na=x\r\n"
				     "m=video 3 RTP/AVP 31\r\na=y\r\n",
				&edit),
			 HEAD "m=audio 1 RTP/AVP 0\r\n"
			      "a=inactive\r\na=x\r\n"
			      "m=video 3 RTP/AVP 31\r\na=y\r\na=inactive\r\n");
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
	char buf[sizeof(STRANGE)];

	ck_assert_int_eq(parse(STRANGE), 0);
	ck_assert_int_eq(sdp_change(&sdp, NULL, 0, buf, sizeof(buf) - 1),
			 sizeof(STRANGE) - 1);
	ck_assert_int_eq(sdp_change(&sdp, NULL, 0, buf, sizeof(buf) - 2),
			 -EMSGSIZE);
	ck_assert_int_eq(sdp_change(&sdp, NULL, 0, buf, 0), -EMSGSIZE);
}
END_TEST

/* ---- writing ---- */

static const struct sdp_session *ours(void)
{
	static struct sdp_format formats[2];
	static struct sdp_session session = {
		.origin = { .id = 77,
			    .version = 3,
			    .family = AF_INET,
			    .address = "192.0.2.1" },
		.port = 7000,
		.direction = SDP_RECVONLY,
		.ptime_ms = 20,
		.n_formats = 2,
		.formats = formats,
	};

	formats[0] = (struct sdp_format){ .payload = 9,
					  .encoding = span_of("G722"),
					  .clock_hz = 8000 };
	formats[1] =
		(struct sdp_format){ .payload = 101,
				     .encoding = span_of("telephone-event"),
				     .clock_hz = 8000,
				     .fmtp = span_of("0-15") };
	return &session;
}

#define OUR_HEAD                                                               \
	"v=0\r\n"                                                              \
	"o=- 77 3 IN IP4 192.0.2.1\r\n"                                        \
	"s=-\r\n"                                                              \
	"c=IN IP4 192.0.2.1\r\n"
#define OUR_FORMATS                                                            \
	"a=rtpmap:9 G722/8000\r\n"                                             \
	"a=rtpmap:101 telephone-event/8000\r\n"                                \
	"a=fmtp:101 0-15\r\n"                                                  \
	"a=ptime:20\r\n"                                                       \
	"a=recvonly\r\n"

START_TEST(our_own_offer_is_written)
{
	char buf[1000];
	ssize_t n = sdp_build(ours(), buf, sizeof(buf));

	ck_assert_int_gt(n, 0);
	buf[n] = '\0';
	ck_assert_str_eq(buf,
			 OUR_HEAD "t=0 0\r\n"
				  "m=audio 7000 RTP/AVP 9 101\r\n" OUR_FORMATS);
	ck_assert_int_eq(parse(buf), 0);
	ck_assert_int_eq(sdp_build(ours(), buf, n - 1), -EMSGSIZE);
}
END_TEST

START_TEST(an_answer_has_the_media_of_the_offer_in_their_order)
{
	char buf[1000];
	ssize_t n;

	ck_assert_int_eq(parse("v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\n"
			       "c=IN IP4 192.0.2.7\r\nt=5 6\r\n"
			       "m=video 3000 RTP/AVP 31 32\r\n"
			       "m=audio 3002 RTP/AVP 9 0 101\r\n"
			       "m=image 3004 udptl t38\r\n"),
			 0);
	n = sdp_build_answer(&sdp, 1, ours(), buf, sizeof(buf));
	ck_assert_int_gt(n, 0);
	buf[n] = '\0';
	ck_assert_str_eq(buf,
			 OUR_HEAD "t=5 6\r\n"
				  "m=video 0 RTP/AVP 31 32\r\n"
				  "m=audio 7000 RTP/AVP 9 101\r\n" OUR_FORMATS
				  "m=image 0 udptl t38\r\n");

	n = sdp_reject(&sdp, &ours()->origin, buf, sizeof(buf));
	ck_assert_int_gt(n, 0);
	buf[n] = '\0';
	ck_assert_str_eq(buf, OUR_HEAD "t=5 6\r\n"
				       "m=video 0 RTP/AVP 31 32\r\n"
				       "m=audio 0 RTP/AVP 9 0 101\r\n"
				       "m=image 0 udptl t38\r\n");
}
END_TEST

START_TEST(directions_have_mirrors)
{
	ck_assert_int_eq(sdp_mirror(SDP_SENDONLY), SDP_RECVONLY);
	ck_assert_int_eq(sdp_mirror(SDP_RECVONLY), SDP_SENDONLY);
	ck_assert_int_eq(sdp_mirror(SDP_SENDRECV), SDP_SENDRECV);
	ck_assert_int_eq(sdp_mirror(SDP_INACTIVE), SDP_INACTIVE);
	ck_assert_str_eq(sdp_direction_name(SDP_SENDRECV), "sendrecv");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sdp");
	TCase *tc = tcase_create("sdp");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, an_ordinary_offer_is_read);
	tcase_add_test(tc, formats_come_in_order_with_what_is_known_of_them);
	tcase_add_test(tc, what_a_medium_says_wins_over_the_session);
	tcase_add_test(tc, hold_of_the_old_kind_is_seen);
	tcase_add_test(tc, an_attribute_is_found_by_its_whole_name);
	tcase_add_test(tc, nonsense_is_refused);
	tcase_add_test(tc, the_number_of_media_has_a_limit);
	tcase_add_test(tc, without_a_wish_nothing_changes);
	tcase_add_test(tc, line_ends_become_crlf);
	tcase_add_test(tc, a_new_port_leaves_the_rest);
	tcase_add_test(tc, a_new_connection_of_one_medium_stands_in_it);
	tcase_add_test(tc, a_new_connection_of_all_replaces_each_line);
	tcase_add_test(tc, a_new_direction_takes_the_old_one_s_place);
	tcase_add_test(tc, what_does_not_fit_is_refused);
	tcase_add_test(tc, our_own_offer_is_written);
	tcase_add_test(tc, an_answer_has_the_media_of_the_offer_in_their_order);
	tcase_add_test(tc, directions_have_mirrors);
	suite_add_tcase(suite, tc);

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
