/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * field.h - what can be set of an extension or a pairing, and to what
 *
 * One table each; whatever is not in it is refused with the list of what is.
 * These are the columns of a row; what a user may set besides is in setting.h.
 */
#pragma once

#include "row.h"
#include "span.h"

struct key_value;

/* Each takes @sets into @row.  False: refused, the sentence is in @why (at
 * least 640 bytes), @row may be half changed and is to be thrown away. */
bool fields_extension(struct row_extension *row, bool is_new,
		      const struct key_value *sets, size_t n, char *why,
		      size_t why_size);
bool fields_pairing(struct row_pairing *row, const struct key_value *sets,
		    size_t n, char *why, size_t why_size);

/* One to 31 digits. */
bool field_is_number(struct span text);
