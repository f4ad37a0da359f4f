/* cover.c: rules of a section beside each other. */
#include "base/date.h"
#include "base/near.h"
#include "price/examine.h"
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 200, CUTS_MAX = 400, ALIKE_MAX = 64 };

/* ---- fits nothing ------------------------------------------------------------------------------------------------------ */

static tend_status check_products(examining *check, const tend_rule *rule)
{
    const char *names[NAMES_MAX + 1], *near;
    size_t count = 0;
    tend_status status = TEND_OK;

    for (size_t i = 0; i < check->reach.product_count && count + 2 <= NAMES_MAX; i++) {
        names[count++] = check->reach.products[i].name;
        names[count++] = check->reach.products[i].code;
    }
    names[count] = NULL;
    for (size_t p = 0; rule->products && rule->products[p] && status >= 0; p++) {
        bool is_there = false;

        for (size_t i = 0; i < check->reach.product_count && !is_there; i++)
            is_there = strcmp(rule->products[p], check->reach.products[i].name) == 0 ||
                       strcmp(rule->products[p], check->reach.products[i].code) == 0;
        near = is_there ? NULL : tend_near(rule->products[p], names);
        if (!is_there)
            status = price_found(check, TEND_PRICE_UNUSED, rule, NULL, rule->products[p],
                                 "no product that is sold is called %s; %s%s%s", rule->products[p],
                                 near ? "did you mean " : "see tend list products", near ? near : "", near ? "?" : "");
    }
    return status;
}

static tend_status check_reach(examining *check, uint32_t r, bool *ret_fits)
{
    const tend_rule *rule = &check->section->rules[r];
    bool speaks = false;

    *ret_fits = true;
    for (size_t i = 0; i < check->reach.product_count && !speaks; i++)
        speaks = price_reach_speaks(rule, &check->reach.products[i]);
    if (price_set_is_empty(&check->reach, &check->sets[r])) {
        *ret_fits = false;
        return price_found(check, TEND_PRICE_UNUSED, rule, NULL, NULL, "no account meets its where%s; it never applies",
                           check->section->where ? " and that of its price" : "");
    }
    if (!speaks && (rule->products || rule->family)) {
        *ret_fits = false;
        if (rule->products && !rule->family)
            return TEND_OK; /* each name was told */
        return price_found(check, TEND_PRICE_UNUSED, rule, NULL, NULL,
                           "no product that is sold is of family %s%s; it never applies", rule->family,
                           rule->products ? " and among those it names" : "");
    }
    return TEND_OK;
}

/* ---- always behind another --------------------------------------------------------------------------------------------- */

static tend_date begin_of(const tend_rule *rule)
{
    return rule->from == TEND_NO_DATE ? INT32_MIN + 1 : rule->from;
}

static tend_date end_of(const tend_rule *rule)
{
    return rule->until == TEND_NO_DATE ? INT32_MAX - 1 : rule->until;
}

static int compare_days(const void *a, const void *b)
{
    const tend_date left = *(const tend_date *)a, right = *(const tend_date *)b;

    return left < right ? -1 : left > right;
}

/* The first days of the stretches into which the other rules' days cut those of `rule`. */
static size_t cut(const examining *check, const tend_rule *rule, tend_date days[static CUTS_MAX])
{
    const tend_price_section *section = check->section;
    size_t count = 0, kept = 0;

    days[count++] = begin_of(rule);
    for (uint32_t i = 0; i < section->rule_count && count + 2 <= CUTS_MAX; i++) {
        const tend_date starts = begin_of(&section->rules[i]), after = end_of(&section->rules[i]) + 1;

        if (starts > begin_of(rule) && starts <= end_of(rule))
            days[count++] = starts;
        if (after > begin_of(rule) && after <= end_of(rule))
            days[count++] = after;
    }
    qsort(days, count, sizeof *days, compare_days);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || days[kept - 1] != days[i])
            days[kept++] = days[i];
    return kept;
}

