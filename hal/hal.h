/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hal.h - what a DECT base can do, whoever made it, and what it promises
 *
 *     wish, time --> hal_call_setup() ... --> hal_next_event() what happened
 *     frame      --> hal_audio_tx()       --> hal_audio_next() frames
 *     time       --> hal_tick()           --> hal_next_ms()    come back then
 *
 *     host  ---  hal core: ids, call states, deadlines, limits, queue
 *                  |  hal_driver.h
 *                driver: a base's own language   (sim, ...)
 *
 * The host is whoever holds the handle; it decides, a base carries out.
 * No clock, no socket, no thread in here: time is an argument, never runs
 * backwards, and a driver that has a device keeps the descriptor in a file
 * of its own.
 *
 * Promises, kept by the hal core so that they hold for every driver; the
 * conformance suite (tests/unit/conformance.h) asks them of each:
 *
 *  1. An operation returns 0 or a negative error (HAL_E_...) at once.  It
 *     never calls back; what follows from it is an event, to be read later.
 *     An operation that failed has changed nothing.
 *  2. Ids carry a generation.  A stale one gives HAL_E_STALE, never a crash,
 *     and is never given out again.  They are below 2^62; 0 is none.
 *  3. For one call, HAL_EV_CALL_ENDED comes exactly once and is its last
 *     event.  It comes for every call whose id was given out, however it
 *     ended: by the host, the handset, a timer, a lost link, a closed base.
 *     Once it was queued the call's id is stale.
 *  4. A request (hal_req_id) gets exactly one HAL_EV_DONE, also on loss of
 *     the link (HAL_E_LINK), at its deadline (HAL_E_TIMEOUT) and when its
 *     base is closed (HAL_E_CANCELLED).
 *  5. Events of one base keep the order in which it saw them.
 *  6. Presence is told when it changes, not oftener.  A handset that is not
 *     attached is in no call.
 *  7. What a peer can make grow has a limit and a counter (hal_counts()).
 *  8. Strings are UTF-8.  Longer ones are cut at a character; control
 *     characters of a name become spaces.
 *
 * All text is copied in and out: nothing here borrows the host's memory
 * longer than the call, and an event is a value.
 *
 * Sources: EN 300 175-5 (network layer), -6 (identities), -7 (security),
 * TS 102 527-3 (CAT-iq 2.0); rules T167 to T177 of the product.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hal;
struct hal_driver;

typedef uint64_t hal_base_id;
typedef uint64_t hal_handset_id; /* stable while its subscription lives */
typedef uint64_t hal_call_id;
typedef uint64_t hal_sub_id; /* a handset that waits to be let in */
typedef uint64_t hal_req_id;

/* ---- errors: 0, or one of these; the text is hal_strerror()'s ---- */

#define HAL_E_ARG (-EINVAL)	     /* the host's bug */
#define HAL_E_STATE (-EBADFD)	     /* not in this state */
#define HAL_E_NOTSUP (-ENOTSUP)	     /* the base lacks the capability */
#define HAL_E_STALE (-ESTALE)	     /* no such id, or no longer */
#define HAL_E_EXIST (-EEXIST)	     /* there already */
#define HAL_E_BUSY (-EBUSY)	     /* the handset is in a call: later */
#define HAL_E_RANGE (-EHOSTUNREACH)  /* out of range: later */
#define HAL_E_DETACHED (-EHOSTDOWN)  /* switched off: later */
#define HAL_E_REJECT (-ECONNREFUSED) /* base or handset said no */
#define HAL_E_TIMEOUT (-ETIMEDOUT)   /* deadline */
#define HAL_E_AUTH (-EACCES)	     /* wrong code or key */
#define HAL_E_LIMIT (-ENOBUFS)	     /* one of the limits */
#define HAL_E_LINK (-ENETDOWN)	     /* the base is not up */
#define HAL_E_PROTO (-EPROTO)	     /* the base talks nonsense */
#define HAL_E_CANCELLED (-ECANCELED) /* base closed, or superseded */

const char *hal_strerror(int rc);

/* ---- sizes, in bytes without the terminator ---- */

