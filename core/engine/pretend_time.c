/* pretend_time.c: the clock of a pretend world. It is moved from instant to instant at which something is due, and never past. */
#include "engine/pretend_inside.h"

#include <string.h>

enum { STOPS_MAX = 1000000, SPAN_MAX = 36600 };

static const tend_zone *zone_of(const tend_pretend *pretend)
{
    const char *name = "UTC";
    const tend_zone *zone = NULL;

    if (pretend->workspace)
        return tend_workspace_zone(pretend->workspace);
    for (const pretend_line *line = pretend->lines; line; line = line->next)
        if (strcmp(line->section, "tend") == 0 && strcmp(line->key, "zone") == 0) {
            name = line->value;
            break;
        }
    if (tend_zone_find(name, &zone, NULL) < 0) /* its fault is named when the world is made */
        (void)tend_zone_find("UTC", &zone, NULL);
    return zone;
}

/* "2026-03-02" or "2026-03-02 14:00" where the workspace is; a day alone keeps the time of day. */
static tend_status parse_instant(const tend_pretend *pretend, const char *text, tend_time *ret_at, tend_error *reterr)
{
    tend_civil civil, now;
    bool has_zone;

    if (tend_civil_parse(text, strlen(text), &civil, &has_zone) < 0)
        return tend_fail(reterr, TEND_EINVAL, "'%s' is no day; write \"2026-03-02\" or \"2026-03-02 14:00\"", text);
    if (strlen(text) <= 10) {
        tend_zone_to_local(zone_of(pretend), pretend->now, &now);
        civil.hour = now.hour;
        civil.minute = now.minute;
    }
    *ret_at = has_zone ? tend_time_of_utc(&civil) : tend_zone_to_utc(zone_of(pretend), &civil);
    return TEND_OK;
}

/* The same time of day `days` later. */
static tend_time on_day(const tend_pretend *pretend, tend_date date)
{
    tend_civil local;

    tend_zone_to_local(zone_of(pretend), pretend->now, &local);
    tend_date_split(date, &local.year, &local.month, &local.day);
    return tend_zone_to_utc(zone_of(pretend), &local);
}

static tend_status add_span(tend_pretend *pretend, int64_t number, const char *unit, tend_time *ret_at, tend_error *reterr)
{
    static const struct {
        const char *unit;
        int64_t ms; /* 0: by the calendar */
        int days, months;
    } units[] = { { "minute", 60000, 0, 0 }, { "hour", 3600000, 0, 0 }, { "day", 0, 1, 0 },
                  { "week", 0, 7, 0 },       { "month", 0, 0, 1 },      { "year", 0, 0, 12 } };
    tend_date today = tend_zone_date(zone_of(pretend), pretend->now);
    size_t length = strlen(unit);

    length -= length > 1 && unit[length - 1] == 's';
    if (number < -SPAN_MAX * 24 || number > SPAN_MAX * 24)
        return tend_fail(reterr, TEND_EINVAL, "%lld %s are too many", (long long)number, unit);
    if (strncmp(unit, "business day", length) == 0 && length == 12) {
        const tend_calendar *calendar;
        tend_status status = pretend_begin(pretend, reterr);

        if (status < 0)
            return status;
        calendar = tend_calendars_company(tend_model_calendars(tend_workspace_model(pretend->workspace)));
        *ret_at = on_day(pretend, tend_calendars_add_days(&calendar, 1, today, (int)number));
        return TEND_OK;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strlen(units[i].unit) != length || strncmp(units[i].unit, unit, length) != 0)
            continue;
        if (units[i].ms > 0)
            *ret_at = pretend->now + number * units[i].ms;
        else if (units[i].months > 0)
            *ret_at = on_day(pretend, tend_date_add_months(today, (int)number * units[i].months));
        else
            *ret_at = on_day(pretend, today + (tend_date)number * units[i].days);
        return TEND_OK;
    }
    return tend_fail(reterr, TEND_EINVAL,
                     "'%s' is no unit of time; write minutes, hours, days, business days, weeks, months or years", unit);
}

