/* What a source takes back, through connector/command in its real host: one page of lines for each bookmark. */
#include "model/batch.h"
#include "sync/source.h"
#include "sync_fixture.h"
#include <sys/stat.h>

static sync_fixture s;
static tend_config *config;

static const char mapping[] = "[mapping]\nsource = crm\n"
                              "[stream.accounts]\nfile = accounts\nkind = account\nkey = id\n"
                              "[fields.accounts]\nname = name\nseats = seats\n"
                              "[stream.usage]\nfile = usage\nkind = usage\nkey = id\n"
                              "[fields.usage]\nused_on = day\nuses = uses\n";

static void write_page(const char *stream, int page, const char *lines)
{
    char name[64];

    (void)snprintf(name, sizeof name, "pages/%s-%d", stream, page);
    (void)test_folder_write_text(&s.f.folder, name, lines);
}

/* The program tells what it was asked for, gives the page of the bookmark, and fails where the page says so. */
static void set_up(void)
{
    static const tend_section *const sections[] = { tend_sync_sections, tend_plugins_sections, NULL };
    static const char program[] = "#!/bin/sh\n"
                                  "echo \"$TEND_STREAM ${TEND_BOOKMARK:-none}\" >>\"$FOLDER/asked\"\n"
                                  "page=\"$FOLDER/pages/$TEND_STREAM-${TEND_BOOKMARK:-1}\"\n"
                                  "[ -e \"$page\" ] || exit 0\n"
                                  "cat \"$page\"\n"
                                  "if grep -q '\"broken\"' \"$page\"; then exit 3; fi\n";
    const char *path;
    char ini[2048];

    sync_fixture_open(&s);
    ck_assert_int_eq(mkdir(test_folder_path(&s.f.folder, "pages"), 0700), 0);
    path = test_folder_write_text(&s.f.folder, "program", program);
    ck_assert_int_eq(chmod(path, 0700), 0);
    (void)snprintf(ini, sizeof ini,
                   "[plugin.command]\ngrant = files, programs\n"
                   "[source.crm]\nplugin = command\nmapping = crm\nprogram = %s\nstreams = accounts, usage\n"
                   "environment = FOLDER=%s\n",
                   path, s.f.folder.path);
    TEST_OK(&s.f, tend_config_load_text("tend.ini", ini, strlen(ini), sections, stderr, &config, &s.f.error));
    tend_plugins_close(s.plugins);
    TEST_OK(&s.f, tend_plugins_open(config, tend_clock_by_hand(&s.f.now), &s.plugins, &s.f.error));
    use_mapping_text(&s, mapping);
}

static void tear_down(void)
{
    sync_fixture_close(&s);
    tend_config_free(config);
}

static void sync_on(const char *day)
{
    s.f.now = at(day) + INT64_C(43200000);
    TEST_OK(&s.f, tend_sync(s.f.model, s.plugins, config, "crm", s.mapping, &s.options, s.f.arena, &s.report, &s.f.error));
    ck_assert_int_eq(s.report->read, s.report->created + s.report->updated + s.report->unchanged + s.report->rejected);
}

static const char *asked(void)
{
    char *text = test_file_read(test_folder_path(&s.f.folder, "asked"), NULL);
    const char *copy = tend_arena_string(s.f.arena, text);

    free(text);
    return copy;
}

static tend_time noon(const char *iso)
{
    return at(iso) + INT64_C(43200000);
}

#define ACCOUNT(id, name, seats) \
    "{\"type\":\"RECORD\",\"stream\":\"accounts\",\"record\":{\"id\":\"" id "\",\"name\":\"" name "\",\"seats\":" seats "}}\n"
#define USAGE(id, uses) \
    "{\"type\":\"record\",\"stream\":\"usage\",\"record\":{\"id\":\"" id "\",\"day\":\"2026-01-05\",\"uses\":" uses "}}\n"
#define GONE(stream, id) "{\"type\":\"tombstone\",\"stream\":\"" stream "\",\"key\":[\"" id "\"]}\n"
#define BOOKMARK(page) "{\"type\":\"bookmark\",\"value\":\"" page "\"}\n"

