/* thread.h: threads of ours. */
#ifndef TEND_BASE_THREAD_H
#define TEND_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Runs work(self) in a thread that gets no signals: those stay with the threads that know what to do with them. False: none is to
 * be had. */
bool tend_thread_start(pthread_t *ret_thread, void *(*work)(void *self), void *self);

#endif
