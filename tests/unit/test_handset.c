/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of the simulated handset's program: its commands, its memory in
 * a file, its sound files, its events as JSON, its screen.
 */
#include "handset_command.h"
#include "handset_event.h"
#include "handset_screen.h"
#include "handset_store.h"
#include "handset_wav.h"
#include "scratch.h"
#include "tone.h"

#include <check.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

/* ---- commands ---- */

static const struct {
	const char *line;
	enum command_verb verb; /* NONE: refused, or nothing to do */
	const char *argument;
	const char *error; /* in it; NULL: none */
} lines[] = {
	{ "", COMMAND_NONE, "", NULL },
	{ "   ", COMMAND_NONE, "", NULL },
	{ "# a comment", COMMAND_NONE, "", NULL },
	{ "answer", COMMAND_ANSWER, "", NULL },
	{ "  answer\r", COMMAND_ANSWER, "", NULL },
	{ "answer now", COMMAND_NONE, "", "takes nothing" },
	{ "subscribe", COMMAND_SUBSCRIBE, "", NULL },
	{ "subscribe 4711", COMMAND_SUBSCRIBE, "4711", NULL },
	{ "subscribe 123456789", COMMAND_NONE, "", "8 digits" },
	{ "subscribe abc", COMMAND_NONE, "", "subscribe [AC]" },
	{ "power on", COMMAND_POWER, "on", NULL },
	{ "power off", COMMAND_POWER, "off", NULL },
	{ "power", COMMAND_NONE, "", "needs on or off" },
	{ "power up", COMMAND_NONE, "", "power on|off" },
	{ "range in", COMMAND_RANGE, "in", NULL },
	{ "range far", COMMAND_NONE, "", "range in|out" },
	{ "dial 202", COMMAND_DIAL, "202", NULL },
	{ "dial\t+49301234*#", COMMAND_DIAL, "+49301234*#", NULL },
	{ "dial", COMMAND_NONE, "", "dial NUMBER" },
	{ "dial alice", COMMAND_NONE, "", "needs a number" },
	{ "dial 12345678901234567890123456789012", COMMAND_NONE, "",
	  "up to 31" },
	{ "keys 1*#", COMMAND_KEYS, "1*#", NULL },
	{ "keys +", COMMAND_NONE, "", "keys DIGITS" },
	{ "play /tmp/a file.wav ", COMMAND_PLAY, "/tmp/a file.wav", NULL },
	{ "record", COMMAND_NONE, "", "record FILE" },
	{ "hold", COMMAND_HOLD, "", NULL },
	{ "retrieve", COMMAND_RETRIEVE, "", NULL },
	{ "reject", COMMAND_REJECT, "", NULL },
	{ "hangup", COMMAND_HANGUP, "", NULL },
	{ "state", COMMAND_STATE, "", NULL },
	{ "quit", COMMAND_QUIT, "", NULL },
	{ "log missed", COMMAND_NONE, "", "log: the base does not offer it" },
	{ "log-delete missed 1", COMMAND_NONE, "", "does not offer" },
	{ "directory", COMMAND_NONE, "", "does not offer" },
	{ "redial", COMMAND_NONE, "", "does not offer" },
	{ "transfer 202", COMMAND_NONE, "", "does not offer" },
	{ "anser", COMMAND_NONE, "", "no command 'anser'" },
	{ "ANSWER", COMMAND_NONE, "", "dial NUMBER, answer, reject" },
	{ "\x1b[31m", COMMAND_NONE, "", "no command" },
};

START_TEST(a_line_is_understood_or_refused_with_what_is_right)
{
	struct command command;
	char error[1024] = "";
	bool ok = command_parse(lines[_i].line, &command, error, sizeof(error));

	ck_assert_msg(ok == !lines[_i].error, "'%s': %s", lines[_i].line,
		      error);
	ck_assert_int_eq(ok ? command.verb : COMMAND_NONE, lines[_i].verb);
	if (ok && command.verb != COMMAND_NONE)
		ck_assert_str_eq(command.argument, lines[_i].argument);
	if (!ok)
		ck_assert_msg(strstr(error, lines[_i].error), "'%s': %s",
			      lines[_i].line, error);
}
END_TEST

