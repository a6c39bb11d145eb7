/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <osmocom/core/utils.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <talloc.h>
#include <unistd.h>

/* Two slots a page, none across two. */
struct slot {
	uint64_t check; /* of all that follows; 0: free */
	uint64_t order; /* the later of two with one key counts */
	uint64_t key;
	uint64_t bytes;
	uint8_t payload[JOURNAL_BYTES_MAX];
};
_Static_assert(sizeof(struct slot) == 2048, "two slots a page");

#define JOURNAL_SIZE (JOURNAL_SLOTS * sizeof(struct slot))

/* Changes with the layout, so that no slot of another one fits its check. */
#define CHECK_SEED 0x7477696e64000001

#define NONE UINT16_MAX
#define BUCKETS 2048

struct journal {
	struct slot *slot; /* the mapping */
	uint64_t order;
	struct journal_counts counts;

	/* What is where, so that no slot is touched to find one. */
	uint64_t key[JOURNAL_SLOTS];
	uint16_t next[JOURNAL_SLOTS]; /* of the same bucket */
	uint16_t bucket[BUCKETS];
	uint64_t free[JOURNAL_SLOTS / 64]; /* bits */
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 32;
}

/* Never 0. */
static uint64_t check_of(const struct slot *slot)
{
	uint64_t hash = CHECK_SEED;
	uint64_t word;
	size_t i;

	hash = mix(hash, slot->order);
	hash = mix(hash, slot->key);
	hash = mix(hash, slot->bytes);
	for (i = 0; i + sizeof(word) <= slot->bytes; i += sizeof(word)) {
		memcpy(&word, &slot->payload[i], sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, &slot->payload[i], slot->bytes - i);
	return mix(hash, word) | 1;
}

/* ---- which slot ---- */

static uint16_t *bucket_of(struct journal *journal, uint64_t key)
{
	return &journal->bucket[mix(0, key) % BUCKETS];
}

static uint16_t find(struct journal *journal, uint64_t key)
{
	uint16_t i = *bucket_of(journal, key);

	while (i != NONE && journal->key[i] != key)
		i = journal->next[i];
	return i;
}

static uint16_t lowest_free(const struct journal *journal)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(journal->free); i++)
		if (journal->free[i])
			return i * 64 + __builtin_ctzll(journal->free[i]);
	return NONE;
}

static void take(struct journal *journal, uint16_t i, uint64_t key)
{
	uint16_t *bucket = bucket_of(journal, key);

	journal->free[i / 64] &= ~(1ULL << i % 64);
	journal->key[i] = key;
	journal->next[i] = *bucket;
	*bucket = i;
	journal->counts.used++;
}

static void give_back(struct journal *journal, uint16_t i)
{
	uint16_t *link = bucket_of(journal, journal->key[i]);

	while (*link != i)
		link = &journal->next[*link];
	*link = journal->next[i];
	journal->free[i / 64] |= 1ULL << i % 64;
	journal->counts.used--;
}

/* ---- in the mapping: the order of these stores is the whole promise ---- */

