/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "db_wait.h"
#include "scratch.h"

static struct db *db;
static char why[DB_WHY_MAX];

/* Tests wait for each of their records; what gathering does has its own. */
static const struct db_config hasty = { .gather_ms = 1 };
static const struct db_config patient = { .gather_ms = 60000 };

static void open_as(const struct db_config *config)
{
	int rc = db_open(NULL, scratch_dir, config, &db, why);

	ck_assert_msg(rc == 0, "db_open: %d, %s", rc, why);
	ck_assert_str_eq(why, "");
	ck_assert(!db_was_unclean(db));
}

static void reopen_as(const struct db_config *config)
{
	db_close(db);
	open_as(config);
}

static void reopen_db(void)
{
	reopen_as(&hasty);
}

/* Extensions 1 to 9 with the numbers 201 to 209. */
static void set_up(void)
{
	struct db_op op[9];
	char number[8];
	unsigned int i;

	scratch_make();
	open_as(&hasty);
	for (i = 0; i < 9; i++) {
		snprintf(number, sizeof(number), "%u", 201 + i);
		op[i] = op_extension(DB_ADD, i + 1, number);
	}
	ck_assert_int_eq(store(db, op, 9), 0);
}

static void tear_down(void)
{
	db_close(db);
	scratch_drop();
}

static void fill(char *text, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size; i++)
		text[i] = 'a' + i % 26;
	text[i] = '\0';
}

START_TEST(an_extension_comes_back_to_the_letter)
{
	struct db_op op = op_extension(DB_PUT, DB_EXT_MAX, "");
	struct db_extension *ext = &op.row.extension;
	const struct rows *rows;

	fill(ext->number, sizeof(ext->number));
	fill(ext->name, sizeof(ext->name));
	fill(ext->ha1_md5, sizeof(ext->ha1_md5));
	fill(ext->ha1_sha256, sizeof(ext->ha1_sha256));
	ext->kind = 1;
	ck_assert_int_eq(store_one(db, op), 0);
	reopen_db();
	rows = load(db, DB_EXTENSION);
	ck_assert_uint_eq(rows->n, 10);
	ck_assert_mem_eq(&rows->row[9].extension, ext, sizeof(*ext));
}
END_TEST

START_TEST(a_contact_comes_back_to_the_letter)
{
	struct db_op op = { .verb = DB_PUT, .row.type = DB_CONTACT };
	struct db_contact *contact = &op.row.contact;
	const struct rows *rows;

	contact->ext = 3;
	contact->interval_s = UINT32_MAX;
	fill(contact->uri, sizeof(contact->uri));
	fill(contact->source, sizeof(contact->source));
	fill(contact->user_agent, sizeof(contact->user_agent));
	ck_assert_int_eq(store_one(db, op), 0);
	contact->uri[0] = 'X'; /* it moved */
	ck_assert_int_eq(store_one(db, op), 0);
	reopen_db();
	rows = load(db, DB_CONTACT);
	ck_assert_uint_eq(rows->n, 1);
	ck_assert_mem_eq(&rows->row[0].contact, contact, sizeof(*contact));
}
END_TEST

START_TEST(a_handset_comes_back_to_the_letter)
{
	struct db_op op = { .verb = DB_PUT, .row.type = DB_HANDSET };
	struct db_handset *handset = &op.row.handset;
	const struct rows *rows;

	fill(handset->base, sizeof(handset->base));
	handset->ipui = 0xffffffffff;
	memcpy(handset->uak, "\0\1\2\3\4\5\6\7\x80\xff\n\r'\"%;", 16);
	ck_assert_int_eq(store_one(db, op), 0);
	rows = load(db, DB_HANDSET);
	ck_assert_mem_eq(&rows->row[0].handset, handset, sizeof(*handset));
	handset->ext = 2;
	ck_assert_int_eq(store_one(db, op), 0);
	reopen_db();
	rows = load(db, DB_HANDSET);
	ck_assert_uint_eq(rows->n, 1);
	ck_assert_mem_eq(&rows->row[0].handset, handset, sizeof(*handset));
}
END_TEST

