/* Configured sources, synced again and again through connector/csv. */
#include "base/file.h"
#include "model/batch.h"
#include "sync/owed.h"
#include "sync/source.h"
#include "sync_fixture.h"

static sync_fixture s;
static tend_config *config;

static const char mapping[] = "[mapping]\nsource = crm\n"
                              "[stream.accounts]\nfile = accounts.csv\nkind = account\nkey = id\n"
                              "[fields.accounts]\nname = name\nseats = seats\n";

static void set_up(void)
{
    static const tend_section *const sections[] = { tend_sync_sections, NULL };
    char ini[1024];

    sync_fixture_open(&s);
    (void)mkdir(test_folder_path(&s.f.folder, "in"), 0700);
    (void)snprintf(ini, sizeof ini,
                   "[source.korea]\nplugin = csv\nmapping = crm\nevery = 10 min\npath = %s/in\n"
                   "[source.strict]\nplugin = csv\nmapping = crm\nkeep_good = no\npath = %s/in\n"
                   "[source.off]\nplugin = csv\nmapping = crm\nenabled = no\npath = %s/in\n",
                   s.f.folder.path, s.f.folder.path, s.f.folder.path);
    config = NULL;
    TEST_OK(&s.f, tend_config_load_text("tend.ini", ini, strlen(ini), sections, stderr, &config, &s.f.error));
    use_mapping_text(&s, mapping);
}

static void tear_down(void)
{
    tend_config_free(config);
    sync_fixture_close(&s);
}

static void sync_now(const char *name)
{
    TEST_OK(&s.f, tend_sync(s.f.model, s.plugins, config, name, s.mapping, &s.options, s.f.arena, &s.report, &s.f.error));
    ck_assert_int_eq(s.report->read, s.report->created + s.report->updated + s.report->unchanged + s.report->rejected);
}

START_TEST(what_is_new_is_read_and_the_bookmark_kept)
{
    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme,3\nA2,Beta,\n");
    sync_now("korea");
    ck_assert_int_eq(s.report->created, 2);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM bookmarks WHERE source='korea' AND stream='accounts'"), 1);
    sync_now("korea");
    ck_assert_int_eq(s.report->created + s.report->updated, 0);
    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme,3\nA2,Beta,\nA3,Gamma,1\n");
    sync_now("korea");
    ck_assert_int_eq(s.report->created, 1);
    ck_assert_int_eq(s.report->updated, 0);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts"), 3);
}
END_TEST

START_TEST(two_sources_with_one_mapping_keep_their_ids_apart)
{
    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme,3\n");
    sync_now("korea");
    sync_now("strict");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM identities i JOIN sources s ON s.id=i.source WHERE s.name IN ('korea', "
                                    "'strict') AND i.external='A1'"),
                     2);
}
END_TEST

START_TEST(a_bad_record_stops_only_a_strict_source)
{
    tend_sync_state state;

    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme,3\nA2,Beta,many\n");
    sync_now("strict");
    ck_assert(!s.report->is_stored);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts"), 0);
    TEST_OK(&s.f, tend_sync_state_get(s.f.store, "strict", s.f.arena, &state, &s.f.error));
    ck_assert(!state.is_good);
    ck_assert_str_eq(state.why, "records were rejected, so nothing was stored");
    sync_now("korea");
    ck_assert_int_eq(s.report->created, 1);
    ck_assert_int_eq(s.report->rejected, 1);
}
END_TEST

static int64_t owed(void)
{
    return sql_number(&s, "SELECT (SELECT count(*) FROM sqlite_master WHERE name='owed_records')") == 0
               ? 0
               : sql_number(&s, "SELECT count(*) FROM owed_records");
}

static char *rejects_of(const char *name)
{
    char path[700];
    char *text = NULL;
    size_t length;

    (void)snprintf(path, sizeof path, "%s/%s", s.rejects, name);
    TEST_OK(&s.f, tend_file_read(path, 1 << 20, &text, &length, &s.f.error));
    return text;
}

