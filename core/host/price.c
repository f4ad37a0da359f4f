/* price.c: rules handed over, a quote priced, rules examined. */
#include "host/host.h"

#include <stdlib.h>
#include <string.h>

static const tend_price_ops *ops_of(host_state *host, tend_error *reterr)
{
    return host_capability(host, tend_wire_get_text(host->wire, NULL), TEND_PRICE, reterr);
}

static tend_status no_memory(const host_state *host, tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory for rules and quotes", host->note.name);
}

static tend_status too_many(const host_state *host, const char *what, uint32_t count, tend_error *reterr)
{
    return tend_fail(reterr, TEND_ELIMIT, "plugin %s: %u %s are too many", host->note.name, count, what);
}

static const char *take_string(host_state *host, tend_arena *arena)
{
    return tend_arena_string(arena, tend_wire_get_text(host->wire, NULL));
}

static void take_currency(host_state *host, char currency[4])
{
    const char *text = tend_wire_get_text(host->wire, NULL);

    (void)snprintf(currency, 4, "%.3s", text);
}

/* ---- rules ------------------------------------------------------------------------------------------------------------- */

typedef struct fault_list {
    tend_rule_faults faults; /* first: what the plugin gets points here */
    host_state *host;
} fault_list;

static void put_fault(tend_rule_faults *faults, const char *rule, const char *key, const char *sentence)
{
    host_state *host = ((fault_list *)(void *)faults)->host;

    tend_wire_start(host->wire, TEND_HOST_FAULT);
    tend_wire_put_string(host->wire, rule);
    tend_wire_put_string(host->wire, key);
    tend_wire_put_string(host->wire, sentence);
    host_send(host);
}

static tend_status take_rule(host_state *host, tend_arena *arena, tend_price_rule *rule, tend_error *reterr)
{
    tend_rule_setting *settings;
    uint32_t count;

    rule->name = take_string(host, arena);
    rule->from = (tend_date)tend_wire_get_i64(host->wire);
    rule->until = (tend_date)tend_wire_get_i64(host->wire);
    take_currency(host, rule->currency);
    rule->exponent = tend_wire_get_u32(host->wire);
    count = tend_wire_get_u32(host->wire);
    if (count > TEND_HOST_RULES_MAX)
        return too_many(host, "settings of a rule", count, reterr);
    settings = tend_arena_take(arena, (count + 1) * sizeof *settings);
    if (!settings || !rule->name)
        return no_memory(host, reterr);
    for (uint32_t i = 0; i < count; i++) {
        settings[i].key = take_string(host, arena);
        settings[i].value = take_string(host, arena);
        if (!settings[i].key || !settings[i].value)
            return no_memory(host, reterr);
    }
    rule->settings = settings;
    return TEND_OK;
}

tend_status host_rules(host_state *host, tend_error *reterr)
{
    const tend_price_ops *ops = ops_of(host, reterr);
    fault_list list = { { .size = sizeof(tend_rule_faults), .fault = put_fault }, host };
    tend_arena *arena = tend_arena_new();
    tend_price_rule *rules = NULL;
    uint32_t count;
    tend_status status = arena ? TEND_OK : no_memory(host, reterr);

    if (!ops)
        status = TEND_ENOTFOUND;
    count = tend_wire_get_u32(host->wire);
    if (status == TEND_OK && count > TEND_HOST_RULES_MAX)
        status = too_many(host, "rules", count, reterr);
    if (status == TEND_OK && !(rules = tend_arena_take(arena, (count ? count : 1) * sizeof *rules)))
        status = no_memory(host, reterr);
    for (uint32_t i = 0; i < count && status == TEND_OK; i++)
        status = take_rule(host, arena, &rules[i], reterr);
    if (status == TEND_OK)
        status = tend_wire_done(host->wire, reterr);
    if (status == TEND_OK && ops->rules)
        status = ops->rules(host->self, rules, count, &list.faults, reterr);
    if (status < 0) {
        tend_arena_free(arena);
        return status;
    }
    tend_arena_free(host->rules); /* the plugin has let go of the ones before */
    host->rules = arena;
    return TEND_OK;
}

/* ---- a quote ----------------------------------------------------------------------------------------------------------- */