START_TEST(a_pairing_comes_back_to_the_letter)
{
	struct db_op op = op_pairing(DB_PUT, 1, 2);
	struct db_pairing *pairing = &op.row.pairing;
	const struct rows *rows;

	ck_assert_int_eq(store_one(db, op), 0);
	pairing->max_calls = 2;
	pairing->twin_bridge = true;
	pairing->twin_line = true;
	pairing->dnd_primary_only = true;
	ck_assert_int_eq(store_one(db, op), 0);
	reopen_db();
	rows = load(db, DB_PAIRING);
	ck_assert_uint_eq(rows->n, 1);
	ck_assert_mem_eq(&rows->row[0].pairing, pairing, sizeof(*pairing));
}
END_TEST

START_TEST(a_setting_is_put_replaced_and_deleted)
{
	struct db_op op = { .verb = DB_ADD,
			    .row = { .type = DB_SETTING,
				     .setting = { 4, "dnd", "on" } } };
	const struct rows *rows;

	ck_assert_int_eq(store_one(db, op), 0);
	ck_assert_int_eq(store_one(db, op), -EEXIST);
	op.verb = DB_PUT;
	strcpy(op.row.setting.value, "off");
	ck_assert_int_eq(store_one(db, op), 0);
	reopen_db();
	rows = load(db, DB_SETTING);
	ck_assert_uint_eq(rows->n, 1);
	ck_assert_mem_eq(&rows->row[0].setting, &op.row.setting,
			 sizeof(op.row.setting));
	op.verb = DB_DELETE;
	ck_assert_int_eq(store_one(db, op), 0);
	ck_assert_int_eq(store_one(db, op), 0); /* none is no error */
	ck_assert_uint_eq(load(db, DB_SETTING)->n, 0);
}
END_TEST

START_TEST(a_record_comes_back_to_the_letter)
{
	struct db_op op = op_log(9000000000000, 9, 7, "");
	struct db_log *log = &op.row.log;
	struct db_result result;

	fill(log->number, sizeof(log->number));
	fill(log->name, sizeof(log->name));
	fill(log->device, sizeof(log->device));
	fill(log->cause, sizeof(log->cause));
	fill(log->outcome, sizeof(log->outcome));
	ck_assert_int_eq(store_one(db, op), 0);
	reopen_db();
	log->id = 9000000000000000009;
	log->count = 1;
	result = page(db, (struct db_query){ .id = log->id });
	ck_assert_uint_eq(result.n, 1);
	ck_assert_mem_eq(result.log, log, sizeof(*log));
	ck_assert_int_eq(store_one(db, op_record(DB_SEEN, log->id)), 0);
	result = page(db, (struct db_query){ .id = log->id });
	ck_assert(result.log[0].seen);
}
END_TEST

START_TEST(a_number_is_given_once)
{
	ck_assert_int_eq(store_one(db, op_extension(DB_ADD, 20, "201")),
			 -EEXIST);
	ck_assert_int_eq(store_one(db, op_extension(DB_PUT, 2, "201")),
			 -EEXIST);
	ck_assert_int_eq(store_one(db, op_extension(DB_ADD, 2, "777")),
			 -EEXIST);
	ck_assert_int_eq(store_one(db, op_extension(DB_PUT, 2, "777")), 0);
	ck_assert_int_eq(store_one(db, op_extension(DB_ADD, 0, "778")),
			 -EEXIST);
	ck_assert_int_eq(
		store_one(db, op_extension(DB_ADD, DB_EXT_MAX + 1, "778")),
		-EEXIST);
}
END_TEST

/* T1: the refusals are all there are for a second pairing of 1 or 2. */
static const struct {
	uint32_t primary, secondary;
	int rc;
} pairings[] = {
	{ 1, 2, -EEXIST },  /* the same again */
	{ 1, 3, -EEXIST },  /* a primary with two secondaries */
	{ 3, 2, -EEXIST },  /* a secondary with two primaries */
	{ 2, 1, -EEXIST },  /* the other way round */
	{ 2, 3, -EEXIST },  /* a chain */
	{ 3, 1, -EEXIST },  /* the other chain */
	{ 3, 3, -EEXIST },  /* with itself */
	{ 3, 50, -EEXIST }, /* with nobody */
	{ 50, 3, -EEXIST }, { 3, 4, 0 },
};

START_TEST(an_extension_is_in_one_pairing_and_in_one_role)
{
	const struct rows *rows;

	ck_assert_int_eq(store_one(db, op_pairing(DB_ADD, 1, 2)), 0);
	ck_assert_int_eq(store_one(db, op_pairing(DB_ADD, pairings[_i].primary,
						  pairings[_i].secondary)),
			 pairings[_i].rc);
	rows = load(db, DB_PAIRING);
	ck_assert_uint_eq(rows->n, pairings[_i].rc ? 1 : 2);
	ck_assert_uint_eq(rows->row[0].pairing.primary, 1);
	ck_assert_uint_eq(rows->row[0].pairing.secondary, 2);
}
END_TEST

