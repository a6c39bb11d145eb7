/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "net.h"

struct net *net_new(void *ctx, struct dice *dice)
{
	struct net *net = talloc_zero(ctx, struct net);

	net->dice = dice;
	return net;
}

static struct net_packet *packet_new(void *ctx, const struct net_packet *like)
{
	struct net_packet *packet = talloc_zero(ctx, struct net_packet);

	*packet = *like;
	packet->data = talloc_size(packet, like->len + 1);
	memcpy(packet->data, like->data, like->len);
	packet->data[like->len] = '\0';
	return packet;
}

/* A stream keeps its order: nothing arrives before what was sent before. */
static int64_t not_before_others(const struct net *net,
				 const struct net_packet *packet)
{
	int64_t at = packet->arrives_ms;

	for (size_t i = 0; i < net->n_way; i++)
		if (net_addr_eq(net->way[i]->from, packet->from) &&
		    net_addr_eq(net->way[i]->to, packet->to))
			at = OSMO_MAX(at, net->way[i]->arrives_ms);
	return at;
}

static void put_on_way(struct net *net, struct net_packet *packet)
{
	const struct net_faults *f = &net->faults;

	packet->arrives_ms = packet->sent_ms + f->delay_ms +
			     choose(net->dice, f->jitter_ms + 1);
	if (packet->to.conn)
		packet->arrives_ms = not_before_others(net, packet);
	packet->age = ++net->age;
	net->way = talloc_realloc(net, net->way, struct net_packet *,
				  net->n_way + 1);
	net->way[net->n_way++] = packet_new(net, packet);
}

static bool is_lost(struct net *net, const struct net_packet *packet)
{
	if (packet->to.conn)
		return false;
	if (net->lose_nth && --net->lose_nth == 0)
		return true;
	return choose_percent(net->dice, net->faults.loss_percent);
}

void net_send(struct net *net, int64_t now_ms, struct net_addr from,
	      struct net_addr to, const void *data, size_t len)
{
	struct net_packet packet = {
		.from = from,
		.to = to,
		.sent_ms = now_ms,
		.data = (char *)data,
		.len = len,
	};

	packet.lost = is_lost(net, &packet);
	net->lost_any |= packet.lost;
	if (!net->forget) {
		net->kept = talloc_realloc(net, net->kept, struct net_packet *,
					   net->n_kept + 1);
		net->kept[net->n_kept++] = packet_new(net, &packet);
	}
	if (packet.lost)
		return;
	put_on_way(net, &packet);
	if (!to.conn && choose_percent(net->dice, net->faults.twice_percent))
		put_on_way(net, &packet);
}

static size_t earliest(const struct net *net)
{
	size_t best = 0;

	for (size_t i = 1; i < net->n_way; i++) {
		const struct net_packet *p = net->way[i], *q = net->way[best];

		if (p->arrives_ms < q->arrives_ms ||
		    (p->arrives_ms == q->arrives_ms && p->age < q->age))
			best = i;
	}
	return best;
}

int64_t net_next_ms(const struct net *net)
{
	return net->n_way ? net->way[earliest(net)]->arrives_ms : INT64_MAX;
}

struct net_packet *net_take(struct net *net, int64_t now_ms, void *ctx)
{
	struct net_packet *packet;
	size_t i;

	if (net_next_ms(net) > now_ms)
		return NULL;
	i = earliest(net);
	packet = net->way[i];
	net->way[i] = net->way[--net->n_way];
	return talloc_steal(ctx, packet);
}
