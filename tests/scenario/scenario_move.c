/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_move.c - a call goes from one twin to the other, or to others
 *
 * A26 to A28; T24, T72, T73, T75 to T77.  A28 at every offset.
 */
#include "scenario.h"

#define UP                                                                     \
	"   0 xena dial 201\n"                                                 \
	"1000 desk answer\n"

static struct world *xena_talks_to_the_desk(int kind)
{
	struct world *w = world_new(kind, world_alice);

	world_tell(w, UP);
	world_run(w, 2000);
	ck_assert(world_is_talking(w, "desk"));
	trace_clear(w->trace);
	return w;
}

/* A26: T72, T76. */
START_TEST(ones_own_number_rings_the_other_twin_alone)
{
	struct world *w = xena_talks_to_the_desk(_i);

	world_tell(w, "3000 desk    refer 201\n"
		      "5000 handset answer\n"
		      "9000 xena    hang-up\n");
	world_run(w, 10000);
	ck_assert(!w->fault);
	ck_assert_uint_eq(trace_count(w->trace, "ring", "handset"), 1);
	ck_assert_uint_eq(trace_count(w->trace, "ring", NULL), 1);
	ck_assert_uint_eq(trace_count(w->trace, "bye", "desk"), 1);
	ck_assert_uint_eq(trace_count(w->trace, "bye", "handset"), 1);
	ck_assert_ptr_nonnull(
		strstr(trace_find(w->trace, "referred", "desk"), " 200"));
	ck_assert_ptr_nonnull(strstr(trace_find(w->trace, "log", "desk"),
				     "in answered 203 Xena dev=201 ring=1000 "
				     "talk=8000"));
	ck_assert_uint_eq(world_logged(w, "201", NULL), 1);
	ck_assert_uint_eq(world_logged(w, "203", NULL), 1);
	world_end(w);
}
END_TEST

/* A27: T75; the desk stays on the line. */
START_TEST(unanswered_the_call_is_at_the_desk_still)
{
	struct world *w = xena_talks_to_the_desk(_i);

	world_tell(w, "3000 desk refer 201\n");
	world_run(w, 17900);
	ck_assert(world_is_ringing(w, "handset"));
	world_run(w, 19000);
	ck_assert(!world_is_ringing(w, "handset"));
	ck_assert(world_is_talking(w, "desk"));
	ck_assert(world_is_talking(w, "xena"));
	ck_assert_ptr_nonnull(
		strstr(trace_find(w->trace, "referred", "desk"), " 480"));
	world_end(w);
}
END_TEST

/* A27: the desk has hung up. */
START_TEST(unanswered_it_comes_back_to_the_desk)
{
	struct world *w = xena_talks_to_the_desk(_i);

	world_tell(w, "3000 desk refer 201\n"
		      "3500 desk hang-up\n");
	world_run(w, 17900);
	ck_assert(world_is_ringing(w, "handset"));
	ck_assert(world_is_talking(w, "xena"));
	world_run(w, 19000);
	ck_assert(!world_is_ringing(w, "handset"));
	ck_assert(world_is_ringing(w, "desk"));
	world_tell(w, "20000 desk answer\n");
	world_run(w, 21000);
	ck_assert(world_is_talking(w, "desk"));
	ck_assert(world_is_talking(w, "xena"));
	ck_assert(!trace_find(w->trace, "bye", "xena"));
	world_end(w);
}
END_TEST

/* T73: a held call, taken, is held no more. */
START_TEST(a_held_call_is_taken_and_talks)
{
	struct world *w = xena_talks_to_the_desk(_i);

	world_tell(w, "2500 desk    hold\n"
		      "3000 desk    refer 301\n"
		      "5000 handset answer\n");
	world_run(w, 6000);
	ck_assert(!w->fault);
	ck_assert_uint_eq(trace_count(w->trace, "held", "xena"), 1);
	ck_assert_uint_eq(trace_count(w->trace, "resumed", "xena"), 1);
	ck_assert(world_is_talking(w, "handset"));
	ck_assert(!world_is_talking(w, "desk"));
	world_end(w);
}
END_TEST

