/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_fakes.c - the fakes prove themselves on each other
 *
 * Two phones, no gateway: what one sends the other finds legal, whatever the
 * network does to it; and each illegal thing is noticed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "disk.h"
#include "net.h"
#include "phone.h"
#include "trace.h"

struct pair {
	struct dice dice;
	struct net *net;
	struct trace *trace;
	struct phone *phone[2]; /* ann, ben */
	int64_t now_ms;
	char *fault; /* the first */
};

static void pair_send(void *data, struct phone *phone, struct net_addr to,
		      const char *bytes, size_t len)
{
	struct pair *p = data;

	net_send(p->net, p->now_ms, phone->addr, to, bytes, len);
}

static void pair_tell(void *data, struct phone *phone, const char *what,
		      const char *detail)
{
	struct pair *p = data;

	trace_add(p->trace, p->now_ms, what, phone->label, detail);
}

static void pair_fault(void *data, struct phone *phone, const char *text)
{
	struct pair *p = data;

	if (!p->fault)
		p->fault = talloc_asprintf(p, "%s: %s", phone->label, text);
}

static struct pair *pair_new(void)
{
	struct pair *p = talloc_zero(NULL, struct pair);
	struct phone_env env = { p, pair_send, pair_tell, pair_fault };
	struct net_addr ann = { 0x0a000001, 5060, 0 };
	struct net_addr ben = { 0x0a000002, 5060, 0 };

	dice_zero(&p->dice);
	p->net = net_new(p, &p->dice);
	p->trace = trace_new(p);
	p->phone[0] = phone_new(p, "ann", "100", "Ann", ann, &env);
	p->phone[1] = phone_new(p, "ben", "200", "Ben", ben, &env);
	p->phone[0]->server = ben;
	p->phone[1]->server = ann;
	return p;
}

static bool pair_step(struct pair *p, int64_t until_ms)
{
	int64_t next = net_next_ms(p->net);
	struct net_packet *packet;

	for (int i = 0; i < 2; i++)
		next = OSMO_MIN(next, phone_next_ms(p->phone[i]));
	if (next > until_ms)
		return false;
	p->now_ms = OSMO_MAX(p->now_ms, next);
	packet = net_take(p->net, p->now_ms, p);
	if (packet) {
		struct phone *to = p->phone[packet->to.ip == 0x0a000002];

		phone_rx(to, p->now_ms, packet->from, packet->data,
			 packet->len);
		talloc_free(packet);
	} else {
		phone_tick(p->phone[0], p->now_ms);
		phone_tick(p->phone[1], p->now_ms);
	}
	return true;
}

static void pair_run(struct pair *p, int64_t until_ms)
{
	while (pair_step(p, until_ms))
		;
	p->now_ms = until_ms;
}

static void expect(struct pair *p, const char *text)
{
	ck_assert_msg(!p->fault, "%s", p->fault);
	ck_assert_str_eq(trace_text(p, p->trace), trace_normal(p, text));
}

static void finish(struct pair *p)
{
	ck_assert(phone_is_idle(p->phone[0]));
	ck_assert(phone_is_idle(p->phone[1]));
	talloc_free(p);
}

START_TEST(a_call_is_made_held_and_ended)
{
	struct pair *p = pair_new();

	p->phone[1]->manners.answer_ms = 1000;
	phone_dial(p->phone[0], 0, "200");
	pair_run(p, 2000);
	phone_hold(p->phone[1], 2000, true);
	pair_run(p, 3000);
	phone_hold(p->phone[1], 3000, false);
	pair_run(p, 4000);
	phone_hang_up(p->phone[0], 4000);
	pair_run(p, 60000);
	expect(p, "0 ring ben 100 Ann\n"
		  "0 ringback ann\n"
		  "1000 answer ann\n"
		  "1000 up ben\n"
		  "2000 held ann\n"
		  "3000 resumed ann\n"
		  "4000 bye ben\n");
	finish(p);
}
END_TEST

START_TEST(hold_by_update_and_a_late_offer_work_too)
{
	struct pair *p = pair_new();

	p->phone[0]->manners.late_offer = true;
	p->phone[0]->manners.by_update = true;
	p->phone[1]->manners.answer_ms = 1000;
	phone_dial(p->phone[0], 0, "200");
	pair_run(p, 2000);
	phone_hold(p->phone[0], 2000, true);
	pair_run(p, 3000);
	phone_hang_up(p->phone[1], 3000);
	pair_run(p, 60000);
	expect(p, "0 ring ben 100 Ann\n"
		  "0 ringback ann\n"
		  "1000 answer ann\n"
		  "1000 up ben\n"
		  "2000 held ben\n"
		  "3000 bye ann\n");
	finish(p);
}
END_TEST

