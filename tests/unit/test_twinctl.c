/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What twinctl takes for a command, and what it prints for a person. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "command.h"
#include "twinctl_options.h"
#include "twinctl_text.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define WORDS_MAX 40

static void *ctx;

static void setup(void)
{
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	ctx = talloc_new(NULL);
}

static void teardown(void)
{
	talloc_free(ctx);
}

static int split(const char *line, char **words)
{
	char *rest = talloc_strdup(ctx, line);
	int n = 0;

	while ((words[n] = strsep(&rest, " ")))
		n++;
	return n;
}

static int parse(const char *line, struct command_request **ret_request,
		 char *why)
{
	char *words[WORDS_MAX] = { 0 };
	int n = *line ? split(line, words) : 0;

	return command_parse(ctx, n, (const char *const *)words, ret_request,
			     why);
}

/* ---- options ---- */

static bool nothing_exists(const char *path)
{
	return false;
}

static bool system_exists(const char *path)
{
	return strcmp(path, "/var/lib/twind/control.sock") == 0;
}

static const struct {
	const char *line;
	struct twinctl_place place;
	const char *socket;
} sockets[] = {
	{ "twinctl status",
	  { .root = true, .home = "/root", .exists = nothing_exists },
	  "/var/lib/twind/control.sock" },
	{ "twinctl status",
	  { .home = "/home/a", .exists = nothing_exists },
	  "/home/a/.local/state/twind/control.sock" },
	{ "twinctl status",
	  { .home = "/home/a",
	    .xdg_state_home = "/s",
	    .exists = nothing_exists },
	  "/s/twind/control.sock" },
	{ "twinctl status",
	  { .home = "/home/a", .exists = system_exists },
	  "/var/lib/twind/control.sock" },
	{ "twinctl --state-dir /x status",
	  { .home = "/home/a", .exists = system_exists },
	  "/x/control.sock" },
	{ "twinctl status --socket=/x/y",
	  { .home = "/home/a", .exists = system_exists },
	  "/x/y" },
};

START_TEST(the_socket_is_found_where_the_gateway_puts_it)
{
	struct twinctl_options options;
	char *words[WORDS_MAX];
	char *why = NULL;
	int n = split(sockets[_i].line, words);

	ck_assert_int_eq(twinctl_options(ctx, n, words, &sockets[_i].place,
					 &options, &why),
			 0);
	ck_assert_str_eq(options.socket, sockets[_i].socket);
	ck_assert_int_eq(options.argc, 1);
	ck_assert_str_eq(options.argv[0], "status");
}
END_TEST

static const struct {
	const char *line;
	const char *why;
} wrong_options[] = {
	{ "twinctl --colour status",
	  "there is no option '--colour'; the options are --state-dir DIR, "
	  "--socket PATH, --json, --help and --version" },
	{ "twinctl status --socket", "--socket needs a value" },
	{ "twinctl --socket a --state-dir b status",
	  "--state-dir and --socket exclude each other" },
};

START_TEST(a_wrong_option_is_told)
{
	const struct twinctl_place place = { .exists = nothing_exists };
	struct twinctl_options options;
	char *words[WORDS_MAX];
	char *why = NULL;
	int n = split(wrong_options[_i].line, words);

	ck_assert_int_eq(twinctl_options(ctx, n, words, &place, &options, &why),
			 -EINVAL);
	ck_assert_str_eq(why, wrong_options[_i].why);
}
END_TEST

/* ---- commands ---- */

static const struct {
	const char *line;
	const char *json;
} good[] = {
	{ "status", "{\"noun\": \"status\", \"args\": [], \"set\": {}}" },
	{ "extension add 201 name=A kind=sip",
	  "{\"noun\": \"extension\", \"verb\": \"add\", \"args\": [\"201\"], "
	  "\"set\": {\"name\": \"A\", \"kind\": \"sip\"}}" },
	{ "extension set name= 201",
	  "{\"noun\": \"extension\", \"verb\": \"set\", \"args\": [\"201\"], "
	  "\"set\": {\"name\": \"\"}}" },
	{ "pair 201 301", "{\"noun\": \"pair\", \"args\": [\"201\", \"301\"], "
			  "\"set\": {}}" },
	{ "extension set 201 password=a=b",
	  "{\"noun\": \"extension\", \"verb\": \"set\", \"args\": [\"201\"], "
	  "\"set\": {\"password\": \"a=b\"}}" },
};

