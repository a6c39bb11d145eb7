/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * world_dect.c - the DECT half of the world: what ships, and handsets in the
 * air of the simulated base
 *
 *     core <--> edge_hal <--> hal <--> sim <-- air --> handsets (sim_pt)
 *                   |
 *                 media        (its RTP goes nowhere; audio has tests)
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "edge_hal.h"
#include "outside.h"
#include "sim.h"
#include "sim_pt.h"

#define LISTEN_MS 100

static const uint8_t rfpi[5] = { 0x10, 0x20, 0x30, 0x40, 0x50 };

struct world_dect {
	struct world *w;
	struct hal *hal; /* NULL while the gateway is dead */
	struct sim *sim;
	struct media *media;
	struct edge_hal *edge;
	bool broken; /* the base, by ill luck */
	uint16_t last_port;
	struct handset *handset[WORLD_DEVICES_MAX];
	size_t n;
};

struct handset {
	struct world_dect *all;
	const struct world_device *device;
	struct pt *pt;
	sim_conn conn;	   /* 0: no air */
	int64_t listen_ms; /* then, when it listens next */
	bool out;	   /* of range */
	int refuse;	   /* rejects by itself; 0: rings */
	/* Of its call, for what it tells: */
	bool outgoing, connected, by_user;
};

/* ---- the gateway's part ---- */

static int port_open(void *data, uint64_t leg, struct media_addr *ret_local)
{
	struct world_dect *all = data;

	*ret_local = (struct media_addr){
		.family = AF_INET,
		.port = 20000 + 2 * (++all->last_port % 10000),
		.ip = { WORLD_GATEWAY_IP >> 24, WORLD_GATEWAY_IP >> 16 & 255,
			WORLD_GATEWAY_IP >> 8 & 255, WORLD_GATEWAY_IP & 255 },
	};
	return 0;
}

static void port_close(void *data, uint64_t leg)
{
}

static void start(void *data)
{
	struct world_dect *all = data;
	struct edge_ports ports = { all, port_open, port_close };
	struct hal_limits limits = { 0 };
	struct sim_config sim = { .seed = 0xdec7 };
	struct media_config media = { .seed = 0xa0d10 };
	hal_base_id base;

	memcpy(sim.rfpi, rfpi, sizeof(rfpi));
	all->hal = hal_new(all, &limits);
	all->sim = sim_new(all, &sim);
	all->media = media_new(all, &media);
	all->edge =
		edge_hal_new(all, all->hal, all->media, all->w->core, &ports);
	OSMO_ASSERT(hal_base_open(all->hal, all->w->now_ms, "sim", &sim_driver,
				  all->sim, &base) == 0);
	edge_hal_add_base(all->edge, base);
}

static void loaded(void *data)
{
}

static void tell_all(struct handset *h);

static void kill_gateway(void *data)
{
	struct world_dect *all = data;

	if (!all->hal)
		return;
	for (size_t i = 0; i < all->n; i++) {
		pt_air_down(all->handset[i]->pt, all->w->now_ms);
		all->handset[i]->conn = 0;
		tell_all(all->handset[i]);
	}
	TALLOC_FREE(all->edge);
	hal_free(all->hal);
	sim_free(all->sim);
	media_free(all->media);
	all->hal = NULL;
}

static void perform(void *data, const struct action *action)
{
	struct world_dect *all = data;

	edge_hal_perform(all->edge, all->w->now_ms, action);
}

/* ---- the air ---- */

static struct handset *handset_at(struct world_dect *all, sim_conn conn)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->handset[i]->conn == conn)
			return all->handset[i];
	return NULL;
}

static bool from_base(struct world_dect *all)
{
	struct sim_air air;
	struct handset *h;

	if (!sim_air_next(all->sim, &air))
		return false;
	h = handset_at(all, air.conn);
	if (!h) {
		world_fault(all->w, "the base speaks to nobody");
		return true;
	}
	if (air.close) {
		if (!all->broken)
			world_fault(all->w, "the base cut %s off",
				    h->device->house->label);
		h->conn = 0;
		pt_air_down(h->pt, all->w->now_ms);
		return true;
	}
	trace_feed(all->w->trace, air.data, air.len);
	if (pt_rx(h->pt, all->w->now_ms, air.data, air.len))
		world_fault(all->w, "%s: the base sends nonsense",
			    h->device->house->label);
	return true;
}

