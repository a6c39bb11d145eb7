/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dect_ie.h - what the information elements mean (EN 300 175-5, 7.6, 7.7)
 *
 * dect_put_x() appends an element to a message; dect_get_x() reads one, 0 or
 * -EPROTO.  A NULL element is read as missing: -ENOENT.  The layouts stand
 * beside the code; those marked there as own knowledge await a check against
 * the standard's text.
 */
#pragma once

#include "dect_msg.h"

/* ---- identities ---- */

void dect_put_portable_identity(struct dect_writer *w, uint64_t ipui);
/* IPUI type N alone is understood. */
int dect_get_portable_identity(const struct dect_ie *ie, uint64_t *ret_ipui);

void dect_put_fixed_identity(struct dect_writer *w, const uint8_t rfpi[5]);
int dect_get_fixed_identity(const struct dect_ie *ie, uint8_t ret_rfpi[5]);

/* ---- security ---- */

enum dect_key { DECT_KEY_UAK = 1, DECT_KEY_UPI = 3, DECT_KEY_AC = 4 };

#define DECT_ALGORITHM_DSAA 1
#define DECT_RAND_BYTES 8
#define DECT_RES_BYTES 4

void dect_put_auth_type(struct dect_writer *w, enum dect_key key);
int dect_get_auth_type(const struct dect_ie *ie, enum dect_key *ret_key);
void dect_put_allocation_type(struct dect_writer *w);
int dect_get_allocation_type(const struct dect_ie *ie);
/* RAND, RES, RS: a value of exactly @n octets. */
int dect_get_fixed(const struct dect_ie *ie, uint8_t *ret_value, size_t n);

/* ---- calls ---- */

enum dect_call_class {
	DECT_CLASS_NORMAL = 8,
	DECT_CLASS_INTERNAL = 9,
	DECT_CLASS_EMERGENCY = 0xA,
	DECT_CLASS_SERVICE = 0xB
};
enum dect_service { DECT_SPEECH = 0, DECT_WIDEBAND = 8 };

int dect_get_octet(const struct dect_ie *ie, uint8_t *ret_value);

struct dect_number {
	uint8_t type;	      /* 0 unknown */
	uint8_t plan;	      /* 9 private */
	uint8_t presentation; /* enum dect_presentation */
	uint8_t screening;
	const char *digits; /* of the message, not terminated */
	size_t n;
};

enum dect_presentation { DECT_SHOWN, DECT_RESTRICTED, DECT_NOT_AVAILABLE };
enum { DECT_PLAN_UNKNOWN = 0, DECT_PLAN_PRIVATE = 9 };
enum {
	DECT_SCREEN_NONE,
	DECT_SCREEN_PASSED,
	DECT_SCREEN_FAILED,
	DECT_SCREEN_NETWORK
};

void dect_put_calling_number(struct dect_writer *w, const char *digits,
			     enum dect_presentation presentation);
int dect_get_calling_number(const struct dect_ie *ie, struct dect_number *ret);
void dect_put_called_number(struct dect_writer *w, const char *digits);
int dect_get_called_number(const struct dect_ie *ie, struct dect_number *ret);

struct dect_name {
	uint8_t presentation, alphabet, screening;
	const char *text; /* of the message, not terminated */
	size_t n;
};

enum { DECT_ALPHABET_DECT = 0, DECT_ALPHABET_UTF8 = 1 };

/* UTF-8, verified and passed: it wins over the handset's own book. */
void dect_put_calling_name(struct dect_writer *w, const char *text,
			   enum dect_presentation presentation);
int dect_get_calling_name(const struct dect_ie *ie, struct dect_name *ret);

/* Keys: <<MULTI-KEYPAD>>; one key alone may come as <<SINGLE-KEYPAD>>. */
void dect_put_keypad(struct dect_writer *w, const char *keys, size_t n);
/* All keys of a message, in order; their number, 0 if there are none. */
size_t dect_get_keypad(const struct dect_msg *msg, char *ret_keys, size_t size);

#define DECT_KEY_CONTROL 0x1C /* leads CAT-iq's call control */
#define DECT_KEY_HOLD 0x41
#define DECT_KEY_RESUME 0x42
#define DECT_DISPLAY_CLEAR 0x0C

void dect_put_display(struct dect_writer *w, const char *text);

enum dect_codec {
	DECT_CODEC_G726 = 2,
	DECT_CODEC_G722 = 3,
	DECT_CODEC_ALAW = 4,
	DECT_CODEC_ULAW = 5,
};

/* G.722 first where it is possible, then G.726. */
void dect_put_codecs(struct dect_writer *w, bool wideband);
/* *@ret_wideband: the list has G.722. */
int dect_get_codecs(const struct dect_ie *ie, bool *ret_wideband);

