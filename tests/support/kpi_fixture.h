/* kpi_fixture.h: the store fixture with the built plugins behind real hosts, and rows that KPIs are made of. */
#ifndef TEND_KPI_FIXTURE_H
#define TEND_KPI_FIXTURE_H

#include "kpi/compute.h"
#include "store_fixture.h"

typedef struct kpi_fixture {
    fixture f;
    tend_plugins *plugins;
    tend_kpis *kpis;
    tend_config *config;
    tend_world world;
} kpi_fixture;

static inline const tend_kpi_value *value_of(kpi_fixture *k, tend_kpi_view *view, const char *id)
{
    const tend_kpi_value *value = NULL;

    TEST_OK(&k->f, tend_kpi_view_value(view, id, &value, &k->f.error));
    return value;
}

/* The build's own plugins: they are found beside the test. */
static inline void kpi_fixture_plugins(kpi_fixture *k)
{
    TEST_OK(&k->f, tend_plugins_open(NULL, tend_clock_by_hand(&k->f.now), &k->plugins, &k->f.error));
    TEST_OK(&k->f, tend_kpis_open(k->config, k->plugins, k->f.schema, &k->kpis, &k->f.error));
}

/* `ini` may be NULL; `sections` are those it may use. */
static inline void kpi_fixture_open(kpi_fixture *k, const char *ini, const tend_section *const *sections)
{
    memset(k, 0, sizeof *k);
    fixture_open(&k->f);
    if (ini)
        TEST_OK(&k->f, tend_config_load_text("tend.ini", ini, strlen(ini), sections, stderr, &k->config, &k->f.error));
    kpi_fixture_plugins(k);
    k->world = tend_world_live(k->f.model);
}

static inline void kpi_fixture_close(kpi_fixture *k)
{
    tend_kpis_close(k->kpis);
    tend_plugins_close(k->plugins);
    tend_config_free(k->config);
    fixture_close(&k->f);
}

typedef struct contract_record {
    const char *starts, *ends, *ended; /* NULL: not known */
    int64_t amount;
    const char *currency, *status; /* NULL: USD, active */
    bool is_trial, auto_renew;
} contract_record;

static inline int64_t put_contract(fixture *f, int64_t account, const contract_record *c)
{
    const char *currency = c->currency ? c->currency : "USD";

    return fixture_put(
               f, &(fixture_record){ .kind = TEND_KIND_CONTRACT,
                                     .effective = at("2020-01-01"),
                                     .fields = { { "account", ref(account) },
                                                 { "status", text(c->status ? c->status : "active") },
                                                 { "starts_on", c->starts ? day(c->starts) : nothing() },
                                                 { "ends_on", c->ends ? day(c->ends) : nothing() },
                                                 { "ended_on", c->ended ? day(c->ended) : nothing() },
                                                 { "currency", text(currency) },
                                                 { "annual_amount", money(c->amount, currency) },
                                                 { "is_trial", (tend_value){ .type = TEND_BOOL, .integer = c->is_trial } },
                                                 { "auto_renew", (tend_value){ .type = TEND_BOOL, .integer = c->auto_renew } } } })
        .id;
}

static inline int64_t put_answer(fixture *f, int64_t account, const char *survey, int64_t score, const char *on)
{
    return fixture_put(f,
                       &(fixture_record){ .kind = TEND_KIND_ANSWER,
                                          .fields = { { "account", ref(account) },
                                                      { "survey", text(survey) },
                                                      { "score", number(score) },
                                                      { "answered_at", (tend_value){ .type = TEND_TIME, .integer = at(on) } } } })
        .id;
}

static inline int64_t put_rate(fixture *f, const char *from, const char *to, const char *on, int64_t rate)
{
    return fixture_put(
               f, &(fixture_record){ .kind = TEND_KIND_RATE,
                                     .fields = { { "from_currency", text(from) },
                                                 { "to_currency", text(to) },
                                                 { "on_date", day(on) },
                                                 { "rate", (tend_value){ .type = TEND_DECIMAL, .scale = 9, .integer = rate } } } })
        .id;
}

#endif
