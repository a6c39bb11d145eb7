/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"

static const struct command_key extension_add_keys[] = {
	{ true, "name", "TEXT", "shown to those whom it calls" },
	{ true, "kind", "sip|dect", "a SIP phone or a DECT handset" },
	{ false, "password", "TEXT", "of a SIP phone, for its registration" },
	{ 0 },
};

static const struct command_key extension_set_keys[] = {
	{ false, "name", "TEXT", "shown to those whom it calls" },
	{ false, "password", "TEXT", "of a SIP phone, for its registration" },
	{ 0 },
};

static const struct command_key pairing_keys[] = {
	{ false, "max_calls", "1|2", "calls that the twins may have at once" },
	{ false, "twin_bridge", "on|off",
	  "one twin may join the other's call" },
	{ false, "twin_coverage", "on|off",
	  "the secondary covers for the primary" },
	{ false, "twin_line", "on|off",
	  "the secondary shows the primary's line" },
	{ false, "dnd_scope", "both|primary", "whom do-not-disturb silences" },
	{ 0 },
};

static const struct command_key window_keys[] = {
	{ false, "seconds", "N",
	  "how long handsets may subscribe; 120 if not said" },
	{ false, "pin", "NNNN",
	  "code to key in at the handset; one is made up if not said" },
	{ 0 },
};

static const struct command_key log_keys[] = {
	{ false, "extension", "NUMBER", "whose log; all if not said" },
	{ false, "kind", "missed|in|out|all", "only such calls" },
	{ false, "limit", "N",
	  "at most so many records, 1 to 1000; 50 if not said" },
	{ false, "before", "ID",
	  "only records older than that one: the next page" },
	{ false, "each", "on|off",
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
