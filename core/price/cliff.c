/* cliff.c: more that costs less, found by asking on both sides of every break through all steps. */
#include "base/money.h"
#include "price/examine.h"
#include <stdlib.h>
#include <string.h>
#include <tend/bands.h>

enum { PRODUCTS_TRIED = 8 };

/* One line of one product for one account on one day. */
typedef struct cliff_probe {
    examining *check;
    const tend_rule *rule;
    const tend_product *product;
    tend_quote_request request;
    tend_quote_item item;
    tend_arena *arena; /* of one quote; owned */
    char currency[4];
    char account[160]; /* its name, maybe cut */
    tend_error error;  /* of the last quote that failed */
} cliff_probe;

/* What the invoice says for this quantity. */
static tend_status cost_of(cliff_probe *probe, tend_decimal quantity, int64_t *ret_net)
{
    tend_quoted quoted;
    tend_status status;

    tend_arena_reset(probe->arena);
    probe->item.quantity = quantity;
    status = tend_quote_make(probe->check->pricing, probe->check->world, &probe->request, probe->arena, &quoted, &probe->error);
    if (status < 0)
        return status;
    *ret_net = quoted.lines[0].net;
    memcpy(probe->currency, quoted.currency, sizeof probe->currency);
    (void)snprintf(probe->account, sizeof probe->account, "%s", quoted.account_name ? quoted.account_name : "");
    return TEND_OK;
}

static tend_decimal plus(tend_decimal quantity, int64_t steps)
{
    if (__builtin_add_overflow(quantity.mantissa, steps, &quantity.mantissa))
        quantity.mantissa = INT64_MAX;
    return quantity;
}

/* The least quantity up to `high` (above `low`) that costs more than `there`; costs do not fall in between. */
static tend_status find_edge(cliff_probe *probe, tend_decimal low, tend_decimal high, int64_t there, tend_decimal *ret_edge)
{
    int64_t net;
    tend_status status = TEND_OK;

    while (high.mantissa - low.mantissa > 1 && status >= 0) {
        const tend_decimal middle = plus(low, (high.mantissa - low.mantissa) / 2);

        status = cost_of(probe, middle, &net);
        if (status >= 0 && net > there)
            high = middle;
        else
            low = middle;
    }
    *ret_edge = high;
    return status;
}

static tend_status tell_cliff(cliff_probe *probe, tend_decimal low, tend_decimal below, int64_t net_below, tend_decimal above,
                              int64_t net_above)
{
    char few[TEND_DECIMAL_TEXT], many[TEND_DECIMAL_TEXT], edge[TEND_DECIMAL_TEXT];
    char cost_few[TEND_MONEY_ROOM], cost_many[TEND_MONEY_ROOM], less[TEND_MONEY_ROOM];
    tend_decimal from;
    tend_status status = find_edge(probe, low, below, net_above, &from);

    if (status < 0)
        return status;
    (void)tend_decimal_write(below, 0, few);
    (void)tend_decimal_write(from, 0, edge);
    return price_found(
        probe->check, TEND_PRICE_CLIFF, probe->rule, NULL, probe->product->name,
        "%s cost %s %s and %s cost %s %s, %s %s less: whoever wants %s%s%s is better off with %s (tried for %s, #%lld)", few,
        tend_money_format(net_below, probe->currency, cost_few), probe->currency, tend_decimal_write(above, 0, many),
        tend_money_format(net_above, probe->currency, cost_many), probe->currency,
        tend_money_format(net_below - net_above, probe->currency, less), probe->currency, edge,
        strcmp(edge, few) == 0 ? "" : " to ", strcmp(edge, few) == 0 ? "" : few, many, probe->account,
        (long long)probe->request.account);
}

/* Just below the break, on it and just above it. `low` is the break before. */
static tend_status try_break(cliff_probe *probe, tend_decimal low, tend_decimal at)
{
    const tend_decimal around[] = { plus(at, -1), at, plus(at, 1) };
    int64_t net[3] = { 0 };
    tend_status status = TEND_OK;

    while (low.scale < at.scale && low.mantissa < INT64_MAX / 10) {
        low.mantissa *= 10;
        low.scale++;
    }
    if (low.scale != at.scale)
        low = (tend_decimal){ 0, at.scale };
    for (int i = around[0].mantissa > 0 ? 0 : 1; i < 3 && status >= 0; i++)
        status = cost_of(probe, around[i], &net[i]);
    if (status < 0)
        return status;
    if (around[0].mantissa > 0 && net[0] > net[1])
        return tell_cliff(probe, low, around[0], net[0], at, net[1]);
    return net[1] > net[2] ? tell_cliff(probe, low, at, net[1], around[2], net[2]) : TEND_OK;
}

