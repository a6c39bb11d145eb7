/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * world_sip.c - the SIP half of the world: what ships, and phones around it
 *
 *     core <--> edge_sip <--> sip <--> net <--> phones
 *                              |
 *                           journal, which outlives a kill
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/utils.h>

#include "edge_sip.h"
#include "outside.h"
#include "sip.h"

/* A slot of the journal: what the element would have us remember. */
struct slot {
	struct llist_head entry;
	uint64_t leg;
	struct sip_addr local, to;
	uint8_t *data;
	size_t len;
};

struct world_sip {
	struct world *w;
	struct media *media;
	unsigned int last_port;
	struct sip *sip; /* NULL while the gateway is dead */
	struct edge_sip *edge;
	struct llist_head journal;
	uint64_t lives;
};

/* ---- addresses ---- */

static struct sip_addr to_sip(struct net_addr addr)
{
	struct sip_addr out = {
		.transport = addr.conn ? SIP_TCP : SIP_UDP,
		.family = AF_INET,
		.port = addr.port,
		.conn = addr.conn,
		.ip = { addr.ip >> 24, addr.ip >> 16, addr.ip >> 8, addr.ip },
	};

	return out;
}

static struct net_addr of_sip(const struct sip_addr *addr)
{
	return (struct net_addr){
		.ip = (uint32_t)addr->ip[0] << 24 | addr->ip[1] << 16 |
		      addr->ip[2] << 8 | addr->ip[3],
		.port = addr->port,
		.conn = addr->transport == SIP_TCP ? addr->conn : 0,
	};
}

static const struct net_addr gateway = { WORLD_GATEWAY_IP, 5060, 0 };

/* ---- the journal ---- */

static void forget(void *data, uint64_t leg)
{
	struct world_sip *all = data;
	struct slot *slot, *tmp;

	llist_for_each_entry_safe (slot, tmp, &all->journal, entry)
		if (slot->leg == leg) {
			llist_del(&slot->entry);
			talloc_free(slot);
		}
}

static void remember(void *data, uint64_t leg, const struct sip_packet *packet)
{
	struct world_sip *all = data;
	struct slot *slot;

	forget(all, leg);
	slot = talloc_zero(all, struct slot);
	slot->leg = leg;
	slot->local = packet->local;
	slot->to = packet->to;
	slot->data = talloc_memdup(slot, packet->data, packet->len);
	slot->len = packet->len;
	llist_add_tail(&slot->entry, &all->journal);
}

static void recover(struct world_sip *all)
{
	struct slot *slot, *tmp;
	LLIST_HEAD(old);

	llist_splice_init(&all->journal, &old);
	llist_for_each_entry_safe (slot, tmp, &old, entry) {
		struct sip_packet packet = { .local = slot->local,
					     .to = slot->to,
					     .data = slot->data,
					     .len = slot->len };

		sip_recover(all->sip, all->w->now_ms, &packet);
		llist_del(&slot->entry);
		talloc_free(slot);
	}
}

/* WORLD_LOUD=2: each message in one line, as it is sent. */
static void show(struct world *w, const char *phone, const char *arrow,
		 const void *data, size_t len)
{
	char *text;
	const char *cseq, *id;

	if (!w->trace->loud || strcmp(getenv("WORLD_LOUD"), "2") != 0)
		return;
	text = talloc_strndup(w, data, len);
	cseq = strstr(text, "\r\nCSeq: ");
	id = strstr(text, "\r\nCall-ID: ");
	fprintf(stderr, "%6" PRId64 "     %s %s %.*s | %.*s | %.*s\n",
		w->now_ms - w->story_ms, phone, arrow, (int)strcspn(text, "\r"),
		text, cseq ? (int)strcspn(cseq + 8, "\r") : 0,
		cseq ? cseq + 8 : "",
		id ? (int)OSMO_MIN(strcspn(id + 11, "\r"), 12u) : 0,
		id ? id + 11 : "");
	talloc_free(text);
}

/* ---- the gateway's part ---- */

