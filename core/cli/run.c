/* run.c: from words to a command carried out. */
#include "base/log.h"
#include "base/near.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/remote.h"
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 4096 };

static int exit_status(tend_status status)
{
    switch (status) {
    case TEND_EBUSY:
    case TEND_EFULL:
    case TEND_EIO:
    case TEND_ENOMEM:
    case TEND_ELIMIT:
    case TEND_ECLOSED:
    case TEND_ERROR:
        return 3;
    default:
        return 2;
    }
}

static const tend_command_option *find_option(const tend_command_option *options, const char *name, size_t length)
{
    for (; options && options->name; options++)
        if (strlen(options->name) == length && strncmp(options->name, name, length) == 0)
            return options;
    return NULL;
}

static tend_status unknown_option(const tend_command *command, const char *written, tend_error *reterr)
{
    const char *names[96];
    int count = 0;
    const char *near;

    for (const tend_command_option *option = command ? command->options : NULL; option && option->name; option++)
        if (count < 95)
            names[count++] = option->name;
    for (const tend_command_option *option = tend_global_options; option->name; option++)
        if (count < 95)
            names[count++] = option->name;
    names[count] = NULL;
    near = tend_near(written, names);
    if (near)
        return tend_fail(reterr, TEND_EINVAL, "--%s: no such option; did you mean --%s?", written, near);
    return tend_fail(reterr, TEND_EINVAL, "--%s: no such option; see tend%s%s --help", written, command ? " " : "",
                     command ? command->name : "");
}

static tend_status instant_option(tend_session *session, const char *name, const char *value, tend_time *ret_at, tend_error *reterr)
{
    tend_date date;
    tend_civil civil;
    bool has_zone;

    if (tend_session_date(session, value, &date, NULL) == TEND_OK) {
        int year, month, day;

        tend_date_split(date, &year, &month, &day);
        civil = (tend_civil){ year, month, day, 23, 59, 59, 999 };
        *ret_at = tend_time_of_utc(&civil);
        return TEND_OK;
    }
    if (tend_civil_parse(value, strlen(value), &civil, &has_zone) < 0)
        return tend_fail(reterr, TEND_EINVAL, "--%s: '%s' is not a date; write YYYY-MM-DD, today, +90d, -3m or +1y", name, value);
    *ret_at = tend_time_of_utc(&civil);
    return TEND_OK;
}

static tend_status choose_output(tend_session *session, tend_output wanted, tend_error *reterr)
{
    if (session->output != TEND_OUTPUT_TEXT && session->output != wanted)
        return tend_fail(reterr, TEND_EINVAL, "--json and --csv: an answer has one form; write one of the two");
    session->output = wanted;
    return TEND_OK;
}

/* Global options act at once; those of a command are kept for it. */
static tend_status take_option(tend_session *session, const tend_command *command, const char *name, const char *value,
                               bool *ret_help, tend_error *reterr)
{
    if (strcmp(name, "json") == 0)
        return choose_output(session, TEND_OUTPUT_JSON, reterr);
    if (strcmp(name, "csv") == 0)
        return choose_output(session, TEND_OUTPUT_CSV, reterr);
    if (strcmp(name, "dry-run") == 0)
        session->is_dry_run = true;
    else if (strcmp(name, "help") == 0)
        *ret_help = true;
    else if (strcmp(name, "user") == 0)
        session->user = value;
    else if (strcmp(name, "language") == 0) {
        if (strcmp(value, "en") != 0 && strcmp(value, "ko") != 0)
            return tend_fail(reterr, TEND_EINVAL, "--language: '%s' is not a language of tend; write en or ko", value);
        session->language = value;
    } else if (strcmp(name, "workspace") == 0)
        session->workspace_wanted = value;
    else if (strcmp(name, "as-of") == 0)
        return instant_option(session, name, value, &session->as_of, reterr);
    else if (strcmp(name, "known-at") == 0)
        return instant_option(session, name, value, &session->known_at, reterr);
    else if (strcmp(name, "log") == 0) {
        tend_log_level level;

        if (tend_log_level_parse(value, &level) < 0)
            return tend_fail(reterr, TEND_EINVAL, "--log: '%s' is not a level; write error, warn, info or debug", value);
        tend_log_level_set(level);
    } else {
        if (session->option_count >= TEND_SESSION_OPTIONS)
            return tend_fail(reterr, TEND_EINVAL, "tend %s: more than %d options; leave some out", command->name,
                             TEND_SESSION_OPTIONS);
        session->options[session->option_count].name = find_option(command->options, name, strlen(name))->name;
        session->options[session->option_count++].value = value;
        session->is_dry_run = session->is_dry_run || strcmp(name, "what-if") == 0;
    }
    return TEND_OK;
}

