/* date_text.c: dates, times and durations as people and files write them. */
#include "base/date.h"

#include <string.h>

/* What is left to read. */
typedef struct reader {
    const char *at;
    const char *end;
} reader;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take_char(reader *text, char wanted)
{
    if (text->at == text->end || *text->at != wanted)
        return false;
    text->at++;
    return true;
}

/* Between `least` and `most` digits; -1 when there are fewer. */
static int take_number(reader *text, int least, int most)
{
    int number = 0, digits = 0;

    while (digits < most && text->at < text->end && is_digit(*text->at)) {
        number = number * 10 + (*text->at++ - '0');
        digits++;
    }
    return digits >= least ? number : -1;
}

static bool take_date(reader *text, tend_civil *civil)
{
    civil->year = take_number(text, 4, 4);
    if (civil->year < 0 || !take_char(text, '-'))
        return false;
    civil->month = take_number(text, 2, 2);
    if (civil->month < 0 || !take_char(text, '-'))
        return false;
    civil->day = take_number(text, 2, 2);
    return civil->day > 0 && tend_date_valid(civil->year, civil->month, civil->day);
}

tend_status tend_date_parse(const char *text, size_t length, tend_date *ret_date)
{
    reader left = { text, text + length };
    tend_civil civil = { 0 };

    if (!take_date(&left, &civil) || left.at != left.end)
        return TEND_EINVAL;
    *ret_date = tend_date_of(civil.year, civil.month, civil.day);
    return TEND_OK;
}

static bool is_time_of_day(const tend_civil *civil)
{
    return civil->hour >= 0 && civil->hour <= 23 && civil->minute >= 0 && civil->minute <= 59 && civil->second >= 0 &&
           civil->second <= 59;
}

/* Digits after the second; those beyond milliseconds are cut off. */
static bool take_fraction(reader *text, tend_civil *civil)
{
    int digits = 0, scale = 100;

    for (; text->at < text->end && is_digit(*text->at); text->at++, digits++) {
        civil->millisecond += (*text->at - '0') * scale;
        scale /= 10;
    }
    return digits >= 1 && digits <= 9;
}

static bool take_time(reader *text, tend_civil *civil)
{
    civil->hour = take_number(text, 2, 2);
    if (civil->hour < 0 || !take_char(text, ':'))
        return false;
    civil->minute = take_number(text, 2, 2);
    if (civil->minute >= 0 && take_char(text, ':')) {
        civil->second = take_number(text, 2, 2);
        if (civil->second >= 0 && take_char(text, '.') && !take_fraction(text, civil))
            return false;
    }
    return is_time_of_day(civil);
}

