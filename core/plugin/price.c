/* price.c: rules, quotes and findings, between the engine and a price plugin in its host. */
#include "plugin/hosted.h"

#include "base/utf8.h"
#include <string.h>

#define MOST_ITEMS 100000u
#define MOST_TEXT ((size_t)2000)

/* Short, and UTF-8. */
static bool take_text(tend_hosted *hosted, const char **ret_text)
{
    size_t length = 0;

    *ret_text = tend_wire_get_text(hosted->process.wire, &length);
    return length <= MOST_TEXT && tend_utf8_valid(*ret_text, length, NULL);
}

static bool take_currency(tend_hosted *hosted, char currency[4])
{
    const char *text;

    if (!take_text(hosted, &text) || (text[0] != '\0' && strlen(text) != 3))
        return false;
    (void)snprintf(currency, 4, "%.3s", text);
    return true;
}

static bool take_value(tend_hosted *hosted, tend_value *ret_value)
{
    *ret_value = tend_wire_get_value(hosted->process.wire);
    return ret_value->type != TEND_REF &&
           (ret_value->type != TEND_TEXT ||
            (ret_value->length <= MOST_TEXT && tend_utf8_valid(ret_value->text, ret_value->length, NULL)));
}

static bool is_done(tend_hosted *hosted)
{
    return tend_wire_done(hosted->process.wire, NULL) == TEND_OK;
}

/* ---- rules ------------------------------------------------------------------------------------------------------------- */

static tend_status keep_rules(tend_hosted *hosted, const char *capability, const tend_price_rule *rules, uint32_t count)
{
    tend_arena *arena = tend_arena_new();
    tend_price_rule *kept = arena ? tend_arena_take(arena, (count + 1) * sizeof *kept) : NULL;
    char *name = arena ? tend_arena_string(arena, capability) : NULL;
    bool is_kept = kept && name;

    for (uint32_t i = 0; is_kept && i < count; i++) {
        tend_rule_setting *settings;
        uint32_t settings_count = 0;

        while (rules[i].settings[settings_count].key)
            settings_count++;
        kept[i] = rules[i];
        kept[i].name = tend_arena_string(arena, rules[i].name);
        settings = tend_arena_take(arena, (settings_count + 1) * sizeof *settings);
        kept[i].settings = settings;
        is_kept = settings && kept[i].name;
        for (uint32_t s = 0; is_kept && s < settings_count; s++) {
            settings[s].key = tend_arena_string(arena, rules[i].settings[s].key);
            settings[s].value = tend_arena_string(arena, rules[i].settings[s].value);
            is_kept = settings[s].key && settings[s].value;
        }
    }
    if (!is_kept) {
        tend_arena_free(arena);
        return TEND_ENOMEM;
    }
    tend_arena_free(hosted->rules_arena);
    hosted->rules_arena = arena;
    hosted->rules = kept;
    hosted->rule_count = count;
    hosted->rules_capability = name;
    return TEND_OK;
}

static void put_rules(tend_hosted *hosted)
{
    tend_wire *wire = hosted->process.wire;

    tend_wire_put_u32(wire, hosted->rule_count);
    for (uint32_t i = 0; i < hosted->rule_count; i++) {
        const tend_price_rule *rule = &hosted->rules[i];
        uint32_t count = 0;

        while (rule->settings[count].key)
            count++;
        tend_wire_put_string(wire, rule->name);
        tend_wire_put_i64(wire, rule->from);
        tend_wire_put_i64(wire, rule->until);
        tend_wire_put_string(wire, rule->currency);
        tend_wire_put_u32(wire, rule->exponent);
        tend_wire_put_u32(wire, count);
        for (uint32_t s = 0; s < count; s++) {
            tend_wire_put_string(wire, rule->settings[s].key);
            tend_wire_put_string(wire, rule->settings[s].value);
        }
    }
}

