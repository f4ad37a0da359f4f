/* sandbox_inside.h: what sandbox.c and sandbox_trial.c share. */
#ifndef TEND_PLAYBOOK_SANDBOX_INSIDE_H
#define TEND_PLAYBOOK_SANDBOX_INSIDE_H

#include "base/process.h"
#include "playbook/coverage.h"
#include <limits.h>

struct tend_sandbox {
    char path[PATH_MAX];
    tend_sandbox_options options;
    tend_process process;
    uint8_t *loaded; /* owned: a bit for each slot */
    size_t loaded_bytes;
    tend_coverage *coverage; /* borrowed; NULL: scripts are loaded as they are */
    bool is_forgetful, is_strict;
    STAILQ_HEAD(, tend_flight) flights; /* borrowed: moves that are under way, in order */
    size_t under_way;                   /* their bytes */
};

tend_status sandbox_start(tend_sandbox *sandbox, tend_error *reterr);
/* Started, and with nothing under way. */
tend_status sandbox_ready(tend_sandbox *sandbox, tend_error *reterr);
tend_status sandbox_note_loaded(tend_sandbox *sandbox, uint32_t slot, bool is_loaded, tend_error *reterr);
/* The process is given up: what was under way has not ended. */
void sandbox_flights_drop(tend_sandbox *sandbox);
/* The process did not answer or is gone: that is the script's fault, said in words. Anything else is an error of ours. */
tend_status sandbox_lost(tend_sandbox *sandbox, tend_status why, tend_arena *arena, tend_move_result *ret_result,
                         tend_error *reterr);
tend_status sandbox_receive(tend_sandbox *sandbox, uint16_t *ret_type, tend_error *reterr);
/* FAULT, WAITING and ENDED. */
tend_status sandbox_take_end(tend_wire *wire, uint16_t type, tend_arena *arena, tend_move_result *ret_result, tend_error *reterr);
/* The script and its libraries into the frame that was begun. */
void sandbox_put_script(tend_sandbox *sandbox, const tend_script *script, const tend_script *libraries);

#endif