START_TEST(words_become_a_request_and_come_back_from_json)
{
	struct command_request *request;
	struct command_request *again;
	char why[COMMAND_WHY_MAX];
	json_t *json;
	char *text;

	ck_assert_int_eq(parse(good[_i].line, &request, why), 0);
	json = command_to_json(request);
	text = json_dumps(json, 0);
	ck_assert_str_eq(text, good[_i].json);
	ck_assert_int_eq(command_from_json(ctx, json, &again, why), 0);
	ck_assert_ptr_eq(again->command, request->command);
	ck_assert_uint_eq(again->n_sets, request->n_sets);
	free(text);
	json_decref(json);
}
END_TEST

static const struct {
	const char *line;
	const char *why;
} wrong[] = {
	{ "", "a noun is missing; the nouns are status, extension, pairing, "
	      "pair, unpair, handset, base, registration, call" },
	{ "trunk list",
	  "there is no noun 'trunk'; the nouns are status, extension, "
	  "pairing, pair, unpair, handset, base, registration, call" },
	{ "extension", "extension needs a verb: add, set, show, list, remove" },
	{ "extension ad 201",
	  "extension has no verb 'ad'; its verbs are add, set, show, list, "
	  "remove" },
	{ "extension show", "NUMBER is missing: extension show NUMBER" },
	{ "handset assign 1", "NUMBER is missing: handset assign IPUI NUMBER" },
	{ "extension show 201 202",
	  "'202' is too much: extension show NUMBER" },
	{ "extension add 201 name",
	  "'name' is too much: extension add NUMBER name=TEXT kind=sip|dect "
	  "[password=TEXT] [SETTING=VALUE]" },
	{ "extension list kind=sip", "extension list takes no key=value" },
	{ "status a=b", "status takes no key=value" },
	{ "extension set 201 =x", "'=x' is not of the form key=value" },
	{ "extension set 201 Name=x", "'Name=x' is not of the form key=value" },
	{ "extension set 201 name=a name=b", "name is given twice" },
	{ "extension set 201 name=\x1b[2J",
	  "name contains a control character" },
	{ "extension set 201 name=\xff", "name is not UTF-8" },
	{ "extension show \xc3", "NUMBER is not UTF-8" },
};

START_TEST(wrong_usage_names_the_right_words)
{
	struct command_request *request;
	char why[COMMAND_WHY_MAX];

	ck_assert_int_eq(parse(wrong[_i].line, &request, why), -EINVAL);
	ck_assert_str_eq(why, wrong[_i].why);
}
END_TEST

START_TEST(a_thirty_second_key_is_one_too_many)
{
	char *line = talloc_strdup(ctx, "extension set 201");
	struct command_request *request;
	char why[COMMAND_WHY_MAX];

	for (int i = 0; i < COMMAND_SETS_MAX; i++)
		line = talloc_asprintf_append(line, " k%d=v", i);
	ck_assert_int_eq(parse(line, &request, why), 0);
	line = talloc_strdup_append(line, " more=v");
	ck_assert_int_eq(parse(line, &request, why), -EINVAL);
	ck_assert_str_eq(why, "more than 31 keys at once");
}
END_TEST

START_TEST(the_help_names_every_command)
{
	char *help = command_help(ctx);
	const struct command *c = command_table;

	for (; c->noun; c++)
		ck_assert_ptr_nonnull(strstr(help, c->help));
	ck_assert_ptr_nonnull(strstr(help, "  extension show NUMBER           "
					   "its state and settings\n"));
	for (char *line = strtok(help, "\n"); line; line = strtok(NULL, "\n"))
		ck_assert_uint_le(strlen(line), 92);
}
END_TEST

/* Of "extension show" its page has both words, in a line, and each key. */
START_TEST(the_manual_names_every_command)
{
	static char page[65536];
	FILE *file = fopen(TWINCTL_MANUAL, "r");
	const struct command *c = command_table;

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_gt(fread(page, 1, sizeof(page) - 1, file), 0);
	fclose(file);
	for (; c->noun; c++) {
		const struct command_key *key = c->keys;
		char *words = talloc_asprintf(ctx, "%s%s%s", c->noun,
					      c->verb ? " " : "",
					      c->verb ? c->verb : "");

		ck_assert_msg(strstr(page, words), "%s", words);
		for (; key && key->name; key++)
			ck_assert_msg(strstr(page, key->name), "%s", key->name);
	}
}
END_TEST