static tend_status take_faults(tend_hosted *hosted,
                               tend_status (*fault)(void *self, const char *rule, const char *key, const char *sentence),
                               void *self, tend_error *reterr)
{
    static const char doing[] = "taking its rules";
    const char *rule, *key, *sentence;
    tend_status status, failed = TEND_OK;
    bool has_ended = false;
    uint32_t items = 0;
    uint16_t type;

    for (;;) {
        status = tend_hosted_next(hosted, doing, hosted->use.deadline_ms, &type, &has_ended, reterr);
        if (status < 0 || has_ended)
            break;
        if (type == TEND_HOST_ALIVE)
            continue;
        if (type != TEND_HOST_FAULT || ++items > MOST_ITEMS || !take_text(hosted, &rule) || !take_text(hosted, &key) ||
            !take_text(hosted, &sentence) || !is_done(hosted))
            return tend_hosted_lied(hosted, doing, "faults that are none", reterr);
        if (fault && failed == TEND_OK)
            failed = fault(self, rule, key, sentence);
    }
    if (status == TEND_OK && failed < 0)
        return tend_fail(reterr, failed, "plugin %s: the faults of its rules could not be kept", hosted->name);
    return status;
}

tend_status tend_hosted_give_rules(tend_hosted *hosted, tend_error *reterr)
{
    tend_status status;

    if (!hosted->rules)
        return TEND_OK;
    tend_wire_start(hosted->process.wire, TEND_HOST_RULES);
    tend_wire_put_i64(hosted->process.wire, tend_plugins_now(hosted->plugins));
    tend_wire_put_string(hosted->process.wire, hosted->rules_capability);
    put_rules(hosted);
    status = tend_hosted_send(hosted, -1, "taking its rules", reterr);
    return status < 0 ? status : take_faults(hosted, NULL, NULL, reterr);
}

tend_status tend_hosted_rules(tend_hosted *hosted, const char *capability, const tend_price_rule *rules, uint32_t count,
                              tend_status (*fault)(void *self, const char *rule, const char *key, const char *sentence), void *self,
                              tend_error *reterr)
{
    tend_status status;

    hosted->rules = NULL; /* a host that starts now gets them below */
    status = tend_hosted_begin(hosted, TEND_HOST_RULES, capability, reterr);
    if (status == TEND_OK && keep_rules(hosted, capability, rules, count) < 0)
        return tend_hosted_lied(hosted, "taking its rules", "no memory for the rules", reterr);
    if (status == TEND_OK) {
        put_rules(hosted);
        status = tend_hosted_send(hosted, -1, "taking its rules", reterr);
    }
    return status < 0 ? status : take_faults(hosted, fault, self, reterr);
}

/* ---- a quote ----------------------------------------------------------------------------------------------------------- */

static void put_matches(tend_wire *wire, const tend_price_match *matches, uint32_t count)
{
    tend_wire_put_u32(wire, count);
    for (uint32_t i = 0; i < count; i++) {
        tend_wire_put_u32(wire, matches[i].rule);
        tend_wire_put_i64(wire, matches[i].rate_numerator);
        tend_wire_put_i64(wire, matches[i].rate_denominator);
    }
}

static void put_decimal(tend_wire *wire, tend_decimal decimal)
{
    tend_wire_put_i64(wire, decimal.mantissa);
    tend_wire_put_u32(wire, decimal.scale);
}

static void put_quote(tend_wire *wire, const tend_quote *quote)
{
    tend_wire_put_i64(wire, quote->account);
    tend_wire_put_string(wire, quote->account_name);
    tend_wire_put_string(wire, quote->tier);
    tend_wire_put_i64(wire, quote->date);
    tend_wire_put_u32(wire, quote->term_months);
    tend_wire_put_string(wire, quote->currency);
    tend_wire_put_u32(wire, quote->exponent);
    tend_wire_put_u8(wire, (uint8_t)quote->rounding);
    put_matches(wire, quote->matches, quote->match_count);
    tend_wire_put_u32(wire, quote->line_count);
    for (uint32_t i = 0; i < quote->line_count; i++) {
        const tend_quote_line *line = &quote->lines[i];

        tend_wire_put_string(wire, line->product);
        tend_wire_put_string(wire, line->code);
        tend_wire_put_string(wire, line->family);
        tend_wire_put_string(wire, line->unit);
        put_decimal(wire, line->quantity);
        put_decimal(wire, line->list_price);
        tend_wire_put_i64(wire, line->list);
        tend_wire_put_i64(wire, line->net);
        put_matches(wire, line->matches, line->match_count);
    }
}

