/* calendar_text.c: weekdays and hours as configuration writes them. */
#include "base/calendar.h"

#include "base/near.h"
#include <stdio.h>
#include <string.h>

#define DAY_MINUTES 1440

static const char *const day_names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *skip(const char *at, const char *what)
{
    return at + strspn(at, what);
}

/* "Mon", "monday": the number of the day, -1 for none. */
static int read_day(const char **at, tend_error *reterr)
{
    char word[16] = "";
    size_t length = 0;
    const char *near;

    while (is_letter((*at)[length]))
        length++;
    for (size_t i = 0; i < length && i + 1 < sizeof word; i++)
        word[i] = (char)((*at)[i] | 0x20);
    *at += length;
    for (int i = 0; day_names[i]; i++)
        if (length >= 3 && strncmp(word, day_names[i], 3) == 0)
            return i;
    near = length > 0 ? tend_near(word, day_names) : NULL;
    (void)tend_fail(reterr, TEND_EINVAL,
                    "'%.15s' is no day of the week%s%s%s; write mon tue wed thu fri sat sun, or a range as mon-fri",
                    length > 0 ? word : *at, near ? ", did you mean " : "", near ? near : "", near ? "?" : "");
    return -1;
}

/* "mon-fri", "mon+wed"; ends before anything else. */
static tend_status read_days(const char **at, const char *between, unsigned *ret_days, tend_error *reterr)
{
    unsigned days = 0;

    if (strncmp(*at, "daily", 5) == 0 && !is_letter((*at)[5])) {
        *at += 5;
        *ret_days = 0x7f;
        return TEND_OK;
    }
    for (;;) {
        int first = read_day(at, reterr), last = first;
        const char *more;

        if (first < 0)
            return TEND_EINVAL;
        if (**at == '-' && is_letter((*at)[1])) {
            (*at)++;
            last = read_day(at, reterr);
            if (last < 0)
                return TEND_EINVAL;
        }
        for (int day = first;; day = (day + 1) % 7) {
            days |= 1u << day;
            if (day == last)
                break;
        }
        more = skip(*at, between);
        if (more == *at || !is_letter(*more))
            break;
        *at = more;
    }
    *ret_days = days;
    return TEND_OK;
}

tend_status tend_weekdays_parse(const char *text, unsigned *ret_days, tend_error *reterr)
{
    const char *at = skip(text, " ");
    tend_status status = read_days(&at, ", +", ret_days, reterr);

    if (status == TEND_OK && *skip(at, " ") != '\0')
        status = tend_fail(reterr, TEND_EINVAL, "'%.40s' is left over; write days as mon-fri or mon, wed, fri", at);
    return status;
}

static bool read_minute(const char **at, int *ret_minute)
{
    const char *text = *at;
    size_t digits = strspn(text, "0123456789");
    int hour, minute;

    if (digits < 1 || digits > 2 || text[digits] != ':' || strspn(text + digits + 1, "0123456789") != 2)
        return false;
    hour = digits == 1 ? text[0] - '0' : (text[0] - '0') * 10 + text[1] - '0';
    minute = (text[digits + 1] - '0') * 10 + text[digits + 2] - '0';
    *ret_minute = hour * 60 + minute;
    *at = text + digits + 3;
    return minute < 60 && *ret_minute <= DAY_MINUTES;
}

static tend_status read_span(const char **at, int *ret_from, int *ret_to, tend_error *reterr)
{
    const char *begin = *at;

    if (!read_minute(at, ret_from) || *skip(*at, " ") != '-')
        return tend_fail(reterr, TEND_EINVAL, "'%.40s' is no span of hours; write one as 09:00-18:00", begin);
    *at = skip(skip(*at, " ") + 1, " ");
    if (!read_minute(at, ret_to))
        return tend_fail(reterr, TEND_EINVAL, "'%.40s' is no span of hours; write one as 09:00-18:00", begin);
    return TEND_OK;
}

static tend_status add_span(tend_hours *hours, int from, int to, tend_error *reterr)
{
    if (from >= to)
        return tend_fail(reterr, TEND_EINVAL, "%02d:%02d-%02d:%02d ends before it begins; write the part of each day", from / 60,
                         from % 60, to / 60, to % 60);
    if (hours->count == TEND_CALENDAR_SPANS)
        return tend_fail(reterr, TEND_EINVAL, "a day has more than %d spans", TEND_CALENDAR_SPANS);
    if (hours->count > 0 && from < hours->to[hours->count - 1])
        return tend_fail(reterr, TEND_EINVAL, "%02d:%02d-%02d:%02d begins before the span in front of it ends", from / 60,
                         from % 60, to / 60, to % 60);
    hours->from[hours->count] = (int16_t)from;
    hours->to[hours->count++] = (int16_t)to;
    return TEND_OK;
}

