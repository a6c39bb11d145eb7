/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip.h - a SIP element without a socket, a clock or an opinion
 *
 *     datagram, time -->  sip_rx()          -->  sip_next_packet()  bytes to send
 *     wish, time     -->  sip_invite() ...  -->  sip_next_event()   what happened
 *     time           -->  sip_tick()        -->  sip_next_ms()      when to come back
 *
 * RFC 3261 transactions (with RFC 6026), dialogs, registrar with digest
 * (RFC 2617, 8760), UPDATE (3311), session timers (4028), rport (3581), REFER
 * (3515, 4488, 4538) and Replaces (3891), privacy (3323, 3325).
 * It is the user agent on both sides of the gateway: the one in the middle,
 * who decides, is the caller of these functions.
 *
 * Legs are named by ids: those that come in by this file (with the tag given
 * in the configuration), those that go out by the caller.  A wish for a leg
 * that is gone is ignored: its SIP_EV_RELEASED is on the way or has been read.
 */
#pragma once

#include <netinet/in.h>
#include <stdint.h>

#include "span.h"

struct sip;

enum sip_transport { SIP_UDP, SIP_TCP, SIP_TLS };

/* One end of the wire.  Equal addresses compare equal with memcmp(). */
struct sip_addr {
	uint8_t transport; /* enum sip_transport */
	uint8_t family;	   /* AF_INET or AF_INET6 */
	uint16_t port;	   /* host byte order */
	uint32_t conn;	   /* TCP: the connection's id; 0: any, or a new one */
	uint32_t scope;	   /* IPv6 link-local scope id */
	uint8_t ip[16];	   /* IPv4 in the first four */
};

#define SIP_ADDR_TEXT 80
/* "udp:192.0.2.7:5060", "tcp:[2001:db8::7]:5060"; returns @buf. */
const char *sip_addr_print(const struct sip_addr *addr, char buf[SIP_ADDR_TEXT]);
int sip_addr_parse(struct sip_addr *ret_addr, const char *text);

struct sip_limits {
	size_t transactions;	    /* 0: 20000 */
	size_t transactions_source; /* 0: 2000, live server ones of one address */
	size_t legs;		    /* 0: 4000 */
	size_t message_bytes;	    /* 0: 16384 */
	size_t bindings;	    /* 0: 4000 */
	size_t subscriptions;	    /* 0: 4000 */
	size_t subscriptions_user;  /* 0: 250, of one who watches */
	size_t subscriptions_target; /* 0: 500, of one who is watched */
};

struct sip_config {
	const char *domain;	/* "example.test" */
	const char *realm;
	const char *user_agent; /* Server and User-Agent */
	uint64_t leg_tag;	/* or-ed into the ids of incoming legs */
	uint64_t seed;		/* for tags, branches, nonces: secret, random */
	uint32_t expires_min_s, expires_max_s, expires_default_s; /* 0: 60, 3600, 3600 */
	uint32_t nonce_life_s;	/* 0: 300 */
	bool md5_first; /* challenges: for phones that see the first alone */
	bool md5_only;	/* for those that fail at an algorithm unknown to them */
	uint32_t session_expires_s; /* 0: 1800 */
	struct sip_limits limits;
};

/* @local: an address this element is reached at, one a listener. */
struct sip *sip_new(void *ctx, const struct sip_config *config);
void sip_free(struct sip *sip);
int sip_add_local(struct sip *sip, const struct sip_addr *local);
const char *sip_domain(const struct sip *sip);

/* ---- bytes ---- */

struct sip_packet {
	struct sip_addr local; /* which listener sends it */
	struct sip_addr to;
	const uint8_t *data; /* until the next call of any sip_ function */
	size_t len;
};

/* One datagram, or one message that sip_frame() cut out of a stream. */
void sip_rx(struct sip *sip, int64_t now_ms, const struct sip_addr *local,
	    const struct sip_addr *from, const uint8_t *data, size_t len);
bool sip_next_packet(struct sip *sip, struct sip_packet *ret_packet);

