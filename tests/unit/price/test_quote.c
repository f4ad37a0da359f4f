/* A quote through real hosts: list prices, currencies, the order of steps, and plugins that are not to be believed. */
#include "price_fixture.h"

static price_fixture p;

static void setup(void)
{
    price_fixture_open(&p);
}

static void teardown(void)
{
    price_fixture_close(&p);
}

static tend_quoted quote(const char *on, const char *quantity, const char *currency)
{
    tend_quoted quoted;

    ck_assert_msg(price_fixture_quote(&p, on, quantity, currency, &quoted) == TEND_OK, "%s", p.f.error.text);
    return quoted;
}

static void open_prices(const char *ini)
{
    ck_assert_msg(price_fixture_prices(&p, ini) == TEND_OK, "%s", p.faults);
}

static int64_t put_price(const char *currency, int64_t nano, const char *from, const char *to)
{
    return TEST_PUT(&p.f, .kind = TEND_KIND_PRICE,
                    .fields = { { "product", ref(p.product) },
                                { "unit_price", (tend_value){ .type = TEND_DECIMAL, .scale = 9, .integer = nano } },
                                { "currency", text(currency) },
                                { "starts_on", from ? day(from) : nothing() },
                                { "ends_on", to ? day(to) : nothing() } })
        .id;
}

static void put_rate(const char *from, const char *to, const char *on, int64_t nano)
{
    (void)TEST_PUT(&p.f, .kind = TEND_KIND_RATE,
                   .fields = { { "from_currency", text(from) },
                               { "to_currency", text(to) },
                               { "on_date", day(on) },
                               { "rate", (tend_value){ .type = TEND_DECIMAL, .scale = 9, .integer = nano } } });
}

START_TEST(without_rules_a_quote_is_the_list_price)
{
    tend_quoted quoted;

    open_prices("");
    quoted = quote("2026-03-02", "2.5", NULL);
    ck_assert_int_eq(quoted.list, 3000);
    ck_assert_int_eq(quoted.net, 3000);
    ck_assert_int_eq(quoted.pocket, 3000);
    ck_assert_uint_eq(quoted.step_count, 0);
    ck_assert_str_eq(quoted.lines[0].from, "the product's list_price");
}
END_TEST

START_TEST(the_list_price_of_the_day_counts_on_its_first_and_last_day)
{
    open_prices("");
    (void)put_price("USD", INT64_C(10000000000), "2026-01-01", "2026-06-30");
    (void)put_price("USD", INT64_C(11000000000), "2026-07-01", NULL);
    ck_assert_int_eq(quote("2025-12-31", "1", NULL).list, 1200);
    ck_assert_int_eq(quote("2026-01-01", "1", NULL).list, 1000);
    ck_assert_int_eq(quote("2026-06-30", "1", NULL).list, 1000);
    ck_assert_int_eq(quote("2026-07-01", "1", NULL).list, 1100);
}
END_TEST

/* 12.00 USD × 3 at 1,386.5 are 49,914 won. A price in won needs no rate. */
START_TEST(another_currency_is_converted_at_the_day_of_the_quote_and_a_price_in_it_counts_first)
{
    put_rate("USD", "KRW", "2026-01-01", INT64_C(1300000000000));
    put_rate("USD", "KRW", "2026-03-01", INT64_C(1386500000000));
    open_prices("");
    ck_assert_int_eq(quote("2026-03-02", "3", "KRW").list, 49914);
    ck_assert_int_eq(quote("2026-02-28", "3", "KRW").list, 46800);
    (void)put_price("KRW", INT64_C(15000) * 1000000000, NULL, NULL);
    ck_assert_int_eq(quote("2026-03-02", "3", "KRW").list, 45000);
    ck_assert_int_eq(quote("2026-03-02", "3", NULL).list, 3600); /* in dollars the product's own price stays nearer */
}
END_TEST

/* 0.125 each: the line is rounded, not the sum of two lines. */
START_TEST(each_line_is_rounded_once_as_pricing_says)
{
    (void)put_price("USD", 125000000, NULL, NULL);
    open_prices("");
    ck_assert_int_eq(quote("2026-03-02", "1", NULL).list, 13);
    open_prices("[pricing]\nrounding = half_even\n");
    ck_assert_int_eq(quote("2026-03-02", "1", NULL).list, 12);
    ck_assert_int_eq(quote("2026-03-02", "3", NULL).list, 38); /* 0.375 */
}
END_TEST

