/* broken_sink.c: a sink that takes everything, with one rule broken by a definition: BREAKS_ONCE, BREAKS_SILENT. */
#include <tend/plugin.h>

static tend_delivery deliver(void *self, const tend_message *message, const char *once_key, int64_t *ret_retry_ms,
                             tend_error *reterr)
{
    (void)self;
    (void)message;
    *ret_retry_ms = 0;
#if defined(BREAKS_ONCE)
    if (message->attempt > 1) {
        (void)tend_fail(reterr, TEND_EEXISTS, "broken: %s was sent already", once_key);
        return TEND_BROKEN;
    }
    return TEND_DELIVERED;
#else
    (void)once_key;
    (void)reterr;
    return TEND_RETRY_LATER;
#endif
}

static const tend_sink_ops ops = { .size = sizeof ops, .deliver = deliver };
static const tend_capability capabilities[] = {
    { TEND_SINK, "broken", "takes everything", &ops },
    { 0, NULL, NULL, NULL },
};
TEND_PLUGIN(broken, "1.0.0", TEND_PROVIDES_SINK, TEND_NEEDS_NOTHING, .summary = "Breaks one rule", .capabilities = capabilities)
