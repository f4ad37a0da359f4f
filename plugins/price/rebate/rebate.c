/* rebate: money back on what was bought in a period: incremental (each part at its own rate) or retroactive (everything at the rate
 * that was reached, "from the first dollar").
 *
 * The ledger of a period is computed month by month from what was bought, so it needs no memory and cannot drift: at the end of
 * each month E = R(C), C being what was bought since the period began. What the month adds to E is its accrual (its own purchases
 * at the rate that holds now) and a true-up (the purchases before it at the change of the rate). When something is returned and C
 * falls below a threshold again the true-up is negative. What was paid out on pay days and is no longer earned is to be clawed
 * back. */
#include <tend/days.h>
#include <tend/rules.h>

enum { RULES_MAX = 1000, REASON_ROOM = 300 };

typedef struct rebate_rule {
    const char *name, *metric; /* borrowed from the rules */
    bool is_retroactive, is_good;
    int period_months, pay_months;
    char currency[4];
    uint32_t exponent;
    tend_bands bands;
} rebate_rule;

typedef struct rebate_rules {
    rebate_rule *list; /* owned */
    uint32_t count;
} rebate_rules;

/* Where an account stands in its period; money in the rule's currency. */
typedef struct rebate_standing {
    tend_date first, last;                                     /* of the period */
    int64_t bought, earned, accrued, true_up, paid, claw_back; /* up to the day of the quote */
    int64_t projected, projected_rebate;
} rebate_standing;

static tend_status rebate_open(const tend_host *host, void **ret_self, tend_error *reterr)
{
    rebate_rules *rules = calloc(1, sizeof *rules);

    (void)host;
    *ret_self = rules;
    return rules ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "rebate: no memory");
}

static void rebate_close(void *self)
{
    free(((rebate_rules *)self)->list);
    free(self);
}

/* ---- rules ------------------------------------------------------------------------------------------------------------- */

static int months_of(const char *word)
{
    static const struct {
        const char *word;
        int months;
    } periods[] = { { "month", 1 }, { "quarter", 3 }, { "half", 6 }, { "year", 12 } };

    for (size_t i = 0; word && i < sizeof periods / sizeof *periods; i++)
        if (strcmp(periods[i].word, word) == 0)
            return periods[i].months;
    return 0;
}

static void read_rule(rebate_rule *ret_rule, const tend_price_rule *rule, tend_rule_faults *faults)
{
    const char *basis = tend_rule_text(rule, "basis"), *metric = tend_rule_text(rule, "metric"), *key = NULL;
    char why[REASON_ROOM];

    *ret_rule = (rebate_rule){ .name = rule->name,
                               .metric = metric ? metric : "invoiced",
                               .is_retroactive = basis && strcmp(basis, "retroactive") == 0,
                               .period_months = months_of(tend_rule_text(rule, "period")),
                               .pay_months = months_of(tend_rule_text(rule, "pay")),
                               .exponent = rule->exponent };
    memcpy(ret_rule->currency, rule->currency, sizeof ret_rule->currency);
    if (ret_rule->pay_months == 0)
        ret_rule->pay_months = ret_rule->period_months;
    if (!tend_bands_read(rule->settings, &ret_rule->bands, &key, why, sizeof why))
        faults->fault(faults, rule->name, key, why);
    else if (ret_rule->bands.count == 0)
        faults->fault(faults, rule->name, NULL, "no band says what is given back; add at_least.100000 = 5 % or the like");
    else if (!ret_rule->bands.is_percent)
        faults->fault(faults, rule->name, ret_rule->bands.list[0].key, "a rebate is per cent; write it like 5 %");
    else if (rule->currency[0] == '\0')
        faults->fault(faults, rule->name, "currency", "is missing: thresholds are money; add currency = USD or the like");
    else if (ret_rule->period_months % ret_rule->pay_months != 0)
        faults->fault(faults, rule->name, "pay", "is longer than the period; write the period or a part of it");
    else if (strcmp(ret_rule->metric, "invoiced") != 0 && strcmp(ret_rule->metric, "ordered") != 0)
        faults->fault(faults, rule->name, "metric", "is no money; write invoiced or ordered");
    else
        ret_rule->is_good = ret_rule->period_months > 0;
}

