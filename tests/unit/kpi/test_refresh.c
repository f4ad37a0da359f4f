#include "kpi/health.h"
#include "kpi/refresh.h"
#include "kpi_fixture.h"
#include "model/measure.h"

static kpi_fixture k;
static tend_scorecard *card;
static const tend_section *const sections[] = { tend_kpi_sections, tend_health_sections, NULL };

static void open_all(const char *ini)
{
    kpi_fixture_open(&k, ini, sections);
    TEST_OK(&k.f, tend_scorecard_load(k.config, stderr, &card, &k.f.error));
}

static void close_all(void)
{
    tend_scorecard_free(card);
    kpi_fixture_close(&k);
}

static tend_refresh_report refresh(bool everything)
{
    tend_refresh_report report;

    TEST_OK(&k.f, tend_kpi_refresh(k.f.model, k.kpis, card, everything, &report, &k.f.error));
    return report;
}

static tend_measure measure_of(const char *kpi, int64_t account)
{
    const tend_world world = tend_world_live(k.f.model);
    tend_measure measure;

    TEST_OK(&k.f, tend_measure_get(&world, kpi, account, k.f.arena, &measure, &k.f.error));
    return measure;
}

static bool has_measure(const char *kpi, int64_t account)
{
    const tend_world world = tend_world_live(k.f.model);
    tend_measure measure;

    return tend_measure_get(&world, kpi, account, k.f.arena, &measure, &k.f.error) >= 0;
}

static int64_t times_told(const char *topic)
{
    char sql[128];
    int64_t count = 0;

    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM events WHERE topic = '%s'", topic);
    TEST_OK(&k.f, tend_store_number(k.f.store, sql, 0, &count, &k.f.error));
    return count;
}

START_TEST(only_what_changed_is_computed_again)
{
    open_all(NULL);
    const int64_t a = add_account(&k.f, "Acme"), b = add_account(&k.f, "Bolt"), c = add_account(&k.f, "Crane");

    put_contract(&k.f, a, &(contract_record){ .starts = "2025-01-01", .amount = 1000 });
    put_contract(&k.f, b, &(contract_record){ .starts = "2025-01-01", .amount = 500 });
    tend_refresh_report report = refresh(false);

    ck_assert(report.is_all);
    ck_assert_int_eq(report.accounts, 3);
    ck_assert_int_eq(report.failed, 0);
    ck_assert_int_eq(measure_of("arr", a).numerator, 1000);
    ck_assert_str_eq(measure_of("arr", a).currency, "USD");
    ck_assert_int_eq(measure_of("arr", 0).numerator, 1500);
    ck_assert_int_eq(measure_of("arr", 0).denominator, 1);
    ck_assert_int_eq(measure_of("mrr", 0).denominator, 12);
    ck_assert(!has_measure("nps", a)); /* nobody was asked */
    const int64_t events = times_told("measure.arr");

    ck_assert_int_eq(events, 3);
    report = refresh(false);
    ck_assert(!report.is_all);
    ck_assert_int_eq(report.accounts, 0);
    ck_assert_int_eq(report.published, 0);

    put_contract(&k.f, c, &(contract_record){ .starts = "2025-06-01", .amount = 70 });
    report = refresh(false);
    ck_assert(!report.is_all);
    ck_assert_int_eq(report.accounts, 1);
    ck_assert_int_eq(measure_of("arr", c).numerator, 70);
    ck_assert_int_eq(measure_of("arr", 0).numerator, 1570);
    ck_assert_int_eq(times_told("measure.arr"), events + 1);
    close_all();
}
END_TEST

START_TEST(what_no_kpi_reads_computes_nothing)
{
    open_all(NULL);
    const int64_t a = add_account(&k.f, "Acme");
    tend_event met = { .topic = "met.renewal", .kind = TEND_KIND_ACCOUNT, .first = a, .last = a, .account = a };
    tend_refresh_report report;

    put_contract(&k.f, a, &(contract_record){ .starts = "2025-01-01", .amount = 1000 });
    (void)refresh(false);
    TEST_PUT(&k.f, .kind = TEND_KIND_TASK,
             .fields = { { "account", ref(a) }, { "title", text("Call") }, { "status", text("open") } });
    met.recorded_at = k.f.now;
    begin(&k.f);
    TEST_OK(&k.f, tend_bus_publish(tend_model_bus(k.f.model), &met, false, NULL, &k.f.error));
    commit(&k.f);
    report = refresh(false);
    ck_assert_int_eq(report.accounts, 0);
    ck_assert_int_ge(report.events, 2);
    TEST_PUT(&k.f, .kind = TEND_KIND_ACCOUNT, .id = a, .fields = { { "seats", { .type = TEND_INT, .integer = 5 } } });
    ck_assert_int_eq(refresh(false).accounts, 1);
    close_all();
}
END_TEST

