/* plugin check: what is shipped and the templates pass; plugins that break one rule fail at it, with the reason. */
#include "engine/conform.h"

#include "folder.h"
#include "tests.h"
#include <string.h>

static tend_time now = INT64_C(1772446504131);
static test_folder folder;

typedef struct verdicts {
    unsigned ok, failed, not_tried;
    char first[1200];    /* "check: text" of the first failure */
    char failures[8000]; /* all of them, one a line */
    char untried[2000];
} verdicts;

static tend_status keep(void *self, const tend_conform_finding *finding, tend_error *reterr)
{
    verdicts *all = self;
    size_t length = strlen(all->failures);

    (void)reterr;
    all->ok += finding->state == TEND_CONFORM_OK;
    if (finding->state == TEND_CONFORM_NOT_TRIED) {
        all->not_tried++;
        (void)snprintf(all->untried + strlen(all->untried), sizeof all->untried - strlen(all->untried), "%s: %s\n", finding->check,
                       finding->text);
    }
    if (finding->state != TEND_CONFORM_FAILED)
        return TEND_OK;
    if (all->failed++ == 0)
        (void)snprintf(all->first, sizeof all->first, "%s: %s", finding->check, finding->text);
    (void)snprintf(all->failures + length, sizeof all->failures - length, "%s: %s\n", finding->check, finding->text);
    return TEND_OK;
}

static tend_conform_request known; /* of the source */

/* `file` is below the build folder; settings end with a NULL key. */
static verdicts check(const char *file, const tend_given *settings, const tend_given *rules, const char *to)
{
    verdicts all = { 0 };
    tend_conform_request request = { .given = settings,
                                     .rules = rules,
                                     .records = known.records,
                                     .removals = known.removals,
                                     .says_records = known.says_records,
                                     .says_removals = known.says_removals,
                                     .to = to,
                                     .now = now,
                                     .put = keep,
                                     .self = &all };
    char path[4096];
    unsigned failed = 0;
    tend_error error = { 0 };

    (void)snprintf(path, sizeof path, "%s/%s", getenv("TEND_BUILD"), file);
    ck_assert_msg(tend_plugins_open_file(path, tend_clock_by_hand(&now), &request.plugins, &error) == TEND_OK, "%s", error.text);
    request.name = tend_plugins_info(request.plugins, 0)->name;
    for (; settings && settings[request.count].key;)
        request.count++;
    for (; rules && rules[request.rule_count].key;)
        request.rule_count++;
    ck_assert_msg(tend_conform(&request, &failed, &error) == TEND_OK, "%s", error.text);
    ck_assert_uint_eq(failed, all.failed);
    tend_plugins_close(request.plugins);
    return all;
}

