/* Calendars of the configuration, lists of holidays, and whose calendar is which. */
#include "model/calendars.h"
#include "store_fixture.h"

static fixture f;
static tend_config *config;
static tend_calendars *calendars;
static char *faults, folders[4096];
static FILE *out;

static void set_up(void)
{
    fixture_open(&f);
    (void)snprintf(folders, sizeof folders, "%s/own:%s/etc/calendars", f.folder.path, getenv("TEND_SOURCE"));
}

static void tear_down(void)
{
    tend_calendars_free(calendars);
    tend_config_free(config);
    calendars = NULL;
    config = NULL;
    free(faults);
    faults = NULL;
    fixture_close(&f);
}

static tend_status load(const char *ini, const char *company)
{
    static const tend_section *const sections[] = { tend_calendar_sections, NULL };
    tend_calendar_options options = { .folders = folders, .company = company, .place = "tend.ini:3: [tend] calendar" };
    size_t length = 0;
    tend_status status;

    TEST_OK(&f, tend_config_load_text("tend.ini", ini, strlen(ini), sections, stderr, &config, &f.error));
    out = open_memstream(&faults, &length);
    status = tend_calendars_load(config, &options, out, &calendars, &f.error);
    ck_assert_int_eq(fclose(out), 0);
    return status;
}

static const tend_calendar *calendar(const char *name)
{
    const tend_calendar *found = tend_calendars_find(calendars, name);

    ck_assert_ptr_nonnull(found);
    return found;
}

static tend_date on(const char *iso)
{
    return (tend_date)day(iso).integer;
}

/* Why nobody works that day; "" for a weekend, NULL when somebody does. */
static const char *closed(const char *name, const char *iso)
{
    const tend_special_day *special;

    if (tend_calendar_hours(calendar(name), on(iso), &special)->count > 0)
        return NULL;
    return special && special->name ? special->name : "";
}

START_TEST(a_calendar_has_its_days_holidays_and_exceptions)
{
    char week[TEND_WEEK_ROOM];

    TEST_OK(&f, load("[calendar.korea]\nzone = Asia/Seoul\nholidays = kr, kr-labour\nhours = 09:00-18:00, fri 09:00-15:00\n"
                     "2026-02-18 = on\n2026-02-19 = off stock-taking\n2026-02-20 = 09:00-12:00 half a day\n",
                     "korea"));
    ck_assert_ptr_eq(tend_calendars_company(calendars), calendar("korea"));
    ck_assert_str_eq(tend_week_show(calendar("korea")->week, week), "mon-thu 09:00-18:00, fri 09:00-15:00");
    ck_assert_str_eq(tend_zone_name(calendar("korea")->zone), "Asia/Seoul");
    ck_assert_str_eq(closed("korea", "2026-02-17"), "Lunar New Year (Seollal)");
    ck_assert_str_eq(closed("korea", "2026-05-01"), "Labour Day");
    ck_assert_str_eq(closed("korea", "2026-02-21"), "");
    ck_assert_ptr_null(closed("korea", "2026-02-18"));
    ck_assert_str_eq(closed("korea", "2026-02-19"), "stock-taking");
    ck_assert_str_eq(tend_hours_show(tend_calendar_hours(calendar("korea"), on("2026-02-20"), NULL), week), "09:00-12:00");
    ck_assert_int_eq(calendar("korea")->known_until, on("2030-12-31"));
}
END_TEST

