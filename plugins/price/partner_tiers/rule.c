/* rule.c: a tier read from its rule, and what is wrong with tiers among each other. */
#include "tiers.h"

static bool is_money(const char *metric)
{
    return strcmp(metric, "invoiced") == 0 || strcmp(metric, "ordered") == 0;
}

void tiers_read(tier_rule *ret_rule, const tend_price_rule *rule, const tier_set *set, tend_rule_faults *faults)
{
    static const char prefix[] = "needs.";
    const char *months = tend_rule_text(rule, "becomes_for");
    const bool has_at_least = tend_rule_text(rule, "at_least") != NULL, has_above = tend_rule_text(rule, "above") != NULL;

    *ret_rule = (tier_rule){ .name = rule->name,
                             .tier = tend_rule_text(rule, "tier") ? tend_rule_text(rule, "tier") : "",
                             .from = rule->from,
                             .until = rule->until,
                             .exponent = rule->exponent,
                             .has_threshold = has_at_least || has_above,
                             .is_above = has_above,
                             .becomes = tend_rule_text(rule, "becomes"),
                             .becomes_months = months ? atoi(months) : 12,
                             .settings = rule->settings };
    memcpy(ret_rule->currency, rule->currency, sizeof ret_rule->currency);
    (void)tend_rule_decimal(rule, has_above ? "above" : "at_least", &ret_rule->threshold);
    ret_rule->has_discount = tend_rule_decimal(rule, "discount", &ret_rule->discount);
    for (const tend_rule_setting *setting = rule->settings; setting->key; setting++) {
        tier_need *need = &ret_rule->needs[ret_rule->need_count];

        if (strncmp(setting->key, prefix, sizeof prefix - 1) != 0)
            continue;
        if (ret_rule->need_count == NEEDS_MAX) {
            faults->fault(faults, rule->name, setting->key, "a tier needs at most 8 things; take some away");
            break;
        }
        need->metric = setting->key + sizeof prefix - 1;
        ret_rule->need_count += tend_decimal_read(setting->value, strlen(setting->value), &need->least);
    }
    if (has_at_least && has_above)
        faults->fault(faults, rule->name, "above",
                      "and at_least: write at_least when exactly the threshold is enough, above when it is not");
    if (!set->is_assigned && !ret_rule->has_threshold && ret_rule->need_count == 0)
        faults->fault(faults, rule->name, "at_least",
                      "is missing: an earned tier needs a threshold; add at_least = … or above = …");
    if (set->is_assigned && (ret_rule->has_threshold || ret_rule->need_count > 0))
        faults->fault(faults, rule->name,
                      has_above      ? "above"
                      : has_at_least ? "at_least"
                                     : NULL,
                      "is for earned tiers; here they are assigned (basis = assigned)");
    if (ret_rule->has_threshold && is_money(set->metric) && rule->currency[0] == '\0')
        faults->fault(faults, rule->name, "currency", "is missing: the threshold is money; add currency = USD or the like");
    if (ret_rule->has_discount && tend_decimal_compare(ret_rule->discount, (tend_decimal){ 100, 0 }) > 0)
        faults->fault(faults, rule->name, "discount", "is over 100 %; write at most 100 %");
    if (ret_rule->becomes && rule->until == TEND_NO_DATE)
        faults->fault(faults, rule->name, "becomes", "says what happens when the tier ends, but it has no end; add until = …");
    if (ret_rule->becomes && strcmp(ret_rule->becomes, rule->name) == 0)
        faults->fault(faults, rule->name, "becomes", "is the rule itself; name another tier's rule");
}

/* ---- among each other -------------------------------------------------------------------------------------------------- */

static bool overlaps(const tier_rule *a, const tier_rule *b)
{
    return (a->from == TEND_NO_DATE || b->until == TEND_NO_DATE || a->from <= b->until) &&
           (b->from == TEND_NO_DATE || a->until == TEND_NO_DATE || b->from <= a->until);
}

