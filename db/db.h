/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db.h - what outlives the process: one SQLite file, two threads, one fd
 *
 *      db_submit() ---> bounded queue ---> writer: all that is pending
 *                                          in one transaction
 *                                             |
 *      db_next_result() <--- eventfd <--------+
 *                                             |
 *      db_query() ----> bounded queue ---> reader: a page of the call log
 *
 * The caller never waits for the disk: it submits, and hears of it through
 * db_fd().  A result with rc 0 is on the disk and survives a kill and a power
 * cut (WAL, synchronous=FULL); a result with an error changed nothing.  Only
 * after -EIO that may be otherwise: a disk that fails a sync does not say
 * what it kept.
 *
 * A transaction is an array of ops that all come true, or none; each has a
 * savepoint of its own, so a refused one disturbs no other of its group.
 * They are performed in the order in which they were submitted.  One that
 * only adds log rows may wait up to gather_ms for company; all others are
 * performed at once and take along what waits.
 *
 * The constraints (T1, T5, and who refers to whom) are the schema's own, see
 * schema/, and are checked op by op: within a transaction delete a pairing
 * before its extensions, unassign a handset before assigning its successor.
 *
 * Threads: every function here is for one thread, the one that opened.
 * Limits: DB_OPS_MAX ops a transaction, queue_max transactions and 64 queries
 * under way, beyond that -EAGAIN, counted; log_max records, beyond that the
 * oldest go, by the thousand.  Rows hold what their fields hold.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DB_FILE "twind.db"
#define DB_OPS_MAX 64
#define DB_PAGE_MAX 1000
#define DB_EXT_MAX 999999 /* the highest id of an extension */

struct db;

/* ---- rows ---- */

enum db_row_type {
	DB_EXTENSION, /* key: id */
	DB_PAIRING,   /* key: primary */
	DB_CONTACT,   /* key: ext */
	DB_HANDSET,   /* key: ipui */
	DB_SETTING,   /* key: ext and key */
	DB_LOG,	      /* key: call and owner, or id; see struct db_log */
	_NUM_DB_ROW_TYPE
};

/* Deleting it deletes its contact, settings and log, and leaves its handset
 * without extension; while it is paired it cannot be deleted. */
struct db_extension {
	uint32_t id;	 /* 1 to DB_EXT_MAX */
	char number[32]; /* unique */
	char name[128];
	unsigned int kind;
	char ha1_md5[65]; /* password-equivalent: never logged */
	char ha1_sha256[65];
};

/* An extension is in at most one pairing and in one role of it (T1, T5). */
struct db_pairing {
	uint32_t primary;
	uint32_t secondary;
	unsigned int max_calls; /* 1 or 2 */
	bool twin_bridge;
	bool twin_coverage;
	bool twin_line;
	bool dnd_primary_only;
};

struct db_contact {
	uint32_t ext;
	char uri[512];
	char source[64];
	char user_agent[128];
	uint32_t interval_s;
};

struct db_handset {
	char base[128];
	uint64_t ipui;
	uint8_t uak[16]; /* a secret: never logged */
	uint32_t ext;	 /* 0: none; else no other handset has it */
};

struct db_setting {
	uint32_t ext;
	char key[32];
	char value[512];
};

/*
 * One record a call and owner.  Its id is made of the two, in decimal: record
 * 57000003 is that of call 57 and extension 3.  So the key of the table is
 * the constraint as well, records of one call are neighbours, and the order
 * of ids is the order in which calls began.
 *
 * Adding one whose owner has been removed meanwhile does nothing, and is no
 * error: the other user's record of the same call is not refused for it.
 */
struct db_log {
	uint64_t id; /* 0 in DB_PUT and DB_ADD; DB_DELETE, DB_SEEN: which */
	uint64_t call;
	uint32_t owner;
	int64_t time_ms;   /* Unix time */
	unsigned int kind; /* below 8 */
	char number[32];
	char name[128];
	int64_t talk_ms;
	int64_t ring_ms;
	char device[32];
	char cause[24]; /* words, for their numbers may change */
	char outcome[24];
	bool seen;
	uint32_t count; /* read only: 1, or of a group (T81) */
};

#define DB_LOG_ID(call, owner) (1000000 * (uint64_t)(call) + (owner))

struct db_row {
	enum db_row_type type;
	union {
		struct db_extension extension;
		struct db_pairing pairing;
		struct db_contact contact;
		struct db_handset handset;
		struct db_setting setting;
		struct db_log log;
	};
};

/* ---- open and close ---- */

struct db_config {
	size_t queue_max;	/* transactions that wait; 0: 4096 */
	unsigned int gather_ms; /* 0: 100; see above */
	size_t log_max;	 /* records kept, about; 0: 1,000,000, that is 80 MB */
	bool start_anew; /* go on with an empty database if the old one
			  * is damaged, or has been found so before */
	const char *vfs; /* of SQLite; NULL: the default */
};

#define DB_WHY_MAX 512

