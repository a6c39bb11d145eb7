/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sip_trans.c - each state of the four machines against each event
 * (RFC 3261, 17; RFC 6026), over UDP and over TCP
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>

#include "sip_trans.h"

static void *ctx;
static struct sip_out out;
static struct sip_trans_table table;
static struct sip_addr us, them;
static struct sip_msg msg;
static int64_t now;

static void begin(enum sip_transport transport)
{
	const struct sip_key key = { { 1, 2 } };

	ctx = talloc_new(NULL);
	now = 0;
	sip_out_init(&out, ctx, 4096);
	sip_trans_init(&table, ctx, &key, &out, 100, 3);
	sip_addr_parse(&us, "udp:192.0.2.254:5060");
	sip_addr_parse(&them, "udp:192.0.2.1:5060");
	us.transport = them.transport = transport;
}

static void setup(void)
{
	begin(SIP_UDP);
}

static void teardown(void)
{
	sip_trans_fini(&table);
	ck_assert_uint_eq(table.n_live, 0);
	ck_assert_uint_eq(table.n_lingering, 0);
	ck_assert_uint_eq(table.by_key.n, 0);
	ck_assert_uint_eq(table.sources.n, 0);
	ck_assert_int_eq(sip_trans_next_ms(&table), INT64_MAX);
	talloc_free(ctx);
}

static void over_tcp(void)
{
	teardown();
	begin(SIP_TCP);
}

/* ---- what the tests say ---- */

#define HEAD                                                                   \
	"Via: SIP/2.0/UDP 192.0.2.254:5060;branch=%s\r\n"                      \
	"From: <sip:a@x>;tag=f\r\nTo: <sip:b@x>%s\r\nCall-ID: c\r\n"           \
	"CSeq: 1 %s\r\n"

static char text[2][1024];

static struct sip_packet packet_of(const char *bytes)
{
	return (struct sip_packet){ .local = us,
				    .to = them,
				    .data = (const uint8_t *)bytes,
				    .len = strlen(bytes) };
}

static struct sip_trans *client(const char *method)
{
	struct sip_packet packet;

	snprintf(text[0], sizeof(text[0]), "%s sip:b@x SIP/2.0\r\n" HEAD "\r\n",
		 method, "z9hG4bKmine", "", method);
	packet = packet_of(text[0]);
	return sip_trans_client(&table, now, sip_method_of(span_of(method)),
				span_of("z9hG4bKmine"), &packet);
}

static void read_text(void)
{
	struct sip_fault fault;

	ck_assert_int_eq(sip_msg_parse(&msg, (const uint8_t *)text[1],
				       strlen(text[1]), &fault),
			 0);
}

static enum sip_trans_verdict answered(struct sip_trans *trans,
				       unsigned int status)
{
	snprintf(text[1], sizeof(text[1]), "SIP/2.0 %u X\r\n" HEAD "\r\n",
		 status, "z9hG4bKmine", ";tag=t",
		 sip_method_name(trans->method));
	read_text();
	ck_assert_ptr_eq(sip_trans_of_answer(&table, &msg), trans);
	return sip_trans_answered(&table, trans, now, &msg);
}

static void ask(const char *method, const char *branch)
{
	snprintf(text[1], sizeof(text[1]), "%s sip:b@x SIP/2.0\r\n" HEAD "\r\n",
		 method, branch, "", method);
	read_text();
}

static struct sip_trans *server(const char *method)
{
	ask(method, "z9hG4bKtheirs");
	return sip_trans_server(&table, now, &msg, &us, &them, &them);
}

static bool answer(struct sip_trans *trans, unsigned int status)
{
	struct sip_packet packet;
	char bytes[16];

	snprintf(bytes, sizeof(bytes), "%u", status);
	packet = packet_of(bytes);
	return sip_trans_answer(&table, trans, now, status, &packet);
}

static void again(struct sip_trans *trans, const char *method)
{
	ask(method, "z9hG4bKtheirs");
	ck_assert_ptr_eq(sip_trans_of_request(&table, &msg), trans);
	sip_trans_repeated(&table, trans, now, &msg);
}

/* How many packets are sent until @until, all beginning with @start. */
static unsigned int sent(const char *start)
{
	struct sip_packet packet;
	unsigned int n = 0;

	for (; sip_out_next(&out, &packet); n++)
		ck_assert_mem_eq(packet.data, start, strlen(start));
	return n;
}