START_TEST(a_row_that_moves_touches_both_accounts)
{
    open_all(NULL);
    const int64_t a = add_account(&k.f, "Acme"), b = add_account(&k.f, "Bolt");
    const int64_t contract = put_contract(&k.f, a, &(contract_record){ .starts = "2025-01-01", .amount = 1000 });

    (void)refresh(false);
    TEST_PUT(&k.f, .kind = TEND_KIND_CONTRACT, .id = contract, .fields = { { "account", ref(b) } });
    ck_assert_int_eq(refresh(false).accounts, 2);
    ck_assert_int_eq(measure_of("arr", a).numerator, 0);
    ck_assert_int_eq(measure_of("arr", b).numerator, 1000);
    ck_assert_int_eq(measure_of("arr", 0).numerator, 1000);
    close_all();
}
END_TEST

START_TEST(a_fact_that_a_correction_moves_touches_both_accounts)
{
    open_all(NULL);
    const int64_t a = add_account(&k.f, "Acme"), b = add_account(&k.f, "Bolt");
    const int64_t answer = put_answer(&k.f, a, "nps", 10, "2026-02-01");

    (void)refresh(false);
    TEST_PUT(&k.f, .kind = TEND_KIND_ANSWER, .id = answer, .fields = { { "account", ref(b) } });
    ck_assert_int_eq(refresh(false).accounts, 2);
    ck_assert_int_eq(measure_of("nps", a).denominator, 0);
    ck_assert_int_eq(measure_of("nps", b).denominator, 1);
    close_all();
}
END_TEST

START_TEST(a_merged_account_has_nothing_any_more)
{
    open_all(NULL);
    const int64_t a = add_account(&k.f, "Acme"), b = add_account(&k.f, "Bolt");

    put_contract(&k.f, a, &(contract_record){ .starts = "2025-01-01", .amount = 1000 });
    put_contract(&k.f, b, &(contract_record){ .starts = "2025-01-01", .amount = 500 });
    (void)refresh(false);
    begin(&k.f);
    TEST_OK(&k.f, tend_merge(k.f.model, &k.f.origin, a, b, &k.f.error));
    commit(&k.f);
    (void)refresh(false);
    ck_assert_int_eq(measure_of("arr", a).numerator, 0);
    ck_assert_int_eq(measure_of("arr", b).numerator, 1500);
    ck_assert_int_eq(measure_of("arr", 0).numerator, 1500);
    begin(&k.f);
    int64_t stays;
    TEST_OK(&k.f, tend_unmerge(k.f.model, &k.f.origin, a, &stays, &k.f.error));
    commit(&k.f);
    (void)refresh(false);
    ck_assert_int_eq(measure_of("arr", a).numerator, 1000);
    ck_assert_int_eq(measure_of("arr", b).numerator, 500);
    close_all();
}
END_TEST

START_TEST(time_alone_moves_values_once_a_day)
{
    open_all(NULL);
    const int64_t a = add_account(&k.f, "Acme");

    put_contract(&k.f, a, &(contract_record){ .starts = "2025-01-01", .ends = "2026-03-02", .amount = 1000 });
    (void)refresh(false);
    ck_assert_int_eq(measure_of("arr", a).numerator, 1000);
    k.f.now += 86400000;
    tend_refresh_report report = refresh(false);

    ck_assert(report.is_all);
    ck_assert_int_eq(measure_of("arr", a).numerator, 0);
    ck_assert(!refresh(false).is_all);
    close_all();
}
END_TEST