START_TEST(lists_include_lists_and_a_list_of_ones_own_stands_first)
{
    ck_assert_int_eq(mkdir(test_folder_path(&f.folder, "own"), 0700), 0);
    (void)test_folder_write(&f.folder, "own/us.ini", "[holidays.us]\n2026-12-24 = ours alone\n", 38);
    TEST_OK(&f, load("[calendar.scotland]\nholidays = gb-sct\n[calendar.wales]\nholidays = gb-wls\n[calendar.us]\nholidays = us\n"
                     "[calendar.acme]\nholidays = acme\n[holidays.acme]\nincludes = de-be\n2026-12-31 = closed | zu\n",
                     NULL));
    ck_assert_str_eq(closed("scotland", "2026-01-02"), "2 January");
    ck_assert_str_eq(closed("scotland", "2026-12-25"), "Christmas Day");
    ck_assert_ptr_null(closed("scotland", "2026-04-06"));
    ck_assert_str_eq(closed("wales", "2026-04-06"), "Easter Monday");
    ck_assert_str_eq(closed("us", "2026-12-24"), "ours alone");
    ck_assert_ptr_null(closed("us", "2026-12-25"));
    ck_assert_str_eq(closed("acme", "2026-12-31"), "closed");
    ck_assert_str_eq(closed("acme", "2028-03-08"), "International Women's Day");
    ck_assert_str_eq(closed("acme", "2026-10-03"), "German Unity Day");
    ck_assert_str_eq(tend_calendars_company(calendars)->name, "standard");
}
END_TEST

static const struct {
    const char *ini, *company, *fault;
} wrong[] = {
    { "[calendar.korea]\ndays = mon-fry\n", NULL,
      "tend.ini:2: [calendar.korea] days: 'fry' is no day of the week, did you mean fri?; write mon tue wed thu fri sat sun, or a "
      "range "
      "as mon-fri\n" },
    { "[calendar.korea]\nhours = 18:00-09:00\n", NULL,
      "tend.ini:2: [calendar.korea] hours: 18:00-09:00 ends before it begins; write the part of each day\n" },
    { "[calendar.korea]\nholidays = de-bx\n", NULL,
      "tend.ini:2: [calendar.korea] holidays: there is no list of holidays 'de-bx'; did you mean de-bb?\n" },
    { "[calendar.korea]\n2026-02-30 = off\n", NULL,
      "tend.ini:2: [calendar.korea] 2026-02-30: no such setting and no day; write a day as 2026-12-24\n" },
    { "[calendar.korea]\nholiday = kr\n", NULL,
      "tend.ini:2: [calendar.korea] holiday: no such setting and no day; did you mean holidays?\n" },
    { "[calendar.korea]\n2026-02-20 = closed\n", NULL,
      "tend.ini:2: [calendar.korea] 2026-02-20: 'closed' is no exception; write off, on, or hours as 09:00-13:00, then why\n" },
    { "[calendar.korea]\n", "koera", "tend.ini:3: [tend] calendar: there is no calendar 'koera'; did you mean korea?\n" },
    { "", "korea",
      "tend.ini:3: [tend] calendar: there is no calendar 'korea'; write [calendar.korea] or name another; tend calendar list shows "
      "those "
      "that there are\n" },
    { "[holidays.a]\nincludes = b\n[holidays.b]\nincludes = a\n", NULL,
      "tend.ini:4: [holidays.b] includes: the lists include each other in a circle; take one out\n" },
    { "[holidays.a]\nfrom = 2026-01-01\n2025-12-31 = early\n", NULL,
      "tend.ini:3: [holidays.a] 2025-12-31: lies outside from and until; correct one of them\n" },
};

START_TEST(what_cannot_be_a_calendar_is_refused_with_its_line)
{
    ck_assert_int_eq(load(wrong[_i].ini, wrong[_i].company), TEND_EINVAL);
    ck_assert_str_eq(faults, wrong[_i].fault);
    ck_assert_int_eq(strncmp(faults, f.error.text, strlen(f.error.text)), 0);
}
END_TEST

static const char *of_user(const char *team, const char *own)
{
    const tend_calendar *found;
    int64_t id = TEST_PUT(&f, .kind = TEND_KIND_USER,
                          .fields = { { "name", text("Kim") }, { "team", text(team) }, { "calendar", text(own) } })
                     .id;

    TEST_OK(&f, tend_calendars_of_user(calendars, f.store, id, &found, &f.error));
    return found->name;
}

START_TEST(a_person_has_their_own_calendar_else_the_teams_else_the_companys)
{
    TEST_OK(&f, load("[calendar.seoul]\nteams = korea\n[calendar.berlin]\n[calendar.head]\n", "head"));
    tend_model_set_calendars(f.model, calendars);
    ck_assert_str_eq(of_user("korea", "berlin"), "berlin");
    ck_assert_str_eq(of_user("korea", ""), "seoul");
    ck_assert_str_eq(of_user("sales", ""), "head");
}
END_TEST

