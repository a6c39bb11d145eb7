/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <string.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "jitter.h"
#include "rtp.h"

/* How long the least depth is watched before anything is left out. */
#define WATCH_TICKS (2000 * RTP_TICKS_PER_MS)

/* A timestamp farther off than this begins a new stream. */
#define JUMP_TICKS (2000 * RTP_TICKS_PER_MS)

/* So many late packets in a row: it is the sender's clock that was set back. */
#define LATE_RUN_MAX 10

enum jitter_state { JITTER_ST_IDLE, JITTER_ST_FILLING, JITTER_ST_PLAYING };

struct slot {
	uint32_t timestamp;
	uint32_t ticks;
	uint8_t *data; /* a child of the jitter buffer */
	size_t len;
};

struct jitter {
	enum jitter_state state;
	uint32_t min, max; /* ticks */
	uint32_t next;	   /* timestamp that is due */
	uint32_t waited;   /* FILLING: so long already */
	uint32_t debt;	   /* invented while nothing was there */
	unsigned int late_run;
	uint32_t low; /* least surplus of this watch */
	uint32_t watched;
	uint32_t surplus; /* found by the last watch, not yet left out */
	unsigned int n;
	struct slot slots[JITTER_SLOTS]; /* by timestamp */
	uint8_t *out;			 /* lent to the caller */
	struct jitter_counts counts;
};

struct jitter *jitter_new(void *ctx, unsigned int min_ms, unsigned int max_ms)
{
	struct jitter *jitter = talloc_zero(ctx, struct jitter);

	OSMO_ASSERT(jitter);
	jitter->min = min_ms * RTP_TICKS_PER_MS;
	jitter->max = max_ms * RTP_TICKS_PER_MS;
	return jitter;
}

void jitter_free(struct jitter *jitter)
{
	talloc_free(jitter);
}

static void watch_anew(struct jitter *jitter)
{
	jitter->low = UINT32_MAX;
	jitter->watched = 0;
	jitter->surplus = 0;
}

void jitter_reset(struct jitter *jitter)
{
	unsigned int i;

	for (i = 0; i < jitter->n; i++)
		talloc_free(jitter->slots[i].data);
	jitter->n = 0;
	jitter->state = JITTER_ST_IDLE;
	jitter->debt = 0;
	jitter->late_run = 0;
	watch_anew(jitter);
}

static void move(struct jitter *jitter, enum jitter_state next)
{
	jitter->state = next;
	jitter->waited = 0;
	jitter->debt = 0;
	watch_anew(jitter);
}

static struct slot take_first(struct jitter *jitter)
{
	struct slot first = jitter->slots[0];

	jitter->n--;
	memmove(jitter->slots, jitter->slots + 1,
		jitter->n * sizeof(jitter->slots[0]));
	return first;
}

/* How far a timestamp lies beyond what is due; packets may overlap. */
static uint32_t beyond_due(const struct jitter *jitter, uint32_t timestamp)
{
	int32_t ahead = (int32_t)(timestamp - jitter->next);

	return OSMO_MAX(ahead, 0);
}

static uint32_t slot_end(const struct slot *slot)
{
	return slot->timestamp + slot->ticks;
}

uint32_t jitter_depth(const struct jitter *jitter)
{
	if (jitter->n == 0)
		return 0;
	return beyond_due(jitter, slot_end(&jitter->slots[jitter->n - 1]));
}

static void drop_first(struct jitter *jitter)
{
	struct slot first = take_first(jitter);
	uint32_t left_out = beyond_due(jitter, slot_end(&first));

	jitter->counts.skipped += left_out;
	jitter->next += left_out;
	talloc_free(first.data);
}

static void slot_insert(struct jitter *jitter, const struct slot *slot)
{
	unsigned int i = jitter->n;

	while (i > 0 &&
	       (int32_t)(jitter->slots[i - 1].timestamp - slot->timestamp) > 0)
		i--;
	if (i > 0 && jitter->slots[i - 1].timestamp == slot->timestamp) {
		jitter->counts.late++;
		return;
	}
	memmove(jitter->slots + i + 1, jitter->slots + i,
		(jitter->n - i) * sizeof(jitter->slots[0]));
	jitter->slots[i] = *slot;
	jitter->slots[i].data = talloc_memdup(jitter, slot->data, slot->len);
	OSMO_ASSERT(jitter->slots[i].data);
	jitter->n++;
}

/* Whether a packet so far from what is due still belongs to the stream. */
static bool is_of_stream(struct jitter *jitter, int32_t ahead)
{
	if (ahead >= JUMP_TICKS || ahead <= -JUMP_TICKS)
		return false;
	if (ahead >= 0) {
		jitter->late_run = 0;
		return true;
	}
	return ++jitter->late_run <= LATE_RUN_MAX;
}

