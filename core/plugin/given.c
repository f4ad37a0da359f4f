#include "plugin/given.h"

#include "base/date.h"
#include "base/near.h"
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define MOST_READY ((size_t)10000)

typedef struct readying {
    const char *plugin;
    tend_given_faults *faults; /* NULL: the first fault is the end */
    tend_arena *arena;
    tend_given *ready;
    size_t count, room;
} readying;

static bool is_list(tend_option_type type)
{
    return type == TEND_OPTION_LIST || type == TEND_OPTION_PATHS || type == TEND_OPTION_ENVIRONMENT;
}

static tend_status no_memory(const readying *to, tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory for its settings", to->plugin);
}

TEND_PRINTF(4, 5)
static tend_status refuse(readying *to, const char *key, tend_error *reterr, const char *format, ...)
{
    char reason[400];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    if (!to->faults)
        return tend_fail(reterr, TEND_EINVAL, "plugin %s: %s: %s", to->plugin, key, reason);
    to->faults->count++;
    to->faults->fault(to->faults->self, key, reason);
    return TEND_OK;
}

static tend_status put(readying *to, const tend_option *option, const char *value, bool is_secret, tend_error *reterr)
{
    if (!value)
        return no_memory(to, reterr);
    if (to->count == to->room) {
        size_t room = to->room ? to->room * 2 : 16;
        tend_given *larger = to->count < MOST_READY ? tend_arena_take(to->arena, room * sizeof *larger) : NULL;

        if (!larger)
            return no_memory(to, reterr);
        if (to->count > 0)
            memcpy(larger, to->ready, to->count * sizeof *larger);
        to->ready = larger;
        to->room = room;
    }
    to->ready[to->count++] = (tend_given){ .key = option->key, .value = value, .is_secret = is_secret };
    return TEND_OK;
}

static tend_status put_int(readying *to, const tend_option *option, const char *value, tend_error *reterr)
{
    char *end;

    errno = 0;
    (void)strtoll(value, &end, 10);
    if (end == value || *end != '\0' || errno != 0 || isspace((unsigned char)*value))
        return refuse(to, option->key, reterr, "'%s' is not a whole number; write digits, like 100", value);
    return put(to, option, value, false, reterr);
}

static tend_status put_bool(readying *to, const tend_option *option, const char *value, tend_error *reterr)
{
    static const char *const yes[] = { "yes", "true", "on" }, *const no[] = { "no", "false", "off" };

    for (size_t i = 0; i < 3; i++) {
        if (strcasecmp(value, yes[i]) == 0)
            return put(to, option, "yes", false, reterr);
        if (strcasecmp(value, no[i]) == 0)
            return put(to, option, "no", false, reterr);
    }
    return refuse(to, option->key, reterr, "'%s' is neither yes nor no; write yes or no", value);
}

static tend_status put_duration(readying *to, const tend_option *option, const char *value, tend_error *reterr)
{
    int64_t ms = 0;
    int months = 0;

    if (tend_duration_parse(value, strlen(value), &ms, &months) < 0 || months != 0)
        return refuse(to, option->key, reterr, "'%s' is not a duration; write it like \"30 s\", \"5 min\" or \"2 h\"", value);
    return put(to, option, tend_arena_print(to->arena, "%lld", (long long)ms), false, reterr);
}

static tend_status put_path(readying *to, const tend_option *option, const char *value, const char *folder, tend_error *reterr)
{
    char here[PATH_MAX];

    if (*value == '\0')
        return refuse(to, option->key, reterr, "an empty path; name a file or folder");
    if (*value == '/')
        return put(to, option, value, false, reterr);
    if (!folder)
        folder = getcwd(here, sizeof here);
    if (!folder)
        return tend_fail(reterr, TEND_EIO, "plugin %s: %s: %s: the working folder cannot be found: %s", to->plugin, option->key,
                         value, strerrordesc_np(errno));
    return put(to, option, tend_arena_print(to->arena, "%s/%s", folder, value), false, reterr);
}

/* A NAME alone takes its value from our own environment; one that is not set there is left out. */
static tend_status put_environment(readying *to, const tend_option *option, const char *value, tend_error *reterr)
{
    const char *ours;

    if (*value == '\0' || *value == '=')
        return refuse(to, option->key, reterr, "'%s' has no name; write NAME=value or NAME", value);
    if (strchr(value, '='))
        return put(to, option, value, false, reterr);
    ours = getenv(value);
    return ours ? put(to, option, tend_arena_print(to->arena, "%s=%s", value, ours), false, reterr) : TEND_OK;
}

static tend_status put_url(readying *to, const tend_option *option, const char *value, tend_error *reterr)
{
    const char *after = strstr(value, "://");

    if (!after || after == value || after[3] == '\0' || strcspn(value, " \t\r\n") != strlen(value))
        return refuse(to, option->key, reterr, "'%s' is not a URL; write it like https://host/path", value);
    return put(to, option, value, false, reterr);
}

