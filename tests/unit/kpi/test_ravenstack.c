/* The retention of RavenStack as the engine computes it equals tests/data/ravenstack_retention.sql over the same file. */
#include "kpi/compute.h"
#include "kpi_fixture.h"

#define COLUMNS_MAX 16

static kpi_fixture k;

/* A line of a CSV file without quotes, cut in place. */
static int cut(char *line, char *cells[COLUMNS_MAX])
{
    int count = 0;

    line[strcspn(line, "\r\n")] = '\0';
    for (char *at = line; at && count < COLUMNS_MAX; count++) {
        cells[count] = at;
        at = strchr(at, ',');
        if (at)
            *at++ = '\0';
    }
    return count;
}

static FILE *open_file(const char *name)
{
    const char *shared = getenv("TEND_SHARED"), *source = getenv("TEND_SOURCE");
    char path[4096];

    if (shared)
        (void)snprintf(path, sizeof path, "%s/data/sets/ravenstack/iso_mixed/%s", shared, name);
    else
        (void)snprintf(path, sizeof path, "%s/../shared/data/sets/ravenstack/iso_mixed/%s", source ? source : ".", name);
    FILE *file = fopen(path, "r");

    /* A worktree stands one folder deeper than a clone. */
    if (!file && !shared) {
        (void)snprintf(path, sizeof path, "%s/../../shared/data/sets/ravenstack/iso_mixed/%s", source ? source : ".", name);
        file = fopen(path, "r");
    }
    return file;
}

static tend_date date_of(const char *text)
{
    tend_date date = TEND_NO_DATE;

    ck_assert_int_eq(tend_date_parse(text, strlen(text), &date), TEND_OK);
    return date;
}

/* Accounts are known by the file's id, so that subscriptions find them. */
static void put_accounts(FILE *file, int64_t source)
{
    char line[1024], *cells[COLUMNS_MAX];

    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    begin(&k.f);
    k.f.origin.source = source;
    while (fgets(line, sizeof line, file)) {
        ck_assert_int_ge(cut(line, cells), 10);
        TEST_PUT(&k.f, .kind = TEND_KIND_ACCOUNT, .external = cells[0], .effective = at("2022-01-01"), .known = at("2022-01-01"),
                 .in_transaction = true, .fields = { { "name", text(cells[1]) } });
    }
    commit(&k.f);
}

static void put_subscription(char **cells, int64_t source)
{
    int64_t account = 0;
    const tend_value starts = { .type = TEND_DATE, .integer = date_of(cells[2]) };
    const tend_time since = starts.integer * INT64_C(86400000);

    TEST_OK(&k.f, tend_identity_find(k.f.model, source, TEND_KIND_ACCOUNT, cells[1], strlen(cells[1]), &account, &k.f.error));
    ck_assert_int_ne(account, 0);
    TEST_PUT(&k.f, .kind = TEND_KIND_CONTRACT, .external = cells[0], .effective = since, .known = since, .in_transaction = true,
             .fields = { { "account", ref(account) },
                         { "status", text(strcmp(cells[11], "True") == 0 ? "ended" : "active") },
                         { "starts_on", starts },
                         { "ends_on", *cells[3] ? (tend_value){ .type = TEND_DATE, .integer = date_of(cells[3]) } : nothing() },
                         { "ended_on", *cells[3] ? (tend_value){ .type = TEND_DATE, .integer = date_of(cells[3]) } : nothing() },
                         { "currency", text("USD") },
                         { "annual_amount", money(strtoll(cells[6], NULL, 10) * 1200, "USD") },
                         { "is_trial", (tend_value){ .type = TEND_BOOL, .integer = strcmp(cells[8], "True") == 0 } },
                         { "auto_renew", (tend_value){ .type = TEND_BOOL, .integer = strcmp(cells[13], "True") == 0 } } });
}

