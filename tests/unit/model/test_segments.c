/* Filters with a name. */
#include "filter_fixture.h"

static const tend_section *const segment_sections[] = { tend_segment_sections, NULL };

/* Loads segments from an INI text; the faults of all of them come as lines. */
static tend_status load(const char *ini, tend_config **ret_config, tend_segments **ret_segments, char **ret_faults)
{
    size_t length = 0;
    FILE *faults = open_memstream(ret_faults, &length);
    tend_status status;

    ck_assert_ptr_nonnull(faults);
    TEST_OK(&f, tend_config_load_text("tend.ini", ini, strlen(ini), segment_sections, stderr, ret_config, &f.error));
    status = tend_segments_load(*ret_config, f.schema, measures, faults, ret_segments, &f.error);
    ck_assert_int_eq(fclose(faults), 0);
    return status;
}

START_TEST(segments_are_named_filters_and_may_name_each_other)
{
    static const char ini[] = "[segment.key]\nwhere = segment = europe and tier in (gold, premier)\nhelp = who matters most\n"
                              "[segment.europe]\nwhere = region = EMEA\n"
                              "[segment.rich]\nwhere = arr >= 1 EUR or revenue > 1 KRW\n";
    tend_segments *none = segments;
    tend_config *config = NULL;
    char *faults = NULL;
    const char *by = NULL;

    ck_assert_msg(load(ini, &config, &segments, &faults) == TEND_OK, "%s", faults);
    ck_assert_str_eq(faults, "");
    ck_assert_str_eq(tend_segments_name(segments, 0), "key");
    ck_assert_str_eq(tend_segments_name(segments, 2), "rich");
    ck_assert_ptr_null(tend_segments_name(segments, 3));
    ck_assert_str_eq(tend_segments_help(segments, "key"), "who matters most");
    ck_assert_ptr_null(tend_segments_filter(segments, "kex"));
    ck_assert_str_eq(tend_filter_text(tend_segments_filter(segments, "europe")), "region = EMEA");

    ck_assert(met(TEND_KIND_ACCOUNT, acme, "segment = key", NULL));
    ck_assert(!met(TEND_KIND_ACCOUNT, seoul, "segment = key", &by));
    ck_assert_str_eq(by, "segment = key (it is not)");
    ck_assert(met(TEND_KIND_ACCOUNT, seoul, "segment != key and parent.segment = key", NULL));
    ck_assert(met(TEND_KIND_ACCOUNT, seoul, "segment in (key, rich)", NULL));
    /* Where it is not known whether the condition holds, the account is not in the segment. */
    ck_assert(met(TEND_KIND_ACCOUNT, empty, "segment not in (key, europe, rich)", NULL));
    ck_assert(met(TEND_KIND_CONTRACT, contract, "status = active and account.segment in (key, rich)", NULL));
    ck_assert(!met(TEND_KIND_TASK, task, "account.segment = key or account.segment != key", &by));
    ck_assert_str_eq(by, "account.segment = key (there is no account)");
    ck_assert(met(TEND_KIND_TASK, task, "contract.account.segment = key", NULL));

    refuse_large("segment = kye", PLACE ": at 'kye': no such segment; did you mean key?");
    tend_segments_free(segments);
    tend_config_free(config);
    free(faults);
    segments = none;
}
END_TEST

static tend_principal reader;

/* All that decided, in words between bars. */
static const char *reasons_of(tend_kind kind, int64_t row, const char *where, bool is_met_expected)
{
    tend_world world = tend_world_live(f.model);
    tend_filter *filter = NULL;
    const tend_filter_reason *reasons = NULL;
    const char *all = "";
    size_t count = 0;
    bool is_met = !is_met_expected;

    TEST_OK(&f, tend_filter_parse(f.schema, segments, kind, where, PLACE, &filter, &f.error));
    TEST_OK(&f, tend_filter_explain(filter, &world, &reader, rates, row, f.arena, &is_met, &reasons, &count, &f.error));
    ck_assert_int_eq(is_met, is_met_expected);
    for (size_t i = 0; i < count; i++)
        all = tend_arena_print(f.arena, "%s%s%s", all, i ? " | " : "", tend_filter_reason_words(&reasons[i], f.arena));
    tend_filter_free(filter);
    return all;
}

