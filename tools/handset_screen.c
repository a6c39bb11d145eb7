/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <osmocom/core/utils.h>

#include "handset_screen.h"

#define INNER 30 /* columns between the walls of the handset */
#define MARGIN 4
#define HELP_COLUMN 44

#define KEY_ESCAPE 27
#define KEY_DELETE 127

/* ---- what the state of things offers ---- */

struct soft {
	const char *label;
	const char *line; /* the command; one that ends in ' ' is completed by
			   * the user */
};

static const struct soft off_hook[][2] = {
	[PT_DIALLING] = { { "", "" }, { "End", "hangup" } },
	[PT_PROCEEDING] = { { "", "" }, { "End", "hangup" } },
	[PT_RINGBACK] = { { "", "" }, { "End", "hangup" } },
	[PT_RINGING] = { { "Answer", "answer" }, { "Reject", "reject" } },
	[PT_ANSWERING] = { { "", "" }, { "End", "hangup" } },
	[PT_TALKING] = { { "Hold", "hold" }, { "End", "hangup" } },
	[PT_HELD] = { { "Retrieve", "retrieve" }, { "End", "hangup" } },
	[PT_CLEARING] = { { "", "" }, { "", "" } },
};

static const struct soft on_hook[][2] = {
	[PT_OFF] = { { "Switch on", "power on" }, { "", "" } },
	[PT_NO_BASE] = { { "Walk back", "range in" },
			 { "Switch off", "power off" } },
	[PT_FRESH] = { { "Register", "subscribe " },
		       { "Switch off", "power off" } },
	[PT_ATTACHING] = { { "", "" }, { "Switch off", "power off" } },
	[PT_ATTACHED] = { { "Walk away", "range out" },
			  { "Switch off", "power off" } },
};

static const struct soft *soft_keys(const struct screen *screen)
{
	static const struct soft typing[2] = { { "Call", "dial" },
					       { "Clear", "" } };

	if (screen->call_state != PT_IDLE)
		return off_hook[screen->call_state];
	if (*screen->typed)
		return typing;
	return on_hook[screen->state];
}

static const char *const call_titles[] = {
	[PT_DIALLING] = "Dialling",   [PT_PROCEEDING] = "Calling",
	[PT_RINGBACK] = "Ringing",    [PT_RINGING] = "Incoming call",
	[PT_ANSWERING] = "Answering", [PT_TALKING] = "In a call",
	[PT_HELD] = "On hold",	      [PT_CLEARING] = "Ending",
};

static const char *const state_titles[] = {
	[PT_OFF] = "Switched off",
	[PT_NO_BASE] = "Searching for the base",
	[PT_FRESH] = "Not registered",
	[PT_ATTACHING] = "Connecting",
};

/* ---- text in columns ---- */

/* As much of @text as fits into @columns, without what moves a cursor;
 * returns the columns it takes. */
static int fit(char *out, size_t size, const char *text, int columns)
{
	mbstate_t mb = { 0 };
	size_t used = 0;
	int width = 0;

	while (*text) {
		wchar_t wide;
		size_t n = mbrtowc(&wide, text, strlen(text), &mb);
		int w = n > 0 && n < (size_t)-2 ? wcwidth(wide) : -1;

		if (w < 0) {
			memset(&mb, 0, sizeof(mb));
			if (width + 1 > columns || used + 2 > size)
				break;
			out[used++] = '?';
			width++;
			text++;
			continue;
		}
		if (width + w > columns || used + n + 1 > size)
			break;
		memcpy(out + used, text, n);
		used += n;
		width += w;
		text += n;
	}
	out[used] = '\0';
	return width;
}

struct canvas {
	char *buf;
	size_t used;
	unsigned int line, lines;
	bool utf8;
};

static __attribute__((format(printf, 2, 3))) void put(struct canvas *canvas,
						      const char *format, ...)
{
	size_t left = SCREEN_BYTES_MAX - canvas->used;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(canvas->buf + canvas->used, left, format, ap);
	va_end(ap);
	canvas->used += OSMO_MIN((size_t)OSMO_MAX(n, 0), left - 1);
}

/* To the beginning of the next line; false if there is none. */
static bool next_line(struct canvas *canvas)
{
	if (canvas->line == canvas->lines)
		return false;
	canvas->line++;
	put(canvas, "\x1b[%u;1H\x1b[2K", canvas->line);
	return true;
}

static const char *wall(const struct canvas *canvas)
{
	return canvas->utf8 ? "│" : "|";
}

