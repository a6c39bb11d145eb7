/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settings_json.h - what follows the twin of an extension, as shown, while
 * nobody has set anything; with and without blanks
 */
#pragma once

/* What a refusal of a wrong key lists after the columns. */
#define SETTINGS_KEYS                                                          \
	"dnd, dnd_exceptions, logged_in, forward_unconditional, "              \
	"forward_busy, forward_no_answer, follow_me, no_answer_time, "         \
	"transfer_return_time, call_waiting, busy_on_held, voicemail, "        \
	"voicemail_number, central_log, log_missed_group_calls, "              \
	"log_missed_answered_elsewhere, twinning_allowed, outgoing, "          \
	"login_code"

/* clang-format off */
#define SETTINGS_SPACED \
	", \"dnd_exceptions\": []" \
	", \"forward_unconditional\": null" \
	", \"forward_busy\": null" \
	", \"forward_no_answer\": null" \
	", \"follow_me\": null" \
	", \"no_answer_time\": 15" \
	", \"transfer_return_time\": null" \
	", \"call_waiting\": false" \
	", \"busy_on_held\": false" \
	", \"voicemail\": false" \
	", \"voicemail_number\": null" \
	", \"central_log\": true" \
	", \"log_missed_group_calls\": false" \
	", \"log_missed_answered_elsewhere\": false" \
	", \"twinning_allowed\": true" \
	", \"outgoing\": \"all\""

#define SETTINGS_COMPACT \
	",\"dnd_exceptions\":[]" \
	",\"forward_unconditional\":null" \
	",\"forward_busy\":null" \
	",\"forward_no_answer\":null" \
	",\"follow_me\":null" \
	",\"no_answer_time\":15" \
	",\"transfer_return_time\":null" \
	",\"call_waiting\":false" \
	",\"busy_on_held\":false" \
	",\"voicemail\":false" \
	",\"voicemail_number\":null" \
	",\"central_log\":true" \
	",\"log_missed_group_calls\":false" \
	",\"log_missed_answered_elsewhere\":false" \
	",\"twinning_allowed\":true" \
	",\"outgoing\":\"all\""
/* clang-format on */
