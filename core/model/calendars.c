#include "model/calendars.h"

#include "base/log.h"
#include "base/near.h"
#include "model/calendar_inside.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 200

static const tend_setting calendar_settings[] = {
    { .key = "help", .type = TEND_SETTING_TEXT, .help = "whose calendar it is, one line" },
    { .key = "zone", .type = TEND_SETTING_ZONE, .help = "IANA zone of its hours; default: [tend] zone" },
    { .key = "days",
      .type = TEND_SETTING_TEXT,
      .fallback = "mon-fri",
      .help = "working days: mon-fri, or sun-thu, or mon, wed, fri" },
    { .key = "hours",
      .type = TEND_SETTING_TEXT,
      .fallback = "09:00-18:00",
      .help = "hours of work: 09:00-12:00, 13:00-18:00; after a day those of that day: 09:00-18:00, fri 09:00-15:00" },
    { .key = "holidays", .type = TEND_SETTING_LIST, .help = "lists of holidays: kr, us, jp, gb-eng, de-by …; tend calendar list" },
    { .key = "teams", .type = TEND_SETTING_LIST, .help = "people of these teams have it, unless their own row names one" },
    { .key = "countries",
      .type = TEND_SETTING_LIST,
      .help = "accounts of these countries have it, unless their own row names one" },
    { .key = "*",
      .type = TEND_SETTING_TEXT,
      .help = "exceptions: YYYY-MM-DD = off, on, or hours as 09:00-13:00; then, if you like, why" },
    { .key = NULL },
};

const tend_section tend_calendar_sections[] = {
    { "calendar", true, "Who works when. Used as [tend] calendar, and by name in the field calendar of users and accounts.",
      calendar_settings },
    { "holidays", true, "A list of holidays of your own, for calendars to name.", holidays_settings },
    { .name = NULL },
};

void calendars_fault(tend_calendars *calendars, const char *format, ...)
{
    tend_error error = { 0 };
    char text[sizeof error.text];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (calendars->faults)
        (void)fprintf(calendars->faults, "%s\n", text);
    if (calendars->status == TEND_OK)
        calendars->status = tend_fail(&calendars->first, TEND_EINVAL, "%s", text);
}

const char *calendars_place(tend_calendars *calendars, const tend_config *config, const char *section, const char *instance,
                            const char *key)
{
    const char *file = NULL, *place;
    unsigned line = 0;

    tend_config_origin(config, section, instance, key, &file, &line);
    if (!file)
        tend_config_where(config, section, instance, &file, &line);
    place = tend_arena_print(calendars->arena, "%s:%u: [%s.%s] %s", file ? file : "configuration", line, section, instance, key);
    return place ? place : key;
}

static bool is_setting(const char *key)
{
    for (const tend_setting *setting = calendar_settings; setting->key && setting->key[0] != '*'; setting++)
        if (strcmp(setting->key, key) == 0)
            return true;
    return false;
}

/* "off", "on", "09:00-13:00", each with a reason behind it. `usual` is what "on" means. */
static tend_status read_exception(tend_calendars *calendars, const char *value, const tend_hours *usual, tend_special_day *day,
                                  tend_error *reterr)
{
    size_t word = strcspn(value, " ");
    const char *why = value + word;

    if (word == 3 && strncmp(value, "off", 3) == 0) {
        day->hours = (tend_hours){ 0 };
    } else if (word == 2 && strncmp(value, "on", 2) == 0) {
        day->hours = *usual;
    } else {
        /* Hours may have blanks between them; the reason begins with the first letter. */
        size_t length = strspn(value, "0123456789:-, ");
        const char *hours = tend_arena_copy(calendars->arena, value, length);

        if (length == 0 || !hours)
            return tend_fail(reterr, TEND_EINVAL, "'%.60s' is no exception; write off, on, or hours as 09:00-13:00, then why",
                             value);
        if (tend_hours_parse(hours, &day->hours, reterr) < 0)
            return TEND_EINVAL;
        why = value + length;
    }
    why += strspn(why, " ");
    day->name = *why ? why : NULL;
    return TEND_OK;
}

static int by_date(const void *one, const void *other)
{
    const tend_special_day *a = one, *b = other;

    return a->date < b->date ? -1 : a->date > b->date;
}

