#include "base/calendar.h"
#include "tests.h"
#include <string.h>

static tend_error error;

static const tend_zone *zone_of(const char *name)
{
    const tend_zone *zone = NULL;

    ck_assert_msg(tend_zone_find(name, &zone, &error) == TEND_OK, "%s", error.text);
    return zone;
}

static tend_date day(const char *text)
{
    tend_date date = TEND_NO_DATE;

    ck_assert_int_eq(tend_date_parse(text, strlen(text), &date), TEND_OK);
    return date;
}

static tend_time utc(const char *text)
{
    tend_civil civil;
    bool has_zone;

    ck_assert_int_eq(tend_civil_parse(text, strlen(text), &civil, &has_zone), TEND_OK);
    return tend_time_of_utc(&civil);
}

static const char *said(tend_date date)
{
    static char text[TEND_DATE_ROOM];

    return tend_date_format(date, text);
}

static const char *at(tend_time time)
{
    static char text[TEND_TIME_ROOM];

    return tend_time_format(time, text);
}

static tend_calendar working(const char *week, const char *zone)
{
    tend_calendar calendar = tend_calendar_standard("test", zone_of(zone));

    ck_assert_msg(tend_week_parse(week, 0x1f, calendar.week, &error) == TEND_OK, "%s", error.text);
    return calendar;
}

/* 2026-02-27 is a Friday. */
static const struct {
    const char *from;
    int days;
    const char *to;
} plain[] = {
    { "2026-02-27", 0, "2026-02-27" },  { "2026-02-28", 0, "2026-03-02" },   { "2026-03-01", 0, "2026-03-02" },
    { "2026-02-27", 1, "2026-03-02" },  { "2026-02-28", 1, "2026-03-02" },   { "2026-03-01", -1, "2026-02-27" },
    { "2026-03-02", -1, "2026-02-27" }, { "2026-02-27", 10, "2026-03-13" },  { "2026-02-27", 11, "2026-03-16" },
    { "2026-03-01", 5, "2026-03-06" },  { "2026-03-13", -10, "2026-02-27" },
};

START_TEST(without_holidays_working_days_are_those_of_the_week)
{
    tend_calendar calendar = tend_calendar_standard("standard", zone_of("UTC"));
    const tend_calendar *one[] = { &calendar };

    ck_assert_str_eq(said(tend_calendars_add_days(one, 1, day(plain[_i].from), plain[_i].days)), plain[_i].to);
    ck_assert_int_eq(tend_calendars_add_days(one, 1, TEND_NO_DATE, 1), TEND_NO_DATE);
    ck_assert_int_eq(tend_calendars_add_days(one, 1, tend_date_of(9999, 12, 30), 5), TEND_NO_DATE);
}
END_TEST

START_TEST(special_days_are_left_out_and_worked_saturdays_count)
{
    static const tend_special_day days[] = {
        { .date = 20511, .name = "a holiday" },                                                             /* 2026-02-27, Friday */
        { .date = 20512, .hours = { .count = 1, .from = { 600 }, .to = { 720 } }, .name = "stock-taking" }, /* Saturday */
    };
    tend_calendar calendar = tend_calendar_standard("shop", zone_of("UTC"));
    const tend_calendar *one[] = { &calendar };
    const tend_special_day *why;

    ck_assert_int_eq(day("2026-02-27"), days[0].date);
    calendar.days = days;
    calendar.count = 2;
    ck_assert_str_eq(said(tend_calendars_add_days(one, 1, day("2026-02-26"), 1)), "2026-02-28");
    ck_assert_str_eq(said(tend_calendars_add_days(one, 1, day("2026-02-26"), 2)), "2026-03-02");
    ck_assert_str_eq(said(tend_calendars_add_days(one, 1, day("2026-03-02"), -2)), "2026-02-26");
    ck_assert_str_eq(said(tend_calendars_add_days(one, 1, day("2026-02-27"), 0)), "2026-02-28");
    ck_assert_int_eq(tend_calendar_hours(&calendar, days[0].date, &why)->count, 0);
    ck_assert_str_eq(why->name, "a holiday");
    ck_assert_int_eq(tend_calendar_hours(&calendar, days[0].date - 1, &why)->count, 1);
    ck_assert_ptr_null(why);
}
END_TEST

START_TEST(a_calendar_that_never_works_has_no_day_and_no_hour)
{
    tend_calendar never = tend_calendar_standard("never", zone_of("UTC"));
    const tend_calendar *one[] = { &never };

    memset(never.week, 0, sizeof never.week);
    ck_assert_int_eq(tend_calendars_add_days(one, 1, day("2026-01-01"), 3), TEND_NO_DATE);
    ck_assert_int_eq(tend_calendars_add_time(one, 1, utc("2026-01-01T00:00"), 1000), TEND_NO_TIME);
}
END_TEST

