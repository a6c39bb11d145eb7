/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include <osmocom/core/application.h>
#include <osmocom/core/utils.h>

#include "log.h"
#include "outside.h"

const struct world_house world_alice[] = {
	{ "desk", "201", "Alice", EXT_SIP, .twin_of = NULL },
	{ "handset", "301", "Mobile", EXT_DECT, .twin_of = "201" },
	{ "bob", "202", "Bob", EXT_SIP, .twin_of = NULL },
	{ "xena", "203", "Xena", EXT_SIP, .twin_of = NULL },
	{ 0 },
};

struct world_line {
	int64_t ms;
	char who[16], verb[16], arg[32], arg2[64];
};

/* ---- what is noticed ---- */

void world_trace(struct world *w, const char *what, const char *who,
		 const char *fmt, ...)
{
	va_list ap;
	char *detail;

	va_start(ap, fmt);
	detail = talloc_vasprintf(w, fmt, ap);
	va_end(ap);
	trace_add(w->trace, w->now_ms - w->story_ms, what, who, detail);
	talloc_free(detail);
}

void world_fault(struct world *w, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = talloc_vasprintf(w, fmt, ap);
	va_end(ap);
	world_trace(w, "FAULT", "world", "%s", text);
	if (!w->fault)
		w->fault = talloc_steal(w, text);
	else
		talloc_free(text);
}

static void disk_fault(void *data, const char *text)
{
	world_fault(data, "disk: %s", text);
}

static void log_written(void *data, const struct store_op *op)
{
	static const char *const kind[] = { "in", "out", "missed" };
	const struct row_log *log = &op->row.log;
	struct world *w = data;
	struct world_device *owner;

	if (op->row.type != ROW_LOG || op->verb == STORE_SEEN ||
	    op->verb == STORE_DELETE)
		return;
	owner = world_find_ext(w, log->owner);
	world_trace(w, "log", owner ? owner->house->label : "nobody",
		    "%s %s %s %s dev=%s ring=%" PRId64 " talk=%" PRId64,
		    kind[log->kind], log->outcome, log->number, log->name,
		    *log->device ? log->device : "-", log->ring_ms,
		    log->talk_ms);
}

/* ---- the core's neighbours ---- */

static void perform(struct world *w, const struct action *action)
{
	if (action->type == ACT_SETUP)
		world_check_ring(w, &action->leg);
	switch (action->type) {
	case ACT_STORE:
		for (size_t i = 0; w->trace->loud && i < action->store.n; i++)
			fprintf(stderr,
				"%6" PRId64 " store %" PRIu64 ": verb %d, row "
				"type %d\n",
				w->now_ms - w->story_ms, action->store.txn,
				action->store.op[i].verb,
				action->store.op[i].row.type);
		disk_store(w->disk, w->now_ms, action);
		break;
	case ACT_REPLY:
		world_trace(w, action->reply.rc ? "denied" : "done", "admin",
			    "%s",
			    action->reply.rc ? action->reply.text
					     : action->reply.show);
		break;
	default:
		for (size_t i = 0; i < ARRAY_SIZE(w->outside); i++)
			if (w->outside[i])
				w->outside[i]->perform(w->outside[i]->data,
						       action);
		break;
	}
}

void world_event(struct world *w, struct event *event)
{
	w->stirred = true;
	event->now_ms = w->now_ms;
	event->wall_ms = WORLD_WALL_MS + w->now_ms;
	trace_feed(w->trace, &event->type, sizeof(event->type));
	trace_feed(w->trace, &event->now_ms, sizeof(event->now_ms));
	if (event->type == EV_SETUP)
		world_check_setup(w, &event->setup);
	w->ledger.transferred |=
		event->type == EV_REFER ||
		(event->type == EV_SETUP && event->setup.replaces);
	/* A talk with one's own twin on the way leaves none. */
	w->ledger.forgiven += event->type == EV_REFER && event->refer.replaces;
	world_check_moving(w);
	core_step(w->core, event, &w->actions);
	world_check_moved(w, event);
	for (size_t i = 0; i < w->actions.n; i++) {
		trace_feed(w->trace, &w->actions.v[i].type,
			   sizeof(w->actions.v[i].type));
		perform(w, &w->actions.v[i]);
	}
	actions_clear(&w->actions);
}