static bool is_same_unit(const tend_rule *a, const tend_rule *b)
{
    return strcmp(a->unit ? a->unit : "", b->unit ? b->unit : "") == 0;
}

/* Every account of the rule is taken by rules before it, for this product on this day; *by is one of them. */
static bool is_taken(examining *check, uint32_t r, const tend_product *product, tend_date day, const tend_rule **by, bool *is_alone)
{
    const tend_price_section *section = check->section;
    const tend_rule *rule = &section->rules[r];

    price_set_copy(&check->reach, &check->sets[r], &check->left);
    for (uint32_t i = 0; i < r; i++) {
        const tend_rule *before = &section->rules[i];

        if (!is_same_unit(before, rule) || !price_reach_speaks(before, product) || before->term_at_least > rule->term_at_least ||
            begin_of(before) > day || end_of(before) < day || !price_set_meet(&check->reach, &check->left, &check->sets[i]))
            continue;
        price_set_take_away(&check->reach, &check->left, &check->sets[i]);
        *is_alone = *is_alone && (!*by || *by == before);
        *by = before;
        if (price_set_is_empty(&check->reach, &check->left))
            return true;
    }
    return false;
}

/* Which of the rules before this one speak of the product, as a number: products alike in it are decided alike. */
static uint64_t likeness(const examining *check, uint32_t r, const tend_product *product)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (uint32_t i = 0; i < r; i++)
        hash =
            (hash ^ (price_reach_speaks(&check->section->rules[i], product) ? 2 * (uint64_t)i + 1 : 0)) * UINT64_C(1099511628211);
    return hash;
}

static bool was_seen(uint64_t likeness, uint64_t seen[static ALIKE_MAX], size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        if (seen[i] == likeness)
            return true;
    if (*count < ALIKE_MAX)
        seen[(*count)++] = likeness;
    return false;
}

static tend_status check_shadow(examining *check, uint32_t r)
{
    const tend_rule *rule = &check->section->rules[r], *by = NULL;
    tend_date days[CUTS_MAX];
    uint64_t seen[ALIKE_MAX];
    const size_t count = cut(check, rule, days);
    size_t seen_count = 0;
    bool is_alone = true, is_any = false;

    for (size_t p = 0; p < check->reach.product_count; p++) {
        const tend_product *product = &check->reach.products[p];

        if (!price_reach_speaks(rule, product) || was_seen(likeness(check, r, product), seen, &seen_count))
            continue;
        for (size_t i = 0; i < count; i++)
            if (!is_taken(check, r, product, days[i], &by, &is_alone))
                return TEND_OK;
        is_any = true;
    }
    if (!is_any || !by)
        return TEND_OK;
    check->is_shadowed[r] = true;
    if (is_alone)
        return price_found(
            check, TEND_PRICE_SHADOWED, rule, by->name, NULL,
            "rule %s always comes first, for every account and product that it fits; give this one a higher priority, "
            "or take it away",
            by->name);
    return price_found(check, TEND_PRICE_SHADOWED, rule, by->name, NULL,
                       "rule %s and others together always come first, for every account and product that it fits; give this one a "
                       "higher priority, or take it away",
                       by->name);
}

/* ---- differ by their place alone --------------------------------------------------------------------------------------- */

static const tend_product *common_product(const examining *check, const tend_rule *a, const tend_rule *b)
{
    for (size_t i = 0; i < check->reach.product_count; i++)
        if (price_reach_speaks(a, &check->reach.products[i]) && price_reach_speaks(b, &check->reach.products[i]))
            return &check->reach.products[i];
    return NULL;
}

/* The rule written first is the narrower one: it is meant to come first. */
static bool is_narrower(examining *check, uint32_t a, uint32_t b)
{
    const tend_rule *first = &check->section->rules[a], *second = &check->section->rules[b];
    bool is_less = false;

    price_set_copy(&check->reach, &check->sets[a], &check->left);
    price_set_take_away(&check->reach, &check->left, &check->sets[b]);
    if (!price_set_is_empty(&check->reach, &check->left))
        return false;
    price_set_copy(&check->reach, &check->sets[b], &check->left);
    price_set_take_away(&check->reach, &check->left, &check->sets[a]);
    is_less = !price_set_is_empty(&check->reach, &check->left);
    for (size_t i = 0; i < check->reach.product_count; i++) {
        const bool has_first = price_reach_speaks(first, &check->reach.products[i]);
        const bool has_second = price_reach_speaks(second, &check->reach.products[i]);

        if (has_first && !has_second)
            return false;
        is_less = is_less || (has_second && !has_first);
    }
    return is_less;
}

