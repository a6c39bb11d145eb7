/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ipui.h - the identity of a handset, as a person reads and types it
 *
 *     0000C00089         IPUI type N: 4 bits of 0, 16 of manufacturer (EMC),
 *                        20 of serial number (PSN), in hexadecimal
 *     00012 0000137 9    IPEI, as printed in the handset: EMC, PSN, check
 *                        digit, in decimal
 *
 * Both say the same 36 bits.  Source: EN 300 175-6, 6 and annex C; rule T174.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define IPUI_TEXT 11 /* with its terminator */
#define IPEI_TEXT 17

/* Either form; of the second the blanks may be missing or hyphens, and the
 * check digit must be right.  False if it is neither. */
bool ipui_parse(const char *text, uint64_t *ret_ipui);

void ipui_print(uint64_t ipui, char ret_text[IPUI_TEXT]);
void ipui_print_ipei(uint64_t ipui, char ret_text[IPEI_TEXT]);
