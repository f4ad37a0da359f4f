/* setting.c: values of settings: read, said, and held against what the script declares. */
#include "playbook/spec.h"

#include "base/near.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHOICES = 64 };

bool tend_spec_parse(const char *type, const char *text, tend_tree *ret_value)
{
    char *end;

    errno = 0;
    if (strcmp(type, "integer") == 0) {
        *ret_value = tend_tree_int(strtoll(text, &end, 10));
        return end != text && *end == '\0' && errno == 0;
    }
    if (strcmp(type, "number") == 0) {
        *ret_value = (tend_tree){ .tag = TEND_TREE_NUMBER, .number = strtod(text, &end) };
        return end != text && *end == '\0' && isfinite(ret_value->number);
    }
    if (strcmp(type, "boolean") != 0) {
        *ret_value = tend_tree_text(text);
        return true;
    }
    *ret_value = tend_tree_bool(strcmp(text, "yes") == 0 || strcmp(text, "true") == 0 || strcmp(text, "on") == 0);
    return ret_value->tag == TEND_TREE_TRUE || strcmp(text, "no") == 0 || strcmp(text, "false") == 0 || strcmp(text, "off") == 0;
}

void tend_setting_print(const tend_tree *value, char *buffer, size_t room)
{
    switch (value->tag) {
    case TEND_TREE_TRUE:
    case TEND_TREE_FALSE:
        (void)snprintf(buffer, room, "%s", value->tag == TEND_TREE_TRUE ? "yes" : "no");
        break;
    case TEND_TREE_INT:
        (void)snprintf(buffer, room, "%lld", (long long)value->integer);
        break;
    case TEND_TREE_NUMBER:
        (void)snprintf(buffer, room, "%.15g", value->number);
        if (strtod(buffer, NULL) != value->number)
            (void)snprintf(buffer, room, "%.17g", value->number);
        break;
    default:
        (void)snprintf(buffer, room, "%s", value->text ? value->text : "");
    }
}

const char *tend_setting_say(const tend_tree *value, tend_arena *arena)
{
    char number[64];

    if (value->tag == TEND_TREE_TEXT)
        return tend_arena_string(arena, value->text);
    tend_setting_print(value, number, sizeof number);
    return tend_arena_string(arena, number);
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);

    return length >= tail && strcmp(name + length - tail, end) == 0;
}

/* Scripts say it in the line of help, or in the name. */
const char *tend_setting_unit(const tend_spec_setting *setting)
{
    static const char *const units[] = { "minutes", "hours", "days", "weeks", "months", "years", "percent" };
    const char *help = setting->help ? setting->help : "";
    char end[16];

    if (setting->unit)
        return setting->unit;
    if (strcmp(setting->type, "integer") != 0 && strcmp(setting->type, "number") != 0)
        return "";
    if (strncmp(help, "business days", 13) == 0 || strncmp(help, "business hours", 14) == 0)
        return help[9] == 'd' ? "business days" : "business hours";
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        (void)snprintf(end, sizeof end, "_%s", units[i]);
        if (ends_with(setting->name, end) || strcmp(setting->name, units[i]) == 0 || strncmp(help, units[i], strlen(units[i])) == 0)
            return units[i];
    }
    return "";
}

/* "low, middle or high" */
static void print_choices(const tend_tree *choices, char *buffer, size_t room)
{
    size_t length = 0;

    for (size_t i = 0; i < choices->length && length < room; i++)
        length += (size_t)snprintf(buffer + length, room - length, "%s%s",
                                   i == 0                     ? ""
                                   : i + 1 == choices->length ? " or "
                                                              : ", ",
                                   choices->items[i].text);
}

/* "1 to 30", "at least 1", "" */
static void print_bounds(const tend_spec_setting *setting, char *buffer, size_t room)
{
    char min[64] = "", max[64] = "";

    if (setting->min_of || setting->min.tag != TEND_TREE_NIL)
        tend_setting_print(setting->min_of ? &(tend_tree){ .tag = TEND_TREE_TEXT, .text = setting->min_of } : &setting->min, min,
                           sizeof min);
    if (setting->max_of || setting->max.tag != TEND_TREE_NIL)
        tend_setting_print(setting->max_of ? &(tend_tree){ .tag = TEND_TREE_TEXT, .text = setting->max_of } : &setting->max, max,
                           sizeof max);
    (void)snprintf(buffer, room, "%s%s%s%s",
                   !min[0] && max[0]   ? "at most "
                   : min[0] && !max[0] ? "at least "
                                       : "",
                   min, min[0] && max[0] ? " to " : "", max);
}

const char *tend_setting_allowed(const tend_spec_setting *setting, tend_arena *arena)
{
    char text[1000] = "";

    if (setting->choices)
        print_choices(setting->choices, text, sizeof text);
    else if (strcmp(setting->type, "boolean") == 0)
        (void)snprintf(text, sizeof text, "yes or no");
    else
        print_bounds(setting, text, sizeof text);
    return tend_arena_string(arena, text);
}

bool tend_setting_is_beyond(const tend_tree *value, const tend_tree *bound, bool is_max)
{
    double a = value->tag == TEND_TREE_INT ? (double)value->integer : value->number;
    double b = bound->tag == TEND_TREE_INT ? (double)bound->integer : bound->number;

    if (bound->tag == TEND_TREE_NIL)
        return false;
    if (value->tag == TEND_TREE_INT && bound->tag == TEND_TREE_INT)
        return is_max ? value->integer > bound->integer : value->integer < bound->integer;
    return is_max ? a > b : a < b;
}

static bool is_no_choice(const tend_tree *choices, const char *text, char *reason, size_t room)
{
    const char *names[CHOICES + 1] = { NULL }, *near;
    char all[700] = "";

    for (size_t i = 0; i < choices->length && i < CHOICES; i++) {
        if (strcmp(choices->items[i].text, text) == 0)
            return false;
        names[i] = choices->items[i].text;
    }
    near = tend_near(text, names);
    print_choices(choices, all, sizeof all);
    if (near)
        (void)snprintf(reason, room, "'%.60s' is none of its choices; did you mean %s?", text, near);
    else
        (void)snprintf(reason, room, "'%.60s' is none of its choices; write %s", text, all);
    return true;
}

bool tend_setting_refuses(const tend_spec_setting *setting, const tend_tree *value, char *reason, size_t room)
{
    bool is_below, is_above;
    tend_spec_setting alone = *setting;
    const char *unit = tend_setting_unit(setting);
    char written[64], bound[64], bounds[160];

    if (setting->choices)
        return is_no_choice(setting->choices, value->text, reason, room);
    is_below = tend_setting_is_beyond(value, &setting->min, false);
    is_above = tend_setting_is_beyond(value, &setting->max, true);
    if (!is_below && !is_above)
        return false;
    alone.min_of = alone.max_of = NULL; /* what it may be whatever the others are */
    tend_setting_print(value, written, sizeof written);
    tend_setting_print(is_below ? &setting->min : &setting->max, bound, sizeof bound);
    print_bounds(&alone, bounds, sizeof bounds);
    (void)snprintf(reason, room, "%s is %s than %s; write %s%s%s", written, is_below ? "less" : "more", bound, bounds,
                   *unit ? " " : "", unit);
    return true;
}