static tend_status take_matches(host_state *host, tend_arena *arena, const tend_price_match **ret_matches, uint32_t *ret_count,
                                tend_error *reterr)
{
    const uint32_t count = tend_wire_get_u32(host->wire);
    tend_price_match *matches;

    if (count > TEND_HOST_RULES_MAX)
        return too_many(host, "rules that fit", count, reterr);
    matches = tend_arena_take(arena, (count ? count : 1) * sizeof *matches);
    if (!matches)
        return no_memory(host, reterr);
    for (uint32_t i = 0; i < count; i++) {
        matches[i].rule = tend_wire_get_u32(host->wire);
        matches[i].rate_numerator = tend_wire_get_i64(host->wire);
        matches[i].rate_denominator = tend_wire_get_i64(host->wire);
    }
    *ret_matches = matches;
    *ret_count = count;
    return TEND_OK;
}

static tend_decimal take_decimal(host_state *host)
{
    tend_decimal decimal = { .mantissa = tend_wire_get_i64(host->wire) };

    decimal.scale = tend_wire_get_u32(host->wire);
    return decimal;
}

static tend_status take_line(host_state *host, tend_arena *arena, tend_quote_line *line, tend_error *reterr)
{
    line->product = take_string(host, arena);
    line->code = take_string(host, arena);
    line->family = take_string(host, arena);
    line->unit = take_string(host, arena);
    line->quantity = take_decimal(host);
    line->list_price = take_decimal(host);
    line->list = tend_wire_get_i64(host->wire);
    line->net = tend_wire_get_i64(host->wire);
    if (!line->product || !line->code || !line->family || !line->unit)
        return no_memory(host, reterr);
    return take_matches(host, arena, &line->matches, &line->match_count, reterr);
}

static tend_status take_quote(host_state *host, tend_arena *arena, tend_quote *quote, tend_error *reterr)
{
    tend_quote_line *lines;
    tend_status status;

    *quote = (tend_quote){ .size = sizeof *quote, .account = tend_wire_get_i64(host->wire) };
    quote->account_name = take_string(host, arena);
    quote->tier = take_string(host, arena);
    quote->date = (tend_date)tend_wire_get_i64(host->wire);
    quote->term_months = tend_wire_get_u32(host->wire);
    take_currency(host, quote->currency);
    quote->exponent = tend_wire_get_u32(host->wire);
    quote->rounding = (tend_rounding)tend_wire_get_u8(host->wire);
    if (!quote->account_name || !quote->tier)
        return no_memory(host, reterr);
    status = take_matches(host, arena, &quote->matches, &quote->match_count, reterr);
    if (status < 0)
        return status;
    quote->line_count = tend_wire_get_u32(host->wire);
    if (quote->line_count > TEND_HOST_LINES_MAX)
        return too_many(host, "lines", quote->line_count, reterr);
    lines = tend_arena_take(arena, (quote->line_count ? quote->line_count : 1) * sizeof *lines);
    if (!lines)
        return no_memory(host, reterr);
    for (uint32_t i = 0; i < quote->line_count && status == TEND_OK; i++)
        status = take_line(host, arena, &lines[i], reterr);
    quote->lines = lines;
    return status == TEND_OK ? tend_wire_done(host->wire, reterr) : status;
}

typedef struct price_list {
    tend_price_out out; /* first: what the plugin gets points here */
    host_state *host;
    char text[1024]; /* of the last answer */
} price_list;

static host_state *host_of(tend_price_out *out)
{
    return ((price_list *)(void *)out)->host;
}

static tend_status after(host_state *host)
{
    host_send(host);
    return host_is_cancelled(host) ? TEND_ECLOSED : TEND_OK;
}

static tend_status put_adjustment(tend_price_out *out, const tend_adjustment *adjustment)
{
    host_state *host = host_of(out);
    char currency[4];

    (void)snprintf(currency, sizeof currency, "%.3s", adjustment->currency);
    tend_wire_start(host->wire, TEND_HOST_ADJUSTMENT);
    tend_wire_put_u32(host->wire, adjustment->line);
    tend_wire_put_u8(host->wire, (uint8_t)adjustment->kind);
    tend_wire_put_i64(host->wire, adjustment->amount);
    tend_wire_put_string(host->wire, currency);
    tend_wire_put_string(host->wire, adjustment->rule);
    tend_wire_put_string(host->wire, adjustment->reason);
    return after(host);
}

/* A text that lies about itself is cut where it ends. */
static void put_value(host_state *host, tend_value value)
{
    value.currency[3] = '\0';
    if (value.type == TEND_TEXT) {
        if (!value.text)
            value.text = "";
        value.length = strlen(value.text);
    }
    tend_wire_put_value(host->wire, &value);
}

static tend_status put_benefit(tend_price_out *out, const tend_benefit *benefit)
{
    host_state *host = host_of(out);

    tend_wire_start(host->wire, TEND_HOST_BENEFIT);
    tend_wire_put_string(host->wire, benefit->rule);
    tend_wire_put_string(host->wire, benefit->name);
    put_value(host, benefit->value);
    tend_wire_put_string(host->wire, benefit->why);
    return after(host);
}