/* A call goes to and fro, with holds in between: one session for Xena. */
START_TEST(a_call_goes_to_and_fro)
{
	struct world *w = xena_talks_to_the_desk(_i);

	world_tell(w, "3000 desk    refer 201\n"
		      "4000 handset answer\n"
		      "5000 handset hold\n"
		      "6000 handset resume\n");
	world_run(w, 7000);
	ck_assert(world_is_talking(w, "handset"));
	world_tell(w, "8000 desk    take handset\n");
	world_run(w, 9000);
	if (world_is_talking(w, "desk")) /* a handset's call has no name */
		ck_assert(!world_is_talking(w, "handset"));
	ck_assert(world_is_talking(w, "xena"));
	ck_assert_uint_eq(world_talking(w), 2);
	ck_assert(!w->fault);
	world_end(w);
}
END_TEST

/* ---- transfer to others ---- */

START_TEST(a_call_is_transferred_and_seen_as_such)
{
	struct world *w = xena_talks_to_the_desk(_i);

	world_tell(w, "3000 desk refer 202\n"
		      "5000 bob  answer\n"
		      "9000 bob  hang-up\n");
	world_run(w, 10000);
	ck_assert(!w->fault);
	ck_assert_ptr_nonnull(
		strstr(trace_find(w->trace, "ring", "bob"), "203 Xena"));
	ck_assert_ptr_nonnull(
		strstr(trace_find(w->trace, "referred", "desk"), " 200"));
	ck_assert_uint_eq(trace_count(w->trace, "bye", "xena"), 1);
	ck_assert_ptr_nonnull(strstr(trace_find(w->trace, "log", "bob"),
				     "in answered 203 Xena dev=202"));
	ck_assert_uint_eq(world_talking(w), 0);
	world_end(w);
}
END_TEST

START_TEST(an_announced_call_is_handed_over)
{
	struct world *w = xena_talks_to_the_desk(_i);

	world_tell(w, "2500 desk hold\n"
		      "3000 desk dial 202\n"
		      "4000 bob  answer\n"
		      "5000 desk join\n");
	world_run(w, 6000);
	ck_assert(!w->fault);
	ck_assert(world_is_talking(w, "xena"));
	ck_assert(world_is_talking(w, "bob"));
	ck_assert(!world_is_talking(w, "desk"));
	world_tell(w, "7000 xena hang-up\n");
	world_run(w, 8000);
	ck_assert_uint_eq(world_talking(w), 0);
	world_end(w);
}
END_TEST

START_TEST(a_transfer_to_nowhere_is_refused_and_changes_nothing)
{
	struct world *w = xena_talks_to_the_desk(_i);

	world_tell(w, "3000 desk refer 999\n");
	world_run(w, 4000);
	world_expect(w, "3000 referred desk 404\n");
	ck_assert(world_is_talking(w, "desk"));
	ck_assert(world_is_talking(w, "xena"));
	world_end(w);
}
END_TEST

/* ---- A28: at every offset, in both orders, on three networks ---- */

#define OFFSETS 51
#define ORDERS 2

static const unsigned int delays_ms[] = { 0, 7, 20 };

#define DELAYS (sizeof(delays_ms) / sizeof(*delays_ms))
#define CASES (OFFSETS * ORDERS * DELAYS)

struct race {
	struct world *w;
	int offset;
	unsigned int delay_ms;
	const char *first, *second;
};

static const struct world_house two_phones[] = {
	{ "desk", "201", "Alice", EXT_SIP, .twin_of = NULL },
	{ "other", "301", "Pocket", EXT_SIP, .twin_of = "201" },
	{ "xena", "203", "Xena", EXT_SIP, .twin_of = NULL },
	{ 0 },
};

static struct race race(int n, int kind, const char *prelude, const char *a,
			const char *b)
{
	bool swap = n / OFFSETS % ORDERS;
	struct race r = {
		.w = world_new(kind, two_phones),
		.offset = n % OFFSETS,
		.delay_ms = delays_ms[n / OFFSETS / ORDERS],
		.first = swap ? b : a,
		.second = swap ? a : b,
	};
	char line[96];

	r.w->net->faults.delay_ms = r.delay_ms;
	world_tell(r.w, UP);
	world_tell(r.w, prelude);
	snprintf(line, sizeof(line), "5000 %s\n", r.first);
	world_tell(r.w, line);
	snprintf(line, sizeof(line), "%d %s\n", 5000 + r.offset, r.second);
	world_tell(r.w, line);
	world_run(r.w, 8000);
	return r;
}