static void load(struct world *w)
{
	static const enum row_type order[] = { ROW_EXTENSION, ROW_PAIRING,
					       ROW_CONTACT, ROW_HANDSET,
					       ROW_SETTING };
	const struct row *row;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		for (size_t n = 0; (row = disk_row(w->disk, order[i], n));
		     n++) {
			struct event event = { .type = EV_LOAD, .load = *row };

			world_event(w, &event);
		}
}

#define each_outside(w, op)                                                    \
	for (size_t _o = 0; _o < ARRAY_SIZE((w)->outside); _o++)               \
		if ((w)->outside[_o])                                          \
	(w)->outside[_o]->op((w)->outside[_o]->data)

/* What one edge says may give another something to do. */
static void pump(struct world *w)
{
	do {
		w->stirred = false;
		each_outside(w, pump);
	} while (w->stirred);
}

static void start_core(struct world *w)
{
	const struct row *row;

	w->config.first_call = 1;
	for (size_t i = 0; (row = disk_row(w->disk, ROW_LOG, i)); i++)
		if (row->log.call >= w->config.first_call)
			w->config.first_call = row->log.call + 1;
	w->core = core_new(w, &w->config);
	each_outside(w, start);
	load(w);
	each_outside(w, loaded);
	pump(w);
}

/* A process takes a moment to come back.  Meanwhile the phones go on, and
 * what is sent to the gateway is lost. */
#define REBOOT_MS 200

static void be_dead(struct world *w, int64_t until_ms)
{
	for (size_t i = 0; i < ARRAY_SIZE(w->outside); i++) {
		struct outside *o = w->outside[i];

		while (o && o->next_ms(o->data) <= until_ms) {
			w->now_ms = OSMO_MAX(w->now_ms, o->next_ms(o->data));
			o->step(o->data);
		}
	}
	w->now_ms = until_ms;
}

void world_restart(struct world *w)
{
	world_check_kill(w);
	w->killed = true;
	if (w->trace->loud)
		fprintf(stderr, "%6" PRId64 " kill -9\n",
			w->now_ms - w->story_ms);
	each_outside(w, kill);
	core_free(w->core);
	w->core = NULL;
	disk_cut(w->disk);
	be_dead(w, w->now_ms + REBOOT_MS);
	/* Ids go on where the last life's highest was, logged or not: the
	 * store reserves them in blocks. */
	start_core(w);
}

/* ---- time ---- */

static bool step_story(struct world *w);

static int64_t next_ms(const struct world *w)
{
	int64_t next = core_next_ms(w->core);

	next = OSMO_MIN(next, disk_next_ms(w->disk));
	for (size_t i = 0; i < ARRAY_SIZE(w->outside); i++)
		if (w->outside[i])
			next = OSMO_MIN(next, w->outside[i]->next_ms(
						      w->outside[i]->data));
	if (w->n_lines)
		next = OSMO_MIN(next, w->story_ms + w->line[0]->ms);
	return OSMO_MAX(next, w->now_ms);
}

static bool step_outside(struct world *w)
{
	for (size_t i = 0; i < ARRAY_SIZE(w->outside); i++)
		if (w->outside[i] && w->outside[i]->step(w->outside[i]->data))
			return true;
	return false;
}

/* What is due at once, one thing: first what is on its way, then what people
 * do, then what the core has waited for. */
static void step_one(struct world *w)
{
	struct event event;

	if (disk_next(w->disk, w->now_ms, &event)) {
		if (w->trace->loud)
			fprintf(stderr, "%6" PRId64 " stored %" PRIu64 ": %d\n",
				w->now_ms - w->story_ms, event.stored.txn,
				event.stored.rc);
		world_event(w, &event);
	} else if (step_outside(w)) {
		;
	} else if (step_story(w)) {
		;
	} else if (core_next_ms(w->core) <= w->now_ms) {
		event = (struct event){ .type = EV_TICK };
		world_event(w, &event);
		if (core_next_ms(w->core) <= w->now_ms)
			world_fault(
				w,
				"the core wants to be woken again at %" PRId64,
				w->now_ms);
	}
}

