/* Dates, times and durations: what is taken is a real day, and is written back as it was read. */
#include "base/date.h"
#include "fuzz.h"

static void look_at_civil(const tend_civil *civil)
{
    tend_civil again;

    FUZZ_EXPECT(civil->year >= 1 && civil->year <= 9999, "year %d", civil->year);
    FUZZ_EXPECT(tend_date_valid(civil->year, civil->month, civil->day), "no such day");
    FUZZ_EXPECT(civil->hour >= 0 && civil->hour < 24 && civil->minute >= 0 && civil->minute < 60 && civil->second >= 0 &&
                    civil->second < 60 && civil->millisecond >= 0 && civil->millisecond < 1000,
                "no such time of day");
    tend_time_split_utc(tend_time_of_utc(civil), &again);
    FUZZ_EXPECT(memcmp(civil, &again, sizeof again) == 0, "changed on its way through an instant");
}

static void try_date(const char *text, size_t length)
{
    char room[TEND_DATE_ROOM];
    tend_date date;

    if (tend_date_parse(text, length, &date) < 0)
        return;
    FUZZ_EXPECT(length == 10 && memcmp(tend_date_format(date, room), text, 10) == 0, "%.*s became %s", (int)length, text, room);
    FUZZ_EXPECT(tend_date_weekday(date) >= 1 && tend_date_weekday(date) <= 7, "an eighth day of the week");
    for (int months = -13; months <= 13; months++) {
        tend_date other = tend_date_add_months(date, months);
        int from[3], to[3];

        if (other == TEND_NO_DATE)
            continue;
        tend_date_split(date, &from[0], &from[1], &from[2]);
        tend_date_split(other, &to[0], &to[1], &to[2]);
        FUZZ_EXPECT((to[0] - from[0]) * 12 + to[1] - from[1] == months && to[2] <= from[2], "%s and %d months", room, months);
    }
}

static void try_duration(const char *text, size_t length)
{
    int64_t ms = 0;
    int months = 0;

    if (tend_duration_parse(text, length, &ms, &months) == TEND_OK)
        FUZZ_EXPECT(ms >= 0 && months >= 0 && !(ms && months), "%.*s is %lld ms and %d months", (int)length, text, (long long)ms,
                    months);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size), *pattern = strchr(text, '|');
    char room[TEND_TIME_ROOM];
    tend_civil civil = { 0 };
    bool has_zone = false;
    fuzz_input input = { data, size };

    try_date(text, size);
    try_duration(text, size);
    if (tend_civil_parse(text, size, &civil, &has_zone) == TEND_OK)
        look_at_civil(&civil);
    if (pattern && pattern < text + size) { /* "31.12.2024|DD.MM.YYYY" */
        *pattern++ = '\0';
        if (tend_date_pattern_valid(pattern) && tend_civil_parse_as(text, (size_t)(pattern - 1 - text), pattern, &civil) == TEND_OK)
            look_at_civil(&civil);
    }
    (void)tend_time_format(fuzz_number(&input), room);
    free(text);
    return 0;
}