tend_status tend_week_parse(const char *text, unsigned days, tend_hours ret_week[static 7], tend_error *reterr)
{
    tend_hours week[7] = { 0 };
    const char *at = skip(text, " ");

    if (*at == '\0')
        return tend_fail(reterr, TEND_EINVAL, "it is empty; write hours as 09:00-18:00 or mon-fri 09:00-18:00");
    for (;;) {
        int from, to;
        tend_status status = TEND_OK;

        if (is_letter(*at)) {
            status = read_days(&at, "+", &days, reterr);
            for (int day = 0; status == TEND_OK && day < 7; day++)
                if (days >> day & 1)
                    week[day].count = 0;
            at = skip(at, " ");
        }
        if (status == TEND_OK)
            status = read_span(&at, &from, &to, reterr);
        for (int day = 0; status == TEND_OK && day < 7; day++)
            if (days >> day & 1)
                status = add_span(&week[day], from, to, reterr);
        if (status < 0)
            return status;
        at = skip(at, " ");
        if (*at == '\0')
            break;
        if (*at != ',')
            return tend_fail(reterr, TEND_EINVAL, "'%.40s' is left over; write a comma between spans", at);
        at = skip(at + 1, " ");
    }
    memcpy(ret_week, week, sizeof week);
    return TEND_OK;
}

tend_status tend_hours_parse(const char *text, tend_hours *ret_hours, tend_error *reterr)
{
    tend_hours week[7];
    tend_status status;

    if (is_letter(*skip(text, " ")))
        return tend_fail(reterr, TEND_EINVAL, "'%.40s' is no span of hours; write one as 09:00-18:00", text);
    status = tend_week_parse(text, 1, week, reterr);
    if (status == TEND_OK)
        *ret_hours = week[0];
    return status;
}

/* What is left of `hours` without the minutes from..to. */
static tend_hours without(const tend_hours *hours, int from, int to)
{
    tend_hours left = { 0 };

    for (int i = 0; i < hours->count; i++) {
        const int parts[2][2] = { { hours->from[i], hours->to[i] < from ? hours->to[i] : from },
                                  { hours->from[i] > to ? hours->from[i] : to, hours->to[i] } };

        for (int p = 0; p < 2; p++)
            if (parts[p][0] < parts[p][1] && left.count < TEND_CALENDAR_SPANS)
                (void)add_span(&left, parts[p][0], parts[p][1], NULL);
    }
    return left;
}

tend_status tend_week_quiet(const char *text, tend_hours week[static 7], tend_error *reterr)
{
    const char *at = skip(text, " ");
    int from, to;
    tend_status status = read_span(&at, &from, &to, reterr);

    if (status == TEND_OK && (*skip(at, " ") != '\0' || from == to))
        status = tend_fail(reterr, TEND_EINVAL, "'%.40s' is no quiet time; write it as 22:00-07:00", text);
    for (int day = 0; status == TEND_OK && day < 7; day++) {
        if (from < to)
            week[day] = without(&week[day], from, to);
        else {
            week[day] = without(&week[day], from, DAY_MINUTES);
            week[day] = without(&week[day], 0, to);
        }
    }
    return status;
}

char *tend_hours_show(const tend_hours *hours, char buffer[static TEND_WEEK_ROOM])
{
    size_t length = 0;

    buffer[0] = '\0';
    for (int i = 0; i < hours->count; i++)
        length += (size_t)snprintf(buffer + length, TEND_WEEK_ROOM - length, "%s%02d:%02d-%02d:%02d", i ? ", " : "",
                                   hours->from[i] / 60, hours->from[i] % 60, hours->to[i] / 60, hours->to[i] % 60);
    return buffer;
}

static bool is_same(const tend_hours *one, const tend_hours *other)
{
    bool same = one->count == other->count;

    for (int i = 0; same && i < one->count; i++)
        same = one->from[i] == other->from[i] && one->to[i] == other->to[i];
    return same;
}

char *tend_week_show(const tend_hours week[static 7], char buffer[static TEND_WEEK_ROOM])
{
    size_t length = 0;

    buffer[0] = '\0';
    for (int day = 0; day < 7; day++) {
        char hours[TEND_WEEK_ROOM];
        int last = day;

        if (week[day].count == 0)
            continue;
        while (last < 6 && is_same(&week[last + 1], &week[day]))
            last++;
        length += (size_t)snprintf(buffer + length, TEND_WEEK_ROOM - length, "%s%s%s%s %.60s", length ? ", " : "", day_names[day],
                                   last > day ? "-" : "", last > day ? day_names[last] : "", tend_hours_show(&week[day], hours));
        day = last;
    }
    return buffer;
}