#define ck_race(r, that)                                                       \
	ck_assert_msg(!(r).w->fault && (that),                                 \
		      "%s: %s, then %d ms later %s, delay %u: %s\n%s", #that,  \
		      (r).first, (r).offset, (r).second, (r).delay_ms,         \
		      (r).w->fault ? (r).w->fault : "",                        \
		      trace_text((r).w, (r).w->trace))

/* Either two talk to each other, or nobody does. */
static void nothing_is_half_open(struct race *r)
{
	struct world *w = r->w;

	ck_race(*r, !world_is_ringing(w, "desk"));
	ck_race(*r, !world_is_ringing(w, "other"));
	ck_race(*r, world_talking(w) == (world_is_talking(w, "xena") ? 2 : 0));
	world_end(w);
}

/* A28. */
START_TEST(the_other_takes_it_as_the_desk_hangs_up)
{
	for (size_t n = 0; n < CASES; n++) {
		struct race r =
			race(n, _i, "", "other take desk", "desk hang-up");

		nothing_is_half_open(&r);
	}
}
END_TEST

START_TEST(the_other_takes_it_as_the_far_end_hangs_up)
{
	for (size_t n = 0; n < CASES; n++) {
		struct race r =
			race(n, _i, "", "other take desk", "xena hang-up");

		ck_race(r, !world_is_talking(r.w, "xena"));
		nothing_is_half_open(&r);
	}
}
END_TEST

START_TEST(the_other_takes_it_as_the_desk_holds)
{
	for (size_t n = 0; n < CASES; n++) {
		struct race r = race(n, _i, "", "other take desk", "desk hold");

		ck_race(r, world_is_talking(r.w, "other"));
		ck_race(r, world_is_talking(r.w, "xena"));
		nothing_is_half_open(&r);
	}
}
END_TEST

START_TEST(the_other_takes_it_as_the_far_end_holds)
{
	for (size_t n = 0; n < CASES; n++) {
		struct race r =
			race(n, _i, "", "other take desk", "xena hold update");

		ck_race(r, world_is_talking(r.w, "other"));
		ck_race(r, world_is_talking(r.w, "xena"));
		nothing_is_half_open(&r);
	}
}
END_TEST

START_TEST(the_other_takes_it_and_thinks_better_of_it)
{
	for (size_t n = 0; n < CASES; n++) {
		struct race r =
			race(n, _i, "", "other take desk", "other hang-up");

		nothing_is_half_open(&r);
	}
}
END_TEST

START_TEST(the_other_answers_as_the_desk_hangs_up)
{
	for (size_t n = 0; n < CASES; n++) {
		struct race r = race(n, _i, "3000 desk refer 201\n",
				     "other answer", "desk hang-up");

		ck_race(r, world_is_talking(r.w, "other"));
		ck_race(r, world_is_talking(r.w, "xena"));
		nothing_is_half_open(&r);
	}
}
END_TEST

START_TEST(the_other_answers_as_the_far_end_hangs_up)
{
	for (size_t n = 0; n < CASES; n++) {
		struct race r = race(n, _i, "3000 desk refer 201\n",
				     "other answer", "xena hang-up");

		ck_race(r, !world_is_talking(r.w, "xena"));
		nothing_is_half_open(&r);
	}
}
END_TEST

int main(void)
{
	TCase *t = scenario_case("move");

	scenario(t, ones_own_number_rings_the_other_twin_alone);
	scenario(t, unanswered_the_call_is_at_the_desk_still);
	scenario(t, unanswered_it_comes_back_to_the_desk);
	scenario(t, a_held_call_is_taken_and_talks);
	scenario(t, a_call_goes_to_and_fro);
	scenario(t, a_call_is_transferred_and_seen_as_such);
	scenario(t, an_announced_call_is_handed_over);
	scenario(t, a_transfer_to_nowhere_is_refused_and_changes_nothing);
	scenario(t, the_other_takes_it_as_the_desk_hangs_up);
	scenario(t, the_other_takes_it_as_the_far_end_hangs_up);
	scenario(t, the_other_takes_it_as_the_desk_holds);
	scenario(t, the_other_takes_it_as_the_far_end_holds);
	scenario(t, the_other_takes_it_and_thinks_better_of_it);
	scenario(t, the_other_answers_as_the_desk_hangs_up);
	scenario(t, the_other_answers_as_the_far_end_hangs_up);
	return scenario_run();
}