static void edge(struct canvas *canvas, const char *left, const char *right)
{
	int i;

	if (!next_line(canvas))
		return;
	put(canvas, "%*s%s", MARGIN, "", canvas->utf8 ? left : "+");
	for (i = 0; i < INNER; i++)
		put(canvas, "%s", canvas->utf8 ? "─" : "-");
	put(canvas, "%s", canvas->utf8 ? right : "+");
}

/* A line of the handset: @left at the left, @right at the right. */
static void row(struct canvas *canvas, const char *attribute, const char *left,
		const char *right)
{
	char l[256], r[256];
	int wr = fit(r, sizeof(r), right, INNER - 2);
	int wl = fit(l, sizeof(l), left, INNER - 2 - wr);

	if (!next_line(canvas))
		return;
	put(canvas, "%*s%s%s %s%*s%s %s%s", MARGIN, "", wall(canvas), attribute,
	    l, INNER - 2 - wl - wr, "", r, *attribute ? "\x1b[0m" : "",
	    wall(canvas));
}

static void middle(struct canvas *canvas, const char *attribute,
		   const char *text)
{
	char centred[512], fitted[256];
	int width = fit(fitted, sizeof(fitted), text, INNER - 2);

	snprintf(centred, sizeof(centred), "%*s%s", (INNER - 2 - width) / 2, "",
		 fitted);
	row(canvas, attribute, centred, "");
}

/* ---- the display ---- */

#define PLAIN ""
#define BOLD "\x1b[1m"
#define INVERSE "\x1b[7m"

static void draw_status(struct canvas *canvas, const struct screen *screen)
{
	bool near = screen->state == PT_ATTACHED ||
		    screen->state == PT_ATTACHING || screen->state == PT_FRESH;
	char left[64], right[64], letters[24] = "";

	snprintf(left, sizeof(left), "%s%s%s",
		 canvas->utf8 ? (near ? "▂▄▆█" : "▂") : (near ? "(((*" : "*"),
		 screen->twin ? (canvas->utf8 ? "  ⇄ twin" : "  twin") : "",
		 screen->dnd ? "  DND" : "");
	if (screen->messages)
		snprintf(letters, sizeof(letters), "%s%u ",
			 canvas->utf8 ? "✉ " : "msg ", screen->messages);
	snprintf(right, sizeof(right), "%s%s", letters, screen->clock);
	row(canvas, INVERSE, left, right);
}

static void draw_call(struct canvas *canvas, const struct screen *screen,
		      int64_t now_ms)
{
	bool named = *screen->party_name;
	char timer[16] = "";

	if (screen->since_ms && (screen->call_state == PT_TALKING ||
				 screen->call_state == PT_HELD)) {
		unsigned int s = (now_ms - screen->since_ms) / 1000;

		snprintf(timer, sizeof(timer), "%02u:%02u:%02u", s / 3600 % 100,
			 s / 60 % 60, s % 60);
	}
	middle(canvas, PLAIN, call_titles[screen->call_state]);
	middle(canvas, PLAIN, "");
	middle(canvas, BOLD, named ? screen->party_name : screen->party_number);
	middle(canvas, PLAIN, named ? screen->party_number : "");
	middle(canvas, PLAIN, "");
	middle(canvas, PLAIN, timer);
}

static void draw_idle(struct canvas *canvas, const struct screen *screen)
{
	bool there = screen->state == PT_ATTACHED;
	char missed[40] = "";

	if (screen->missed)
		snprintf(missed, sizeof(missed), "%u missed call%s",
			 screen->missed, screen->missed == 1 ? "" : "s");
	middle(canvas, PLAIN, there ? "" : state_titles[screen->state]);
	middle(canvas, BOLD, *screen->name ? screen->name : screen->number);
	middle(canvas, PLAIN, *screen->name ? screen->number : "");
	middle(canvas, PLAIN, screen->paged ? "Here I am!" : missed);
	middle(canvas, PLAIN, screen->paged ? missed : "");
	middle(canvas, BOLD, screen->typed);
}

/* What the base wrote: two lines of it. */
static void draw_display(struct canvas *canvas, const struct screen *screen)
{
	char line[PT_TEXT_MAX + 1];
	const char *text = screen->display;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		size_t n = strcspn(text, "\n");

		osmo_strlcpy(line, text, OSMO_MIN(n + 1, sizeof(line)));
		middle(canvas, PLAIN, line);
		text += n + (text[n] == '\n');
	}
}