/* What the engine's own side said about an item: kept until the call has ended. */
typedef struct apply_state {
    tend_hosted *hosted;
    const char *capability;
    const tend_quote *quote;
    const tend_price_sink *sink;
    tend_status failed;
    tend_error why;
} apply_state;

static bool is_line(const apply_state *state, uint32_t line)
{
    return line == TEND_WHOLE_QUOTE || line < state->quote->line_count;
}

static bool take_adjustment(apply_state *state)
{
    tend_adjustment adjustment = { .size = sizeof adjustment, .line = tend_wire_get_u32(state->hosted->process.wire) };

    adjustment.kind = (tend_adjustment_kind)tend_wire_get_u8(state->hosted->process.wire);
    adjustment.amount = tend_wire_get_i64(state->hosted->process.wire);
    if (!take_currency(state->hosted, adjustment.currency) || !take_text(state->hosted, &adjustment.rule) ||
        !take_text(state->hosted, &adjustment.reason) || !is_done(state->hosted) || !is_line(state, adjustment.line) ||
        adjustment.kind < TEND_ADJUST_INVOICE || adjustment.kind > TEND_ADJUST_LATER)
        return false;
    if (state->failed == TEND_OK)
        state->failed = state->sink->adjust(state->sink->self, &adjustment, &state->why);
    return true;
}

static bool take_benefit(apply_state *state)
{
    tend_benefit benefit = { .size = sizeof benefit };

    if (!take_text(state->hosted, &benefit.rule) || !take_text(state->hosted, &benefit.name) ||
        !take_value(state->hosted, &benefit.value) || !take_text(state->hosted, &benefit.why) || !is_done(state->hosted))
        return false;
    if (state->failed == TEND_OK)
        state->failed = state->sink->benefit(state->sink->self, &benefit, &state->why);
    return true;
}

static bool take_threshold(apply_state *state)
{
    tend_threshold threshold = { .size = sizeof threshold, .line = tend_wire_get_u32(state->hosted->process.wire) };

    if (!take_text(state->hosted, &threshold.rule) || !take_text(state->hosted, &threshold.what) ||
        !take_value(state->hosted, &threshold.now) || !take_value(state->hosted, &threshold.at) ||
        !take_text(state->hosted, &threshold.then) || !is_done(state->hosted) || !is_line(state, threshold.line))
        return false;
    if (state->failed == TEND_OK)
        state->failed = state->sink->next(state->sink->self, &threshold, &state->why);
    return true;
}

static bool answer_metric(apply_state *state)
{
    tend_wire *wire = state->hosted->process.wire;
    tend_price_metric metric = { .size = sizeof metric };
    tend_value value = { 0 };
    tend_error why = { 0 };
    char name[MOST_TEXT + 1];
    const char *text;
    tend_status status;
    int64_t from, to;

    if (!take_text(state->hosted, &text))
        return false;
    (void)snprintf(name, sizeof name, "%s", text);
    from = tend_wire_get_i64(wire);
    to = tend_wire_get_i64(wire);
    if (!take_currency(state->hosted, metric.currency) || !is_done(state->hosted) || from < INT32_MIN || from > INT32_MAX ||
        to < INT32_MIN || to > INT32_MAX)
        return false;
    metric.name = name;
    metric.from = (tend_date)from;
    metric.to = (tend_date)to;
    status = state->sink->metric(state->sink->self, &metric, &value, &why);
    if (status < 0)
        value = (tend_value){ 0 };
    tend_wire_start(wire, TEND_HOST_ANSWER);
    tend_wire_put_i64(wire, status < 0 ? status : TEND_OK);
    tend_wire_put_value(wire, &value);
    tend_wire_put_string(wire, status < 0 ? why.text : "");
    return tend_wire_send(wire, -1, NULL) == TEND_OK; /* a host that is gone is seen when it is next listened to */
}

static bool take_item(apply_state *state, uint16_t type)
{
    switch (type) {
    case TEND_HOST_ADJUSTMENT:
        return take_adjustment(state);
    case TEND_HOST_BENEFIT:
        return take_benefit(state);
    case TEND_HOST_THRESHOLD:
        return take_threshold(state);
    case TEND_HOST_METRIC:
        return answer_metric(state);
    default:
        return type == TEND_HOST_ALIVE;
    }
}

