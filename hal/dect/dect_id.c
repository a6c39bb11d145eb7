/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dect_id.c - see dect_id.h */
#include "dect_id.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EMC_DIGITS 5
#define PSN_DIGITS 7
#define PSN_MAX 0xFFFFF
#define IPEI_MASK UINT64_C(0xFFFFFFFFF)

char dect_check_digit(const char *digits, size_t n)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (unsigned int)(digits[i] - '0') * (i + 1);
	sum %= 11;
	return sum == 10 ? '*' : (char)('0' + sum);
}

uint64_t dect_ipui(uint16_t emc, uint32_t psn)
{
	return (uint64_t)emc << 20 | (psn & PSN_MAX);
}

uint16_t dect_ipui_emc(uint64_t ipui)
{
	return ipui >> 20;
}

const char *dect_ipei_print(uint64_t ipui, char buf[DECT_IPEI_TEXT])
{
	unsigned int emc = dect_ipui_emc(ipui);
	unsigned int psn = ipui & PSN_MAX;
	char digits[EMC_DIGITS + PSN_DIGITS + 1];

	snprintf(digits, sizeof(digits), "%05u%07u", emc, psn);
	snprintf(buf, DECT_IPEI_TEXT, "%05u %07u %c", emc, psn,
		 dect_check_digit(digits, EMC_DIGITS + PSN_DIGITS));
	return buf;
}

const char *dect_ipui_print(uint64_t ipui, char buf[DECT_IPUI_TEXT])
{
	snprintf(buf, DECT_IPUI_TEXT, "%010" PRIX64,
		 ipui & UINT64_C(0xFFFFFFFFFF));
	return buf;
}

const char *dect_park_print(uint64_t ari, char buf[DECT_PARK_TEXT])
{
	snprintf(buf, DECT_PARK_TEXT, "%02u%012" PRIo64, DECT_ARI_BITS,
		 ari & IPEI_MASK);
	buf[14] = dect_check_digit(buf, 14);
	buf[15] = '\0';
	return buf;
}

/* The digits of @text without its spaces, then a check character. */
static int take(const char *text, char *ret_digits, size_t n, char *ret_check)
{
	size_t i = 0;

	for (; *text; text++) {
		if (*text == ' ')
			continue;
		if (i < n && *text >= '0' && *text <= '9')
			ret_digits[i] = *text;
		else if (i == n &&
			 (*text == '*' || (*text >= '0' && *text <= '9')))
			*ret_check = *text;
		else
			return -EINVAL;
		i++;
	}
	if (i != n + 1)
		return -EINVAL;
	return dect_check_digit(ret_digits, n) == *ret_check ? 0 : -EINVAL;
}

static uint64_t number(const char *digits, size_t n, unsigned int base)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value * base + (uint64_t)(digits[i] - '0');
	return value;
}

int dect_ipei_parse(const char *text, uint64_t *ret_ipui)
{
	char digits[EMC_DIGITS + PSN_DIGITS];
	uint64_t emc, psn;
	char check;

	if (take(text, digits, sizeof(digits), &check) < 0)
		return -EINVAL;
	emc = number(digits, EMC_DIGITS, 10);
	psn = number(digits + EMC_DIGITS, PSN_DIGITS, 10);
	if (emc > UINT16_MAX || psn > PSN_MAX)
		return -EINVAL;
	*ret_ipui = dect_ipui(emc, psn);
	return 0;
}

int dect_ipui_parse(const char *text, uint64_t *ret_ipui)
{
	static const char hex[] = "0123456789ABCDEFabcdef";
	uint64_t value;

	if (strlen(text) != DECT_IPUI_TEXT - 1 ||
	    strspn(text, hex) != DECT_IPUI_TEXT - 1)
		return -EINVAL;
	if (sscanf(text, "%" SCNx64, &value) != 1 || value > IPEI_MASK)
		return -EINVAL;
	*ret_ipui = value;
	return 0;
}

int dect_park_parse(const char *text, uint64_t *ret_ari)
{
	char digits[14];
	char check;

	if (take(text, digits, sizeof(digits), &check) < 0)
		return -EINVAL;
	if (number(digits, 2, 10) != DECT_ARI_BITS)
		return -EINVAL;
	for (size_t i = 2; i < sizeof(digits); i++) {
		if (digits[i] > '7')
			return -EINVAL;
	}
	*ret_ari = number(digits + 2, 12, 8);
	return 0;
}

int dect_ac_code(const char *digits, uint8_t ret_code[4])
{
	size_t n = strlen(digits);

	if (n > 8 || strspn(digits, "0123456789") != n)
		return -EINVAL;
	memset(ret_code, 0xFF, 4);
	for (size_t i = 0; i < n; i++) {
		uint8_t digit = digits[n - 1 - i] - '0';
		uint8_t *octet = &ret_code[3 - i / 2];

		*octet = i % 2 ? (*octet & 0x0F) | digit << 4
			       : (*octet & 0xF0) | digit;
	}
	return 0;
}

void dect_put40(uint8_t bytes[5], uint64_t value)
{
	for (int i = 0; i < 5; i++)
		bytes[i] = value >> (8 * (4 - i));
}

uint64_t dect_get40(const uint8_t bytes[5])
{
	uint64_t value = 0;

	for (int i = 0; i < 5; i++)
		value = value << 8 | bytes[i];
	return value;
}
