/* session.h: one command being carried out, in the client's own process or in the engine on its behalf. */
#ifndef TEND_CLI_SESSION_H
#define TEND_CLI_SESSION_H

#include "engine/workspace.h"
#include "query/result.h"

typedef enum tend_output { TEND_OUTPUT_TEXT = 0, TEND_OUTPUT_JSON, TEND_OUTPUT_CSV } tend_output;

enum { TEND_SESSION_OPTIONS = 32 };

typedef struct tend_command tend_command;

typedef struct tend_session {
    FILE *out, *err; /* borrowed */
    bool out_is_terminal;
    int width;            /* of the terminal, 0: no limit */
    const char *cwd;      /* the client's; relative paths are of here */
    const char *asked_by; /* the system's name of who asks */
    tend_output output;
    tend_time as_of, known_at; /* TEND_NO_TIME: live */
    const char *user;          /* --user, NULL: none */
    const char *language;      /* --language, NULL: that of who reads */
    bool is_dry_run;
    const char *workspace_wanted; /* -C */
    tend_workspace *workspace;    /* NULL until opened */
    tend_workspace *live;         /* dry run: what the workspace is a copy of; owned */
    bool owns_workspace;
    bool in_engine;  /* carried out by the engine: the workspace is its own */
    bool is_foreign; /* for somebody whose rights on files are not the engine's: files that they name are not opened for them */
    char copy[4096]; /* dry run: the private copy, removed at the end */
    tend_clock clock;
    tend_principal principal;
    tend_arena *arena;
    tend_result *result; /* made on first use */
    const tend_command *command;
    const char *const *words; /* what came after the command's name, without options */
    int word_count;
    struct {
        const char *name, *value;
    } options[TEND_SESSION_OPTIONS];
    int option_count;
    int exit_code; /* what a command that succeeded ends with: 0, or 1 when it found something to report */
} tend_session;

/* The value of an option of the command ("limit"), NULL when not given; "" for one without a value. */
const char *tend_session_option(const tend_session *session, const char *name);
/* The i-th value of an option that may come several times. */
const char *tend_session_option_at(const tend_session *session, const char *name, int i);
tend_status tend_session_number(const tend_session *session, const char *name, int64_t otherwise, int64_t *ret_number,
                                tend_error *reterr);
/* A date option: YYYY-MM-DD, today, +90d, -3m. */
tend_status tend_session_date(tend_session *session, const char *text, tend_date *ret_date, tend_error *reterr);
/* An absolute path of what the client wrote. From the arena. */
const char *tend_session_path(tend_session *session, const char *written);
/* The path from the client's folder where that is shorter, for tables; the path itself otherwise. */
const char *tend_session_short(const tend_session *session, const char *path);

/* Opens the workspace as the command needs it (a private copy for a dry run), finds the principal. */
/* False when there is a workspace whose files this login may not read. */
bool tend_session_can_read(const tend_session *session);
/* TEND_EDENIED for a login whose rights on files are not those of this process. */
tend_status tend_session_may_open(const tend_session *session, tend_error *reterr);
tend_status tend_session_open(tend_session *session, tend_error *reterr);
/* For a command that reads, and writes only where the workspace is simulated. Before the result is made. */
tend_status tend_session_reopen_to_write(tend_session *session, tend_error *reterr);
void tend_session_close(tend_session *session);
tend_world tend_session_world(tend_session *session);
tend_date tend_session_today(tend_session *session);
/* --language, else that of --user or of who calls, else the company's; NULL where no workspace is open. */
const char *tend_session_language(tend_session *session);
tend_origin tend_session_origin(tend_session *session);
tend_result *tend_session_result(tend_session *session); /* NULL when memory is used up */
/* Ends the result, if one was begun. */
tend_status tend_session_finish(tend_session *session, tend_error *reterr);
/* "Acme", "#17" or the external id: the row of a kind that a person named. */
tend_status tend_session_row(tend_session *session, tend_kind kind, const char *written, int64_t *ret_row, tend_error *reterr);

#endif
