#include "kpi/columns.h"
#include "kpi_fixture.h"

static kpi_fixture k;

static const tend_input contract_inputs[] = {
    { "contract.starts_on", TEND_ALL }, { "contract.active_until", TEND_ALL }, { "contract.annual_amount", TEND_ALL },
    { "contract.status", TEND_ALL },    { "account.name", TEND_LATEST },       { NULL, TEND_ALL },
};

static tend_columns *columns_of(const tend_world *world, const tend_scope *scope)
{
    const tend_period period = { (tend_date)day("2025-03-02").integer, (tend_date)day("2026-03-02").integer };
    tend_columns *columns = NULL;

    TEST_OK(&k.f, tend_columns_new(world, NULL, scope, period, "USD", &columns, &k.f.error));
    return columns;
}

static const tend_frame *frame_of(tend_columns *columns, const tend_input *inputs, bool is_money)
{
    const tend_frame *frame = NULL;

    TEST_OK(&k.f, tend_columns_frame(columns, inputs, is_money, &frame, &k.f.error));
    return frame;
}

START_TEST(rows_stand_by_account_and_words_by_number)
{
    fixture_open(&k.f);
    const int64_t a = add_account(&k.f, "Acme"), b = add_account(&k.f, "Bolt"), c = add_account(&k.f, "Crane");

    put_contract(&k.f, c, &(contract_record){ .starts = "2025-01-01", .amount = 300 });
    put_contract(&k.f, a, &(contract_record){ .starts = "2024-01-01", .amount = 100, .status = "signed" });
    put_contract(&k.f, c, &(contract_record){ .starts = "2026-01-01", .amount = 400 });
    const tend_world world = tend_world_live(k.f.model);
    tend_columns *columns = columns_of(&world, NULL);
    const tend_frame *frame = frame_of(columns, contract_inputs, false);

    ck_assert_uint_eq(frame->batch.accounts, 3);
    ck_assert_int_eq(frame->accounts[0], a);
    ck_assert_int_eq(frame->accounts[1], b);
    ck_assert_int_eq(frame->accounts[2], c);
    const uint32_t *starts = tend_column_starts(&frame->batch, 2);
    const int64_t *amounts = tend_column_int(&frame->batch, 2);

    ck_assert_uint_eq(starts[1] - starts[0], 1);
    ck_assert_uint_eq(starts[2] - starts[1], 0);
    ck_assert_uint_eq(starts[3] - starts[2], 2);
    ck_assert_int_eq(amounts[0], 100);
    ck_assert_int_eq(amounts[1], 300);
    ck_assert_int_eq(amounts[2], 400);
    const tend_column *status = &frame->batch.columns[3], *name = &frame->batch.columns[4];

    ck_assert_str_eq(status->words[status->values[0]], "signed");
    ck_assert_str_eq(status->words[status->values[1]], "active");
    ck_assert_ptr_null(name->starts);
    ck_assert_str_eq(name->words[name->values[1]], "Bolt");
    ck_assert_ptr_eq(frame_of(columns, contract_inputs, false), frame);
    tend_columns_free(columns);
    fixture_close(&k.f);
}
END_TEST

START_TEST(accounts_are_split_by_currency)
{
    static const struct {
        int account;
        const char *currency;
        int64_t amount;
    } known[] = { { 0, "EUR", 3 }, { 0, "KRW", 1 }, { 0, "KRW", 4 }, { 1, "USD", 0 }, { 2, "USD", 2 } };
    int64_t accounts[3];

    fixture_open(&k.f);
    for (int i = 0; i < 3; i++)
        accounts[i] = add_account(&k.f, (const char *[]){ "Acme", "Bolt", "Crane" }[i]);
    put_contract(&k.f, accounts[0], &(contract_record){ .starts = "2024-01-01", .amount = 1, .currency = "KRW" });
    put_contract(&k.f, accounts[2], &(contract_record){ .starts = "2024-01-01", .amount = 2 });
    put_contract(&k.f, accounts[0], &(contract_record){ .starts = "2024-01-01", .amount = 3, .currency = "EUR" });
    put_contract(&k.f, accounts[0], &(contract_record){ .starts = "2024-01-01", .amount = 4, .currency = "KRW" });
    const tend_world world = tend_world_live(k.f.model);
    tend_columns *columns = columns_of(&world, NULL);
    const tend_frame *frame = frame_of(columns, contract_inputs, true);
    size_t at = 0;

    ck_assert_uint_eq(frame->batch.accounts, 4);
    for (uint32_t entry = 0; entry < 4; entry++) {
        const uint32_t *starts = tend_column_starts(&frame->batch, 2);

        for (uint32_t row = starts[entry]; row < starts[entry + 1]; row++, at++) {
            ck_assert_int_eq(frame->accounts[entry], accounts[known[at].account]);
            ck_assert_str_eq(frame->currencies[entry], known[at].currency);
            ck_assert_int_eq(tend_column_int(&frame->batch, 2)[row], known[at].amount);
        }
        if (starts[entry] == starts[entry + 1])
            ck_assert_str_eq(frame->currencies[entry], known[at++].currency);
    }
    ck_assert_uint_eq(at, 5);
    tend_columns_free(columns);
    fixture_close(&k.f);
}
END_TEST

