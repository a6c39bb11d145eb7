/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each command answers, with the real core behind it. */
#include "admin_rig.h"

#include "openapi.h"
#include "settings_json.h"

static struct rig *rig;

static void setup(void)
{
	rig = rig_new();
	rig->api = api_new(rig, rig->core, &rig->ops);
}

static void teardown(void)
{
	rig_free(rig);
}

/* 201 Alice with her handset 301, and 202 Bob; 201 and 202 are registered. */
static void people(void)
{
	rig_do(rig, "extension add 201 name=Alice kind=sip password=secret");
	rig_do(rig, "extension add 202 name=Bob kind=sip password=secret");
	rig_do(rig, "extension add 301 name=Pocket kind=dect");
	rig_do(rig, "handset assign 0000C00089 301");
	rig_do(rig, "pair 201 301");
	rig_register(rig, "201");
	rig_register(rig, "202");
}

static void log_of_bob_and_alice(void)
{
	rig->rows[0] = (struct db_log){
		.id = DB_LOG_ID(9, rig_ext(rig, "201")),
		.call = 9,
		.owner = rig_ext(rig, "201"),
		.time_ms = RIG_WALL_MS + 400,
		.kind = LOG_MISSED,
		.number = "202",
		.name = "Bob",
		.ring_ms = 3990,
		.outcome = "missed",
		.count = 2,
	};
	rig->rows[1] = (struct db_log){
		.id = DB_LOG_ID(8, rig_ext(rig, "202")),
		.call = 8,
		.owner = rig_ext(rig, "202"),
		.time_ms = RIG_WALL_MS - 60000,
		.kind = LOG_OUT,
		.number = "201",
		.name = "Alice",
		.talk_ms = 61200,
		.ring_ms = 1499,
		.device = "202",
		.outcome = "answered",
		.count = 1,
		.seen = true,
	};
	rig->n_rows = 2;
}

/* ---- each noun, as it looks ---- */

START_TEST(an_extension_is_added_shown_changed_and_removed)
{
	rig_ok(rig, "extension add 201 name=Alice kind=sip password=secret",
	       "{\"number\": \"201\", \"name\": \"Alice\", \"kind\": \"sip\", "
	       "\"registered\": false, \"state\": \"unreachable\", "
	       "\"dnd\": false, \"logged_in\": true, \"twin\": null" SETTINGS_SPACED
	       "}");
	rig_register(rig, "201");
	rig_ok(rig, "extension show 201",
	       "{\"number\": \"201\", \"name\": \"Alice\", \"kind\": \"sip\", "
	       "\"registered\": true, \"state\": \"idle\", "
	       "\"dnd\": false, \"logged_in\": true, \"twin\": null" SETTINGS_SPACED
	       "}");
	rig_ok(rig, "extension set 201 name=Alina",
	       "{\"number\": \"201\", \"name\": \"Alina\", \"kind\": \"sip\", "
	       "\"registered\": true, \"state\": \"idle\", "
	       "\"dnd\": false, \"logged_in\": true, \"twin\": null" SETTINGS_SPACED
	       "}");
	rig_ok(rig, "extension remove 201",
	       "{\"number\": \"201\", \"name\": \"Alina\", \"kind\": \"sip\", "
	       "\"registered\": true, \"state\": \"idle\", "
	       "\"dnd\": false, \"logged_in\": true, \"twin\": null" SETTINGS_SPACED
	       "}");
	rig_ok(rig, "extension list", "[]");
}
END_TEST

START_TEST(extensions_are_listed_by_number_with_their_twins)
{
	people();
	rig_ok(rig, "extension list",
	       "[{\"number\": \"201\", \"name\": \"Alice\", \"kind\": \"sip\", "
	       "\"registered\": true, \"state\": \"idle\", \"dnd\": false, "
	       "\"logged_in\": true, "
	       "\"twin\": {\"role\": \"primary\", \"other\": \"301\"}" SETTINGS_SPACED
	       "}, "
	       "{\"number\": \"202\", \"name\": \"Bob\", \"kind\": \"sip\", "
	       "\"registered\": true, \"state\": \"idle\", \"dnd\": false, "
	       "\"logged_in\": true, \"twin\": null" SETTINGS_SPACED
	       "}, "
	       "{\"number\": \"301\", \"name\": \"Pocket\", "
	       "\"kind\": \"dect\", "
	       "\"registered\": false, \"state\": \"idle\", "
	       "\"dnd\": false, \"logged_in\": true, "
	       "\"twin\": {\"role\": \"secondary\", \"other\": \"201\"}" SETTINGS_SPACED
	       "}]");
}
END_TEST

