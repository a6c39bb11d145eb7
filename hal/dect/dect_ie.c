/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dect_ie.c - see dect_ie.h */
#include "dect_ie.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "dect_id.h"

#define IDENTITY_IPUI 0x00 /* 7.7.30: type of identity */
#define IDENTITY_PARK 0x20 /* 7.7.18 */

/* ---- identities: 1|type, 1|length in bits, value ---- */

void dect_put_portable_identity(struct dect_writer *w, uint64_t ipui)
{
	uint8_t value[7] = { 0x80 | IDENTITY_IPUI, 0x80 | DECT_IPUI_BITS };

	dect_put40(value + 2, ipui);
	dect_put(w, DECT_IE_PORTABLE_IDENTITY, value, sizeof(value));
}

int dect_get_portable_identity(const struct dect_ie *ie, uint64_t *ret_ipui)
{
	if (!ie)
		return -ENOENT;
	if (ie->n != 7 || ie->data[0] != (0x80 | IDENTITY_IPUI) ||
	    ie->data[1] != (0x80 | DECT_IPUI_BITS) || ie->data[2] & 0xF0)
		return -EPROTO;
	*ret_ipui = dect_get40(ie->data + 2);
	return 0;
}

/*
 * PARK of a class A ARI: 36 bits and the length indicator's own, as seen in
 * captures (A0 A5, then five octets).  Own knowledge in this detail.
 */
void dect_put_fixed_identity(struct dect_writer *w, const uint8_t rfpi[5])
{
	uint8_t value[7] = { 0x80 | IDENTITY_PARK, 0x80 | (DECT_ARI_BITS + 1) };

	memcpy(value + 2, rfpi, DECT_RFPI_BYTES);
	dect_put(w, DECT_IE_FIXED_IDENTITY, value, sizeof(value));
}

int dect_get_fixed_identity(const struct dect_ie *ie, uint8_t ret_rfpi[5])
{
	if (!ie)
		return -ENOENT;
	if (ie->n != 7 || ie->data[0] != (0x80 | IDENTITY_PARK) ||
	    ie->data[1] != (0x80 | (DECT_ARI_BITS + 1)))
		return -EPROTO;
	memcpy(ret_rfpi, ie->data + 2, DECT_RFPI_BYTES);
	return 0;
}

/* ---- security ---- */

/* Algorithm; key type and number (8: the one that belongs to this base's
 * identity); cipher key number (7.7.4). */
void dect_put_auth_type(struct dect_writer *w, enum dect_key key)
{
	uint8_t value[3] = { DECT_ALGORITHM_DSAA, key << 4 | 8,
			     key == DECT_KEY_UAK ? 0x18 : 0x00 };

	dect_put(w, DECT_IE_AUTH_TYPE, value, sizeof(value));
}

int dect_get_auth_type(const struct dect_ie *ie, enum dect_key *ret_key)
{
	uint8_t key;

	if (!ie)
		return -ENOENT;
	if (ie->n < 3 || ie->data[0] != DECT_ALGORITHM_DSAA)
		return -EPROTO;
	key = ie->data[1] >> 4;
	if (key != DECT_KEY_UAK && key != DECT_KEY_AC)
		return -EPROTO;
	*ret_key = key;
	return 0;
}

/* Algorithm; UAK number, AC number (7.7.2). */
void dect_put_allocation_type(struct dect_writer *w)
{
	static const uint8_t value[2] = { DECT_ALGORITHM_DSAA, 0x88 };

	dect_put(w, DECT_IE_ALLOCATION_TYPE, value, sizeof(value));
}

int dect_get_allocation_type(const struct dect_ie *ie)
{
	if (!ie)
		return -ENOENT;
	return ie->n == 2 && ie->data[0] == DECT_ALGORITHM_DSAA ? 0 : -EPROTO;
}

int dect_get_fixed(const struct dect_ie *ie, uint8_t *ret_value, size_t n)
{
	if (!ie)
		return -ENOENT;
	if (ie->n != n)
		return -EPROTO;
	memcpy(ret_value, ie->data, n);
	return 0;
}

/* ---- calls ---- */

int dect_get_octet(const struct dect_ie *ie, uint8_t *ret_value)
{
	if (!ie)
		return -ENOENT;
	if (ie->n < 1)
		return -EPROTO;
	*ret_value = ie->data[0];
	return 0;
}

/* Octet 3: 0|type|plan, octet 3a: 1|presentation|000|screening. */
void dect_put_calling_number(struct dect_writer *w, const char *digits,
			     enum dect_presentation presentation)
{
	uint8_t value[2 + 64] = { DECT_PLAN_PRIVATE,
				  0x80 | presentation << 5 |
					  DECT_SCREEN_NETWORK };
	size_t n = strnlen(digits, 64);

