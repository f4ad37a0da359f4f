#include "engine/tiers.h"
#include "base/date.h"
#include "price/publish.h"
#include <string.h>

static const char last_day[] = "price.published"; /* in the store's own settings */

static tend_status is_done(tend_store *store, const char *today, bool *ret_is_done, tend_error *reterr)
{
    tend_arena *arena = tend_arena_new();
    const char *before = NULL;
    tend_status status = arena ? tend_store_meta_get(store, arena, last_day, &before, reterr)
                               : tend_fail(reterr, TEND_ENOMEM, "prices: memory is used up");

    *ret_is_done = status >= 0 && before && strcmp(before, today) == 0;
    tend_arena_free(arena);
    return status == TEND_ENOTFOUND ? TEND_OK : status;
}

static tend_status keep_day(tend_model *model, const char *today, tend_error *reterr)
{
    tend_status status = tend_model_begin(model, reterr);

    if (status < 0)
        return status;
    status = tend_store_meta_set(tend_model_store(model), last_day, today, reterr);
    if (status >= 0)
        return tend_model_commit(model, reterr);
    tend_model_rollback(model);
    return status;
}

tend_status tend_tiers_publish(tend_workspace *workspace, bool *ret_did, tend_error *reterr)
{
    tend_model *model = tend_workspace_model(workspace);
    const tend_principal engine = tend_principal_administrator();
    const tend_origin origin = { .principal = &engine };
    tend_price_world world = { .world = tend_world_live(model),
                               .principal = &engine,
                               .currency = tend_config_text(tend_workspace_config(workspace), "tend", NULL, "currency") };
    const tend_date today = (tend_date)(tend_model_now(model) / INT64_C(86400000));
    tend_pricing *pricing;
    int64_t changed = 0;
    char day[TEND_DATE_ROOM];
    bool has_today = false;
    tend_status status = TEND_OK;

    *ret_did = false;
    if (!tend_pricing_publishes(tend_workspace_config(workspace)))
        return TEND_OK;
    status = is_done(tend_workspace_store(workspace), tend_date_format(today, day), &has_today, reterr);
    if (status < 0 || has_today)
        return status;
    status = tend_workspace_pricing(workspace, NULL, &pricing, reterr);
    if (status >= 0)
        status = tend_workspace_rates(workspace, &world.rates, reterr);
    if (status >= 0)
        status = tend_pricing_publish(pricing, model, &world, &origin, today, &changed, reterr);
    if (status >= 0)
        status = keep_day(model, day, reterr);
    *ret_did = status >= 0 && changed > 0;
    return status;
}
