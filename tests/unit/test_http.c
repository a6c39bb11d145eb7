/* SPDX-License-Identifier: GPL-3.0-or-later */
/* REST, metrics and the checks before them, over a real socket. */
#include "socket_rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "http.h"
#include "http_census.h"
#include "http_check.h"
#include "rest.h"
#include "settings_json.h"

static uint16_t port;

static uint16_t listen_at(const char *address)
{
	char why[ADMIN_WHY_MAX] = "";
	uint16_t at = 0;

	ck_assert_int_eq(
		admin_listen_http(rig->admin, base, address, 0, &at, why), 0);
	return at;
}

static void setup(void)
{
	socket_rig_new();
	port = listen_at("127.0.0.1");
}

/* From 127.0.0.@from. */
static int client_from(unsigned int from, uint16_t at)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl((127u << 24) + from);
	ck_assert_int_eq(bind(fd, (void *)&address, sizeof(address)), 0);
	address.sin_port = htons(at);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (void *)&address, sizeof(address)), 0);
	return fd;
}

static int client_at(uint16_t at)
{
	return client_from(1, at);
}

/* The answer as "STATUS body", with what is asked for of the head between. */
static char *answer_of(const char *reply, const char *header)
{
	const char *body = strstr(reply, "\r\n\r\n");
	const char *found = header ? strstr(reply, header) : NULL;
	char *out;

	if (strncmp(reply, "HTTP/1.1 ", 9) != 0 || !body)
		return talloc_strdup(rig, *reply ? reply : "closed");
	out = talloc_strndup(rig, reply + 9, 3);
	if (found)
		out = talloc_asprintf_append(out, " %.*s",
					     (int)strcspn(found, "\r"), found);
	return talloc_asprintf_append(out, " %s", body + 4);
}

static char *raw(uint16_t at, const char *request, const char *header)
{
	int fd = client_at(at);
	char *reply;
	bool closed;

	client_send(fd, request, strlen(request));
	reply = client_receive(fd, NULL, &closed);
	close(fd);
	turn();
	return answer_of(reply, header);
}

static char *ask_for(const char *method, const char *path, const char *more,
		     const char *body)
{
	char *request = talloc_asprintf(
		rig,
		"%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
		"%sContent-Length: %zu\r\n\r\n%s",
		method, path, more, strlen(body), body);

	return raw(port, request, NULL);
}

#define JSON "Content-Type: application/json\r\n"

#define OBJECT_201                                                             \
	"{\"number\":\"201\",\"name\":\"Alice\",\"kind\":\"sip\","             \
	"\"registered\":false,\"state\":\"unreachable\",\"dnd\":false,"        \
	"\"logged_in\":true,\"twin\":null" SETTINGS_COMPACT "}"

static void alice(void)
{
	ck_assert_str_eq(ask_for("POST", "/api/v1/extensions", JSON,
				 "{\"number\":201,\"name\":\"Alice\","
				 "\"kind\":\"sip\"}"),
			 "201 " OBJECT_201);
}

/* ---- pages ---- */

START_TEST(the_health_is_told_to_anyone)
{
	ck_assert_str_eq(ask_for("GET", "/healthz", "", ""), "200 ok\n");
	ck_assert_str_eq(ask_for("HEAD", "/healthz", "", ""), "200 ");
	ck_assert_str_eq(ask_for("DELETE", "/healthz", "", ""),
			 "405 {\"error\":\"this method does not belong to "
			 "this path\"}");
}
END_TEST

START_TEST(metrics_are_what_prometheus_reads)
{
	char *page = ask_for("GET", "/metrics", "", "");

	ck_assert_ptr_nonnull(strstr(page, "200 # HELP twind_build_info "));
	ck_assert_ptr_nonnull(strstr(page, "\n# TYPE twind_build_info gauge\n"
					   "twind_build_info{version="
					   "\"" TWIND_VERSION "\"} 1\n"));
	ck_assert_ptr_nonnull(
		strstr(page, "\n# TYPE twind_calls_ended_total counter\n"
			     "twind_calls_ended_total{cause=\"normal\"} 0\n"
			     "twind_calls_ended_total{cause=\"cancelled\"} "
			     "0\n"));
	ck_assert_ptr_nonnull(
		strstr(page, "\ntwind_sip_rx_total{transport=\"u\\\"dp\"} "
			     "7\n"));
	ck_assert_ptr_nonnull(strstr(page, "\ntwind_http_connections 1\n"));
}
END_TEST

START_TEST(the_api_describes_itself)
{
	char *page = ask_for("GET", "/api/v1/openapi.json", "", "");
	json_t *document = json_loads(page + 4, 0, NULL);

	ck_assert_str_eq(
		json_string_value(json_object_get(document, "openapi")),
		"3.0.3");
	json_decref(document);
}
END_TEST