START_TEST(early_media_and_the_answer_agree)
{
	struct pair *p = pair_new();

	p->phone[1]->manners.early_media = true;
	p->phone[1]->manners.answer_ms = 700;
	phone_dial(p->phone[0], 0, "200");
	pair_run(p, 1000);
	phone_hang_up(p->phone[1], 1000);
	pair_run(p, 60000);
	expect(p, "0 ring ben 100 Ann\n"
		  "0 early ann\n"
		  "700 answer ann\n"
		  "700 up ben\n"
		  "1000 bye ann\n");
	finish(p);
}
END_TEST

START_TEST(the_caller_gives_up)
{
	struct pair *p = pair_new();

	phone_dial(p->phone[0], 0, "200");
	pair_run(p, 4000);
	phone_hang_up(p->phone[0], 4000);
	pair_run(p, 60000);
	expect(p, "0 ring ben 100 Ann\n"
		  "0 ringback ann\n"
		  "4000 quiet ben\n"
		  "4000 refused ann 487\n");
	finish(p);
}
END_TEST

START_TEST(the_callee_is_busy_or_declines)
{
	struct pair *p = pair_new();

	p->phone[1]->manners.refuse = 486;
	phone_dial(p->phone[0], 0, "200");
	pair_run(p, 40000);
	p->phone[1]->manners.refuse = 0;
	phone_dial(p->phone[0], 40000, "200");
	pair_run(p, 41000);
	phone_reject(p->phone[1], 41000, 603);
	pair_run(p, 90000);
	expect(p, "0 refused ann 486\n"
		  "40000 ring ben 100 Ann\n"
		  "40000 ringback ann\n"
		  "41000 refused ann 603\n");
	finish(p);
}
END_TEST

/* Each packet of a call lost in turn: none is so dear that the call fails. */
START_TEST(the_loss_of_one_packet_is_made_good)
{
	struct pair *p = pair_new();

	p->phone[0]->manners.disorder = p->phone[1]->manners.disorder = true;
	p->phone[1]->manners.answer_ms = 1000;
	p->net->lose_nth = 1 + _i;
	phone_dial(p->phone[0], 0, "200");
	pair_run(p, 8000);
	ck_assert(phone_is_talking(p->phone[0]));
	ck_assert(phone_is_talking(p->phone[1]));
	phone_hang_up(p->phone[0], 8000);
	pair_run(p, 60000);
	ck_assert_msg(!p->fault, "%s", p->fault);
	finish(p);
}
END_TEST

START_TEST(any_network_brings_a_call_to_an_end)
{
	struct pair *p = pair_new();

	dice_seed(&p->dice, _i);
	p->net->faults = (struct net_faults){ .delay_ms = 5,
					      .jitter_ms = 60,
					      .loss_percent = 20,
					      .twice_percent = 20 };
	p->phone[0]->manners.disorder = p->phone[1]->manners.disorder = true;
	p->phone[1]->manners.answer_ms = choose(&p->dice, 3000);
	phone_dial(p->phone[0], 0, "200");
	pair_run(p, choose(&p->dice, 8000));
	phone_hang_up(p->phone[choose(&p->dice, 2)], p->now_ms);
	pair_run(p, 40000);
	phone_hang_up(p->phone[0], p->now_ms);
	phone_hang_up(p->phone[1], p->now_ms);
	pair_run(p, 200000);
	ck_assert_msg(!p->fault, "%s", p->fault);
	finish(p);
}
END_TEST

