#include "kpi/compute.h"
#include "kpi/explain.h"
#include "kpi_fixture.h"

static kpi_fixture k;
static const tend_section *const sections[] = { tend_kpi_sections, NULL };

static tend_kpi_view *view_of(const tend_world *world, const tend_period *period, const tend_scope *scope)
{
    tend_kpi_view *view = NULL;

    TEST_OK(&k.f, tend_kpi_view_open(k.kpis, world, period, scope, &view, &k.f.error));
    return view;
}

static tend_period period_of(const char *from, const char *to)
{
    return (tend_period){ (tend_date)day(from).integer, (tend_date)day(to).integer };
}

/* The parts of an account, or of all, add up to what the value says. */
static size_t check_parts(tend_kpi_view *view, const char *id, int64_t account, const tend_kpi_part **ret_parts)
{
    const tend_kpi_value *value = value_of(&k, view, id);
    int64_t numerator = value->numerator, denominator = value->denominator;
    size_t count = 0;

    TEST_OK(&k.f, tend_kpi_explain(view, id, account, k.f.arena, ret_parts, &count, &k.f.error));
    for (size_t i = 0; account != 0 && i < value->account_count; i++)
        if (value->accounts[i].account == account) {
            numerator = value->accounts[i].numerator;
            denominator = value->accounts[i].denominator;
        }
    for (size_t i = 0; i < count; i++) {
        numerator -= (*ret_parts)[i].numerator;
        denominator -= (*ret_parts)[i].denominator;
    }
    ck_assert_int_eq(numerator, 0);
    if (account != 0 || !tend_unit_has_divisor(value->kpi->unit))
        ck_assert_int_eq(denominator, 0);
    return count;
}

#define PER_YEAR(monthly) ((monthly)*100 * 12)

/* kpi.md: monthly 1000 500 300 200 become 1200 400 0 200, 250 is new, 150 came back; here F pays in euro and the rate is 1.5. */
static void put_golden(const char *currency_of_f, int64_t rate)
{
    int64_t a[6];

    for (int i = 0; i < 6; i++)
        a[i] = add_account(&k.f, (const char *[]){ "A", "B", "C", "D", "E", "F" }[i]);
    put_contract(&k.f, a[0], &(contract_record){ .starts = "2022-01-01", .amount = PER_YEAR(1000) });
    put_contract(&k.f, a[0], &(contract_record){ .starts = "2023-06-01", .amount = PER_YEAR(200) });
    put_contract(&k.f, a[1], &(contract_record){ .starts = "2022-01-01", .amount = PER_YEAR(400) });
    put_contract(&k.f, a[1], &(contract_record){ .starts = "2022-02-01", .ended = "2023-05-31", .amount = PER_YEAR(100) });
    put_contract(&k.f, a[2], &(contract_record){ .starts = "2022-01-01", .ends = "2023-03-31", .amount = PER_YEAR(300) });
    put_contract(&k.f, a[3], &(contract_record){ .starts = "2022-01-01", .amount = PER_YEAR(200) });
    put_contract(&k.f, a[4], &(contract_record){ .starts = "2023-02-01", .amount = PER_YEAR(250) });
    put_contract(
        &k.f, a[5],
        &(contract_record){ .starts = "2021-01-01", .ends = "2021-12-31", .amount = PER_YEAR(90), .currency = currency_of_f });
    put_contract(&k.f, a[5],
                 &(contract_record){ .starts = "2023-09-01", .amount = PER_YEAR(150) * 10 / rate, .currency = currency_of_f });
}

static const struct {
    const char *kpi;
    int64_t numerator, denominator;
} golden[] = {
    { "mrr.start", PER_YEAR(2000), 12 },
    { "mrr.expansion", PER_YEAR(200), 12 },
    { "mrr.contraction", PER_YEAR(100), 12 },
    { "mrr.churn", PER_YEAR(300), 12 },
    { "mrr.new", PER_YEAR(250), 12 },
    { "mrr.reactivation", PER_YEAR(150), 12 },
    { "mrr", PER_YEAR(2200), 12 },
    { "arr", PER_YEAR(2200), 1 },
    { "grr", PER_YEAR(1600), PER_YEAR(2000) },
    { "nrr", PER_YEAR(1800), PER_YEAR(2000) },
    { "nrr.with_reactivation", PER_YEAR(1950), PER_YEAR(2000) },
    { "logo_retention", 3, 4 },
    { "logo_churn", 1, 4 },
};

