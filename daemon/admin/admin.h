/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * admin.h - the administrator's room: one table of commands, three doors
 *
 *     twinctl --- control.sock --+
 *     REST ------ http ----------+--> command --> api --> EV_ADMIN --> core
 *     Prometheus - http ---------+                 ^                    |
 *                                                  +---- ACT_REPLY -----+
 *                                                  +---- a page of the log
 *
 * The room reads the core through its views, between two steps, and changes
 * nothing by itself: a change is an EV_ADMIN, and is confirmed to whoever
 * asked when the core's ACT_REPLY says that it is on the disk.
 *
 * Passwords stop here: `password=` becomes the keys `ha1_md5` and
 * `ha1_sha256` before anything leaves the room, and neither is ever in a log
 * line or the text of an error.
 *
 * Knows the core's border, the query side of db, libevent; never sip or hal:
 * what it shows of them comes through struct admin_ops.
 */
#pragma once

#include "db.h"
#include "view.h"

struct admin;
struct event_base;

struct admin_listener {
	const char *transport; /* "udp", "tcp", "tls", "http" */
	const char *address;   /* "127.0.0.1:5060", "[::1]:5060" */
};

struct admin_base {
	const char *name;
	const char *driver;
	const char *state;     /* a word: "up", "down" */
	const char *identity;  /* RFPI or PARK as printed; NULL if unknown */
	const char *model;     /* NULL if unknown */
	unsigned int channels; /* calls it can carry; 0: unknown */
	unsigned int channels_used;
};

enum admin_counter_kind { ADMIN_COUNTER, ADMIN_GAUGE };

/* One number, as /metrics and `status` show it: twind_NAME{label="value"}.
 * Those of one name come one after the other. */
struct admin_counter {
	const char *name; /* "sip_rx_total": base units; "_total": it counts */
	const char *help; /* a sentence */
	enum admin_counter_kind kind;
	const char *label; /* NULL if the name says it all */
	const char *label_value;
	double value;
};

/* Visitors; what they are given lives until they return. */
typedef void admin_listener_cb(const struct admin_listener *, void *);
typedef void admin_base_cb(const struct admin_base *, void *);
typedef void admin_counter_cb(const struct admin_counter *, void *);

/*
 * What main.c lends the room.  All are called on the loop's thread and none
 * may be NULL.  The answer of submit() and query() may come before they
 * return.
 */
struct admin_ops {
	void *data; /* the first argument of each */

	/* An EV_ADMIN for the core; the clock's time is filled in by whoever
	 * takes it, and its text lives until submit() returns.  Exactly one
	 * admin_reply() with its req follows. */
	void (*submit)(void *data, const struct event *event);

	/* db_query().  After 0 exactly one admin_page() follows. */
	int (*query)(void *data, uint64_t token, const struct db_query *query);

	/* HA1 of @number in our realm (RFC 7616, 3.4.2), in hexadecimal. */
	void (*ha1)(void *data, const char *number, const char *password,
		    char ret_md5[HA1_HEX + 1], char ret_sha256[HA1_HEX + 1]);

	/* Bytes that nobody can guess: for codes that are made up here. */
	void (*chance)(void *data, void *ret_bytes, size_t n);

	int64_t (*uptime_ms)(void *data);

	/* What listens, in the order of the configuration; the bases. */
	void (*each_listener)(void *data, admin_listener_cb *cb, void *cb_data);
	void (*each_base)(void *data, admin_base_cb *cb, void *cb_data);

	/* The counters of every room but the core's and this one's. */
	void (*each_counter)(void *data, admin_counter_cb *cb, void *cb_data);
};

/* @core outlives it; @ops is copied. */
struct admin *admin_new(void *ctx, struct core *core,
			const struct admin_ops *ops);
/* Closes the doors; who still waits is not answered. */
void admin_free(struct admin *admin);

/* ACT_REPLY, and a result of query(): rows newest first. */
void admin_reply(struct admin *admin, const struct act_reply *reply);
void admin_page(struct admin *admin, uint64_t token, int rc,
		const struct db_log *rows, size_t n);

#define ADMIN_WHY_MAX 256

/*
 * Open the control socket at @path (mode 0660).  The socket file of a dead
 * gateway is replaced, a live one refused with -EADDRINUSE.  On failure @why
 * holds one sentence.
 */
int admin_listen_control(struct admin *admin, struct event_base *base,
			 const char *path, char why[ADMIN_WHY_MAX]);

/*
 * Serve HTTP at @address and @port; port 0 lets the system choose.  May be
 * called for several addresses.  Without log-in, /api is for loopback only:
 * at another address it answers 403.
 */
int admin_listen_http(struct admin *admin, struct event_base *base,
		      const char *address, uint16_t port, uint16_t *ret_port,
		      char why[ADMIN_WHY_MAX]);
