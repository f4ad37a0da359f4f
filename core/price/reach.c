#include "price/reach.h"

#include <stdlib.h>
#include <string.h>

static tend_status no_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "price check: memory is used up");
}

/* The ids that `sql` gives, ascending, into the arena. */
static tend_status read_ids(const tend_price_world *world, const char *sql, tend_arena *arena, int64_t **ret_ids, size_t *ret_count,
                            tend_error *reterr)
{
    tend_statement *statement = NULL;
    size_t count = 0, room = 0;
    int64_t *ids = NULL;
    bool has_row = false;
    tend_status status = sql ? tend_store_prepare(world->world.store, sql, &statement, reterr) : no_memory(reterr);

    while (status >= 0) {
        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row)
            break;
        if (count == room) {
            int64_t *larger = tend_arena_take(arena, (room ? room * 2 : 256) * sizeof *larger);

            if (!larger) {
                status = no_memory(reterr);
                break;
            }
            if (count > 0)
                memcpy(larger, ids, count * sizeof *ids);
            ids = larger;
            room = room ? room * 2 : 256;
        }
        ids[count++] = tend_statement_int(statement, 0);
    }
    tend_statement_end(statement);
    *ret_ids = ids;
    *ret_count = count;
    return status < 0 ? status : TEND_OK;
}

tend_status price_reach_open(const tend_price_world *world, tend_arena *arena, price_reach *ret_reach, tend_error *reterr)
{
    price_reach reach = { .arena = arena };
    const char *source;
    int64_t *products = NULL;
    tend_status status = tend_world_source(&world->world, TEND_KIND_ACCOUNT, arena, &source, reterr);

    if (status >= 0)
        status = read_ids(world, tend_arena_print(arena, "SELECT t.id FROM %s AS t ORDER BY t.id", source), arena, &reach.accounts,
                          &reach.account_count, reterr);
    if (status >= 0)
        status = tend_world_source(&world->world, TEND_KIND_PRODUCT, arena, &source, reterr);
    if (status >= 0)
        status =
            read_ids(world, tend_arena_print(arena, "SELECT t.id FROM %s AS t WHERE coalesce(t.active, 1) ORDER BY t.id", source),
                     arena, &products, &reach.product_count, reterr);
    if (status < 0)
        return status;
    reach.words = (reach.account_count + 63) / 64 + 1;
    reach.products = tend_arena_take(arena, (reach.product_count + 1) * sizeof *reach.products);
    if (!reach.products)
        return no_memory(reterr);
    for (size_t i = 0; i < reach.product_count && status >= 0; i++)
        status = tend_product_read(world, products[i], arena, &reach.products[i], reterr);
    *ret_reach = reach;
    return status;
}

static int compare_ids(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return left < right ? -1 : left > right;
}

tend_status price_reach_accounts(const price_reach *reach, const tend_price_world *world, const tend_filter *first,
                                 const tend_filter *second, price_set *ret_set, tend_error *reterr)
{
    const tend_filter *filters[] = { first, second };
    const char *source, *sql, *condition;
    int64_t *ids = NULL;
    size_t count = 0;
    tend_status status = tend_world_source(&world->world, TEND_KIND_ACCOUNT, reach->arena, &source, reterr);

    if (status >= 0)
        status = price_set_new(reach, ret_set, reterr);
    if (status < 0)
        return status;
    if (!first && !second) {
        for (size_t i = 0; i < reach->account_count; i++)
            ret_set->bits[i / 64] |= UINT64_C(1) << (i % 64);
        return TEND_OK;
    }
    sql = status >= 0 ? tend_arena_print(reach->arena, "SELECT t.id FROM %s AS t WHERE 1", source) : NULL;
    for (int i = 0; i < 2 && status >= 0; i++) {
        if (!filters[i])
            continue;
        status = tend_filter_sql(filters[i], &world->world, "t", reach->arena, &condition, reterr);
        sql = status >= 0 && sql ? tend_arena_print(reach->arena, "%s AND (%s)", sql, condition) : NULL;
    }
    if (status >= 0)
        status = read_ids(world, sql ? tend_arena_print(reach->arena, "%s ORDER BY t.id", sql) : NULL, reach->arena, &ids, &count,
                          reterr);
    for (size_t i = 0; i < count && status >= 0; i++) {
        const int64_t *found = bsearch(&ids[i], reach->accounts, reach->account_count, sizeof *ids, compare_ids);

        if (found)
            ret_set->bits[(found - reach->accounts) / 64] |= UINT64_C(1) << ((found - reach->accounts) % 64);
    }
    return status;
}

bool price_reach_speaks(const tend_rule *rule, const tend_product *product)
{
    return tend_rule_speaks_of(rule, product->code, product->name, product->family, rule->unit ? rule->unit : "");
}

tend_status price_set_new(const price_reach *reach, price_set *ret_set, tend_error *reterr)
{
    ret_set->bits = tend_arena_take(reach->arena, reach->words * sizeof *ret_set->bits);
    return ret_set->bits ? TEND_OK : no_memory(reterr);
}

void price_set_copy(const price_reach *reach, const price_set *from, price_set *to)
{
    memcpy(to->bits, from->bits, reach->words * sizeof *from->bits);
}

void price_set_take_away(const price_reach *reach, price_set *from, const price_set *those)
{
    for (size_t i = 0; i < reach->words; i++)
        from->bits[i] &= ~those->bits[i];
}

bool price_set_is_empty(const price_reach *reach, const price_set *set)
{
    for (size_t i = 0; i < reach->words; i++)
        if (set->bits[i])
            return false;
    return true;
}

bool price_set_meet(const price_reach *reach, const price_set *a, const price_set *b)
{
    for (size_t i = 0; i < reach->words; i++)
        if (a->bits[i] & b->bits[i])
            return true;
    return false;
}

int64_t price_set_first(const price_reach *reach, const price_set *set)
{
    for (size_t i = 0; i < reach->account_count; i++)
        if (set->bits[i / 64] >> (i % 64) & 1)
            return reach->accounts[i];
    return 0;
}