static tend_status tell(tend_check_out *out, tend_price_finding_kind kind, const tier_rule *rule, const tier_rule *other,
                        const char *text)
{
    return out->found(out, &(tend_price_finding){ .size = sizeof(tend_price_finding),
                                                  .kind = kind,
                                                  .rule = rule->name,
                                                  .other = other ? other->name : NULL,
                                                  .text = text });
}

/* The rule of the same tier that begins first after `rule` ends. */
static const tier_rule *successor(const tier_set *set, const tier_rule *rule)
{
    const tier_rule *next = NULL;

    for (uint32_t i = 0; i < set->count; i++) {
        const tier_rule *other = &set->rules[i];

        if (other != rule && strcmp(other->tier, rule->tier) == 0 && other->from != TEND_NO_DATE && other->from > rule->until &&
            (!next || other->from < next->from))
            next = other;
    }
    return next;
}

static tend_status check_end(const tier_set *set, const tier_rule *rule, tend_check_out *out)
{
    const tier_rule *next = successor(set, rule), *heir = NULL;
    char text[WHY_ROOM], ends[TEND_DAY_TEXT], begins[TEND_DAY_TEXT];

    (void)tend_day_write(rule->until, ends);
    for (uint32_t i = 0; rule->becomes && i < set->count; i++)
        if (strcmp(set->rules[i].name, rule->becomes) == 0)
            heir = &set->rules[i];
    for (uint32_t i = 0; i < set->count; i++) /* another rule of the tier goes on */
        if (&set->rules[i] != rule && strcmp(set->rules[i].tier, rule->tier) == 0 &&
            tier_is_in_force(&set->rules[i], rule->until + 1))
            return TEND_OK;
    if (next && !rule->becomes) {
        (void)snprintf(text, sizeof text, "tier %s has no rule from %s until %s; move one of the two days, or add becomes = …",
                       rule->tier, ends, tend_day_write(next->from, begins));
        return tell(out, TEND_PRICE_GAP, rule, next, text);
    }
    if (!rule->becomes) {
        (void)snprintf(text, sizeof text, "tier %s ends on %s and no rule says what its holders get; add becomes = …", rule->tier,
                       ends);
        return tell(out, TEND_PRICE_GAP, rule, NULL, text);
    }
    if (heir && !tier_is_in_force(heir, rule->until + 1)) {
        (void)snprintf(text, sizeof text, "holders of tier %s get %s after %s, which is not in force then", rule->tier, heir->name,
                       ends);
        return tell(out, TEND_PRICE_GAP, rule, heir, text);
    }
    return TEND_OK;
}

static tend_status check_pair(const tier_set *set, const tier_rule *a, const tier_rule *b, tend_check_out *out)
{
    char text[WHY_ROOM];

    if (!overlaps(a, b))
        return TEND_OK;
    if (strcmp(a->tier, b->tier) == 0) {
        (void)snprintf(text, sizeof text, "both are tier %s on the same days; the first counts", a->tier);
        return tell(out, TEND_PRICE_CONTRADICTION, a, b, text);
    }
    if (!set->is_assigned && a->has_threshold && b->has_threshold && a->need_count == 0 && b->need_count == 0 &&
        strcmp(a->currency, b->currency) == 0 && tend_decimal_compare(a->threshold, b->threshold) == 0) {
        (void)snprintf(text, sizeof text, "tiers %s and %s have the same threshold; one of them is never reached", a->tier,
                       b->tier);
        return tell(out, TEND_PRICE_CONTRADICTION, a, b, text);
    }
    return TEND_OK;
}

tend_status tiers_check(const tier_set *set, tend_check_out *out)
{
    tend_status status = TEND_OK;

    for (uint32_t i = 0; i < set->count && status >= 0; i++) {
        if (set->rules[i].until != TEND_NO_DATE)
            status = check_end(set, &set->rules[i], out);
        for (uint32_t j = i + 1; j < set->count && status >= 0; j++)
            status = check_pair(set, &set->rules[i], &set->rules[j], out);
    }
    return status;
}