START_TEST(a_removed_entity_is_gone_since_then_and_may_come_again)
{
    int64_t id;

    write_page("accounts", 1, ACCOUNT("A1", "Acme", "3") ACCOUNT("A2", "Beta", "4") BOOKMARK("2"));
    write_page("accounts", 2, GONE("accounts", "A1") BOOKMARK("3"));
    write_page("accounts", 3, ACCOUNT("A1", "Acme", "3") BOOKMARK("4"));
    sync_on("2026-03-02");
    ck_assert_str_eq(counts(&s), "2 2 0 0 0");
    id = sql_number(&s, "SELECT id FROM accounts WHERE name='Acme'");
    sync_on("2026-03-04");
    ck_assert_str_eq(counts(&s), "1 0 1 0 0");
    ck_assert_int_eq(number_then(&s.f, 0, 0, TEND_KIND_ACCOUNT, id, "seats"), -2);
    ck_assert_int_eq(number_then(&s.f, noon("2026-03-03"), 0, TEND_KIND_ACCOUNT, id, "seats"), 3);
    ck_assert_int_eq(rows_then(&s.f, 0, 0, TEND_KIND_ACCOUNT), 1);
    ck_assert_int_eq(rows_then(&s.f, noon("2026-03-03"), 0, TEND_KIND_ACCOUNT), 2);
    sync_on("2026-03-06");
    ck_assert_str_eq(counts(&s), "1 0 1 0 0");
    ck_assert_int_eq(number_then(&s.f, 0, 0, TEND_KIND_ACCOUNT, id, "seats"), 3);
    ck_assert_int_eq(number_then(&s.f, noon("2026-03-05"), 0, TEND_KIND_ACCOUNT, id, "seats"), -2);
    ck_assert_int_eq(number_then(&s.f, noon("2026-03-03"), 0, TEND_KIND_ACCOUNT, id, "seats"), 3);
    ck_assert_str_eq(told(&s.f), "account.created 1-2, account.removed 1, account.updated 1");
}
END_TEST

START_TEST(a_removed_fact_ends_as_a_closed_version_and_may_come_again)
{
    int64_t fact;

    write_page("usage", 1, USAGE("U1", "10") BOOKMARK("2"));
    write_page("usage", 2, GONE("usage", "U1") BOOKMARK("3"));
    write_page("usage", 3, USAGE("U1", "10") BOOKMARK("4"));
    sync_on("2026-03-02");
    ck_assert_str_eq(counts(&s), "1 1 0 0 0");
    fact = sql_number(&s, "SELECT id FROM usage_samples");
    sync_on("2026-03-04");
    ck_assert_str_eq(counts(&s), "1 0 1 0 0");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM usage_samples WHERE closed_at IS NOT NULL"), 1);
    ck_assert_int_eq(sql_number(&s, "SELECT closed_known FROM usage_samples"), noon("2026-03-04"));
    ck_assert_int_eq(number_then(&s.f, 0, 0, TEND_KIND_USAGE, fact, "uses"), -2);
    ck_assert_int_eq(number_then(&s.f, noon("2026-03-03"), noon("2026-03-03"), TEND_KIND_USAGE, fact, "uses"), 10);
    sync_on("2026-03-06");
    ck_assert_str_eq(counts(&s), "1 0 1 0 0");
    ck_assert_int_eq(number_then(&s.f, 0, 0, TEND_KIND_USAGE, fact, "uses"), 10);
    ck_assert_int_eq(number_then(&s.f, noon("2026-03-05"), noon("2026-03-05"), TEND_KIND_USAGE, fact, "uses"), -2);
    ck_assert_int_eq(number_then(&s.f, noon("2026-03-03"), noon("2026-03-03"), TEND_KIND_USAGE, fact, "uses"), 10);
    ck_assert_int_eq(sql_number(&s, "SELECT count(DISTINCT fact) FROM usage_samples"), 1);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM usage_samples"), 2);
}
END_TEST

START_TEST(each_sync_goes_on_from_the_bookmark)
{
    tend_buffer before, after;

    write_page("accounts", 1, ACCOUNT("A1", "Acme", "3") BOOKMARK("2"));
    write_page("accounts", 2, ACCOUNT("A1", "Acme", "5") ACCOUNT("A2", "Beta", "4") BOOKMARK("3"));
    sync_on("2026-03-02");
    sync_on("2026-03-03");
    ck_assert_str_eq(counts(&s), "2 1 1 0 0");
    sync_on("2026-03-04");
    ck_assert_str_eq(counts(&s), "0 0 0 0 0");
    ck_assert_int_eq(s.report->batch, 0);
    ck_assert_str_eq(asked(), "accounts none\nusage none\naccounts 2\nusage none\naccounts 3\nusage none\n");
    before = dump(&s.f);
    sync_on("2026-03-04");
    after = dump(&s.f);
    ck_assert_str_eq(tend_buffer_string(&after), tend_buffer_string(&before));
    tend_buffer_clear(&before);
    tend_buffer_clear(&after);
}
END_TEST

