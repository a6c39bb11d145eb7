/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim_pt.h - a simulated DECT handset (portable part) without a socket
 *
 *     air bytes, time  -->  pt_rx()       -->  pt_next_air()    air bytes
 *     key, time        -->  pt_dial() ... -->  pt_next_event()  what the user
 *     microphone       -->  pt_audio_tx() -->  pt_audio_next()  sees and hears
 *     time             -->  pt_tick()     -->  pt_next_ms()     come back then
 *
 *             subscribe, accepted      located           call
 *     FRESH ---------------------> OFF AIR ----> ATTACHED ----> in a call
 *
 * It speaks the messages of EN 300 175-5 as a GAP and CAT-iq handset does:
 * subscription with authentication code and key allocation, location
 * registration with its key, detach, calls both ways, hold.  The same code is
 * in the program `handset` and in the worlds of the tests.
 *
 * A key for which there is no use now (answer without a call) returns
 * -EBADFD and changes nothing; the text for it is the caller's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PT_TEXT_MAX 127
#define PT_NUMBER_MAX 31
#define PT_NAME_MAX 127
#define PT_DIGITS_MAX 63
#define PT_FRAME_SAMPLES_MAX 320 /* 20 ms at 16 kHz */

struct pt;

/* What a handset's own memory keeps (--store). */
struct pt_memory {
	uint64_t ipui;	 /* type N, 40 bits: the maker's number in it */
	bool subscribed; /* the rest means something only then */
	uint8_t rfpi[5]; /* of the base it belongs to */
	uint8_t uak[16]; /* a secret */
	char number[PT_NUMBER_MAX + 1]; /* as the base last told; or "" */
	char name[PT_NAME_MAX + 1];
};

struct pt_config {
	uint64_t seed;		 /* of identities and random values */
	struct pt_memory memory; /* ipui 0: a new identity from the seed */
	bool narrowband;	 /* an old handset: 8 kHz only */
};

struct pt *pt_new(void *ctx, const struct pt_config *config);
void pt_free(struct pt *pt);

/* To be kept; changes only when PT_EV_MEMORY says so. */
const struct pt_memory *pt_memory(const struct pt *pt);

/* ---- air ---- */

/* The connection to the base's air is there, or is gone. */
void pt_air_up(struct pt *pt, int64_t now_ms);
void pt_air_down(struct pt *pt, int64_t now_ms);
/* -EPROTO: this is no air of a base; close the connection. */
int pt_rx(struct pt *pt, int64_t now_ms, const uint8_t *data, size_t len);
/* Bytes to send, at most @size (at least AIR_FRAME_MAX) at a time; 0: none. */
size_t pt_next_air(struct pt *pt, uint8_t *buf, size_t size);

void pt_tick(struct pt *pt, int64_t now_ms);
int64_t pt_next_ms(const struct pt *pt); /* INT64_MAX: nothing pending */

/* ---- keys ---- */

/* Register at the base with an authentication code of at most 8 digits.
 * PT_EV_SUBSCRIBED or PT_EV_SUBSCRIBE_REJECTED follows. */
int pt_subscribe(struct pt *pt, int64_t now_ms, const char *ac);
void pt_power(struct pt *pt, int64_t now_ms, bool on); /* says good-bye */
void pt_battery_out(struct pt *pt, int64_t now_ms);    /* does not */
void pt_range(struct pt *pt, int64_t now_ms, bool in);
/* En bloc; "" goes off hook and leaves the number to pt_keys(). */
int pt_dial(struct pt *pt, int64_t now_ms, const char *number);
int pt_answer(struct pt *pt, int64_t now_ms);
int pt_reject(struct pt *pt, int64_t now_ms);
int pt_hangup(struct pt *pt, int64_t now_ms);
int pt_hold(struct pt *pt, int64_t now_ms);
int pt_retrieve(struct pt *pt, int64_t now_ms);
/* Digits of a number being dialled, or keys during a call. */
int pt_keys(struct pt *pt, int64_t now_ms, const char *keys);

