#include "plugin/crashes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const tend_time hour_ms = 3600000;

bool tend_crashes_add(tend_crashes *crashes, tend_time now, unsigned limit, int hung_ms, const char *why)
{
    tend_time wait = hung_ms;

    if (crashes->count == TEND_CRASHES_KEPT)
        memmove(crashes->at, crashes->at + 1, --crashes->count * sizeof *crashes->at);
    crashes->at[crashes->count++] = now;
    for (unsigned i = tend_crashes_lately(crashes, now); i > 0 && wait < hour_ms / 4; i--)
        wait *= 2;
    if (hung_ms > 0)
        crashes->not_before = now + (wait < hour_ms / 4 ? wait : hour_ms / 4);
    (void)snprintf(crashes->why, sizeof crashes->why, "%s", why);
    if (crashes->is_quarantined || limit == 0 || tend_crashes_lately(crashes, now) < limit)
        return false;
    crashes->is_quarantined = true;
    return true;
}

unsigned tend_crashes_lately(const tend_crashes *crashes, tend_time now)
{
    unsigned lately = 0;

    for (unsigned i = 0; i < crashes->count; i++)
        lately += crashes->at[i] > now - hour_ms;
    return lately;
}

tend_time tend_crashes_ready(const tend_crashes *crashes, tend_time now)
{
    const unsigned lately = tend_crashes_lately(crashes, now);
    tend_time wait = 1000;

    if (lately == 0)
        return now;
    if (lately < 3)
        return crashes->not_before;
    for (unsigned i = 3; i < lately && wait < hour_ms / 4; i++)
        wait *= 4;
    wait += crashes->at[crashes->count - 1];
    return wait > crashes->not_before ? wait : crashes->not_before;
}

void tend_crashes_write(const tend_crashes *crashes, char ret_text[static TEND_CRASHES_TEXT])
{
    int length = snprintf(ret_text, TEND_CRASHES_TEXT, "%d %u %lld", crashes->is_quarantined, crashes->count,
                          (long long)crashes->not_before);

    for (unsigned i = 0; i < crashes->count; i++)
        length += snprintf(ret_text + length, TEND_CRASHES_TEXT - (size_t)length, " %lld", (long long)crashes->at[i]);
    (void)snprintf(ret_text + length, TEND_CRASHES_TEXT - (size_t)length, " %s", crashes->why);
}

bool tend_crashes_read(const char *text, tend_crashes *ret_crashes)
{
    tend_crashes crashes = { 0 };
    char *at;

    crashes.is_quarantined = strtol(text, &at, 10) != 0;
    if (at == text)
        return false;
    crashes.count = (unsigned)strtoul(at, &at, 10);
    if (crashes.count > TEND_CRASHES_KEPT)
        return false;
    crashes.not_before = strtoll(at, &at, 10);
    for (unsigned i = 0; i < crashes.count; i++) {
        const char *before = at;

        crashes.at[i] = strtoll(before, &at, 10);
        if (at == before)
            return false;
    }
    (void)snprintf(crashes.why, sizeof crashes.why, "%s", *at == ' ' ? at + 1 : at);
    *ret_crashes = crashes;
    return true;
}
