/* query_fixture.h: a query over the fixture's store, and its answers as text. */
#ifndef TEND_TESTS_QUERY_FIXTURE_H
#define TEND_TESTS_QUERY_FIXTURE_H

#include "model/measure.h"
#include "query/query.h"
#include "store_fixture.h"

static fixture f;
static tend_rates *rates;
static char *answer;

static inline tend_value date_value(const char *iso)
{
    return day(iso);
}

static inline tend_value time_value(const char *iso)
{
    return (tend_value){ .type = TEND_TIME, .integer = at(iso) };
}

static inline void query_setup(void)
{
    fixture_open(&f);
    f.now = at("2026-02-16");
    rates = NULL;
    answer = NULL;
}

static inline void query_teardown(void)
{
    free(answer);
    tend_rates_free(rates);
    fixture_close(&f);
}

/* Everything now; 0: live. */
static inline tend_query query_of(tend_time as_of)
{
    tend_world world = world_of(&f, as_of, 0);
    tend_date today = (tend_date)((as_of ? as_of : f.now) / 86400000);

    world.now = as_of ? as_of : f.now;
    tend_rates_free(rates);
    rates = NULL;
    TEST_OK(&f, tend_rates_load(&world, &rates, &f.error));
    return (tend_query){ .model = f.model,
                         .world = world,
                         .principal = &f.principal,
                         .rates = rates,
                         .currency = "USD",
                         .today = today,
                         .arena = f.arena };
}

typedef tend_status (*query_asked)(const tend_query *query, tend_result *result, tend_error *reterr);

/* JSON without its line breaks and indents: texts hold none. */
static inline void query_squeeze(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from == '\n') {
            while (from[1] == ' ')
                from++;
            continue;
        }
        *to++ = *from;
        if (from[0] == ':' && from[1] == ' ' && from > text && from[-1] == '"')
            from++;
    }
    *to = '\0';
}

/* What `ask` answers, written by `make`; valid until the next. */
static inline const char *query_answer(const tend_query *query, tend_result *(*make)(FILE *out), query_asked ask)
{
    size_t length = 0;
    FILE *out;
    tend_result *result;

    free(answer);
    out = open_memstream(&answer, &length);
    ck_assert_ptr_nonnull(out);
    result = make(out);
    ck_assert_ptr_nonnull(result);
    TEST_OK(&f, ask(query, result, &f.error));
    TEST_OK(&f, result->end(result, &f.error));
    result->free(result);
    ck_assert_int_eq(fclose(out), 0);
    if (make == tend_result_json)
        query_squeeze(answer);
    return answer;
}

static inline int64_t add_user(const char *name)
{
    return TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text(name) } }).id;
}

static inline int64_t add_owned(const char *name, int64_t owner)
{
    return TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT,
                    .fields = { { "name", text(name) }, { "stage", text("active") }, { "owner", ref(owner) } })
        .id;
}

static inline int64_t add_contract(int64_t account, const char *name, const char *ends, int64_t minor, const char *currency)
{
    return TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
                    .fields = { { "account", ref(account) },
                                { "name", text(name) },
                                { "status", text("active") },
                                { "starts_on", day("2025-01-01") },
                                { "ends_on", day(ends) },
                                { "currency", text(currency) },
                                { "annual_amount", money(minor, currency) } })
        .id;
}

static inline void publish_health(int64_t account, int64_t score, const char *band)
{
    tend_measure measure = { .kpi = "health",
                             .account = account,
                             .day = (tend_date)(f.now / 86400000),
                             .numerator = score,
                             .denominator = 1,
                             .text = band };
    bool differs;

    begin(&f);
    TEST_OK(&f, tend_measure_publish(f.model, &f.origin, &measure, &differs, &f.error));
    commit(&f);
}

#define HAS(text_, part) ck_assert_msg(strstr((text_), (part)) != NULL, "no %s in %s", (part), (text_))
#define HAS_NOT(text_, part) ck_assert_msg(strstr((text_), (part)) == NULL, "%s in %s", (part), (text_))

#endif