static tend_status rebate_take_rules(void *self, const tend_price_rule *rules, uint32_t count, tend_rule_faults *faults,
                                     tend_error *reterr)
{
    rebate_rules *ours = self;
    rebate_rule *list;

    if (count > RULES_MAX)
        return tend_fail(reterr, TEND_ELIMIT, "rebate: %u rules; %d are the most", count, RULES_MAX);
    list = calloc(count + 1, sizeof *list);
    if (!list)
        return tend_fail(reterr, TEND_ENOMEM, "rebate: no memory for %u rules", count);
    for (uint32_t i = 0; i < count; i++)
        read_rule(&list[i], &rules[i], faults);
    free(ours->list);
    ours->list = list;
    ours->count = count;
    return TEND_OK;
}

/* ---- the rebate of an amount ------------------------------------------------------------------------------------------- */

static tend_decimal major(const rebate_rule *rule, int64_t minor)
{
    return (tend_decimal){ minor, rule->exponent };
}

/* Minor units of the rule's currency, rounded once. Nothing is earned on less than nothing. */
static bool rebate_of(const rebate_rule *rule, int64_t bought, tend_rounding rounding, int64_t *ret_rebate)
{
    tend_wide denominator = 100;
    tend_exact sum;

    *ret_rebate = 0;
    if (bought <= 0)
        return true;
    if (!(rule->is_retroactive ? tend_bands_volume(&rule->bands, major(rule, bought), &sum)
                               : tend_bands_graduated(&rule->bands, major(rule, bought), &sum)))
        return false;
    for (; sum.scale > rule->exponent; sum.scale--)
        if (__builtin_mul_overflow(denominator, (tend_wide)10, &denominator))
            return false;
    return tend_exact_rescale(&sum, rule->exponent) && tend_round(sum.mantissa, denominator, rounding, ret_rebate);
}

/* `part` at the rate of the band that `bought` ends in. */
static bool at_rate_of(const rebate_rule *rule, int64_t bought, int64_t part, tend_rounding rounding, int64_t *ret_amount)
{
    const tend_band *band;
    tend_wide numerator, denominator = 100;

    *ret_amount = 0;
    if (bought <= 0)
        return true;
    band = &rule->bands.list[tend_bands_at(&rule->bands, major(rule, bought))];
    for (uint32_t i = 0; i < band->each.scale; i++)
        denominator *= 10;
    return !__builtin_mul_overflow((tend_wide)part, (tend_wide)band->each.mantissa, &numerator) &&
           tend_round(numerator, denominator, rounding, ret_amount);
}

static tend_status too_large(const rebate_rule *rule, tend_error *reterr)
{
    return tend_fail(reterr, TEND_EINVAL, "rebate: rule %s: the amount does not fit 64 bits", rule->name);
}

/* ---- the ledger -------------------------------------------------------------------------------------------------------- */

static tend_status give(tend_price_out *out, const rebate_rule *rule, const char *name, int64_t minor, const char *why)
{
    tend_value value = { .type = TEND_MONEY, .integer = minor };

    memcpy(value.currency, rule->currency, sizeof value.currency);
    return out->benefit(
        out, &(tend_benefit){ .size = sizeof(tend_benefit), .rule = rule->name, .name = name, .value = value, .why = why });
}

static const char *money_text(const rebate_rule *rule, int64_t minor, char text[TEND_DECIMAL_TEXT])
{
    return tend_decimal_write(major(rule, minor), rule->exponent, text);
}