START_TEST(a_pairing_is_made_changed_and_undone)
{
	people();
	rig_ok(rig, "pairing show 201",
	       "{\"primary\": \"201\", \"secondary\": \"301\", "
	       "\"max_calls\": 1, \"twin_bridge\": false, "
	       "\"twin_coverage\": false, \"twin_line\": false, "
	       "\"dnd_scope\": \"both\"}");
	rig_ok(rig,
	       "pairing set 201 max_calls=2 twin_line=on dnd_scope=primary",
	       "{\"primary\": \"201\", \"secondary\": \"301\", "
	       "\"max_calls\": 2, \"twin_bridge\": false, "
	       "\"twin_coverage\": false, \"twin_line\": true, "
	       "\"dnd_scope\": \"primary\"}");
	rig_do(rig, "pairing list");
	ck_assert_str_eq(rig->value,
			 "[{\"primary\": \"201\", \"secondary\": \"301\", "
			 "\"max_calls\": 2, \"twin_bridge\": false, "
			 "\"twin_coverage\": false, \"twin_line\": true, "
			 "\"dnd_scope\": \"primary\"}]");
	rig_ok(rig, "unpair 201",
	       "{\"primary\": \"201\", \"secondary\": \"301\", "
	       "\"max_calls\": 2, \"twin_bridge\": false, "
	       "\"twin_coverage\": false, \"twin_line\": true, "
	       "\"dnd_scope\": \"primary\"}");
	rig_ok(rig, "pairing list", "[]");
}
END_TEST

START_TEST(a_handset_is_known_by_both_of_its_names)
{
	static const char free_one[] =
		"{\"ipui\": \"0000C00089\", \"ipei\": \"00012 0000137 9\", "
		"\"base\": \"sim\", \"state\": \"detached\", "
		"\"extension\": null}";
	static const char of_301[] =
		"{\"ipui\": \"0000C00089\", \"ipei\": \"00012 0000137 9\", "
		"\"base\": \"sim\", \"state\": \"detached\", "
		"\"extension\": \"301\"}";

	rig_ok(rig, "handset show 0000c00089", free_one);
	rig_ok(rig, "handset show 0001200001379", free_one);
	rig_do(rig, "extension add 301 name=Pocket kind=dect");
	rig_ok(rig, "handset assign 00012-0000137-9 301", of_301);
	rig_do(rig, "handset list");
	ck_assert_int_eq(strlen(rig->value), strlen(of_301) + 2);
	rig_refused(rig, "handset locate 0000C00089",
		    "the handset is switched off or out of range");
	rig_ok(rig, "handset remove 0000C00089", of_301);
	rig_refused(rig, "handset show 0000C00089",
		    "there is no handset 0000C00089");
	rig_refused(rig, "handset remove nonsense",
		    "there is no handset nonsense");
}
END_TEST

START_TEST(a_window_has_a_code_even_if_nobody_chose_one)
{
	rig_ok(rig, "handset open",
	       "{\"open\": true, \"seconds\": 120, \"pin\": \"1153\"}");
	ck_assert_uint_eq(rig->opened_s, 120);
	ck_assert_str_eq(rig->opened_pin, "1153");
	rig_ok(rig, "handset open seconds=60 pin=4711",
	       "{\"open\": true, \"seconds\": 60, \"pin\": \"4711\"}");
	ck_assert_uint_eq(rig->opened_s, 60);
	ck_assert_str_eq(rig->opened_pin, "4711");
	rig_refused(rig, "handset open seconds=0", "seconds must be 1 to 120");
	rig_refused(rig, "handset open pin=x", "pin must be 4 to 8 digits");
	rig_refused(rig, "handset open colour=red",
		    "there is no setting \"colour\"; there are: seconds, pin");
	rig_ok(rig, "handset close",
	       "{\"open\": false, \"seconds\": null, \"pin\": null}");
}
END_TEST

