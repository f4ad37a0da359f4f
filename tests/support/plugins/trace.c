/* trace.c: a plugin whose constructor leaves a trace: the file that TRACE names. For the test that code which was not signed never
 * runs. */
#include <tend/plugin.h>

#include <fcntl.h>
#include <unistd.h>

__attribute__((constructor)) static void leave_trace(void)
{
    int fd = open(TRACE, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    if (fd >= 0)
        (void)close(fd);
}

static tend_delivery deliver(void *self, const tend_message *message, const char *once_key, int64_t *ret_retry_ms,
                             tend_error *reterr)
{
    (void)self;
    (void)message;
    (void)once_key;
    (void)ret_retry_ms;
    (void)reterr;
    return TEND_DELIVERED;
}

static const tend_sink_ops sink = { .size = sizeof sink, .deliver = deliver };
static const tend_capability capabilities[] = {
    { TEND_SINK, "trace", "takes whatever it is given", &sink },
    { 0 },
};

TEND_PLUGIN(trace, "1.0.0", TEND_PROVIDES_SINK, TEND_NEEDS_FILES, .summary = "Leaves a trace when it is loaded",
            .capabilities = capabilities)
