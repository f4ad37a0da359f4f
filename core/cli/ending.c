#include "cli/ending.h"
#include <signal.h>

static const int signals[] = { SIGTERM, SIGINT };
static struct sigaction before[2];
static volatile sig_atomic_t is_asked;

static void note(int number)
{
    (void)number;
    is_asked = 1;
}

static bool attend(void *self, bool is_busy)
{
    (void)self;
    (void)is_busy;
    return is_asked != 0;
}

bool tend_ending_is_asked(void)
{
    return is_asked != 0;
}

void tend_ending_begin(tend_session *session)
{
    struct sigaction action = { .sa_handler = note, .sa_flags = (int)SA_RESETHAND };

    if (session->in_engine)
        return;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < 2; i++)
        (void)sigaction(signals[i], &action, &before[i]);
    tend_workspace_set_attend(session->workspace, attend, NULL);
}

void tend_ending_end(tend_session *session)
{
    if (session->in_engine)
        return;
    tend_workspace_set_attend(session->workspace, NULL, NULL);
    for (size_t i = 0; i < 2; i++)
        (void)sigaction(signals[i], &before[i], NULL);
}
