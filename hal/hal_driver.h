/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hal_driver.h - the hal core and a driver, eye to eye
 *
 *     hal core  -- struct hal_driver -->  driver   do this
 *     hal core  <-- hal_up_...() -------  driver   this happened
 *
 * A driver speaks its base's language and has no policy: no limits on how
 * often, no deadlines of the host's, no queue.  The hal core checks each
 * word of it against the state and drops and counts what cannot be.
 *
 * A driver may say hal_up_...() at any time, also from inside an operation:
 * the host hears of it later.  The other way round, the hal core may use
 * operations from inside hal_up_...(): what a handset has missed when it
 * attached, call_drop() for a call that ends with its handset or base.
 *
 * Operations are optional but for the first block; a missing one is
 * HAL_E_NOTSUP.  They return 0 or HAL_E_...; an error has no effect.
 */
#pragma once

#include "hal.h"

/* A base as its driver sees it, given to open(). */
struct hal_port;

/* Who is let in; lives until sub_reply() returns. */
struct hal_admitted {
	hal_handset_id handset;
	uint64_t ipui;
	const uint8_t *uak; /* HAL_UAK_BYTES */
	const struct hal_assignment *assignment;
};

struct hal_driver {
	const char *name;
	void (*caps)(void *priv, struct hal_caps *ret_caps);
	int (*open)(void *priv, int64_t now_ms, struct hal_port *port);
	/* Let go at once; the port is dead, nothing more may be said. */
	void (*close)(void *priv, int64_t now_ms);
	void (*tick)(void *priv, int64_t now_ms);
	int64_t (*next_ms)(const void *priv);

	/* subscription; the window's time is the hal core's business */
	int (*sub_open)(void *priv, int64_t now_ms, hal_req_id req,
			const struct hal_window *window);
	int (*sub_close)(void *priv, int64_t now_ms, hal_req_id req);
	/* @admitted NULL: reject with the MM @reason.  The handset may have
	 * gone since it asked; it is admitted all the same. */
	void (*sub_reply)(void *priv, int64_t now_ms, hal_sub_id sub,
			  const struct hal_admitted *admitted, uint8_t reason);

	/* handsets */
	int (*restore)(void *priv, int64_t now_ms, hal_handset_id handset,
		       uint64_t ipui, const uint8_t uak[HAL_UAK_BYTES],
		       const struct hal_assignment *assignment);
	int (*assign)(void *priv, int64_t now_ms, hal_handset_id handset,
		      const struct hal_assignment *assignment);
	int (*remove)(void *priv, int64_t now_ms, hal_req_id req,
		      hal_handset_id handset);
	int (*locate)(void *priv, int64_t now_ms, hal_req_id req,
		      hal_handset_id handset, unsigned int seconds);
	/* @handset is attached */
	int (*indicate)(void *priv, int64_t now_ms, hal_handset_id handset,
			const struct hal_indicators *indicators);
	int (*time_set)(void *priv, int64_t now_ms, hal_handset_id handset,
			int64_t unix_s, int zone_quarters);

	/* calls; the state has been checked */
	int (*call_setup)(void *priv, int64_t now_ms, hal_call_id call,
			  hal_handset_id handset,
			  const struct hal_setup *setup);
	int (*call_proceeding)(void *priv, int64_t now_ms, hal_call_id call);
	int (*call_alerting)(void *priv, int64_t now_ms, hal_call_id call,
			     enum hal_signal signal);
	int (*call_connect)(void *priv, int64_t now_ms, hal_call_id call,
			    const struct hal_party *party);
	int (*call_info)(void *priv, int64_t now_ms, hal_call_id call,
			 const struct hal_info *info);
	int (*call_held)(void *priv, int64_t now_ms, hal_call_id call,
			 bool held);
	/* hal_up_ended() is expected when it is done */
	void (*call_release)(void *priv, int64_t now_ms, hal_call_id call,
			     uint8_t reason, enum hal_why why);
	/* forget it at once, say nothing more of it */
	void (*call_drop)(void *priv, int64_t now_ms, hal_call_id call);
	int (*audio_tx)(void *priv, int64_t now_ms, hal_call_id call,
			const int16_t *pcm, size_t samples);
};

/* ---- the driver says ---- */

void hal_up_state(struct hal_port *port, int64_t now_ms,
		  enum hal_base_state state);
/* Exactly once a request; a second time is dropped and counted. */
void hal_up_done(struct hal_port *port, int64_t now_ms, hal_req_id req, int rc);

/* SYNCING, base with a memory: it has this handset.  Returns its id, 0 if
 * there are too many. */
hal_handset_id hal_up_snapshot(struct hal_port *port, int64_t now_ms,
			       uint64_t ipui);

/* What a handset that asks to be ours has shown. */
struct hal_candidate {
	uint64_t ipui;
	const uint8_t *uak; /* HAL_UAK_BYTES */
	uint16_t emc;
	uint8_t model;
	bool wideband;
};

/* A wrong code, or another refusal by the base; MM reject @reason. */
void hal_up_sub_failed(struct hal_port *port, int64_t now_ms, uint64_t ipui,
		       uint8_t reason);
/* It proved the code; sub_reply() will be called, unless this is an error:
 * then refuse it. */
int hal_up_sub_request(struct hal_port *port, int64_t now_ms,
		       const struct hal_candidate *candidate,
		       hal_sub_id *ret_sub);

/* Attached, detached or lost; a handset no longer attached has no call.
 * Attached again, without having been missed, is no event for the host; the
 * handset is told anew what it shows. */
void hal_up_presence(struct hal_port *port, int64_t now_ms,
		     hal_handset_id handset, enum hal_presence presence);
void hal_up_wideband(struct hal_port *port, hal_handset_id handset, bool can);
/* The subscription ended at the base or the handset. */
void hal_up_deleted(struct hal_port *port, int64_t now_ms,
		    hal_handset_id handset);

struct hal_up_setup {
	enum hal_call_class class;
	const char *digits; /* en bloc, or "" */
	bool complete;	    /* no more will come */
	unsigned int rate_hz;
};

/* A handset calls.  0: its number is whole.  1: more digits are wanted, with
 * SETUP-ACK and a dial tone.  An error: release it with hal_up_reason(). */
int hal_up_setup(struct hal_port *port, int64_t now_ms, hal_handset_id handset,
		 const struct hal_up_setup *setup, hal_call_id *ret_call);
/* Keys as they come: digits of the number, or keys and CAT-iq control codes
 * (1C 41 hold, 1C 42 resume) during the call. */
void hal_up_keypad(struct hal_port *port, int64_t now_ms, hal_call_id call,
		   const char *keys, size_t n, bool complete);
void hal_up_alerting(struct hal_port *port, int64_t now_ms, hal_call_id call);
void hal_up_answered(struct hal_port *port, int64_t now_ms, hal_call_id call,
		     unsigned int rate_hz);
/* Over, for whatever reason; nothing more may be said of it. */
void hal_up_ended(struct hal_port *port, int64_t now_ms, hal_call_id call,
		  uint8_t reason);
void hal_up_audio(struct hal_port *port, int64_t now_ms, hal_call_id call,
		  const int16_t *pcm, size_t samples);

/* The release reason that tells a handset of the error. */
uint8_t hal_up_reason(int rc);