static void draw_keys(struct canvas *canvas)
{
	static const char *const rows[] = {
		"  call        C         end ", "    1       2 abc     3 def ",
		"  4 ghi     5 jkl     6 mno ", "  7 pqrs    8 tuv     9 wxyz",
		"    *       0 +         #   ",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		row(canvas, PLAIN, rows[i], "");
}

static void draw_help(struct canvas *canvas)
{
	static const char *const help[] = {
		"Keyboard",
		"",
		"[  ]           the soft keys",
		"0-9 * #        the keypad",
		"Enter          call, answer",
		"Esc            end, reject",
		"Backspace      clear",
		"h              hold, retrieve",
		":              any command",
		"               (:help lists all)",
		"q              quit",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(help) && i + 3 < canvas->lines; i++)
		put(canvas, "\x1b[%zu;%dH%s", i + 3, HELP_COLUMN, help[i]);
}

static void draw_foot(struct canvas *canvas, const struct screen *screen)
{
	char text[512];
	unsigned int line = canvas->lines;

	if (screen->prompting) {
		fit(text, sizeof(text), screen->prompt, SCREEN_COLUMNS - 3);
		put(canvas, "\x1b[%u;1H\x1b[2K:%s\x1b[?25h", line, text);
		return;
	}
	fit(text, sizeof(text), screen->notice, SCREEN_COLUMNS - 1);
	put(canvas, "\x1b[%u;1H\x1b[2K%s\x1b[?25l", line, text);
}

size_t screen_draw(const struct screen *screen, int64_t now_ms,
		   unsigned int lines, char buf[SCREEN_BYTES_MAX])
{
	struct canvas canvas = { .buf = buf,
				 .lines = OSMO_MIN(lines, SCREEN_LINES),
				 .utf8 = screen->utf8 };
	const struct soft *soft = soft_keys(screen);
	const char *tape = screen->recording ? "recording"
			   : screen->playing ? "playing"
					     : "";

	buf[0] = '\0';
	next_line(&canvas);
	edge(&canvas, "╭", "╮");
	row(&canvas, BOLD, screen->label ? screen->label : "handset", tape);
	edge(&canvas, "├", "┤");
	draw_status(&canvas, screen);
	if (screen->call_state == PT_IDLE)
		draw_idle(&canvas, screen);
	else
		draw_call(&canvas, screen, now_ms);
	draw_display(&canvas, screen);
	row(&canvas, INVERSE, soft[0].label, soft[1].label);
	edge(&canvas, "├", "┤");
	draw_keys(&canvas);
	edge(&canvas, "╰", "╯");
	while (next_line(&canvas))
		;
	draw_help(&canvas);
	draw_foot(&canvas, screen);
	return canvas.used;
}

/* ---- what is said to the handset ---- */

static void party(struct screen *screen, const struct pt_event *event)
{
	osmo_strlcpy(screen->party_number, event->number,
		     sizeof(screen->party_number));
	osmo_strlcpy(screen->party_name, event->name,
		     sizeof(screen->party_name));
}

static void notice(struct screen *screen, const char *what, const char *more)
{
	snprintf(screen->notice, sizeof(screen->notice), "%s%s%s", what,
		 *more ? ": " : "", more);
}

void screen_event(struct screen *screen, int64_t now_ms,
		  const struct pt_event *event)
{
	switch (event->type) {
	case PT_EV_SUBSCRIBED:
		notice(screen, "registered", event->number);
		break;
	case PT_EV_SUBSCRIBE_REJECTED:
		notice(screen, "not registered", event->text);
		break;
	case PT_EV_UNSUBSCRIBED:
		notice(screen, "the base ended the registration", "");
		break;
	case PT_EV_PAGED:
		screen->paged = event->on;
		break;
	case PT_EV_ALERTING:
		notice(screen, "", "");
		screen->since_ms = 0;
		party(screen, event);
		break;
	case PT_EV_DIALTONE:
	case PT_EV_PROCEEDING:
		notice(screen, "", "");
		screen->since_ms = 0;
		screen->typed[0] = '\0';
		party(screen, event);
		break;
	case PT_EV_RINGBACK:
	case PT_EV_PARTY:
		party(screen, event);
		break;
	case PT_EV_CONNECTED:
		screen->since_ms = now_ms;
		party(screen, event);
		break;
	case PT_EV_RELEASED:
		notice(screen, "call ended",
		       event->reason == PT_NORMAL
			       ? ""
			       : pt_reason_name(event->reason));
		screen->party_number[0] = screen->party_name[0] = '\0';
		screen->since_ms = 0;
		break;
	case PT_EV_DISPLAY:
		osmo_strlcpy(screen->display, event->text,
			     sizeof(screen->display));
		break;
	case PT_EV_INDICATOR:
		screen->missed = event->missed;
		screen->messages = event->messages;
		screen->dnd = event->dnd;
		screen->twin = event->twin;
		break;
	default:
		break;
	}
}

/* ---- the keyboard ---- */

static bool command(char *ret_line, const char *word, const char *argument)
{
	snprintf(ret_line, SCREEN_PROMPT_MAX + 1, "%s%s%s", word,
		 *argument ? " " : "", argument);
	return *ret_line;
}

static void append(char *text, size_t size, char c)
{
	size_t n = strlen(text);

	if (n + 1 < size) {
		text[n] = c;
		text[n + 1] = '\0';
	}
}

static void chop(char *text)
{
	size_t n = strlen(text);

	/* A character of several bytes goes as a whole. */
	while (n > 0 && ((unsigned char)text[--n] & 0xc0) == 0x80)
		;
	text[n] = '\0';
}

static void prompt(struct screen *screen, const char *begin)
{
	screen->prompting = true;
	osmo_strlcpy(screen->prompt, begin, sizeof(screen->prompt));
}

static bool prompt_key(struct screen *screen, unsigned char key, char *ret_line)
{
	if (key == '\r' || key == '\n') {
		screen->prompting = false;
		return command(ret_line, screen->prompt, "");
	}
	if (key == KEY_ESCAPE)
		screen->prompting = false;
	else if (key == KEY_DELETE || key == '\b')
		chop(screen->prompt);
	else if (key >= ' ')
		append(screen->prompt, sizeof(screen->prompt), key);
	return false;
}

static bool soft_key(struct screen *screen, unsigned int i, char *ret_line)
{
	const struct soft *soft = &soft_keys(screen)[i];
	size_t n = strlen(soft->line);

	if (n > 0 && soft->line[n - 1] == ' ') {
		prompt(screen, soft->line);
		return false;
	}
	if (screen->call_state == PT_IDLE && *screen->typed) {
		command(ret_line, soft->line, n ? screen->typed : "");
		screen->typed[0] = '\0';
		return n > 0;
	}
	return command(ret_line, soft->line, "");
}

static bool green_key(struct screen *screen, char *ret_line)
{
	if (screen->call_state == PT_RINGING)
		return command(ret_line, "answer", "");
	if (screen->call_state == PT_HELD)
		return command(ret_line, "retrieve", "");
	if (screen->call_state != PT_IDLE || !*screen->typed)
		return false;
	command(ret_line, "dial", screen->typed);
	screen->typed[0] = '\0';
	return true;
}

static bool red_key(struct screen *screen, char *ret_line)
{
	if (screen->call_state == PT_RINGING)
		return command(ret_line, "reject", "");
	if (screen->call_state != PT_IDLE)
		return command(ret_line, "hangup", "");
	screen->typed[0] = '\0';
	return false;
}

static bool pad_key(struct screen *screen, char key, char *ret_line)
{
	char digit[2] = { key, '\0' };

	if (screen->call_state != PT_IDLE)
		return command(ret_line, "keys", digit);
	append(screen->typed, sizeof(screen->typed), key);
	return false;
}

/* Keys with names send Escape and more bytes, the last of them a letter or
 * '~': they mean nothing here.  Escape alone is followed by a pause. */
static bool is_of_escape(struct screen *screen, unsigned char *key)
{
	if (screen->escape == 0 && *key == KEY_ESCAPE) {
		screen->escape = 1;
		return true;
	}
	if (screen->escape == 1 && (*key == '[' || *key == 'O')) {
		screen->escape = 2;
		return true;
	}
	if (screen->escape == 2) {
		if (*key == 0 || isalpha(*key) || *key == '~')
			screen->escape = 0;
		return true;
	}
	if (screen->escape == 1 && *key == 0)
		*key = KEY_ESCAPE;
	screen->escape = 0;
	return false;
}

bool screen_key(struct screen *screen, unsigned char key, char *ret_line)
{
	if (is_of_escape(screen, &key) || key == 0)
		return false;
	if (screen->prompting)
		return prompt_key(screen, key, ret_line);
	screen->notice[0] = '\0';
	switch (key) {
	case '\r':
	case '\n':
		return green_key(screen, ret_line);
	case KEY_ESCAPE:
		return red_key(screen, ret_line);
	case KEY_DELETE:
	case '\b':
		chop(screen->typed);
		return false;
	case '[':
		return soft_key(screen, 0, ret_line);
	case ']':
		return soft_key(screen, 1, ret_line);
	case 'h':
		return command(ret_line,
			       screen->call_state == PT_HELD ? "retrieve"
							     : "hold",
			       "");
	case ':':
		prompt(screen, "");
		return false;
	case 'q':
		return command(ret_line, "quit", "");
	}
	if (strchr("0123456789*#", key))
		return pad_key(screen, key, ret_line);
	return false;
}
