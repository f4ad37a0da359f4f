/* Due dates by calendars: an owner in Seoul, who is absent, a deputy, and a customer in New York. */
#include "playbook_fixture.h"

static const char script[] =
    "return playbook {\n"
    "  name = \"promise\", summary = \"Keep a promise\", api = 1, subject = \"contract\", outcomes = { \"kept\" },\n"
    "  settings = {\n"
    "    days = { type = \"integer\", default = 3, help = \"working days\" },\n"
    "    of = { type = \"text\", default = \"us\", help = \"whose\" },\n"
    "  },\n"
    "  start_when = { event = \"contract.created\" },\n"
    "  steps = function(run)\n"
    "    local rule = { business_days = run.settings.days, of = run.settings.of }\n"
    "    run:task(\"answer\", { title = \"Answer {account.name}\", to = \"owner\", due = rule })\n"
    "    run:wait(\"answered\", { done = \"answer\", within = rule })\n"
    "    return \"kept\"\n"
    "  end,\n"
    "}\n";

static const char calendars_ini[] = "[calendar.seoul]\nzone = Asia/Seoul\nholidays = kr\nteams = seoul\n"
                                    "[calendar.berlin]\nzone = Europe/Berlin\nholidays = de-be\n"
                                    "2026-02-13 = off carnival\n";

static tend_calendars *calendars;
static tend_config *calendar_config;
static char folders[4096];
static int64_t deputy;

static void load_calendars(const char *ini, const char *company)
{
    static const tend_section *const sections[] = { tend_calendar_sections, NULL };
    const tend_zone *zone;
    tend_calendar_options with = { .folders = folders, .company = company };

    (void)snprintf(folders, sizeof folders, "%s/etc/calendars", getenv("TEND_SOURCE"));
    TEST_OK(&f, tend_zone_find("Asia/Seoul", &zone, &f.error));
    with.zone = zone;
    TEST_OK(&f, tend_config_load_text("tend.ini", ini, strlen(ini), sections, stderr, &calendar_config, &f.error));
    TEST_OK(&f, tend_calendars_load(calendar_config, &with, stderr, &calendars, &f.error));
    tend_model_set_calendars(f.model, calendars);
}

static void set_up(void)
{
    playbook_set_up();
    load_calendars(calendars_ini, "seoul");
    deputy = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Lee") }, { "team", text("seoul") } }).id;
    (void)TEST_PUT(&f, .kind = TEND_KIND_USER, .id = owner, .fields = { { "calendar", text("seoul") }, { "deputy", ref(deputy) } });
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account,
                   .fields = { { "country", text("United States") }, { "zone", text("America/New_York") } });
    (void)test_folder_write(&f.folder, "playbooks/promise.lua", script, strlen(script));
}

static void tear_down(void)
{
    playbook_tear_down();
    tend_calendars_free(calendars);
    tend_config_free(calendar_config);
    calendars = NULL;
    calendar_config = NULL;
}

static tend_time instant(const char *utc)
{
    tend_civil civil;
    bool has_zone;

    ck_assert_int_eq(tend_civil_parse(utc, strlen(utc), &civil, &has_zone), TEND_OK);
    return tend_time_of_utc(&civil);
}

static void be_absent(const char *from, const char *to)
{
    tend_date first, last;

    ck_assert_int_eq(tend_date_parse(from, strlen(from), &first), TEND_OK);
    ck_assert_int_eq(tend_date_parse(to, strlen(to), &last), TEND_OK);
    (void)TEST_PUT(&f, .kind = TEND_KIND_USER, .id = owner,
                   .fields = { { "absent_from", { .type = TEND_DATE, .integer = first } },
                               { "absent_to", { .type = TEND_DATE, .integer = last } } });
}

static const char *day_of(const char *sql)
{
    char date[TEND_DATE_ROOM];

    return tend_arena_string(f.arena, tend_date_format((tend_date)count(sql), date));
}

static const char *time_of(const char *sql)
{
    char time[TEND_TIME_ROOM];

    return tend_arena_string(f.arena, tend_time_format(count(sql), time));
}

