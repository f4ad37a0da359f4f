/* help.c: help, man page and completion, all from the command table. */
#include "cli/command.h"
#include <string.h>

const tend_command_option tend_global_options[] = {
    { "workspace", "FOLDER", "the folder with tend.ini (also -C FOLDER; default $TEND_WORKSPACE, else the nearest one upward)" },
    { "json", NULL, "print JSON with stable keys" },
    { "csv", NULL, "print CSV" },
    { "as-of", "DATE", "the world at the end of DATE (UTC), as it is known now" },
    { "known-at", "DATE", "use only what was known by DATE; alone it sets --as-of too" },
    { "user", "NAME", "act as this colleague; it is recorded who asked" },
    { "language", "CODE", "en or ko: titles and sentences of lists and reports; default: --user's, else [tend] language" },
    { "dry-run", NULL, "try on a private copy: show what would happen, change nothing" },
    { "log", "LEVEL", "error, warn, info or debug, on standard error" },
    { "help", NULL, "explain the command (also -h)" },
    { "version", NULL, "print the version" },
    { NULL, NULL, NULL },
};

const tend_command *tend_command_find(const char *const *words, int count, int *ret_used)
{
    const tend_command *found = NULL;

    *ret_used = 0;
    for (const tend_command *command = tend_commands; command->name; command++) {
        const char *blank = strchr(command->name, ' ');
        size_t head = blank ? (size_t)(blank - command->name) : strlen(command->name);
        int used = blank ? 2 : 1;

        if (count < used || strlen(words[0]) != head || strncmp(words[0], command->name, head) != 0)
            continue;
        if (blank && strcmp(words[1], blank + 1) != 0)
            continue;
        if (used > *ret_used) {
            found = command;
            *ret_used = used;
        }
    }
    return found;
}

void tend_help(FILE *out)
{
    size_t widest = 0;

    fprintf(out, "tend looks after the customers a company already has.\n\nusage: tend [-C FOLDER] [options] COMMAND …\n\n");
    for (const tend_command *command = tend_commands; command->name; command++)
        if (strlen(command->name) > widest)
            widest = strlen(command->name);
    for (const tend_command *command = tend_commands; command->name; command++)
        fprintf(out, "  %-*s  %s\n", (int)widest, command->name, command->summary);
    fprintf(out, "\nEvery command takes:\n\n");
    for (const tend_command_option *option = tend_global_options; option->name; option++)
        fprintf(out, "  --%s%s%-*s  %s\n", option->name, option->value ? " " : "",
                (int)(18 - strlen(option->name) - (option->value ? 1 : 0)), option->value ? option->value : "", option->help);
    fprintf(out, "\nExit status: 0 done, 1 found something to report, 2 wrong usage or configuration, 3 try again later.\n"
                 "More about one: tend COMMAND --help\n");
}

bool tend_help_group(const char *word, FILE *out)
{
    size_t length = strlen(word);
    bool is_found = false;

    for (const tend_command *command = tend_commands; command->name; command++) {
        if (strncmp(command->name, word, length) != 0 || command->name[length] != ' ')
            continue;
        if (out)
            fprintf(out, "tend %s %s\n  %s\n", command->name, command->arguments ? command->arguments : "", command->summary);
        is_found = true;
    }
    return is_found;
}

void tend_help_command(FILE *out, const tend_command *command)
{
    fprintf(out, "tend %s %s\n\n  %s\n", command->name, command->arguments ? command->arguments : "", command->summary);
    if (command->details)
        fprintf(out, "\n%s\n", command->details);
    if (command->options)
        fputc('\n', out);
    for (const tend_command_option *option = command->options; option && option->name; option++)
        fprintf(out, "  --%s%s%-*s  %s\n", option->name, option->value ? " " : "",
                (int)(18 - strlen(option->name) - (option->value ? 1 : 0)), option->value ? option->value : "", option->help);
}

