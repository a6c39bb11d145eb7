/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db_thread.h - a thread that does not meddle in the program's affairs
 */
#pragma once

#include <pthread.h>

/* Signals stay with the loop; the stack is small.  @name has at most 15
 * characters.  No thread is like no memory: the program ends. */
pthread_t thread_start(const char *name, void *(*run)(void *), void *data);
