/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_code.c - feature codes, dialled at a desk phone and a handset
 *
 * A18, A20, A21, A24, A25 as far as they are told by codes; T87, T181, T182.
 */
#include "scenario.h"

/* A18: T40. */
START_TEST(do_not_disturb_dialled_at_the_handset_silences_it_alone)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "    0 handset dial *08\n"
		      " 5000 bob     dial 201\n"
		      " 8000 bob     hang-up\n"
		      "10000 handset dial *09\n"
		      "15000 bob     dial 201\n");
	world_run(w, 18000);
	world_expect(w, "     0 answer      handset   201 Do not disturb on\n"
			"  1000 bye         handset\n"
			"  5000 ring        desk      202 Bob\n"
			"  5000 ringback    bob\n"
			"  8000 log         bob       out cancelled 201 Alice "
			"dev=202 ring=3000 talk=0\n"
			"  8000 log         desk      missed missed 202 Bob "
			"dev=- ring=3000 talk=0\n"
			"  8000 quiet       desk\n"
			"  8000 refused     bob       487\n"
			" 10000 answer      handset   201 Do not disturb off\n"
			" 11000 bye         handset\n"
			" 15000 ring        desk      202 Bob\n"
			" 15000 ring        handset   202 Bob\n"
			" 15000 ringback    bob\n");
	world_end(w);
}
END_TEST

/* A20: T48. */
START_TEST(do_not_disturb_dialled_while_it_rings_is_for_the_next_call)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "    0 bob     dial 201\n"
		      " 1000 desk    dial *08\n"
		      " 5000 handset answer\n"
		      " 6000 bob     hang-up\n"
		      "10000 bob     dial 201\n");
	world_run(w, 12000);
	world_expect(w, "     0 ring        desk      202 Bob\n"
			"     0 ring        handset   202 Bob\n"
			"     0 ringback    bob\n"
			"  1000 answer      desk      201 Do not disturb on\n"
			"  2000 bye         desk\n"
			"  5000 answer      bob       201 Alice\n"
			"  5000 quiet       desk      elsewhere\n"
			"  5000 up          handset\n"
			"  6000 bye         handset\n"
			"  6000 log         bob       out answered 201 Alice "
			"dev=202 ring=5000 talk=1000\n"
			"  6000 log         desk      in answered 202 Bob "
			"dev=301 ring=5000 talk=1000\n"
			" 10000 log         bob       out busy 201 Alice "
			"dev=202 ring=0 talk=0\n"
			" 10000 log         desk      missed busy 202 Bob "
			"dev=- ring=0 talk=0\n"
			" 10000 refused     bob       486\n");
	world_end(w);
}
END_TEST

/* A21: T41, T50; the mailbox is Xena's phone. */
START_TEST(who_logs_out_by_code_is_at_the_mailbox_until_the_log_in)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "    0 admin   set 201 login_code=4711\n"
		      "    0 admin   set 201 voicemail_number=203\n"
		      " 1000 desk    dial *18\n"
		      " 5000 desk    dial *36\n"
		      "10000 bob     dial 201\n"
		      "12000 bob     hang-up\n"
		      "15000 desk    dial *35*4712#\n"
		      "20000 desk    dial *35*4711#\n"
		      "25000 bob     dial 201\n");
	world_run(w, 28000);
	world_expect(w, "     0 done        admin     201\n"
			"     0 done        admin     201\n"
			"  1000 answer      desk      201 Voicemail on\n"
			"  2000 bye         desk\n"
			"  5000 answer      desk      201 Logged out\n"
			"  6000 bye         desk\n"
			" 10000 ring        xena      202 Bob\n"
			" 10000 ringback    bob\n"
			" 12000 log         bob       out cancelled 201 Alice "
			"dev=202 ring=2000 talk=0\n"
			" 12000 log         desk      missed missed 202 Bob "
			"dev=- ring=2000 talk=0\n"
			" 12000 quiet       xena\n"
			" 12000 refused     bob       487\n"
			" 15000 answer      desk      201 Not done\n"
			" 16000 bye         desk\n"
			" 20000 answer      desk      201 Logged in\n"
			" 21000 bye         desk\n"
			" 25000 ring        desk      202 Bob\n"
			" 25000 ring        handset   202 Bob\n"
			" 25000 ringback    bob\n");
	world_end(w);
}
END_TEST