/* Time goes by, and nothing is to be told. */
static unsigned int quiet_until(int64_t until, const char *start)
{
	struct sip_trans_end end;

	while (sip_trans_next_ms(&table) <= until) {
		now = sip_trans_next_ms(&table);
		ck_assert(!sip_trans_tick(&table, now, &end));
	}
	now = until;
	return sent(start);
}

static void ends_with(enum sip_trans_news news)
{
	struct sip_trans_end end;

	now = sip_trans_next_ms(&table);
	ck_assert(sip_trans_tick(&table, now, &end));
	ck_assert_int_eq(end.news, news);
	ck_assert_uint_eq(table.by_key.n, 0);
}

/* ---- INVITE, ours ---- */

START_TEST(timer_a_doubles_and_timer_b_ends)
{
	client("INVITE");
	ck_assert_uint_eq(quiet_until(499, "INVITE"), 0);
	ck_assert_uint_eq(quiet_until(500, "INVITE"), 1);
	ck_assert_uint_eq(quiet_until(1499, "INVITE"), 0);
	ck_assert_uint_eq(quiet_until(1500, "INVITE"), 1);
	ck_assert_uint_eq(quiet_until(31999, "INVITE"), 4);
	ends_with(SIP_TRANS_TIMEOUT);
	ck_assert_int_eq(now, 32000);
}
END_TEST

START_TEST(over_tcp_there_is_only_timer_b)
{
	over_tcp();
	client("INVITE");
	ck_assert_uint_eq(quiet_until(31999, "INVITE"), 0);
	ends_with(SIP_TRANS_TIMEOUT);
}
END_TEST

START_TEST(an_invite_that_proceeds_waits_for_ever)
{
	struct sip_trans *trans = client("INVITE");

	ck_assert_int_eq(answered(trans, 100), SIP_TRANS_PROVISIONAL);
	ck_assert_int_eq(answered(trans, 180), SIP_TRANS_PROVISIONAL);
	ck_assert_int_eq(sip_trans_next_ms(&table), INT64_MAX);
	sip_trans_hurry(&table, trans, now);
	ck_assert_int_eq(answered(trans, 180), SIP_TRANS_PROVISIONAL);
	ck_assert_uint_eq(quiet_until(31999, ""), 0);
	ends_with(SIP_TRANS_TIMEOUT);
}
END_TEST

START_TEST(a_refusal_is_acknowledged_until_timer_d)
{
	struct sip_trans *trans = client("INVITE");

	ck_assert_int_eq(answered(trans, 180), SIP_TRANS_PROVISIONAL);
	ck_assert_int_eq(answered(trans, 486), SIP_TRANS_FINAL);
	ck_assert_uint_eq(sent("ACK sip:b@x "), 1);
	ck_assert_int_eq(answered(trans, 486), SIP_TRANS_DROP);
	ck_assert_uint_eq(sent("ACK sip:b@x "), 1);
	ck_assert_int_eq(answered(trans, 180), SIP_TRANS_DROP);
	ck_assert_int_eq(answered(trans, 200), SIP_TRANS_DROP);
	ck_assert_uint_eq(quiet_until(31999, ""), 0);
	ck_assert_uint_eq(table.n_lingering, 1);
	ck_assert_uint_eq(quiet_until(32000, ""), 0);
	ck_assert_uint_eq(table.n_lingering, 0);
}
END_TEST

START_TEST(over_tcp_a_refusal_is_the_end)
{
	over_tcp();
	answered(client("INVITE"), 486);
	ck_assert_uint_eq(sent("ACK"), 1);
	quiet_until(0, "");
	ck_assert_uint_eq(table.by_key.n, 0);
}
END_TEST

START_TEST(each_2xx_is_for_the_user_until_timer_m)
{
	struct sip_trans *trans = client("INVITE");
	struct sip_packet ack = packet_of("ACK sip:b@x SIP/2.0\r\n"
					  "To: <sip:b@x>;tag=t\r\n\r\n");

	ck_assert_int_eq(answered(trans, 200), SIP_TRANS_FINAL);
	ck_assert_uint_eq(sent(""), 0);
	ck_assert_int_eq(answered(trans, 200), SIP_TRANS_AGAIN);
	ck_assert_int_eq(answered(trans, 486), SIP_TRANS_DROP);
	ck_assert_int_eq(answered(trans, 180), SIP_TRANS_DROP);
	ck_assert(!sip_trans_acks(trans, span_of("t")));
	sip_trans_keep(trans, &ack);
	ck_assert(sip_trans_acks(trans, span_of("t")));
	ck_assert(!sip_trans_acks(trans, span_of("other")));
	sip_trans_again(&table, trans);
	ck_assert_uint_eq(sent("ACK"), 1);
	ck_assert_uint_eq(quiet_until(32000, ""), 0);
	ck_assert_uint_eq(table.by_key.n, 0);
}
END_TEST