/* ---- sound: linear PCM, 20 ms ---- */

/* 0 while no sound flows, else 8000 or 16000. */
unsigned int pt_audio_rate(const struct pt *pt);
int pt_audio_tx(struct pt *pt, int64_t now_ms, const int16_t *pcm,
		size_t samples);
/* Number of samples, 0 if there is no frame. */
size_t pt_audio_next(struct pt *pt, int16_t pcm[PT_FRAME_SAMPLES_MAX]);

/* ---- what the user sees ---- */

enum pt_state {
	PT_OFF,	      /* switched off */
	PT_NO_BASE,   /* no connection, or out of range */
	PT_FRESH,     /* belongs to no base */
	PT_ATTACHING, /* subscribing, or located soon */
	PT_ATTACHED,
};

enum pt_call_state {
	PT_IDLE,
	PT_DIALLING,   /* SETUP sent; the base wants more digits, or thinks */
	PT_PROCEEDING, /* the number is being tried */
	PT_RINGBACK,   /* it rings over there */
	PT_RINGING,    /* it rings here */
	PT_ANSWERING,  /* off hook, the base has not confirmed */
	PT_TALKING,
	PT_HELD,
	PT_CLEARING, /* hung up, the base has not confirmed */
};

enum pt_state pt_state(const struct pt *pt);
enum pt_call_state pt_call_state(const struct pt *pt);
const char *pt_state_name(enum pt_state state);		  /* "attached" */
const char *pt_call_state_name(enum pt_call_state state); /* "ringing" */

/* How a call ended; pt_reason_name() gives the words of interfaces.md. */
enum pt_reason {
	PT_NORMAL,
	PT_BUSY,
	PT_NO_ANSWER,
	PT_ANSWERED_ELSEWHERE,
	PT_REJECTED,
	PT_UNALLOCATED,
	PT_FAILED,
};

const char *pt_reason_name(enum pt_reason reason);

enum pt_event_type {
	PT_EV_NONE,
	PT_EV_SUBSCRIBED,	  /* number: its extension, or "" */
	PT_EV_SUBSCRIBE_REJECTED, /* text: why */
	PT_EV_UNSUBSCRIBED,	  /* the base ended it; FRESH again */
	PT_EV_ASSIGNED,		  /* number, name: its extension changed */
	PT_EV_MEMORY,		  /* pt_memory() is to be kept */
	PT_EV_ATTACHED,
	PT_EV_DETACHED,
	PT_EV_PAGED,	  /* on: ring to be found, or stop it */
	PT_EV_ALERTING,	  /* call, number, name */
	PT_EV_DIALTONE,	  /* call: the base waits for digits */
	PT_EV_PROCEEDING, /* call, number, name */
	PT_EV_RINGBACK,
	PT_EV_CONNECTED,
	PT_EV_PARTY, /* the other side's number or name changed */
	PT_EV_HELD,
	PT_EV_RETRIEVED,
	PT_EV_RELEASED,	 /* call, reason */
	PT_EV_DISPLAY,	 /* text: lines, separated by '\n' */
	PT_EV_INDICATOR, /* missed, messages, dnd, twin */
	PT_EV_TIME,	 /* unix_s, zone_quarters */
};

const char *pt_event_type_name(enum pt_event_type type);

struct pt_event {
	enum pt_event_type type;
	unsigned int call; /* counts the calls of this handset from 1 */
	char number[PT_NUMBER_MAX + 1];
	char name[PT_NAME_MAX + 1];
	char text[PT_TEXT_MAX + 1];
	enum pt_reason reason;
	bool on;
	unsigned int missed, messages;
	bool dnd, twin;
	int64_t unix_s;
	int zone_quarters;
};

bool pt_next_event(struct pt *pt, struct pt_event *ret_event);

struct pt_counts {
	uint64_t nonsense; /* messages of the base that make no sense */
	uint64_t frames_dropped;
};

void pt_counts(const struct pt *pt, struct pt_counts *ret_counts);
