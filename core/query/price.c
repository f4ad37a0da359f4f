/* price.c: quotes, and what stands behind them. */
#include "query/inside.h"
#include <string.h>
#include <tend/bands.h>

static tend_value decimal_value(tend_decimal decimal)
{
    return tend_value_decimal(decimal.mantissa, (int)decimal.scale);
}

/* Of any type, decimals without zeros at their end; for a column of mixed values, which is announced as money. */
static tend_value mixed_value(tend_value value)
{
    while (value.type == TEND_DECIMAL && value.scale > 0 && value.integer % 10 == 0) {
        value.integer /= 10;
        value.scale--;
    }
    return value;
}

static const char *line_name(const tend_quoted *quoted, uint32_t line)
{
    return line == TEND_WHOLE_QUOTE ? NULL : quoted->lines[line].name;
}

/* Without lines it is about the account alone: no amounts. */
static tend_status show_total(const tend_quoted *quoted, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = { { "account", NULL, TEND_TEXT, false }, { "account_id", "id", TEND_INT, false },
                                             { "tier", NULL, TEND_TEXT, true },     { "date", NULL, TEND_DATE, false },
                                             { "list", NULL, TEND_MONEY, true },    { "change", NULL, TEND_MONEY, true },
                                             { "net", NULL, TEND_MONEY, true },     { "later", NULL, TEND_MONEY, true },
                                             { "pocket", NULL, TEND_MONEY, true },  { "currency", NULL, TEND_TEXT, false } };
    const int64_t amounts[] = { quoted->list, quoted->net - quoted->list, quoted->net, quoted->pocket - quoted->net,
                                quoted->pocket };
    tend_value values[QUERY_COUNT(headings)] = { tend_value_of(quoted->account_name), tend_value_int(quoted->account),
                                                 tend_value_of(*quoted->tier ? quoted->tier : NULL),
                                                 tend_value_date(quoted->date) };
    tend_status status = result->section(result, "quote", NULL, headings, QUERY_COUNT(headings), true, reterr);

    for (int i = 0; i < QUERY_COUNT(amounts); i++)
        values[4 + i] = quoted->line_count > 0 ? tend_value_money(amounts[i], quoted->currency) : tend_value_none();
    values[QUERY_COUNT(headings) - 1] = tend_value_of(quoted->currency);
    return status < 0 ? status : result->row(result, values, reterr);
}

static tend_status show_lines(const tend_quoted *quoted, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "line", NULL, TEND_INT, false },     { "product", NULL, TEND_TEXT, false },
        { "code", NULL, TEND_TEXT, true },     { "quantity", NULL, TEND_DECIMAL, false },
        { "unit", NULL, TEND_TEXT, true },     { "list_price", "list price of one", TEND_DECIMAL, false },
        { "list", NULL, TEND_MONEY, false },   { "net", NULL, TEND_MONEY, false },
        { "pocket", NULL, TEND_MONEY, false }, { "from", "list price from", TEND_TEXT, false },
    };
    tend_status status = result->section(result, "lines", "Lines", headings, QUERY_COUNT(headings), false, reterr);

    for (uint32_t i = 0; i < quoted->line_count && status >= 0; i++) {
        const tend_quoted_line *line = &quoted->lines[i];

        status = result->row(result,
                             (tend_value[]){ tend_value_int(i + 1), tend_value_of(line->name),
                                             tend_value_of(*line->code ? line->code : NULL), decimal_value(line->quantity),
                                             tend_value_of(*line->unit ? line->unit : NULL), decimal_value(line->list_price),
                                             tend_value_money(line->list, quoted->currency),
                                             tend_value_money(line->net, quoted->currency),
                                             tend_value_money(line->pocket, quoted->currency), tend_value_of(line->from) },
                             reterr);
    }
    return status;
}