START_TEST(a_base_is_shown_as_its_driver_tells)
{
	static const char sim[] = "{\"name\": \"sim\", \"driver\": \"sim\", "
				  "\"state\": \"up\", \"identity\": null, "
				  "\"model\": null, \"channels\": 4, "
				  "\"channels_used\": 0}";

	rig_ok(rig, "base show sim", sim);
	rig_do(rig, "base list");
	ck_assert_int_eq(strlen(rig->value), strlen(sim) + 2);
	rig_refused(rig, "base show north", "there is no base north");
}
END_TEST

START_TEST(a_registration_is_shown_and_forgotten)
{
	static const char bob[] =
		"{\"number\": \"202\", "
		"\"contact\": \"sip:202@127.0.0.1:5070\", "
		"\"source\": \"udp:127.0.0.1:5070\", "
		"\"user_agent\": \"Desk 9\", \"interval_s\": 3600, "
		"\"since\": \"2026-03-01T09:00:00Z\"}";

	rig_do(rig, "extension add 202 name=Bob kind=sip password=secret");
	rig_register(rig, "202");
	rig_do(rig, "registration list");
	ck_assert_int_eq(strlen(rig->value), strlen(bob) + 2);
	rig_ok(rig, "registration remove 202", bob);
	rig_ok(rig, "registration list", "[]");
	rig_refused(rig, "registration remove 202", "202 is not registered");
}
END_TEST

START_TEST(the_log_is_shown_as_it_was_written)
{
	people();
	log_of_bob_and_alice();
	rig_ok(rig, "call list",
	       "[{\"id\": 9000001, \"call\": 9, "
	       "\"time\": \"2026-03-01T09:00:00Z\", \"kind\": \"missed\", "
	       "\"number\": \"202\", \"name\": \"Bob\", \"duration_s\": 0, "
	       "\"ring_s\": 4, \"device\": null, \"outcome\": \"missed\", "
	       "\"count\": 2, \"seen\": false, \"extension\": \"201\"}, "
	       "{\"id\": 8000002, \"call\": 8, "
	       "\"time\": \"2026-03-01T08:59:00Z\", \"kind\": \"out\", "
	       "\"number\": \"201\", \"name\": \"Alice\", \"duration_s\": 61, "
	       "\"ring_s\": 1, \"device\": \"202\", "
	       "\"outcome\": \"answered\", \"count\": 1, \"seen\": true, "
	       "\"extension\": \"202\"}]");
	ck_assert_uint_eq(rig->query.limit, 50);
	ck_assert_uint_eq(rig->query.owner, 0);
	ck_assert_uint_eq(rig->query.kinds, 0);
	ck_assert(rig->query.grouped);
}
END_TEST

START_TEST(the_filters_of_the_log_reach_the_query)
{
	people();
	rig_do(rig, "call list extension=202 kind=missed limit=7 before=99 "
		    "each=on");
	ck_assert_uint_eq(rig->query.owner, rig_ext(rig, "202"));
	ck_assert_uint_eq(rig->query.kinds, 1 << LOG_MISSED);
	ck_assert_uint_eq(rig->query.limit, 7);
	ck_assert_uint_eq(rig->query.before, 99);
	ck_assert(!rig->query.grouped);

	/* T88: the log of a secondary is that of its primary. */
	rig_do(rig, "call list extension=301");
	ck_assert_uint_eq(rig->query.owner, rig_ext(rig, "201"));
}
END_TEST