void dect_put_terminal_capability(struct dect_writer *w);

struct dect_model {
	uint16_t emc;
	uint8_t model;
};

void dect_put_model(struct dect_writer *w, const struct dect_model *model);
int dect_get_model(const struct dect_ie *ie, struct dect_model *ret_model);

/* MM reject reasons. */
enum {
	DECT_REJECT_IPUI_UNKNOWN = 0x02,
	DECT_REJECT_IPEI_NOT_ACCEPTED = 0x05,
	DECT_REJECT_IPUI_NOT_ACCEPTED = 0x06,
	DECT_REJECT_AUTH_FAILED = 0x10,
	DECT_REJECT_INCOMPATIBLE = 0x20,
	DECT_REJECT_MEMORY_FULL = 0x2F,
	DECT_REJECT_OVERLOAD = 0x30,
};

void dect_put_reject_reason(struct dect_writer *w, uint8_t reason);

/* Release reasons (7.6.8). */
enum {
	DECT_REL_NORMAL = 0x00,
	DECT_REL_UNEXPECTED_MESSAGE = 0x01,
	DECT_REL_UNKNOWN_TRANSACTION = 0x02,
	DECT_REL_MANDATORY_IE_MISSING = 0x03,
	DECT_REL_INVALID_IE = 0x04,
	DECT_REL_INCOMPATIBLE_SERVICE = 0x05,
	DECT_REL_INVALID_IDENTITY = 0x08,
	DECT_REL_AUTH_FAILED = 0x09,
	DECT_REL_UNKNOWN_IDENTITY = 0x0A,
	DECT_REL_COLLISION = 0x0C,
	DECT_REL_TIMER_EXPIRY = 0x0D,
	DECT_REL_PARTIAL = 0x0E,
	DECT_REL_UNKNOWN = 0x0F,
	DECT_REL_USER_DETACHED = 0x10,
	DECT_REL_USER_NOT_IN_RANGE = 0x11,
	DECT_REL_USER_UNKNOWN = 0x12,
	DECT_REL_USER_ACTIVE = 0x13,
	DECT_REL_USER_BUSY = 0x14,
	DECT_REL_USER_REJECTION = 0x15,
	DECT_REL_OVERLOAD = 0x31,
	DECT_REL_RESOURCES = 0x32,
};

/* ---- lamps, time, and what the standard has no word for ---- */

enum { DECT_EVENT_MESSAGES = 0, DECT_EVENT_MISSED = 1 };

struct dect_notice {
	uint8_t type, sub_type;
	uint32_t count;
};

void dect_put_events(struct dect_writer *w, const struct dect_notice *notices,
		     size_t n);
/* Number of them, at most @size; -EPROTO. */
int dect_get_events(const struct dect_ie *ie, struct dect_notice *ret_notices,
		    size_t size);

/* CAT-iq call status, as <<CALL-INFORMATION>> with a call id. */
enum dect_call_status {
	DECT_STATUS_IDLE = 0,
	DECT_STATUS_CONNECT = 5,
	DECT_STATUS_HOLD = 9,
};

void dect_put_call_status(struct dect_writer *w, uint8_t call,
			  enum dect_call_status status);
int dect_get_call_status(const struct dect_ie *ie, uint8_t *ret_status);

void dect_put_time(struct dect_writer *w, int64_t unix_s, int zone_quarters);
int dect_get_time(const struct dect_ie *ie, int64_t *ret_unix_s,
		  int *ret_zone_quarters);

/*
 * <<ESCAPE-TO-PROPRIETARY>> with a maker's code of our own choice and a list
 * of tag, length, value: what our base tells our handset and ETSI has no
 * element for.
 */
#define DECT_OWN_EMC 0x5457
enum dect_own_tag {
	DECT_OWN_WHY = 1,    /* 1 octet: enum hal_why of a release */
	DECT_OWN_NUMBER = 2, /* the handset's extension */
	DECT_OWN_NAME = 3,
	DECT_OWN_MARKS = 4, /* 1 octet: bit 1 twin, bit 2 dnd */
};

struct dect_own {
	uint8_t data[200];
	size_t n;
};

void dect_own_add(struct dect_own *own, enum dect_own_tag tag,
		  const void *value, size_t n);
void dect_put_own(struct dect_writer *w, const struct dect_own *own);
/* The value of @tag, NULL if there is none. */
const uint8_t *dect_find_own(const struct dect_msg *msg, enum dect_own_tag tag,
			     size_t *ret_n);

/* Copy @n octets of text as a string, cut to @size. */
void dect_text(char *ret_text, size_t size, const void *data, size_t n);