void jitter_put(struct jitter *jitter, uint32_t timestamp, uint32_t ticks,
		const uint8_t *data, size_t len)
{
	struct slot slot = { timestamp, ticks, (uint8_t *)data, len };
	int32_t ahead = (int32_t)(timestamp - jitter->next);

	if (jitter->state == JITTER_ST_FILLING && ahead < 0 &&
	    ahead > -(int32_t)jitter->max) {
		/* The first to come was not the first to be sent. */
		jitter->next = timestamp;
		ahead = 0;
	}
	if (jitter->state != JITTER_ST_IDLE && !is_of_stream(jitter, ahead))
		jitter_reset(jitter);
	if (jitter->state == JITTER_ST_IDLE) {
		move(jitter, JITTER_ST_FILLING);
		jitter->next = timestamp;
		ahead = 0;
	}
	if (ahead < 0) {
		jitter->counts.late++;
		return;
	}

	if (jitter->n == JITTER_SLOTS)
		drop_first(jitter);
	if ((int32_t)(timestamp - jitter->next) < 0) {
		jitter->counts.late++;
		return;
	}
	slot_insert(jitter, &slot);
	while (jitter->n > 1 && jitter_depth(jitter) > jitter->max)
		drop_first(jitter);
}

static void watch(struct jitter *jitter, uint32_t need)
{
	uint32_t due = OSMO_MAX(need, jitter->n ? jitter->slots[0].ticks : 0);
	uint32_t depth = jitter_depth(jitter);
	uint32_t idle =
		depth > due + jitter->min ? depth - due - jitter->min : 0;

	jitter->low = OSMO_MIN(jitter->low, idle);
	jitter->watched += need;
	if (jitter->watched < WATCH_TICKS)
		return;
	jitter->surplus = jitter->low;
	jitter->low = UINT32_MAX;
	jitter->watched = 0;
}

static bool is_filled(const struct jitter *jitter, uint32_t need)
{
	uint32_t enough = OSMO_MAX(need, jitter->slots[0].ticks) + jitter->min;

	return jitter_depth(jitter) >= enough || jitter->waited >= enough;
}

static void empty(struct jitter *jitter, uint32_t need)
{
	if (jitter->state != JITTER_ST_PLAYING)
		return;
	jitter->debt += need;
	if (jitter->debt > jitter->max)
		move(jitter, JITTER_ST_IDLE);
}

/*
 * Between what is due and what is there lies a gap.  So much of it as was
 * filled already, when nothing was there, is not filled again.
 */
static uint32_t gap(struct jitter *jitter, uint32_t need)
{
	uint32_t missing = beyond_due(jitter, jitter->slots[0].timestamp);
	uint32_t filled = OSMO_MIN(missing, jitter->debt);
	uint32_t now = OSMO_MIN(missing - filled, need);

	jitter->debt = 0;
	jitter->next += filled + now;
	return now;
}

void jitter_get(struct jitter *jitter, uint32_t need,
		struct jitter_sound *ret_sound)
{
	struct slot first;
	uint32_t missing;

	*ret_sound =
		(struct jitter_sound){ .verdict = JITTER_EMPTY, .ticks = need };
	TALLOC_FREE(jitter->out);

	if (jitter->state == JITTER_ST_FILLING) {
		if (is_filled(jitter, need))
			move(jitter, JITTER_ST_PLAYING);
		else
			jitter->waited += need;
	}
	if (jitter->state != JITTER_ST_PLAYING || jitter->n == 0) {
		empty(jitter, need);
		return;
	}

	watch(jitter, need);
	missing = gap(jitter, need);
	if (missing) {
		ret_sound->verdict = JITTER_GAP;
		ret_sound->ticks = missing;
		return;
	}
	first = take_first(jitter);
	jitter->next += beyond_due(jitter, slot_end(&first));
	jitter->out = first.data;
	*ret_sound = (struct jitter_sound){ JITTER_PACKET, first.ticks,
					    first.data, first.len };
}

uint32_t jitter_surplus(const struct jitter *jitter)
{
	return jitter->surplus;
}

void jitter_skipped(struct jitter *jitter, uint32_t ticks)
{
	jitter->surplus -= OSMO_MIN(jitter->surplus, ticks);
	jitter->counts.skipped += ticks;
}

void jitter_counts(const struct jitter *jitter,
		   struct jitter_counts *ret_counts)
{
	*ret_counts = jitter->counts;
}
