/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim.c - random buildings, random people, bad luck
 *
 *     sim                      seeds from the clock, 20 s long
 *     sim --seconds 3600       a night's work
 *     sim --runs 500           so many worlds
 *     sim --seed 4711          that world again, exactly; its hash tells
 *     sim --seed 1 --runs 50   those from 1 on
 *     sim --kind core|sip|whole   one kind of world (default: each in turn)
 *     sim --twice              each world twice; the hashes must agree
 *     sim --finds TEXT         for mutants: success is a fault of that text
 *
 * After each step the world is looked at (world_check.c); at the end all hang
 * up, the faults cease, and everything must have come to its end.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <talloc.h>

#include "world.h"

#define DEVICES_MIN 3
#define DEVICES_MAX 8
#define STORY_MS (4 * 60 * 1000)

struct options {
	int64_t seconds;
	uint64_t runs, seed;
	bool one, twice, kind[_NUM_WORLD];
	const char *finds;
};

struct neighbours {
	struct world_house house[DEVICES_MAX + 1];
	char label[DEVICES_MAX][8], number[DEVICES_MAX][8],
		name[DEVICES_MAX][16];
	size_t n;
	bool redirect; /* they forward, log out, have mailboxes */
};

static void move_in(struct neighbours *all, struct dice *dice)
{
	memset(all, 0, sizeof(*all));
	all->redirect = choose(dice, 2);
	all->n = DEVICES_MIN + choose(dice, DEVICES_MAX - DEVICES_MIN + 1);
	for (size_t i = 0; i < all->n; i++) {
		struct world_house *h = &all->house[i];

		snprintf(all->label[i], sizeof(all->label[i]), "d%zu", i);
		snprintf(all->number[i], sizeof(all->number[i]), "%zu",
			 700 + i);
		snprintf(all->name[i], sizeof(all->name[i]), "User %zu", i);
		h->label = all->label[i];
		h->number = all->number[i];
		h->name = all->name[i];
		h->kind = choose(dice, 3) == 2 ? EXT_DECT : EXT_SIP;
		h->tcp = choose(dice, 4) == 3;
		h->nat = !h->tcp && choose(dice, 4) == 3;
		h->md5 = choose(dice, 4) == 3;
		/* Odd ones may be the twin of the even one before. */
		if (i % 2 && choose(dice, 3))
			h->twin_of = all->number[i - 1];
	}
}

static void bad_luck(struct world *w, struct dice *dice)
{
	static const struct net_faults weather[] = {
		{ 0 },
		{ .delay_ms = 5, .jitter_ms = 30 },
		{ .delay_ms = 1, .jitter_ms = 3, .loss_percent = 3 },
		{ .delay_ms = 20,
		  .jitter_ms = 100,
		  .loss_percent = 10,
		  .twice_percent = 10 },
	};

	w->net->faults = weather[choose(dice, 4)];
	w->disk->delay_ms = choose(dice, 3) * 40;
	w->disk->jitter_ms = choose(dice, 2) * 200;
	w->disk->fail_percent = choose(dice, 4) ? 0 : 20;
}

/* What somebody sets; in every other world that is do-not-disturb alone, so
 * that the log still has to be complete. */
static void settings(struct world *w, struct dice *dice, const char *number,
		     const char *other, bool all)
{
	static const char *const switches[] = {
		"dnd=on",
		"dnd=off",
		"dnd=on",
		"dnd=on",
		"dnd_exceptions=70X",
		"call_waiting=on",
		"dnd=off",
	};
	static const char *const more[] = {
		"forward_unconditional=", "forward_busy=",
		"forward_no_answer=",	  "follow_me=",
		"forward_busy=",	  "forward_no_answer=",
	};
	char text[64];

	if (!all || choose(dice, 2)) {
		world_do(w, "admin", "set", number, switches[choose(dice, 7)]);
		return;
	}
	switch (choose(dice, 6)) {
	case 0:
		world_do(w, "admin", "set", number,
			 choose(dice, 3) ? "logged_in=on" : "logged_in=off");
		return;
	case 1:
		world_do(w, "admin", "set", number,
			 choose(dice, 3) ? "voicemail=on" : "voicemail=off");
		world_do(w, "admin", "set", number, "voicemail_number=700");
		return;
	case 2:
		world_do(w, "admin", "set-pair", number,
			 choose(dice, 2) ? "max_calls=2" : "max_calls=1");
		return;
	default:
		snprintf(text, sizeof(text), "%s%s", more[choose(dice, 6)],
			 choose(dice, 4) ? other : "");
		world_do(w, "admin", "set", number, text);
	}
}

/* One of the things that people do, or that happen to them. */
static void something(struct world *w, struct dice *dice,
		      const struct neighbours *all)
{
	const char *who = all->label[choose(dice, all->n)];
	const char *number = all->number[choose(dice, all->n)];
	const char *other = all->number[choose(dice, all->n)];
	const char *whom = all->label[choose(dice, all->n)];
	unsigned int what = choose(dice, 112);

	if (what < 30)
		world_do(w, who, "dial", choose(dice, 20) ? number : "999", "");
	else if (what < 55)
		world_do(w, who, "answer", "", "");
	else if (what < 70)
		world_do(w, who, "hang-up", "", "");
	else if (what < 75)
		world_do(w, who, "reject", choose(dice, 2) ? "486" : "603", "");
	else if (what < 80)
		world_do(w, who, choose(dice, 2) ? "hold" : "resume",
			 choose(dice, 2) ? "update" : "", "");
	else if (what < 82)
		world_do(w, who, "early", "", "");
	else if (what < 84)
		world_do(w, who, "dial-late", number, "");
	else if (what < 86)
		world_do(w, who, "off", "", "");
	else if (what < 89)
		world_do(w, who, "on", "", "");
	else if (what < 91)
		world_do(w, who, "unregister", "", "");
	else if (what < 93)
		world_do(w, who, "register", "", "");
	else if (what < 95)
		world_do(w, "admin", "pair", number, other);
	else if (what < 96)
		settings(w, dice, number, other, all->redirect);
	else if (what < 98)
		world_do(w, "admin", "unpair", number, "");
	else if (what < 99 && choose(dice, 2))
		world_do(w, "base", choose(dice, 3) ? "up" : "down", "", "");
	else if (what < 99)
		bad_luck(w, dice);
	else if (what >= 108)
		world_do(w, who, "take", whom, "");
	else if (what >= 106)
		world_do(w, who, "join", "", "");
	else if (what >= 100)
		world_do(w, who, "refer", number, "");
	else if (choose(dice, 4) == 0)
		world_do(w, "gateway", "kill", "", "");
}

