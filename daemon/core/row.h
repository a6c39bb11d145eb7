/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * row.h - what the core remembers over a restart, as plain values
 *
 * A row comes in with EV_LOAD when the gateway starts and goes out with
 * ACT_STORE when it changes.  The core never asks how or where it is kept.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cause.h"

#define NUMBER_MAX 31	  /* digits of a number (T80) */
#define NAME_MAX_BYTES 127 /* 31 characters of UTF-8 (T80) */
#define URI_MAX_BYTES 511
#define SETTING_MAX_BYTES 511
#define HA1_HEX 64	  /* SHA-256 in hexadecimal */
#define SOURCE_MAX_BYTES 63

typedef uint32_t ext_id;  /* an extension, stable for ever; 0 is none */
typedef uint64_t call_id; /* a call, unique over restarts; 0 is none */
typedef uint64_t leg_id;  /* a leg, unique while the gateway runs; 0 is none */

enum ext_kind { EXT_SIP, EXT_DECT };

/* What is stored of an extension.  Passwords exist only as HA1 (RFC 7616,
 * 3.4.2): password-equivalent, never logged. */
struct row_extension {
	ext_id id;
	char number[NUMBER_MAX + 1];
	char name[NAME_MAX_BYTES + 1];
	enum ext_kind kind;
	char ha1_md5[HA1_HEX + 1];    /* empty: cannot register */
	char ha1_sha256[HA1_HEX + 1];
};

/* T1: one primary, one secondary, each in no other pairing. */
struct row_pairing {
	ext_id primary;
	ext_id secondary;
	unsigned int max_calls; /* 1 or 2 (T20) */
	bool twin_bridge;	/* T15 */
	bool twin_coverage;
	bool twin_line;
	bool dnd_primary_only; /* dnd_scope=primary */
};

/* Where a SIP phone can be reached.  Stored when made, moved or removed. */
struct row_contact {
	ext_id ext;
	char uri[URI_MAX_BYTES + 1];
	char source[SOURCE_MAX_BYTES + 1]; /* "udp:192.0.2.7:5060", as sip.h prints it */
	char user_agent[NAME_MAX_BYTES + 1];
	uint32_t interval_s; /* as granted; granted once more after a restart */
};

/* A DECT handset that has subscribed (T174). */
struct row_handset {
	char base[NAME_MAX_BYTES + 1];
	uint64_t ipui;	     /* type N, 40 bits */
	uint8_t uak[16];     /* user authentication key: a secret */
	ext_id ext;	     /* 0: no extension assigned */
};

enum log_kind { LOG_IN, LOG_OUT, LOG_MISSED };

/* One record a call and user (T78, T80, T83). */
struct row_log {
	uint64_t id; /* of the record; given by the store, 0 before */
	call_id call;
	ext_id owner;
	int64_t time_ms; /* start of the call, Unix time */
	enum log_kind kind;
	enum cause cause; /* with kind and talk_ms: the outcome */
	char number[NUMBER_MAX + 1];
	char name[NAME_MAX_BYTES + 1];
	int64_t talk_ms; /* hold included (T80) */
	int64_t ring_ms;
	char device[NUMBER_MAX + 1]; /* the twin that took or made it; "" none */
	char outcome[24];	     /* interfaces.md: "answered", "missed", ... */
};
