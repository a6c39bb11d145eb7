/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "sip_out.h"

#define ENTRIES_FIRST 16

void sip_out_init(struct sip_out *out, void *ctx, size_t message_bytes)
{
	*out = (struct sip_out){
		.size = ENTRIES_FIRST,
		.room = 2 * message_bytes,
		.message_bytes = message_bytes,
	};
	out->entries = talloc_array(ctx, struct sip_out_entry, out->size);
	out->bytes = talloc_size(ctx, out->room);
	OSMO_ASSERT(out->entries && out->bytes);
}

static void need(struct sip_out *out, size_t len)
{
	if (out->room - out->used >= len)
		return;
	while (out->room - out->used < len)
		out->room *= 2;
	out->bytes = talloc_realloc_size(NULL, out->bytes, out->room);
	OSMO_ASSERT(out->bytes);
}

static void add(struct sip_out *out, const struct sip_addr *local,
		const struct sip_addr *to, size_t len)
{
	if (out->n == out->size) {
		out->size *= 2;
		out->entries = talloc_realloc(NULL, out->entries,
					      struct sip_out_entry, out->size);
		OSMO_ASSERT(out->entries);
	}
	out->entries[out->n++] = (struct sip_out_entry){
		.local = *local,
		.to = *to,
		.at = out->used,
		.len = len,
	};
	out->used += len;
	out->sent++;
}

void sip_out_begin(struct sip_out *out, struct sip_writer *w)
{
	need(out, out->message_bytes);
	sip_write_begin(w, out->bytes + out->used, out->message_bytes);
}

static void describe(const struct sip_out *out,
		     const struct sip_out_entry *entry,
		     struct sip_packet *ret_packet)
{
	*ret_packet = (struct sip_packet){
		.local = entry->local,
		.to = entry->to,
		.data = (const uint8_t *)out->bytes + entry->at,
		.len = entry->len,
	};
}

bool sip_out_end(struct sip_out *out, struct sip_writer *w,
		 const char *content_type, struct span body,
		 const struct sip_addr *local, const struct sip_addr *to,
		 struct sip_packet *ret_packet)
{
	ssize_t len = sip_write_end(w, content_type, body);

	if (len < 0)
		return false;
	add(out, local, to, len);
	if (ret_packet)
		describe(out, &out->entries[out->n - 1], ret_packet);
	return true;
}

void sip_out_lines(struct sip_writer *w, struct span lines)
{
	if (w->spoiled || w->size - w->n < lines.n) {
		w->spoiled = true;
		return;
	}
	memcpy(w->buf + w->n, lines.p, lines.n);
	w->n += lines.n;
}

void sip_out_again(struct sip_out *out, const struct sip_addr *local,
		   const struct sip_addr *to, struct span bytes)
{
	need(out, bytes.n);
	memcpy(out->bytes + out->used, bytes.p, bytes.n);
	add(out, local, to, bytes.n);
	out->again++;
}

bool sip_out_next(struct sip_out *out, struct sip_packet *ret_packet)
{
	if (out->head == out->n) {
		out->head = out->n = out->used = 0;
		return false;
	}
	describe(out, &out->entries[out->head++], ret_packet);
	return true;
}
