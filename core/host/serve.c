/* serve.c: one call after another, until the engine closes or is gone. */
#include "host/host.h"

#include <stdlib.h>
#include <string.h>

#define MOST_GIVEN 10000u

void host_done(host_state *host, tend_status status, const tend_error *error)
{
    char text[sizeof error->text];

    host_prints_tell(host);
    text[0] = '\0';
    if (status < 0)
        host_mask(host, error->text, text, sizeof text);
    if (status > TEND_OK)
        status = TEND_OK;
    if (status < TEND_EAUTH)
        status = TEND_ERROR;
    tend_wire_start(host->wire, TEND_HOST_DONE);
    tend_wire_put_i64(host->wire, status);
    tend_wire_put_string(host->wire, text);
    host_send(host);
}

const void *host_capability(const host_state *host, const char *name, int32_t kind, tend_error *reterr)
{
    for (const tend_capability *capability = host->plugin->capabilities; capability->kind; capability++)
        if (capability->kind == kind && strcmp(capability->name, name) == 0)
            return capability->ops;
    (void)tend_fail(reterr, TEND_ENOTFOUND, "plugin %s: it has no capability '%s' of that kind", host->note.name, name);
    return NULL;
}

/* The first capability that is this one under another name. */
static uint32_t twin_of(const tend_plugin *plugin, uint32_t capability)
{
    uint32_t i = 0;

    while (plugin->capabilities[i].kind != TEND_KPI || plugin->capabilities[i].ops != plugin->capabilities[capability].ops)
        i++;
    return i;
}

static void declare_kpi(host_state *host, uint32_t capability)
{
    const tend_kpi_ops *kpi = host->plugin->capabilities[capability].ops;
    tend_wire *wire = host->wire;
    uint32_t count = 0;

    while (kpi->inputs && kpi->inputs[count].column)
        count++;
    tend_wire_put_u8(wire, (uint8_t)kpi->unit);
    tend_wire_put_u8(wire, kpi->is_money);
    tend_wire_put_u8(wire, kpi->higher_is_better);
    tend_wire_put_u8(wire, kpi->explain != NULL);
    tend_wire_put_u8(wire, kpi->interval != NULL);
    tend_wire_put_u32(wire, twin_of(host->plugin, capability));
    tend_wire_put_u32(wire, kpi->version);
    tend_wire_put_string(wire, kpi->formula);
    tend_wire_put_string(wire, kpi->source);
    tend_wire_put_u32(wire, count);
    for (uint32_t i = 0; i < count; i++) {
        tend_wire_put_string(wire, kpi->inputs[i].column);
        tend_wire_put_u8(wire, (uint8_t)kpi->inputs[i].take);
    }
}

static void declare_price(host_state *host, const tend_price_ops *price)
{
    tend_wire *wire = host->wire;
    uint32_t count = 0;

    while (price->rule_keys && price->rule_keys[count].key)
        count++;
    tend_wire_put_u8(wire, price->check != NULL);
    tend_wire_put_u8(wire, price->only_first);
    tend_wire_put_u32(wire, count);
    for (uint32_t i = 0; i < count; i++) {
        tend_wire_put_string(wire, price->rule_keys[i].key);
        tend_wire_put_u8(wire, (uint8_t)price->rule_keys[i].type);
        tend_wire_put_string(wire, price->rule_keys[i].choices);
        tend_wire_put_string(wire, price->rule_keys[i].help);
        tend_wire_put_u8(wire, price->rule_keys[i].is_required);
    }
}

void host_declare(host_state *host)
{
    const tend_plugin *plugin = host->plugin;
    tend_wire *wire = host->wire;
    uint32_t count = 0;

    tend_wire_start(wire, TEND_HOST_DECLARED);
    tend_wire_put_u32(wire, host->note.needs);
    tend_wire_put_string(wire, plugin->name);
    tend_wire_put_string(wire, plugin->version);
    tend_wire_put_string(wire, plugin->summary);
    while (plugin->settings && plugin->settings[count].key)
        count++;
    tend_wire_put_u32(wire, count);
    for (uint32_t i = 0; i < count; i++) {
        const tend_option *option = &plugin->settings[i];

        tend_wire_put_string(wire, option->key);
        tend_wire_put_u8(wire, (uint8_t)option->type);
        tend_wire_put_u8(wire, option->fallback != NULL);
        tend_wire_put_string(wire, option->fallback);
        tend_wire_put_string(wire, option->help);
        tend_wire_put_u8(wire, option->is_secret);
        tend_wire_put_u8(wire, option->is_required);
    }
    for (count = 0; plugin->capabilities[count].kind;)
        count++;
    tend_wire_put_u32(wire, count);
    for (uint32_t i = 0; i < count; i++) {
        tend_wire_put_u8(wire, (uint8_t)plugin->capabilities[i].kind);
        tend_wire_put_string(wire, plugin->capabilities[i].name);
        tend_wire_put_string(wire, plugin->capabilities[i].summary);
        if (plugin->capabilities[i].kind == TEND_KPI)
            declare_kpi(host, i);
        else if (plugin->capabilities[i].kind == TEND_PRICE)
            declare_price(host, plugin->capabilities[i].ops);
    }
    host_send(host);
}