/* ---- what a person reads ---- */

static const struct {
	const char *line;
	const char *json;
	const char *text;
} texts[] = {
	{ "extension list", "[]", "No extensions.\n" },
	{ "call list", "[]", "No calls in the log.\n" },
	{ "extension list",
	  "[{\"number\": \"201\", \"name\": \"J\xc3\xb6rg\", "
	  "\"kind\": \"sip\", "
	  "\"registered\": true, \"state\": \"idle\", \"dnd\": false, "
	  "\"logged_in\": true, "
	  "\"twin\": {\"role\": \"primary\", \"other\": \"301\"}}, "
	  "{\"number\": \"301\", \"name\": \"Pocket\", \"kind\": \"dect\", "
	  "\"registered\": false, \"state\": \"unreachable\", "
	  "\"dnd\": false, \"logged_in\": true, \"twin\": null}]",
	  "NUMBER  NAME    KIND  STATE        REGISTERED  TWIN\n"
	  "201     J\xc3\xb6rg    sip   idle         yes         with 301\n"
	  "301     Pocket  dect  unreachable  no          -\n" },
	{ "extension show 301",
	  "{\"number\": \"301\", \"name\": \"Pocket\", \"kind\": \"dect\", "
	  "\"registered\": false, \"state\": \"unreachable\", "
	  "\"dnd\": false, \"logged_in\": true, "
	  "\"twin\": {\"role\": \"secondary\", \"other\": \"201\"}}",
	  "number        301\n"
	  "name          Pocket\n"
	  "kind          dect\n"
	  "state         unreachable\n"
	  "registered    no\n"
	  "twin          of 201\n"
	  "\n"
	  "dnd=off\n"
	  "logged_in=on\n" },
	{ "call list",
	  "[{\"id\": 9000001, \"call\": 9, "
	  "\"time\": \"2026-07-01T09:00:00Z\", \"kind\": \"missed\", "
	  "\"number\": \"202\", \"name\": \"B\\u001b[2Job\", "
	  "\"duration_s\": 0, \"ring_s\": 4, \"device\": null, "
	  "\"outcome\": \"missed\", \"count\": 3, \"seen\": false, "
	  "\"extension\": \"201\"}, "
	  "{\"id\": 8000002, \"call\": 8, "
	  "\"time\": \"2026-01-01T08:59:00Z\", \"kind\": \"out\", "
	  "\"number\": \"201\", \"name\": \"\", \"duration_s\": 3661, "
	  "\"ring_s\": 1, \"device\": \"202\", "
	  "\"outcome\": \"answered\", \"count\": 1, \"seen\": true, "
	  "\"extension\": null}]",
	  "ID       TIME                 OF   KIND        NUMBER  NAME     "
	  "TALK     OUTCOME   AT   CALL\n"
	  "9000001  2026-07-01 11:00:00  201  missed (3)  202     B?[2Job  "
	  "-        missed    -    9\n"
	  "8000002  2026-01-01 09:59:00  -    out         201     -        "
	  "1:01:01  answered  202  8\n" },
	{ "call active",
	  "[{\"id\": 17, \"from\": \"202\", \"to\": \"201\", "
	  "\"state\": \"alerting\", \"since\": \"2026-07-01T09:00:00Z\", "
	  "\"legs\": [{\"device\": \"202\", \"state\": \"calling\"}, "
	  "{\"device\": \"201\", \"state\": \"alerting\"}]}]",
	  "CALL  FROM  TO   STATE     SINCE                LEGS\n"
	  "17    202   201  alerting  2026-07-01 11:00:00  202 calling, "
	  "201 alerting\n" },
	{ "call explain 17",
	  "{\"id\": 17, \"from\": \"202\", \"to\": \"201\", "
	  "\"time\": \"2026-07-01T09:00:00Z\", \"active\": false, "
	  "\"outcome\": \"missed\", \"cause\": \"cancelled\", "
	  "\"devices\": [{\"device\": \"201\", \"rang\": true, "
	  "\"why\": \"primary\"}, {\"device\": \"3011\", \"rang\": false, "
	  "\"why\": \"switched off\"}]}",
	  "Call 17 from 202 to 201 at 2026-07-01 11:00:00: missed\n"
	  "  201   rang          primary\n"
	  "  3011  did not ring  switched off\n" },
	{ "handset open",
	  "{\"open\": true, \"seconds\": 120, \"pin\": \"0471\"}",
	  "Handsets may subscribe for the next 120 s with the code 0471.\n" },
	{ "handset close",
	  "{\"open\": false, \"seconds\": null, \"pin\": null}",
	  "No more handsets may subscribe.\n" },
	{ "pair 201 301", "{\"primary\": \"201\", \"secondary\": \"301\"}",
	  "201 and 301 are twins.\n" },
	{ "extension add 201", "{\"number\": \"201\", \"name\": \"%s%n\"}",
	  "Extension 201, %s%n, is there.\n" },
	{ "call remove 9000001", "{\"id\": 9000001, \"call\": 9}",
	  "Record 9000001 of call 9 is removed.\n" },
	{ "base list",
	  "[{\"name\": \"sim\", \"driver\": \"sim\", \"state\": \"up\", "
	  "\"identity\": null, \"model\": null, \"channels\": 4, "
	  "\"channels_used\": 1}]",
	  "NAME  DRIVER  STATE  IDENTITY  MODEL  CALLS\n"
	  "sim   sim     up     -         -      1 of 4\n" },
	{ "status",
	  "{\"version\": \"0.1.0\", \"uptime\": 3780, "
	  "\"listeners\": [{\"transport\": \"udp\", "
	  "\"address\": \"127.0.0.1:5060\"}, {\"transport\": \"tcp\", "
	  "\"address\": \"127.0.0.1:5060\"}], "
	  "\"bases\": [{\"name\": \"sim\", \"driver\": \"sim\", "
	  "\"state\": \"up\"}], \"extensions\": 3, \"registrations\": 2, "
	  "\"handsets\": 1, \"pairings\": 1, \"active_calls\": 0, "
	  "\"counters\": {}}",
	  "version       0.1.0\n"
	  "up for        1 h 3 min\n"
	  "listens at    udp 127.0.0.1:5060, tcp 127.0.0.1:5060\n"
	  "bases         sim up\n"
	  "extensions    3\n"
	  "registrations 2\n"
	  "handsets      1\n"
	  "pairings      1\n"
	  "active calls  0\n" },
};

