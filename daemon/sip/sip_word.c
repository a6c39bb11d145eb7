/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sip_word.c - see sip_word.h */
#include "sip_word.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const char *const methods[SIP_M_COUNT] = {
	[SIP_M_INVITE] = "INVITE",     [SIP_M_ACK] = "ACK",
	[SIP_M_BYE] = "BYE",	       [SIP_M_CANCEL] = "CANCEL",
	[SIP_M_REGISTER] = "REGISTER", [SIP_M_OPTIONS] = "OPTIONS",
	[SIP_M_INFO] = "INFO",	       [SIP_M_PRACK] = "PRACK",
	[SIP_M_UPDATE] = "UPDATE",     [SIP_M_SUBSCRIBE] = "SUBSCRIBE",
	[SIP_M_NOTIFY] = "NOTIFY",     [SIP_M_REFER] = "REFER",
	[SIP_M_MESSAGE] = "MESSAGE",   [SIP_M_PUBLISH] = "PUBLISH",
};

enum sip_method sip_method_of(struct span text)
{
	for (enum sip_method m = SIP_M_OTHER + 1; m < SIP_M_COUNT; m++) {
		if (text.n && text.p[0] == methods[m][0] &&
		    span_is(text, methods[m]))
			return m;
	}
	return SIP_M_OTHER;
}

const char *sip_method_name(enum sip_method method)
{
	return methods[method];
}

static const char *const names[SIP_H_COUNT] = {
	[SIP_H_VIA] = "Via",
	[SIP_H_FROM] = "From",
	[SIP_H_TO] = "To",
	[SIP_H_CALL_ID] = "Call-ID",
	[SIP_H_CSEQ] = "CSeq",
	[SIP_H_MAX_FORWARDS] = "Max-Forwards",
	[SIP_H_CONTACT] = "Contact",
	[SIP_H_CONTENT_LENGTH] = "Content-Length",
	[SIP_H_CONTENT_TYPE] = "Content-Type",
	[SIP_H_CONTENT_ENCODING] = "Content-Encoding",
	[SIP_H_CONTENT_DISPOSITION] = "Content-Disposition",
	[SIP_H_ROUTE] = "Route",
	[SIP_H_RECORD_ROUTE] = "Record-Route",
	[SIP_H_EXPIRES] = "Expires",
	[SIP_H_MIN_EXPIRES] = "Min-Expires",
	[SIP_H_REQUIRE] = "Require",
	[SIP_H_PROXY_REQUIRE] = "Proxy-Require",
	[SIP_H_SUPPORTED] = "Supported",
	[SIP_H_UNSUPPORTED] = "Unsupported",
	[SIP_H_ALLOW] = "Allow",
	[SIP_H_ACCEPT] = "Accept",
	[SIP_H_SESSION_EXPIRES] = "Session-Expires",
	[SIP_H_MIN_SE] = "Min-SE",
	[SIP_H_RETRY_AFTER] = "Retry-After",
	[SIP_H_REASON] = "Reason",
	[SIP_H_AUTHORIZATION] = "Authorization",
	[SIP_H_PROXY_AUTHORIZATION] = "Proxy-Authorization",
	[SIP_H_WWW_AUTHENTICATE] = "WWW-Authenticate",
	[SIP_H_PROXY_AUTHENTICATE] = "Proxy-Authenticate",
	[SIP_H_USER_AGENT] = "User-Agent",
	[SIP_H_SERVER] = "Server",
	[SIP_H_EVENT] = "Event",
	[SIP_H_ALLOW_EVENTS] = "Allow-Events",
	[SIP_H_SUBSCRIPTION_STATE] = "Subscription-State",
	[SIP_H_REFER_TO] = "Refer-To",
	[SIP_H_REFERRED_BY] = "Referred-By",
	[SIP_H_REFER_SUB] = "Refer-Sub",
	[SIP_H_REPLACES] = "Replaces",
	[SIP_H_TARGET_DIALOG] = "Target-Dialog",
	[SIP_H_RSEQ] = "RSeq",
	[SIP_H_RACK] = "RAck",
	[SIP_H_P_ASSERTED_IDENTITY] = "P-Asserted-Identity",
	[SIP_H_PRIVACY] = "Privacy",
	[SIP_H_WARNING] = "Warning",
	[SIP_H_PATH] = "Path",
};

/* The compact forms: RFC 3261, 7.3.3; 3515; 3892; 4028; 6665. */
static const enum sip_header_id compact['z' - 'a' + 1] = {
	['b' - 'a'] = SIP_H_REFERRED_BY,
	['c' - 'a'] = SIP_H_CONTENT_TYPE,
	['e' - 'a'] = SIP_H_CONTENT_ENCODING,
	['f' - 'a'] = SIP_H_FROM,
	['i' - 'a'] = SIP_H_CALL_ID,
	['k' - 'a'] = SIP_H_SUPPORTED,
	['l' - 'a'] = SIP_H_CONTENT_LENGTH,
	['m' - 'a'] = SIP_H_CONTACT,
	['o' - 'a'] = SIP_H_EVENT,
	['r' - 'a'] = SIP_H_REFER_TO,
	['t' - 'a'] = SIP_H_TO,
	['u' - 'a'] = SIP_H_ALLOW_EVENTS,
	['v' - 'a'] = SIP_H_VIA,
	['x' - 'a'] = SIP_H_SESSION_EXPIRES,
};

