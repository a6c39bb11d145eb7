/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edge_db.h - between the core and the store: translates, has no opinion
 *
 *     ACT_STORE --> edge_db_perform() --> db_submit()
 *     EV_STORED <-- edge_db_next()    <-- db_next_result()
 */
#pragma once

#include "action.h"
#include "db.h"

struct edge_db;

/* @page is handed the pages that somebody asked db_query() for. */
typedef void edge_db_page(void *data, const struct db_result *page);

struct edge_db *edge_db_new(void *ctx, struct db *db, edge_db_page *page,
			    void *data);

void edge_db_perform(struct edge_db *edge, const struct action *action);
/* The caller fills in the time. */
bool edge_db_next(struct edge_db *edge, struct event *ret_event);

/* Each stored row as an EV_LOAD event, in the order in which the core can
 * take them.  Waits for the disk: before the loop starts.  0 or -errno. */
typedef void edge_db_load_cb(const struct event *event, void *data);
int edge_db_load(struct edge_db *edge, edge_db_load_cb *cb, void *data);
