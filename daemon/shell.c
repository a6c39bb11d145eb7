/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell.h"

#include <errno.h>
#include <osmocom/core/utils.h>
#include <stdio.h>
#include <string.h>

#define event vty_event /* its enum, beside the core's struct */
#include <osmocom/vty/command.h>
#include <osmocom/vty/misc.h>
#include <osmocom/vty/telnet_interface.h>
#include <osmocom/vty/vty.h>
#undef event

#include "config.h"
#include "counter.h"
#include "loop.h"
#include "view.h"

static struct {
	struct core *core;
	const struct parts *parts;
} shown;

/* ---- show calls ---- */

static bool print_call(const struct view_call *call, void *data)
{
	struct vty *vty = data;
	size_t i;

	vty_out(vty, "call %llu  %s -> %s  %s%s", (unsigned long long)call->id,
		call->from, call->to, call->state, VTY_NEWLINE);
	for (i = 0; i < call->n_legs; i++)
		vty_out(vty, "  %-16s %s%s", call->legs[i].device,
			call->legs[i].state, VTY_NEWLINE);
	return true;
}

DEFUN(show_calls, show_calls_cmd, "show calls",
      SHOW_STR "Calls that are up or ring\n")
{
	struct view_counts n;

	view_counts(shown.core, &n);
	view_each_call(shown.core, print_call, vty);
	vty_out(vty, "%zu active, %llu since the start%s", n.calls,
		(unsigned long long)n.calls_total, VTY_NEWLINE);
	return CMD_SUCCESS;
}

/* ---- show extensions ---- */

static bool print_extension(const struct view_extension *ext, void *data)
{
	struct vty *vty = data;

	vty_out(vty, "%-12s %-4s %-12s %-24s", ext->number,
		ext->kind == EXT_DECT ? "dect" : "sip",
		ext_state_name(ext->state), ext->name);
	if (*ext->twin)
		vty_out(vty, " %s %s",
			ext->primary ? "primary of" : "secondary of",
			ext->twin);
	vty_out(vty, "%s", VTY_NEWLINE);
	return true;
}

DEFUN(show_extensions, show_extensions_cmd, "show extensions",
      SHOW_STR "Extensions, their state and their twins\n")
{
	view_each_extension(shown.core, print_extension, vty);
	return CMD_SUCCESS;
}

/* ---- show counters ---- */

static void print_counter(const struct counter *counter, void *data)
{
	struct vty *vty = data;

	vty_out(vty, "%-26s %12.0f  %s%s", counter->name, counter->value,
		counter->help, VTY_NEWLINE);
}

static void print_core(struct vty *vty)
{
	struct view_counts n;
	size_t i;

	view_counts(shown.core, &n);
	for (i = 0; i < _NUM_CAUSE; i++)
		if (n.by_cause[i])
			vty_out(vty, "%-26s %12llu  Calls that ended so%s",
				cause_name(i),
				(unsigned long long)n.by_cause[i], VTY_NEWLINE);
	vty_out(vty, "%-26s %12llu  Calls refused by a limit%s",
		"core_refused_total", (unsigned long long)n.refused_calls,
		VTY_NEWLINE);
	vty_out(vty, "%-26s %12llu  Events for what was gone%s",
		"core_dropped_total", (unsigned long long)n.dropped_events,
		VTY_NEWLINE);
}

DEFUN(show_counters, show_counters_cmd, "show counters",
      SHOW_STR "What was counted since the start\n")
{
	print_core(vty);
	counter_each(shown.parts, print_counter, vty);
	return CMD_SUCCESS;
}

/* ---- the door ---- */

void shell_init(struct core *core, const struct parts *parts)
{
	shown.core = core;
	shown.parts = parts;
	install_element_ve(&show_calls_cmd);
	install_element_ve(&show_extensions_cmd);
	install_element_ve(&show_counters_cmd);
	osmo_talloc_vty_add_cmds();
	osmo_fsm_vty_add_cmds();
}

static bool is_open;

int shell_open(void *ctx, bool *ret_optional, char ret_why[SHELL_WHY_MAX])
{
	const char *address = vty_get_bind_addr();
	int port = vty_get_bind_port(-1);
	int rc;

	*ret_optional = port < 0;
	if (port < 0)
		port = CONFIG_VTY_PORT;
	if (strncmp(address, "127.", 4)) {
		snprintf(ret_why, SHELL_WHY_MAX,
			 "line vty: bind %s: the operator shell has no log-in "
			 "and listens on loopback only",
			 address);
		return -EACCES;
	}
	rc = telnet_init_dynif(ctx, NULL, address, port);
	if (rc < 0)
		snprintf(ret_why, SHELL_WHY_MAX,
			 "cannot open the operator shell on %s:%d: the address "
			 "and port are in use, or not ours",
			 address, port);
	is_open = rc >= 0;
	return rc;
}

void shell_close(void)
{
	/* libosmovty closes what it never opened, and falls over. */
	if (is_open)
		telnet_exit();
	is_open = false;
}
