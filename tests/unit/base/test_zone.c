#include "base/zone.h"
#include "base/zone_rule.h"
#include "tests.h"
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static tend_error error;

static const tend_zone *zone_of(const char *name)
{
    const tend_zone *zone = NULL;

    ck_assert_msg(tend_zone_find(name, &zone, &error) == TEND_OK, "%s", error.text);
    return zone;
}

static tend_civil civil_of(const char *text)
{
    tend_civil civil;
    bool has_zone;

    ck_assert_int_eq(tend_civil_parse(text, strlen(text), &civil, &has_zone), TEND_OK);
    return civil;
}

START_TEST(local_times_become_the_instants_of_the_law)
{
    static const struct {
        const char *zone, *local, *utc;
    } known[] = {
        { "UTC", "2026-03-29T02:30", "2026-03-29T02:30:00Z" },
        { "Asia/Seoul", "2026-03-02T09:00", "2026-03-02T00:00:00Z" },
        { "Asia/Kathmandu", "2026-03-02T09:00", "2026-03-02T03:15:00Z" },
        /* Berlin springs 2026-03-29 02:00 -> 03:00; any time in the gap is its end */
        { "Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z" },
        { "Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z" },
        { "Europe/Berlin", "2026-03-29T02:30:00.500", "2026-03-29T01:00:00Z" },
        { "Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z" },
        /* and falls 2026-10-25 03:00 -> 02:00; 02:30 comes twice, the first is meant */
        { "Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z" },
        { "Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z" },
        /* the footer rule, past the end of every table */
        { "Europe/Berlin", "2087-07-01T12:00", "2087-07-01T10:00:00Z" },
        { "America/New_York", "2087-12-01T12:00", "2087-12-01T17:00:00Z" },
        /* southern summer over the new year, by the rule */
        { "Australia/Sydney", "2087-01-01T00:00", "2086-12-31T13:00:00Z" },
        { "Australia/Sydney", "2087-07-01T00:00", "2087-06-30T14:00:00Z" },
        /* Lord Howe moves by half an hour: 2026-10-04 02:00 -> 02:30 */
        { "Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30:00Z" },
        /* Samoa had no 30 December 2011 */
        { "Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00:00Z" },
        /* Korea had summer time in 1988 */
        { "Asia/Seoul", "1988-07-01T12:00", "1988-07-01T02:00:00Z" },
    };
    const tend_zone *zone = zone_of(known[_i].zone);
    tend_civil local = civil_of(known[_i].local);
    char text[TEND_TIME_ROOM];

    ck_assert_str_eq(tend_time_format(tend_zone_to_utc(zone, &local), text), known[_i].utc);
    ck_assert_str_eq(tend_zone_name(zone), known[_i].zone);
}
END_TEST

START_TEST(a_day_without_midnight_begins_at_its_first_instant)
{
    char text[TEND_TIME_ROOM];

    /* Sao Paulo, 2018-11-04: 00:00 -> 01:00 (UTC-3 -> UTC-2) */
    ck_assert_str_eq(tend_time_format(tend_zone_midnight(zone_of("America/Sao_Paulo"), tend_date_of(2018, 11, 4)), text),
                     "2018-11-04T03:00:00Z");
    ck_assert_str_eq(tend_time_format(tend_zone_midnight(zone_of("Asia/Seoul"), tend_date_of(2026, 3, 2)), text),
                     "2026-03-01T15:00:00Z");
    /* Havana falls back at 01:00 to 00:00: midnight comes twice, the day begins at the first */
    ck_assert_str_eq(tend_time_format(tend_zone_midnight(zone_of("America/Havana"), tend_date_of(2025, 11, 2)), text),
                     "2025-11-02T04:00:00Z");
}
END_TEST

START_TEST(the_local_date_is_not_the_utc_date)
{
    tend_civil civil = civil_of("2026-03-01T15:00"), local;
    tend_time at = tend_time_of_utc(&civil);

    ck_assert_int_eq(tend_zone_date(zone_of("Asia/Seoul"), at), tend_date_of(2026, 3, 2));
    ck_assert_int_eq(tend_zone_date(zone_of("Asia/Seoul"), at - 1), tend_date_of(2026, 3, 1));
    ck_assert_int_eq(tend_zone_date(zone_of("UTC"), -1), tend_date_of(1969, 12, 31));
    tend_zone_to_local(zone_of("Asia/Seoul"), at - 1, &local);
    ck_assert_int_eq(local.hour, 23);
    ck_assert_int_eq(local.millisecond, 999);
}
END_TEST

START_TEST(names_that_could_leave_the_folder_are_refused)
{
    static const char *const bad[] = {
        "", "/etc/passwd", "../../etc/passwd", "Europe/../Berlin", "Europe//Berlin", "Europe/", "a b", "Europe/Berlin\n", "."
    };
    const tend_zone *zone;

    ck_assert_int_eq(tend_zone_find(bad[_i], &zone, &error), TEND_EINVAL);
}
END_TEST

