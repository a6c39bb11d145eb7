/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wish.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "call.h"
#include "extension.h"
#include "field.h"
#include "handset.h"
#include "pairing.h"
#include "presence.h"
#include "setting.h"
#include "store.h"

#define WISHES_MAX 256
#define EXTENSIONS_MAX 10000
#define WINDOW_DEFAULT_S 120
#define WINDOW_MAX_S 120 /* a registration window closes by itself (T173) */
#define WINDOW_PATIENCE_MS 5000

struct wish {
	struct llist_head entry;
	struct core *core;
	struct ev_admin ev; /* its spans point to children of this */
	struct deadline deadline;
};

static void next_wish(struct core *core);

static struct wish *at_work(struct core *core)
{
	return llist_first_entry_or_null(&core->wishes, struct wish, entry);
}

static void finish(struct core *core, int rc, const char *text,
		   const char *show)
{
	struct wish *wish = at_work(core);
	struct act_reply *reply = &act(core, ACT_REPLY)->reply;

	reply->req = wish->ev.req;
	reply->rc = rc;
	OSMO_STRLCPY_ARRAY(reply->text, text);
	OSMO_STRLCPY_ARRAY(reply->show, show);
	deadline_clear(&wish->deadline);
	llist_del(&wish->entry);
	core->n_wishes--;
	talloc_free(wish);
	next_wish(core);
}

static void done(struct core *core, const char *show)
{
	finish(core, 0, "", show);
}

static void __attribute__((format(printf, 3, 4)))
refuse(struct core *core, int rc, const char *fmt, ...)
{
	char text[640];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	finish(core, rc, text, "");
}

/* True, and refused, if the disk did not take it. */
static bool disk_refused(struct core *core, int rc)
{
	switch (rc) {
	case 0:
		return false;
	case -EEXIST:
		refuse(core, rc, "another change stands in the way");
		break;
	case -ENOENT:
		refuse(core, rc, "there is no such record");
		break;
	case -ENOSPC:
		refuse(core, rc, "the disk is full: nothing was changed");
		break;
	default:
		refuse(core, rc, "the disk failed: nothing was changed");
		break;
	}
	return true;
}

/* What most wishes begin with; refused if there is none. */
static struct extension *named(struct core *core, struct span number)
{
	struct extension *ext = extension_find(core, number);

	if (!ext)
		refuse(core, -ENOENT, "there is no extension " SPAN_FMT,
		       (int)OSMO_MIN(number.n, 40), number.p);
	return ext;
}

/* ---- extensions ---- */

/* False, and refused: one of the settings among @sets may not be so. */
static bool settings_are_right(struct core *core, const struct extension *ext,
			       const struct ev_admin *ev)
{
	enum setting which;
	const char *needs;
	size_t i;

	for (i = 0; i < ev->n_sets; i++) {
		if (!setting_find(ev->sets[i].key, &which))
			continue;
		needs = setting_check(core, ext, which, ev->sets[i].value);
		if (!needs)
			continue;
		refuse(core, -EINVAL, "%s must be %s", setting_key(which),
		       needs);
		return false;
	}
	return true;
}

static void add_settings(struct txn *txn, const struct extension *ext,
			 const struct ev_admin *ev)
{
	enum setting which;
	size_t i;

	for (i = 0; i < ev->n_sets; i++)
		if (setting_find(ev->sets[i].key, &which))
			setting_row(
				ext, which, ev->sets[i].value,
				&txn_add(txn, STORE_PUT, ROW_SETTING)->setting);
}

static void settings_stored(struct core *core, const struct txn *txn)
{
	size_t i;

	for (i = 0; i < txn->n; i++)
		if (txn->ops[i].row.type == ROW_SETTING)
			setting_put(core, &txn->ops[i].row.setting);
}

static void extension_added(struct core *core, struct txn *txn, int rc)
{
	struct extension *ext;

	if (disk_refused(core, rc))
		return;
	ext = extension_new(core, &txn->ops[0].row.extension);
	extension_announce(core, ext);
	settings_stored(core, txn);
	done(core, ext->row.number);
}

