/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "counter.h"

#include <osmocom/core/utils.h>

#include "db.h"
#include "hal.h"
#include "loop.h"
#include "media.h"
#include "sim.h"
#include "sip.h"
#include "sip_socket.h"

/* Two macros, so that a row is the field, its name and its meaning. */
#define COUNT(value, name, help)                                               \
	{                                                                      \
		name "_total", help, false, (double)(value)                    \
	}
#define GAUGE(value, name, help)                                               \
	{                                                                      \
		name, help, true, (double)(value)                              \
	}

static void each(const struct counter *c, size_t n, counter_cb *cb, void *data)
{
	size_t i;

	for (i = 0; i < n; i++)
		cb(&c[i], data);
}

static void each_sip(const struct sip *sip, counter_cb *cb, void *data)
{
	struct sip_counts n;

	sip_counts(sip, &n);
	const struct counter list[] = {
		COUNT(n.rx, "sip_rx", "SIP messages received"),
		COUNT(n.tx, "sip_tx", "SIP messages sent"),
		COUNT(n.rx_bad, "sip_rx_bad", "Malformed SIP messages"),
		COUNT(n.rx_dropped, "sip_rx_dropped",
		      "SIP messages that could not even be answered"),
		COUNT(n.retransmitted, "sip_retransmitted",
		      "SIP messages sent again"),
		COUNT(n.auth_failed, "sip_auth_failed", "Wrong passwords"),
		COUNT(n.challenged, "sip_challenged",
		      "Requests asked for a password"),
		COUNT(n.limited, "sip_limited",
		      "SIP requests refused by a limit"),
		GAUGE(n.transactions, "sip_transactions", "Transactions now"),
		GAUGE(n.legs, "sip_legs", "SIP legs of calls now"),
		GAUGE(n.bindings, "sip_bindings", "Registered contacts now"),
	};
	each(list, ARRAY_SIZE(list), cb, data);
}

static void each_socket(const struct sip_socket *sockets, counter_cb *cb,
			void *data)
{
	struct sip_socket_counts n;

	sip_socket_counts(sockets, &n);
	const struct counter list[] = {
		COUNT(n.udp_rx, "sip_udp_rx", "Datagrams received"),
		COUNT(n.udp_tx, "sip_udp_tx", "Datagrams sent"),
		COUNT(n.tx_failed, "sip_tx_failed",
		      "Packets whose receiver cannot be reached"),
		COUNT(n.tx_dropped, "sip_tx_dropped",
		      "Datagrams the kernel had no room for"),
		COUNT(n.keepalives, "sip_keepalives",
		      "Keep-alives of phones behind NAT"),
		COUNT(n.tcp_in, "sip_tcp_accepted", "TCP connections accepted"),
		COUNT(n.tcp_out, "sip_tcp_made", "TCP connections made"),
		COUNT(n.tcp_refused, "sip_tcp_refused",
		      "TCP connections over a limit"),
		COUNT(n.tcp_broken, "sip_tcp_broken",
		      "TCP connections cut off: not SIP, too long, too slow"),
		GAUGE(n.connections, "sip_tcp_connections",
		      "TCP connections now"),
	};
	each(list, ARRAY_SIZE(list), cb, data);
}

static void each_hal(const struct hal *hal, counter_cb *cb, void *data)
{
	struct hal_counts n;

	hal_counts(hal, &n);
	const struct counter list[] = {
		GAUGE(n.bases, "hal_bases", "DECT bases"),
		GAUGE(n.calls, "hal_calls", "Calls of handsets now"),
		COUNT(n.events, "hal_events", "Events of bases"),
		COUNT(n.stale, "hal_stale", "Wishes for what was gone"),
		COUNT(n.wrong_state, "hal_wrong_state",
		      "Words of a base in the wrong state, dropped"),
		COUNT(n.refused, "hal_refused",
		      "Wishes of handsets refused by a limit"),
		COUNT(n.keys_dropped, "hal_keys_dropped",
		      "Keys pressed faster than they could be taken"),
		COUNT(n.frames_dropped, "hal_frames_dropped",
		      "Audio frames that nobody wanted"),
		COUNT(n.wrong_codes, "hal_wrong_codes",
		      "Wrong authentication codes"),
		COUNT(n.release_timeouts, "hal_release_timeouts",
		      "Handsets that did not confirm a release"),
	};
	each(list, ARRAY_SIZE(list), cb, data);
}