/* Worked out by hand with a wall calendar of each country. `at` is the instant in UTC: 01:00 is Thursday 10:00 in Seoul and still
 * Wednesday 20:00 in New York; 14:00 is Thursday 23:00 in Seoul and 09:00 in New York. `ends` is when the wait ends: the end of the
 * day where it ends last; midnight in Seoul is 15:00Z of the day before, in New York 05:00Z, and 04:00Z from 8 March 2026 (14 March
 * 2027) on, in summer time.
 *
 * Seollal and the days around it: 2024 Fri 9 to Sun 11 February, substitute Mon 12. 2025 Tue 28 to Thu 30 January, and the
 * temporary holiday Mon 27. 2026 Mon 16 to Wed 18 February. 2027 Sat 6 to Mon 8 February, substitute Tue 9. Korea also is closed on
 * Mon 2 March 2026, for 1 March is a Sunday; and on Mon 1 March 2027. The United States are closed on Mon 16 February 2026 and Mon
 * 15 February 2027 (Washington's Birthday). */
static const struct {
    const char *at, *of;
    int days;
    const char *due, *ends;
} table[] = {
    /* 2026, ours: Fri 13; the 16th to 18th are Seollal; Thu 19, Fri 20. */
    { "2026-02-12T01:00", "us", 3, "2026-02-20", "2026-02-20T15:00:00Z" },
    /* The customer's Wednesday: Thu 12, Fri 13; the 16th is Washington's Birthday; Tue 17. */
    { "2026-02-12T01:00", "customer", 3, "2026-02-17", "2026-02-18T05:00:00Z" },
    /* Both, from our Thursday: Fri 13; until Wed 18 Seoul is closed; Thu 19, Fri 20, which ends last in New York. */
    { "2026-02-12T01:00", "both", 3, "2026-02-20", "2026-02-21T05:00:00Z" },
    /* Thursday on both sides: ours as before; the customer's Fri 13, Tue 17, Wed 18. */
    { "2026-02-12T14:00", "us", 3, "2026-02-20", "2026-02-20T15:00:00Z" },
    { "2026-02-12T14:00", "customer", 3, "2026-02-18", "2026-02-19T05:00:00Z" },
    { "2026-02-12T14:00", "both", 3, "2026-02-20", "2026-02-21T05:00:00Z" },
    /* 18 days, over 2 March in Korea and the change of clocks on 8 March in New York. Ours: Fri 13 (1), Thu 19, Fri 20 (3), 23 to
     * 27 (8), Tue 3 to Fri 6 March (12), 9 to 13 (17), Mon 16 (18). */
    { "2026-02-12T14:00", "us", 18, "2026-03-16", "2026-03-16T15:00:00Z" },
    /* The customer's: Fri 13 (1), Tue 17 to Fri 20 (5), 23 to 27 (10), 2 to 6 March (15), Mon 9, Tue 10, Wed 11 (18). */
    { "2026-02-12T14:00", "customer", 18, "2026-03-11", "2026-03-12T04:00:00Z" },
    /* Both work on each of ours after the 13th. */
    { "2026-02-12T14:00", "both", 18, "2026-03-16", "2026-03-17T04:00:00Z" },
    /* The three days that lie over the change itself: Fri 6, Mon 9, Tue 10 March. */
    { "2026-03-05T14:00", "both", 3, "2026-03-10", "2026-03-11T04:00:00Z" },
    /* And back to winter time on 1 November: Fri 30 October, Mon 2, Tue 3. */
    { "2026-10-29T14:00", "both", 3, "2026-11-03", "2026-11-04T05:00:00Z" },
    /* 2024: Tue 13, Wed 14, Thu 15; the customer's Fri 9, Mon 12, Tue 13. */
    { "2024-02-08T14:00", "us", 3, "2024-02-15", "2024-02-15T15:00:00Z" },
    { "2024-02-08T14:00", "customer", 3, "2024-02-13", "2024-02-14T05:00:00Z" },
    { "2024-02-08T14:00", "both", 3, "2024-02-15", "2024-02-16T05:00:00Z" },
    /* 2025: Fri 24, Fri 31 January, Mon 3 February; the customer's Fri 24, Mon 27, Tue 28. */
    { "2025-01-23T14:00", "us", 3, "2025-02-03", "2025-02-03T15:00:00Z" },
    { "2025-01-23T14:00", "customer", 3, "2025-01-28", "2025-01-29T05:00:00Z" },
    { "2025-01-23T14:00", "both", 3, "2025-02-03", "2025-02-04T05:00:00Z" },
    /* 2027: Fri 5, Wed 10, Thu 11; the customer's Fri 5, Mon 8, Tue 9; 25 of both: those of ours less Mon 15 February: Fri 5, Wed
     * 10 to Fri 12 (4), 16 to 19 (8), 22 to 26 (13), 2 to 5 March (17), 8 to 12 (22), Mon 15 to Wed 17 (25), in summer time. */
    { "2027-02-04T14:00", "us", 3, "2027-02-11", "2027-02-11T15:00:00Z" },
    { "2027-02-04T14:00", "customer", 3, "2027-02-09", "2027-02-10T05:00:00Z" },
    { "2027-02-04T14:00", "both", 25, "2027-03-17", "2027-03-18T04:00:00Z" },
};

