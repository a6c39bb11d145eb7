/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * counter.h - the counters of all rooms but the core's, as one list
 *
 * What may be grown by a peer is limited and counted in its room; here the
 * names are given under which an administrator finds it (/metrics, the
 * operator shell).  One table, so that no counter is shown in one place only.
 */
#pragma once

#include <stdbool.h>

struct parts;

struct counter {
	const char *name; /* "sip_rx_total": what counts on ends in _total */
	const char *help; /* a sentence */
	bool gauge;	  /* a number of now, not a count */
	double value;
};

typedef void counter_cb(const struct counter *counter, void *data);

/* Visit them in order. */
void counter_each(const struct parts *parts, counter_cb *cb, void *data);