void host_forget_given(host_state *host)
{
    for (uint32_t i = 0; i < host->given_count; i++) {
        explicit_bzero(host->given[i].value, strlen(host->given[i].value));
        free(host->given[i].key);
        free(host->given[i].value);
    }
    free(host->given);
    host->given = NULL;
    host->given_count = 0;
}

static tend_status take_given(host_state *host, tend_error *reterr)
{
    uint32_t count = tend_wire_get_u32(host->wire);
    tend_status status = TEND_OK;

    if (count > MOST_GIVEN)
        return tend_fail(reterr, TEND_ELIMIT, "plugin %s: %u settings; %u are the most", host->note.name, count, MOST_GIVEN);
    host->given = calloc(count ? count : 1, sizeof *host->given);
    if (!host->given)
        return tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory for its settings", host->note.name);
    for (uint32_t i = 0; i < count && status == TEND_OK; i++) {
        char *key = strdup(tend_wire_get_text(host->wire, NULL));
        char *value = strdup(tend_wire_get_text(host->wire, NULL));
        bool is_secret = tend_wire_get_u8(host->wire) != 0;

        if (!key || !value) {
            status = tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory for its settings", host->note.name);
            free(key);
            free(value);
            break;
        }
        host->given[host->given_count++] = (host_given){ .key = key, .value = value, .is_secret = is_secret };
    }
    return status < 0 ? status : tend_wire_done(host->wire, reterr);
}

static tend_status open_plugin(host_state *host, tend_error *reterr)
{
    tend_status status = TEND_OK;

    if (host->is_described)
        return tend_fail(reterr, TEND_EDENIED, "plugin %s: this host was started to describe it, not to open it", host->note.name);
    if (host->is_open)
        return tend_fail(reterr, TEND_EEXISTS, "plugin %s: it is open already", host->note.name);
    host_forget_given(host);
    host->now = tend_wire_get_i64(host->wire);
    status = take_given(host, reterr);
    if (status == TEND_OK && host->plugin->open)
        status = host->plugin->open(&host->table, &host->self, reterr);
    host->is_open = status >= 0;
    return status;
}

static tend_status call(host_state *host, uint16_t type, int fd, tend_error *reterr)
{
    if (type == TEND_HOST_OPEN)
        return open_plugin(host, reterr);
    if (!host->is_open)
        return tend_fail(reterr, TEND_EINVAL, "plugin %s: it is not open", host->note.name);
    host->now = tend_wire_get_i64(host->wire);
    switch (type) {
    case TEND_HOST_STREAMS:
        return host_streams(host, reterr);
    case TEND_HOST_PULL:
        return host_pull(host, fd, reterr);
    case TEND_HOST_COMPUTE:
        return host_compute(host, fd, reterr);
    case TEND_HOST_RESULTS:
        return host_take_results(host, fd, reterr);
    case TEND_HOST_COMPUTE_MANY:
        return host_compute_many(host, fd, reterr);
    case TEND_HOST_EXPLAIN:
        return host_explain(host, fd, reterr);
    case TEND_HOST_INTERVAL:
        return host_interval(host, reterr);
    case TEND_HOST_DELIVER:
        return host_deliver(host, reterr);
    case TEND_HOST_RULES:
        return host_rules(host, reterr);
    case TEND_HOST_APPLY:
        return host_apply(host, reterr);
    case TEND_HOST_EXAMINE:
        return host_examine(host, reterr);
    default:
        return tend_fail(reterr, TEND_ECORRUPT, "plugin %s: a call of unknown number %u", host->note.name, type);
    }
}

void host_serve(host_state *host)
{
    while (host->lost >= 0) {
        tend_error error = { 0 };
        uint16_t type;
        int fd = -1;
        tend_status status;

        host->is_cancelled = false;
        if (tend_wire_receive(host->wire, -1, &type, &fd, NULL) < 0)
            break;
        if (type == TEND_HOST_CLOSE)
            break;
        if (type == TEND_HOST_CANCEL || type == TEND_HOST_GO)
            continue; /* of a call that has just ended */
        status = call(host, type, fd, &error);
        if (status < 0 && error.text[0] == '\0')
            (void)tend_fail(&error, status, "plugin %s: it failed with %d and gave no reason", host->note.name, status);
        host_done(host, status, &error);
    }
    if (host->is_open && host->plugin->close)
        host->plugin->close(host->self);
    host_forget_given(host);
}