START_TEST(an_answer_is_good_to_read)
{
	struct command_request *request;
	char why[COMMAND_WHY_MAX];
	json_t *json = json_loads(texts[_i].json, 0, NULL);

	ck_assert_ptr_nonnull(json);
	ck_assert_int_eq(parse(texts[_i].line, &request, why), 0);
	ck_assert_str_eq(twinctl_text(ctx, request->command, json),
			 texts[_i].text);
	json_decref(json);
}
END_TEST

/* Whatever is missing from an answer, it is printed. */
START_TEST(an_empty_answer_breaks_nothing)
{
	const struct command *c = command_table;
	json_t *object = json_object();
	json_t *list = json_pack("[{}, n]");

	for (; c->noun; c++) {
		ck_assert_ptr_nonnull(
			twinctl_text(ctx, c, c->list ? list : object));
		ck_assert_ptr_nonnull(twinctl_text(ctx, c, json_null()));
	}
	json_decref(object);
	json_decref(list);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("twinctl");
	Suite *suite = suite_create("twinctl");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, the_socket_is_found_where_the_gateway_puts_it,
			    0, COUNT(sockets));
	tcase_add_loop_test(tc, a_wrong_option_is_told, 0,
			    COUNT(wrong_options));
	tcase_add_loop_test(tc, words_become_a_request_and_come_back_from_json,
			    0, COUNT(good));
	tcase_add_loop_test(tc, wrong_usage_names_the_right_words, 0,
			    COUNT(wrong));
	tcase_add_test(tc, a_thirty_second_key_is_one_too_many);
	tcase_add_test(tc, the_help_names_every_command);
	tcase_add_test(tc, the_manual_names_every_command);
	tcase_add_loop_test(tc, an_answer_is_good_to_read, 0, COUNT(texts));
	tcase_add_test(tc, an_empty_answer_breaks_nothing);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