START_TEST(a_promise_before_seollal_is_due_on_the_day_of_the_table_and_the_deputys)
{
    const char *ini = tend_arena_print(f.arena, "[playbook.promise]\ndays = %d\nof = %s\n", table[_i].days, table[_i].of);

    f.now = instant(table[_i].at);
    be_absent("2024-01-01", "2027-12-31");
    open_playbooks(ini);
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
    (void)add_contract(today() + 400);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 1);
    ck_assert_str_eq(day_of("SELECT due_on FROM tasks"), table[_i].due);
    ck_assert_str_eq(time_of("SELECT due_at FROM waits"), table[_i].ends);
    ck_assert_int_eq(count("SELECT assignee FROM tasks"), deputy);
    ck_assert_str_eq(word("SELECT reason FROM tasks"), "Keep a promise; to the owner; Kim is absent, so Lee");
    /* A millisecond before the end it waits; at the end it is over, once. */
    f.now = count("SELECT due_at FROM waits") - 1;
    work();
    ck_assert_str_eq(word("SELECT state FROM runs"), "waiting");
    f.now += 1;
    work();
    ck_assert_str_eq(word("SELECT state FROM runs"), "ended");
}
END_TEST

START_TEST(our_days_are_those_of_whoever_gets_the_task)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_USER, .id = deputy, .fields = { { "calendar", text("berlin") } });
    f.now = instant("2026-02-12T01:00"); /* 02:00 in Berlin; the 13th is carnival there, Seollal is none */
    be_absent("2026-02-01", "2026-03-31");
    open_playbooks("[playbook.promise]\n");
    (void)add_contract(today() + 400);
    work();
    ck_assert_str_eq(day_of("SELECT due_on FROM tasks"), "2026-02-18"); /* Mon 16, Tue 17, Wed 18 */
    ck_assert_str_eq(time_of("SELECT due_at FROM waits"), "2026-02-18T23:00:00Z");
}
END_TEST

START_TEST(our_days_are_those_of_whoever_decides)
{
    static const char asked[] = "return playbook {\n"
                                "  name = \"promise\", summary = \"Keep a promise\", api = 1, subject = \"contract\",\n"
                                "  outcomes = { \"kept\" }, start_when = { event = \"contract.created\" },\n"
                                "  steps = function(run)\n"
                                "    run:approve(\"yes\", { title = \"Yes?\", to = \"owner\", within = { business_days = 3 } })\n"
                                "    return \"kept\"\n"
                                "  end,\n"
                                "}\n";

    (void)test_folder_write(&f.folder, "playbooks/promise.lua", asked, strlen(asked));
    (void)TEST_PUT(&f, .kind = TEND_KIND_USER, .id = deputy, .fields = { { "calendar", text("berlin") } });
    f.now = instant("2026-02-12T01:00");
    be_absent("2026-02-01", "2026-03-31");
    open_playbooks("[playbook.promise]\n");
    (void)add_contract(today() + 400);
    work();
    ck_assert_int_eq(count("SELECT asked_of FROM approvals"), deputy);
    ck_assert_str_eq(day_of("SELECT due_on FROM approvals"), "2026-02-18"); /* as above: Mon 16, Tue 17, Wed 18 */
}
END_TEST