START_TEST(a_bookmark_moves_on_when_its_page_said_nothing_new)
{
    write_page("accounts", 1, ACCOUNT("A1", "Acme", "3") BOOKMARK("2"));
    write_page("accounts", 2, ACCOUNT("A1", "Acme", "3") BOOKMARK("3"));
    sync_on("2026-03-02");
    sync_on("2026-03-03");
    ck_assert_str_eq(counts(&s), "1 0 0 1 0");
    ck_assert_int_eq(s.report->batch, 0);
    ck_assert_str_eq(sql_text(&s, "SELECT bookmark FROM bookmarks WHERE source='crm' AND stream='accounts'"), "3");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM batches"), 1);
}
END_TEST

START_TEST(a_tombstone_that_comes_twice_or_for_nothing_changes_nothing)
{
    write_page("accounts", 1, ACCOUNT("A1", "Acme", "3") BOOKMARK("2"));
    write_page("accounts", 2, GONE("accounts", "A1") BOOKMARK("3"));
    write_page("accounts", 3, GONE("accounts", "A1") GONE("accounts", "A9") BOOKMARK("4"));
    sync_on("2026-03-02");
    sync_on("2026-03-03");
    sync_on("2026-03-04");
    ck_assert_int_eq(s.report->updated, 0);
    ck_assert_int_eq(s.report->created, 0);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM changes WHERE field='' AND after IS NOT NULL"), 1);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts"), 1);
}
END_TEST

START_TEST(a_program_that_breaks_off_is_asked_again_from_its_last_bookmark)
{
    tend_sync_state state;

    write_page("accounts", 1, ACCOUNT("A1", "Acme", "3") BOOKMARK("2"));
    write_page("accounts", 2, ACCOUNT("A2", "Beta", "4") "\"broken\"\n");
    sync_on("2026-03-02");
    s.f.now = noon("2026-03-03");
    ck_assert_int_lt(tend_sync(s.f.model, s.plugins, config, "crm", s.mapping, &s.options, s.f.arena, &s.report, &s.f.error), 0);
    TEST_OK(&s.f, tend_sync_state_get(s.f.store, "crm", s.f.arena, &state, &s.f.error));
    ck_assert(!state.is_good);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts"), 1);
    write_page("accounts", 2, ACCOUNT("A2", "Beta", "4") GONE("accounts", "A1") BOOKMARK("3"));
    sync_on("2026-03-04");
    ck_assert_str_eq(counts(&s), "2 1 1 0 0");
    ck_assert_str_eq(sql_text(&s, "SELECT group_concat(name) FROM accounts WHERE removed_at IS NULL"), "Beta");
}
END_TEST

START_TEST(what_came_before_the_last_bookmark_stays_when_a_program_breaks_off)
{
    tend_sync_state state;

    write_page("accounts", 1, ACCOUNT("A1", "Acme", "3") BOOKMARK("2") ACCOUNT("A2", "Beta", "4") "\"broken\"\n");
    write_page("accounts", 2, ACCOUNT("A2", "Beta", "4") BOOKMARK("3"));
    s.f.now = noon("2026-03-03");
    ck_assert_int_lt(tend_sync(s.f.model, s.plugins, config, "crm", s.mapping, &s.options, s.f.arena, &s.report, &s.f.error), 0);
    ck_assert_ptr_nonnull(strstr(s.f.error.text, "(what came before its last bookmark is stored)"));
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts"), 1);
    TEST_OK(&s.f, tend_sync_state_get(s.f.store, "crm", s.f.arena, &state, &s.f.error));
    ck_assert(!state.is_good);
    ck_assert_int_eq(state.read, 1);
    ck_assert_int_eq(state.created, 1);
    sync_on("2026-03-04");
    ck_assert_str_eq(counts(&s), "1 1 0 0 0");
    ck_assert_str_eq(asked(), "accounts none\naccounts 2\nusage none\n");
}
END_TEST

START_TEST(a_correction_by_hand_outlives_the_syncs_of_a_source_that_gives_no_time)
{
    int64_t id;

    write_page("accounts", 1, ACCOUNT("A1", "Acme", "3") BOOKMARK("2"));
    write_page("accounts", 2, ACCOUNT("A1", "Acme Ltd", "3") BOOKMARK("3"));
    sync_on("2026-03-02");
    id = sql_number(&s, "SELECT id FROM accounts");
    TEST_PUT(&s.f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "seats", number(7) } });
    sync_on("2026-03-03");
    ck_assert_str_eq(counts(&s), "1 0 1 0 0");
    ck_assert_str_eq(text_then(&s.f, 0, 0, TEND_KIND_ACCOUNT, id, "name"), "Acme Ltd");
    ck_assert_int_eq(number_then(&s.f, 0, 0, TEND_KIND_ACCOUNT, id, "seats"), 7);
}
END_TEST

