/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * object.h - the core's views and the log's rows as JSON objects
 *
 * The keys are the contract of section 1 of the interfaces; openapi.c
 * describes the same.  Each function returns a new object that the caller
 * owns.  No object holds a password, its HA1, a key of a handset.
 */
#pragma once

#include <jansson.h>

#include "admin.h"

json_t *object_extension(const struct view_extension *ext);
json_t *object_pairing(const struct view_pairing *pairing);
json_t *object_handset(const struct view_handset *handset);
json_t *object_registration(const struct view_contact *contact);
json_t *object_base(const struct admin_base *base);
json_t *object_active_call(const struct view_call *call);
json_t *object_explanation(const struct view_explain *explain);

/* Whose log it is comes from the core: "" if it is nobody's any more. */
json_t *object_log_record(const struct db_log *log, const char *owner);

/* A sentence for a person.  It may quote what came from outside, cut within a
 * character: then whatever is not ASCII is shown as "?". */
json_t *object_sentence(const char *text);

/* RFC 3339, UTC, whole seconds. */
json_t *object_time(int64_t unix_ms);