START_TEST(health_is_published_with_its_band)
{
    open_all("[kpi]\npublish = health\n[measure.seats]\nvalue = account.seats\nlow = 0\nhigh = 100\n"
             "[measure.people]\nvalue = account.employees\nlow = 0\nhigh = 100\nweight = 2\n");
    const int64_t a = TEST_PUT(&k.f, .kind = TEND_KIND_ACCOUNT,
                               .fields = { { "name", text("Acme") }, { "seats", number(30) }, { "employees", number(60) } })
                          .id;
    const int64_t b = TEST_PUT(&k.f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Bolt") }, { "seats", number(90) } }).id;

    (void)refresh(false);
    ck_assert_int_eq(measure_of("health", a).numerator, 50000000);
    ck_assert_int_eq(measure_of("health", a).denominator, 1000000);
    ck_assert_str_eq(measure_of("health", a).text, "red");
    ck_assert_str_eq(measure_of("health", b).text, "unknown"); /* a third of the weight */
    ck_assert_int_eq(measure_of("health", b).denominator, 0);
    TEST_PUT(&k.f, .kind = TEND_KIND_ACCOUNT, .id = a, .fields = { { "employees", number(90) } });
    (void)refresh(false);
    ck_assert_int_eq(measure_of("health", a).numerator, 70000000);
    ck_assert_str_eq(measure_of("health", a).text, "yellow");
    ck_assert_int_eq(times_told("measure.health"), 3);
    ck_assert_int_eq(measure_of("health", 0).numerator, 70000000);
    close_all();
}
END_TEST

/* The clock stands at 2026-03-02: February is closed, and stays as first reported when a contract is corrected. */
START_TEST(a_month_is_closed_once)
{
    open_all(NULL);
    const int64_t a = TEST_PUT(&k.f, .kind = TEND_KIND_ACCOUNT, .effective = at("2020-01-01"), .known = at("2020-01-01"),
                               .fields = { { "name", text("Acme") } })
                          .id;
    const int64_t contract = put_contract(&k.f, a, &(contract_record){ .starts = "2025-01-01", .amount = 1000 });
    int64_t closed = 0, months = 0;

    ck_assert_int_eq(refresh(false).closed, 6);
    TEST_PUT(&k.f, .kind = TEND_KIND_CONTRACT, .id = contract, .effective = at("2025-02-01"),
             .fields = { { "annual_amount", money(5000, "USD") } });
    ck_assert_int_eq(refresh(true).closed, 0);
    k.f.now = at("2026-05-10");
    ck_assert_int_eq(refresh(false).closed, 12); /* March and April */
    TEST_OK(&k.f,
            tend_store_number(k.f.store, "SELECT numerator FROM measure_periods WHERE kpi = 'arr' AND account = 0 ORDER BY day", 0,
                              &closed, &k.f.error));
    TEST_OK(&k.f, tend_store_number(k.f.store, "SELECT count(DISTINCT day) FROM measure_periods", 0, &months, &k.f.error));
    ck_assert_int_eq(closed, 1000);
    ck_assert_int_eq(months, 3);
    close_all();
}
END_TEST

/* As the power leaves it that goes between the day's last values and the month's. */
START_TEST(a_month_that_was_not_reached_is_closed_later_that_day)
{
    open_all(NULL);
    add_account(&k.f, "Acme");
    ck_assert_int_eq(refresh(false).closed, 6);
    TEST_OK(&k.f, tend_store_begin(k.f.store, &k.f.error));
    TEST_OK(&k.f, tend_store_run(k.f.store, "DELETE FROM measure_periods; DELETE FROM meta WHERE name = 'kpi.closed'", &k.f.error));
    TEST_OK(&k.f, tend_store_commit(k.f.store, &k.f.error));
    ck_assert_int_eq(refresh(false).closed, 6);
    ck_assert_int_eq(refresh(false).closed, 0);
    close_all();
}
END_TEST

START_TEST(a_kpi_that_fails_leaves_the_others)
{
    open_all("[kpi]\npublish = arr, npx\n");
    const int64_t a = add_account(&k.f, "Acme");

    put_contract(&k.f, a, &(contract_record){ .starts = "2025-01-01", .amount = 1000 });
    ck_assert_int_eq(refresh(false).failed, 1);
    ck_assert_int_eq(measure_of("arr", a).numerator, 1000);
    close_all();
}
END_TEST

/* What is published for everybody, against values computed from nothing. */
static void check_published(const int64_t *accounts, size_t count)
{
    static const char *const ids[] = { "arr", "mrr", "grr", "nrr", "nps", "csat.top2" };
    const tend_world world = tend_world_live(k.f.model);
    tend_kpi_view *view;
    tend_health *health;
    tend_health_score score;

    TEST_OK(&k.f, tend_kpi_view_open(k.kpis, &world, NULL, NULL, &view, &k.f.error));
    TEST_OK(&k.f, tend_health_open(view, card, &health, &k.f.error));
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < sizeof ids / sizeof *ids; j++) {
            const tend_kpi_account *value = &value_of(&k, view, ids[j])->accounts[i];

            ck_assert_int_eq(value->account, accounts[i]);
            if (!has_measure(ids[j], accounts[i])) {
                ck_assert_int_eq(value->denominator, 0);
                continue;
            }
            ck_assert_int_eq(measure_of(ids[j], accounts[i]).numerator, value->numerator);
            ck_assert_int_eq(measure_of(ids[j], accounts[i]).denominator, value->denominator);
            ck_assert_int_eq(measure_of(ids[j], accounts[i]).day, tend_world_day(&world));
        }
        ck_assert(tend_health_at(health, i, &score));
        ck_assert_int_eq(measure_of("health", accounts[i]).numerator, score.is_known ? score.score : 0);
        ck_assert_str_eq(measure_of("health", accounts[i]).text, score.band);
        ck_assert_int_eq(measure_of("health", accounts[i]).day, tend_world_day(&world));
    }
    tend_health_close(health);
    tend_kpi_view_close(view);
}

