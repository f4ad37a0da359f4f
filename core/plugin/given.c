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
        return tend_fail(reterr, TEND_EINVAL, "plugin %s: %s: '%s' is not a whole number", to->plugin, option->key, value);
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
    return tend_fail(reterr, TEND_EINVAL, "plugin %s: %s: '%s' is neither yes nor no", to->plugin, option->key, value);
}

static tend_status put_duration(readying *to, const tend_option *option, const char *value, tend_error *reterr)
{
    int64_t ms = 0;
    int months = 0;

    if (tend_duration_parse(value, strlen(value), &ms, &months) < 0 || months != 0)
        return tend_fail(reterr, TEND_EINVAL, "plugin %s: %s: '%s' is not a duration; write it like \"30 s\", \"5 min\" or \"2 h\"",
                         to->plugin, option->key, value);
    return put(to, option, tend_arena_print(to->arena, "%lld", (long long)ms), false, reterr);
}

static tend_status put_path(readying *to, const tend_option *option, const char *value, const char *folder, tend_error *reterr)
{
    char here[PATH_MAX];

    if (*value == '\0')
        return tend_fail(reterr, TEND_EINVAL, "plugin %s: %s: an empty path", to->plugin, option->key);
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
        return tend_fail(reterr, TEND_EINVAL, "plugin %s: %s: '%s' has no name; write NAME=value or NAME", to->plugin, option->key,
                         value);
    if (strchr(value, '='))
        return put(to, option, value, false, reterr);
    ours = getenv(value);
    return ours ? put(to, option, tend_arena_print(to->arena, "%s=%s", value, ours), false, reterr) : TEND_OK;
}

static tend_status put_url(readying *to, const tend_option *option, const char *value, tend_error *reterr)
{
    const char *after = strstr(value, "://");

    if (!after || after == value || after[3] == '\0' || strcspn(value, " \t\r\n") != strlen(value))
        return tend_fail(reterr, TEND_EINVAL, "plugin %s: %s: '%s' is not a URL; write it like https://host/path", to->plugin,
                         option->key, value);
    return put(to, option, value, false, reterr);
}

static tend_status put_one(readying *to, const tend_option *option, const char *value, const tend_given *given, tend_error *reterr)
{
    value = tend_arena_string(to->arena, value);
    if (!value)
        return no_memory(to, reterr);
    if (given && given->is_secret)
        return put(to, option, value, true, reterr);
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

static tend_status check_keys(const readying *to, const tend_option *options, const tend_given *given, size_t count,
                              tend_error *reterr)
{
    for (size_t i = 0; i < count; i++) {
        const char *names[256];
        const tend_option *option = options;
        size_t known = 0;

        for (; option->key && strcmp(option->key, given[i].key) != 0; option++)
            if (known < 255)
                names[known++] = option->key;
        names[known] = NULL;
        if (!option->key) {
            const char *near = tend_near(given[i].key, names);

            return tend_fail(reterr, TEND_EINVAL, "plugin %s: %s: no such setting; %s%s%s", to->plugin, given[i].key,
                             near ? "did you mean " : "`tend plugin show` lists them", near ? near : "", near ? "?" : "");
        }
        for (size_t j = 0; j < i; j++)
            if (!is_list(option->type) && strcmp(given[j].key, given[i].key) == 0)
                return tend_fail(reterr, TEND_EINVAL, "plugin %s: %s: given twice; it takes one value", to->plugin, given[i].key);
    }
    return TEND_OK;
}

tend_status tend_given_check(const char *plugin, const tend_option *options, const tend_given *given, size_t count,
                             tend_arena *arena, tend_given **ret_ready, size_t *ret_count, tend_error *reterr)
{
    readying to = { .plugin = plugin, .arena = arena };
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
            status = tend_fail(reterr, TEND_EINVAL, "plugin %s: %s: not given, but needed: %s", plugin, option->key, option->help);
        else if (option->fallback)
            status = is_list(option->type) ? put_parts(&to, option, option->fallback, NULL, reterr)
                                           : put_one(&to, option, option->fallback, NULL, reterr);
    }
    if (status < 0)
        return status;
    *ret_ready = to.ready;
    *ret_count = to.count;
    return TEND_OK;
}