START_TEST(golden_vector_through_the_host)
{
    const tend_period period = period_of("2022-12-31", "2023-12-31");
    const tend_kpi_part *parts;

    kpi_fixture_open(&k, NULL, NULL);
    put_golden("USD", 10);
    tend_kpi_view *view = view_of(&k.world, &period, NULL);

    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        const tend_kpi_value *value = value_of(&k, view, golden[i].kpi);

        ck_assert_int_eq(value->numerator, golden[i].numerator);
        ck_assert_int_eq(value->denominator, golden[i].denominator);
        ck_assert_str_eq(value->currency, value->kpi->unit == TEND_UNIT_MONEY ? "USD" : "");
        ck_assert_ptr_null(value->notes[0]);
        ck_assert_uint_eq(value->account_count, 6);
        (void)check_parts(view, golden[i].kpi, 0, &parts);
        for (size_t account = 0; account < 6; account++)
            (void)check_parts(view, golden[i].kpi, value->accounts[account].account, &parts);
    }
    tend_kpi_view_close(view);
    kpi_fixture_close(&k);
}
END_TEST

/* 1 EUR = 1.5 USD on the opening day, 3 USD later: the later rate changes nothing. */
START_TEST(money_is_converted_at_the_opening_rate)
{
    const tend_period period = period_of("2022-12-31", "2023-12-31");

    kpi_fixture_open(&k, NULL, NULL);
    put_rate(&k.f, "EUR", "USD", "2022-12-30", 1500000000);
    put_rate(&k.f, "EUR", "USD", "2023-06-30", 3000000000);
    put_golden("EUR", 15);
    tend_kpi_view *view = view_of(&k.world, &period, NULL);

    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        ck_assert_int_eq(value_of(&k, view, golden[i].kpi)->numerator, golden[i].numerator);
        ck_assert_int_eq(value_of(&k, view, golden[i].kpi)->denominator, golden[i].denominator);
    }
    tend_kpi_view_close(view);
    kpi_fixture_close(&k);
}
END_TEST

/* Thirds of a cent: each fact would round down, and still the parts add up to the converted account. */
START_TEST(converted_parts_add_up_to_the_last_unit)
{
    const tend_period period = period_of("2022-12-31", "2023-12-31");
    const tend_kpi_part *parts;

    kpi_fixture_open(&k, "[kpi]\nreport_currency = USD\n", sections);
    put_rate(&k.f, "EUR", "USD", "2022-12-30", 1333333333);
    const int64_t account = add_account(&k.f, "Acme");

    for (int i = 0; i < 5; i++)
        put_contract(&k.f, account, &(contract_record){ .starts = "2022-01-01", .amount = 1, .currency = "EUR" });
    put_contract(&k.f, account, &(contract_record){ .starts = "2022-01-01", .amount = 100, .currency = "USD" });
    tend_kpi_view *view = view_of(&k.world, &period, NULL);

    ck_assert_int_eq(value_of(&k, view, "arr")->numerator, 107); /* 5 * 1.3333 = 6.67 */
    ck_assert_int_eq(value_of(&k, view, "arr")->denominator, 1);
    ck_assert_uint_eq(check_parts(view, "arr", account, &parts), 8); /* six contracts, two divisors of which one counts */
    (void)check_parts(view, "nrr", account, &parts);
    tend_kpi_view_close(view);
    kpi_fixture_close(&k);
}
END_TEST

START_TEST(a_currency_without_a_rate_is_left_out_and_said)
{
    const tend_period period = period_of("2022-12-31", "2023-12-31");

    kpi_fixture_open(&k, NULL, NULL);
    put_golden("KWD", 10);
    tend_kpi_view *view = view_of(&k.world, &period, NULL);
    const tend_kpi_value *value = value_of(&k, view, "arr");

    ck_assert_int_eq(value->numerator, PER_YEAR(2050));
    ck_assert_str_eq(value->notes[0],
                     "1 of 6 accounts are left out: no rate from KWD to USD on 2022-12-31; import one with kind rate");
    ck_assert_ptr_null(value->notes[1]);
    ck_assert(value->accounts[5].is_left_out);
    tend_kpi_view_close(view);
    kpi_fixture_close(&k);
}
END_TEST

