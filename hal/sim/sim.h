/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim.h - a base made of memory, a driver of hal_driver.h
 *
 *     hal core -- sim_driver -- sim.c        what the host wishes
 *                               sim_mm.c     subscription, location
 *                               sim_cc.c     calls
 *                               sim_link.c   page, link, authentication
 *                               sim_air.c    connections, frames, range
 *                                  ^
 *              air bytes, time     |     sim_air_rx() / sim_air_next()
 *                             sim_socket.c    or a test's world
 *
 * It runs the real order and the real coding of messages on virtual time.
 * It has HAL_CAP_HOST_KEYS: the host is its memory.
 *
 * One thing is not real.  DECT's authentication algorithm DSAA is replaced
 * by HMAC-SHA-256 cut to DSAA's lengths (sim_key.c): the order, the lengths
 * and the derivation of keys are those of EN 300 175-7, the values are not.
 * The air socket is a local one, guarded by its file mode.
 */
#pragma once

#include "air.h"
#include "hal_driver.h"

extern const struct hal_driver sim_driver;

struct sim;

struct sim_config {
	uint64_t seed;	  /* of RFPI and random values; secret, random */
	size_t conns;	  /* 0: 128 radios on the air */
	size_t out_bytes; /* 0: 65536 unsent bytes a radio, then cut off */
	uint8_t rfpi[5];  /* all 0: from the seed */
};

struct sim *sim_new(void *ctx, const struct sim_config *config);
void sim_free(struct sim *sim);

/* ---- air ---- */

typedef uint64_t sim_conn; /* 0 is none; never given out again */

/* HAL_E_LIMIT: too many, close it. */
int sim_air_open(struct sim *sim, int64_t now_ms, sim_conn *ret_conn);
/* The other side is gone. */
void sim_air_closed(struct sim *sim, int64_t now_ms, sim_conn conn);
/* HAL_E_PROTO: nonsense, cut off: the conn is gone.  HAL_E_STALE as usual. */
int sim_air_rx(struct sim *sim, int64_t now_ms, sim_conn conn,
	       const uint8_t *data, size_t len);

struct sim_air {
	sim_conn conn;
	bool close;	     /* cut off; data is NULL, the conn is gone */
	const uint8_t *data; /* until the next call of any sim_ function */
	size_t len;
};

bool sim_air_next(struct sim *sim, struct sim_air *ret_air);

/* ---- quirks and accidents, for tests ---- */

/* The base's power or link fails, and comes back (HAL_DOWN, HAL_UP). */
void sim_break(struct sim *sim, int64_t now_ms, bool broken);

#define SIM_PAGE_MS 5000 /* LCE.03: a page unanswered */
#define SIM_PAGE_REPEAT_MS 1000
#define SIM_LINK_LOST_MS 5000 /* a talking handset out of range */
#define SIM_AUTH_MS 10000     /* MM_auth.1: patience for a reply */

struct sim_counts {
	size_t conns, links;	  /* now */
	uint64_t rx, tx;	  /* messages of the network layer */
	uint64_t bad_frame;	  /* cut off */
	uint64_t bad_message;	  /* unreadable */
	uint64_t unknown_message; /* unknown type or discriminator */
	uint64_t missing_ie;
	uint64_t unexpected; /* not in this state */
	uint64_t auth_failed;
	uint64_t overflow; /* cut off: it did not read */
	uint64_t pages, pages_lost;
	uint64_t audio_dropped;
};

void sim_counts(const struct sim *sim, struct sim_counts *ret_counts);

/* ---- the socket (sim_socket.c, the only file here that has one) ---- */

struct event_base;
struct sim_socket;

/*
 * Listens at @path (mode 0660; a stale file is replaced, a live one is
 * -EADDRINUSE).  @touched: something was read, so the hal's events, frames
 * and next time are to be looked at, then sim_socket_flush().  It is called
 * from the loop, never from one of these functions.
 */
int sim_socket_new(void *ctx, struct event_base *loop, struct sim *sim,
		   const char *path, int64_t (*now_ms)(void),
		   void (*touched)(void *data), void *data,
		   struct sim_socket **ret_socket);
/* Send what sim_air_next() has; to be called after the hal was used. */
void sim_socket_flush(struct sim_socket *socket);
struct sim *sim_socket_sim(const struct sim_socket *socket);
void sim_socket_free(struct sim_socket *socket); /* removes the file */
