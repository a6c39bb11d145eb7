/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <osmocom/core/utils.h>
#include <talloc.h>

#include "sip_news.h"

#define EVENTS_FIRST 16
#define BYTES_FIRST 8192

void sip_news_init(struct sip_news *news, void *ctx)
{
	*news = (struct sip_news){ .size = EVENTS_FIRST, .room = BYTES_FIRST };
	news->events = talloc_array(ctx, struct sip_event, news->size);
	news->bytes = talloc_size(ctx, news->room);
	OSMO_ASSERT(news->events && news->bytes);
}

/* While it waits, a span's pointer is an offset: the bytes may move. */
static void take_in(struct sip_news *news, struct span *text)
{
	size_t at = news->used;

	while (news->room - news->used < text->n) {
		news->room *= 2;
		news->bytes =
			talloc_realloc_size(NULL, news->bytes, news->room);
		OSMO_ASSERT(news->bytes);
	}
	if (text->n)
		memcpy(news->bytes + at, text->p, text->n);
	news->used += text->n;
	text->p = (const char *)(uintptr_t)at;
}

static void give_out(const struct sip_news *news, struct span *text)
{
	text->p = text->n ? news->bytes + (uintptr_t)text->p : NULL;
}

void sip_news_add(struct sip_news *news, const struct sip_event *event)
{
	struct sip_event *e;

	if (news->n == news->size) {
		news->size *= 2;
		news->events = talloc_realloc(NULL, news->events,
					      struct sip_event, news->size);
		OSMO_ASSERT(news->events);
	}
	e = &news->events[news->n++];
	*e = *event;
	take_in(news, &e->user);
	take_in(news, &e->target);
	take_in(news, &e->body);
	take_in(news, &e->content_type);
	take_in(news, &e->contact);
	take_in(news, &e->user_agent);
}

bool sip_news_next(struct sip_news *news, struct sip_event *ret_event)
{
	if (news->head == news->n) {
		news->head = news->n = news->used = 0;
		return false;
	}
	*ret_event = news->events[news->head++];
	give_out(news, &ret_event->user);
	give_out(news, &ret_event->target);
	give_out(news, &ret_event->body);
	give_out(news, &ret_event->content_type);
	give_out(news, &ret_event->contact);
	give_out(news, &ret_event->user_agent);
	return true;
}