START_TEST(zones_that_are_not_there_are_named)
{
    const tend_zone *zone;

    unsetenv("TZDIR");
    ck_assert_int_eq(tend_zone_find("Europe/Bonn", &zone, &error), TEND_ENOTFOUND);
    ck_assert_str_eq(error.text, "Europe/Bonn: no such time zone in /usr/share/zoneinfo; write one such as Europe/Berlin");
    ck_assert_int_eq(tend_zone_find("Europe", &zone, &error), TEND_ENOTFOUND);
    ck_assert_int_eq(tend_zone_find("../x", &zone, &error), TEND_EINVAL);
    ck_assert_str_eq(error.text, "../x: not the name of a time zone; write one such as Europe/Berlin");
}
END_TEST

static const char *const zones[] = {
    "Europe/Berlin",      "Europe/Dublin",    "Europe/London",       "Europe/Moscow",    "America/New_York",  "America/Sao_Paulo",
    "America/Nuuk",       "America/Havana",   "America/Santiago",    "America/St_Johns", "America/Caracas",   "Asia/Seoul",
    "Asia/Tehran",        "Asia/Kolkata",     "Asia/Gaza",           "Asia/Pyongyang",   "Africa/Casablanca", "Africa/Cairo",
    "Australia/Sydney",   "Australia/Perth",  "Australia/Lord_Howe", "Pacific/Apia",     "Pacific/Auckland",  "Pacific/Chatham",
    "Pacific/Kiritimati", "Antarctica/Troll", "America/Asuncion",    "Etc/GMT+5",
};

/* The C library reads the same files by its own code. */
START_TEST(offsets_are_those_of_the_c_library)
{
    const tend_zone *zone = zone_of(zones[_i]);

    setenv("TZ", zones[_i], 1);
    tzset();
    /* Every 12 hours and some from 1900 to 2200 */
    for (time_t at = -2208988800; at < (time_t)7258118400; at += 46061) {
        struct tm local;

        if (!localtime_r(&at, &local) || tend_zone_offset(zone, (tend_time)at * 1000) != local.tm_gmtoff)
            ck_abort_msg("%s at %lld: %d, not %ld", zones[_i], (long long)at, tend_zone_offset(zone, (tend_time)at * 1000),
                         local.tm_gmtoff);
    }
    unsetenv("TZ");
}
END_TEST

START_TEST(every_local_hour_comes_back_or_lies_in_a_gap)
{
    const tend_zone *zone = zone_of(zones[_i]);
    tend_time before = INT64_MIN;

    for (tend_date date = tend_date_of(2005, 1, 1); date < tend_date_of(2040, 1, 1); date++) {
        tend_time about = (tend_time)date * 86400000;
        /* Every half hour around a change, midnight on other days */
        bool is_quiet = tend_zone_offset(zone, about - 172800000) == tend_zone_offset(zone, about + 172800000);

        for (int half = 0; half < 48; half += is_quiet ? 48 : 1) {
            tend_civil local = { 0 }, back;
            tend_time at;

            tend_date_split(date, &local.year, &local.month, &local.day);
            local.hour = half / 2;
            local.minute = half % 2 * 30;
            at = tend_zone_to_utc(zone, &local);
            tend_zone_to_local(zone, at, &back);
            if (tend_time_of_utc(&back) < tend_time_of_utc(&local) || at < before)
                ck_abort_msg("%s %04d-%02d-%02d %02d:%02d went back", zones[_i], local.year, local.month, local.day, local.hour,
                             local.minute);
            /* Later than asked only where asking the second before gives an offset that is smaller: a gap. */
            if (tend_time_of_utc(&back) > tend_time_of_utc(&local) &&
                tend_zone_offset(zone, at - 1000) >= tend_zone_offset(zone, at))
                ck_abort_msg("%s %04d-%02d-%02d %02d:%02d is no gap", zones[_i], local.year, local.month, local.day, local.hour,
                             local.minute);
            before = at;
        }
    }
}
END_TEST

START_TEST(rules_of_every_form_agree_with_the_c_library)
{
    static const char *const rules[] = {
        "AAA-3",
        "EST5EDT,M3.2.0,M11.1.0",
        "AEST-10AEDT,M10.1.0,M4.1.0/3",
        "IST-1GMT0,M10.5.0,M3.5.0/1",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
        "AAA3BBB,J60/2,J300/2",
        "AAA3BBB,59/2,299/2",
        "AAA-5:30BBB,J10/0,J59/23:59:59",
        "<+0330>-3:30<+0430>,J79/24,J263/24",
        "IST-2IDT,M3.4.4/26,M10.5.0",
        "EET-2EEST,M3.4.4/50,M10.4.4/50",
    };
    tend_zone_rule rule;

    ck_assert_int_eq(tend_zone_rule_parse(rules[_i], strlen(rules[_i]), &rule), TEND_OK);
    setenv("TZ", rules[_i], 1);
    tzset();
    for (time_t at = 0; at < (time_t)4102444800; at += 14389) {
        struct tm local;

        if (!localtime_r(&at, &local) || tend_zone_rule_offset(&rule, at) != local.tm_gmtoff)
            ck_abort_msg("%s at %lld: %d, not %ld", rules[_i], (long long)at, tend_zone_rule_offset(&rule, at), local.tm_gmtoff);
    }
    unsetenv("TZ");
}
END_TEST

