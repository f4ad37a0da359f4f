/* A proposed mapping loads as it is and imports the file it was made from. */
#include "sync/propose.h"
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

static const char *propose(const char *const *files, size_t count)
{
    const char *text = NULL;

    TEST_OK(&s.f, tend_mapping_propose(s.f.schema, s.plugins, files, count, NULL, "EUR", s.f.arena, &text, &s.f.error));
    use_mapping_text(&s, text);
    return text;
}

/* Proposes for a file of these bytes and imports it. */
static const char *round_trip(const char *name, const char *bytes)
{
    const char *path = test_folder_write_text(&s.f.folder, name, bytes);
    const char *text = propose(&path, 1);

    import_files(&s, &path, 1);
    if (s.report->rejected > 0)
        fprintf(stderr, "%s\n%s\n", text, note(&s, true, 0));
    ck_assert_int_eq(s.report->rejected, 0);
    ck_assert(s.report->is_stored);
    return text;
}

#define HAS(text, words) ck_assert_msg(strstr((text), (words)) != NULL, "'%s' is not in:\n%s", (words), (text))

START_TEST(columns_find_their_fields_with_a_reason)
{
    const char *text = round_trip("customers.csv", "customer_id,customer_name,industry,signup_date,colour\n"
                                                   "C1,Acme,EdTech,31/12/2024,red\nC2,Beta,FinTech,01/02/2024,blue\n");

    HAS(text, "kind = account\n");
    HAS(text, "# always filled, and 2 different values in 2 records");
    HAS(text, "key = customer_id\n");
    HAS(text, "name = customer_name\n");
    HAS(text, "industry = industry\n");
    HAS(text, "customer_since = signup_date\n");
    HAS(text, "dates = D/M/YYYY, YYYY-MM-DD\n");
    HAS(text, "# not used: colour (red, blue)\n");
    ck_assert_int_eq(sql_number(&s, "SELECT customer_since FROM accounts WHERE name='Acme'"), tend_date_of(2024, 12, 31));
}
END_TEST

START_TEST(german_headings_are_known)
{
    const char *text = round_trip("Kunden.csv", "Kundennummer;Firma;Straße;PLZ;Ort;Branche;Kunde seit;Umsatz;Beleg-Tag\n"
                                                "1001;Müller GmbH;Hauptstr. 1;01067;Dresden;Handel;03.05.2024;1.234,50;31.12.2024\n"
                                                "1002;Schäfer AG;Am Markt 2;80331;München;Bau;17.11.2023;99,00;01.02.2025\n");

    HAS(text, "key = Kundennummer\n");
    HAS(text, "name = Firma\n");
    HAS(text, "address = Straße\n");
    HAS(text, "postal_code = PLZ\n");
    HAS(text, "customer_since = Kunde seit\n");
    HAS(text, "revenue = Umsatz\n");
    HAS(text, "dates = D.M.YYYY, YYYY-MM-DD\n");
    HAS(text, "# not used: Beleg-Tag (31.12.2024, 01.02.2025)\n");
    ck_assert_ptr_null(strstr(text, "# not used: Kundennummer"));
    ck_assert_int_eq(sql_number(&s, "SELECT customer_since FROM accounts WHERE postal_code='01067'"), tend_date_of(2024, 5, 3));
}
END_TEST

START_TEST(korean_headings_are_known)
{
    const char *text = round_trip("거래처.csv", "거래처코드,상호,업종,담당자,전화번호\nK-1,한빛상사,도매,김민준,02-123-4567\n"
                                                "K-2,누리식품,식품,이하나,051-987-6543\n");

    HAS(text, "kind = account\n");
    HAS(text, "key = 거래처코드\n");
    HAS(text, "name = 상호\n");
    HAS(text, "industry = 업종\n");
    HAS(text, "phone = 전화번호\n");
    ck_assert_str_eq(sql_text(&s, "SELECT name FROM accounts WHERE phone='051-987-6543'"), "누리식품");
}
END_TEST

START_TEST(capital_umlauts_are_the_same_heading)
{
    HAS(round_trip("KUNDEN.CSV", "KUNDENNR;FIRMA;WÄHRUNG;GRÜNDUNGSJAHR\n7;Über AG;EUR;1999\n"), "founded = GRÜNDUNGSJAHR\n");
}
END_TEST

START_TEST(the_proposal_says_where_it_belongs)
{
    HAS(round_trip("my customers.csv", "id,name\nA1,Acme\n"),
        "# Keep it as mappings/my_customers.ini in the workspace; then: tend import --mapping my_customers FILE…\n");
}
END_TEST

