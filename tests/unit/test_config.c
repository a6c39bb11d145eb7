/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a configuration file says, and what is said about a wrong one.
 */
#include "config.h"

#include <check.h>
#include <osmocom/core/application.h>
#include <osmocom/core/logging.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

static struct config config;
static char why[CONFIG_WHY_MAX];

static int read_text(const char *text)
{
	char path[] = "/tmp/twind-config-XXXXXX";
	int fd = mkstemp(path), rc;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	*why = '\0';
	rc = config_read(&config, path, why);
	unlink(path);
	return rc;
}

static void setup(void)
{
	static const struct log_info no_categories;
	static void *ctx;

	if (ctx)
		return;
	ctx = talloc_new(NULL);
	osmo_init_logging2(ctx, &no_categories);
	config_init(ctx);
}

START_TEST(without_a_file_a_bare_gateway_works)
{
	ck_assert_int_eq(config_read(&config, NULL, why), 0);
	ck_assert_uint_eq(config.n_listen, 4);
	ck_assert_str_eq(config.listen[0].transport, "udp");
	ck_assert_str_eq(config.listen[0].address, "0.0.0.0");
	ck_assert_uint_eq(config.listen[0].port, 5060);
	ck_assert_str_eq(config.http.address, "127.0.0.1");
	ck_assert_uint_eq(config.http.port, 8080);
	ck_assert_uint_eq(config.n_bases, 1);
	ck_assert_str_eq(config.bases[0].name, "sim");
	ck_assert_str_eq(config_realm(&config), config.domain);
}
END_TEST

START_TEST(the_words_of_the_manual_are_understood)
{
	ck_assert_int_eq(
		read_text("! a comment\n"
			  "sip\n"
			  " domain example.test\n"
			  " realm other.test\n"
			  " digest md5-first\n"
			  " listen udp 127.0.0.1 5060\n"
			  " listen tcp ::1 5062\n"
			  " mailbox 192.0.2.9\n"
			  " mailbox ::1\n"
			  " no mailbox 192.0.2.9\n"
			  "http\n"
			  " listen 127.0.0.1 8081\n"
			  "base sim\n"
			  " driver sim\n"
			  "base attic\n"
			  "dialplan\n"
			  " dial-secondary to-primary\n"
			  " ring-secondary-when-primary-unreachable no\n"
			  " ring-limit 60\n"
			  " no-answer-time 20\n"
			  " second-call-targets in-use-only\n"
			  " voicemail 500\n"
			  " emergency 112 110\n"
			  "rtp\n"
			  " port-range 20000 20099\n"
			  " address 192.0.2.7\n"
			  "line vty\n"
			  " bind 127.0.0.1 4299\n"),
		0);
	ck_assert_str_eq(config.domain, "example.test");
	ck_assert_str_eq(config_realm(&config), "other.test");
	ck_assert(config.md5_first);
	ck_assert_uint_eq(config.n_listen, 2);
	ck_assert_str_eq(config.listen[1].address, "::1");
	ck_assert_uint_eq(config.listen[1].port, 5062);
	ck_assert_uint_eq(config.n_mailboxes, 1);
	ck_assert_str_eq(config.mailboxes[0], "::1");
	ck_assert_uint_eq(config.http.port, 8081);
	ck_assert_uint_eq(config.n_bases, 2);
	ck_assert_str_eq(config.bases[0].driver, "sim");
	ck_assert_str_eq(config.bases[1].name, "attic");
	ck_assert_str_eq(config.bases[1].driver, "sim");
	ck_assert(config.dialplan.dial_secondary_to_primary);
	ck_assert(config.dialplan.primary_must_be_reachable);
	ck_assert_uint_eq(config.dialplan.ring_limit_s, 60);
	ck_assert_uint_eq(config.dialplan.no_answer_s, 20);
	ck_assert(config.dialplan.second_call_in_use_only);
	ck_assert_str_eq(config.dialplan.voicemail, "500");
	ck_assert_str_eq(config.dialplan.emergency[1], "110");
	ck_assert_str_eq(config.dialplan.emergency[2], "");
	ck_assert_uint_eq(config.rtp_port_max, 20099);
	ck_assert_str_eq(config.rtp_address, "192.0.2.7");
}
END_TEST

/* A file, the line that is wrong, and a word of the complaint. */
static const struct {
	const char *text;
	const char *line;
	const char *complaint;
} wrong[] = {
	{ "sip\n domain a.test\nnonsense here\n", "line 3", "no such command" },
	{ "sip\n listen tls 127.0.0.1 5061\n", "line 2", "'listen tls" },
	{ "sip\n listen udp 127.0.0.1 99999\n", "line 2", "99999" },
	{ "sip\n listen udp 127.0.0.256 5060\n", "line 2", "IP address" },
	{ "sip\n listen udp 127.0.0.1\n", "line 2", "missing" },
	{ "sip\n domain a/b\n", "line 2", "host name" },
	{ "\n\nsip\n   realm b\n  domain a\n", "line 5", "indented" },
	{ "sip\n listen udp ::1 5060\n listen udp ::1 5060\n", "line 3",
	  "already" },
	{ "base a/../b\n", "line 1", "not a name" },
	{ "base sim\n driver vapour\n", "line 2", "no driver" },
	{ "rtp\n port-range 3000 2000\n", "line 2", "above the first" },
	{ "dialplan\n dial-secondary maybe\n", "line 2", "maybe" },
	{ "http\n listen localhost 80\n", "line 2", "localhost" },
};

