/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ipui.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EMC_DIGITS 5
#define PSN_DIGITS 7
#define PSN_BITS 20

/* The sum of digit times position, modulo 11, where ten is a star. */
static char check_digit(const char digits[EMC_DIGITS + PSN_DIGITS])
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < EMC_DIGITS + PSN_DIGITS; i++)
		sum += (digits[i] - '0') * (i + 1);
	return "0123456789*"[sum % 11];
}

static bool parse_hex(const char *text, uint64_t *ret_ipui)
{
	if (strlen(text) != IPUI_TEXT - 1 ||
	    strspn(text, "0123456789abcdefABCDEF") != IPUI_TEXT - 1)
		return false;
	*ret_ipui = strtoull(text, NULL, 16);
	return true;
}

static bool parse_ipei(const char *text, uint64_t *ret_ipui)
{
	char digits[EMC_DIGITS + PSN_DIGITS + 1];
	char number[PSN_DIGITS + 1] = "";
	size_t n = 0;
	unsigned long emc, psn;

	for (; *text && n < sizeof(digits); text++) {
		bool star = n == sizeof(digits) - 1 && *text == '*';

		if (isdigit((unsigned char)*text) || star)
			digits[n++] = *text;
		else if (*text != ' ' && *text != '-')
			return false;
	}
	if (*text || n < sizeof(digits) || digits[n - 1] != check_digit(digits))
		return false;

	memcpy(number, digits, EMC_DIGITS);
	emc = strtoul(number, NULL, 10);
	memcpy(number, digits + EMC_DIGITS, PSN_DIGITS);
	psn = strtoul(number, NULL, 10);
	if (emc > UINT16_MAX || psn >> PSN_BITS)
		return false;
	*ret_ipui = (uint64_t)emc << PSN_BITS | psn;
	return true;
}

bool ipui_parse(const char *text, uint64_t *ret_ipui)
{
	return parse_hex(text, ret_ipui) || parse_ipei(text, ret_ipui);
}

void ipui_print(uint64_t ipui, char ret_text[IPUI_TEXT])
{
	snprintf(ret_text, IPUI_TEXT, "%010llX",
		 (unsigned long long)ipui & 0xffffffffff);
}

void ipui_print_ipei(uint64_t ipui, char ret_text[IPEI_TEXT])
{
	unsigned int emc = ipui >> PSN_BITS & 0xffff;
	unsigned int psn = ipui & ((1 << PSN_BITS) - 1);
	char digits[EMC_DIGITS + PSN_DIGITS + 1];

	snprintf(digits, sizeof(digits), "%05u%07u", emc, psn);
	snprintf(ret_text, IPEI_TEXT, "%05u %07u %c", emc, psn,
		 check_digit(digits));
}
