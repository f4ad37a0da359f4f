/* Send windows and quiet hours: messages wait until the recipient's clock lets them go, and go once. */
#include "outbox/outbox.h"
#include "store_fixture.h"

static fixture f;
static tend_config *config;
static tend_plugins *plugins;
static tend_outbox *outbox;
static tend_calendars *calendars;
static tend_config *calendar_config;
static int64_t seoul, york;

static tend_status open_with(const char *keys)
{
    static const tend_section *const sections[] = { tend_plugins_sections, tend_outbox_sections, NULL };
    tend_buffer ini = { 0 };
    tend_status status;

    tend_buffer_print(&ini, "[plugins]\npath = %s/lib/tend/plugins\n[plugin.jsonl]\ngrant = files\n", getenv("TEND_BUILD"));
    tend_buffer_print(&ini, "[sink.file]\nplugin = jsonl\npath = %s\n%s", test_folder_path(&f.folder, "out.jsonl"), keys);
    TEST_OK(&f, tend_config_load_text("tend.ini", ini.bytes, ini.length, sections, stderr, &config, &f.error));
    TEST_OK(&f, tend_plugins_open(config, tend_clock_by_hand(&f.now), &plugins, &f.error));
    status = tend_outbox_open(f.model, plugins, config, &outbox, &f.error);
    tend_buffer_clear(&ini);
    return status;
}

static void load_calendars(void)
{
    static const tend_section *const sections[] = { tend_calendar_sections, NULL };
    static const char ini[] = "[calendar.seoul]\nzone = Asia/Seoul\nholidays = kr\n";
    static char folders[4096];
    tend_calendar_options options = { .folders = folders };

    (void)snprintf(folders, sizeof folders, "%s/etc/calendars", getenv("TEND_SOURCE"));
    TEST_OK(&f, tend_config_load_text("tend.ini", ini, strlen(ini), sections, stderr, &calendar_config, &f.error));
    TEST_OK(&f, tend_calendars_load(calendar_config, &options, stderr, &calendars, &f.error));
    tend_model_set_calendars(f.model, calendars);
}

static int64_t add_user(const char *name, const char *zone, const char *calendar)
{
    return TEST_PUT(&f, .kind = TEND_KIND_USER,
                    .fields = { { "name", text(name) },
                                { "email", text("someone@example.test") },
                                { "zone", text(zone) },
                                { "calendar", text(calendar) } })
        .id;
}

static void set_up(void)
{
    fixture_open(&f);
    TEST_OK(&f, tend_outbox_prepare(f.store, &f.error));
    load_calendars();
    seoul = add_user("Kim", "", "seoul");
    york = add_user("Smith", "America/New_York", "");
}

static void tear_down(void)
{
    tend_outbox_close(outbox);
    tend_plugins_close(plugins);
    tend_config_free(config);
    outbox = NULL;
    plugins = NULL;
    config = NULL;
    fixture_close(&f);
    tend_calendars_free(calendars);
    tend_config_free(calendar_config);
}

static tend_time instant(const char *utc)
{
    tend_civil civil;
    bool has_zone;

    ck_assert_int_eq(tend_civil_parse(utc, strlen(utc), &civil, &has_zone), TEND_OK);
    return tend_time_of_utc(&civil);
}

static int64_t add(const char *once_key, int64_t user)
{
    const tend_outbox_draft draft = { .once_key = once_key,
                                      .channel = "mail",
                                      .to = user ? NULL : "team",
                                      .user = user,
                                      .subject = "Hello",
                                      .text = "Hello",
                                      .not_before = TEND_NO_TIME };
    int64_t id = 0;

    begin(&f);
    TEST_OK(&f, tend_outbox_add(f.model, &f.origin, &draft, &id, NULL, &f.error));
    commit(&f);
    return id;
}

static int step(void)
{
    int sent, unsent;

    TEST_OK(&f, tend_outbox_step(outbox, 10, &sent, &unsent, &f.error));
    ck_assert_int_eq(unsent, 0);
    return sent;
}

static const char *first_word(const char *sql)
{
    tend_statement *statement;
    bool has_row;
    const char *found;

    TEST_OK(&f, tend_store_prepare(f.store, sql, &statement, &f.error));
    TEST_OK(&f, tend_statement_step(statement, &has_row, &f.error));
    found = has_row ? tend_arena_string(f.arena, tend_statement_text(statement, 0, NULL)) : "-";
    tend_statement_end(statement);
    return found;
}