	memcpy(value + 2, digits, n);
	dect_put(w, DECT_IE_CALLING_NUMBER, value, 2 + n);
}

int dect_get_calling_number(const struct dect_ie *ie, struct dect_number *ret)
{
	struct dect_number number = { 0 };
	size_t at = 1;

	if (!ie)
		return -ENOENT;
	if (ie->n < 1)
		return -EPROTO;
	number.type = ie->data[0] >> 4 & 7;
	number.plan = ie->data[0] & 0x0F;
	if (!(ie->data[0] & 0x80)) {
		if (ie->n < 2)
			return -EPROTO;
		number.presentation = ie->data[1] >> 5 & 3;
		number.screening = ie->data[1] & 3;
		at = 2;
	}
	number.digits = (const char *)ie->data + at;
	number.n = ie->n - at;
	*ret = number;
	return 0;
}

/* Octet 3: 1|type|plan. */
void dect_put_called_number(struct dect_writer *w, const char *digits)
{
	uint8_t value[1 + 64] = { 0x80 | DECT_PLAN_UNKNOWN };
	size_t n = strnlen(digits, 64);

	memcpy(value + 1, digits, n);
	dect_put(w, DECT_IE_CALLED_NUMBER, value, 1 + n);
}

int dect_get_called_number(const struct dect_ie *ie, struct dect_number *ret)
{
	if (!ie)
		return -ENOENT;
	if (ie->n < 1)
		return -EPROTO;
	*ret = (struct dect_number){
		.type = ie->data[0] >> 4 & 7,
		.plan = ie->data[0] & 0x0F,
		.digits = (const char *)ie->data + 1,
		.n = ie->n - 1,
	};
	return 0;
}

/* Octet 3: 0|presentation|alphabet|screening. */
void dect_put_calling_name(struct dect_writer *w, const char *text,
			   enum dect_presentation presentation)
{
	uint8_t value[1 + 128] = { presentation << 5 | DECT_ALPHABET_UTF8 << 2 |
				   DECT_SCREEN_PASSED };
	size_t n = strnlen(text, 128);

	memcpy(value + 1, text, n);
	dect_put(w, DECT_IE_CALLING_NAME, value, 1 + n);
}

int dect_get_calling_name(const struct dect_ie *ie, struct dect_name *ret)
{
	if (!ie)
		return -ENOENT;
	if (ie->n < 1)
		return -EPROTO;
	*ret = (struct dect_name){
		.presentation = ie->data[0] >> 5 & 3,
		.alphabet = ie->data[0] >> 2 & 7,
		.screening = ie->data[0] & 3,
		.text = (const char *)ie->data + 1,
		.n = ie->n - 1,
	};
	return 0;
}

void dect_put_keypad(struct dect_writer *w, const char *keys, size_t n)
{
	dect_put(w, DECT_IE_MULTI_KEYPAD, keys, n);
}

size_t dect_get_keypad(const struct dect_msg *msg, char *ret_keys, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < msg->n; i++) {
		const struct dect_ie *ie = &msg->ie[i];

		if (ie->id != DECT_IE_MULTI_KEYPAD &&
		    ie->id != DECT_IE_SINGLE_KEYPAD)
			continue;
		for (size_t k = 0; k < ie->n && n < size; k++)
			ret_keys[n++] = (char)ie->data[k];
	}
	return n;
}

void dect_put_display(struct dect_writer *w, const char *text)
{
	uint8_t value[1 + 128] = { DECT_DISPLAY_CLEAR };
	size_t n = strnlen(text, 128);

	memcpy(value + 1, text, n);
	dect_put(w, DECT_IE_MULTI_DISPLAY, value, 1 + n);
}

/*
 * Octet 3: 1|negotiation indicator|0000.  Then for each codec: 0|codec,
 * 0|000|MAC and DLC service, last|C-plane routing|slot (7.7.54).
 */
#define NEGOTIATION 0x90
#define SLOT_LONG_640 1
#define SLOT_FULL 4

void dect_put_codecs(struct dect_writer *w, bool wideband)
{
	static const uint8_t both[] = {
		NEGOTIATION,	  DECT_CODEC_G722, 0,
		SLOT_LONG_640,	  DECT_CODEC_G726, 0,
		0x80 | SLOT_FULL,
	};
	static const uint8_t narrow[] = {
		NEGOTIATION,
		DECT_CODEC_G726,
		0,
		0x80 | SLOT_FULL,
	};

	if (wideband)
		dect_put(w, DECT_IE_CODEC_LIST, both, sizeof(both));
	else
		dect_put(w, DECT_IE_CODEC_LIST, narrow, sizeof(narrow));
}