static const struct {
	const char *line;
	const char *why;
} bad_filters[] = {
	{ "call list extension=999",
	  "extension must be an extension that exists, not '999'" },
	{ "call list kind=lost",
	  "kind must be missed, in, out or all, not 'lost'" },
	{ "call list limit=0", "limit must be 1 to 1000, not '0'" },
	{ "call list limit=1001", "limit must be 1 to 1000, not '1001'" },
	{ "call list limit=ten", "limit must be 1 to 1000, not 'ten'" },
	{ "call list limit=", "limit must be 1 to 1000, not ''" },
	{ "call list before=-1",
	  "before must be the id of a record, not '-1'" },
	{ "call list before=99999999999999999999",
	  "before must be the id of a record, not '99999999999999999999'" },
	{ "call list each=yes", "each must be on or off, not 'yes'" },
	{ "call list colour=red",
	  "there is no key \"colour\"; there are: extension, kind, limit, "
	  "before, each" },
	{ "call show x", "CALL must be a number, not 'x'" },
	{ "call show 0", "CALL must be a number, not '0'" },
	{ "call show 77", "there is no call 77" },
	{ "call explain 77", "there is no call 77" },
	{ "call seen 77", "there is no record 77" },
	{ "call remove 77", "there is no record 77" },
};

START_TEST(a_wrong_filter_is_refused_with_what_is_right)
{
	people();
	rig_refused(rig, bad_filters[_i].line, bad_filters[_i].why);
}
END_TEST

START_TEST(a_record_is_marked_and_removed)
{
	people();
	log_of_bob_and_alice();
	rig_do(rig, "call seen 9000001");
	ck_assert_ptr_nonnull(strstr(rig->value, "\"seen\": true"));
	ck_assert(rig->rows[0].seen);
	rig_do(rig, "call remove 9000001");
	ck_assert_ptr_nonnull(strstr(rig->value, "\"id\": 9000001"));
	ck_assert_uint_eq(rig->n_rows, 1);
}
END_TEST

START_TEST(a_call_is_shown_while_it_goes_on_and_afterwards)
{
	struct event rings = { .type = EV_ALERTING };
	struct event released = { .type = EV_RELEASED };
	struct view_call call;

	people();
	rig_call(rig, 1, "202", "201");
	rig_ok(rig, "call active",
	       "[{\"id\": 1, \"from\": \"202\", \"to\": \"201\", "
	       "\"state\": \"alerting\", \"since\": \"2026-03-01T09:00:00Z\", "
	       "\"legs\": [{\"device\": \"202\", \"state\": \"calling\"}, "
	       "{\"device\": \"201\", \"state\": \"calling\"}]}]");
	rig_do(rig, "call show 1");
	ck_assert_ptr_nonnull(strstr(rig->value, "\"active\": true"));
	ck_assert_ptr_nonnull(strstr(rig->value, "\"outcome\": null"));
	ck_assert_ptr_nonnull(
		strstr(rig->value, "\"legs\": [{\"device\": \"202\""));

	ck_assert(view_call(rig->core, 1, &call));
	rings.leg.leg = call.legs[1].leg;
	rig_step(rig, &rings);
	released.leg.leg = leg_id_of_edge(LEG_OF_SIP, 1);
	released.leg.cause = CAUSE_CANCELLED;
	rig_step(rig, &released);
	rig_do(rig, "call explain 1");
	ck_assert_ptr_nonnull(strstr(rig->value, "\"active\": false"));
	ck_assert_ptr_nonnull(
		strstr(rig->value, "{\"device\": \"201\", \"rang\": true"));
	ck_assert_ptr_nonnull(
		strstr(rig->value, "{\"device\": \"301\", \"rang\": false"));
	rig_do(rig, "call show 1");
	ck_assert_ptr_nonnull(strstr(rig->value, "\"active\": false"));
	ck_assert_ptr_nonnull(strstr(rig->value, "\"legs\": []"));
}
END_TEST

START_TEST(a_call_before_the_restart_has_records_but_no_reasons)
{
	people();
	log_of_bob_and_alice();
	rig_do(rig, "call show 9");
	ck_assert_ptr_nonnull(strstr(rig->value, "\"id\": 9, "));
	ck_assert_ptr_nonnull(
		strstr(rig->value, "\"time\": \"2026-03-01T09:00:00Z\""));
	ck_assert_ptr_nonnull(strstr(rig->value, "\"devices\": []"));
	ck_assert_ptr_nonnull(strstr(rig->value, "\"id\": 9000001"));
	rig_refused(rig, "call explain 9",
		    "the reasons of call 9 are no longer kept: only those of "
		    "recent calls since the start are");
}
END_TEST