static tend_status check_pair(examining *check, uint32_t a, uint32_t b)
{
    const tend_rule *first = &check->section->rules[a], *second = &check->section->rules[b];
    const tend_product *product;

    if (check->is_shadowed[a] || check->is_shadowed[b] || first->priority != second->priority || first->from != second->from ||
        !is_same_unit(first, second) || first->term_at_least != second->term_at_least || !price_is_open(check, first) ||
        !price_is_open(check, second) || !price_set_meet(&check->reach, &check->sets[a], &check->sets[b]) ||
        is_narrower(check, a, b))
        return TEND_OK;
    product = common_product(check, first, second);
    if (!product)
        return TEND_OK;
    return price_found(
        check, TEND_PRICE_CONTRADICTION, second, first->name, product->name,
        "rule %s fits some of the same accounts, products and days with the same priority; it counts only because it "
        "is written first; give one of them a higher priority",
        first->name);
}

/* ---- days between ------------------------------------------------------------------------------------------------------ */

static bool is_same_list(const char *const *a, const char *const *b)
{
    size_t i = 0;

    if (!a || !b)
        return a == b;
    while (a[i] && b[i] && strcmp(a[i], b[i]) == 0)
        i++;
    return !a[i] && !b[i];
}

static bool is_same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool is_same_scope(const tend_rule *a, const tend_rule *b)
{
    return is_same_list(a->products, b->products) && is_same_text(a->family, b->family) && is_same_unit(a, b) &&
           a->term_at_least == b->term_at_least &&
           is_same_text(a->where ? tend_filter_text(a->where) : NULL, b->where ? tend_filter_text(b->where) : NULL);
}

/* After the rule ends none of its scope holds, and one begins later. */
static tend_status check_gap(examining *check, const tend_rule *rule)
{
    const tend_price_section *section = check->section;
    const tend_rule *next = NULL;
    char first[TEND_DATE_ROOM], last[TEND_DATE_ROOM];

    if (rule->until == TEND_NO_DATE || !price_is_open(check, rule))
        return TEND_OK;
    for (uint32_t i = 0; i < section->rule_count; i++) {
        const tend_rule *other = &section->rules[i];

        if (other == rule || !is_same_scope(rule, other))
            continue;
        if (begin_of(other) <= rule->until + 1 && end_of(other) > rule->until)
            return TEND_OK;
        if (other->from != TEND_NO_DATE && other->from > rule->until + 1 && (!next || other->from < next->from))
            next = other;
    }
    if (!next)
        return TEND_OK;
    return price_found(check, TEND_PRICE_GAP, rule, next->name, NULL,
                       "from %s to %s neither it nor rule %s is in force; move one of the two days",
                       tend_date_format(rule->until + 1, first), tend_date_format(next->from - 1, last), next->name);
}

tend_status price_examine_cover(examining *check)
{
    const tend_price_section *section = check->section;
    tend_status status = TEND_OK;

    for (uint32_t r = 0; r < section->rule_count && status >= 0; r++) {
        bool fits = false;

        if (!price_is_open(check, &section->rules[r]))
            continue;
        status = check_products(check, &section->rules[r]);
        if (status >= 0)
            status = check_reach(check, r, &fits);
        if (status >= 0 && fits && section->only_first)
            status = check_shadow(check, r);
        for (uint32_t b = 0; section->only_first && b < r && status >= 0; b++)
            status = check_pair(check, b, r);
        if (status >= 0 && section->only_first)
            status = check_gap(check, &section->rules[r]);
    }
    return status;
}