START_TEST(the_longest_line_fits)
{
	struct command command;
	char line[COMMAND_LINE_MAX], error[1024];

	memset(line, 'x', sizeof(line));
	memcpy(line, "play ", 5);
	line[sizeof(line) - 1] = '\0';
	ck_assert(command_parse(line, &command, error, sizeof(error)));
	ck_assert_str_eq(command.argument, line + 5);
}
END_TEST

/* ---- memory ---- */

static const struct pt_memory memory = {
	.ipui = 0x00c0235c63,
	.subscribed = true,
	.rfpi = { 1, 2, 3, 4, 5 },
	.uak = { 0xff, 0, 0x80 },
	.number = "301",
	.name = "J\xc3\xbcrgen \"Q\"",
};

START_TEST(a_memory_is_read_as_it_was_written)
{
	const char *path = scratch_path("memory");
	struct pt_memory out = { 0 };
	struct stat st;

	ck_assert_int_eq(store_load(path, &out), -ENOENT);
	ck_assert_int_eq(store_save(path, &memory), 0);
	ck_assert_int_eq(store_load(path, &out), 0);
	ck_assert_uint_eq(out.ipui, memory.ipui);
	ck_assert(out.subscribed);
	ck_assert_mem_eq(out.rfpi, memory.rfpi, sizeof(out.rfpi));
	ck_assert_mem_eq(out.uak, memory.uak, sizeof(out.uak));
	ck_assert_str_eq(out.number, memory.number);
	ck_assert_str_eq(out.name, memory.name);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_ne(access(scratch_path("memory.new"), F_OK), 0);
}
END_TEST

static const char *const no_memories[] = {
	"",
	"{}",
	"[]",
	"{\"ipui\": \"\", \"subscribed\": false}",
	"{\"ipui\": \"0\", \"subscribed\": false}",
	"{\"ipui\": \"xyz\", \"subscribed\": false}",
	"{\"ipui\": \"10000000000\", \"subscribed\": false}",
	"{\"ipui\": \"00C0235C63\", \"subscribed\": true}",
	"{\"ipui\": \"00C0235C63\", \"subscribed\": true, \"rfpi\": \"01\", "
	"\"uak\": \"00\", \"number\": \"\", \"name\": \"\"}",
	"{\"ipui\": \"00C0235C63\", \"subscribed\": 1}",
};