/* Z or ±HH[:]MM as minutes east. */
static bool take_offset(reader *text, int *ret_minutes)
{
    int hours, minutes, sign = 1;

    if (take_char(text, 'Z')) {
        *ret_minutes = 0;
        return true;
    }
    if (take_char(text, '-'))
        sign = -1;
    else if (!take_char(text, '+'))
        return false;
    hours = take_number(text, 2, 2);
    (void)take_char(text, ':');
    minutes = take_number(text, 2, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *ret_minutes = sign * (hours * 60 + minutes);
    return true;
}

tend_status tend_civil_parse(const char *text, size_t length, tend_civil *ret_civil, bool *ret_has_zone)
{
    reader left = { text, text + length };
    tend_civil civil = { 0 };
    bool has_zone = false;
    int minutes_east = 0;

    if (!take_date(&left, &civil))
        return TEND_EINVAL;
    if (left.at != left.end) {
        if (!take_char(&left, 'T') && !take_char(&left, ' '))
            return TEND_EINVAL;
        if (!take_time(&left, &civil))
            return TEND_EINVAL;
    }
    if (left.at != left.end) {
        if (!take_offset(&left, &minutes_east) || left.at != left.end)
            return TEND_EINVAL;
        has_zone = true;
    }
    if (minutes_east != 0) {
        tend_time utc = tend_time_of_utc(&civil) - (tend_time)minutes_east * 60000;

        tend_time_split_utc(utc, &civil);
        if (tend_time_of_utc(&civil) != utc)
            return TEND_EINVAL;
    }
    *ret_civil = civil;
    *ret_has_zone = has_zone;
    return TEND_OK;
}

typedef enum part {
    PART_YEAR = 1,
    PART_MONTH = 2,
    PART_DAY = 4,
    PART_HOUR = 8,
    PART_MINUTE = 16,
    PART_SECOND = 32,
    PART_HALF = 64
} part;

typedef struct token {
    const char *text;
    part what;
    int least, most; /* digits; 0 for AM */
} token;

static const token tokens[] = {
    /* the longer first */
    { "YYYY", PART_YEAR, 4, 4 }, { "YY", PART_YEAR, 2, 2 },   { "MM", PART_MONTH, 2, 2 }, { "M", PART_MONTH, 1, 2 },
    { "DD", PART_DAY, 2, 2 },    { "D", PART_DAY, 1, 2 },     { "HH", PART_HOUR, 2, 2 },  { "H", PART_HOUR, 1, 2 },
    { "mm", PART_MINUTE, 2, 2 }, { "ss", PART_SECOND, 2, 2 }, { "AM", PART_HALF, 0, 0 },
};

static const token *token_at(const char *pattern)
{
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        if (strncmp(pattern, tokens[i].text, strlen(tokens[i].text)) == 0)
            return &tokens[i];
    return NULL;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool tend_date_pattern_valid(const char *pattern)
{
    const unsigned date = PART_YEAR | PART_MONTH | PART_DAY;
    unsigned seen = 0;
    bool after_open_number = false; /* one or two digits: the next must not be a digit */

    while (*pattern) {
        const token *found = token_at(pattern);

        if (!found) {
            if ((is_letter(*pattern) && *pattern != 'T' && *pattern != 'Z') || is_digit(*pattern))
                return false;
            after_open_number = false;
            pattern++;
            continue;
        }
        if ((seen & found->what) || (after_open_number && found->most > 0))
            return false;
        seen |= found->what;
        after_open_number = found->least != found->most;
        pattern += strlen(found->text);
    }
    if ((seen & date) != date)
        return false;
    if ((seen & (PART_MINUTE | PART_HALF)) && !(seen & PART_HOUR))
        return false;
    return !(seen & PART_SECOND) || (seen & PART_MINUTE);
}

/* 1 for the morning, 2 for the afternoon, 0 for neither. */
static int take_half(reader *text)
{
    static const struct {
        const char *text;
        int half;
    } halves[] = { { "AM", 1 }, { "PM", 2 }, { "am", 1 }, { "pm", 2 }, { "오전", 1 }, { "오후", 2 } };

    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
        size_t length = strlen(halves[i].text);

        if ((size_t)(text->end - text->at) >= length && memcmp(text->at, halves[i].text, length) == 0) {
            text->at += length;
            return halves[i].half;
        }
    }
    return 0;
}

static bool take_part(reader *text, const token *wanted, tend_civil *civil, int *half)
{
    int number;

    if (wanted->what == PART_HALF)
        return (*half = take_half(text)) != 0;
    number = take_number(text, wanted->least, wanted->most);
    if (number < 0)
        return false;
    switch (wanted->what) {
    case PART_YEAR:
        civil->year = wanted->most == 4 ? number : number + (number < 70 ? 2000 : 1900);
        break;
    case PART_MONTH:
        civil->month = number;
        break;
    case PART_DAY:
        civil->day = number;
        break;
    case PART_HOUR:
        civil->hour = number;
        break;
    case PART_MINUTE:
        civil->minute = number;
        break;
    default:
        civil->second = number;
        break;
    }
    return true;
}

/* Everything but whether there is such a day. */
static bool take_pattern(const char *text, size_t length, const char *pattern, tend_civil *ret_civil)
{
    reader left = { text, text + length };
    tend_civil civil = { 0 };
    int half = 0;

    if (!tend_date_pattern_valid(pattern))
        return false;
    while (*pattern) {
        const token *wanted = token_at(pattern);

        if (wanted ? !take_part(&left, wanted, &civil, &half) : !take_char(&left, *pattern))
            return false;
        pattern += wanted ? strlen(wanted->text) : 1;
    }
    if (left.at != left.end)
        return false;
    if (half != 0) {
        if (civil.hour < 1 || civil.hour > 12)
            return false;
        civil.hour = civil.hour % 12 + (half == 2 ? 12 : 0);
    }
    *ret_civil = civil;
    return is_time_of_day(&civil);
}

tend_status tend_civil_parse_as(const char *text, size_t length, const char *pattern, tend_civil *ret_civil)
{
    tend_civil civil;

    if (!take_pattern(text, length, pattern, &civil) || !tend_date_valid(civil.year, civil.month, civil.day))
        return TEND_EINVAL;
    *ret_civil = civil;
    return TEND_OK;
}

bool tend_date_is_missing(const char *text, size_t length, const char *pattern)
{
    tend_civil civil;

    return take_pattern(text, length, pattern, &civil) && civil.year >= 1 && civil.month >= 1 && civil.month <= 12 &&
           civil.day >= 1 && civil.day <= 31 && !tend_date_valid(civil.year, civil.month, civil.day);
}

tend_status tend_duration_parse(const char *text, size_t length, int64_t *ret_ms, int *ret_months)
{
    static const struct {
        const char *name;
        int64_t ms;
        int months;
    } units[] = {
        { "ms", 1, 0 },          { "s", 1000, 0 },         { "second", 1000, 0 },     { "seconds", 1000, 0 },
        { "min", 60000, 0 },     { "minute", 60000, 0 },   { "minutes", 60000, 0 },   { "h", 3600000, 0 },
        { "hour", 3600000, 0 },  { "hours", 3600000, 0 },  { "d", 86400000, 0 },      { "day", 86400000, 0 },
        { "days", 86400000, 0 }, { "week", 604800000, 0 }, { "weeks", 604800000, 0 }, { "month", 0, 1 },
        { "months", 0, 1 },      { "year", 0, 12 },        { "years", 0, 12 },
    };
    reader left = { text, text + length };
    int64_t number = 0;

    if (left.at == left.end || !is_digit(*left.at))
        return TEND_EINVAL;
    for (; left.at < left.end && is_digit(*left.at); left.at++) {
        number = number * 10 + (*left.at - '0');
        if (number > 100000000000)
            return TEND_ELIMIT;
    }
    (void)take_char(&left, ' ');
    length = (size_t)(left.end - left.at);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strlen(units[i].name) != length || memcmp(units[i].name, left.at, length) != 0)
            continue;
        if (number == 0)
            return TEND_EINVAL;
        if (units[i].months > 0 ? number > 120000 : number > (int64_t)315537897600000 / units[i].ms)
            return TEND_ELIMIT; /* longer than all years we know */
        *ret_ms = number * units[i].ms;
        *ret_months = (int)(number * units[i].months);
        return TEND_OK;
    }
    return TEND_EINVAL;
}