/* ---- other requests, ours ---- */

START_TEST(timer_e_doubles_up_to_t2_and_timer_f_ends)
{
	client("BYE");
	ck_assert_uint_eq(quiet_until(3500, "BYE"), 3);
	ck_assert_uint_eq(quiet_until(7499, "BYE"), 0);
	ck_assert_uint_eq(quiet_until(7500, "BYE"), 1);
	ck_assert_uint_eq(quiet_until(31999, "BYE"), 6);
	ends_with(SIP_TRANS_TIMEOUT);
	ck_assert_int_eq(now, 32000);
}
END_TEST

START_TEST(what_proceeds_is_repeated_slowly)
{
	struct sip_trans *trans = client("BYE");

	ck_assert_int_eq(answered(trans, 100), SIP_TRANS_PROVISIONAL);
	ck_assert_uint_eq(quiet_until(3999, "BYE"), 0);
	ck_assert_uint_eq(quiet_until(8000, "BYE"), 2);
	ck_assert_int_eq(answered(trans, 100), SIP_TRANS_PROVISIONAL);
	quiet_until(31999, "BYE");
	ends_with(SIP_TRANS_TIMEOUT);
}
END_TEST

START_TEST(a_final_answer_is_told_once_until_timer_k)
{
	struct sip_trans *trans = client("BYE");

	ck_assert_int_eq(answered(trans, 481), SIP_TRANS_FINAL);
	ck_assert_int_eq(answered(trans, 481), SIP_TRANS_DROP);
	ck_assert_int_eq(answered(trans, 100), SIP_TRANS_DROP);
	ck_assert_uint_eq(quiet_until(4999, ""), 0);
	ck_assert_uint_eq(table.by_key.n, 1);
	quiet_until(5000, "");
	ck_assert_uint_eq(table.by_key.n, 0);
}
END_TEST

START_TEST(over_tcp_a_final_answer_is_the_end)
{
	over_tcp();
	answered(client("BYE"), 200);
	quiet_until(0, "");
	ck_assert_uint_eq(table.by_key.n, 0);
}
END_TEST

/* ---- INVITE, theirs ---- */

START_TEST(a_repeated_invite_gets_the_last_provisional)
{
	struct sip_trans *trans = server("INVITE");

	again(trans, "INVITE");
	ck_assert_uint_eq(sent(""), 0);
	answer(trans, 100);
	again(trans, "INVITE");
	ck_assert_uint_eq(sent("100"), 1);
	answer(trans, 180);
	again(trans, "INVITE");
	ck_assert_uint_eq(sent("180"), 1);
	again(trans, "ACK");
	ck_assert_uint_eq(sent(""), 0);
	ck_assert_int_eq(sip_trans_next_ms(&table), INT64_MAX);
}
END_TEST

START_TEST(timer_g_repeats_a_refusal_and_timer_h_ends)
{
	struct sip_trans *trans = server("INVITE");

	answer(trans, 486);
	ck_assert_uint_eq(quiet_until(3500, "486"), 3);
	again(trans, "INVITE");
	ck_assert_uint_eq(sent("486"), 1);
	ck_assert_uint_eq(quiet_until(31999, "486"), 7);
	ends_with(SIP_TRANS_NO_ACK);
}
END_TEST

START_TEST(an_ack_silences_a_refusal_until_timer_i)
{
	struct sip_trans *trans = server("INVITE");

	answer(trans, 486);
	again(trans, "ACK");
	again(trans, "ACK");
	again(trans, "INVITE");
	ck_assert_uint_eq(quiet_until(4999, ""), 0);
	ck_assert_uint_eq(table.by_key.n, 1);
	quiet_until(5000, "");
	ck_assert_uint_eq(table.by_key.n, 0);
}
END_TEST

START_TEST(over_tcp_a_refusal_is_sent_once_and_its_ack_is_the_end)
{
	struct sip_trans *trans;

	over_tcp();
	trans = server("INVITE");
	answer(trans, 486);
	ck_assert_uint_eq(quiet_until(31000, ""), 0);
	again(trans, "ACK");
	ck_assert_uint_eq(table.by_key.n, 0);
}
END_TEST