/* Told to end as soon as something is stored. */
static bool ends_when_storing(void *self, bool is_busy)
{
    (void)self;
    (void)is_busy;
    return sql_number(&s, "SELECT count(*) FROM accounts") > 0;
}

#define NODE(id, name, parent)                                                                                                     \
    "{\"type\":\"RECORD\",\"stream\":\"accounts\",\"record\":{\"id\":\"" id "\",\"name\":\"" name "\",\"parent\":\"" parent "\"}}" \
    "\n"

static const char *accounts_now(void)
{
    return sql_text(&s, "SELECT group_concat(name || ' ' || COALESCE(seats, '-'), ', ') FROM (SELECT name, seats FROM accounts "
                        "WHERE removed_at IS NULL ORDER BY name)");
}

START_TEST(of_records_with_one_key_the_later_one_counts)
{
    write_page("accounts", 1,
               ACCOUNT("A1", "Acme", "3") ACCOUNT("A2", "Borg", "4") BOOKMARK("7") ACCOUNT("A3", "Cobb", "1")
                   ACCOUNT("A2", "Borg AG", "4") ACCOUNT("A2", "Borg AG", "4") BOOKMARK("8"));
    sync_on("2026-03-02");
    ck_assert_str_eq(counts(&s), "5 3 0 2 0"); /* what is overtaken, and the very same once more, is nothing new */
    ck_assert_str_eq(accounts_now(), "Acme 3, Borg AG 4, Cobb 1");
    ck_assert_uint_eq(s.report->note_count, 0);
    ck_assert_str_eq(sql_text(&s, "SELECT bookmark FROM bookmarks WHERE stream='accounts'"), "8");
}
END_TEST

START_TEST(a_later_record_that_says_less_leaves_the_rest_as_it_was)
{
    write_page("accounts", 1,
               ACCOUNT("A1", "Acme",
                       "3") "{\"type\":\"RECORD\",\"stream\":\"accounts\",\"record\":{\"id\":\"A1\",\"seats\":8}}\n" BOOKMARK("8"));
    sync_on("2026-03-02");
    ck_assert_str_eq(accounts_now(), "Acme 8");
}
END_TEST

START_TEST(within_one_pull_a_removal_removes_and_a_record_behind_it_revives)
{
    write_page("accounts", 1,
               ACCOUNT("A1", "Acme", "3") ACCOUNT("A2", "Borg", "4") GONE("accounts", "A2") GONE("accounts", "A1")
                   ACCOUNT("A1", "Acme", "5") BOOKMARK("2"));
    write_page("accounts", 2, GONE("accounts", "A1") ACCOUNT("A1", "Acme", "5") BOOKMARK("3"));
    sync_on("2026-03-02");
    ck_assert_str_eq(accounts_now(), "Acme 5");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE removed_at IS NOT NULL"), 1);
    ck_assert_str_eq(counts(&s), "5 2 2 1 0");
    sync_on("2026-03-03"); /* taken away and put back in one breath: nothing happened */
    ck_assert_str_eq(counts(&s), "2 0 0 2 0");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM events WHERE topic='account.removed'"), 1);
}
END_TEST

#define PART(id, field, value) \
    "{\"type\":\"RECORD\",\"stream\":\"accounts\",\"record\":{\"id\":\"" id "\",\"" field "\":" value "}}\n"

/* Three words of one record, in one pull or in one each, of a row that is new or known. */
START_TEST(a_record_after_its_removal_says_the_same_in_one_pull_as_in_several)
{
    const bool is_known = _i & 1, are_several = _i & 2, is_twice = _i & 4;

    write_page("accounts", 1, is_known ? ACCOUNT("A1", "Acme", "3") BOOKMARK("2") : BOOKMARK("2"));
    sync_on("2026-03-02");
    write_page("accounts", 2, are_several ? ACCOUNT("A1", "Acme AG", "4") BOOKMARK("3") : BOOKMARK("3"));
    sync_on("2026-03-03");
    write_page("accounts", 3, are_several ? GONE("accounts", "A1") BOOKMARK("4") : BOOKMARK("4"));
    sync_on("2026-03-04");
    if (are_several)
        write_page("accounts", 4, PART("A1", "seats", "8") BOOKMARK("5"));
    else if (is_twice)
        write_page("accounts", 4,
                   ACCOUNT("A1", "Acme AG", "4") GONE("accounts", "A1") GONE("accounts", "A1") PART("A1", "seats", "8")
                       BOOKMARK("5"));
    else
        write_page("accounts", 4, ACCOUNT("A1", "Acme AG", "4") GONE("accounts", "A1") PART("A1", "seats", "8") BOOKMARK("5"));
    sync_on("2026-03-05");
    ck_assert_str_eq(accounts_now(), "Acme AG 8");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts"), 1);
}
END_TEST