START_TEST(days_that_could_be_months_are_doubted)
{
    HAS(round_trip("customers.csv", "customer_id,customer_name,signup_date\nC1,Acme,01/02/2024\n"),
        "day and month could also stand the other way: M/D/YYYY. Check.\ndates = D/M/YYYY");
}
END_TEST

START_TEST(korean_files_of_spreadsheets_are_known)
{
    /* 한국상사 in CP949 */
    const char *text = round_trip("accounts.csv", "id,name\nA1,\xc7\xd1\xb1\xb9\xbb\xf3\xbb\xe7\n");

    HAS(text, "# not UTF-8, and reads as Korean.\nencoding = cp949\n");
    ck_assert_str_eq(sql_text(&s, "SELECT name FROM accounts"), "한국상사");
}
END_TEST

START_TEST(western_files_are_known)
{
    HAS(round_trip("accounts.csv", "id,name\nA1,Caf\xe9 M\xfcller\n"), "encoding = windows-1252\n");
    ck_assert_str_eq(sql_text(&s, "SELECT name FROM accounts"), "Café Müller");
}
END_TEST

START_TEST(semicolons_and_decimal_commas_are_known)
{
    const char *text = round_trip("accounts.csv", "id;name;revenue\nA1;Acme;1.234,50\n");

    HAS(text, "delimiter = semicolon\n");
    HAS(text, "decimal = comma\n");
    HAS(text, "grouping = point\n");
    ck_assert_int_eq(sql_number(&s, "SELECT revenue FROM accounts"), 123450);
}
END_TEST

START_TEST(words_that_do_not_fit_are_left_for_people)
{
    const char *text = round_trip("deals.csv", "deal_id,deal_name,stage,amount\nD1,Big one,Warm,100\n");

    HAS(text, "kind = opportunity\n");
    HAS(text, "translate them in [values.deals.stage], then take the # away:\n# stage = stage\n");
}
END_TEST

START_TEST(persons_are_called_by_both_names)
{
    HAS(round_trip("contacts.csv", "id,company,first_name,last_name,email\nC1,Acme,Ann,Lee,ann@example.test\n"),
        "name = first_name + \" \" + last_name\n");
    ck_assert_str_eq(sql_text(&s, "SELECT name FROM contacts"), "Ann Lee");
    ck_assert_str_eq(sql_text(&s, "SELECT name FROM accounts"), "Acme");
}
END_TEST

START_TEST(records_without_a_key_are_known_as_a_whole)
{
    HAS(round_trip("rates.csv", "date,from,to,rate\n2026-03-01,EUR,USD,1.08\n2026-03-01,EUR,KRW,1500\n2026-03-02,EUR,USD,1."
                                "08\n2026-03-02,EUR,KRW,1500\n"),
        "key = *\nrepeats = number\n");
}
END_TEST

static const char *const real[][3] = {
    { "ravenstack/iso_mixed/ravenstack_accounts.csv", "account", "key = account_id\n" },
    { "ravenstack/iso_mixed/ravenstack_subscriptions.csv", "contract", "key = subscription_id\n" },
    { "maven_crm/accounts.csv", "account", "key = account\n" },
    { "maven_crm/sales_pipeline.csv", "opportunity", "key = opportunity_id\n" },
    { "maven_crm/products.csv", "product", "key = product\n" },
    { "northwind/Customers.csv", "account", "key = CustomerID\n" },
    { "northwind/Orders.csv", "order", "key = OrderID\n" },
    { "chinook/Invoice.csv", "invoice", "key = InvoiceId\n" },
    { "chinook/Customer.csv", "account", "name = Company or (FirstName + \" \" + LastName)\n" },
    { "ibm_telco_churn/Telco-Customer-Churn.csv", "account", "key = customerID\n" },
};

START_TEST(a_few_wrong_values_do_not_hide_what_a_column_is)
{
    const char *path = test_folder_write_text(
        &s.f.folder, "Vertraege.csv",
        "Kundennummer;Vertragsnummer;Beginn;Ende;Betrag pro Jahr\n"
        "1;V1;01.02.2023;31.01.2024;1.200,00\n2;V2;31.02.2023;31.01.2025;99,50\n3;V3;15.03.2023;14.03.2024;10,00\n"
        "4;V4;01.04.2023;31.03.2024;n/a\n5;V5;01.05.2023;30.04.2024;7,00\n6;;01.06.2023;31.05.2024;8,00\n");
    const char *text = propose(&path, 1);

    HAS(text, "kind = contract\n");
    HAS(text, "# a usual name for it; 1 of 6 records have none and will be rejected, the others are all different");
    HAS(text, "key = Vertragsnummer\n");
    HAS(text, "# 1 of 6 values do not fit and will be rejected, the first: 31.02.2023\nstarts_on = Beginn\n");
    HAS(text, "ends_on = Ende\n");
    HAS(text, "# 1 of 6 values do not fit and will be rejected, the first: n/a\nannual_amount = Betrag pro Jahr\n");
    HAS(text, "dates = D.M.YYYY, YYYY-MM-DD\n");
    HAS(text, "decimal = comma\n");
    HAS(text, "# of amounts whose record names no currency: that of the workspace. Check.\ncurrency = EUR\n");
    s.options.keeps_good = true;
    import_files(&s, &path, 1);
    ck_assert_str_eq(counts(&s), "6 3 0 0 3");
    ck_assert_int_eq(sql_number(&s, "SELECT annual_amount FROM contracts WHERE number = 'V1'"), 120000);
}
END_TEST