static const tend_calendar *of_account(const char *country, const char *zone, const char *own)
{
    const tend_calendar *found;
    int64_t id =
        TEST_PUT(
            &f, .kind = TEND_KIND_ACCOUNT,
            .fields = { { "name", text("Acme") }, { "country", text(country) }, { "zone", text(zone) }, { "calendar", text(own) } })
            .id;

    TEST_OK(&f, tend_calendars_of_account(calendars, f.store, id, &found, &f.error));
    return found;
}

START_TEST(an_account_has_its_own_calendar_else_that_of_its_country)
{
    const tend_calendar *found, *again;

    TEST_OK(&f, load("[calendar.gulf]\ndays = sun-thu\nzone = Asia/Dubai\ncountries = AE, United Arab Emirates\n", NULL));
    tend_model_set_calendars(f.model, calendars);
    ck_assert_str_eq(of_account("Korea", "", "gulf")->name, "gulf");
    ck_assert_str_eq(of_account("united arab emirates", "", "")->name, "gulf");
    found = of_account("대한민국", "", "");
    ck_assert_str_eq(found->name, "kr");
    ck_assert_str_eq(tend_zone_name(found->zone), "Asia/Seoul");
    ck_assert(!tend_calendar_works(found, on("2026-02-17")));
    found = of_account("USA", "America/Los_Angeles", "");
    ck_assert_str_eq(tend_zone_name(found->zone), "America/Los_Angeles");
    ck_assert(!tend_calendar_works(found, on("2026-07-03")));
    again = of_account("USA", "America/Los_Angeles", "");
    ck_assert_ptr_eq(found, again);
    found = of_account("Atlantis", "Europe/Lisbon", "");
    ck_assert_str_eq(found->name, "standard");
    ck_assert(tend_calendar_works(found, on("2026-07-03")));
}
END_TEST

START_TEST(a_calendar_that_is_not_there_cannot_be_written_into_a_row)
{
    const tend_kind_schema *users = tend_schema_kind(f.schema, TEND_KIND_USER);
    tend_assignment fields[] = { { tend_schema_field(users, "name"), text("Kim") },
                                 { tend_schema_field(users, "calendar"), text("koera") } };
    tend_put put = {
        .kind = TEND_KIND_USER, .fields = fields, .field_count = 2, .effective_at = TEND_NO_TIME, .known_at = TEND_NO_TIME
    };
    tend_put_result result;

    TEST_OK(&f, load("[calendar.korea]\n", NULL));
    tend_model_set_calendars(f.model, calendars);
    TEST_OK(&f, tend_model_begin(f.model, &f.error));
    ck_assert_int_eq(tend_model_put(f.model, &f.origin, &put, &result, &f.error), TEND_EINVAL);
    ck_assert_str_eq(f.error.text, "user.calendar: there is no calendar 'koera'; did you mean korea?");
    tend_model_rollback(f.model);
}
END_TEST

/* The lists that come with the program, against the rules of the laws that they follow. */

static const tend_holidays *list_of(const char *name)
{
    const tend_holidays *const *lists;
    size_t count;

    TEST_OK(&f, tend_calendars_holidays(calendars, &lists, &count, &f.error));
    for (size_t i = 0; i < count; i++)
        if (strcmp(lists[i]->name, name) == 0)
            return lists[i];
    ck_abort_msg("no list %s", name);
    return NULL;
}

static const tend_special_day *holiday(const tend_holidays *list, tend_date date)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->days[i].date == date)
            return &list->days[i];
    return NULL;
}

static bool is_named(const tend_special_day *found, const char *name)
{
    return found && found->name && strstr(found->name, name) != NULL;
}

