/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setting.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "call.h"
#include "extension.h"
#include "field.h"
#include "pattern.h"
#include "presence.h"
#include "store.h"

#define NO_ANSWER_S 15

/* ---- what may be set, and to what ---- */

/* NULL if @value is one, else what it has to be. */
typedef const char *check_fn(const struct core *core,
			     const struct extension *ext, struct span value);

static const char *check_switch(const struct core *core,
				const struct extension *ext, struct span value)
{
	return span_is(value, "on") || span_is(value, "off") ? NULL
							     : "on or off";
}

static const char *check_number(const struct core *core,
				const struct extension *ext, struct span value)
{
	if (value.n && !field_is_number(value))
		return "1 to 31 digits, or empty for off";
	if (span_is(value, ext->row.number))
		return "another number than its own";
	return NULL;
}

/* T64: an internal user. */
static const char *check_user(const struct core *core,
			      const struct extension *ext, struct span value)
{
	const struct extension *target = extension_find(core, value);

	if (value.n && (!target || extension_is_secondary(target)))
		return "the number of an extension, or empty for off";
	return check_number(core, ext, value);
}

static unsigned int uint_of(struct span text)
{
	unsigned int value = 0;
	size_t i;

	for (i = 0; i < text.n; i++)
		value = value * 10 + (text.p[i] - '0');
	return value;
}

static bool is_uint(struct span text, unsigned int least, unsigned int most)
{
	return field_is_number(text) && text.n <= 5 && uint_of(text) >= least &&
	       uint_of(text) <= most;
}

/* T61 */
static const char *check_no_answer_time(const struct core *core,
					const struct extension *ext,
					struct span value)
{
	return !value.n || is_uint(value, 6, 99999)
		       ? NULL
		       : "6 to 99999 seconds, or empty for the system's";
}

static const char *check_return_time(const struct core *core,
				     const struct extension *ext,
				     struct span value)
{
	return !value.n || is_uint(value, 1, 99999)
		       ? NULL
		       : "1 to 99999 seconds, or empty for off";
}

static const char *check_exceptions(const struct core *core,
				    const struct extension *ext,
				    struct span value)
{
	return pattern_list_is_valid(value)
		       ? NULL
		       : "numbers of up to 31 digits, parted by commas; each "
			 "may end in X (one digit) or N (any digits)";
}

static const char *check_outgoing(const struct core *core,
				  const struct extension *ext,
				  struct span value)
{
	return span_is(value, "all") || span_is(value, "internal") ||
			       span_is(value, "none")
		       ? NULL
		       : "all, internal or none";
}

static const char *check_login_code(const struct core *core,
				    const struct extension *ext,
				    struct span value)
{
	return !value.n || field_is_number(value) ? NULL
						  : "1 to 31 digits, or empty";
}

/* T115, T116: whoever may not twin has no twin. */
static const char *check_twinning(const struct core *core,
				  const struct extension *ext,
				  struct span value)
{
	if (span_is(value, "off") && ext->pairing &&
	    !extension_is_secondary(ext))
		return "on while it is paired; unpair it first";
	return check_switch(core, ext, value);
}