typedef struct parsed {
    const char *words[WORDS_MAX];
    int count;
    bool wants_help;
} parsed;

/* One pass: `command` is NULL while its name is being looked for; then only global options are understood. */
static tend_status parse(tend_session *session, const tend_command *command, int count, const char *const *arguments, parsed *ret,
                         tend_error *reterr)
{
    bool options_end = false;

    ret->count = 0;
    for (int i = 0; i < count; i++) {
        const char *word = arguments[i], *equals, *value;
        const tend_command_option *option;
        size_t length;
        char name[64];
        tend_status status;

        if (!options_end && strcmp(word, "--") == 0) {
            options_end = true;
            continue;
        }
        if (!options_end && strcmp(word, "-C") == 0) {
            if (++i >= count)
                return tend_fail(reterr, TEND_EINVAL, "-C: which folder? write -C FOLDER");
            session->workspace_wanted = arguments[i];
            continue;
        }
        if (!options_end && strcmp(word, "-h") == 0)
            word = "--help";
        if (options_end || strncmp(word, "--", 2) != 0) {
            if (ret->count >= WORDS_MAX)
                return tend_fail(reterr, TEND_EINVAL, "tend: more than %d words; name a folder instead of its files", WORDS_MAX);
            ret->words[ret->count++] = word;
            continue;
        }
        equals = strchr(word, '=');
        length = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
        if (length >= sizeof name)
            return tend_fail(reterr, TEND_EINVAL, "%.40s…: no such option; see tend --help", word);
        (void)snprintf(name, sizeof name, "%.*s", (int)length, word + 2);
        option = find_option(tend_global_options, name, length);
        if (!option)
            option = find_option(command ? command->options : NULL, name, length);
        if (!option) {
            if (!command) { /* the command's own: looked at once the command is known; a value may follow */
                continue;
            }
            return unknown_option(command, name, reterr);
        }
        value = equals ? equals + 1 : "";
        if (option->value && !equals) {
            if (++i >= count)
                return tend_fail(reterr, TEND_EINVAL, "--%s: a value is missing; write --%s %s", name, name, option->value);
            value = arguments[i];
        }
        if (!option->value && equals)
            return tend_fail(reterr, TEND_EINVAL, "--%s: takes no value; leave out '%s'", name, equals);
        if (!command)
            continue;
        status = take_option(session, command, name, value, &ret->wants_help, reterr);
        if (status < 0)
            return status;
    }
    return TEND_OK;
}

/* A word behind that of a group: the one of its commands that is near, else all of them. */
static tend_status no_such_of_group(const parsed *found, tend_error *reterr)
{
    const char *group = found->words[0], *names[160], *near;
    size_t length = strlen(group), count = 0;
    char all[600] = "";

    for (const tend_command *command = tend_commands; command->name && count < 159; command++)
        if (strncmp(command->name, group, length) == 0 && command->name[length] == ' ')
            names[count++] = command->name + length + 1;
    names[count] = NULL;
    for (size_t i = 0, used = 0; i < count && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i == 0 ? "" : ", ", names[i]);
    if (found->count < 2)
        return tend_fail(reterr, TEND_EINVAL, "tend %s: which of its commands? %s; see tend %s --help", group, all, group);
    near = tend_near(found->words[1], names);
    if (near)
        return tend_fail(reterr, TEND_EINVAL, "tend %s: '%s' is not one of its commands; did you mean tend %s %s?", group,
                         found->words[1], group, near);
    return tend_fail(reterr, TEND_EINVAL, "tend %s: '%s' is not one of its commands, which are %s; see tend %s --help", group,
                     found->words[1], all, group);
}

static tend_status no_such_command(const parsed *found, tend_error *reterr)
{
    const char *names[160];
    char two[128];
    int count = 0;
    const char *near;

    for (const tend_command *command = tend_commands; command->name && count < 159; command++)
        names[count++] = command->name;
    names[count] = NULL;
    (void)snprintf(two, sizeof two, "%s%s%s", found->words[0], found->count > 1 ? " " : "",
                   found->count > 1 ? found->words[1] : "");
    if (tend_help_group(found->words[0], NULL))
        return no_such_of_group(found, reterr);
    near = tend_near(two, names);
    if (!near)
        near = tend_near(found->words[0], names);
    if (near)
        return tend_fail(reterr, TEND_EINVAL, "tend: '%s' is not a command; did you mean %s?", found->words[0], near);
    return tend_fail(reterr, TEND_EINVAL, "tend: '%s' is not a command; see tend --help", found->words[0]);
}

static bool asks_help(int count, const char *const *arguments)
{
    for (int i = 0; i < count; i++)
        if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0)
            return true;
    return false;
}

