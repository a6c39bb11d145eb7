/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program itself, against a real control socket: streams, exit status. */
#include "socket_rig.h"

#include <sys/wait.h>

#include "scratch.h"
#include "settings_json.h"

struct run {
	int status;
	char out[32768];
	char err[4096];
};

static struct run run;

static void setup(void)
{
	char why[ADMIN_WHY_MAX];

	scratch_make();
	socket_rig_new();
	ck_assert_int_eq(admin_listen_control(rig->admin, base,
					      scratch_path("control.sock"),
					      why),
			 0);
}

static void teardown(void)
{
	socket_rig_free();
	scratch_drop();
}

static void collect(int fd, char *text, size_t size)
{
	size_t used = strlen(text);
	ssize_t n = read(fd, text + used, size - used - 1);

	if (n > 0)
		text[used + n] = '\0';
}

/* Turn the loop until the program has ended. */
static void wait_for(pid_t pid, int out, int err)
{
	int status;

	run = (struct run){ 0 };
	fcntl(out, F_SETFL, O_NONBLOCK);
	fcntl(err, F_SETFL, O_NONBLOCK);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		turn_until(out, 1);
		collect(out, run.out, sizeof(run.out));
	}
	collect(out, run.out, sizeof(run.out));
	collect(err, run.err, sizeof(run.err));
	ck_assert(WIFEXITED(status));
	run.status = WEXITSTATUS(status);
}

static void twinctl(const char *line)
{
	char *words[40] = { "twinctl", "--state-dir", scratch_dir };
	char *rest = talloc_strdup(rig, line);
	int out[2], err[2];
	pid_t pid;

	for (size_t n = 3; (words[n] = strsep(&rest, " ")); n++)
		;
	ck_assert_int_eq(pipe(out) | pipe(err), 0);
	pid = fork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		execv(TWINCTL_PATH, words);
		_exit(127);
	}
	close(out[1]);
	close(err[1]);
	wait_for(pid, out[0], err[0]);
	close(out[0]);
	close(err[0]);
}

static void expect(int status, const char *out, const char *err)
{
	ck_assert_str_eq(run.err, err);
	ck_assert_str_eq(run.out, out);
	ck_assert_int_eq(run.status, status);
}

START_TEST(what_is_done_is_told_on_stdout)
{
	twinctl("extension add 201 name=Alice kind=sip password=x");
	expect(0, "Extension 201, Alice, is there.\n", "");
	twinctl("--json extension show 201");
	expect(0,
	       "{\"number\": \"201\", \"name\": \"Alice\", \"kind\": \"sip\", "
	       "\"registered\": false, \"state\": \"unreachable\", "
	       "\"dnd\": false, \"logged_in\": true, \"twin\": null" SETTINGS_SPACED
	       "}\n",
	       "");
	twinctl("--json call active");
	expect(0, "[]\n", "");
}
END_TEST

START_TEST(a_refusal_is_one_sentence_on_stderr)
{
	twinctl("--json extension show 999");
	expect(1, "", "twinctl: there is no extension 999\n");
}
END_TEST

START_TEST(wrong_usage_is_told_without_a_gateway)
{
	twinctl("extension show");
	expect(2, "", "twinctl: NUMBER is missing: extension show NUMBER\n");
}
END_TEST

START_TEST(a_gateway_that_is_not_there_is_named)
{
	char want[256];

	admin_free(rig->admin);
	rig->admin = NULL;
	twinctl("status");
	snprintf(want, sizeof(want),
		 "twinctl: the gateway cannot be reached at %s/control.sock: "
		 "No such file or directory\n",
		 scratch_dir);
	expect(3, "", want);
}
END_TEST

START_TEST(a_list_longer_than_a_packet_comes_whole)
{
	char *line;

	for (int i = 0; i < 20; i++) {
		line = talloc_asprintf(rig, "extension add %d name=N kind=sip",
				       100 + i);
		twinctl(line);
		ck_assert_int_eq(run.status, 0);
	}
	twinctl("--json extension list");
	ck_assert_int_eq(run.status, 0);
	ck_assert_str_eq(run.out + strlen(run.out) - 2, "]\n");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("twinctl_run");
	Suite *suite = suite_create("twinctl_run");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_is_done_is_told_on_stdout);
	tcase_add_test(tc, a_refusal_is_one_sentence_on_stderr);
	tcase_add_test(tc, wrong_usage_is_told_without_a_gateway);
	tcase_add_test(tc, a_gateway_that_is_not_there_is_named);
	tcase_add_test(tc, a_list_longer_than_a_packet_comes_whole);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