#define HAL_NUMBER_MAX 31
#define HAL_NAME_MAX 127
#define HAL_DIGITS_MAX 63 /* dialled, or keyed in one go */
#define HAL_TEXT_MAX 127  /* a display text, lines separated by '\n' */
#define HAL_BASE_NAME_MAX 31
#define HAL_AC_MAX 8 /* digits of an authentication code */
#define HAL_UAK_BYTES 16

struct hal_limits {
	size_t bases;	 /* 0: 16 */
	size_t handsets; /* 0: 512, of all bases */
	size_t calls;	 /* 0: 256 */
	size_t requests; /* 0: 256 */
	size_t events;	 /* 0: 4096; full: handsets' new wishes are refused */
	size_t frames;	 /* 0: 512 audio frames unread; full: oldest goes */
};

struct hal *hal_new(void *ctx, const struct hal_limits *limits);
/* Frees silently; drivers are told to let go. */
void hal_free(struct hal *hal);

/* ---- time ---- */

void hal_tick(struct hal *hal, int64_t now_ms);
int64_t hal_next_ms(const struct hal *hal); /* INT64_MAX: nothing pending */

/* ---- bases ---- */

/*
 *    hal_base_open()        link up            snapshot read
 *  ----------------> OPENING -----> SYNCING ----------------> UP
 *                      ^               |                       |
 *                      |   retried     |      link lost        |
 *                      +------------ DOWN <--------------------+
 *
 *  FAILED: wrong credentials or not our kind of base; retried seldom.
 *  hal_base_close() in any state: CLOSED is told, then the id is stale.
 *
 * Leaving UP ends all calls (HAL_WHY_LINK_LOST), closes the subscription
 * window, fails all requests, and makes every handset HAL_UNKNOWN.
 */
enum hal_base_state {
	HAL_CLOSED,
	HAL_OPENING,
	HAL_SYNCING,
	HAL_UP,
	HAL_DOWN,
	HAL_FAILED,
};

const char *hal_base_state_name(enum hal_base_state state);

/* What a base can do.  A wish for something else gets HAL_E_NOTSUP. */
enum hal_cap {
	HAL_CAP_CALLS = 1 << 0, /* calls and audio pass through here; without
				 * it the base is a SIP user agent itself */
	HAL_CAP_HOST_KEYS = 1 << 1,	 /* the host is the base's memory of
					  * subscriptions; without it the base has
					  * its own and SYNCING reads it */
	HAL_CAP_SUB_OPEN = 1 << 2,	 /* window for any handset */
	HAL_CAP_SUB_ALLOW_LIST = 1 << 3, /* window for named IPUIs (T168) */
	HAL_CAP_LOCATE = 1 << 4,
	HAL_CAP_RANGE = 1 << 5,	  /* can tell out of range from off */
	HAL_CAP_OVERLAP = 1 << 6, /* digits one by one */
	HAL_CAP_KEYPAD = 1 << 7,  /* keys during a call */
	HAL_CAP_NAME = 1 << 8,	  /* shows names beside numbers */
	HAL_CAP_DISPLAY = 1 << 9,
	HAL_CAP_HOLD = 1 << 10,
	HAL_CAP_INDICATORS = 1 << 11,
	HAL_CAP_TIME = 1 << 12,
	HAL_CAP_WIDEBAND = 1 << 13, /* 16 kHz beside 8 kHz */
};

struct hal_caps {
	uint32_t can; /* enum hal_cap */
	size_t handsets, calls;
	unsigned int window_s_min, window_s_max;
};

/*
 * Open a base by the name @name with a driver; @priv is the driver's, lives
 * until CLOSED was told or hal_free().  HAL_E_EXIST: the name is taken.
 */
int hal_base_open(struct hal *hal, int64_t now_ms, const char *name,
		  const struct hal_driver *driver, void *priv,
		  hal_base_id *ret_base);
int hal_base_close(struct hal *hal, int64_t now_ms, hal_base_id base);

struct hal_base_view {
	char name[HAL_BASE_NAME_MAX + 1];
	const char *driver;
	enum hal_base_state state;
	struct hal_caps caps;
	size_t handsets, attached, calls;
	bool window_open;
	int64_t window_end_ms;
};

int hal_base_view(const struct hal *hal, hal_base_id base,
		  struct hal_base_view *ret_view);

/* ---- the subscription window (T168, T169, T173) ---- */

