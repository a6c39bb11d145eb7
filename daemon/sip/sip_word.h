/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_word.h - the words of SIP that we know: methods, headers, phrases
 *
 * Methods are told by their exact text (RFC 3261, 7.1), header names by
 * their whole text without regard to case, long or compact (7.3.3).
 */
#pragma once

#include "span.h"

enum sip_method {
	SIP_M_OTHER, /* see the text */
	SIP_M_INVITE,
	SIP_M_ACK,
	SIP_M_BYE,
	SIP_M_CANCEL,
	SIP_M_REGISTER,
	SIP_M_OPTIONS,
	SIP_M_INFO,
	SIP_M_PRACK,
	SIP_M_UPDATE,
	SIP_M_SUBSCRIBE,
	SIP_M_NOTIFY,
	SIP_M_REFER,
	SIP_M_MESSAGE,
	SIP_M_PUBLISH,
	SIP_M_COUNT
};

enum sip_method sip_method_of(struct span text);
const char *sip_method_name(enum sip_method method); /* not of OTHER */

enum sip_header_id {
	SIP_H_OTHER, /* see the name */
	SIP_H_VIA,
	SIP_H_FROM,
	SIP_H_TO,
	SIP_H_CALL_ID,
	SIP_H_CSEQ,
	SIP_H_MAX_FORWARDS,
	SIP_H_CONTACT,
	SIP_H_CONTENT_LENGTH,
	SIP_H_CONTENT_TYPE,
	SIP_H_CONTENT_ENCODING,
	SIP_H_CONTENT_DISPOSITION,
	SIP_H_ROUTE,
	SIP_H_RECORD_ROUTE,
	SIP_H_EXPIRES,
	SIP_H_MIN_EXPIRES,
	SIP_H_REQUIRE,
	SIP_H_PROXY_REQUIRE,
	SIP_H_SUPPORTED,
	SIP_H_UNSUPPORTED,
	SIP_H_ALLOW,
	SIP_H_ACCEPT,
	SIP_H_SESSION_EXPIRES,
	SIP_H_MIN_SE,
	SIP_H_RETRY_AFTER,
	SIP_H_REASON,
	SIP_H_AUTHORIZATION,
	SIP_H_PROXY_AUTHORIZATION,
	SIP_H_WWW_AUTHENTICATE,
	SIP_H_PROXY_AUTHENTICATE,
	SIP_H_USER_AGENT,
	SIP_H_SERVER,
	SIP_H_EVENT,
	SIP_H_ALLOW_EVENTS,
	SIP_H_SUBSCRIPTION_STATE,
	SIP_H_REFER_TO,
	SIP_H_REFERRED_BY,
	SIP_H_REFER_SUB,
	SIP_H_REPLACES,
	SIP_H_TARGET_DIALOG,
	SIP_H_RSEQ,
	SIP_H_RACK,
	SIP_H_P_ASSERTED_IDENTITY,
	SIP_H_PRIVACY,
	SIP_H_WARNING,
	SIP_H_PATH,
	SIP_H_COUNT
};

enum sip_header_id sip_header_of(struct span name);
const char *sip_header_name(enum sip_header_id id); /* the long form */

/* The usual phrase of a status (RFC 3261, 21); never NULL. */
const char *sip_reason_phrase(unsigned int status);
