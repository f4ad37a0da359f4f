/* steps.c: the least that a durable journal of steps costs: one prepared insert for each step into a table with the same key, WAL,
 * synchronous=FULL, a commit for 100 steps. No sandbox, no decisions, no history.
 *
 *   bench_steps FILE RUNS STEPS */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static void need(int code, int wanted, sqlite3 *db)
{
    if (code == wanted)
        return;
    (void)fprintf(stderr, "bench_steps: %s\n", sqlite3_errmsg(db));
    exit(1);
}

static void run(sqlite3 *db, const char *sql)
{
    need(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, db);
}

int main(int count, char **words)
{
    enum { GROUP = 100 };
    const long runs = count == 4 ? strtol(words[2], NULL, 10) : 0, steps = count == 4 ? strtol(words[3], NULL, 10) : 0;
    sqlite3_stmt *insert;
    sqlite3 *db;
    long done = 0;

    if (runs <= 0 || steps <= 0) {
        (void)fprintf(stderr, "usage: bench_steps FILE RUNS STEPS\n");
        return 2;
    }
    need(sqlite3_open(words[1], &db), SQLITE_OK, NULL);
    run(db, "PRAGMA page_size = 8192; PRAGMA journal_mode = wal; PRAGMA synchronous = full");
    run(db, "CREATE TABLE steps (run INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, verb TEXT NOT NULL, state "
            "TEXT NOT "
            "NULL, arguments TEXT, at INTEGER NOT NULL, PRIMARY KEY (run, position)) STRICT, WITHOUT ROWID");
    need(sqlite3_prepare_v2(db, "INSERT INTO steps VALUES (?1, ?2, ?3, 'log', 'done', '{\"text\":\"done\"}', 1772442000000)", -1,
                            &insert, NULL),
         SQLITE_OK, db);
    for (long r = 1; r <= runs; r++)
        for (long position = 0; position < steps; position++, done++) {
            char name[32];

            if (done % GROUP == 0)
                run(db, done == 0 ? "BEGIN" : "COMMIT; BEGIN");
            (void)snprintf(name, sizeof name, "step %ld", position);
            (void)sqlite3_bind_int64(insert, 1, r);
            (void)sqlite3_bind_int64(insert, 2, position);
            (void)sqlite3_bind_text(insert, 3, name, -1, SQLITE_TRANSIENT);
            need(sqlite3_step(insert), SQLITE_DONE, db);
            (void)sqlite3_reset(insert);
        }
    run(db, "COMMIT");
    (void)sqlite3_finalize(insert);
    need(sqlite3_close(db), SQLITE_OK, NULL);
    return 0;
}
