/* holidays.c: lists of holidays, from the configuration and from files that are read when they are asked for. */
#include "base/file.h"
#include "base/near.h"
#include "model/calendar_inside.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const tend_setting holidays_settings[] = {
    { .key = "title", .type = TEND_SETTING_TEXT, .help = "the country or part of one" },
    { .key = "local_title", .type = TEND_SETTING_TEXT, .help = "the same in its language" },
    { .key = "countries", .type = TEND_SETTING_LIST, .help = "accounts with one of these as country have it" },
    { .key = "zone", .type = TEND_SETTING_ZONE, .help = "of accounts that name no zone themselves" },
    { .key = "includes", .type = TEND_SETTING_LIST, .help = "lists whose days are among its own" },
    { .key = "source", .type = TEND_SETTING_TEXT, .help = "where the days were looked up" },
    { .key = "from", .type = TEND_SETTING_DATE, .help = "the first day that the list speaks of" },
    { .key = "until", .type = TEND_SETTING_DATE, .help = "the last" },
    { .key = "*", .type = TEND_SETTING_TEXT, .help = "YYYY-MM-DD = name, or name | name in the country's language" },
    { .key = NULL },
};

static const tend_section holiday_sections[] = {
    { "holidays", true, "A list of holidays, for calendars to name.", holidays_settings },
    { .name = NULL },
};

static const tend_section *const file_sections[] = { holiday_sections, NULL };

static int by_date(const void *one, const void *other)
{
    const tend_special_day *a = one, *b = other;

    return a->date < b->date ? -1 : a->date > b->date;
}

static bool is_setting(const char *key)
{
    for (const tend_setting *setting = holidays_settings; setting->key && setting->key[0] != '*'; setting++)
        if (strcmp(setting->key, key) == 0)
            return true;
    return false;
}