START_TEST(a_pairing_that_moves_obeys_the_same_rule)
{
	ck_assert_int_eq(store_one(db, op_pairing(DB_ADD, 1, 2)), 0);
	ck_assert_int_eq(store_one(db, op_pairing(DB_ADD, 3, 4)), 0);
	ck_assert_int_eq(store_one(db, op_pairing(DB_PUT, 1, 3)), -EEXIST);
	ck_assert_int_eq(store_one(db, op_pairing(DB_PUT, 1, 4)), -EEXIST);
	ck_assert_int_eq(store_one(db, op_pairing(DB_PUT, 1, 1)), -EEXIST);
	ck_assert_int_eq(store_one(db, op_pairing(DB_PUT, 1, 5)), 0);
	/* 2 is free again, 5 is not. */
	ck_assert_int_eq(store_one(db, op_pairing(DB_ADD, 6, 5)), -EEXIST);
	ck_assert_int_eq(store_one(db, op_pairing(DB_ADD, 6, 2)), 0);
	ck_assert_int_eq(store_one(db, op_pairing(DB_DELETE, 1, 0)), 0);
	ck_assert_int_eq(store_one(db, op_pairing(DB_ADD, 5, 1)), 0);
	ck_assert_uint_eq(load(db, DB_PAIRING)->n, 3);
}
END_TEST

START_TEST(a_paired_extension_cannot_be_deleted)
{
	struct db_op op[2] = { op_pairing(DB_DELETE, 1, 0),
			       op_extension(DB_DELETE, 2, "") };

	ck_assert_int_eq(store_one(db, op_pairing(DB_ADD, 1, 2)), 0);
	ck_assert_int_eq(store_one(db, op_extension(DB_DELETE, 1, "")),
			 -EEXIST);
	ck_assert_int_eq(store_one(db, op_extension(DB_DELETE, 2, "")),
			 -EEXIST);
	ck_assert_int_eq(store(db, op, 2), 0);
	ck_assert_uint_eq(load(db, DB_EXTENSION)->n, 8);
}
END_TEST

START_TEST(a_deleted_extension_takes_its_own_along)
{
	struct db_op op[] = {
		{ .verb = DB_PUT,
		  .row = { .type = DB_CONTACT,
			   .contact = { 5, "sip:a@b", "udp:x", "ua", 60 } } },
		{ .verb = DB_PUT,
		  .row = { .type = DB_SETTING,
			   .setting = { 5, "key", "value" } } },
		{ .verb = DB_PUT,
		  .row = { .type = DB_HANDSET,
			   .handset = { .base = "sim",
					.ipui = 1,
					.ext = 5 } } },
		op_log(1, 5, 0, "100"),
		op_log(1, 6, 0, "100"),
	};

	ck_assert_int_eq(store(db, op, 5), 0);
	/* An edited extension keeps them. */
	ck_assert_int_eq(store_one(db, op_extension(DB_PUT, 5, "555")), 0);
	ck_assert_uint_eq(load(db, DB_CONTACT)->n, 1);
	ck_assert_uint_eq(load(db, DB_LOG)->n, 2);

	ck_assert_int_eq(store_one(db, op_extension(DB_DELETE, 5, "")), 0);
	ck_assert_uint_eq(load(db, DB_CONTACT)->n, 0);
	ck_assert_uint_eq(load(db, DB_SETTING)->n, 0);
	ck_assert_uint_eq(load(db, DB_HANDSET)->row[0].handset.ext, 0);
	ck_assert_uint_eq(load(db, DB_LOG)->n, 1);
	ck_assert_uint_eq(load(db, DB_LOG)->row[0].log.owner, 6);
}
END_TEST

START_TEST(an_extension_has_one_handset)
{
	struct db_op op = {
		.verb = DB_PUT,
		.row = { .type = DB_HANDSET,
			 .handset = { .base = "sim", .ipui = 1, .ext = 5 } }
	};
	struct db_op move[2];

	ck_assert_int_eq(store_one(db, op), 0);
	move[1] = op;
	move[1].row.handset.ipui = 2;
	ck_assert_int_eq(store_one(db, move[1]), -EEXIST);
	move[0] = op;
	move[0].row.handset.ext = 0;
	ck_assert_int_eq(store(db, move, 2), 0);
	ck_assert_uint_eq(load(db, DB_HANDSET)->row[1].handset.ext, 5);
}
END_TEST

