/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hal_handset.c - subscriptions, presence, and what a handset shows */
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "hal_priv.h"

#define REMOVE_MS 10000 /* longer than a page */
#define LOCATE_MS 10000
#define IPUI_MAX UINT64_C(0xFFFFFFFFF)

struct handset *hal_handset_get(struct hal *hal, hal_handset_id id)
{
	struct handset *handset = hal_id_find(&hal->handsets, id);

	if (!handset)
		hal->counts.stale++;
	return handset;
}

struct handset *hal_handset_by_ipui(const struct hal *hal,
				    const struct hal_port *base, uint64_t ipui)
{
	struct handset *handset;

	hal_id_for_each (&hal->handsets, i, handset) {
		if (handset->base == base && handset->ipui == ipui)
			return handset;
	}
	return NULL;
}

hal_handset_id hal_handset_find(const struct hal *hal, hal_base_id id,
				uint64_t ipui)
{
	const struct hal_port *base = hal_id_find(&hal->bases, id);
	struct handset *handset =
		base ? hal_handset_by_ipui(hal, base, ipui) : NULL;

	return handset ? handset->id : 0;
}

struct handset *hal_handset_new(struct hal_port *base, uint64_t ipui)
{
	struct hal *hal = base->hal;
	struct handset *handset = talloc_zero(hal, struct handset);

	OSMO_ASSERT(handset);
	handset->base = base;
	handset->ipui = ipui;
	handset->id = hal_id_add(&hal->handsets, handset);
	if (!handset->id) {
		talloc_free(handset);
		return NULL;
	}
	return handset;
}

void hal_handset_free(struct hal *hal, struct handset *handset)
{
	OSMO_ASSERT(!handset->call);
	hal_id_remove(&hal->handsets, handset->id);
	talloc_free(handset);
}

void hal_handset_set(struct handset *handset,
		     const struct hal_assignment *assignment)
{
	struct hal_assignment *own = &handset->assignment;

	*own = (struct hal_assignment){ .twin = assignment->twin };
	hal_text_copy(own->number, sizeof(own->number), assignment->number,
		      false);
	hal_text_copy(own->name, sizeof(own->name), assignment->name, false);
}

/* ---- presence ---- */

static void send_time(struct handset *handset, int64_t now_ms)
{
	const struct hal *hal = handset->base->hal;
	const struct hal_driver *driver = handset->base->driver;

	if (!hal->time_known || !driver->time_set ||
	    !(handset->base->caps.can & HAL_CAP_TIME))
		return;
	driver->time_set(handset->base->priv, now_ms, handset->id,
			 hal->time_unix_s + (now_ms - hal->time_set_ms) / 1000,
			 hal->zone_quarters);
}

static void send_indicators(struct handset *handset, int64_t now_ms)
{
	const struct hal_port *base = handset->base;

	handset->told = true;
	if (base->driver->indicate && base->caps.can & HAL_CAP_INDICATORS)
		base->driver->indicate(base->priv, now_ms, handset->id,
				       &handset->indicators);
}

/* It attached, and may have forgotten all that it was told. */
static void greet(struct handset *handset, int64_t now_ms)
{
	send_indicators(handset, now_ms);
	send_time(handset, now_ms);
}

void hal_handset_presence(struct handset *handset, int64_t now_ms,
			  enum hal_presence presence)
{
	if (handset->presence == presence) {
		if (presence == HAL_ATTACHED)
			greet(handset, now_ms);
		return;
	}
	if (presence != HAL_ATTACHED && handset->call)
		hal_call_cut(handset->call, now_ms, HAL_WHY_LINK_LOST);
	handset->presence = presence;
	hal_queue_event(handset->base->hal, &(struct hal_event){
						    .type = HAL_EV_HANDSET,
						    .base = handset->base->id,
						    .handset = handset->id,
						    .presence = presence,
					    });
	handset->told = false;
	if (presence == HAL_ATTACHED)
		greet(handset, now_ms);
}

