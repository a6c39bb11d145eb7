/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ctl_socket.h - control.sock: requests line by line (ctl_line.h)
 *
 *     line --> request --> api_ask() ...... answer --> line
 *       ^                                                |
 *       +------------------ next line <------------------+
 *
 * Requests of one connection are carried out one after the other, in order:
 * a list that is asked for behind a change shows the change.  Many may be
 * sent ahead; what cannot be taken yet waits in the socket.  Who closes his
 * writing side still gets the answers.
 *
 * Limits: CTL_CONNECTIONS_MAX connections (the others wait in the kernel), a
 * line of CTL_LINE_MAX bytes (answered with rc 2, then closed),
 * CTL_SEND_TIMEOUT_S for a peer that does not read its answers.
 */
#pragma once

#include "api.h"

#define CTL_CONNECTIONS_MAX 64
#define CTL_SEND_TIMEOUT_S 30

struct ctl_socket;
struct event_base;

/* See admin_listen_control().  Freeing it removes the socket file. */
int ctl_socket_new(void *ctx, struct event_base *base, struct api *api,
		   const char *path, struct ctl_socket **ret_ctl,
		   char why[ADMIN_WHY_MAX]);