static void extension_add(struct core *core, const struct ev_admin *ev)
{
	struct row_extension row = { .id = core->last_ext + 1 };
	struct extension born = { 0 }; /* what its settings are checked by */
	struct txn *txn;
	char why[640];
	size_t i;
	bool has_kind = false;

	if (!field_is_number(ev->number)) {
		refuse(core, -EINVAL, "an extension number has 1 to 31 digits");
		return;
	}
	if (extension_find(core, ev->number)) {
		refuse(core, -EEXIST, "extension " SPAN_FMT " exists already",
		       SPAN_ARG(ev->number));
		return;
	}
	if (core->n_extensions >= EXTENSIONS_MAX) {
		refuse(core, -ENOSPC, "there are %d extensions already",
		       EXTENSIONS_MAX);
		return;
	}
	if (!fields_extension(&row, true, ev->sets, ev->n_sets, why,
			      sizeof(why))) {
		refuse(core, -EINVAL, "%s", why);
		return;
	}
	for (i = 0; i < ev->n_sets; i++)
		has_kind |= span_is(ev->sets[i].key, "kind");
	if (!row.name[0] || !has_kind) {
		refuse(core, -EINVAL, "a new extension needs %s",
		       row.name[0] ? "kind=sip or kind=dect" : "a name=");
		return;
	}
	memcpy(row.number, ev->number.p, ev->number.n);
	born.row = row;
	if (!settings_are_right(core, &born, ev))
		return;
	txn = txn_new(core, extension_added, 0);
	txn_add(txn, STORE_ADD, ROW_EXTENSION)->extension = row;
	add_settings(txn, &born, ev);
	txn_go(core, txn);
}

static void extension_changed(struct core *core, struct txn *txn, int rc)
{
	const struct row_extension *row = &txn->ops[0].row.extension;
	struct extension *ext = extension_by_id(core, row->id);
	struct extension *twin = extension_twin(ext);

	if (disk_refused(core, rc))
		return;
	ext->row = *row;
	extension_announce(core, ext);
	presence_touch(core, ext);
	/* A secondary handset shows its primary's name. */
	if (twin && twin->handset)
		handset_announce(core, twin->handset);
	settings_stored(core, txn);
	done(core, row->number);
}

static void extension_set(struct core *core, const struct ev_admin *ev)
{
	struct extension *ext = named(core, ev->number);
	struct row_extension row;
	struct txn *txn;
	char why[640];

	if (!ext)
		return;
	row = ext->row;
	if (!fields_extension(&row, false, ev->sets, ev->n_sets, why,
			      sizeof(why))) {
		refuse(core, -EINVAL, "%s", why);
		return;
	}
	if (!settings_are_right(core, ext, ev))
		return;
	txn = txn_new(core, extension_changed, 0);
	txn_add(txn, STORE_PUT, ROW_EXTENSION)->extension = row;
	add_settings(txn, ext, ev);
	txn_go(core, txn);
}

/* Only while it is idle: removing it meanwhile would leave a call without its
 * user. */
static bool may_go(struct core *core, const struct extension *ext)
{
	if (ext->pairing)
		refuse(core, -EBUSY, "%s is paired with %s; unpair them first",
		       ext->row.number, extension_twin(ext)->row.number);
	else if (extension_is_busy(ext))
		refuse(core, -EBUSY, "%s is in a call", ext->row.number);
	else
		return true;
	return false;
}

static void extension_removed(struct core *core, struct txn *txn, int rc)
{
	const struct row_extension *row = &txn->ops[0].row.extension;
	struct extension *ext = extension_by_id(core, row->id);
	struct handset *handset = ext->handset;

	if (disk_refused(core, rc))
		return;
	if (row->kind == EXT_SIP)
		act(core, ACT_USER_GONE)->user = *row;
	calls_end_of(core, row->id);
	extension_free(core, ext);
	if (handset) {
		handset->row.ext = 0;
		handset_announce(core, handset);
	}
	done(core, row->number);
}

static void extension_remove(struct core *core, const struct ev_admin *ev)
{
	struct extension *ext = named(core, ev->number);
	struct txn *txn;

	if (!ext || !may_go(core, ext))
		return;
	txn = txn_new(core, extension_removed, 0);
	txn_add(txn, STORE_DELETE, ROW_EXTENSION)->extension = ext->row;
	txn_go(core, txn);
}

/* ---- pairings ---- */

static void announce_pair(struct core *core, struct extension *a,
			  struct extension *b)
{
	if (a->handset)
		handset_announce(core, a->handset);
	if (b->handset)
		handset_announce(core, b->handset);
}

static void pairing_added(struct core *core, struct txn *txn, int rc)
{
	struct pairing *pairing;

	if (disk_refused(core, rc))
		return;
	pairing = pairing_new(core, &txn->ops[0].row.pairing);
	settings_stored(core, txn);
	announce_pair(core, pairing->primary, pairing->secondary);
	done(core, pairing->primary->row.number);
}

