/* price_check.c: rules listed, examined and compared: contracts of different length, and what accounts are entitled to on two days.
 */
#include "price/check.h"
#include "query/inside.h"
#include <stdlib.h>
#include <string.h>

static tend_price_world world_of(const tend_query *query)
{
    return (tend_price_world){
        .world = query->world, .principal = query->principal, .rates = query->rates, .currency = query->currency
    };
}

static const char *place_of(const tend_query *query, const char *file, unsigned line)
{
    const char *slash = file ? strrchr(file, '/') : NULL;

    return file ? tend_arena_print(query->arena, "%s:%u", slash ? slash + 1 : file, line) : NULL;
}

tend_status tend_query_price_check(const tend_query *query, const tend_pricing *pricing, tend_date date, tend_result *result,
                                   int64_t *ret_found, tend_error *reterr)
{
    static const tend_heading headings[] = { { "finding", NULL, TEND_TEXT, false }, { "price", NULL, TEND_TEXT, true },
                                             { "rule", NULL, TEND_TEXT, true },     { "other", "with", TEND_TEXT, true },
                                             { "product", NULL, TEND_TEXT, true },  { "text", "what", TEND_TEXT, false },
                                             { "place", NULL, TEND_TEXT, true } };
    const tend_price_world world = world_of(query);
    const tend_price_fault *faults = NULL;
    size_t count = 0;
    tend_status status = tend_pricing_check(pricing, &world, date, query->arena, &faults, &count, reterr);

    if (status >= 0)
        status = result->section(result, "findings", "Findings", headings, QUERY_COUNT(headings), false, reterr);
    for (size_t i = 0; i < count && status >= 0; i++)
        status = result->row(result,
                             (tend_value[]){ tend_value_of(tend_price_finding_word(faults[i].kind)), tend_value_of(faults[i].price),
                                             tend_value_of(faults[i].rule), tend_value_of(faults[i].other),
                                             tend_value_of(faults[i].product), tend_value_of(faults[i].text),
                                             tend_value_of(place_of(query, faults[i].file, faults[i].line)) },
                             reterr);
    *ret_found = (int64_t)count;
    return status;
}

static const char *join(const tend_query *query, const char *const *words)
{
    const char *text = NULL;

    for (size_t i = 0; words && words[i]; i++)
        text = text ? tend_arena_print(query->arena, "%s, %s", text, words[i]) : words[i];
    return text;
}

tend_status tend_query_price_rules(const tend_query *query, const tend_pricing *pricing, tend_date date, tend_result *result,
                                   tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "price", NULL, TEND_TEXT, false },    { "rule", NULL, TEND_TEXT, false },        { "plugin", NULL, TEND_TEXT, false },
        { "in_force", NULL, TEND_BOOL, false }, { "from", NULL, TEND_DATE, true },         { "until", NULL, TEND_DATE, true },
        { "products", NULL, TEND_TEXT, true },  { "family", NULL, TEND_TEXT, true },       { "unit", NULL, TEND_TEXT, true },
        { "where", NULL, TEND_TEXT, true },     { "term_at_least", NULL, TEND_INT, true }, { "priority", NULL, TEND_INT, true },
        { "currency", NULL, TEND_TEXT, true },  { "help", NULL, TEND_TEXT, true },         { "place", NULL, TEND_TEXT, false }
    };
    const tend_price_section *section;
    tend_status status =
        result->section(result, "rules", "Rules, in order of precedence", headings, QUERY_COUNT(headings), false, reterr);

    for (size_t i = 0; status >= 0 && (section = tend_pricing_at(pricing, i)); i++)
        for (uint32_t r = 0; r < section->rule_count && status >= 0; r++) {
            const tend_rule *rule = &section->rules[r];

            status = result->row(
                result,
                (tend_value[]){ tend_value_of(section->name), tend_value_of(rule->name), tend_value_of(section->plugin),
                                tend_value_bool(tend_rule_in_force(rule, date, (uint32_t)rule->term_at_least)),
                                rule->from == TEND_NO_DATE ? tend_value_none() : tend_value_date(rule->from),
                                rule->until == TEND_NO_DATE ? tend_value_none() : tend_value_date(rule->until),
                                tend_value_of(join(query, rule->products)), tend_value_of(rule->family), tend_value_of(rule->unit),
                                tend_value_of(rule->where ? tend_filter_text(rule->where) : NULL),
                                rule->term_at_least ? tend_value_int(rule->term_at_least) : tend_value_none(),
                                rule->priority ? tend_value_int(rule->priority) : tend_value_none(),
                                tend_value_of(*rule->currency ? rule->currency : NULL), tend_value_of(rule->help),
                                tend_value_of(place_of(query, rule->file, rule->line)) },
                reterr);
        }
    return status;
}