static const char *trimmed(tend_arena *arena, const char *text, size_t length)
{
    while (length > 0 && text[0] == ' ') {
        text++;
        length--;
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    return length > 0 ? tend_arena_copy(arena, text, length) : NULL;
}

/* "Lunar New Year | 설날" */
static void read_names(tend_arena *arena, const char *value, tend_special_day *ret_day)
{
    const char *bar = strchr(value, '|');

    ret_day->name = trimmed(arena, value, bar ? (size_t)(bar - value) : strlen(value));
    ret_day->local_name = bar ? trimmed(arena, bar + 1, strlen(bar + 1)) : NULL;
}

/* The days written in the section itself, ascending. */
static tend_special_day *read_days(tend_calendars *calendars, const holiday_list *list, size_t *ret_count)
{
    const char *key, *value, *file;
    size_t keys = 0, count = 0;
    tend_special_day *days;
    unsigned line;

    while (tend_config_key(list->config, "holidays", list->list.name, keys, &key, &value, &file, &line))
        keys++;
    days = tend_arena_take(calendars->arena, (keys + 1) * sizeof *days);
    for (size_t i = 0; days && i < keys; i++) {
        tend_special_day day = { .date = TEND_NO_DATE };

        (void)tend_config_key(list->config, "holidays", list->list.name, i, &key, &value, &file, &line);
        if (is_setting(key))
            continue;
        if (tend_date_parse(key, strlen(key), &day.date) < 0)
            calendars_fault(calendars, "%s:%u: [holidays.%s] %s: no such setting and no day; write a day as 2026-12-24", file, line,
                            list->list.name, key);
        else if ((list->list.from != TEND_NO_DATE && day.date < list->list.from) ||
                 (list->list.until != TEND_NO_DATE && day.date > list->list.until))
            calendars_fault(calendars, "%s:%u: [holidays.%s] %s: lies outside from and until; correct one of them", file, line,
                            list->list.name, key);
        read_names(calendars->arena, value, &day);
        days[count++] = day;
    }
    if (days)
        qsort(days, count, sizeof *days, by_date);
    *ret_count = days ? count : 0;
    return days;
}

const tend_special_day *holidays_merge(tend_calendars *calendars, const tend_special_day *const *days, const size_t *counts,
                                       size_t lists, size_t *ret_count)
{
    size_t room = 0, count = 0, at[TEND_CALENDARS_MAX * 8] = { 0 };
    tend_special_day *merged;

    for (size_t i = 0; i < lists; i++)
        room += counts[i];
    merged = tend_arena_take(calendars->arena, (room + 1) * sizeof *merged);
    while (merged) {
        size_t first = lists;

        for (size_t i = 0; i < lists; i++)
            if (at[i] < counts[i] && (first == lists || days[i][at[i]].date < days[first][at[first]].date))
                first = i;
        if (first == lists)
            break;
        if (count == 0 || merged[count - 1].date != days[first][at[first]].date)
            merged[count++] = days[first][at[first]];
        at[first]++;
    }
    *ret_count = count;
    return merged;
}

static tend_date setting_date(const holiday_list *list, const char *key)
{
    const char *text = tend_config_text(list->config, "holidays", list->list.name, key);
    tend_date date = TEND_NO_DATE;

    if (text)
        (void)tend_date_parse(text, strlen(text), &date);
    return date;
}

static const holiday_list *read_list(tend_calendars *calendars, const tend_config *config, const char *name)
{
    holiday_list *list = tend_arena_take(calendars->arena, sizeof *list);
    const tend_special_day *days[TEND_CALENDARS_MAX * 8];
    size_t counts[TEND_CALENDARS_MAX * 8], lists = 1;
    const char *zone, *included;
    unsigned line;

    if (!list) {
        calendars->status = TEND_ENOMEM;
        return NULL;
    }
    *list = (holiday_list){ .list = { .name = tend_arena_string(calendars->arena, name),
                                      .title = tend_config_text(config, "holidays", name, "title"),
                                      .local_title = tend_config_text(config, "holidays", name, "local_title"),
                                      .source = tend_config_text(config, "holidays", name, "source") },
                            .next = calendars->lists,
                            .config = config,
                            .is_open = true };
    calendars->lists = list;
    list->list.from = setting_date(list, "from");
    list->list.until = setting_date(list, "until");
    tend_config_where(config, "holidays", name, &list->list.file, &line);
    zone = tend_config_text(config, "holidays", name, "zone");
    if (zone)
        (void)tend_zone_find(zone, &list->zone, NULL);
    days[0] = read_days(calendars, list, &counts[0]);
    for (size_t i = 0; (included = tend_config_entry(config, "holidays", name, "includes", i)) && lists < TEND_CALENDARS_MAX * 8;
         i++) {
        const holiday_list *other = holidays_find(calendars, included);

        if (!other || other->is_open) {
            calendars_fault(calendars, "%s: %s", calendars_place(calendars, config, "holidays", name, "includes"),
                            other ? "the lists include each other in a circle; take one out" : "there is no such list; correct it");
            continue;
        }
        days[lists] = other->list.days;
        counts[lists++] = other->list.count;
        if (other->list.until != TEND_NO_DATE && (list->list.until == TEND_NO_DATE || other->list.until < list->list.until))
            list->list.until = other->list.until;
        if (other->list.from != TEND_NO_DATE && (list->list.from == TEND_NO_DATE || other->list.from > list->list.from))
            list->list.from = other->list.from;
        if (!list->zone)
            list->zone = other->zone;
    }
    list->list.days = holidays_merge(calendars, days, counts, days[0] ? lists : 0, &list->list.count);
    list->is_open = false;
    return list;
}

static const holiday_list *find_read(const tend_calendars *calendars, const char *name)
{
    for (const holiday_list *list = calendars->lists; list; list = list->next)
        if (strcmp(list->list.name, name) == 0)
            return list;
    return NULL;
}

/* Whether a configuration has [holidays.NAME]. */
static bool has_list(const tend_config *config, const char *name)
{
    const char *instance;

    for (size_t i = 0; config && (instance = tend_config_instance(config, "holidays", i)); i++)
        if (strcmp(instance, name) == 0)
            return true;
    return false;
}

/* Read once; NULL when it cannot be. */
static const tend_config *read_file(tend_calendars *calendars, const char *path)
{
    const char *const files[] = { path, NULL };
    holiday_file *file;
    tend_error why = { 0 };

    for (file = calendars->files; file; file = file->next)
        if (strcmp(file->path, path) == 0)
            return file->config;
    file = tend_arena_take(calendars->arena, sizeof *file);
    if (!file) {
        calendars->status = TEND_ENOMEM;
        return NULL;
    }
    *file = (holiday_file){ .next = calendars->files, .path = tend_arena_string(calendars->arena, path) };
    if (!file->path) {
        calendars->status = TEND_ENOMEM;
        return NULL;
    }
    calendars->files = file;
    if (tend_config_load(files, file_sections, calendars->faults, &file->config, &why) < 0) {
        FILE *told = calendars->faults;

        calendars->faults = NULL; /* they were written one by one */
        calendars_fault(calendars, "%s", why.text);
        calendars->faults = told;
    }
    return file->config;
}

/* The i-th folder of holiday lists. */
static bool folder_at(const tend_calendars *calendars, size_t i, char *ret_folder, size_t room)
{
    const char *at = calendars->folders;
    size_t length;

    for (; at && i > 0; i--) {
        at = strchr(at, ':');
        at = at ? at + 1 : NULL;
    }
    length = at ? strcspn(at, ":") : 0;
    if (length == 0 || length >= room)
        return false;
    memcpy(ret_folder, at, length);
    ret_folder[length] = '\0';
    return true;
}

static const tend_config *config_with(tend_calendars *calendars, const char *name)
{
    char folder[PATH_MAX], path[PATH_MAX + 80];

    if (has_list(calendars->config, name))
        return calendars->config;
    for (size_t i = 0; folder_at(calendars, i, folder, sizeof folder); i++)
        for (int whole = 1; whole >= 0; whole--) {
            int length = (int)(whole ? strlen(name) : strcspn(name, "-"));
            const tend_config *config;

            if (strchr(name, '/') || snprintf(path, sizeof path, "%s/%.*s.ini", folder, length > 64 ? 64 : length, name) < 0 ||
                !tend_file_exists(path))
                continue;
            config = read_file(calendars, path);
            if (config && has_list(config, name))
                return config;
        }
    return NULL;
}

const holiday_list *holidays_find(tend_calendars *calendars, const char *name)
{
    const holiday_list *list = find_read(calendars, name);
    const tend_config *config;

    if (list)
        return list;
    config = config_with(calendars, name);
    return config ? read_list(calendars, config, name) : NULL;
}

static void read_lists_of(tend_calendars *calendars, const tend_config *config)
{
    const char *name;

    for (size_t i = 0; config && (name = tend_config_instance(config, "holidays", i)); i++)
        if (!find_read(calendars, name))
            (void)read_list(calendars, config, name);
}

static int by_name(const void *one, const void *other)
{
    const tend_holidays *const *a = one, *const *b = other;

    return strcmp((*a)->name, (*b)->name);
}

static void read_folder(tend_calendars *calendars, const char *folder)
{
    DIR *stream = opendir(folder);
    const struct dirent *entry;

    while (stream && (entry = readdir(stream))) { /* NOLINT(concurrency-mt-unsafe): the stream is ours */
        char path[PATH_MAX + NAME_MAX + 2];
        size_t length = strlen(entry->d_name);

        if (length < 5 || strcmp(entry->d_name + length - 4, ".ini") != 0 || entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        read_lists_of(calendars, read_file(calendars, path));
    }
    if (stream)
        (void)closedir(stream);
}

void holidays_read_all(tend_calendars *calendars)
{
    char folder[PATH_MAX];
    size_t count = 0;

    if (calendars->has_read_all)
        return;
    calendars->has_read_all = true;
    read_lists_of(calendars, calendars->config);
    for (size_t i = 0; folder_at(calendars, i, folder, sizeof folder); i++)
        read_folder(calendars, folder);
    for (const holiday_list *list = calendars->lists; list; list = list->next)
        count++;
    calendars->all = tend_arena_take(calendars->arena, (count + 1) * sizeof *calendars->all);
    for (const holiday_list *list = calendars->lists; list && calendars->all; list = list->next)
        calendars->all[calendars->all_count++] = &list->list;
    if (calendars->all)
        qsort(calendars->all, calendars->all_count, sizeof *calendars->all, by_name);
}

bool calendars_names(const tend_config *config, const char *section, const char *instance, const char *key, const char *word)
{
    const char *entry;

    for (size_t i = 0; (entry = tend_config_entry(config, section, instance, key, i)); i++)
        if (strcasecmp(entry, word) == 0)
            return true;
    return false;
}

const holiday_list *holidays_of_country(tend_calendars *calendars, const char *country)
{
    holidays_read_all(calendars);
    for (size_t i = 0; i < calendars->all_count; i++) {
        const holiday_list *list = find_read(calendars, calendars->all[i]->name);

        if (calendars_names(list->config, "holidays", list->list.name, "countries", country))
            return list;
    }
    return NULL;
}

void holidays_free(tend_calendars *calendars)
{
    for (holiday_file *file = calendars->files; file; file = file->next)
        tend_config_free(file->config);
}

tend_status tend_calendars_holidays(tend_calendars *calendars, const tend_holidays *const **ret_lists, size_t *ret_count,
                                    tend_error *reterr)
{
    holidays_read_all(calendars);
    if (calendars->status < 0)
        return tend_fail(reterr, calendars->status, "%s",
                         calendars->first.text[0] ? calendars->first.text : "calendars: memory is used up");
    *ret_lists = (const tend_holidays *const *)calendars->all;
    *ret_count = calendars->all_count;
    return TEND_OK;
}
