/* calendar.h: who works when: the hours of each weekday, and days that differ, in one time zone. Arithmetic alone; where calendars
 * come from is model/calendars.h.
 *
 * Several calendars together mean everybody at once: a day counts when it is a working day of each, an hour when all are open. A
 * time of day that clocks leave out is the first instant after it, one that comes twice is the first, so that each day has every
 * opening exactly once. */
#ifndef TEND_BASE_CALENDAR_H
#define TEND_BASE_CALENDAR_H

#include "base/zone.h"
#include <stddef.h>

#define TEND_CALENDAR_SPANS 4 /* of one day */
#define TEND_CALENDARS_MAX 4  /* that count together */

/* Minutes after midnight, ascending, not touching; the last may end at 1440. None: no work. */
typedef struct tend_hours {
    int count;
    int16_t from[TEND_CALENDAR_SPANS], to[TEND_CALENDAR_SPANS];
} tend_hours;

/* A day that is not as its weekday: a holiday, a day off, a short day, a Saturday that is worked. */
typedef struct tend_special_day {
    tend_date date;
    tend_hours hours;
    const char *name, *local_name; /* why, in English and in the country's language; NULL: not said */
} tend_special_day;

typedef struct tend_calendar {
    const char *name;
    const tend_zone *zone;
    tend_hours week[7];           /* Monday first */
    const tend_special_day *days; /* ascending, one a date */
    size_t count;
    tend_date known_from, known_until; /* for which its holidays are listed; TEND_NO_DATE: it has none */
} tend_calendar;

/* Monday to Friday, 09:00 to 18:00, no holidays. */
tend_calendar tend_calendar_standard(const char *name, const tend_zone *zone);

/* The hours of one day; *ret_special (may be NULL) says why they are not its weekday's, NULL when they are. */
const tend_hours *tend_calendar_hours(const tend_calendar *calendar, tend_date date, const tend_special_day **ret_special);
bool tend_calendar_works(const tend_calendar *calendar, tend_date date);

/* The day that is `days` working days of all after `date`, not counting it; negative goes back; 0 gives `date` or the next working
 * day. TEND_NO_DATE when no day of ten years is one of all. */
tend_date tend_calendars_add_days(const tend_calendar *const *calendars, size_t count, tend_date date, int days);
/* The instant at which `ms` of common working time have passed since `at`; 0: `at` while all are open, else when they open.
 * TEND_NO_TIME when there is no common hour in a year. */
tend_time tend_calendars_add_time(const tend_calendar *const *calendars, size_t count, tend_time at, int64_t ms);

/* calendar_text.c. Each reads all of `text`; a fault is TEND_EINVAL with what is wrong and how it is written, without the place. */
/* "mon-fri", "mon, wed", "sun-thu", "daily": *ret_days has bit 0 for Monday. */
tend_status tend_weekdays_parse(const char *text, unsigned *ret_days, tend_error *reterr);
/* "09:00-12:00, 13:00-18:00". */
tend_status tend_hours_parse(const char *text, tend_hours *ret_hours, tend_error *reterr);
/* "mon-fri 09:00-12:00, 13:00-18:00, sat 09:00-13:00"; hours before any day are for `days`. Days named again begin anew. */
tend_status tend_week_parse(const char *text, unsigned days, tend_hours ret_week[static 7], tend_error *reterr);
/* Takes "22:00-07:00" out of every day. */
tend_status tend_week_quiet(const char *text, tend_hours week[static 7], tend_error *reterr);
#define TEND_WEEK_ROOM 512
/* As tend_week_parse reads it. Returns its buffer. */
char *tend_week_show(const tend_hours week[static 7], char buffer[static TEND_WEEK_ROOM]);
char *tend_hours_show(const tend_hours *hours, char buffer[static TEND_WEEK_ROOM]);

#endif