static void pairing_add(struct core *core, const struct ev_admin *ev)
{
	struct row_pairing row = { .max_calls = 1 }; /* T20 */
	struct extension *primary, *secondary;
	struct txn *txn;
	char why[640];

	primary = named(core, ev->number);
	if (!primary)
		return;
	secondary = named(core, ev->other);
	if (!secondary)
		return;
	pairing_obstacle(primary, secondary, why, sizeof(why));
	if (why[0]) {
		refuse(core, -EEXIST, "%s", why);
		return;
	}
	/* T115, T116 */
	if (!setting_bool(primary, SETTING_TWINNING_ALLOWED)) {
		refuse(core, -EPERM, "%s has twinning_allowed=off",
		       primary->row.number);
		return;
	}
	row.primary = primary->row.id;
	row.secondary = secondary->row.id;
	if (!fields_pairing(&row, ev->sets, ev->n_sets, why, sizeof(why))) {
		refuse(core, -EINVAL, "%s", why);
		return;
	}
	txn = txn_new(core, pairing_added, 0);
	txn_add(txn, STORE_ADD, ROW_PAIRING)->pairing = row;
	/* A new pairing begins undisturbed, whatever the last one was. */
	if (setting_bool(secondary, SETTING_TWIN_DND))
		setting_row(secondary, SETTING_TWIN_DND, span_of("off"),
			    &txn_add(txn, STORE_PUT, ROW_SETTING)->setting);
	txn_go(core, txn);
}

/* The pairing of the primary @number; refused if it has none. */
static struct pairing *pairing_named(struct core *core, struct span number)
{
	struct extension *ext = named(core, number);

	if (!ext)
		return NULL;
	if (!ext->pairing)
		refuse(core, -ENOENT, "%s is not paired", ext->row.number);
	else if (extension_is_secondary(ext))
		refuse(core, -EINVAL, "%s is the secondary of %s: name %s",
		       ext->row.number, extension_twin(ext)->row.number,
		       extension_twin(ext)->row.number);
	else
		return ext->pairing;
	return NULL;
}

static void pairing_changed(struct core *core, struct txn *txn, int rc)
{
	const struct row_pairing *row = &txn->ops[0].row.pairing;
	struct extension *primary = extension_by_id(core, row->primary);

	if (disk_refused(core, rc))
		return;
	primary->pairing->row = *row;
	done(core, primary->row.number);
}

static void pairing_set(struct core *core, const struct ev_admin *ev)
{
	struct pairing *pairing = pairing_named(core, ev->number);
	struct row_pairing row;
	struct txn *txn;
	char why[640];

	if (!pairing)
		return;
	row = pairing->row;
	if (!fields_pairing(&row, ev->sets, ev->n_sets, why, sizeof(why))) {
		refuse(core, -EINVAL, "%s", why);
		return;
	}
	txn = txn_new(core, pairing_changed, 0);
	txn_add(txn, STORE_PUT, ROW_PAIRING)->pairing = row;
	txn_go(core, txn);
}

static void pairing_removed(struct core *core, struct txn *txn, int rc)
{
	const struct row_pairing *row = &txn->ops[0].row.pairing;
	struct extension *primary = extension_by_id(core, row->primary);
	struct extension *secondary = extension_by_id(core, row->secondary);

	if (disk_refused(core, rc))
		return;
	pairing_free(core, primary->pairing);
	announce_pair(core, primary, secondary);
	done(core, primary->row.number);
}

static void pairing_remove(struct core *core, const struct ev_admin *ev)
{
	struct pairing *pairing = pairing_named(core, ev->number);
	struct txn *txn;

	if (!pairing)
		return;
	txn = txn_new(core, pairing_removed, 0);
	txn_add(txn, STORE_DELETE, ROW_PAIRING)->pairing = pairing->row;
	txn_go(core, txn);
}

/* ---- handsets ---- */

/* An IPUI as it is written: up to ten hexadecimal digits. */
static struct handset *handset_named(struct core *core, struct span text)
{
	struct handset *handset = NULL;
	uint64_t ipui = 0;
	char digits[11];
	char *end;

	if (text.n && text.n < sizeof(digits)) {
		memcpy(digits, text.p, text.n);
		digits[text.n] = '\0';
		ipui = strtoull(digits, &end, 16);
		if (!*end)
			handset = handset_find(core, ipui);
	}
	if (!handset)
		refuse(core, -ENOENT, "there is no handset " SPAN_FMT,
		       (int)OSMO_MIN(text.n, 40), text.p);
	return handset;
}