/* Phones that watch others, or themselves; nobody else has lamps. */
static void switch_on_lamps(struct world *w, struct dice *dice,
			    const struct neighbours *all)
{
	for (size_t i = 0; i < 2 * all->n; i++) {
		const char *who = all->label[choose(dice, all->n)];
		const char *number = all->number[choose(dice, all->n)];

		if (world_find(w, who)->phone)
			world_do(w, who, "watch", number, "");
	}
}

/* The hash; *@ret_fault is talloc'd, NULL if nothing was wrong. */
static uint64_t run(enum world_kind kind, uint64_t seed, char **ret_fault)
{
	struct neighbours all;
	struct dice dice;
	struct world *w;
	uint64_t hash;

	dice_seed(&dice, seed);
	move_in(&all, &dice);
	w = world_new_seeded(kind, all.house, seed);
	w->net->forget = true;
	switch_on_lamps(w, &dice, &all);
	bad_luck(w, &dice);
	for (int64_t ms = 0; ms < STORY_MS && !w->fault;) {
		/* Mostly a while apart, often in the same instant. */
		ms += choose(&dice, 3) ? choose(&dice, 4000)
				       : choose(&dice, 30);
		world_run(w, ms);
		something(w, &dice, &all);
	}
	if (!w->fault)
		world_calm_down(w);
	*ret_fault = NULL;
	if (w->fault)
		*ret_fault = talloc_asprintf(NULL, "%s\n%s", w->fault,
					     trace_tail(w, w->trace, 40));
	hash = w->trace->hash;
	world_free(w);
	return hash;
}

static bool run_seed(const struct options *o, enum world_kind kind,
		     uint64_t seed)
{
	char *fault, *again;
	uint64_t hash = run(kind, seed, &fault);
	bool ok = !fault;

	if (o->one)
		printf("seed %" PRIu64 " %s hash %016" PRIx64 "\n", seed,
		       world_kind_name(kind), hash);
	if (o->twice) {
		uint64_t same = run(kind, seed, &again);

		if (same != hash) {
			printf("seed %" PRIu64 " is not the same twice\n",
			       seed);
			ok = false;
		}
		talloc_free(again);
	}
	if (fault && o->finds && strstr(fault, o->finds)) {
		printf("found with seed %" PRIu64 ": %s\n", seed, fault);
		talloc_free(fault);
		exit(EXIT_SUCCESS);
	}
	/* A mutant may trip over another property first: on to the next world.
	 */
	if (o->finds)
		ok = true;
	else if (fault)
		printf("seed %" PRIu64 " (--kind %s --seed %" PRIu64 "): %s\n",
		       seed, world_kind_name(kind), seed, fault);
	talloc_free(fault);
	return ok;
}

static int64_t monotonic_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static struct options parse(int argc, char **argv)
{
	static const struct option known[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "runs", required_argument, NULL, 'r' },
		{ "seed", required_argument, NULL, 'S' },
		{ "kind", required_argument, NULL, 'k' },
		{ "finds", required_argument, NULL, 'f' },
		{ "twice", no_argument, NULL, 't' },
		{ 0 },
	};
	struct options o = { .seconds = 20,
			     .runs = UINT64_MAX,
			     .seed = time(NULL) };
	bool chosen = false;
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 's':
			o.seconds = atoll(optarg);
			break;
		case 'r':
			o.runs = strtoull(optarg, NULL, 10);
			o.seconds = INT64_MAX / 2;
			o.one = false;
			break;
		case 'S':
			o.seed = strtoull(optarg, NULL, 10);
			o.one = true;
			o.runs = 1;
			break;
		case 'k':
			for (int k = 0; k < _NUM_WORLD; k++)
				o.kind[k] =
					strcmp(optarg, world_kind_name(k)) == 0;
			chosen = true;
			break;
		case 'f':
			o.finds = optarg;
			break;
		case 't':
			o.twice = true;
			break;
		default:
			exit(2);
		}
	}
	for (int k = 0; !chosen && k < _NUM_WORLD; k++)
		o.kind[k] = true;
	return o;
}

int main(int argc, char **argv)
{
	struct options o = parse(argc, argv);
	int64_t end_s =
		o.seconds > INT32_MAX ? INT64_MAX : monotonic_s() + o.seconds;
	uint64_t n = 0;
	bool ok = true;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("seed %" PRIu64 "\n", o.seed);
	for (; ok && n < o.runs && monotonic_s() < end_s; n++)
		for (int k = 0; ok && k < _NUM_WORLD; k++)
			if (o.kind[k])
				ok = run_seed(&o, k, o.seed + n);
	printf("%" PRIu64 " worlds\n", n);
	if (o.finds) {
		printf("and no fault \"%s\"\n", o.finds);
		return EXIT_FAILURE;
	}
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