START_TEST(a_file_that_is_no_memory_is_refused_and_left)
{
	const char *path = scratch_path("memory");
	struct pt_memory out = { .ipui = 7 };
	FILE *file = fopen(path, "w");

	fputs(no_memories[_i], file);
	fclose(file);
	ck_assert_int_eq(store_load(path, &out), -EBADMSG);
	ck_assert_uint_eq(out.ipui, 7);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(a_memory_that_cannot_be_written_says_so)
{

	ck_assert_int_eq(store_save(scratch_path("no/memory"), &memory),
			 -ENOENT);
	ck_assert_int_eq(mkdir(scratch_path("dir"), 0700), 0);
	ck_assert_int_lt(store_save(scratch_path("dir"), &memory), 0);
	ck_assert_int_ne(access(scratch_path("dir.new"), F_OK), 0);
}
END_TEST

/* ---- sound files ---- */

static void put_wav(const char *path, unsigned int tag, unsigned int channels,
		    unsigned int rate, unsigned int bits, unsigned int frames)
{
	struct tone tone = { 700, rate, 0 };
	uint8_t head[] = "RIFF\0\0\0\0WAVELIST\3\0\0\0abc\0fmt \20\0\0\0"
			 "tt"
			 "cc"
			 "rrrr"
			 "bbbb"
			 "aa"
			 "ii"
			 "data"
			 "nnnn";
	FILE *file = fopen(path, "wb");
	unsigned int i;
	int16_t s;

	memcpy(head + 32, &(uint16_t){ tag }, 2);
	memcpy(head + 34, &(uint16_t){ channels }, 2);
	memcpy(head + 36, &(uint32_t){ rate }, 4);
	memcpy(head + 46, &(uint16_t){ bits }, 2);
	memcpy(head + 52, &(uint32_t){ frames * channels * 2 }, 4);
	fwrite(head, 1, 56, file);
	for (i = 0; i < frames; i++) {
		tone_make(&tone, &s, 1);
		fwrite(&s, 2, 1, file);
		if (channels == 2)
			fwrite(&s, 2, 1, file);
	}
	fclose(file);
}

static const struct {
	unsigned int tag, channels, rate, bits;
	int rc;
} wavs[] = {
	{ 1, 1, 8000, 16, 0 },	      { 1, 1, 16000, 16, 0 },
	{ 1, 2, 8000, 16, 0 },	      { 1, 2, 16000, 16, 0 },
	{ 1, 1, 44100, 16, 0 },	      { 1, 2, 48000, 16, 0 },
	{ 6, 1, 8000, 16, -ENOTSUP }, { 1, 1, 8000, 8, -ENOTSUP },
	{ 1, 3, 8000, 16, -ENOTSUP }, { 1, 0, 8000, 16, -ENOTSUP },
	{ 1, 1, 4000, 16, -ENOTSUP }, { 1, 1, 96000, 16, -ENOTSUP },
};

START_TEST(a_tone_is_read_from_any_good_file_at_any_rate)
{
	const char *path = scratch_path("tone.wav");
	unsigned int rate = _i % 2 ? 16000 : 8000;
	struct wav_reader *reader;
	static int16_t pcm[40000];
	size_t n = 0, got;

	put_wav(path, wavs[_i].tag, wavs[_i].channels, wavs[_i].rate,
		wavs[_i].bits, wavs[_i].rate * 2);
	ck_assert_int_eq(wav_open(NULL, path, &reader), wavs[_i].rc);
	if (wavs[_i].rc)
		return;
	while ((got = wav_read(reader, rate, pcm + n, rate / 50)) > 0)
		n += got;
	ck_assert_uint_ge(n, rate * 2 - rate / 50);
	ck_assert_uint_le(n, rate * 2 + rate / 50);
	ck_assert(tone_part(pcm + 400, n - 800, rate, 700) > 0.98);
	wav_reader_free(reader);
}
END_TEST

START_TEST(what_is_no_sound_file_is_refused)
{
	const char *path = scratch_path("none.wav");
	struct wav_reader *reader;
	char bytes[64];
	size_t n;
	FILE *file;

	ck_assert_int_eq(wav_open(NULL, path, &reader), -ENOENT);
	put_wav(path, 1, 1, 8000, 16, 0);
	file = fopen(path, "rb");
	ck_assert_uint_eq(fread(bytes, 1, 56, file), 56);
	fclose(file);
	for (n = 0; n < 56; n++) { /* cut off at every length */
		file = fopen(path, "wb");
		fwrite(bytes, 1, n, file);
		fclose(file);
		ck_assert_int_eq(wav_open(NULL, path, &reader), -EBADMSG);
	}
}
END_TEST

START_TEST(what_is_recorded_can_be_played_even_while_it_grows)
{
	const char *path = scratch_path("rec.wav");
	struct tone tone = { 700, 16000, 0 };
	struct wav_writer *writer;
	struct wav_reader *reader;
	static int16_t pcm[40000];
	int16_t frame[320];
	size_t i;

	ck_assert_int_eq(wav_create(NULL, path, &writer), 0);
	for (i = 0; i < 100; i++) {
		tone_make(&tone, frame, 320);
		ck_assert_int_eq(wav_write(writer, 16000, frame, 320), 0);
	}
	ck_assert_int_eq(wav_open(NULL, path, &reader), 0);
	ck_assert_uint_ge(wav_read(reader, 16000, pcm, 40000), 28000);
	wav_reader_free(reader);

	/* The other side has another rate now; the file keeps its own. */
	tone = (struct tone){ 700, 8000, 0 };
	for (i = 0; i < 20; i++) {
		tone_make(&tone, frame, 160);
		ck_assert_int_eq(wav_write(writer, 8000, frame, 160), 0);
	}
	ck_assert_int_eq(wav_finish(writer), 0);
	ck_assert_int_eq(wav_open(NULL, path, &reader), 0);
	i = wav_read(reader, 16000, pcm, 40000);
	ck_assert_uint_eq(i, 120 * 320);
	ck_assert(tone_part(pcm, i, 16000, 700) > 0.98);
	wav_reader_free(reader);
}
END_TEST

START_TEST(a_recording_of_nothing_is_an_empty_sound_file)
{
	const char *path = scratch_path("rec.wav");
	struct wav_writer *writer;
	struct wav_reader *reader;
	int16_t sample;

	ck_assert_int_eq(wav_create(NULL, path, &writer), 0);
	ck_assert_int_eq(wav_finish(writer), 0);
	ck_assert_int_eq(wav_open(NULL, path, &reader), 0);
	ck_assert_uint_eq(wav_read(reader, 8000, &sample, 1), 0);
	wav_reader_free(reader);
	ck_assert_int_eq(wav_create(NULL, scratch_path("no/x"), &writer),
			 -ENOENT);
}
END_TEST

/* ---- events ---- */

static const struct {
	struct pt_event event;
	const char *json;
} events[] = {
	{ { .type = PT_EV_ATTACHED }, "{\"event\":\"attached\"}" },
	{ { .type = PT_EV_SUBSCRIBED },
	  "{\"event\":\"subscribed\",\"extension\":null,\"name\":null}" },
	{ { .type = PT_EV_SUBSCRIBED, .number = "301", .name = "A" },
	  "{\"event\":\"subscribed\",\"extension\":\"301\",\"name\":\"A\"}" },
	{ { .type = PT_EV_SUBSCRIBE_REJECTED, .text = "wrong code" },
	  "{\"event\":\"subscribe_rejected\",\"reason\":\"wrong code\"}" },
	{ { .type = PT_EV_ALERTING, .call = 3, .number = "202", .name = "Bob" },
	  "{\"event\":\"alerting\",\"waiting\":false,\"call\":3,"
	  "\"number\":\"202\",\"name\":\"Bob\"}" },
	{ { .type = PT_EV_RELEASED,
	    .call = 3,
	    .reason = PT_ANSWERED_ELSEWHERE },
	  "{\"event\":\"released\",\"call\":3,"
	  "\"reason\":\"answered_elsewhere\"}" },
	{ { .type = PT_EV_DISPLAY, .text = "a\n\nb" },
	  "{\"event\":\"display\",\"lines\":[\"a\",\"\",\"b\"]}" },
	{ { .type = PT_EV_DISPLAY, .text = "" },
	  "{\"event\":\"display\",\"lines\":[]}" },
	{ { .type = PT_EV_INDICATOR, .missed = 2, .twin = true },
	  "{\"event\":\"indicator\",\"missed\":2,\"messages\":0,"
	  "\"dnd\":false,\"twin\":true}" },
	{ { .type = PT_EV_CONNECTED, .call = 1, .name = "\xff\"" },
	  "{\"event\":\"connected\",\"call\":1,\"number\":\"\","
	  "\"name\":\"?\\\"\"}" },
	{ { .type = PT_EV_MEMORY }, NULL },
	{ { .type = PT_EV_TIME }, NULL },
};

START_TEST(an_event_is_one_line_of_json)
{
	json_t *object = handset_event_json(NULL, &events[_i].event);
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	if (events[_i].json)
		ck_assert_str_eq(text, events[_i].json);
	else
		ck_assert_ptr_null(object);
	free(text);
	json_decref(object);
}
END_TEST

/* ---- the screen ---- */

static const char *draw(const struct screen *screen, int64_t now_ms)
{
	static char text[SCREEN_BYTES_MAX];

	ck_assert_uint_lt(screen_draw(screen, now_ms, 24, text),
			  SCREEN_BYTES_MAX);
	return text;
}

static const char *typed(struct screen *screen, const char *keys)
{
	static char line[SCREEN_PROMPT_MAX + 1];

	line[0] = '\0';
	for (; *keys; keys++)
		if (screen_key(screen, *keys, line))
			return line;
	return screen_key(screen, 0, line) ? line : "";
}

START_TEST(the_screen_shows_who_calls)
{
	struct screen screen = { .state = PT_ATTACHED,
				 .call_state = PT_RINGING };
	struct pt_event event = { .type = PT_EV_ALERTING,
				  .number = "202",
				  .name = "Bob Jones" };
	const char *text;

	screen_event(&screen, 1000, &event);
	text = draw(&screen, 1000);
	ck_assert_ptr_nonnull(strstr(text, "Incoming call"));
	ck_assert_ptr_nonnull(strstr(text, "Bob Jones"));
	ck_assert_ptr_nonnull(strstr(text, "202"));
	ck_assert_ptr_nonnull(strstr(text, "Answer"));

	event.type = PT_EV_CONNECTED;
	screen.call_state = PT_TALKING;
	screen_event(&screen, 2000, &event);
	ck_assert_ptr_nonnull(strstr(draw(&screen, 67000), "00:01:05"));

	event = (struct pt_event){ .type = PT_EV_RELEASED, .reason = PT_BUSY };
	screen.call_state = PT_IDLE;
	screen_event(&screen, 3000, &event);
	text = draw(&screen, 67000);
	ck_assert_ptr_null(strstr(text, "Bob"));
	ck_assert_ptr_nonnull(strstr(text, "call ended: busy"));
}
END_TEST

START_TEST(the_idle_screen_shows_name_twin_and_lamps)
{
	struct screen screen = { .state = PT_ATTACHED,
				 .number = "201",
				 .name = "Alice Meyer",
				 .utf8 = true,
				 .twin = true,
				 .missed = 1,
				 .messages = 3 };
	const char *text = draw(&screen, 0);

	ck_assert_ptr_nonnull(strstr(text, "Alice Meyer"));
	ck_assert_ptr_nonnull(strstr(text, "1 missed call "));
	ck_assert_ptr_nonnull(strstr(text, "⇄"));
	ck_assert_ptr_nonnull(strstr(text, "✉ 3"));
	screen.utf8 = false;
	text = draw(&screen, 0);
	ck_assert_ptr_null(strstr(text, "⇄"));
	ck_assert_ptr_nonnull(strstr(text, "msg 3"));
}
END_TEST

START_TEST(nothing_that_is_said_moves_the_cursor)
{
	struct screen screen = { .state = PT_ATTACHED,
				 .name = "\x1b[2J\r\n\xff\xc3",
				 .display = "\x1b[1;1Hx" };
	const char *text = draw(&screen, 0);

	ck_assert_ptr_null(strstr(text, "\x1b[2J"));
	ck_assert_ptr_null(strstr(text, "\x1b[1;1Hx"));
	ck_assert_ptr_null(strchr(text, '\r'));
}
END_TEST

static const struct {
	enum pt_state state;
	enum pt_call_state call_state;
	const char *keys, *line;
} strokes[] = {
	{ PT_ATTACHED, PT_IDLE, "202\r", "dial 202" },
	{ PT_ATTACHED, PT_IDLE,
	  "203\x7f"
	  "2\r",
	  "dial 202" },
	{ PT_ATTACHED, PT_IDLE, "202[", "dial 202" },
	{ PT_ATTACHED, PT_IDLE, "202]5\r", "dial 5" },
	{ PT_ATTACHED, PT_IDLE, "202\x1b", "" },
	{ PT_ATTACHED, PT_IDLE, "\r", "" },
	{ PT_ATTACHED, PT_IDLE, "[", "range out" },
	{ PT_NO_BASE, PT_IDLE, "[", "range in" },
	{ PT_OFF, PT_IDLE, "[", "power on" },
	{ PT_FRESH, PT_IDLE, "[4711\r", "subscribe 4711" },
	{ PT_FRESH, PT_IDLE, "[\x1b", "" },
	{ PT_ATTACHED, PT_RINGING, "\r", "answer" },
	{ PT_ATTACHED, PT_RINGING, "[", "answer" },
	{ PT_ATTACHED, PT_RINGING, "]", "reject" },
	{ PT_ATTACHED, PT_RINGING, "\x1b", "reject" },
	{ PT_ATTACHED, PT_TALKING, "\x1b", "hangup" },
	{ PT_ATTACHED, PT_TALKING, "\x1b[A", "" },
	{ PT_ATTACHED, PT_TALKING,
	  "\x1bOP"
	  "5",
	  "keys 5" },
	{ PT_ATTACHED, PT_TALKING, "\x1b[15~#", "keys #" },
	{ PT_ATTACHED, PT_TALKING, "h", "hold" },
	{ PT_ATTACHED, PT_HELD, "h", "retrieve" },
	{ PT_ATTACHED, PT_HELD, "\r", "retrieve" },
	{ PT_ATTACHED, PT_CLEARING, "[", "" },
	{ PT_ATTACHED, PT_IDLE, ":play x.wa\xc3\xbc\x7fv\r", "play x.wav" },
	{ PT_ATTACHED, PT_IDLE, "q", "quit" },
	{ PT_ATTACHED, PT_IDLE, "\t\x01zZ", "" },
};

START_TEST(keys_are_commands)
{
	struct screen screen = { .state = strokes[_i].state,
				 .call_state = strokes[_i].call_state };

	ck_assert_str_eq(typed(&screen, strokes[_i].keys), strokes[_i].line);
}
END_TEST

START_TEST(typing_without_end_is_bounded)
{
	struct screen screen = { .state = PT_ATTACHED };
	char line[SCREEN_PROMPT_MAX + 1];
	int i;

	for (i = 0; i < 5000; i++)
		screen_key(&screen, '5', line);
	ck_assert_uint_eq(strlen(screen.typed), SCREEN_TYPED_MAX);
	screen_key(&screen, ':', line);
	for (i = 0; i < 5000; i++)
		screen_key(&screen, '5', line);
	ck_assert_uint_eq(strlen(screen.prompt), SCREEN_PROMPT_MAX);
	ck_assert(screen_key(&screen, '\r', line));
	ck_assert_uint_eq(strlen(line), SCREEN_PROMPT_MAX);
}
END_TEST

#define LOOP(tc, test, table)                                                  \
	tcase_add_loop_test(tc, test, 0, sizeof(table) / sizeof(table[0]))

int main(void)
{
	Suite *suite = suite_create("handset");
	TCase *tc = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	setlocale(LC_ALL, "C.UTF-8");
	tcase_add_checked_fixture(tc, scratch_make, scratch_drop);
	LOOP(tc, a_line_is_understood_or_refused_with_what_is_right, lines);
	tcase_add_test(tc, the_longest_line_fits);
	tcase_add_test(tc, a_memory_is_read_as_it_was_written);
	LOOP(tc, a_file_that_is_no_memory_is_refused_and_left, no_memories);
	tcase_add_test(tc, a_memory_that_cannot_be_written_says_so);
	LOOP(tc, a_tone_is_read_from_any_good_file_at_any_rate, wavs);
	tcase_add_test(tc, what_is_no_sound_file_is_refused);
	tcase_add_test(tc, what_is_recorded_can_be_played_even_while_it_grows);
	tcase_add_test(tc, a_recording_of_nothing_is_an_empty_sound_file);
	LOOP(tc, an_event_is_one_line_of_json, events);
	tcase_add_test(tc, the_screen_shows_who_calls);
	tcase_add_test(tc, the_idle_screen_shows_name_twin_and_lamps);
	tcase_add_test(tc, nothing_that_is_said_moves_the_cursor);
	LOOP(tc, keys_are_commands, strokes);
	tcase_add_test(tc, typing_without_end_is_bounded);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