#define HAL_WINDOW_S_DEFAULT 120
#define HAL_WINDOW_S_MAX 86400 /* T173: 24 h */
#define HAL_WRONG_CODES_MAX 5  /* T173: within ten minutes closes the window */
#define HAL_WRONG_CODES_MS (10 * 60 * 1000)
#define HAL_ALLOW_MAX 64

struct hal_window {
	unsigned int seconds;	       /* 0: HAL_WINDOW_S_DEFAULT */
	char ac[HAL_AC_MAX + 1];       /* digits; "": none asked.  A secret */
	size_t n_allow;		       /* 0: any handset */
	uint64_t allow[HAL_ALLOW_MAX]; /* IPUIs */
};

/* Opens, or replaces an open one (its time starts anew).  HAL_EV_SUB_WINDOW
 * tells that it is open and, later, that and why it closed. */
int hal_sub_open(struct hal *hal, int64_t now_ms, hal_base_id base,
		 const struct hal_window *window, hal_req_id *ret_req);
/* Closing a closed one is no error. */
int hal_sub_close(struct hal *hal, int64_t now_ms, hal_base_id base,
		  hal_req_id *ret_req);

/* What a handset is to its user; number "" is none assigned. */
struct hal_assignment {
	char number[HAL_NUMBER_MAX + 1];
	char name[HAL_NAME_MAX + 1];
	bool twin; /* T32: shows the mark */
};

#define HAL_SUB_REPLY_MS 10000 /* patience for the host's reply */

/*
 * The reply to HAL_EV_SUB_REQUEST.  Persist, then believe: the handset has
 * proved the code, a key was allocated, and it now waits; the host stores
 * both and only then accepts, and only then ACCESS-RIGHTS-ACCEPT goes out.
 * A handset that vanished meanwhile is accepted all the same: it is known
 * here and not there, and asking again replaces it.
 *
 * @accept NULL rejects.  On accept *@ret_handset is the handset: a new id,
 * or the one it had if it was subscribed before (T175; its calls end).
 */
int hal_sub_reply(struct hal *hal, int64_t now_ms, hal_sub_id sub,
		  const struct hal_assignment *accept,
		  hal_handset_id *ret_handset);

/* ---- handsets ---- */

/*
 *                locate                    switched off
 *  UNKNOWN ------------------> ATTACHED ------------------> DETACHED
 *     ^                         |    ^                         |
 *     | base leaves UP          |    +--- locate --------------+
 *                 page unanswered,   +--- locate ---+
 *                 air link lost +-----------------> LOST
 */
enum hal_presence { HAL_UNKNOWN, HAL_ATTACHED, HAL_DETACHED, HAL_LOST };

const char *hal_presence_name(enum hal_presence presence);

/*
 * A handset that the host remembers.  For a base with HAL_CAP_HOST_KEYS this
 * is how it comes to know it; for one with a memory of its own, it is what
 * the snapshot is compared with: HAL_EV_HANDSET_DELETED for those missing.
 * Allowed in every state of the base, best before it is UP.
 */
int hal_handset_restore(struct hal *hal, int64_t now_ms, hal_base_id base,
			uint64_t ipui, const uint8_t uak[HAL_UAK_BYTES],
			const struct hal_assignment *assignment,
			hal_handset_id *ret_handset);

/* Number, name and twin mark as shown from now on. */
int hal_handset_assign(struct hal *hal, int64_t now_ms, hal_handset_id handset,
		       const struct hal_assignment *assignment);

/*
 * End the subscription: its call ends, the handset is told if it can be
 * reached and finds out later if not.  The id is stale at once; the DONE is
 * the request's.
 */
int hal_handset_delete(struct hal *hal, int64_t now_ms, hal_handset_id handset,
		       hal_req_id *ret_req);

/* Ring to be found; @seconds 0 stops it.  DONE: it rings, or HAL_E_RANGE. */
int hal_handset_locate(struct hal *hal, int64_t now_ms, hal_handset_id handset,
		       unsigned int seconds, hal_req_id *ret_req);

/*
 * What its lamps and icons show.  The last value wins: it is sent when it
 * differs from what the handset was told, and again when it attaches.
 */
struct hal_indicators {
	unsigned int missed;   /* unread missed calls */
	unsigned int messages; /* waiting voice messages */
	bool dnd;
};

