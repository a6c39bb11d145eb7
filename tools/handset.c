/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * handset.c - a simulated DECT handset: the program
 *
 *      keyboard, script --> commands --+            +--> screen, JSON lines
 *     the base's socket --> bytes -----+--> struct -+--> bytes
 *                 clock --> time ------+      pt    +--> sound files
 *
 * The handset itself is sim_pt.h; here are its socket, clock, files and
 * terminal.  After whatever happened, run() brings everything up to date.
 */
#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <talloc.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include <osmocom/core/utils.h>

#include "air.h"
#include "handset_command.h"
#include "handset_event.h"
#include "handset_screen.h"
#include "handset_sound.h"
#include "handset_store.h"

/* A handset looks for its base again after so long. */
#define SEARCH_MS 500

/* Leaving, it waits so long for its last words to be taken. */
#define GOODBYE_MS 300

#define ERROR_MAX 1024

/* Bytes for a base that takes none: it is stuck, and sound is not kept. */
#define OUT_BYTES_MAX (256 * 1024)

enum exit_status { EXIT_FINE, EXIT_TROUBLE, EXIT_USAGE };

struct handset {
	const char *base_path, *label, *store_path;
	bool json;
	struct event_base *loop;
	struct pt *pt;
	struct sound *sound;
	struct screen screen;
	int air; /* -1: no connection */
	struct evbuffer *out, *in_lines;
	struct event *air_read, *air_write, *input, *timer;
	struct event *signals[4];
	unsigned int n_signals;
	int64_t search_ms; /* INT64_MAX: connected */
	int64_t drawn_ms;
	bool touched; /* the screen is to be drawn anew */
	bool leaving;
	int status;
	struct termios cooked;
};

static void run(struct handset *hs);

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void leave(struct handset *hs, enum exit_status status)
{
	hs->leaving = true;
	hs->status = status;
	event_base_loopbreak(hs->loop);
}

/* ---- telling ---- */

static void tell(struct handset *hs, json_t *object)
{
	if (hs->json && object) {
		json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
		fputc('\n', stdout);
		/* Nobody listens any more. */
		if (fflush(stdout) != 0)
			leave(hs, EXIT_TROUBLE);
	}
	json_decref(object);
}

static __attribute__((format(printf, 2, 3))) void
tell_error(struct handset *hs, const char *format, ...)
{
	char text[ERROR_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	osmo_strlcpy(hs->screen.notice, text, sizeof(hs->screen.notice));
	hs->touched = true;
	tell(hs, handset_event_error(text));
}

static void tell_file_error(struct handset *hs, const char *what,
			    const char *path, int rc)
{
	const char *why = rc == -EBADMSG ? "this is no sound file (RIFF, WAVE)"
			  : rc == -ENOTSUP
				  ? "a sound file must be 16-bit linear, "
				    "mono or stereo, 8 to 48 kHz"
				  : strerror(-rc);

	tell_error(hs, "%s%s%s: %s", what, *path ? " " : "", path, why);
}

/* ---- what happened in the handset ---- */

static void keep(struct handset *hs)
{
	int rc;

	if (!hs->store_path)
		return;
	rc = store_save(hs->store_path, pt_memory(hs->pt));
	if (rc)
		tell_file_error(hs, "the memory is not kept,", hs->store_path,
				rc);
}

static void happened(struct handset *hs, const struct pt_event *event)
{
	int rc = 0;

	switch (event->type) {
	case PT_EV_MEMORY:
		keep(hs);
		break;
	case PT_EV_RELEASED:
		/* Before it is told, so that who reads of it finds it whole. */
		rc = sound_over(hs->sound);
		break;
	case PT_EV_ALERTING:
		if (!hs->json)
			fputc('\a', stdout);
		break;
	default:
		break;
	}
	if (rc)
		tell_file_error(hs, "record", "", rc);
	screen_event(&hs->screen, now_ms(), event);
	tell(hs, handset_event_json(hs->pt, event));
}

/* ---- the air ---- */

static void air_close(struct handset *hs)
{
	if (hs->air < 0)
		return;
	event_free(hs->air_read);
	event_free(hs->air_write);
	close(hs->air);
	hs->air = -1;
}

static void air_lost(struct handset *hs)
{
	air_close(hs);
	evbuffer_drain(hs->out, evbuffer_get_length(hs->out));
	hs->search_ms = now_ms() + SEARCH_MS;
	pt_air_down(hs->pt, now_ms());
}

static void on_air_readable(evutil_socket_t fd, short what, void *data)
{
	struct handset *hs = data;
	uint8_t bytes[4096];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		air_lost(hs);
	} else if (pt_rx(hs->pt, now_ms(), bytes, n) < 0) {
		tell_error(hs, "%s: this is not the air of a base",
			   hs->base_path);
		air_lost(hs);
	}
	run(hs);
}