/* The driver's handset, or NULL and counted. */
static struct handset *of_port(struct hal_port *port, hal_handset_id id)
{
	struct handset *handset = hal_id_find(&port->hal->handsets, id);

	if (!handset || handset->base != port) {
		port->hal->counts.wrong_state++;
		return NULL;
	}
	return handset;
}

void hal_up_presence(struct hal_port *port, int64_t now_ms, hal_handset_id id,
		     enum hal_presence presence)
{
	struct handset *handset = of_port(port, id);

	if (handset && (port->state == HAL_UP || port->state == HAL_SYNCING))
		hal_handset_presence(handset, now_ms, presence);
}

void hal_up_wideband(struct hal_port *port, hal_handset_id id, bool can)
{
	struct handset *handset = of_port(port, id);

	if (handset)
		handset->wideband = can;
}

void hal_up_deleted(struct hal_port *port, int64_t now_ms, hal_handset_id id)
{
	struct handset *handset = of_port(port, id);

	if (!handset)
		return;
	if (handset->call)
		hal_call_cut(handset->call, now_ms, HAL_WHY_UNREACHABLE);
	hal_queue_event(port->hal, &(struct hal_event){
					   .type = HAL_EV_HANDSET_DELETED,
					   .base = port->id,
					   .handset = id,
					   .sub.ipui = handset->ipui,
				   });
	hal_handset_free(port->hal, handset);
}

hal_handset_id hal_up_snapshot(struct hal_port *port, int64_t now_ms,
			       uint64_t ipui)
{
	struct handset *handset = hal_handset_by_ipui(port->hal, port, ipui);

	if (!handset) {
		handset = hal_handset_new(port, ipui);
		if (!handset) {
			port->hal->counts.refused++;
			return 0;
		}
		hal_queue_event(port->hal, &(struct hal_event){
						   .type = HAL_EV_HANDSET_FOUND,
						   .base = port->id,
						   .handset = handset->id,
						   .sub.ipui = ipui,
					   });
	}
	handset->confirmed = true;
	return handset->id;
}

/* ---- the host's wishes ---- */

int hal_handset_restore(struct hal *hal, int64_t now_ms, hal_base_id id,
			uint64_t ipui, const uint8_t uak[HAL_UAK_BYTES],
			const struct hal_assignment *assignment,
			hal_handset_id *ret_handset)
{
	struct hal_port *base = hal_base_find(hal, id);
	bool host_keys;
	struct handset *handset;
	int rc;

	if (!base)
		return HAL_E_STALE;
	if (ipui > IPUI_MAX)
		return HAL_E_ARG;
	host_keys = base->caps.can & HAL_CAP_HOST_KEYS;
	handset = hal_handset_by_ipui(hal, base, ipui);
	if (handset && host_keys)
		return HAL_E_EXIST;
	if (!handset) {
		/* Its own memory was read, and this one is not in it. */
		if (!host_keys && base->state == HAL_UP)
			return HAL_E_STATE;
		handset = hal_handset_new(base, ipui);
		if (!handset)
			return HAL_E_LIMIT;
	}
	hal_handset_set(handset, assignment);
	if (host_keys) {
		rc = base->driver->restore(base->priv, now_ms, handset->id,
					   ipui, uak, &handset->assignment);
		if (rc < 0) {
			hal_handset_free(hal, handset);
			return rc;
		}
	}
	*ret_handset = handset->id;
	return 0;
}

int hal_handset_assign(struct hal *hal, int64_t now_ms, hal_handset_id id,
		       const struct hal_assignment *assignment)
{
	struct handset *handset = hal_handset_get(hal, id);
	struct hal_assignment old;
	const struct hal_driver *driver;
	int rc = 0;

	if (!handset)
		return HAL_E_STALE;
	old = handset->assignment;
	driver = handset->base->driver;
	hal_handset_set(handset, assignment);
	if (driver->assign)
		rc = driver->assign(handset->base->priv, now_ms, id,
				    &handset->assignment);
	if (rc < 0)
		handset->assignment = old;
	return rc;
}

