#include "kpi/stock.h"
#include <stdlib.h>
#include <string.h>

#define PATCHED_SHARE 10 /* one of so many accounts is put right in place; more are read anew */

static void free_stock(tend_stock *stock)
{
    while (stock->frames) {
        tend_kept_frame *next = stock->frames->next;

        tend_kept_frame_free(stock->frames);
        stock->frames = next;
    }
    tend_members_free(stock->members);
    free(stock->room);
    free(stock);
}

void tend_stock_give(tend_stock *stock)
{
    if (stock && --stock->users == 0)
        free_stock(stock);
}

static bool is_of_world(const tend_stock *stock, const tend_world *world, const char currency[4])
{
    return stock->world.store == world->store && stock->world.schema == world->schema && strcmp(stock->currency, currency) == 0;
}

/* What the cache keeps, when it was made of what a view of this world would be made of. */
static tend_status find_kept(const tend_world *world, tend_cache *cache, const char currency[4], tend_stock **ret_stock,
                             tend_error *reterr)
{
    tend_stock *kept = tend_cache_stock(cache);
    const tend_cached *cached = NULL;
    tend_status status;

    *ret_stock = NULL;
    if (!kept || kept->world.store != world->store || kept->world.schema != world->schema || strcmp(kept->currency, currency) != 0)
        return TEND_OK;
    status = tend_cache_take(cache, world, &cached, reterr);
    kept = tend_cache_stock(cache); /* taking may have dropped it */
    if (status >= 0 && kept && cached && tend_members_are_of(kept->members, cached)) {
        kept->users++;
        *ret_stock = kept;
    }
    tend_cache_give(cached);
    return status;
}

static tend_status make(const tend_world *world, tend_cache *cache, const tend_scope *scope, const char currency[4],
                        tend_stock **ret_stock, tend_error *reterr)
{
    tend_stock *stock = calloc(1, sizeof *stock);
    tend_status status = TEND_ENOMEM;

    if (!stock)
        return status;
    stock->users = 1;
    stock->world = *world;
    memcpy(stock->currency, currency, 4);
    status = tend_members_new(&stock->world, cache, scope, currency, &stock->members, reterr);
    if (status < 0) {
        free_stock(stock);
        return status;
    }
    stock->accounts = tend_members_list(stock->members, &stock->account_count);
    *ret_stock = stock;
    return TEND_OK;
}

static bool is_touched(const tend_kept_frame *kept, uint64_t kinds)
{
    for (size_t i = 0; i < kept->kind_count; i++)
        if (kinds >> kept->kinds[i].kind->kind & 1)
            return true;
    return kinds == UINT64_MAX;
}

/* Whether the frame could be made that of now in place. */
static tend_status patch(const tend_stock *stock, const tend_stock *before, tend_cache *cache, tend_kept_frame *kept,
                         bool *ret_done, tend_error *reterr)
{
    uint64_t kinds = 0;
    tend_scope scope = { 0 };
    int64_t *accounts = NULL;
    tend_stock *some = NULL;
    tend_kept_frame *part = NULL;
    tend_status status;

    *ret_done = false;
    if (!kept->sealed || kept->has_latest)
        return TEND_OK;
    for (size_t i = 0; i < kept->kind_count; i++)
        kinds |= UINT64_C(1) << kept->kinds[i].kind->kind;
    status = tend_members_touched(stock->members, before->members, kinds, &accounts, &scope.count, reterr);
    scope.accounts = accounts;
    if (status >= 0 && scope.count <= stock->account_count / PATCHED_SHARE) {
        status = make(&stock->world, cache, &scope, stock->currency, &some, reterr);
        if (status >= 0)
            status = tend_stock_frame(some, kept->inputs, kept->is_money, kept->period, &part, reterr);
        if (status >= 0)
            *ret_done = tend_kept_frame_patch(kept, part);
    }
    tend_stock_give(some);
    free(accounts);
    return status;
}

/* Frames of what was kept are those of now, and move, when no event has touched their rows since or what it touched is put right.
 */