static void man_text(FILE *out, const char *text)
{
    bool starts_line = true;

    for (; *text; text++) {
        if (starts_line && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '-' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
        starts_line = *text == '\n';
    }
    fputc('\n', out);
}

static void man_options(FILE *out, const tend_command_option *options)
{
    for (; options && options->name; options++) {
        fprintf(out, ".TP\n.B \\-\\-");
        man_text(out, options->name);
        if (options->value)
            fprintf(out, ".I %s\n", options->value);
        man_text(out, options->help);
    }
}

void tend_help_man(FILE *out)
{
    fprintf(out, ".TH TEND 1 \"\" \"tend %s\" \"tend\"\n.SH NAME\ntend \\- look after the customers a company already has\n",
            TEND_VERSION);
    fprintf(out, ".SH SYNOPSIS\n.B tend\n[\\-C FOLDER] [options] COMMAND …\n.SH OPTIONS\n");
    man_options(out, tend_global_options);
    fprintf(out, ".SH COMMANDS\n");
    for (const tend_command *command = tend_commands; command->name; command++) {
        fprintf(out, ".SS tend ");
        man_text(out, command->name);
        if (command->arguments) {
            fprintf(out, ".RS 0\n");
            man_text(out, command->arguments);
            fprintf(out, ".RE\n.PP\n");
        }
        man_text(out, command->summary);
        if (command->details) {
            fprintf(out, ".PP\n");
            man_text(out, command->details);
        }
        man_options(out, command->options);
    }
    fprintf(out, ".SH EXIT STATUS\n0 done, 1 found something to report, 2 wrong usage or configuration, 3 try again later.\n");
    fprintf(out, ".SH FILES\ntend.ini, tend.d/*.ini, mappings/*.ini, playbooks/*/*.lua, tend.db in the workspace.\n");
}

static void completion_words(FILE *out, const char *first)
{
    size_t length = first ? strlen(first) : 0;

    for (const tend_command *command = tend_commands; command->name; command++) {
        const char *blank = strchr(command->name, ' ');

        if (!first) {
            size_t head = blank ? (size_t)(blank - command->name) : strlen(command->name);

            if (command > tend_commands && strncmp(command[-1].name, command->name, head) == 0 &&
                (command[-1].name[head] == ' ' || !command[-1].name[head]))
                continue;
            fprintf(out, "%.*s ", (int)head, command->name);
        } else if (blank && (size_t)(blank - command->name) == length && strncmp(command->name, first, length) == 0)
            fprintf(out, "%s ", blank + 1);
    }
}

static void completion_bash(FILE *out)
{
    const char *seen = "";

    fprintf(out, "_tend() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words\n  case \"$cur\" in\n  --*) words='");
    for (const tend_command_option *option = tend_global_options; option->name; option++)
        fprintf(out, "--%s ", option->name);
    for (const tend_command *command = tend_commands; command->name; command++)
        for (const tend_command_option *option = command->options; option && option->name; option++)
            fprintf(out, "--%s ", option->name);
    fprintf(out, "' ;;\n  *) if [ \"$COMP_CWORD\" -eq 1 ]; then words='");
    completion_words(out, NULL);
    fprintf(out, "'; else case \"${COMP_WORDS[1]}\" in\n");
    for (const tend_command *command = tend_commands; command->name; command++) {
        const char *blank = strchr(command->name, ' ');
        char first[64];

        if (!blank)
            continue;
        (void)snprintf(first, sizeof first, "%.*s", (int)(blank - command->name), command->name);
        if (strncmp(seen, first, strlen(first)) == 0 && seen[strlen(first)] == ' ')
            continue;
        seen = command->name;
        fprintf(out, "    %s) words='", first);
        completion_words(out, first);
        fprintf(out, "' ;;\n");
    }
    fprintf(out, "    *) words= ;;\n    esac; fi ;;\n  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                 "  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$cur\"))\n}\ncomplete -F _tend tend\n");
}

tend_status tend_help_completion(FILE *out, const char *shell, tend_error *reterr)
{
    if (strcmp(shell, "bash") == 0)
        completion_bash(out);
    else if (strcmp(shell, "zsh") == 0) {
        fprintf(out, "#compdef tend\nautoload -U +X bashcompinit && bashcompinit\n");
        completion_bash(out);
    } else if (strcmp(shell, "fish") == 0) {
        for (const tend_command *command = tend_commands; command->name; command++) {
            const char *blank = strchr(command->name, ' ');

            if (blank)
                fprintf(out, "complete -c tend -n '__fish_seen_subcommand_from %.*s' -a '%s' -d '%s'\n",
                        (int)(blank - command->name), command->name, blank + 1, command->summary);
            else
                fprintf(out, "complete -c tend -n __fish_use_subcommand -a '%s' -d '%s'\n", command->name, command->summary);
        }
    } else
        return tend_fail(reterr, TEND_EINVAL, "tend completion: '%s' is not a shell it knows; write bash, zsh or fish", shell);
    return TEND_OK;
}
