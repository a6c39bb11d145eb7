/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario.h - what the stories share: each is told in every kind of world
 *
 * In a scenario, _i is the kind (enum world_kind).
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "world.h"

static Suite *scenario_suite;

static inline TCase *scenario_case(const char *name)
{
	TCase *t = tcase_create(name);

	if (!scenario_suite)
		scenario_suite = suite_create(name);
	suite_add_tcase(scenario_suite, t);
	tcase_set_timeout(t, 60);
	return t;
}

#define scenario(tcase, test) tcase_add_loop_test(tcase, test, 0, _NUM_WORLD)

static inline int scenario_run(void)
{
	SRunner *runner = srunner_create(scenario_suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
