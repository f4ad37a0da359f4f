#include "config/inside.h"

#include <string.h>

#define WIDTH 110

static void show_line(FILE *out, const char *key, const char *value, const char *file, unsigned line)
{
    int width = fprintf(out, "%s = %s", key, value);

    if (file)
        (void)fprintf(out, "%*s; %s:%u\n", width < 40 ? 40 - width : 2, "", file, line);
    else
        (void)fprintf(out, "%*s; default\n", width < 40 ? 40 - width : 2, "");
}

static void show_place(const tend_config *config, const tend_section *section, const tend_place *place, FILE *out)
{
    (void)fprintf(out, "[%s%s%s]\n", section->name, place && place->instance ? "." : "",
                  place && place->instance ? place->instance : "");
    for (size_t i = 0; place && i < place->count; i++)
        show_line(out, place->entries[i]->key, place->entries[i]->value, place->entries[i]->file, place->entries[i]->line);
    for (const tend_setting *setting = section->settings; setting->key; setting++) {
        if (setting->fallback && strcmp(setting->key, "*") != 0 && !(place && tend_config_find_entry(config, place, setting->key)))
            show_line(out, setting->key, setting->fallback, NULL, 0);
    }
    (void)fputc('\n', out);
}

void tend_config_show(const tend_config *config, FILE *out)
{
    for (const tend_section *const *list = config->sections; *list; list++) {
        for (const tend_section *section = *list; section->name; section++) {
            if (!section->is_named)
                show_place(config, section, tend_config_find_place(config, section->name, NULL), out);
            for (const tend_place *place = config->first; section->is_named && place; place = place->later) {
                if (place->section == section)
                    show_place(config, section, place, out);
            }
        }
    }
}

/* As comment lines of at most WIDTH bytes, broken at blanks. */
static void comment(FILE *out, const char *text)
{
    while (text && *text) {
        size_t length = strcspn(text, "\n"), keep = length;

        if (length > WIDTH) {
            for (keep = WIDTH; keep > 0 && text[keep] != ' '; keep--)
                ;
            if (keep == 0)
                keep = length;
        }
        (void)fprintf(out, "# %.*s\n", (int)keep, text);
        text += keep + (text[keep] == ' ' || text[keep] == '\n');
    }
}

/* Something of the right form, for a setting that must be there and has no default. */
static const char *placeholder(const tend_setting *setting, char *buffer, size_t room)
{
    const long long least = (long long)setting->min;

    switch (setting->type) {
    case TEND_SETTING_INT:
        (void)snprintf(buffer, room, "%lld", least);
        return buffer;
    case TEND_SETTING_DURATION:
        (void)snprintf(buffer, room, "%lld ms", least > 0 ? least : 1);
        return buffer;
    case TEND_SETTING_SIZE:
        (void)snprintf(buffer, room, "%lld B", least);
        return buffer;
    case TEND_SETTING_CHOICE:
        return setting->choices[0];
    case TEND_SETTING_URL:
        (void)snprintf(buffer, room, "%s%sexample.com", setting->choices[0], strstr(setting->choices[0], "://") ? "" : "://");
        return buffer;
    case TEND_SETTING_BOOL:
        return "no";
    case TEND_SETTING_DECIMAL:
        return "0";
    case TEND_SETTING_DATE:
        return "2026-01-01";
    case TEND_SETTING_TIME_OF_DAY:
        return "09:00";
    case TEND_SETTING_ZONE:
        return "UTC";
    case TEND_SETTING_CURRENCY:
        return "EUR";
    case TEND_SETTING_SECRET:
        return "@env:NAME";
    case TEND_SETTING_EMAIL:
        return "name@example.com";
    case TEND_SETTING_LISTEN:
        return "127.0.0.1:8080";
    case TEND_SETTING_PERIOD:
        return "12 months";
    case TEND_SETTING_TEXT:
    case TEND_SETTING_PATH:
    case TEND_SETTING_PATHS:
    case TEND_SETTING_NAME:
    case TEND_SETTING_LIST:
    case TEND_SETTING_EXPRESSION:
        break;
    }
    return "name";
}

static void template_setting(const tend_setting *setting, bool is_named, FILE *out)
{
    char buffer[128];

    comment(out, setting->help);
    if (strcmp(setting->key, "*") == 0)
        (void)fputs("#KEY = VALUE\n", out);
    else if (setting->fallback)
        (void)fprintf(out, "%s%s = %s\n", is_named ? "#" : "", setting->key, setting->fallback);
    else if (setting->is_required)
        (void)fprintf(out, "# (must be given)\n%s%s = %s\n", is_named ? "#" : "", setting->key,
                      placeholder(setting, buffer, sizeof buffer));
    else
        (void)fprintf(out, "#%s =\n", setting->key);
}

void tend_config_template(const tend_section *const *sections, FILE *out)
{
    for (; *sections; sections++) {
        for (const tend_section *section = *sections; section->name; section++) {
            comment(out, section->summary);
            (void)fprintf(out, section->is_named ? "#[%s.NAME]\n" : "[%s]\n", section->name);
            for (const tend_setting *setting = section->settings; setting->key; setting++)
                template_setting(setting, section->is_named, out);
            (void)fputc('\n', out);
        }
    }
}