int hal_indicate(struct hal *hal, int64_t now_ms, hal_handset_id handset,
		 const struct hal_indicators *indicators);

/* Wall clock for all handsets of all bases: Unix time, and the zone in
 * quarters of an hour east of UTC.  Sent now and at each attach. */
int hal_time_set(struct hal *hal, int64_t now_ms, int64_t unix_s,
		 int zone_quarters);

struct hal_handset_view {
	hal_base_id base;
	uint64_t ipui;
	enum hal_presence presence;
	hal_call_id call; /* 0: idle */
	struct hal_assignment assignment;
	struct hal_indicators indicators;
	bool wideband; /* as far as it said */
};

int hal_handset_view(const struct hal *hal, hal_handset_id handset,
		     struct hal_handset_view *ret_view);
/* 0 if there is none. */
hal_handset_id hal_handset_find(const struct hal *hal, hal_base_id base,
				uint64_t ipui);

/* ---- calls (EN 300 175-5 clause 9; the table is in hal_call.c) ---- */

/*
 * from the handset:
 *           whole number           alerting            connect
 *   OVERLAP ------------> INITIATED --------> DELIVERED -------> ACTIVE
 *   (digits one by one)   (or at once)
 * to the handset:
 *            it rings            user answers        hal_call_connect()
 *   PRESENT ----------> RECEIVED ------------> CONNECTING ------> ACTIVE
 *
 *   any --- hal_call_release() ---> RELEASING --- complete, 36 s ---> ended
 *   any --- handset releases, link lost, timer ---> ended
 *
 * One call a handset (a second one gets HAL_E_BUSY).
 */
enum hal_call_state {
	HAL_CALL_NULL, /* ended */
	HAL_CALL_INITIATED,
	HAL_CALL_OVERLAP,
	HAL_CALL_DELIVERED,
	HAL_CALL_PRESENT,
	HAL_CALL_RECEIVED,
	HAL_CALL_CONNECTING,
	HAL_CALL_ACTIVE,
	HAL_CALL_RELEASING,
	_NUM_HAL_CALL_STATE
};

const char *hal_call_state_name(enum hal_call_state state);

/*
 * Why a call ended, beside the release reason of the air (EN 300 175-5
 * 7.6.8), which knows fewer.  HAL_WHY_ANSWERED_ELSEWHERE goes out as reason
 * 00 with a mark of its own, and no handset counts it as missed.
 */
enum hal_why {
	HAL_WHY_NORMAL,		    /* hung up */
	HAL_WHY_CALLER_GAVE_UP,	    /* before it was answered */
	HAL_WHY_ANSWERED_ELSEWHERE, /* by the twin */
	HAL_WHY_BUSY,
	HAL_WHY_REJECTED, /* a person said no */
	HAL_WHY_NO_ANSWER,
	HAL_WHY_UNALLOCATED, /* no such number */
	HAL_WHY_UNREACHABLE, /* out of range, switched off */
	HAL_WHY_LINK_LOST,   /* air or base */
	HAL_WHY_OVERLOAD,    /* a limit */
	HAL_WHY_FAILED,
	_NUM_HAL_WHY
};

const char *hal_why_name(enum hal_why why);
/* The ETSI release reason that says it best, and the way back. */
uint8_t hal_why_reason(enum hal_why why);
enum hal_why hal_why_of_reason(uint8_t reason);

/* EN 300 175-5 7.6.9. */
enum hal_signal {
	HAL_SIGNAL_DIAL_TONE = 0x00,
	HAL_SIGNAL_RING_BACK = 0x01,
	HAL_SIGNAL_INTERCEPT = 0x02,
	HAL_SIGNAL_CONGESTION = 0x03,
	HAL_SIGNAL_BUSY = 0x04,
	HAL_SIGNAL_CONFIRM = 0x05,
	HAL_SIGNAL_CALL_WAITING = 0x07,
	HAL_SIGNAL_NEGATIVE_ACK = 0x09,
	HAL_SIGNAL_TONES_OFF = 0x3F,
	HAL_SIGNAL_ALERT_INTERNAL = 0x40,
	HAL_SIGNAL_ALERT_EXTERNAL = 0x41,
	HAL_SIGNAL_ALERT_CONTINUOUS = 0x48,
	HAL_SIGNAL_ALERT_OFF = 0x4F,
	HAL_SIGNAL_NONE = 0xFF, /* leave it as it is */
};

