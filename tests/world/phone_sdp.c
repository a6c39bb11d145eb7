/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include <osmocom/core/utils.h>

#include "phone_priv.h"

static char *compose(void *ctx, const struct phone *phone,
		     struct phone_call *call, const char *formats,
		     const char *direction)
{
	unsigned int ip = phone->addr.ip;

	return talloc_asprintf(
		ctx,
		"v=0\r\no=%s %u %llu IN IP4 %u.%u.%u.%u\r\ns=-\r\n"
		"c=IN IP4 %u.%u.%u.%u\r\nt=0 0\r\nm=audio %u RTP/AVP%s\r\n"
		"a=rtpmap:101 telephone-event/8000\r\na=%s\r\n",
		phone->label, phone->addr.port, ++call->sdp_version, ip >> 24,
		ip >> 16 & 255, ip >> 8 & 255, ip & 255, ip >> 24,
		ip >> 16 & 255, ip >> 8 & 255, ip & 255,
		phone->addr.port + 10000u, formats, direction);
}

char *phone_sdp_offer(void *ctx, const struct phone *phone,
		      struct phone_call *call)
{
	return compose(ctx, phone, call, " 9 8 0 101", call->direction);
}

static const char *direction_of(const char *sdp)
{
	static const char *const all[] = { "sendonly", "recvonly", "inactive",
					   "sendrecv" };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		char line[32];

		snprintf(line, sizeof(line), "\r\na=%s\r\n", all[i]);
		if (strstr(sdp, line))
			return all[i];
	}
	return "sendrecv";
}

/* RFC 3264, 6.1, and what our user wants. */
static const char *reply_direction(const char *theirs, const char *ours)
{
	bool hear = strcmp(theirs, "sendonly") == 0 ||
		    strcmp(theirs, "sendrecv") == 0;
	bool speak = strcmp(theirs, "recvonly") == 0 ||
		     strcmp(theirs, "sendrecv") == 0;

	if (strcmp(ours, "sendonly") == 0)
		hear = false;
	return hear && speak ? "sendrecv"
	       : hear	     ? "recvonly"
	       : speak	     ? "sendonly"
			     : "inactive";
}

char *phone_sdp_reply(void *ctx, const struct phone *phone,
		      struct phone_call *call, const char *offer)
{
	static const char *const mine[] = { "9", "8", "0", "101" };
	const char *m = strstr(offer, "\r\nm=audio ");
	char formats[64] = "", *line, *save = NULL;
	bool audio = false;

	if (!m)
		return NULL;
	line = talloc_strndup(ctx, m + 2, strcspn(m + 2, "\r"));
	strtok_r(line, " ", &save); /* m=audio */
	strtok_r(NULL, " ", &save); /* port */
	strtok_r(NULL, " ", &save); /* RTP/AVP */
	for (char *f; (f = strtok_r(NULL, " ", &save));)
		for (size_t i = 0; i < ARRAY_SIZE(mine); i++)
			if (strcmp(f, mine[i]) == 0) {
				strcat(strcat(formats, " "), f);
				audio |= strcmp(f, "101") != 0;
			}
	if (!audio)
		return NULL;
	return compose(ctx, phone, call, formats,
		       reply_direction(direction_of(offer), call->direction));
}

static struct phone_remote *fork_of(struct phone *phone,
				    struct phone_call *call, const char *tag)
{
	for (size_t i = 0; i < call->n_forks; i++)
		if (strcmp(call->forks[i].tag, tag) == 0)
			return &call->forks[i];
	if (call->n_forks == ARRAY_SIZE(call->forks)) {
		phone_fault(phone, "more early dialogs than anyone needs");
		call->n_forks--;
	}
	call->forks[call->n_forks].tag = talloc_strdup(call, tag);
	return &call->forks[call->n_forks++];
}

/* "o=user id version ..." */
static void check_origin(struct phone *phone, struct phone_call *call,
			 struct phone_remote *far, const char *sdp)
{
	char user[64], id[64];
	unsigned long long version;
	const char *o = strstr(sdp, "\r\no=");

	if (strncmp(sdp, "v=0\r\n", 5) != 0 || !o ||
	    sscanf(o + 4, "%63s %63s %llu", user, id, &version) != 3 ||
	    !strstr(sdp, "\r\nm=audio ") || !strstr(sdp, "\r\nc=IN IP")) {
		phone_fault(phone, "no session description:\n%s", sdp);
		return;
	}
	if (far->sdp && !phone->manners.disorder) {
		if (strcmp(far->origin_id, id) != 0)
			phone_fault(phone, "session id changed in a dialog");
		else if (strcmp(far->sdp, sdp) != 0 && version <= far->version)
			phone_fault(phone,
				    "changed SDP, version %llu then %llu",
				    far->version, version);
	}
	far->origin_id = talloc_strdup(call, id);
	far->version = version;
}

void phone_sdp_seen(struct phone *phone, struct phone_call *call,
		    const char *tag, const char *sdp, bool answer_to_invite)
{
	struct phone_remote *far = fork_of(phone, call, tag ? tag : "");
	bool holds;

	/* RFC 3261, 13.2.1: all answers to one offer are one answer. */
	if (answer_to_invite && far->answered_invite &&
	    strcmp(far->sdp, sdp) != 0)
		phone_fault(phone, "the answer changed its mind:\n%s\n%s",
			    far->sdp, sdp);
	check_origin(phone, call, far, sdp);
	far->sdp = talloc_strdup(call, sdp);
	far->answered_invite = answer_to_invite;
	talloc_free(call->remote_sdp);
	call->remote_sdp = talloc_strdup(call, sdp);
	holds = strcmp(direction_of(sdp), "sendonly") == 0 ||
		strcmp(direction_of(sdp), "inactive") == 0;
	if (holds != call->remote_holds && !answer_to_invite)
		phone_tell(phone, holds ? "held" : "resumed", "%s", "");
	call->remote_holds = holds && !answer_to_invite;
}