START_TEST(a_transaction_comes_true_as_a_whole_or_not_at_all)
{
	struct db_op op[3] = { op_extension(DB_ADD, 30, "300"),
			       op_extension(DB_ADD, 31, "201"),
			       op_extension(DB_ADD, 32, "302") };

	ck_assert_int_eq(store(db, op, 3), -EEXIST);
	ck_assert_uint_eq(load(db, DB_EXTENSION)->n, 9);
}
END_TEST

START_TEST(a_refused_transaction_disturbs_no_other_of_its_group)
{
	struct db_counts before, counts;
	struct db_op op[2];
	unsigned int i;

	/* Log rows wait for company, so these ten make one group; the last
	 * is in a hurry. */
	reopen_as(&patient);
	db_counts(db, &before);
	for (i = 0; i < 10; i++) {
		op[0] = op_log(100 + i, 1, 0, "100");
		op[1] = op_log(i % 2 ? 200 + i : 100 + i, 1, 0, "100");
		op[1].verb = i == 9 ? DB_PUT : DB_ADD;
		ck_assert_int_eq(db_submit(db, i, op, 2), 0);
	}
	for (i = 0; i < 10; i++) {
		struct db_result result = await(db);

		ck_assert_uint_eq(result.token, i);
		ck_assert_int_eq(result.rc, i % 2 ? 0 : -EEXIST);
		ck_assert((result.rc == 0) == (result.why[0] == '\0'));
	}
	db_counts(db, &counts);
	ck_assert_uint_eq(counts.commits - before.commits, 1);
	ck_assert_uint_eq(counts.stored - before.stored, 5);
	ck_assert_uint_eq(counts.refused, 5);
	ck_assert_uint_eq(counts.failed, 0);
	ck_assert_uint_eq(load(db, DB_LOG)->n, 10);
}
END_TEST

START_TEST(what_is_urgent_takes_along_what_waits)
{
	struct db_op log = op_log(1, 1, 0, "100");
	struct db_op ext = op_extension(DB_ADD, 30, "300");

	reopen_as(&patient);
	ck_assert_int_eq(db_submit(db, 1, &log, 1), 0);
	ck_assert_int_eq(db_submit(db, 2, &ext, 1), 0);
	ck_assert_uint_eq(await(db).token, 1);
	ck_assert_uint_eq(await(db).token, 2);
}
END_TEST

START_TEST(a_full_queue_refuses_and_forgets_nothing)
{
	struct db_config small = { .queue_max = 4, .gather_ms = 60000 };
	struct db_op op = op_extension(DB_PUT, 1, "201");
	struct db_query query = { .limit = 1 };
	struct db_counts counts;
	unsigned int i;

	reopen_as(&small);
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(db_submit(db, i, &op, 1), 0);
	ck_assert_int_eq(db_submit(db, 4, &op, 1), -EAGAIN);
	ck_assert_int_eq(db_backup(db, 4, scratch_path("b")), -EAGAIN);
	for (i = 0; i < 4; i++)
		ck_assert_uint_eq(await(db).token, i);
	ck_assert_int_eq(store_one(db, op), 0);

	for (i = 0; i < 64; i++)
		ck_assert_int_eq(db_query(db, i, &query), 0);
	ck_assert_int_eq(db_query(db, 64, &query), -EAGAIN);
	for (i = 0; i < 64; i++)
		ck_assert_uint_eq(await(db).token, i);
	ck_assert_int_eq(db_query(db, 64, &query), 0);
	await(db);
	db_counts(db, &counts);
	ck_assert_uint_eq(counts.queue_full, 3);
	ck_assert_uint_eq(counts.queued, 0);
	ck_assert_uint_eq(counts.queries, 65);
}
END_TEST

START_TEST(closing_performs_what_was_submitted)
{
	struct db_op op;
	unsigned int i;

	for (i = 1; i <= 50; i++) {
		op = op_log(i, 1, 0, "100");
		ck_assert_int_eq(db_submit(db, i, &op, 1), 0);
	}
	reopen_db();
	ck_assert_uint_eq(load(db, DB_LOG)->n, 50);
}
END_TEST

/* ---- the call log ---- */

