/* partner_tiers: a programme of tiers with benefits: a discount, supply priority, a support class, marketing funds.
 *
 * A rule is one tier for some days. Tiers are earned (a metric over a window, evaluated on fixed days, with grace) or assigned (the
 * tier that is written at the account). A tier that is taken away says with `becomes` what its holders get. */
#include "tiers.h"

static tend_status fail_setting(tend_error *reterr, const char *key, const char *text, const char *words)
{
    return tend_fail(reterr, TEND_EINVAL, "partner_tiers: %s: '%s' is none of: %s", key, text, words);
}

static tend_status tiers_open(const tend_host *host, void **ret_self, tend_error *reterr)
{
    static const struct {
        const char *word;
        int months;
    } steps[] = { { "monthly", 1 }, { "quarterly", 3 }, { "half-yearly", 6 }, { "yearly", 12 } };
    const char *basis = host->setting(host, "basis"), *evaluate = host->setting(host, "evaluate");
    tier_set *set = calloc(1, sizeof *set);

    if (!set)
        return tend_fail(reterr, TEND_ENOMEM, "partner_tiers: no memory");
    set->host = host;
    set->is_assigned = strcmp(basis, "assigned") == 0;
    set->metric = host->setting(host, "metric");
    set->window_months = atoi(host->setting(host, "window_months"));
    set->grace_months = atoi(host->setting(host, "grace_months"));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(evaluate, steps[i].word) == 0)
            set->step_months = steps[i].months;
    *ret_self = set;
    if (!set->is_assigned && strcmp(basis, "earned") != 0) {
        free(set);
        return fail_setting(reterr, "basis", basis, "earned assigned");
    }
    if (set->step_months == 0) {
        free(set);
        return fail_setting(reterr, "evaluate", evaluate, "monthly quarterly half-yearly yearly");
    }
    if (set->window_months < 1 || set->window_months > 120 || set->grace_months < 0 || set->grace_months > 36) {
        free(set);
        return tend_fail(reterr, TEND_EINVAL, "partner_tiers: window_months is 1 to 120, grace_months 0 to 36");
    }
    return TEND_OK;
}

static void tiers_close(void *self)
{
    free(((tier_set *)self)->rules);
    free(self);
}

static tend_status tiers_rules(void *self, const tend_price_rule *rules, uint32_t count, tend_rule_faults *faults,
                               tend_error *reterr)
{
    tier_set *set = self;
    tier_rule *list;

    if (count > TIERS_MAX)
        return tend_fail(reterr, TEND_ELIMIT, "partner_tiers: %u rules; %d are the most", count, TIERS_MAX);
    list = calloc(count + 1, sizeof *list);
    if (!list)
        return tend_fail(reterr, TEND_ENOMEM, "partner_tiers: no memory for %u rules", count);
    for (uint32_t i = 0; i < count; i++)
        tiers_read(&list[i], &rules[i], set, faults);
    free(set->rules);
    set->rules = list;
    set->count = count;
    return TEND_OK;
}

/* ---- what a tier gives ------------------------------------------------------------------------------------------------- */

static tend_status give(tend_price_out *out, const tier_rule *rule, const char *name, const char *text, const char *why)
{
    const tend_value value = { .type = TEND_TEXT, .text = text, .length = strlen(text) };

    return out->benefit(
        out, &(tend_benefit){ .size = sizeof(tend_benefit), .rule = rule->name, .name = name, .value = value, .why = why });
}

static tend_status give_benefits(const tier_standing *standing, tend_price_out *out)
{
    static const char *const plain[] = { "supply_priority", "support_class", NULL }, *const percent[] = { "discount", "mdf", NULL };
    static const char prefix[] = "benefit.";
    const tier_rule *rule = standing->rule;
    tend_status status = give(out, rule, "tier", rule->tier, standing->why);

    for (const tend_rule_setting *setting = rule->settings; setting->key && status >= 0; setting++) {
        char text[TEND_DECIMAL_TEXT + 2];

        for (int i = 0; plain[i] && status >= 0; i++)
            if (strcmp(setting->key, plain[i]) == 0)
                status = give(out, rule, plain[i], setting->value, "");
        for (int i = 0; percent[i] && status >= 0; i++)
            if (strcmp(setting->key, percent[i]) == 0) {
                (void)snprintf(text, sizeof text, "%.36s %%", setting->value);
                status = give(out, rule, percent[i], text, "");
            }
        if (strncmp(setting->key, prefix, sizeof prefix - 1) == 0)
            status = give(out, rule, setting->key + sizeof prefix - 1, setting->value, "");
    }
    return status;
}

