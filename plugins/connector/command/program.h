/* program.h: a program at work: started without a shell, in a process group of its own, read line by line, ended for certain.
 * Private to the plugin. */
#ifndef COMMAND_PROGRAM_H
#define COMMAND_PROGRAM_H

#include <sys/types.h>
#include <tend/plugin.h>

#define PROGRAM_LINE_MAX ((size_t)8 << 20)

typedef struct program_line {
    char *bytes; /* owned; what has come of a line so far */
    size_t length, room;
    bool is_too_long;
} program_line;

typedef struct program_run {
    const tend_host *host;
    const char *path; /* for messages */
    pid_t pid;        /* 0: not running */
    int status;       /* of waitpid, once it has been reaped */
    bool has_ended;
    int output, messages;          /* our ends of its stdout and stderr; -1 once closed */
    int64_t deadline_ms, ended_ms; /* monotonic */
    int64_t timeout_ms;
    program_line line, message;
} program_run;

/* What the program runs with; all borrowed. */
typedef struct program_start {
    const char *path;
    const char *const *arguments;   /* NULL-terminated, [0] the path */
    const char *const *environment; /* NULL-terminated */
    const char *directory;          /* NULL: / */
    int64_t memory_bytes;           /* 0: no limit of its own */
    int64_t timeout_ms;
    int bookmark_fd; /* stays open in the program; -1: none */
} program_start;

tend_status program_begin(program_run *program, const tend_host *host, const program_start *start, tend_error *reterr);
/* Waits for output and calls `take` for each line of it; its messages go to the log. Returns when the output is at its end. A
 * failure of `take`, the deadline and a cancel end it early. */
tend_status program_read(program_run *program, tend_status (*take)(void *self, const char *line, size_t length, bool is_too_long),
                         void *self, tend_error *reterr);
/* Ends what still runs of its group and reaps it. How it went: TEND_OK for exit status 0. */
tend_status program_end(program_run *program, uint64_t records, tend_error *reterr);

#endif