/* Hours of work, counted by hand. Berlin leaves 02:00 to 03:00 out on 2026-03-29 (a Sunday) and has it twice on 2026-10-25; New
 * York on 2026-03-08 and 2026-11-01, Sundays too. */
static const struct {
    const char *week, *zone, *from;
    int minutes;
    const char *to;
} hours[] = {
    { "mon-fri 09:00-18:00", "Asia/Seoul", "2026-03-02T00:00", 0, "2026-03-02T00:00:00Z" },   /* Monday 09:00 in Seoul: open */
    { "mon-fri 09:00-18:00", "Asia/Seoul", "2026-03-02T09:00", 0, "2026-03-03T00:00:00Z" },   /* 18:00: opens tomorrow */
    { "mon-fri 09:00-18:00", "Asia/Seoul", "2026-03-06T08:00", 120, "2026-03-09T01:00:00Z" }, /* Friday 17:00: an hour left */
    { "mon-fri 09:00-12:00, 13:00-18:00", "UTC", "2026-03-02T11:00", 120, "2026-03-02T14:00:00Z" }, /* over lunch */
    { "daily 00:00-24:00", "Europe/Berlin", "2026-03-28T23:00", 180, "2026-03-29T02:00:00Z" }, /* a night without its third hour */
    { "daily 02:00-03:00", "Europe/Berlin", "2026-03-28T12:00", 30, "2026-03-30T00:30:00Z" },  /* an hour that is not there */
    { "daily 01:00-04:00", "Europe/Berlin", "2026-03-28T12:00", 120, "2026-03-29T02:00:00Z" }, /* two hours of three */
    { "daily 01:00-04:00", "Europe/Berlin", "2026-10-24T12:00", 240, "2026-10-25T03:00:00Z" }, /* four hours of three */
    { "daily 02:30-03:00", "America/New_York", "2026-03-07T12:00", 30, "2026-03-09T07:00:00Z" },   /* begins and ends at 03:00 */
    { "mon-fri 09:00-17:00", "America/New_York", "2026-03-06T22:00", 60, "2026-03-09T14:00:00Z" }, /* -5 on Friday, -4 on Monday */
};

START_TEST(working_hours_are_counted_on_the_clock_of_the_zone)
{
    tend_calendar calendar = working(hours[_i].week, hours[_i].zone);
    const tend_calendar *one[] = { &calendar };

    ck_assert_str_eq(at(tend_calendars_add_time(one, 1, utc(hours[_i].from), hours[_i].minutes * INT64_C(60000))), hours[_i].to);
}
END_TEST

START_TEST(hours_of_both_are_those_in_which_both_work)
{
    tend_calendar berlin = working("mon-fri 09:00-18:00", "Europe/Berlin"), seoul = working("mon-fri 09:00-18:00", "Asia/Seoul");
    tend_calendar york = working("mon-fri 09:00-18:00", "America/New_York");
    const tend_calendar *near[] = { &berlin, &york }, *far[] = { &seoul, &york };

    /* Berlin is open 08:00Z to 17:00Z in winter, New York 14:00Z to 23:00Z: three hours a day. */
    ck_assert_str_eq(at(tend_calendars_add_time(near, 2, utc("2026-02-02T00:00"), 4 * INT64_C(3600000))), "2026-02-03T15:00:00Z");
    /* From 8 to 29 March only New York has summer time: 13:00Z to 17:00Z, four hours. */
    ck_assert_str_eq(at(tend_calendars_add_time(near, 2, utc("2026-03-09T00:00"), 4 * INT64_C(3600000))), "2026-03-09T17:00:00Z");
    /* Seoul closes at 09:00Z and New York opens at 14:00Z. */
    ck_assert_int_eq(tend_calendars_add_time(far, 2, utc("2026-02-02T00:00"), 1), TEND_NO_TIME);
}
END_TEST

/* A job of every day at 02:30, driven every ten minutes over the whole year. */
static const char *const changing[] = { "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Seoul" };

START_TEST(a_job_at_half_past_two_runs_once_on_every_day_of_the_year)
{
    const tend_zone *zone = zone_of(changing[_i]);
    tend_date last = TEND_NO_DATE;
    int runs = 0;

    for (tend_time now = tend_zone_midnight(zone, day("2026-01-01")); now < tend_zone_midnight(zone, day("2027-01-01"));
         now += 600000) {
        tend_date today = tend_zone_date(zone, now);
        tend_civil local;

        if (now < tend_zone_at(zone, today, 150) || (last != TEND_NO_DATE && last >= today))
            continue;
        tend_zone_to_local(zone, now, &local);
        ck_assert_msg((local.hour == 2 && local.minute == 30) || (local.hour == 3 && local.minute == 0), "%s %02d:%02d",
                      said(today), local.hour, local.minute);
        last = today;
        runs++;
    }
    ck_assert_int_eq(runs, 365);
}
END_TEST

