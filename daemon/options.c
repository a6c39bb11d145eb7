/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>
#include <unistd.h>

#include "config.h"

#define GO_ON -1
#define WRONG_USAGE 2

static const char usage[] =
	"usage: twind [--config FILE] [--state-dir DIR] [--check-config]\n"
	"             [--version] [--help]\n"
	"\n"
	"A gateway that twins a handset with a desk phone.  It runs in the\n"
	"foreground and logs to stderr; SIGTERM ends it, SIGHUP reads the\n"
	"configuration again.\n"
	"\n"
	"  --config FILE    default: " CONFIG_FILE " if it exists, else\n"
	"                   SIP on 5060, HTTP on 127.0.0.1:8080, one "
	"simulated\n"
	"                   base\n"
	"  --state-dir DIR  default: /var/lib/twind for root, else\n"
	"                   $XDG_STATE_HOME/twind or ~/.local/state/twind\n"
	"  --check-config   read the configuration, say if it is good, exit\n";

static const char *usual_state_dir(void *ctx)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (geteuid() == 0)
		return "/var/lib/twind";
	if (state && *state == '/')
		return talloc_asprintf(ctx, "%s/twind", state);
	if (home && *home == '/')
		return talloc_asprintf(ctx, "%s/.local/state/twind", home);
	return NULL;
}

int options_read(void *ctx, int argc, char **argv, struct options *ret_options)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "state-dir", required_argument, NULL, 's' },
		{ "check-config", no_argument, NULL, 'k' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "hV", known, NULL)) != -1) {
		switch (c) {
		case 'c':
			o.config = optarg;
			break;
		case 's':
			o.state_dir = optarg;
			break;
		case 'k':
			o.check_config = true;
			break;
		case 'V':
			puts("twind " TWIND_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs("twind --help tells what there is\n", stderr);
			return WRONG_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "twind: what is '%s'?  See twind --help\n",
			argv[optind]);
		return WRONG_USAGE;
	}
	if (!o.config && access(CONFIG_FILE, F_OK) == 0)
		o.config = CONFIG_FILE;
	if (!o.state_dir)
		o.state_dir = usual_state_dir(ctx);
	if (!o.state_dir) {
		fputs("twind: no HOME to keep the state in; say --state-dir\n",
		      stderr);
		return WRONG_USAGE;
	}
	*ret_options = o;
	return GO_ON;
}