/* What a phone must not let pass. */
static const struct {
	const char *text, *fault;
} illegal[] = {
	{ "ACK sip:200@10.0.0.2 SIP/2.0\r\nMax-Forwards: 70\r\n"
	  "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx\r\n"
	  "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\n"
	  "CSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n",
	  "ACK to nothing" },
	{ "CANCEL sip:200@10.0.0.2 SIP/2.0\r\nMax-Forwards: 70\r\n"
	  "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx\r\n"
	  "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\n"
	  "CSeq: 1 CANCEL\r\nContent-Length: 0\r\n\r\n",
	  "matches nothing" },
	{ "SIP/2.0 200 OK\r\n"
	  "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx\r\n"
	  "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\n"
	  "CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
	  "response to nothing" },
	{ "OPTIONS sip:200@10.0.0.2 SIP/2.0\r\nMax-Forwards: 70\r\n"
	  "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx\r\n"
	  "From: <sip:a@b>\r\nTo: <sip:c@d>\r\nCall-ID: x\r\n"
	  "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	  "without tag" },
	{ "OPTIONS sip:200@10.0.0.2 SIP/2.0\r\n"
	  "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx\r\n"
	  "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\n"
	  "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	  "Max-Forwards" },
	{ "OPTIONS sip:200@10.0.0.2 SIP/2.0\r\nMax-Forwards: 70\r\n"
	  "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx\r\n"
	  "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\n"
	  "CSeq: 1 OPTIONS\r\nContent-Length: 7\r\n\r\n",
	  "Content-Length" },
	{ "OPTIONS sip:200@10.0.0.2 SIP/2.0\r\nMax-Forwards: 70\r\n"
	  "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\n"
	  "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	  "no Via" },
};

START_TEST(a_phone_notices_what_is_illegal)
{
	struct pair *p = pair_new();
	struct net_addr from = p->phone[0]->addr;

	phone_rx(p->phone[1], 0, from, illegal[_i].text,
		 strlen(illegal[_i].text));
	ck_assert_ptr_nonnull(p->fault);
	ck_assert_msg(strstr(p->fault, illegal[_i].fault), "%s", p->fault);
	talloc_free(p);
}
END_TEST

/* ---- the disk ---- */

static struct row extension(ext_id id, const char *number)
{
	struct row row = { .type = ROW_EXTENSION, .extension.id = id };

	OSMO_STRLCPY_ARRAY(row.extension.number, number);
	return row;
}

static struct row pairing(ext_id primary, ext_id secondary)
{
	return (struct row){ .type = ROW_PAIRING,
			     .pairing = { .primary = primary,
					  .secondary = secondary } };
}

static int add(struct disk *disk, struct row row)
{
	struct store_op op = { .verb = STORE_ADD, .row = row };
	struct action action = { .type = ACT_STORE,
				 .store = { .txn = 7, .n = 1, .op = &op } };
	struct event event;

	disk_store(disk, 0, &action);
	ck_assert(disk_next(disk, 0, &event));
	ck_assert_int_eq(event.type, EV_STORED);
	ck_assert_uint_eq(event.stored.txn, 7);
	return event.stored.rc;
}

START_TEST(the_disk_holds_pairings_apart)
{
	struct dice dice;
	struct disk *disk = disk_new(NULL, &dice);

	dice_zero(&dice);
	for (ext_id i = 1; i <= 6; i++) {
		char number[8];
		struct row row;

		snprintf(number, sizeof(number), "%u", 200 + i);
		row = extension(i, number);
		disk_seed(disk, &row);
	}
	ck_assert_int_eq(add(disk, pairing(1, 2)), 0);
	ck_assert_int_eq(add(disk, pairing(1, 3)), -EEXIST);
	ck_assert_int_eq(add(disk, pairing(3, 2)), -EEXIST);
	ck_assert_int_eq(add(disk, pairing(3, 1)), -EEXIST);
	ck_assert_int_eq(add(disk, pairing(2, 3)), -EEXIST);
	ck_assert_int_eq(add(disk, pairing(3, 3)), -EEXIST);
	ck_assert_int_eq(add(disk, pairing(3, 9)), -EEXIST);
	ck_assert_int_eq(add(disk, pairing(3, 4)), 0);
	ck_assert_int_eq(add(disk, extension(9, "201")), -EEXIST);
	ck_assert_uint_eq(disk_count(disk, ROW_PAIRING), 2);
	talloc_free(disk);
}
END_TEST

START_TEST(what_a_cut_disk_had_confirmed_is_there)
{
	struct dice dice;
	struct disk *disk = disk_new(NULL, &dice);
	struct store_op op = { .verb = STORE_ADD, .row = extension(2, "202") };
	struct action action = { .type = ACT_STORE,
				 .store = { .n = 1, .op = &op } };

	dice_zero(&dice);
	ck_assert_int_eq(add(disk, extension(1, "201")), 0);
	disk->delay_ms = 10;
	disk_store(disk, 0, &action);
	disk_cut(disk);
	ck_assert_uint_eq(disk_count(disk, ROW_EXTENSION), 1);
	ck_assert(disk_next_ms(disk) == INT64_MAX);
	talloc_free(disk);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fakes");
	TCase *t = tcase_create("phone");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_test(t, a_call_is_made_held_and_ended);
	tcase_add_test(t, hold_by_update_and_a_late_offer_work_too);
	tcase_add_test(t, early_media_and_the_answer_agree);
	tcase_add_test(t, the_caller_gives_up);
	tcase_add_test(t, the_callee_is_busy_or_declines);
	tcase_add_loop_test(t, the_loss_of_one_packet_is_made_good, 0, 4);
	tcase_add_loop_test(t, any_network_brings_a_call_to_an_end, 0, 200);
	tcase_add_loop_test(t, a_phone_notices_what_is_illegal, 0,
			    ARRAY_SIZE(illegal));
	suite_add_tcase(s, t);
	t = tcase_create("disk");
	tcase_add_test(t, the_disk_holds_pairings_apart);
	tcase_add_test(t, what_a_cut_disk_had_confirmed_is_there);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
