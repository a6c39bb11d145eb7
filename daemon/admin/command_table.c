/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"

/* What a user may set (daemon/core/setting.h). */
/* clang-format off */
#define SETTING_KEYS \
	{ KEY_SETTING, "dnd", "on|off", \
	  "do not disturb" }, \
	{ KEY_SETTING, "dnd_exceptions", "LIST", \
	  "callers who may, in spite of it: 20X,310,9N" }, \
	{ KEY_SETTING, "logged_in", "on|off", \
	  "its user is there" }, \
	{ KEY_SETTING, "forward_unconditional", "NUMBER", \
	  "where every call goes; empty: off" }, \
	{ KEY_SETTING, "forward_busy", "NUMBER", \
	  "where calls go when it is busy" }, \
	{ KEY_SETTING, "forward_no_answer", "NUMBER", \
	  "where calls go that nobody answers" }, \
	{ KEY_SETTING, "follow_me", "NUMBER", \
	  "the extension where its user is" }, \
	{ KEY_SETTING, "no_answer_time", "SECONDS", \
	  "how long that takes, 6 to 99999" }, \
	{ KEY_SETTING, "transfer_return_time", "SECONDS", \
	  "when a transferred call comes back" }, \
	{ KEY_SETTING, "call_waiting", "on|off", \
	  "one more call while it is in use" }, \
	{ KEY_SETTING, "busy_on_held", "on|off", \
	  "a held call makes it busy" }, \
	{ KEY_SETTING, "voicemail", "on|off", \
	  "a mailbox answers where nobody does" }, \
	{ KEY_SETTING, "voicemail_number", "NUMBER", \
	  "its mailbox; empty: the system's" }, \
	{ KEY_SETTING, "central_log", "on|off", \
	  "its calls are logged" }, \
	{ KEY_SETTING, "log_missed_group_calls", "on|off", \
	  "those of its groups as well" }, \
	{ KEY_SETTING, "log_missed_answered_elsewhere", "on|off", \
	  "as missed, whoever answered" }, \
	{ KEY_SETTING, "twinning_allowed", "on|off", \
	  "it may be paired as a primary" }, \
	{ KEY_SETTING, "outgoing", "all|internal|none", \
	  "whom it may call" }, \
	{ KEY_SETTING, "login_code", "DIGITS", \
	  "to log in at a phone; never shown" }
/* clang-format on */

static const struct command_key extension_add_keys[] = {
	{ KEY_REQUIRED, "name", "TEXT", "shown to those whom it calls" },
	{ KEY_REQUIRED, "kind", "sip|dect", "a SIP phone or a DECT handset" },
	{ KEY_OPTIONAL, "password", "TEXT",
	  "of a SIP phone, for its registration" },
	SETTING_KEYS,
	{ 0 },
};

static const struct command_key extension_set_keys[] = {
	{ KEY_OPTIONAL, "name", "TEXT", "shown to those whom it calls" },
	{ KEY_OPTIONAL, "password", "TEXT",
	  "of a SIP phone, for its registration" },
	SETTING_KEYS,
	{ 0 },
};

static const struct command_key pairing_keys[] = {
	{ KEY_OPTIONAL, "max_calls", "1|2",
	  "calls that the twins may have at once" },
	{ KEY_OPTIONAL, "twin_bridge", "on|off",
	  "one twin may join the other's call" },
	{ KEY_OPTIONAL, "twin_coverage", "on|off",
	  "the secondary covers for the primary" },
	{ KEY_OPTIONAL, "twin_line", "on|off",
	  "the secondary shows the primary's line" },
	{ KEY_OPTIONAL, "dnd_scope", "both|primary",
	  "whom do-not-disturb silences" },
	{ 0 },
};

static const struct command_key window_keys[] = {
	{ KEY_OPTIONAL, "seconds", "N",
	  "how long handsets may subscribe; 120 if not said" },
	{ KEY_OPTIONAL, "pin", "NNNN",
	  "code to key in at the handset; one is made up if not said" },
	{ 0 },
};

static const struct command_key log_keys[] = {
	{ KEY_OPTIONAL, "extension", "NUMBER", "whose log; all if not said" },
	{ KEY_OPTIONAL, "kind", "missed|in|out|all", "only such calls" },
	{ KEY_OPTIONAL, "limit", "N",
	  "at most so many records, 1 to 1000; 50 if not said" },
	{ KEY_OPTIONAL, "before", "ID",
	  "only records older than that one: the next page" },
	{ KEY_OPTIONAL, "each", "on|off",
	  "every call by itself, repeated ones not counted" },
	{ 0 },
};

