#include "price/compare.h"

#include "base/date.h"
#include "base/money.h"
#include <string.h>
#include <tend/bands.h>

#define ONE INT64_C(1000000000000000000)

static tend_status too_large(tend_error *reterr)
{
    return tend_fail(reterr, TEND_EINVAL, "price compare: the amounts do not fit 64 bits; compare less");
}

/* factor / (1 + rate): one more year. */
static bool discount(int64_t factor, tend_decimal per_cent, int64_t *ret_factor)
{
    tend_wide whole = 100;

    for (uint32_t i = 0; i < per_cent.scale; i++)
        whole *= 10;
    return tend_round((tend_wide)factor * whole, whole + per_cent.mantissa, TEND_ROUND_HALF_AWAY, ret_factor);
}

static bool present_value(const int64_t *payments, uint32_t years, tend_decimal per_cent, int64_t *ret_value)
{
    int64_t factor = ONE;
    tend_wide sum = 0, part;

    for (uint32_t i = 0; i < years; i++)
        if (!discount(factor, per_cent, &factor) || __builtin_mul_overflow((tend_wide)payments[i], (tend_wide)factor, &part) ||
            __builtin_add_overflow(sum, part, &sum))
            return false;
    return tend_round(sum, ONE, TEND_ROUND_HALF_AWAY, ret_value);
}

/* What the lines of one quote cost us in a year, in its currency at its day; false when a product's cost is not known. */
static tend_status year_cost(const tend_price_world *world, const tend_quoted *quoted, tend_arena *arena, bool *ret_has,
                             int64_t *ret_cost, tend_error *reterr)
{
    const tend_kind_schema *products = tend_schema_kind(world->world.schema, TEND_KIND_PRODUCT);
    const int cost_field = tend_schema_field(products, "unit_cost"), currency_field = products->currency_field;
    tend_quote as = { .exponent = (uint32_t)tend_currency_exponent(quoted->currency), .rounding = TEND_ROUND_HALF_AWAY };
    tend_status status = TEND_OK;

    *ret_cost = 0;
    *ret_has = true;
    for (uint32_t i = 0; i < quoted->line_count && *ret_has && status >= 0; i++) {
        tend_price_match rate = { 0, 1, 1 };
        const tend_value *cost, *currency;
        tend_exact amount;
        int64_t minor;
        tend_row row;

        status = tend_read(&world->world, world->principal, TEND_KIND_PRODUCT, quoted->lines[i].product, arena, &row, reterr);
        if (status < 0)
            break;
        cost = &row.values[cost_field];
        currency = &row.values[currency_field];
        *ret_has = cost->type == TEND_DECIMAL;
        if (!*ret_has)
            break;
        status = tend_rates_fraction(world->rates, currency->type == TEND_TEXT ? currency->text : world->currency, quoted->currency,
                                     quoted->date, &rate.rate_numerator, &rate.rate_denominator, reterr);
        if (status >= 0 &&
            (!tend_exact_multiply(tend_exact_of(quoted->lines[i].quantity), (tend_exact){ cost->integer, cost->scale }, &amount) ||
             !tend_exact_minor(amount, &as, &rate, &minor) || __builtin_add_overflow(*ret_cost, minor, ret_cost)))
            status = too_large(reterr);
    }
    return status;
}

tend_status tend_compare(const tend_pricing *pricing, const tend_price_world *world, const tend_compare_request *request,
                         uint32_t term_months, tend_arena *arena, tend_scenario *ret_scenario, tend_error *reterr)
{
    tend_scenario scenario = { .term_months = term_months, .has_cost = true };
    tend_quote_request quote = request->quote;
    int64_t payments[TEND_COMPARE_YEARS], cost = 0;
    tend_quoted quoted = { 0 };
    tend_status status = TEND_OK;

    if (term_months == 0 || term_months % 12 != 0 || request->years == 0 || request->years > TEND_COMPARE_YEARS)
        return tend_fail(reterr, TEND_EINVAL, "price compare: terms are whole years in months (12, 36, 60), years 1 to %d",
                         TEND_COMPARE_YEARS);
    quote.term_months = term_months;
    for (uint32_t year = 0; year < request->years && status >= 0; year++) {
        if (year % (term_months / 12) == 0) { /* a contract begins */
            bool has_cost = false;

            quote.date = tend_date_add_months(request->quote.date, (int)(12 * year));
            status = tend_quote_make(pricing, world, &quote, arena, &quoted, reterr);
            if (status >= 0)
                status = year_cost(world, &quoted, arena, &has_cost, &cost, reterr);
            if (status < 0)
                break;
            scenario.has_cost = scenario.has_cost && has_cost;
        }
        payments[year] = quoted.net;
        if (__builtin_add_overflow(scenario.total, quoted.net, &scenario.total) ||
            __builtin_add_overflow(scenario.cost, cost, &scenario.cost))
            status = too_large(reterr);
    }
    if (status < 0)
        return status;
    memcpy(scenario.currency, quoted.currency, sizeof scenario.currency);
    scenario.first_year = payments[0];
    if (!present_value(payments, request->years, request->our_rate, &scenario.ours_now) ||
        !present_value(payments, request->years, request->their_rate, &scenario.theirs_now) ||
        __builtin_sub_overflow(scenario.total, scenario.cost, &scenario.margin))
        return too_large(reterr);
    *ret_scenario = scenario;
    return TEND_OK;
}