/* Times are text as stored; empty follows the system's. */
static const struct {
	const char *key;
	enum setting_kind kind;
	const char *initial;
	check_fn *check;
} table[_NUM_SETTING] = {
	[SETTING_DND] = { "dnd", SETTING_SWITCH, "off", check_switch },
	[SETTING_TWIN_DND] = { "twin_dnd", SETTING_HIDDEN, "off",
			       check_switch },
	[SETTING_DND_EXCEPTIONS] = { "dnd_exceptions", SETTING_LIST, "",
				     check_exceptions },
	[SETTING_LOGGED_IN] = { "logged_in", SETTING_SWITCH, "on",
				check_switch },
	[SETTING_FORWARD_UNCONDITIONAL] = { "forward_unconditional",
					    SETTING_WORD, "", check_number },
	[SETTING_FORWARD_BUSY] = { "forward_busy", SETTING_WORD, "",
				   check_number },
	[SETTING_FORWARD_NO_ANSWER] = { "forward_no_answer", SETTING_WORD, "",
					check_number },
	[SETTING_FOLLOW_ME] = { "follow_me", SETTING_WORD, "", check_user },
	[SETTING_NO_ANSWER_TIME] = { "no_answer_time", SETTING_SECONDS, "",
				     check_no_answer_time },
	[SETTING_TRANSFER_RETURN_TIME] = { "transfer_return_time",
					   SETTING_SECONDS, "",
					   check_return_time },
	[SETTING_CALL_WAITING] = { "call_waiting", SETTING_SWITCH, "off",
				   check_switch },
	[SETTING_BUSY_ON_HELD] = { "busy_on_held", SETTING_SWITCH, "off",
				   check_switch },
	[SETTING_VOICEMAIL] = { "voicemail", SETTING_SWITCH, "off",
				check_switch },
	[SETTING_VOICEMAIL_NUMBER] = { "voicemail_number", SETTING_WORD, "",
				       check_number },
	[SETTING_CENTRAL_LOG] = { "central_log", SETTING_SWITCH, "on",
				  check_switch },
	[SETTING_LOG_MISSED_GROUP_CALLS] = { "log_missed_group_calls",
					     SETTING_SWITCH, "off",
					     check_switch },
	[SETTING_LOG_MISSED_ANSWERED_ELSEWHERE] = { "log_missed_answered_"
						    "elsewhere",
						    SETTING_SWITCH, "off",
						    check_switch },
	[SETTING_TWINNING_ALLOWED] = { "twinning_allowed", SETTING_SWITCH, "on",
				       check_twinning },
	[SETTING_OUTGOING] = { "outgoing", SETTING_WORD, "all",
			       check_outgoing },
	[SETTING_FORWARD_NUMBER] = { "forward_number", SETTING_HIDDEN, "",
				     check_number },
	[SETTING_FORWARD_BUSY_NUMBER] = { "forward_busy_number", SETTING_HIDDEN,
					  "", check_number },
	[SETTING_LOGIN_CODE] = { "login_code", SETTING_HIDDEN, "",
				 check_login_code },
};

const char *setting_key(enum setting which)
{
	return table[which].key;
}

enum setting_kind setting_kind(enum setting which)
{
	return table[which].kind;
}

bool setting_is_internal(enum setting which)
{
	return which == SETTING_TWIN_DND || which == SETTING_FORWARD_NUMBER ||
	       which == SETTING_FORWARD_BUSY_NUMBER;
}

bool setting_find(struct span key, enum setting *ret_which)
{
	size_t i;

	for (i = 0; i < _NUM_SETTING; i++) {
		if (setting_is_internal(i) || !span_is(key, table[i].key))
			continue;
		*ret_which = i;
		return true;
	}
	return false;
}

/* ---- reading ---- */

/* A secondary's do-not-disturb is one of its pairing (T9, T40). */
static enum setting really(const struct extension *ext, enum setting which)
{
	return which == SETTING_DND && extension_is_secondary(ext)
		       ? SETTING_TWIN_DND
		       : which;
}

struct extension *setting_owner(struct extension *device, enum setting which)
{
	return which == SETTING_DND || which == SETTING_TWIN_DND ||
			       which == SETTING_LOGGED_IN
		       ? device
		       : extension_user(device);
}

const char *setting_text(const struct extension *ext, enum setting which)
{
	which = really(ext, which);
	return ext->settings[which] ? ext->settings[which]
				    : table[which].initial;
}

bool setting_bool(const struct extension *ext, enum setting which)
{
	return strcmp(setting_text(ext, which), "on") == 0;
}

unsigned int setting_uint(const struct extension *ext, enum setting which)
{
	return uint_of(span_of(setting_text(ext, which)));
}

unsigned int setting_no_answer_s(const struct core *core,
				 const struct extension *ext)
{
	unsigned int own = setting_uint(ext, SETTING_NO_ANSWER_TIME);

	if (own)
		return own;
	return core->config.no_answer_s ? core->config.no_answer_s
					: NO_ANSWER_S;
}

