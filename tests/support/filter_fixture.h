/* filter_fixture.h: accounts, a contract, a task and their measures and rates, and a filter asked in C and in SQL at once. */
#ifndef TEND_FILTER_FIXTURE_H
#define TEND_FILTER_FIXTURE_H

#include "model/filter.h"
#include "model/measure.h"
#include "model/sieve.h"
#include "store_fixture.h"
#include <inttypes.h>

#define PLACE "tend.ini:12: [segment.key] where"

static const tend_measure_name measures[] = { { .name = "arr", .is_money = true },
                                              { .name = "nrr" },
                                              { .name = "nrr.with_reactivation" },
                                              { .name = "health", .choices = "red yellow green" },
                                              { .name = NULL } };
static fixture f;
static tend_rates *rates;
static tend_segments *segments;
static int64_t kim, lee, acme, seoul, empty, contract, task, line_then;

static inline void publish(const char *kpi, int64_t account, int64_t numerator, int64_t denominator, const char *currency,
                           const char *word)
{
    tend_measure measure = { .kpi = kpi, .account = account, .day = (tend_date)(f.now / 86400000), .text = word };
    bool differs = false;

    measure.numerator = numerator;
    measure.denominator = denominator;
    strcpy(measure.currency, currency);
    begin(&f);
    TEST_OK(&f, tend_measure_publish(f.model, &f.origin, &measure, &differs, &f.error));
    commit(&f);
}

static inline void add_rate(const char *from, const char *to, const char *on, int64_t rate)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_RATE,
                   .fields = { { "from_currency", text(from) },
                               { "to_currency", text(to) },
                               { "on_date", day(on) },
                               { "rate", { .type = TEND_DECIMAL, .scale = 9, .integer = rate } } });
}

static inline void add_rows(void)
{
    kim = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Kim") }, { "email", text("kim@example.test") } }).id;
    lee = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Lee O'Hara") }, { "manager", ref(kim) } }).id;
    acme = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT,
                    .fields = { { "name", text("Acme") },
                                { "region", text("EMEA") },
                                { "tier", text("gold") },
                                { "seats", number(120) },
                                { "currency", text("USD") },
                                { "revenue", money(100000000, "USD") },
                                { "customer_since", day("2020-02-29") },
                                { "owner", ref(lee) } })
               .id;
    seoul = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT,
                     .fields = { { "name", text("한국상사") },
                                 { "region", text("apac") },
                                 { "city", text("서울") },
                                 { "tier", text("premier") },
                                 { "currency", text("KRW") },
                                 { "revenue", money(2000000000, "KRW") },
                                 { "parent", ref(acme) },
                                 { "owner", ref(kim) } })
                .id;
    empty = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Nothing known") } }).id;
    contract = TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
                        .fields = { { "account", ref(acme) },
                                    { "status", text("active") },
                                    { "ends_on", day("2026-05-31") },
                                    { "currency", text("EUR") },
                                    { "annual_amount", money(60000000, "EUR") },
                                    { "auto_renew", { .type = TEND_BOOL, .integer = 1 } } })
                   .id;
    task = TEST_PUT(&f, .kind = TEND_KIND_TASK,
                    .fields = { { "title", text("Write the plan") }, { "contract", ref(contract) }, { "assignee", ref(kim) } })
               .id;
    line_then = TEST_PUT(&f, .kind = TEND_KIND_ORDER_LINE,
                         .fields = { { "account", ref(acme) },
                                     { "ordered_at", { .type = TEND_TIME, .integer = at("2024-03-05") + 3600000 } },
                                     { "currency", text("EUR") },
                                     { "amount", money(10000, "EUR") } })
                    .id;
}

static inline void set_up(void)
{
    tend_world world;

    fixture_open(&f);
    add_rate("EUR", "USD", "2024-03-01", 2000000000);
    add_rate("EUR", "USD", "2026-03-01", 1100000000);
    add_rows();
    publish("arr", acme, 60000000, 1, "EUR", NULL);
    publish("nrr", acme, 9, 10, "", NULL);
    publish("nrr.with_reactivation", acme, 11, 10, "", NULL);
    publish("nrr", seoul, 0, 0, "", NULL);
    publish("health", acme, 42, 1, "", "red");
    world = tend_world_live(f.model);
    TEST_OK(&f, tend_rates_load(&world, &rates, &f.error));
    TEST_OK(&f, tend_filter_define(f.store, rates, &f.error));
    TEST_OK(&f, tend_segments_load(NULL, f.schema, measures, NULL, &segments, &f.error));
}