/* ---- what accounts are entitled to ------------------------------------------------------------------------------------- */

/* Amounts move every day; what one is entitled to does not. */
static bool stands(const tend_quoted_benefit *benefit)
{
    return benefit->value.type != TEND_MONEY;
}

static const tend_quoted_benefit *benefit_called(const tend_quoted *quoted, const char *price, const char *name)
{
    for (uint32_t i = 0; i < quoted->benefit_count; i++)
        if (stands(&quoted->benefits[i]) && strcmp(quoted->benefits[i].price, price) == 0 &&
            strcmp(quoted->benefits[i].name, name) == 0)
            return &quoted->benefits[i];
    return NULL;
}

static bool is_same_value(const tend_value *a, const tend_value *b)
{
    return a->type == b->type && a->integer == b->integer && a->scale == b->scale && a->length == b->length &&
           (a->type != TEND_TEXT || memcmp(a->text, b->text, a->length) == 0);
}

static tend_status show_standing(const tend_quoted *now, const tend_quoted *later, const tend_quoted_benefit *before,
                                 const tend_quoted_benefit *after, tend_result *result, int64_t *shown, tend_error *reterr)
{
    const tend_quoted_benefit *any = before ? before : after;
    const char *why = after ? after->why : before && !later ? before->why : NULL;

    if (later && before && after && is_same_value(&before->value, &after->value))
        return TEND_OK;
    (*shown)++;
    return result->row(result,
                       (tend_value[]){ tend_value_of(now->account_name), tend_value_int(now->account), tend_value_of(any->price),
                                       tend_value_of(any->name), before ? before->value : tend_value_none(),
                                       after ? after->value : tend_value_none(),
                                       tend_value_of(after    ? after->rule
                                                     : before ? before->rule
                                                              : NULL),
                                       tend_value_of(why && *why ? why : NULL) },
                       reterr);
}

static tend_status standing_of(const tend_query *query, const tend_pricing *pricing, int64_t account, tend_date on, tend_date then,
                               tend_arena *arena, tend_result *result, int64_t *shown, tend_error *reterr)
{
    const tend_price_world world = world_of(query);
    tend_quote_request request = { .account = account, .date = on };
    tend_quoted now, later = { 0 };
    const bool has_then = then != TEND_NO_DATE;
    tend_status status = tend_quote_make(pricing, &world, &request, arena, &now, reterr);

    request.date = then;
    if (status >= 0 && has_then)
        status = tend_quote_make(pricing, &world, &request, arena, &later, reterr);
    for (uint32_t i = 0; status >= 0 && i < now.benefit_count; i++)
        if (stands(&now.benefits[i]))
            status = show_standing(&now, has_then ? &later : NULL, &now.benefits[i],
                                   has_then ? benefit_called(&later, now.benefits[i].price, now.benefits[i].name) : NULL, result,
                                   shown, reterr);
    for (uint32_t i = 0; status >= 0 && i < later.benefit_count; i++)
        if (stands(&later.benefits[i]) && !benefit_called(&now, later.benefits[i].price, later.benefits[i].name))
            status = show_standing(&now, &later, NULL, &later.benefits[i], result, shown, reterr);
    return status;
}