START_TEST(the_status_counts_what_there_is)
{
	people();
	rig_pass(rig, 3600000);
	rig_do(rig, "status");
	ck_assert_ptr_nonnull(strstr(
		rig->value,
		"{\"version\": \"" TWIND_VERSION "\", \"uptime\": 3600, "
		"\"listeners\": [{\"transport\": \"udp\", "
		"\"address\": \"127.0.0.1:5060\"}], "
		"\"bases\": [{\"name\": \"sim\", \"driver\": \"sim\", "
		"\"state\": \"up\"}], "
		"\"extensions\": 3, \"registrations\": 2, \"handsets\": 1, "
		"\"pairings\": 1, \"active_calls\": 0, \"counters\": {"));
	ck_assert_ptr_nonnull(
		strstr(rig->value, "\"sip_rx_total\": {\"u\\\"dp\": 7}"));
}
END_TEST

/* ---- changes ---- */

START_TEST(a_change_is_answered_after_it_is_on_the_disk)
{
	rig->slow_disk = true;
	rig_ask(rig, "extension add 201 name=Alice kind=sip");
	ck_assert_uint_eq(rig->answers, 0);
	rig_disk(rig, 0);
	ck_assert_uint_eq(rig->answers, 1);
	ck_assert_int_eq(rig->rc, COMMAND_DONE);

	rig_ask(rig, "extension remove 201");
	rig_disk(rig, -ENOSPC);
	ck_assert_int_eq(rig->rc, COMMAND_REFUSED);
	ck_assert_int_eq(rig->error, -ENOSPC);
	ck_assert_str_eq(rig->text, "the disk is full: nothing was changed");
	rig_do(rig, "extension show 201");
}
END_TEST

START_TEST(who_has_left_is_not_answered_but_the_change_is_made)
{
	uint64_t ticket;

	rig->slow_disk = true;
	ticket = rig_ask(rig, "extension add 201 name=Alice kind=sip");
	ck_assert_uint_ne(ticket, 0);
	api_forget(rig->api, ticket);
	rig_disk(rig, 0);
	ck_assert_uint_eq(rig->answers, 0);
	rig_do(rig, "extension show 201");
}
END_TEST

START_TEST(a_password_ends_here)
{
	struct view_extension ext;

	rig_refused(rig, "extension add 201 name=Alice kind=sip ha1_md5=x",
		    "there is no setting \"ha1_md5\"; a password is set with "
		    "password=");
	rig_do(rig, "extension add 201 name=Alice kind=sip password=secret");
	ck_assert_ptr_null(strstr(rig->value, "secret"));
	ck_assert_ptr_null(strstr(rig->value, "ha1"));
	ck_assert(view_extension(rig->core, "201", &ext));
}
END_TEST

START_TEST(one_request_too_many_is_refused)
{
	rig->slow_log = true;
	for (unsigned int i = 0; i < API_PENDING_MAX; i++)
		ck_assert_uint_ne(rig_ask(rig, "call list"), 0);
	rig_refused(rig, "status", "too many requests are waiting: try again");
	ck_assert_int_eq(rig->error, -EAGAIN);
	rig_log(rig);
	rig_do(rig, "status");
}
END_TEST

static const struct {
	const char *line;
	int error;
	const char *why;
} refusals[] = {
	{ "extension show 999", -ENOENT, "there is no extension 999" },
	{ "extension add 201 name=A kind=sip", -EEXIST,
	  "extension 201 exists already" },
	{ "extension remove 201", -EBUSY,
	  "201 is paired with 301; unpair them first" },
	{ "extension set 201 colour=red", -EINVAL,
	  "there is no setting \"colour\"; there are: name, password, "
	  SETTINGS_KEYS },
	{ "pairing show 301", -EINVAL,
	  "301 is the secondary of 201: name 201" },
	{ "pairing show 202", -ENOENT, "202 is not paired" },
	{ "pairing show 999", -ENOENT, "there is no extension 999" },
	{ "pairing set 201 max_calls=3", -EINVAL, "max_calls must be 1 or 2" },
	{ "handset assign 0000C00089 201", -EINVAL,
	  "201 is a SIP extension; a handset needs one of kind=dect" },
};

