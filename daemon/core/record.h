/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record.h - from the end of a call to the rows of the log
 *
 * One record a call and user (T78): "out" for who called, "in" or "missed" for
 * who was called.  Answered at either twin is one "in" and no "missed" (T83).
 * A call that was forwarded has been at several users: each has a record of
 * its own, or none (T85, T87).
 */
#pragma once

#include "call.h"

/* @call has ended; nothing of it is written twice. */
void record_write(struct call *call);

/* The user at @side leaves it to another: his row is written now. */
void record_part(struct call *call, enum call_side side);

/* How it ended, in the words of interfaces.md, for the one who called or who
 * was called. */
const char *record_outcome(const struct call *call, int incoming);
