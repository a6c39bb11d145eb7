/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_recover.c - ending what the process before us had begun
 *
 * A phone that it rang is told to stop, by a CANCEL with the branch of the
 * INVITE that we remember; the INVITE is adopted as if we had sent it, so
 * that 487 is acknowledged, and a 2xx acknowledged and hung up.  Whether it
 * was answered provisionally nobody knows any more: 9.1 would have us wait
 * for what may have come already, and the phone would ring on.
 *
 * A caller gets 503, built from the last thing that it was told, as a
 * transaction that repeats it until the ACK.
 */
#include <osmocom/core/utils.h>

#include "sip_own.h"
#include "sip_ua.h"

static void recover_invite(struct sip *sip, const struct sip_packet *packet)
{
	struct span invite = { (const char *)packet->data, packet->len };
	struct span branch = sip_own_branch(invite);
	struct sip_trans *trans;

	if (!branch.n || sip_trans_of_branch(&sip->trans, SIP_M_INVITE, branch))
		return;
	trans = sip_trans_client(&sip->trans, sip->now_ms, SIP_M_INVITE, branch,
				 packet);
	trans->state = SIP_TRANS_PROCEEDING;
	sip_trans_hurry(&sip->trans, trans, sip->now_ms);
	sip_write_cancel(sip, invite, &packet->local, &packet->to, false);
}

static void recover_caller(struct sip *sip, const struct sip_packet *packet)
{
	const struct sip_msg *msg = &sip->msg;
	struct sip_packet final;
	struct sip_trans *trans;
	struct sip_fault fault;
	struct sip_writer w;

	if (sip_msg_parse(&sip->msg, packet->data, packet->len, &fault) != 0 ||
	    msg->is_request || msg->method != SIP_M_INVITE ||
	    sip_trans_of_request(&sip->trans, msg))
		return;
	sip_out_begin(&sip->out, &w);
	sip_write_status(&w, 503, NULL);
	sip_write_copy(&w, msg, SIP_H_VIA);
	sip_write_copy(&w, msg, SIP_H_FROM);
	sip_write_copy(&w, msg, SIP_H_TO);
	sip_write_copy(&w, msg, SIP_H_CALL_ID);
	sip_write_copy(&w, msg, SIP_H_CSEQ);
	sip_write_header(&w, "Reason", span_of("Q.850;cause=41"));
	sip_write_header_number(&w, "Retry-After", 5);
	sip_write_server(sip, &w);
	if (!sip_out_end(&sip->out, &w, NULL, (struct span){ 0 },
			 &packet->local, &packet->to, &final))
		return;
	trans = sip_trans_server(&sip->trans, sip->now_ms, msg, &packet->local,
				 &packet->to, &packet->to);
	if (trans)
		sip_trans_answer(&sip->trans, trans, sip->now_ms, 503, &final);
}

void sip_recover(struct sip *sip, int64_t now_ms,
		 const struct sip_packet *packet)
{
	struct span text = { (const char *)packet->data, packet->len };

	sip->now_ms = now_ms;
	if (!packet->len)
		return;
	if (span_is(sip_own_method(text), "INVITE"))
		recover_invite(sip, packet);
	else
		recover_caller(sip, packet);
}
