/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "remember.h"

#include <sys/uio.h>

#include "journal.h"
#include "loop.h"
#include "sip.h"

#define ADDRESSES_BYTES (2 * sizeof(struct sip_addr))

/* ---- while a leg rings ---- */

static void on_remember(void *data, uint64_t leg,
			const struct sip_packet *packet)
{
	struct sip_addr addr[2] = { packet->local, packet->to };
	const struct iovec parts[] = {
		{ addr, sizeof(addr) },
		{ (void *)packet->data, packet->len },
	};

	addr[1].conn = 0;
	/* What finds no room there is counted there, and the call goes on. */
	journal_remember(data, leg, parts, 2);
}

static void on_forget(void *data, uint64_t leg)
{
	journal_forget(data, leg);
}

/* ---- after a restart ---- */

struct recovery {
	struct journal *journal;
	struct sip *sip;
	size_t n;
};

static void recover(uint64_t key, const uint8_t *payload, size_t bytes,
		    void *data)
{
	struct recovery *recovery = data;
	uint8_t copy[JOURNAL_BYTES_MAX];
	struct sip_packet packet;

	if (bytes > sizeof(copy))
		return;
	memcpy(copy, payload, bytes);
	/* First, for the element may want to remember what it does now under
	 * the very key. */
	journal_forget(recovery->journal, key);
	if (bytes <= ADDRESSES_BYTES)
		return; /* of another version */
	memcpy(&packet.local, copy, sizeof(packet.local));
	memcpy(&packet.to, copy + sizeof(packet.local), sizeof(packet.to));
	packet.data = copy + ADDRESSES_BYTES;
	packet.len = bytes - ADDRESSES_BYTES;
	sip_recover(recovery->sip, loop_now_ms(), &packet);
	recovery->n++;
}

size_t remember(struct journal *journal, struct sip *sip)
{
	struct recovery recovery = { journal, sip, 0 };
	const struct sip_journal keeper = { journal, on_remember, on_forget };

	journal_each(journal, recover, &recovery);
	sip_set_journal(sip, &keeper);
	return recovery.n;
}
