/* conform_price.c: what a price plugin owes: the same quote the same price, every step under a rule, nothing beyond the money there
 * is. */
#include "engine/conform_inside.h"

#include "base/buffer.h"
#include "model/schema.h"
#include "price/pricing.h"
#include <stdlib.h>
#include <string.h>

enum { LINES = 12, STEPS_MOST = 4000, QUOTE_DAY = 20500 };

typedef struct price_trial {
    conform *trial;
    tend_schema *schema;   /* owned */
    tend_config *config;   /* owned */
    tend_pricing *pricing; /* owned */
    const tend_price_section *section;
    tend_quote quote;
    tend_quote_line lines[LINES];
    tend_price_match *matches;
} price_trial;

/* What one call brought, as text: two calls are compared by it. */
typedef struct price_seen {
    const price_trial *try;
    tend_buffer text; /* owned */
    int64_t net[LINES];
    size_t steps;
    const char *fault; /* the first breach; from the arena */
} price_seen;

static const int64_t quantities[LINES] = { 1, 2, 9, 10, 11, 99, 100, 101, 999, 1000, 1001, 123456 };

/* ---- rules ------------------------------------------------------------------------------------------------------------- */

/* [price.check] and [rule.NAME] sections as an administrator would write them. False when there are none. */
static bool write_rules(const conform *trial, tend_buffer *ini)
{
    const tend_conform_request *request = trial->request;
    size_t rules = 0;

    tend_buffer_print(ini, "[price.check]\nplugin = %s\ncapability = %s\n", request->name, trial->capability->name);
    for (size_t i = 0; i < request->count; i++)
        tend_buffer_print(ini, "%s = %s\n", request->given[i].key, request->given[i].value);
    for (size_t i = 0; i < request->rule_count; i++) {
        const char *key = request->rules[i].key, *dot = strchr(key, '.');
        bool is_first = true;

        if (!dot)
            continue;
        for (size_t j = 0; j < i; j++)
            is_first = is_first && strncmp(request->rules[j].key, key, (size_t)(dot - key) + 1) != 0;
        if (!is_first)
            continue;
        rules++;
        tend_buffer_print(ini, "\n[rule.%.*s]\nprice = check\n", (int)(dot - key), key);
        for (size_t j = i; j < request->rule_count; j++)
            if (strncmp(request->rules[j].key, key, (size_t)(dot - key) + 1) == 0)
                tend_buffer_print(ini, "%s = %s\n", request->rules[j].key + (dot - key) + 1, request->rules[j].value);
    }
    return rules > 0;
}

static void keep_fault(void *self, const char *line)
{
    tend_error *first = self;

    if (first->text[0] == '\0')
        (void)tend_fail(first, TEND_EINVAL, "%s", line);
}

/* False: that was put. */
static bool open_rules(price_trial *try)
{
    static const char name[] = "the rules of this check";
    const tend_section *sections[] = { tend_pricing_sections, NULL };
    conform *trial = try->trial;
    tend_buffer ini = { 0 };
    tend_error why = { 0 }, first = { 0 };
    tend_status status = TEND_OK;

    if (!write_rules(trial, &ini)) {
        conform_put(trial, TEND_CONFORM_NOT_TRIED, "rules", "none were given; write them as rule.NAME.KEY=VALUE");
        tend_buffer_clear(&ini);
        return false;
    }
    if (ini.failed)
        status = tend_fail(&why, TEND_ENOMEM, "no memory for the rules");
    if (status >= 0)
        status = tend_schema_new(NULL, &try->schema, &why);
    if (status >= 0)
        status = tend_config_load_text(name, ini.bytes, ini.length, sections, NULL, &try->config, &why);
    if (status >= 0)
        status =
            tend_pricing_open(try->config, trial->request->plugins, try->schema, NULL, keep_fault, &first, &try->pricing, &why);
    if (status < 0)
        conform_put(trial, TEND_CONFORM_FAILED, "rules", "%s", first.text[0] ? first.text : why.text);
    else
        try->section = tend_pricing_at(try->pricing, 0);
    tend_buffer_clear(&ini);
    return status >= 0 && try->section;
}

/* ---- quotes ------------------------------------------------------------------------------------------------------------ */

static const char *rule_fault(const price_seen *seen, const char *rule)
{
    for (uint32_t i = 0; i < seen->try->section->rule_count; i++)
        if (strcmp(seen->try->section->rules[i].name, rule) == 0)
            return NULL;
    return tend_arena_print(seen->try->trial->arena, "a step by rule '%s', which it was not given", rule);
}

