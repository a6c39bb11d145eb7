/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control socket, over a real socket, with the real core behind it. */
#include "socket_rig.h"

#include <sys/stat.h>
#include <sys/un.h>

#include "ctl_line.h"
#include "ctl_socket.h"
#include "scratch.h"
#include "settings_json.h"

static const char *path;

static void setup(void)
{
	char why[ADMIN_WHY_MAX] = "";

	scratch_make();
	path = scratch_path("control.sock");
	socket_rig_new();
	ck_assert_int_eq(admin_listen_control(rig->admin, base, path, why), 0);
	ck_assert_str_eq(why, "");
}

static void teardown(void)
{
	socket_rig_free();
	scratch_drop();
}

static int client(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	ck_assert_int_eq(connect(fd, (void *)&address, sizeof(address)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	client_send(fd, text, strlen(text));
}

#define expect(fd, want)                                                       \
	do {                                                                   \
		bool closed_;                                                  \
                                                                               \
		ck_assert_str_eq(client_receive(fd, want, &closed_), want);    \
		ck_assert(!closed_);                                           \
	} while (0)

static void expect_closed(int fd)
{
	bool closed;

	ck_assert_str_eq(client_receive(fd, NULL, &closed), "");
	ck_assert(closed);
	close(fd);
}

#define ADD_201                                                                \
	"{\"noun\":\"extension\",\"verb\":\"add\",\"args\":[\"201\"],"         \
	"\"set\":{\"name\":\"Alice\",\"kind\":\"sip\"}}\n"
#define SHOW_201                                                               \
	"{\"id\":7,\"noun\":\"extension\",\"verb\":\"show\",\"args\":"         \
	"[\"201\"]}\n"
#define OBJECT_201                                                             \
	"{\"number\":\"201\",\"name\":\"Alice\",\"kind\":\"sip\","             \
	"\"registered\":false,\"state\":\"unreachable\",\"dnd\":false,"        \
	"\"logged_in\":true,\"twin\":null" SETTINGS_COMPACT "}"

START_TEST(a_line_is_answered_with_a_line)
{
	int fd = client();

	say(fd, SHOW_201);
	expect(fd, "{\"id\":7,\"rc\":1,"
		   "\"error\":\"there is no extension 201\"}\n");
	say(fd, ADD_201);
	expect(fd, "{\"rc\":0,\"result\":" OBJECT_201 "}\n");
	close(fd);
}
END_TEST

START_TEST(lines_sent_ahead_are_answered_in_their_order)
{
	int fd = client();

	rig->slow_disk = true;
	say(fd, ADD_201 SHOW_201 SHOW_201);
	expect(fd, "");
	turn();
	rig_disk(rig, 0);
	expect(fd, "{\"rc\":0,\"result\":" OBJECT_201 "}\n"
		   "{\"id\":7,\"rc\":0,\"result\":" OBJECT_201 "}\n"
		   "{\"id\":7,\"rc\":0,\"result\":" OBJECT_201 "}\n");
	close(fd);
}
END_TEST

START_TEST(who_stops_writing_still_reads_all_answers)
{
	int fd = client();

	say(fd, ADD_201 SHOW_201 "{\"unfinished");
	shutdown(fd, SHUT_WR);
	expect(fd, "{\"rc\":0,\"result\":" OBJECT_201 "}\n"
		   "{\"id\":7,\"rc\":0,\"result\":" OBJECT_201 "}\n");
	expect_closed(fd);
}
END_TEST

static const struct {
	const char *line;
	const char *reply;
} wrong[] = {
	{ "\n", "{\"rc\":2,\"error\":\"the line is not JSON (column 0)\"}\n" },
	{ "[]\n", "{\"rc\":2,\"error\":\"a request is a JSON object\"}\n" },
	{ "{\"id\":null}\n",
	  "{\"id\":null,\"rc\":2,\"error\":\"a noun is missing; the nouns are "
	  "status, extension, pairing, pair, unpair, handset, base, "
	  "registration, call\"}\n" },
	{ "{\"noun\":\"status\",\"noun\":\"status\"}\n",
	  "{\"rc\":2,\"error\":\"the line is not JSON (column 23)\"}\n" },
	{ "{\"noun\":\"status\",\"verb\":\"show\"}\n",
	  "{\"rc\":2,\"error\":\"status has no verb\"}\n" },
	{ "{\"noun\":1}\n",
	  "{\"rc\":2,\"error\":\"noun and verb are texts, args is an array, "
	  "set is an object\"}\n" },
	{ "{\"id\":{},\"noun\":\"status\"}\n",
	  "{\"rc\":2,\"error\":\"id is a text or a number\"}\n" },
	{ "{\"noun\":\"status\",\"colour\":\"red\"}\n",
	  "{\"rc\":2,\"error\":\"a request has no member 'colour'; it may "
	  "have id, noun, verb, args and set\"}\n" },
	{ "{\"noun\":\"call\",\"verb\":\"show\",\"args\":[[]]}\n",
	  "{\"rc\":2,\"error\":\"CALL must be a text\"}\n" },
	{ "{\"noun\":\"pairing\",\"verb\":\"set\",\"args\":[201],"
	  "\"set\":{\"max_calls\":[7]}}\n",
	  "{\"rc\":2,\"error\":\"the value of max_calls must be a text, a "
	  "number, a list of texts, true, false or null\"}\n" },
	{ "{\"noun\":\"pairing\",\"verb\":\"set\",\"args\":[201],"
	  "\"set\":{\"max_calls\":2,\"twin_line\":true}}\n",
	  "{\"rc\":1,\"error\":\"there is no extension 201\"}\n" },
	{ "{\"noun\":\"status\",\"args\":[\"x\"]}\n",
	  "{\"rc\":2,\"error\":\"'x' is too much: status\"}\n" },
	/* Forty bytes are quoted, and the fortieth begins a character. */
	{ "{\"noun\":\"123456789012345678901234567890123456789\\u00e9\"}\n",
	  "{\"rc\":2,\"error\":\"there is no noun "
	  "'123456789012345678901234567890123456789?'; the nouns are status, "
	  "extension, pairing, pair, unpair, handset, base, registration, "
	  "call\"}\n" },
	{ "{\"noun\":\"extension\",\"verb\":\"set\",\"args\":["
	  "\"123456789012345678901234567890123456789\\u00e9\"]}\n",
	  "{\"rc\":1,\"error\":\"there is no extension "
	  "123456789012345678901234567890123456789?\"}\n" },
	{ "{\"noun\":\"sta\\u0000tus\"}\n",
	  "{\"rc\":2,\"error\":\"the line is not JSON (column 22)\"}\n" },
};

START_TEST(a_wrong_line_is_answered_and_the_next_one_is_read)
{
	int fd = client();

	say(fd, wrong[_i].line);
	expect(fd, wrong[_i].reply);
	say(fd, ADD_201);
	expect(fd, "{\"rc\":0,\"result\":" OBJECT_201 "}\n");
	close(fd);
}
END_TEST

START_TEST(no_answer_quotes_a_password)
{
	int fd = client();
	bool closed;
	char *reply;

	say(fd, "{\"noun\":\"extension\",\"verb\":\"set\",\"args\":[\"201\"],"
		"\"set\":{\"password\":\"hunter2\"},}\n");
	reply = client_receive(fd, "\n", &closed);
	ck_assert_ptr_null(strstr(reply, "hunter2"));
	say(fd, "{\"noun\":\"extension\",\"verb\":\"set\",\"args\":[\"201\"],"
		"\"set\":{\"password\":\"hunter2\\u0007\"}}\n");
	reply = client_receive(fd, "\n", &closed);
	ck_assert_ptr_null(strstr(reply, "hunter2"));
	close(fd);
}
END_TEST

START_TEST(a_line_without_end_is_cut_off)
{
	int fd = client();
	char *line = malloc(CTL_LINE_MAX + 2);

	memset(line, 'x', CTL_LINE_MAX + 2);
	client_send(fd, line, CTL_LINE_MAX + 2);
	free(line);
	expect(fd, "{\"rc\":2,\"error\":\"a line is longer than 65536 "
		   "bytes\"}\n");
	expect_closed(fd);
}
END_TEST

START_TEST(who_leaves_before_the_answer_harms_nobody)
{
	int fd = client();

	rig->slow_disk = true;
	say(fd, ADD_201);
	turn();
	close(fd);
	turn();
	rig_disk(rig, 0);
	turn();
	fd = client();
	say(fd, SHOW_201);
	expect(fd, "{\"id\":7,\"rc\":0,\"result\":" OBJECT_201 "}\n");
	close(fd);
}
END_TEST

START_TEST(the_last_connection_waits_until_another_goes)
{
	int fd[CTL_CONNECTIONS_MAX + 1];

	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		fd[i] = client();
	say(fd[CTL_CONNECTIONS_MAX], SHOW_201);
	expect(fd[CTL_CONNECTIONS_MAX], "");
	turn();
	ck_assert(!turn_until(fd[CTL_CONNECTIONS_MAX], QUIET_MS));
	close(fd[0]);
	expect(fd[CTL_CONNECTIONS_MAX],
	       "{\"id\":7,\"rc\":1,\"error\":\"there is no extension 201\"}\n");
	for (size_t i = 1; i < ARRAY_SIZE(fd); i++)
		close(fd[i]);
}
END_TEST

/* ---- the socket file ---- */

START_TEST(the_file_is_for_owner_and_group)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0660);
	admin_free(rig->admin);
	rig->admin = NULL;
	ck_assert_int_eq(stat(path, &st), -1);
}
END_TEST

