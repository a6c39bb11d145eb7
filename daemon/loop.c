/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loop.h"

#include <osmocom/core/utils.h>
#include <talloc.h>
#include <time.h>

#include "admin.h"
#include "core.h"
#include "db.h"
#include "edge_db.h"
#include "edge_hal.h"
#include "edge_sip.h"
#include "hal.h"
#include "media.h"
#include "media_socket.h"
#include "sim.h"
#include "sip.h"
#include "sip_socket.h"
#include "turn.h"
#include "view.h"

enum loop_state {
	LOOP_IDLE,
	LOOP_RUNNING,
	LOOP_STOPPING, /* the calls are being ended */
	LOOP_STOPPED,
};

struct loop {
	enum loop_state state;
	int64_t stop_ms; /* STOPPING: patience ends */
	struct turn *turn;
	struct parts parts;
	struct actions actions;
	bool stepping;
	struct act_reply *replies; /* of the last step, n_replies */
	size_t n_replies;
	bool replying;
};

/* ---- time ---- */

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t loop_now_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

int64_t loop_wall_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

/* ---- a step ---- */

/* Who is answered may ask for the next thing at once, and that would be a
 * step within a step: so replies wait until this one is over. */
static void keep_reply(struct loop *loop, const struct act_reply *reply)
{
	loop->replies = talloc_realloc(loop, loop->replies, struct act_reply,
				       loop->n_replies + 1);
	OSMO_ASSERT(loop->replies);
	loop->replies[loop->n_replies++] = *reply;
}

static void give_replies(struct loop *loop)
{
	size_t i;

	if (loop->replying)
		return;
	loop->replying = true;
	for (i = 0; i < loop->n_replies; i++) {
		struct act_reply reply = loop->replies[i];

		admin_reply(loop->parts.admin, &reply);
	}
	loop->n_replies = 0;
	loop->replying = false;
}

static void perform(struct loop *loop, int64_t now_ms,
		    const struct action *action)
{
	const struct parts *p = &loop->parts;

	switch (action->type) {
	case ACT_STORE:
		edge_db_perform(p->edge_db, action);
		break;
	case ACT_REPLY:
		keep_reply(loop, &action->reply);
		break;
	default:
		edge_sip_perform(p->edge_sip, now_ms, action);
		edge_hal_perform(p->edge_hal, now_ms, action);
	}
}

static void step(struct loop *loop, struct event *event)
{
	size_t i;

	OSMO_ASSERT(!loop->stepping);
	loop->stepping = true;
	event->now_ms = loop_now_ms();
	event->wall_ms = loop_wall_ms();
	core_step(loop->parts.core, event, &loop->actions);
	for (i = 0; i < loop->actions.n; i++)
		perform(loop, event->now_ms, &loop->actions.v[i]);
	actions_clear(&loop->actions);
	loop->stepping = false;
	give_replies(loop);
}

void loop_happened(struct loop *loop, const struct event *event)
{
	struct event copy = *event;

	step(loop, &copy);
}

/* ---- a round ---- */

/* All that the edges have to tell; true if there was anything. */
static bool drain(struct loop *loop)
{
	const struct parts *p = &loop->parts;
	struct event event;
	bool any = false;

	while (edge_sip_next(p->edge_sip, loop_now_ms(), &event)) {
		step(loop, &event);
		any = true;
	}
	edge_hal_pump(p->edge_hal, loop_now_ms());
	while (edge_hal_next(p->edge_hal, loop_now_ms(), &event)) {
		step(loop, &event);
		any = true;
	}
	while (edge_db_next(p->edge_db, &event)) {
		step(loop, &event);
		any = true;
	}
	return any;
}

static void flush(struct loop *loop)
{
	const struct parts *p = &loop->parts;
	size_t i;

	sip_socket_flush(p->sip_socket);
	edge_hal_pump(p->edge_hal, loop_now_ms());
	media_socket_flush(p->media_socket);
	for (i = 0; i < p->n_sims; i++)
		sim_socket_flush(p->sims[i]);
}

static void tick(struct loop *loop)
{
	const struct parts *p = &loop->parts;
	int64_t now_ms = loop_now_ms();

	if (sip_next_ms(p->sip) <= now_ms)
		sip_tick(p->sip, now_ms);
	if (hal_next_ms(p->hal) <= now_ms)
		hal_tick(p->hal, now_ms);
	if (media_next_ms(p->media) <= now_ms)
		media_tick(p->media, now_ms);
	if (core_next_ms(p->core) <= now_ms)
		step(loop, &(struct event){ .type = EV_TICK });
}

/* Sending can fail, and that is news as well: quiet is when a round that
 * sent had nothing to tell behind it. */
void loop_settle(struct loop *loop)
{
	tick(loop);
	drain(loop);
	do {
		flush(loop);
	} while (drain(loop));
}

/* ---- sleeping ---- */

static int64_t next_ms(struct loop *loop)
{
	const struct parts *p = &loop->parts;
	int64_t at = core_next_ms(p->core);

	at = OSMO_MIN(at, sip_next_ms(p->sip));
	at = OSMO_MIN(at, hal_next_ms(p->hal));
	at = OSMO_MIN(at, media_next_ms(p->media));
	if (loop->state == LOOP_STOPPING)
		at = OSMO_MIN(at, loop->stop_ms);
	return at;
}

/* ---- running ---- */

static bool all_told(const struct loop *loop)
{
	struct view_counts core;
	struct sip_counts sip;
	struct hal_counts hal;

	view_counts(loop->parts.core, &core);
	sip_counts(loop->parts.sip, &sip);
	hal_counts(loop->parts.hal, &hal);
	return core.calls == 0 && sip.legs == 0 && hal.calls == 0;
}

static bool is_over(const struct loop *loop)
{
	return loop->state == LOOP_STOPPED ||
	       (loop->state == LOOP_STOPPING &&
		(all_told(loop) || loop_now_ms() >= loop->stop_ms));
}

void loop_run(struct loop *loop)
{
	loop->state = LOOP_RUNNING;
	while (!is_over(loop)) {
		turn_once(loop->turn, loop_now_ms(), next_ms(loop));
		loop_settle(loop);
	}
	loop->state = LOOP_STOPPED;
}

void loop_stop(struct loop *loop, int64_t patience_ms)
{
	if (loop->state != LOOP_RUNNING) {
		loop->state = LOOP_STOPPED;
		return;
	}
	loop->state = LOOP_STOPPING;
	loop->stop_ms = loop_now_ms() + patience_ms;
	loop_happened(loop, &(struct event){ .type = EV_SHUTDOWN });
}

/* ---- life ---- */

struct loop *loop_new(void *ctx, struct turn *turn)
{
	struct loop *loop = talloc_zero(ctx, struct loop);

	OSMO_ASSERT(loop);
	loop->turn = turn;
	actions_init(&loop->actions, loop);
	return loop;
}

void loop_join(struct loop *loop, const struct parts *parts)
{
	loop->parts = *parts;
	turn_watch(loop->turn, db_fd(parts->db));
}