tend_status tend_query_standing(const tend_query *query, const tend_pricing *pricing, const int64_t *accounts, size_t count,
                                tend_date on, tend_date then, tend_result *result, tend_error *reterr)
{
    const tend_heading headings[] = { { "account", NULL, TEND_TEXT, false },
                                      { "id", NULL, TEND_INT, false },
                                      { "price", NULL, TEND_TEXT, false },
                                      { "benefit", NULL, TEND_TEXT, false },
                                      { "now", query_date(query, on), TEND_TEXT, false },
                                      { "then", then == TEND_NO_DATE ? "then" : query_date(query, then), TEND_TEXT, true },
                                      { "rule", NULL, TEND_TEXT, false },
                                      { "why", NULL, TEND_TEXT, true } };
    tend_arena *arena = tend_arena_new();
    int64_t shown = 0;
    tend_status status = arena ? result->section(result, "standing", "Entitled to", headings, QUERY_COUNT(headings), false, reterr)
                               : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");

    for (size_t i = 0; i < count && status >= 0; i++) {
        tend_arena_reset(arena);
        status = standing_of(query, pricing, accounts[i], on, then, arena, result, &shown, reterr);
    }
    tend_arena_free(arena);
    if (status >= 0 && then != TEND_NO_DATE)
        status = result->note(result,
                              tend_arena_print(query->arena, "%lld benefit%s of %zu account%s would change", (long long)shown,
                                               shown == 1 ? "" : "s", count, count == 1 ? "" : "s"),
                              reterr);
    return status;
}

/* ---- contracts of different length ------------------------------------------------------------------------------------- */

static tend_status show_scenario(const tend_scenario *scenario, const tend_scenario *first, tend_result *result, tend_error *reterr)
{
    const char *currency = scenario->currency;

    return result->row(
        result,
        (tend_value[]){ tend_value_int(scenario->term_months), tend_value_money(scenario->first_year, currency),
                        tend_value_money(scenario->total, currency), tend_value_money(scenario->total - first->total, currency),
                        tend_value_money(scenario->theirs_now, currency), tend_value_money(scenario->ours_now, currency),
                        scenario->has_cost ? tend_value_money(scenario->cost, currency) : tend_value_none(),
                        scenario->has_cost ? tend_value_money(scenario->margin, currency) : tend_value_none(),
                        scenario->has_cost ? tend_value_ratio(scenario->margin, scenario->total) : tend_value_none() },
        reterr);
}

tend_status tend_query_compare(const tend_query *query, const tend_pricing *pricing, const tend_compare_request *request,
                               const uint32_t *terms, size_t term_count, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "term", "months", TEND_INT, false },
        { "first_year", "first year", TEND_MONEY, false },
        { "total", "all years", TEND_MONEY, false },
        { "difference", "to the first", TEND_MONEY, false },
        { "theirs_now", "worth to them today", TEND_MONEY, false },
        { "ours_now", "worth to us today", TEND_MONEY, false },
        { "cost", "our cost", TEND_MONEY, true },
        { "margin", NULL, TEND_MONEY, true },
        { "margin_share", "margin / all", TEND_DECIMAL, true },
    };
    const tend_price_world world = world_of(query);
    tend_scenario first = { 0 }, scenario;
    tend_status status = tend_access_may(query->principal, TEND_VERB_READ, TEND_KIND_PRICE, 0, reterr);

    if (status >= 0)
        status = result->section(result, "scenarios", NULL, headings, QUERY_COUNT(headings), false, reterr);
    for (size_t i = 0; i < term_count && status >= 0; i++) {
        status = tend_compare(pricing, &world, request, terms[i], query->arena, &scenario, reterr);
        if (i == 0)
            first = scenario;
        if (status >= 0)
            status = show_scenario(&scenario, &first, result, reterr);
    }
    return status;
}
