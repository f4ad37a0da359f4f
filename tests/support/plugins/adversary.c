/* adversary.c: a misbehaving plugin of the shared collection (adv_plugin.h) behind our ABI: adv_init when it is opened, adv_event
 * for each message delivered, adv_stop when it is closed. ADVERSARY is its file.
 *
 * ADV_ABI beside 1 becomes the ABI of the note; WITHOUT_ENTRY leaves out the entry. */
#include <tend/plugin.h>

#include ADVERSARY

#pragma weak adv_init
#pragma weak adv_event
#pragma weak adv_stop

static const char *secret = "";

static tend_status open_it(const tend_host *host, void **ret_self, tend_error *reterr)
{
    *ret_self = (void *)(uintptr_t)host;
    secret = host->setting(host, "secret");
    return adv_init && adv_init(*ret_self) != 0 ? tend_fail(reterr, TEND_ERROR, "adversary: adv_init failed") : TEND_OK;
}

static void close_it(void *self)
{
    if (adv_stop)
        adv_stop(self);
}

static tend_delivery deliver(void *self, const tend_message *message, const char *once_key, int64_t *ret_retry_ms,
                             tend_error *reterr)
{
    const char *event = message->text[0] == 's' ? secret : message->text;
    int code = adv_event ? adv_event(self, event ? event : "") : 0;

    (void)once_key;
    *ret_retry_ms = 0;
    if (code == 0)
        return TEND_DELIVERED;
    (void)tend_fail(reterr, TEND_ERROR, "adversary: adv_event gave %d", code);
    return TEND_BROKEN;
}

static const tend_option settings[] = {
    { .key = "secret", .type = TEND_OPTION_TEXT, .help = "a secret", .is_secret = true },
    { .key = NULL },
};
static const tend_sink_ops ops = { .size = sizeof ops, .deliver = deliver };
static const tend_capability capabilities[] = {
    { TEND_SINK, "adversary", "does harm", &ops },
    { 0, NULL, NULL, NULL },
};
static const tend_plugin plugin = {
    .abi = TEND_ABI,
    .size = sizeof plugin,
    .name = "adversary",
    .version = "1.0.0",
    .summary = "Does harm",
    .settings = settings,
    .capabilities = capabilities,
    .open = open_it,
    .close = close_it,
};

TEND_NOTE static const tend_plugin_note note = { 5u,
                                                 (uint32_t)(sizeof(tend_plugin_note) - 20u),
                                                 TEND_NOTE_TYPE,
                                                 "tend",
                                                 ADV_ABI == 1 ? TEND_ABI : (uint32_t)ADV_ABI << 16,
                                                 TEND_PROVIDES_SINK,
                                                 TEND_NEEDS_NOTHING,
                                                 "adversary",
                                                 "1.0.0" };

#if !defined(WITHOUT_ENTRY)
const tend_plugin *tend_plugin_entry(void)
{
    return &plugin;
}
#else
const void *nothing_to_enter(void);
const void *nothing_to_enter(void)
{
    return &plugin;
}
#endif