static bool step_until(struct world *w, int64_t ms)
{
	int64_t next = next_ms(w);

	if (w->fault || next == INT64_MAX || next > ms)
		return false;
	w->now_ms = next;
	w->steps++;
	step_one(w);
	pump(w);
	world_check(w);
	return true;
}

bool world_step(struct world *w)
{
	return step_until(w, INT64_MAX - 1);
}

void world_run(struct world *w, int64_t ms)
{
	while (step_until(w, w->story_ms + ms))
		;
	w->now_ms = OSMO_MAX(w->now_ms, w->story_ms + ms);
}

/* ---- the story ---- */

void world_tell(struct world *w, const char *story)
{
	char *copy = talloc_strdup(w, story), *save = NULL;

	for (char *text = strtok_r(copy, "\n", &save); text;
	     text = strtok_r(NULL, "\n", &save)) {
		struct world_line *line = talloc_zero(w, struct world_line);
		size_t at;

		OSMO_ASSERT(sscanf(text, "%" PRId64 " %15s %15s %31s %63s",
				   &line->ms, line->who, line->verb, line->arg,
				   line->arg2) >= 3);
		w->line = talloc_realloc(w, w->line, struct world_line *,
					 w->n_lines + 1);
		for (at = w->n_lines++;
		     at > 0 && w->line[at - 1]->ms > line->ms; at--)
			w->line[at] = w->line[at - 1];
		w->line[at] = line;
	}
	talloc_free(copy);
}

static bool step_story(struct world *w)
{
	struct world_line *line;

	if (!w->n_lines || w->story_ms + w->line[0]->ms > w->now_ms)
		return false;
	line = w->line[0];
	memmove(w->line, w->line + 1, --w->n_lines * sizeof(*w->line));
	world_do(w, line->who, line->verb, line->arg, line->arg2);
	talloc_free(line);
	return true;
}

/* What may change who rings, and so what the log holds. */
static bool is_harmless(const char *key)
{
	return strncmp(key, "dnd", 3) == 0 || strncmp(key, "call_", 5) == 0;
}

static void set(struct world *w, struct ev_admin *admin, const char *verb,
		const char *text)
{
	size_t n = strcspn(text, "=");
	bool pair = strcmp(verb, "set-pair") == 0;

	admin->verb = pair ? ADM_PAIRING_SET : ADM_EXTENSION_SET;
	admin->other = (struct span){ 0 };
	admin->sets[0].key = (struct span){ text, n };
	admin->sets[0].value = span_of(text + n + 1);
	admin->n_sets = 1;
	w->redirects |= !is_harmless(text);
	if (strncmp(text, "voicemail_number=", n + 1) == 0)
		osmo_strlcpy(w->mailbox, text + n + 1, sizeof(w->mailbox));
}

static void admin(struct world *w, const char *verb, const char *arg,
		  const char *arg2)
{
	struct event event = {
		.type = EV_ADMIN,
		.admin = { .req = ++w->admin_req,
			   .number = span_of(arg),
			   .other = span_of(arg2) },
	};

	w->twins_stay &= strncmp(verb, "set", 3) == 0;
	if (strcmp(verb, "pair") == 0)
		event.admin.verb = ADM_PAIRING_ADD;
	else if (strcmp(verb, "unpair") == 0)
		event.admin.verb = ADM_PAIRING_REMOVE;
	else if (strcmp(verb, "set") == 0 || strcmp(verb, "set-pair") == 0)
		set(w, &event.admin, verb, arg2);
	else
		OSMO_ASSERT(false);
	world_event(w, &event);
}