static inline void tear_down(void)
{
    tend_segments_free(segments);
    fixture_close(&f);
    tend_rates_free(rates);
}

static inline bool met_in_sql(const tend_filter *filter, tend_kind kind, int64_t row)
{
    tend_world world = tend_world_live(f.model);
    const char *source, *sql;
    tend_buffer query = { 0 };
    int64_t count = -1;

    TEST_OK(&f, tend_world_source(&world, kind, f.arena, &source, &f.error));
    TEST_OK(&f, tend_filter_sql(filter, &world, "r", f.arena, &sql, &f.error));
    tend_buffer_print(&query, "SELECT count(*) FROM %s AS r WHERE r.id = %" PRId64 " AND ", source, row);
    tend_buffer_text(&query, sql);
    ck_assert_msg(tend_store_number(f.store, tend_buffer_string(&query), -1, &count, &f.error) == TEND_OK, "%s\n%s", f.error.text,
                  tend_buffer_string(&query));
    tend_buffer_clear(&query);
    return count == 1;
}

/* As one of many that are decided together. */
static inline bool met_in_sieve(const tend_filter *filter, tend_kind kind, int64_t row)
{
    const tend_filter *const filters[] = { NULL, filter };
    tend_world world = tend_world_live(f.model);
    tend_filter_rows *rows = tend_filter_rows_new();
    tend_sieve *sieve = NULL;
    uint64_t bits = 0;

    TEST_OK(&f, tend_sieve_new(f.schema, kind, filters, 2, &sieve, &f.error));
    TEST_OK(&f, tend_sieve_match(sieve, &world, rates, rows, row, NULL, &bits, &f.error));
    ck_assert_uint_eq(bits & 1, 1);
    tend_sieve_free(sieve);
    tend_filter_rows_free(rows);
    return bits == 3;
}

static inline bool met_when_explained(const tend_filter *filter, int64_t row)
{
    tend_world world = tend_world_live(f.model);
    const tend_filter_reason *reasons = NULL;
    size_t count = 0;
    bool is_met = false;

    TEST_OK(&f, tend_filter_explain(filter, &world, &f.principal, rates, row, f.arena, &is_met, &reasons, &count, &f.error));
    ck_assert_uint_gt(count, 0);
    return is_met;
}

/* Asks in C, in SQL, in tables and for reasons; they must agree. */
static inline bool met(tend_kind kind, int64_t row, const char *where, const char **ret_decided_by)
{
    tend_world world = tend_world_live(f.model);
    tend_filter *filter = NULL;
    const char *by = NULL;
    bool is_met = false;

    ck_assert_msg(tend_filter_parse(f.schema, segments, kind, where, PLACE, &filter, &f.error) == TEND_OK, "%s", f.error.text);
    ck_assert_str_eq(tend_filter_text(filter), where);
    TEST_OK(&f, tend_filter_match(filter, &world, rates, row, &is_met, &by, &f.error));
    if (ret_decided_by)
        *ret_decided_by = tend_arena_string(f.arena, by);
    ck_assert_msg(met_in_sql(filter, kind, row) == is_met, "%s: C says %d, SQL does not", where, is_met);
    ck_assert_msg(met_in_sieve(filter, kind, row) == is_met, "%s: C says %d, the sieve does not", where, is_met);
    ck_assert_msg(met_when_explained(filter, row) == is_met, "%s: C says %d, the reasons do not", where, is_met);
    ck_assert_msg(!is_met || !tend_filter_never(filter, f.arena), "%s: a row meets it, and it is said that none can", where);
    tend_filter_free(filter);
    return is_met;
}

/* For limits: the place is PLACE, the filter too long to be shown. */
static inline void refuse_large(const char *where, const char *sentence)
{
    tend_filter *filter = NULL;

    ck_assert_int_eq(tend_filter_parse(f.schema, segments, TEND_KIND_ACCOUNT, where, PLACE, &filter, &f.error), TEND_EINVAL);
    ck_assert_str_eq(f.error.text, sentence);
}

#endif
