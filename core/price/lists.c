/* lists.c: list prices looked at. */
#include "base/date.h"
#include "price/examine.h"
#include <string.h>

/* Rows of `prices` by product, unit, currency and first day. */
typedef struct listed {
    int64_t row, product;
    tend_date from, to;
    char unit[80], currency[4];
} listed;

static tend_status compare(examining *check, const tend_product *product, const listed *before, const listed *row)
{
    char first[TEND_DATE_ROOM], last[TEND_DATE_ROOM];

    if (before->from == row->from)
        return price_found(check, TEND_PRICE_CONTRADICTION, NULL, NULL, product->name,
                           "prices #%lld and #%lld in %s begin on the same day; the newer one counts; take one away with tend set "
                           "price … or undo",
                           (long long)before->row, (long long)row->row, row->currency);
    if (before->to != TEND_NO_DATE && row->from > before->to + 1 && row->from > check->date)
        return price_found(check, TEND_PRICE_GAP, NULL, NULL, product->name,
                           "no list price in %s from %s to %s; move a day of price #%lld or #%lld", row->currency,
                           tend_date_format(before->to + 1, first), tend_date_format(row->from - 1, last), (long long)before->row,
                           (long long)row->row);
    return TEND_OK;
}

static const tend_product *product_of(const examining *check, int64_t id)
{
    for (size_t i = 0; i < check->reach.product_count; i++)
        if (check->reach.products[i].id == id)
            return &check->reach.products[i];
    return NULL;
}

static tend_status check_rows(examining *check, tend_error *reterr)
{
    tend_statement *statement = NULL;
    const char *source, *sql;
    listed before = { 0 };
    bool has_row = false;
    tend_status status = tend_world_source(&check->world->world, TEND_KIND_PRICE, check->arena, &source, reterr);

    if (status < 0)
        return status;
    sql = tend_arena_print(check->arena,
                           "SELECT t.id, t.product, t.starts_on, t.ends_on, coalesce(t.unit, ''), t.currency FROM %s AS t ORDER BY "
                           "t.product, 5, t.currency, t.starts_on IS NOT NULL, t.starts_on, t.id",
                           source);
    status = sql ? tend_store_prepare(check->world->world.store, sql, &statement, reterr) : TEND_ENOMEM;
    while (status >= 0) {
        listed row = { 0 };
        const tend_product *product;

        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row)
            break;
        row.row = tend_statement_int(statement, 0);
        row.product = tend_statement_int(statement, 1);
        row.from = tend_statement_is_null(statement, 2) ? TEND_NO_DATE : (tend_date)tend_statement_int(statement, 2);
        row.to = tend_statement_is_null(statement, 3) ? TEND_NO_DATE : (tend_date)tend_statement_int(statement, 3);
        (void)snprintf(row.unit, sizeof row.unit, "%s", tend_statement_text(statement, 4, NULL));
        (void)snprintf(row.currency, sizeof row.currency, "%s", tend_statement_text(statement, 5, NULL));
        product = product_of(check, row.product);
        if (product && before.row && before.product == row.product && strcmp(before.unit, row.unit) == 0 &&
            strcmp(before.currency, row.currency) == 0)
            status = compare(check, product, &before, &row);
        before = row;
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

tend_status price_examine_lists(examining *check, tend_error *reterr)
{
    tend_arena *arena = tend_arena_new();
    tend_status status = arena ? check_rows(check, reterr) : TEND_ENOMEM;

    for (size_t i = 0; i < check->reach.product_count && status >= 0; i++) {
        const tend_product *product = &check->reach.products[i];
        tend_list_price price;
        tend_error error;
        tend_status found;

        tend_arena_reset(arena);
        found = tend_list_price_find(check->world, product, "", check->date, check->world->currency, arena, &price, &error);
        if (found == TEND_ENOTFOUND)
            status = price_found(check, TEND_PRICE_GAP, NULL, NULL, product->name, "%s", error.text);
        else if (found < 0)
            status = tend_fail(reterr, found, "%s", error.text);
    }
    tend_arena_free(arena);
    return status;
}