/* Each subscription goes into the model, and as it stands into the raw table that the SQL reads. */
static size_t put_subscriptions(FILE *file, int64_t source, tend_store *raw)
{
    char line[1024], *cells[COLUMNS_MAX];
    tend_statement *insert = NULL;
    size_t count = 0;

    TEST_OK(&k.f,
            tend_store_run(raw, "CREATE TABLE subscriptions(account_id, start_date, end_date, mrr_amount, is_trial)", &k.f.error));
    TEST_OK(&k.f, tend_store_begin(raw, &k.f.error));
    TEST_OK(&k.f, tend_store_prepare(raw, "INSERT INTO subscriptions VALUES (?1, ?2, ?3, ?4, ?5)", &insert, &k.f.error));
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    begin(&k.f);
    while (fgets(line, sizeof line, file)) {
        ck_assert_int_eq(cut(line, cells), 14);
        put_subscription(cells, source);
        for (int i = 0; i < 5; i++)
            tend_statement_bind_string(insert, i + 1, cells[(int[]){ 1, 2, 3, 6, 8 }[i]]);
        TEST_OK(&k.f, tend_statement_run(insert, &k.f.error));
        tend_statement_reset(insert);
        count++;
    }
    commit(&k.f);
    tend_statement_end(insert);
    TEST_OK(&k.f, tend_store_commit(raw, &k.f.error));
    return count;
}

static const char *read_sql(void)
{
    static char sql[8192];
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/tests/data/ravenstack_retention.sql", getenv("TEND_SOURCE"));
    FILE *file = fopen(path, "r");

    ck_assert_msg(file, "%s", path);
    sql[fread(sql, 1, sizeof sql - 1, file)] = '\0';
    (void)fclose(file);
    return sql;
}

START_TEST(figures_equal_sql_over_the_file)
{
    FILE *accounts = open_file("ravenstack_accounts.csv"), *subscriptions = open_file("ravenstack_subscriptions.csv");
    tend_store *raw = NULL;
    tend_kpi_view *view = NULL;
    tend_statement *statement = NULL;
    int64_t source = 0;
    bool has_row = false;
    int compared = 0;

    if (!accounts || !subscriptions) {
        (void)fprintf(stderr, "skipped: RavenStack is not in ../shared; $TEND_SHARED names another place\n");
        return;
    }
    kpi_fixture_open(&k, NULL, NULL);
    TEST_OK(&k.f, tend_store_open(test_folder_path(&k.f.folder, "raw.db"), TEND_STORE_CREATE, &raw, &k.f.error));
    begin(&k.f);
    TEST_OK(&k.f, tend_model_source(k.f.model, "ravenstack", &source, &k.f.error));
    commit(&k.f);
    put_accounts(accounts, source);
    ck_assert_uint_eq(put_subscriptions(subscriptions, source, raw), 5000);
    k.world.effective = at("2024-12-31") + 86399999;
    TEST_OK(&k.f, tend_kpi_view_open(k.kpis, &k.world, NULL, NULL, &view, &k.f.error));

    TEST_OK(&k.f, tend_store_prepare(raw, read_sql(), &statement, &k.f.error));
    for (;;) {
        TEST_OK(&k.f, tend_statement_step(statement, &has_row, &k.f.error));
        if (!has_row)
            break;
        const tend_kpi_value *value = value_of(&k, view, tend_statement_text(statement, 0, NULL));

        ck_assert_msg(value->numerator == tend_statement_int(statement, 1) &&
                          value->denominator == tend_statement_int(statement, 2),
                      "%s: %lld/%lld, by SQL %lld/%lld", value->kpi->id, (long long)value->numerator, (long long)value->denominator,
                      (long long)tend_statement_int(statement, 1), (long long)tend_statement_int(statement, 2));
        compared++;
    }
    ck_assert_int_eq(compared, 13);
    const tend_kpi_value *nrr = value_of(&k, view, "nrr");

    ck_assert_int_gt(nrr->numerator / 2, nrr->denominator);
    ck_assert_msg(nrr->notes[0] && strstr(nrr->notes[0], "look for overlapping subscriptions in the source"), "no note");
    tend_statement_end(statement);
    tend_kpi_view_close(view);
    tend_store_close(raw);
    kpi_fixture_close(&k);
    (void)fclose(accounts);
    (void)fclose(subscriptions);
}
END_TEST

TESTS_WITH("kpi/ravenstack", { tcase_add_test(tcase, figures_equal_sql_over_the_file); })
