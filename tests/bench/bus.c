/* bus.c: events published and delivered, each batch of 100 durable twice (told, and dealt with), beside the same by bare SQLite.
 *
 *   bench_bus FOLDER BATCHES
 *
 * Ours: tend_bus_publish_many as a transaction of the model calls it, a commit; tend_bus_read, tend_bus_advance, a commit.
 * Baseline: a prepared INSERT of the same columns for each event, a commit; a SELECT of what is new, an UPDATE of the position, a
 * commit. Same library, page size, WAL and synchronous=FULL. Prints events, our events/s, the baseline's events/s, and the bytes of
 * both. */
#include "bus/bus.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { BATCH = 100 };

static double now(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static long long bytes_of(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 ? (long long)about.st_size : 0;
}

static tend_status take_batch(tend_store *store, tend_bus *bus, const tend_event *event, tend_error *reterr)
{
    tend_event told[BATCH], read[BATCH];
    size_t count = 0;
    tend_status status = tend_store_begin(store, reterr);

    for (int i = 0; i < BATCH; i++)
        told[i] = *event;
    if (status >= 0)
        status = tend_bus_publish_many(bus, told, BATCH, false, reterr);
    if (status >= 0)
        status = tend_store_commit(store, reterr);
    if (status >= 0)
        status = tend_bus_read(bus, "bench", read, BATCH, &count, reterr);
    if (status >= 0 && count != BATCH)
        return tend_fail(reterr, TEND_ERROR, "%zu events came of %d", count, BATCH);
    if (status >= 0)
        status = tend_store_begin(store, reterr);
    if (status >= 0)
        status = tend_bus_advance(bus, "bench", read[BATCH - 1].sequence, reterr);
    return status >= 0 ? tend_store_commit(store, reterr) : status;
}

static double ours(const char *path, int batches)
{
    tend_event event = { .topic = "ticket.opened", .kind = 9, .first = 17, .last = 17, .account = 4, .recorded_at = 1767225600000 };
    tend_error error = { 0 };
    tend_store *store = NULL;
    tend_bus *bus = NULL;
    double begun = 0;
    tend_status status = tend_store_open(path, TEND_STORE_CREATE, &store, &error);

    if (status >= 0)
        status = tend_bus_open(store, &bus, &error);
    begun = now();
    for (int i = 0; i < batches && status >= 0; i++)
        status = take_batch(store, bus, &event, &error);
    begun = now() - begun;
    if (status < 0) {
        (void)fprintf(stderr, "bench_bus: %s\n", error.text);
        exit(1);
    }
    tend_bus_close(bus);
    tend_store_close(store);
    return begun;
}

static void need(sqlite3 *db, int is_good)
{
    if (is_good)
        return;
    (void)fprintf(stderr, "bench_bus: %s\n", sqlite3_errmsg(db));
    exit(1);
}

static void run(sqlite3 *db, const char *sql)
{
    need(db, sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    need(db, sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
    return statement;
}

static void bare_batch(sqlite3 *db, sqlite3_stmt *insert, sqlite3_stmt *read, sqlite3_stmt *advance, sqlite3_int64 *position)
{
    int count = 0, code;

    run(db, "BEGIN IMMEDIATE");
    for (int i = 0; i < BATCH; i++) {
        for (int k = 1; k <= 12; k++)
            (void)sqlite3_bind_int64(insert, k, k == 12 ? 1767225600000 : k);
        (void)sqlite3_bind_text(insert, 1, "ticket.opened", 13, SQLITE_STATIC);
        need(db, sqlite3_step(insert) == SQLITE_DONE && sqlite3_reset(insert) == SQLITE_OK);
    }
    run(db, "COMMIT");
    (void)sqlite3_bind_int64(read, 1, *position);
    while ((code = sqlite3_step(read)) == SQLITE_ROW) {
        *position = sqlite3_column_int64(read, 0);
        count++;
    }
    need(db, code == SQLITE_DONE && count == BATCH && sqlite3_reset(read) == SQLITE_OK);
    run(db, "BEGIN IMMEDIATE");
    (void)sqlite3_bind_int64(advance, 1, *position);
    need(db, sqlite3_step(advance) == SQLITE_DONE && sqlite3_reset(advance) == SQLITE_OK);
    run(db, "COMMIT");
}

static double bare(const char *path, int batches)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *insert, *read, *advance;
    sqlite3_int64 position = 0;
    double begun;

    need(db, sqlite3_open(path, &db) == SQLITE_OK);
    run(db,
        "PRAGMA page_size = 8192; PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA cache_size = -65536;"
        "CREATE TABLE events (sequence INTEGER PRIMARY KEY, topic, kind, first, last, account, shard, cause, root, depth, batch,"
        " is_history, recorded_at); CREATE TABLE positions (sequence INTEGER); INSERT INTO positions VALUES (0)");
    insert = prepare(db, "INSERT INTO events VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
    read = prepare(db, "SELECT * FROM events WHERE sequence > ?1 ORDER BY sequence LIMIT 100");
    advance = prepare(db, "UPDATE positions SET sequence = ?1");
    begun = now();
    for (int i = 0; i < batches; i++)
        bare_batch(db, insert, read, advance, &position);
    begun = now() - begun;
    (void)sqlite3_finalize(insert);
    (void)sqlite3_finalize(read);
    (void)sqlite3_finalize(advance);
    need(db, sqlite3_close(db) == SQLITE_OK);
    return begun;
}

int main(int argc, char **argv)
{
    int batches = argc == 3 ? atoi(argv[2]) : 0;
    char path[2][4096];
    double seconds[2];

    if (batches < 1) {
        (void)fprintf(stderr, "usage: bench_bus FOLDER BATCHES\n");
        return 2;
    }
    (void)snprintf(path[0], sizeof path[0], "%s/ours.db", argv[1]);
    (void)snprintf(path[1], sizeof path[1], "%s/bare.db", argv[1]);
    seconds[1] = bare(path[1], batches);
    seconds[0] = ours(path[0], batches);
    (void)printf("%d %.0f %.0f %lld %lld\n", batches * BATCH, batches * BATCH / seconds[0], batches * BATCH / seconds[1],
                 bytes_of(path[0]), bytes_of(path[1]));
    return 0;
}