static tend_status carry_out(tend_session *session, const tend_command *command, tend_error *reterr)
{
    tend_status status = TEND_OK;

    if (session->is_dry_run && !(command->flags & (TEND_COMMAND_WRITES | TEND_COMMAND_OWN)))
        return tend_fail(reterr, TEND_EINVAL, "tend %s: changes nothing, so there is nothing to try; leave out --dry-run",
                         command->name);
    if (command->flags & (TEND_COMMAND_READS | TEND_COMMAND_WRITES))
        status = tend_session_open(session, reterr);
    if (status >= 0)
        status = command->run(session, reterr);
    if (status >= 0 && session->result && session->as_of != TEND_NO_TIME && session->workspace) {
        tend_query query;

        status = tend_cli_query(session, &query, reterr);
        if (status >= 0)
            status = tend_query_day_note(&query, session->result, reterr);
    }
    if (status >= 0)
        status = tend_session_finish(session, reterr);
    return status;
}

int tend_run(tend_session *session, int count, const char *const *arguments)
{
    static parsed found; /* large; one command at a time in a process */
    tend_error error = { 0 };
    const tend_command *command;
    tend_status status;
    int used = 0, remote_exit = 0;

    session->as_of = session->known_at = TEND_NO_TIME;
    session->arena = tend_arena_new();
    if (!session->arena)
        return 3;
    status = parse(session, NULL, count, arguments, &found, &error);
    if (status < 0)
        goto out;
    if (found.count == 0) {
        for (int i = 0; i < count; i++)
            if (strcmp(arguments[i], "--version") == 0) {
                fprintf(session->out, "tend %s\n", TEND_VERSION);
                goto out;
            }
        tend_help(session->out);
        goto out;
    }
    command = tend_command_find(found.words, found.count, &used);
    if (!command && found.count == 1 && asks_help(count, arguments) && tend_help_group(found.words[0], session->out))
        goto out;
    if (!command) {
        status = no_such_command(&found, &error);
        goto out;
    }
    session->command = command;
    found.wants_help = false;
    status = parse(session, command, count, arguments, &found, &error);
    if (status < 0)
        goto out;
    if (found.wants_help) {
        tend_help_command(session->out, command);
        goto out;
    }
    session->words = found.words + used;
    session->word_count = found.count - used;
    if (session->word_count < command->min_words || (command->max_words >= 0 && session->word_count > command->max_words)) {
        status = tend_fail(&error, TEND_EINVAL, "tend %s: %s; write: tend %s %s", command->name,
                           session->word_count < command->min_words ? "something is missing" : "there is a word too many",
                           command->name, command->arguments ? command->arguments : "");
        goto out;
    }
    if (session->known_at != TEND_NO_TIME && session->as_of == TEND_NO_TIME)
        session->as_of = session->known_at;
    if ((command->flags & TEND_COMMAND_WRITES) && !(command->flags & TEND_COMMAND_ALONE) && !session->is_dry_run &&
        !session->in_engine && tend_remote_try(session, count, arguments, &remote_exit)) {
        session->exit_code = remote_exit;
        goto out;
    }
    if ((command->flags & (TEND_COMMAND_READS | TEND_COMMAND_WRITES)) && !session->in_engine && !tend_session_can_read(session)) {
        /* Who may not read the store's file asks the engine, which knows what this login may see. */
        bool may_ask = (command->flags & TEND_COMMAND_READS) && !(command->flags & TEND_COMMAND_ALONE);

        if (may_ask && tend_remote_try(session, count, arguments, &remote_exit))
            session->exit_code = remote_exit;
        else
            status = tend_fail(&error, TEND_EDENIED, "tend %s: this login may not read the files of the workspace, and %s",
                               command->name,
                               may_ask || (command->flags & TEND_COMMAND_WRITES)
                                   ? "no engine is running that would do it; ask an administrator to start it"
                                   : "this is not done by the running engine; ask an administrator");
        goto out;
    }
    status = carry_out(session, command, &error);
    /* An engine may have come up while this command waited for the lock. */
    if (status == TEND_EBUSY && !session->workspace && (command->flags & TEND_COMMAND_WRITES) &&
        !(command->flags & TEND_COMMAND_ALONE) && !session->is_dry_run && !session->in_engine &&
        tend_remote_try(session, count, arguments, &remote_exit)) {
        session->exit_code = remote_exit;
        status = TEND_OK;
    }
out:
    tend_session_close(session);
    if (status < 0) {
        fprintf(session->err, "%s\n", error.text[0] ? error.text : "tend: failed without a reason; please report this");
        return exit_status(status);
    }
    return session->exit_code;
}
