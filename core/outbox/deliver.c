/* deliver.c: sinks and their messages: what is due goes out, what fails comes back later or is dead. */
#include "base/failpoint.h"
#include "base/log.h"
#include "outbox/inside.h"
#include <stdlib.h>
#include <string.h>

enum { TRIES_MAX = 8, BROKEN_TRIES_MAX = 3 };
#define FIRST_WAIT_MS INT64_C(60000)
#define LONGEST_WAIT_MS INT64_C(21600000)

static const char *const overs[] = { "wait", "drop", NULL };

static const tend_setting sink_settings[] = {
    { .key = "plugin",
      .type = TEND_SETTING_NAME,
      .help = "the plugin that carries messages out, such as smtp",
      .is_required = true },
    { .key = "channel", .type = TEND_SETTING_NAME, .help = "the messages it takes: mail, chat, record …", .fallback = "mail" },
    { .key = "send",
      .type = TEND_SETTING_TEXT,
      .help = "when messages go out, by the recipient's clock: mon-fri 08:00-19:00, or working hours; default: at any time" },
    { .key = "quiet", .type = TEND_SETTING_TEXT, .help = "when none go out, every day: 22:00-07:00" },
    { .key = "most",
      .type = TEND_SETTING_INT,
      .fallback = "0",
      .min = 0,
      .max = 1000000,
      .help = "messages that one recipient gets within the time below; 0: any number" },
    { .key = "most_within",
      .type = TEND_SETTING_DURATION,
      .fallback = "1 d",
      .min = 1000,
      .max = INT64_C(366) * 86400000,
      .help = "the time in which they are counted" },
    { .key = "over",
      .type = TEND_SETTING_CHOICE,
      .fallback = "wait",
      .choices = overs,
      .help = "what becomes of messages beyond that: they wait for their turn, or are dropped" },
    { .key = "password", .type = TEND_SETTING_SECRET, .help = "for plugins with a setting of this name" },
    { .key = "token", .type = TEND_SETTING_SECRET, .help = "for plugins with a setting of this name" },
    { .key = "*",
      .type = TEND_SETTING_TEXT,
      .help = "any other key is a setting of the plugin; relative paths are below the workspace" },
    { .key = NULL },
};
const tend_section tend_outbox_sections[] = {
    { "sink", true, "Where messages of one channel go. The first sink of a channel takes them.", sink_settings },
    { .name = NULL },
};

typedef struct outbox_sink {
    const char *name, *plugin, *channel; /* borrowed from the configuration */
    tend_hosted *hosted;                 /* NULL until it is needed */
    const char *capability;
    tend_outbox_window window;
    outbox_cap cap;
    bool is_stopped; /* until the configuration changes */
} outbox_sink;

struct tend_outbox {
    tend_model *model;
    tend_plugins *plugins;
    const tend_config *config;
    tend_arena *arena; /* of one message */
    outbox_sink *sinks;
    size_t count;
    bool has_recovered;
};

static bool is_taken(const tend_outbox *outbox, const char *channel)
{
    for (size_t i = 0; i < outbox->count; i++)
        if (strcmp(outbox->sinks[i].channel, channel) == 0)
            return true;
    return false;
}

tend_status tend_outbox_open(tend_model *model, tend_plugins *plugins, const tend_config *config, tend_outbox **ret_outbox,
                             tend_error *reterr)
{
    tend_outbox *outbox = calloc(1, sizeof *outbox);
    tend_status status = TEND_OK;
    size_t count = 0;

    while (config && tend_config_instance(config, "sink", count))
        count++;
    if (outbox) {
        outbox->arena = tend_arena_new();
        outbox->sinks = calloc(count + 1, sizeof *outbox->sinks);
    }
    if (!outbox || !outbox->arena || !outbox->sinks) {
        tend_outbox_close(outbox);
        return tend_fail(reterr, TEND_ENOMEM, "outbox: memory is used up");
    }
    outbox->model = model;
    outbox->plugins = plugins;
    outbox->config = config;
    for (size_t i = 0; status >= 0 && i < count; i++) {
        const char *name = tend_config_instance(config, "sink", i), *channel = tend_config_text(config, "sink", name, "channel");

        tend_outbox_window window;

        status = tend_outbox_window_read(config, name, &window, reterr);
        if (status >= 0 && !is_taken(outbox, channel))
            outbox->sinks[outbox->count++] = (outbox_sink){ .name = name,
                                                            .plugin = tend_config_text(config, "sink", name, "plugin"),
                                                            .channel = channel,
                                                            .window = window,
                                                            .cap = outbox_cap_read(config, name) };
    }
    if (status < 0)
        tend_outbox_close(outbox);
    else
        *ret_outbox = outbox;
    return status;
}