START_TEST(the_last_active_day_is_decided_once)
{
    static const struct {
        contract_record contract;
        const char *until; /* NULL: none */
    } known[] = {
        { { .ends = "2025-06-30" }, "2025-06-30" },
        { { .ends = "2025-06-30", .ended = "2025-03-31" }, "2025-03-31" },
        { { .ends = "2025-06-30", .ended = "2025-12-31" }, "2025-06-30" },
        { { .ended = "2025-03-31" }, "2025-03-31" },
        { { .ends = "2025-06-30", .auto_renew = true }, NULL },
        { { .ends = "2025-06-30", .auto_renew = true, .status = "ended" }, "2025-06-30" },
        { { .ends = "2025-06-30", .auto_renew = true, .ended = "2025-12-31" }, "2025-12-31" },
        { { .status = "signed" }, NULL },
        { { .status = "cancelled" }, "2019-12-31" }, /* the fixture's contracts are true since 2020-01-01 */
    };
    contract_record contract = known[_i].contract;

    fixture_open(&k.f);
    contract.starts = "2019-01-01";
    put_contract(&k.f, add_account(&k.f, "Acme"), &contract);
    const tend_world world = tend_world_live(k.f.model);
    tend_columns *columns = columns_of(&world, NULL);

    ck_assert_int_eq(tend_column_int(&frame_of(columns, contract_inputs, false)->batch, 1)[0],
                     known[_i].until ? day(known[_i].until).integer : TEND_UNKNOWN);
    tend_columns_free(columns);
    fixture_close(&k.f);
}
END_TEST

START_TEST(a_scope_holds_its_accounts_only)
{
    fixture_open(&k.f);
    int64_t accounts[3];

    for (int i = 0; i < 3; i++) {
        accounts[i] = add_account(&k.f, (const char *[]){ "Acme", "Bolt", "Crane" }[i]);
        put_contract(&k.f, accounts[i], &(contract_record){ .starts = "2024-01-01", .amount = 10 + i });
    }
    const int64_t asked[] = { accounts[2], accounts[0], accounts[2] };
    const tend_scope scope = { .accounts = asked, .count = 3 };
    const tend_world world = tend_world_live(k.f.model);
    tend_columns *columns = columns_of(&world, &scope);
    const tend_frame *frame = frame_of(columns, contract_inputs, true);

    ck_assert_uint_eq(frame->batch.accounts, 2);
    ck_assert_int_eq(tend_column_int(&frame->batch, 2)[0], 10);
    ck_assert_int_eq(tend_column_int(&frame->batch, 2)[1], 12);
    ck_assert_uint_eq(tend_column_starts(&frame->batch, 2)[2], 2);
    tend_columns_free(columns);
    fixture_close(&k.f);
}
END_TEST

/* A contract is corrected later: the world of the day knows the amount that was true then. */
START_TEST(columns_are_those_of_the_worlds_day)
{
    fixture_open(&k.f);
    const int64_t account = TEST_PUT(&k.f, .kind = TEND_KIND_ACCOUNT, .effective = at("2020-01-01"), .known = at("2020-01-01"),
                                     .fields = { { "name", text("Acme") } })
                                .id;
    const int64_t contract = put_contract(&k.f, account, &(contract_record){ .starts = "2024-01-01", .amount = 100 });

    TEST_PUT(&k.f, .kind = TEND_KIND_CONTRACT, .id = contract, .effective = at("2025-07-01"),
             .fields = { { "annual_amount", money(900, "USD") } });
    const tend_world now = tend_world_live(k.f.model), then = world_of(&k.f, at("2025-06-30"), 0);
    tend_columns *columns = columns_of(&now, NULL), *before = columns_of(&then, NULL);

    ck_assert_int_eq(tend_column_int(&frame_of(columns, contract_inputs, true)->batch, 2)[0], 900);
    ck_assert_int_eq(tend_column_int(&frame_of(before, contract_inputs, true)->batch, 2)[0], 100);
    tend_columns_free(columns);
    tend_columns_free(before);
    fixture_close(&k.f);
}
END_TEST