START_TEST(a_2xx_is_repeated_by_any_transport_until_it_is_acked)
{
	struct sip_trans *trans;

	over_tcp();
	trans = server("INVITE");
	answer(trans, 200);
	ck_assert(sip_trans_unacked(trans));
	ck_assert_uint_eq(quiet_until(3500, "200"), 3);
	again(trans, "INVITE");
	ck_assert_uint_eq(sent(""), 0);
	sip_trans_acked(&table, trans);
	ck_assert(!sip_trans_unacked(trans));
	sip_trans_acked(&table, trans);
	again(trans, "INVITE");
	ck_assert_uint_eq(quiet_until(31999, ""), 0);
	ck_assert_uint_eq(table.by_key.n, 1);
	quiet_until(32000, "");
	ck_assert_uint_eq(table.by_key.n, 0);
}
END_TEST

START_TEST(a_2xx_without_an_ack_is_told_at_timer_l)
{
	answer(server("INVITE"), 200);
	quiet_until(31999, "200");
	ends_with(SIP_TRANS_NO_ACK);
}
END_TEST

/* ---- other requests, theirs ---- */

START_TEST(a_request_is_answered_as_it_was_until_timer_j)
{
	struct sip_trans *trans = server("BYE");

	again(trans, "BYE");
	ck_assert_uint_eq(sent(""), 0);
	answer(trans, 100);
	again(trans, "BYE");
	ck_assert_uint_eq(sent("100"), 1);
	ck_assert(!answer(trans, 200));
	again(trans, "BYE");
	ck_assert_uint_eq(sent("200"), 1);
	ck_assert_uint_eq(quiet_until(31999, ""), 0);
	ck_assert_uint_eq(table.by_key.n, 1);
	quiet_until(32000, "");
	ck_assert_uint_eq(table.by_key.n, 0);
}
END_TEST

START_TEST(over_tcp_an_answer_is_the_end)
{
	over_tcp();
	ck_assert(answer(server("BYE"), 200));
	ck_assert_uint_eq(table.by_key.n, 0);
}
END_TEST

START_TEST(a_request_that_we_never_answer_is_forgotten)
{
	server("UPDATE");
	quiet_until(32000, "");
	ck_assert_uint_eq(table.by_key.n, 0);
}
END_TEST

/* ---- whose is it ---- */

START_TEST(a_cancel_finds_its_invite_and_other_branches_do_not)
{
	struct sip_trans *trans = server("INVITE");

	ask("CANCEL", "z9hG4bKtheirs");
	ck_assert_ptr_eq(sip_trans_of_cancel(&table, &msg), trans);
	ck_assert_ptr_null(sip_trans_of_request(&table, &msg));
	ask("CANCEL", "z9hG4bKtheirS");
	ck_assert_ptr_null(sip_trans_of_cancel(&table, &msg));
	ask("BYE", "z9hG4bKtheirs");
	ck_assert_ptr_null(sip_trans_of_request(&table, &msg));
}
END_TEST

START_TEST(an_element_without_the_magic_is_known_by_all_it_says)
{
	struct sip_trans *trans;

	ask("INVITE", "1");
	trans = sip_trans_server(&table, now, &msg, &us, &them, &them);
	ask("ACK", "1");
	ck_assert_ptr_eq(sip_trans_of_request(&table, &msg), trans);
	ask("INVITE", "1");
	ck_assert_ptr_eq(sip_trans_of_request(&table, &msg), trans);
	msg.cseq++;
	ck_assert_ptr_null(sip_trans_of_request(&table, &msg));
}
END_TEST

/* ---- limits ---- */

START_TEST(a_source_has_its_share_and_what_is_done_is_not_counted)
{
	struct sip_trans *trans[3];
	struct sip_addr other = them;
	char branch[32];

	for (int i = 0; i < 4; i++) {
		struct sip_trans *one;

		snprintf(branch, sizeof(branch), "z9hG4bK%d", i);
		ask("INVITE", branch);
		one = sip_trans_server(&table, now, &msg, &us, &them, &them);
		ck_assert((one != NULL) == (i < 3));
		if (one)
			trans[i] = one;
	}
	other.ip[3]++;
	ck_assert_ptr_nonnull(
		sip_trans_server(&table, now, &msg, &us, &other, &other));
	answer(trans[0], 200);
	sip_trans_acked(&table, trans[0]);
	ask("INVITE", "z9hG4bKmore");
	ck_assert_ptr_nonnull(
		sip_trans_server(&table, now, &msg, &us, &them, &them));
}
END_TEST