tend_status tend_hosted_apply(tend_hosted *hosted, const char *capability, const tend_quote *quote, const tend_price_sink *sink,
                              tend_error *reterr)
{
    apply_state state = { .hosted = hosted, .capability = capability, .quote = quote, .sink = sink };
    bool has_ended = false;
    uint32_t items = 0;
    uint16_t type;
    tend_status status;

    if (quote->line_count > TEND_HOST_LINES_MAX)
        return tend_fail(reterr, TEND_ELIMIT, "a quote of %u lines; %u are the most, make several", quote->line_count,
                         TEND_HOST_LINES_MAX);
    status = tend_hosted_begin(hosted, TEND_HOST_APPLY, capability, reterr);
    if (status == TEND_OK) {
        put_quote(hosted->process.wire, quote);
        status = tend_hosted_send(hosted, -1, capability, reterr);
    }
    while (status == TEND_OK) {
        status = tend_hosted_next(hosted, capability, hosted->use.deadline_ms, &type, &has_ended, reterr);
        if (status < 0 || has_ended)
            break;
        if (++items > MOST_ITEMS || !take_item(&state, type))
            status = tend_hosted_lied(hosted, capability, "an answer that is none", reterr);
    }
    if (status == TEND_OK && state.failed < 0)
        return tend_fail(reterr, state.failed, "%s", state.why.text);
    return status;
}

/* ---- rules looked at --------------------------------------------------------------------------------------------------- */

static bool take_break(tend_hosted *hosted, tend_price_break *where)
{
    tend_wire *wire = hosted->process.wire;

    *where = (tend_price_break){ .size = sizeof *where };
    if (!take_text(hosted, &where->rule))
        return false;
    where->at.mantissa = tend_wire_get_i64(wire);
    where->at.scale = tend_wire_get_u32(wire);
    return is_done(hosted) && where->at.scale <= 12 && where->at.mantissa >= 0;
}

static bool take_finding(tend_hosted *hosted, tend_price_finding *finding)
{
    *finding = (tend_price_finding){ .size = sizeof *finding };
    finding->kind = (tend_price_finding_kind)tend_wire_get_u8(hosted->process.wire);
    if (!take_text(hosted, &finding->rule) || !take_text(hosted, &finding->other) || !take_text(hosted, &finding->text) ||
        !is_done(hosted) || finding->kind < TEND_PRICE_CLIFF || finding->kind > TEND_PRICE_GAP)
        return false;
    if (finding->other[0] == '\0')
        finding->other = NULL;
    return true;
}

tend_status tend_hosted_examine(tend_hosted *hosted, const char *capability,
                                tend_status (*break_at)(void *self, const tend_price_break *where),
                                tend_status (*found)(void *self, const tend_price_finding *finding), void *self, tend_error *reterr)
{
    tend_status status = tend_hosted_begin(hosted, TEND_HOST_EXAMINE, capability, reterr), failed = TEND_OK;
    tend_price_break where;
    tend_price_finding finding;
    bool has_ended = false, is_true = true;
    uint32_t items = 0;
    uint16_t type;

    if (status == TEND_OK)
        status = tend_hosted_send(hosted, -1, capability, reterr);
    while (status == TEND_OK) {
        status = tend_hosted_next(hosted, capability, hosted->use.deadline_ms, &type, &has_ended, reterr);
        if (status < 0 || has_ended)
            break;
        if (type == TEND_HOST_BREAK) {
            is_true = take_break(hosted, &where);
            if (is_true && failed == TEND_OK)
                failed = break_at(self, &where);
        } else if (type == TEND_HOST_FINDING) {
            is_true = take_finding(hosted, &finding);
            if (is_true && failed == TEND_OK)
                failed = found(self, &finding);
        } else {
            is_true = type == TEND_HOST_ALIVE;
        }
        if (!is_true || ++items > MOST_ITEMS)
            status = tend_hosted_lied(hosted, capability, "findings that are none", reterr);
    }
    if (status == TEND_OK && failed < 0)
        return tend_fail(reterr, failed, "plugin %s: the findings of %s could not be kept", hosted->name, capability);
    return status;
}