static void disk_do(struct world *w, const char *verb, const char *arg)
{
	w->disk->fail_rc = strcmp(verb, "full") == 0 ? -ENOSPC : 0;
	w->disk->delay_ms = strcmp(verb, "slow") == 0 ? atoi(arg) : 0;
}

static void base_do(struct world *w, bool broken)
{
	for (size_t i = 0; i < ARRAY_SIZE(w->outside); i++)
		if (w->outside[i] && w->outside[i]->break_down)
			w->outside[i]->break_down(w->outside[i]->data, broken);
}

static void gateway(struct world *w, const char *verb)
{
	struct event event = { .type = EV_SHUTDOWN };

	if (strcmp(verb, "kill") == 0)
		world_restart(w);
	else
		world_event(w, &event);
}

static void press(struct world_device *device, const char *verb,
		  const char *arg)
{
	device->was_off |= strcmp(verb, "off") == 0;
	device->outside->act(device, verb, arg);
}

void world_do(struct world *w, const char *who, const char *verb,
	      const char *arg, const char *arg2)
{
	struct world_device *device = world_find(w, who);

	if (device)
		press(device, verb, arg);
	else if (strcmp(who, "admin") == 0)
		admin(w, verb, arg, arg2);
	else if (strcmp(who, "disk") == 0)
		disk_do(w, verb, arg);
	else if (strcmp(who, "base") == 0)
		base_do(w, strcmp(verb, "down") == 0);
	else if (strcmp(who, "gateway") == 0)
		gateway(w, verb);
	else
		OSMO_ASSERT(!"nobody of that name");
}

/* ---- building ---- */

/* Everyone's password is "secret-" and the number. */
static const char *ha1(struct world *w, const char *algorithm,
		       const char *number)
{
	return phone_ha1(w, algorithm, number, WORLD_DOMAIN,
			 talloc_asprintf(w, "secret-%s", number));
}

static void settle_in(struct world *w, const struct world_house *house,
		      struct world_device *device)
{
	struct row row = { .type = ROW_EXTENSION };

	enum ext_kind kind = w->kind == WORLD_SIP ? EXT_SIP : house->kind;
	struct outside *outside = w->outside[kind];

	device->house = house;
	device->ext = w->n_devices;
	device->outside = outside ? outside : w->outside[EXT_SIP];
	row.extension.id = device->ext;
	row.extension.kind = kind;
	OSMO_STRLCPY_ARRAY(row.extension.number, house->number);
	OSMO_STRLCPY_ARRAY(row.extension.name, house->name);
	if (kind == EXT_SIP) {
		OSMO_STRLCPY_ARRAY(row.extension.ha1_md5,
				   ha1(w, "MD5", house->number));
		OSMO_STRLCPY_ARRAY(row.extension.ha1_sha256,
				   ha1(w, "SHA-256", house->number));
	}
	disk_seed(w->disk, &row);
	if (kind == EXT_DECT) {
		row = (struct row){ .type = ROW_HANDSET };
		OSMO_STRLCPY_ARRAY(row.handset.base, "sim");
		row.handset.ipui = 0x1000 + device->ext;
		memset(row.handset.uak, 0x40 + device->ext, 16);
		row.handset.ext = device->ext;
		disk_seed(w->disk, &row);
	}
	device->outside->add(device->outside->data, device);
}

static void marry(struct world *w, struct world_device *device)
{
	struct row row = { .type = ROW_PAIRING };

	for (size_t i = 0; i < w->n_devices; i++)
		if (strcmp(w->device[i].house->number,
			   device->house->twin_of) == 0)
			row.pairing.primary = w->device[i].ext;
	row.pairing.secondary = device->ext;
	row.pairing.max_calls = 1;
	disk_seed(w->disk, &row);
}

static void open_up(struct world *w)
{
	switch (w->kind) {
	case WORLD_CORE:
		w->outside[EXT_SIP] = puppets_new(w);
		break;
	case WORLD_SIP:
		w->outside[EXT_SIP] = world_sip_new(w);
		break;
	case WORLD_WHOLE:
		w->outside[EXT_SIP] = world_sip_new(w);
		w->outside[EXT_DECT] = world_dect_new(w);
		break;
	default:
		OSMO_ASSERT(false);
	}
}

