/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pattern.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_one(char c)
{
	return c == 'X' || c == 'x';
}

static bool is_rest(char c)
{
	return c == 'N' || c == 'n';
}

/* Digits, then X, then at most one N. */
static bool is_pattern(struct span text)
{
	size_t i = 0;

	while (i < text.n && is_digit(text.p[i]))
		i++;
	while (i < text.n && is_one(text.p[i]))
		i++;
	if (i < text.n && is_rest(text.p[i]))
		i++;
	return text.n >= 1 && text.n <= PATTERN_MAX && i == text.n;
}

static bool matches(struct span pattern, struct span number)
{
	size_t i;

	for (i = 0; i < pattern.n; i++) {
		if (is_rest(pattern.p[i]))
			return true;
		if (i >= number.n)
			return false;
		if (is_one(pattern.p[i]) ? !is_digit(number.p[i])
					 : pattern.p[i] != number.p[i])
			return false;
	}
	return i == number.n;
}

/* The next of the list, without the spaces around it; false after the last. */
static bool next(struct span *list, struct span *ret_entry)
{
	struct span entry = *list;
	size_t n = 0;

	if (!list->p)
		return false;
	while (n < list->n && list->p[n] != ',')
		n++;
	entry.n = n;
	if (n < list->n)
		*list = (struct span){ list->p + n + 1, list->n - n - 1 };
	else
		*list = (struct span){ 0 };
	while (entry.n && *entry.p == ' ') {
		entry.p++;
		entry.n--;
	}
	while (entry.n && entry.p[entry.n - 1] == ' ')
		entry.n--;
	*ret_entry = entry;
	return true;
}

bool pattern_list_is_valid(struct span list)
{
	struct span entry;

	if (!list.n)
		return true;
	while (next(&list, &entry))
		if (!is_pattern(entry))
			return false;
	return true;
}

bool pattern_list_has(struct span list, struct span number)
{
	struct span entry;

	if (!list.n)
		return false;
	while (next(&list, &entry))
		if (matches(entry, number))
			return true;
	return false;
}