static void on_air_writable(evutil_socket_t fd, short what, void *data)
{
	run(data);
}

static int air_connect(struct handset *hs)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(hs->base_path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, hs->base_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	hs->air = fd;
	hs->search_ms = INT64_MAX;
	hs->air_read = event_new(hs->loop, fd, EV_READ | EV_PERSIST,
				 on_air_readable, hs);
	hs->air_write = event_new(hs->loop, fd, EV_WRITE, on_air_writable, hs);
	OSMO_ASSERT(hs->air_read && hs->air_write);
	event_add(hs->air_read, NULL);
	pt_air_up(hs->pt, now_ms());
	return 0;
}

static void air_send(struct handset *hs)
{
	uint8_t bytes[AIR_FRAME_MAX];
	size_t n;

	while ((n = pt_next_air(hs->pt, bytes, sizeof(bytes))) > 0)
		if (hs->air >= 0)
			evbuffer_add(hs->out, bytes, n);
	if (hs->air < 0 || evbuffer_get_length(hs->out) == 0)
		return;
	if (evbuffer_write(hs->out, hs->air) < 0 && errno != EAGAIN &&
	    errno != EINTR) {
		air_lost(hs);
		return;
	}
	if (evbuffer_get_length(hs->out) > OUT_BYTES_MAX)
		air_lost(hs);
	else if (evbuffer_get_length(hs->out) > 0)
		event_add(hs->air_write, NULL);
}

/* ---- commands ---- */

static const char *no_dial(const struct pt *pt)
{
	if (pt_state(pt) != PT_ATTACHED)
		return "the handset is not attached to a base";
	return "there is a call already";
}

static const char *no_subscribe(const struct pt *pt)
{
	if (pt_memory(pt)->subscribed)
		return "the handset is subscribed already";
	if (pt_state(pt) == PT_ATTACHING)
		return "a subscription is under way";
	return "there is no base in reach";
}

/* Why a key has no use now. */
static const char *no_use(const struct pt *pt, enum command_verb verb)
{
	switch (verb) {
	case COMMAND_SUBSCRIBE:
		return no_subscribe(pt);
	case COMMAND_DIAL:
		return no_dial(pt);
	case COMMAND_ANSWER:
	case COMMAND_REJECT:
		return "no call is ringing here";
	case COMMAND_HOLD:
	case COMMAND_KEYS:
		return "there is no conversation";
	case COMMAND_RETRIEVE:
		return "no call is on hold";
	default:
		return "there is no call";
	}
}

static int press(struct pt *pt, const struct command *command)
{
	const char *argument = command->argument;
	int64_t now = now_ms();

	switch (command->verb) {
	case COMMAND_SUBSCRIBE:
		return pt_subscribe(pt, now, argument);
	case COMMAND_POWER:
		pt_power(pt, now, command->on);
		return 0;
	case COMMAND_RANGE:
		pt_range(pt, now, command->on);
		return 0;
	case COMMAND_DIAL:
		return pt_dial(pt, now, argument);
	case COMMAND_ANSWER:
		return pt_answer(pt, now);
	case COMMAND_REJECT:
		return pt_reject(pt, now);
	case COMMAND_HANGUP:
		return pt_hangup(pt, now);
	case COMMAND_HOLD:
		return pt_hold(pt, now);
	case COMMAND_RETRIEVE:
		return pt_retrieve(pt, now);
	case COMMAND_KEYS:
		return pt_keys(pt, now, argument);
	default:
		return 0;
	}
}

static void tell_help(struct handset *hs)
{
	json_t *words = json_array();
	char text[ERROR_MAX] = "";
	unsigned int i;

	for (i = 0; command_usage(i); i++) {
		json_array_append_new(words, json_string(command_usage(i)));
		osmo_strlcpy(text + strlen(text), command_usage(i),
			     sizeof(text) - strlen(text));
		osmo_strlcpy(text + strlen(text), "  ",
			     sizeof(text) - strlen(text));
	}
	osmo_strlcpy(hs->screen.notice, text, sizeof(hs->screen.notice));
	tell(hs, json_pack("{s:s, s:o}", "event", "help", "commands", words));
}