/* Three contracts: one came with an assumed time, one got a change with one, one is as it was known. */
START_TEST(a_figure_as_known_then_says_how_much_of_it_is_assumed)
{
    kpi_fixture_open(&k, NULL, NULL);
    const int64_t account = TEST_PUT(&k.f, .kind = TEND_KIND_ACCOUNT, .effective = at("2020-01-01"), .known = at("2020-01-01"),
                                     .fields = { { "name", text("Acme") } })
                                .id;
    int64_t contracts[3];

    for (int i = 0; i < 3; i++)
        contracts[i] =
            TEST_PUT(&k.f, .kind = TEND_KIND_CONTRACT, .effective = at("2024-01-01"), .known = at("2024-01-01"), .assumed = i == 0,
                     .fields = { { "account", ref(account) },
                                 { "status", text("active") },
                                 { "starts_on", day("2024-01-01") },
                                 { "currency", text("USD") },
                                 { "annual_amount", money(100, "USD") } })
                .id;
    TEST_PUT(&k.f, .kind = TEND_KIND_CONTRACT, .id = contracts[1], .effective = at("2025-01-01"), .known = at("2025-01-01"),
             .assumed = true, .fields = { { "annual_amount", money(200, "USD") } });
    const tend_world then = world_of(&k.f, at("2025-06-30"), at("2025-06-30")),
                     earlier = world_of(&k.f, at("2024-06-30"), at("2024-06-30")), now = tend_world_live(k.f.model);
    const struct {
        const tend_world *world;
        const char *note;
    } known[] = {
        { &then, "as known then: 2 of 3 facts (66.6 %) came without the time at which they were known; it is assumed" },
        { &earlier, "as known then: 1 of 3 facts (33.3 %) came without the time at which they were known; it is assumed" },
        { &now, NULL },
    };

    for (size_t i = 0; i < 3; i++) {
        tend_kpi_view *view = NULL;

        TEST_OK(&k.f, tend_kpi_view_open(k.kpis, known[i].world, NULL, NULL, &view, &k.f.error));
        const char *note = value_of(&k, view, "arr")->notes[0];

        if (known[i].note)
            ck_assert_str_eq(note, known[i].note);
        else
            ck_assert_ptr_null(note);
        tend_kpi_view_close(view);
    }
    kpi_fixture_close(&k);
}
END_TEST

START_TEST(a_column_that_is_none_is_named)
{
    static const struct {
        tend_input input;
        const char *sentence;
    } known[] = {
        { { "contract.colour", TEND_ALL },
          "column contract.colour: contract has no field colour; see tend plugin columns contract" },
        { { "contact_lens.power", TEND_ALL }, "column contact_lens.power: there is no kind contact_lens; see tend plugin columns" },
        { { "arr", TEND_ALL }, "column arr: not a column; write KIND.FIELD" },
        { { "product.name", TEND_ALL }, "column product.name: a product belongs to no account; use a kind that does" },
    };
    tend_input inputs[2] = { known[_i].input, { NULL, TEND_ALL } };

    fixture_open(&k.f);
    ck_assert_int_eq(tend_columns_check(k.f.schema, inputs, &k.f.error), TEND_EINVAL);
    ck_assert_str_eq(k.f.error.text, known[_i].sentence);
    fixture_close(&k.f);
}
END_TEST

TESTS_WITH("kpi/columns", {
    tcase_add_test(tcase, rows_stand_by_account_and_words_by_number);
    tcase_add_test(tcase, accounts_are_split_by_currency);
    tcase_add_loop_test(tcase, the_last_active_day_is_decided_once, 0, 9);
    tcase_add_test(tcase, a_scope_holds_its_accounts_only);
    tcase_add_test(tcase, columns_are_those_of_the_worlds_day);
    tcase_add_test(tcase, a_figure_as_known_then_says_how_much_of_it_is_assumed);
    tcase_add_loop_test(tcase, a_column_that_is_none_is_named, 0, 4);
})