START_TEST(every_list_that_comes_along_is_read_without_fault)
{
    static const char *const names[] = { "kr",
                                         "kr-labour",
                                         "us",
                                         "jp",
                                         "jp-bank",
                                         "gb",
                                         "gb-eng",
                                         "gb-wls",
                                         "gb-sct",
                                         "gb-nir",
                                         "de",
                                         "de-bw",
                                         "de-by",
                                         "de-be",
                                         "de-bb",
                                         "de-hb",
                                         "de-hh",
                                         "de-he",
                                         "de-mv",
                                         "de-ni",
                                         "de-nw",
                                         "de-rp",
                                         "de-sl",
                                         "de-sn",
                                         "de-st",
                                         "de-sh",
                                         "de-th",
                                         "de-by-assumption",
                                         "de-by-augsburg" };

    TEST_OK(&f, load("", NULL));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const tend_holidays *list = list_of(names[i]);

        ck_assert_int_eq(list->from, on("2020-01-01"));
        ck_assert_int_eq(list->until, on("2030-12-31"));
        ck_assert_uint_gt(list->count, 10);
        for (size_t d = 1; d < list->count; d++)
            ck_assert_int_lt(list->days[d - 1].date, list->days[d].date);
    }
}
END_TEST

/* Article 3 of the decree: Lunar New Year and Chuseok that have a Sunday, the others (once the law had them) that fall on a
 * Saturday or Sunday, are made up for on the next day that is neither holiday nor weekend. */
static const struct {
    const char *name;
    int since; /* yyyymmdd from which a weekend is made up for; 0: never */
    bool is_saturday_too;
} korean[] = {
    { "New Year's Day", 0, false },
    { "Lunar New Year", 20140101, false },
    { "Independence Movement Day", 20210804, true },
    { "Children's Day", 20140101, true },
    { "Buddha's Birthday", 20230504, true },
    { "Memorial Day", 0, false },
    { "Constitution Day", 20260101, true },
    { "Liberation Day", 20210804, true },
    { "Chuseok", 20140101, false },
    { "National Foundation Day", 20210804, true },
    { "Hangeul Day", 20210804, true },
    { "Christmas Day", 20230504, true },
};

START_TEST(korean_holidays_on_weekends_are_made_up_for_as_the_law_says)
{
    const tend_holidays *list;
    int checked = 0;

    TEST_OK(&f, load("", NULL));
    list = list_of("kr");
    for (size_t i = 0; i < list->count; i++) {
        const tend_special_day *found = &list->days[i];
        tend_date next = found->date;
        int year, month, weekday = tend_date_weekday(found->date), number;

        tend_date_split(found->date, &year, &month, &number);
        number += year * 10000 + month * 100;
        if (!is_named(found, korean[_i].name) || is_named(found, "substitute"))
            continue;
        checked++;
        if (korean[_i].since == 0 || number < korean[_i].since || weekday < 6 || (weekday == 6 && !korean[_i].is_saturday_too))
            continue;
        do
            next++;
        while (tend_date_weekday(next) > 5 || (holiday(list, next) && !is_named(holiday(list, next), "substitute")));
        ck_assert_msg(is_named(holiday(list, next), korean[_i].name), "%s of %d", korean[_i].name, number);
    }
    ck_assert_int_ge(checked, korean[_i].since == 20260101 ? 5 : 11);
}
END_TEST

/* Those that no rule gives, from the announcements. */
static const char *const announced[] = { "2020-04-15", "2020-08-17", "2022-03-09", "2022-06-01", "2023-10-02",
                                         "2024-04-10", "2024-10-01", "2025-01-27", "2025-05-06", "2025-06-03",
                                         "2025-10-08", "2026-06-03", "2028-10-05" };

START_TEST(korean_days_that_were_announced_are_there)
{
    TEST_OK(&f, load("", NULL));
    ck_assert_ptr_nonnull(holiday(list_of("kr"), on(announced[_i])));
}
END_TEST

START_TEST(american_holidays_are_observed_on_the_nearest_weekday)
{
    static const struct {
        int month, day, since;
    } fixed[] = { { 1, 1, 2020 }, { 6, 19, 2021 }, { 7, 4, 2020 }, { 11, 11, 2020 }, { 12, 25, 2020 } };
    const tend_holidays *list;

    TEST_OK(&f, load("", NULL));
    list = list_of("us");
    for (int year = 2020; year <= 2030; year++)
        for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
            tend_date date = tend_date_of(year, fixed[i].month, fixed[i].day);
            int weekday = tend_date_weekday(date);

            if (year < fixed[i].since)
                continue;
            ck_assert_ptr_nonnull(holiday(list, date));
            if (weekday > 5 && date - 1 >= on("2020-01-01"))
                ck_assert(is_named(holiday(list, weekday == 6 ? date - 1 : date + 1), "observed"));
        }
}
END_TEST