static void show_handset(struct core *core, uint64_t ipui)
{
	char text[NUMBER_MAX + 1];

	snprintf(text, sizeof(text), "%010" PRIx64, ipui);
	done(core, text);
}

static void window_impatient(struct deadline *deadline)
{
	struct wish *wish = container_of(deadline, struct wish, deadline);

	refuse(wish->core, -ETIMEDOUT,
	       "no base opened its registration window");
}

static bool read_uint(struct span text, unsigned int *ret)
{
	unsigned int value = 0;
	size_t i;

	for (i = 0; i < text.n && i < 9; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		value = value * 10 + (text.p[i] - '0');
	}
	*ret = value;
	return i == text.n && i > 0;
}

/* T169: a code is required; 4 to 8 digits, what a handset can send (32 bits
 * of BCD). */
static bool is_pin(struct span text)
{
	return field_is_number(text) && text.n >= 4 && text.n <= 8;
}

static void handset_open(struct core *core, const struct ev_admin *ev)
{
	unsigned int seconds = WINDOW_DEFAULT_S;
	struct span pin = { 0 };
	struct action *action;
	struct wish *wish = at_work(core);
	size_t i;

	for (i = 0; i < ev->n_sets; i++) {
		struct key_value set = ev->sets[i];

		if (span_is(set.key, "seconds")) {
			if (!read_uint(set.value, &seconds) || seconds < 1 ||
			    seconds > WINDOW_MAX_S) {
				refuse(core, -EINVAL, "seconds must be 1 to %d",
				       WINDOW_MAX_S);
				return;
			}
		} else if (span_is(set.key, "pin")) {
			pin = set.value;
		} else {
			refuse(core, -EINVAL,
			       "there is no setting \"" SPAN_FMT
			       "\"; there are: seconds, pin",
			       (int)OSMO_MIN(set.key.n, 40), set.key.p);
			return;
		}
	}
	if (!is_pin(pin)) {
		refuse(core, -EINVAL, "pin must be 4 to 8 digits");
		return;
	}
	action = act(core, ACT_SUB_OPEN);
	action->window.seconds = seconds;
	memcpy(action->window.pin, pin.p, pin.n);
	deadline_set(&core->deadlines, &wish->deadline,
		     core->now_ms + WINDOW_PATIENCE_MS, window_impatient);
}

static void handset_close(struct core *core, const struct ev_admin *ev)
{
	act(core, ACT_SUB_CLOSE);
	done(core, "");
}

void wish_window(struct core *core, bool open)
{
	struct wish *wish = at_work(core);

	if (open && wish && wish->ev.verb == ADM_HANDSET_OPEN)
		done(core, "");
}

static void handset_assigned(struct core *core, struct txn *txn, int rc)
{
	size_t i;

	if (disk_refused(core, rc))
		return;
	for (i = 0; i < txn->n; i++)
		handset_announce(core,
				 handset_put(core, &txn->ops[i].row.handset));
	show_handset(core, txn->ops[txn->n - 1].row.handset.ipui);
}

static void handset_assign(struct core *core, const struct ev_admin *ev)
{
	struct handset *handset = handset_named(core, ev->number);
	struct extension *ext;
	struct txn *txn;
	struct row *row;

	if (!handset)
		return;
	ext = named(core, ev->other);
	if (!ext)
		return;
	if (ext->row.kind != EXT_DECT) {
		refuse(core, -EINVAL,
		       "%s is a SIP extension; a handset needs one of "
		       "kind=dect",
		       ext->row.number);
		return;
	}
	if (extension_is_busy(ext)) {
		refuse(core, -EBUSY, "%s is in a call", ext->row.number);
		return;
	}
	txn = txn_new(core, handset_assigned, 0);
	if (ext->handset && ext->handset != handset) {
		row = txn_add(txn, STORE_PUT, ROW_HANDSET);
		row->handset = ext->handset->row;
		row->handset.ext = 0;
	}
	row = txn_add(txn, STORE_PUT, ROW_HANDSET);
	row->handset = handset->row;
	row->handset.ext = ext->row.id;
	txn_go(core, txn);
}

static void handset_locate(struct core *core, const struct ev_admin *ev)
{
	struct handset *handset = handset_named(core, ev->number);

	if (!handset)
		return;
	if (!handset->attached) {
		refuse(core, -EHOSTUNREACH,
		       "the handset is switched off or out of range");
		return;
	}
	act(core, ACT_LOCATE)->handset.handset = handset->row;
	show_handset(core, handset->row.ipui);
}

