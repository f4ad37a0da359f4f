#include "base/calendar.h"

#define MINUTE_MS INT64_C(60000)
#define NO_DAY_LIMIT 3660 /* days in a row of which none is a working day of all */
#define NO_HOUR_LIMIT 366
#define SPANS_MAX 32

typedef struct span {
    tend_time from, to;
} span;

tend_calendar tend_calendar_standard(const char *name, const tend_zone *zone)
{
    tend_calendar calendar = { .name = name, .zone = zone, .known_from = TEND_NO_DATE, .known_until = TEND_NO_DATE };

    for (int day = 0; day < 5; day++)
        calendar.week[day] = (tend_hours){ .count = 1, .from = { 9 * 60 }, .to = { 18 * 60 } };
    return calendar;
}

static const tend_special_day *find_special(const tend_calendar *calendar, tend_date date)
{
    size_t low = 0, high = calendar->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (calendar->days[middle].date < date)
            low = middle + 1;
        else
            high = middle;
    }
    return low < calendar->count && calendar->days[low].date == date ? &calendar->days[low] : NULL;
}

const tend_hours *tend_calendar_hours(const tend_calendar *calendar, tend_date date, const tend_special_day **ret_special)
{
    const tend_special_day *special = find_special(calendar, date);

    if (ret_special)
        *ret_special = special;
    return special ? &special->hours : &calendar->week[tend_date_weekday(date) - 1];
}

bool tend_calendar_works(const tend_calendar *calendar, tend_date date)
{
    return tend_calendar_hours(calendar, date, NULL)->count > 0;
}

static bool all_work(const tend_calendar *const *calendars, size_t count, tend_date date)
{
    for (size_t i = 0; i < count; i++)
        if (!tend_calendar_works(calendars[i], date))
            return false;
    return true;
}

tend_date tend_calendars_add_days(const tend_calendar *const *calendars, size_t count, tend_date date, int days)
{
    int64_t left = days < 0 ? -(int64_t)days : days, at = date;
    int step = days < 0 ? -1 : 1, idle = 0;

    if (date == TEND_NO_DATE)
        return TEND_NO_DATE;
    if (left == 0 && all_work(calendars, count, date))
        return date;
    if (left == 0)
        left = 1;
    while (left > 0 && idle < NO_DAY_LIMIT) {
        bool counts;

        at += step;
        if (at < tend_date_of(1, 1, 1) || at > tend_date_of(9999, 12, 31))
            return TEND_NO_DATE;
        counts = all_work(calendars, count, (tend_date)at);
        left -= counts;
        idle = counts ? 0 : idle + 1;
    }
    return left == 0 ? (tend_date)at : TEND_NO_DATE;
}

/* The spans of a calendar that lie in part within `within`, cut to it. */
static int open_spans(const tend_calendar *calendar, span within, span ret_spans[static SPANS_MAX])
{
    tend_date last = tend_zone_date(calendar->zone, within.to);
    int count = 0;

    for (tend_date date = tend_zone_date(calendar->zone, within.from); date <= last; date++) {
        const tend_hours *hours = tend_calendar_hours(calendar, date, NULL);

        for (int i = 0; i < hours->count && count < SPANS_MAX; i++) {
            span open = { tend_zone_at(calendar->zone, date, hours->from[i]), tend_zone_at(calendar->zone, date, hours->to[i]) };

            open.from = open.from < within.from ? within.from : open.from;
            open.to = open.to > within.to ? within.to : open.to;
            if (open.from < open.to)
                ret_spans[count++] = open;
        }
    }
    return count;
}

/* What both lists have in common. */
static int intersect(const span *ours, int our_count, const span *theirs, int their_count, span ret_spans[static SPANS_MAX])
{
    int count = 0;

    for (int i = 0; i < our_count; i++)
        for (int k = 0; k < their_count && count < SPANS_MAX; k++) {
            span both = { ours[i].from > theirs[k].from ? ours[i].from : theirs[k].from,
                          ours[i].to < theirs[k].to ? ours[i].to : theirs[k].to };

            if (both.from < both.to)
                ret_spans[count++] = both;
        }
    return count;
}

static int common_spans(const tend_calendar *const *calendars, size_t count, span within, span ret_spans[static SPANS_MAX])
{
    int found = open_spans(calendars[0], within, ret_spans);

    for (size_t i = 1; i < count && found > 0; i++) {
        span theirs[SPANS_MAX], ours[SPANS_MAX];
        int their_count = open_spans(calendars[i], within, theirs);

        for (int k = 0; k < found; k++)
            ours[k] = ret_spans[k];
        found = intersect(ours, found, theirs, their_count, ret_spans);
    }
    return found;
}

tend_time tend_calendars_add_time(const tend_calendar *const *calendars, size_t count, tend_time at, int64_t ms)
{
    tend_date date = tend_zone_date(calendars[0]->zone, at);
    int64_t left = ms;

    for (int idle = 0; idle < NO_HOUR_LIMIT; idle++, date++) {
        span within = { tend_zone_midnight(calendars[0]->zone, date), tend_zone_midnight(calendars[0]->zone, date + 1) };
        span open[SPANS_MAX];
        int found;

        within.from = within.from < at ? at : within.from;
        found = within.from < within.to ? common_spans(calendars, count, within, open) : 0;
        for (int i = 0; i < found; i++) {
            int64_t length = open[i].to - open[i].from;

            idle = 0;
            if (left == 0 || left <= length)
                return open[i].from + left;
            left -= length;
        }
    }
    return TEND_NO_TIME;
}
