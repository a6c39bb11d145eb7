/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hal_base.c - the life of a base: open, up, down, closed */
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "hal_priv.h"

struct hal_port *hal_base_find(struct hal *hal, hal_base_id id)
{
	struct hal_port *base = hal_id_find(&hal->bases, id);

	if (!base)
		hal->counts.stale++;
	return base;
}

int hal_base_ready(const struct hal_port *base, uint32_t caps)
{
	if (base->state != HAL_UP)
		return HAL_E_LINK;
	if ((base->caps.can & caps) != caps)
		return HAL_E_NOTSUP;
	return 0;
}

static void tell(struct hal_port *base)
{
	hal_queue_event(base->hal, &(struct hal_event){
					   .type = HAL_EV_BASE,
					   .base = base->id,
					   .state = base->state,
				   });
}

int hal_base_open(struct hal *hal, int64_t now_ms, const char *name,
		  const struct hal_driver *driver, void *priv,
		  hal_base_id *ret_base)
{
	struct hal_port *base;
	int rc;

	if (!name[0] || strlen(name) > HAL_BASE_NAME_MAX)
		return HAL_E_ARG;
	hal_id_for_each (&hal->bases, i, base) {
		if (strcmp(base->name, name) == 0)
			return HAL_E_EXIST;
	}
	base = talloc_zero(hal, struct hal_port);
	OSMO_ASSERT(base);
	base->hal = hal;
	base->driver = driver;
	base->priv = priv;
	base->state = HAL_OPENING;
	OSMO_STRLCPY_ARRAY(base->name, name);
	driver->caps(priv, &base->caps);
	OSMO_ASSERT(!(base->caps.can & HAL_CAP_CALLS) ||
		    (driver->call_setup && driver->call_proceeding &&
		     driver->call_alerting && driver->call_connect &&
		     driver->call_release && driver->call_drop));
	base->id = hal_id_add(&hal->bases, base);
	if (!base->id) {
		talloc_free(base);
		return HAL_E_LIMIT;
	}
	rc = driver->open(priv, now_ms, base);
	if (rc < 0) {
		hal_id_remove(&hal->bases, base->id);
		talloc_free(base);
		return rc;
	}
	*ret_base = base->id;
	return 0;
}

/* All that lived by the link dies with it; the telling keeps its order:
 * calls, then who waits, then presence. */
static void leave_up(struct hal_port *base, int64_t now_ms, int rc)
{
	struct hal *hal = base->hal;
	struct handset *handset;
	struct call *call;

	hal_id_for_each (&hal->calls, i, call) {
		if (call->base == base)
			hal_call_cut(call, now_ms, HAL_WHY_LINK_LOST);
	}
	hal_subs_fail(base);
	if (base->window_open)
		hal_window_close(base, now_ms, HAL_WINDOW_BASE);
	base->window_req = 0;
	hal_requests_fail(base, rc);
	hal_id_for_each (&hal->handsets, i, handset) {
		if (handset->base == base)
			hal_handset_presence(handset, now_ms, HAL_UNKNOWN);
	}
}

int hal_base_close(struct hal *hal, int64_t now_ms, hal_base_id id)
{
	struct hal_port *base = hal_base_find(hal, id);
	struct handset *handset;

	if (!base)
		return HAL_E_STALE;
	leave_up(base, now_ms, HAL_E_CANCELLED);
	base->driver->close(base->priv, now_ms);
	hal_id_for_each (&hal->handsets, i, handset) {
		if (handset->base == base)
			hal_handset_free(hal, handset);
	}
	base->state = HAL_CLOSED;
	tell(base);
	hal_id_remove(&hal->bases, base->id);
	talloc_free(base);
	return 0;
}

/* A base with a memory of its own has shown all it has. */
static void forget_missing(struct hal_port *base, int64_t now_ms)
{
	struct handset *handset;

	if (base->caps.can & HAL_CAP_HOST_KEYS)
		return;
	hal_id_for_each (&base->hal->handsets, i, handset) {
		if (handset->base == base && !handset->confirmed)
			hal_up_deleted(base, now_ms, handset->id);
	}
}

void hal_up_state(struct hal_port *base, int64_t now_ms,
		  enum hal_base_state state)
{
	struct handset *handset;

	OSMO_ASSERT(state != HAL_CLOSED);
	if (state == base->state)
		return;
	if (base->state == HAL_UP)
		leave_up(base, now_ms, HAL_E_LINK);
	if (state == HAL_SYNCING) {
		hal_id_for_each (&base->hal->handsets, i, handset) {
			if (handset->base == base)
				handset->confirmed = false;
		}
	}
	if (state == HAL_UP)
		forget_missing(base, now_ms);
	base->state = state;
	tell(base);
}

void hal_base_tick(struct hal_port *base, int64_t now_ms)
{
	base->driver->tick(base->priv, now_ms);
	hal_window_tick(base, now_ms);
}

int hal_base_view(const struct hal *hal, hal_base_id id,
		  struct hal_base_view *ret_view)
{
	const struct hal_port *base = hal_id_find(&hal->bases, id);
	struct handset *handset;

	if (!base)
		return HAL_E_STALE;
	*ret_view = (struct hal_base_view){
		.driver = base->driver->name,
		.state = base->state,
		.caps = base->caps,
		.window_open = base->window_open,
		.window_end_ms = base->window_end_ms,
	};
	OSMO_STRLCPY_ARRAY(ret_view->name, base->name);
	hal_id_for_each (&hal->handsets, i, handset) {
		if (handset->base != base)
			continue;
		ret_view->handsets++;
		ret_view->attached += handset->presence == HAL_ATTACHED;
		ret_view->calls += handset->call != NULL;
	}
	return 0;
}