static const struct {
    const char *written, *shown;
} weeks[] = {
    { "09:00-18:00", "mon-fri 09:00-18:00" },
    { "mon-fri 9:00-12:00, 13:00-18:00, sat 09:00-13:00", "mon-fri 09:00-12:00, 13:00-18:00, sat 09:00-13:00" },
    { "Sunday-Thursday 08:00-16:00", "mon-thu 08:00-16:00, sun 08:00-16:00" },
    { "09:00-18:00, fri 09:00-15:00", "mon-thu 09:00-18:00, fri 09:00-15:00" },
    { "mon+wed 10:00 - 24:00", "mon 10:00-24:00, wed 10:00-24:00" },
    { "daily 00:00-24:00", "mon-sun 00:00-24:00" },
};

START_TEST(weeks_are_read_and_shown)
{
    tend_hours week[7];
    char text[TEND_WEEK_ROOM];

    ck_assert_msg(tend_week_parse(weeks[_i].written, 0x1f, week, &error) == TEND_OK, "%s", error.text);
    ck_assert_str_eq(tend_week_show(week, text), weeks[_i].shown);
}
END_TEST

static const struct {
    const char *written, *fault;
} wrong[] = {
    { "", "it is empty; write hours as 09:00-18:00 or mon-fri 09:00-18:00" },
    { "mon-fry 09:00-18:00",
      "'fry' is no day of the week, did you mean fri?; write mon tue wed thu fri sat sun, or a range as mon-fri" },
    { "mon-fri", "'' is no span of hours; write one as 09:00-18:00" },
    { "18:00-09:00", "18:00-09:00 ends before it begins; write the part of each day" },
    { "09:00-25:00", "'09:00-25:00' is no span of hours; write one as 09:00-18:00" },
    { "09:00-12:60", "'09:00-12:60' is no span of hours; write one as 09:00-18:00" },
    { "09:00-12:00 13:00-18:00", "'13:00-18:00' is left over; write a comma between spans" },
    { "09:00-12:00, 11:00-18:00", "11:00-18:00 begins before the span in front of it ends" },
};

START_TEST(weeks_that_are_none_are_refused)
{
    tend_hours week[7];

    ck_assert_int_eq(tend_week_parse(wrong[_i].written, 0x1f, week, &error), TEND_EINVAL);
    ck_assert_str_eq(error.text, wrong[_i].fault);
}
END_TEST

START_TEST(quiet_hours_are_taken_out_of_every_day)
{
    tend_hours week[7];
    char text[TEND_WEEK_ROOM];

    ck_assert_int_eq(tend_week_parse("daily 00:00-24:00", 0x7f, week, &error), TEND_OK);
    ck_assert_int_eq(tend_week_quiet("22:00-07:00", week, &error), TEND_OK);
    ck_assert_str_eq(tend_week_show(week, text), "mon-sun 07:00-22:00");
    ck_assert_int_eq(tend_week_quiet("12:00-13:00", week, &error), TEND_OK);
    ck_assert_str_eq(tend_week_show(week, text), "mon-sun 07:00-12:00, 13:00-22:00");
    ck_assert_int_eq(tend_week_quiet("noon", week, &error), TEND_EINVAL);
}
END_TEST

TESTS_WITH("base/calendar", {
    tcase_add_loop_test(tcase, without_holidays_working_days_are_those_of_the_week, 0, (int)(sizeof plain / sizeof *plain));
    tcase_add_test(tcase, special_days_are_left_out_and_worked_saturdays_count);
    tcase_add_test(tcase, a_calendar_that_never_works_has_no_day_and_no_hour);
    tcase_add_loop_test(tcase, working_hours_are_counted_on_the_clock_of_the_zone, 0, (int)(sizeof hours / sizeof *hours));
    tcase_add_test(tcase, hours_of_both_are_those_in_which_both_work);
    tcase_add_loop_test(tcase, a_job_at_half_past_two_runs_once_on_every_day_of_the_year, 0,
                        (int)(sizeof changing / sizeof *changing));
    tcase_add_loop_test(tcase, weeks_are_read_and_shown, 0, (int)(sizeof weeks / sizeof *weeks));
    tcase_add_loop_test(tcase, weeks_that_are_none_are_refused, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(tcase, quiet_hours_are_taken_out_of_every_day);
})