static void handset_removed(struct core *core, struct txn *txn, int rc)
{
	struct handset *handset =
		handset_find(core, txn->ops[0].row.handset.ipui);

	if (disk_refused(core, rc))
		return;
	if (handset)
		handset_free(core, handset);
	done(core, "");
}

static void handset_remove(struct core *core, const struct ev_admin *ev)
{
	struct handset *handset = handset_named(core, ev->number);
	struct txn *txn;

	if (!handset)
		return;
	txn = txn_new(core, handset_removed, 0);
	txn_add(txn, STORE_DELETE, ROW_HANDSET)->handset = handset->row;
	txn_go(core, txn);
}

/* ---- registrations, log ---- */

static void registration_removed(struct core *core, struct txn *txn, int rc)
{
	struct extension *ext =
		extension_by_id(core, txn->ops[0].row.contact.ext);

	if (disk_refused(core, rc))
		return;
	extension_unbind(ext);
	presence_touch(core, ext);
	act(core, ACT_UNBIND)->contact.ext = ext->row.id;
	done(core, ext->row.number);
}

static void registration_remove(struct core *core, const struct ev_admin *ev)
{
	struct extension *ext = named(core, ev->number);
	struct txn *txn;

	if (!ext)
		return;
	if (!ext->contact) {
		refuse(core, -ENOENT, "%s is not registered", ext->row.number);
		return;
	}
	txn = txn_new(core, registration_removed, 0);
	txn_add(txn, STORE_DELETE, ROW_CONTACT)->contact.ext = ext->row.id;
	txn_go(core, txn);
}

static void log_changed(struct core *core, struct txn *txn, int rc)
{
	if (!disk_refused(core, rc))
		done(core, "");
}

static void log_change(struct core *core, const struct ev_admin *ev)
{
	struct txn *txn = txn_new(core, log_changed, 0);

	txn_add(txn, ev->verb == ADM_LOG_SEEN ? STORE_SEEN : STORE_DELETE,
		ROW_LOG)
		->log.id = ev->record;
	txn_go(core, txn);
}

/* ---- one at a time ---- */

typedef void wish_fn(struct core *core, const struct ev_admin *ev);

static wish_fn *const verbs[] = {
	[ADM_EXTENSION_ADD] = extension_add,
	[ADM_EXTENSION_SET] = extension_set,
	[ADM_EXTENSION_REMOVE] = extension_remove,
	[ADM_PAIRING_ADD] = pairing_add,
	[ADM_PAIRING_SET] = pairing_set,
	[ADM_PAIRING_REMOVE] = pairing_remove,
	[ADM_HANDSET_OPEN] = handset_open,
	[ADM_HANDSET_CLOSE] = handset_close,
	[ADM_HANDSET_ASSIGN] = handset_assign,
	[ADM_HANDSET_LOCATE] = handset_locate,
	[ADM_HANDSET_REMOVE] = handset_remove,
	[ADM_REGISTRATION_REMOVE] = registration_remove,
	[ADM_LOG_SEEN] = log_change,
	[ADM_LOG_REMOVE] = log_change,
};

static void next_wish(struct core *core)
{
	struct wish *wish = at_work(core);

	if (wish)
		verbs[wish->ev.verb](core, &wish->ev);
}

static void keep(struct wish *wish, struct span *text)
{
	if (!text->n)
		return;
	text->p = talloc_memdup(wish, text->p, text->n);
	OSMO_ASSERT(text->p);
}

void wish_new(struct core *core, const struct ev_admin *ev)
{
	struct wish *wish;
	size_t i;

	OSMO_ASSERT(ev->verb < ARRAY_SIZE(verbs));
	OSMO_ASSERT(ev->n_sets <= ADMIN_SETS_MAX);
	if (core->n_wishes >= WISHES_MAX) {
		struct act_reply *reply = &act(core, ACT_REPLY)->reply;

		reply->req = ev->req;
		reply->rc = -EAGAIN;
		OSMO_STRLCPY_ARRAY(reply->text, "too many changes are waiting");
		return;
	}
	wish = talloc_zero(core, struct wish);
	OSMO_ASSERT(wish);
	wish->core = core;
	wish->ev = *ev;
	keep(wish, &wish->ev.number);
	keep(wish, &wish->ev.other);
	for (i = 0; i < ev->n_sets; i++) {
		keep(wish, &wish->ev.sets[i].key);
		keep(wish, &wish->ev.sets[i].value);
	}
	llist_add_tail(&wish->entry, &core->wishes);
	if (core->n_wishes++ == 0)
		next_wish(core);
}
