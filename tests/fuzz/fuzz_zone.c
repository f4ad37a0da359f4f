/* Time zone files and the rules they end with. The reader of a whole file is private to zone.c, which is therefore included. */
#include "base/zone.c" /* NOLINT(bugprone-suspicious-include) */
#include "fuzz.h"

#define SPAN (INT64_C(86400000) * 366 * 9000)

static void try_rule(const char *text, size_t length)
{
    tend_zone_rule rule;

    if (tend_zone_rule_parse(text, length, &rule) < 0)
        return;
    for (int64_t day = -400; day <= 400; day++) {
        int32_t offset = tend_zone_rule_offset(&rule, 1700000000 + day * 86400);

        FUZZ_EXPECT(offset == rule.standard || (rule.has_summer && offset == rule.summer), "an offset of neither season");
    }
}

/* A local time that was read from an instant is found again; the instant may be another one where the time comes twice. A day or
 * two with more than one change of the clock is no real zone, and nothing is promised there. */
static void try_instant(const tend_zone *zone, tend_time at)
{
    tend_civil local, again;
    int32_t offset;
    tend_time clock;

    if (at < -SPAN / 8 || at > SPAN)
        return;
    offset = tend_zone_offset(zone, at);
    clock = at + offset * INT64_C(1000);
    tend_zone_to_local(zone, at, &local);
    if (offset != tend_zone_offset(zone, clock - DAY * 1000) && offset != tend_zone_offset(zone, clock + DAY * 1000))
        return;
    tend_zone_to_local(zone, tend_zone_to_utc(zone, &local), &again);
    FUZZ_EXPECT(memcmp(&local, &again, sizeof local) == 0, "a local time that was there is not found: %lld", (long long)at);
    (void)tend_zone_midnight(zone, tend_zone_date(zone, at));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tend_zone *zone = calloc(1, sizeof *zone);
    char *text = fuzz_text(data, size);

    FUZZ_EXPECT(zone, "no memory");
    try_rule(text, size);
    if (!read_zone(zone, (const unsigned char *)text, size)) {
        try_instant(zone, 0);
        try_instant(zone, INT64_C(4102444800000));
        for (size_t i = 0; i < zone->count && i < 16; i++) {
            if (zone->instants[i] > -SPAN / 8000 && zone->instants[i] < SPAN / 1000)
                try_instant(zone, zone->instants[i] * 1000 - 1);
        }
    }
    free_zone(zone);
    free(text);
    return 0;
}