static tend_status put_one(readying *to, const tend_option *option, const char *value, const tend_given *given, tend_error *reterr)
{
    value = tend_arena_string(to->arena, value);
    if (!value)
        return no_memory(to, reterr);
    if (given && given->is_secret)
        return put(to, option, value, true, reterr);
    if (given && given->is_written && option->is_secret)
        return refuse(to, option->key, reterr, "a secret is named and not written here; write @file:PATH or @env:NAME");
    switch (option->type) {
    case TEND_OPTION_INT:
        return put_int(to, option, value, reterr);
    case TEND_OPTION_BOOL:
        return put_bool(to, option, value, reterr);
    case TEND_OPTION_DURATION:
        return put_duration(to, option, value, reterr);
    case TEND_OPTION_PATH:
    case TEND_OPTION_PATHS:
        return put_path(to, option, value, given ? given->folder : NULL, reterr);
    case TEND_OPTION_ENVIRONMENT:
        return put_environment(to, option, value, reterr);
    case TEND_OPTION_URL:
        return put_url(to, option, value, reterr);
    default:
        return put(to, option, value, option->is_secret, reterr);
    }
}

/* What stands between commas, without the blanks around it. */
static tend_status put_parts(readying *to, const tend_option *option, const char *value, const tend_given *given,
                             tend_error *reterr)
{
    tend_status status = TEND_OK;

    while (status == TEND_OK) {
        size_t length = strcspn(value, ","), start = strspn(value, " \t"), end = length;
        char *part;

        while (end > start && (value[end - 1] == ' ' || value[end - 1] == '\t'))
            end--;
        if (end > start) {
            part = tend_arena_copy(to->arena, value + start, end - start);
            status = part ? put_one(to, option, part, given, reterr) : no_memory(to, reterr);
        }
        if (value[length] == '\0')
            break;
        value += length + 1;
    }
    return status;
}

/* "path, encoding and quote" */
static const char *list_names(readying *to, const tend_option *options)
{
    const char *all = "";

    for (const tend_option *option = options; all && option->key; option++)
        all = tend_arena_print(to->arena, "%s%s%s", all, option == options ? "" : option[1].key ? ", " : " and ", option->key);
    return all && *all ? all : "none";
}

static tend_status no_such_setting(readying *to, const tend_option *options, const char *key, tend_error *reterr)
{
    const char *names[256] = { NULL }, *near;
    size_t known = 0;

    for (const tend_option *option = options; option->key && known < 255; option++)
        names[known++] = option->key;
    near = tend_near(key, names);
    if (near)
        return refuse(to, key, reterr, "no such setting; did you mean %s?", near);
    return refuse(to, key, reterr, "no such setting; those of plugin %s are %s", to->plugin, list_names(to, options));
}

static tend_status check_keys(readying *to, const tend_option *options, const tend_given *given, size_t count, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; i < count && status == TEND_OK; i++) {
        const tend_option *option = options;

        while (option->key && strcmp(option->key, given[i].key) != 0)
            option++;
        if (!option->key)
            status = no_such_setting(to, options, given[i].key, reterr);
        for (size_t j = 0; option->key && j < i && status == TEND_OK; j++)
            if (!is_list(option->type) && strcmp(given[j].key, given[i].key) == 0)
                status = refuse(to, given[i].key, reterr, "given twice; it takes one value");
    }
    return status;
}

tend_status tend_given_check(const char *plugin, const tend_option *options, const tend_given *given, size_t count,
                             tend_given_faults *faults, tend_arena *arena, tend_given **ret_ready, size_t *ret_count,
                             tend_error *reterr)
{
    readying to = { .plugin = plugin, .faults = faults, .arena = arena };
    tend_status status = check_keys(&to, options, given, count, reterr);

    for (const tend_option *option = options; option->key && status == TEND_OK; option++) {
        bool is_given = false;

        for (size_t i = 0; i < count && status == TEND_OK; i++) {
            if (strcmp(given[i].key, option->key) != 0)
                continue;
            is_given = true;
            if (is_list(option->type) && given[i].is_written)
                status = put_parts(&to, option, given[i].value, &given[i], reterr);
            else
                status = put_one(&to, option, given[i].value, &given[i], reterr);
        }
        if (is_given || status < 0)
            continue;
        if (option->is_required)
            status = refuse(&to, option->key, reterr, "not given, but needed: %s", option->help);
        else if (option->fallback)
            status = is_list(option->type) ? put_parts(&to, option, option->fallback, NULL, reterr)
                                           : put_one(&to, option, option->fallback, NULL, reterr);
    }
    if (status == TEND_OK && faults && faults->count > 0)
        status = tend_fail(reterr, TEND_EINVAL, "plugin %s: %d of its settings are wrong", plugin, faults->count);
    if (status < 0)
        return status;
    *ret_ready = to.ready;
    *ret_count = to.count;
    return TEND_OK;
}