/* A packet could not be sent, or its connection broke. */
void sip_unreachable(struct sip *sip, int64_t now_ms, const struct sip_addr *to);

/* Length of the first whole message in a stream (RFC 3261, 18.3): 0 more
 * bytes are needed, -EPROTO no message will come of it, -EMSGSIZE too long.
 * Leading CRLFs count into the length; CRLFs alone are a keep-alive, and whole
 * (RFC 5626, 3.5.1): sip_rx() answers it. */
ssize_t sip_frame(const uint8_t *data, size_t len, size_t max);

/* ---- time ---- */

void sip_tick(struct sip *sip, int64_t now_ms);
int64_t sip_next_ms(const struct sip *sip); /* INT64_MAX: nothing pending */

/* ---- what happened ---- */

enum sip_event_type {
	SIP_EV_SETUP,	     /* INVITE of an authenticated user */
	SIP_EV_ALERTING,     /* 180 or 183; body: its SDP or none */
	SIP_EV_ANSWERED,     /* 2xx; body: answer, or offer after a late offer */
	SIP_EV_RELEASED,     /* exactly once a leg, its last */
	SIP_EV_OFFER,	     /* re-INVITE or UPDATE; body may be empty */
	SIP_EV_OFFER_RESULT, /* of sip_offer(): status and body */
	SIP_EV_ACK,	     /* body: the answer in the ACK to a late offer */
	SIP_EV_INFO,	     /* answered 200 already */
	SIP_EV_REFER,	     /* answered by sip_refer_result() */
	SIP_EV_REGISTER,     /* new or moved binding, to be stored first */
	SIP_EV_UNREGISTERED, /* binding removed by the phone, or expired */
	SIP_EV_SUBSCRIBE,    /* to be answered by sip_subscribe_result() */
	SIP_EV_DOCUMENT,     /* to be followed by sip_notify() */
	SIP_EV_UNSUBSCRIBED, /* a subscription is over, its last */
	SIP_EV_NOTIFY,	     /* told unasked; answered 200 already */
};

enum sip_how { SIP_REINVITE, SIP_UPDATE };

/* Why a leg was released, when no SIP status of the far end says it. */
enum sip_end {
	SIP_END_STATUS,	   /* the far end's final status */
	SIP_END_BYE,	   /* it hung up */
	SIP_END_CANCEL,	   /* the caller gave up */
	SIP_END_LOCAL,	   /* we asked, and it is done */
	SIP_END_TIMEOUT,   /* no answer to a request, no ACK, no refresh */
	SIP_END_TRANSPORT, /* not deliverable */
	SIP_END_OVERLOAD,  /* a limit of ours */
};

struct sip_event {
	enum sip_event_type type;
	uint64_t leg;
	struct span user;    /* SETUP, REGISTER, UNREGISTERED: whose */
	struct span target;  /* SETUP: user part of the request URI, unescaped;
			      * REFER: that of Refer-To */
	bool target_foreign; /* SETUP: host is neither our domain nor address */
	uint64_t replaces;   /* SETUP, REFER: the leg whose place is wanted, or
			      * 0; REFER: the target is of no use then */
	bool anonymous;	     /* SETUP: the caller asks not to be shown */
	unsigned int max_forwards;
	struct span body;    /* SDP, INFO's body; until the next sip_ call */
	struct span content_type;
	unsigned int status; /* RELEASED, OFFER_RESULT */
	enum sip_end end;
	enum sip_how how;
	/* REGISTER */
	uint64_t reg;	     /* to be answered by sip_register_done() */
	struct span contact; /* the URI as the phone wrote it */
	struct span user_agent;
	struct sip_addr source;
	uint32_t expires_s;
	/* SUBSCRIBE, DOCUMENT, UNSUBSCRIBED, NOTIFY */
	uint64_t sub;
	unsigned int package; /* its place among sip_set_packages() */
};

bool sip_next_event(struct sip *sip, struct sip_event *ret_event);

/* ---- users and bindings ---- */

/* HA1s in lower-case hexadecimal; replaces what was known of @user.
 * The strings are copied; they never reach a log. */
