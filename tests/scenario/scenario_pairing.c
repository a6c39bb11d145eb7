/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_pairing.c - who is twinned with whom: A30, A31, T1 to T9, T38
 */
#include "scenario.h"

static const struct world_house office[] = {
	{ "desk", "201", "Alice", EXT_SIP, .twin_of = NULL },
	{ "handset", "301", "Mobile", EXT_DECT, .twin_of = "201" },
	{ "bob", "202", "Bob", EXT_SIP, .twin_of = NULL },
	{ "carl", "203", "Carl", EXT_SIP, .twin_of = NULL },
	{ "dora", "204", "Dora", EXT_SIP, .twin_of = NULL },
	{ "spare", "305", "Spare", EXT_DECT, .twin_of = NULL },
	{ "emil", "205", "Emil", EXT_SIP, .twin_of = NULL },
	{ "fred", "206", "Fred", EXT_SIP, .twin_of = NULL },
	{ 0 },
};

static bool denied_naming(struct world *w, const char *number)
{
	const char *line = trace_find(w->trace, "denied", "admin");

	return line && strstr(line, number);
}

/* A31: T1, T5. */
static void refused_pairing(enum world_kind kind, const char *primary,
			    const char *secondary, const char *named)
{
	struct world *w = world_new(kind, office);
	char story[64];

	snprintf(story, sizeof(story), "0 admin pair %s %s\n", primary,
		 secondary);
	world_tell(w, story);
	world_run(w, 1000);
	ck_assert_msg(denied_naming(w, named), "%s", trace_text(w, w->trace));
	ck_assert_uint_eq(disk_count(w->disk, ROW_PAIRING), 1);
	world_end(w);
}

START_TEST(a_pairing_that_another_excludes_is_refused_by_name)
{
	refused_pairing(_i, "202", "301", "201");
	refused_pairing(_i, "203", "201", "301");
	refused_pairing(_i, "301", "204", "201");
	refused_pairing(_i, "201", "305", "301");
}
END_TEST

START_TEST(a_pairing_of_one_or_with_nobody_is_refused)
{
	refused_pairing(_i, "202", "202", "202");
	refused_pairing(_i, "202", "999", "999");
	refused_pairing(_i, "999", "305", "999");
}
END_TEST

/* A31, its last: on any disk, whichever comes first. */
START_TEST(of_two_administrators_at_once_one_succeeds)
{
	for (int offset = 0; offset <= 50; offset++)
		for (int slow = 0; slow <= 40; slow += 20) {
			struct world *w = world_new(_i, office);
			char story[64];

			w->disk->delay_ms = slow;
			snprintf(story, sizeof(story),
				 "0 admin pair 205 305\n"
				 "%d admin pair 206 305\n",
				 offset);
			world_tell(w, story);
			world_run(w, 1000);
			ck_assert_msg(!w->fault, "%s", w->fault);
			ck_assert_uint_eq(trace_count(w->trace, "done", NULL),
					  1);
			ck_assert_uint_eq(trace_count(w->trace, "denied", NULL),
					  1);
			ck_assert_uint_eq(disk_count(w->disk, ROW_PAIRING), 2);
			world_end(w);
		}
}
END_TEST

/* A30: T7. */
START_TEST(the_pair_is_dissolved_while_both_ring)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob   dial 201\n"
		      "1000 admin unpair 201\n"
		      "2000 desk  answer\n"
		      "3000 desk  hang-up\n");
	world_run(w, 1500);
	world_expect(w, "   0 ring     desk    202 Bob\n"
			"   0 ring     handset 202 Bob\n"
			"   0 ringback bob\n"
			"1000 done     admin   201\n"
			"1000 quiet    handset\n");
	world_run(w, 4000);
	ck_assert_uint_eq(world_logged(w, "201", "answered"), 1);
	ck_assert_uint_eq(world_logged(w, "301", NULL), 0);
	ck_assert(trace_find(w->trace, "answer", "bob"));
	world_end(w);
}
END_TEST

/* T7: what is connected stays, with its user and in his log. */
START_TEST(the_pair_is_dissolved_while_the_handset_talks)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 bob     dial 201\n"
		      "1000 handset answer\n"
		      "2000 admin   unpair 201\n"
		      "3000 xena    dial 201\n"
		      "4000 xena    hang-up\n"
		      "5000 bob     hang-up\n");
	world_run(w, 3500);
	ck_assert(world_is_talking(w, "bob"));
	ck_assert(world_is_talking(w, "handset"));
	ck_assert(world_is_ringing(w, "desk")); /* and rings alone */
	world_run(w, 6000);
	ck_assert_uint_eq(world_logged(w, "201", "answered"), 1);
	ck_assert_uint_eq(world_logged(w, "301", NULL), 0);
	world_end(w);
}
END_TEST