/* A row a command. */
/* clang-format off */
const struct command command_table[] = {
	{ CMD_STATUS, "status", NULL, { NULL }, NULL,
	  "how the gateway is", SCHEMA_STATUS, false, "GET", "/status" },

	{ CMD_EXTENSION_ADD, "extension", "add", { "NUMBER" },
	  extension_add_keys, "a new number and who is behind it",
	  SCHEMA_EXTENSION, false, "POST", "/extensions" },
	{ CMD_EXTENSION_SET, "extension", "set", { "NUMBER" },
	  extension_set_keys, "change its settings", SCHEMA_EXTENSION, false,
	  "PATCH", "/extensions/{number}" },
	{ CMD_EXTENSION_SHOW, "extension", "show", { "NUMBER" }, NULL,
	  "its state and settings", SCHEMA_EXTENSION, false, "GET",
	  "/extensions/{number}" },
	{ CMD_EXTENSION_LIST, "extension", "list", { NULL }, NULL,
	  "all of them", SCHEMA_EXTENSION, true, "GET", "/extensions" },
	{ CMD_EXTENSION_REMOVE, "extension", "remove", { "NUMBER" }, NULL,
	  "with its log; it must not be paired", SCHEMA_EXTENSION, false,
	  "DELETE", "/extensions/{number}" },

	{ CMD_PAIRING_ADD, "pairing", "add", { "PRIMARY", "SECONDARY" },
	  pairing_keys, "make two extensions twins", SCHEMA_PAIRING, false,
	  "POST", "/pairings" },
	{ CMD_PAIRING_SET, "pairing", "set", { "PRIMARY" }, pairing_keys,
	  "change its settings", SCHEMA_PAIRING, false, "PATCH",
	  "/pairings/{primary}" },
	{ CMD_PAIRING_SHOW, "pairing", "show", { "PRIMARY" }, NULL,
	  "the twins and their settings", SCHEMA_PAIRING, false, "GET",
	  "/pairings/{primary}" },
	{ CMD_PAIRING_LIST, "pairing", "list", { NULL }, NULL, "all of them",
	  SCHEMA_PAIRING, true, "GET", "/pairings" },
	{ CMD_PAIRING_REMOVE, "pairing", "remove", { "PRIMARY" }, NULL,
	  "each twin is on its own again", SCHEMA_PAIRING, false, "DELETE",
	  "/pairings/{primary}" },
	{ CMD_PAIRING_ADD, "pair", NULL, { "PRIMARY", "SECONDARY" },
	  pairing_keys, "short for pairing add", SCHEMA_PAIRING, false, NULL,
	  NULL },
	{ CMD_PAIRING_REMOVE, "unpair", NULL, { "PRIMARY" }, NULL,
	  "short for pairing remove", SCHEMA_PAIRING, false, NULL, NULL },

	{ CMD_HANDSET_OPEN, "handset", "open", { NULL }, window_keys,
	  "let handsets subscribe for a while", SCHEMA_WINDOW, false, "POST",
	  "/handsets/open" },
	{ CMD_HANDSET_CLOSE, "handset", "close", { NULL }, NULL,
	  "let no more handsets subscribe", SCHEMA_WINDOW, false, "POST",
	  "/handsets/close" },
	{ CMD_HANDSET_LIST, "handset", "list", { NULL }, NULL, "all of them",
	  SCHEMA_HANDSET, true, "GET", "/handsets" },
	{ CMD_HANDSET_SHOW, "handset", "show", { "IPUI" }, NULL,
	  "where it is and whose", SCHEMA_HANDSET, false, "GET",
	  "/handsets/{ipui}" },
	{ CMD_HANDSET_ASSIGN, "handset", "assign", { "IPUI", "NUMBER" }, NULL,
	  "make it the handset of an extension", SCHEMA_HANDSET, false,
	  "POST", "/handsets/{ipui}/assign" },
	{ CMD_HANDSET_LOCATE, "handset", "locate", { "IPUI" }, NULL,
	  "make it ring to be found", SCHEMA_HANDSET, false, "POST",
	  "/handsets/{ipui}/locate" },
	{ CMD_HANDSET_REMOVE, "handset", "remove", { "IPUI" }, NULL,
	  "end its subscription", SCHEMA_HANDSET, false, "DELETE",
	  "/handsets/{ipui}" },

	{ CMD_BASE_LIST, "base", "list", { NULL }, NULL, "all of them",
	  SCHEMA_BASE, true, "GET", "/bases" },
	{ CMD_BASE_SHOW, "base", "show", { "NAME" }, NULL, "how it is",
	  SCHEMA_BASE, false, "GET", "/bases/{name}" },

	{ CMD_REGISTRATION_LIST, "registration", "list", { NULL }, NULL,
	  "the SIP phones that can be reached", SCHEMA_REGISTRATION, true,
	  "GET", "/registrations" },
	{ CMD_REGISTRATION_REMOVE, "registration", "remove", { "NUMBER" },
	  NULL, "forget where its phone is", SCHEMA_REGISTRATION, false,
	  "DELETE", "/registrations/{number}" },

	{ CMD_CALL_LIST, "call", "list", { NULL }, log_keys,
	  "the call log, newest first", SCHEMA_LOG_RECORD, true, "GET",
	  "/calls" },
	{ CMD_CALL_ACTIVE, "call", "active", { NULL }, NULL,
	  "calls that are going on", SCHEMA_ACTIVE_CALL, true, "GET",
	  "/calls/active" },
	{ CMD_CALL_SHOW, "call", "show", { "CALL" }, NULL,
	  "all that is known of one call", SCHEMA_CALL, false, "GET",
	  "/calls/{call}" },
	{ CMD_CALL_EXPLAIN, "call", "explain", { "CALL" }, NULL,
	  "why each device did or did not ring", SCHEMA_EXPLANATION, false,
	  "GET", "/calls/{call}/explain" },
	{ CMD_CALL_SEEN, "call", "seen", { "ID" }, NULL,
	  "mark a record of the log as seen", SCHEMA_LOG_RECORD, false,
	  "POST", "/calls/records/{id}/seen" },
	{ CMD_CALL_REMOVE, "call", "remove", { "ID" }, NULL,
	  "remove a record from the log", SCHEMA_LOG_RECORD, false, "DELETE",
	  "/calls/records/{id}" },
	{ 0 },
};
/* clang-format on */