int sip_user_set(struct sip *sip, const char *user, const char *ha1_md5,
		 const char *ha1_sha256);
void sip_user_remove(struct sip *sip, int64_t now_ms, const char *user);

/* H(user:realm:password) in hexadecimal (RFC 7616, 3.4.2). */
void sip_ha1(const char *user, const char *realm, const char *password,
	     char ret_md5[33], char ret_sha256[65]);

void sip_register_done(struct sip *sip, int64_t now_ms, uint64_t reg, bool ok);
int sip_binding_restore(struct sip *sip, int64_t now_ms, const char *user,
			const char *contact, const struct sip_addr *source,
			uint32_t expires_s);
void sip_binding_remove(struct sip *sip, int64_t now_ms, const char *user);

/* ---- subscriptions (RFC 6665) ---- */

/*
 *   SUBSCRIBE --> SIP_EV_SUBSCRIBE   user, target, package, body
 *                 sip_subscribe_result()
 *   sip_touch() > SIP_EV_DOCUMENT
 *                 sip_notify()       --> NOTIFY
 *
 * The element knows how a subscription lives and nothing of what it is about:
 * documents come from outside, when it asks for one.  It asks after each
 * SUBSCRIBE that was granted, first or refresh, and after sip_touch(); but as
 * long as a NOTIFY is unanswered it does not, so that all that changes
 * meanwhile is told by one document.  A SUBSCRIBE that only ends or only
 * fetches is asked, granted and given its document like any other.
 *
 * SIP_EV_UNSUBSCRIBED is a subscription's last, and says that it ended by the
 * phone's wish, its silence or its time.
 */
struct sip_package {
	const char *event; /* "dialog" */
	const char *type;  /* of its documents, and of what Accept must take */
};

#define SIP_PACKAGES_MAX 8
/* @packages outlive the element; whatever is not among them gets 489. */
void sip_set_packages(struct sip *sip, const struct sip_package *packages,
		      unsigned int n);

/* 200 grants.  A first SUBSCRIBE that is refused is gone; a refresh that is
 * refused leaves the subscription as it was. */
void sip_subscribe_result(struct sip *sip, int64_t now_ms, uint64_t sub,
			  unsigned int status);
void sip_touch(struct sip *sip, int64_t now_ms, uint64_t sub);
/* @content_type NULL: that of the package.  Empty @body: none. */
void sip_notify(struct sip *sip, int64_t now_ms, uint64_t sub,
		const char *content_type, struct span body);
/* The last NOTIFY, "terminated;reason=@reason"; no event follows. */
void sip_unsubscribe(struct sip *sip, int64_t now_ms, uint64_t sub,
		     const char *reason);

/* Who may tell us unasked, by the address it sends from, whatever the port:
 * a mailbox elsewhere.  At most SIP_TELLERS_MAX, else -ENOSPC. */
#define SIP_TELLERS_MAX 8
int sip_add_teller(struct sip *sip, const struct sip_addr *addr);

/* ---- a leg that comes in (SIP_EV_SETUP) ---- */

/* 180, or 183 with @body where there is early media.  @fork as in action.h:
 * each fork is an early dialog with a To tag of its own.  A repeated 180 of
 * fork 0 is not sent again. */
void sip_alerting(struct sip *sip, int64_t now_ms, uint64_t leg,
		  unsigned int fork, struct span body);
/* 200.  @number and @name: the connected user (P-Asserted-Identity). */
void sip_answer(struct sip *sip, int64_t now_ms, uint64_t leg, unsigned int fork,
		const char *number, const char *name, struct span body);

/* ---- a leg that goes out ---- */

struct sip_invite {
	uint64_t leg;
	const char *user;   /* whose binding is rung */
	const char *target; /* the number that was called, for the To header */
	const char *number; /* the caller: From, P-Asserted-Identity */
	const char *name;
	bool anonymous; /* the caller is not to be shown: neither of both */
	const char *diversion;	/* reason of the first, as "no-answer" (RFC 5806,
				 * 5.1), who was @diverted; NULL: there is none */
	const char *diverted_number;
	const char *diverted_name;
	unsigned int diversions;
	struct span body; /* SDP offer; empty: late offer */
	unsigned int max_forwards;
};