void tend_outbox_close(tend_outbox *outbox)
{
    if (!outbox)
        return;
    for (size_t i = 0; i < outbox->count; i++)
        tend_hosted_stop(outbox->sinks[i].hosted);
    free(outbox->sinks);
    tend_arena_free(outbox->arena);
    free(outbox);
}

static tend_status start(tend_outbox *outbox, outbox_sink *sink, tend_error *reterr)
{
    tend_section_given given;
    tend_status status = tend_section_given_read(outbox->config, tend_outbox_sections, sink->name, NULL, NULL, &given, reterr);
    const tend_declared *declared;

    if (status >= 0)
        status = tend_hosted_start(outbox->plugins, sink->plugin, given.given, given.count, &sink->hosted, reterr);
    tend_section_given_clear(&given);
    for (size_t i = 0; status >= 0 && (declared = tend_hosted_declared(sink->hosted, i)); i++)
        if (declared->kind == TEND_SINK && !sink->capability)
            sink->capability = declared->name;
    if (status >= 0 && !sink->capability) {
        tend_hosted_stop(sink->hosted);
        sink->hosted = NULL;
        status = tend_fail(reterr, TEND_EINVAL, "[sink.%s] plugin: %s is no sink; tend plugin list shows those that are",
                           sink->name, sink->plugin);
    }
    return status;
}

static void stop(outbox_sink *sink, const char *why)
{
    sink->is_stopped = true;
    tend_hosted_stop(sink->hosted);
    sink->hosted = NULL;
    sink->capability = NULL;
    tend_log(TEND_LOG_ERROR, "outbox", "sink stopped until its configuration changes", "sink", sink->name, "why", why, NULL);
}

/* Doubled each time, from a minute to six hours. */
static int64_t wait_of(uint32_t attempt)
{
    int64_t wait = FIRST_WAIT_MS;

    for (uint32_t i = 1; i < attempt && wait < LONGEST_WAIT_MS; i++)
        wait *= 2;
    return wait < LONGEST_WAIT_MS ? wait : LONGEST_WAIT_MS;
}

static tend_status record(tend_outbox *outbox, outbox_sink *sink, const outbox_message *message, tend_delivery delivery,
                          int64_t retry_ms, const char *why, tend_error *reterr)
{
    const tend_time now = tend_model_now(outbox->model);
    uint32_t attempt = message->message.attempt;
    uint32_t most = delivery == TEND_BROKEN ? BROKEN_TRIES_MAX : TRIES_MAX;

    switch (delivery) {
    case TEND_DELIVERED:
        return outbox_record(outbox->model, message, sink->name, "sent", false, attempt, now, NULL, reterr);
    case TEND_UNAUTHORISED: /* not the message's fault: the try does not count */
        stop(sink, why);
        return outbox_record(outbox->model, message, sink->name, "waiting", true, attempt - 1, now, why, reterr);
    case TEND_REFUSED:
        tend_log(TEND_LOG_WARN, "outbox", "message refused", "sink", sink->name, "message",
                 tend_logf("%lld", (long long)message->id), "why", why, NULL);
        return outbox_record(outbox->model, message, sink->name, "dead", false, attempt, now, why, reterr);
    default:
        break;
    }
    if (attempt >= most) {
        tend_log(TEND_LOG_WARN, "outbox", "message given up", "sink", sink->name, "message",
                 tend_logf("%lld", (long long)message->id), "tries", tend_logf("%u", attempt), "why", why, NULL);
        return outbox_record(outbox->model, message, sink->name, "dead", false, attempt, now, why, reterr);
    }
    return outbox_record(outbox->model, message, sink->name, "waiting", false, attempt,
                         now + (retry_ms > 0 ? retry_ms : wait_of(attempt)), why, reterr);
}