START_TEST(a_call_has_one_record_for_each_user)
{
	ck_assert_int_eq(store_one(db, op_log(7, 1, 0, "100")), 0);
	ck_assert_int_eq(store_one(db, op_log(7, 2, 1, "201")), 0);
	ck_assert_int_eq(store_one(db, op_log(7, 1, 2, "100")), -EEXIST);
	ck_assert_uint_eq(load(db, DB_LOG)->n, 2);
}
END_TEST

START_TEST(a_record_of_a_removed_user_refuses_nobody_elses)
{
	struct db_op op[2] = { op_log(7, 77, 0, "100"),
			       op_log(7, 1, 0, "100") };

	ck_assert_int_eq(store(db, op, 2), 0);
	ck_assert_uint_eq(load(db, DB_LOG)->n, 1);
}
END_TEST

START_TEST(the_highest_call_is_remembered_though_its_record_is_deleted)
{
	struct db_op op[3] = { op_log(7, 1, 0, "100"), op_log(41, 1, 0, "100"),
			       op_log(42, 2, 0, "100") };
	uint64_t call = 0;

	ck_assert_int_eq(db_max_call(db, &call), 0);
	ck_assert_uint_eq(call, 0);
	ck_assert_int_eq(store(db, op, 3), 0);
	ck_assert_int_eq(db_max_call(db, &call), 0);
	ck_assert_uint_eq(call, 42);
	ck_assert_int_eq(store_one(db, op_record(DB_DELETE, 41000001)), 0);
	ck_assert_int_eq(store_one(db, op_extension(DB_DELETE, 2, "")), 0);
	ck_assert_uint_eq(load(db, DB_LOG)->n, 1);
	reopen_db();
	ck_assert_int_eq(db_max_call(db, &call), 0);
	ck_assert_uint_eq(call, 42);
}
END_TEST

/* Twelve calls of user 1, one of user 2 in between: number by letter. */
static void fill_log(void)
{
	static const char calls[] = "aabacabbbaac";
	struct db_op op[13];
	char number[2] = "";
	unsigned int i;

	for (i = 0; i < 12; i++) {
		number[0] = calls[i];
		op[i] = op_log(i + 1, 1, i % 3, number);
	}
	op[12] = op_log(5, 2, 0, "a");
	ck_assert_int_eq(store(db, op, 13), 0);
}

/* "12 11 10": the calls of a page, each with "xN" if it stands for N. */
static const char *calls_of(struct db_result result)
{
	static char text[512];
	size_t i, n = 0;

	text[0] = '\0';
	for (i = 0; i < result.n; i++) {
		n += snprintf(&text[n], sizeof(text) - n, "%s%d", i ? " " : "",
			      (int)result.log[i].call);
		if (result.log[i].count != 1)
			n += snprintf(&text[n], sizeof(text) - n, "x%u",
				      result.log[i].count);
		ck_assert_uint_eq(
			result.log[i].id,
			DB_LOG_ID(result.log[i].call, result.log[i].owner));
	}
	return text;
}

/*
 * calls   1  2  3  4  5  6  7  8  9 10 11 12
 * number  a  a  b  a  c  a  b  b  b  a  a  c
 * kind    0  1  2  0  1  2  0  1  2  0  1  2
 */
static const struct {
	struct db_query query;
	const char *calls;
} pages[] = {
	{ { .owner = 1 }, "12 11 10 9 8 7 6 5 4 3 2 1" },
	{ { .owner = 2 }, "5" },
	{ { .owner = 3 }, "" },
	{ { .owner = 0, .limit = 9 }, "12 11 10 9 8 7 6 5 5" },
	{ { .owner = 1, .limit = 3 }, "12 11 10" },
	{ { .owner = 1, .limit = 3, .before = 10000001 }, "9 8 7" },
	{ { .owner = 1, .limit = 3, .before = 10000000 }, "9 8 7" },
	{ { .owner = 1, .before = 1000001 }, "" },
	{ { .owner = 1, .kinds = 1 << 2 }, "12 9 6 3" },
	{ { .owner = 1, .kinds = 1 << 2 | 1 << 1 }, "12 11 9 8 6 5 3 2" },
	{ { .owner = 0, .kinds = 1 << 0 }, "10 7 5 4 1" },
	{ { .owner = 0, .kinds = 1 << 5 }, "" },
	/* a0: 1 4 10, a1: 2 11, a2: 6, b0: 7, b1: 8, b2: 3 9, c1: 5, c2: 12 */
	{ { .owner = 1, .grouped = true }, "12 11x2 10x3 9x2 8 7 6 5" },
	{ { .owner = 2, .grouped = true }, "5" },
	{ { .owner = 0, .grouped = true }, "12 11x2 10x3 9x2 8 7 6 5 5" },
	{ { .owner = 1, .grouped = true, .limit = 3 }, "12 11x2 10x3" },
	{ { .owner = 1, .grouped = true, .limit = 3, .before = 10000001 },
	  "9x2 8 7" },
	{ { .owner = 1, .grouped = true, .kinds = 1 << 0 }, "10x3 7" },
	{ { .owner = 0, .grouped = true, .kinds = 1 << 0 }, "10x3 7 5" },
	{ { .id = 5000002, .owner = 1, .kinds = 4 }, "5" },
	{ { .id = 5000003 }, "" },
	{ { .call = 5, .owner = 1, .kinds = 4 }, "5 5" },
	{ { .call = 13 }, "" },
};