static tend_status put_threshold(tend_price_out *out, const tend_threshold *threshold)
{
    host_state *host = host_of(out);

    tend_wire_start(host->wire, TEND_HOST_THRESHOLD);
    tend_wire_put_u32(host->wire, threshold->line);
    tend_wire_put_string(host->wire, threshold->rule);
    tend_wire_put_string(host->wire, threshold->what);
    put_value(host, threshold->now);
    put_value(host, threshold->at);
    tend_wire_put_string(host->wire, threshold->then);
    return after(host);
}

static tend_status ask_metric(tend_price_out *out, const tend_price_metric *metric, tend_value *ret_value)
{
    host_state *host = host_of(out);
    price_list *list = (price_list *)(void *)out;
    char currency[4];
    tend_status status;
    uint16_t type = 0;

    (void)snprintf(currency, sizeof currency, "%.3s", metric->currency);
    tend_wire_start(host->wire, TEND_HOST_METRIC);
    tend_wire_put_string(host->wire, metric->name);
    tend_wire_put_i64(host->wire, metric->from);
    tend_wire_put_i64(host->wire, metric->to);
    tend_wire_put_string(host->wire, currency);
    host_send(host);
    while (host->lost >= 0) {
        if (tend_wire_receive(host->wire, -1, &type, NULL, NULL) < 0)
            host->lost = TEND_ECLOSED;
        else if (type == TEND_HOST_CANCEL)
            host->is_cancelled = true;
        else
            break;
    }
    if (host->lost >= 0 && type != TEND_HOST_ANSWER)
        host->lost = TEND_ECORRUPT;
    if (host->lost < 0)
        return TEND_ECLOSED;
    status = (tend_status)tend_wire_get_i64(host->wire);
    *ret_value = tend_wire_get_value(host->wire);
    (void)snprintf(list->text, sizeof list->text, "%s", tend_wire_get_text(host->wire, NULL));
    if (tend_wire_done(host->wire, NULL) < 0 || ret_value->type == TEND_TEXT)
        return TEND_ECORRUPT;
    return status;
}

tend_status host_apply(host_state *host, tend_error *reterr)
{
    const tend_price_ops *ops = ops_of(host, reterr);
    price_list list = { .out = { sizeof(tend_price_out), put_adjustment, put_benefit, put_threshold, ask_metric }, .host = host };
    tend_arena *arena = tend_arena_new();
    tend_quote quote;
    tend_status status = arena ? TEND_OK : no_memory(host, reterr);

    if (!ops)
        status = TEND_ENOTFOUND;
    if (status == TEND_OK)
        status = take_quote(host, arena, &quote, reterr);
    if (status == TEND_OK)
        status = ops->apply(host->self, &quote, &list.out, reterr);
    if (status < 0 && list.text[0] != '\0' && reterr->text[0] == '\0') /* the plugin only handed on what the engine answered */
        status = tend_fail(reterr, status, "%s", list.text);
    tend_arena_free(arena);
    return status;
}

/* ---- rules looked at --------------------------------------------------------------------------------------------------- */

typedef struct examine_list {
    tend_check_out out; /* first */
    host_state *host;
} examine_list;

static tend_status put_break(tend_check_out *out, const tend_price_break *where)
{
    host_state *host = ((examine_list *)(void *)out)->host;

    tend_wire_start(host->wire, TEND_HOST_BREAK);
    tend_wire_put_string(host->wire, where->rule);
    tend_wire_put_i64(host->wire, where->at.mantissa);
    tend_wire_put_u32(host->wire, where->at.scale);
    return after(host);
}

static tend_status put_finding(tend_check_out *out, const tend_price_finding *finding)
{
    host_state *host = ((examine_list *)(void *)out)->host;

    tend_wire_start(host->wire, TEND_HOST_FINDING);
    tend_wire_put_u8(host->wire, (uint8_t)finding->kind);
    tend_wire_put_string(host->wire, finding->rule);
    tend_wire_put_string(host->wire, finding->other);
    tend_wire_put_string(host->wire, finding->text);
    return after(host);
}

tend_status host_examine(host_state *host, tend_error *reterr)
{
    const tend_price_ops *ops = ops_of(host, reterr);
    examine_list list = { { sizeof(tend_check_out), put_break, put_finding }, host };
    tend_status status = ops ? tend_wire_done(host->wire, reterr) : TEND_ENOTFOUND;

    return status == TEND_OK && ops->check ? ops->check(host->self, &list.out, reterr) : status;
}