START_TEST(working_hours_count_while_the_calendar_is_open)
{
    static const char hours[] =
        "return playbook {\n"
        "  name = \"promise\", summary = \"Keep a promise\", api = 1, subject = \"contract\", outcomes = { \"kept\" },\n"
        "  start_when = { event = \"contract.created\" },\n"
        "  steps = function(run)\n"
        "    run:task(\"answer\", { title = \"Answer\", to = \"owner\", due = { business_hours = 8 } })\n"
        "    run:wait(\"answered\", { done = \"answer\", within = { business_hours = 8 } })\n"
        "    return \"kept\"\n"
        "  end,\n"
        "}\n";

    (void)test_folder_write(&f.folder, "playbooks/promise.lua", hours, strlen(hours));
    f.now =
        instant("2026-02-13T06:00"); /* Friday 15:00 in Seoul: three hours until 18:00, then Seollal; five on Thu 19, until 14:00 */
    open_playbooks("[playbook.promise]\n");
    (void)add_contract(today() + 400);
    work();
    ck_assert_str_eq(day_of("SELECT due_on FROM tasks"), "2026-02-19");
    ck_assert_str_eq(time_of("SELECT due_at FROM waits"), "2026-02-19T05:00:00Z");
}
END_TEST

START_TEST(without_a_common_hour_the_run_is_held_and_says_so)
{
    static const char hours[] =
        "return playbook {\n"
        "  name = \"promise\", summary = \"Keep a promise\", api = 1, subject = \"contract\", outcomes = { \"kept\" },\n"
        "  start_when = { event = \"contract.created\" },\n"
        "  steps = function(run)\n"
        "    run:sleep(\"a while\", { business_hours = 1, of = \"both\" })\n"
        "    return \"kept\"\n"
        "  end,\n"
        "}\n";

    (void)test_folder_write(&f.folder, "playbooks/promise.lua", hours, strlen(hours));
    open_playbooks("[playbook.promise]\n");
    (void)add_contract(today() + 400);
    work();
    ck_assert_str_eq(word("SELECT state FROM runs"), "held");
    ck_assert_ptr_nonnull(strstr(word("SELECT reason FROM runs"),
                                 "the calendars seoul and us have no working hour in common; correct "
                                 "them, or count those of one side"));
}
END_TEST

START_TEST(days_before_a_date_are_working_days_and_follow_it)
{
    static const char before[] =
        "return playbook {\n"
        "  name = \"promise\", summary = \"Keep a promise\", api = 1, subject = \"contract\", outcomes = { \"kept\" },\n"
        "  start_when = { event = \"contract.created\" },\n"
        "  steps = function(run)\n"
        "    run:sleep(\"until then\", { business_days = 3, of = \"both\", before = \"contract.ends_on\" })\n"
        "    return \"kept\"\n"
        "  end,\n"
        "}\n";
    int64_t contract;

    (void)test_folder_write(&f.folder, "playbooks/promise.lua", before, strlen(before));
    f.now = instant("2026-01-05T01:00");
    open_playbooks("[playbook.promise]\n");
    contract = add_contract(today() + 46); /* Fri 20 February: Thu 19, Fri 13, Thu 12 */
    work();
    ck_assert_str_eq(time_of("SELECT due_at FROM waits"), "2026-02-11T15:00:00Z");
    (void)TEST_PUT(
        &f, .kind = TEND_KIND_CONTRACT, .id = contract,
        .fields = { { "ends_on", { .type = TEND_DATE, .integer = today() + 56 } } }); /* Mon 2 March: 27, 26, 25 February */
    work();
    ck_assert_str_eq(time_of("SELECT due_at FROM waits"), "2026-02-24T15:00:00Z");
}
END_TEST