START_TEST(an_explanation_names_fact_source_and_date)
{
    const tend_period period = period_of("2022-12-31", "2023-12-31");
    const tend_kpi_part *parts;

    kpi_fixture_open(&k, NULL, NULL);
    put_golden("USD", 10);
    tend_kpi_view *view = view_of(&k.world, &period, NULL);
    const int64_t account = value_of(&k, view, "nrr")->accounts[1].account;

    ck_assert_uint_eq(check_parts(view, "nrr", account, &parts), 2);
    ck_assert_int_eq(parts[0].kind, TEND_KIND_CONTRACT);
    ck_assert_int_eq(parts[0].at, at("2020-01-01"));
    ck_assert_str_eq(parts[0].source, "by hand");
    ck_assert_str_eq(parts[0].why, "active at start and end");
    ck_assert_int_eq(parts[1].numerator, 0);
    ck_assert_int_eq(parts[1].denominator, PER_YEAR(100));
    ck_assert_str_eq(parts[1].why, "ended 2023-05-31");
    ck_assert_int_gt(parts[1].row, parts[0].row);
    tend_kpi_view_close(view);
    kpi_fixture_close(&k);
}
END_TEST

START_TEST(nps_comes_with_its_interval)
{
    static const int64_t scores[] = { 10, 9, 9, 8, 7, 6, 3, 10, 0, 9 };

    kpi_fixture_open(&k, NULL, NULL);
    for (size_t i = 0; i < 10; i++)
        put_answer(&k.f, add_account(&k.f, "Acme"), "nps", scores[i], "2026-01-15");
    put_answer(&k.f, 1, "nps", 0, "2024-01-15"); /* before the period */
    tend_kpi_view *view = view_of(&k.world, NULL, NULL);
    const tend_kpi_value *nps = value_of(&k, view, "nps");
    int64_t micro;

    ck_assert_int_eq(tend_kpi_micro(nps, nps->numerator, nps->denominator, &micro), TEND_OK);
    ck_assert_int_eq(micro, 20000000);
    ck_assert(nps->has_interval);
    ck_assert_int_eq(nps->low / 1000, -34033);
    ck_assert_int_eq(nps->high / 1000, 74033);
    const tend_kpi_value *nothing_asked = value_of(&k, view, "ces.mean7");

    ck_assert_int_eq(nothing_asked->denominator, 0);
    ck_assert_str_eq(nothing_asked->notes[0], "ces.mean7 is not defined: there is nothing to divide by");
    ck_assert_int_eq(tend_kpi_micro(nothing_asked, 0, 0, &micro), TEND_ENOTFOUND);
    tend_kpi_view_close(view);
    kpi_fixture_close(&k);
}
END_TEST

START_TEST(an_implausible_figure_says_why)
{
    const tend_period period = period_of("2022-12-31", "2023-12-31");

    kpi_fixture_open(&k, NULL, NULL);
    const int64_t a = add_account(&k.f, "Acme"), b = add_account(&k.f, "Bolt");

    put_contract(&k.f, a, &(contract_record){ .starts = "2022-01-01", .amount = 100 });
    put_contract(&k.f, a, &(contract_record){ .starts = "2023-01-01", .amount = 100 });
    put_contract(&k.f, a, &(contract_record){ .starts = "2023-02-01", .amount = 300 });
    put_contract(&k.f, b, &(contract_record){ .starts = "2022-01-01", .amount = 100 });
    tend_kpi_view *view = view_of(&k.world, &period, NULL);

    ck_assert_int_eq(value_of(&k, view, "nrr")->numerator, 600);
    ck_assert_int_eq(value_of(&k, view, "nrr")->denominator, 200);
    ck_assert_str_eq(value_of(&k, view, "nrr")->notes[0],
                     "nrr is above 200 %, which is hardly plausible: 1 of 2 customers have several contracts active on 2023-12-31 "
                     "(3.0 each), and all of them are added up; look for overlapping subscriptions in the source");
    ck_assert_ptr_null(value_of(&k, view, "grr")->notes[0]);
    tend_kpi_view_close(view);
    kpi_fixture_close(&k);
}
END_TEST