/* Easter by Gauss, for Good Friday of Germany and Great Britain alike. */
static tend_date easter(int year)
{
    int a = year % 19, b = year % 4, c = year % 7, k = year / 100, p = (13 + 8 * k) / 25, q = k / 4;
    int m = (15 - p + k - q) % 30, n = (4 + k - q) % 7, d = (19 * a + m) % 30, e = (2 * b + 4 * c + 6 * d + n) % 7;

    if (d == 29 && e == 6)
        return tend_date_of(year, 4, 19);
    if (d == 28 && e == 6 && (11 * m + 11) % 30 < 19)
        return tend_date_of(year, 4, 18);
    return tend_date_of(year, 3, 1) + 21 + d + e;
}

START_TEST(days_that_hang_on_easter_hang_on_easter)
{
    const tend_holidays *germany, *bavaria, *england;

    TEST_OK(&f, load("", NULL));
    germany = list_of("de");
    bavaria = list_of("de-by");
    england = list_of("gb-eng");
    for (int year = 2020; year <= 2030; year++) {
        ck_assert(is_named(holiday(germany, easter(year) - 2), "Good Friday"));
        ck_assert(is_named(holiday(germany, easter(year) + 39), "Ascension Day"));
        ck_assert(is_named(holiday(germany, easter(year) + 50), "Whit Monday"));
        ck_assert(is_named(holiday(bavaria, easter(year) + 60), "Corpus Christi"));
        ck_assert(is_named(holiday(england, easter(year) - 2), "Good Friday"));
        ck_assert(is_named(holiday(england, easter(year) + 1), "Easter Monday"));
    }
}
END_TEST

START_TEST(japanese_sundays_are_made_up_for_and_a_day_between_two_is_a_holiday)
{
    const tend_holidays *list;

    TEST_OK(&f, load("", NULL));
    list = list_of("jp");
    for (size_t i = 0; i < list->count; i++) {
        tend_date date = list->days[i].date;

        if (tend_date_weekday(date) != 7)
            continue;
        do
            date++;
        while (holiday(list, date) && !is_named(holiday(list, date), "substitute"));
        ck_assert_msg(is_named(holiday(list, date), "substitute"), "%d", (int)date);
    }
    ck_assert(is_named(holiday(list, on("2026-09-22")), "citizens' holiday"));
    ck_assert(is_named(holiday(list, on("2020-07-24")), "Sports Day"));
    ck_assert(is_named(holiday(list, on("2021-08-09")), "substitute"));
    ck_assert_ptr_null(holiday(list, on("2021-08-11")));
}
END_TEST

TESTS_WITH("model/calendars", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_calendar_has_its_days_holidays_and_exceptions);
    tcase_add_test(tcase, lists_include_lists_and_a_list_of_ones_own_stands_first);
    tcase_add_loop_test(tcase, what_cannot_be_a_calendar_is_refused_with_its_line, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(tcase, a_person_has_their_own_calendar_else_the_teams_else_the_companys);
    tcase_add_test(tcase, an_account_has_its_own_calendar_else_that_of_its_country);
    tcase_add_test(tcase, a_calendar_that_is_not_there_cannot_be_written_into_a_row);
    tcase_add_test(tcase, every_list_that_comes_along_is_read_without_fault);
    tcase_add_loop_test(tcase, korean_holidays_on_weekends_are_made_up_for_as_the_law_says, 0,
                        (int)(sizeof korean / sizeof *korean));
    tcase_add_loop_test(tcase, korean_days_that_were_announced_are_there, 0, (int)(sizeof announced / sizeof *announced));
    tcase_add_test(tcase, american_holidays_are_observed_on_the_nearest_weekday);
    tcase_add_test(tcase, days_that_hang_on_easter_hang_on_easter);
    tcase_add_test(tcase, japanese_sundays_are_made_up_for_and_a_day_between_two_is_a_holiday);
})