/* One month: what was bought in it, what it accrues, what it trues up. */
static tend_status tell_month(const rebate_rule *rule, tend_date month, int64_t bought, int64_t accrual, int64_t true_up,
                              tend_price_out *out)
{
    char name[40], why[REASON_ROOM], first[TEND_DECIMAL_TEXT], second[TEND_DECIMAL_TEXT], third[TEND_DECIMAL_TEXT];
    int year, number, day;

    if (bought == 0 && accrual == 0 && true_up == 0)
        return TEND_OK;
    tend_day_split(month, &year, &number, &day);
    (void)snprintf(name, sizeof name, "month.%04d_%02d", year, number);
    (void)snprintf(why, sizeof why, "bought %s, accrual %s, true-up %s", money_text(rule, bought, first),
                   money_text(rule, accrual, second), money_text(rule, true_up, third));
    return give(out, rule, name, accrual + true_up, why);
}

static tend_status bought_until(const rebate_rule *rule, tend_date first, tend_date to, tend_price_out *out, int64_t *ret_bought)
{
    tend_price_metric metric = { .size = sizeof metric, .name = rule->metric, .from = first, .to = to };
    tend_value value;
    tend_status status;

    memcpy(metric.currency, rule->currency, sizeof metric.currency);
    status = out->metric(out, &metric, &value);
    *ret_bought = status >= 0 && value.type == TEND_MONEY ? value.integer : 0;
    return status;
}

static tend_status read_ledger(const rebate_rule *rule, const tend_quote *quote, tend_price_out *out, rebate_standing *now,
                               tend_error *reterr)
{
    tend_status status = TEND_OK;
    tend_date month, next;
    tend_wide projected;

    *now = (rebate_standing){ .first = tend_day_period_start(quote->date, rule->period_months) };
    now->last = tend_day_add_months(now->first, rule->period_months) - 1;
    for (month = now->first; status >= 0 && month <= quote->date; month = next) {
        const int64_t before = now->bought, earned_before = now->earned;
        int64_t accrual;
        tend_date to;

        next = tend_day_add_months(month, 1);
        to = next - 1 < quote->date ? next - 1 : quote->date;
        status = bought_until(rule, now->first, to, out, &now->bought);
        if (status < 0)
            break;
        if (!rebate_of(rule, now->bought, quote->rounding, &now->earned))
            return too_large(rule, reterr);
        accrual = now->earned - earned_before;
        if (rule->is_retroactive && !at_rate_of(rule, now->bought, now->bought - before, quote->rounding, &accrual))
            return too_large(rule, reterr);
        now->accrued += accrual;
        now->true_up += now->earned - earned_before - accrual;
        status = tell_month(rule, month, now->bought - before, accrual, now->earned - earned_before - accrual, out);
        if (next - 1 <= quote->date && tend_day_period_start(next, rule->pay_months) == next && now->earned > now->paid)
            now->paid = now->earned; /* a pay day has passed */
    }
    now->claw_back = now->paid > now->earned ? now->paid - now->earned : 0;
    projected = (tend_wide)now->bought * (now->last - now->first + 1) / (quote->date - now->first + 1);
    if (projected > INT64_MAX || !rebate_of(rule, (int64_t)projected, quote->rounding, &now->projected_rebate))
        return too_large(rule, reterr);
    now->projected = (int64_t)projected;
    return status;
}

static tend_status tell_standing(const rebate_rule *rule, const rebate_standing *now, tend_price_out *out)
{
    char first[TEND_DAY_TEXT], last[TEND_DAY_TEXT], why[REASON_ROOM];
    const struct {
        const char *name;
        int64_t minor;
        const char *why;
    } told[] = {
        { "bought", now->bought, why },
        { "earned", now->earned, rule->is_retroactive ? "everything at the rate that was reached" : "each part at its own rate" },
        { "accrued", now->accrued, "each month's purchases at the rate of its end" },
        { "true_up", now->true_up, "earlier purchases at changes of the rate" },
        { "paid", now->paid, "what was earned on the pay days that have passed" },
        { "to_pay", now->earned > now->paid ? now->earned - now->paid : 0, "" },
        { "claw_back", now->claw_back, "paid and no longer earned" },
        { "projected", now->projected, "bought by the end of the period if it goes on like this" },
        { "projected_rebate", now->projected_rebate, "" },
    };
    tend_status status = TEND_OK;

    (void)snprintf(why, sizeof why, "%s from %s to %s", rule->metric, tend_day_write(now->first, first),
                   tend_day_write(now->last, last));
    for (size_t i = 0; i < sizeof told / sizeof *told && status >= 0; i++)
        status = give(out, rule, told[i].name, told[i].minor, told[i].why);
    return status;
}

