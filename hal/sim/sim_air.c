/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim_air.c - the ether: connections, frames, range */
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "sim_priv.h"

static struct radio *radio_find(struct sim *sim, sim_conn id)
{
	struct radio *radio;

	llist_for_each_entry (radio, &sim->radios, entry) {
		if (radio->id == id)
			return radio;
	}
	return NULL;
}

static void radio_free(struct sim *sim, struct radio *radio)
{
	OSMO_ASSERT(!radio->unit);
	llist_del(&radio->entry);
	explicit_bzero(&radio->mm, sizeof(radio->mm));
	talloc_free(radio);
	sim->counts.conns--;
}

/* The bound handset, if any, has no air any more. */
static void unbind(struct sim *sim, int64_t now_ms, struct radio *radio)
{
	if (radio->unit)
		sim_unit_lost(sim, now_ms, radio->unit);
}

static void beacon(struct sim *sim, struct radio *radio)
{
	uint8_t data[AIR_BEACON_SIZE];

	memcpy(data, sim->rfpi, DECT_RFPI_BYTES);
	data[DECT_RFPI_BYTES] = sim->window_open ? AIR_BEACON_OPEN : 0;
	sim_air_send(sim, radio, AIR_BEACON, data, sizeof(data));
}

void sim_air_beacon(struct sim *sim)
{
	struct radio *radio;

	llist_for_each_entry (radio, &sim->radios, entry)
		beacon(sim, radio);
}

int sim_air_open(struct sim *sim, int64_t now_ms, sim_conn *ret_conn)
{
	struct radio *radio;

	if (!sim->started || sim->broken)
		return HAL_E_LINK;
	if (sim->counts.conns == sim->max_conns)
		return HAL_E_LIMIT;
	radio = talloc_zero(sim, struct radio);
	OSMO_ASSERT(radio);
	radio->id = ++sim->last_conn;
	radio->in_range = true;
	radio->out = talloc_size(radio, sim->max_out);
	OSMO_ASSERT(radio->out);
	air_reader_init(&radio->reader);
	llist_add_tail(&radio->entry, &sim->radios);
	sim->counts.conns++;
	beacon(sim, radio);
	*ret_conn = radio->id;
	return 0;
}

void sim_air_closed(struct sim *sim, int64_t now_ms, sim_conn conn)
{
	struct radio *radio = radio_find(sim, conn);

	if (!radio)
		return;
	unbind(sim, now_ms, radio);
	radio_free(sim, radio);
}

void sim_air_tick(struct sim *sim, int64_t now_ms, struct radio *radio)
{
	if (radio->cut)
		unbind(sim, now_ms, radio);
}

int64_t sim_air_next_ms(const struct radio *radio)
{
	return radio->cut && radio->unit ? INT64_MIN : INT64_MAX;
}

void sim_air_cut_all(struct sim *sim, int64_t now_ms)
{
	struct radio *radio;

	llist_for_each_entry (radio, &sim->radios, entry) {
		radio->cut = true;
		radio->mm.state = MM_IDLE;
		unbind(sim, now_ms, radio);
	}
}

void sim_air_send(struct sim *sim, struct radio *radio, enum air_type type,
		  const uint8_t *data, size_t len)
{
	size_t free_bytes = sim->max_out - radio->out_len;
	size_t n;

	if (!radio->in_range || radio->cut)
		return;
	if (type == AIR_AUDIO && free_bytes < sim->max_out / 2) {
		sim->counts.audio_dropped++; /* sound may be lost, words not */
		return;
	}
	n = air_write(radio->out + radio->out_len, free_bytes, type, data, len);
	if (n == 0) {
		/* It does not read.  Its handset is lost at the next tick,
		 * not under the feet of who sends. */
		sim->counts.overflow++;
		radio->cut = true;
		radio->out_len = 0;
		return;
	}
	radio->out_len += n;
}

void sim_air_message(struct sim *sim, struct radio *radio,
		     const struct dect_writer *w)
{
	OSMO_ASSERT(!w->bad);
	sim->counts.tx++;
	sim_air_send(sim, radio, AIR_DATA, w->buf, w->len);
}

bool sim_air_next(struct sim *sim, struct sim_air *ret_air)
{
	struct radio *radio;

	TALLOC_FREE(sim->lent);
	llist_for_each_entry (radio, &sim->radios, entry) {
		if (radio->cut && radio->out_len == 0 && !radio->unit) {
			*ret_air = (struct sim_air){ .conn = radio->id,
						     .close = true };
			radio_free(sim, radio);
			return true;
		}
		if (radio->out_len == 0)
			continue;
		sim->lent = talloc_steal(sim, radio->out);
		*ret_air = (struct sim_air){ .conn = radio->id,
					     .data = sim->lent,
					     .len = radio->out_len };
		radio->out = talloc_size(radio, sim->max_out);
		OSMO_ASSERT(radio->out);
		radio->out_len = 0;
		/* Who is served goes to the end of the line. */
		llist_move_tail(&radio->entry, &sim->radios);
		return true;
	}
	return false;
}

static void range(struct sim *sim, int64_t now_ms, struct radio *radio, bool in)
{
	struct unit *unit = radio->unit;

	if (in == radio->in_range)
		return;
	radio->in_range = in;
	if (unit)
		unit->lost_ms =
			!in && unit->link ? now_ms + SIM_LINK_LOST_MS : 0;
	if (in)
		beacon(sim, radio);
	else
		radio->mm.state = MM_IDLE;
}

static void message(struct sim *sim, int64_t now_ms, struct radio *radio,
		    const struct air_frame *frame)
{
	struct dect_msg msg;

	sim->counts.rx++;
	if (dect_msg_parse(&msg, frame->data, frame->len) < 0) {
		sim->counts.bad_message++;
		return;
	}
	switch (msg.pd) {
	case DECT_LCE:
		sim_link_rx(sim, now_ms, radio, &msg);
		break;
	case DECT_CC:
		sim_cc_rx(sim, now_ms, radio, &msg);
		break;
	case DECT_MM:
		sim_mm_rx(sim, now_ms, radio, &msg);
		break;
	default:
		sim->counts.unknown_message++;
		break;
	}
}

int sim_air_rx(struct sim *sim, int64_t now_ms, sim_conn conn,
	       const uint8_t *data, size_t len)
{
	struct radio *radio = radio_find(sim, conn);
	struct air_frame frame;
	int rc = 0;

	if (!radio)
		return HAL_E_STALE;
	while (!radio->cut &&
	       (rc = air_read(&radio->reader, &data, &len, &frame)) > 0) {
		if (frame.type == AIR_RADIO) {
			range(sim, now_ms, radio, frame.data[0] != 0);
		} else if (frame.type != AIR_DATA && frame.type != AIR_AUDIO) {
			rc = -EPROTO; /* a handset has no beacon */
			break;
		} else if (!radio->in_range) {
			continue;
		} else if (frame.type == AIR_DATA) {
			message(sim, now_ms, radio, &frame);
		} else {
			sim_cc_audio(sim, now_ms, radio, frame.data, frame.len);
		}
	}
	if (rc >= 0)
		return 0;
	sim->counts.bad_frame++;
	sim_air_closed(sim, now_ms, conn);
	return HAL_E_PROTO;
}