static tend_status inherit(tend_stock *stock, tend_stock *before, tend_cache *cache, tend_error *reterr)
{
    tend_kept_frame *frames = before->frames, *left = NULL;
    tend_status status = TEND_OK;

    before->frames = NULL;
    while (frames) {
        tend_kept_frame *kept = frames;
        uint64_t kinds = UINT64_MAX;

        frames = kept->next;
        if (status >= 0)
            status = tend_members_compare(stock->members, before->members, kept->is_money, &kinds, reterr);
        bool is_now = status >= 0 && !is_touched(kept, kinds);

        if (status >= 0 && !is_now && kinds != UINT64_MAX)
            status = patch(stock, before, cache, kept, &is_now, reterr);
        tend_kept_frame **list = is_now ? &stock->frames : &left;

        kept->next = *list;
        *list = kept;
    }
    before->frames = left;
    if (!stock->room) {
        stock->room = before->room;
        stock->room_bytes = before->room_bytes;
        before->room = NULL;
        before->room_bytes = 0;
    }
    return status;
}

tend_status tend_stock_take(const tend_world *world, tend_cache *cache, const tend_scope *scope, const char currency[4],
                            tend_stock **ret_stock, tend_error *reterr)
{
    const bool is_whole = !scope || (!scope->accounts && !scope->filter);
    tend_stock *stock = NULL;
    tend_status status = is_whole && cache ? find_kept(world, cache, currency, &stock, reterr) : TEND_OK;

    if (status >= 0 && !stock) {
        status = make(world, cache, scope, currency, &stock, reterr);
        if (status >= 0 && is_whole && tend_members_are_cached(stock->members)) {
            tend_stock *before = tend_cache_stock(cache);

            if (before && before->users == 1 && is_of_world(before, world, currency))
                status = inherit(stock, before, cache, reterr);
            if (status < 0) {
                free_stock(stock);
                return status;
            }
            stock->users++;
            tend_cache_keep_stock(cache, stock);
        }
    }
    if (status >= 0)
        *ret_stock = stock;
    return status;
}

/* ---- frames ------------------------------------------------------------------------------------------------------------ */

static bool is_for(const tend_kept_frame *kept, const tend_input *inputs, tend_period period)
{
    size_t i = 0;

    for (; i < kept->input_count; i++)
        if (!inputs[i].column || inputs[i].take != kept->inputs[i].take || strcmp(inputs[i].column, kept->inputs[i].column) != 0)
            return false;
    return !inputs[i].column && (!kept->has_latest || (kept->period.from == period.from && kept->period.to == period.to));
}

/* A frame of money in one currency is also the frame that is not split. */
static bool serves(const tend_stock *stock, const tend_kept_frame *kept, bool is_money)
{
    return kept->is_money == is_money || (kept->is_money && kept->frame.is_one_currency && kept->frame.batch.accounts > 0 &&
                                          kept->frame.batch.accounts == stock->account_count);
}

tend_status tend_stock_frame(tend_stock *stock, const tend_input *inputs, bool is_money, tend_period period,
                             tend_kept_frame **ret_kept, tend_error *reterr)
{
    tend_kept_frame *kept = stock->frames;
    tend_status status;

    while (kept && (!is_for(kept, inputs, period) || !serves(stock, kept, is_money)))
        kept = kept->next;
    if (kept) {
        *ret_kept = kept;
        return TEND_OK;
    }
    kept = calloc(1, sizeof *kept);
    if (!kept)
        return tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up");
    kept->is_money = is_money;
    kept->period = period;
    status = tend_kept_frame_fill(stock, kept, inputs, reterr);
    if (status < 0) {
        tend_kept_frame_free(kept);
        return status;
    }
    kept->next = stock->frames;
    stock->frames = kept;
    *ret_kept = kept;
    return TEND_OK;
}

tend_status tend_kept_frame_seal(tend_kept_frame *kept, tend_error *reterr)
{
    tend_column *columns = (tend_column *)(uintptr_t)kept->frame.batch.columns;
    tend_status status;

    if (kept->sealed)
        return TEND_OK;
    status = tend_sealed_new(&kept->frame.batch, &kept->sealed, reterr);
    if (status < 0)
        return status;
    for (size_t i = 0; i < kept->input_count; i++) { /* once is enough */
        columns[i] = tend_sealed_batch(kept->sealed)->columns[i];
        free(kept->values[i].items);
        kept->values[i] = (tend_numbers){ 0 };
    }
    return TEND_OK;
}