START_TEST(a_page_shows_what_was_asked_for_newest_first)
{
	fill_log();
	ck_assert_str_eq(calls_of(page(db, pages[_i].query)), pages[_i].calls);
}
END_TEST

START_TEST(too_many_records_push_out_the_oldest)
{
	struct db_config short_log = { .gather_ms = 1, .log_max = 100 };
	struct db_result result;
	struct db_op op[50];
	unsigned int i;

	reopen_as(&short_log);
	for (i = 0; i < 5000; i++) {
		op[i % 50] = op_log(i + 1, 1 + i % 9, 0, "100");
		if (i % 50 == 49)
			ck_assert_int_eq(store(db, op, 50), 0);
	}
	reopen_as(&short_log); /* what is deleted afterwards is deleted now */
	result = page(db, (struct db_query){ .owner = 0 });
	ck_assert_uint_ge(result.n, 100);
	ck_assert_uint_lt(result.n, 1000);
	for (i = 0; i < result.n; i++)
		ck_assert_uint_eq(result.log[i].call, 5000 - i);
	ck_assert_int_eq(db_check(db, why), 0);
}
END_TEST

/* ---- grouped pages against a plain way to make them ---- */

#define RANDOM_CALLS 1500

static struct db_log random_log[RANDOM_CALLS + 1]; /* by call */

static void fill_at_random(unsigned int seed)
{
	static const char *const numbers[] = { "", "1", "2", "30", "31" };
	struct db_op op[50];
	unsigned int i;

	srandom(seed);
	for (i = 1; i <= RANDOM_CALLS; i++) {
		op[i % 50] = op_log(i, 1 + random() % 4, random() % 3,
				    numbers[random() % 5]);
		random_log[i] = op[i % 50].row.log;
		/* Some that are called but once. */
		if (random() % 4 == 0) {
			snprintf(random_log[i].number, 32, "0%u", i);
			op[i % 50].row.log = random_log[i];
		}
		if (i % 50 == 0)
			ck_assert_int_eq(store(db, op, 50), 0);
	}
}

static bool same_group(const struct db_log *a, const struct db_log *b)
{
	return a->owner == b->owner && a->kind == b->kind && a->number[0] &&
	       strcmp(a->number, b->number) == 0;
}

/* The next lower call that is the newest of its group, and its count. */
static unsigned int next_group(unsigned int call, struct db_query query,
			       unsigned int *ret_count)
{
	unsigned int i;

	while (--call > 0) {
		const struct db_log *log = &random_log[call];

		if ((query.owner && log->owner != query.owner) ||
		    (query.kinds && !(query.kinds & 1 << log->kind)))
			continue;
		for (i = call + 1; i <= RANDOM_CALLS; i++)
			if (same_group(log, &random_log[i]))
				break;
		if (i <= RANDOM_CALLS)
			continue;
		*ret_count = 1;
		for (i = 1; i < call; i++)
			*ret_count += same_group(log, &random_log[i]);
		return call;
	}
	return 0;
}

