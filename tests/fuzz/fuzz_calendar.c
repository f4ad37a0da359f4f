/* Weeks and quiet hours: what is taken is in order, is read again as it is shown, and has an opening for every instant. */
#include "base/calendar.h"
#include "fuzz.h"

static void look_at_week(const tend_hours week[static 7])
{
    for (int day = 0; day < 7; day++) {
        FUZZ_EXPECT(week[day].count >= 0 && week[day].count <= TEND_CALENDAR_SPANS, "%d spans", week[day].count);
        for (int i = 0; i < week[day].count; i++) {
            FUZZ_EXPECT(week[day].from[i] >= 0 && week[day].from[i] < week[day].to[i] && week[day].to[i] <= 1440, "no span");
            FUZZ_EXPECT(i == 0 || week[day].to[i - 1] <= week[day].from[i], "spans overlap");
        }
    }
}

static void look_at_openings(const tend_hours week[static 7])
{
    const tend_zone *zone;
    tend_calendar calendar;
    const tend_calendar *one[] = { &calendar };
    bool is_ever_open = false;

    if (tend_zone_find("Europe/Berlin", &zone, NULL) < 0)
        return;
    calendar = tend_calendar_standard("fuzz", zone);
    memcpy(calendar.week, week, sizeof calendar.week);
    for (int day = 0; day < 7; day++)
        is_ever_open |= week[day].count > 0;
    for (tend_time now = INT64_C(1774656000000); now < INT64_C(1774656000000) + 3 * 86400000; now += 5 * 3600000) { /* 2026-03-28 */
        tend_time opens = tend_calendars_add_time(one, 1, now, 0), later = tend_calendars_add_time(one, 1, now, 60000);

        FUZZ_EXPECT((opens == TEND_NO_TIME) == !is_ever_open, "opens never");
        FUZZ_EXPECT(opens == TEND_NO_TIME || (opens >= now && tend_calendars_add_time(one, 1, opens, 0) == opens), "not open");
        FUZZ_EXPECT(later == TEND_NO_TIME || later > opens, "no time has passed");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size), *quiet = strchr(text, '|');
    char shown[TEND_WEEK_ROOM], again[TEND_WEEK_ROOM];
    tend_hours week[7], second[7];
    unsigned days;

    if (quiet)
        *quiet++ = '\0';
    (void)tend_weekdays_parse(text, &days, NULL);
    if (tend_week_parse(text, 0x1f, week, NULL) == TEND_OK) {
        look_at_week(week);
        FUZZ_EXPECT(tend_week_parse(tend_week_show(week, shown), 0, second, NULL) == TEND_OK, "%s", shown);
        FUZZ_EXPECT(strcmp(tend_week_show(second, again), shown) == 0, "%s became %s", shown, again);
        if (quiet && tend_week_quiet(quiet, week, NULL) == TEND_OK)
            look_at_week(week);
        look_at_openings(week);
    }
    free(text);
    return 0;
}