/* No binding: SIP_EV_RELEASED with status 480 follows. */
void sip_invite(struct sip *sip, int64_t now_ms, const struct sip_invite *invite);
/* The answer to an offer that came in a 2xx. */
void sip_ack(struct sip *sip, int64_t now_ms, uint64_t leg, struct span body);
/* Stop ringing.  @elsewhere: both Reason values of "answered elsewhere"
 * (RFC 3326).  Waits for a provisional answer (9.1).  SIP_EV_ANSWERED may
 * still cross it; then sip_release() ends the leg. */
void sip_cancel(struct sip *sip, int64_t now_ms, uint64_t leg, bool elsewhere);

/* ---- either leg ---- */

/* Unanswered incoming leg: final @status with Reason Q.850;cause=@q850 (0:
 * none).  Established: BYE, with the same Reason.  A 2xx that nobody
 * acknowledged yet is waited for before the BYE (RFC 3261, 15).  A leg of
 * ours that is still ringing: as sip_cancel(). */
void sip_release(struct sip *sip, int64_t now_ms, uint64_t leg,
		 unsigned int status, unsigned int q850);
/* SIP_EV_OFFER_RESULT follows, unless the leg ends; its status is 491 at once
 * if the leg is in the middle of another offer.  UPDATE becomes re-INVITE for
 * a phone that does not allow it.  An empty @body by re-INVITE asks for an
 * offer, to be answered by sip_ack(). */
void sip_offer(struct sip *sip, int64_t now_ms, uint64_t leg, enum sip_how how,
	       struct span body);
/* Answer to SIP_EV_OFFER: status 200 to 699. */
void sip_offer_result(struct sip *sip, int64_t now_ms, uint64_t leg,
		      unsigned int status, struct span body);
/* Whom the far end talks to from now on: P-Asserted-Identity of each offer
 * that follows (RFC 3325).  "": nobody is named. */
void sip_connected(struct sip *sip, uint64_t leg, const char *number,
		   const char *name);
/*
 * Answer to SIP_EV_REFER, which leaves a leg alone with its call: 300 to 699
 * refuses it; 202 accepts it, and then 1xx and one final status say what
 * became of it (NOTIFY, RFC 3515, 2.4.4).  A leg has one at a time; others
 * are refused before they become an event.
 */
void sip_refer_result(struct sip *sip, int64_t now_ms, uint64_t leg,
		      unsigned int status);
void sip_info(struct sip *sip, int64_t now_ms, uint64_t leg,
	      struct span content_type, struct span body);

/* ---- surviving kill -9 ---- */

/*
 * What a half-made call needs to be ended after a crash: for a leg that we
 * ring, its INVITE; for a caller's leg, the last provisional answer.  The
 * element says what to remember and forget, by slot key; it is memory (a
 * mapped file), so these never block.
 */
struct sip_journal {
	void *data;
	void (*remember)(void *data, uint64_t leg, const struct sip_packet *packet);
	void (*forget)(void *data, uint64_t leg);
};

void sip_set_journal(struct sip *sip, const struct sip_journal *journal);
/* After a restart: @packet was remembered.  An INVITE of ours is cancelled
 * (and its answer acknowledged and released), a caller gets 503. */
void sip_recover(struct sip *sip, int64_t now_ms, const struct sip_packet *packet);

/* ---- to be shown ---- */

struct sip_counts {
	uint64_t rx, tx, rx_bad;	  /* messages; malformed */
	uint64_t rx_dropped;		  /* no answer possible */
	uint64_t retransmitted;		  /* ours */
	uint64_t auth_failed, challenged;
	uint64_t limited;		  /* refused by a limit */
	uint64_t notified, notify_failed; /* subscriptions that died of it */
	size_t transactions, legs, bindings, subscriptions; /* now */
};

void sip_counts(const struct sip *sip, struct sip_counts *ret_counts);
