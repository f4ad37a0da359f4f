#include "kpi/health.h"
#include "kpi_fixture.h"

static kpi_fixture k;
static const tend_section *const sections[] = { tend_kpi_sections, tend_health_sections, NULL };

typedef struct opened_health {
    tend_scorecard *card;
    tend_kpi_view *view;
    tend_health *health;
} opened_health;

static opened_health open_health(void)
{
    opened_health o = { 0 };

    TEST_OK(&k.f, tend_scorecard_load(k.config, stderr, &o.card, &k.f.error));
    TEST_OK(&k.f, tend_kpi_view_open(k.kpis, &k.world, NULL, NULL, &o.view, &k.f.error));
    TEST_OK(&k.f, tend_health_open(o.view, o.card, &o.health, &k.f.error));
    return o;
}

static void close_health(opened_health *o)
{
    tend_health_close(o->health);
    tend_kpi_view_close(o->view);
    tend_scorecard_free(o->card);
}

static const tend_health_part *explain(const opened_health *o, int64_t account, tend_health_score *score)
{
    const tend_health_part *parts = NULL;
    size_t count = 0;
    int64_t sum = 0;

    TEST_OK(&k.f, tend_health_explain(o->health, account, k.f.arena, score, &parts, &count, &k.f.error));
    for (size_t i = 0; i < count; i++)
        sum += parts[i].part.contribution;
    ck_assert_int_eq(sum, score->score);
    return parts;
}

static int64_t put_interaction(int64_t account, const char *on)
{
    return TEST_PUT(&k.f, .kind = TEND_KIND_INTERACTION,
                    .fields = { { "account", ref(account) },
                                { "kind", text("call") },
                                { "happened_at", (tend_value){ .type = TEND_TIME, .integer = at(on) } } })
        .id;
}

static void put_usage(int64_t account, const char *on, int64_t uses)
{
    TEST_PUT(&k.f, .kind = TEND_KIND_USAGE,
             .fields = { { "account", ref(account) }, { "used_on", day(on) }, { "uses", number(uses) } });
}

static void put_invoice(int64_t account, const char *due, const char *status)
{
    TEST_PUT(&k.f, .kind = TEND_KIND_INVOICE,
             .fields = { { "account", ref(account) }, { "due_on", day(due) }, { "status", text(status) } });
}

static void put_ticket(int64_t account, const char *priority, const char *status)
{
    TEST_PUT(&k.f, .kind = TEND_KIND_TICKET,
             .fields = { { "account", ref(account) },
                         { "title", text("It stopped") },
                         { "priority", text(priority) },
                         { "status", text(status) } });
}

#define LINE "low = 0\nhigh = 100\n"

START_TEST(golden_vector_from_the_store)
{
    tend_health_score score;

    kpi_fixture_open(&k,
                     "[measure.usage]\nvalue = account.seats\nweight = 40\n" LINE "[measure.voice]\nvalue = nps\nweight = 20\n" LINE
                     "[measure.support]\nvalue = account.employees\nweight = 25\n" LINE
                     "[measure.relation]\nvalue = account.founded\nweight = 15\n" LINE,
                     sections);
    const int64_t account =
        TEST_PUT(
            &k.f, .kind = TEND_KIND_ACCOUNT,
            .fields = { { "name", text("Acme") }, { "seats", number(70) }, { "employees", number(90) }, { "founded", number(40) } })
            .id;
    opened_health o = open_health();
    const tend_health_part *parts = explain(&o, account, &score);

    ck_assert_int_eq(score.score, 70625000);
    ck_assert_str_eq(score.band, "yellow");
    ck_assert_str_eq(parts[0].why, "account.seats is 70, between 0 (0 points) and 100 (100 points)");
    ck_assert_int_eq(parts[0].part.contribution, 35000000);
    ck_assert_str_eq(parts[1].why, "nps is not known; its weight goes to the other measures of group all");
    close_health(&o);
    kpi_fixture_close(&k);
}
END_TEST