/* Which names have so many letters: the few that a name is compared with.
 * A test sees to it that none is missing. */
static const enum sip_header_id by_length[][8] = {
	[2] = { SIP_H_TO },
	[3] = { SIP_H_VIA },
	[4] = { SIP_H_FROM, SIP_H_CSEQ, SIP_H_PATH, SIP_H_RSEQ, SIP_H_RACK },
	[5] = { SIP_H_ALLOW, SIP_H_ROUTE, SIP_H_EVENT },
	[6] = { SIP_H_MIN_SE, SIP_H_ACCEPT, SIP_H_REASON, SIP_H_SERVER },
	[7] = { SIP_H_CONTACT, SIP_H_CALL_ID, SIP_H_EXPIRES, SIP_H_REQUIRE,
		SIP_H_PRIVACY, SIP_H_WARNING },
	[8] = { SIP_H_REFER_TO, SIP_H_REPLACES },
	[9] = { SIP_H_SUPPORTED, SIP_H_REFER_SUB },
	[10] = { SIP_H_USER_AGENT },
	[11] = { SIP_H_MIN_EXPIRES, SIP_H_UNSUPPORTED, SIP_H_RETRY_AFTER,
		 SIP_H_REFERRED_BY },
	[12] = { SIP_H_MAX_FORWARDS, SIP_H_CONTENT_TYPE, SIP_H_RECORD_ROUTE,
		 SIP_H_ALLOW_EVENTS },
	[13] = { SIP_H_AUTHORIZATION, SIP_H_PROXY_REQUIRE,
		 SIP_H_TARGET_DIALOG },
	[14] = { SIP_H_CONTENT_LENGTH },
	[15] = { SIP_H_SESSION_EXPIRES },
	[16] = { SIP_H_CONTENT_ENCODING, SIP_H_WWW_AUTHENTICATE },
	[18] = { SIP_H_PROXY_AUTHENTICATE, SIP_H_SUBSCRIPTION_STATE },
	[19] = { SIP_H_CONTENT_DISPOSITION, SIP_H_PROXY_AUTHORIZATION,
		 SIP_H_P_ASSERTED_IDENTITY },
};

enum sip_header_id sip_header_of(struct span name)
{
	if (name.n == 1) {
		unsigned int letter = (name.p[0] | 0x20) - 'a';

		return letter < ARRAY_LEN(compact) ? compact[letter]
						   : SIP_H_OTHER;
	}
	if (name.n >= ARRAY_LEN(by_length))
		return SIP_H_OTHER;
	for (const enum sip_header_id *id = by_length[name.n]; *id; id++) {
		const char *known = names[*id];

		if ((name.p[0] | 0x20) == (known[0] | 0x20) &&
		    strncasecmp(name.p, known, name.n) == 0)
			return *id;
	}
	return SIP_H_OTHER;
}

const char *sip_header_name(enum sip_header_id id)
{
	return names[id];
}

static const struct {
	unsigned int status;
	const char *phrase;
} phrases[] = {
	{ 100, "Trying" },
	{ 180, "Ringing" },
	{ 181, "Call Is Being Forwarded" },
	{ 182, "Queued" },
	{ 183, "Session Progress" },
	{ 200, "OK" },
	{ 202, "Accepted" },
	{ 300, "Multiple Choices" },
	{ 301, "Moved Permanently" },
	{ 302, "Moved Temporarily" },
	{ 305, "Use Proxy" },
	{ 380, "Alternative Service" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" },
	{ 410, "Gone" },
	{ 412, "Conditional Request Failed" },
	{ 413, "Request Entity Too Large" },
	{ 414, "Request-URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Unsupported URI Scheme" },
	{ 420, "Bad Extension" },
	{ 421, "Extension Required" },
	{ 422, "Session Interval Too Small" },
	{ 423, "Interval Too Brief" },
	{ 480, "Temporarily Unavailable" },
	{ 481, "Call/Transaction Does Not Exist" },
	{ 482, "Loop Detected" },
	{ 483, "Too Many Hops" },
	{ 484, "Address Incomplete" },
	{ 485, "Ambiguous" },
	{ 486, "Busy Here" },
	{ 487, "Request Terminated" },
	{ 488, "Not Acceptable Here" },
	{ 489, "Bad Event" },
	{ 491, "Request Pending" },
	{ 493, "Undecipherable" },
	{ 500, "Server Internal Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Server Time-out" },
	{ 505, "Version Not Supported" },
	{ 513, "Message Too Large" },
	{ 580, "Precondition Failure" },
	{ 600, "Busy Everywhere" },
	{ 603, "Decline" },
	{ 604, "Does Not Exist Anywhere" },
	{ 606, "Not Acceptable" },
};

const char *sip_reason_phrase(unsigned int status)
{
	static const char *const classes[] = {
		"Unknown",
		"Progress",
		"OK",
		"Redirected",
		"Refused",
		"Server Error",
		"Refused Everywhere",
	};

	for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
		if (phrases[i].status == status)
			return phrases[i].phrase;
	}
	return classes[status / 100 < ARRAY_LEN(classes) ? status / 100 : 0];
}
