/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libre_view.c - see libre_view.h; the project's only include of libre */
#include <stdint.h>
#include <sys/socket.h>

#include <re.h>

#include "libre_view.h"

static struct span span_of_pl(struct pl pl)
{
	return (struct span){ pl.p, pl.l };
}

bool libre_view(const uint8_t *data, size_t len, struct libre_view *ret_view)
{
	static struct mbuf *mb;
	static struct sip_msg *msg;

	msg = mem_deref(msg);
	mb = mem_deref(mb);
	mb = mbuf_alloc(len ? len : 1);
	if (!mb || mbuf_write_mem(mb, data, len))
		return false;
	mb->pos = 0;
	if (sip_msg_decode(&msg, mb)) {
		msg = NULL;
		return false;
	}
	*ret_view = (struct libre_view){
		.is_request = msg->req,
		.status = msg->scode,
		.method = span_of_pl(msg->met),
		.call_id = span_of_pl(msg->callid),
		.cseq = msg->cseq.num,
		.cseq_method = span_of_pl(msg->cseq.met),
		.from_tag = span_of_pl(msg->from.tag),
		.to_tag = span_of_pl(msg->to.tag),
		.via_branch = span_of_pl(msg->via.branch),
	};
	return true;
}