/* List prices first, then every adjustment in the order it was made. */
static tend_status show_waterfall(const tend_query *query, const tend_quoted *quoted, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "step", NULL, TEND_INT, false },     { "line", NULL, TEND_INT, true },     { "product", NULL, TEND_TEXT, true },
        { "price", NULL, TEND_TEXT, false },   { "rule", NULL, TEND_TEXT, false },   { "kind", NULL, TEND_TEXT, false },
        { "amount", NULL, TEND_MONEY, false }, { "after", NULL, TEND_MONEY, false }, { "reason", NULL, TEND_TEXT, false },
    };
    tend_status status = result->section(result, "waterfall", "Waterfall", headings, QUERY_COUNT(headings), false, reterr);
    int64_t number = 0;

    for (uint32_t i = 0; i < quoted->line_count && status >= 0; i++) {
        const tend_quoted_line *line = &quoted->lines[i];
        char quantity[TEND_DECIMAL_TEXT], price[TEND_DECIMAL_TEXT];
        const char *reason = tend_arena_print(query->arena, "%s at %s", tend_decimal_write(line->quantity, 0, quantity),
                                              tend_decimal_write(line->list_price, line->list_price.scale > 0 ? 2 : 0, price));

        status = result->row(result,
                             (tend_value[]){
                                 tend_value_int(++number),
                                 tend_value_int(i + 1),
                                 tend_value_of(line->name),
                                 tend_value_of("list"),
                                 tend_value_none(),
                                 tend_value_of("list"),
                                 tend_value_money(line->list, quoted->currency),
                                 tend_value_money(line->list, quoted->currency),
                                 tend_value_of(reason),
                             },
                             reterr);
    }
    for (uint32_t i = 0; i < quoted->step_count && status >= 0; i++) {
        const tend_quoted_step *step = &quoted->steps[i];
        const bool is_whole = step->line == TEND_WHOLE_QUOTE;

        status = result->row(
            result,
            (tend_value[]){ tend_value_int(++number), is_whole ? tend_value_none() : tend_value_int(step->line + 1),
                            tend_value_of(line_name(quoted, step->line)), tend_value_of(step->price), tend_value_of(step->rule),
                            tend_value_of(step->kind == TEND_ADJUST_LATER ? "later" : "invoice"),
                            tend_value_money(step->amount, quoted->currency),
                            is_whole ? tend_value_none() : tend_value_money(step->after, quoted->currency),
                            tend_value_of(step->reason) },
            reterr);
    }
    return status;
}

static tend_status show_benefits(const tend_quoted *quoted, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = { { "price", NULL, TEND_TEXT, false },
                                             { "rule", NULL, TEND_TEXT, false },
                                             { "name", NULL, TEND_TEXT, false },
                                             { "value", NULL, TEND_MONEY, false },
                                             { "why", NULL, TEND_TEXT, true } };
    tend_status status = result->section(result, "benefits", "Entitled to", headings, QUERY_COUNT(headings), false, reterr);

    for (uint32_t i = 0; i < quoted->benefit_count && status >= 0; i++) {
        const tend_quoted_benefit *benefit = &quoted->benefits[i];

        status =
            result->row(result,
                        (tend_value[]){ tend_value_of(benefit->price), tend_value_of(benefit->rule), tend_value_of(benefit->name),
                                        mixed_value(benefit->value), tend_value_of(*benefit->why ? benefit->why : NULL) },
                        reterr);
    }
    return status;
}

/* What line `line` would cost with the quantity at the threshold, all else alike; null when it cannot be told. */
static tend_value cost_there(const tend_query *query, const tend_pricing *pricing, const tend_price_world *world,
                             const tend_quote_request *request, const tend_quoted_threshold *threshold, const char *currency)
{
    tend_quote_item *items = tend_arena_take(query->arena, (request->item_count + 1) * sizeof *items);
    tend_quote_request there = *request;
    tend_quoted quoted;
    tend_error ignored;

    if (!items || threshold->line == TEND_WHOLE_QUOTE || threshold->at.type != TEND_DECIMAL ||
        strcmp(threshold->what, "quantity") != 0)
        return tend_value_none();
    memcpy(items, request->items, request->item_count * sizeof *items);
    items[threshold->line].quantity = (tend_decimal){ threshold->at.integer, threshold->at.scale };
    there.items = items;
    if (tend_quote_make(pricing, world, &there, query->arena, &quoted, &ignored) < 0)
        return tend_value_none();
    return tend_value_money(quoted.lines[threshold->line].net, currency);
}