static tend_status see_adjustment(void *self, const tend_adjustment *step, tend_error *reterr)
{
    price_seen *seen = self;
    const price_trial *try = seen->try;
    tend_arena *arena = try->trial->arena;

    if (++seen->steps > STEPS_MOST)
        return tend_fail(reterr, TEND_ELIMIT, "more than %d steps", STEPS_MOST);
    tend_buffer_print(&seen->text, "step %u %d %lld %s %s: %s\n", step->line, step->kind, (long long)step->amount, step->currency,
                      step->rule, step->reason);
    if (!seen->fault)
        seen->fault = rule_fault(seen, step->rule);
    if (!seen->fault && strcmp(step->currency, try->quote.currency) != 0)
        seen->fault = tend_arena_print(arena, "a step in '%s' to a quote in %s", step->currency, try->quote.currency);
    if (!seen->fault && step->reason[strspn(step->reason, " ")] == '\0')
        seen->fault = tend_arena_print(arena, "a step by rule %s without a reason", step->rule);
    if (step->line == TEND_WHOLE_QUOTE || step->line >= try->quote.line_count)
        return TEND_OK;
    if (!seen->fault && __builtin_add_overflow(seen->net[step->line], step->amount, &seen->net[step->line]))
        seen->fault = tend_arena_print(arena, "steps of rule %s add up to more than 64 bits", step->rule);
    if (!seen->fault && seen->net[step->line] < 0)
        seen->fault = tend_arena_print(arena, "rule %s brings a line of %lld units below zero; take off no more than is there",
                                       step->rule, (long long)try->lines[step->line].quantity.mantissa);
    return TEND_OK;
}

static tend_status see_benefit(void *self, const tend_benefit *benefit, tend_error *reterr)
{
    price_seen *seen = self;

    (void)reterr;
    tend_buffer_print(&seen->text, "benefit %s %s %lld\n", benefit->rule, benefit->name, (long long)benefit->value.integer);
    if (!seen->fault)
        seen->fault = rule_fault(seen, benefit->rule);
    return TEND_OK;
}

static tend_status see_next(void *self, const tend_threshold *next, tend_error *reterr)
{
    price_seen *seen = self;

    (void)reterr;
    tend_buffer_print(&seen->text, "next %u %s %s %lld %lld\n", next->line, next->rule, next->what, (long long)next->now.integer,
                      (long long)next->at.integer);
    if (!seen->fault)
        seen->fault = rule_fault(seen, next->rule);
    return TEND_OK;
}

/* Always the same numbers: what it depends on has not changed. */
static tend_status answer_metric(void *self, const tend_price_metric *metric, tend_value *ret_value, tend_error *reterr)
{
    const price_seen *seen = self;
    const bool is_money = strcmp(metric->name, "invoiced") == 0 || strcmp(metric->name, "ordered") == 0;

    (void)reterr;
    *ret_value = (tend_value){ .type = is_money ? TEND_MONEY : TEND_DECIMAL, .integer = 1234567 };
    if (is_money)
        memcpy(ret_value->currency, metric->currency[0] ? metric->currency : seen->try->quote.currency, 4);
    return TEND_OK;
}

static bool make_quote(price_trial *try)
{
    const uint32_t rules = try->section->rule_count;

    try->matches = conform_take(try->trial, (rules + 1) * sizeof *try->matches);
    if (!try->matches)
        return false;
    for (uint32_t i = 0; i < rules; i++)
        try->matches[i] = (tend_price_match){ .rule = i, .rate_numerator = 1, .rate_denominator = 1 };
    for (uint32_t i = 0; i < LINES; i++)
        try->lines[i] = (tend_quote_line){ .product = "Check",
                                           .code = "CHECK",
                                           .family = "",
                                           .unit = "",
                                           .quantity = { quantities[i], 0 },
                                           .list_price = { 333, 2 },
                                           .list = quantities[i] * 333,
                                           .net = quantities[i] * 333,
                                           .matches = try->matches,
                                           .match_count = rules };
    try->quote = (tend_quote){ .size = sizeof try->quote,
                               .account = 1,
                               .account_name = "Check",
                               .tier = "",
                               .date = QUOTE_DAY,
                               .term_months = 12,
                               .currency = "USD",
                               .exponent = 2,
                               .rounding = TEND_ROUND_HALF_AWAY,
                               .lines = try->lines,
                               .line_count = LINES,
                               .matches = try->matches,
                               .match_count = rules };
    return true;
}

/* False: it failed, which was put. */
static bool apply(price_trial *try, const char *check, const char *doing, tend_hosted *hosted, const tend_quote *quote,
                  price_seen *seen)
{
    const tend_price_sink sink = { see_adjustment, see_benefit, see_next, answer_metric, seen };
    tend_hosted *own = try->trial->hosted;
    tend_error why = { 0 };
    bool is_rude;

    seen->try = try;
    for (uint32_t i = 0; i < LINES; i++)
        seen->net[i] = try->lines[i].net;
    if (tend_hosted_apply(hosted, try->section->capability, quote, &sink, &why) >= 0)
        return true;
    try->trial->hosted = hosted; /* whose end is looked at */
    is_rude = conform_is_rude(try->trial, check, doing, &why);
    try->trial->hosted = own;
    if (!is_rude)
        conform_put(try->trial, TEND_CONFORM_FAILED, check, "%s failed: %s", doing, why.text);
    return false;
}

