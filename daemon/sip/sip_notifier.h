/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_notifier.h - subscriptions: their life, and nothing of their contents
 *
 *    SUBSCRIBE --> ASKED --refused--> gone
 *                    |
 *                 granted                 refresh: asked and granted again
 *                    |                        +----+
 *                    +--> ACTIVE -------------+    |
 *                    |      |  ^                   |
 *                    |      |  +-------------------+
 *                    |      +-- time is over, a NOTIFY failed --> gone
 *                    |      |
 *       fetches only |      | Expires: 0
 *                    +--> LAST --its document--> gone
 *
 * RFC 6665.  Every SUBSCRIBE is authenticated, a refresh as well: for one
 * package its body changes settings.  A NOTIFY that is answered with what says
 * that nobody listens there any more (RFC 6665, 4.2.2), or not at all, ends the
 * subscription; one that is refused for the moment is tried again, three times.
 *
 * After a restart there are none: a refresh finds nothing, is told so by 481,
 * and the phone subscribes anew.
 */
#pragma once

#include "sip_clock.h"
#include "sip_reply.h"
#include "sip_table.h"

struct sip_notifier {
	const struct sip_package *packages;
	unsigned int n_packages;
	struct sip_table by_id, by_tag, by_user, by_target;
	struct sip_clock clock;
	uint64_t last_id;
	struct sip_addr tellers[SIP_TELLERS_MAX];
	size_t n_tellers;
};

void sip_notifier_init(struct sip_notifier *notifier, void *ctx);

/* SUBSCRIBE without and with a To tag, NOTIFY without one. */
void sip_notifier_subscribe(struct sip *sip, const struct sip_arrival *arrival);
void sip_notifier_refresh(struct sip *sip, const struct sip_arrival *arrival);
void sip_notifier_told(struct sip *sip, const struct sip_arrival *arrival);

/* What became of a NOTIFY of ours. */
void sip_notifier_answered(struct sip *sip, struct sip_trans *trans,
			   const struct sip_arrival *arrival);
void sip_notifier_trans_ended(struct sip *sip, const struct sip_trans_end *end);

void sip_notifier_tick(struct sip *sip);
void sip_notifier_disconnected(struct sip *sip, const struct sip_addr *addr);
/* Who is no user any more watches nobody. */
void sip_notifier_user_gone(struct sip *sip, const char *user);
void sip_notifier_write_events(const struct sip *sip, struct sip_writer *w);