static bool to_base(struct world_dect *all, struct handset *h)
{
	uint8_t buf[AIR_FRAME_MAX];
	size_t n = pt_next_air(h->pt, buf, sizeof(buf));

	if (!n)
		return false;
	trace_feed(all->w->trace, buf, n);
	if (h->conn && sim_air_rx(all->sim, all->w->now_ms, h->conn, buf, n))
		world_fault(all->w, "%s: the handset sends nonsense",
			    h->device->house->label);
	return true;
}

/* A handset that hears no base listens for it, now and again, for ever. */
static void find_base(struct world_dect *all, struct handset *h)
{
	if (h->conn || h->listen_ms > all->w->now_ms)
		return;
	h->listen_ms = all->w->now_ms + LISTEN_MS;
	if (sim_air_open(all->sim, all->w->now_ms, &h->conn) != 0)
		return;
	pt_air_up(h->pt, all->w->now_ms);
}

/* Light is fast: all that is said is heard in the same millisecond. */
static void air(struct world_dect *all)
{
	bool more = true;

	while (more) {
		more = from_base(all);
		for (size_t i = 0; i < all->n; i++)
			more |= to_base(all, all->handset[i]);
	}
}

static void drop_rtp(struct world_dect *all)
{
	struct media_packet packet;

	while (media_next_packet(all->media, &packet))
		trace_feed(all->w->trace, packet.data, packet.len);
}

static void pump(void *data)
{
	struct world_dect *all = data;
	struct event event;

	for (;;) {
		air(all);
		edge_hal_pump(all->edge, all->w->now_ms);
		drop_rtp(all);
		for (size_t i = 0; i < all->n; i++)
			tell_all(all->handset[i]);
		if (!edge_hal_next(all->edge, all->w->now_ms, &event))
			return;
		world_event(all->w, &event);
	}
}

/* ---- time ---- */

static int64_t next_ms(void *data)
{
	struct world_dect *all = data;
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < all->n; i++)
		next = OSMO_MIN(next, pt_next_ms(all->handset[i]->pt));
	if (!all->hal)
		return next;
	for (size_t i = 0; i < all->n; i++)
		if (!all->handset[i]->conn)
			next = OSMO_MIN(next, all->handset[i]->listen_ms);
	next = OSMO_MIN(next, hal_next_ms(all->hal));
	return OSMO_MIN(next, media_next_ms(all->media));
}

static bool step(void *data)
{
	struct world_dect *all = data;
	int64_t now_ms = all->w->now_ms;

	for (size_t i = 0; i < all->n; i++)
		if (pt_next_ms(all->handset[i]->pt) <= now_ms) {
			pt_tick(all->handset[i]->pt, now_ms);
			return true;
		}
	if (!all->hal)
		return false;
	for (size_t i = 0; i < all->n; i++)
		if (!all->handset[i]->conn &&
		    all->handset[i]->listen_ms <= now_ms) {
			find_base(all, all->handset[i]);
			return true;
		}
	if (hal_next_ms(all->hal) <= now_ms) {
		hal_tick(all->hal, now_ms);
		return true;
	}
	if (media_next_ms(all->media) <= now_ms) {
		media_tick(all->media, now_ms);
		return true;
	}
	return false;
}

/* ---- what users see, and press ---- */

static void released(struct handset *h, enum pt_reason reason)
{
	static const int status[] = {
		[PT_NORMAL] = 480,    [PT_BUSY] = 486,
		[PT_NO_ANSWER] = 480, [PT_ANSWERED_ELSEWHERE] = 480,
		[PT_REJECTED] = 603,  [PT_UNALLOCATED] = 404,
		[PT_FAILED] = 503,
	};
	struct world *w = h->all->w;
	const char *label = h->device->house->label;

	if (h->outgoing && !h->connected)
		world_trace(w, "refused", label, "%d",
			    h->by_user ? 487 : status[reason]);
	else if (h->by_user)
		;
	else if (h->connected)
		world_trace(w, "bye", label, "%s", "");
	else
		world_trace(w, "quiet", label, "%s",
			    reason == PT_ANSWERED_ELSEWHERE ? "elsewhere" : "");
	h->outgoing = h->connected = h->by_user = false;
}