START_TEST(grouped_pages_are_what_a_plain_count_says)
{
	const struct db_query queries[] = {
		{ .limit = 13 },
		{ .limit = 1000, .kinds = 1 << 2 },
		{ .limit = 7, .owner = 2 },
		{ .limit = 50, .owner = 3, .kinds = 1 << 0 | 1 << 1 },
	};
	struct db_query query = queries[_i];
	unsigned int call = RANDOM_CALLS + 1, count = 0;
	struct db_result result;
	size_t i;

	fill_at_random(_i);
	query.grouped = true;
	do {
		result = page(db, query);
		for (i = 0; i < result.n; i++) {
			call = next_group(call, query, &count);
			ck_assert_uint_eq(result.log[i].call, call);
			ck_assert_uint_eq(result.log[i].count, count);
			query.before = result.log[i].id;
		}
	} while (result.n == query.limit);
	ck_assert_uint_eq(next_group(call, query, &count), 0);
}
END_TEST

START_TEST(a_wrong_limit_is_refused)
{
	struct db_query query = { .limit = 0 };

	ck_assert_int_eq(db_query(db, 1, &query), -EINVAL);
	query.limit = DB_PAGE_MAX + 1;
	ck_assert_int_eq(db_query(db, 1, &query), -EINVAL);
}
END_TEST

START_TEST(callers_without_a_number_are_not_one_caller)
{
	struct db_op op[3] = { op_log(1, 1, 2, ""), op_log(2, 1, 2, ""),
			       op_log(3, 1, 2, "") };

	ck_assert_int_eq(store(db, op, 3), 0);
	ck_assert_str_eq(
		calls_of(page(
			db, (struct db_query){ .owner = 1, .grouped = true })),
		"3 2 1");
	ck_assert_int_eq(store_one(db, op_record(DB_DELETE_GROUP, 2000001)), 0);
	ck_assert_str_eq(calls_of(page(db, (struct db_query){ .owner = 1 })),
			 "3 1");
}
END_TEST

START_TEST(a_deleted_group_leaves_the_others_and_newer_calls)
{
	fill_log();
	ck_assert_int_eq(store_one(db, op_record(DB_DELETE_GROUP, 4000001)), 0);
	ck_assert_str_eq(calls_of(page(db, (struct db_query){ .owner = 1 })),
			 "12 11 10 9 8 7 6 5 3 2");
	ck_assert_str_eq(calls_of(page(db, (struct db_query){ .owner = 2 })),
			 "5");
	ck_assert_int_eq(store_one(db, op_record(DB_DELETE_GROUP, 99)), 0);
	ck_assert_uint_eq(load(db, DB_LOG)->n, 11);
}
END_TEST

/* Walk from page to page while records of old and new calls arrive: each that
 * was there at the start comes once. */
static void walk(bool grouped)
{
	struct db_query query = { .owner = 1, .limit = 7, .grouped = grouped };
	bool shown[1000] = { false };
	unsigned int i, n = 0, call = 600;
	struct db_result result;
	struct db_op op[50];
	char number[16];

	/* Every tenth call is of another user and arrives during the walk. */
	for (i = 0; i < 500; i++) {
		snprintf(number, sizeof(number), "%u", i);
		op[i % 50] = op_log(i + 1, i % 10 ? 1 : 2, 0, number);
		if (i % 50 == 49)
			ck_assert_int_eq(store(db, op, 50), 0);
	}
	for (;;) {
		result = page(db, query);
		for (i = 0; i < result.n; i++) {
			ck_assert(!shown[result.log[i].call]);
			shown[result.log[i].call] = true;
		}
		if (result.n == 0)
			break;
		query.before = result.log[result.n - 1].id;
		call++;
		op[0] = op_log(call, 1, 0, "newer");
		op[1] = op_log(query.before / 1000000 + 1, 3, 0, "theirs");
		op[2] = op_log(1 + n % 50 * 10, 1, 0, "late");
		op[2].row.log.number[0] = 'A' + n % 26;
		op[2].verb = DB_PUT;
		n++;
		ck_assert_int_eq(store(db, op, 3), 0);
	}
	for (i = 0; i < 500; i++)
		ck_assert(i % 10 == 0 || shown[i + 1]);
}

START_TEST(no_record_is_lost_or_shown_twice_while_others_arrive)
{
	walk(false);
}
END_TEST

START_TEST(no_group_is_lost_or_shown_twice_while_others_arrive)
{
	walk(true);
}
END_TEST

/* ---- the file ---- */

START_TEST(the_file_is_for_our_eyes_only)
{
	static const char *const names[] = { DB_FILE, DB_FILE "-wal",
					     DB_FILE "-shm", "backup" };
	struct stat st;
	size_t i;

	ck_assert_int_eq(db_backup(db, 1, scratch_path("backup")), 0);
	ck_assert_int_eq(await(db).rc, 0);
	for (i = 0; i < 4; i++) {
		ck_assert_int_eq(stat(scratch_path(names[i]), &st), 0);
		ck_assert_uint_eq(st.st_mode & 0777, 0600);
	}
}
END_TEST