START_TEST(every_comparison_that_decided_is_told)
{
    static const char ini[] = "[segment.key]\nwhere = tier = premier and region = EMEA\n[segment.big]\nwhere = seats > 100\n"
                              "[segment.west]\nwhere = region = EMEA\n";
    tend_segments *none = segments;
    tend_config *config = NULL;
    char *faults = NULL;
    int64_t profile;

    ck_assert_msg(load(ini, &config, &segments, &faults) == TEND_OK, "%s", faults);
    reader = tend_principal_administrator();
    ck_assert_str_eq(reasons_of(TEND_KIND_ACCOUNT, acme, "tier = premier and region = EMEA and seats > 500", false),
                     "tier is gold, wanted = premier | seats is 120, wanted > 500");
    ck_assert_str_eq(reasons_of(TEND_KIND_ACCOUNT, acme, "tier = premier or region = EMEA", true), "region is EMEA, wanted = EMEA");
    ck_assert_str_eq(reasons_of(TEND_KIND_ACCOUNT, acme, "tier = premier or city = Seoul", false),
                     "tier is gold, wanted = premier | city is not known, wanted = Seoul");
    ck_assert_str_eq(reasons_of(TEND_KIND_ACCOUNT, acme, "tier = gold and not account.region in (EMEA, APAC)", false),
                     "account.region is EMEA, wanted not in (EMEA, APAC)");
    ck_assert_str_eq(
        reasons_of(TEND_KIND_ACCOUNT, acme, "revenue >= 1 KRW", false),
        "revenue, wanted >= 1 KRW, cannot be compared: no rate from USD to KRW on 2026-03-02; import one with kind rate");
    ck_assert_str_eq(reasons_of(TEND_KIND_CONTRACT, contract, "status = active and account.segment in (key)", false),
                     "account.segment is big, west, wanted in (key) | segment key: tier is gold, wanted = premier");
    ck_assert_str_eq(reasons_of(TEND_KIND_ACCOUNT, empty, "segment != key", true), "segment is none, wanted != key");
    ck_assert_str_eq(reasons_of(TEND_KIND_TASK, task, "account.segment = key", false),
                     "account.segment is not known, wanted = key");
    profile = TEST_PUT(&f, .kind = TEND_KIND_PROFILE, .fields = { { "account", ref(acme) }, { "risk_tolerance", text("low") } }).id;
    ck_assert_str_eq(reasons_of(TEND_KIND_PROFILE, profile, "risk_tolerance = high", false),
                     "risk_tolerance is low, wanted = high");
    reader = tend_principal_named(TEND_PRINCIPAL_PERSON, "Kim");
    ck_assert_str_eq(reasons_of(TEND_KIND_PROFILE, profile, "risk_tolerance = high", false),
                     "risk_tolerance is hidden, wanted = high");
    tend_segments_free(segments);
    tend_config_free(config);
    free(faults);
    segments = none;
}
END_TEST

START_TEST(every_fault_of_the_segments_is_a_line)
{
    static const char ini[] = "[segment.a]\nwhere = segment = b\n"
                              "[segment.b]\nwhere = tier = gold and segment = c\n"
                              "[segment.c]\nwhere = not segment = a\n"
                              "[segment.bad]\nwhere = regoin = EMEA\n"
                              "[segment.self]\nwhere = segment = self\n";
    tend_segments *none = NULL;
    tend_config *config = NULL;
    char *faults = NULL;

    ck_assert_int_eq(load(ini, &config, &none, &faults), TEND_EINVAL);
    ck_assert_str_eq(faults,
                     "tend.ini:8: [segment.bad] where: at 'regoin': accounts have no field regoin; did you mean region?\n"
                     "tend.ini:6: [segment.c] where: the segments go round in a circle: a, b, c, a; take one of them out\n"
                     "tend.ini:10: [segment.self] where: the segments go round in a circle: self, self; take one of them out\n");
    ck_assert_str_eq(f.error.text,
                     "tend.ini:8: [segment.bad] where: at 'regoin': accounts have no field regoin; did you mean region?");
    ck_assert_ptr_null(none);
    tend_config_free(config);
    free(faults);
}
END_TEST