START_TEST(a_refusal_says_what_stands_in_the_way)
{
	people();
	rig_refused(rig, refusals[_i].line, refusals[_i].why);
	ck_assert_int_eq(rig->error, refusals[_i].error);
}
END_TEST

/* ---- what is promised of objects ---- */

static void check_keys(const char *schema, const char *line)
{
	json_t *document = openapi_document();
	json_t *known = json_object_get(
		json_object_get(
			json_object_get(json_object_get(document, "components"),
					"schemas"),
			schema),
		"properties");
	json_t *value;
	json_t *object;
	const char *key;
	json_t *unused;

	rig_do(rig, line);
	value = json_loads(rig->value, JSON_DECODE_ANY, NULL);
	object = json_is_array(value) ? json_array_get(value, 0) : value;
	ck_assert_msg(json_is_object(object), "%s", line);
	json_object_foreach(object, key, unused)
		ck_assert_msg(json_object_get(known, key) != NULL,
			      "%s is not told of %s", key, schema);
	ck_assert_uint_eq(json_object_size(object), json_object_size(known));
	json_decref(value);
	json_decref(document);
}

START_TEST(objects_have_exactly_the_keys_that_are_told)
{
	people();
	log_of_bob_and_alice();
	rig_call(rig, 1, "202", "201");
	check_keys("status", "status");
	check_keys("extension", "extension show 201");
	check_keys("pairing", "pairing list");
	check_keys("handset", "handset list");
	check_keys("base", "base list");
	check_keys("registration", "registration list");
	check_keys("log_record", "call list");
	check_keys("active_call", "call active");
	check_keys("call", "call show 1");
	check_keys("call", "call show 9");
	check_keys("explanation", "call explain 1");
	check_keys("window", "handset open");
}
END_TEST

START_TEST(every_command_is_described_and_nothing_else)
{
	json_t *document = openapi_document();
	json_t *paths = json_object_get(document, "paths");
	const struct command *c = command_table;
	char method[16];

	for (; c->noun; c++) {
		json_t *path;

		if (!c->path)
			continue;
		path = json_object_get(paths, c->path);
		osmo_str_tolower_buf(method, sizeof(method), c->method);
		ck_assert_ptr_nonnull(json_object_get(path, method));
	}
	ck_assert_uint_eq(json_object_size(paths), 21);
	json_decref(document);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("api");
	Suite *suite = suite_create("api");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_extension_is_added_shown_changed_and_removed);
	tcase_add_test(tc, extensions_are_listed_by_number_with_their_twins);
	tcase_add_test(tc, a_pairing_is_made_changed_and_undone);
	tcase_add_test(tc, a_handset_is_known_by_both_of_its_names);
	tcase_add_test(tc, a_window_has_a_code_even_if_nobody_chose_one);
	tcase_add_test(tc, a_base_is_shown_as_its_driver_tells);
	tcase_add_test(tc, a_registration_is_shown_and_forgotten);
	tcase_add_test(tc, the_log_is_shown_as_it_was_written);
	tcase_add_test(tc, the_filters_of_the_log_reach_the_query);
	tcase_add_loop_test(tc, a_wrong_filter_is_refused_with_what_is_right, 0,
			    ARRAY_SIZE(bad_filters));
	tcase_add_test(tc, a_record_is_marked_and_removed);
	tcase_add_test(tc, a_call_is_shown_while_it_goes_on_and_afterwards);
	tcase_add_test(tc,
		       a_call_before_the_restart_has_records_but_no_reasons);
	tcase_add_test(tc, the_status_counts_what_there_is);
	tcase_add_test(tc, a_change_is_answered_after_it_is_on_the_disk);
	tcase_add_test(tc, who_has_left_is_not_answered_but_the_change_is_made);
	tcase_add_test(tc, a_password_ends_here);
	tcase_add_test(tc, one_request_too_many_is_refused);
	tcase_add_loop_test(tc, a_refusal_says_what_stands_in_the_way, 0,
			    ARRAY_SIZE(refusals));
	tcase_add_test(tc, objects_have_exactly_the_keys_that_are_told);
	tcase_add_test(tc, every_command_is_described_and_nothing_else);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
