/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * openapi.h - the table of commands, described for programs (OpenAPI 3.0)
 *
 * The caller owns the document.  That the objects of object.c have exactly
 * the properties that are told here is a test's business (test_api.c).
 */
#pragma once

#include <jansson.h>

json_t *openapi_document(void);
