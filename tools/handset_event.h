/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * handset_event.h - what a script reads: one JSON object a line
 *
 * The words are those of the table of events in the man page.
 */
#pragma once

#include <jansson.h>

#include "sim_pt.h"

#define IPUI_TEXT 17
/* Ten hexadecimal digits, as the administrator's command shows it. */
void handset_event_ipui(uint64_t ipui, char ret_text[IPUI_TEXT]);

/* NULL: nothing that is told.  The caller owns the object. */
json_t *handset_event_json(const struct pt *pt, const struct pt_event *event);

json_t *handset_event_ready(const struct pt *pt, const char *label);
json_t *handset_event_state(const struct pt *pt, bool playing, bool recording);
json_t *handset_event_error(const char *text);