static int compare_breaks(const void *a, const void *b)
{
    return tend_decimal_compare(((const price_break *)a)->at, ((const price_break *)b)->at);
}

/* The breaks of the rule, ascending; from the arena. */
static size_t breaks_of(const examining *check, const tend_rule *rule, tend_decimal **ret_breaks)
{
    price_break *own = tend_arena_take(check->arena, (check->break_count + 1) * sizeof *own);
    tend_decimal *list = tend_arena_take(check->arena, (check->break_count + 1) * sizeof *list);
    size_t count = 0;

    if (!own || !list)
        return 0;
    for (size_t i = 0; i < check->break_count; i++)
        if (strcmp(check->breaks[i].rule, rule->name) == 0 && check->breaks[i].at.mantissa > 0)
            own[count++] = check->breaks[i];
    if (count > 1)
        qsort(own, count, sizeof *own, compare_breaks);
    for (size_t i = 0; i < count; i++)
        list[i] = own[i].at;
    *ret_breaks = list;
    return count;
}

static tend_status try_product(cliff_probe *probe, const tend_decimal *breaks, size_t count)
{
    tend_decimal low = { 0, 0 };
    tend_status status = TEND_OK;

    for (size_t i = 0; i < count && status >= 0; i++) {
        status = try_break(probe, low, breaks[i]);
        low = breaks[i];
    }
    if (status >= 0 || status == TEND_ENOMEM || status == TEND_ERROR)
        return status;
    /* A quote that is refused (no list price, no rate, below zero) is a finding, not the end of the check. */
    return price_found(probe->check, TEND_PRICE_GAP, probe->rule, NULL, probe->product->name, "it cannot be tried: %s",
                       probe->error.text);
}

/* An account for which the rule comes first with this product; 0: there is none. */
static int64_t choose_account(examining *check, uint32_t r, const tend_product *product, tend_date date)
{
    const tend_rule *rule = &check->section->rules[r];

    price_set_copy(&check->reach, &check->sets[r], &check->left);
    for (uint32_t i = 0; i < r && check->section->only_first; i++) {
        const tend_rule *before = &check->section->rules[i];

        if (tend_rule_in_force(before, date, (uint32_t)rule->term_at_least) && price_reach_speaks(before, product) &&
            strcmp(before->unit ? before->unit : "", rule->unit ? rule->unit : "") == 0)
            price_set_take_away(&check->reach, &check->left, &check->sets[i]);
    }
    return price_set_first(&check->reach, &check->left);
}

static tend_status try_rule(examining *check, uint32_t r, tend_error *reterr)
{
    const tend_rule *rule = &check->section->rules[r];
    cliff_probe probe = { .check = check, .rule = rule };
    tend_decimal *breaks = NULL;
    const size_t count = breaks_of(check, rule, &breaks);
    size_t tried = 0;
    tend_status status = TEND_OK;

    probe.request = (tend_quote_request){ .date = rule->from != TEND_NO_DATE && rule->from > check->date ? rule->from : check->date,
                                          .currency = rule->currency[0] ? rule->currency : NULL,
                                          .term_months = (uint32_t)rule->term_at_least,
                                          .items = &probe.item,
                                          .item_count = 1 };
    if (count == 0 || check->is_shadowed[r])
        return TEND_OK;
    probe.arena = tend_arena_new();
    if (!probe.arena)
        return TEND_ENOMEM;
    for (size_t i = 0; i < check->reach.product_count && tried < PRODUCTS_TRIED && status >= 0; i++) {
        probe.product = &check->reach.products[i];
        if (!price_reach_speaks(rule, probe.product))
            continue;
        probe.request.account = choose_account(check, r, probe.product, probe.request.date);
        if (probe.request.account == 0)
            continue;
        probe.item = (tend_quote_item){ .product = probe.product->id, .unit = rule->unit };
        status = try_product(&probe, breaks, count);
        tried++;
    }
    tend_arena_free(probe.arena);
    if (status < 0 && reterr && reterr->text[0] == '\0')
        *reterr = probe.error;
    return status;
}

tend_status price_examine_cliffs(examining *check, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (uint32_t r = 0; r < check->section->rule_count && check->break_count > 0 && status >= 0; r++)
        if (price_is_open(check, &check->section->rules[r]))
            status = try_rule(check, r, reterr);
    return status;
}