/* The bookmark goes on behind a rejected record: it is owed, and its file is not written over by the next one's. */
START_TEST(a_rejected_record_is_owed_until_it_comes_well)
{
    char *first, *second;

    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme,3\nA2,Beta,many\n");
    sync_now("korea");
    ck_assert_int_eq(owed(), 1);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM owed_records WHERE source='korea' AND stream='accounts' AND key='A2' AND "
                                    "field='seats' AND line=3 AND file='accounts.rejected.csv'"),
                     1);
    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA3,Gamma,few\n");
    sync_now("korea");
    ck_assert_int_eq(owed(), 2);
    first = rejects_of("accounts.rejected.csv");
    second = rejects_of("accounts.rejected-2.csv");
    ck_assert_ptr_nonnull(strstr(first, "A2,Beta,many"));
    ck_assert_ptr_nonnull(strstr(second, "A3,Gamma,few"));
    free(first);
    free(second);

    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA3,Gamma,4\n");
    sync_now("korea"); /* corrected at the source */
    ck_assert_int_eq(owed(), 1);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM owed_records WHERE key='A2'"), 1);

    test_folder_write_text(&s.f.folder, "rejects/accounts.rejected.csv", "id,name,seats\nA2,Beta,9\n");
    s.options.source = "korea"; /* mended and imported */
    import_files(&s, (const char *[]){ test_folder_path(&s.f.folder, "rejects/accounts.rejected.csv") }, 1);
    s.options.source = NULL;
    ck_assert_int_eq(owed(), 0);
    ck_assert_int_eq(sql_number(&s,
                                "SELECT a.seats FROM accounts a JOIN identities i ON i.row=a.id JOIN sources s ON s.id=i.source "
                                "WHERE s.name='korea' AND i.external='A2'"),
                     9);
}
END_TEST

START_TEST(a_mended_file_that_is_still_wrong_stays_owed)
{
    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme,few\nA2,Beta,many\n,Nameless,1\n");
    sync_now("korea");
    ck_assert_int_eq(owed(), 3);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM owed_records WHERE key GLOB '[?]*'"), 1);
    test_folder_write_text(&s.f.folder, "rejects/accounts.rejected.csv", "id,name,seats\nA1,Acme,1\nA2,Beta,lots\nA4,Nameless,1\n");
    s.options.source = "korea";
    s.options.keeps_good = true;
    import_files(&s, (const char *[]){ test_folder_path(&s.f.folder, "rejects/accounts.rejected.csv") }, 1);
    s.options.source = NULL;
    ck_assert_int_eq(s.report->rejected, 1);
    ck_assert_int_eq(owed(), 1);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM owed_records WHERE key='A2'"), 1);
}
END_TEST