/*
 * Open DB_FILE in @dir, or make it; bring it to the newest schema; start the
 * threads.  @config may be NULL.  On failure @why holds one sentence for the
 * owner of the gateway:
 *
 *   -ENOENT, -EACCES, -EROFS, -ENOTDIR  the directory is missing, or cannot
 *		be written to
 *   -EBUSY	another process has it open
 *   -ENOTSUP	a database of a newer version, or of another program: it is
 *		left as it is, byte by byte
 *   -EUCLEAN	it is damaged.  It has been renamed, with its -wal, to the
 *		dated name that @why tells, and nothing ever removes or
 *		overwrites that.  No new database is made, neither now nor at
 *		the next start, since a gateway that has forgotten its users
 *		is not a gateway that works: put a backup in its place, or
 *		move the damaged file out of the directory, or ask to
 *		@start_anew.
 *   -ENOSPC, -EIO  the disk is full, or fails; nothing was changed
 *
 * On success @why is empty, unless a damaged one has just been put aside to
 * @start_anew: then it tells where.
 *
 * Before it is believed, the file goes through SQLite's quick_check (after
 * an unclean stop, or while it is small) or through one of all tables but
 * the log; db_check() does it all.
 */
int db_open(void *ctx, const char *dir, const struct db_config *config,
	    struct db **ret_db, char why[DB_WHY_MAX]);

/* Perform all that was submitted, then close.  Results not fetched are lost.
 * Freeing the talloc parent does the same. */
void db_close(struct db *db);

/* The last process did not come to db_close(). */
bool db_was_unclean(const struct db *db);

/* ---- before the loop starts: these wait for the disk ---- */

/* Visit all rows of a table in order of their keys; the visitor returns
 * false to stop.  The row is the visitor's until it returns. */
typedef bool db_row_cb(const struct db_row *row, void *data);
int db_load(struct db *db, enum db_row_type type, db_row_cb *cb, void *data);

/* Highest call id that a record has, or ever had. */
int db_max_call(struct db *db, uint64_t *ret_call);

/* Random bytes, the same for the life of this database: a secret. */
#define DB_SEED_BYTES 16
int db_seed(struct db *db, uint8_t ret_seed[DB_SEED_BYTES]);

/* A whole integrity check: 0, or -EUCLEAN with the first finding in @why. */
int db_check(struct db *db, char why[DB_WHY_MAX]);

/* ---- writing ---- */

enum db_verb {
	DB_PUT,		 /* insert, or replace the row of the same key */
	DB_ADD,		 /* insert; -EEXIST if the key is taken */
	DB_DELETE,	 /* the row of that key; none is no error */
	DB_SEEN,	 /* DB_LOG: mark record log.id */
	DB_DELETE_GROUP, /* DB_LOG: record log.id, and the older ones that a
			  * grouped page counts into it */
	_NUM_DB_VERB
};

struct db_op {
	enum db_verb verb;
	struct db_row row;
};

/* @op is copied.  0, and a DB_STORED of @token will follow; or -EAGAIN: the
 * queue is full, nothing was taken. */
int db_submit(struct db *db, uint64_t token, const struct db_op *op, size_t n);

/* Copy the whole database to @path, which must not exist, in the writer
 * thread.  -EAGAIN, or 0 and a DB_STORED follows (rc -EEXIST: it does). */
int db_backup(struct db *db, uint64_t token, const char *path);

/* ---- reading ---- */

struct db_query {
	uint32_t owner;	    /* whose log; 0: everyone's */
	unsigned int kinds; /* bits 1 << kind; 0: all */
	size_t limit;	    /* 1 to DB_PAGE_MAX */
	uint64_t before; /* records with lower ids only; 0: from the newest */
	bool grouped;  /* repeated calls of one owner, kind and number as their
			* newest, with their count (T81); else each */
	uint64_t id;   /* not 0: this record, and nothing above counts */
	uint64_t call; /* not 0: the records of this call, likewise */
};

/* Records come newest first; for the next page, @before is the id of the last
 * one.  0, and a DB_PAGE of @token will follow; or -EAGAIN, -EINVAL. */
int db_query(struct db *db, uint64_t token, const struct db_query *query);

/* ---- results ---- */

enum db_result_type { DB_STORED, DB_PAGE };

struct db_result {
	enum db_result_type type;
	uint64_t token;
	/* 0; -EEXIST: a constraint; -ENOSPC, -EIO: the disk */
	int rc;
	const char *why;	  /* a few words about rc for the log, or "" */
	const struct db_log *log; /* DB_PAGE: until the next db_next_result() */
	size_t n;
};

/* Readable while results wait; read it by db_next_result() alone. */
int db_fd(const struct db *db);
bool db_next_result(struct db *db, struct db_result *ret_result);

/* ---- to be shown ---- */

struct db_counts {
	uint64_t commits;    /* transactions of SQLite */
	uint64_t stored;     /* transactions of ours that came true */
	uint64_t refused;    /* by a constraint */
	uint64_t failed;     /* by the disk */
	uint64_t queue_full; /* db_submit(), db_query() that had -EAGAIN */
	uint64_t queries;
	uint64_t trimmed; /* records that were too many */
	uint64_t checkpoints;
	uint64_t checkpoints_failed;
	size_t queued; /* now */
};

void db_counts(struct db *db, struct db_counts *ret_counts);