static const tend_special_day *read_exceptions(tend_calendars *calendars, const char *name, const tend_hours *usual,
                                               size_t *ret_count)
{
    const char *key, *value, *file;
    size_t keys = 0, count = 0;
    tend_special_day *days;
    unsigned line;

    while (tend_config_key(calendars->config, "calendar", name, keys, &key, &value, &file, &line))
        keys++;
    days = tend_arena_take(calendars->arena, (keys + 1) * sizeof *days);
    for (size_t i = 0; days && i < keys; i++) {
        tend_special_day *day = &days[count];
        tend_error why = { 0 };

        (void)tend_config_key(calendars->config, "calendar", name, i, &key, &value, &file, &line);
        if (is_setting(key))
            continue;
        *day = (tend_special_day){ .date = TEND_NO_DATE };
        if (tend_date_parse(key, strlen(key), &day->date) < 0) {
            const char *names[8], *near;
            size_t settings = 0;

            for (; calendar_settings[settings].key[0] != '*'; settings++)
                names[settings] = calendar_settings[settings].key;
            names[settings] = NULL;
            near = tend_near(key, names);
            calendars_fault(calendars, "%s:%u: [calendar.%s] %s: no such setting and no day; %s%s%s", file, line, name, key,
                            near ? "did you mean " : "write a day as 2026-12-24", near ? near : "", near ? "?" : "");
        } else if (read_exception(calendars, value, usual, day, &why) < 0) {
            calendars_fault(calendars, "%s:%u: [calendar.%s] %s: %s", file, line, name, key, why.text);
        } else {
            count++;
        }
    }
    if (days)
        qsort(days, count, sizeof *days, by_date);
    *ret_count = count;
    return days;
}

/* Its holidays and exceptions; of both on one day the exception stands. */
static void read_special_days(tend_calendars *calendars, tend_calendar *calendar)
{
    const tend_special_day *days[TEND_CALENDARS_MAX * 8];
    size_t counts[TEND_CALENDARS_MAX * 8], lists = 1;
    tend_hours usual = { .count = 1, .from = { 9 * 60 }, .to = { 18 * 60 } };
    const char *name;

    for (int day = 6; day >= 0; day--)
        if (calendar->week[day].count > 0)
            usual = calendar->week[day];
    days[0] = read_exceptions(calendars, calendar->name, &usual, &counts[0]);
    for (size_t i = 0; days[0] && (name = tend_config_entry(calendars->config, "calendar", calendar->name, "holidays", i)) &&
                       lists < TEND_CALENDARS_MAX * 8;
         i++) {
        const holiday_list *list = holidays_find(calendars, name);

        if (list) {
            days[lists] = list->list.days;
            counts[lists++] = list->list.count;
            if (list->list.until != TEND_NO_DATE &&
                (calendar->known_until == TEND_NO_DATE || list->list.until < calendar->known_until))
                calendar->known_until = list->list.until;
            if (list->list.from != TEND_NO_DATE && (calendar->known_from == TEND_NO_DATE || list->list.from > calendar->known_from))
                calendar->known_from = list->list.from;
        } else {
            const char *names[NAMES_MAX + 1], *near;
            size_t count = 0;

            holidays_read_all(calendars);
            for (; count < calendars->all_count && count < NAMES_MAX; count++)
                names[count] = calendars->all[count]->name;
            names[count] = NULL;
            near = tend_near(name, names);
            calendars_fault(calendars, "%s: there is no list of holidays '%s'; %s%s%s",
                            calendars_place(calendars, calendars->config, "calendar", calendar->name, "holidays"), name,
                            near ? "did you mean " : "tend calendar list shows those that there are", near ? near : "",
                            near ? "?" : "");
        }
    }
    calendar->days = holidays_merge(calendars, days, counts, days[0] ? lists : 0, &calendar->count);
    if (!calendar->days)
        calendars->status = TEND_ENOMEM;
}

static known_calendar *add(tend_calendars *calendars, const tend_calendar *calendar)
{
    known_calendar *known = tend_arena_take(calendars->arena, sizeof *known);

    if (!known) {
        calendars->status = TEND_ENOMEM;
        return NULL;
    }
    *known = (known_calendar){ .calendar = *calendar };
    *calendars->end = known;
    calendars->end = &known->next;
    return known;
}

static void read_calendar(tend_calendars *calendars, const char *name)
{
    tend_calendar calendar = tend_calendar_standard(name, calendars->zone);
    const char *zone = tend_config_text(calendars->config, "calendar", name, "zone");
    unsigned days = 0x1f;
    tend_error why = { 0 };

    if (zone)
        (void)tend_zone_find(zone, &calendar.zone, NULL); /* checked when it was read */
    if (tend_weekdays_parse(tend_config_text(calendars->config, "calendar", name, "days"), &days, &why) < 0)
        calendars_fault(calendars, "%s: %s", calendars_place(calendars, calendars->config, "calendar", name, "days"), why.text);
    if (tend_week_parse(tend_config_text(calendars->config, "calendar", name, "hours"), days, calendar.week, &why) < 0)
        calendars_fault(calendars, "%s: %s", calendars_place(calendars, calendars->config, "calendar", name, "hours"), why.text);
    read_special_days(calendars, &calendar);
    (void)add(calendars, &calendar);
}

