/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_session.c - sessions that end unless they are refreshed (RFC 4028)
 *
 * The far end is to refresh if it can: it knows best when it is gone.  If it
 * cannot, we do, although it never asked: the request itself finds out
 * whether the phone still knows of the call.
 *
 *     we refresh:    at half the interval, UPDATE or re-INVITE
 *     they refresh:  a third of the interval, at most 32 s, before its end:
 *                    BYE (RFC 4028, 10)
 */
#include <osmocom/core/utils.h>

#include "sip_ua.h"

static int64_t margin_ms(const struct sip_leg *leg)
{
	return 1000LL * OSMO_MIN(leg->session_s / 3, 32U);
}

void sip_session_start(struct sip *sip, struct sip_leg *leg)
{
	int64_t interval_ms = 1000LL * leg->session_s;

	if (!leg->session_s) {
		leg->expires_ms = INT64_MAX;
		sip_clock_clear(&sip->legs_clock, &leg->timer);
		return;
	}
	leg->expires_ms = sip->now_ms + interval_ms - margin_ms(leg);
	sip_clock_set(&sip->legs_clock, &leg->timer,
		      leg->we_refresh ? sip->now_ms + interval_ms / 2
				      : leg->expires_ms);
}

bool sip_session_asked(struct sip *sip, struct sip_leg *leg,
		       const struct sip_msg *request)
{
	enum sip_refresher refresher;
	uint32_t asked_s;

	leg->takes_timer = sip_msg_lists(request, SIP_H_SUPPORTED, "timer");
	leg->session_s = sip->session_s;
	leg->we_refresh = !leg->takes_timer;
	if (!sip_msg_session_expires(request, &asked_s, &refresher))
		return true;
	if (asked_s < SIP_MIN_SE_S)
		return false;
	leg->session_s = OSMO_MIN(asked_s, sip->session_s);
	if (leg->takes_timer)
		leg->we_refresh = refresher == SIP_REFRESHER_UAS;
	return true;
}

void sip_session_agreed(struct sip *sip, struct sip_leg *leg,
			const struct sip_msg *answer)
{
	enum sip_refresher refresher;
	uint32_t agreed_s;

	leg->takes_timer =
		sip_msg_session_expires(answer, &agreed_s, &refresher);
	leg->we_refresh = true;
	if (leg->takes_timer) {
		leg->session_s = OSMO_MAX(agreed_s, SIP_MIN_SE_S);
		leg->we_refresh = refresher != SIP_REFRESHER_UAS;
	}
	sip_session_start(sip, leg);
}

void sip_session_write_request(const struct sip *sip, const struct sip_leg *leg,
			       struct sip_writer *w)
{
	uint32_t s = leg->session_s ? leg->session_s : sip->session_s;
	bool ours = leg->state == SIP_LEG_UP && leg->we_refresh;

	sip_write_text(w, "Session-Expires: ");
	sip_write_number(w, OSMO_MAX(s, leg->min_se_s));
	sip_write_text(w, ours ? ";refresher=uac" : ";refresher=uas");
	sip_write_line_end(w);
	if (leg->min_se_s)
		sip_write_header_number(w, "Min-SE", leg->min_se_s);
}

void sip_session_write_answer(const struct sip_leg *leg, struct sip_writer *w)
{
	if (!leg->session_s)
		return;
	if (!leg->we_refresh)
		sip_write_header(w, "Require", span_of("timer"));
	sip_write_text(w, "Session-Expires: ");
	sip_write_number(w, leg->session_s);
	sip_write_text(w,
		       leg->we_refresh ? ";refresher=uas" : ";refresher=uac");
	sip_write_line_end(w);
}

static bool in_negotiation(const struct sip_leg *leg)
{
	return sip_is_open(leg->invite_out) || sip_is_open(leg->update_out) ||
	       sip_is_open(leg->invite_in) || sip_is_open(leg->update_in) ||
	       leg->ack_owed || leg->late;
}

void sip_session_again(struct sip *sip, struct sip_leg *leg, int64_t after_ms)
{
	sip_clock_set(&sip->legs_clock, &leg->timer,
		      OSMO_MIN(sip->now_ms + after_ms, leg->expires_ms));
}

void sip_session_due(struct sip *sip, struct sip_leg *leg)
{
	bool update = leg->takes_update || !leg->sdp;
	struct span sdp = update ? (struct span){ 0 } : span_of(leg->sdp);

	if (sip->now_ms >= leg->expires_ms || !leg->we_refresh) {
		sip_leg_bye_and_end(sip, leg, SIP_END_TIMEOUT, 408);
		return;
	}
	/* A request is on its way and refreshes as well, or tells us that
	 * it does not: look again after that. */
	if (in_negotiation(leg) ||
	    !sip_leg_offer(sip, leg, update ? SIP_UPDATE : SIP_REINVITE, sdp,
			   true)) {
		sip_session_again(sip, leg, SIP_PATIENCE_MS);
		return;
	}
	sip_clock_set(&sip->legs_clock, &leg->timer, leg->expires_ms);
}