START_TEST(summer_all_year_is_summer_all_year)
{
    static const char text[] = "EST5EDT,0/0,J365/25";
    tend_zone_rule rule;

    ck_assert_int_eq(tend_zone_rule_parse(text, strlen(text), &rule), TEND_OK);
    for (int64_t at = 0; at < INT64_C(4102444800); at += 1800)
        if (tend_zone_rule_offset(&rule, at) != -4 * 3600)
            ck_abort_msg("winter at %lld", (long long)at);
}
END_TEST

START_TEST(a_change_at_new_year_belongs_to_the_local_year)
{
    static const char text[] = "AAA-5:30BBB,J1/0,J59/0";
    tend_zone_rule rule;

    /* 1971-01-01T00:00+05:30 is 1970-12-31T18:30Z. */
    ck_assert_int_eq(tend_zone_rule_parse(text, strlen(text), &rule), TEND_OK);
    ck_assert_int_eq(tend_zone_rule_offset(&rule, 365 * 86400 - 19800 - 1), 19800);
    ck_assert_int_eq(tend_zone_rule_offset(&rule, 365 * 86400 - 19800), 23400);
}
END_TEST

START_TEST(rules_that_are_none_are_refused)
{
    static const char *const bad[] = { "",
                                       "5",
                                       "AA5",
                                       "EST",
                                       "EST25",
                                       "EST5EDT",
                                       "EST5EDT,M3.2.0",
                                       "EST5EDT,M13.2.0,M11.1.0",
                                       "EST5EDT,M3.6.0,M11.1.0",
                                       "EST5EDT,M3.2.7,M11.1.0",
                                       "EST5EDT,J0,J5",
                                       "EST5EDT,366,5",
                                       "<EST5",
                                       "EST5EDT,M3.2.0,M11.1.0 ",
                                       "EST5EDT,M3.2.0/168,M11.1.0",
                                       "EST5:60" };
    tend_zone_rule rule;

    ck_assert_int_eq(tend_zone_rule_parse(bad[_i], strlen(bad[_i]), &rule), TEND_EINVAL);
}
END_TEST

START_TEST(a_broken_file_is_refused_at_every_length)
{
    char folder[] = "/tmp/tend-zone-XXXXXX", path[64], name[16], bytes[4096];
    FILE *whole = fopen("/usr/share/zoneinfo/Europe/Berlin", "rb");
    size_t length;
    const tend_zone *zone;

    ck_assert_ptr_nonnull(whole);
    length = fread(bytes, 1, sizeof bytes, whole);
    fclose(whole);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    setenv("TZDIR", folder, 1);
    for (size_t cut = 0; cut <= length; cut += cut + 7 < length ? 7 : 1) {
        FILE *part;

        snprintf(name, sizeof name, "cut%zu", cut);
        snprintf(path, sizeof path, "%s/%s", folder, name);
        part = fopen(path, "wb");
        ck_assert_uint_eq(fwrite(bytes, 1, cut, part), cut);
        fclose(part);
        ck_assert_int_eq(tend_zone_find(name, &zone, &error), cut == length ? TEND_OK : TEND_ECORRUPT);
        unlink(path);
    }
    rmdir(folder);
    unsetenv("TZDIR");
}
END_TEST

TESTS_WITH("base/zone", {
    tcase_add_loop_test(tcase, local_times_become_the_instants_of_the_law, 0, 16);
    tcase_add_test(tcase, a_day_without_midnight_begins_at_its_first_instant);
    tcase_add_test(tcase, the_local_date_is_not_the_utc_date);
    tcase_add_loop_test(tcase, names_that_could_leave_the_folder_are_refused, 0, 9);
    tcase_add_test(tcase, zones_that_are_not_there_are_named);
    tcase_add_loop_test(tcase, offsets_are_those_of_the_c_library, 0, (int)(sizeof zones / sizeof *zones));
    tcase_add_loop_test(tcase, every_local_hour_comes_back_or_lies_in_a_gap, 0, (int)(sizeof zones / sizeof *zones));
    tcase_add_loop_test(tcase, rules_of_every_form_agree_with_the_c_library, 0, 11);
    tcase_add_test(tcase, summer_all_year_is_summer_all_year);
    tcase_add_test(tcase, a_change_at_new_year_belongs_to_the_local_year);
    tcase_add_loop_test(tcase, rules_that_are_none_are_refused, 0, 16);
    tcase_add_test(tcase, a_broken_file_is_refused_at_every_length);
})