const tend_calendar *tend_calendars_at(const tend_calendars *calendars, size_t i)
{
    const known_calendar *known = calendars->known;

    while (known && i-- > 0)
        known = known->next;
    return known && !known->country ? &known->calendar : NULL;
}

const tend_calendar *tend_calendars_find(const tend_calendars *calendars, const char *name)
{
    for (const known_calendar *known = calendars->known; known; known = known->next)
        if (!known->country && strcmp(known->calendar.name, name) == 0)
            return &known->calendar;
    return NULL;
}

tend_status tend_calendars_check(const tend_calendars *calendars, const char *name, tend_error *reterr)
{
    const char *names[NAMES_MAX + 1], *near;
    size_t count = 0;

    if (tend_calendars_find(calendars, name))
        return TEND_OK;
    for (const known_calendar *known = calendars->known; known && count < NAMES_MAX; known = known->next)
        if (!known->country)
            names[count++] = known->calendar.name;
    names[count] = NULL;
    near = tend_near(name, names);
    return tend_fail(reterr, TEND_EINVAL, "there is no calendar '%.60s'; %s%s%s", name, near ? "did you mean " : "write [calendar.",
                     near ? near : name, near ? "?" : "] or name another; tend calendar list shows those that there are");
}

tend_status tend_calendars_load(const tend_config *config, const tend_calendar_options *options, FILE *faults,
                                tend_calendars **ret_calendars, tend_error *reterr)
{
    tend_calendars *calendars = calloc(1, sizeof *calendars);
    const char *name;
    tend_status status = TEND_ENOMEM;

    if (!calendars)
        goto out;
    calendars->arena = tend_arena_new();
    if (!calendars->arena)
        goto out;
    calendars->config = config;
    calendars->options = *options;
    calendars->faults = faults;
    calendars->zone = options->zone;
    calendars->end = &calendars->known;
    calendars->folders = tend_arena_string(calendars->arena, options->folders ? options->folders : "");
    if (!calendars->zone && tend_zone_find("UTC", &calendars->zone, reterr) < 0)
        goto out;
    for (size_t i = 0; config && (name = tend_config_instance(config, "calendar", i)); i++)
        read_calendar(calendars, name);
    if (options->company && options->company[0]) {
        tend_error why = { 0 };

        calendars->company = tend_calendars_find(calendars, options->company);
        if (!calendars->company && tend_calendars_check(calendars, options->company, &why) < 0)
            calendars_fault(calendars, "%s: %s", options->place ? options->place : "calendar", why.text);
    }
    for (size_t i = 0; config && (name = tend_config_instance(config, "holidays", i)); i++)
        (void)holidays_find(calendars, name);
    if (!calendars->company) {
        tend_calendar standard = tend_calendar_standard("standard", calendars->zone);
        known_calendar *known = tend_arena_take(calendars->arena, sizeof *known);

        if (!known)
            goto out;
        *known = (known_calendar){ .calendar = standard };
        calendars->company = &known->calendar;
    }
    calendars->faults = NULL;
    status = calendars->status;
    if (status == TEND_EINVAL && reterr)
        *reterr = calendars->first;
    if (status < 0)
        goto out;
    *ret_calendars = calendars;
    calendars = NULL;
out:
    tend_calendars_free(calendars);
    if (status == TEND_ENOMEM)
        (void)tend_fail(reterr, status, "calendars: no memory is left for them");
    return status;
}

void tend_calendars_free(tend_calendars *calendars)
{
    if (!calendars)
        return;
    holidays_free(calendars);
    tend_arena_free(calendars->arena);
    free(calendars);
}

const tend_calendar *tend_calendars_company(const tend_calendars *calendars)
{
    return calendars->company;
}

const char *tend_calendars_written(const tend_calendars *calendars, const char *name, const char *key, tend_arena *arena)
{
    const char *text = "", *entry;

    if (!calendars->config || !tend_calendars_find(calendars, name))
        return text;
    if (strcmp(key, "help") == 0) {
        entry = tend_config_text(calendars->config, "calendar", name, key);
        return entry ? entry : text;
    }
    for (size_t i = 0; (entry = tend_config_entry(calendars->config, "calendar", name, key, i)) && text; i++)
        text = tend_arena_print(arena, "%s%s%s", text, i ? ", " : "", entry);
    return text ? text : "";
}