/* What is beyond waits until the first has gone out of the time. */
START_TEST(a_recipient_gets_so_many_messages_and_the_rest_waits)
{
    f.now = instant("2026-03-02T09:00:00Z");
    TEST_OK(&f, open_with("most = 2\nmost_within = 1 d\n"));
    for (int i = 0; i < 5; i++)
        (void)add(tend_arena_print(f.arena, "key %d", i), seoul);
    (void)add("other", 0);
    ck_assert_int_eq(step(), 3);
    ck_assert_str_eq(first_word("SELECT last_error FROM outbox WHERE state = 'waiting'"),
                     "waits: someone@example.test has had 2 messages within 1 d ([sink.file] most)");
    f.now += 3600000;
    ck_assert_int_eq(step(), 0);
    f.now += 23 * 3600000;
    ck_assert_int_eq(step(), 2);
    f.now += 24 * 3600000;
    ck_assert_int_eq(step(), 1);
}
END_TEST

START_TEST(what_is_beyond_is_dropped_where_that_is_said)
{
    f.now = instant("2026-03-02T09:00:00Z");
    TEST_OK(&f, open_with("most = 1\nmost_within = 2 h\nover = drop\n"));
    (void)add("a", seoul);
    (void)add("b", seoul);
    ck_assert_int_eq(step(), 1);
    ck_assert_str_eq(first_word("SELECT last_error FROM outbox WHERE state = 'dropped'"),
                     "dropped: someone@example.test has had 1 message within 2 h ([sink.file] most)");
    f.now += 3 * 3600000;
    ck_assert_int_eq(step(), 0);
}
END_TEST

START_TEST(what_a_person_releases_goes_beyond_the_number)
{
    int64_t id;

    f.now = instant("2026-03-02T09:00:00Z");
    TEST_OK(&f, open_with("most = 1\nover = drop\n"));
    (void)add("a", seoul);
    id = add("b", seoul);
    ck_assert_int_eq(step(), 1);
    TEST_OK(&f, tend_outbox_release(outbox, id, &f.error));
    ck_assert_int_eq(step(), 1);
}
END_TEST

static const char *next(void)
{
    char text_of_time[TEND_TIME_ROOM];
    tend_time at;

    TEST_OK(&f, tend_outbox_next(outbox, &at, &f.error));
    return tend_arena_string(f.arena, tend_time_format(at, text_of_time));
}

/* Worked out by hand. Seoul is 9 hours ahead of UTC; New York 5 behind, from 8 March to 1 November 2026 4. Berlin has no 02:30 on
 * 29 March 2026, and two on 25 October. */
static const struct {
    const char *keys, *zone, *calendar, *at, *opens; /* opens NULL: at once */
} windows[] = {
    { "", "America/New_York", "", "2026-02-14T03:00", NULL },
    { "send = mon-fri 08:00-19:00\n", "America/New_York", "", "2026-02-13T13:00", NULL },                   /* Friday 08:00 */
    { "send = mon-fri 08:00-19:00\n", "America/New_York", "", "2026-02-13T12:59", "2026-02-13T13:00:00Z" }, /* 07:59 */
    { "send = mon-fri 08:00-19:00\n", "America/New_York", "", "2026-02-14T00:00", "2026-02-16T13:00:00Z" }, /* Friday 19:00 */
    { "send = mon-fri 08:00-19:00\n", "America/New_York", "", "2026-03-07T12:00", "2026-03-09T12:00:00Z" }, /* over the change */
    { "send = mon-fri 08:00-19:00\n", "", "seoul", "2026-02-13T12:00", "2026-02-15T23:00:00Z" },            /* no holidays here */
    { "send = working hours\n", "", "seoul", "2026-02-13T12:00", "2026-02-19T00:00:00Z" },                  /* Seollal is one */
    { "send = working hours\nquiet = 08:00-10:00\n", "", "seoul", "2026-02-13T12:00", "2026-02-19T01:00:00Z" },
    { "quiet = 22:00-07:00\n", "", "seoul", "2026-02-13T13:00", "2026-02-13T22:00:00Z" }, /* 22:00 on Friday; Saturday 07:00 */
    { "quiet = 22:00-07:00\n", "", "seoul", "2026-02-13T12:59", NULL },
    { "quiet = 22:00-07:00\n", "", "", "2026-02-13T23:30", "2026-02-14T07:00:00Z" }, /* nobody's zone: the company's */
    { "send = daily 02:30-24:00\n", "Europe/Berlin", "", "2026-03-29T00:30", "2026-03-29T01:00:00Z" }, /* 01:30; at 03:00 */
    { "send = daily 02:30-24:00\n", "Europe/Berlin", "", "2026-10-25T00:00",
      "2026-10-25T00:30:00Z" },                                                      /* 02:00 for the first time */
    { "send = daily 02:30-24:00\n", "Europe/Berlin", "", "2026-10-25T01:15", NULL }, /* 02:15 for the second */
};