START_TEST(a_record_that_came_well_later_in_the_pull_is_not_owed)
{
    write_page("accounts", 1,
               ACCOUNT("A1", "Acme", "\"many\"") ACCOUNT("A1", "Acme", "5") ACCOUNT("A2", "Beta", "1")
                   ACCOUNT("A2", "Beta", "\"few\"") BOOKMARK("2"));
    sync_on("2026-03-02");
    ck_assert_str_eq(counts(&s), "4 2 0 0 2");
    ck_assert_str_eq(accounts_now(), "Acme 5, Beta 1");
    ck_assert_str_eq(sql_text(&s, "SELECT group_concat(key) FROM owed_records"), "A2");
}
END_TEST

/* Rows of a tree are applied from the top down: what came later still comes later. */
START_TEST(in_a_tree_the_later_record_counts_too)
{
    static const char tree[] = "[mapping]\nsource = crm\n"
                               "[stream.accounts]\nfile = accounts\nkind = account\nkey = id\n"
                               "[fields.accounts]\nname = name\nparent = parent -> account\n";

    use_mapping_text(&s, tree);
    write_page("accounts", 1,
               "{\"type\":\"RECORD\",\"stream\":\"accounts\",\"record\":{\"id\":\"T\",\"name\":\"Top\",\"parent\":\"\"}}\n"
               "{\"type\":\"RECORD\",\"stream\":\"accounts\",\"record\":{\"id\":\"A\",\"name\":\"Acme\",\"parent\":\"T\"}}\n"
               "{\"type\":\"RECORD\",\"stream\":\"accounts\",\"record\":{\"id\":\"A\",\"name\":\"Acme Ltd\",\"parent\":\"\"}}\n"
               "{\"type\":\"RECORD\",\"stream\":\"accounts\",\"record\":{\"id\":\"B\",\"name\":\"Beta\",\"parent\":\"T\"}}\n" GONE(
                   "accounts", "B") BOOKMARK("2"));
    sync_on("2026-03-02");
    ck_assert_str_eq(sql_text(&s, "SELECT group_concat(name || ' ' || COALESCE(parent, '-'), ', ') FROM (SELECT name, parent FROM "
                                  "accounts WHERE removed_at IS NULL ORDER BY name)"),
                     "Acme Ltd -, Top -");
}
END_TEST

/* More than one chunk, so that rows are inserted many at a time. */
START_TEST(in_a_first_load_the_later_record_counts_too)
{
    tend_buffer page = { 0 };

    for (int i = 0; i < 30; i++)
        tend_buffer_print(&page, ACCOUNT("A%d", "Account %d", "1"), i % 20, i);
    tend_buffer_text(&page, GONE("accounts", "A19") BOOKMARK("2"));
    write_page("accounts", 1, tend_buffer_string(&page));
    tend_buffer_clear(&page);
    s.options.chunk = 8;
    sync_on("2026-03-02");
    ck_assert_str_eq(counts(&s), "31 20 1 10 0");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts"), 20);
    ck_assert_str_eq(sql_text(&s, "SELECT group_concat(name) FROM (SELECT name FROM accounts ORDER BY name LIMIT 3)"),
                     "Account 10,Account 11,Account 12");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE removed_at IS NOT NULL"), 1);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE name='Account 29'"), 1);
}
END_TEST

#define TIMED(name, time)                                                                     \
    "{\"type\":\"RECORD\",\"stream\":\"accounts\",\"record\":{\"id\":\"A1\",\"name\":\"" name \
    "\",\"seats\":3},\"time_extracted\":\"" time "\"}\n"

/* A journal that is read anew tells its old words once more: the last ones are what is known. */
START_TEST(a_journal_that_is_read_anew_changes_nothing)
{
    write_page("accounts", 1,
               ACCOUNT("A1", "Acme", "3") BOOKMARK("7") ACCOUNT("A2", "Borg", "4") ACCOUNT("A1", "Acme Ltd", "5")
                   GONE("accounts", "A2") ACCOUNT("A3", "Cobb", "4") BOOKMARK("8"));
    sync_on("2026-03-02");
    ck_assert_str_eq(accounts_now(), "Acme Ltd 5, Cobb 4");
    s.options.is_anew = true;
    sync_on("2026-03-03");
    ck_assert_str_eq(counts(&s), "5 0 0 5 0");
    ck_assert_int_eq(s.report->batch, 0);
}
END_TEST