/* ---- the API ---- */

START_TEST(a_thing_is_made_changed_listed_and_removed)
{
	alice();
	ck_assert_str_eq(ask_for("GET", "/api/v1/extensions", "", ""),
			 "200 [" OBJECT_201 "]");
	ck_assert_str_eq(ask_for("PATCH", "/api/v1/extensions/201", JSON,
				 "{\"name\":\"Alice\"}"),
			 "200 " OBJECT_201);
	ck_assert_str_eq(ask_for("GET", "/api/v1/extensions/201", "", ""),
			 "200 " OBJECT_201);
	ck_assert_str_eq(ask_for("DELETE", "/api/v1/extensions/201", "", ""),
			 "200 " OBJECT_201);
	ck_assert_str_eq(ask_for("GET", "/api/v1/extensions/201", "", ""),
			 "404 {\"error\":\"there is no extension 201\"}");
}
END_TEST

START_TEST(the_query_of_the_log_is_passed_on)
{
	alice();
	ck_assert_str_eq(ask_for("GET",
				 "/api/v1/calls?extension=%32%301&kind=out"
				 "&limit=3&each=on",
				 "", ""),
			 "200 []");
	ck_assert_uint_eq(rig->query.owner, rig_ext(rig, "201"));
	ck_assert_uint_eq(rig->query.kinds, 1 << LOG_OUT);
	ck_assert_uint_eq(rig->query.limit, 3);
}
END_TEST

static const struct {
	const char *method;
	const char *path;
	const char *more;
	const char *body;
	const char *answer;
} refusals[] = {
	{ "GET", "/", "", "", "404 {\"error\":\"there is nothing here\"}" },
	{ "GET", "/apixyz", "", "",
	  "404 {\"error\":\"there is nothing here\"}" },
	{ "GET", "/api/v1/nonsense", "", "",
	  "404 {\"error\":\"there is nothing here; see "
	  "/api/v1/openapi.json\"}" },
	{ "POST", "/api/v1/extensions", JSON,
	  "{\"number\":\"201\",\"name\":\"Other\",\"kind\":\"sip\"}",
	  "409 {\"error\":\"extension 201 exists already\"}" },
	{ "POST", "/api/v1/extensions", JSON, "{\"name\":\"Other\"}",
	  "400 {\"error\":\"the body lacks \\\"number\\\"\"}" },
	{ "POST", "/api/v1/extensions", JSON, "[]",
	  "400 {\"error\":\"the body is not a JSON object\"}" },
	{ "POST", "/api/v1/extensions", JSON, "{\"a\":1,\"a\":2}",
	  "400 {\"error\":\"the body is not a JSON object\"}" },
	{ "POST", "/api/v1/extensions", "", "{}",
	  "415 {\"error\":\"the body must be application/json\"}" },
	{ "PATCH", "/api/v1/extensions/201", JSON, "{\"colour\":\"red\"}",
	  "400 {\"error\":\"there is no setting \\\"colour\\\"; there are: "
	  "name, password, " SETTINGS_KEYS "\"}" },
	{ "DELETE", "/api/v1/extensions", "", "",
	  "405 {\"error\":\"this method does not belong to this path\"}" },
	{ "GET", "/api/v1/calls?colour", "", "",
	  "400 {\"error\":\"the query is not of the form "
	  "key=value&key=value\"}" },
	{ "GET", "/api/v1/calls?kind=%zz", "", "",
	  "400 {\"error\":\"the query is not well encoded\"}" },
	{ "GET", "/api/v1/calls?kind=lost", "", "",
	  "400 {\"error\":\"kind must be missed, in, out or all, not "
	  "'lost'\"}" },
	{ "GET", "/api/v1/extensions?a=b", "", "",
	  "400 {\"error\":\"there is no query here\"}" },
	{ "GET", "/api/v1/extensions/%00", "", "",
	  "400 {\"error\":\"the path is not well encoded\"}" },
	{ "GET", "/api/v1/extensions/..", "", "",
	  "400 {\"error\":\"the path has an empty or dotted segment\"}" },
	{ "GET", "/api/v1/extensions/%2e%2e", "", "",
	  "400 {\"error\":\"the path has an empty or dotted segment\"}" },
	{ "GET", "/api/v1//extensions", "", "",
	  "400 {\"error\":\"the path has an empty or dotted segment\"}" },
	{ "GET", "/api/v1/extensions/201", "Host: evil.test\r\n", "",
	  "400 {\"error\":\"there must be exactly one Host\"}" },
	{ "GET", "/api/v1/extensions/201", "Origin: http://evil.test\r\n", "",
	  "403 {\"error\":\"the request comes from another site\"}" },
	{ "GET", "/api/v1/extensions/201", "Origin: null\r\n", "",
	  "403 {\"error\":\"the request comes from another site\"}" },
	{ "GET", "/api/v1/extensions/201", "Origin: http://127.0.0.1\r\n", "",
	  "200 " OBJECT_201 },
	{ "GET", "/api/v1/extensions/201", "Content-Length: 0\r\n", "",
	  "400 {\"error\":\"there must be one Content-Length at most\"}" },
};

