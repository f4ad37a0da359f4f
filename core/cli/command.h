/* command.h: the one table of commands: parsing, help, man page and completion all read it. */
#ifndef TEND_CLI_COMMAND_H
#define TEND_CLI_COMMAND_H

#include "cli/session.h"

typedef struct tend_command_option {
    const char *name;  /* long, without dashes; NULL ends */
    const char *value; /* "FILE", "DATE"; NULL: a switch */
    const char *help;
} tend_command_option;

enum {
    TEND_COMMAND_PLAIN = 1,   /* needs no workspace */
    TEND_COMMAND_READS = 2,   /* opens the store for reading */
    TEND_COMMAND_WRITES = 4,  /* opens it for writing, or lets the running engine do it */
    TEND_COMMAND_OWN = 8,     /* opens what it needs itself */
    TEND_COMMAND_ALONE = 16,  /* never carried out by a running engine */
    TEND_COMMAND_SHARES = 32, /* a short write: in the engine it shares a transaction with others */
};

struct tend_command {
    const char *name;                   /* "import", "task add"; NULL ends the table */
    const char *arguments;              /* "--mapping M FILE…" */
    const char *summary;                /* one line */
    const char *details;                /* paragraphs for --help and the man page; NULL: none */
    const tend_command_option *options; /* NULL: none */
    int min_words, max_words;           /* -1: any number */
    unsigned flags;
    tend_status (*run)(tend_session *session, tend_error *reterr);
};

extern const tend_command tend_commands[];

/* The command that `words` begin with; *ret_used words are its name. NULL when there is none. */
const tend_command *tend_command_find(const char *const *words, int count, int *ret_used);
/* Options that every command takes. */
extern const tend_command_option tend_global_options[];

void tend_help(FILE *out);
/* The commands that begin with `word` ("task"), to `out` (NULL: nowhere); false when there is none. */
bool tend_help_group(const char *word, FILE *out);
void tend_help_command(FILE *out, const tend_command *command);
void tend_help_man(FILE *out);                                                      /* troff */
tend_status tend_help_completion(FILE *out, const char *shell, tend_error *reterr); /* bash, zsh, fish */

/* Parses and carries out; returns the exit status. `session` has its streams, cwd, clock and asked_by set. */
int tend_run(tend_session *session, int count, const char *const *arguments);

#endif
