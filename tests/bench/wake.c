/* wake.c: the least that waking a durable run costs: its journal read, its script replayed against it from the top by Lua in this
 * process, one step more and the run's state written; a commit for 100 runs. No decisions, no rights, no sandbox.
 *
 *   bench_wake FILE RUNS STEPS
 *
 * Prints the microseconds a run, by the clock and by the processor. */
#include <lauxlib.h>
#include <lualib.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GROUP = 100, STEPS_MAX = 1000, NAME_ROOM = 32 };

typedef struct journal {
    sqlite3 *db;
    sqlite3_stmt *read, *insert, *move;
    char names[STEPS_MAX][NAME_ROOM];
    long run, count, position;
} journal;

static void need(int code, int wanted, sqlite3 *db)
{
    if (code == wanted)
        return;
    (void)fprintf(stderr, "bench_wake: %s\n", sqlite3_errmsg(db));
    exit(1);
}

static void run_sql(sqlite3 *db, const char *sql)
{
    need(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, db);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;

    need(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK, db);
    return statement;
}

static void write_step(journal *j, long position, const char *name)
{
    (void)sqlite3_bind_int64(j->insert, 1, j->run);
    (void)sqlite3_bind_int64(j->insert, 2, position);
    (void)sqlite3_bind_text(j->insert, 3, name, -1, SQLITE_TRANSIENT);
    need(sqlite3_step(j->insert), SQLITE_DONE, j->db);
    (void)sqlite3_reset(j->insert);
}

/* run:log(name, text): what is recorded is compared, what is new is recorded. */
static int step(lua_State *lua)
{
    journal *j = lua_touserdata(lua, lua_upvalueindex(1));
    const char *name = luaL_checkstring(lua, 2);

    if (j->position < j->count && strcmp(j->names[j->position], name) != 0)
        return luaL_error(lua, "step %d is another one", (int)j->position);
    if (j->position >= j->count)
        write_step(j, j->position, name);
    j->position++;
    return 0;
}

static void read_journal(journal *j)
{
    int code;

    j->count = j->position = 0;
    (void)sqlite3_bind_int64(j->read, 1, j->run);
    while ((code = sqlite3_step(j->read)) == SQLITE_ROW && j->count < STEPS_MAX)
        (void)snprintf(j->names[j->count++], NAME_ROOM, "%s", (const char *)sqlite3_column_text(j->read, 0));
    need(code, SQLITE_DONE, j->db);
    (void)sqlite3_reset(j->read);
}

static void fill(journal *j, long runs, long steps)
{
    char name[NAME_ROOM];

    run_sql(j->db, "BEGIN");
    for (j->run = 1; j->run <= runs; j->run++) {
        char sql[96];

        for (long i = 0; i < steps; i++) {
            (void)snprintf(name, sizeof name, "step %ld", i + 1);
            write_step(j, i, name);
        }
        (void)snprintf(sql, sizeof sql, "INSERT INTO runs VALUES (%ld, 'waiting', 1)", j->run);
        run_sql(j->db, sql);
    }
    run_sql(j->db, "COMMIT");
}

static lua_State *open_script(journal *j, long steps)
{
    lua_State *lua = luaL_newstate();
    char script[256];

    if (!lua)
        exit(1);
    luaL_openlibs(lua);
    lua_newtable(lua);
    lua_pushlightuserdata(lua, j);
    lua_pushcclosure(lua, step, 1);
    lua_setfield(lua, -2, "log");
    lua_setglobal(lua, "run");
    (void)snprintf(script, sizeof script,
                   "function steps() for i = 1, %ld do run:log('step ' .. i, 'done') end run:log('over', 'done') end", steps);
    if (luaL_dostring(lua, script) != LUA_OK)
        exit(1);
    return lua;
}

/* Each run has a coroutine of its own, as it would while it waits. */
static void wake(journal *j, lua_State *lua)
{
    lua_State *thread = lua_newthread(lua);
    int results;

    read_journal(j);
    lua_getglobal(thread, "steps");
    if (lua_resume(thread, lua, 0, &results) != LUA_OK) {
        (void)fprintf(stderr, "bench_wake: %s\n", lua_tostring(thread, -1));
        exit(1);
    }
    lua_pop(lua, 1);
    (void)sqlite3_bind_int64(j->move, 1, j->run);
    need(sqlite3_step(j->move), SQLITE_DONE, j->db);
    (void)sqlite3_reset(j->move);
}

static double now(clockid_t which)
{
    struct timespec at;

    (void)clock_gettime(which, &at);
    return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

int main(int count, char **words)
{
    static journal j;
    const long runs = count == 4 ? strtol(words[2], NULL, 10) : 0, steps = count == 4 ? strtol(words[3], NULL, 10) : 0;
    double clock, processor;
    lua_State *lua;

    if (runs <= 0 || steps <= 0 || steps >= STEPS_MAX) {
        (void)fprintf(stderr, "usage: bench_wake FILE RUNS STEPS\n");
        return 2;
    }
    need(sqlite3_open(words[1], &j.db), SQLITE_OK, NULL);
    run_sql(j.db, "PRAGMA page_size = 8192; PRAGMA journal_mode = wal; PRAGMA synchronous = full");
    run_sql(j.db,
            "CREATE TABLE steps (run INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, verb TEXT NOT NULL, state "
            "TEXT NOT NULL, arguments TEXT, at INTEGER NOT NULL, PRIMARY KEY (run, position)) STRICT, WITHOUT ROWID;"
            "CREATE TABLE runs (id INTEGER PRIMARY KEY, state TEXT NOT NULL, version INTEGER NOT NULL) STRICT");
    j.insert = prepare(j.db, "INSERT INTO steps VALUES (?1, ?2, ?3, 'log', 'done', '{\"text\":\"done\"}', 1772442000000)");
    j.read = prepare(j.db, "SELECT name, verb, state, arguments FROM steps WHERE run = ?1 ORDER BY position");
    j.move = prepare(j.db, "UPDATE runs SET state = 'ended', version = version + 1 WHERE id = ?1");
    fill(&j, runs, steps);
    lua = open_script(&j, steps);
    clock = now(CLOCK_MONOTONIC);
    processor = now(CLOCK_PROCESS_CPUTIME_ID);
    for (j.run = 1; j.run <= runs; j.run++) {
        if (j.run % GROUP == 1)
            run_sql(j.db, j.run == 1 ? "BEGIN" : "COMMIT; BEGIN");
        wake(&j, lua);
    }
    run_sql(j.db, "COMMIT");
    (void)printf("%.2f %.2f\n", (now(CLOCK_MONOTONIC) - clock) / (double)runs,
                 (now(CLOCK_PROCESS_CPUTIME_ID) - processor) / (double)runs);
    lua_close(lua);
    (void)sqlite3_finalize(j.insert);
    (void)sqlite3_finalize(j.read);
    (void)sqlite3_finalize(j.move);
    need(sqlite3_close(j.db), SQLITE_OK, NULL);
    return 0;
}
