#include "base/failpoint.h"

#include <assert.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One line per place, in the order a record meets them. */
static const char *const names[] = {
    "store.commit.before",
    "store.commit.after",
    "store.soft.before",
    "store.soft.after",
    "store.settle.before",
    "store.settle.after",
    "sync.spool.done",
    "sync.chunk.before",
    "sync.chunk.after",
    "sync.report.before",
    "bus.deliver.before",
    "bus.deliver.after",
    "run.move.before",
    "run.move.after",
    "outbox.claim.after",
    "outbox.sent.before",
    "backup.copied",
    "kpi.publish.before",
    NULL,
};

static bool armed;
static char armed_name[64];
static atomic_long passes_left;

const char *const *tend_failpoint_names(void)
{
    return names;
}

/* Before main, so that no thread can see half of it. */
__attribute__((constructor)) static void read_environment(void)
{
    const char *wish = getenv("TEND_KILL_AT");
    const char *colon = wish ? strrchr(wish, ':') : NULL;
    size_t length = !wish ? 0 : colon ? (size_t)(colon - wish) : strlen(wish);
    long passes = colon ? strtol(colon + 1, NULL, 10) : 1;

    if (length == 0 || length >= sizeof armed_name)
        return;
    memcpy(armed_name, wish, length);
    armed_name[length] = '\0';
    atomic_store(&passes_left, passes > 0 ? passes : 1);
    armed = true;
}

#ifndef NDEBUG
static bool is_known(const char *name)
{
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}
#endif

void tend_failpoint(const char *name)
{
    assert(is_known(name));
    if (!armed)
        return;
    if (strcmp(name, armed_name) != 0)
        return;
    if (atomic_fetch_sub(&passes_left, 1) == 1) {
        (void)kill(getpid(), SIGKILL);
        (void)pause();
    }
}
