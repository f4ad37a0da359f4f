/* standing.c: which tier an account has on a day.
 *
 * A tier is earned at an evaluation, on the first day of each step (month, quarter, half or year), by the metric over the window
 * that ends the day before. It lasts until the next evaluation, and `grace` months beyond when it is lost there. When a tier ends,
 * who held it on its last day has the tier of `becomes` for becomes_for months, unless a better one is earned. */
#include "tiers.h"

enum { DEPTH_MAX = 8, EVALUATIONS_MAX = 40 };

bool tier_is_in_force(const tier_rule *rule, tend_date date)
{
    return (rule->from == TEND_NO_DATE || rule->from <= date) && (rule->until == TEND_NO_DATE || date <= rule->until);
}

const tier_rule *tier_named(const tier_set *set, const char *tier, tend_date date)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (strcmp(set->rules[i].tier, tier) == 0 && tier_is_in_force(&set->rules[i], date))
            return &set->rules[i];
    return NULL;
}

int tier_compare(const tend_value *value, uint32_t exponent, tend_decimal threshold)
{
    const uint32_t scale = value->type == TEND_MONEY ? exponent : value->scale;

    return tend_decimal_compare((tend_decimal){ value->integer, scale }, threshold);
}

/* ---- metrics ----------------------------------------------------------------------------------------------------------- */

static tend_status ask(tier_question *question, const char *name, tend_date from, tend_date to, const char currency[4],
                       tend_value *ret_value)
{
    tend_price_metric metric = { .size = sizeof metric, .name = name, .from = from, .to = to };
    tend_status status;

    for (uint32_t i = 0; i < question->asked_count; i++) {
        const tier_answer *answer = &question->asked[i];

        if (strcmp(answer->name, name) == 0 && answer->from == from && answer->to == to &&
            strcmp(answer->currency, currency) == 0) {
            *ret_value = answer->value;
            return TEND_OK;
        }
    }
    memcpy(metric.currency, currency, sizeof metric.currency);
    status = question->out->metric(question->out, &metric, ret_value);
    if (status >= 0 && question->asked_count < ASKED_MAX) {
        tier_answer *answer = &question->asked[question->asked_count++];

        *answer = (tier_answer){ .name = name, .from = from, .to = to, .value = *ret_value };
        memcpy(answer->currency, currency, sizeof answer->currency);
    }
    return status;
}

static tend_date evaluation_before(const tier_set *set, tend_date date)
{
    return tend_day_period_start(date, set->step_months);
}

tend_status tier_metric(tier_question *question, const tier_rule *rule, tend_date date, tend_value *ret_value)
{
    const tend_date day = evaluation_before(question->set, date);

    return ask(question, question->set->metric, tend_day_add_months(day, -question->set->window_months), day - 1, rule->currency,
               ret_value);
}

/* ---- earned ------------------------------------------------------------------------------------------------------------ */

static tend_status is_earned(tier_question *question, const tier_rule *rule, tend_date day, bool *ret_is)
{
    const tend_date from = tend_day_add_months(day, -question->set->window_months);
    tend_value value;
    tend_status status = TEND_OK;

    *ret_is = true;
    if (rule->has_threshold) {
        status = ask(question, question->set->metric, from, day - 1, rule->currency, &value);
        if (status < 0)
            return status;
        *ret_is = value.type != TEND_NULL && tier_compare(&value, rule->exponent, rule->threshold) >= (rule->is_above ? 1 : 0);
    }
    for (uint32_t i = 0; i < rule->need_count && *ret_is && status >= 0; i++) {
        status = ask(question, rule->needs[i].metric, from, day - 1, rule->currency, &value);
        *ret_is = status >= 0 && value.type != TEND_NULL && tier_compare(&value, rule->exponent, rule->needs[i].least) >= 0;
    }
    return status;
}

/* Of two tiers of one day the one with the higher threshold; rules come in order of precedence. */
static bool is_better(const tier_rule *rule, const tier_rule *than)
{
    return !than || (rule->has_threshold && (!than->has_threshold || tend_decimal_compare(rule->threshold, than->threshold) > 0));
}

static tend_status best_at(tier_question *question, tend_date day, const tier_rule **ret_rule)
{
    const tier_set *set = question->set;
    tend_status status = TEND_OK;
    bool is = false;

    *ret_rule = NULL;
    for (uint32_t i = 0; i < set->count && status >= 0; i++) {
        if (!tier_is_in_force(&set->rules[i], day) || !is_better(&set->rules[i], *ret_rule))
            continue;
        status = is_earned(question, &set->rules[i], day, &is);
        if (is)
            *ret_rule = &set->rules[i];
    }
    return status;
}

static void consider(tier_standing *standing, const tier_rule *rule, const char *why)
{
    if (!rule || (standing->rule && !is_better(rule, standing->rule)))
        return;
    standing->rule = rule;
    (void)snprintf(standing->why, sizeof standing->why, "%s", why);
}