START_TEST(a_company_is_no_name_of_a_person)
{
    const char *text = round_trip("연락처.csv", "번호,회사명,담당자,이메일\n1,한빛상사,김민준,kim@a.example\n"
                                                "2,누리식품,이하나,lee@b.example\n3,누리식품,박서준,park@b.example\n");

    HAS(text, "kind = contact\n");
    HAS(text, "account = 회사명 -> account.name, else create\n");
    HAS(text, "name = 담당자\n");
    HAS(text, "email = 이메일\n");
}
END_TEST

START_TEST(an_invoice_is_told_by_its_own_number)
{
    const char *text = round_trip("invoices.csv", "invoice_no,account_id,issued,due,amount,currency\n"
                                                  "R-1,A1,2026-01-05,2026-02-04,100.00,EUR\n"
                                                  "R-2,A2,2026-01-06,2026-02-05,2000,KRW\n");

    HAS(text, "kind = invoice\n");
    HAS(text, "key = invoice_no\n"); /* each account has but one here, by chance */
    HAS(text, "issued_on = issued\n");
    HAS(text, "due_on = due\n");
}
END_TEST

START_TEST(interactions_are_known)
{
    const char *text = round_trip("interactions.csv", "id,account_id,when,type,summary,by\n"
                                                      "1,A1,2026-03-01,call,renewal,kim@a.example\n"
                                                      "2,A1,2026-03-02,mail,요금 문의,lee@a.example\n"
                                                      "3,A2,2026-03-03,visit,review,kim@a.example\n");

    HAS(text, "kind = interaction\n");
    HAS(text, "key = id\n");
    HAS(text, "happened_at = when\n");
    HAS(text, "\nkind = type\n");
    HAS(text, "subject = summary\n");
}
END_TEST

START_TEST(a_tier_is_known_in_korean)
{
    HAS(round_trip("고객.csv", "고객번호,회사명,등급\n1,한빛상사,gold\n2,누리식품,silver\n"), "tier = 등급\n");
}
END_TEST

START_TEST(real_files_are_proposed_and_imported)
{
    const char *path = shared_file(&s, tend_arena_print(s.f.arena, "data/sets/%s", real[_i][0]));
    const char *text;

    if (!path)
        return;
    text = propose(&path, 1);
    HAS(text, tend_arena_print(s.f.arena, "kind = %s\n", real[_i][1]));
    HAS(text, real[_i][2]);
    import_files(&s, &path, 1);
    ck_assert_msg(s.report->is_stored, "%s\n%s", note(&s, true, 0), text);
}
END_TEST

TESTS_WITH("sync/propose", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, columns_find_their_fields_with_a_reason);
    tcase_add_test(tcase, german_headings_are_known);
    tcase_add_test(tcase, korean_headings_are_known);
    tcase_add_test(tcase, capital_umlauts_are_the_same_heading);
    tcase_add_test(tcase, the_proposal_says_where_it_belongs);
    tcase_add_test(tcase, days_that_could_be_months_are_doubted);
    tcase_add_test(tcase, korean_files_of_spreadsheets_are_known);
    tcase_add_test(tcase, western_files_are_known);
    tcase_add_test(tcase, semicolons_and_decimal_commas_are_known);
    tcase_add_test(tcase, words_that_do_not_fit_are_left_for_people);
    tcase_add_test(tcase, persons_are_called_by_both_names);
    tcase_add_test(tcase, records_without_a_key_are_known_as_a_whole);
    tcase_add_test(tcase, a_few_wrong_values_do_not_hide_what_a_column_is);
    tcase_add_test(tcase, a_company_is_no_name_of_a_person);
    tcase_add_test(tcase, an_invoice_is_told_by_its_own_number);
    tcase_add_test(tcase, interactions_are_known);
    tcase_add_test(tcase, a_tier_is_known_in_korean);
    tcase_add_loop_test(tcase, real_files_are_proposed_and_imported, 0, sizeof real / sizeof real[0]);
})
