/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dect_msg.h - one S-format message of the network layer, byte by byte
 * (EN 300 175-5, clauses 6.3 and 7)
 *
 *       8   7 6 5   4 3 2 1
 *     +---+-------+---------+-------------+----------------------- ...
 *     | f |  TV   |   PD    | message type| information elements
 *     +---+-------+---------+-------------+----------------------- ...
 *     f: 0 from the side that began the transaction, 1 towards it
 *     TV: transaction value, 0 to 6;  PD: protocol discriminator
 *
 *     element:   1xxx xxxx             one octet
 *                1110 xxxx  value      two octets
 *                0xxx xxxx  n  n octets
 *
 * Reading makes spans into the bytes that were received.  Elements that are
 * not known are kept and skipped by who looks for another.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dect_pd {
	DECT_LCE = 0,
	DECT_CC = 3,
	DECT_CISS = 4,
	DECT_MM = 5,
	DECT_CLMS = 6,
	DECT_COMS = 7,
};

/* The type's number means something only with its discriminator. */
enum dect_type {
	DECT_LCE_PAGE_RESPONSE = 0x71,
	DECT_LCE_PAGE_REJECT = 0x72,

	DECT_CC_ALERTING = 0x01,
	DECT_CC_CALL_PROC = 0x02,
	DECT_CC_SETUP = 0x05,
	DECT_CC_CONNECT = 0x07,
	DECT_CC_SETUP_ACK = 0x0D,
	DECT_CC_CONNECT_ACK = 0x0F,
	DECT_CC_SERVICE_CHANGE = 0x20,
	DECT_CC_SERVICE_ACCEPT = 0x21,
	DECT_CC_SERVICE_REJECT = 0x23,
	DECT_CC_RELEASE = 0x4D,
	DECT_CC_RELEASE_COM = 0x5A,
	DECT_CC_IWU_INFO = 0x60,
	DECT_CC_NOTIFY = 0x6E,
	DECT_CC_INFO = 0x7B,

	DECT_CISS_RELEASE_COM = 0x5A,
	DECT_CISS_FACILITY = 0x62,
	DECT_CISS_REGISTER = 0x64,

	DECT_MM_AUTH_REQUEST = 0x40,
	DECT_MM_AUTH_REPLY = 0x41,
	DECT_MM_KEY_ALLOCATE = 0x42,
	DECT_MM_AUTH_REJECT = 0x43,
	DECT_MM_ACCESS_RIGHTS_REQUEST = 0x44,
	DECT_MM_ACCESS_RIGHTS_ACCEPT = 0x45,
	DECT_MM_ACCESS_RIGHTS_REJECT = 0x47,
	DECT_MM_TERMINATE_REQUEST = 0x48,
	DECT_MM_TERMINATE_ACCEPT = 0x49,
	DECT_MM_TERMINATE_REJECT = 0x4B,
	DECT_MM_LOCATE_REQUEST = 0x54,
	DECT_MM_LOCATE_ACCEPT = 0x55,
	DECT_MM_DETACH = 0x56,
	DECT_MM_LOCATE_REJECT = 0x57,
	DECT_MM_IDENTITY_REQUEST = 0x58,
	DECT_MM_IDENTITY_REPLY = 0x59,
};

enum dect_ie_id {
	DECT_IE_PORTABLE_IDENTITY = 0x05,
	DECT_IE_FIXED_IDENTITY = 0x06,
	DECT_IE_AUTH_TYPE = 0x0A,
	DECT_IE_ALLOCATION_TYPE = 0x0B,
	DECT_IE_RAND = 0x0C,
	DECT_IE_RES = 0x0D,
	DECT_IE_RS = 0x0E,
	DECT_IE_TIME_DATE = 0x23,
	DECT_IE_MULTI_DISPLAY = 0x28,
	DECT_IE_MULTI_KEYPAD = 0x2C,
	DECT_IE_REJECT_REASON = 0x60,
	DECT_IE_TERMINAL_CAPABILITY = 0x63,
	DECT_IE_CALLING_NUMBER = 0x6C,
	DECT_IE_CALLING_NAME = 0x6D,
	DECT_IE_CALLED_NUMBER = 0x70,
	DECT_IE_MODEL = 0x78,
	DECT_IE_PROPRIETARY = 0x7B,
	DECT_IE_CODEC_LIST = 0x7C,
	DECT_IE_EVENTS = 0x7D,
	DECT_IE_CALL_INFORMATION = 0x7E,
	/* one octet */
	DECT_IE_SENDING_COMPLETE = 0xA1,
	/* two octets */
	DECT_IE_BASIC_SERVICE = 0xE0,
	DECT_IE_RELEASE_REASON = 0xE2,
	DECT_IE_SIGNAL = 0xE4,
	DECT_IE_SINGLE_DISPLAY = 0xE8,
	DECT_IE_SINGLE_KEYPAD = 0xE9,
};

#define DECT_MSG_MAX 512
#define DECT_IES_MAX 32
#define DECT_TV_MAX 6

struct dect_ie {
	uint8_t id;
	const uint8_t *data; /* of the message; n is 0 for one octet */
	size_t n;
};

struct dect_msg {
	uint8_t pd;
	uint8_t type;
	uint8_t tv;
	bool reply; /* the transaction flag */
	size_t n;
	struct dect_ie ie[DECT_IES_MAX];
};

/* 0; -EPROTO: cut short, too many elements, or an extended transaction. */
int dect_msg_parse(struct dect_msg *ret_msg, const uint8_t *data, size_t len);
/* The first of that id, or NULL. */
const struct dect_ie *dect_msg_find(const struct dect_msg *msg, uint8_t id);
/* "CC SETUP", for a log; "?" if there is no such message. */
const char *dect_msg_name(uint8_t pd, uint8_t type);

/* Writing: the first fault sticks; look once, at the end. */
struct dect_writer {
	uint8_t buf[DECT_MSG_MAX];
	size_t len;
	bool bad;
};

void dect_begin(struct dect_writer *w, uint8_t pd, uint8_t tv, bool reply,
		uint8_t type);
void dect_put_single(struct dect_writer *w, uint8_t id);
void dect_put_double(struct dect_writer *w, uint8_t id, uint8_t value);
void dect_put(struct dect_writer *w, uint8_t id, const void *data, size_t n);
