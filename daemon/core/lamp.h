/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lamp.h - what is told to those who watch a user, as plain values
 *
 *     phone: "tell me of 200"   --EV_WATCH-->  core
 *     edge:  a document for it  <-ACT_NOTIFY-  a struct lamp, whenever the
 *                                              part that it watches changed
 *
 * A lamp is the user's: of a pair, both devices make one state, one call is
 * one call however many legs it has, and no number in it is a secondary's
 * (T102, T104, T105).
 */
#pragma once

#include <stddef.h>

#include "row.h"

enum watch_what {
	WATCH_CALLS,	/* the busy lamp: calls, and do-not-disturb */
	WATCH_PRESENCE, /* the same, for people: free, busy, away */
	WATCH_MESSAGES, /* the message lamp */
	WATCH_FEATURES, /* the settings that a phone's own keys show */
};

/* Who a leg is shown: number and name of the other side (T29, T97). */
struct party {
	char number[NUMBER_MAX + 1];
	char name[NAME_MAX_BYTES + 1];
	bool withheld; /* is not to be shown to anyone (RFC 3323) */
};

enum lamp_state {
	LAMP_TRYING, /* the user calls, and nothing rings yet */
	LAMP_EARLY,
	LAMP_CONFIRMED,
};

struct lamp_call {
	call_id call;
	enum lamp_state state;
	bool initiator;	     /* the user called */
	struct party remote; /* "": not to be shown */
};

#define LAMP_CALLS_MAX 8 /* more of one user are not shown */

/* What a phone's own keys can change: the user's settings, and its device's
 * do-not-disturb (T40). */
enum feature {
	FEATURE_NONE,
	FEATURE_DND,
	FEATURE_FORWARD_ALWAYS,
	FEATURE_FORWARD_BUSY,
	FEATURE_FORWARD_NO_ANSWER,
	_NUM_FEATURE
};

/* Zeroed before it is filled: parts are compared as bytes. */
struct lamp {
	char number[NUMBER_MAX + 1];
	char name[NAME_MAX_BYTES + 1];
	struct {
		bool dnd; /* by T39, T106, T107 */
		size_t n;
		struct lamp_call call[LAMP_CALLS_MAX]; /* oldest first */
	} calls;
	bool reachable;
	struct {
		unsigned int fresh, old;
	} messages;
	struct {
		bool dnd;
		char forward[_NUM_FEATURE][NUMBER_MAX + 1]; /* "": off */
	} features;
};
