/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dect_id.h - identities of handsets and bases, as numbers and as people
 * write them (EN 300 175-6; T174)
 *
 *     IPEI   EEEEE PPPPPPP C     printed in the battery compartment
 *              |      |    +---- check: sum of digit x position, modulo 11
 *              |      +--------- serial, 20 bits
 *              +---------------- maker (EMC), 16 bits
 *     IPUI   type N: four zero bits, then the IPEI's 36; ten hex digits
 *     PARK   length (two decimal digits), ARI in octal, check as above
 *     AC     up to eight digits, BCD, right-aligned, filled with F
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define DECT_IPEI_TEXT 16 /* "00012 0000137 9" */
#define DECT_IPUI_TEXT 11 /* "0000C00089" */
#define DECT_PARK_TEXT 16 /* "36" + 12 octal digits + check */
#define DECT_IPUI_BITS 40
#define DECT_ARI_BITS 36
#define DECT_RFPI_BYTES 5

/* Sum of digit x position, modulo 11; '*' for ten. */
char dect_check_digit(const char *digits, size_t n);

uint64_t dect_ipui(uint16_t emc, uint32_t psn);
uint16_t dect_ipui_emc(uint64_t ipui);

/* Each returns @buf. */
const char *dect_ipei_print(uint64_t ipui, char buf[DECT_IPEI_TEXT]);
const char *dect_ipui_print(uint64_t ipui, char buf[DECT_IPUI_TEXT]);
/* A class A ARI of 36 bits. */
const char *dect_park_print(uint64_t ari, char buf[DECT_PARK_TEXT]);

/* 0, or -EINVAL: not that form, out of range, or a wrong check digit.
 * Spaces between groups are optional. */
int dect_ipei_parse(const char *text, uint64_t *ret_ipui);
int dect_ipui_parse(const char *text, uint64_t *ret_ipui);
int dect_park_parse(const char *text, uint64_t *ret_ari);

/* "1234" is FF FF 12 34; "" is FF FF FF FF.  -EINVAL: not 0 to 8 digits. */
int dect_ac_code(const char *digits, uint8_t ret_code[4]);

/* 40 bits, most significant octet first. */
void dect_put40(uint8_t bytes[5], uint64_t value);
uint64_t dect_get40(const uint8_t bytes[5]);
