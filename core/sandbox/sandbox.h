/* sandbox.h: the parts of tend-sandbox.
 *
 * One Lua state per slot (a bundle and its principal), with an allocator that refuses to go past its limit. A script gets globals
 * built from an allow list, made anew for each move, so that nothing one run leaves behind can be seen by the next. */
#ifndef TEND_SANDBOX_SANDBOX_H
#define TEND_SANDBOX_SANDBOX_H

#include "base/arena.h"
#include "base/sandbox_wire.h"
#include "base/wire.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <tend/status.h>

typedef struct sandbox_step {
    const char *name, *verb; /* from the move's arena */
    bool has_answer;
} sandbox_step;

/* What one LOAD or MOVE is doing. */
typedef struct sandbox_move {
    sandbox_step *journal; /* from the arena; answers stand in the registry under JOURNAL_KEY, by index + 1 */
    size_t count, next;    /* recorded steps; the one that is asked for next */
    const char *last;      /* the step asked for last; reads are recorded under it */
    const char *subject;
    int64_t run;
    int steps, reads, logs, missed;
    bool is_stop; /* on_stop is run: nothing can be waited for */
    bool is_full; /* its coroutine ran out of memory */
} sandbox_move;

typedef struct sandbox_slot {
    uint32_t number;
    bool is_watched; /* its scripts have probes */
    bool is_strict;  /* what they are given tells when it is asked for what it does not have */
    uint8_t *met;    /* owned: a bit for each probe; NULL: none yet */
    lua_State *lua;  /* owned; NULL: empty */
    size_t bytes, limit;
    tend_wire *wire; /* borrowed */
    tend_arena *arena;
    sandbox_move move;
} sandbox_slot;

/* confine.c: no new files, processes or memory past `address_bytes` (0: no limit), and only the system calls that computing
 * and talking on fds 2 and 3 need. Returns a sentence in reterr when the kernel refuses. */
tend_status sandbox_confine(size_t address_bytes, tend_error *reterr);

/* deadline.c: arms a hook in `lua` when the time is up. Between start and stop `lua` may be replaced (a coroutine). */
tend_status sandbox_deadline_prepare(tend_error *reterr);
void sandbox_deadline_start(lua_State *lua, uint32_t milliseconds);
void sandbox_deadline_switch(lua_State *lua);
bool sandbox_deadline_stop(void); /* true when it had passed */

/* tell.c: sends the frame that was begun, or holds it for what comes next; the end of an answer goes out at once when nothing else
 * is asked. */
void sandbox_asked(void); /* something has come that was waited for */
tend_status sandbox_tell_soon(tend_wire *wire, tend_error *reterr);
tend_status sandbox_tell_end(tend_wire *wire, tend_error *reterr);

/* slot.c */
tend_status sandbox_slot_open(sandbox_slot *slot, uint32_t number, size_t limit, tend_wire *wire, tend_error *reterr);
void sandbox_slot_close(sandbox_slot *slot);
/* Both read what is left of the received frame and send the frames that answer it. */
tend_status sandbox_slot_load(sandbox_slot *slot, uint32_t deadline_ms, tend_error *reterr);
tend_status sandbox_slot_move(sandbox_slot *slot, uint32_t deadline_ms, tend_error *reterr);
sandbox_slot *sandbox_slot_of(lua_State *lua);
/* Calls `inside` under the deadline; it leaves a frame begun that ends the answer, or raises what becomes a FAULT. */
tend_status sandbox_slot_call(sandbox_slot *slot, lua_CFunction inside, uint32_t deadline_ms, tend_error *reterr);
/* Compiles what the received frame holds: the file and its libraries. */
void sandbox_chunks_take(lua_State *lua);
/* Runs the file anew with globals of its own and `own`; pushes what it returned. */
void sandbox_main_run(lua_State *lua, const luaL_Reg *own);

/* probe.c: what scripts with probes call. */
extern const luaL_Reg sandbox_probes[];

/* missed.c: where scripts are checked, the table on top tells when it is asked for a field that it lacks, and so does each table in
 * it: as the answer of the step `name`. */
void sandbox_missed_mark(lua_State *lua, const char *verb, const char *name);

/* trial.c: files of tests. */
tend_status sandbox_tests_load(sandbox_slot *slot, uint32_t deadline_ms, tend_error *reterr);
tend_status sandbox_test_run(sandbox_slot *slot, uint32_t deadline_ms, tend_error *reterr);

/* globals.c: the originals are opened once. */
void sandbox_globals_prepare(lua_State *lua);
/* Pushes a function that returns a fresh table of globals whenever it is called, without those that the chunk cannot name. Most of
 * a short move was to make them entry by entry; a constructor in Lua knows their number and takes a fraction of it. */
void sandbox_globals_maker_push(lua_State *lua, const char *text, size_t length);
void sandbox_random_seed(lua_State *lua, int64_t run); /* the same numbers at every replay of a run */
/* The value at `index` as text without addresses; pushes it. */
const char *sandbox_text(lua_State *lua, int index, size_t *ret_length);

/* order.c: pairs and next in an order that is the same everywhere. */
int sandbox_pairs(lua_State *lua);
int sandbox_next(lua_State *lua);
/* Pushes an array of the keys of the table at `index`: numbers, then texts by their bytes, then booleans; raises on others. */
void sandbox_keys_push(lua_State *lua, int index);

/* tree.c: values between Lua and the wire. Tables are read raw; what cannot be told raises, with `what` to begin the sentence. */
void sandbox_tree_put(lua_State *lua, int index, tend_wire *wire, const char *what, bool with_functions);
void sandbox_tree_push(lua_State *lua, tend_wire *wire);

/* list.c: pushes a function(run, steps) that goes through a list of steps. */
void sandbox_list_push(lua_State *lua);

/* run.c: the line of the script that called what runs now. */
uint32_t sandbox_line(lua_State *lua);
/* Pushes the object `run` over the tables of settings and event. */
void sandbox_run_push(lua_State *lua, int settings, int event);
/* The wire has failed inside a script: nothing can be said any more, so the process ends. */
_Noreturn void sandbox_leave(void);

/* Keys of the registry. */
extern const char sandbox_journal_key, sandbox_used_key, sandbox_spec_key;

#endif
