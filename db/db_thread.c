/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <osmocom/core/utils.h>
#include <signal.h>

#include "db_thread.h"

#define STACK_BYTES (512 * 1024)

pthread_t thread_start(const char *name, void *(*run)(void *), void *data)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	OSMO_ASSERT(pthread_create(&thread, &attr, run, data) == 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	pthread_setname_np(thread, name);
	return thread;
}