static void carry_out(struct handset *hs, const struct command *command)
{
	int rc;

	switch (command->verb) {
	case COMMAND_NONE:
		return;
	case COMMAND_QUIT:
		leave(hs, EXIT_FINE);
		return;
	case COMMAND_STATE:
		tell(hs,
		     handset_event_state(hs->pt, sound_is_playing(hs->sound),
					 sound_is_recording(hs->sound)));
		return;
	case COMMAND_HELP:
		tell_help(hs);
		return;
	case COMMAND_PLAY:
		rc = sound_play(hs->sound, command->argument);
		if (rc)
			tell_file_error(hs, "play", command->argument, rc);
		return;
	case COMMAND_RECORD:
		rc = sound_record(hs->sound, command->argument);
		if (rc)
			tell_file_error(hs, "record", command->argument, rc);
		return;
	default:
		rc = press(hs->pt, command);
		if (rc == -EBADFD)
			tell_error(hs, "%s: %s", command_word(command->verb),
				   no_use(hs->pt, command->verb));
		else if (rc)
			tell_error(hs, "%s: %s", command_word(command->verb),
				   strerror(-rc));
	}
}

static void understand(struct handset *hs, const char *line)
{
	struct command command;
	char error[ERROR_MAX];

	if (command_parse(line, &command, error, sizeof(error)))
		carry_out(hs, &command);
	else
		tell_error(hs, "%s", error);
}

/* ---- input ---- */

static void take_lines(struct handset *hs)
{
	char *line;

	while (!hs->leaving &&
	       (line = evbuffer_readln(hs->in_lines, NULL, EVBUFFER_EOL_LF))) {
		if (strlen(line) >= COMMAND_LINE_MAX)
			tell_error(hs, "a line of more than %d characters",
				   COMMAND_LINE_MAX - 1);
		else
			understand(hs, line);
		free(line);
	}
	if (evbuffer_get_length(hs->in_lines) >= COMMAND_LINE_MAX) {
		evbuffer_drain(hs->in_lines, COMMAND_LINE_MAX);
		tell_error(hs, "a line of more than %d characters",
			   COMMAND_LINE_MAX - 1);
	}
}

static void take_keys(struct handset *hs)
{
	char line[SCREEN_PROMPT_MAX + 1];
	unsigned char key;

	while (!hs->leaving && evbuffer_remove(hs->in_lines, &key, 1) == 1)
		if (screen_key(&hs->screen, key, line))
			understand(hs, line);
	/* What follows Escape in the same breath belongs to it. */
	if (screen_key(&hs->screen, 0, line))
		understand(hs, line);
}

static void on_input(evutil_socket_t fd, short what, void *data)
{
	struct handset *hs = data;
	int n = evbuffer_read(hs->in_lines, fd, COMMAND_LINE_MAX);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		leave(hs, EXIT_FINE);
	else if (hs->json)
		take_lines(hs);
	else
		take_keys(hs);
	hs->touched = true;
	run(hs);
}

static void on_signal(evutil_socket_t fd, short what, void *data)
{
	leave(data, EXIT_FINE);
}

static void on_resize(evutil_socket_t fd, short what, void *data)
{
	struct handset *hs = data;

	hs->touched = true;
	run(hs);
}

/* ---- the terminal ---- */

static void terminal_begin(struct handset *hs)
{
	struct termios raw;

	tcgetattr(STDIN_FILENO, &hs->cooked);
	raw = hs->cooked;
	raw.c_lflag &= ~(ICANON | ECHO);
	raw.c_iflag &= ~ICRNL;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	fputs("\x1b[?1049h\x1b[?25l", stdout);
}

static void terminal_end(struct handset *hs)
{
	fputs("\x1b[?25h\x1b[?1049l", stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSANOW, &hs->cooked);
}