static void slot_clear(struct slot *slot)
{
	__atomic_store_n(&slot->check, 0, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void slot_write(struct slot *slot, uint64_t order, uint64_t key,
		       const struct iovec *part, size_t n)
{
	size_t i;

	slot->order = order;
	slot->key = key;
	slot->bytes = 0;
	for (i = 0; i < n; i++) {
		if (part[i].iov_len == 0)
			continue; /* its base may be NULL */
		memcpy(&slot->payload[slot->bytes], part[i].iov_base,
		       part[i].iov_len);
		slot->bytes += part[i].iov_len;
	}
	__atomic_store_n(&slot->check, check_of(slot), __ATOMIC_RELEASE);
}

/* ---- open and close ---- */

/* Is there something whole in @slot, a copy of slot @i?  Of two with one key
 * the later stays. */
static void recover_slot(struct journal *journal, uint16_t i,
			 const struct slot *slot)
{
	uint16_t other;

	if (slot->check == 0)
		return;
	if (slot->bytes > JOURNAL_BYTES_MAX || slot->check != check_of(slot)) {
		journal->counts.torn++;
		slot_clear(&journal->slot[i]);
		return;
	}
	if (journal->order < slot->order)
		journal->order = slot->order;

	other = find(journal, slot->key);
	if (other != NONE) {
		if (journal->slot[other].order > slot->order) {
			slot_clear(&journal->slot[i]);
			return;
		}
		slot_clear(&journal->slot[other]);
		give_back(journal, other);
	}
	take(journal, i, slot->key);
}

/* By reading, not through the mapping: all of it would become resident. */
static int recover(struct journal *journal, int fd)
{
	struct slot slots[8];
	ssize_t n;
	size_t i, k;

	for (i = 0; i < JOURNAL_SLOTS; i += ARRAY_SIZE(slots)) {
		n = pread(fd, slots, sizeof(slots), i * sizeof(slots[0]));
		if (n != (ssize_t)sizeof(slots))
			return n < 0 ? -errno : -EIO;
		for (k = 0; k < ARRAY_SIZE(slots); k++)
			recover_slot(journal, i + k, &slots[k]);
	}
	return 0;
}

static int unmap(struct journal *journal)
{
	if (journal->slot)
		munmap(journal->slot, JOURNAL_SIZE);
	return 0;
}

static int map(struct journal *journal, int fd)
{
	void *memory;
	int rc;

	if (ftruncate(fd, JOURNAL_SIZE) < 0)
		return -errno;
	rc = posix_fallocate(fd, 0, JOURNAL_SIZE);
	if (rc)
		return -rc;
	memory = mmap(NULL, JOURNAL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		      fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	journal->slot = memory;
	return recover(journal, fd);
}

int journal_open(void *ctx, const char *path, struct journal **ret_journal)
{
	struct journal *journal;
	int fd, rc;

	/* What is in it are the addresses and names of callers. */
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;

	journal = talloc_zero(ctx, struct journal);
	OSMO_ASSERT(journal);
	talloc_set_destructor(journal, unmap);
	memset(journal->bucket, 0xff, sizeof(journal->bucket)); /* NONE */
	memset(journal->free, 0xff, sizeof(journal->free));
	rc = map(journal, fd);
	close(fd);
	if (rc)
		talloc_free(journal);
	else
		*ret_journal = journal;
	return rc;
}

void journal_close(struct journal *journal)
{
	talloc_free(journal);
}

/* ---- the face ---- */

void journal_forget(struct journal *journal, uint64_t key)
{
	uint16_t i = find(journal, key);

	if (i == NONE)
		return;
	slot_clear(&journal->slot[i]);
	give_back(journal, i);
}

int journal_remember(struct journal *journal, uint64_t key,
		     const struct iovec *part, size_t n)
{
	uint16_t old = find(journal, key);
	uint16_t i = lowest_free(journal);
	size_t bytes = 0, k;

	for (k = 0; k < n; k++)
		bytes += part[k].iov_len;
	if (bytes > JOURNAL_BYTES_MAX) {
		journal->counts.too_long++;
		journal_forget(journal, key);
		return -EMSGSIZE;
	}
	if (i == NONE) {
		/* Its own slot is good enough, if it has one. */
		journal_forget(journal, key);
		if (old == NONE) {
			journal->counts.full++;
			return -ENOSPC;
		}
		i = old;
		old = NONE;
	}
	slot_write(&journal->slot[i], ++journal->order, key, part, n);
	if (old != NONE)
		journal_forget(journal, key);
	take(journal, i, key);
	return 0;
}

void journal_each(struct journal *journal, journal_cb *cb, void *data)
{
	const uint64_t order = journal->order;
	const struct slot *slot;
	size_t i;

	for (i = 0; i < JOURNAL_SLOTS; i++) {
		if (journal->free[i / 64] & 1ULL << i % 64)
			continue;
		slot = &journal->slot[i];
		if (slot->order <= order)
			cb(slot->key, slot->payload, slot->bytes, data);
	}
}

void journal_counts(const struct journal *journal,
		    struct journal_counts *ret_counts)
{
	*ret_counts = journal->counts;
}