/* Contacts that come in the same pull refer to an account by its key or by a name that it had for a while. */
START_TEST(what_is_overtaken_can_be_referred_to)
{
    static const char both[] = "[mapping]\nsource = crm\n"
                               "[stream.accounts]\nfile = accounts\nkind = account\nkey = id\n"
                               "[fields.accounts]\nname = name\nparent = parent -> account\n"
                               "[stream.contacts]\nfile = usage\nkind = contact\nkey = id\n"
                               "[fields.contacts]\nname = name\naccount = account -> account.name\n";

    use_mapping_text(&s, both);
    write_page("accounts", 1,
               NODE("A", "Acme", "") NODE("B", "Beta", "A") NODE("T", "Top", "") NODE("A", "Acme Ltd", "T") NODE("C", "Cobb", "A")
                   BOOKMARK("2"));
    write_page("usage", 1,
               "{\"type\":\"RECORD\",\"stream\":\"usage\",\"record\":{\"id\":\"1\",\"name\":\"Ann\",\"account\":\"Acme Ltd\"}}\n"
               "{\"type\":\"RECORD\",\"stream\":\"usage\",\"record\":{\"id\":\"2\",\"name\":\"Ben\",\"account\":\"Acme\"}}\n");
    sync_on("2026-03-02");
    ck_assert_str_eq(counts(&s), "7 6 0 1 0");
    ck_assert_str_eq(sql_text(&s, "SELECT group_concat(name || ' ' || COALESCE((SELECT p.name FROM accounts p WHERE "
                                  "p.id=a.parent), '-'), ', ') FROM (SELECT * FROM accounts ORDER BY name) a"),
                     "Acme Ltd Top, Beta Acme Ltd, Cobb Acme Ltd, Top -");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM contacts c JOIN accounts a ON a.id=c.account WHERE a.name='Acme Ltd'"),
                     2);
}
END_TEST

START_TEST(what_was_overtaken_behind_the_bookmark_counts_when_the_pull_breaks_off)
{
    write_page("accounts", 1,
               ACCOUNT("A1", "Acme", "3") ACCOUNT("A2", "Beta", "3") BOOKMARK("2") ACCOUNT("A1", "Acme Ltd", "4") "\"broken\"\n");
    write_page("accounts", 2, ACCOUNT("A1", "Acme Ltd", "4") BOOKMARK("3"));
    s.f.now = noon("2026-03-02");
    ck_assert_int_lt(tend_sync(s.f.model, s.plugins, config, "crm", s.mapping, &s.options, s.f.arena, &s.report, &s.f.error), 0);
    ck_assert_str_eq(accounts_now(), "Acme 3, Beta 3");
    ck_assert_str_eq(counts(&s), "2 2 0 0 0");
    sync_on("2026-03-03");
    ck_assert_str_eq(accounts_now(), "Acme Ltd 4, Beta 3");
}
END_TEST

START_TEST(undo_takes_back_both_words_of_one_batch)
{
    tend_undo_report undone;

    write_page("accounts", 1, ACCOUNT("A1", "Acme", "3") BOOKMARK("2"));
    write_page("accounts", 2,
               TIMED("Bcme", "2026-03-03T08:00:00Z") TIMED("Ccme", "2026-03-03T09:00:00Z") ACCOUNT("A2", "New", "1") BOOKMARK("3"));
    sync_on("2026-03-02");
    sync_on("2026-03-03");
    ck_assert_str_eq(accounts_now(), "Ccme 3, New 1");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM changes WHERE field='name'"), 2); /* both are history */
    TEST_OK(&s.f, tend_model_begin(s.f.model, &s.f.error));
    TEST_OK(&s.f, tend_batch_undo(s.f.model, &(tend_origin){ .principal = &s.f.principal }, s.report->batch, s.f.arena, &undone,
                                  &s.f.error));
    TEST_OK(&s.f, tend_model_commit(s.f.model, &s.f.error));
    ck_assert_str_eq(accounts_now(), "Acme 3");
}
END_TEST

START_TEST(removals_are_counted_and_those_that_nobody_knows_are_said)
{
    write_page("accounts", 1, ACCOUNT("A1", "Acme", "3") ACCOUNT("A2", "Beta", "4") BOOKMARK("2"));
    write_page("accounts", 2,
               GONE("accounts", "A1") GONE("accounts", "A1 padded") GONE("accounts", "17") ACCOUNT("A2", "Beta", "5")
                   BOOKMARK("3"));
    write_page(
        "accounts", 3,
        "{\"type\":\"tombstone\",\"stream\":\"accounts\",\"key\":[\"A2\"],\"removed_at\":\"1970-01-21T11:00:00Z\"}\n" BOOKMARK(
            "4"));
    sync_on("2026-03-02");
    sync_on("2026-03-03");
    ck_assert_str_eq(counts(&s), "4 0 2 2 0");
    ck_assert_int_eq(s.report->removed, 1);
    ck_assert_str_eq(note(&s, false, 0), "0 -: removals of records that nobody knows: 2; do they name the key as the records do?");
    sync_on("2026-03-04");
    ck_assert_str_eq(counts(&s), "1 0 0 1 0");
    ck_assert_str_eq(note(&s, false, 0),
                     "0 -: times of change before 1990: 1, the first on 1970-01-21; a connector gives milliseconds since 1970, not "
                     "seconds");
    ck_assert_str_eq(note(&s, false, 1), "0 -: removals from before what is known of their record, left alone: 1");
    ck_assert_str_eq(accounts_now(), "Beta 5");
}
END_TEST