START_TEST(a_second_process_is_refused)
{
	struct db *second = NULL;

	ck_assert_int_eq(db_open(NULL, scratch_dir, NULL, &second, why),
			 -EBUSY);
	ck_assert_ptr_nonnull(strstr(why, "in use by another twind"));
	ck_assert_ptr_null(second);
}
END_TEST

START_TEST(a_backup_is_a_database_with_all_that_was_submitted_before)
{
	struct db_op op = op_log(1, 1, 0, "100");
	char other[128];

	snprintf(other, sizeof(other), "%s", scratch_path("other"));
	ck_assert_int_eq(mkdir(other, 0700), 0);
	ck_assert_int_eq(db_submit(db, 1, &op, 1), 0);
	ck_assert_int_eq(db_backup(db, 2, scratch_path("other/" DB_FILE)), 0);
	ck_assert_uint_eq(await(db).token, 1);
	ck_assert_int_eq(await(db).rc, 0);
	ck_assert_int_eq(db_backup(db, 3, scratch_path("other/" DB_FILE)), 0);
	ck_assert_int_eq(await(db).rc, -EEXIST);

	db_close(db);
	ck_assert_int_eq(db_open(NULL, other, NULL, &db, why), 0);
	ck_assert_uint_eq(load(db, DB_EXTENSION)->n, 9);
	ck_assert_uint_eq(load(db, DB_LOG)->n, 1);
	ck_assert_int_eq(db_check(db, why), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("db");
	TCase *tc = tcase_create("db");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, an_extension_comes_back_to_the_letter);
	tcase_add_test(tc, a_contact_comes_back_to_the_letter);
	tcase_add_test(tc, a_handset_comes_back_to_the_letter);
	tcase_add_test(tc, a_pairing_comes_back_to_the_letter);
	tcase_add_test(tc, a_setting_is_put_replaced_and_deleted);
	tcase_add_test(tc, a_record_comes_back_to_the_letter);
	tcase_add_test(tc, a_number_is_given_once);
	tcase_add_loop_test(tc, an_extension_is_in_one_pairing_and_in_one_role,
			    0, sizeof(pairings) / sizeof(*pairings));
	tcase_add_test(tc, a_pairing_that_moves_obeys_the_same_rule);
	tcase_add_test(tc, a_paired_extension_cannot_be_deleted);
	tcase_add_test(tc, a_deleted_extension_takes_its_own_along);
	tcase_add_test(tc, an_extension_has_one_handset);
	tcase_add_test(tc, a_transaction_comes_true_as_a_whole_or_not_at_all);
	tcase_add_test(tc,
		       a_refused_transaction_disturbs_no_other_of_its_group);
	tcase_add_test(tc, what_is_urgent_takes_along_what_waits);
	tcase_add_test(tc, a_full_queue_refuses_and_forgets_nothing);
	tcase_add_test(tc, closing_performs_what_was_submitted);
	tcase_add_test(tc, a_call_has_one_record_for_each_user);
	tcase_add_test(tc, a_record_of_a_removed_user_refuses_nobody_elses);
	tcase_add_test(
		tc,
		the_highest_call_is_remembered_though_its_record_is_deleted);
	tcase_add_loop_test(tc, a_page_shows_what_was_asked_for_newest_first, 0,
			    sizeof(pages) / sizeof(*pages));
	tcase_add_test(tc, too_many_records_push_out_the_oldest);
	tcase_add_loop_test(tc, grouped_pages_are_what_a_plain_count_says, 0,
			    4);
	tcase_add_test(tc, a_wrong_limit_is_refused);
	tcase_add_test(tc, callers_without_a_number_are_not_one_caller);
	tcase_add_test(tc, a_deleted_group_leaves_the_others_and_newer_calls);
	tcase_add_test(tc,
		       no_record_is_lost_or_shown_twice_while_others_arrive);
	tcase_add_test(tc, no_group_is_lost_or_shown_twice_while_others_arrive);
	tcase_add_test(tc, the_file_is_for_our_eyes_only);
	tcase_add_test(tc, a_second_process_is_refused);
	tcase_add_test(
		tc, a_backup_is_a_database_with_all_that_was_submitted_before);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