/* A29, T38: and the handset has its own number again. */
START_TEST(an_unpaired_handset_is_dialled_by_its_own_number)
{
	struct world *w = world_new(_i, world_alice);

	world_tell(w, "   0 admin   unpair 201\n"
		      "1000 bob     dial 301\n"
		      "2000 handset answer\n"
		      "3000 bob     hang-up\n");
	world_run(w, 4000);
	world_expect(w, "   0 done     admin   201\n"
			"1000 ring     handset 202 Bob\n"
			"1000 ringback bob\n"
			"2000 answer   bob     301 Mobile\n"
			"2000 up       handset\n"
			"3000 bye      handset\n"
			"3000 log      handset in answered 202 Bob dev=301"
			" ring=1000 talk=1000\n"
			"3000 log      bob out answered 301 Mobile dev=202"
			" ring=1000 talk=1000\n");
	world_end(w);
}
END_TEST

/* T8: the handset's own call stays its own, and counts for T21. */
START_TEST(a_pairing_is_made_while_the_handset_talks)
{
	struct world *w = world_new(_i, office);

	world_tell(w, "   0 bob   dial 305\n"
		      "1000 spare answer\n"
		      "2000 admin pair 205 305\n"
		      "3000 carl  dial 205\n"
		      "5000 bob   hang-up\n"
		      "6000 carl  dial 205\n");
	world_run(w, 4000);
	ck_assert(world_is_talking(w, "spare"));
	ck_assert(strstr(trace_find(w->trace, "refused", "carl"), " 486"));
	world_run(w, 7000);
	ck_assert(world_is_ringing(w, "emil"));
	ck_assert(world_is_ringing(w, "spare"));
	ck_assert_uint_eq(world_logged(w, "305", "answered"), 1);
	world_end(w);
}
END_TEST

/* T6: at once, without a restart. */
START_TEST(a_new_pair_rings_together)
{
	struct world *w = world_new(_i, office);

	world_tell(w, "   0 admin pair 205 305\n"
		      "1000 bob   dial 205\n");
	world_run(w, 2000);
	world_expect(w, "   0 done     admin 205\n"
			"1000 ring     emil  202 Bob\n"
			"1000 ring     spare 202 Bob\n"
			"1000 ringback bob\n");
	world_end(w);
}
END_TEST

/* Persist, then believe: until the disk has it, nothing is told or true. */
START_TEST(a_pairing_is_true_once_it_is_stored)
{
	struct world *w = world_new(_i, office);

	world_tell(w, "   0 disk  slow 3000\n"
		      "   0 admin pair 205 305\n"
		      "1000 bob   dial 205\n"
		      "2000 bob   hang-up\n"
		      "4000 carl  dial 205\n");
	world_run(w, 1500);
	ck_assert(world_is_ringing(w, "emil"));
	ck_assert(!world_is_ringing(w, "spare"));
	ck_assert(!trace_find(w->trace, "done", NULL));
	world_run(w, 4500);
	ck_assert(trace_find(w->trace, "done", NULL));
	ck_assert(world_is_ringing(w, "spare"));
	world_end(w);
}
END_TEST

START_TEST(a_full_disk_refuses_the_pairing_and_nothing_has_changed)
{
	struct world *w = world_new(_i, office);

	world_tell(w, "   0 disk  full\n"
		      "   0 admin pair 205 305\n"
		      "   0 admin unpair 201\n"
		      "1000 disk  fine\n"
		      "2000 bob   dial 205\n"
		      "3000 bob   hang-up\n"
		      "4000 bob   dial 201\n");
	world_run(w, 2500);
	ck_assert_uint_eq(trace_count(w->trace, "denied", "admin"), 2);
	ck_assert(world_is_ringing(w, "emil"));
	ck_assert(!world_is_ringing(w, "spare"));
	world_run(w, 4500);
	ck_assert(world_is_ringing(w, "desk"));
	ck_assert(world_is_ringing(w, "handset"));
	world_end(w);
}
END_TEST

int main(void)
{
	TCase *t = scenario_case("pairing");

	scenario(t, a_pairing_that_another_excludes_is_refused_by_name);
	scenario(t, a_pairing_of_one_or_with_nobody_is_refused);
	scenario(t, of_two_administrators_at_once_one_succeeds);
	scenario(t, the_pair_is_dissolved_while_both_ring);
	scenario(t, the_pair_is_dissolved_while_the_handset_talks);
	scenario(t, an_unpaired_handset_is_dialled_by_its_own_number);
	scenario(t, a_pairing_is_made_while_the_handset_talks);
	scenario(t, a_new_pair_rings_together);
	scenario(t, a_pairing_is_true_once_it_is_stored);
	scenario(t, a_full_disk_refuses_the_pairing_and_nothing_has_changed);
	return scenario_run();
}