int dect_get_codecs(const struct dect_ie *ie, bool *ret_wideband)
{
	bool wideband = false;

	if (!ie)
		return -ENOENT;
	if (ie->n < 4 || (ie->n - 1) % 3 != 0)
		return -EPROTO;
	for (size_t at = 1; at < ie->n; at += 3)
		wideband |= (ie->data[at] & 0x7F) == DECT_CODEC_G722;
	*ret_wideband = wideband;
	return 0;
}

/* Octet 3: 1|tones 1|display 4: full display (7.7.41, in part). */
void dect_put_terminal_capability(struct dect_writer *w)
{
	static const uint8_t value[1] = { 0x80 | 1 << 4 | 4 };

	dect_put(w, DECT_IE_TERMINAL_CAPABILITY, value, sizeof(value));
}

void dect_put_model(struct dect_writer *w, const struct dect_model *model)
{
	uint8_t value[3] = { model->emc >> 8, model->emc & 0xFF, model->model };

	dect_put(w, DECT_IE_MODEL, value, sizeof(value));
}

int dect_get_model(const struct dect_ie *ie, struct dect_model *ret_model)
{
	if (!ie)
		return -ENOENT;
	if (ie->n != 3)
		return -EPROTO;
	ret_model->emc = (uint16_t)(ie->data[0] << 8 | ie->data[1]);
	ret_model->model = ie->data[2];
	return 0;
}

void dect_put_reject_reason(struct dect_writer *w, uint8_t reason)
{
	dect_put(w, DECT_IE_REJECT_REASON, &reason, 1);
}

/* ---- lamps ---- */

/* 7 bits an octet, the most significant first, bit 8 on the last. */
static size_t put_groups(uint8_t *value, uint32_t number)
{
	size_t n = 1;

	for (uint32_t rest = number >> 7; rest; rest >>= 7)
		n++;
	for (size_t i = 0; i < n; i++)
		value[i] = number >> (7 * (n - 1 - i)) & 0x7F;
	value[n - 1] |= 0x80;
	return n;
}

static int get_groups(const struct dect_ie *ie, size_t *at, uint32_t *ret)
{
	uint32_t number = 0;

	for (int i = 0; i < 4; i++) {
		if (*at == ie->n)
			return -EPROTO;
		number = number << 7 | (ie->data[*at] & 0x7F);
		if (ie->data[(*at)++] & 0x80) {
			*ret = number;
			return 0;
		}
	}
	return -EPROTO;
}

/* Type (bit 8: no sub-type follows), 1|sub-type, count (7.7.55). */
void dect_put_events(struct dect_writer *w, const struct dect_notice *notices,
		     size_t n)
{
	uint8_t value[8 * 7];
	size_t at = 0;

	w->bad |= n > 8;
	for (size_t i = 0; i < n && !w->bad; i++) {
		value[at++] = notices[i].type & 0x7F;
		value[at++] = 0x80 | notices[i].sub_type;
		at += put_groups(value + at, notices[i].count & 0xFFFFFFF);
	}
	dect_put(w, DECT_IE_EVENTS, value, at);
}

int dect_get_events(const struct dect_ie *ie, struct dect_notice *ret_notices,
		    size_t size)
{
	size_t at = 0;
	size_t n = 0;

	if (!ie)
		return -ENOENT;
	while (at < ie->n && n < size) {
		struct dect_notice notice = { .type = ie->data[at] & 0x7F };

		if (!(ie->data[at++] & 0x80)) {
			if (at == ie->n || !(ie->data[at] & 0x80))
				return -EPROTO;
			notice.sub_type = ie->data[at++] & 0x7F;
		}
		if (get_groups(ie, &at, &notice.count) < 0)
			return -EPROTO;
		ret_notices[n++] = notice;
	}
	return (int)n;
}

/* Identifier type, sub-type, value: call id (1, 0), status (2, 1); 7.7.56. */
void dect_put_call_status(struct dect_writer *w, uint8_t call,
			  enum dect_call_status status)
{
	uint8_t value[6] = { 1, 0, 0x80 | (call & 0x7F), 2, 1, 0x80 | status };

	dect_put(w, DECT_IE_CALL_INFORMATION, value, sizeof(value));
}

int dect_get_call_status(const struct dect_ie *ie, uint8_t *ret_status)
{
	size_t at = 0;

	if (!ie)
		return -ENOENT;
	while (at + 2 < ie->n) {
		uint8_t type = ie->data[at];
		uint8_t sub_type = ie->data[at + 1] & 0x7F;
		uint32_t value;

		at += 2;
		if (get_groups(ie, &at, &value) < 0)
			return -EPROTO;
		if (type == 2 && sub_type == 1) {
			*ret_status = (uint8_t)value;
			return 0;
		}
	}
	return -ENOENT;
}

/* ---- time ---- */

static uint8_t bcd(int value)
{
	return value / 10 << 4 | value % 10;
}

