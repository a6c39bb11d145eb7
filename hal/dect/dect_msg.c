/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dect_msg.c - see dect_msg.h */
#include "dect_msg.h"

#include <errno.h>
#include <string.h>

#define TV_EXTENDED 7

static bool is_double(uint8_t id)
{
	return (id & 0xF0) == 0xE0;
}

static bool is_single(uint8_t id)
{
	return (id & 0x80) && !is_double(id);
}

int dect_msg_parse(struct dect_msg *ret_msg, const uint8_t *data, size_t len)
{
	struct dect_msg msg = { 0 };
	size_t at = 2;

	if (len < 2)
		return -EPROTO;
	msg.reply = data[0] & 0x80;
	msg.tv = data[0] >> 4 & 7;
	msg.pd = data[0] & 0x0F;
	msg.type = data[1];
	if (msg.tv == TV_EXTENDED)
		return -EPROTO;
	while (at < len) {
		struct dect_ie ie = { .id = data[at++] };

		if (is_double(ie.id)) {
			ie.n = 1;
		} else if (!is_single(ie.id)) {
			if (at == len)
				return -EPROTO;
			ie.n = data[at++];
		}
		if (ie.n > len - at || msg.n == DECT_IES_MAX)
			return -EPROTO;
		ie.data = data + at;
		at += ie.n;
		msg.ie[msg.n++] = ie;
	}
	*ret_msg = msg;
	return 0;
}

const struct dect_ie *dect_msg_find(const struct dect_msg *msg, uint8_t id)
{
	for (size_t i = 0; i < msg->n; i++) {
		if (msg->ie[i].id == id)
			return &msg->ie[i];
	}
	return NULL;
}

const char *dect_msg_name(uint8_t pd, uint8_t type)
{
	static const struct {
		uint8_t pd, type;
		const char *name;
	} names[] = {
		{ DECT_LCE, DECT_LCE_PAGE_RESPONSE, "LCE PAGE-RESPONSE" },
		{ DECT_LCE, DECT_LCE_PAGE_REJECT, "LCE PAGE-REJECT" },
		{ DECT_CC, DECT_CC_ALERTING, "CC ALERTING" },
		{ DECT_CC, DECT_CC_CALL_PROC, "CC CALL-PROC" },
		{ DECT_CC, DECT_CC_SETUP, "CC SETUP" },
		{ DECT_CC, DECT_CC_CONNECT, "CC CONNECT" },
		{ DECT_CC, DECT_CC_SETUP_ACK, "CC SETUP-ACK" },
		{ DECT_CC, DECT_CC_CONNECT_ACK, "CC CONNECT-ACK" },
		{ DECT_CC, DECT_CC_SERVICE_CHANGE, "CC SERVICE-CHANGE" },
		{ DECT_CC, DECT_CC_SERVICE_ACCEPT, "CC SERVICE-ACCEPT" },
		{ DECT_CC, DECT_CC_SERVICE_REJECT, "CC SERVICE-REJECT" },
		{ DECT_CC, DECT_CC_RELEASE, "CC RELEASE" },
		{ DECT_CC, DECT_CC_RELEASE_COM, "CC RELEASE-COM" },
		{ DECT_CC, DECT_CC_IWU_INFO, "CC IWU-INFO" },
		{ DECT_CC, DECT_CC_NOTIFY, "CC NOTIFY" },
		{ DECT_CC, DECT_CC_INFO, "CC INFO" },
		{ DECT_CISS, DECT_CISS_RELEASE_COM, "CISS RELEASE-COM" },
		{ DECT_CISS, DECT_CISS_FACILITY, "CISS FACILITY" },
		{ DECT_CISS, DECT_CISS_REGISTER, "CISS REGISTER" },
		{ DECT_MM, DECT_MM_AUTH_REQUEST, "MM AUTH-REQUEST" },
		{ DECT_MM, DECT_MM_AUTH_REPLY, "MM AUTH-REPLY" },
		{ DECT_MM, DECT_MM_KEY_ALLOCATE, "MM KEY-ALLOCATE" },
		{ DECT_MM, DECT_MM_AUTH_REJECT, "MM AUTH-REJECT" },
		{ DECT_MM, DECT_MM_ACCESS_RIGHTS_REQUEST,
		  "MM ACCESS-RIGHTS-REQUEST" },
		{ DECT_MM, DECT_MM_ACCESS_RIGHTS_ACCEPT,
		  "MM ACCESS-RIGHTS-ACCEPT" },
		{ DECT_MM, DECT_MM_ACCESS_RIGHTS_REJECT,
		  "MM ACCESS-RIGHTS-REJECT" },
		{ DECT_MM, DECT_MM_TERMINATE_REQUEST, "MM TERMINATE-REQUEST" },
		{ DECT_MM, DECT_MM_TERMINATE_ACCEPT, "MM TERMINATE-ACCEPT" },
		{ DECT_MM, DECT_MM_TERMINATE_REJECT, "MM TERMINATE-REJECT" },
		{ DECT_MM, DECT_MM_LOCATE_REQUEST, "MM LOCATE-REQUEST" },
		{ DECT_MM, DECT_MM_LOCATE_ACCEPT, "MM LOCATE-ACCEPT" },
		{ DECT_MM, DECT_MM_DETACH, "MM DETACH" },
		{ DECT_MM, DECT_MM_LOCATE_REJECT, "MM LOCATE-REJECT" },
		{ DECT_MM, DECT_MM_IDENTITY_REQUEST, "MM IDENTITY-REQUEST" },
		{ DECT_MM, DECT_MM_IDENTITY_REPLY, "MM IDENTITY-REPLY" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].pd == pd && names[i].type == type)
			return names[i].name;
	}
	return "?";
}

static void octet(struct dect_writer *w, uint8_t value)
{
	if (w->len == sizeof(w->buf))
		w->bad = true;
	else
		w->buf[w->len++] = value;
}

void dect_begin(struct dect_writer *w, uint8_t pd, uint8_t tv, bool reply,
		uint8_t type)
{
	w->len = 0;
	w->bad = tv > DECT_TV_MAX;
	octet(w, (reply ? 0x80 : 0) | (tv & 7) << 4 | (pd & 0x0F));
	octet(w, type);
}

void dect_put_single(struct dect_writer *w, uint8_t id)
{
	w->bad |= !is_single(id);
	octet(w, id);
}

void dect_put_double(struct dect_writer *w, uint8_t id, uint8_t value)
{
	w->bad |= !is_double(id);
	octet(w, id);
	octet(w, value);
}

void dect_put(struct dect_writer *w, uint8_t id, const void *data, size_t n)
{
	w->bad |=
		(id & 0x80) || n > UINT8_MAX || n + 2 > sizeof(w->buf) - w->len;
	if (w->bad)
		return;
	octet(w, id);
	octet(w, n);
	if (n > 0)
		memcpy(w->buf + w->len, data, n);
	w->len += n;
}