static void show(struct handset *hs)
{
	const struct pt_memory *memory = pt_memory(hs->pt);
	char text[SCREEN_BYTES_MAX];
	struct winsize size = { .ws_row = SCREEN_LINES };
	time_t now = time(NULL);
	struct tm tm;

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	hs->screen.state = pt_state(hs->pt);
	hs->screen.call_state = pt_call_state(hs->pt);
	hs->screen.playing = sound_is_playing(hs->sound);
	hs->screen.recording = sound_is_recording(hs->sound);
	osmo_strlcpy(hs->screen.number, memory->number,
		     sizeof(hs->screen.number));
	osmo_strlcpy(hs->screen.name, memory->name, sizeof(hs->screen.name));
	strftime(hs->screen.clock, sizeof(hs->screen.clock), "%H:%M",
		 localtime_r(&now, &tm));
	fwrite(text, 1, screen_draw(&hs->screen, now_ms(), size.ws_row, text),
	       stdout);
	if (fflush(stdout) != 0)
		leave(hs, EXIT_TROUBLE);
}

/* ---- one turn ---- */

static void set_timer(struct handset *hs)
{
	int64_t now = now_ms();
	int64_t next = OSMO_MIN(pt_next_ms(hs->pt), sound_next_ms(hs->sound));
	struct timeval tv;

	next = OSMO_MIN(next, hs->search_ms);
	if (!hs->json)
		next = OSMO_MIN(next, hs->drawn_ms + 1000); /* the clock */
	if (next == INT64_MAX) {
		event_del(hs->timer);
		return;
	}
	next = OSMO_MAX(next - now, 0);
	tv = (struct timeval){ next / 1000, next % 1000 * 1000 };
	event_add(hs->timer, &tv);
}

static void run(struct handset *hs)
{
	struct pt_event event;
	int64_t now = now_ms();
	bool new = false;
	int rc;

	if (hs->search_ms <= now && air_connect(hs) < 0)
		hs->search_ms = now + SEARCH_MS;
	if (pt_next_ms(hs->pt) <= now)
		pt_tick(hs->pt, now);
	rc = sound_run(hs->sound, now);
	if (rc)
		tell_file_error(hs, "record", "", rc);
	air_send(hs);
	while (pt_next_event(hs->pt, &event)) {
		happened(hs, &event);
		new = true;
	}
	air_send(hs);
	if (!hs->json && !hs->leaving &&
	    (new || now - hs->drawn_ms >= 1000 || hs->touched)) {
		hs->drawn_ms = now;
		hs->touched = false;
		show(hs);
	}
	set_timer(hs);
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	run(data);
}

/* ---- begin and end ---- */

static int recall(struct handset *hs, struct pt_memory *memory)
{
	int rc;

	if (!hs->store_path)
		return 0;
	rc = store_load(hs->store_path, memory);
	if (rc == -ENOENT)
		return 0;
	if (rc == -EBADMSG)
		fprintf(stderr,
			"handset: %s is not the memory of a handset; it is "
			"left as it is\n",
			hs->store_path);
	else if (rc)
		fprintf(stderr, "handset: %s: %s\n", hs->store_path,
			strerror(-rc));
	return rc;
}

static struct event_base *loop_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *loop;

	/* epoll takes no plain files, and a script may be one. */
	event_config_avoid_method(config, "epoll");
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	loop = event_base_new_with_config(config);
	OSMO_ASSERT(loop);
	event_config_free(config);
	return loop;
}

static void catch_signal(struct handset *hs, int sig, event_callback_fn then)
{
	struct event *ev = evsignal_new(hs->loop, sig, then, hs);

	OSMO_ASSERT(ev && event_add(ev, NULL) == 0);
	OSMO_ASSERT(hs->n_signals < ARRAY_SIZE(hs->signals));
	hs->signals[hs->n_signals++] = ev;
}

static void loop_begin(struct handset *hs)
{
	catch_signal(hs, SIGTERM, on_signal);
	catch_signal(hs, SIGINT, on_signal);
	catch_signal(hs, SIGHUP, on_signal);
	if (!hs->json)
		catch_signal(hs, SIGWINCH, on_resize);
	hs->timer = evtimer_new(hs->loop, on_timer, hs);
	hs->input = event_new(hs->loop, STDIN_FILENO, EV_READ | EV_PERSIST,
			      on_input, hs);
	OSMO_ASSERT(hs->timer && hs->input);
	event_add(hs->input, NULL);
}

static void loop_end(struct handset *hs)
{
	while (hs->n_signals > 0)
		event_free(hs->signals[--hs->n_signals]);
	event_free(hs->timer);
	event_free(hs->input);
}