static int unbcd(uint8_t octet)
{
	if ((octet >> 4) > 9 || (octet & 0x0F) > 9)
		return -1;
	return (octet >> 4) * 10 + (octet & 0x0F);
}

#define TIME_BOTH 0xC0 /* octet 3: date and time, of now */
#define ZONE_NEGATIVE 0x80
#define ZONE_MAX 56 /* 14 hours */

/*
 * Local time; the zone in quarters of an hour, BCD, its sign in bit 8
 * (7.7.50; the place of the sign is own knowledge).
 */
void dect_put_time(struct dect_writer *w, int64_t unix_s, int zone_quarters)
{
	time_t local = unix_s + zone_quarters * 900;
	int zone = zone_quarters < 0 ? -zone_quarters : zone_quarters;
	struct tm tm;
	uint8_t value[8];

	if (zone > ZONE_MAX || !gmtime_r(&local, &tm) || tm.tm_year < 100) {
		w->bad = true;
		return;
	}
	value[0] = TIME_BOTH;
	value[1] = bcd(tm.tm_year % 100);
	value[2] = bcd(tm.tm_mon + 1);
	value[3] = bcd(tm.tm_mday);
	value[4] = bcd(tm.tm_hour);
	value[5] = bcd(tm.tm_min);
	value[6] = bcd(tm.tm_sec > 59 ? 59 : tm.tm_sec);
	value[7] = bcd(zone) | (zone_quarters < 0 ? ZONE_NEGATIVE : 0);
	dect_put(w, DECT_IE_TIME_DATE, value, sizeof(value));
}

int dect_get_time(const struct dect_ie *ie, int64_t *ret_unix_s,
		  int *ret_zone_quarters)
{
	struct tm tm = { 0 };
	int field[7];

	if (!ie)
		return -ENOENT;
	if (ie->n != 8 || ie->data[0] != TIME_BOTH)
		return -EPROTO;
	for (int i = 0; i < 7; i++) {
		uint8_t octet = ie->data[1 + i];

		field[i] = unbcd(i == 6 ? octet & 0x7F : octet);
		if (field[i] < 0)
			return -EPROTO;
	}
	if (field[1] < 1 || field[1] > 12 || field[2] < 1 || field[2] > 31 ||
	    field[3] > 23 || field[4] > 59 || field[5] > 59 ||
	    field[6] > ZONE_MAX)
		return -EPROTO;
	tm.tm_year = field[0] + 100; /* of the century that began in 2000 */
	tm.tm_mon = field[1] - 1;
	tm.tm_mday = field[2];
	tm.tm_hour = field[3];
	tm.tm_min = field[4];
	tm.tm_sec = field[5];
	*ret_zone_quarters = ie->data[7] & ZONE_NEGATIVE ? -field[6] : field[6];
	*ret_unix_s = timegm(&tm) - *ret_zone_quarters * 900;
	return 0;
}

/* ---- our own ---- */

#define DESCRIPTOR_EMC 0x81 /* 7.7.45: a maker's code follows */

void dect_own_add(struct dect_own *own, enum dect_own_tag tag,
		  const void *value, size_t n)
{
	if (n + 2 > sizeof(own->data) - own->n)
		return;
	own->data[own->n++] = tag;
	own->data[own->n++] = (uint8_t)n;
	memcpy(own->data + own->n, value, n);
	own->n += n;
}

void dect_put_own(struct dect_writer *w, const struct dect_own *own)
{
	uint8_t value[3 + sizeof(own->data)] = { DESCRIPTOR_EMC,
						 DECT_OWN_EMC >> 8,
						 DECT_OWN_EMC & 0xFF };

	memcpy(value + 3, own->data, own->n);
	dect_put(w, DECT_IE_PROPRIETARY, value, 3 + own->n);
}

const uint8_t *dect_find_own(const struct dect_msg *msg, enum dect_own_tag tag,
			     size_t *ret_n)
{
	const struct dect_ie *ie = dect_msg_find(msg, DECT_IE_PROPRIETARY);
	size_t at = 3;

	if (!ie || ie->n < 3 || ie->data[0] != DESCRIPTOR_EMC ||
	    (ie->data[1] << 8 | ie->data[2]) != DECT_OWN_EMC)
		return NULL;
	while (at + 2 <= ie->n) {
		size_t n = ie->data[at + 1];

		if (n > ie->n - at - 2)
			return NULL;
		if (ie->data[at] == tag) {
			*ret_n = n;
			return ie->data + at + 2;
		}
		at += 2 + n;
	}
	return NULL;
}

void dect_text(char *ret_text, size_t size, const void *data, size_t n)
{
	if (n >= size)
		n = size - 1;
	if (n > 0)
		memcpy(ret_text, data, n);
	ret_text[n] = '\0';
}