enum hal_call_class {
	HAL_CLASS_NORMAL = 8,
	HAL_CLASS_INTERNAL = 9,
	HAL_CLASS_EMERGENCY = 10,
	HAL_CLASS_SERVICE = 11,
};

struct hal_party {
	char number[HAL_NUMBER_MAX + 1];
	char name[HAL_NAME_MAX + 1];
	bool restricted; /* number and name are withheld from the handset */
};

struct hal_setup {
	struct hal_party party; /* the caller */
	enum hal_signal signal; /* how to ring; HAL_SIGNAL_ALERT_... */
	bool wideband;		/* 16 kHz is welcome */
};

/*
 * Ring a handset.  HAL_E_DETACHED, HAL_E_RANGE, HAL_E_BUSY, HAL_E_LINK at
 * once where that is known; a handset out of range that nobody has missed
 * yet costs a page: CALL_ENDED with HAL_WHY_UNREACHABLE after 5 s.
 */
int hal_call_setup(struct hal *hal, int64_t now_ms, hal_handset_id handset,
		   const struct hal_setup *setup, hal_call_id *ret_call);

/* To a handset that calls: its number is being tried. */
int hal_call_proceeding(struct hal *hal, int64_t now_ms, hal_call_id call);
/* To a handset that calls: it rings over there.  @signal RING_BACK: the
 * handset makes the tone; NONE: it comes as audio. */
int hal_call_alerting(struct hal *hal, int64_t now_ms, hal_call_id call,
		      enum hal_signal signal);
/*
 * To a handset that calls: answered; @party is who answered, or NULL.  To a
 * handset that answered (CONNECTING): it has the call (CONNECT-ACK); @party
 * as before.  Both: audio flows.
 */
int hal_call_connect(struct hal *hal, int64_t now_ms, hal_call_id call,
		     const struct hal_party *party);

struct hal_info {
	const struct hal_party *party; /* NULL: as it was */
	const char *text;	       /* display; NULL: as it was */
	enum hal_signal signal;	       /* HAL_SIGNAL_NONE: as it was */
};

/* Any time before RELEASING. */
int hal_call_info(struct hal *hal, int64_t now_ms, hal_call_id call,
		  const struct hal_info *info);
/* What became of HAL_EV_CALL_HOLD and _RETRIEVE: the truth, told to the
 * handset.  A refused wish is told as the state that stays. */
int hal_call_held(struct hal *hal, int64_t now_ms, hal_call_id call, bool held);
/*
 * End it, in any state.  A second release is 0 and has no effect.  An answer
 * that crosses it on the air is swallowed: no event but CALL_ENDED follows,
 * and its why is the one given here.
 */
int hal_call_release(struct hal *hal, int64_t now_ms, hal_call_id call,
		     enum hal_why why);

struct hal_call_view {
	hal_handset_id handset;
	enum hal_call_state state;
	bool from_handset;
	unsigned int rate_hz; /* 8000 or 16000 */
	bool held;
};

int hal_call_view(const struct hal *hal, hal_call_id call,
		  struct hal_call_view *ret_view);

/* ---- audio ---- */

/*
 * 20 ms of 16-bit linear PCM, mono, in the machine's order, at the rate that
 * the call's event named.  That is what a base gives to its host: on the air
 * it is G.726 (8 kHz) or G.722 (16 kHz), and the base itself is the codec,
 * as behind the PCM port of a real one.
 *
 * No clock is kept here: a frame given is sent, a frame heard is queued.
 * The host plays out and fills gaps.
 */
#define HAL_FRAME_MS 20
#define HAL_FRAME_SAMPLES_MAX (16000 / 1000 * HAL_FRAME_MS)

struct hal_frame {
	hal_call_id call;
	size_t samples; /* 160 or 320 */
	int16_t pcm[HAL_FRAME_SAMPLES_MAX];
};

/* From DELIVERED or CONNECTING on; HAL_E_ARG if @samples is not 20 ms. */
int hal_audio_tx(struct hal *hal, int64_t now_ms, hal_call_id call,
		 const int16_t *pcm, size_t samples);
bool hal_audio_next(struct hal *hal, struct hal_frame *ret_frame);

/* ---- what happened ---- */