START_TEST(a_limit_that_moves_leaves_the_count_from_the_first_day)
{
    static const char limited[] =
        "return playbook {\n"
        "  name = \"promise\", summary = \"Keep a promise\", api = 1, subject = \"contract\", outcomes = { \"kept\" },\n"
        "  start_when = { event = \"contract.created\" },\n"
        "  steps = function(run)\n"
        "    run:wait(\"renewed\", { event = \"contract.renewed\", within = { business_days = 10,\n"
        "      at_latest = { days = 1, before = \"contract.ends_on\" } } })\n"
        "    return \"kept\"\n"
        "  end,\n"
        "}\n";
    int64_t contract;

    (void)test_folder_write(&f.folder, "playbooks/promise.lua", limited, strlen(limited));
    f.now = instant("2026-04-06T01:00"); /* a Monday */
    open_playbooks("[playbook.promise]\n");
    contract = add_contract(today() + 100);
    work();
    ck_assert_str_eq(time_of("SELECT due_at FROM waits"), "2026-04-20T15:00:00Z"); /* the end of Mon 20 */
    f.now = instant("2026-04-13T01:00");
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract,
                   .fields = { { "ends_on", { .type = TEND_DATE, .integer = today() + 200 } } });
    work();
    ck_assert_str_eq(time_of("SELECT due_at FROM waits"), "2026-04-20T15:00:00Z");
}
END_TEST

static const struct {
    const char *rule, *fault;
} wrong[] = {
    { "{ business_days = 3, of = \"custommer\" }", "due.of: must be us, customer or both; did you mean customer?" },
    { "{ days = 3, of = \"both\" }", "due.of: stands beside business_days or business_hours only" },
    { "{ business_hour = 3 }", "due.business_hour: no such key; did you mean business_hours?" },
    { "{ business_hours = 3, before = \"contract.ends_on\" }", "due: before and after count in days or business_days" },
};

START_TEST(what_cannot_be_counted_is_a_fault_of_the_check)
{
    char *faults = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&faults, &length);
    const char *bad = tend_arena_print(
        f.arena,
        "return playbook {\n"
        "  name = \"promise\", summary = \"Keep a promise\", api = 1, subject = \"contract\", outcomes = { \"kept\" },\n"
        "  start_when = { event = \"contract.created\" },\n"
        "  steps = function(run)\n"
        "    run:task(\"answer\", { title = \"Answer\", to = \"owner\", due = %s })\n"
        "    return \"kept\"\n"
        "  end,\n"
        "}\n",
        wrong[_i].rule);

    (void)test_folder_write(&f.folder, "playbooks/promise.lua", bad, strlen(bad));
    load_config("[playbook.promise]\n");
    TEST_OK(&f, tend_playbooks_open(config, f.model, segments, &options, out, &playbooks, &f.error));
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 1);
    ck_assert_msg(strstr(faults, wrong[_i].fault) != NULL, "%s", faults);
    free(faults);
}
END_TEST

TESTS_WITH("playbook/working_days", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_promise_before_seollal_is_due_on_the_day_of_the_table_and_the_deputys, 0,
                        (int)(sizeof table / sizeof *table));
    tcase_add_test(tcase, our_days_are_those_of_whoever_gets_the_task);
    tcase_add_test(tcase, our_days_are_those_of_whoever_decides);
    tcase_add_test(tcase, working_hours_count_while_the_calendar_is_open);
    tcase_add_test(tcase, without_a_common_hour_the_run_is_held_and_says_so);
    tcase_add_test(tcase, days_before_a_date_are_working_days_and_follow_it);
    tcase_add_test(tcase, a_limit_that_moves_leaves_the_count_from_the_first_day);
    tcase_add_loop_test(tcase, what_cannot_be_counted_is_a_fault_of_the_check, 0, (int)(sizeof wrong / sizeof *wrong));
})
