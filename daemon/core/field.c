/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "field.h"

#include <stdio.h>

#include <osmocom/core/utils.h>

#include "event.h"
#include "setting.h"

/* T80: 31 characters, whatever their bytes. */
#define NAME_MAX_CHARS 31

/* NULL if the value was taken, else what it has to be. */
typedef const char *take_fn(void *row, struct span value);

struct field {
	const char *key;
	bool only_new; /* fixed once the thing is there */
	bool hidden;   /* how the gateway spells "password" to itself */
	take_fn *take;
};

bool field_is_number(struct span text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return text.n >= 1 && text.n <= NUMBER_MAX;
}

static void copy(char *to, size_t size, struct span from)
{
	size_t n = OSMO_MIN(from.n, size - 1);

	if (n)
		memcpy(to, from.p, n);
	to[n] = '\0';
}

/* Length of the UTF-8 character at @p, 0 if it is none (RFC 3629, 4). */
static size_t utf8_char(const unsigned char *p, size_t n)
{
	static const struct {
		unsigned char mask, is;
		uint32_t least;
	} forms[] = { { 0x80, 0x00, 0 },
		      { 0xe0, 0xc0, 0x80 },
		      { 0xf0, 0xe0, 0x800 },
		      { 0xf8, 0xf0, 0x10000 } };
	uint32_t c;
	size_t len, i;

	for (len = 1; len <= ARRAY_SIZE(forms); len++)
		if ((p[0] & forms[len - 1].mask) == forms[len - 1].is)
			break;
	if (len > ARRAY_SIZE(forms) || len > n)
		return 0;
	c = p[0] & ~forms[len - 1].mask;
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < forms[len - 1].least || c > 0x10ffff ||
	    (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return len;
}

static const char *take_name(void *row, struct span value)
{
	struct row_extension *ext = row;
	const unsigned char *p = (const unsigned char *)value.p;
	size_t at, chars = 0, len;

	for (at = 0; at < value.n; at += len, chars++) {
		len = utf8_char(p + at, value.n - at);
		if (!len)
			return "text in UTF-8";
		if (p[at] < 0x20 || p[at] == 0x7f)
			return "text without control characters";
	}
	if (!chars || chars > NAME_MAX_CHARS)
		return "1 to 31 characters";
	copy(ext->name, sizeof(ext->name), value);
	return NULL;
}

static const char *take_kind(void *row, struct span value)
{
	struct row_extension *ext = row;

	if (span_is(value, "sip"))
		ext->kind = EXT_SIP;
	else if (span_is(value, "dect"))
		ext->kind = EXT_DECT;
	else
		return "sip or dect";
	return NULL;
}

static const char *take_ha1_md5(void *row, struct span value)
{
	struct row_extension *ext = row;

	copy(ext->ha1_md5, sizeof(ext->ha1_md5), value);
	return NULL;
}

static const char *take_ha1_sha256(void *row, struct span value)
{
	struct row_extension *ext = row;

	copy(ext->ha1_sha256, sizeof(ext->ha1_sha256), value);
	return NULL;
}

static const char *take_max_calls(void *row, struct span value)
{
	struct row_pairing *pairing = row;

	if (!span_is(value, "1") && !span_is(value, "2"))
		return "1 or 2";
	pairing->max_calls = value.p[0] - '0';
	return NULL;
}

static const char *take_switch(bool *is, struct span value)
{
	if (span_is(value, "on"))
		*is = true;
	else if (span_is(value, "off"))
		*is = false;
	else
		return "on or off";
	return NULL;
}

static const char *take_twin_bridge(void *row, struct span value)
{
	return take_switch(&((struct row_pairing *)row)->twin_bridge, value);
}

static const char *take_twin_coverage(void *row, struct span value)
{
	return take_switch(&((struct row_pairing *)row)->twin_coverage, value);
}

static const char *take_twin_line(void *row, struct span value)
{
	return take_switch(&((struct row_pairing *)row)->twin_line, value);
}

static const char *take_dnd_scope(void *row, struct span value)
{
	struct row_pairing *pairing = row;

	if (!span_is(value, "both") && !span_is(value, "primary"))
		return "both or primary";
	pairing->dnd_primary_only = span_is(value, "primary");
	return NULL;
}

static const struct field extension_fields[] = {
	{ .key = "name", .take = take_name },
	{ .key = "kind", .take = take_kind, .only_new = true },
	{ .key = "password" },
	{ .key = "ha1_md5", .take = take_ha1_md5, .hidden = true },
	{ .key = "ha1_sha256", .take = take_ha1_sha256, .hidden = true },
};

static const struct field pairing_fields[] = {
	{ .key = "max_calls", .take = take_max_calls },
	{ .key = "twin_bridge", .take = take_twin_bridge },
	{ .key = "twin_coverage", .take = take_twin_coverage },
	{ .key = "twin_line", .take = take_twin_line },
	{ .key = "dnd_scope", .take = take_dnd_scope },
};

static void refuse_key(const struct field *fields, size_t n_fields, bool is_new,
		       struct span key, char *why, size_t why_size)
{
	size_t i, at;
	const char *comma = "";

	at = snprintf(why, why_size,
		      "there is no setting \"" SPAN_FMT "\"; there are: ",
		      (int)OSMO_MIN(key.n, 40), key.p);
	for (i = 0; i < n_fields && at < why_size; i++) {
		if (fields[i].hidden || (fields[i].only_new && !is_new))
			continue;
		at += snprintf(why + at, why_size - at, "%s%s", comma,
			       fields[i].key);
		comma = ", ";
	}
	for (i = 0; fields == extension_fields && i < _NUM_SETTING; i++) {
		if (setting_is_internal(i) || at >= why_size)
			continue;
		at += snprintf(why + at, why_size - at, "%s%s", comma,
			       setting_key(i));
	}
}

static bool take_all(const struct field *fields, size_t n_fields, void *row,
		     bool is_new, const struct key_value *sets, size_t n,
		     char *why, size_t why_size)
{
	size_t i, f;
	const char *needs;
	enum setting which;

	for (i = 0; i < n; i++) {
		if (fields == extension_fields &&
		    setting_find(sets[i].key, &which))
			continue; /* kept by itself: setting.h */
		for (f = 0; f < n_fields; f++)
			if (fields[f].take &&
			    span_is(sets[i].key, fields[f].key))
				break;
		if (f == n_fields) {
			refuse_key(fields, n_fields, is_new, sets[i].key, why,
				   why_size);
			return false;
		}
		if (fields[f].only_new && !is_new) {
			snprintf(why, why_size,
				 "%s cannot be changed; remove the extension "
				 "and add it again",
				 fields[f].key);
			return false;
		}
		needs = fields[f].take(row, sets[i].value);
		if (needs) {
			snprintf(why, why_size, "%s must be %s", fields[f].key,
				 needs);
			return false;
		}
	}
	return true;
}

bool fields_extension(struct row_extension *row, bool is_new,
		      const struct key_value *sets, size_t n, char *why,
		      size_t why_size)
{
	return take_all(extension_fields, ARRAY_SIZE(extension_fields), row,
			is_new, sets, n, why, why_size);
}

bool fields_pairing(struct row_pairing *row, const struct key_value *sets,
		    size_t n, char *why, size_t why_size)
{
	return take_all(pairing_fields, ARRAY_SIZE(pairing_fields), row, true,
			sets, n, why, why_size);
}
