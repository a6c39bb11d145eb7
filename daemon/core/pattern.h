/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pattern.h - numbers with wildcards, as exceptions of do-not-disturb (T45)
 *
 *     73255510XX   X: one digit
 *     73255510N    N: any remaining digits, none as well; the last letter
 *     202,20X,9N   a list; spaces around the commas are forgiven
 *
 * Up to 31 digits and letters each.  Wildcards trail: no digit follows one.
 */
#pragma once

#include <stdbool.h>

#include "span.h"

#define PATTERN_MAX 31

/* An empty list is one, and matches nothing. */
bool pattern_list_is_valid(struct span list);
bool pattern_list_has(struct span list, struct span number);