START_TEST(a_storm_makes_memories_shorter)
{
	char branch[32];

	for (int i = 0; i < 150; i++) {
		snprintf(branch, sizeof(branch), "z9hG4bK%d", i);
		ask("BYE", branch);
		answer(sip_trans_server(&table, now, &msg, &us, &them, &them),
		       200);
	}
	ck_assert_uint_eq(table.n_lingering, 100);
	ask("BYE", "z9hG4bK49");
	ck_assert_ptr_null(sip_trans_of_request(&table, &msg));
	ask("BYE", "z9hG4bK50");
	ck_assert_ptr_nonnull(sip_trans_of_request(&table, &msg));
}
END_TEST

START_TEST(a_place_is_cleared_when_its_transaction_ends)
{
	struct sip_trans *place = NULL;
	struct sip_trans *trans = client("BYE");

	sip_trans_bind(trans, 7, 3, &place);
	ck_assert_ptr_eq(place, trans);
	sip_trans_free(&table, trans);
	ck_assert_ptr_null(place);
}
END_TEST

START_TEST(only_who_waits_for_the_unreachable_fails)
{
	struct sip_addr other = them;
	struct sip_trans_end end;
	struct sip_trans *trans = client("BYE");

	other.port++;
	sip_trans_bind(trans, 7, 3, NULL);
	sip_trans_unreachable(&table, now, &other);
	ck_assert(!sip_trans_tick(&table, now, &end));
	sip_trans_unreachable(&table, now, &them);
	ck_assert(sip_trans_tick(&table, now, &end));
	ck_assert_int_eq(end.news, SIP_TRANS_UNREACHABLE);
	ck_assert_uint_eq(end.leg, 7);
	ck_assert_uint_eq(end.role, 3);
}
END_TEST

START_TEST(a_transaction_is_small)
{
	ck_assert_uint_lt(sizeof(struct sip_trans), 320);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("sip_trans");
	TCase *tc = tcase_create("sip_trans");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, timer_a_doubles_and_timer_b_ends);
	tcase_add_test(tc, over_tcp_there_is_only_timer_b);
	tcase_add_test(tc, an_invite_that_proceeds_waits_for_ever);
	tcase_add_test(tc, a_refusal_is_acknowledged_until_timer_d);
	tcase_add_test(tc, over_tcp_a_refusal_is_the_end);
	tcase_add_test(tc, each_2xx_is_for_the_user_until_timer_m);
	tcase_add_test(tc, timer_e_doubles_up_to_t2_and_timer_f_ends);
	tcase_add_test(tc, what_proceeds_is_repeated_slowly);
	tcase_add_test(tc, a_final_answer_is_told_once_until_timer_k);
	tcase_add_test(tc, over_tcp_a_final_answer_is_the_end);
	tcase_add_test(tc, a_repeated_invite_gets_the_last_provisional);
	tcase_add_test(tc, timer_g_repeats_a_refusal_and_timer_h_ends);
	tcase_add_test(tc, an_ack_silences_a_refusal_until_timer_i);
	tcase_add_test(tc,
		       over_tcp_a_refusal_is_sent_once_and_its_ack_is_the_end);
	tcase_add_test(tc,
		       a_2xx_is_repeated_by_any_transport_until_it_is_acked);
	tcase_add_test(tc, a_2xx_without_an_ack_is_told_at_timer_l);
	tcase_add_test(tc, a_request_is_answered_as_it_was_until_timer_j);
	tcase_add_test(tc, over_tcp_an_answer_is_the_end);
	tcase_add_test(tc, a_request_that_we_never_answer_is_forgotten);
	tcase_add_test(tc, a_cancel_finds_its_invite_and_other_branches_do_not);
	tcase_add_test(tc,
		       an_element_without_the_magic_is_known_by_all_it_says);
	tcase_add_test(tc,
		       a_source_has_its_share_and_what_is_done_is_not_counted);
	tcase_add_test(tc, a_storm_makes_memories_shorter);
	tcase_add_test(tc, a_place_is_cleared_when_its_transaction_ends);
	tcase_add_test(tc, only_who_waits_for_the_unreachable_fails);
	tcase_add_test(tc, a_transaction_is_small);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