static int listen_again(const char *at, char *why)
{
	struct admin *second = admin_new(rig, rig->core, &rig->ops);
	int rc = admin_listen_control(second, base, at, why);

	admin_free(second);
	return rc;
}

START_TEST(a_living_gateway_is_not_pushed_aside)
{
	char why[ADMIN_WHY_MAX];
	int fd;

	ck_assert_int_eq(listen_again(path, why), -EADDRINUSE);
	ck_assert_ptr_nonnull(strstr(why, "another gateway is running at "));
	fd = client();
	say(fd, SHOW_201);
	expect(fd, "{\"id\":7,\"rc\":1,"
		   "\"error\":\"there is no extension 201\"}\n");
	close(fd);
}
END_TEST

START_TEST(the_file_of_a_dead_gateway_is_replaced)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *dead = scratch_path("dead.sock");
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char why[ADMIN_WHY_MAX];

	strcpy(address.sun_path, dead);
	ck_assert_int_eq(bind(fd, (void *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	close(fd);
	ck_assert_int_eq(listen_again(dead, why), 0);
}
END_TEST

START_TEST(what_is_no_socket_stays)
{
	const char *file = scratch_path("file");
	char why[ADMIN_WHY_MAX];
	struct stat st;

	close(open(file, O_CREAT | O_WRONLY, 0600));
	ck_assert_int_eq(listen_again(file, why), -EEXIST);
	ck_assert_ptr_nonnull(strstr(why, "is there and is no socket"));
	ck_assert_int_eq(stat(file, &st), 0);
}
END_TEST

START_TEST(a_path_that_does_not_work_is_named)
{
	char why[ADMIN_WHY_MAX];
	char longest[200];

	ck_assert_int_eq(listen_again("/nowhere/at/all", why), -ENOENT);
	ck_assert_str_eq(why, "the control socket /nowhere/at/all cannot be "
			      "opened: No such file or directory");
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(listen_again(longest, why), -ENAMETOOLONG);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("ctl_socket");
	Suite *suite = suite_create("ctl_socket");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 20);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_line_is_answered_with_a_line);
	tcase_add_test(tc, lines_sent_ahead_are_answered_in_their_order);
	tcase_add_test(tc, who_stops_writing_still_reads_all_answers);
	tcase_add_loop_test(tc,
			    a_wrong_line_is_answered_and_the_next_one_is_read,
			    0, ARRAY_SIZE(wrong));
	tcase_add_test(tc, no_answer_quotes_a_password);
	tcase_add_test(tc, a_line_without_end_is_cut_off);
	tcase_add_test(tc, who_leaves_before_the_answer_harms_nobody);
	tcase_add_test(tc, the_last_connection_waits_until_another_goes);
	tcase_add_test(tc, the_file_is_for_owner_and_group);
	tcase_add_test(tc, a_living_gateway_is_not_pushed_aside);
	tcase_add_test(tc, the_file_of_a_dead_gateway_is_replaced);
	tcase_add_test(tc, what_is_no_socket_stays);
	tcase_add_test(tc, a_path_that_does_not_work_is_named);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
