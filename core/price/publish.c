#include "price/publish.h"

#include "model/measure.h"
#include "price/reach.h"
#include <string.h>

enum { CHUNK = 1000, NAME_ROOM = 80 };

typedef struct publishing {
    const tend_pricing *pricing;
    const tend_price_section *section;
    tend_model *model;
    const tend_price_world *world;
    const tend_origin *origin;
    tend_date date;
    char kpi[NAME_ROOM];
    int64_t changed;
} publishing;

bool tend_pricing_publishes(const tend_config *config)
{
    const char *name;

    for (size_t i = 0; (name = tend_config_instance(config, "price", i)); i++)
        if (tend_config_bool(config, "price", name, "enabled") && tend_config_bool(config, "price", name, "publish"))
            return true;
    return false;
}

/* The word of the account's tier; NULL: it has none. From `arena`. */
static tend_status tier_of(const publishing *p, int64_t account, tend_arena *arena, const char **ret_tier, tend_error *reterr)
{
    const tend_quote_request request = { .account = account, .date = p->date, .only = p->section->name };
    tend_quoted quoted;
    tend_status status = tend_quote_make(p->pricing, p->world, &request, arena, &quoted, reterr);

    *ret_tier = NULL;
    for (uint32_t i = 0; status >= 0 && i < quoted.benefit_count; i++)
        if (strcmp(quoted.benefits[i].name, "tier") == 0 && quoted.benefits[i].value.type == TEND_TEXT)
            *ret_tier = quoted.benefits[i].value.text;
    return status;
}

/* Up to CHUNK accounts: asked first, then written together. */
static tend_status publish_chunk(publishing *p, const int64_t *accounts, size_t count, tend_arena *arena, tend_error *reterr)
{
    const char **tiers = tend_arena_take(arena, count * sizeof *tiers);
    tend_measure *before = tend_arena_take(arena, count * sizeof *before);
    tend_status status =
        tiers && before ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "price %s: memory is used up", p->section->name);

    for (size_t i = 0; i < count && status >= 0; i++)
        status = tier_of(p, accounts[i], arena, &tiers[i], reterr);
    if (status >= 0)
        status = tend_measure_read(tend_model_store(p->model), p->kpi, accounts, count, arena, before, reterr);
    if (status >= 0)
        status = tend_model_begin(p->model, reterr);
    if (status < 0)
        return status;
    for (size_t i = 0; i < count && status >= 0; i++) {
        const tend_measure measure = {
            .kpi = p->kpi, .account = accounts[i], .day = p->date, .numerator = 1, .denominator = tiers[i] ? 1 : 0, .text = tiers[i]
        };
        bool differs = false;

        if (!tiers[i] && !before[i].kpi)
            continue;
        status = tend_measure_publish(p->model, p->origin, &measure, &differs, reterr);
        p->changed += differs;
    }
    if (status >= 0)
        return tend_model_commit(p->model, reterr);
    tend_model_rollback(p->model);
    return status;
}

static tend_status publish_section(publishing *p, tend_error *reterr)
{
    tend_arena *arena = tend_arena_new(), *own = tend_arena_new();
    price_reach reach = { 0 };
    price_set set = { 0 };
    int64_t *accounts;
    size_t count = 0;
    tend_status status = arena && own ? price_reach_open(p->world, arena, &reach, reterr) : TEND_ENOMEM;

    (void)snprintf(p->kpi, sizeof p->kpi, "price.%.64s", p->section->name);
    if (status >= 0)
        status = price_reach_accounts(&reach, p->world, p->section->where, NULL, &set, reterr);
    accounts = status >= 0 ? tend_arena_take(arena, (reach.account_count + 1) * sizeof *accounts) : NULL;
    if (status >= 0 && !accounts)
        status = TEND_ENOMEM;
    for (size_t i = 0; status >= 0 && i < reach.account_count; i++)
        if (set.bits[i / 64] >> (i % 64) & 1)
            accounts[count++] = reach.accounts[i];
    for (size_t first = 0; first < count && status >= 0; first += CHUNK) {
        tend_arena_reset(own);
        status = publish_chunk(p, accounts + first, count - first < CHUNK ? count - first : CHUNK, own, reterr);
    }
    tend_arena_free(arena);
    tend_arena_free(own);
    return status == TEND_ENOMEM ? tend_fail(reterr, status, "price %s: memory is used up", p->section->name) : status;
}

tend_status tend_pricing_publish(const tend_pricing *pricing, tend_model *model, const tend_price_world *world,
                                 const tend_origin *origin, tend_date date, int64_t *ret_changed, tend_error *reterr)
{
    publishing p = { .pricing = pricing, .model = model, .world = world, .origin = origin, .date = date };
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && (p.section = tend_pricing_at(pricing, i)); i++)
        if (p.section->publishes)
            status = publish_section(&p, reterr);
    *ret_changed = p.changed;
    return status;
}
