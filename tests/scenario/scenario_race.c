/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_race.c - two things at once: A4, A5, A10, at every offset
 *
 * The second thing comes 0 to 50 ms after the first, in steps of one, in both
 * orders, on networks of 0, 7 and 20 ms; so each window of RFC 5407 is met.
 */
#include "scenario.h"

#define OFFSETS 51
#define ORDERS 2

static const unsigned int delays_ms[] = { 0, 7, 20 };

#define DELAYS (sizeof(delays_ms) / sizeof(*delays_ms))
#define CASES (OFFSETS * ORDERS * DELAYS)

struct race {
	struct world *w;
	int offset;
	const char *first, *second;
};

static struct race race(int n, enum world_kind kind, const char *a,
			const char *b)
{
	bool swap = n / OFFSETS % ORDERS;
	struct race r = {
		.w = world_new(kind, world_alice),
		.offset = n % OFFSETS,
		.first = swap ? b : a,
		.second = swap ? a : b,
	};

	r.w->net->faults.delay_ms = delays_ms[n / OFFSETS / ORDERS];
	return r;
}

static void start(struct race *r, int ms)
{
	char line[64];

	snprintf(line, sizeof(line), "%d %s\n", ms, r->first);
	world_tell(r->w, line);
	snprintf(line, sizeof(line), "%d %s\n", ms + r->offset, r->second);
	world_tell(r->w, line);
}

/* How a failing case names itself. */
#define ck_race(r, that)                                                       \
	ck_assert_msg(!(r).w->fault && (that),                                 \
		      "%s, then %d ms later %s, delay %u: %s\n%s", #that,      \
		      (r).offset, (r).second, (r).w->net->faults.delay_ms,     \
		      (r).w->fault ? (r).w->fault : "",                        \
		      trace_text((r).w, (r).w->trace))

/* A4: both answer. */
static void both_answer(int n, enum world_kind kind)
{
	struct race r = race(n, kind, "desk answer", "handset answer");
	struct world *w = r.w;

	world_tell(w, "0 bob dial 201\n");
	start(&r, 2000);
	world_run(w, 4000);
	ck_race(r, world_is_talking(w, "bob"));
	ck_race(r, world_talking(w) == 2);
	ck_race(r, trace_count(w->trace, "answer", "bob") == 1);
	ck_race(r, trace_count(w->trace, "ringback", "bob") == 1);
	world_tell(w, "5000 bob hang-up\n");
	world_run(w, 7000);
	ck_race(r, world_logged(w, "201", "answered") == 1);
	ck_race(r, world_logged(w, "201", NULL) == 1);
	ck_race(r, world_logged(w, "202", NULL) == 1);
	world_end(w);
}

START_TEST(both_twins_answer_and_one_of_them_has_the_call)
{
	for (size_t n = 0; n < CASES; n++)
		both_answer(n, _i);
}
END_TEST

/* A5: the caller gives up as the handset answers. */
static void gives_up_as_it_answers(int n, enum world_kind kind)
{
	struct race r = race(n, kind, "bob hang-up", "handset answer");
	struct world *w = r.w;
	bool up;

	world_tell(w, "0 bob dial 201\n");
	start(&r, 2000);
	world_run(w, 5000);
	/* Either both talk or nobody does. */
	up = world_is_talking(w, "bob");
	ck_race(r, up == world_is_talking(w, "handset"));
	ck_race(r, !world_is_talking(w, "desk"));
	ck_race(r, !world_is_ringing(w, "desk"));
	ck_race(r, !world_is_ringing(w, "handset"));
	world_run(w, 8000);
	if (!up) {
		ck_race(r, world_logged(w, "201", NULL) == 1);
		ck_race(r, world_logged(w, "202", NULL) == 1);
	}
	world_end(w);
}

START_TEST(the_caller_gives_up_as_the_handset_answers)
{
	for (size_t n = 0; n < CASES; n++)
		gives_up_as_it_answers(n, _i);
}
END_TEST