/* ---- changing ---- */

const char *setting_check(const struct core *core, const struct extension *ext,
			  enum setting which, struct span value)
{
	if (value.n >= sizeof(((struct row_setting *)0)->value))
		return "shorter";
	return table[which].check(core, ext, value);
}

void setting_row(const struct extension *ext, enum setting which,
		 struct span value, struct row_setting *ret_row)
{
	ret_row->ext = ext->row.id;
	OSMO_STRLCPY_ARRAY(ret_row->key, table[really(ext, which)].key);
	if (value.n)
		memcpy(ret_row->value, value.p, value.n);
	ret_row->value[value.n] = '\0';
}

/* Whoever shows a setting adds a line here. */
static void tell(struct core *core, struct extension *ext, enum setting which)
{
	static void (*const listeners[])(struct core *, struct extension *,
					 enum setting) = {
		extension_setting_changed,
		presence_setting_changed,
		call_setting_changed,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(listeners); i++)
		listeners[i](core, ext, which);
}

/* NULL if it is none of ours. */
static struct extension *take(struct core *core, const struct row_setting *row,
			      enum setting *ret_which)
{
	struct extension *ext = extension_by_id(core, row->ext);
	enum setting which;

	for (which = 0; which < _NUM_SETTING; which++)
		if (strcmp(row->key, table[which].key) == 0)
			break;
	if (!ext || which == _NUM_SETTING)
		return NULL;
	talloc_free(ext->settings[which]);
	ext->settings[which] = talloc_strdup(ext, row->value);
	OSMO_ASSERT(ext->settings[which]);
	*ret_which = which;
	return ext;
}

void setting_load(struct core *core, const struct row_setting *row)
{
	enum setting which;

	take(core, row, &which);
}

void setting_put(struct core *core, const struct row_setting *row)
{
	enum setting which;
	struct extension *ext = take(core, row, &which);

	if (ext)
		tell(core, ext, which);
}

struct change {
	setting_done *done;
	uint64_t ref;
};

static void changed(struct core *core, struct txn *txn, int rc)
{
	const struct change *change = txn->data;
	size_t i;

	core->n_changes--;
	for (i = 0; !rc && i < txn->n; i++)
		setting_put(core, &txn->ops[i].row.setting);
	if (change->done)
		change->done(core, change->ref,
			     rc ? "the disk did not take it" : NULL);
}

void setting_change_all(struct core *core, struct extension *device,
			const struct setting_wish *wishes, size_t n,
			setting_done *done, uint64_t ref)
{
	const char *needs = NULL;
	bool differs = false;
	struct change *change;
	struct txn *txn;
	size_t i;

	for (i = 0; i < n && !needs; i++) {
		const struct setting_wish *w = &wishes[i];
		const struct extension *ext = setting_owner(device, w->which);

		needs = setting_check(core, ext, w->which, w->value);
		differs |= !span_is(w->value, setting_text(ext, w->which));
	}
	if (!needs && core->n_changes >= SETTING_CHANGES_MAX)
		needs = "set later: too many changes are waiting";
	if (needs || !differs) {
		if (done)
			done(core, ref, needs);
		return;
	}
	core->n_changes++;
	txn = txn_new(core, changed, 0);
	txn->data = change = talloc(txn, struct change);
	OSMO_ASSERT(change);
	*change = (struct change){ done, ref };
	for (i = 0; i < n; i++)
		setting_row(setting_owner(device, wishes[i].which),
			    wishes[i].which, wishes[i].value,
			    &txn_add(txn, STORE_PUT, ROW_SETTING)->setting);
	txn_go(core, txn);
}

void setting_change(struct core *core, struct extension *device,
		    enum setting which, struct span value, setting_done *done,
		    uint64_t ref)
{
	const struct setting_wish wish = { which, value };

	setting_change_all(core, device, &wish, 1, done, ref);
}