/* A24: T53, T181. */
START_TEST(forwarding_is_dialled_on_at_the_handset_and_off_at_the_desk)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "    0 handset dial *07*202#\n"
		      " 5000 handset dial *01\n"
		      "10000 xena    dial 201\n"
		      "12000 xena    hang-up\n"
		      "15000 desk    dial *02\n"
		      "20000 xena    dial 201\n");
	world_run(w, 22000);
	world_expect(w,
		     "     0 answer      handset   201 Forwarding number set\n"
		     "  1000 bye         handset\n"
		     "  5000 answer      handset   201 Forwarding on\n"
		     "  6000 bye         handset\n"
		     " 10000 ring        bob       203 Xena\n"
		     " 10000 ringback    xena\n"
		     " 12000 log         bob       missed missed 203 Xena "
		     "dev=- ring=2000 talk=0\n"
		     " 12000 log         xena      out cancelled 201 Alice "
		     "dev=203 ring=2000 talk=0\n"
		     " 12000 quiet       bob\n"
		     " 12000 refused     xena      487\n"
		     " 15000 answer      desk      201 Forwarding off\n"
		     " 16000 bye         desk\n"
		     " 20000 ring        desk      203 Xena\n"
		     " 20000 ring        handset   203 Xena\n"
		     " 20000 ringback    xena\n");
	world_end(w);
}
END_TEST

/* A25: T55, T56. */
START_TEST(what_is_dialled_at_the_handset_is_the_users)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "    0 handset dial *10*202#\n"
		      " 5000 desk    dial *08\n"
		      "10000 xena    dial 201\n"
		      "15000 bob     dial 201\n");
	world_run(w, 17000);
	world_expect(w, "     0 answer      handset   201 Exception added\n"
			"  1000 bye         handset\n"
			"  5000 answer      desk      201 Do not disturb on\n"
			"  6000 bye         desk\n"
			" 10000 log         desk      missed busy 203 Xena "
			"dev=- ring=0 talk=0\n"
			" 10000 log         xena      out busy 201 Alice "
			"dev=203 ring=0 talk=0\n"
			" 10000 refused     xena      486\n"
			" 15000 ring        desk      202 Bob\n"
			" 15000 ring        handset   202 Bob\n"
			" 15000 ringback    bob\n");
	world_end(w);
}
END_TEST

/* T181: persist, then believe. */
START_TEST(a_full_disk_is_heard)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "    0 disk    full\n"
		      "    0 handset dial *08\n"
		      " 5000 disk    fine\n"
		      "10000 desk    dial *99\n"
		      "15000 bob     dial 201\n");
	world_run(w, 17000);
	world_expect(w, "     0 answer      handset   201 Not done\n"
			"  1000 bye         handset\n"
			" 10000 answer      desk      201 Not done\n"
			" 11000 bye         desk\n"
			" 15000 ring        desk      202 Bob\n"
			" 15000 ring        handset   202 Bob\n"
			" 15000 ringback    bob\n");
	world_end(w);
}
END_TEST

int main(void)
{
	TCase *t = scenario_case("codes");

	scenario(t, do_not_disturb_dialled_at_the_handset_silences_it_alone);
	scenario(t, do_not_disturb_dialled_while_it_rings_is_for_the_next_call);
	scenario(t, who_logs_out_by_code_is_at_the_mailbox_until_the_log_in);
	scenario(t,
		 forwarding_is_dialled_on_at_the_handset_and_off_at_the_desk);
	scenario(t, what_is_dialled_at_the_handset_is_the_users);
	scenario(t, a_full_disk_is_heard);
	return scenario_run();
}
