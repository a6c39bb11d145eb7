/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_metrics.h - all counters as Prometheus reads them
 *
 *     # HELP twind_calls_ended_total Calls ended, by cause.
 *     # TYPE twind_calls_ended_total counter
 *     twind_calls_ended_total{cause="busy"} 3
 *
 * No number of a caller is ever a label.  Source: Prometheus text format
 * 0.0.4.
 */
#pragma once

#include "api.h"

#define HTTP_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* A child of @ctx. */
char *http_metrics(void *ctx, struct api *api);