START_TEST(a_product_without_a_price_is_refused_with_what_to_do)
{
    tend_quoted quoted;

    open_prices("");
    p.product = TEST_PUT(&p.f, .kind = TEND_KIND_PRODUCT, .fields = { { "name", text("Gift") } }).id;
    ck_assert_int_eq(price_fixture_quote(&p, "2026-03-02", "1", NULL, &quoted), TEND_ENOTFOUND);
    ck_assert_str_eq(p.f.error.text,
                     "product Gift: no list price on 2026-03-02; add one with tend add price product=#2 unit_price=… "
                     "currency=…");
}
END_TEST

START_TEST(steps_come_in_the_order_of_configuration_each_on_what_the_one_before_left)
{
    static const char sections[] = "[price.b]\nplugin = volume\n[price.a]\nplugin = volume\n"
                                   "[rule.fixed]\nprice = a\nmode = volume\ncurrency = USD\nup_to.1 = 10\nabove = 10\n"
                                   "[rule.half]\nprice = b\nmode = volume\nup_to.1 = 50 %\nabove = 50 %\n";
    char ordered[400];
    tend_quoted quoted;

    open_prices(sections); /* half of 12.00 is 6.00, then the price is 10.00 */
    quoted = quote("2026-03-02", "1", NULL);
    ck_assert_uint_eq(quoted.step_count, 2);
    ck_assert_str_eq(quoted.steps[0].rule, "half");
    ck_assert_int_eq(quoted.steps[0].amount, -600);
    ck_assert_str_eq(quoted.steps[1].rule, "fixed");
    ck_assert_int_eq(quoted.steps[1].amount, 400);
    ck_assert_int_eq(quoted.net, 1000);

    (void)snprintf(ordered, sizeof ordered, "[pricing]\norder = a, b\n%s", sections);
    open_prices(ordered); /* 10.00, then half of it */
    quoted = quote("2026-03-02", "1", NULL);
    ck_assert_str_eq(quoted.steps[0].price, "a");
    ck_assert_int_eq(quoted.net, 500);
}
END_TEST