static bool speaks_of(const tier_set *set, const tier_rule *rule, const tend_quote_line *line)
{
    for (uint32_t i = 0; i < line->match_count; i++)
        if (&set->rules[line->matches[i].rule] == rule)
            return true;
    return false;
}

static tend_status discount_lines(const tier_set *set, const tier_rule *rule, const tend_quote *quote, tend_price_out *out,
                                  tend_error *reterr)
{
    char per_cent[TEND_DECIMAL_TEXT], reason[WHY_ROOM];
    tend_status status = TEND_OK;

    for (uint32_t i = 0; i < quote->line_count && status >= 0; i++) {
        tend_adjustment adjustment = {
            .size = sizeof adjustment, .line = i, .kind = TEND_ADJUST_INVOICE, .rule = rule->name, .reason = reason
        };
        tend_wide numerator, denominator = 100;

        if (!speaks_of(set, rule, &quote->lines[i]))
            continue;
        for (uint32_t s = 0; s < rule->discount.scale; s++)
            denominator *= 10;
        numerator = -(tend_wide)quote->lines[i].net * rule->discount.mantissa;
        if (!tend_round(numerator, denominator, quote->rounding, &adjustment.amount))
            return tend_fail(reterr, TEND_EINVAL, "partner_tiers: rule %s: the discount does not fit 64 bits", rule->name);
        memcpy(adjustment.currency, quote->currency, sizeof adjustment.currency);
        (void)snprintf(reason, sizeof reason, "tier %.100s: %s %% off", rule->tier,
                       tend_decimal_write(rule->discount, 0, per_cent));
        status = out->adjust(out, &adjustment);
    }
    return status;
}

/* ---- the next tier ----------------------------------------------------------------------------------------------------- */

/* The first value that is enough, in the units of `value`. */
static bool first_enough(const tier_rule *rule, const tend_value *value, int64_t *ret_first)
{
    const uint32_t scale = value->type == TEND_MONEY ? rule->exponent : value->scale;
    tend_wide numerator = rule->threshold.mantissa, denominator = 1;

    for (uint32_t i = rule->threshold.scale; i < scale; i++)
        numerator *= 10;
    for (uint32_t i = scale; i < rule->threshold.scale; i++)
        denominator *= 10;
    numerator = rule->is_above ? numerator / denominator + 1 : (numerator + denominator - 1) / denominator;
    *ret_first = (int64_t)numerator;
    return numerator <= INT64_MAX;
}

static tend_status tell_next(tier_question *question, const tier_rule *has)
{
    const tier_set *set = question->set;
    const tier_rule *next = NULL;
    tend_value now, at;
    char then[WHY_ROOM], day[TEND_DAY_TEXT];
    tend_status status;

    for (uint32_t i = 0; i < set->count; i++) {
        const tier_rule *rule = &set->rules[i];

        if (rule->has_threshold && tier_is_in_force(rule, question->quote->date) && rule != has &&
            (!has || tend_decimal_compare(rule->threshold, has->threshold) > 0) &&
            (!next || tend_decimal_compare(rule->threshold, next->threshold) < 0))
            next = rule;
    }
    if (!next)
        return TEND_OK;
    status = tier_metric(question, next, question->quote->date, &now);
    if (status < 0 || now.type == TEND_NULL)
        return status;
    at = now;
    if (!first_enough(next, &now, &at.integer))
        return TEND_OK;
    (void)snprintf(
        then, sizeof then, "tier %.100s at the evaluation of %s", next->tier,
        tend_day_write(tend_day_add_months(tend_day_period_start(question->quote->date, set->step_months), set->step_months), day));
    return question->out->next(question->out, &(tend_threshold){ .size = sizeof(tend_threshold),
                                                                 .line = TEND_WHOLE_QUOTE,
                                                                 .rule = next->name,
                                                                 .what = set->metric,
                                                                 .now = now,
                                                                 .at = at,
                                                                 .then = then });
}