START_TEST(a_wrong_line_is_named_and_nothing_is_taken)
{
	struct config before;

	ck_assert_int_eq(config_read(&config, NULL, why), 0);
	before = config;
	ck_assert_int_lt(read_text(wrong[_i].text), 0);
	ck_assert_msg(strstr(why, wrong[_i].line), "%s", why);
	ck_assert_msg(strstr(why, wrong[_i].complaint), "%s", why);
	ck_assert_mem_eq(&before, &config, sizeof(config));
}
END_TEST

START_TEST(codes_can_be_others_or_off)
{
	const struct code_plan *plan = &config.dialplan.codes;

	/* The two change places: neither line is wrong by itself. */
	ck_assert_int_eq(read_text("dialplan\n"
				   " code dnd-on *09\n"
				   " code dnd-off *08\n"
				   " code twin-pull #1\n"
				   " code log-in off\n"),
			 0);
	ck_assert_str_eq(code_digits(plan, CODE_DND_ON), "*09");
	ck_assert_str_eq(code_digits(plan, CODE_DND_OFF), "*08");
	ck_assert_str_eq(code_digits(plan, CODE_TWIN_PULL), "#1");
	ck_assert_ptr_null(code_digits(plan, CODE_LOG_IN));
	ck_assert_str_eq(code_digits(plan, CODE_LOG_OUT), "*36");
}
END_TEST

static const struct {
	const char *text, *why;
} wrong_codes[] = {
	{ "dialplan\n code dnd *08\n", "line 2: there is no code 'dnd'" },
	{ "dialplan\n code dnd-on 08\n", "line 2: '08' is no code" },
	{ "dialplan\n code dnd-on *1x\n", "line 2: '*1x' is no code" },
	{ "dialplan\n code dnd-on *77\n code dnd-off *77\n",
	  "line 3: '*77' of dnd-off begins like '*77' of dnd-on" },
	{ "dialplan\n code dnd-on *77\n code dnd-off *7\n",
	  "line 3: '*7' of dnd-off begins like '*77' of dnd-on" },
	{ "dialplan\n\n code dnd-on *01\n ring-limit 60\n",
	  "line 3: '*01' of dnd-on begins like '*01' of forward-on" },
};

START_TEST(a_code_like_another_is_named_with_its_line)
{
	ck_assert_int_lt(read_text(wrong_codes[_i].text), 0);
	ck_assert_msg(strstr(why, wrong_codes[_i].why), "%s", why);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_named)
{
	ck_assert_int_lt(config_read(&config, "/nonexistent/x.cfg", why), 0);
	ck_assert_ptr_nonnull(strstr(why, "/nonexistent/x.cfg"));
	ck_assert_int_lt(config_read(&config, "/tmp", why), 0);
	ck_assert_ptr_nonnull(strstr(why, "/tmp"));
}
END_TEST

START_TEST(seventeen_listeners_are_one_too_many)
{
	char text[2048] = "sip\n";
	int i;

	for (i = 0; i < CONFIG_LISTENERS_MAX; i++)
		sprintf(text + strlen(text), " listen udp 127.0.0.1 %d\n",
			6000 + i);
	ck_assert_int_eq(read_text(text), 0);
	strcat(text, " listen udp 127.0.0.1 7000\n");
	ck_assert_int_lt(read_text(text), 0);
	ck_assert_ptr_nonnull(strstr(why, "no more than 16"));
}
END_TEST

START_TEST(what_needs_a_restart_is_told)
{
	struct config now;
	char parts[CONFIG_PARTS_MAX];

	ck_assert_int_eq(read_text("dialplan\n ring-limit 60\n"), 0);
	now = config;
	ck_assert_int_eq(read_text("dialplan\n ring-limit 90\n"), 0);
	config_needs_restart(&now, &config, parts);
	ck_assert_str_eq(parts, "");
	ck_assert_int_eq(read_text("sip\n listen udp 127.0.0.1 5070\n"
				   "rtp\n port-range 3000 4000\n"),
			 0);
	config_needs_restart(&now, &config, parts);
	ck_assert_str_eq(parts, "sip, rtp");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("config");
	Suite *suite = suite_create("config");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, without_a_file_a_bare_gateway_works);
	tcase_add_test(tc, the_words_of_the_manual_are_understood);
	tcase_add_loop_test(tc, a_wrong_line_is_named_and_nothing_is_taken, 0,
			    sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tc, codes_can_be_others_or_off);
	tcase_add_loop_test(tc, a_code_like_another_is_named_with_its_line, 0,
			    sizeof(wrong_codes) / sizeof(*wrong_codes));
	tcase_add_test(tc, a_file_that_is_not_there_is_named);
	tcase_add_test(tc, seventeen_listeners_are_one_too_many);
	tcase_add_test(tc, what_needs_a_restart_is_told);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