enum hal_event_type {
	HAL_EV_NONE,
	HAL_EV_BASE,		/* base.state */
	HAL_EV_SUB_WINDOW,	/* window */
	HAL_EV_SUB_REQUEST,	/* sub: to be stored, then hal_sub_reply() */
	HAL_EV_SUB_FAILED,	/* sub: a handset was refused, or let down */
	HAL_EV_HANDSET,		/* presence */
	HAL_EV_HANDSET_FOUND,	/* a base's own memory has one that the host
				 * did not name; sub.ipui */
	HAL_EV_HANDSET_DELETED, /* not by the host; its id is stale */
	HAL_EV_CALL_SETUP,	/* a handset calls; call_setup */
	HAL_EV_CALL_DIGITS,	/* more of the number; digits */
	HAL_EV_CALL_KEYPAD,	/* keys during a call; digits.text */
	HAL_EV_CALL_ALERTING,	/* it rings */
	HAL_EV_CALL_ANSWERED,	/* the user answered: hal_call_connect() */
	HAL_EV_CALL_HOLD,	/* the user asks for it: hal_call_held() */
	HAL_EV_CALL_RETRIEVE,
	HAL_EV_CALL_ENDED, /* ended */
	HAL_EV_DONE,	   /* req, rc */
};

const char *hal_event_type_name(enum hal_event_type type);

enum hal_window_end {
	HAL_WINDOW_ASKED, /* hal_sub_close() */
	HAL_WINDOW_TIME,
	HAL_WINDOW_WRONG_CODES, /* T173 */
	HAL_WINDOW_BASE,	/* the base left UP, or was closed */
};

struct hal_event {
	enum hal_event_type type;
	hal_base_id base;	/* always */
	hal_handset_id handset; /* 0 where there is none */
	hal_call_id call;
	union {
		enum hal_base_state state;
		struct {
			bool open;
			unsigned int seconds; /* open: how long */
			enum hal_window_end end;
		} window;
		struct {
			hal_sub_id id; /* FAILED: 0 if it never got that far */
			uint64_t ipui;
			uint8_t uak[HAL_UAK_BYTES]; /* REQUEST; a secret */
			uint16_t emc; /* maker and model, 0 if it did not say */
			uint8_t model;
			uint8_t reason; /* FAILED: MM reject reason */
		} sub;
		enum hal_presence presence;
		struct {
			/*
			 * SETUP, DIGITS: all digits so far in @dialled.  The
			 * number is @complete when the handset said so, with
			 * '#' as the last key of a plain number, or when no
			 * key came for HAL_INTERDIGIT_MS.  @text is the new.
			 */
			char text[HAL_DIGITS_MAX + 1];
			char dialled[HAL_DIGITS_MAX + 1];
			bool complete;
			enum hal_call_class class; /* SETUP */
			unsigned int rate_hz;	   /* SETUP */
		} digits;
		unsigned int rate_hz; /* ANSWERED */
		struct {
			enum hal_why why;
			uint8_t reason; /* EN 300 175-5 7.6.8 */
			bool by_host;	/* hal_call_release() asked for it */
		} ended;
		struct {
			hal_req_id req;
			int rc;
		} done;
	};
};

#define HAL_INTERDIGIT_MS 4000
#define HAL_OVERLAP_MS 20000 /* CC.01: no digit at all ends the call */
#define HAL_RELEASE_MS 36000 /* CC.02 */
#define HAL_SETUP_MS 25000   /* a call that does not even ring */
#define HAL_CONNECT_MS 10000 /* CC.05: the host's patience in CONNECTING */

bool hal_next_event(struct hal *hal, struct hal_event *ret_event);

/* ---- to be shown ---- */

struct hal_counts {
	size_t bases, handsets, calls, requests; /* now */
	uint64_t events;
	uint64_t stale;		 /* operations with an id that is gone */
	uint64_t wrong_state;	 /* driver's word dropped: not in this state */
	uint64_t refused;	 /* handsets' wishes refused by a limit */
	uint64_t keys_dropped;	 /* too many at once */
	uint64_t frames_dropped; /* audio: unread, or in no state for it */
	uint64_t wrong_codes;
	uint64_t release_timeouts; /* CC.02 ran out */
};

void hal_counts(const struct hal *hal, struct hal_counts *ret_counts);