/* Random histories: what was kept up to date equals what is computed from nothing, and a full computation changes no row. */
START_TEST(a_refresh_equals_a_full_computation)
{
    unsigned seed = 3u + (unsigned)_i;
    int64_t accounts[6];

    open_all(NULL);
    for (int i = 0; i < 6; i++)
        accounts[i] = add_account(&k.f, (const char *[]){ "A", "B", "C", "D", "E", "F" }[i]);
    for (int round = 0; round < 24; round++) {
        const int64_t account = accounts[rand_r(&seed) % 6];
        char starts[TEND_DATE_ROOM], ends[TEND_DATE_ROOM];
        const tend_date first = (tend_date)day("2024-06-01").integer + rand_r(&seed) % 500;

        switch (rand_r(&seed) % 6) {
        case 0:
            put_contract(&k.f, account,
                         &(contract_record){ .starts = tend_date_format(first, starts),
                                             .ends = tend_date_format(first + rand_r(&seed) % 600, ends),
                                             .amount = rand_r(&seed) % 10000 });
            break;
        case 1:
            put_answer(&k.f, account, "nps", rand_r(&seed) % 11, "2026-01-20");
            break;
        case 2:
            TEST_PUT(&k.f, .kind = TEND_KIND_TICKET,
                     .fields = { { "account", ref(account) }, { "title", text("Down") }, { "priority", text("urgent") } });
            break;
        case 3:
            TEST_PUT(&k.f, .kind = TEND_KIND_INVOICE,
                     .fields = { { "account", ref(account) },
                                 { "number", text(tend_date_format(first, starts)) },
                                 { "status", text("open") },
                                 { "due_on", (tend_value){ .type = TEND_DATE,
                                                           .integer = day("2026-01-01").integer + rand_r(&seed) % 90 } } });
            break;
        default:
            k.f.now += rand_r(&seed) % 3 * INT64_C(43200000);
        }
        (void)refresh(false);
        check_published(accounts, 6);
    }
    (void)refresh(false); /* the last one's own events are passed over */
    tend_buffer before = dump(&k.f);

    ck_assert_int_eq(refresh(true).published, 0);
    tend_buffer after = dump(&k.f);

    ck_assert(strcmp(tend_buffer_string(&after), tend_buffer_string(&before)) == 0);
    tend_buffer_clear(&before);
    tend_buffer_clear(&after);
    close_all();
}
END_TEST