/* ---- the next threshold ------------------------------------------------------------------------------------------------ */

static tend_status tell_next(const rebate_rule *rule, const tend_quote *quote, const rebate_standing *now, tend_price_out *out)
{
    const uint32_t place = tend_bands_at(&rule->bands, major(rule, now->bought > 0 ? now->bought : 0));
    const tend_band *band = &rule->bands.list[place];
    char then[REASON_ROOM], rate[TEND_DECIMAL_TEXT], more[TEND_DECIMAL_TEXT], daily[TEND_DECIMAL_TEXT];
    tend_value here = { .type = TEND_MONEY, .integer = now->bought }, there = { .type = TEND_MONEY };
    tend_wide edge = band->to.mantissa, divisor = 1;
    int64_t rebate = 0, days = now->last - quote->date;

    if (band->is_open || place + 1 >= rule->bands.count)
        return TEND_OK;
    for (uint32_t i = band->to.scale; i < rule->exponent; i++)
        edge *= 10;
    for (uint32_t i = rule->exponent; i < band->to.scale; i++)
        divisor *= 10;
    edge = rule->bands.starts_at_edge ? (edge + divisor - 1) / divisor : edge / divisor + 1;
    there.integer = (int64_t)edge;
    memcpy(here.currency, rule->currency, sizeof here.currency);
    memcpy(there.currency, rule->currency, sizeof there.currency);
    if (edge > INT64_MAX || !rebate_of(rule, there.integer, quote->rounding, &rebate))
        return TEND_OK;
    (void)snprintf(
        then, sizeof then, "%s %% of %s, %s in all; %s more to go, %s a day until the period ends",
        tend_decimal_write(rule->bands.list[place + 1].each, 0, rate), rule->is_retroactive ? "everything" : "what is beyond",
        money_text(rule, rebate, more), money_text(rule, there.integer - now->bought, (char[TEND_DECIMAL_TEXT]){ 0 }),
        money_text(rule, days > 0 ? (there.integer - now->bought + days - 1) / days : there.integer - now->bought, daily));
    return out->next(out, &(tend_threshold){ .size = sizeof(tend_threshold),
                                             .line = TEND_WHOLE_QUOTE,
                                             .rule = rule->name,
                                             .what = rule->metric,
                                             .now = here,
                                             .at = there,
                                             .then = then });
}

/* ---- what this quote would earn ---------------------------------------------------------------------------------------- */

/* An amount of the quote in the rule's currency, or back. */
static bool convert(int64_t minor, uint32_t from_exponent, uint32_t to_exponent, int64_t numerator, int64_t denominator,
                    tend_rounding rounding, int64_t *ret_minor)
{
    tend_wide top, bottom = denominator;

    if (__builtin_mul_overflow((tend_wide)minor, (tend_wide)numerator, &top))
        return false;
    for (uint32_t i = from_exponent; i < to_exponent; i++)
        if (__builtin_mul_overflow(top, (tend_wide)10, &top))
            return false;
    for (uint32_t i = to_exponent; i < from_exponent; i++)
        if (__builtin_mul_overflow(bottom, (tend_wide)10, &bottom))
            return false;
    return tend_round(top, bottom, rounding, ret_minor);
}