START_TEST(the_period_ends_on_the_worlds_day)
{
    kpi_fixture_open(&k, NULL, NULL);
    tend_world then = k.world;

    then.effective = at("2024-12-31") + 86399999;
    tend_kpi_view *view = view_of(&then, NULL, NULL);

    ck_assert_int_eq(tend_kpi_view_period(view).from, day("2023-12-31").integer);
    ck_assert_int_eq(tend_kpi_view_period(view).to, day("2024-12-31").integer);
    tend_kpi_view_close(view);
    kpi_fixture_close(&k);
}
END_TEST

/* An amount is found wrong in 2026 and corrected from the start: as known now, and as was reported then. */
START_TEST(a_past_day_as_known_now_and_as_known_then)
{
    kpi_fixture_open(&k, NULL, NULL);
    const int64_t account = TEST_PUT(&k.f, .kind = TEND_KIND_ACCOUNT, .effective = at("2020-01-01"), .known = at("2020-01-01"),
                                     .fields = { { "name", text("Acme") } })
                                .id;
    const int64_t contract = TEST_PUT(&k.f, .kind = TEND_KIND_CONTRACT, .effective = at("2024-01-01"), .known = at("2024-01-01"),
                                      .fields = { { "account", ref(account) },
                                                  { "starts_on", day("2024-01-01") },
                                                  { "currency", text("USD") },
                                                  { "annual_amount", money(1000, "USD") } })
                                 .id;

    TEST_PUT(&k.f, .kind = TEND_KIND_CONTRACT, .id = contract, .effective = at("2024-01-02"), .known = at("2026-02-01"),
             .fields = { { "annual_amount", money(5000, "USD") } });
    const tend_world now = world_of(&k.f, at("2025-06-30"), 0), then = world_of(&k.f, at("2025-06-30"), at("2025-06-30"));
    tend_kpi_view *known_now = view_of(&now, NULL, NULL), *known_then = view_of(&then, NULL, NULL);

    ck_assert_int_eq(value_of(&k, known_now, "arr")->numerator, 5000);
    ck_assert_int_eq(value_of(&k, known_then, "arr")->numerator, 1000);
    tend_kpi_view_close(known_now);
    tend_kpi_view_close(known_then);
    kpi_fixture_close(&k);
}
END_TEST

/* The setting, then the company's, then what most contracts are in. */
START_TEST(the_report_currency_is_chosen_in_order)
{
    static const struct {
        const char *ini, *company, *currency;
    } known[] = { { "[kpi]\nreport_currency = KWD\n", "EUR", "KWD" }, { NULL, "EUR", "EUR" }, { NULL, NULL, "KRW" } };
    char currency[4], company[4] = "";

    kpi_fixture_open(&k, known[_i].ini, sections);
    if (known[_i].company) {
        memcpy(company, known[_i].company, 4);
        tend_kpis_set_currency(k.kpis, company);
    }
    for (int i = 0; i < 3; i++)
        put_contract(&k.f, add_account(&k.f, "Acme"),
                     &(contract_record){ .starts = "2025-01-01", .amount = 1, .currency = i == 0 ? "USD" : "KRW" });
    TEST_OK(&k.f, tend_kpis_currency(k.kpis, &k.world, currency, &k.f.error));
    ck_assert_str_eq(currency, known[_i].currency);
    kpi_fixture_close(&k);
}
END_TEST

