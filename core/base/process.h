/* process.h: starting a helper program with one end of a socket pair as its fd 3, and ending it for certain. */
#ifndef TEND_BASE_PROCESS_H
#define TEND_BASE_PROCESS_H

#include "base/wire.h"
#include <sys/types.h>

typedef struct tend_process {
    pid_t pid;       /* 0: not running */
    tend_wire *wire; /* owned */
} tend_process;

/* `arguments` is NULL-terminated, [0] the program's path. The child gets an empty environment plus `environment` (may be NULL),
 * fds 0..2 (0 is /dev/null) and 3, nothing else, PR_SET_PDEATHSIG SIGKILL, its own process group. */
tend_status tend_process_start(const char *const *arguments, const char *const *environment, tend_process *ret_process,
                               tend_error *reterr);
/* Closes the wire, waits grace_ms for it to leave, then SIGKILL, then reaps. *ret_how (may be NULL) says in words how it ended:
 * "exited 0", "killed by signal 11 (Segmentation fault)". Sets pid 0. */
void tend_process_stop(tend_process *process, int grace_ms, char *ret_how, size_t how_room);
/* True while it runs; otherwise reaps it and fills ret_how as above. */
bool tend_process_alive(tend_process *process, char *ret_how, size_t how_room);

/* The folder of the running program's own binary, for finding tend-host and tend-sandbox beside it (or ../libexec/tend). */
tend_status tend_process_find_helper(const char *name, char *ret_path, size_t room, tend_error *reterr);

#endif