/* The clock stands at 2026-03-02. */
START_TEST(sources_read_the_world)
{
    static const struct {
        const char *source;
        int64_t acme, bolt; /* millionths; INT64_MIN: not known */
    } known[] = {
        { "usage.trend", 1500000, INT64_MIN },   { "ticket.open_urgent", 2000000, 0 },
        { "touch.days", 30000000, INT64_MIN },   { "contract.days_left", 29000000, INT64_MIN },
        { "invoice.overdue_days", 10000000, 0 }, { "account.seats", INT64_MIN, 12000000 },
    };
    char ini[512] = "";

    for (size_t i = 0; i < 6; i++)
        (void)snprintf(ini + strlen(ini), sizeof ini - strlen(ini), "[measure.m%zu]\nvalue = %s\n" LINE, i, known[i].source);
    kpi_fixture_open(&k, ini, sections);
    const int64_t acme = add_account(&k.f, "Acme");
    const int64_t bolt =
        TEST_PUT(&k.f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Bolt") }, { "seats", number(12) } }).id;

    put_usage(acme, "2026-03-02", 7);
    put_usage(acme, "2026-02-01", 2); /* the 30th day */
    put_usage(acme, "2026-01-31", 6); /* the 31st */
    put_usage(acme, "2026-01-01", 5); /* the 61st: too old */
    put_usage(bolt, "2026-03-01", 5);
    put_ticket(acme, "urgent", "open");
    put_ticket(acme, "urgent", "acting");
    put_ticket(acme, "urgent", "closed");
    put_ticket(acme, "low", "open");
    put_interaction(acme, "2026-01-31");
    put_interaction(acme, "2025-12-31");
    put_contract(&k.f, acme, &(contract_record){ .starts = "2025-04-01", .ends = "2026-03-31" });
    put_contract(&k.f, acme, &(contract_record){ .starts = "2025-04-01", .ends = "2026-12-31" });
    put_contract(&k.f, acme, &(contract_record){ .starts = "2025-04-01", .ends = "2026-02-28" });
    put_contract(&k.f, acme, &(contract_record){ .starts = "2025-04-01", .ends = "2026-03-05", .status = "offered" });
    put_invoice(acme, "2026-02-20", "open");
    put_invoice(acme, "2026-01-20", "paid");
    put_invoice(acme, "2026-03-20", "open");
    put_invoice(bolt, "2026-01-20", "paid");
    opened_health o = open_health();
    tend_health_score score;
    const tend_health_part *of_acme = explain(&o, acme, &score), *of_bolt = explain(&o, bolt, &score);

    for (size_t i = 0; i < 6; i++) {
        ck_assert_str_eq(of_acme[i].value, known[i].source);
        ck_assert_int_eq(of_acme[i].has_value ? of_acme[i].micro : INT64_MIN, known[i].acme);
        ck_assert_int_eq(of_bolt[i].has_value ? of_bolt[i].micro : INT64_MIN, known[i].bolt);
    }
    close_health(&o);
    kpi_fixture_close(&k);
}
END_TEST

START_TEST(a_stale_value_counts_as_missing)
{
    tend_health_score score;

    kpi_fixture_open(&k,
                     "[measure.voice]\nvalue = nps\nstale_after = 90 d\n" LINE
                     "[measure.seats]\nvalue = account.seats\ngroup = other\n" LINE,
                     sections);
    const int64_t account =
        TEST_PUT(&k.f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Acme") }, { "seats", number(40) } }).id;

    put_answer(&k.f, account, "nps", 10, "2025-09-01");
    opened_health o = open_health();
    const tend_health_part *parts = explain(&o, account, &score);

    ck_assert_int_eq(score.score, 40000000);
    ck_assert(parts[0].has_value && !parts[0].has_points);
    ck_assert_str_eq(parts[0].why, "nps is stale, its newest fact is of 2025-09-01; its weight goes to the other groups, as for "
                                   "group all nothing is known");
    close_health(&o);
    kpi_fixture_close(&k);
}
END_TEST

START_TEST(a_source_that_is_none_is_named)
{
    tend_scorecard *card = NULL;
    tend_kpi_view *view = NULL;
    tend_health *health = NULL;

    kpi_fixture_open(&k, "[measure.voice]\nvalue = npx\n" LINE, sections);
    TEST_OK(&k.f, tend_scorecard_load(k.config, stderr, &card, &k.f.error));
    TEST_OK(&k.f, tend_kpi_view_open(k.kpis, &k.world, NULL, NULL, &view, &k.f.error));
    ck_assert_int_eq(tend_health_open(view, card, &health, &k.f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(k.f.error.text, "[measure.voice] value: npx is neither a KPI nor a source of health; see `tend kpi list`");
    tend_kpi_view_close(view);
    tend_scorecard_free(card);
    kpi_fixture_close(&k);
}
END_TEST

TESTS_WITH("kpi/health", {
    tcase_add_test(tcase, golden_vector_from_the_store);
    tcase_add_test(tcase, sources_read_the_world);
    tcase_add_test(tcase, a_stale_value_counts_as_missing);
    tcase_add_test(tcase, a_source_that_is_none_is_named);
})
