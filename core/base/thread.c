#include "base/thread.h"

#include <signal.h>

bool tend_thread_start(pthread_t *ret_thread, void *(*work)(void *self), void *self)
{
    sigset_t all, before;
    bool is_started;

    (void)sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    is_started = pthread_create(ret_thread, NULL, work, self) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}