static tend_status tiers_apply(void *self, const tend_quote *quote, tend_price_out *out, tend_error *reterr)
{
    tier_question question = { .set = self, .quote = quote, .out = out };
    tier_standing standing;
    tend_status status = tier_find(&question, quote->date, &standing);

    if (status >= 0 && standing.rule) {
        bool fits = false;

        for (uint32_t i = 0; i < quote->match_count; i++)
            fits = fits || &question.set->rules[quote->matches[i].rule] == standing.rule;
        if (fits) {
            status = give_benefits(&standing, out);
            if (status >= 0 && standing.rule->has_discount && standing.rule->discount.mantissa > 0)
                status = discount_lines(self, standing.rule, quote, out, reterr);
        }
    }
    return status >= 0 && !question.set->is_assigned ? tell_next(&question, standing.rule) : status;
}

static tend_status tiers_examine(void *self, tend_check_out *out, tend_error *reterr)
{
    (void)reterr;
    return tiers_check(self, out);
}

static const tend_option settings[] = {
    { "basis", TEND_OPTION_TEXT, "earned", "earned: by the metric; assigned: the tier that is written at the account", false,
      false },
    { "metric", TEND_OPTION_TEXT, "invoiced", "what earns a tier: invoiced, ordered, units, kpi.ID or account.FIELD", false,
      false },
    { "window_months", TEND_OPTION_INT, "12", "months before an evaluation that count", false, false },
    { "evaluate", TEND_OPTION_TEXT, "quarterly", "when tiers are evaluated: monthly, quarterly, half-yearly, yearly", false,
      false },
    { "grace_months", TEND_OPTION_INT, "0", "months that a lost tier is kept", false, false },
    { NULL, TEND_OPTION_TEXT, NULL, NULL, false, false },
};

static const tend_rule_key rule_keys[] = {
    { "tier", TEND_RULE_TEXT, NULL, "what the tier is called: gold, silver, premier", true },
    { "at_least", TEND_RULE_DECIMAL, NULL, "the metric's least value; exactly it is enough", false },
    { "above", TEND_RULE_DECIMAL, NULL, "the metric has to be above it; exactly it is not enough", false },
    { "needs.*", TEND_RULE_DECIMAL, NULL, "needs.account.x_certified = 4: the least of another metric", false },
    { "discount", TEND_RULE_PERCENT, NULL, "off what a line costs so far", false },
    { "supply_priority", TEND_RULE_INT, NULL, "place in the queue when supply is short; 1 is the first", false },
    { "support_class", TEND_RULE_TEXT, NULL, "class of sales and technical support", false },
    { "mdf", TEND_RULE_PERCENT, NULL, "marketing development fund, of what was bought", false },
    { "benefit.*", TEND_RULE_TEXT, NULL, "benefit.training = 2 seats a year: any other benefit", false },
    { "becomes", TEND_RULE_RULE, NULL, "when the tier ends: the rule whose tier its holders get", false },
    { "becomes_for", TEND_RULE_MONTHS, NULL, "how long they have it without earning it; 12 months when not given", false },
    { NULL, TEND_RULE_TEXT, NULL, NULL, false },
};

static const tend_price_ops tiers = {
    .size = sizeof tiers, .rule_keys = rule_keys, .rules = tiers_rules, .apply = tiers_apply, .check = tiers_examine
};

static const tend_capability capabilities[] = {
    { TEND_PRICE, "partner_tiers", "a partner programme: tiers by performance, with benefits and grace", &tiers },
    { 0, NULL, NULL, NULL },
};

TEND_PLUGIN(partner_tiers, "1.0.0", TEND_PROVIDES_PRICE, TEND_NEEDS_NOTHING, .summary = "Partner tiers", .settings = settings,
            .capabilities = capabilities, .open = tiers_open, .close = tiers_close)
