/* The mappings that are shipped, over the data they are for. */
#include "sync_fixture.h"

static sync_fixture s;

static void set_up(void)
{
    sync_fixture_open(&s);
    s.options.reject_folder = NULL;
}

static void tear_down(void)
{
    sync_fixture_close(&s);
}

static const char *const shipped[] = { "ravenstack",      "maven_crm",     "northwind", "chinook",
                                       "ibm_telco_churn", "online_retail", "rates",     "salesforce_report",
                                       "hubspot_export",  "users",         "tend_csv" };

START_TEST(every_shipped_mapping_loads)
{
    use_mapping(&s, shipped[_i]);
    ck_assert_str_eq(s.mapping->name, shipped[_i]);
}
END_TEST

/* False, said on standard error, when the data is not there. */
static bool import_set(const char *mapping, const char *folder, const char *const *names, size_t count)
{
    const char *files[16];

    use_mapping(&s, mapping);
    for (size_t i = 0; i < count; i++) {
        files[i] = shared_file(&s, tend_arena_print(s.f.arena, "data/sets/%s/%s", folder, names[i]));
        if (!files[i])
            return false;
    }
    import_files(&s, files, count);
    for (int i = 0; i < 5 && *note(&s, true, (size_t)i); i++)
        fprintf(stderr, "%s: rejected %s\n", mapping, note(&s, true, (size_t)i));
    return true;
}

static size_t remarks_with(const char *words)
{
    size_t count = 0;

    for (size_t i = 0; i < s.report->note_count; i++)
        count += !s.report->notes[i].is_reject && strstr(s.report->notes[i].reason, words);
    return count;
}

static const char *const ravenstack[] = { "ravenstack_accounts.csv", "ravenstack_subscriptions.csv", "ravenstack_feature_usage.csv",
                                          "ravenstack_support_tickets.csv", "ravenstack_churn_events.csv" };

START_TEST(ravenstack_is_read_to_the_last_record_and_a_second_time_changes_nothing)
{
    if (!import_set("ravenstack", "ravenstack/iso_mixed", ravenstack, 5))
        return;
    ck_assert_str_eq(counts(&s), "33100 33100 0 0 0");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM identities WHERE external LIKE 'U-%#2'"), 21);
    ck_assert_uint_eq(remarks_with("was already read at line"), 21);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM usage_samples WHERE account IS NULL"), 0);
    ck_assert_int_eq(sql_number(&s, "SELECT annual_amount FROM contracts WHERE number='S-8cec59'"), 3343200);
    ck_assert(import_set("ravenstack", "ravenstack/iso_mixed", ravenstack, 5));
    ck_assert_str_eq(counts(&s), "33100 0 0 33100 0");
    ck_assert_int_eq(s.report->events, 0);
}
END_TEST

START_TEST(every_won_deal_of_maven_finds_its_product_and_no_open_one_is_lost)
{
    static const char *const names[] = { "sales_pipeline.csv", "accounts.csv", "products.csv", "sales_teams.csv" };

    if (!import_set("maven_crm", "maven_crm", names, 4))
        return;
    ck_assert_str_eq(counts(&s), "8927 8927 0 0 0"); /* 8800 + 85 + 7 + 35 */
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM opportunities WHERE stage='won'"), 4238);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM opportunities WHERE product IS NULL"), 0);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM products"), 7);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM opportunities WHERE account IS NULL"), 1425);
    ck_assert_uint_eq(remarks_with("has no account; kept without"), 1425);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE industry='technology'"), 12);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE parent IS NOT NULL"), 15);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM users WHERE manager IS NOT NULL"), 35);
}
END_TEST

START_TEST(northwind_keeps_its_odd_key_and_dates_lines_by_their_order)
{
    static const char *const names[] = { "Customers.csv", "Orders.csv", "Order_Details.csv", "Products.csv", "Employees.csv" };

    if (!import_set("northwind", "northwind", names, 5))
        return;
    ck_assert_str_eq(counts(&s), "3257 3257 0 0 0"); /* 93 twice, 830, 2155, 77, 9 */
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM identities WHERE external='Val2 '"), 2);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM orders WHERE delivered_on IS NULL"), 21);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM order_lines WHERE account IS NULL"), 0);
    /* 1996-07-04 */
    ck_assert_int_eq(sql_number(&s, "SELECT min(ordered_at) FROM order_lines"), INT64_C(836438400000));
}
END_TEST

START_TEST(chinook_invoices_equal_their_lines)
{
    static const char *const names[] = { "Customer.csv", "Employee.csv", "Invoice.csv", "InvoiceLine.csv", "Track.csv" };

    if (!import_set("chinook", "chinook", names, 5))
        return;
    ck_assert_str_eq(counts(&s), "6281 6281 0 0 0"); /* 59 twice, 8, 412, 2240, 3503 */
    ck_assert_int_eq(sql_number(&s, "SELECT sum(amount) FROM invoices"), 232860);
    ck_assert_int_eq(sql_number(&s, "SELECT sum(amount) FROM invoice_lines"), 232860);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE name='Luís Gonçalves'"), 0);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE name='Leonie Köhler'"), 1);
}
END_TEST

START_TEST(telco_contracts_are_dated_back_by_their_months)
{
    static const char *const names[] = { "Telco-Customer-Churn.csv" };

    if (!import_set("ibm_telco_churn", "ibm_telco_churn", names, 1))
        return;
    ck_assert_str_eq(counts(&s), "14086 14086 0 0 0"); /* 7043 accounts and their contracts */
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE stage='former' AND churned_on IS NOT NULL"), 1869);
    ck_assert_int_eq(sql_number(&s, "SELECT sum(annual_amount) FROM contracts"), INT64_C(45611660) * 12);
    /* 34 months before 2020-01-31 */
    ck_assert_int_eq(sql_number(&s, "SELECT starts_on FROM contracts WHERE number='5575-GNVDE'"), tend_date_of(2017, 3, 31));
}
END_TEST

/* Half a million lines: with TEND_LONG set. */
START_TEST(online_retail_keeps_every_line)
{
    static const char *const names[] = { "online_retail.csv.gz" };

    if (!getenv("TEND_LONG")) {
        fprintf(stderr, "skipped: online_retail, 541,909 records; set TEND_LONG=1\n");
        return;
    }
    if (!import_set("online_retail", "online_retail", names, 1))
        return;
    ck_assert_str_eq(counts(&s), "541909 541909 0 0 0");
    ck_assert_uint_eq(remarks_with("5268 records are the same as an earlier one"), 1);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM order_lines WHERE account IS NULL"), 135080);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM order_lines WHERE quantity < 0"), 10624);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE name='17850'"), 1);
}
END_TEST

TESTS_WITH("sync/mappings", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, getenv("TEND_LONG") ? 900 : 110);
    tcase_add_loop_test(tcase, every_shipped_mapping_loads, 0, sizeof shipped / sizeof shipped[0]);
    tcase_add_test(tcase, ravenstack_is_read_to_the_last_record_and_a_second_time_changes_nothing);
    tcase_add_test(tcase, every_won_deal_of_maven_finds_its_product_and_no_open_one_is_lost);
    tcase_add_test(tcase, northwind_keeps_its_odd_key_and_dates_lines_by_their_order);
    tcase_add_test(tcase, chinook_invoices_equal_their_lines);
    tcase_add_test(tcase, telco_contracts_are_dated_back_by_their_months);
    tcase_add_test(tcase, online_retail_keeps_every_line);
})
