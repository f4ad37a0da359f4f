/* help.c: help and the man page, from the command table. */
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

/* Troff would take a point or an apostrophe that begins a line, and hyphens, for its own. */
static void man_words(FILE *out, const char *text)
{
    bool starts_line = true;

    for (; *text; text++) {
        if (starts_line && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '-' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
        if (*text == '\n') /* a paragraph of its own, as in --help */
            fputs(".br\n", out);
        starts_line = *text == '\n';
    }
}

static void man_text(FILE *out, const char *text)
{
    man_words(out, text);
    fputc('\n', out);
}

static void man_options(FILE *out, const tend_command_option *options)
{
    for (; options && options->name; options++) {
        fputs(".TP\n\\fB\\-\\-", out);
        man_words(out, options->name);
        fputs("\\fR", out);
        if (options->value) {
            fputs(" \\fI", out);
            man_words(out, options->value);
            fputs("\\fR", out);
        }
        fputc('\n', out);
        man_text(out, options->help);
    }
}

/* What stands beside each other in two columns. */
static void man_pairs(FILE *out, const char *const (*pairs)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fputs(".TP\n\\fB", out);
        man_words(out, pairs[i][0]);
        fputs("\\fR\n", out);
        man_text(out, pairs[i][1]);
    }
}

void tend_help_man(FILE *out)
{
    static const char *const environment[][2] = {
        { "TEND_WORKSPACE", "the workspace, where -C is not given" },
        { "TEND_PLUGIN_PATH", "folders with plugins, colons between, before those of the configuration" },
        { "TEND_DATA", "the folder with what comes with tend (mappings, playbooks), instead of ../share/tend beside the program" },
        { "COLUMNS", "how wide tables may be, where the terminal does not say" },
        { "TZDIR", "where time zones are; default /usr/share/zoneinfo" },
    };
    static const char *const files[][2] = {
        { "tend.ini, tend.d/*.ini", "the configuration; tend config template prints every key" },
        { "mappings/*.ini", "how columns of sources become fields" },
        { "playbooks/*/*.lua, lib/*.lua", "scripts of this workspace; they stand before those that come with tend" },
        { "tend.db, tend.db-wal, tend.db-shm", "the store; take copies with tend backup only" },
        { "tend.db.lock", "held by the one process that writes" },
        { "run/tend.sock", "where the running engine is asked" },
        { "spool/", "imports and dry runs at work; what lies there is ended by the next engine" },
        { "rejects/", "records to mend and to import again, and why each was rejected" },
    };

    fprintf(out, ".TH TEND 1 \"\" \"tend %s\" \"tend\"\n.SH NAME\ntend \\- look after the customers a company already has\n",
            TEND_VERSION);
    fprintf(out, ".SH SYNOPSIS\n.B tend\n[\\-C FOLDER] [options] COMMAND …\n.SH OPTIONS\n");
    man_options(out, tend_global_options);
    fprintf(out, ".SH COMMANDS\n");
    for (const tend_command *command = tend_commands; command->name; command++) {
        fputs(".SS tend ", out);
        man_words(out, command->name);
        if (command->arguments) {
            fputs(" \\fR", out);
            man_words(out, command->arguments);
        }
        fputc('\n', out);
        man_text(out, command->summary);
        if (command->details) {
            fprintf(out, ".PP\n");
            man_text(out, command->details);
        }
        man_options(out, command->options);
    }
    fprintf(out, ".SH EXIT STATUS\n0 done, 1 found something to report, 2 wrong usage or configuration, 3 try again later.\n");
    fprintf(out, ".SH ENVIRONMENT\n");
    man_pairs(out, environment, sizeof environment / sizeof *environment);
    fprintf(out, ".SH FILES\nIn the workspace:\n");
    man_pairs(out, files, sizeof files / sizeof *files);
}
