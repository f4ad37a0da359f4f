#include "base/zone_rule.h"

#include "base/date.h"

#define DAY INT64_C(86400)

typedef struct reader {
    const char *at, *end;
} reader;

static bool take_char(reader *text, char wanted)
{
    if (text->at == text->end || *text->at != wanted)
        return false;
    text->at++;
    return true;
}

static bool take_number(reader *text, int least, int most, int *ret_number)
{
    const char *start = text->at;
    int number = 0;

    while (text->at < text->end && *text->at >= '0' && *text->at <= '9' && text->at - start < 4)
        number = number * 10 + (*text->at++ - '0');
    if (text->at == start || number < least || number > most)
        return false;
    *ret_number = number;
    return true;
}

/* Three letters or more, or anything but '>' between < and >. */
static bool take_name(reader *text)
{
    const char *start = text->at;

    if (take_char(text, '<')) {
        while (text->at < text->end && *text->at != '>')
            text->at++;
        return text->at - start > 1 && take_char(text, '>');
    }
    while (text->at < text->end && ((*text->at >= 'A' && *text->at <= 'Z') || (*text->at >= 'a' && *text->at <= 'z')))
        text->at++;
    return text->at - start >= 3;
}

/* [+-]hh[:mm[:ss]] as seconds. */
static bool take_clock(reader *text, int most_hours, int32_t *ret_seconds)
{
    int hours, minutes = 0, seconds = 0, sign = 1;

    if (take_char(text, '-'))
        sign = -1;
    else
        (void)take_char(text, '+');
    if (!take_number(text, 0, most_hours, &hours))
        return false;
    if (take_char(text, ':') && !take_number(text, 0, 59, &minutes))
        return false;
    if (take_char(text, ':') && !take_number(text, 0, 59, &seconds))
        return false;
    *ret_seconds = sign * ((hours * 60 + minutes) * 60 + seconds);
    return true;
}

static bool take_change(reader *text, tend_zone_change *change)
{
    bool is_read;

    *change = (tend_zone_change){ .form = 'N', .second = 2 * 3600 };
    if (take_char(text, 'M')) {
        change->form = 'M';
        is_read = take_number(text, 1, 12, &change->month) && take_char(text, '.') && take_number(text, 1, 5, &change->week) &&
                  take_char(text, '.') && take_number(text, 0, 6, &change->day);
    } else if (take_char(text, 'J')) {
        change->form = 'J';
        is_read = take_number(text, 1, 365, &change->day);
    } else {
        is_read = take_number(text, 0, 365, &change->day);
    }
    return is_read && (!take_char(text, '/') || take_clock(text, 167, &change->second));
}

tend_status tend_zone_rule_parse(const char *text, size_t length, tend_zone_rule *ret_rule)
{
    reader left = { text, text + length };
    tend_zone_rule rule = { 0 };

    /* POSIX counts west of Greenwich. */
    if (!take_name(&left) || !take_clock(&left, 24, &rule.standard))
        return TEND_EINVAL;
    rule.standard = -rule.standard;
    rule.has_summer = left.at < left.end;
    if (rule.has_summer) {
        if (!take_name(&left))
            return TEND_EINVAL;
        rule.summer = rule.standard + 3600;
        if (left.at < left.end && *left.at != ',') {
            if (!take_clock(&left, 24, &rule.summer))
                return TEND_EINVAL;
            rule.summer = -rule.summer;
        }
        if (!take_char(&left, ',') || !take_change(&left, &rule.to_summer) || !take_char(&left, ',') ||
            !take_change(&left, &rule.to_standard))
            return TEND_EINVAL;
    }
    if (left.at != left.end)
        return TEND_EINVAL;
    *ret_rule = rule;
    return TEND_OK;
}

/* The local second at which the change happens in `year`, counted as if it were UTC. */
static int64_t change_in(const tend_zone_change *change, int year)
{
    tend_date date;

    if (change->form == 'M') {
        int first_weekday, day;

        date = tend_date_of(year, change->month, 1);
        first_weekday = tend_date_weekday(date) % 7; /* 0 Sunday */
        day = (change->day - first_weekday + 7) % 7 + (change->week - 1) * 7;
        while (day >= tend_date_days_in_month(year, change->month))
            day -= 7;
        date += day;
    } else {
        bool has_leap_day = tend_date_days_in_month(year, 2) == 29;

        date = tend_date_of(year, 1, 1) + change->day;
        if (change->form == 'J' && !(has_leap_day && change->day >= 60))
            date--;
    }
    return date * DAY + change->second;
}

int32_t tend_zone_rule_offset(const tend_zone_rule *rule, int64_t second)
{
    int64_t latest = INT64_MIN;
    int32_t offset = rule->standard;
    int64_t days = second / DAY - (second % DAY < 0);
    int year, month, day;

    if (!rule->has_summer)
        return rule->standard;
    if (days < tend_date_of(3, 1, 1) || days > tend_date_of(9997, 12, 31))
        return rule->standard;
    tend_date_split((tend_date)days, &year, &month, &day);
    /* The latest change that is not after `second`. The neighbours count, for a change may lie a week outside its year. */
    for (int near = year - 1; near <= year + 1; near++) {
        int64_t to_summer = change_in(&rule->to_summer, near) - rule->standard;
        int64_t to_standard = change_in(&rule->to_standard, near) - rule->summer;

        if (to_standard <= second && to_standard > latest) {
            latest = to_standard;
            offset = rule->standard;
        }
        if (to_summer <= second && to_summer >= latest) {
            latest = to_summer;
            offset = rule->summer;
        }
    }
    return offset;
}
