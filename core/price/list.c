#include "price/list.h"

#include "base/date.h"
#include <string.h>

static tend_status prepare(const tend_price_world *world, tend_kind kind, const char *format, tend_arena *arena,
                           tend_statement **ret_statement, tend_error *reterr)
{
    const char *source;
    char *sql = NULL;
    tend_status status = tend_world_source(&world->world, kind, arena, &source, reterr);

    if (status < 0)
        return status;
    {
        const char *place = strstr(format, "{}");

        sql = tend_arena_print(arena, "%.*s%s AS t%s", (int)(place - format), format, source, place + 2);
    }
    return sql ? tend_store_prepare(world->world.store, sql, ret_statement, reterr)
               : tend_fail(reterr, TEND_ENOMEM, "prices: memory is used up");
}

static const char *text_of(tend_statement *statement, int column, tend_arena *arena)
{
    const char *text = tend_statement_is_null(statement, column) ? "" : tend_statement_text(statement, column, NULL);

    return tend_arena_string(arena, text ? text : "");
}

static tend_decimal shortest(int64_t mantissa, uint32_t scale)
{
    tend_decimal decimal = { mantissa, scale };

    while (decimal.scale > 0 && decimal.mantissa % 10 == 0) {
        decimal.mantissa /= 10;
        decimal.scale--;
    }
    return decimal;
}

tend_status tend_product_read(const tend_price_world *world, int64_t product, tend_arena *arena, tend_product *ret_product,
                              tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = prepare(world, TEND_KIND_PRODUCT, "SELECT t.name, t.code, t.family, t.unit FROM {} WHERE t.id = ?1", arena,
                                 &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, product);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && !has_row)
        status = tend_fail(reterr, TEND_ENOTFOUND, "no product #%lld; see tend list products", (long long)product);
    if (status >= 0) {
        *ret_product = (tend_product){ .id = product,
                                       .name = text_of(statement, 0, arena),
                                       .code = text_of(statement, 1, arena),
                                       .family = text_of(statement, 2, arena),
                                       .unit = text_of(statement, 3, arena) };
        if (!ret_product->name || !ret_product->code || !ret_product->family || !ret_product->unit)
            status = tend_fail(reterr, TEND_ENOMEM, "prices: memory is used up");
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

static tend_status find_row(const tend_price_world *world, const tend_product *product, const char *unit, tend_date date,
                            const char currency[4], tend_arena *arena, tend_list_price *ret_price, bool *ret_found,
                            tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status =
        prepare(world, TEND_KIND_PRICE,
                "SELECT t.id, t.unit_price, t.currency, t.starts_on FROM {} WHERE t.product = ?1 AND coalesce(t.unit, '') = ?2 AND "
                "coalesce(t.starts_on, ?3) <= ?3 AND coalesce(t.ends_on, ?3) >= ?3 ORDER BY t.currency = ?4 DESC, t.currency = ?5 "
                "DESC, t.starts_on IS NULL, t.starts_on DESC, t.id DESC LIMIT 1",
                arena, &statement, reterr);

    *ret_found = false;
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, product->id);
    tend_statement_bind_string(statement, 2, strcmp(unit, product->unit) == 0 ? "" : unit);
    tend_statement_bind_int(statement, 3, date);
    tend_statement_bind_string(statement, 4, currency);
    tend_statement_bind_string(statement, 5, world->currency);
    status = tend_statement_step(statement, ret_found, reterr);
    if (status >= 0 && *ret_found) {
        *ret_price =
            (tend_list_price){ .row = tend_statement_int(statement, 0),
                               .price = shortest(tend_statement_int(statement, 1), 9),
                               .from = tend_statement_is_null(statement, 3) ? TEND_NO_DATE
                                                                            : (tend_date)tend_statement_int(statement, 3) };
        (void)snprintf(ret_price->currency, sizeof ret_price->currency, "%.3s", tend_statement_text(statement, 2, NULL));
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

static tend_status find_own(const tend_price_world *world, const tend_product *product, tend_arena *arena,
                            tend_list_price *ret_price, bool *ret_found, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status =
        prepare(world, TEND_KIND_PRODUCT, "SELECT t.list_price, t.currency FROM {} WHERE t.id = ?1", arena, &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, product->id);
    status = tend_statement_step(statement, ret_found, reterr);
    *ret_found = status >= 0 && *ret_found && !tend_statement_is_null(statement, 0);
    if (*ret_found) {
        const char *currency = tend_statement_is_null(statement, 1) ? world->currency : tend_statement_text(statement, 1, NULL);

        *ret_price = (tend_list_price){ .price = shortest(tend_statement_int(statement, 0), 6), .from = TEND_NO_DATE };
        (void)snprintf(ret_price->currency, sizeof ret_price->currency, "%.3s", currency);
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

/* 2: in the currency of the quote, 1: in the company's, 0: in another. */
static int closeness(const tend_price_world *world, const char currency[4], const tend_list_price *price)
{
    return strcmp(price->currency, currency) == 0 ? 2 : strcmp(price->currency, world->currency) == 0;
}

tend_status tend_list_price_find(const tend_price_world *world, const tend_product *product, const char *unit, tend_date date,
                                 const char currency[4], tend_arena *arena, tend_list_price *ret_price, tend_error *reterr)
{
    bool has_row = false, has_own = false, is_own = *unit == '\0' || strcmp(unit, product->unit) == 0;
    tend_list_price row = { 0 }, own = { 0 };
    char day[TEND_DATE_ROOM];
    tend_status status = find_row(world, product, unit, date, currency, arena, &row, &has_row, reterr);

    if (status >= 0 && is_own)
        status = find_own(world, product, arena, &own, &has_own, reterr);
    if (status < 0)
        return status;
    if (has_row || has_own) {
        *ret_price = has_row && (!has_own || closeness(world, currency, &row) >= closeness(world, currency, &own)) ? row : own;
        return TEND_OK;
    }
    return tend_fail(reterr, TEND_ENOTFOUND,
                     "product %s: no list price on %s%s%s; add one with tend add price product=#%lld unit_price=… currency=…%s%s",
                     product->name, tend_date_format(date, day), is_own ? "" : " per ", is_own ? "" : unit, (long long)product->id,
                     is_own ? "" : " unit=", is_own ? "" : unit);
}
