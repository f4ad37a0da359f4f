/* example: a percentage off each line of at least so many.
 *
 *     [price.discount]
 *     plugin = example
 *
 *     [rule.bulk]
 *     price = discount
 *     at_least = 100
 *     percent = 12.5 %
 *
 * tend chooses the rules that fit (account, product, day, term) and composes the waterfall; the plugin says what changes and why.
 */
#include <tend/bands.h>

typedef struct example_rule {
    const char *name; /* borrowed: rules stay until new ones come */
    tend_decimal at_least, percent;
} example_rule;

typedef struct example_state {
    example_rule *rules; /* owned */
    uint32_t count;
} example_state;

static tend_status example_open(const tend_host *host, void **ret_self, tend_error *reterr)
{
    (void)host;
    *ret_self = calloc(1, sizeof(example_state));
    return *ret_self ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "example: no memory");
}

static void example_close(void *self)
{
    free(((example_state *)self)->rules);
    free(self);
}

/* The form of each value was checked against `rule_keys` below; what only we can know is checked here. */
static tend_status example_take_rules(void *self_, const tend_price_rule *rules, uint32_t count, tend_rule_faults *faults,
                                      tend_error *reterr)
{
    example_state *self = self_;
    example_rule *list = calloc(count + 1, sizeof *list);

    if (!list)
        return tend_fail(reterr, TEND_ENOMEM, "example: no memory for %u rules", count);
    for (uint32_t i = 0; i < count; i++) {
        list[i].name = rules[i].name;
        for (const tend_rule_setting *setting = rules[i].settings; setting->key; setting++)
            (void)tend_decimal_read(setting->value, strlen(setting->value),
                                    strcmp(setting->key, "percent") == 0 ? &list[i].percent : &list[i].at_least);
        if (tend_decimal_compare(list[i].percent, (tend_decimal){ 100, 0 }) > 0)
            faults->fault(faults, rules[i].name, "percent", "is more than all of it; write at most 100 %");
    }
    free(self->rules);
    *self = (example_state){ .rules = list, .count = count };
    return TEND_OK;
}

/* Exact until the end, rounded once: what a hundredth of a cent is depends on nothing but the line. */
static bool amount_off(const example_rule *rule, const tend_quote *quote, int64_t net, int64_t *ret_amount)
{
    const tend_price_match same = { .rate_numerator = 1, .rate_denominator = 1 };
    tend_exact amount = { -(tend_wide)net, quote->exponent }, product;

    if (!tend_exact_multiply(amount, tend_exact_of(rule->percent), &product))
        return false;
    product.scale += 2; /* per cent */
    return tend_exact_minor(product, quote, &same, ret_amount);
}

static tend_status example_apply(void *self_, const tend_quote *quote, tend_price_out *out, tend_error *reterr)
{
    const example_state *self = self_;
    tend_status status = TEND_OK;

    for (uint32_t i = 0; i < quote->line_count && status >= 0; i++) {
        const tend_quote_line *line = &quote->lines[i];
        tend_adjustment adjustment = { .size = sizeof adjustment, .line = i, .kind = TEND_ADJUST_INVOICE };
        const example_rule *rule = line->match_count > 0 ? &self->rules[line->matches[0].rule] : NULL;
        char reason[200], percent[TEND_DECIMAL_TEXT], bound[TEND_DECIMAL_TEXT];

        if (!rule || tend_decimal_compare(line->quantity, rule->at_least) < 0)
            continue;
        if (!amount_off(rule, quote, line->net, &adjustment.amount))
            return tend_fail(reterr, TEND_ELIMIT, "example: rule %s: the amount does not fit 64 bits", rule->name);
        (void)snprintf(reason, sizeof reason, "%s %% off from %s on", tend_decimal_write(rule->percent, 0, percent),
                       tend_decimal_write(rule->at_least, 0, bound));
        memcpy(adjustment.currency, quote->currency, sizeof adjustment.currency);
        adjustment.rule = rule->name;
        adjustment.reason = reason;
        status = out->adjust(out, &adjustment);
    }
    return status;
}

/* Where a line's amount jumps: `tend price check` looks on both sides of it. */
static tend_status example_check(void *self_, tend_check_out *out, tend_error *reterr)
{
    const example_state *self = self_;
    tend_status status = TEND_OK;

    (void)reterr;
    for (uint32_t i = 0; i < self->count && status >= 0; i++) {
        const tend_price_break where = { .size = sizeof where, .rule = self->rules[i].name, .at = self->rules[i].at_least };

        if (where.at.mantissa > 0)
            status = out->break_at(out, &where);
    }
    return status;
}

static const tend_rule_key rule_keys[] = {
    { "percent", TEND_RULE_PERCENT, NULL, "what is taken off the line", true },
    { "at_least", TEND_RULE_DECIMAL, NULL, "the smallest quantity that gets it; not written: any", false },
    { NULL, TEND_RULE_TEXT, NULL, NULL, false },
};

static const tend_price_ops ops = { .size = sizeof ops,
                                    .rule_keys = rule_keys,
                                    .only_first = true,
                                    .rules = example_take_rules,
                                    .apply = example_apply,
                                    .check = example_check };

static const tend_capability capabilities[] = {
    { TEND_PRICE, "example", "a percentage off from a quantity on", &ops },
    { 0, NULL, NULL, NULL },
};

TEND_PLUGIN(example, "0.1.0", TEND_PROVIDES_PRICE, TEND_NEEDS_NOTHING, .summary = "A percentage off from a quantity on",
            .capabilities = capabilities, .open = example_open, .close = example_close)
