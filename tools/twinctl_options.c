/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinctl_options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <talloc.h>

#define SYSTEM_DIR "/var/lib/twind"
#define SOCKET_NAME "control.sock"

static char *in_dir(void *ctx, const char *dir)
{
	return talloc_asprintf(ctx, "%s/" SOCKET_NAME, dir);
}

static char *default_socket(void *ctx, const struct twinctl_place *place)
{
	char *own = NULL;

	if (!place->root && place->xdg_state_home && *place->xdg_state_home)
		own = talloc_asprintf(ctx, "%s/twind/" SOCKET_NAME,
				      place->xdg_state_home);
	else if (!place->root && place->home)
		own = talloc_asprintf(ctx, "%s/.local/state/twind/" SOCKET_NAME,
				      place->home);
	if (own &&
	    (place->exists(own) || !place->exists(SYSTEM_DIR "/" SOCKET_NAME)))
		return own;
	return in_dir(ctx, SYSTEM_DIR);
}

int twinctl_options(void *ctx, int argc, char **argv,
		    const struct twinctl_place *place,
		    struct twinctl_options *ret_options, char **ret_why)
{
	static const struct option known[] = {
		{ "state-dir", required_argument, NULL, 'd' },
		{ "socket", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	struct twinctl_options options = { .wish = TWINCTL_COMMAND };
	const char *dir = NULL;
	int option;

	optind = 0; /* begin anew, and let options stand anywhere */
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":h", known, NULL)) != -1) {
		switch (option) {
		case 'd':
			dir = optarg;
			break;
		case 's':
			options.socket = talloc_strdup(ctx, optarg);
			break;
		case 'j':
			options.json = true;
			break;
		case 'h':
			options.wish = TWINCTL_HELP;
			break;
		case 'V':
			options.wish = TWINCTL_VERSION;
			break;
		case ':':
			*ret_why = talloc_asprintf(ctx, "%s needs a value",
						   argv[optind - 1]);
			return -EINVAL;
		default:
			*ret_why = talloc_asprintf(
				ctx,
				"there is no option '%s'; the options are "
				"--state-dir DIR, --socket PATH, --json, "
				"--help and --version",
				argv[optind - 1]);
			return -EINVAL;
		}
	}
	if (dir && options.socket) {
		*ret_why = talloc_strdup(
			ctx, "--state-dir and --socket exclude each other");
		return -EINVAL;
	}
	if (dir)
		options.socket = in_dir(ctx, dir);
	if (!options.socket)
		options.socket = default_socket(ctx, place);
	options.argc = argc - optind;
	options.argv = argv + optind;
	*ret_options = options;
	return 0;
}