static void build(struct world *w, const struct world_house *house)
{
	w->trace = trace_new(w);
	w->trace->loud = getenv("WORLD_LOUD") != NULL;
	w->disk = disk_new(w, &w->dice);
	w->disk->data = w;
	w->disk->written = log_written;
	w->disk->fault = disk_fault;
	w->net = net_new(w, &w->dice);
	actions_init(&w->actions, w);
	open_up(w);
	for (; house->label; house++) {
		OSMO_ASSERT(w->n_devices < WORLD_DEVICES_MAX);
		w->n_devices++;
		settle_in(w, house, &w->device[w->n_devices - 1]);
	}
	for (size_t i = 0; i < w->n_devices; i++)
		if (w->device[i].house->twin_of)
			marry(w, &w->device[i]);
}

static void begin(struct world *w)
{
	w->now_ms = 1000; /* no clock begins at 0 */
	start_core(w);
	for (size_t i = 0; i < w->n_devices; i++)
		if (w->kind == WORLD_SIP || w->device[i].house->kind == EXT_SIP)
			world_do(w, w->device[i].house->label, "register", "",
				 "");
	pump(w);
	world_run(w, w->now_ms + 5000);
	trace_clear(w->trace);
	w->story_ms = w->now_ms;
}

/* The log of ten thousand calls helps nobody; WORLD_LOUD=1 shows it. */
static void quiet_log(void)
{
	static bool started;

	if (started)
		return;
	started = true;
	log_start(talloc_named_const(NULL, 0, "log"));
	if (!getenv("WORLD_LOUD"))
		log_set_log_level(osmo_stderr_target, LOGL_FATAL);
}

struct world *world_new(enum world_kind kind, const struct world_house *house)
{
	struct world *w = talloc_zero(NULL, struct world);

	quiet_log();
	w->kind = kind;
	w->twins_stay = true;
	dice_zero(&w->dice);
	build(w, house);
	begin(w);
	return w;
}

struct world *world_new_seeded(enum world_kind kind,
			       const struct world_house *house, uint64_t seed)
{
	struct world *w = world_new(kind, house);

	dice_seed(&w->dice, seed);
	return w;
}

void world_free(struct world *w)
{
	each_outside(w, kill);
	core_free(w->core);
	talloc_free(w);
}

/* ---- looking ---- */

struct world_device *world_find(struct world *w, const char *label)
{
	for (size_t i = 0; i < w->n_devices; i++)
		if (strcmp(w->device[i].house->label, label) == 0)
			return &w->device[i];
	return NULL;
}

struct world_device *world_find_ext(struct world *w, ext_id ext)
{
	return ext > 0 && ext <= w->n_devices ? &w->device[ext - 1] : NULL;
}

static enum device_state state(struct world *w, const char *label)
{
	struct world_device *device = world_find(w, label);

	return device->outside->state(device);
}

bool world_is_ringing(struct world *w, const char *label)
{
	return state(w, label) == DEVICE_RINGS;
}

bool world_is_talking(struct world *w, const char *label)
{
	return state(w, label) == DEVICE_TALKS;
}

size_t world_talking(struct world *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_devices; i++)
		n += world_is_talking(w, w->device[i].house->label);
	return n;
}

const char *world_kind_name(enum world_kind kind)
{
	static const char *const name[] = { "core", "sip", "whole" };

	return name[kind];
}

size_t world_logged(struct world *w, const char *number, const char *outcome)
{
	const struct row *row;
	size_t n = 0;

	for (size_t i = 0; (row = disk_row(w->disk, ROW_LOG, i)); i++) {
		struct world_device *o = world_find_ext(w, row->log.owner);

		n += o && strcmp(o->house->number, number) == 0 &&
		     (!outcome || strcmp(row->log.outcome, outcome) == 0);
	}
	return n;
}
