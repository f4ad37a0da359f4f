/* odd_price.c: a price plugin that does what its rule says, good and bad, for the tests of what the core believes. */
#include <tend/plugin.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const tend_price_rule *rules;
static uint32_t rule_count;

static tend_status take_rules(void *self, const tend_price_rule *given, uint32_t count, tend_rule_faults *faults,
                              tend_error *reterr)
{
    (void)self;
    (void)reterr;
    rules = given;
    rule_count = count;
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(given[i].settings[0].value, "sulk") == 0) {
            faults->fault(faults, given[i].name, "does", "it will not");
            faults->fault(faults, given[i].name, NULL, "and that is that");
        }
    return TEND_OK;
}

static tend_status adjust(tend_price_out *out, tend_adjustment adjustment)
{
    adjustment.size = sizeof adjustment;
    return out->adjust(out, &adjustment);
}

static tend_status flood(tend_price_out *out)
{
    tend_status status = TEND_OK;

    for (int i = 0; i < 300000 && status >= 0; i++)
        status =
            out->benefit(out, &(tend_benefit){ .size = sizeof(tend_benefit), .rule = rules[0].name, .name = "more", .why = "" });
    return status;
}

static tend_status apply(void *self, const tend_quote *quote, tend_price_out *out, tend_error *reterr)
{
    static char endless[700];
    const tend_price_rule *rule = &rules[quote->lines[0].matches[0].rule];
    const char *does = rule->settings[0].value;
    tend_adjustment honest = { .kind = TEND_ADJUST_INVOICE, .amount = -100, .rule = rule->name, .reason = "because" };
    tend_adjustment odd;
    tend_value value;

    (void)self;
    memcpy(honest.currency, quote->currency, sizeof honest.currency);
    odd = honest;
    memset(endless, 'x', sizeof endless - 1);
    if (strcmp(does, "no_rule") == 0)
        odd.rule = NULL;
    else if (strcmp(does, "stranger") == 0)
        odd.rule = "nobody";
    else if (strcmp(does, "expired") == 0)
        odd.rule = "old";
    else if (strcmp(does, "euro") == 0)
        strcpy(odd.currency, "EUR");
    else if (strcmp(does, "no_currency") == 0)
        odd.currency[0] = '\0';
    else if (strcmp(does, "no_reason") == 0)
        odd.reason = "";
    else if (strcmp(does, "endless") == 0)
        odd.reason = endless;
    else if (strcmp(does, "overflow") == 0)
        odd.amount = INT64_MAX;
    else if (strcmp(does, "below") == 0)
        odd.amount = -quote->lines[0].net - 1;
    else if (strcmp(does, "line") == 0)
        odd.line = 7;
    else if (strcmp(does, "kind") == 0)
        odd.kind = (tend_adjustment_kind)9;
    else if (strcmp(does, "garbled") == 0)
        odd.reason = "\xC0\xAF";
    else if (strcmp(does, "crash") == 0)
        (void)raise(SIGSEGV);
    else if (strcmp(does, "flood") == 0)
        return flood(out);
    else if (strcmp(does, "twice") == 0 && adjust(out, honest) < 0)
        return TEND_ERROR;
    else if (strcmp(does, "metric") == 0)
        return out->metric(out, &(tend_price_metric){ .size = sizeof(tend_price_metric), .name = "invoicd" }, &value);
    else if (strcmp(does, "fail") == 0)
        return tend_fail(reterr, TEND_EINVAL, "odd_price: not today");
    return adjust(out, odd);
}

static const tend_rule_key rule_keys[] = { { "does", TEND_RULE_TEXT, NULL, "what", true },
                                           { NULL, TEND_RULE_TEXT, NULL, NULL, false } };
static const tend_price_ops ops = {
    .size = sizeof ops, .rule_keys = rule_keys, .only_first = true, .rules = take_rules, .apply = apply
};
static const tend_capability capabilities[] = { { TEND_PRICE, "odd_price", "does what it is told", &ops },
                                                { 0, NULL, NULL, NULL } };

TEND_PLUGIN(odd_price, "1.0.0", TEND_PROVIDES_PRICE, TEND_NEEDS_NOTHING, .summary = "Odd prices", .capabilities = capabilities)