/* All simulated bases together. */
static void each_air(const struct parts *parts, counter_cb *cb, void *data)
{
	struct sim_counts sum = { 0 }, n;
	size_t i;

	for (i = 0; i < parts->n_sims; i++) {
		sim_counts(sim_socket_sim(parts->sims[i]), &n);
		sum.conns += n.conns;
		sum.rx += n.rx;
		sum.tx += n.tx;
		sum.bad_frame += n.bad_frame;
		sum.bad_message += n.bad_message + n.unknown_message +
				   n.missing_ie + n.unexpected;
		sum.auth_failed += n.auth_failed;
		sum.overflow += n.overflow;
		sum.pages_lost += n.pages_lost;
	}
	const struct counter list[] = {
		GAUGE(sum.conns, "air_connections", "Radios on the air"),
		COUNT(sum.rx, "air_rx", "Messages of handsets"),
		COUNT(sum.tx, "air_tx", "Messages to handsets"),
		COUNT(sum.bad_frame, "air_bad_frames",
		      "Radios cut off, for what they sent was no frame"),
		COUNT(sum.bad_message, "air_bad_messages",
		      "Messages that could not be read or did not fit"),
		COUNT(sum.auth_failed, "air_auth_failed",
		      "Handsets that did not prove their key"),
		COUNT(sum.overflow, "air_overflow",
		      "Radios cut off, for they did not read"),
		COUNT(sum.pages_lost, "air_pages_lost",
		      "Pages that no handset answered"),
	};
	each(list, ARRAY_SIZE(list), cb, data);
}

static void each_media(const struct media *media, counter_cb *cb, void *data)
{
	struct media_counts n;

	media_counts(media, &n);
	const struct counter list[] = {
		COUNT(n.rx, "media_rx", "RTP packets received"),
		COUNT(n.tx, "media_tx", "RTP packets sent"),
		COUNT(n.rx_bad, "media_rx_bad", "Packets that are no RTP"),
		COUNT(n.rx_stranger, "media_rx_stranger",
		      "RTP packets from somebody else"),
		COUNT(n.rx_gone, "media_rx_gone",
		      "RTP packets for a call that is over"),
		COUNT(n.rx_rtcp, "media_rx_rtcp", "RTCP packets received"),
		COUNT(n.dropped, "media_dropped",
		      "RTP packets not sent in time"),
		COUNT(n.limited, "media_limited",
		      "RTP endpoints refused by a limit"),
		GAUGE(n.legs, "media_legs", "RTP endpoints now"),
	};
	each(list, ARRAY_SIZE(list), cb, data);
}

static void each_db(struct db *db, counter_cb *cb, void *data)
{
	struct db_counts n;

	db_counts(db, &n);
	const struct counter list[] = {
		COUNT(n.commits, "db_commits", "Commits of the store"),
		COUNT(n.stored, "db_stored", "Changes stored"),
		COUNT(n.refused, "db_refused",
		      "Changes refused by a constraint"),
		COUNT(n.failed, "db_failed", "Changes that the disk refused"),
		COUNT(n.queue_full, "db_queue_full",
		      "Changes and queries refused by a limit"),
		COUNT(n.queries, "db_queries", "Pages of the call log read"),
		COUNT(n.checkpoints, "db_checkpoints", "WAL checkpoints"),
		COUNT(n.checkpoints_failed, "db_checkpoints_failed",
		      "WAL checkpoints that failed"),
		GAUGE(n.queued, "db_queued", "Changes that wait now"),
	};
	each(list, ARRAY_SIZE(list), cb, data);
}

void counter_each(const struct parts *parts, counter_cb *cb, void *data)
{
	each_sip(parts->sip, cb, data);
	each_socket(parts->sip_socket, cb, data);
	each_hal(parts->hal, cb, data);
	each_air(parts, cb, data);
	each_media(parts->media, cb, data);
	each_db(parts->db, cb, data);
}