int hal_handset_delete(struct hal *hal, int64_t now_ms, hal_handset_id id,
		       hal_req_id *ret_req)
{
	struct handset *handset = hal_handset_get(hal, id);
	struct hal_port *base;
	struct request *request;
	hal_req_id req;
	int rc;

	if (!handset)
		return HAL_E_STALE;
	base = handset->base;
	if (!base->driver->remove)
		return HAL_E_NOTSUP;
	request = hal_request_new(base, id, now_ms + REMOVE_MS);
	if (!request)
		return HAL_E_LIMIT;
	req = request->id;
	rc = base->driver->remove(base->priv, now_ms, req, id);
	if (rc < 0) {
		hal_request_drop(hal, request);
		return rc;
	}
	if (handset->call)
		hal_call_cut(handset->call, now_ms, HAL_WHY_UNREACHABLE);
	hal_handset_free(hal, handset);
	*ret_req = req;
	return 0;
}

int hal_handset_locate(struct hal *hal, int64_t now_ms, hal_handset_id id,
		       unsigned int seconds, hal_req_id *ret_req)
{
	struct handset *handset = hal_handset_get(hal, id);
	struct hal_port *base;
	struct request *request;
	hal_req_id req;
	int rc;

	if (!handset)
		return HAL_E_STALE;
	base = handset->base;
	rc = hal_base_ready(base, HAL_CAP_LOCATE);
	if (rc < 0)
		return rc;
	if (handset->presence == HAL_LOST)
		return HAL_E_RANGE;
	if (handset->presence != HAL_ATTACHED)
		return HAL_E_DETACHED;
	request = hal_request_new(base, id, now_ms + LOCATE_MS);
	if (!request)
		return HAL_E_LIMIT;
	req = request->id;
	rc = base->driver->locate(base->priv, now_ms, req, id, seconds);
	if (rc < 0) {
		hal_request_drop(hal, request);
		return rc;
	}
	*ret_req = req;
	return 0;
}

int hal_indicate(struct hal *hal, int64_t now_ms, hal_handset_id id,
		 const struct hal_indicators *indicators)
{
	struct handset *handset = hal_handset_get(hal, id);
	struct hal_indicators *own;

	if (!handset)
		return HAL_E_STALE;
	if (!(handset->base->caps.can & HAL_CAP_INDICATORS))
		return HAL_E_NOTSUP;
	own = &handset->indicators;
	if (own->missed != indicators->missed ||
	    own->messages != indicators->messages ||
	    own->dnd != indicators->dnd) {
		*own = *indicators;
		handset->told = false;
	}
	if (handset->presence == HAL_ATTACHED && !handset->told)
		send_indicators(handset, now_ms);
	return 0;
}

int hal_time_set(struct hal *hal, int64_t now_ms, int64_t unix_s,
		 int zone_quarters)
{
	struct handset *handset;

	if (zone_quarters < -56 || zone_quarters > 56 || unix_s < 946684800)
		return HAL_E_ARG; /* before 2000: the air has two digits */
	hal->time_known = true;
	hal->time_unix_s = unix_s;
	hal->time_set_ms = now_ms;
	hal->zone_quarters = zone_quarters;
	hal_id_for_each (&hal->handsets, i, handset) {
		if (handset->presence == HAL_ATTACHED)
			send_time(handset, now_ms);
	}
	return 0;
}

int hal_handset_view(const struct hal *hal, hal_handset_id id,
		     struct hal_handset_view *ret_view)
{
	const struct handset *handset = hal_id_find(&hal->handsets, id);

	if (!handset)
		return HAL_E_STALE;
	*ret_view = (struct hal_handset_view){
		.base = handset->base->id,
		.ipui = handset->ipui,
		.presence = handset->presence,
		.call = handset->call ? handset->call->id : 0,
		.assignment = handset->assignment,
		.indicators = handset->indicators,
		.wideband = handset->wideband,
	};
	return 0;
}
