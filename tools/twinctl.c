/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * twinctl.c - the administrator's command
 *
 *     words --> command_parse() --> one line to control.sock
 *                                           |
 *     table, sentence or JSON <-- one line back
 *
 * Exit status: 0 done, 1 refused by the gateway, 2 wrong usage, 3 gateway not
 * reachable.  Wrong usage is told without asking the gateway.
 */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>
#include <talloc.h>

#include "command.h"
#include "twinctl_options.h"
#include "twinctl_text.h"

#define PATIENCE_MS 30000
#define REPLY_MAX (16 * 1024 * 1024)

static void say_sentence(const char *text)
{
	fprintf(stderr, "twinctl: %s\n", text);
}

static int unreachable(const char *path, int error)
{
	fprintf(stderr, "twinctl: the gateway cannot be reached at %s: %s\n",
		path, strerror(error));
	return COMMAND_UNREACHABLE;
}

static int print_help(void *ctx)
{
	printf("usage: twinctl [--state-dir DIR | --socket PATH] [--json] "
	       "NOUN VERB [ARGUMENT ...] [key=value ...]\n\n"
	       "%s\n"
	       "  --state-dir DIR   the gateway's state directory\n"
	       "  --socket PATH     its control socket\n"
	       "  --json            print exactly one JSON value\n"
	       "  --help            print this\n"
	       "  --version         print the version\n\n"
	       "Exit status: 0 done, 1 refused by the gateway, 2 wrong usage, "
	       "3 gateway not reachable.\n",
	       command_help(ctx));
	return COMMAND_DONE;
}

/* ---- the socket ---- */

static int connect_to(const char *path, int *ret_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	*ret_fd = fd;
	return 0;
}

static int send_all(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, text, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		text += sent;
		n -= sent;
	}
	return 0;
}

/* One line; -EPIPE if the gateway closes before its end. */
static int receive_line(void *ctx, int fd, char **ret_line)
{
	char *text = talloc_strdup(ctx, "");
	char part[4096];

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int ready = poll(&wait, 1, PATIENCE_MS);
		ssize_t n;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return ready < 0 ? -errno : -ETIMEDOUT;
		n = recv(fd, part, sizeof(part), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EPIPE;
		if (talloc_get_size(text) + n > REPLY_MAX)
			return -EMSGSIZE;
		text = talloc_strndup_append_buffer(text, part, n);
		if (memchr(part, '\n', n)) {
			*ret_line = text;
			return 0;
		}
	}
}

static int exchange(void *ctx, const char *path,
		    const struct command_request *request, json_t **ret_reply)
{
	json_t *json = command_to_json(request);
	char *dump = json_dumps(json, JSON_COMPACT);
	char *text = talloc_asprintf(ctx, "%s\n", dump);
	char *reply = NULL;
	int fd = -1;
	int rc = connect_to(path, &fd);

	free(dump);
	json_decref(json);
	if (rc == 0)
		rc = send_all(fd, text, strlen(text));
	if (rc == 0)
		rc = receive_line(ctx, fd, &reply);
	if (rc == 0) {
		*ret_reply = json_loads(reply, 0, NULL);
		rc = json_is_object(*ret_reply) ? 0 : -EPROTO;
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

/* ---- */

static void print_result(void *ctx, const struct twinctl_options *options,
			 const struct command *command, const json_t *result)
{
	if (options->json) {
		json_dumpf(result, stdout, JSON_ENCODE_ANY);
		putchar('\n');
	} else {
		fputs(twinctl_text(ctx, command, result), stdout);
	}
}

static int run(void *ctx, const struct twinctl_options *options)
{
	struct command_request *request;
	char why[COMMAND_WHY_MAX];
	json_t *reply = NULL;
	const char *error;
	int status;
	int rc = command_parse(ctx, options->argc,
			       (const char *const *)options->argv, &request,
			       why);

	if (rc) {
		say_sentence(why);
		return COMMAND_USAGE;
	}
	rc = exchange(ctx, options->socket, request, &reply);
	if (rc) {
		json_decref(reply);
		return unreachable(options->socket, -rc);
	}
	status = json_integer_value(json_object_get(reply, "rc"));
	error = json_string_value(json_object_get(reply, "error"));
	if (status == COMMAND_DONE)
		print_result(ctx, options, request->command,
			     json_object_get(reply, "result"));
	else
		say_sentence(error ? error : "refused");
	json_decref(reply);
	return status;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

int main(int argc, char **argv)
{
	const struct twinctl_place place = {
		.root = geteuid() == 0,
		.home = getenv("HOME"),
		.xdg_state_home = getenv("XDG_STATE_HOME"),
		.exists = exists,
	};
	void *ctx = talloc_new(NULL);
	struct twinctl_options options;
	char *why;
	int status;

	setlocale(LC_ALL, "");
	tzset();
	if (twinctl_options(ctx, argc, argv, &place, &options, &why)) {
		say_sentence(why);
		status = COMMAND_USAGE;
	} else if (options.wish == TWINCTL_HELP) {
		status = print_help(ctx);
	} else if (options.wish == TWINCTL_VERSION) {
		printf("twinctl %s\n", TWIND_VERSION);
		status = COMMAND_DONE;
	} else {
		status = run(ctx, &options);
	}
	/* An answer that could not be written is none. */
	if (fflush(stdout) != 0 && status == COMMAND_DONE)
		status = COMMAND_UNREACHABLE;
	talloc_free(ctx);
	return status;
}