/* "10 days", "2026-04-01", 10 (days), { business_days = 3 } */
static tend_status take_span(tend_pretend *pretend, const tend_world_call *call, tend_time *ret_at, tend_error *reterr)
{
    const tend_tree *span = call->count > 0 ? &call->arguments[0] : &tend_tree_nil;
    const char *text = span->tag == TEND_TREE_TEXT ? span->text : NULL;
    char unit[40];
    long long number;
    int used = 0;

    if (span->tag == TEND_TREE_INT)
        return add_span(pretend, span->integer, "days", ret_at, reterr);
    if (span->tag == TEND_TREE_MAP && span->length == 1 && span->items[0].tag == TEND_TREE_INT) {
        (void)snprintf(unit, sizeof unit, "%s", span->keys[0]);
        for (char *at = strchr(unit, '_'); at; at = strchr(at, '_'))
            *at = ' ';
        return add_span(pretend, span->items[0].integer, unit, ret_at, reterr);
    }
    if (text && sscanf(text, "%lld %n", &number, &used) == 1 && used > 0 && text[used] >= 'a' && text[used] <= 'z')
        return add_span(pretend, number, text + used, ret_at, reterr);
    if (text)
        return parse_instant(pretend, text, ret_at, reterr);
    return tend_fail(reterr, TEND_EINVAL, "world:%s: write \"10 days\", \"3 business days\", { hours = 4 } or \"2026-04-01\"",
                     call->verb);
}

tend_status pretend_starts(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    tend_status status = pretend_reconsider(pretend, call, reterr);

    (void)ret_answer;
    if (status < 0)
        return status;
    if (call->count == 0 || call->arguments[0].tag != TEND_TREE_TEXT)
        return tend_fail(reterr, TEND_EINVAL, "world:starts: write the day, \"2026-03-02\" or \"2026-03-02 14:00\"");
    return parse_instant(pretend, call->arguments[0].text, &pretend->now, reterr);
}

static tend_status go_to(tend_pretend *pretend, tend_time target, tend_error *reterr)
{
    const tend_zone *zone = zone_of(pretend);
    tend_playbooks *playbooks;
    tend_status status = tend_workspace_playbooks(pretend->workspace, &playbooks, reterr);

    for (int stops = 0; status >= 0; stops++) {
        tend_time next = TEND_NO_TIME, midnight = tend_zone_midnight(zone, tend_zone_date(zone, pretend->now) + 1);

        status = pretend_settle(pretend, reterr);
        if (status >= 0)
            status = tend_playbooks_next_due(playbooks, &next, reterr);
        if (status < 0 || pretend->now == target)
            return status;
        if (stops == STOPS_MAX)
            return tend_fail(reterr, TEND_EINVAL, "more than %d instants were due on the way", STOPS_MAX);
        if (next == TEND_NO_TIME || next > midnight)
            next = midnight;
        if (next <= pretend->now) /* could not be done; it is met again */
            next = pretend->now + 1000;
        pretend->now = next < target ? next : target;
    }
    return status;
}

tend_status pretend_advance(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    tend_time target = pretend->now;
    tend_status status = pretend_settle(pretend, reterr);

    (void)ret_answer;
    pretend->is_lived_in = true;
    if (status >= 0)
        status = take_span(pretend, call, &target, reterr);
    if (status >= 0 && target < pretend->now)
        status = tend_fail(reterr, TEND_EINVAL, "world:advance: time does not go back; world:starts says where it begins");
    return status < 0 ? status : go_to(pretend, target, reterr);
}

static tend_status say_day(tend_pretend *pretend, tend_time at, tend_tree *ret_answer, tend_error *reterr)
{
    char room[TEND_DATE_ROOM];

    *ret_answer = tend_tree_text(tend_arena_string(pretend->scratch, tend_date_format(tend_zone_date(zone_of(pretend), at), room)));
    return ret_answer->text ? TEND_OK : pretend_no_memory(reterr);
}

/* world:day("90 days") is the day then, world:day("-1 month") the one then. */
tend_status pretend_day(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    tend_time at = pretend->now;
    tend_status status = take_span(pretend, call, &at, reterr);

    return status < 0 ? status : say_day(pretend, at, ret_answer, reterr);
}

tend_status pretend_today(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    (void)call;
    return say_day(pretend, pretend->now, ret_answer, reterr);
}