START_TEST(the_catalogue_knows_every_kpi)
{
    const tend_kpi *kpi;

    kpi_fixture_open(&k, NULL, NULL);
    for (size_t i = 1; tend_kpis_at(k.kpis, i); i++)
        ck_assert_int_lt(strcmp(tend_kpis_at(k.kpis, i - 1)->id, tend_kpis_at(k.kpis, i)->id), 0);
    TEST_OK(&k.f, tend_kpis_find(k.kpis, "nrr", &kpi, &k.f.error));
    ck_assert_str_eq(kpi->plugin, "retention");
    ck_assert_uint_eq(kpi->version, 1);
    ck_assert_int_eq(tend_kpis_find(k.kpis, "nrrr", &kpi, &k.f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(k.f.error.text, "kpi nrrr: no such KPI; did you mean nrr?");
    ck_assert_ptr_null(tend_kpis_left_out(k.kpis, 0));
    kpi_fixture_close(&k);
}
END_TEST

static void check_same_value(const tend_kpi_value *a, const tend_kpi_value *b)
{
    ck_assert_int_eq(a->numerator, b->numerator);
    ck_assert_int_eq(a->denominator, b->denominator);
    ck_assert_uint_eq(a->defined, b->defined);
    ck_assert_int_eq(a->low, b->low);
    ck_assert_int_eq(a->high, b->high);
    ck_assert_uint_eq(a->account_count, b->account_count);
    for (size_t i = 0; i < a->account_count; i++) {
        ck_assert_int_eq(a->accounts[i].account, b->accounts[i].account);
        ck_assert_int_eq(a->accounts[i].numerator, b->accounts[i].numerator);
        ck_assert_int_eq(a->accounts[i].denominator, b->accounts[i].denominator);
        ck_assert_int_eq(a->accounts[i].newest, b->accounts[i].newest);
        ck_assert_int_eq(a->accounts[i].is_left_out, b->accounts[i].is_left_out);
    }
}

/* In one currency, in two with a rate, in two without. */
START_TEST(kpis_computed_together_are_those_computed_alone)
{
    static const char *const currencies[] = { "USD", "EUR", "EUR" };
    const tend_period period = period_of("2022-12-31", "2023-12-31");
    const char *ids[64];
    const tend_kpi *kpi;
    size_t count = 0;

    kpi_fixture_open(&k, NULL, NULL);
    if (_i == 1)
        put_rate(&k.f, "EUR", "USD", "2022-12-30", 1500000000);
    put_golden(currencies[_i], 15);
    for (int i = 0; i < 12; i++)
        put_answer(&k.f, 1 + i % 5, i % 3 ? "nps" : "ces", i % 8, "2023-03-01");
    tend_kpi_view *together = view_of(&k.world, &period, NULL), *alone = view_of(&k.world, &period, NULL);

    for (; (kpi = tend_kpis_at(k.kpis, count)) != NULL; count++)
        ids[count] = kpi->id;
    ck_assert_uint_gt(count, 20);
    TEST_OK(&k.f, tend_kpi_view_prepare(together, ids, count, &k.f.error));
    for (size_t i = 0; i < count; i++) {
        const tend_kpi_value *figure = NULL;

        TEST_OK(&k.f, tend_kpi_view_figure(together, ids[i], &figure, &k.f.error));
        for (size_t account = 0; account < figure->account_count; account++)
            ck_assert_int_eq(tend_kpi_view_at(together, figure, account).numerator,
                             value_of(&k, alone, ids[i])->accounts[account].numerator);
        check_same_value(value_of(&k, together, ids[i]), value_of(&k, alone, ids[i]));
    }
    tend_kpi_view_close(together);
    tend_kpi_view_close(alone);
    kpi_fixture_close(&k);
}
END_TEST

/* grr.base is grr under another name; mrr is not arr, though both read the same rows. */
START_TEST(a_second_name_is_known_as_such)
{
    const tend_kpi *grr, *base, *mrr, *arr;

    kpi_fixture_open(&k, NULL, NULL);
    TEST_OK(&k.f, tend_kpis_find(k.kpis, "grr", &grr, &k.f.error));
    TEST_OK(&k.f, tend_kpis_find(k.kpis, "grr.base", &base, &k.f.error));
    TEST_OK(&k.f, tend_kpis_find(k.kpis, "mrr", &mrr, &k.f.error));
    TEST_OK(&k.f, tend_kpis_find(k.kpis, "arr", &arr, &k.f.error));
    ck_assert_uint_eq(tend_hosted_declared(base->hosted, base->place)->twin, grr->place);
    ck_assert_uint_eq(tend_hosted_declared(grr->hosted, grr->place)->twin, grr->place);
    ck_assert_uint_eq(tend_hosted_declared(mrr->hosted, mrr->place)->twin, mrr->place);
    ck_assert_uint_eq(tend_hosted_declared(arr->hosted, arr->place)->twin, arr->place);
    kpi_fixture_close(&k);
}
END_TEST

START_TEST(a_period_that_is_none_is_refused)
{
    tend_config *config = NULL;
    static const char ini[] = "[kpi]\nperiod = a year\n";

    kpi_fixture_open(&k, NULL, NULL);
    ck_assert_int_eq(tend_config_load_text("tend.ini", ini, strlen(ini), sections, NULL, &config, &k.f.error), TEND_EINVAL);
    ck_assert_str_eq(k.f.error.text,
                     "tend.ini:2: [kpi] period: \"a year\" is not a number of months or days; write it like 12 months");
    kpi_fixture_close(&k);
}
END_TEST

/* The plugin adds up invoices and divides by how many an account has: no sum over accounts has that divisor. */
START_TEST(money_and_counts_have_one_divisor)
{
    char path[4096];
    tend_kpi_view *view;
    const tend_kpi_value *value = NULL;
    int64_t accounts[2];

    kpi_fixture_open(&k, NULL, NULL);
    tend_kpis_close(k.kpis);
    tend_plugins_close(k.plugins);
    k.kpis = NULL;
    k.plugins = NULL;
    (void)snprintf(path, sizeof path, "%s/tests/broken/kpi_divisor.so", getenv("TEND_BUILD"));
    TEST_OK(&k.f, tend_plugins_open_file(path, tend_clock_by_hand(&k.f.now), &k.plugins, &k.f.error));
    TEST_OK(&k.f, tend_kpis_open(NULL, k.plugins, k.f.schema, &k.kpis, &k.f.error));
    for (int i = 0; i < 2; i++)
        accounts[i] = add_account(&k.f, i == 0 ? "A" : "B");
    for (int i = 0; i < 3; i++) /* one of A, two of B */
        fixture_put(&k.f, &(fixture_record){ .kind = TEND_KIND_INVOICE,
                                             .effective = at("2023-05-01"),
                                             .fields = { { "account", ref(accounts[i > 0]) },
                                                         { "issued_on", day("2023-05-01") },
                                                         { "currency", text("USD") },
                                                         { "amount", money(1000, "USD") } } });
    view = view_of(&k.world, NULL, NULL);
    ck_assert_int_eq(tend_kpi_view_value(view, "broken", &value, &k.f.error), TEND_EINVAL);
    ck_assert_str_eq(k.f.error.text,
                     "kpi broken: one account divides by 1 and another by 2, so they cannot be added up; its plugin has "
                     "to declare it as a ratio, a score or days, or to divide by one number");
    tend_kpi_view_close(view);
    kpi_fixture_close(&k);
}
END_TEST

TESTS_WITH("kpi/compute", {
    tcase_add_test(tcase, money_and_counts_have_one_divisor);
    tcase_add_test(tcase, golden_vector_through_the_host);
    tcase_add_test(tcase, money_is_converted_at_the_opening_rate);
    tcase_add_test(tcase, converted_parts_add_up_to_the_last_unit);
    tcase_add_test(tcase, a_currency_without_a_rate_is_left_out_and_said);
    tcase_add_test(tcase, an_explanation_names_fact_source_and_date);
    tcase_add_test(tcase, nps_comes_with_its_interval);
    tcase_add_test(tcase, an_implausible_figure_says_why);
    tcase_add_test(tcase, the_period_ends_on_the_worlds_day);
    tcase_add_test(tcase, a_past_day_as_known_now_and_as_known_then);
    tcase_add_loop_test(tcase, the_report_currency_is_chosen_in_order, 0, 3);
    tcase_add_test(tcase, the_catalogue_knows_every_kpi);
    tcase_add_loop_test(tcase, kpis_computed_together_are_those_computed_alone, 0, 3);
    tcase_add_test(tcase, a_second_name_is_known_as_such);
    tcase_add_test(tcase, a_period_that_is_none_is_refused);
})