static void tell(struct handset *h, const struct pt_event *event)
{
	struct world *w = h->all->w;
	const char *label = h->device->house->label;

	switch (event->type) {
	case PT_EV_ALERTING:
		if (h->refuse) {
			h->by_user = true;
			pt_reject(h->pt, w->now_ms);
			return;
		}
		world_trace(w, "ring", label, "%s %s", event->number,
			    event->name);
		break;
	case PT_EV_RINGBACK:
		world_trace(w, "ringback", label, "%s", "");
		break;
	case PT_EV_CONNECTED:
		h->connected = true;
		if (h->outgoing)
			world_trace(w, "answer", label, "%s %s", event->number,
				    event->name);
		else
			world_trace(w, "up", label, "%s", "");
		break;
	case PT_EV_HELD:
		world_trace(w, "held", label, "%s", "");
		break;
	case PT_EV_RETRIEVED:
		world_trace(w, "resumed", label, "%s", "");
		break;
	case PT_EV_RELEASED:
		released(h, event->reason);
		break;
	default:
		break;
	}
}

static void tell_all(struct handset *h)
{
	struct pt_event event;

	while (pt_next_event(h->pt, &event))
		tell(h, &event);
}

static void add(void *data, struct world_device *device)
{
	struct world_dect *all = data;
	struct handset *h = talloc_zero(all, struct handset);
	struct pt_config config = {
		.seed = 0x9000 + device->ext,
		.memory = { .ipui = 0x1000 + device->ext, .subscribed = true },
	};

	memcpy(config.memory.rfpi, rfpi, sizeof(rfpi));
	memset(config.memory.uak, 0x40 + device->ext, 16);
	h->all = all;
	h->device = device;
	h->pt = pt_new(h, &config);
	all->handset[all->n++] = h;
	device->body = h;
}

static void dial(struct handset *h, const char *number)
{
	if (pt_dial(h->pt, h->all->w->now_ms, number) == 0)
		h->outgoing = true;
}

static void act(struct world_device *device, const char *verb, const char *arg)
{
	struct handset *h = device->body;
	int64_t now_ms = h->all->w->now_ms;

	if (strcmp(verb, "off") == 0 || strcmp(verb, "on") == 0) {
		h->out = strcmp(verb, "off") == 0;
		pt_range(h->pt, now_ms, !h->out);
	} else if (strcmp(verb, "dial") == 0 ||
		   strcmp(verb, "dial-late") == 0) {
		dial(h, arg);
	} else if (strcmp(verb, "answer") == 0) {
		pt_answer(h->pt, now_ms);
	} else if (strcmp(verb, "reject") == 0) {
		h->by_user |= pt_reject(h->pt, now_ms) == 0;
	} else if (strcmp(verb, "hang-up") == 0) {
		h->by_user |= pt_hangup(h->pt, now_ms) == 0;
	} else if (strcmp(verb, "hold") == 0) {
		pt_hold(h->pt, now_ms);
	} else if (strcmp(verb, "resume") == 0) {
		pt_retrieve(h->pt, now_ms);
	} else if (strcmp(verb, "refuse") == 0) {
		h->refuse = atoi(arg);
	} else if (strcmp(verb, "register") == 0 ||
		   strcmp(verb, "unregister") == 0) {
		pt_power(h->pt, now_ms, strcmp(verb, "register") == 0);
	}
	/* early, ring-after: a handset rings as it is told to. */
}

static enum device_state state(const struct world_device *device)
{
	const struct handset *h = device->body;

	switch (pt_call_state(h->pt)) {
	case PT_IDLE:
		return DEVICE_IDLE;
	case PT_RINGING:
		return DEVICE_RINGS;
	case PT_TALKING:
	case PT_HELD:
	case PT_ANSWERING:
		return DEVICE_TALKS;
	default:
		return DEVICE_ELSE;
	}
}

static void break_down(void *data, bool broken)
{
	struct world_dect *all = data;

	if (broken == all->broken)
		return;
	all->broken = broken;
	sim_break(all->sim, all->w->now_ms, broken);
	air(all); /* it cuts everyone off while we know why */
}

static void check_calm(void *data)
{
	struct world_dect *all = data;
	struct hal_counts counts;

	hal_counts(all->hal, &counts);
	if (counts.calls)
		world_fault(all->w, "%zu HAL calls are left over",
			    counts.calls);
	if (counts.requests)
		world_fault(all->w, "%zu HAL requests are left over",
			    counts.requests);
}

struct outside *world_dect_new(struct world *w)
{
	struct world_dect *all = talloc_zero(w, struct world_dect);
	struct outside *outside = talloc_zero(w, struct outside);

	all->w = w;
	*outside = (struct outside){
		.data = all,
		.start = start,
		.loaded = loaded,
		.kill = kill_gateway,
		.perform = perform,
		.pump = pump,
		.next_ms = next_ms,
		.step = step,
		.add = add,
		.act = act,
		.state = state,
		.break_down = break_down,
		.check_calm = check_calm,
	};
	return outside;
}