START_TEST(what_is_owed_can_be_done_without)
{
    int64_t dropped;

    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme,few\nA2,Beta,many\nA3,Beta,many\n");
    sync_now("korea");
    ck_assert_int_eq(tend_owed_drop(s.f.model, "korea", "A9", &dropped, &s.f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(s.f.error.text, "source korea: owes no record 'A9'; tend rejects list shows them");
    TEST_OK(&s.f, tend_owed_drop(s.f.model, "korea", "A2", &dropped, &s.f.error));
    ck_assert_int_eq(dropped, 1);
    TEST_OK(&s.f, tend_owed_drop(s.f.model, "korea", NULL, &dropped, &s.f.error));
    ck_assert_int_eq(dropped, 2);
    ck_assert_int_eq(tend_owed_drop(s.f.model, "korea", NULL, &dropped, &s.f.error), TEND_ENOTFOUND);
}
END_TEST

/* The connector could make no record of a line: nobody knows what it was, so the bookmark stays before it. */
START_TEST(the_bookmark_stays_before_what_cannot_be_read)
{
    tend_sync_state state;

    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme,3\nA2,Beta\nA3,Gamma,5\n");
    sync_now("korea");
    ck_assert_int_eq(s.report->rejected, 1);
    ck_assert_int_eq(s.report->created, 2);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM bookmarks"), 0);
    TEST_OK(&s.f, tend_sync_state_get(s.f.store, "korea", s.f.arena, &state, &s.f.error));
    ck_assert(!state.is_good);
    ck_assert_str_eq(state.why,
                     "1 message cannot be read, rejects/accounts.reasons.csv; the bookmark stays before it, so that it comes "
                     "again; tend rejects drop korea does without");
    ck_assert_str_eq(sql_text(&s, "SELECT stream || ' ' || line || ' ' || reason || ' ' || substr(key, 1, 8) FROM owed_records"),
                     "accounts 3 has 2 fields, the header has 3 ?unread ");
    ck_assert_int_eq(owed(), 1);
    s.f.now += 86400000;
    sync_now("korea");
    ck_assert_int_eq(owed(), 1); /* the same one, since the first time */
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM owed_records WHERE at < (SELECT max(started_at) FROM syncs)"), 1);
    ck_assert_int_eq(s.report->read, 3); /* again, though the file is the same */
    ck_assert_int_eq(s.report->unchanged, 2);
    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme,3\nA2,Beta,4\nA3,Gamma,5\n");
    sync_now("korea");
    ck_assert_int_eq(s.report->created, 1);
    TEST_OK(&s.f, tend_sync_state_get(s.f.store, "korea", s.f.arena, &state, &s.f.error));
    ck_assert(state.is_good);
    ck_assert_int_eq(owed(), 0);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM bookmarks"), 1);
}
END_TEST

START_TEST(what_cannot_be_read_can_be_done_without_too)
{
    tend_sync_state state;
    int64_t dropped = 0;

    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme,3\nA2,Beta\nA3,Gamma,5\n");
    sync_now("korea");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM bookmarks"), 0);
    TEST_OK(&s.f, tend_owed_drop(s.f.model, "korea", NULL, &dropped, &s.f.error));
    ck_assert_int_eq(dropped, 1);
    sync_now("korea");
    ck_assert_int_eq(s.report->rejected, 1); /* it is still told */
    ck_assert_int_eq(owed(), 0);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM bookmarks"), 1);
    TEST_OK(&s.f, tend_sync_state_get(s.f.store, "korea", s.f.arena, &state, &s.f.error));
    ck_assert(state.is_good);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM owed_given_up"), 0); /* only that one, and only once */
}
END_TEST

START_TEST(columns_that_are_named_anew_with_another_head_are_refused)
{
    static const tend_section *const sections[] = { tend_sync_sections, tend_plugins_sections, NULL };
    static const char ini[] = "[source.odd]\nplugin = odd\nmapping = crm\nnames = turn\n";
    char path[4096];

    tend_config_free(config);
    config = NULL;
    tend_plugins_close(s.plugins);
    (void)snprintf(path, sizeof path, "%s/tests/plugins", getenv("TEND_BUILD"));
    (void)setenv("TEND_PLUGIN_PATH", path, 1);
    TEST_OK(&s.f, tend_config_load_text("tend.ini", ini, strlen(ini), sections, stderr, &config, &s.f.error));
    TEST_OK(&s.f, tend_plugins_open(config, tend_clock_by_hand(&s.f.now), &s.plugins, &s.f.error));
    use_mapping_text(&s, "[mapping]\nsource = crm\n[stream.accounts]\nfile = turn\nkind = account\nkey = id\n"
                         "[fields.accounts]\nname = name\ncity = city\n");
    ck_assert_int_eq(tend_sync(s.f.model, s.plugins, config, "odd", s.mapping, &s.options, s.f.arena, &s.report, &s.f.error),
                     TEND_EINVAL);
    ck_assert_str_eq(s.f.error.text,
                     "source odd: turn: the connector names its columns anew, and column 2 is 'city' instead of 'name'; "
                     "it may only add some behind them (tend plugin check finds it)");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts"), 0);
}
END_TEST

START_TEST(a_source_is_due_when_its_time_has_passed)
{
    tend_time next = 0;
    bool is_due = false;

    TEST_OK(&s.f, tend_sync_is_due(s.f.store, config, "korea", s.f.now, &is_due, &s.f.error));
    ck_assert(is_due);
    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme,3\n");
    sync_now("korea");
    s.f.now += 599999;
    TEST_OK(&s.f, tend_sync_is_due(s.f.store, config, "korea", s.f.now, &is_due, &s.f.error));
    ck_assert(!is_due);
    s.f.now += 1;
    TEST_OK(&s.f, tend_sync_is_due(s.f.store, config, "korea", s.f.now, &is_due, &s.f.error));
    ck_assert(is_due);
    TEST_OK(&s.f, tend_sync_next(s.f.store, config, "korea", s.f.now, &next, &s.f.error));
    ck_assert_int_eq(next, s.f.now);
    TEST_OK(&s.f, tend_sync_next(s.f.store, config, "off", s.f.now, &next, &s.f.error));
    ck_assert_int_eq(next, TEND_NO_TIME);
    TEST_OK(&s.f, tend_sync_is_due(s.f.store, config, "off", s.f.now, &is_due, &s.f.error));
    ck_assert(!is_due);
}
END_TEST

START_TEST(a_failure_is_kept_and_told_with_the_source)
{
    tend_sync_state state;

    (void)rmdir(test_folder_path(&s.f.folder, "in"));
    ck_assert_int_lt(tend_sync(s.f.model, s.plugins, config, "korea", s.mapping, &s.options, s.f.arena, &s.report, &s.f.error), 0);
    ck_assert_int_eq(strncmp(s.f.error.text, "source korea: ", 14), 0);
    TEST_OK(&s.f, tend_sync_state_get(s.f.store, "korea", s.f.arena, &state, &s.f.error));
    ck_assert(!state.is_good);
    ck_assert_int_eq(state.good_at, TEND_NO_TIME);
}
END_TEST

static tend_status try_sync(const char *name)
{
    return tend_sync(s.f.model, s.plugins, config, name, s.mapping, &s.options, s.f.arena, &s.report, &s.f.error);
}

/* As an import refuses the file; the setting holds for both. */
START_TEST(a_column_that_the_mapping_reads_and_the_source_has_lost_is_refused)
{
    tend_sync_state state;

    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme,3\n");
    sync_now("korea");
    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,created\nA1,Acme Ltd,2020\nA2,Beta,2021\n");
    ck_assert_int_eq(try_sync("korea"), TEND_EINVAL);
    ck_assert_str_eq(s.f.error.text,
                     "source korea: accounts.csv: there is no column 'seats', which [fields.accounts] seats of mapping "
                     "test reads");
    ck_assert_str_eq(sql_text(&s, "SELECT group_concat(name) FROM accounts"), "Acme");
    TEST_OK(&s.f, tend_sync_state_get(s.f.store, "korea", s.f.arena, &state, &s.f.error));
    ck_assert(!state.is_good);
    test_folder_write_text(&s.f.folder, "in/accounts.csv", "nr,name,seats\nA1,Acme Ltd,3\n"); /* nor the key's */
    ck_assert_int_eq(try_sync("korea"), TEND_EINVAL);
    ck_assert_str_eq(s.f.error.text,
                     "source korea: accounts.csv: there is no column 'id', which [stream.accounts] of mapping test reads");
    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme Ltd,3\nA2,Beta,4\n");
    sync_now("korea"); /* the bookmark stayed */
    ck_assert_str_eq(counts(&s), "2 1 1 0 0");
}
END_TEST

START_TEST(a_column_that_may_be_missing_is_left_alone)
{
    use_mapping_text(&s, "[mapping]\nsource = crm\n[stream.accounts]\nfile = accounts.csv\nkind = account\nkey = id\n"
                         "missing_columns = skip\n[fields.accounts]\nname = name\nseats = seats\n");
    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name\nA1,Acme\n");
    sync_now("korea");
    ck_assert_str_eq(counts(&s), "1 1 0 0 0");
}
END_TEST

static const char wider[] = "; the town, too\n[mapping]\nsource = crm\n"
                            "[stream.accounts]\nfile = accounts.csv\nkind = account\nkey = id\n"
                            "[fields.accounts]\nname = name\nseats = seats\ncity = town\n";

START_TEST(a_changed_mapping_is_said_once_and_a_source_can_be_read_anew)
{
    static const char *const said = "0 -: mapping test was changed since the last pull; what came before is not mapped anew; tend "
                                    "sync korea --anew";

    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats,town\nA1,Acme,3,Seoul\nA2,Beta,,\n");
    sync_now("korea");
    use_mapping_text(&s, "; a remark for colleagues\n[mapping]\nsource = crm   \n\n"
                         "[stream.accounts]\nfile = accounts.csv\nkind = account\nkey = id\n"
                         "[fields.accounts]\nname = name\nseats = seats\n");
    sync_now("korea");
    ck_assert_uint_eq(s.report->note_count, 0); /* it means the same */
    use_mapping_text(&s, wider);
    sync_now("korea");
    ck_assert_int_eq(s.report->read, 0);
    ck_assert_str_eq(note(&s, false, 0), said);
    sync_now("korea");
    ck_assert_uint_eq(s.report->note_count, 0);
    s.options.is_anew = true;
    sync_now("korea");
    ck_assert_str_eq(counts(&s), "2 0 1 1 0");
    ck_assert_str_eq(sql_text(&s, "SELECT group_concat(city) FROM accounts"), "Seoul");
    ck_assert_uint_eq(s.report->note_count, 0);
    s.options.is_anew = false;
    sync_now("korea"); /* and goes on behind it */
    ck_assert_int_eq(s.report->read, 0);
}
END_TEST

START_TEST(what_undo_took_back_comes_again_when_the_source_is_read_anew)
{
    tend_undo_report undone;

    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme,3\nA2,Beta,4\n");
    sync_now("korea");
    TEST_OK(&s.f, tend_model_begin(s.f.model, &s.f.error));
    TEST_OK(&s.f, tend_batch_undo(s.f.model, &(tend_origin){ .principal = &s.f.principal }, s.report->batch, s.f.arena, &undone,
                                  &s.f.error));
    TEST_OK(&s.f, tend_model_commit(s.f.model, &s.f.error));
    sync_now("korea");
    ck_assert_int_eq(s.report->read, 0);
    s.options.is_anew = true;
    sync_now("korea");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE removed_at IS NULL"), 2);
}
END_TEST

/* The bookmark that was there is void: what cannot be read comes again from the beginning. */
START_TEST(anew_the_old_bookmark_does_not_outlive_a_fault)
{
    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme,3\n");
    sync_now("korea");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM bookmarks"), 1);
    test_folder_write_text(&s.f.folder, "in/accounts.csv", "id,name,seats\nA1,Acme\n");
    s.options.is_anew = true;
    sync_now("korea");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM bookmarks"), 0);
}
END_TEST

/* A stream with a dot in its name is no file with an ending. */
START_TEST(rejects_of_a_connectors_stream_are_found_by_its_name)
{
    ck_assert(tend_mapping_reads(&s.mapping->streams[0], "accounts.rejected.csv"));
    use_mapping_text(&s, "[mapping]\nsource = erp\n[stream.a]\nfile = public.accounts\nkind = account\nkey = id\n[fields.a]\n"
                         "name = name\n[stream.c]\nfile = public.contacts\nkind = contact\nkey = id\n[fields.c]\nname = name\n");
    ck_assert(tend_mapping_reads(&s.mapping->streams[0], "rejects/public.accounts.rejected.csv"));
    ck_assert(tend_mapping_reads(&s.mapping->streams[1], "rejects/public.contacts.rejected-2.csv"));
    ck_assert(!tend_mapping_reads(&s.mapping->streams[0], "rejects/public.contacts.rejected.csv"));
}
END_TEST

TESTS_WITH("sync/source", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, what_is_new_is_read_and_the_bookmark_kept);
    tcase_add_test(tcase, two_sources_with_one_mapping_keep_their_ids_apart);
    tcase_add_test(tcase, a_bad_record_stops_only_a_strict_source);
    tcase_add_test(tcase, a_rejected_record_is_owed_until_it_comes_well);
    tcase_add_test(tcase, a_mended_file_that_is_still_wrong_stays_owed);
    tcase_add_test(tcase, what_is_owed_can_be_done_without);
    tcase_add_test(tcase, the_bookmark_stays_before_what_cannot_be_read);
    tcase_add_test(tcase, a_column_that_the_mapping_reads_and_the_source_has_lost_is_refused);
    tcase_add_test(tcase, a_column_that_may_be_missing_is_left_alone);
    tcase_add_test(tcase, a_changed_mapping_is_said_once_and_a_source_can_be_read_anew);
    tcase_add_test(tcase, what_undo_took_back_comes_again_when_the_source_is_read_anew);
    tcase_add_test(tcase, anew_the_old_bookmark_does_not_outlive_a_fault);
    tcase_add_test(tcase, rejects_of_a_connectors_stream_are_found_by_its_name);
    tcase_add_test(tcase, what_cannot_be_read_can_be_done_without_too);
    tcase_add_test(tcase, columns_that_are_named_anew_with_another_head_are_refused);
    tcase_add_test(tcase, a_source_is_due_when_its_time_has_passed);
    tcase_add_test(tcase, a_failure_is_kept_and_told_with_the_source);
})
