/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config.h - the configuration file: text in, one plain struct out
 *
 *     twind.cfg --> config_read() --> struct config --> main.c builds the parts
 *                                          ^
 *     operator shell --> the same words ---+--> changed(): the run-time choices
 *
 * The words are libosmovty nodes, so a line of the file can be typed at the
 * operator shell (shell.h) and `write` brings it back into the file.  What is
 * not said has a default; a list that is not begun (listeners, bases) has
 * that of the bare gateway: SIP on 5060, UDP and TCP, on all addresses, HTTP
 * on 127.0.0.1:8080, one simulated base called "sim".
 *
 * Some choices come true at once (the dialplan, log levels), the others at
 * the next start; config_needs_restart() names them.
 *
 * There is one grammar in a process, so these functions are not reentrant.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "code_plan.h"

#define CONFIG_FILE "/etc/twind/twind.cfg"
#define CONFIG_LISTENERS_MAX 16
#define CONFIG_BASES_MAX 16
#define CONFIG_ADDRESS_MAX 63
#define CONFIG_NAME_MAX 63
#define CONFIG_NUMBER_MAX 31
#define CONFIG_EMERGENCY_MAX 8
#define CONFIG_VTY_PORT 4289

struct config_listener {
	char transport[4];		      /* "udp", "tcp" */
	char address[CONFIG_ADDRESS_MAX + 1]; /* IPv4 or IPv6, as inet_pton() */
	uint16_t port;			      /* 0: any that is free */
};

struct config_base {
	char name[CONFIG_NAME_MAX + 1];
	char driver[CONFIG_NAME_MAX + 1]; /* "sim" */
};

struct config_dialplan {
	bool dial_secondary_to_primary; /* T35: dial-secondary to-primary */
	bool primary_must_be_reachable; /* T19a */
	struct code_plan codes;		/* T182 */
	unsigned int ring_limit_s;	/* rings no longer than that */
	unsigned int no_answer_s;	/* T61, where a user has no own */
	bool second_call_in_use_only;	/* T23: second-call-targets */
	char voicemail[CONFIG_NUMBER_MAX + 1]; /* "": there is none */
	char emergency[CONFIG_EMERGENCY_MAX][CONFIG_NUMBER_MAX + 1]; /* T33 */
};

#define CONFIG_MAILBOXES_MAX 8

struct config {
	char domain[CONFIG_NAME_MAX + 1];
	char realm[CONFIG_NAME_MAX + 1]; /* "": the domain */
	bool md5_first; /* for phones that look at the first challenge alone */
	bool md5_only;	/* for phones that fail at another beside it */
	struct config_listener listen[CONFIG_LISTENERS_MAX];
	unsigned int n_listen;
	/* Who may tell of waiting messages unasked. */
	char mailboxes[CONFIG_MAILBOXES_MAX][CONFIG_ADDRESS_MAX + 1];
	unsigned int n_mailboxes;
	struct config_listener http; /* transport is "tcp" */
	struct config_base bases[CONFIG_BASES_MAX];
	unsigned int n_bases;
	struct config_dialplan dialplan;
	uint16_t rtp_port_min, rtp_port_max;
	char rtp_address[CONFIG_ADDRESS_MAX +
			 1]; /* "": as the first listener */
};

/* Teach libosmovty the grammar, once, before all else. */
void config_init(void *ctx);

/*
 * Read @path, or with NULL take the defaults.  -EINVAL: @ret_why says where
 * (file, line) and what is wrong, and *ret_config is untouched.
 */
#define CONFIG_WHY_MAX 512
int config_read(struct config *ret_config, const char *path,
		char ret_why[CONFIG_WHY_MAX]);

/* From now on the operator shell shows and changes @config; @changed is told
 * when a choice is made that comes true at once. */
typedef void config_changed_cb(void *data);
void config_run(struct config *config, config_changed_cb *changed, void *data);

/* What differs and waits for a restart: "sip, rtp", or "" if nothing does. */
#define CONFIG_PARTS_MAX 64
void config_needs_restart(const struct config *now, const struct config *next,
			  char ret_parts[CONFIG_PARTS_MAX]);

/* The realm in force. */
const char *config_realm(const struct config *config);
