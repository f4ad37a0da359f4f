#include "host/by_hand.h"

#include "base/date.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WORDS_MAX = 256 };

static void say_log(const tend_host *table, tend_level level, const char *message)
{
    static const char *const names[] = { "", "error", "warn", "info", "debug" };

    (void)table;
    (void)fprintf(stderr, "log %s: %s\n", level >= TEND_LEVEL_ERROR && level <= TEND_LEVEL_DEBUG ? names[level] : "?",
                  message ? message : "");
}

static bool never(const tend_host *table)
{
    (void)table;
    return false;
}

/* ---- settings ---------------------------------------------------------------------------------------------------------- */

static tend_status give(host_state *host, const char *key, const char *value, size_t length)
{
    host_given *larger = realloc(host->given, (host->given_count + 1) * sizeof *larger);
    host_given given = { .key = strdup(key), .value = strndup(value, length) };

    if (larger)
        host->given = larger;
    if (!larger || !given.key || !given.value) {
        free(given.key);
        free(given.value);
        return TEND_ENOMEM;
    }
    host->given[host->given_count++] = given;
    return TEND_OK;
}

static tend_status give_duration(host_state *host, const tend_option *option, const char *value, tend_error *reterr)
{
    int64_t ms = 0;
    int months = 0;
    char digits[24];

    if (tend_duration_parse(value, strlen(value), &ms, &months) < 0 || months != 0)
        return tend_fail(reterr, TEND_EINVAL, "%s: '%s' is not a duration; write it like \"30 s\"", option->key, value);
    return give(host, option->key, digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)ms));
}

static tend_status give_path(host_state *host, const char *key, const char *value, size_t length)
{
    char here[PATH_MAX], path[PATH_MAX * 2];

    if (*value == '/' || !getcwd(here, sizeof here))
        return give(host, key, value, length);
    return give(host, key, path, (size_t)snprintf(path, sizeof path, "%s/%.*s", here, (int)length, value));
}

static tend_status give_option(host_state *host, const tend_option *option, const char *value, tend_error *reterr)
{
    const bool is_path = option->type == TEND_OPTION_PATH || option->type == TEND_OPTION_PATHS;
    const bool is_list =
        option->type == TEND_OPTION_LIST || option->type == TEND_OPTION_PATHS || option->type == TEND_OPTION_ENVIRONMENT;
    tend_status status = TEND_OK;

    if (option->type == TEND_OPTION_DURATION)
        return give_duration(host, option, value, reterr);
    for (bool is_last = false; status == TEND_OK && !is_last;) {
        const size_t length = is_list ? strcspn(value, ",") : strlen(value);

        is_last = value[length] == '\0';
        status = is_path ? give_path(host, option->key, value, length) : give(host, option->key, value, length);
        value += length + !is_last;
    }
    return status < 0 ? tend_fail(reterr, status, "no memory for the settings") : TEND_OK;
}

/* The words "key=value" at the front, then the defaults of the others; *ret_used words were settings. */
static tend_status take_settings(host_state *host, char **words, int *ret_used, tend_error *reterr)
{
    const tend_option *options = host->plugin->settings;
    tend_status status = TEND_OK;

    for (*ret_used = 0; status == TEND_OK && words[*ret_used]; ++*ret_used) {
        const char *word = words[*ret_used], *equals = strchr(word, '=');
        const tend_option *option = options;

        if (!equals)
            break;
        while (option && option->key && (strncmp(option->key, word, (size_t)(equals - word)) != 0 || option->key[equals - word]))
            option++;
        if (!option || !option->key)
            return tend_fail(reterr, TEND_EINVAL, "%.*s: no such setting", (int)(equals - word), word);
        status = give_option(host, option, equals + 1, reterr);
    }
    for (const tend_option *option = options; status == TEND_OK && option && option->key; option++) {
        bool is_given = false;

        for (uint32_t i = 0; i < host->given_count; i++)
            is_given = is_given || strcmp(host->given[i].key, option->key) == 0;
        if (!is_given && option->is_required)
            return tend_fail(reterr, TEND_EINVAL, "%s: not given, but needed: %s", option->key, option->help ? option->help : "");
        if (!is_given && option->fallback)
            status = give_option(host, option, option->fallback, reterr);
    }
    return status;
}

/* ---- calls ------------------------------------------------------------------------------------------------------------- */

/* Cuts the line at its blanks. */
static int cut(char *line, char *words[WORDS_MAX + 1])
{
    char *rest = NULL;
    int count = 0;

    for (char *word = strtok_r(line, " \t\r\n", &rest); word && count < WORDS_MAX; word = strtok_r(NULL, " \t\r\n", &rest))
        words[count++] = word;
    words[count] = NULL;
    return count;
}

static int call_all(host_state *host, char **call)
{
    char *line = NULL, *words[WORDS_MAX + 1];
    size_t room = 0;
    bool all_went_well = true;
    int count = 0;

    if (call[0]) {
        while (call[count])
            count++;
        return host_by_hand_call(host, call, count, stdin) ? 0 : 1;
    }
    if (isatty(STDIN_FILENO))
        host_by_hand_help(host);
    while (getline(&line, &room, stdin) > 0) {
        count = cut(line, words);
        if (count > 0 && strcmp(words[0], "quit") == 0)
            break;
        if (count > 0)
            all_went_well &= host_by_hand_call(host, words, count, stdin);
    }
    free(line);
    return all_went_well ? 0 : 1;
}

static tend_time system_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (tend_time)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int host_by_hand(host_state *host, char **words)
{
    tend_error error = { 0 };
    int used = 0, code = 2;
    tend_status status;

    if (!words[0]) {
        (void)fprintf(stderr, "tend-host: which plugin? tend-host --by-hand FILE [setting=value…] [CALL…]\n");
        return 2;
    }
    host_table_init(host);
    host->table.log = say_log;
    host->table.is_cancelled = never;
    host->is_by_hand = true;
    host->now = system_now();
    status = host_load(host, words[0], ~0u, 0, &error);
    if (status == TEND_OK)
        status = take_settings(host, words + 1, &used, &error);
    if (status == TEND_OK && host->plugin->open)
        status = host->plugin->open(&host->table, &host->self, &error);
    if (status < 0) {
        (void)fprintf(stderr, "failed: %s\n", error.text[0] ? error.text : "it gave no reason");
    } else {
        code = call_all(host, words + 1 + used);
        if (host->plugin->close)
            host->plugin->close(host->self);
    }
    host_forget_given(host);
    return code;
}