START_TEST(a_request_that_is_not_right_is_told_why)
{
	alice();
	ck_assert_str_eq(ask_for(refusals[_i].method, refusals[_i].path,
				 refusals[_i].more, refusals[_i].body),
			 refusals[_i].answer);
}
END_TEST

static const struct {
	const char *request;
	const char *answer;
} odd[] = {
	{ "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
	  "400 {\"error\":\"there must be exactly one Host\"}" },
	{ "GET http://127.0.0.1/healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	  "Connection: close\r\n\r\n",
	  "400 {\"error\":\"the target must begin with a slash\"}" },
	{ "GET /api/v1/status HTTP/1.1\r\nHost: rebound.test\r\n"
	  "Connection: close\r\n\r\n",
	  "403 {\"error\":\"the host of the request is not this machine's "
	  "loopback\"}" },
	{ "GET /healthz HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n"
	  "Connection: close\r\n\r\n",
	  "400 {\"error\":\"no trailer and no upgrade here\"}" },
};

START_TEST(what_evhttp_lets_through_we_do_not)
{
	ck_assert_str_eq(raw(port, odd[_i].request, NULL), odd[_i].answer);
}
END_TEST

START_TEST(the_right_methods_are_named)
{
	ck_assert_str_eq(
		raw(port,
		    "DELETE /api/v1/extensions HTTP/1.1\r\nHost: [::1]:80\r\n"
		    "Connection: close\r\n\r\n",
		    "Allow: "),
		"405 Allow: POST, GET {\"error\":\"this method does not "
		"belong to this path\"}");
}
END_TEST

START_TEST(at_another_address_only_health_and_metrics_are_told)
{
	uint16_t open_port = listen_at("0.0.0.0");

	ck_assert_str_eq(raw(open_port,
			     "GET /api/v1/status HTTP/1.1\r\n"
			     "Host: 127.0.0.1\r\nConnection: close\r\n\r\n",
			     NULL),
			 "403 {\"error\":\"without log-in the API is served "
			 "on a loopback address only; see `http listen` in "
			 "the configuration\"}");
	ck_assert_str_eq(raw(open_port,
			     "GET /healthz HTTP/1.1\r\nHost: gw.test\r\n"
			     "Connection: close\r\n\r\n",
			     NULL),
			 "200 ok\n");
}
END_TEST

/* ---- limits ---- */

START_TEST(an_endless_head_and_a_large_body_are_cut_off)
{
	char *line = talloc_zero_size(rig, HTTP_HEADERS_MAX + 1);
	char *body = talloc_zero_size(rig, HTTP_BODY_MAX + 2);
	char *answer;

	memset(line, 'x', HTTP_HEADERS_MAX);
	answer = raw(port,
		     talloc_asprintf(rig,
				     "GET /healthz HTTP/1.1\r\nHost: a\r\n"
				     "X: %s\r\n\r\n",
				     line),
		     NULL);
	ck_assert_msg(strncmp(answer, "400", 3) == 0 ||
			      strcmp(answer, "closed") == 0,
		      "%s", answer);

	memset(body, 'x', HTTP_BODY_MAX + 1);
	answer = ask_for("POST", "/api/v1/extensions", JSON, body);
	ck_assert_msg(strncmp(answer, "413", 3) == 0, "%s", answer);
}
END_TEST

START_TEST(one_connection_too_many_waits_until_another_goes)
{
	static const char get[] = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
	int fd[CENSUS_MAX + 1];
	bool closed;

	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		fd[i] = client_from(i < 30 ? 3 : i < 60 ? 4 : 5, port);
	client_send(fd[CENSUS_MAX], get, strlen(get));
	ck_assert(!turn_until(fd[CENSUS_MAX], QUIET_MS));
	close(fd[0]);
	ck_assert_ptr_nonnull(strstr(
		client_receive(fd[CENSUS_MAX], "ok\n", &closed), "200 OK"));
	for (size_t i = 1; i < ARRAY_SIZE(fd); i++)
		close(fd[i]);
	turn();
	ck_assert_ptr_nonnull(strstr(ask_for("GET", "/metrics", "", ""),
				     "\ntwind_http_connections 1\n"));
}
END_TEST

START_TEST(one_address_cannot_take_all_connections)
{
	int fd[CENSUS_PEER_MAX + 1];

	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		fd[i] = client_from(3, port);
	ck_assert(turn_until(fd[CENSUS_PEER_MAX], QUIET_MS));
	ck_assert(!turn_until(fd[0], 20));
	ck_assert_str_eq(ask_for("GET", "/healthz", "", ""), "200 ok\n");
	for (size_t i = 0; i < ARRAY_SIZE(fd); i++)
		close(fd[i]);
}
END_TEST

