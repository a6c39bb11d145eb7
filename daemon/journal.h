/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journal.h - half-made calls, in memory that outlives the process
 *
 *      legs.journal, mapped:  | slot | slot | slot | ...
 *      a slot:                | check | order | key | bytes | payload ... |
 *                                 ^
 *                  written last; a slot is there if it fits the rest
 *
 * While a leg rings, what it takes to end it is remembered here under the
 * leg's id; when the gateway was killed, its successor finds it and makes the
 * phones fall silent.  Nothing is ever synced, so it costs a copy: the kernel
 * keeps a mapped file over kill -9.  A power cut may lose it all, or parts;
 * the phones have lost us, too, then.
 *
 * A kill at any moment leaves each slot whole or free: a payload is written
 * into a free slot and becomes true with one word.  To replace is to write
 * the new one, then to free the old; if both are found, the later counts.
 *
 * The file's blocks are reserved when it is opened, for a hole in it on a
 * full disk would be a SIGBUS in the middle of a call.  Low slots are taken
 * first, so that little of it is ever touched and resident.
 *
 * Limits: JOURNAL_SLOTS keys, JOURNAL_BYTES_MAX bytes each; beyond that a
 * leg is not remembered, and counted.  One process at a time (the state
 * directory's lock), one thread.  All by key or slot is O(1).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOURNAL_FILE "legs.journal"
#define JOURNAL_SLOTS 2048
#define JOURNAL_BYTES_MAX 2016

struct journal;
struct iovec;

/* Open @path, or make it.  What a predecessor remembered is there.  0, or
 * -errno: -ENOSPC if its 4 MiB are not to be had. */
int journal_open(void *ctx, const char *path, struct journal **ret_journal);

/* Also when the parent is freed.  What is remembered stays. */
void journal_close(struct journal *journal);

/* Remember the @n parts, one after the other, under @key, in place of what
 * was remembered so.  -EMSGSIZE, -ENOSPC: it is not, nor is anything older. */
int journal_remember(struct journal *journal, uint64_t key,
		     const struct iovec *part, size_t n);

/* Harmless if there is nothing. */
void journal_forget(struct journal *journal, uint64_t key);

/* Visit what is remembered now, in no order.  The visitor may forget and
 * remember as it likes; what is remembered meanwhile is not visited.  @data
 * is its own until it does, or returns. */
typedef void journal_cb(uint64_t key, const uint8_t *payload, size_t bytes,
			void *data);
void journal_each(struct journal *journal, journal_cb *cb, void *data);

struct journal_counts {
	size_t used;	   /* slots, now */
	uint64_t full;	   /* not remembered: no slot */
	uint64_t too_long; /* not remembered: JOURNAL_BYTES_MAX */
	uint64_t torn;	   /* slots found half written when opened */
};

void journal_counts(const struct journal *journal,
		    struct journal_counts *ret_counts);
