/* broken_price.c: a cent off every line, with one rule broken by a definition: BREAKS_REASON, BREAKS_MEMORY. */
#include <tend/plugin.h>

#include <string.h>

static int64_t off = -1;
static const char *first_rule = "";

static tend_status rules(void *self, const tend_price_rule *list, uint32_t count, tend_rule_faults *faults, tend_error *reterr)
{
    (void)self;
    (void)faults;
    (void)reterr;
    first_rule = count > 0 ? list[0].name : "";
    return TEND_OK;
}

static tend_status apply(void *self, const tend_quote *quote, tend_price_out *out, tend_error *reterr)
{
    tend_status status = TEND_OK;

    (void)self;
    (void)reterr;
    for (uint32_t i = 0; status >= 0 && i < quote->line_count; i++) {
        tend_adjustment step = {
            .size = sizeof step, .line = i, .kind = TEND_ADJUST_INVOICE, .amount = off, .rule = first_rule, .reason = "a cent"
        };

        memcpy(step.currency, quote->currency, sizeof step.currency);
#if defined(BREAKS_REASON)
        step.reason = "";
#endif
        status = out->adjust(out, &step);
    }
#if defined(BREAKS_MEMORY)
    off--;
#endif
    return status;
}

static const tend_rule_key keys[] = {
    { "cent", TEND_RULE_BOOL, NULL, "whether a cent is taken off", false },
    { NULL, TEND_RULE_TEXT, NULL, NULL, false },
};
static const tend_price_ops ops = { .size = sizeof ops, .rule_keys = keys, .rules = rules, .apply = apply };
static const tend_capability capabilities[] = {
    { TEND_PRICE, "broken", "a cent off", &ops },
    { 0, NULL, NULL, NULL },
};
TEND_PLUGIN(broken, "1.0.0", TEND_PROVIDES_PRICE, TEND_NEEDS_NOTHING, .summary = "Breaks one rule", .capabilities = capabilities)