/* Good-bye to the base, as far as it listens. */
static void say_goodbye(struct handset *hs)
{
	int64_t until = now_ms() + GOODBYE_MS;

	pt_power(hs->pt, now_ms(), false);
	air_send(hs);
	while (hs->air >= 0 && evbuffer_get_length(hs->out) > 0 &&
	       now_ms() < until) {
		struct pollfd pollfd = { hs->air, POLLOUT, 0 };

		poll(&pollfd, 1, GOODBYE_MS);
		air_send(hs);
	}
}

static int live(struct handset *hs)
{
	int rc = air_connect(hs);

	if (rc) {
		fprintf(stderr, "handset: no base at %s: %s\n", hs->base_path,
			strerror(-rc));
		return EXIT_TROUBLE;
	}
	signal(SIGPIPE, SIG_IGN);
	loop_begin(hs);
	if (!hs->json)
		terminal_begin(hs);

	keep(hs); /* a new handset is known again the next time */
	tell(hs, handset_event_ready(hs->pt, hs->label));
	run(hs);
	if (!hs->leaving)
		event_base_dispatch(hs->loop);

	sound_over(hs->sound);
	say_goodbye(hs);
	air_close(hs);
	if (!hs->json)
		terminal_end(hs);
	loop_end(hs);
	return hs->status;
}

static const char usage[] =
	"Usage: handset --base PATH [--name LABEL] [--store FILE] [--json]\n"
	"A simulated DECT handset at the base whose socket is PATH.\n"
	"\n"
	"  --base PATH    the base's socket, base-NAME.sock in twind's state\n"
	"                 directory\n"
	"  --name LABEL   written above its display\n"
	"  --store FILE   its memory (IPUI, keys), kept over restarts\n"
	"  --json         read commands, write a line of JSON for each event;\n"
	"                 so it does without a terminal, too\n"
	"  --help         this text\n"
	"  --version      the version\n"
	"\n"
	"Commands:\n";

static void print_usage(void)
{
	unsigned int i;

	fputs(usage, stdout);
	for (i = 0; command_usage(i); i++)
		printf("  %s\n", command_usage(i));
	fputs("\nSee handset(1).\n", stdout);
}

static int wrong_usage(const char *what)
{
	fprintf(stderr, "handset: %s\nTry 'handset --help'.\n", what);
	return EXIT_USAGE;
}

/* -1: go on; else the exit status. */
static int read_arguments(struct handset *hs, int argc, char **argv)
{
	static const struct option options[] = {
		{ "base", required_argument, NULL, 'b' },
		{ "name", required_argument, NULL, 'n' },
		{ "store", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'b':
			hs->base_path = optarg;
			break;
		case 'n':
			hs->label = optarg;
			break;
		case 's':
			hs->store_path = optarg;
			break;
		case 'j':
			hs->json = true;
			break;
		case 'h':
			print_usage();
			return EXIT_FINE;
		case 'v':
			puts("handset " TWIND_VERSION);
			return EXIT_FINE;
		default: /* getopt has said what is wrong */
			fputs("Try 'handset --help'.\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		return wrong_usage("there is an argument too many");
	if (!hs->base_path)
		return wrong_usage("--base PATH is needed");
	return -1;
}

int main(int argc, char **argv)
{
	struct handset *hs = talloc_zero(NULL, struct handset);
	struct pt_config config = { 0 };
	int status;

	OSMO_ASSERT(hs);
	setlocale(LC_ALL, "");
	hs->air = -1;
	status = read_arguments(hs, argc, argv);
	if (status < 0 && recall(hs, &config.memory) < 0)
		status = EXIT_TROUBLE;
	if (status >= 0) {
		talloc_free(hs);
		return status;
	}
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		hs->json = true;

	if (getrandom(&config.seed, sizeof(config.seed), 0) < 0)
		config.seed = now_ms() ^ (uint64_t)getpid() << 32;
	hs->screen.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	hs->screen.label = hs->label;
	hs->loop = loop_new();
	hs->out = evbuffer_new();
	hs->in_lines = evbuffer_new();
	OSMO_ASSERT(hs->out && hs->in_lines);
	hs->pt = pt_new(hs, &config);
	hs->sound = sound_new(hs, hs->pt);

	status = live(hs);
	evbuffer_free(hs->out);
	evbuffer_free(hs->in_lines);
	event_base_free(hs->loop);
	talloc_free(hs);
	return status;
}