START_TEST(figures_of_accounts_that_are_gone_stay_on_their_day_and_out_of_the_sum)
{
    open_all("[kpi]\npublish = arr\n");
    const int64_t a = add_account(&k.f, "Acme"), b = add_account(&k.f, "Bolt");
    int64_t gone_on = 0;
    char sql[100];

    put_contract(&k.f, a, &(contract_record){ .starts = "2025-01-01", .amount = 1000 });
    put_contract(&k.f, b, &(contract_record){ .starts = "2025-01-01", .amount = 500 });
    (void)refresh(false);
    const tend_measure first = measure_of("arr", a);

    ck_assert_int_eq(measure_of("arr", 0).numerator, 1500);
    begin(&k.f); /* a row that nobody told us about: what is left of it is nobody's figure */
    (void)snprintf(sql, sizeof sql, "UPDATE accounts SET removed_at = 1 WHERE id = %lld", (long long)b);
    TEST_OK(&k.f, tend_store_run(k.f.store, sql, &k.f.error));
    commit(&k.f);
    k.f.now += 86400000;
    (void)refresh(false);
    ck_assert_int_eq(measure_of("arr", a).day, first.day + 1);
    ck_assert_int_eq(measure_of("arr", 0).numerator, 1000);
    (void)snprintf(sql, sizeof sql, "SELECT day FROM measures WHERE kpi = 'arr' AND account = %lld", (long long)b);
    TEST_OK(&k.f, tend_store_number(k.f.store, sql, 0, &gone_on, &k.f.error));
    ck_assert_int_eq(gone_on, first.day);
    close_all();
}
END_TEST

START_TEST(what_stays_the_same_on_a_new_day_is_of_that_day_and_told_to_nobody)
{
    open_all("[kpi]\npublish = arr\n");
    const int64_t a = add_account(&k.f, "Acme"), b = add_account(&k.f, "Bolt");

    put_contract(&k.f, a, &(contract_record){ .starts = "2025-01-01", .amount = 1000 });
    put_contract(&k.f, b, &(contract_record){ .starts = "2025-01-01", .ends = "2026-03-02", .amount = 500 });
    (void)refresh(false);
    const tend_measure first = measure_of("arr", a);
    const int64_t events = times_told("measure.arr");

    k.f.now += 86400000;
    (void)refresh(false);
    ck_assert_int_eq(measure_of("arr", a).day, first.day + 1);
    ck_assert_int_eq(measure_of("arr", a).published_at, first.published_at);
    ck_assert_int_eq(measure_of("arr", b).numerator, 0);
    ck_assert_int_eq(times_told("measure.arr"), events + 1);
    close_all();
}
END_TEST

START_TEST(a_refresh_of_nothing_writes_nothing)
{
    open_all(NULL);
    put_contract(&k.f, add_account(&k.f, "Acme"), &(contract_record){ .starts = "2025-01-01", .amount = 1000 });
    (void)refresh(false);
    (void)refresh(false); /* its own events are passed over */
    tend_buffer before = dump(&k.f);

    ck_assert_int_eq(refresh(false).accounts, 0);
    tend_buffer after = dump(&k.f);

    ck_assert(strcmp(tend_buffer_string(&after), tend_buffer_string(&before)) == 0);
    tend_buffer_clear(&before);
    tend_buffer_clear(&after);
    close_all();
}
END_TEST

TESTS_WITH("kpi/refresh", {
    tcase_add_test(tcase, only_what_changed_is_computed_again);
    tcase_add_test(tcase, what_no_kpi_reads_computes_nothing);
    tcase_add_test(tcase, a_row_that_moves_touches_both_accounts);
    tcase_add_test(tcase, a_fact_that_a_correction_moves_touches_both_accounts);
    tcase_add_test(tcase, a_merged_account_has_nothing_any_more);
    tcase_add_test(tcase, time_alone_moves_values_once_a_day);
    tcase_add_test(tcase, health_is_published_with_its_band);
    tcase_add_test(tcase, a_month_is_closed_once);
    tcase_add_test(tcase, a_month_that_was_not_reached_is_closed_later_that_day);
    tcase_add_test(tcase, a_kpi_that_fails_leaves_the_others);
    tcase_add_test(tcase, figures_of_accounts_that_are_gone_stay_on_their_day_and_out_of_the_sum);
    tcase_add_test(tcase, what_stays_the_same_on_a_new_day_is_of_that_day_and_told_to_nobody);
    tcase_add_test(tcase, a_refresh_of_nothing_writes_nothing);
    tcase_add_loop_test(tcase, a_refresh_equals_a_full_computation, 0, 5);
})