static const tend_price_match *match_of(const tend_quote_line *line, uint32_t rule)
{
    for (uint32_t i = 0; i < line->match_count; i++)
        if (line->matches[i].rule == rule)
            return &line->matches[i];
    return NULL;
}

static tend_status earn_line(const rebate_rule *rule, const tend_quote *quote, uint32_t index, const tend_price_match *match,
                             int64_t *bought, tend_price_out *out, tend_error *reterr)
{
    tend_adjustment adjustment = { .size = sizeof adjustment, .line = index, .kind = TEND_ADJUST_LATER, .rule = rule->name };
    const int64_t net = quote->lines[index].net;
    char reason[REASON_ROOM], rate[TEND_DECIMAL_TEXT];
    int64_t own, before = 0, after = 0, back;
    uint32_t place;

    if (!convert(net, quote->exponent, rule->exponent, match->rate_denominator, match->rate_numerator, quote->rounding, &own) ||
        !rebate_of(rule, *bought, quote->rounding, &before) || __builtin_add_overflow(*bought, own, bought))
        return too_large(rule, reterr);
    if (rule->is_retroactive ? !at_rate_of(rule, *bought, own, quote->rounding, &back)
                             : !rebate_of(rule, *bought, quote->rounding, &after) || __builtin_sub_overflow(after, before, &back))
        return too_large(rule, reterr);
    if (!convert(-back, rule->exponent, quote->exponent, match->rate_numerator, match->rate_denominator, quote->rounding,
                 &adjustment.amount))
        return too_large(rule, reterr);
    if (adjustment.amount == 0)
        return TEND_OK;
    place = tend_bands_at(&rule->bands, major(rule, *bought > 0 ? *bought : 0));
    (void)snprintf(reason, sizeof reason, "%s rebate, up to %s %% with this order",
                   rule->is_retroactive ? "retroactive" : "incremental", tend_decimal_write(rule->bands.list[place].each, 0, rate));
    adjustment.reason = reason;
    memcpy(adjustment.currency, quote->currency, sizeof adjustment.currency);
    return out->adjust(out, &adjustment);
}

/* The order after what was bought before; a retroactive jump on earlier purchases is told beside the price, it is not the order's.
 */
static tend_status earn(const rebate_rule *rule, uint32_t number, const tend_quote *quote, const rebate_standing *now,
                        tend_price_out *out, tend_error *reterr)
{
    int64_t bought = now->bought, before = 0, after = 0;
    bool has_lines = false;
    tend_status status = TEND_OK;

    for (uint32_t i = 0; i < quote->line_count && status >= 0; i++) {
        const tend_price_match *match = match_of(&quote->lines[i], number);

        if (match)
            status = earn_line(rule, quote, i, match, &bought, out, reterr);
        has_lines = has_lines || match;
    }
    if (status < 0 || !has_lines || !rule->is_retroactive)
        return status;
    if (!at_rate_of(rule, now->bought, now->bought, quote->rounding, &before) ||
        !at_rate_of(rule, bought, now->bought, quote->rounding, &after))
        return too_large(rule, reterr);
    return after == before ? TEND_OK
                           : give(out, rule, "true_up_by_this_order", after - before, "on what was bought earlier in the period");
}

static tend_status rebate_apply(void *self, const tend_quote *quote, tend_price_out *out, tend_error *reterr)
{
    const rebate_rules *rules = self;
    const rebate_rule *rule;
    rebate_standing now;
    tend_status status;

    if (quote->match_count == 0)
        return TEND_OK;
    rule = &rules->list[quote->matches[0].rule];
    if (!rule->is_good)
        return tend_fail(reterr, TEND_EINVAL, "rebate: rule %s has faults", rule->name);
    status = read_ledger(rule, quote, out, &now, reterr);
    if (status >= 0)
        status = tell_standing(rule, &now, out);
    if (status >= 0)
        status = tell_next(rule, quote, &now, out);
    return status < 0 ? status : earn(rule, quote->matches[0].rule, quote, &now, out, reterr);
}