/* A10, T27: two callers at once, limit 1. */
static void two_callers(int n, enum world_kind kind)
{
	struct race r = race(n, kind, "bob dial 201", "xena dial 201");
	struct world *w = r.w;

	start(&r, 0);
	world_run(w, 3000);
	ck_race(r, trace_count(w->trace, "ringback", NULL) == 1);
	ck_race(r, trace_count(w->trace, "refused", NULL) == 1);
	ck_race(r, strstr(trace_find(w->trace, "refused", NULL), " 486"));
	ck_race(r, trace_count(w->trace, "ring", NULL) == 2);
	world_end(w);
}

START_TEST(two_callers_at_once_and_one_of_them_is_accepted)
{
	for (size_t n = 0; n < CASES; n++)
		two_callers(n, _i);
}
END_TEST

/* RFC 5407, 3.1.x: both ends hang up at once. */
static void both_hang_up(int n, enum world_kind kind)
{
	struct race r = race(n, kind, "desk hang-up", "bob hang-up");
	struct world *w = r.w;

	world_tell(w, "0 bob dial 201\n1000 desk answer\n");
	start(&r, 2000);
	world_run(w, 4000);
	ck_race(r, world_talking(w) == 0);
	ck_race(r, world_logged(w, "201", "answered") == 1);
	world_end(w);
}

START_TEST(both_ends_hang_up_at_once)
{
	for (size_t n = 0; n < CASES; n++)
		both_hang_up(n, _i);
}
END_TEST

/* The caller hangs up in the moment of the answer's arrival. */
static void answer_and_hang_up(int n, enum world_kind kind)
{
	struct race r = race(n, kind, "desk answer", "desk hang-up");
	struct world *w = r.w;

	world_tell(w, "0 bob dial 201\n");
	start(&r, 2000);
	world_run(w, 5000);
	ck_race(r, !world_is_talking(w, "desk"));
	if (world_is_ringing(w, "handset")) /* it was a reject */
		world_tell(w, "6000 handset answer\n");
	world_run(w, 7000);
	ck_race(r, world_talking(w) == 0 || world_talking(w) == 2);
	world_end(w);
}

START_TEST(a_twin_answers_and_hangs_up_at_once)
{
	for (size_t n = 0; n < CASES; n++)
		answer_and_hang_up(n, _i);
}
END_TEST

/* T7 against T18: the pair is dissolved as its handset answers. */
static void unpaired_as_it_answers(int n, enum world_kind kind)
{
	struct race r = race(n, kind, "admin unpair 201", "handset answer");
	struct world *w = r.w;

	world_tell(w, "0 bob dial 201\n");
	start(&r, 2000);
	world_run(w, 4000);
	ck_race(r, trace_find(w->trace, "done", "admin"));
	if (world_is_talking(w, "handset")) {
		ck_race(r, world_is_talking(w, "bob"));
		ck_race(r, !world_is_ringing(w, "desk"));
	} else {
		ck_race(r, world_is_ringing(w, "desk"));
		ck_race(r, !world_is_talking(w, "bob"));
	}
	world_end(w);
}

START_TEST(the_pair_is_dissolved_as_the_handset_answers)
{
	for (size_t n = 0; n < CASES; n++)
		unpaired_as_it_answers(n, _i);
}
END_TEST

int main(void)
{
	TCase *t = scenario_case("races");

	scenario(t, both_twins_answer_and_one_of_them_has_the_call);
	scenario(t, the_caller_gives_up_as_the_handset_answers);
	scenario(t, two_callers_at_once_and_one_of_them_is_accepted);
	scenario(t, both_ends_hang_up_at_once);
	scenario(t, a_twin_answers_and_hangs_up_at_once);
	scenario(t, the_pair_is_dissolved_as_the_handset_answers);
	return scenario_run();
}