START_TEST(a_rule_fits_by_account_product_day_and_term)
{
    static const struct {
        const char *keys, *on;
        uint32_t term;
        int64_t net;
    } cases[] = {
        { "where = region = EMEA", "2026-03-02", 0, 600 }, { "where = region = APAC", "2026-03-02", 0, 1200 },
        { "product = W", "2026-03-02", 0, 600 },           { "product = Widget, Other", "2026-03-02", 0, 600 },
        { "product = X", "2026-03-02", 0, 1200 },          { "family = parts", "2026-03-02", 0, 600 },
        { "family = services", "2026-03-02", 0, 1200 },    { "unit = box", "2026-03-02", 0, 1200 },
        { "from = 2026-03-02", "2026-03-02", 0, 600 },     { "from = 2026-03-02", "2026-03-01", 0, 1200 },
        { "until = 2026-03-02", "2026-03-02", 0, 600 },    { "until = 2026-03-02", "2026-03-03", 0, 1200 },
        { "term_at_least = 36", "2026-03-02", 36, 600 },   { "term_at_least = 36", "2026-03-02", 35, 1200 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tend_quote_item item = { .product = p.product, .quantity = { 1, 0 } };
        const tend_quote_request request = { .account = p.account,
                                             .date = (tend_date)day(cases[i].on).integer,
                                             .term_months = cases[i].term,
                                             .items = &item,
                                             .item_count = 1 };
        tend_quoted quoted;
        char ini[400];

        (void)snprintf(ini, sizeof ini,
                       "[price.v]\nplugin = volume\n[rule.r]\nprice = v\nmode = volume\nup_to.1 = 50 %%\nabove = 50 %%\n%s\n",
                       cases[i].keys);
        open_prices(ini);
        ck_assert_msg(tend_quote_make(p.pricing, &p.world, &request, p.f.arena, &quoted, &p.f.error) == TEND_OK, "%s",
                      p.f.error.text);
        ck_assert_msg(quoted.net == cases[i].net, "%s on %s: %lld", cases[i].keys, cases[i].on, (long long)quoted.net);
    }
}
END_TEST

/* The later first day wins over the earlier, priority over both: Kill Bill's oldest price never comes back. */
START_TEST(of_rules_that_fit_priority_then_the_later_beginning_then_the_first_counts)
{
    static const char many[] = "[price.v]\nplugin = volume\n"
                               "[rule.old]\nprice = v\nmode = volume\ncurrency = USD\nfrom = 2026-01-01\nat_least.0 = 1\n"
                               "[rule.new]\nprice = v\nmode = volume\ncurrency = USD\nfrom = 2026-02-01\nat_least.0 = 2\n"
                               "[rule.also_new]\nprice = v\nmode = volume\ncurrency = USD\nfrom = 2026-02-01\nat_least.0 = 3\n";
    char more[900];

    open_prices(many);
    ck_assert_int_eq(quote("2026-01-31", "1", NULL).net, 100);
    ck_assert_int_eq(quote("2026-02-01", "1", NULL).net, 200);
    (void)snprintf(more, sizeof more, "%s[rule.special]\nprice = v\nmode = volume\ncurrency = USD\npriority = 1\nat_least.0 = 4\n",
                   many);
    open_prices(more);
    ck_assert_int_eq(quote("2026-02-01", "1", NULL).net, 400);
}
END_TEST

START_TEST(what_breaks_the_rules_ends_the_quote_and_is_named)
{
    static const struct {
        const char *does, *sentence;
    } cases[] = {
        { "no_rule", "price odd: plugin odd_price: an adjustment without a rule; each names the rule that made it" },
        { "stranger", "price odd: plugin odd_price: an adjustment by rule 'nobody', which does not fit here" },
        { "expired", "price odd: plugin odd_price: an adjustment by rule 'old', which does not fit here" },
        { "euro", "price odd: plugin odd_price: an adjustment in 'EUR' to a quote in USD by rule r" },
        { "no_currency", "price odd: plugin odd_price: an adjustment in '' to a quote in USD by rule r" },
        { "no_reason", "price odd: plugin odd_price: an adjustment by rule r without a reason" },
        { "endless", "price odd: plugin odd_price: an adjustment by rule r with a reason of more than 500 bytes" },
        { "overflow", "price odd: plugin odd_price: an adjustment by rule r that does not fit 64 bits" },
        { "below", "price odd: plugin odd_price: rule r brings Widget below zero; mend the rule, or allow it with [pricing] "
                   "allow_negative = yes" },
        { "twice", "price odd: plugin odd_price: rule r changes the same line twice" },
        { "metric", "price odd: plugin odd_price: 'invoicd' is no metric; did you mean invoiced?" },
        { "fail", "odd_price: not today" },
        { "line", "plugin odd_price: its host broke the protocol during odd_price: an answer that is none; it was stopped" },
        { "kind", "plugin odd_price: its host broke the protocol during odd_price: an answer that is none; it was stopped" },
        { "garbled", "plugin odd_price: its host broke the protocol during odd_price: an answer that is none; it was stopped" },
        { "flood", "plugin odd_price: its host broke the protocol during odd_price: an answer that is none; it was stopped" },
        { "crash",
          "plugin odd_price: its host was killed by signal 11 (Segmentation fault) during odd_price; the next call starts a "
          "new one" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tend_quoted quoted;
        char ini[300];

        (void)snprintf(ini, sizeof ini,
                       "[price.odd]\nplugin = odd_price\n[rule.r]\nprice = odd\ndoes = %s\n"
                       "[rule.old]\nprice = odd\nuntil = 2020-01-01\ndoes = ok\n",
                       cases[i].does);
        p.f.now += INT64_C(3600001); /* crashes are held against a plugin for an hour */
        open_prices(ini);
        ck_assert_msg(price_fixture_quote(&p, "2026-03-02", "1", NULL, &quoted) < 0, "%s was believed", cases[i].does);
        ck_assert_str_eq(p.f.error.text, cases[i].sentence);
    }
}
END_TEST

START_TEST(below_zero_is_allowed_where_the_administrator_says_so)
{
    open_prices("[pricing]\nallow_negative = yes\n[price.odd]\nplugin = odd_price\n[rule.r]\nprice = odd\ndoes = below\n");
    ck_assert_int_eq(quote("2026-03-02", "1", NULL).net, -1);
}
END_TEST

/* The host that died is started anew, and has its rules again. */
START_TEST(a_crash_costs_one_quote)
{
    tend_quoted quoted;

    open_prices("[price.odd]\nplugin = odd_price\n[rule.bad]\nprice = odd\nuntil = 2026-03-01\ndoes = crash\n"
                "[rule.good]\nprice = odd\nfrom = 2026-03-02\ndoes = ok\n");
    ck_assert_int_eq(price_fixture_quote(&p, "2026-03-01", "1", NULL, &quoted), TEND_ERROR);
    ck_assert_int_eq(quote("2026-03-02", "1", NULL).net, 1100);
}
END_TEST

/* What an account is entitled to needs no rate; what it pays does. */
START_TEST(without_lines_a_missing_rate_does_not_matter)
{
    const tend_quote_request request = { .account = p.account, .date = (tend_date)day("2026-03-02").integer, .currency = "KRW" };
    tend_quoted quoted;

    open_prices("[price.t]\nplugin = partner_tiers\n[rule.gold]\nprice = t\ntier = gold\ncurrency = USD\nat_least = 0\n");
    ck_assert_msg(tend_quote_make(p.pricing, &p.world, &request, p.f.arena, &quoted, &p.f.error) == TEND_OK, "%s", p.f.error.text);
    ck_assert_str_eq(quoted.benefits[0].value.text, "gold");
    ck_assert_int_eq(price_fixture_quote(&p, "2026-03-02", "1", "KRW", &quoted), TEND_ENOTFOUND);
    ck_assert_str_eq(p.f.error.text, "no rate from USD to KRW on 2026-03-02; import one with kind rate");
}
END_TEST

START_TEST(every_fault_of_rules_is_told_with_its_place)
{
    ck_assert_int_eq(price_fixture_prices(&p, "[pricing]\norder = odd, od\n"                        /* 1, 2 */
                                              "[price.odd]\nplugin = odd_price\nmood = bad\n"       /* 3 to 5 */
                                              "[price.none]\nplugin = volum\n"                      /* 6, 7 */
                                              "[price.v]\nplugin = volume\n"                        /* 8, 9 */
                                              "[rule.a]\nprice = v\nmod = volume\nup_to.5 = five\n" /* 10 to 13 */
                                              "until = 2020-01-01\nfrom = 2021-01-01\n"             /* 14, 15 */
                                              "[rule.b]\nprice = w\nmode = volume\n"                /* 16 to 18 */
                                              "[rule.c]\nprice = v\nmode = volumes\nwhere = regio = EMEA\n"),
                     TEND_EINVAL);
    ck_assert_str_eq(p.faults,
                     "tend.ini:5: [price.odd] mood: no such setting; those of plugin odd_price are none\n"
                     "tend.ini:2: [pricing] order: there is no [price.od]; did you mean odd?\n"
                     "tend.ini:7: [price.none] plugin: there is no plugin volum; did you mean volume?\n"
                     "tend.ini:14: [rule.a] until: is before from, so that the rule is never in force; write a later day\n"
                     "tend.ini:12: [rule.a] mod: no such setting; did you mean mode?\n"
                     "tend.ini:13: [rule.a] up_to.5: \"five\" is no band; write 0.40, 0.40 + 10.00 or 5 %\n"
                     "tend.ini:11: [rule.a] mode: is missing: how quantities become money\n"
                     "tend.ini:22: [rule.c] where: at 'regio': accounts have no field regio; did you mean region?\n"
                     "tend.ini:21: [rule.c] mode: \"volumes\" is none of: graduated volume package\n"
                     "tend.ini:17: [rule.b] price: there is no [price.w]; write the name of one\n");
}
END_TEST

START_TEST(a_plugin_says_what_is_wrong_with_each_of_its_rules)
{
    ck_assert_int_eq(price_fixture_prices(&p, "[price.odd]\nplugin = odd_price\n[rule.r]\nprice = odd\ndoes = sulk\n"),
                     TEND_EINVAL);
    ck_assert_str_eq(p.faults, "tend.ini:5: [rule.r] does: it will not\ntend.ini:4: [rule.r]: and that is that\n");
    ck_assert(p.pricing == NULL);
}
END_TEST

START_TEST(money_of_metrics_is_converted_at_the_day_of_each_fact)
{
    static const struct {
        const char *issued, *status;
        int64_t amount;
        const char *currency;
    } invoices[] = {
        { "2025-06-01", "paid", 100000, "USD" },   /* in the window of 2026-01-01 */
        { "2025-12-31", "open", 1300000, "KRW" },  /* 1,000.00 USD at 1,300 */
        { "2024-12-31", "paid", 99999900, "USD" }, /* before it */
        { "2026-01-01", "paid", 99999900, "USD" }, /* after it */
        { "2025-07-01", "void", 99999900, "USD" }, /* does not count */
    };
    tend_quote_request request = { .account = p.account, .date = (tend_date)day("2026-02-01").integer };
    tend_quoted quoted;

    put_rate("USD", "KRW", "2025-12-01", INT64_C(1300000000000));
    put_rate("USD", "KRW", "2026-01-01", INT64_C(2000000000000));
    for (size_t i = 0; i < sizeof invoices / sizeof *invoices; i++)
        (void)TEST_PUT(&p.f, .kind = TEND_KIND_INVOICE,
                       .fields = { { "account", ref(p.account) },
                                   { "issued_on", day(invoices[i].issued) },
                                   { "status", text(invoices[i].status) },
                                   { "currency", text(invoices[i].currency) },
                                   { "amount", money(invoices[i].amount, invoices[i].currency) } });
    open_prices("[price.t]\nplugin = partner_tiers\n[rule.gold]\nprice = t\ntier = gold\ncurrency = USD\nat_least = 2000\n");
    ck_assert_msg(tend_quote_make(p.pricing, &p.world, &request, p.f.arena, &quoted, &p.f.error) == TEND_OK, "%s", p.f.error.text);
    ck_assert_uint_eq(quoted.metric_count, 1);
    ck_assert_int_eq(quoted.metrics[0].value.integer, 200000);
    ck_assert_int_eq(quoted.metrics[0].from, day("2025-01-01").integer);
    ck_assert_int_eq(quoted.metrics[0].to, day("2025-12-31").integer);
    ck_assert_uint_eq(quoted.benefit_count, 1);
    ck_assert_str_eq(quoted.benefits[0].value.text, "gold");
}
END_TEST

TESTS_WITH("price/quote", {
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, without_rules_a_quote_is_the_list_price);
    tcase_add_test(tcase, the_list_price_of_the_day_counts_on_its_first_and_last_day);
    tcase_add_test(tcase, another_currency_is_converted_at_the_day_of_the_quote_and_a_price_in_it_counts_first);
    tcase_add_test(tcase, each_line_is_rounded_once_as_pricing_says);
    tcase_add_test(tcase, a_product_without_a_price_is_refused_with_what_to_do);
    tcase_add_test(tcase, steps_come_in_the_order_of_configuration_each_on_what_the_one_before_left);
    tcase_add_test(tcase, a_rule_fits_by_account_product_day_and_term);
    tcase_add_test(tcase, of_rules_that_fit_priority_then_the_later_beginning_then_the_first_counts);
    tcase_add_test(tcase, what_breaks_the_rules_ends_the_quote_and_is_named);
    tcase_add_test(tcase, below_zero_is_allowed_where_the_administrator_says_so);
    tcase_add_test(tcase, a_crash_costs_one_quote);
    tcase_add_test(tcase, without_lines_a_missing_rate_does_not_matter);
    tcase_add_test(tcase, every_fault_of_rules_is_told_with_its_place);
    tcase_add_test(tcase, a_plugin_says_what_is_wrong_with_each_of_its_rules);
    tcase_add_test(tcase, money_of_metrics_is_converted_at_the_day_of_each_fact);
})