static void check_quotes(price_trial *try)
{
    conform *trial = try->trial;
    price_seen first = { 0 }, again = { 0 }, elsewhere = { 0 };
    price_trial second = { .trial = trial };

    if (!apply(try, "quote", "a quote of 12 lines", try->section->hosted, &try->quote, &first))
        goto out;
    conform_put(trial, first.fault ? TEND_CONFORM_FAILED : TEND_CONFORM_OK, "quote", "%s",
                first.fault
                    ? first.fault
                    : tend_arena_print(trial->arena, "%d lines give %zu steps, each with its rule and reason, none below zero",
                                       LINES, first.steps));
    if (!apply(try, "same again", "the same quote again", try->section->hosted, &try->quote, &again))
        goto out;
    if (strcmp(tend_buffer_string(&first.text), tend_buffer_string(&again.text)) != 0) {
        conform_put(trial, TEND_CONFORM_FAILED, "same again",
                    "the same quote has other steps a second time; nothing but rules, quote and metrics may decide");
        goto out;
    }
    if (!open_rules(&second) ||
        !apply(try, "same again", "the same quote in a new host", second.section->hosted, &try->quote, &elsewhere))
        goto out;
    if (strcmp(tend_buffer_string(&first.text), tend_buffer_string(&elsewhere.text)) != 0)
        conform_put(trial, TEND_CONFORM_FAILED, "same again",
                    "the same quote has other steps in a new host; nothing but rules, quote and metrics may decide");
    else
        conform_put(trial, TEND_CONFORM_OK, "same again", "the same quote has the same steps a second time, and in a new host");
out:
    tend_buffer_clear(&first.text);
    tend_buffer_clear(&again.text);
    tend_buffer_clear(&elsewhere.text);
    tend_pricing_close(second.pricing);
    tend_config_free(second.config);
    tend_schema_free(second.schema);
}

/* No lines at all is a question too; and money near the end of 64 bits is refused, not wrapped. */
static void check_ends(price_trial *try)
{
    price_seen none = { 0 }, huge = { 0 };
    tend_quote quote = try->quote;
    const tend_price_sink sink = { see_adjustment, see_benefit, see_next, answer_metric, &huge };
    tend_error why = { 0 };

    quote.line_count = 0;
    if (apply(try, "no lines", "a quote without lines", try->section->hosted, &quote, &none))
        conform_put(try->trial, none.fault ? TEND_CONFORM_FAILED : TEND_CONFORM_OK, "no lines", "%s",
                    none.fault ? none.fault : "a quote without lines is answered");
    tend_buffer_clear(&none.text);
    quote.line_count = 1;
    try->lines[0].quantity = (tend_decimal){ INT64_MAX / 1000, 0 };
    try->lines[0].list = try->lines[0].net = INT64_MAX - 7;
    huge.try = try;
    huge.net[0] = try->lines[0].net;
    if (tend_hosted_apply(try->section->hosted, try->section->capability, &quote, &sink, &why) < 0) {
        if (!tend_hosted_runs(try->section->hosted))
            conform_put(try->trial, TEND_CONFORM_FAILED, "overflow", "money near the end of 64 bits ended its process: %s",
                        why.text);
        else
            conform_put(try->trial, TEND_CONFORM_OK, "overflow", "refused: %s", why.text);
    } else {
        conform_put(try->trial, huge.fault ? TEND_CONFORM_FAILED : TEND_CONFORM_OK, "overflow", "%s",
                    huge.fault ? huge.fault : "money near the end of 64 bits is priced without wrapping");
    }
    tend_buffer_clear(&huge.text);
}

typedef struct break_list {
    size_t count;
    bool is_bad;
} break_list;

static tend_status see_break(void *self, const tend_price_break *where)
{
    break_list *list = self;

    list->count++;
    list->is_bad = list->is_bad || where->at.mantissa <= 0;
    return TEND_OK;
}

static tend_status see_finding(void *self, const tend_price_finding *finding)
{
    (void)self;
    (void)finding;
    return TEND_OK;
}

static void check_breaks(price_trial *try)
{
    break_list list = { 0 };
    tend_error why = { 0 };

    if (!try->section->has_check) {
        conform_put(try->trial, TEND_CONFORM_OK, "breaks", "it declares that no rule has a break");
        return;
    }
    if (tend_hosted_examine(try->section->hosted, try->section->capability, see_break, see_finding, &list, &why) < 0)
        conform_put(try->trial, TEND_CONFORM_FAILED, "breaks", "%s", why.text);
    else if (list.is_bad)
        conform_put(try->trial, TEND_CONFORM_FAILED, "breaks", "one is at zero or below: quantities and amounts are above");
    else
        conform_put(try->trial, TEND_CONFORM_OK, "breaks", "declared: %zu", list.count);
}

void conform_price(conform *trial)
{
    price_trial try = { .trial = trial };

    if (open_rules(&try) && make_quote(&try)) {
        conform_put(trial, TEND_CONFORM_OK, "rules", "understood: %u", try.section->rule_count);
        check_quotes(&try);
        check_breaks(&try);
        check_ends(&try);
    }
    tend_pricing_close(try.pricing);
    tend_config_free(try.config);
    tend_schema_free(try.schema);
}