START_TEST(a_message_waits_for_the_recipients_window_and_goes_once)
{
    int64_t user = add_user("Lee", windows[_i].zone, windows[_i].calendar);

    TEST_OK(&f, open_with(windows[_i].keys));
    f.now = instant(windows[_i].at);
    (void)add("k", user);
    ck_assert_int_eq(step(), windows[_i].opens ? 0 : 1);
    if (windows[_i].opens) {
        ck_assert_str_eq(next(), windows[_i].opens);
        f.now = instant(windows[_i].opens) - 1;
        ck_assert_int_eq(step(), 0);
        f.now += 1;
        ck_assert_int_eq(step(), 1);
    }
    for (int hour = 0; hour < 50; hour++) {
        f.now += 3600000;
        ck_assert_int_eq(step(), 0);
    }
}
END_TEST

START_TEST(one_who_sleeps_holds_up_nobody_else)
{
    TEST_OK(&f, open_with("send = 08:00-19:00\n"));
    f.now = instant("2026-02-13T08:00"); /* 17:00 in Seoul, 03:00 in New York */
    (void)add("a", york);
    (void)add("b", york);
    (void)add("c", seoul);
    ck_assert_int_eq(step(), 1);
    ck_assert_str_eq(next(), "2026-02-13T13:00:00Z");
    f.now = instant("2026-02-13T13:00");
    ck_assert_int_eq(step(), 2);
}
END_TEST

START_TEST(a_person_may_let_it_go_at_once)
{
    int64_t id;

    TEST_OK(&f, open_with("send = 08:00-19:00\n"));
    f.now = instant("2026-02-13T08:00");
    id = add("a", york);
    ck_assert_int_eq(step(), 0);
    TEST_OK(&f, tend_outbox_release(outbox, id, &f.error));
    ck_assert_int_eq(step(), 1);
}
END_TEST

static const struct {
    const char *keys, *fault;
} wrong[] = {
    { "send = mon-fry 08:00-19:00\n", "tend.ini:8: [sink.file] send: 'fry' is no day of the week, did you mean fri?; write mon tue "
                                      "wed thu fri sat sun, or a range as "
                                      "mon-fri" },
    { "quiet = at night\n", "tend.ini:8: [sink.file] quiet: 'at night' is no span of hours; write one as 09:00-18:00" },
    { "send = 08:00-19:00\nquiet = 06:00-20:00\n",
      "tend.ini:9: [sink.file] quiet: leaves no time in which a message could go out; make it shorter" },
};

START_TEST(a_window_that_is_none_is_refused_with_its_line)
{
    ck_assert_int_eq(open_with(wrong[_i].keys), TEND_EINVAL);
    ck_assert_str_eq(f.error.text, wrong[_i].fault);
}
END_TEST

TESTS_WITH("outbox/window", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_message_waits_for_the_recipients_window_and_goes_once, 0, (int)(sizeof windows / sizeof *windows));
    tcase_add_test(tcase, one_who_sleeps_holds_up_nobody_else);
    tcase_add_test(tcase, a_recipient_gets_so_many_messages_and_the_rest_waits);
    tcase_add_test(tcase, what_is_beyond_is_dropped_where_that_is_said);
    tcase_add_test(tcase, what_a_person_releases_goes_beyond_the_number);
    tcase_add_test(tcase, a_person_may_let_it_go_at_once);
    tcase_add_loop_test(tcase, a_window_that_is_none_is_refused_with_its_line, 0, (int)(sizeof wrong / sizeof *wrong));
})
