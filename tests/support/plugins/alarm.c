/* alarm.c: a connector and a sink that end their process whenever anybody calls them. What says that it calls nobody can be believed
 * when this stays silent. */
#include <tend/plugin.h>

#include <stdlib.h>

static tend_status streams(void *self, tend_status (*put)(void *out, const tend_stream *stream), void *out, tend_error *reterr)
{
    (void)self;
    (void)put;
    (void)out;
    (void)reterr;
    abort();
}

static tend_status pull(void *self, const tend_pull *request, tend_record_out *out, tend_error *reterr)
{
    (void)self;
    (void)request;
    (void)out;
    (void)reterr;
    abort();
}

static tend_delivery deliver(void *self, const tend_message *message, const char *once_key, int64_t *ret_retry_ms,
                             tend_error *reterr)
{
    (void)self;
    (void)message;
    (void)once_key;
    (void)ret_retry_ms;
    (void)reterr;
    abort();
}

static const tend_connector_ops connector = { .size = sizeof connector, .streams = streams, .pull = pull };
static const tend_sink_ops sink = { .size = sizeof sink, .deliver = deliver };
static const tend_capability capabilities[] = {
    { TEND_CONNECTOR, "alarm", "ends when it is called", &connector },
    { TEND_SINK, "alarm", "ends when it is called", &sink },
    { 0, NULL, NULL, NULL },
};
TEND_PLUGIN(alarm, "1.0.0", TEND_PROVIDES_CONNECTOR | TEND_PROVIDES_SINK, TEND_NEEDS_NOTHING, .summary = "Ends when it is called",
            .capabilities = capabilities)