START_TEST(segments_that_grow_by_naming_each_other_are_refused)
{
    tend_segments *none = NULL;
    tend_config *config = NULL;
    tend_buffer ini = { 0 };
    char *faults = NULL;

    tend_buffer_text(&ini, "[segment.s0]\nwhere = seats = 1 or seats = 2\n");
    for (int i = 1; i <= 40; i++)
        tend_buffer_print(&ini, "[segment.s%d]\nwhere = segment = s%d or not segment = s%d\n", i, i - 1, i - 1);
    ck_assert_int_eq(load(tend_buffer_string(&ini), &config, &none, &faults), TEND_EINVAL);
    ck_assert_str_eq(f.error.text,
                     "tend.ini:10: [segment.s4] where: with the segments it names the filter nests too deep; take out parentheses");
    tend_buffer_clear(&ini);
    tend_config_free(config);
    free(faults);
}
END_TEST

static const struct {
    tend_kind kind;
    const char *where;
    bool hears_health, hears_arr;
} heard[] = {
    { TEND_KIND_ACCOUNT, "region = EMEA", false, false },
    { TEND_KIND_ACCOUNT, "health < 50", true, false },
    { TEND_KIND_ACCOUNT, "not (region = EMEA or arr > 1 EUR)", true, true }, /* rates move, too */
    { TEND_KIND_CONTRACT, "account.health < 50 and seats > 1", true, false },
    { TEND_KIND_CONTRACT, "account.segment = ill", true, false },
    { TEND_KIND_CONTRACT, "account.segment != sick", true, false },
    { TEND_KIND_CONTRACT, "account.segment = europe", false, false },
    { TEND_KIND_CONTRACT, "ends_on within 30 days", true, true },
    { TEND_KIND_CONTRACT, "ends_on > 2026-01-01", false, false },
};

START_TEST(a_filter_hears_of_the_figures_that_could_change_its_answer)
{
    tend_segments *none = segments;
    tend_config *config = NULL;
    tend_filter *filter = NULL;
    char *faults = NULL;

    ck_assert_msg(load("[segment.europe]\nwhere = region = EMEA\n[segment.ill]\nwhere = segment = sick\n"
                       "[segment.sick]\nwhere = health < 50\n",
                       &config, &segments, &faults) == TEND_OK,
                  "%s", faults);
    TEST_OK(&f, tend_filter_parse(f.schema, segments, heard[_i].kind, heard[_i].where, PLACE, &filter, &f.error));
    ck_assert(tend_filter_hears(filter, "health") == heard[_i].hears_health);
    ck_assert(tend_filter_hears(filter, "arr") == heard[_i].hears_arr);
    ck_assert(!tend_filter_hears(NULL, "health"));
    tend_filter_free(filter);
    tend_segments_free(segments);
    tend_config_free(config);
    free(faults);
    segments = none;
}
END_TEST

TESTS_WITH("model/segments", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, segments_are_named_filters_and_may_name_each_other);
    tcase_add_loop_test(tcase, a_filter_hears_of_the_figures_that_could_change_its_answer, 0, (int)(sizeof heard / sizeof *heard));
    tcase_add_test(tcase, every_comparison_that_decided_is_told);
    tcase_add_test(tcase, every_fault_of_the_segments_is_a_line);
    tcase_add_test(tcase, segments_that_grow_by_naming_each_other_are_refused);
})