/* Nobody listens: that a tone sounds is looked at elsewhere. */
static int port_open(void *data, uint64_t leg, struct media_addr *ret_local)
{
	struct world_sip *all = data;

	*ret_local = (struct media_addr){
		.family = AF_INET,
		.port = 40000 + 2 * (++all->last_port % 10000),
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
	struct world_sip *all = data;
	struct sip_config config = {
		.domain = WORLD_DOMAIN,
		.realm = WORLD_DOMAIN,
		.user_agent = "twind",
		.leg_tag = leg_id_of_edge(LEG_OF_SIP, 0),
		.seed = 0x5eed + ++all->lives,
	};
	struct media_config media = { .seed = 0xa0d10 };
	struct edge_ports ports = { all, port_open, port_close };
	struct sip_journal journal = { all, remember, forget };
	struct sip_addr udp = to_sip(gateway), tcp = udp;

	tcp.transport = SIP_TCP;
	all->sip = sip_new(all, &config);
	OSMO_ASSERT(sip_add_local(all->sip, &udp) == 0);
	OSMO_ASSERT(sip_add_local(all->sip, &tcp) == 0);
	sip_set_journal(all->sip, &journal);
	all->media = media_new(all, &media);
	all->edge =
		edge_sip_new(all, all->sip, all->w->core, all->media, &ports);
}

static void loaded(void *data)
{
	recover(data);
}

static void kill_gateway(void *data)
{
	struct world_sip *all = data;

	TALLOC_FREE(all->edge);
	if (all->sip)
		sip_free(all->sip);
	media_free(all->media);
	all->media = NULL;
	all->sip = NULL;
	/* Answers to what it asked find nobody, and phones may wonder. */
	for (size_t i = 0; i < all->w->n_devices; i++)
		if (all->w->device[i].phone)
			all->w->device[i].phone->manners.disorder = true;
}

static void perform(void *data, const struct action *action)
{
	struct world_sip *all = data;

	edge_sip_perform(all->edge, all->w->now_ms, action);
}

/* Where the network sees a phone: a translator keeps the host's number and
 * makes up a port. */
#define NAT_IP 0xc0000200 /* 192.0.2.0 */

static struct net_addr seen_at(const struct world_device *device)
{
	struct net_addr addr = device->phone->addr;

	if (device->house->nat) {
		addr.ip = NAT_IP | (addr.ip & 0xff);
		addr.port = 30000 + (addr.ip & 0xff);
	}
	return addr;
}

static struct phone *phone_at(struct world *w, struct net_addr addr)
{
	for (size_t i = 0; i < w->n_devices; i++)
		if (w->device[i].phone &&
		    seen_at(&w->device[i]).ip == addr.ip &&
		    seen_at(&w->device[i]).port == addr.port)
			return w->device[i].phone;
	return NULL;
}

static void send_all(struct world_sip *all)
{
	struct sip_packet packet;

	while (sip_next_packet(all->sip, &packet)) {
		struct net_addr from = of_sip(&packet.local);
		struct phone *to = phone_at(all->w, of_sip(&packet.to));

		from.conn = of_sip(&packet.to).conn;
		trace_feed(all->w->trace, packet.data, packet.len);
		show(all->w, to ? to->label : "nobody", "<-", packet.data,
		     packet.len);
		net_send(all->w->net, all->w->now_ms, from, of_sip(&packet.to),
			 packet.data, packet.len);
	}
}

static void pump(void *data)
{
	struct world_sip *all = data;
	struct event event;

	for (;;) {
		send_all(all);
		if (!edge_sip_next(all->edge, all->w->now_ms, &event))
			return;
		world_event(all->w, &event);
	}
}

/* ---- the network ---- */

static void deliver(struct world_sip *all, const struct net_packet *packet)
{
	struct world *w = all->w;
	struct phone *phone;

	if (packet->to.ip == gateway.ip && !all->sip)
		return;
	if (packet->to.ip == gateway.ip) {
		struct sip_addr from = to_sip(packet->from);
		struct sip_addr to = to_sip(packet->to);

		if (packet->to.conn) {
			ssize_t whole = sip_frame((uint8_t *)packet->data,
						  packet->len, 65536);

			if (whole != (ssize_t)packet->len)
				world_fault(w, "sip_frame: %zd of %zu", whole,
					    packet->len);
			to.conn = 0;
			from.conn = packet->to.conn;
		}
		sip_rx(all->sip, w->now_ms, &to, &from, (uint8_t *)packet->data,
		       packet->len);
		return;
	}
	phone = phone_at(w, packet->to);
	if (phone)
		phone_rx(phone, w->now_ms, packet->from, packet->data,
			 packet->len);
	else
		world_fault(w, "a packet to nobody:\n%s", packet->data);
}

static int64_t next_ms(void *data)
{
	struct world_sip *all = data;
	int64_t next = net_next_ms(all->w->net);

	if (all->sip)
		next = OSMO_MIN(next, sip_next_ms(all->sip));

	for (size_t i = 0; i < all->w->n_devices; i++)
		if (all->w->device[i].phone)
			next = OSMO_MIN(next,
					phone_next_ms(all->w->device[i].phone));
	return next;
}

static bool step(void *data)
{
	struct world_sip *all = data;
	struct world *w = all->w;
	struct net_packet *packet = net_take(w->net, w->now_ms, all);

	if (packet) {
		trace_feed(w->trace, packet->data, packet->len);
		deliver(all, packet);
		talloc_free(packet);
		return true;
	}
	for (size_t i = 0; i < w->n_devices; i++)
		if (w->device[i].phone &&
		    phone_next_ms(w->device[i].phone) <= w->now_ms) {
			phone_tick(w->device[i].phone, w->now_ms);
			return true;
		}
	if (all->sip && sip_next_ms(all->sip) <= w->now_ms) {
		sip_tick(all->sip, w->now_ms);
		if (sip_next_ms(all->sip) <= w->now_ms)
			world_fault(w, "sip wants to be woken again at once");
		return true;
	}
	return false;
}

/* ---- the phones ---- */

static void phone_sends(void *data, struct phone *phone, struct net_addr to,
			const char *bytes, size_t len)
{
	struct world *w = data;
	const struct net_faults *f = &w->net->faults;

	if (phone->manners.deaf)
		return;
	if (f->jitter_ms || f->loss_percent || f->twice_percent ||
	    w->net->lose_nth)
		for (size_t i = 0; i < w->n_devices; i++)
			if (w->device[i].phone)
				w->device[i].phone->manners.disorder = true;
	show(w, phone->label, "->", bytes, len);
	net_send(w->net, w->now_ms, seen_at(world_find(w, phone->label)), to,
		 bytes, len);
}

static void phone_tells(void *data, struct phone *phone, const char *what,
			const char *detail)
{
	world_trace(data, what, phone->label, "%s", detail);
}

static void phone_faults(void *data, struct phone *phone, const char *text)
{
	world_fault(data, "%s: %s", phone->label, text);
}

static void add(void *data, struct world_device *device)
{
	struct world_sip *all = data;
	struct phone_env env = { all->w, phone_sends, phone_tells,
				 phone_faults };
	struct net_addr addr = { WORLD_PHONE_IP(device - all->w->device), 5060,
				 0 };

	device->phone =
		phone_new(all, device->house->label, device->house->number,
			  device->house->name, addr, &env);
	device->phone->domain = WORLD_DOMAIN;
	device->phone->server = gateway;
	device->phone->manners.md5 = device->house->md5;
	if (device->house->tcp) /* one connection, open for ever */
		device->phone->addr.conn = device->phone->server.conn =
			device->ext;
	device->phone->password =
		talloc_asprintf(all, "secret-%s", device->house->number);
	device->body = all;
}

static void off(struct phone *phone)
{
	phone_reset(phone);
	phone->manners.deaf = true;
}

static void on(struct phone *phone, int64_t now_ms)
{
	if (!phone->manners.deaf)
		return;
	phone->manners.deaf = false;
	phone->manners.disorder = true; /* old answers find nobody here */
	phone_register(phone, now_ms, 3600);
}

static void act(struct world_device *device, const char *verb, const char *arg)
{
	struct world_sip *all = device->body;
	struct phone *phone = device->phone;
	int64_t now_ms = all->w->now_ms;
	bool number = arg && *arg;

	phone->manners.by_update = number && strcmp(arg, "update") == 0;
	if (strcmp(verb, "on") == 0) {
		on(phone, now_ms);
	} else if (phone->manners.deaf) {
		;
	} else if (strcmp(verb, "off") == 0) {
		off(phone);
	} else if (strcmp(verb, "register") == 0) {
		phone_register(phone, now_ms, 3600);
	} else if (strcmp(verb, "unregister") == 0) {
		phone_register(phone, now_ms, 0);
	} else if (strcmp(verb, "dial") == 0 ||
		   strcmp(verb, "dial-late") == 0) {
		phone->manners.late_offer = strcmp(verb, "dial") != 0;
		phone_dial(phone, now_ms, arg);
	} else if (strcmp(verb, "answer") == 0) {
		phone_answer(phone, now_ms);
	} else if (strcmp(verb, "reject") == 0) {
		phone_reject(phone, now_ms, number ? atoi(arg) : 603);
	} else if (strcmp(verb, "hang-up") == 0) {
		phone_hang_up(phone, now_ms);
	} else if (strcmp(verb, "early") == 0) {
		phone_early(phone, now_ms);
	} else if (strcmp(verb, "hold") == 0 || strcmp(verb, "resume") == 0) {
		phone_hold(phone, now_ms, strcmp(verb, "hold") == 0);
	} else if (strcmp(verb, "watch") == 0) {
		phone_watch(phone, now_ms, arg);
	} else if (strcmp(verb, "unwatch") == 0) {
		phone_unwatch(phone, now_ms, arg);
	} else if (strcmp(verb, "refer") == 0) {
		phone_refer(phone, now_ms, arg);
	} else if (strcmp(verb, "join") == 0) {
		phone_refer(phone, now_ms, NULL);
	} else if (strcmp(verb, "take") == 0) {
		if (world_find(all->w, arg)->phone)
			phone_take(phone, now_ms,
				   world_find(all->w, arg)->phone);
	} else if (strcmp(verb, "refuse") == 0) {
		phone->manners.refuse = atoi(arg);
	} else if (strcmp(verb, "ring-after") == 0) {
		phone->manners.ring_ms = atoi(arg);
	} else {
		OSMO_ASSERT(!"no such key on a phone");
	}
}

static enum device_state state(const struct world_device *device)
{
	if (phone_is_talking(device->phone))
		return DEVICE_TALKS;
	if (phone_is_ringing(device->phone))
		return DEVICE_RINGS;
	return phone_is_idle(device->phone) ? DEVICE_IDLE : DEVICE_ELSE;
}

/* ---- once all is calm ---- */

/* T30: every byte that was ever sent to anyone but the secondary itself, or
 * to one who dialled that number, is searched for it. */
static void check_secrecy(struct world *w, const struct world_device *secondary)
{
	const char *number = secondary->house->number;

	for (size_t i = 0; i < w->net->n_kept; i++) {
		const struct net_packet *packet = w->net->kept[i];
		const struct phone *to = phone_at(w, packet->to);
		bool knows = false;

		if (!to || to == secondary->phone ||
		    !memmem(packet->data, packet->len, number, strlen(number)))
			continue;
		for (size_t j = 0; j < i && !knows; j++) {
			const struct net_packet *said = w->net->kept[j];
			char uri[32];

			snprintf(uri, sizeof(uri), " sip:%s@", number);
			knows = net_addr_eq(said->from, packet->to) &&
				strstr(said->data, uri) &&
				strstr(said->data, uri) <
					strstr(said->data, "\r\n");
		}
		if (!knows)
			world_fault(w, "%s sees the number %s:\n%s", to->label,
				    number, packet->data);
	}
}

/* That of a gateway that was killed waits for its refresh. */
void world_check_lamps(struct world *w)
{
	struct view_counts counts = { 0 };

	view_counts(w->core, &counts);
	if (counts.calls)
		return;
	for (size_t i = 0; !w->killed && i < w->n_devices * w->n_devices; i++) {
		const struct world_device *watcher =
			&w->device[i / w->n_devices];
		const char *number = w->device[i % w->n_devices].house->number;
		const char *shown, *is;
		struct view_extension ext;

		shown = watcher->phone ? phone_lamp(watcher->phone, number)
				       : NULL;
		if (!shown || !view_extension(w->core, number, &ext))
			continue;
		is = ext.state == EXT_IDLE || ext.state == EXT_UNREACHABLE
			     ? "idle"
			     : "dnd";
		if (strcmp(shown, is) != 0)
			world_fault(w, "%s sees %s %s, and it is %s",
				    watcher->house->label, number, shown,
				    ext_state_name(ext.state));
	}
}

static void check_calm(void *data)
{
	struct world_sip *all = data;
	struct sip_counts counts;

	sip_counts(all->sip, &counts);
	if (counts.legs)
		world_fault(all->w, "%zu SIP legs are left over", counts.legs);
	if (counts.transactions)
		world_fault(all->w, "%zu SIP transactions are left over",
			    counts.transactions);
	if (!llist_empty(&all->journal))
		world_fault(all->w, "the journal remembers a call");
	for (size_t i = 0; all->w->twins_stay && i < all->w->n_devices; i++)
		if (all->w->device[i].house->twin_of)
			check_secrecy(all->w, &all->w->device[i]);
}

struct outside *world_sip_new(struct world *w)
{
	struct world_sip *all = talloc_zero(w, struct world_sip);
	struct outside *outside = talloc_zero(w, struct outside);

	all->w = w;
	INIT_LLIST_HEAD(&all->journal);
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
		.check_calm = check_calm,
	};
	return outside;
}