static tend_status show_thresholds(const tend_query *query, const tend_pricing *pricing, const tend_price_world *world,
                                   const tend_quote_request *request, const tend_quoted *quoted, tend_result *result,
                                   tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "price", NULL, TEND_TEXT, false },
        { "rule", NULL, TEND_TEXT, false },
        { "product", NULL, TEND_TEXT, true },
        { "what", NULL, TEND_TEXT, false },
        { "now", NULL, TEND_MONEY, false },
        { "at", "next at", TEND_MONEY, false },
        { "then", NULL, TEND_TEXT, false },
        { "net_now", "costs now", TEND_MONEY, true },
        { "net_there", "costs there", TEND_MONEY, true },
    };
    tend_status status = result->section(result, "next", "Next steps", headings, QUERY_COUNT(headings), false, reterr);

    for (uint32_t i = 0; i < quoted->threshold_count && status >= 0; i++) {
        const tend_quoted_threshold *threshold = &quoted->thresholds[i];
        const tend_value there = cost_there(query, pricing, world, request, threshold, quoted->currency);

        status = result->row(
            result,
            (tend_value[]){ tend_value_of(threshold->price), tend_value_of(threshold->rule),
                            tend_value_of(line_name(quoted, threshold->line)), tend_value_of(threshold->what),
                            mixed_value(threshold->now), mixed_value(threshold->at), tend_value_of(threshold->then),
                            there.type == TEND_NULL ? tend_value_none()
                                                    : tend_value_money(quoted->lines[threshold->line].net, quoted->currency),
                            there },
            reterr);
    }
    return status;
}

static tend_status show_metrics(const tend_quoted *quoted, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = { { "price", NULL, TEND_TEXT, false },
                                             { "metric", NULL, TEND_TEXT, false },
                                             { "from", NULL, TEND_DATE, false },
                                             { "to", NULL, TEND_DATE, false },
                                             { "value", NULL, TEND_MONEY, false } };
    tend_status status =
        result->section(result, "metrics", "Numbers that were asked for", headings, QUERY_COUNT(headings), false, reterr);

    for (uint32_t i = 0; i < quoted->metric_count && status >= 0; i++) {
        const tend_quoted_metric *metric = &quoted->metrics[i];

        status =
            result->row(result,
                        (tend_value[]){ tend_value_of(metric->price), tend_value_of(metric->name), tend_value_date(metric->from),
                                        tend_value_date(metric->to), mixed_value(metric->value) },
                        reterr);
    }
    return status;
}

tend_status tend_query_quote(const tend_query *query, const tend_pricing *pricing, const tend_quote_request *request, bool explains,
                             tend_result *result, tend_error *reterr)
{
    const tend_price_world world = {
        .world = query->world, .principal = query->principal, .rates = query->rates, .currency = query->currency
    };
    tend_quoted quoted;
    tend_status status = tend_access_may(query->principal, TEND_VERB_READ, TEND_KIND_PRICE, 0, reterr);

    if (status >= 0)
        status = tend_quote_make(pricing, &world, request, query->arena, &quoted, reterr);
    if (status >= 0)
        status = show_total(&quoted, result, reterr);
    if (status >= 0 && quoted.line_count > 0)
        status = show_lines(&quoted, result, reterr);
    if (status >= 0 && quoted.line_count > 0)
        status = show_waterfall(query, &quoted, result, reterr);
    if (status >= 0 && (explains || quoted.benefit_count > 0))
        status = show_benefits(&quoted, result, reterr);
    if (status >= 0 && explains)
        status = show_thresholds(query, pricing, &world, request, &quoted, result, reterr);
    if (status >= 0 && explains)
        status = show_metrics(&quoted, result, reterr);
    return status;
}