/* Delivers one message of the sink. TEND_ENOTFOUND without a sentence when none is due. */
static tend_status deliver_one(tend_outbox *outbox, outbox_sink *sink, bool *ret_delivered, tend_error *reterr)
{
    outbox_message message;
    tend_error why = { 0 };
    int64_t retry_ms = 0;
    tend_delivery delivery = TEND_RETRY_LATER;
    tend_status status, started = TEND_OK;

    tend_arena_reset(outbox->arena);
    status = outbox_claim(outbox->model, sink->channel, sink->name, &sink->window, &sink->cap, outbox->arena, &message, reterr);
    if (status < 0)
        return status;
    if (!sink->hosted)
        started = start(outbox, sink, &why);
    if (started >= 0)
        delivery = tend_hosted_deliver(sink->hosted, sink->capability, &message.message, message.once_key, &retry_ms, &why);
    else if (started == TEND_EINVAL || started == TEND_ENOTFOUND || started == TEND_EDENIED || started == TEND_EVERSION)
        delivery = TEND_UNAUTHORISED; /* the configuration is wrong: nothing is tried until it changes */
    tend_failpoint("outbox.sent.before");
    *ret_delivered = delivery == TEND_DELIVERED;
    return record(outbox, sink, &message, delivery, retry_ms, why.text[0] ? why.text : "no reason was given", reterr);
}

tend_status tend_outbox_step(tend_outbox *outbox, int limit, int *ret_delivered, int *ret_failed, tend_error *reterr)
{
    int delivered = 0, failed = 0;
    tend_status status = TEND_OK;

    *ret_delivered = *ret_failed = 0;
    if (tend_store_is_simulated(tend_model_store(outbox->model)))
        return TEND_OK;
    if (!outbox->has_recovered)
        status = outbox_recover(outbox->model, reterr);
    outbox->has_recovered = status >= 0;
    for (size_t i = 0; status >= 0 && i < outbox->count; i++) {
        outbox_sink *sink = &outbox->sinks[i];

        while (status >= 0 && !sink->is_stopped && delivered + failed < limit) {
            bool is_delivered = false;

            status = deliver_one(outbox, sink, &is_delivered, reterr);
            if (status == TEND_ENOTFOUND)
                break;
            delivered += status >= 0 && is_delivered;
            failed += status >= 0 && !is_delivered;
        }
        if (status == TEND_ENOTFOUND)
            status = TEND_OK;
    }
    *ret_delivered = delivered;
    *ret_failed = failed;
    return status;
}

tend_status tend_outbox_next(tend_outbox *outbox, tend_time *ret_at, tend_error *reterr)
{
    tend_time first = TEND_NO_TIME;
    tend_status status = TEND_OK;

    if (tend_store_is_simulated(tend_model_store(outbox->model)))
        goto out;
    for (size_t i = 0; status >= 0 && i < outbox->count; i++) {
        tend_statement *statement = NULL;
        bool has_row = false;

        if (outbox->sinks[i].is_stopped)
            continue;
        status = tend_store_prepare(tend_model_store(outbox->model),
                                    "SELECT min(next_at) FROM outbox WHERE state = 'waiting' AND channel = ?1", &statement, reterr);
        if (status < 0)
            break;
        tend_statement_bind_string(statement, 1, outbox->sinks[i].channel);
        status = tend_statement_step(statement, &has_row, reterr);
        if (status >= 0 && has_row && !tend_statement_is_null(statement, 0) &&
            (first == TEND_NO_TIME || tend_statement_int(statement, 0) < first))
            first = tend_statement_int(statement, 0);
        tend_statement_end(statement);
    }
out:
    if (status >= 0)
        *ret_at = first;
    return status;
}

tend_status tend_outbox_release(tend_outbox *outbox, int64_t id, tend_error *reterr)
{
    return outbox_release_row(outbox->model, id, reterr);
}

tend_status tend_outbox_drop(tend_outbox *outbox, int64_t id, const char *why, tend_error *reterr)
{
    return outbox_drop_row(outbox->model, id, why, reterr);
}
