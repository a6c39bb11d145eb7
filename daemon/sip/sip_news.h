/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_news.h - events that wait to be fetched, with text of their own
 *
 * What an event says may lie in a datagram or a leg that is gone when it is
 * fetched: its text is copied.  The copies of all live until the queue has
 * been found empty.
 */
#pragma once

#include "sip.h"

struct sip_news {
	struct sip_event *events;
	size_t head, n, size;
	char *bytes;
	size_t used, room;
};

void sip_news_init(struct sip_news *news, void *ctx);
void sip_news_add(struct sip_news *news, const struct sip_event *event);
bool sip_news_next(struct sip_news *news, struct sip_event *ret_event);