START_TEST(known_import_is_now_whatever_the_connector_says)
{
    static const char record[] = "{\"type\":\"RECORD\",\"stream\":\"accounts\",\"record\":{\"id\":\"A1\",\"name\":\"Acme\"},"
                                 "\"time_extracted\":\"2026-02-09T00:00:00Z\"}\n" BOOKMARK("2");
    static const char head[] = "[mapping]\nsource = crm\n%s[stream.accounts]\nfile = accounts\nkind = account\nkey = id\n"
                               "[fields.accounts]\nname = name\n";
    char text[400];

    write_page("accounts", 1, record);
    (void)snprintf(text, sizeof text, head, _i == 1 ? "known = import\n" : "");
    use_mapping_text(&s, text);
    sync_on("2026-03-02");
    ck_assert_int_eq(sql_number(&s, "SELECT known_at FROM accounts"), _i == 1 ? noon("2026-03-02") : at("2026-02-09"));
    ck_assert_int_eq(sql_number(&s, "SELECT effective_at FROM accounts"), at("2026-02-09"));
}
END_TEST

START_TEST(what_a_sync_that_was_cut_off_had_read_is_counted_with_the_next)
{
    tend_import_options off = s.options;

    write_page("accounts", 1, ACCOUNT("A1", "Acme", "3") ACCOUNT("A2", "Beta", "4") ACCOUNT("A3", "Cobb", "4") BOOKMARK("2"));
    write_page("accounts", 2, ACCOUNT("A1", "Acme", "9") ACCOUNT("A4", "Dorn", "1") BOOKMARK("3"));
    off.chunk = 2;
    off.attend = ends_when_storing;
    s.f.now = noon("2026-03-02");
    ck_assert_int_eq(tend_sync(s.f.model, s.plugins, config, "crm", s.mapping, &off, s.f.arena, &s.report, &s.f.error),
                     TEND_ECLOSED);
    sync_on("2026-03-03");
    ck_assert_str_eq(counts(&s), "5 4 1 0 0");
    ck_assert(s.report->is_resumed);
    ck_assert_str_eq(accounts_now(), "Acme 9, Beta 4, Cobb 4, Dorn 1");
}
END_TEST

static int legs_seen;

/* Six minutes for each page; looks how much is stored already. */
static bool takes_long(void *self, bool is_busy)
{
    (void)self;
    (void)is_busy;
    if (sql_number(&s, "SELECT count(*) FROM accounts") > legs_seen)
        legs_seen++;
    s.f.now += 360000;
    return false;
}

/* Killed then, it would have kept them. */
START_TEST(of_a_long_pull_what_came_is_stored_at_bookmarks_on_the_way)
{
    write_page("accounts", 1, ACCOUNT("A1", "Acme", "3") BOOKMARK("2") ACCOUNT("A2", "Beta", "3") BOOKMARK("3"));
    write_page("accounts", 2, ACCOUNT("A2", "Beta", "3") BOOKMARK("3") ACCOUNT("A3", "Cobb", "3"));
    write_page("accounts", 3, ACCOUNT("A3", "Cobb", "3") BOOKMARK("4"));
    legs_seen = 0;
    s.options.attend = takes_long;
    sync_on("2026-03-02");
    ck_assert_str_eq(counts(&s), "3 3 0 0 0");
    ck_assert(!s.report->is_resumed);
    ck_assert_int_ge(sql_number(&s, "SELECT count(*) FROM batches"), 2);
    ck_assert_int_gt(legs_seen, 0);
    ck_assert_str_eq(accounts_now(), "Acme 3, Beta 3, Cobb 3");
}
END_TEST

/* A child may come long before what stands above it. */
START_TEST(a_long_pull_of_a_tree_is_stored_in_one_go)
{
    use_mapping_text(&s, "[mapping]\nsource = crm\n[stream.accounts]\nfile = accounts\nkind = account\nkey = id\n"
                         "[fields.accounts]\nname = name\nparent = parent -> account\n");
    write_page("accounts", 1, NODE("B", "Beta", "A") BOOKMARK("2") NODE("C", "Cobb", "A") BOOKMARK("3") NODE("A", "Acme", ""));
    s.options.attend = takes_long;
    sync_on("2026-03-02");
    ck_assert_str_eq(counts(&s), "3 3 0 0 0");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM batches"), 1);
}
END_TEST

