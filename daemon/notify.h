/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * notify.h - tell the service manager how far we are (sd_notify(3))
 *
 * One datagram to the socket named in NOTIFY_SOCKET; nothing without it.
 */
#pragma once

/* "READY=1", "STOPPING=1", "STATUS=..." */
void notify(const char *state);