/* What is wrong in every pull alike shows only against what is known of the source: 250 records, 25 removals. */
START_TEST(what_is_lost_alike_shows_against_the_source)
{
    static const struct {
        const char *file;
        int64_t records, removals;
        const char *first;
    } cases[] = {
        { "tests/broken/connector_lost.so", 250, 0,
          "count: 238 records came, and the source holds 250: look at the borders of pages" },
        { "tests/broken/connector_dropped.so", 250, 25, "count: 12 removals came, and the source tells of 25: hand each to" },
        { "tests/broken/connector_dropped.so", 250, 0, "" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        verdicts all = check(cases[i].file, NULL, NULL, NULL);
        const unsigned ok = all.ok;

        ck_assert_msg(all.failed == 0, "%s", all.failures); /* all of its pulls agree */
        known = (tend_conform_request){
            .says_records = true, .records = cases[i].records, .says_removals = cases[i].removals > 0, .removals = cases[i].removals
        };
        all = check(cases[i].file, NULL, NULL, NULL);
        known = (tend_conform_request){ .records = 0 };
        ck_assert_uint_eq(all.failed, cases[i].first[0] != '\0');
        ck_assert_uint_eq(all.ok, ok + (all.failed == 0));
        ck_assert_msg(strncmp(all.first, cases[i].first, strlen(cases[i].first)) == 0, "%s", all.first);
    }
}
END_TEST

START_TEST(shipped_kpis_and_prices_pass)
{
    static const tend_given bands[] = { { .key = "a.mode", .value = "graduated" },
                                        { .key = "a.currency", .value = "USD" },
                                        { .key = "a.up_to.100", .value = "0.50" },
                                        { .key = "a.above", .value = "0.40" },
                                        { .key = NULL } };
    static const tend_given discount[] = { { .key = "bulk.percent", .value = "12.5 %" },
                                           { .key = "bulk.at_least", .value = "100" },
                                           { .key = NULL } };
    const struct {
        const char *file;
        const tend_given *rules;
        unsigned ok; /* 2 for the plugin; 8 for each KPI, one more with words, one more with a divisor; 6 for a price */
    } cases[] = {
        { "lib/tend/plugins/kpi_retention.so", NULL, 2 + 16 * 8 + 16 + 8 },
        { "lib/tend/plugins/kpi_satisfaction.so", NULL, 2 + 8 * 8 + 8 },
        { "tests/template/kpi/kpi_example.so", NULL, 2 + 8 },
        { "lib/tend/plugins/price_volume.so", bands, 2 + 6 },
        { "tests/template/price/price_example.so", discount, 2 + 6 },
    };
    verdicts all = check(cases[_i].file, NULL, cases[_i].rules, NULL);

    ck_assert_msg(all.failed == 0, "%s", all.failures);
    ck_assert_uint_eq(all.ok, cases[_i].ok);
    ck_assert_uint_eq(all.not_tried, 0);
}
END_TEST

START_TEST(shipped_connectors_pass)
{
    tend_given settings[] = { { .key = "path" }, { .key = NULL } };
    verdicts all;

    test_folder_make(&folder);
    settings[0].value = test_folder_write_text(&folder, "five.csv", "id,name\n1,a\n2,b\n3,c\n4,d\n5,e\n");
    all = check("lib/tend/plugins/connector_csv.so", settings, NULL, NULL);
    ck_assert_msg(all.failed == 0, "%s", all.failures);
    ck_assert_uint_eq(all.not_tried, 3); /* nothing removed, no key, its one bookmark stands at the end */
    settings[0].value = test_folder_write_text(&folder, "five.tsv", "id\tname\n1\ta\n2\tb\n-1\n3\tc\n1\ta\n");
    all = check("tests/template/connector/connector_example.so", settings, NULL, NULL);
    ck_assert_msg(all.failed == 0, "%s", all.failures);
    ck_assert_uint_eq(all.not_tried, 0);
    test_folder_remove(&folder);
}
END_TEST

START_TEST(shipped_sinks_pass)
{
    tend_given settings[] = { { .key = "path" }, { .key = NULL } };
    char *text;
    size_t length, lines = 0;
    verdicts all;

    test_folder_make(&folder);
    settings[0].value = test_folder_path(&folder, "sent.jsonl");
    all = check("lib/tend/plugins/sink_jsonl.so", settings, NULL, "kim@our.test");
    ck_assert_msg(all.failed == 0, "%s", all.failures);
    text = test_file_read(settings[0].value, &length);
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n';
    ck_assert_uint_eq(lines, 5); /* three tries of one, and four texts */
    free(text);
    all = check("lib/tend/plugins/sink_jsonl.so", settings, NULL, NULL);
    ck_assert_uint_eq(all.not_tried, 1); /* without an address nothing is sent */
    test_folder_remove(&folder);
}
END_TEST

static const struct {
    const char *file, *first;
    unsigned failed;
} broken[] = {
    { "connector_long", "pull: a pull from the start failed: plugin broken: a bookmark is over 64 KiB; make it shorter", 1 },
    { "connector_early", "bookmarks: from bookmark 1 of 12 (after 22 records): lost: record id=20, name=name 20", 2 },
    { "connector_again", "bookmarks: from bookmark 1 of 12 (after 22 records): came besides: record id=19, name=name 19", 2 },
    { "connector_columns",
      "columns: columns were named again with name where id had been; a later list has the same head and is longer", 3 },
    { "connector_removal", "removals: a removal has 2 cells, and the key that was named has 1", 1 },
    { "connector_texts", "texts: line 8, column name: bytes that are not UTF-8; bring texts as UTF-8", 1 },
    { "connector_memory",
      "back-pressure: a second pull, taken slowly, differs (lost: record id=9, name=pull 1); is the source changing meanwhile?",
      4 },
    { "connector_bookmark",
      "foreign bookmark: a bookmark that it never wrote ended its process: plugin broken: its host was killed by signal 6 "
      "(Aborted) "
      "during the pull of all; the next call starts a new one",
      1 },
    { "connector_deaf",
      "cancel: told to end it went on and was killed; return what the functions of `out` return, and ask is_cancelled while "
      "waiting",
      1 },
    { "connector_silent", "foreign bookmark: a bookmark that it never wrote failed without a reason; fill reterr with tend_fail",
      1 },
    { "kpi_empty",
      "empty batches: a batch without accounts ended its process: plugin broken: its host was killed by signal 6 (Aborted) during "
      "broken; the next call starts a new one",
      1 },
    { "kpi_parts", NULL, 2 },
    { "kpi_running", NULL, 3 },
    { "kpi_unknown", NULL, 3 },
    { "sink_once",
      "once-key: a message that was delivered is not (broken) when it is tried again under its key: broken: "
      "plugin-check:1772446504131 was sent already",
      1 },
    { "sink_silent", "delivery: a message failed without a reason; fill reterr with tend_fail", 1 },
    { "price_memory", "same again: the same quote has other steps a second time; nothing but rules, quote and metrics may decide",
      1 },
    { "price_reason", "quote: a step by rule a without a reason", 2 },
};

START_TEST(a_broken_plugin_fails_with_the_reason)
{
    static const tend_given rule[] = { { .key = "a.cent", .value = "yes" }, { .key = NULL } };
    const bool is_price = strncmp(broken[_i].file, "price", 5) == 0;
    char file[200];
    verdicts all;

    (void)snprintf(file, sizeof file, "tests/broken/%s.so", broken[_i].file);
    all = check(file, NULL, is_price ? rule : NULL, "kim@our.test");
    if (broken[_i].first)
        ck_assert_str_eq(all.first, broken[_i].first);
    ck_assert_msg(all.failed == broken[_i].failed, "%s", all.failures);
}
END_TEST

/* The numbers in these sentences come from batches and places that are made up; the rules that were broken do not. */
static const struct {
    const char *file, *check, *part;
} broken_rules[] = {
    { "tests/broken/connector_limit.so", "limit: a pull of 1 records failed: ", "more; return that failure at once" },
    { "tests/broken/connector_heedless.so", "cancel: ", "had failed, and it called " },
    { "tests/broken/kpi_wrapping.so", "overflow: numbers near the end of 64 bits give ", "add with __builtin_add_overflow" },
    { "tests/broken/kpi_divisor.so", "one divisor: one account divides by ", "money and counts have one divisor for all" },
    { "tests/broken/kpi_words.so", "words: with the words in another order an account has ", "take no word for TEND_UNKNOWN" },
    { "tests/broken/kpi_middle.so", "words: with the words in another order an account has ", "compare words by their text" },
    { "tests/broken/kpi_parts.so", "parts: ", "parts add up to" },
    { "tests/broken/kpi_stranger.so", "parts: ", "a part whose row is none of the account's own" },
    { "tests/broken/kpi_currency.so", "money: with every amount times 7, as in another currency, an account has ", "set is_money" },
    { "tests/broken/kpi_running.so", "order of accounts: ", "a value depends on nothing but the account's own rows" },
    { "tests/broken/kpi_unknown.so", "unknown values: ", "TEND_UNKNOWN is counted as a number" },
};

START_TEST(the_rule_that_is_broken_is_named)
{
    verdicts all = check(broken_rules[_i].file, NULL, NULL, NULL);

    ck_assert_msg(strncmp(all.first, broken_rules[_i].check, strlen(broken_rules[_i].check)) == 0, "%s", all.failures);
    ck_assert_msg(strstr(all.first, broken_rules[_i].part), "%s", all.first);
}
END_TEST

/* That a removal names none of the records may be right, so it is no failure; but it is not called good. */
START_TEST(removals_of_strangers_are_not_called_good)
{
    verdicts all = check("tests/broken/connector_stranger.so", NULL, NULL, NULL);

    ck_assert_uint_eq(all.failed, 0);
    ck_assert_str_eq(all.untried,
                     "removals: none of 25 names a record of this pull: is a removal of id=00000 a key as records have "
                     "it (id=0)?\n");
}
END_TEST

START_TEST(settings_that_do_not_fit_are_a_finding)
{
    static const tend_given settings[] = { { .key = "pth", .value = "x" }, { .key = NULL } };
    verdicts all = check("lib/tend/plugins/connector_csv.so", settings, NULL, NULL);

    ck_assert_str_eq(all.failures, "open: plugin csv: pth: no such setting; did you mean path?\n");
}
END_TEST

TESTS_WITH("engine/conform", {
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, what_is_lost_alike_shows_against_the_source);
    tcase_add_loop_test(tcase, shipped_kpis_and_prices_pass, 0, 5);
    tcase_add_test(tcase, shipped_connectors_pass);
    tcase_add_test(tcase, shipped_sinks_pass);
    tcase_add_loop_test(tcase, a_broken_plugin_fails_with_the_reason, 0, (int)(sizeof broken / sizeof *broken));
    tcase_add_loop_test(tcase, the_rule_that_is_broken_is_named, 0, (int)(sizeof broken_rules / sizeof *broken_rules));
    tcase_add_test(tcase, removals_of_strangers_are_not_called_good);
    tcase_add_test(tcase, settings_that_do_not_fit_are_a_finding);
})