START_TEST(who_leaves_before_the_answer_harms_nobody)
{
	static const char add[] =
		"POST /api/v1/extensions HTTP/1.1\r\nHost: localhost\r\n" JSON
		"Content-Length: 44\r\n\r\n"
		"{\"number\":\"201\",\"name\":\"Alice\",\"kind\":\"sip\"}";
	int fd = client_at(port);

	rig->slow_disk = true;
	client_send(fd, add, strlen(add));
	turn();
	close(fd);
	turn();
	rig_disk(rig, 0);
	turn();
	ck_assert_str_eq(ask_for("GET", "/api/v1/extensions/201", "", ""),
			 "200 " OBJECT_201);

	/* And the gateway may go while one waits. */
	fd = client_at(port);
	client_send(fd, add, strlen(add));
	turn();
	admin_free(rig->admin);
	rig->admin = NULL;
	close(fd);
}
END_TEST

START_TEST(an_address_that_does_not_work_is_named)
{
	char why[ADMIN_WHY_MAX];
	uint16_t unused;

	ck_assert_int_eq(
		admin_listen_http(rig->admin, base, "nowhere", 0, &unused, why),
		-EINVAL);
	ck_assert_str_eq(why, "http: nowhere is no address");
	ck_assert_int_eq(admin_listen_http(rig->admin, base, "127.0.0.1", port,
					   &unused, why),
			 -EADDRINUSE);
}
END_TEST

START_TEST(the_loopback_is_known_by_its_names)
{
	ck_assert(http_is_loopback("localhost"));
	ck_assert(http_is_loopback("LOCALHOST:8080"));
	ck_assert(http_is_loopback("127.0.0.1:8080"));
	ck_assert(http_is_loopback("127.9.9.9"));
	ck_assert(http_is_loopback("[::1]:8080"));
	ck_assert(!http_is_loopback("localhost.evil.test"));
	ck_assert(!http_is_loopback("127.0.0.1.evil.test"));
	ck_assert(!http_is_loopback("[::2]"));
	ck_assert(!http_is_loopback("["));
	ck_assert(!http_is_loopback(":8080"));
	ck_assert(!http_is_loopback(""));
}
END_TEST

static const struct {
	const char *text;
	const char *decoded;
} encoded[] = {
	{ "", "" },
	{ "a%20b+c", "a b+c" },
	{ "%e2%82%ac", "\xe2\x82\xac" },
	{ "%", NULL },
	{ "%4", NULL },
	{ "%4g", NULL },
	{ "a%00", NULL },
	{ "%0a", NULL },
	{ "%ff", NULL },
	{ "%41", "A" },
	{ "%c3", NULL },
	{ "%2F", "/" },
};

START_TEST(percent_signs_are_undone_or_refused)
{
	char *decoded = rest_decode(rig, encoded[_i].text,
				    strlen(encoded[_i].text), false);

	if (encoded[_i].decoded)
		ck_assert_str_eq(decoded, encoded[_i].decoded);
	else
		ck_assert_ptr_null(decoded);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("http");
	Suite *suite = suite_create("http");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 20);
	tcase_add_checked_fixture(tc, setup, socket_rig_free);
	tcase_add_test(tc, the_health_is_told_to_anyone);
	tcase_add_test(tc, metrics_are_what_prometheus_reads);
	tcase_add_test(tc, the_api_describes_itself);
	tcase_add_test(tc, a_thing_is_made_changed_listed_and_removed);
	tcase_add_test(tc, the_query_of_the_log_is_passed_on);
	tcase_add_loop_test(tc, a_request_that_is_not_right_is_told_why, 0,
			    ARRAY_SIZE(refusals));
	tcase_add_loop_test(tc, what_evhttp_lets_through_we_do_not, 0,
			    ARRAY_SIZE(odd));
	tcase_add_test(tc, the_right_methods_are_named);
	tcase_add_test(tc, at_another_address_only_health_and_metrics_are_told);
	tcase_add_test(tc, an_endless_head_and_a_large_body_are_cut_off);
	tcase_add_test(tc, one_connection_too_many_waits_until_another_goes);
	tcase_add_test(tc, one_address_cannot_take_all_connections);
	tcase_add_test(tc, who_leaves_before_the_answer_harms_nobody);
	tcase_add_test(tc, an_address_that_does_not_work_is_named);
	tcase_add_test(tc, the_loopback_is_known_by_its_names);
	tcase_add_loop_test(tc, percent_signs_are_undone_or_refused, 0,
			    ARRAY_SIZE(encoded));
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