static tend_status earned_on(tier_question *question, tend_date date, tier_standing *standing)
{
    const tier_set *set = question->set;
    tend_date day = evaluation_before(set, date), lost_on = date + 1; /* the evaluation after: not yet */
    char first[TEND_DAY_TEXT], second[TEND_DAY_TEXT], why[WHY_ROOM];
    tend_status status = TEND_OK;

    for (int i = 0; i < EVALUATIONS_MAX && status >= 0; i++) {
        const tier_rule *rule = NULL;

        if (i > 0 && date >= tend_day_add_months(lost_on, set->grace_months))
            break;
        status = best_at(question, day, &rule);
        if (status >= 0 && rule) {
            if (i == 0)
                (void)snprintf(why, sizeof why, "earned on %s", tend_day_write(day, first));
            else
                (void)snprintf(why, sizeof why, "earned on %s, in grace until %s", tend_day_write(day, first),
                               tend_day_write(tend_day_add_months(lost_on, set->grace_months) - 1, second));
            consider(standing, tier_named(set, rule->tier, date), why);
        }
        lost_on = day;
        day = tend_day_add_months(day, -set->step_months);
    }
    return status;
}

/* ---- tiers that have ended --------------------------------------------------------------------------------------------- */

static tend_status find(tier_question *question, tend_date date, int depth, tier_standing *standing);

static const tier_rule *rule_called(const tier_set *set, const char *name)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (strcmp(set->rules[i].name, name) == 0)
            return &set->rules[i];
    return NULL;
}

/* What the holders of an ended tier have on `date`: through as many ends as there were. */
static const tier_rule *heir_on(const tier_set *set, const tier_rule *ended, tend_date date)
{
    const tier_rule *heir = ended;

    for (int i = 0; i < DEPTH_MAX && heir; i++) {
        const tier_rule *now = i > 0 ? tier_named(set, heir->tier, date) : NULL;

        if (now)
            return now;
        heir = heir->becomes ? rule_called(set, heir->becomes) : NULL;
    }
    return NULL;
}

/* The last day on which the holders of an ended tier have what it became. */
static tend_date inherited_until(const tier_rule *ended)
{
    return tend_day_add_months(ended->until + 1, ended->becomes_months) - 1;
}

static void tell_end(const tier_rule *ended, const tier_rule *heir, char why[static WHY_ROOM])
{
    char day[TEND_DAY_TEXT], last[TEND_DAY_TEXT];

    (void)snprintf(why, WHY_ROOM, "tier %s ended on %s; its holders have %s until %s", ended->tier,
                   tend_day_write(ended->until, day), heir->tier, tend_day_write(inherited_until(ended), last));
}

static tend_status inherited_on(tier_question *question, tend_date date, int depth, tier_standing *standing)
{
    const tier_set *set = question->set;
    char why[WHY_ROOM];
    tend_status status = TEND_OK;

    for (uint32_t i = 0; i < set->count && status >= 0; i++) {
        const tier_rule *ended = &set->rules[i];
        tier_standing last = { 0 };
        const tier_rule *heir;

        if (!ended->becomes || ended->until == TEND_NO_DATE || ended->until >= date || tier_named(set, ended->tier, date) ||
            date > inherited_until(ended))
            continue;
        heir = heir_on(set, ended, date);
        if (!heir || (standing->rule && !is_better(heir, standing->rule)))
            continue;
        status = find(question, ended->until, depth + 1, &last);
        if (status < 0 || last.rule != ended)
            continue;
        tell_end(ended, heir, why);
        consider(standing, heir, why);
    }
    return status;
}

/* The tier that is written at the account; when it has ended, what it became, for as long as that says. */
static void assigned_on(const tier_question *question, tend_date date, tier_standing *standing)
{
    const tier_set *set = question->set;
    const tier_rule *rule = tier_named(set, question->quote->tier, date), *ended = NULL, *heir;
    char why[WHY_ROOM];

    if (rule) {
        (void)snprintf(why, sizeof why, "tier %s is written at the account", rule->tier);
        consider(standing, rule, why);
        return;
    }
    for (uint32_t i = 0; i < set->count; i++) {
        const tier_rule *other = &set->rules[i];

        if (strcmp(other->tier, question->quote->tier) == 0 && other->until != TEND_NO_DATE && other->until < date &&
            (!ended || other->until > ended->until))
            ended = other;
    }
    heir = ended && date <= inherited_until(ended) ? heir_on(set, ended, date) : NULL;
    if (!heir)
        return;
    tell_end(ended, heir, why);
    consider(standing, heir, why);
}

static tend_status find(tier_question *question, tend_date date, int depth, tier_standing *standing)
{
    tend_status status;

    if (question->set->is_assigned) {
        assigned_on(question, date, standing);
        return TEND_OK;
    }
    status = earned_on(question, date, standing);
    return status >= 0 && depth < DEPTH_MAX ? inherited_on(question, date, depth, standing) : status;
}

tend_status tier_find(tier_question *question, tend_date date, tier_standing *ret_standing)
{
    *ret_standing = (tier_standing){ 0 };
    return find(question, date, 0, ret_standing);
}