/* ---- rules looked at --------------------------------------------------------------------------------------------------- */

static tend_status tell(tend_check_out *out, tend_price_finding_kind kind, const rebate_rule *rule, const char *text)
{
    return out->found(out,
                      &(tend_price_finding){ .size = sizeof(tend_price_finding), .kind = kind, .rule = rule->name, .text = text });
}

static tend_status check_step(const rebate_rule *rule, uint32_t i, tend_check_out *out)
{
    const tend_band *below = &rule->bands.list[i], *above = &rule->bands.list[i + 1];
    char edge[TEND_DECIMAL_TEXT], low[TEND_DECIMAL_TEXT], high[TEND_DECIMAL_TEXT], text[REASON_ROOM];
    const int order = tend_decimal_compare(above->each, below->each);

    (void)tend_decimal_write(below->to, 0, edge);
    (void)tend_decimal_write(below->each, 0, low);
    (void)tend_decimal_write(above->each, 0, high);
    if (order == 0) {
        (void)snprintf(text, sizeof text, "the rate is %s %% on both sides of %s; take one band away", low, edge);
        return tell(out, TEND_PRICE_UNUSED, rule, text);
    }
    if (order < 0) {
        (void)snprintf(text, sizeof text, "the rate falls from %s %% to %s %% at %s: who buys more gets less back", low, high,
                       edge);
        return tell(out, TEND_PRICE_CONTRADICTION, rule, text);
    }
    if (rule->is_retroactive) {
        (void)snprintf(
            text, sizeof text,
            "the rebate on everything jumps from %s %% to %s %% at %s: who is just below it pays more than who reaches it", low,
            high, edge);
        return tell(out, TEND_PRICE_CLIFF, rule, text);
    }
    return TEND_OK;
}

static tend_status rebate_check(void *self, tend_check_out *out, tend_error *reterr)
{
    const rebate_rules *rules = self;
    tend_status status = TEND_OK;

    (void)reterr;
    for (uint32_t r = 0; r < rules->count; r++)
        for (uint32_t i = 0; i + 1 < rules->list[r].bands.count && status >= 0; i++)
            status = check_step(&rules->list[r], i, out);
    return status;
}

static const tend_rule_key rule_keys[] = {
    { "basis", TEND_RULE_WORD, "retroactive incremental", "everything at the rate that was reached, or each part at its own",
      true },
    { "period", TEND_RULE_WORD, "month quarter half year", "what is added up; periods begin with the calendar year", true },
    { "pay", TEND_RULE_WORD, "month quarter half year", "how often what is earned is paid; the period when not given", false },
    { "metric", TEND_RULE_WORD, "invoiced ordered", "what counts as bought; invoiced when not given", false },
    { "up_to.*", TEND_RULE_BAND, NULL, "up_to.100000 = 5 %: up to it, which belongs to it", false },
    { "above", TEND_RULE_BAND, NULL, "above = 7 %: what is over the last up_to", false },
    { "at_least.*", TEND_RULE_BAND, NULL, "at_least.100000 = 5 %: from it on; below the first there is no rebate", false },
    { "each", TEND_RULE_BAND, NULL, "each = 3 %: one rate for every amount", false },
    { NULL, TEND_RULE_TEXT, NULL, NULL, false },
};

static const tend_price_ops rebate = { .size = sizeof rebate,
                                       .rule_keys = rule_keys,
                                       .only_first = true,
                                       .rules = rebate_take_rules,
                                       .apply = rebate_apply,
                                       .check = rebate_check };

static const tend_capability capabilities[] = {
    { TEND_PRICE, "rebate", "money back on what was bought in a period, retroactive or incremental", &rebate },
    { 0, NULL, NULL, NULL },
};

TEND_PLUGIN(rebate, "1.0.0", TEND_PROVIDES_PRICE, TEND_NEEDS_NOTHING, .summary = "Rebates", .capabilities = capabilities,
            .open = rebate_open, .close = rebate_close)
