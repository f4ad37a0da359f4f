/* date.h: civil dates, times of day and durations. Proleptic Gregorian, years 1 to 9999. */
#ifndef TEND_BASE_DATE_H
#define TEND_BASE_DATE_H

#include <stdbool.h>
#include <tend/status.h>
#include <tend/value.h>

typedef struct tend_civil {
    int year, month, day;     /* 1..9999, 1..12, 1..31 */
    int hour, minute, second; /* 0..23, 0..59, 0..59 */
    int millisecond;          /* 0..999 */
} tend_civil;

bool tend_date_valid(int year, int month, int day);
tend_date tend_date_of(int year, int month, int day); /* TEND_NO_DATE when not valid */
void tend_date_split(tend_date date, int *ret_year, int *ret_month, int *ret_day);
int tend_date_weekday(tend_date date); /* 1 Monday .. 7 Sunday, ISO 8601 */
int tend_date_days_in_month(int year, int month);
/* The same day `months` later (or earlier); the last day of the month where it has fewer days. */
tend_date tend_date_add_months(tend_date date, int months);

/* Exactly YYYY-MM-DD, all of `length`. TEND_EINVAL without a sentence otherwise. */
tend_status tend_date_parse(const char *text, size_t length, tend_date *ret_date);
/* YYYY-MM-DD, optionally [T or blank]HH:MM[:SS[.fff…]] and optionally Z or ±HH[:]MM.
 * ret_has_zone says whether the text named its offset; if so `ret_civil` is converted to UTC. A date alone is midnight. */
tend_status tend_civil_parse(const char *text, size_t length, tend_civil *ret_civil, bool *ret_has_zone);
/* By a pattern of the mapping language: YYYY YY MM M DD D HH mm ss AM and literal characters; M, D, HH accept one or two digits
 * where the letter is single; YY is 1970..2069. All of the text must match. */
tend_status tend_civil_parse_as(const char *text, size_t length, const char *pattern, tend_civil *ret_civil);
/* Whether it is written as the pattern says, and there is no such day: the 30th of February. */
bool tend_date_is_missing(const char *text, size_t length, const char *pattern);
bool tend_date_pattern_valid(const char *pattern);

tend_time tend_time_of_utc(const tend_civil *civil);
void tend_time_split_utc(tend_time at, tend_civil *ret_civil);

#define TEND_DATE_ROOM 16
#define TEND_TIME_ROOM 40
/* Both return their buffer; "" for TEND_NO_DATE / TEND_NO_TIME. Time is 2026-03-02T10:15:04.131Z, without .000 milliseconds. */
char *tend_date_format(tend_date date, char buffer[static TEND_DATE_ROOM]);
char *tend_time_format(tend_time at, char buffer[static TEND_TIME_ROOM]);

/* Durations as configuration writes them: one whole number and one unit, "250 ms", "30s", "5 min", "2 h", "7 d", "3 months".
 * Exactly one of the two results is not zero: months are calendar months. A bare number, a fraction or an unknown unit is
 * TEND_EINVAL. */
tend_status tend_duration_parse(const char *text, size_t length, int64_t *ret_ms, int *ret_months);

#endif