static bool is_told_to_end(void *self, bool is_busy)
{
    (void)self;
    (void)is_busy;
    return true;
}

START_TEST(told_to_end_a_first_pull_keeps_what_came_before_its_bookmark)
{
    write_page("accounts", 1, ACCOUNT("A1", "Acme", "3") BOOKMARK("2") ACCOUNT("A2", "Beta", "3"));
    s.options.attend = is_told_to_end;
    s.f.now = noon("2026-03-02");
    ck_assert_int_eq(tend_sync(s.f.model, s.plugins, config, "crm", s.mapping, &s.options, s.f.arena, &s.report, &s.f.error),
                     TEND_ECLOSED);
    ck_assert_str_eq(
        s.f.error.text,
        "source crm: plugin command: the pull of accounts was broken off (what came before its last bookmark is stored)");
    ck_assert_str_eq(accounts_now(), "Acme 3");
}
END_TEST

START_TEST(a_mapping_may_refuse_what_comes_again)
{
    char text[600];

    (void)snprintf(text, sizeof text,
                   "[mapping]\nsource = crm\n[stream.accounts]\nfile = accounts\nkind = account\nkey = id\n"
                   "repeats = reject\n[fields.accounts]\nname = name\nseats = seats\n");
    use_mapping_text(&s, text);
    write_page("accounts", 1, ACCOUNT("A1", "Acme", "3") ACCOUNT("A1", "Bcme", "3") BOOKMARK("2"));
    sync_on("2026-03-02");
    ck_assert_str_eq(counts(&s), "2 1 0 0 1");
    ck_assert_str_eq(note(&s, true, 0), "2 id: the key 'A1' was already read at line 1; give each record its own, or write in the "
                                        "mapping repeats = last (the later one counts) or number (each is kept)");
}
END_TEST

TESTS_WITH("sync/tombstone", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, of_records_with_one_key_the_later_one_counts);
    tcase_add_test(tcase, a_later_record_that_says_less_leaves_the_rest_as_it_was);
    tcase_add_test(tcase, within_one_pull_a_removal_removes_and_a_record_behind_it_revives);
    tcase_add_loop_test(tcase, a_record_after_its_removal_says_the_same_in_one_pull_as_in_several, 0, 6);
    tcase_add_test(tcase, a_record_that_came_well_later_in_the_pull_is_not_owed);
    tcase_add_test(tcase, in_a_tree_the_later_record_counts_too);
    tcase_add_test(tcase, in_a_first_load_the_later_record_counts_too);
    tcase_add_test(tcase, a_journal_that_is_read_anew_changes_nothing);
    tcase_add_test(tcase, what_is_overtaken_can_be_referred_to);
    tcase_add_test(tcase, what_was_overtaken_behind_the_bookmark_counts_when_the_pull_breaks_off);
    tcase_add_test(tcase, undo_takes_back_both_words_of_one_batch);
    tcase_add_test(tcase, removals_are_counted_and_those_that_nobody_knows_are_said);
    tcase_add_loop_test(tcase, known_import_is_now_whatever_the_connector_says, 0, 2);
    tcase_add_test(tcase, what_a_sync_that_was_cut_off_had_read_is_counted_with_the_next);
    tcase_add_test(tcase, of_a_long_pull_what_came_is_stored_at_bookmarks_on_the_way);
    tcase_add_test(tcase, a_long_pull_of_a_tree_is_stored_in_one_go);
    tcase_add_test(tcase, told_to_end_a_first_pull_keeps_what_came_before_its_bookmark);
    tcase_add_test(tcase, a_mapping_may_refuse_what_comes_again);
    tcase_add_test(tcase, a_removed_entity_is_gone_since_then_and_may_come_again);
    tcase_add_test(tcase, a_removed_fact_ends_as_a_closed_version_and_may_come_again);
    tcase_add_test(tcase, each_sync_goes_on_from_the_bookmark);
    tcase_add_test(tcase, a_bookmark_moves_on_when_its_page_said_nothing_new);
    tcase_add_test(tcase, a_tombstone_that_comes_twice_or_for_nothing_changes_nothing);
    tcase_add_test(tcase, a_program_that_breaks_off_is_asked_again_from_its_last_bookmark);
    tcase_add_test(tcase, a_correction_by_hand_outlives_the_syncs_of_a_source_that_gives_no_time);
    tcase_add_test(tcase, what_came_before_the_last_bookmark_stays_when_a_program_breaks_off);
})
